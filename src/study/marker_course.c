/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Courses over the visits for a biomarker question: the change of the scale behind the outcome in
 * everybody (are there responders at all?), and marker and response for alignment. */
#include "marker.h"

#include <math.h>
#include <string.h>

enum { OTHER_CAUSE_DAYS = 14, OTHER_CAUSE_DAYS_MAX = 3650 };

/* Change and baseline of everybody in the set, treated or not. */
static stroma_status take_changes(const marker_entry *m, int32_t param, int32_t visit,
                                  stroma_study_heterogeneity *h, stroma_error *err)
{
    study *s = m->s;
    const size_t most = s->subjects.len;
    double *change = stroma_arena_alloc(&s->arena, most, sizeof *change);
    double *baseline = stroma_arena_alloc(&s->arena, most, sizeof *baseline);
    uint8_t *treated = stroma_arena_alloc(&s->arena, most, sizeof *treated);
    if (change == NULL || baseline == NULL || treated == NULL) return stroma_no_memory(err);
    bool control = false;
    for (size_t k = 0; k < most; k++) {
        const int32_t i = m->order[k];
        if (!s->sets.items[m->set].included[i]) continue;
        const double before = study_value(s, i, study_baseline_visit(s), param);
        const double after = study_value(s, i, visit, param);
        const int32_t arm = s->subjects.items[i].arm;
        if (isnan(before) || isnan(after)) continue;
        change[h->n] = after - before;
        baseline[h->n] = before;
        treated[h->n] = arm == STUDY_NONE || strcmp(s->arms.items[arm].role, "control") != 0;
        control = control || !treated[h->n];
        h->n++;
    }
    h->change = change;
    h->baseline = baseline;
    h->treated = control ? treated : NULL;
    return STROMA_OK;
}

stroma_status marker_take_heterogeneity(marker_entry *m, stroma_error *err)
{
    study *s = m->s;
    const stroma_yaml_node *n = stroma_yaml_get(m->node, "heterogeneity");
    if (n == NULL) return STROMA_OK;
    const int32_t param = study_find_param(s, stroma_yaml_text(n, "param", ""));
    const int32_t visit = study_find_visit(s, stroma_yaml_text(n, "visit", ""));
    if (param == STUDY_NONE)
        return study_fail_at(s, n, err, "no measurements of parameter",
                             stroma_yaml_text(n, "param", ""));
    if (study_baseline_visit(s) == STUDY_NONE)
        return study_fail_at(s, n, err, "a change needs a visit with baseline: true, in", m->q.id);
    stroma_study_heterogeneity *h = stroma_arena_alloc(&s->arena, 1, sizeof *h);
    if (h == NULL) return stroma_no_memory(err);
    *h = (stroma_study_heterogeneity){
        .label = stroma_arena_printf(&s->arena, "%s, %s", s->params.items[param].label,
                                     s->visits.items[visit].label),
        .unit = s->params.items[param].unit,
        .measurement_sd = stroma_yaml_number(n, "measurement_sd", NAN),
        .measurement_source = stroma_yaml_text(n, "source", NULL),
        .responder_drop = stroma_yaml_number(n, "responder_drop", NAN),
        .eular = strcmp(stroma_yaml_text(n, "rule", "drop"), "eular") == 0,
    };
    if (h->label == NULL) return stroma_no_memory(err);
    m->q.heterogeneity = h;
    return take_changes(m, param, visit, h, err);
}

/* ---- alignment ---- */

typedef struct course {
    double *value, *day;
    uint8_t *state;
} course;

static stroma_status new_course(const marker_entry *m, size_t visits, course *c, stroma_error *err)
{
    c->value = stroma_arena_alloc(&m->s->arena, m->q.n * visits, sizeof *c->value);
    c->day = stroma_arena_alloc(&m->s->arena, m->q.n * visits, sizeof *c->day);
    c->state = stroma_arena_alloc(&m->s->arena, m->q.n * visits, sizeof *c->state);
    return c->value == NULL || c->day == NULL || c->state == NULL ? stroma_no_memory(err)
                                                                  : STROMA_OK;
}

static void take_course(const marker_entry *m, int32_t param, const int32_t *visit, size_t visits,
                        course *c)
{
    const study *s = m->s;
    for (size_t i = 0; i < m->q.n; i++)
        for (size_t v = 0; v < visits; v++) {
            const size_t at = i * visits + v;
            c->value[at] = c->day[at] = NAN;
            c->state[at] = STROMA_MISSING;
            const int32_t k = study_find(s, m->subject[i], visit[v], param);
            if (k == STUDY_NONE) continue;
            const study_measurement *x = &s->measurements.items[k];
            c->state[at] = (uint8_t)x->state;
            if (x->state == STROMA_PRESENT || x->state == STROMA_BELOW_LIMIT ||
                x->state == STROMA_ABOVE_LIMIT)
                c->value[at] = x->value;
            if (x->study_day != STUDY_DAY_UNKNOWN) c->day[at] = x->study_day;
        }
}

/* The visits named, or all that have a day. */
static stroma_status pick_visits(const marker_entry *m, const stroma_yaml_node *n, int32_t **visit,
                                 int32_t **day, size_t *len, stroma_error *err)
{
    study *s = m->s;
    const stroma_yaml_node *names = stroma_yaml_get(n, "visits");
    const size_t most = names == NULL ? s->visits.len : stroma_yaml_count(names);
    *visit = stroma_arena_alloc(&s->arena, most, sizeof **visit);
    *day = stroma_arena_alloc(&s->arena, most, sizeof **day);
    if (*visit == NULL || *day == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < most; i++) {
        const int32_t v =
            names == NULL ? (int32_t)i : study_find_visit(s, stroma_yaml_at(names, i)->text);
        const int32_t d = marker_visit_day(s, v);
        if (d == STUDY_DAY_UNKNOWN) continue;
        (*visit)[*len] = v;
        (*day)[(*len)++] = d;
    }
    if (*len >= 3) return STROMA_OK;
    return study_fail_at(s, n, err, "an alignment needs three visits with a day, in", m->q.id);
}

/* ---- what else may make a marker rise ---- */

static size_t place_of(const marker_entry *m, int32_t subject)
{
    size_t i = 0;
    while (i < m->q.n && m->subject[i] != subject)
        i++;
    return i;
}

static bool is_cause(const study_event *e, const char *kind, const char **terms, size_t len)
{
    if (e->kind == NULL || e->term == NULL || strcmp(e->kind, kind) != 0) return false;
    for (size_t k = 0; k < len; k++)
        if (strcmp(e->term, terms[k]) == 0) return true;
    return false;
}

/* "Serious infection, Pneumonia" */
static const char *join_terms(study *s, const char **terms, size_t len)
{
    const char *out = len == 0 ? "" : terms[0];
    for (size_t k = 1; k < len && out != NULL; k++)
        out = stroma_arena_printf(&s->arena, "%s, %s", out, terms[k]);
    return out;
}

static stroma_status take_other_cause(const marker_entry *m, const stroma_yaml_node *n,
                                      const stroma_study_other_cause **out, stroma_error *err)
{
    study *s = m->s;
    if (n == NULL) return STROMA_OK;
    const char **terms = NULL, *kind = stroma_yaml_text(n, "kind", "adverse_event");
    const size_t len = stroma_yaml_texts(stroma_yaml_get(n, "terms"), &s->arena, &terms);
    stroma_study_other_cause *c = stroma_arena_alloc(&s->arena, 1, sizeof *c);
    size_t *subject = stroma_arena_alloc(&s->arena, s->events.len + 1, sizeof *subject);
    double *first = stroma_arena_alloc(&s->arena, s->events.len + 1, sizeof *first);
    double *last = stroma_arena_alloc(&s->arena, s->events.len + 1, sizeof *last);
    const char *label = join_terms(s, terms, len);
    if (c == NULL || subject == NULL || first == NULL || last == NULL || label == NULL)
        return stroma_no_memory(err);
    *c = (stroma_study_other_cause){ .label = label,
                                     .days = stroma_yaml_number(n, "days", OTHER_CAUSE_DAYS),
                                     .leave_out = stroma_yaml_bool(n, "leave_out", false),
                                     .subject = subject,
                                     .first = first,
                                     .last = last };
    if (!(c->days >= 0 && c->days <= OTHER_CAUSE_DAYS_MAX))
        return study_fail_at(s, n, err, "`days` of other_cause is 0 to 3650, in", m->q.id);
    for (size_t k = 0; k < s->events.len; k++) {
        const study_event *e = &s->events.items[k];
        const size_t i = is_cause(e, kind, terms, len) ? place_of(m, e->subject) : m->q.n;
        if (i == m->q.n) continue;
        if (e->day == STUDY_DAY_UNKNOWN) {
            c->undated++;
            continue;
        }
        subject[c->n] = i;
        first[c->n] = e->day;
        last[c->n++] = e->end_day == STUDY_DAY_UNKNOWN || e->end_day < e->day ? e->day : e->end_day;
    }
    *out = c;
    return STROMA_OK;
}

static stroma_status take_alignment(marker_entry *m, const stroma_yaml_node *n,
                                    stroma_study_alignment *out, stroma_error *err)
{
    study *s = m->s;
    const int32_t marker = study_find_param(s, stroma_yaml_text(n, "marker", ""));
    const int32_t response = study_find_param(s, stroma_yaml_text(n, "response", ""));
    int32_t *visit = NULL, *day = NULL;
    course x, y;
    if (marker == STUDY_NONE || response == STUDY_NONE)
        return study_fail_at(s, n, err, "no measurements of parameter",
                             stroma_yaml_text(n, marker == STUDY_NONE ? "marker" : "response", ""));
    *out = (stroma_study_alignment){ .marker = s->params.items[marker].label,
                                     .response = s->params.items[response].label,
                                     .above = stroma_yaml_number(n, "above", NAN),
                                     .fold = stroma_yaml_number(n, "fold", NAN),
                                     .marker_log = s->params.items[marker].log_scale,
                                     .response_log = s->params.items[response].log_scale,
                                     .expect_fall = strcmp(stroma_yaml_text(n, "expect", "rise"),
                                                           "fall") == 0 };
    if (isnan(out->above) == isnan(out->fold))
        return marker_hint(study_fail_at(s, n, err,
                                         "a rise is either `above` a value or by a `fold`, in",
                                         m->q.id),
                           err, "give one of the two, as above: 2");
    STROMA_TRY(pick_visits(m, n, &visit, &day, &out->visits, err));
    STROMA_TRY(new_course(m, out->visits, &x, err));
    STROMA_TRY(new_course(m, out->visits, &y, err));
    take_course(m, marker, visit, out->visits, &x);
    take_course(m, response, visit, out->visits, &y);
    for (size_t i = 0; i < m->q.n * out->visits; i++) /* sampled together */
        if (isnan(x.day[i])) x.day[i] = y.day[i];
    STROMA_TRY(take_other_cause(m, stroma_yaml_get(n, "other_cause"), &out->other_cause, err));
    out->visit_day = day;
    out->marker_value = x.value;
    out->marker_state = x.state;
    out->response_value = y.value;
    out->response_state = y.state;
    out->day = x.day;
    return STROMA_OK;
}

stroma_status marker_take_alignments(marker_entry *m, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(m->node, "align");
    if (list == NULL) return STROMA_OK;
    m->q.alignments = stroma_arena_alloc(&m->s->arena, list->len, sizeof *m->q.alignments);
    if (m->q.alignments == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < list->len; i++)
        STROMA_TRY(take_alignment(m, list->items[i], &m->q.alignments[m->q.alignments_len++], err));
    return STROMA_OK;
}
