/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Analysis sets: the usual four by themselves, and what the study file declares (ICH E9). */
#include "model.h"

#include <math.h>
#include <string.h>

static bool measured(const study *s, int32_t subject, int32_t visit, int32_t param)
{
    const int32_t i = study_find(s, subject, visit, param);
    return i != STUDY_NONE && (s->measurements.items[i].state == STROMA_PRESENT ||
                               s->measurements.items[i].state == STROMA_BELOW_LIMIT ||
                               s->measurements.items[i].state == STROMA_ABOVE_LIMIT);
}

/* Baseline and at least one later value of the parameter. */
static const char *lacks_post_baseline(const study *s, int32_t subject, int32_t param)
{
    const int32_t baseline = study_baseline_visit(s);
    if (param == STUDY_NONE) return NULL;
    if (baseline != STUDY_NONE && !measured(s, subject, baseline, param))
        return "no baseline value";
    for (size_t v = 0; v < s->visits.len; v++)
        if ((int32_t)v > baseline && measured(s, subject, (int32_t)v, param)) return NULL;
    return "no value after baseline";
}

typedef struct set_rule {
    const char *rule;
    int32_t param, visit, grouping;
    const stroma_yaml_node *groups;
} set_rule;

static const char *member_of_groups(const study *s, const set_rule *r, int32_t subject)
{
    const study_grouping *g = &s->groupings.items[r->grouping];
    const int32_t k = g->member[subject];
    if (k == STUDY_NONE) return "in no group";
    if (r->groups == NULL) return NULL;
    const size_t n = stroma_yaml_count(r->groups);
    for (size_t i = 0; i < n; i++) {
        const char *id = stroma_yaml_at(r->groups, i)->text;
        if (strcmp(g->groups[k].id, id) == 0) return NULL;
    }
    return "in another group";
}

/* NULL: in. Else why not. */
static const char *why_not(const study *s, const set_rule *r, int32_t subject)
{
    const study_subject *who = &s->subjects.items[subject];
    const bool trial = s->arms.len > 0;
    if (strcmp(r->rule, "group") == 0) return member_of_groups(s, r, subject);
    if (trial && !who->randomised && strcmp(r->rule, "all") != 0) return "not randomised";
    if (trial && who->arm == STUDY_NONE && strcmp(r->rule, "all") != 0) return "no arm recorded";
    if (strcmp(r->rule, "treated") == 0) return who->treated ? NULL : "not treated";
    if (strcmp(r->rule, "no_deviation") == 0) {
        if (!who->treated) return "not treated";
        if (who->protocol_deviation) return "protocol deviation";
        return lacks_post_baseline(s, subject, r->param);
    }
    if (strcmp(r->rule, "completed") == 0)
        return measured(s, subject, r->visit, r->param) ? NULL : "no value at the visit";
    if (strcmp(r->rule, "post_baseline") == 0) return lacks_post_baseline(s, subject, r->param);
    return NULL;
}

static stroma_status add_set(study *s, const char *id, const char *label, const char *definition,
                             const set_rule *r, const stroma_yaml_node *node, stroma_error *err)
{
    if (label == NULL || definition == NULL) return stroma_no_memory(err);
    const int32_t have = study_find_set(s, id);
    study_set *set = have != STUDY_NONE ? &s->sets.items[have] : STUDY_ADD(&s->sets, err);
    if (set == NULL) return stroma_no_memory(err);
    const size_t n = s->subjects.len;
    *set = (study_set){ .id = id,
                        .label = label,
                        .definition = definition,
                        .node = node,
                        .included = stroma_arena_alloc(&s->arena, n, sizeof(bool)),
                        .reasons = stroma_arena_alloc(&s->arena, n, sizeof(char *)) };
    if (set->included == NULL || set->reasons == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        set->reasons[i] = why_not(s, r, (int32_t)i);
        set->included[i] = set->reasons[i] == NULL;
    }
    return STROMA_OK;
}

static stroma_status usual_sets(study *s, stroma_error *err)
{
    const bool trial = s->arms.len > 0;
    const char *primary = s->primary == STUDY_NONE ? NULL : s->params.items[s->primary].label;
    const char *needs =
        primary == NULL ? ""
                        : stroma_arena_printf(
                              &s->arena, " with %s at baseline and at least once later", primary);
    const char *who = trial ? "randomised subjects" : "subjects";
    const set_rule randomised = { .rule = trial ? "randomised" : "all" };
    STROMA_TRY(add_set(s, "all_randomised", trial ? "All randomised" : "All subjects",
                       trial ? "every randomised subject, in the arm allocated"
                             : "every subject in the data",
                       &randomised, NULL, err));
    const set_rule full = { .rule = primary == NULL ? randomised.rule : "post_baseline",
                            .param = s->primary };
    STROMA_TRY(add_set(s, "full_analysis", "Full analysis set",
                       needs == NULL ? NULL : stroma_arena_printf(&s->arena, "%s%s", who, needs),
                       &full, NULL, err));
    const set_rule protocol = { .rule = "no_deviation", .param = s->primary };
    STROMA_TRY(add_set(s, "per_protocol", "Per protocol",
                       "the full analysis set without major protocol deviations", &protocol, NULL,
                       err));
    const set_rule safety = { .rule = "treated" };
    return add_set(s, "safety", "Safety set", "everybody who received the study treatment", &safety,
                   NULL, err);
}

static stroma_status find_primary(study *s, stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(s->root, "study");
    const char *id = stroma_yaml_text(n, "primary", NULL);
    if (id == NULL) return STROMA_OK;
    s->primary = study_find_param(s, id);
    return s->primary == STUDY_NONE ? study_fail_at(s, stroma_yaml_get(n, "primary"), err,
                                                    "no measurements of the primary parameter", id)
                                    : STROMA_OK;
}

static stroma_status declared_set(study *s, const stroma_yaml_node *n, stroma_error *err)
{
    const char *id = stroma_yaml_text(n, "id", ""), *rule = stroma_yaml_text(n, "rule", "all");
    const char *param = stroma_yaml_text(n, "param", NULL),
               *visit = stroma_yaml_text(n, "visit", NULL);
    const char *grouping = stroma_yaml_text(n, "grouping", NULL);
    set_rule r = { .rule = rule,
                   .param = param == NULL ? s->primary : study_find_param(s, param),
                   .visit = visit == NULL ? STUDY_NONE : study_find_visit(s, visit),
                   .grouping = grouping == NULL ? STUDY_NONE : study_find_grouping(s, grouping),
                   .groups = stroma_yaml_get(n, "groups") };
    if (param != NULL && r.param == STUDY_NONE)
        return study_fail_at(s, n, err, "no measurements of parameter", param);
    if (visit != NULL && r.visit == STUDY_NONE)
        return study_fail_at(s, n, err, "unknown visit", visit);
    if (strcmp(rule, "group") == 0 && r.grouping == STUDY_NONE)
        return study_fail_at(s, n, err, "rule group needs a known grouping in set", id);
    if (strcmp(rule, "completed") == 0 && (r.param == STUDY_NONE || r.visit == STUDY_NONE))
        return study_fail_at(s, n, err, "rule completed needs param and visit in set", id);
    if (strcmp(rule, "post_baseline") == 0 && r.param == STUDY_NONE)
        return study_fail_at(s, n, err, "rule post_baseline needs param in set", id);
    const char *definition = stroma_arena_printf(
        &s->arena, "rule %s%s%s%s%s", rule, param == NULL ? "" : ", ", param == NULL ? "" : param,
        visit == NULL ? "" : " at ", visit == NULL ? "" : visit);
    return add_set(s, id, stroma_yaml_text(n, "label", id), definition, &r, n, err);
}

stroma_status study_form_sets(study *s, stroma_error *err)
{
    STROMA_TRY(study_entry_done(s, find_primary(s, err), err));
    STROMA_TRY(usual_sets(s, err));
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "sets");
    for (size_t i = 0; list != NULL && i < list->len; i++)
        STROMA_TRY(study_entry_done(s, declared_set(s, list->items[i], err), err));
    return STROMA_OK;
}
