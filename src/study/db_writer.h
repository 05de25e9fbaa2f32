/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows into study.db: what the files that write tables share. */
#ifndef STROMA_STUDY_DB_WRITER_H
#define STROMA_STUDY_DB_WRITER_H
#include "model.h"

#include <sqlite3.h>

typedef struct db_writer {
    sqlite3 *db;
    const study *s;
    stroma_error *err;
    stroma_status status; /* first failure: later writes do nothing */
} db_writer;

/* NULL after a failure, which db_put() then passes over. */
sqlite3_stmt *db_prepare(db_writer *w, const char *sql);
/* One row. Letters: t text or null, d number or null for NaN, i integer, n integer or null when
 * negative or unknown, y study day or null when unknown. Integers are int64_t. */
void db_put(db_writer *w, sqlite3_stmt *st, const char *types, ...);
void db_done(sqlite3_stmt *st);

/* db_marker.c: biomarker, candidate, curve_point, biomarker_text */
void db_write_markers(db_writer *w);
/* db_cytometry.c: the tables cytometry_… */
void db_write_cytometry(db_writer *w);
#endif
