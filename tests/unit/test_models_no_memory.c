/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc_fail.h"

#include "stroma/memory.h"
#include "stroma/models_imputation.h"
#include "stroma/models_logistic.h"
#include "stroma/models_roc.h"

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
        cmocka_unit_test(test_roc),
        cmocka_unit_test(test_logistic),
        cmocka_unit_test(test_imputation),
    };
    return cmocka_run_group_tests_name("models_no_memory", tests, NULL, NULL);
}
