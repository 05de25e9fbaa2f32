/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_change.h
 *  Change and baseline, and two changes: correlations that arithmetic alone can make, and what may
 *  be asked instead (checklist S3-61, A11).
 *
 *  A change y − x holds −x: it correlates with x also when x and y are two noises. With equal
 *  variances and correlation ρ of x and y, r(y − x, x) is −√((1 − ρ)/2) without any relation.
 *  @since 0.1 */
#ifndef STROMA_STATS_CHANGE_H
#define STROMA_STATS_CHANGE_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Error of one reading, declared from replicates or from the literature. */
typedef struct stroma_declared_error {
    double sd; /**< NaN: not declared */
    double df; /**< behind it; infinite when it is taken as known */
} stroma_declared_error;

typedef struct stroma_change_baseline {
    /** r of change and baseline: mathematically coupled, so there is no p and no interval. effect:
     *  the r that independence of change and level would give, −√((1 − ρ)/2). */
    stroma_stat coupled;
    /** Oldham 1962 J Chronic Dis 15:969: r of change and mean of the two, 0 when the variances are
     *  equal (the test of Pitman 1939). Fisher's z interval. */
    stroma_stat oldham;
    /** Slope of the change on the true baseline, corrected for the error of the baseline: (b +
     * k)/(1 − k), k = σe²/sx² (Blomqvist 1977 JASA 72:746), its SE by the delta method. */
    stroma_stat blomqvist;
    double baseline_sd, followup_sd, correlation;
} stroma_change_baseline;
/** @param baseline,followup of the same subjects
 *  Not estimable: fewer than four pairs, a constant variable; Blomqvist also without a declared
 *  error, or when the error explains all of the baseline's variance.
 *  @return OK; USAGE (not finite, a declared error that is negative), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_change_baseline_fit(
    const double *baseline, const double *followup, size_t n, const stroma_declared_error *error,
    double level, stroma_change_baseline *out, stroma_error *err);

/** What one change is: a quantity between two times. */
typedef struct stroma_change_window {
    const char *quantity;    /**< compared as text: "das28", "ifng" */
    double from_day, to_day; /**< study days; NaN when not declared */
} stroma_change_window;
/** What is wrong with correlating two changes: bits, 0 when nothing is. */
typedef enum stroma_change_flag {
    STROMA_CHANGE_SAME = 1,            /**< the same difference twice */
    STROMA_CHANGE_SHARED_BASELINE = 2, /**< both subtract the same reading: r is pulled up */
    STROMA_CHANGE_SHARED_READING = 4,  /**< the end of one is the start of the other: r is pulled
                                          down; or both end in one reading: up */
    STROMA_CHANGE_OVERLAP = 8,         /**< the same quantity in windows that overlap */
    STROMA_CHANGE_WINDOWS_DIFFER = 16, /**< other windows: they are not changes over one time */
    STROMA_CHANGE_UNDECLARED = 32      /**< a day is not declared: windows cannot be compared */
} stroma_change_flag;
/** @return bits of ::stroma_change_flag */
STROMA_API unsigned stroma_change_coupling(const stroma_change_window *a,
                                           const stroma_change_window *b);
/** True when arithmetic alone can make the correlation: its p must not be printed. */
STROMA_API bool stroma_change_is_coupled(unsigned flags);
/** One flag in words. Never NULL. */
STROMA_API const char *stroma_change_flag_text(stroma_change_flag f);

/** Two changes of the same subjects; borrowed. */
typedef struct stroma_two_changes {
    const double *a, *b;
    const size_t *group; /**< codes 0 … groups − 1, or NULL */
    size_t n, groups;
    unsigned flags; /**< of ::stroma_change_flag */
} stroma_two_changes;
typedef struct stroma_change_correlation {
    stroma_stat pooled; /**< all subjects together; p and interval only when not coupled */
    stroma_stat within; /**< pooled within groups (deviations from the groups' means), df less the
                           groups; not estimable with one group */
    unsigned flags;
    bool rests_on_groups; /**< the two have other signs, or the pooled interval excludes 0 and the
                             one within groups does not (Simpson 1951 JRSS B 13:238) */
} stroma_change_correlation;
/** Pearson's r of two changes, with the guard. */
STROMA_API STROMA_CHECK stroma_status stroma_change_correlate(const stroma_two_changes *changes,
                                                              double level,
                                                              stroma_change_correlation *out,
                                                              stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
