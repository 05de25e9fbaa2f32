/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a method found becomes a gate, a row of the result, and a finding where it has to be said.
 */
#include "learn_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *parent_id(const learn_run *r, const strategy_population *p)
{
    return p->parent == SIZE_MAX ? "all" : r->s->names[p->parent].id;
}

static void report(learn_run *r, const char *code, stroma_severity severity,
                   const strategy_population *p, const char *marker, const char *message)
{
    if (r->is_reference) return; /* said when the sample itself needs it */
    stroma_diag_add(
        r->diag, &(stroma_finding){ .code = code,
                                    .severity = severity,
                                    .file = r->in->sample.file,
                                    .column = marker,
                                    .param = p->id,
                                    .message = message,
                                    .rule = "a gate that was not found is not invented",
                                    .action = "look at the density of the marker in the parent" });
}

static stroma_gating_row *new_row(learn_run *r, const strategy_population *p, stroma_error *err)
{
    stroma_gating_result *o = r->out;
    if (stroma_grow(&o->rows, &o->rows_capacity, o->rows_len + 1, sizeof *o->rows, err) !=
        STROMA_OK)
        return NULL;
    o->rows[o->rows_len] = (stroma_gating_row){ .population = p->id,
                                                .parent = parent_id(r, p),
                                                .lower = (double)NAN,
                                                .upper = (double)NAN,
                                                .lower_linear = (double)NAN,
                                                .upper_linear = (double)NAN,
                                                .confidence = (double)NAN,
                                                .reason = "" };
    return &o->rows[o->rows_len++];
}

stroma_status learn_not_estimable(learn_run *r, const strategy_population *p, const char *code,
                                  const char *reason, stroma_error *err)
{
    char text[400];
    const bool quadrant = p->kind == STRATEGY_QUADRANT;
    const char *why = stroma_arena_strdup(&r->out->gates.arena, reason);
    if (why == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < (quadrant ? 5U : 1U); i++) { /* itself, and its regions */
        if (i > 0 && p->region[i - 1] == SIZE_MAX) continue;
        stroma_gating_row *row = new_row(r, p, err);
        if (row == NULL) return stroma_no_memory(err);
        row->state = STROMA_GATING_NOT_ESTIMABLE;
        row->declared = p->kind == STRATEGY_BOOLEAN ? "boolean"
                        : quadrant                  ? "quadrant"
                                                    : p->rule[0].method->name;
        row->reason = why;
        if (i == 0) continue;
        row->population = r->s->names[p->region[i - 1]].id;
        row->quadrant = p->id;
    }
    r->out->not_estimable++;
    (void)snprintf(text, sizeof text, "population \"%.60s\" is not estimable: %.280s", p->id,
                   reason);
    report(r, code, STROMA_WARNING, p, NULL, text);
    return STROMA_OK;
}

stroma_status learn_leave_out(learn_run *r, const strategy_population *p, size_t name,
                              const char *marker, stroma_error *err)
{
    char text[300];
    stroma_gating_row *row = new_row(r, p, err);
    if (row == NULL) return stroma_no_memory(err);
    row->state = STROMA_GATING_LEFT_OUT;
    row->declared = p->rule[0].method->name;
    row->marker = marker;
    row->reason = "marker absent: the file has no channel for it";
    r->gate[name] = learn_parent(r, p) < 0 ? LEARN_ALL_EVENTS : learn_parent(r, p);
    (void)snprintf(text, sizeof text,
                   "population \"%.60s\" was left out: the file has no channel for \"%.60s\"",
                   p->id, marker);
    report(r, "STROMA-LEARN-008", STROMA_NOTE, p, marker, text);
    return STROMA_OK;
}

/* Edges of an answer along one axis; infinite where open, NaN where the shape has none there. */
static void limits(const learn_rule *rule, const learn_answer *a, size_t axis, double *low,
                   double *high)
{
    *low = *high = (double)NAN;
    if (a->shape == LEARN_EDGE) {
        *low = rule->keep_below ? -(double)INFINITY : a->edge;
        *high = rule->keep_below ? a->edge : (double)INFINITY;
    } else if (a->shape == LEARN_RECTANGLE || (a->shape == LEARN_BAND && axis == 0)) {
        *low = a->low[axis];
        *high = a->high[axis];
    }
}

static double inverse(const stroma_transform *t, double y)
{
    return isinf(y) ? y : stroma_transform_inverse(t, y);
}

/* @return a state that says how good an edge is */
static stroma_gating_state edge_state(const learn_rule *rule, const learn_rule *used,
                                      const learn_answer *a)
{
    if (a->shape == LEARN_NOTHING) return STROMA_GATING_NOT_ESTIMABLE;
    if (isnan(a->confidence)) return STROMA_GATING_DRAWN;
    if (used != rule) return STROMA_GATING_FALLBACK;
    return a->confidence < STROMA_GATING_DOUBT ? STROMA_GATING_DOUBTFUL : STROMA_GATING_FOUND;
}

stroma_gating_state stroma_gating_worst(const stroma_gating_result *r, size_t first)
{
    /* A drawn edge is as sure as one can be, by its own measure. */
    static const int rank[] = { [STROMA_GATING_DRAWN] = 0,    [STROMA_GATING_FOUND] = 1,
                                [STROMA_GATING_DOUBTFUL] = 2, [STROMA_GATING_FALLBACK] = 3,
                                [STROMA_GATING_LEFT_OUT] = 4, [STROMA_GATING_NOT_ESTIMABLE] = 5 };
    stroma_gating_state worst = r->rows[first].state;
    for (size_t i = first + 1;
         i < r->rows_len && strcmp(r->rows[i].population, r->rows[first].population) == 0; i++)
        if (rank[r->rows[i].state] > rank[worst]) worst = r->rows[i].state;
    return worst;
}

static void say_doubt(learn_run *r, const strategy_population *p, const char *marker,
                      const learn_rule *used, const learn_answer *a)
{
    char text[300];
    if (a->shape == LEARN_NOTHING || !(a->confidence < STROMA_GATING_DOUBT)) return;
    (void)snprintf(text, sizeof text,
                   "population \"%.60s\": the %s gate at \"%.40s\" has a confidence of %.2g, less "
                   "than %.2g",
                   p->id, used->method->name, marker, a->confidence, STROMA_GATING_DOUBT);
    report(r, "STROMA-LEARN-009", STROMA_WARNING, p, marker, text);
}

static stroma_status say_fallback(learn_run *r, const strategy_population *p, const char *marker,
                                  const learn_rule *used, const learn_answer *a,
                                  stroma_gating_row *row, stroma_error *err)
{
    char text[400];
    row->reason = stroma_arena_strdup(&r->out->gates.arena, a->reason);
    if (row->reason == NULL) return stroma_no_memory(err);
    if (row->state != STROMA_GATING_FALLBACK) return STROMA_OK;
    (void)snprintf(text, sizeof text,
                   "population \"%.60s\": the gate at \"%.40s\" is from %s, because %.220s", p->id,
                   marker, used->method->name, a->reason);
    report(r, "STROMA-LEARN-004", STROMA_WARNING, p, marker, text);
    return STROMA_OK;
}

stroma_status learn_add_row(learn_run *r, const strategy_population *p, const learn_channels *c,
                            size_t axis, const learn_rule *rule, const learn_rule *used,
                            const learn_answer *a, uint64_t n_parent, stroma_error *err)
{
    stroma_gating_row *row = new_row(r, p, err);
    if (row == NULL) return stroma_no_memory(err);
    const size_t at = c->len > 1 ? axis : 0;
    row->marker = r->panel->markers[c->marker[at]].name;
    row->channel = stroma_arena_strdup(&r->out->gates.arena, c->name[at]);
    if (row->channel == NULL) return stroma_no_memory(err);
    row->declared = rule->method->name;
    row->n_parent = n_parent;
    row->method = a->shape == LEARN_NOTHING ? NULL : used->method->name;
    row->state = edge_state(rule, used, a);
    if (a->shape != LEARN_NOTHING) {
        row->confidence = a->confidence;
        row->confidence_means = used->method->confidence;
        limits(rule, a, at, &row->lower, &row->upper);
        const bool linear = a->shape == LEARN_RECTANGLE || a->shape == LEARN_BAND;
        row->lower_linear = linear ? row->lower : inverse(&c->scale[at], row->lower);
        row->upper_linear = linear ? row->upper : inverse(&c->scale[at], row->upper);
        if (linear) row->lower = row->upper = (double)NAN;
    }
    if (axis == 0 || p->kind == STRATEGY_QUADRANT) say_doubt(r, p, row->marker, used, a);
    return say_fallback(r, p, row->marker, used, a, row, err);
}

/* The scale of a marker in the set. */
static int transform_of(learn_run *r, const learn_channels *c, size_t k)
{
    int *index = &r->transform[c->marker[k]];
    if (*index >= 0) return *index;
    stroma_gate_set *set = &r->out->gates;
    stroma_transform *t = stroma_gate_set_add_transform(set);
    if (t == NULL) return -1;
    *t = c->scale[k];
    t->id = stroma_arena_printf(&set->arena, "scale_%zu", set->transforms_len);
    if (t->id == NULL) return -1;
    *index = (int)set->transforms_len - 1;
    return *index;
}

/* @return NULL when memory ran out */
static stroma_gate_dimension *dimensions(learn_run *r, const learn_channels *c, bool linear)
{
    stroma_gate_dimension *d = stroma_gate_dimensions(&r->out->gates, c->len);
    for (size_t k = 0; d != NULL && k < c->len; k++) {
        d[k].name = stroma_arena_strdup(&r->out->gates.arena, c->name[k]);
        d[k].compensation = c->compensated[k] && r->in->sample.compensation != NULL
                                ? STROMA_COMPENSATION_FCS
                                : STROMA_COMPENSATION_NONE;
        d[k].transform = linear ? -1 : transform_of(r, c, k);
        if (d[k].name == NULL || (!linear && d[k].transform < 0)) return NULL;
    }
    return d;
}

static stroma_gate_dimension *ratio_dimension(learn_run *r, const learn_channels *c,
                                              const learn_answer *a)
{
    stroma_gate_set *set = &r->out->gates;
    stroma_gate_ratio *ratio = stroma_gate_set_add_ratio(set);
    stroma_gate_dimension *d = stroma_gate_dimensions(set, 1);
    if (ratio == NULL || d == NULL) return NULL;
    ratio->id = stroma_arena_printf(&set->arena, "ratio_%zu", set->ratios_len);
    ratio->numerator = stroma_arena_strdup(&set->arena, c->name[0]);
    ratio->denominator = stroma_arena_strdup(&set->arena, c->name[1]);
    ratio->a = 1;
    d->ratio = (int)set->ratios_len - 1;
    d->lower = a->low[0];
    d->upper = a->high[0];
    return ratio->id == NULL || ratio->numerator == NULL || ratio->denominator == NULL ? NULL : d;
}

static bool fill_shape(learn_run *r, const strategy_population *p, size_t name,
                       const learn_channels *c, const learn_answer *a,
                       const learn_rule *const *used, stroma_gate *g)
{
    stroma_arena *arena = &r->out->gates.arena;
    const bool linear = a->shape == LEARN_RECTANGLE || a->shape == LEARN_POLYGON;
    g->dims_len = a->shape == LEARN_BAND ? 1 : c->len;
    g->dims = a->shape == LEARN_BAND ? ratio_dimension(r, c, a) : dimensions(r, c, linear);
    if (g->dims == NULL) return false;
    g->kind = a->shape == LEARN_POLYGON      ? STROMA_GATE_POLYGON
              : a->shape == LEARN_ELLIPSE    ? STROMA_GATE_ELLIPSOID
              : p->kind == STRATEGY_QUADRANT ? STROMA_GATE_QUADRANT
                                             : STROMA_GATE_RECTANGLE;
    if (p->kind == STRATEGY_QUADRANT) {
        const int region = r->s->names[name].region;
        for (int k = 0; k < 2; k++)
            *(region >> k & 1 ? &g->dims[k].lower : &g->dims[k].upper) = a[k].edge;
        g->quadrant_gate = stroma_arena_strdup(arena, p->id);
        return g->quadrant_gate != NULL;
    }
    if (a->shape == LEARN_EDGE || a->shape == LEARN_RECTANGLE)
        for (size_t k = 0; k < c->len; k++)
            limits(&p->rule[0], a, k, &g->dims[k].lower, &g->dims[k].upper);
    if (a->shape == LEARN_POLYGON) {
        const learn_rule *rule = used[0];
        g->vertices_len = rule->vertices_len;
        g->vertices = stroma_arena_alloc(arena, 2 * rule->vertices_len, sizeof *g->vertices);
        if (g->vertices == NULL) return false;
        memcpy(g->vertices, rule->vertices, 2 * rule->vertices_len * sizeof *g->vertices);
    }
    if (a->shape == LEARN_ELLIPSE) {
        g->mean = stroma_arena_alloc(arena, 2, sizeof *g->mean);
        g->covariance = stroma_arena_alloc(arena, 4, sizeof *g->covariance);
        if (g->mean == NULL || g->covariance == NULL) return false;
        memcpy(g->mean, a->mean, sizeof a->mean);
        memcpy(g->covariance, a->covariance, sizeof a->covariance);
        g->distance_square = a->distance_square;
    }
    return true;
}

/* A gate with its id, label and parent. Fill what needs the set's arrays before asking for it: the
 * pointer ends with the next add. */
static stroma_gate *new_gate(learn_run *r, const strategy_population *p, size_t name)
{
    stroma_gate_set *set = &r->out->gates;
    stroma_gate *g = stroma_gate_set_add(set);
    if (g == NULL) return NULL;
    g->id = stroma_arena_strdup(&set->arena, r->s->names[name].id);
    g->label = stroma_arena_strdup(&set->arena, r->s->names[name].label);
    g->parent = learn_parent(r, p);
    g->line = p->line;
    return g->id == NULL || g->label == NULL ? NULL : g;
}

stroma_status learn_add_gate(learn_run *r, const strategy_population *p, size_t name,
                             const learn_channels *c, const learn_answer *answer,
                             const learn_rule *const *used, const char *parameters,
                             stroma_error *err)
{
    stroma_gate_set *set = &r->out->gates;
    stroma_gate *g = new_gate(r, p, name);
    if (g == NULL || !fill_shape(r, p, name, c, answer, used, g)) return stroma_no_memory(err);
    const bool two = p->kind == STRATEGY_QUADRANT;
    g->method = two ? stroma_arena_printf(&set->arena, "quadrant of %s and %s",
                                          used[0]->method->name, used[1]->method->name)
                    : stroma_arena_strdup(&set->arena, used[0]->method->name);
    g->parameters = stroma_arena_strdup(&set->arena, parameters);
    g->confidence = two ? fmin(answer[0].confidence, answer[1].confidence) : answer[0].confidence;
    /* Its rows are the last. */
    g->state =
        stroma_gating_state_name(stroma_gating_worst(r->out, r->out->rows_len - p->markers_len));
    r->gate[name] = (int)set->gates_len - 1;
    return g->method == NULL || g->parameters == NULL ? stroma_no_memory(err) : STROMA_OK;
}

stroma_status learn_add_boolean(learn_run *r, const strategy_population *p, size_t name,
                                stroma_error *err)
{
    stroma_gate_set *set = &r->out->gates;
    stroma_gate_use *uses = stroma_arena_alloc(&set->arena, p->uses_len, sizeof *uses);
    stroma_gate *g = new_gate(r, p, name);
    stroma_gating_row *row = new_row(r, p, err);
    if (uses == NULL || g == NULL || row == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < p->uses_len; i++)
        uses[i] = (stroma_gate_use){ r->gate[p->use[i]], p->complement[i] };
    g->kind = STROMA_GATE_BOOLEAN;
    g->operation = p->operation;
    g->uses = uses;
    g->uses_len = p->uses_len;
    row->state = STROMA_GATING_DRAWN;
    row->declared = row->method = "boolean";
    r->gate[name] = (int)set->gates_len - 1;
    return STROMA_OK;
}
