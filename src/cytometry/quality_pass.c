/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pass over the events: how many of each bin fall into which class of each channel, and what
 * stands at the ends of the channels. */
#include "quality.h"

#include "stroma/parallel.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { BLOCK = STROMA_COLUMN_BLOCK, CUT_RUNS = 64, CUT_RUN_EVENTS = 64, BINS_A_PIECE = 8 };

static double end_of_range(const stroma_fcs_parameter *p)
{
    if (!(p->range > 1)) return (double)INFINITY;
    if (p->log_decades > 0)
        return p->log_offset * pow(10, p->log_decades * (p->range - 1) / p->range);
    const double gain = p->gain > 0 ? p->gain : 1;
    return (p->range - 1) / gain;
}

static stroma_status describe_channels(quality_work *w, stroma_error *err)
{
    w->channels = stroma_arena_alloc(w->arena, w->channels_len + 1, sizeof *w->channels);
    if (w->channels == NULL) return stroma_no_memory(err);
    for (size_t j = 0; j < w->channels_len; j++) {
        const stroma_fcs_parameter *p = &w->d->parameters[j];
        quality_channel *c = &w->channels[j];
        c->name = p->name;
        c->time = p->is_time || strncasecmp(p->name, "time", 4) == 0;
        c->scatter = strncasecmp(p->name, "FSC", 3) == 0 || strncasecmp(p->name, "SSC", 3) == 0;
        c->top = end_of_range(p);
        if (c->time && (w->time == SIZE_MAX || (p->is_time && !w->d->parameters[w->time].is_time)))
            w->time = j;
    }
    return STROMA_OK;
}

/* ---- classes of equal size, from a sample ---- */

static void cut(quality_channel *c, double *x, size_t n)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i])) x[m++] = x[i];
    stroma_sort_doubles(x, m);
    for (size_t k = 0; k < QUALITY_CUTS; k++)
        c->cut[k] = m == 0 ? 0 : x[(k + 1) * m / QUALITY_CLASSES];
}

static stroma_status cut_channels(quality_work *w, stroma_error *err)
{
    const uint64_t events = w->d->n_events;
    const size_t k = w->channels_len, most = CUT_RUNS * CUT_RUN_EVENTS;
    const size_t room = events < most ? (size_t)events : most; /* few events of many channels */
    double *x = stroma_alloc_array(k * room, sizeof *x);
    double **at = stroma_alloc_array(k, sizeof *at);
    size_t *all = stroma_alloc_array(k, sizeof *all);
    stroma_status s = x == NULL || at == NULL || all == NULL ? stroma_no_memory(err) : STROMA_OK;
    size_t n = 0;
    for (size_t r = 0; s == STROMA_OK && r < CUT_RUNS; r++) {
        const uint64_t first = events <= most ? r * CUT_RUN_EVENTS : events / CUT_RUNS * r;
        if (first >= events) break;
        const uint64_t left = events - first;
        const size_t take = left < CUT_RUN_EVENTS ? (size_t)left : CUT_RUN_EVENTS;
        for (size_t j = 0; j < k; j++) {
            all[j] = j;
            at[j] = x + j * room + n;
        }
        s = stroma_fcs_read(w->d, STROMA_FCS_LINEAR, first, take, all, k, at, err);
        n += take;
    }
    for (size_t j = 0; s == STROMA_OK && j < k; j++)
        cut(&w->channels[j], x + j * room, n);
    stroma_free(x);
    stroma_free(at);
    stroma_free(all);
    return s;
}

_Static_assert(QUALITY_CUTS == 15, "count_classes() halves four times");

/* ---- the pass ---- */

/* The number of cuts below x, by halving: 15 cuts in four steps without a branch. NaN is class 0.
 */
static void count_classes(const double *x, size_t n, const double *cuts, uint32_t *classes)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = (size_t)(x[i] > cuts[7]) << 3;
        k += (size_t)(x[i] > cuts[k + 3]) << 2;
        k += (size_t)(x[i] > cuts[k + 1]) << 1;
        k += (size_t)(x[i] > cuts[k]);
        classes[k]++;
    }
}

static void see_end(quality_ends *e, double x, double top)
{
    if (!isfinite(x)) {
        e->not_finite++;
        return;
    }
    if (x < e->min) {
        e->min = x;
        e->n_min = 0;
    }
    if (x > e->max) {
        e->max = x;
        e->n_max = 0;
    }
    e->n_min += x == e->min;
    e->n_max += x == e->max;
    e->n_top += x >= top;
}

/* Most values are neither new ends nor at the top: they are passed over in whole runs. */
static void see_ends(quality_ends *e, const double *x, size_t n, double top)
{
    enum { RUN = 32 };
    for (size_t i = 0; i < n; i += RUN) {
        const size_t end = n - i < RUN ? n : i + RUN;
        int special = 0;
        const double low = e->min, high = fmin(e->max, top);
        for (size_t j = i; j < end; j++) /* a NaN is neither */
            special |= !((x[j] > low) & (x[j] < high));
        if (special)
            for (size_t j = i; j < end; j++)
                see_end(e, x[j], top);
    }
}

typedef struct reading {
    quality_work *w;
    size_t *all;
} reading;

static stroma_status read_bin(const reading *r, size_t b, double *const *x, stroma_error *err)
{
    quality_work *w = r->w;
    const size_t k = w->channels_len;
    const uint64_t end = quality_bin_begin(w, b + 1);
    for (size_t j = 0; j < k; j++)
        w->bin_ends[b * k + j] = (quality_ends){ .min = HUGE_VAL, .max = -HUGE_VAL };
    for (uint64_t first = quality_bin_begin(w, b); first < end; first += BLOCK) {
        const size_t n = end - first < BLOCK ? (size_t)(end - first) : BLOCK;
        STROMA_TRY(stroma_fcs_read(w->d, STROMA_FCS_LINEAR, first, n, r->all, k, x, err));
        for (size_t j = 0; j < k; j++) {
            const quality_channel *c = &w->channels[j];
            count_classes(x[j], n, c->cut, w->classes + (b * k + j) * QUALITY_CLASSES);
            see_ends(&w->bin_ends[b * k + j], x[j], n, c->top);
        }
        if (w->times != NULL) memcpy(w->times + first, x[w->time], n * sizeof *w->times);
    }
    return STROMA_OK;
}

static stroma_status read_bins(size_t begin, size_t end, int worker, void *context,
                               stroma_error *err)
{
    (void)worker;
    const reading *r = context;
    const uint64_t n = r->w->d->n_events;
    const size_t k = r->w->channels_len, stride = (n < BLOCK ? (size_t)n : BLOCK) + 8;
    double *room = stroma_alloc_array(k * stride, sizeof *room);
    double **x = stroma_alloc_array(k, sizeof *x);
    stroma_status s = room == NULL || x == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t j = 0; s == STROMA_OK && j < k; j++)
        x[j] = room + j * stride;
    for (size_t b = begin; s == STROMA_OK && b < end; b++)
        s = read_bin(r, b, x, err);
    stroma_free(room);
    stroma_free(x);
    return s;
}

static void join_ends(quality_ends *a, const quality_ends *b)
{
    if (b->min < a->min) {
        a->min = b->min;
        a->n_min = 0;
    }
    if (b->max > a->max) {
        a->max = b->max;
        a->n_max = 0;
    }
    a->n_min += b->min == a->min ? b->n_min : 0;
    a->n_max += b->max == a->max ? b->n_max : 0;
    a->n_top += b->n_top;
    a->not_finite += b->not_finite;
}

static void choose_bins(quality_work *w)
{
    const uint64_t n = w->d->n_events;
    const uint64_t wanted = n / QUALITY_BIN_EVENTS;
    w->bins = wanted > QUALITY_BINS_MAX ? QUALITY_BINS_MAX : (size_t)wanted;
    if (w->bins < QUALITY_BINS_MIN && n >= QUALITY_FEW_EVENTS) w->bins = QUALITY_BINS_MIN;
    if (w->bins == 0) w->bins = 1;
}

static stroma_status read_all(quality_work *w, stroma_error *err)
{
    const size_t k = w->channels_len;
    reading r = { w, stroma_alloc_array(k, sizeof *r.all) };
    if (r.all == NULL) return stroma_no_memory(err);
    for (size_t j = 0; j < k; j++)
        r.all[j] = j;
    const stroma_status s =
        stroma_parallel_for(w->bins, w->opts->threads, BINS_A_PIECE, read_bins, &r, err);
    stroma_free(r.all);
    return s;
}

stroma_status quality_pass(quality_work *w, stroma_error *err)
{
    const size_t k = w->channels_len;
    const uint64_t n = w->d->n_events;
    STROMA_TRY(describe_channels(w, err));
    choose_bins(w);
    for (size_t j = 0; j < k; j++)
        w->channels[j].ends = (quality_ends){ .min = HUGE_VAL, .max = -HUGE_VAL };
    if (n == 0 || k == 0) return STROMA_OK;
    w->classes = stroma_alloc_array(w->bins * k * QUALITY_CLASSES, sizeof *w->classes);
    w->bin_ends = stroma_alloc_array(w->bins * k, sizeof *w->bin_ends);
    if (w->time != SIZE_MAX) w->times = stroma_alloc_array((size_t)n, sizeof *w->times);
    if (w->classes == NULL || w->bin_ends == NULL || (w->time != SIZE_MAX && w->times == NULL))
        return stroma_no_memory(err);
    STROMA_TRY(cut_channels(w, err));
    STROMA_TRY(read_all(w, err));
    for (size_t b = 0; b < w->bins; b++)
        for (size_t j = 0; j < k; j++)
            join_ends(&w->channels[j].ends, &w->bin_ends[b * k + j]);
    return STROMA_OK;
}
