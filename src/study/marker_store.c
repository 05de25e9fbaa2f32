/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer to a biomarker question: its tests go into the run's list, the rest beside it. */
#include "marker.h"

#include "stroma/json.h"

#include <math.h>
#include <string.h>

enum { EXCLUDED_BYTES_MAX = 1 << 16 };

static stroma_status excluded_json(const marker_entry *m, const char **out, stroma_error *err)
{
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, EXCLUDED_BYTES_MAX);
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_array(&j);
    for (size_t i = 0; i < m->q.excluded_len; i++) {
        stroma_json_begin_object(&j);
        stroma_json_put_string(&j, "reason", m->q.excluded[i].reason);
        stroma_json_put_int(&j, "n", (int64_t)m->q.excluded[i].n);
        stroma_json_end_object(&j);
    }
    stroma_json_end_array(&j);
    stroma_status st = stroma_buffer_status(&b, err);
    if (st == STROMA_OK) {
        *out = stroma_arena_strndup(&m->s->arena, b.data, b.len);
        if (*out == NULL) st = stroma_no_memory(err);
    }
    stroma_buffer_clear(&b);
    return st;
}

static stroma_status store_result(const marker_entry *m, const stroma_study_answer_result *from,
                                  const char *excluded, stroma_error *err)
{
    study *s = m->s;
    const stroma_study_variable *v =
        from->variable == SIZE_MAX ? NULL : &m->q.variables[from->variable];
    study_result *r = STUDY_ADD(&s->results, err);
    if (r == NULL) return stroma_no_memory(err);
    *r = (study_result){ .analysis_id = m->q.id,
                         .family = m->q.id,
                         .label = from->label,
                         .estimand = m->q.question,
                         .adjust_method = from->adjust_method,
                         .param = v == NULL ? STUDY_NONE : study_find_param(s, v->param),
                         .param2 = m->param,
                         .visit = v == NULL || v->visit == NULL ? STUDY_NONE
                                                                : study_find_visit(s, v->visit),
                         .visit2 = m->visit,
                         .grouping = m->grouping,
                         .group_a = STUDY_NONE,
                         .group_b = STUDY_NONE,
                         .set = m->set,
                         .stat = from->stat,
                         .p_adjusted = from->p_adjusted,
                         .excluded = excluded,
                         .state = from->stat.not_estimable ? "not_estimable" : "present",
                         .reason = from->reason != NULL ? from->reason
                                   : from->stat.reason == NULL || from->stat.reason[0] == '\0'
                                       ? NULL
                                       : from->stat.reason,
                         .p_paper = NAN };
    return STROMA_OK;
}

/* Texts of candidates and points live in the study's arena already; the arrays do not. */
static stroma_status copy(study *s, const void *from, size_t n, size_t size, void *out,
                          stroma_error *err)
{
    void *to = stroma_arena_alloc(&s->arena, n, size);
    if (to == NULL) return stroma_no_memory(err);
    if (n > 0) memcpy(to, from, n * size);
    memcpy(out, &to, sizeof to);
    return STROMA_OK;
}

static stroma_status store_rest(const marker_entry *m, const stroma_study_answer *a,
                                study_marker *k, stroma_error *err)
{
    study *s = m->s;
    STROMA_TRY(copy(s, a->candidates.items, a->candidates.len, sizeof *k->candidates,
                    &k->candidates, err));
    STROMA_TRY(copy(s, a->points.items, a->points.len, sizeof *k->points, &k->points, err));
    STROMA_TRY(copy(s, a->texts.items, a->texts.len, sizeof *k->texts, &k->texts, err));
    STROMA_TRY(
        copy(s, m->q.variables, m->q.variables_len, sizeof *k->variables, &k->variables, err));
    k->candidates_len = a->candidates.len;
    k->points_len = a->points.len;
    k->texts_len = a->texts.len;
    return STROMA_OK;
}

/* A limit that an earlier question has too, "QUESTION: why": both stand before one "why".
 * @return whether there is one */
static bool join_claim(const marker_entry *m, const stroma_study_answer_text *t, stroma_error *err,
                       stroma_status *status)
{
    const size_t label = strlen(m->q.label);
    if (strncmp(t->text, m->q.label, label) != 0 || t->text[label] != ':') return false;
    const char *why = t->text + label;
    for (size_t i = 0; i < m->s->claims.len; i++) {
        study_claim *c = &m->s->claims.items[i];
        const size_t len = strlen(c->text), tail = strlen(why);
        if (strcmp(c->title, t->title) != 0 || len < tail || strcmp(c->text + len - tail, why) != 0)
            continue;
        c->text =
            stroma_arena_printf(&m->s->arena, "%.*s; %s", (int)(len - tail), c->text, t->text);
        *status = c->text == NULL ? stroma_no_memory(err) : STROMA_OK;
        return true;
    }
    return false;
}

/* What the data do not allow to conclude stands with the other limits of the study. */
static stroma_status store_claims(const marker_entry *m, const stroma_study_answer *a,
                                  stroma_error *err)
{
    for (size_t i = 0; i < a->texts.len; i++) {
        if (strcmp(a->texts.items[i].kind, "cannot_conclude") != 0) continue;
        stroma_status joined = STROMA_OK;
        if (join_claim(m, &a->texts.items[i], err, &joined)) {
            STROMA_TRY(joined);
            continue;
        }
        study_claim *c = STUDY_ADD(&m->s->claims, err);
        if (c == NULL) return stroma_no_memory(err);
        *c = (study_claim){ .kind = "cannot_conclude",
                            .title = a->texts.items[i].title,
                            .text = a->texts.items[i].text,
                            .numbers = "{}" };
    }
    return STROMA_OK;
}

stroma_status marker_store(const marker_entry *m, const stroma_study_answer *a, stroma_error *err)
{
    study *s = m->s;
    const char *excluded = "[]";
    STROMA_TRY(excluded_json(m, &excluded, err));
    study_marker *k = STUDY_ADD(&s->markers, err);
    if (k == NULL) return stroma_no_memory(err);
    *k = (study_marker){ .id = m->q.id,
                         .label = m->q.label,
                         .question = m->q.question,
                         .outcome = m->q.outcome_label,
                         .event = m->q.event_label,
                         .landmark = m->landmark,
                         .landmark_day = m->q.landmark_day,
                         .outcome_day = m->q.outcome_day,
                         .set = m->set,
                         .n = m->q.n,
                         .excluded = excluded,
                         .settings = a->settings == NULL ? "{}" : a->settings,
                         .refused = a->refused,
                         .model = a->model,
                         .model_card = a->model_card,
                         .model_reason = a->model_reason,
                         .first_result = s->results.len };
    for (size_t i = 0; i < m->q.n; i++)
        k->n_events += m->q.event_label != NULL && m->q.outcome[i] > 0;
    if (m->q.event_label == NULL) k->n_events = SIZE_MAX;
    STROMA_TRY(store_rest(m, a, k, err));
    STROMA_TRY(store_claims(m, a, err));
    for (size_t i = 0; i < a->results.len; i++)
        STROMA_TRY(store_result(m, &a->results.items[i], excluded, err));
    return STROMA_OK;
}
