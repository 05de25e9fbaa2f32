/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data sets one after the other: HEADER, TEXT, DATA, CRC. */
#include "fcs_write_private.h"

#include "stroma/file.h"
#include "stroma/memory.h"

#include <stdio.h>
#include <string.h>

/* Values of a block: 1 MiB as doubles, so that a block stays in the cache. */
enum { BLOCK_VALUES = 1 << 17, HEADER_OFFSET_MAX = 99999999 };

typedef struct writer {
    stroma_fcs_sink sink;
    void *sink_context;
    const stroma_fcs_write_options *options;
    stroma_fcs_changes *changes;
    uint16_t crc;
} writer;

static stroma_status put(writer *w, const void *bytes, size_t n, stroma_error *err)
{
    if (w->options->crc) w->crc = stroma_fcs_crc(w->crc, bytes, n);
    return w->sink(w->sink_context, bytes, n, err);
}

/* The version, four blanks, six offsets, and blanks up to TEXT. DATA that end beyond eight digits
 * have zeros here, and their place in TEXT alone. */
static stroma_status put_header(writer *w, const char *version, const fcs_segments *l,
                                stroma_error *err)
{
    char header[128];
    const bool in_text = l->data_end > HEADER_OFFSET_MAX;
    int n = snprintf(header, sizeof header, "%-6.6s    %8llu%8llu%8llu%8llu%8d%8d", version,
                     (unsigned long long)l->text_begin, (unsigned long long)l->text_end,
                     (unsigned long long)(in_text ? 0 : l->data_begin),
                     (unsigned long long)(in_text ? 0 : l->data_end), 0, 0);
    STROMA_BUG_IF(n < 0 || l->text_begin >= sizeof header || (uint64_t)n > l->text_begin, err);
    const size_t used = (size_t)n, text = (size_t)l->text_begin;
    memset(header + used, ' ', text - used);
    return put(w, header, text, err);
}

typedef struct block {
    size_t events;
    double *values;
    double **columns;
    unsigned char *rows;
} block;

static stroma_status put_blocks(writer *w, const stroma_fcs_content *c, const block *b,
                                size_t row_bytes, stroma_error *err)
{
    for (uint64_t first = 0; first < c->n_events;) {
        const uint64_t left = c->n_events - first;
        const size_t n = left < b->events ? (size_t)left : b->events;
        STROMA_TRY(c->fill(c->context, first, n, b->columns, err));
        STROMA_TRY(
            fcs_encode(c, w->options, b->columns, first, n, b->rows, row_bytes, w->changes, err));
        STROMA_TRY(put(w, b->rows, n * row_bytes, err));
        first += n;
    }
    return STROMA_OK;
}

static stroma_status put_events(writer *w, const stroma_fcs_content *c, size_t row_bytes,
                                stroma_error *err)
{
    const size_t k = c->parameters_len;
    block b = { .events = BLOCK_VALUES / k };
    if (b.events == 0) b.events = 1;
    if (b.events > c->n_events) b.events = (size_t)c->n_events;
    b.values = stroma_alloc_array(b.events * k, sizeof *b.values);
    b.columns = stroma_alloc_array(k, sizeof *b.columns);
    b.rows = stroma_alloc_array(b.events, row_bytes);
    stroma_status s = STROMA_OK;
    if (b.values == NULL || b.columns == NULL || b.rows == NULL) {
        s = stroma_no_memory(err);
    } else {
        for (size_t j = 0; j < k; j++)
            b.columns[j] = b.values + j * b.events;
        s = put_blocks(w, c, &b, row_bytes, err);
    }
    stroma_free(b.rows);
    stroma_free(b.columns);
    stroma_free(b.values);
    return s;
}

static stroma_status put_end(writer *w, uint64_t to_fill, stroma_error *err)
{
    char end[80];
    const int n = snprintf(end, sizeof end, "%08u", w->options->crc ? (unsigned)w->crc : 0U);
    STROMA_BUG_IF(n != 8 || to_fill > sizeof end - 8, err);
    memset(end + n, ' ', (size_t)to_fill);
    return w->sink(w->sink_context, end, (size_t)n + (size_t)to_fill, err);
}

static stroma_status put_set(writer *w, const stroma_fcs_content *c, bool last, stroma_buffer *text,
                             stroma_error *err)
{
    size_t row_bytes = 0;
    uint64_t data_bytes = c->raw_bytes;
    STROMA_TRY(fcs_check_content(c, err));
    for (size_t j = 0; c->raw == NULL && j < c->parameters_len; j++)
        row_bytes += fcs_stored_bytes(c, j);
    if (c->raw == NULL) {
        if (c->n_events > (uint64_t)INT64_MAX / 4 / row_bytes)
            return stroma_fail(err, STROMA_E_USAGE, "%llu events are more than a file can hold",
                               (unsigned long long)c->n_events);
        data_bytes = c->n_events * row_bytes;
    }
    fcs_segments l;
    STROMA_TRY(fcs_make_text(c, data_bytes, last, w->options, text, &l, w->changes, err));
    w->crc = 0;
    const char *version = c->raw != NULL && c->raw_version != NULL ? c->raw_version : "FCS3.1";
    STROMA_TRY(put_header(w, version, &l, err));
    STROMA_TRY(put(w, text->data, text->len, err));
    if (c->raw != NULL)
        STROMA_TRY(put(w, c->raw, (size_t)c->raw_bytes, err));
    else if (c->n_events > 0)
        STROMA_TRY(put_events(w, c, row_bytes, err));
    return put_end(w, l.size - (l.text_end + 1) - data_bytes - 8, err);
}

stroma_status stroma_fcs_write_to(stroma_fcs_sink sink, void *sink_context,
                                  const stroma_fcs_content *sets, size_t sets_len,
                                  const stroma_fcs_write_options *opts, stroma_fcs_changes *changes,
                                  stroma_error *err)
{
    const stroma_fcs_write_options usual = STROMA_FCS_WRITE_OPTIONS_INIT;
    stroma_fcs_changes own, *const counted = changes != NULL ? changes : &own;
    *counted = (stroma_fcs_changes){ 0 };
    if (sets_len == 0) return stroma_fail(err, STROMA_E_USAGE, "there is no data set to write");
    writer w = { .sink = sink,
                 .sink_context = sink_context,
                 .options = opts != NULL ? opts : &usual,
                 .changes = counted };
    stroma_buffer text;
    stroma_buffer_init(&text, (size_t)128 << 20);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < sets_len; i++) {
        s = put_set(&w, &sets[i], i + 1 == sets_len, &text, err);
        if (s != STROMA_OK && sets_len > 1) s = stroma_in(err, s, "data set %zu", i);
    }
    stroma_buffer_clear(&text);
    return s;
}

static stroma_status into_file(void *context, const void *bytes, size_t n, stroma_error *err)
{
    return stroma_file_stream_write(context, bytes, n, err);
}

stroma_status stroma_fcs_write(const char *path, const stroma_fcs_content *sets, size_t sets_len,
                               const stroma_fcs_write_options *opts, stroma_fcs_changes *changes,
                               stroma_error *err)
{
    stroma_file_stream *f = NULL;
    STROMA_TRY(stroma_file_stream_open(path, opts != NULL && opts->overwrite, &f, err));
    const stroma_status s = stroma_fcs_write_to(into_file, f, sets, sets_len, opts, changes, err);
    return stroma_file_stream_close(f, s, err);
}
