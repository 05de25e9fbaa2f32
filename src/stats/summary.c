/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "moments.h"
#include "ranks.h"

#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_summary.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

/* Half the sum of two order statistics, without overflow and exact when they are equal. */
static double midway(double a, double b)
{
    return a == b ? a : a / 2 + b / 2;
}

static double quantile_of_sorted(const double *x, size_t n, double p, stroma_quantile_type type)
{
    /* n·p in decimal thought: 0.3·10 is 3, not 2.9999999999999996. */
    const double fuzz = 4 * DBL_EPSILON;
    if (type == STROMA_QUANTILE_7) {
        const double at = (double)(n - 1) * p;
        double below = floor(at + fuzz);
        double part = at - below;
        if (fabs(part) < fuzz) part = 0;
        const size_t i = (size_t)below;
        if (i + 1 >= n) return x[n - 1];
        return part == 0 || x[i] == x[i + 1] ? x[i] : (1 - part) * x[i] + part * x[i + 1];
    }
    const double at = (double)n * p;
    const double below = floor(at + fuzz * fmax(1, at));
    const size_t i = (size_t)below;
    if (i >= n) return x[n - 1];
    if (i == 0) return x[0];
    return fabs(at - below) <= fuzz * fmax(1, at) ? midway(x[i - 1], x[i]) : x[i];
}

static double *sorted_copy(const double *x, size_t n)
{
    double *y = stroma_alloc_array(n, sizeof *y);
    if (y == NULL) return NULL;
    for (size_t i = 0; i < n; i++)
        y[i] = x[i];
    stroma_values_sort(y, n);
    return y;
}

stroma_status stroma_quantile_compute(const double *x, size_t n, double p,
                                      stroma_quantile_type type, double *out, stroma_error *err)
{
    if (!(p >= 0 && p <= 1)) {
        char text[STROMA_NUMBER_TEXT_MAX];
        return stroma_fail(err, STROMA_E_USAGE, "quantile %s is not between 0 and 1",
                           stroma_format_double(p, text));
    }
    if (n == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "no values to take a quantile of");
    STROMA_TRY(stroma_sample_check(x, n, "quantile", err));
    double *y = sorted_copy(x, n);
    if (y == NULL) return stroma_no_memory(err);
    *out = quantile_of_sorted(y, n, p, type);
    stroma_free(y);
    return STROMA_OK;
}

static double geometric_mean(const double *x, size_t n)
{
    double_double sum = dd_from(0);
    for (size_t i = 0; i < n; i++) {
        if (!(x[i] > 0)) return (double)NAN;
        sum = dd_add(sum, dd_from(log(x[i])));
    }
    return exp(dd_value(sum) / (double)n);
}

stroma_status stroma_summary_compute(const double *x, size_t n, double level, stroma_summary *out,
                                     stroma_error *err)
{
    const double none = (double)NAN;
    *out = (stroma_summary){ n,    none, none, none, none, level, none,
                             none, none, none, none, none, none,  none };
    STROMA_TRY(stroma_level_check(level, err));
    STROMA_TRY(stroma_sample_check(x, n, "summary", err));
    if (n == 0) return STROMA_OK;
    double *y = sorted_copy(x, n);
    if (y == NULL) return stroma_no_memory(err);
    const moments m = stroma_moments_of(x, n);
    out->mean = dd_value(m.mean);
    out->min = y[0];
    out->q1 = quantile_of_sorted(y, n, 0.25, STROMA_QUANTILE_7);
    out->median = quantile_of_sorted(y, n, 0.5, STROMA_QUANTILE_2);
    out->q3 = quantile_of_sorted(y, n, 0.75, STROMA_QUANTILE_7);
    out->max = y[n - 1];
    out->geometric_mean = geometric_mean(x, n);
    stroma_free(y);
    if (n < 2) return STROMA_OK;
    out->variance = dd_value(m.squares) / (double)(n - 1);
    out->sd = sqrt(out->variance);
    out->sem = out->sd / sqrt((double)n);
    const double half = stroma_t_quantile(0.5 + level / 2, (double)(n - 1)) * out->sem;
    out->lower = out->mean - half;
    out->upper = out->mean + half;
    return STROMA_OK;
}
