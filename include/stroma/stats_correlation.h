/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_correlation.h
 *  Pearson, Spearman and Kendall correlation of paired numbers, with intervals. All numbers must be
 *  finite; fewer than three pairs, or a constant column, is not estimable. @since 0.1 */
#ifndef STROMA_STATS_CORRELATION_H
#define STROMA_STATS_CORRELATION_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Pearson's r; t test with n − 2 df; interval by Fisher's z (n ≥ 4). USAGE when a number is
 *  not finite. */
STROMA_API STROMA_CHECK stroma_status stroma_correlation_pearson(const double *x, const double *y,
                                                                 size_t n, double level,
                                                                 stroma_stat *out,
                                                                 stroma_error *err);

/** Standard error of Fisher's z of a rank correlation. */
typedef enum stroma_spearman_interval {
    STROMA_SPEARMAN_BONETT_WRIGHT, /**< √((1 + ρ²/2)/(n − 3)) (Psychometrika 2000, 65:23) */
    STROMA_SPEARMAN_FIELLER,       /**< √(1.06/(n − 3)) (Biometrika 1957, 44:470) */
    STROMA_SPEARMAN_FISHER         /**< 1/√(n − 3) */
} stroma_spearman_interval;
typedef enum stroma_rank_p {
    STROMA_RANK_P_AUTO,  /**< exact where it is available, else asymptotic */
    STROMA_RANK_P_EXACT, /**< not estimable where it is not available */
    STROMA_RANK_P_ASYMPTOTIC
} stroma_rank_p;
/** Spearman's ρ: Pearson's r of midranks. The statistic is S = (n³ − n)(1 − ρ)/6, Σd² without ties.
 *  Exact p (all permutations, twice the smaller tail) without ties and n ≤ 12; else Student's t. */
STROMA_API STROMA_CHECK stroma_status stroma_correlation_spearman(const double *x, const double *y,
                                                                  size_t n, stroma_rank_p p,
                                                                  stroma_spearman_interval interval,
                                                                  double level, stroma_stat *out,
                                                                  stroma_error *err);
/** Kendall's τ-b (Knight's algorithm, n log n). Exact p without ties and n ≤ 60 (twice the smaller
 *  tail of the number of concordant pairs); else normal with the variance corrected for ties, no
 *  continuity correction. Interval: Fisher's z with √(0.437/(n − 4)) (Fieller 1957), n ≥ 5. */
STROMA_API STROMA_CHECK stroma_status stroma_correlation_kendall(const double *x, const double *y,
                                                                 size_t n, stroma_rank_p p,
                                                                 double level, stroma_stat *out,
                                                                 stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
