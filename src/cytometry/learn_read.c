/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values that a method sees: of the events in the parent, on the scales of the panel. */
#include "learn_run.h"

#include "stroma/sort.h"

#include <math.h>

/* Membership of all events in one gate; @p bits is NULL where it is every event. */
static stroma_status events_of(const stroma_panel_tube *t, const stroma_gate_set *gates, int parent,
                               int threads, stroma_membership *m, uint64_t *count,
                               stroma_error *err)
{
    *count = t->data->n_events;
    *m = (stroma_membership){ .bits = NULL };
    if (parent < 0) return STROMA_OK;
    bool *wanted = stroma_alloc_array(gates->gates_len, sizeof *wanted);
    if (wanted == NULL) return stroma_no_memory(err);
    wanted[parent] = true;
    stroma_gate_options o = STROMA_GATE_OPTIONS_INIT;
    o.threads = threads;
    o.wanted = wanted;
    o.fcs = t->compensation;
    const stroma_status s = stroma_gates_evaluate(gates, t->data, &o, m, err);
    if (s == STROMA_OK) *count = m->count[parent];
    stroma_free(wanted);
    return stroma_in(err, s, "file \"%s\"", t->file);
}

static stroma_status open_reader(const stroma_panel_tube *t, const learn_channels *c,
                                 stroma_column_reader **out, stroma_error *err)
{
    stroma_event_column column[2];
    for (size_t k = 0; k < c->len; k++)
        STROMA_TRY(stroma_column_find(t->data, c->compensated[k] ? t->compensation : NULL,
                                      c->name[k], &column[k], err));
    return stroma_column_reader_open(t->data, column, c->len, out, err);
}

/* A block of events: those in the parent whose values are finite are kept. */
static void keep(const stroma_membership *m, int parent, uint64_t first, size_t len,
                 const learn_channels *c, bool as_linear, double block[2][STROMA_COLUMN_BLOCK],
                 double *x[2], size_t *n)
{
    for (size_t k = 0; !as_linear && k < c->len; k++)
        stroma_transform_values(&c->scale[k], block[k], len, block[k]);
    for (size_t i = 0; i < len; i++) {
        if (parent >= 0 && !stroma_membership_has(m, (size_t)parent, first + i)) continue;
        bool finite = true;
        for (size_t k = 0; k < c->len; k++)
            finite = finite && isfinite(block[k][i]);
        if (!finite) continue;
        for (size_t k = 0; k < c->len; k++)
            x[k][*n] = block[k][i];
        (*n)++;
    }
}

static stroma_status read_blocks(const stroma_panel_tube *t, const stroma_membership *m, int parent,
                                 const learn_channels *c, bool as_linear, double *x[2], size_t *n,
                                 stroma_error *err)
{
    double block[2][STROMA_COLUMN_BLOCK], *to[2] = { block[0], block[1] };
    stroma_column_reader *r = NULL;
    STROMA_TRY(open_reader(t, c, &r, err));
    stroma_status s = STROMA_OK;
    for (uint64_t first = 0; s == STROMA_OK && first < t->data->n_events;
         first += STROMA_COLUMN_BLOCK) {
        const uint64_t rest = t->data->n_events - first;
        const size_t len = rest < STROMA_COLUMN_BLOCK ? (size_t)rest : STROMA_COLUMN_BLOCK;
        s = stroma_column_reader_read(r, first, len, to, err);
        if (s == STROMA_OK) keep(m, parent, first, len, c, as_linear, block, x, n);
    }
    stroma_column_reader_close(r);
    return s;
}

stroma_status learn_read_values(const stroma_panel_tube *t, const stroma_gate_set *gates,
                                int parent, int threads, const learn_channels *c, bool as_linear,
                                double *x[2], size_t *n, uint64_t *n_parent, stroma_error *err)
{
    stroma_membership m;
    x[0] = x[1] = NULL;
    *n = 0;
    STROMA_TRY(events_of(t, gates, parent, threads, &m, n_parent, err));
    stroma_status s = STROMA_OK;
    for (size_t k = 0; k < c->len && s == STROMA_OK; k++) {
        x[k] = stroma_alloc_array((size_t)*n_parent, sizeof *x[k]);
        if (x[k] == NULL) s = stroma_no_memory(err);
    }
    if (s == STROMA_OK)
        s = stroma_in(err, read_blocks(t, &m, parent, c, as_linear, x, n, err), "file \"%s\"",
                      t->file);
    if (s == STROMA_OK && c->len == 1) stroma_sort_doubles(x[0], *n);
    if (s != STROMA_OK) {
        stroma_free(x[0]);
        stroma_free(x[1]);
        x[0] = x[1] = NULL;
    }
    stroma_membership_clear(&m);
    return s;
}
