/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each row's part of the score at the estimates: what the robust variance adds up. */
#include "cox_problem.h"

#include "stroma/memory.h"

#include <string.h>

/* Sums over the steps of an event time, in the order of the walk. Hazards are those of weight 1. */
typedef struct hazards {
    size_t len, width;
    size_t *first, *last; /* positions that stop there */
    size_t *block;        /* blocks + 1: where a block's event times begin */
    double *time;
    /* width = 2 + 3 p: Σ h, Σ out h, then Σ h mean, Σ out h mean, and the mean of the means; out is
     * the part of those who fail that has left the risk set */
    double *sums;
} hazards;

static void hazards_free(hazards *z)
{
    stroma_free(z->first);
    stroma_free(z->time);
    *z = (hazards){ 0 };
}

static stroma_status hazards_new(const cox_problem *q, hazards *z, stroma_error *err)
{
    *z = (hazards){ .width = 2 + 3 * q->p };
    z->first = stroma_alloc_array(2 * q->events + q->t.blocks + 1, sizeof *z->first);
    z->time = stroma_alloc_array(q->events * (1 + z->width), sizeof *z->time);
    if (z->first == NULL || z->time == NULL) {
        hazards_free(z);
        return stroma_no_memory(err);
    }
    z->last = z->first + q->events;
    z->block = z->last + q->events;
    z->sums = z->time + q->events;
    return STROMA_OK;
}

static void visit(const cox_problem *q, const cox_moment *m, void *context)
{
    hazards *z = context;
    const size_t p = q->p, steps = cox_steps(q, m);
    double *s = z->sums + z->len * z->width, *mean = q->sums + 2 * q->moments, times = 1;
    z->first[z->len] = m->first;
    z->last[z->len] = m->last;
    z->time[z->len++] = m->time;
    z->block[m->block + 1] = z->len;
    for (size_t l = 0; l < steps; l++) {
        const double h = 1 / cox_step_mean(q, m, l, mean, &times);
        const double out = steps > 1 ? (double)l / m->deaths : 0;
        s[0] += times * h;
        s[1] += out * h;
        for (size_t a = 0; a < p; a++) {
            s[2 + a] += times * h * mean[a];
            s[2 + p + a] += out * h * mean[a];
            s[2 + 2 * p + a] += mean[a] / (double)steps;
        }
    }
}

/* The event times of block b lie at block[b] … block[b + 1] − 1, latest first: the first one that
 * is not after @p time. */
static size_t not_after(const hazards *z, size_t b, double time)
{
    size_t lo = z->block[b], hi = z->block[b + 1];
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (z->time[mid] <= time)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

/* What the row loses by having been at risk up to a time: the cumulated sums stand at the entry. */
static void at_risk(const cox_problem *q, const hazards *z, size_t b, size_t i, double time,
                    double sign, double *out)
{
    const size_t v = not_after(z, b, time), p = q->p;
    if (v == z->block[b + 1]) return;
    const double *s = z->sums + v * z->width;
    for (size_t a = 0; a < p; a++)
        out[a] -= sign * q->weight[i] * (q->x[i * p + a] * s[0] - s[2 + a]);
}

static void of_failures(const cox_problem *q, const hazards *z, size_t v, double *out)
{
    const size_t p = q->p;
    const double *s = z->sums + v * z->width;
    for (size_t i = z->first[v]; i < z->last[v]; i++) {
        if (!q->event[i]) continue;
        for (size_t a = 0; a < p; a++) {
            const double x = q->x[i * p + a];
            out[i * p + a] += x - s[2 + 2 * p + a] + q->weight[i] * (x * s[1] - s[2 + p + a]);
        }
    }
}

stroma_status cox_score_residuals(cox_problem *q, const double *beta, double *out,
                                  stroma_error *err)
{
    hazards z;
    STROMA_TRY(hazards_new(q, &z, err));
    const bool ok = cox_walk(q, beta, visit, &z);
    for (size_t b = 0; b < q->t.blocks; b++) /* a block without events has none of its own */
        if (z.block[b + 1] < z.block[b]) z.block[b + 1] = z.block[b];
    memset(out, 0, q->n * q->p * sizeof *out);
    for (size_t v = 0; ok && v < z.len; v++)
        of_failures(q, &z, v, out);
    for (size_t b = 0; ok && b < q->t.blocks; b++) {
        for (size_t v = z.block[b + 1]; v-- > z.block[b] + 1;) /* earlier times first: cumulate */
            for (size_t k = 0; k < z.width; k++)
                if (k == 0 || (k >= 2 && k < 2 + q->p))
                    z.sums[(v - 1) * z.width + k] += z.sums[v * z.width + k];
        for (size_t i = q->t.first[b]; i < q->t.first[b + 1]; i++) {
            at_risk(q, &z, b, i, q->stop[i], 1, out + i * q->p);
            if (q->start != NULL) at_risk(q, &z, b, i, q->start[i], -1, out + i * q->p);
        }
    }
    hazards_free(&z);
    STROMA_BUG_IF(!ok, err);
    return STROMA_OK;
}
