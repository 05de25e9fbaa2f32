/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes to UTF-8 text. */
#include "csv_private.h"

#include "stroma/memory.h"
#include "stroma/utf8.h"

#include <string.h>

static uint32_t unit_at(const unsigned char *p, bool big)
{
    return big ? (uint32_t)(p[0] << 8 | p[1]) : (uint32_t)(p[1] << 8 | p[0]);
}

static size_t put_utf8(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static stroma_status from_utf16(const unsigned char *p, size_t size, csv_text *out, char **owned,
                                stroma_error *err)
{
    const bool big = p[0] == 0xFE;
    if (size % 2 != 0)
        return stroma_fail_byte(err, STROMA_E_MALFORMED, size - 1,
                                "UTF-16 text of an odd number of bytes (%zu)", size);
    char *text = stroma_alloc_array(size / 2, 3); /* one unit takes at most 3 bytes */
    if (text == NULL) return stroma_no_memory(err);
    *owned = text;
    size_t n = 0;
    for (size_t i = 2; i < size; i += 2) {
        uint32_t c = unit_at(p + i, big);
        if (c >= 0xD800 && c < 0xE000) {
            const uint32_t low = size - i >= 4 ? unit_at(p + i + 2, big) : 0;
            if (c >= 0xDC00 || low < 0xDC00 || low >= 0xE000)
                return stroma_fail_byte(err, STROMA_E_MALFORMED, i,
                                        "UTF-16 text with half of a surrogate pair at byte %zu", i);
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        }
        n += put_utf8(c, text + n);
    }
    *out = (csv_text){ text, n };
    return STROMA_OK;
}

stroma_status stroma_csv_decode(const stroma_reader_input *in, csv_text *out, char **owned,
                                stroma_error *err)
{
    *owned = NULL;
    const unsigned char *p = in->data;
    *out = (csv_text){ (const char *)p, in->size };
    if (in->size >= 2 && ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == 0xFE && p[1] == 0xFF)))
        return from_utf16(p, in->size, out, owned, err);
    if (in->size >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
        out->data += 3;
        out->size -= 3;
    }
    return STROMA_OK;
}

size_t stroma_csv_bad_byte(csv_text text)
{
    const char *s = text.data;
    size_t i = 0;
    while (i < text.size) {
        uint64_t w;
        while (text.size - i >= 8) { /* eight bytes of ASCII without NUL at a time */
            memcpy(&w, s + i, 8);
            const uint64_t zero = (w - UINT64_C(0x0101010101010101)) & ~w;
            if (((w | zero) & UINT64_C(0x8080808080808080)) != 0) break;
            i += 8;
        }
        if (i == text.size) break;
        const size_t n = s[i] == '\0' ? 0 : stroma_utf8_sequence(s + i, text.size - i);
        if (n == 0) return i;
        i += n;
    }
    return SIZE_MAX;
}
