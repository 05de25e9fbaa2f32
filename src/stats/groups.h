/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups of a one-way layout: values with group numbers 0…k−1, and what analyses of variance need
 * of them. */
#ifndef STROMA_STATS_GROUPS_H
#define STROMA_STATS_GROUPS_H
#include "moments.h"

typedef struct groups {
    size_t k, n;
    double *values; /* group after group, in the order given */
    size_t *start;  /* k + 1 places in values */
} groups;

/* Check and sort into groups. Release with stroma_groups_clear(), also after a failure. */
STROMA_CHECK stroma_status stroma_groups_make(const double *x, const size_t *group, size_t n,
                                              size_t k, groups *out, stroma_error *err);
void stroma_groups_clear(groups *g);
static inline size_t stroma_groups_size(const groups *g, size_t i)
{
    return g->start[i + 1] - g->start[i];
}
/* Is every value of group i the same? */
int stroma_groups_constant(const groups *g, size_t i);
/* Sums of squares between and within, in double-double; every group has values. */
void stroma_groups_squares(const groups *g, double_double *between, double_double *within);
#endif
