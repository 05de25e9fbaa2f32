/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scales of a panel: what is "auto" comes from all its files together, never from one of them; what
 * depends on which files these are is said. */
#include "panel.h"

#include <math.h>
#include <stdio.h>

enum { A_FILE = 20000 }; /* events looked at */

/* Values pooled for the width of one marker. */
typedef struct pool {
    double *x;
    size_t n, capacity;
} pool;

static stroma_status take_events(const stroma_panel_tube *t, stroma_event_column column, pool *p,
                                 stroma_error *err)
{
    double block[STROMA_COLUMN_BLOCK], *out[1] = { block };
    const uint64_t n = t->data->n_events, stride = n / A_FILE + 1;
    stroma_column_reader *r = NULL;
    STROMA_TRY(stroma_column_reader_open(t->data, &column, 1, &r, err));
    stroma_status s =
        stroma_grow(&p->x, &p->capacity, p->n + (size_t)(n / stride) + 1, sizeof *p->x, err);
    for (uint64_t first = 0; s == STROMA_OK && first < n; first += STROMA_COLUMN_BLOCK) {
        const size_t len =
            n - first < STROMA_COLUMN_BLOCK ? (size_t)(n - first) : STROMA_COLUMN_BLOCK;
        s = stroma_column_reader_read(r, first, len, out, err);
        for (size_t i = 0; s == STROMA_OK && i < len; i++)
            if ((first + i) % stride == 0 && block[i] < 0 && isfinite(block[i]))
                p->x[p->n++] = block[i];
    }
    stroma_column_reader_close(r);
    return s;
}

static stroma_status fit_width(const stroma_panel *p, stroma_panel_marker *m, size_t index,
                               const stroma_panel_tube *tubes, const size_t *parameter, size_t n,
                               stroma_error *err)
{
    pool negative = { 0 };
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < n && s == STROMA_OK; i++) {
        const size_t at = parameter[i * p->markers_len + index];
        if (at == SIZE_MAX) continue;
        stroma_event_column column = { .compensation = NULL, .index = at };
        if (p->compensate && tubes[i].compensation != NULL)
            s = stroma_column_find(tubes[i].data, tubes[i].compensation,
                                   tubes[i].data->parameters[at].name, &column, err);
        if (s == STROMA_OK) s = take_events(&tubes[i], column, &negative, err);
        s = stroma_in(err, s, "file \"%s\": marker \"%s\"", tubes[i].file, m->name);
    }
    if (s == STROMA_OK)
        m->scale.w = stroma_transform_logicle_width(negative.x, negative.n, m->scale.t, m->scale.m);
    stroma_free(negative.x);
    return s;
}

/* @return whether the files differ */
static bool fit_top(const stroma_panel *p, stroma_panel_marker *m, size_t index,
                    const stroma_panel_tube *tubes, const size_t *parameter, size_t n)
{
    double top = 0, least = (double)INFINITY;
    for (size_t i = 0; i < n; i++) {
        const size_t at = parameter[i * p->markers_len + index];
        if (at == SIZE_MAX) continue;
        top = fmax(top, tubes[i].data->parameters[at].range);
        least = fmin(least, tubes[i].data->parameters[at].range);
    }
    if (top > 0) m->scale.t = top;
    return top > least;
}

static void say_fitted(const stroma_panel_marker *m, bool top, bool width, size_t files,
                       stroma_diag *diag)
{
    char text[300], w[40] = "";
    if (width) (void)snprintf(w, sizeof w, ", W %.4g of their negatives", m->scale.w);
    (void)snprintf(text, sizeof text,
                   "the scale of \"%.60s\" comes from the %zu file%s of this call: T %.10g%s%s",
                   m->name, files, files == 1 ? "" : "s", m->scale.t,
                   top ? ", the largest of differing $PnR" : "", w);
    stroma_diag_add(
        diag, &(stroma_finding){ .code = "STROMA-PANEL-011",
                                 .severity = STROMA_WARNING,
                                 .column = m->name,
                                 .message = text,
                                 .rule = "a sample has the same gates whichever files stand by it",
                                 .action = "fix the scales: stroma gate learn --write-panel FILE, "
                                           "then --panel FILE" });
}

stroma_status stroma_panel_fit_scales(stroma_panel *p, const stroma_panel_tube *tubes, size_t n,
                                      stroma_diag *diag, stroma_error *err)
{
    size_t *parameter = stroma_alloc_array(n * p->markers_len + 1, sizeof *parameter);
    if (parameter == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < n && s == STROMA_OK; i++)
        s = stroma_panel_match(p, tubes[i].data, tubes[i].file, NULL,
                               &parameter[i * p->markers_len], err);
    for (size_t k = 0; k < p->markers_len && s == STROMA_OK; k++) {
        stroma_panel_marker *m = &p->markers[k];
        const bool linear = m->scale.kind == STROMA_TRANSFORM_LINEAR,
                   width = m->scale.auto_w && (m->scale.kind == STROMA_TRANSFORM_LOGICLE ||
                                               m->scale.kind == STROMA_TRANSFORM_HYPERLOG),
                   top = m->scale.auto_t && fit_top(p, m, k, tubes, parameter, n);
        if (width) s = fit_width(p, m, k, tubes, parameter, n, err);
        /* A linear scale moves no edge. */
        if (s == STROMA_OK && (width || (top && !linear))) say_fitted(m, top, width, n, diag);
    }
    stroma_free(parameter);
    return s;
}
