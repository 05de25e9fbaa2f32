/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gating_ml_writer.h"

#include <math.h>
#include <string.h>

static bool differs(const char *a, const char *b)
{
    return a != NULL && (b == NULL || strcmp(a, b) != 0);
}

bool gating_ml_has_info(const gating_ml_writer *w, size_t gate, const char *quadrant_gate)
{
    const stroma_gate *g = &w->set->gates[gate];
    return differs(g->id, w->gates[gate]) || differs(g->label, g->id) || g->method != NULL ||
           g->parameters != NULL || !isnan(g->confidence) || g->state != NULL ||
           (g->kind == STROMA_GATE_QUADRANT && differs(g->quadrant_gate, quadrant_gate));
}

void gating_ml_write_info(gating_ml_writer *w, size_t gate, bool alone)
{
    const stroma_gate *g = &w->set->gates[gate];
    stroma_buffer_puts(w->out,
                       alone ? "    <data-type:custom_info><stroma:gate" : "      <stroma:gate");
    gating_ml_put(w, "ref", w->gates[gate]);
    if (differs(g->id, w->gates[gate])) gating_ml_put(w, "id", g->id);
    /* The reader gives the id in the document as the label: what differs from that is written. */
    if (differs(g->label, w->gates[gate])) gating_ml_put(w, "label", g->label);
    gating_ml_put(w, "method", g->method);
    gating_ml_put(w, "parameters", g->parameters);
    gating_ml_put(w, "state", g->state);
    if (g->kind == STROMA_GATE_QUADRANT) gating_ml_put(w, "quadrant_gate", g->quadrant_gate);
    if (!isnan(g->confidence)) gating_ml_put_number(w, "confidence", g->confidence);
    stroma_buffer_puts(w->out, alone ? "/></data-type:custom_info>\n" : "/>\n");
}

void gating_ml_write_dimension(gating_ml_writer *w, const char *name, const char *id,
                               const stroma_gate_dimension *d, bool edges)
{
    stroma_buffer_printf(w->out, "    <gating:%s", name);
    gating_ml_put(w, "gating:id", id);
    gating_ml_put(w, "gating:compensation-ref",
                  d->compensation >= 0                         ? w->compensations[d->compensation]
                  : d->compensation == STROMA_COMPENSATION_FCS ? "FCS"
                                                               : "uncompensated");
    if (d->transform >= 0)
        gating_ml_put(w, "gating:transformation-ref", w->transforms[d->transform]);
    if (edges && d->lower > -(double)INFINITY) gating_ml_put_number(w, "gating:min", d->lower);
    if (edges && d->upper < (double)INFINITY) gating_ml_put_number(w, "gating:max", d->upper);
    stroma_buffer_puts(w->out, ">\n");
    if (d->ratio >= 0) {
        stroma_buffer_puts(w->out, "      <data-type:new-dimension");
        gating_ml_put(w, "data-type:transformation-ref", w->ratios[d->ratio]);
    } else {
        stroma_buffer_puts(w->out, "      <data-type:fcs-dimension");
        gating_ml_put(w, "data-type:name", d->name);
    }
    stroma_buffer_puts(w->out, "/>\n");
}

static void write_point(gating_ml_writer *w, const char *element, const char *part, const double *x,
                        size_t n)
{
    stroma_buffer_printf(w->out, "    <gating:%s>\n", element);
    for (size_t i = 0; i < n; i++) {
        stroma_buffer_printf(w->out, "      <gating:%s", part);
        gating_ml_put_number(w, "data-type:value", x[i]);
        stroma_buffer_puts(w->out, "/>\n");
    }
    stroma_buffer_printf(w->out, "    </gating:%s>\n", element);
}

static void write_ellipsoid(gating_ml_writer *w, const stroma_gate *g)
{
    write_point(w, "mean", "coordinate", g->mean, g->dims_len);
    stroma_buffer_puts(w->out, "    <gating:covarianceMatrix>\n");
    for (size_t i = 0; i < g->dims_len; i++)
        write_point(w, "row", "entry", g->covariance + i * g->dims_len, g->dims_len);
    stroma_buffer_puts(w->out, "    </gating:covarianceMatrix>\n    <gating:distanceSquare");
    gating_ml_put_number(w, "data-type:value", g->distance_square);
    stroma_buffer_puts(w->out, "/>\n");
}

static void write_operands(gating_ml_writer *w, const stroma_gate *g)
{
    static const char *const names[] = { "and", "or", "not" };
    stroma_buffer_printf(w->out, "    <gating:%s>\n", names[g->operation]);
    /* The schema wants two operands of and/or: one alone is written twice. */
    const size_t n = g->operation != STROMA_GATE_NOT && g->uses_len == 1 ? 2 : g->uses_len;
    for (size_t i = 0; i < n; i++) {
        const stroma_gate_use *u = &g->uses[i < g->uses_len ? i : 0];
        stroma_buffer_puts(w->out, "      <gating:gateReference");
        gating_ml_put(w, "gating:ref", w->gates[u->gate]);
        if (u->complement) gating_ml_put(w, "gating:use-as-complement", "true");
        stroma_buffer_puts(w->out, "/>\n");
    }
    stroma_buffer_printf(w->out, "    </gating:%s>\n", names[g->operation]);
}

stroma_status gating_ml_write_gate(gating_ml_writer *w, size_t gate, stroma_error *err)
{
    static const char *const names[] = { [STROMA_GATE_RECTANGLE] = "RectangleGate",
                                         [STROMA_GATE_POLYGON] = "PolygonGate",
                                         [STROMA_GATE_ELLIPSOID] = "EllipsoidGate",
                                         [STROMA_GATE_BOOLEAN] = "BooleanGate" };
    const stroma_gate *g = &w->set->gates[gate];
    if (g->kind == STROMA_GATE_QUADRANT) return gating_ml_write_quadrants(w, gate, err);
    if (g->kind == STROMA_GATE_ELLIPSOID && g->dims_len < 2)
        return stroma_fail(err, STROMA_E_USAGE,
                           "an ellipsoid of one dimension has no form in Gating-ML");
    w->written[gate] = true;
    stroma_buffer_printf(w->out, "  <gating:%s", names[g->kind]);
    gating_ml_put(w, "gating:id", w->gates[gate]);
    if (g->parent >= 0) gating_ml_put(w, "gating:parent_id", w->gates[g->parent]);
    stroma_buffer_puts(w->out, ">\n");
    if (gating_ml_has_info(w, gate, NULL)) gating_ml_write_info(w, gate, true);
    for (size_t i = 0; i < g->dims_len; i++) {
        gating_ml_write_dimension(w, "dimension", NULL, &g->dims[i],
                                  g->kind == STROMA_GATE_RECTANGLE);
        stroma_buffer_puts(w->out, "    </gating:dimension>\n");
    }
    for (size_t i = 0; i < g->vertices_len; i++)
        write_point(w, "vertex", "coordinate", g->vertices + 2 * i, 2);
    if (g->kind == STROMA_GATE_ELLIPSOID) write_ellipsoid(w, g);
    if (g->kind == STROMA_GATE_BOOLEAN) write_operands(w, g);
    stroma_buffer_printf(w->out, "  </gating:%s>\n", names[g->kind]);
    return STROMA_OK;
}
