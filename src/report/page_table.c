/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table as HTML. Everything that came from a file goes through stroma_buffer_html(). */
#include "content.h"

#include "stroma/number.h"

#include <string.h>

/* Shorter tables are read at a glance: no search box. */
enum { SEARCH_FROM_ROWS = 9, DENSE_FROM_COLUMNS = 8 };

static const char *align_class(report_align a)
{
    return a == REPORT_RIGHT ? "r" : a == REPORT_CENTRE ? "c" : "l";
}

/* Sorting would tear rows from their headings. */
static bool sortable(const report_table *t)
{
    for (size_t i = 0; i < t->n_rows; i++)
        if (t->rows[i].kind != REPORT_ROW) return false;
    return t->n_rows > 1;
}

static void write_head(const report_table *t, bool sorts, stroma_buffer *html)
{
    stroma_buffer_puts(html, "<thead><tr>");
    for (size_t c = 0; c < t->n_columns; c++) {
        const report_column *col = &t->columns[c];
        stroma_buffer_printf(html, "<th scope=\"col\" class=\"%s\"%s>", align_class(col->align),
                             sorts ? " aria-sort=\"none\"" : "");
        if (sorts) stroma_buffer_puts(html, "<button type=\"button\" class=\"sort\">");
        stroma_buffer_html(html, col->title[0] == '\0' && sorts ? "#" : col->title);
        if (col->unit[0] != '\0') {
            stroma_buffer_puts(html, " <span class=\"unit\">");
            stroma_buffer_html(html, col->unit);
            stroma_buffer_puts(html, "</span>");
        }
        if (sorts) stroma_buffer_puts(html, "</button>");
        if (col->n >= 0)
            stroma_buffer_printf(html, "<span class=\"n\">n = %lld</span>", (long long)col->n);
        stroma_buffer_puts(html, "</th>");
    }
    stroma_buffer_puts(html, "</tr></thead>\n");
}

static void attribute(stroma_buffer *html, const char *name, const char *text)
{
    stroma_buffer_printf(html, " %s=\"", name);
    stroma_buffer_html(html, text);
    stroma_buffer_putc(html, '"');
}

static stroma_status write_cell(report_db *db, const report_table *t, size_t c,
                                const report_cell *cell, stroma_buffer *html, stroma_error *err)
{
    char number[STROMA_NUMBER_TEXT_MAX], key[STROMA_NUMBER_TEXT_MAX];
    const char *text = report_cell_print(t, c, cell, number);
    const char *tag = c == 0 ? "th scope=row" : "td";
    /* Bare attributes and no end tags where HTML wants none: a third of a long table. */
    stroma_buffer_printf(html, cell->state != NULL ? "<%s class=\"%s st st-" : "<%s class=%s", tag,
                         align_class(t->columns[c].align));
    if (cell->state != NULL) {
        stroma_buffer_html(html, cell->state);
        stroma_buffer_putc(html, '"');
    }
    if (cell->is_number)
        stroma_buffer_printf(html, " data-n=%s", stroma_format_double(cell->number, key));
    if (cell->hint != NULL) attribute(html, "title", cell->hint);
    if (t->stack) attribute(html, "data-h", t->columns[c].title);
    stroma_buffer_putc(html, '>');
    if (cell->trace != NULL && text[0] != '\0') {
        STROMA_TRY(report_trace_want(db, cell->trace, err));
        stroma_buffer_puts(html, "<button class=v data-t=");
        stroma_buffer_html(html, cell->trace); /* a letter and digits: report_trace_want() saw it */
        stroma_buffer_putc(html, '>');
        stroma_buffer_html(html, text);
        stroma_buffer_puts(html, "</button>");
    } else {
        stroma_buffer_html(html, text);
    }
    return STROMA_OK;
}

static stroma_status write_body(report_db *db, const report_table *t, stroma_buffer *html,
                                stroma_error *err)
{
    stroma_buffer_puts(html, "<tbody>");
    for (size_t i = 0; i < t->n_rows; i++) {
        const report_row_data *row = &t->rows[i];
        if (row->kind == REPORT_ROW_HEADING) {
            stroma_buffer_printf(html, "<tr class=\"head\"><th scope=\"rowgroup\" colspan=\"%zu\">",
                                 t->n_columns);
            char number[STROMA_NUMBER_TEXT_MAX];
            stroma_buffer_html(html, report_cell_print(t, 0, &row->cells[0], number));
            stroma_buffer_puts(html, "</th></tr>\n");
            continue;
        }
        stroma_buffer_puts(html, row->kind == REPORT_ROW_INDENT ? "<tr class=in>" : "<tr>");
        for (size_t c = 0; c < t->n_columns; c++)
            STROMA_TRY(write_cell(db, t, c, &row->cells[c], html, err));
        stroma_buffer_putc(html, '\n');
    }
    stroma_buffer_puts(html, "</tbody>");
    return STROMA_OK;
}

stroma_status report_html_table(report_db *db, const report_entry *e, stroma_buffer *html,
                                stroma_error *err)
{
    const report_table *t = e->table;
    if (t->n_rows == 0) {
        stroma_buffer_puts(html, "<p class=\"empty\">");
        stroma_buffer_html(html, t->empty != NULL ? t->empty : "nothing to show");
        stroma_buffer_puts(html, "</p>");
        return STROMA_OK;
    }
    stroma_buffer_puts(html, "<div class=\"tools\">");
    if (t->n_rows >= SEARCH_FROM_ROWS) {
        stroma_buffer_printf(
            html, "<label class=\"find\"><span class=\"vh\">Search in table %d</span>", e->number);
        stroma_buffer_puts(
            html, "<input type=\"search\" placeholder=\"Search this table\" autocomplete=\"off\" "
                  "spellcheck=\"false\"></label>"
                  "<span class=\"hits\" role=\"status\"></span>");
    }
    stroma_buffer_puts(html,
                       "<span class=\"grow\"></span>"
                       "<button type=\"button\" class=\"do\" data-do=\"copy\">Copy</button>"
                       "<button type=\"button\" class=\"do\" data-do=\"tsv\">TSV</button></div>\n");
    stroma_buffer_printf(
        html, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"%s-title\">",
        e->id);
    stroma_buffer_printf(html, "<table data-name=\"%s\" class=\"%s%s%s%s\">", e->id,
                         t->n_columns >= DENSE_FROM_COLUMNS ? "dense" : "",
                         t->stack ? " stack" : "", t->n_columns == 2 ? " pairs" : "",
                         strcmp(e->item.kind, "tests_table") == 0 ? " tests" : "");
    write_head(t, sortable(t), html);
    STROMA_TRY(write_body(db, t, html, err));
    stroma_buffer_puts(html, "</table></div>");
    if (t->note != NULL && t->note[0] != '\0') {
        stroma_buffer_puts(html, "<p class=\"note\">");
        stroma_buffer_html(html, t->note);
        stroma_buffer_puts(html, "</p>");
    }
    return STROMA_OK;
}
