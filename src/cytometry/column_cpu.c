/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "column_cpu.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef CYTOMETRY_HAS_LEVELS
static const char *const names[COLUMN_CPU_LEVELS] = { "base", "avx2", "avx512" };

static bool runs(int level)
{
    __builtin_cpu_init();
    if (level == 2)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    return level == 0 || __builtin_cpu_supports("avx2");
}

int column_cpu_choose(void)
{
    const char *most = getenv("STROMA_CPU");
    int best = 0;
    for (int i = 0; i < COLUMN_CPU_LEVELS && runs(i); i++) {
        best = i;
        if (most != NULL && strcmp(names[i], most) == 0) break;
    }
    return best;
}

int column_cpu_find(const char *level)
{
    for (int i = 0; i < COLUMN_CPU_LEVELS; i++)
        if (strcmp(names[i], level) == 0) return runs(i) ? i : -2;
    return strcmp(level, "plain") == 0 ? -1 : -2;
}
#else
int column_cpu_choose(void)
{
    return -1;
}

int column_cpu_find(const char *level)
{
    return strcmp(level, "plain") == 0 ? -1 : -2;
}
#endif
