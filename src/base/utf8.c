/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/utf8.h"

#include <string.h>

static bool continuation(unsigned char c)
{
    return (c & 0xC0U) == 0x80U;
}

size_t stroma_utf8_sequence(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    if (n == 0) return 0;
    if (s[0] < 0x80U) return 1;
    if (s[0] >= 0xC2U && s[0] <= 0xDFU) return n >= 2 && continuation(s[1]) ? 2 : 0;
    if ((s[0] & 0xF0U) == 0xE0U) {
        if (n < 3 || !continuation(s[1]) || !continuation(s[2])) return 0;
        if (s[0] == 0xE0U && s[1] < 0xA0U) return 0;  /* overlong */
        if (s[0] == 0xEDU && s[1] >= 0xA0U) return 0; /* surrogate */
        return 3;
    }
    if (s[0] >= 0xF0U && s[0] <= 0xF4U) {
        if (n < 4 || !continuation(s[1]) || !continuation(s[2]) || !continuation(s[3])) return 0;
        if (s[0] == 0xF0U && s[1] < 0x90U) return 0;
        if (s[0] == 0xF4U && s[1] >= 0x90U) return 0;
        return 4;
    }
    return 0;
}

bool stroma_utf8_valid(const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        const size_t len = stroma_utf8_sequence(s + i, n - i);
        if (len == 0) return false;
        i += len;
    }
    return true;
}

static unsigned decode(const unsigned char *s, size_t len)
{
    if (len == 1) return s[0];
    if (len == 2) return (s[0] & 0x1FU) << 6 | (s[1] & 0x3FU);
    if (len == 3) return (s[0] & 0x0FU) << 12 | (s[1] & 0x3FU) << 6 | (s[2] & 0x3FU);
    return (s[0] & 0x07U) << 18 | (s[1] & 0x3FU) << 12 | (s[2] & 0x3FU) << 6 | (s[3] & 0x3FU);
}

size_t stroma_utf8_width(const char *s)
{
    size_t width = 0;
    for (size_t n = strlen(s); n > 0;) {
        size_t len = stroma_utf8_sequence(s, n);
        if (len == 0) len = 1;
        const unsigned c = decode((const unsigned char *)s, len);
        const bool combining = c >= 0x0300U && c <= 0x036FU;
        const bool wide = (c >= 0x1100U && c <= 0x115FU) || (c >= 0x2E80U && c <= 0xA4CFU) ||
                          (c >= 0xAC00U && c <= 0xD7A3U) || (c >= 0xF900U && c <= 0xFAFFU) ||
                          (c >= 0xFF00U && c <= 0xFF60U);
        width += combining ? 0 : wide ? 2 : 1;
        s += len;
        n -= len;
    }
    return width;
}
