/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the entries of the report and the analyses cannot do without, and ids that stand twice:
 * looked at before any data are read. What an item may leave out is filled in by item_spec.c. */
#include "model.h"

#include <stdio.h>
#include <string.h>

/* Keys that must be there, blanks between; a|b is one or the other. */
static const struct {
    const char *kind, *needs;
} item_needs[] = {
    { "time_course", "param" },
    { "spaghetti", "param" },
    { "dot_plot", "param" },
    { "scatter", "x y" },
    { "rates", "analysis" },
    { "timeline", "tracks" },
    { "baseline_table", "params" },
    { "before_after_table", "params visits" },
    { "change_table", "params visits" },
    { "event_table", "analysis" },
    { "rate_table", "analyses" },
    { "result_table", "analyses" },
    { "summary_table", "param" },
    { "text", "text" },
    { "roc_curve", "biomarker" },
    { "calibration", "biomarker" },
    { "decision_curve", "biomarker" },
    { "alignment", "biomarker" },
    { "forest", "biomarker" },
    { "volcano", "biomarker" },
    { "biomarker_table", "biomarker" },
    { "candidate_table", "biomarker" },
    { "cutoff_table", "biomarker" },
    { "model_table", "biomarker" },
    { "missing_map", "params" },
    { "gating_strategy", "entry" },
    { "cytometry_overlay", "entry population marker" },
    { "cytometry_visits", "entry population" },
    { "population_table", "entry" },
    { "cytometry_quality_table", "entry" },
};
static const struct {
    const char *kind, *needs;
} analysis_needs[] = {
    { "describe", "params|param" },
    { "time_course", "params|param" },
    { "before_after", "params|param visits" },
    { "compare", "params|param" },
    { "ancova", "params|param" },
    { "mmrm", "params|param" },
    { "imputation", "params|param" },
    { "proportion", "params|param success" },
    { "risk_difference", "params|param success" },
    { "smd", "params|param" },
    { "correlation", "x y" },
};

/* Tests of the methods that fall back to a default: a word that is none of these is a fault. */
static const struct {
    const char *kind, *tests;
} analysis_tests[] = {
    { "proportion", "clopper_pearson wilson agresti_coull jeffreys" },
    { "risk_difference", "newcombe miettinen_nurminen fisher" },
    { "correlation", "pearson spearman kendall" },
};

static void fault(study *s, const stroma_yaml_node *at, const char *code, const char *message,
                  const char *action)
{
    study_fatal(s, STROMA_E_MALFORMED,
                &(stroma_finding){ .code = code,
                                   .severity = STROMA_ERROR,
                                   .line = at->line,
                                   .character = at->column,
                                   .message = message,
                                   .rule = "every entry says what its kind needs",
                                   .action = action });
}

static bool has(const stroma_yaml_node *n, const char *key, size_t len)
{
    for (size_t i = 0; i < n->len; i++) {
        const stroma_yaml_node *v = n->items[i];
        if (strlen(n->keys[i]->text) == len && memcmp(n->keys[i]->text, key, len) == 0)
            return !stroma_yaml_is_null(v) && !(v->type != STROMA_YAML_SCALAR && v->len == 0);
    }
    return false;
}

static const char *name_of(const stroma_yaml_node *n)
{
    return stroma_yaml_text(n, "id", stroma_yaml_text(n, "title", ""));
}

static void check_needs(study *s, const stroma_yaml_node *n, const char *what, const char *kind,
                        const char *needs)
{
    while (*needs != '\0') {
        const size_t len = strcspn(needs, " "), first = strcspn(needs, "| ");
        const char *second = needs + first + 1;
        const bool either = first < len && has(n, second, len - first - 1);
        if (!has(n, needs, first) && !either) {
            char message[320], action[160];
            (void)snprintf(message, sizeof message,
                           "%s \"%.120s\" of kind %s lacks the key \"%.*s\"", what, name_of(n),
                           kind, (int)first, needs);
            (void)snprintf(action, sizeof action, "add %.*s: to it", (int)first, needs);
            fault(s, n, "STROMA-STUDY-007", message, action);
        }
        needs += len + (needs[len] == ' ');
    }
}

static void check_track(study *s, const stroma_yaml_node *track)
{
    static const char *const known[] = { "param", "therapy", "event" };
    const char *kind = stroma_yaml_text(track, "kind", "");
    char message[200];
    for (size_t i = 0; i < 3; i++)
        if (strcmp(kind, known[i]) == 0) return;
    (void)snprintf(message, sizeof message, "a track of kind \"%.80s\" is not known", kind);
    fault(s, track, "STROMA-STUDY-007", message, "kinds of track: param, therapy, event");
}

static const stroma_yaml_node *analysis_named(const study *s, const char *id)
{
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "analyses");
    for (size_t i = 0; id != NULL && list != NULL && i < list->len; i++)
        if (strcmp(stroma_yaml_text(list->items[i], "id", ""), id) == 0) return list->items[i];
    return NULL;
}

static void check_item(study *s, const stroma_yaml_node *n)
{
    const char *kind = stroma_yaml_text(n, "kind", "");
    for (size_t k = 0; k < sizeof item_needs / sizeof item_needs[0]; k++)
        if (strcmp(item_needs[k].kind, kind) == 0)
            check_needs(s, n, "report item", kind, item_needs[k].needs);
    const stroma_yaml_node *tracks = stroma_yaml_get(n, "tracks");
    for (size_t i = 0; tracks != NULL && tracks->type == STROMA_YAML_LIST && i < tracks->len; i++)
        check_track(s, tracks->items[i]);
    if (strcmp(kind, "flow") == 0 && strcmp(s->layout, "case") == 0)
        fault(s, n, "STROMA-STUDY-007", "a case has one patient and no participant flow",
              "remove the item, or use kind timeline");
    const bool timeline = strcmp(kind, "timeline") == 0 || strcmp(kind, "change_table") == 0;
    if (timeline && strcmp(s->layout, "case") != 0)
        check_needs(s, n, "report item", kind, "subject");
    const stroma_yaml_node *a = analysis_named(s, stroma_yaml_text(n, "analysis", NULL));
    if (strcmp(kind, "rates") != 0 || a == NULL) return;
    const char *method = stroma_yaml_text(a, "method", "");
    if (strcmp(method, "proportion") == 0 || strcmp(method, "event_rate") == 0) return;
    char message[240];
    (void)snprintf(message, sizeof message,
                   "report item \"%.80s\" draws rates, analysis \"%.60s\" gives none (method %s)",
                   name_of(n), stroma_yaml_text(a, "id", ""), method);
    fault(s, n, "STROMA-STUDY-007", message, "name an analysis of method proportion");
}

static bool is_word_of(const char *list, const char *word)
{
    const size_t n = strlen(word);
    for (const char *p = list; *p != '\0'; p += strcspn(p, " ") + (p[strcspn(p, " ")] == ' '))
        if (strcspn(p, " ") == n && memcmp(p, word, n) == 0) return true;
    return false;
}

static void check_test(study *s, const stroma_yaml_node *n, const char *method)
{
    const stroma_yaml_node *test = stroma_yaml_get(n, "test");
    for (size_t k = 0; test != NULL && k < sizeof analysis_tests / sizeof analysis_tests[0]; k++) {
        const char *tests = analysis_tests[k].tests;
        if (strcmp(analysis_tests[k].kind, method) != 0 || is_word_of(tests, test->text)) continue;
        char message[240], action[160];
        (void)snprintf(message, sizeof message,
                       "analysis \"%.80s\": \"%.60s\" is no test of method %s", name_of(n),
                       test->text, method);
        (void)snprintf(action, sizeof action, "use one of: %s", tests);
        fault(s, test, "STROMA-STUDY-007", message, action);
    }
}

static void twice(study *s, const stroma_yaml_node *at, const char *what, const char *id)
{
    char message[240];
    (void)snprintf(message, sizeof message, "two %s have the id \"%.120s\"", what, id);
    fault(s, at, "STROMA-STUDY-008", message, "give each its own id");
}

static void check_unique(study *s, const char *section, const char *what)
{
    const stroma_yaml_node *list = stroma_yaml_get(s->root, section);
    for (size_t i = 0; list != NULL && i < list->len; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(stroma_yaml_text(list->items[i], "id", ""),
                       stroma_yaml_text(list->items[k], "id", "")) == 0) {
                twice(s, list->items[i], what, stroma_yaml_text(list->items[i], "id", ""));
                break;
            }
}

/* Results are found by the id of their analysis or question. */
static void check_apart(study *s)
{
    const stroma_yaml_node *questions = stroma_yaml_get(s->root, "biomarkers");
    const stroma_yaml_node *analyses = stroma_yaml_get(s->root, "analyses");
    for (size_t i = 0; questions != NULL && i < questions->len; i++)
        for (size_t k = 0; analyses != NULL && k < analyses->len; k++) {
            const char *id = stroma_yaml_text(questions->items[i], "id", "");
            if (strcmp(id, stroma_yaml_text(analyses->items[k], "id", "")) != 0) continue;
            twice(s, questions->items[i], "of analyses and biomarker questions", id);
        }
}

void study_item_id(const stroma_yaml_node *section, size_t k, char *out, size_t size)
{
    const stroma_yaml_node *items = stroma_yaml_get(section, "items");
    const char *own = stroma_yaml_text(items->items[k], "id", NULL);
    if (own != NULL)
        (void)snprintf(out, size, "%s", own);
    else
        (void)snprintf(out, size, "%.120s-%zu", stroma_yaml_text(section, "id", ""), k + 1);
}

/* Items are files, links and sheets: their ids are unique in the whole report, case aside. */
static bool item_id_taken(const stroma_yaml_node *report, size_t section, size_t item,
                          const char *id)
{
    char other[STUDY_ITEM_ID_MAX];
    for (size_t i = 0; i <= section; i++) {
        const stroma_yaml_node *items = stroma_yaml_get(report->items[i], "items");
        const size_t n = items == NULL ? 0 : i == section ? item : items->len;
        for (size_t k = 0; k < n; k++) {
            study_item_id(report->items[i], k, other, sizeof other);
            if (strcmp(other, id) == 0) return true;
        }
    }
    return false;
}

void study_check_items(study *s)
{
    check_unique(s, "analyses", "analyses");
    check_unique(s, "sets", "sets");
    check_unique(s, "groups", "groupings");
    check_unique(s, "report", "sections of the report");
    check_unique(s, "biomarkers", "biomarker questions");
    check_apart(s);
    const stroma_yaml_node *analyses = stroma_yaml_get(s->root, "analyses");
    for (size_t i = 0; analyses != NULL && i < analyses->len; i++) {
        const char *method = stroma_yaml_text(analyses->items[i], "method", "");
        check_test(s, analyses->items[i], method);
        for (size_t k = 0; k < sizeof analysis_needs / sizeof analysis_needs[0]; k++)
            if (strcmp(analysis_needs[k].kind, method) == 0)
                check_needs(s, analyses->items[i], "analysis", method, analysis_needs[k].needs);
    }
    const stroma_yaml_node *report = stroma_yaml_get(s->root, "report");
    for (size_t i = 0; report != NULL && i < report->len; i++) {
        const stroma_yaml_node *items = stroma_yaml_get(report->items[i], "items");
        for (size_t k = 0; items != NULL && k < items->len; k++) {
            char id[STUDY_ITEM_ID_MAX];
            check_item(s, items->items[k]);
            study_item_id(report->items[i], k, id, sizeof id);
            if (item_id_taken(report, i, k, id)) twice(s, items->items[k], "report items", id);
        }
    }
}
