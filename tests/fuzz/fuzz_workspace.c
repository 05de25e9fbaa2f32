/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FlowJo workspaces and Cytobank exports of any bytes: list, read, evaluate without data,
 * straighten. */
#include "stroma/cytometry_workspace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stroma_workspace w;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_workspace_parse((const char *)data, size, "a.wsp", &w, &err) != STROMA_OK &&
        err.message[0] == '\0')
        __builtin_trap(); /* a failure says why */
    for (size_t i = 0; i <= w.samples_len; i++) {
        stroma_gate_set set;
        stroma_diag diag;
        stroma_diag_init(&diag);
        stroma_error_clear(&err);
        const char *sample = i < w.samples_len ? w.samples[i].name : NULL;
        if (stroma_gates_parse((const char *)data, size, "a.wsp", sample, &diag, &set, &err) ==
            STROMA_OK) {
            if (stroma_gate_set_check(&set, &err) != STROMA_OK) __builtin_trap();
            if (stroma_flowjo_straighten(&set, &err) == STROMA_OK &&
                stroma_gate_set_check(&set, &err) != STROMA_OK)
                __builtin_trap();
        } else if (err.message[0] == '\0') {
            __builtin_trap();
        }
        stroma_gate_set_clear(&set);
        stroma_diag_clear(&diag);
        if (i == 3) break;
    }
    stroma_workspace_clear(&w);
    return 0;
}
