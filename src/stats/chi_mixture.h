/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means over S = χ(ν)/√ν, the error of an estimated standard deviation: noncentral t, studentized
 * range and Dunnett's multivariate t are all means of a normal probability over S. And the root
 * finder that turns their probabilities into quantiles. */
#ifndef STROMA_STATS_CHI_MIXTURE_H
#define STROMA_STATS_CHI_MIXTURE_H
typedef double (*chi_function)(double s, const void *context);

/* E g(S). Trapezoids in ln S: the integrand is analytic, so the error falls exponentially with the
 * step (Trefethen & Weideman 2014). @p rate bounds |dg/d ln s| near s = 1 and sets the step.
 * df > 0; infinite df gives g(1). The weights are positive and sum to 1, so a g with small relative
 * error has a mean with small relative error. */
double stroma_chi_mean(chi_function g, const void *context, double df, double rate);

/* P(T ≤ t) of the noncentral t with parameter ncp. */
double stroma_noncentral_t_cdf(double t, double df, double ncp);
double stroma_noncentral_t_sf(double t, double df, double ncp);

typedef double (*root_function)(double x, const void *context);
/* Where f changes its sign between low and high, to the last digits; NaN when it does not
 * (Chandrupatla 1997). */
double stroma_root_find(root_function f, const void *context, double low, double high);
#endif
