/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two inner loops of a screen, compiled once for every CPU level, and what chooses among them.
 *
 * A tile holds `lanes` permuted outcomes side by side (lane after lane for each subject), so that
 * each sum belongs to one lane and runs over the subjects in their order, however many lanes a
 * register has: the bits do not depend on the level. Sums of ranks are whole numbers anyway. */
#ifndef STROMA_SCREEN_KERNELS_H
#define STROMA_SCREEN_KERNELS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCREEN_LANES_STEP = 32, /* lanes of a tile come in multiples of this */
    SCREEN_LANES = 256
};

/* One candidate's statistic in each lane, what to compare it with, and what to count. */
typedef struct screen_step {
    double bound;    /* the observed statistic, a hair less: ties of rounding count */
    double *running; /* lanes: largest statistic of the candidates so far; NULL: no maximum */
    uint64_t own,
        most; /* lanes whose statistic, or whose largest one, reaches the bound: added to */
} screen_step;

typedef struct screen_kernels {
    const char *level; /* "base", "avx2", "avx512" */
    /* sums[c·lanes + l] = Σ_i scores[c·2·pairs + i]·labels[i-th subject, lane l], i < 2·pairs.
     * labels: pairs × lanes × 2, the two subjects of a pair side by side. No partial sum may leave
     * 32 bits. */
    void (*sum_int16)(const int16_t *scores, size_t candidates, size_t pairs, const int16_t *labels,
                      size_t lanes, int32_t *sums);
    /* sums[r·lanes + l] = Σ_i scores[r·n + i]·labels[i·lanes + l], one product and one sum at a
     * time, i = 0 … n − 1. */
    void (*sum_double)(const double *scores, size_t rows, size_t n, const double *labels,
                       size_t lanes, double *sums);
    /* Statistics scale·sum (their size when @p two_sided) of @p lanes lanes. */
    void (*step_int32)(const int32_t *sums, double scale, bool two_sided, size_t lanes,
                       screen_step *step);
    void (*step_double)(const double *sums, double scale, bool two_sided, size_t lanes,
                        screen_step *step);
} screen_kernels;

extern const screen_kernels screen_kernels_base, screen_kernels_avx2, screen_kernels_avx512,
    screen_kernels_plain; /* the twin that tests compare with: C without a thought of registers */

/* The best level that this processor has and STROMA_CPU (base, avx2, avx512) allows. */
const screen_kernels *screen_kernels_choose(void);
/* A level by name, or NULL when this program or this processor does not have it. */
const screen_kernels *screen_kernels_find(const char *level);
#endif
