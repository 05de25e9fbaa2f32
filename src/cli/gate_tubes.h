/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FCS files that stay open while gates are found in them. */
#ifndef STROMA_CLI_GATE_TUBES_H
#define STROMA_CLI_GATE_TUBES_H
#include "cli.h"

#include "stroma/cytometry_panel.h"

/* An open file with its preferred data set and its compensation. */
typedef struct gate_tube {
    stroma_fcs *fcs;
    stroma_arena arena;
    stroma_panel_tube tube;
} gate_tube;
/* Findings of the file are printed. @p out is to be closed also on failure. */
stroma_status gate_tube_open(const cli_context *c, const char *path, gate_tube *out,
                             stroma_error *err);
void gate_tube_close(gate_tube *t);
#endif
