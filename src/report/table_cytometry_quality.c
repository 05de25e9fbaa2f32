/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The samples of an entry: what was read, compensated, checked and found odd; worst first. */
#include "figure_cytometry.h"
#include "table_parts.h"

#include <stdio.h>
#include <string.h>

report_table_fn report_cytometry_quality_table;

#define ROWS_MAX "400"

enum { SAMPLE, VISIT, ROLE, EVENTS, EXCLUDED, MATRIX, CONDITION, CHECKS, CODES, N_COLUMNS };
enum {
    Q_SUBJECT,
    Q_VISIT,
    Q_ROLE,
    Q_MARKER,
    Q_EVENTS,
    Q_EXCLUDED,
    Q_MATRIX,
    Q_CONDITION,
    Q_FILE_ID,
    Q_STATE,
    Q_REASON,
    Q_FINDINGS,
    Q_CHECKED,
    Q_FLAGGED,
    Q_DETAILS,
    Q_NOT_CHECKED
};

static stroma_status put_checks(tab_context *c, report_cell *cell, sqlite3_stmt *q,
                                stroma_error *err)
{
    const char *state = report_text(q, Q_STATE);
    const long long checked = report_int(q, Q_CHECKED), flagged = report_int(q, Q_FLAGGED),
                    not_checked = report_int(q, Q_NOT_CHECKED);
    if (strcmp(state, "present") != 0) {
        cell->state = "not_estimable";
        return tab_put(c->t, cell, NULL, err, "%s: %s", fig_state_words(state),
                       report_text(q, Q_REASON));
    }
    if (checked == 0) return report_cell_text(c->t, cell, "no check was made", NULL, err);
    if (flagged > 0) cell->state = "warning";
    const char *more = not_checked > 0 ? ", some could not be made" : "";
    if (flagged == 0)
        return tab_put(c->t, cell, NULL, err, "passed all %lld%s", checked - not_checked, more);
    return tab_put(c->t, cell, NULL, err, "%lld of %lld flagged%s: %s", flagged, checked, more,
                   report_text(q, Q_DETAILS));
}

static stroma_status put_codes(tab_context *c, report_cell *cell, sqlite3_stmt *q,
                               stroma_error *err)
{
    json_t *list = json_loads(report_text(q, Q_FINDINGS), 0, NULL);
    const char *text = stroma_arena_strdup(&c->t->arena, "");
    for (size_t i = 0; text != NULL && i < json_array_size(list); i++) {
        const char *code = json_string_value(json_array_get(list, i));
        text = stroma_arena_printf(&c->t->arena, "%s%s%s", text, i == 0 ? "" : ", ",
                                   code == NULL ? "" : code);
    }
    json_decref(list);
    return text == NULL ? stroma_no_memory(err) : report_cell_text(c->t, cell, text, NULL, err);
}

static stroma_status put_numbers(tab_context *c, report_cell *cells, sqlite3_stmt *q,
                                 stroma_error *err)
{
    STROMA_TRY(
        report_cell_number(c->t, &cells[EVENTS], report_number(q, Q_EVENTS), NULL, NULL, err));
    if (report_int(q, Q_EXCLUDED) > 0)
        STROMA_TRY(report_cell_number(c->t, &cells[EXCLUDED], report_number(q, Q_EXCLUDED), NULL,
                                      NULL, err));
    STROMA_TRY(report_cell_text(c->t, &cells[MATRIX], report_text(q, Q_MATRIX), NULL, err));
    return report_cell_number(c->t, &cells[CONDITION], report_number(q, Q_CONDITION), NULL, NULL,
                              err);
}

static stroma_status sample_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char file[24];
    const char *subject = report_text(q, Q_SUBJECT), *role = report_text(q, Q_ROLE);
    STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
    report_cell *cells = c->row->cells;
    (void)tab_trace(file, 'i', report_int(q, Q_FILE_ID));
    STROMA_TRY(report_cell_text(c->t, &cells[SAMPLE], subject[0] != '\0' ? subject : "control",
                                file, err));
    STROMA_TRY(report_cell_text(c->t, &cells[VISIT], report_text(q, Q_VISIT), NULL, err));
    STROMA_TRY(tab_put(c->t, &cells[ROLE], NULL, err, "%s%s%s",
                       strcmp(role, "fmo") == 0 ? "FMO" : role,
                       report_is_null(q, Q_MARKER) ? "" : " ", report_text(q, Q_MARKER)));
    STROMA_TRY(put_numbers(c, cells, q, err));
    STROMA_TRY(put_checks(c, &cells[CHECKS], q, err));
    return put_codes(c, &cells[CODES], q, err);
}

static stroma_status take_counts(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    ((tab_context *)context)->count = report_int(q, 0);
    return STROMA_OK;
}

static stroma_status fill(tab_context *c, stroma_error *err)
{
    fig_cytometry entry;
    char note[400], left[FIG_PERCENT_MAX];
    STROMA_TRY(fig_load_cytometry(c->db, c->item, &entry, err));
    STROMA_TRY(fig_each(c->db, "SELECT count(*) FROM cytometry_sample WHERE entry_id = ?1",
                        &entry.id, 1, take_counts, c, err));
    STROMA_TRY(fig_each(
        c->db,
        "SELECT u.display_id, v.label, c.role, c.marker, c.n_events, c.n_excluded, c.compensation, "
        "c.condition, c.file_id, c.state, c.reason, c.findings, count(k.check_id), "
        "coalesce(sum(k.state = 'flagged'), 0) AS flagged, group_concat(CASE WHEN k.state = "
        "'flagged' THEN k.label || ' (' || k.detail || ')' END, '; '), coalesce(sum(k.state = "
        "'not_checked'), 0) FROM cytometry_sample c LEFT JOIN subject u ON u.subject_id = "
        "c.subject_id LEFT JOIN visit v ON v.visit_id = c.visit_id LEFT JOIN cytometry_quality k "
        "ON k.sample_id = c.sample_id WHERE c.entry_id = ?1 GROUP BY c.sample_id ORDER BY c.state "
        "<> 'present' DESC, flagged DESC, json_array_length(c.findings) DESC, c.ord "
        "LIMIT " ROWS_MAX,
        &entry.id, 1, sample_row, c, err));
    tab_drop_empty(c->t, EVENTS + 1);
    c->t->empty = "The entry has no samples.";
    const int64_t more = c->count - (int64_t)c->t->n_rows;
    (void)snprintf(
        note, sizeof note,
        "Worst first. Condition: of the spillover matrix; rounding grows by it. Codes are "
        "explained by stroma explain; where each stands is in the findings.%s%s%s",
        more > 0 ? " Not shown, as they are no worse: " : "", more > 0 ? fig_count(more, left) : "",
        more > 0 ? " samples." : "");
    return tab_note(c->t, note, err);
}

stroma_status report_cytometry_quality_table(report_db *db, const report_item *item,
                                             report_table **out, stroma_error *err)
{
    static const tab_column columns[N_COLUMNS + 1] = {
        { "Sample", "", REPORT_LEFT, -1 },         { "Visit", "", REPORT_LEFT, -1 },
        { "Kind", "", REPORT_LEFT, -1 },           { "Events", "", REPORT_RIGHT, 0 },
        { "Excluded", "events", REPORT_RIGHT, 0 }, { "Compensation", "", REPORT_LEFT, -1 },
        { "Condition", "", REPORT_RIGHT, 2 },      { "Checks", "", REPORT_LEFT, -1 },
        { "Codes", "", REPORT_LEFT, -1 },          { NULL, NULL, REPORT_LEFT, 0 },
    };
    tab_context c = { .db = db, .item = item };
    STROMA_TRY(tab_new(columns, &c.t, err));
    return tab_done(c.t, fill(&c, err), out);
}
