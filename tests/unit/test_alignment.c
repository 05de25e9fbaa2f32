/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events, aligned change, lag and temporal order (S3-60, S3-67). Reference numbers of the
 * cross-lagged regressions: tests/reference/cross_lag.R. */
#include "stroma_test.h"
#include "test_csv.h"

#include "stroma/biomarker_alignment.h"
#include "stroma/memory.h"
#include "stroma/random.h"

#include <math.h>
#include <string.h>

#define NEAR(got, want, tolerance)                                     \
    do {                                                               \
        const double got_ = (got), want_ = (want);                     \
        if (!(fabs(got_ - want_) <= (tolerance)*fmax(1, fabs(want_)))) \
            fail_msg("%s is %.17g, wanted %.17g", #got, got_, want_);  \
    } while (0)

enum { ROWS_MAX = 4000 };
typedef struct data {
    size_t subject[ROWS_MAX];
    double day[ROWS_MAX], marker[ROWS_MAX], response[ROWS_MAX];
    stroma_cell_state state[ROWS_MAX];
    stroma_series s;
} data;
static data d; /* too large for the stack */

static void begin(size_t subjects)
{
    d.s = (stroma_series){ 0, subjects, d.subject, d.day, d.marker, d.state, d.response };
}

static void add(size_t subject, double day, double marker, stroma_cell_state state, double response)
{
    const size_t r = d.s.rows++;
    assert_true(r < ROWS_MAX);
    d.subject[r] = subject;
    d.day[r] = day;
    d.marker[r] = marker;
    d.state[r] = state;
    d.response[r] = response;
}

static void test_events(void **state)
{
    (void)state;
    begin(8);
    add(0, 0, 2, STROMA_BELOW_LIMIT, 5); /* rises between 7 and 21 */
    add(0, 7, 1.9, STROMA_PRESENT, 5);
    add(0, 14, NAN, STROMA_MISSING, 5);
    add(0, 21, 3, STROMA_PRESENT, 5);
    add(0, 28, 1, STROMA_PRESENT, 5);
    add(1, 0, 9, STROMA_PRESENT, 5); /* up at baseline */
    add(2, 0, 1, STROMA_PRESENT, 5); /* never */
    add(2, 7, 2, STROMA_PRESENT, 5);
    add(3, 14, 8, STROMA_PRESENT, 5);    /* first seen up */
    add(4, 0, 5, STROMA_BELOW_LIMIT, 5); /* <5 may be on either side of 2 */
    add(5, -14, 1, STROMA_PRESENT, 5);   /* up before treatment: day 0 */
    add(5, -2, 4, STROMA_PRESENT, 5);
    add(6, 0, 1, STROMA_PRESENT, 5); /* >100 is up */
    add(6, 10, 100, STROMA_ABOVE_LIMIT, 5);
    stroma_event e[8];
    stroma_rise_rule rule = { STROMA_RISE_ABOVE, 2, false };
    assert_int_equal(stroma_events_find(&d.s, &rule, e, NULL), STROMA_OK);
    static const stroma_event_state want[] = { STROMA_EVENT_RISE,    STROMA_EVENT_AT_BASELINE,
                                               STROMA_EVENT_NONE,    STROMA_EVENT_FIRST_SEEN,
                                               STROMA_EVENT_UNKNOWN, STROMA_EVENT_AT_BASELINE,
                                               STROMA_EVENT_RISE,    STROMA_EVENT_UNKNOWN };
    for (size_t i = 0; i < 8; i++)
        assert_string_equal(stroma_event_state_name(e[i].state), stroma_event_state_name(want[i]));
    NEAR(e[0].day, 21, 0);
    NEAR(e[0].previous_day, 7, 0);
    NEAR(e[1].day, 0, 0);
    NEAR(e[5].day, 0, 0);
    NEAR(e[6].day, 10, 0);
    assert_int_equal(e[4].not_judged, 1);
    assert_true(isnan(e[2].day) && isnan(e[3].day));
    rule.midpoint = true;
    assert_int_equal(stroma_events_find(&d.s, &rule, e, NULL), STROMA_OK);
    NEAR(e[0].day, 14, 0);
    /* twice the baseline: 2 × <2 is 4 at most; subject 2 reaches exactly twice; 1 has no later
     * visit */
    rule = (stroma_rise_rule){ STROMA_RISE_FOLD, 2, false };
    assert_int_equal(stroma_events_find(&d.s, &rule, e, NULL), STROMA_OK);
    assert_int_equal(e[0].state, STROMA_EVENT_NONE);
    assert_int_equal(e[2].state, STROMA_EVENT_RISE);
    assert_int_equal(e[1].state, STROMA_EVENT_NONE);
    assert_int_equal(e[3].state, STROMA_EVENT_UNKNOWN);
    assert_int_equal(e[6].state, STROMA_EVENT_RISE);
    stroma_error err = STROMA_ERROR_INIT;
    rule.value = 1;
    assert_int_equal(stroma_events_find(&d.s, &rule, e, &err), STROMA_E_USAGE);
    rule.value = 2;
    d.day[1] = 0;
    assert_int_equal(stroma_events_find(&d.s, &rule, e, &err), STROMA_E_INCONSISTENT);
    assert_string_equal(err.message, "rows 1 and 2 are the same subject on the same day, 0");
    d.day[1] = -1;
    assert_int_equal(stroma_events_find(&d.s, &rule, e, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "row 2 is out of order: rows go by subject, then by day");
}

/* Weekly visits give or take a day or two; the marker rises at one of them, the response falls
 * `lag` days later by `step` (0: never). */
static void plant(stroma_random *r, size_t subjects, double lag, double step, double noise)
{
    begin(subjects);
    for (size_t i = 0; i < subjects; i++) {
        const double level = 5 + stroma_random_normal(r);
        const size_t up = 2 + (size_t)stroma_random_below(r, 5);
        double event = NAN;
        for (size_t k = 0; k < 14; k++) {
            const double day = 7 * (double)k + (double)(k > 0 ? stroma_random_below(r, 5) : 0);
            if (k == up) event = day;
            const bool fallen = k >= up && day >= event + lag;
            const double y = level - (fallen ? step : 0) + noise * stroma_random_normal(r);
            add(i, day, k < up ? 1 : 4, k < up && k % 2 ? STROMA_BELOW_LIMIT : STROMA_PRESENT,
                stroma_random_uniform(r) < 0.1 ? (double)NAN : y);
        }
    }
}

static const stroma_rise_rule above2 = { STROMA_RISE_ABOVE, 2, false };

static void test_planted_lag(void **state)
{
    (void)state;
    stroma_random r;
    stroma_event e[40];
    stroma_stat s;
    stroma_alignment_options o = STROMA_ALIGNMENT_OPTIONS_INIT;
    o.resamples = 499;
    o.after_from = 18;
    o.after_to = 40;
    stroma_random_init(&r, 1, 1, 1);
    plant(&r, 30, 17, 1.2, 0.6);
    assert_int_equal(stroma_events_find(&d.s, &above2, e, NULL), STROMA_OK);
    assert_int_equal(stroma_alignment_test(&d.s, e, &o, &s, NULL), STROMA_OK);
    print_message("# change %.3f (%.3f to %.3f), p %.4f, n %zu\n", s.estimate, s.lower, s.upper,
                  s.p, s.n_used);
    assert_true(s.lower < -1.2 && s.upper > -1.2 && s.p <= 0.002 + 1e-12);
    assert_int_equal(stroma_alignment_lag(&d.s, e, &o, &s, NULL), STROMA_OK);
    print_message("# lag %.1f (%.1f to %.1f), step %.3f, p %.4f\n", s.estimate, s.lower, s.upper,
                  s.effect, s.p);
    assert_true(fabs(s.estimate - 17) <= 2 && s.lower <= 17 && s.upper >= 17 && s.p < 0.01);
    NEAR(s.effect, -1.2, 0.2);
    /* threads change nothing */
    stroma_stat two;
    o.threads = 4;
    assert_int_equal(stroma_alignment_lag(&d.s, e, &o, &two, NULL), STROMA_OK);
    assert_true(two.lower == s.lower && two.upper == s.upper && two.p == s.p);
    /* the other direction finds nothing to speak of */
    o.direction = STROMA_CHANGE_RISE;
    assert_int_equal(stroma_alignment_lag(&d.s, e, &o, &two, NULL), STROMA_OK);
    assert_true(two.not_estimable || two.statistic < s.statistic / 2);
}

/* A course that all share, whatever the marker does: before and after differ, yet no link. */
static void test_common_course_is_no_finding(void **state)
{
    (void)state;
    stroma_random r;
    stroma_event e[30];
    stroma_stat s;
    stroma_alignment_options o = STROMA_ALIGNMENT_OPTIONS_INIT;
    o.resamples = 999;
    stroma_random_init(&r, 2, 1, 1);
    plant(&r, 30, 0, 0, 0.5);
    for (size_t i = 0; i < d.s.rows; i++)
        d.response[i] -= 2 * (1 - exp(-d.day[i] / 30));
    assert_int_equal(stroma_events_find(&d.s, &above2, e, NULL), STROMA_OK);
    assert_int_equal(stroma_alignment_test(&d.s, e, &o, &s, NULL), STROMA_OK);
    print_message("# common course: change %.3f (%.3f to %.3f), p %.3f\n", s.estimate, s.lower,
                  s.upper, s.p);
    assert_true(s.upper < 0 && s.p > 0.05);
}

static void test_cross_lag_reference(void **state)
{
    (void)state;
    test_csv t = test_csv_read(test_source("tests/reference/cross_lag.csv"));
    begin(12);
    for (size_t r = 0; r < t.rows; r++) {
        const char *x = test_csv_text(&t, r, "x");
        const bool measured = strcmp(x, "NA") != 0;
        add((size_t)test_csv_number(&t, r, "subject") - 1, test_csv_number(&t, r, "day"),
            test_csv_number(&t, r, "x"), measured ? STROMA_PRESENT : STROMA_MISSING,
            test_csv_number(&t, r, "y"));
    }
    test_csv_free(&t);
    static const double want[2][2][3] = {
        { { 56, -0.680934649461723, 0.0874689005768284 },
          { 48, -0.0360038446592156, 0.182981907755243 } },
        { { 40, -0.521298278023441, 0.0406682181883459 },
          { 36, 0.179143654332615, 0.182440339919692 } },
    };
    for (int diff = 0; diff < 2; diff++) {
        stroma_cross_lag_options o = STROMA_CROSS_LAG_OPTIONS_INIT;
        stroma_cross_lag c;
        o.first_differences = diff == 1;
        assert_int_equal(stroma_cross_lag_test(&d.s, &o, &c, NULL), STROMA_OK);
        const stroma_stat *got[] = { &c.marker_to_response, &c.response_to_marker };
        for (int k = 0; k < 2; k++) {
            assert_int_equal(got[k]->n_used, (size_t)want[diff][k][0]);
            NEAR(got[k]->estimate, want[diff][k][1], 1e-12);
            NEAR(got[k]->se, want[diff][k][2], 1e-12);
        }
        print_message("# %s: p %.4f and %.4f, difference %.3f (%.3f to %.3f): %s\n",
                      got[0]->variant, got[0]->p, got[1]->p, c.difference.estimate,
                      c.difference.lower, c.difference.upper, stroma_temporal_order_name(c.order));
        /* y was made from the x before it; in 12 subjects differences are too noisy to say so */
        assert_int_equal(c.order,
                         diff == 0 ? STROMA_ORDER_MARKER_FIRST : STROMA_ORDER_NOT_TOLD_APART);
    }
    /* change the roles: the answer is turned round */
    for (size_t r = 0; r < d.s.rows; r++) {
        const double x = d.marker[r];
        d.marker[r] = d.response[r];
        d.response[r] = x;
        d.state[r] = isnan(d.marker[r]) ? STROMA_MISSING : STROMA_PRESENT;
    }
    stroma_cross_lag c;
    assert_int_equal(stroma_cross_lag_test(&d.s, NULL, &c, NULL), STROMA_OK);
    NEAR(c.response_to_marker.estimate, -0.680934649461723, 1e-12);
    assert_int_equal(c.order, STROMA_ORDER_RESPONSE_FIRST);
}

static void test_what_cannot_be_done(void **state)
{
    (void)state;
    stroma_event e[10] = { { STROMA_EVENT_NONE, 0, 0, 0 } };
    stroma_stat s;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_alignment_options o = STROMA_ALIGNMENT_OPTIONS_INIT;
    stroma_random r;
    begin(0);
    assert_int_equal(stroma_alignment_test(&d.s, e, NULL, &s, NULL), STROMA_OK);
    assert_true(s.not_estimable);
    assert_int_equal(stroma_alignment_lag(&d.s, e, NULL, &s, NULL), STROMA_OK);
    assert_string_equal(s.reason, "fewer than 5 subjects have an event and the response on both "
                                  "sides of a lag");
    stroma_cross_lag c;
    assert_int_equal(stroma_cross_lag_test(&d.s, NULL, &c, NULL), STROMA_OK);
    assert_int_equal(c.order, STROMA_ORDER_CANNOT_JUDGE);
    assert_string_equal(c.difference.reason, "fewer than 6 subjects have pairs of visits");
    /* all at baseline: an estimate, but nothing to shuffle */
    stroma_random_init(&r, 3, 1, 1);
    plant(&r, 10, 14, 1, 0.3);
    for (size_t i = 0; i < d.s.rows; i++) {
        d.marker[i] = 9;
        d.state[i] = STROMA_PRESENT;
    }
    o.resamples = 99;
    assert_int_equal(stroma_events_find(&d.s, &above2, e, NULL), STROMA_OK);
    assert_int_equal(stroma_alignment_test(&d.s, e, &o, &s, NULL), STROMA_OK);
    assert_true(isnan(s.p) && isfinite(s.estimate) && strstr(s.reason, "one day") != NULL);
    o.shuffle = STROMA_SHUFFLE_VISITS;
    assert_int_equal(stroma_alignment_test(&d.s, e, &o, &s, NULL), STROMA_OK);
    assert_true(isfinite(s.p));
    o.baseline_events = false;
    assert_int_equal(stroma_alignment_test(&d.s, e, &o, &s, NULL), STROMA_OK);
    assert_true(s.not_estimable && s.n1 == 0);
    assert_int_equal(stroma_cross_lag_test(&d.s, NULL, &c, NULL), STROMA_OK); /* marker constant */
    assert_int_equal(c.order, STROMA_ORDER_CANNOT_JUDGE);
    o.before_to = o.after_from;
    assert_int_equal(stroma_alignment_test(&d.s, e, &o, &s, &err), STROMA_E_USAGE);
    o = (stroma_alignment_options)STROMA_ALIGNMENT_OPTIONS_INIT;
    o.lag_step = 0;
    assert_int_equal(stroma_alignment_lag(&d.s, e, &o, &s, &err), STROMA_E_USAGE);
    stroma_cross_lag_options co = STROMA_CROSS_LAG_OPTIONS_INIT;
    co.log_marker = true;
    d.marker[3] = 0;
    assert_int_equal(stroma_cross_lag_test(&d.s, &co, &c, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "marker value 0 of row 4 has no logarithm");
}

/* The largest of five is larger than the largest of three (paper: P(p < 0.05) 0.32). */
static void test_peak_needs_equal_sampling(void **state)
{
    (void)state;
    double peak[3];
    stroma_sampling how;
    stroma_error err = STROMA_ERROR_INIT;
    begin(3);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 3; k++)
            add(i, 7 * (double)k + (i == 1 && k == 2 ? 1 : 0), (double)(k + i), STROMA_PRESENT, 0);
    assert_int_equal(stroma_sampling_check(&d.s, 0, 28, 1, &how, NULL), STROMA_OK);
    assert_true(how.same_days && how.subjects == 2 && how.days_most == 3);
    assert_int_equal(stroma_series_peak(&d.s, 0, 28, 1, peak, &err), STROMA_OK);
    assert_true(peak[0] == 2 && peak[1] == 3 && isnan(peak[2]));
    assert_int_equal(stroma_sampling_check(&d.s, 0, 28, 0, &how, NULL), STROMA_OK);
    assert_false(how.same_days); /* day 14 against day 15 */
    NEAR(how.first_differing_day, 14, 0);
    add(2, 0, 1, STROMA_PRESENT, 0);
    assert_int_equal(stroma_series_peak(&d.s, 0, 28, 1, peak, &err), STROMA_E_DEGENERATE);
    assert_string_equal(err.message, "no maximum over days 0 to 28: subjects have 1 to 3 values "
                                     "there");
    assert_int_equal(stroma_series_peak(&d.s, 0, 3, 1, peak, &err), STROMA_OK); /* all have day 0 */
    assert_int_equal(stroma_sampling_check(&d.s, 5, 3, 1, &how, &err), STROMA_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_planted_lag),
        cmocka_unit_test(test_common_course_is_no_finding),
        cmocka_unit_test(test_cross_lag_reference),
        cmocka_unit_test(test_what_cannot_be_done),
        cmocka_unit_test(test_peak_needs_equal_sampling),
    };
    return cmocka_run_group_tests_name("alignment", tests, NULL, NULL);
}
