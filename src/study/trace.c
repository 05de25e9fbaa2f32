/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a number in study.db back to file, row and hash. */
#include "cytometry_trace.h"

#include "stroma/file.h"
#include "stroma/json.h"
#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/study.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

enum { TRACE_DEPTH_MAX = 32 };

typedef struct tracer {
    sqlite3 *db;
    sqlite3_stmt *measurement, *inputs;
    stroma_buffer *out;
    stroma_json json;
    bool as_json;
    stroma_error *err;
} tracer;

static const char *column(sqlite3_stmt *st, int k)
{
    const unsigned char *text = sqlite3_column_text(st, k);
    return text == NULL ? NULL : (const char *)text;
}

/* Of a column that study.db never leaves empty; another file of this shape may. */
static const char *column_or_empty(sqlite3_stmt *st, int k)
{
    const char *text = column(st, k);
    return text == NULL ? "" : text;
}

static stroma_status broken(tracer *t)
{
    return stroma_fail(t->err, STROMA_E_MALFORMED, "not a study.db of this version: %s",
                       sqlite3_errmsg(t->db));
}

/* columns of the measurement query */
enum {
    M_SUBJECT,
    M_VISIT,
    M_PARAM,
    M_CODE,
    M_LABEL,
    M_UNIT,
    M_VALUE,
    M_TEXT,
    M_STATE,
    M_REASON,
    M_BAND,
    M_DAY,
    M_METHOD,
    M_VERSION,
    M_FORMULA,
    M_SOURCE,
    M_SETTINGS,
    M_FILE,
    M_SHA256,
    M_ROW,
    M_COLUMN,
    M_RAW,
    M_FLAGS
};
static const char measurement_sql[] =
    "SELECT m.subject_id,m.visit_id,m.param_id,p.paramcd,p.label,p.unit,m.value,m.text,m.state,"
    "m.reason,m.band,m.study_day,d.method,d.version,d.formula,d.source,d.params,f.path,f.sha256,"
    "m.row,m.column_name,m.raw,m.flags FROM measurement m JOIN parameter p USING(param_id) "
    "LEFT JOIN derivation d USING(derivation_id) LEFT JOIN input_file f USING(file_id) "
    "WHERE m.measurement_id=?";

static void value_text(sqlite3_stmt *m, stroma_buffer *out)
{
    const char *state = column_or_empty(m, M_STATE), *text = column(m, M_TEXT),
               *unit = column_or_empty(m, M_UNIT);
    char number[STROMA_NUMBER_TEXT_MAX];
    const bool has_number = sqlite3_column_type(m, M_VALUE) != SQLITE_NULL;
    if (strcmp(state, "below_limit") == 0) stroma_buffer_puts(out, "< ");
    if (strcmp(state, "above_limit") == 0) stroma_buffer_puts(out, "> ");
    if (text != NULL)
        stroma_buffer_puts(out, text);
    else if (has_number)
        stroma_buffer_puts(out, stroma_format_double(sqlite3_column_double(m, M_VALUE), number));
    else
        stroma_buffer_puts(out, state);
    if (has_number && text == NULL && unit[0] != '\0') stroma_buffer_printf(out, " %s", unit);
}

/* The branch before the node: "│  ├─ ". */
static void indent(tracer *t, int depth, bool last, const bool *open)
{
    for (int i = 1; i < depth; i++)
        stroma_buffer_puts(t->out, open[i] ? "\xE2\x94\x82  " : "   ");
    if (depth > 0)
        stroma_buffer_puts(t->out,
                           last ? "\xE2\x94\x94\xE2\x94\x80 " : "\xE2\x94\x9C\xE2\x94\x80 ");
}

static void below(tracer *t, int depth, const bool *open, bool has_inputs)
{
    for (int i = 1; i <= depth; i++)
        stroma_buffer_puts(t->out, open[i] ? "\xE2\x94\x82  " : "   ");
    stroma_buffer_puts(t->out, has_inputs ? "\xE2\x94\x82    " : "     ");
}

static bool is_of_events(tracer *t)
{
    const char *method = column(t->measurement, M_METHOD);
    return method != NULL && strncmp(method, "cytometry:", 10) == 0;
}

/* A number that was counted from events: its gates and its file. */
static stroma_status print_events(tracer *t, int64_t id, int depth, const bool *open,
                                  bool has_inputs)
{
    stroma_buffer prefix;
    stroma_buffer_init(&prefix, 1 << 12);
    tracer lines = *t;
    lines.out = &prefix;
    below(&lines, depth, open, has_inputs);
    stroma_status s = stroma_buffer_status(&prefix, t->err);
    if (s == STROMA_OK && !cytometry_trace_text(t->db, id, prefix.data, t->out)) s = broken(t);
    stroma_buffer_clear(&prefix);
    return s;
}

static void print_node(tracer *t, int depth, bool last, const bool *open, bool has_inputs)
{
    sqlite3_stmt *m = t->measurement;
    indent(t, depth, last, open);
    stroma_buffer_printf(t->out, "%s (%s)", column_or_empty(m, M_LABEL),
                         column_or_empty(m, M_CODE));
    if (column(m, M_VISIT) != NULL) stroma_buffer_printf(t->out, " at %s", column(m, M_VISIT));
    if (sqlite3_column_type(m, M_DAY) != SQLITE_NULL)
        stroma_buffer_printf(t->out, ", day %d", sqlite3_column_int(m, M_DAY));
    stroma_buffer_puts(t->out, " = ");
    value_text(m, t->out);
    if (column(m, M_BAND) != NULL) stroma_buffer_printf(t->out, " [%s]", column(m, M_BAND));
    stroma_buffer_putc(t->out, '\n');
    if (column(m, M_REASON) != NULL) {
        below(t, depth, open, has_inputs);
        stroma_buffer_printf(t->out, "%s\n", column(m, M_REASON));
    }
    if (column(m, M_FLAGS) != NULL) {
        below(t, depth, open, has_inputs);
        stroma_buffer_printf(t->out, "notes: %s\n", column(m, M_FLAGS));
    }
    below(t, depth, open, has_inputs);
    if (column(m, M_METHOD) != NULL)
        stroma_buffer_printf(t->out, "%s: %s  (%s)\n", column(m, M_METHOD),
                             column_or_empty(m, M_FORMULA), column_or_empty(m, M_SOURCE));
    else
        stroma_buffer_printf(t->out,
                             "%s line %lld column \"%s\" reads \"%s\"  sha256 %.16s\xE2\x80\xA6\n",
                             column(m, M_FILE) == NULL ? "?" : column(m, M_FILE),
                             (long long)sqlite3_column_int64(m, M_ROW),
                             column(m, M_COLUMN) == NULL ? "?" : column(m, M_COLUMN),
                             column(m, M_RAW) == NULL ? "" : column(m, M_RAW),
                             column(m, M_SHA256) == NULL ? "?" : column(m, M_SHA256));
}

static void json_node(tracer *t)
{
    sqlite3_stmt *m = t->measurement;
    stroma_json *j = &t->json;
    stroma_json_put_string(j, "subject", column(m, M_SUBJECT));
    stroma_json_put_string(j, "visit", column(m, M_VISIT));
    stroma_json_put_string(j, "param", column(m, M_PARAM));
    stroma_json_put_string(j, "paramcd", column_or_empty(m, M_CODE));
    stroma_json_put_string(j, "unit", column_or_empty(m, M_UNIT));
    stroma_json_key(j, "value");
    if (column(m, M_TEXT) != NULL)
        stroma_json_string(j, column(m, M_TEXT));
    else if (sqlite3_column_type(m, M_VALUE) != SQLITE_NULL)
        stroma_json_number(j, sqlite3_column_double(m, M_VALUE));
    else
        stroma_json_null(j);
    stroma_json_put_string(j, "state", column_or_empty(m, M_STATE));
    stroma_json_put_string(j, "reason", column(m, M_REASON));
    stroma_json_put_string(j, "band", column(m, M_BAND));
    stroma_json_key(j, "flags");
    if (column(m, M_FLAGS) == NULL)
        stroma_json_null(j);
    else
        stroma_json_raw(j, column(m, M_FLAGS));
    stroma_json_key(j, "study_day");
    if (sqlite3_column_type(m, M_DAY) == SQLITE_NULL)
        stroma_json_null(j);
    else
        stroma_json_int(j, sqlite3_column_int64(m, M_DAY));
    if (column(m, M_METHOD) != NULL) {
        stroma_json_put_string(j, "method", column(m, M_METHOD));
        stroma_json_put_string(j, "formula", column_or_empty(m, M_FORMULA));
        stroma_json_put_string(j, "source", column_or_empty(m, M_SOURCE));
        stroma_json_key(j, "settings");
        stroma_json_raw(j, column(m, M_SETTINGS) == NULL ? "{}" : column(m, M_SETTINGS));
    } else {
        stroma_json_put_string(j, "file", column(m, M_FILE));
        stroma_json_put_string(j, "sha256", column(m, M_SHA256));
        stroma_json_put_int(j, "row", sqlite3_column_int64(m, M_ROW));
        stroma_json_put_string(j, "column", column(m, M_COLUMN));
        stroma_json_put_string(j, "raw", column(m, M_RAW));
    }
}

static stroma_status input_ids(tracer *t, int64_t id, int64_t **ids, size_t *n)
{
    size_t capacity = 0;
    *n = 0;
    (void)sqlite3_reset(t->inputs);
    (void)sqlite3_bind_int64(t->inputs, 1, id);
    int step = 0;
    while ((step = sqlite3_step(t->inputs)) == SQLITE_ROW) {
        STROMA_TRY(stroma_grow(ids, &capacity, *n + 1, sizeof **ids, t->err));
        (*ids)[(*n)++] = sqlite3_column_int64(t->inputs, 0);
    }
    return step == SQLITE_DONE ? STROMA_OK : broken(t);
}

static stroma_status node(tracer *t, int64_t id, int depth, bool last,
                          bool *open) // NOLINT(misc-no-recursion)
{
    if (depth >= TRACE_DEPTH_MAX)
        return stroma_fail(t->err, STROMA_E_MALFORMED, "the derivation graph is deeper than %d",
                           TRACE_DEPTH_MAX);
    int64_t *ids = NULL;
    size_t n = 0;
    stroma_status s = input_ids(t, id, &ids, &n);
    (void)sqlite3_reset(t->measurement);
    (void)sqlite3_bind_int64(t->measurement, 1, id);
    if (s == STROMA_OK && sqlite3_step(t->measurement) != SQLITE_ROW) s = broken(t);
    if (s != STROMA_OK) {
        stroma_free(ids);
        return s;
    }
    open[depth] = depth > 0 && !last;
    if (t->as_json) {
        stroma_json_begin_object(&t->json);
        json_node(t);
        if (is_of_events(t) && !cytometry_trace_json(t->db, id, &t->json)) s = broken(t);
        stroma_json_key(&t->json, "inputs");
        stroma_json_begin_array(&t->json);
    } else {
        print_node(t, depth, last, open, n > 0);
        if (is_of_events(t)) s = print_events(t, id, depth, open, n > 0);
    }
    for (size_t i = 0; s == STROMA_OK && i < n; i++)
        s = node(t, ids[i], depth + 1, i + 1 == n, open);
    if (t->as_json) {
        stroma_json_end_array(&t->json);
        stroma_json_end_object(&t->json);
    }
    stroma_free(ids);
    return s;
}

static bool exists(tracer *t, const char *sql, const char *id)
{
    sqlite3_stmt *st = NULL;
    bool found = false;
    if (sqlite3_prepare_v2(t->db, sql, -1, &st, NULL) == SQLITE_OK) {
        (void)sqlite3_bind_text(st, 1, id, -1, SQLITE_STATIC);
        found = sqlite3_step(st) == SQLITE_ROW;
    }
    (void)sqlite3_finalize(st);
    return found;
}

static stroma_status not_found(tracer *t, const stroma_trace_options *o)
{
    const char *what = "value";
    const char *name = o->param;
    if (!exists(t, "SELECT 1 FROM subject WHERE subject_id=?", o->subject)) {
        what = "subject";
        name = o->subject;
    } else if (!exists(t, "SELECT 1 FROM parameter WHERE ?1 IN (param_id,paramcd)", o->param)) {
        what = "parameter";
    } else if (o->visit != NULL && !exists(t, "SELECT 1 FROM visit WHERE visit_id=?", o->visit)) {
        what = "visit";
        name = o->visit;
    }
    const stroma_status s =
        strcmp(what, "value") == 0
            ? stroma_fail(t->err, STROMA_E_USAGE, "subject \"%s\" has no %s at visit \"%s\"",
                          o->subject, o->param, o->visit == NULL ? "(none)" : o->visit)
            : stroma_fail(t->err, STROMA_E_USAGE, "no %s \"%s\" in this study", what, name);
    stroma_hint(t->err, "ids are those of the study file; parameters also go by their ADaM code");
    return s;
}

static stroma_status find(tracer *t, const stroma_trace_options *o, int64_t *id)
{
    static const char sql[] =
        "SELECT measurement_id FROM measurement JOIN parameter USING(param_id) WHERE subject_id=?1 "
        "AND "
        "visit_id IS ?2 AND ?3 IN (param_id,paramcd) ORDER BY measurement_id LIMIT 1";
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(t->db, sql, -1, &st, NULL) != SQLITE_OK) return broken(t);
    (void)sqlite3_bind_text(st, 1, o->subject, -1, SQLITE_STATIC);
    (void)(o->visit == NULL ? sqlite3_bind_null(st, 2)
                            : sqlite3_bind_text(st, 2, o->visit, -1, SQLITE_STATIC));
    (void)sqlite3_bind_text(st, 3, o->param, -1, SQLITE_STATIC);
    const int step = sqlite3_step(st);
    if (step == SQLITE_ROW) *id = sqlite3_column_int64(st, 0);
    (void)sqlite3_finalize(st);
    return step == SQLITE_ROW ? STROMA_OK : step == SQLITE_DONE ? not_found(t, o) : broken(t);
}

static stroma_status trace(tracer *t, const char *path, const stroma_trace_options *o)
{
    if (!stroma_path_exists(path)) return stroma_fail(t->err, STROMA_E_IO, "it does not exist");
    if (sqlite3_open_v2(path, &t->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(t->db, measurement_sql, -1, &t->measurement, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(
            t->db, "SELECT input_id FROM measurement_input WHERE measurement_id=? ORDER BY ord", -1,
            &t->inputs, NULL) != SQLITE_OK)
        return broken(t);
    int64_t id = 0;
    STROMA_TRY(find(t, o, &id));
    bool open[TRACE_DEPTH_MAX] = { false };
    stroma_json_init(&t->json, t->out, 1);
    STROMA_TRY(node(t, id, 0, true, open));
    if (t->as_json) stroma_buffer_putc(t->out, '\n');
    return stroma_buffer_status(t->out, t->err);
}

stroma_status stroma_trace(const char *db_path, const stroma_trace_options *opts,
                           stroma_buffer *out, stroma_error *err)
{
    tracer t = { .out = out, .as_json = opts->json, .err = err };
    const stroma_status s = trace(&t, db_path, opts);
    (void)sqlite3_finalize(t.measurement);
    (void)sqlite3_finalize(t.inputs);
    (void)sqlite3_close(t.db);
    return stroma_in(err, s, "file \"%s\"", db_path);
}
