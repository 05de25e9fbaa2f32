/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step-down maxT: a tile of permutations after the other meets all candidates, the least
 * significant first, and keeps the largest statistic so far. Counts are whole numbers, so that it
 * does not matter who counts which tile. */
#include "screen_engine.h"

#include "stroma/parallel.h"

#include <math.h>
#include <string.h>

/* Rounding must not part statistics that are equal: a permuted one that is this much smaller
 * counts as reaching the observed one. */
static const double tie_slack = 1e-10;

stroma_status screen_engine_observe(screen_engine *e, stroma_error *err)
{
    screen_tile t;
    screen_engine one = *e;
    one.lanes = SCREEN_LANES_STEP;
    stroma_status s = screen_tile_init(&t, &one, err);
    if (s == STROMA_OK) screen_tile_observed(&t, &one);
    for (size_t k = 0; s == STROMA_OK && k < e->items_len; k++) {
        screen_item *item = &e->items[k];
        screen_tile_values(&t, &one, item, t.z);
        item->z = t.z[0];
        const double size = screen_size(item, item->z);
        item->bound = size - tie_slack * fabs(size) - 1e-300;
    }
    screen_tile_clear(&t);
    return s;
}

typedef struct run_job {
    const screen_engine *e;
    const screen_family *families;
    screen_tile *tiles; /* one a worker */
    uint64_t first;     /* permutation of piece 0 */
} run_job;

static double scale_of(const screen_item *item)
{
    return item->direction == STROMA_SCREEN_LOWER ? -item->scale : item->scale;
}

/* As many of the next items as one call can take: they are of one simple kind. */
static size_t batch_of(const screen_engine *e, const size_t *item, size_t left)
{
    const screen_kind kind = e->items[item[0]].kind;
    if (kind != SCREEN_INT && kind != SCREEN_LINEAR) return 1;
    size_t n = 1;
    while (n < left && n < SCREEN_BATCH && e->items[item[n]].kind == kind)
        n++;
    return n;
}

static void sum_batch(screen_tile *t, const screen_engine *e, const size_t *item, size_t n)
{
    const bool ints = e->items[item[0]].kind == SCREEN_INT;
    for (size_t k = 0; k < n; k++)
        if (ints)
            memcpy(t->int_rows + k * 2 * e->pairs, e->items[item[k]].ranks,
                   2 * e->pairs * sizeof *t->int_rows);
        else
            memcpy(t->rows + k * e->n, e->items[item[k]].scores, e->n * sizeof *t->rows);
    if (ints)
        e->kernels->sum_int16(t->int_rows, n, e->pairs, t->pair, t->lanes, t->int_sums);
    else
        e->kernels->sum_double(t->rows, n, e->n, t->label, t->lanes, t->sums);
}

static void step_batch(screen_tile *t, const screen_engine *e, const size_t *item, size_t n,
                       size_t used, size_t family)
{
    const screen_kind kind = e->items[item[0]].kind;
    if (kind == SCREEN_INT || kind == SCREEN_LINEAR)
        sum_batch(t, e, item, n);
    else
        screen_tile_values(t, e, &e->items[item[0]], t->z);
    for (size_t k = 0; k < n; k++) {
        const screen_item *it = &e->items[item[k]];
        const bool two_sided = it->direction == STROMA_SCREEN_TWO_SIDED;
        screen_step step = { .bound = it->bound, .running = t->running[family] };
        if (kind == SCREEN_INT)
            e->kernels->step_int32(t->int_sums + k * t->lanes, scale_of(it), two_sided, used,
                                   &step);
        else if (kind == SCREEN_LINEAR)
            e->kernels->step_double(t->sums + k * t->lanes, scale_of(it), two_sided, used, &step);
        else
            e->kernels->step_double(t->z, 1, two_sided, used, &step);
        t->own[item[k]] += step.own;
        t->most[item[k]] += step.most;
    }
}

static stroma_status some(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const run_job *job = context;
    const screen_engine *e = job->e;
    screen_tile *t = &job->tiles[worker];
    (void)err;
    screen_tile_fill(t, e, job->first + begin, end - begin);
    for (size_t f = 0; f < 2; f++) {
        const screen_family *family = &job->families[f];
        for (size_t l = 0; l < t->lanes; l++)
            t->running[f][l] = -INFINITY;
        for (size_t k = 0, n = 0; k < family->len; k += n) {
            n = batch_of(e, family->item + k, family->len - k);
            step_batch(t, e, family->item + k, n, end - begin, f);
        }
    }
    return STROMA_OK;
}

static size_t workers_of(const screen_engine *e, size_t pieces)
{
    const size_t threads = e->threads < 1 ? 1 : (size_t)e->threads;
    return pieces == 0 ? 1 : threads < pieces ? threads : pieces;
}

/* Counts of all workers into the items, then of all parts. */
static stroma_status gather(screen_engine *e, const screen_tile *tiles, size_t workers,
                            stroma_error *err)
{
    uint64_t *counts = stroma_alloc_array(2 * e->items_len, sizeof *counts);
    if (counts == NULL) return stroma_no_memory(err);
    for (size_t w = 0; w < workers; w++)
        for (size_t k = 0; k < e->items_len; k++) {
            counts[2 * k] += tiles[w].own[k];
            counts[2 * k + 1] += tiles[w].most[k];
        }
    stroma_status s = STROMA_OK;
    if (e->split != NULL) s = e->split->sum(counts, 2 * e->items_len, e->split->context, err);
    for (size_t k = 0; k < e->items_len; k++) {
        e->items[k].own = counts[2 * k];
        e->items[k].most = counts[2 * k + 1];
    }
    stroma_free(counts);
    return s;
}

stroma_status screen_engine_run(screen_engine *e, const screen_family families[2],
                                stroma_error *err)
{
    const uint64_t part = e->split == NULL ? 0 : e->split->part,
                   parts = e->split == NULL ? 1 : e->split->parts, all = e->permutations;
    const uint64_t first = all * part / parts, end = all * (part + 1) / parts;
    const size_t pieces = (size_t)((end - first + e->lanes - 1) / e->lanes);
    const size_t workers = workers_of(e, pieces);
    screen_tile *tiles = stroma_alloc_array(workers, sizeof *tiles);
    if (tiles == NULL) return stroma_no_memory(err);
    run_job job = { e, families, tiles, first };
    stroma_status s = STROMA_OK;
    for (size_t w = 0; s == STROMA_OK && w < workers; w++)
        s = screen_tile_init(&tiles[w], e, err);
    if (s == STROMA_OK)
        s = stroma_parallel_for((size_t)(end - first), (int)workers, e->lanes, some, &job, err);
    if (s == STROMA_OK) s = gather(e, tiles, workers, err);
    for (size_t w = 0; w < workers; w++)
        screen_tile_clear(&tiles[w]);
    stroma_free(tiles);
    return s;
}
