/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton's method with a tridiagonal block for the thresholds: n values cost n steps, not n³. */
#include "cpm.h"
#include "small_matrix.h"

#include "stroma/memory.h"

#include <string.h>

enum { ITERATIONS_MAX = 100 };

static double log_logistic(double z)
{
    return z > 0 ? -log1p(exp(-z)) : z - log1p(exp(z));
}

/* Value and derivatives of one row's term by its two bounds. */
typedef struct term {
    double value, a, b, aa, ab, bb;
} term;

static term term_of(double a, double b, bool open_low, bool open_high)
{
    term t = { 0, 0, 0, 0, 0, 0 };
    if (!open_high) {
        const double tail = logistic_expit(-b);
        t.value += log_logistic(b);
        t.b = tail;
        t.bb = -tail * (1 - tail);
    }
    if (!open_low) {
        const double tail = logistic_expit(a);
        t.value += log_logistic(-a);
        t.a = -tail;
        t.aa = -tail * (1 - tail);
    }
    if (open_low || open_high) return t;
    /* F(b) − F(a) = F(b)·(1 − F(a))·(1 − exp(a − b)) */
    const double gap = b - a, grown = expm1(gap), q = exp(gap) / (grown * grown);
    t.value += gap > 0 ? log(-expm1(-gap)) : -(double)INFINITY;
    t.b += 1 / grown;
    t.a -= 1 / grown;
    t.bb -= q;
    t.aa -= q;
    t.ab = q;
    return t;
}

/* Gradient and negative Hessian: diagonal and upper neighbours of the thresholds' block, the rest
 * with the coefficients. */
typedef struct newton {
    double *gradient;             /* m + p */
    double *diagonal, *neighbour; /* m */
    double *side;                 /* p × m: thresholds with each coefficient */
    double *corner;               /* p × p */
    double *step, *trial;         /* m + p */
} newton;

static double eta_of(const cpm_problem *c, const double *beta, size_t i)
{
    double sum = 0;
    for (size_t k = 0; k < c->p; k++)
        sum += c->q.x[c->used[k] * c->n + i] * beta[k];
    return sum;
}

static double likelihood(const cpm_problem *c, const double *theta)
{
    double sum = 0;
    for (size_t i = 0; i < c->n; i++) {
        const size_t lo = c->lower[i], hi = c->upper[i];
        const double eta = eta_of(c, theta + c->m, i);
        sum += term_of(lo == CPM_OPEN ? 0 : theta[lo] - eta, hi == CPM_OPEN ? 0 : theta[hi] - eta,
                       lo == CPM_OPEN, hi == CPM_OPEN)
                   .value;
    }
    return sum;
}

static void add_row(const cpm_problem *c, size_t i, const term *t, newton *w)
{
    const size_t m = c->m, lo = c->lower[i], hi = c->upper[i];
    if (lo != CPM_OPEN) {
        w->gradient[lo] += t->a;
        w->diagonal[lo] -= t->aa;
    }
    if (hi != CPM_OPEN) {
        w->gradient[hi] += t->b;
        w->diagonal[hi] -= t->bb;
    }
    if (t->ab != 0) w->neighbour[lo] -= t->ab; /* the two are neighbours */
    const double all = t->aa + 2 * t->ab + t->bb;
    for (size_t k = 0; k < c->p; k++) {
        const double x = c->q.x[c->used[k] * c->n + i];
        w->gradient[m + k] -= (t->a + t->b) * x;
        if (lo != CPM_OPEN) w->side[k * m + lo] += (t->aa + t->ab) * x;
        if (hi != CPM_OPEN) w->side[k * m + hi] += (t->bb + t->ab) * x;
        for (size_t l = 0; l <= k; l++)
            w->corner[k * c->p + l] -= all * x * c->q.x[c->used[l] * c->n + i];
    }
}

static void derivatives(const cpm_problem *c, const double *theta, newton *w)
{
    const size_t m = c->m, p = c->p;
    memset(w->gradient, 0, (m + p) * sizeof(double));
    memset(w->diagonal, 0, m * sizeof(double));
    memset(w->neighbour, 0, m * sizeof(double));
    memset(w->side, 0, p * m * sizeof(double));
    memset(w->corner, 0, p * p * sizeof(double));
    for (size_t i = 0; i < c->n; i++) {
        const size_t lo = c->lower[i], hi = c->upper[i];
        if (lo == CPM_OPEN && hi == CPM_OPEN) continue;
        const double eta = eta_of(c, theta + m, i);
        const term t =
            term_of(lo == CPM_OPEN ? 0 : theta[lo] - eta, hi == CPM_OPEN ? 0 : theta[hi] - eta,
                    lo == CPM_OPEN, hi == CPM_OPEN);
        add_row(c, i, &t, w);
    }
}

/* L D L' of the band in place. */
static bool factor_band(size_t m, double *diagonal, double *neighbour)
{
    for (size_t t = 0; t < m; t++) {
        if (!(diagonal[t] > 0)) return false;
        if (t + 1 == m) break;
        const double l = neighbour[t] / diagonal[t];
        diagonal[t + 1] -= l * neighbour[t];
        neighbour[t] = l;
    }
    return true;
}

static void solve_band(size_t m, const double *diagonal, const double *neighbour, double *x)
{
    for (size_t t = 1; t < m; t++)
        x[t] -= neighbour[t - 1] * x[t - 1];
    for (size_t t = m; t-- > 0;) {
        x[t] /= diagonal[t];
        if (t + 1 < m) x[t] -= neighbour[t] * x[t + 1];
    }
}

/* Step of the whole, and the Cholesky factor of what is left for the coefficients in `corner`.
 * @return g'step, NaN when singular */
static double newton_step(const cpm_problem *c, newton *w, double *solved)
{
    const size_t m = c->m, p = c->p;
    if (!factor_band(m, w->diagonal, w->neighbour)) return (double)NAN;
    memcpy(w->step, w->gradient, (m + p) * sizeof(double));
    solve_band(m, w->diagonal, w->neighbour, w->step);
    memcpy(solved, w->side, p * m * sizeof(double));
    for (size_t k = 0; k < p; k++) {
        solve_band(m, w->diagonal, w->neighbour, solved + k * m);
        w->step[m + k] -= small_dot(w->side + k * m, w->step, m);
        for (size_t l = 0; l <= k; l++)
            w->corner[k * p + l] -= small_dot(w->side + k * m, solved + l * m, m);
    }
    if (p > 0) {
        if (!small_cholesky(w->corner, p)) return (double)NAN;
        small_solve_lower(w->corner, p, w->step + m);
        small_solve_upper(w->corner, p, w->step + m);
    }
    for (size_t k = 0; k < p; k++)
        for (size_t t = 0; t < m; t++)
            w->step[t] -= solved[k * m + t] * w->step[m + k];
    return small_dot(w->gradient, w->step, m + p);
}

static bool climb(const cpm_problem *c, const newton *w, double *theta, double *value)
{
    const size_t len = c->m + c->p;
    for (int halved = 0; halved < 60; halved++) {
        const double part = ldexp(1, -halved);
        for (size_t j = 0; j < len; j++)
            w->trial[j] = theta[j] + part * w->step[j];
        bool ordered = true;
        for (size_t t = 1; t < c->m; t++)
            ordered = ordered && w->trial[t - 1] < w->trial[t];
        const double v = ordered ? likelihood(c, w->trial) : (double)NAN;
        if (!(v >= *value - 1e-13 * (1 + fabs(*value)))) continue;
        *value = v;
        memcpy(theta, w->trial, len * sizeof(double));
        return true;
    }
    return false;
}

/* Shares of the categories: every one has a value of its own. */
static void start(const cpm_problem *c, double *theta, double *count)
{
    double sum = 0;
    memset(theta, 0, (c->m + c->p) * sizeof(double));
    memset(count, 0, (c->m + 1) * sizeof(double));
    for (size_t i = 0; i < c->n; i++)
        count[c->upper[i] == CPM_OPEN ? c->m : c->upper[i]] += 1;
    for (size_t t = 0; t < c->m; t++) {
        sum += (count[t] + 0.01) / ((double)c->n + 0.01 * (double)(c->m + 1));
        theta[t] = log(sum / (1 - sum));
    }
}

static void iterate(const cpm_problem *c, double *theta, newton *w, double *solved, cpm_optimum *o)
{
    o->log_likelihood = likelihood(c, theta);
    for (o->iterations = 0; o->iterations < ITERATIONS_MAX; o->iterations++) {
        derivatives(c, theta, w);
        const double promise = newton_step(c, w, solved);
        if (isnan(promise)) {
            o->reason = "the information matrix is singular";
            return;
        }
        const bool last = promise < 1e-10;
        if (!climb(c, w, theta, &o->log_likelihood) || last) {
            derivatives(c, theta, w);
            if (isnan(newton_step(c, w, solved))) o->reason = "the information matrix is singular";
            return;
        }
    }
    o->reason = "no convergence in 100 steps";
}

stroma_status cpm_maximise(const cpm_problem *c, double *theta, double *covariance,
                           cpm_optimum *out, stroma_error *err)
{
    const size_t m = c->m, p = c->p;
    *out = (cpm_optimum){ (double)NAN, 0, "" };
    if (p > 0 && m > SIZE_MAX / 16 / p / 2) return censored_no_memory(err);
    double *room =
        stroma_alloc_array(3 * (m + p) + 2 * m + 2 * p * m + p * p + m + 1, sizeof *room);
    if (room == NULL) return censored_no_memory(err);
    newton w = { .gradient = room };
    w.step = w.gradient + m + p;
    w.trial = w.step + m + p;
    w.diagonal = w.trial + m + p;
    w.neighbour = w.diagonal + m;
    w.side = w.neighbour + m;
    w.corner = w.side + p * m;
    double *solved = w.corner + p * p, *count = solved + p * m;
    start(c, theta, count);
    iterate(c, theta, &w, solved, out);
    if (out->reason[0] == '\0' && covariance != NULL && p > 0)
        small_inverse(w.corner, p, covariance);
    stroma_free(room);
    return STROMA_OK;
}
