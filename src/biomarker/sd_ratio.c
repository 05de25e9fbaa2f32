/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard deviations of distributions that need not be normal (Bonett 2006). */
#include "heterogeneity.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_summary.h"

#include <math.h>
#include <string.h>

enum { N_MIN = 5, BISECTIONS = 200 };
static const char too_few[] = "fewer than 5 values in a group";
static const char no_variation[] = "no variation in a group";

/* What the intervals need of one sample. */
typedef struct shape {
    double n, variance;
    double fourth; /* sum of fourth powers about the trimmed mean */
} shape;

/* Mean of the values without floor(n·trim) at each end, as R's mean(x, trim). */
static double trimmed_mean(const double *sorted, size_t n, double trim)
{
    const size_t cut = (size_t)floor((double)n * trim);
    double sum = 0;
    for (size_t i = cut; i < n - cut; i++)
        sum += sorted[i];
    return sum / (double)(n - 2 * cut);
}

/* @param reason set when there is no shape to speak of */
static stroma_status shape_of(const double *x, size_t n, shape *out, const char **reason,
                              stroma_error *err)
{
    stroma_summary m;
    STROMA_TRY(stroma_summary_compute(x, n, 0.95, &m, err));
    if (n < N_MIN || !(m.variance > 0)) {
        *reason = n < N_MIN ? too_few : no_variation;
        return STROMA_OK;
    }
    double *sorted = stroma_alloc_array(n, sizeof *sorted);
    if (sorted == NULL) return stroma_no_memory(err);
    memcpy(sorted, x, n * sizeof *sorted);
    stroma_sort_doubles(sorted, n);
    const double centre = trimmed_mean(sorted, n, 1 / (2 * sqrt((double)n - 4)));
    *out = (shape){ .n = (double)n, .variance = m.variance };
    for (size_t i = 0; i < n; i++) {
        const double d = (sorted[i] - centre) * (sorted[i] - centre);
        out->fourth += d * d;
    }
    stroma_free(sorted);
    return STROMA_OK;
}

static stroma_status check_level(double level, stroma_error *err)
{
    if (level > 0 && level < 1) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "level %g is not within 0 to 1", level);
}

static double z_of(double level)
{
    return stroma_normal_quantile(0.5 + level / 2);
}

/* Limits of one variance. */
static void variance_limits(const shape *s, double level, double *lower, double *upper)
{
    const double z = z_of(level), squares = (s->n - 1) * s->variance;
    if (!(z < s->n)) {
        *lower = 0;
        *upper = INFINITY;
        return;
    }
    const double c = s->n / (s->n - z), kurtosis = s->n * s->fourth / (squares * squares);
    const double se = c * sqrt((kurtosis - (s->n - 3) / s->n) / (s->n - 1));
    *lower = exp(log(c * s->variance) - z * se);
    *upper = exp(log(c * s->variance) + z * se);
}

stroma_status heterogeneity_sd(const double *x, size_t n, double level, stroma_stat *out,
                               stroma_error *err)
{
    const char *reason = NULL;
    shape s = { 0 };
    STROMA_TRY(check_level(level, err));
    STROMA_TRY(shape_of(x, n, &s, &reason, err));
    *out =
        reason == NULL ? stroma_stat_empty("sd_change") : stroma_stat_cannot("sd_change", reason);
    out->n_used = n;
    if (reason != NULL) return STROMA_OK;
    out->estimate_name = "SD of change";
    out->estimate = sqrt(s.variance);
    out->interval_method = "Bonett";
    out->level = level;
    variance_limits(&s, level, &out->lower, &out->upper);
    out->lower = sqrt(out->lower);
    out->upper = sqrt(out->upper);
    return STROMA_OK;
}

/* Standard error of the log ratio of variances if the ratio of SDs is rho. */
static double se_at(const shape *a, const shape *b, double log_rho)
{
    const double r = exp(2 * log_rho), n = a->n + b->n;
    const double squares = (a->n - 1) * a->variance + r * (b->n - 1) * b->variance;
    const double kurtosis = n * (a->fourth + r * r * b->fourth) / (squares * squares);
    return sqrt(fmax(0, (kurtosis - (a->n - 3) / a->n) / (a->n - 1) +
                            (kurtosis - (b->n - 3) / b->n) / (b->n - 1)));
}

static double log_c(const shape *a, const shape *b, double z)
{
    return log(a->n / (a->n - z)) - log(b->n / (b->n - z));
}

/* Where the standardised log ratio meets side·z: side +1 is the lower limit of rho. */
static double excess(const shape *a, const shape *b, double log_rho, double z, double side)
{
    return log(a->variance / b->variance) - 2 * log_rho + log_c(a, b, z) -
           side * z * se_at(a, b, log_rho);
}

static double limit_of(const shape *a, const shape *b, double z, double side)
{
    const double at = log(a->variance / b->variance) / 2;
    double low = at - 12, high = at + 12; /* e^12: no data reach it */
    for (int i = 0; i < BISECTIONS && high - low > 1e-15 * fmax(1, fabs(low)); i++) {
        const double mid = low + (high - low) / 2;
        if (excess(a, b, mid, z, side) > 0)
            low = mid;
        else
            high = mid;
    }
    return exp(low + (high - low) / 2);
}

/* The z at which the interval just reaches a ratio of 1; its sign is the side of the ratio. */
static double z_at_one(const shape *a, const shape *b)
{
    const double side = a->variance >= b->variance ? 1 : -1;
    double low = 0, high = fmin(fmin(a->n, b->n) * (1 - 1e-9), 38);
    if (side * excess(a, b, 0, high, side) > 0) return side * high;
    for (int i = 0; i < BISECTIONS && high - low > 1e-15 * high; i++) {
        const double mid = low + (high - low) / 2;
        if (side * excess(a, b, 0, mid, side) > 0)
            low = mid;
        else
            high = mid;
    }
    return side * low;
}

stroma_status stroma_sd_ratio(const double *x, size_t nx, const double *y, size_t ny, double level,
                              stroma_stat *out, stroma_error *err)
{
    const char *reason = NULL;
    shape a = { 0 }, b = { 0 };
    *out = stroma_stat_empty("sd_ratio");
    STROMA_TRY(check_level(level, err));
    STROMA_TRY(shape_of(x, nx, &a, &reason, err));
    STROMA_TRY(shape_of(y, ny, &b, &reason, err));
    if (reason != NULL) *out = stroma_stat_cannot("sd_ratio", reason);
    out->n_used = nx + ny;
    out->n1 = nx;
    out->n2 = ny;
    if (reason != NULL) return STROMA_OK;
    out->estimate_name = "SD ratio";
    out->estimate = sqrt(a.variance / b.variance);
    out->se = out->estimate * se_at(&a, &b, log(out->estimate)) / 2;
    out->statistic_name = "z";
    out->statistic = z_at_one(&a, &b);
    out->p = stroma_normal_two_sided(out->statistic);
    const double z = z_of(level);
    out->interval_method = "Bonett";
    out->level = level;
    if (z < a.n && z < b.n) {
        out->lower = limit_of(&a, &b, z, 1);
        out->upper = limit_of(&a, &b, z, -1);
    } else {
        out->reason = "too few values for an interval of this level";
    }
    return STROMA_OK;
}

static double root_or_zero(double x)
{
    return x > 0 ? sqrt(x) : 0;
}

stroma_status stroma_effect_sd(const double *x, size_t nx, const double *y, size_t ny, double level,
                               stroma_stat *out, stroma_error *err)
{
    const char *reason = NULL;
    shape a = { 0 }, b = { 0 };
    double la = 0, ua = 0, lb = 0, ub = 0;
    *out = stroma_stat_empty("effect_sd");
    STROMA_TRY(check_level(level, err));
    STROMA_TRY(shape_of(x, nx, &a, &reason, err));
    STROMA_TRY(shape_of(y, ny, &b, &reason, err));
    if (reason != NULL) *out = stroma_stat_cannot("effect_sd", reason);
    out->n_used = nx + ny;
    out->n1 = nx;
    out->n2 = ny;
    if (reason != NULL) return STROMA_OK;
    const double d = a.variance - b.variance;
    variance_limits(&a, level, &la, &ua);
    variance_limits(&b, level, &lb, &ub);
    out->effect_name = "difference of variances";
    out->effect = d;
    out->effect_lower = d - hypot(a.variance - la, ub - b.variance);
    out->effect_upper = d + hypot(ua - a.variance, b.variance - lb);
    out->estimate_name = "SD of the individual effect";
    out->estimate = root_or_zero(d);
    out->interval_method = "MOVER";
    out->level = level;
    out->lower = root_or_zero(out->effect_lower);
    out->upper = root_or_zero(out->effect_upper);
    if (d <= 0) out->reason = "the treated arm varies no more than the control arm";
    return STROMA_OK;
}
