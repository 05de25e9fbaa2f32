/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the solution of logicle and hyperlog starts. With l = u / G'(0) (what v is for small u) and
 * g = ln(1 + u) (what it becomes for large ones), v / g is a smooth function of τ = g / (l + g),
 * which falls from G'(0) / (1 + G'(0)) to 0: from 1 / G'(0) to 1. A polynomial through eight of its
 * points, the two ends among them, is within 0.006 of v for W ≤ 1.5 decades and within 0.07 for
 * W ≤ 4; a step of Halley makes e³ / 12 of an error e, so that two steps are exact. Whether that is
 * so is measured here for each scale; absurdly wide ones get six steps more. */
#include "transform_private.h"

#include <math.h>

enum { NODES = TRANSFORM_START_TERMS, POINTS = 200, HALVINGS = 60 };
#define LARGEST_V   700.0L
#define GOOD_ENOUGH 0.07L

static long double curve(const stroma_transform *t, long double v)
{
    const long double q = (long double)t->k_q, r = (long double)t->k_r;
    return t->kind == STROMA_TRANSFORM_LOGICLE ? expm1l(v) - expm1l(-q * v) * r : expm1l(v) + r * v;
}

static long double ratio(const stroma_transform *t, long double v, long double *g)
{
    const long double u = curve(t, v), l = u * (long double)t->k_per_slope;
    *g = log1pl(u);
    return *g / (l + *g);
}

/* v / g at @p tau, by bisection: the ratio falls as v rises. */
static long double value_at(const stroma_transform *t, long double tau)
{
    long double low = 0, high = LARGEST_V, g = 1;
    for (int i = 0; i < HALVINGS; i++) {
        const long double middle = (low + high) / 2;
        *(ratio(t, middle, &g) > tau ? &low : &high) = middle;
    }
    (void)ratio(t, high, &g);
    return high / g;
}

void transform_start_make(stroma_transform *t)
{
    const long double pi = 3.141592653589793238462643383279502884L;
    const long double slope = 1 / (long double)t->k_per_slope, first = slope / (1 + slope);
    long double x[NODES], c[NODES], p[NODES] = { 0 };
    for (int i = 0; i < NODES; i++) { /* Chebyshev's points, with both ends */
        x[i] = i == NODES - 1 ? 0 : first * (1 + cosl(pi * i / (NODES - 1))) / 2;
        c[i] = i == NODES - 1 ? 1 : i == 0 ? 1 / slope : value_at(t, x[i]);
    }
    for (int j = 1; j < NODES; j++) /* Newton's divided differences … */
        for (int i = NODES - 1; i >= j; i--)
            c[i] = (c[i] - c[i - 1]) / (x[i] - x[i - j]);
    for (int i = NODES - 1; i >= 0; i--) { /* … to powers of τ */
        for (int k = NODES - 1; k > 0; k--)
            p[k] = p[k - 1] - x[i] * p[k];
        p[0] = c[i] - x[i] * p[0];
    }
    for (int i = 0; i < NODES; i++)
        t->k_start[i] = (double)p[i];
    long double worst = 0;
    for (int k = 0; k <= POINTS; k++) {
        long double g, v = expl(-14 + 20 * (long double)k / POINTS), y = 0;
        const long double tau = ratio(t, v, &g);
        for (int i = NODES - 1; i >= 0; i--)
            y = y * tau + (long double)t->k_start[i];
        worst = fmaxl(worst, fabsl(g * y - v));
    }
    t->k_more_steps = worst <= GOOD_ENOUGH ? 0 : 6;
}
