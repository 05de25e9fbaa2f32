/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dataset-JSON of any bytes: JSON, NDJSON, gzip and zlib. */
#include "stroma/table_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    stroma_table *t = NULL;
    stroma_diag diag;
    stroma_error err = STROMA_ERROR_INIT;
    o.format = "dataset-json";
    o.max_bytes = (size_t)256 << 20;
    stroma_diag_init(&diag);
    if (stroma_table_read_bytes("a.json", data, size, &o, &t, &diag, &err) == STROMA_OK) {
        char buf[64];
        for (size_t c = 0; c < t->columns_len; c++)
            for (size_t r = 0; r < t->rows_len; r++)
                (void)stroma_table_cell_text(t, c, r, buf);
    } else if (t != NULL || err.message[0] == '\0') {
        __builtin_trap(); /* a failure leaves no table, and says why */
    }
    stroma_table_free(t);
    stroma_diag_clear(&diag);
    return 0;
}
