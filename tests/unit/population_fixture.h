/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tube of four channels in memory, put through a small tree of gates. */
#ifndef STROMA_POPULATION_FIXTURE_H
#define STROMA_POPULATION_FIXTURE_H
#include "stroma_test.h"

#include "stroma/cytometry_population_table.h"

#include <math.h>
#include <string.h>

enum { TUBE_CHANNELS = 4, TUBE_DATA_AT = 2048 };

typedef struct tube {
    unsigned char *bytes;
    stroma_fcs *file;
    stroma_membership membership;
    stroma_population_tube tube;
} tube;

/* FSC-A, FL1-A (CD4), FL2-A (CD25), FL3-A (LD). @p more: further keywords, "$DATE|02-Mar-2020|".
 */
static inline void tube_open(const double *x, size_t n, const char *more, const char *name, tube *t)
{
    static const char *const channel[] = { "FSC-A", "FL1-A", "FL2-A", "FL3-A" };
    static const char *const stain[] = { "", "CD4", "CD25", "LD" };
    char text[TUBE_DATA_AT] = "";
    const size_t data = n * TUBE_CHANNELS * sizeof *x;
    size_t len = (size_t)snprintf(
        text, sizeof text,
        "|$PAR|%d|$TOT|%zu|$BYTEORD|1,2,3,4|$DATATYPE|D|$MODE|L|$NEXTDATA|0|$BEGINDATA|%d|"
        "$ENDDATA|%zu|",
        TUBE_CHANNELS, n, TUBE_DATA_AT, TUBE_DATA_AT + data - 1);
    for (int i = 1; i <= TUBE_CHANNELS; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "$P%dN|%s|$P%dB|64|$P%dR|262144|$P%dE|0,0|", i, channel[i - 1], i,
                                i, i);
        char key[16];
        (void)snprintf(key, sizeof key, "$P%dS|", i); /* unless it is given */
        if (stain[i - 1][0] != '\0' && strstr(more, key) == NULL)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s|", key, stain[i - 1]);
    }
    len += (size_t)snprintf(text + len, sizeof text - len, "%s", more);
    assert_true(len < TUBE_DATA_AT - 58);
    *t = (tube){ .bytes = stroma_alloc_array(TUBE_DATA_AT + data + 1, 1) };
    assert_non_null(t->bytes);
    memset(t->bytes, ' ', TUBE_DATA_AT);
    char head[64];
    (void)snprintf(head, sizeof head, "FCS3.1    %8d%8zu%8d%8zu%8d%8d", 58, 58 + len - 1,
                   TUBE_DATA_AT, TUBE_DATA_AT + data - 1, 0, 0);
    memcpy(t->bytes, head, 58);
    memcpy(t->bytes + 58, text, len);
    if (data > 0) memcpy(t->bytes + TUBE_DATA_AT, x, data);
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_fcs_open_memory(t->bytes, TUBE_DATA_AT + data, name, NULL, NULL, &t->file, &err) !=
        STROMA_OK)
        fail_msg("%s%s", err.context, err.message);
    t->tube.file = name;
    t->tube.data = stroma_fcs_preferred(t->file);
    assert_int_equal(t->tube.data->n_events, n);
}

static inline void tube_gate(tube *t, const stroma_gate_set *gates)
{
    const stroma_gate_options opts = STROMA_GATE_OPTIONS_INIT;
    t->tube.gates = gates;
    t->tube.membership = &t->membership;
    assert_int_equal(stroma_gates_evaluate(gates, t->tube.data, &opts, &t->membership, NULL),
                     STROMA_OK);
}

static inline void tube_close(tube *t)
{
    stroma_membership_clear(&t->membership);
    stroma_fcs_close(t->file);
    stroma_free(t->bytes);
}

static inline void add_range(stroma_gate_set *s, const char *id, int parent, const char *channel,
                             double lower, double upper)
{
    stroma_gate *g = stroma_gate_set_add(s);
    assert_non_null(g);
    g->id = g->label = id;
    g->parent = parent;
    g->kind = STROMA_GATE_RECTANGLE;
    g->dims_len = 1;
    g->dims = stroma_gate_dimensions(s, 1);
    assert_non_null(g->dims);
    g->dims[0].name = channel;
    g->dims[0].lower = lower;
    g->dims[0].upper = upper;
}

/* Cells > Live > CD4 > Treg, Th17; Dim is gated on all cells. */
static inline void tree_make(stroma_gate_set *s)
{
    const double open = (double)INFINITY;
    stroma_gate_set_init(s);
    add_range(s, "Cells", -1, "FSC-A", 100, open);
    add_range(s, "Live", 0, "FL3-A", -open, 1000);
    add_range(s, "CD4", 1, "FL1-A", 500, open);
    add_range(s, "Treg", 2, "FL2-A", 2000, open);
    add_range(s, "Th17", 2, "FL2-A", -open, 300);
    add_range(s, "Dim", 0, "FL2-A", 0, 1000);
}
#endif
