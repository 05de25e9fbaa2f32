/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixed models for repeated measures against stored optima (R's mmrm run to a tight optimum) and
 * SAS listings. */
#include "test_expected.h"

#include "stroma/models_mmrm.h"
#include "stroma/table_read.h"

typedef struct fitted {
    stroma_table *table;
    stroma_formula *formula;
    stroma_mmrm_table *rows;
    stroma_mmrm *model;
} fitted;

static void clear(fitted *f)
{
    stroma_mmrm_free(f->model);
    stroma_mmrm_table_free(f->rows);
    stroma_formula_free(f->formula);
    stroma_table_free(f->table);
    *f = (fitted){ 0 };
}

static void must(stroma_status s, const stroma_error *err, const char *what)
{
    if (s != STROMA_OK) fail_msg("%s: %s", what, err->message);
}

static stroma_table *read_table(const char *name)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    static const char *const missing[] = { "NA" };
    stroma_table *t = NULL;
    const char *path = test_data(name);
    if (path == NULL) skip();
    o.missing = missing;
    o.missing_len = 1;
    must(stroma_table_read(path, &o, &t, NULL, &err), &err, name);
    return t;
}

static void fit(fitted *f, const char *formula, const stroma_formula_levels *levels, size_t n,
                stroma_mmrm_df df, bool ml)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_mmrm_options o = STROMA_MMRM_OPTIONS_INIT;
    stroma_mmrm_free(f->model);
    if (f->rows == NULL) {
        must(stroma_formula_parse(formula, &f->formula, &err), &err, formula);
        must(stroma_mmrm_table_read(f->formula, f->table, NULL, 0, levels, n, &f->rows, &err), &err,
             formula);
    }
    assert_true(stroma_mmrm_structure_find(f->formula->covariance, &o.structure));
    o.df = df;
    o.ml = ml;
    must(stroma_mmrm_fit(&f->rows->data, &o, &f->model, &err), &err, formula);
}

static const struct {
    const char *key;
    stroma_mmrm_df df;
} methods[] = { { "satterthwaite", STROMA_MMRM_DF_SATTERTHWAITE },
                { "kenward_roger", STROMA_MMRM_DF_KR },
                { "kenward_roger_linear", STROMA_MMRM_DF_KR_LINEAR } };

static const json_t *find_case(const json_t *all, const char *id)
{
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *c = json_array_get(all, i);
        if (strcmp(json_string_value(json_object_get(c, "id")), id) == 0)
            return json_object_get(c, "expected");
    }
    fail_msg("no case %s", id);
    return NULL;
}

static void check_number(const char *id, const char *key, const char *term, double got, double want,
                         double tol)
{
    if (fabs(got - want) > tol * fabs(want) && fabs(got - want) > 1e-9)
        fail_msg("%s %s %s: %.12g, wanted %.12g (relative gap %.2g)", id, key, term, got, want,
                 fabs(got / want - 1));
}

static void check_case(const json_t *expected, const char *id, fitted *f, const char *formula,
                       const stroma_formula_levels *levels, size_t n)
{
    for (size_t k = 0; k < 3; k++) {
        fit(f, formula, levels, n, methods[k].df, false);
        const stroma_mmrm *m = f->model;
        assert_int_equal(m->rows, (size_t)test_expected_number(expected, "fit.nobs"));
        const double stored = test_expected_number(expected, "fit.m2ll");
        if (!(m->minus2_log_likelihood <= stored + 1e-6))
            fail_msg("%s: -2RLL is %.9f, stored %.9f", id, m->minus2_log_likelihood, stored);
        test_check(expected, id, "fit.m2ll", m->minus2_log_likelihood, 1e-9);
        test_check(expected, id, "fit.AIC", m->aic, 1e-9);
        test_check(expected, id, "fit.BIC", m->bic, 1e-9);
        const json_t *v = json_object_get(json_object_get(expected, "fit"), "varcor");
        for (size_t i = 0; i < m->visits * m->visits; i++) {
            const json_t *row = json_array_get(v, i / m->visits);
            const double want = json_number_value(json_array_get(row, i % m->visits));
            assert_true(fabs(m->visit_covariance[i] - want) <= 1e-5 * m->visit_covariance[0]);
        }
        const json_t *coef = json_object_get(json_object_get(expected, methods[k].key), "coef");
        assert_int_equal(json_object_size(coef), m->columns);
        for (size_t c = 0; c < m->columns; c++) {
            const char *name = f->rows->model->design.names[c];
            const json_t *want = json_object_get(coef, name);
            if (want == NULL) fail_msg("%s has no coefficient %s", id, name);
            const stroma_stat s = stroma_mmrm_coefficient(m, c, 0.95);
            const double se = test_expected_number(want, "se");
            const double estimate = test_expected_number(want, "estimate");
            if (fabs(s.estimate - estimate) > 1e-5 * fabs(estimate) + 1e-6 * se)
                fail_msg("%s %s: %.12g, wanted %.12g", id, name, s.estimate, estimate);
            check_number(id, methods[k].key, name, s.se, se, 1e-5);
            check_number(id, methods[k].key, name, s.df, test_expected_number(want, "df"), 1e-5);
            check_number(id, methods[k].key, name, s.p, test_expected_number(want, "p"), 1e-3);
        }
    }
}

static void test_stored_optima(void **state)
{
    (void)state;
    static const char *const sexes[] = { "Male", "Female" };
    static const char *const arms[] = { "PLACEBO", "DRUG" };
    static const stroma_formula_levels orders[] = { { "SEX", sexes, 2 }, { "THERAPY", arms, 2 } };
    static const struct {
        const char *id, *data, *formula;
    } cases[] = {
        { "fev_us", "mmrm_fev_data.csv",
          "FEV1 ~ RACE + SEX + ARMCD * AVISIT + us(AVISIT | USUBJID)" },
        { "fev_armcd_only_us", "mmrm_fev_data.csv", "FEV1 ~ ARMCD + us(AVISIT | USUBJID)" },
        { "fev_armcd_only_cs", "mmrm_fev_data.csv", "FEV1 ~ ARMCD + cs(AVISIT | USUBJID)" },
        { "fev_armcd_only_ar1", "mmrm_fev_data.csv", "FEV1 ~ ARMCD + ar1(AVISIT | USUBJID)" },
        { "fev_armcd_only_toep", "mmrm_fev_data.csv", "FEV1 ~ ARMCD + toep(AVISIT | USUBJID)" },
        { "fev_armcd_only_toeph", "mmrm_fev_data.csv", "FEV1 ~ ARMCD + toeph(AVISIT | USUBJID)" },
        { "fev_armcd_only_adh", "mmrm_fev_data.csv", "FEV1 ~ ARMCD + adh(AVISIT | USUBJID)" },
        { "sleep_as_paired_t", "datasets_sleep.csv", "extra ~ group + us(group | ID)" },
        { "antidepressant_us", "rbmi_antidepressant_data.csv",
          "CHANGE ~ BASVAL * VISIT + THERAPY * VISIT + us(VISIT | PATIENT)" },
    };
    json_t *all = test_expected_load("clinical/expected/mmrm.json");
    if (all == NULL) skip();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[200];
        fitted f = { 0 };
        (void)snprintf(path, sizeof path, "clinical/rdata/%s", cases[i].data);
        f.table = read_table(path);
        check_case(find_case(all, cases[i].id), cases[i].id, &f, cases[i].formula, orders, 2);
        clear(&f);
    }
    json_decref(all);
}

/* Extra sleep of ten people on two drugs (Student 1908, Biometrika 6:1, as R's `sleep`). */
static const double sleep_hours[2][10] = {
    { 0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0 },
    { 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4 },
};

typedef struct sleep_rows {
    double x[40], y[20];
    size_t subject[20], visit[20];
    stroma_design design;
    stroma_mmrm_data data;
} sleep_rows;

static void make_sleep(sleep_rows *s)
{
    for (size_t i = 0; i < 20; i++) {
        s->visit[i] = i / 10;
        s->subject[i] = i % 10;
        s->y[i] = sleep_hours[i / 10][i % 10];
        s->x[i] = 1;
        s->x[20 + i] = (double)(i / 10);
    }
    s->design = (stroma_design){ .rows = 20, .columns = 2, .x = s->x, .intercept = true };
    s->data = (stroma_mmrm_data){ .design = &s->design,
                                  .y = s->y,
                                  .subject = s->subject,
                                  .visit = s->visit,
                                  .subjects = 10,
                                  .visits = 2,
                                  .groups = 1 };
}

/* Complete pairs, unstructured: Student's paired t test, t = -4.0621 with 9 df (the same paper's
 * data give 1.58 ± 0.38896). Kenward-Roger in the Cholesky factor does not give it. */
static void test_paired_t(void **state)
{
    (void)state;
    static const struct {
        stroma_mmrm_df df;
        double se;
    } cases[] = { { STROMA_MMRM_DF_DEFAULT, 0.3889587 },
                  { STROMA_MMRM_DF_SATTERTHWAITE, 0.3889587 },
                  { STROMA_MMRM_DF_KR_NATURAL, 0.3889587 },
                  { STROMA_MMRM_DF_KR, 0.3385517 } };
    sleep_rows rows;
    make_sleep(&rows);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stroma_error err = STROMA_ERROR_INIT;
        stroma_mmrm_options o = STROMA_MMRM_OPTIONS_INIT;
        stroma_mmrm *m = NULL;
        o.df = cases[i].df;
        must(stroma_mmrm_fit(&rows.data, &o, &m, &err), &err, "sleep");
        const stroma_stat s = stroma_mmrm_coefficient(m, 1, 0.95);
        assert_near(s.estimate, 1.58, 1e-9);
        assert_near(s.se, cases[i].se, 1e-4);
        assert_near(s.df, 9, 1e-6);
        assert_true(m->promised_decrease < 1e-10);
        if (i < 3) assert_near(s.statistic, 4.062127683, 1e-8);
        stroma_mmrm_free(m);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    sleep_rows rows;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_mmrm_options o = STROMA_MMRM_OPTIONS_INIT;
    stroma_mmrm *m = NULL;
    make_sleep(&rows);
    o.ml = true;
    o.df = STROMA_MMRM_DF_KR;
    assert_int_equal(stroma_mmrm_fit(&rows.data, &o, &m, &err), STROMA_E_USAGE);
    assert_null(m);
    o = (stroma_mmrm_options)STROMA_MMRM_OPTIONS_INIT;
    o.structure = STROMA_MMRM_SP_EXP;
    assert_int_equal(stroma_mmrm_fit(&rows.data, &o, &m, &err), STROMA_E_USAGE);
    o.structure = STROMA_MMRM_US;
    rows.visit[10] = 0; /* twice the same visit */
    assert_int_equal(stroma_mmrm_fit(&rows.data, &o, &m, &err), STROMA_E_INCONSISTENT);
    make_sleep(&rows);
    for (size_t i = 10; i < 20; i++) /* no subject has both visits */
        rows.subject[i] = i;
    rows.data.subjects = 20;
    assert_int_equal(stroma_mmrm_fit(&rows.data, &o, &m, &err), STROMA_E_DEGENERATE);
    o.fallback[0] = STROMA_MMRM_AR1;
    o.fallback_len = 1;
    assert_int_equal(stroma_mmrm_fit(&rows.data, &o, &m, &err), STROMA_E_DEGENERATE);
    make_sleep(&rows);
    for (size_t i = 10; i < 20; i++) /* the second visit repeats the first: singular */
        rows.y[i] = rows.y[i - 10] + 1;
    assert_int_equal(stroma_mmrm_fit(&rows.data, &o, &m, &err), STROMA_E_DEGENERATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paired_t),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_stored_optima),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
