/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The maximum of the (penalised) likelihood, by Newton's method. */
#include "logistic_problem.h"

#include <math.h>

enum { ITERATIONS_MAX = 200, HALVINGS_MAX = 60, SCORING_STEPS = 3 };
/* In units of scaled columns and, where that is more, of the largest coefficient: no step is
 * longer, and one this small ends the iteration. */
static const double step_max = 5, step_min = 1e-11;
/* Scoring whose steps shrink by less than this has its curvature looked at. */
static const double slow_rate = 0.2;

double logistic_expit(double eta)
{
    return eta >= 0 ? 1 / (1 + exp(-eta)) : exp(eta) / (1 + exp(eta));
}

double logistic_log_likelihood_plain(double eta, double y)
{
    const double signed_eta = y > 0 ? eta : -eta;
    return signed_eta >= 0 ? -log1p(exp(-signed_eta)) : signed_eta - log1p(exp(signed_eta));
}

/* Views of the problem's scratch. */
typedef struct scratch {
    double *eta, *weight, *leverage;    /* n */
    double *factor, *inverse, *reduced; /* p × p */
    double *score, *step, *trial, *t;   /* p */
} scratch;

static scratch scratch_of(const logistic_problem *q)
{
    const size_t n = q->n, p = q->p;
    double *w = q->work, *v = w + 3 * n + 3 * p * p;
    return (scratch){ w, w + n, w + 2 * n, w + 3 * n, w + 3 * n + p * p, w + 3 * n + 2 * p * p,
                      v, v + p, v + 2 * p, v + 3 * p };
}

/* a = LL' in place (lower triangle of k × k), false unless positive definite. */
static bool cholesky(double *a, size_t k)
{
    for (size_t j = 0; j < k; j++) {
        const double whole = a[j * k + j];
        double d = whole;
        for (size_t r = 0; r < j; r++)
            d -= a[j * k + r] * a[j * k + r];
        if (!(d > 1e-14 * whole) || !isfinite(d)) return false;
        a[j * k + j] = sqrt(d);
        for (size_t i = j + 1; i < k; i++) {
            double s = a[i * k + j];
            for (size_t r = 0; r < j; r++)
                s -= a[i * k + r] * a[j * k + r];
            a[i * k + j] = s / a[j * k + j];
        }
    }
    return true;
}

static void solve(const double *l, size_t k, double *b)
{
    for (size_t i = 0; i < k; i++) {
        for (size_t r = 0; r < i; r++)
            b[i] -= l[i * k + r] * b[r];
        b[i] /= l[i * k + i];
    }
    for (size_t i = k; i-- > 0;) {
        for (size_t r = i + 1; r < k; r++)
            b[i] -= l[r * k + i] * b[r];
        b[i] /= l[i * k + i];
    }
}

/* X'WX, both triangles. */
static void information(const logistic_problem *q, const double *weight, double *out)
{
    for (size_t j = 0; j < q->p; j++)
        for (size_t k = 0; k <= j; k++) {
            const double *a = q->x + j * q->n, *b = q->x + k * q->n;
            double sum = 0;
            for (size_t i = 0; i < q->n; i++)
                sum += weight[i] * a[i] * b[i];
            out[j * q->p + k] = out[k * q->p + j] = sum;
        }
}

/* Weighted leverages w x'(X'WX)⁻¹x, with the Cholesky factor of X'WX. */
static void leverages(const logistic_problem *q, const scratch *s)
{
    for (size_t i = 0; i < q->n; i++) {
        double sum = 0;
        for (size_t j = 0; j < q->p; j++) {
            double v = q->x[j * q->n + i];
            for (size_t r = 0; r < j; r++)
                v -= s->factor[j * q->p + r] * s->t[r];
            s->t[j] = v / s->factor[j * q->p + j];
            sum += s->t[j] * s->t[j];
        }
        s->leverage[i] = s->weight[i] * sum;
    }
}

/* Likelihood at beta; leaves eta, weights and (Firth) the factor of the information. */
static double likelihood(const logistic_problem *q, const double *beta, const scratch *s)
{
    double sum = 0;
    for (size_t i = 0; i < q->n; i++) {
        double eta = 0;
        for (size_t j = 0; j < q->p; j++)
            eta += q->x[j * q->n + i] * beta[j];
        const double pi = logistic_expit(eta);
        s->eta[i] = eta;
        s->weight[i] = pi * logistic_expit(-eta);
        sum += logistic_log_likelihood_plain(eta, q->y[i]);
    }
    if (!q->firth) return sum;
    information(q, s->weight, s->factor);
    if (!cholesky(s->factor, q->p)) return -INFINITY;
    for (size_t j = 0; j < q->p; j++)
        sum += log(s->factor[j * q->p + j]);
    return sum;
}

/* (Penalised) score of the free coefficients, packed, at the eta that likelihood() left.
 * @return how many are free */
static size_t score(const logistic_problem *q, const bool *fixed, const scratch *s, double *out)
{
    size_t free_len = 0;
    if (q->firth) leverages(q, s);
    for (size_t j = 0; j < q->p; j++) {
        if (fixed[j]) continue;
        double sum = 0;
        for (size_t i = 0; i < q->n; i++) {
            const double pi = logistic_expit(s->eta[i]);
            double rest = q->y[i] > 0 ? logistic_expit(-s->eta[i]) : -pi;
            if (q->firth) rest += s->leverage[i] * (0.5 - pi);
            sum += rest * q->x[j * q->n + i];
        }
        out[free_len++] = sum;
    }
    return free_len;
}

/* The information of the free coefficients, factored, in reduced. */
static bool expected_curvature(const logistic_problem *q, const bool *fixed, size_t free_len,
                               const scratch *s)
{
    information(q, s->weight, s->inverse);
    size_t a = 0;
    for (size_t j = 0; j < q->p; j++) {
        if (fixed[j]) continue;
        size_t b = 0;
        for (size_t k = 0; k < q->p; k++)
            if (!fixed[k]) s->reduced[a * free_len + b++] = s->inverse[j * q->p + k];
        a++;
    }
    return cholesky(s->reduced, free_len);
}

/* The curvature of the penalised likelihood by differences of its score: far out on a profile the
 * information alone is so far from it that thousands of steps would be needed. Its error costs
 * steps, not digits. False where it is not positive definite. */
static bool observed_curvature(const logistic_problem *q, const bool *fixed, double *beta,
                               size_t free_len, const scratch *s)
{
    static const double by = 1e-5;
    size_t a = 0;
    bool ok = true;
    for (size_t j = 0; j < q->p && ok; j++) {
        if (fixed[j]) continue;
        const double at = beta[j];
        beta[j] = at + by;
        ok = isfinite(likelihood(q, beta, s));
        (void)score(q, fixed, s, s->step);
        for (size_t k = 0; k < free_len; k++)
            s->reduced[a * free_len + k] = -s->step[k];
        beta[j] = at - by;
        ok = ok && isfinite(likelihood(q, beta, s));
        (void)score(q, fixed, s, s->step);
        for (size_t k = 0; k < free_len; k++)
            s->reduced[a * free_len + k] = (s->reduced[a * free_len + k] + s->step[k]) / (2 * by);
        beta[j] = at;
        a++;
    }
    for (size_t j = 0; j < free_len; j++)
        for (size_t k = 0; k < j; k++)
            s->reduced[j * free_len + k] =
                (s->reduced[j * free_len + k] + s->reduced[k * free_len + j]) / 2;
    (void)likelihood(q, beta, s);
    return ok && cholesky(s->reduced, free_len);
}

/* The step of the free coefficients; false where the information is singular. */
static bool newton_step(const logistic_problem *q, const bool *fixed, double *beta, bool observed,
                        const scratch *s)
{
    const size_t free_len = score(q, fixed, s, s->score);
    if (!(observed && observed_curvature(q, fixed, beta, free_len, s)) &&
        !expected_curvature(q, fixed, free_len, s))
        return false;
    solve(s->reduced, free_len, s->score);
    double longest = 0, largest = 1;
    for (size_t j = 0; j < free_len; j++)
        longest = fmax(longest, fabs(s->score[j]));
    for (size_t j = 0; j < q->p; j++)
        largest = fmax(largest, fabs(beta[j]));
    const double shorter = longest > step_max * largest ? step_max * largest / longest : 1;
    size_t a = 0;
    for (size_t j = 0; j < q->p; j++)
        s->step[j] = fixed[j] ? 0 : shorter * s->score[a++];
    return true;
}

/* Halve until the likelihood does not fall. @return the length of the step taken, 0 when none does
 */
static double climb(const logistic_problem *q, double *beta, double *value, const scratch *s)
{
    double scale = 1;
    for (int h = 0; h < HALVINGS_MAX; h++, scale /= 2) {
        double length = 0;
        for (size_t j = 0; j < q->p; j++) {
            s->trial[j] = beta[j] + scale * s->step[j];
            length = fmax(length, fabs(scale * s->step[j]) / fmax(1, fabs(beta[j])));
        }
        const double there = likelihood(q, s->trial, s);
        if (!(there >= *value - 1e-13 * fabs(*value))) continue;
        for (size_t j = 0; j < q->p; j++)
            beta[j] = s->trial[j];
        *value = there;
        return length;
    }
    return 0;
}

stroma_status logistic_maximise(const logistic_problem *q, const bool *fixed, double *beta,
                                logistic_optimum *out, stroma_error *err)
{
    const scratch s = scratch_of(q);
    double value = likelihood(q, beta, &s);
    (void)err;
    *out = (logistic_optimum){ .log_likelihood = value };
    bool any = false;
    double length = INFINITY, before = 0;
    for (size_t j = 0; j < q->p; j++)
        any |= !fixed[j];
    while (any && isfinite(value) && !out->ok && out->iterations++ < ITERATIONS_MAX) {
        const bool slow = length > slow_rate * before;
        const bool observed = q->firth && out->iterations > SCORING_STEPS && slow;
        if (!newton_step(q, fixed, beta, observed, &s)) break;
        before = length;
        length = climb(q, beta, &value, &s);
        out->ok = length < step_min;
    }
    if (!any) out->ok = isfinite(value);
    out->log_likelihood = value;
    return STROMA_OK;
}

bool logistic_inverse_information(const logistic_problem *q, const double *beta, double *inverse)
{
    const scratch s = scratch_of(q);
    const size_t p = q->p;
    (void)likelihood(q, beta, &s);
    information(q, s.weight, s.factor);
    if (!cholesky(s.factor, p)) return false;
    if (q->firth) {
        /* the penalised score is that of weights 1 + leverage */
        leverages(q, &s);
        for (size_t i = 0; i < q->n; i++)
            s.weight[i] *= 1 + s.leverage[i];
        information(q, s.weight, s.factor);
        if (!cholesky(s.factor, p)) return false;
    }
    for (size_t j = 0; j < p; j++) {
        for (size_t k = 0; k < p; k++)
            s.t[k] = k == j;
        solve(s.factor, p, s.t);
        for (size_t k = 0; k < p; k++)
            inverse[k * p + j] = s.t[k];
    }
    return true;
}
