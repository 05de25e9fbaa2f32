/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Before and after by group (Table 1 of the safety labs), and before and after of one patient. */
#include "table_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

report_table_fn report_before_after_table, report_change_table;

/* "40–55", "≤ 150", "≥ 12" or "". */
static void reference_text(double lo, double hi, char *out, size_t size)
{
    char a[STROMA_NUMBER_TEXT_MAX], b[STROMA_NUMBER_TEXT_MAX];
    if (isnan(lo) && isnan(hi))
        out[0] = '\0';
    else if (isnan(lo))
        (void)snprintf(out, size, "\xE2\x89\xA4 %s", stroma_format_double(hi, a));
    else if (isnan(hi))
        (void)snprintf(out, size, "\xE2\x89\xA5 %s", stroma_format_double(lo, a));
    else
        (void)snprintf(out, size, "%s" EN "%s", stroma_format_double(lo, a),
                       stroma_format_double(hi, b));
}

static const char *visit_at(const report_item *item, size_t i)
{
    return json_string_value(json_array_get(json_object_get(item->spec, "visits"), i));
}

static stroma_status put_mean(tab_context *c, size_t column, const tab_summary *s,
                              stroma_error *err)
{
    char a[STROMA_NUMBER_TEXT_MAX + 3], b[STROMA_NUMBER_TEXT_MAX + 3], trace[24], text[160];
    if (isnan(s->mean)) return STROMA_OK;
    const int k = tab_decimals(s->sd, c->param.decimals);
    (void)snprintf(text, sizeof text, "%s " PLUSMN " %s (%lld)", fig_number(s->mean, k, a),
                   fig_number(s->sd, k, b), (long long)s->n);
    return report_cell_number(c->t, &c->row->cells[column], s->mean, text,
                              tab_trace(trace, 's', s->id), err);
}

static stroma_status put_flags(tab_context *c, size_t column, const tab_summary *s,
                               stroma_error *err)
{
    static const char *const flags[] = { "low", "normal", "high" };
    char trace[24];
    json_t *counts = json_loads(s->counts, 0, NULL);
    long long n[3];
    for (int i = 0; i < 3; i++)
        n[i] = (long long)json_integer_value(json_object_get(counts, flags[i]));
    const bool any = json_object_size(counts) > 0;
    json_decref(counts);
    if (!any) return STROMA_OK;
    return tab_put(c->t, &c->row->cells[column], tab_trace(trace, 's', s->id), err,
                   "%lld / %lld / %lld", n[0], n[1], n[2]);
}

static stroma_status put_change(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char trace[24];
    const double x[3] = { report_number(q, 1), report_number(q, 2), report_number(q, 3) };
    (void)tab_trace(trace, 'r', report_int(q, 0));
    STROMA_TRY(tab_put_interval(c->t, &c->row->cells[3], x, trace, err));
    STROMA_TRY(
        tab_put_p(c->t, &c->row->cells[6], report_number(q, 4), report_text(q, 5), trace, err));
    /* the paper's star stands on its own unadjusted p */
    if (c->paper && report_number(q, 6) < 0.05)
        return tab_put(c->t, &c->row->cells[2], c->row->cells[2].trace, err, "%s*",
                       c->row->cells[2].text);
    return STROMA_OK;
}

static stroma_status lab_rows(tab_context *c, const char *id, stroma_error *err)
{
    char range[96], title[640];
    STROMA_TRY(fig_load_param(c->db, id, &c->param, err));
    reference_text(c->param.ref_low, c->param.ref_high, range, sizeof range);
    (void)snprintf(title, sizeof title, "%s%s%s", c->param.name_unit,
                   range[0] == '\0' ? "" : ", reference ", range);
    report_row_data *head = NULL;
    STROMA_TRY(report_table_row(c->t, REPORT_ROW_HEADING, &head, err));
    STROMA_TRY(report_cell_text(c->t, &head->cells[0], title, NULL, err));
    for (size_t g = 0; g < c->groups.n; g++) {
        STROMA_TRY(report_table_row(c->t, REPORT_ROW_INDENT, &c->row, err));
        STROMA_TRY(report_cell_text(c->t, &c->row->cells[0], c->groups.at[g].label, NULL, err));
        for (size_t v = 0; v < 2; v++) {
            tab_summary s;
            const char *const key[5] = { id, visit_at(c->item, v), c->groups.grouping,
                                         c->groups.at[g].id, c->set };
            STROMA_TRY(tab_load_summary(c->db, key, &s, err));
            STROMA_TRY(put_mean(c, 1 + v, &s, err));
            STROMA_TRY(put_flags(c, 4 + v, &s, err));
        }
        const char *const key[] = { report_spec_text(c->item, "analysis"), id, c->groups.at[g].id,
                                    visit_at(c->item, 1) };
        STROMA_TRY(fig_each(c->db,
                            "SELECT result_id, estimate, lower, upper, p_adjusted, state, p FROM "
                            "result WHERE analysis_id = ?1 AND param_id = ?2 AND group_a = ?3 AND "
                            "group_b IS NULL AND visit_id = ?4 ORDER BY result_id LIMIT 1",
                            key, 4, put_change, c, err));
    }
    return STROMA_OK;
}

stroma_status report_before_after_table(report_db *db, const report_item *item, report_table **out,
                                        stroma_error *err)
{
    static const tab_column columns[] = {
        { "Group", "", REPORT_LEFT, -1 },
        { "Before, mean " PLUSMN " SD (n)", "", REPORT_RIGHT, -1 },
        { "After, mean " PLUSMN " SD (n)", "", REPORT_RIGHT, -1 },
        { "Change (95 % CI)", "", REPORT_RIGHT, -1 },
        { "Before: low / normal / high", "", REPORT_RIGHT, -1 },
        { "After: low / normal / high", "", REPORT_RIGHT, -1 },
        { "Adjusted p", "", REPORT_RIGHT, -1 },
        { NULL, NULL, REPORT_LEFT, 0 },
    };
    tab_context c = { .db = db, .item = item, .set = report_spec_text(item, "set") };
    STROMA_TRY(fig_load_groups(db, report_spec_text(item, "grouping"),
                               json_object_get(item->spec, "groups"), &c.groups, err));
    STROMA_TRY(fig_is_paper(db, &c.paper, err));
    STROMA_TRY(tab_new(columns, &c.t, err));
    const json_t *params = json_object_get(item->spec, "params");
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < json_array_size(params) && s == STROMA_OK; i++)
        s = lab_rows(&c, json_string_value(json_array_get(params, i)), err);
    if (s == STROMA_OK)
        s = tab_note(c.t,
                     c.paper ? "* unadjusted P < 0.05 against before, as papers mark it. Low, "
                               "normal, high: numbers of patients against the reference range."
                             : "Change: mean of the patients with both values. Low, normal, high: "
                               "numbers of patients against the reference range.",
                     err);
    return tab_done(c.t, s, out);
}

/* ---- one patient ---- */

/* Columns: 0 id, 1 value, 2 text, 3 state, 4 reason, 5 ref_low, 6 ref_high, 7 ref_flag, 8 band */
static stroma_status put_one(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    report_cell *cells = c->row->cells;
    char trace[24], number[STROMA_NUMBER_TEXT_MAX + 3], text[512];
    const char *state = report_text(q, 3);
    const bool after = c->column == 2, present = strcmp(state, "present") == 0;
    (void)tab_trace(trace, 'm', report_int(q, 0));
    if (report_is_null(q, 1))
        (void)snprintf(
            text, sizeof text, "%s%s%s", present ? report_text(q, 2) : fig_state_words(state),
            present || report_is_null(q, 4) ? "" : ", ", present ? "" : report_text(q, 4));
    else
        (void)snprintf(text, sizeof text, "%s%s%s",
                       strcmp(state, "below_limit") == 0   ? "< "
                       : strcmp(state, "above_limit") == 0 ? "> "
                                                           : "",
                       fig_number(report_number(q, 1), c->param.decimals, number),
                       strcmp(state, "below_limit") == 0   ? " LLOQ"
                       : strcmp(state, "above_limit") == 0 ? " ULOQ"
                                                           : "");
    STROMA_TRY(report_cell_number(c->t, &cells[c->column], report_number(q, 1), text, trace, err));
    if (!present) {
        cells[c->column].state = stroma_arena_strdup(&c->t->arena, state);
        if (cells[c->column].state == NULL) return stroma_no_memory(err);
    }
    reference_text(report_number(q, 5), report_number(q, 6), text, sizeof text);
    if (text[0] != '\0') STROMA_TRY(report_cell_text(c->t, &cells[4], text, NULL, err));
    const char *word = report_is_null(q, 8) ? report_text(q, 7) : report_text(q, 8);
    if (word[0] == '\0') return STROMA_OK;
    if (!after) return report_cell_text(c->t, &cells[5], word, NULL, err);
    return tab_put(c->t, &cells[5], NULL, err, "%s \xE2\x86\x92 %s",
                   cells[5].text[0] == '\0' ? "?" : cells[5].text, word);
}

static stroma_status put_derived_change(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char trace[24], number[STROMA_NUMBER_TEXT_MAX + 3];
    const double x = report_number(q, 1);
    return report_cell_number(c->t, &c->row->cells[3], x,
                              isnan(x) ? fig_state_words(report_text(q, 2))
                                       : fig_number(x, c->param.decimals, number),
                              tab_trace(trace, 'm', report_int(q, 0)), err);
}

static stroma_status change_row(tab_context *c, const char *id, stroma_error *err)
{
    STROMA_TRY(fig_load_param(c->db, id, &c->param, err));
    STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
    STROMA_TRY(report_cell_text(c->t, &c->row->cells[0], c->param.name_unit, NULL, err));
    const char *subject = report_spec_text(c->item, "subject");
    for (size_t v = 0; v < 2; v++) {
        const char *const key[] = { subject, id, visit_at(c->item, v) };
        c->column = 1 + v;
        STROMA_TRY(fig_each(c->db,
                            "SELECT measurement_id, value, text, state, reason, ref_low, ref_high, "
                            "ref_flag, band FROM measurement WHERE subject_id = ?1 AND param_id = "
                            "?2 AND visit_id = ?3 ORDER BY measurement_id LIMIT 1",
                            key, 3, put_one, c, err));
    }
    const char *const key[] = { subject, id, visit_at(c->item, 0), visit_at(c->item, 1) };
    STROMA_TRY(fig_each(
        c->db,
        "SELECT m.measurement_id, m.value, m.state FROM measurement m JOIN derivation d ON "
        "d.derivation_id = m.derivation_id AND d.method = 'change' WHERE m.subject_id = ?1 AND "
        "EXISTS (SELECT 1 FROM measurement_input i JOIN measurement b ON b.measurement_id = "
        "i.input_id WHERE i.measurement_id = m.measurement_id AND b.param_id = ?2 AND b.visit_id = "
        "?3) AND EXISTS (SELECT 1 FROM measurement_input i JOIN measurement b ON b.measurement_id "
        "= i.input_id WHERE i.measurement_id = m.measurement_id AND b.param_id = ?2 AND b.visit_id "
        "= ?4) ORDER BY m.measurement_id LIMIT 1",
        key, 4, put_derived_change, c, err));
    const char *said =
        json_string_value(json_object_get(json_object_get(c->item->spec, "statements"), id));
    return report_cell_text(c->t, &c->row->cells[6], said == NULL ? "" : said, NULL, err);
}

stroma_status report_change_table(report_db *db, const report_item *item, report_table **out,
                                  stroma_error *err)
{
    static const tab_column columns[] = {
        { "Measure", "", REPORT_LEFT, -1 },          { "Before", "", REPORT_RIGHT, -1 },
        { "After", "", REPORT_RIGHT, -1 },           { "Change", "", REPORT_RIGHT, -1 },
        { "Reference", "", REPORT_RIGHT, -1 },       { "Flag or band", "", REPORT_LEFT, -1 },
        { "What can be said", "", REPORT_LEFT, -1 }, { NULL, NULL, REPORT_LEFT, 0 },
    };
    tab_context c = { .db = db, .item = item };
    STROMA_TRY(tab_new(columns, &c.t, err));
    const json_t *params = json_object_get(item->spec, "params");
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < json_array_size(params) && s == STROMA_OK; i++)
        s = change_row(&c, json_string_value(json_array_get(params, i)), err);
    if (s == STROMA_OK)
        s = tab_note(c.t, "One patient: a difference here has no interval and no test.", err);
    if (s == STROMA_OK) tab_drop_empty(c.t, 3);
    return tab_done(c.t, s, out);
}
