/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gates as FlowJo 10 asks them: rectangles by the values, polygons and ellipses by the bins of the
 * plot. The rule was found from counts that FlowJo saved (docs/formats/flowjo-workspace.md):
 *   linear axis: bin = ⌊(x − min) / (max − min) · bins + ½⌋
 *   other axes:  bin = ⌊y · bins⌋, y the scale from 0 to 1 (biex: channel / 4096)
 * for events and vertices alike; then even-odd, with the left and lower edges inside. */
#include "gate_ellipsoid.h"
#include "gate_order.h"
#include "workspace.h"

#include "stroma/interrupt.h"

#include <math.h>
#include <string.h>

enum { BLOCK = STROMA_COLUMN_BLOCK, BIEX_CHANNELS = 4096 };
static const double bin_most = 1e9; /* products of two differences fit 64 bits */

typedef struct raster_gate {
    size_t column[2];
    int64_t *vertices; /* bins, x₀ y₀ x₁ y₁ … */
    double inverse[4]; /* of the ellipse's covariance, in bins */
    double mean[2];
} raster_gate;

typedef struct raster {
    const stroma_gate_set *s;
    const stroma_flowjo_gate *extra;
    raster_gate *gates;
    stroma_event_column *columns;
    size_t columns_len;
    double *values; /* columns_len × BLOCK */
    double **column_of;
    double *bins[2];
    stroma_membership *out;
} raster;

static double scale_units(const stroma_gate_set *s, const stroma_flowjo_axis *a)
{
    return s->transforms[a->transform].kind == STROMA_TRANSFORM_BIEX ? BIEX_CHANNELS : 1;
}

/* Value on the gate's scale → bin. */
static double bin_of(const stroma_gate_set *s, const stroma_flowjo_axis *a, unsigned bins, double y)
{
    const double b = a->transform < 0 ? floor((y - a->min) / (a->max - a->min) * bins + 0.5)
                                      : floor(y / scale_units(s, a) * bins);
    return b < -bin_most ? -bin_most : b > bin_most ? bin_most : b;
}

/* Events beyond the plot lie on its edge. */
static void bin_events(const stroma_gate_set *s, const stroma_flowjo_axis *a, unsigned bins,
                       const double *x, size_t n, double *out)
{
    const double *y = x;
    if (a->transform >= 0) {
        stroma_transform_values(&s->transforms[a->transform], x, n, out);
        y = out;
    }
    for (size_t i = 0; i < n; i++) {
        const double b = bin_of(s, a, bins, y[i]);
        out[i] = b < 0 ? 0 : b > bins - 1 ? bins - 1 : b; /* NaN stays */
    }
}

static bool in_polygon(const int64_t *v, size_t n, int64_t x, int64_t y)
{
    bool in = false;
    for (size_t i = 0, j = n - 1; i < n; j = i++) {
        const int64_t x1 = v[2 * j], y1 = v[2 * j + 1], x2 = v[2 * i], y2 = v[2 * i + 1];
        if ((y1 > y) == (y2 > y)) continue;
        /* x < x1 + (y − y1) (x2 − x1) / (y2 − y1), in whole numbers */
        const int64_t left = (x - x1) * (y2 - y1), right = (y - y1) * (x2 - x1);
        if (y2 > y1 ? left < right : left > right) in = !in;
    }
    return in;
}

static void set_bit(uint64_t *bits, uint64_t event)
{
    bits[event / 64] |= (uint64_t)1 << (event % 64);
}

static void ask_rectangle(const raster *r, size_t g, uint64_t first, size_t n, uint64_t *bits)
{
    const stroma_gate *gate = &r->s->gates[g];
    for (size_t i = 0; i < n; i++) {
        bool in = true;
        for (size_t k = 0; k < gate->dims_len && in; k++) {
            const double x = r->column_of[r->gates[g].column[k]][i];
            in = x >= gate->dims[k].lower && x < gate->dims[k].upper;
        }
        if (in) set_bit(bits, first + i);
    }
}

static void ask_plane(const raster *r, size_t g, uint64_t first, size_t n, uint64_t *bits)
{
    const stroma_gate *gate = &r->s->gates[g];
    const raster_gate *p = &r->gates[g];
    for (size_t k = 0; k < 2; k++)
        bin_events(r->s, &r->extra[g].axis[k], r->extra[g].bins, r->column_of[p->column[k]], n,
                   r->bins[k]);
    for (size_t i = 0; i < n; i++) {
        const double at[2] = { r->bins[0][i], r->bins[1][i] };
        if (isnan(at[0]) || isnan(at[1])) continue;
        const bool in =
            gate->kind == STROMA_GATE_POLYGON
                ? in_polygon(p->vertices, gate->vertices_len, (int64_t)at[0], (int64_t)at[1])
                : gate_distance_square(at, p->mean, p->inverse, 2) <= gate->distance_square;
        if (in) set_bit(bits, first + i);
    }
}

static stroma_status add_column(raster *r, const stroma_fcs_dataset *d, size_t g, size_t k,
                                stroma_error *err)
{
    const stroma_gate_dimension *dim = &r->s->gates[g].dims[k];
    const stroma_compensation *c =
        dim->compensation >= 0 ? &r->s->compensations[dim->compensation] : NULL;
    stroma_event_column column;
    const stroma_status s = stroma_column_find(d, c, dim->name, &column, err);
    if (s != STROMA_OK) return stroma_in(err, s, "gate \"%.120s\"", r->s->gates[g].id);
    size_t i = 0;
    while (i < r->columns_len && (r->columns[i].compensation != column.compensation ||
                                  r->columns[i].index != column.index))
        i++;
    if (i == r->columns_len) r->columns[r->columns_len++] = column;
    r->gates[g].column[k] = i;
    return STROMA_OK;
}

/* The ellipse in bins: its covariance is in units of the scale. */
static stroma_status bin_ellipse(raster *r, size_t g, stroma_error *err)
{
    const stroma_gate *gate = &r->s->gates[g];
    raster_gate *p = &r->gates[g];
    double unit[2], work[4], covariance[4];
    for (size_t k = 0; k < 2; k++) {
        const stroma_flowjo_axis *a = &r->extra[g].axis[k];
        const double origin = a->transform < 0 ? a->min : 0;
        unit[k] = (a->transform < 0 ? a->max - a->min : scale_units(r->s, a)) / r->extra[g].bins;
        p->mean[k] = (gate->mean[k] - origin) / unit[k];
    }
    for (size_t k = 0; k < 4; k++)
        covariance[k] = gate->covariance[k] / unit[k / 2] / unit[k % 2];
    if (!gate_invert(covariance, 2, p->inverse, work))
        return stroma_fail(err, STROMA_E_MALFORMED, "gate \"%.120s\": the ellipse has no width",
                           gate->id);
    return STROMA_OK;
}

static stroma_status prepare_gate(raster *r, const stroma_fcs_dataset *d, size_t g,
                                  stroma_error *err)
{
    const stroma_gate *gate = &r->s->gates[g];
    for (size_t k = 0; k < gate->dims_len; k++)
        STROMA_TRY(add_column(r, d, g, k, err));
    if (gate->kind == STROMA_GATE_ELLIPSOID) return bin_ellipse(r, g, err);
    if (gate->kind != STROMA_GATE_POLYGON) return STROMA_OK;
    r->gates[g].vertices = stroma_alloc_array(2 * gate->vertices_len, sizeof(int64_t));
    if (r->gates[g].vertices == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < 2 * gate->vertices_len; i++)
        r->gates[g].vertices[i] =
            (int64_t)bin_of(r->s, &r->extra[g].axis[i % 2], r->extra[g].bins, gate->vertices[i]);
    return STROMA_OK;
}

static stroma_status read_shapes(raster *r, const stroma_fcs_dataset *d, stroma_error *err)
{
    stroma_column_reader *reader = NULL;
    STROMA_TRY(stroma_column_reader_open(d, r->columns, r->columns_len, &reader, err));
    stroma_status s = STROMA_OK;
    for (uint64_t first = 0; first < d->n_events && s == STROMA_OK; first += BLOCK) {
        const size_t n = d->n_events - first < BLOCK ? (size_t)(d->n_events - first) : BLOCK;
        s = stroma_interrupt_check(err);
        if (s == STROMA_OK) s = stroma_column_reader_read(reader, first, n, r->column_of, err);
        for (size_t g = 0; g < r->s->gates_len && s == STROMA_OK; g++) {
            uint64_t *bits = r->out->bits + g * r->out->words;
            if (r->s->gates[g].kind == STROMA_GATE_RECTANGLE)
                ask_rectangle(r, g, first, n, bits);
            else if (r->s->gates[g].kind != STROMA_GATE_BOOLEAN)
                ask_plane(r, g, first, n, bits);
        }
    }
    stroma_column_reader_close(reader);
    return s;
}

static uint64_t boolean_word(const stroma_membership *m, const stroma_gate *g, size_t w)
{
    uint64_t x = g->operation == STROMA_GATE_OR ? 0 : ~(uint64_t)0;
    for (size_t i = 0; i < g->uses_len; i++) {
        uint64_t y = m->bits[(size_t)g->uses[i].gate * m->words + w];
        if (g->uses[i].complement) y = ~y;
        x = g->operation == STROMA_GATE_OR ? x | y : x & y;
    }
    return g->operation == STROMA_GATE_NOT ? ~x : x;
}

/* Parents, booleans and counts. */
static stroma_status combine(const stroma_gate_set *s, stroma_membership *m, stroma_error *err)
{
    size_t n = 0;
    int *order = stroma_alloc_array(s->gates_len, sizeof *order);
    if (order == NULL) return stroma_no_memory(err);
    const stroma_status status = gate_order(s, NULL, order, &n, err);
    for (size_t i = 0; i < n && status == STROMA_OK; i++) {
        const size_t g = (size_t)order[i];
        const stroma_gate *gate = &s->gates[g];
        uint64_t *bits = m->bits + g * m->words;
        for (size_t w = 0; w < m->words; w++) {
            if (gate->kind == STROMA_GATE_BOOLEAN) bits[w] = boolean_word(m, gate, w);
            if (gate->parent >= 0) bits[w] &= m->bits[(size_t)gate->parent * m->words + w];
            if (w + 1 == m->words && m->n_events % 64 != 0)
                bits[w] &= ((uint64_t)1 << (m->n_events % 64)) - 1;
            m->count[g] += (uint64_t)__builtin_popcountll(bits[w]);
        }
        m->evaluated[g] = true;
    }
    stroma_free(order);
    return status;
}

static stroma_status run(raster *r, const stroma_fcs_dataset *d, stroma_error *err)
{
    const size_t n = r->s->gates_len;
    stroma_membership *m = r->out;
    m->n_events = d->n_events;
    m->gates_len = n;
    m->words = (size_t)((d->n_events + 63) / 64);
    m->bits = stroma_alloc_array(n * m->words, sizeof *m->bits);
    m->count = stroma_alloc_array(n, sizeof *m->count);
    m->evaluated = stroma_alloc_array(n, sizeof *m->evaluated);
    r->gates = stroma_alloc_array(n, sizeof *r->gates);
    r->columns = stroma_alloc_array(2 * n, sizeof *r->columns);
    if (m->bits == NULL || m->count == NULL || m->evaluated == NULL || r->gates == NULL ||
        r->columns == NULL)
        return stroma_no_memory(err);
    for (size_t g = 0; g < n; g++)
        STROMA_TRY(prepare_gate(r, d, g, err));
    r->values = stroma_alloc_array((r->columns_len + 2) * BLOCK, sizeof *r->values);
    r->column_of = stroma_alloc_array(r->columns_len, sizeof *r->column_of);
    if (r->values == NULL || r->column_of == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < r->columns_len; i++)
        r->column_of[i] = r->values + i * BLOCK;
    for (size_t k = 0; k < 2; k++)
        r->bins[k] = r->values + (r->columns_len + k) * BLOCK;
    if (r->columns_len > 0) STROMA_TRY(read_shapes(r, d, err));
    return combine(r->s, m, err);
}

stroma_status stroma_flowjo_evaluate(const stroma_gate_set *s, const stroma_fcs_dataset *d,
                                     const stroma_gate_options *opts, stroma_membership *out,
                                     stroma_error *err)
{
    (void)opts; /* one thread, every gate: a workspace brings its own compensation */
    *out = (stroma_membership){ 0 };
    if (s->flowjo == NULL) {
        stroma_fail(err, STROMA_E_USAGE, "the gates are not from a FlowJo workspace");
        stroma_hint(err, "gates of other files are evaluated by the values alone");
        return STROMA_E_USAGE;
    }
    raster r = { .s = s, .extra = s->flowjo->gates, .out = out };
    const stroma_status status = run(&r, d, err);
    for (size_t g = 0; r.gates != NULL && g < s->gates_len; g++)
        stroma_free(r.gates[g].vertices);
    stroma_free(r.gates);
    stroma_free(r.columns);
    stroma_free(r.values);
    stroma_free(r.column_of);
    if (status != STROMA_OK) stroma_membership_clear(out);
    return status;
}
