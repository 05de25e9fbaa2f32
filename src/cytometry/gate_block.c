/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gates over a block of events. An event is inside a gate, outside, or open: a value that the gate
 * asks for is NaN. Open stays open under complement, so that no gate and no complement holds such
 * an event; and/or follow Kleene: what decides the answer without the open operand decides it. */
#include "gate_block.h"

#include "gate_ellipsoid.h"

#include <math.h>
#include <string.h>

/* STRIDE: values between the starts of two columns, a cache line more than a block, since arrays
 * whose distance is a multiple of 4096 bytes drive each other out of the first cache. */
enum { BLOCK = STROMA_COLUMN_BLOCK, STRIDE = BLOCK + 8, SCRATCH_LIMIT_BYTES = 1 << 30 };

static double *column_room(gate_block *b, size_t columns)
{
    double *x = stroma_arena_alloc(&b->arena, columns * STRIDE, sizeof *x);
    return x;
}

static stroma_status make_room(gate_block *b, stroma_error *err)
{
    const gate_plan *p = b->plan;
    size_t most = 2;
    for (size_t i = 0; i < p->order_len; i++)
        if (p->set->gates[p->order[i]].dims_len > most) most = p->set->gates[p->order[i]].dims_len;
    b->columns = stroma_arena_alloc(&b->arena, p->columns_len, sizeof *b->columns);
    b->values = stroma_arena_alloc(&b->arena, p->values_len, sizeof *b->values);
    b->scaled = stroma_arena_alloc(&b->arena, p->scaled_len, sizeof *b->scaled);
    b->scaled_ready = stroma_arena_alloc(&b->arena, p->scaled_len, sizeof *b->scaled_ready);
    b->value_nan = stroma_arena_alloc(&b->arena, p->values_len, sizeof *b->value_nan);
    b->value_nan_ready = stroma_arena_alloc(&b->arena, p->values_len, sizeof *b->value_nan_ready);
    b->states = stroma_arena_alloc(&b->arena, p->set->gates_len, sizeof *b->states);
    b->gathered = column_room(b, most);
    b->index = stroma_arena_alloc(&b->arena, BLOCK, sizeof *b->index);
    if (b->columns == NULL || b->values == NULL || b->scaled == NULL || b->scaled_ready == NULL ||
        b->value_nan == NULL || b->value_nan_ready == NULL || b->states == NULL ||
        b->gathered == NULL || b->index == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < p->columns_len; i++)
        if ((b->columns[i] = column_room(b, 1)) == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < p->values_len; i++) {
        const gate_value *v = &p->values[i];
        b->values[i] = v->ratio == NULL ? b->columns[v->column] : column_room(b, 1);
        if (b->values[i] == NULL) return stroma_no_memory(err);
    }
    for (size_t i = 0; i < p->scaled_len; i++)
        if ((b->scaled[i] = column_room(b, 1)) == NULL) return stroma_no_memory(err);
    return STROMA_OK;
}

stroma_status gate_block_open(const gate_plan *plan, const stroma_fcs_dataset *d, gate_block *out,
                              stroma_error *err)
{
    *out = (gate_block){ .plan = plan, .kernels = gate_kernels_choose() };
    stroma_arena_init(&out->arena, SCRATCH_LIMIT_BYTES);
    STROMA_TRY(make_room(out, err));
    return stroma_column_reader_open(d, plan->columns, plan->columns_len, &out->reader, err);
}

void gate_block_close(gate_block *b)
{
    stroma_column_reader_close(b->reader);
    stroma_arena_clear(&b->arena);
}

static void compute_ratio(const gate_block *b, const gate_value *v, double *out)
{
    const stroma_gate_ratio *r = v->ratio;
    const double *x = b->columns[v->column], *y = b->columns[v->denominator];
    for (size_t i = 0; i < b->n; i++) {
        const double q = r->a * (x[i] - r->b) / (y[i] - r->c);
        out[i] = q < r->bound_min ? r->bound_min : q > r->bound_max ? r->bound_max : q;
    }
}

/* Whole words everywhere: what lies behind the last event is NaN. */
static void pad(const gate_block *b, double *x)
{
    for (size_t i = b->n; i < 64 * b->words; i++)
        x[i] = (double)NAN;
}

static const uint64_t *nan_of(gate_block *b, size_t value)
{
    if (!b->value_nan_ready[value]) {
        b->kernels->nan(b->values[value], b->words, b->value_nan[value]);
        b->value_nan_ready[value] = true;
    }
    return b->value_nan[value];
}

static bool any(const uint64_t *mask, size_t words)
{
    uint64_t all = 0;
    for (size_t w = 0; w < words; w++)
        all |= mask[w];
    return all != 0;
}

/* Events of a value that are NaN cannot be judged by this gate. */
static void take_open(gate_block *b, const stroma_gate *g, const gate_axis *axes,
                      const gate_mask asked, gate_mask open)
{
    memset(open, 0, sizeof(gate_mask));
    for (size_t i = 0; i < g->dims_len; i++) {
        const uint64_t *nan = nan_of(b, axes[i].value);
        for (size_t w = 0; w < b->words; w++)
            open[w] |= nan[w] & asked[w];
    }
}

/* Those too near an edge: transform and compare. */
static uint64_t decide(const gate_interval *v, const double *x, uint64_t undecided)
{
    uint64_t in = 0;
    for (; undecided != 0; undecided &= undecided - 1) {
        const unsigned k = (unsigned)__builtin_ctzll(undecided);
        in |= (uint64_t)gate_interval_has(v, x[k]) << k;
    }
    return in;
}

static void rectangle(gate_block *b, const stroma_gate *g, const gate_axis *axes, gate_mask in)
{
    gate_mask inside, outside;
    for (size_t i = 0; i < g->dims_len && any(in, b->words); i++) {
        const gate_axis *a = &axes[i];
        const double *x = b->values[a->value];
        b->kernels->interval(x, b->words, a->interval.edges, inside, outside);
        for (size_t w = 0; w < b->words; w++) {
            const uint64_t undecided = in[w] & ~(inside[w] | outside[w]);
            in[w] &= inside[w] | decide(&a->interval, x + 64 * w, undecided);
        }
    }
}

/* List the events of a mask. */
static size_t list(gate_block *b, const gate_mask mask)
{
    size_t n = 0;
    for (size_t w = 0; w < b->words; w++)
        for (uint64_t m = mask[w]; m != 0; m &= m - 1)
            b->index[n++] = (uint16_t)(64 * w + (size_t)__builtin_ctzll(m));
    return n;
}

/* An axis of the listed events, on its scale. The whole block is transformed, once for all gates,
 * where many of its events are asked for. */
static void gather(gate_block *b, const gate_axis *a, size_t n, double *out)
{
    const double *x = b->values[a->value];
    const bool scaled = a->scaled != GATE_LINEAR;
    const stroma_transform *t = scaled ? b->plan->scaled[a->scaled].scale : NULL;
    if (scaled && !b->scaled_ready[a->scaled] && 2 * n >= b->n) {
        stroma_transform_values(t, x, b->n, b->scaled[a->scaled]);
        b->scaled_ready[a->scaled] = true;
    }
    const bool ready = scaled && b->scaled_ready[a->scaled];
    if (ready) x = b->scaled[a->scaled];
    for (size_t i = 0; i < n; i++)
        out[i] = x[b->index[i]];
    if (scaled && !ready) stroma_transform_values(t, out, n, out);
}

static void polygon(gate_block *b, const gate_ready *r, gate_mask in)
{
    gate_mask inside, outside;
    for (size_t i = 0; i < 2; i++) {
        b->kernels->interval(b->values[r->axes[i].value], b->words, r->axes[i].interval.edges,
                             inside, outside);
        for (size_t w = 0; w < b->words; w++)
            in[w] &= ~outside[w];
    }
    const size_t n = list(b, in), words = (n + 63) / 64;
    double *x = b->gathered, *y = b->gathered + STRIDE;
    gather(b, &r->axes[0], n, x);
    gather(b, &r->axes[1], n, y);
    for (size_t i = n; i < 64 * words; i++)
        x[i] = y[i] = (double)NAN;
    b->kernels->polygon(&r->polygon, x, y, words, inside, outside); /* outside: near an edge */
    memset(in, 0, sizeof(gate_mask));
    for (size_t i = 0; i < n; i++) {
        const bool near = outside[i / 64] >> (i % 64) & 1;
        const uint64_t has =
            near ? gate_polygon_has(&r->polygon, x[i], y[i]) : inside[i / 64] >> (i % 64) & 1;
        in[b->index[i] / 64] |= has << (b->index[i] % 64);
    }
}

static void ellipsoid(gate_block *b, const stroma_gate *g, const gate_ready *r, gate_mask in)
{
    const size_t n = list(b, in), k = g->dims_len;
    double point[GATE_DIMENSIONS_MAX];
    for (size_t j = 0; j < k; j++)
        gather(b, &r->axes[j], n, b->gathered + j * STRIDE);
    memset(in, 0, sizeof(gate_mask));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < k; j++)
            point[j] = b->gathered[j * STRIDE + i];
        const bool has = gate_distance_square(point, g->mean, r->inverse, k) <= g->distance_square;
        in[b->index[i] / 64] |= (uint64_t)has << (b->index[i] % 64);
    }
}

static void boolean(const gate_block *b, const stroma_gate *g, gate_state *out)
{
    for (size_t w = 0; w < b->words; w++) {
        const bool all = g->operation == STROMA_GATE_AND;
        uint64_t yes = all ? UINT64_MAX : 0, no = all ? 0 : UINT64_MAX;
        for (size_t i = 0; i < g->uses_len; i++) {
            const gate_state *s = &b->states[g->uses[i].gate];
            const uint64_t in = s->in[w], not_in = ~(s->in[w] | s->open[w]);
            const bool flip = g->uses[i].complement != (g->operation == STROMA_GATE_NOT);
            const uint64_t is = flip ? not_in : in, is_not = flip ? in : not_in;
            yes = all ? yes & is : yes | is;
            no = all ? no | is_not : no & is_not;
        }
        out->in[w] = yes;
        out->open[w] = ~(yes | no);
    }
}

static void one_gate(gate_block *b, int index)
{
    const stroma_gate *g = &b->plan->set->gates[index];
    const gate_ready *r = &b->plan->ready[index];
    gate_state *s = &b->states[index];
    const gate_state *parent = g->parent < 0 ? NULL : &b->states[g->parent];
    gate_mask asked;
    for (size_t w = 0; w < b->words; w++)
        asked[w] = b->valid[w] & (parent == NULL ? UINT64_MAX : parent->in[w] | parent->open[w]);
    memset(s, 0, sizeof *s);
    if (!any(asked, b->words)) return;
    if (g->kind == STROMA_GATE_BOOLEAN) {
        boolean(b, g, s);
    } else {
        take_open(b, g, r->axes, asked, s->open);
        for (size_t w = 0; w < b->words; w++)
            s->in[w] = asked[w] & ~s->open[w];
        if (g->kind == STROMA_GATE_POLYGON)
            polygon(b, r, s->in);
        else if (g->kind == STROMA_GATE_ELLIPSOID)
            ellipsoid(b, g, r, s->in);
        else
            rectangle(b, g, r->axes, s->in);
    }
    for (size_t w = 0; w < b->words; w++) {
        const uint64_t in = s->in[w] & asked[w], open = s->open[w] & asked[w],
                       sure = parent == NULL ? UINT64_MAX : parent->in[w];
        s->in[w] = in & sure;
        s->open[w] = open | (in & ~sure);
    }
}

stroma_status gate_block_run(gate_block *b, uint64_t first, size_t n, stroma_error *err)
{
    const gate_plan *p = b->plan;
    b->n = n;
    b->words = (n + 63) / 64;
    for (size_t w = 0; w < b->words; w++)
        b->valid[w] = n - 64 * w >= 64 ? UINT64_MAX : (UINT64_C(1) << (n - 64 * w)) - 1;
    STROMA_TRY(stroma_column_reader_read(b->reader, first, n, b->columns, err));
    for (size_t i = 0; i < p->columns_len; i++)
        pad(b, b->columns[i]);
    for (size_t i = 0; i < p->values_len; i++)
        if (p->values[i].ratio != NULL) {
            compute_ratio(b, &p->values[i], b->values[i]);
            pad(b, b->values[i]);
        }
    memset(b->scaled_ready, 0, p->scaled_len * sizeof *b->scaled_ready);
    memset(b->value_nan_ready, 0, p->values_len * sizeof *b->value_nan_ready);
    for (size_t i = 0; i < p->order_len; i++)
        one_gate(b, p->order[i]);
    return STROMA_OK;
}
