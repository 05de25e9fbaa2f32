/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values that are on a scale already. */
#include "panel.h"

#include <math.h>
#include <stdio.h>

static const double CHANNELS = 4096; /* of FlowJo's scale */
enum { FEWEST = 100 };               /* events that say anything */

static bool is_scaled(const stroma_panel_marker *m)
{
    return !m->scatter && (m->scale.kind == STROMA_TRANSFORM_LOGICLE ||
                           m->scale.kind == STROMA_TRANSFORM_HYPERLOG);
}

/* Lowest and highest of the first block of events. */
static stroma_status ends(const stroma_panel_tube *t, size_t index, double *low, double *high,
                          stroma_error *err)
{
    double block[STROMA_COLUMN_BLOCK], *out[1] = { block };
    const stroma_event_column column = { .compensation = NULL, .index = index };
    const size_t n =
        t->data->n_events < STROMA_COLUMN_BLOCK ? (size_t)t->data->n_events : STROMA_COLUMN_BLOCK;
    stroma_column_reader *r = NULL;
    STROMA_TRY(stroma_column_reader_open(t->data, &column, 1, &r, err));
    const stroma_status s = stroma_column_reader_read(r, 0, n, out, err);
    for (size_t i = 0; s == STROMA_OK && i < n; i++) {
        *low = fmin(*low, block[i]);
        *high = fmax(*high, block[i]);
    }
    stroma_column_reader_close(r);
    return s;
}

stroma_status panel_check_values(const stroma_panel *p, const stroma_panel_tube *t,
                                 const size_t *parameter, stroma_diag *diag, stroma_error *err)
{
    double low = (double)INFINITY, high = -(double)INFINITY;
    char text[200];
    for (size_t i = 0; i < p->markers_len; i++)
        if (parameter[i] != SIZE_MAX && is_scaled(&p->markers[i])) {
            STROMA_TRY(ends(t, parameter[i], &low, &high, err));
            if (low < 0 || high > CHANNELS) return STROMA_OK;
        }
    if (t->data->n_events < FEWEST || !(high > low)) return STROMA_OK;
    (void)snprintf(text, sizeof text,
                   "fluorescence lies from %.6g to %.6g without a negative: it may be on a scale "
                   "already, and the panel puts it on another",
                   low, high);
    stroma_diag_add(diag,
                    &(stroma_finding){ .code = "STROMA-PANEL-012",
                                       .severity = STROMA_WARNING,
                                       .file = t->file,
                                       .message = text,
                                       .rule = "the panel's scale is for linear values",
                                       .action = "if so, say scale: { kind: linear, T: 4096 } "
                                                 "and compensation: none in the panel" });
    return STROMA_OK;
}
