/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measurement error from repeated measurements, and what it leaves of a change. */
#include "stroma/biomarker_noise_floor.h"
#include "stroma/memory.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_summary.h"

#include <math.h>

/* Sums of a one-way random-effects analysis of variance. */
typedef struct one_way {
    double values, subjects; /* subjects with a value */
    double squares_of_n;     /* sum of squared numbers of values */
    double within, between;  /* sums of squares */
} one_way;

typedef struct tally {
    double n, sum, squares;
} tally;

static stroma_status check_level(double level, stroma_error *err)
{
    if (level > 0 && level < 1) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "level %g is not within 0 to 1", level);
}

static void add_up(const double *value, const size_t *subject, size_t n, double grand, tally *of,
                   size_t subjects, one_way *w)
{
    for (size_t i = 0; i < n; i++) {
        of[subject[i]].n++;
        of[subject[i]].sum += value[i] - grand;
    }
    for (size_t i = 0; i < n; i++) {
        const tally *s = &of[subject[i]];
        const double d = value[i] - grand - s->sum / s->n;
        w->within += d * d;
    }
    for (size_t s = 0; s < subjects; s++) {
        if (!(of[s].n > 0)) continue;
        w->subjects++;
        w->squares_of_n += of[s].n * of[s].n;
        w->between += of[s].sum * of[s].sum / of[s].n;
    }
    w->values = (double)n;
}

static stroma_status analyse(const double *value, const size_t *subject, size_t n, size_t subjects,
                             one_way *w, stroma_error *err)
{
    stroma_summary m;
    STROMA_TRY(stroma_summary_compute(value, n, 0.95, &m, err));
    for (size_t i = 0; i < n; i++)
        if (subject[i] >= subjects)
            return stroma_fail(err, STROMA_E_USAGE,
                               "subject code %zu of value %zu is not below %zu", subject[i], i + 1,
                               subjects);
    tally *of = stroma_alloc_array(subjects, sizeof *of);
    if (of == NULL) return stroma_no_memory(err);
    add_up(value, subject, n, n > 0 ? m.mean : 0, of, subjects, w);
    stroma_free(of);
    return STROMA_OK;
}

static void sd_of(const one_way *w, double level, stroma_stat *sd)
{
    const double df = w->values - w->subjects, tail = (1 - level) / 2;
    if (!(df > 0)) {
        *sd = stroma_stat_cannot("measurement_sd", "no subject was measured twice");
        return;
    }
    *sd = stroma_stat_empty("measurement_sd");
    sd->estimate_name = "within-subject SD";
    sd->estimate = sqrt(w->within / df);
    sd->df = df;
    sd->interval_method = "chi-squared";
    sd->level = level;
    sd->lower = sqrt(w->within / stroma_chi2_quantile(1 - tail, df));
    sd->upper = sqrt(w->within / stroma_chi2_quantile(tail, df));
    if (!(w->within > 0)) sd->reason = "all repeated measurements are equal";
}

static void reliability_of(const one_way *w, double level, stroma_stat *r)
{
    const double df1 = w->subjects - 1, df2 = w->values - w->subjects, tail = (1 - level) / 2;
    if (!(df1 > 0 && df2 > 0)) {
        *r = stroma_stat_cannot("reliability", df1 > 0 ? "no subject was measured twice"
                                                       : "fewer than two subjects");
        return;
    }
    if (!(w->within > 0)) {
        *r = stroma_stat_cannot("reliability", "all repeated measurements are equal");
        return;
    }
    const double f = w->between / df1 / (w->within / df2);
    const double n0 = (w->values - w->squares_of_n / w->values) / df1;
    const double low = f / stroma_f_quantile(1 - tail, df1, df2);
    const double high = f * stroma_f_quantile(1 - tail, df2, df1);
    *r = stroma_stat_empty("reliability");
    r->variant = "ICC(1,1)";
    r->estimate_name = "reliability of one measurement";
    r->estimate = (f - 1) / (f + n0 - 1);
    r->statistic_name = "F";
    r->statistic = f;
    r->df = df1;
    r->df2 = df2;
    r->p = stroma_f_sf(f, df1, df2);
    r->interval_method = "F";
    r->level = level;
    r->lower = (low - 1) / (low + n0 - 1);
    r->upper = (high - 1) / (high + n0 - 1);
}

stroma_status stroma_replicate_error(const double *value, const size_t *subject, size_t n,
                                     size_t subjects, double level, stroma_replicates *out,
                                     stroma_error *err)
{
    one_way w = { 0 };
    out->sd = stroma_stat_empty("measurement_sd");
    out->reliability = stroma_stat_empty("reliability");
    STROMA_TRY(check_level(level, err));
    STROMA_TRY(analyse(value, subject, n, subjects, &w, err));
    sd_of(&w, level, &out->sd);
    reliability_of(&w, level, &out->reliability);
    out->sd.n_used = out->reliability.n_used = n;
    return STROMA_OK;
}

stroma_status stroma_change_reliability(const double *change, size_t n,
                                        const stroma_measurement_error *error, double level,
                                        stroma_stat *out, stroma_error *err)
{
    static const char method[] = "change_reliability";
    stroma_summary m;
    *out = stroma_stat_empty(method);
    STROMA_TRY(check_level(level, err));
    STROMA_TRY(stroma_summary_compute(change, n, level, &m, err));
    if (!(error->sd >= 0 && error->df >= 0 && isfinite(error->sd)))
        return stroma_fail(err, STROMA_E_USAGE,
                           "a measurement error of SD %g with %g degrees of freedom is none",
                           error->sd, error->df);
    if (!(error->sd > 0))
        *out = stroma_stat_cannot(method, "the error of one measurement is not known");
    else if (n < 2)
        *out = stroma_stat_cannot(method, "fewer than two changes");
    else if (!(m.variance > 0))
        *out = stroma_stat_cannot(method, "no variation of change");
    out->n_used = n;
    if (out->not_estimable) return STROMA_OK;
    const double df1 = (double)n - 1, df2 = error->df > 0 ? error->df : (double)INFINITY;
    const double f = m.variance / (2 * error->sd * error->sd), tail = (1 - level) / 2;
    out->variant = error->df > 0 ? "error estimated" : "error taken as known";
    out->estimate_name = "part of the variance of change beyond measurement error";
    out->estimate = 1 - 1 / f;
    out->statistic_name = "F";
    out->statistic = f;
    out->df = df1;
    if (error->df > 0) out->df2 = df2;
    out->p = stroma_f_sf(f, df1, df2);
    out->interval_method = error->df > 0 ? "F" : "chi-squared";
    out->level = level;
    out->lower = 1 - stroma_f_quantile(1 - tail, df1, df2) / f;
    out->upper = 1 - stroma_f_quantile(tail, df1, df2) / f;
    return STROMA_OK;
}
