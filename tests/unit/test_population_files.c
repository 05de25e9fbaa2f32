/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real files (STROMA_DATA_ROOT/flow): beads against k-means, volumes against flow rates, medians of
 * compensated channels against sorting. The files are public; none is in the tree. */
#include "stroma_test.h"

#include "stroma/cytometry_population_table.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

typedef struct opened {
    stroma_fcs *file;
    const stroma_fcs_dataset *data;
    stroma_arena arena;
    const stroma_compensation *compensation;
} opened;

static bool open_file(const char *name, opened *o)
{
    const char *path = test_data(name);
    *o = (opened){ .file = NULL };
    if (path == NULL) return false;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_arena_init(&o->arena, 1 << 24);
    if (stroma_fcs_open(path, NULL, NULL, &o->file, &err) != STROMA_OK) fail_msg("%s", err.message);
    o->data = stroma_fcs_preferred(o->file);
    assert_int_equal(
        stroma_compensation_from_fcs(o->data, path, &o->arena, NULL, &o->compensation, &err),
        STROMA_OK);
    return true;
}

static void close_file(opened *o)
{
    stroma_fcs_close(o->file);
    stroma_arena_clear(&o->arena);
}

static double *read_column(const opened *o, const char *name)
{
    stroma_event_column c;
    stroma_column_reader *r = NULL;
    double *x = malloc((size_t)o->data->n_events * sizeof *x);
    assert_non_null(x);
    assert_int_equal(stroma_column_find(o->data, o->compensation, name, &c, NULL), STROMA_OK);
    assert_int_equal(stroma_column_reader_open(o->data, &c, 1, &r, NULL), STROMA_OK);
    for (uint64_t e = 0; e < o->data->n_events; e += STROMA_COLUMN_BLOCK) {
        const uint64_t left = o->data->n_events - e;
        double *out = x + e;
        assert_int_equal(
            stroma_column_reader_read(
                r, e, left < STROMA_COLUMN_BLOCK ? (size_t)left : STROMA_COLUMN_BLOCK, &out, NULL),
            STROMA_OK);
    }
    stroma_column_reader_close(r);
    return x;
}

/* Dako FluoroSpheres: medians of six clusters by k-means on asinh(x / 150) (numpy, centres begun at
 * the mid-quantiles as in Bioconductor's flowBeads); events that lie between two beads go one way
 * or the other, so 1 % is allowed. Assigned values: flowBeads' dakomef. */
static void beads_are_found_and_lie_on_a_line(void **state)
{
    (void)state;
    static const struct {
        const char *channel;
        double median[6], assigned[6], least_r_squared;
    } cases[] = {
        { "Alexa-488-A",
          { 12.54, 406.41, 1033.98, 3164.64, 8954.13, 25774.26 },
          { (double)NAN, 2500, 6500, 19000, 55000, 150000 },
          0.9997 },
        { "APC-A",
          { 115.9, 2574.03, 7038.55, 19228.0, 48952.55, 101159.32 },
          { (double)NAN, 4100, 10300, 25500, 67300, 139100 },
          0.999 },
        { "PE-A",
          { 7.98, 528.96, 1516.2, 4653.48, 13065.54, 40849.05 },
          { (double)NAN, 1500, 4400, 14500, 43800, 131200 },
          0.9995 },
    };
    opened o;
    if (!open_file("flow/vendors/beads1.fcs", &o)) skip();
    o.compensation = NULL; /* beads carry one dye for every channel */
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        double *x = read_column(&o, cases[k].channel), median[6];
        stroma_peak p[6];
        assert_int_equal(stroma_peaks_find(x, (size_t)o.data->n_events, 6, 0.02, 0, p, NULL),
                         STROMA_OK);
        for (int i = 0; i < 6; i++) {
            median[i] = p[i].median;
            assert_true(fabs(p[i].median / cases[k].median[i] - 1) < 0.01);
            assert_true(p[i].share > 0.14 && p[i].share < 0.2);
        }
        stroma_bead_calibration c;
        assert_int_equal(stroma_bead_calibrate(median, cases[k].assigned, 6, &c, NULL), STROMA_OK);
        assert_true(c.slope > 0.95 && c.slope < 1.05 && c.r_squared > cases[k].least_r_squared);
        free(x);
    }
    close_file(&o);
}

/* $VOL of the four vendors that write it, and the units that the flow rates leave possible. */
static void volumes_of_vendors(void **state)
{
    (void)state;
    static const struct {
        const char *file, *unit;
        double volume_ul;
    } cases[] = { { "flow/vendors/G11.fcs", "nL", 46 },
                  { "flow/vendors/B01 KC-A-W---91-US.fcs", "nL", 25.016 },
                  { "flow/vendors/EY_2013-07-19_PBS_FCS_3.1_Custom_Add_Well_A1.001.fcs", "nL",
                    10.957 },
                  { "flow/vendors/Cytek NL-2000.fcs", "µL", 36.6 },
                  { "flow/vendors/Partec - PAS.FCS", "mL", 200 },
                  { "flow/vendors/beads1.fcs", "", (double)NAN } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        opened o;
        stroma_acquired_volume v;
        if (!open_file(cases[i].file, &o)) skip();
        stroma_acquired_volume_find(o.data, cases[i].file, NULL, &v);
        assert_string_equal(v.unit, cases[i].unit);
        assert_true(fabs(v.volume_ul - cases[i].volume_ul) < 1e-9 ||
                    (isnan(v.volume_ul) && isnan(cases[i].volume_ul)));
        close_file(&o);
    }
}

static stroma_status compare(void *context, size_t population, size_t column,
                             const stroma_population_sample *s, stroma_error *err)
{
    const opened *o = context;
    const stroma_population_question q = { .count = s->n, .of_count = s->n, .marker = s };
    const stroma_population_options opts = STROMA_POPULATION_OPTIONS_INIT;
    stroma_population_value v;
    const stroma_status st =
        stroma_population_compute(stroma_definition_find("mfi"), &q, &opts, &v, err);
    assert_int_equal(st, STROMA_OK);
    assert_int_equal(population, 0);
    assert_int_equal(s->n + s->left_out, o->data->n_events);
    double *x = malloc(s->n * sizeof *x);
    assert_non_null(x);
    memcpy(x, s->x, s->n * sizeof *x);
    stroma_sort_doubles(x, s->n);
    assert_true(
        v.value ==
        (s->n % 2 == 1 ? x[s->n / 2] : x[s->n / 2 - 1] + 0.5 * (x[s->n / 2] - x[s->n / 2 - 1])));
    assert_true(v.lower <= v.value && v.value <= v.upper);
    (void)column;
    free(x);
    return STROMA_OK;
}

static void medians_of_all_channels(void **state)
{
    (void)state;
    static const char *const files[] = {
        "flow/panels/omip021_ccr7/Donor1.fcs",
        "flow/panels/aurora_ccr4_ccr7_cd25/INF071_Ctrl_Tetramer.fcs",
        "flow/panels/lsr_ccr7_SDY736/Ki67ccr7_Hs60022C200906243.581846.fcs",
        "flow/vendors/100715.fcs"
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        opened o;
        if (!open_file(files[i], &o)) skip();
        const size_t k = o.data->parameters_len;
        stroma_event_column *c = malloc(k * sizeof *c);
        assert_non_null(c);
        for (size_t j = 0; j < k; j++)
            assert_int_equal(
                stroma_column_find(o.data, o.compensation, o.data->parameters[j].name, &c[j], NULL),
                STROMA_OK);
        const stroma_membership none = { .n_events = o.data->n_events };
        const size_t all = SIZE_MAX;
        assert_int_equal(
            stroma_population_visit(o.data, &none, &all, 1, c, k, 1 << 20, compare, &o, NULL),
            STROMA_OK);
        free(c);
        close_file(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beads_are_found_and_lie_on_a_line),
        cmocka_unit_test(volumes_of_vendors),
        cmocka_unit_test(medians_of_all_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
