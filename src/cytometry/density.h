/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The density of values on a grid, its peaks and its valleys. */
#ifndef STROMA_CYTOMETRY_DENSITY_H
#define STROMA_CYTOMETRY_DENSITY_H
#include "stroma/memory.h"

#include <stdbool.h>

enum { DENSITY_BINS = 512 };

/* Gaussian kernel density of binned values: bin i has its middle at lo + (i + 1/2) step. The grid
 * reaches from the 0.1st to the 99.99th percentile, so that a few values far out do not widen it;
 * those are left out. */
typedef struct density_grid {
    double lo, step, bandwidth;
    size_t n;                   /* values on the grid */
    double count[DENSITY_BINS]; /* of values in the bin */
    double f[DENSITY_BINS];     /* density, in values a bin */
} density_grid;

/* @param x n sorted finite values  @param bandwidth ≤ 0: twice 0.9 min(sd, IQR/1.34) n^(−1/5)
 * (Silverman 1986 eq. 3.31; R's density(adjust = 2), as openCyto takes it). @return false when
 * there are fewer than two different values. */
bool density_make(const double *x, size_t n, double bandwidth, density_grid *g);
static inline double density_place(const density_grid *g, double bin)
{
    return g->lo + (bin + 0.5) * g->step;
}
/* Bin of the highest density from @p low to @p high (on the scale; ∓∞ open). */
size_t density_mode(const density_grid *g, double low, double high);

typedef struct density_valley {
    size_t left, right;   /* bins of the peaks beside it */
    double bin;           /* of the lowest place */
    double depth;         /* 1 − f(valley) / f(lower peak) */
    double depth_assured; /* lower 95 % limit of depth, one-sided */
    double share_low;     /* share of the values below it */
} density_valley;
/* The valley that separates best: the largest drop from the lower of its peaks on the square root
 * scale (where the noise of counts is everywhere the same), or the one nearest to @p pivot.
 *  @param low, high where it may lie  @param pivot NaN: none
 *  @param min_depth shallower ones are none
 *  @return false when there is none */
bool density_find_valley(const density_grid *g, double low, double high, double pivot,
                         double min_depth, density_valley *out);
/* Quantile of sorted values, R's type 7. */
double density_quantile(const double *sorted, size_t n, double p);
#endif
