/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events as plain columns: docs/formats/columns.md. */
#include "fcs_write_private.h"

#include "stroma/fcs_export.h"
#include "stroma/hash.h"
#include "stroma/json.h"
#include "stroma/memory.h"

#include <string.h>

enum { BLOCK_EVENTS = 8192, ALIGNMENT = 64, FRONT_BYTES = 16 };
static const char MAGIC[8] = { 'S', 'T', 'R', 'O', 'M', 'A', 'C', '1' };

typedef struct columns_job {
    stroma_fcs_sink sink;
    void *context;
    const stroma_fcs_dataset *d;
    stroma_fcs_scale scale;
    const char *source_sha256;
    stroma_hasher hasher;
    double *values;
    unsigned char *bytes;
} columns_job;

static stroma_status put(columns_job *j, const void *bytes, size_t n, stroma_error *err)
{
    stroma_hasher_add(&j->hasher, bytes, n);
    return j->sink(j->context, bytes, n, err);
}

static uint64_t padded(uint64_t n)
{
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static uint64_t column_bytes(const columns_job *j, size_t c)
{
    return j->d->n_events * (fcs_is_float_column(&j->d->parameters[c], j->scale) ? 4 : 8);
}

static void put_column_json(const columns_job *j, size_t c, uint64_t offset, stroma_json *out)
{
    const stroma_fcs_parameter *p = &j->d->parameters[c];
    const bool seconds = p->is_time && j->scale == STROMA_FCS_LINEAR;
    stroma_json_begin_object(out);
    stroma_json_put_string(out, "name", p->name);
    stroma_json_put_string(out, "stain", p->stain[0] == '\0' ? NULL : p->stain);
    stroma_json_put_string(out, "unit", seconds ? "s" : NULL);
    stroma_json_put_string(out, "dtype", fcs_is_float_column(p, j->scale) ? "<f4" : "<f8");
    stroma_json_put_int(out, "offset", (int64_t)offset);
    stroma_json_put_int(out, "bytes", (int64_t)column_bytes(j, c));
    stroma_json_put_number(out, "range", p->range);
    stroma_json_end_object(out);
}

static void put_json(const columns_job *j, stroma_json *out)
{
    uint64_t offset = 0;
    stroma_json_begin_object(out);
    stroma_json_put_string(out, "schema", "stroma.columns/1");
    stroma_json_put_string(out, "scale", j->scale == STROMA_FCS_STORED ? "stored" : "linear");
    stroma_json_put_int(out, "n_events", (int64_t)j->d->n_events);
    stroma_json_put_int(out, "dataset", (int64_t)j->d->index);
    stroma_json_put_string(out, "source_sha256", j->source_sha256);
    stroma_json_key(out, "columns");
    stroma_json_begin_array(out);
    for (size_t c = 0; c < j->d->parameters_len; c++) {
        put_column_json(j, c, offset, out);
        offset += padded(column_bytes(j, c));
    }
    stroma_json_end_array(out);
    stroma_json_key(out, "keywords");
    stroma_json_begin_object(out);
    for (size_t i = 0; i < j->d->keywords_len; i++)
        stroma_json_put_string(out, j->d->keywords[i].name, j->d->keywords[i].value);
    stroma_json_end_object(out);
    stroma_json_end_object(out);
}

static stroma_status put_header(columns_job *j, stroma_error *err)
{
    stroma_buffer b;
    stroma_json json;
    stroma_buffer_init(&b, (size_t)1 << 30);
    stroma_json_init(&json, &b, 0);
    put_json(j, &json);
    while (b.status == STROMA_OK && (FRONT_BYTES + b.len) % ALIGNMENT != 0)
        stroma_buffer_putc(&b, ' ');
    stroma_status s = stroma_buffer_status(&b, err);
    unsigned char front[FRONT_BYTES];
    memcpy(front, MAGIC, sizeof MAGIC);
    for (size_t i = 0; i < 8; i++)
        front[8 + i] = (unsigned char)((uint64_t)b.len >> (8 * i) & 0xFFU);
    if (s == STROMA_OK) s = put(j, front, sizeof front, err);
    if (s == STROMA_OK) s = put(j, b.data, b.len, err);
    stroma_buffer_clear(&b);
    return s;
}

static size_t encode(const double *x, size_t n, bool as_float, unsigned char *to)
{
    const size_t width = as_float ? 4 : 8;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = 0;
        const float f = (float)x[i];
        uint32_t narrow = 0;
        memcpy(&bits, &x[i], sizeof bits);
        memcpy(&narrow, &f, sizeof narrow);
        if (as_float) bits = narrow;
        for (size_t b = 0; b < width; b++)
            to[i * width + b] = (unsigned char)(bits >> (8 * b) & 0xFFU);
    }
    return n * width;
}

static stroma_status put_column(columns_job *j, size_t c, stroma_error *err)
{
    static const unsigned char zeros[ALIGNMENT] = { 0 };
    const bool as_float = fcs_is_float_column(&j->d->parameters[c], j->scale);
    for (uint64_t first = 0; first < j->d->n_events; first += BLOCK_EVENTS) {
        const uint64_t left = j->d->n_events - first;
        const size_t n = left < BLOCK_EVENTS ? (size_t)left : BLOCK_EVENTS;
        STROMA_TRY(stroma_fcs_read(j->d, j->scale, first, n, &c, 1, &j->values, err));
        STROMA_TRY(put(j, j->bytes, encode(j->values, n, as_float, j->bytes), err));
    }
    const uint64_t size = column_bytes(j, c);
    return put(j, zeros, (size_t)(padded(size) - size), err);
}

static stroma_status put_all(columns_job *j, stroma_error *err)
{
    STROMA_TRY(put_header(j, err));
    for (size_t c = 0; c < j->d->parameters_len; c++)
        STROMA_TRY(put_column(j, c, err));
    stroma_hash hash;
    stroma_hasher_end(&j->hasher, &hash);
    return j->sink(j->context, hash.bytes, sizeof hash.bytes, err);
}

stroma_status stroma_fcs_write_columns(stroma_fcs_sink sink, void *sink_context,
                                       const stroma_fcs_dataset *d, stroma_fcs_scale scale,
                                       const char *source_sha256, stroma_error *err)
{
    columns_job j = { .sink = sink,
                      .context = sink_context,
                      .d = d,
                      .scale = scale,
                      .source_sha256 = source_sha256 };
    stroma_hasher_init(&j.hasher);
    j.values = stroma_alloc_array(BLOCK_EVENTS, sizeof *j.values);
    j.bytes = stroma_alloc_array(BLOCK_EVENTS, 8);
    const stroma_status s =
        j.values == NULL || j.bytes == NULL ? stroma_no_memory(err) : put_all(&j, err);
    stroma_free(j.values);
    stroma_free(j.bytes);
    return s;
}
