/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain twin of the kernels, and the level in use. */
#include "column_cpu.h"
#include "transform_curve.h"
#include "transform_kernels.h"

typedef double (*step_of)(const stroma_transform *t, double u, double v,
                          transform_precision precision);

static double solved(const stroma_transform *t, double x, step_of step)
{
    const double u = transform_units(t, x);
    double v = transform_start(t, u);
    for (int k = 0; k < t->k_more_steps; k++)
        v = step(t, u, v, TRANSFORM_FULL);
    for (transform_precision p = TRANSFORM_FAIR; p <= TRANSFORM_FULL; p++)
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
static const transform_kernels *const levels[COLUMN_CPU_LEVELS] = { &transform_kernels_base,
                                                                    &transform_kernels_avx2,
                                                                    &transform_kernels_avx512 };
#else
static const transform_kernels *const levels[COLUMN_CPU_LEVELS]; /* none is ever chosen */
#endif

const transform_kernels *transform_kernels_find(const char *level)
{
    const int i = column_cpu_find(level);
    return i < -1 ? NULL : i < 0 ? &transform_kernels_plain : levels[i];
}

const transform_kernels *transform_kernels_choose(void)
{
    const int i = column_cpu_choose();
    return i < 0 ? &transform_kernels_plain : levels[i];
}
