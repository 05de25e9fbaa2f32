/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every allocation behind the numbers of populations fails once. */
#include "alloc_fail.h"
#include "population_fixture.h"

#include <math.h>

static double x[5000], y[300];

static stroma_status statistics(void *context)
{
    const char *const *ids = context;
    const stroma_population_sample m = { x, 5000, 0 }, c = { y, 300, 0 };
    const stroma_population_question q = { "a", 5000, 9000, &m, &c, NULL };
    stroma_population_options opts = STROMA_POPULATION_OPTIONS_INIT;
    opts.resamples = 25;
    opts.level = 0.8;
    for (; *ids != NULL; ids++) {
        stroma_population_value v;
        STROMA_TRY(stroma_population_compute(stroma_definition_find(*ids), &q, &opts, &v, NULL));
    }
    stroma_count_ratio r = { 40, 100, 50, 100, true, 20, "b" };
    stroma_population_value d, b;
    STROMA_TRY(stroma_log_ratio(&r, &opts, &d, &b, NULL));
    stroma_peak peak[1];
    return stroma_peaks_find(x, 5000, 1, 0.05, 0, peak, NULL);
}

typedef struct asked {
    const stroma_population_tube *tube;
    const stroma_population_request *request;
} asked;

static stroma_status table(void *context)
{
    const asked *a = context;
    stroma_population_table t;
    const stroma_status s = stroma_population_tabulate(a->tube, a->request, NULL, &t, NULL);
    stroma_population_table_clear(&t);
    return s;
}

static void each_allocation_of_a_table_may_fail(void **state)
{
    (void)state;
    static double e[300][TUBE_CHANNELS];
    for (int i = 0; i < 300; i++)
        for (int k = 0; k < TUBE_CHANNELS; k++)
            e[i][k] = (i * 37) % 300 + 150;
    stroma_gate_set s;
    tree_make(&s);
    tube t;
    tube_open(&e[0][0], 300, "", "a", &t);
    tube_gate(&t, &s);
    stroma_panel panel;
    stroma_panel_init(&panel);
    assert_true(stroma_panel_marker_add(&panel, "CD25") != SIZE_MAX);
    const stroma_population_control c = { "CD25", t.tube, 0 };
    static const char *const marker[] = { "CD25" };
    static const stroma_population_pair pair = { "Treg", "Th17" };
    const stroma_definition *const d[] = { stroma_definition_find("mfi_ratio") };
    stroma_population_request r = STROMA_POPULATION_REQUEST_INIT;
    r.marker = marker;
    r.markers_len = 1;
    r.panel = &panel;
    r.statistic = d;
    r.statistics_len = 1;
    r.controls = r.reference = &c;
    r.controls_len = 1;
    r.landmarks = 1;
    r.negative = "CD4";
    r.pairs = &pair;
    r.pairs_len = 1;
    r.dead_marker = "FL3-A";
    r.options.resamples = 25;
    r.options.level = 0.8;
    asked a = { &t.tube, &r };
    assert_true(alloc_fail_each(table, &a) > 50);
    stroma_panel_clear(&panel);
    tube_close(&t);
    stroma_gate_set_clear(&s);
}

static stroma_status tree(void *context)
{
    stroma_gate_set *s = context;
    const char *const names[] = { "CD4" };
    size_t gate = 0;
    return stroma_population_without_channel(s, 2, names, 1, &gate, NULL);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    for (int i = 0; i < 5000; i++)
        x[i] = 10 + 1e-9 * pow(i - 2500, 3);
    for (int i = 0; i < 300; i++)
        y[i] = 5 + sin(i * 1.3);
    static const char *const ids[] = { "mfi", "mfi_ratio", "stain_index", "mean", "percent", NULL };
    assert_true(alloc_fail_each(statistics, (void *)(uintptr_t)ids) >= 12);
    stroma_gate_set s;
    stroma_gate_set_init(&s);
    for (int i = 0; i < 3; i++) {
        stroma_gate *g = stroma_gate_set_add(&s);
        assert_non_null(g);
        g->id = g->label = "g";
        g->parent = i - 1;
    }
    s.gates[2].dims = stroma_gate_dimensions(&s, 1);
    s.gates[2].dims_len = 1;
    s.gates[2].dims[0].name = "cd4";
    assert_int_equal(alloc_fail_each(tree, &s), 4);
    stroma_gate_set_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_allocation_may_fail),
                                        cmocka_unit_test(each_allocation_of_a_table_may_fail) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
