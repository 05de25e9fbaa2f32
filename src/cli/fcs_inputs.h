/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands on FCS files share: their inputs, and one file after the other. */
#ifndef STROMA_CLI_FCS_INPUTS_H
#define STROMA_CLI_FCS_INPUTS_H
#include "cli.h"

#include "stroma/fcs.h"

/* Paths to read: files as they are given, and of folders every file below that ends in .fcs or .lmd
 * or begins as an FCS file does, in sorted order. */
typedef struct fcs_inputs {
    char **paths;
    size_t len, capacity;
} fcs_inputs;
stroma_status fcs_inputs_find(const char *const *args, size_t n, fcs_inputs *out,
                              stroma_error *err);
void fcs_inputs_clear(fcs_inputs *in);
/* Its first bytes are those of an FCS file: FACSCalibur and others write names as "tube.001". */
bool fcs_inputs_begins(const char *path);

/* What became of one file. */
typedef struct fcs_result {
    const char *path;
    void *data; /* made by work, freed by release; NULL where it failed */
    stroma_diag diag;
    stroma_error err;
    stroma_status status;
} fcs_result;
typedef struct fcs_task {
    const char *what; /* for the line of progress: "reading FCS files" */
    /* On any thread: fill r->data and r->diag; on failure r->err. */
    stroma_status (*work)(const struct fcs_task *t, fcs_result *r);
    /* On one thread, in order of the inputs, for those that succeeded. */
    stroma_status (*emit)(const struct fcs_task *t, const fcs_result *r, stroma_error *err);
    void (*release)(void *data);
    void *context;
} fcs_task;
/* Do the task for every input on --threads threads. Errors and findings are printed behind the rows
 * of their file, and the work carries on with the next one.
 * @return the highest status of all, in words in @p err */
stroma_status fcs_inputs_run(const cli_context *c, const fcs_inputs *in, const fcs_task *t,
                             stroma_error *err);
#endif
