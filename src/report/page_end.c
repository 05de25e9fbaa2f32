/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last chapter: how numbers were made, with what, from which bytes. */
#include "content.h"

#include <string.h>

static stroma_status write_rows(report_db *db, const char *sql, const char *before,
                                const char *after, void (*write)(sqlite3_stmt *, stroma_buffer *),
                                stroma_buffer *html, stroma_error *err)
{
    sqlite3_stmt *q = NULL;
    STROMA_TRY(report_query(db, sql, NULL, 0, &q, err));
    bool got = false, any = false;
    stroma_status s = report_row(db, q, &got, err);
    while (s == STROMA_OK && got) {
        if (!any) stroma_buffer_puts(html, before);
        any = true;
        write(q, html);
        s = report_row(db, q, &got, err);
    }
    if (any) stroma_buffer_puts(html, after);
    (void)sqlite3_finalize(q);
    return s;
}

static void element(stroma_buffer *html, const char *open, const char *text, const char *close)
{
    if (text[0] == '\0') return;
    stroma_buffer_puts(html, open);
    stroma_buffer_html(html, text);
    stroma_buffer_puts(html, close);
}

static void write_method(sqlite3_stmt *q, stroma_buffer *html)
{
    element(html, "<h4>", report_text(q, 0), "</h4>");
    element(html, "<p>", report_text(q, 1), "</p>\n");
}

static void write_derivation(sqlite3_stmt *q, stroma_buffer *html)
{
    stroma_buffer_puts(html, "<div class=\"way\">");
    element(html, "<dt><code>", report_text(q, 0), "</code></dt>");
    element(html, "<dd>", report_text(q, 1), "</dd>");
    element(html, "<dd class=\"soft\">", report_text(q, 2), "</dd>");
    stroma_buffer_puts(html, "</div>\n");
}

static void write_fact(sqlite3_stmt *q, stroma_buffer *html)
{
    element(html, "<div class=\"way\"><dt>", report_text(q, 0), "</dt>");
    element(html, "<dd class=\"hash\">", report_text(q, 1), "</dd>");
    stroma_buffer_puts(html, "</div>\n");
}

static void write_file(sqlite3_stmt *q, stroma_buffer *html)
{
    element(html, "<div class=\"way\"><dt>", report_text(q, 0), "</dt>");
    element(html, "<dd class=\"hash\">SHA-256 ", report_text(q, 1), "</dd>");
    stroma_buffer_puts(html, "</div>\n");
}

static bool has_kind(const report_content *c, const char *kind)
{
    for (size_t i = 0; i < c->n_entries; i++)
        if (strcmp(c->entries[i].item.kind, kind) == 0) return true;
    return false;
}

stroma_status report_html_end(report_db *db, const report_content *c, stroma_buffer *html,
                              stroma_error *err)
{
    stroma_buffer_puts(
        html, "<section class=\"chapter\" id=\"provenance\"><h2>Methods and provenance</h2>\n");
    STROMA_TRY(write_rows(db,
                          "SELECT title, text FROM claim WHERE kind = 'method' ORDER BY claim_id",
                          "<div class=\"prose\">", "</div>\n", write_method, html, err));
    STROMA_TRY(write_rows(
        db,
        "SELECT DISTINCT method || CASE version WHEN '' THEN '' ELSE ' ' || version END, "
        "formula, source FROM derivation WHERE formula <> '' ORDER BY method, version, formula",
        "<details><summary>How derived values are computed</summary><dl class=\"ways\">",
        "</dl></details>\n", write_derivation, html, err));
    if (!has_kind(c, "files_table"))
        STROMA_TRY(write_rows(db, "SELECT path, sha256 FROM input_file ORDER BY file_id",
                              "<details><summary>Input files</summary><dl class=\"ways\">",
                              "</dl></details>\n", write_file, html, err));
    STROMA_TRY(write_rows(
        db,
        "SELECT key, value FROM meta WHERE key NOT IN ('headline', 'headline_json', 'config') "
        "ORDER BY key <> 'stroma_version', key",
        "<details><summary>Versions and hashes</summary><dl class=\"ways\">", "</dl></details>\n",
        write_fact, html, err));
    stroma_buffer_puts(
        html,
        "<p class=\"soft\">Any number can be walked back on the command line, for one patient "
        "or all: <code>stroma trace study.db --param PARAM --visit VISIT --subject "
        "SUBJECT</code>. <code>stroma verify</code> checks the hashes of the inputs.</p>\n"
        "</section>\n");
    return STROMA_OK;
}
