/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words that the study file takes for values of a parameter: success: of a proportion or of what
 * a marker is to foresee, in: of a group. A word that no value is would count nobody, and look like
 * a result. */
#include "model.h"

#include "stroma/suggest.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 64 };

typedef struct words {
    const char *items[WORDS_MAX];
    size_t len;
    bool all;      /* false: there are more than fit */
    bool complete; /* false: derived, and other words are possible */
} words;

static void add(words *w, const char *word)
{
    for (size_t i = 0; i < w->len; i++)
        if (strcmp(w->items[i], word) == 0) return;
    if (w->len == WORDS_MAX)
        w->all = false;
    else
        w->items[w->len++] = word;
}

/* The words of scores that give a word: a category that nobody reached is still one. */
static const struct {
    const char *method, *words[8];
} vocabularies[] = {
    { "score:eular_response", { "good", "moderate", "none" } },
};

static void add_vocabulary(const study *s, int32_t param, words *w)
{
    for (size_t d = 0; d < s->derivations.len; d++) {
        if (s->derivations.items[d].param != param) continue;
        w->complete = false;
        for (size_t k = 0; k < sizeof vocabularies / sizeof vocabularies[0]; k++) {
            if (strcmp(vocabularies[k].method, s->derivations.items[d].method) != 0) continue;
            w->complete = true;
            for (size_t i = 0; vocabularies[k].words[i] != NULL; i++)
                add(w, vocabularies[k].words[i]);
        }
    }
}

/* The words declared for a parameter and those that stand in the data. */
static words words_of(const study *s, int32_t param)
{
    words w = { .all = true, .complete = true };
    add_vocabulary(s, param, &w);
    for (size_t i = 0; i < s->params.items[param].words_len; i++)
        add(&w, s->params.items[param].words[i]);
    for (size_t i = 0; w.all && i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        if (m->param == param && m->state == STROMA_PRESENT && m->text != NULL) add(&w, m->text);
    }
    return w;
}

static void check_word(study *s, const stroma_yaml_node *at, int32_t param, const words *w)
{
    const bool flag = s->params.items[param].kind == PARAM_FLAG;
    if (flag && (strcmp(at->text, "0") == 0 || strcmp(at->text, "1") == 0)) return;
    for (size_t i = 0; i < w->len; i++)
        if (strcmp(w->items[i], at->text) == 0) return;
    if (!flag && (!w->all || w->len == 0)) return;
    const char *id = s->params.items[param].id;
    char message[240], action[400] = "values of a yes/no are \"1\" and \"0\"";
    (void)snprintf(message, sizeof message, "no value of \"%.80s\" is \"%.80s\"", id, at->text);
    const char *near = stroma_nearest(at->text, w->items, w->len);
    if (near == NULL && !flag && !w->complete) return;
    if (near != NULL) (void)snprintf(action, sizeof action, "did you mean \"%s\"?", near);
    size_t used = 0;
    for (size_t i = 0; !flag && near == NULL && i < w->len; i++) {
        if (used + strlen(w->items[i]) + 24 > sizeof action) break;
        used += (size_t)snprintf(action + used, sizeof action - used, "%s\"%s\"",
                                 i == 0 ? "there is " : ", ", w->items[i]);
    }
    study_finding(s, &(stroma_finding){ .code = "STROMA-STUDY-009",
                                        .severity = STROMA_WARNING,
                                        .line = at->line,
                                        .character = at->column,
                                        .param = id,
                                        .value = at->text,
                                        .message = message,
                                        .rule = "a word that stands for a value is one",
                                        .action = action });
}

static void check_list(study *s, const stroma_yaml_node *list, int32_t param)
{
    const words w = words_of(s, param);
    if (list->type == STROMA_YAML_SCALAR) check_word(s, list, param, &w);
    for (size_t i = 0; list->type == STROMA_YAML_LIST && i < list->len; i++)
        check_word(s, list->items[i], param, &w);
}

static stroma_status check_success(study *s, const stroma_yaml_node *analysis,
                                   const stroma_yaml_node *at, stroma_error *err)
{
    const int32_t param = study_find_param(s, at->text);
    const stroma_yaml_node *success = stroma_yaml_get(analysis, "success");
    if (param == STUDY_NONE || success == NULL) return STROMA_OK;
    if (s->params.items[param].kind != PARAM_NUMBER) {
        check_list(s, success, param);
        return STROMA_OK;
    }
    const stroma_status st =
        study_fail_at(s, at, err, "success counts words or yes/no, not numbers as", at->text);
    stroma_hint(err, "derive a yes/no from it by method threshold");
    return st;
}

static stroma_status check_outcomes(study *s, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "biomarkers");
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        const stroma_yaml_node *outcome = stroma_yaml_get(list->items[i], "outcome");
        const stroma_yaml_node *param = outcome == NULL ? NULL : stroma_yaml_get(outcome, "param");
        if (param != NULL) STROMA_TRY(check_success(s, outcome, param, err));
    }
    return STROMA_OK;
}

stroma_status study_check_words(study *s, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "analyses");
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        const stroma_yaml_node *n = stroma_yaml_get(list->items[i], "params");
        if (n == NULL) n = stroma_yaml_get(list->items[i], "param");
        if (n != NULL && n->type == STROMA_YAML_SCALAR)
            STROMA_TRY(check_success(s, list->items[i], n, err));
        for (size_t k = 0; n != NULL && n->type == STROMA_YAML_LIST && k < n->len; k++)
            STROMA_TRY(check_success(s, list->items[i], n->items[k], err));
    }
    STROMA_TRY(check_outcomes(s, err));
    list = stroma_yaml_get(s->root, "groups");
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        const stroma_yaml_node *groups = stroma_yaml_get(list->items[i], "groups");
        for (size_t k = 0; groups != NULL && k < groups->len; k++) {
            const stroma_yaml_node *when = stroma_yaml_get(groups->items[k], "when");
            for (size_t m = 0; when != NULL && m < when->len; m++) {
                const int32_t param =
                    study_find_param(s, stroma_yaml_text(when->items[m], "param", ""));
                const stroma_yaml_node *in = stroma_yaml_get(when->items[m], "in");
                if (param != STUDY_NONE && in != NULL &&
                    s->params.items[param].kind != PARAM_NUMBER)
                    check_list(s, in, param);
            }
        }
    }
    return STROMA_OK;
}
