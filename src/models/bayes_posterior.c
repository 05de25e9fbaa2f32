/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peak of a posterior by Newton's method, and the Laplace approximation there. */
#include "bayes_posterior.h"

#include "small_matrix.h"

#include "stroma/memory.h"

#include <math.h>
#include <string.h>

enum { ITERATIONS_MAX = 500, HALVINGS_MAX = 60, PRODUCT_MAX = 512 };
static const double step_max = 5, step_min = 1e-10;

void bayes_posterior_free(bayes_posterior *b)
{
    stroma_free(b->scale);
    stroma_free(b->factor);
    stroma_free(b->axes);
    *b = (bayes_posterior){ 0 };
}

stroma_status bayes_posterior_new(const logistic_problem *q, double df, bayes_posterior *out,
                                  stroma_error *err)
{
    const size_t n = q->n, p = q->p;
    *out = (bayes_posterior){ .q = q, .df = df };
    if (p + 1 > SIZE_MAX / 8 / n || p > SIZE_MAX / 8 / p) return stroma_no_memory(err);
    out->scale = stroma_alloc_array(2 * p, sizeof *out->scale);
    out->factor = stroma_alloc_array(p * p, sizeof *out->factor);
    out->axes = stroma_alloc_array(n * (p + 1), sizeof *out->axes);
    if (out->scale == NULL || out->factor == NULL || out->axes == NULL) {
        bayes_posterior_free(out);
        return stroma_no_memory(err);
    }
    out->mode = out->scale + p;
    out->start = out->axes + n * p;
    return STROMA_OK;
}

/* The factors 1 + e^-|eta| lie in 1 … 2: 512 of them are multiplied before one logarithm. */
double bayes_posterior_loss(const double *eta, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n;) {
        const size_t end = n - i > PRODUCT_MAX ? i + PRODUCT_MAX : n;
        double product = 1;
        for (; i < end; i++) {
            product *= 1 + exp(-fabs(eta[i]));
            sum += eta[i] < 0 ? -eta[i] : 0;
        }
        sum += log(product);
    }
    return sum;
}

double bayes_posterior_log_prior(const bayes_posterior *b, const double *beta)
{
    double sum = 0;
    for (size_t k = 0; k < b->q->p; k++) {
        const double z = beta[k] / b->scale[k];
        sum -= isinf(b->df) ? z * z / 2 : (b->df + 1) / 2 * log1p(z * z / b->df);
    }
    return sum;
}

/* First and minus second derivative of one coefficient's log prior. */
static void prior_slopes(const bayes_posterior *b, double beta, double scale, double out[2])
{
    if (isinf(b->df)) {
        out[1] = 1 / (scale * scale);
        out[0] = -beta * out[1];
        return;
    }
    const double spread = b->df * scale * scale, whole = spread + beta * beta;
    out[0] = -(b->df + 1) * beta / whole;
    out[1] = (b->df + 1) * (spread - beta * beta) / (whole * whole);
}

typedef struct peak {
    bayes_posterior *b;
    double *eta, *weight;                    /* n */
    double *gradient, *curve, *step, *trial; /* p, p × p, p, p */
} peak;

static double value_at(const peak *w, const double *beta)
{
    const logistic_problem *q = w->b->q;
    memset(w->eta, 0, q->n * sizeof *w->eta);
    for (size_t k = 0; k < q->p; k++)
        for (size_t i = 0; i < q->n; i++)
            w->eta[i] += q->x[k * q->n + i] * beta[k];
    for (size_t i = 0; i < q->n; i++)
        if (!(q->y[i] > 0)) w->eta[i] = -w->eta[i];
    return bayes_posterior_log_prior(w->b, beta) - bayes_posterior_loss(w->eta, q->n);
}

/* Gradient and minus the curvature at the eta that value_at() left.
 * @param majorised take, for Student's t, the positive curvature that lies under it everywhere */
static bool slopes(const peak *w, const double *beta, bool majorised)
{
    const logistic_problem *q = w->b->q;
    const size_t n = q->n, p = q->p;
    for (size_t i = 0; i < n; i++)
        w->weight[i] = logistic_expit(w->eta[i]) * logistic_expit(-w->eta[i]);
    for (size_t j = 0; j < p; j++) {
        double prior[2], sum = 0;
        prior_slopes(w->b, beta[j], w->b->scale[j], prior);
        if (majorised && !isinf(w->b->df))
            prior[1] =
                (w->b->df + 1) / (w->b->df * w->b->scale[j] * w->b->scale[j] + beta[j] * beta[j]);
        for (size_t i = 0; i < n; i++) {
            const double rest = logistic_expit(-w->eta[i]);
            sum += q->x[j * n + i] * (q->y[i] > 0 ? rest : -rest);
        }
        w->gradient[j] = sum + prior[0];
        for (size_t k = 0; k <= j; k++) {
            sum = j == k ? prior[1] : 0;
            for (size_t i = 0; i < n; i++)
                sum += w->weight[i] * q->x[j * n + i] * q->x[k * n + i];
            w->curve[j * p + k] = w->curve[k * p + j] = sum;
        }
    }
    return small_cholesky(w->curve, p);
}

/* @return the length of the step taken, 0 when none raises the value */
static double climb(const peak *w, double *value)
{
    double *beta = w->b->mode, longest = 0, scale = 1;
    const size_t p = w->b->q->p;
    for (size_t j = 0; j < p; j++)
        longest = fmax(longest, fabs(w->step[j]) / fmax(1, fabs(beta[j])));
    if (longest > step_max) scale = step_max / longest;
    for (int h = 0; h < HALVINGS_MAX; h++, scale /= 2) {
        for (size_t j = 0; j < p; j++)
            w->trial[j] = beta[j] + scale * w->step[j];
        const double there = value_at(w, w->trial);
        if (!(there >= *value - 1e-14 * fabs(*value))) continue;
        memcpy(beta, w->trial, p * sizeof *beta);
        *value = there;
        return scale * longest;
    }
    (void)value_at(w, beta);
    return 0;
}

static bool maximise(const peak *w)
{
    bayes_posterior *b = w->b;
    const size_t p = b->q->p;
    memset(b->mode, 0, p * sizeof *b->mode);
    double value = value_at(w, b->mode), length = INFINITY;
    for (int i = 0; i < ITERATIONS_MAX && length >= step_min; i++) {
        if (!slopes(w, b->mode, false) && !slopes(w, b->mode, true)) return false;
        memcpy(w->step, w->gradient, p * sizeof *w->step);
        small_solve_lower(w->curve, p, w->step);
        small_solve_upper(w->curve, p, w->step);
        length = climb(w, &value);
    }
    return length < step_min && (slopes(w, b->mode, false) || slopes(w, b->mode, true));
}

void bayes_posterior_axes(const logistic_problem *q, const double *factor, double *out)
{
    memset(out, 0, q->n * q->p * sizeof *out);
    for (size_t k = 0; k < q->p; k++) {
        double *to = out + k * q->n;
        for (size_t j = k; j < q->p; j++)
            for (size_t i = 0; i < q->n; i++)
                to[i] += q->x[j * q->n + i] * factor[j * q->p + k];
        for (size_t i = 0; i < q->n; i++)
            if (!(q->y[i] > 0)) to[i] = -to[i];
    }
}

stroma_status bayes_posterior_peak(bayes_posterior *b, stroma_error *err)
{
    const size_t n = b->q->n, p = b->q->p;
    double *room = stroma_alloc_array(2 * n + 3 * p + p * p, sizeof *room);
    if (room == NULL) return stroma_no_memory(err);
    double *v = room + 2 * n;
    const peak w = { b, room, room + n, v, v + 3 * p, v + p, v + 2 * p };
    bool ok = maximise(&w);
    if (ok) {
        small_inverse(w.curve, p, b->factor);
        ok = small_cholesky(b->factor, p);
    }
    if (ok) {
        bayes_posterior_axes(b->q, b->factor, b->axes);
        memcpy(b->start, w.eta, n * sizeof *b->start);
    }
    stroma_free(room);
    if (ok) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE, "the peak of the posterior was not found");
}
