/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a strategy file. */
#include "stroma/cytometry_strategy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stroma_gating_strategy *s = NULL;
    stroma_diag diag;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_diag_init(&diag);
    const stroma_status st =
        stroma_gating_strategy_parse((const char *)data, size, "fuzz", &diag, &s, &err);
    if (st == STROMA_OK) {
        stroma_panel p;
        size_t n = 0;
        stroma_panel_init(&p);
        if (stroma_gating_strategy_markers(s, &p, &err) == STROMA_E_INTERNAL) abort();
        (void)stroma_gating_strategy_indices(s, &n);
        stroma_panel_clear(&p);
    } else if (strlen(err.message) == 0) {
        abort();
    }
    stroma_gating_strategy_free(s);
    stroma_diag_clear(&diag);
    return 0;
}
