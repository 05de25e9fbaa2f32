/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The likelihood of a proportional-odds model and its maximum, by Newton's method. */
#include "ordinal_problem.h"

#include "small_matrix.h"

#include "stroma/memory.h"

#include <math.h>
#include <string.h>

enum { ITERATIONS_MAX = 200, HALVINGS_MAX = 60 };
static const double step_max = 5, step_min = 1e-11;

stroma_status ordinal_check(const stroma_design *d, const size_t *y, size_t categories,
                            stroma_error *err)
{
    size_t counts[STROMA_ORDINAL_CATEGORIES_MAX] = { 0 };
    if (d->rows == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "an ordinal model needs rows");
    if (categories < 2 || categories > STROMA_ORDINAL_CATEGORIES_MAX)
        return stroma_fail(err, STROMA_E_DEGENERATE, "%zu categories are not within 2 to %d",
                           categories, STROMA_ORDINAL_CATEGORIES_MAX);
    for (size_t i = 0; i < d->rows; i++) {
        if (y[i] >= categories)
            return stroma_fail(err, STROMA_E_USAGE, "row %zu has category %zu of 0 to %zu", i + 1,
                               y[i], categories - 1);
        counts[y[i]]++;
    }
    for (size_t k = 0; k < categories; k++)
        if (counts[k] == 0) {
            (void)stroma_fail(err, STROMA_E_DEGENERATE, "no row has category %zu of 0 to %zu", k,
                              categories - 1);
            stroma_hint(err, "leave it out or join it with a neighbour");
            return STROMA_E_DEGENERATE;
        }
    for (size_t j = 0; j < d->columns; j++)
        for (size_t i = 0; i < d->rows; i++)
            if (!isfinite(d->x[j * d->rows + i]))
                return stroma_fail(err, STROMA_E_USAGE,
                                   "row %zu of design column %zu is not finite", i + 1, j + 1);
    return STROMA_OK;
}

void ordinal_problem_free(ordinal_problem *o)
{
    logistic_problem_free(&o->q);
    stroma_free(o->code);
    *o = (ordinal_problem){ 0 };
}

static stroma_status fill(ordinal_problem *o, const stroma_design *d, bool *aliased,
                          stroma_error *err)
{
    stroma_design with = { .rows = d->rows, .columns = d->columns + 1, .intercept = true };
    bool *flags = stroma_alloc_array(with.columns, sizeof *flags);
    with.x = stroma_alloc_array(with.columns, d->rows * sizeof *with.x);
    o->code = stroma_alloc_array(d->rows, sizeof *o->code);
    stroma_status s = STROMA_OK;
    if (flags == NULL || with.x == NULL || o->code == NULL) s = stroma_no_memory(err);
    for (size_t i = 0; s == STROMA_OK && i < d->rows; i++) {
        with.x[i] = 1;
        o->code[i] = (double)o->y[i];
    }
    if (s == STROMA_OK) {
        memcpy(with.x + d->rows, d->x, d->columns * d->rows * sizeof *d->x);
        s = logistic_problem_new(&with, o->code, true, flags, &o->q, err);
    }
    for (size_t j = 0; s == STROMA_OK && j < d->columns; j++)
        aliased[j] = flags[j + 1];
    stroma_free(flags);
    stroma_free(with.x);
    return s;
}

stroma_status ordinal_problem_new(const stroma_design *d, const size_t *y, size_t categories,
                                  double ridge, bool *aliased, ordinal_problem *out,
                                  stroma_error *err)
{
    *out = (ordinal_problem){
        .n = d->rows, .categories = categories, .cuts = categories - 1, .y = y, .ridge = ridge
    };
    ordinal_problem *o = out;
    stroma_status s = fill(o, d, aliased, err);
    if (s == STROMA_OK) {
        o->slopes = o->q.p - 1;
        o->dim = o->cuts + o->slopes;
        const size_t all = o->n + 2 * o->dim + 2 * o->dim * o->dim;
        double *room = stroma_realloc_array(o->code, o->n + all, sizeof *room);
        if (room == NULL) {
            s = stroma_no_memory(err);
        } else {
            o->code = room;
            o->eta = room + o->n;
            o->gradient = o->eta + o->n;
            o->trial = o->gradient + o->dim;
            o->h = o->trial + o->dim;
            o->reduced = o->h + o->dim * o->dim;
        }
    }
    if (s != STROMA_OK) ordinal_problem_free(o);
    return s;
}

size_t ordinal_column(const ordinal_problem *o, size_t k)
{
    return o->q.column[k + 1] - 1;
}

void ordinal_form(const ordinal_problem *o, size_t a, double *form)
{
    memset(form, 0, o->dim * sizeof *form);
    if (a >= o->cuts) {
        form[a] = 1 / o->q.sd[a - o->cuts + 1];
        return;
    }
    form[a] = 1;
    for (size_t j = 0; j < o->slopes; j++)
        form[o->cuts + j] = o->q.mean[j + 1] / o->q.sd[j + 1];
}

void ordinal_start(const ordinal_problem *o, double *beta)
{
    size_t below = 0;
    memset(beta, 0, o->dim * sizeof *beta);
    for (size_t k = 0; k < o->cuts; k++) {
        for (size_t i = 0; i < o->n; i++)
            below += o->y[i] == k;
        beta[k] = log((double)below / (double)(o->n - below));
    }
}

static double log_expit(double x)
{
    return x >= 0 ? -log1p(exp(-x)) : x - log1p(exp(x));
}

double ordinal_probability(const double *cut, size_t cuts, size_t k, double eta)
{
    if (k == 0) return logistic_expit(cut[0] - eta);
    if (k == cuts) return logistic_expit(eta - cut[cuts - 1]);
    /* F(a) − F(b) = F(a)·F(−b)·(1 − e^(b − a)), without cancellation */
    return logistic_expit(cut[k] - eta) * logistic_expit(eta - cut[k - 1]) *
           -expm1(cut[k - 1] - cut[k]);
}

/* Leaves eta. */
static double log_likelihood(const ordinal_problem *o, const double *beta)
{
    double sum = 0;
    for (size_t k = 1; k < o->cuts; k++)
        if (!(beta[k] > beta[k - 1])) return -INFINITY;
    memset(o->eta, 0, o->n * sizeof *o->eta);
    for (size_t j = 0; j < o->slopes; j++)
        for (size_t i = 0; i < o->n; i++)
            o->eta[i] += o->q.x[(j + 1) * o->n + i] * beta[o->cuts + j];
    for (size_t i = 0; i < o->n; i++) {
        const size_t k = o->y[i];
        if (k < o->cuts) sum += log_expit(beta[k] - o->eta[i]);
        if (k > 0) sum += log_expit(o->eta[i] - beta[k - 1]);
        if (k > 0 && k < o->cuts) sum += log(-expm1(beta[k - 1] - beta[k]));
    }
    return sum;
}

double ordinal_log_likelihood(const ordinal_problem *o, const double *beta)
{
    return log_likelihood(o, beta);
}

static double value_at(const ordinal_problem *o, const double *beta)
{
    double squares = 0;
    for (size_t j = 0; j < o->slopes; j++)
        squares += beta[o->cuts + j] * beta[o->cuts + j];
    return log_likelihood(o, beta) - o->ridge * (double)o->n / 2 * squares;
}

/* One row's share of gradient and minus curvature; @p upper, @p lower: weights of its thresholds.
 */
static void add_slopes(const ordinal_problem *o, size_t i, double upper, double lower, double rest)
{
    const size_t k = o->y[i], dim = o->dim;
    for (size_t j = 0; j < o->slopes; j++) {
        const double x = o->q.x[(j + 1) * o->n + i];
        double *row = o->h + (o->cuts + j) * dim;
        o->gradient[o->cuts + j] -= rest * x;
        if (k < o->cuts) row[k] -= upper * x;
        if (k > 0) row[k - 1] -= lower * x;
        for (size_t l = 0; l <= j; l++)
            row[o->cuts + l] += (upper + lower) * x * o->q.x[(l + 1) * o->n + i];
    }
}

/* At the eta that the likelihood left; the lower triangle of h. */
static void slopes(const ordinal_problem *o, const double *beta)
{
    const size_t dim = o->dim;
    memset(o->gradient, 0, dim * sizeof *o->gradient);
    memset(o->h, 0, dim * dim * sizeof *o->h);
    for (size_t i = 0; i < o->n; i++) {
        const size_t k = o->y[i];
        double upper = 0, lower = 0, up = 0, down = 0;
        if (k < o->cuts) {
            const double a = beta[k] - o->eta[i];
            up = logistic_expit(-a);
            upper = up * logistic_expit(a);
        }
        if (k > 0) {
            const double b = beta[k - 1] - o->eta[i];
            down = logistic_expit(b);
            lower = down * logistic_expit(-b);
        }
        add_slopes(o, i, upper, lower, up - down);
        if (k < o->cuts) {
            o->gradient[k] += up;
            o->h[k * dim + k] += upper;
        }
        if (k > 0) {
            o->gradient[k - 1] -= down;
            o->h[(k - 1) * dim + k - 1] += lower;
        }
        if (k == 0 || k == o->cuts) continue;
        const double apart = 1 / expm1(beta[k] - beta[k - 1]), bend = apart * (1 + apart);
        o->gradient[k] += apart;
        o->gradient[k - 1] -= apart;
        o->h[k * dim + k] += bend;
        o->h[(k - 1) * dim + k - 1] += bend;
        o->h[k * dim + k - 1] -= bend;
    }
    for (size_t j = 0; j < o->slopes; j++) {
        const double penalty = o->ridge * (double)o->n;
        o->gradient[o->cuts + j] -= penalty * beta[o->cuts + j];
        o->h[(o->cuts + j) * dim + o->cuts + j] += penalty;
    }
}

/* The Newton step in trial, 0 where fixed; false where the curvature is singular. */
static bool newton(const ordinal_problem *o, const bool *fixed, const double *beta)
{
    size_t a = 0, free_len = 0;
    slopes(o, beta);
    for (size_t j = 0; j < o->dim; j++)
        free_len += !fixed[j];
    for (size_t j = 0; j < o->dim; j++) {
        size_t b = 0;
        if (fixed[j]) continue;
        for (size_t k = 0; k <= j; k++)
            if (!fixed[k]) o->reduced[a * free_len + b++] = o->h[j * o->dim + k];
        o->gradient[a++] = o->gradient[j];
    }
    if (!small_cholesky(o->reduced, free_len)) return false;
    small_solve_lower(o->reduced, free_len, o->gradient);
    small_solve_upper(o->reduced, free_len, o->gradient);
    double longest = 0, largest = 1;
    for (size_t j = 0; j < free_len; j++)
        longest = fmax(longest, fabs(o->gradient[j]));
    for (size_t j = 0; j < o->dim; j++)
        largest = fmax(largest, fabs(beta[j]));
    const double scale = longest > step_max * largest ? step_max * largest / longest : 1;
    a = 0;
    for (size_t j = 0; j < o->dim; j++)
        o->trial[j] = fixed[j] ? 0 : scale * o->gradient[a++];
    return true;
}

logistic_optimum ordinal_maximise(const ordinal_problem *o, const bool *fixed, double *beta)
{
    logistic_optimum out = { .log_likelihood = value_at(o, beta) };
    bool any = false;
    for (size_t j = 0; j < o->dim; j++)
        any |= !fixed[j];
    if (!any) out.ok = isfinite(out.log_likelihood);
    while (any && !out.ok && isfinite(out.log_likelihood) && out.iterations++ < ITERATIONS_MAX) {
        double scale = 1, length = 0;
        if (!newton(o, fixed, beta)) break;
        double *step = o->trial, *to = o->gradient; /* spent */
        int h = 0;
        for (; h < HALVINGS_MAX; h++, scale /= 2) {
            length = 0;
            for (size_t j = 0; j < o->dim; j++) {
                to[j] = beta[j] + scale * step[j];
                length = fmax(length, fabs(scale * step[j]) / fmax(1, fabs(beta[j])));
            }
            const double there = value_at(o, to);
            if (!(there >= out.log_likelihood - 1e-13 * fabs(out.log_likelihood))) continue;
            memcpy(beta, to, o->dim * sizeof *beta);
            out.log_likelihood = there;
            break;
        }
        if (h == HALVINGS_MAX) {
            (void)value_at(o, beta);
            length = 0;
        }
        out.ok = length < step_min;
    }
    return out;
}

bool ordinal_inverse(const ordinal_problem *o, const double *beta, double *inverse)
{
    if (!isfinite(value_at(o, beta))) return false;
    slopes(o, beta);
    memcpy(o->reduced, o->h, o->dim * o->dim * sizeof *o->h);
    if (!small_cholesky(o->reduced, o->dim)) return false;
    small_inverse(o->reduced, o->dim, inverse);
    return true;
}

/* The model has a maximum where that of all indicators Y > k together has one: a direction along
 * which no row's likelihood falls is the same in both, as no category is empty. */
stroma_status ordinal_separate(const stroma_design *d, const size_t *y, size_t categories,
                               stroma_separation *out, bool *infinite, stroma_error *err)
{
    const size_t cuts = categories - 1, n = d->rows * cuts;
    stroma_design stacked = { .rows = n, .columns = cuts + d->columns, .intercept = true };
    if (cuts > SIZE_MAX / 8 / d->rows / stacked.columns) return stroma_no_memory(err);
    stacked.x = stroma_alloc_array(stacked.columns, n * sizeof *stacked.x);
    double *above = stroma_alloc_array(n, sizeof *above);
    bool *flags = stroma_alloc_array(stacked.columns, sizeof *flags);
    stroma_status s = STROMA_OK;
    if (stacked.x == NULL || above == NULL || flags == NULL) {
        s = stroma_no_memory(err);
    } else {
        for (size_t k = 0; k < cuts; k++)
            for (size_t i = 0; i < d->rows; i++) {
                const size_t r = k * d->rows + i;
                above[r] = y[i] > k;
                stacked.x[k * n + r] = 1;
                for (size_t j = 0; j < d->columns; j++)
                    stacked.x[(cuts + j) * n + r] = d->x[j * d->rows + i];
            }
        s = stroma_logistic_separation(&stacked, above, out, flags, err);
    }
    for (size_t j = 0; s == STROMA_OK && j < d->columns; j++)
        infinite[j] = flags[cuts + j];
    stroma_free(stacked.x);
    stroma_free(above);
    stroma_free(flags);
    return s;
}
