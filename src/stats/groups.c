/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "groups.h"

#include "stroma/memory.h"

stroma_status stroma_groups_make(const double *x, const size_t *group, size_t n, size_t k,
                                 groups *out, stroma_error *err)
{
    *out = (groups){ k, n, NULL, NULL };
    STROMA_TRY(stroma_sample_check(x, n, "groups", err));
    for (size_t i = 0; i < n; i++)
        if (group[i] >= k)
            return stroma_fail(err, STROMA_E_USAGE, "value %zu is in group %zu of %zu", i + 1,
                               group[i] + 1, k);
    out->values = stroma_alloc_array(n, sizeof *out->values);
    out->start = stroma_alloc_array(k + 2, sizeof *out->start);
    if (out->values == NULL || out->start == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        out->start[group[i] + 2]++;
    for (size_t g = 1; g <= k; g++)
        out->start[g + 1] += out->start[g];
    /* start[g + 1] is where the next value of group g goes; afterwards it is where g + 1 begins. */
    for (size_t i = 0; i < n; i++)
        out->values[out->start[group[i] + 1]++] = x[i];
    return STROMA_OK;
}

void stroma_groups_clear(groups *g)
{
    stroma_free(g->values);
    stroma_free(g->start);
    g->values = NULL;
    g->start = NULL;
}

int stroma_groups_constant(const groups *g, size_t i)
{
    for (size_t j = g->start[i] + 1; j < g->start[i + 1]; j++)
        if (g->values[j] != g->values[g->start[i]]) return 0;
    return 1;
}

void stroma_groups_squares(const groups *g, double_double *between, double_double *within)
{
    double_double sum = dd_from(0);
    *within = *between = dd_from(0);
    for (size_t i = 0; i < g->n; i++)
        sum = dd_add(sum, dd_from(g->values[i]));
    const double_double mean = dd_divide(sum, (double)g->n);
    for (size_t i = 0; i < g->k; i++) {
        const size_t n = stroma_groups_size(g, i);
        const moments m = stroma_moments_of(g->values + g->start[i], n);
        const double_double d = dd_subtract(m.mean, mean);
        *within = dd_add(*within, m.squares);
        *between = dd_add(*between, dd_multiply(dd_multiply(d, d), dd_from((double)n)));
    }
}
