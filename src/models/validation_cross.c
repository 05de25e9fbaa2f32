/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stratified folds and repeated cross-validation. */
#include "validation.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/random.h"

#include <math.h>

enum { REPEATS_MAX = 100000 };

typedef struct cross {
    const double *y;
    size_t n;
    stroma_validation_fit fit;
    void *context;
    stroma_cross_validation *v;
    size_t *fold;        /* repeats × n */
    size_t *rows;        /* worker × n */
    double *room;        /* worker × n */
    const char **reason; /* repeats × folds */
} cross;

static stroma_status check_folds(const double *y, size_t n, size_t folds, stroma_error *err)
{
    STROMA_TRY(validation_check(NULL, y, n, false, err));
    if (folds >= 2 && folds <= n) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "%zu folds are not within 2 to the %zu rows", folds, n);
}

/* Each class is dealt in a random order; the second goes on where the first stopped, so sizes
 * differ by one at most. */
static void deal(const double *y, size_t n, size_t folds, stroma_random *r, size_t *order,
                 size_t *fold)
{
    size_t next = 0;
    stroma_random_permutation(r, order, n);
    for (int class = 1; class >= 0; class --)
        for (size_t i = 0; i < n; i++)
            if ((y[order[i]] > 0) == (class == 1)) fold[order[i]] = next++ % folds;
}

stroma_status stroma_validation_folds(const double *y, size_t n, size_t folds, uint64_t seed,
                                      uint64_t index, size_t *fold, stroma_error *err)
{
    stroma_random r;
    STROMA_TRY(check_folds(y, n, folds, err));
    size_t *order = stroma_alloc_array(n, sizeof *order);
    if (order == NULL) return stroma_no_memory(err);
    stroma_random_init(&r, seed, stroma_random_stream("folds"), index);
    deal(y, n, folds, &r, order, fold);
    stroma_free(order);
    return STROMA_OK;
}

static stroma_status some(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const cross *w = context;
    size_t *rows = w->rows + (size_t)worker * w->n;
    double *p = w->room + (size_t)worker * w->n;
    for (size_t k = begin; k < end; k++) {
        const size_t repeat = k / w->v->folds, fold = k % w->v->folds;
        const size_t *of = w->fold + repeat * w->n;
        double *to = w->v->probability + repeat * w->n;
        stroma_validation_sample sample = { .rows = rows, .index = k, .worker = worker };
        for (size_t i = 0; i < w->n; i++)
            if (of[i] != fold) rows[sample.rows_len++] = i;
        const stroma_status s = w->fit(&sample, w->context, p, &w->reason[k], err);
        if (s != STROMA_OK) return stroma_in(err, s, "repeat %zu, fold %zu", repeat + 1, fold + 1);
        for (size_t i = 0; i < w->n; i++) {
            if (of[i] != fold) continue;
            to[i] = w->reason[k] == NULL ? p[i] : (double)NAN;
            if (w->reason[k] == NULL && !(p[i] >= 0 && p[i] <= 1))
                return stroma_fail(err, STROMA_E_USAGE,
                                   "predicted probability of row %zu is %g, not within 0 to 1",
                                   i + 1, p[i]);
        }
    }
    return STROMA_OK;
}

static void mean_of_rows(const cross *w)
{
    for (size_t i = 0; i < w->n; i++) {
        double sum = 0;
        size_t n = 0;
        for (size_t r = 0; r < w->v->repeats; r++) {
            const double p = w->v->probability[r * w->n + i];
            if (isnan(p)) continue;
            sum += p;
            n++;
        }
        w->v->mean[i] = n == 0 ? (double)NAN : sum / (double)n;
    }
}

/* Mean and SD over repeats; @p all repeats × measures. */
static void spread(const cross *w, const double *all)
{
    for (size_t k = 0; k < STROMA_MEASURES; k++) {
        stroma_cross_validated *c = &w->v->measures[k];
        double sum = 0, squares = 0;
        for (size_t r = 0; r < w->v->repeats; r++) {
            const double x = all[r * STROMA_MEASURES + k];
            if (isnan(x)) continue;
            sum += x;
            c->repeats++;
        }
        c->mean = c->repeats == 0 ? (double)NAN : sum / (double)c->repeats;
        for (size_t r = 0; r < w->v->repeats; r++) {
            const double x = all[r * STROMA_MEASURES + k];
            if (!isnan(x)) squares += (x - c->mean) * (x - c->mean);
        }
        c->sd = c->repeats < 2 ? (double)NAN : sqrt(squares / (double)(c->repeats - 1));
    }
}

static stroma_status summarise(const cross *w, stroma_error *err)
{
    const stroma_cross_validation *v = w->v;
    double *all = stroma_alloc_array(v->repeats, STROMA_MEASURES * sizeof *all);
    if (all == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    for (size_t r = 0; s == STROMA_OK && r < v->repeats; r++) {
        bool whole = true;
        for (size_t f = 0; f < v->folds; f++) {
            const char *reason = w->reason[r * v->folds + f];
            if (reason != NULL) validation_failed(&w->v->failed, reason);
            whole = whole && reason == NULL;
        }
        double *to = all + r * STROMA_MEASURES;
        for (int k = 0; k < STROMA_MEASURES; k++)
            to[k] = NAN;
        if (whole) s = stroma_measures(v->probability + r * w->n, w->y, w->n, to, err);
    }
    if (s == STROMA_OK) {
        spread(w, all);
        mean_of_rows(w);
    }
    stroma_free(all);
    return s;
}

void stroma_cross_validation_free(stroma_cross_validation *v)
{
    if (v == NULL) return;
    stroma_free(v->probability);
    stroma_free(v->mean);
    stroma_free(v);
}

static stroma_status run(cross *w, const stroma_cross_options *o, stroma_error *err)
{
    const int threads = o->threads < 1 ? 1 : o->threads;
    w->v->probability = stroma_alloc_array(o->repeats, w->n * sizeof *w->v->probability);
    w->v->mean = stroma_alloc_array(w->n, sizeof *w->v->mean);
    w->fold = stroma_alloc_array(o->repeats, w->n * sizeof *w->fold);
    w->rows = stroma_alloc_array((size_t)threads, w->n * sizeof *w->rows);
    w->room = stroma_alloc_array((size_t)threads, w->n * sizeof *w->room);
    w->reason = stroma_alloc_array(o->repeats, o->folds * sizeof *w->reason);
    if (w->v->probability == NULL || w->v->mean == NULL || w->fold == NULL || w->rows == NULL ||
        w->room == NULL || w->reason == NULL)
        return stroma_no_memory(err);
    for (size_t r = 0; r < o->repeats; r++)
        STROMA_TRY(
            stroma_validation_folds(w->y, w->n, o->folds, o->seed, r, w->fold + r * w->n, err));
    STROMA_TRY(stroma_parallel_for(o->repeats * o->folds, threads, 1, some, w, err));
    return summarise(w, err);
}

stroma_status stroma_validate_cross(const double *y, size_t n, stroma_validation_fit fit,
                                    void *context, const stroma_cross_options *options,
                                    stroma_cross_validation **out, stroma_error *err)
{
    static const stroma_cross_options defaults = STROMA_CROSS_OPTIONS_INIT;
    const stroma_cross_options *o = options == NULL ? &defaults : options;
    *out = NULL;
    STROMA_TRY(validation_check(NULL, y, n, true, err));
    STROMA_TRY(check_folds(y, n, o->folds, err));
    if (o->repeats < 1 || o->repeats > REPEATS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu repeats are not within 1 to %d", o->repeats,
                           REPEATS_MAX);
    cross w = { .y = y, .n = n, .fit = fit, .context = context };
    w.v = stroma_alloc_array(1, sizeof *w.v);
    if (w.v == NULL) return stroma_no_memory(err);
    w.v->rows = n;
    w.v->folds = o->folds;
    w.v->repeats = o->repeats;
    const stroma_status s = run(&w, o, err);
    stroma_free(w.fold);
    stroma_free(w.rows);
    stroma_free(w.room);
    stroma_free(w.reason);
    if (s == STROMA_OK)
        *out = w.v;
    else
        stroma_cross_validation_free(w.v);
    return s;
}
