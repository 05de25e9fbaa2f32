/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line through the beads of a day, and landmarks that move with it. */
#include "population.h"

#include "stroma/cytometry_index.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static stroma_status take_beads(const double *median, const double *assigned, size_t k,
                                stroma_bead_calibration *c, stroma_error *err)
{
    if (k > STROMA_BEADS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu beads are more than %d", k,
                           (int)STROMA_BEADS_MAX);
    for (size_t i = 0; i < k; i++) {
        if (isnan(assigned[i])) continue; /* the blank */
        if (!(assigned[i] > 0) || !isfinite(assigned[i]))
            return stroma_fail(err, STROMA_E_USAGE,
                               "bead %zu has an assigned value of %g, which has no logarithm",
                               i + 1, assigned[i]);
        if (!(median[i] > 0) || !isfinite(median[i]))
            return stroma_fail(err, STROMA_E_USAGE,
                               "bead %zu has a median of %g, which has no logarithm", i + 1,
                               median[i]);
        const size_t n = c->beads;
        if (n > 0 && (median[i] <= c->median[n - 1] || assigned[i] <= c->assigned[n - 1]))
            return stroma_fail(err, STROMA_E_USAGE,
                               "bead %zu is not above the one before it in both median and "
                               "assigned value",
                               i + 1);
        c->median[n] = median[i];
        c->assigned[n] = assigned[i];
        c->beads++;
    }
    if (c->beads < 3)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "a calibration line needs three beads with an assigned value, not %zu",
                           c->beads);
    return STROMA_OK;
}

stroma_status stroma_bead_calibrate(const double *median, const double *assigned, size_t k,
                                    stroma_bead_calibration *out, stroma_error *err)
{
    *out = (stroma_bead_calibration){ 0 };
    STROMA_TRY(take_beads(median, assigned, k, out, err));
    const double n = (double)out->beads;
    double mx = 0, my = 0, sxx = 0, sxy = 0, syy = 0, rss = 0;
    for (size_t i = 0; i < out->beads; i++) {
        mx += log10(out->median[i]) / n;
        my += log10(out->assigned[i]) / n;
    }
    for (size_t i = 0; i < out->beads; i++) {
        const double x = log10(out->median[i]) - mx, y = log10(out->assigned[i]) - my;
        sxx += x * x;
        sxy += x * y;
        syy += y * y;
    }
    out->slope = sxy / sxx;
    out->intercept = my - out->slope * mx;
    for (size_t i = 0; i < out->beads; i++) {
        const double r =
            out->intercept + out->slope * log10(out->median[i]) - log10(out->assigned[i]);
        out->residual_percent[i] = 100 * (pow(10, r) - 1);
        rss += r * r;
    }
    out->r_squared = 1 - rss / syy;
    out->residual_sd = sqrt(rss / (n - 2));
    out->log_median_mean = mx;
    out->log_median_ss = sxx;
    return STROMA_OK;
}

stroma_status stroma_bead_calibrated(const stroma_bead_calibration *c, double x,
                                     const stroma_population_options *opts,
                                     stroma_population_value *out, stroma_error *err)
{
    STROMA_TRY(population_options_check(opts, err));
    *out = population_value_begin(stroma_definition_find("mesf"), opts);
    out->n = c->beads;
    if (!(x > 0) || !isfinite(x)) {
        out->reason = "an intensity that is not positive has no place on a logarithmic line";
        return STROMA_OK;
    }
    if (x < c->median[0] || x > c->median[c->beads - 1]) out->flags |= STROMA_FLAG_EXTRAPOLATED;
    const double at = log10(x), d = at - c->log_median_mean, n = (double)c->beads;
    const double y = c->intercept + c->slope * at;
    const double half = stroma_t_quantile(1 - (1 - opts->level) / 2, n - 2) * c->residual_sd *
                        sqrt(1 / n + d * d / c->log_median_ss);
    out->value = pow(10, y);
    out->lower = pow(10, y - half);
    out->upper = pow(10, y + half);
    out->interval = "t of the line";
    return STROMA_OK;
}

double stroma_landmark_align(double y, const double *landmark, const double *reference, size_t k)
{
    if (k == 0) return (double)NAN;
    if (y <= landmark[0]) return y + (reference[0] - landmark[0]);
    for (size_t i = 1; i < k; i++) {
        if (y > landmark[i]) continue;
        const double part = (y - landmark[i - 1]) / (landmark[i] - landmark[i - 1]);
        return reference[i - 1] + part * (reference[i] - reference[i - 1]);
    }
    return y + (reference[k - 1] - landmark[k - 1]);
}
