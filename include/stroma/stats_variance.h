/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_variance.h
 *  Are the variances of groups equal?
 *
 *  Groups come as one column of values and one of group numbers 0…k−1, in any order. Degenerate,
 *  `not_estimable` with the reason: fewer than two groups, a group with too few values, no
 * variation where the test divides by it. STROMA_E_USAGE for NaN, infinite or > 1e140 values.
 * @since 0.1 */
#ifndef STROMA_STATS_VARIANCE_H
#define STROMA_STATS_VARIANCE_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Variance ratio var(x)/var(y), F test and interval (normal populations). statistic = estimate;
 *  df, df2. two-sided p = 2·min(tails). */
STROMA_API STROMA_CHECK stroma_status stroma_variance_ratio(const double *x, size_t nx,
                                                            const double *y, size_t ny,
                                                            double level, stroma_stat *out,
                                                            stroma_error *err);
typedef enum stroma_levene_center {
    STROMA_LEVENE_MEAN,  /**< Levene 1960 */
    STROMA_LEVENE_MEDIAN /**< Brown & Forsythe 1974 JASA 69:364: robust, the usual choice */
} stroma_levene_center;
/** One-way analysis of variance of |x − centre of its group|. Each group needs two values. */
STROMA_API STROMA_CHECK stroma_status stroma_levene(const double *x, const size_t *group, size_t n,
                                                    size_t k, stroma_levene_center center,
                                                    stroma_stat *out, stroma_error *err);
/** Bartlett 1937: K² against chi-squared, k − 1 df. Normal populations; each group needs two values
 *  that differ. */
STROMA_API STROMA_CHECK stroma_status stroma_bartlett(const double *x, const size_t *group,
                                                      size_t n, size_t k, stroma_stat *out,
                                                      stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
