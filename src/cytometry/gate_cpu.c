/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain twin of the kernels, and the choice of a level at run time. */
#include "gate_kernels.h"

#include <math.h>
#include <stdlib.h>
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
static bool runs(const gate_kernels *k)
{
    __builtin_cpu_init();
    if (k == &gate_kernels_avx512) return __builtin_cpu_supports("avx512f");
    return k == &gate_kernels_base || __builtin_cpu_supports("avx2");
}

static const gate_kernels *const levels[] = { &gate_kernels_base, &gate_kernels_avx2,
                                              &gate_kernels_avx512 };

const gate_kernels *gate_kernels_find(const char *level)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (strcmp(levels[i]->level, level) == 0) return runs(levels[i]) ? levels[i] : NULL;
    return strcmp(level, "plain") == 0 ? &gate_kernels_plain : NULL;
}

const gate_kernels *gate_kernels_choose(void)
{
    const char *most = getenv("STROMA_CPU");
    const gate_kernels *best = &gate_kernels_base;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0] && runs(levels[i]); i++) {
        best = levels[i];
        if (most != NULL && strcmp(best->level, most) == 0) break;
    }
    return best;
}
#else
const gate_kernels *gate_kernels_find(const char *level)
{
    return strcmp(level, "plain") == 0 ? &gate_kernels_plain : NULL;
}

const gate_kernels *gate_kernels_choose(void)
{
    return &gate_kernels_plain;
}
#endif
