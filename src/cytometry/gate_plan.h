/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an evaluation needs to know before it looks at events: which columns are read, which values
 * and scales are shared, and every gate made ready. */
#ifndef STROMA_GATE_PLAN_H
#define STROMA_GATE_PLAN_H
#include "gate_interval.h"
#include "gate_polygon.h"

#include "stroma/cytometry_gates.h"

/* A linear value: a column, or a ratio of two. */
typedef struct gate_value {
    size_t column, denominator;
    const stroma_gate_ratio *ratio; /* NULL: the column */
} gate_value;
/* A value on a scale, computed at most once a block. */
typedef struct gate_scaled {
    size_t value;
    const stroma_transform *scale;
} gate_scaled;
enum { GATE_LINEAR = -1 };

typedef struct gate_axis {
    size_t value;
    int scaled;             /* into plan.scaled, or GATE_LINEAR */
    gate_interval interval; /* of a rectangle; of a polygon what encloses it */
} gate_axis;
typedef struct gate_ready {
    gate_axis *axes;
    gate_polygon polygon;
    double *inverse; /* of the covariance */
} gate_ready;

typedef struct gate_plan {
    const stroma_gate_set *set;
    stroma_arena arena;
    int *order; /* gates to do, in this order */
    size_t order_len;
    stroma_event_column *columns;
    size_t columns_len, columns_capacity;
    gate_value *values;
    size_t values_len, values_capacity;
    gate_scaled *scaled;
    size_t scaled_len, scaled_capacity;
    gate_ready *ready; /* gates_len */
} gate_plan;

/* Statuses: INCONSISTENT (a channel is not in the data; names gate and channel), MALFORMED (the set
 * cannot be evaluated), NOMEM. Clear the plan in any case. */
stroma_status gate_plan_make(const stroma_gate_set *s, const stroma_fcs_dataset *d,
                             const stroma_gate_options *opts, gate_plan *out, stroma_error *err);
void gate_plan_clear(gate_plan *p);
/* The column that a dimension, or with @p name a channel of its ratio, means. */
stroma_status gate_column_find(const stroma_gate_set *s, const stroma_fcs_dataset *d,
                               const stroma_compensation *fcs, const stroma_gate_dimension *dim,
                               const char *name, stroma_event_column *out, stroma_error *err);
#endif
