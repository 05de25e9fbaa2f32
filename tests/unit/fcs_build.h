/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FCS files made in memory, byte by byte from the standard, for the tests of the reader. */
#ifndef FCS_BUILD_H
#define FCS_BUILD_H
#include "stroma_test.h"

#include "stroma/fcs.h"

#include <string.h>

enum { FCS_BUILD_MAX = 1 << 16 };

typedef struct fcs_build {
    const char *version; /* NULL: FCS3.1 */
    const char *text;    /* keywords and values between '|', whatever the delimiter is */
    char delimiter;      /* 0: '|' */
    const char *tail;    /* behind the last delimiter of TEXT, inside it */
    size_t tail_len;
    const void *data;
    size_t data_len;
    long header_shift, text_shift; /* added to the right offsets of DATA */
    bool no_header, no_text;       /* leave the offsets of DATA out */
    const char *crc;               /* eight characters, NULL: none */
} fcs_build;

typedef struct fcs_bytes {
    unsigned char bytes[FCS_BUILD_MAX];
    size_t len, text_begin, text_end, data_begin;
} fcs_bytes;

/* One data set behind what is in @p out; offsets count from its own begin. */
static inline void fcs_build_add(const fcs_build *b, fcs_bytes *out)
{
    static char text[FCS_BUILD_MAX];
    const size_t start = out->len, text_at = 58;
    const char d = b->delimiter == 0 ? '|' : b->delimiter;
    size_t n = (size_t)snprintf(text, sizeof text, "%s", b->text);
    const size_t places = b->no_text ? 0 : strlen("$BEGINDATA|00000000|$ENDDATA|00000000|");
    const size_t begin = text_at + n + places + b->tail_len;
    if (!b->no_text)
        n += (size_t)snprintf(text + n, sizeof text - n, "$BEGINDATA|%08ld|$ENDDATA|%08ld|",
                              (long)begin + b->text_shift,
                              (long)(begin + b->data_len) - 1 + b->text_shift);
    for (size_t i = 0; i < n; i++)
        if (text[i] == '|') text[i] = d;
    char header[128];
    const long hb = b->no_header ? 0 : (long)begin + b->header_shift;
    const long he = b->no_header ? 0 : (long)(begin + b->data_len) - 1 + b->header_shift;
    (void)snprintf(header, sizeof header, "%s    %8zu%8zu%8ld%8ld%8d%8d",
                   b->version == NULL ? "FCS3.1" : b->version, text_at, begin - 1, hb, he, 0, 0);
    unsigned char *p = out->bytes + start;
    memcpy(p, header, text_at);
    memcpy(p + text_at, text, n);
    if (b->tail_len > 0) memcpy(p + text_at + n, b->tail, b->tail_len);
    if (b->data_len > 0) memcpy(p + begin, b->data, b->data_len);
    out->text_begin = start + text_at;
    out->text_end = start + begin;
    out->data_begin = start + begin;
    out->len = start + begin + b->data_len;
    if (b->crc != NULL) {
        memcpy(out->bytes + out->len, b->crc, 8);
        out->len += 8;
    }
}

typedef struct fcs_opened {
    stroma_fcs *file;
    stroma_diag diag;
    stroma_error err;
    stroma_status status;
} fcs_opened;

static inline fcs_opened fcs_open_bytes(const fcs_bytes *b)
{
    fcs_opened o = { .err = STROMA_ERROR_INIT };
    const stroma_fcs_options opts = { .version = 1, .check_crc = true };
    stroma_diag_init(&o.diag);
    o.status = stroma_fcs_open_memory(b->bytes, b->len, "a.fcs", &opts, &o.diag, &o.file, &o.err);
    return o;
}

static inline fcs_opened fcs_open_built(const fcs_build *b)
{
    static fcs_bytes bytes; /* kept while the file is open: one at a time */
    bytes.len = 0;
    fcs_build_add(b, &bytes);
    return fcs_open_bytes(&bytes);
}

static inline void fcs_close(fcs_opened *o)
{
    stroma_fcs_close(o->file);
    stroma_diag_clear(&o->diag);
}

static inline size_t fcs_found(const fcs_opened *o, const char *code)
{
    size_t n = 0;
    for (size_t i = 0; i < o->diag.len; i++)
        n += strcmp(o->diag.items[i].code, code) == 0;
    return n;
}

/* One value of the first data set. */
static inline double fcs_value(const fcs_opened *o, stroma_fcs_scale scale, uint64_t event,
                               size_t parameter)
{
    double x = -12345;
    double *const out[] = { &x };
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(
        stroma_fcs_read(stroma_fcs_get(o->file, 0), scale, event, 1, &parameter, 1, out, &err),
        STROMA_OK);
    return x;
}
#endif
