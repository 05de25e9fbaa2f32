/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From rows to orthonormal columns and to cross-products by pattern of visits. */
#include "mmrm_state.h"
#include "small_matrix.h"

#include "stroma/sort.h"

#include <math.h>
#include <string.h>

/* A column is aliased when this share of its length, or less, is left beside the earlier ones. */
static const double alias_share = 1e-9;
enum { ARENA_BYTES_LOG2 = 34 };

/* Gram-Schmidt, twice over, which leaves Q orthonormal to rounding (Giraud & Langou 2003). */
static stroma_status orthonormalise(mmrm_problem *p, stroma_error *err)
{
    const stroma_design *d = p->data->design;
    const size_t n = d->rows;
    p->q = stroma_arena_alloc(&p->arena, n * d->columns, sizeof *p->q);
    p->r = stroma_arena_alloc(&p->arena, d->columns * d->columns, sizeof *p->r);
    p->aliased = stroma_arena_alloc(&p->arena, d->columns, sizeof *p->aliased);
    p->kept = stroma_arena_alloc(&p->arena, d->columns, sizeof *p->kept);
    if (p->q == NULL || p->r == NULL || p->aliased == NULL || p->kept == NULL)
        return stroma_no_memory(err);
    for (size_t c = 0; c < d->columns; c++) {
        double *column = p->q + p->rank * n;
        memcpy(column, d->x + c * n, n * sizeof *column);
        const double length = sqrt(small_dot(column, column, n));
        if (!isfinite(length))
            return stroma_fail(err, STROMA_E_USAGE, "column %zu of the design is not finite", c);
        for (int pass = 0; pass < 2; pass++)
            for (size_t k = 0; k < p->rank; k++) {
                const double share = small_dot(p->q + k * n, column, n);
                p->r[k * d->columns + c] += share;
                for (size_t i = 0; i < n; i++)
                    column[i] -= share * p->q[k * n + i];
            }
        const double left = sqrt(small_dot(column, column, n));
        p->aliased[c] = !(left > alias_share * length);
        if (p->aliased[c]) continue;
        for (size_t i = 0; i < n; i++)
            column[i] /= left;
        p->r[p->rank * d->columns + c] = left;
        p->kept[p->rank++] = c;
    }
    return STROMA_OK;
}

static stroma_status least_squares(mmrm_problem *p, stroma_error *err)
{
    const size_t n = p->rows;
    p->ols = stroma_arena_alloc(&p->arena, p->rank, sizeof *p->ols);
    p->error = stroma_arena_alloc(&p->arena, n, sizeof *p->error);
    if (p->ols == NULL || p->error == NULL) return stroma_no_memory(err);
    memcpy(p->error, p->data->y, n * sizeof *p->error);
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < p->rank; k++) {
            const double share = small_dot(p->q + k * n, p->error, n);
            p->ols[k] += share;
            for (size_t i = 0; i < n; i++)
                p->error[i] -= share * p->q[k * n + i];
        }
    const double total = small_dot(p->data->y, p->data->y, n);
    if (!isfinite(total)) return stroma_fail(err, STROMA_E_USAGE, "the response is not finite");
    if (n <= p->rank)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "%zu rows and %zu coefficients leave no degrees of freedom", n, p->rank);
    if (!(small_dot(p->error, p->error, n) > 1e-24 * total))
        return stroma_fail(err, STROMA_E_DEGENERATE, "the model fits every row exactly");
    return STROMA_OK;
}

/* Rows in the order of subject and visit; a subject's pattern is its run of visits. */
typedef struct order_row {
    size_t subject, visit, row;
} order_row;

static int by_subject(const void *a, const void *b, void *context)
{
    const order_row *p = a, *q = b;
    (void)context;
    if (p->subject != q->subject) return p->subject < q->subject ? -1 : 1;
    return p->visit < q->visit ? -1 : p->visit > q->visit;
}

/* A subject: rows begin … begin + k of the ordered rows. */
typedef struct unit {
    size_t begin, k, group;
} unit;

static int by_pattern(const void *a, const void *b, void *context)
{
    const unit *p = a, *q = b;
    const order_row *rows = context;
    if (p->group != q->group) return p->group < q->group ? -1 : 1;
    if (p->k != q->k) return p->k < q->k ? -1 : 1;
    for (size_t i = 0; i < p->k; i++) {
        const size_t x = rows[p->begin + i].visit, y = rows[q->begin + i].visit;
        if (x != y) return x < y ? -1 : 1;
    }
    return 0;
}

static stroma_status find_units(mmrm_problem *p, order_row *rows, unit *units, stroma_error *err)
{
    const stroma_mmrm_data *d = p->data;
    for (size_t i = 0; i < p->rows; i++) {
        rows[i] = (order_row){ d->subject[i], d->visit[i], i };
        if (rows[i].subject >= d->subjects || rows[i].visit >= d->visits ||
            (d->group != NULL && d->group[i] >= d->groups))
            return stroma_fail(err, STROMA_E_USAGE, "a code of row %zu is out of range", i);
    }
    STROMA_TRY(stroma_sort(rows, p->rows, sizeof *rows, by_subject, NULL, err));
    for (size_t i = 0; i < p->rows; i++) {
        const size_t group = d->group == NULL ? 0 : d->group[rows[i].row];
        if (i == 0 || rows[i].subject != rows[i - 1].subject) {
            units[p->subjects++] = (unit){ .begin = i, .group = group };
        } else if (rows[i].visit == rows[i - 1].visit) {
            (void)stroma_fail(err, STROMA_E_INCONSISTENT,
                              "subject %zu has two rows of visit %zu (counted from 1)",
                              rows[i].subject + 1, rows[i].visit + 1);
            stroma_hint(err, "keep one record of each subject and visit");
            return STROMA_E_INCONSISTENT;
        }
        if (units[p->subjects - 1].group != group)
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "subject %zu is in two covariance groups", rows[i].subject + 1);
        units[p->subjects - 1].k++;
    }
    return stroma_sort(units, p->subjects, sizeof *units, by_pattern, rows, err);
}

/* The rows of one subject, [q | e], added to its pattern. @p z has k × (rank + 1) numbers. */
static void add_unit(const mmrm_problem *p, mmrm_pattern *g, const order_row *rows, double *z)
{
    const size_t width = p->rank + 1;
    for (size_t s = 0; s < g->k; s++) {
        for (size_t c = 0; c < p->rank; c++)
            z[s * width + c] = p->q[c * p->rows + rows[s].row];
        z[s * width + p->rank] = p->error[rows[s].row];
    }
    double *out = g->cross;
    for (size_t s = 0; s < g->k; s++)
        for (size_t t = 0; t <= s; t++) {
            const double *a = z + s * width, *b = z + t * width;
            for (size_t i = 0; i < width; i++) {
                const double ai = a[i], bi = s == t ? 0 : b[i];
                for (size_t j = 0; j <= i; j++)
                    out[j] += ai * b[j] + bi * a[j];
                out += i + 1;
            }
        }
    g->n++;
}

static stroma_status add_pattern(mmrm_problem *p, const unit *u, const order_row *rows,
                                 stroma_error *err)
{
    mmrm_pattern *g = &p->patterns[p->patterns_len++];
    size_t *visits = stroma_arena_alloc(&p->arena, u->k, sizeof *visits);
    g->cross = stroma_arena_alloc(&p->arena, u->k * (u->k + 1) / 2 * p->packed, sizeof *g->cross);
    if (visits == NULL || g->cross == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < u->k; i++)
        visits[i] = rows[u->begin + i].visit;
    g->visits = visits;
    g->k = u->k;
    g->group = u->group;
    return STROMA_OK;
}

stroma_status mmrm_problem_make(mmrm_problem *p, const stroma_mmrm_data *data, stroma_error *err)
{
    *p = (mmrm_problem){ .data = data,
                         .rows = data->design->rows,
                         .columns = data->design->columns };
    stroma_arena_init(&p->arena, (size_t)1 << ARENA_BYTES_LOG2);
    STROMA_TRY(orthonormalise(p, err));
    STROMA_TRY(least_squares(p, err));
    const size_t width = p->rank + 1;
    p->packed = width * (width + 1) / 2;
    order_row *rows = stroma_arena_alloc(&p->arena, p->rows, sizeof *rows);
    unit *units = stroma_arena_alloc(&p->arena, p->rows, sizeof *units);
    double *z = stroma_arena_alloc(&p->arena, data->visits * width, sizeof *z);
    if (rows == NULL || units == NULL || z == NULL) return stroma_no_memory(err);
    STROMA_TRY(find_units(p, rows, units, err));
    p->patterns = stroma_arena_alloc(&p->arena, p->subjects, sizeof *p->patterns);
    if (p->patterns == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < p->subjects; i++) {
        if (i == 0 || by_pattern(&units[i - 1], &units[i], rows) != 0)
            STROMA_TRY(add_pattern(p, &units[i], rows, err));
        add_unit(p, &p->patterns[p->patterns_len - 1], rows + units[i].begin, z);
    }
    return STROMA_OK;
}
