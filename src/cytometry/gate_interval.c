/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate_interval.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const double linear_most = 1e300; /* beyond it every value is transformed */
static const double band_half = 1e-11;   /* of the scale, or of the edge where that is above 1;
                                            scales are computed to 1e-14 and better */

/* Doubles in their order, as whole numbers. */
static int64_t rank(double x)
{
    int64_t i;
    memcpy(&i, &x, sizeof i);
    return i < 0 ? INT64_MIN - i : i;
}

static double of_rank(int64_t r)
{
    const int64_t i = r < 0 ? INT64_MIN - r : r;
    double x;
    memcpy(&x, &i, sizeof x);
    return x;
}

static double on_scale(const stroma_transform *t, double x)
{
    double y;
    stroma_transform_values(t, &x, 1, &y);
    return y;
}

/* The least x of −1e300 … 1e300 whose value reaches y; NaN when all do, or none. */
static double first_reaching(const stroma_transform *t, double y)
{
    int64_t below = rank(-linear_most), reached = rank(linear_most);
    if (on_scale(t, -linear_most) >= y || !(on_scale(t, linear_most) >= y)) return (double)NAN;
    while (below + 1 < reached) {
        const int64_t middle = below / 2 + reached / 2 + (below % 2 + reached % 2) / 2;
        if (on_scale(t, of_rank(middle)) >= y)
            reached = middle;
        else
            below = middle;
    }
    return of_rank(reached);
}

static double half_band(double edge)
{
    return edge == -DBL_MAX ? 0 : band_half * fmax(1, fabs(edge));
}

static void all_out(gate_interval *v)
{
    v->edges[0] = (double)INFINITY;
    v->edges[3] = -(double)INFINITY;
    v->edges[1] = v->edges[2] = (double)NAN;
}

static void find_edges(gate_interval *v)
{
    const double least = v->scale->bound_min, most = v->scale->bound_max;
    stroma_transform open = *v->scale;
    open.bound_min = -(double)INFINITY;
    open.bound_max = (double)INFINITY;
    if (v->lower > most || v->upper <= least) {
        all_out(v);
        return;
    }
    /* NaN: no value is surely out on that side. */
    v->edges[0] = (double)NAN;
    v->edges[1] = -linear_most;
    v->edges[2] = linear_most;
    v->edges[3] = (double)NAN;
    if (v->lower > least) {
        v->edges[0] = first_reaching(&open, v->lower - half_band(v->lower));
        v->edges[1] = first_reaching(&open, v->lower + half_band(v->lower));
        if (isnan(v->edges[1]) && on_scale(&open, -linear_most) >= v->lower + half_band(v->lower))
            v->edges[1] = -linear_most;
    }
    if (v->upper <= most && isfinite(v->upper)) {
        v->edges[2] = first_reaching(&open, v->upper - half_band(v->upper));
        v->edges[3] = first_reaching(&open, v->upper + half_band(v->upper));
        if (isnan(v->edges[2]) && on_scale(&open, linear_most) < v->upper - half_band(v->upper))
            v->edges[2] = linear_most;
    }
}

void gate_interval_make(const stroma_transform *scale, double lower, double upper,
                        gate_interval *out)
{
    *out = (gate_interval){ .scale = scale,
                            .lower = lower,
                            .upper = upper,
                            .edges = { (double)NAN, (double)NAN, (double)NAN, (double)NAN } };
    /* The logarithm of 0 and below is −∞, and in no gate. */
    if (scale != NULL && scale->kind == STROMA_TRANSFORM_LOG) out->lower = fmax(lower, -DBL_MAX);
    if (scale == NULL) {
        out->edges[0] = out->edges[1] = out->lower;
        out->edges[2] = out->edges[3] = upper;
    } else if (stroma_transform_is_monotone(scale)) {
        find_edges(out);
    }
}

bool gate_interval_has(const gate_interval *v, double x)
{
    const double y = v->scale == NULL ? x : on_scale(v->scale, x);
    return y >= v->lower && y < v->upper;
}
