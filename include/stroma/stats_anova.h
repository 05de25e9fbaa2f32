/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_anova.h
 *  Comparisons of several groups or several visits.
 *
 *  Groups come as values with group numbers 0…k−1, in any order. Visits come as a table of n
 * subjects (rows) by k visits, row after row, complete. Degenerate, `not_estimable` with the
 * reason: fewer than two groups, an empty group, no degrees of freedom left, no variation.
 * STROMA_E_USAGE for NaN, infinite or > 1e140 values and for a group number that is k or more;
 * STROMA_E_NOMEM. Pure, thread-safe.
 *  @since 0.1 */
#ifndef STROMA_STATS_ANOVA_H
#define STROMA_STATS_ANOVA_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
/** What stands behind a one-way analysis; sums of squares in double-double. */
typedef struct stroma_anova_table {
    double ss_between, ss_within, ms_between, ms_within;
    double r_squared;   /**< ss_between/(ss_between + ss_within) */
    double residual_sd; /**< √ms_within */
} stroma_anova_table;

/** One-way analysis of variance. statistic F, df, df2; effect: eta² = R².
 *  @param table may be NULL; all NaN when not estimable */
STROMA_API STROMA_CHECK stroma_status stroma_anova_one_way(const double *x, const size_t *group,
                                                           size_t n, size_t k,
                                                           stroma_anova_table *table,
                                                           stroma_stat *out, stroma_error *err);
/** Welch 1951 Biometrika 38:330: unequal variances. Each group needs two values that differ. */
STROMA_API STROMA_CHECK stroma_status stroma_anova_welch(const double *x, const size_t *group,
                                                         size_t n, size_t k, stroma_stat *out,
                                                         stroma_error *err);
/** Kruskal & Wallis 1952 JASA 47:583: H with the tie correction against chi-squared, k − 1 df.
 * effect: epsilon² = H/(n − 1). */
STROMA_API STROMA_CHECK stroma_status stroma_kruskal_wallis(const double *x, const size_t *group,
                                                            size_t n, size_t k, stroma_stat *out,
                                                            stroma_error *err);

/** Repeated measures: the F test of visits and what sphericity does to it. */
typedef struct stroma_rm_anova {
    stroma_stat uncorrected; /**< F on k − 1 and (k − 1)(n − 1) df; effect: partial eta² */
    stroma_stat greenhouse_geisser; /**< the same F, df multiplied by gg_epsilon */
    stroma_stat huynh_feldt;        /**< df multiplied by hf_epsilon, by 1 where it is larger */
    double mauchly_w, mauchly_p; /**< NaN when n ≤ k − 1 or k = 2, where there is nothing to test */
    double gg_epsilon;           /**< Greenhouse & Geisser 1959 Psychometrika 24:95 */
    double hf_epsilon; /**< Huynh & Feldt 1976 J Educ Stat 1:69, as computed: it may exceed 1 */
} stroma_rm_anova;
/** One-way repeated measures of a complete @p n × @p k table. Mauchly's p with Box's second-order
 *  term, as R's mauchly.test. Needs n ≥ 2, k ≥ 2 and variation beyond subjects and visits. */
STROMA_API STROMA_CHECK stroma_status stroma_anova_repeated(const double *x, size_t n, size_t k,
                                                            stroma_rm_anova *out,
                                                            stroma_error *err);
/** Friedman 1937 JASA 32:675 on the same table, tie-corrected, chi-squared with k − 1 df. effect:
 *  Kendall's W. */
STROMA_API STROMA_CHECK stroma_status stroma_friedman(const double *x, size_t n, size_t k,
                                                      stroma_stat *out, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
