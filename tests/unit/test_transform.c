/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Display scales: every point of the two tables of truth, every CPU level against its twin, back to
 * linear, edges, FlowJo's table, and widths. */
#include "alloc_fail.h"
#include "src/cytometry/transform_kernels.h"
#include "stroma_test.h"

#include "stroma/cytometry_transform.h"
#include "stroma/random.h"

#include <math.h>
#include <string.h>

static stroma_transform made(stroma_transform_kind kind, double t, double w, double m, double a)
{
    stroma_transform out;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_transform_make(kind, t, w, m, a, NULL, &out, &err) != STROMA_OK)
        fail_msg("%s(%g, %g, %g, %g): %s", stroma_transform_kind_name(kind), t, w, m, a,
                 err.message);
    return out;
}

typedef struct worst {
    long double error;
    size_t points;
    char where[160];
} worst;

/* |y − truth| ≤ tolerance · max(1, |truth|), at every CPU level that this processor has. */
static void compare(const stroma_transform *t, double x, long double truth, double tolerance,
                    worst *w)
{
    static const char *const levels[] = { "plain", "base", "avx2", "avx512" };
    double first = 0;
    for (size_t i = 0; i < 4; i++) {
        const transform_kernels *k = transform_kernels_find(levels[i]);
        if (k == NULL) continue;
        double y;
        k->apply[t->kind](t, &x, 1, &y);
        if (i == 0) first = y;
        assert_memory_equal(&y, &first, sizeof y);
    }
    const long double size = fabsl(truth) > 1 ? fabsl(truth) : 1;
    const long double error = fabsl((long double)first - truth) / size;
    w->points++;
    if (!(error <= w->error)) {
        w->error = error;
        (void)snprintf(w->where, sizeof w->where, "%s(%g, %g, %g, %g) of %g",
                       stroma_transform_kind_name(t->kind), t->t, t->w, t->m, t->a, x);
    }
    if (!(error <= (long double)tolerance))
        fail_msg("%s(%.17g, %.17g, %.17g, %.17g) of %.17g is %.17g, not %.21Lg",
                 stroma_transform_kind_name(t->kind), t->t, t->w, t->m, t->a, x, first, truth);
}

/* tests/reference/logicle.tsv: decimal arithmetic of 60 digits (tools/make_scale_reference.py). */
static void reference_points(void **state)
{
    (void)state;
    FILE *f = fopen(test_source("tests/reference/logicle.tsv"), "r");
    assert_non_null(f);
    char line[256];
    worst w = { 0, 0, "" };
    while (fgets(line, sizeof line, f) != NULL) {
        if (line[0] == '#' || line[0] == 's') continue;
        const stroma_transform_kind kind =
            line[0] == 'l' ? STROMA_TRANSFORM_LOGICLE : STROMA_TRANSFORM_HYPERLOG;
        double v[5];
        char *p = strchr(line, '\t');
        for (size_t i = 0; i < 5; i++)
            v[i] = strtod(p, &p);
        const stroma_transform t = made(kind, v[0], v[1], v[2], v[3]);
        compare(&t, v[4], strtold(p, NULL), 2e-15, &w);
    }
    assert_int_equal(fclose(f), 0);
    print_message("# %zu points, largest error %.2Lg at %s\n", w.points, w.error, w.where);
    assert_int_equal(w.points, 2668);
}

/* The truth of the public data: 659 points of five scales, 25 digits. */
static void public_points(void **state)
{
    (void)state;
    const char *path = test_data("flow/expected_transforms/truth.tsv");
    if (path == NULL) skip();
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    char line[256];
    worst w[5] = { 0 };
    size_t points = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        static const struct {
            const char *name;
            stroma_transform_kind kind;
            const char *order; /* which parameters stand there */
        } kinds[] = { { "logicle\t", STROMA_TRANSFORM_LOGICLE, "twma" },
                      { "hyperlog\t", STROMA_TRANSFORM_HYPERLOG, "twma" },
                      { "fasinh\t", STROMA_TRANSFORM_ASINH, "tma" },
                      { "flog\t", STROMA_TRANSFORM_LOG, "tm" },
                      { "flin\t", STROMA_TRANSFORM_LINEAR, "ta" } };
        if (line[0] == '#' || strncmp(line, "transform\t", 10) == 0) continue;
        size_t k = 0;
        while (k < 5 && strncmp(line, kinds[k].name, strlen(kinds[k].name)) != 0)
            k++;
        assert_true(k < 5);
        double v[128] = { 0 };
        char *p = strchr(line, '\t');
        for (const char *o = kinds[k].order; *o != '\0'; o++)
            v[(size_t)*o] = strtod(p + 1, &p);
        const double x = strtod(p, &p);
        const stroma_transform t = made(kinds[k].kind, v['t'], v['w'], v['m'], v['a']);
        compare(&t, x, strtold(p, NULL), 2e-15, &w[k]);
        points++;
    }
    assert_int_equal(fclose(f), 0);
    for (size_t k = 0; k < 5; k++)
        print_message("# %zu points, largest error %.2Lg at %s\n", w[k].points, w[k].error,
                      w[k].where);
    assert_int_equal(points, 659);
}

static const double odd_values[] = { 0,
                                     -0.0,
                                     1e-320,
                                     -1e-320,
                                     1e-12,
                                     -1e-12,
                                     1,
                                     -1,
                                     262144,
                                     -262144,
                                     1e30,
                                     -1e30,
                                     1e300,
                                     -1e300,
                                     0x1.fffffffffffffp+1023,
                                     (double)INFINITY,
                                     -(double)INFINITY,
                                     (double)NAN };
enum { ODD = sizeof odd_values / sizeof odd_values[0], MANY = 2000 };

static void levels_are_one(void **state)
{
    (void)state;
    static double x[MANY], want[MANY], got[MANY];
    stroma_random r;
    stroma_random_init(&r, 7, 1, 0);
    for (size_t i = 0; i < MANY; i++)
        x[i] = i < ODD ? odd_values[i]
                       : stroma_random_normal(&r) * exp(14 * stroma_random_uniform(&r));
    stroma_transform all[] = { made(STROMA_TRANSFORM_LINEAR, 1000, 0, 0, 100),
                               made(STROMA_TRANSFORM_LOG, 10000, 0, 5, 0),
                               made(STROMA_TRANSFORM_ASINH, 262144, 0, 4.5, 1),
                               made(STROMA_TRANSFORM_LOGICLE, 262144, 0.5, 4.5, 0),
                               made(STROMA_TRANSFORM_LOGICLE, 262144, 0, 4.5, 0),
                               made(STROMA_TRANSFORM_LOGICLE, 262144, 12, 24, -12),
                               made(STROMA_TRANSFORM_HYPERLOG, 262144, 0.5, 4.5, 0.5) };
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++)
        for (int bounded = 0; bounded < 2; bounded++) {
            if (bounded) {
                all[k].bound_min = 0.1;
                all[k].bound_max = 0.7;
            }
            const stroma_transform *t = &all[k];
            transform_kernels_plain.apply[t->kind](t, x, MANY, want);
            for (size_t l = 0; l < 4; l++) {
                static const char *const levels[] = { "base", "avx2", "avx512", "plain" };
                const transform_kernels *level = transform_kernels_find(levels[l]);
                if (level == NULL) {
                    if (k == 0 && !bounded)
                        print_message("# this processor has no %s\n", levels[l]);
                    continue;
                }
                for (size_t n = 0; n < 40; n++) { /* ends that fill no register */
                    memset(got, 0, sizeof got);
                    level->apply[t->kind](t, x, n, got);
                    assert_memory_equal(got, want, n * sizeof *got);
                    assert_true(got[n] == 0);
                }
                memcpy(got, x, sizeof got);
                level->apply[t->kind](t, got, MANY, got); /* in place */
                assert_memory_equal(got, want, sizeof got);
            }
            stroma_transform_values(t, x, MANY, got);
            assert_memory_equal(got, want, sizeof got);
        }
    assert_null(transform_kernels_find("avx1024"));
}

/* Infinities stay, NaN stays, a larger x never has a smaller y, finite values give finite ones. */
static void edges(void **state)
{
    (void)state;
    const stroma_transform all[] = { made(STROMA_TRANSFORM_LINEAR, 1000, 0, 0, 100),
                                     made(STROMA_TRANSFORM_ASINH, 262144, 0, 4.5, 1),
                                     made(STROMA_TRANSFORM_LOGICLE, 1e7, 4, 8, -4),
                                     made(STROMA_TRANSFORM_LOGICLE, 1, 0, 2, 2),
                                     made(STROMA_TRANSFORM_HYPERLOG, 262144, 1e-9, 4.5, 0) };
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
        const stroma_transform *t = &all[k];
        assert_true(stroma_transform_is_monotone(t));
        assert_true(isnan(stroma_transform_value(t, (double)NAN)));
        assert_true(stroma_transform_value(t, (double)INFINITY) == (double)INFINITY);
        assert_true(stroma_transform_value(t, -(double)INFINITY) == -(double)INFINITY);
        assert_true(isnan(stroma_transform_inverse(t, (double)NAN)));
        double before = -(double)INFINITY;
        for (int i = -4000; i <= 4000; i++) {
            const double x = i == 0 ? 0 : copysign(exp(abs(i) / 100.0 - 12), i);
            const double y = stroma_transform_value(t, x);
            if (!(y >= before)) fail_msg("%zu: falls at %.17g", k, x);
            before = y;
        }
        for (size_t i = 0; i < ODD; i++)
            if (isfinite(odd_values[i]))
                assert_true(isfinite(stroma_transform_value(t, odd_values[i])));
    }
    const stroma_transform log = made(STROMA_TRANSFORM_LOG, 10000, 0, 5, 0);
    assert_true(stroma_transform_value(&log, 0) == -(double)INFINITY);
    assert_true(stroma_transform_value(&log, -3) == -(double)INFINITY);
    assert_true(fabs(stroma_transform_value(&log, 1e-320) - -63.8) < 1e-4);
    stroma_transform bounded = log;
    bounded.bound_min = 0;
    bounded.bound_max = 0.9;
    assert_true(stroma_transform_value(&bounded, -3) == 0);
    assert_true(stroma_transform_value(&bounded, 1e9) == 0.9);
    assert_true(isnan(stroma_transform_value(&bounded, (double)NAN)));
}

/* There and back: y is rounded to half an ulp of 1, and no more than that is lost. */
static void inverse(void **state)
{
    (void)state;
    const stroma_transform all[] = { made(STROMA_TRANSFORM_LINEAR, 1000, 0, 0, 100),
                                     made(STROMA_TRANSFORM_LOG, 262144, 0, 5, 0),
                                     made(STROMA_TRANSFORM_ASINH, 262144, 0, 4.5, 1),
                                     made(STROMA_TRANSFORM_LOGICLE, 262144, 0.5, 4.5, 0),
                                     made(STROMA_TRANSFORM_LOGICLE, 262144, 0, 4.5, 0),
                                     made(STROMA_TRANSFORM_LOGICLE, 262144, 2, 4.5, -2),
                                     made(STROMA_TRANSFORM_HYPERLOG, 262144, 0.5, 4.5, 0) };
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
        const stroma_transform *t = &all[k];
        for (int i = -2600; i <= 2600; i++) {
            const double x = i == 0 ? 0 : copysign(exp(abs(i) / 100.0 - 12), i);
            if (t->kind == STROMA_TRANSFORM_LOG && x <= 0) continue;
            const double y = stroma_transform_value(t, x);
            const double slope =
                (stroma_transform_inverse(t, y + 1e-7) - stroma_transform_inverse(t, y - 1e-7)) /
                2e-7;
            const double back = stroma_transform_inverse(t, y);
            if (!(fabs(back - x) <= 1e-15 * fmax(1, fabs(y)) * slope + 1e-14 * fabs(x)))
                fail_msg("%zu: %.17g comes back as %.17g", k, x, back);
        }
    }
    /* At a place where x1 is exact, the inverse is relatively right near 0 as well: W = 0, A = 0 is
     * T sinh(y M ln 10) / sinh(M ln 10). */
    const stroma_transform *t = &all[4];
    for (double y = 1e-12; y < 1; y *= 7) {
        const double want = 262144 * sinh(y * 4.5 * log(10)) / sinh(4.5 * log(10));
        assert_true(fabs(stroma_transform_inverse(t, y) - want) <= 2e-14 * want);
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        stroma_transform_kind kind;
        double t, w, m, a;
        const char *message;
    } cases[] = {
        { STROMA_TRANSFORM_LOGICLE, 0, 0.5, 4.5, 0, "logicle scale: T is 0, but must be above 0" },
        { STROMA_TRANSFORM_LOGICLE, (double)NAN, 0.5, 4.5, 0,
          "logicle scale: T is NaN, but must be above 0" },
        { STROMA_TRANSFORM_LOGICLE, 262144, 3, 4.5, 0,
          "logicle scale: W is 3, but must lie between 0 and M / 2" },
        { STROMA_TRANSFORM_LOGICLE, 262144, -0.1, 4.5, 0,
          "logicle scale: W is -0.1, but must lie between 0 and M / 2" },
        { STROMA_TRANSFORM_LOGICLE, 262144, 0.5, 4.5, -1,
          "logicle scale: A is -1, but must lie between -W and M - 2 W" },
        { STROMA_TRANSFORM_LOGICLE, 262144, 0.5, 400, 0,
          "logicle scale: M is 400, but with it the curve leaves the range of numbers" },
        { STROMA_TRANSFORM_HYPERLOG, 262144, 0, 4.5, 0,
          "hyperlog scale: W is 0, but must be above 0" },
        { STROMA_TRANSFORM_HYPERLOG, 262144, 1e-200, 4.5, 0,
          "hyperlog scale: W is 1e-200, but with it the curve leaves the range of numbers" },
        { STROMA_TRANSFORM_LOG, 262144, 0, 0, 0, "log scale: M is 0, but must be above 0" },
        { STROMA_TRANSFORM_ASINH, 262144, 0, 4, 5,
          "asinh scale: A is 5, but must lie between 0 and M" },
        { STROMA_TRANSFORM_LINEAR, 1000, 0, 0, 1001,
          "linear scale: A is 1001, but must lie between 0 and T" },
        { STROMA_TRANSFORM_BIEX, 262144, 10, 4.5, 0,
          "biex scale: its width must be below 0 as FlowJo writes it, and its negative decades a "
          "number" },
    };
    stroma_arena arena;
    stroma_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stroma_transform t;
        stroma_error err = STROMA_ERROR_INIT;
        const stroma_status s = stroma_transform_make(cases[i].kind, cases[i].t, cases[i].w,
                                                      cases[i].m, cases[i].a, &arena, &t, &err);
        assert_int_equal(s, STROMA_E_USAGE);
        assert_string_equal(err.message, cases[i].message);
    }
    stroma_arena_clear(&arena);
}

/* Some channels of a table that FlowJo 10 wrote (6 digits), and all of it where it lies. */
static void biex(void **state)
{
    (void)state;
    static const struct {
        double channel, linear;
    } facts[] = { { 0, -865.899 },    { 1, -863.451 },  { 1095, -0.269159 }, { 1096, 0 },
                  { 1097, 0.269159 }, { 4093, 259069 }, { 4094, 259859 },    { 4095, 260651 } };
    stroma_arena arena;
    stroma_arena_init(&arena, 1 << 20);
    stroma_transform t;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_transform_make(STROMA_TRANSFORM_BIEX, 262144.000029, -7.943282,
                                           4.418540, 1, &arena, &t, &err),
                     STROMA_OK);
    assert_false(stroma_transform_is_monotone(&t));
    assert_int_equal(t.table_len, 4096);
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const double x = stroma_transform_inverse(&t, facts[i].channel);
        assert_true(fabs(x - facts[i].linear) <= 6e-6 * fabs(x));
        assert_true(fabs(stroma_transform_value(&t, x) - facts[i].channel) < 1e-9);
    }
    const double half = (stroma_transform_inverse(&t, 10) + stroma_transform_inverse(&t, 11)) / 2;
    assert_true(fabs(stroma_transform_value(&t, half) - 10.5) < 1e-9);
    assert_true(stroma_transform_value(&t, -1e9) == 0 && stroma_transform_value(&t, 1e9) == 4095);
    assert_true(stroma_transform_inverse(&t, -5) == t.table[0]);
    assert_true(stroma_transform_inverse(&t, 5000) == t.table[4095]);
    assert_true(isnan(stroma_transform_value(&t, (double)NAN)));
    assert_true(isnan(stroma_transform_inverse(&t, (double)NAN)));
    const char *path =
        test_data("flow/flowjo/tr_biex_l256_w-7.943282_n1.000000_m4.418540_r262144.000029.csv");
    if (path != NULL) {
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        char line[64];
        size_t rows = 0;
        while (fgets(line, sizeof line, f) != NULL) {
            if (line[0] == 'i') continue;
            char *p;
            const size_t i = strtoul(line, &p, 10);
            const double want = strtod(p + 1, NULL);
            if (!(fabs(t.table[i] - want) <= 6e-6 * fabs(want)))
                fail_msg("channel %zu is %.9g, FlowJo says %.9g", i, t.table[i], want);
            rows++;
        }
        assert_int_equal(fclose(f), 0);
        assert_int_equal(rows, 4096);
    }
    stroma_arena_clear(&arena);
    if (path == NULL) skip();
}

static stroma_status make_biex(void *context)
{
    stroma_arena arena;
    stroma_arena_init(&arena, 1 << 20);
    const stroma_status s =
        stroma_transform_make(STROMA_TRANSFORM_BIEX, 262144, -10, 4.5, 0, &arena, context, NULL);
    stroma_arena_clear(&arena);
    return s;
}

static void no_memory(void **state)
{
    (void)state;
    stroma_transform t;
    assert_int_equal(alloc_fail_each(make_biex, &t), 1);
}

/* W = (M − log10(T / |r|)) / 2 with r the 5th percentile (type 7) of the values below 0. */
static void width(void **state)
{
    (void)state;
    double x[200];
    for (int i = 0; i < 200; i++)
        x[i] = i - 101; /* −101 … −1, 0 … 98 */
    x[150] = -(double)INFINITY;
    x[151] = (double)NAN;
    /* of −101 … −1: place 0.05 · 100 = 5, so r = −96 */
    assert_true(fabs(stroma_transform_logicle_width(x, 200, 262144, 4.5) -
                     (4.5 - log10(262144 / 96.0)) / 2) < 1e-15);
    /* of −100 … −1: place 4.95, r = −95.05 */
    assert_true(fabs(stroma_transform_logicle_width(x + 1, 199, 262144, 4.5) -
                     (4.5 - log10(262144 / 95.05)) / 2) < 1e-15);
    assert_true(stroma_transform_logicle_width(x + 82, 118, 262144, 4.5) == 0.5); /* 19 are left */
    assert_true(stroma_transform_logicle_width(x, 200, 262144, 3) == 0);
    assert_true(stroma_transform_logicle_width(x, 200, 50, 4.5) == 2.25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_points),
        cmocka_unit_test(public_points),
        cmocka_unit_test(levels_are_one),
        cmocka_unit_test(edges),
        cmocka_unit_test(inverse),
        cmocka_unit_test(refused),
        cmocka_unit_test(biex),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(width),
    };
    return cmocka_run_group_tests_name("transform", tests, NULL, NULL);
}
