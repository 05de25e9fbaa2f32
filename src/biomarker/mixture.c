/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two normal components by EM from fixed starts. Values are ascending, with mean 0 and variance 1,
 * so that one fit serves every location and scale. */
#include "heterogeneity.h"

#include <math.h>
#include <string.h>

enum { STARTS_MAX = 16, SHORT_STEPS = 4, KEPT = 3, CYCLES_MAX = 200 };
static const double equal_floor = 1e-4; /* of the total variance: rounded data have lumps */
static const double converged = 1e-9;   /* in the log-likelihood, a cycle */

/* Logit of the weight of the second component, the two means, the two log variances. */
enum { PARAMETERS = 5 };

bool mixture_standardise(double *x, size_t n, double *mean, double *sd)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - *mean) * (x[i] - *mean);
    *sd = sqrt(squares / (double)n);
    if (!(*sd > 0) || !isfinite(*sd)) return false;
    for (size_t i = 0; i < n; i++)
        x[i] = (x[i] - *mean) / *sd;
    return true;
}

double mixture_one_normal(size_t n)
{
    return -(double)n / 2 * (log(2 * M_PI) + 1);
}

/* From the sums over the second component to the parameters. */
static void maximise(double w, double wz, double wzz, double n, const mixture_limits *l,
                     mixture_fit *f)
{
    const double least = 1e-9 * n;
    w = fmin(fmax(w, least), n - least);
    f->weight[1] = fmin(fmax(w / n, l->weight_least), 1 - l->weight_least);
    f->weight[0] = 1 - f->weight[1];
    f->mean[1] = wz / w;
    f->mean[0] = -wz / (n - w);
    f->at_floor = false;
    if (l->unequal) {
        f->variance[1] = wzz / w - f->mean[1] * f->mean[1];
        f->variance[0] = (n - wzz) / (n - w) - f->mean[0] * f->mean[0];
    } else {
        f->variance[0] = f->variance[1] =
            1 - ((n - w) * f->mean[0] * f->mean[0] + w * f->mean[1] * f->mean[1]) / n;
    }
    const double floor = l->unequal ? l->variance_floor : equal_floor;
    for (int k = 0; k < 2; k++) {
        if (f->variance[k] > floor) continue;
        f->variance[k] = floor;
        f->at_floor = true;
    }
}

/* One EM step; @return the log-likelihood before it. */
static double step(const double *z, size_t n, const mixture_limits *l, mixture_fit *f)
{
    const double p0 = 1 / f->variance[0], p1 = 1 / f->variance[1];
    const double k0 = log(f->weight[0]) + log(p0) / 2 - f->mean[0] * f->mean[0] * p0 / 2;
    const double k1 = log(f->weight[1]) + log(p1) / 2 - f->mean[1] * f->mean[1] * p1 / 2;
    const double a = k1 - k0, b = f->mean[1] * p1 - f->mean[0] * p0, c = (p0 - p1) / 2;
    const double b0 = f->mean[0] * p0;
    double w = 0, wz = 0, wzz = 0, log_likelihood = 0, product = 1;
    for (size_t i = 0; i < n; i++) {
        const double odds = exp(fmin(a + z[i] * (b + c * z[i]), 700));
        const double one = odds / (1 + odds);
        w += one;
        wz += one * z[i];
        wzz += one * z[i] * z[i];
        log_likelihood += z[i] * (b0 - z[i] * p0 / 2);
        /* one logarithm for many factors */
        product *= 1 + odds;
        if (product > 1e100) {
            log_likelihood += log(product);
            product = 1;
        }
    }
    log_likelihood += log(product) + (double)n * (k0 - log(2 * M_PI) / 2);
    maximise(w, wz, wzz, (double)n, l, f);
    return log_likelihood;
}

static void to_parameters(const mixture_fit *f, double *t)
{
    t[0] = log(f->weight[1] / f->weight[0]);
    for (int k = 0; k < 2; k++) {
        t[1 + k] = f->mean[k];
        t[3 + k] = log(f->variance[k]);
    }
}

static void from_parameters(const double *t, const mixture_limits *l, mixture_fit *f)
{
    const double w = 1 / (1 + exp(-t[0]));
    f->weight[1] = fmin(fmax(w, l->weight_least), 1 - l->weight_least);
    f->weight[0] = 1 - f->weight[1];
    for (int k = 0; k < 2; k++) {
        f->mean[k] = t[1 + k];
        f->variance[k] = fmax(exp(fmin(t[3 + k], 5)), l->unequal ? l->variance_floor : equal_floor);
    }
}

/* EM with squared extrapolation; a step that goes down is taken back. */
static void run_up(const double *z, size_t n, const mixture_limits *l, mixture_fit *f)
{
    double last = -INFINITY;
    for (int cycle = 0; cycle < CYCLES_MAX; cycle++) {
        double t0[PARAMETERS], t1[PARAMETERS], t2[PARAMETERS], jump[PARAMETERS];
        double r = 0, v = 0;
        to_parameters(f, t0);
        const double here = step(z, n, l, f);
        to_parameters(f, t1);
        const double next = step(z, n, l, f);
        to_parameters(f, t2);
        f->log_likelihood = next;
        if (here - last < converged && next - here < converged) break;
        last = here;
        for (int i = 0; i < PARAMETERS; i++) {
            r += (t1[i] - t0[i]) * (t1[i] - t0[i]);
            v += (t2[i] - 2 * t1[i] + t0[i]) * (t2[i] - 2 * t1[i] + t0[i]);
        }
        const double s = v > 0 ? -sqrt(r / v) : -1;
        if (s > -1) continue; /* plain EM goes as far */
        for (int i = 0; i < PARAMETERS; i++)
            jump[i] = t0[i] - 2 * s * (t1[i] - t0[i]) + s * s * (t2[i] - 2 * t1[i] + t0[i]);
        mixture_fit far = *f;
        from_parameters(jump, l, &far);
        const double there = step(z, n, l, &far);
        if (there > next) *f = far;
    }
    mixture_fit end = *f; /* the likelihood of what is given back */
    f->log_likelihood = step(z, n, l, &end);
}

/* All values from the k-th on are the second component. */
static mixture_fit split_at(const double *z, size_t n, size_t k, const mixture_limits *l)
{
    mixture_fit f = { 0 };
    double wz = 0, wzz = 0;
    for (size_t i = k; i < n; i++) {
        wz += z[i];
        wzz += z[i] * z[i];
    }
    maximise((double)(n - k), wz, wzz, (double)n, l, &f);
    return f;
}

/* A narrow middle and wide flanks: only unequal variances tell them apart. */
static mixture_fit inner_and_outer(double share)
{
    return (mixture_fit){ .weight = { 1 - share, share },
                          .mean = { -0.01, 0.01 * (1 - share) / share },
                          .variance = { 0.4, 1 + 0.6 * (1 - share) / share } };
}

static size_t starts_of(const double *z, size_t n, const mixture_limits *l, mixture_fit *out)
{
    static const double shares[] = { 0.1, 0.25, 0.5, 0.75, 0.9 };
    size_t len = 0;
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
        out[len++] = split_at(z, n, (size_t)fmax(1, shares[i] * (double)n), l);
    for (size_t k = 1; k <= 2; k++) {
        out[len++] = split_at(z, n, k, l);
        out[len++] = split_at(z, n, n - k, l);
    }
    if (l->unequal) {
        out[len++] = inner_and_outer(0.2);
        out[len++] = inner_and_outer(0.5);
    }
    return len;
}

mixture_fit mixture_em(const double *z, size_t n, const mixture_limits *l)
{
    mixture_fit start[STARTS_MAX], best = { .log_likelihood = -INFINITY };
    const size_t len = starts_of(z, n, l, start);
    for (size_t i = 0; i < len; i++)
        for (int k = 0; k < SHORT_STEPS; k++)
            start[i].log_likelihood = step(z, n, l, &start[i]);
    for (int round = 0; round < KEPT; round++) {
        size_t top = 0;
        for (size_t i = 1; i < len; i++)
            if (start[i].log_likelihood > start[top].log_likelihood) top = i;
        mixture_fit f = start[top];
        start[top].log_likelihood = -INFINITY;
        run_up(z, n, l, &f);
        if (f.log_likelihood > best.log_likelihood) best = f;
    }
    if (best.mean[0] > best.mean[1]) {
        mixture_fit swapped = best;
        for (int k = 0; k < 2; k++) {
            swapped.weight[k] = best.weight[1 - k];
            swapped.mean[k] = best.mean[1 - k];
            swapped.variance[k] = best.variance[1 - k];
        }
        best = swapped;
    }
    return best;
}
