/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gates as they were applied to a sample, and its populations, as study.db holds them. */
#include "cytometry_tube.h"

#include "stroma/json.h"

#include <math.h>
#include <string.h>

enum { TEXT_BYTES = 4 << 20 };

static const char *kept(stroma_arena *arena, stroma_buffer *b, stroma_error *err)
{
    if (stroma_buffer_status(b, err) != STROMA_OK) return NULL;
    const char *text = stroma_arena_strndup(arena, b->data, b->len);
    stroma_buffer_reset(b);
    return text;
}

static const char *kind_name(stroma_gate_kind kind)
{
    static const char *const names[] = { "rectangle", "polygon", "ellipsoid", "quadrant",
                                         "boolean" };
    return names[kind];
}

/* A dimension without a scale is put on flin with T = $PnR, A = 0, so that its axis runs from 0 to
 * 1 like that of every other. */
static double top_of(const tube_work *w, const stroma_gate_dimension *d)
{
    const size_t p = d->name == NULL ? SIZE_MAX : stroma_fcs_find(w->o->d, d->name, false);
    const double range = p == SIZE_MAX ? 1 : w->o->d->parameters[p].range;
    return range > 0 ? range : 1;
}

stroma_status cytometry_scale(const tube_work *w, const stroma_gate_dimension *d,
                              stroma_transform *out, stroma_error *err)
{
    if (d->transform >= 0) {
        *out = w->set->transforms[d->transform];
        return STROMA_OK;
    }
    return stroma_transform_make(STROMA_TRANSFORM_LINEAR, top_of(w, d), 0, 0, 0, NULL, out, err);
}

/* An edge on the scale, and in linear units. NaN: open. */
static double edge(const tube_work *w, const stroma_gate_dimension *d, double y, bool in_linear)
{
    if (!isfinite(y)) return STUDY_NAN;
    if (d->transform < 0) return in_linear ? y : y / top_of(w, d);
    return in_linear ? stroma_transform_inverse(&w->set->transforms[d->transform], y) : y;
}

/* ---- dimensions ---- */

static void put_scale(stroma_json *j, const stroma_transform *t)
{
    const bool has_w = t->kind == STROMA_TRANSFORM_LOGICLE ||
                       t->kind == STROMA_TRANSFORM_HYPERLOG || t->kind == STROMA_TRANSFORM_BIEX;
    const bool has_m = t->kind != STROMA_TRANSFORM_LINEAR;
    stroma_json_put_string(j, "scale", stroma_transform_kind_name(t->kind));
    stroma_json_put_number(j, "t", t->t);
    if (has_w) stroma_json_put_number(j, "w", t->w);
    if (has_m) stroma_json_put_number(j, "m", t->m);
    if (t->kind != STROMA_TRANSFORM_LOG) stroma_json_put_number(j, "a", t->a);
}

static void put_dimension(stroma_json *j, const tube_work *w, const stroma_gate_dimension *d)
{
    const stroma_gate_set *s = w->set;
    stroma_json_begin_object(j);
    if (d->ratio >= 0) {
        const stroma_gate_ratio *r = &s->ratios[d->ratio];
        stroma_json_key(j, "ratio");
        stroma_json_begin_object(j);
        stroma_json_put_string(j, "numerator", r->numerator);
        stroma_json_put_string(j, "denominator", r->denominator);
        stroma_json_put_number(j, "a", r->a);
        stroma_json_put_number(j, "b", r->b);
        stroma_json_put_number(j, "c", r->c);
        stroma_json_end_object(j);
    } else {
        const char *marker = cytometry_marker_of(w->e, w->o, d->name);
        stroma_json_put_string(j, "name", d->name);
        stroma_json_put_string(j, "axis", marker != NULL ? marker : d->name);
    }
    stroma_json_put_string(j, "compensation",
                           d->compensation == STROMA_COMPENSATION_NONE ? "none"
                           : d->compensation == STROMA_COMPENSATION_FCS
                               ? "FCS"
                               : s->compensations[d->compensation].id);
    stroma_transform scale;
    if (cytometry_scale(w, d, &scale, NULL) == STROMA_OK) put_scale(j, &scale);
    stroma_json_end_object(j);
}

/* ---- geometry ---- */

static void put_ends(stroma_json *j, const tube_work *w, const stroma_gate *g, bool in_linear)
{
    static const char *const keys[2] = { "lower", "upper" };
    for (int k = 0; k < 2; k++) {
        stroma_json_key(j, keys[k]);
        stroma_json_begin_array(j);
        for (size_t i = 0; i < g->dims_len; i++) {
            const double y = k == 0 ? g->dims[i].lower : g->dims[i].upper;
            stroma_json_number(j, edge(w, &g->dims[i], y, in_linear)); /* open: null */
        }
        stroma_json_end_array(j);
    }
}

static void put_vertices(stroma_json *j, const tube_work *w, const stroma_gate *g, bool in_linear)
{
    stroma_json_key(j, "vertices");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < g->vertices_len; i++) {
        stroma_json_begin_array(j);
        for (size_t k = 0; k < 2; k++) {
            const double y = g->vertices[2 * i + k];
            stroma_json_number(j, edge(w, &g->dims[k], y, in_linear));
        }
        stroma_json_end_array(j);
    }
    stroma_json_end_array(j);
}

static void put_ellipsoid(stroma_json *j, const tube_work *w, const stroma_gate *g)
{
    const size_t n = g->dims_len;
    stroma_json_key(j, "mean");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < n; i++)
        stroma_json_number(j, edge(w, &g->dims[i], g->mean[i], false));
    stroma_json_end_array(j);
    stroma_json_key(j, "covariance");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < n; i++) {
        stroma_json_begin_array(j);
        for (size_t k = 0; k < n; k++) {
            const double ti = g->dims[i].transform < 0 ? top_of(w, &g->dims[i]) : 1,
                         tk = g->dims[k].transform < 0 ? top_of(w, &g->dims[k]) : 1;
            stroma_json_number(j, g->covariance[i * n + k] / (ti * tk));
        }
        stroma_json_end_array(j);
    }
    stroma_json_end_array(j);
    stroma_json_put_number(j, "distance_square", g->distance_square);
}

static void put_boolean(stroma_json *j, const stroma_gate_set *s, const stroma_gate *g)
{
    stroma_json_put_string(j, "operation",
                           g->operation == STROMA_GATE_AND  ? "and"
                           : g->operation == STROMA_GATE_OR ? "or"
                                                            : "not");
    stroma_json_key(j, "uses");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < g->uses_len; i++) {
        stroma_json_begin_object(j);
        stroma_json_put_string(j, "gate", s->gates[g->uses[i].gate].id);
        stroma_json_put_bool(j, "complement", g->uses[i].complement);
        stroma_json_end_object(j);
    }
    stroma_json_end_array(j);
}

static void put_geometry(stroma_json *j, const tube_work *w, const stroma_gate *g)
{
    stroma_json_begin_object(j);
    if (g->kind == STROMA_GATE_ELLIPSOID) put_ellipsoid(j, w, g);
    if (g->kind == STROMA_GATE_BOOLEAN) put_boolean(j, w->set, g);
    const bool polygon = g->kind == STROMA_GATE_POLYGON;
    if (polygon || g->kind == STROMA_GATE_RECTANGLE || g->kind == STROMA_GATE_QUADRANT) {
        (polygon ? put_vertices : put_ends)(j, w, g, false);
        stroma_json_key(j, "linear");
        stroma_json_begin_object(j);
        (polygon ? put_vertices : put_ends)(j, w, g, true);
        stroma_json_end_object(j);
    }
    stroma_json_end_object(j);
}

/* ---- how it was found ---- */

/* "CD25: valley; FoxP3: fmo of fcs/FMO_FoxP3_W4.fcs": one clause an edge. */
static void put_rule(stroma_buffer *b, const tube_work *w, const char *population)
{
    for (size_t i = 0; i < w->learned.rows_len; i++) {
        const stroma_gating_row *r = &w->learned.rows[i];
        if (strcmp(r->population, population) != 0) continue;
        if (b->len > 0) stroma_buffer_puts(b, "; ");
        if (r->marker != NULL) stroma_buffer_printf(b, "%s: ", r->marker);
        if (r->state == STROMA_GATING_NOT_ESTIMABLE) {
            stroma_buffer_printf(b, "nothing found (%s)", r->reason);
            continue;
        }
        const char *method = r->method != NULL ? r->method : r->declared;
        stroma_buffer_puts(b, method == NULL ? "drawn" : method);
        const size_t c = method == NULL || strcmp(method, "fmo") != 0
                             ? SIZE_MAX
                             : cytometry_control_for(w->e, w->t, CYTOMETRY_FMO, r->marker);
        if (c != SIZE_MAX) stroma_buffer_printf(b, " of %s", w->e->tubes[c].place.path);
        if (r->state == STROMA_GATING_FALLBACK)
            stroma_buffer_printf(b, " instead of %s, since %s", r->declared, r->reason);
    }
}

static stroma_status describe(tube_work *w, const stroma_gate *g, cytometry_gate *out,
                              stroma_buffer *b, stroma_error *err)
{
    const stroma_gate_set *s = w->set;
    stroma_arena *a = &w->t->arena;
    stroma_json j;
    out->id = stroma_arena_strdup(a, g->id);
    out->label = stroma_arena_strdup(a, g->label == NULL ? g->id : g->label);
    out->parent = g->parent < 0 ? NULL : stroma_arena_strdup(a, s->gates[g->parent].id);
    out->kind = kind_name(g->kind);
    out->confidence = g->confidence;
    out->found = true;
    stroma_json_init(&j, b, 0);
    stroma_json_begin_array(&j);
    for (size_t i = 0; i < g->dims_len; i++)
        put_dimension(&j, w, &g->dims[i]);
    stroma_json_end_array(&j);
    out->dims = kept(a, b, err);
    stroma_json_init(&j, b, 0);
    put_geometry(&j, w, g);
    out->geometry = kept(a, b, err);
    put_rule(b, w, g->quadrant_gate != NULL ? g->quadrant_gate : g->id);
    out->rule = b->len == 0 ? NULL : kept(a, b, err);
    out->method = stroma_arena_strdup(a, g->method);
    out->parameters = stroma_arena_strdup(a, g->parameters);
    return out->id == NULL || out->label == NULL || out->dims == NULL || out->geometry == NULL
               ? stroma_no_memory(err)
               : STROMA_OK;
}

/* A population of the strategy that has no gate in this sample. */
static stroma_status describe_absent(tube_work *w, const stroma_gating_row *r, cytometry_gate *out,
                                     stroma_buffer *b, stroma_error *err)
{
    stroma_arena *a = &w->t->arena;
    *out = (cytometry_gate){ .id = stroma_arena_strdup(a, r->population),
                             .label = stroma_arena_strdup(a, r->population),
                             .kind = "rectangle",
                             .dims = "[]",
                             .geometry = "{}",
                             .method = stroma_arena_strdup(a, r->declared),
                             .confidence = STUDY_NAN,
                             .reason = stroma_arena_strdup(a, r->reason) };
    if (r->parent != NULL && strcmp(r->parent, "all") != 0)
        out->parent = stroma_arena_strdup(a, r->parent);
    put_rule(b, w, r->population);
    out->rule = kept(a, b, err);
    return out->id == NULL || out->label == NULL || out->reason == NULL ? stroma_no_memory(err)
                                                                        : STROMA_OK;
}

static stroma_status count(tube_work *w, const stroma_gate *g, size_t i, cytometry_population *p,
                           stroma_error *err)
{
    const uint64_t *n = w->members.count;
    *p = (cytometry_population){ .gate = i,
                                 .n = n[i],
                                 .n_parent = g->parent < 0 ? w->t->n_events - w->t->n_excluded
                                                           : n[g->parent],
                                 .n_total = w->t->n_events - w->t->n_excluded,
                                 .present = true };
    stroma_population_value v;
    STROMA_TRY(stroma_population_percent(p->n, p->n_parent, &w->e->options, &v, err));
    p->lower = v.lower;
    p->upper = v.upper;
    return cytometry_flags(&w->t->arena, v.flags, NULL, NULL, &p->flags, err);
}

/* Whether a population without a gate was seen before row i. */
static bool seen_before(const stroma_gating_result *r, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(r->rows[k].population, r->rows[i].population) == 0) return true;
    return false;
}

static const stroma_gating_row *reason_row(const stroma_gating_result *r, size_t i)
{
    for (size_t k = i; k < r->rows_len; k++)
        if (strcmp(r->rows[k].population, r->rows[i].population) == 0 &&
            r->rows[k].state == STROMA_GATING_NOT_ESTIMABLE)
            return &r->rows[k];
    return NULL;
}

static bool has_gate(const cytometry_tube *t, const char *id)
{
    for (size_t i = 0; i < t->gates_len; i++)
        if (strcmp(t->gates[i].id, id) == 0) return true;
    return false;
}

static void add_absent(cytometry_tube *t)
{
    const size_t k = t->gates_len++;
    t->populations[k] = (cytometry_population){
        .gate = k, .lower = STUDY_NAN, .upper = STUDY_NAN, .reason = t->gates[k].reason
    };
}

/* A population that a parameter asks for and that is a region of something that was not found (a
 * quadrant): the reason is that of the last thing not found. */
static stroma_status describe_asked(tube_work *w, const char *id, stroma_buffer *b,
                                    stroma_error *err)
{
    cytometry_tube *t = w->t;
    const stroma_gating_row *why = NULL;
    for (size_t i = 0; i < w->learned.rows_len; i++)
        if (w->learned.rows[i].state == STROMA_GATING_NOT_ESTIMABLE) why = &w->learned.rows[i];
    if (id == NULL || why == NULL || has_gate(t, id) || strcmp(id, "all") == 0) return STROMA_OK;
    stroma_gating_row row = *why;
    row.population = id;
    row.parent = why->population;
    STROMA_TRY(describe_absent(w, &row, &t->gates[t->gates_len], b, err));
    add_absent(t);
    return STROMA_OK;
}

static stroma_status describe_all(tube_work *w, stroma_buffer *b, stroma_error *err)
{
    cytometry_tube *t = w->t;
    const size_t most = w->set->gates_len + w->learned.rows_len + 3 * w->e->questions.len;
    t->gates = stroma_arena_alloc(&t->arena, most, sizeof *t->gates);
    t->populations = stroma_arena_alloc(&t->arena, most, sizeof *t->populations);
    if (t->gates == NULL || t->populations == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < w->set->gates_len; i++, t->gates_len++) {
        STROMA_TRY(describe(w, &w->set->gates[i], &t->gates[i], b, err));
        STROMA_TRY(count(w, &w->set->gates[i], i, &t->populations[i], err));
    }
    for (size_t i = 0; i < w->learned.rows_len; i++) {
        const stroma_gating_row *r = reason_row(&w->learned, i);
        if (r == NULL || seen_before(&w->learned, i) || has_gate(t, r->population)) continue;
        STROMA_TRY(describe_absent(w, r, &t->gates[t->gates_len], b, err));
        add_absent(t);
    }
    for (size_t k = 0; k < w->e->questions.len; k++) {
        const cytometry_question *q = &w->e->questions.items[k];
        STROMA_TRY(describe_asked(w, q->population, b, err));
        STROMA_TRY(describe_asked(w, q->of, b, err));
        STROMA_TRY(describe_asked(w, q->over, b, err));
    }
    return STROMA_OK;
}

stroma_status cytometry_describe_gates(tube_work *w, stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, TEXT_BYTES);
    const stroma_status st = describe_all(w, &b, err);
    stroma_buffer_clear(&b);
    return st;
}

stroma_status cytometry_flags(stroma_arena *arena, unsigned flags, const char *extra,
                              const char *more, const char **out, stroma_error *err)
{
    *out = NULL;
    if (flags == 0 && extra == NULL && more == NULL) return STROMA_OK;
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 16);
    stroma_json j;
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_array(&j);
    for (unsigned i = 0; stroma_population_flag_name(i) != NULL; i++)
        if ((flags >> i) & 1U) stroma_json_string(&j, stroma_population_flag_name(i));
    if (extra != NULL) stroma_json_string(&j, extra);
    if (more != NULL) stroma_json_string(&j, more);
    stroma_json_end_array(&j);
    *out = kept(arena, &b, err);
    stroma_buffer_clear(&b);
    return *out == NULL ? stroma_no_memory(err) : STROMA_OK;
}
