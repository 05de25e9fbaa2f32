/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line through pairs that both have errors, and the bridge it makes from one method to the
 * other. */
#include "agreement.h"
#include "moments.h"

#include "stroma/memory.h"
#include "stroma/stats_agreement.h"
#include "stroma/stats_distribution.h"

#include <float.h>
#include <math.h>

static const stroma_deming_options defaults = STROMA_DEMING_OPTIONS_INIT;

bool stroma_agreement_products(const double *x, const double *y, size_t n, size_t skip,
                               products *out)
{
    const size_t m = n - (skip < n);
    dd mx = dd_from(0), my = dd_from(0), xx = dd_from(0), xy = dd_from(0), yy = dd_from(0);
    size_t first = skip == 0 ? 1 : 0;
    bool x_varies = false, y_varies = false;
    for (size_t i = 0; i < n; i++) {
        if (i == skip) continue;
        mx = dd_add(mx, dd_from(x[i]));
        my = dd_add(my, dd_from(y[i]));
        x_varies |= x[i] != x[first];
        y_varies |= y[i] != y[first];
    }
    mx = dd_divide(mx, (double)m);
    my = dd_divide(my, (double)m);
    for (size_t i = 0; i < n; i++) {
        if (i == skip) continue;
        const dd a = dd_subtract(dd_from(x[i]), mx), b = dd_subtract(dd_from(y[i]), my);
        xx = dd_add(xx, dd_multiply(a, a));
        xy = dd_add(xy, dd_multiply(a, b));
        yy = dd_add(yy, dd_multiply(b, b));
    }
    *out = (products){ m, dd_value(mx), dd_value(my), dd_value(xx), dd_value(xy), dd_value(yy) };
    return x_varies && y_varies;
}

stroma_status stroma_agreement_scaled(const double *x, size_t n, stroma_agreement_scale scale,
                                      double **out, bool *exists, stroma_error *err)
{
    *exists = true;
    *out = stroma_alloc_array(n, sizeof **out);
    if (*out == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        if (scale == STROMA_SCALE_LOG && !(x[i] > 0)) *exists = false;
        (*out)[i] = scale == STROMA_SCALE_LOG && x[i] > 0 ? log(x[i]) : x[i];
    }
    return STROMA_OK;
}

/* Slope; NaN without covariance. The form that does not cancel is taken. */
static double slope_of(const products *s, double ratio)
{
    if (s->xy == 0) return (double)NAN;
    const double u = s->yy - ratio * s->xx;
    const double root = hypot(u, 2 * sqrt(ratio) * s->xy);
    return u >= 0 ? (u + root) / (2 * s->xy) : 2 * ratio * s->xy / (root - u);
}

/* Residuals are small where the line is good, so they are summed as such. */
static double residual_squares(const double *x, const double *y, size_t n, const products *s,
                               double slope)
{
    dd sum = dd_from(0);
    for (size_t i = 0; i < n; i++) {
        const double r = (y[i] - s->mean_y) - slope * (x[i] - s->mean_x);
        sum = dd_add(sum, dd_from(r * r));
    }
    /* what rounding of the values leaves is no residual */
    const double rounding = 16 * DBL_EPSILON;
    const double size = s->yy + (double)n * s->mean_y * s->mean_y;
    return dd_value(sum) > rounding * rounding * size ? dd_value(sum) : 0;
}

static void analytic(stroma_deming *f, const products *s, double vv)
{
    const double b = f->slope.estimate, df = (double)(f->n - 2);
    const double uu = f->error_variance_x, uv = -b * uu;
    /* of the true values: what Sxy says, since errors of x and y are independent */
    const double true_xx = s->xy / b / df;
    f->variance_slope = (true_xx * vv + uu * vv - uv * uv) / (true_xx * true_xx) / df;
    f->variance_intercept = vv / (double)f->n + s->mean_x * s->mean_x * f->variance_slope;
    f->covariance = -s->mean_x * f->variance_slope;
}

/* Variances of the pseudo-values n·θ − (n − 1)·θ(i). @return false where a line does not exist
 * without one of the pairs. */
static bool jackknife(const double *x, const double *y, stroma_deming *f)
{
    const size_t n = f->n;
    double sums[2] = { 0 }, products_of[3] = { 0 };
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            products s;
            if (!stroma_agreement_products(x, y, n, i, &s)) return false;
            const double b = slope_of(&s, f->error_ratio), a = s.mean_y - b * s.mean_x;
            if (!isfinite(b)) return false;
            if (pass == 0) {
                sums[0] += a / (double)n;
                sums[1] += b / (double)n;
                continue;
            }
            products_of[0] += (a - sums[0]) * (a - sums[0]);
            products_of[1] += (a - sums[0]) * (b - sums[1]);
            products_of[2] += (b - sums[1]) * (b - sums[1]);
        }
    const double k = (double)(n - 1) / (double)n;
    f->variance_intercept = k * products_of[0];
    f->covariance = k * products_of[1];
    f->variance_slope = k * products_of[2];
    return true;
}

static void test(stroma_stat *s, double variance, double null, double df, double level)
{
    s->level = level;
    s->df = df;
    s->se = sqrt(fmax(0, variance));
    const double half = stroma_t_quantile(0.5 + level / 2, df) * s->se;
    s->interval_method = "t";
    s->lower = s->estimate - half;
    s->upper = s->estimate + half;
    if (!(s->se > 0)) {
        s->reason = "the points lie on a line";
        return;
    }
    s->statistic_name = "t";
    s->statistic = (s->estimate - null) / s->se;
    s->p = stroma_t_two_sided(s->statistic, df);
}

static void name_parts(stroma_deming *f, const stroma_deming_options *o)
{
    const char *variant = o->se == STROMA_DEMING_JACKKNIFE ? "jackknife" : "analytic";
    stroma_stat *parts[] = { &f->slope, &f->intercept };
    for (size_t i = 0; i < 2; i++) {
        parts[i]->variant = variant;
        parts[i]->n_used = f->n;
        parts[i]->level = o->level;
        parts[i]->estimate_name = i == 0 ? "slope" : "intercept";
    }
}

static void cannot(stroma_deming *f, const char *reason)
{
    f->slope.not_estimable = f->intercept.not_estimable = true;
    f->slope.reason = f->intercept.reason = reason;
}

static void fit(const double *x, const double *y, const stroma_deming_options *o, stroma_deming *f)
{
    products s;
    const bool varies = stroma_agreement_products(x, y, f->n, SIZE_MAX, &s);
    const double b = varies ? slope_of(&s, o->error_ratio) : (double)NAN;
    if (isnan(b)) {
        cannot(f, varies ? "x and y do not vary together: every direction fits alike"
                         : "a variable is constant");
        return;
    }
    f->correlation = s.xy / sqrt(s.xx) / sqrt(s.yy);
    f->slope.estimate = b;
    f->intercept.estimate = s.mean_y - b * s.mean_x;
    const double df = (double)(f->n - 2), vv = residual_squares(x, y, f->n, &s, b) / df;
    f->error_variance_x = vv / (o->error_ratio + b * b);
    f->error_variance_y = o->error_ratio * f->error_variance_x;
    if (o->se == STROMA_DEMING_ANALYTIC)
        analytic(f, &s, vv);
    else if (!jackknife(x, y, f))
        f->slope.reason = f->intercept.reason = "no line without one of the pairs: no jackknife";
    if (isnan(f->variance_slope)) return;
    test(&f->slope, f->variance_slope, 1, df, o->level);
    test(&f->intercept, f->variance_intercept, 0, df, o->level);
}

static stroma_status check(const double *x, const double *y, size_t n,
                           const stroma_deming_options *o, stroma_error *err)
{
    STROMA_TRY(stroma_level_check(o->level, err));
    if (!(o->error_ratio > 0 && isfinite(o->error_ratio))) {
        (void)stroma_fail(err, STROMA_E_USAGE, "error ratio %g is not a positive number",
                          o->error_ratio);
        stroma_hint(err, "declare the variance of the errors of y over that of x");
        return STROMA_E_USAGE;
    }
    STROMA_TRY(stroma_sample_check(x, n, "first method", err));
    return stroma_sample_check(y, n, "second method", err);
}

stroma_status stroma_deming_fit(const double *x, const double *y, size_t n,
                                const stroma_deming_options *options, stroma_deming *out,
                                stroma_error *err)
{
    const stroma_deming_options *o = options == NULL ? &defaults : options;
    const double nan = (double)NAN;
    *out = (stroma_deming){ n,
                            o->error_ratio,
                            o->scale,
                            stroma_stat_empty("deming"),
                            stroma_stat_empty("deming"),
                            nan,
                            nan,
                            nan,
                            nan,
                            nan,
                            nan,
                            nan,
                            nan };
    STROMA_TRY(check(x, y, n, o, err));
    name_parts(out, o);
    for (size_t i = 0; i < n; i++) {
        out->x_min = fmin(out->x_min, x[i]); /* fmin passes over NaN */
        out->x_max = fmax(out->x_max, x[i]);
    }
    double *u = NULL, *v = NULL;
    bool x_exists = false, y_exists = false;
    stroma_status s = stroma_agreement_scaled(x, n, o->scale, &u, &x_exists, err);
    if (s == STROMA_OK) s = stroma_agreement_scaled(y, n, o->scale, &v, &y_exists, err);
    if (s == STROMA_OK) {
        if (n < 3)
            cannot(out, "fewer than three pairs");
        else if (!x_exists || !y_exists)
            cannot(out, agreement_no_logarithm);
        else
            fit(u, v, o, out);
    }
    stroma_free(u);
    stroma_free(v);
    return s;
}

bool stroma_deming_convert(const stroma_deming *fit, double x, stroma_bridged *out)
{
    const double nan = (double)NAN;
    const bool logs = fit->scale == STROMA_SCALE_LOG;
    *out = (stroma_bridged){ nan, nan, nan, nan, nan, nan, false };
    if (fit->slope.not_estimable || !isfinite(fit->slope.estimate) || !isfinite(x) ||
        (logs && !(x > 0)))
        return false;
    const double u = logs ? log(x) : x, b = fit->slope.estimate;
    const double v = fit->intercept.estimate + b * u;
    /* about the centre of the line the three terms do not cancel */
    const double line =
        fmax(0, fit->variance_intercept + 2 * u * fit->covariance + u * u * fit->variance_slope);
    const double value = line + b * b * fit->error_variance_x;
    out->y = logs ? exp(v) : v;
    out->se_line = sqrt(line);
    out->se = sqrt(value);
    out->se_reading = sqrt(value + fit->error_variance_y);
    const double half = stroma_t_quantile(0.5 + fit->slope.level / 2, (double)fit->n - 2) * out->se;
    out->lower = logs ? exp(v - half) : v - half;
    out->upper = logs ? exp(v + half) : v + half;
    out->extrapolated = x < fit->x_min || x > fit->x_max;
    return true;
}
