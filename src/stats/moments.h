/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean and squared deviations of a sample in double-double: what the t tests and the analyses of
 * variance share. */
#ifndef STROMA_STATS_MOMENTS_H
#define STROMA_STATS_MOMENTS_H
#include "double_double.h"

#include "stroma/error.h"

typedef struct moments {
    double_double sum, mean, squares; /* squares: of the deviations from the mean */
} moments;

/* n ≥ 1. */
moments stroma_moments_of(const double *x, size_t n);
/* Refuse NaN, infinities and magnitudes beyond 1e140, whose squares have no room.
 * @return STROMA_E_USAGE naming the 1-based place. */
STROMA_CHECK stroma_status stroma_sample_check(const double *x, size_t n, const char *what,
                                               stroma_error *err);
/* Refuse a level outside 0…1. */
STROMA_CHECK stroma_status stroma_level_check(double level, stroma_error *err);
#endif
