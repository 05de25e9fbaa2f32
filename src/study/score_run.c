/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scores that the study file asks for, at every subject and visit. Each result is a measurement
 * whose inputs are kept, so that it can be traced. */
#include "model.h"

#include "stroma/json.h"
#include "stroma/number.h"
#include "stroma/score.h"
#include "stroma/suggest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Where one input of a score comes from. */
typedef struct input_source {
    int32_t param;                         /* STUDY_NONE: item parameters, or nothing */
    int32_t visit;                         /* fixed visit, STUDY_NONE: the visit that is scored */
    int32_t items[STROMA_SCORE_ITEMS_MAX]; /* one parameter an item */
    bool by_items;
} input_source;

typedef struct score_job {
    study *s;
    const stroma_yaml_node *node;
    const stroma_score *score;
    input_source sources[STROMA_SCORE_INPUTS_MAX];
    double settings[STROMA_SCORE_SETTINGS_MAX];
    stroma_score_options options;
    int32_t value_param;                             /* STUDY_NONE: outputs only */
    int32_t output_params[STROMA_SCORE_OUTPUTS_MAX]; /* STUDY_NONE: not kept */
    int32_t derivation;
    bool two_visits;
    bool *at_visit; /* n_visits: score here */
} score_job;

static bool has_measurements(const study *s, int32_t param)
{
    if (param == STUDY_NONE) return false;
    if (s->params.items[param].from_file) return true;
    for (size_t i = 0; i < s->derivations.len; i++)
        if (s->derivations.items[i].param == param) return true;
    return false;
}

/* A word of @p list (blanks between, '|' between alternatives) that has measurements. */
static int32_t first_measured(const study *s, const char *list)
{
    while (list != NULL && *list != '\0') {
        const size_t n = strcspn(list, "|");
        char id[96];
        if (n < sizeof id) {
            memcpy(id, list, n);
            id[n] = '\0';
            const int32_t p = study_find_param(s, id);
            if (has_measurements(s, p)) return p;
        }
        list += n + (list[n] == '|');
    }
    return STUDY_NONE;
}

static stroma_status declared_source(score_job *j, const stroma_score_input *in,
                                     const stroma_yaml_node *n, input_source *out,
                                     stroma_error *err)
{
    const char *param = n->type == STROMA_YAML_SCALAR ? n->text : stroma_yaml_text(n, "param", "");
    const char *visit = stroma_yaml_text(n, "visit", NULL);
    stroma_status st = study_param_for(j->s, param, &out->param, err);
    if (st == STROMA_OK && !has_measurements(j->s, out->param))
        st = stroma_fail_at(err, STROMA_E_MALFORMED, n->line, n->column,
                            "parameter \"%s\" has no measurements before this score", param);
    if (st != STROMA_OK)
        return stroma_in(err, st, "study file \"%s\": score \"%s\": input \"%s\"", j->s->path,
                         j->score->id, in->name);
    if (visit != NULL && (out->visit = study_find_visit(j->s, visit)) == STUDY_NONE)
        return study_fail_at(j->s, n, err, "unknown visit", visit);
    return STROMA_OK;
}

static void item_sources(const score_job *j, const stroma_score_input *in, input_source *out)
{
    for (size_t k = 0; k < in->items_len; k++) {
        char id[128];
        (void)snprintf(id, sizeof id, "%s%s", in->items_prefix, in->items[k]);
        const int32_t p = study_find_param(j->s, id);
        out->items[k] = has_measurements(j->s, p) ? p : STUDY_NONE;
        out->by_items = out->by_items || out->items[k] != STUDY_NONE;
    }
}

static stroma_status find_source(score_job *j, size_t i, stroma_error *err)
{
    const stroma_score_input *in = &j->score->inputs[i];
    input_source *out = &j->sources[i];
    *out = (input_source){ .param = STUDY_NONE, .visit = STUDY_NONE };
    if (in->role == STROMA_ROLE_BASELINE) {
        out->visit = study_baseline_visit(j->s);
        if (out->visit == STUDY_NONE)
            return study_fail_at(j->s, j->node, err, "no visit is marked baseline, needed by score",
                                 j->score->id);
    }
    j->two_visits = j->two_visits || in->role == STROMA_ROLE_FOLLOWUP;
    const stroma_yaml_node *declared =
        stroma_yaml_get(stroma_yaml_get(j->node, "inputs"), in->name);
    if (declared != NULL) return declared_source(j, in, declared, out, err);
    out->param = first_measured(j->s, in->param != NULL ? in->param : in->name);
    if (out->param == STUDY_NONE && in->items_prefix != NULL) item_sources(j, in, out);
    if (out->param != STUDY_NONE || out->by_items || in->need == STROMA_NEED_NONE) return STROMA_OK;
    const stroma_status st =
        study_fail_at(j->s, j->node, err, "no data for an input of score", j->score->id);
    stroma_hint(err, "input \"%s\" (%s) needs a parameter %s, or say which under inputs:", in->name,
                in->help, in->param != NULL ? in->param : in->name);
    return st;
}

static stroma_status read_option(score_job *j, const stroma_yaml_node *key,
                                 const stroma_yaml_node *value, stroma_error *err)
{
    const char *name = key->text, *word = value->type == STROMA_YAML_SCALAR ? value->text : "";
    if (strcmp(name, "censored") == 0) {
        static const char *const words[] = { "refuse", "limit", "half" };
        static const stroma_score_censored rules[] = { STROMA_CENSORED_REFUSE,
                                                       STROMA_CENSORED_LIMIT,
                                                       STROMA_CENSORED_HALF };
        for (size_t k = 0; k < 3; k++) {
            if (strcmp(words[k], word) != 0) continue;
            j->options.censored = rules[k];
            return STROMA_OK;
        }
        return study_fail_at(j->s, value, err, "censored is refuse, limit or half, not", word);
    }
    const size_t i = stroma_score_setting_find(j->score, name);
    if (i == SIZE_MAX) return study_fail_at(j->s, key, err, "this score has no option", name);
    if (!stroma_parse_double(word, strlen(word), '.', &j->settings[i]))
        return study_fail_at(j->s, value, err, "a setting of a score is a number, not", word);
    return STROMA_OK;
}

static stroma_status read_settings(score_job *j, stroma_error *err)
{
    const stroma_yaml_node *declared = stroma_yaml_get(j->node, "options");
    for (size_t i = 0; i < j->score->settings_len; i++)
        j->settings[i] = j->score->settings[i].value;
    j->options = (stroma_score_options)STROMA_SCORE_OPTIONS_INIT;
    j->options.settings = j->settings;
    if (declared != NULL && declared->type != STROMA_YAML_MAP)
        return study_fail_at(j->s, declared, err, "options: is a map of names, in score",
                             j->score->id);
    for (size_t i = 0; declared != NULL && i < declared->len; i++)
        STROMA_TRY(read_option(j, declared->keys[i], declared->items[i], err));
    return STROMA_OK;
}

/* Every name under inputs: is an input of the score. */
static stroma_status known_inputs(const score_job *j, stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(j->node, "inputs");
    if (n != NULL && n->type != STROMA_YAML_MAP)
        return study_fail_at(j->s, n, err, "inputs: is a map of names, in score", j->score->id);
    for (size_t i = 0; n != NULL && i < n->len; i++) {
        const char *names[STROMA_SCORE_INPUTS_MAX];
        bool known = false;
        for (size_t k = 0; k < j->score->inputs_len; k++) {
            names[k] = j->score->inputs[k].name;
            known = known || strcmp(names[k], n->keys[i]->text) == 0;
        }
        if (known) continue;
        const stroma_status st =
            study_fail_at(j->s, n->keys[i], err, "this score has no input", n->keys[i]->text);
        const char *near = stroma_nearest(n->keys[i]->text, names, j->score->inputs_len);
        if (near != NULL) stroma_hint(err, "did you mean \"%s\"?", near);
        return st;
    }
    return STROMA_OK;
}

static stroma_status result_param(score_job *j, const char *id, stroma_score_kind kind,
                                  const char *like, const char *label, int32_t *out,
                                  stroma_error *err)
{
    study *s = j->s;
    *out = study_find_param(s, id);
    if (has_measurements(s, *out)) {
        const stroma_status st =
            study_fail_at(s, j->node, err, "the data or another score already give parameter", id);
        stroma_hint(err, "name the result of this score with as:");
        return st;
    }
    if (*out == STUDY_NONE && strcmp(id, like) == 0) STROMA_TRY(study_param_for(s, id, out, err));
    if (*out != STUDY_NONE) {
        if (label != NULL) s->params.items[*out].label = label;
        return STROMA_OK;
    }
    /* a name of its own: as the built-in parameter, with this id */
    int32_t base = STUDY_NONE;
    STROMA_TRY(study_param_for(s, like, &base, err));
    study_param *p = STUDY_ADD(&s->params, err);
    if (p == NULL) return stroma_no_memory(err);
    *p = s->params.items[base];
    p->id = stroma_arena_strdup(&s->arena, id);
    p->from_file = p->has_censored = false;
    if (label != NULL) p->label = label;
    p->kind = kind == STROMA_SCORE_WORD   ? PARAM_WORD
              : kind == STROMA_SCORE_BOOL ? PARAM_FLAG
                                          : PARAM_NUMBER;
    *out = (int32_t)s->params.len - 1;
    p = &s->params.items[*out];
    return p->id == NULL ? stroma_no_memory(err) : study_unique_paramcd(s, *out, err);
}

static stroma_status result_params(score_job *j, stroma_error *err)
{
    const stroma_score *sc = j->score;
    const char *as = stroma_yaml_text(j->node, "as", sc->id),
               *label = stroma_yaml_text(j->node, "label", NULL);
    j->value_param = STUDY_NONE;
    if (sc->kind != STROMA_SCORE_OUTPUTS)
        STROMA_TRY(result_param(j, as, sc->kind, sc->id, label, &j->value_param, err));
    for (size_t k = 0; k < sc->outputs_len; k++) {
        const stroma_score_output *o = &sc->outputs[k];
        const char *id = o->param;
        if (strcmp(as, sc->id) != 0) id = stroma_arena_printf(&j->s->arena, "%s_%s", as, o->name);
        if (id == NULL) return stroma_no_memory(err);
        STROMA_TRY(result_param(j, id, o->kind, o->param, NULL, &j->output_params[k], err));
    }
    return STROMA_OK;
}

static stroma_status note_derivation(score_job *j, stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, 4096);
    stroma_json json;
    stroma_json_init(&json, &b, 0);
    stroma_json_begin_object(&json);
    for (size_t i = 0; i < j->score->settings_len; i++)
        stroma_json_put_number(&json, j->score->settings[i].name, j->settings[i]);
    stroma_json_end_object(&json);
    stroma_status st = stroma_buffer_status(&b, err);
    for (size_t k = 0; st == STROMA_OK && k <= j->score->outputs_len; k++) {
        const int32_t param = k == 0 ? j->value_param : j->output_params[k - 1];
        if (param == STUDY_NONE) continue;
        const study_derivation d = { .method = stroma_arena_printf(&j->s->arena, "score:%s",
                                                                   j->score->id),
                                     .version = "1",
                                     .formula = j->score->formula,
                                     .source = j->score->source,
                                     .params = stroma_arena_strdup(&j->s->arena, b.data),
                                     .param = param };
        int32_t idx = STUDY_NONE;
        st = d.method == NULL || d.params == NULL ? stroma_no_memory(err)
                                                  : study_add_derivation(j->s, &d, &idx, err);
        if (k == 0 || j->value_param == STUDY_NONE) j->derivation = idx;
    }
    stroma_buffer_clear(&b);
    return st;
}

/* Remember that measurement @p i entered. */
static stroma_status use(score_job *j, int32_t i, stroma_error *err)
{
    int32_t *slot = STUDY_ADD(&j->s->inputs, err);
    if (slot == NULL) return stroma_no_memory(err);
    *slot = i;
    return STROMA_OK;
}

static stroma_status gather_items(score_job *j, size_t i, int32_t subject, int32_t visit,
                                  stroma_score_value *out, stroma_error *err)
{
    const stroma_score_input *in = &j->score->inputs[i];
    stroma_buffer b;
    stroma_buffer_init(&b, 4096);
    stroma_status st = STROMA_OK;
    bool any = false;
    for (size_t k = 0; st == STROMA_OK && k < in->items_len; k++) {
        const int32_t p = j->sources[i].items[k];
        const int32_t m = p == STUDY_NONE ? STUDY_NONE : study_find(j->s, subject, visit, p);
        const double x = p == STUDY_NONE ? STUDY_NAN : study_value(j->s, subject, visit, p);
        if (in->kind != STROMA_INPUT_SET && k > 0) stroma_buffer_putc(&b, '|');
        if (m != STUDY_NONE) st = use(j, m, err);
        if (isnan(x)) continue;
        any = true;
        if (in->kind == STROMA_INPUT_SET) {
            if (x > 0) stroma_buffer_printf(&b, "%s%s", b.len > 0 ? "+" : "", in->items[k]);
        } else {
            char number[STROMA_NUMBER_TEXT_MAX];
            stroma_buffer_puts(&b, stroma_format_double(x, number));
        }
    }
    stroma_buffer_puts(&b, "");
    if (st == STROMA_OK) st = stroma_buffer_status(&b, err);
    if (st == STROMA_OK) {
        const char *text = stroma_arena_strdup(&j->s->arena, b.data == NULL ? "" : b.data);
        if (text == NULL)
            st = stroma_no_memory(err);
        else if (any)
            *out = (stroma_score_value){ .state = STROMA_PRESENT, .text = text };
    }
    stroma_buffer_clear(&b);
    return st;
}

static stroma_status gather(score_job *j, size_t i, int32_t subject, int32_t visit,
                            stroma_score_value *out, stroma_error *err)
{
    const input_source *src = &j->sources[i];
    const stroma_score_input *in = &j->score->inputs[i];
    const int32_t at = src->visit != STUDY_NONE ? src->visit : visit;
    *out = (stroma_score_value){ .state = STROMA_MISSING };
    if (src->by_items) return gather_items(j, i, subject, at, out, err);
    if (src->param == STUDY_NONE) return STROMA_OK;
    int32_t m = study_find(j->s, subject, at, src->param);
    if (m == STUDY_NONE) m = study_find(j->s, subject, STUDY_NONE, src->param); /* sex, height */
    if (m == STUDY_NONE) return STROMA_OK;
    STROMA_TRY(use(j, m, err));
    const study_measurement *v = &j->s->measurements.items[m];
    if (v->text != NULL && v->state == STROMA_PRESENT)
        stroma_score_value_parse(in, v->text, '.', out);
    else
        *out = (stroma_score_value){ .state = v->state, .number = v->value };
    return STROMA_OK;
}

static stroma_status flags_json(study *s, const stroma_score_result *r, const char **out,
                                stroma_error *err)
{
    *out = NULL;
    if (r->flags_len == 0) return STROMA_OK;
    stroma_buffer b;
    stroma_buffer_init(&b, 8192);
    stroma_json j;
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_array(&j);
    for (size_t i = 0; i < r->flags_len; i++)
        stroma_json_string(&j, r->flags[i]);
    stroma_json_end_array(&j);
    stroma_status st = stroma_buffer_status(&b, err);
    if (st == STROMA_OK && (*out = stroma_arena_strdup(&s->arena, b.data)) == NULL)
        st = stroma_no_memory(err);
    stroma_buffer_clear(&b);
    return st;
}

static stroma_status keep(score_job *j, const stroma_score_result *r, study_measurement *m,
                          stroma_error *err)
{
    study *s = j->s;
    STROMA_TRY(flags_json(s, r, &m->flags, err));
    m->reason = r->reason[0] == '\0' ? NULL : stroma_arena_strdup(&s->arena, r->reason);
    if (r->reason[0] != '\0' && m->reason == NULL) return stroma_no_memory(err);
    if (j->value_param != STUDY_NONE) {
        m->param = j->value_param;
        m->state = r->state;
        m->band = r->band;
        m->text = r->word;
        m->value = r->state == STROMA_PRESENT && r->word == NULL ? r->number : STUDY_NAN;
        STROMA_TRY(study_add_measurement(s, m, NULL, err));
    }
    for (size_t k = 0; k < r->outputs_len; k++) {
        if (j->output_params[k] == STUDY_NONE) continue;
        m->param = j->output_params[k];
        m->band = NULL;
        m->state = r->outputs[k].state;
        m->text = r->outputs[k].word;
        m->value = m->state == STROMA_PRESENT && m->text == NULL ? r->outputs[k].number : STUDY_NAN;
        STROMA_TRY(study_add_measurement(s, m, NULL, err));
    }
    return STROMA_OK;
}

static stroma_status score_one(score_job *j, int32_t subject, int32_t visit, stroma_error *err)
{
    study *s = j->s;
    stroma_score_value values[STROMA_SCORE_INPUTS_MAX];
    const size_t start = s->inputs.len;
    bool any_here = false;
    for (size_t i = 0; i < j->score->inputs_len; i++) {
        const size_t before = s->inputs.len;
        STROMA_TRY(gather(j, i, subject, visit, &values[i], err));
        const bool here = j->sources[i].visit == STUDY_NONE || j->sources[i].visit == visit;
        any_here = any_here || (here && s->inputs.len > before);
    }
    study_measurement m = study_measurement_empty();
    m.subject = subject;
    m.visit = visit;
    m.derivation = j->derivation;
    m.inputs_start = start;
    m.inputs_len = s->inputs.len - start;
    for (size_t k = start; k < s->inputs.len; k++) {
        const study_measurement *in = &s->measurements.items[s->inputs.items[k]];
        if (in->visit == visit && in->study_day != STUDY_DAY_UNKNOWN) m.study_day = in->study_day;
    }
    if (!any_here) { /* nothing was measured here: there is no score to miss */
        s->inputs.len = start;
        return STROMA_OK;
    }
    stroma_score_result r;
    STROMA_TRY(stroma_score_compute(j->score, values, &j->options, &r, err));
    return keep(j, &r, &m, err);
}

/* An input fixed to a later visit than the one scored would look ahead. */
static int32_t earliest_visit(const score_job *j)
{
    int32_t first = 0;
    for (size_t i = 0; i < j->score->inputs_len; i++)
        if (j->sources[i].visit > first) first = j->sources[i].visit;
    return first;
}

static stroma_status plan_visits(score_job *j, stroma_error *err)
{
    const study *s = j->s;
    j->at_visit = stroma_alloc_array(s->visits.len, sizeof *j->at_visit);
    if (j->at_visit == NULL) return stroma_no_memory(err);
    const stroma_yaml_node *only = stroma_yaml_get(j->node, "visits");
    const int32_t baseline = study_baseline_visit(s), first = earliest_visit(j);
    for (size_t v = 0; v < s->visits.len; v++)
        j->at_visit[v] =
            only == NULL && (int32_t)v >= first && !(j->two_visits && (int32_t)v == baseline);
    const size_t n = stroma_yaml_count(only);
    for (size_t i = 0; i < n; i++) {
        const stroma_yaml_node *item = stroma_yaml_at(only, i);
        const int32_t v = study_find_visit(s, item->text);
        if (v == STUDY_NONE) return study_fail_at(s, item, err, "unknown visit", item->text);
        if (v < first)
            return study_fail_at(s, item, err, "an input comes from a later visit than",
                                 item->text);
        j->at_visit[v] = true;
    }
    return STROMA_OK;
}

static stroma_status run_job(score_job *j, stroma_error *err)
{
    const char *id =
        j->node->type == STROMA_YAML_SCALAR ? j->node->text : stroma_yaml_text(j->node, "id", "");
    stroma_status st = stroma_score_get(id, &j->score, err);
    if (st != STROMA_OK) {
        if (err != NULL) err->line = j->node->line;
        return stroma_in(err, study_malformed(st, err), "study file \"%s\": scores", j->s->path);
    }
    for (size_t k = 0; k < STROMA_SCORE_OUTPUTS_MAX; k++)
        j->output_params[k] = STUDY_NONE;
    STROMA_TRY(read_settings(j, err));
    STROMA_TRY(known_inputs(j, err));
    for (size_t i = 0; i < j->score->inputs_len; i++)
        STROMA_TRY(find_source(j, i, err));
    STROMA_TRY(result_params(j, err));
    STROMA_TRY(note_derivation(j, err));
    STROMA_TRY(plan_visits(j, err));
    for (size_t subject = 0; subject < j->s->subjects.len; subject++)
        for (size_t visit = 0; visit < j->s->visits.len; visit++)
            if (j->at_visit[visit]) STROMA_TRY(score_one(j, (int32_t)subject, (int32_t)visit, err));
    return STROMA_OK;
}

/* A score value read from a file gets the band it would have had if computed here. */
static void name_bands(study *s)
{
    for (size_t i = 0; i < s->measurements.len; i++) {
        study_measurement *m = &s->measurements.items[i];
        const stroma_score *sc =
            m->derivation == STUDY_NONE ? stroma_score_find(s->params.items[m->param].id) : NULL;
        if (sc != NULL && m->state == STROMA_PRESENT) m->band = stroma_score_band_of(sc, m->value);
    }
}

stroma_status study_compute_scores(study *s, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "scores");
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        score_job j = { .s = s, .node = list->items[i], .derivation = STUDY_NONE };
        const stroma_status st = study_entry_done(s, run_job(&j, err), err);
        stroma_free(j.at_visit);
        STROMA_TRY(st);
    }
    name_bands(s);
    return STROMA_OK;
}
