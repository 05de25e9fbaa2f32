/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file biomarker_alignment.h
 *  Does a response move when a marker rises, and after how many days? Series of both in each
 * subject are aligned at the subject's own event, the first rise of the marker, in place of the day
 * of the infusion; what would be seen without any link comes from shuffled alignments. And which of
 * the two moves first: cross-lagged regressions in both directions.
 *
 *  Order in time is not cause: results say "precedes", never more. All functions are pure and
 *  thread-safe; random numbers come from Philox generators of their own, so that results do not
 *  depend on the number of threads. Texts in results are static. @since 0.1 */
#ifndef STROMA_BIOMARKER_ALIGNMENT_H
#define STROMA_BIOMARKER_ALIGNMENT_H
#include "stroma/stats.h"
#include "stroma/table.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Visits of subjects, row by row; every array is borrowed. Rows of a subject stand together, in
 *  ascending order of days. Days may be uneven and differ between subjects. */
typedef struct stroma_series {
    size_t rows, subjects;
    const size_t *subject;                 /**< rows codes 0 … subjects−1, ascending */
    const double *day;                     /**< study day; 0 is the first infusion */
    const double *marker;                  /**< the limit where censored; NaN: not measured */
    const stroma_cell_state *marker_state; /**< PRESENT, BELOW_LIMIT, ABOVE_LIMIT; others are as not
                                                measured. NULL: present where not NaN */
    const double *response;                /**< NaN: not measured */
} stroma_series;

typedef enum stroma_rise_kind {
    STROMA_RISE_ABOVE, /**< above the value */
    STROMA_RISE_FOLD   /**< at least this many times the last value on or before day 0 */
} stroma_rise_kind;
/** What counts as the rise. It is declared, not searched. */
typedef struct stroma_rise_rule {
    stroma_rise_kind kind;
    double value;  /**< cut-off in the marker's unit, or factor > 1 */
    bool midpoint; /**< date the rise midway between the last visit below and the first above */
} stroma_rise_rule;

typedef enum stroma_event_state {
    STROMA_EVENT_NONE,        /**< the marker was measured and never rose */
    STROMA_EVENT_RISE,        /**< rose between two visits after day 0 */
    STROMA_EVENT_AT_BASELINE, /**< was already up on or before day 0: aligned at day 0 */
    STROMA_EVENT_FIRST_SEEN,  /**< up at its first measurement, after day 0: when it rose is unknown
                               */
    STROMA_EVENT_UNKNOWN /**< no measurement can be judged (none; only censored ones that may lie
                              on either side; no baseline for a fold) */
} stroma_event_state;
/** "none", "rise", "at_baseline", "first_seen", "unknown". Never NULL. */
STROMA_API const char *stroma_event_state_name(stroma_event_state s);

typedef struct stroma_event {
    stroma_event_state state;
    double day;          /**< of the event; NaN unless RISE or AT_BASELINE */
    double previous_day; /**< last visit at which the marker was not up; NaN: none */
    size_t not_judged;   /**< measurements of the subject that may lie on either side */
} stroma_event;

/** The event of every subject. A censored value below its limit is not up when the limit is at most
 *  the cut-off, one above its limit is up when the limit is at least the cut-off; others are not
 *  judged, and counted.
 *  @param out series->subjects places
 *  @return OK; USAGE (a cut-off or factor that makes no sense, rows out of order, a day that is not
 *  finite), INCONSISTENT (two rows of a subject on one day). */
STROMA_API STROMA_CHECK stroma_status stroma_events_find(const stroma_series *series,
                                                         const stroma_rise_rule *rule,
                                                         stroma_event *out, stroma_error *err);

typedef enum stroma_shuffle {
    STROMA_SHUFFLE_SUBJECTS, /**< event days change hands among subjects with an event: a course
                                that is common to all stays, so that it is no finding */
    STROMA_SHUFFLE_VISITS    /**< each event falls on any visit of its own subject: for events that
                                  all come on one day; a common course is *not* taken care of */
} stroma_shuffle;

typedef enum stroma_change_direction {
    STROMA_CHANGE_FALL,
    STROMA_CHANGE_RISE
} stroma_change_direction;

typedef struct stroma_alignment_options {
    uint32_t version;
    double before_from, before_to; /**< days since the event, both included */
    double after_from, after_to;
    bool baseline_events; /**< use subjects whose marker was up at baseline (day 0) */
    stroma_shuffle shuffle;
    double lag_from, lag_to, lag_step; /**< days from the event to the change of the response */
    stroma_change_direction direction; /**< of the response, declared; for the lag */
    bool trend;                        /**< take out a common linear trend over days (lag) */
    double level;
    size_t resamples; /**< permutations, and bootstrap samples of subjects; 99 … 1e6 */
    uint64_t seed;
    int threads;
} stroma_alignment_options;
#define STROMA_ALIGNMENT_OPTIONS_INIT                                                           \
    {                                                                                           \
        .version = 1, .before_from = -28, .before_to = 0, .after_from = 7, .after_to = 35,      \
        .baseline_events = true, .lag_to = 56, .lag_step = 1, .level = 0.95, .resamples = 1999, \
        .seed = 1, .threads = 1                                                                 \
    }

/** Change of the response about the event: in each subject the mean in the window after less the
 * mean in the window before; over subjects mean, t interval, and the two-sided permutation p of t
 * under shuffled alignments, (1 + beyond)/(1 + permutations). n1: subjects with an event; n_used:
 * those with the response in both windows. Not estimable, with reason: fewer than 3 such subjects;
 * all events on one day (with SHUFFLE_SUBJECTS); no variation.
 *  @param events from stroma_events_find()
 *  @return OK; USAGE (windows that overlap or are empty, bad options), NOMEM, INTERRUPTED. */
STROMA_API STROMA_CHECK stroma_status stroma_alignment_test(const stroma_series *series,
                                                            const stroma_event *events,
                                                            const stroma_alignment_options *options,
                                                            stroma_stat *out, stroma_error *err);

/** Days from the event to the change of the response. For every lag L of the grid the response is
 *  modelled as a level of its own in each subject plus a common step at L days after the event; the
 *  lag is the one whose step, in the declared direction, explains most. Lags that cannot be told
 *  apart (no visit lies between them) are reported as their midpoint.
 *  estimate: lag; interval: percentiles over bootstrap samples of subjects, outer ends of ties;
 *  p: permutation, of the largest step over all lags; effect: the step at the lag.
 *  Not estimable, with reason: fewer than 5 subjects with event and visits on both sides, no step
 * in the declared direction. A lag at the end of the grid is marked in `reason`. As above. */
STROMA_API STROMA_CHECK stroma_status stroma_alignment_lag(const stroma_series *series,
                                                           const stroma_event *events,
                                                           const stroma_alignment_options *options,
                                                           stroma_stat *out, stroma_error *err);

typedef enum stroma_temporal_order {
    STROMA_ORDER_CANNOT_JUDGE,
    STROMA_ORDER_NOT_SHOWN,      /**< no link in time is shown, in either direction */
    STROMA_ORDER_NOT_TOLD_APART, /**< there is a link; which comes first cannot be told */
    STROMA_ORDER_MARKER_FIRST,
    STROMA_ORDER_RESPONSE_FIRST
} stroma_temporal_order;
/** "cannot_judge", "not_shown", "not_told_apart", "marker_precedes_response",
 *  "response_precedes_marker". Never NULL. */
STROMA_API const char *stroma_temporal_order_name(stroma_temporal_order o);

typedef struct stroma_cross_lag_options {
    uint32_t version;
    double gap_most_days;   /**< a previous value older than this is none */
    bool first_differences; /**< changes on previous changes: what differs between subjects for good
                                 drops out; needs three visits */
    bool trend;             /**< day as a covariate */
    bool log_marker;        /**< logarithm of the marker */
    double alpha, level;
    size_t resamples;
    uint64_t seed;
    int threads;
} stroma_cross_lag_options;
#define STROMA_CROSS_LAG_OPTIONS_INIT                                                   \
    {                                                                                   \
        .version = 1, .gap_most_days = 60, .trend = true, .alpha = 0.05, .level = 0.95, \
        .resamples = 1999, .seed = 1, .threads = 1                                      \
    }
typedef struct stroma_cross_lag {
    stroma_stat marker_to_response; /**< response now on marker before, given response before */
    stroma_stat response_to_marker;
    stroma_stat difference; /**< |first| − |second|, in SDs; bootstrap of subjects */
    stroma_temporal_order order;
    size_t censored; /**< marker values that entered as their limit */
} stroma_cross_lag;
/** Which moves first. now = a + r·(own value before) + b·(other's value before) [+ c·day], all
 *  standardised; b with cluster-robust standard error (CR1: G/(G−1)·(N−1)/(N−k), Liang & Zeger
 * 1986), t with subjects − 1 df for the interval, and the permutation p of t when whole series of
 * the *predictor* change hands among subjects. Order is claimed when one direction has p ≤ alpha/2
 * *and* the bootstrap interval of the difference excludes 0: one p below and one above alpha is no
 *  comparison. Not estimable, with reason: fewer than 6 subjects with pairs, no variation.
 *  @return OK; USAGE (as stroma_events_find(); a marker ≤ 0 with log_marker), NOMEM, INTERRUPTED.
 */
STROMA_API STROMA_CHECK stroma_status stroma_cross_lag_test(const stroma_series *series,
                                                            const stroma_cross_lag_options *options,
                                                            stroma_cross_lag *out,
                                                            stroma_error *err);

/** May a maximum over visits be compared between subjects? The largest of five values is higher
 * than the largest of three without any cause: with five samples in one group and three in the
 * other a marker without information has p < 0.05 in a third of the trials. */
typedef struct stroma_sampling {
    bool same_days;  /**< every subject has a value on the same days of the window */
    size_t subjects; /**< with a value in the window */
    size_t days_fewest, days_most;
    double first_differing_day; /**< a day some have and some have not; NaN: none */
    const char *reason;         /**< why a maximum is refused, or "" */
} stroma_sampling;
/** @param tolerance_days days this close count as one visit
 *  @return OK; USAGE (rows out of order, an empty window), INCONSISTENT, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_sampling_check(const stroma_series *series,
                                                            double from_day, double to_day,
                                                            double tolerance_days,
                                                            stroma_sampling *out,
                                                            stroma_error *err);
/** Largest marker value of each subject in a window; only where the sampling days are the same.
 *  @param peak series->subjects numbers; NaN: no value
 *  @return as stroma_sampling_check(); DEGENERATE where sampling differs between subjects. */
STROMA_API STROMA_CHECK stroma_status stroma_series_peak(const stroma_series *series,
                                                         double from_day, double to_day,
                                                         double tolerance_days, double *peak,
                                                         stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
