/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scales of whole columns, compiled once for every CPU level, and what chooses among them. */
#ifndef STROMA_CYTOMETRY_TRANSFORM_KERNELS_H
#define STROMA_CYTOMETRY_TRANSFORM_KERNELS_H
#include "stroma/cytometry_transform.h"

typedef struct transform_kernels {
    const char *level; /* "base", "avx2", "avx512" */
    /* y[i] = scale of x[i], clamped; y may be x. By kind; NULL: a scale without a kernel. */
    void (*apply[STROMA_TRANSFORM_BIEX])(const stroma_transform *t, const double *x, size_t n,
                                         double *y);
} transform_kernels;

extern const transform_kernels transform_kernels_base, transform_kernels_avx2,
    transform_kernels_avx512,
    transform_kernels_plain; /* the twin that tests compare with: one value after the other */

/* The best level that this processor has and STROMA_CPU (base, avx2, avx512) allows. */
const transform_kernels *transform_kernels_choose(void);
/* A level by name, or NULL when this program or this processor does not have it. */
const transform_kernels *transform_kernels_find(const char *level);
#endif
