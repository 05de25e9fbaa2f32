/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first screen: the answer in one sentence, the tiles, and what cannot be concluded. All of it
 * is written by the run, by rule; here it only gets its place. */
#include "content.h"

#include <stdio.h>

/* claim.numbers of a tile may hold "value", a short text to print large, and "trace", a key. */
static stroma_status write_tile(report_db *db, sqlite3_stmt *q, stroma_buffer *html,
                                stroma_error *err)
{
    json_t *numbers = json_loads(report_text(q, 2), 0, NULL);
    const char *value = json_string_value(json_object_get(numbers, "value"));
    const char *trace = json_string_value(json_object_get(numbers, "trace"));
    stroma_status s = STROMA_OK;
    stroma_buffer_puts(html, "<li class=\"tile\"><h3>");
    stroma_buffer_html(html, report_text(q, 0));
    stroma_buffer_puts(html, "</h3>");
    if (value != NULL) {
        stroma_buffer_puts(html, "<p class=\"big\">");
        if (trace != NULL) {
            s = report_trace_want(db, trace, err);
            stroma_buffer_puts(html, "<button type=\"button\" class=\"v\" data-t=\"");
            stroma_buffer_html(html, trace);
            stroma_buffer_puts(html, "\">");
        }
        stroma_buffer_html(html, value);
        stroma_buffer_puts(html, trace != NULL ? "</button></p>" : "</p>");
    }
    stroma_buffer_puts(html, value != NULL ? "<p>" : "<p class=\"mid\">");
    stroma_buffer_html(html, report_text(q, 1));
    stroma_buffer_puts(html, "</p></li>\n");
    json_decref(numbers);
    return s;
}

static stroma_status write_limit(report_db *db, sqlite3_stmt *q, stroma_buffer *html,
                                 stroma_error *err)
{
    (void)db;
    (void)err;
    stroma_buffer_puts(html, "<li><b>");
    stroma_buffer_html(html, report_text(q, 0));
    stroma_buffer_puts(html, "</b> ");
    stroma_buffer_html(html, report_text(q, 1));
    stroma_buffer_puts(html, "</li>\n");
    return STROMA_OK;
}

typedef stroma_status claim_writer(report_db *db, sqlite3_stmt *q, stroma_buffer *html,
                                   stroma_error *err);

static stroma_status write_claims(report_db *db, const char *kind, const char *before,
                                  const char *after, claim_writer *write, stroma_buffer *html,
                                  stroma_error *err)
{
    sqlite3_stmt *q = NULL;
    STROMA_TRY(
        report_query(db, "SELECT title, text, numbers FROM claim WHERE kind = ?1 ORDER BY claim_id",
                     &kind, 1, &q, err));
    bool got = false, any = false;
    stroma_status s = report_row(db, q, &got, err);
    while (s == STROMA_OK && got) {
        if (!any) stroma_buffer_puts(html, before);
        any = true;
        s = write(db, q, html, err);
        if (s == STROMA_OK) s = report_row(db, q, &got, err);
    }
    if (any) stroma_buffer_puts(html, after);
    (void)sqlite3_finalize(q);
    return s;
}

static stroma_status count_tiles(report_db *db, int64_t *n, stroma_error *err)
{
    sqlite3_stmt *q = NULL;
    bool got = false;
    STROMA_TRY(
        report_query(db, "SELECT count(*) FROM claim WHERE kind = 'tile'", NULL, 0, &q, err));
    const stroma_status s = report_row(db, q, &got, err);
    if (s == STROMA_OK && got) *n = report_int(q, 0);
    (void)sqlite3_finalize(q);
    return s;
}

stroma_status report_html_first(report_db *db, stroma_buffer *html, stroma_error *err)
{
    const char *headline = "";
    STROMA_TRY(report_meta(db, "headline", &headline, err));
    stroma_buffer_puts(html, "<p class=\"headline\">");
    stroma_buffer_html(html, headline);
    stroma_buffer_puts(html, "</p>\n");
    int64_t n_tiles = 0;
    STROMA_TRY(count_tiles(db, &n_tiles, err));
    /* Rows of equal length, whatever the number. */
    const int columns = n_tiles % 3 == 0 ? 3 : n_tiles % 4 == 0 ? 4 : n_tiles == 2 ? 2 : 5;
    char before[64];
    (void)snprintf(before, sizeof before, "<ul class=\"tiles tiles-%d\">", columns);
    STROMA_TRY(write_claims(db, "tile", before, "</ul>\n", write_tile, html, err));
    STROMA_TRY(write_claims(
        db, "cannot_conclude",
        "<section class=\"limits\" aria-labelledby=\"limits\"><h2 id=\"limits\">What cannot be "
        "concluded</h2><ul>",
        "</ul></section>\n", write_limit, html, err));
    bool any = false;
    stroma_buffer flow;
    stroma_buffer_init(&flow, 8 << 20);
    stroma_status s = report_html_flow(db, &flow, &any, err);
    if (s == STROMA_OK) s = stroma_buffer_status(&flow, err);
    if (s == STROMA_OK && any) {
        stroma_buffer_puts(
            html,
            "<section class=\"first-flow\" aria-labelledby=\"flow-title\"><h2 id=\"flow-title\">"
            "Participant flow</h2>");
        stroma_buffer_append(html, flow.data, flow.len);
        stroma_buffer_puts(html, "</section>\n");
    }
    stroma_buffer_clear(&flow);
    return s;
}
