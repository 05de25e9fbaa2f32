/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "logistic_problem.h"

#include "stroma/memory.h"

#include <math.h>
#include <string.h>

stroma_status logistic_check(const stroma_design *d, const double *y, stroma_error *err)
{
    if (d->rows == 0 || d->columns == 0)
        return stroma_fail(err, STROMA_E_DEGENERATE, "a logistic model needs rows and columns");
    for (size_t i = 0; i < d->rows; i++)
        if (!(y[i] == 0 || y[i] == 1)) {
            (void)stroma_fail(err, STROMA_E_USAGE, "outcome of row %zu is %g, not 0 or 1", i + 1,
                              y[i]);
            stroma_hint(err, "code the event as 1 and everything else as 0");
            return STROMA_E_USAGE;
        }
    for (size_t j = 0; j < d->columns; j++)
        for (size_t i = 0; i < d->rows; i++)
            if (!isfinite(d->x[j * d->rows + i]))
                return stroma_fail(err, STROMA_E_USAGE,
                                   "row %zu of design column %zu is not finite", i + 1, j + 1);
    return STROMA_OK;
}

void logistic_problem_free(logistic_problem *q)
{
    stroma_free(q->x);
    stroma_free(q->column);
    stroma_free(q->mean);
    stroma_free(q->sd);
    stroma_free(q->work);
    *q = (logistic_problem){ 0 };
}

static bool constant(const double *x, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (x[i] != x[0]) return false;
    return true;
}

bool logistic_is_constant(const stroma_design *d, size_t column)
{
    return constant(d->x + column * d->rows, d->rows);
}

/* Mean and SD (about the mean or about 0) of a column, in two passes. */
static void load(logistic_problem *q, size_t k, const double *x, bool centred)
{
    const double n = (double)q->n;
    double sum = 0, squares = 0;
    double *to = q->x + k * q->n;
    if (constant(x, q->n) && q->intercept == SIZE_MAX) {
        q->intercept = k;
        q->sd[k] = x[0];
        for (size_t i = 0; i < q->n; i++)
            to[i] = 1;
        return;
    }
    for (size_t i = 0; i < q->n && centred; i++)
        sum += x[i];
    q->mean[k] = sum / n;
    for (size_t i = 0; i < q->n; i++)
        squares += (x[i] - q->mean[k]) * (x[i] - q->mean[k]);
    q->sd[k] = sqrt(squares / n);
    for (size_t i = 0; i < q->n; i++)
        to[i] = (x[i] - q->mean[k]) / q->sd[k];
}

static stroma_status fill(logistic_problem *q, const stroma_design *d, bool centred,
                          const bool *aliased, stroma_error *err)
{
    const size_t n = q->n, p = q->p;
    /* the fit's scratch: two columns of n, and matrices and vectors of p */
    if (p > SIZE_MAX / n / 4 || p > SIZE_MAX / p / 16) return stroma_no_memory(err);
    q->x = stroma_alloc_array(n * p, sizeof *q->x);
    q->column = stroma_alloc_array(p, sizeof *q->column);
    q->mean = stroma_alloc_array(p, sizeof *q->mean);
    q->sd = stroma_alloc_array(p, sizeof *q->sd);
    q->work = stroma_alloc_array(3 * n + 3 * p * p + 4 * p, sizeof *q->work);
    if (q->x == NULL || q->column == NULL || q->mean == NULL || q->sd == NULL || q->work == NULL)
        return stroma_no_memory(err);
    bool has_constant = false;
    size_t k = 0;
    for (size_t j = 0; j < d->columns; j++) {
        if (aliased[j]) continue;
        q->column[k++] = j;
        has_constant |= constant(d->x + j * n, n);
    }
    for (k = 0; k < p; k++)
        load(q, k, d->x + q->column[k] * n, centred && has_constant);
    return STROMA_OK;
}

stroma_status logistic_problem_new(const stroma_design *d, const double *y, bool centred,
                                   bool *aliased, logistic_problem *out, stroma_error *err)
{
    *out = (logistic_problem){ .n = d->rows, .y = y, .intercept = SIZE_MAX };
    stroma_linear_model *m = NULL;
    STROMA_TRY(stroma_linear_model_fit(d, y, NULL, &m, err));
    memcpy(aliased, m->aliased, d->columns * sizeof *aliased);
    out->p = m->rank;
    stroma_linear_model_free(m);
    const stroma_status s = fill(out, d, centred, aliased, err);
    if (s != STROMA_OK) logistic_problem_free(out);
    return s;
}

void logistic_form(const logistic_problem *q, size_t k, double *form)
{
    for (size_t i = 0; i < q->p; i++)
        form[i] = 0;
    form[k] = 1 / q->sd[k];
    if (k != q->intercept) return;
    for (size_t i = 0; i < q->p; i++)
        if (i != k) form[i] = -q->mean[i] / q->sd[i] / q->sd[k];
}
