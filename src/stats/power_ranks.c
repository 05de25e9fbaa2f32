/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power of rank tests, correlations and areas under ROC curves. */
#include "power_methods.h"

#include "stroma/stats_distribution.h"

#include <math.h>

/* E Φ(shift + Z)² over Z > from. Trapezoids; without a bound the integrand is analytic, with one
 * the first step is half. */
static double mean_squared_normal(double shift, double from, int power)
{
    enum { STEPS = 200 };
    const double low = fmax(from, -9), step = (9 - low) / (STEPS * 4);
    double total = 0;
    for (int i = 0; i <= STEPS * 4; i++) {
        const double z = low + step * i, f = stroma_normal_cdf(shift + z);
        const double weight = i == 0 || i == STEPS * 4 ? 1 : i % 2 == 1 ? 4 : 2;
        total += weight * exp(-z * z / 2) * (power == 2 ? f * f : f);
    }
    return total * step / 3 * 0.398942280401432677939946;
}

/* U/(mn) estimates p = P(Y > X); both normal with one SD. */
double power_mann_whitney(const stroma_power_design *d, double n1, double n2)
{
    const double shift = fabs(d->effect) / d->sd, m = n1, n = n2;
    const double p = stroma_normal_cdf(shift / sqrt(2));
    const double both = mean_squared_normal(shift, -9, 2);
    const double variance = (p * (1 - p) + (m + n - 2) * (both - p * p)) / (m * n);
    const double null = (m + n + 1) / (12 * m * n);
    return power_normal(d, (p - 0.5) / sqrt(null), sqrt(variance / null));
}

double power_noether(const stroma_power_design *d, double n1, double n2)
{
    return power_normal(d, sqrt(12 * n1 * n2 / (n1 + n2)) * (d->effect - 0.5), 1);
}

/* T: positive differences, and pairs of differences with a positive sum. */
double power_signed_rank(const stroma_power_design *d, double n1, double n2)
{
    const double n = n1, shift = fabs(d->effect) / d->sd;
    const double p1 = stroma_normal_cdf(shift), p2 = stroma_normal_cdf(sqrt(2) * shift);
    /* P(D1 > 0, D1 + D2 > 0) and P(D1 + D2 > 0, D1 + D3 > 0), given D1 = shift + Z */
    const double p3 = mean_squared_normal(2 * shift, -shift, 1);
    const double p4 = mean_squared_normal(2 * shift, -9, 2);
    const double pairs = n * (n - 1) / 2;
    const double mean = n * p1 + pairs * p2;
    const double variance = n * p1 * (1 - p1) + pairs * p2 * (1 - p2) + 4 * pairs * (p3 - p1 * p2) +
                            2 * pairs * (n - 2) * (p4 - p2 * p2);
    const double null = n * (n + 1) * (2 * n + 1) / 24;
    (void)n2;
    if (!(n >= 1)) return 0;
    return power_normal(d, (mean - n * (n + 1) / 4) / sqrt(null), sqrt(variance / null));
}

double power_correlation(const stroma_power_design *d, double n1, double n2)
{
    const double r = fabs(d->effect), n = n1;
    (void)n2;
    if (!(n > 3)) return 0;
    if (r >= 1) return 1;
    const double t = -stroma_t_quantile(power_tail(d), n - 2);
    const double cut = atanh(sqrt(t * t / (t * t + n - 2)));
    const double z = atanh(r) + r / (2 * (n - 1)), root = sqrt(n - 3);
    const double other = d->one_sided ? 0 : stroma_normal_cdf((-z - cut) * root);
    return stroma_normal_cdf((z - cut) * root) + other;
}

static double hanley_variance(double a, double positive, double negative)
{
    const double q1 = a / (2 - a), q2 = 2 * a * a / (1 + a);
    return (a * (1 - a) + (positive - 1) * (q1 - a * a) + (negative - 1) * (q2 - a * a)) /
           (positive * negative);
}

double power_auc(const stroma_power_design *d, double n1, double n2)
{
    const double a = fmax(d->effect, 1 - d->effect);
    const double null = hanley_variance(0.5, n1, n2);
    return power_normal(d, (a - 0.5) / sqrt(null), sqrt(hanley_variance(a, n1, n2) / null));
}

static double binormal_variance(double a, double positive, double negative)
{
    const double z = stroma_normal_quantile(a) * 1.414, ratio = negative / positive;
    return 0.0099 * exp(-z * z / 2) * (5 * z * z + 8 + (z * z + 8) / ratio) / positive;
}

double power_auc_binormal(const stroma_power_design *d, double n1, double n2)
{
    const double a = fmax(d->effect, 1 - d->effect);
    const double null = binormal_variance(0.5, n1, n2);
    return power_normal(d, (a - 0.5) / sqrt(null), sqrt(binormal_variance(a, n1, n2) / null));
}
