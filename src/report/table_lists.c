/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables that list rows as they are: summaries by visit, findings, files. */
#include "table_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

report_table_fn report_summary_table, report_findings_table, report_files_table;

static stroma_status summary_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char trace[24], a[STROMA_NUMBER_TEXT_MAX + 3], b[STROMA_NUMBER_TEXT_MAX + 3];
    STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
    report_cell *cells = c->row->cells;
    (void)tab_trace(trace, 's', report_int(q, 0));
    STROMA_TRY(report_cell_text(c->t, &cells[0], report_text(q, 1), NULL, err));
    STROMA_TRY(report_cell_text(c->t, &cells[1], report_text(q, 2), NULL, err));
    for (int i = 0; i < 3; i++)
        STROMA_TRY(
            report_cell_number(c->t, &cells[2 + i], report_number(q, 3 + i), NULL, trace, err));
    const int d = tab_decimals(report_number(q, 7), c->param.decimals);
    for (int i = 0; i < 2; i++) { /* mean, SD */
        const double x = report_number(q, 6 + i);
        if (!isnan(x))
            STROMA_TRY(report_cell_number(c->t, &cells[5 + i], x, fig_number(x, d, a), trace, err));
    }
    static const int pairs[][2] = { { 8, 9 }, { 11, 12 }, { 13, 14 } };
    static const int places[] = { 7, 9, 10 };
    for (int i = 0; i < 3; i++) {
        const double lo = report_number(q, pairs[i][0]), hi = report_number(q, pairs[i][1]);
        const int k = i == 0 ? tab_decimals((hi - lo) / 4, d) : d;
        if (isnan(lo) || isnan(hi)) continue;
        STROMA_TRY(tab_put(c->t, &cells[places[i]], trace, err, "%s to %s", fig_number(lo, k, a),
                           fig_number(hi, k, b)));
    }
    const double median = report_number(q, 10);
    if (isnan(median)) return STROMA_OK;
    return report_cell_number(c->t, &cells[8], median, fig_number(median, d, a), trace, err);
}

stroma_status report_summary_table(report_db *db, const report_item *item, report_table **out,
                                   stroma_error *err)
{
    static const tab_column columns[] = {
        { "Visit", "", REPORT_LEFT, -1 },       { "Group", "", REPORT_LEFT, -1 },
        { "n", "", REPORT_RIGHT, 0 },           { "Missing", "", REPORT_RIGHT, 0 },
        { "Below limit", "", REPORT_RIGHT, 0 }, { "Mean", "", REPORT_RIGHT, -1 },
        { "SD", "", REPORT_RIGHT, -1 },         { "95 % CI of mean", "", REPORT_RIGHT, -1 },
        { "Median", "", REPORT_RIGHT, -1 },     { "Quartiles", "", REPORT_RIGHT, -1 },
        { "Range", "", REPORT_RIGHT, -1 },      { NULL, NULL, REPORT_LEFT, 0 },
    };
    tab_context c = { .db = db, .item = item };
    STROMA_TRY(fig_load_param(db, report_spec_text(item, "param"), &c.param, err));
    STROMA_TRY(tab_new(columns, &c.t, err));
    const char *const key[] = { c.param.id, report_spec_text(item, "grouping"),
                                report_spec_text(item, "set") };
    stroma_status s = fig_each(
        db,
        "SELECT s.summary_id, coalesce(v.label, ''), coalesce(g.label, s.group_id), s.n, "
        "s.n_missing, s.n_below_limit, s.mean, s.sd, s.mean_lower, s.mean_upper, s.median, s.q1, "
        "s.q3, s.minimum, s.maximum FROM summary s LEFT JOIN visit v ON v.visit_id = s.visit_id "
        "LEFT JOIN group_of g ON g.grouping_id = s.grouping_id AND g.group_id = s.group_id WHERE "
        "s.param_id = ?1 AND s.grouping_id = ?2 AND s.set_id = ?3 ORDER BY v.ord, g.ord, "
        "s.summary_id",
        key, 3, summary_row, &c, err);
    if (s == STROMA_OK) s = tab_note(c.t, c.param.name_unit, err);
    return tab_done(c.t, s, out);
}

static stroma_status take_check(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    stroma_buffer *b = context;
    stroma_buffer_printf(b, "%s%s (%lld)", b->len > 0 ? ", " : "", report_text(q, 0),
                         (long long)report_int(q, 1));
    return STROMA_OK;
}

static stroma_status say_checks(report_db *db, report_table *t, stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 16);
    stroma_status s = fig_each(db, "SELECT label, n_checked FROM check_done ORDER BY ord, check_id",
                               NULL, 0, take_check, &b, err);
    if (s == STROMA_OK) s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK) {
        const char *done = b.data == NULL ? "nothing" : b.data;
        t->empty = stroma_arena_printf(&t->arena, "No findings. Checked: %s.", done);
        t->note = stroma_arena_printf(&t->arena, "Checked: %s.", done);
        if (t->empty == NULL || t->note == NULL) s = stroma_no_memory(err);
    }
    stroma_buffer_clear(&b);
    return s;
}

/* Columns: 0 severity, 1 where, 2 measure, 3 value, 4 message, 5 action, 6 code, 7 rule */
static stroma_status finding_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
    report_cell *cells = c->row->cells;
    const char *measure = report_text(q, 2), *value = report_text(q, 3);
    STROMA_TRY(report_cell_text(c->t, &cells[0], report_text(q, 0), NULL, err));
    STROMA_TRY(report_cell_text(c->t, &cells[1], report_text(q, 1), NULL, err));
    STROMA_TRY(tab_put(c->t, &cells[2], NULL, err, "%s%s%s", measure,
                       measure[0] != '\0' && value[0] != '\0' ? ": " : "", value));
    for (int i = 3; i <= 5; i++)
        STROMA_TRY(report_cell_text(c->t, &cells[i], report_text(q, i + 1), NULL, err));
    cells[0].state = strcmp(report_text(q, 0), "error") == 0     ? "error"
                     : strcmp(report_text(q, 0), "warning") == 0 ? "warning"
                                                                 : NULL;
    cells[3].hint = stroma_arena_printf(&c->t->arena, "Rule: %s", report_text(q, 7));
    return cells[3].hint == NULL ? stroma_no_memory(err) : STROMA_OK;
}

stroma_status report_findings_table(report_db *db, const report_item *item, report_table **out,
                                    stroma_error *err)
{
    static const tab_column columns[] = {
        { "Severity", "", REPORT_LEFT, -1 },   { "Where", "", REPORT_LEFT, -1 },
        { "Measure", "", REPORT_LEFT, -1 },    { "Finding", "", REPORT_LEFT, -1 },
        { "What to do", "", REPORT_LEFT, -1 }, { "Code", "", REPORT_LEFT, -1 },
        { NULL, NULL, REPORT_LEFT, 0 },
    };
    tab_context c = { .db = db, .item = item };
    STROMA_TRY(tab_new(columns, &c.t, err));
    c.t->stack = true;
    stroma_status s = fig_each(
        db,
        "SELECT f.severity, "
        "coalesce(f.file || coalesce(':' || f.line, ''), '') || "
        "CASE WHEN f.subject_id IS NULL THEN '' ELSE ', subject ' || coalesce(s.display_id, "
        "f.subject_id) END || CASE WHEN f.visit_id IS NULL THEN '' ELSE ', ' || coalesce(v.label, "
        "f.visit_id) END, coalesce(p.label, f.param_id, f.column_name), f.value, f.message, "
        "f.action, f.code, f.rule FROM finding f LEFT JOIN subject s ON s.subject_id = "
        "f.subject_id LEFT JOIN visit v ON v.visit_id = f.visit_id LEFT JOIN parameter p ON "
        "p.param_id = f.param_id ORDER BY CASE f.severity WHEN 'error' THEN 0 WHEN 'warning' THEN "
        "1 ELSE 2 END, f.category, f.finding_id",
        NULL, 0, finding_row, &c, err);
    if (s == STROMA_OK) s = say_checks(db, c.t, err);
    return tab_done(c.t, s, out);
}

static stroma_status file_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char trace[24];
    STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
    (void)tab_trace(trace, 'i', report_int(q, 0));
    for (int i = 0; i < 7; i++) {
        report_cell *cell = &c->row->cells[i];
        if (i >= 3 && i <= 5)
            STROMA_TRY(report_cell_number(c->t, cell, report_number(q, i + 1), NULL, trace, err));
        else
            STROMA_TRY(
                report_cell_text(c->t, cell, report_text(q, i + 1), i == 0 ? trace : NULL, err));
    }
    c->row->cells[6].state = "hash";
    return STROMA_OK;
}

stroma_status report_files_table(report_db *db, const report_item *item, report_table **out,
                                 stroma_error *err)
{
    static const tab_column columns[] = {
        { "File", "", REPORT_LEFT, -1 },    { "Role", "", REPORT_LEFT, -1 },
        { "Format", "", REPORT_LEFT, -1 },  { "Rows", "", REPORT_RIGHT, 0 },
        { "Columns", "", REPORT_RIGHT, 0 }, { "Size", "bytes", REPORT_RIGHT, 0 },
        { "SHA-256", "", REPORT_LEFT, -1 }, { NULL, NULL, REPORT_LEFT, 0 },
    };
    tab_context c = { .db = db, .item = item };
    STROMA_TRY(tab_new(columns, &c.t, err));
    return tab_done(c.t,
                    fig_each(db,
                             "SELECT file_id, path, role, format, n_rows, n_columns, n_bytes, "
                             "sha256 FROM input_file ORDER BY file_id",
                             NULL, 0, file_row, &c, err),
                    out);
}
