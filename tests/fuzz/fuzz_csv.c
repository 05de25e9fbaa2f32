/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as CSV: no crash, the same table for any cut, and a table that was read can be written
 * and read again with the same number of rows. The first byte chooses options. */
#include "../../src/table/csv_private.h"

#include "stroma/table_write.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok) abort();
}

static void same(const stroma_table *a, const stroma_table *b)
{
    must(a->rows_len == b->rows_len && a->columns_len == b->columns_len);
    for (size_t c = 0; c < a->columns_len; c++) {
        must(a->columns[c].type == b->columns[c].type);
        for (size_t r = 0; r < a->rows_len; r++) {
            must(a->source_rows[r] == b->source_rows[r]);
            must(a->columns[c].states[r] == b->columns[c].states[r]);
            if (a->columns[c].codes != NULL)
                must(a->columns[c].codes[r] == b->columns[c].codes[r]);
            else
                must(memcmp(&a->columns[c].numbers[r], &b->columns[c].numbers[r], sizeof(double)) ==
                     0);
        }
    }
}

static void write_and_read(const stroma_table *t)
{
    stroma_buffer b;
    stroma_buffer_init(&b, (size_t)1 << 28);
    stroma_table *back = NULL;
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    o.delimiter = ',';
    o.threads = 1;
    o.format = "csv";
    must(stroma_table_format_csv(t, NULL, &b, NULL) == STROMA_OK);
    must(stroma_buffer_status(&b, NULL) == STROMA_OK);
    if (stroma_table_read_bytes("t.csv", b.data, b.len, &o, &back, NULL, NULL) == STROMA_OK)
        must(back->rows_len == t->rows_len && back->columns_len == t->columns_len);
    stroma_table_free(back);
    stroma_buffer_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    static const char *const missing[] = { "NA", "-99" };
    static const stroma_column_spec specs[] = { { "a", true, STROMA_COLUMN_NUMBER },
                                                { "b", true, STROMA_COLUMN_DATETIME } };
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    o.threads = 1;
    o.missing = missing;
    o.missing_len = data[0] & 1 ? 2 : 0;
    o.columns = specs;
    o.columns_len = data[0] & 2 ? 2 : 0;
    o.delimiter = ",;\t\0"[data[0] >> 2 & 3];
    o.max_bytes = (size_t)64 << 20;
    const stroma_reader_input in = { .name = "f.csv", .data = data + 1, .size = size - 1 };
    stroma_diag diag;
    stroma_diag_init(&diag);
    stroma_table *whole = NULL, *cut = NULL;
    stroma_error e1 = STROMA_ERROR_INIT, e2 = STROMA_ERROR_INIT;
    const stroma_status s = stroma_csv_read_chunked(&in, &o, (size_t)1 << 20, &whole, &diag, &e1);
    const stroma_status q =
        stroma_csv_read_chunked(&in, &o, (size_t)(data[0] >> 4) * 3 + 1, &cut, NULL, &e2);
    must(s == q && e1.line == e2.line && strcmp(e1.message, e2.message) == 0);
    if (s == STROMA_OK) {
        same(whole, cut);
        write_and_read(whole);
    }
    stroma_table_free(whole);
    stroma_table_free(cut);
    stroma_diag_clear(&diag);
    return 0;
}
