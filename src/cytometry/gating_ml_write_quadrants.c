/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quadrants are gates of their own in a set; in Gating-ML those that belong together share their
 * dividers. Dividers are put together again from the edges of the quadrants. */
#include "gating_ml_writer.h"

#include "stroma/number.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

typedef struct divider {
    const stroma_gate_dimension *dim; /* the first that lies on it */
    const char *id;
    double *values;
    size_t values_len, values_capacity;
} divider;
typedef struct group {
    gating_ml_writer *w;
    size_t first; /* gate */
    divider *dividers;
    size_t dividers_len, dividers_capacity;
} group;

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool belongs(const group *q, size_t gate)
{
    const stroma_gate *a = &q->w->set->gates[q->first], *b = &q->w->set->gates[gate];
    return b->kind == STROMA_GATE_QUADRANT && b->parent == a->parent &&
           (gate == q->first ||
            (a->quadrant_gate != NULL && same_text(a->quadrant_gate, b->quadrant_gate)));
}

static bool same_axis(const stroma_gate_dimension *a, const stroma_gate_dimension *b)
{
    return same_text(a->divider, b->divider) && same_text(a->name, b->name) &&
           a->ratio == b->ratio && a->compensation == b->compensation &&
           a->transform == b->transform;
}

static divider *find_divider(const group *q, const stroma_gate_dimension *d)
{
    for (size_t i = 0; i < q->dividers_len; i++)
        if (same_axis(q->dividers[i].dim, d)) return &q->dividers[i];
    return NULL;
}

static stroma_status add_edge(divider *d, double x, stroma_error *err)
{
    if (!isfinite(x)) return STROMA_OK;
    for (size_t i = 0; i < d->values_len; i++)
        if (d->values[i] == x) return STROMA_OK;
    STROMA_TRY(
        stroma_grow(&d->values, &d->values_capacity, d->values_len + 1, sizeof *d->values, err));
    d->values[d->values_len++] = x;
    return STROMA_OK;
}

static stroma_status collect(group *q, const stroma_gate *g, stroma_error *err)
{
    for (size_t i = 0; i < g->dims_len; i++) {
        const stroma_gate_dimension *dim = &g->dims[i];
        divider *d = find_divider(q, dim);
        if (d == NULL) {
            STROMA_TRY(stroma_grow(&q->dividers, &q->dividers_capacity, q->dividers_len + 1,
                                   sizeof *q->dividers, err));
            d = &q->dividers[q->dividers_len++];
            *d = (divider){ .dim = dim };
            STROMA_TRY(
                gating_ml_id(q->w, dim->divider == NULL ? "divider" : dim->divider, &d->id, err));
        }
        STROMA_TRY(add_edge(d, dim->lower, err));
        STROMA_TRY(add_edge(d, dim->upper, err));
    }
    return STROMA_OK;
}

/* A place in the interval, and whether it is an interval between neighbouring values. */
static bool locate(const divider *d, const stroma_gate_dimension *dim, double *location)
{
    size_t i = 0;
    while (i < d->values_len && d->values[i] <= dim->lower)
        i++;
    if (i < d->values_len ? d->values[i] != dim->upper : dim->upper != (double)INFINITY)
        return false;
    if (isfinite(dim->lower) && isfinite(dim->upper)) {
        const double middle = dim->lower / 2 + dim->upper / 2;
        *location = middle >= dim->lower && middle < dim->upper ? middle : dim->lower;
    } else if (isfinite(dim->lower)) {
        *location = dim->lower + fmax(1, fabs(dim->lower));
        if (!isfinite(*location)) *location = dim->lower;
    } else if (isfinite(dim->upper)) {
        *location = dim->upper - fmax(1, fabs(dim->upper));
        if (!isfinite(*location)) *location = nextafter(dim->upper, -(double)INFINITY);
    } else {
        *location = 0;
    }
    return dim->lower < dim->upper;
}

static stroma_status write_quadrant(group *q, size_t gate, stroma_error *err)
{
    gating_ml_writer *w = q->w;
    const stroma_gate *g = &w->set->gates[gate];
    stroma_buffer_puts(w->out, "    <gating:Quadrant");
    gating_ml_put(w, "gating:id", w->gates[gate]);
    stroma_buffer_puts(w->out, ">\n");
    for (size_t i = 0; i < g->dims_len; i++) {
        const divider *d = find_divider(q, &g->dims[i]);
        double location = 0;
        bool twice = false;
        for (size_t k = 0; k < i; k++)
            twice = twice || same_axis(&g->dims[i], &g->dims[k]);
        if (twice || d == NULL || !locate(d, &g->dims[i], &location)) {
            const stroma_status s = stroma_fail(
                err, STROMA_E_USAGE,
                "quadrant \"%.80s\" of \"%.80s\" is not one interval between its dividers", g->id,
                g->quadrant_gate == NULL ? "" : g->quadrant_gate);
            stroma_hint(err, "make it a rectangle");
            return s;
        }
        stroma_buffer_puts(w->out, "      <gating:position");
        gating_ml_put(w, "gating:divider_ref", d->id);
        gating_ml_put_number(w, "gating:location", location);
        stroma_buffer_puts(w->out, "/>\n");
    }
    stroma_buffer_puts(w->out, "    </gating:Quadrant>\n");
    return STROMA_OK;
}

static void write_divider(gating_ml_writer *w, divider *d)
{
    stroma_sort_doubles(d->values, d->values_len);
    gating_ml_write_dimension(w, "divider", d->id, d->dim, false);
    for (size_t i = 0; i < d->values_len; i++) {
        char text[STROMA_NUMBER_TEXT_MAX];
        stroma_buffer_printf(w->out, "      <gating:value>%s</gating:value>\n",
                             stroma_format_double(d->values[i], text));
    }
    stroma_buffer_puts(w->out, "    </gating:divider>\n");
}

static void write_infos(group *q, const char *id)
{
    gating_ml_writer *w = q->w;
    bool begun = false;
    for (size_t i = q->first; i < w->set->gates_len; i++) {
        if (!belongs(q, i) || !gating_ml_has_info(w, i, id)) continue;
        if (!begun) stroma_buffer_puts(w->out, "    <data-type:custom_info>\n");
        begun = true;
        gating_ml_write_info(w, i, false);
    }
    if (begun) stroma_buffer_puts(w->out, "    </data-type:custom_info>\n");
}

static stroma_status write_group(group *q, stroma_error *err)
{
    gating_ml_writer *w = q->w;
    const stroma_gate *g = &w->set->gates[q->first];
    const char *id = NULL;
    STROMA_TRY(
        gating_ml_id(w, g->quadrant_gate == NULL ? "quadrants" : g->quadrant_gate, &id, err));
    for (size_t i = q->first; i < w->set->gates_len; i++)
        if (belongs(q, i)) STROMA_TRY(collect(q, &w->set->gates[i], err));
    stroma_buffer_puts(w->out, "  <gating:QuadrantGate");
    gating_ml_put(w, "gating:id", id);
    if (g->parent >= 0) gating_ml_put(w, "gating:parent_id", w->gates[g->parent]);
    stroma_buffer_puts(w->out, ">\n");
    write_infos(q, id);
    for (size_t i = 0; i < q->dividers_len; i++) {
        if (q->dividers[i].values_len == 0)
            STROMA_TRY(add_edge(&q->dividers[i], 0, err)); /* all open: it will not fit */
        write_divider(w, &q->dividers[i]);
    }
    for (size_t i = q->first; i < w->set->gates_len; i++) {
        if (!belongs(q, i)) continue;
        STROMA_TRY(write_quadrant(q, i, err));
        w->written[i] = true;
    }
    stroma_buffer_puts(w->out, "  </gating:QuadrantGate>\n");
    return STROMA_OK;
}

stroma_status gating_ml_write_quadrants(gating_ml_writer *w, size_t gate, stroma_error *err)
{
    group q = { .w = w, .first = gate };
    const stroma_status s = write_group(&q, err);
    for (size_t i = 0; i < q.dividers_len; i++)
        stroma_free(q.dividers[i].values);
    stroma_free(q.dividers);
    return s;
}
