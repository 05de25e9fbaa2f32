/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values that are on a scale already. */
#include "panel.h"

#include <math.h>
#include <stdio.h>

/* FlowJo's channel values run to 1,024 or 4,096, a little beyond for what lies off scale; its
 * scales put 0 at a tenth of that, so that few values are negative and most lie above a sixteenth.
 * Linear values of a dim tube lie about 0. */
static const double BEYOND = 1.025, FEW_NEGATIVE = 0.05, LOW = 1.0 / 16;
enum { FEWEST = 100, BLOCKS = 8 }; /* events that say anything; blocks looked at */

typedef struct seen {
    double n, negative, above_64, above_256, high;
} seen;

static bool is_scaled(const stroma_panel_marker *m)
{
    return !m->scatter && (m->scale.kind == STROMA_TRANSFORM_LOGICLE ||
                           m->scale.kind == STROMA_TRANSFORM_HYPERLOG);
}

/* Add blocks of events of a channel, evenly spaced: the first events of a run are often odd. */
static stroma_status look(const stroma_panel_tube *t, size_t index, seen *v, stroma_error *err)
{
    double block[STROMA_COLUMN_BLOCK], *out[1] = { block };
    const stroma_event_column column = { .compensation = NULL, .index = index };
    const uint64_t n = t->data->n_events, stride = n / BLOCKS + 1;
    stroma_column_reader *r = NULL;
    STROMA_TRY(stroma_column_reader_open(t->data, &column, 1, &r, err));
    stroma_status s = STROMA_OK;
    for (uint64_t first = 0; first < n && s == STROMA_OK; first += stride) {
        uint64_t len = n - first < stride ? n - first : stride;
        if (len > STROMA_COLUMN_BLOCK) len = STROMA_COLUMN_BLOCK;
        s = stroma_column_reader_read(r, first, (size_t)len, out, err);
        for (size_t i = 0; s == STROMA_OK && i < len; i++) {
            v->n++;
            v->negative += block[i] < 0;
            v->above_64 += block[i] > 1024 * LOW;
            v->above_256 += block[i] > 4096 * LOW;
            v->high = fmax(v->high, block[i]);
        }
    }
    stroma_column_reader_close(r);
    return s;
}

stroma_status panel_check_values(const stroma_panel *p, const stroma_panel_tube *t,
                                 const size_t *parameter, stroma_diag *diag, stroma_error *err)
{
    seen v = { .high = -(double)INFINITY };
    char text[240];
    for (size_t i = 0; i < p->markers_len; i++)
        if (parameter[i] != SIZE_MAX && is_scaled(&p->markers[i])) {
            STROMA_TRY(look(t, parameter[i], &v, err));
            if (v.high > 4096 * BEYOND) return STROMA_OK;
        }
    const double high = v.high > 1024 * BEYOND ? v.above_256 : v.above_64;
    if (t->data->n_events < FEWEST || v.negative > FEW_NEGATIVE * v.n || !(high > 0.5 * v.n))
        return STROMA_OK;
    (void)snprintf(text, sizeof text,
                   "fluorescence ends at %.6g, %.2g %% of it is negative: it may be on a scale "
                   "already, and the panel puts it on another",
                   v.high, 100 * v.negative / v.n);
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
