/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of an entry of `cytometry:` as a table lists them: file, subject, visit, role, marker.
 */
#include "cytometry_files.h"
#include "import.h"

#include "stroma/file.h"
#include "stroma/table_read.h"

#include <stdio.h>
#include <string.h>

enum { FILE_COLUMN, SUBJECT_COLUMN, VISIT_COLUMN, ROLE_COLUMN, MARKER_COLUMN, COLUMNS };
static const char *const names[COLUMNS] = { "file", "subject", "visit", "role", "marker" };

typedef struct manifest {
    files *f;
    const stroma_yaml_node *at;
    const char *resolved;
    const stroma_table *t;
    size_t column[COLUMNS];
} manifest;

static const char *cell(const manifest *m, size_t which, size_t row)
{
    if (m->column[which] == SIZE_MAX) return NULL;
    char buf[64];
    const char *text = stroma_table_cell_text(m->t, m->column[which], row, buf);
    if (text == NULL || text[0] == '\0') return NULL;
    return stroma_arena_strdup(&m->f->s->arena, text);
}

static void fault(manifest *m, size_t row, const char *message, const char *value,
                  const char *action)
{
    study_fatal(m->f->s, STROMA_E_INCONSISTENT,
                &(stroma_finding){ .code = "STROMA-CYTO-006",
                                   .severity = STROMA_ERROR,
                                   .file = m->at->text,
                                   .line = row == SIZE_MAX ? 0 : m->t->source_rows[row],
                                   .value = value,
                                   .message = message,
                                   .rule = "a manifest lists files of events",
                                   .action = action });
}

static stroma_status place_row(manifest *m, size_t row, stroma_error *err)
{
    study *s = m->f->s;
    const char *name = cell(m, FILE_COLUMN, row), *role = cell(m, ROLE_COLUMN, row);
    place_words w = { .role = CYTOMETRY_SAMPLE,
                      .subject = cell(m, SUBJECT_COLUMN, row),
                      .visit = cell(m, VISIT_COLUMN, row),
                      .marker = cell(m, MARKER_COLUMN, row),
                      .at = m->at };
    if (name == NULL) {
        fault(m, row, "a row names no file", NULL, "give the file, or take the row out");
        return STROMA_OK;
    }
    if (role != NULL && !cytometry_role_find(role, &w.role)) {
        fault(m, row, "unknown role of a file", role,
              "roles are sample, fmo, isotype, unstained and reference");
        return STROMA_OK;
    }
    char *opened = stroma_path_beside(m->resolved, name),
         *shown = stroma_path_beside(m->at->text, name);
    found_file one = { .path = shown == NULL ? NULL : stroma_arena_strdup(&s->arena, shown),
                       .resolved = opened == NULL ? NULL : stroma_arena_strdup(&s->arena, opened) };
    stroma_free(opened);
    stroma_free(shown);
    if (one.path == NULL || one.resolved == NULL) return stroma_no_memory(err);
    if (!stroma_path_exists(one.resolved)) {
        cytometry_nothing_found(m->f, m->at, one.path);
        return STROMA_OK;
    }
    return cytometry_place_file(m->f, &one, &w, err);
}

static stroma_status place_rows(manifest *m, stroma_error *err)
{
    for (size_t k = 0; k < COLUMNS; k++)
        m->column[k] = stroma_table_find(m->t, names[k]);
    if (m->column[FILE_COLUMN] == SIZE_MAX) {
        fault(m, SIZE_MAX, "the manifest has no column \"file\"", NULL,
              "its columns are file, subject, visit, role and marker");
        return STROMA_OK;
    }
    for (size_t r = 0; r < m->t->rows_len; r++)
        STROMA_TRY(place_row(m, r, err));
    return STROMA_OK;
}

stroma_status cytometry_read_manifest(files *f, stroma_error *err)
{
    manifest m = { .f = f, .at = stroma_yaml_get(f->entry, "manifest") };
    char *resolved = NULL;
    STROMA_TRY(import_resolve(f->s, m.at->text, &resolved, err));
    m.resolved = resolved;
    stroma_column_spec specs[COLUMNS];
    for (size_t k = 0; k < COLUMNS; k++)
        specs[k] =
            (stroma_column_spec){ .name = names[k], .typed = true, .type = STROMA_COLUMN_TEXT };
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    o.columns = specs;
    o.columns_len = COLUMNS;
    o.threads = 1;
    stroma_table *t = NULL;
    int32_t file = STUDY_NONE;
    stroma_status st = import_note_file(f->s, m.at->text, resolved, "csv", &file, err);
    if (st == STROMA_OK)
        st = stroma_in(err, stroma_table_read(resolved, &o, &t, &f->s->findings, err),
                       "manifest \"%s\"", m.at->text);
    if (st == STROMA_OK) {
        m.t = t;
        f->s->files.items[file].n_rows = (int64_t)t->rows_len;
        f->s->files.items[file].n_columns = (int64_t)t->columns_len;
        st = place_rows(&m, err);
    }
    stroma_table_free(t);
    stroma_free(resolved);
    return st;
}
