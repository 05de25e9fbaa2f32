/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/models_meta.h"

enum { K = 11 };
static const double e1[K] = { 3, 0, 12, 5, 7, 1, 22, 4, 0, 9, 15 },
                    n1[K] = { 40, 22, 60, 31, 55, 18, 120, 36, 25, 44, 70 },
                    e2[K] = { 9, 2, 15, 14, 8, 6, 31, 4, 3, 21, 11 },
                    n2[K] = { 41, 20, 58, 30, 60, 20, 118, 35, 26, 45, 71 };
static test_csv reference;

static int setup(void **state)
{
    (void)state;
    reference = test_csv_read(test_source("tests/reference/meta.csv"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_csv_free(&reference);
    return 0;
}

static double want(const char *name, const char *what)
{
    for (size_t i = 0; i < reference.rows; i++)
        if (strcmp(reference.cells[3 * i], name) == 0 &&
            strcmp(reference.cells[3 * i + 1], what) == 0)
            return strtod(reference.cells[3 * i + 2], NULL);
    fail_msg("no reference for %s, %s", name, what);
    return 0;
}

static void check(const char *name, const char *what, double got, double tol)
{
    const double w = want(name, what);
    /* metafor's iterations for a tau2 of 0 stop just above it */
    if (!test_near(got, w, tol) && fabs(got - w) > 1e-13)
        fail_msg("%s, %s: %.17g, wanted %.17g (gap %.2g)", name, what, got, w, got - w);
}

static void effects_of(stroma_meta_measure m, const char *name, double *y, double *v)
{
    char what[32];
    for (size_t i = 0; i < K; i++) {
        const stroma_meta_counts c = { e1[i], n1[i], e2[i], n2[i] };
        stroma_meta_effect e;
        assert_int_equal(stroma_meta_effect_of(m, &c, &e, NULL), STROMA_OK);
        assert_string_equal(e.reason, "");
        (void)snprintf(what, sizeof what, "y%zu", i);
        check(name, what, e.estimate, 1e-12);
        (void)snprintf(what, sizeof what, "v%zu", i);
        check(name, what, e.variance, 1e-12);
        y[i] = e.estimate;
        v[i] = e.variance;
    }
}

static void check_pool(const char *measure, stroma_meta_model model, bool knha, const double *y,
                       const double *v)
{
    static const char *const models[] = { "FE", "REML", "DL", "PM" };
    const stroma_meta_options o = { model, knha, 0.95 };
    stroma_meta m;
    char name[64];
    (void)snprintf(name, sizeof name, "%s %s %s", measure, models[model], knha ? "knha" : "z");
    assert_int_equal(stroma_meta_pool(y, v, K, &o, NULL, &m, NULL), STROMA_OK);
    check(name, "b", m.pooled.estimate, 1e-8);
    check(name, "se", m.pooled.se, 1e-8);
    check(name, "lo", m.pooled.lower, 1e-8);
    check(name, "hi", m.pooled.upper, 1e-8);
    check(name, "p", m.pooled.p, 1e-7);
    check(name, "Q", m.heterogeneity.statistic, 1e-11);
    if (model == STROMA_META_FIXED) {
        assert_true(isnan(m.tau2) && isnan(m.prediction_lower) && m.prediction_reason[0] != '\0');
        return;
    }
    check(name, "tau2", m.tau2, 1e-8);
    check(name, "I2", m.i2_frac, 1e-8);
    check(name, "H2", m.h2, 1e-8);
    assert_true(m.prediction_lower <= m.pooled.lower && m.prediction_upper >= m.pooled.upper);
    if (model != STROMA_META_REML) return;
    check(name, "tau2 se", m.tau2_se, 1e-8);
    check(name, "ll", m.log_likelihood, 1e-10);
    check(name, "tau2 lo", m.tau2_lower, 1e-7);
    check(name, "tau2 hi", m.tau2_upper, 1e-7);
    if (!knha) return;
    check(name, "pi lo", m.prediction_lower, 1e-8);
    check(name, "pi hi", m.prediction_upper, 1e-8);
}

/* rma(), escalc(), confint(), predict() and regtest() of metafor 3.8-1. */
static void pooled_as_in_r(void **state)
{
    static const char *const names[] = { "RR", "OR", "RD", "PLO" };
    (void)state;
    for (int m = 0; m < STROMA_META_MEASURES; m++) {
        double y[K], v[K];
        effects_of((stroma_meta_measure)m, names[m], y, v);
        for (int model = 0; model < STROMA_META_MODELS; model++)
            for (int knha = 0; knha < (model == STROMA_META_FIXED ? 1 : 2); knha++)
                check_pool(names[m], (stroma_meta_model)model, knha == 1, y, v);
        stroma_stat s;
        assert_int_equal(stroma_meta_small_studies(y, v, K, 0.95, &s, NULL), STROMA_OK);
        check(names[m], "egger", s.statistic, 1e-9);
        check(names[m], "egger p", s.p, 1e-9);
        assert_int_equal(stroma_meta_small_studies(y, v, 9, 0.95, &s, NULL), STROMA_OK);
        assert_true(s.not_estimable && isnan(s.p));
    }
}

/* The likelihood by R's integrate() and optim() (1e-5); lme4's own stops at 1e-4. */
static void proportions_as_in_r(void **state)
{
    (void)state;
    stroma_meta m;
    assert_int_equal(stroma_meta_proportions(e1, n1, K, NULL, &m, NULL), STROMA_OK);
    check("binomial", "b", m.pooled.estimate, 1e-5);
    check("binomial", "tau", sqrt(m.tau2), 1e-5);
    check("binomial", "ll", m.log_likelihood, 1e-10);
    check("binomial", "se", m.pooled.se, 1e-4);
    check("binomial", "lrt", m.heterogeneity.statistic, 1e-9);
    check("binomial", "tau hi", sqrt(m.tau2_upper), 1e-6);
    assert_true(m.tau2_lower == 0); /* in R too the likelihood at 0 is within χ²/2 */
    check("lme4", "b", m.pooled.estimate, 1e-3);
    check("lme4", "tau", sqrt(m.tau2), 1e-3);
    check("lme4", "se", m.pooled.se, 2e-3);
    assert_true(m.prediction_lower <= m.pooled.lower && m.prediction_upper >= m.pooled.upper);
}

/* Arms without an event, and proportions that differ widely: what an arm says of its effect ends on
 * one side, which Gauss-Hermite nodes about the mode miss (lme4 and metafor are off there). A dense
 * sum in R: log-likelihood 1e-10, its maximum 1e-5. */
static void arms_without_events(void **state)
{
    (void)state;
    const double events[] = { 0, 0, 6, 1, 0, 9, 0 }, n[] = { 10, 12, 11, 14, 60, 10, 400 };
    stroma_meta m;
    assert_int_equal(stroma_meta_proportions(events, n, 7, NULL, &m, NULL), STROMA_OK);
    check("zeros", "ll", m.log_likelihood, 1e-10);
    check("zeros", "b", m.pooled.estimate, 1e-5);
    check("zeros", "tau", sqrt(m.tau2), 1e-5);
    check("zeros", "se", m.pooled.se, 1e-4);
}

/* Every case of the public answers (BCG vaccine, log risk ratio). */
static void expected_answers(void **state)
{
    (void)state;
    json_t *all = test_expected_load("clinical/expected/meta.json");
    if (all == NULL) skip();
    assert_int_equal(json_array_size(all), 1);
    const json_t *one = json_array_get(all, 0), *expected = json_object_get(one, "expected");
    const double tol = test_expected_number(one, "tol_rel");
    test_csv t = test_csv_read(test_data("clinical/rdata/metadat_dat_bcg.csv"));
    double y[32], v[32];
    for (size_t i = 0; i < t.rows; i++) {
        const double a = test_csv_number(&t, i, "tpos"), b = test_csv_number(&t, i, "tneg"),
                     c = test_csv_number(&t, i, "cpos"), d = test_csv_number(&t, i, "cneg");
        const stroma_meta_counts n = { a, a + b, c, c + d };
        stroma_meta_effect e;
        assert_int_equal(stroma_meta_effect_of(STROMA_META_LOG_RISK_RATIO, &n, &e, NULL),
                         STROMA_OK);
        y[i] = e.estimate;
        v[i] = e.variance;
    }
    stroma_meta_options o = STROMA_META_OPTIONS_INIT;
    stroma_meta m;
    assert_int_equal(stroma_meta_pool(y, v, t.rows, &o, NULL, &m, NULL), STROMA_OK);
    test_check(expected, "bcg", "reml.b", m.pooled.estimate, tol);
    test_check(expected, "bcg", "reml.se", m.pooled.se, tol);
    test_check(expected, "bcg", "reml.tau2", m.tau2, tol);
    test_check(expected, "bcg", "reml.I2", 100 * m.i2_frac, tol);
    test_check(expected, "bcg", "reml.Q", m.heterogeneity.statistic, tol);
    test_check(expected, "bcg", "reml.ci.0", m.pooled.lower, tol);
    test_check(expected, "bcg", "reml.ci.1", m.pooled.upper, tol);
    o.knapp_hartung = true;
    assert_int_equal(stroma_meta_pool(y, v, t.rows, &o, NULL, &m, NULL), STROMA_OK);
    test_check(expected, "bcg", "knha.se", m.pooled.se, tol);
    test_check(expected, "bcg", "knha.ci.0", m.pooled.lower, tol);
    test_check(expected, "bcg", "knha.ci.1", m.pooled.upper, tol);
    o = (stroma_meta_options){ STROMA_META_DL, false, 0.95 };
    assert_int_equal(stroma_meta_pool(y, v, t.rows, &o, NULL, &m, NULL), STROMA_OK);
    test_check(expected, "bcg", "dl.b", m.pooled.estimate, tol);
    test_check(expected, "bcg", "dl.se", m.pooled.se, tol);
    test_check(expected, "bcg", "dl.tau2", m.tau2, tol);
    test_csv_free(&t);
    json_decref(all);
}

/* One study, two, studies that agree, nothing but zeros: what exists is given, the rest says why.
 */
static void few_studies(void **state)
{
    (void)state;
    const double y[] = { 0.1, 0.1, 0.1 }, v[] = { 0.04, 0.09, 0.01 }, zero[] = { 0, 0, 0 },
                 n[] = { 10, 20, 30 }, some[] = { 1, 2, 3 };
    stroma_meta m;
    double weight[3];
    assert_int_equal(stroma_meta_pool(y, v, 1, NULL, weight, &m, NULL), STROMA_OK);
    assert_true(m.pooled.estimate == 0.1 && fabs(m.pooled.se - 0.2) < 1e-15 && weight[0] == 1);
    assert_true(isnan(m.tau2) && m.heterogeneity.not_estimable && m.prediction_reason[0] != '\0');
    assert_int_equal(stroma_meta_pool(y, v, 2, NULL, weight, &m, NULL), STROMA_OK);
    assert_true(m.tau2 == 0 && isnan(m.prediction_lower));
    assert_string_equal(m.prediction_reason, "too few studies for its t distribution");
    assert_int_equal(stroma_meta_pool(y, v, 3, NULL, weight, &m, NULL), STROMA_OK);
    assert_true(m.tau2 == 0 && m.i2_frac == 0 && isfinite(m.prediction_lower));
    assert_true(fabs(weight[0] + weight[1] + weight[2] - 1) < 1e-15);
    assert_int_equal(stroma_meta_proportions(zero, n, 3, NULL, &m, NULL), STROMA_OK);
    assert_true(m.pooled.not_estimable && isnan(m.pooled.estimate));
    assert_string_equal(m.pooled.reason, "no event in any study: the logit has no maximum");
    assert_int_equal(stroma_meta_proportions(n, n, 3, NULL, &m, NULL), STROMA_OK);
    assert_true(m.pooled.not_estimable);
    /* the same proportion everywhere: no variance between, and the pooled count's logit */
    assert_int_equal(stroma_meta_proportions(some, n, 3, NULL, &m, NULL), STROMA_OK);
    assert_true(m.tau2 == 0 && m.tau2_lower == 0 && m.tau2_upper > 0);
    assert_near(m.pooled.effect, 0.1, 1e-12);
    assert_near(m.pooled.se, sqrt(1 / (60 * 0.1 * 0.9)), 1e-10);
    assert_int_equal(stroma_meta_proportions(some, n, 1, NULL, &m, NULL), STROMA_OK);
    assert_near(m.pooled.effect, 0.1, 1e-12);
    assert_true(isnan(m.tau2) && isnan(m.prediction_lower));
}

static void refused(void **state)
{
    (void)state;
    const double y[] = { 0.1, NAN }, v[] = { 0.04, 0.09 }, none[] = { 0.1, 0 };
    stroma_error err = STROMA_ERROR_INIT;
    stroma_meta m;
    stroma_meta_effect e;
    assert_int_equal(stroma_meta_pool(y, v, 0, NULL, NULL, &m, &err), STROMA_E_DEGENERATE);
    assert_int_equal(stroma_meta_pool(y, v, 2, NULL, NULL, &m, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_meta_pool(v, none, 2, NULL, NULL, &m, &err), STROMA_E_USAGE);
    const stroma_meta_counts more = { 5, 4, 1, 9 }, half = { 0.5, 4, 1, 9 }, empty = { 0, 4, 0, 9 };
    assert_int_equal(stroma_meta_effect_of(STROMA_META_LOG_RISK_RATIO, &more, &e, &err),
                     STROMA_E_USAGE);
    assert_string_equal(err.message, "5 events of only 4 subjects");
    assert_int_equal(stroma_meta_effect_of(STROMA_META_LOG_RISK_RATIO, &half, &e, &err),
                     STROMA_E_USAGE);
    assert_int_equal(stroma_meta_effect_of(STROMA_META_LOG_RISK_RATIO, &empty, &e, &err),
                     STROMA_OK);
    assert_string_equal(e.reason, "no event in either arm");
    assert_true(isnan(e.estimate));
    assert_int_equal(stroma_meta_effect_of(STROMA_META_RISK_DIFFERENCE, &empty, &e, &err),
                     STROMA_OK);
    assert_true(e.estimate != 0 && e.corrected); /* 0.5/5 − 0.5/10, as metafor */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expected_answers),    cmocka_unit_test(pooled_as_in_r),
        cmocka_unit_test(proportions_as_in_r), cmocka_unit_test(arms_without_events),
        cmocka_unit_test(few_studies),         cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests_name("meta", tests, setup, teardown);
}
