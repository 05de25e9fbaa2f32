/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a set can be evaluated. */
#include "gate_dialect.h"
#include "gate_ellipsoid.h"
#include "gate_ids.h"
#include "gate_order.h"

#include <math.h>

static const double vertex_most = 1e150; /* products of two stay finite */

static bool in_range(int i, size_t n)
{
    return i >= 0 && (size_t)i < n;
}

static stroma_status bad(const stroma_gate *g, const char *what, stroma_error *err)
{
    return stroma_fail_at(err, STROMA_E_MALFORMED, g->line, 0, "gate \"%.100s\": %s",
                          g->id == NULL ? "" : g->id, what);
}

static stroma_status check_dimension(const stroma_gate_set *s, const stroma_gate *g,
                                     const stroma_gate_dimension *d, stroma_error *err)
{
    if ((d->name == NULL) == (d->ratio < 0))
        return bad(g, "a dimension has neither a channel nor a ratio, or both", err);
    if (d->ratio >= 0 && !in_range(d->ratio, s->ratios_len))
        return bad(g, "a dimension refers to a ratio that is not there", err);
    if (d->compensation >= 0 && !in_range(d->compensation, s->compensations_len))
        return bad(g, "a dimension refers to a compensation that is not there", err);
    if (d->compensation < STROMA_COMPENSATION_FCS)
        return bad(g, "a dimension has no valid compensation", err);
    if (d->transform >= 0 && !in_range(d->transform, s->transforms_len))
        return bad(g, "a dimension refers to a scale that is not there", err);
    if (isnan(d->lower) || isnan(d->upper)) return bad(g, "an edge is not a number", err);
    return STROMA_OK;
}

static stroma_status check_ellipsoid(const stroma_gate *g, stroma_error *err)
{
    const size_t n = g->dims_len;
    if (g->mean == NULL || g->covariance == NULL)
        return bad(g, "an ellipsoid needs a mean and a covariance matrix", err);
    for (size_t i = 0; i < n * n; i++)
        if (!isfinite(g->covariance[i]) || !isfinite(g->mean[i % n]))
            return bad(g, "a number of the ellipsoid is not finite", err);
    if (!(g->distance_square >= 0)) return bad(g, "the squared distance is negative", err);
    double *work = stroma_alloc_array(2 * n * n, sizeof *work);
    if (work == NULL) return stroma_no_memory(err);
    const bool regular = gate_invert(g->covariance, n, work, work + n * n);
    stroma_free(work);
    return regular ? STROMA_OK : bad(g, "the covariance matrix is singular", err);
}

static stroma_status check_shape(const stroma_gate_set *s, const stroma_gate *g, stroma_error *err)
{
    if (g->dims_len > GATE_DIMENSIONS_MAX) return bad(g, "more than 256 dimensions", err);
    for (size_t i = 0; i < g->dims_len; i++)
        STROMA_TRY(check_dimension(s, g, &g->dims[i], err));
    switch (g->kind) {
    case STROMA_GATE_POLYGON:
        if (g->dims_len != 2) return bad(g, "a polygon needs two dimensions", err);
        if (g->vertices_len < 3) return bad(g, "a polygon needs three vertices or more", err);
        for (size_t i = 0; i < 2 * g->vertices_len; i++)
            if (!(fabs(g->vertices[i]) < vertex_most))
                return bad(g, "a vertex is beyond ±1e150", err);
        return STROMA_OK;
    case STROMA_GATE_ELLIPSOID:
        if (g->dims_len == 0) return bad(g, "there is no dimension", err);
        return check_ellipsoid(g, err);
    case STROMA_GATE_RECTANGLE:
    case STROMA_GATE_QUADRANT:
        return g->dims_len == 0 ? bad(g, "there is no dimension", err) : STROMA_OK;
    case STROMA_GATE_BOOLEAN:
        if (g->uses_len == 0 || (g->operation == STROMA_GATE_NOT && g->uses_len != 1))
            return bad(g, "a boolean gate has the wrong number of operands", err);
        for (size_t i = 0; i < g->uses_len; i++)
            if (!in_range(g->uses[i].gate, s->gates_len))
                return bad(g, "an operand is not there", err);
        return STROMA_OK;
    }
    return bad(g, "unknown kind", err);
}

static stroma_status check_gates(const stroma_gate_set *s, gate_ids *ids, int *order,
                                 stroma_error *err)
{
    for (size_t i = 0; i < s->gates_len; i++) {
        const stroma_gate *g = &s->gates[i];
        stroma_status status = STROMA_OK;
        if (g->id == NULL || g->id[0] == '\0') return bad(g, "there is no id", err);
        if (!gate_ids_add(ids, g->id, (int)i, &status))
            return status != STROMA_OK ? stroma_no_memory(err)
                                       : bad(g, "another gate has the same id", err);
        if (g->parent != -1 && !in_range(g->parent, s->gates_len))
            return bad(g, "its parent is not there", err);
        STROMA_TRY(check_shape(s, g, err));
    }
    size_t n = 0;
    return gate_order(s, NULL, order, &n, err);
}

stroma_status stroma_gate_set_check(const stroma_gate_set *s, stroma_error *err)
{
    gate_ids ids = { 0 };
    int *order = stroma_alloc_array(s->gates_len, sizeof *order);
    const stroma_status status =
        order == NULL ? stroma_no_memory(err) : check_gates(s, &ids, order, err);
    stroma_free(order);
    gate_ids_clear(&ids);
    return status;
}
