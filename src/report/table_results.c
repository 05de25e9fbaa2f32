/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of table result: comparisons, rates, events, and the list of all tests. */
#include "table_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

report_table_fn report_result_table, report_rate_table, report_tests_table, report_event_table,
    report_cutoff_table;

/* Columns that every query here begins with. */
#define RESULT_COLUMNS                                                                    \
    "r.result_id, r.label, r.method, r.n_used, r.n1, r.estimate, r.lower, r.upper, r.p, " \
    "r.p_adjusted, r.state, r.reason, r.family, r.adjust_method, r.estimate_name, "       \
    "r.interval_method, r.effect_name, r.effect, r.group_a, r.group_b, r.excluded, r.variant "
enum {
    ID,
    LABEL,
    METHOD,
    N_USED,
    N1,
    ESTIMATE,
    LOWER,
    UPPER,
    P,
    P_ADJUSTED,
    STATE,
    REASON,
    FAMILY,
    ADJUST,
    ESTIMATE_NAME,
    INTERVAL,
    EFFECT_NAME,
    EFFECT,
    GROUP_A,
    GROUP_B,
    EXCLUDED,
    VARIANT,
    GROUP_LABEL, /* each_analysis() alone adds these two */
    GROUP_B_LABEL
};

static stroma_status put_state(tab_context *c, report_cell *cell, sqlite3_stmt *q,
                               stroma_error *err)
{
    const char *state = report_text(q, STATE);
    if (strcmp(state, "present") == 0) return STROMA_OK;
    const char *words = fig_state_words(state), *reason = report_text(q, REASON);
    const bool said = strncmp(reason, words, strlen(words)) == 0;
    STROMA_TRY(tab_put(c->t, cell, NULL, err, "%s%s%s", said ? "" : words,
                       said || reason[0] == '\0' ? "" : ": ", reason));
    cell->state = stroma_arena_strdup(&c->t->arena, state);
    return cell->state == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status count_cell(tab_context *c, report_cell *cell, sqlite3_stmt *q, int column,
                                const char *trace, stroma_error *err)
{
    return report_cell_number(c->t, cell, report_number(q, column), NULL, trace, err);
}

/* Why something is circular stands once under the table, not in every row. */
static stroma_status say_circular(tab_context *c, sqlite3_stmt *q, stroma_error *err)
{
    const char *reason = report_text(q, REASON), *before = c->t->note == NULL ? "" : c->t->note;
    static const char word[] = "circular: ";
    while (strncmp(reason, word, sizeof word - 1) == 0)
        reason += sizeof word - 1;
    if (reason[0] == '\0' || strstr(before, reason) != NULL) return STROMA_OK;
    c->t->note = stroma_arena_printf(&c->t->arena, "%s%s: %s.", before,
                                     before[0] == '\0' ? "Circular" : " Also", reason);
    return c->t->note == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status result_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char trace[24], number[STROMA_NUMBER_TEXT_MAX + 3], name[REPORT_NAME_MAX];
    const double x[3] = { report_number(q, ESTIMATE), report_number(q, LOWER),
                          report_number(q, UPPER) };
    STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
    report_cell *cells = c->row->cells;
    (void)tab_trace(trace, 'r', report_int(q, ID));
    /* the label of a rate leaves its group to a column, which this table does not have */
    const bool rate = strcmp(report_text(q, METHOD), "proportion") == 0;
    const bool named = rate && !report_is_null(q, GROUP_A);
    STROMA_TRY(tab_put(c->t, &cells[0], trace, err, "%s%s%s", report_text(q, LABEL),
                       named ? ": " : "", named ? report_text(q, GROUP_LABEL) : ""));
    STROMA_TRY(count_cell(c, &cells[1], q, N_USED, trace, err));
    STROMA_TRY(report_cell_text(
        c->t, &cells[2], report_name(report_text(q, ESTIMATE_NAME), name, sizeof name), NULL, err));
    STROMA_TRY(tab_put_interval(c->t, &cells[3], x, trace, err));
    if (!report_is_null(q, EFFECT))
        STROMA_TRY(tab_put(c->t, &cells[4], trace, err, "%s %s",
                           report_name(report_text(q, EFFECT_NAME), name, sizeof name),
                           fig_number(report_number(q, EFFECT), 2, number)));
    STROMA_TRY(report_cell_text(c->t, &cells[5],
                                report_name(report_text(q, METHOD), name, sizeof name), NULL, err));
    STROMA_TRY(tab_put_p(c->t, &cells[6], report_number(q, P_ADJUSTED), report_text(q, STATE),
                         trace, err));
    if (strcmp(report_text(q, STATE), "circular") == 0) return say_circular(c, q, err);
    return put_state(c, &cells[7], q, err);
}

static stroma_status rate_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char trace[24], a[STROMA_NUMBER_TEXT_MAX + 3], l[STROMA_NUMBER_TEXT_MAX + 3],
        u[STROMA_NUMBER_TEXT_MAX + 3];
    STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
    report_cell *cells = c->row->cells;
    (void)tab_trace(trace, 'r', report_int(q, ID));
    const bool proportion = strcmp(report_text(q, METHOD), "proportion") == 0;
    const double x = report_number(q, ESTIMATE);
    STROMA_TRY(report_cell_text(c->t, &cells[0], report_text(q, LABEL), trace, err));
    STROMA_TRY(tab_put(c->t, &cells[1], NULL, err, "%s%s%s", report_text(q, GROUP_LABEL),
                       report_is_null(q, GROUP_B) ? "" : " " MINUS " ",
                       report_text(q, GROUP_B_LABEL)));
    if (proportion)
        STROMA_TRY(tab_put(c->t, &cells[2], trace, err, "%lld of %lld",
                           (long long)report_int(q, N1), (long long)report_int(q, N_USED)));
    else
        STROMA_TRY(count_cell(c, &cells[2], q, N_USED, trace, err));
    STROMA_TRY(report_cell_text(c->t, &cells[3], report_text(q, ESTIMATE_NAME), NULL, err));
    if (!isnan(x)) {
        STROMA_TRY(
            report_cell_number(c->t, &cells[4], 100 * x, fig_number(100 * x, 1, a), trace, err));
        if (!report_is_null(q, LOWER))
            STROMA_TRY(tab_put(c->t, &cells[5], trace, err, "%s to %s",
                               fig_number(100 * report_number(q, LOWER), 1, l),
                               fig_number(100 * report_number(q, UPPER), 1, u)));
    }
    STROMA_TRY(report_cell_text(c->t, &cells[6], report_text(q, INTERVAL), NULL, err));
    return tab_put_p(c->t, &cells[7], report_number(q, P_ADJUSTED), report_text(q, STATE), trace,
                     err);
}

/* Run fn over the results of every analysis of spec.analyses. */
static stroma_status each_analysis(tab_context *c, fig_row_fn *fn, stroma_error *err)
{
    const json_t *list = json_object_get(c->item->spec, "analyses");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = json_string_value(json_array_get(list, i));
        STROMA_TRY(fig_each(
            c->db,
            "SELECT " RESULT_COLUMNS
            ", coalesce(a.label, r.group_a), coalesce(b.label, r.group_b) FROM result r LEFT JOIN "
            "group_of a ON a.grouping_id = r.grouping_id AND a.group_id = r.group_a LEFT JOIN "
            "group_of b ON b.grouping_id = r.grouping_id AND b.group_id = r.group_b WHERE "
            "r.analysis_id = ?1 ORDER BY r.result_id",
            &id, 1, fn, c, err));
    }
    return STROMA_OK;
}

stroma_status report_result_table(report_db *db, const report_item *item, report_table **out,
                                  stroma_error *err)
{
    static const tab_column columns[] = {
        { "Comparison", "", REPORT_LEFT, -1 },   { "n", "", REPORT_RIGHT, 0 },
        { "Estimate of", "", REPORT_LEFT, -1 },  { "Estimate (95 % CI)", "", REPORT_RIGHT, -1 },
        { "Effect size", "", REPORT_RIGHT, -1 }, { "Method", "", REPORT_LEFT, -1 },
        { "Adjusted p", "", REPORT_RIGHT, -1 },  { "Note", "", REPORT_LEFT, -1 },
        { NULL, NULL, REPORT_LEFT, 0 },
    };
    tab_context c = { .db = db, .item = item };
    STROMA_TRY(tab_new(columns, &c.t, err));
    const stroma_status s = each_analysis(&c, result_row, err);
    if (s == STROMA_OK) tab_drop_empty(c.t, 4);
    return tab_done(c.t, s, out);
}

stroma_status report_rate_table(report_db *db, const report_item *item, report_table **out,
                                stroma_error *err)
{
    static const tab_column columns[] = {
        { "Outcome", "", REPORT_LEFT, -1 },   { "Group", "", REPORT_LEFT, -1 },
        { "Patients", "", REPORT_RIGHT, 0 },  { "Estimate of", "", REPORT_LEFT, -1 },
        { "Estimate", "%", REPORT_RIGHT, 1 }, { "95 % CI", "%", REPORT_RIGHT, -1 },
        { "Interval", "", REPORT_LEFT, -1 },  { "Adjusted p", "", REPORT_RIGHT, -1 },
        { NULL, NULL, REPORT_LEFT, 0 },
    };
    tab_context c = { .db = db, .item = item };
    STROMA_TRY(tab_new(columns, &c.t, err));
    const stroma_status s = each_analysis(&c, rate_row, err);
    if (s == STROMA_OK) tab_drop_empty(c.t, 3);
    return tab_done(c.t, s, out);
}

/* The cut-offs of a biomarker question. */
stroma_status report_cutoff_table(report_db *db, const report_item *item, report_table **out,
                                  stroma_error *err)
{
    static const tab_column columns[] = {
        { "Cut-off", "", REPORT_LEFT, -1 },      { "n", "", REPORT_RIGHT, 0 },
        { "Estimate of", "", REPORT_LEFT, -1 },  { "Estimate (95 % CI)", "", REPORT_RIGHT, -1 },
        { "Effect size", "", REPORT_RIGHT, -1 }, { "Method", "", REPORT_LEFT, -1 },
        { "Adjusted p", "", REPORT_RIGHT, -1 },  { "Note", "", REPORT_LEFT, -1 },
        { NULL, NULL, REPORT_LEFT, 0 },
    };
    tab_context c = { .db = db, .item = item };
    const char *id = NULL;
    char level[FIG_LEVEL_MAX], title[FIG_LEVEL_MAX + 16];
    STROMA_TRY(tab_find_biomarker(&c, &id, err));
    STROMA_TRY(fig_level(db, id, level, err));
    (void)snprintf(title, sizeof title, "Estimate (%s CI)", level);
    STROMA_TRY(tab_new(columns, &c.t, err));
    stroma_status s = report_table_column(c.t, 3, title, "", -1, REPORT_RIGHT, -1, err);
    if (s == STROMA_OK)
        s = fig_each(
            db,
            "SELECT " RESULT_COLUMNS ", r.group_a, r.group_b FROM result r WHERE "
            "r.analysis_id = ?1 AND r.method IN ('roc_cutoff', 'roc_auc', 'logistic_firth', "
            "'roc_searched_cutoff', 'roc_max_selected') ORDER BY r.result_id",
            &id, 1, result_row, &c, err);
    if (s == STROMA_OK) tab_drop_empty(c.t, 4);
    c.t->empty = "No cut-off was declared.";
    return tab_done(c.t, s, out);
}

static stroma_status test_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char trace[24], name[REPORT_NAME_MAX];
    if (c->last == NULL || strcmp(c->last, report_text(q, FAMILY)) != 0) {
        STROMA_TRY(fig_keep(c->db, report_text(q, FAMILY), &c->last, err));
        report_row_data *head = NULL;
        STROMA_TRY(report_table_row(c->t, REPORT_ROW_HEADING, &head, err));
        STROMA_TRY(tab_put(c->t, &head->cells[0], NULL, err, "Family: %s",
                           report_name(c->last, name, sizeof name)));
    }
    const bool circular = strcmp(report_text(q, STATE), "circular") == 0;
    c->count++;
    if (circular) c->circular++;
    STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
    report_cell *cells = c->row->cells;
    (void)tab_trace(trace, 'r', report_int(q, ID));
    STROMA_TRY(report_cell_text(c->t, &cells[0], report_text(q, LABEL), trace, err));
    STROMA_TRY(tab_put(c->t, &cells[1], NULL, err, "%s%s%s",
                       report_name(report_text(q, METHOD), name, sizeof name),
                       report_text(q, VARIANT)[0] == '\0' ? "" : ", ", report_text(q, VARIANT)));
    STROMA_TRY(count_cell(c, &cells[2], q, N_USED, trace, err));
    STROMA_TRY(tab_put_p(c->t, &cells[3], report_number(q, P), report_text(q, STATE), trace, err));
    STROMA_TRY(tab_put_p(c->t, &cells[4], report_number(q, P_ADJUSTED), report_text(q, STATE),
                         trace, err));
    if (circular) return STROMA_OK; /* why is said once, below the table, and in each trace */
    STROMA_TRY(report_cell_text(c->t, &cells[5],
                                report_name(report_text(q, ADJUST), name, sizeof name), NULL, err));
    return put_state(c, &cells[6], q, err);
}

stroma_status report_tests_table(report_db *db, const report_item *item, report_table **out,
                                 stroma_error *err)
{
    static const tab_column columns[] = {
        { "Test", "", REPORT_LEFT, -1 },        { "Method", "", REPORT_LEFT, -1 },
        { "n", "", REPORT_RIGHT, 0 },           { "p", "", REPORT_RIGHT, -1 },
        { "Adjusted p", "", REPORT_RIGHT, -1 }, { "Adjusted by", "", REPORT_LEFT, -1 },
        { "Note", "", REPORT_LEFT, -1 },        { NULL, NULL, REPORT_LEFT, 0 },
    };
    tab_context c = { .db = db, .item = item };
    STROMA_TRY(tab_new(columns, &c.t, err));
    stroma_status s = fig_each(
        db,
        "SELECT " RESULT_COLUMNS "FROM result r WHERE r.p IS NOT NULL OR r.statistic_name <> '' OR "
        "r.state <> 'present' ORDER BY r.family, r.p_adjusted IS NULL, r.p_adjusted, r.result_id",
        NULL, 0, test_row, &c, err);
    if (s == STROMA_OK) {
        char note[400];
        const long long done = (long long)(c.count - c.circular);
        (void)snprintf(note, sizeof note, "%lld test%s done or refused with its reason.%s", done,
                       done == 1 ? " was" : "s were",
                       c.circular == 0 ? ""
                                       : " Comparisons marked circular are not tests: their groups "
                                         "were made from what they compare, so they are described "
                                         "and have no p-value; they are left out on paper.");
        s = tab_note(c.t, note, err);
        tab_drop_empty(c.t, 3);
        c.t->empty = "This run did no tests.";
    }
    return tab_done(c.t, s, out);
}

/* Rows arrive by term; each fills the two cells of its group. */
static stroma_status event_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char trace[24], a[STROMA_NUMBER_TEXT_MAX], l[STROMA_NUMBER_TEXT_MAX], u[STROMA_NUMBER_TEXT_MAX],
        text[96];
    const size_t g = fig_group_index(&c->groups, report_text(q, GROUP_A));
    if (g == c->groups.n) return STROMA_OK;
    if (c->last == NULL || strcmp(c->last, report_text(q, LABEL)) != 0) {
        STROMA_TRY(fig_keep(c->db, report_text(q, LABEL), &c->last, err));
        STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
        STROMA_TRY(tab_put(c->t, &c->row->cells[0], NULL, err, "%c%s",
                           c->last[0] >= 'a' && c->last[0] <= 'z' ? c->last[0] - 32 : c->last[0],
                           c->last[0] == '\0' ? "" : c->last + 1));
    }
    const int64_t n = report_int(q, N1);
    report_cell *cells = &c->row->cells[1 + 2 * g];
    (void)tab_trace(trace, 'r', report_int(q, ID));
    (void)snprintf(text, sizeof text, "%lld of %lld (%s %%)", (long long)n,
                   (long long)report_int(q, N_USED),
                   stroma_format_fixed(100 * report_number(q, ESTIMATE), 1, a));
    STROMA_TRY(report_cell_number(c->t, &cells[0], (double)n, text, trace, err));
    (void)stroma_format_fixed(100 * report_number(q, UPPER), 1, u);
    if (n == 0) return tab_put(c->t, &cells[1], trace, err, "at most %s %%", u);
    return tab_put(c->t, &cells[1], trace, err, "%s to %s %%",
                   stroma_format_fixed(100 * report_number(q, LOWER), 1, l), u);
}

static stroma_status event_fill(tab_context *c, stroma_error *err)
{
    STROMA_TRY(report_table_column(c->t, 0, "Event", "", -1, REPORT_LEFT, -1, err));
    for (size_t g = 0; g < c->groups.n; g++) {
        STROMA_TRY(report_table_column(c->t, 1 + 2 * g, c->groups.at[g].label, "",
                                       c->groups.at[g].n, REPORT_RIGHT, -1, err));
        STROMA_TRY(report_table_column(c->t, 2 + 2 * g, "95 % CI", "", -1, REPORT_RIGHT, -1, err));
    }
    const char *const key[] = { report_spec_text(c->item, "analysis"), c->groups.grouping };
    STROMA_TRY(fig_each(c->db,
                        "SELECT " RESULT_COLUMNS
                        "FROM result r WHERE r.analysis_id = ?1 AND r.grouping_id = ?2 AND "
                        "r.group_b IS NULL ORDER BY (SELECT max(x.estimate) FROM result x WHERE "
                        "x.analysis_id = r.analysis_id AND x.label = r.label) DESC, r.label, "
                        "r.result_id",
                        key, 2, event_row, c, err));
    c->t->empty = "No event was recorded.";
    return tab_note(c->t,
                    "Patients with at least one such event. Exact 95 % intervals (Clopper" EN
                    "Pearson); none seen does not mean none: the upper bound is given.",
                    err);
}

stroma_status report_event_table(report_db *db, const report_item *item, report_table **out,
                                 stroma_error *err)
{
    tab_context c = { .db = db, .item = item };
    STROMA_TRY(fig_load_groups(db, report_spec_text(item, "grouping"),
                               json_object_get(item->spec, "groups"), &c.groups, err));
    STROMA_TRY(report_table_new(1 + 2 * c.groups.n, &c.t, err));
    return tab_done(c.t, event_fill(&c, err), out);
}
