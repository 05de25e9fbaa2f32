/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc_fail.h"

#include "stroma/memory.h"
#include "stroma/models_bayes_logistic.h"
#include "stroma/models_cox.h"
#include "stroma/models_gee.h"
#include "stroma/models_imputation.h"
#include "stroma/models_logistic.h"
#include "stroma/models_meta.h"
#include "stroma/models_ordinal.h"
#include "stroma/models_roc.h"
#include "stroma/models_time_roc.h"
#include "stroma/models_validation.h"

static const double marker[] = { 5, 1, 4, 4, 7, 2, 3, 1, 2, 2, 6, 0 };
static const stroma_roc_sample sample = { marker, 6, marker + 6, 6, STROMA_ROC_HIGHER };
static const stroma_roc_sample other = { marker + 3, 6, marker, 6, STROMA_ROC_HIGHER };
static const stroma_roc_bootstrap resamples = { 100, 1, 1 };

static stroma_status areas(void *context)
{
    stroma_stat s;
    stroma_auc_options o = STROMA_AUC_OPTIONS_INIT;
    const stroma_roc_range range = { STROMA_ROC_SPECIFICITY, 0.5, 1, true };
    (void)context;
    o.interval = STROMA_AUC_BOOTSTRAP;
    o.bootstrap = resamples;
    STROMA_TRY(stroma_auc(&sample, &o, &s, NULL));
    STROMA_TRY(stroma_auc_compare_paired(&sample, &other, 0.95, &s, NULL));
    STROMA_TRY(stroma_auc_compare_unpaired(&sample, &other, 0.95, &s, NULL));
    return stroma_auc_partial(&sample, &range, 0.95, &resamples, &s, NULL);
}

static stroma_status cutoffs(void *context)
{
    stroma_stat s;
    stroma_roc_search f;
    stroma_roc_cutoff c;
    stroma_roc_point *points = NULL;
    size_t n = 0;
    (void)context;
    STROMA_TRY(stroma_roc_at(&sample, 2, true, STROMA_PROPORTION_WILSON, 0.95, &c, NULL));
    STROMA_TRY(stroma_roc_search_cutoff(&sample, 0.95, &resamples, &f, NULL));
    STROMA_TRY(stroma_roc_max_selected(&sample, 0.1, &s, NULL));
    const stroma_status status = stroma_roc_curve(&sample, &points, &n, NULL);
    stroma_free(points);
    return status;
}

static double x[] = { 1, 1, 1, 1, 1, 1, 1, 1, 5, 1, 4, 4, 7, 2, 3, 1 };
static const stroma_design design = { .rows = 8, .columns = 2, .x = x, .intercept = true };

/* @param context the outcomes */
static stroma_status models(void *context)
{
    const double *y = context;
    const size_t slope = 1;
    for (int firth = 0; firth < 2; firth++) {
        const stroma_logistic_options o = { firth == 1, STROMA_LOGISTIC_PROFILE, 0.95 };
        stroma_logistic_model *m = NULL;
        stroma_stat s;
        STROMA_TRY(stroma_logistic_fit(&design, y, &o, &m, NULL));
        stroma_logistic_free(m);
        STROMA_TRY(stroma_logistic_joint_test(&design, y, firth == 1, &slope, 1, &s, NULL));
    }
    stroma_separation separation;
    STROMA_TRY(stroma_logistic_separation(&design, y, &separation, NULL, NULL));
    const stroma_logistic_penalty lasso = { 1, true };
    stroma_logistic_path *p = NULL;
    STROMA_TRY(stroma_logistic_penalised(&design, y, &lasso, NULL, 5, &p, NULL));
    stroma_logistic_path_free(p);
    return STROMA_OK;
}

static const double entry[] = { 0, 0, 1, 0, 2, 0, 1, 0 }, stops[] = { 3, 1, 4, 1, 5, 9, 2, 6 };
static const uint32_t causes[] = { 1, 2, 0, 1, 1, 0, 1, 2 };
static const size_t codes[] = { 0, 1, 0, 1, 0, 1, 0, 1 };

static stroma_status curves(void *context)
{
    stroma_survival_data d = { .n = 8, .stop = stops, .event = causes };
    stroma_survival_curves *c = NULL;
    stroma_incidence_curves *i = NULL;
    stroma_landmark_state why[8];
    stroma_stat s;
    size_t row[8], n = 0;
    double time[8];
    (void)context;
    d.group = codes;
    d.groups = 2;
    STROMA_TRY(stroma_survival_curves_fit(&d, NULL, &c, NULL));
    stroma_survival_curves_free(c);
    STROMA_TRY(stroma_incidence_fit(&d, 1, NULL, &i, NULL));
    stroma_incidence_free(i);
    STROMA_TRY(stroma_incidence_test(&d, 1, &s, NULL));
    d.start = entry;
    STROMA_TRY(stroma_survival_test(&d, 0, NULL, NULL, &s, NULL));
    return stroma_landmark(&d, 2, NULL, why, row, time, &n, NULL);
}

static stroma_status hazards(void *context)
{
    stroma_cox_data d = { .times = { .n = 8,
                                     .start = entry,
                                     .stop = stops,
                                     .event = causes,
                                     .stratum = codes,
                                     .strata = 2 },
                          .design = &design };
    (void)context;
    for (int kind = 0; kind < 3; kind++) { /* plain, Firth, clusters */
        const stroma_cox_options o = { STROMA_COX_EFRON, kind == 1,
                                       kind == 2 ? STROMA_COX_WALD : STROMA_COX_PROFILE, 0.95 };
        d.cluster = kind == 2 ? codes : NULL;
        d.clusters = kind == 2 ? 2 : 0;
        stroma_cox_model *m = NULL;
        stroma_cox_step *steps = NULL;
        stroma_stat out[3];
        size_t n = 0;
        STROMA_TRY(stroma_cox_fit(&d, &o, &m, NULL));
        stroma_status s = stroma_cox_proportional(&d, m, STROMA_COX_CLOCK_KM, NULL, 0, out, NULL);
        if (s == STROMA_OK && m->reason[0] == '\0')
            s = stroma_cox_survival(&d, m, NULL, STROMA_SURVIVAL_LOG, &steps, &n, NULL);
        stroma_free(steps);
        stroma_cox_free(m);
        STROMA_TRY(s);
    }
    return STROMA_OK;
}

static stroma_status over_time(void *context)
{
    const stroma_time_roc_sample m = {
        .n = 8, .marker = marker, .stop = stops, .event = causes, .cause = 1
    };
    stroma_stat a, b;
    stroma_roc_point *p = NULL;
    size_t n = 0;
    (void)context;
    STROMA_TRY(stroma_time_roc_compare(&m, marker + 4, 3, 0.95, &a, NULL));
    STROMA_TRY(stroma_time_roc_at(&m, 3, 2, false, 0.95, &a, &b, NULL));
    const stroma_status s = stroma_time_roc_curve(&m, 3, &p, &n, NULL);
    stroma_free(p);
    STROMA_TRY(s);
    return stroma_meta_small_studies(x, x + 8, 8, 0.95, &a, NULL);
}

static void test_survival(void **state)
{
    (void)state;
    assert_true(alloc_fail_each(curves, NULL) > 25);
    assert_true(alloc_fail_each(hazards, NULL) > 40);
    assert_true(alloc_fail_each(over_time, NULL) > 20);
}

static stroma_status bayes(void *context)
{
    stroma_bayes_options o = STROMA_BAYES_OPTIONS_INIT;
    stroma_bayes_logistic_model *m = NULL;
    stroma_bayes_prediction p;
    const double row[] = { 1, 3 };
    o.chains = 2;
    o.warmup = 20;
    o.draws = 100;
    o.sensitivity = true;
    STROMA_TRY(stroma_bayes_logistic_fit(&design, context, &o, &m, NULL));
    const stroma_status s = stroma_bayes_logistic_predict(m, row, 0.95, &p, NULL);
    stroma_bayes_logistic_free(m);
    return s;
}

static stroma_status validations(void *context)
{
    const stroma_logistic_recipe recipe = { .design = &design,
                                            .y = context,
                                            .kind = STROMA_PROCEDURE_FIRTH };
    stroma_logistic_recipe penalised = {
        .design = &design, .y = context, .kind = STROMA_PROCEDURE_PENALISED, .lambda = 0.1
    };
    const stroma_validation_options o = { 20, 1, 1, true };
    const stroma_cross_options c = { 2, 1, 1, 1 };
    stroma_optimism v;
    stroma_cross_validation *cross = NULL;
    stroma_calibration k;
    static const double p[] = { 0.3, 0.1, 0.4, 0.5, 0.7, 0.2, 0.9, 0.6 };
    STROMA_TRY(stroma_logistic_validate(&recipe, &o, &v, NULL));
    STROMA_TRY(
        stroma_validate_cross(context, 8, stroma_logistic_procedure, &penalised, &c, &cross, NULL));
    stroma_cross_validation_free(cross);
    STROMA_TRY(stroma_calibrate(p, context, 8, 3, 0.95, &k, NULL));
    stroma_calibration_clear(&k);
    return STROMA_OK;
}

static stroma_status ordered(void *context)
{
    static const size_t y[] = { 0, 2, 1, 1, 2, 0, 1, 0 };
    static const size_t subject[] = { 0, 0, 1, 1, 2, 3, 4, 5 },
                        visit[] = { 0, 1, 0, 1, 0, 0, 0, 0 };
    const stroma_gee_data data = { &design, y, 3, subject, 6, visit, 2 };
    const stroma_gee_options o = { STROMA_GEE_EXCHANGEABLE, STROMA_GEE_KAUERMANN_CARROLL, 0.95 };
    stroma_ordinal_model *m = NULL;
    stroma_gee_model *g = NULL;
    stroma_stat together, terms[2];
    const size_t slope = 1;
    (void)context;
    STROMA_TRY(stroma_ordinal_fit(&design, y, 3, NULL, &m, NULL));
    stroma_ordinal_free(m);
    STROMA_TRY(stroma_ordinal_joint_test(&design, y, 3, &slope, 1, &together, NULL));
    STROMA_TRY(stroma_ordinal_brant(&design, y, 3, &together, terms, NULL));
    STROMA_TRY(stroma_gee_fit(&data, &o, &g, NULL));
    const stroma_status s = stroma_gee_joint_test(g, &slope, 1, &together, NULL);
    stroma_gee_free(g);
    return s;
}

static void test_bayes(void **state)
{
    double overlapping[] = { 1, 0, 0, 1, 1, 0, 1, 0 };
    (void)state;
    assert_true(alloc_fail_each(bayes, overlapping) > 40);
}

static void test_validation(void **state)
{
    double overlapping[] = { 1, 0, 0, 1, 1, 0, 1, 0 };
    (void)state;
    assert_true(alloc_fail_each(validations, overlapping) > 40);
}

static void test_ordered(void **state)
{
    (void)state;
    assert_true(alloc_fail_each(ordered, NULL) > 40);
}

static void test_roc(void **state)
{
    (void)state;
    assert_true(alloc_fail_each(areas, NULL) > 40);
    assert_true(alloc_fail_each(cutoffs, NULL) > 20);
}

enum { SUBJECTS = 12, VISITS = 2 };
static double values[SUBJECTS * VISITS], base[SUBJECTS];
static bool seen[SUBJECTS * VISITS];
static size_t arm[SUBJECTS];

/* @param context the draws */
static stroma_status imputation(void *context)
{
    const double shift[2 * VISITS] = { 0, 0, 0, 1 }, direction[2] = { 0, 1 };
    const stroma_imputation_data d = { .subjects = SUBJECTS,
                                       .visits = VISITS,
                                       .groups = 2,
                                       .covariates = 1,
                                       .y = values,
                                       .observed = seen,
                                       .group = arm,
                                       .covariate = base };
    const stroma_imputation_delta delta = { .shift = shift };
    const stroma_tipping_options t = {
        .version = 1, .visit = 1, .group = 1, .alpha = 0.05, .direction = direction, .limit = 0.1
    };
    const stroma_imputation_response r = { .threshold = base };
    stroma_imputation_options o = STROMA_IMPUTATION_OPTIONS_INIT;
    stroma_imputation_estimate e[2];
    stroma_tipping_point tip;
    stroma_imputation *m = NULL;
    o.draws = *(const stroma_imputation_draws *)context;
    o.imputations = 2;
    o.burn_in = 1;
    STROMA_TRY(stroma_imputation_run(&d, &o, &m, NULL));
    stroma_status s = stroma_imputation_analyse(m, 1, &delta, 0.95, e, NULL, NULL);
    if (s == STROMA_OK) s = stroma_imputation_respond(m, 1, NULL, &r, 0.95, e, NULL, NULL);
    /* the search repeats the analysis, which has failed above already */
    if (s == STROMA_OK && o.draws == STROMA_DRAWS_BAYES)
        s = stroma_imputation_tip(m, &t, &tip, NULL);
    stroma_imputation_free(m);
    return s;
}

static void test_imputation(void **state)
{
    (void)state;
    for (size_t i = 0; i < SUBJECTS; i++) {
        arm[i] = i % 2;
        base[i] = (double)(i * 7 % 5);
        for (size_t v = 0; v < VISITS; v++) {
            values[i * VISITS + v] = (double)((i + 1) * (v + 3) % 11) + base[i] / 2;
            seen[i * VISITS + v] = v == 0 || i > 1;
        }
    }
    for (int k = STROMA_DRAWS_BAYES; k <= STROMA_DRAWS_CONDITIONAL_MEAN; k++) {
        stroma_imputation_draws draws = (stroma_imputation_draws)k;
        assert_true(alloc_fail_each(imputation, &draws) > 25);
    }
}

static void test_logistic(void **state)
{
    double overlapping[] = { 1, 0, 0, 1, 1, 0, 1, 0 }, separated[] = { 1, 0, 1, 1, 1, 0, 0, 0 };
    (void)state;
    assert_true(alloc_fail_each(models, overlapping) > 60);
    assert_true(alloc_fail_each(models, separated) > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roc),        cmocka_unit_test(test_logistic),
        cmocka_unit_test(test_imputation), cmocka_unit_test(test_survival),
        cmocka_unit_test(test_bayes),      cmocka_unit_test(test_validation),
        cmocka_unit_test(test_ordered),
    };
    return cmocka_run_group_tests_name("models_no_memory", tests, NULL, NULL);
}
