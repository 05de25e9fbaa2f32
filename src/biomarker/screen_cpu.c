/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain twin of the kernels, and the choice of a level at run time. */
#include "screen_kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void sum_int16(const int16_t *scores, size_t candidates, size_t pairs, const int16_t *labels,
                      size_t lanes, int32_t *sums)
{
    for (size_t c = 0; c < candidates; c++)
        for (size_t l = 0; l < lanes; l++) {
            int32_t sum = 0;
            for (size_t i = 0; i < 2 * pairs; i++)
                sum += (int32_t)scores[2 * c * pairs + i] * labels[2 * (i / 2 * lanes + l) + i % 2];
            sums[c * lanes + l] = sum;
        }
}

static void sum_double(const double *scores, size_t rows, size_t n, const double *labels,
                       size_t lanes, double *sums)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t l = 0; l < lanes; l++) {
            double sum = 0;
            for (size_t i = 0; i < n; i++)
                sum += labels[i * lanes + l] * scores[r * n + i];
            sums[r * lanes + l] = sum;
        }
}

static void take(double z, size_t lane, screen_step *step)
{
    step->own += z >= step->bound;
    if (step->running == NULL) return;
    if (z > step->running[lane]) step->running[lane] = z;
    step->most += step->running[lane] >= step->bound;
}

static void step_int32(const int32_t *sums, double scale, bool two_sided, size_t lanes,
                       screen_step *step)
{
    for (size_t l = 0; l < lanes; l++)
        take(two_sided ? fabs((double)sums[l]) * fabs(scale) : (double)sums[l] * scale, l, step);
}

static void step_double(const double *sums, double scale, bool two_sided, size_t lanes,
                        screen_step *step)
{
    for (size_t l = 0; l < lanes; l++)
        take(two_sided ? fabs(sums[l]) * fabs(scale) : sums[l] * scale, l, step);
}

const screen_kernels screen_kernels_plain = {
    .level = "plain",
    .sum_int16 = sum_int16,
    .sum_double = sum_double,
    .step_int32 = step_int32,
    .step_double = step_double,
};

#ifdef SCREEN_HAS_LEVELS
static bool runs(const screen_kernels *k)
{
    __builtin_cpu_init();
    if (k == &screen_kernels_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
    return k == &screen_kernels_base || __builtin_cpu_supports("avx2");
}

static const screen_kernels *const levels[] = { &screen_kernels_base, &screen_kernels_avx2,
                                                &screen_kernels_avx512 };

const screen_kernels *screen_kernels_find(const char *level)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (strcmp(levels[i]->level, level) == 0) return runs(levels[i]) ? levels[i] : NULL;
    return strcmp(level, "plain") == 0 ? &screen_kernels_plain : NULL;
}

const screen_kernels *screen_kernels_choose(void)
{
    const char *most = getenv("STROMA_CPU");
    const screen_kernels *best = &screen_kernels_base;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0] && runs(levels[i]); i++) {
        best = levels[i];
        if (most != NULL && strcmp(best->level, most) == 0) break;
    }
    return best;
}
#else
const screen_kernels *screen_kernels_find(const char *level)
{
    return strcmp(level, "plain") == 0 ? &screen_kernels_plain : NULL;
}

const screen_kernels *screen_kernels_choose(void)
{
    return &screen_kernels_plain;
}
#endif
