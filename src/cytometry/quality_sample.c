/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns seen again: all events on several threads, or an evenly spread sample of them. */
#include "quality.h"

#include "stroma/parallel.h"
#include "stroma/sort.h"

#include <math.h>

enum { BLOCK = STROMA_COLUMN_BLOCK, SAMPLE_EVENTS = 50000, BLOCKS_A_PIECE = 64 };

/* Room for one block of k columns, and its reader. */
typedef struct block {
    stroma_column_reader *reader;
    double *room, **x;
} block;

static void block_clear(block *b)
{
    stroma_column_reader_close(b->reader);
    stroma_free(b->room);
    stroma_free(b->x);
}

static stroma_status block_make(const quality_work *w, const stroma_event_column *columns, size_t k,
                                block *b, stroma_error *err)
{
    const uint64_t n = w->d->n_events;
    const size_t stride = (n < BLOCK ? (size_t)n : BLOCK) + 8;
    *b = (block){ 0 };
    b->room = stroma_alloc_array(k * stride, sizeof *b->room);
    b->x = stroma_alloc_array(k, sizeof *b->x);
    if (b->room == NULL || b->x == NULL) return stroma_no_memory(err);
    for (size_t j = 0; j < k; j++)
        b->x[j] = b->room + j * stride;
    return stroma_column_reader_open(w->d, columns, k, &b->reader, err);
}

typedef struct scan {
    quality_work *w;
    const stroma_event_column *columns;
    size_t k;
    quality_see see;
    void *context;
} scan;

static stroma_status scan_blocks(size_t begin, size_t end, int worker, void *context,
                                 stroma_error *err)
{
    (void)worker;
    const scan *s = context;
    const uint64_t n = s->w->d->n_events;
    block b;
    stroma_status st = block_make(s->w, s->columns, s->k, &b, err);
    for (size_t i = begin; st == STROMA_OK && i < end; i++) {
        const uint64_t first = (uint64_t)i * BLOCK;
        const size_t m = n - first < BLOCK ? (size_t)(n - first) : BLOCK;
        st = stroma_column_reader_read(b.reader, first, m, b.x, err);
        if (st == STROMA_OK) s->see(s->w, first, m, b.x, s->context);
    }
    block_clear(&b);
    return st;
}

stroma_status quality_scan(quality_work *w, const stroma_event_column *columns, size_t k,
                           quality_see see, void *context, stroma_error *err)
{
    scan s = { w, columns, k, see, context };
    if (k == 0 || w->d->n_events == 0) return STROMA_OK;
    const size_t blocks = (size_t)((w->d->n_events - 1) / BLOCK + 1);
    return stroma_parallel_for(blocks, w->opts->threads, BLOCKS_A_PIECE, scan_blocks, &s, err);
}

static void keep(const block *b, size_t k, size_t n, double *out, size_t *kept)
{
    for (size_t i = 0; i < n; i++) {
        const double x = k == 1 ? b->x[0][i] : b->x[0][i] / b->x[1][i];
        if (isfinite(x) && (k == 1 || b->x[1][i] > 0)) out[(*kept)++] = x;
    }
}

stroma_status quality_sample(const quality_work *w, const stroma_event_column *columns, size_t k,
                             double **x, size_t *n, stroma_error *err)
{
    const uint64_t events = w->d->n_events;
    const uint64_t blocks = (events + BLOCK - 1) / BLOCK, most = SAMPLE_EVENTS / BLOCK;
    const uint64_t take = blocks < most ? blocks : most;
    block b = { 0 };
    *n = 0;
    *x = stroma_alloc_array((size_t)take * BLOCK + 1, sizeof **x);
    stroma_status s = *x == NULL ? stroma_no_memory(err) : block_make(w, columns, k, &b, err);
    for (uint64_t i = 0; s == STROMA_OK && i < take; i++) {
        const uint64_t first = blocks * i / take * BLOCK;
        const size_t m = events - first < BLOCK ? (size_t)(events - first) : BLOCK;
        s = stroma_column_reader_read(b.reader, first, m, b.x, err);
        if (s == STROMA_OK) keep(&b, k, m, *x, n);
    }
    block_clear(&b);
    if (s == STROMA_OK) {
        stroma_sort_doubles(*x, *n);
    } else {
        stroma_free(*x);
        *x = NULL;
    }
    return s;
}

double quality_median(double *x, size_t n)
{
    if (n == 0) return (double)NAN;
    stroma_sort_doubles(x, n);
    return n % 2 == 1 ? x[n / 2] : x[n / 2 - 1] + (x[n / 2] - x[n / 2 - 1]) / 2;
}
