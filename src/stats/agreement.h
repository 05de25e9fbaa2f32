/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the comparisons of two methods share. */
#ifndef STROMA_STATS_PRIVATE_AGREEMENT_H
#define STROMA_STATS_PRIVATE_AGREEMENT_H
#include "stroma/stats_agreement.h"

static const char agreement_no_logarithm[] = "a value of 0 or less has no logarithm";

/* Sums of squares and products about the means, without pair @p skip (SIZE_MAX: all). */
typedef struct products {
    size_t n;
    double mean_x, mean_y, xx, xy, yy;
} products;
/* n ≥ 2. @return false when a variable is constant */
bool stroma_agreement_products(const double *x, const double *y, size_t n, size_t skip,
                               products *out);
/* A copy, in logarithms when asked. *exists: every value has one. The copy is the caller's, also
 * after a failure. */
STROMA_CHECK stroma_status stroma_agreement_scaled(const double *x, size_t n,
                                                   stroma_agreement_scale scale, double **out,
                                                   bool *exists, stroma_error *err);
#endif
