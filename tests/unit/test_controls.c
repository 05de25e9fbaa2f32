/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Controls to a matrix: flowCore's reference to the last digit, and planted spillover found again.
 */
#include "alloc_fail.h"
#include "test_fcs_memory.h"

#include "stroma/cytometry_controls.h"
#include "stroma/random.h"

#include <math.h>

enum { EVENTS = 2000, TUBES = 3 };
static test_fcs tube[TUBES];

/* FSC-A, A, B: cells with spillover A → B of 0.2 and B → A of 0.05 over autofluorescence of 30. Of
 * the stained tubes, every fourth cell is negative. */
static void plant(test_fcs *t, int stain, uint64_t seed)
{
    static float values[3 * EVENTS];
    stroma_random r;
    stroma_random_init(&r, seed, 1, 0);
    for (size_t e = 0; e < EVENTS; e++) {
        const double signal = stain == 0 || e % 4 == 0 ? 0 : 5000 + 800 * stroma_random_normal(&r);
        const double a = stain == 1 ? signal : 0.05 * (stain == 2 ? signal : 0);
        const double b = stain == 2 ? signal : 0.2 * (stain == 1 ? signal : 0);
        values[3 * e] = (float)(50000 + 5000 * stroma_random_normal(&r));
        values[3 * e + 1] = (float)(a + 30 + 8 * stroma_random_normal(&r));
        values[3 * e + 2] = (float)(b + 30 + 8 * stroma_random_normal(&r));
    }
    test_fcs_open(t, "FSC-A,A,B", "", values, EVENTS);
}

static void open_tubes(void)
{
    for (int i = 0; i < TUBES; i++)
        plant(&tube[i], i, 40 + (uint64_t)i);
}

static void close_tubes(void)
{
    for (int i = 0; i < TUBES; i++)
        test_fcs_close(&tube[i]);
}

static void planted(void **state)
{
    (void)state;
    open_tubes();
    const stroma_control controls[] = { { tube[1].d, "a.fcs", "A", "FITC" },
                                        { tube[2].d, "b.fcs", "B", NULL } };
    for (int method = 0; method < 2; method++)
        for (int blank = 0; blank < 2; blank++) {
            stroma_arena arena;
            stroma_diag diag;
            stroma_compensation c;
            stroma_control_quality q[2];
            stroma_error err = STROMA_ERROR_INIT;
            stroma_control_options opts = STROMA_CONTROL_OPTIONS_INIT;
            opts.method = method == 0 ? STROMA_CONTROL_MEDIAN : STROMA_CONTROL_REGRESSION;
            stroma_arena_init(&arena, 1 << 20);
            stroma_diag_init(&diag);
            if (stroma_compensation_from_controls(controls, 2, blank ? tube[0].d : NULL, &opts,
                                                  &arena, &diag, &c, q, &err) != STROMA_OK)
                fail_msg("%s", err.message);
            assert_string_equal(c.fluorochrome[0], "FITC");
            assert_string_equal(c.fluorochrome[1], "B");
            assert_true(c.spectrum[0] == 1 && c.spectrum[3] == 1);
            /* the noise of a median of 1,000 is 0.3 of 5000 units */
            assert_true(fabs(c.spectrum[1] - 0.2) < 5e-4 && fabs(c.spectrum[2] - 0.05) < 5e-4);
            assert_int_equal(diag.len, blank ? 0 : 2);
            for (size_t i = 0; i < 2; i++) {
                assert_int_equal(q[i].events, EVENTS);
                assert_true(q[i].in_gate > 1600 && q[i].in_gate < 1860);
                const double positive = (double)q[i].positive / (double)q[i].in_gate;
                assert_true(fabs(positive - 0.75) < 0.02);
                assert_true(fabs(q[i].positive_median - 5030) < 100);
                assert_true(fabs(q[i].negative_median - 30) < 2);
                assert_true(fabs(q[i].stain_index - 5000 / 16.0) < 25);
                assert_int_equal(q[i].brightest, i);
                assert_int_equal(q[i].spread_into, 1 - i);
                assert_true(q[i].spread < 0.1 && q[i].saturated_frac == 0);
            }
            stroma_diag_clear(&diag);
            stroma_arena_clear(&arena);
        }
    close_tubes();
}

static void refused(void **state)
{
    (void)state;
    open_tubes();
    const stroma_control swapped = { tube[1].d, "a.fcs", "B", NULL },
                         absent = { tube[1].d, "a.fcs", "C", NULL },
                         blank = { tube[0].d, "o.fcs", "A", NULL };
    stroma_arena arena;
    stroma_diag diag;
    stroma_compensation c;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_control_options opts = STROMA_CONTROL_OPTIONS_INIT;
    opts.all_events = true;
    stroma_arena_init(&arena, 1 << 20);
    stroma_diag_init(&diag);
    assert_int_equal(stroma_compensation_from_controls(&absent, 1, tube[0].d, NULL, &arena, &diag,
                                                       &c, NULL, &err),
                     STROMA_E_INCONSISTENT);
    assert_string_equal(err.message, "the events have no channel \"C\"");
    assert_int_equal(stroma_compensation_from_controls(&blank, 1, tube[0].d, NULL, &arena, &diag,
                                                       &c, NULL, &err),
                     STROMA_E_DEGENERATE);
    assert_non_null(strstr(err.message, "positive events in \"A\", 50 are needed"));
    assert_int_equal(
        stroma_compensation_from_controls(&blank, 1, NULL, &opts, &arena, &diag, &c, NULL, &err),
        STROMA_E_USAGE);
    assert_int_equal(
        stroma_compensation_from_controls(&blank, 0, NULL, NULL, &arena, &diag, &c, NULL, &err),
        STROMA_E_USAGE);
    /* a tube of another fluorochrome: a spectrum says so */
    assert_int_equal(diag.len, 0);
    opts = (stroma_control_options)STROMA_CONTROL_OPTIONS_INIT;
    opts.all_detectors = true;
    assert_int_equal(stroma_compensation_from_controls(&swapped, 1, tube[0].d, &opts, &arena, &diag,
                                                       &c, NULL, &err),
                     STROMA_OK);
    assert_int_equal(diag.len, 1);
    assert_string_equal(diag.items[0].code, "STROMA-COMP-018");
    assert_int_equal(c.detectors_len, 2);
    assert_true(c.spectrum[0] == 1 && fabs(c.spectrum[1] - 0.2) < 1e-3);
    const stroma_control kinds[] = { swapped, { tube[1].d, "f.fcs", "FSC-A", NULL } };
    assert_int_equal(
        stroma_compensation_from_controls(kinds, 2, NULL, &opts, &arena, &diag, &c, NULL, &err),
        STROMA_E_USAGE);
    assert_string_equal(err.message,
                        "control \"f.fcs\": detector \"FSC-A\" is not of the kind of \"B\"");
    stroma_diag_clear(&diag);
    stroma_arena_clear(&arena);
    close_tubes();
}

/* compdata of flowCore: its reference matrices compref and compref1 are medians of all events less
 * those of the unstained tube, printed to 15 digits. */
static void flowcore(void **state)
{
    static const char *const channels[] = { "unstained", "FL1-H", "FL2-H", "FL3-H", "FL4-H" };
    static const char *const names[] = { "060909.001", "060909.002", "060909.003", "060909.005",
                                         "060909.004" };
    (void)state;
    if (test_data("flow/compensation/flowcore_compdata/compref") == NULL) skip();
    stroma_arena arena;
    stroma_compensation truth, c;
    stroma_fcs *f[5];
    stroma_control controls[4];
    stroma_control_options opts = STROMA_CONTROL_OPTIONS_INIT;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_arena_init(&arena, 1 << 20);
    if (stroma_compensation_read(test_data("flow/compensation/flowcore_compdata/compref"), &arena,
                                 NULL, &truth, &err) != STROMA_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < 5; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "flow/compensation/flowcore_compdata/%s", names[i]);
        assert_int_equal(stroma_fcs_open(test_data(path), NULL, NULL, &f[i], NULL), STROMA_OK);
        if (i > 0)
            controls[i - 1] =
                (stroma_control){ stroma_fcs_preferred(f[i]), names[i], channels[i], NULL };
    }
    opts.all_events = opts.no_scatter_gate = true;
    assert_int_equal(stroma_compensation_from_controls(controls, 4, stroma_fcs_preferred(f[0]),
                                                       &opts, &arena, NULL, &c, NULL, NULL),
                     STROMA_OK);
    for (size_t i = 0; i < 16; i++)
        assert_true(fabs(c.spectrum[i] - truth.spectrum[i]) <= 1e-14);
    /* gated, and of positive events only: the same within what the dim PerCP tube allows */
    assert_int_equal(stroma_compensation_from_controls(controls, 4, stroma_fcs_preferred(f[0]),
                                                       NULL, &arena, NULL, &c, NULL, NULL),
                     STROMA_OK);
    for (size_t i = 0; i < 16; i++)
        assert_true(fabs(c.spectrum[i] - truth.spectrum[i]) <= 0.0025);
    for (size_t i = 0; i < 5; i++)
        stroma_fcs_close(f[i]);
    stroma_arena_clear(&arena);
}

static stroma_status attempt(void *context)
{
    const stroma_control *controls = context;
    stroma_arena arena;
    stroma_compensation c;
    stroma_control_options opts = STROMA_CONTROL_OPTIONS_INIT;
    opts.method = STROMA_CONTROL_REGRESSION;
    stroma_arena_init(&arena, 1 << 20);
    const stroma_status s = stroma_compensation_from_controls(controls, 2, tube[0].d, &opts, &arena,
                                                              NULL, &c, NULL, NULL);
    stroma_arena_clear(&arena);
    return s;
}

static void no_memory(void **state)
{
    (void)state;
    open_tubes();
    stroma_control controls[] = { { tube[1].d, "a.fcs", "A", NULL },
                                  { tube[2].d, "b.fcs", "B", NULL } };
    assert_true(alloc_fail_each(attempt, controls) > 50);
    close_tubes();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted),
        cmocka_unit_test(refused),
        cmocka_unit_test(flowcore),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("controls", tests, NULL, NULL);
}
