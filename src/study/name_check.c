/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names in the study file that stand for something declared elsewhere in it: parameters, visits,
 * arms, groupings, groups, sets, analyses, scores. All are looked up before any data are read. A
 * key that names something is one line in references[]. */
#include "model.h"

#include "stroma/parameter.h"
#include "stroma/score.h"
#include "stroma/suggest.h"

#include <stdio.h>
#include <string.h>

typedef enum name_kind {
    PARAM,
    VISIT,
    ARM,
    GROUPING,
    GROUP,
    SET,
    ANALYSIS,
    BIOMARKER,
    CYTOMETRY,
    SCORE
} name_kind;
enum { KINDS = SCORE + 1 };

static const struct {
    const char *word, *section;
} kinds[KINDS] = {
    [PARAM] = { "parameter", "parameters" },
    [VISIT] = { "visit", "visits" },
    [ARM] = { "arm", "arms" },
    [GROUPING] = { "grouping", "groups" },
    [GROUP] = { "group", "groups" },
    [SET] = { "analysis set", "sets" },
    [ANALYSIS] = { "analysis", "analyses" },
    [BIOMARKER] = { "biomarker question", "biomarkers" },
    [CYTOMETRY] = { "cytometry entry", "cytometry" },
    [SCORE] = { "score", "scores" },
};

/* Path from the root; lists are walked through, * is every value of a map. */
static const struct {
    const char *path;
    const char *where; /* what the nearest entry with an id is */
    name_kind kind;
} references[] = {
    { "study.primary", "study", PARAM },
    { "cytometry.visit_map.*", "cytometry", VISIT },
    { "scores.id", "score", SCORE },
    { "scores.visits", "score", VISIT },
    { "derive.of", "derived parameter", PARAM },
    { "derive.over", "derived parameter", PARAM },
    { "derive.from", "derived parameter", VISIT },
    { "derive.visits", "derived parameter", VISIT },
    { "derive.at", "derived parameter", VISIT },
    { "sets.param", "set", PARAM },
    { "sets.visit", "set", VISIT },
    { "sets.grouping", "set", GROUPING },
    { "sets.groups", "set", GROUP },
    { "groups.landmark", "grouping", VISIT },
    { "groups.within", "grouping", ARM },
    { "groups.groups.arm", "group", ARM },
    { "groups.groups.when.param", "group", PARAM },
    { "groups.groups.when.visit", "group", VISIT },
    { "analyses.param", "analysis", PARAM },
    { "analyses.params", "analysis", PARAM },
    { "analyses.visit", "analysis", VISIT },
    { "analyses.visits", "analysis", VISIT },
    { "analyses.baseline", "analysis", VISIT },
    { "analyses.grouping", "analysis", GROUPING },
    { "analyses.groups", "analysis", GROUP },
    { "analyses.set", "analysis", SET },
    { "analyses.x.param", "analysis", PARAM },
    { "analyses.x.visit", "analysis", VISIT },
    { "analyses.y.param", "analysis", PARAM },
    { "analyses.y.visit", "analysis", VISIT },
    { "biomarkers.outcome.param", "biomarker", PARAM },
    { "biomarkers.outcome.visit", "biomarker", VISIT },
    { "biomarkers.outcome.grouping", "biomarker", GROUPING },
    { "biomarkers.outcome.group", "biomarker", GROUP },
    { "biomarkers.landmark", "biomarker", VISIT },
    { "biomarkers.within", "biomarker", ARM },
    { "biomarkers.set", "biomarker", SET },
    { "biomarkers.batch", "biomarker", PARAM },
    { "biomarkers.candidates.param", "biomarker", PARAM },
    { "biomarkers.candidates.params", "biomarker", PARAM },
    { "biomarkers.candidates.visit", "biomarker", VISIT },
    { "biomarkers.candidates.visits", "biomarker", VISIT },
    { "biomarkers.heterogeneity.param", "biomarker", PARAM },
    { "biomarkers.heterogeneity.visit", "biomarker", VISIT },
    { "biomarkers.cutoffs.param", "biomarker", PARAM },
    { "biomarkers.cutoffs.visit", "biomarker", VISIT },
    { "biomarkers.align.marker", "biomarker", PARAM },
    { "biomarkers.align.response", "biomarker", PARAM },
    { "biomarkers.align.visits", "biomarker", VISIT },
    { "report.items.biomarker", "report item", BIOMARKER },
    { "report.items.entry", "report item", CYTOMETRY },
    { "report.items.param", "report item", PARAM },
    { "report.items.params", "report item", PARAM },
    { "report.items.visit", "report item", VISIT },
    { "report.items.visits", "report item", VISIT },
    { "report.items.grouping", "report item", GROUPING },
    { "report.items.group", "report item", GROUP },
    { "report.items.groups", "report item", GROUP },
    { "report.items.set", "report item", SET },
    { "report.items.analysis", "report item", ANALYSIS },
    { "report.items.analyses", "report item", ANALYSIS },
    { "report.items.x.param", "report item", PARAM },
    { "report.items.x.visit", "report item", VISIT },
    { "report.items.y.param", "report item", PARAM },
    { "report.items.y.visit", "report item", VISIT },
    { "report.items.tracks.params", "report item", PARAM },
    { "checks.identities.total", "identity", PARAM },
    { "checks.identities.parts", "identity", PARAM },
    { "checks.statements.param", "statement", PARAM },
    { "checks.statements.visit", "statement", VISIT },
};

typedef STUDY_ARRAY(const char *) name_list;

typedef struct checker {
    study *s;
    name_list known[KINDS];
    const char *where;             /* of the reference that is looked at */
    const stroma_yaml_node *entry; /* nearest map with an id or a title */
    const stroma_yaml_node *map;   /* the map that holds the key */
    stroma_status status;
    stroma_error *err;
} checker;

/* ---- what is known ---- */

static void know(checker *c, name_kind kind, const char *id)
{
    if (c->status != STROMA_OK || id == NULL) return;
    const char **slot = STUDY_ADD(&c->known[kind], c->err);
    if (slot == NULL)
        c->status = stroma_no_memory(c->err);
    else
        *slot = id;
}

static void know_ids(checker *c, name_kind kind, const char *section)
{
    const stroma_yaml_node *list = stroma_yaml_get(c->s->root, section);
    for (size_t i = 0; list != NULL && i < list->len; i++)
        know(c, kind, stroma_yaml_text(list->items[i], "id", NULL));
}

static void know_columns(checker *c, const stroma_yaml_node *columns)
{
    for (size_t i = 0; columns != NULL && i < columns->len; i++) {
        const stroma_yaml_node *n = columns->items[i];
        know(c, PARAM,
             n->type == STROMA_YAML_SCALAR ? n->text : stroma_yaml_text(n, "param", NULL));
    }
}

static void know_scores(checker *c)
{
    const stroma_yaml_node *list = stroma_yaml_get(c->s->root, "scores");
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        const stroma_yaml_node *n = list->items[i];
        const char *id = n->type == STROMA_YAML_SCALAR ? n->text : stroma_yaml_text(n, "id", "");
        const stroma_score *score = stroma_score_find(id);
        const char *as = n->type == STROMA_YAML_SCALAR ? id : stroma_yaml_text(n, "as", id);
        know(c, PARAM, as);
        for (size_t k = 0; score != NULL && k < score->outputs_len; k++) {
            const stroma_score_output *o = &score->outputs[k];
            const bool own = strcmp(as, id) != 0;
            know(c, PARAM,
                 own ? stroma_arena_printf(&c->s->arena, "%s_%s", as, o->name) : o->param);
        }
    }
    size_t n = 0;
    const stroma_score *const *all = stroma_score_table(&n);
    for (size_t i = 0; i < n; i++)
        know(c, SCORE, all[i]->id);
}

static void know_derived(checker *c)
{
    const stroma_yaml_node *list = stroma_yaml_get(c->s->root, "derive");
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        const char *id = stroma_yaml_text(list->items[i], "id", "");
        know(c, PARAM, id);
        if (strcmp(stroma_yaml_text(list->items[i], "method", ""), "course") == 0)
            know(c, PARAM, stroma_arena_printf(&c->s->arena, "%s_flare", id));
    }
}

static void know_all(checker *c)
{
    const study *s = c->s;
    for (size_t i = 0; i < s->params.len; i++)
        know(c, PARAM, s->params.items[i].id);
    const stroma_yaml_node *data = stroma_yaml_get(s->root, "data");
    for (size_t i = 0; data != NULL && i < data->len; i++) {
        know_columns(c, stroma_yaml_get(data->items[i], "columns"));
        know_columns(c, stroma_yaml_get(data->items[i], "subject_columns"));
        know_columns(c, stroma_yaml_get(data->items[i], "names"));
    }
    const stroma_yaml_node *cytometry = stroma_yaml_get(s->root, "cytometry");
    for (size_t i = 0; cytometry != NULL && i < cytometry->len; i++) {
        const stroma_yaml_node *params = stroma_yaml_get(cytometry->items[i], "parameters");
        for (size_t k = 0; params != NULL && k < params->len; k++)
            know(c, PARAM, params->keys[k]->text);
    }
    know_scores(c);
    know_derived(c);
    for (size_t i = 0; i < s->visits.len; i++)
        know(c, VISIT, s->visits.items[i].id);
    for (size_t i = 0; i < s->arms.len; i++)
        know(c, ARM, s->arms.items[i].id);
    know(c, GROUPING, "all");
    if (s->arms.len > 0) know(c, GROUPING, "arm");
    know_ids(c, GROUPING, "groups");
    static const char *const usual[] = { "all_randomised", "full_analysis", "per_protocol",
                                         "safety" };
    for (size_t i = 0; i < 4; i++)
        know(c, SET, usual[i]);
    know_ids(c, SET, "sets");
    know_ids(c, ANALYSIS, "analyses");
    know_ids(c, ANALYSIS, "biomarkers"); /* their tests stand in the same list */
    know_ids(c, BIOMARKER, "biomarkers");
    know_ids(c, CYTOMETRY, "cytometry");
}

/* The groups of the grouping that the map names, or of the one it takes by default. */
static void know_groups(checker *c)
{
    const study *s = c->s;
    c->known[GROUP].len = 0;
    const stroma_yaml_node *from = c->map;
    const char *analysis = stroma_yaml_text(from, "analysis", NULL);
    if (stroma_yaml_get(from, "grouping") == NULL && analysis != NULL) {
        const stroma_yaml_node *list = stroma_yaml_get(s->root, "analyses");
        for (size_t i = 0; list != NULL && i < list->len; i++)
            if (strcmp(stroma_yaml_text(list->items[i], "id", ""), analysis) == 0)
                from = list->items[i];
    }
    const char *id = stroma_yaml_text(from, "grouping", s->arms.len > 0 ? "arm" : "all");
    if (strcmp(id, "all") == 0) know(c, GROUP, "all");
    for (size_t i = 0; strcmp(id, "arm") == 0 && i < s->arms.len; i++)
        know(c, GROUP, s->arms.items[i].id);
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "groups");
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        if (strcmp(stroma_yaml_text(list->items[i], "id", ""), id) != 0) continue;
        const stroma_yaml_node *groups = stroma_yaml_get(list->items[i], "groups");
        for (size_t k = 0; groups != NULL && k < groups->len; k++)
            know(c, GROUP, stroma_yaml_text(groups->items[k], "id", NULL));
    }
}

static bool is_known(const checker *c, name_kind kind, const char *id)
{
    for (size_t i = 0; i < c->known[kind].len; i++)
        if (strcmp(c->known[kind].items[i], id) == 0) return true;
    return false;
}

/* ---- faults ---- */

static void fault(checker *c, const stroma_yaml_node *at, const char *message, const char *action)
{
    study *s = c->s;
    study_fatal(s, STROMA_E_MALFORMED,
                &(stroma_finding){ .code = "STROMA-STUDY-006",
                                   .severity = STROMA_ERROR,
                                   .line = at->line,
                                   .character = at->column,
                                   .value = at->text,
                                   .message = message,
                                   .rule = "every name in the study file is declared in it",
                                   .action = action });
}

/* "the study has W0, W4, W12", as far as it fits */
static void list_names(const checker *c, name_kind kind, char *out, size_t size)
{
    const name_list *l = &c->known[kind];
    size_t used =
        (size_t)snprintf(out, size, "%s", l->len == 0 ? "declare it under " : "there is ");
    if (l->len == 0) (void)snprintf(out + used, size - used, "%s:", kinds[kind].section);
    for (size_t i = 0; i < l->len; i++) {
        const char *id = l->items[i];
        if (used + strlen(id) + 16 > size) {
            (void)snprintf(out + used, size - used, ", \xE2\x80\xA6");
            return;
        }
        used += (size_t)snprintf(out + used, size - used, "%s%s", i == 0 ? "" : ", ", id);
    }
}

static const char *entry_name(const stroma_yaml_node *entry)
{
    const char *id = stroma_yaml_text(entry, "id", NULL);
    return id != NULL ? id : stroma_yaml_text(entry, "title", "");
}

static void unknown_name(checker *c, const stroma_yaml_node *at, name_kind kind)
{
    char message[400], action[240];
    const char *entry = entry_name(c->entry);
    (void)snprintf(message, sizeof message, "%s%s%.80s%s: unknown %s \"%.80s\"", c->where,
                   entry[0] == '\0' ? "" : " \"", entry, entry[0] == '\0' ? "" : "\"",
                   kinds[kind].word, at->text);
    const char *near = stroma_nearest(at->text, c->known[kind].items, c->known[kind].len);
    if (near != NULL)
        (void)snprintf(action, sizeof action, "did you mean \"%s\"?", near);
    else if (kind == SCORE)
        (void)snprintf(action, sizeof action, "see: stroma score list");
    else if (kind == PARAM && stroma_parameter_find_id(at->text) != NULL)
        (void)snprintf(action, sizeof action,
                       "no column, score or derived parameter gives it; map a column to it");
    else
        list_names(c, kind, action, sizeof action);
    fault(c, at, message, action);
}

static void check_name(checker *c, const stroma_yaml_node *at, name_kind kind)
{
    if (stroma_yaml_is_null(at)) return;
    if (kind == GROUP) know_groups(c);
    if (kind == GROUP && c->known[GROUP].len == 0) return; /* its grouping is the fault */
    if (kind == SCORE && stroma_score_find(at->text) == NULL &&
        strcmp(at->text, "cdai") == 0) /* two scores: the score itself says which */
        return;
    if (!is_known(c, kind, at->text)) unknown_name(c, at, kind);
}

static void walk(checker *c, const stroma_yaml_node *n,
                 const char *path, // NOLINT(misc-no-recursion)
                 name_kind kind)
{
    if (n == NULL) return;
    if (n->type == STROMA_YAML_LIST) {
        for (size_t i = 0; i < n->len; i++)
            walk(c, n->items[i], path, kind);
        return;
    }
    if (path[0] == '\0') {
        if (n->type == STROMA_YAML_SCALAR) check_name(c, n, kind);
        return;
    }
    if (n->type != STROMA_YAML_MAP) return;
    const stroma_yaml_node *entry = c->entry, *map = c->map;
    if (stroma_yaml_get(n, "id") != NULL || stroma_yaml_get(n, "title") != NULL) c->entry = n;
    c->map = n;
    const size_t len = strcspn(path, ".");
    const char *rest = path + len + (path[len] == '.');
    for (size_t i = 0; i < n->len; i++)
        if ((len == 1 && path[0] == '*') ||
            (strlen(n->keys[i]->text) == len && memcmp(n->keys[i]->text, path, len) == 0))
            walk(c, n->items[i], rest, kind);
    c->entry = entry;
    c->map = map;
}

/* Inputs of scores: input → parameter, or {param, visit}. */
static void check_score_inputs(checker *c)
{
    const stroma_yaml_node *list = stroma_yaml_get(c->s->root, "scores");
    c->where = "score";
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        const stroma_yaml_node *inputs = stroma_yaml_get(list->items[i], "inputs");
        c->entry = c->map = list->items[i];
        for (size_t k = 0; inputs != NULL && inputs->type == STROMA_YAML_MAP && k < inputs->len;
             k++) {
            const stroma_yaml_node *n = inputs->items[k];
            walk(c, n->type == STROMA_YAML_SCALAR ? n : stroma_yaml_get(n, "param"), "", PARAM);
            if (n->type == STROMA_YAML_MAP) walk(c, stroma_yaml_get(n, "visit"), "", VISIT);
        }
    }
}

static void check_all(checker *c)
{
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++) {
        c->entry = c->map = NULL;
        c->where = references[i].where;
        walk(c, c->s->root, references[i].path, references[i].kind);
    }
    check_score_inputs(c);
}

stroma_status study_check_names(study *s, stroma_error *err)
{
    checker c = { .s = s, .err = err };
    know_all(&c);
    if (c.status == STROMA_OK) check_all(&c);
    for (size_t k = 0; k < KINDS; k++)
        stroma_free(c.known[k].items);
    return c.status;
}
