/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Analysis of covariance of one completed visit: the design is the same in every set, so it is
 * factorised once. */
#include "imputation.h"
#include "small_matrix.h"

#include <math.h>
#include <string.h>

stroma_status imputation_ancova_make(imputation_ancova *a, const stroma_imputation_state *s,
                                     stroma_arena *arena, stroma_error *err)
{
    const size_t p = s->groups + s->covariates;
    *a = (imputation_ancova){ .state = s, .without = SIZE_MAX, .columns = p };
    a->factor = stroma_arena_alloc(arena, p * p, sizeof *a->factor);
    a->centre = stroma_arena_alloc(arena, s->covariates + 1, sizeof *a->centre);
    a->root = stroma_arena_alloc(arena, 2 * p, sizeof *a->root);
    a->mean_factor = stroma_arena_alloc(arena, s->groups, sizeof *a->mean_factor);
    a->difference_factor = stroma_arena_alloc(arena, s->groups, sizeof *a->difference_factor);
    return a->factor == NULL || a->centre == NULL || a->root == NULL || a->mean_factor == NULL ||
                   a->difference_factor == NULL
               ? stroma_no_memory(err)
               : STROMA_OK;
}

/* l' (X'X)^-1 l for the adjusted mean of @p group, less that of @p from when it is one. */
static double variance_factor(const imputation_ancova *a, size_t group, size_t from)
{
    const size_t g = a->state->groups;
    double *l = a->root;
    memset(l, 0, a->columns * sizeof *l);
    l[group] = 1;
    if (from != SIZE_MAX)
        l[from] -= 1;
    else
        memcpy(l + g, a->centre, a->state->covariates * sizeof *l);
    small_solve_lower(a->factor, a->columns, l);
    return small_dot(l, l, a->columns);
}

/* The row of a subject: arm indicators, then covariates. */
static void row_of(const imputation_ancova *a, size_t i, double *row)
{
    const stroma_imputation_state *s = a->state;
    memset(row, 0, s->groups * sizeof *row);
    row[s->group[i]] = 1;
    memcpy(row + s->groups, s->x + i * s->covariates, s->covariates * sizeof *row);
}

bool imputation_ancova_set(imputation_ancova *a, size_t without)
{
    const stroma_imputation_state *s = a->state;
    const size_t p = a->columns;
    double *row = a->root;
    a->without = without;
    memset(a->factor, 0, p * p * sizeof *a->factor);
    for (size_t i = 0; i < s->n; i++) {
        if (i == without) continue;
        row_of(a, i, row);
        for (size_t j = 0; j < p; j++)
            for (size_t k = 0; k <= j; k++)
                a->factor[j * p + k] += row[j] * row[k];
    }
    for (size_t c = 0; c < s->covariates; c++) {
        a->centre[c] = 0;
        for (size_t i = 0; i < s->n; i++)
            a->centre[c] += i == without ? 0 : s->x[i * s->covariates + c];
        a->centre[c] /= (double)(s->n - (without < s->n));
    }
    if (!small_cholesky(a->factor, p)) return false;
    for (size_t g = 0; g < s->groups; g++) {
        a->mean_factor[g] = variance_factor(a, g, SIZE_MAX);
        a->difference_factor[g] = variance_factor(a, g, s->options.reference);
    }
    return true;
}

void imputation_ancova_means(const imputation_ancova *a, const double *y, size_t stride,
                             double *means, double *variance)
{
    const stroma_imputation_state *s = a->state;
    const size_t p = a->columns;
    double *b = a->root, *row = a->root + p;
    size_t n = 0;
    memset(b, 0, p * sizeof *b);
    for (size_t i = 0; i < s->n; i++) {
        if (i == a->without) continue;
        row_of(a, i, row);
        n++;
        for (size_t j = 0; j < p; j++)
            b[j] += row[j] * y[i * stride];
    }
    small_solve_lower(a->factor, p, b);
    small_solve_upper(a->factor, p, b);
    double centre = 0, sum = 0;
    for (size_t c = 0; c < s->covariates; c++)
        centre += a->centre[c] * b[s->groups + c];
    for (size_t g = 0; g < s->groups; g++)
        means[g] = b[g] + centre;
    if (variance == NULL) return;
    for (size_t i = 0; i < s->n; i++) {
        if (i == a->without) continue;
        row_of(a, i, row);
        const double e = y[i * stride] - small_dot(row, b, p);
        sum += e * e;
    }
    *variance = sum / (double)(n - p);
}

void imputation_shift(const stroma_imputation_state *s, size_t visit,
                      const stroma_imputation_delta *delta, double *shift)
{
    const size_t m = s->visits;
    for (size_t i = 0; i < s->n; i++) {
        shift[i] = 0;
        if (delta == NULL || s->observed[i * m + visit]) continue;
        const double *own = delta->shift + s->group[i] * m;
        const bool after = visit >= s->from[i];
        if (!after && !delta->intermittent) continue;
        shift[i] = own[visit];
        for (size_t v = s->from[i]; after && delta->cumulative && v < visit; v++)
            shift[i] += own[v];
    }
}

stroma_status imputation_shift_check(const stroma_imputation *m, size_t visit,
                                     const stroma_imputation_delta *delta, stroma_error *err)
{
    if (visit >= m->visits)
        return stroma_fail(err, STROMA_E_USAGE, "visit %zu: there are %zu visits", visit,
                           m->visits);
    for (size_t k = 0; delta != NULL && k < m->groups * m->visits; k++)
        if (!isfinite(delta->shift[k]))
            return stroma_fail(err, STROMA_E_USAGE, "a shift is not a finite number");
    return STROMA_OK;
}
