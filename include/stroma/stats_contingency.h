/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_contingency.h
 *  Tables of counts: association tests, and effect sizes of two groups with intervals.
 *
 *  A two-by-two table is four counts, row by row: group 1 with and without the event, group 2 with
 *  and without. A table without any count, or with an empty margin, gives a result that is not
 *  estimable with the reason. Levels are fractions. All functions are pure. @since 0.1 */
#ifndef STROMA_STATS_CONTINGENCY_H
#define STROMA_STATS_CONTINGENCY_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Fisher's exact test with the conditional maximum-likelihood odds ratio and its exact interval
 *  (noncentral hypergeometric; Cornfield 1956). Two-sided p: the probability of all tables with the
 *  same margins that are no more probable than this one (within 1e-7, as R's fisher.test). The
 *  interval is two-sided with equal tails for STROMA_TWO_SIDED, else one-sided. The odds ratio may
 *  be 0 or infinite. */
STROMA_API stroma_stat stroma_fisher_exact(const size_t counts[4], stroma_alternative alternative,
                                           double level);
/** Fisher-Freeman-Halton test of an r × c table (row by row), two-sided.
 *  @return OK; DEGENERATE when the network of tables needs more than 4 million entries; NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_fisher_freeman_halton(const size_t *counts,
                                                                   size_t rows, size_t columns,
                                                                   stroma_stat *out,
                                                                   stroma_error *err);
/** Pearson's chi-squared test of independence; empty rows and columns are left out.
 *  @param yates correct a two-by-two table for continuity by min(½, |O − E|) (as R) */
STROMA_API STROMA_CHECK stroma_status stroma_chi_square(const size_t *counts, size_t rows,
                                                        size_t columns, bool yates,
                                                        stroma_stat *out, stroma_error *err);

typedef enum stroma_mcnemar_kind {
    STROMA_MCNEMAR_ASYMPTOTIC,
    STROMA_MCNEMAR_CORRECTED, /**< Edwards: (|b − c| − 1)² / (b + c) */
    STROMA_MCNEMAR_EXACT      /**< binomial of b among b + c */
} stroma_mcnemar_kind;
/** Paired proportions: only the discordant counts b and c (counts[1], counts[2]) decide. The
 *  estimate is the difference of the two marginal proportions, (b − c)/n. */
STROMA_API stroma_stat stroma_mcnemar(const size_t counts[4], stroma_mcnemar_kind kind);

typedef enum stroma_difference_method {
    STROMA_DIFFERENCE_WALD,
    STROMA_DIFFERENCE_NEWCOMBE,          /**< hybrid score, method 10 (Stat Med 1998, 17:873) */
    STROMA_DIFFERENCE_MIETTINEN_NURMINEN /**< score with N/(N−1) (Stat Med 1985, 4:213) */
} stroma_difference_method;
/** p1 − p2; the p-value is of the score test of equality that inverts to Miettinen-Nurminen. */
STROMA_API stroma_stat stroma_risk_difference(const size_t counts[4], stroma_difference_method m,
                                              double level);

typedef enum stroma_ratio_method {
    STROMA_RATIO_LOG,               /**< Katz for the risk ratio, Woolf for the odds ratio */
    STROMA_RATIO_MIETTINEN_NURMINEN /**< score; limits exist with zero cells too */
} stroma_ratio_method;
/** p1 / p2. With no event in group 1 the log interval is 0 to unknown (NaN, reason set); with none
 *  in group 2 the ratio is infinite or undefined, and only the score interval has a lower limit. */
STROMA_API stroma_stat stroma_risk_ratio(const size_t counts[4], stroma_ratio_method m,
                                         double level);
/** Sample odds ratio ad / bc. */
STROMA_API stroma_stat stroma_odds_ratio(const size_t counts[4], stroma_ratio_method m,
                                         double level);
/** 1 / (p1 − p2) with the reciprocals of the Newcombe limits (Altman 1998, BMJ 317:1309): when the
 *  interval of the difference contains 0, the number goes through infinity, the limits are the two
 *  reciprocals and `variant` says so. Negative: number needed to harm. */
STROMA_API stroma_stat stroma_number_needed_to_treat(const size_t counts[4], double level);
#ifdef __cplusplus
}
#endif
#endif
