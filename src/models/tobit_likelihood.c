/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "small_matrix.h"
#include "tobit.h"

#include <string.h>

static const double log_root_2pi = 0.91893853320467274178;
enum { ITERATIONS_MAX = 200 };

double tobit_log_cdf(double z)
{
    if (z > -30) return z > 5 ? log1p(-erfc(z * M_SQRT1_2) / 2) : log(erfc(-z * M_SQRT1_2) / 2);
    /* φ(z)/|z| · (1 − 1/z² + 3/z⁴ − 15/z⁶), relative error below 105/z⁸ */
    const double u = 1 / (z * z);
    return -z * z / 2 - log_root_2pi - log(-z) + log1p(-u * (1 - u * (3 - 15 * u)));
}

static double log_density(double z)
{
    return -z * z / 2 - log_root_2pi;
}

bool tobit_is_narrow(double m, double d)
{
    return d * fmax(1, fabs(m)) < 1e-4;
}

double tobit_log_between(double m, double d)
{
    /* Φ(b) − Φ(a) = φ(m)·d·(1 + (m² − 1)d²/24 + …) */
    if (tobit_is_narrow(m, d)) return log_density(m) + log(d) + (m * m - 1) * d * d / 24;
    if (m > 0) m = -m;
    const double lb = tobit_log_cdf(m + d / 2), la = tobit_log_cdf(m - d / 2);
    return lb + log(-expm1(la - lb));
}

/* Value, first and second derivatives of one row's term by its two standardised bounds. */
typedef struct term {
    double value, a, b, aa, ab, bb;
} term;

static term cut_below(double b) /* ln Φ(b) */
{
    term t = { tobit_log_cdf(b), 0, 0, 0, 0, 0 };
    t.b = exp(log_density(b) - t.value);
    t.bb = -t.b * (t.b + b);
    return t;
}

static term cut_above(double a) /* ln(1 − Φ(a)) */
{
    term t = { tobit_log_cdf(-a), 0, 0, 0, 0, 0 };
    const double m = exp(log_density(a) - t.value);
    t.a = -m;
    t.aa = -m * (m - a);
    return t;
}

static term between(double a, double b)
{
    term t = { tobit_log_between(a / 2 + b / 2, b - a), 0, 0, 0, 0, 0 };
    const double fa = exp(log_density(a) - t.value), fb = exp(log_density(b) - t.value);
    t.a = -fa;
    t.b = fb;
    t.aa = a * fa - fa * fa;
    t.bb = -b * fb - fb * fb;
    t.ab = fa * fb;
    return t;
}

/* Add a row to gradient and information. Bounds are h·y − x'g, so they have the gradient (−x, y).
 */
static void accumulate(const tobit_problem *p, size_t i, const term *t, double low, double high,
                       double *gradient, double *information)
{
    const size_t m = p->m, k = m - 1;
    double *x = p->work;
    for (size_t j = 0; j < k; j++) {
        x[j] = p->q.x[j * p->q.n + i];
        gradient[j] -= (t->a + t->b) * x[j];
    }
    gradient[k] += t->a * low + t->b * high;
    if (information == NULL) return;
    const double all = t->aa + 2 * t->ab + t->bb;
    const double with_h = (t->aa + t->ab) * low + (t->bb + t->ab) * high;
    for (size_t j = 0; j < k; j++) {
        for (size_t l = 0; l <= j; l++)
            information[j * m + l] -= all * x[j] * x[l];
        information[k * m + j] += with_h * x[j];
    }
    information[k * m + k] -= t->aa * low * low + 2 * t->ab * low * high + t->bb * high * high;
}

/* One row: its term, the bounds that its derivatives are by, and whether it counts as measured. */
static term row_term(double h, double eta, double *low, double *high, bool *measured)
{
    const double middle = h * (*low / 2 + *high / 2) - eta, width = h * (*high - *low);
    *measured = tobit_is_narrow(middle, width); /* or as good as that */
    if (*measured) {
        term t = { log_density(middle), -middle, 0, -1, 0, 0 };
        if (width > 0) t.value = tobit_log_between(middle, width) - log(h);
        *low = *high = *low / 2 + *high / 2;
        return t;
    }
    const double a = h * *low - eta, b = h * *high - eta;
    const bool below = isinf(*low), above = isinf(*high);
    if (below) *low = 0;
    if (above) *high = 0;
    return below ? cut_below(b) : above ? cut_above(a) : between(a, b);
}

double tobit_likelihood(const tobit_problem *p, const double *theta, double *gradient,
                        double *information)
{
    const size_t n = p->q.n, m = p->m, k = m - 1;
    const double h = theta[k];
    double sum = 0, count = 0;
    if (gradient != NULL) memset(gradient, 0, m * sizeof *gradient);
    if (information != NULL) memset(information, 0, m * m * sizeof *information);
    for (size_t i = 0; i < n; i++) {
        double eta = 0, low = p->low[i], high = p->high[i];
        bool measured = false;
        for (size_t j = 0; j < k; j++)
            eta += p->q.x[j * n + i] * theta[j];
        const term t = row_term(h, eta, &low, &high, &measured);
        sum += t.value;
        count += measured;
        if (gradient != NULL) accumulate(p, i, &t, low, high, gradient, information);
    }
    if (gradient != NULL) gradient[k] += count / h;
    if (information != NULL) information[k * m + k] += count / (h * h);
    return sum + count * log(h);
}

size_t tobit_work_len(size_t m)
{
    return m * m + 5 * m;
}

/* What a step promises: step'(information)step, from the factor L: |L'step|². Unlike gradient'step
 * it stays exact on a constraint, where the gradient is not small. */
static double promise_of(const double *factor, const double *step, size_t m)
{
    double sum = 0;
    for (size_t c = 0; c < m; c++) {
        double v = 0;
        for (size_t r = c; r < m; r++)
            v += factor[r * m + c] * step[r];
        sum += v * v;
    }
    return sum;
}

/* The Newton step, along w'step = 0 when w is given. @return its promise, NaN when the information
 * is singular */
static double newton_step(double *information, const double *gradient, const double *w, size_t m,
                          double *step, double *room)
{
    if (!small_cholesky(information, m)) return (double)NAN;
    memcpy(step, gradient, m * sizeof *step);
    small_solve_lower(information, m, step);
    small_solve_upper(information, m, step);
    if (w != NULL) {
        memcpy(room, w, m * sizeof *room);
        small_solve_lower(information, m, room);
        small_solve_upper(information, m, room);
        const double mu = small_dot(w, step, m) / small_dot(w, room, m);
        for (size_t j = 0; j < m; j++)
            step[j] -= mu * room[j];
    }
    return promise_of(information, step, m);
}

/* Back onto w'theta = level, from which rounding carries away. */
static void hold(const double *w, double level, double *theta, size_t m)
{
    if (w == NULL) return;
    const double off = (level - small_dot(w, theta, m)) / small_dot(w, w, m);
    for (size_t j = 0; j < m; j++)
        theta[j] += off * w[j];
}

/* Longest part of a step that keeps h positive, then halved until the likelihood rises. */
static bool climb(const tobit_problem *p, const double *w, double *theta, const double *step,
                  double *trial, double *value)
{
    const size_t m = p->m, k = m - 1;
    const double level = w == NULL ? 0 : small_dot(w, theta, m);
    const double whole = theta[k] + step[k] < theta[k] / 4 ? 0.75 * theta[k] / -step[k] : 1;
    for (int halved = 0; halved < 60; halved++) {
        const double part = ldexp(whole, -halved);
        for (size_t j = 0; j < m; j++)
            trial[j] = theta[j] + part * step[j];
        hold(w, level, trial, m);
        const double v = tobit_likelihood(p, trial, NULL, NULL);
        if (!(v >= *value - 1e-13 * (1 + fabs(*value)))) continue;
        *value = v;
        memcpy(theta, trial, m * sizeof *theta);
        return true;
    }
    return false;
}

static const char *spread_reason(double h)
{
    if (h > 1e6) return "the measured values lie on the model exactly: the SD has no estimate";
    if (h < 1e-6) return "the limits do not bound the spread: the SD has no estimate";
    return "";
}

tobit_optimum tobit_maximise(const tobit_problem *p, const double *w, double *theta,
                             double *information)
{
    const size_t m = p->m;
    double *gradient = p->work + m, *step = gradient + m, *room = step + m, *trial = room + m,
           *matrix = trial + m;
    tobit_optimum o = { tobit_likelihood(p, theta, NULL, NULL), 0, "" };
    for (; o.iterations < ITERATIONS_MAX; o.iterations++) {
        (void)tobit_likelihood(p, theta, gradient, matrix);
        const double promise = newton_step(matrix, gradient, w, m, step, room);
        o.reason = spread_reason(theta[m - 1]);
        if (o.reason[0] != '\0') return o;
        if (isnan(promise)) {
            o.reason = "the information matrix is singular";
            return o;
        }
        /* one more step below 1e-10 of the likelihood squares what is left */
        const bool last = promise < 1e-10;
        if (!climb(p, w, theta, step, trial, &o.log_likelihood) || last) {
            if (information != NULL) {
                (void)tobit_likelihood(p, theta, gradient, information);
                if (!small_cholesky(information, m))
                    o.reason = "the information matrix is singular";
            }
            return o;
        }
    }
    o.reason = "no convergence in 200 steps";
    return o;
}
