/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once a level: KERNEL_LEVEL is base, avx2 or avx512, and the compiler's flags fit it.
 * Plain loops without branches, which the compiler turns into registers of this level. The solution
 * of logicle and hyperlog goes through a short block once a step, so that the steps of neighbours,
 * and not the operations of one step, wait for each other. */
#include "transform_kernels.h"

#include "transform_curve.h"

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define TEXT_(a)     #a
#define TEXT(a)      TEXT_(a)

enum { BLOCK = 256 };

#define APPLY(curve)                                                                           \
    static void apply_##curve(const stroma_transform *t, const double *x, size_t n, double *y) \
    {                                                                                          \
        const stroma_transform c = *t;                                                         \
        for (size_t i = 0; i < n; i++)                                                         \
            y[i] = transform_##curve(&c, x[i]);                                                \
    }
APPLY(linear)
APPLY(log)
APPLY(asinh)

#define SOLVE(curve)                                                                           \
    static void curve##_block(const stroma_transform *t, const double *restrict x, size_t n,   \
                              double *restrict y)                                              \
    {                                                                                          \
        const stroma_transform c = *t;                                                         \
        double u[BLOCK], v[BLOCK];                                                             \
        for (size_t i = 0; i < n; i++) {                                                       \
            u[i] = transform_units(&c, x[i]);                                                  \
            v[i] = transform_start(&c, u[i]);                                                  \
        }                                                                                      \
        for (int k = 0; k < c.k_more_steps; k++)                                               \
            for (size_t i = 0; i < n; i++)                                                     \
                v[i] = transform_##curve##_step(&c, u[i], v[i], TRANSFORM_FULL);               \
        for (size_t i = 0; i < n; i++)                                                         \
            v[i] = transform_##curve##_step(&c, u[i], v[i], TRANSFORM_FAIR);                   \
        for (size_t i = 0; i < n; i++)                                                         \
            y[i] = transform_place(&c, x[i],                                                   \
                                   transform_##curve##_step(&c, u[i], v[i], TRANSFORM_FULL));  \
    }                                                                                          \
    static void apply_##curve(const stroma_transform *t, const double *x, size_t n, double *y) \
    {                                                                                          \
        double out[BLOCK];                                                                     \
        for (size_t i = 0; i < n; i += BLOCK) {                                                \
            const size_t m = n - i < BLOCK ? n - i : BLOCK;                                    \
            curve##_block(t, x + i, m, out);                                                   \
            memcpy(y + i, out, m * sizeof *y);                                                 \
        }                                                                                      \
    }
SOLVE(logicle)
SOLVE(hyperlog)

const transform_kernels PASTE(transform_kernels_, KERNEL_LEVEL) = {
    .level = TEXT(KERNEL_LEVEL),
    .apply = { [STROMA_TRANSFORM_LINEAR] = apply_linear,
               [STROMA_TRANSFORM_LOG] = apply_log,
               [STROMA_TRANSFORM_ASINH] = apply_asinh,
               [STROMA_TRANSFORM_LOGICLE] = apply_logicle,
               [STROMA_TRANSFORM_HYPERLOG] = apply_hyperlog },
};
