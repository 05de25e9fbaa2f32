/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_proportion.h
 *  Intervals for one binomial proportion, and what "no event was seen" bounds. Counts are counts of
 *  subjects; proportions and levels are fractions. Impossible input (events > n, n = 0, level not
 *  strictly between 0 and 1) gives a result that is not estimable, with the reason. @since 0.1 */
#ifndef STROMA_STATS_PROPORTION_H
#define STROMA_STATS_PROPORTION_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_proportion_method {
    STROMA_PROPORTION_CLOPPER_PEARSON, /**< exact, by beta quantiles (Biometrika 1934, 26:404) */
    STROMA_PROPORTION_WILSON,          /**< score (JASA 1927, 22:209) */
    STROMA_PROPORTION_AGRESTI_COULL,   /**< Wald about the Wilson centre (Am Stat 1998, 52:119) */
    STROMA_PROPORTION_JEFFREYS         /**< Beta(½, ½) prior; 0 and 1 at the ends (Brown 2001) */
} stroma_proportion_method;
enum { STROMA_PROPORTION_METHODS = STROMA_PROPORTION_JEFFREYS + 1 };
/** "Clopper-Pearson", … Never NULL. */
STROMA_API const char *stroma_proportion_method_name(stroma_proportion_method m);

/** events/n with a two-sided interval. */
STROMA_API stroma_stat stroma_proportion(size_t events, size_t n, stroma_proportion_method m,
                                         double level);
/** events/n with a one-sided exact upper bound (lower = 0). With no event that is
 *  1 − (1 − level)^(1/n); the "rule of three" 3/n approximates it (Hanley 1983, JAMA 249:1743). */
STROMA_API stroma_stat stroma_proportion_upper(size_t events, size_t n, double level);
/** Cochran-Armitage test of a trend of proportions over ordered groups (z², 1 df).
 *  @param scores of the groups, or NULL for 0, 1, 2, … */
STROMA_API stroma_stat stroma_proportion_trend(const size_t *events, const size_t *n,
                                               const double *scores, size_t groups);
#ifdef __cplusplus
}
#endif
#endif
