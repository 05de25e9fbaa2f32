/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the numbers of the resamples to intervals; the jackknife. */
#include "moments.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_resampling.h"

#include <math.h>

static const double not_a_number = (double)NAN;

const char *stroma_bootstrap_kind_name(stroma_bootstrap_kind k)
{
    static const char *const names[] = { "percentile", "basic", "normal", "BCa", "studentized" };
    return (unsigned)k < STROMA_BOOTSTRAP_KINDS ? names[k] : "unknown";
}

/* Order statistic (n + 1)·alpha of sorted numbers, between two of them on the normal scale; NaN
 * beyond the first and last. */
static double quantile(const double *x, size_t n, double alpha)
{
    const double place = alpha * ((double)n + 1);
    /* (n + 1)·0.05 may miss its whole number by a rounding */
    const double k = fabs(place - round(place)) < 1e-9 * place ? round(place) : floor(place);
    if (!(k >= 1) || k > (double)n || (k == (double)n && place > k)) return not_a_number;
    const size_t i = (size_t)k - 1;
    if (k >= place || i + 1 == n) return x[i];
    const double z = stroma_normal_quantile(alpha);
    const double below = stroma_normal_quantile(k / ((double)n + 1));
    const double above = stroma_normal_quantile((k + 1) / ((double)n + 1));
    return x[i] + (z - below) / (above - below) * (x[i + 1] - x[i]);
}

/* Jackknife contributions of number k, in strata: the unit's share of the statistic's deviation.
 * @return false when one is missing or a stratum has one unit. */
static bool contributions(const stroma_bootstrap_result *r, size_t k, double *c)
{
    const double *t = r->left_out + k * r->units;
    for (size_t i = 0, j; i < r->units; i = j) {
        double sum = 0;
        for (j = i; j < r->units && r->unit_stratum[j] == r->unit_stratum[i]; j++)
            sum += t[j];
        const double m = (double)(j - i), stratum_mean = sum / m;
        if (j - i < 2 || !isfinite(sum)) return false;
        for (size_t l = i; l < j; l++)
            c[l] = (m - 1) / m * (stratum_mean - t[l]);
    }
    return true;
}

/* Σc³/(6(Σc²)^1.5); NaN without a jackknife. */
static stroma_status acceleration(const stroma_bootstrap_result *r, size_t k, double *a,
                                  stroma_error *err)
{
    *a = not_a_number;
    if (r->left_out == NULL) return STROMA_OK;
    double *c = stroma_alloc_array(r->units, sizeof *c);
    if (c == NULL) return stroma_no_memory(err);
    double squares = 0, cubes = 0;
    if (contributions(r, k, c)) {
        for (size_t i = 0; i < r->units; i++) {
            squares += c[i] * c[i];
            cubes += c[i] * c[i] * c[i];
        }
        *a = squares > 0 ? cubes / (6 * pow(squares, 1.5)) : not_a_number;
    }
    stroma_free(c);
    return STROMA_OK;
}

/* Ascending numbers of the resamples, and where the estimate lies. */
typedef struct sample {
    double *x;
    size_t n;
    double estimate, level;
} sample;

static void bca(const sample *s, double a, stroma_stat *out)
{
    double below = 0;
    for (size_t i = 0; i < s->n; i++)
        below += s->x[i] < s->estimate ? 1 : s->x[i] == s->estimate ? 0.5 : 0;
    const double z0 = stroma_normal_quantile(below / (double)s->n);
    const bool same = s->x[0] == s->x[s->n - 1];
    if (!isfinite(z0) || isnan(a)) {
        out->reason = same       ? "all resamples are equal: there is nothing to take limits from"
                      : isnan(a) ? "BCa needs a jackknife, and a value without each unit"
                                 : "BCa: all resamples lie on one side of the estimate";
        return;
    }
    for (int side = 0; side < 2; side++) {
        const double z =
            z0 + stroma_normal_quantile(side == 0 ? (1 - s->level) / 2 : (1 + s->level) / 2);
        const double alpha = stroma_normal_cdf(z0 + z / (1 - a * z));
        *(side == 0 ? &out->lower : &out->upper) =
            1 - a * z > 0 ? quantile(s->x, s->n, alpha) : not_a_number;
    }
}

/* (t* − t)/SE* in place of t*, where both are there. */
static void studentize(const stroma_bootstrap_result *r, size_t k, size_t se_k, sample *s)
{
    s->n = 0;
    for (size_t b = 0; b < r->resamples; b++) {
        const double t = r->replicates[k * r->resamples + b];
        const double se = r->replicates[se_k * r->resamples + b];
        if (isfinite(t) && se > 0) s->x[s->n++] = (t - s->estimate) / se;
    }
    stroma_sort_doubles(s->x, s->n);
}

static void limits(const stroma_bootstrap_result *r, size_t k, stroma_bootstrap_kind kind,
                   size_t se_k, sample *s, stroma_stat *out)
{
    const double tail = (1 - s->level) / 2;
    double low = quantile(s->x, s->n, tail), high = quantile(s->x, s->n, 1 - tail);
    switch (kind) {
    case STROMA_BOOTSTRAP_PERCENTILE:
        out->lower = low;
        out->upper = high;
        break;
    case STROMA_BOOTSTRAP_BASIC:
        out->lower = 2 * s->estimate - high;
        out->upper = 2 * s->estimate - low;
        break;
    case STROMA_BOOTSTRAP_NORMAL: {
        const double half = stroma_normal_quantile(1 - tail) * out->se;
        out->lower = s->estimate - out->effect - half;
        out->upper = s->estimate - out->effect + half;
        break;
    }
    case STROMA_BOOTSTRAP_STUDENTIZED:
        studentize(r, k, se_k, s);
        low = quantile(s->x, s->n, tail);
        high = quantile(s->x, s->n, 1 - tail);
        out->lower = s->estimate - r->original[se_k] * high;
        out->upper = s->estimate - r->original[se_k] * low;
        break;
    case STROMA_BOOTSTRAP_BCA: /* done by the caller */ break;
    }
}

static void finish(const stroma_bootstrap_result *r, size_t k, stroma_stat *out)
{
    if (out->reason[0] != '\0') return;
    if (isnan(out->lower) || isnan(out->upper)) {
        out->lower = out->upper = not_a_number;
        out->reason = "too few resamples for this level";
    } else if (r->failed[k] > 0) {
        out->reason = "some resamples failed; the interval is that of the others";
    }
}

static stroma_status interval_of(const stroma_bootstrap_result *r, size_t k,
                                 stroma_bootstrap_kind kind, size_t se_k, sample *s,
                                 stroma_stat *out, stroma_error *err)
{
    for (size_t b = 0; b < r->resamples; b++) {
        const double t = r->replicates[k * r->resamples + b];
        if (isfinite(t)) s->x[s->n++] = t;
    }
    if (s->n < 2) {
        *out = stroma_stat_cannot("bootstrap", "fewer than two resamples did not fail");
        return STROMA_OK;
    }
    STROMA_TRY(stroma_sample_check(s->x, s->n, "statistic of the resamples", err));
    const moments m = stroma_moments_of(s->x, s->n);
    out->effect_name = "bias";
    out->effect = dd_value(m.mean) - s->estimate;
    out->se = sqrt(dd_value(m.squares) / (double)(s->n - 1));
    stroma_sort_doubles(s->x, s->n);
    if (kind == STROMA_BOOTSTRAP_BCA) {
        double a = not_a_number;
        STROMA_TRY(acceleration(r, k, &a, err));
        bca(s, a, out);
    } else {
        limits(r, k, kind, se_k, s, out);
    }
    finish(r, k, out);
    return STROMA_OK;
}

stroma_status stroma_bootstrap_interval(const stroma_bootstrap_result *r, size_t k,
                                        stroma_bootstrap_kind kind, size_t se_k, double level,
                                        stroma_stat *out, stroma_error *err)
{
    *out = stroma_stat_empty("bootstrap");
    STROMA_TRY(stroma_level_check(level, err));
    if (k >= r->width || (kind == STROMA_BOOTSTRAP_STUDENTIZED && se_k >= r->width) ||
        (unsigned)kind >= STROMA_BOOTSTRAP_KINDS)
        return stroma_fail(err, STROMA_E_USAGE, "the statistic has %zu numbers", r->width);
    if (isnan(r->original[k])) {
        *out = stroma_stat_cannot("bootstrap", "the statistic of the data cannot be computed");
        return STROMA_OK;
    }
    out->estimate = r->original[k];
    out->n_used = r->units;
    out->level = level;
    out->interval_method = stroma_bootstrap_kind_name(kind);
    sample s = { .estimate = r->original[k], .level = level };
    s.x = stroma_alloc_array(r->resamples, sizeof *s.x);
    if (s.x == NULL) return stroma_no_memory(err);
    const stroma_status status = interval_of(r, k, kind, se_k, &s, out, err);
    stroma_free(s.x);
    return status;
}

stroma_stat stroma_jackknife(const stroma_bootstrap_result *r, size_t k, double level)
{
    stroma_stat out = stroma_stat_empty("jackknife");
    if (k >= r->width || r->left_out == NULL || isnan(r->original[k]))
        return stroma_stat_cannot("jackknife", "there is no value to leave units out of");
    const double *t = r->left_out + k * r->units;
    double bias = 0, variance = 0;
    for (size_t i = 0, j; i < r->units; i = j) {
        double sum = 0, squares = 0;
        for (j = i; j < r->units && r->unit_stratum[j] == r->unit_stratum[i]; j++)
            sum += t[j];
        const double m = (double)(j - i), mean = sum / m;
        if (j - i < 2) return stroma_stat_cannot("jackknife", "a stratum has one unit");
        for (size_t l = i; l < j; l++)
            squares += (t[l] - mean) * (t[l] - mean);
        bias += (m - 1) * (mean - r->original[k]);
        variance += (m - 1) / m * squares;
    }
    if (!isfinite(variance))
        return stroma_stat_cannot("jackknife", "the statistic fails without one of the units");
    const double df = (double)(r->units - r->strata);
    const double half = stroma_t_quantile((1 + level) / 2, df) * sqrt(variance);
    out.n_used = r->units;
    out.estimate = r->original[k] - bias;
    out.se = sqrt(variance);
    out.df = df;
    out.effect_name = "bias";
    out.effect = bias;
    out.interval_method = "t";
    out.level = level;
    out.lower = out.estimate - half;
    out.upper = out.estimate + half;
    return out;
}
