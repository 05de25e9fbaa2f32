/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the gate commands share: a sample with its matrix, and the gates that are meant for it. */
#ifndef STROMA_CLI_GATE_SAMPLE_H
#define STROMA_CLI_GATE_SAMPLE_H
#include "cli.h"

#include "stroma/cytometry_workspace.h"

typedef struct gate_sample {
    const char *path;
    stroma_fcs *file;
    const stroma_fcs_dataset *data;
    const stroma_compensation *fcs; /* the file's own matrix, NULL: none that can be used */
    stroma_arena arena;
} gate_sample;
/* @param dataset as in `stroma fcs info`, −1: the one to analyse. Close in any case. */
stroma_status gate_sample_open(const char *path, int64_t dataset, stroma_diag *diag,
                               gate_sample *out, stroma_error *err);
void gate_sample_close(gate_sample *s);

/* Gates of a command: one set for all files, or of a workspace with several samples the one that
 * each file's name or $FIL belongs to. */
typedef struct gate_choice {
    const char *path;
    bool by_file;               /* ask gate_choice_for() */
    stroma_gate_set set;        /* otherwise */
    stroma_workspace workspace; /* by_file: its samples */
} gate_choice;
/* Findings go to @p diag. Clear in any case. */
stroma_status gate_choice_read(const char *path, const char *sample, bool by_file_allowed,
                               stroma_diag *diag, gate_choice *out, stroma_error *err);
/* The set for a file: the common one, or @p own filled from the workspace. */
stroma_status gate_choice_for(const gate_choice *c, const gate_sample *s, stroma_diag *diag,
                              stroma_gate_set *own, const stroma_gate_set **out, stroma_error *err);
void gate_choice_clear(gate_choice *c);
/* Index of the gate called so, by id or by a label that only one has; INCONSISTENT with the
 * nearest. */
stroma_status gate_find_named(const stroma_gate_set *s, const char *name, size_t *out,
                              stroma_error *err);
#endif
