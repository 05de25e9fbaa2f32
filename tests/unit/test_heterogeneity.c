/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Heterogeneity of change (audit A10, A4). Reference numbers: tests/reference/heterogeneity.R, and
 * one integral by R's integrate() as noted. */
#include "stroma_test.h"

#include "stroma/biomarker_heterogeneity.h"
#include "stroma/memory.h"
#include "stroma/random.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

#define NEAR(got, want, tolerance)                                     \
    do {                                                               \
        const double got_ = (got), want_ = (want);                     \
        if (!(fabs(got_ - want_) <= (tolerance)*fmax(1, fabs(want_)))) \
            fail_msg("%s is %.17g, wanted %.17g", #got, got_, want_);  \
    } while (0)
#define LEN(a) (sizeof(a) / sizeof(a)[0])

static const double treated[] = { -2.1, -0.4, -1.3, 0.2,  -2.8, -0.9, -1.7, -3.1, 0.5,  -1.1,
                                  -0.2, -2.4, -1.9, -0.7, -1.5, 0.9,  -2.2, -3.6, -0.6, -1.2 };
static const double control[] = { -0.5, 0.3, -0.8, -0.1, 0.6,  -1.2, 0.2, -0.4,
                                  -0.9, 0.1, -0.3, 0.8,  -0.6, 0,    -1.0 };
static const double lumps[] = { -3.2, -2.9, -2.7, -2.5, -2.5, -2.3, -2.0, -1.8, -0.6, -0.4,
                                -0.3, -0.1, 0,    0.1,  0.2,  0.2,  0.4,  0.5,  0.7,  1.0 };
static const double skewed[] = { 0.31, 0.42, 0.5,  0.57, 0.64, 0.7,  0.76, 0.83, 0.89, 0.96,
                                 1.04, 1.12, 1.21, 1.31, 1.43, 1.57, 1.75, 1.99, 2.37, 3.24 };
static const double heavy[] = { -3.18, -1.92, -1.42, -1.1, -0.87, -0.67, -0.5, -0.35, -0.21, -0.07,
                                0.07,  0.21,  0.35,  0.5,  0.67,  0.87,  1.1,  1.42,  1.92,  3.18 };

static void test_sd_ratio(void **state)
{
    (void)state;
    stroma_stat s;
    assert_int_equal(stroma_sd_ratio(treated, LEN(treated), control, LEN(control), 0.95, &s, NULL),
                     STROMA_OK);
    NEAR(s.estimate, 2.022514061272989, 1e-14);
    NEAR(s.lower, 1.2302171454001065, 1e-11); /* uniroot, tolerance 1e-14 */
    NEAR(s.upper, 3.097497405876497, 1e-11);
    NEAR(s.statistic, 2.5842574574976362, 1e-11);
    NEAR(s.p, 0.0097588916282366142, 1e-11);
    /* the other way round everything is inverted */
    stroma_stat r;
    assert_int_equal(stroma_sd_ratio(control, LEN(control), treated, LEN(treated), 0.95, &r, NULL),
                     STROMA_OK);
    NEAR(r.lower, 1 / s.upper, 1e-12);
    NEAR(r.upper, 1 / s.lower, 1e-12);
    NEAR(r.p, s.p, 1e-12);
    NEAR(r.statistic, -s.statistic, 1e-12);
    /* the interval touches 1 at the level 1 − p */
    assert_int_equal(
        stroma_sd_ratio(treated, LEN(treated), control, LEN(control), 1 - s.p, &r, NULL),
        STROMA_OK);
    NEAR(r.lower, 1, 1e-10);
}

static void test_effect_sd(void **state)
{
    (void)state;
    stroma_stat s;
    assert_int_equal(stroma_effect_sd(treated, LEN(treated), control, LEN(control), 0.95, &s, NULL),
                     STROMA_OK);
    NEAR(s.effect, 1.089938596491228, 1e-13);
    NEAR(s.effect_lower, 0.36506900953482069, 1e-11);
    NEAR(s.effect_upper, 2.5908970163024181, 1e-11);
    NEAR(s.estimate, sqrt(1.089938596491228), 1e-13);
    NEAR(s.upper, sqrt(2.5908970163024181), 1e-11);
    assert_int_equal(stroma_effect_sd(control, LEN(control), treated, LEN(treated), 0.95, &s, NULL),
                     STROMA_OK);
    assert_true(s.estimate == 0 && s.effect < 0 && s.reason[0] != '\0');
}

static stroma_mixture mixture(const double *x, size_t n, bool unequal)
{
    stroma_mixture_options o = STROMA_MIXTURE_OPTIONS_INIT;
    stroma_mixture m;
    o.unequal_variances = unequal;
    o.resamples = 499;
    assert_int_equal(stroma_mixture_test(x, n, &o, NULL, &m, NULL), STROMA_OK);
    return m;
}

/* Likelihoods: no lower than R's optim() from five starts, 1e-6 above it at most. */
static void test_mixture_reference(void **state)
{
    (void)state;
    stroma_mixture m = mixture(lumps, LEN(lumps), false);
    NEAR(m.log_likelihood_one, -34.535490736898794, 1e-12);
    NEAR(m.log_likelihood_two, -25.330398775095027, 1e-9);
    NEAR(m.weight[0], 0.39999922921446168, 1e-5);
    NEAR(m.mean[0], -2.4874578826417801, 1e-5);
    NEAR(m.mean[1], 0.14163518455698915, 1e-5);
    NEAR(m.sd[0], 0.43816640406137558, 1e-5);
    NEAR(m.sd[1], m.sd[0], 0);
    assert_true(m.test.p < 0.01 && m.p < 0.05);
    m = mixture(lumps, LEN(lumps), true);
    NEAR(m.log_likelihood_two, -25.32409069163139, 1e-9);
    NEAR(m.sd[0], 0.42855453301324786, 1e-4);
    NEAR(m.sd[1], 0.44446236957242108, 1e-4);
    m = mixture(treated, LEN(treated), false);
    NEAR(m.log_likelihood_two, -31.333088957997742, 1e-8);
    m = mixture(skewed, LEN(skewed), false);
    NEAR(m.log_likelihood_two, -18.70484586784481, 1e-8);
    NEAR(m.log_likelihood_skewed, -17.49855345476416, 1e-7);
    NEAR(m.skew, 1.3531614285378861, 2e-3);
    NEAR(m.tail, 1.0734491261531833, 2e-3);
    m = mixture(heavy, LEN(heavy), false);
    NEAR(m.log_likelihood_skewed, -34.21949119209917, 1e-7);
    NEAR(m.skew, 0, 1e-3);
    NEAR(m.tail, 0.70413404944881774, 2e-3);
}

/* Location, scale, sign and order of the values do not matter, nor do threads. */
static void test_mixture_invariance(void **state)
{
    (void)state;
    enum { N = LEN(lumps) };
    double moved[N];
    const stroma_mixture m = mixture(lumps, N, false);
    for (size_t i = 0; i < N; i++)
        moved[(i * 7 + 3) % N] = 40 - 8 * lumps[i];
    stroma_mixture_options o = STROMA_MIXTURE_OPTIONS_INIT;
    stroma_mixture k;
    o.resamples = 499;
    o.threads = 4;
    assert_int_equal(stroma_mixture_test(moved, N, &o, NULL, &k, NULL), STROMA_OK);
    NEAR(k.test.statistic, m.test.statistic, 1e-8);
    NEAR(k.mean[1], 40 - 8 * m.mean[0], 1e-5);
    NEAR(k.weight[1], m.weight[0], 1e-5);
    assert_true(k.test.p == m.test.p);
    stroma_mixture one;
    o.threads = 1;
    assert_int_equal(stroma_mixture_test(moved, N, &o, NULL, &one, NULL), STROMA_OK);
    assert_memory_equal(&one.weight, &k.weight, sizeof k.weight);
    assert_true(one.p == k.p && one.skewed_resamples == k.skewed_resamples);
    stroma_mixture_null *null = NULL;
    assert_int_equal(stroma_mixture_null_new(N, &o, &null, NULL), STROMA_OK);
    assert_int_equal(stroma_mixture_test(moved, N, &o, null, &one, NULL), STROMA_OK);
    assert_true(one.p == k.p);
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_mixture_test(moved, N - 1, &o, null, &one, &err),
                     STROMA_E_INCONSISTENT);
    stroma_mixture_null_free(null);
}

static void test_replicates(void **state)
{
    (void)state;
    const double v[] = { 5.1, 5.6, 4.9, 6.2, 6.0, 4.4, 4.1, 4.6, 5.5, 7.0, 6.4 };
    const size_t who[] = { 0, 0, 0, 1, 1, 2, 2, 2, 3, 4, 4 };
    stroma_replicates two;
    assert_int_equal(stroma_replicate_error(v, who, LEN(v), 6, 0.95, &two, NULL), STROMA_OK);
    NEAR(two.sd.estimate, 0.31269438398822874, 1e-13);
    NEAR(two.sd.lower, 0.20149819973948846, 1e-12);
    NEAR(two.sd.upper, 0.68857370665009043, 1e-12);
    NEAR(two.sd.df, 6, 0);
    NEAR(two.reliability.estimate, 0.89714001492166118, 1e-13);
    NEAR(two.reliability.lower, 0.50192108250855993, 1e-12);
    NEAR(two.reliability.upper, 0.98824297899185143, 1e-12);
    NEAR(two.reliability.p, 0.0013541813745285771, 1e-12);
    stroma_stat r;
    stroma_measurement_error e = { 0.5, 6 };
    assert_int_equal(stroma_change_reliability(treated, LEN(treated), &e, 0.95, &r, NULL),
                     STROMA_OK);
    NEAR(r.estimate, 0.6534048413871103, 1e-13);
    NEAR(r.lower, -0.79689477900177219, 1e-12);
    NEAR(r.upper, 0.89072755900747524, 1e-12);
    NEAR(r.p, 0.096856352977767249, 1e-12);
    e.df = 0; /* known */
    assert_int_equal(stroma_change_reliability(treated, LEN(treated), &e, 0.95, &r, NULL),
                     STROMA_OK);
    NEAR(r.lower, 0.40071276634506814, 1e-12);
    NEAR(r.upper, 0.83752865827563494, 1e-12);
    NEAR(r.p, 2.4774473226209673e-05, 1e-12);
    assert_int_equal(stroma_replicate_error(v, (size_t[]){ 0, 1, 2 }, 3, 3, 0.95, &two, NULL),
                     STROMA_OK);
    assert_string_equal(two.sd.reason, "no subject was measured twice");
    assert_true(two.reliability.not_estimable);
}

/* A10: DAS28 residual SD 0.68 (Frey 2013): SD of change 0.96, 18 % EULAR good or moderate when
 * nobody changes; a common shift of -1.05 ± 0.95 from baseline 6.0 ± 0.8 gives 56 %. Exact values
 * by integrate() over the baseline: 0.1839339 and 0.5602961. The "responder" means of such a shift
 * are -1.69 and -0.23 (their weighted mean must be -1.05). A4: no responder among 53. */
static void test_audit_a10_a4(void **state)
{
    (void)state;
    stroma_noise_model m = STROMA_NOISE_MODEL_INIT;
    m.draws = 100000;
    stroma_noise_rate r;
    m.baseline_mean = 6;
    m.baseline_sd = 0.8;
    m.sd_change = sqrt(2) * 0.68;
    NEAR(m.sd_change, 0.9616652, 1e-7);
    assert_int_equal(stroma_noise_responders(&m, stroma_response_eular, NULL, &r, NULL), STROMA_OK);
    print_message("# noise alone: %.4f (%.4f)\n", r.rate, r.mcse);
    assert_true(fabs(r.rate - 0.1839339) < 4 * r.mcse + 0.0005); /* decimal edges */
    m.error_sd = 0.68; /* baselines contain the error: 0.1439 of 2e6 draws in R */
    assert_int_equal(stroma_noise_responders(&m, stroma_response_eular, NULL, &r, NULL), STROMA_OK);
    print_message("# with regression to the mean: %.4f\n", r.rate);
    assert_true(fabs(r.rate - 0.143891) < 5 * r.mcse);
    m.error_sd = 0;
    m.mean_change = -1.05;
    m.sd_change = 0.95;
    assert_int_equal(stroma_noise_responders(&m, stroma_response_eular, NULL, &r, NULL), STROMA_OK);
    print_message("# common shift: %.4f, means %.3f and %.3f\n", r.rate, r.mean_yes, r.mean_no);
    assert_true(fabs(r.rate - 0.5602961) < 4 * r.mcse + 0.0005);
    assert_true(fabs(r.mean_yes + 1.692834) < 0.01 && fabs(r.mean_no + 0.2309614) < 0.01);
    NEAR(r.rate * r.mean_yes + (1 - r.rate) * r.mean_no, -1.05, 0.01);
    const double drop = stroma_responder_rate(0, sqrt(2) * 0.68, 1.2);
    NEAR(drop, 0.1060457, 1e-7);
    NEAR(stroma_no_responder(drop, 53), 0.002628531, 1e-6);
    NEAR(stroma_no_responder(0.1, 53), 0.003757, 1e-3); /* "0.004 at 10 %" */
    assert_true(fabs(stroma_no_responder(0.29, 53) / 1.3e-8 - 1) < 0.05);
    assert_true(isnan(stroma_responder_rate(0, 0, 1)) && isnan(stroma_no_responder(1.5, 3)));
    assert_int_equal(stroma_response_eular(NAN, 3, NULL), -1);
    assert_int_equal(stroma_response_eular(4.4, 3.2, NULL),
                     1); /* a drop of exactly 1.2: moderate */
    m.error_sd = 2;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_noise_responders(&m, stroma_response_eular, NULL, &r, &err),
                     STROMA_E_USAGE);
    assert_true(strstr(err.message, "an error of SD 2 is more than") != NULL);
}

static double normal_at(stroma_random *r, double mean, double sd)
{
    return mean + sd * stroma_random_normal(r);
}

static void test_verdicts(void **state)
{
    (void)state;
    enum { N = 60 };
    double t[N], c[N], base[N];
    stroma_random r;
    stroma_random_init(&r, 3, 1, 1);
    for (size_t i = 0; i < N; i++) {
        base[i] = normal_at(&r, 6, 0.8);
        t[i] = normal_at(&r, -1.05, 0.95);
        c[i] = normal_at(&r, -0.1, 0.95);
    }
    stroma_heterogeneity_options o = STROMA_HETEROGENEITY_OPTIONS_INIT;
    stroma_change_arm ta = { t, base, N }, ca = { c, NULL, N };
    stroma_heterogeneity h;
    o.error.sd = 0.68;
    o.drop = 1.2;
    o.responds = stroma_response_eular;
    o.rule_name = "EULAR good or moderate";
    o.rule_draws = 20000;
    o.mixture.resamples = 199;
    assert_int_equal(stroma_heterogeneity_compute(&ta, &ca, &o, &h, NULL), STROMA_OK);
    assert_int_equal(h.verdict, STROMA_HETEROGENEITY_COMPATIBLE);
    assert_true(fabs(h.rule.noise.rate - 0.18) < 0.05 && fabs(h.rule.common.rate - 0.56) < 0.1);
    NEAR(h.drop.p_none, stroma_no_responder(h.drop.noise.rate, N), 1e-12);
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 14);
    stroma_heterogeneity_sentences(&h, &b);
    assert_int_equal(stroma_buffer_status(&b, NULL), STROMA_OK);
    assert_non_null(strstr(b.data, "no proof that all patients respond alike"));
    stroma_buffer_clear(&b);
    /* half of them respond by 3 more */
    for (size_t i = 0; i < N; i += 2)
        t[i] -= 4;
    assert_int_equal(stroma_heterogeneity_compute(&ta, &ca, &o, &h, NULL), STROMA_OK);
    assert_int_equal(h.verdict, STROMA_HETEROGENEITY_SHOWN);
    assert_true(h.sd_ratio.lower > 1 && h.p_ratio_adjusted < 0.01);
    assert_true(fabs(h.mixture.weight[0] - 0.5) < 0.1 && h.p_mixture_adjusted <= 0.05);
    /* the same two groups in both arms are the course of the disease */
    for (size_t i = 0; i < N; i += 2)
        c[i] -= 4;
    assert_int_equal(stroma_heterogeneity_compute(&ta, &ca, &o, &h, NULL), STROMA_OK);
    assert_int_equal(h.verdict, STROMA_HETEROGENEITY_COMPATIBLE);
    /* a single arm: the ratio says why */
    assert_int_equal(stroma_heterogeneity_compute(&ta, NULL, &o, &h, NULL), STROMA_OK);
    assert_true(h.sd_ratio.not_estimable && strstr(h.sd_ratio.reason, "single-arm") != NULL);
    assert_int_equal(h.verdict, STROMA_HETEROGENEITY_SHOWN);
    assert_non_null(strstr(h.verdict_reason, "without a control arm"));
    ta.n = 6;
    assert_int_equal(stroma_heterogeneity_compute(&ta, NULL, &o, &h, NULL), STROMA_OK);
    assert_int_equal(h.verdict, STROMA_HETEROGENEITY_CANNOT_JUDGE);
    ta.n = 0;
    assert_int_equal(stroma_heterogeneity_compute(&ta, NULL, &o, &h, NULL), STROMA_OK);
    assert_int_equal(h.verdict, STROMA_HETEROGENEITY_CANNOT_JUDGE);
    t[1] = NAN;
    ta.n = N;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_heterogeneity_compute(&ta, &ca, &o, &h, &err), STROMA_E_USAGE);
    assert_non_null(strstr(err.context, "treated arm: change"));
}

/* An effect proportional to baseline widens the treated arm; beyond baseline nothing is left. */
static void test_adjusted_for_baseline(void **state)
{
    (void)state;
    enum { N = 200 };
    double t[N], c[N], bt[N], bc[N];
    stroma_random r;
    stroma_random_init(&r, 8, 1, 1);
    for (size_t i = 0; i < N; i++) {
        bt[i] = normal_at(&r, 6, 1.5);
        bc[i] = normal_at(&r, 6, 1.5);
        t[i] = normal_at(&r, -0.6 * bt[i], 0.7);
        c[i] = normal_at(&r, 0, 0.7);
    }
    stroma_heterogeneity_options o = STROMA_HETEROGENEITY_OPTIONS_INIT;
    const stroma_change_arm ta = { t, bt, N }, ca = { c, bc, N }, bare = { c, NULL, N };
    stroma_heterogeneity h;
    o.mixture.resamples = 99;
    assert_int_equal(stroma_heterogeneity_compute(&ta, &ca, &o, &h, NULL), STROMA_OK);
    assert_true(h.sd_ratio.lower > 1.2 && h.baseline_share.estimate > 0.5);
    o.adjust_baseline = true;
    assert_int_equal(stroma_heterogeneity_compute(&ta, &ca, &o, &h, NULL), STROMA_OK);
    assert_true(h.sd_ratio.lower < 1 && h.sd_ratio.upper > 1);
    NEAR(h.baseline_share.effect, -0.6, 0.1);
    assert_int_equal(stroma_heterogeneity_compute(&ta, &bare, &o, &h, NULL), STROMA_E_USAGE);
}

static void test_what_cannot_be_done(void **state)
{
    (void)state;
    const double flat[] = { 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2 };
    stroma_stat s;
    assert_int_equal(stroma_sd_ratio(treated, 4, control, 9, 0.95, &s, NULL), STROMA_OK);
    assert_string_equal(s.reason, "fewer than 5 values in a group");
    assert_int_equal(stroma_sd_ratio(treated, 9, flat, 9, 0.95, &s, NULL), STROMA_OK);
    assert_string_equal(s.reason, "no variation in a group");
    assert_int_equal(stroma_sd_ratio(treated, 9, control, 9, 1, &s, NULL), STROMA_E_USAGE);
    assert_int_equal(stroma_sd_ratio(NULL, 0, control, 9, 0.9, &s, NULL), STROMA_OK);
    assert_true(s.not_estimable);
    stroma_mixture m;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_mixture_test(flat, LEN(flat), NULL, NULL, &m, &err), STROMA_OK);
    assert_string_equal(m.test.reason, "fewer than 3 distinct values");
    assert_true(isnan(m.p) && isnan(m.weight[0]));
    const double bad[] = { 1, 2, INFINITY };
    assert_int_equal(stroma_mixture_test(bad, 3, NULL, NULL, &m, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "value 3 is not finite or beyond 1e140");
    stroma_mixture_options o = STROMA_MIXTURE_OPTIONS_INIT;
    o.resamples = 10;
    assert_int_equal(stroma_mixture_test(treated, 20, &o, NULL, &m, &err), STROMA_E_USAGE);
    o.resamples = 99;
    o.variance_floor_frac = 0;
    assert_int_equal(stroma_mixture_test(treated, 20, &o, NULL, &m, &err), STROMA_E_USAGE);
    o.variance_floor_frac = 0.05;
    o.least_weight_frac = 0.5;
    assert_int_equal(stroma_mixture_test(treated, 20, &o, NULL, &m, &err), STROMA_E_USAGE);
    /* three values, many ties: a fit on its floor, not an endless likelihood */
    const double tied[] = { 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2 };
    assert_int_equal(stroma_mixture_test(tied, LEN(tied), NULL, NULL, &m, &err), STROMA_OK);
    assert_true(isfinite(m.log_likelihood_two) && isfinite(m.log_likelihood_skewed));
    const stroma_measurement_error none = { 0, 0 }, wrong = { -1, 0 };
    assert_int_equal(stroma_change_reliability(treated, 20, &none, 0.95, &s, NULL), STROMA_OK);
    assert_string_equal(s.reason, "the error of one measurement is not known");
    assert_int_equal(stroma_change_reliability(treated, 20, &wrong, 0.95, &s, NULL),
                     STROMA_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sd_ratio),
        cmocka_unit_test(test_effect_sd),
        cmocka_unit_test(test_mixture_reference),
        cmocka_unit_test(test_mixture_invariance),
        cmocka_unit_test(test_replicates),
        cmocka_unit_test(test_audit_a10_a4),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_adjusted_for_baseline),
        cmocka_unit_test(test_what_cannot_be_done),
    };
    return cmocka_run_group_tests_name("heterogeneity", tests, NULL, NULL);
}
