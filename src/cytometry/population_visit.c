/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of columns in populations, a few columns at a time. */
#include "population.h"

#include "stroma/interrupt.h"

#include <math.h>
#include <string.h>

/* Values between the starts of two columns of a block: a cache line more than it has, since arrays
 * whose distance is a multiple of 4096 bytes drive each other out of the first cache. */
enum { STRIDE = STROMA_COLUMN_BLOCK + 8 };

/* Events that are in at least one population, and where they are held. */
typedef struct visit {
    const stroma_fcs_dataset *data;
    const stroma_membership *membership;
    const size_t *gate;
    size_t populations;
    size_t words;
    uint64_t *any; /* a bit an event; NULL: all of them */
    size_t events; /* in any */
    uint64_t *in;  /* of each population, a bit an event of any; NULL: as in the membership */
    size_t in_words;
    double *held; /* columns of `events` values */
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

/* The bits of @p bits at the places of @p any, moved together. */
static uint64_t together(uint64_t bits, uint64_t any)
{
    uint64_t out = 0;
    if (any == UINT64_MAX) return bits;
    for (unsigned n = 0; any != 0; any &= any - 1, n++)
        out |= (uint64_t)((bits & any & -any) != 0) << n;
    return out;
}

/* Number the events of each population as they are held. */
static stroma_status renumber(visit *v, stroma_error *err)
{
    v->in_words = v->words;
    if (v->any == NULL) return STROMA_OK;
    v->in_words = v->events / 64 + 2; /* one for what is left of a word at the end */
    if (v->in_words > SIZE_MAX / v->populations) return stroma_no_memory(err);
    v->in = stroma_alloc_array(v->populations * v->in_words, sizeof *v->in);
    if (v->in == NULL) return stroma_no_memory(err);
    size_t at = 0;
    for (size_t w = 0; w < v->words; w++) {
        const uint64_t any = v->any[w];
        if (any == 0) continue;
        for (size_t p = 0; p < v->populations; p++) {
            const uint64_t bits = together(bits_of(v, p, w), any);
            uint64_t *to = v->in + p * v->in_words + at / 64;
            to[0] |= bits << at % 64;
            if (at % 64 != 0) to[1] |= bits >> (64 - at % 64);
        }
        at += (size_t)__builtin_popcountll(any);
    }
    return STROMA_OK;
}

/* Values of the set bits, one behind the other. @return how many */
static size_t pick(uint64_t bits, const double *from, double *to)
{
    size_t n = 0;
    if (bits == UINT64_MAX) {
        memcpy(to, from, 64 * sizeof *to);
        return 64;
    }
    for (; bits != 0; bits &= bits - 1)
        to[n++] = from[__builtin_ctzll(bits)];
    return n;
}

/* Read k columns whole, keeping the events of any. */
static stroma_status read_columns(visit *v, const stroma_event_column *columns, size_t k,
                                  stroma_error *err)
{
    stroma_column_reader *r = NULL;
    double *block = stroma_alloc_array(k * STRIDE, sizeof *block);
    double **out = stroma_alloc_array(k, sizeof *out);
    stroma_status s = block == NULL || out == NULL
                          ? stroma_no_memory(err)
                          : stroma_column_reader_open(v->data, columns, k, &r, err);
    for (size_t j = 0; s == STROMA_OK && j < k; j++)
        out[j] = block + j * STRIDE;
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
            size_t picked = 0;
            for (size_t j = 0; j < k; j++)
                picked = pick(any, out[j] + w * 64, v->held + j * v->events + at);
            at += picked;
        }
    }
    stroma_column_reader_close(r);
    stroma_free(out);
    stroma_free(block);
    return s;
}

/* Values of a population out of a held column. */
static size_t pick_all(const visit *v, size_t population, const double *held)
{
    size_t n = 0;
    for (size_t w = 0; w < v->in_words; w++) {
        const uint64_t bits =
            v->in == NULL ? bits_of(v, population, w) : v->in[population * v->in_words + w];
        n += pick(bits, held + w * 64, v->picked + n);
    }
    return n;
}

static stroma_status hand_over(visit *v, size_t column, const double *held, stroma_error *err)
{
    const bool all_finite = population_all_finite(held, v->events);
    for (size_t p = 0; p < v->populations; p++) {
        const size_t g = v->gate[p];
        stroma_population_sample sample = { held, v->events, 0 };
        if (!all_finite || (g != SIZE_MAX && v->membership->count[g] < v->events)) {
            const size_t n = pick_all(v, p, held);
            sample.n = all_finite ? n : stroma_population_finite(v->picked, n);
            sample.left_out = n - sample.n;
            sample.x = v->picked;
        }
        STROMA_TRY(v->fn(v->context, p, column, &sample, err));
    }
    return STROMA_OK;
}

static stroma_status run(visit *v, const stroma_event_column *columns, size_t k, size_t limit_bytes,
                         stroma_error *err)
{
    STROMA_TRY(find_events(v, err));
    STROMA_TRY(renumber(v, err));
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
    stroma_free(v.in);
    stroma_free(v.held);
    stroma_free(v.picked);
    return s;
}
