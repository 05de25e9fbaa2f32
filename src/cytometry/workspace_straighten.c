/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Polygons on FlowJo's biex scale as polygons in linear values, for formats that have no biex. The
 * scale is a table, straight between two channels; so a side that is cut at every channel it
 * crosses is straight in linear values too, piece by piece, and the polygon holds the same events.
 */
#include "stroma/cytometry_workspace.h"
#include "stroma/sort.h"

#include <math.h>

static bool is_biex(const stroma_gate_set *s, const stroma_gate_dimension *d)
{
    return d->transform >= 0 && s->transforms[d->transform].kind == STROMA_TRANSFORM_BIEX;
}

/* Places along the side from p to q, 0 < t < 1, where it crosses a whole channel. */
static size_t cuts(const double *p, const double *q, const bool biex[2], double *t)
{
    size_t n = 0;
    for (size_t k = 0; k < 2; k++) {
        if (!biex[k] || p[k] == q[k]) continue;
        const double low = fmin(p[k], q[k]), high = fmax(p[k], q[k]);
        for (double c = floor(low) + 1; c < high; c++)
            t[n++] = (c - p[k]) / (q[k] - p[k]);
    }
    return n;
}

static size_t most_cuts(const stroma_gate *g, const bool biex[2])
{
    double n = 0;
    for (size_t i = 0; i < g->vertices_len; i++)
        for (size_t k = 0; k < 2; k++)
            if (biex[k]) n = fmax(n, fabs(g->vertices[2 * i + k]));
    return 4 * (size_t)fmin(n, 1e6) + 8;
}

static void put(const stroma_gate_set *s, const stroma_gate *g, const bool biex[2], double x,
                double y, double *out)
{
    const double at[2] = { x, y };
    for (size_t k = 0; k < 2; k++)
        out[k] =
            biex[k] ? stroma_transform_inverse(&s->transforms[g->dims[k].transform], at[k]) : at[k];
}

static stroma_status straighten(stroma_gate_set *s, stroma_gate *g, const bool biex[2],
                                stroma_error *err)
{
    double *t = stroma_alloc_array(most_cuts(g, biex), sizeof *t);
    if (t == NULL) return stroma_no_memory(err);
    size_t total = 0;
    for (size_t i = 0; i < g->vertices_len; i++)
        total +=
            1 + cuts(g->vertices + 2 * i, g->vertices + 2 * ((i + 1) % g->vertices_len), biex, t);
    double *v = stroma_arena_alloc(&s->arena, 2 * total, sizeof *v);
    size_t n = 0;
    for (size_t i = 0; i < g->vertices_len && v != NULL; i++) {
        const double *p = g->vertices + 2 * i;
        const double *q = g->vertices + 2 * ((i + 1) % g->vertices_len);
        const size_t c = cuts(p, q, biex, t);
        stroma_sort_doubles(t, c);
        put(s, g, biex, p[0], p[1], v + 2 * n++);
        for (size_t k = 0; k < c; k++)
            put(s, g, biex, p[0] + t[k] * (q[0] - p[0]), p[1] + t[k] * (q[1] - p[1]), v + 2 * n++);
    }
    stroma_free(t);
    if (v == NULL) return stroma_no_memory(err);
    g->vertices = v;
    g->vertices_len = n;
    for (size_t k = 0; k < 2; k++)
        if (biex[k]) g->dims[k].transform = -1;
    return STROMA_OK;
}

/* No gate uses the biex scales any more. */
static void drop_scales(stroma_gate_set *s)
{
    size_t n = 0;
    for (size_t t = 0; t < s->transforms_len; t++) {
        if (s->transforms[t].kind == STROMA_TRANSFORM_BIEX) continue;
        for (size_t i = 0; i < s->gates_len; i++)
            for (size_t k = 0; k < s->gates[i].dims_len; k++)
                if (s->gates[i].dims[k].transform == (int)t) s->gates[i].dims[k].transform = (int)n;
        s->transforms[n++] = s->transforms[t];
    }
    s->transforms_len = n;
}

stroma_status stroma_flowjo_straighten(stroma_gate_set *s, stroma_error *err)
{
    for (size_t i = 0; i < s->gates_len; i++) {
        stroma_gate *g = &s->gates[i];
        bool any = false;
        for (size_t k = 0; k < g->dims_len; k++)
            any |= is_biex(s, &g->dims[k]);
        if (!any) continue;
        if (g->kind != STROMA_GATE_POLYGON || g->dims_len != 2) {
            stroma_fail_at(err, STROMA_E_USAGE, g->line, 0,
                           "gate \"%.120s\" is an ellipse on a biex scale, which has no form in "
                           "linear values",
                           g->id);
            stroma_hint(err,
                        "in FlowJo give its channels a logicle scale, or draw it as a polygon");
            return STROMA_E_USAGE;
        }
        const bool biex[2] = { is_biex(s, &g->dims[0]), is_biex(s, &g->dims[1]) };
        STROMA_TRY(straighten(s, g, biex, err));
    }
    drop_scales(s);
    s->flowjo = NULL; /* its bins are those of the scales that are gone */
    return STROMA_OK;
}
