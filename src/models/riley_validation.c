/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A linear predictor that is normal in both classes with one variance v: then the log odds are the
 * predictor itself, its means differ by v, and AUC = Φ(√(v/2)). Means over it are trapezoids: the
 * integrands are analytic, so a step of 1/64 leaves nothing to be seen. */
#include "stroma/models_riley.h"
#include "stroma/number.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static const double z95 = 1.96; /* as in the papers */

typedef struct predictor {
    double prevalence, variance, mean[2]; /* without, with the event */
} predictor;

static predictor predictor_of(double auc, double prevalence)
{
    const double z = stroma_normal_quantile(auc), v = 2 * z * z;
    const double middle = log(prevalence) - log1p(-prevalence);
    return (predictor){ prevalence, v, { middle - v / 2, middle + v / 2 } };
}

static double log_one_plus_exp(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

typedef double (*predictor_function)(double lp, int event);

static double mean_of(const predictor *p, predictor_function f)
{
    enum { STEPS = 64, REACH = 10 };
    double total = 0;
    for (int event = 0; event < 2; event++) {
        double sum = 0;
        for (int i = -REACH * STEPS; i <= REACH * STEPS; i++) {
            const double z = (double)i / STEPS;
            sum += exp(-z * z / 2) * f(p->mean[event] + sqrt(p->variance) * z, event);
        }
        total += (event ? p->prevalence : 1 - p->prevalence) * sum / STEPS;
    }
    return total * 0.398942280401432677939946; /* 1/√(2π) */
}

static double log_likelihood(double lp, int event)
{
    return event ? -log_one_plus_exp(-lp) : -log_one_plus_exp(lp);
}

double stroma_riley_r2_from_auc(double auc, double prevalence_frac)
{
    const double f = prevalence_frac;
    if (!(auc >= 0.5) || !(auc < 1) || !(f > 0) || !(f < 1)) return (double)NAN;
    const predictor p = predictor_of(auc, f);
    const double null = f * log(f) + (1 - f) * log1p(-f);
    return fmax(0, -expm1(-2 * (mean_of(&p, log_likelihood) - null)));
}

static double information(double lp, int event)
{
    (void)event;
    const double e = exp(-fabs(lp));
    return e / ((1 + e) * (1 + e));
}

static double information_1(double lp, int event)
{
    return lp * information(lp, event);
}

static double information_2(double lp, int event)
{
    return lp * lp * information(lp, event);
}

static size_t whole(double n)
{
    return n < 9007199254740992 ? (size_t)ceil(n - 1e-9 * n) : SIZE_MAX;
}

/* e^(1.96·SE) − e^(−1.96·SE) = width */
static double oe_size(double f, double width)
{
    const double se = asinh(width / 2) / z95;
    return (1 - f) / (f * se * se);
}

static double slope_size(const predictor *p, double width)
{
    const double a = mean_of(p, information), b = mean_of(p, information_1),
                 c = mean_of(p, information_2), se = width / (2 * z95);
    return a / (se * se * (a * c - b * b));
}

/* Newcombe's SE² is (k0 + k1·n)/n²: a quadratic equation in n. */
static double auc_size(double f, double c, double width)
{
    const double se = width / (2 * z95), q = (1 - c) / (2 - c) + c / (1 + c);
    const double scale = c * (1 - c) / (f * (1 - f) * se * se);
    const double linear = scale * q / 2, constant = scale * (1 - q);
    return (linear + sqrt(linear * linear + 4 * constant)) / 2;
}

/* Riley 2021, equation 13: SE of the standardised net benefit at a threshold. */
static double net_benefit_size(const predictor *p, double threshold, double width)
{
    const double f = p->prevalence, cut = log(threshold) - log1p(-threshold);
    const double sd = sqrt(p->variance);
    const double sensitivity = stroma_normal_sf((cut - p->mean[1]) / sd);
    const double specificity = stroma_normal_cdf((cut - p->mean[0]) / sd);
    const double w = (1 - f) / f * threshold / (1 - threshold), se = width / (2 * z95);
    return (sensitivity * (1 - sensitivity) / f +
            w * w * specificity * (1 - specificity) / (1 - f) +
            w * w * (1 - specificity) * (1 - specificity) / (f * (1 - f))) /
           (se * se);
}

static double width_of(double given, double otherwise)
{
    return given == 0 ? otherwise : given;
}

static stroma_status check(double f, double auc, double threshold, stroma_error *err)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    if (!(f > 0) || !(f < 1))
        return stroma_fail(err, STROMA_E_USAGE, "a prevalence cannot be %s",
                           stroma_format_double(f, text));
    if (!(auc > 0.5) || !(auc < 1))
        return stroma_fail(err, STROMA_E_USAGE,
                           "a model to validate has an AUC between 0.5 and 1, not %s",
                           stroma_format_double(auc, text));
    if (!isnan(threshold) && (!(threshold > 0) || !(threshold < 1)))
        return stroma_fail(err, STROMA_E_USAGE, "a threshold of risk cannot be %s",
                           stroma_format_double(threshold, text));
    return STROMA_OK;
}

stroma_status stroma_riley_validate(double prevalence_frac, double auc, double threshold_frac,
                                    const stroma_riley_widths *widths, stroma_riley_validation *out,
                                    stroma_error *err)
{
    static const stroma_riley_widths none = STROMA_RILEY_WIDTHS_INIT;
    const stroma_riley_widths *w = widths == NULL ? &none : widths;
    const double oe = width_of(w->oe, 0.2), slope = width_of(w->slope, 0.2);
    const double area = width_of(w->auc, 0.1), benefit = width_of(w->net_benefit, 0.2);
    *out = (stroma_riley_validation){ 0 };
    STROMA_TRY(check(prevalence_frac, auc, threshold_frac, err));
    if (w->version != 1 || !(oe > 0) || !(slope > 0) || !(area > 0) || !(benefit > 0))
        return stroma_fail(err, STROMA_E_USAGE, "the width of an interval must be above 0");
    const predictor p = predictor_of(auc, prevalence_frac);
    const size_t sizes[] = { whole(oe_size(prevalence_frac, oe)), whole(slope_size(&p, slope)),
                             whole(auc_size(prevalence_frac, auc, area)),
                             isnan(threshold_frac)
                                 ? 0
                                 : whole(net_benefit_size(&p, threshold_frac, benefit)) };
    out->n_oe = sizes[0];
    out->n_slope = sizes[1];
    out->n_auc = sizes[2];
    out->n_net_benefit = sizes[3];
    for (size_t i = 0; i < 4; i++)
        if (sizes[i] > out->n) out->n = sizes[i];
    out->events = prevalence_frac * (double)out->n;
    return STROMA_OK;
}
