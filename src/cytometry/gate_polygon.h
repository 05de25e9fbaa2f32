/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A polygon made ready, and the exact answer for one point. */
#ifndef STROMA_GATE_POLYGON_H
#define STROMA_GATE_POLYGON_H
#include <stdbool.h>
#include <stddef.h>

/* An edge from (ax, ay) up to (bx, by), ay ≤ by. */
typedef struct gate_edge {
    double ax, ay, bx, by;
} gate_edge;
typedef struct gate_polygon {
    gate_edge *edges; /* n of them, by rising ay */
    size_t n;
    double x_min, x_max, y_min, y_max;
} gate_polygon;

/* @p edges has room for n. @p vertices: x₀ y₀ x₁ y₁ … */
void gate_polygon_make(const double *vertices, size_t n, gate_edge *edges, gate_polygon *out);
/* Inside by the even-odd rule, or on an edge: decided in exact arithmetic for the doubles given
 * (products must not underflow). NaN and infinities are outside. */
bool gate_polygon_has(const gate_polygon *p, double x, double y);
/* Sign of the area a, b, c: 1 when c lies left of the way from a to b, 0 on the line. Exact. */
int gate_side(double ax, double ay, double bx, double by, double cx, double cy);
/* Do the edges cross or touch elsewhere than at shared ends of neighbours? @p vertices as above */
bool gate_polygon_crosses_itself(const double *vertices, size_t n);
#endif
