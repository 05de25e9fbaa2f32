/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The median of the slopes of all pairs of specimens, shifted. */
#include "moments.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_agreement.h"
#include "stroma/stats_correlation.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static const double infinite = (double)INFINITY;

/* Slopes of all pairs of specimens, sorted. @return their number */
static size_t slopes_of(const double *x, const double *y, size_t n, double *slope, size_t *shift)
{
    size_t k = 0;
    *shift = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) {
            const double dx = x[i] - x[j], dy = y[i] - y[j];
            if (dx == 0 && dy == 0) continue;
            const double s = dx == 0 ? infinite : dy / dx;
            if (s == -1) continue;
            *shift += s < -1;
            slope[k++] = s + 0; /* no negative zero */
        }
    stroma_sort_doubles(slope, k);
    return k;
}

static double median_of(double *x, size_t n)
{
    stroma_sort_doubles(x, n);
    return n % 2 == 1 ? x[n / 2] : x[n / 2 - 1] / 2 + x[n / 2] / 2;
}

/* Median of y − b·x; −b·x is infinite when b is. */
static double intercept_of(const double *x, const double *y, size_t n, double b, double *work)
{
    if (!isfinite(b)) return (double)NAN;
    for (size_t i = 0; i < n; i++)
        work[i] = y[i] - b * x[i];
    return median_of(work, n);
}

static double order_statistic(const double *x, size_t n, double rank)
{
    return rank >= 1 && rank <= (double)n ? x[(size_t)rank - 1] : (double)NAN;
}

static void slope_and_limits(const double *slope, size_t n_pairs, double level,
                             stroma_passing_bablok *out)
{
    const double n = (double)n_pairs, k = (double)out->below_minus_one, total = (double)out->slopes;
    stroma_stat *s = &out->slope;
    const double middle = floor((total + 1) / 2) + k, next = floor(total / 2) + 1 + k;
    const double a = order_statistic(slope, out->slopes, middle);
    const double b = order_statistic(slope, out->slopes, next);
    s->estimate = a == b ? a : a / 2 + b / 2;
    const double c = stroma_normal_quantile(0.5 + level / 2) * sqrt(n * (n - 1) * (2 * n + 5) / 18);
    const double m1 = floor((total - c) / 2 + 0.5);
    s->lower = order_statistic(slope, out->slopes, m1 + k);
    s->upper = order_statistic(slope, out->slopes, total - m1 + 1 + k);
    s->interval_method = "order statistics";
    if (!(isfinite(s->lower) && isfinite(s->upper)))
        s->reason = "too few pairs for limits at this level";
}

/* P(sup |B| > x) of the Brownian bridge. */
static double kolmogorov(double x)
{
    double sum = 0;
    if (x < 0.2) return 1;
    for (int k = 1; k <= 100; k++) {
        const double term = exp(-2.0 * k * k * x * x);
        sum += k % 2 == 1 ? term : -term;
        if (term < 1e-17) break;
    }
    return fmin(1, fmax(0, 2 * sum));
}

/* Points above and below the line, in the order of their feet on it, should alternate. */
static stroma_status linearity(const double *x, const double *y, size_t n, double *work,
                               stroma_passing_bablok *out, stroma_error *err)
{
    const double a = out->intercept.estimate, b = out->slope.estimate;
    stroma_stat *s = &out->linearity;
    size_t above = 0, below = 0;
    size_t *order = stroma_alloc_array(n, sizeof *order);
    if (order == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        const double r = y[i] - a - b * x[i];
        above += r > 0;
        below += r < 0;
        work[i] = (y[i] + x[i] / b - a) / sqrt(1 + 1 / (b * b));
    }
    const stroma_status status = stroma_order_doubles(work, n, order, err);
    if (status == STROMA_OK && above > 0 && below > 0) {
        const double up = sqrt((double)below / (double)above), down = 1 / up;
        double sum = 0, largest = 0;
        for (size_t i = 0; i < n; i++) {
            const double r = y[order[i]] - a - b * x[order[i]];
            sum += r > 0 ? up : r < 0 ? -down : 0;
            largest = fmax(largest, fabs(sum));
        }
        s->statistic_name = "max |cusum|";
        s->statistic = largest / sqrt((double)below + 1);
        s->p = kolmogorov(s->statistic);
    } else {
        s->not_estimable = true;
        s->reason = "no points on one of the sides of the line";
    }
    stroma_free(order);
    return status;
}

static stroma_status fit(const double *x, const double *y, size_t n, double level,
                         stroma_passing_bablok *out, stroma_error *err)
{
    double *slope = stroma_alloc_array(n * (n - 1) / 2 + n, sizeof *slope);
    if (slope == NULL) return stroma_no_memory(err);
    double *work = slope + n * (n - 1) / 2;
    stroma_status s = STROMA_OK;
    out->slopes = slopes_of(x, y, n, slope, &out->below_minus_one);
    slope_and_limits(slope, n, level, out);
    if (isfinite(out->slope.estimate) && out->slope.estimate > 0) {
        out->intercept.estimate = intercept_of(x, y, n, out->slope.estimate, work);
        const double a = intercept_of(x, y, n, out->slope.upper, work);
        const double b = intercept_of(x, y, n, out->slope.lower, work);
        const bool turned = a > b; /* values of x below 0 can do that */
        out->intercept.lower = turned ? b : a;
        out->intercept.upper = turned ? a : b;
        out->intercept.interval_method = "medians at the limits of the slope";
        out->intercept.reason = out->slope.reason;
        s = linearity(x, y, n, work, out, err);
    } else {
        out->slope.not_estimable = out->intercept.not_estimable = true;
        out->linearity.not_estimable = true;
        out->slope.reason = out->intercept.reason = out->linearity.reason =
            "the median slope is not a positive number";
        out->slope.estimate = out->slope.lower = out->slope.upper = (double)NAN;
    }
    stroma_free(slope);
    return s;
}

static void begin(stroma_passing_bablok *out, size_t n, double level)
{
    stroma_stat empty = stroma_stat_empty("passing_bablok");
    empty.n_used = n;
    empty.level = level;
    *out = (stroma_passing_bablok){ empty, empty, empty, (double)NAN, 0, 0 };
    out->slope.estimate_name = "slope";
    out->intercept.estimate_name = "intercept";
    out->linearity.variant = "linearity, cusum";
}

stroma_status stroma_passing_bablok_fit(const double *x, const double *y, size_t n, double level,
                                        stroma_passing_bablok *out, stroma_error *err)
{
    stroma_stat tau;
    begin(out, n, level);
    STROMA_TRY(stroma_level_check(level, err));
    STROMA_TRY(stroma_sample_check(x, n, "first method", err));
    STROMA_TRY(stroma_sample_check(y, n, "second method", err));
    if (n > STROMA_PASSING_BABLOK_PAIRS_MAX) {
        (void)stroma_fail(err, STROMA_E_USAGE, "Passing-Bablok of %zu pairs: at most %d", n,
                          STROMA_PASSING_BABLOK_PAIRS_MAX);
        stroma_hint(err, "Deming regression has no such limit");
        return STROMA_E_USAGE;
    }
    STROMA_TRY(stroma_correlation_kendall(x, y, n, STROMA_RANK_P_ASYMPTOTIC, level, &tau, err));
    out->tau = tau.estimate;
    const char *reason = tau.not_estimable     ? tau.reason
                         : !(tau.estimate > 0) ? "the methods do not rise together"
                                               : "";
    if (reason[0] == '\0') return fit(x, y, n, level, out, err);
    stroma_stat *parts[] = { &out->slope, &out->intercept, &out->linearity };
    for (size_t i = 0; i < 3; i++) {
        parts[i]->not_estimable = true;
        parts[i]->reason = reason;
    }
    return STROMA_OK;
}
