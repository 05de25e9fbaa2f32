/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_summary.h
 *  Numbers that describe one sample. Sums are kept in double-double (106 bits), so mean and sd are
 *  those of the doubles given to the last digit or two, and independent of the CPU. @since 0.1 */
#ifndef STROMA_STATS_SUMMARY_H
#define STROMA_STATS_SUMMARY_H
#include "stroma/error.h"
#ifdef __cplusplus
extern "C" {
#endif
/** What does not exist is NaN: everything but n for n = 0; sd, sem and the interval for n = 1;
 *  the geometric mean unless all values are positive. */
typedef struct stroma_summary {
    size_t n;
    double mean;
    double variance, sd;             /**< divisor n − 1 */
    double sem;                      /**< sd/√n */
    double level;                    /**< of the interval, as a fraction */
    double lower, upper;             /**< mean ± t(1 − (1 − level)/2; n − 1)·sem */
    double min, q1, median, q3, max; /**< quartiles by R's type 7 */
    double geometric_mean;           /**< exp of the mean log */
} stroma_summary;

/** @param level of the t interval, in 0…1
 *  @return STROMA_OK also for n = 0 (x may then be NULL); STROMA_E_USAGE for NaN, infinite or >
 * 1e140 values or a bad level; STROMA_E_NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_summary_compute(const double *x, size_t n,
                                                             double level, stroma_summary *out,
                                                             stroma_error *err);

typedef enum stroma_quantile_type {
    STROMA_QUANTILE_7, /**< R's default: linear between order statistics, x[(n−1)p] */
    STROMA_QUANTILE_2  /**< SAS's default (PCTLDEF=5): step function, mean of the two at a jump */
} stroma_quantile_type;

/** Sample quantile (Hyndman & Fan 1996), p in 0…1; @p x in any order, unchanged.
 *  @return STROMA_E_DEGENERATE for n = 0; STROMA_E_USAGE for a bad p or value; STROMA_E_NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_quantile_compute(const double *x, size_t n, double p,
                                                              stroma_quantile_type type,
                                                              double *out, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
