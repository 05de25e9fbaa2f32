/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace store of the page: what stands behind the numbers that are shown, and nothing more.
 * Keys are noted in a temporary table while the page is written. */
#include "content.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

stroma_status report_trace_begin(report_db *db, stroma_error *err)
{
    char *why = NULL;
    if (sqlite3_exec(db->sql,
                     "PRAGMA temp_store = MEMORY;"
                     "CREATE TEMP TABLE shown(kind TEXT NOT NULL, id INTEGER NOT NULL, "
                     "PRIMARY KEY(kind, id)) WITHOUT ROWID",
                     NULL, NULL, &why) == SQLITE_OK)
        return STROMA_OK;
    stroma_fail(err, STROMA_E_INTERNAL, "trace store: %s", why == NULL ? "no reason" : why);
    sqlite3_free(why);
    return STROMA_E_INTERNAL;
}

stroma_status report_trace_want(report_db *db, const char *key, stroma_error *err)
{
    bool known = key[0] != '\0' && strchr("rsmei", key[0]) != NULL && key[1] != '\0';
    for (const char *p = key + 1; known && *p != '\0'; p++)
        known = *p >= '0' && *p <= '9';
    if (!known || strlen(key) > 20)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "trace key \"%.40s\" is unknown", key);
    const char kind[2] = { key[0], '\0' };
    const char *params[] = { kind, key + 1 };
    sqlite3_stmt *q = NULL;
    STROMA_TRY(
        report_query(db, "INSERT OR IGNORE INTO temp.shown VALUES(?1, ?2)", params, 2, &q, err));
    bool got = false;
    const stroma_status s = report_row(db, q, &got, err);
    (void)sqlite3_finalize(q);
    return s;
}

void report_html_json(stroma_buffer *html, const char *json)
{
    for (const char *p = json; *p != '\0';) {
        const size_t n = strcspn(p, "<");
        stroma_buffer_append(html, p, n);
        p += n;
        if (*p == '<') {
            stroma_buffer_puts(html, "\\u003c");
            p++;
        }
    }
}

/* A row as an object of its columns without the first one, which is the key; NULLs are left out. */
static void put_row(stroma_json *j, sqlite3_stmt *q)
{
    stroma_json_key(j, report_text(q, 0));
    stroma_json_begin_object(j);
    for (int i = 1; i < sqlite3_column_count(q); i++) {
        const char *name = sqlite3_column_name(q, i);
        switch (sqlite3_column_type(q, i)) {
        case SQLITE_NULL: break;
        case SQLITE_INTEGER: stroma_json_put_int(j, name, report_int(q, i)); break;
        case SQLITE_FLOAT: stroma_json_put_number(j, name, report_number(q, i)); break;
        default:
            if (report_text(q, i)[0] != '\0') stroma_json_put_string(j, name, report_text(q, i));
            break;
        }
    }
    stroma_json_end_object(j);
}

static stroma_status put_query(report_db *db, stroma_json *j, const char *name, const char *sql,
                               stroma_error *err)
{
    sqlite3_stmt *q = NULL;
    STROMA_TRY(report_query(db, sql, NULL, 0, &q, err));
    stroma_json_key(j, name);
    stroma_json_begin_object(j);
    bool got = false;
    stroma_status s = report_row(db, q, &got, err);
    while (s == STROMA_OK && got) {
        put_row(j, q);
        s = report_row(db, q, &got, err);
    }
    stroma_json_end_object(j);
    (void)sqlite3_finalize(q);
    return s;
}

/* Single values: the whole tree under those that are shown. */
#define TREE                                                                  \
    "WITH RECURSIVE tree(id) AS (SELECT id FROM temp.shown WHERE kind = 'm' " \
    "UNION SELECT i.input_id FROM measurement_input i JOIN tree t ON i.measurement_id = t.id) "
static const struct {
    const char *name, *sql;
} small[] = {
    { "files", "SELECT file_id, path, role, format, sha256, n_bytes, n_rows FROM input_file "
               "ORDER BY file_id" },
    { "params",
      "SELECT param_id, label, unit, paramcd, assay, lloq, uloq FROM parameter ORDER BY ord" },
    { "visits", "SELECT visit_id, label FROM visit ORDER BY ord" },
    { "sets", "SELECT set_id, label, definition FROM analysis_set ORDER BY ord" },
    { "groupings",
      "SELECT grouping_id, label, rule, missing_rule, origin_param_id FROM grouping ORDER BY ord" },
    { "groups", "SELECT grouping_id || '/' || group_id, label FROM group_of "
                "ORDER BY grouping_id, ord" },
    { "derivations",
      "SELECT derivation_id, method, version, formula, source, params FROM derivation "
      "ORDER BY derivation_id" },
},
  big[] = {
    { "r", "SELECT 'r' || r.result_id, r.* FROM result r JOIN temp.shown s ON s.kind = 'r' AND "
           "s.id = r.result_id ORDER BY r.result_id" },
    { "s", "SELECT 's' || r.summary_id, r.* FROM summary r JOIN temp.shown s ON s.kind = 's' AND "
           "s.id = r.summary_id ORDER BY r.summary_id" },
    { "e",
      "SELECT 'e' || e.event_id, u.display_id AS subject, e.kind, e.term, e.study_day, e.end_day, "
      "e.visit_id, e.grade, e.serious, e.related, e.action, e.outcome, e.detail, e.file_id, e.row "
      "FROM event e JOIN temp.shown s ON s.kind = 'e' AND s.id = e.event_id "
      "JOIN subject u ON u.subject_id = e.subject_id ORDER BY e.event_id" },
    { "m", TREE "SELECT 'm' || m.measurement_id, u.display_id AS subject, m.visit_id, m.study_day, "
                "m.param_id, m.value, m.text, m.state, m.reason, m.band, m.ref_low, m.ref_high, "
                "m.ref_flag, m.flags, m.derivation_id, m.file_id, m.row, m.column_name, m.raw, "
                "(SELECT json_group_array(input_id) FROM (SELECT input_id FROM measurement_input i "
                "WHERE i.measurement_id = m.measurement_id ORDER BY ord)) AS inputs "
                "FROM tree JOIN measurement m ON m.measurement_id = tree.id "
                "JOIN subject u ON u.subject_id = m.subject_id ORDER BY m.measurement_id" },
};

enum { WIDE_MAX = 64, TEXT_DIGITS = 10 };

/* Hundreds of rows with the same few texts: {"columns": [names; '$' before one of texts], "same":
 * {what all rows share}, "rows": {key: [cells]}}. A text is its place in "texts", 0 is none. */
typedef struct wide {
    report_db *db;
    stroma_json *j;
    sqlite3_stmt *q;
    json_t *places; /* text -> place */
    stroma_buffer *texts;
    const char *first[WIDE_MAX];
    bool varies[WIDE_MAX], is_text[WIDE_MAX];
    int n;
} wide;

/* Ids that people read as words. */
static const char *words_of(const char *column, const char *text, char *buf)
{
    static const char *const columns[] = { "adjust_method", "effect_name", "estimate_name",
                                           "family", "method" };
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        if (strcmp(columns[i], column) == 0) return report_name(text, buf, REPORT_NAME_MAX);
    return text;
}

static bool is_text_column(sqlite3_stmt *q, int i)
{
    const char *type = sqlite3_column_decltype(q, i);
    return type == NULL || strcmp(type, "TEXT") == 0;
}

static stroma_status text_place(wide *w, const char *text, int64_t *place, stroma_error *err)
{
    *place = 0;
    if (text[0] == '\0') return STROMA_OK;
    json_t *known = json_object_get(w->places, text);
    *place = json_integer_value(known);
    if (known != NULL) return STROMA_OK;
    *place = (int64_t)json_object_size(w->places) + 1;
    if (json_object_set_new(w->places, text, json_integer(*place)) != 0)
        return stroma_no_memory(err);
    stroma_json j;
    stroma_buffer_putc(w->texts, ',');
    stroma_json_init(&j, w->texts, 0);
    stroma_json_string(&j, text);
    return STROMA_OK;
}

/* The panel prints six digits. */
static void put_digits(stroma_json *j, double x)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    double rounded = x;
    (void)stroma_format_significant(x, TEXT_DIGITS, text);
    (void)stroma_parse_double(text, strlen(text), '.', &rounded);
    stroma_json_number(j, rounded);
}

static stroma_status put_wide_cell(wide *w, int i, stroma_error *err)
{
    char buf[REPORT_NAME_MAX];
    if (w->is_text[i]) {
        int64_t place = 0;
        STROMA_TRY(text_place(w, words_of(sqlite3_column_name(w->q, i), report_text(w->q, i), buf),
                              &place, err));
        stroma_json_int(w->j, place);
        return STROMA_OK;
    }
    switch (sqlite3_column_type(w->q, i)) {
    case SQLITE_NULL: stroma_json_null(w->j); break;
    case SQLITE_INTEGER: stroma_json_int(w->j, report_int(w->q, i)); break;
    default: put_digits(w->j, report_number(w->q, i)); break;
    }
    return STROMA_OK;
}

/* First pass: which columns differ from row to row. */
static stroma_status look(wide *w, stroma_error *err)
{
    bool got = false;
    w->n = sqlite3_column_count(w->q);
    if (w->n > WIDE_MAX)
        return stroma_fail(err, STROMA_E_INTERNAL, "%d columns, the limit is %d", w->n, WIDE_MAX);
    for (int i = 0; i < w->n; i++)
        w->is_text[i] = is_text_column(w->q, i);
    for (bool first = true;; first = false) {
        STROMA_TRY(report_row(w->db, w->q, &got, err));
        if (!got) return STROMA_OK;
        for (int i = 1; i < w->n; i++) {
            const char *text = report_text(w->q, i);
            if (first) {
                w->first[i] = stroma_arena_strdup(&w->db->arena, text);
                if (w->first[i] == NULL) return stroma_no_memory(err);
            } else if (strcmp(text, w->first[i]) != 0) {
                w->varies[i] = true;
            }
        }
    }
}

static stroma_status put_columns(wide *w, stroma_error *err)
{
    bool got = false;
    stroma_json_key(w->j, "columns");
    stroma_json_begin_array(w->j);
    for (int i = 1; i < w->n; i++) {
        char name[96];
        if (!w->varies[i]) continue;
        (void)snprintf(name, sizeof name, "%s%s", w->is_text[i] ? "$" : "",
                       sqlite3_column_name(w->q, i));
        stroma_json_string(w->j, name);
    }
    stroma_json_end_array(w->j);
    stroma_json_key(w->j, "same");
    stroma_json_begin_object(w->j);
    STROMA_TRY(report_row(w->db, w->q, &got, err));
    for (int i = 1; got && i < w->n; i++) {
        char buf[REPORT_NAME_MAX];
        const char *name = sqlite3_column_name(w->q, i);
        if (w->varies[i] || report_is_null(w->q, i)) continue;
        stroma_json_key(w->j, name);
        if (w->is_text[i])
            stroma_json_string(w->j, words_of(name, report_text(w->q, i), buf));
        else
            put_digits(w->j, report_number(w->q, i));
    }
    stroma_json_end_object(w->j);
    return STROMA_OK;
}

static stroma_status put_rows(wide *w, stroma_error *err)
{
    stroma_json_key(w->j, "rows");
    stroma_json_begin_object(w->j);
    for (;;) {
        bool got = false;
        STROMA_TRY(report_row(w->db, w->q, &got, err));
        if (!got) break;
        stroma_json_key(w->j, report_text(w->q, 0));
        stroma_json_begin_array(w->j);
        for (int i = 1; i < w->n; i++)
            if (w->varies[i]) STROMA_TRY(put_wide_cell(w, i, err));
        stroma_json_end_array(w->j);
    }
    stroma_json_end_object(w->j);
    return STROMA_OK;
}

static stroma_status put_wide(wide *w, const char *name, const char *sql, stroma_error *err)
{
    memset(w->varies, 0, sizeof w->varies);
    STROMA_TRY(report_query(w->db, sql, NULL, 0, &w->q, err));
    stroma_json_key(w->j, name);
    stroma_json_begin_object(w->j);
    stroma_status s = look(w, err);
    (void)sqlite3_reset(w->q);
    if (s == STROMA_OK) s = put_columns(w, err);
    (void)sqlite3_reset(w->q);
    if (s == STROMA_OK) s = put_rows(w, err);
    (void)sqlite3_finalize(w->q);
    stroma_json_end_object(w->j);
    return s;
}

/* For every parameter: the ways it is computed and the columns of files it comes from. */
static stroma_status put_origin(report_db *db, stroma_json *j, const char *param, stroma_error *err)
{
    static const char behind[] =
        "WITH RECURSIVE t(id) AS (SELECT measurement_id FROM measurement WHERE param_id = ?1 UNION "
        "SELECT i.input_id FROM measurement_input i JOIN t ON i.measurement_id = t.id) "
        "SELECT DISTINCT m.param_id, m.derivation_id, m.file_id, m.column_name FROM t "
        "JOIN measurement m ON m.measurement_id = t.id "
        "ORDER BY m.param_id <> ?1, m.param_id, m.derivation_id, m.file_id, m.column_name LIMIT "
        "200";
    sqlite3_stmt *q = NULL;
    STROMA_TRY(report_query(db, behind, &param, 1, &q, err));
    stroma_json_key(j, param);
    stroma_json_begin_array(j);
    bool got = false;
    stroma_status s = report_row(db, q, &got, err);
    while (s == STROMA_OK && got) {
        stroma_json_begin_array(j);
        stroma_json_string(j, report_text(q, 0));
        for (int i = 1; i <= 2; i++) {
            if (report_is_null(q, i))
                stroma_json_null(j);
            else
                stroma_json_int(j, report_int(q, i));
        }
        if (!report_is_null(q, 3)) stroma_json_string(j, report_text(q, 3));
        stroma_json_end_array(j);
        s = report_row(db, q, &got, err);
    }
    stroma_json_end_array(j);
    (void)sqlite3_finalize(q);
    return s;
}

static stroma_status put_origins(report_db *db, stroma_json *j, stroma_error *err)
{
    sqlite3_stmt *q = NULL;
    STROMA_TRY(
        report_query(db, "SELECT param_id FROM parameter ORDER BY param_id", NULL, 0, &q, err));
    stroma_json_key(j, "origins");
    stroma_json_begin_object(j);
    bool got = false;
    stroma_status s = report_row(db, q, &got, err);
    while (s == STROMA_OK && got) {
        s = put_origin(db, j, report_text(q, 0), err);
        if (s == STROMA_OK) s = report_row(db, q, &got, err);
    }
    stroma_json_end_object(j);
    (void)sqlite3_finalize(q);
    return s;
}

static stroma_status put_all_wide(report_db *db, stroma_json *j, stroma_error *err)
{
    stroma_buffer texts;
    wide *w = stroma_alloc_array(1, sizeof *w);
    if (w == NULL) return stroma_no_memory(err);
    stroma_buffer_init(&texts, 64 << 20);
    stroma_buffer_puts(&texts, "[null");
    *w = (wide){ .db = db, .j = j, .places = json_object(), .texts = &texts };
    stroma_status s = w->places == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t i = 0; i < sizeof big / sizeof big[0] && s == STROMA_OK; i++)
        s = put_wide(w, big[i].name, big[i].sql, err);
    stroma_buffer_putc(&texts, ']');
    if (s == STROMA_OK) s = stroma_buffer_status(&texts, err);
    if (s == STROMA_OK) {
        stroma_json_key(j, "texts");
        stroma_json_raw(j, texts.data);
    }
    stroma_buffer_clear(&texts);
    json_decref(w->places);
    stroma_free(w);
    return s;
}

stroma_status report_trace_json(report_db *db, stroma_buffer *out, stroma_error *err)
{
    stroma_json j;
    stroma_json_init(&j, out, 0);
    stroma_json_begin_object(&j);
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
        STROMA_TRY(put_query(db, &j, small[i].name, small[i].sql, err));
    STROMA_TRY(put_all_wide(db, &j, err));
    STROMA_TRY(put_origins(db, &j, err));
    stroma_json_end_object(&j);
    return stroma_buffer_status(out, err);
}
