/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles, a threshold and a slope, for controls. */
#include "compensation_tube.h"

#include "stroma/sort.h"

#include <math.h>
#include <string.h>

static double quantile_of_sorted(const double *x, size_t n, double p)
{
    const double place = p * (double)(n - 1);
    const size_t k = (size_t)place;
    if (k + 1 >= n) return x[n - 1];
    return x[k] + (place - (double)k) * (x[k + 1] - x[k]);
}

stroma_status compensation_quantiles(const double *x, size_t n, const double *p, size_t k,
                                     double *out, stroma_error *err)
{
    double *sorted = stroma_alloc_array(n, sizeof *sorted);
    if (sorted == NULL) return stroma_no_memory(err);
    memcpy(sorted, x, n * sizeof *sorted);
    stroma_sort_doubles(sorted, n);
    for (size_t i = 0; i < k; i++)
        out[i] = quantile_of_sorted(sorted, n, p[i]);
    stroma_free(sorted);
    return STROMA_OK;
}

/* The cut that leaves most variance between the two sides (Otsu 1979 IEEE Trans SMC 9:62), among
 * all cuts between neighbours. @param z ascending */
static size_t best_cut(const double *z, size_t n)
{
    double total = 0, below = 0, best = -1;
    size_t cut = n / 2;
    for (size_t i = 0; i < n; i++)
        total += z[i];
    for (size_t i = 1; i < n; i++) {
        below += z[i - 1];
        if (!(z[i] > z[i - 1])) continue;
        const double gap = below / (double)i - (total - below) / (double)(n - i);
        const double between = (double)i * (double)(n - i) * gap * gap;
        if (between > best) {
            best = between;
            cut = i;
        }
    }
    return cut;
}

stroma_status compensation_otsu(const double *x, size_t n, double *threshold, stroma_error *err)
{
    double *z = stroma_alloc_array(n, sizeof *z);
    if (z == NULL) return stroma_no_memory(err);
    memcpy(z, x, n * sizeof *z);
    stroma_sort_doubles(z, n);
    /* a unit of a thousandth of the bright end keeps the noise around 0 together */
    const double unit = fmax(quantile_of_sorted(z, n, 0.99) / 1000, 1e-300);
    for (size_t i = 0; i < n; i++)
        z[i] = asinh(z[i] / unit);
    const size_t cut = best_cut(z, n);
    *threshold = sinh((z[cut - (cut > 0)] + z[cut]) / 2) * unit;
    stroma_free(z);
    return STROMA_OK;
}

/* Weighted least squares of y = a + b x. @return false where x does not vary */
static bool fit_line(const double *x, const double *y, const double *weight, size_t n, double *a,
                     double *b)
{
    double w = 0, wx = 0, wy = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        w += weight[i];
        wx += weight[i] * x[i];
        wy += weight[i] * y[i];
    }
    const double mx = wx / w, my = wy / w;
    for (size_t i = 0; i < n; i++) {
        xx += weight[i] * (x[i] - mx) * (x[i] - mx);
        xy += weight[i] * (x[i] - mx) * (y[i] - my);
    }
    if (!(xx > 0)) return false;
    *b = xy / xx;
    *a = my - *b * mx;
    return true;
}

stroma_status compensation_slope(const double *x, const double *y, size_t n, double *slope,
                                 stroma_error *err)
{
    enum { ROUNDS = 50 };
    const double half = 0.5;
    double *weight = stroma_alloc_array(2 * n, sizeof *weight), a = 0, b = 0;
    if (weight == NULL) return stroma_no_memory(err);
    double *residual = weight + n;
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < n; i++)
        weight[i] = 1;
    *slope = (double)NAN;
    for (int round = 0; round < ROUNDS && s == STROMA_OK; round++) {
        double mad = 0;
        if (!fit_line(x, y, weight, n, &a, &b)) break;
        const double before = *slope;
        *slope = b;
        if (fabs(b - before) <= 1e-12 * (1 + fabs(b))) break;
        for (size_t i = 0; i < n; i++)
            residual[i] = fabs(y[i] - a - b * x[i]);
        s = compensation_quantiles(residual, n, &half, 1, &mad, err);
        const double bend = 1.345 * 1.4826 * mad;
        for (size_t i = 0; i < n; i++)
            weight[i] = residual[i] > bend ? bend / residual[i] : 1;
        if (!(bend > 0)) break; /* more than half lie on the line */
    }
    stroma_free(weight);
    return s;
}
