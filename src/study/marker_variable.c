/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of a parameter at a visit for those who enter a biomarker question. What is dated after
 * the landmark is refused, also when it hides behind a derived parameter; what the outcome was made
 * of is called circular (DESIGN.md §3). */
#include "analysis.h"
#include "marker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

/* The latest visit behind a measurement: its own, or one of an input. */
static int32_t latest_visit(const study *s, int32_t i, int depth) // NOLINT(misc-no-recursion)
{
    const study_measurement *x = &s->measurements.items[i];
    int32_t latest = x->visit;
    for (size_t k = 0; k < x->inputs_len && depth < DEPTH_MAX; k++) {
        const int32_t other = latest_visit(s, s->inputs.items[x->inputs_start + k], depth + 1);
        if (other > latest) latest = other;
    }
    return latest;
}

/* The values, and the latest visit behind any of them. */
static int32_t fill(const marker_entry *m, int32_t param, int32_t visit, stroma_study_variable *v)
{
    const study *s = m->s;
    int32_t latest = STUDY_NONE;
    for (size_t i = 0; i < m->q.n; i++) {
        const int32_t at = study_find(s, m->subject[i], visit, param);
        v->value[i] = NAN;
        v->state[i] = STROMA_MISSING;
        if (at == STUDY_NONE) continue;
        const study_measurement *x = &s->measurements.items[at];
        v->state[i] = (uint8_t)x->state;
        if (x->state == STROMA_PRESENT || x->state == STROMA_BELOW_LIMIT ||
            x->state == STROMA_ABOVE_LIMIT)
            v->value[i] = x->value;
        const int32_t behind = latest_visit(s, at, 0);
        if (behind > latest) latest = behind;
    }
    return latest;
}

/* A measurement of the candidate that the outcome was computed from, or that shares an input with
 * it; STUDY_NONE when there is none. */
static int32_t shared(const marker_entry *m, int32_t i, int depth) // NOLINT(misc-no-recursion)
{
    const study *s = m->s;
    const study_measurement *x = &s->measurements.items[i];
    if (m->behind[i]) return i;
    for (size_t k = 0; k < x->inputs_len && depth < DEPTH_MAX; k++) {
        const int32_t found = shared(m, s->inputs.items[x->inputs_start + k], depth + 1);
        if (found != STUDY_NONE) return found;
    }
    return STUDY_NONE;
}

static bool acute_phase(const study *s, int32_t param)
{
    return strcmp(s->params.items[param].category, "acute_phase") == 0;
}

/* ESR and CRP of one day rise together: one of them behind the outcome stands for the other. */
static int32_t companion(const marker_entry *m, const study_measurement *x)
{
    const study *s = m->s;
    for (size_t p = 0; acute_phase(s, x->param) && p < s->params.len; p++) {
        const int32_t i = acute_phase(s, (int32_t)p)
                              ? study_find(s, x->subject, x->visit, (int32_t)p)
                              : STUDY_NONE;
        if (i != STUDY_NONE && m->behind[i]) return i;
    }
    return STUDY_NONE;
}

/* Unlike the guard of comparisons this one looks at measurements, not at parameters: DAS28 at week
 * 4 may foretell a response that was made of DAS28 at weeks 0 and 12; DAS28 at week 0 may not. */
static stroma_status guard(const marker_entry *m, int32_t param, int32_t visit, const char **reason,
                           stroma_error *err)
{
    study *s = m->s;
    int32_t found = STUDY_NONE, with = STUDY_NONE;
    *reason = NULL;
    if (m->after_treatment_only) return STROMA_OK; /* the arms are compared, not the outcome */
    for (size_t i = 0; i < m->q.n && found == STUDY_NONE && with == STUDY_NONE; i++) {
        const int32_t at = study_find(s, m->subject[i], visit, param);
        if (at == STUDY_NONE) continue;
        found = shared(m, at, 0);
        with = companion(m, &s->measurements.items[at]);
    }
    if (found == STUDY_NONE && with == STUDY_NONE) return STROMA_OK;
    const study_measurement *x = &s->measurements.items[found != STUDY_NONE ? found : with];
    const char *label = s->params.items[x->param].label;
    const char *when = x->visit == STUDY_NONE ? "" : s->visits.items[x->visit].label;
    *reason = found != STUDY_NONE
                  ? stroma_arena_printf(&s->arena,
                                        "%s%s%s stands behind the outcome and the candidate "
                                        "(mathematical coupling)",
                                        label, when[0] == '\0' ? "" : " at ", when)
                  : stroma_arena_printf(&s->arena,
                                        "%s%s%s stands behind the outcome, and is the acute-phase "
                                        "companion of the candidate",
                                        label, when[0] == '\0' ? "" : " at ", when);
    return *reason == NULL ? stroma_no_memory(err) : STROMA_OK;
}

/* Dated after the landmark, or not before the outcome. */
static stroma_status refuse_late(const marker_entry *m, const stroma_study_variable *v,
                                 int32_t latest, const stroma_yaml_node *at, stroma_error *err)
{
    const study *s = m->s;
    if (latest == STUDY_NONE || m->after_treatment_only || latest <= m->landmark) return STROMA_OK;
    char message[320];
    (void)snprintf(message, sizeof message,
                   "biomarker \"%.60s\": candidate \"%.80s\" reaches to %.60s, after the landmark "
                   "%.60s",
                   m->q.id, v->name, s->visits.items[latest].label, m->q.landmark_label);
    (void)marker_fault(m, at, STROMA_E_INCONSISTENT, err, message);
    stroma_hint(err, "what is measured later cannot tell beforehand: move the landmark before the "
                     "outcome, or take the candidate at an earlier visit");
    return STROMA_E_INCONSISTENT;
}

static stroma_status describe(marker_entry *m, int32_t param, int32_t visit,
                              stroma_study_variable *v, stroma_error *err)
{
    study *s = m->s;
    const study_param *p = &s->params.items[param];
    const char *at = visit == STUDY_NONE ? NULL : s->visits.items[visit].id;
    *v = (stroma_study_variable){ .param = p->id,
                                  .visit = at,
                                  .unit = p->unit,
                                  .assay = p->assay,
                                  .lloq = p->lloq,
                                  .uloq = p->uloq,
                                  .range_low = p->range_low,
                                  .range_high = p->range_high,
                                  .log_scale = p->log_scale,
                                  .flag = p->kind == PARAM_FLAG,
                                  .day = marker_visit_day(s, visit) };
    v->name = at == NULL ? p->id : stroma_arena_printf(&s->arena, "%s@%s", p->id, at);
    v->label = at == NULL ? p->label
                          : stroma_arena_printf(&s->arena, "%s, %s", p->label,
                                                s->visits.items[visit].label);
    v->value = stroma_arena_alloc(&s->arena, m->q.n, sizeof *v->value);
    v->state = stroma_arena_alloc(&s->arena, m->q.n, sizeof *v->state);
    return v->name == NULL || v->label == NULL || v->value == NULL || v->state == NULL
               ? stroma_no_memory(err)
               : STROMA_OK;
}

stroma_status marker_take_variable(marker_entry *m, int32_t param, int32_t visit,
                                   const stroma_yaml_node *at, size_t *out, stroma_error *err)
{
    const study *s = m->s;
    stroma_study_biomarker *q = &m->q;
    const int32_t place = analysis_place(s, param, visit);
    stroma_study_variable v;
    if (s->params.items[param].kind == PARAM_WORD)
        return study_fail_at(s, at, err, "a candidate is a number or a flag, not the words of",
                             s->params.items[param].id);
    STROMA_TRY(describe(m, param, place, &v, err));
    for (*out = 0; *out < q->variables_len; ++*out)
        if (strcmp(q->variables[*out].name, v.name) == 0) return STROMA_OK;
    const int32_t latest = fill(m, param, place, &v);
    if (latest != STUDY_NONE)
        v.day = marker_visit_day(s, latest);
    else if (strcmp(s->params.items[param].category, "demographic") == 0)
        v.day = 0; /* sex, age, duration of disease: known when the subject came */
    STROMA_TRY(refuse_late(m, &v, latest, at, err));
    STROMA_TRY(guard(m, param, place, &v.circular, err));
    STROMA_TRY(stroma_grow(&q->variables, &m->variables_capacity, q->variables_len + 1,
                           sizeof *q->variables, err));
    q->variables[q->variables_len++] = v;
    return STROMA_OK;
}

/* ---- candidates ---- */

static stroma_status add_candidate(marker_entry *m, int32_t param, int32_t visit,
                                   const stroma_yaml_node *at, bool control, stroma_error *err)
{
    size_t k = 0;
    STROMA_TRY(marker_take_variable(m, param, visit, at, &k, err));
    m->q.variables[k].in_family = true;
    m->q.variables[k].negative_control = control;
    return STROMA_OK;
}

static stroma_status at_visits(marker_entry *m, int32_t param, const stroma_yaml_node *entry,
                               stroma_error *err)
{
    const study *s = m->s;
    const bool control = stroma_yaml_bool(entry, "negative_control", false);
    const stroma_yaml_node *visits = stroma_yaml_get(entry, "visits");
    if (visits == NULL) visits = stroma_yaml_get(entry, "visit");
    if (visits == NULL) return add_candidate(m, param, m->landmark, entry, control, err);
    const size_t n = stroma_yaml_count(visits);
    for (size_t i = 0; i < n; i++)
        STROMA_TRY(add_candidate(m, param, study_find_visit(s, stroma_yaml_at(visits, i)->text),
                                 stroma_yaml_at(visits, i), control, err));
    return STROMA_OK;
}

static stroma_status of_category(marker_entry *m, const stroma_yaml_node *entry,
                                 const char *category, stroma_error *err)
{
    const study *s = m->s;
    size_t found = 0;
    for (size_t p = 0; p < s->params.len; p++) {
        const study_param *x = &s->params.items[p];
        if (strcmp(x->category, category) != 0 || x->kind != PARAM_NUMBER) continue;
        if ((int32_t)p == m->param) continue; /* the outcome itself */
        if (stroma_yaml_get(entry, "visits") == NULL && stroma_yaml_get(entry, "visit") == NULL &&
            !analysis_measured_at(s, (int32_t)p, m->landmark) &&
            !analysis_measured_at(s, (int32_t)p, STUDY_NONE))
            continue;
        found++;
        STROMA_TRY(at_visits(m, (int32_t)p, entry, err));
    }
    if (found > 0) return STROMA_OK;
    return marker_hint(study_fail_at(s, stroma_yaml_get(entry, "category"), err,
                                     "no parameter with numbers has the category", category),
                       err,
                       "categories stand under parameters: or come with known ones; as params:, "
                       "candidates are named one by one");
}

static stroma_status named(marker_entry *m, const stroma_yaml_node *entry,
                           const stroma_yaml_node *params, stroma_error *err)
{
    const size_t n = stroma_yaml_count(params);
    for (size_t i = 0; i < n; i++) {
        const int32_t p = study_find_param(m->s, stroma_yaml_at(params, i)->text);
        if (p == STUDY_NONE)
            return study_fail_at(m->s, stroma_yaml_at(params, i), err,
                                 "no measurements of parameter", stroma_yaml_at(params, i)->text);
        STROMA_TRY(at_visits(m, p, entry, err));
    }
    return STROMA_OK;
}

stroma_status marker_take_candidates(marker_entry *m, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(m->node, "candidates");
    for (size_t i = 0; i < list->len; i++) {
        const stroma_yaml_node *entry = list->items[i], *params = stroma_yaml_get(entry, "params");
        const char *category = stroma_yaml_text(entry, "category", NULL);
        if (params == NULL) params = stroma_yaml_get(entry, "param");
        if (category == NULL && params == NULL)
            return study_fail_at(m->s, entry, err,
                                 "a candidate needs param, params or category, in", m->q.id);
        if (category != NULL) STROMA_TRY(of_category(m, entry, category, err));
        STROMA_TRY(named(m, entry, params, err));
    }
    return STROMA_OK;
}

/* ---- cut-offs and the model ---- */

static stroma_status read_cutoff(marker_entry *m, const stroma_yaml_node *n, stroma_study_cutoff *c,
                                 stroma_error *err)
{
    const study *s = m->s;
    const char *direction = stroma_yaml_text(n, "direction", "above"),
               *at = stroma_yaml_text(n, "visit", NULL);
    *c = (stroma_study_cutoff){ .value = stroma_yaml_number(n, "value", NAN),
                                .below = strcmp(direction, "below") == 0 ||
                                         strcmp(direction, "at_most") == 0,
                                .inclusive = strncmp(direction, "at_", 3) == 0,
                                .origin = stroma_yaml_text(n, "origin", ""),
                                .source = stroma_yaml_text(n, "source", NULL),
                                .assay = stroma_yaml_text(n, "assay", NULL),
                                .label = stroma_yaml_text(n, "label", NULL) };
    const int32_t param = study_find_param(s, stroma_yaml_text(n, "param", ""));
    if (param == STUDY_NONE)
        return study_fail_at(s, n, err, "no measurements of parameter",
                             stroma_yaml_text(n, "param", ""));
    if (s->params.items[param].kind == PARAM_FLAG) c->value = 0.5; /* yes against no */
    c->search = isnan(c->value);
    if (c->search && strcmp(c->origin, "found_here") != 0)
        return marker_hint(study_fail_at(s, n, err,
                                         "a cut-off without a value is found here; its origin is",
                                         c->origin),
                           err, "add the value, or say origin: found_here");
    return marker_take_variable(m, param, at == NULL ? m->landmark : study_find_visit(s, at), n,
                                &c->variable, err);
}

stroma_status marker_take_cutoffs(marker_entry *m, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(m->node, "cutoffs");
    if (list == NULL) return STROMA_OK;
    m->q.cutoffs = stroma_arena_alloc(&m->s->arena, list->len, sizeof *m->q.cutoffs);
    if (m->q.cutoffs == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < list->len; i++)
        STROMA_TRY(read_cutoff(m, list->items[i], &m->q.cutoffs[m->q.cutoffs_len++], err));
    return STROMA_OK;
}

/* "ifn_gamma_pg_ml" or "ifn_gamma_pg_ml@W4" */
static stroma_status read_predictor(marker_entry *m, const stroma_yaml_node *n, size_t *out,
                                    stroma_error *err)
{
    const study *s = m->s;
    const char *at = strchr(n->text, '@');
    const char *id =
        at == NULL ? n->text : stroma_arena_strndup(&m->s->arena, n->text, (size_t)(at - n->text));
    if (id == NULL) return stroma_no_memory(err);
    const int32_t param = study_find_param(s, id);
    const int32_t visit = at == NULL ? m->landmark : study_find_visit(s, at + 1);
    if (param == STUDY_NONE) return study_fail_at(s, n, err, "no measurements of parameter", id);
    if (visit == STUDY_NONE) return study_fail_at(s, n, err, "unknown visit", at + 1);
    return marker_take_variable(m, param, visit, n, out, err);
}

stroma_status marker_take_model(marker_entry *m, stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(m->node, "model");
    if (n == NULL) return STROMA_OK;
    const stroma_yaml_node *names = stroma_yaml_get(n, "predictors");
    const size_t len = stroma_yaml_count(names);
    size_t *predictors = stroma_arena_alloc(&m->s->arena, len, sizeof *predictors);
    stroma_study_model *model = stroma_arena_alloc(&m->s->arena, 1, sizeof *model);
    if (predictors == NULL || model == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < len; i++)
        STROMA_TRY(read_predictor(m, stroma_yaml_at(names, i), &predictors[i], err));
    *model = (stroma_study_model){ .method = stroma_yaml_text(n, "method", ""),
                                   .predictors = predictors,
                                   .predictors_len = len,
                                   .intended_use = stroma_yaml_text(n, "intended_use", NULL),
                                   .over_budget = stroma_yaml_text(n, "over_budget", NULL),
                                   .bootstrap = (size_t)stroma_yaml_number(n, "bootstrap", 0),
                                   .folds = (size_t)stroma_yaml_number(n, "folds", 0),
                                   .repeats = (size_t)stroma_yaml_number(n, "repeats", 0) };
    m->q.model = model;
    return STROMA_OK;
}
