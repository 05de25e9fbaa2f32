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
    uint64_t n, not_finite;
} running;

static void take_block(running *r, const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i])) {
            r->not_finite++;
            continue;
        }
        if (r->n++ == 0) r->min = r->max = x[i];
        if (x[i] < r->min) r->min = x[i];
        if (x[i] > r->max) r->max = x[i];
        sum += x[i];
    }
    const double total = r->sum + sum;
    r->lost += fabs(r->sum) >= fabs(sum) ? (r->sum - total) + sum : (sum - total) + r->sum;
    r->sum = total;
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
            take_block(&w->stored[j], w->column[j], n);
            fcs_scale_linear(w->d, j, w->column[j], n);
            take_block(&w->linear[j], w->column[j], n);
        }
    }
    return STROMA_OK;
}

static void finish(const job *w, const char *file, stroma_diag *diag, stroma_fcs_summary *out)
{
    const fcs_job f = { .file = file, .diag = diag, .d = (stroma_fcs_dataset *)(uintptr_t)w->d };
    for (size_t j = 0; j < w->d->parameters_len; j++) {
        const running *s = &w->stored[j], *l = &w->linear[j];
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
