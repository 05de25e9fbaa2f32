/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Baseline table: groups side by side with standardised differences, and no p-values (CONSORT). */
#include "table_parts.h"

#include "stroma/number.h"

#include <math.h>

report_table_fn report_baseline_table;

static stroma_status put_difference(void *context, sqlite3_stmt *q, stroma_error *err)
{
    tab_context *c = context;
    char trace[24], number[STROMA_NUMBER_TEXT_MAX + 3];
    const double x = report_number(q, 1);
    return report_cell_number(c->t, &c->row->cells[c->groups.n + 1], x,
                              isnan(x) ? "" : fig_number(x, 2, number),
                              tab_trace(trace, 'r', report_int(q, 0)), err);
}

/* "12 (23 %)" for one word in every group. */
static stroma_status word_row(tab_context *c, const char *word, const tab_summary *sums,
                              stroma_error *err)
{
    char trace[24], percent[STROMA_NUMBER_TEXT_MAX];
    report_row_data *row = NULL;
    STROMA_TRY(report_table_row(c->t, REPORT_ROW_INDENT, &row, err));
    STROMA_TRY(report_cell_text(c->t, &row->cells[0], word, NULL, err));
    for (size_t g = 0; g < c->groups.n; g++) {
        json_t *counts = json_loads(sums[g].counts, 0, NULL);
        const int64_t n = json_integer_value(json_object_get(counts, word));
        json_decref(counts);
        if (sums[g].n == 0) continue;
        char text[96];
        (void)snprintf(text, sizeof text, "%lld (%s %%)", (long long)n,
                       stroma_format_fixed(100.0 * (double)n / (double)sums[g].n, 0, percent));
        STROMA_TRY(report_cell_number(c->t, &row->cells[g + 1], (double)n, text,
                                      tab_trace(trace, 's', sums[g].id), err));
    }
    return STROMA_OK;
}

static stroma_status word_rows(tab_context *c, const tab_summary *sums, stroma_error *err)
{
    json_t *all = json_object();
    if (all == NULL) return stroma_no_memory(err);
    for (size_t g = 0; g < c->groups.n; g++) {
        json_t *counts = json_loads(sums[g].counts, 0, NULL);
        if (counts != NULL) (void)json_object_update_missing(all, counts);
        json_decref(counts);
    }
    const char *word;
    json_t *value;
    stroma_status s = STROMA_OK;
    json_object_foreach(all, word, value)
    {
        s = word_row(c, word, sums, err);
        if (s != STROMA_OK) break;
    }
    json_decref(all);
    return s;
}

static stroma_status number_cell(tab_context *c, size_t g, const tab_summary *s, stroma_error *err)
{
    char a[STROMA_NUMBER_TEXT_MAX + 3], b[STROMA_NUMBER_TEXT_MAX + 3],
        d[STROMA_NUMBER_TEXT_MAX + 3], trace[24], text[192];
    const bool ranks = c->param.log_scale || isnan(s->mean);
    if (s->n == 0 || (isnan(s->mean) && isnan(s->median))) return STROMA_OK;
    if (ranks) {
        const int k = tab_decimals((s->q3 - s->q1) / 2, c->param.decimals);
        (void)snprintf(text, sizeof text, "%s [%s to %s]", fig_number(s->median, k, a),
                       fig_number(s->q1, k, b), fig_number(s->q3, k, d));
    } else {
        const int k = tab_decimals(s->sd, c->param.decimals);
        (void)snprintf(text, sizeof text, "%s (%s)", fig_number(s->mean, k, a),
                       fig_number(s->sd, k, b));
    }
    report_cell *cell = &c->row->cells[g + 1];
    STROMA_TRY(report_cell_number(c->t, cell, ranks ? s->median : s->mean, text,
                                  tab_trace(trace, 's', s->id), err));
    if (s->n_missing == 0) return STROMA_OK;
    (void)snprintf(text + 0, sizeof text, "%s; n = %lld", cell->text, (long long)s->n);
    return report_cell_number(c->t, cell, ranks ? s->median : s->mean, text, trace, err);
}

static stroma_status param_rows(tab_context *c, const char *id, stroma_error *err)
{
    tab_summary sums[16];
    char title[600];
    STROMA_TRY(fig_load_param(c->db, id, &c->param, err));
    STROMA_TRY(report_table_row(c->t, REPORT_ROW, &c->row, err));
    bool words = false, ranks = c->param.log_scale;
    for (size_t g = 0; g < c->groups.n; g++) {
        const char *const key[5] = { id, report_spec_text(c->item, "visit"), c->groups.grouping,
                                     c->groups.at[g].id, c->set };
        STROMA_TRY(tab_load_summary(c->db, key, &sums[g], err));
        if (sums[g].id == 0) { /* age and sex belong to the patient, not to a visit */
            const char *const own[5] = { id, NULL, key[2], key[3], key[4] };
            STROMA_TRY(tab_load_summary(c->db, own, &sums[g], err));
        }
        words =
            words || (isnan(sums[g].mean) && isnan(sums[g].median) && sums[g].counts[0] != '\0');
    }
    (void)snprintf(title, sizeof title, "%s, %s", c->param.name_unit,
                   words   ? "n (%)"
                   : ranks ? "median [quartiles]"
                           : "mean (SD)");
    STROMA_TRY(report_cell_text(c->t, &c->row->cells[0], title, NULL, err));
    for (size_t g = 0; g < c->groups.n && !words; g++)
        STROMA_TRY(number_cell(c, g, &sums[g], err));
    const char *const key[] = { report_spec_text(c->item, "analysis"), id };
    STROMA_TRY(
        fig_each(c->db,
                 "SELECT result_id, estimate FROM result WHERE analysis_id = ?1 AND param_id "
                 "= ?2 ORDER BY result_id LIMIT 1",
                 key, 2, put_difference, c, err));
    return words ? word_rows(c, sums, err) : STROMA_OK;
}

static stroma_status fill(tab_context *c, stroma_error *err)
{
    const json_t *params = json_object_get(c->item->spec, "params");
    STROMA_TRY(report_table_column(c->t, 0, "Characteristic", "", -1, REPORT_LEFT, -1, err));
    for (size_t g = 0; g < c->groups.n; g++)
        STROMA_TRY(report_table_column(c->t, g + 1, c->groups.at[g].label, "", c->groups.at[g].n,
                                       REPORT_RIGHT, -1, err));
    STROMA_TRY(report_table_column(c->t, c->groups.n + 1, "Standardised difference", "", -1,
                                   REPORT_RIGHT, 2, err));
    for (size_t i = 0; i < json_array_size(params); i++) {
        const char *id = json_string_value(json_array_get(params, i));
        STROMA_TRY(param_rows(c, id, err));
    }
    return tab_note(c->t,
                    "Standardised difference: difference of means (or shares) over the pooled SD; "
                    "no p-values at baseline, since chance alone makes the groups differ.",
                    err);
}

stroma_status report_baseline_table(report_db *db, const report_item *item, report_table **out,
                                    stroma_error *err)
{
    tab_context c = { .db = db, .item = item, .set = report_spec_text(item, "set") };
    STROMA_TRY(fig_load_groups(db, report_spec_text(item, "grouping"),
                               json_object_get(item->spec, "groups"), &c.groups, err));
    if (c.groups.n > 16)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "%zu groups, a table has 16 at most",
                           c.groups.n);
    STROMA_TRY(report_table_new(c.groups.n + 2, &c.t, err));
    return tab_done(c.t, fill(&c, err), out);
}
