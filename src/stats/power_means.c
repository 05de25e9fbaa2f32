/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power of tests of means: noncentral t and F. */
#include "chi_mixture.h"
#include "noncentral_f.h"
#include "power_methods.h"

#include "stroma/stats_distribution.h"

#include <math.h>

double power_tail(const stroma_power_design *d)
{
    return d->one_sided ? d->alpha : d->alpha / 2;
}

double power_z(const stroma_power_design *d)
{
    return -stroma_normal_quantile(power_tail(d));
}

double power_normal(const stroma_power_design *d, double mean, double sd)
{
    const double z = power_z(d), m = fabs(mean);
    const double other = d->one_sided ? 0 : stroma_normal_cdf((-m - z) / sd);
    return stroma_normal_cdf((m - z) / sd) + other;
}

static double power_t(const stroma_power_design *d, double ncp, double df)
{
    if (!(df > 0)) return 0;
    const double cut = -stroma_t_quantile(power_tail(d), df);
    const double other = d->one_sided ? 0 : stroma_noncentral_t_cdf(-cut, df, fabs(ncp));
    return stroma_noncentral_t_sf(cut, df, fabs(ncp)) + other;
}

double power_t_one(const stroma_power_design *d, double n1, double n2)
{
    (void)n2;
    return power_t(d, d->effect / d->sd * sqrt(n1), n1 - 1);
}

static double standard_error(const stroma_power_design *d, double n1, double n2)
{
    return d->sd * sqrt(1 / n1 + 1 / n2);
}

double power_t_two(const stroma_power_design *d, double n1, double n2)
{
    return power_t(d, d->effect / standard_error(d, n1, n2), n1 + n2 - 2);
}

double power_welch(const stroma_power_design *d, double n1, double n2)
{
    const double a = d->sd * d->sd / n1, b = d->sd2 * d->sd2 / n2;
    const double df = (a + b) * (a + b) / (a * a / (n1 - 1) + b * b / (n2 - 1));
    return power_t(d, d->effect / sqrt(a + b), df);
}

/* Harm is a negative difference; at −margin the power is alpha, below it less. */
double power_non_inferiority(const stroma_power_design *d, double n1, double n2)
{
    const double df = n1 + n2 - 2, ncp = (d->effect + d->margin) / standard_error(d, n1, n2);
    if (!(df > 0)) return 0;
    return stroma_noncentral_t_sf(-stroma_t_quantile(d->alpha, df), df, ncp);
}

/* Given S = s/σ both tests reject when the difference lies between −m + tS and m − tS (in standard
 * errors): a mean over S up to where nothing is left between the two. */
typedef struct owen {
    double lower, upper, cut, df;
} owen;

static double owen_density(double s, const owen *o)
{
    const double log_density = log(2) + o->df / 2 * log(o->df / 2) - stroma_log_gamma(o->df / 2) +
                               (o->df - 1) * log(s) - o->df * s * s / 2;
    const double inside =
        stroma_normal_cdf(o->upper - o->cut * s) - stroma_normal_cdf(o->lower + o->cut * s);
    return s > 0 ? exp(log_density) * fmax(0, inside) : 0;
}

double power_equivalence(const stroma_power_design *d, double n1, double n2)
{
    static const double nodes[] = { 0.0950125098376374401853193, 0.2816035507792589132304605,
                                    0.4580167776572273863424194, 0.6178762444026437484466718,
                                    0.7554044083550030338951012, 0.8656312023878317438804679,
                                    0.9445750230732325760779884, 0.9894009349916499325961542 };
    static const double weights[] = { 0.1894506104550684962853967, 0.1826034150449235888667637,
                                      0.1691565193950025381893121, 0.1495959888165767320815017,
                                      0.1246289712555338720524763, 0.0951585116824927848099251,
                                      0.0622535239386478928628438, 0.0271524594117540948517806 };
    enum { PANELS = 32, HALF = 8 };
    const double se = standard_error(d, n1, n2), df = n1 + n2 - 2;
    if (!(df > 0)) return 0;
    owen o = { (-d->margin - d->effect) / se, (d->margin - d->effect) / se,
               -stroma_t_quantile(d->alpha, df), df };
    const double spread = 8 / sqrt(2 * df);
    const double end = fmin((o.upper - o.lower) / (2 * o.cut), 1 + spread + 4 / df);
    const double begin = fmax(0, fmin(1 - spread, end));
    double total = 0;
    for (int p = 0; p < PANELS; p++) {
        const double half = (end - begin) / (2 * PANELS), middle = begin + (2 * p + 1) * half;
        for (int i = 0; i < HALF; i++)
            total += half * weights[i] *
                     (owen_density(middle + half * nodes[i], &o) +
                      owen_density(middle - half * nodes[i], &o));
    }
    return fmin(1, total);
}

/* Baselines that differ by chance take (N − 3)/(N − 4) of the variance. */
double power_ancova(const stroma_power_design *d, double n1, double n2)
{
    const double n = n1 + n2, r = d->correlation;
    if (!(n > 4)) return 0;
    const double se = standard_error(d, n1, n2) * sqrt((1 - r * r) * (n - 3) / (n - 4));
    return power_t(d, d->effect / se, n - 3);
}

double power_anova(const stroma_power_design *d, double n1, double n2)
{
    const double k = (double)d->groups, df = k * (n1 - 1);
    (void)n2;
    if (!(df > 0)) return 0;
    const double cut = stroma_f_quantile(1 - d->alpha, k - 1, df);
    return stroma_noncentral_f_sf(cut, k - 1, df, k * n1 * d->effect * d->effect);
}

/* Mean of 1/X, X the number of n subjects with the marker, to second order. */
static double mean_inverse(double n, double share)
{
    return (1 + (1 - share) / (n * share)) / (n * share);
}

/* Who has the marker is not planned, so the four cells are random. */
double power_interaction(const stroma_power_design *d, double n1, double n2)
{
    const double df = n1 + n2 - 4, q = d->p1;
    if (!(df > 0)) return 0;
    const double variance = mean_inverse(n1, q) + mean_inverse(n1, 1 - q) + mean_inverse(n2, q) +
                            mean_inverse(n2, 1 - q);
    return power_t(d, d->effect / (d->sd * sqrt(variance)), df);
}

/* A slope in a group of n has variance σ²/((n − 3)·var) on average over normal markers. */
double power_interaction_slope(const stroma_power_design *d, double n1, double n2)
{
    if (!(n1 > 3) || !(n2 > 3)) return 0;
    return power_t(d, d->effect / standard_error(d, n1 - 3, n2 - 3), n1 + n2 - 4);
}

double stroma_power_cohen_f(const double *means, size_t k, double sd)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < k; i++)
        mean += means[i] / (double)k;
    for (size_t i = 0; i < k; i++)
        squares += (means[i] - mean) * (means[i] - mean);
    return sqrt(squares / (double)k) / sd;
}
