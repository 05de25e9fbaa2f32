/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A normal distribution of which some values are only known to lie beyond a limit. */
#include "model_internal.h"

#include "stroma/stats_distribution.h"

#include <math.h>

enum { STEPS_MAX = 100 };

static double density(double z)
{
    return exp(-z * z / 2) / sqrt(2 * acos(-1));
}

/* density(z) / P(Z < z), also where both underflow (Mills' ratio, then its first terms). */
static double hazard_below(double z)
{
    if (z > -30) return density(z) / stroma_normal_cdf(z);
    return -z / (1 - 1 / (z * z));
}

void model_truncated_normal(double mean, double sd, double limit, bool below, double *out_mean,
                            double *out_variance)
{
    const double z = below ? (limit - mean) / sd : (mean - limit) / sd;
    const double h = hazard_below(z);
    *out_mean = below ? mean - sd * h : mean + sd * h;
    *out_variance = fmax(0, sd * sd * (1 - h * (z + h)));
}

/* Mean and variance of what is known of each value, given the distribution. */
static void expect(const double *x, const uint8_t *state, size_t n, double mean, double sd,
                   double *sum, double *spread)
{
    *sum = *spread = 0;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            double m = x[i], v = 0;
            if (state[i] != STROMA_PRESENT)
                model_truncated_normal(mean, sd, x[i], state[i] == STROMA_BELOW_LIMIT, &m, &v);
            if (pass == 0)
                *sum += m / (double)n;
            else
                *spread += ((m - *sum) * (m - *sum) + v) / (double)n;
        }
}

/* By EM, squared steps (SQUAREM, Varadhan & Roland 2008 Scand J Stat 35:335) for speed. */
bool model_censored_normal(const double *x, const uint8_t *state, size_t n, double *mean,
                           double *sd)
{
    size_t measured = 0;
    double low = INFINITY, high = -INFINITY, sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        if (state[i] != STROMA_PRESENT) continue;
        measured++;
        sum += x[i];
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    *mean = *sd = NAN;
    if (measured < 3 || !(high > low)) return false;
    double m = sum / (double)measured;
    for (size_t i = 0; i < n; i++)
        if (state[i] == STROMA_PRESENT) squares += (x[i] - m) * (x[i] - m);
    double v = squares / (double)measured;
    for (int step = 0; step < STEPS_MAX && measured < n; step++) {
        double m1 = 0, v1 = 0, m2 = 0, v2 = 0;
        expect(x, state, n, m, sqrt(v), &m1, &v1);
        expect(x, state, n, m1, sqrt(v1), &m2, &v2);
        const double rm = m1 - m, rv = log(v1) - log(v);
        const double am = m2 - m1 - rm, av = log(v2) - log(v1) - rv;
        const double curve = am * am + av * av, move = rm * rm + rv * rv;
        const double a = curve > 0 ? -fmax(1, sqrt(move / curve)) : -1;
        const double tried = m - 2 * a * rm + a * a * am;
        const double spread = exp(log(v) - 2 * a * rv + a * a * av);
        const bool usable = isfinite(tried) && isfinite(spread) && spread > 0;
        double mn = m2, vn = v2;
        if (usable) expect(x, state, n, tried, sqrt(spread), &mn, &vn);
        if (!(vn > 0) || !isfinite(mn)) return false;
        const bool done = fabs(mn - m) <= 1e-11 * sqrt(v) && fabs(vn / v - 1) <= 1e-11;
        m = mn;
        v = vn;
        if (done) break;
    }
    *mean = m;
    *sd = sqrt(v);
    return true;
}
