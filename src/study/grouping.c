/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups of subjects: formed once, at a declared landmark, and carried as a label with its origin,
 * so that the time guard can see what stands behind it (DESIGN.md §3). */
#include "cutoff.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

static stroma_status new_grouping(study *s, study_grouping **out, stroma_error *err)
{
    study_grouping *g = STUDY_ADD(&s->groupings, err);
    if (g == NULL) return stroma_no_memory(err);
    const size_t n = s->subjects.len;
    *g = (study_grouping){ .landmark = STUDY_NONE,
                           .origin = STUDY_NONE,
                           .rule = "",
                           .missing_rule = "",
                           .ancestors = stroma_arena_alloc(&s->arena, s->params.len, sizeof(bool)),
                           .member = stroma_arena_alloc(&s->arena, n, sizeof(int32_t)),
                           .imputed = stroma_arena_alloc(&s->arena, n, sizeof(bool)) };
    if (g->ancestors == NULL || g->member == NULL || g->imputed == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        g->member[i] = STUDY_NONE;
    *out = g;
    return STROMA_OK;
}

static stroma_status everybody(study *s, stroma_error *err)
{
    study_grouping *g = NULL;
    STROMA_TRY(new_grouping(s, &g, err));
    g->id = "all";
    g->label = "All";
    g->rule = "every subject";
    g->groups = stroma_arena_alloc(&s->arena, 1, sizeof *g->groups);
    if (g->groups == NULL) return stroma_no_memory(err);
    g->groups[0] = (study_group){ .id = "all", .label = "All", .colour = "other1" };
    g->groups_len = 1;
    for (size_t i = 0; i < s->subjects.len; i++)
        g->member[i] = 0;
    return STROMA_OK;
}

static stroma_status by_arm(study *s, stroma_error *err)
{
    static const char *const colours[] = { "response", "other1", "other2", "other3" };
    study_grouping *g = NULL;
    STROMA_TRY(new_grouping(s, &g, err));
    g->id = "arm";
    g->label = "Arm";
    g->rule = "the arm the subject was allocated to";
    g->groups = stroma_arena_alloc(&s->arena, s->arms.len, sizeof *g->groups);
    if (g->groups == NULL) return stroma_no_memory(err);
    g->groups_len = s->arms.len;
    size_t treated = 0;
    for (size_t a = 0; a < s->arms.len; a++) {
        const study_arm *arm = &s->arms.items[a];
        const bool control = strcmp(arm->role, "control") == 0;
        g->groups[a] = (study_group){ .id = arm->id,
                                      .label = arm->label,
                                      .colour = control ? "control" : colours[treated % 4] };
        treated += !control;
    }
    for (size_t i = 0; i < s->subjects.len; i++)
        g->member[i] = s->subjects.items[i].arm;
    return STROMA_OK;
}

/* One condition of a group for one subject. */
static study_verdict holds(const study *s, int32_t subject, const stroma_yaml_node *when)
{
    const int32_t param = study_find_param(s, stroma_yaml_text(when, "param", ""));
    const int32_t visit = study_find_visit(s, stroma_yaml_text(when, "visit", ""));
    const int32_t i = study_find(s, subject, visit, param);
    if (i == STUDY_NONE) return STUDY_UNKNOWN;
    const study_measurement *m = &s->measurements.items[i];
    const stroma_yaml_node *words = stroma_yaml_get(when, "in");
    if (words == NULL) {
        const study_cutoff cutoff = study_cutoff_read(when);
        return study_cutoff_passes(&cutoff, m, NULL);
    }
    if (m->state != STROMA_PRESENT) return STUDY_UNKNOWN;
    const size_t n = stroma_yaml_count(words);
    for (size_t k = 0; k < n; k++) {
        const char *w = stroma_yaml_at(words, k)->text;
        double x = NAN;
        if (m->text != NULL ? strcmp(m->text, w) == 0
                            : stroma_parse_double(w, strlen(w), '.', &x) && x == m->value)
            return STUDY_YES;
    }
    return STUDY_NO;
}

static study_verdict all_hold(const study *s, int32_t subject, const stroma_yaml_node *when)
{
    study_verdict v = STUDY_YES;
    for (size_t i = 0; when != NULL && i < when->len && v != STUDY_NO; i++) {
        const study_verdict one = holds(s, subject, when->items[i]);
        v = one == STUDY_NO ? STUDY_NO : one == STUDY_UNKNOWN ? STUDY_UNKNOWN : v;
    }
    return v;
}

static bool arm_in(const study *s, int32_t arm, const stroma_yaml_node *within)
{
    if (within == NULL) return true;
    const size_t n = stroma_yaml_count(within);
    for (size_t i = 0; i < n; i++) {
        const char *id = stroma_yaml_at(within, i)->text;
        if (arm != STUDY_NONE && strcmp(s->arms.items[arm].id, id) == 0) return true;
    }
    return false;
}

/* The first group that fits, by the rules in order. */
static void place(const study *s, study_grouping *g, int32_t subject)
{
    const stroma_yaml_node *groups = stroma_yaml_get(g->node, "groups");
    const int32_t arm = s->subjects.items[subject].arm;
    const bool split = arm_in(s, arm, stroma_yaml_get(g->node, "within"));
    const bool nonresponse =
        strcmp(stroma_yaml_text(g->node, "missing", "leave_out"), "nonresponse") == 0;
    bool unknown = false;
    for (size_t k = 0; k < groups->len; k++) {
        const stroma_yaml_node *n = groups->items[k];
        const char *own_arm = stroma_yaml_text(n, "arm", NULL);
        const stroma_yaml_node *when = stroma_yaml_get(n, "when");
        if (own_arm != NULL && (arm == STUDY_NONE || strcmp(s->arms.items[arm].id, own_arm) != 0))
            continue;
        if (own_arm == NULL && !split) continue;
        if (stroma_yaml_bool(n, "otherwise", false)) {
            if (unknown && !nonresponse) return;
            g->member[subject] = (int32_t)k;
            g->imputed[subject] = unknown;
            return;
        }
        const study_verdict v = all_hold(s, subject, when);
        if (v == STUDY_YES) {
            if (unknown && !nonresponse) return; /* an earlier group may have been the one */
            g->member[subject] = (int32_t)k;
            return;
        }
        unknown = unknown || v == STUDY_UNKNOWN;
    }
}

static bool is_outcome(const study *s, int32_t param)
{
    const char *category = s->params.items[param].category;
    return strcmp(category, "response") == 0 || strcmp(category, "score") == 0;
}

/* Check the conditions' names, and mark what stands behind the groups. */
static stroma_status check_when(study *s, study_grouping *g, const stroma_yaml_node *when,
                                stroma_error *err)
{
    for (size_t i = 0; when != NULL && i < when->len; i++) {
        const stroma_yaml_node *n = when->items[i];
        const char *id = stroma_yaml_text(n, "param", ""),
                   *visit = stroma_yaml_text(n, "visit", NULL);
        const int32_t p = study_find_param(s, id);
        if (p == STUDY_NONE) return study_fail_at(s, n, err, "no measurements of parameter", id);
        if (visit != NULL && study_find_visit(s, visit) == STUDY_NONE)
            return study_fail_at(s, n, err, "unknown visit", visit);
        const size_t rules =
            (stroma_yaml_get(n, "in") != NULL) + (stroma_yaml_get(n, "above") != NULL) +
            (stroma_yaml_get(n, "at_least") != NULL) + (stroma_yaml_get(n, "below") != NULL);
        if (rules != 1)
            return study_fail_at(s, n, err, "give one of in, above, at_least, below for parameter",
                                 id);
        if (visit != NULL && g->landmark == STUDY_NONE)
            return study_fail_at(s, g->node, err,
                                 "a grouping that looks at visits needs its landmark:", g->id);
        if (visit != NULL && study_find_visit(s, visit) > g->landmark)
            return study_fail_at(s, n, err, "the groups look past their landmark, at visit", visit);
        /* an outcome among several parameters is what the groups are made from */
        if (g->origin == STUDY_NONE || !is_outcome(s, g->origin)) g->origin = p;
        STROMA_TRY(study_ancestors(s, p, g->ancestors, err));
    }
    return STROMA_OK;
}

static stroma_status read_groups(study *s, study_grouping *g, stroma_error *err)
{
    static const char *const colours[] = { "response", "no_response", "control", "highlight",
                                           "other1",   "other2",      "other3" };
    const stroma_yaml_node *list = stroma_yaml_get(g->node, "groups");
    g->groups = stroma_arena_alloc(&s->arena, list->len, sizeof *g->groups);
    if (g->groups == NULL) return stroma_no_memory(err);
    g->groups_len = list->len;
    for (size_t k = 0; k < list->len; k++) {
        const stroma_yaml_node *n = list->items[k];
        const char *id = stroma_yaml_text(n, "id", ""), *arm = stroma_yaml_text(n, "arm", NULL);
        g->groups[k] = (study_group){ .id = id,
                                      .label = stroma_yaml_text(n, "label", id),
                                      .colour = stroma_yaml_text(n, "colour", colours[k % 7]) };
        for (size_t i = 0; i < k; i++)
            if (strcmp(g->groups[i].id, id) == 0)
                return study_fail_at(s, n, err, "two groups have the id", id);
        if (arm != NULL && study_find_arm(s, arm) == STUDY_NONE)
            return study_fail_at(s, n, err, "unknown arm", arm);
        if (arm == NULL && stroma_yaml_get(n, "when") == NULL &&
            !stroma_yaml_bool(n, "otherwise", false))
            return study_fail_at(s, n, err, "give arm, when or otherwise: true for group", id);
        STROMA_TRY(check_when(s, g, stroma_yaml_get(n, "when"), err));
    }
    return STROMA_OK;
}

static const char *rule_in_words(study *s, const study_grouping *g)
{
    if (g->origin == STUDY_NONE) return "by arm";
    const char *landmark = g->landmark == STUDY_NONE ? "" : s->visits.items[g->landmark].label;
    const char *text =
        stroma_arena_printf(&s->arena, "formed once from %s%s%s", s->params.items[g->origin].label,
                            landmark[0] == '\0' ? "" : " at ", landmark);
    return text == NULL ? "" : text;
}

static stroma_status declared_grouping(study *s, const stroma_yaml_node *n, stroma_error *err)
{
    const char *id = stroma_yaml_text(n, "id", ""),
               *landmark = stroma_yaml_text(n, "landmark", NULL);
    if (study_find_grouping(s, id) != STUDY_NONE)
        return study_fail_at(s, n, err, "two groupings have the id", id);
    study_grouping *g = NULL;
    STROMA_TRY(new_grouping(s, &g, err));
    g->id = id;
    g->label = stroma_yaml_text(n, "label", id);
    g->node = n;
    if (landmark != NULL && (g->landmark = study_find_visit(s, landmark)) == STUDY_NONE)
        return study_fail_at(s, n, err, "unknown visit", landmark);
    STROMA_TRY(read_groups(s, g, err));
    bool otherwise = false;
    for (size_t k = 0; k < g->groups_len; k++)
        otherwise = otherwise ||
                    stroma_yaml_bool(stroma_yaml_get(n, "groups")->items[k], "otherwise", false);
    if (!otherwise && strcmp(stroma_yaml_text(n, "missing", "leave_out"), "nonresponse") == 0)
        return study_fail_at(s, n, err,
                             "missing: nonresponse needs a group with otherwise: true, in", id);
    g->rule = rule_in_words(s, g);
    g->missing_rule = strcmp(stroma_yaml_text(n, "missing", "leave_out"), "nonresponse") == 0
                          ? "missing counts as non-response (composite strategy, ICH E9(R1))"
                          : "subjects without the data are left out";
    for (size_t i = 0; i < s->subjects.len; i++)
        place(s, g, (int32_t)i);
    return STROMA_OK;
}

/* A grouping that cannot be formed is not kept: others look groupings up by id. */
static stroma_status form(study *s, const stroma_yaml_node *n, stroma_error *err)
{
    const size_t before = s->groupings.len;
    const stroma_status st = declared_grouping(s, n, err);
    if (st != STROMA_OK) s->groupings.len = before;
    return st;
}

stroma_status study_form_groupings(study *s, stroma_error *err)
{
    STROMA_TRY(everybody(s, err));
    if (s->arms.len > 0) STROMA_TRY(by_arm(s, err));
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "groups");
    for (size_t i = 0; list != NULL && i < list->len; i++)
        STROMA_TRY(study_entry_done(s, form(s, list->items[i], err), err));
    return STROMA_OK;
}
