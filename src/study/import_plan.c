/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mapping of a data entry: which columns of the file become what. */
#include "import.h"

#include "stroma/file.h"
#include "stroma/hash.h"
#include "stroma/suggest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static stroma_status add_column(import_source *src, const import_column *c, stroma_error *err)
{
    STROMA_TRY(stroma_grow(&src->columns, &src->columns_capacity, src->columns_len + 1,
                           sizeof *src->columns, err));
    src->columns[src->columns_len++] = *c;
    return STROMA_OK;
}

static stroma_status plan_column(import_source *src, const char *name, const stroma_yaml_node *n,
                                 bool of_subject, stroma_error *err)
{
    const bool short_form = n->type == STROMA_YAML_SCALAR;
    import_column c = { .name = name,
                        .at = n,
                        .param = STUDY_NONE,
                        .visit = STUDY_NONE,
                        .of_subject = of_subject,
                        .column = SIZE_MAX,
                        .low = SIZE_MAX,
                        .high = SIZE_MAX,
                        .unit_column = SIZE_MAX };
    const char *param = short_form ? n->text : stroma_yaml_text(n, "param", NULL);
    c.role = short_form ? NULL : stroma_yaml_text(n, "role", NULL);
    if ((param == NULL) == (c.role == NULL))
        return study_fail_at(src->s, n, err, "give either param or role for column", name);
    if (param != NULL) {
        const stroma_status st = study_param_for(src->s, param, &c.param, err);
        if (st != STROMA_OK) {
            if (err != NULL) err->line = n->line;
            return stroma_in(err, st, "study file \"%s\": column \"%s\"", src->s->path, name);
        }
        src->s->params.items[c.param].from_file = true;
    }
    if (!short_form) {
        c.unit = stroma_yaml_text(n, "unit", NULL);
        c.map = stroma_yaml_get(n, "map");
        c.low_name = stroma_yaml_text(n, "low", NULL);
        c.high_name = stroma_yaml_text(n, "high", NULL);
        c.unit_name = stroma_yaml_text(n, "unit_column", NULL);
        const char *visit = stroma_yaml_text(n, "visit", NULL);
        if (visit != NULL && (c.visit = study_find_visit(src->s, visit)) == STUDY_NONE)
            return study_fail_at(src->s, n, err, "unknown visit", visit);
    }
    return add_column(src, &c, err);
}

static stroma_status plan_named(import_source *src, const char *key, bool of_subject,
                                stroma_error *err)
{
    const stroma_yaml_node *map = stroma_yaml_get(src->node, key);
    for (size_t i = 0; map != NULL && i < map->len; i++)
        STROMA_TRY(plan_column(src, map->keys[i]->text, map->items[i], of_subject, err));
    return STROMA_OK;
}

stroma_status import_plan(import_source *src, stroma_error *err)
{
    STROMA_TRY(plan_named(src, "columns", false, err));
    STROMA_TRY(plan_named(src, "subject_columns", true, err));
    const size_t before = src->columns_len;
    STROMA_TRY(plan_named(src, "names", false, err));
    const bool named = strcmp(src->layout, "value") == 0;
    if (!named && src->columns_len > before)
        return study_fail_at(src->s, src->node, err, "names: belongs to layout value, not to",
                             src->layout);
    if (named && (stroma_yaml_get(src->node, "param") == NULL ||
                  stroma_yaml_get(src->node, "value") == NULL))
        return study_fail_at(src->s, src->node, err,
                             "layout value needs the keys param, value and names in", src->path);
    src->cdisc_days =
        strcmp(stroma_yaml_text(src->node, "day_numbering", "from_zero"), "cdisc") == 0;
    if (stroma_yaml_get(src->node, "subject") == NULL && strcmp(src->s->layout, "case") != 0)
        return study_fail_at(src->s, src->node, err, "the key subject is missing for file",
                             src->path);
    return STROMA_OK;
}

size_t import_find_column(import_source *src, const char *name, const stroma_yaml_node *at)
{
    if (name == NULL) return SIZE_MAX;
    const size_t i = stroma_table_find(src->t, name);
    if (i != SIZE_MAX) return i;
    const char *names[512];
    size_t n = 0;
    for (size_t k = 0; k < src->t->columns_len && n < 512; k++)
        names[n++] = src->t->columns[k].name;
    const char *near = stroma_nearest(name, names, n);
    char message[256], action[256];
    (void)snprintf(message, sizeof message, "file \"%.120s\" has no column \"%.80s\"", src->path,
                   name);
    (void)snprintf(action, sizeof action,
                   near != NULL ? "did you mean \"%s\"?" : "see its columns with: stroma data info",
                   near);
    study_fatal(src->s, STROMA_E_INCONSISTENT,
                &(stroma_finding){ .code = "STROMA-DATA-004",
                                   .severity = STROMA_ERROR,
                                   .line = at == NULL ? 0 : at->line,
                                   .column = name,
                                   .message = message,
                                   .rule = "every column that the study file names exists",
                                   .action = action });
    return SIZE_MAX;
}

/* "${STROMA_DATA_ROOT}/x" and paths relative to the study file. */
stroma_status import_resolve(const study *s, const char *path, char **out, stroma_error *err)
{
    static const char variable[] = "${STROMA_DATA_ROOT}";
    if (strncmp(path, variable, sizeof variable - 1) == 0) {
        const char *root = getenv("STROMA_DATA_ROOT");
        if (root == NULL) {
            const stroma_status st =
                stroma_fail(err, STROMA_E_USAGE, "file \"%s\": STROMA_DATA_ROOT is not set", path);
            stroma_hint(err, "set it to the folder that holds the downloaded data");
            return st;
        }
        *out = stroma_asprintf("%s%s", root, path + sizeof variable - 1);
    } else {
        *out = stroma_path_beside(s->path, path);
    }
    return *out == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_column_type type_of(const import_source *src, const import_column *c, bool *typed)
{
    *typed = true;
    if (c->role != NULL) {
        const size_t n = strlen(c->role);
        if (n > 5 && strcmp(c->role + n - 5, "_date") == 0) return STROMA_COLUMN_DATE;
        return STROMA_COLUMN_TEXT;
    }
    if (c->map != NULL || c->unit_name != NULL) return STROMA_COLUMN_TEXT;
    return src->s->params.items[c->param].kind == PARAM_NUMBER ? STROMA_COLUMN_NUMBER
                                                               : STROMA_COLUMN_TEXT;
}

typedef struct column_list {
    stroma_column_spec *specs;
    const char **keep;
    size_t len, capacity;
} column_list;

static void want(column_list *l, const char *name, bool typed, stroma_column_type type)
{
    for (size_t i = 0; name != NULL && i < l->len; i++) {
        if (strcmp(l->keep[i], name) != 0) continue;
        /* wanted twice with different types: as text, and parsed here */
        if (l->specs[i].type != type) l->specs[i].type = STROMA_COLUMN_TEXT;
        return;
    }
    if (name == NULL || l->len == l->capacity) return;
    l->specs[l->len] = (stroma_column_spec){ .name = name, .typed = typed, .type = type };
    l->keep[l->len++] = name;
}

static void want_columns(const import_source *src, column_list *l)
{
    const stroma_yaml_node *n = src->node;
    const bool named = strcmp(src->layout, "value") == 0;
    want(l, stroma_yaml_text(n, "subject", NULL), true, STROMA_COLUMN_TEXT);
    want(l, stroma_yaml_text(n, "visit", NULL), true, STROMA_COLUMN_TEXT);
    want(l, stroma_yaml_text(n, "repeat", NULL), true, STROMA_COLUMN_TEXT);
    want(l, stroma_yaml_text(n, "day", NULL), true, STROMA_COLUMN_NUMBER);
    want(l, stroma_yaml_text(n, "date", NULL), true, STROMA_COLUMN_DATE);
    want(l, stroma_yaml_text(n, "param", NULL), true, STROMA_COLUMN_TEXT);
    want(l, stroma_yaml_text(n, "value", NULL), true, STROMA_COLUMN_TEXT);
    want(l, stroma_yaml_text(n, "unit", NULL), true, STROMA_COLUMN_TEXT);
    want(l, stroma_yaml_text(n, "low", NULL), true, STROMA_COLUMN_NUMBER);
    want(l, stroma_yaml_text(n, "high", NULL), true, STROMA_COLUMN_NUMBER);
    for (size_t k = 0; k < src->columns_len; k++) {
        const import_column *c = &src->columns[k];
        if (named && !c->of_subject) continue; /* a name in a cell, not a column */
        bool typed = true;
        const stroma_column_type type = type_of(src, c, &typed);
        want(l, c->name, typed, type);
        want(l, c->unit_name, true, STROMA_COLUMN_TEXT);
        want(l, c->low_name, true, STROMA_COLUMN_NUMBER);
        want(l, c->high_name, true, STROMA_COLUMN_NUMBER);
    }
    const char *kind = stroma_yaml_text(n, "kind", NULL);
    if (kind != NULL && !import_is_event_kind(kind)) want(l, kind, true, STROMA_COLUMN_TEXT);
    const stroma_yaml_node *fields = stroma_yaml_get(n, "fields");
    for (size_t i = 0; fields != NULL && fields->type == STROMA_YAML_MAP && i < fields->len; i++)
        if (fields->items[i]->type == STROMA_YAML_SCALAR)
            want(l, fields->items[i]->text, true, STROMA_COLUMN_TEXT);
}

static void find_columns(import_source *src)
{
    const stroma_yaml_node *n = src->node;
    const bool named = strcmp(src->layout, "value") == 0;
    src->subject = import_find_column(src, stroma_yaml_text(n, "subject", NULL),
                                      stroma_yaml_get(n, "subject"));
    src->visit =
        import_find_column(src, stroma_yaml_text(n, "visit", NULL), stroma_yaml_get(n, "visit"));
    src->repeat =
        import_find_column(src, stroma_yaml_text(n, "repeat", NULL), stroma_yaml_get(n, "repeat"));
    src->day = import_find_column(src, stroma_yaml_text(n, "day", NULL), stroma_yaml_get(n, "day"));
    src->date =
        import_find_column(src, stroma_yaml_text(n, "date", NULL), stroma_yaml_get(n, "date"));
    const char *kind = stroma_yaml_text(n, "kind", NULL);
    src->kind = kind == NULL || import_is_event_kind(kind)
                    ? SIZE_MAX
                    : import_find_column(src, kind, stroma_yaml_get(n, "kind"));
    const size_t unit =
        import_find_column(src, stroma_yaml_text(n, "unit", NULL), stroma_yaml_get(n, "unit"));
    const size_t low =
        import_find_column(src, stroma_yaml_text(n, "low", NULL), stroma_yaml_get(n, "low"));
    const size_t high =
        import_find_column(src, stroma_yaml_text(n, "high", NULL), stroma_yaml_get(n, "high"));
    for (size_t k = 0; k < src->columns_len; k++) {
        import_column *c = &src->columns[k];
        if (named && !c->of_subject) {
            c->unit_column = unit;
            c->low = low;
            c->high = high;
            continue;
        }
        c->column = import_find_column(src, c->name, c->at);
        c->unit_column = import_find_column(src, c->unit_name, c->at);
        c->low = import_find_column(src, c->low_name, c->at);
        c->high = import_find_column(src, c->high_name, c->at);
    }
}

/* "csv" of "data/visits.csv": what the file calls itself, when the study file does not say. */
static const char *ending(const char *path)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    return dot == NULL || (slash != NULL && dot < slash) ? "" : dot + 1;
}

stroma_status import_note_file(study *s, const char *path, const char *resolved, const char *format,
                               int32_t *out, stroma_error *err)
{
    stroma_hash hash;
    uint64_t n_bytes = 0;
    STROMA_TRY(stroma_hash_file(resolved, &hash, &n_bytes, err));
    const char *kept = stroma_arena_strdup(&s->arena, resolved);
    study_file_info *f = kept == NULL ? NULL : STUDY_ADD(&s->files, err);
    if (f == NULL) return stroma_no_memory(err);
    *f = (study_file_info){ .path = path,
                            .resolved = kept,
                            .role = "data",
                            .format = format,
                            .n_bytes = (int64_t)n_bytes,
                            .n_rows = -1,
                            .n_columns = -1 };
    (void)stroma_hash_format(&hash, f->sha256);
    *out = (int32_t)s->files.len - 1;
    return STROMA_OK;
}

static bool absent_columns(const import_source *src, size_t before)
{
    for (size_t i = before; i < src->s->findings.len; i++)
        if (strcmp(src->s->findings.items[i].code, "STROMA-CSV-016") == 0) return true;
    return false;
}

/* Read again with all columns, to say which names of the study file are not among them, and which
 * are nearest. */
static stroma_status name_absent_columns(import_source *src, const char *resolved,
                                         const stroma_table_read_options *opts, size_t before,
                                         stroma_error *err)
{
    stroma_table_read_options all = *opts;
    all.columns_len = all.keep_len = 0;
    src->s->findings.len = before;
    STROMA_TRY(stroma_table_read(resolved, &all, &src->t, NULL, err));
    find_columns(src);
    stroma_table_free(src->t);
    src->t = NULL;
    return STROMA_OK;
}

static stroma_status read_with(import_source *src, const char *resolved, column_list *l,
                               stroma_error *err)
{
    stroma_arena *arena = &src->s->arena;
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    const char **missing = NULL, **not_done = NULL;
    o.missing_len = stroma_yaml_texts(stroma_yaml_get(src->node, "missing"), arena, &missing);
    o.not_done_len = stroma_yaml_texts(stroma_yaml_get(src->node, "not_done"), arena, &not_done);
    o.missing = missing;
    o.not_done = not_done;
    o.format = stroma_yaml_text(src->node, "format", NULL);
    const char *delimiter = stroma_yaml_text(src->node, "delimiter", NULL);
    if (delimiter != NULL && strcmp(delimiter, "tab") != 0 &&
        (strlen(delimiter) != 1 || strchr(",;|\t", delimiter[0]) == NULL))
        return study_fail_at(src->s, stroma_yaml_get(src->node, "delimiter"), err,
                             "a delimiter is , ; tab or |, not", delimiter);
    if (delimiter != NULL) o.delimiter = strcmp(delimiter, "tab") == 0 ? '\t' : delimiter[0];
    if (stroma_yaml_get(src->node, "decimal") != NULL) o.decimal = src->decimal;
    want_columns(src, l);
    o.columns = l->specs;
    o.columns_len = l->len;
    o.keep = l->keep;
    o.keep_len = l->len;
    o.threads = src->s->threads;
    stroma_error read_error = STROMA_ERROR_INIT;
    const size_t before = src->s->findings.len;
    const stroma_status st =
        stroma_table_read(resolved, &o, &src->t, &src->s->findings, &read_error);
    if (st == STROMA_E_MALFORMED && absent_columns(src, before))
        return name_absent_columns(src, resolved, &o, before, err);
    if (st == STROMA_E_MALFORMED && src->s->findings.len > before) {
        /* cells that do not fit: all are findings now; `run` stops at the first, `check` lists them
         */
        if (src->s->n_fatal++ == 0) src->s->fatal = read_error;
        return STROMA_OK;
    }
    if (st != STROMA_OK && err != NULL) *err = read_error;
    return st;
}

stroma_status import_read_table(import_source *src, stroma_error *err)
{
    char *resolved = NULL;
    STROMA_TRY(import_resolve(src->s, src->path, &resolved, err));
    const size_t most = 4 * src->columns_len + 64;
    column_list l = { .specs = stroma_alloc_array(most, sizeof *l.specs),
                      .keep = stroma_alloc_array(most, sizeof *l.keep),
                      .capacity = most };
    stroma_status st = l.specs == NULL || l.keep == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (st == STROMA_OK)
        st = import_note_file(src->s, src->path, resolved,
                              stroma_yaml_text(src->node, "format", ending(src->path)), &src->file,
                              err);
    if (st == STROMA_OK) st = read_with(src, resolved, &l, err);
    stroma_free(l.specs);
    stroma_free(l.keep);
    stroma_free(resolved);
    if (st != STROMA_OK || src->t == NULL) return st;
    find_columns(src);
    study_file_info *f = &src->s->files.items[src->file];
    f->n_rows = (int64_t)src->t->rows_len;
    f->n_columns = (int64_t)src->t->columns_len;
    return STROMA_OK;
}
