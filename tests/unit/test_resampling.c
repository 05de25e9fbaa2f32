/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc_fail.h"
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/memory.h"
#include "stroma/random.h"
#include "stroma/stats_resampling.h"

static stroma_permutation permute(const double *value, const size_t *group, const size_t *stratum,
                                  size_t n, const stroma_permutation_options *o)
{
    stroma_permutation p;
    assert_int_equal(stroma_permutation_test(value, group, stratum, n, o, &p, NULL), STROMA_OK);
    return p;
}

static stroma_permutation flip(const double *d, size_t n, const stroma_permutation_options *o)
{
    stroma_permutation p;
    assert_int_equal(stroma_permutation_paired(d, n, o, &p, NULL), STROMA_OK);
    return p;
}

static const double tied[] = { 0.5, 0.5, 2.1, 3.4, 8.8, 0.5, 0.5, 0.5, 1.9, 2, 0.5 };
static const size_t tied_group[] = { 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1 };

/* R 4.2.2, coin 1.4-2: oneway_test(distribution = "exact"), 462 splits. */
static void test_exact_as_coin(void **state)
{
    (void)state;
    stroma_permutation_options o = STROMA_PERMUTATION_OPTIONS_INIT;
    stroma_permutation p = permute(tied, tied_group, NULL, 11, &o);
    assert_true(p.exact);
    assert_near(p.stat.p, 0.1320346320346321, 1e-14);
    assert_near(p.stat.statistic, 1.381092966542619, 1e-13);
    assert_near(p.stat.estimate, 3.06 - 5.9 / 6, 1e-14);
    assert_near(p.arrangements, 462, 0);
    o.alternative = STROMA_LESS;
    assert_near(permute(tied, tied_group, NULL, 11, &o).stat.p, 0.9588744588744589, 1e-14);
    o.alternative = STROMA_GREATER;
    assert_near(permute(tied, tied_group, NULL, 11, &o).stat.p, 0.08658008658008659, 1e-14);
}

static void test_expected(void **state)
{
    (void)state;
    json_t *all = test_expected_load("clinical/expected/permutation.json");
    if (all == NULL) skip();
    size_t i = 0;
    json_t *one = NULL;
    json_array_foreach(all, i, one)
    {
        double *x = NULL, *y = NULL, v[64];
        size_t g[64];
        const json_t *data = json_object_get(one, "data"), *want = json_object_get(one, "expected");
        const size_t nx = test_expected_array(json_object_get(data, "x"), &x);
        const size_t ny = test_expected_array(json_object_get(data, "y"), &y);
        for (size_t k = 0; k < nx + ny; k++) {
            v[k] = k < nx ? x[k] : y[k - nx];
            g[k] = k >= nx;
        }
        const stroma_permutation p = permute(v, g, NULL, nx + ny, NULL);
        const char *id = json_string_value(json_object_get(one, "id"));
        const double tol = test_expected_number(one, "tol_rel");
        test_check(want, id, "p", p.stat.p, tol);
        test_check(want, id, "z", p.stat.statistic, tol);
        free(x);
        free(y);
    }
    json_decref(all);
}

static const double blocks[] = { 1.2, 3.4, 2.2, 5.1, 4.4, 0.3, 2.5, 2.5,
                                 3.1, 7.7, 6.1, 5.0, 2.2, 4.1, 9.0, 4.5 };
static const size_t block_group[] = { 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1 };
static const size_t block_of[] = { 7, 7, 7, 7, 7, 7, 3, 3, 3, 3, 3, 5, 5, 5, 5, 9 };

/* R 4.2.2: all 1,200 ways listed with combn() and expand.grid(); z by coin's oneway_test(v ~ g | b)
 * has the other sign convention only through the label. The last row's stratum has one group. */
static void test_strata(void **state)
{
    (void)state;
    stroma_permutation_options o = STROMA_PERMUTATION_OPTIONS_INIT;
    stroma_permutation p = permute(blocks, block_group, block_of, 16, &o);
    assert_true(p.exact);
    assert_near(p.stat.p, 0.06916666666666667, 1e-14);
    assert_near(p.stat.statistic, -1.825455861918817, 1e-13);
    assert_near(p.arrangements, 1200, 0);
    assert_int_equal(p.strata_used, 3);
    assert_int_equal(p.excluded, 1);
    o.alternative = STROMA_LESS;
    assert_near(permute(blocks, block_group, block_of, 16, &o).stat.p, 0.035, 1e-14);
    o.alternative = STROMA_GREATER;
    assert_near(permute(blocks, block_group, block_of, 16, &o).stat.p, 0.9666666666666667, 1e-14);
    /* Monte Carlo lies in its own interval around the exact one */
    o.alternative = STROMA_TWO_SIDED;
    o.method = STROMA_PERMUTATION_MONTE_CARLO;
    o.resamples = 20000;
    o.threads = 3;
    p = permute(blocks, block_group, block_of, 16, &o);
    assert_false(p.exact);
    assert_true(p.p_lower < 0.06916666666666667 && 0.06916666666666667 < p.p_upper);
    assert_near(p.stat.p, (double)(p.as_extreme + 1) / 20001, 1e-15);
    o.threads = 1;
    assert_int_equal(permute(blocks, block_group, block_of, 16, &o).as_extreme, p.as_extreme);
}

/* R: all 2^n signs listed with expand.grid(). */
static void test_sign_flips(void **state)
{
    (void)state;
    const double sleep[] = { 1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4 };
    const double other[] = { 1.1, -0.4, 2.3, 0.9, -1.5, 3.2, 0.7, 0.2, -0.1, 1.8, 0 };
    stroma_permutation_options o = STROMA_PERMUTATION_OPTIONS_INIT;
    stroma_permutation p = flip(sleep, 10, &o);
    assert_near(p.stat.p, 0.00390625, 1e-15);
    assert_near(p.stat.estimate, 1.58, 1e-14);
    p = flip(other, 11, &o);
    assert_near(p.stat.p, 0.09765625, 1e-15);
    assert_near(p.stat.statistic, 1.682958841847592, 1e-13);
    o.alternative = STROMA_GREATER;
    assert_near(flip(other, 11, &o).stat.p, 0.048828125, 1e-15);
}

/* The halves that meet give what listing every way gives, ties and all. */
static void test_meets_as_listed(void **state)
{
    (void)state;
    stroma_random r;
    for (uint64_t round = 0; round < 40; round++) {
        double v[12];
        size_t g[12], n = 4 + (size_t)round % 9, labelled = 0;
        stroma_random_init(&r, 3, 1, round);
        for (size_t i = 0; i < n; i++) {
            v[i] = (double)stroma_random_below(&r, 5) / 10;
            g[i] = stroma_random_below(&r, 2);
            labelled += g[i] == 0;
        }
        const stroma_permutation p = permute(v, g, NULL, n, NULL);
        if (p.stat.not_estimable) continue;
        double sum = 0, mean = 0, hits = 0, all = 0;
        for (size_t i = 0; i < n; i++)
            mean += v[i] / (double)n;
        for (size_t i = 0; i < n; i++)
            if (g[i] == 0) sum += v[i] - mean;
        for (size_t set = 0; set < (size_t)1 << n; set++) {
            double t = 0;
            if ((size_t)__builtin_popcountll(set) != labelled) continue;
            for (size_t i = 0; i < n; i++)
                if (set >> i & 1) t += v[i] - mean;
            all++;
            hits += fabs(t) >= fabs(sum) - 1e-9;
        }
        assert_near(p.stat.p, hits / all, 1e-14);
        /* in another order, with the labels exchanged */
        for (size_t i = 0; i < n / 2; i++) {
            const double x = v[i];
            const size_t k = g[i];
            v[i] = v[n - 1 - i];
            v[n - 1 - i] = x;
            g[i] = g[n - 1 - i];
            g[n - 1 - i] = k;
        }
        for (size_t i = 0; i < n; i++)
            g[i] = 1 - g[i];
        assert_near(permute(v, g, NULL, n, NULL).stat.p, p.stat.p, 1e-14);
    }
}

static void test_permutation_refusals(void **state)
{
    (void)state;
    const double x[] = { 1, 1, 1, NAN }, y[] = { 1, 2, 3, 4 };
    const size_t one[] = { 0, 0, 0, 0 }, two[] = { 0, 1, 0, 1 }, three[] = { 0, 1, 2, 1 };
    const size_t apart[] = { 0, 1, 0, 1 };
    stroma_error err = STROMA_ERROR_INIT;
    stroma_permutation p;
    assert_int_equal(stroma_permutation_test(x, two, NULL, 4, NULL, &p, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_permutation_test(y, three, NULL, 4, NULL, &p, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "row 3 is in group 2, not 0 or 1");
    assert_string_equal(permute(y, one, NULL, 4, NULL).stat.reason, "a group is empty");
    assert_string_equal(permute(y, two, apart, 4, NULL).stat.reason,
                        "no stratum has subjects of both groups");
    assert_string_equal(permute(x, two, NULL, 3, NULL).stat.reason,
                        "all values are equal within strata");
    assert_true(permute(x, two, NULL, 0, NULL).stat.not_estimable);
    assert_true(flip(x, 0, NULL).stat.not_estimable);
    stroma_permutation_options o = STROMA_PERMUTATION_OPTIONS_INIT;
    o.method = STROMA_PERMUTATION_EXACT;
    o.sums_max = 2;
    assert_string_equal(permute(tied, tied_group, NULL, 11, &o).stat.reason,
                        "the exact distribution needs more memory than allowed");
    o.resamples = 3;
    assert_int_equal(stroma_permutation_test(y, two, NULL, 4, &o, &p, &err), STROMA_E_USAGE);
    /* equal means: every way is as extreme */
    const double level[] = { 1, 3, 3, 1 };
    assert_near(permute(level, two, NULL, 4, NULL).stat.p, 1, 0);
}

/* 44 subjects: 2·10^12 ways, listed by halves. */
static void test_many_ways(void **state)
{
    (void)state;
    double v[44];
    size_t g[44];
    for (size_t i = 0; i < 44; i++) {
        v[i] = (double)(i * 7 % 44) + (i < 22 ? 6 : 0);
        g[i] = i >= 22;
    }
    const stroma_permutation p = permute(v, g, NULL, 44, NULL);
    assert_true(p.exact && p.arrangements > 2.1e12);
    stroma_permutation_options o = STROMA_PERMUTATION_OPTIONS_INIT;
    o.method = STROMA_PERMUTATION_MONTE_CARLO;
    o.resamples = 40000;
    const stroma_permutation m = permute(v, g, NULL, 44, &o);
    assert_true(m.p_lower < p.stat.p && p.stat.p < m.p_upper);
}

/* ---- bootstrap ---- */

typedef struct numbers {
    const double *x;
} numbers;

static stroma_status mean_and_se(const size_t *row, size_t n, int worker, void *context,
                                 double *out, stroma_error *err)
{
    const numbers *d = context;
    double mean = 0, squares = 0;
    (void)worker;
    (void)err;
    for (size_t i = 0; i < n; i++)
        mean += d->x[row[i]] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (d->x[row[i]] - mean) * (d->x[row[i]] - mean);
    out[0] = mean;
    out[1] = sqrt(squares / (double)(n - 1) / (double)n);
    return STROMA_OK;
}

static stroma_bootstrap_result *boot(const double *x, const stroma_resample_design *d,
                                     const stroma_bootstrap_options *o)
{
    numbers context = { x };
    stroma_bootstrap_result *r = NULL;
    assert_int_equal(stroma_bootstrap(mean_and_se, &context, d, o, &r, NULL), STROMA_OK);
    return r;
}

static const double ten[] = {
    1.213, 2.441, 1.307, 1.352, 0.028, 1.019, 1.836, 0.824, 4.617, 1.455
};

/* boot.ci() of boot 1.3-28.1 on the same replicates: tests/reference/boot_replicates.csv. */
static void test_intervals_as_boot(void **state)
{
    (void)state;
    static const struct {
        stroma_bootstrap_kind kind;
        double level, lower, upper;
    } want[] = {
        { STROMA_BOOTSTRAP_NORMAL, 0.9, 1.012791252558477, 2.190872064024437 },
        { STROMA_BOOTSTRAP_BASIC, 0.9, 0.94099999999999984, 2.1473 },
        { STROMA_BOOTSTRAP_STUDENTIZED, 0.9, 1.0421316758051433, 2.7050720016071419 },
        { STROMA_BOOTSTRAP_PERCENTILE, 0.9, 1.0710999999999999, 2.2774000000000001 },
        { STROMA_BOOTSTRAP_BCA, 0.9, 1.1287072739486226, 2.3866468914750718 },
        { STROMA_BOOTSTRAP_NORMAL, 0.95, 0.8999467235114442, 2.30371659307147 },
        { STROMA_BOOTSTRAP_BASIC, 0.95, 0.83109999999999973, 2.1954000000000002 },
        { STROMA_BOOTSTRAP_STUDENTIZED, 0.95, 0.99754728091085465, 3.0408747734457111 },
        { STROMA_BOOTSTRAP_PERCENTILE, 0.95, 1.0229999999999999, 2.3873000000000002 },
        { STROMA_BOOTSTRAP_BCA, 0.95, 1.0706852126651469, 2.646374766412531 },
    };
    const stroma_resample_design d = { .n = 10 };
    stroma_bootstrap_options o = STROMA_BOOTSTRAP_OPTIONS_INIT;
    o.resamples = 199;
    o.width = 2;
    stroma_bootstrap_result *r = boot(ten, &d, &o);
    test_csv t = test_csv_read(test_source("tests/reference/boot_replicates.csv"));
    assert_int_equal(t.rows, 199);
    for (size_t b = 0; b < 199; b++)
        for (size_t k = 0; k < 2; k++)
            r->replicates[k * 199 + b] = strtod(t.cells[b * 2 + k], NULL);
    test_csv_free(&t);
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        stroma_stat s;
        assert_int_equal(stroma_bootstrap_interval(r, 0, want[i].kind, 1, want[i].level, &s, NULL),
                         STROMA_OK);
        assert_near(s.lower, want[i].lower, 1e-10);
        assert_near(s.upper, want[i].upper, 1e-10);
    }
    stroma_bootstrap_free(r);
}

/* boot on the sleep data, 100,000 resamples: percentile 0.96 2.39, BCa 1.05 2.64. A quantile of
 * resamples in steps of 0.01 is known to about that. */
static void test_expected_bca(void **state)
{
    (void)state;
    json_t *all = test_expected_load("clinical/expected/resampling.json");
    if (all == NULL) skip();
    const double sleep[] = { 1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4 };
    const stroma_resample_design d = { .n = 10 };
    stroma_bootstrap_options o = STROMA_BOOTSTRAP_OPTIONS_INIT;
    o.resamples = 100000;
    o.width = 2;
    o.threads = 2;
    stroma_bootstrap_result *r = boot(sleep, &d, &o);
    const char *const keys[] = { "bca.perc.0", "bca.perc.1", "bca.bca.0", "bca.bca.1" };
    for (size_t i = 0; i < 4; i += 2) {
        stroma_stat s;
        assert_int_equal(stroma_bootstrap_interval(
                             r, 0, i == 0 ? STROMA_BOOTSTRAP_PERCENTILE : STROMA_BOOTSTRAP_BCA, 0,
                             0.95, &s, NULL),
                         STROMA_OK);
        print_message("# %s: %.4f %.4f\n", keys[i], s.lower, s.upper);
        assert_true(fabs(s.lower - test_expected_number(all, keys[i])) < 0.015);
        assert_true(fabs(s.upper - test_expected_number(all, keys[i + 1])) < 0.025);
    }
    stroma_bootstrap_free(r);
    json_decref(all);
}

/* The jackknife of a mean is its standard error; in strata, that of the difference of two means. */
static stroma_status difference(const size_t *row, size_t n, int worker, void *context, double *out,
                                stroma_error *err)
{
    const numbers *d = context;
    double sum[2] = { 0, 0 }, count[2] = { 0, 0 };
    (void)worker;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        sum[row[i] >= 5] += d->x[row[i]];
        count[row[i] >= 5]++;
    }
    out[0] = sum[0] / count[0] - sum[1] / count[1];
    return STROMA_OK;
}

static void test_strata_and_jackknife(void **state)
{
    (void)state;
    const double x[] = { 5.1, 6.2, 7.7, 4.9, 6.0, 3.3, 4.1, 2.8, 5.0, 3.9, 4.4 };
    const size_t arm[] = { 4, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2 };
    const stroma_resample_design d = { 11, arm, NULL };
    numbers context = { x };
    stroma_bootstrap_options o = STROMA_BOOTSTRAP_OPTIONS_INIT;
    stroma_bootstrap_result *r = NULL;
    stroma_stat s;
    o.resamples = 20000;
    assert_int_equal(stroma_bootstrap(difference, &context, &d, &o, &r, NULL), STROMA_OK);
    assert_int_equal(r->failed[0], 0); /* no arm can be empty */
    s = stroma_jackknife(r, 0, 0.95);
    assert_near(s.se, 0.5913355881204664, 1e-12);
    assert_near(s.df, 9, 0);
    assert_true(fabs(s.effect) < 1e-12);
    assert_int_equal(stroma_bootstrap_interval(r, 0, STROMA_BOOTSTRAP_BCA, 0, 0.95, &s, NULL),
                     STROMA_OK);
    /* the bootstrap's limit is 0.53212 (R); 4 standard errors of an SD of 20,000 */
    assert_true(fabs(s.se / 0.5321197999337005 - 1) < 4 / sqrt(2 * 20000.0));
    assert_true(s.lower > 0.8 && s.upper < 3.4);
    stroma_bootstrap_free(r);
    /* rows without strata: an arm may be empty, the resample fails and is counted */
    const stroma_resample_design loose = { .n = 11 };
    o.resamples = 200000;
    o.jackknife = false;
    o.threads = 2;
    assert_int_equal(stroma_bootstrap(difference, &context, &loose, &o, &r, NULL), STROMA_OK);
    const double p = pow(6.0 / 11, 11) + pow(5.0 / 11, 11), sd = sqrt(p / 200000);
    assert_true(fabs((double)r->failed[0] / 200000 - p) < 4 * sd);
    assert_int_equal(
        stroma_bootstrap_interval(r, 0, STROMA_BOOTSTRAP_PERCENTILE, 0, 0.95, &s, NULL), STROMA_OK);
    assert_string_equal(s.reason, "some resamples failed; the interval is that of the others");
    assert_int_equal(stroma_bootstrap_interval(r, 0, STROMA_BOOTSTRAP_BCA, 0, 0.95, &s, NULL),
                     STROMA_OK);
    assert_true(isnan(s.lower));
    assert_true(stroma_jackknife(r, 0, 0.95).not_estimable);
    stroma_bootstrap_free(r);
}

/* Three rows a subject, all alike: clusters see that there are four values, not twelve. */
static void test_clusters(void **state)
{
    (void)state;
    double x[12];
    size_t who[12], arm[12];
    for (size_t i = 0; i < 12; i++) {
        who[i] = 100 - i / 3;
        arm[i] = i / 6;
        x[i] = (double)((i / 3) * (i / 3));
    }
    const stroma_resample_design d = { 12, NULL, who };
    stroma_bootstrap_options o = STROMA_BOOTSTRAP_OPTIONS_INIT;
    o.width = 2;
    stroma_bootstrap_result *r = boot(x, &d, &o);
    assert_int_equal(r->units, 4);
    /* values 0 1 4 9: SD √(49/3), SE of the mean of four subjects √(49/12) */
    assert_near(stroma_jackknife(r, 0, 0.95).se, sqrt(49.0 / 12), 1e-12);
    stroma_bootstrap_free(r);
    const stroma_resample_design both = { 12, arm, who };
    r = boot(x, &both, &o);
    assert_int_equal(r->strata, 2);
    stroma_bootstrap_free(r);
    arm[0] = 1; /* subject 100 in both strata */
    numbers context = { x };
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_bootstrap(mean_and_se, &context, &both, &o, &r, &err),
                     STROMA_E_INCONSISTENT);
    assert_null(r);
}

static void test_threads_do_not_show(void **state)
{
    (void)state;
    const stroma_resample_design d = { .n = 10 };
    stroma_bootstrap_options o = STROMA_BOOTSTRAP_OPTIONS_INIT;
    o.width = 2;
    stroma_bootstrap_result *a = boot(ten, &d, &o);
    o.threads = 4;
    stroma_bootstrap_result *b = boot(ten, &d, &o);
    assert_memory_equal(a->replicates, b->replicates, 2 * 2000 * sizeof(double));
    assert_memory_equal(a->left_out, b->left_out, 2 * 10 * sizeof(double));
    o.seed = 2;
    stroma_bootstrap_free(b);
    b = boot(ten, &d, &o);
    assert_memory_not_equal(a->replicates, b->replicates, 2 * 2000 * sizeof(double));
    stroma_bootstrap_free(a);
    stroma_bootstrap_free(b);
}

static stroma_status fails(const size_t *row, size_t n, int worker, void *context, double *out,
                           stroma_error *err)
{
    const stroma_status *s = context;
    (void)row;
    (void)n;
    (void)worker;
    out[0] = 1;
    return stroma_fail(err, *s, "no");
}

static void test_bootstrap_refusals(void **state)
{
    (void)state;
    stroma_status s = STROMA_E_DEGENERATE;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_bootstrap_options o = STROMA_BOOTSTRAP_OPTIONS_INIT;
    stroma_bootstrap_result *r = NULL;
    stroma_stat out;
    const stroma_resample_design none = { 0 }, d = { .n = 10 };
    assert_int_equal(stroma_bootstrap(fails, &s, &none, &o, &r, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_bootstrap(fails, &s, &d, &o, &r, &err), STROMA_OK);
    assert_int_equal(r->failed[0], 2000);
    assert_int_equal(stroma_bootstrap_interval(r, 0, STROMA_BOOTSTRAP_BCA, 0, 0.95, &out, &err),
                     STROMA_OK);
    assert_string_equal(out.reason, "the statistic of the data cannot be computed");
    assert_int_equal(stroma_bootstrap_interval(r, 1, STROMA_BOOTSTRAP_BCA, 0, 0.95, &out, &err),
                     STROMA_E_USAGE);
    stroma_bootstrap_free(r);
    s = STROMA_E_MALFORMED; /* anything else ends the work */
    assert_int_equal(stroma_bootstrap(fails, &s, &d, &o, &r, &err), STROMA_E_MALFORMED);
    assert_null(r);
    o.resamples = 20;
    o.width = 2;
    r = boot(ten, &d, &o);
    assert_int_equal(
        stroma_bootstrap_interval(r, 0, STROMA_BOOTSTRAP_PERCENTILE, 0, 0.95, &out, &err),
        STROMA_OK);
    assert_string_equal(out.reason, "too few resamples for this level");
    stroma_bootstrap_free(r);
    o.width = 0;
    assert_int_equal(stroma_bootstrap(fails, &s, &d, &o, &r, &err), STROMA_E_USAGE);
    o.width = 1;
    o.resamples = 1;
    assert_int_equal(stroma_bootstrap(fails, &s, &d, &o, &r, &err), STROMA_E_USAGE);
}

/* S3 size: 95 % intervals of the mean of 25 exponential values, 600 data sets; the percentile
 * interval is known to be too short there (about 91 %), studentized and BCa to be better. */
static void test_coverage(void **state)
{
    (void)state;
    const stroma_resample_design d = { .n = 25 };
    stroma_bootstrap_options o = STROMA_BOOTSTRAP_OPTIONS_INIT;
    double covered[STROMA_BOOTSTRAP_KINDS] = { 0 };
    const size_t sets = 600;
    o.resamples = 399;
    o.width = 2;
    for (size_t i = 0; i < sets; i++) {
        double x[25];
        stroma_random r;
        stroma_random_init(&r, 11, 0, i);
        for (size_t k = 0; k < 25; k++)
            x[k] = stroma_random_exponential(&r);
        o.seed = i;
        stroma_bootstrap_result *b = boot(x, &d, &o);
        for (size_t k = 0; k < STROMA_BOOTSTRAP_KINDS; k++) {
            stroma_stat s;
            assert_int_equal(
                stroma_bootstrap_interval(b, 0, (stroma_bootstrap_kind)k, 1, 0.95, &s, NULL),
                STROMA_OK);
            covered[k] += s.lower <= 1 && 1 <= s.upper;
        }
        stroma_bootstrap_free(b);
    }
    for (size_t k = 0; k < STROMA_BOOTSTRAP_KINDS; k++) {
        covered[k] /= (double)sets;
        print_message("# %s covers %.3f\n", stroma_bootstrap_kind_name((stroma_bootstrap_kind)k),
                      covered[k]);
        assert_true(covered[k] > 0.86 && covered[k] < 0.985);
    }
    const double mcse = sqrt(0.95 * 0.05 / (double)sets);
    assert_true(covered[STROMA_BOOTSTRAP_STUDENTIZED] > 0.95 - 3.5 * mcse);
    assert_true(covered[STROMA_BOOTSTRAP_STUDENTIZED] > covered[STROMA_BOOTSTRAP_BASIC]);
}

/* Least squares through 20 points with one covariate, left out one at a time, for a new point: 95 %
 * intervals cover at least 90 % by the theorem, and here about 95 %. 2,000 data sets. */
static void test_jackknife_plus(void **state)
{
    (void)state;
    enum { N = 20, SETS = 2000 };
    double covered = 0;
    for (uint64_t set = 0; set < SETS; set++) {
        double x[N + 1], y[N + 1], prediction[N], residual[N];
        stroma_random r;
        stroma_random_init(&r, 17, 0, set);
        for (size_t i = 0; i <= N; i++) {
            x[i] = stroma_random_normal(&r);
            y[i] = 1 + 2 * x[i] + (1 + fabs(x[i])) * stroma_random_normal(&r);
        }
        for (size_t out = 0; out < N; out++) {
            double mx = 0, my = 0, xx = 0, xy = 0;
            for (size_t i = 0; i < N; i++) {
                if (i == out) continue;
                mx += x[i] / (N - 1);
                my += y[i] / (N - 1);
            }
            for (size_t i = 0; i < N; i++) {
                if (i == out) continue;
                xx += (x[i] - mx) * (x[i] - mx);
                xy += (x[i] - mx) * (y[i] - my);
            }
            prediction[out] = my + xy / xx * (x[N] - mx);
            residual[out] = y[out] - (my + xy / xx * (x[out] - mx));
        }
        stroma_stat s;
        assert_int_equal(stroma_jackknife_plus(prediction, residual, N, 0.95, &s, NULL), STROMA_OK);
        covered += s.lower <= y[N] && y[N] <= s.upper;
    }
    print_message("# jackknife+ covers %.4f\n", covered / SETS);
    assert_true(covered / SETS > 0.9);
    assert_true(fabs(covered / SETS - 0.95) < 0.03);
    /* by hand: 3 subjects at level 0.5: places 2 and 2 */
    const double p[] = { 1, 2, 3 }, e[] = { 1, -0.5, 2 };
    stroma_stat s;
    assert_int_equal(stroma_jackknife_plus(p, e, 3, 0.5, &s, NULL), STROMA_OK);
    assert_near(s.lower, 1, 0);   /* of 0, 1.5, 1 */
    assert_near(s.upper, 2.5, 0); /* of 2, 2.5, 5 */
    assert_near(s.estimate, 2, 0);
    assert_int_equal(stroma_jackknife_plus(p, e, 3, 0.95, &s, NULL), STROMA_OK);
    assert_true(isinf(s.lower) && isinf(s.upper) && s.reason[0] != '\0');
    assert_int_equal(stroma_jackknife_plus(p, e, 0, 0.95, &s, NULL), STROMA_OK);
    assert_true(s.not_estimable);
}

static stroma_status all_of_it(void *context)
{
    stroma_permutation_options o = STROMA_PERMUTATION_OPTIONS_INIT;
    stroma_permutation p;
    (void)context;
    STROMA_TRY(stroma_permutation_test(blocks, block_group, block_of, 16, &o, &p, NULL));
    STROMA_TRY(stroma_permutation_paired(ten, 10, &o, &p, NULL));
    stroma_stat plus;
    STROMA_TRY(stroma_jackknife_plus(ten, ten, 10, 0.9, &plus, NULL));
    o.method = STROMA_PERMUTATION_MONTE_CARLO;
    o.resamples = 100;
    STROMA_TRY(stroma_permutation_test(blocks, block_group, block_of, 16, &o, &p, NULL));
    stroma_bootstrap_options b = STROMA_BOOTSTRAP_OPTIONS_INIT;
    stroma_bootstrap_result *r = NULL;
    numbers n = { ten };
    const stroma_resample_design d = { .n = 10 };
    stroma_stat s;
    b.resamples = 100;
    b.width = 2;
    STROMA_TRY(stroma_bootstrap(mean_and_se, &n, &d, &b, &r, NULL));
    const stroma_status status =
        stroma_bootstrap_interval(r, 0, STROMA_BOOTSTRAP_BCA, 0, 0.9, &s, NULL);
    stroma_bootstrap_free(r);
    return status;
}

static void test_no_memory(void **state)
{
    (void)state;
    assert_true(alloc_fail_each(all_of_it, NULL) > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_as_coin),
        cmocka_unit_test(test_expected),
        cmocka_unit_test(test_strata),
        cmocka_unit_test(test_sign_flips),
        cmocka_unit_test(test_meets_as_listed),
        cmocka_unit_test(test_permutation_refusals),
        cmocka_unit_test(test_many_ways),
        cmocka_unit_test(test_intervals_as_boot),
        cmocka_unit_test(test_expected_bca),
        cmocka_unit_test(test_strata_and_jackknife),
        cmocka_unit_test(test_clusters),
        cmocka_unit_test(test_threads_do_not_show),
        cmocka_unit_test(test_bootstrap_refusals),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_jackknife_plus),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("resampling", tests, NULL, NULL);
}
