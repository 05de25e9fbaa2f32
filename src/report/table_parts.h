/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file table_parts.h
 *  What the tables share: one row of table summary, cells from formats, decimals. */
#ifndef TABLE_PARTS_H
#define TABLE_PARTS_H
#include "figure_parts.h"

#define MINUS  "\xE2\x88\x92"
#define EN     "\xE2\x80\x93"
#define PLUSMN "\xC2\xB1"

/* Numbers of one summary; id 0 when there is none. */
typedef struct tab_summary {
    int64_t id, n, n_missing, n_below, n_above;
    double mean, sd, lower, upper, median, q1, q3;
    const char *counts; /* JSON or "" */
} tab_summary;
/* @param key param, visit (NULL: of the subject), grouping, group, set */
STROMA_CHECK stroma_status tab_load_summary(report_db *db, const char *const key[5],
                                            tab_summary *out, stroma_error *err);
/* Decimals that show two digits of an uncertainty, 0 to 4; @p otherwise when it is none. */
int tab_decimals(double uncertainty, int otherwise);
/* Cell from a format; trace may be NULL. */
STROMA_CHECK stroma_status tab_put(report_table *t, report_cell *c, const char *trace,
                                   stroma_error *err, const char *fmt, ...) STROMA_PRINTF(5, 6);
/* "r12": a letter and an id, in the caller's buffer of 24 bytes. */
const char *tab_trace(char *buf, char kind, int64_t id);
/* "1.2 (0.4 to 2.0)" with decimals chosen from the width of the interval. */
STROMA_CHECK stroma_status tab_put_interval(report_table *t, report_cell *c, const double x[3],
                                            const char *trace, stroma_error *err);
/* p as printed, or the word that stands for it ("circular", "not estimable"). */
STROMA_CHECK stroma_status tab_put_p(report_table *t, report_cell *c, double p, const char *state,
                                     const char *trace, stroma_error *err);
STROMA_CHECK stroma_status tab_note(report_table *t, const char *note, stroma_error *err);
/* What the row functions of a table are given. */
typedef struct tab_context {
    report_db *db;
    const report_item *item;
    report_table *t;
    fig_groups groups;
    fig_param param;
    report_row_data *row;
    size_t column;
    const char *set, *last; /* last: the heading or row that is open, or NULL */
    int64_t count, circular;
    bool paper;
} tab_context;

/* The question that the item names. INCONSISTENT when the study has none of this id. */
STROMA_CHECK stroma_status tab_find_biomarker(tab_context *c, const char **id, stroma_error *err);

/* Columns from an array; the last has title NULL. */
typedef struct tab_column {
    const char *title, *unit;
    report_align align;
    int decimals;
} tab_column;
STROMA_CHECK stroma_status tab_new(const tab_column *columns, report_table **out,
                                   stroma_error *err);
/* Leave out the columns after @p keep in which no row says anything. */
void tab_drop_empty(report_table *t, size_t keep);
/* Give *out over, or free it when s is not OK. */
STROMA_CHECK stroma_status tab_done(report_table *t, stroma_status s, report_table **out);
#endif
