/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_survival.h
 *  Times to an event: Kaplan-Meier curves, their quantiles and restricted means, log-rank tests,
 *  cumulative incidence with competing events, and the subjects of a landmark analysis.
 *
 *  A row is a subject (or a part of one) at risk in (start, stop], with the event at stop or
 *  censored there; an event comes before a censoring at the same time. Times have one unit of the
 *  caller's choice. Two times count as equal when they differ by less than 1.5e-8 of the mean time:
 *  3·0.1 and 0.3 are one day (R's survival has the same rule, but adds an absolute 1.5e-8, which
 *  depends on the unit).
 *
 *  All functions are pure and thread-safe; texts in results are static. @since 0.1 */
#ifndef STROMA_MODELS_SURVIVAL_H
#define STROMA_MODELS_SURVIVAL_H
#include "stroma/memory.h"
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Who was at risk, and what happened. All arrays are borrowed and have n entries. */
typedef struct stroma_survival_data {
    size_t n;
    const double *start;   /**< delayed entry: at risk after this time; NULL: from the beginning */
    const double *stop;    /**< last time seen, ≥ 0 and > start */
    const uint32_t *event; /**< 0 censored, 1 event; with competing events the cause 1, 2, … */
    const size_t *group;   /**< codes 0 … groups−1; NULL: one group */
    size_t groups;
    const size_t *stratum; /**< codes 0 … strata−1; NULL: one stratum */
    size_t strata;
} stroma_survival_data;

typedef enum stroma_survival_scale {
    STROMA_SURVIVAL_LOG_LOG, /**< log(−log S), the default of SAS */
    STROMA_SURVIVAL_LOG,     /**< log S, the default of R; cut at 1 */
    STROMA_SURVIVAL_PLAIN    /**< S ± z·SE, cut at 0 and 1 */
} stroma_survival_scale;
enum { STROMA_SURVIVAL_SCALES = STROMA_SURVIVAL_PLAIN + 1 };
/** "log-log", "log", "plain". Never NULL. */
STROMA_API const char *stroma_survival_scale_name(stroma_survival_scale s);
typedef struct stroma_survival_options {
    stroma_survival_scale scale;
    double level;
} stroma_survival_options;
#define STROMA_SURVIVAL_OPTIONS_INIT  \
    {                                 \
        STROMA_SURVIVAL_LOG_LOG, 0.95 \
    }

/** The curve from one distinct time on. */
typedef struct stroma_survival_step {
    double time;
    size_t at_risk, events, censored; /**< just before; at */
    double survival;                  /**< Kaplan & Meier 1958 JASA 53:457 */
    double se; /**< Greenwood 1926; NaN where the curve is 0: its formula divides by 0 there */
    double lower, upper; /**< pointwise; NaN where the curve is 1 or 0 (log: only where it is 0) */
} stroma_survival_step;
/** One group's curve. */
typedef struct stroma_survival_curve {
    size_t n, events;
    double last; /**< largest time seen; NaN without a row */
    stroma_survival_step *steps;
    size_t steps_len;
    const double *stops, *starts; /**< n each, ascending; starts is NULL without delayed entry */
    stroma_survival_options options;
    /** Delayed entry: everybody at risk failed before the end, so that the curve falls to 0
     * although others were seen later. */
    bool emptied;
} stroma_survival_curve;
typedef struct stroma_survival_curves {
    stroma_survival_curve *curves; /**< one a group; a group without rows has no steps */
    size_t curves_len;
    size_t merged; /**< times that were moved to an almost equal one */
    stroma_arena *arena;
} stroma_survival_curves;

/** @param options NULL: the defaults
 *  @return OK; USAGE (a time that is negative or not finite, stop ≤ start, a code out of range, a
 *  bad level), DEGENERATE (no rows), NOMEM. Free with stroma_survival_curves_free(). */
STROMA_API STROMA_CHECK stroma_status
stroma_survival_curves_fit(const stroma_survival_data *d, const stroma_survival_options *options,
                           stroma_survival_curves **out, stroma_error *err);
STROMA_API void stroma_survival_curves_free(stroma_survival_curves *c);

/** Subjects at risk just before @p time. */
STROMA_API size_t stroma_survival_at_risk(const stroma_survival_curve *c, double time);
/** S(time) with SE and interval; n_used: at risk just before. Not estimable, with reason: after the
 *  last time seen, unless the curve had come to 0. */
STROMA_API stroma_stat stroma_survival_at(const stroma_survival_curve *c, double time);
/** The time by which a fraction @p failed_frac has failed (1/2: the median); where the curve is
 * flat at 1 − failed_frac, the middle of that stretch. Limits: where the limits of the curve get
 * there (Brookmeyer & Crowley 1982 Biometrics 38:29). Not estimable, with reason: the curve does
 * not fall that far. A limit that the curve's limits do not reach is NaN. */
STROMA_API stroma_stat stroma_survival_quantile(const stroma_survival_curve *c, double failed_frac);
/** Restricted mean: area under the curve from 0 to @p horizon, SE by Greenwood's sum (Klein &
 *  Moeschberger 2003 §4.5), normal interval. Not estimable, with reason: a horizon after the last
 *  time seen of a curve that is not 0 there, or ≤ 0. */
STROMA_API stroma_stat stroma_survival_mean(const stroma_survival_curve *c, double horizon);
/** Restricted mean of @p a less that of @p b: z, p, interval. */
STROMA_API stroma_stat stroma_survival_mean_difference(const stroma_survival_curve *a,
                                                       const stroma_survival_curve *b,
                                                       double horizon);

/** Equal hazards in all groups? Weights S(t−)^rho of the pooled curve of the stratum: rho 0 is the
 *  log-rank test, 1 Peto & Peto's modification of Wilcoxon's (Harrington & Fleming 1982 Biometrika
 *  69:553). Observed and expected are summed over strata; χ² on (groups that could have had an
 *  event) − 1 df. Any value of event other than 0 counts.
 *  @param observed, expected groups numbers each, weighted, written; may be NULL
 *  @return as stroma_survival_curves_fit(). Not estimable, with reason: fewer than two such groups,
 *  no event. */
STROMA_API STROMA_CHECK stroma_status stroma_survival_test(const stroma_survival_data *d,
                                                           double rho, double *observed,
                                                           double *expected, stroma_stat *out,
                                                           stroma_error *err);

/** Cumulative incidence of one cause from one distinct time on. */
typedef struct stroma_incidence_step {
    double time;
    size_t at_risk, events, competing, censored;
    double incidence;    /**< Aalen & Johansen 1978 Scand J Stat 5:141 */
    double se;           /**< multinomial (Greenwood's kind): equals the infinitesimal jackknife */
    double lower, upper; /**< on the scale asked for; NaN where the incidence is 0 */
    double event_free;   /**< free of every cause */
} stroma_incidence_step;
typedef struct stroma_incidence_curve {
    size_t n, events, competing;
    double last;
    stroma_incidence_step *steps;
    size_t steps_len;
    stroma_survival_options options;
} stroma_incidence_curve;
typedef struct stroma_incidence_curves {
    stroma_incidence_curve *curves; /**< one a group */
    size_t curves_len, merged;
    stroma_arena *arena;
} stroma_incidence_curves;
/** @param cause the value of event that counts; other values above 0 compete with it
 *  @return as stroma_survival_curves_fit() */
STROMA_API STROMA_CHECK stroma_status stroma_incidence_fit(const stroma_survival_data *d,
                                                           uint32_t cause,
                                                           const stroma_survival_options *options,
                                                           stroma_incidence_curves **out,
                                                           stroma_error *err);
STROMA_API void stroma_incidence_free(stroma_incidence_curves *c);
/** Incidence at @p time; not estimable, with reason, after the last time seen while somebody was
 *  still free of every event. */
STROMA_API stroma_stat stroma_incidence_at(const stroma_incidence_curve *c, double time);
/** Gray's test that the cumulative incidence of @p cause is the same in all groups (Gray 1988 Ann
 *  Stat 16:1141, rho 0); strata are summed over. No delayed entry.
 *  @return as stroma_survival_curves_fit(); USAGE also with start. Not estimable, with reason:
 * fewer than two groups with rows, no event of the cause, a variance that is singular. */
STROMA_API STROMA_CHECK stroma_status stroma_incidence_test(const stroma_survival_data *d,
                                                            uint32_t cause, stroma_stat *out,
                                                            stroma_error *err);

/** Why a subject is not in a landmark analysis. */
typedef enum stroma_landmark_state {
    STROMA_LANDMARK_IN,
    STROMA_LANDMARK_EVENT,         /**< had an event at or before the landmark */
    STROMA_LANDMARK_CENSORED,      /**< was not followed beyond it */
    STROMA_LANDMARK_NOT_ENTERED,   /**< entered after it */
    STROMA_LANDMARK_NOT_EVALUABLE, /**< at risk, but what groups are formed of is not known */
} stroma_landmark_state;
enum { STROMA_LANDMARK_STATES = STROMA_LANDMARK_NOT_EVALUABLE + 1 };
/** "had the event at or before the landmark", … Never NULL. */
STROMA_API const char *stroma_landmark_state_name(stroma_landmark_state s);
/** Landmark analysis (Anderson, Cain & Gelber 1983 J Clin Oncol 1:710): those at risk and evaluable
 *  at @p landmark, with time counted from it. Each row is one subject.
 *  @param evaluable n flags, or NULL: everybody
 *  @param state n, written
 *  @param row, time room for n, written: which rows are in, and their time after the landmark
 *  @param len written: how many are in
 *  @return OK; USAGE (as stroma_survival_curves_fit(), or a landmark that is not finite). */
STROMA_API STROMA_CHECK stroma_status stroma_landmark(const stroma_survival_data *d,
                                                      double landmark, const bool *evaluable,
                                                      stroma_landmark_state *state, size_t *row,
                                                      double *time, size_t *len, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
