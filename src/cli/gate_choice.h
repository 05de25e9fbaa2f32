/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gates of a command: of a file that is parsed once, those that are meant for each FCS file. */
#ifndef STROMA_CLI_GATE_CHOICE_H
#define STROMA_CLI_GATE_CHOICE_H
#include "gate_file.h"

#include "stroma/cytometry_workspace.h"

/* Which sample of a workspace; what it means for the command is said by @p text. */
#define GATE_OPTION_SAMPLE(text)                                            \
    {                                                                       \
        .name = "sample", .kind = CLI_TEXT, .metavar = "NAME", .help = text \
    }

typedef enum gate_choice_how {
    GATE_CHOICE_ONE,     /* one set, there are no FCS files */
    GATE_CHOICE_BY_FILE, /* of a workspace with several samples, and of gates that Cytobank tailored
                            to files, those of each file; else one set */
    GATE_CHOICE_OWN      /* each file must be a sample of the workspace */
} gate_choice_how;

typedef struct gate_choice {
    const char *path, *sample; /* --gates and --sample */
    bool by_file;              /* ask gate_choice_for() */
    stroma_gate_set set;       /* otherwise */
    stroma_gate_document *document;
    stroma_workspace workspace;
} gate_choice;
/* @param sample --sample, or NULL. Findings go to @p diag. Clear in any case.
 * Statuses: USAGE (--sample with gates that know no samples), those of stroma_gates_read(). */
stroma_status gate_choice_read(const char *path, const char *sample, gate_choice_how how,
                               stroma_diag *diag, gate_choice *out, stroma_error *err);
/* The set for a file: the common one, or @p own filled with the file's; clear @p own in any case.
 * Finding STROMA-FLOWJO-009: the only sample of the workspace is another file. */
stroma_status gate_choice_for(const gate_choice *c, const gate_file *f, stroma_diag *diag,
                              stroma_gate_set *own, const stroma_gate_set **out, stroma_error *err);
void gate_choice_clear(gate_choice *c);
/* Finding STROMA-GATE-009 where gates ask for a matrix and the file has none. Statuses: USAGE
 * (--compensation FILE, and no gate asks for it). */
stroma_status gate_choice_matrix(const stroma_gate_set *set, const gate_file *f,
                                 const gate_opening *o, bool must_ask, stroma_diag *diag,
                                 stroma_error *err);
/* Index of the gate called so, by id or by a label that only one has; INCONSISTENT with the
 * nearest. */
stroma_status gate_find_named(const stroma_gate_set *s, const char *name, size_t *out,
                              stroma_error *err);
#endif
