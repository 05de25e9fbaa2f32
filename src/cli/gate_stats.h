/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `stroma gate stats` was asked, taken from its options. */
#ifndef STROMA_CLI_GATE_STATS_H
#define STROMA_CLI_GATE_STATS_H
#include "cli.h"
#include "gate_source.h"

typedef struct gate_stats {
    const cli_context *context;
    stroma_arena arena; /* of lists */
    gate_source source;
    gate_control *controls;
    size_t controls_len;
    gate_file *references;
    size_t references_len;
    bool any_control;                  /* of another day or panel too */
    stroma_population_request request; /* without controls and reference, which a sample picks */
    stroma_population_calibration *calibrations;
} gate_stats;

/* Options that would be ignored, or that exclude each other, before anything is read. */
stroma_status gate_stats_refuse(const cli_context *c, stroma_error *err);
/* The same with names of markers and statistics known. */
stroma_status gate_stats_refuse_request(const gate_stats *g, stroma_error *err);
/* Everything but the samples. @p out is initialised here, also on failure. */
stroma_status gate_stats_ask(const cli_context *c, gate_stats *out, stroma_diag *diag,
                             stroma_error *err);
/* Also what the strategy declares as its numbers. */
stroma_status gate_stats_add_indices(gate_stats *g, stroma_error *err);
void gate_stats_clear(gate_stats *g);

/* Events with a fault of the acquisition: one a gate, the last of all events. Free faulty. */
typedef struct gate_faults {
    uint64_t *faulty;
} gate_faults;
stroma_status gate_stats_faults(const stroma_population_tube *t, const stroma_panel *panel,
                                gate_faults *out, stroma_error *err);
/* Share of the row's population, NaN where it is empty. */
double gate_stats_fault_share(const gate_faults *f, const stroma_gate_set *gates,
                              const stroma_population_row *row);
extern const cli_option gate_stats_options[];
#endif
