/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "text_decode.h"

#include "stroma/utf8.h"

#include <string.h>

/* Windows-1252, bytes 0x80–0x9F; 0 = not assigned. Above 0x9F it is Latin-1. */
static const uint16_t cp1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

/* Bytes of valid UTF-8 from the start. */
static size_t valid_prefix(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n) {
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        const size_t k = stroma_utf8_sequence((const char *)p + i, n - i);
        if (k == 0) break;
        i += k;
    }
    return i;
}

/* True when the rest looks like the first bytes of one longer UTF-8 character. */
static bool cut_character(const unsigned char *p, size_t n)
{
    if (n == 0 || n > 3 || p[0] < 0xC2 || p[0] > 0xF4) return false;
    const size_t want = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return false;
    return n < want;
}

void text_survey_add(text_survey *s, const unsigned char *p, size_t n)
{
    const size_t ok = valid_prefix(p, n);
    if (ok == n) return;
    /* One odd byte at the end of a text without any other non-ASCII character is more likely a
     * Windows-1252 letter than a cut character. */
    bool other = false;
    for (size_t i = 0; i < ok && !other; i++)
        other = p[i] >= 0x80;
    if (other && cut_character(p + ok, n - ok))
        s->cut = true;
    else
        s->not_utf8 = true;
}

size_t text_trimmed(const unsigned char *p, size_t n)
{
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\0'))
        n--;
    return n;
}

static void put_utf8(stroma_buffer *out, unsigned c)
{
    if (c < 0x80) {
        stroma_buffer_putc(out, (char)c);
    } else if (c < 0x800) {
        stroma_buffer_putc(out, (char)(0xC0 | (c >> 6)));
        stroma_buffer_putc(out, (char)(0x80 | (c & 0x3F)));
    } else {
        stroma_buffer_putc(out, (char)(0xE0 | (c >> 12)));
        stroma_buffer_putc(out, (char)(0x80 | ((c >> 6) & 0x3F)));
        stroma_buffer_putc(out, (char)(0x80 | (c & 0x3F)));
    }
}

void text_decode(const text_survey *s, const unsigned char *p, size_t n, stroma_buffer *out)
{
    if (!s->not_utf8 && memchr(p, '\0', n) == NULL) {
        stroma_buffer_append(out, p, valid_prefix(p, n));
        return;
    }
    const size_t end = s->not_utf8 ? n : valid_prefix(p, n);
    for (size_t i = 0; i < end; i++) {
        unsigned c = p[i];
        if (c == 0) c = 0xFFFD; /* a C string would end here */
        if (!s->not_utf8 && c < 0x100) {
            stroma_buffer_putc(out, (char)c);
            continue;
        }
        if (c >= 0x80 && c < 0xA0) c = cp1252[c - 0x80] != 0 ? cp1252[c - 0x80] : 0xFFFD;
        put_utf8(out, c);
    }
}
