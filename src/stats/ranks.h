/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting and ranking of samples: what the rank tests share. */
#ifndef STROMA_STATS_RANKS_H
#define STROMA_STATS_RANKS_H
#include "stroma/error.h"

/* Sort ascending, in place, O(n log n) in the worst case, no memory. Finite values. */
void stroma_values_sort(double *x, size_t n);
/* Twice the midrank of each value (whole numbers: ties share the mean of their ranks), and the sum
 * of t³ − t over the groups of t equal values. @p ties may be NULL. STROMA_E_NOMEM. */
STROMA_CHECK stroma_status stroma_ranks_double(const double *x, size_t n, size_t *ranks2,
                                               double *ties, stroma_error *err);
#endif
