/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read-only view of a study.db. */
#include "report_internal.h"

#include "stroma/file.h"

#include <math.h>
#include <string.h>

enum { TEXT_LIMIT_BYTES = 256 << 20 };
#define SCHEMA "stroma.study/1"

static stroma_status database_failed(const report_db *db, stroma_error *err)
{
    const int code = sqlite3_errcode(db->sql) & 0xff;
    if (code == SQLITE_NOMEM) return stroma_no_memory(err);
    return stroma_fail(
        err, code == SQLITE_IOERR || code == SQLITE_CANTOPEN ? STROMA_E_IO : STROMA_E_MALFORMED,
        "study database \"%s\": %s", db->path, sqlite3_errmsg(db->sql));
}

/* Nothing that a database file says may make SQLite act beyond reading its own tables. */
static void harden(sqlite3 *sql)
{
    (void)sqlite3_db_config(sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    (void)sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    (void)sqlite3_limit(sql, SQLITE_LIMIT_LENGTH, 64 << 20);
}

static stroma_status check_schema(report_db *db, stroma_error *err)
{
    const char *schema = "";
    sqlite3_stmt *q = NULL;
    if (sqlite3_prepare_v2(db->sql, "SELECT 1 FROM meta LIMIT 0", -1, &q, NULL) != SQLITE_OK) {
        stroma_fail(err, STROMA_E_MALFORMED, "\"%s\" is not a study database of stroma", db->path);
        stroma_hint(err, "give the study.db that `stroma run` wrote");
        return STROMA_E_MALFORMED;
    }
    (void)sqlite3_finalize(q);
    STROMA_TRY(report_meta(db, "schema", &schema, err));
    if (strcmp(schema, SCHEMA) != 0) {
        stroma_fail(err, STROMA_E_MALFORMED, "\"%s\": schema is \"%s\", this version reads \"%s\"",
                    db->path, schema, SCHEMA);
        stroma_hint(err, "write it again with `stroma run`");
        return STROMA_E_MALFORMED;
    }
    return STROMA_OK;
}

stroma_status report_db_open(const char *path, report_db **out, stroma_error *err)
{
    *out = NULL;
    if (!stroma_path_exists(path) || stroma_path_is_directory(path))
        return stroma_fail(err, STROMA_E_IO, "study database \"%s\" %s", path,
                           stroma_path_exists(path) ? "is a folder" : "does not exist");
    report_db *db = stroma_alloc_array(1, sizeof *db);
    if (db == NULL) return stroma_no_memory(err);
    stroma_arena_init(&db->arena, TEXT_LIMIT_BYTES);
    db->path = path;
    stroma_status s = STROMA_OK;
    if (sqlite3_open_v2(path, &db->sql, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        s = db->sql == NULL ? stroma_no_memory(err) : database_failed(db, err);
    } else {
        harden(db->sql);
        s = check_schema(db, err);
    }
    if (s != STROMA_OK)
        report_db_close(db);
    else
        *out = db;
    return s;
}

void report_db_close(report_db *db)
{
    if (db == NULL) return;
    (void)sqlite3_close(db->sql);
    stroma_arena_clear(&db->arena);
    stroma_free(db);
}

stroma_status report_query(report_db *db, const char *sql, const char *const *params, size_t n,
                           sqlite3_stmt **out, stroma_error *err)
{
    *out = NULL;
    sqlite3_stmt *q = NULL;
    if (sqlite3_prepare_v2(db->sql, sql, -1, &q, NULL) != SQLITE_OK)
        return database_failed(db, err);
    for (size_t i = 0; i < n; i++) {
        if (params[i] == NULL) continue; /* unbound is NULL */
        if (sqlite3_bind_text(q, (int)i + 1, params[i], -1, SQLITE_TRANSIENT) != SQLITE_OK) {
            const stroma_status s = database_failed(db, err);
            (void)sqlite3_finalize(q);
            return s;
        }
    }
    *out = q;
    return STROMA_OK;
}

stroma_status report_row(report_db *db, sqlite3_stmt *q, bool *got, stroma_error *err)
{
    const int code = sqlite3_step(q);
    *got = code == SQLITE_ROW;
    if (code == SQLITE_ROW || code == SQLITE_DONE) return STROMA_OK;
    return database_failed(db, err);
}

const char *report_text(sqlite3_stmt *q, int column)
{
    const char *s = (const char *)sqlite3_column_text(q, column);
    return s == NULL ? "" : s;
}

double report_number(sqlite3_stmt *q, int column)
{
    if (report_is_null(q, column)) return NAN;
    return sqlite3_column_double(q, column);
}

int64_t report_int(sqlite3_stmt *q, int column)
{
    return (int64_t)sqlite3_column_int64(q, column);
}

bool report_is_null(sqlite3_stmt *q, int column)
{
    return sqlite3_column_type(q, column) == SQLITE_NULL;
}

stroma_status report_meta(report_db *db, const char *key, const char **out, stroma_error *err)
{
    *out = "";
    sqlite3_stmt *q = NULL;
    STROMA_TRY(report_query(db, "SELECT value FROM meta WHERE key = ?1", &key, 1, &q, err));
    bool got = false;
    stroma_status s = report_row(db, q, &got, err);
    if (s == STROMA_OK && got) {
        *out = stroma_arena_strdup(&db->arena, report_text(q, 0));
        if (*out == NULL) {
            *out = "";
            s = stroma_no_memory(err);
        }
    }
    (void)sqlite3_finalize(q);
    return s;
}

const char *report_spec_text(const report_item *item, const char *key)
{
    return json_string_value(json_object_get(item->spec, key));
}
