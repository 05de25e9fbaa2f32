/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Geometry of gates, exact on edges; edges in linear units against transform-then-compare; what NaN
 * and infinities do; gates that need gates; evaluation against one event at a time. */
#include "gate_fixture.h"
#include "src/cytometry/gate_interval.h"
#include "src/cytometry/gate_kernels.h"

#include "stroma/random.h"

#include <float.h>
#include <math.h>

static const char *const levels[] = { "plain", "base", "avx2", "avx512" };

static void ok(stroma_status s, const stroma_error *err)
{
    if (s != STROMA_OK) fail_msg("%s%s", err->context, err->message);
}

/* The definition, in whole numbers: on an edge, or an odd number of edges to the right. */
static bool inside_whole(const long *v, size_t n, long x, long y)
{
    bool odd = false;
    for (size_t i = 0; i < n; i++) {
        const long *a = v + 2 * i, *b = v + 2 * ((i + 1) % n);
        const long cross = (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]);
        const bool in_box = x >= (a[0] < b[0] ? a[0] : b[0]) && x <= (a[0] < b[0] ? b[0] : a[0]) &&
                            y >= (a[1] < b[1] ? a[1] : b[1]) && y <= (a[1] < b[1] ? b[1] : a[1]);
        if (cross == 0 && in_box) return true;
        if ((a[1] > y) != (b[1] > y)) odd ^= (b[1] > a[1]) == (cross > 0);
    }
    return odd;
}

enum { POLYGONS = 300, SIDE = 16, GRID = (SIDE + 2) * (SIDE + 2), ROOM = 384, CORNERS = 12 };

static void compare_polygon(const double *v, size_t n, const double *x, const double *y,
                            const bool *truth, size_t points)
{
    gate_edge edges[CORNERS];
    gate_polygon p;
    uint64_t in[ROOM / 64], unsure[ROOM / 64];
    gate_polygon_make(v, n, edges, &p);
    for (size_t i = 0; i < points; i++)
        if (gate_polygon_has(&p, x[i], y[i]) != truth[i])
            fail_msg("point %g, %g: should be %s", x[i], y[i], truth[i] ? "inside" : "outside");
    for (size_t l = 0; l < 4; l++) {
        const gate_kernels *k = gate_kernels_find(levels[l]);
        if (k == NULL) continue;
        k->polygon(&p, x, y, ROOM / 64, in, unsure);
        for (size_t i = 0; i < points; i++) {
            if (unsure[i / 64] >> (i % 64) & 1) continue;
            if ((in[i / 64] >> (i % 64) & 1) != truth[i])
                fail_msg("%s: point %g, %g: should be %s", k->level, x[i], y[i],
                         truth[i] ? "inside" : "outside");
        }
    }
}

/* Random polygons on a small grid, most of them crossing themselves, many points on edges and
 * vertices; every grid point, also scaled by a factor that rounds nothing and shifted. */
static void test_polygon_property(void **state)
{
    static double x[ROOM], y[ROOM];
    static bool truth[ROOM];
    (void)state;
    stroma_random r;
    stroma_random_init(&r, 4, 1, 0);
    size_t on = 0;
    for (size_t k = 0; k < POLYGONS; k++) {
        const size_t n = 3 + stroma_random_below(&r, CORNERS - 2);
        long v[2 * CORNERS];
        double d[2 * CORNERS];
        const double scale = ldexp(1, (int)(k % 40) - 20), shift = k % 3 == 0 ? 1024 * scale : 0;
        for (size_t i = 0; i < 2 * n; i++) {
            v[i] = (long)stroma_random_below(&r, SIDE);
            d[i] = (double)v[i] * scale + shift;
        }
        for (size_t i = 0; i < GRID; i++) {
            const long gx = (long)(i % (SIDE + 2)) - 1, gy = (long)(i / (SIDE + 2)) - 1;
            x[i] = (double)gx * scale + shift;
            y[i] = (double)gy * scale + shift;
            truth[i] = inside_whole(v, n, gx, gy);
            on += truth[i];
        }
        for (size_t i = GRID; i < ROOM; i++) {
            x[i] = i % 2 == 0 ? (double)NAN : (double)INFINITY;
            y[i] = 3;
            truth[i] = false;
        }
        compare_polygon(d, n, x, y, truth, ROOM);
    }
    assert_true(on > 10000);
}

__extension__ typedef __int128 wide;

/* Coordinates of 50 bits, half of the points on the edge as nearly as a grid allows: the sign of
 * the area, in whole numbers that hold it. */
static void test_polygon_slopes(void **state)
{
    (void)state;
    stroma_random r;
    stroma_random_init(&r, 4, 2, 0);
    size_t on = 0;
    for (size_t k = 0; k < 40000; k++) {
        int64_t c[6];
        double d[6];
        for (size_t i = 0; i < 6; i++)
            c[i] = (int64_t)(stroma_random_u64(&r) >> 14) - (INT64_C(1) << 49);
        if (k % 2 == 0) {
            const int64_t steps = 1 + (int64_t)stroma_random_below(&r, 7), at = steps / 2;
            c[2] = c[0] + (c[2] - c[0]) / 8 / steps * steps;
            c[3] = c[1] + (c[3] - c[1]) / 8 / steps * steps;
            c[4] = c[0] + (c[2] - c[0]) / steps * at + (k % 6 == 0);
            c[5] = c[1] + (c[3] - c[1]) / steps * at;
        }
        for (size_t i = 0; i < 6; i++)
            d[i] = ldexp((double)c[i], -30);
        const wide area = (wide)(c[0] - c[4]) * (c[3] - c[5]) - (wide)(c[1] - c[5]) * (c[2] - c[4]);
        const int sign = (area > 0) - (area < 0);
        on += sign == 0;
        if (gate_side(d[0], d[1], d[2], d[3], d[4], d[5]) != sign)
            fail_msg("points %zu: not on side %d", k, sign);
    }
    assert_true(on > 5000);
    /* One third, doubled: on the line in exact arithmetic although no difference is a whole number.
     */
    assert_int_equal(gate_side(0, 0, 2.0 / 3, 1.0 / 3, 4.0 / 3, 2.0 / 3), 0);
    assert_int_equal(gate_side(0, 0, 2.0 / 3, 1.0 / 3, nextafter(4.0 / 3, 9), 2.0 / 3), -1);
    assert_int_equal(gate_side(0, 0, 2.0 / 3, 1.0 / 3, nextafter(4.0 / 3, 0), 2.0 / 3), 1);
}

static void test_polygon_crosses_itself(void **state)
{
    (void)state;
    const double square[] = { 0, 0, 4, 0, 4, 4, 0, 4 };
    const double bow[] = { 0, 0, 4, 4, 4, 0, 0, 4 };
    const double closed[] = { 0, 0, 4, 0, 4, 4, 0, 0 };
    const double spike[] = { 0, 0, 4, 0, 2, 0, 2, 3 };
    const double touching[] = { 0, 0, 4, 0, 4, 4, 2, 0, 0, 4 };
    assert_false(gate_polygon_crosses_itself(square, 4));
    assert_true(gate_polygon_crosses_itself(bow, 4));
    assert_false(gate_polygon_crosses_itself(closed, 4)); /* the first vertex written again */
    assert_true(gate_polygon_crosses_itself(spike, 4));
    assert_true(gate_polygon_crosses_itself(touching, 5));
}

enum { NEAR = 2048 };

/* @return events that had to be transformed */
static size_t compare_interval(const gate_interval *v, const double *x, size_t n)
{
    uint64_t in[NEAR / 64], out[NEAR / 64];
    size_t undecided = 0;
    for (size_t l = 0; l < 4; l++) {
        const gate_kernels *k = gate_kernels_find(levels[l]);
        if (k == NULL) continue;
        k->interval(x, n / 64, v->edges, in, out);
        for (size_t i = 0; i < n; i++) {
            const bool is_in = in[i / 64] >> (i % 64) & 1, is_out = out[i / 64] >> (i % 64) & 1;
            if (!is_in && !is_out) {
                undecided += l == 0;
                continue;
            }
            if (is_in == is_out || gate_interval_has(v, x[i]) != is_in)
                fail_msg("%s: x = %a: %s in linear units, on the scale [%g, %g) it is not",
                         k->level, x[i], is_in ? "in" : "out", v->lower, v->upper);
        }
    }
    return undecided;
}

static void near_edge(const stroma_transform *t, double edge, double *x)
{
    double at = stroma_transform_inverse(t, edge);
    if (!isfinite(at)) at = 1;
    double below = at, above = at;
    for (size_t i = 0; i < NEAR; i += 2) {
        x[i] = below = nextafter(below, -(double)INFINITY);
        x[i + 1] = above = nextafter(above, (double)INFINITY);
    }
}

static void anywhere(stroma_random *r, double *x)
{
    static const double odd[] = { 0.0,     -0.0,     DBL_MIN, -DBL_MIN, 5e-324, -5e-324,
                                  DBL_MAX, -DBL_MAX, 1e300,   -1e300,   262144, -262144 };
    for (size_t i = 0; i < NEAR; i++) {
        const double u = stroma_random_uniform(r);
        x[i] = i % 3 == 0   ? (u - 0.3) * 300000
               : i % 3 == 1 ? (i % 2 ? 1 : -1) * pow(10, 20 * u - 10)
                            : (u - 0.5) * 2000;
    }
    memcpy(x, odd, sizeof odd);
    x[20] = (double)NAN;
    x[21] = (double)INFINITY;
    x[22] = -(double)INFINITY;
}

static void test_interval_in_linear_units(void **state)
{
    static double x[NEAR];
    (void)state;
    stroma_random r;
    stroma_random_init(&r, 4, 3, 0);
    size_t asked = 0, transformed = 0, compared = 0;
    for (size_t k = 0; k < 400; k++) {
        stroma_error err = STROMA_ERROR_INIT;
        stroma_transform t;
        const stroma_transform_kind kind = (stroma_transform_kind)(k % 5);
        const double m = 3 + 2 * stroma_random_uniform(&r),
                     w = 0.05 + stroma_random_uniform(&r) * (m / 2 - 0.1),
                     a = kind == STROMA_TRANSFORM_LOGICLE || kind == STROMA_TRANSFORM_HYPERLOG
                             ? -w + stroma_random_uniform(&r) * (m - w)
                             : stroma_random_uniform(&r) * 2;
        ok(stroma_transform_make(kind, k % 2 ? 262144 : 10000, w, m, a, NULL, &t, &err), &err);
        if (k % 3 == 1) {
            t.bound_min = stroma_random_uniform(&r) * 0.4;
            t.bound_max = t.bound_min + stroma_random_uniform(&r);
        }
        double lower = stroma_random_uniform(&r) * 1.4 - 0.4,
               upper = lower + stroma_random_uniform(&r);
        if (k % 7 == 0) lower = -(double)INFINITY;
        if (k % 11 == 0) upper = (double)INFINITY;
        if (k % 13 == 0) lower = t.bound_min;
        if (k % 17 == 0) upper = t.bound_max;
        gate_interval v;
        gate_interval_make(k % 29 == 0 ? NULL : &t, lower, upper, &v);
        if (isfinite(lower)) {
            near_edge(&t, lower, x);
            (void)compare_interval(&v, x, NEAR);
            compared += NEAR;
        }
        if (isfinite(upper)) {
            near_edge(&t, upper, x);
            (void)compare_interval(&v, x, NEAR);
            compared += NEAR;
        }
        anywhere(&r, x);
        transformed += compare_interval(&v, x, NEAR);
        asked += NEAR;
    }
    print_message("# %zu values near an edge and %zu anywhere agree; %zu of the latter had to be "
                  "transformed\n",
                  compared, asked, transformed);
    assert_true(transformed * 100 < asked); /* else nothing was gained */
}

/* 0: A in, 1: A out, 2: NaN in A, 3: NaN in B, 4: −∞ in A, 5: +∞ in A */
static void test_nan_and_infinity(void **state)
{
    const double x[] = { 5, 5, -5, 5, NAN, 5, 5, NAN, -INFINITY, 5, INFINITY, 5 };
    (void)state;
    gate_events e;
    gate_events_make(x, 6, 2, NULL, &e);
    stroma_gate_set s;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_gate_set_init(&s);
    gate_add(&s, "A", STROMA_GATE_RECTANGLE, 1)->dims[0].lower = 0;
    gate_uses(&s, gate_add(&s, "not A", STROMA_GATE_BOOLEAN, 0), STROMA_GATE_NOT,
              (const stroma_gate_use[]){ { 0, false } }, 1);
    gate_add(&s, "B", STROMA_GATE_RECTANGLE, 2)->dims[1].lower = 0;
    s.gates[2].dims[0].name = "C2";
    s.gates[2].dims_len = 1;
    s.gates[2].dims[0].lower = 0;
    gate_uses(&s, gate_add(&s, "A or B", STROMA_GATE_BOOLEAN, 0), STROMA_GATE_OR,
              (const stroma_gate_use[]){ { 0, false }, { 2, false } }, 2);
    gate_uses(&s, gate_add(&s, "A and not B", STROMA_GATE_BOOLEAN, 0), STROMA_GATE_AND,
              (const stroma_gate_use[]){ { 0, false }, { 2, true } }, 2);
    gate_add(&s, "A below", STROMA_GATE_RECTANGLE, 1)->dims[0].upper = 0;
    gate_uses(&s, gate_add(&s, "not not A", STROMA_GATE_BOOLEAN, 0), STROMA_GATE_NOT,
              (const stroma_gate_use[]){ { 1, false } }, 1);
    gate_add(&s, "in not A", STROMA_GATE_RECTANGLE, 1)->parent = 1;
    ok(stroma_gate_set_check(&s, &err), &err);
    stroma_membership m;
    ok(stroma_gates_evaluate(&s, e.data, NULL, &m, &err), &err);
    static const char *const expected[] = {
        "100100", /* A: +∞ is never inside */
        "010011", /* not A: NaN stays out */
        "111011", /* B */
        "111111", /* A or B: what is known decides */
        "000000", /* A and not B: event 3 cannot be said */
        "010010", /* A below: −∞ is */
        "100100", /* not not A */
        "010010", /* in not A, open on both sides: +∞ is never inside */
    };
    for (size_t g = 0; g < s.gates_len; g++)
        for (size_t i = 0; i < 6; i++)
            if (stroma_membership_has(&m, g, i) != (expected[g][i] == '1'))
                fail_msg("gate \"%s\", event %zu", s.gates[g].id, i);
    stroma_membership_clear(&m);
    stroma_gate_set_clear(&s);
    gate_events_clear(&e);
}

static void test_logarithm_of_nothing(void **state)
{
    const double x[] = { 100, 0, -5, 1e-300 };
    (void)state;
    gate_events e;
    gate_events_make(x, 4, 1, NULL, &e);
    stroma_gate_set s;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_gate_set_init(&s);
    for (int i = 0; i < 2; i++) {
        stroma_transform *t = stroma_gate_set_add_transform(&s);
        ok(stroma_transform_make(STROMA_TRANSFORM_LOG, 1000, 0, 4, 0, NULL, t, &err), &err);
        if (i == 1) t->bound_min = 0;
    }
    gate_add(&s, "any", STROMA_GATE_RECTANGLE, 1)->dims[0].transform = 0;
    gate_add(&s, "any, bounded", STROMA_GATE_RECTANGLE, 1)->dims[0].transform = 1;
    stroma_membership m;
    ok(stroma_gates_evaluate(&s, e.data, NULL, &m, &err), &err);
    assert_int_equal(m.count[0], 2); /* 100 and 1e-300: 0 and below have no logarithm */
    assert_int_equal(m.count[1], 4); /* boundMin lifts them to 0 */
    stroma_membership_clear(&m);
    stroma_gate_set_clear(&s);
    gate_events_clear(&e);
}

static void expect_bad(stroma_gate_set *s, const char *message)
{
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_gate_set_check(s, &err), STROMA_E_MALFORMED);
    if (strstr(err.message, message) == NULL) fail_msg("\"%s\"", err.message);
}

static void test_check(void **state)
{
    stroma_gate_set s;
    (void)state;
    stroma_gate_set_init(&s);
    stroma_gate *g = gate_add(&s, "g", STROMA_GATE_RECTANGLE, 1);
    g->dims[0].transform = 0;
    expect_bad(&s, "refers to a scale that is not there");
    g->dims[0].transform = -1;
    g->dims[0].ratio = 0;
    expect_bad(&s, "neither a channel nor a ratio, or both");
    g->dims[0].ratio = -1;
    g->dims[0].compensation = 3;
    expect_bad(&s, "compensation that is not there");
    g->dims[0].compensation = STROMA_COMPENSATION_NONE;
    g->dims[0].lower = (double)NAN;
    expect_bad(&s, "an edge is not a number");
    g->dims[0].lower = 0;
    g->parent = 7;
    expect_bad(&s, "its parent is not there");
    g->parent = 0;
    expect_bad(&s, "gate \"g\" needs itself: g → g");
    g->parent = -1;
    gate_add(&s, "g", STROMA_GATE_RECTANGLE, 1);
    expect_bad(&s, "another gate has the same id");
    s.gates[1].id = "h";
    s.gates[1].kind = STROMA_GATE_POLYGON;
    expect_bad(&s, "a polygon needs two dimensions");
    static double square[] = { 0, 0, 1, 0, 1, 1 };
    stroma_gate *p = gate_add(&s, "p", STROMA_GATE_POLYGON, 2);
    s.gates[1].kind = STROMA_GATE_RECTANGLE;
    p->vertices = square;
    p->vertices_len = 2;
    expect_bad(&s, "three vertices or more");
    p->vertices_len = 3;
    square[3] = 1e200;
    expect_bad(&s, "a vertex is beyond");
    square[3] = 0;
    gate_uses(&s, gate_add(&s, "b", STROMA_GATE_BOOLEAN, 0), STROMA_GATE_AND,
              (const stroma_gate_use[]){ { 0, false }, { 3, true } }, 2);
    expect_bad(&s, "gate \"b\" needs itself");
    stroma_gate_set_clear(&s);
}

/* As deep as a file of some megabytes can nest them: no recursion. */
static void test_long_chain(void **state)
{
    enum { CHAIN = 50000 };
    (void)state;
    stroma_gate_set s;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_gate_set_init(&s);
    for (int i = 0; i < CHAIN; i++) {
        stroma_gate *g =
            gate_add(&s, stroma_arena_printf(&s.arena, "g%d", i), STROMA_GATE_RECTANGLE, 1);
        g->parent = i == CHAIN - 1 ? -1 : i + 1; /* all point forward */
    }
    ok(stroma_gate_set_check(&s, &err), &err);
    s.gates[CHAIN - 1].parent = 0;
    expect_bad(&s, "g5 → … → g0");
    stroma_gate_set_clear(&s);
}

static void test_missing_channel(void **state)
{
    const double x[] = { 1, 2 };
    (void)state;
    gate_events e;
    gate_events_make(x, 1, 2, NULL, &e);
    stroma_gate_set s;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_membership m;
    stroma_gate_set_init(&s);
    gate_add(&s, "here", STROMA_GATE_RECTANGLE, 1);
    gate_add(&s, "lost", STROMA_GATE_RECTANGLE, 1)->dims[0].name = "C22";
    assert_int_equal(stroma_gates_evaluate(&s, e.data, NULL, &m, &err), STROMA_E_INCONSISTENT);
    assert_string_equal(err.context, "gate \"lost\": ");
    assert_string_equal(err.message, "the events have no channel \"C22\"");
    assert_string_equal(err.hint, "did you mean \"C2\"?");
    assert_null(m.bits);
    const bool wanted[] = { true, false }; /* who does not ask for it does not miss it */
    const stroma_gate_options o = { .version = 1, .wanted = wanted };
    ok(stroma_gates_evaluate(&s, e.data, &o, &m, &err), &err);
    assert_true(m.evaluated[0] && !m.evaluated[1]);
    assert_int_equal(m.count[0], 1);
    stroma_membership_clear(&m);
    stroma_gate_set_clear(&s);
    gate_events_clear(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_polygon_property),
        cmocka_unit_test(test_polygon_slopes),
        cmocka_unit_test(test_polygon_crosses_itself),
        cmocka_unit_test(test_interval_in_linear_units),
        cmocka_unit_test(test_nan_and_infinity),
        cmocka_unit_test(test_logarithm_of_nothing),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_long_chain),
        cmocka_unit_test(test_missing_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
