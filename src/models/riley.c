/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Riley's criteria: sizes are closed formulas, or a short search where they are not. */
#include "stroma/models_riley.h"
#include "stroma/number.h"
#include "stroma/stats_distribution.h"

#include <math.h>

/* 1.96, not the quantile: the criteria were published with it, and sizes are compared with them. */
static const double z95 = 1.96;
static const double size_max = 9007199254740992;

static double or_else(double x, double otherwise)
{
    return x == 0 ? otherwise : x;
}

static stroma_status targets_of(const stroma_riley_targets *given, stroma_riley_targets *t,
                                stroma_error *err)
{
    static const stroma_riley_targets none = STROMA_RILEY_TARGETS_INIT;
    *t = given == NULL ? none : *given;
    if (t->version != 1)
        return stroma_fail(err, STROMA_E_USAGE, "targets of version %u are not known", t->version);
    t->shrinkage = or_else(t->shrinkage, 0.9);
    t->optimism = or_else(t->optimism, 0.05);
    t->risk_margin = or_else(t->risk_margin, 0.05);
    t->prediction_error = or_else(t->prediction_error, 0.05);
    t->residual_margin = or_else(t->residual_margin, 1.1);
    const bool fractions = t->shrinkage > 0 && t->shrinkage < 1 && t->optimism > 0 &&
                           t->optimism < 1 && t->risk_margin > 0 && t->risk_margin < 1 &&
                           t->prediction_error > 0 && t->prediction_error < 1;
    if (fractions && t->residual_margin > 1 && isfinite(t->residual_margin)) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "the targets of a prediction model are not fractions");
    stroma_hint(err, "shrinkage 0.9, optimism 0.05, margin of the overall risk 0.05");
    return STROMA_E_USAGE;
}

static stroma_status bad(stroma_error *err, const char *what, double x, const char *hint)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_fail(err, STROMA_E_USAGE, "%s %s", what, stroma_format_double(x, text));
    stroma_hint(err, "%s", hint);
    return STROMA_E_USAGE;
}

static stroma_status check(size_t parameters, double r2, double r2_max,
                           const stroma_riley_targets *t, stroma_error *err)
{
    if (parameters == 0)
        return stroma_fail(err, STROMA_E_USAGE, "a prediction model has at least one parameter");
    if (!(r2 > 0) || !(r2 < r2_max))
        return bad(err, "an anticipated R² cannot be", r2,
                   "it lies between 0 and the largest that the outcome allows: 1 - "
                   "(φ^φ·(1-φ)^(1-φ))² for a yes/no outcome with prevalence φ");
    if (!(r2 < t->shrinkage))
        return bad(err, "the shrinkage asked for is not above the anticipated R²", r2,
                   "ask for more shrinkage, or a smaller R²");
    return STROMA_OK;
}

/* Up to the next whole number, where a rounding error is no reason for one more. */
static size_t whole(double n)
{
    if (!(n < size_max)) return SIZE_MAX;
    const double near = round(n);
    return (size_t)(fabs(n - near) < 1e-9 * fmax(1, near) ? near : ceil(n));
}

static size_t largest(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* p/((S − 1)·ln(1 − R²/S)) */
static double size_for(double parameters, double shrinkage, double r2)
{
    return parameters / ((shrinkage - 1) * log1p(-r2 / shrinkage));
}

static void first_two(stroma_riley *r, const stroma_riley_targets *t)
{
    const double p = (double)r->parameters;
    r->r2_nagelkerke = r->r2_cs / r->r2_cs_max;
    r->n_shrinkage = whole(size_for(p, t->shrinkage, r->r2_cs));
    r->optimism_shrinkage = r->r2_cs / (r->r2_cs + t->optimism * r->r2_cs_max);
    r->n_optimism = whole(size_for(p, r->optimism_shrinkage, r->r2_cs));
}

double stroma_riley_r2_max(double prevalence_frac)
{
    const double f = prevalence_frac;
    if (!(f > 0) || !(f < 1)) return (double)NAN;
    return -expm1(2 * (f * log(f) + (1 - f) * log1p(-f)));
}

stroma_status stroma_riley_binary(size_t parameters, double prevalence_frac, double r2_cs,
                                  const stroma_riley_targets *targets, stroma_riley *out,
                                  stroma_error *err)
{
    stroma_riley_targets t;
    *out = (stroma_riley){ .parameters = parameters, .r2_cs = r2_cs };
    STROMA_TRY(targets_of(targets, &t, err));
    out->r2_cs_max = stroma_riley_r2_max(prevalence_frac);
    if (isnan(out->r2_cs_max))
        return bad(err, "a prevalence cannot be", prevalence_frac, "give a fraction, as 0.54");
    STROMA_TRY(check(parameters, r2_cs, out->r2_cs_max, &t, err));
    const double f = prevalence_frac, rarer = fmin(f, 1 - f), p = (double)parameters;
    first_two(out, &t);
    out->n_risk = whole(z95 / t.risk_margin * (z95 / t.risk_margin) * f * (1 - f));
    /* their simulations had 4 to 12 candidates; the published use is up to 30 */
    if (parameters >= 2 && parameters <= 30)
        out->n_error = whole(
            exp((-0.508 + 0.259 * log(rarer) + 0.504 * log(p) - log(t.prediction_error)) / 0.544));
    out->n = largest(out->n_risk, largest(out->n_shrinkage, out->n_optimism));
    out->events = f * (double)out->n;
    out->events_per_parameter = out->events / p;
    return STROMA_OK;
}

/* Van Houwelingen's shrinkage of a linear model (Riley 2019, equation 4). */
static double linear_shrinkage(double n, double p, double r2)
{
    const double apparent = (r2 * (n - p - 1) + p) / (n - 1);
    return 1 + (p - 2) / (n * log1p(-apparent));
}

static size_t linear_size(double p, double r2, double shrinkage)
{
    double low = p + 2, high = low;
    if (linear_shrinkage(low, p, r2) >= shrinkage) return (size_t)low;
    while (linear_shrinkage(high, p, r2) < shrinkage && high < size_max)
        high *= 2;
    while (high - low > 1) {
        const double middle = floor((low + high) / 2);
        *(linear_shrinkage(middle, p, r2) >= shrinkage ? &high : &low) = middle;
    }
    return (size_t)high;
}

/* Degrees of freedom that know an SD within a factor (95 %). */
static double residual_df(double margin)
{
    double low = 1, high = 2;
    for (;; high *= 2) {
        const double upper = sqrt(high / stroma_chi2_quantile(0.025, high));
        const double lower = sqrt(stroma_chi2_quantile(0.975, high) / high);
        if (fmax(upper, lower) <= margin || high > 1e8) break;
        low = high;
    }
    while (high - low > 1) {
        const double middle = floor((low + high) / 2);
        const double upper = sqrt(middle / stroma_chi2_quantile(0.025, middle));
        const double lower = sqrt(stroma_chi2_quantile(0.975, middle) / middle);
        *(fmax(upper, lower) <= margin ? &high : &low) = middle;
    }
    return high;
}

static bool mean_is_known(double n, double p, double r2, double mean, double sd, double margin)
{
    const double half = sd * sqrt((1 - r2) / n) * stroma_t_quantile(0.975, n - p - 1);
    return half <= (margin - 1) * fabs(mean);
}

stroma_status stroma_riley_continuous(size_t parameters, double r2, double mean, double sd,
                                      const stroma_riley_targets *targets, stroma_riley *out,
                                      stroma_error *err)
{
    stroma_riley_targets t;
    *out = (stroma_riley){ .parameters = parameters, .r2_cs = r2, .r2_cs_max = 1 };
    out->events = (double)NAN;
    STROMA_TRY(targets_of(targets, &t, err));
    if (parameters == 0)
        return stroma_fail(err, STROMA_E_USAGE, "a prediction model has at least one parameter");
    if (!(r2 > 0) || !(r2 < 1))
        return bad(err, "an anticipated R² cannot be", r2, "it lies between 0 and 1");
    if (!isfinite(mean) || (mean != 0 && !(sd > 0 && isfinite(sd))))
        return bad(err, "an outcome cannot have the SD", sd,
                   "give the mean and the SD of the outcome, or a mean of 0 to leave it out");
    const double p = (double)parameters;
    out->r2_nagelkerke = r2;
    out->n_shrinkage = linear_size(p, r2, t.shrinkage);
    out->n_optimism = whole(1 + p * (1 - r2) / t.optimism);
    out->optimism_shrinkage = linear_shrinkage((double)out->n_optimism, p, r2);
    out->n_risk = (size_t)(residual_df(t.residual_margin) + p + 1);
    out->n = largest(out->n_risk, largest(out->n_shrinkage, out->n_optimism));
    if (mean != 0) {
        double n = (double)out->n;
        while (!mean_is_known(n, p, r2, mean, sd, t.residual_margin) && n < 1e12)
            n = ceil(n * 1.0001);
        while (n > (double)out->n && mean_is_known(n - 1, p, r2, mean, sd, t.residual_margin))
            n--;
        out->n = out->n_mean = (size_t)n;
    }
    out->events_per_parameter = (double)out->n / p;
    return STROMA_OK;
}

stroma_status stroma_riley_survival(size_t parameters, double r2_cs,
                                    const stroma_riley_times *times,
                                    const stroma_riley_targets *targets, stroma_riley *out,
                                    stroma_error *err)
{
    stroma_riley_targets t;
    *out = (stroma_riley){ .parameters = parameters, .r2_cs = r2_cs };
    STROMA_TRY(targets_of(targets, &t, err));
    const double positive[] = { times->rate, times->horizon, times->mean_follow_up };
    for (size_t i = 0; i < 3; i++)
        if (!(positive[i] > 0) || !isfinite(positive[i]))
            return bad(err, "a rate, a horizon or a mean follow-up cannot be", positive[i],
                       "give all three in one unit of time");
    /* log-likelihood of a constant rate, a subject (Riley 2019, equation 23) */
    const double events = times->rate * times->mean_follow_up;
    out->r2_cs_max = -expm1(2 * events * (log(events) - 1));
    STROMA_TRY(check(parameters, r2_cs, out->r2_cs_max, &t, err));
    first_two(out, &t);
    const double risk = -expm1(-times->rate * times->horizon);
    const double room = risk + t.risk_margin < 1
                            ? -log1p(-risk - t.risk_margin) / times->horizon - times->rate
                            : (double)INFINITY;
    out->n_risk = whole(times->rate / times->mean_follow_up * (z95 / room) * (z95 / room));
    out->n = largest(out->n_risk, largest(out->n_shrinkage, out->n_optimism));
    out->events = events * (double)out->n;
    out->events_per_parameter = out->events / (double)parameters;
    return STROMA_OK;
}

/* Largest p with size_for(p) ≤ n. */
static size_t parameters_for(double n, double shrinkage, double r2)
{
    const double p = n * (shrinkage - 1) * log1p(-r2 / shrinkage), near = round(p);
    return (size_t)(fabs(p - near) < 1e-9 * fmax(1, near) ? near : floor(p));
}

stroma_status stroma_riley_supports(size_t n, size_t events, double r2_cs,
                                    const stroma_riley_targets *targets, stroma_riley_support *out,
                                    stroma_error *err)
{
    stroma_riley_targets t;
    stroma_riley one;
    *out = (stroma_riley_support){ .n = n, .events = events, .r2_cs = r2_cs };
    STROMA_TRY(targets_of(targets, &t, err));
    if (events > n)
        return stroma_fail(err, STROMA_E_USAGE, "%zu events of %zu subjects", events, n);
    if (events == 0 || events == n) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE,
                          "%zu of %zu subjects have the event: no model can be fitted", events, n);
        stroma_hint(err, "a prediction model needs subjects with and without the event");
        return STROMA_E_DEGENERATE;
    }
    const double f = (double)events / (double)n;
    STROMA_TRY(stroma_riley_binary(1, f, r2_cs, &t, &one, err));
    out->by_shrinkage = parameters_for((double)n, t.shrinkage, r2_cs);
    out->by_optimism = parameters_for((double)n, one.optimism_shrinkage, r2_cs);
    out->parameters = out->by_shrinkage < out->by_optimism ? out->by_shrinkage : out->by_optimism;
    out->risk_margin = z95 * sqrt(f * (1 - f) / (double)n);
    out->risk_known = out->risk_margin <= t.risk_margin;
    return STROMA_OK;
}

double stroma_riley_shrinkage(size_t parameters, size_t n, double r2_cs)
{
    if (parameters == 0 || n == 0 || !(r2_cs > 0) || !(r2_cs < 1)) return (double)NAN;
    /* p supported at S falls from infinity at S = R² to 0 at S = 1: one root, by halving */
    const double p = (double)parameters / (double)n;
    double low = r2_cs, high = 1;
    for (int i = 0; i < 200 && high - low > 1e-15; i++) {
        const double s = low + (high - low) / 2;
        const double needs = (s - 1) * log1p(-r2_cs / s);
        *(needs > p ? &low : &high) = s;
    }
    return low + (high - low) / 2;
}
