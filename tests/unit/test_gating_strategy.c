/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Panels and strategies: reading them, matching markers, applying them to a small file. */
#include "alloc_fail.h"

#include "stroma/cytometry_strategy.h"
#include "stroma/fcs_write.h"
#include "stroma/random.h"

#include <math.h>
#include <string.h>

static stroma_status panel_of(const char *text, stroma_panel *p, stroma_error *err)
{
    return stroma_panel_parse(text, strlen(text), "panel.yaml", NULL, p, err);
}

static void test_same_marker(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        { "FoxP3", "FOXP3" },  { "Foxp3", "foxp3" },  { "IL-17A", "IL17A" },
        { "IL-17", "IL-17A" }, { "CD197", "CCR7" },   { "CD184", "CXCR4" },
        { "CD194", "CCR4" },   { "CD127", "IL-7Ra" }, { "CD127", "IL-7R\xCE\xB1" },
        { "CD25", "IL-2Ra" },  { "HLA-DR", "HLADR" }, { "Live/Dead", "Viability" },
        { "L/D", "Aqua" },     { "Zombie", "7-AAD" }, { "TNF-\xCE\xB1", "TNFa" },
        { "CD8", "CD8a" },
    };
    static const char *const other[][2] = {
        { "CD8a", "CD8b" }, { "CD4", "CD45" }, { "", "" }, { "CD16", "CD161" }, { "IL-17A", "IL-1" }
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (!stroma_panel_same_marker(NULL, same[i][0], same[i][1]))
            fail_msg("%s and %s are one marker", same[i][0], same[i][1]);
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        if (stroma_panel_same_marker(NULL, other[i][0], other[i][1]))
            fail_msg("%s and %s are two markers", other[i][0], other[i][1]);
}

static void test_synonyms_of_the_file(void **state)
{
    (void)state;
    stroma_panel p;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(panel_of("stroma_panel: 1\nid: p\nmarkers: { CCR7: ~ }\n"
                              "synonyms: { CCR7: [\"Homing 7\"] }\n",
                              &p, &err),
                     STROMA_OK);
    assert_true(stroma_panel_same_marker(&p, "homing7", "CD197"));
    assert_false(stroma_panel_same_marker(NULL, "homing7", "CD197"));
    stroma_panel_clear(&p);
}

static const stroma_fcs_parameter omip[] = {
    { .name = "FSC-A", .stain = "", .range = 262144 },
    { .name = "525/50Violet-A", .stain = "L/D Aqua - Viability", .range = 262144 },
    { .name = "670/30Violet-A", .stain = "BV785 - CD3", .range = 262144, .voltage = 500 },
    { .name = "670/30Violet-H", .stain = "BV785 - CD3", .range = 262144, .voltage = 500 },
    { .name = "585/15Violet-A", .stain = "BV650 - CD8a", .range = 262144, .voltage = 500 },
    { .name = "670/14Red-A", .stain = "APC - CD8b", .range = 262144, .voltage = 500 },
    { .name = "CD4-A", .stain = "", .range = 262144, .voltage = 400 },
    { .name = "Comp-PE-A", .stain = "CD27", .range = 262144, .voltage = 400 },
    { .name = "PE-Cy7-A", .stain = "CD27 PE-Cy7", .range = 262144, .voltage = 400 },
    { .name = "BV421-A", .stain = "CD45RA", .range = 262144, .voltage = 400 },
    { .name = "BV510-A", .stain = "CD45RA", .range = 262144, .voltage = 400 },
};
enum { OMIP = sizeof omip / sizeof omip[0] };

static size_t findings(const stroma_diag *d, const char *code)
{
    size_t n = 0;
    for (size_t i = 0; i < d->len; i++)
        n += strcmp(d->items[i].code, code) == 0;
    return n;
}

static void test_match(void **state)
{
    (void)state;
    const stroma_fcs_dataset d = { .parameters = omip, .parameters_len = OMIP };
    stroma_panel p;
    stroma_diag diag;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_diag_init(&diag);
    assert_int_equal(
        panel_of("stroma_panel: 1\nid: p\nmarkers:\n  FSC-A: ~\n  Viability: ~\n  CD3: ~\n"
                 "  CD8: 670/14Red-A\n  CD4: ~\n  CD27: ~\n  CD45RA: ~\n  CD19: ~\n",
                 &p, &err),
        STROMA_OK);
    size_t at[8];
    assert_int_equal(stroma_panel_match(&p, &d, "omip.fcs", &diag, at, &err), STROMA_OK);
    const size_t want[8] = { 0, 1, 2, 4, 6, 7, SIZE_MAX, SIZE_MAX };
    assert_memory_equal(at, want, sizeof at);
    assert_int_equal(findings(&diag, "STROMA-PANEL-006"), 1); /* CD8 is elsewhere */
    assert_int_equal(findings(&diag, "STROMA-PANEL-005"), 1); /* CD45RA twice */
    assert_int_equal(findings(&diag, "STROMA-PANEL-004"), 1); /* CD19 nowhere */
    assert_int_equal(diag.len, 3);
    stroma_diag_clear(&diag);
    stroma_panel_clear(&p);
}

static void test_named_channel_decides(void **state)
{
    (void)state;
    const stroma_fcs_dataset d = { .parameters = omip, .parameters_len = OMIP };
    stroma_panel p;
    stroma_diag diag;
    stroma_error err = STROMA_ERROR_INIT;
    size_t at[2];
    stroma_diag_init(&diag);
    assert_int_equal(
        panel_of("stroma_panel: 1\nid: p\nmarkers:\n  CD45RA: BV510-A\n  CD27: PE-A\n", &p, &err),
        STROMA_OK);
    assert_int_equal(stroma_panel_match(&p, &d, "x", &diag, at, &err), STROMA_OK);
    assert_int_equal(at[0], 10);
    assert_int_equal(at[1], 7); /* "Comp-" in front does not matter */
    assert_int_equal(diag.len, 0);
    stroma_diag_clear(&diag);
    stroma_panel_clear(&p);
}

static void test_compare(void **state)
{
    (void)state;
    stroma_fcs_parameter later[OMIP];
    memcpy(later, omip, sizeof later);
    later[2].name = "BV711-A";
    later[2].stain = "BV711 - CD3";
    later[4].voltage = 520;
    later[6].range = 4194304;
    later[7].stain = later[8].stain = "";
    const stroma_fcs_dataset a = { .parameters = omip, .parameters_len = OMIP },
                             b = { .parameters = later, .parameters_len = OMIP };
    stroma_panel p;
    stroma_diag diag;
    stroma_error err = STROMA_ERROR_INIT;
    size_t at[4], then[4];
    stroma_diag_init(&diag);
    assert_int_equal(
        panel_of("stroma_panel: 1\nid: p\nmarkers: { CD3: ~, CD8: ~, CD4: ~, CD27: ~ }\n", &p,
                 &err),
        STROMA_OK);
    assert_int_equal(stroma_panel_match(&p, &a, "a", NULL, at, &err), STROMA_OK);
    assert_int_equal(stroma_panel_match(&p, &b, "b", NULL, then, &err), STROMA_OK);
    assert_int_equal(stroma_panel_compare(&p, &a, "a", at, &a, "a", at, &diag), 0);
    assert_int_equal(stroma_panel_compare(&p, &a, "a", at, &b, "b", then, &diag), 4);
    assert_int_equal(findings(&diag, "STROMA-PANEL-007"), 1);
    assert_int_equal(findings(&diag, "STROMA-PANEL-008"), 1);
    assert_int_equal(findings(&diag, "STROMA-PANEL-009"), 1);
    assert_int_equal(findings(&diag, "STROMA-PANEL-010"), 1);
    stroma_diag_clear(&diag);
    stroma_panel_clear(&p);
}

/* ---- a small file: light scatter, CD4 in two populations, IL-17A in few ---- */

enum { EVENTS = 4000, POSITIVE = 100 };

typedef struct bytes {
    unsigned char *data;
    size_t len, capacity;
} bytes;

static stroma_status take(void *context, const void *data, size_t n, stroma_error *err)
{
    bytes *b = context;
    STROMA_TRY(stroma_grow(&b->data, &b->capacity, b->len + n, 1, err));
    memcpy(b->data + b->len, data, n);
    b->len += n;
    return STROMA_OK;
}

static double made[4][EVENTS];

static void draw(bool fmo, double shift)
{
    stroma_random r;
    stroma_random_init(&r, 9, 1, fmo);
    for (size_t i = 0; i < EVENTS; i++) {
        made[0][i] = 90000 + 9000 * stroma_random_normal(&r);
        made[1][i] = 40000 + 5000 * stroma_random_normal(&r);
        made[2][i] = shift * ((i % 2 == 0 ? 8000 : 300) * exp(0.35 * stroma_random_normal(&r)));
        made[3][i] = 90 * stroma_random_normal(&r);
        if (!fmo && i < 2 * POSITIVE && i % 2 == 0)
            made[3][i] += 5000 * exp(0.3 * stroma_random_normal(&r));
    }
}

static stroma_status give(void *context, uint64_t first, size_t n, double *const *out,
                          stroma_error *err)
{
    (void)context;
    (void)err;
    for (size_t k = 0; k < 4; k++)
        memcpy(out[k], &made[k][first], n * sizeof *out[k]);
    return STROMA_OK;
}

static bytes file_of(bool fmo, double shift)
{
    static const stroma_fcs_out_parameter par[4] = {
        { .name = "FSC-A", .range = 262144 },
        { .name = "SSC-A", .range = 262144 },
        { .name = "FITC-A", .stain = "CD4", .range = 262144 },
        { .name = "PE-A", .stain = "IL-17A", .range = 262144 },
    };
    const stroma_fcs_content c = { .n_events = EVENTS,
                                   .type = STROMA_FCS_FLOAT,
                                   .parameters = par,
                                   .parameters_len = 4,
                                   .fill = give };
    bytes b = { .len = 0 };
    stroma_error err = STROMA_ERROR_INIT;
    draw(fmo, shift);
    assert_int_equal(stroma_fcs_write_to(take, &b, &c, 1, NULL, NULL, &err), STROMA_OK);
    return b;
}

static bytes sample_bytes, fmo_bytes, moved_bytes;

static int make_files(void **state)
{
    (void)state;
    sample_bytes = file_of(false, 1);
    fmo_bytes = file_of(true, 1);
    moved_bytes = file_of(false, 1.5);
    return 0;
}

static int free_files(void **state)
{
    (void)state;
    stroma_free(sample_bytes.data);
    stroma_free(fmo_bytes.data);
    stroma_free(moved_bytes.data);
    return 0;
}

#define HEAD  "stroma_strategy: 1\nid: s\ntitle: t\npopulations:\n"
#define CELLS "  - { id: cells, method: ellipse, markers: [FSC-A, SSC-A] }\n"
#define CD4   "  - { id: CD4, parent: cells, method: valley, markers: [CD4] }\n"

/* What one application needs, and how it ended. */
typedef struct asked {
    const char *strategy;
    bool fmo, reference, edges;
    stroma_diag diag;
    stroma_gating_result r;
    stroma_membership m;
    stroma_fcs *open[3];
} asked;

/* The edges of three files, which are one. */
static stroma_status compare_edges(const stroma_gating_result *r, stroma_error *err)
{
    stroma_gating_edges *edges = NULL;
    stroma_status s = STROMA_OK;
    for (int i = 0; i < 3 && s == STROMA_OK; i++)
        s = stroma_gating_edges_add(&edges, "f.fcs", r, err);
    if (s == STROMA_OK) s = stroma_gating_edges_compare(edges, NULL, err);
    stroma_gating_edges_free(edges);
    return s;
}

static stroma_status apply_opened(asked *a, stroma_gating_strategy *s, stroma_panel *p,
                                  stroma_error *err)
{
    const stroma_panel_tube tube = { stroma_fcs_preferred(a->open[0]), NULL, "sample.fcs" };
    const stroma_gating_control fmo = { "IL17A",
                                        { stroma_fcs_preferred(a->open[1]), NULL, "fmo.fcs" } };
    const stroma_panel_tube moved = { stroma_fcs_preferred(a->open[2]), NULL, "reference.fcs" };
    const stroma_gating_input in = { .strategy = s,
                                     .panel = p,
                                     .sample = tube,
                                     .fmo = &fmo,
                                     .fmo_len = a->fmo ? 1 : 0,
                                     .reference = a->reference ? &moved : NULL };
    STROMA_TRY(stroma_gating_strategy_markers(s, p, err));
    STROMA_TRY(stroma_panel_fit_scales(p, &tube, 1, NULL, err));
    STROMA_TRY(stroma_gating_learn(&in, &a->r, &a->diag, err));
    STROMA_TRY(stroma_gate_set_check(&a->r.gates, err));
    if (a->edges) STROMA_TRY(compare_edges(&a->r, err));
    return stroma_gates_evaluate(&a->r.gates, tube.data, NULL, &a->m, err);
}

static stroma_status apply(asked *a, stroma_error *err)
{
    const bytes *const all[3] = { &sample_bytes, &fmo_bytes, &moved_bytes };
    stroma_gating_strategy *s = NULL;
    stroma_panel p;
    stroma_panel_init(&p);
    stroma_diag_init(&a->diag);
    stroma_status st =
        stroma_gating_strategy_parse(a->strategy, strlen(a->strategy), "s.yaml", NULL, &s, err);
    for (size_t i = 0; i < 3 && st == STROMA_OK; i++)
        st =
            stroma_fcs_open_memory(all[i]->data, all[i]->len, "made", NULL, NULL, &a->open[i], err);
    if (st == STROMA_OK) st = apply_opened(a, s, &p, err);
    stroma_gating_strategy_free(s);
    stroma_panel_clear(&p);
    for (size_t i = 0; i < 3; i++)
        stroma_fcs_close(a->open[i]);
    return st;
}

static void drop(asked *a)
{
    stroma_membership_clear(&a->m);
    stroma_gating_result_clear(&a->r);
    stroma_diag_clear(&a->diag);
}

static uint64_t count_of(const asked *a, const char *id)
{
    const int g = stroma_gate_find(&a->r.gates, id);
    return g < 0 ? UINT64_MAX : a->m.count[g];
}

static void test_apply(void **state)
{
    (void)state;
    asked a = { .strategy = HEAD CELLS CD4
                "  - { id: Th17, parent: CD4, method: fmo, markers: [IL-17A] }\n"
                "  - { id: rest, parent: CD4, method: boolean, operation: not, of: [Th17] }\n",
                .fmo = true };
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(apply(&a, &err), STROMA_OK);
    assert_int_equal(a.r.not_estimable, 0);
    const uint64_t cd4 = count_of(&a, "CD4"), th17 = count_of(&a, "Th17");
    assert_true(cd4 > 1800 && cd4 <= 2000);
    /* 100 planted, some outside the ellipse, and 0.5 % of the rest by the meaning of an FMO gate.
     */
    assert_true(th17 >= 90 && th17 <= 125);
    assert_int_equal(count_of(&a, "rest"), cd4 - th17);
    const stroma_gate *g = &a.r.gates.gates[stroma_gate_find(&a.r.gates, "Th17")];
    assert_string_equal(g->method, "fmo");
    assert_non_null(strstr(g->parameters, "\"file\":\"fmo.fcs\""));
    assert_true(g->confidence > 0.5 && g->confidence < 1);
    assert_string_equal(g->dims[0].name, "PE-A");
    assert_int_equal(a.diag.len, 0);
    drop(&a);
}

static void test_missing_fmo(void **state)
{
    (void)state;
    asked a = { .strategy = HEAD CELLS CD4 "  - { id: Th17, parent: CD4, method: fmo, markers: "
                                           "[IL-17A], fallback: [{ method: tail }] }\n" };
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(apply(&a, &err), STROMA_OK);
    assert_int_equal(findings(&a.diag, "STROMA-LEARN-004"), 1);
    const stroma_gating_row *row = &a.r.rows[a.r.rows_len - 1];
    assert_int_equal(row->state, STROMA_GATING_FALLBACK);
    assert_string_equal(row->declared, "fmo");
    assert_string_equal(row->method, "tail");
    assert_string_equal(row->reason, "fmo: no FMO tube was given");
    drop(&a);
}

static void test_nothing_is_invented(void **state)
{
    (void)state;
    asked a = { .strategy = HEAD CELLS
                "  - { id: no_such, parent: cells, method: valley, markers: [FSC-A] }\n"
                "  - { id: below_it, parent: no_such, method: valley, markers: [CD4] }\n"
                "  - { id: either, method: boolean, operation: or, of: [cells, below_it] }\n" };
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(apply(&a, &err), STROMA_OK);
    assert_int_equal(a.r.not_estimable, 3);
    assert_int_equal(a.r.gates.gates_len, 1);
    assert_int_equal(findings(&a.diag, "STROMA-LEARN-005"), 1);
    assert_int_equal(findings(&a.diag, "STROMA-LEARN-006"), 2);
    drop(&a);
}

static void test_quadrant(void **state)
{
    (void)state;
    asked a = { .strategy = HEAD CELLS
                "  - id: q\n    parent: cells\n    method: quadrant\n    markers: [CD4, IL-17A]\n"
                "    edges: [{ method: valley }, { method: fmo }]\n"
                "    regions: { \"++\": Th17, \"+-\": other, \"-+\": odd, \"--\": none_of_it }\n",
                .fmo = true };
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(apply(&a, &err), STROMA_OK);
    assert_int_equal(a.r.gates.gates_len, 5);
    assert_int_equal(count_of(&a, "Th17") + count_of(&a, "other") + count_of(&a, "odd") +
                         count_of(&a, "none_of_it"),
                     count_of(&a, "cells"));
    assert_true(count_of(&a, "Th17") >= 90 && count_of(&a, "Th17") <= 125);
    drop(&a);
}

static const char *state_of(const asked *a, const char *id)
{
    return a->r.gates.gates[stroma_gate_find(&a->r.gates, id)].state;
}

/* A region is as sure as the less sure of its two edges, also in the file that is written. */
static void test_regions_have_the_worst_state(void **state)
{
    (void)state;
    asked a = { .strategy = HEAD CELLS CD4
                "  - id: q\n    parent: cells\n    method: quadrant\n    markers: [CD4, IL-17A]\n"
                "    edges: [{ method: valley }, { method: fmo, fallback: [{ method: tail }] }]\n"
                "    regions: { \"++\": Th17, \"--\": none_of_it }\n" };
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(apply(&a, &err), STROMA_OK);
    assert_string_equal(state_of(&a, "CD4"), "found");
    assert_string_equal(state_of(&a, "Th17"), "fallback");
    assert_string_equal(state_of(&a, "none_of_it"), "fallback");
    assert_int_equal(a.r.rows[a.r.rows_len - 2].state, STROMA_GATING_FOUND);
    assert_int_equal(a.r.rows[a.r.rows_len - 1].state, STROMA_GATING_FALLBACK);
    stroma_buffer xml;
    stroma_gate_set again;
    stroma_buffer_init(&xml, 1 << 20);
    assert_int_equal(stroma_gates_write(&a.r.gates, &xml, &err), STROMA_OK);
    assert_int_equal(stroma_gates_parse(xml.data, xml.len, "again.xml", NULL, NULL, &again, &err),
                     STROMA_OK);
    assert_string_equal(again.gates[stroma_gate_find(&again, "Th17")].state, "fallback");
    stroma_gate_set_clear(&again);
    stroma_buffer_clear(&xml);
    drop(&a);
}

static void test_a_dent_is_doubtful(void **state)
{
    (void)state;
    /* So wide a density all but fills the valley between the two populations of CD4. */
    asked a = { .strategy = HEAD CELLS
                "  - { id: CD4, parent: cells, method: valley, markers: [CD4], bandwidth: 0.12, "
                "min_depth: 0.01 }\n" };
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(apply(&a, &err), STROMA_OK);
    const stroma_gating_row *row = &a.r.rows[a.r.rows_len - 1];
    assert_true(row->confidence > 0 && row->confidence < STROMA_GATING_DOUBT);
    assert_int_equal(row->state, STROMA_GATING_DOUBTFUL);
    assert_string_equal(stroma_gating_state_name(row->state), "doubtful");
    assert_string_equal(state_of(&a, "CD4"), "doubtful");
    assert_int_equal(findings(&a.diag, "STROMA-LEARN-009"), 1);
    assert_int_equal(a.diag.len, 1);
    drop(&a);
}

/* ---- one edge in several files ---- */

static size_t far_edges(const double *at, size_t n)
{
    stroma_gating_edges *edges = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_diag d;
    char file[20];
    stroma_diag_init(&d);
    for (size_t i = 0; i < n; i++) {
        stroma_gating_row rows[2] = { { .population = "live",
                                        .marker = "Viability",
                                        .lower = -(double)INFINITY,
                                        .upper = at[i],
                                        .lower_linear = -(double)INFINITY,
                                        .upper_linear = 1000 * at[i] },
                                      { .population = "other",
                                        .marker = "Viability",
                                        .lower = 0.1 * (double)i,
                                        .upper = (double)INFINITY,
                                        .state = STROMA_GATING_DRAWN } };
        const stroma_gating_result r = { .rows = rows, .rows_len = 2 };
        (void)snprintf(file, sizeof file, "f%zu.fcs", i);
        assert_int_equal(stroma_gating_edges_add(&edges, file, &r, &err), STROMA_OK);
    }
    assert_int_equal(stroma_gating_edges_compare(edges, &d, &err), STROMA_OK);
    const size_t said = findings(&d, "STROMA-LEARN-010");
    assert_int_equal(said, d.len);
    for (size_t i = 0; i < d.len; i++) { /* the second file is the odd one in all cases below */
        assert_string_equal(d.items[i].file, "f1.fcs");
        assert_string_equal(d.items[i].param, "live");
    }
    stroma_gating_edges_free(edges);
    stroma_diag_clear(&d);
    return said;
}

static void test_an_edge_far_from_the_others(void **state)
{
    (void)state;
    /* log10 / 4.5 of 25,015, 9,370 and 22,104: one cuts between other populations */
    static const double viability[] = { 0.9774, 0.8826, 0.9654 };
    static const double close[] = { 0.50, 0.53, 0.48, 0.51 }, two[] = { 0.3, 0.9 },
                        spread[] = { 0.3, 0.4, 0.5, 0.6, 0.7 },
                        alike[] = { 0.5, 0.58, 0.5, 0.5, 0.5 };
    assert_int_equal(far_edges(viability, 3), 1);
    assert_int_equal(far_edges(close, 4), 0);
    assert_int_equal(far_edges(two, 2), 0); /* which of two is off cannot be told */
    assert_int_equal(far_edges(spread, 5), 0);
    assert_int_equal(far_edges(alike, 5), 1);
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_gating_edges_compare(NULL, NULL, &err), STROMA_OK);
}

static void test_reference(void **state)
{
    (void)state;
    asked a = { .strategy = HEAD CELLS "  - { id: CD4, parent: cells, method: reference, markers: "
                                       "[CD4], edge: { method: valley } }\n",
                .reference = true };
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(apply(&a, &err), STROMA_OK);
    const uint64_t cd4 = count_of(&a, "CD4");
    assert_true(cd4 > 1800 && cd4 <= 2010);
    assert_non_null(strstr(a.r.gates.gates[1].parameters, "\"reference_method\":\"valley\""));
    drop(&a);
}

static void test_marker_not_there(void **state)
{
    (void)state;
    asked a = { .strategy =
                    HEAD CELLS "  - { id: B, parent: cells, method: valley, markers: [CD19] }\n" };
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(apply(&a, &err), STROMA_E_INCONSISTENT);
    assert_non_null(strstr(err.message, "population \"B\" needs the marker \"CD19\""));
    drop(&a);
    asked b = { .strategy = HEAD CELLS
                "  - { id: B, parent: cells, optional: true, method: valley, markers: [CD19] }\n"
                "  - { id: CD4, parent: B, method: valley, markers: [CD4] }\n" };
    assert_int_equal(apply(&b, &err), STROMA_OK);
    assert_int_equal(b.r.gates.gates_len, 2);
    assert_int_equal(b.r.gates.gates[1].parent, 0);
    assert_int_equal(findings(&b.diag, "STROMA-LEARN-008"), 1);
    drop(&b);
}

static void test_shipped(void **state)
{
    (void)state;
    size_t n = 0;
    const char *const *names = stroma_gating_strategies(&n);
    assert_int_equal(n, 8);
    for (size_t i = 0; i < n; i++) {
        stroma_gating_strategy *s = NULL;
        stroma_panel p;
        stroma_error err = STROMA_ERROR_INIT;
        assert_int_equal(stroma_gating_strategy_read(names[i], NULL, &s, &err), STROMA_OK);
        assert_int_equal(stroma_panel_read(names[i], NULL, &p, &err), STROMA_OK);
        assert_string_equal(stroma_gating_strategy_id(s), names[i]);
        assert_string_equal(stroma_gating_strategy_panel(s), names[i]);
        /* The panel has every marker of the strategy already. */
        const size_t before = p.markers_len;
        assert_int_equal(stroma_gating_strategy_markers(s, &p, &err), STROMA_OK);
        assert_int_equal(p.markers_len, before);
        size_t indices = 0;
        (void)stroma_gating_strategy_indices(s, &indices);
        assert_true(indices > 0);
        stroma_gating_strategy_free(s);
        stroma_panel_clear(&p);
    }
}

static stroma_status no_memory_run(void *context)
{
    asked a = { .strategy = context, .fmo = true, .reference = true, .edges = true };
    const stroma_status s = apply(&a, NULL);
    drop(&a);
    return s;
}

static void test_no_memory(void **state)
{
    (void)state;
    /* The costly fits allocate as the others do; they have no place in a loop. */
    static char strategy[] =
        HEAD "  - { id: cells, method: rectangle, markers: [FSC-A, SSC-A], min: [0, 0], max: "
             "[200000, ~] }\n"
             "  - { id: one, parent: cells, method: singlets, markers: [FSC-A, SSC-A] }\n"
             "  - { id: Th17, parent: one, method: fmo, markers: [IL-17A], fallback: [{ method: "
             "tail }] }\n"
             "  - { id: CD4, parent: cells, method: reference, markers: [CD4], edge: { method: "
             "tail, range: [0, 0.5] } }\n"
             "  - { id: rest, parent: cells, method: boolean, operation: not, of: [CD4] }\n"
             "  - { id: drawn, method: polygon, markers: [FSC-A, SSC-A], vertices: [[0, 0], [0, "
             "9], [9, 0]] }\n";
    const long failed = alloc_fail_each(no_memory_run, strategy);
    print_message("%ld allocations failed, one a run\n", failed);
    assert_true(failed > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_marker),
        cmocka_unit_test(test_synonyms_of_the_file),
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_named_channel_decides),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_apply),
        cmocka_unit_test(test_missing_fmo),
        cmocka_unit_test(test_nothing_is_invented),
        cmocka_unit_test(test_quadrant),
        cmocka_unit_test(test_regions_have_the_worst_state),
        cmocka_unit_test(test_a_dent_is_doubtful),
        cmocka_unit_test(test_an_edge_far_from_the_others),
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_marker_not_there),
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, make_files, free_files);
}
