/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Within-subject error, and the change that exceeds it. */
#include "agreement.h"
#include "groups.h"
#include "moments.h"

#include "stroma/memory.h"
#include "stroma/stats_correlation.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_reliability.h"

#include <math.h>

static const double root2 = 1.4142135623730951;

static stroma_status check_probability(double p, stroma_error *err)
{
    if (p > 0 && p < 1) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "probability %g is not between 0 and 1", p);
}

double stroma_minimal_detectable_change(double sem, double probability)
{
    return stroma_normal_quantile(0.5 + probability / 2) * root2 * sem;
}

/* Limits of an SD with its chi-squared df. */
static void sd_limits(double sd, double df, double level, double limits[2])
{
    limits[0] = sd * sqrt(df / stroma_chi2_quantile(0.5 + level / 2, df));
    limits[1] = sd * sqrt(df / stroma_chi2_quantile(0.5 - level / 2, df));
}

static double coefficient_of(double sd, double probability, bool logs)
{
    const double c = stroma_minimal_detectable_change(sd, probability);
    return logs ? exp(c) : c;
}

static double cv_of(double log_sd)
{
    return sqrt(expm1(log_sd * log_sd));
}

static void begin(stroma_repeatability *r, size_t n, bool logs, double level)
{
    stroma_stat empty = stroma_stat_empty("repeatability");
    empty.n_used = n;
    empty.level = level;
    empty.variant = logs ? "logarithms" : "";
    *r = (stroma_repeatability){ empty, empty, empty, empty, (double)NAN, 0, 0 };
    r->within_sd.estimate_name = "within-subject SD";
    r->coefficient.estimate_name = logs ? "repeatability factor" : "repeatability coefficient";
    r->cv.estimate_name = "within-subject CV";
    r->sd_with_mean.estimate_name = "tau of SD and mean";
}

static void cannot(stroma_repeatability *r, const char *reason)
{
    stroma_stat *parts[] = { &r->within_sd, &r->coefficient, &r->cv, &r->sd_with_mean };
    for (size_t i = 0; i < 4; i++) {
        parts[i]->not_estimable = true;
        parts[i]->reason = reason;
    }
}

/* Kendall's tau of the SD and the mean of the subjects with two readings or more. */
static stroma_status sd_with_mean(const groups *g, double level, stroma_stat *out,
                                  stroma_error *err)
{
    double *mean = stroma_alloc_array(2 * g->k, sizeof *mean), *sd = mean + g->k;
    if (mean == NULL) return stroma_no_memory(err);
    size_t k = 0;
    for (size_t i = 0; i < g->k; i++) {
        const size_t m = stroma_groups_size(g, i);
        if (m < 2) continue;
        const moments v = stroma_moments_of(g->values + g->start[i], m);
        mean[k] = dd_value(v.mean);
        sd[k++] = sqrt(dd_value(v.squares) / (double)(m - 1));
    }
    const char *variant = out->variant;
    const stroma_status s =
        stroma_correlation_kendall(sd, mean, k, STROMA_RANK_P_AUTO, level, out, err);
    out->method = "repeatability";
    out->variant = variant;
    out->estimate_name = "tau of SD and mean";
    stroma_free(mean);
    return s;
}

static void fill(const groups *g, bool logs, double probability, stroma_repeatability *r)
{
    double_double between, within;
    double squares = 0, df = (double)(g->n - g->k), n = (double)g->n;
    stroma_groups_squares(g, &between, &within);
    for (size_t i = 0; i < g->k; i++)
        squares += (double)stroma_groups_size(g, i) * (double)stroma_groups_size(g, i);
    const double ms = dd_value(within) / df, sd = sqrt(ms);
    /* the size that a mean square between subjects sees */
    const double size = (n - squares / n) / (double)(g->k - 1);
    if (g->k > 1)
        r->between_sd = sqrt(fmax(0, (dd_value(between) / (double)(g->k - 1) - ms) / size));
    double limits[2];
    sd_limits(sd, df, r->within_sd.level, limits);
    stroma_stat *parts[] = { &r->within_sd, &r->coefficient, &r->cv };
    for (size_t i = 0; i < 3; i++) {
        parts[i]->df = df;
        parts[i]->interval_method = "chi-squared";
    }
    r->within_sd.estimate = sd;
    r->within_sd.lower = limits[0];
    r->within_sd.upper = limits[1];
    r->coefficient.estimate = coefficient_of(sd, probability, logs);
    r->coefficient.lower = coefficient_of(limits[0], probability, logs);
    r->coefficient.upper = coefficient_of(limits[1], probability, logs);
    if (logs) {
        r->cv.estimate = cv_of(sd);
        r->cv.lower = cv_of(limits[0]);
        r->cv.upper = cv_of(limits[1]);
    } else {
        r->cv.not_estimable = true;
        r->cv.interval_method = "";
        r->cv.df = (double)NAN;
        r->cv.reason = "a CV needs the log scale: on this one the SD is one number for all values";
    }
    if (!(sd > 0)) r->within_sd.reason = r->coefficient.reason = "all replicates are equal";
}

/* Codes without gaps: subjects without a reading are no groups. */
static stroma_status close_gaps(const stroma_replicates *x, size_t *code, size_t *k,
                                stroma_error *err)
{
    size_t *of = stroma_alloc_array(x->subjects, sizeof *of);
    stroma_status s = STROMA_OK;
    *k = 0;
    if (of == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < x->n; i++) {
        if (x->subject[i] >= x->subjects) {
            s = stroma_fail(err, STROMA_E_USAGE, "value %zu has subject %zu of %zu", i + 1,
                            x->subject[i], x->subjects);
            break;
        }
        if (of[x->subject[i]] == 0) of[x->subject[i]] = ++*k;
        code[i] = of[x->subject[i]] - 1;
    }
    stroma_free(of);
    return s;
}

/* @param values on the scale asked for */
static stroma_status analyse(const double *values, const size_t *code, size_t n, size_t k,
                             const stroma_repeatability_options *o, stroma_repeatability *r,
                             stroma_error *err)
{
    groups g = { 0 };
    stroma_status s = stroma_groups_make(values, code, n, k, &g, err);
    if (s == STROMA_OK) {
        r->subjects = k;
        for (size_t i = 0; i < k; i++)
            r->single += stroma_groups_size(&g, i) < 2;
        fill(&g, o->scale == STROMA_SCALE_LOG, o->probability, r);
        s = sd_with_mean(&g, o->level, &r->sd_with_mean, err);
    }
    stroma_groups_clear(&g);
    return s;
}

stroma_status stroma_repeatability_fit(const stroma_replicates *x,
                                       const stroma_repeatability_options *options,
                                       stroma_repeatability *out, stroma_error *err)
{
    static const stroma_repeatability_options defaults = STROMA_REPEATABILITY_OPTIONS_INIT;
    const stroma_repeatability_options *o = options == NULL ? &defaults : options;
    begin(out, x->n, o->scale == STROMA_SCALE_LOG, o->level);
    STROMA_TRY(stroma_level_check(o->level, err));
    STROMA_TRY(check_probability(o->probability, err));
    STROMA_TRY(stroma_sample_check(x->value, x->n, "repeatability", err));
    double *values = NULL;
    bool exists = false;
    size_t k = 0, *code = stroma_alloc_array(x->n, sizeof *code);
    if (code == NULL) return stroma_no_memory(err);
    stroma_status s = close_gaps(x, code, &k, err);
    if (s == STROMA_OK)
        s = stroma_agreement_scaled(x->value, x->n, o->scale, &values, &exists, err);
    if (s == STROMA_OK) {
        if (x->n <= k)
            cannot(out, "no subject has two readings");
        else if (!exists)
            cannot(out, agreement_no_logarithm);
        else
            s = analyse(values, code, x->n, k, o, out, err);
    }
    stroma_free(values);
    stroma_free(code);
    return s;
}

static double rcv_z(stroma_rcv_sides sides, double probability)
{
    return stroma_normal_quantile(sides == STROMA_RCV_ONE_SIDED ? probability
                                                                : 0.5 + probability / 2);
}

static void rcv_fill(double log_sd, double z, stroma_rcv *out)
{
    out->cv_total = cv_of(log_sd);
    out->symmetric = z * root2 * out->cv_total;
    out->rise = expm1(z * root2 * log_sd);
    out->fall = expm1(-z * root2 * log_sd);
    out->rise_lower = out->rise_upper = out->fall_lower = out->fall_upper = (double)NAN;
}

stroma_status stroma_rcv_of_cv(double cv_analytical, double cv_within, stroma_rcv_sides sides,
                               double probability, stroma_rcv *out, stroma_error *err)
{
    const double nan = (double)NAN, cv = hypot(cv_analytical, cv_within);
    *out = (stroma_rcv){ nan, nan, nan, nan, nan, nan, nan, nan };
    STROMA_TRY(check_probability(probability, err));
    if (!(cv_analytical >= 0 && cv_within >= 0 && cv > 0 && isfinite(cv))) {
        (void)stroma_fail(err, STROMA_E_USAGE,
                          "coefficients of variation %g and %g do not make a variation",
                          cv_analytical, cv_within);
        stroma_hint(err, "give fractions of 0 or more, as 0.05 for 5 %%");
        return STROMA_E_USAGE;
    }
    rcv_fill(sqrt(log1p(cv * cv)), rcv_z(sides, probability), out);
    return STROMA_OK;
}

stroma_status stroma_rcv_of_log_sd(double log_sd, double df, stroma_rcv_sides sides,
                                   double probability, double level, stroma_rcv *out,
                                   stroma_error *err)
{
    const double nan = (double)NAN;
    *out = (stroma_rcv){ nan, nan, nan, nan, nan, nan, nan, nan };
    STROMA_TRY(check_probability(probability, err));
    STROMA_TRY(stroma_level_check(level, err));
    if (!(log_sd >= 0 && isfinite(log_sd) && df > 0))
        return stroma_fail(err, STROMA_E_USAGE, "SD %g with %g df does not make a variation",
                           log_sd, df);
    const double z = rcv_z(sides, probability);
    double limits[2];
    rcv_fill(log_sd, z, out);
    sd_limits(log_sd, df, level, limits);
    out->rise_lower = expm1(z * root2 * limits[0]);
    out->rise_upper = expm1(z * root2 * limits[1]);
    out->fall_lower = expm1(-z * root2 * limits[1]);
    out->fall_upper = expm1(-z * root2 * limits[0]);
    return STROMA_OK;
}
