/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows libRmath. It prints "argument out of domain" to stdout on misuse, which
 * cannot happen behind the checks below, and a warning where an iteration ends early: in a random
 * search of 300000 argument sets only qbeta did, twice, at a shape near 1e9 with p near 0. Its
 * pwilcox, psignrank and random numbers keep global state: they are never called. */
#define MATHLIB_STANDALONE 1
#include "stroma/stats_distribution.h"

#include <Rmath.h>
#include <math.h>
#include <stdbool.h>

enum { LOWER = 1, UPPER = 0, NO_LOG = 0 };

#define COUNT_MAX 1e9

static const double not_a_number = (double)NAN;

static bool probability(double p)
{
    return p >= 0 && p <= 1;
}

static bool positive(double x)
{
    return x > 0 && isfinite(x);
}

/* Beyond these libRmath's iterations give up, and say so on stdout. */
static bool shape_in_range(double a)
{
    return a >= 1e-2 && a <= 1e9;
}

/* Degrees of freedom may be infinite. */
static bool freedom(double df)
{
    return shape_in_range(df) || df == (double)INFINITY;
}

static bool count(double n)
{
    return n >= 0 && n <= COUNT_MAX && n == floor(n);
}

double stroma_normal_cdf(double z)
{
    return isnan(z) ? not_a_number : pnorm5(z, 0, 1, LOWER, NO_LOG);
}

double stroma_normal_sf(double z)
{
    return isnan(z) ? not_a_number : pnorm5(z, 0, 1, UPPER, NO_LOG);
}

double stroma_normal_quantile(double p)
{
    return probability(p) ? qnorm5(p, 0, 1, LOWER, NO_LOG) : not_a_number;
}

double stroma_normal_two_sided(double z)
{
    return 2 * stroma_normal_sf(fabs(z));
}

double stroma_t_cdf(double t, double df)
{
    return isnan(t) || !freedom(df) ? not_a_number : pt(t, df, LOWER, NO_LOG);
}

double stroma_t_sf(double t, double df)
{
    return isnan(t) || !freedom(df) ? not_a_number : pt(t, df, UPPER, NO_LOG);
}

double stroma_t_quantile(double p, double df)
{
    return probability(p) && freedom(df) ? qt(p, df, LOWER, NO_LOG) : not_a_number;
}

double stroma_t_two_sided(double t, double df)
{
    return 2 * stroma_t_sf(fabs(t), df);
}

double stroma_f_cdf(double f, double df1, double df2)
{
    return isnan(f) || !freedom(df1) || !freedom(df2) ? not_a_number
                                                      : pf(f, df1, df2, LOWER, NO_LOG);
}

double stroma_f_sf(double f, double df1, double df2)
{
    return isnan(f) || !freedom(df1) || !freedom(df2) ? not_a_number
                                                      : pf(f, df1, df2, UPPER, NO_LOG);
}

double stroma_f_quantile(double p, double df1, double df2)
{
    return probability(p) && freedom(df1) && freedom(df2) ? qf(p, df1, df2, LOWER, NO_LOG)
                                                          : not_a_number;
}

double stroma_chi2_cdf(double x, double df)
{
    return isnan(x) || !shape_in_range(df) ? not_a_number : pchisq(x, df, LOWER, NO_LOG);
}

double stroma_chi2_sf(double x, double df)
{
    return isnan(x) || !shape_in_range(df) ? not_a_number : pchisq(x, df, UPPER, NO_LOG);
}

double stroma_chi2_quantile(double p, double df)
{
    return probability(p) && shape_in_range(df) ? qchisq(p, df, LOWER, NO_LOG) : not_a_number;
}

double stroma_beta_cdf(double x, double a, double b)
{
    return isnan(x) || !shape_in_range(a) || !shape_in_range(b) ? not_a_number
                                                                : pbeta(x, a, b, LOWER, NO_LOG);
}

double stroma_beta_sf(double x, double a, double b)
{
    return isnan(x) || !shape_in_range(a) || !shape_in_range(b) ? not_a_number
                                                                : pbeta(x, a, b, UPPER, NO_LOG);
}

double stroma_beta_quantile(double p, double a, double b)
{
    return probability(p) && shape_in_range(a) && shape_in_range(b) ? qbeta(p, a, b, LOWER, NO_LOG)
                                                                    : not_a_number;
}

double stroma_gamma_cdf(double x, double shape, double scale)
{
    return isnan(x) || !shape_in_range(shape) || !positive(scale)
               ? not_a_number
               : pgamma(x, shape, scale, LOWER, NO_LOG);
}

double stroma_gamma_sf(double x, double shape, double scale)
{
    return isnan(x) || !shape_in_range(shape) || !positive(scale)
               ? not_a_number
               : pgamma(x, shape, scale, UPPER, NO_LOG);
}

double stroma_gamma_quantile(double p, double shape, double scale)
{
    return probability(p) && shape_in_range(shape) && positive(scale)
               ? qgamma(p, shape, scale, LOWER, NO_LOG)
               : not_a_number;
}

/* R's densities warn on a k that is not whole; here its probability is simply 0. */
static bool whole(double k)
{
    return isfinite(k) && k >= 0 && k == floor(k);
}

double stroma_binomial_pmf(double k, double n, double prob)
{
    if (isnan(k) || !count(n) || !probability(prob)) return not_a_number;
    return whole(k) ? dbinom(k, n, prob, NO_LOG) : 0;
}

double stroma_binomial_cdf(double k, double n, double prob)
{
    return isnan(k) || !count(n) || !probability(prob) ? not_a_number
                                                       : pbinom(k, n, prob, LOWER, NO_LOG);
}

double stroma_binomial_sf(double k, double n, double prob)
{
    return isnan(k) || !count(n) || !probability(prob) ? not_a_number
                                                       : pbinom(k, n, prob, UPPER, NO_LOG);
}

double stroma_binomial_quantile(double p, double n, double prob)
{
    return probability(p) && count(n) && probability(prob) ? qbinom(p, n, prob, LOWER, NO_LOG)
                                                           : not_a_number;
}

static bool urn(double white, double black, double drawn)
{
    return count(white) && count(black) && count(drawn) && drawn <= white + black;
}

double stroma_hypergeometric_pmf(double k, double white, double black, double drawn)
{
    if (isnan(k) || !urn(white, black, drawn)) return not_a_number;
    return whole(k) ? dhyper(k, white, black, drawn, NO_LOG) : 0;
}

/* phyper treats an infinite k as malformed. */
double stroma_hypergeometric_cdf(double k, double white, double black, double drawn)
{
    if (isnan(k) || !urn(white, black, drawn)) return not_a_number;
    if (isinf(k)) return k > 0 ? 1 : 0;
    return phyper(floor(k), white, black, drawn, LOWER, NO_LOG);
}

double stroma_hypergeometric_sf(double k, double white, double black, double drawn)
{
    if (isnan(k) || !urn(white, black, drawn)) return not_a_number;
    if (isinf(k)) return k > 0 ? 0 : 1;
    return phyper(floor(k), white, black, drawn, UPPER, NO_LOG);
}

double stroma_hypergeometric_quantile(double p, double white, double black, double drawn)
{
    return probability(p) && urn(white, black, drawn)
               ? qhyper(p, white, black, drawn, LOWER, NO_LOG)
               : not_a_number;
}

static bool poisson_mean(double mean)
{
    return mean >= 0 && isfinite(mean);
}

double stroma_poisson_pmf(double k, double mean)
{
    if (isnan(k) || !poisson_mean(mean)) return not_a_number;
    return whole(k) ? dpois(k, mean, NO_LOG) : 0;
}

double stroma_poisson_cdf(double k, double mean)
{
    return isnan(k) || !poisson_mean(mean) ? not_a_number : ppois(k, mean, LOWER, NO_LOG);
}

double stroma_poisson_sf(double k, double mean)
{
    return isnan(k) || !poisson_mean(mean) ? not_a_number : ppois(k, mean, UPPER, NO_LOG);
}

double stroma_poisson_quantile(double p, double mean)
{
    return probability(p) && poisson_mean(mean) ? qpois(p, mean, LOWER, NO_LOG) : not_a_number;
}

double stroma_log_gamma(double x)
{
    return positive(x) ? lgammafn(x) : not_a_number;
}

double stroma_log_choose(double n, double k)
{
    if (!(k >= 0) || !(n >= k) || !isfinite(n) || n != floor(n) || k != floor(k))
        return not_a_number;
    return k == 0 || k == n ? 0 : lchoose(n, k);
}
