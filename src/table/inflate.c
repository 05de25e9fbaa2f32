/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inflate.h"

#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#define WINDOW_ANY      (15 + 32) /* largest window; gzip or zlib by the header */
#define LIMIT_DEFAULT   ((size_t)4 << 30)
#define ALWAYS_ALLOWED  ((size_t)64 << 20)
#define EXPANSION_LIMIT 500U
#define CHUNK           65536U

bool inflate_detect(const unsigned char *data, size_t size)
{
    if (size < 6) return false;
    if (data[0] == 0x1F && data[1] == 0x8B) return true;
    return (data[0] & 0x0F) == 8 && (data[0] >> 4) <= 7 && (data[0] << 8 | data[1]) % 31 == 0 &&
           (data[1] & 0x20) == 0;
}

/* zlib counts in 32 bits: hand it the input in pieces. */
static void feed(z_stream *z, const unsigned char *data, size_t size, size_t *given)
{
    if (z->avail_in > 0 || *given == size) return;
    const size_t left = size - *given;
    z->next_in = data + *given;
    z->avail_in = left > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uInt)left;
    *given += z->avail_in;
}

size_t inflate_peek(const unsigned char *data, size_t size, unsigned char *out, size_t most)
{
    z_stream z = { 0 };
    if (inflateInit2(&z, WINDOW_ANY) != Z_OK) return 0;
    size_t given = 0;
    z.next_out = out;
    z.avail_out = (uInt)most;
    int r = Z_OK;
    while (r == Z_OK && z.avail_out > 0 && (given < size || z.avail_in > 0)) {
        feed(&z, data, size, &given);
        r = inflate(&z, Z_NO_FLUSH);
    }
    const size_t got = most - z.avail_out;
    (void)inflateEnd(&z);
    return got;
}

static stroma_status too_large(size_t limit, size_t size, stroma_error *err)
{
    (void)stroma_fail(err, STROMA_E_MALFORMED,
                      "the compressed data (%zu bytes) unpack to more than %zu bytes", size, limit);
    stroma_hint(err, "if the file is trusted, unpack it first (gzip -dc) and read the result");
    return STROMA_E_MALFORMED;
}

static stroma_status run(z_stream *z, const unsigned char *data, size_t size, size_t limit,
                         stroma_buffer *out, stroma_error *err)
{
    unsigned char chunk[CHUNK];
    size_t given = 0;
    int r = Z_OK;
    while (r != Z_STREAM_END) {
        feed(z, data, size, &given);
        z->next_out = chunk;
        z->avail_out = CHUNK;
        r = inflate(z, Z_NO_FLUSH);
        if (r == Z_MEM_ERROR) return stroma_no_memory(err);
        const size_t got = CHUNK - z->avail_out;
        if ((r == Z_OK || r == Z_BUF_ERROR) && got == 0 && given == size && z->avail_in == 0)
            return stroma_fail(err, STROMA_E_MALFORMED,
                               "the compressed data end too early, after %zu unpacked bytes",
                               out->len);
        if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
            return stroma_fail(err, STROMA_E_MALFORMED, "the compressed data are damaged: %s",
                               z->msg == NULL ? "unknown compression" : z->msg);
        if (got > limit - out->len) return too_large(limit, size, err);
        stroma_buffer_append(out, chunk, got);
        STROMA_TRY(stroma_buffer_status(out, err));
        /* gzip files may be concatenated */
        if (r == Z_STREAM_END && size - given + z->avail_in >= 2 && z->next_in[0] == 0x1F &&
            inflateReset(z) == Z_OK)
            r = Z_OK;
    }
    return STROMA_OK;
}

stroma_status inflate_all(const unsigned char *data, size_t size, size_t limit_bytes,
                          stroma_buffer *out, stroma_error *err)
{
    size_t limit = size > LIMIT_DEFAULT / EXPANSION_LIMIT ? LIMIT_DEFAULT : size * EXPANSION_LIMIT;
    if (limit < ALWAYS_ALLOWED) limit = ALWAYS_ALLOWED;
    if (limit_bytes > 0 && limit > limit_bytes) limit = limit_bytes;
    stroma_buffer_init(out, limit + 1);
    z_stream z = { 0 };
    if (inflateInit2(&z, WINDOW_ANY) != Z_OK) return stroma_no_memory(err);
    const stroma_status s = run(&z, data, size, limit, out, err);
    (void)inflateEnd(&z);
    if (s != STROMA_OK) stroma_buffer_clear(out);
    return s;
}
