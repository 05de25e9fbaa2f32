/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of a biomarker question: what has to be known first, every candidate, the model's card. */
#include "table_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

report_table_fn report_biomarker_table, report_candidate_table, report_model_table;

/* ---- what has to be known first ---- */

static stroma_status put_line(tab_context *c, const char *title, const char *text,
                              stroma_error *err)
{
    if (text[0] == '\0') return STROMA_OK;
    STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
    STROMA_TRY(report_cell_text(c->t, &c->row->cells[0], title, NULL, err));
    return report_cell_text(c->t, &c->row->cells[1], text, NULL, err);
}

static stroma_status text_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    return put_line(context, report_text(q, 0), report_text(q, 1), err);
}

static const char *const questions[][2] = {
    { "prognostic", "prognostic: does what is known before treatment go with the outcome?" },
    { "predictive", "predictive: who gains from this treatment?" },
    { "pharmacodynamic", "pharmacodynamic: what changes after treatment?" },
    { "early_response", "early response: does what is known at the landmark go with the later "
                        "outcome?" },
};

enum { QUESTION, OUTCOME, EVENT, LANDMARK, N_ENTERED, N_EVENTS, REFUSED, EXCLUDED };

/* "no outcome: 3; left before the landmark: 2" */
static stroma_status put_excluded(tab_context *c, const char *json, stroma_error *err)
{
    json_t *list = json_loads(json, 0, NULL);
    const char *text = "";
    for (size_t i = 0; text != NULL && i < json_array_size(list); i++) {
        const json_t *x = json_array_get(list, i);
        const char *reason = json_string_value(json_object_get(x, "reason"));
        text = stroma_arena_printf(&c->t->arena, "%s%s%s: %lld", text, i == 0 ? "" : "; ",
                                   reason == NULL ? "" : reason,
                                   (long long)json_integer_value(json_object_get(x, "n")));
    }
    json_decref(list);
    return text == NULL ? stroma_no_memory(err) : put_line(c, "Left out", text, err);
}

static stroma_status head_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    const char *question = report_text(q, QUESTION);
    /* what a treatment changes is measured after it */
    const bool afterwards = strcmp(question, "pharmacodynamic") == 0;
    for (size_t i = 0; i < 4; i++)
        if (strcmp(questions[i][0], question) == 0) question = questions[i][1];
    STROMA_TRY(put_line(c, "Question", question, err));
    const long long n = report_int(q, N_ENTERED);
    const char *who =
        report_is_null(q, N_EVENTS)
            ? stroma_arena_printf(&c->t->arena, "%lld", n)
            : stroma_arena_printf(&c->t->arena, "%lld, %lld of them with: %s", n,
                                  (long long)report_int(q, N_EVENTS), report_text(q, EVENT));
    if (who == NULL) return stroma_no_memory(err);
    STROMA_TRY(put_line(c, "Outcome", report_text(q, OUTCOME), err));
    if (!afterwards)
        STROMA_TRY(put_line(c, "Nothing enters that is later than", report_text(q, LANDMARK), err));
    STROMA_TRY(put_line(c, "Patients", who, err));
    STROMA_TRY(put_excluded(c, report_text(q, EXCLUDED), err));
    return put_line(c, "Not answered", report_text(q, REFUSED), err);
}

static stroma_status fill_texts(tab_context *c, stroma_error *err)
{
    const char *id = NULL;
    STROMA_TRY(tab_find_biomarker(c, &id, err));
    /* first of all: is there anything to foretell? */
    STROMA_TRY(fig_each(c->db,
                        "SELECT title, text FROM biomarker_text WHERE biomarker_id = ?1 AND kind = "
                        "'heterogeneity' ORDER BY ord",
                        &id, 1, text_row, c, err));
    STROMA_TRY(fig_each(
        c->db,
        "SELECT b.question, b.outcome, b.event, coalesce(v.label, ''), b.n, "
        "b.n_events, b.refused, b.excluded FROM biomarker b LEFT JOIN visit v ON v.visit_id = "
        "b.landmark_id WHERE b.biomarker_id = ?1",
        &id, 1, head_row, c, err));
    return fig_each(c->db,
                    "SELECT title, text FROM biomarker_text WHERE biomarker_id = ?1 AND kind <> "
                    "'heterogeneity' ORDER BY ord",
                    &id, 1, text_row, c, err);
}

stroma_status report_biomarker_table(report_db *db, const report_item *item, report_table **out,
                                     stroma_error *err)
{
    static const tab_column columns[] = { { "Of what", "", REPORT_LEFT, -1 },
                                          { "What holds", "", REPORT_LEFT, -1 },
                                          { NULL, NULL, REPORT_LEFT, 0 } };
    tab_context c = { .db = db, .item = item };
    STROMA_TRY(tab_new(columns, &c.t, err));
    c.t->stack = true;
    return tab_done(c.t, fill_texts(&c, err), out);
}

/* ---- candidates ---- */

enum {
    LABEL,
    ROLE,
    N,
    BELOW,
    MISSING,
    ESTIMATE,
    LOWER,
    UPPER,
    P,
    P_MAX_T,
    Q,
    REASON,
    FLAGS,
    RESULT,
    STATE,
    EFFECT_NAME
};

/* ["a", "b"] as "a; b" */
static stroma_status put_flags(tab_context *c, report_cell *cell, sqlite3_stmt *q,
                               stroma_error *err)
{
    json_t *list = json_loads(report_text(q, FLAGS), 0, NULL);
    const char *text = report_text(q, REASON);
    text = stroma_arena_strdup(&c->t->arena, text);
    for (size_t i = 0; text != NULL && i < json_array_size(list); i++)
        text = stroma_arena_printf(&c->t->arena, "%s%s%s", text, text[0] == '\0' ? "" : "; ",
                                   json_string_value(json_array_get(list, i)));
    json_decref(list);
    if (text == NULL) return stroma_no_memory(err);
    return report_cell_text(c->t, cell, text, NULL, err);
}

static stroma_status candidate_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char trace[24];
    const double x[3] = { report_number(q, ESTIMATE), report_number(q, LOWER),
                          report_number(q, UPPER) };
    const bool control = strcmp(report_text(q, ROLE), "negative_control") == 0;
    if (control && c->last == NULL) {
        report_row_data *head = NULL;
        c->last = "control";
        STROMA_TRY(report_table_row(c->t, REPORT_ROW_HEADING, &head, err));
        STROMA_TRY(report_cell_text(
            c->t, &head->cells[0],
            "Negative controls: expected to show nothing, outside the family", NULL, err));
    }
    STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
    report_cell *cells = c->row->cells;
    const char *at =
        report_is_null(q, RESULT) ? NULL : tab_trace(trace, 'r', report_int(q, RESULT));
    const char *state = report_is_null(q, RESULT) ? "not_estimable" : report_text(q, STATE);
    STROMA_TRY(report_cell_text(c->t, &cells[0], report_text(q, LABEL), at, err));
    for (int i = 0; i < 3; i++)
        STROMA_TRY(report_cell_number(c->t, &cells[1 + i], report_number(q, N + i), NULL, at, err));
    STROMA_TRY(tab_put_interval(c->t, &cells[4], x, at, err));
    STROMA_TRY(tab_put_p(c->t, &cells[5], report_number(q, P), state, at, err));
    if (!report_is_null(q, P_MAX_T))
        STROMA_TRY(tab_put_p(c->t, &cells[6], report_number(q, P_MAX_T), state, at, err));
    if (!report_is_null(q, Q))
        STROMA_TRY(tab_put_p(c->t, &cells[7], report_number(q, Q), state, at, err));
    return put_flags(c, &cells[8], q, err);
}

static stroma_status take_effect(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char title[REPORT_NAME_MAX + FIG_LEVEL_MAX + 8], name[REPORT_NAME_MAX], level[FIG_LEVEL_MAX];
    STROMA_TRY(fig_level(c->db, report_spec_text(c->item, "biomarker"), level, err));
    (void)snprintf(title, sizeof title, "%s (%s CI)",
                   report_name(report_text(q, 0), name, sizeof name), level);
    return report_table_column(c->t, 4, title, "", -1, REPORT_RIGHT, -1, err);
}

static stroma_status fill_candidates(tab_context *c, stroma_error *err)
{
    const char *id = NULL;
    STROMA_TRY(tab_find_biomarker(c, &id, err));
    STROMA_TRY(fig_each(c->db,
                        "SELECT r.estimate_name FROM candidate c JOIN result r ON r.result_id = "
                        "c.result_id WHERE c.biomarker_id = ?1 AND r.estimate IS NOT NULL ORDER BY "
                        "c.ord LIMIT 1",
                        &id, 1, take_effect, c, err));
    STROMA_TRY(fig_each(
        c->db,
        "SELECT c.label, c.role, c.n_used, c.n_below, c.n_missing, r.estimate, r.lower, r.upper, "
        "r.p, c.p_max_t, c.q, c.reason, c.flags, c.result_id, r.state FROM candidate c LEFT JOIN "
        "result r ON r.result_id = c.result_id WHERE c.biomarker_id = ?1 ORDER BY c.role, c.ord",
        &id, 1, candidate_row, c, err));
    tab_drop_empty(c->t, 5);
    c->t->empty = "No candidate was screened.";
    return tab_note(c->t,
                    "p: unadjusted. Adjusted p: max-T step-down over the declared family, by "
                    "permutation (Westfall & Young 1993). q: false discovery rate "
                    "(Benjamini" EN "Hochberg). Intervals are not adjusted.",
                    err);
}

stroma_status report_candidate_table(report_db *db, const report_item *item, report_table **out,
                                     stroma_error *err)
{
    static const tab_column columns[] = {
        { "Candidate", "", REPORT_LEFT, -1 },
        { "n", "", REPORT_RIGHT, 0 },
        { "Below limit", "", REPORT_RIGHT, 0 },
        { "Missing", "", REPORT_RIGHT, 0 },
        { "Effect (95 % CI)", "", REPORT_RIGHT, -1 },
        { "p", "", REPORT_RIGHT, -1 },
        { "Adjusted p", "", REPORT_RIGHT, -1 },
        { "q", "", REPORT_RIGHT, -1 },
        { "Note", "", REPORT_LEFT, -1 },
        { NULL, NULL, REPORT_LEFT, 0 },
    };
    tab_context c = { .db = db, .item = item };
    STROMA_TRY(tab_new(columns, &c.t, err));
    return tab_done(c.t, fill_candidates(&c, err), out);
}

/* ---- model ---- */

static stroma_status card_rows(tab_context *c, const char *json, stroma_error *err)
{
    json_t *items = json_loads(json, 0, NULL);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        const char *title = json_string_value(json_object_get(item, "title"));
        const char *text = json_string_value(json_object_get(item, "text"));
        if (title != NULL && text != NULL) s = put_line(c, title, text, err);
    }
    json_decref(items);
    return s;
}

static stroma_status model_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    if (!report_is_null(q, 1)) STROMA_TRY(put_line(context, "No model", report_text(q, 1), err));
    return report_is_null(q, 0) ? STROMA_OK : card_rows(context, report_text(q, 0), err);
}

stroma_status report_model_table(report_db *db, const report_item *item, report_table **out,
                                 stroma_error *err)
{
    static const tab_column columns[] = { { "Of what", "", REPORT_LEFT, -1 },
                                          { "What holds", "", REPORT_LEFT, -1 },
                                          { NULL, NULL, REPORT_LEFT, 0 } };
    tab_context c = { .db = db, .item = item };
    const char *id = NULL;
    STROMA_TRY(tab_find_biomarker(&c, &id, err));
    STROMA_TRY(tab_new(columns, &c.t, err));
    c.t->stack = true;
    c.t->empty = "No model was asked for.";
    return tab_done(
        c.t,
        fig_each(db, "SELECT model_card, model_reason FROM biomarker WHERE biomarker_id = ?1", &id,
                 1, model_row, &c, err),
        out);
}
