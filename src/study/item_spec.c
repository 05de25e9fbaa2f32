/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report item as the report reads it: one JSON object, with what the study file left out filled
 * in, so that the report need not guess. */
#include "item_spec.h"

#include <math.h>
#include <string.h>

bool study_item_takes_groups(const char *kind)
{
    static const char *const kinds[] = { "time_course",     "spaghetti",      "dot_plot",
                                         "scatter",         "baseline_table", "before_after_table",
                                         "summary_table",   "event_table",    "missing_map",
                                         "cytometry_visits" };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i], kind) == 0) return true;
    return false;
}

static const stroma_yaml_node *analysis_of(const study *s, const stroma_yaml_node *item)
{
    const char *id = stroma_yaml_text(item, "analysis", NULL);
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "analyses");
    for (size_t i = 0; id != NULL && list != NULL && i < list->len; i++)
        if (strcmp(stroma_yaml_text(list->items[i], "id", ""), id) == 0) return list->items[i];
    return NULL;
}

const char *study_item_grouping(const study *s, const stroma_yaml_node *item)
{
    const char *usual = s->arms.len > 0 ? "arm" : "all";
    return stroma_yaml_text(item, "grouping",
                            stroma_yaml_text(analysis_of(s, item), "grouping", usual));
}

const char *study_item_set(const study *s, const stroma_yaml_node *item)
{
    const stroma_yaml_node *a = analysis_of(s, item);
    const char *kind = stroma_yaml_text(item, "kind", ""), *usual = "full_analysis";
    if (a != NULL)
        usual = analysis_default_set(stroma_yaml_text(a, "method", ""));
    else if (strcmp(kind, "baseline_table") == 0)
        usual = "all_randomised";
    else if (strcmp(kind, "event_table") == 0)
        usual = "safety";
    return stroma_yaml_text(item, "set", stroma_yaml_text(a, "set", usual));
}

static bool is_one_of(const char *const *names, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], key) == 0) return true;
    return false;
}

const char *study_shown_name(const study *s, const char *text)
{
    const int32_t i = text == NULL ? STUDY_NONE : study_find_subject(s, text);
    return i == STUDY_NONE ? text : study_shown_id(s, i);
}

void study_item_node_json(
    stroma_json *j, const study *s,
    const stroma_yaml_node *n) // NOLINT(misc-no-recursion): STROMA_YAML_DEPTH_MAX
{
    if (n->type == STROMA_YAML_SCALAR) {
        if (stroma_yaml_is_null(n))
            stroma_json_null(j);
        else
            stroma_json_string(j, n->text);
        return;
    }
    if (n->type == STROMA_YAML_MAP)
        stroma_json_begin_object(j);
    else
        stroma_json_begin_array(j);
    for (size_t i = 0; i < n->len; i++) {
        const stroma_yaml_node *item = n->items[i];
        if (n->type == STROMA_YAML_MAP) stroma_json_key(j, n->keys[i]->text);
        if (n->type == STROMA_YAML_MAP && item->type == STROMA_YAML_SCALAR &&
            strcmp(n->keys[i]->text, "subject") == 0)
            stroma_json_string(j, study_shown_name(s, item->text));
        else
            study_item_node_json(j, s, item);
    }
    if (n->type == STROMA_YAML_MAP)
        stroma_json_end_object(j);
    else
        stroma_json_end_array(j);
}

static void put_cutoff(stroma_json *j, const stroma_yaml_node *cutoff)
{
    stroma_json_begin_object(j);
    for (size_t k = 0; k < cutoff->len; k++) {
        const char *name = cutoff->keys[k]->text;
        if (strcmp(name, "value") == 0)
            stroma_json_put_number(j, name, stroma_yaml_number(cutoff, name, NAN));
        else
            stroma_json_put_string(j, name, stroma_yaml_text(cutoff, name, ""));
    }
    stroma_json_end_object(j);
}

static void put_key(stroma_json *j, const study *s, const stroma_yaml_node *item, size_t i)
{
    static const char *const booleans[] = { "points", "free_scale" };
    static const char *const lists[] = { "params", "groups", "visits", "analyses" };
    const char *key = item->keys[i]->text;
    const stroma_yaml_node *n = item->items[i];
    if (stroma_yaml_is_null(n)) return; /* as if it were not there */
    stroma_json_key(j, key);
    if (is_one_of(booleans, 2, key)) {
        stroma_json_bool(j, stroma_yaml_bool(item, key, false));
    } else if (strcmp(key, "cutoff") == 0) {
        put_cutoff(j, n);
    } else if (strcmp(key, "subjects") == 0) {
        stroma_json_begin_array(j);
        for (size_t k = 0; k < n->len; k++)
            stroma_json_string(j, study_shown_name(s, n->items[k]->text));
        if (n->type == STROMA_YAML_SCALAR) stroma_json_string(j, study_shown_name(s, n->text));
        stroma_json_end_array(j);
    } else if (strcmp(key, "subject") == 0) {
        stroma_json_string(j, study_shown_name(s, stroma_yaml_text(item, key, "")));
    } else if (is_one_of(lists, 4, key) && n->type == STROMA_YAML_SCALAR) {
        stroma_json_begin_array(j); /* one value is a list of one */
        stroma_json_string(j, n->text);
        stroma_json_end_array(j);
    } else {
        study_item_node_json(j, s, n);
    }
}

void study_item_spec(const study *s, const stroma_yaml_node *item, stroma_buffer *b)
{
    static const char *const columns[] = { "id", "kind", "title", "caption", "origin" };
    const char *kind = stroma_yaml_text(item, "kind", "");
    stroma_buffer_reset(b);
    stroma_json j;
    stroma_json_init(&j, b, 0);
    stroma_json_begin_object(&j);
    for (size_t i = 0; i < item->len; i++)
        if (!is_one_of(columns, 5, item->keys[i]->text)) put_key(&j, s, item, i);
    if (study_item_takes_groups(kind) && stroma_yaml_text(item, "set", NULL) == NULL)
        stroma_json_put_string(&j, "set", study_item_set(s, item));
    if (study_item_takes_groups(kind) && stroma_yaml_text(item, "grouping", NULL) == NULL)
        stroma_json_put_string(&j, "grouping", study_item_grouping(s, item));
    const bool of_one = strcmp(kind, "timeline") == 0 || strcmp(kind, "change_table") == 0;
    if (of_one && stroma_yaml_text(item, "subject", NULL) == NULL && s->subjects.len == 1)
        stroma_json_put_string(&j, "subject", study_shown_id(s, 0));
    stroma_json_end_object(&j);
}
