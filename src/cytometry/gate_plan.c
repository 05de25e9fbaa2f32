/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate_plan.h"

#include "gate_ellipsoid.h"
#include "gate_order.h"

#include <math.h>

enum { PLAN_LIMIT_BYTES = 1 << 30 };

stroma_status gate_column_find(const stroma_gate_set *s, const stroma_fcs_dataset *d,
                               const stroma_compensation *fcs, const stroma_gate_dimension *dim,
                               const char *name, stroma_event_column *out, stroma_error *err)
{
    const stroma_compensation *c = dim->compensation >= 0 ? &s->compensations[dim->compensation]
                                   : dim->compensation == STROMA_COMPENSATION_FCS ? fcs
                                                                                  : NULL;
    return stroma_column_find(d, c, name, out, err);
}

static stroma_status add_column(gate_plan *p, const stroma_event_column *c, size_t *out,
                                stroma_error *err)
{
    for (*out = 0; *out < p->columns_len; (*out)++)
        if (p->columns[*out].compensation == c->compensation && p->columns[*out].index == c->index)
            return STROMA_OK;
    STROMA_TRY(stroma_grow(&p->columns, &p->columns_capacity, p->columns_len + 1,
                           sizeof *p->columns, err));
    p->columns[p->columns_len++] = *c;
    return STROMA_OK;
}

static stroma_status add_value(gate_plan *p, const gate_value *v, size_t *out, stroma_error *err)
{
    for (*out = 0; *out < p->values_len; (*out)++) {
        const gate_value *o = &p->values[*out];
        if (o->column == v->column && o->denominator == v->denominator && o->ratio == v->ratio)
            return STROMA_OK;
    }
    STROMA_TRY(
        stroma_grow(&p->values, &p->values_capacity, p->values_len + 1, sizeof *p->values, err));
    p->values[p->values_len++] = *v;
    return STROMA_OK;
}

static stroma_status add_scaled(gate_plan *p, size_t value, const stroma_transform *scale, int *out,
                                stroma_error *err)
{
    *out = GATE_LINEAR;
    if (scale == NULL) return STROMA_OK;
    for (*out = 0; (size_t)*out < p->scaled_len; (*out)++)
        if (p->scaled[*out].value == value && p->scaled[*out].scale == scale) return STROMA_OK;
    STROMA_TRY(
        stroma_grow(&p->scaled, &p->scaled_capacity, p->scaled_len + 1, sizeof *p->scaled, err));
    p->scaled[p->scaled_len++] = (gate_scaled){ .value = value, .scale = scale };
    return STROMA_OK;
}

static const stroma_transform *scale_of(const gate_plan *p, const stroma_gate_dimension *dim)
{
    return dim->transform < 0 ? NULL : &p->set->transforms[dim->transform];
}

static stroma_status make_axis(gate_plan *p, const stroma_fcs_dataset *d,
                               const stroma_compensation *fcs, const stroma_gate_dimension *dim,
                               gate_axis *out, stroma_error *err)
{
    stroma_event_column c;
    gate_value v = { 0 };
    if (dim->ratio < 0) {
        STROMA_TRY(gate_column_find(p->set, d, fcs, dim, dim->name, &c, err));
        STROMA_TRY(add_column(p, &c, &v.column, err));
    } else {
        v.ratio = &p->set->ratios[dim->ratio];
        STROMA_TRY(gate_column_find(p->set, d, fcs, dim, v.ratio->numerator, &c, err));
        STROMA_TRY(add_column(p, &c, &v.column, err));
        STROMA_TRY(gate_column_find(p->set, d, fcs, dim, v.ratio->denominator, &c, err));
        STROMA_TRY(add_column(p, &c, &v.denominator, err));
    }
    STROMA_TRY(add_value(p, &v, &out->value, err));
    return add_scaled(p, out->value, scale_of(p, dim), &out->scaled, err);
}

static stroma_status make_polygon(gate_plan *p, const stroma_gate *g, gate_ready *r,
                                  stroma_error *err)
{
    gate_edge *edges = stroma_arena_alloc(&p->arena, g->vertices_len, sizeof *edges);
    if (edges == NULL) return stroma_no_memory(err);
    gate_polygon_make(g->vertices, g->vertices_len, edges, &r->polygon);
    const gate_polygon *q = &r->polygon;
    gate_interval_make(scale_of(p, &g->dims[0]), q->x_min, nextafter(q->x_max, (double)INFINITY),
                       &r->axes[0].interval);
    gate_interval_make(scale_of(p, &g->dims[1]), q->y_min, nextafter(q->y_max, (double)INFINITY),
                       &r->axes[1].interval);
    return STROMA_OK;
}

static stroma_status make_ellipsoid(gate_plan *p, const stroma_gate *g, gate_ready *r,
                                    stroma_error *err)
{
    const size_t n = g->dims_len;
    r->inverse = stroma_arena_alloc(&p->arena, n * n, sizeof *r->inverse);
    double *work = stroma_alloc_array(n * n, sizeof *work);
    stroma_status s = r->inverse == NULL || work == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK && !gate_invert(g->covariance, n, r->inverse, work))
        s = stroma_fail_at(err, STROMA_E_MALFORMED, g->line, 0,
                           "the covariance matrix is singular");
    stroma_free(work);
    return s;
}

static stroma_status make_gate(gate_plan *p, const stroma_fcs_dataset *d,
                               const stroma_compensation *fcs, int index, stroma_error *err)
{
    const stroma_gate *g = &p->set->gates[index];
    gate_ready *r = &p->ready[index];
    if (g->kind == STROMA_GATE_BOOLEAN) return STROMA_OK;
    r->axes = stroma_arena_alloc(&p->arena, g->dims_len, sizeof *r->axes);
    if (r->axes == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < g->dims_len; i++) {
        STROMA_TRY(make_axis(p, d, fcs, &g->dims[i], &r->axes[i], err));
        if (g->kind == STROMA_GATE_RECTANGLE || g->kind == STROMA_GATE_QUADRANT)
            gate_interval_make(scale_of(p, &g->dims[i]), g->dims[i].lower, g->dims[i].upper,
                               &r->axes[i].interval);
    }
    if (g->kind == STROMA_GATE_POLYGON) return make_polygon(p, g, r, err);
    if (g->kind == STROMA_GATE_ELLIPSOID) return make_ellipsoid(p, g, r, err);
    return STROMA_OK;
}

stroma_status gate_plan_make(const stroma_gate_set *s, const stroma_fcs_dataset *d,
                             const stroma_gate_options *opts, gate_plan *out, stroma_error *err)
{
    *out = (gate_plan){ .set = s };
    stroma_arena_init(&out->arena, PLAN_LIMIT_BYTES);
    out->order = stroma_alloc_array(s->gates_len, sizeof *out->order);
    out->ready = stroma_alloc_array(s->gates_len, sizeof *out->ready);
    if (out->order == NULL || out->ready == NULL) return stroma_no_memory(err);
    STROMA_TRY(gate_order(s, opts->wanted, out->order, &out->order_len, err));
    for (size_t i = 0; i < out->order_len; i++) {
        const stroma_status status = make_gate(out, d, opts->fcs, out->order[i], err);
        if (status != STROMA_OK)
            return stroma_in(err, status, "gate \"%.100s\"", s->gates[out->order[i]].id);
    }
    return STROMA_OK;
}

void gate_plan_clear(gate_plan *p)
{
    stroma_free(p->order);
    stroma_free(p->ready);
    stroma_free(p->columns);
    stroma_free(p->values);
    stroma_free(p->scaled);
    stroma_arena_clear(&p->arena);
}
