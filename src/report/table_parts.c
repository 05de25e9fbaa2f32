/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces that every table uses. */
#include "table_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct summary_take {
    report_db *db;
    tab_summary *out;
} summary_take;

static stroma_status take_summary(void *context, sqlite3_stmt *q, stroma_error *err)
{
    summary_take *c = context;
    tab_summary *s = c->out;
    s->id = report_int(q, 0);
    s->n = report_int(q, 1);
    s->n_missing = report_int(q, 2);
    s->n_below = report_int(q, 3);
    s->n_above = report_int(q, 4);
    double *const numbers[] = {
        &s->mean, &s->sd, &s->lower, &s->upper, &s->median, &s->q1, &s->q3
    };
    for (int i = 0; i < 7; i++)
        *numbers[i] = report_number(q, 5 + i);
    return fig_keep(c->db, report_text(q, 12), &s->counts, err);
}

stroma_status tab_load_summary(report_db *db, const char *const key[5], tab_summary *out,
                               stroma_error *err)
{
    *out = (tab_summary){ .mean = NAN,
                          .sd = NAN,
                          .lower = NAN,
                          .upper = NAN,
                          .median = NAN,
                          .q1 = NAN,
                          .q3 = NAN,
                          .counts = "" };
    summary_take c = { db, out };
    /* age and sex belong to the subject, whatever the visit of the table */
    return fig_each(db,
                    "SELECT summary_id, n, n_missing, n_below_limit, n_above_limit, mean, sd, "
                    "mean_lower, mean_upper, median, q1, q3, counts FROM summary WHERE param_id = "
                    "?1 AND (visit_id IS ?2 OR (visit_id IS NULL AND NOT EXISTS (SELECT 1 FROM "
                    "measurement m WHERE m.param_id = ?1 AND m.visit_id IS NOT NULL))) AND "
                    "grouping_id = ?3 AND group_id = ?4 AND set_id = ?5 "
                    "ORDER BY summary_id LIMIT 1",
                    key, 5, take_summary, &c, err);
}

int tab_decimals(double uncertainty, int otherwise)
{
    if (!isfinite(uncertainty) || uncertainty <= 0) return otherwise;
    const double d = 1 - floor(log10(uncertainty));
    return d < 0 ? 0 : d > 4 ? 4 : (int)d;
}

stroma_status tab_put(report_table *t, report_cell *c, const char *trace, stroma_error *err,
                      const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return report_cell_text(t, c, text, trace, err);
}

const char *tab_trace(char *buf, char kind, int64_t id)
{
    (void)snprintf(buf, 24, "%c%lld", kind, (long long)id);
    return buf;
}

stroma_status tab_put_interval(report_table *t, report_cell *c, const double x[3],
                               const char *trace, stroma_error *err)
{
    if (isnan(x[0])) return report_cell_text(t, c, "", trace, err);
    char a[STROMA_NUMBER_TEXT_MAX + 3], l[STROMA_NUMBER_TEXT_MAX + 3],
        u[STROMA_NUMBER_TEXT_MAX + 3], text[192];
    const int d = tab_decimals((x[2] - x[1]) / 4, 2);
    if (isnan(x[1]) || isnan(x[2]))
        (void)snprintf(text, sizeof text, "%s", fig_number(x[0], d, a));
    else
        (void)snprintf(text, sizeof text, "%s (%s to %s)", fig_number(x[0], d, a),
                       fig_number(x[1], d, l), fig_number(x[2], d, u));
    return report_cell_number(t, c, x[0], text, trace, err);
}

stroma_status tab_put_p(report_table *t, report_cell *c, double p, const char *state,
                        const char *trace, stroma_error *err)
{
    char text[STROMA_NUMBER_TEXT_MAX], all[96];
    const bool plain = strcmp(state, "present") == 0;
    if (isnan(p)) {
        STROMA_TRY(report_cell_text(t, c, plain ? "" : fig_state_words(state), trace, err));
    } else {
        (void)snprintf(all, sizeof all, "%s%s%s", stroma_format_p(p, text), plain ? "" : ", ",
                       plain ? "" : fig_state_words(state));
        STROMA_TRY(report_cell_number(t, c, p, all, trace, err));
    }
    if (plain) return STROMA_OK;
    c->state = stroma_arena_strdup(&t->arena, state);
    return c->state == NULL ? stroma_no_memory(err) : STROMA_OK;
}

stroma_status tab_note(report_table *t, const char *note, stroma_error *err)
{
    t->note = stroma_arena_strdup(&t->arena, note);
    return t->note == NULL ? stroma_no_memory(err) : STROMA_OK;
}

stroma_status tab_new(const tab_column *columns, report_table **out, stroma_error *err)
{
    size_t n = 0;
    while (columns[n].title != NULL)
        n++;
    STROMA_TRY(report_table_new(n, out, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < n && s == STROMA_OK; i++)
        s = report_table_column(*out, i, columns[i].title, columns[i].unit, -1, columns[i].align,
                                columns[i].decimals, err);
    if (s == STROMA_OK) return s;
    report_table_free(*out);
    *out = NULL;
    return s;
}

static bool column_says(const report_table *t, size_t c)
{
    char buf[STROMA_NUMBER_TEXT_MAX];
    for (size_t r = 0; r < t->n_rows; r++)
        if (t->rows[r].kind != REPORT_ROW_HEADING &&
            report_cell_print(t, c, &t->rows[r].cells[c], buf)[0] != '\0')
            return true;
    return false;
}

void tab_drop_empty(report_table *t, size_t keep)
{
    size_t to = keep;
    if (t->n_rows == 0) return;
    for (size_t c = keep; c < t->n_columns; c++) {
        if (!column_says(t, c)) continue;
        t->columns[to] = t->columns[c];
        for (size_t r = 0; r < t->n_rows; r++)
            t->rows[r].cells[to] = t->rows[r].cells[c];
        to++;
    }
    t->n_columns = to;
}

stroma_status tab_done(report_table *t, stroma_status s, report_table **out)
{
    if (s == STROMA_OK) {
        *out = t;
    } else {
        report_table_free(t);
        *out = NULL;
    }
    return s;
}

stroma_status tab_find_biomarker(tab_context *c, const char **id, stroma_error *err)
{
    *id = report_spec_text(c->item, "biomarker");
    sqlite3_stmt *q = NULL;
    bool got = false;
    STROMA_TRY(
        report_query(c->db, "SELECT 1 FROM biomarker WHERE biomarker_id = ?1", id, 1, &q, err));
    const stroma_status s = report_row(c->db, q, &got, err);
    (void)sqlite3_finalize(q);
    if (s != STROMA_OK || got) return s;
    return stroma_fail(err, STROMA_E_INCONSISTENT, "biomarker \"%s\" is not in the study",
                       *id == NULL ? "" : *id);
}
