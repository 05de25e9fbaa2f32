/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maximum of a function of one non-negative number that may have several hills. */
#ifndef STROMA_MODELS_META_SEARCH_H
#define STROMA_MODELS_META_SEARCH_H

/* Value at x ≥ 0, and its slope there. */
typedef double (*meta_function)(double x, double *slope, void *context);
/* The highest of 0 and a geometric grid of @p points from @p least to @p most; then its hill is
 * climbed by halving on the slope. */
double meta_maximum(meta_function f, void *context, double least, double most, int points);
#endif
