/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_pairwise.h
 *  Which of several groups differ: all pairs, or each against a control.
 *
 *  Groups come as values with group numbers 0…k−1. All methods but Games-Howell pool the variance
 * over all groups (MS within, n − k df). Degenerate: fewer than two groups, an empty group, no
 * degrees of freedom, no variation: then `not_estimable` with the reason, and the pairs hold NaN.
 *  STROMA_E_USAGE for NaN, infinite or > 1e140 values, a group number that is k or more, k > 1000
 * and bad options; STROMA_E_NOMEM. @since 0.1 */
#ifndef STROMA_STATS_PAIRWISE_H
#define STROMA_STATS_PAIRWISE_H
#include "stroma/stats.h"
#include "stroma/stats_multiplicity.h"
#ifdef __cplusplus
extern "C" {
#endif
/** difference = mean of group @p b − mean of group @p a; a is before b, or the control. */
typedef struct stroma_pair {
    size_t a, b;
    double difference, se, t, df;
    double p;            /**< of t alone, unadjusted, two-sided */
    double p_adjusted;   /**< by the method */
    double lower, upper; /**< simultaneous by Tukey, Dunnett, Games-Howell; else of t alone */
} stroma_pair;
typedef struct stroma_pairwise {
    const char *method; /**< "pairwise_t", "tukey_kramer", "games_howell", "dunnett" */
    const char *reason;
    bool not_estimable;
    size_t n_used;
    double ms_within, df; /**< NaN for Games-Howell */
    double level;
    stroma_pair *pairs; /**< (0,1), (0,2), … (k−2,k−1), or the control with each other group */
    size_t n_pairs;
} stroma_pairwise;
typedef struct stroma_pairwise_options {
    double level;                 /**< of the intervals, as a fraction */
    stroma_adjustment adjustment; /**< of pairwise t only */
    size_t control;               /**< group number of Dunnett's control */
} stroma_pairwise_options;
#define STROMA_PAIRWISE_OPTIONS_INIT \
    {                                \
        0.95, STROMA_ADJUST_HOLM, 0  \
    }
/** Release what the functions below fill; fine after a failure, and twice. */
STROMA_API void stroma_pairwise_clear(stroma_pairwise *p);

/** t tests on the pooled variance, p adjusted within this family. @param options NULL: 95 %, Holm
 */
STROMA_API STROMA_CHECK stroma_status stroma_pairwise_t(const double *x, const size_t *group,
                                                        size_t n, size_t k,
                                                        const stroma_pairwise_options *options,
                                                        stroma_pairwise *out, stroma_error *err);
/** Tukey's honest differences, Kramer 1956 for unequal n: √2·|t| against the studentized range. */
STROMA_API STROMA_CHECK stroma_status stroma_tukey_kramer(const double *x, const size_t *group,
                                                          size_t n, size_t k,
                                                          const stroma_pairwise_options *options,
                                                          stroma_pairwise *out, stroma_error *err);
/** Games & Howell 1976 J Educ Stat 1:113: unequal variances, Welch's df pair by pair. Each group
 * needs two values that differ. */
STROMA_API STROMA_CHECK stroma_status stroma_games_howell(const double *x, const size_t *group,
                                                          size_t n, size_t k,
                                                          const stroma_pairwise_options *options,
                                                          stroma_pairwise *out, stroma_error *err);
/** Dunnett 1955 JASA 50:1096, two-sided, any group sizes: P(max|T| ≥ |t|) of the multivariate t
 * with correlations λiλj, λi = √(ni/(ni + n0)), integrated to about 1e-12. */
STROMA_API STROMA_CHECK stroma_status stroma_dunnett(const double *x, const size_t *group, size_t n,
                                                     size_t k,
                                                     const stroma_pairwise_options *options,
                                                     stroma_pairwise *out, stroma_error *err);

/** P(max|Ti| > t) of m statistics with correlations λiλj, 0 ≤ λ < 1; df ≥ 1 or infinite. NaN
 * outside. */
STROMA_API double stroma_dunnett_sf(double t, const double *lambda, size_t m, double df);
/** The t with that upper tail @p alpha. */
STROMA_API double stroma_dunnett_critical(double alpha, const double *lambda, size_t m, double df);
#ifdef __cplusplus
}
#endif
#endif
