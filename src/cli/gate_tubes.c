/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate_tubes.h"

enum { ARENA_LIMIT_BYTES = 256 << 20 };

stroma_status gate_tube_open(const cli_context *c, const char *path, gate_tube *out,
                             stroma_error *err)
{
    stroma_diag diag;
    *out = (gate_tube){ .fcs = NULL };
    stroma_arena_init(&out->arena, ARENA_LIMIT_BYTES);
    stroma_diag_init(&diag);
    stroma_status s = stroma_fcs_open(path, NULL, &diag, &out->fcs, err);
    if (s == STROMA_OK) {
        out->tube.file = path;
        out->tube.data = stroma_fcs_preferred(out->fcs);
        s = stroma_compensation_from_fcs(out->tube.data, path, &out->arena, &diag,
                                         &out->tube.compensation, err);
    }
    cli_print_findings(c, &diag);
    stroma_diag_clear(&diag);
    return stroma_in(err, s, "file \"%s\"", path);
}

void gate_tube_close(gate_tube *t)
{
    stroma_fcs_close(t->fcs);
    stroma_arena_clear(&t->arena);
    *t = (gate_tube){ .fcs = NULL };
}
