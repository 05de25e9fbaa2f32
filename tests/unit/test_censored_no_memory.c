/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc_fail.h"

#include "stroma/memory.h"
#include "stroma/models_censored.h"
#include "stroma/models_cpm.h"
#include "stroma/models_tobit.h"
#include "stroma/stats_agreement.h"
#include "stroma/stats_change.h"
#include "stroma/stats_equivalence.h"
#include "stroma/stats_reliability.h"

#include <math.h>

enum { N = 8 };
static const double low[N] = { -INFINITY, 2, 3, 3, 6, -INFINITY, 1.5, 9 };
static const double high[N] = { 1, 2, 3, 3, 6, 2.5, 1.5, 9 };
static const stroma_censored_sample sample = { low, high, N };
static const double first[N] = { 1, 2, 3, 4, 5, 6, 7, 8 }, second[N] = { 1, 3, 2, 5, 4, 7, 6, 9 };
static const size_t group[N] = { 0, 0, 1, 1, 0, 1, 0, 1 };
static double columns[2 * N] = { 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 0, 1 };
static const stroma_design design = { .rows = N, .columns = 2, .x = columns, .intercept = true };

static stroma_status summaries(void *context)
{
    stroma_censored_summary s;
    stroma_censored_step *steps = NULL;
    stroma_censored_ros_options b = { STROMA_SHAPE_LOGNORMAL, 3, 1, 1, 0.95 };
    stroma_stat t;
    double tied[N];
    size_t n = 0;
    (void)context;
    stroma_status status =
        stroma_censored_km(&sample, STROMA_REST_AT_LIMIT, 0.95, &s, &steps, &n, NULL);
    stroma_free(steps);
    STROMA_TRY(status);
    STROMA_TRY(stroma_censored_ml(&sample, STROMA_SHAPE_LOGNORMAL, STROMA_CENSORED_PROFILE, 0.95,
                                  &s, NULL));
    STROMA_TRY(stroma_censored_ros(&sample, &b, NULL, &s, NULL, NULL));
    STROMA_TRY(stroma_censored_logrank(&sample, group, 2, STROMA_CENSORED_PETO, &t, NULL, NULL));
    STROMA_TRY(stroma_censored_tie(&sample, tied, NULL, NULL));
    STROMA_TRY(stroma_censored_kendall(&sample, &sample, &t, NULL));
    return stroma_censored_theil_sen(first, &sample, &t, &tied[0], NULL);
}

static stroma_status models(void *context)
{
    stroma_tobit *m = NULL;
    stroma_stat t;
    double out[2 * N];
    const size_t slope = 1;
    const stroma_censored_sample *s = context;
    STROMA_TRY(stroma_tobit_fit(&design, s, NULL, &m, NULL));
    stroma_status status =
        m->reason[0] == '\0' ? stroma_tobit_impute(m, &design, s, 2, 1, out, NULL) : STROMA_OK;
    stroma_tobit_free(m);
    STROMA_TRY(status);
    return stroma_tobit_joint_test(&design, s, NULL, &slope, 1, &t, NULL);
}

static stroma_status ranks(void *context)
{
    stroma_cpm *m = NULL;
    stroma_stat t;
    const size_t slope = 1;
    const stroma_censored_sample *s = context;
    STROMA_TRY(stroma_cpm_fit(&design, s, 0.95, &m, NULL));
    stroma_cpm_free(m);
    return stroma_cpm_joint_test(&design, s, &slope, 1, &t, NULL);
}

static stroma_status agreement(void *context)
{
    stroma_deming_options o = STROMA_DEMING_OPTIONS_INIT;
    stroma_deming d;
    stroma_bland_altman b;
    stroma_passing_bablok p;
    stroma_repeatability r;
    stroma_change_baseline c;
    stroma_change_correlation two;
    stroma_equivalence e;
    const stroma_equivalence_options bounds = { STROMA_EQUIVALENCE_PAIRED, -3, 3, 0.05 };
    const stroma_subject_pairs paired = { first, second, group, N, 2 };
    const stroma_replicates readings = { first, group, N, 2 };
    const stroma_two_changes changes = { first, second, group, N, 2, 0 };
    (void)context;
    o.se = STROMA_DEMING_JACKKNIFE;
    STROMA_TRY(stroma_deming_fit(first, second, N, &o, &d, NULL));
    STROMA_TRY(stroma_bland_altman_fit(first, second, N, NULL, &b, NULL));
    STROMA_TRY(stroma_bland_altman_repeated(&paired, NULL, &b, NULL));
    STROMA_TRY(stroma_passing_bablok_fit(first, second, N, 0.95, &p, NULL));
    STROMA_TRY(stroma_repeatability_fit(&readings, NULL, &r, NULL));
    STROMA_TRY(stroma_change_baseline_fit(first, second, N, NULL, 0.95, &c, NULL));
    STROMA_TRY(stroma_change_correlate(&changes, 0.95, &two, NULL));
    return stroma_equivalence_test(first, N, second, N, &bounds, &e, NULL);
}

static void test_summaries(void **state)
{
    (void)state;
    assert_true(alloc_fail_each(summaries, NULL) > 25);
}

static void test_models(void **state)
{
    /* all of group 1 below a limit: the way through the linear program */
    static const double none[N] = { 1, 2, -INFINITY, -INFINITY, 6, -INFINITY, 1.5, -INFINITY };
    static const double limit[N] = { 1, 2, 3, 3, 6, 2.5, 1.5, 9 };
    stroma_censored_sample separated = { none, limit, N }, usual = sample;
    (void)state;
    assert_true(alloc_fail_each(models, &usual) > 60);
    assert_true(alloc_fail_each(models, &separated) > 30);
    assert_true(alloc_fail_each(ranks, &usual) > 60);
    assert_true(alloc_fail_each(ranks, &separated) > 60);
}

static void test_agreement(void **state)
{
    (void)state;
    assert_true(alloc_fail_each(agreement, NULL) > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_summaries),
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_agreement),
    };
    return cmocka_run_group_tests_name("censored_no_memory", tests, NULL, NULL);
}
