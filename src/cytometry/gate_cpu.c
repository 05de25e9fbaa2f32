/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain twin of the kernels, and the choice of a level at run time. */
#include "column_cpu.h"
#include "gate_kernels.h"

#include <math.h>
#include <string.h>

static void put(uint64_t *words, size_t i, bool bit)
{
    words[i / 64] |= (uint64_t)bit << (i % 64);
}

static void interval(const double *x, size_t words, const double edges[4], uint64_t *in,
                     uint64_t *out)
{
    memset(in, 0, words * sizeof *in);
    memset(out, 0, words * sizeof *out);
    for (size_t i = 0; i < 64 * words; i++) {
        put(in, i, x[i] >= edges[1] && x[i] < edges[2]);
        put(out, i, x[i] < edges[0] || x[i] >= edges[3]);
    }
}

static void find_nan(const double *x, size_t words, uint64_t *mask)
{
    memset(mask, 0, words * sizeof *mask);
    for (size_t i = 0; i < 64 * words; i++)
        put(mask, i, isnan(x[i]));
}

/* Every point is left to the exact test. */
static void polygon(const gate_polygon *p, const double *x, const double *y, size_t words,
                    uint64_t *in, uint64_t *unsure)
{
    memset(in, 0, words * sizeof *in);
    memset(unsure, 0, words * sizeof *unsure);
    for (size_t i = 0; i < 64 * words; i++)
        put(in, i, gate_polygon_has(p, x[i], y[i]));
}

const gate_kernels gate_kernels_plain = {
    .level = "plain", .interval = interval, .nan = find_nan, .polygon = polygon
};

#ifdef CYTOMETRY_HAS_LEVELS
static const gate_kernels *const levels[COLUMN_CPU_LEVELS] = { &gate_kernels_base,
                                                               &gate_kernels_avx2,
                                                               &gate_kernels_avx512 };
#else
static const gate_kernels *const levels[COLUMN_CPU_LEVELS]; /* none is ever chosen */
#endif

const gate_kernels *gate_kernels_find(const char *level)
{
    const int i = column_cpu_find(level);
    return i < -1 ? NULL : i < 0 ? &gate_kernels_plain : levels[i];
}

const gate_kernels *gate_kernels_choose(void)
{
    const int i = column_cpu_choose();
    return i < 0 ? &gate_kernels_plain : levels[i];
}
