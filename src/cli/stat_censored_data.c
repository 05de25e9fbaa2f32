/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From cells like "<0.3" to the bounds that methods for censored values take. */
#include "stat_censored.h"

#include <math.h>
#include <string.h>

static stroma_status interval_of(stat_job *j, size_t column, size_t upper, size_t row, double *high,
                                 stroma_error *err)
{
    const stroma_cell_state state = stroma_table_state(j->table, upper, row);
    const double low = *high, end = stroma_table_number(j->table, upper, row);
    if (state == STROMA_MISSING) return STROMA_OK;
    if (state == STROMA_PRESENT && end >= low) {
        *high = end;
        return STROMA_OK;
    }
    (void)stroma_fail(err, STROMA_E_INCONSISTENT,
                      "line %lld: columns \"%s\" and \"%s\" are no interval",
                      (long long)j->table->source_rows[row], j->table->columns[column].name,
                      j->table->columns[upper].name);
    stroma_hint(err,
                "the upper end is a number, not below the value; leave it empty where the value "
                "was measured");
    return STROMA_E_INCONSISTENT;
}

stroma_status stat_censored_cell(stat_job *j, size_t column, size_t upper, size_t row,
                                 stat_bounds *out, stroma_error *err)
{
    const stroma_cell_state state = stroma_table_state(j->table, column, row);
    const bool below = state == STROMA_BELOW_LIMIT, above = state == STROMA_ABOVE_LIMIT;
    *out = (stat_bounds){ NAN, NAN, true };
    if (below || above) {
        const double limit = j->table->columns[column].numbers[row];
        out->low = below ? -(double)INFINITY : limit;
        out->high = above ? (double)INFINITY : limit;
        return STROMA_OK;
    }
    out->keep = stat_number(j, column, row, &out->low);
    out->high = out->low;
    if (!out->keep || upper == SIZE_MAX) return STROMA_OK;
    return interval_of(j, column, upper, row, &out->high, err);
}

static stroma_status alloc_censored(stat_job *j, stat_censored *c, stroma_error *err)
{
    c->low = stat_alloc(j, j->rows_len, sizeof *c->low, err);
    c->high = stat_alloc(j, j->rows_len, sizeof *c->high, err);
    c->codes = stat_alloc(j, j->rows_len, sizeof *c->codes, err);
    return c->low == NULL || c->high == NULL || c->codes == NULL ? STROMA_E_NOMEM : STROMA_OK;
}

/* @param group the column, or SIZE_MAX */
static stroma_status read_rows(stat_job *j, size_t value, size_t upper, size_t group,
                               stat_censored *c, stroma_error *err)
{
    for (size_t i = 0; i < j->rows_len; i++) {
        const size_t row = j->rows[i];
        size_t code = 0;
        stat_bounds b;
        if (group != SIZE_MAX && !stat_code(j, group, row, c->names, c->k, &code)) continue;
        STROMA_TRY(stat_censored_cell(j, value, upper, row, &b, err));
        if (!b.keep) continue;
        c->low[c->n] = b.low;
        c->high[c->n] = b.high;
        c->codes[c->n++] = code;
    }
    return STROMA_OK;
}

stroma_status stat_read_censored(stat_job *j, bool grouped, stat_censored *c, stroma_error *err)
{
    size_t value = 0, group = SIZE_MAX, upper = SIZE_MAX;
    *c = (stat_censored){ .k = 1 };
    STROMA_TRY(stat_column(j, "value", &value, err));
    if (cli_given(j->cli, "upper")) STROMA_TRY(stat_column(j, "upper", &upper, err));
    c->names = stat_alloc(j, 1, sizeof *c->names, err);
    if (c->names == NULL) return STROMA_E_NOMEM;
    c->names[0] = j->table->columns[value].name;
    if (grouped) {
        STROMA_TRY(stat_column(j, "group", &group, err));
        STROMA_TRY(stat_levels(j, group, true, &c->names, &c->k, err));
        if (c->k == 0)
            return stroma_fail(err, STROMA_E_DEGENERATE, "no row has a group in column \"%s\"",
                               j->table->columns[group].name);
    }
    STROMA_TRY(alloc_censored(j, c, err));
    return read_rows(j, value, upper, group, c, err);
}

stroma_status stat_formula_bounds(stat_job *j, const stroma_formula *f,
                                  const stroma_formula_data *d, stroma_censored_sample *out,
                                  stroma_error *err)
{
    const size_t n = d->design.rows, column = stroma_table_find(j->table, f->response);
    size_t upper = SIZE_MAX;
    if (cli_given(j->cli, "upper")) STROMA_TRY(stat_column(j, "upper", &upper, err));
    double *low = stat_alloc(j, n, sizeof *low, err), *high = stat_alloc(j, n, sizeof *high, err);
    if (low == NULL || high == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        stat_bounds b;
        STROMA_TRY(stat_censored_cell(j, column, upper, d->table_rows[i], &b, err));
        low[i] = b.low;
        high[i] = b.high;
    }
    *out = (stroma_censored_sample){ low, high, n };
    return STROMA_OK;
}

size_t stat_term_columns(const stroma_formula *f, const stroma_formula_data *d, size_t term,
                         size_t *columns)
{
    size_t n = 0;
    for (size_t u = 0; u < f->terms_len; u++)
        if (u != term && (f->terms[u] & f->terms[term]) == f->terms[term]) return 0;
    for (size_t c = 0; c < d->design.columns; c++)
        if (d->column_term[c] == term) columns[n++] = c;
    return n;
}

stroma_censored_shape stat_censored_shape(const stat_job *j)
{
    const char *text = cli_text(j->cli, "scale");
    return text != NULL && strcmp(text, "natural") == 0 ? STROMA_SHAPE_NORMAL
                                                        : STROMA_SHAPE_LOGNORMAL;
}

stroma_status stat_censored_interval(const stat_job *j, stroma_censored_interval *out,
                                     stroma_error *err)
{
    const char *text = cli_text(j->cli, "interval");
    *out = STROMA_CENSORED_PROFILE;
    if (text == NULL || strcmp(text, "profile") == 0) return STROMA_OK;
    *out = STROMA_CENSORED_WALD;
    if (strcmp(text, "wald") == 0) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--interval \"%s\" is not known to this method", text);
    stroma_hint(err, "one of profile (default), wald");
    return STROMA_E_USAGE;
}

void stat_censored_members(stroma_buffer *b, const stroma_censored_counts *c)
{
    stat_member_number(b, "n_measured", (double)c->measured);
    stat_member_number(b, "n_below_limit", (double)c->below);
    stat_member_number(b, "n_above_limit", (double)c->above);
    stat_member_number(b, "n_between_limits", (double)c->between);
    stat_member_number(b, "lower_limits", (double)c->lower_limits);
    stat_member_number(b, "lower_limit_min", c->lower_limit_min);
    stat_member_number(b, "lower_limit_max", c->lower_limit_max);
    stat_member_number(b, "upper_limits", (double)c->upper_limits);
    stat_member_number(b, "upper_limit_min", c->upper_limit_min);
    stat_member_number(b, "upper_limit_max", c->upper_limit_max);
    stat_member_number(b, "censored_frac", c->censored_frac);
}
