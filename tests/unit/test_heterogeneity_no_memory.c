/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc_fail.h"

#include "stroma/biomarker_alignment.h"
#include "stroma/biomarker_heterogeneity.h"

enum { SUBJECTS = 8, VISITS = 6, ROWS = SUBJECTS * VISITS };
static size_t subject[ROWS], code[ROWS];
static double day[ROWS], marker[ROWS], response[ROWS], baseline[ROWS];
static const stroma_series series = { ROWS, SUBJECTS, subject, day, marker, NULL, response };

static void fill(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        const size_t visit = i % VISITS;
        code[i] = subject[i] = i / VISITS;
        day[i] = (double)(7 * visit);
        marker[i] = (double)(visit > 1 + subject[i] % 3 ? 4 : 1) + 0.01 * (double)(i * 7 % 11);
        response[i] = (double)(i * 13 % 17) - (double)visit;
        baseline[i] = (double)(i * 5 % 23);
    }
}

static stroma_status heterogeneity(void *context)
{
    stroma_heterogeneity_options o = STROMA_HETEROGENEITY_OPTIONS_INIT;
    const stroma_change_arm treated = { response, baseline, 24 },
                            control = { marker, baseline, 24 };
    stroma_heterogeneity h;
    stroma_replicates replicates;
    (void)context;
    o.adjust_baseline = true;
    o.mixture.resamples = 99;
    o.rule_draws = 1000;
    o.responds = stroma_response_eular;
    o.error.sd = 0.5;
    STROMA_TRY(stroma_heterogeneity_compute(&treated, &control, &o, &h, NULL));
    return stroma_replicate_error(response, code, ROWS, SUBJECTS, 0.95, &replicates, NULL);
}

static stroma_status alignment(void *context)
{
    const stroma_rise_rule rule = { STROMA_RISE_ABOVE, 2, false };
    stroma_alignment_options o = STROMA_ALIGNMENT_OPTIONS_INIT;
    stroma_cross_lag_options co = STROMA_CROSS_LAG_OPTIONS_INIT;
    stroma_event events[SUBJECTS];
    stroma_stat s;
    stroma_cross_lag c;
    double peak[SUBJECTS];
    (void)context;
    o.resamples = co.resamples = 99;
    STROMA_TRY(stroma_events_find(&series, &rule, events, NULL));
    STROMA_TRY(stroma_alignment_test(&series, events, &o, &s, NULL));
    STROMA_TRY(stroma_alignment_lag(&series, events, &o, &s, NULL));
    STROMA_TRY(stroma_cross_lag_test(&series, &co, &c, NULL));
    return stroma_series_peak(&series, 0, 28, 0, peak, NULL);
}

static void test_heterogeneity(void **state)
{
    (void)state;
    fill();
    assert_true(alloc_fail_each(heterogeneity, NULL) > 15);
}

static void test_alignment(void **state)
{
    (void)state;
    fill();
    assert_true(alloc_fail_each(alignment, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heterogeneity),
        cmocka_unit_test(test_alignment),
    };
    return cmocka_run_group_tests_name("heterogeneity_no_memory", tests, NULL, NULL);
}
