/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step-down minP (Ge, Dudoit & Speed 2003 Test 12:1, algorithm 4): each candidate's permuted
 * statistics become p-values among themselves, so that candidates on unlike scales weigh the same.
 * The observed outcome counts as one more permutation, unless it is among them. */
#include "screen_engine.h"

#include "stroma/parallel.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

enum { GROUP = 64 }; /* candidates whose permuted p-values are held at a time */

typedef struct min_p_job {
    screen_engine *e;
    const size_t *item; /* the group */
    size_t len;
    double *z; /* GROUP × permutations */
    uint32_t
        *rank; /* GROUP × permutations: how many statistics reach this one, observed included */
    screen_tile *tiles;
    double *sorted; /* workers × permutations */
} min_p_job;

static stroma_status fill_z(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const min_p_job *job = context;
    const screen_engine *e = job->e;
    screen_tile *t = &job->tiles[worker];
    (void)err;
    screen_tile_fill(t, e, begin, end - begin);
    for (size_t k = 0; k < job->len; k++) {
        const screen_item *item = &e->items[job->item[k]];
        screen_tile_values(t, e, item, t->z);
        for (size_t l = 0; l < end - begin; l++)
            job->z[k * e->permutations + begin + l] = screen_size(item, t->z[l]);
    }
    return STROMA_OK;
}

/* How many of the sorted values are at least v, a hair of rounding apart. */
static size_t at_least(const double *sorted, size_t n, double v)
{
    const double bound = v - 1e-10 * fabs(v) - 1e-300;
    size_t low = 0, high = n;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (sorted[mid] < bound)
            low = mid + 1;
        else
            high = mid;
    }
    return n - low;
}

static stroma_status rank_some(size_t begin, size_t end, int worker, void *context,
                               stroma_error *err)
{
    const min_p_job *job = context;
    const size_t b = job->e->permutations;
    const bool one_more = !job->e->all;
    double *sorted = job->sorted + (size_t)worker * b;
    (void)err;
    for (size_t k = begin; k < end; k++) {
        const screen_item *item = &job->e->items[job->item[k]];
        const double observed = screen_size(item, item->z);
        const double *z = job->z + k * b;
        memcpy(sorted, z, b * sizeof *sorted);
        stroma_sort_doubles(sorted, b);
        for (size_t i = 0; i < b; i++)
            job->rank[k * b + i] =
                (uint32_t)(at_least(sorted, b, z[i]) +
                           (one_more && observed >= z[i] - 1e-10 * fabs(z[i]) - 1e-300));
    }
    return STROMA_OK;
}

/* Most significant last, as the family is processed. */
static int by_own(const void *a, const void *b, void *context)
{
    const screen_item *items = context;
    const screen_item *x = &items[*(const size_t *)a], *y = &items[*(const size_t *)b];
    if (x->own != y->own) return x->own > y->own ? -1 : 1;
    return x->column < y->column ? 1 : -1;
}

/* One candidate of the group: the least p so far of each permutation, and how many reach its own.
 */
static void take_candidate(const min_p_job *job, size_t k, uint32_t *running)
{
    const size_t b = job->e->permutations;
    const uint64_t one = !job->e->all;
    screen_item *item = &job->e->items[job->item[k]];
    uint64_t count = one;
    for (size_t i = 0; i < b; i++) {
        const uint32_t r = job->rank[k * b + i];
        if (r < running[i]) running[i] = r;
        count += running[i] <= item->own + one;
    }
    item->p_min_p = (double)count / (double)(b + one);
}

static stroma_status walk(min_p_job *job, const screen_family *family, uint32_t *running,
                          stroma_error *err)
{
    const screen_engine *e = job->e;
    const int workers = e->threads < 1 ? 1 : e->threads;
    for (size_t i = 0; i < e->permutations; i++)
        running[i] = UINT32_MAX;
    for (size_t from = 0; from < family->len; from += GROUP) {
        job->item = family->item + from;
        job->len = family->len - from < GROUP ? family->len - from : GROUP;
        STROMA_TRY(stroma_parallel_for(e->permutations, workers, e->lanes, fill_z, job, err));
        STROMA_TRY(stroma_parallel_for(job->len, workers, 1, rank_some, job, err));
        for (size_t k = 0; k < job->len; k++)
            take_candidate(job, k, running);
    }
    for (size_t k = family->len; k-- > 1;) { /* never below a more significant one */
        const double above = e->items[family->item[k]].p_min_p;
        screen_item *item = &e->items[family->item[k - 1]];
        if (item->p_min_p < above) item->p_min_p = above;
    }
    return STROMA_OK;
}

stroma_status screen_engine_min_p(screen_engine *e, screen_family *family, stroma_error *err)
{
    if (family->len == 0) return STROMA_OK;
    const size_t b = e->permutations, workers = (size_t)(e->threads < 1 ? 1 : e->threads);
    min_p_job job = { .e = e };
    uint32_t *running = stroma_alloc_array(b, sizeof *running);
    job.z = stroma_alloc_array(GROUP * b, sizeof *job.z);
    job.rank = stroma_alloc_array(GROUP * b, sizeof *job.rank);
    job.sorted = stroma_alloc_array(workers * b, sizeof *job.sorted);
    job.tiles = stroma_alloc_array(workers, sizeof *job.tiles);
    stroma_status s = STROMA_OK;
    if (running == NULL || job.z == NULL || job.rank == NULL || job.sorted == NULL ||
        job.tiles == NULL)
        s = stroma_no_memory(err);
    for (size_t w = 0; s == STROMA_OK && w < workers; w++)
        s = screen_tile_init(&job.tiles[w], e, err);
    if (s == STROMA_OK)
        s = stroma_sort(family->item, family->len, sizeof *family->item, by_own, e->items, err);
    if (s == STROMA_OK) s = walk(&job, family, running, err);
    for (size_t w = 0; job.tiles != NULL && w < workers; w++)
        screen_tile_clear(&job.tiles[w]);
    stroma_free(running);
    stroma_free(job.z);
    stroma_free(job.rank);
    stroma_free(job.sorted);
    stroma_free(job.tiles);
    return s;
}
