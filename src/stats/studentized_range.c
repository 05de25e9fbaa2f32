/* SPDX-License-Identifier: GPL-3.0-or-later */
/* R's ptukey integrates coarsely at few degrees of freedom: 4e-6 off at 3, 6e-5 at 2, and its upper
 * tail is a difference from 1. Both integrands are analytic, so plain trapezoids do better. */
#include "chi_mixture.h"

#include "stroma/stats_distribution.h"

#include <math.h>
#include <stdbool.h>

enum { GRID_MAX = 18 * 16 + 1 };

/* The largest of k means at z = −9, −9 + step, … 9: there its density is as good as all. */
typedef struct range_grid {
    double k, step;
    size_t len;
    double below[GRID_MAX];   /* Φ(z) */
    double density[GRID_MAX]; /* kφ(z)Φ(z)^(k−1)·step */
    double q;
    bool upper;
} range_grid;

static void fill_grid(range_grid *g, double k)
{
    const double inv_root_2pi = 0.398942280401432677939946;
    g->k = k;
    g->step = k <= 20 ? 0.125 : 0.0625;
    g->len = k <= 20 ? 18 * 8 + 1 : GRID_MAX;
    for (size_t i = 0; i < g->len; i++) {
        const double z = -9 + g->step * (double)i;
        g->below[i] = stroma_normal_cdf(z);
        g->density[i] = k * g->step * inv_root_2pi * exp(-z * z / 2 + (k - 1) * log(g->below[i]));
    }
}

/* P(range of k standard normals > r), or ≤ r: with z the largest and c = Φ(z − r), the share of its
 * density with all others in z − r…z is (1 − c/Φ(z))^(k−1). */
static double normal_range(double s, const void *context)
{
    const range_grid *g = context;
    const double r = g->q * s, m = g->k - 1;
    if (r > 75) return g->upper ? 0 : 1; /* e^(−r²/4) is below the least double */
    double total = 0;
    for (size_t i = 0; i < g->len; i++) {
        const double cut = stroma_normal_cdf(-9 + g->step * (double)i - r);
        const double keep = log1p(-fmin(1, cut / g->below[i])) * m;
        total += g->density[i] * (g->upper ? -expm1(keep) : exp(keep));
    }
    if (!g->upper) return fmin(1, total);
    /* Far ranges have their largest beyond 9, about r/2. */
    for (size_t i = g->len; (double)i * g->step < r / 2 + 18; i++) {
        const double z = -9 + g->step * (double)i;
        total += g->k * g->step * 0.398942280401432677939946 * exp(-z * z / 2) *
                 -expm1(m * log1p(-stroma_normal_cdf(z - r)));
    }
    return fmin(1, total);
}

static bool in_domain(double k, double df)
{
    return k >= 2 && k <= 1000 && k == floor(k) && df >= 1 && (df <= 1e9 || isinf(df));
}

/* In ln s the range's probability rises over a width of about 0.2 wherever it does. */
static const double rate = 10;

static double tail(range_grid *g, double q, double df, bool upper)
{
    if (q <= 0) return upper ? 1 : 0;
    if (isinf(q)) return upper ? 0 : 1;
    g->q = q;
    g->upper = upper;
    return fmin(1, stroma_chi_mean(normal_range, g, df, rate));
}

static double tail_of(double q, double k, double df, bool upper)
{
    if (isnan(q) || !in_domain(k, df)) return (double)NAN;
    range_grid g;
    fill_grid(&g, k);
    return tail(&g, q, df, upper);
}

double stroma_studentized_range_cdf(double q, double k, double df)
{
    return tail_of(q, k, df, false);
}

double stroma_studentized_range_sf(double q, double k, double df)
{
    return tail_of(q, k, df, true);
}

typedef struct quantile_search {
    range_grid *grid;
    double df, target;
    bool upper;
} quantile_search;

/* Rises with q in either tail. */
static double gap(double q, const void *context)
{
    const quantile_search *s = context;
    const double p = tail(s->grid, q, s->df, s->upper);
    return s->upper ? s->target - p : p - s->target;
}

/* Searched in the smaller tail, so that a p near 1 keeps its digits. */
double stroma_studentized_range_quantile(double p, double k, double df)
{
    if (!(p >= 0 && p <= 1) || !in_domain(k, df)) return (double)NAN;
    if (p == 0) return 0;
    if (p == 1) return (double)INFINITY;
    range_grid g;
    fill_grid(&g, k);
    const bool upper = p > 0.5;
    const quantile_search s = { &g, df, upper ? 1 - p : p, upper };
    double low = 0, high = 4;
    while (gap(high, &s) < 0) {
        if (high > 1e12) return (double)NAN;
        low = high;
        high *= 2;
    }
    return stroma_root_find(gap, &s, low, high);
}
