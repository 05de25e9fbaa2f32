/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fold changes over the visits of a subject: did it change, did it come back, and between which
 * visits. */
#include "stroma/cytometry_index.h"

#include <math.h>

const char *stroma_series_kind_name(stroma_series_kind c)
{
    static const char *const names[] = { "unchanged", "transient", "lasting", "unknown" };
    return (unsigned)c < sizeof names / sizeof names[0] ? names[c] : "unknown";
}

static stroma_status check(const double *day, const double *value, size_t n, double tolerance,
                           stroma_error *err)
{
    if (!(tolerance > 0 && tolerance < 1))
        return stroma_fail(err, STROMA_E_USAGE, "a tolerance of %g is not between 0 and 1",
                           tolerance);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(day[i]) || (i > 0 && !(day[i] > day[i - 1])))
            return stroma_fail(err, STROMA_E_USAGE, "day %g of visit %zu does not come after %g",
                               day[i], i + 1, i > 0 ? day[i - 1] : (double)NAN);
        if (!isnan(value[i]) && !(value[i] > 0))
            return stroma_fail(err, STROMA_E_USAGE, "a fold change needs values above 0, not %g",
                               value[i]);
    }
    return STROMA_OK;
}

/* Interval of value/base: their distances on the log scale, added in squares as if independent. */
static void interval(double fold, const double *lower, const double *upper, const double *value,
                     size_t i, size_t base, double *lo, double *hi)
{
    *lo = *hi = (double)NAN;
    if (lower == NULL || upper == NULL) return;
    const double down = log(value[i] / lower[i]), up = log(upper[i] / value[i]);
    const double base_down = log(value[base] / lower[base]);
    const double base_up = log(upper[base] / value[base]);
    *lo = fold * exp(-sqrt(down * down + base_up * base_up));
    *hi = fold * exp(sqrt(up * up + base_down * base_down));
}

typedef struct visit {
    double day, fold, lower, upper;
} visit;

static bool changed(const visit *v, const stroma_series_options *o)
{
    if (!(v->fold > 1 + o->tolerance || v->fold < 1 - o->tolerance)) return false;
    return !o->needs_interval || v->lower > 1 || v->upper < 1;
}

static void note(const visit *v, const stroma_series_options *o, stroma_series *out)
{
    if (changed(v, o)) {
        if (isnan(out->changed_day)) out->changed_day = v->day;
        out->last_changed_day = v->day;
        out->recovered_day = (double)NAN;
        if (!(fabs(log(v->fold)) <= fabs(log(out->extreme_fold)))) {
            out->extreme_fold = v->fold;
            out->extreme_day = v->day;
        }
    } else if (!isnan(out->changed_day) && isnan(out->recovered_day)) {
        out->recovered_day = v->day;
    }
}

stroma_status stroma_series_course(const double *day, const double *value, const double *lower,
                                   const double *upper, size_t n, const stroma_series_options *opts,
                                   double *fold, double *fold_lower, double *fold_upper,
                                   stroma_series *out, stroma_error *err)
{
    static const stroma_series_options usual = { .tolerance = 0.2 };
    const stroma_series_options *o = opts == NULL ? &usual : opts;
    const double none = (double)NAN;
    *out = (stroma_series){ STROMA_SERIES_UNKNOWN, 0, none, none, none, none, none };
    STROMA_TRY(check(day, value, n, o->tolerance, err));
    size_t base = SIZE_MAX, after = 0;
    for (size_t i = 0; i < n; i++)
        if (day[i] <= 0 && !isnan(value[i])) base = i;
    for (size_t i = 0; i < n; i++) {
        visit v = { day[i], base == SIZE_MAX ? none : value[i] / value[base], none, none };
        if (!isnan(v.fold)) interval(v.fold, lower, upper, value, i, base, &v.lower, &v.upper);
        fold[i] = v.fold;
        if (fold_lower != NULL) fold_lower[i] = v.lower;
        if (fold_upper != NULL) fold_upper[i] = v.upper;
        if (base == SIZE_MAX || i <= base || isnan(v.fold)) continue;
        after++;
        note(&v, o, out);
    }
    if (base == SIZE_MAX || after == 0) return STROMA_OK;
    out->course = isnan(out->changed_day)     ? STROMA_SERIES_UNCHANGED
                  : isnan(out->recovered_day) ? STROMA_SERIES_LASTING
                                              : STROMA_SERIES_TRANSIENT;
    if (!isnan(out->extreme_fold)) out->direction = out->extreme_fold > 1 ? 1 : -1;
    return STROMA_OK;
}
