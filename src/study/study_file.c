/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The study file: read, checked against its schema, and turned into the declared part of a study.
 * Sections that need data (data, scores, derive, …) stay as YAML nodes and are read by their step.
 */
#include "model.h"

#include "stroma/file.h"
#include "stroma/hash.h"
#include "stroma/number.h"
#include "stroma/parameter.h"
#include "stroma/schema.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const size_t STUDY_FILE_MAX_BYTES = (size_t)16 << 20;

static double range_end(const stroma_yaml_node *range, size_t i, double otherwise)
{
    double x = otherwise;
    if (range != NULL && range->len == 2)
        (void)stroma_parse_double(range->items[i]->text, strlen(range->items[i]->text), '.', &x);
    return x;
}

/* A day of the study file; @return false when it is given but none. */
static bool day_of(double x, int32_t *out)
{
    *out = study_whole_day(x);
    return isnan(x) || (*out != STUDY_DAY_UNKNOWN && x == floor(x));
}

static void read_identity(study *s, const stroma_yaml_node *n)
{
    s->id = stroma_yaml_text(n, "id", "");
    s->title = stroma_yaml_text(n, "title", "");
    s->disease = stroma_yaml_text(n, "disease", "");
    s->layout = stroma_yaml_text(n, "layout", "trial");
    s->style = stroma_yaml_text(n, "style", "stroma");
    s->registration = stroma_yaml_text(n, "registration", "");
    s->ethics = stroma_yaml_text(n, "ethics", "");
    s->day0 = stroma_yaml_text(n, "day0", "unknown");
    s->source = stroma_yaml_text(n, "source", "");
    s->time_unit = stroma_yaml_text(n, "time_unit", "week");
    s->simulated = stroma_yaml_bool(n, "simulated", false);
}

static stroma_status read_seed(study *s, const stroma_yaml_node *n, stroma_error *err)
{
    const double seed = stroma_yaml_number(n, "seed", 1);
    if (!(seed >= 0 && seed <= 9007199254740992.0 && seed == floor(seed)))
        return study_fail_at(s, stroma_yaml_get(n, "seed"), err,
                             "a seed is a whole number from 0 to 2^53, not",
                             stroma_yaml_text(n, "seed", ""));
    s->seed = (uint64_t)seed;
    return STROMA_OK;
}

bool study_decimals(const stroma_yaml_node *n, int *decimals)
{
    const double x = stroma_yaml_number(n, "decimals", *decimals);
    if (!(x >= 0 && x <= 12 && x == floor(x))) return false;
    *decimals = (int)x;
    return true;
}

static stroma_status read_arms(study *s, const stroma_yaml_node *list, stroma_error *err)
{
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        const stroma_yaml_node *n = list->items[i];
        const char *id = stroma_yaml_text(n, "id", "");
        if (study_find_arm(s, id) != STUDY_NONE)
            return study_fail_at(s, n, err, "two arms have the id", id);
        study_arm *a = STUDY_ADD(&s->arms, err);
        if (a == NULL) return stroma_no_memory(err);
        *a = (study_arm){ .id = id,
                          .label = stroma_yaml_text(n, "label", id),
                          .role = stroma_yaml_text(n, "role", "treated"),
                          .description = stroma_yaml_text(n, "description", NULL) };
    }
    return STROMA_OK;
}

static stroma_status read_visits(study *s, const stroma_yaml_node *list, stroma_error *err)
{
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        const stroma_yaml_node *n = list->items[i];
        const char *id = stroma_yaml_text(n, "id", "");
        if (study_find_visit(s, id) != STUDY_NONE)
            return study_fail_at(s, n, err, "two visits have the id", id);
        const bool baseline = stroma_yaml_bool(n, "baseline", false);
        if (baseline && study_baseline_visit(s) != STUDY_NONE)
            return study_fail_at(s, n, err, "a second baseline visit", id);
        study_visit *v = STUDY_ADD(&s->visits, err);
        if (v == NULL) return stroma_no_memory(err);
        const stroma_yaml_node *window = stroma_yaml_get(n, "window");
        *v = (study_visit){ .id = id,
                            .label = stroma_yaml_text(n, "label", id),
                            .time = stroma_yaml_number(n, "time", NAN),
                            .baseline = baseline };
        const bool days = day_of(stroma_yaml_number(n, "day", NAN), &v->day) &&
                          day_of(range_end(window, 0, NAN), &v->window_low) &&
                          day_of(range_end(window, 1, NAN), &v->window_high);
        if (!days)
            return study_fail_at(s, n, err, "days are whole numbers up to a million, at visit", id);
        v->scheduled = !isnan(v->time) || v->day != STUDY_DAY_UNKNOWN || window != NULL;
        if (window != NULL && v->window_low != STUDY_DAY_UNKNOWN &&
            v->window_high != STUDY_DAY_UNKNOWN && v->window_low > v->window_high)
            return study_fail_at(s, window, err, "the window ends before it begins at visit", id);
    }
    bool any = false;
    for (size_t i = 0; i < s->visits.len; i++)
        any = any || s->visits.items[i].scheduled;
    for (size_t i = 0; !any && i < s->visits.len; i++)
        s->visits.items[i].scheduled = true; /* nothing says when: all stand in order */
    return STROMA_OK;
}

static study_param_kind kind_of(const char *name)
{
    return strcmp(name, "word") == 0   ? PARAM_WORD
           : strcmp(name, "flag") == 0 ? PARAM_FLAG
                                       : PARAM_NUMBER;
}

const char *study_bare_label(study *s, const char *label, const char *unit_text)
{
    const size_t n = strlen(label), unit = unit_text == NULL ? 0 : strlen(unit_text);
    if (unit == 0 || n < unit + 4 || label[n - 1] != ')' || label[n - unit - 2] != '(' ||
        memcmp(label + n - unit - 1, unit_text, unit) != 0)
        return label;
    const char *bare = stroma_arena_strndup(&s->arena, label, n - unit - 3);
    return bare == NULL ? label : bare;
}

/* A parameter of the built-in table, or an empty one. */
static study_param from_table(study *s, const char *id)
{
    const stroma_parameter *p = stroma_parameter_find_id(id);
    if (p == NULL)
        return (study_param){ .id = id,
                              .paramcd = "",
                              .label = id,
                              .unit = "",
                              .category = "other",
                              .decimals = 2,
                              .lloq = NAN,
                              .uloq = NAN,
                              .range_low = NAN,
                              .range_high = NAN,
                              .ref_low = NAN,
                              .ref_high = NAN };
    return (study_param){ .id = p->id,
                          .paramcd = p->paramcd,
                          .label = study_bare_label(s, p->label, p->unit),
                          .unit = p->unit == NULL ? "" : p->unit,
                          .category = stroma_parameter_category_name(p->category),
                          .kind = p->kind == STROMA_PARAMETER_WORD   ? PARAM_WORD
                                  : p->kind == STROMA_PARAMETER_FLAG ? PARAM_FLAG
                                                                     : PARAM_NUMBER,
                          .decimals = p->decimals,
                          .log_scale = p->log_scale,
                          .lloq = NAN,
                          .uloq = NAN,
                          .range_low = p->lower,
                          .range_high = p->upper,
                          .ref_low = p->reference_lower,
                          .ref_high = p->reference_upper };
}

stroma_status study_unique_paramcd(study *s, int32_t param, stroma_error *err)
{
    study_param *p = &s->params.items[param];
    char code[9] = "";
    size_t n = 0;
    for (const char *c = p->id; *c != '\0' && n < 8; c++) {
        const bool lower = *c >= 'a' && *c <= 'z';
        if (lower || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9'))
            code[n++] = lower ? (char)(*c - 'a' + 'A') : *c;
    }
    if (n == 0 || (code[0] >= '0' && code[0] <= '9')) code[0] = 'P';
    for (unsigned k = 1; k < 1000; k++) {
        bool taken = false;
        for (size_t i = 0; i < s->params.len; i++)
            taken = taken || ((int32_t)i != param && strcmp(s->params.items[i].paramcd, code) == 0);
        if (!taken) break;
        char digits[12];
        (void)snprintf(digits, sizeof digits, "%u", k);
        const size_t width = strlen(digits), keep = n + width > 8 ? 8 - width : n;
        memcpy(code + keep, digits, width + 1);
    }
    p->paramcd = stroma_arena_strdup(&s->arena, code);
    return p->paramcd == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status read_parameter(study *s, const stroma_yaml_node *n, stroma_error *err)
{
    const bool short_form = n->type == STROMA_YAML_SCALAR;
    const char *id = short_form ? n->text : stroma_yaml_text(n, "id", "");
    if (study_find_param(s, id) != STUDY_NONE)
        return study_fail_at(s, n, err, "two parameters have the id", id);
    if (short_form && stroma_parameter_find_id(id) == NULL)
        return study_fail_at(s, n, err,
                             "a parameter that stroma does not know needs its label and unit:", id);
    study_param p = from_table(s, id);
    if (!short_form) {
        const stroma_yaml_node *range = stroma_yaml_get(n, "range"),
                               *reference = stroma_yaml_get(n, "reference");
        p.paramcd = stroma_yaml_text(n, "paramcd", p.paramcd);
        p.label = stroma_yaml_text(n, "label", p.label);
        p.unit = stroma_yaml_text(n, "unit", p.unit);
        p.label = study_bare_label(s, p.label, p.unit);
        p.category = stroma_yaml_text(n, "category", p.category);
        p.assay = stroma_yaml_text(n, "assay", p.assay);
        if (stroma_yaml_get(n, "kind") != NULL)
            p.kind = kind_of(stroma_yaml_text(n, "kind", "number"));
        if (!study_decimals(n, &p.decimals))
            return study_fail_at(s, n, err, "decimals are a whole number from 0 to 12, at", id);
        p.log_scale = stroma_yaml_bool(n, "log_scale", p.log_scale);
        p.lloq = stroma_yaml_number(n, "lloq", p.lloq);
        p.uloq = stroma_yaml_number(n, "uloq", p.uloq);
        p.range_low = range_end(range, 0, range != NULL ? STUDY_NAN : p.range_low);
        p.range_high = range_end(range, 1, range != NULL ? STUDY_NAN : p.range_high);
        p.ref_low = range_end(reference, 0, reference != NULL ? STUDY_NAN : p.ref_low);
        p.ref_high = range_end(reference, 1, reference != NULL ? STUDY_NAN : p.ref_high);
        p.words_len = stroma_yaml_texts(stroma_yaml_get(n, "words"), &s->arena, &p.words);
    }
    if (strlen(p.paramcd) > 8)
        return study_fail_at(s, n, err, "an ADaM code has 8 characters at most, not", p.paramcd);
    study_param *added = STUDY_ADD(&s->params, err);
    if (added == NULL) return stroma_no_memory(err);
    *added = p;
    return p.paramcd[0] != '\0' ? STROMA_OK
                                : study_unique_paramcd(s, (int32_t)s->params.len - 1, err);
}

stroma_status study_param_for(study *s, const char *id, int32_t *out, stroma_error *err)
{
    *out = study_find_param(s, id);
    if (*out != STUDY_NONE) return STROMA_OK;
    if (stroma_parameter_find_id(id) == NULL) {
        const stroma_parameter *p = NULL;
        stroma_status st = stroma_parameter_get(id, &p, err); /* the reason, or an alias */
        if (st != STROMA_OK) return study_malformed(st, err);
        st = stroma_fail(err, STROMA_E_MALFORMED, "\"%s\" is another name of parameter \"%s\"", id,
                         p->id);
        stroma_hint(err,
                    "write \"%s\"; or declare a parameter of your own under parameters:", p->id);
        return st;
    }
    study_param *p = STUDY_ADD(&s->params, err);
    if (p == NULL) return stroma_no_memory(err);
    *p = from_table(s, id);
    *out = (int32_t)s->params.len - 1;
    return STROMA_OK;
}

static stroma_status read_declared(study *s, stroma_error *err)
{
    read_identity(s, stroma_yaml_get(s->root, "study"));
    STROMA_TRY(read_seed(s, stroma_yaml_get(s->root, "study"), err));
    STROMA_TRY(read_arms(s, stroma_yaml_get(s->root, "arms"), err));
    STROMA_TRY(read_visits(s, stroma_yaml_get(s->root, "visits"), err));
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "parameters");
    for (size_t i = 0; list != NULL && i < list->len; i++)
        STROMA_TRY(read_parameter(s, list->items[i], err));
    if (strcmp(s->layout, "trial") == 0 && s->arms.len == 0)
        return study_fail_at(s, s->root, err, "a trial needs arms: say layout: cohort for study",
                             s->id);
    return STROMA_OK;
}

static stroma_status read_bytes(study *s, const char *path, const stroma_bytes *b,
                                stroma_error *err)
{
    STROMA_TRY(stroma_yaml_read((const char *)b->data, b->size, &s->arena, &s->root, err));
    STROMA_TRY(stroma_schema_check(path, s->root, &study_schema, &s->findings, err));
    if (stroma_yaml_number(s->root, "stroma", 0) != 1)
        return stroma_fail_at(err, STROMA_E_MALFORMED, stroma_yaml_get(s->root, "stroma")->line, 1,
                              "format version %s is not known; this stroma reads version 1",
                              stroma_yaml_text(s->root, "stroma", "?"));
    stroma_hash hash;
    stroma_hash_bytes(b->data, b->size, &hash);
    (void)stroma_hash_format(&hash, s->sha256);
    study_file_info *f = STUDY_ADD(&s->files, err);
    if (f == NULL) return stroma_no_memory(err);
    *f = (study_file_info){ .path = s->path,
                            .resolved = s->path,
                            .role = "study",
                            .format = "yaml",
                            .n_bytes = (int64_t)b->size,
                            .n_rows = -1,
                            .n_columns = -1 };
    memcpy(f->sha256, s->sha256, sizeof f->sha256);
    return STROMA_OK;
}

stroma_status study_read_file(study *s, const char *path, stroma_error *err)
{
    if (strcmp(path, "-") == 0) {
        stroma_fail(err, STROMA_E_USAGE, "a study file cannot come from standard input");
        stroma_hint(err, "save it to a file: the paths of the data are relative to it");
        return STROMA_E_USAGE;
    }
    s->path = stroma_arena_strdup(&s->arena, path);
    if (s->path == NULL) return stroma_no_memory(err);
    stroma_bytes b;
    STROMA_TRY(stroma_bytes_read(path, STUDY_FILE_MAX_BYTES, &b, err));
    stroma_status st = read_bytes(s, path, &b, err);
    stroma_bytes_clear(&b);
    STROMA_TRY(stroma_in(err, st, "study file \"%s\"", path));
    return read_declared(s, err);
}
