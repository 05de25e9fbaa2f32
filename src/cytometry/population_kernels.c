/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once a level: KERNEL_LEVEL is base, avx2 or avx512. The comparisons of a block become
 * vectors; what they say moves the values one by one, without a branch. */
#include "population_kernels.h"

#include <stdint.h>

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)

enum { BLOCK = 256 };

size_t PASTE(population_keep_, KERNEL_LEVEL)(const double *x, size_t n, double lo, double hi,
                                             double *to, size_t *below)
{
    size_t kept = 0;
    int64_t less = 0;
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        int64_t in[BLOCK];
        double v[BLOCK]; /* to may be x */
        for (size_t j = 0; j < BLOCK; j++) {
            v[j] = x[i + j];
            less += v[j] < lo;
            in[j] = (v[j] >= lo) & (v[j] <= hi);
        }
        for (size_t j = 0; j < BLOCK; j++) {
            to[kept] = v[j];
            kept += (size_t)in[j];
        }
    }
    size_t rest = 0;
    kept += population_keep_plain(x + i, n - i, lo, hi, to + kept, &rest);
    *below = (size_t)less + rest;
    return kept;
}
