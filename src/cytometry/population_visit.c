/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of columns in populations, a few columns at a time. */
#include "population.h"

#include "stroma/interrupt.h"

#include <math.h>
#include <string.h>

/* Events that are in at least one population, and where they are held. */
typedef struct visit {
    const stroma_fcs_dataset *data;
    const stroma_membership *membership;
    const size_t *gate;
    size_t populations;
    size_t words;
    uint64_t *any; /* a bit an event; NULL: all of them */
    size_t events; /* in any */
    double *held;  /* columns of `events` values */
    double *picked;
    stroma_population_fn fn;
    void *context;
} visit;

static uint64_t all_bits(uint64_t n_events, size_t word)
{
    const uint64_t left = n_events - (uint64_t)word * 64;
    return left >= 64 ? UINT64_MAX : (UINT64_C(1) << left) - 1;
}

static uint64_t bits_of(const visit *v, size_t population, size_t word)
{
    const size_t g = v->gate[population];
    return g == SIZE_MAX ? all_bits(v->data->n_events, word)
                         : v->membership->bits[g * v->membership->words + word];
}

static uint64_t any_of(const visit *v, size_t word)
{
    return v->any == NULL ? all_bits(v->data->n_events, word) : v->any[word];
}

static stroma_status find_events(visit *v, stroma_error *err)
{
    bool everything = false;
    for (size_t p = 0; p < v->populations; p++)
        everything = everything || v->gate[p] == SIZE_MAX;
    v->events = (size_t)v->data->n_events;
    if (everything) return STROMA_OK;
    v->any = stroma_alloc_array(v->words, sizeof *v->any);
    if (v->any == NULL) return stroma_no_memory(err);
    v->events = 0;
    for (size_t w = 0; w < v->words; w++) {
        for (size_t p = 0; p < v->populations; p++)
            v->any[w] |= bits_of(v, p, w);
        v->events += (size_t)__builtin_popcountll(v->any[w]);
    }
    return STROMA_OK;
}

/* Values of the set bits of @p bits among those of @p any; @p from is at the first of any. */
static size_t pick(uint64_t bits, uint64_t any, const double *from, double *to)
{
    if (bits == any) {
        const size_t n = (size_t)__builtin_popcountll(any);
        memcpy(to, from, n * sizeof *to);
        return n;
    }
    size_t n = 0;
    for (; bits != 0; bits &= bits - 1) {
        const uint64_t below = (bits & -bits) - 1;
        to[n++] = from[__builtin_popcountll(any & below)];
    }
    return n;
}

/* Read k columns whole, keeping the events of any. */
static stroma_status read_columns(visit *v, const stroma_event_column *columns, size_t k,
                                  stroma_error *err)
{
    stroma_column_reader *r = NULL;
    double *block = stroma_alloc_array(k * STROMA_COLUMN_BLOCK, sizeof *block);
    double **out = stroma_alloc_array(k, sizeof *out);
    stroma_status s = block == NULL || out == NULL
                          ? stroma_no_memory(err)
                          : stroma_column_reader_open(v->data, columns, k, &r, err);
    for (size_t j = 0; s == STROMA_OK && j < k; j++)
        out[j] = block + j * STROMA_COLUMN_BLOCK;
    size_t at = 0;
    for (uint64_t e = 0; s == STROMA_OK && e < v->data->n_events; e += STROMA_COLUMN_BLOCK) {
        const uint64_t left = v->data->n_events - e;
        const size_t n = left < STROMA_COLUMN_BLOCK ? (size_t)left : STROMA_COLUMN_BLOCK;
        const size_t first = (size_t)(e / 64), words = (n + 63) / 64;
        uint64_t some = 0;
        for (size_t w = 0; w < words; w++)
            some |= any_of(v, first + w);
        if (some == 0) continue;
        s = stroma_interrupt_check(err);
        if (s == STROMA_OK) s = stroma_column_reader_read(r, e, n, out, err);
        for (size_t w = 0; s == STROMA_OK && w < words; w++) {
            const uint64_t any = any_of(v, first + w);
            for (size_t j = 0; j < k; j++)
                (void)pick(any, all_bits(v->data->n_events, first + w), out[j] + w * 64,
                           v->held + j * v->events + at);
            at += (size_t)__builtin_popcountll(any);
        }
    }
    stroma_column_reader_close(r);
    stroma_free(out);
    stroma_free(block);
    return s;
}

static stroma_status hand_over(visit *v, size_t column, const double *held, stroma_error *err)
{
    for (size_t p = 0; p < v->populations; p++) {
        size_t n = 0, at = 0;
        for (size_t w = 0; w < v->words; w++) {
            const uint64_t any = any_of(v, w);
            n += pick(bits_of(v, p, w), any, held + at, v->picked + n);
            at += (size_t)__builtin_popcountll(any);
        }
        const size_t finite = stroma_population_finite(v->picked, n);
        const stroma_population_sample sample = { v->picked, finite, n - finite };
        STROMA_TRY(v->fn(v->context, p, column, &sample, err));
    }
    return STROMA_OK;
}

static stroma_status run(visit *v, const stroma_event_column *columns, size_t k, size_t limit_bytes,
                         stroma_error *err)
{
    STROMA_TRY(find_events(v, err));
    const size_t column_bytes = (v->events == 0 ? 1 : v->events) * sizeof *v->held;
    size_t at_once = limit_bytes / column_bytes;
    at_once = at_once < 1 ? 1 : at_once > k ? k : at_once;
    v->held = stroma_alloc_array(at_once * v->events, sizeof *v->held);
    v->picked = stroma_alloc_array(v->events, sizeof *v->picked);
    if (v->held == NULL || v->picked == NULL) return stroma_no_memory(err);
    for (size_t j = 0; j < k; j += at_once) {
        const size_t n = k - j < at_once ? k - j : at_once;
        STROMA_TRY(read_columns(v, columns + j, n, err));
        for (size_t i = 0; i < n; i++)
            STROMA_TRY(hand_over(v, j + i, v->held + i * v->events, err));
    }
    return STROMA_OK;
}

stroma_status stroma_population_visit(const stroma_fcs_dataset *d, const stroma_membership *m,
                                      const size_t *gate, size_t populations,
                                      const stroma_event_column *columns, size_t k,
                                      size_t limit_bytes, stroma_population_fn fn, void *context,
                                      stroma_error *err)
{
    STROMA_BUG_IF(m->n_events != d->n_events, err);
    for (size_t p = 0; p < populations; p++)
        STROMA_BUG_IF(gate[p] != SIZE_MAX && (gate[p] >= m->gates_len || !m->evaluated[gate[p]]),
                      err);
    if (k == 0 || populations == 0) return STROMA_OK;
    visit v = { .data = d,
                .membership = m,
                .gate = gate,
                .populations = populations,
                .words = (size_t)((d->n_events + 63) / 64),
                .fn = fn,
                .context = context };
    const stroma_status s = run(&v, columns, k, limit_bytes, err);
    stroma_free(v.any);
    stroma_free(v.held);
    stroma_free(v.picked);
    return s;
}
