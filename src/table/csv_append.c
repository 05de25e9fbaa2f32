/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a chunk, to the end of the table. */
#include "csv_private.h"
#include "table_private.h"

#include "stroma/memory.h"

#include <string.h>

/* Codes of the chunk's texts in the table's dictionary: first appearance in the file decides. */
static stroma_status append_codes(stroma_table *t, stroma_table_column *c,
                                  const csv_chunk_column *k, size_t rows, stroma_error *err)
{
    int32_t *map = stroma_alloc_array(k->texts_len, sizeof *map);
    if (map == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < k->texts_len && s == STROMA_OK; i++)
        s = stroma_column_intern(t, c, k->texts[i], strlen(k->texts[i]), &map[i], err);
    int32_t *out = c->codes + t->rows_len;
    for (size_t i = 0; i < rows && s == STROMA_OK; i++)
        out[i] = k->codes[i] < 0 ? -1 : map[k->codes[i]];
    stroma_free(map);
    return s;
}

static stroma_status append_column(csv_plan_column *plan, const csv_chunk *chunk, size_t from,
                                   stroma_table *t, stroma_error *err)
{
    const csv_chunk_column *k = &chunk->columns[from];
    stroma_table_column *c = &t->columns[plan->place];
    const size_t rows = chunk->rows_len;
    if (k->failed || (plan->known && k->known && k->type != plan->type)) {
        plan->mixed = true;
        plan->active = false;
        return STROMA_OK;
    }
    if (!plan->known && k->known) {
        plan->known = true;
        plan->type = k->type;
        if (c->type != k->type) STROMA_TRY(stroma_column_retype(t, plan->place, k->type, err));
    }
    if (rows == 0) return STROMA_OK;
    memcpy(c->states + t->rows_len, k->states, rows);
    if (c->codes != NULL && k->codes != NULL) return append_codes(t, c, k, rows, err);
    if (c->codes != NULL) /* a chunk without any value in this column */
        memset(c->codes + t->rows_len, 0xff, rows * sizeof *c->codes);
    else if (k->numbers != NULL)
        memcpy(c->numbers + t->rows_len, k->numbers, rows * sizeof *c->numbers);
    else
        memset(c->numbers + t->rows_len, 0, rows * sizeof *c->numbers);
    return STROMA_OK;
}

stroma_status stroma_csv_append(csv_plan *plan, const csv_chunk *c, int64_t line, double left,
                                stroma_table *t, stroma_error *err)
{
    const size_t len = t->rows_len + c->rows_len;
    if (len > t->rows_capacity) {
        /* once is enough when the rows to come are as long as those so far */
        const size_t guess = len + (size_t)((double)len * left * 1.01);
        STROMA_TRY(stroma_table_reserve(t, stroma_table_fits(t, guess) ? guess : len, err));
    }
    for (size_t i = 0; i < plan->columns_len; i++)
        if (plan->columns[i].active) STROMA_TRY(append_column(&plan->columns[i], c, i, t, err));
    for (size_t i = 0; i < c->rows_len; i++)
        t->source_rows[t->rows_len + i] = line + c->lines[i];
    t->rows_len = len;
    return STROMA_OK;
}
