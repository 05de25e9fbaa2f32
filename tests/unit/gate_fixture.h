/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small FCS file in memory, and gates on it. */
#ifndef STROMA_GATE_FIXTURE_H
#define STROMA_GATE_FIXTURE_H
#include "stroma_test.h"

#include "stroma/cytometry_gates.h"

#include <string.h>

typedef struct gate_events {
    unsigned char *bytes;
    size_t size;
    stroma_fcs *file;
    const stroma_fcs_dataset *data;
} gate_events;

enum { GATE_EVENTS_DATA_AT = 4096 };

/* FCS 3.1, float64 little endian; channels C1 … Ck. @p x: event after event */
static inline void gate_events_make(const double *x, size_t n, size_t k, const char *spillover,
                                    gate_events *out)
{
    char text[GATE_EVENTS_DATA_AT] = "";
    size_t len = 0;
    const size_t data = n * k * sizeof(double);
    len += (size_t)snprintf(text + len, sizeof text - len,
                            "|$PAR|%zu|$TOT|%zu|$BYTEORD|1,2,3,4|$DATATYPE|D|$MODE|L|$NEXTDATA|0|"
                            "$BEGINDATA|%d|$ENDDATA|%zu|",
                            k, n, GATE_EVENTS_DATA_AT, GATE_EVENTS_DATA_AT + data - 1);
    for (size_t i = 1; i <= k; i++)
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "$P%zuN|C%zu|$P%zuB|64|$P%zuR|262144|$P%zuE|0,0|", i, i, i, i, i);
    if (spillover != NULL)
        len += (size_t)snprintf(text + len, sizeof text - len, "$SPILLOVER|%s|", spillover);
    out->size = GATE_EVENTS_DATA_AT + data;
    out->bytes = stroma_alloc_array(out->size + 1, 1);
    assert_non_null(out->bytes);
    memset(out->bytes, ' ', GATE_EVENTS_DATA_AT);
    char head[64];
    (void)snprintf(head, sizeof head, "FCS3.1    %8d%8zu%8d%8zu%8d%8d", 58, 58 + len - 1,
                   GATE_EVENTS_DATA_AT, GATE_EVENTS_DATA_AT + data - 1, 0, 0);
    memcpy(out->bytes, head, 58);
    memcpy(out->bytes + 58, text, len);
    if (data > 0) memcpy(out->bytes + GATE_EVENTS_DATA_AT, x, data);
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_fcs_open_memory(out->bytes, out->size, "events", NULL, NULL, &out->file, &err) !=
        STROMA_OK)
        fail_msg("%s%s", err.context, err.message);
    out->data = stroma_fcs_get(out->file, 0);
    assert_int_equal(out->data->n_events, n);
}

static inline void gate_events_clear(gate_events *e)
{
    stroma_fcs_close(e->file);
    stroma_free(e->bytes);
}

/* A gate with @p dims open dimensions on C1, C2, … */
static inline stroma_gate *gate_add(stroma_gate_set *s, const char *id, stroma_gate_kind kind,
                                    size_t dims)
{
    static const char *const channels[] = { "C1", "C2", "C3", "C4" };
    stroma_gate *g = stroma_gate_set_add(s);
    assert_non_null(g);
    g->id = g->label = id;
    g->kind = kind;
    g->dims_len = dims;
    g->dims = stroma_gate_dimensions(s, dims);
    assert_non_null(g->dims);
    for (size_t i = 0; i < dims; i++)
        g->dims[i].name = channels[i % 4];
    return g;
}

static inline void gate_uses(stroma_gate_set *s, stroma_gate *g, stroma_gate_operator operation,
                             const stroma_gate_use *uses, size_t n)
{
    g->operation = operation;
    g->uses = stroma_arena_alloc(&s->arena, n, sizeof *uses);
    assert_non_null(g->uses);
    memcpy(g->uses, uses, n * sizeof *uses);
    g->uses_len = n;
}
#endif
