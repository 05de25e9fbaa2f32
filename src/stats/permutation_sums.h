/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subjects in strata with labels, and the distribution of the labelled ones' sum over all ways to
 * deal the labels out within strata. */
#ifndef STROMA_STATS_PERMUTATION_SUMS_H
#define STROMA_STATS_PERMUTATION_SUMS_H
#include "stroma/error.h"

typedef struct permutation_layout {
    size_t n, strata;
    double *value;    /* stratum after stratum, less the mean of the stratum */
    size_t *start;    /* strata + 1 places in value */
    size_t *labelled; /* strata: how many have the label */
    double observed;  /* sum of the labelled; its expectation is 0 */
    double variance;  /* of the sum over all ways */
    double weight;    /* Σ m(n − m)/n: observed/weight is the mean difference */
    double rounding;  /* sums closer than this are equal */
    double arrangements;
} permutation_layout;

/* Strata without one of the two labels are left out. Release with permutation_layout_clear(). */
STROMA_CHECK stroma_status permutation_layout_make(const double *value, const size_t *group,
                                                   const size_t *stratum, size_t n,
                                                   permutation_layout *out, stroma_error *err);
/* A stratum {d/2, −d/2} a difference; d/2 is labelled. n ≥ 1. */
STROMA_CHECK stroma_status permutation_layout_pairs(const double *difference, size_t n,
                                                    permutation_layout *out, stroma_error *err);
void permutation_layout_clear(permutation_layout *p);
/* P(T ≥ beyond or T ≤ below); NaN when more than @p sums_max sums would have to be listed. */
STROMA_CHECK stroma_status permutation_exact(const permutation_layout *p, double beyond,
                                             double below, size_t sums_max, double *out,
                                             stroma_error *err);
#endif
