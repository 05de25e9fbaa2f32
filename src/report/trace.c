/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace store of the page: what stands behind the numbers that are shown, and nothing more.
 * Keys are noted in a temporary table while the page is written. */
#include "content.h"

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
} parts[] = {
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

stroma_status report_trace_json(report_db *db, stroma_buffer *out, stroma_error *err)
{
    stroma_json j;
    stroma_json_init(&j, out, 0);
    stroma_json_begin_object(&j);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        STROMA_TRY(put_query(db, &j, parts[i].name, parts[i].sql, err));
    STROMA_TRY(put_origins(db, &j, err));
    stroma_json_end_object(&j);
    return stroma_buffer_status(out, err);
}
