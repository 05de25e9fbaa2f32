/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The questions about biomarkers of the study file: read, resolved, answered by the function that
 * the caller gave, and kept. */
#include "marker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DAYS_A_WEEK = 7, PERMUTATIONS_DEFAULT = 10000, PERMUTATIONS_MAX = 10000000 };
static const double days_a_month = 30.4375;

int32_t marker_visit_day(const study *s, int32_t visit)
{
    if (visit == STUDY_NONE) return STUDY_DAY_UNKNOWN;
    const study_visit *v = &s->visits.items[visit];
    if (v->day != STUDY_DAY_UNKNOWN) return v->day;
    if (isnan(v->time)) return STUDY_DAY_UNKNOWN;
    const double unit = strcmp(s->time_unit, "day") == 0     ? 1
                        : strcmp(s->time_unit, "month") == 0 ? days_a_month
                                                             : DAYS_A_WEEK;
    return study_whole_day(round(v->time * unit));
}

stroma_status marker_fault(const marker_entry *m, const stroma_yaml_node *at, stroma_status status,
                           stroma_error *err, const char *message)
{
    (void)stroma_fail_at(err, status, at->line, at->column, "%s", message);
    return stroma_in(err, status, "study file \"%s\"", m->s->path);
}

/* ---- the entry ---- */

stroma_status marker_hint(stroma_status st, stroma_error *err, const char *what)
{
    stroma_hint(err, "%s", what);
    return st;
}

static stroma_status read_landmark(marker_entry *m, stroma_error *err)
{
    const study *s = m->s;
    const char *id = stroma_yaml_text(m->node, "landmark", NULL);
    m->landmark = id == NULL ? study_baseline_visit(s) : study_find_visit(s, id);
    if (id == NULL && strcmp(m->q.question, "early_response") == 0)
        return marker_hint(
            study_fail_at(s, m->node, err, "early_response needs a landmark, in", m->q.id), err,
            "add landmark: the last visit whose values may enter");
    if (m->landmark == STUDY_NONE && s->visits.len > 0) m->landmark = 0; /* one look, no baseline */
    m->q.landmark = s->visits.items[m->landmark].id;
    m->q.landmark_label = s->visits.items[m->landmark].label;
    m->q.landmark_day = marker_visit_day(s, m->landmark);
    return STROMA_OK;
}

static stroma_status read_arms(marker_entry *m, stroma_error *err)
{
    const study *s = m->s;
    const stroma_yaml_node *within = stroma_yaml_get(m->node, "within");
    /* what needs the control arm takes it */
    const bool everybody = strcmp(m->q.question, "predictive") == 0 || m->after_treatment_only;
    m->arm_in = stroma_arena_alloc(&m->s->arena, s->arms.len, sizeof *m->arm_in);
    if (m->arm_in == NULL) return stroma_no_memory(err);
    for (size_t a = 0; a < s->arms.len; a++) {
        m->arm_in[a] =
            within == NULL && (everybody || strcmp(s->arms.items[a].role, "control") != 0);
        const size_t n = stroma_yaml_count(within);
        for (size_t i = 0; i < n; i++)
            if (strcmp(s->arms.items[a].id, stroma_yaml_at(within, i)->text) == 0)
                m->arm_in[a] = true;
    }
    return STROMA_OK;
}

static stroma_status group_outcome(marker_entry *m, const stroma_yaml_node *n, stroma_error *err)
{
    study *s = m->s;
    const char *group = stroma_yaml_text(n, "group", NULL);
    m->grouping = study_find_grouping(s, stroma_yaml_text(n, "grouping", ""));
    if (m->grouping == STUDY_NONE) /* its own fault was told */
        return study_fail_at(s, n, err, "unknown grouping", stroma_yaml_text(n, "grouping", ""));
    const study_grouping *g = &s->groupings.items[m->grouping];
    for (size_t k = 0; group != NULL && k < g->groups_len; k++)
        if (strcmp(g->groups[k].id, group) == 0) m->group = (int32_t)k;
    if (m->group == STUDY_NONE)
        return study_fail_at(s, n, err, "an outcome by grouping needs `group`, in", m->q.id);
    m->visit = g->landmark;
    m->q.outcome_label = g->label;
    m->q.event_label = g->groups[m->group].label;
    return STROMA_OK;
}

static stroma_status param_outcome(marker_entry *m, const stroma_yaml_node *n, stroma_error *err)
{
    study *s = m->s;
    const char *id = stroma_yaml_text(n, "param", NULL), *at = stroma_yaml_text(n, "visit", NULL);
    const stroma_yaml_node *words = stroma_yaml_get(n, "success");
    if (id == NULL)
        return study_fail_at(s, n, err, "an outcome needs grouping or param, in", m->q.id);
    m->param = study_find_param(s, id);
    m->visit = at == NULL ? STUDY_NONE : study_find_visit(s, at);
    if (m->param == STUDY_NONE) return study_fail_at(s, n, err, "no measurements of parameter", id);
    const study_param *p = &s->params.items[m->param];
    if (words == NULL && p->kind != PARAM_NUMBER)
        return marker_hint(
            study_fail_at(s, n, err, "which values count? `success` is missing for", id), err,
            p->kind == PARAM_FLAG ? "add success: [\"1\"]" : "add success: with these words");
    m->q.outcome_label =
        m->visit == STUDY_NONE
            ? p->label
            : stroma_arena_printf(&s->arena, "%s, %s", p->label, s->visits.items[m->visit].label);
    if (m->q.outcome_label == NULL) return stroma_no_memory(err);
    const size_t k = stroma_yaml_count(words);
    /* a flag that is "1" is what the flag is called */
    if (p->kind == PARAM_FLAG && k == 1 && strcmp(stroma_yaml_at(words, 0)->text, "1") == 0) {
        m->q.event_label = p->label;
        return STROMA_OK;
    }
    for (size_t i = 0; i < k; i++) {
        m->q.event_label = i == 0 ? stroma_yaml_at(words, i)->text
                                  : stroma_arena_printf(&s->arena, "%s or %s", m->q.event_label,
                                                        stroma_yaml_at(words, i)->text);
        if (m->q.event_label == NULL) return stroma_no_memory(err);
    }
    return STROMA_OK;
}

/* The outcome comes after the landmark, or it is no outcome. */
static stroma_status later_than_landmark(const marker_entry *m, const stroma_yaml_node *n,
                                         stroma_error *err)
{
    if (m->visit == STUDY_NONE || m->after_treatment_only || m->visit > m->landmark)
        return STROMA_OK;
    char message[256];
    (void)snprintf(message, sizeof message,
                   "biomarker \"%.60s\": the outcome is known at %.60s, not after the landmark "
                   "%.60s",
                   m->q.id, m->s->visits.items[m->visit].label, m->q.landmark_label);
    (void)marker_fault(m, n, STROMA_E_INCONSISTENT, err, message);
    stroma_hint(err, "a marker foresees what comes later: choose an earlier landmark");
    return STROMA_E_INCONSISTENT;
}

static stroma_status read_outcome(marker_entry *m, stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(m->node, "outcome");
    STROMA_TRY(stroma_yaml_get(n, "grouping") != NULL ? group_outcome(m, n, err)
                                                      : param_outcome(m, n, err));
    m->q.outcome_day = marker_visit_day(m->s, m->visit);
    m->q.outcome_is_later = m->visit != STUDY_NONE && m->visit > m->landmark;
    return later_than_landmark(m, n, err);
}

static stroma_status read_settings(marker_entry *m, stroma_error *err)
{
    study *s = m->s;
    stroma_study_biomarker *q = &m->q;
    const double permutations = stroma_yaml_number(m->node, "permutations", PERMUTATIONS_DEFAULT);
    const char *set = stroma_yaml_text(m->node, "set", "full_analysis");
    q->statistic = stroma_yaml_text(m->node, "statistic", "wilcoxon");
    q->direction = stroma_yaml_text(m->node, "direction", "two_sided");
    q->level = stroma_yaml_number(m->node, "level", 0.95);
    q->seed = s->seed;
    q->threads = s->threads;
    q->simulated = s->simulated;
    q->source = s->path;
    q->sha256 = s->sha256;
    m->set = study_find_set(s, set);
    if (m->set == STUDY_NONE) return study_fail_at(s, m->node, err, "unknown analysis set", set);
    if (!(q->level > 0 && q->level < 1))
        return study_fail_at(s, stroma_yaml_get(m->node, "level"), err,
                             "the confidence level lies between 0 and 1 (as 0.95), not",
                             stroma_yaml_text(m->node, "level", ""));
    if (!(permutations >= 100 && permutations <= PERMUTATIONS_MAX))
        return study_fail_at(s, stroma_yaml_get(m->node, "permutations"), err,
                             "permutations are at least 100 and at most 10 million, not",
                             stroma_yaml_text(m->node, "permutations", ""));
    q->permutations = (size_t)permutations;
    const double looks = stroma_yaml_number(m->node, "looks", 0);
    q->looks = looks > 0 && looks < 1e9 ? (size_t)looks : 0;
    STROMA_TRY(read_landmark(m, err));
    return read_arms(m, err);
}

/* All of one visit: the visit stands in the question, not in every label. */
static void shorten_labels(const marker_entry *m)
{
    const stroma_study_biomarker *q = &m->q;
    for (size_t k = 0; k < q->variables_len; k++)
        if (q->variables[k].visit == NULL ||
            strcmp(q->variables[k].visit, q->variables[0].visit) != 0)
            return;
    for (size_t k = 0; k < q->variables_len; k++) {
        stroma_study_variable *v = &q->variables[k];
        v->label = m->s->params.items[study_find_param(m->s, v->param)].label;
    }
}

static stroma_status resolve(marker_entry *m, stroma_error *err)
{
    STROMA_TRY(read_settings(m, err));
    STROMA_TRY(read_outcome(m, err));
    STROMA_TRY(marker_take_outcome(m, err));
    STROMA_TRY(marker_take_candidates(m, err));
    STROMA_TRY(marker_take_cutoffs(m, err));
    STROMA_TRY(marker_take_model(m, err));
    STROMA_TRY(marker_take_heterogeneity(m, err));
    shorten_labels(m);
    return marker_take_alignments(m, err);
}

static void clear(stroma_study_answer *a)
{
    stroma_free(a->results.items);
    stroma_free(a->candidates.items);
    stroma_free(a->points.items);
    stroma_free(a->texts.items);
}

static stroma_status run_entry(study *s, const stroma_yaml_node *n,
                               stroma_study_biomarker_fn answer, stroma_error *err)
{
    marker_entry m = { .s = s,
                       .node = n,
                       .grouping = STUDY_NONE,
                       .group = STUDY_NONE,
                       .param = STUDY_NONE,
                       .visit = STUDY_NONE,
                       .q = { .id = stroma_yaml_text(n, "id", ""),
                              .question = stroma_yaml_text(n, "question", "") } };
    stroma_study_answer a = { .arena = &s->arena };
    m.q.label = stroma_yaml_text(n, "label", m.q.id);
    m.after_treatment_only = strcmp(m.q.question, "pharmacodynamic") == 0;
    stroma_status st = resolve(&m, err);
    if (st == STROMA_OK && !s->collect) {
        st = answer(&m.q, &a, err);
        if (st == STROMA_OK) st = marker_store(&m, &a, err);
        if (st != STROMA_OK)
            st = stroma_in(err, st, "study file \"%s\": biomarker \"%s\"", s->path, m.q.id);
    }
    clear(&a);
    stroma_free(m.q.variables);
    return st;
}

stroma_status study_answer_biomarkers(study *s, stroma_study_biomarker_fn answer, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "biomarkers");
    if (list == NULL || list->len == 0) return STROMA_OK;
    if (answer == NULL && !s->collect)
        return stroma_fail(err, STROMA_E_USAGE,
                           "the study file asks about biomarkers, and no function was given that "
                           "answers (stroma_biomarker_answer)");
    for (size_t i = 0; i < list->len; i++)
        STROMA_TRY(study_entry_done(s, run_entry(s, list->items[i], answer, err), err));
    return STROMA_OK;
}
