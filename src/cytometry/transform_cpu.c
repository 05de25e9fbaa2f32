/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain twin of the kernels, and the choice of a level at run time. */
#include "transform_curve.h"
#include "transform_kernels.h"

#include <stdlib.h>

typedef double (*step_of)(const stroma_transform *t, double u, double v,
                          transform_precision precision);

static double solved(const stroma_transform *t, double x, step_of step)
{
    const double u = transform_units(t, x);
    double v = transform_start(t, u);
    for (int k = 0; k < t->k_more_steps; k++)
        v = step(t, u, v, TRANSFORM_FULL);
    for (transform_precision p = TRANSFORM_COARSE; p <= TRANSFORM_FULL; p++)
        v = step(t, u, v, p);
    return transform_place(t, x, v);
}

static double logicle_step(const stroma_transform *t, double u, double v, transform_precision p)
{
    return transform_logicle_step(t, u, v, p);
}

static double hyperlog_step(const stroma_transform *t, double u, double v, transform_precision p)
{
    return transform_hyperlog_step(t, u, v, p);
}

static double logicle_value(const stroma_transform *t, double x)
{
    return solved(t, x, logicle_step);
}

static double hyperlog_value(const stroma_transform *t, double x)
{
    return solved(t, x, hyperlog_step);
}

#define APPLY(name, value)                                                            \
    static void name(const stroma_transform *t, const double *x, size_t n, double *y) \
    {                                                                                 \
        for (size_t i = 0; i < n; i++)                                                \
            y[i] = value(t, x[i]);                                                    \
    }
APPLY(apply_linear, transform_linear)
APPLY(apply_log, transform_log)
APPLY(apply_asinh, transform_asinh)
APPLY(apply_logicle, logicle_value)
APPLY(apply_hyperlog, hyperlog_value)

const transform_kernels transform_kernels_plain = {
    .level = "plain",
    .apply = { [STROMA_TRANSFORM_LINEAR] = apply_linear,
               [STROMA_TRANSFORM_LOG] = apply_log,
               [STROMA_TRANSFORM_ASINH] = apply_asinh,
               [STROMA_TRANSFORM_LOGICLE] = apply_logicle,
               [STROMA_TRANSFORM_HYPERLOG] = apply_hyperlog },
};

#ifdef CYTOMETRY_HAS_LEVELS
static bool runs(const transform_kernels *k)
{
    __builtin_cpu_init();
    if (k == &transform_kernels_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    return k == &transform_kernels_base || __builtin_cpu_supports("avx2");
}

static const transform_kernels *const levels[] = { &transform_kernels_base, &transform_kernels_avx2,
                                                   &transform_kernels_avx512 };

const transform_kernels *transform_kernels_find(const char *level)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (strcmp(levels[i]->level, level) == 0) return runs(levels[i]) ? levels[i] : NULL;
    return strcmp(level, "plain") == 0 ? &transform_kernels_plain : NULL;
}

const transform_kernels *transform_kernels_choose(void)
{
    const char *most = getenv("STROMA_CPU");
    const transform_kernels *best = &transform_kernels_base;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0] && runs(levels[i]); i++) {
        best = levels[i];
        if (most != NULL && strcmp(best->level, most) == 0) break;
    }
    return best;
}
#else
const transform_kernels *transform_kernels_find(const char *level)
{
    return strcmp(level, "plain") == 0 ? &transform_kernels_plain : NULL;
}

const transform_kernels *transform_kernels_choose(void)
{
    return &transform_kernels_plain;
}
#endif
