/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixed models for repeated measures against stored optima (R's mmrm run to a tight optimum) and
 * SAS listings. */
#include "test_expected.h"

#include "stroma/models_mmrm.h"
#include "stroma/stats_distribution.h"
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

/* The rows of a table whose cells in some columns have these texts; free(). */
typedef struct filter {
    const char *column, *text;
} filter;
static size_t *filter_rows(const stroma_table *t, const filter *f, size_t n, size_t *kept)
{
    size_t *rows = calloc(t->rows_len, sizeof *rows);
    assert_non_null(rows);
    *kept = 0;
    for (size_t i = 0; i < t->rows_len; i++) {
        bool keep = true;
        for (size_t k = 0; k < n; k++) {
            char buf[64];
            const size_t c = stroma_table_find(t, f[k].column);
            assert_true(c != SIZE_MAX);
            keep = keep &&
                   strncmp(stroma_table_cell_text(t, c, i, buf), f[k].text, strlen(f[k].text)) == 0;
            if (f[k].text[0] == '\0')
                keep = keep && stroma_table_cell_text(t, c, i, buf)[0] == '\0';
        }
        if (keep) rows[(*kept)++] = i;
    }
    return rows;
}

static void fit_rows(fitted *f, const char *formula, size_t *rows, size_t n, stroma_mmrm_df df)
{
    static const char *const weeks[] = { "Week 8", "Week 16", "Week 24" };
    static const stroma_formula_levels order = { "AVISIT", weeks, 3 };
    const bool weekly = strstr(formula, "CHG") != NULL;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_mmrm_options o = STROMA_MMRM_OPTIONS_INIT;
    must(stroma_formula_parse(formula, &f->formula, &err), &err, formula);
    must(stroma_mmrm_table_read(f->formula, f->table, rows, n, weekly ? &order : NULL, weekly,
                                &f->rows, &err),
         &err, formula);
    o.df = df;
    must(stroma_mmrm_fit(&f->rows->data, &o, &f->model, &err), &err, formula);
    free(rows);
}

static size_t variable_of(const fitted *f, const char *column)
{
    for (size_t v = 0; v < f->formula->variables_len; v++)
        if (strcmp(f->formula->variables[v].column, column) == 0) return v;
    fail_msg("no variable %s", column);
    return 0;
}

static size_t level_of(const fitted *f, size_t v, const char *name)
{
    for (size_t k = 0; k < f->rows->model->factors[v].levels_len; k++)
        if (strcmp(f->rows->model->factors[v].levels[k], name) == 0) return k;
    fail_msg("no level %s", name);
    return 0;
}

/* Adjusted mean at levels of up to two factors, or its difference from another level of the first
 * one. */
static stroma_stat mean_at(const fitted *f, const char *a, const char *level_a, const char *from,
                           const char *b, const char *level_b)
{
    size_t levels[STROMA_FORMULA_VARIABLES_MAX];
    double l[64], other[64];
    assert_true(f->model->columns <= 64);
    for (size_t v = 0; v < STROMA_FORMULA_VARIABLES_MAX; v++)
        levels[v] = SIZE_MAX;
    const size_t va = variable_of(f, a);
    if (b != NULL) levels[variable_of(f, b)] = level_of(f, variable_of(f, b), level_b);
    levels[va] = level_of(f, va, level_a);
    stroma_formula_mean_at(f->rows->model, levels, STROMA_WEIGHTS_EQUAL, l);
    if (from != NULL) {
        levels[va] = level_of(f, va, from);
        stroma_formula_mean_at(f->rows->model, levels, STROMA_WEIGHTS_EQUAL, other);
        for (size_t c = 0; c < f->model->columns; c++)
            l[c] -= other[c];
    }
    return stroma_mmrm_contrast(f->model, l, 0, 0.95);
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

/* Rows, likelihood, criteria and covariance of the visits; no worse than the stored optimum. */
static void check_fit(const json_t *expected, const char *id, const stroma_mmrm *m)
{
    assert_int_equal(m->rows, (size_t)test_expected_number(expected, "fit.nobs"));
    const double stored = test_expected_number(expected, "fit.m2ll");
    if (!(m->minus2_log_likelihood <= stored + 1e-6))
        fail_msg("%s: -2RLL is %.9f, stored %.9f", id, m->minus2_log_likelihood, stored);
    test_check(expected, id, "fit.m2ll", m->minus2_log_likelihood, 1e-9);
    test_check(expected, id, "fit.logLik", -m->minus2_log_likelihood / 2, 1e-9);
    test_check(expected, id, "fit.AIC", m->aic, 1e-9);
    test_check(expected, id, "fit.BIC", m->bic, 1e-9);
    const json_t *v = json_object_get(json_object_get(expected, "fit"), "varcor");
    for (size_t i = 0; i < m->visits * m->visits; i++) {
        const json_t *row = json_array_get(v, i / m->visits);
        const double want = json_number_value(json_array_get(row, i % m->visits));
        assert_true(fabs(m->visit_covariance[i] - want) <= 1e-5 * m->visit_covariance[0]);
    }
}

static void check_case(const json_t *expected, const char *id, fitted *f, const char *formula,
                       const stroma_formula_levels *levels, size_t n)
{
    for (size_t k = 0; k < 3; k++) {
        fit(f, formula, levels, n, methods[k].df, false);
        const stroma_mmrm *m = f->model;
        check_fit(expected, id, m);
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

/* A number whose key has dots in it. */
static double number_of(const json_t *j, const char *key)
{
    const json_t *x = json_object_get(j, key);
    if (!json_is_number(x)) fail_msg("no number %s", key);
    return json_number_value(x);
}

static void check_stat(const char *what, const stroma_stat *s, const json_t *want, double tol)
{
    static const char *const estimates[] = { "estimate", "emmean" };
    for (size_t i = 0; i < 2; i++)
        if (json_object_get(want, estimates[i]) != NULL)
            check_number(what, estimates[i], "", s->estimate,
                         test_expected_number(want, estimates[i]), tol);
    check_number(what, "SE", "", s->se, test_expected_number(want, "SE"), tol);
    check_number(what, "df", "", s->df, test_expected_number(want, "df"), tol);
    if (json_object_get(want, "p.value") != NULL)
        check_number(what, "p", "", s->p, number_of(want, "p.value"), 10 * tol);
    const char *const lower = json_object_get(want, "lower") != NULL ? "lower" : "lower.CL";
    const char *const upper = json_object_get(want, "upper") != NULL ? "upper" : "upper.CL";
    assert_true(fabs(s->lower - number_of(want, lower)) <= tol * s->se * 10);
    assert_true(fabs(s->upper - number_of(want, upper)) <= tol * s->se * 10);
}

static const char *text_of(const json_t *j, const char *key)
{
    return json_string_value(json_object_get(j, key));
}

/* Adjusted means of arm × visit and their differences, with two kinds of df. */
static void check_means(const json_t *expected, const fitted *f, const char *arm, const char *visit,
                        const char *means, const char *diffs)
{
    const json_t *list = json_object_get(expected, means);
    assert_int_equal(json_array_size(list), 8);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *want = json_array_get(list, i);
        const stroma_stat s =
            mean_at(f, arm, text_of(want, arm), NULL, visit, text_of(want, visit));
        check_stat(means, &s, want, 1e-5);
    }
    list = json_object_get(expected, diffs);
    assert_int_equal(json_array_size(list), 4);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *want = json_array_get(list, i);
        char pair[64];
        (void)snprintf(pair, sizeof pair, "%s", text_of(want, "contrast"));
        char *minus = strstr(pair, " - ");
        assert_non_null(minus);
        *minus = '\0';
        const stroma_stat s = mean_at(f, arm, pair, minus + 3, visit, text_of(want, visit));
        check_stat(diffs, &s, want, 1e-5);
    }
}

static void test_means_by_visit(void **state)
{
    (void)state;
    static const struct {
        const char *id, *data, *formula, *arm, *visit;
    } cases[] = {
        { "fev_us", "clinical/rdata/mmrm_fev_data.csv",
          "FEV1 ~ RACE + SEX + ARMCD * AVISIT + us(AVISIT | USUBJID)", "ARMCD", "AVISIT" },
        { "antidepressant_us", "clinical/rdata/rbmi_antidepressant_data.csv",
          "CHANGE ~ BASVAL * VISIT + THERAPY * VISIT + us(VISIT | PATIENT)", "THERAPY", "VISIT" },
    };
    json_t *all = test_expected_load("clinical/expected/mmrm.json");
    if (all == NULL) skip();
    for (size_t i = 0; i < 2; i++) {
        const json_t *expected = find_case(all, cases[i].id);
        fitted f = { 0 };
        f.table = read_table(cases[i].data);
        fit(&f, cases[i].formula, NULL, 0, STROMA_MMRM_DF_SATTERTHWAITE, false);
        check_means(expected, &f, cases[i].arm, cases[i].visit, "lsmeans_sat", "diffs_sat");
        fit(&f, cases[i].formula, NULL, 0, STROMA_MMRM_DF_KR_LINEAR, false);
        check_means(expected, &f, cases[i].arm, cases[i].visit, "lsmeans_krlin", "diffs_krlin");
        clear(&f);
    }
    json_decref(all);
}

/* nlme::gls (corSymm, varIdent), a second implementation: as far as it converges. */
static void test_second_implementation(void **state)
{
    (void)state;
    static const char *const sexes[] = { "Male", "Female" };
    static const stroma_formula_levels order = { "SEX", sexes, 2 };
    json_t *all = test_expected_load("clinical/expected/mmrm.json");
    if (all == NULL) skip();
    const json_t *expected = find_case(all, "fev_us_gls_crosscheck");
    fitted f = { 0 };
    f.table = read_table("clinical/rdata/mmrm_fev_data.csv");
    fit(&f, "FEV1 ~ RACE + SEX + ARMCD * AVISIT + us(AVISIT | USUBJID)", &order, 1,
        STROMA_MMRM_DF_SATTERTHWAITE, false);
    assert_true(f.model->minus2_log_likelihood <= test_expected_number(expected, "m2ll") + 1e-6);
    for (size_t c = 0; c < f.model->columns; c++) {
        const char *name = f.rows->model->design.names[c];
        const stroma_stat s = stroma_mmrm_coefficient(f.model, c, 0.95);
        const json_t *se = json_object_get(json_object_get(expected, "se_asymptotic"), name);
        const json_t *b = json_object_get(json_object_get(expected, "coef"), name);
        assert_true(json_is_number(se) && json_is_number(b));
        assert_true(fabs(s.estimate - json_number_value(b)) < 1e-3 * s.se);
        check_number("gls", "se", name, s.se, json_number_value(se), 1e-3);
    }
    clear(&f);
    json_decref(all);
}

static void check_visit_means(const fitted *f, const json_t *list)
{
    assert_int_equal(json_array_size(list), 5);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *want = json_array_get(list, i);
        const stroma_stat s = mean_at(f, "time", text_of(want, "tm"), NULL, NULL, NULL);
        check_stat("das28 mean", &s, want, 1e-5);
    }
}

/* All pairs of visits; the stored p-values are Tukey's, the intervals unadjusted. */
static void check_visit_pairs(const fitted *f, const json_t *list)
{
    assert_int_equal(json_array_size(list), 10);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *want = json_array_get(list, i);
        char pair[64];
        (void)snprintf(pair, sizeof pair, "%s", text_of(want, "contrast"));
        char *minus = strstr(pair, " - ");
        *minus = '\0';
        stroma_stat s = mean_at(f, "time", pair + 2, minus + 5, NULL, NULL);
        s.p = stroma_studentized_range_sf(sqrt(2) * fabs(s.estimate / s.se), 5, s.df);
        check_stat(pair, &s, want, 1e-5);
    }
}

/* Serial DAS28 of the RAPPORT cohort: five visits, real dropout. */
static void test_serial_das28(void **state)
{
    (void)state;
    static const filter das[] = { { "X_NAME_", "das" } };
    json_t *all = test_expected_load("clinical/expected/mmrm.json");
    if (all == NULL) skip();
    const json_t *expected = find_case(all, "rapport_das28_us");
    fitted f = { 0 };
    size_t n = 0;
    f.table = read_table("clinical/ra/mdhglm_ra_data_RAPPORT.csv");
    size_t *rows = filter_rows(f.table, das, 1, &n);
    fit_rows(&f, "outcome ~ sex + age + time + us(time | id)", rows, n, STROMA_MMRM_DF_DEFAULT);
    check_fit(expected, "das28", f.model);
    check_visit_means(&f, json_object_get(expected, "lsmeans_krlin"));
    fit(&f, "das28", NULL, 0, STROMA_MMRM_DF_SATTERTHWAITE, false);
    check_visit_means(&f, json_object_get(expected, "lsmeans_sat"));
    check_visit_pairs(&f, json_object_get(expected, "diffs_sat"));
    fit(&f, "das28", NULL, 0, STROMA_MMRM_DF_DEFAULT, false);
    for (size_t k = 0; k < 3; k++) {
        const json_t *coef = json_object_get(json_object_get(expected, methods[k].key), "coef");
        stroma_mmrm_options o = STROMA_MMRM_OPTIONS_INIT;
        stroma_mmrm *m = NULL;
        o.df = methods[k].df;
        assert_int_equal(stroma_mmrm_fit(&f.rows->data, &o, &m, NULL), STROMA_OK);
        for (size_t c = 0; c < m->columns; c++) {
            char name[64]; /* the stored names have "tm" for the visit */
            const char *own = f.rows->model->design.names[c];
            const bool visit = strncmp(own, "time", 4) == 0;
            (void)snprintf(name, sizeof name, "%s%s", visit ? "tm" : "", own + (visit ? 4 : 0));
            const json_t *want = json_object_get(coef, name);
            if (want == NULL) fail_msg("no coefficient %s", name);
            const stroma_stat s = stroma_mmrm_coefficient(m, c, 0.95);
            check_number("das28", "estimate", name, s.estimate,
                         test_expected_number(want, "estimate"), 1e-5);
            check_number("das28", "se", name, s.se, test_expected_number(want, "se"), 1e-5);
            check_number("das28", "df", name, s.df, test_expected_number(want, "df"), 1e-5);
            check_number("das28", "p", name, s.p, test_expected_number(want, "p"), 1e-3);
        }
        stroma_mmrm_free(m);
    }
    check_visit_pairs(&f, json_object_get(expected, "diffs_krlin"));
    clear(&f);
    json_decref(all);
}

/* CDISC pilot, ADAS-Cog, table 14-3.11: SAS printed p 0.4403 and 0.5600 at week 24. */
static void test_cdisc_pilot(void **state)
{
    (void)state;
    static const filter used[] = { { "PARAMCD", "ACTOT" }, { "EFFFL", "Y" }, { "ITTFL", "Y" },
                                   { "ANL01FL", "Y" },     { "DTYPE", "" },  { "AVISIT", "Week" } };
    static const char *const arms[] = { "Placebo", "Xanomeline Low Dose", "Xanomeline High Dose" };
    static const char *const keys[] = { "Kenward-Roger", "Kenward-Roger-Linear" };
    static const stroma_mmrm_df dfs[] = { STROMA_MMRM_DF_KR, STROMA_MMRM_DF_KR_LINEAR };
    json_t *all = test_expected_load("clinical/expected/cdisc_adas_mmrm.json");
    if (all == NULL) skip();
    for (size_t k = 0; k < 2; k++) {
        const json_t *expected = json_object_get(all, keys[k]);
        fitted f = { 0 };
        size_t n = 0;
        f.table = read_table("clinical/cdisc/datasetjson_adam/adadas.json");
        size_t *rows = filter_rows(f.table, used, 6, &n);
        fit_rows(&f, "CHG ~ TRTP * AVISIT + SITEGR1 + BASE * AVISIT + us(AVISIT | USUBJID)", rows,
                 n, dfs[k]);
        assert_int_equal(f.model->rows, 539);
        assert_int_equal(f.model->subjects, 234);
        test_check(expected, "adas", "m2ll", f.model->minus2_log_likelihood, 1e-9);
        for (size_t i = 0; i < 3; i++) {
            const stroma_stat s = mean_at(&f, "TRTP", arms[i], NULL, "AVISIT", "Week 24");
            check_stat("adas", &s, json_array_get(json_object_get(expected, "lsmeans_week24"), i),
                       1e-5);
        }
        const json_t *want = json_object_get(expected, "contrasts");
        const stroma_stat low = mean_at(&f, "TRTP", arms[1], arms[0], "AVISIT", "Week 24");
        const stroma_stat high = mean_at(&f, "TRTP", arms[2], arms[0], "AVISIT", "Week 24");
        const stroma_stat both = mean_at(&f, "TRTP", arms[2], arms[1], "AVISIT", "Week 24");
        check_stat("adas low", &low, json_array_get(want, 0), 1e-5);
        check_stat("adas high", &high, json_array_get(want, 1), 1e-5);
        check_stat("adas both", &both, json_array_get(want, 2), 1e-5);
        if (k == 1) { /* what SAS printed */
            const json_t *sas = json_object_get(all, "published");
            assert_true(fabs(high.p - test_expected_number(sas, "hi_minus_pbo_p")) < 5e-5);
            assert_true(fabs(low.p - test_expected_number(sas, "lo_minus_pbo_p")) < 5e-5);
            for (size_t i = 0; i < 3; i++) {
                const stroma_stat s = mean_at(&f, "TRTP", arms[i], NULL, "AVISIT", "Week 24");
                const json_t *x = json_array_get(json_object_get(sas, "lsmeans"), i);
                assert_true(fabs(s.estimate - json_number_value(x)) < 5e-5);
            }
        }
        clear(&f);
    }
    json_decref(all);
}

/* The first number after the word on the first line that begins with it; numbers after it too. */
static size_t listing_numbers(const char *path, const char *word, bool last, double *out, size_t n)
{
    char line[512];
    size_t found = 0;
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    while (fgets(line, sizeof line, in) != NULL) {
        const char *p = line + strspn(line, " ");
        if (strncmp(p, word, strlen(word)) != 0) continue;
        p += strlen(word);
        char *end = NULL;
        size_t k = 0;
        for (double x = strtod(p, &end); end != p && k < n; x = strtod(p = end, &end))
            out[k++] = x;
        if (k < 2) continue;
        found = k;
        if (!last) break;
    }
    (void)fclose(in);
    return found;
}

/* What four printed decimals allow, and the tolerance of 1e-4 for SAS stopping early. */
static void near_printed(const char *what, double got, double want, double half_digit)
{
    if (fabs(got - want) > half_digit + 1e-4 * fabs(want))
        fail_msg("%s: %.8g, SAS prints %.8g", what, got, want);
}

static void test_sas_listings(void **state)
{
    (void)state;
    static const struct {
        const char *file, *formula, *row;
        bool ml;
    } cases[] = {
        { "sas_adh_reml", "FEV1 ~ 1 + adh(AVISIT | USUBJID)", "Intercept", false },
        { "sas_ar1_reml", "FEV1 ~ 1 + ar1(AVISIT | USUBJID)", "Intercept", false },
        { "sas_ar1h_reml", "FEV1 ~ 1 + ar1h(AVISIT | USUBJID)", "Intercept", false },
        { "sas_cs_reml", "FEV1 ~ 1 + cs(AVISIT | USUBJID)", "Intercept", false },
        { "sas_csh_reml", "FEV1 ~ 1 + csh(AVISIT | USUBJID)", "Intercept", false },
        { "sas_log_simple_reml", "FEV1 ~ 1 + us(AVISIT | USUBJID)", "Intercept", false },
        { "sas_toeph_reml", "FEV1 ~ 1 + toeph(AVISIT | USUBJID)", "Intercept", false },
        { "sas_coef_ci_reml_un", "FEV1 ~ ARMCD + SEX + us(AVISIT | USUBJID)", "ARMCD        TRT",
          false },
        { "sas_coef_ci_ml_un", "FEV1 ~ ARMCD + SEX + us(AVISIT | USUBJID)", "ARMCD        TRT",
          true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[200];
        double row[8] = { 0 }, history[4] = { 0 };
        fitted f = { 0 };
        f.table = read_table("clinical/rdata/mmrm_fev_data.csv");
        fit(&f, cases[i].formula, NULL, 0, STROMA_MMRM_DF_SATTERTHWAITE, cases[i].ml);
        (void)snprintf(name, sizeof name, "clinical/mmrm/sas/%s.txt", cases[i].file);
        const char *path = test_data(name);
        assert_non_null(path);
        const size_t column = cases[i].row[0] == 'A' ? 1 : 0;
        const stroma_stat s = stroma_mmrm_coefficient(f.model, column, 0.95);
        assert_true(listing_numbers(path, cases[i].row, false, row, 8) >= 3);
        near_printed(name, s.estimate, row[0], 5e-5);
        near_printed(name, s.se, row[1], 5e-5);
        near_printed(name, s.df, row[2], 0.5);
        /* the last line of the iteration history: number, evaluations, -2 log-likelihood */
        bool seen = false;
        for (int k = 9; k > 0 && !seen; k--) {
            char word[8];
            (void)snprintf(word, sizeof word, "%d ", k);
            seen = listing_numbers(path, word, false, history, 3) == 3 && history[1] > 1000;
        }
        assert_true(seen);
        assert_true(f.model->minus2_log_likelihood <= history[1] + 1e-6);
        assert_true(fabs(f.model->minus2_log_likelihood - history[1]) < 1e-4);
        clear(&f);
    }
}

/* SAS DDFM=KR and KR(LINEAR). SAS stops short of the optimum: for un its df are 2.6e-4 away, for
 * csh its standard errors 1.2e-4, with and without the second derivatives alike. */
static void test_sas_kenward_roger(void **state)
{
    (void)state;
    static const struct {
        const char *structure;
        double se_tol, df_tol;
    } cases[] = {
        { "us", 1e-4, 3e-4 }, { "cs", 1e-4, 1e-4 }, { "csh", 1.3e-4, 4e-4 }, { "ar1", 1e-4, 1e-4 }
    };
    for (size_t i = 0; i < 8; i++) {
        char formula[100], name[100];
        stroma_error err = STROMA_ERROR_INIT;
        stroma_table *want = NULL;
        fitted f = { 0 };
        const bool linear = i >= 4;
        (void)snprintf(formula, sizeof formula, "FEV1 ~ ARMCD + %s(AVISIT | USUBJID)",
                       cases[i % 4].structure);
        (void)snprintf(name, sizeof name, "clinical/mmrm/sas_kr/kr%s_%s.csv", linear ? "1" : "",
                       cases[i % 4].structure);
        f.table = read_table("clinical/rdata/mmrm_fev_data.csv");
        fit(&f, formula, NULL, 0, linear ? STROMA_MMRM_DF_KR_LINEAR : STROMA_MMRM_DF_KR_NATURAL,
            false);
        must(stroma_table_read(test_data(name), NULL, &want, NULL, &err), &err, name);
        const stroma_stat s = stroma_mmrm_coefficient(f.model, 1, 0.95);
        const struct {
            const char *column;
            double got, tol;
        } parts[] = { { "Estimate", s.estimate, 1e-4 },
                      { "StdErr", s.se, cases[i % 4].se_tol },
                      { "DF", s.df, cases[i % 4].df_tol },
                      { "Lower", s.lower, 1e-4 },
                      { "Upper", s.upper, 1e-4 } };
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            check_number(name, parts[k].column, "", parts[k].got,
                         stroma_table_number(want, stroma_table_find(want, parts[k].column), 0),
                         parts[k].tol);
        stroma_table_free(want);
        clear(&f);
    }
}

static double deviance(const char *formula)
{
    fitted f = { 0 };
    f.table = read_table("clinical/rdata/mmrm_fev_data.csv");
    fit(&f, formula, NULL, 0, STROMA_MMRM_DF_DEFAULT, false);
    const double out = f.model->minus2_log_likelihood;
    assert_true(f.model->promised_decrease < 1e-10);
    clear(&f);
    return out;
}

/* A structure that contains another fits no worse, and equal ones fit alike. */
static void test_nested_structures(void **state)
{
    (void)state;
    static const char *const nested[][2] = { { "us", "toeph" },  { "toeph", "ar1h" },
                                             { "ar1h", "ar1" },  { "adh", "ad" },
                                             { "ad", "ar1" },    { "adh", "ar1h" },
                                             { "toep", "ar1" },  { "toep", "cs" },
                                             { "toeph", "csh" }, { "csh", "cs" } };
    char formula[100];
    for (size_t i = 0; i < sizeof nested / sizeof *nested; i++) {
        double value[2];
        for (size_t k = 0; k < 2; k++) {
            (void)snprintf(formula, sizeof formula, "FEV1 ~ ARMCD + %s(AVISIT | USUBJID)",
                           nested[i][k]);
            value[k] = deviance(formula);
        }
        assert_true(value[0] <= value[1] + 1e-8);
    }
    assert_near(deviance("FEV1 ~ ARMCD + sp_exp(VISITN | USUBJID)"),
                deviance("FEV1 ~ ARMCD + ar1(AVISIT | USUBJID)"), 1e-12);
}

/* A covariance of its own for each arm, and all effects by arm: as if the arms were fitted apart.
 */
static void test_covariance_groups(void **state)
{
    (void)state;
    static const char *const arms[] = { "PBO", "TRT" };
    fitted both = { 0 };
    double sum = 0;
    both.table = read_table("clinical/rdata/mmrm_fev_data.csv");
    fit(&both, "FEV1 ~ ARMCD * AVISIT + us(AVISIT | ARMCD / USUBJID)", NULL, 0,
        STROMA_MMRM_DF_KR_LINEAR, false);
    assert_int_equal(both.model->groups, 2);
    assert_int_equal(both.model->parameters, 20);
    for (size_t g = 0; g < 2; g++) {
        const filter arm = { "ARMCD", arms[g] };
        fitted f = { 0 };
        size_t n = 0;
        f.table = read_table("clinical/rdata/mmrm_fev_data.csv");
        size_t *rows = filter_rows(f.table, &arm, 1, &n);
        fit_rows(&f, "FEV1 ~ AVISIT + us(AVISIT | USUBJID)", rows, n, STROMA_MMRM_DF_KR_LINEAR);
        sum += f.model->minus2_log_likelihood;
        for (size_t i = 0; i < 16; i++)
            assert_near(both.model->visit_covariance[g * 16 + i], f.model->visit_covariance[i],
                        1e-6);
        if (g == 0) {
            const stroma_stat a = stroma_mmrm_coefficient(both.model, 0, 0.95);
            const stroma_stat b = stroma_mmrm_coefficient(f.model, 0, 0.95);
            assert_near(a.se, b.se, 1e-7);
            assert_near(a.df, b.df, 1e-7);
        }
        clear(&f);
    }
    assert_near(both.model->minus2_log_likelihood, sum, 1e-10);
    clear(&both);
}

/* Random intercept and slope (lme4, lmerTest and pbkrtest on its sleepstudy). */
static void test_random_slope(void **state)
{
    (void)state;
    static const char *const terms[] = { "(Intercept)", "Days" };
    json_t *all = test_expected_load("clinical/expected/lmm.json");
    if (all == NULL) skip();
    const json_t *expected = find_case(all, "sleepstudy_random_slope");
    for (size_t k = 0; k < 2; k++) {
        stroma_error err = STROMA_ERROR_INIT;
        stroma_mmrm_options o = STROMA_MMRM_OPTIONS_INIT;
        fitted f = { 0 };
        f.table = read_table("clinical/rdata/lme4_sleepstudy.csv");
        must(stroma_formula_parse("Reaction ~ Days + (Days | Subject)", &f.formula, &err), &err,
             "formula");
        must(stroma_mmrm_table_read(f.formula, f.table, NULL, 0, NULL, 0, &f.rows, &err), &err,
             "sleepstudy");
        o.structure = STROMA_MMRM_RANDOM_SLOPE;
        o.df = k == 0 ? STROMA_MMRM_DF_SATTERTHWAITE : STROMA_MMRM_DF_KR_LINEAR;
        must(stroma_mmrm_fit(&f.rows->data, &o, &f.model, &err), &err, "random slope");
        const json_t *vc = json_object_get(expected, "vc");
        static const size_t order[] = { 0, 2, 1, 3 }; /* as lme4 lists them */
        for (size_t v = 0; v < 4; v++)
            check_number("sleepstudy", "vcov", "", f.model->random_effects[order[v]],
                         test_expected_number(json_array_get(vc, v), "vcov"), 1e-4);
        test_check(expected, "sleepstudy", "REMLcrit", f.model->minus2_log_likelihood, 1e-9);
        for (size_t c = 0; c < 2; c++) {
            const stroma_stat s = stroma_mmrm_coefficient(f.model, c, 0.95);
            const json_t *want = json_object_get(
                json_object_get(expected, k == 0 ? "satterthwaite" : "kenward_roger"), terms[c]);
            check_number("sleepstudy", "Estimate", terms[c], s.estimate,
                         test_expected_number(want, "Estimate"), 1e-6);
            check_number("sleepstudy", "SE", terms[c], s.se, number_of(want, "Std. Error"), 1e-4);
            check_number("sleepstudy", "df", terms[c], s.df, test_expected_number(want, "df"),
                         1e-4);
            check_number("sleepstudy", "t", terms[c], s.statistic, number_of(want, "t value"),
                         1e-4);
            assert_near(s.p, number_of(want, "Pr(>|t|)"), 1e-3);
        }
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
        cmocka_unit_test(test_paired_t),          cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_stored_optima),     cmocka_unit_test(test_means_by_visit),
        cmocka_unit_test(test_serial_das28),      cmocka_unit_test(test_cdisc_pilot),
        cmocka_unit_test(test_sas_listings),      cmocka_unit_test(test_sas_kenward_roger),
        cmocka_unit_test(test_nested_structures), cmocka_unit_test(test_covariance_groups),
        cmocka_unit_test(test_random_slope),      cmocka_unit_test(test_second_implementation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
