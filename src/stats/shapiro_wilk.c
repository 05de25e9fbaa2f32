/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "moments.h"
#include "ranks.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_normality.h"

#include <math.h>

static double polynomial(const double *c, size_t n, double x)
{
    double sum = 0;
    for (size_t i = n; i-- > 0;)
        sum = sum * x + c[i];
    return sum;
}

/* Weights of the upper half, largest first: a[0] goes with x[n − 1] − x[0]. */
static void weights(double *a, size_t n)
{
    static const double c1[] = { 0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056 };
    static const double c2[] = { 0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633 };
    const size_t half = n / 2;
    if (n == 3) {
        a[0] = sqrt(0.5);
        return;
    }
    double sum = 0;
    for (size_t i = 0; i < half; i++) {
        a[i] = -stroma_normal_quantile(((double)i + 0.625) / ((double)n + 0.25));
        sum += 2 * a[i] * a[i];
    }
    const double root = sqrt(sum), u = 1 / sqrt((double)n);
    const double m0 = a[0], m1 = a[1];
    const double first = polynomial(c1, 6, u) + m0 / root;
    size_t from = 1;
    double rest = (sum - 2 * m0 * m0) / (1 - 2 * first * first);
    if (n > 5) {
        const double second = polynomial(c2, 6, u) + m1 / root;
        rest = (sum - 2 * m0 * m0 - 2 * m1 * m1) / (1 - 2 * first * first - 2 * second * second);
        a[1] = second;
        from = 2;
    }
    a[0] = first;
    for (size_t i = from; i < half; i++)
        a[i] /= sqrt(rest);
}

/* p of 1 − W. */
static double p_value(double w1, size_t n)
{
    static const double c3[] = { 0.544, -0.39978, 0.025054, -6.714e-4 };
    static const double c4[] = { 1.3822, -0.77857, 0.062767, -0.0020322 };
    static const double c5[] = { -1.5861, -0.31082, -0.083751, 0.0038915 };
    static const double c6[] = { -0.4803, -0.082676, 0.0030302 };
    const double size = (double)n;
    if (n == 3) /* exact */
        return fmax(0, 1.90985931710274 * (asin(sqrt(1 - w1)) - 1.04719755119660));
    double y = log(w1), mean, sd;
    if (n <= 11) {
        const double gamma = -2.273 + 0.459 * size;
        if (y >= gamma) return 0;
        y = -log(gamma - y);
        mean = polynomial(c3, 4, size);
        sd = exp(polynomial(c4, 4, size));
    } else {
        mean = polynomial(c5, 4, log(size));
        sd = exp(polynomial(c6, 3, log(size)));
    }
    return stroma_normal_sf((y - mean) / sd);
}

stroma_status stroma_shapiro_wilk(const double *x, size_t n, stroma_stat *out, stroma_error *err)
{
    const char *method = "shapiro_wilk";
    *out = stroma_stat_empty(method);
    STROMA_TRY(stroma_sample_check(x, n, "shapiro-wilk", err));
    size_t same = 0;
    while (same < n && x[same] == x[0])
        same++;
    if (n < 3)
        *out = stroma_stat_cannot(method, "fewer than three values");
    else if (n > 5000)
        *out = stroma_stat_cannot(method, "more than 5000 values, the limit of Royston's method");
    else if (same == n)
        *out = stroma_stat_cannot(method, "all values are equal");
    out->n_used = n;
    if (out->not_estimable) return STROMA_OK;
    double *sorted = stroma_alloc_array(n, sizeof *sorted);
    double *a = stroma_alloc_array(n / 2, sizeof *a);
    stroma_status s = STROMA_OK;
    if (sorted == NULL || a == NULL) {
        s = stroma_no_memory(err);
    } else {
        for (size_t i = 0; i < n; i++)
            sorted[i] = x[i];
        stroma_values_sort(sorted, n);
        weights(a, n);
        const double range = sorted[n - 1] - sorted[0];
        double b = 0, norm = 0;
        for (size_t i = 0; i < n / 2; i++) {
            b += a[i] * ((sorted[n - 1 - i] - sorted[i]) / range);
            norm += 2 * a[i] * a[i];
        }
        const double squares = dd_value(stroma_moments_of(sorted, n).squares) / range / range;
        /* 1 − W without cancelling: (√(SS·Σa²) − b)(√(SS·Σa²) + b)/(SS·Σa²). */
        const double root = sqrt(squares * norm);
        const double w1 = fmax(1e-19, (root - b) * (root + b) / (squares * norm));
        out->statistic_name = "W";
        out->statistic = 1 - w1;
        out->p = p_value(w1, n);
    }
    stroma_free(sorted);
    stroma_free(a);
    return s;
}
