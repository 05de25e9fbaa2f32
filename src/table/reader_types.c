/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader_types.h"

#include "table_private.h"

#include "stroma/date.h"
#include "stroma/number.h"

#include <stdio.h>
#include <string.h>

typedef struct retype {
    stroma_table *t;
    const char *file;
    stroma_diag *diag;
    stroma_error *err;
    stroma_status status; /* of the first cell that does not fit */
} retype;

static bool parse(stroma_column_type type, const char *s, double *out)
{
    const size_t n = strlen(s);
    stroma_date d;
    stroma_datetime t;
    switch (type) {
    case STROMA_COLUMN_NUMBER: return stroma_parse_double(s, n, '.', out);
    case STROMA_COLUMN_TIME: return stroma_time_parse(s, n, out);
    case STROMA_COLUMN_DATE:
        if (!stroma_date_parse(s, n, &d)) return false;
        *out = d.days;
        return true;
    case STROMA_COLUMN_DATETIME:
        if (!stroma_datetime_parse(s, n, &t)) return false;
        *out = t.seconds;
        return true;
    case STROMA_COLUMN_TEXT: break;
    }
    return false;
}

static void does_not_fit(retype *r, const stroma_table_column *c, size_t row, const char *text,
                         stroma_column_type type)
{
    char message[80];
    (void)snprintf(message, sizeof message, "the value is no %s", stroma_column_type_name(type));
    const stroma_finding f = { .code = "STROMA-TABLE-102",
                               .severity = STROMA_ERROR,
                               .file = r->file,
                               .line = r->t->source_rows[row],
                               .column = c->name,
                               .value = text,
                               .message = message };
    stroma_diag_add(r->diag, &f);
    if (r->status == STROMA_OK)
        r->status = stroma_fail_at(r->err, STROMA_E_MALFORMED, r->t->source_rows[row], 0,
                                   "column \"%s\": \"%.60s\" is no %s", c->name, text,
                                   stroma_column_type_name(type));
}

static stroma_status text_to_number(retype *r, size_t column, stroma_column_type type)
{
    stroma_table *t = r->t;
    stroma_table_column *c = &t->columns[column];
    STROMA_TRY(stroma_table_claim(t, t->rows_capacity * sizeof *c->numbers, r->err));
    double *numbers = stroma_alloc_array(t->rows_capacity, sizeof *numbers);
    if (numbers == NULL) return stroma_no_memory(r->err);
    for (size_t row = 0; row < t->rows_len; row++) {
        const char *text = stroma_table_text(t, column, row);
        if (c->states[row] != STROMA_PRESENT || text == NULL) continue;
        if (!parse(type, text, &numbers[row])) does_not_fit(r, c, row, text, type);
    }
    stroma_free(c->codes);
    stroma_free(c->dictionary);
    stroma_text_index_free(c->index);
    c->codes = NULL;
    c->dictionary = NULL;
    c->index = NULL;
    c->dictionary_len = c->dictionary_capacity = 0;
    c->numbers = numbers;
    c->type = type;
    return STROMA_OK;
}

static stroma_status number_to_text(retype *r, size_t column)
{
    stroma_table *t = r->t;
    stroma_table_column *c = &t->columns[column];
    STROMA_TRY(stroma_table_claim(t, t->rows_capacity * sizeof *c->codes, r->err));
    stroma_text_index *index = stroma_text_index_new();
    int32_t *codes = stroma_alloc_array(t->rows_capacity, sizeof *codes);
    stroma_status s = index == NULL || codes == NULL ? stroma_no_memory(r->err) : STROMA_OK;
    c->index = index;
    for (size_t row = 0; row < t->rows_len && s == STROMA_OK; row++) {
        char buf[64];
        codes[row] = -1;
        if (c->states[row] != STROMA_PRESENT) continue;
        const char *text = stroma_table_cell_text(t, column, row, buf);
        s = stroma_column_intern(t, c, text, strlen(text), &codes[row], r->err);
    }
    if (s != STROMA_OK) {
        stroma_free(codes); /* the index goes with the table */
        return s;
    }
    stroma_free(c->numbers);
    c->numbers = NULL;
    c->codes = codes;
    c->type = STROMA_COLUMN_TEXT;
    return STROMA_OK;
}

stroma_status reader_apply_types(stroma_table *t, const stroma_table_read_options *opts,
                                 const char *file, stroma_diag *diag, stroma_error *err)
{
    retype r = { t, file, diag, err, STROMA_OK };
    for (size_t i = 0; i < opts->columns_len; i++) {
        const stroma_column_spec *spec = &opts->columns[i];
        const size_t column = spec->typed ? stroma_table_find(t, spec->name) : SIZE_MAX;
        if (column == SIZE_MAX || t->columns[column].type == spec->type) continue;
        const stroma_column_type has = t->columns[column].type;
        if (has == STROMA_COLUMN_TEXT) {
            STROMA_TRY(text_to_number(&r, column, spec->type));
        } else if (spec->type == STROMA_COLUMN_TEXT) {
            STROMA_TRY(number_to_text(&r, column));
        } else {
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "column \"%s\" is declared as %s, and is a %s in the file",
                               spec->name, stroma_column_type_name(spec->type),
                               stroma_column_type_name(has));
        }
    }
    return r.status;
}
