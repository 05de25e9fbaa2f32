/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pass over all values that selection makes, compiled once a level of the processor. It
 * compares and moves and never computes: every level gives the same values. */
#ifndef STROMA_CYTOMETRY_POPULATION_KERNELS_H
#define STROMA_CYTOMETRY_POPULATION_KERNELS_H
#include <stddef.h>

/* Keep the values within [lo, hi] in @p to, in order; @p to may be @p x. @return how many; *below:
 * how many are less than lo. */
typedef size_t (*population_keep_fn)(const double *x, size_t n, double lo, double hi, double *to,
                                     size_t *below);
size_t population_keep_plain(const double *x, size_t n, double lo, double hi, double *to,
                             size_t *below);
size_t population_keep_base(const double *x, size_t n, double lo, double hi, double *to,
                            size_t *below);
size_t population_keep_avx2(const double *x, size_t n, double lo, double hi, double *to,
                            size_t *below);
size_t population_keep_avx512(const double *x, size_t n, double lo, double hi, double *to,
                              size_t *below);
/* The best of this processor, or of a level by name ("plain", "base", …); NULL: not here. */
population_keep_fn population_keep_find(const char *level);
population_keep_fn population_keep_choose(void);
#endif
