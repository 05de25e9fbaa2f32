/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file content.h
 *  The chapters of a report with their figures and tables built, before they get a face. */
#ifndef REPORT_CONTENT_H
#define REPORT_CONTENT_H
#include "report_internal.h"

typedef struct report_entry {
    report_item item;
    json_t *spec;        /* owned; item.spec borrows it */
    const char *id;      /* safe as an HTML id and as a file name */
    const char *row;     /* spec.row: entries of one row stand side by side; "" = alone */
    const char *panel;   /* spec.panel: the letter of the paper; "" = none */
    report_table *table; /* of a table */
    stroma_buffer json;  /* of a figure: the Vega-Lite specification */
    const char *svg;     /* of a figure drawn already, or NULL */
    bool is_figure, is_flow;
    int number; /* 1-based, figures and tables apart; 0 for texts */
} report_entry;

typedef struct report_section {
    const char *section_id, *title, *intro;
    const char *id; /* safe as an HTML id */
    size_t first, n_entries;
} report_section;

typedef struct report_content {
    report_section *sections;
    size_t n_sections, sections_capacity;
    report_entry *entries;
    size_t n_entries, entries_capacity;
    size_t n_figures, n_tables;
} report_content;

STROMA_CHECK stroma_status report_content_load(report_db *db, report_content *c, stroma_error *err);
void report_content_clear(report_content *c);
/* The same text when it is safe in names ([A-Za-z0-9_-], 1–80, no leading '-'), else prefix +
 * ordinal. */
const char *report_safe_id(report_db *db, const char *text, const char *prefix, size_t ordinal);

/* page_flow.c: participant flow from table flow_node; *any is false when there is none. */
STROMA_CHECK stroma_status report_html_flow(report_db *db, stroma_buffer *html, bool *any,
                                            stroma_error *err);
/* page_table.c */
STROMA_CHECK stroma_status report_html_table(report_db *db, const report_entry *e,
                                             stroma_buffer *html, stroma_error *err);
/* page_first.c: headline, tiles, what cannot be concluded. */
STROMA_CHECK stroma_status report_html_first(report_db *db, stroma_buffer *html, stroma_error *err);
/* page_end.c: methods, versions and hashes. */
STROMA_CHECK stroma_status report_html_end(report_db *db, const report_content *c,
                                           stroma_buffer *html, stroma_error *err);
/* page.c */
STROMA_CHECK stroma_status report_html(report_db *db, const report_content *c, stroma_buffer *html,
                                       stroma_error *err);

/* trace.c: what stands behind the numbers that are shown. */
STROMA_CHECK stroma_status report_trace_begin(report_db *db, stroma_error *err);
/* Note that a key ("r12") is shown. Other texts are refused as INCONSISTENT. */
STROMA_CHECK stroma_status report_trace_want(report_db *db, const char *key, stroma_error *err);
STROMA_CHECK stroma_status report_trace_json(report_db *db, stroma_buffer *out, stroma_error *err);
/* JSON into a script element: every '<' becomes \u003c, so that no text can end the element. */
void report_html_json(stroma_buffer *html, const char *json);

/* static_svg.c: fill svg of every figure. */
STROMA_CHECK stroma_status report_static_svg(report_db *db, report_content *c, const char *node,
                                             stroma_error *err);
#endif
