/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One block of events through all gates of a plan. */
#ifndef STROMA_GATE_BLOCK_H
#define STROMA_GATE_BLOCK_H
#include "gate_dialect.h"
#include "gate_kernels.h"
#include "gate_plan.h"

enum { GATE_BLOCK_WORDS = STROMA_COLUMN_BLOCK / 64 };
typedef uint64_t gate_mask[GATE_BLOCK_WORDS];

/* Where a gate stands: events inside, and events of which it cannot be said (NaN). */
typedef struct gate_state {
    gate_mask in, open;
} gate_state;

/* Scratch of one thread. */
typedef struct gate_block {
    const gate_plan *plan;
    const gate_kernels *kernels;
    stroma_column_reader *reader;
    double **columns;   /* of the plan */
    double **values;    /* of the plan; a column itself where there is no ratio */
    double **scaled;    /* of the plan */
    bool *scaled_ready; /* in this block */
    gate_mask *value_nan;
    bool *value_nan_ready;
    gate_state *states; /* gates_len */
    gate_mask valid;    /* events that are there */
    size_t n, words;
    double *gathered; /* room of an ellipsoid's dimensions, or two */
    uint16_t *index;  /* of the gathered events */
    stroma_arena arena;
} gate_block;

stroma_status gate_block_open(const gate_plan *plan, const stroma_fcs_dataset *d, gate_block *out,
                              stroma_error *err);
void gate_block_close(gate_block *b);
/* Fill states for events first … first + n − 1. */
stroma_status gate_block_run(gate_block *b, uint64_t first, size_t n, stroma_error *err);
#endif
