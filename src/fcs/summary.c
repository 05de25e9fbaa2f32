/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Smallest, largest and sum of every channel, stored and linear. */
#include "fcs_private.h"

#include <math.h>
#include <string.h>

/* Events at a time; fewer where there are many channels, so that memory follows from neither. */
enum { EVENTS_MOST = 2048, EVENTS_LEAST = 16, VALUES_MOST = 1 << 18 };

/* Kept with its rounding error (Neumaier 1974): a sum of large and small blocks stays exact. */
typedef struct running {
    double min, max, sum, lost;
    uint64_t n; /* values taken, to know the first */
    uint64_t not_finite;
} running;

static void add_sum(running *r, double sum)
{
    const double total = r->sum + sum;
    r->lost += fabs(r->sum) >= fabs(sum) ? (r->sum - total) + sum : (sum - total) + r->sum;
    r->sum = total;
}

static void take_value(running *r, double x)
{
    if (r->n++ == 0) r->min = r->max = x;
    if (x < r->min) r->min = x;
    if (x > r->max) r->max = x;
}

/* The plain twin of the kernels. */
static void sum_up_plain(const double *x, size_t n, fcs_lanes *lanes)
{
    for (size_t i = 0; i < n; i++) {
        const size_t l = i % FCS_LANES;
        if (x[i] < lanes->min[l]) lanes->min[l] = x[i];
        if (x[i] > lanes->max[l]) lanes->max[l] = x[i];
        lanes->sum[l] += x[i];
        lanes->finite[l] += x[i] - x[i];
    }
}

/* Values of which some are NaN or infinite. */
static void take_mixed(running *r, const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i])) {
            r->not_finite++;
            continue;
        }
        take_value(r, x[i]);
        sum += x[i];
    }
    add_sum(r, sum);
}

static void take_block(running *r, const fcs_kernels *k, const double *x, size_t n)
{
    fcs_lanes lanes;
    const size_t even = n / FCS_LANES * FCS_LANES;
    for (size_t l = 0; l < FCS_LANES; l++) {
        lanes.min[l] = lanes.max[l] = x[0];
        lanes.sum[l] = lanes.finite[l] = 0;
    }
    (k == NULL ? sum_up_plain : k->sum_up)(x, even, &lanes);
    sum_up_plain(x + even, n - even, &lanes);
    double finite = 0;
    for (size_t l = 0; l < FCS_LANES; l++)
        finite += lanes.finite[l];
    if (!(finite <= 0)) { /* NaN: the sum is of no use, whatever it is */
        take_mixed(r, x, n);
        return;
    }
    for (size_t l = 0; l < FCS_LANES; l++) {
        take_value(r, lanes.min[l]);
        take_value(r, lanes.max[l]);
        add_sum(r, lanes.sum[l]);
    }
}

static bool is_scaled(const stroma_fcs_dataset *d, const stroma_fcs_parameter *p)
{
    if (p->is_time) return d->timestep_s < 1 || d->timestep_s > 1;
    return p->log_decades > 0 || p->gain < 1 || p->gain > 1;
}

typedef struct job {
    const stroma_fcs_dataset *d;
    running *stored, *linear;
    size_t block;    /* events at a time */
    double *x;       /* so many a channel */
    double **column; /* into x */
    size_t *all;     /* 0, 1, 2, … */
} job;

static stroma_status run(job *w, stroma_error *err)
{
    const size_t k = w->d->parameters_len;
    for (size_t j = 0; j < k; j++) {
        w->column[j] = w->x + j * w->block;
        w->all[j] = j;
    }
    for (uint64_t first = 0; first < w->d->n_events; first += w->block) {
        const uint64_t left = w->d->n_events - first;
        const size_t n = left < w->block ? (size_t)left : w->block;
        STROMA_TRY(stroma_fcs_read(w->d, STROMA_FCS_STORED, first, n, w->all, k, w->column, err));
        for (size_t j = 0; j < k; j++) {
            take_block(&w->stored[j], w->d->data->kernels, w->column[j], n);
            if (!is_scaled(w->d, &w->d->parameters[j])) continue;
            fcs_scale_linear(w->d, j, w->column[j], n);
            take_block(&w->linear[j], w->d->data->kernels, w->column[j], n);
        }
    }
    return STROMA_OK;
}

static void finish(const job *w, const char *file, stroma_diag *diag, stroma_fcs_summary *out)
{
    const fcs_job f = { .file = file, .diag = diag, .d = (stroma_fcs_dataset *)(uintptr_t)w->d };
    for (size_t j = 0; j < w->d->parameters_len; j++) {
        const running *s = &w->stored[j];
        const running *l = is_scaled(w->d, &w->d->parameters[j]) ? &w->linear[j] : s;
        out[j] = (stroma_fcs_summary){ s->not_finite, s->min, s->max,          s->sum + s->lost,
                                       l->min,        l->max, l->sum + l->lost };
        if (s->not_finite > 0)
            fcs_find(&f, "STROMA-FCS-028", STROMA_WARNING, w->d->parameters[j].name,
                     "%llu of %llu values are NaN or infinite; they are left out of smallest, "
                     "largest and sum",
                     (unsigned long long)s->not_finite, (unsigned long long)w->d->n_events);
    }
}

stroma_status stroma_fcs_summarise(const stroma_fcs_dataset *d, const char *file, stroma_diag *diag,
                                   stroma_fcs_summary *out, stroma_error *err)
{
    const size_t k = d->parameters_len;
    size_t block = k == 0 ? EVENTS_MOST : VALUES_MOST / k;
    if (block < EVENTS_LEAST) block = EVENTS_LEAST;
    if (block > EVENTS_MOST) block = EVENTS_MOST;
    if (block > d->n_events) block = (size_t)d->n_events;
    job w = { .d = d,
              .block = block,
              .stored = stroma_alloc_array(k, sizeof *w.stored),
              .linear = stroma_alloc_array(k, sizeof *w.linear),
              .x = stroma_alloc_array(k, block * sizeof *w.x),
              .column = stroma_alloc_array(k, sizeof *w.column),
              .all = stroma_alloc_array(k, sizeof *w.all) };
    stroma_status s = STROMA_OK;
    if (w.stored == NULL || w.linear == NULL || w.x == NULL || w.column == NULL || w.all == NULL)
        s = stroma_no_memory(err);
    if (s == STROMA_OK) s = run(&w, err);
    if (s == STROMA_OK) finish(&w, file, diag, out);
    stroma_free(w.stored);
    stroma_free(w.linear);
    stroma_free(w.x);
    stroma_free(w.column);
    stroma_free(w.all);
    return s == STROMA_E_MALFORMED ? stroma_in(err, s, "file \"%s\"", file) : s;
}
