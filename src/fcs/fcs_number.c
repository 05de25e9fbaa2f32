/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers as instruments write them. */
#include "fcs_private.h"

#include "stroma/number.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

size_t fcs_trim(const char **text, size_t n)
{
    const char *s = *text;
    while (n > 0 && is_blank(*s)) {
        s++;
        n--;
    }
    while (n > 0 && is_blank(s[n - 1]))
        n--;
    *text = s;
    return n;
}

bool fcs_whole(const char *text, size_t n, uint64_t *out)
{
    n = fcs_trim(&text, n);
    uint64_t x = 0;
    size_t i = 0;
    for (; i < n && text[i] >= '0' && text[i] <= '9'; i++) {
        const unsigned digit = (unsigned)(text[i] - '0');
        if (x > (UINT64_MAX - digit) / 10) return false;
        x = x * 10 + digit;
    }
    if (i == 0) return false;
    if (i < n && text[i] == '.') /* "65536.0" */
        for (i++; i < n && text[i] == '0';)
            i++;
    if (i != n) return false;
    *out = x;
    return true;
}

bool fcs_real(const char *text, size_t n, double *out)
{
    n = fcs_trim(&text, n);
    return stroma_parse_double(text, n, '.', out);
}

bool fcs_real_or_comma(const char *text, size_t n, double *out)
{
    n = fcs_trim(&text, n);
    return stroma_parse_double(text, n, '.', out) || stroma_parse_double(text, n, ',', out);
}
