/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All events through a set of gates: blocks are shared out over threads, each block's bits belong
 * to it alone. */
#include "gate_block.h"

#include "stroma/parallel.h"

#include <string.h>

enum { BLOCKS_A_PIECE = 8 };

typedef struct work {
    const gate_plan *plan;
    const stroma_fcs_dataset *data;
    gate_block *blocks; /* one a thread */
    bool *opened;
    stroma_membership *out;
} work;

static void keep(const work *w, const gate_block *b, size_t block)
{
    for (size_t i = 0; i < w->plan->order_len; i++) {
        const int g = w->plan->order[i];
        memcpy(w->out->bits + (size_t)g * w->out->words + block * GATE_BLOCK_WORDS, b->states[g].in,
               b->words * sizeof(uint64_t));
    }
}

static stroma_status run_blocks(size_t begin, size_t end, int worker, void *context,
                                stroma_error *err)
{
    const work *w = context;
    gate_block *b = &w->blocks[worker];
    if (!w->opened[worker]) {
        w->opened[worker] = true;
        STROMA_TRY(gate_block_open(w->plan, w->data, b, err));
    }
    for (size_t i = begin; i < end; i++) {
        const uint64_t first = (uint64_t)i * STROMA_COLUMN_BLOCK, left = w->out->n_events - first;
        const size_t n = left < STROMA_COLUMN_BLOCK ? (size_t)left : STROMA_COLUMN_BLOCK;
        STROMA_TRY(gate_block_run(b, first, n, err));
        keep(w, b, i);
    }
    return STROMA_OK;
}

static stroma_status run(work *w, int threads, stroma_error *err)
{
    const uint64_t n = w->out->n_events;
    const size_t blocks = (size_t)(n / STROMA_COLUMN_BLOCK + (n % STROMA_COLUMN_BLOCK != 0));
    w->blocks = stroma_alloc_array((size_t)threads, sizeof *w->blocks);
    w->opened = stroma_alloc_array((size_t)threads, sizeof *w->opened);
    stroma_status s = w->blocks == NULL || w->opened == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK)
        s = stroma_parallel_for(blocks, threads, BLOCKS_A_PIECE, run_blocks, w, err);
    for (int i = 0; w->blocks != NULL && w->opened != NULL && i < threads; i++)
        if (w->opened[i]) gate_block_close(&w->blocks[i]);
    stroma_free(w->blocks);
    stroma_free(w->opened);
    return s;
}

static stroma_status make_room(const stroma_gate_set *s, const stroma_fcs_dataset *d,
                               stroma_membership *out, stroma_error *err)
{
    out->n_events = d->n_events;
    out->gates_len = s->gates_len;
    out->words = (size_t)(d->n_events / 64 + (d->n_events % 64 != 0));
    out->count = stroma_alloc_array(s->gates_len, sizeof *out->count);
    out->evaluated = stroma_alloc_array(s->gates_len, sizeof *out->evaluated);
    if (s->gates_len > 0 && out->words > SIZE_MAX / s->gates_len) return stroma_no_memory(err);
    out->bits = stroma_alloc_array(s->gates_len * out->words, sizeof *out->bits);
    return out->count == NULL || out->evaluated == NULL || out->bits == NULL ? stroma_no_memory(err)
                                                                             : STROMA_OK;
}

static stroma_status evaluate(const gate_plan *p, const stroma_fcs_dataset *d, int threads,
                              stroma_membership *out, stroma_error *err)
{
    STROMA_TRY(make_room(p->set, d, out, err));
    work w = { .plan = p, .data = d, .out = out };
    STROMA_TRY(run(&w, threads < 1 ? 1 : threads, err));
    for (size_t i = 0; i < p->order_len; i++) {
        const int g = p->order[i];
        const uint64_t *bits = out->bits + (size_t)g * out->words;
        out->evaluated[g] = true;
        for (size_t k = 0; k < out->words; k++)
            out->count[g] += (uint64_t)__builtin_popcountll(bits[k]);
    }
    return STROMA_OK;
}

stroma_status stroma_gates_evaluate(const stroma_gate_set *s, const stroma_fcs_dataset *d,
                                    const stroma_gate_options *opts, stroma_membership *out,
                                    stroma_error *err)
{
    const stroma_gate_options defaults = STROMA_GATE_OPTIONS_INIT;
    if (opts == NULL) opts = &defaults;
    gate_plan plan;
    *out = (stroma_membership){ 0 };
    stroma_status status = gate_plan_make(s, d, opts, &plan, err);
    if (status == STROMA_OK) status = evaluate(&plan, d, opts->threads, out, err);
    gate_plan_clear(&plan);
    if (status != STROMA_OK) stroma_membership_clear(out);
    return status;
}

void stroma_membership_clear(stroma_membership *m)
{
    stroma_free(m->bits);
    stroma_free(m->count);
    stroma_free(m->evaluated);
    *m = (stroma_membership){ 0 };
}
