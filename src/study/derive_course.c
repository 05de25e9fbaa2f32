/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Relapse and partial relapse as declared rules over a subject's visits (S3-39, S3-40, S3-69). */
#include "derive.h"

#include "stroma/response.h"

#include <math.h>
#include <string.h>

typedef struct course_job {
    study *s;
    const stroma_yaml_node *node;
    stroma_relapse_rule rule;
    int32_t of, course, flare, baseline;
    int32_t course_derivation, flare_derivation;
    int32_t *visits; /* baseline first, then the later ones in order */
    size_t visits_len;
} course_job;

static stroma_status new_param(course_job *j, const char *id, const char *label,
                               study_param_kind kind, int32_t *out, stroma_error *err)
{
    study *s = j->s;
    if (id == NULL || label == NULL) return stroma_no_memory(err);
    if (study_find_param(s, id) != STUDY_NONE)
        return study_fail_at(s, j->node, err, "a parameter has the id already:", id);
    study_param *p = STUDY_ADD(&s->params, err);
    if (p == NULL) return stroma_no_memory(err);
    *p = (study_param){ .id = id,
                        .paramcd = "",
                        .label = label,
                        .unit = "",
                        .category = "response",
                        .kind = kind,
                        .lloq = NAN,
                        .uloq = NAN,
                        .range_low = NAN,
                        .range_high = NAN,
                        .ref_low = NAN,
                        .ref_high = NAN };
    *out = (int32_t)s->params.len - 1;
    return study_unique_paramcd(s, *out, err);
}

static stroma_status declare_words(course_job *j, stroma_error *err)
{
    study_param *p = &j->s->params.items[j->course];
    p->words_len = STROMA_COURSE_RELAPSE; /* every course but "not evaluable", which is a state */
    p->words = stroma_arena_alloc(&j->s->arena, p->words_len, sizeof *p->words);
    if (p->words == NULL) return stroma_no_memory(err);
    for (size_t k = 0; k < p->words_len; k++)
        p->words[k] = stroma_course_name((stroma_course)(STROMA_COURSE_NO_RESPONSE + (int)k));
    return STROMA_OK;
}

static stroma_status note(course_job *j, int32_t param, const char *formula, int32_t *out,
                          stroma_error *err)
{
    stroma_arena *arena = &j->s->arena;
    const study_derivation d = {
        .method = "course",
        .version = "1",
        .formula = formula,
        .source = "declared thresholds; there is no agreed definition of partial relapse",
        .params =
            stroma_arena_printf(arena,
                                "{\"flare_rise\":%g,\"flare_rise_active\":%g,\"active_from\":%g,"
                                "\"partial_drop\":%g}",
                                j->rule.flare_rise, j->rule.flare_rise_active, j->rule.active_from,
                                j->rule.partial_drop),
        .param = param
    };
    if (d.params == NULL) return stroma_no_memory(err);
    return study_add_derivation(j->s, &d, out, err);
}

static stroma_status plan(course_job *j, stroma_error *err)
{
    study *s = j->s;
    const char *id = stroma_yaml_text(j->node, "id", ""), *of = stroma_yaml_text(j->node, "of", "");
    j->rule = (stroma_relapse_rule)STROMA_RELAPSE_RULE_INIT;
    j->rule.flare_rise = stroma_yaml_number(j->node, "flare_rise", j->rule.flare_rise);
    j->rule.flare_rise_active =
        stroma_yaml_number(j->node, "flare_rise_active", j->rule.flare_rise_active);
    j->rule.active_from = stroma_yaml_number(j->node, "active_from", j->rule.active_from);
    j->rule.partial_drop = stroma_yaml_number(j->node, "partial_drop", j->rule.partial_drop);
    j->of = study_find_param(s, of);
    j->baseline = study_baseline_visit(s);
    if (j->of == STUDY_NONE)
        return study_fail_at(s, j->node, err, "no measurements of parameter", of);
    if (j->baseline == STUDY_NONE)
        return study_fail_at(s, j->node, err, "no visit is marked baseline, needed by", id);
    const char *label = stroma_yaml_text(j->node, "label", "Course of the response");
    STROMA_TRY(new_param(j, id, label, PARAM_WORD, &j->course, err));
    STROMA_TRY(declare_words(j, err));
    STROMA_TRY(new_param(j, stroma_arena_printf(&s->arena, "%s_flare", id),
                         stroma_arena_printf(&s->arena, "%s: flare", label), PARAM_FLAG, &j->flare,
                         err));
    STROMA_TRY(note(
        j, j->course,
        "had responded (EULAR good or moderate) and no longer does: partial relapse while still "
        "more than partial_drop below baseline, else relapse",
        &j->course_derivation, err));
    STROMA_TRY(
        note(j, j->flare,
             "rise from the nadir > flare_rise, or > flare_rise_active with the score at least "
             "active_from",
             &j->flare_derivation, err));
    j->visits = stroma_arena_alloc(&s->arena, s->visits.len, sizeof *j->visits);
    if (j->visits == NULL) return stroma_no_memory(err);
    for (size_t v = (size_t)j->baseline; v < s->visits.len; v++)
        j->visits[j->visits_len++] = (int32_t)v;
    return STROMA_OK;
}

static stroma_status keep(course_job *j, int32_t subject, size_t k, const stroma_course_visit *c,
                          stroma_error *err)
{
    study *s = j->s;
    const int32_t here = study_find(s, subject, j->visits[k], j->of);
    if (here == STUDY_NONE) return STROMA_OK;
    study_measurement m = study_measurement_empty();
    m.subject = subject;
    m.visit = j->visits[k];
    m.study_day = s->measurements.items[here].study_day;
    m.inputs_start = s->inputs.len;
    for (size_t i = 0; i <= k; i++) {
        const int32_t in = study_find(s, subject, j->visits[i], j->of);
        int32_t *slot = in == STUDY_NONE ? NULL : STUDY_ADD(&s->inputs, err);
        if (in != STUDY_NONE && slot == NULL) return stroma_no_memory(err);
        if (slot != NULL) *slot = in;
    }
    m.inputs_len = s->inputs.len - m.inputs_start;
    const bool known = c->course != STROMA_COURSE_NOT_EVALUABLE;
    m.state = known ? STROMA_PRESENT : STROMA_MISSING;
    m.reason = known ? NULL : "the score is missing here or at baseline";
    m.param = j->course;
    m.derivation = j->course_derivation;
    m.text = known ? stroma_course_name(c->course) : NULL;
    m.value = known ? (double)(c->course - STROMA_COURSE_NO_RESPONSE) : STUDY_NAN;
    STROMA_TRY(study_add_measurement(s, &m, NULL, err));
    m.param = j->flare;
    m.derivation = j->flare_derivation;
    m.text = NULL;
    m.value = known ? (double)c->flare : STUDY_NAN;
    return study_add_measurement(s, &m, NULL, err);
}

stroma_status study_derive_course(study *s, const stroma_yaml_node *node, stroma_error *err)
{
    course_job j = { .s = s, .node = node };
    STROMA_TRY(plan(&j, err));
    double *x = stroma_alloc_array(j.visits_len, sizeof *x);
    stroma_course_visit *course = stroma_alloc_array(j.visits_len, sizeof *course);
    stroma_status st = x == NULL || course == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t u = 0; st == STROMA_OK && u < s->subjects.len; u++) {
        for (size_t k = 0; k < j.visits_len; k++)
            x[k] = study_value(s, (int32_t)u, j.visits[k], j.of);
        st = stroma_course_follow(&j.rule, x, j.visits_len, course, err);
        for (size_t k = 1; st == STROMA_OK && k < j.visits_len; k++)
            st = keep(&j, (int32_t)u, k, &course[k], err);
    }
    stroma_free(x);
    stroma_free(course);
    return st;
}
