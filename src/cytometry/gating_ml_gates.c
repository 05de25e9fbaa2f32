/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rectangles, polygons, ellipsoids and boolean gates of Gating-ML. */
#include "gating_ml_internal.h"

#include "stroma/suggest.h"

#include <math.h>
#include <string.h>

stroma_status gating_ml_refer(gating_ml_reader *r, int gate, int use, const char *id, int64_t line,
                              stroma_error *err)
{
    STROMA_TRY(stroma_grow(&r->references, &r->references_capacity, r->references_len + 1,
                           sizeof *r->references, err));
    r->references[r->references_len++] =
        (gating_ml_reference){ .gate = gate, .use = use, .id = id, .line = line };
    return STROMA_OK;
}

stroma_status gating_ml_new_gate(gating_ml_reader *r, const gate_xml_element *e,
                                 stroma_gate_kind kind, int *out, stroma_error *err)
{
    const char *id = NULL, *kept = NULL;
    STROMA_TRY(gating_ml_required(r, e, "id", &id, err));
    STROMA_TRY(gating_ml_keep(r, id, &kept, err));
    stroma_status s = STROMA_OK;
    *out = (int)r->set->gates_len;
    if (gate_ids_find(&r->quadrant_gates, kept) >= 0 || !gate_ids_add(&r->gates, kept, *out, &s))
        return s != STROMA_OK ? stroma_no_memory(err)
                              : gating_ml_fail(e, err, "two gates have the id \"%.100s\"", id);
    stroma_gate *g = stroma_gate_set_add(r->set);
    if (g == NULL) return stroma_no_memory(err);
    g->id = g->label = kept;
    g->kind = kind;
    g->line = e->line;
    const char *parent = gating_ml_optional(r, e, "parent_id");
    return parent == NULL ? STROMA_OK : gating_ml_refer(r, *out, -1, parent, e->line, err);
}

static stroma_status find_scale(gating_ml_reader *r, const gate_xml_element *e, const char *id,
                                bool ratio, int *out, stroma_error *err)
{
    const int found = gate_ids_find(&r->transforms, id);
    if (found == -1)
        return gating_ml_fail(e, err, "transformation \"%.100s\" is not in this file", id);
    if ((found <= -2) != ratio) {
        const stroma_status s = gating_ml_fail(e, err, "transformation \"%.100s\" is %s a ratio",
                                               id, ratio ? "not" : "of two channels:");
        stroma_hint(err, ratio ? "<new-dimension> takes an fratio; a scale of one channel is the "
                                 "transformation-ref of its dimension"
                               : "a ratio is used by <new-dimension transformation-ref=…>");
        return s;
    }
    *out = ratio ? -2 - found : found;
    if (ratio)
        r->ratio_used[*out] = true;
    else
        r->transform_used[*out] = true;
    return STROMA_OK;
}

static stroma_status find_compensation(gating_ml_reader *r, const gate_xml_element *e, int *out,
                                       stroma_error *err)
{
    const char *id = NULL;
    STROMA_TRY(gating_ml_required(r, e, "compensation-ref", &id, err));
    *out = STROMA_COMPENSATION_NONE;
    if (strcmp(id, "uncompensated") == 0) return STROMA_OK;
    *out = STROMA_COMPENSATION_FCS;
    if (strcmp(id, "FCS") == 0) return STROMA_OK;
    *out = gate_ids_find(&r->compensations, id);
    if (*out >= 0) {
        r->compensation_used[*out] = true;
        return STROMA_OK;
    }
    const stroma_status s = gating_ml_fail(
        e, err, "compensation-ref \"%.100s\" is no spectrum matrix of this file", id);
    stroma_hint(err, "it may also be \"uncompensated\" or \"FCS\"");
    return s;
}

stroma_status gating_ml_dimension(gating_ml_reader *r, const gate_xml_element *e,
                                  stroma_gate_dimension *out, stroma_error *err)
{
    STROMA_TRY(find_compensation(r, e, &out->compensation, err));
    const char *scale = gating_ml_optional(r, e, "transformation-ref");
    if (scale != NULL) STROMA_TRY(find_scale(r, e, scale, false, &out->transform, err));
    const gate_xml_element *channel = gate_xml_child(e, GATING_ML_DATA, "fcs-dimension"),
                           *ratio = gate_xml_child(e, GATING_ML_DATA, "new-dimension");
    if ((channel == NULL) == (ratio == NULL))
        return gating_ml_fail(e, err, "<%.40s> needs one <fcs-dimension> or one <new-dimension>",
                              e->name);
    const char *name = NULL;
    if (channel != NULL) {
        STROMA_TRY(gating_ml_required(r, channel, "name", &name, err));
        return gating_ml_keep(r, name, &out->name, err);
    }
    STROMA_TRY(gating_ml_required(r, ratio, "transformation-ref", &name, err));
    return find_scale(r, ratio, name, true, &out->ratio, err);
}

/* All <dimension> of a gate; @p out lives in the set's arena. */
static stroma_status dimensions(gating_ml_reader *r, const gate_xml_element *e, size_t least,
                                size_t most, bool edges, int gate, stroma_error *err)
{
    const size_t n = gating_ml_count(e, GATING_ML_NS, "dimension");
    if (n < least || n > most)
        return gating_ml_fail(e, err, "<%.40s> has %zu dimensions, it needs %s%zu", e->name, n,
                              n > most       ? least == most ? "" : "at most "
                              : least < most ? "at least "
                                             : "",
                              n > most ? most : least);
    stroma_gate_dimension *d = stroma_gate_dimensions(r->set, n);
    if (d == NULL) return stroma_no_memory(err);
    r->set->gates[gate].dims = d;
    r->set->gates[gate].dims_len = n;
    for (const gate_xml_element *c = gate_xml_child(e, GATING_ML_NS, "dimension"); c != NULL;
         c = gate_xml_next(c), d++) {
        STROMA_TRY(gating_ml_dimension(r, c, d, err));
        if (!edges) continue;
        STROMA_TRY(gating_ml_optional_number(r, c, "min", &d->lower, err));
        STROMA_TRY(gating_ml_optional_number(r, c, "max", &d->upper, err));
    }
    return STROMA_OK;
}

static stroma_status in_gate(const gating_ml_reader *r, int gate, stroma_status s,
                             stroma_error *err)
{
    return s == STROMA_OK ? s : stroma_in(err, s, "gate \"%.100s\"", r->set->gates[gate].id);
}

stroma_status gating_ml_rectangle(gating_ml_reader *r, const gate_xml_element *e, stroma_error *err)
{
    int g;
    STROMA_TRY(gating_ml_new_gate(r, e, STROMA_GATE_RECTANGLE, &g, err));
    return in_gate(r, g, dimensions(r, e, 1, GATE_DIMENSIONS_MAX, true, g, err), err);
}

static stroma_status point(gating_ml_reader *r, const gate_xml_element *e, size_t n, double *out,
                           stroma_error *err)
{
    const size_t k = gating_ml_count(e, GATING_ML_NS, "coordinate");
    if (k != n)
        return gating_ml_fail(e, err, "<%.40s> has %zu coordinates for %zu dimensions", e->name, k,
                              n);
    const gate_xml_element *c = gate_xml_child(e, GATING_ML_NS, "coordinate");
    for (size_t i = 0; i < n; i++, c = gate_xml_next(c))
        STROMA_TRY(gating_ml_required_number(r, c, "value", &out[i], err));
    return STROMA_OK;
}

static stroma_status polygon(gating_ml_reader *r, const gate_xml_element *e, int gate,
                             stroma_error *err)
{
    STROMA_TRY(dimensions(r, e, 2, 2, false, gate, err));
    const size_t n = gating_ml_count(e, GATING_ML_NS, "vertex");
    if (n < 3) return gating_ml_fail(e, err, "a polygon of %zu vertices, it needs at least 3", n);
    double *v = stroma_arena_alloc(&r->set->arena, 2 * n, sizeof *v);
    if (v == NULL) return stroma_no_memory(err);
    r->set->gates[gate].vertices = v;
    r->set->gates[gate].vertices_len = n;
    for (const gate_xml_element *c = gate_xml_child(e, GATING_ML_NS, "vertex"); c != NULL;
         c = gate_xml_next(c), v += 2)
        STROMA_TRY(point(r, c, 2, v, err));
    return STROMA_OK;
}

stroma_status gating_ml_polygon(gating_ml_reader *r, const gate_xml_element *e, stroma_error *err)
{
    int g;
    STROMA_TRY(gating_ml_new_gate(r, e, STROMA_GATE_POLYGON, &g, err));
    return in_gate(r, g, polygon(r, e, g, err), err);
}

static stroma_status one_child(const gate_xml_element *e, const char *name,
                               const gate_xml_element **out, stroma_error *err)
{
    *out = gate_xml_child(e, GATING_ML_NS, name);
    if (*out == NULL) return gating_ml_fail(e, err, "<%.40s> has no <%s>", e->name, name);
    if (gate_xml_next(*out) != NULL)
        return gating_ml_fail(gate_xml_next(*out), err, "<%.40s> has a second <%s>", e->name, name);
    return STROMA_OK;
}

static stroma_status ellipsoid(gating_ml_reader *r, const gate_xml_element *e, int gate,
                               stroma_error *err)
{
    STROMA_TRY(dimensions(r, e, 2, GATE_DIMENSIONS_MAX, false, gate, err));
    stroma_gate *g = &r->set->gates[gate];
    const size_t n = g->dims_len;
    const gate_xml_element *mean = NULL, *matrix = NULL, *distance = NULL;
    STROMA_TRY(one_child(e, "mean", &mean, err));
    STROMA_TRY(one_child(e, "covarianceMatrix", &matrix, err));
    STROMA_TRY(one_child(e, "distanceSquare", &distance, err));
    g->mean = stroma_arena_alloc(&r->set->arena, n, sizeof(double));
    g->covariance = stroma_arena_alloc(&r->set->arena, n * n, sizeof(double));
    if (g->mean == NULL || g->covariance == NULL) return stroma_no_memory(err);
    STROMA_TRY(point(r, mean, n, g->mean, err));
    const size_t rows = gating_ml_count(matrix, GATING_ML_NS, "row");
    if (rows != n)
        return gating_ml_fail(matrix, err, "a covariance matrix of %zu rows for %zu dimensions",
                              rows, n);
    double *out = g->covariance;
    for (const gate_xml_element *row = gate_xml_child(matrix, GATING_ML_NS, "row"); row != NULL;
         row = gate_xml_next(row)) {
        const size_t k = gating_ml_count(row, GATING_ML_NS, "entry");
        if (k != n)
            return gating_ml_fail(row, err, "a covariance matrix of %zu entries for %zu dimensions",
                                  k, n);
        for (const gate_xml_element *c = gate_xml_child(row, GATING_ML_NS, "entry"); c != NULL;
             c = gate_xml_next(c))
            STROMA_TRY(gating_ml_required_number(r, c, "value", out++, err));
    }
    STROMA_TRY(gating_ml_required_number(r, distance, "value", &g->distance_square, err));
    if (g->distance_square < 0)
        return gating_ml_fail(distance, err, "distanceSquare is %g, it cannot be negative",
                              g->distance_square);
    return STROMA_OK;
}

stroma_status gating_ml_ellipsoid(gating_ml_reader *r, const gate_xml_element *e, stroma_error *err)
{
    int g;
    STROMA_TRY(gating_ml_new_gate(r, e, STROMA_GATE_ELLIPSOID, &g, err));
    return in_gate(r, g, ellipsoid(r, e, g, err), err);
}

static stroma_status operands(gating_ml_reader *r, const gate_xml_element *e, int gate,
                              stroma_error *err)
{
    static const char *const names[] = { "and", "or", "not" };
    const gate_xml_element *op = NULL;
    stroma_gate_operator operation = STROMA_GATE_AND;
    for (int i = 0; i < 3; i++) {
        const gate_xml_element *c = gate_xml_child(e, GATING_ML_NS, names[i]);
        if (c == NULL) continue;
        if (op != NULL || gate_xml_next(c) != NULL)
            return gating_ml_fail(e, err, "<BooleanGate> has more than one of <and>, <or>, <not>");
        op = c;
        operation = (stroma_gate_operator)i;
    }
    if (op == NULL) return gating_ml_fail(e, err, "<BooleanGate> has no <and>, <or> or <not>");
    const size_t n = gating_ml_count(op, GATING_ML_NS, "gateReference");
    if (operation == STROMA_GATE_NOT ? n != 1 : n < 2)
        return gating_ml_fail(op, err, "<%s> has %zu <gateReference>, it needs %s", op->name, n,
                              operation == STROMA_GATE_NOT ? "one" : "two or more");
    stroma_gate_use *uses = stroma_arena_alloc(&r->set->arena, n, sizeof *uses);
    if (uses == NULL) return stroma_no_memory(err);
    r->set->gates[gate].operation = operation;
    r->set->gates[gate].uses = uses;
    r->set->gates[gate].uses_len = n;
    const gate_xml_element *c = gate_xml_child(op, GATING_ML_NS, "gateReference");
    for (size_t i = 0; i < n; i++, c = gate_xml_next(c)) {
        const char *id = NULL;
        uses[i].gate = -1;
        STROMA_TRY(gating_ml_required(r, c, "ref", &id, err));
        STROMA_TRY(gating_ml_optional_bool(r, c, "use-as-complement", &uses[i].complement, err));
        STROMA_TRY(gating_ml_refer(r, gate, (int)i, id, c->line, err));
    }
    return STROMA_OK;
}

stroma_status gating_ml_boolean(gating_ml_reader *r, const gate_xml_element *e, stroma_error *err)
{
    int g;
    STROMA_TRY(gating_ml_new_gate(r, e, STROMA_GATE_BOOLEAN, &g, err));
    return in_gate(r, g, operands(r, e, g, err), err);
}
