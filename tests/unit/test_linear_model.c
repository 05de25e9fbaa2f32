/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/stats_linear_model.h"

enum { NIST_ROWS_MAX = 100, NIST_COLUMNS_MAX = 11 };

typedef struct nist_set {
    const char *name;
    int predictors; /* columns after y */
    int power;      /* highest power of x, or 0 when the predictors stand for themselves */
    bool intercept;
    double floor; /* least log relative error demanded of coefficients, SEs and fit */
} nist_set;

/* The certified values have 15 digits. */
static const nist_set nist_sets[] = {
    { "Norris", 1, 1, true, 13 },    { "Pontius", 1, 2, true, 13 },
    { "NoInt1", 1, 1, false, 13.5 }, { "Filip", 1, 10, true, 12 },
    { "Longley", 6, 0, true, 13 },   { "Wampler1", 1, 5, true, 13.5 },
    { "Wampler3", 1, 5, true, 13 },  { "Wampler5", 1, 5, true, 13 },
};

/* Numbers after the "Data:" line, (predictors + 1) a row. */
static size_t nist_read(const char *path, size_t width, double rows[][NIST_COLUMNS_MAX])
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    char line[512];
    size_t n = 0;
    bool data = false;
    while (fgets(line, sizeof line, f) != NULL) {
        /* "Data: y x" heads the numbers; an earlier "Data: 1 Response Variable" describes them */
        if (strncmp(line, "Data:", 5) == 0 && line[5 + strspn(line + 5, " ")] == 'y') {
            data = true;
            continue;
        }
        if (!data) continue;
        char *p = line, *end = line;
        size_t k = 0;
        for (; k < width; k++, p = end) {
            rows[n][k] = strtod(p, &end);
            if (end == p) break;
        }
        if (k == width) n++;
        assert_true(n < NIST_ROWS_MAX);
    }
    (void)fclose(f);
    return n;
}

static double log_relative_error(double got, double want)
{
    const double gap = want == 0 ? fabs(got) : fabs(got - want) / fabs(want);
    if (isinf(want)) return isinf(got) ? 15 : 0;
    return gap == 0 ? 15 : fmin(15, -log10(gap));
}

static stroma_linear_model *nist_fit(const nist_set *set, size_t *rows)
{
    static double raw[NIST_ROWS_MAX][NIST_COLUMNS_MAX];
    static double y[NIST_ROWS_MAX], x[NIST_ROWS_MAX];
    static double hi[NIST_ROWS_MAX * NIST_COLUMNS_MAX], lo[NIST_ROWS_MAX * NIST_COLUMNS_MAX];
    char name[64];
    (void)snprintf(name, sizeof name, "clinical/nist/%s.dat", set->name);
    const size_t n = nist_read(test_data(name), (size_t)set->predictors + 1, raw);
    stroma_design d = { .rows = n, .x = hi, .x_low = lo, .intercept = set->intercept };
    for (size_t i = 0; i < n; i++) {
        y[i] = raw[i][0];
        x[i] = raw[i][1];
    }
    memset(lo, 0, sizeof lo);
    if (set->intercept) stroma_design_set_power(&d, d.columns++, x, 0);
    for (int k = 1; k <= set->power; k++)
        stroma_design_set_power(&d, d.columns++, x, k);
    for (int k = 1; set->power == 0 && k <= set->predictors; k++, d.columns++)
        for (size_t i = 0; i < n; i++)
            hi[d.columns * n + i] = raw[i][k];
    stroma_linear_model *m = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_linear_model_fit(&d, y, NULL, &m, &err) != STROMA_OK)
        fail_msg("%s: %s", set->name, err.message);
    *rows = n;
    return m;
}

static double nist_value(const stroma_linear_model *m, const nist_set *set, const char *key)
{
    const size_t first = set->intercept ? 0 : 1;
    if (key[0] == 'B') return m->coefficients[strtoul(key + 1, NULL, 10) - first];
    if (strncmp(key, "se_B", 4) == 0) return m->se[strtoul(key + 4, NULL, 10) - first];
    const struct {
        const char *key;
        double value;
    } others[] = { { "residual_sd", m->residual_sd },
                   { "r_squared", m->r_squared },
                   { "df_reg", m->df_model },
                   { "ss_reg", m->ss_model },
                   { "ms_reg", m->ss_model / m->df_model },
                   { "F", m->f },
                   { "df_res", m->df_residual },
                   { "ss_res", m->ss_residual },
                   { "ms_res", m->ss_residual / m->df_residual } };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(others[i].key, key) == 0) return others[i].value;
    fail_msg("unknown certified statistic %s", key);
    return NAN;
}

static void test_nist(void **state)
{
    (void)state;
    const char *path = test_data("clinical/nist/nist_certified.csv");
    if (path == NULL) skip();
    test_csv certified = test_csv_read(path);
    for (size_t s = 0; s < sizeof nist_sets / sizeof nist_sets[0]; s++) {
        size_t n = 0;
        stroma_linear_model *m = nist_fit(&nist_sets[s], &n);
        double coefficients = 15, errors = 15, rest = 15;
        size_t checked = 0;
        for (size_t r = 0; r < certified.rows; r++) {
            if (strcmp(test_csv_text(&certified, r, "dataset"), nist_sets[s].name) != 0) continue;
            const char *key = test_csv_text(&certified, r, "statistic");
            const double lre =
                log_relative_error(nist_value(m, &nist_sets[s], key),
                                   strtod(test_csv_text(&certified, r, "certified"), NULL));
            double *least = key[0] == 'B'                  ? &coefficients
                            : strncmp(key, "se_B", 4) == 0 ? &errors
                                                           : &rest;
            *least = fmin(*least, lre);
            checked++;
        }
        print_message("# NIST %s (n = %zu): digits of coefficients %.1f, standard errors %.1f, fit "
                      "%.1f\n",
                      nist_sets[s].name, n, coefficients, errors, rest);
        assert_true(checked >= 11);
        assert_true(coefficients >= nist_sets[s].floor);
        assert_true(errors >= nist_sets[s].floor);
        assert_true(rest >= nist_sets[s].floor);
        stroma_linear_model_free(m);
    }
    test_csv_free(&certified);
}

static void test_ancova_of_antidepressant_trial(void **state)
{
    (void)state;
    json_t *cases = test_expected_load("clinical/expected/ancova.json");
    if (cases == NULL) skip();
    test_csv t = test_csv_read(test_data("clinical/rdata/rbmi_antidepressant_data.csv"));
    assert_int_equal(json_array_size(cases), 1);
    const json_t *one = json_array_get(cases, 0), *want = json_object_get(one, "expected");
    const double tol = test_expected_number(one, "tol_rel");
    double change[512], baseline[512];
    size_t group[512], n = 0;
    for (size_t r = 0; r < t.rows; r++) {
        if (strcmp(test_csv_text(&t, r, "VISIT"), "7") != 0) continue;
        assert_true(n < 512);
        change[n] = test_csv_number(&t, r, "CHANGE");
        baseline[n] = test_csv_number(&t, r, "BASVAL");
        group[n++] = strcmp(test_csv_text(&t, r, "THERAPY"), "DRUG") == 0;
    }
    stroma_ancova_result *a = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_ancova(change, baseline, group, n, 2, 0.95, &a, &err), STROMA_OK);
    static const char *const terms[] = { "(Intercept)", "BASVAL", "THERAPYDRUG" };
    for (size_t j = 0; j < 3; j++) {
        const json_t *c = json_object_get(json_object_get(want, "coef"), terms[j]);
        const stroma_stat s = stroma_linear_coefficient(a->model, j, 0.95);
        test_check(c, terms[j], "Estimate", s.estimate, tol);
        assert_near(s.se, json_number_value(json_object_get(c, "Std. Error")), tol);
        test_check(c, terms[j], "t value", s.statistic, tol);
        test_check(c, terms[j], "Pr(>|t|)", s.p, tol);
    }
    for (size_t g = 0; g < 2; g++) {
        const json_t *c = json_array_get(json_object_get(want, "lsmeans"), g);
        test_check(c, "lsmeans", "emmean", a->adjusted_means[g].estimate, tol);
        test_check(c, "lsmeans", "SE", a->adjusted_means[g].se, tol);
        test_check(c, "lsmeans", "df", a->adjusted_means[g].df, tol);
        assert_near(a->adjusted_means[g].lower, json_number_value(json_object_get(c, "lower.CL")),
                    tol);
        assert_near(a->adjusted_means[g].upper, json_number_value(json_object_get(c, "upper.CL")),
                    tol);
    }
    /* the contrast is the group's coefficient */
    assert_near(a->contrasts[0].estimate, a->model->coefficients[2], 1e-14);
    assert_near(a->contrasts[0].se, a->model->se[2], 1e-14);
    stroma_ancova_free(a);
    test_csv_free(&t);
    json_decref(cases);
}

/* Values by hand, in rational arithmetic: y = 1, 3, 2, 5 on x = 0, 1, 2, 3. */
static void test_by_hand(void **state)
{
    (void)state;
    double x[] = { 1, 1, 1, 1, 0, 1, 2, 3 }, y[] = { 1, 3, 2, 5 };
    const stroma_design d = { .rows = 4, .columns = 2, .x = x, .intercept = true };
    stroma_linear_model *m = NULL;
    assert_int_equal(stroma_linear_model_fit(&d, y, NULL, &m, NULL), STROMA_OK);
    assert_near(m->coefficients[0], 11.0 / 10, 1e-15);
    assert_near(m->coefficients[1], 11.0 / 10, 1e-15);
    assert_near(m->ss_residual, 27.0 / 10, 1e-15);
    assert_near(m->r_squared, 121.0 / 175, 1e-15);
    assert_near(m->r_squared_adjusted, 1 - (54.0 / 175) * 3 / 2, 1e-15);
    assert_near(m->f, 6.05 / 1.35, 1e-15);
    assert_near(m->covariance[3], 27.0 / 100, 1e-15);
    assert_near(m->covariance[1], -1.5 * 0.27, 1e-15);
    assert_near(m->minus2_log_likelihood, 4 * (log(2 * M_PI * 2.7 / 4) + 1), 1e-15);
    const double both[] = { 1, 3 };
    const stroma_stat c = stroma_linear_contrast(m, both, 0, 0.95);
    assert_near(c.estimate, 4.4, 1e-15);
    assert_near(c.se, sqrt(1.35 * 0.7), 1e-15);
    const size_t slope = 1;
    stroma_stat joint;
    assert_int_equal(stroma_linear_joint_test(m, &slope, 1, &joint, NULL), STROMA_OK);
    assert_near(joint.statistic, m->f, 1e-14);
    stroma_linear_model_free(m);
}

static void test_weights_are_repeats(void **state)
{
    (void)state;
    double x[] = { 1, 1, 1, 0, 1, 3 }, y[] = { 1, 4, 2 };
    const double w[] = { 1, 2, 3 };
    double xx[] = { 1, 1, 1, 1, 1, 1, 0, 1, 1, 3, 3, 3 }, yy[] = { 1, 4, 4, 2, 2, 2 };
    const stroma_design a = { .rows = 3, .columns = 2, .x = x, .intercept = true };
    const stroma_design b = { .rows = 6, .columns = 2, .x = xx, .intercept = true };
    stroma_linear_model *m = NULL, *k = NULL;
    assert_int_equal(stroma_linear_model_fit(&a, y, w, &m, NULL), STROMA_OK);
    assert_int_equal(stroma_linear_model_fit(&b, yy, NULL, &k, NULL), STROMA_OK);
    for (size_t j = 0; j < 2; j++)
        assert_near(m->coefficients[j], k->coefficients[j], 1e-15);
    assert_near(m->ss_residual, k->ss_residual, 1e-14);
    assert_near(m->r_squared, k->r_squared, 1e-14);
    stroma_linear_model_free(m);
    stroma_linear_model_free(k);
}

static void test_dependent_column_is_aliased(void **state)
{
    (void)state;
    double x[] = { 1, 1, 1, 1, 1, 0.1, 0.2, 0.7, 0.4, 0.5, 1.1, 1.2, 1.7, 1.4, 1.5 };
    double y[] = { 1, 2, 3, 5, 4 };
    const stroma_design d = { .rows = 5, .columns = 3, .x = x, .intercept = true };
    stroma_linear_model *m = NULL;
    assert_int_equal(stroma_linear_model_fit(&d, y, NULL, &m, NULL), STROMA_OK);
    assert_int_equal(m->rank, 2);
    assert_true(m->aliased[2] && !m->aliased[1] && isnan(m->coefficients[2]));
    assert_true(stroma_linear_coefficient(m, 2, 0.95).not_estimable);
    const double l[] = { 0, 0, 1 };
    assert_true(stroma_linear_contrast(m, l, 0, 0.95).not_estimable);
    stroma_linear_model_free(m);
}

static void test_what_cannot_be_fitted(void **state)
{
    (void)state;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_linear_model *m = NULL;
    double x[] = { 1, 1 }, y[] = { 1, NAN }, zero[] = { 0, 0 }, fine[] = { 1, 2 };
    stroma_design d = { .rows = 2, .columns = 1, .x = x, .intercept = true };
    assert_int_equal(stroma_linear_model_fit(&d, y, NULL, &m, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "response of row 2 is not finite");
    assert_int_equal(stroma_linear_model_fit(&d, fine, zero, &m, &err), STROMA_E_USAGE);
    d.x = zero;
    assert_int_equal(stroma_linear_model_fit(&d, fine, NULL, &m, &err), STROMA_E_DEGENERATE);
    assert_null(m);
    d.x = x;
    d.rows = 1; /* one row, one mean: no residual df */
    assert_int_equal(stroma_linear_model_fit(&d, fine, NULL, &m, &err), STROMA_OK);
    const stroma_stat s = stroma_linear_coefficient(m, 0, 0.95);
    assert_near(s.estimate, 1, 0);
    assert_true(isnan(s.p) && isnan(s.se));
    assert_string_equal(s.reason, "no residual degrees of freedom");
    stroma_linear_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nist),
        cmocka_unit_test(test_ancova_of_antidepressant_trial),
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_weights_are_repeats),
        cmocka_unit_test(test_dependent_column_is_aliased),
        cmocka_unit_test(test_what_cannot_be_fitted),
    };
    return cmocka_run_group_tests_name("linear_model", tests, NULL, NULL);
}
