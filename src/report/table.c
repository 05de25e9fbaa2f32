/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table between the database and its faces: HTML, TSV, XLSX. */
#include "report_internal.h"

#include "stroma/number.h"

#include <math.h>

enum { TABLE_LIMIT_BYTES = 128 << 20 };

stroma_status report_table_new(size_t n_columns, report_table **out, stroma_error *err)
{
    *out = NULL;
    STROMA_BUG_IF(n_columns == 0, err);
    report_table *t = stroma_alloc_array(1, sizeof *t);
    if (t == NULL) return stroma_no_memory(err);
    stroma_arena_init(&t->arena, TABLE_LIMIT_BYTES);
    t->n_columns = n_columns;
    t->columns = stroma_arena_alloc(&t->arena, n_columns, sizeof *t->columns);
    if (t->columns == NULL) {
        report_table_free(t);
        return stroma_no_memory(err);
    }
    for (size_t i = 0; i < n_columns; i++)
        t->columns[i] = (report_column){ .title = "", .unit = "", .n = -1, .decimals = -1 };
    *out = t;
    return STROMA_OK;
}

void report_table_free(report_table *t)
{
    if (t == NULL) return;
    stroma_free(t->rows);
    stroma_arena_clear(&t->arena);
    stroma_free(t);
}

static stroma_status copy(report_table *t, const char *text, const char **out, stroma_error *err)
{
    if (text == NULL) {
        *out = NULL;
        return STROMA_OK;
    }
    *out = stroma_arena_strdup(&t->arena, text);
    return *out == NULL ? stroma_no_memory(err) : STROMA_OK;
}

stroma_status report_table_column(report_table *t, size_t i, const char *title, const char *unit,
                                  int64_t n, report_align align, int decimals, stroma_error *err)
{
    STROMA_BUG_IF(i >= t->n_columns, err);
    report_column *c = &t->columns[i];
    STROMA_TRY(copy(t, title, &c->title, err));
    STROMA_TRY(copy(t, unit == NULL ? "" : unit, &c->unit, err));
    c->n = n;
    c->align = align;
    c->decimals = decimals;
    return STROMA_OK;
}

stroma_status report_table_row(report_table *t, report_row_kind kind, report_row_data **out,
                               stroma_error *err)
{
    STROMA_TRY(stroma_grow(&t->rows, &t->rows_capacity, t->n_rows + 1, sizeof *t->rows, err));
    report_cell *cells = stroma_arena_alloc(&t->arena, t->n_columns, sizeof *cells);
    if (cells == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < t->n_columns; i++)
        cells[i] = (report_cell){ .text = "", .number = NAN };
    t->rows[t->n_rows] = (report_row_data){ .kind = kind, .cells = cells };
    *out = &t->rows[t->n_rows++];
    return STROMA_OK;
}

stroma_status report_cell_text(report_table *t, report_cell *c, const char *text, const char *trace,
                               stroma_error *err)
{
    STROMA_TRY(copy(t, text == NULL ? "" : text, &c->text, err));
    STROMA_TRY(copy(t, trace, &c->trace, err));
    c->number = NAN;
    c->is_number = false;
    return STROMA_OK;
}

stroma_status report_cell_number(report_table *t, report_cell *c, double x, const char *text,
                                 const char *trace, stroma_error *err)
{
    if (isnan(x)) return report_cell_text(t, c, text, trace, err);
    STROMA_TRY(copy(t, text, &c->text, err));
    STROMA_TRY(copy(t, trace, &c->trace, err));
    c->number = x;
    c->is_number = true;
    return STROMA_OK;
}

const char *report_cell_print(const report_table *t, size_t column, const report_cell *c, char *buf)
{
    if (c->text != NULL) return c->text;
    if (!c->is_number) return "";
    const int decimals = t->columns[column].decimals;
    return decimals < 0 ? stroma_format_double(c->number, buf)
                        : stroma_format_fixed(c->number, decimals, buf);
}
