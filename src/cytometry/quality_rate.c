/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events a slice of time against a running median. */
#include "quality.h"

#include "stroma/sort.h"

#include <math.h>
#include <string.h>

enum { SLICE_EVENTS = 100, SLICES_MIN = 20, SLICES_MAX = 1000, STEPS_A_SLICE = 5, HALF_MIN = 10 };
static const double LIMIT_SD = 6, LIMIT_RATIO = 1.5, NEARLY_STOPPED = 3;

/* Smallest step between two times: the resolution of the clock. */
static double resolution_of(const double *t, uint64_t n, double *low, double *high)
{
    double step = HUGE_VAL;
    *low = *high = t[0];
    for (uint64_t e = 1; e < n; e++) {
        const double d = fabs(t[e] - t[e - 1]);
        if (d > 0 && d < step) step = d;
        if (t[e] < *low) *low = t[e];
        if (t[e] > *high) *high = t[e];
    }
    return step;
}

static void running_median(const double *x, size_t n, double *scratch, double *out)
{
    const size_t eighth = n / 8, half = eighth > HALF_MIN ? eighth : HALF_MIN;
    const size_t width = 2 * half + 1 < n ? 2 * half + 1 : n;
    for (size_t i = 0; i < n; i++) {
        size_t from = i < half ? 0 : i - half;
        if (from + width > n) from = n - width;
        memcpy(scratch, x + from, width * sizeof *scratch);
        out[i] = quality_median(scratch, width);
    }
}

/* A long clog is most of the time, but few of the events. */
static double median_of_events(const double *count, size_t n, double *scratch)
{
    double total = 0, below = 0;
    memcpy(scratch, count, n * sizeof *scratch);
    stroma_sort_doubles(scratch, n);
    for (size_t i = 0; i < n; i++)
        total += scratch[i];
    for (size_t i = 0; i < n; i++) {
        below += scratch[i];
        if (2 * below >= total) return scratch[i];
    }
    return 0;
}

static stroma_status slice(quality_work *w, stroma_error *err)
{
    quality_slices *s = &w->slices;
    const uint64_t n = w->d->n_events;
    if (w->times == NULL || !w->in_order) {
        s->why = w->times == NULL ? "there is no channel of time"
                                  : "the events are not in the order of time";
        return STROMA_OK;
    }
    double low, high;
    const double step = resolution_of(w->times, n, &low, &high);
    double wanted = fmin((double)n / SLICE_EVENTS, SLICES_MAX);
    if (wanted < SLICES_MIN) {
        s->why = "there are too few events to judge";
        return STROMA_OK;
    }
    /* whole steps of the clock, so that slices hold equally many of them */
    const double steps = fmax(STEPS_A_SLICE, ceil((high - low) / step / wanted));
    s->begin = low;
    s->step = step;
    s->width = steps * step;
    const double slices = floor((high - low) / s->width); /* the last one, cut short, is left out */
    if (slices < SLICES_MIN) {
        s->why = "the clock has too few steps to judge";
        return STROMA_OK;
    }
    const size_t k = (size_t)slices;
    s->count = stroma_alloc_array(k, sizeof *s->count);
    s->usual = stroma_alloc_array(k, sizeof *s->usual);
    double *scratch = stroma_alloc_array(k, sizeof *scratch);
    if (s->count == NULL || s->usual == NULL || scratch == NULL) {
        stroma_free(scratch);
        return stroma_no_memory(err);
    }
    for (uint64_t e = 0; e < n; e++) {
        const double at = (w->times[e] - s->begin) / s->width;
        if (at < slices) s->count[(size_t)at]++;
    }
    running_median(s->count, k, scratch, s->usual);
    s->busy = median_of_events(s->count, k, scratch);
    s->n = k;
    stroma_free(scratch);
    return STROMA_OK;
}

/* SDs that a count is away from what is usual: square roots of counts have SD 1/2 whatever the mean
 * (Bartlett 1936). @return how much wider than by counting alone they spread */
static double deviations(const quality_slices *s, double *z, double *scratch)
{
    for (size_t i = 0; i < s->n; i++) {
        z[i] = 2 * (sqrt(s->count[i]) - sqrt(s->usual[i]));
        scratch[i] = fabs(z[i]);
    }
    return fmax(1, 1.4826 * quality_median(scratch, s->n));
}

static bool unusual(const quality_slices *s, const double *z, double spread, size_t i)
{
    const double c = s->count[i], m = s->usual[i];
    if (c < s->busy / NEARLY_STOPPED && 2 * (sqrt(s->busy) - sqrt(c)) > LIMIT_SD) return true;
    return fabs(z[i]) > LIMIT_SD * spread && (c > LIMIT_RATIO * m || c < m / LIMIT_RATIO);
}

static stroma_status judge(quality_work *w, quality_answer *a, double *z, double *scratch,
                           stroma_error *err)
{
    const quality_slices *s = &w->slices;
    const double spread = deviations(s, z, scratch);
    size_t high = 0, low = 0, first = SIZE_MAX, last = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (!unusual(s, z, spread, i)) {
            scratch[i] = 0;
            continue;
        }
        scratch[i] = 1;
        *(s->count[i] > fmin(s->usual[i], s->busy) ? &high : &low) += 1;
        if (first == SIZE_MAX) first = i;
        last = i;
    }
    for (uint64_t e = 0; e < w->d->n_events; e++) {
        const double at = (w->times[e] - s->begin) / s->width;
        if (at < (double)s->n && scratch[(size_t)at] > 0) quality_mark(w, e, e + 1);
    }
    const double share = (double)(high + low) / (double)s->n;
    if (high + low == 0)
        return quality_judge(w, a, 0, err, "steady: %zu slices of %.3g s, median %.4g events", s->n,
                             s->width, s->usual[s->n / 2]);
    return quality_judge(w, a, share, err,
                         "%zu of %zu slices of %.3g s hold too many events and %zu too few, from "
                         "%.4g to %.4g s",
                         high, s->n, s->width, low, s->begin + (double)first * s->width,
                         s->begin + (double)(last + 1) * s->width);
}

static stroma_status run(quality_work *w, quality_answer *a, stroma_error *err)
{
    STROMA_TRY(slice(w, err));
    if (w->slices.n == 0) return quality_cannot(w, a, err, "%s", w->slices.why);
    double *z = stroma_alloc_array(2 * w->slices.n, sizeof *z);
    if (z == NULL) return stroma_no_memory(err);
    const stroma_status s = judge(w, a, z, z + w->slices.n, err);
    stroma_free(z);
    return s;
}

const quality_check quality_rate = {
    .about = { .id = "flow_rate",
               .label = "Flow rate",
               .measure = "share of time slices",
               .look = 0,
               .bad = 0.1,
               .marks = true,
               .fault = true,
               .meaning =
                   "Time is cut into 20 to 1,000 slices of about 100 events or more. A slice "
                   "is marked when its count is more than 6 SD away from the running median "
                   "over a quarter of the slices (square roots of counts; the SD is that of "
                   "the slices, at least that of counting) and 1.5 times above or below it. "
                   "A change that lasts longer than an eighth of the file is not one, unless less "
                   "than a third is left of the rate at which half of the events came.",
               .source =
                   "as flowAI looks at flow rate (Monaco 2016 Bioinformatics 32:2473), with a "
                   "running median in place of its decomposition" },
    .run = run,
};
