/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_small.h"

#include "stroma/memory.h"
#include "stroma/models_time_roc.h"

static small_data small;
static test_csv reference;

static int setup(void **state)
{
    (void)state;
    small_read(&small);
    reference = test_csv_read(test_source("tests/reference/survival.csv"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_csv_free(&reference);
    return 0;
}

static stroma_time_roc_sample sample_of(stroma_time_roc_controls controls)
{
    return (stroma_time_roc_sample){ .n = SMALL_N,
                                     .marker = small.x,
                                     .stop = small.stop,
                                     .event = small.cause,
                                     .cause = 1,
                                     .controls = controls };
}

static stroma_stat auc(const stroma_time_roc_sample *s, double time)
{
    stroma_stat out;
    assert_int_equal(
        stroma_time_roc_auc(s, time, STROMA_TIME_ROC_PLAIN, 0.95, NULL, NULL, &out, NULL),
        STROMA_OK);
    return out;
}

/* The weighted definition in R, its standard error by numerical derivatives in the weights of the
 * subjects (tests/reference/survival.R): 1e-12 and 1e-7. */
static void as_defined(void **state)
{
    static const double times[] = { 4, 9 };
    (void)state;
    for (int c = 0; c < 2; c++)
        for (size_t i = 0; i < 2; i++) {
            const stroma_time_roc_sample s = sample_of((stroma_time_roc_controls)c);
            const stroma_stat a = auc(&s, times[i]);
            char what[64];
            (void)snprintf(what, sizeof what, "%sauc%g", c == 1 ? "other " : "", times[i]);
            small_check(&reference, "time roc", what, a.estimate, 1e-12);
            (void)snprintf(what, sizeof what, "%sauc%g se", c == 1 ? "other " : "", times[i]);
            small_check(&reference, "time roc", what, a.se, 1e-7);
        }
}

/* Nobody censored: the plain AUC of those who failed by t against the others, and DeLong's variance
 * but for its n - 1. */
static void without_censoring(void **state)
{
    (void)state;
    static uint32_t event[SMALL_N];
    double positive[SMALL_N], negative[SMALL_N];
    stroma_roc_sample plain = { .positive = positive, .negative = negative };
    for (size_t i = 0; i < SMALL_N; i++) {
        event[i] = 1;
        if (small.stop[i] <= 6)
            positive[plain.positive_len++] = small.x[i];
        else
            negative[plain.negative_len++] = small.x[i];
    }
    stroma_time_roc_sample s = sample_of(STROMA_TIME_ROC_EVENT_FREE);
    s.event = event;
    stroma_stat want;
    assert_int_equal(stroma_auc(&plain, NULL, &want, NULL), STROMA_OK);
    const stroma_stat a = auc(&s, 6);
    assert_near(a.estimate, want.estimate, 1e-14);
    assert_near(a.se, want.se, 0.03);
    assert_int_equal(a.n1, plain.positive_len);
    assert_int_equal(a.n2, plain.negative_len);
    s.direction = STROMA_ROC_LOWER;
    assert_near(auc(&s, 6).estimate, 1 - want.estimate, 1e-14);
}

/* The area under the curve is the AUC; a rule is a point of it. */
static void curve_and_rule(void **state)
{
    (void)state;
    for (int d = 0; d < 2; d++) {
        stroma_time_roc_sample s = sample_of(STROMA_TIME_ROC_NOT_CASES);
        stroma_roc_point *p = NULL;
        size_t n = 0;
        double area = 0;
        s.direction = d == 1 ? STROMA_ROC_LOWER : STROMA_ROC_HIGHER;
        assert_int_equal(stroma_time_roc_curve(&s, 9, &p, &n, NULL), STROMA_OK);
        for (size_t i = 1; i < n; i++)
            area += (p[i].specificity - p[i - 1].specificity) *
                    (p[i].sensitivity + p[i - 1].sensitivity) / 2;
        assert_near(area, auc(&s, 9).estimate, 1e-12);
        assert_true(p[0].sensitivity == 1 && p[n - 1].specificity == 1);
        for (size_t i = 0; i < n; i += 7) {
            stroma_stat sensitivity, specificity;
            assert_int_equal(stroma_time_roc_at(&s, 9, p[i].threshold, false, 0.95, &sensitivity,
                                                &specificity, NULL),
                             STROMA_OK);
            assert_true(fabs(sensitivity.estimate - p[i].sensitivity) < 1e-12);
            assert_true(fabs(specificity.estimate - p[i].specificity) < 1e-12);
        }
        stroma_free(p);
    }
}

static void compared(void **state)
{
    (void)state;
    const stroma_time_roc_sample s = sample_of(STROMA_TIME_ROC_EVENT_FREE);
    stroma_time_roc_sample z = s;
    z.marker = small.z;
    stroma_stat d;
    assert_int_equal(stroma_time_roc_compare(&s, small.z, 9, 0.95, &d, NULL), STROMA_OK);
    assert_near(d.estimate, auc(&s, 9).estimate - auc(&z, 9).estimate, 1e-12);
    assert_true(d.p > 0 && d.p <= 1 && d.se > 0);
    assert_int_equal(stroma_time_roc_compare(&s, small.x, 9, 0.95, &d, NULL), STROMA_OK);
    assert_true(d.not_estimable && d.estimate == 0 && isnan(d.p));
}

static void not_there(void **state)
{
    (void)state;
    stroma_time_roc_sample s = sample_of(STROMA_TIME_ROC_EVENT_FREE);
    stroma_stat a = auc(&s, 0.5);
    assert_true(a.not_estimable && isnan(a.estimate));
    assert_string_equal(a.reason, "nobody is known to have had the event by then");
    a = auc(&s, 1000);
    assert_string_equal(a.reason, "nobody is known to be free of the event at that time");
    stroma_error err = STROMA_ERROR_INIT;
    s.cause = 0;
    assert_int_equal(stroma_time_roc_auc(&s, 4, STROMA_TIME_ROC_LOGIT, 0.95, NULL, NULL, &a, &err),
                     STROMA_E_USAGE);
    s.cause = 1;
    assert_int_equal(stroma_time_roc_auc(&s, -4, STROMA_TIME_ROC_LOGIT, 0.95, NULL, NULL, &a, &err),
                     STROMA_E_USAGE);
    s.n = 0;
    assert_int_equal(stroma_time_roc_auc(&s, 4, STROMA_TIME_ROC_LOGIT, 0.95, NULL, NULL, &a, &err),
                     STROMA_E_DEGENERATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_defined),     cmocka_unit_test(without_censoring),
        cmocka_unit_test(curve_and_rule), cmocka_unit_test(compared),
        cmocka_unit_test(not_there),
    };
    return cmocka_run_group_tests_name("time_roc", tests, setup, teardown);
}
