/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where SAS and R differ, what stroma does (docs/handbook/statistics.md): each choice is pinned
 * here by a number. Kaplan-Meier's interval and Cox's ties belong to survival analysis. */
#include "test_expected.h"

#include "stroma/models_mmrm.h"
#include "stroma/number.h"
#include "stroma/stats_contingency.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_formula.h"
#include "stroma/stats_rank_test.h"
#include "stroma/stats_summary.h"
#include "stroma/stats_t_test.h"
#include "stroma/table_read.h"

/* Printed: the stored double, correctly rounded; ties of the double itself go to even. */
static void test_rounding(void **state)
{
    (void)state;
    static const char *const want[] = { "2", "12", "0", "0.1", "94.5", "42.6", "2.67" };
    json_t *all = test_expected_load("clinical/expected/sas_vs_r.json");
    if (all == NULL) skip();
    const json_t *cases = json_object_get(json_object_get(all, "rounding"), "cases");
    assert_int_equal(json_array_size(cases), sizeof want / sizeof *want);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i);
        char out[STROMA_NUMBER_TEXT_MAX];
        const double x = strtod(json_string_value(json_object_get(c, "x")), NULL);
        const int digits = (int)test_expected_number(c, "digits");
        assert_string_equal(stroma_format_fixed(x, digits, out), want[i]);
        /* within half a unit of the stored double, as SAS's and R's are of the decimal */
        assert_true(fabs(strtod(out, NULL) - x) <= 0.5 * pow(10, -digits) + 1e-15);
    }
    /* what decides a response is the decimal, half away from zero, as SAS */
    int64_t thousandths = 0;
    assert_true(stroma_decimal_thousandths(2.6755, &thousandths) && thousandths == 2676);
    assert_true(stroma_decimal_thousandths(-2.6755, &thousandths) && thousandths == -2676);
    json_decref(all);
}

/* R's type 7 for quartiles; SAS's PCTLDEF 5 is type 2. */
static void test_quantiles(void **state)
{
    (void)state;
    static const char *const keys[] = { "R_type7_default", "sas_pctldef5_R_type2" };
    static const stroma_quantile_type types[] = { STROMA_QUANTILE_7, STROMA_QUANTILE_2 };
    static const double p[] = { 0.25, 0.40 };
    static const char *const names[] = { "0.25", "0.40" };
    json_t *all = test_expected_load("clinical/expected/sas_vs_r.json");
    if (all == NULL) skip();
    const json_t *q = json_object_get(all, "quantiles");
    double *x = NULL;
    const size_t n = test_expected_array(json_object_get(q, "x"), &x);
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < 2; i++) {
            double got = 0;
            const json_t *want = json_object_get(json_object_get(q, keys[k]), names[i]);
            assert_int_equal(stroma_quantile_compute(x, n, p[i], types[k], &got, NULL), STROMA_OK);
            assert_near(got, json_number_value(want), 1e-12);
        }
    stroma_summary s;
    assert_int_equal(stroma_summary_compute(x, n, 0.95, &s, NULL), STROMA_OK);
    assert_near(s.q1, 32.5, 1e-12);
    free(x);
    json_decref(all);
}

/* Fisher, two-sided: all tables that are no more probable, not twice the smaller tail. */
static void test_fisher(void **state)
{
    (void)state;
    const size_t table[4] = { 3, 9, 8, 4 }; /* 12 of each, 11 events */
    const double seen = stroma_hypergeometric_pmf(3, 12, 12, 11);
    double sum = 0;
    for (int k = 0; k <= 11; k++) {
        const double p = stroma_hypergeometric_pmf(k, 12, 12, 11);
        if (p <= seen * (1 + 1e-7)) sum += p;
    }
    const stroma_stat s = stroma_fisher_exact(table, STROMA_TWO_SIDED, 0.95);
    assert_near(s.p, sum, 1e-12);
    const size_t uneven[4] = { 1, 9, 6, 5 }; /* 10 and 11: the tails differ */
    const double less = stroma_fisher_exact(uneven, STROMA_LESS, 0.95).p;
    assert_true(fabs(stroma_fisher_exact(uneven, STROMA_TWO_SIDED, 0.95).p - 2 * less) > 1e-3);
}

/* Welch's df are those of Satterthwaite, as SAS's TTEST calls them. */
static void test_welch_df(void **state)
{
    (void)state;
    const double x[] = { 1, 2, 4, 7 }, y[] = { 3, 3, 5, 20, 8, 1 };
    const stroma_t_options o = STROMA_T_OPTIONS_INIT;
    stroma_summary a, b;
    stroma_stat s;
    assert_int_equal(stroma_summary_compute(x, 4, 0.95, &a, NULL), STROMA_OK);
    assert_int_equal(stroma_summary_compute(y, 6, 0.95, &b, NULL), STROMA_OK);
    assert_int_equal(stroma_t_welch(x, 4, y, 6, &o, &s, NULL), STROMA_OK);
    const double u = a.variance / 4, v = b.variance / 6;
    assert_near(s.df, (u + v) * (u + v) / (u * u / 3 + v * v / 5), 1e-12);
}

/* One-sided p in the direction asked for; SAS NPAR1WAY gives the smaller of the two. */
static void test_one_sided_ranks(void **state)
{
    (void)state;
    const double x[] = { 1, 2, 4 }, y[] = { 3, 5, 6, 7 };
    stroma_rank_options o = STROMA_RANK_OPTIONS_INIT;
    stroma_stat less, greater;
    o.alternative = STROMA_LESS;
    assert_int_equal(stroma_mann_whitney(x, 3, y, 4, &o, &less, NULL), STROMA_OK);
    o.alternative = STROMA_GREATER;
    assert_int_equal(stroma_mann_whitney(x, 3, y, 4, &o, &greater, NULL), STROMA_OK);
    /* W = 1 of 35 arrangements: 2/35 have W ≤ 1, 34/35 have W ≥ 1 */
    assert_near(less.p, 2.0 / 35, 1e-12);
    assert_near(greater.p, 34.0 / 35, 1e-12);
}

/* Terms of a linear model are tested given all others (SAS's type III without interactions); with
 * one factor that is R's type I too. Unbalanced: of two related factors the order would matter. */
static void test_sums_of_squares(void **state)
{
    (void)state;
    enum { N = 9 };
    const double y[N] = { 3, 5, 4, 8, 9, 12, 7, 6, 2 };
    const int a[N] = { 0, 0, 0, 1, 1, 1, 1, 0, 0 }, b[N] = { 0, 0, 1, 1, 1, 1, 0, 0, 0 };
    double x[3 * N], f[2];
    for (int order = 0; order < 2; order++) {
        stroma_linear_model *m = NULL;
        stroma_stat s;
        for (size_t i = 0; i < N; i++) {
            x[i] = 1;
            x[(order == 0 ? 1 : 2) * N + i] = a[i];
            x[(order == 0 ? 2 : 1) * N + i] = b[i];
        }
        const stroma_design d = { .rows = N, .columns = 3, .x = x, .intercept = true };
        const size_t of_a = order == 0 ? 1 : 2;
        assert_int_equal(stroma_linear_model_fit(&d, y, NULL, &m, NULL), STROMA_OK);
        assert_int_equal(stroma_linear_joint_test(m, &of_a, 1, &s, NULL), STROMA_OK);
        f[order] = s.statistic;
        stroma_linear_model_free(m);
    }
    assert_near(f[0], f[1], 1e-12);
    assert_near(f[0], 28.53064516129 / 3.56989247312, 1e-10); /* R: drop1(lm(y ~ a + b)) */
}

/* A number whose key has dots in it. */
static double number_of(const json_t *j, const char *key)
{
    const json_t *x = json_object_get(j, key);
    if (!json_is_number(x)) fail_msg("no number %s", key);
    return json_number_value(x);
}

static void check_contrast(const stroma_linear_model *m, const double *a, const double *b,
                           const json_t *want)
{
    double l[32];
    for (size_t c = 0; c < 32; c++)
        l[c] = a[c] - b[c];
    const stroma_stat s = stroma_linear_contrast(m, l, 0, 0.95);
    assert_near(s.estimate, number_of(want, "estimate"), 1e-9);
    assert_near(s.se, number_of(want, "SE"), 1e-9);
    assert_near(s.df, number_of(want, "df"), 1e-12);
    assert_near(s.statistic, number_of(want, "t.ratio"), 1e-9);
    assert_near(s.p, number_of(want, "p.value"), 1e-8);
    assert_near(s.lower, number_of(want, "lower.CL"), 1e-9);
    assert_near(s.upper, number_of(want, "upper.CL"), 1e-9);
}

/* The dose as a number, 0, 54 and 81: "dose response" of the table. */
static void check_dose_response(const stroma_table *t, const size_t *rows, size_t n, double want)
{
    stroma_formula *f = NULL;
    stroma_formula_data *d = NULL;
    stroma_linear_model *m = NULL;
    double l[32] = { 0, 1 };
    assert_int_equal(stroma_formula_parse("CHG ~ TRTPN + SITEGR1 + BASE", &f, NULL), STROMA_OK);
    assert_int_equal(stroma_formula_apply(f, t, rows, n, NULL, 0, &d, NULL), STROMA_OK);
    assert_int_equal(stroma_linear_model_fit(&d->design, d->y, NULL, &m, NULL), STROMA_OK);
    assert_near(stroma_linear_contrast(m, l, 0, 0.95).p, want, 1e-8);
    stroma_linear_model_free(m);
    stroma_formula_data_free(d);
    stroma_formula_free(f);
}

/* CDISC pilot table 14-3.01: SAS's LSMEANS /OM, observed margins; the default is equal weights. */
static void test_adjusted_mean_weights(void **state)
{
    (void)state;
    static const char *const arms[] = { "Placebo", "Xanomeline Low Dose", "Xanomeline High Dose" };
    static const stroma_formula_levels order = { "TRTP", arms, 3 };
    json_t *all = test_expected_load("clinical/expected/cdisc_adas_mmrm.json");
    if (all == NULL) skip();
    const json_t *expected = json_object_get(all, "ancova_14_3_01");
    stroma_table *t = NULL;
    stroma_formula *f = NULL;
    stroma_formula_data *d = NULL;
    stroma_linear_model *m = NULL;
    const char *path = test_data("clinical/cdisc/datasetjson_adam/adadas.json");
    if (path == NULL) skip();
    assert_int_equal(stroma_table_read(path, NULL, &t, NULL, NULL), STROMA_OK);
    size_t *rows = calloc(t->rows_len, sizeof *rows), n = 0;
    static const char *const used[][2] = { { "PARAMCD", "ACTOT" },
                                           { "EFFFL", "Y" },
                                           { "ITTFL", "Y" },
                                           { "ANL01FL", "Y" },
                                           { "AVISIT", "Week 24" } };
    for (size_t i = 0; i < t->rows_len; i++) {
        bool keep = true;
        for (size_t k = 0; k < 5; k++) {
            char buf[STROMA_CELL_TEXT_MAX];
            const size_t c = stroma_table_find(t, used[k][0]);
            keep = keep && strcmp(stroma_table_cell_text(t, c, i, buf), used[k][1]) == 0;
        }
        if (keep) rows[n++] = i;
    }
    assert_int_equal(n, (size_t)test_expected_number(expected, "n"));
    check_dose_response(t, rows, n, test_expected_number(expected, "dose_response_p"));
    assert_int_equal(stroma_formula_parse("CHG ~ TRTP + SITEGR1 + BASE", &f, NULL), STROMA_OK);
    assert_int_equal(stroma_formula_apply(f, t, rows, n, &order, 1, &d, NULL), STROMA_OK);
    assert_int_equal(stroma_linear_model_fit(&d->design, d->y, NULL, &m, NULL), STROMA_OK);
    double means[2][3], rows_of[2][3][32] = { 0 };
    for (size_t w = 0; w < 2; w++)
        for (size_t k = 0; k < 3; k++) {
            const size_t levels[] = { k, SIZE_MAX, SIZE_MAX };
            stroma_formula_mean_at(
                d, levels, w == 0 ? STROMA_WEIGHTS_OBSERVED : STROMA_WEIGHTS_EQUAL, rows_of[w][k]);
            const stroma_stat s = stroma_linear_contrast(m, rows_of[w][k], 0, 0.95);
            means[w][k] = s.estimate;
            if (w == 1) continue;
            const json_t *want = json_array_get(json_object_get(expected, "lsmeans_om"), k);
            assert_near(s.estimate, test_expected_number(want, "emmean"), 1e-9);
            assert_near(s.se, test_expected_number(want, "SE"), 1e-9);
            assert_near(s.df, test_expected_number(want, "df"), 1e-12);
            assert_near(s.lower, number_of(want, "lower.CL"), 1e-9);
            assert_near(s.upper, number_of(want, "upper.CL"), 1e-9);
        }
    const size_t pairs[3][2] = { { 1, 0 }, { 2, 0 }, { 2, 1 } };
    for (size_t k = 0; k < 3; k++) {
        const json_t *want = json_array_get(json_object_get(expected, "contrasts"), k);
        /* differences do not depend on the weights, means do */
        check_contrast(m, rows_of[0][pairs[k][0]], rows_of[0][pairs[k][1]], want);
        check_contrast(m, rows_of[1][pairs[k][0]], rows_of[1][pairs[k][1]], want);
        assert_true(fabs(means[0][k] - means[1][k]) > 1e-3);
    }
    stroma_linear_model_free(m);
    stroma_formula_data_free(d);
    stroma_formula_free(f);
    stroma_table_free(t);
    free(rows);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounding),
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_fisher),
        cmocka_unit_test(test_welch_df),
        cmocka_unit_test(test_one_sided_ranks),
        cmocka_unit_test(test_sums_of_squares),
        cmocka_unit_test(test_adjusted_mean_weights),
    };
    return cmocka_run_group_tests_name("conventions", tests, NULL, NULL);
}
