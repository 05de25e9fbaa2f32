/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts. The acceptance steps use log-factorials by lgamma_r, which is exact enough at any size.
 */
#include "stroma/random.h"

#include <math.h>

static const double count_max = 1e15;

static double log_factorial(double k)
{
    int sign = 0;
    return lgamma_r(k + 1, &sign);
}

/* n·p < 10: walk up the distribution from 0. */
static int64_t binomial_inversion(stroma_random *r, int64_t n, double p)
{
    const double odds = p / (1 - p);
    for (;;) {
        double u = stroma_random_uniform(r), f = exp((double)n * log1p(-p));
        for (int64_t k = 0; k <= n && k < 200; k++) {
            if (u <= f) return k;
            u -= f;
            f *= odds * (double)(n - k) / (double)(k + 1);
        }
    } /* rounding left a rest of about 1e-16 above the last term: draw again */
}

/* n·p ≥ 10, p ≤ 1/2 */
static int64_t binomial_btrs(stroma_random *r, int64_t n_trials, double p)
{
    const double n = (double)n_trials, q = 1 - p;
    const double spq = sqrt(n * p * q), b = 1.15 + 2.53 * spq, a = -0.0873 + 0.0248 * b + 0.01 * p;
    const double c = n * p + 0.5, v_r = 0.92 - 4.2 / b, alpha = (2.83 + 5.1 / b) * spq;
    const double log_odds = log(p / q), mode = floor((n + 1) * p);
    const double at_mode = log_factorial(mode) + log_factorial(n - mode);
    for (;;) {
        const double u = stroma_random_uniform(r) - 0.5, v = stroma_random_uniform(r);
        const double us = 0.5 - fabs(u), k = floor((2 * a / us + b) * u + c);
        if (us >= 0.07 && v <= v_r) return (int64_t)k;
        if (k < 0 || k > n) continue;
        const double log_v = log(v * alpha / (a / (us * us) + b));
        const double log_f =
            at_mode - log_factorial(k) - log_factorial(n - k) + (k - mode) * log_odds;
        if (log_v <= log_f) return (int64_t)k;
    }
}

int64_t stroma_random_binomial(stroma_random *r, int64_t n, double p)
{
    if (n < 0 || (double)n > count_max || !(p >= 0 && p <= 1)) return -1;
    if (n == 0 || p == 0) return 0;
    if (p == 1) return n;
    const double small = p <= 0.5 ? p : 1 - p;
    const int64_t k =
        (double)n * small < 10 ? binomial_inversion(r, n, small) : binomial_btrs(r, n, small);
    return p <= 0.5 ? k : n - k;
}

static int64_t poisson_inversion(stroma_random *r, double mean)
{
    for (;;) {
        double u = stroma_random_uniform(r), f = exp(-mean);
        for (int64_t k = 0; k < 200; k++) {
            if (u <= f) return k;
            u -= f;
            f *= mean / (double)(k + 1);
        }
    }
}

static int64_t poisson_ptrs(stroma_random *r, double mean)
{
    const double root = sqrt(mean), log_mean = log(mean);
    const double b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
    const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        const double u = stroma_random_uniform(r) - 0.5, v = stroma_random_uniform(r);
        const double us = 0.5 - fabs(u), k = floor((2 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= v_r) return (int64_t)k;
        if (k < 0 || (us < 0.013 && v > us)) continue;
        const double log_v = log(v) + log(inverse_alpha) - log(a / (us * us) + b);
        if (log_v <= -mean + k * log_mean - log_factorial(k)) return (int64_t)k;
    }
}

int64_t stroma_random_poisson(stroma_random *r, double mean)
{
    if (!(mean >= 0 && mean <= count_max)) return -1;
    if (mean == 0) return 0;
    return mean < 10 ? poisson_inversion(r, mean) : poisson_ptrs(r, mean);
}
