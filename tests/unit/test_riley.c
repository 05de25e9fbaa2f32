/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_expected.h"

#include "stroma/models_riley.h"

static stroma_riley binary(size_t parameters, double prevalence, double r2)
{
    stroma_riley r;
    assert_int_equal(stroma_riley_binary(parameters, prevalence, r2, NULL, &r, NULL), STROMA_OK);
    return r;
}

/* R 4.2.2, pmsampsize 1.1.3: csrsquared, parameters, prevalence → criteria 1, 2, 3. The second is
 * the worked example of Riley 2020 BMJ 368:m441 (foot ulcer, 24 parameters). */
static void test_binary_as_pmsampsize(void **state)
{
    (void)state;
    static const struct {
        size_t p;
        double f, r2;
        size_t n[3];
        double max, nagelkerke, epp;
    } want[] = {
        { 7, 0.54, 0.2, { 279, 164, 382 }, 0.748, 0.267, 29.47 },
        { 24, 0.174, 0.288, { 623, 662, 221 }, 0.603, 0.477, 4.80 },
        { 10, 0.1, 0.239, { 325, 361, 139 }, 0.478, 0.5, 3.61 },
        { 24, 0.174, 0.2902, { 617, 661, 221 }, 0.603, 0.481, 4.79 },
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        const stroma_riley r = binary(want[i].p, want[i].f, want[i].r2);
        assert_int_equal(r.n_shrinkage, want[i].n[0]);
        assert_int_equal(r.n_optimism, want[i].n[1]);
        assert_int_equal(r.n_risk, want[i].n[2]);
        assert_true(fabs(r.r2_cs_max - want[i].max) < 6e-4);
        assert_true(fabs(r.r2_nagelkerke - want[i].nagelkerke) < 6e-4);
        assert_true(fabs(r.events_per_parameter - want[i].epp) < 6e-3);
    }
    /* van Smeden's formula by hand: exp((-0.508 + 0.259·ln 0.174 + 0.504·ln 24 - ln 0.05)/0.544) */
    assert_int_equal(
        binary(24, 0.174, 0.288).n_error,
        (size_t)ceil(exp((-0.508 + 0.259 * log(0.174) + 0.504 * log(24) - log(0.05)) / 0.544)));
    assert_int_equal(binary(1, 0.5, 0.2).n_error, 0);
}

/* The trial of S3: 52 subjects, 28 responders. Domain facts: R² 0.2 supports one parameter (40
 * subjects), not three (120) or seven (279); the overall risk needs 382 and is known to 0.135. */
static void test_s3(void **state)
{
    (void)state;
    assert_int_equal(binary(1, 0.54, 0.2).n_shrinkage, 40);
    assert_int_equal(binary(3, 0.54, 0.2).n_shrinkage, 120);
    assert_int_equal(binary(7, 0.54, 0.2).n_shrinkage, 279);
    assert_int_equal(binary(1, 0.54, 0.2).n_risk, 382);
    stroma_riley_support s;
    assert_int_equal(stroma_riley_supports(52, 28, 0.2, NULL, &s, NULL), STROMA_OK);
    assert_int_equal(s.by_shrinkage, 1);
    assert_int_equal(s.by_optimism, 2);
    assert_int_equal(s.parameters, 1);
    assert_true(fabs(s.risk_margin - 0.135) < 6e-4);
    assert_false(s.risk_known);
    assert_int_equal(stroma_riley_supports(39, 21, 0.2, NULL, &s, NULL), STROMA_OK);
    assert_int_equal(s.parameters, 0);
    assert_int_equal(stroma_riley_supports(400, 216, 0.2, NULL, &s, NULL), STROMA_OK);
    assert_true(s.risk_known);
    /* what the criterion says, read backwards */
    assert_near(stroma_riley_shrinkage(1, 52, 0.2), 0.9216, 1e-3);
    assert_near(stroma_riley_shrinkage(7, 279, 0.2), 0.9, 1e-3);
}

static void test_supports_is_the_inverse(void **state)
{
    (void)state;
    for (size_t p = 1; p < 40; p += 3) {
        const stroma_riley r = binary(p, 0.5, 0.15);
        stroma_riley_support s;
        const size_t n = r.n_shrinkage;
        assert_int_equal(stroma_riley_supports(2 * n, n, 0.15, NULL, &s, NULL), STROMA_OK);
        assert_true(s.by_shrinkage >= 2 * p && s.by_shrinkage <= 2 * p + 1);
        const double shrinkage = stroma_riley_shrinkage(p, n, 0.15);
        assert_true(shrinkage >= 0.9 - 1e-12 && stroma_riley_shrinkage(p, n - 1, 0.15) < 0.9);
    }
}

/* pmsampsize 1.1.3: "s" (Riley 2019, recurrent venous thromboembolism) and "c" (fat-free mass). */
static void test_other_outcomes(void **state)
{
    (void)state;
    stroma_riley r;
    const stroma_riley_times t = { .rate = 0.065, .horizon = 2, .mean_follow_up = 2.07 };
    assert_int_equal(stroma_riley_survival(30, 0.051, &t, NULL, &r, NULL), STROMA_OK);
    assert_int_equal(r.n_shrinkage, 5143);
    assert_int_equal(r.n_optimism, 1039);
    assert_true(fabs(r.r2_cs_max - 0.555) < 6e-4);
    assert_true(fabs(r.events_per_parameter - 23.07) < 6e-3);
    /* at n_risk the upper limit of the risk is 0.05 above it, at one less it is more */
    for (size_t i = 0; i < 2; i++) {
        const double years = 2.07 * (double)(r.n_risk - i);
        const double upper = 1 - exp(-(0.065 + 1.96 * sqrt(0.065 / years)) * 2);
        assert_true((upper - (1 - exp(-0.13)) <= 0.05) == (i == 0));
    }
    assert_int_equal(stroma_riley_continuous(25, 0.2, 1.9, 0.6, NULL, &r, NULL), STROMA_OK);
    assert_int_equal(r.n_shrinkage, 918);
    assert_int_equal(r.n_optimism, 401);
    assert_int_equal(r.n_risk, 259);
    assert_int_equal(r.n, 918);
    assert_int_equal(stroma_riley_continuous(20, 0.9, 26.7, 8.7, NULL, &r, NULL), STROMA_OK);
    assert_int_equal(r.n_shrinkage, 68);
    assert_int_equal(r.n_optimism, 41);
    assert_int_equal(r.n_risk, 254);
    assert_int_equal(r.n_mean, 254);
    /* a mean near 0 needs more: t(0.975, n − 21)·8.7·√(0.1/n) ≤ 0.1 */
    assert_int_equal(stroma_riley_continuous(20, 0.9, 1, 8.7, NULL, &r, NULL), STROMA_OK);
    assert_true(r.n_mean > 2900 && r.n_mean < 2930);
}

/* pmsampsize draws a million subjects: 0.1844, 0.1841, 0.1839 at seeds 1, 2, 3 and 0.2902. */
static void test_r2_from_auc(void **state)
{
    (void)state;
    assert_true(fabs(stroma_riley_r2_from_auc(0.75, 0.54) - 0.1841) < 4e-4);
    assert_true(fabs(stroma_riley_r2_from_auc(0.89, 0.174) - 0.2902) < 1e-3);
    assert_true(fabs(stroma_riley_r2_from_auc(0.5, 0.3)) < 1e-12);
    /* no marker can do more than the outcome allows */
    assert_true(stroma_riley_r2_from_auc(1 - 1e-12, 0.3) < stroma_riley_r2_max(0.3));
    assert_near(stroma_riley_r2_from_auc(1 - 1e-12, 0.3), stroma_riley_r2_max(0.3), 1e-3);
    assert_true(isnan(stroma_riley_r2_from_auc(0.4, 0.3)));
    /* symmetric in the classes */
    assert_near(stroma_riley_r2_from_auc(0.8, 0.3), stroma_riley_r2_from_auc(0.8, 0.7), 1e-10);
}

/* pmvalsampsize 0.1.0 (O/E in its steps of 0.0001 of the SE, hence 20975 and not a few more); slope
 * and net benefit from four million drawn subjects in R, whose error is below 1 %. */
static void test_validation(void **state)
{
    (void)state;
    static const struct {
        double f, c;
        size_t oe, auc;
        double slope, benefit;
    } want[] = { { 0.018, 0.8, 20975, 4252, 17058.09, 1358.608 },
                 { 0.3, 0.75, 898, 433, 2850.977, 386.9581 },
                 { 0.54, 0.71, 328, 409, 3308.377, 70.78281 } };
    for (size_t i = 0; i < 3; i++) {
        stroma_riley_validation v;
        assert_int_equal(stroma_riley_validate(want[i].f, want[i].c, 0.2, NULL, &v, NULL),
                         STROMA_OK);
        print_message("# O/E %zu, slope %zu, AUC %zu, net benefit %zu\n", v.n_oe, v.n_slope,
                      v.n_auc, v.n_net_benefit);
        assert_true(fabs((double)v.n_oe / (double)want[i].oe - 1) < 4e-3);
        assert_int_equal(v.n_auc, want[i].auc);
        assert_true(fabs((double)v.n_slope / want[i].slope - 1) < 0.01);
        assert_true(fabs((double)v.n_net_benefit / want[i].benefit - 1) < 0.03);
        assert_true(v.n >= v.n_slope && v.n >= v.n_oe);
        assert_int_equal(stroma_riley_validate(want[i].f, want[i].c, NAN, NULL, &v, NULL),
                         STROMA_OK);
        assert_int_equal(v.n_net_benefit, 0);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_riley r;
    stroma_riley_support s;
    stroma_riley_validation v;
    stroma_riley_targets t = STROMA_RILEY_TARGETS_INIT;
    assert_int_equal(stroma_riley_binary(0, 0.5, 0.2, NULL, &r, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_riley_binary(2, 0, 0.2, NULL, &r, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_riley_binary(2, NAN, 0.2, NULL, &r, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_riley_binary(2, 0.1, 0.5, NULL, &r, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "an anticipated R² cannot be 0.5");
    assert_int_equal(stroma_riley_binary(2, 0.5, NAN, NULL, &r, &err), STROMA_E_USAGE);
    t.shrinkage = 0.15;
    assert_int_equal(stroma_riley_binary(2, 0.5, 0.2, &t, &r, &err), STROMA_E_USAGE);
    t.shrinkage = 1;
    assert_int_equal(stroma_riley_binary(2, 0.5, 0.2, &t, &r, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_riley_supports(10, 0, 0.2, NULL, &s, &err), STROMA_E_DEGENERATE);
    assert_int_equal(stroma_riley_supports(10, 11, 0.2, NULL, &s, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_riley_continuous(2, 1, 1, 1, NULL, &r, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_riley_continuous(2, 0.5, 1, 0, NULL, &r, &err), STROMA_E_USAGE);
    const stroma_riley_times none = { 0, 1, 1 };
    assert_int_equal(stroma_riley_survival(2, 0.1, &none, NULL, &r, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_riley_validate(0.5, 0.5, NAN, NULL, &v, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_riley_validate(0.5, 0.8, 1, NULL, &v, &err), STROMA_E_USAGE);
    assert_true(isnan(stroma_riley_shrinkage(0, 10, 0.1)));
    /* one or two parameters of a linear model shrink nothing by this formula */
    assert_int_equal(stroma_riley_continuous(1, 0.3, 0, 0, NULL, &r, &err), STROMA_OK);
    assert_int_equal(r.n_shrinkage, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binary_as_pmsampsize),
        cmocka_unit_test(test_s3),
        cmocka_unit_test(test_supports_is_the_inverse),
        cmocka_unit_test(test_other_outcomes),
        cmocka_unit_test(test_r2_from_auc),
        cmocka_unit_test(test_validation),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests_name("riley", tests, NULL, NULL);
}
