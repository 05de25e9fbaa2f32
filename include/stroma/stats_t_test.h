/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_t_test.h
 *  Student's t tests, from data or from published means.
 *
 *  Each result has: estimate = the mean (one sample), the mean difference x − y (two samples,
 *  pairs); se; t, df and p; the t interval of the estimate at the level asked (one-sided
 * alternatives give a one-sided interval with an infinite limit); and Hedges' g with an interval of
 * the same level, always two-sided.
 *
 *  g = J(m)·d, J(m) = Γ(m/2)/(√(m/2)·Γ((m − 1)/2)) exactly, m = n1 + n2 − 2 or n − 1 (Hedges 1981
 *  J Educ Stat 6:107). d = difference/pooled SD for two samples, also under Welch; for one sample
 *  (mean − null)/SD, for pairs the same of the differences. Its limits are J·ncp·√(1/n1 + 1/n2) (or
 *  J·ncp/√n), ncp the noncentralities under which the t of Student's test is at the quantiles (1 ±
 * level)/2 (Steiger & Fouladi 1997); they are left out (NaN) for |t| > 200.
 *
 *  Degenerate, `not_estimable` with the reason: fewer than two values in a group (Student needs two
 * in one group and one in the other), no variation. Statuses: STROMA_E_USAGE for NaN, infinite or >
 * 1e140 values and bad options. Pure, thread-safe.
 *  @since 0.1 */
#ifndef STROMA_STATS_T_TEST_H
#define STROMA_STATS_T_TEST_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef struct stroma_t_options {
    stroma_alternative alternative; /**< of the estimate against the null value */
    double level;                   /**< of the intervals, as a fraction */
    double null_value;              /**< mean or mean difference under the null hypothesis */
} stroma_t_options;
#define STROMA_T_OPTIONS_INIT     \
    {                             \
        STROMA_TWO_SIDED, 0.95, 0 \
    }

/** A group as papers print it. */
typedef struct stroma_group {
    double mean, sd;
    size_t n;
} stroma_group;
/** The group of a mean ± SEM: sd = sem·√n. */
STROMA_API stroma_group stroma_group_from_sem(double mean, double sem, size_t n);

/** @param options NULL: two-sided, 95 %, null value 0 (so in all functions here) */
STROMA_API STROMA_CHECK stroma_status stroma_t_one_sample(const double *x, size_t n,
                                                          const stroma_t_options *options,
                                                          stroma_stat *out, stroma_error *err);
/** Pairs x[i], y[i]; the differences x − y. */
STROMA_API STROMA_CHECK stroma_status stroma_t_paired(const double *x, const double *y, size_t n,
                                                      const stroma_t_options *options,
                                                      stroma_stat *out, stroma_error *err);
/** Equal variances assumed, pooled. */
STROMA_API STROMA_CHECK stroma_status stroma_t_student(const double *x, size_t nx, const double *y,
                                                       size_t ny, const stroma_t_options *options,
                                                       stroma_stat *out, stroma_error *err);
/** Unequal variances, Satterthwaite's df (Welch 1947 Biometrika 34:28). */
STROMA_API STROMA_CHECK stroma_status stroma_t_welch(const double *x, size_t nx, const double *y,
                                                     size_t ny, const stroma_t_options *options,
                                                     stroma_stat *out, stroma_error *err);
/** The same from summaries; an SD must be 0 or more. */
STROMA_API STROMA_CHECK stroma_status stroma_t_one_sample_summary(stroma_group g,
                                                                  const stroma_t_options *options,
                                                                  stroma_stat *out,
                                                                  stroma_error *err);
STROMA_API STROMA_CHECK stroma_status stroma_t_student_summary(stroma_group x, stroma_group y,
                                                               const stroma_t_options *options,
                                                               stroma_stat *out, stroma_error *err);
STROMA_API STROMA_CHECK stroma_status stroma_t_welch_summary(stroma_group x, stroma_group y,
                                                             const stroma_t_options *options,
                                                             stroma_stat *out, stroma_error *err);
/** Hedges' J(m); NaN for m ≤ 1. Cohen's d is g/J. */
STROMA_API double stroma_hedges_factor(double m);
#ifdef __cplusplus
}
#endif
#endif
