/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distributions are compared with libRmath's at fixed seeds: Kolmogorov-Smirnov for continuous ones
 * (limit 1.95, p = 0.001), chi-square on cells for counts (p > 0.001), moments within 4 standard
 * errors. */
#include "stroma_test.h"

#include "stroma/random.h"
#include "stroma/sort.h"

#define MATHLIB_STANDALONE
#include <Rmath.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { DRAWS = 40000 };

static void known_answers(void **state)
{
    (void)state;
    FILE *f = fopen(test_source("tests/reference/philox4x32_10.tsv"), "r");
    assert_non_null(f);
    char line[256];
    int n = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        unsigned w[10];
        if (line[0] == '#' || line[0] == 'c') continue;
        char *p = line;
        for (int i = 0; i < 10; i++)
            w[i] = (unsigned)strtoul(p, &p, 16);
        const uint32_t counter[] = { w[0], w[1], w[2], w[3] }, key[] = { w[4], w[5] };
        uint32_t out[4];
        stroma_philox4x32(counter, key, out);
        for (int i = 0; i < 4; i++)
            assert_int_equal(out[i], w[6 + i]);
        n++;
    }
    assert_int_equal(fclose(f), 0);
    assert_int_equal(n, 3);
}

static void generator_walks_the_counter(void **state)
{
    (void)state;
    stroma_random r;
    stroma_random_init(&r, UINT64_C(0x299f31d0a4093822), 0x85a308d3U, UINT64_C(0x0370734413198a2e));
    r.counter[0] = 0x243f6a88U; /* the third known answer */
    assert_int_equal(stroma_random_u32(&r), 0xd16cfe09U);
    assert_int_equal(stroma_random_u32(&r), 0x94fdccebU);
    assert_true(stroma_random_u64(&r) == UINT64_C(0x24126ea15001e420));
    assert_int_equal(r.counter[0], 0x243f6a89U);
    assert_int_equal(stroma_random_stream(""), 2166136261U);
    assert_int_equal(stroma_random_stream("a"), 0xe40c292cU); /* FNV's own test vector */
}

/* Wichura's own test values, AS 241: the published digits. */
static void quantile(void **state)
{
    (void)state;
    assert_true(fabs(stroma_normal_quantile_as241(0.25) + 0.6744897501960817) < 1e-15);
    assert_true(fabs(stroma_normal_quantile_as241(0.001) + 3.090232306167814) < 1e-14);
    assert_true(fabs(stroma_normal_quantile_as241(1e-20) + 9.262340089798408) < 1e-14);
    assert_true(stroma_normal_quantile_as241(0.5) == 0);
    assert_true(isnan(stroma_normal_quantile_as241(0)));
    assert_true(isnan(stroma_normal_quantile_as241(1)));
}

typedef struct law {
    const char *name;
    double (*draw)(stroma_random *r, double a, double b);
    double (*cdf)(double x, double a, double b);
    double a, b, mean, variance;
} law;

static double draw_uniform(stroma_random *r, double a, double b)
{
    return a + b * stroma_random_uniform(r);
}
static double draw_normal(stroma_random *r, double a, double b)
{
    return a + b * stroma_random_normal(r);
}
static double draw_exponential(stroma_random *r, double a, double b)
{
    (void)b;
    return a * stroma_random_exponential(r);
}
static double cdf_uniform(double x, double a, double b)
{
    return punif(x, a, b, 1, 0);
}
static double cdf_normal(double x, double a, double b)
{
    return pnorm(x, a, b, 1, 0);
}
static double cdf_exponential(double x, double a, double b)
{
    (void)b;
    return pexp(x, a, 1, 0);
}
static double cdf_gamma(double x, double a, double b)
{
    return pgamma(x, a, b, 1, 0);
}
static double cdf_beta(double x, double a, double b)
{
    return pbeta(x, a, b, 1, 0);
}

static const law laws[] = {
    { "uniform", draw_uniform, cdf_uniform, 0, 1, 0.5, 1.0 / 12 },
    { "normal", draw_normal, cdf_normal, 0, 1, 0, 1 },
    { "exponential", draw_exponential, cdf_exponential, 1, 0, 1, 1 },
    { "gamma 0.05", stroma_random_gamma, cdf_gamma, 0.05, 1, 0.05, 0.05 },
    { "gamma 0.5", stroma_random_gamma, cdf_gamma, 0.5, 3, 1.5, 4.5 },
    { "gamma 1", stroma_random_gamma, cdf_gamma, 1, 1, 1, 1 },
    { "gamma 37", stroma_random_gamma, cdf_gamma, 37, 0.25, 9.25, 2.3125 },
    { "beta 0.1 0.2", stroma_random_beta, cdf_beta, 0.1, 0.2, 1.0 / 3, 2.0 / 9 / 1.3 },
    { "beta 2 3", stroma_random_beta, cdf_beta, 2, 3, 0.4, 0.04 },
    { "beta 0.5 40", stroma_random_beta, cdf_beta, 0.5, 40, 0.5 / 40.5, 20 / 40.5 / 40.5 / 41.5 },
};

static double draws[DRAWS];

static void continuous_laws(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof laws / sizeof laws[0]; k++) {
        const law *l = &laws[k];
        double sum = 0, squares = 0;
        for (size_t i = 0; i < DRAWS; i++) {
            stroma_random r;
            stroma_random_init(&r, 2024, (uint32_t)k, i);
            draws[i] = l->draw(&r, l->a, l->b);
            sum += draws[i];
            squares += (draws[i] - l->mean) * (draws[i] - l->mean);
        }
        const double mean_error = fabs(sum / DRAWS - l->mean) / sqrt(l->variance / DRAWS);
        stroma_sort_doubles(draws, DRAWS);
        double d = 0;
        for (size_t i = 0; i < DRAWS; i++) {
            const double p = l->cdf(draws[i], l->a, l->b);
            d = fmax(d, fmax((double)(i + 1) / DRAWS - p, p - (double)i / DRAWS));
        }
        const double ks = d * sqrt(DRAWS), ratio = squares / DRAWS / l->variance;
        if (mean_error >= 4 || ks >= 1.95 || fabs(ratio - 1) >= 0.15)
            print_message("%s: mean off %.2f se, ks %.3f, variance ratio %.3f\n", l->name,
                          mean_error, ks, ratio);
        assert_true(mean_error < 4);
        assert_true(ks < 1.95);
        assert_true(fabs(ratio - 1) < 0.15);
    }
}

/* p-value of the counts against the law, cells pooled until 10 are expected in each. */
static double fit_of_counts(const int64_t *counts, int64_t lowest, size_t n_cells,
                            double (*density)(double, double, double, int), double a, double b)
{
    double chi = 0, seen = 0, expected = 0, expected_sum = 0, seen_sum = 0;
    int df = -1;
    for (size_t i = 0; i < n_cells; i++) {
        seen += (double)counts[i];
        expected += DRAWS * density((double)(lowest + (int64_t)i), a, b, 0);
        if (expected < 10 || DRAWS - expected_sum - expected < 10) continue;
        chi += (seen - expected) * (seen - expected) / expected;
        seen_sum += seen;
        expected_sum += expected;
        seen = expected = 0;
        df++;
    }
    const double rest = DRAWS - expected_sum;
    chi += (DRAWS - seen_sum - rest) * (DRAWS - seen_sum - rest) / rest;
    return pchisq(chi, df + 1, 0, 0);
}

static double density_poisson(double k, double mean, double unused, int log_p)
{
    (void)unused;
    return dpois(k, mean, log_p);
}

static void counts(void **state)
{
    (void)state;
    static const struct {
        int64_t n; /* 0: Poisson with mean p */
        double p;
    } cases[] = { { 1, 0.3 },  { 10, 0.5 },    { 100, 0.05 }, { 100, 0.95 },
                  { 30, 0.4 }, { 500, 0.037 }, { 1000, 0.6 }, { 0, 0.2 },
                  { 0, 7.5 },  { 0, 10 },      { 0, 33.3 },   { 0, 400 } };
    static int64_t cells[2000];
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        memset(cells, 0, sizeof cells);
        for (size_t i = 0; i < DRAWS; i++) {
            stroma_random r;
            stroma_random_init(&r, 7, (uint32_t)k, i);
            const int64_t x = cases[k].n > 0 ? stroma_random_binomial(&r, cases[k].n, cases[k].p)
                                             : stroma_random_poisson(&r, cases[k].p);
            assert_in_range(x, 0, cases[k].n > 0 ? cases[k].n : 1999);
            cells[x]++;
        }
        const double p = cases[k].n > 0
                             ? fit_of_counts(cells, 0, (size_t)cases[k].n + 1, dbinom,
                                             (double)cases[k].n, cases[k].p)
                             : fit_of_counts(cells, 0, 2000, density_poisson, cases[k].p, 0);
        if (p <= 0.001) print_message("case %zu: p %g\n", k, p);
        assert_true(p > 0.001);
    }
}

static void edges(void **state)
{
    (void)state;
    stroma_random r;
    stroma_random_init(&r, 1, 1, 1);
    assert_int_equal(stroma_random_binomial(&r, 0, 0.5), 0);
    assert_int_equal(stroma_random_binomial(&r, 9, 0), 0);
    assert_int_equal(stroma_random_binomial(&r, 9, 1), 9);
    assert_int_equal(stroma_random_binomial(&r, -1, 0.5), -1);
    assert_int_equal(stroma_random_binomial(&r, 9, NAN), -1);
    assert_int_equal(stroma_random_poisson(&r, 0), 0);
    assert_int_equal(stroma_random_poisson(&r, -1), -1);
    assert_true(isnan(stroma_random_gamma(&r, 0, 1)));
    assert_true(isnan(stroma_random_beta(&r, 1, NAN)));
    const int64_t big = stroma_random_binomial(&r, INT64_C(1000000000000), 0.25);
    assert_true(fabs((double)big - 2.5e11) < 6 * sqrt(1e12 * 0.1875));
    r.block[2] = r.block[3] = UINT32_MAX; /* the largest uniform there is */
    r.used = 2;
    const double u = stroma_random_uniform(&r);
    assert_true(u < 1 && u > 0.9999999999999997);
    r.block[2] = r.block[3] = 0;
    r.used = 2;
    assert_true(stroma_random_uniform(&r) > 0);
}

static void permutations_are_even(void **state)
{
    (void)state;
    int seen[24] = { 0 };
    for (uint64_t i = 0; i < 24000; i++) {
        stroma_random r;
        stroma_random_init(&r, 5, 0, i);
        size_t p[4];
        stroma_random_permutation(&r, p, 4);
        assert_int_equal((1U << p[0]) | (1U << p[1]) | (1U << p[2]) | (1U << p[3]), 15);
        size_t rank = p[0] * 6;
        rank += 2 * ((p[1] > p[2]) + (p[1] > p[3])) + (p[2] > p[3] ? 1U : 0U);
        seen[rank]++;
    }
    double chi = 0;
    for (int i = 0; i < 24; i++)
        chi += (seen[i] - 1000) * (seen[i] - 1000) / 1000.0;
    assert_true(pchisq(chi, 23, 0, 0) > 0.001);
    stroma_random r;
    stroma_random_init(&r, 5, 1, 0);
    for (int i = 0; i < 1000; i++)
        assert_in_range(stroma_random_below(&r, 3), 0, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(generator_walks_the_counter),
        cmocka_unit_test(quantile),
        cmocka_unit_test(continuous_laws),
        cmocka_unit_test(counts),
        cmocka_unit_test(edges),
        cmocka_unit_test(permutations_are_even),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
