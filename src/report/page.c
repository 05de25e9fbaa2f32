/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page: one file, no network. The content policy names its scripts by their hashes and forbids
 * everything else, so that no text from a data file could run even if one slipped through as
 * markup. */
#include "assets.h"
#include "content.h"

#include <string.h>

static void write_asset(stroma_buffer *html, const report_asset *a)
{
    stroma_buffer_append(html, a->data, a->size);
}

static void write_script(stroma_buffer *html, const report_asset *a)
{
    stroma_buffer_puts(html, "<script>");
    write_asset(html, a);
    stroma_buffer_puts(html, "</script>\n");
}

static void write_head(const char *title, stroma_buffer *html)
{
    stroma_buffer_puts(html,
                       "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    stroma_buffer_puts(
        html,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src");
    const report_asset *const scripts[] = { &report_asset_vega, &report_asset_theme,
                                            &report_asset_page };
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        stroma_buffer_printf(html, " 'sha256-%s'", scripts[i]->sha256_base64);
    stroma_buffer_puts(
        html,
        "; style-src 'unsafe-inline'; img-src data: blob:; form-action 'none'; base-uri 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n<title>");
    stroma_buffer_html(html, title);
    stroma_buffer_puts(html, "</title>\n<style>");
    write_asset(html, &report_asset_style);
    stroma_buffer_puts(html, "</style>\n</head>\n");
}

static stroma_status write_banner(report_db *db, stroma_buffer *html, stroma_error *err)
{
    const char *simulated = "", *style = "";
    STROMA_TRY(report_meta(db, "simulated", &simulated, err));
    STROMA_TRY(report_meta(db, "style", &style, err));
    stroma_buffer_puts(html, "<div class=\"banner\" role=\"note\"><span>Research use only</span>");
    if (strcmp(simulated, "1") == 0)
        stroma_buffer_puts(html, "<span class=\"sim\">Simulated data<span class=\"more\">: no "
                                 "patient is real</span></span>");
    if (strcmp(style, "paper") == 0)
        stroma_buffer_puts(html, "<span class=\"sim\">Paper style<span class=\"more\">: circular "
                                 "comparisons are printed and "
                                 "called so</span></span>");
    stroma_buffer_puts(html, "</div>\n");
    return STROMA_OK;
}

static void write_contents(const report_content *c, stroma_buffer *html)
{
    stroma_buffer_puts(
        html,
        "<nav class=\"side\" aria-label=\"Contents\"><details open><summary>Contents</summary>\n"
        "<ol class=\"toc\"><li><a href=\"#top\">Summary</a></li>\n");
    for (size_t i = 0; i < c->n_sections; i++) {
        const report_section *s = &c->sections[i];
        stroma_buffer_printf(html, "<li><a href=\"#s-%s\">", s->id);
        stroma_buffer_html(html, s->title);
        stroma_buffer_puts(html, "</a><ol>");
        for (size_t k = s->first; k < s->first + s->n_entries; k++) {
            const report_entry *e = &c->entries[k];
            if (e->is_flow) continue;
            stroma_buffer_printf(html, "<li><a href=\"#%s\">", e->id);
            stroma_buffer_html(html, e->item.title);
            stroma_buffer_puts(html, "</a></li>");
        }
        stroma_buffer_puts(html, "</ol></li>\n");
    }
    stroma_buffer_puts(
        html, "<li><a href=\"#provenance\">Methods and provenance</a></li></ol></details>\n"
              "<div class=\"page-tools\"><button type=\"button\" id=\"theme\">Dark</button>"
              "<button type=\"button\" id=\"print\">Print</button></div></nav>\n");
}

static void write_title(const report_entry *e, stroma_buffer *html)
{
    stroma_buffer_printf(html, "<h3 id=\"%s-title\">", e->id);
    if (e->number > 0)
        stroma_buffer_printf(html, "<span class=\"no\">%s %d</span> ",
                             e->is_figure ? "Figure" : "Table", e->number);
    stroma_buffer_html(html, e->item.title);
    stroma_buffer_puts(html, "</h3>");
}

static void write_caption(const report_entry *e, stroma_buffer *html)
{
    stroma_buffer_html(html, e->item.caption);
    if (json_is_true(json_object_get(e->item.spec, "free_scale")))
        stroma_buffer_puts(html, " <span class=\"soft\">Own scale.</span>");
    if (e->panel[0] != '\0') {
        stroma_buffer_puts(html, " <span class=\"panel\">Panel ");
        stroma_buffer_html(html, e->panel);
        stroma_buffer_puts(html, " of the paper.</span>");
    }
}

/* Keys in a specification's data, "trace":"s12", are shown too. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as jansson lets a document be */
static stroma_status want_traces(report_db *db, json_t *v, stroma_error *err)
{
    size_t i;
    const char *key;
    json_t *item;
    if (json_is_array(v)) {
        json_array_foreach(v, i, item) STROMA_TRY(want_traces(db, item, err));
    } else if (json_is_object(v)) {
        json_object_foreach(v, key, item)
        {
            if (strcmp(key, "trace") == 0 && json_is_string(item))
                STROMA_TRY(report_trace_want(db, json_string_value(item), err));
            else
                STROMA_TRY(want_traces(db, item, err));
        }
    }
    return STROMA_OK;
}

static stroma_status figure_facts(report_db *db, const report_entry *e, stroma_buffer *label,
                                  stroma_error *err)
{
    json_error_t why;
    json_t *spec = json_loads(e->json.data == NULL ? "" : e->json.data, 0, &why);
    if (!json_is_object(spec)) {
        json_decref(spec);
        return stroma_fail(err, STROMA_E_INTERNAL,
                           "figure \"%s\": the specification is no JSON object: %s",
                           e->item.item_id, why.text);
    }
    const char *description = json_string_value(json_object_get(spec, "description"));
    stroma_buffer_html(label, e->item.title);
    if (description != NULL && description[0] != '\0') {
        stroma_buffer_puts(label, ". ");
        stroma_buffer_html(label, description);
    }
    const stroma_status s = want_traces(db, spec, err);
    json_decref(spec);
    return s == STROMA_OK ? stroma_buffer_status(label, err) : s;
}

static stroma_status write_figure(report_db *db, const report_entry *e, stroma_buffer *html,
                                  stroma_error *err)
{
    stroma_buffer label;
    stroma_buffer_init(&label, 1 << 16);
    const stroma_status s = figure_facts(db, e, &label, err);
    if (s != STROMA_OK) {
        stroma_buffer_clear(&label);
        return s;
    }
    stroma_buffer_printf(html, "<figure class=\"card\" id=\"%s\" aria-labelledby=\"%s-title\">",
                         e->id, e->id);
    write_title(e, html);
    stroma_buffer_printf(
        html, "<div class=\"plot\" data-spec=\"%s-spec\" role=\"img\" aria-label=\"%s\">", e->id,
        label.data == NULL ? "" : label.data);
    stroma_buffer_clear(&label);
    stroma_buffer_puts(html, "<noscript>");
    if (e->svg != NULL)
        stroma_buffer_puts(html, e->svg);
    else
        stroma_buffer_printf(
            html,
            "<p class=\"empty\">This figure is drawn by a script. Its data are in "
            "figures/%s.vl.json; `stroma report build --static-svg` writes it as a picture.</p>",
            e->id);
    stroma_buffer_puts(html, "</noscript></div><figcaption>");
    write_caption(e, html);
    stroma_buffer_puts(html, "</figcaption><div class=\"tools\"><span class=\"grow\"></span>");
    static const char *const saves[][2] = {
        { "svg", "SVG" }, { "png", "PNG" }, { "data", "Data" }, { "spec", "Spec" }
    };
    for (size_t i = 0; i < sizeof saves / sizeof saves[0]; i++)
        stroma_buffer_printf(html,
                             "<button type=\"button\" class=\"do\" data-do=\"%s\">%s</button>",
                             saves[i][0], saves[i][1]);
    stroma_buffer_printf(html, "</div><script type=\"application/json\" id=\"%s-spec\">", e->id);
    report_html_json(html, e->json.data);
    stroma_buffer_puts(html, "</script></figure>\n");
    return STROMA_OK;
}

static void write_text(const report_entry *e, stroma_buffer *html)
{
    const char *text = report_spec_text(&e->item, "text");
    stroma_buffer_printf(html, "<div class=\"prose\" id=\"%s\">", e->id);
    write_title(e, html);
    for (const char *p = text == NULL ? "" : text; *p != '\0';) {
        const char *end = strstr(p, "\n\n");
        const size_t n = end == NULL ? strlen(p) : (size_t)(end - p);
        char *paragraph = stroma_strndup(p, n);
        stroma_buffer_puts(html, "<p>");
        stroma_buffer_html(html, paragraph == NULL ? "" : paragraph);
        stroma_buffer_puts(html, "</p>");
        if (paragraph == NULL) html->status = STROMA_E_NOMEM;
        stroma_free(paragraph);
        p += n;
        while (*p == '\n')
            p++;
    }
    if (e->item.caption[0] != '\0') {
        stroma_buffer_puts(html, "<p class=\"note\">");
        write_caption(e, html);
        stroma_buffer_puts(html, "</p>");
    }
    stroma_buffer_puts(html, "</div>\n");
}

static stroma_status write_entry(report_db *db, const report_entry *e, stroma_buffer *html,
                                 stroma_error *err)
{
    if (e->is_flow) { /* stands on the first screen; here it can be saved */
        stroma_buffer_puts(html,
                           "<details class=\"as-figure\"><summary>Participant flow as a figure, "
                           "to save</summary>");
        STROMA_TRY(write_figure(db, e, html, err));
        stroma_buffer_puts(html, "</details>\n");
        return STROMA_OK;
    }
    if (e->is_figure) return write_figure(db, e, html, err);
    if (e->table == NULL) {
        write_text(e, html);
        return STROMA_OK;
    }
    stroma_buffer_printf(html,
                         "<section class=\"card table\" id=\"%s\" aria-labelledby=\"%s-title\">",
                         e->id, e->id);
    write_title(e, html);
    if (e->item.caption[0] != '\0' || e->panel[0] != '\0') {
        stroma_buffer_puts(html, "<p class=\"caption\">");
        write_caption(e, html);
        stroma_buffer_puts(html, "</p>");
    }
    STROMA_TRY(report_html_table(db, e, html, err));
    stroma_buffer_puts(html, "</section>\n");
    return STROMA_OK;
}

static stroma_status write_section(report_db *db, const report_content *c, const report_section *s,
                                   stroma_buffer *html, stroma_error *err)
{
    stroma_buffer_printf(html, "<section class=\"chapter\" id=\"s-%s\"><h2>", s->id);
    stroma_buffer_html(html, s->title);
    stroma_buffer_puts(html, "</h2>\n");
    if (s->intro[0] != '\0') {
        stroma_buffer_puts(html, "<p class=\"intro\">");
        stroma_buffer_html(html, s->intro);
        stroma_buffer_puts(html, "</p>\n");
    }
    const char *row = "";
    for (size_t i = s->first; i < s->first + s->n_entries; i++) {
        const report_entry *e = &c->entries[i];
        if (strcmp(e->row, row) != 0) {
            if (row[0] != '\0') stroma_buffer_puts(html, "</div>\n");
            if (e->row[0] != '\0') stroma_buffer_puts(html, "<div class=\"row\">\n");
            row = e->row;
        }
        STROMA_TRY(write_entry(db, e, html, err));
    }
    if (row[0] != '\0') stroma_buffer_puts(html, "</div>\n");
    stroma_buffer_puts(html, "</section>\n");
    return STROMA_OK;
}

static stroma_status write_summary(report_db *db, const char *title, stroma_buffer *html,
                                   stroma_error *err)
{
    static const char *const keys[] = { "study_id", "registration", "ethics", "day0" };
    static const char *const words[] = { "Study ", "Registration ", "Ethics ", "Day 0: " };
    stroma_buffer_puts(html, "<header id=\"top\"><h1>");
    stroma_buffer_html(html, title);
    stroma_buffer_puts(html, "</h1><p class=\"facts\">");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *value = "";
        STROMA_TRY(report_meta(db, keys[i], &value, err));
        if (value[0] == '\0') continue;
        stroma_buffer_printf(html, "<span>%s", words[i]);
        stroma_buffer_html(html, value);
        stroma_buffer_puts(html, "</span> ");
    }
    stroma_buffer_puts(html, "</p></header>\n");
    return report_html_first(db, html, err);
}

static stroma_status write_store(report_db *db, stroma_buffer *html, stroma_error *err)
{
    stroma_buffer store;
    stroma_buffer_init(&store, 256 << 20);
    const stroma_status s = report_trace_json(db, &store, err);
    if (s == STROMA_OK) {
        stroma_buffer_puts(html, "<script type=\"application/json\" id=\"trace-store\">");
        report_html_json(html, store.data);
        stroma_buffer_puts(html, "</script>\n");
    }
    stroma_buffer_clear(&store);
    return s;
}

stroma_status report_html(report_db *db, const report_content *c, stroma_buffer *html,
                          stroma_error *err)
{
    const char *title = "";
    STROMA_TRY(report_trace_begin(db, err));
    STROMA_TRY(report_meta(db, "title", &title, err));
    write_head(title, html);
    stroma_buffer_puts(html, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>\n");
    STROMA_TRY(write_banner(db, html, err));
    stroma_buffer_puts(html, "<div class=\"page\">\n");
    write_contents(c, html);
    stroma_buffer_puts(html, "<main id=\"main\" tabindex=\"-1\">\n");
    STROMA_TRY(write_summary(db, title, html, err));
    for (size_t i = 0; i < c->n_sections; i++)
        STROMA_TRY(write_section(db, c, &c->sections[i], html, err));
    STROMA_TRY(report_html_end(db, c, html, err));
    stroma_buffer_puts(
        html, "</main></div>\n"
              "<dialog id=\"trace\" aria-labelledby=\"trace-title\"><div class=\"trace-head\">"
              "<h2 id=\"trace-title\">Trace</h2><button type=\"button\" "
              "id=\"trace-close\">Close</button></div>"
              "<div id=\"trace-body\"></div></dialog>\n<div id=\"tip\" role=\"presentation\" "
              "hidden></div>\n");
    STROMA_TRY(write_store(db, html, err));
    write_script(html, &report_asset_vega);
    write_script(html, &report_asset_theme);
    write_script(html, &report_asset_page);
    stroma_buffer_puts(html, "</body>\n</html>\n");
    return stroma_buffer_status(html, err);
}
