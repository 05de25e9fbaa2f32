/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "density.h"

#include <math.h>

static const double GRID_FROM = 0.001, GRID_TO = 0.9999;
static const double ADJUST =
    2;                     /* of Silverman's rule; openCyto's default, find_valleys(adjust = 2) */
enum { KERNEL_REACH = 4 }; /* bandwidths */
static const double ONE_IN_TWENTY = 1.6448536269514722; /* normal quantile 0.95 */

double density_quantile(const double *sorted, size_t n, double p)
{
    if (n == 0) return (double)NAN;
    const double at = p * (double)(n - 1);
    const size_t i = (size_t)at;
    return i + 1 >= n ? sorted[n - 1] : sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]);
}

static double silverman(const double *x, size_t n)
{
    double mean = 0, ss = 0;
    for (size_t i = 0; i < n; i++)
        mean += x[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++)
        ss += (x[i] - mean) * (x[i] - mean);
    const double sd = sqrt(ss / (double)(n > 1 ? n - 1 : 1));
    const double iqr = (density_quantile(x, n, 0.75) - density_quantile(x, n, 0.25)) / 1.34;
    return 0.9 * (iqr > 0 && iqr < sd ? iqr : sd) * pow((double)n, -0.2);
}

/* Weight of a value @p bins away from the middle of a bin; the weights of a kernel add up to 1. */
static double kernel(const density_grid *g, double bins)
{
    const double z = bins * g->step / g->bandwidth;
    return exp(-0.5 * z * z) * g->step / (g->bandwidth * 2.5066282746310002);
}

static void smooth(density_grid *g)
{
    const int reach = (int)ceil(KERNEL_REACH * g->bandwidth / g->step);
    double weight[DENSITY_BINS];
    for (int d = 0; d < DENSITY_BINS; d++)
        weight[d] = d <= reach ? kernel(g, d) : 0;
    for (int i = 0; i < DENSITY_BINS; i++) {
        double sum = 0;
        for (int j = i - reach < 0 ? 0 : i - reach; j <= i + reach && j < DENSITY_BINS; j++)
            sum += g->count[j] * weight[j < i ? i - j : j - i];
        g->f[i] = sum;
    }
}

bool density_make(const double *x, size_t n, double bandwidth, density_grid *g)
{
    *g = (density_grid){ .lo = density_quantile(x, n, GRID_FROM) };
    const double hi = density_quantile(x, n, GRID_TO);
    if (n < 2 || !(hi > g->lo)) return false;
    size_t first = 0, last = n;
    while (x[first] < g->lo)
        first++;
    while (x[last - 1] > hi)
        last--;
    g->n = last - first;
    g->bandwidth = bandwidth > 0 ? bandwidth : ADJUST * silverman(x + first, g->n);
    /* Room for the kernel at both ends: no peak is an artefact of the border. */
    const double span = hi - g->lo + 6 * g->bandwidth;
    g->lo -= 3 * g->bandwidth;
    g->step = span / DENSITY_BINS;
    if (!(g->step > 0)) return false;
    if (g->bandwidth < g->step) g->bandwidth = g->step;
    for (size_t i = first; i < last; i++) {
        const double at = (x[i] - g->lo) / g->step;
        g->count[at >= DENSITY_BINS ? DENSITY_BINS - 1 : at < 0 ? 0 : (size_t)at]++;
    }
    smooth(g);
    return true;
}

size_t density_mode(const density_grid *g, double low, double high)
{
    size_t best = DENSITY_BINS;
    for (size_t i = 0; i < DENSITY_BINS; i++) {
        const double at = density_place(g, (double)i);
        if (at >= low && at <= high && (best == DENSITY_BINS || g->f[i] > g->f[best])) best = i;
    }
    return best == DENSITY_BINS ? density_mode(g, -(double)INFINITY, (double)INFINITY) : best;
}

/* The density at a peak or the valley is a sum of counts with these weights. */
static void weigh(const density_grid *g, double at, double weight[DENSITY_BINS])
{
    const double reach = KERNEL_REACH * g->bandwidth / g->step;
    for (size_t j = 0; j < DENSITY_BINS; j++)
        weight[j] = fabs((double)j - at) <= reach ? kernel(g, (double)j - at) : 0;
}

/* The density at peak and valley are sums of Poisson counts, with the variances and the covariance
 * that the weights give. The ratio r that valley / peak exceeds once in twenty makes valley - r
 * peak zero Z standard errors above its mean (Fieller 1954 J R Stat Soc B 16:175). */
static double assured_beside(const density_grid *g, const double *valley, const double *peak)
{
    double f = 0, top = 0, ff = 0, tt = 0, ft = 0;
    for (size_t j = 0; j < DENSITY_BINS; j++) {
        const double c = g->count[j], v = valley[j], p = peak[j];
        f += c * v;
        top += c * p;
        ff += c * v * v;
        tt += c * p * p;
        ft += c * v * p;
    }
    const double z2 = ONE_IN_TWENTY * ONE_IN_TWENTY, a = top * top - z2 * tt, b = top * f - z2 * ft;
    if (!(a > 0)) return 0; /* the peak itself may be nothing */
    const double root = sqrt(fmax(0, b * b - a * (f * f - z2 * ff)));
    return fmax(0, 1 - (b + root) / a);
}

/* How deep the valley is at least, with 95 % confidence, beside either of its peaks. */
static double assured_depth(const density_grid *g, const density_valley *v)
{
    double left[DENSITY_BINS], right[DENSITY_BINS], valley[DENSITY_BINS];
    weigh(g, (double)v->left, left);
    weigh(g, (double)v->right, right);
    weigh(g, v->bin, valley);
    return fmin(assured_beside(g, valley, left), assured_beside(g, valley, right));
}

/* Where between the peaks the density is lowest, the middle of the stretch when it is flat there.
 */
static double lowest_place(const density_grid *g, size_t at)
{
    size_t a = at, b = at;
    const double near = g->f[at] * (1 + 1e-9);
    while (a > 0 && g->f[a - 1] <= near)
        a--;
    while (b + 1 < DENSITY_BINS && g->f[b + 1] <= near)
        b++;
    if (a != b || a == 0 || b + 1 >= DENSITY_BINS) return 0.5 * (double)(a + b);
    const double l = g->f[at - 1], m = g->f[at], r = g->f[at + 1], curve = l - 2 * m + r;
    return (double)at + (curve > 0 ? 0.5 * (l - r) / curve : 0);
}

bool density_find_valley(const density_grid *g, double low, double high, double pivot,
                         double min_depth, density_valley *out)
{
    size_t right_peak[DENSITY_BINS];
    size_t peak = DENSITY_BINS - 1;
    for (size_t i = DENSITY_BINS; i-- > 0;) {
        if (g->f[i] > g->f[peak]) peak = i;
        right_peak[i] = peak;
    }
    double best = -(double)INFINITY;
    bool found = false;
    size_t left = 0;
    for (size_t i = 1; i + 1 < DENSITY_BINS; i++) {
        if (g->f[i] > g->f[left]) left = i;
        const size_t right = right_peak[i];
        const double at = density_place(g, (double)i), lower = fmin(g->f[left], g->f[right]);
        const double depth = lower > 0 ? 1 - g->f[i] / lower : 0;
        if (left == i || right == i || g->f[i] > g->f[i - 1] || g->f[i] > g->f[i + 1] || at < low ||
            at > high || !(depth > 0) || depth < min_depth)
            continue;
        const double score = isnan(pivot) ? sqrt(lower) - sqrt(g->f[i]) : -fabs(at - pivot);
        if (score <= best) continue;
        best = score;
        found = true;
        *out = (density_valley){ .left = left, .right = right, .depth = depth, .bin = (double)i };
    }
    if (!found) return false;
    const size_t bin = (size_t)out->bin;
    double below = 0;
    for (size_t i = 0; i <= bin; i++)
        below += g->count[i];
    out->share_low = below / (double)g->n;
    out->bin = lowest_place(g, bin);
    out->depth_assured = assured_depth(g, out);
    return true;
}
