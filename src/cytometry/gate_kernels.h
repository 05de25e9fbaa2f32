/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inner loops of gating, compiled once for every CPU level. They compare, and multiply without
 * fusing: the bits do not depend on the level. Arrays hold a multiple of 64 events; event i is bit
 * i % 64 of word i / 64. */
#ifndef STROMA_GATE_KERNELS_H
#define STROMA_GATE_KERNELS_H
#include "gate_polygon.h"

#include <stdint.h>

typedef struct gate_kernels {
    const char *level; /* "base", "avx2", "avx512" */
    /* in: x ≥ edges[1] and x < edges[2]; out: x < edges[0] or x ≥ edges[3]. */
    void (*interval)(const double *x, size_t words, const double edges[4], uint64_t *in,
                     uint64_t *out);
    void (*nan)(const double *x, size_t words, uint64_t *mask);
    /* in: inside by crossings; unsure: so near an edge that gate_polygon_has() has to say. */
    void (*polygon)(const gate_polygon *p, const double *x, const double *y, size_t words,
                    uint64_t *in, uint64_t *unsure);
} gate_kernels;

extern const gate_kernels gate_kernels_base, gate_kernels_avx2, gate_kernels_avx512,
    gate_kernels_plain; /* the twin that tests compare with */

/* The best level that this processor has and STROMA_CPU (base, avx2, avx512) allows. */
const gate_kernels *gate_kernels_choose(void);
/* A level by name, or NULL when this program or this processor does not have it. */
const gate_kernels *gate_kernels_find(const char *level);
#endif
