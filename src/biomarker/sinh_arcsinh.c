/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One distribution that may be skewed and heavy- or light-tailed: u = sinh(δ·asinh((x − ξ)/η) − ε)
 * is standard normal (Jones & Pewsey 2009 Biometrika 96:761). Maximum likelihood by BFGS; ε and δ
 * are kept within bounds, outside of which small samples have likelihoods without a maximum. */
#include "heterogeneity.h"

#include <math.h>
#include <string.h>

enum { P = 4, STEPS_MAX = 120, HALVINGS = 30 };
static const double skew_most = 2, log_tail_most = 0.916290731874155; /* ln 2.5 */
static const double log_scale_least = -4.6;                           /* 1/100 of the SD */
static const double gradient_small = 1e-7, gain_small = 1e-9;

/* Free parameters: location, log scale, and the two shapes before tanh. */
static void shapes(const double *t, double *scale, double *skew, double *tail)
{
    *scale = exp(fmax(t[1], log_scale_least));
    *skew = skew_most * tanh(t[2]);
    *tail = exp(log_tail_most * tanh(t[3]));
}

/* Minus the log-likelihood a value, and its gradient. */
static double objective(const double *z, size_t n, const double *t, double *gradient)
{
    double scale = 1, skew = 0, tail = 1, sum = 0, g[P] = { 0 };
    shapes(t, &scale, &skew, &tail);
    for (size_t i = 0; i < n; i++) {
        const double y = (z[i] - t[0]) / scale, root2 = 1 + y * y, root = sqrt(root2);
        const double a = copysign(log(fabs(y) + root), y);
        const double e = exp(fmin(fmax(tail * a - skew, -300), 300));
        const double s = (e - 1 / e) / 2, c = (e + 1 / e) / 2;
        /* −ln f = s²/2 − ln c + ln(1 + y²)/2 + … */
        sum += s * s / 2 - log(c / root);
        const double by_argument = s * c - s / c; /* d/d(δ·a − ε) */
        const double by_y = by_argument * tail / root + y / root2;
        g[0] -= by_y / scale;
        g[1] -= by_y * y;
        g[2] -= by_argument;
        g[3] += by_argument * a;
    }
    const double m = (double)n, th2 = tanh(t[2]), th3 = tanh(t[3]);
    gradient[0] = g[0] / m;
    gradient[1] = t[1] < log_scale_least ? 0 : g[1] / m + 1;
    gradient[2] = g[2] / m * skew_most * (1 - th2 * th2);
    gradient[3] = (g[3] / m * tail - 1) * log_tail_most * (1 - th3 * th3);
    const double value = sum / m + log(scale) - log(tail) + log(2 * M_PI) / 2;
    return isfinite(value) ? value : (double)INFINITY;
}

/* h := h after a step s with change of gradient y (BFGS, inverse form). */
static void update(double h[P][P], const double *s, const double *y)
{
    double sy = 0, yhy = 0, hy[P] = { 0 };
    for (int i = 0; i < P; i++) {
        sy += s[i] * y[i];
        for (int k = 0; k < P; k++)
            hy[i] += h[i][k] * y[k];
    }
    for (int i = 0; i < P; i++)
        yhy += y[i] * hy[i];
    if (!(sy > 1e-14)) return; /* no curvature seen: keep what there is */
    for (int i = 0; i < P; i++)
        for (int k = 0; k < P; k++)
            h[i][k] += (1 + yhy / sy) * s[i] * s[k] / sy - (hy[i] * s[k] + s[i] * hy[k]) / sy;
}

/* A step down along −h·g; the direction is reset where it does not go down. */
static double descend(const double *z, size_t n, double *t, double *g, double h[P][P])
{
    const double from = objective(z, n, t, g);
    double d[P] = { 0 }, slope = 0, longest = 0, to[P], gradient[P], s[P], y[P];
    for (int i = 0; i < P; i++)
        for (int k = 0; k < P; k++)
            d[i] -= h[i][k] * g[k];
    for (int i = 0; i < P; i++)
        slope += d[i] * g[i];
    if (!(slope < 0)) {
        memset(h, 0, P * sizeof h[0]);
        slope = 0;
        for (int i = 0; i < P; i++) {
            h[i][i] = 1;
            d[i] = -g[i];
            slope -= g[i] * g[i];
        }
    }
    for (int i = 0; i < P; i++)
        longest = fmax(longest, fabs(d[i]));
    double length = longest > 1 ? 1 / longest : 1;
    for (int halving = 0; halving < HALVINGS; halving++) {
        for (int i = 0; i < P; i++)
            to[i] = t[i] + length * d[i];
        const double value = objective(z, n, to, gradient);
        if (!(value <= from + 1e-4 * length * slope)) {
            length /= 2;
            continue;
        }
        for (int i = 0; i < P; i++) {
            s[i] = to[i] - t[i];
            y[i] = gradient[i] - g[i];
        }
        memcpy(t, to, P * sizeof *t);
        memcpy(g, gradient, P * sizeof *g);
        update(h, s, y);
        return from - value;
    }
    return 0;
}

static double minimise(const double *z, size_t n, double *t)
{
    double h[P][P] = { { 0 } }, g[P];
    for (int i = 0; i < P; i++)
        h[i][i] = 1;
    for (int step = 0; step < STEPS_MAX; step++) {
        double largest = 0;
        const double gain = descend(z, n, t, g, h);
        for (int i = 0; i < P; i++)
            largest = fmax(largest, fabs(g[i]));
        if (largest < gradient_small || gain < gain_small) break;
    }
    return objective(z, n, t, g);
}

sinh_arcsinh sinh_arcsinh_fit(const double *z, size_t n)
{
    double third = 0;
    for (size_t i = 0; i < n; i++)
        third += z[i] * z[i] * z[i];
    /* one start is enough: from the normal as from here, 200 samples of 52 gave the same maximum */
    const double side = third < 0 ? -1 : 1;
    double t[P] = { -side * 0.5, -0.5, side * 0.25, -0.4 };
    const double least = minimise(z, n, t);
    sinh_arcsinh d = { .location = t[0], .log_likelihood = -least * (double)n };
    shapes(t, &d.scale, &d.skew, &d.tail);
    return d;
}

double sinh_arcsinh_draw(const sinh_arcsinh *d, stroma_random *r)
{
    return d->location + d->scale * sinh((asinh(stroma_random_normal(r)) + d->skew) / d->tail);
}
