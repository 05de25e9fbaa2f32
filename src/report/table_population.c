/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was counted: a row a population of a sample. */
#include "figure_cytometry.h"
#include "table_parts.h"

#include <stdio.h>
#include <string.h>

report_table_fn report_population_table;

#define ROWS_MAX "1000"

enum { SUBJECT, VISIT, LABEL, PERCENT, COUNT, OF, TOTAL, NUMBER, FLAGS, N_COLUMNS };

enum {
    Q_SUBJECT,
    Q_VISIT,
    Q_LABEL,
    Q_N,
    Q_OF,
    Q_N_PARENT,
    Q_PERCENT,
    Q_LOWER,
    Q_UPPER,
    Q_TOTAL,
    Q_STATE,
    Q_REASON,
    Q_FLAGS,
    Q_MEASURED,
    Q_VALUE,
    Q_VALUE_LOWER,
    Q_VALUE_UPPER,
    Q_PARAM,
    Q_FILE_ID,
    Q_FILE
};

/* ["few-events"] as "few events" */
static stroma_status put_flags(tab_context *c, report_cell *cell, sqlite3_stmt *q,
                               stroma_error *err)
{
    json_t *list = json_loads(report_text(q, Q_FLAGS), 0, NULL);
    const bool present = strcmp(report_text(q, Q_STATE), "present") == 0;
    const char *text = stroma_arena_strdup(&c->t->arena, present ? "" : report_text(q, Q_REASON));
    for (size_t i = 0; text != NULL && i < json_array_size(list); i++) {
        const char *flag = json_string_value(json_array_get(list, i));
        text = stroma_arena_printf(&c->t->arena, "%s%s%s", text, text[0] == '\0' ? "" : "; ",
                                   flag == NULL ? "" : flag);
    }
    json_decref(list);
    return text == NULL ? stroma_no_memory(err) : report_cell_text(c->t, cell, text, NULL, err);
}

static stroma_status put_share(tab_context *c, report_cell *cells, sqlite3_stmt *q,
                               const char *trace, stroma_error *err)
{
    const double x[3] = { report_number(q, Q_PERCENT), report_number(q, Q_LOWER),
                          report_number(q, Q_UPPER) };
    char of[FIG_PERCENT_MAX];
    if (strcmp(report_text(q, Q_STATE), "present") != 0) {
        cells[COUNT].state = cells[PERCENT].state = "not_estimable";
        return report_cell_text(c->t, &cells[PERCENT], "not estimable", trace, err);
    }
    STROMA_TRY(report_cell_number(c->t, &cells[COUNT], report_number(q, Q_N), NULL, trace, err));
    STROMA_TRY(tab_put(c->t, &cells[OF], NULL, err, "%s, %s", report_text(q, Q_OF),
                       fig_count(report_int(q, Q_N_PARENT), of)));
    STROMA_TRY(tab_put_interval(c->t, &cells[PERCENT], x, trace, err));
    return report_cell_number(c->t, &cells[TOTAL], report_number(q, Q_TOTAL), NULL, NULL, err);
}

static stroma_status population_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char measured[24], file[24];
    const char *trace =
        report_is_null(q, Q_MEASURED) ? NULL : tab_trace(measured, 'm', report_int(q, Q_MEASURED));
    (void)tab_trace(file, 'i', report_int(q, Q_FILE_ID));
    STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
    report_cell *cells = c->row->cells;
    STROMA_TRY(report_cell_text(c->t, &cells[SUBJECT], report_text(q, Q_SUBJECT), file, err));
    STROMA_TRY(report_cell_text(c->t, &cells[VISIT], report_text(q, Q_VISIT), NULL, err));
    STROMA_TRY(report_cell_text(c->t, &cells[LABEL], report_text(q, Q_LABEL), NULL, err));
    STROMA_TRY(put_share(c, cells, q, trace, err));
    if (!report_is_null(q, Q_VALUE)) {
        const double x[3] = { report_number(q, Q_VALUE), report_number(q, Q_VALUE_LOWER),
                              report_number(q, Q_VALUE_UPPER) };
        STROMA_TRY(tab_put_interval(c->t, &cells[NUMBER], x, trace, err));
        cells[NUMBER].hint = stroma_arena_strdup(&c->t->arena, report_text(q, Q_PARAM));
        if (cells[NUMBER].hint == NULL) return stroma_no_memory(err);
    }
    return put_flags(c, &cells[FLAGS], q, err);
}

#define WANTED                                                                                     \
    "FROM cytometry_sample c JOIN cytometry_population p USING(sample_id) LEFT JOIN subject u ON " \
    "u.subject_id = c.subject_id LEFT JOIN visit v ON v.visit_id = c.visit_id WHERE c.entry_id = " \
    "?1 AND c.role = 'sample' AND (?2 IS NULL OR p.gate_id = ?2) AND (NOT EXISTS (SELECT 1 FROM "  \
    "json_each(?3, '$.visits')) OR c.visit_id IN (SELECT value FROM json_each(?3, '$.visits'))) "

static stroma_status take_count(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    ((tab_context *)context)->count = report_int(q, 0);
    return STROMA_OK;
}

static stroma_status take_number(void *context, sqlite3_stmt *q, stroma_error *err)
{
    const tab_context *c = context;
    return report_table_column(c->t, NUMBER, report_text(q, 0), "", -1, REPORT_RIGHT, 2, err);
}

static stroma_status fill(tab_context *c, stroma_error *err)
{
    fig_cytometry entry;
    char note[600], left[FIG_PERCENT_MAX];
    const char *gate = NULL, *name = report_spec_text(c->item, "population");
    STROMA_TRY(fig_load_cytometry(c->db, c->item, &entry, err));
    if (name != NULL) STROMA_TRY(fig_find_gate(c->db, entry.id, name, &gate, err));
    const char *const params[] = { entry.id, gate, c->item->spec_text };
    STROMA_TRY(fig_each(c->db, "SELECT count(*) " WANTED, params, 3, take_count, c, err));
    if (gate != NULL)
        STROMA_TRY(fig_each(c->db,
                            "SELECT r.label FROM cytometry_statistic s JOIN cytometry_population p "
                            "USING(population_id) JOIN cytometry_sample c ON c.sample_id = "
                            "s.sample_id JOIN parameter r USING(param_id) WHERE c.entry_id = ?1 "
                            "AND p.gate_id = ?2 ORDER BY r.ord DESC",
                            params, 2, take_number, c, err));
    STROMA_TRY(fig_each(
        c->db,
        "SELECT u.display_id, v.label, replace(p.label, '_', ' '), p.n, coalesce((SELECT "
        "replace(a.label, '_', ' ') FROM cytometry_population a WHERE a.sample_id = p.sample_id "
        "AND a.gate_id = p.parent_id), 'all events'), p.n_parent, p.pct_parent, p.lower, p.upper, "
        "p.pct_total, p.state, p.reason, replace(p.flags, '-', ' '), s.measurement_id, s.value, "
        "s.lower, s.upper, "
        "s.definition, c.file_id FROM (SELECT c.*, p.population_id, p.ord AS place, v.ord AS "
        "visit_ord, u.ord AS subject_ord " WANTED ") c JOIN cytometry_population p "
        "USING(population_id) LEFT JOIN subject u ON u.subject_id = c.subject_id LEFT JOIN visit v "
        "ON v.visit_id = c.visit_id LEFT JOIN cytometry_statistic s ON s.statistic_id = (SELECT "
        "min(statistic_id) FROM cytometry_statistic t WHERE t.population_id = p.population_id) "
        "ORDER BY c.subject_ord, c.visit_ord, c.ord, c.place LIMIT " ROWS_MAX,
        params, 3, population_row, c, err));
    tab_drop_empty(c->t, OF + 1);
    c->t->empty = "No population was counted.";
    (void)snprintf(
        note, sizeof note,
        "Intervals: %.4g %%, Wilson, of counting events alone; what samples of one "
        "subject differ by comes on top.%s%s%s",
        100 * entry.level, c->count > (int64_t)c->t->n_rows ? " Not shown: " : "",
        c->count > (int64_t)c->t->n_rows ? fig_count(c->count - (int64_t)c->t->n_rows, left) : "",
        c->count > (int64_t)c->t->n_rows
            ? " further rows; table cytometry_population of study.db has them."
            : "");
    return tab_note(c->t, note, err);
}

stroma_status report_population_table(report_db *db, const report_item *item, report_table **out,
                                      stroma_error *err)
{
    static const tab_column columns[N_COLUMNS + 1] = {
        { "Subject", "", REPORT_LEFT, -1 },
        { "Visit", "", REPORT_LEFT, -1 },
        { "Population", "", REPORT_LEFT, -1 },
        { "% of parent (interval)", "", REPORT_RIGHT, -1 },
        { "Events", "", REPORT_RIGHT, 0 },
        { "Of", "events", REPORT_LEFT, -1 },
        { "% of all events", "", REPORT_RIGHT, 2 },
        { "Number of the study (interval)", "", REPORT_RIGHT, 2 },
        { "Flags", "", REPORT_LEFT, -1 },
        { NULL, NULL, REPORT_LEFT, 0 },
    };
    tab_context c = { .db = db, .item = item };
    STROMA_TRY(tab_new(columns, &c.t, err));
    return tab_done(c.t, fill(&c, err), out);
}
