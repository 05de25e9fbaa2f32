/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "content.h"

#include <string.h>

enum { FIGURE_LIMIT_BYTES = 64 << 20 };

const char *report_safe_id(report_db *db, const char *text, const char *prefix, size_t ordinal)
{
    const size_t n = strlen(text);
    bool safe = n >= 1 && n <= 80 && text[0] != '-';
    for (size_t i = 0; i < n && safe; i++)
        safe = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z') ||
               (text[i] >= '0' && text[i] <= '9') || text[i] == '_' || text[i] == '-';
    return safe ? stroma_arena_strdup(&db->arena, text)
                : stroma_arena_printf(&db->arena, "%s%zu", prefix, ordinal);
}

static stroma_status keep(report_db *db, const char *text, const char **out, stroma_error *err)
{
    *out = stroma_arena_strdup(&db->arena, text);
    return *out == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status parse_spec(report_db *db, report_entry *e, stroma_error *err)
{
    json_error_t why;
    e->spec = json_loads(e->item.spec_text, JSON_REJECT_DUPLICATES, &why);
    if (!json_is_object(e->spec)) {
        stroma_fail(err, STROMA_E_MALFORMED, "item \"%s\": spec is no JSON object: %s",
                    e->item.item_id, e->spec == NULL ? why.text : "another kind of value");
        stroma_hint(err, "write the study.db again with `stroma run`");
        return STROMA_E_MALFORMED;
    }
    e->item.spec = e->spec;
    const char *row = report_spec_text(&e->item, "row");
    const char *panel = report_spec_text(&e->item, "panel");
    STROMA_TRY(keep(db, row == NULL ? "" : row, &e->row, err));
    return keep(db, panel == NULL ? "" : panel, &e->panel, err);
}

static stroma_status read_entry(report_db *db, report_content *c, sqlite3_stmt *q,
                                stroma_error *err)
{
    STROMA_TRY(
        stroma_grow(&c->entries, &c->entries_capacity, c->n_entries + 1, sizeof *c->entries, err));
    report_entry *e = &c->entries[c->n_entries++];
    memset(e, 0, sizeof *e);
    stroma_buffer_init(&e->json, FIGURE_LIMIT_BYTES);
    report_item *it = &e->item;
    const char **fields[] = { &it->item_id, &it->section_id, &it->kind,  &it->title,
                              &it->caption, &it->spec_text,  &it->origin };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        STROMA_TRY(keep(db, report_text(q, (int)i), fields[i], err));
    e->id = report_safe_id(db, it->item_id, "item", c->n_entries);
    if (e->id == NULL) return stroma_no_memory(err);
    return parse_spec(db, e, err);
}

/* What the figure itself says under it (error definition, population) follows the item's caption.
 */
static stroma_status add_figure_caption(report_db *db, report_entry *e, stroma_error *err)
{
    json_t *figure = json_loadb(e->json.data, e->json.len, 0, NULL);
    const char *own = json_string_value(
        json_object_get(json_object_get(json_object_get(figure, "usermeta"), "stroma"), "caption"));
    stroma_status s = STROMA_OK;
    if (own != NULL && own[0] != '\0') {
        const char *before = e->item.caption;
        e->item.caption =
            stroma_arena_printf(&db->arena, "%s%s%s", before, before[0] == '\0' ? "" : " ", own);
        if (e->item.caption == NULL) s = stroma_no_memory(err);
    }
    json_decref(figure);
    return s;
}

static stroma_status build_entry(report_db *db, report_content *c, report_entry *e,
                                 stroma_error *err)
{
    e->is_flow = strcmp(e->item.kind, "flow") == 0;
    const report_kind *k = report_kind_find(e->item.kind);
    if (k != NULL && k->figure == NULL && k->table == NULL) return STROMA_OK; /* text */
    if (k != NULL && k->figure != NULL) {
        e->is_figure = true;
        e->number = (int)++c->n_figures;
        STROMA_TRY(report_figure(db, &e->item, &e->json, err));
        STROMA_TRY(
            stroma_in(err, stroma_buffer_status(&e->json, err), "figure \"%s\"", e->item.item_id));
        return add_figure_caption(db, e, err);
    }
    e->number = (int)++c->n_tables;
    return report_table_build(db, &e->item, &e->table, err);
}

static stroma_status read_items(report_db *db, report_content *c, report_section *s,
                                stroma_error *err)
{
    sqlite3_stmt *q = NULL;
    STROMA_TRY(report_query(db,
                            "SELECT item_id, section_id, kind, title, caption, spec, origin "
                            "FROM item WHERE section_id = ?1 ORDER BY ord, item_id",
                            &s->section_id, 1, &q, err));
    s->first = c->n_entries;
    bool got = false;
    stroma_status st = report_row(db, q, &got, err);
    while (st == STROMA_OK && got) {
        st = read_entry(db, c, q, err);
        if (st == STROMA_OK) st = report_row(db, q, &got, err);
    }
    (void)sqlite3_finalize(q);
    s->n_entries = c->n_entries - s->first;
    return st;
}

static stroma_status read_sections(report_db *db, report_content *c, stroma_error *err)
{
    sqlite3_stmt *q = NULL;
    STROMA_TRY(report_query(db,
                            "SELECT section_id, title, intro FROM section ORDER BY ord, section_id",
                            NULL, 0, &q, err));
    bool got = false;
    stroma_status st = report_row(db, q, &got, err);
    while (st == STROMA_OK && got) {
        st = stroma_grow(&c->sections, &c->sections_capacity, c->n_sections + 1,
                         sizeof *c->sections, err);
        if (st != STROMA_OK) break;
        report_section *s = &c->sections[c->n_sections++];
        memset(s, 0, sizeof *s);
        st = keep(db, report_text(q, 0), &s->section_id, err);
        if (st == STROMA_OK) st = keep(db, report_text(q, 1), &s->title, err);
        if (st == STROMA_OK) st = keep(db, report_text(q, 2), &s->intro, err);
        if (st == STROMA_OK) {
            s->id = report_safe_id(db, s->section_id, "section", c->n_sections);
            if (s->id == NULL) st = stroma_no_memory(err);
        }
        if (st == STROMA_OK) st = report_row(db, q, &got, err);
    }
    (void)sqlite3_finalize(q);
    return st;
}

stroma_status report_content_load(report_db *db, report_content *c, stroma_error *err)
{
    memset(c, 0, sizeof *c);
    STROMA_TRY(read_sections(db, c, err));
    for (size_t i = 0; i < c->n_sections; i++)
        STROMA_TRY(read_items(db, c, &c->sections[i], err));
    for (size_t i = 0; i < c->n_entries; i++)
        STROMA_TRY(build_entry(db, c, &c->entries[i], err));
    return STROMA_OK;
}

void report_content_clear(report_content *c)
{
    for (size_t i = 0; i < c->n_entries; i++) {
        report_table_free(c->entries[i].table);
        stroma_buffer_clear(&c->entries[i].json);
        json_decref(c->entries[i].spec);
    }
    stroma_free(c->entries);
    stroma_free(c->sections);
    memset(c, 0, sizeof *c);
}
