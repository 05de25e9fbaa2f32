/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FlowJo workspaces and Cytobank exports of any bytes: list, read, evaluate without data,
 * straighten. */
#include "tests/unit/workspace_fcs.h"

#include "stroma/cytometry_workspace.h"

/* Rounding to bins moves events, it never makes them more. */
static void compare(const stroma_gate_set *set)
{
    static workspace_fcs bytes;
    if (bytes.size == 0) make_fcs(&bytes);
    stroma_fcs *f = NULL;
    stroma_flowjo_difference list[64];
    stroma_gate_options opts = STROMA_GATE_OPTIONS_INIT;
    if (stroma_fcs_open_memory(bytes.bytes, bytes.size, "a.fcs", NULL, NULL, &f, NULL) != STROMA_OK)
        __builtin_trap();
    if (stroma_flowjo_compare(set, stroma_fcs_preferred(f), &opts, list, NULL) == STROMA_OK)
        for (size_t g = 0; g < set->gates_len; g++)
            if (list[g].count > EVENTS || list[g].count_as_flowjo > EVENTS ||
                list[g].count - list[g].outside_only + list[g].inside_only !=
                    list[g].count_as_flowjo)
                __builtin_trap();
    stroma_fcs_close(f);
}

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
            if (set.flowjo != NULL && set.gates_len < 64) compare(&set);
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
