/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_rank_test.h
 *  Mann-Whitney (Wilcoxon rank sum), Wilcoxon signed rank and sign tests.
 *
 *  **Exact** means the conditional (permutation) distribution of the midranks at hand, ties and
 * all, by the shift algorithm (Streitberg & Röhmel 1986 Stat Software Newsl 12:10). Two-sided p =
 *  P(|T − E T| ≥ |t − E T|), compared in whole numbers; without ties this is R's exact p, with ties
 *  coin's, never the untied table. **Normal** uses the tie-corrected variance; "corrected" moves
 * the statistic 1/2 towards its mean (R's correct = TRUE).
 *
 *  The Hodges-Lehmann limits are order statistics of the differences (or Walsh averages), so they
 * are exact numbers of the data. Exact: the k-th smallest and largest, k the smallest value with
 *  P(T ≤ k) ≥ (1 − level)/2: for Mann-Whitney under the same conditional distribution, for the
 *  signed rank test under the distribution without ties. Asymptotic: where the
 * (corrected) z, with the variance of the ties that a shift leaves in place, crosses its quantile;
 * R looks for the same crossing with a root finder that stops at 1e-4. A level that n cannot reach
 * leaves the interval NaN, with the reason. One-sided alternatives give one-sided intervals.
 *
 *  Degenerate, `not_estimable` with reason: an empty group, all values equal, no non-zero
 * difference. Values are tied when the doubles are equal. STROMA_E_USAGE for NaN, infinite or >
 * 1e140 values and bad options; STROMA_E_NOMEM. Pure, thread-safe. @since 0.1 */
#ifndef STROMA_STATS_RANK_TEST_H
#define STROMA_STATS_RANK_TEST_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_rank_method {
    STROMA_RANK_AUTO,  /**< exact within the memory limit, else normal corrected; `variant` says
                          which */
    STROMA_RANK_EXACT, /**< not_estimable beyond the memory limit */
    STROMA_RANK_NORMAL,
    STROMA_RANK_NORMAL_CORRECTED
} stroma_rank_method;
typedef enum stroma_zero_rule {
    STROMA_ZERO_DROP, /**< Wilcoxon 1945, as R: zero differences are left out before ranking */
    STROMA_ZERO_PRATT /**< Pratt 1959: ranked with the others, then left out */
} stroma_zero_rule;
/** Exact distributions met before, for many tests on the same subjects; one thread at a time. */
typedef struct stroma_rank_cache stroma_rank_cache;
STROMA_API STROMA_CHECK stroma_status stroma_rank_cache_new(stroma_rank_cache **out,
                                                            stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_rank_cache_free(stroma_rank_cache *c);

typedef struct stroma_rank_options {
    stroma_alternative alternative;
    double level;
    stroma_rank_method method;
    stroma_zero_rule zeros;    /**< signed rank only */
    double null_value;         /**< shift or median difference under the null hypothesis */
    size_t memory_limit_bytes; /**< of the exact distribution; 0: 32 MiB (about 140 + 140 values) */
    stroma_rank_cache *cache;  /**< Mann-Whitney only; NULL: none */
    bool p_only;               /**< Mann-Whitney only: leave out the shift and its interval */
} stroma_rank_options;
#define STROMA_RANK_OPTIONS_INIT                                                      \
    {                                                                                 \
        STROMA_TWO_SIDED, 0.95, STROMA_RANK_AUTO, STROMA_ZERO_DROP, 0, 0, NULL, false \
    }

/** Mann-Whitney. statistic W = U of x: pairs with x > y, ties half (R's W). estimate:
 * Hodges-Lehmann shift, the median of all x − y. effect: AUC = W/(n1·n2) = P(X > Y) + P(X = Y)/2,
 * without interval.
 *  @param options NULL: two-sided, 95 %, auto */
STROMA_API STROMA_CHECK stroma_status stroma_mann_whitney(const double *x, size_t nx,
                                                          const double *y, size_t ny,
                                                          const stroma_rank_options *options,
                                                          stroma_stat *out, stroma_error *err);
/** What stands behind a Mann-Whitney test. */
typedef struct stroma_rank_detail {
    double rank_sum_x, u_x, u_y;
    double z; /**< (U − E U)/σ, tie-corrected, no continuity correction; NaN when all are equal */
    bool ties;
} stroma_rank_detail;
/** @return STROMA_E_DEGENERATE for an empty group. */
STROMA_API STROMA_CHECK stroma_status stroma_mann_whitney_detail(const double *x, size_t nx,
                                                                 const double *y, size_t ny,
                                                                 stroma_rank_detail *out,
                                                                 stroma_error *err);
/** Wilcoxon signed rank of n differences (paired values: subtract first). statistic V: sum of the
 *  ranks of the positive ones. estimate: pseudo-median, the median of the Walsh averages (of all
 *  differences under Pratt, of the non-zero ones otherwise, as R). n_used: non-zero differences; n1
 * all. effect: matched-pairs rank-biserial correlation (2V − S)/S, S the sum of the ranks. */
STROMA_API STROMA_CHECK stroma_status stroma_signed_rank(const double *difference, size_t n,
                                                         const stroma_rank_options *options,
                                                         stroma_stat *out, stroma_error *err);
/** Sign test: positive among non-zero differences, exact binomial, p = 2·min(tails). estimate:
 * their share, with Clopper-Pearson limits. */
STROMA_API STROMA_CHECK stroma_status stroma_sign_test(const double *difference, size_t n,
                                                       double level, stroma_stat *out,
                                                       stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
