/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An interval on a scale, asked of linear values. A rising scale needs no transform: its edges are
 * found in linear units once. Computed scales waver in their last digits, so each edge is a narrow
 * band: below it and above it the answer is sure, and a value inside is transformed and compared.
 * The answers are those of transforming every value, for every double. */
#ifndef STROMA_GATE_INTERVAL_H
#define STROMA_GATE_INTERVAL_H
#include "stroma/cytometry_transform.h"

typedef struct gate_interval {
    const stroma_transform *scale; /* NULL: linear */
    double lower, upper; /* lower ≤ y < upper, lower finite: −∞ on a scale is outside */
    double edges[4];     /* of linear x: surely out below 0, in from 1 to 2, out from 3 */
} gate_interval;

void gate_interval_make(const stroma_transform *scale, double lower, double upper,
                        gate_interval *out);
/* The definition: transform, then compare. */
bool gate_interval_has(const gate_interval *v, double x);
#endif
