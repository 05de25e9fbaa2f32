/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resampling within classes. A resample is counts on the ladder, so a statistic of it needs no
 * sorting. */
#include "roc_ladder.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/sort.h"
#include "stroma/stats_summary.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 50 };

struct roc_resampling {
    const roc_ladder *ladder;
    roc_statistic statistic;
    const void *context;
    size_t width, resamples;
    uint64_t seed;
    uint32_t stream;
    uint32_t *counts; /* worker × 2 × rungs */
    double *results;
};

/* Uniform on 0 … n−1 without bias (Lemire 2019 ACM TOMACS 29:3). */
static uint32_t below(stroma_random *r, uint32_t n)
{
    uint64_t m = (uint64_t)stroma_random_u32(r) * n;
    if ((uint32_t)m < n) {
        const uint32_t excess = (0U - n) % n;
        while ((uint32_t)m < excess)
            m = (uint64_t)stroma_random_u32(r) * n;
    }
    return (uint32_t)(m >> 32);
}

static stroma_status some(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const roc_resampling *w = context;
    const roc_ladder *l = w->ladder;
    uint32_t *pos = w->counts + (size_t)worker * 2 * l->rungs, *neg = pos + l->rungs;
    double result[ROC_WIDTH_MAX];
    (void)err;
    for (size_t b = begin; b < end; b++) {
        stroma_random r;
        stroma_random_init(&r, w->seed, w->stream, b);
        memset(pos, 0, 2 * l->rungs * sizeof *pos);
        for (size_t i = 0; i < l->n_pos; i++)
            pos[l->pos[below(&r, (uint32_t)l->n_pos)]]++;
        for (size_t i = 0; i < l->n_neg; i++)
            neg[l->neg[below(&r, (uint32_t)l->n_neg)]]++;
        w->statistic(l, pos, neg, w->context, result);
        for (size_t k = 0; k < w->width; k++)
            w->results[k * w->resamples + b] = result[k];
    }
    return STROMA_OK;
}

stroma_status roc_resample(const roc_ladder *l, const stroma_roc_bootstrap *b, roc_statistic f,
                           const void *context, size_t width, double **out, stroma_error *err)
{
    *out = NULL;
    if (b->resamples < STROMA_ROC_RESAMPLES_MIN || b->resamples > STROMA_ROC_RESAMPLES_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu resamples are not within %d to %d",
                           b->resamples, STROMA_ROC_RESAMPLES_MIN, STROMA_ROC_RESAMPLES_MAX);
    STROMA_BUG_IF(width > ROC_WIDTH_MAX, err);
    const int threads = b->threads < 1 ? 1 : b->threads;
    roc_resampling w = { .ladder = l,
                         .statistic = f,
                         .context = context,
                         .width = width,
                         .resamples = b->resamples,
                         .seed = b->seed,
                         .stream = stroma_random_stream("roc bootstrap") };
    w.counts = stroma_alloc_array((size_t)threads, 2 * l->rungs * sizeof *w.counts);
    w.results = stroma_alloc_array(b->resamples * width, sizeof *w.results);
    stroma_status s = w.counts == NULL || w.results == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) s = stroma_parallel_for(b->resamples, threads, CHUNK, some, &w, err);
    stroma_free(w.counts);
    if (s == STROMA_OK)
        *out = w.results;
    else
        stroma_free(w.results);
    return s;
}

stroma_status roc_percentiles(const double *x, size_t n, double level, stroma_stat *s,
                              stroma_error *err)
{
    stroma_summary m;
    STROMA_TRY(stroma_summary_compute(x, n, level, &m, err));
    s->se = m.sd;
    STROMA_TRY(stroma_quantile_compute(x, n, 0.5 - level / 2, STROMA_QUANTILE_7, &s->lower, err));
    return stroma_quantile_compute(x, n, 0.5 + level / 2, STROMA_QUANTILE_7, &s->upper, err);
}
