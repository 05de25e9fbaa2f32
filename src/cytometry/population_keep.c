/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain twin of the kernel, and the choice of a level. */
#include "column_cpu.h"
#include "population_kernels.h"

size_t population_keep_plain(const double *x, size_t n, double lo, double hi, double *to,
                             size_t *below)
{
    size_t kept = 0, less = 0;
    for (size_t i = 0; i < n; i++) {
        const double v = x[i];
        const size_t under = v < lo;
        to[kept] = v;
        kept += (v <= hi) & (under ^ 1U);
        less += under;
    }
    *below = less;
    return kept;
}

static population_keep_fn at(int level)
{
#ifdef CYTOMETRY_HAS_LEVELS
    static const population_keep_fn levels[COLUMN_CPU_LEVELS] = { population_keep_base,
                                                                  population_keep_avx2,
                                                                  population_keep_avx512 };
    return level < 0 ? population_keep_plain : levels[level];
#else
    (void)level;
    return population_keep_plain;
#endif
}

population_keep_fn population_keep_find(const char *level)
{
    const int i = column_cpu_find(level);
    return i < -1 ? NULL : at(i);
}

/* Vectors of two doubles do not pay: the plain loop is faster than the base level. */
population_keep_fn population_keep_choose(void)
{
    const int level = column_cpu_choose();
    return at(level == 0 ? -1 : level);
}
