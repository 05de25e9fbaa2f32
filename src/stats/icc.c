/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intraclass correlations of subjects by raters. */
#include "double_double.h"
#include "moments.h"

#include "stroma/stats_distribution.h"
#include "stroma/stats_reliability.h"

#include <math.h>

const char *stroma_icc_form_name(stroma_icc_form f)
{
    static const char *const names[] = { "ICC(1,1)", "ICC(2,1)", "ICC(3,1)",
                                         "ICC(1,k)", "ICC(2,k)", "ICC(3,k)" };
    return (int)f < STROMA_ICC_FORMS ? names[f] : "unknown";
}

/* Mean squares between subjects, between raters, of error, and within subjects. */
typedef struct layout {
    double n, k, rows, columns, error, within;
} layout;

static dd deviation(const double *x, size_t count, size_t step, dd mean)
{
    dd sum = dd_from(0);
    for (size_t i = 0; i < count; i++)
        sum = dd_add(sum, dd_from(x[i * step]));
    return dd_subtract(dd_divide(sum, (double)count), mean);
}

static layout layout_of(const double *x, size_t n, size_t k)
{
    dd total = dd_from(0), rows = dd_from(0), columns = dd_from(0), all = dd_from(0);
    for (size_t i = 0; i < n * k; i++)
        total = dd_add(total, dd_from(x[i]));
    const dd mean = dd_divide(total, (double)(n * k));
    for (size_t i = 0; i < n; i++) {
        const dd d = deviation(x + i * k, k, 1, mean);
        rows = dd_add(rows, dd_multiply(d, d));
    }
    for (size_t j = 0; j < k; j++) {
        const dd d = deviation(x + j, n, k, mean);
        columns = dd_add(columns, dd_multiply(d, d));
    }
    for (size_t i = 0; i < n * k; i++) {
        const dd d = dd_subtract(dd_from(x[i]), mean);
        all = dd_add(all, dd_multiply(d, d));
    }
    const double a = (double)n, b = (double)k;
    rows = dd_multiply(rows, dd_from(b));
    columns = dd_multiply(columns, dd_from(a));
    const dd within = dd_subtract(all, rows), error = dd_subtract(within, columns);
    return (layout){ a,
                     b,
                     dd_value(rows) / (a - 1),
                     dd_value(columns) / (b - 1),
                     fmax(0, dd_value(error)) / ((a - 1) * (b - 1)),
                     fmax(0, dd_value(within)) / (a * (b - 1)) };
}

/* One-way (1) and consistency (3): a function of F. */
static void by_f(const layout *l, bool one_way, bool average, stroma_stat *s)
{
    const double k = l->k;
    s->df = l->n - 1;
    s->df2 = one_way ? l->n * (k - 1) : (l->n - 1) * (k - 1);
    s->statistic = l->rows / (one_way ? l->within : l->error);
    s->p = stroma_f_sf(s->statistic, s->df, s->df2);
    const double low = s->statistic / stroma_f_quantile(0.5 + s->level / 2, s->df, s->df2);
    const double high = s->statistic * stroma_f_quantile(0.5 + s->level / 2, s->df2, s->df);
    const double f[] = { s->statistic, low, high };
    double icc[3];
    for (size_t i = 0; i < 3; i++)
        icc[i] = average ? 1 - 1 / f[i] : (f[i] - 1) / (f[i] + k - 1);
    s->estimate = icc[0];
    s->lower = icc[1];
    s->upper = icc[2];
}

/* Absolute agreement: limits with Satterthwaite's df of the mixture of error and raters. */
static void agreement(const layout *l, bool average, stroma_stat *s)
{
    const double n = l->n, k = l->k, r = l->rows, c = l->columns, e = l->error;
    const double icc = (r - e) / (r + (k - 1) * e + k * (c - e) / n);
    const double a = k * icc / (n * (1 - icc)), b = 1 + k * icc * (n - 1) / (n * (1 - icc));
    const double mix = a * c + b * e;
    const double v = mix * mix / (a * c * a * c / (k - 1) + b * e * b * e / ((n - 1) * (k - 1)));
    const double up = stroma_f_quantile(0.5 + s->level / 2, n - 1, v);
    const double down = stroma_f_quantile(0.5 + s->level / 2, v, n - 1);
    const double rest = k * c + (k * n - k - n) * e;
    s->estimate = icc;
    s->lower = n * (r - up * e) / (up * rest + n * r);
    s->upper = n * (down * r - e) / (rest + n * down * r);
    s->df = n - 1;
    s->df2 = (n - 1) * (k - 1);
    s->statistic = r / e;
    s->p = stroma_f_sf(s->statistic, s->df, s->df2);
    if (isnan(s->lower) || isnan(s->upper)) s->reason = "these mean squares give no limits";
    if (!average) return;
    if (!(r + (c - e) / n > 0)) {
        s->not_estimable = true;
        s->statistic_name = s->interval_method = "";
        s->estimate = s->lower = s->upper = s->statistic = s->df = s->df2 = s->p = (double)NAN;
        s->reason = "the mean squares leave no variance of the subjects' means";
        return;
    }
    /* the limits go the way of the estimate: Spearman-Brown */
    s->estimate = (r - e) / (r + (c - e) / n);
    s->lower = 1 + (k - 1) * s->lower > 0 ? k * s->lower / (1 + (k - 1) * s->lower) : (double)NAN;
    if (isnan(s->lower)) s->reason = "these mean squares give no lower limit";
    s->upper = k * s->upper / (1 + (k - 1) * s->upper);
}

stroma_status stroma_icc(const double *cells, size_t subjects, size_t raters, double level,
                         stroma_stat *out, stroma_error *err)
{
    for (int f = 0; f < STROMA_ICC_FORMS; f++)
        out[f] = stroma_stat_empty("icc");
    STROMA_TRY(stroma_level_check(level, err));
    if (raters > 0 && subjects > SIZE_MAX / raters)
        return stroma_fail(err, STROMA_E_USAGE, "%zu subjects by %zu raters are too many", subjects,
                           raters);
    STROMA_TRY(stroma_sample_check(cells, subjects * raters, "ratings", err));
    layout l = { 0 };
    const char *reason = subjects < 2 ? "fewer than two subjects"
                         : raters < 2 ? "fewer than two raters"
                                      : "";
    if (reason[0] == '\0') {
        l = layout_of(cells, subjects, raters);
        if (!(l.within > 0)) reason = "all ratings of each subject are equal";
        if (!(l.rows > 0)) reason = "the subjects do not differ";
    }
    for (int f = 0; f < STROMA_ICC_FORMS; f++) {
        stroma_stat *s = &out[f];
        s->variant = stroma_icc_form_name((stroma_icc_form)f);
        s->n_used = subjects * raters;
        s->n1 = subjects;
        s->n2 = raters;
        s->estimate_name = "ICC";
        s->level = level;
        s->reason = reason;
        s->not_estimable = reason[0] != '\0';
        if (s->not_estimable) continue;
        s->statistic_name = "F";
        s->interval_method = "F";
        const int form = f % 3;
        if (form == 0)
            by_f(&l, true, f >= 3, s);
        else if (!(l.error > 0)) {
            s->not_estimable = true;
            s->statistic_name = s->interval_method = "";
            s->reason = "the raters differ by constants alone: no error is left";
        } else if (form == 1)
            agreement(&l, f >= 3, s);
        else
            by_f(&l, false, f >= 3, s);
    }
    return STROMA_OK;
}
