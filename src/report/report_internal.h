/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file report_internal.h
 *  What the files of the report share. The report reads study.db and nothing else, and computes
 *  nothing: it formats numbers that the run has written.
 *
 *  A new figure or table is one file (figure_x.c, table_x.c) and one line in kinds.c.
 *
 *  Figures. A builder writes one complete Vega-Lite 5 specification (JSON object) that stands
 * alone: the same text goes to figures/ITEM.vl.json and into the page. Rules the page relies on:
 *  - Data are inline, in top-level `data.values` where possible (that is what "data, TSV" saves).
 *  - Numeric `width`/`height`, written for a column 720 px wide; the page refits: single and
 * layered views take the column's width, `vconcat` children its width less `usermeta.stroma.side`
 * (default 80), wrapped facets (`facet` + `columns`) as many columns as fit, `hconcat` shrinks in
 * proportion; `concat`, or a `vconcat` of them, with usermeta.stroma.panels (fig_fit) gets square
 * panels of one size, as many side by side as fit.
 *  - No `config`, `background`, fonts or sizes: the page's theme sets them, for light and dark.
 *  - Colours only from report_role_colour() and the REPORT_INK… names below. The page exchanges
 *    exactly these texts for their dark partners. Never colour alone: report_role_dash() for lines
 * and report_role_shape() for points go with it.
 *  - A datum that is one patient's value carries `subject` (display id) and `visit`; its parameter
 *    is the datum's `param` or else usermeta.stroma.param. Many values of patients stand in
 *    `datasets`, an object a patient (figure_wide.c). One that is a summary or result carries
 * `trace` (key as in report_cell). Its tooltip and a click lead to the trace from there.
 *  - No `url`, no `href`, no image marks, no expression functions beyond what vega-interpreter
 * knows.
 *  - `usermeta.stroma.caption` says how to read it (error definition, population, circular groups);
 *    it is printed after the item's own caption.
 *  - `description` is a sentence for screen readers: what is drawn and what it shows. */
#ifndef REPORT_INTERNAL_H
#define REPORT_INTERNAL_H
#include "stroma/buffer.h"
#include "stroma/json.h"
#include "stroma/memory.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>

/* ---- study.db, read-only (db.c) ---- */
typedef struct report_db {
    sqlite3 *sql;
    const char *path;   /* as given by the caller */
    stroma_arena arena; /* lives as long as the connection */
} report_db;

/* Refuses what is not a study.db of schema "stroma.study/1" (MALFORMED), IO when it is not there.
 */
STROMA_CHECK stroma_status report_db_open(const char *path, report_db **out, stroma_error *err);
void report_db_close(report_db *db);
/* meta.value, or "" when the key is not there. Lives as long as the connection. */
STROMA_CHECK stroma_status report_meta(report_db *db, const char *key, const char **out,
                                       stroma_error *err);
/* Prepare and bind: ?1 … ?n are the texts of params (NULL binds NULL). A number column compares
 * with the number in a bound text, so integers may be bound as text too. Finish with
 * sqlite3_finalize(). */
STROMA_CHECK stroma_status report_query(report_db *db, const char *sql, const char *const *params,
                                        size_t n, sqlite3_stmt **out, stroma_error *err);
/* Next row. *got is false after the last one. */
STROMA_CHECK stroma_status report_row(report_db *db, sqlite3_stmt *q, bool *got, stroma_error *err);
const char *report_text(sqlite3_stmt *q, int column); /* "" for NULL; until the next row */
double report_number(sqlite3_stmt *q, int column);    /* NaN for NULL */
int64_t report_int(sqlite3_stmt *q, int column);      /* 0 for NULL */
bool report_is_null(sqlite3_stmt *q, int column);

/* ---- items ---- */
typedef struct report_item {
    const char *item_id, *section_id, *kind, *title, *caption;
    const char *origin;    /* "" when none */
    const json_t *spec;    /* the parsed spec object, never NULL */
    const char *spec_text; /* as it stands in the database */
} report_item;

/* Texts of item->spec; NULL when absent or not a text. */
const char *report_spec_text(const report_item *item, const char *key);

/* ---- tables ---- */
typedef enum report_align { REPORT_LEFT, REPORT_RIGHT, REPORT_CENTRE } report_align;

typedef struct report_column {
    const char *title;
    const char *unit; /* "" when none: printed after the title */
    int64_t n;        /* printed as "n = 52" under the title; -1 = none */
    report_align align;
    int decimals; /* of its numbers where the cell gives no text; -1 = shortest text */
} report_column;

typedef struct report_cell {
    const char *text; /* as printed, or NULL: then `number` with the column's decimals */
    double number;    /* sort key, and the number in TSV's and XLSX's own cell when is_number */
    bool is_number;
    const char *trace; /* "r12" result, "s5" summary, "m77" measurement, "e3" event, "i2" input
                          file; NULL = none */
    const char *state; /* NULL = present; else "below_limit", "circular", … (styles the cell) */
    const char *hint;  /* said when pointed at, or NULL */
} report_cell;

typedef enum report_row_kind {
    REPORT_ROW,        /* a row of cells */
    REPORT_ROW_INDENT, /* belongs to the heading or row above */
    REPORT_ROW_HEADING /* only cells[0] is printed, over the whole width */
} report_row_kind;

typedef struct report_row_data {
    report_row_kind kind;
    report_cell *cells; /* n_columns of them */
} report_row_data;

typedef struct report_table {
    stroma_arena arena; /* every text and cell */
    report_column *columns;
    size_t n_columns;
    report_row_data *rows;
    size_t n_rows, rows_capacity;
    const char *note;  /* printed under the table, or NULL: definitions, rules, what was left out */
    bool stack;        /* on a phone its cells stand below each other: long texts */
    const char *empty; /* what an empty table says ("no findings; 12 rules were checked") */
} report_table;

STROMA_CHECK stroma_status report_table_new(size_t n_columns, report_table **out,
                                            stroma_error *err);
void report_table_free(report_table *t);
/* Set a column; texts are copied. n -1 = none. */
STROMA_CHECK stroma_status report_table_column(report_table *t, size_t i, const char *title,
                                               const char *unit, int64_t n, report_align align,
                                               int decimals, stroma_error *err);
/* Append a row of n_columns empty cells and give it back. */
STROMA_CHECK stroma_status report_table_row(report_table *t, report_row_kind kind,
                                            report_row_data **out, stroma_error *err);
/* Texts are copied into the table; trace may be NULL. */
STROMA_CHECK stroma_status report_cell_text(report_table *t, report_cell *c, const char *text,
                                            const char *trace, stroma_error *err);
/* NaN leaves the cell empty. text NULL prints it with the column's decimals. */
STROMA_CHECK stroma_status report_cell_number(report_table *t, report_cell *c, double x,
                                              const char *text, const char *trace,
                                              stroma_error *err);
/* The printed text of a cell: its own, or the number with the column's decimals; "" when empty.
 * @param buf at least STROMA_NUMBER_TEXT_MAX bytes */
const char *report_cell_print(const report_table *t, size_t column, const report_cell *c,
                              char *buf);

/* ---- kinds (kinds.c) ---- */
typedef stroma_status report_figure_fn(report_db *db, const report_item *item, stroma_buffer *json,
                                       stroma_error *err);
typedef stroma_status report_table_fn(report_db *db, const report_item *item, report_table **out,
                                      stroma_error *err);
typedef struct report_kind {
    const char *kind;
    report_figure_fn *figure; /* exactly one of the two, */
    report_table_fn *table;   /* or neither for "text" */
} report_kind;
/* NULL when the kind is unknown. */
const report_kind *report_kind_find(const char *kind);
/* Dispatch; an unknown kind, or the wrong one, is INCONSISTENT. */
STROMA_CHECK stroma_status report_figure(report_db *db, const report_item *item,
                                         stroma_buffer *json, stroma_error *err);
STROMA_CHECK stroma_status report_table_build(report_db *db, const report_item *item,
                                              report_table **out, stroma_error *err);

/* ---- words (names.c) ---- */
/* What people call a method, adjustment, effect size or family; an id that is not in the list is
 * printed with blanks for its underscores. buf: for such an id. */
enum { REPORT_NAME_MAX = 128 };
const char *report_name(const char *id, char *buf, size_t size);

/* ---- tables to files (table_write.c) ---- */
/* Header line (title with unit and n), then rows; tabs and line ends in texts become blanks. */
STROMA_CHECK stroma_status report_table_tsv(const report_table *t, stroma_buffer *out,
                                            stroma_error *err);
/* One sheet a table. Texts stay texts: "=1+1" is never a formula. */
typedef struct report_sheet {
    const char *item_id, *title, *caption;
    const report_table *table;
} report_sheet;
STROMA_CHECK stroma_status report_tables_xlsx(const report_sheet *sheets, size_t n,
                                              const char *path, stroma_error *err);

/* ---- looks (roles.c): one place for the colours of groups ---- */
/* role: group_of.colour_role. Unknown roles get the neutral grey. Static texts. */
const char *report_role_colour(const char *role); /* "#0072B2" */
const char *report_role_dash(const char *role);   /* Vega strokeDash as JSON, "[]" or "[6,3]" */
const char *report_role_shape(const char *role);  /* Vega shape name, "circle" */
#define REPORT_INK      "#1B1F24"                 /* text and bold rules inside a figure */
#define REPORT_INK_SOFT "#57606A"                 /* notes, cut-off lines, n strip */
#define REPORT_SHADE    "#EBEDF0"                 /* areas: below LLOQ, reference range */
#define REPORT_PAPER    "#FFFFFF"                 /* fill of open marks */
#endif
