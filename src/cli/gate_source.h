/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the gates of a sample come from: a file of gates, or a strategy that finds them. */
#ifndef STROMA_CLI_GATE_SOURCE_H
#define STROMA_CLI_GATE_SOURCE_H
#include "gate_choice.h"

#include "stroma/cytometry_population_table.h"
#include "stroma/cytometry_strategy.h"

typedef struct gate_source {
    gate_choice choice;
    stroma_gating_strategy *strategy; /* NULL: choice */
    stroma_panel panel;
    gate_opening opening;  /* of samples */
    gate_opening controls; /* the same, but for --dataset */
    gate_file moved_from;  /* sample that the method reference moves its gates from */
    bool has_moved_from;
    int threads;
} gate_source;
/* @p panel file or shipped name, NULL: that of the strategy (shipped, or a file beside it), or an
 * empty one. */
stroma_status gate_strategy_open(const char *strategy, const char *panel, stroma_diag *diag,
                                 gate_source *out, stroma_error *err);
/* From --gates and --sample or --strategy, --panel, --compensation, --dataset. @p out is
 * initialised here, also on failure. */
stroma_status gate_source_open(const cli_context *c, gate_source *out, stroma_diag *diag,
                               stroma_error *err);
void gate_source_init(gate_source *s);
void gate_source_clear(gate_source *s);

/* An FMO or unstained tube that was given for a marker, or for any. */
typedef struct gate_control {
    const char *marker; /* NULL: any */
    gate_file file;
} gate_control;
stroma_panel_tube gate_panel_tube(const gate_file *f);
/* Scales of a strategy belong to the panel: set from all files before the first is gated. A sample
 * that could not be opened (data NULL) is left out. */
stroma_status gate_source_fit_scales(gate_source *s, const gate_file *samples, size_t n,
                                     const gate_control *controls, size_t controls_len,
                                     stroma_diag *diag, stroma_error *err);

/* The gates of one sample, and of a strategy what became of each population. */
typedef struct gate_answer {
    stroma_gate_set own;
    stroma_gating_result learnt;
    const stroma_gate_set *gates;
} gate_answer;
void gate_answer_init(gate_answer *a);
void gate_answer_clear(gate_answer *a);
/* Controls without a marker are no FMO. */
stroma_status gate_source_gates(const gate_source *s, const gate_file *sample,
                                const gate_control *fmo, size_t fmo_len, gate_answer *out,
                                stroma_diag *diag, stroma_error *err);
/* What a strategy says of a population; NULL: it is none of a strategy. */
const stroma_gating_row *gate_answer_row(const gate_answer *a, const char *population);
/* Put a file through gates; the tube borrows all of them. */
stroma_status gate_tube_make(const gate_file *f, const stroma_gate_set *gates, int threads,
                             stroma_membership *membership, stroma_population_tube *out,
                             stroma_error *err);
#endif
