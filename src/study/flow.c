/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Participant flow in the form of CONSORT 2025. Its counts are the members of the arms, sets and
 * groups: figure and tables cannot disagree. */
#include "model.h"

#include "stroma/json.h"

#include <string.h>

typedef struct detail {
    const char *label;
    size_t n;
} detail;

enum { DETAILS_MAX = 16, FLOW_TREATED = 1 /* bit of study_subject.flags_given */ };
typedef struct details {
    detail items[DETAILS_MAX];
    size_t len;
} details;

static void count(details *d, const char *label)
{
    for (size_t i = 0; i < d->len; i++) {
        if (strcmp(d->items[i].label, label) != 0) continue;
        d->items[i].n++;
        return;
    }
    if (d->len < DETAILS_MAX) d->items[d->len++] = (detail){ label, 1 };
}

static stroma_status add_node(study *s, study_flow_node n, const details *d, stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, 65536);
    stroma_json j;
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_array(&j);
    for (size_t i = 0; d != NULL && i < d->len; i++) {
        stroma_json_begin_object(&j);
        stroma_json_put_string(&j, "label", d->items[i].label);
        stroma_json_put_int(&j, "n", (int64_t)d->items[i].n);
        stroma_json_end_object(&j);
    }
    stroma_json_end_array(&j);
    stroma_status st = stroma_buffer_status(&b, err);
    if (st == STROMA_OK) {
        n.details = stroma_arena_strdup(&s->arena, b.data);
        study_flow_node *added = STUDY_ADD(&s->flow, err);
        if (added == NULL || n.details == NULL || n.id == NULL)
            st = stroma_no_memory(err);
        else
            *added = n;
    }
    stroma_buffer_clear(&b);
    return st;
}

/* "lost_to_follow_up" → "lost to follow up" */
static const char *in_words(study *s, const char *id)
{
    char *text = stroma_arena_strdup(&s->arena, id);
    for (char *p = text; p != NULL && *p != '\0'; p++)
        if (*p == '_') *p = ' ';
    return text == NULL ? id : text;
}

static const study_grouping *response_grouping(const study *s)
{
    for (size_t i = 0; i < s->groupings.len; i++)
        if (s->groupings.items[i].origin != STUDY_NONE) return &s->groupings.items[i];
    return NULL;
}

static stroma_status response_split(study *s, int32_t arm, const char *parent, const bool *analysed,
                                    stroma_error *err)
{
    const study_grouping *g = response_grouping(s);
    if (g == NULL) return STROMA_OK;
    for (size_t k = 0; k < g->groups_len; k++) {
        size_t n = 0, of_arm = 0;
        for (size_t i = 0; i < s->subjects.len; i++) {
            const bool here = s->subjects.items[i].arm == arm && analysed[i];
            of_arm += here;
            n += here && g->member[i] == (int32_t)k;
        }
        if (n == 0 || n == of_arm) continue; /* not a split of this arm */
        const study_flow_node node = { .id = stroma_arena_printf(&s->arena, "%s-%s", parent,
                                                                 g->groups[k].id),
                                       .parent = parent,
                                       .stage = "response",
                                       .arm = arm,
                                       .label = g->groups[k].label,
                                       .n = n };
        STROMA_TRY(add_node(s, node, NULL, err));
    }
    return STROMA_OK;
}

/* NULL: followed to the end. Who has no disposition was, when seen at the last visit of the study.
 */
static const char *why_not_completed(study *s, const study_subject *who)
{
    if (who->disposition != NULL)
        return strcmp(who->disposition, "completed") == 0 ? NULL : in_words(s, who->disposition);
    int32_t final = STUDY_NONE;
    for (size_t i = 0; i < s->subjects.len; i++)
        if (s->subjects.items[i].last_visit > final) final = s->subjects.items[i].last_visit;
    return who->last_visit == final ? NULL : "not seen at the last visit, no reason recorded";
}

/* allocation → follow-up → analysis → response of one arm (STUDY_NONE: a cohort without arms) */
static stroma_status arm_nodes(study *s, int32_t arm, const char *parent, stroma_error *err)
{
    const char *arm_id = arm == STUDY_NONE ? "all" : s->arms.items[arm].id;
    const study_set *full = &s->sets.items[study_find_set(s, "full_analysis")];
    details treatment = { 0 }, lost = { 0 }, left_out = { 0 };
    size_t n = 0, n_completed = 0, n_analysed = 0;
    for (size_t i = 0; i < s->subjects.len; i++) {
        const study_subject *who = &s->subjects.items[i];
        if (who->arm != arm || !who->randomised) continue;
        n++;
        if (arm != STUDY_NONE)
            count(&treatment, (who->flags_given & FLOW_TREATED) == 0 ? "treatment not recorded"
                              : who->treated ? "received the study treatment"
                                             : "did not receive it");
        const char *reason = why_not_completed(s, who);
        n_completed += reason == NULL;
        if (reason != NULL) count(&lost, reason);
        n_analysed += full->included[i];
        if (!full->included[i]) count(&left_out, full->reasons[i]);
    }
    const char *label = arm == STUDY_NONE ? "Subjects" : s->arms.items[arm].label;
    const char *allocation = stroma_arena_printf(&s->arena, "allocation-%s", arm_id);
    const char *follow_up = stroma_arena_printf(&s->arena, "follow-up-%s", arm_id);
    const char *analysis = stroma_arena_printf(&s->arena, "analysis-%s", arm_id);
    if (allocation == NULL || follow_up == NULL || analysis == NULL) return stroma_no_memory(err);
    STROMA_TRY(add_node(s,
                        (study_flow_node){ .id = allocation,
                                           .parent = parent,
                                           .stage = "allocation",
                                           .arm = arm,
                                           .label = label,
                                           .n = n },
                        &treatment, err));
    STROMA_TRY(add_node(s,
                        (study_flow_node){ .id = follow_up,
                                           .parent = allocation,
                                           .stage = "follow_up",
                                           .arm = arm,
                                           .label = "Completed follow-up",
                                           .n = n_completed },
                        &lost, err));
    STROMA_TRY(add_node(s,
                        (study_flow_node){ .id = analysis,
                                           .parent = follow_up,
                                           .stage = "analysis",
                                           .arm = arm,
                                           .label = full->label,
                                           .n = n_analysed },
                        &left_out, err));
    return response_split(s, arm, analysis, full->included, err);
}

stroma_status study_make_flow(study *s, stroma_error *err)
{
    if (strcmp(s->layout, "case") == 0) return STROMA_OK;
    details not_randomised = { 0 };
    size_t n = 0;
    for (size_t i = 0; i < s->subjects.len; i++) {
        const study_subject *who = &s->subjects.items[i];
        if (!who->randomised || (s->arms.len > 0 && who->arm == STUDY_NONE))
            count(&not_randomised,
                  who->disposition_reason == NULL ? "not randomised" : who->disposition_reason);
        n++;
    }
    STROMA_TRY(add_node(s,
                        (study_flow_node){ .id = "enrolment",
                                           .stage = "enrolment",
                                           .arm = STUDY_NONE,
                                           .label = "Enrolled",
                                           .n = n },
                        &not_randomised, err));
    if (s->arms.len == 0) return arm_nodes(s, STUDY_NONE, "enrolment", err);
    for (size_t a = 0; a < s->arms.len; a++)
        STROMA_TRY(arm_nodes(s, (int32_t)a, "enrolment", err));
    return STROMA_OK;
}
