/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a helper program that was taken over by a crafted file might send. */
#include "src/table/readstat_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_diag diag;
    rs_stream s;
    o.max_bytes = (size_t)256 << 20;
    stroma_diag_init(&diag);
    /* the first byte chooses the family and the size of the pieces that the pipe hands over */
    const uint8_t choice = size == 0 ? 0 : data[0];
    const size_t piece = (size_t)1 + choice / 3 % 64 * 7;
    rs_stream_init(&s, "a.sav", (rs_family)(choice % 3), &o, &diag);
    stroma_status st = STROMA_OK;
    for (size_t at = 1; at < size && st == STROMA_OK; at += piece)
        st = rs_stream_feed(&s, data + at, size - at < piece ? size - at : piece, &err);
    if (st == STROMA_OK) st = rs_stream_check_end(&s, &err);
    if (st == STROMA_OK) st = rs_stream_apply_labels(&s, &s.labels, &err);
    if (st == STROMA_OK) {
        stroma_table *t = rs_stream_take(&s);
        char buf[64];
        for (size_t c = 0; c < t->columns_len; c++)
            for (size_t r = 0; r < t->rows_len; r++)
                (void)stroma_table_cell_text(t, c, r, buf);
        stroma_table_free(t);
    }
    rs_stream_clear(&s);
    stroma_diag_clear(&diag);
    return 0;
}
