/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A formula whose response is an ordered category. */
#include "stat_members.h"
#include "stat_methods.h"

#include <math.h>
#include <string.h>

/* Order of the categories: --levels, else of the numbers. A text's order is not known. */
static stroma_status categories_of(stat_job *j, const stroma_formula *f,
                                   const stroma_formula_levels *levels, size_t n, size_t column,
                                   stat_ordered *out, stroma_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(levels[i].column, f->response) == 0) {
            out->names = levels[i].names;
            out->categories = levels[i].names_len;
            return STROMA_OK;
        }
    if (j->table->columns[column].type == STROMA_COLUMN_TEXT) {
        (void)stroma_fail(err, STROMA_E_USAGE, "the order of the categories of \"%s\" is not known",
                          f->response);
        stroma_hint(err, "give it from the lowest up: --levels '%s=none,some,marked'", f->response);
        return STROMA_E_USAGE;
    }
    const char **names = NULL;
    STROMA_TRY(stat_levels(j, column, false, &names, &out->categories, err));
    out->names = names;
    return STROMA_OK;
}

/* Rows whose response is a category; the others are counted. */
static stroma_status rows_of(stat_job *j, size_t column, const stat_ordered *o, size_t **rows,
                             size_t *n, stroma_error *err)
{
    *rows = stat_alloc(j, j->rows_len, sizeof **rows, err);
    *n = 0;
    if (*rows == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++) {
        size_t code = 0;
        if (stat_code(j, column, j->rows[i], o->names, o->categories, &code))
            (*rows)[(*n)++] = j->rows[i];
    }
    return STROMA_OK;
}

static stroma_status codes_of(stat_job *j, size_t column, stat_ordered *o, stroma_error *err)
{
    const size_t n = o->data->design.rows;
    bool *found = stat_alloc(j, o->categories, sizeof *found, err);
    o->y = stat_alloc(j, n, sizeof *o->y, err);
    if (found == NULL || o->y == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        (void)stat_code(j, column, o->data->table_rows[i], o->names, o->categories, &o->y[i]);
        found[o->y[i]] = true;
    }
    for (size_t k = 0; k < o->categories; k++)
        if (!found[k]) {
            (void)stroma_fail(err, STROMA_E_DEGENERATE, "no row with \"%s\" in column \"%s\"",
                              o->names[k], o->formula->response);
            stroma_hint(err, "leave it out of --levels, or join it with a neighbour");
            return STROMA_E_DEGENERATE;
        }
    return STROMA_OK;
}

stroma_status stat_ordered_data(stat_job *j, stat_ordered *out, stroma_error *err)
{
    stroma_formula_levels *levels = NULL;
    const char *text = cli_text(j->cli, "formula");
    size_t n = 0, rows_len = 0, *rows = NULL;
    if (text == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --formula is missing");
        stroma_hint(err, "as --formula 'grade ~ arm + age'");
        return STROMA_E_USAGE;
    }
    if (j->table == NULL) return stroma_fail(err, STROMA_E_USAGE, "this method needs a file");
    STROMA_TRY(stroma_formula_parse(text, &out->formula, err));
    if (out->formula->covariance != NULL)
        return stroma_fail(err, STROMA_E_USAGE, "this model has no covariance term, found %s(…)",
                           out->formula->covariance);
    const size_t column = stroma_table_find(j->table, out->formula->response);
    if (column == SIZE_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "no column \"%s\" in the file",
                           out->formula->response);
    STROMA_TRY(stat_formula_levels(j, &levels, &n, err));
    STROMA_TRY(categories_of(j, out->formula, levels, n, column, out, err));
    STROMA_TRY(rows_of(j, column, out, &rows, &rows_len, err));
    /* the design needs a response of 0 and 1: any will do, the codes follow */
    out->formula->event = out->categories > 0 ? out->names[0] : "";
    STROMA_TRY(
        stroma_formula_apply(out->formula, j->table, rows, rows_len, levels, n, &out->data, err));
    STROMA_TRY(stat_formula_exclusions(j, out->data, err));
    return codes_of(j, column, out, err);
}

void stat_ordered_free(stat_ordered *o)
{
    stroma_formula_data_free(o->data);
    stroma_formula_free(o->formula);
}

stroma_status stat_put_coefficient(stat_job *j, stroma_buffer *b, const stroma_stat *s,
                                   const char *variant, const char *label, bool first,
                                   stroma_error *err)
{
    const char *copy = stroma_arena_strdup(&j->arena, label);
    if (copy == NULL) return stroma_no_memory(err);
    if (!first) stroma_buffer_putc(b, ',');
    stat_json_stat(b, copy, s);
    stat_result r = { .stat = *s, .label = copy, .p_adjusted = NAN, .flat_only = true };
    r.stat.variant = variant;
    return stat_put_result(j, &r, err);
}

void stat_put_parameters(const stat_ordered *o, stroma_buffer *b)
{
    stroma_json v;
    stat_member(b, "covariance_terms");
    stroma_json_init(&v, b, 0);
    stroma_json_begin_array(&v);
    for (size_t k = 0; k + 1 < o->categories; k++)
        stroma_json_string(&v, o->names == NULL ? "threshold" : o->names[k]);
    for (size_t c = 0; c < o->data->design.columns; c++)
        stroma_json_string(&v, o->data->design.names[c]);
    stroma_json_end_array(&v);
    stat_member_end(b);
}

size_t stat_ordered_columns(const stat_ordered *o, size_t term, size_t *columns)
{
    size_t n = 0;
    for (size_t c = 0; c < o->data->design.columns; c++)
        if (o->data->column_term[c] == term) columns[n++] = c;
    return n;
}
