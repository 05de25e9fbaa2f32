/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points and polygons, exactly: which side of an edge a point is on is decided by the sign of a
 * determinant that is summed without rounding where rounding could change it (Shewchuk 1997,
 * Discrete Comput Geom 18:305). So a point on an edge is on the edge, whatever the edge's slope. */
#include "gate_polygon.h"

#include <math.h>
#include <stdint.h>

/* a + b = *sum + *rest, without error (Knuth). */
static void two_sum(double a, double b, double *sum, double *rest)
{
    *sum = a + b;
    const double bb = *sum - a;
    *rest = (a - (*sum - bb)) + (b - bb);
}

/* Add @p x to an expansion of @p n parts, smallest first. */
static size_t grow(double *parts, size_t n, double x)
{
    double carry = x;
    for (size_t i = 0; i < n; i++) {
        double rest;
        two_sum(carry, parts[i], &carry, &rest);
        parts[i] = rest;
    }
    parts[n] = carry;
    return n + 1;
}

static size_t add_product(double *parts, size_t n, double a, double b)
{
    const double p = a * b;
    n = grow(parts, n, fma(a, b, -p));
    return grow(parts, n, p);
}

static int exact_side(double ax, double ay, double bx, double by, double cx, double cy)
{
    double parts[12];
    size_t n = 0;
    n = add_product(parts, n, ax, by);
    n = add_product(parts, n, -ax, cy);
    n = add_product(parts, n, -cx, by);
    n = add_product(parts, n, -ay, bx);
    n = add_product(parts, n, ay, cx);
    n = add_product(parts, n, cy, bx);
    for (size_t i = n; i-- > 0;)
        if (parts[i] != 0) return parts[i] > 0 ? 1 : -1;
    return 0;
}

int gate_side(double ax, double ay, double bx, double by, double cx, double cy)
{
    const double left = (ax - cx) * (by - cy), right = (ay - cy) * (bx - cx), d = left - right;
    const double bound = 4e-16 * (fabs(left) + fabs(right));
    if (d > bound) return 1;
    if (d < -bound) return -1;
    return exact_side(ax, ay, bx, by, cx, cy);
}

static void sort_edges(gate_edge *e, size_t n)
{
    for (size_t gap = n / 2; gap > 0; gap /= 2) /* Shell */
        for (size_t i = gap; i < n; i++) {
            const gate_edge x = e[i];
            size_t j = i;
            for (; j >= gap && e[j - gap].ay > x.ay; j -= gap)
                e[j] = e[j - gap];
            e[j] = x;
        }
}

void gate_polygon_make(const double *vertices, size_t n, gate_edge *edges, gate_polygon *out)
{
    *out = (gate_polygon){ .edges = edges,
                           .n = n,
                           .x_min = vertices[0],
                           .x_max = vertices[0],
                           .y_min = vertices[1],
                           .y_max = vertices[1] };
    for (size_t i = 0; i < n; i++) {
        const double *a = vertices + 2 * i, *b = vertices + 2 * ((i + 1) % n);
        out->x_min = fmin(out->x_min, a[0]);
        out->x_max = fmax(out->x_max, a[0]);
        out->y_min = fmin(out->y_min, a[1]);
        out->y_max = fmax(out->y_max, a[1]);
        edges[i] = a[1] <= b[1] ? (gate_edge){ a[0], a[1], b[0], b[1] }
                                : (gate_edge){ b[0], b[1], a[0], a[1] };
    }
    sort_edges(edges, n);
}

bool gate_polygon_has(const gate_polygon *p, double x, double y)
{
    bool inside = false;
    if (!(x >= p->x_min && x <= p->x_max && y >= p->y_min && y <= p->y_max)) return false;
    for (size_t i = 0; i < p->n && p->edges[i].ay <= y; i++) {
        const gate_edge *e = &p->edges[i];
        if (y > e->by) continue;
        if (e->ay == e->by) { /* level, at our height */
            if (x >= fmin(e->ax, e->bx) && x <= fmax(e->ax, e->bx)) return true;
            continue;
        }
        const int side = gate_side(e->ax, e->ay, e->bx, e->by, x, y);
        if (side == 0) return true;
        if (y < e->by && side > 0) inside = !inside; /* the edge lies to our right */
    }
    return inside;
}

static bool between(double a, double b, double x)
{
    return x >= fmin(a, b) && x <= fmax(a, b);
}

/* Have the closed segments a–b and c–d a point in common? */
static bool meet(const double *a, const double *b, const double *c, const double *d)
{
    if (fmax(a[0], b[0]) < fmin(c[0], d[0]) || fmax(c[0], d[0]) < fmin(a[0], b[0]) ||
        fmax(a[1], b[1]) < fmin(c[1], d[1]) || fmax(c[1], d[1]) < fmin(a[1], b[1]))
        return false;
    const int s1 = gate_side(a[0], a[1], b[0], b[1], c[0], c[1]),
              s2 = gate_side(a[0], a[1], b[0], b[1], d[0], d[1]),
              s3 = gate_side(c[0], c[1], d[0], d[1], a[0], a[1]),
              s4 = gate_side(c[0], c[1], d[0], d[1], b[0], b[1]);
    return s1 * s2 <= 0 && s3 * s4 <= 0;
}

/* Neighbours share b; does the second turn back onto the first? */
static bool turns_back(const double *a, const double *b, const double *c)
{
    return gate_side(a[0], a[1], b[0], b[1], c[0], c[1]) == 0 &&
           (between(a[0], b[0], c[0]) && between(a[1], b[1], c[1])) &&
           !(c[0] == b[0] && c[1] == b[1]);
}

bool gate_polygon_crosses_itself(const double *vertices, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double *a = vertices + 2 * i, *b = vertices + 2 * ((i + 1) % n);
        if (a[0] == b[0] && a[1] == b[1]) continue; /* a vertex written twice */
        for (size_t j = i + 1; j < n; j++) {
            const double *c = vertices + 2 * j, *d = vertices + 2 * ((j + 1) % n);
            if (c[0] == d[0] && c[1] == d[1]) continue;
            if (c[0] == b[0] && c[1] == b[1]) {
                if (turns_back(a, b, d)) return true;
            } else if (d[0] == a[0] && d[1] == a[1]) {
                if (turns_back(c, d, b)) return true;
            } else if (meet(a, b, c, d))
                return true;
        }
    }
    return false;
}
