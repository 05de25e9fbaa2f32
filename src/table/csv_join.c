/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks to one table. */
#include "csv_private.h"
#include "table_private.h"

#include "stroma/memory.h"

#include <string.h>

typedef struct csv_join {
    const csv_plan *plan;
    csv_chunk *chunks;
    size_t chunks_len;
    size_t rows_len;
    stroma_table *t;
} csv_join;

/* Codes of the chunk's texts in the table's dictionary: first appearance in the file decides. */
static stroma_status join_codes(csv_join *j, stroma_column *c, csv_chunk_column *k, size_t rows,
                                int32_t *out, stroma_error *err)
{
    int32_t *map = stroma_alloc_array(k->texts_len, sizeof *map);
    if (map == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < k->texts_len && s == STROMA_OK; i++)
        s = stroma_column_intern(j->t, c, k->texts[i], strlen(k->texts[i]), &map[i], err);
    for (size_t i = 0; i < rows && s == STROMA_OK; i++)
        out[i] = k->codes[i] < 0 ? -1 : map[k->codes[i]];
    stroma_free(map);
    return s;
}

static void drop_arrays(csv_chunk_column *k)
{
    stroma_free(k->numbers);
    stroma_free(k->codes);
    stroma_free(k->states);
    stroma_free(k->texts);
    stroma_free(k->index.slots);
    *k = (csv_chunk_column){ 0 };
}

static stroma_status join_column(csv_join *j, size_t from, size_t to, stroma_error *err)
{
    stroma_column *c = &j->t->columns[to];
    STROMA_TRY(stroma_table_claim(j->t, j->rows_len * stroma_column_row_bytes(c->type), err));
    c->states = stroma_realloc_array(c->states, j->rows_len, 1);
    if (c->states == NULL) return stroma_no_memory(err);
    if (c->type == STROMA_COLUMN_TEXT)
        c->codes = stroma_realloc_array(c->codes, j->rows_len, sizeof *c->codes);
    else
        c->numbers = stroma_realloc_array(c->numbers, j->rows_len, sizeof *c->numbers);
    if (c->codes == NULL && c->numbers == NULL) return stroma_no_memory(err);
    size_t row = 0;
    for (size_t i = 0; i < j->chunks_len; i++) {
        const size_t n = j->chunks[i].rows_len;
        csv_chunk_column *k = &j->chunks[i].columns[from];
        if (n > 0) memcpy(c->states + row, k->states, n);
        if (c->codes != NULL && k->codes != NULL)
            STROMA_TRY(join_codes(j, c, k, n, c->codes + row, err));
        else if (c->codes != NULL) /* a chunk without any value in this column */
            memset(c->codes + row, 0xff, n * sizeof *c->codes);
        else if (k->numbers != NULL)
            memcpy(c->numbers + row, k->numbers, n * sizeof *c->numbers);
        else
            memset(c->numbers + row, 0, n * sizeof *c->numbers);
        drop_arrays(k);
        row += n;
    }
    return STROMA_OK;
}

static stroma_status join_rows(csv_join *j, int64_t line, stroma_error *err)
{
    stroma_table *t = j->t;
    STROMA_TRY(stroma_table_claim(t, j->rows_len * sizeof *t->source_rows, err));
    t->source_rows = stroma_alloc_array(j->rows_len, sizeof *t->source_rows);
    if (t->source_rows == NULL) return stroma_no_memory(err);
    size_t row = 0;
    for (size_t i = 0; i < j->chunks_len; i++) {
        csv_chunk *c = &j->chunks[i];
        for (size_t r = 0; r < c->rows_len; r++)
            t->source_rows[row++] = line + c->lines[r];
        line += c->lines_len;
        stroma_free(c->lines);
        c->lines = NULL;
    }
    t->rows_len = t->rows_capacity = j->rows_len;
    return STROMA_OK;
}

static stroma_status join(csv_join *j, int64_t first_line, stroma_error *err)
{
    for (size_t i = 0; i < j->chunks_len; i++)
        j->rows_len += j->chunks[i].rows_len;
    for (size_t i = 0; i < j->plan->columns_len; i++) {
        const csv_plan_column *k = &j->plan->columns[i];
        if (!k->kept) continue;
        size_t to = 0;
        STROMA_TRY(stroma_table_add_column(j->t, k->name, k->type, &to, err));
        STROMA_TRY(join_column(j, i, to, err));
    }
    return join_rows(j, first_line, err);
}

stroma_status stroma_csv_join(const csv_plan *plan, csv_chunk *chunks, size_t chunks_len,
                              int64_t first_line, stroma_table **out, stroma_error *err)
{
    csv_join j = { .plan = plan, .chunks = chunks, .chunks_len = chunks_len };
    STROMA_TRY(stroma_table_new(plan->limit_bytes, &j.t, err));
    const stroma_status s = join(&j, first_line, err);
    if (s != STROMA_OK) {
        stroma_table_free(j.t);
        return s;
    }
    *out = j.t;
    return STROMA_OK;
}
