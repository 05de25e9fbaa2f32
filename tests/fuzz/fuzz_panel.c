/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a panel file, matched with a small data set. */
#include "stroma/cytometry_panel.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const stroma_fcs_parameter parameters[] = {
        { .name = "FSC-A", .stain = "", .range = 262144 },
        { .name = "Comp-FITC-A", .stain = "CD4", .range = 262144 },
        { .name = "PE-A", .stain = "BV785 - CD3", .range = 1024 },
    };
    const stroma_fcs_dataset d = { .parameters = parameters, .parameters_len = 3 };
    stroma_panel p;
    stroma_diag diag;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_diag_init(&diag);
    if (stroma_panel_parse((const char *)data, size, "fuzz", &diag, &p, &err) == STROMA_OK) {
        size_t *at = stroma_alloc_array(p.markers_len, sizeof *at);
        if (at == NULL || stroma_panel_match(&p, &d, "f", &diag, at, &err) != STROMA_OK) abort();
        for (size_t i = 0; i < p.markers_len; i++)
            if (at[i] != SIZE_MAX && at[i] >= 3) abort();
        (void)stroma_panel_compare(&p, &d, "f", at, &d, "g", at, &diag);
        stroma_free(at);
        stroma_panel_clear(&p);
    }
    stroma_diag_clear(&diag);
    return 0;
}
