/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FCS files on their way through gates: what the commands on populations share. */
#ifndef STROMA_CLI_GATE_TUBE_H
#define STROMA_CLI_GATE_TUBE_H
#include "stroma/cytometry_population_table.h"
#include "stroma/cytometry_strategy.h"

/* An open file, the data set to analyse and its matrix. */
typedef struct gate_file {
    const char *path;
    stroma_arena arena;
    stroma_fcs *fcs;
    const stroma_fcs_dataset *data;
    const stroma_compensation *compensation; /* NULL: as recorded */
} gate_file;
stroma_status gate_file_open(const char *path, bool compensate, stroma_diag *diag, gate_file *out,
                             stroma_error *err);
void gate_file_close(gate_file *f);
/* What the file calls its sample; "" when it does not say. */
const char *gate_file_sample(const gate_file *f);

/* Where gates come from: a file, or a strategy that finds them in each sample. */
typedef struct gate_source {
    const char *gates; /* path, or NULL */
    stroma_gating_strategy *strategy;
    stroma_panel panel;
    bool compensate;
} gate_source;
/* @param panel file or shipped name, NULL: that of the strategy, or an empty one */
stroma_status gate_source_open(const char *gates, const char *strategy, const char *panel,
                               gate_source *out, stroma_diag *diag, stroma_error *err);
void gate_source_close(gate_source *s);

/* An FMO or unstained tube that was given for a marker, or for any. */
typedef struct gate_control {
    const char *marker; /* NULL: any */
    gate_file file;
} gate_control;

/* The gates of one sample. @p out is initialised here, also on failure. */
stroma_status gate_source_gates(const gate_source *s, const gate_file *sample,
                                const gate_control *fmo, size_t fmo_len, stroma_gate_set *out,
                                stroma_diag *diag, stroma_error *err);
/* Put a file through gates; the tube borrows all of them. */
stroma_status gate_tube_make(const gate_file *f, const stroma_gate_set *gates,
                             stroma_membership *membership, stroma_population_tube *out,
                             stroma_error *err);
#endif
