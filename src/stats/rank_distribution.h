/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact conditional distributions of rank sums by the shift algorithm (Streitberg & Röhmel 1986).
 */
#ifndef STROMA_STATS_RANK_DISTRIBUTION_H
#define STROMA_STATS_RANK_DISTRIBUTION_H
#include "stroma/stats.h"

/* A distribution of T, a sum of doubled ranks, on the places base + step·i. */
typedef struct rank_distribution {
    double *weight; /* proportional to the probability of place i; NULL: beyond the limit */
    double total;
    size_t len;
    uint64_t base, step;
} rank_distribution;

/* Ascending, in place. */
void stroma_rank_scores_sort(size_t *x, size_t n);
/* The sum of @p m of the @p n scores drawn without replacement. Scores are sorted in place.
 * weight stays NULL when more than @p limit bytes (or n > 1900) would be needed. Release with
 * stroma_free(out->weight). */
STROMA_CHECK stroma_status stroma_rank_sum_distribution(size_t *scores, size_t n, size_t m,
                                                        size_t limit, rank_distribution *out,
                                                        stroma_error *err);
/* The sum of a random subset of the scores (each in or out with probability 1/2). */
STROMA_CHECK stroma_status stroma_signed_rank_distribution(const size_t *scores, size_t n,
                                                           size_t limit, rank_distribution *out,
                                                           stroma_error *err);
/* Tail probabilities of a sum @p t: below or equal, above or equal, and at least as far from the
 * mean mean_num/mean_den on either side. */
double stroma_rank_p(const rank_distribution *d, uint64_t t, stroma_alternative alternative,
                     uint64_t mean_num, uint64_t mean_den);
/* Smallest value with P(T ≤ value) ≥ p. */
uint64_t stroma_rank_quantile(const rank_distribution *d, double p);
double stroma_rank_cdf(const rank_distribution *d, uint64_t t);

/* Order statistics of sums a[i] + b[j]·sign over all pairs, found by counting, without a table of
 * them. Pairs of differences a[i] − b[j]; both sorted ascending; k is 1-based. */
double stroma_difference_at(const double *a, size_t na, const double *b, size_t nb, uint64_t k);
/* The k-th smallest Walsh average (a[i] + a[j])/2, i ≤ j, of sorted values. */
double stroma_walsh_at(const double *a, size_t n, uint64_t k);
#endif
