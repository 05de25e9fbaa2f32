/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random trees of gates over random events, against one event at a time; any number of threads and
 * of events; memory that runs out on the way from opening to writing. */
#include "alloc_fail.h"
#include "gate_fixture.h"
#include "src/cytometry/gate_polygon.h"

#include "stroma/buffer.h"
#include "stroma/random.h"

#include <math.h>

enum { CHANNELS = 4, GATES = 24, CORNERS = 7 };

static void ok(stroma_status s, const stroma_error *err)
{
    if (s != STROMA_OK) fail_msg("%s%s", err->context, err->message);
}

static double uniform(stroma_random *r, double a, double b)
{
    return a + (b - a) * stroma_random_uniform(r);
}

static void add_shape(stroma_gate_set *s, stroma_random *r, size_t i)
{
    static const size_t dims[] = { 2, 2, 2, 1 };
    static const double low = -0.3, high = 1.2;
    const stroma_gate_kind kind = (stroma_gate_kind)(i % 4);
    stroma_gate *g = gate_add(s, stroma_arena_printf(&s->arena, "g%zu", i), kind,
                              kind == 0 ? 1 + i % 3 : dims[kind]);
    for (size_t k = 0; k < g->dims_len; k++) {
        stroma_gate_dimension *d = &g->dims[k];
        static const char *const names[] = { "C1", "C2", "C3", "C4" };
        d->name = names[stroma_random_below(r, CHANNELS)];
        d->transform = (int)stroma_random_below(r, s->transforms_len);
        d->compensation =
            stroma_random_below(r, 2) ? STROMA_COMPENSATION_FCS : STROMA_COMPENSATION_NONE;
        if (i % 5 == 4) {
            d->name = NULL;
            d->ratio = 0;
        }
        d->lower = uniform(r, low, 0.5);
        d->upper = uniform(r, 0.5, high);
    }
    if (kind == STROMA_GATE_QUADRANT) g->quadrant_gate = g->id;
    if (kind == STROMA_GATE_POLYGON) {
        g->vertices = stroma_arena_alloc(&s->arena, 2 * CORNERS, sizeof(double));
        assert_non_null(g->vertices);
        g->vertices_len = CORNERS;
        for (size_t k = 0; k < 2 * CORNERS; k++)
            g->vertices[k] = uniform(r, low, high);
    }
    if (kind == STROMA_GATE_ELLIPSOID) {
        static double mean[] = { 0.4, 0.5 }, covariance[] = { 0.09, 0.02, 0.02, 0.16 };
        g->mean = mean;
        g->covariance = covariance;
        g->distance_square = 2;
    }
}

static void make_set(stroma_gate_set *s, stroma_random *r)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_gate_set_init(s);
    static const stroma_transform_kind kinds[] = { STROMA_TRANSFORM_LOGICLE, STROMA_TRANSFORM_ASINH,
                                                   STROMA_TRANSFORM_LOG, STROMA_TRANSFORM_HYPERLOG,
                                                   STROMA_TRANSFORM_LINEAR };
    for (size_t i = 0; i < 5; i++) {
        stroma_transform *t = stroma_gate_set_add_transform(s);
        assert_non_null(t);
        ok(stroma_transform_make(kinds[i], 1000, 0.4, 4, 0, NULL, t, &err), &err);
        t->id = stroma_transform_kind_name(kinds[i]);
        if (i == 1) t->bound_max = 0.8;
    }
    stroma_gate_ratio *q = stroma_gate_set_add_ratio(s);
    assert_non_null(q);
    *q = (stroma_gate_ratio){ "ratio", "C1", "C2", 300, 1, -2, -1e6, 1e6 };
    for (size_t i = 0; i < GATES; i++) {
        if (i % 6 == 5) {
            const stroma_gate_use uses[] = { { (int)stroma_random_below(r, i), i % 4 == 1 },
                                             { (int)stroma_random_below(r, i), i % 4 == 3 } };
            const stroma_gate_operator op = (stroma_gate_operator)(i / 6 % 3);
            gate_uses(
                s, gate_add(s, stroma_arena_printf(&s->arena, "g%zu", i), STROMA_GATE_BOOLEAN, 0),
                op, uses, op == STROMA_GATE_NOT ? 1 : 2);
        } else {
            add_shape(s, r, i);
        }
        if (i > 2 && i % 2) s->gates[i].parent = (int)stroma_random_below(r, i);
    }
    ok(stroma_gate_set_check(s, &err), &err);
}

/* One event ----------------------------------------------------------------------------------- */

typedef enum answer { OUT, IN, OPEN } answer;
typedef struct event {
    const double *recorded, *compensated; /* of C1 … C4 */
} event;

static double channel(const event *e, const stroma_gate_dimension *d, const char *name)
{
    const double *x = d->compensation == STROMA_COMPENSATION_FCS ? e->compensated : e->recorded;
    return x[name[1] - '1'];
}

static answer shape(const stroma_gate_set *s, const stroma_gate *g, const event *e)
{
    double y[3];
    bool inside = true;
    for (size_t i = 0; i < g->dims_len; i++) {
        const stroma_gate_dimension *d = &g->dims[i];
        const stroma_transform *t = &s->transforms[d->transform];
        if (d->ratio >= 0) {
            const stroma_gate_ratio *q = &s->ratios[0];
            y[i] = q->a * (channel(e, d, "C1") - q->b) / (channel(e, d, "C2") - q->c);
            if (!isnan(y[i])) y[i] = fmin(fmax(y[i], q->bound_min), q->bound_max);
        } else {
            y[i] = channel(e, d, d->name);
        }
        if (isnan(y[i])) return OPEN;
        stroma_transform_values(t, &y[i], 1, &y[i]);
        inside = inside && y[i] >= d->lower && y[i] < d->upper;
    }
    if (g->kind == STROMA_GATE_POLYGON) {
        gate_edge edges[CORNERS];
        gate_polygon p;
        gate_polygon_make(g->vertices, CORNERS, edges, &p);
        return gate_polygon_has(&p, y[0], y[1]) ? IN : OUT;
    }
    if (g->kind == STROMA_GATE_ELLIPSOID) {
        const double *c = g->covariance, a = y[0] - g->mean[0], b = y[1] - g->mean[1];
        const double q =
            (c[3] * a * a - 2 * c[1] * a * b + c[0] * b * b) / (c[0] * c[3] - c[1] * c[1]);
        return q <= g->distance_square ? IN : OUT;
    }
    return inside ? IN : OUT;
}

static answer no(answer a)
{
    return a == OPEN ? OPEN : a == IN ? OUT : IN;
}

static answer both(answer a, answer b)
{
    return a == OUT || b == OUT ? OUT : a == OPEN || b == OPEN ? OPEN : IN;
}

static void one_event(const stroma_gate_set *s, const event *e, answer *out)
{
    for (size_t i = 0; i < s->gates_len; i++) { /* parents and operands stand before */
        const stroma_gate *g = &s->gates[i];
        if (g->kind != STROMA_GATE_BOOLEAN) {
            out[i] = shape(s, g, e);
        } else {
            answer a[2] = { OUT, OUT };
            for (size_t k = 0; k < g->uses_len; k++)
                a[k] = g->uses[k].complement ? no(out[g->uses[k].gate]) : out[g->uses[k].gate];
            out[i] = g->operation == STROMA_GATE_NOT  ? no(a[0])
                     : g->operation == STROMA_GATE_OR ? no(both(no(a[0]), no(a[1])))
                                                      : both(a[0], a[1]);
        }
        if (g->parent >= 0) out[i] = both(out[g->parent], out[i]);
    }
}

static void compare_with_one_event(const stroma_gate_set *s, const double *x,
                                   const double *compensated, size_t n, const stroma_membership *m,
                                   size_t *inside)
{
    answer a[GATES];
    for (size_t e = 0; e < n; e++) {
        const event one = { x + e * CHANNELS, compensated + e * CHANNELS };
        one_event(s, &one, a);
        for (size_t g = 0; g < s->gates_len; g++) {
            if (stroma_membership_has(m, g, e) != (a[g] == IN))
                fail_msg("gate %zu (kind %d), event %zu of %zu", g, (int)s->gates[g].kind, e, n);
            *inside += a[g] == IN;
        }
    }
}

/* What the column reader gives, itself tested elsewhere. */
static void read_compensated(const gate_events *e, const stroma_compensation *fcs, size_t n,
                             double *out)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_event_column columns[CHANNELS];
    static const char *const names[] = { "C1", "C2", "C3", "C4" };
    for (size_t i = 0; i < CHANNELS; i++)
        ok(stroma_column_find(e->data, fcs, names[i], &columns[i], &err), &err);
    stroma_column_reader *r = NULL;
    ok(stroma_column_reader_open(e->data, columns, CHANNELS, &r, &err), &err);
    static double room[CHANNELS][STROMA_COLUMN_BLOCK];
    double *const where[] = { room[0], room[1], room[2], room[3] };
    for (size_t at = 0; at < n; at += STROMA_COLUMN_BLOCK) {
        const size_t k = n - at < STROMA_COLUMN_BLOCK ? n - at : STROMA_COLUMN_BLOCK;
        ok(stroma_column_reader_read(r, at, k, where, &err), &err);
        for (size_t i = 0; i < k; i++)
            for (size_t c = 0; c < CHANNELS; c++)
                out[(at + i) * CHANNELS + c] = room[c][i];
    }
    stroma_column_reader_close(r);
}

static void compare_run(stroma_random *r, size_t n, size_t *inside)
{
    stroma_error err = STROMA_ERROR_INIT;
    double *x = stroma_alloc_array(n * CHANNELS, sizeof *x),
           *compensated = stroma_alloc_array(n * CHANNELS, sizeof *x);
    assert_true(x != NULL && compensated != NULL);
    for (size_t i = 0; i < n * CHANNELS; i++)
        x[i] = i % 97 == 5 ? (double)NAN : (double)(float)pow(10, uniform(r, -1, 3.2)) - 2;
    gate_events e;
    gate_events_make(x, n, CHANNELS, "3,C1,C2,C3,1,0.1,0,0.05,1,0.2,0,0,1", &e);
    stroma_arena arena;
    stroma_arena_init(&arena, 1 << 20);
    const stroma_compensation *fcs = NULL;
    ok(stroma_compensation_from_fcs(e.data, "events", &arena, NULL, &fcs, &err), &err);
    assert_non_null(fcs);
    read_compensated(&e, fcs, n, compensated);
    stroma_gate_set s;
    make_set(&s, r);
    stroma_membership first, again;
    stroma_gate_options o = { .version = 1, .threads = 1, .fcs = fcs };
    ok(stroma_gates_evaluate(&s, e.data, &o, &first, &err), &err);
    compare_with_one_event(&s, x, compensated, n, &first, inside);
    o.threads = 4;
    ok(stroma_gates_evaluate(&s, e.data, &o, &again, &err), &err);
    assert_memory_equal(first.bits, again.bits, s.gates_len * first.words * sizeof *first.bits);
    assert_memory_equal(first.count, again.count, s.gates_len * sizeof *first.count);
    stroma_membership_clear(&first);
    stroma_membership_clear(&again);
    stroma_gate_set_clear(&s);
    gate_events_clear(&e);
    stroma_arena_clear(&arena);
    stroma_free(x);
    stroma_free(compensated);
}

static void test_against_one_event(void **state)
{
    static const size_t sizes[] = { 0, 1, 63, 64, 65, 1000, 1023, 1024, 1025, 2049, 20000 };
    (void)state;
    stroma_random r;
    stroma_random_init(&r, 4, 7, 0);
    size_t inside = 0;
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            compare_run(&r, sizes[i], &inside);
    print_message("# %zu memberships, all as one event at a time gives them\n", inside);
    assert_true(inside > 100000);
}

/* Memory that runs out ---------------------------------------------------------------------------
 */

#define NS "http://www.isac-net.org/std/Gating-ML/v2.0/"
static const char xml[] =
    "<g:Gating-ML xmlns:g='" NS "gating' xmlns:t='" NS "transformations' xmlns:d='" NS "datatypes'>"
    "<t:transformation t:id='L'><t:logicle t:T='1000' t:W='0.5' t:M='4' "
    "t:A='0'/></t:transformation>"
    "<t:transformation t:id='R'><t:fratio t:A='1' t:B='0' t:C='0'><d:fcs-dimension d:name='C1'/>"
    "<d:fcs-dimension d:name='C2'/></t:fratio></t:transformation>"
    "<t:spectrumMatrix t:id='S'><t:fluorochromes><d:fcs-dimension d:name='F1'/>"
    "<d:fcs-dimension d:name='F2'/></t:fluorochromes><t:detectors><d:fcs-dimension d:name='C1'/>"
    "<d:fcs-dimension d:name='C2'/></t:detectors><t:spectrum><t:coefficient t:value='1'/>"
    "<t:coefficient t:value='0.1'/></t:spectrum><t:spectrum><t:coefficient t:value='0.2'/>"
    "<t:coefficient t:value='1'/></t:spectrum></t:spectrumMatrix>"
    "<g:RectangleGate g:id='A'><g:dimension g:compensation-ref='S' g:transformation-ref='L' "
    "g:min='0'>"
    "<d:fcs-dimension d:name='F1'/></g:dimension><g:dimension g:compensation-ref='FCS' g:max='9'>"
    "<d:new-dimension d:transformation-ref='R'/></g:dimension></g:RectangleGate>"
    "<g:PolygonGate g:id='P' g:parent_id='A'><g:dimension g:compensation-ref='FCS'>"
    "<d:fcs-dimension d:name='C1'/></g:dimension><g:dimension g:compensation-ref='FCS'>"
    "<d:fcs-dimension d:name='C2'/></g:dimension><g:vertex><g:coordinate d:value='0'/>"
    "<g:coordinate d:value='0'/></g:vertex><g:vertex><g:coordinate d:value='9'/>"
    "<g:coordinate d:value='0'/></g:vertex><g:vertex><g:coordinate d:value='0'/>"
    "<g:coordinate d:value='9'/></g:vertex></g:PolygonGate>"
    "<g:QuadrantGate g:id='Q'><g:divider g:id='D' g:compensation-ref='uncompensated'>"
    "<d:fcs-dimension d:name='C2'/><g:value>2</g:value></g:divider><g:Quadrant g:id='Q1'>"
    "<g:position g:divider_ref='D' g:location='1'/></g:Quadrant></g:QuadrantGate>"
    "<g:EllipsoidGate g:id='E'><g:dimension g:compensation-ref='FCS'><d:fcs-dimension d:name='C1'/>"
    "</g:dimension><g:dimension g:compensation-ref='FCS'><d:fcs-dimension "
    "d:name='C2'/></g:dimension>"
    "<g:mean><g:coordinate d:value='2'/><g:coordinate d:value='2'/></g:mean><g:covarianceMatrix>"
    "<g:row><g:entry d:value='1'/><g:entry d:value='0'/></g:row><g:row><g:entry d:value='0'/>"
    "<g:entry d:value='1'/></g:row></g:covarianceMatrix><g:distanceSquare d:value='4'/>"
    "</g:EllipsoidGate>"
    "<g:BooleanGate g:id='B'><g:or><g:gateReference g:ref='P'/><g:gateReference g:ref='Q1' "
    "g:use-as-complement='true'/></g:or></g:BooleanGate></g:Gating-ML>";

typedef struct way {
    const gate_events *events;
    uint64_t counted;
} way;

static stroma_status all_the_way(void *context)
{
    way *w = context;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_gate_set s, again;
    stroma_membership m = { 0 };
    stroma_buffer out;
    stroma_buffer_init(&out, 1 << 20);
    stroma_status st = stroma_gates_parse(xml, sizeof xml - 1, "gates", NULL, NULL, &s, &err);
    const stroma_gate_options o = { .version = 1, .threads = 2 };
    if (st == STROMA_OK) st = stroma_gates_evaluate(&s, w->events->data, &o, &m, &err);
    if (st == STROMA_OK) w->counted = m.count[3]; /* around (2, 2): the first two events */
    if (st == STROMA_OK) st = stroma_gates_look(&s, NULL, &err);
    if (st == STROMA_OK) st = stroma_gates_write(&s, &out, &err);
    stroma_gate_set_init(&again);
    if (st == STROMA_OK)
        st = stroma_gates_parse(out.data, out.len, "again", NULL, NULL, &again, &err);
    stroma_membership_clear(&m);
    stroma_gate_set_clear(&again);
    stroma_gate_set_clear(&s);
    stroma_buffer_clear(&out);
    return st;
}

static void test_no_memory(void **state)
{
    const double x[] = { 1, 2, 3, 1, 50, 60, 4, 4, -1, 7 };
    (void)state;
    gate_events e;
    gate_events_make(x, 5, 2, NULL, &e);
    way w = { .events = &e };
    const long n = alloc_fail_each(all_the_way, &w);
    print_message("# %ld allocations failed in turn\n", n);
    assert_true(n > 50);
    assert_int_equal(w.counted, 2);
    gate_events_clear(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_one_event),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
