/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FlowJo 10 workspaces: what is read, and counts that FlowJo itself saved. The counts are in the
 * workspaces (attribute count); those by the values were confirmed with an independent script. */
#include "stroma_test.h"

#include "stroma/cytometry_workspace.h"

#include <math.h>
#include <string.h>

static void read_source(const char *name, const char *sample, stroma_gate_set *s)
{
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_gates_read(test_source(name), sample, NULL, s, &err) != STROMA_OK)
        fail_msg("%s%s (line %lld)", err.context, err.message, (long long)err.line);
}

static const stroma_gate *gate(const stroma_gate_set *s, const char *id)
{
    const int g = stroma_gate_find(s, id);
    if (g < 0) fail_msg("no gate %s", id);
    return &s->gates[g];
}

/* The small workspace of tests/data/bases.py. */
static void tree(void **state)
{
    (void)state;
    stroma_gate_set s;
    read_source("tests/fuzz/corpus/workspace/one.wsp", NULL, &s);
    assert_string_equal(s.dialect, "FlowJo 10");
    assert_non_null(s.flowjo);
    assert_string_equal(s.flowjo->version, "10.6.2");
    assert_string_equal(s.flowjo->sample.name, "a.fcs");
    assert_string_equal(s.flowjo->sample.file, "a.fcs");
    assert_int_equal(s.flowjo->sample.saved_count, 10);
    assert_int_equal(s.gates_len, 8); /* 7 that FlowJo shows, and the shape behind "outside" */
    assert_int_equal(s.flowjo->sample.gates, 7);
    const stroma_gate *early = gate(&s, "/Early");
    assert_string_equal(early->label, "Early");
    assert_int_equal(early->parent, -1);
    /* Time: FlowJo's gain and $TIMESTEP are both 0.01, so that seconds are seconds. */
    assert_true(early->dims[0].lower == 1 && early->dims[0].upper == 50);
    assert_int_equal(early->dims[0].compensation, STROMA_COMPENSATION_NONE);
    assert_true(early->dims[1].lower == 100 && isinf(early->dims[1].upper));
    const stroma_gate *low = gate(&s, "/Early/Low");
    assert_int_equal(low->parent, stroma_gate_find(&s, "/Early"));
    assert_int_equal(low->kind, STROMA_GATE_POLYGON);
    assert_string_equal(low->dims[0].name, "A");
    assert_int_equal(low->dims[0].compensation, 0);
    assert_int_equal(low->dims[0].transform, low->dims[1].transform); /* one scale, made once */
    assert_int_equal(s.transforms_len, 1);
    assert_int_equal(s.transforms[0].kind, STROMA_TRANSFORM_BIEX);
    assert_int_equal(s.flowjo->gates[low - s.gates].bins, 256);
    const stroma_gate *outside = gate(&s, "/Early/Stained");
    assert_int_equal(outside->kind, STROMA_GATE_BOOLEAN);
    assert_int_equal(outside->operation, STROMA_GATE_NOT);
    assert_true(s.flowjo->gates[outside->uses[0].gate].hidden);
    assert_int_equal(gate(&s, "/Either")->operation, STROMA_GATE_OR);
    assert_int_equal(gate(&s, "/Both")->uses_len, 2);
    assert_int_equal(gate(&s, "/Rest")->operation, STROMA_GATE_NOT);
    assert_int_equal(s.flowjo->gates[stroma_gate_find(&s, "/Rest")].saved_count, 3);
    assert_int_equal(s.flowjo->gates[stroma_gate_find(&s, "/Early")].saved_count, -1);
    stroma_gate_set_clear(&s);
}

/* Foci 100 and 156, ends of the long axis 78 and 178, on 262144 / 256 a side: a = 50, c = 28, so
 * that b² = 1716, all × 1024². */
static void ellipse(void **state)
{
    (void)state;
    stroma_gate_set s;
    read_source("tests/fuzz/corpus/workspace/one.wsp", NULL, &s);
    const stroma_gate *g = gate(&s, "/Early/Cells");
    assert_int_equal(g->kind, STROMA_GATE_ELLIPSOID);
    assert_true(g->mean[0] == 131072 && g->mean[1] == 131072 && g->distance_square == 1);
    assert_true(fabs(g->covariance[0] - 2500.0 * 1048576) < 1e-3);
    assert_true(fabs(g->covariance[3] - 1716.0 * 1048576) < 1e-3);
    assert_true(g->covariance[1] == 0 && g->covariance[2] == 0);
    stroma_gate_set_clear(&s);
}

static void samples(void **state)
{
    (void)state;
    stroma_workspace w;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(
        stroma_workspace_read(test_source("tests/fuzz/corpus/workspace/two.wsp"), &w, &err),
        STROMA_OK);
    size_t at = 9;
    assert_true(w.is_workspace);
    assert_int_equal(w.samples_len, 2);
    assert_int_equal(stroma_workspace_find(&w, "/x/y/b.fcs", NULL, &at, &err), STROMA_OK);
    assert_int_equal(at, 1);
    assert_int_equal(stroma_workspace_find(&w, "renamed.fcs", "a.fcs", &at, &err), STROMA_OK);
    assert_int_equal(at, 0);
    assert_int_equal(stroma_workspace_find(&w, "#2", NULL, &at, &err), STROMA_OK);
    assert_int_equal(at, 1);
    assert_int_equal(stroma_workspace_find(&w, "c.fcs", NULL, &at, &err), STROMA_E_INCONSISTENT);
    assert_non_null(strstr(err.message, "no sample of the workspace is called \"c.fcs\""));
    assert_non_null(strstr(err.hint, "\"a.fcs\", \"b.fcs\""));
    stroma_workspace_clear(&w);
    stroma_gate_set s;
    assert_int_equal(
        stroma_gates_read(test_source("tests/fuzz/corpus/workspace/two.wsp"), NULL, NULL, &s, &err),
        STROMA_E_INCONSISTENT);
    assert_non_null(strstr(err.message, "the workspace holds 2 samples, and none is named"));
}

/* A copy for b.fcs stands for the common gate when b.fcs is asked for, and goes otherwise. */
static void cytobank(void **state)
{
    (void)state;
    static const struct {
        const char *sample, *used;
        double lower;
    } cases[] = { { NULL, "G1", 1 }, { "a.fcs", "G1", 1 }, { "b.fcs", "G1b", 2 } };
    for (size_t i = 0; i < 3; i++) {
        stroma_gate_set s;
        read_source("tests/fuzz/corpus/workspace/cytobank.xml", cases[i].sample, &s);
        assert_string_equal(s.dialect, "Cytobank");
        assert_int_equal(s.gates_len, 2);
        const stroma_gate *set = gate(&s, "S1");
        assert_string_equal(set->label, "Population");
        const stroma_gate *g = &s.gates[set->uses[0].gate];
        assert_string_equal(g->id, cases[i].used);
        assert_string_equal(g->label, "Cells");
        assert_true(g->dims[0].lower == cases[i].lower);
        stroma_gate_set_clear(&s);
    }
}

/* What FlowJo saved, gate by gate, and what the values give. */
typedef struct expected {
    const char *gate;
    uint64_t saved, count;
    stroma_flowjo_reason reason;
} expected;

static void compare(const char *workspace, const char *fcs, const expected *want, size_t n)
{
    char gates[4096];
    const char *path = test_data(workspace);
    if (path == NULL) skip();
    (void)snprintf(gates, sizeof gates, "%s", path);
    path = test_data(fcs);
    if (path == NULL) skip();
    stroma_error err = STROMA_ERROR_INIT;
    stroma_fcs *f = NULL;
    stroma_gate_set s;
    if (stroma_fcs_open(path, NULL, NULL, &f, &err) != STROMA_OK ||
        stroma_gates_read(gates, NULL, NULL, &s, &err) != STROMA_OK)
        fail_msg("%s%s", err.context, err.message);
    assert_int_equal(s.gates_len, n);
    stroma_gate_options opts = STROMA_GATE_OPTIONS_INIT;
    stroma_flowjo_difference *d = stroma_alloc_array(n, sizeof *d);
    if (stroma_flowjo_compare(&s, stroma_fcs_preferred(f), &opts, d, &err) != STROMA_OK)
        fail_msg("%s%s", err.context, err.message);
    for (size_t i = 0; i < n; i++) {
        const int g = stroma_gate_find(&s, want[i].gate);
        if (g < 0) fail_msg("no gate %s", want[i].gate);
        if (d[g].count != want[i].count || d[g].count_as_flowjo != want[i].saved)
            print_message("# %s: %llu by the values, %llu in bins, %lld saved\n", want[i].gate,
                          (unsigned long long)d[g].count, (unsigned long long)d[g].count_as_flowjo,
                          (long long)d[g].saved);
        assert_int_equal(d[g].saved, (int64_t)want[i].saved);
        assert_int_equal(d[g].count_as_flowjo, want[i].saved);
        assert_int_equal(d[g].count, want[i].count);
        assert_int_equal(d[g].reason, want[i].reason);
    }
    stroma_free(d);
    stroma_gate_set_clear(&s);
    stroma_fcs_close(f);
}

#define LYMPHO "/Lymphocytes"
#define NK_POS LYMPHO "/Singlets/Singlets2/NK1_1+"
#define NK_NEG LYMPHO "/Singlets/Singlets2/NK1_1-"
#define T_CELL NK_NEG "/T cells"
#define AB     T_CELL "/ab T cells"

/* FlowSOM's 68983.fcs and its gating.wsp (FlowJo 10.5.3): all 15 gates. */
static void mouse_spleen(void **state)
{
    (void)state;
    static const expected want[] = {
        { LYMPHO, 19212, 19225, STROMA_FLOWJO_BINS },
        { LYMPHO "/Singlets", 18689, 18702, STROMA_FLOWJO_UPSTREAM },
        { LYMPHO "/Singlets/Singlets2", 18573, 18585, STROMA_FLOWJO_UPSTREAM },
        { NK_POS, 923, 923, STROMA_FLOWJO_EQUAL },
        { NK_POS "/NK cells", 312, 312, STROMA_FLOWJO_EQUAL },
        { NK_POS "/NK T cells", 535, 535, STROMA_FLOWJO_EQUAL },
        { NK_NEG, 17458, 17470, STROMA_FLOWJO_UPSTREAM },
        { NK_NEG "/B cells", 2459, 2460, STROMA_FLOWJO_UPSTREAM },
        { T_CELL, 10745, 10747, STROMA_FLOWJO_UPSTREAM },
        { AB, 9188, 9191, STROMA_FLOWJO_BINS },
        { AB "/CD4 T cells", 7480, 7482, STROMA_FLOWJO_UPSTREAM },
        { AB "/CD8 T cells", 1407, 1407, STROMA_FLOWJO_EQUAL },
        { AB "/DN T cells", 266, 267, STROMA_FLOWJO_UPSTREAM },
        { AB "/DP T cells", 6, 6, STROMA_FLOWJO_EQUAL },
        { T_CELL "/gd T cells", 1470, 1470, STROMA_FLOWJO_EQUAL },
    };
    compare("flow/flowjo/flowsom/gating.wsp", "flow/flowjo/flowsom/68983.fcs", want,
            sizeof want / sizeof want[0]);
}

/* FlowKit's diamonds, 200,000 events: rectangles and quadrants, exact. */
static void diamonds(void **state)
{
    (void)state;
    static const expected quadrants[] = {
        { "/Q1: channel_A- , channel_B+", 49671, 49671, STROMA_FLOWJO_EQUAL },
        { "/Q2: channel_A+ , channel_B+", 50596, 50596, STROMA_FLOWJO_EQUAL },
        { "/Q3: channel_A+ , channel_B-", 50330, 50330, STROMA_FLOWJO_EQUAL },
        { "/Q4: channel_A- , channel_B-", 49403, 49403, STROMA_FLOWJO_EQUAL },
    };
    static const expected on_asinh[] = { { "/upper_right", 50559, 50559, STROMA_FLOWJO_EQUAL } };
    static const expected on_biex[] = { { "/upper_right", 50605, 50605, STROMA_FLOWJO_EQUAL } };
    static const char fcs[] = "flow/flowjo/test_data_diamond_01.fcs";
    compare("flow/flowjo/simple_diamond_example_quad_gate.wsp", fcs, quadrants, 4);
    compare("flow/flowjo/test_data_diamond_asinh_rect.wsp", fcs, on_asinh, 1);
    compare("flow/flowjo/test_data_diamond_biex_rect.wsp", fcs, on_biex, 1);
}

/* FlowKit's line of 100 events, half of it in a polygon whose upper side it follows: FlowJo 10.7.1
 * counts none. */
static void line(void **state)
{
    (void)state;
    static const expected want[] = {
        { "/poly1", 0, 50, STROMA_FLOWJO_BINS },
        { "/rect1", 0, 0, STROMA_FLOWJO_EQUAL },
    };
    compare("flow/flowjo/simple_poly_and_rect_v2_poly50.wsp",
            "flow/flowjo/data_set_simple_line_100.fcs", want, 2);
}

/* Three samples with their own matrices, 15 gates each; the events are not public here. */
static void eight_colours(void **state)
{
    (void)state;
    const char *path = test_data("flow/flowjo/8_color_ICS.wsp");
    if (path == NULL) skip();
    static const char *const names[] = { "101_DEN084Y5_15_E03_009_clean.fcs",
                                         "101_DEN084Y5_15_E05_010_clean.fcs",
                                         "101_DEN084Y5_15_E01_008_clean.fcs" };
    static const int64_t cd4[] = { 81990, 81268, 82636 };
    for (size_t i = 0; i < 3; i++) {
        stroma_gate_set s;
        stroma_error err = STROMA_ERROR_INIT;
        if (stroma_gates_read(path, names[i], NULL, &s, &err) != STROMA_OK)
            fail_msg("%s%s", err.context, err.message);
        assert_int_equal(s.gates_len, 14);
        assert_int_equal(s.compensations_len, 1);
        assert_int_equal(s.compensations[0].detectors_len, 8);
        const int g = stroma_gate_find(&s, "/Time/Singlets/aAmine-/CD3+/CD4+");
        assert_true(g >= 0);
        assert_int_equal(s.flowjo->gates[g].saved_count, cd4[i]);
        assert_string_equal(s.gates[g].dims[0].name, "CD4 PE-Cy7 FLR-A");
        assert_int_equal(s.transforms[s.gates[g].dims[0].transform].kind, STROMA_TRANSFORM_LOGICLE);
        stroma_gate_set_clear(&s);
    }
}

/* Polygons on biex scales, cut at the channels they cross, hold the same events. */
static void straightened(void **state)
{
    (void)state;
    char gates[4096];
    const char *path = test_data("flow/flowjo/flowsom/gating.wsp");
    if (path == NULL) skip();
    (void)snprintf(gates, sizeof gates, "%s", path);
    path = test_data("flow/flowjo/flowsom/68983.fcs");
    if (path == NULL) skip();
    stroma_error err = STROMA_ERROR_INIT;
    stroma_fcs *f = NULL;
    stroma_gate_set s;
    stroma_membership before, after;
    stroma_gate_options opts = STROMA_GATE_OPTIONS_INIT;
    assert_int_equal(stroma_fcs_open(path, NULL, NULL, &f, &err), STROMA_OK);
    assert_int_equal(stroma_gates_read(gates, NULL, NULL, &s, &err), STROMA_OK);
    const stroma_fcs_dataset *d = stroma_fcs_preferred(f);
    assert_int_equal(stroma_gates_evaluate(&s, d, &opts, &before, &err), STROMA_OK);
    const size_t g = (size_t)stroma_gate_find(&s, AB);
    const size_t vertices = s.gates[g].vertices_len;
    assert_int_equal(stroma_flowjo_straighten(&s, &err), STROMA_OK);
    assert_true(s.gates[g].vertices_len > 10 * vertices);
    assert_int_equal(s.gates[g].dims[0].transform, -1);
    assert_int_equal(stroma_gates_evaluate(&s, d, &opts, &after, &err), STROMA_OK);
    assert_memory_equal(before.bits, after.bits, before.gates_len * before.words * 8);
    stroma_membership_clear(&after);
    /* And so they do when written as Gating-ML and read again. */
    stroma_buffer xml;
    stroma_gate_set again;
    stroma_buffer_init(&xml, (size_t)64 << 20);
    assert_int_equal(stroma_gates_write(&s, &xml, &err), STROMA_OK);
    if (stroma_gates_parse(xml.data, xml.len, "a.xml", NULL, NULL, &again, &err) != STROMA_OK)
        fail_msg("%s%s", err.context, err.message);
    assert_int_equal(again.gates_len, s.gates_len);
    assert_int_equal(stroma_gates_evaluate(&again, d, &opts, &after, &err), STROMA_OK);
    for (size_t i = 0; i < s.gates_len; i++) {
        const int same = stroma_gate_find(&again, s.gates[i].id);
        assert_true(same >= 0);
        assert_int_equal(after.count[same], before.count[i]);
    }
    stroma_buffer_clear(&xml);
    stroma_gate_set_clear(&again);
    stroma_membership_clear(&before);
    stroma_membership_clear(&after);
    stroma_gate_set_clear(&s);
    stroma_fcs_close(f);
}

/* FlowRepository's export of one ellipse on an arcsinh scale; 49,260 of 61,178 events by an
 * independent script (numpy). The population is an "and" of the gate with itself. */
static void flow_repository(void **state)
{
    (void)state;
    stroma_gate_set s;
    stroma_fcs *f = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    const char *path = test_data("flow/gatingml2/example/GatingML2.0_Export_166889.xml");
    if (path == NULL) skip();
    assert_int_equal(stroma_gates_read(path, NULL, NULL, &s, &err), STROMA_OK);
    path = test_data("flow/gatingml2/example/166889.fcs");
    if (path == NULL) skip();
    assert_int_equal(stroma_fcs_open(path, NULL, NULL, &f, &err), STROMA_OK);
    assert_string_equal(s.dialect, "Cytobank");
    assert_int_equal(s.gates_len, 2);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(s.gates[i].label, "PE-A SSC-A E1");
    stroma_arena arena;
    stroma_arena_init(&arena, (size_t)1 << 20);
    stroma_gate_options opts = STROMA_GATE_OPTIONS_INIT;
    stroma_membership m;
    const stroma_fcs_dataset *d = stroma_fcs_preferred(f);
    assert_int_equal(stroma_compensation_from_fcs(d, "a.fcs", &arena, NULL, &opts.fcs, &err),
                     STROMA_OK);
    assert_non_null(opts.fcs);
    assert_int_equal(stroma_gates_evaluate(&s, d, &opts, &m, &err), STROMA_OK);
    assert_int_equal(m.count[0], 49260);
    assert_int_equal(m.count[1], 49260);
    stroma_membership_clear(&m);
    stroma_arena_clear(&arena);
    stroma_gate_set_clear(&s);
    stroma_fcs_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree),         cmocka_unit_test(ellipse),
        cmocka_unit_test(samples),      cmocka_unit_test(cytobank),
        cmocka_unit_test(mouse_spleen), cmocka_unit_test(diamonds),
        cmocka_unit_test(line),         cmocka_unit_test(eight_colours),
        cmocka_unit_test(straightened), cmocka_unit_test(flow_repository),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
