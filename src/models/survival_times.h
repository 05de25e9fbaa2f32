/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times in order, block by block (groups, strata): what every survival method walks over. */
#ifndef STROMA_MODELS_SURVIVAL_TIMES_H
#define STROMA_MODELS_SURVIVAL_TIMES_H
#include "stroma/models_survival.h"

typedef struct survival_times {
    size_t n, merged;
    double *stop,
        *start; /* n: almost equal times are equal here; start NULL without delayed entry */
    size_t *by_stop, *by_start; /* rows, block by block, ascending; by_start NULL likewise */
    size_t *first;              /* blocks + 1: where a block begins, in both orders */
    size_t blocks;
} survival_times;

/* @param block codes of the rows, or NULL for one block. USAGE and DEGENERATE as the public
 * functions say. */
STROMA_CHECK stroma_status survival_times_new(const stroma_survival_data *d, const size_t *block,
                                              size_t blocks, survival_times *out,
                                              stroma_error *err);
void survival_times_free(survival_times *t);
STROMA_CHECK stroma_status survival_check_codes(const size_t *code, size_t n, size_t codes,
                                                const char *what, stroma_error *err);
STROMA_CHECK stroma_status survival_check_level(double level, stroma_error *err);
/* Limits of a probability on a scale; NaN where the scale has none. */
void survival_limits(double p, double se, const stroma_survival_options *o, double *lower,
                     double *upper);
/* χ² of u' V^-1 u over the first n of @p size entries; false where V is singular. V is overwritten.
 */
bool survival_quadratic(double *u, double *v, size_t n, double *chi2);
#endif
