/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events times a matrix, compiled once for every CPU level, and what chooses among them. */
#ifndef STROMA_CYTOMETRY_COLUMN_KERNELS_H
#define STROMA_CYTOMETRY_COLUMN_KERNELS_H
#include <stddef.h>

typedef struct column_kernels {
    const char *level; /* "base", "avx2", "avx512" */
    /* out[j][e] = Σ_i in[i][e] · matrix[j·m + i], one product and one sum at a time, i = 0 … m − 1.
     * @param in m arrays of n  @param out k arrays of n, none of them an input */
    void (*multiply)(const double *const *in, size_t m, const double *matrix, size_t k, size_t n,
                     double *const *out);
} column_kernels;

extern const column_kernels column_kernels_base, column_kernels_avx2, column_kernels_avx512,
    column_kernels_plain; /* the twin that tests compare with */

/* The best level that this processor has and STROMA_CPU (base, avx2, avx512) allows. */
const column_kernels *column_kernels_choose(void);
/* A level by name, or NULL when this program or this processor does not have it. */
const column_kernels *column_kernels_find(const char *level);
#endif
