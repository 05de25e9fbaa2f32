/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quadrant gates of Gating-ML: dividers cut their dimension into intervals, lower edge in, upper
 * edge out; a quadrant takes of each divider it names the interval that holds its location. */
#include "gating_ml_internal.h"

#include "stroma/sort.h"

#include <math.h>
#include <string.h>

typedef struct divider {
    const char *id;
    stroma_gate_dimension dim;
    double *values; /* rising */
    size_t values_len;
} divider;
typedef struct quadrant_gate {
    const gate_xml_element *e;
    const char *id;
    divider *dividers; /* in the set's arena */
    size_t dividers_len;
    gate_ids ids;
} quadrant_gate;

static stroma_status read_divider(gating_ml_reader *r, const gate_xml_element *e, divider *d,
                                  stroma_error *err)
{
    const char *id = NULL;
    STROMA_TRY(gating_ml_required(r, e, "id", &id, err));
    STROMA_TRY(gating_ml_keep(r, id, &d->id, err));
    stroma_gate_dimension *dim = stroma_gate_dimensions(r->set, 1);
    if (dim == NULL) return stroma_no_memory(err);
    STROMA_TRY(gating_ml_dimension(r, e, dim, err));
    d->dim = *dim;
    d->dim.divider = d->id;
    d->values_len = gating_ml_count(e, GATING_ML_NS, "value");
    if (d->values_len == 0) return gating_ml_fail(e, err, "divider \"%.80s\" has no <value>", id);
    d->values = stroma_arena_alloc(&r->set->arena, d->values_len, sizeof *d->values);
    if (d->values == NULL) return stroma_no_memory(err);
    const gate_xml_element *c = gate_xml_child(e, GATING_ML_NS, "value");
    for (size_t i = 0; i < d->values_len; i++, c = gate_xml_next(c))
        if (!gating_ml_number(c->text, &d->values[i]) || !isfinite(d->values[i]))
            return gating_ml_fail(c, err, "divider \"%.80s\": value \"%.40s\" is not a number", id,
                                  c->text);
    stroma_sort_doubles(d->values, d->values_len);
    return STROMA_OK;
}

static stroma_status read_dividers(gating_ml_reader *r, quadrant_gate *q, stroma_error *err)
{
    q->dividers_len = gating_ml_count(q->e, GATING_ML_NS, "divider");
    if (q->dividers_len == 0) return gating_ml_fail(q->e, err, "there is no <divider>");
    if (q->dividers_len > GATE_DIMENSIONS_MAX)
        return gating_ml_fail(q->e, err, "%zu dividers, the most is %d", q->dividers_len,
                              GATE_DIMENSIONS_MAX);
    q->dividers = stroma_arena_alloc(&r->set->arena, q->dividers_len, sizeof *q->dividers);
    if (q->dividers == NULL) return stroma_no_memory(err);
    const gate_xml_element *c = gate_xml_child(q->e, GATING_ML_NS, "divider");
    for (size_t i = 0; i < q->dividers_len; i++, c = gate_xml_next(c)) {
        stroma_status s;
        STROMA_TRY(read_divider(r, c, &q->dividers[i], err));
        if (!gate_ids_add(&q->ids, q->dividers[i].id, (int)i, &s))
            return s != STROMA_OK ? stroma_no_memory(err)
                                  : gating_ml_fail(c, err, "two dividers have the id \"%.80s\"",
                                                   q->dividers[i].id);
    }
    return STROMA_OK;
}

static stroma_status read_position(gating_ml_reader *r, const quadrant_gate *q,
                                   const gate_xml_element *e, const stroma_gate_dimension *before,
                                   stroma_gate_dimension *out, stroma_error *err)
{
    const char *ref = NULL;
    double location = 0;
    STROMA_TRY(gating_ml_required(r, e, "divider_ref", &ref, err));
    STROMA_TRY(gating_ml_required_number(r, e, "location", &location, err));
    const int i = gate_ids_find(&q->ids, ref);
    if (i < 0) return gating_ml_fail(e, err, "divider \"%.80s\" is not in this quadrant gate", ref);
    const divider *d = &q->dividers[i];
    for (; before < out; before++)
        if (before->divider == d->id)
            return gating_ml_fail(e, err, "divider \"%.80s\" has two positions", ref);
    *out = d->dim;
    size_t low = 0, high = d->values_len; /* values before low are at or below the location */
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (d->values[middle] <= location)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0) out->lower = d->values[low - 1];
    if (low < d->values_len) out->upper = d->values[low];
    return STROMA_OK;
}

static stroma_status read_quadrant(gating_ml_reader *r, const quadrant_gate *q,
                                   const gate_xml_element *e, stroma_error *err)
{
    int gate;
    STROMA_TRY(gating_ml_new_gate(r, e, STROMA_GATE_QUADRANT, &gate, err));
    const char *parent = gating_ml_optional(r, q->e, "parent_id");
    if (parent != NULL) STROMA_TRY(gating_ml_refer(r, gate, -1, parent, q->e->line, err));
    const size_t n = gating_ml_count(e, GATING_ML_NS, "position");
    if (n == 0)
        return gating_ml_fail(e, err, "quadrant \"%.80s\" has no <position>",
                              r->set->gates[gate].id);
    stroma_gate_dimension *dims = stroma_gate_dimensions(r->set, n);
    if (dims == NULL) return stroma_no_memory(err);
    stroma_gate *g = &r->set->gates[gate];
    g->quadrant_gate = q->id;
    g->dims = dims;
    g->dims_len = n;
    const gate_xml_element *c = gate_xml_child(e, GATING_ML_NS, "position");
    for (size_t i = 0; i < n; i++, c = gate_xml_next(c)) {
        const stroma_status s = read_position(r, q, c, dims, &dims[i], err);
        if (s != STROMA_OK) return stroma_in(err, s, "quadrant \"%.80s\"", r->set->gates[gate].id);
    }
    return STROMA_OK;
}

static stroma_status read_all(gating_ml_reader *r, quadrant_gate *q, stroma_error *err)
{
    STROMA_TRY(read_dividers(r, q, err));
    const gate_xml_element *c = gate_xml_child(q->e, GATING_ML_NS, "Quadrant");
    if (c == NULL) return gating_ml_fail(q->e, err, "there is no <Quadrant>");
    for (; c != NULL; c = gate_xml_next(c))
        STROMA_TRY(read_quadrant(r, q, c, err));
    return STROMA_OK;
}

stroma_status gating_ml_quadrants(gating_ml_reader *r, const gate_xml_element *e, stroma_error *err)
{
    quadrant_gate q = { .e = e };
    const char *id = NULL;
    STROMA_TRY(gating_ml_required(r, e, "id", &id, err));
    STROMA_TRY(gating_ml_keep(r, id, &q.id, err));
    stroma_status s;
    if (gate_ids_find(&r->gates, id) >= 0)
        return gating_ml_fail(e, err, "two gates have the id \"%.100s\"", id);
    if (!gate_ids_add(&r->quadrant_gates, q.id, 0, &s))
        return s != STROMA_OK ? stroma_no_memory(err)
                              : gating_ml_fail(e, err, "two gates have the id \"%.100s\"", id);
    s = read_all(r, &q, err);
    gate_ids_clear(&q.ids);
    return s == STROMA_OK ? s : stroma_in(err, s, "quadrant gate \"%.100s\"", id);
}
