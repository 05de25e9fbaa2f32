/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The choice of a level at run time. */
#include "fcs_kernels.h"

#include <stdlib.h>
#include <string.h>

const fcs_kernels *fcs_kernels_find(const char *level)
{
    if (strcmp(level, "base") == 0) return &fcs_kernels_base;
#ifdef FCS_HAS_LEVELS
    __builtin_cpu_init();
    if (strcmp(level, "avx2") == 0 && __builtin_cpu_supports("avx2")) return &fcs_kernels_avx2;
#endif
    return NULL;
}

const fcs_kernels *fcs_kernels_choose(void)
{
    const char *most = getenv("STROMA_CPU");
    if (most != NULL && strcmp(most, "plain") == 0) return NULL;
    const fcs_kernels *best =
        most != NULL && strcmp(most, "base") == 0 ? NULL : fcs_kernels_find("avx2");
    return best == NULL ? &fcs_kernels_base : best;
}
