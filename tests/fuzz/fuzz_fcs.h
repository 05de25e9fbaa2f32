/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open bytes as an FCS file and read every event of it, in two ways that must agree. */
#ifndef FUZZ_FCS_H
#define FUZZ_FCS_H
#include "stroma/fcs.h"

#include <string.h>

static void fuzz_fcs_events(const stroma_fcs_dataset *d, size_t file_size)
{
    double one[64], many[64];
    stroma_error err = STROMA_ERROR_INIT;
    const uint64_t bits = d->event_bits == 0 ? 8 : d->event_bits;
    if (d->n_events > (uint64_t)file_size * 8 / bits + 1) __builtin_trap();
    for (size_t j = 0; j < d->parameters_len && j < 100; j++) {
        double *const out[] = { many };
        const size_t n = d->n_events < 64 ? (size_t)d->n_events : 64;
        const uint64_t first = d->n_events - n;
        if (stroma_fcs_read(d, STROMA_FCS_LINEAR, first, n, &j, 1, out, &err) != STROMA_OK)
            continue;
        for (size_t i = 0; i < n; i++) {
            double *const single[] = { one };
            if (stroma_fcs_read(d, STROMA_FCS_LINEAR, first + i, 1, &j, 1, single, &err) !=
                    STROMA_OK ||
                memcmp(&one[0], &many[i], sizeof one[0]) != 0)
                __builtin_trap();
        }
    }
}

static void fuzz_fcs(const uint8_t *data, size_t size)
{
    const stroma_fcs_options opts = { .version = 1, .check_crc = true };
    stroma_fcs *f = NULL;
    stroma_diag diag;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_diag_init(&diag);
    const stroma_status s = stroma_fcs_open_memory(data, size, "a.fcs", &opts, &diag, &f, &err);
    if (s != STROMA_OK && (f != NULL || err.message[0] == '\0')) __builtin_trap();
    if (s == STROMA_E_NOMEM) __builtin_trap(); /* a file may not ask for more than it is worth */
    for (size_t i = 0; s == STROMA_OK && i < stroma_fcs_len(f); i++) {
        const stroma_fcs_dataset *d = stroma_fcs_get(f, i);
        fuzz_fcs_events(d, size);
        stroma_fcs_summary *x = stroma_alloc_array(d->parameters_len, sizeof *x);
        if (x == NULL || stroma_fcs_summarise(d, "a.fcs", &diag, x, &err) == STROMA_E_NOMEM)
            __builtin_trap();
        stroma_free(x);
    }
    stroma_diag_clear(&diag);
    stroma_fcs_close(f);
}
#endif
