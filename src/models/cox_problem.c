/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cox_problem.h"

#include "stroma/memory.h"

#include <math.h>
#include <string.h>

static const double dependent = 1e-10; /* of a column's own information */

void cox_problem_free(cox_problem *q)
{
    survival_times_free(&q->t);
    stroma_free(q->stop);
    stroma_free(q->event);
    stroma_free(q->late);
    stroma_free(q->x);
    stroma_free(q->column);
    stroma_free(q->mean);
    stroma_free(q->sums);
    *q = (cox_problem){ 0 };
}

static stroma_status check(const stroma_cox_data *d, const stroma_cox_options *o, stroma_error *err)
{
    STROMA_TRY(survival_check_level(o->level, err));
    if (d->cluster != NULL && (o->firth || o->interval == STROMA_COX_PROFILE)) {
        (void)stroma_fail(err, STROMA_E_USAGE, "rows of one cluster have no joint likelihood: %s",
                          o->firth ? "Firth's penalty has no robust variance"
                                   : "its profile has no limits");
        stroma_hint(err, "take Wald's interval and no penalty, or leave the clusters out");
        return STROMA_E_USAGE;
    }
    if (d->design->rows != d->times.n)
        return stroma_fail(err, STROMA_E_USAGE, "the design has %zu rows, the times have %zu",
                           d->design->rows, d->times.n);
    for (size_t j = 0; j < d->design->columns; j++)
        for (size_t i = 0; i < d->design->rows; i++)
            if (!isfinite(d->design->x[j * d->design->rows + i]))
                return stroma_fail(err, STROMA_E_USAGE,
                                   "row %zu of design column %zu is not finite", i + 1, j + 1);
    return survival_check_codes(d->cluster, d->times.n, d->clusters, "cluster", err);
}

static size_t moments_of(size_t p, bool firth)
{
    return 1 + p + p * (p + 1) / 2 + (firth ? p * (p + 1) * (p + 2) / 6 : 0);
}

/* Centred and scaled columns of the design that vary, row by row. */
static void load(cox_problem *q, const stroma_design *d)
{
    const size_t n = q->n;
    q->p = 0;
    for (size_t j = 0; j < d->columns; j++) {
        const double *x = d->x + j * n;
        double sum = 0, squares = 0;
        bool varies = false;
        for (size_t i = 0; i < n; i++) {
            sum += x[i];
            varies = varies || x[i] != x[0];
        }
        if (!varies) continue;
        q->mean[q->p] = sum / (double)n;
        for (size_t i = 0; i < n; i++)
            squares += (x[i] - q->mean[q->p]) * (x[i] - q->mean[q->p]);
        q->sd[q->p] = sqrt(squares / (double)n);
        q->column[q->p++] = j;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < q->p; k++)
            q->x[i * q->p + k] = (d->x[q->column[k] * n + q->t.by_stop[i]] - q->mean[k]) / q->sd[k];
}

static void order(cox_problem *q, const stroma_survival_data *d)
{
    for (size_t i = 0; i < q->n; i++) {
        const size_t row = q->t.by_stop[i];
        q->stop[i] = q->t.stop[row];
        q->event[i] = d->event[row] != 0;
        q->events += q->event[i];
        if (q->start != NULL) q->start[i] = q->t.start[row];
    }
}

/* Positions of the rows, through which by_start becomes `late`. */
static stroma_status order_late(cox_problem *q, stroma_error *err)
{
    size_t *position = stroma_alloc_array(q->n, sizeof *position);
    if (position == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < q->n; i++)
        position[q->t.by_stop[i]] = i;
    for (size_t i = 0; i < q->n; i++)
        q->late[i] = position[q->t.by_start[i]];
    stroma_free(position);
    return STROMA_OK;
}

static stroma_status alloc(cox_problem *q, size_t columns, bool late, stroma_error *err)
{
    const size_t n = q->n;
    if (columns > SIZE_MAX / n / sizeof(double)) return stroma_no_memory(err);
    q->stop = stroma_alloc_array(4 * n, sizeof *q->stop);
    q->event = stroma_alloc_array(n, sizeof *q->event);
    q->x = stroma_alloc_array(n * columns, sizeof *q->x);
    q->column = stroma_alloc_array(columns, sizeof *q->column);
    q->mean = stroma_alloc_array(2 * columns, sizeof *q->mean);
    if (late) q->late = stroma_alloc_array(n, sizeof *q->late);
    if (q->stop == NULL || q->event == NULL || q->x == NULL || q->column == NULL ||
        q->mean == NULL || (late && q->late == NULL))
        return stroma_no_memory(err);
    if (late) q->start = q->stop + n;
    q->eta = q->stop + 2 * n;
    q->weight = q->stop + 3 * n;
    q->sd = q->mean + columns;
    return STROMA_OK;
}

/* Room for the moments of the columns there are. */
static stroma_status alloc_sums(cox_problem *q, bool firth, stroma_error *err)
{
    if (q->p > 30000) return stroma_no_memory(err);
    stroma_free(q->sums);
    q->firth = firth;
    q->moments = moments_of(q->p, firth);
    q->sums = stroma_alloc_array(4 * q->moments, sizeof *q->sums);
    return q->sums == NULL ? stroma_no_memory(err) : STROMA_OK;
}

/* Columns whose information given the earlier ones is nothing, by the pivots at beta = 0. */
static void find_dependent(double *a, size_t p, bool *keep)
{
    for (size_t j = 0; j < p; j++) {
        const double before = a[j * p + j];
        for (size_t i = 0; i < j; i++) {
            if (!keep[i]) continue;
            double sum = a[j * p + i];
            for (size_t k = 0; k < i; k++)
                if (keep[k]) sum -= a[j * p + k] * a[i * p + k];
            a[j * p + i] = sum / a[i * p + i];
        }
        double left = before;
        for (size_t k = 0; k < j; k++)
            if (keep[k]) left -= a[j * p + k] * a[j * p + k];
        keep[j] = before > dependent && left > dependent * before;
        if (keep[j]) a[j * p + j] = sqrt(left);
    }
}

static stroma_status drop_dependent(cox_problem *q, bool *aliased, stroma_error *err)
{
    cox_point pt;
    STROMA_TRY(alloc_sums(q, false, err));
    STROMA_TRY(cox_point_new(q, &pt, err));
    bool *keep = stroma_alloc_array(q->p, sizeof *keep);
    if (keep == NULL) {
        cox_point_free(&pt);
        return stroma_no_memory(err);
    }
    (void)cox_at(q, NULL, &pt);
    find_dependent(pt.information, q->p, keep);
    size_t kept = 0;
    for (size_t k = 0; k < q->p; k++) {
        if (!keep[k]) continue;
        aliased[q->column[k]] = false;
        q->column[kept] = q->column[k];
        q->mean[kept] = q->mean[k];
        q->sd[kept++] = q->sd[k];
    }
    for (size_t i = 0, to = 0; i < q->n; i++)
        for (size_t k = 0; k < q->p; k++)
            if (keep[k]) q->x[to++] = q->x[i * q->p + k];
    q->p = kept;
    stroma_free(keep);
    cox_point_free(&pt);
    return STROMA_OK;
}

static stroma_status fill(cox_problem *q, const stroma_cox_data *d, const stroma_cox_options *o,
                          bool *aliased, stroma_error *err)
{
    STROMA_TRY(survival_times_new(&d->times, d->times.stratum, d->times.strata, &q->t, err));
    STROMA_TRY(alloc(q, d->design->columns, d->times.start != NULL, err));
    order(q, &d->times);
    if (q->events == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "no row has the event");
    if (q->start != NULL) STROMA_TRY(order_late(q, err));
    load(q, d->design);
    for (size_t j = 0; j < d->design->columns; j++)
        aliased[j] = true;
    if (q->p > 0) STROMA_TRY(drop_dependent(q, aliased, err));
    if (q->p == 0)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "no column varies among those at risk when an event happens");
    if (o->firth && q->p > STROMA_COX_FIRTH_COLUMNS_MAX)
        return stroma_fail(err, STROMA_E_USAGE,
                           "Firth's penalty takes at most %d columns, found %zu",
                           STROMA_COX_FIRTH_COLUMNS_MAX, q->p);
    return alloc_sums(q, o->firth, err);
}

stroma_status cox_problem_new(const stroma_cox_data *d, const stroma_cox_options *o, bool *aliased,
                              cox_problem *out, stroma_error *err)
{
    *out = (cox_problem){ .n = d->times.n, .efron = o->ties == STROMA_COX_EFRON };
    STROMA_TRY(check(d, o, err));
    const stroma_status s = fill(out, d, o, aliased, err);
    if (s != STROMA_OK) cox_problem_free(out);
    return s;
}
