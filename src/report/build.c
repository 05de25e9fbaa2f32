/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "content.h"
#include "figure_parts.h"

#include "stroma/file.h"
#include "stroma/report.h"

#include <string.h>

enum { PAGE_LIMIT_BYTES = 512 << 20 };

typedef struct sink {
    const char *dir;
    bool overwrite;
} sink;

static stroma_status write_named(const sink *to, const char *folder, const char *name,
                                 const char *ending, const stroma_buffer *b, stroma_error *err)
{
    STROMA_TRY(stroma_buffer_status(b, err));
    char *path =
        stroma_asprintf("%s/%s%s%s%s", to->dir, folder, folder[0] == '\0' ? "" : "/", name, ending);
    if (path == NULL) return stroma_no_memory(err);
    const stroma_status s =
        stroma_file_write(path, b->data == NULL ? "" : b->data, b->len, to->overwrite, err);
    stroma_free(path);
    return s;
}

static stroma_status make_folder(const sink *to, const char *name, stroma_error *err)
{
    char *path = stroma_path_join(to->dir, name);
    if (path == NULL) return stroma_no_memory(err);
    const stroma_status s = stroma_make_directory(path, err);
    stroma_free(path);
    return s;
}

static stroma_status write_figures(const sink *to, const report_content *c, stroma_error *err)
{
    if (c->n_figures == 0) return STROMA_OK;
    STROMA_TRY(make_folder(to, "figures", err));
    for (size_t i = 0; i < c->n_entries; i++) {
        const report_entry *e = &c->entries[i];
        if (!e->is_figure) continue;
        STROMA_TRY(write_named(to, "figures", e->id, ".vl.json", &e->json, err));
        if (e->svg == NULL) continue;
        stroma_buffer svg;
        stroma_buffer_init(&svg, PAGE_LIMIT_BYTES);
        stroma_buffer_puts(&svg, e->svg);
        const stroma_status s = write_named(to, "figures", e->id, ".svg", &svg, err);
        stroma_buffer_clear(&svg);
        STROMA_TRY(s);
    }
    return STROMA_OK;
}

static stroma_status write_workbook(const sink *to, const report_content *c, stroma_error *err)
{
    report_sheet *sheets = stroma_alloc_array(c->n_tables, sizeof *sheets);
    if (sheets == NULL) return stroma_no_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < c->n_entries; i++) {
        const report_entry *e = &c->entries[i];
        if (e->table == NULL || n == c->n_tables) continue;
        sheets[n++] = (report_sheet){ e->item.item_id, e->item.title, e->item.caption, e->table };
    }
    char *path = stroma_path_join(to->dir, "tables.xlsx");
    stroma_status s = STROMA_OK;
    if (path == NULL)
        s = stroma_no_memory(err);
    else if (!to->overwrite && stroma_path_exists(path))
        s = stroma_fail(err, STROMA_E_USAGE, "file \"%s\" exists", path);
    else
        s = report_tables_xlsx(sheets, n, path, err);
    stroma_free(path);
    stroma_free(sheets);
    return s;
}

static stroma_status write_tables(const sink *to, const report_content *c, stroma_error *err)
{
    if (c->n_tables == 0) return STROMA_OK;
    STROMA_TRY(make_folder(to, "tables", err));
    for (size_t i = 0; i < c->n_entries; i++) {
        const report_entry *e = &c->entries[i];
        if (e->table == NULL) continue;
        stroma_buffer tsv;
        stroma_buffer_init(&tsv, PAGE_LIMIT_BYTES);
        stroma_status s = report_table_tsv(e->table, &tsv, err);
        if (s == STROMA_OK) s = write_named(to, "tables", e->id, ".tsv", &tsv, err);
        stroma_buffer_clear(&tsv);
        STROMA_TRY(s);
    }
    return write_workbook(to, c, err);
}

static stroma_status write_model(void *context, sqlite3_stmt *q, stroma_error *err)
{
    const sink *to = context;
    stroma_buffer json;
    stroma_buffer_init(&json, PAGE_LIMIT_BYTES);
    stroma_buffer_puts(&json, report_text(q, 1));
    stroma_status s = stroma_buffer_status(&json, err);
    if (s == STROMA_OK) s = make_folder(to, "models", err);
    if (s == STROMA_OK) s = write_named(to, "models", report_text(q, 0), ".json", &json, err);
    stroma_buffer_clear(&json);
    return s;
}

/* The models that the run fitted, as files that `stroma predict` takes. */
static stroma_status write_models(sink *to, report_db *db, stroma_error *err)
{
    return fig_each(
        db, "SELECT biomarker_id, model FROM biomarker WHERE model IS NOT NULL ORDER BY ord", NULL,
        0, write_model, to, err);
}

static stroma_status write_all(report_db *db, const stroma_report_options *o,
                               const report_content *c, const stroma_buffer *page,
                               stroma_error *err)
{
    const char *out = o->out;
    const size_t n = strlen(out);
    if (n > 5 && strcmp(out + n - 5, ".html") == 0)
        return stroma_file_write(out, page->data, page->len, o->overwrite, err);
    sink to = { out, o->overwrite };
    STROMA_TRY(stroma_make_directory(out, err));
    STROMA_TRY(write_figures(&to, c, err));
    STROMA_TRY(write_tables(&to, c, err));
    STROMA_TRY(write_models(&to, db, err));
    return write_named(&to, "", "report", ".html", page, err);
}

static stroma_status check_names(report_db *db, stroma_error *err)
{
    const char *pseudonymised = "";
    STROMA_TRY(report_meta(db, "pseudonymised", &pseudonymised, err));
    if (strcmp(pseudonymised, "1") == 0) return STROMA_OK;
    stroma_fail(err, STROMA_E_USAGE, "\"%s\" was written with the subjects' own ids", db->path);
    stroma_hint(err, "run the study again with `stroma run --pseudonymise`");
    return STROMA_E_USAGE;
}

stroma_status stroma_report_build(const char *study_db, const stroma_report_options *opts,
                                  stroma_report_info *info, stroma_error *err)
{
    STROMA_BUG_IF(study_db == NULL || opts == NULL || opts->version != 1 || opts->out == NULL, err);
    report_db *db = NULL;
    report_content content = { 0 };
    stroma_buffer page;
    stroma_buffer_init(&page, PAGE_LIMIT_BYTES);
    stroma_status s = report_db_open(study_db, &db, err);
    if (s == STROMA_OK && opts->pseudonymised) s = check_names(db, err);
    if (s == STROMA_OK) s = report_content_load(db, &content, err);
    if (s == STROMA_OK && opts->static_svg) s = report_static_svg(db, &content, opts->node, err);
    if (s == STROMA_OK) s = report_html(db, &content, &page, err);
    if (s == STROMA_OK) s = write_all(db, opts, &content, &page, err);
    if (s == STROMA_OK && info != NULL)
        *info = (stroma_report_info){ page.len, content.n_figures, content.n_tables,
                                      content.n_sections };
    stroma_buffer_clear(&page);
    report_content_clear(&content);
    report_db_close(db);
    return s;
}
