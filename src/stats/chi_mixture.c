/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chi_mixture.h"

#include "stroma/stats_distribution.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

/* Log density of w = ln S relative to its mode w = 0: ν(w − (e^{2w} − 1)/2). */
static double log_weight(double w, double df)
{
    return df * (w - expm1(2 * w) / 2);
}

double stroma_chi_mean(chi_function g, const void *context, double df, double rate)
{
    const double negligible = -80; /* also g's that are tiny at the mode keep their digits */
    if (isinf(df) || df > 1e14) return g(1, context);
    const double step = fmin(fmin(0.08, 0.42 / sqrt(df)), 0.5 / fmax(rate, 1e-3));
    double weight = 1, total = g(1, context);
    for (int side = -1; side <= 1; side += 2) {
        for (double i = 1;; i++) {
            const double w = side * i * step;
            const double at = log_weight(w, df);
            if (at < negligible) break;
            const double e = exp(at);
            weight += e;
            total += e * g(exp(w), context);
        }
    }
    return total / weight;
}

typedef struct noncentral {
    double t, ncp;
} noncentral;

static double below(double s, const void *context)
{
    const noncentral *c = context;
    return stroma_normal_cdf(c->t * s - c->ncp);
}

static double above(double s, const void *context)
{
    const noncentral *c = context;
    return stroma_normal_sf(c->t * s - c->ncp);
}

double stroma_noncentral_t_cdf(double t, double df, double ncp)
{
    const noncentral c = { t, ncp };
    return stroma_chi_mean(below, &c, df, fmax(fabs(t), fabs(ncp)));
}

double stroma_noncentral_t_sf(double t, double df, double ncp)
{
    const noncentral c = { t, ncp };
    return stroma_chi_mean(above, &c, df, fmax(fabs(t), fabs(ncp)));
}

double stroma_root_find(root_function f, const void *context, double low, double high)
{
    double a = low, b = high, fa = f(a, context), fb = f(b, context);
    double c = a, fc = fa, t = 0.5;
    if (fa == 0) return a;
    if (fb == 0) return b;
    if (!(fa * fb < 0)) return (double)NAN;
    for (int i = 0; i < 200; i++) {
        const double x = a + t * (b - a);
        const double fx = f(x, context);
        if ((fx > 0) == (fa > 0)) {
            c = a;
            fc = fa;
        } else {
            c = b;
            fc = fb;
            b = a;
            fb = fa;
        }
        a = x;
        fa = fx;
        const double best = fabs(fa) < fabs(fb) ? a : b;
        const double limit = (2 * DBL_EPSILON * fabs(best) + DBL_MIN) / fabs(b - a);
        if (limit > 0.5 || fa == 0) return best;
        const double xi = (a - b) / (c - b), phi = (fa - fb) / (fc - fb);
        const bool smooth = phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi;
        t = smooth ? fa / (fb - fa) * fc / (fb - fc) +
                         (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
                   : 0.5;
        t = fmin(1 - limit, fmax(limit, t));
    }
    return (double)NAN;
}
