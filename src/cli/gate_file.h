/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FCS files on their way through gates: what all gate commands do to open one. */
#ifndef STROMA_CLI_GATE_FILE_H
#define STROMA_CLI_GATE_FILE_H
#include "cli.h"

#include "stroma/cytometry_gates.h"

/* How the files of a command are opened. */
typedef struct gate_opening {
    int64_t dataset;  /* as in `stroma fcs info`, −1: the one to analyse */
    bool as_recorded; /* no matrix */
    bool has_matrix;  /* matrix, of a file of its own, stands for that of each FCS file */
    stroma_compensation matrix;
    stroma_arena arena;
} gate_opening;
void gate_opening_init(gate_opening *o);
/* From --dataset. */
void gate_opening_dataset(gate_opening *o, const cli_context *c);
/* From --compensation: "file", "none" or the path of a matrix; NULL leaves it as it is. */
stroma_status gate_opening_matrix(gate_opening *o, const char *text, stroma_diag *diag,
                                  stroma_error *err);
void gate_opening_clear(gate_opening *o);

/* An open file, its data set and the matrix. */
typedef struct gate_file {
    const char *path;
    stroma_arena arena;
    stroma_fcs *fcs;
    const stroma_fcs_dataset *data;
    const stroma_compensation *compensation; /* NULL: as recorded, or the file has none */
} gate_file;
/* @param diag may be NULL. Close in any case. */
stroma_status gate_file_open(const char *path, const gate_opening *o, stroma_diag *diag,
                             gate_file *out, stroma_error *err);
void gate_file_close(gate_file *f);
/* What the file calls its sample; "" when it does not say. */
const char *gate_file_sample(const gate_file *f);
#endif
