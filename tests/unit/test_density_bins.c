/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities: bins, what lies beyond them, their text, and the axes. */
#include "stroma_test.h"

#include "stroma/cytometry_density.h"
#include "stroma/fcs_write.h"

#include <math.h>
#include <string.h>

static char path[] = "/tmp/stroma-density-XXXXXX";

/* 3,000 events, more than two blocks: x = i, y = i modulo 4; NaN at 10, infinity at 11. */
static stroma_status fill(void *context, uint64_t first, size_t n, double *const *out,
                          stroma_error *err)
{
    (void)context;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        const uint64_t e = first + i;
        out[0][i] = e == 10 ? (double)NAN : e == 11 ? (double)INFINITY : (double)e;
        out[1][i] = (double)(e % 4);
    }
    return STROMA_OK;
}

static int make_file(void **state)
{
    (void)state;
    const int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0) return -1;
    const stroma_fcs_out_parameter parameters[] = { { .name = "X", .range = 4096 },
                                                    { .name = "Y", .range = 4 } };
    const stroma_fcs_content content = { .n_events = 3000,
                                         .type = STROMA_FCS_FLOAT,
                                         .parameters = parameters,
                                         .parameters_len = 2,
                                         .fill = fill };
    stroma_fcs_write_options o = STROMA_FCS_WRITE_OPTIONS_INIT;
    o.overwrite = true;
    return stroma_fcs_write(path, &content, 1, &o, NULL, NULL) != STROMA_OK;
}

static int remove_file(void **state)
{
    (void)state;
    return remove(path);
}

static void test_counts(void **state)
{
    (void)state;
    stroma_fcs *f = NULL;
    assert_int_equal(stroma_fcs_open(path, NULL, NULL, &f, NULL), STROMA_OK);
    const stroma_fcs_dataset *d = stroma_fcs_get(f, 0);
    const stroma_density_axis x = { .column = { .index = 0 }, .low = 100, .high = 2100, .bins = 4 };
    const stroma_density_axis y = { .column = { .index = 1 }, .low = 0, .high = 4, .bins = 2 };
    uint64_t even[47]; /* 3,000 bits */
    memset(even, 0x55, sizeof even);
    const stroma_density_job jobs[] = { { .x = &x }, { .x = &x, .y = &y, .bits = even } };
    stroma_density made[2];
    assert_int_equal(stroma_density_count(d, 0, 3000, jobs, 2, made, NULL), STROMA_OK);
    assert_int_equal(made[0].n_events, 2998);
    assert_int_equal(made[0].n_not_numbers, 2);
    assert_int_equal(made[0].x_below, 98); /* 0 … 99 without 10 and 11 */
    assert_int_equal(made[0].x_above, 900);
    static const uint64_t expected[4] = { 598, 500, 500, 1400 };
    assert_memory_equal(made[0].counts, expected, sizeof expected);
    assert_int_equal(made[0].highest, 1400);
    /* even events: y is 0 or 2, one row each; 10 is left out */
    assert_int_equal(made[1].n_events, 1499);
    assert_int_equal(made[1].n_not_numbers, 1);
    static const uint64_t both[8] = { 150, 125, 125, 350, 149, 125, 125, 350 };
    assert_memory_equal(made[1].counts, both, sizeof both);
    stroma_density_clear(&made[0]);
    stroma_density_clear(&made[1]);
    /* a part of the events */
    assert_int_equal(stroma_density_count(d, 100, 500, jobs, 1, made, NULL), STROMA_OK);
    assert_int_equal(made[0].counts[0], 500);
    stroma_density_clear(&made[0]);
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_density_count(d, 1, 3000, jobs, 1, made, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "events 1 to 3001 are asked for, of 3000");
    const stroma_density_axis flat = { .column = { .index = 0 }, .low = 1, .high = 1, .bins = 4 };
    const stroma_density_job bad = { .x = &flat };
    assert_int_equal(stroma_density_count(d, 0, 3000, &bad, 1, made, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "an axis cannot run from 1 to 1");
    stroma_fcs_close(f);
}

static void test_text(void **state)
{
    (void)state;
    uint64_t counts[7] = { 0, 0, 12, 3, 0, 1, 0 }, back[7];
    const stroma_density d = { .n_x = 7, .n_y = 1, .counts = counts };
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 10);
    stroma_density_pack(&d, &b);
    assert_string_equal(b.data, "-2 12 3 -1 1 -1");
    memset(back, 0xff, sizeof back);
    assert_int_equal(stroma_density_unpack(b.data, 7, back, NULL), STROMA_OK);
    assert_memory_equal(back, counts, sizeof back);
    static const char *const wrong[] = {
        "1 2", "1 2 3 4 5 6 7 8", "-8", "1 x -5", "0 -6", "-7 ", " -7", "", "-9223372036854775808"
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(stroma_density_unpack(wrong[i], 7, back, NULL), STROMA_E_MALFORMED);
    stroma_buffer_clear(&b);
}

static const stroma_density_tick *tick_at(const stroma_density_tick *t, size_t n, double linear)
{
    for (size_t i = 0; i < n; i++)
        if (t[i].linear == linear) return &t[i];
    fail_msg("no tick at %g", linear);
    return t;
}

static void test_logicle_axis(void **state)
{
    (void)state;
    stroma_transform t;
    assert_int_equal(
        stroma_transform_make(STROMA_TRANSFORM_LOGICLE, 262144, 0.5, 4.5, 0, NULL, &t, NULL),
        STROMA_OK);
    double low = NAN, high = NAN;
    stroma_density_range(&t, 0, &low, &high);
    assert_true(low == 0 && high == 1); /* W makes room for negative values */
    stroma_density_tick ticks[STROMA_DENSITY_TICKS_MAX];
    const size_t n = stroma_density_ticks(&t, low, high, ticks);
    assert_true(n > 20 && n <= STROMA_DENSITY_TICKS_MAX);
    for (size_t i = 0; i < n; i++) {
        assert_true(ticks[i].at >= low && ticks[i].at <= high);
        assert_true(i == 0 || ticks[i].at > ticks[i - 1].at);
        assert_float_equal(ticks[i].at, stroma_transform_value(&t, ticks[i].linear), 1e-15);
    }
    assert_string_equal(tick_at(ticks, n, 0)->label, "0");
    assert_string_equal(tick_at(ticks, n, 1e3)->label, "10\xC2\xB3");
    assert_string_equal(tick_at(ticks, n, 1e4)->label, "10\xE2\x81\xB4");
    assert_string_equal(tick_at(ticks, n, 1e5)->label, "10\xE2\x81\xB5");
    assert_string_equal(tick_at(ticks, n, 2e4)->label, "");
}

static void test_other_axes(void **state)
{
    (void)state;
    stroma_transform t;
    double low = NAN, high = NAN;
    stroma_density_tick ticks[STROMA_DENSITY_TICKS_MAX];
    assert_int_equal(stroma_transform_make(STROMA_TRANSFORM_ASINH, 262144, 0, 4, 0, NULL, &t, NULL),
                     STROMA_OK);
    stroma_density_range(&t, 0, &low, &high);
    assert_true(low < 0); /* 0 lies at the end of the scale: a decade below it is added */
    assert_float_equal(stroma_transform_inverse(&t, low), -262.144, 1e-9);
    assert_int_equal(
        stroma_transform_make(STROMA_TRANSFORM_LINEAR, 262144, 0, 0, 0, NULL, &t, NULL), STROMA_OK);
    stroma_density_range(&t, 0, &low, &high);
    size_t n = stroma_density_ticks(&t, low, high, ticks);
    assert_int_equal(n, 6);
    assert_string_equal(ticks[0].label, "0");
    assert_string_equal(ticks[1].label, "50K");
    assert_float_equal(ticks[5].at, (double)250000 / 262144, 1e-12);
    stroma_density_range(NULL, 1024, &low, &high);
    n = stroma_density_ticks(NULL, low, high, ticks);
    assert_int_equal(n, 6); /* 0, 200, …, 1000 */
    assert_string_equal(ticks[1].label, "200");
    assert_int_equal(stroma_transform_make(STROMA_TRANSFORM_LOG, 10000, 0, 4, 0, NULL, &t, NULL),
                     STROMA_OK);
    stroma_density_range(&t, 0, &low, &high);
    n = stroma_density_ticks(&t, low, high, ticks);
    assert_true(ticks[0].linear > 0); /* a logarithm has no negative side, and no 0 */
    assert_string_equal(tick_at(ticks, n, 100)->label, "10\xC2\xB2");
    assert_int_equal(stroma_density_ticks(&t, 1, 0, ticks), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_counts), cmocka_unit_test(test_text),
                                        cmocka_unit_test(test_logicle_axis),
                                        cmocka_unit_test(test_other_axes) };
    return cmocka_run_group_tests_name("density_bins", tests, make_file, remove_file);
}
