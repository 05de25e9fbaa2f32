/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Robust regression on order statistics with several limits (Helsel & Cohn 1988). */
#include "censored.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/random.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_summary.h"

#include <string.h>

/* Scratch of one fill, for n values. */
typedef struct ros_work {
    double *measured, *limit; /* sorted: measured values, limits of the others */
    double *at;               /* distinct limits, 0 or the like before them */
    double *exceed;           /* P(X ≥ at) */
    double *position;         /* plotting positions of the measured */
} ros_work;

typedef struct ros_result {
    bool ok;
    double intercept, slope; /* of the values on normal scores */
} ros_result;

static size_t count_at_most(const double *x, size_t n, double limit)
{
    size_t k = 0;
    while (k < n && x[k] <= limit)
        k++;
    return k;
}

static size_t count_below(const double *x, size_t n, double limit)
{
    size_t k = 0;
    while (k < n && x[k] < limit)
        k++;
    return k;
}

/* Exceedance probabilities of the limits from the highest down (Hirsch & Stedinger 1987), and the
 * plotting positions of the measured values between them. @return number of limits */
static size_t positions(size_t m, size_t c, ros_work *w)
{
    size_t k = 0;
    if (c == 0 || w->measured[0] < w->limit[0]) w->at[k++] = -(double)INFINITY;
    for (size_t i = 0; i < c; i++)
        if (i == 0 || w->limit[i] != w->limit[i - 1]) w->at[k++] = w->limit[i];
    double beyond = 0; /* of the next higher limit with measured values above it */
    double next = 0;   /* of the next higher limit */
    for (size_t j = k; j-- > 0;) {
        const size_t from = count_below(w->measured, m, w->at[j]);
        const size_t to = j + 1 < k ? count_below(w->measured, m, w->at[j + 1]) : m;
        const double a = (double)(to - from);
        const double b = (double)(count_at_most(w->limit, c, w->at[j]) + from);
        w->exceed[j] = next + (a > 0 ? a / (a + b) * (1 - next) : 0);
        next = w->exceed[j];
        if (to == from) continue;
        for (size_t r = from; r < to; r++)
            w->position[r] =
                1 - w->exceed[j] + (w->exceed[j] - beyond) * (double)(r - from + 1) / (a + 1);
        beyond = w->exceed[j];
    }
    return k;
}

/* Least squares of the measured values on their normal scores. */
static ros_result line(const double *y, const double *position, size_t m)
{
    ros_result r = { false, 0, 0 };
    double my = 0, mq = 0, qq = 0, qy = 0;
    for (size_t i = 0; i < m; i++) {
        my += y[i] / (double)m;
        mq += stroma_normal_quantile(position[i]) / (double)m;
    }
    for (size_t i = 0; i < m; i++) {
        const double q = stroma_normal_quantile(position[i]) - mq;
        qq += q * q;
        qy += q * (y[i] - my);
    }
    r.slope = qy / qq;
    r.intercept = my - r.slope * mq;
    r.ok = m >= 3 && y[m - 1] > y[0] && qq > 0 && isfinite(r.slope);
    return r;
}

/* Values of the limits, in ascending order of the limits, into @p fill. */
static void fill_in(const ros_result *r, size_t c, size_t k, const ros_work *w, double *fill)
{
    size_t i = 0;
    for (size_t j = 0; j < k; j++) {
        const size_t first = i;
        while (i < c && w->limit[i] == w->at[j])
            i++;
        for (size_t t = first; t < i; t++) {
            const double p = (1 - w->exceed[j]) * (double)(t - first + 1) / (double)(i - first + 1);
            fill[t] = r->intercept + r->slope * stroma_normal_quantile(p);
        }
    }
}

static void ros_free(ros_work *w)
{
    stroma_free(w->measured);
}

static bool ros_alloc(ros_work *w, size_t n)
{
    w->measured = n > SIZE_MAX / 8 ? NULL : stroma_alloc_array(5 * n + 2, sizeof *w->measured);
    if (w->measured == NULL) return false;
    w->limit = w->measured + n;
    w->at = w->limit + n;
    w->exceed = w->at + n + 1;
    w->position = w->exceed + n + 1;
    return true;
}

/* Load a sample (or a resample by @p pick), on the scale of the line. */
static void load(const double *low, const double *high, size_t n, const size_t *pick, ros_work *w,
                 size_t *m, size_t *c)
{
    *m = *c = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t from = pick == NULL ? i : pick[i];
        if (low[from] == high[from])
            w->measured[(*m)++] = low[from];
        else
            w->limit[(*c)++] = high[from];
    }
    stroma_sort_doubles(w->measured, *m);
    stroma_sort_doubles(w->limit, *c);
}

typedef struct resampling {
    const double *low, *high;
    size_t n;
    uint64_t seed;
    bool logs;
    double *mean; /* NaN: no line */
} resampling;

static double mean_of(const double *x, size_t n, bool logs)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += logs ? exp(x[i]) : x[i];
    return sum;
}

static stroma_status resample(size_t begin, size_t end, int worker, void *context,
                              stroma_error *err)
{
    resampling *r = context;
    ros_work w;
    (void)worker;
    size_t *pick = stroma_alloc_array(r->n, sizeof *pick);
    double *fill = stroma_alloc_array(r->n, sizeof *fill);
    const bool room = ros_alloc(&w, r->n) && pick != NULL && fill != NULL;
    for (size_t b = begin; room && b < end; b++) {
        stroma_random g;
        size_t m = 0, c = 0;
        stroma_random_init(&g, r->seed, stroma_random_stream("ros bootstrap"), b);
        for (size_t i = 0; i < r->n; i++)
            pick[i] = (size_t)stroma_random_below(&g, r->n);
        load(r->low, r->high, r->n, pick, &w, &m, &c);
        r->mean[b] = (double)NAN;
        if (m < 3) continue;
        const size_t k = positions(m, c, &w);
        const ros_result fit = line(w.measured, w.position, m);
        if (!fit.ok) continue;
        fill_in(&fit, c, k, &w, fill);
        r->mean[b] = (mean_of(w.measured, m, r->logs) + mean_of(fill, c, r->logs)) / (double)r->n;
    }
    stroma_free(pick);
    stroma_free(fill);
    ros_free(&w);
    return room ? STROMA_OK : censored_no_memory(err);
}

static stroma_status bootstrap(const stroma_censored_sample *scaled,
                               const stroma_censored_ros_options *b, stroma_stat *mean,
                               size_t *failed, stroma_error *err)
{
    resampling r = {
        scaled->low, scaled->high, scaled->n, b->seed, b->shape == STROMA_SHAPE_LOGNORMAL, NULL
    };
    r.mean = stroma_alloc_array(b->resamples, sizeof *r.mean);
    if (r.mean == NULL) return censored_no_memory(err);
    stroma_status s = stroma_parallel_for(b->resamples, b->threads, 64, resample, &r, err);
    size_t kept = 0;
    double sum = 0, squares = 0;
    for (size_t i = 0; s == STROMA_OK && i < b->resamples; i++)
        if (isfinite(r.mean[i])) r.mean[kept++] = r.mean[i];
    *failed = b->resamples - kept;
    if (s == STROMA_OK && kept >= 2) {
        for (size_t i = 0; i < kept; i++)
            sum += r.mean[i] / (double)kept;
        for (size_t i = 0; i < kept; i++)
            squares += (r.mean[i] - sum) * (r.mean[i] - sum);
        mean->se = sqrt(squares / (double)(kept - 1));
        mean->interval_method = "bootstrap, percentile";
        s = stroma_quantile_compute(r.mean, kept, 0.5 - mean->level / 2, STROMA_QUANTILE_7,
                                    &mean->lower, err);
        if (s == STROMA_OK)
            s = stroma_quantile_compute(r.mean, kept, 0.5 + mean->level / 2, STROMA_QUANTILE_7,
                                        &mean->upper, err);
    }
    stroma_free(r.mean);
    return s;
}

/* The filled values to the places they belong to, in the order of the sample. */
static stroma_status place(const stroma_censored_sample *s, const double *fill, size_t c, bool logs,
                           double *out, stroma_error *err)
{
    double *limit = stroma_alloc_array(s->n, sizeof *limit);
    size_t *order = stroma_alloc_array(s->n, sizeof *order);
    stroma_status status = limit == NULL || order == NULL ? censored_no_memory(err) : STROMA_OK;
    for (size_t i = 0; status == STROMA_OK && i < s->n; i++) {
        limit[i] = censored_is_measured(s, i) ? (double)NAN : s->high[i]; /* NaN sorts last */
        out[i] = s->low[i];
    }
    if (status == STROMA_OK) status = stroma_order_doubles(limit, s->n, order, err);
    for (size_t i = 0; status == STROMA_OK && i < c; i++)
        out[order[i]] = logs ? exp(fill[i]) : fill[i];
    stroma_free(limit);
    stroma_free(order);
    return status;
}

/* Everything after the checks. @p scaled is the sample in logarithms, or the sample itself. */
static stroma_status ros(const stroma_censored_sample *s, const stroma_censored_sample *scaled,
                         ros_work *w, double *filled, stroma_censored_summary *out,
                         stroma_error *err)
{
    const bool logs = s->low != scaled->low;
    size_t m = 0, c = 0;
    load(scaled->low, scaled->high, s->n, NULL, w, &m, &c);
    const size_t k = positions(m, c, w);
    const ros_result fit = line(w->measured, w->position, m);
    if (!fit.ok) {
        censored_summary_cannot(out, m < 3 ? "fewer than three measured values"
                                           : "all measured values are equal");
        return STROMA_OK;
    }
    out->mu = fit.intercept;
    out->sigma = fit.slope;
    double *fill = stroma_alloc_array(c, sizeof *fill);
    if (fill == NULL) return censored_no_memory(err);
    fill_in(&fit, c, k, w, fill);
    stroma_status status = place(s, fill, c, logs, filled, err);
    stroma_free(fill);
    STROMA_TRY(status);
    stroma_summary d;
    STROMA_TRY(stroma_summary_compute(filled, s->n, out->mean.level, &d, err));
    out->mean.estimate = d.mean;
    out->median.estimate = d.median;
    out->sd.estimate = d.sd;
    out->q1 = d.q1;
    out->q3 = d.q3;
    return STROMA_OK;
}

static const char *refuse(const stroma_censored_counts *c, int side)
{
    if (c->n == 0) return "no value";
    if (side > 0) return "ROS takes values below limits only: use maximum likelihood";
    return c->measured < 3 ? "fewer than three measured values" : "";
}

/* The sample on the scale of the line, and what is made of it. */
static stroma_status on_scale(const stroma_censored_sample *s, const stroma_censored_ros_options *o,
                              double *filled, stroma_censored_summary *out, size_t *failed,
                              stroma_error *err)
{
    ros_work w = { 0 };
    const bool logs = o->shape == STROMA_SHAPE_LOGNORMAL;
    double *low = stroma_alloc_array(3 * s->n, sizeof *low);
    if (low == NULL || !ros_alloc(&w, s->n)) {
        stroma_free(low);
        return censored_no_memory(err);
    }
    double *high = low + s->n, *room = high + s->n;
    const stroma_censored_sample scaled = { logs ? low : s->low, logs ? high : s->high, s->n };
    stroma_status status = STROMA_OK;
    if (logs && !censored_log(s, low, high))
        censored_summary_cannot(out, "a value or limit of 0 or less has no logarithm");
    else
        status = ros(s, &scaled, &w, filled == NULL ? room : filled, out, err);
    if (status == STROMA_OK && o->resamples > 0 && !out->mean.not_estimable)
        status = bootstrap(&scaled, o, &out->mean, failed, err);
    stroma_free(low);
    ros_free(&w);
    return status;
}

stroma_status stroma_censored_ros(const stroma_censored_sample *s,
                                  const stroma_censored_ros_options *options, double *filled,
                                  stroma_censored_summary *out, size_t *failed, stroma_error *err)
{
    static const stroma_censored_ros_options defaults = { STROMA_SHAPE_LOGNORMAL, 0, 1, 1, 0.95 };
    const stroma_censored_ros_options *o = options == NULL ? &defaults : options;
    stroma_censored_counts counts;
    size_t lost = 0;
    STROMA_TRY(censored_level(o->level, err));
    STROMA_TRY(stroma_censored_count(s, &counts, err));
    censored_summary_begin(out, "censored_ros",
                           o->shape == STROMA_SHAPE_LOGNORMAL ? "robust ROS, lognormal"
                                                              : "robust ROS, normal",
                           &counts, o->level);
    const char *reason = refuse(&counts, censored_side(&counts));
    stroma_status status = STROMA_OK;
    if (reason[0] != '\0')
        censored_summary_cannot(out, reason);
    else
        status = on_scale(s, o, filled, out, &lost, err);
    if (failed != NULL) *failed = lost;
    return status;
}
