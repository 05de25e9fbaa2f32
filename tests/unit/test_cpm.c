/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cumulative probability models. Numbers marked R: MASS::polr 7.3 (one limit), and for several
 * limits the likelihood of Tian et al. 2024 written out and given to nlm(); both stop near 1e-6. */
#include "test_expected.h"

#include "stroma/memory.h"
#include "stroma/models_cpm.h"
#include "stroma/random.h"
#include "stroma/stats_rank_test.h"

#include <time.h>

#define INF ((double)INFINITY)
enum { N = 36 };
static const double x[N] = { -0.8, 1.4,  -1.3, 0.1,  1.7,  -0.6, -0.5, -0.6, -0.3, 0.1, 1.2, -0.8,
                             -1.1, -0.2, -1.1, -0.1, -0.6, -2.2, 0.2,  -0.3, 0.9,  0.9, 1.5, 0.7,
                             0.8,  -0.3, 1.4,  1.5,  -0.7, -0.9, 0.3,  1.1,  2.2,  1.2, 1.5, 1 };
static const double value[N] = { 1.5,  2,    2.5,   2.55, 32.79, 2.36,  2.5,  13.69, 3.61,
                                 4.48, 3.63, 2.81,  1.5,  3.47,  11.25, 3,    6.8,   2,
                                 2.75, 1.67, 17.33, 3.9,  8.16,  10.35, 1.63, 6.92,  7.67,
                                 8.56, 1.56, 2.94,  2.5,  5.52,  6.57,  3.96, 7.29,  8.33 };
static const int below[N] = { 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1,
                              0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0 };

/* Columns: constant, group 1, group 2, x; the groups go round. */
static void design_of(stroma_design *d, double *room)
{
    *d = (stroma_design){ .rows = N, .columns = 4, .x = room, .intercept = true };
    for (size_t i = 0; i < N; i++) {
        room[i] = 1;
        room[N + i] = i % 3 == 1;
        room[2 * N + i] = i % 3 == 2;
        room[3 * N + i] = x[i];
    }
}

static void test_one_limit(void **state)
{
    (void)state;
    double room[4 * N], l[N], h[N];
    stroma_design d;
    stroma_cpm *m = NULL;
    design_of(&d, room);
    for (size_t i = 0; i < N; i++) {
        const bool cut = below[i] || value[i] < 2.5;
        h[i] = cut ? 2.5 : value[i];
        l[i] = cut ? -INF : value[i];
    }
    const stroma_censored_sample s = { l, h, N };
    assert_int_equal(stroma_cpm_fit(&d, &s, 0.95, &m, NULL), STROMA_OK);
    assert_string_equal(m->reason, "");
    assert_true(m->aliased[0] && m->rank == 3);
    /* R: polr */
    static const double b[] = { 1.25152028720003, 1.61606670595807, 1.17213149563402 },
                        se[] = { 0.765845351440290, 0.759541792344858, 0.373741866250607 };
    for (size_t k = 0; k < 3; k++) {
        assert_near(m->coefficients[k + 1], b[k], 1e-5);
        assert_near(m->terms[k + 1].se, se[k], 1e-4);
    }
    assert_near(m->log_likelihood, -94.8067460491239, 1e-10);
    assert_near(m->log_likelihood_null, -102.629833783638, 1e-9);
    stroma_cpm_free(m);
}

static void several_limits(double *l, double *h)
{
    for (size_t i = 0; i < N; i++) {
        h[i] = value[i];
        l[i] = below[i] ? -INF : value[i];
    }
}

static void test_several_limits(void **state)
{
    (void)state;
    double room[4 * N], l[N], h[N];
    stroma_design d;
    stroma_cpm *m = NULL;
    stroma_stat lr;
    static const size_t groups[] = { 1, 2 };
    design_of(&d, room);
    several_limits(l, h);
    const stroma_censored_sample s = { l, h, N };
    assert_int_equal(stroma_cpm_fit(&d, &s, 0.95, &m, NULL), STROMA_OK);
    /* R: nlm; its log-likelihood is the lower one by what it left */
    assert_near(m->coefficients[1], 1.45141446918024, 1e-4);
    assert_near(m->coefficients[2], 1.92633499002171, 1e-4);
    assert_near(m->coefficients[3], 1.29821699492239, 1e-4);
    assert_near(m->log_likelihood, -103.05280490193, 1e-7);
    assert_true(m->log_likelihood > -103.05280490193 - 1e-9);
    assert_near(m->log_likelihood_null, -112.3048902748, 1e-7);
    assert_near(m->terms[1].se, 0.761387682510063, 1e-3);
    assert_near(m->terms[3].se, 0.386127743749048, 1e-3);
    assert_int_equal(stroma_cpm_joint_test(&d, &s, groups, 2, &lr, NULL), STROMA_OK);
    assert_true(lr.statistic > 4 && lr.df == 2 && lr.p < 0.1);
    /* the curve: P(Y ≤ y | x) rises with y and falls with x */
    const double low[] = { 1, 0, 0, 0 }, high[] = { 1, 0, 0, 1 };
    assert_true(stroma_cpm_cdf(m, low, 4) > stroma_cpm_cdf(m, high, 4));
    assert_true(stroma_cpm_cdf(m, low, 4) < stroma_cpm_cdf(m, low, 8));
    assert_true(stroma_cpm_cdf(m, low, 40) == 1 && isnan(stroma_cpm_cdf(m, low, 1)));
    const double median = stroma_cpm_quantile(m, high, 0.5);
    assert_true(stroma_cpm_cdf(m, high, median) >= 0.5);
    assert_true(stroma_cpm_cdf(m, high, nextafter(median, 0)) < 0.5);
    stroma_cpm_free(m);
}

/* Only the order counts: logarithms, another unit, rows shuffled, and the mirror. */
static void test_invariance(void **state)
{
    (void)state;
    double room[4 * N], other[4 * N], l[N], h[N], a[N], b[N], c[N], e[N];
    stroma_design d, shuffled;
    stroma_cpm *m = NULL, *logs = NULL, *mirror = NULL;
    design_of(&d, room);
    several_limits(l, h);
    shuffled = d;
    shuffled.x = other;
    for (size_t i = 0; i < N; i++) {
        const size_t from = (i * 7) % N;
        a[i] = l[from] > 0 ? 3 * log(l[from]) : -INF;
        b[i] = 3 * log(h[from]);
        c[i] = -h[i];
        e[i] = -l[i];
        for (size_t j = 0; j < 4; j++)
            other[j * N + i] = room[j * N + from];
    }
    const stroma_censored_sample s = { l, h, N }, t = { a, b, N }, u = { c, e, N };
    assert_int_equal(stroma_cpm_fit(&d, &s, 0.95, &m, NULL), STROMA_OK);
    assert_int_equal(stroma_cpm_fit(&shuffled, &t, 0.95, &logs, NULL), STROMA_OK);
    assert_int_equal(stroma_cpm_fit(&d, &u, 0.95, &mirror, NULL), STROMA_OK);
    for (size_t j = 1; j < 4; j++) {
        assert_near(logs->coefficients[j], m->coefficients[j], 1e-9);
        assert_near(mirror->coefficients[j], -m->coefficients[j], 1e-9);
        assert_near(mirror->terms[j].se, m->terms[j].se, 1e-9);
    }
    assert_near(logs->log_likelihood, m->log_likelihood, 1e-12);
    assert_near(mirror->log_likelihood, m->log_likelihood, 1e-12);
    stroma_cpm_free(m);
    stroma_cpm_free(logs);
    stroma_cpm_free(mirror);
}

static void test_what_cannot_be_done(void **state)
{
    (void)state;
    double room[2 * N], l[N], h[N];
    stroma_design d = { .rows = N, .columns = 2, .x = room, .intercept = true };
    stroma_cpm *m = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    /* all of one group are below the limit, and nobody else */
    for (size_t i = 0; i < N; i++) {
        room[i] = 1;
        room[N + i] = i < 12;
        h[i] = i < 12 ? 0.5 : value[i];
        l[i] = i < 12 ? -INF : value[i];
    }
    const stroma_censored_sample s = { l, h, N };
    assert_int_equal(stroma_cpm_fit(&d, &s, 0.95, &m, NULL), STROMA_OK);
    assert_non_null(strstr(m->reason, "order the values perfectly"));
    assert_true(m->infinite[1] && m->terms[1].not_estimable);
    assert_true(isnan(stroma_cpm_cdf(m, room, 1)) && isnan(stroma_cpm_quantile(m, room, 0.5)));
    stroma_cpm_free(m);
    for (size_t i = 0; i < N; i++) {
        l[i] = -INF;
        h[i] = 1;
    }
    assert_int_equal(stroma_cpm_fit(&d, &s, 0.95, &m, NULL), STROMA_OK);
    assert_string_equal(m->reason, "all values are equal or beyond one limit");
    stroma_cpm_free(m);
    l[0] = 0.5;
    assert_int_equal(stroma_cpm_fit(&d, &s, 0.95, &m, &err), STROMA_E_DEGENERATE);
    assert_null(m);
    assert_non_null(strstr(err.message, "1 values lie between limits"));
    const stroma_censored_sample fewer = { l, h, N - 1 };
    assert_int_equal(stroma_cpm_fit(&d, &fewer, 0.95, &m, NULL), STROMA_E_USAGE);
}

/* Log odds ratio 1 between two groups of 40, limits that differ: bias and coverage, within four
 * Monte-Carlo errors; and the time of 2,000 values. */
static void test_recovers(void **state)
{
    enum { RUNS = 300, SIZE = 80, MANY = 2000 };
    (void)state;
    double *l = calloc(4 * MANY, sizeof *l), *h = l + MANY, *room = h + MANY, sum = 0;
    assert_non_null(l);
    size_t covered = 0;
    struct timespec a, b;
    double seconds = 0;
    for (uint64_t r = 0; r <= RUNS; r++) {
        const size_t n = r == RUNS ? MANY : SIZE;
        stroma_random g;
        stroma_random_init(&g, 12, stroma_random_stream("cpm"), r);
        for (size_t i = 0; i < n; i++) {
            const double u = stroma_random_uniform(&g), k = (double)(i % 2);
            const double y = exp(2 * (log(u / (1 - u)) + k)), limit = i % 4 < 2 ? 0.3 : 1;
            h[i] = y < limit ? limit : y;
            l[i] = y < limit ? -INF : y;
            room[i] = 1;
            room[n + i] = k;
        }
        const stroma_design d = { .rows = n, .columns = 2, .x = room, .intercept = true };
        const stroma_censored_sample s = { l, h, n };
        stroma_cpm *m = NULL;
        (void)clock_gettime(CLOCK_MONOTONIC, &a);
        assert_int_equal(stroma_cpm_fit(&d, &s, 0.95, &m, NULL), STROMA_OK);
        (void)clock_gettime(CLOCK_MONOTONIC, &b);
        seconds = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) * 1e-9;
        const stroma_stat t = m->terms[1];
        stroma_cpm_free(m);
        if (r == RUNS) break;
        sum += t.estimate / RUNS;
        covered += t.lower <= 1 && 1 <= t.upper;
    }
    print_message("# log odds ratio 1: mean %.3f, coverage %.3f; 2,000 values in %.4f s\n", sum,
                  (double)covered / RUNS, seconds);
    assert_true(fabs(sum - 1) < 4 * 0.42 / sqrt(RUNS) + 0.03);
    assert_true(fabs((double)covered / RUNS - 0.95) < 4 * sqrt(0.95 * 0.05 / RUNS));
    free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_limit),  cmocka_unit_test(test_several_limits),
        cmocka_unit_test(test_invariance), cmocka_unit_test(test_what_cannot_be_done),
        cmocka_unit_test(test_recovers),
    };
    return cmocka_run_group_tests_name("cpm", tests, NULL, NULL);
}
