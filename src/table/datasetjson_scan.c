/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "datasetjson_scan.h"

#include <string.h>

void json_scan_init(json_scan *s, const char *data, size_t n)
{
    *s = (json_scan){ data, data, data + n };
    if (n >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) s->at += 3;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void json_skip_blanks(json_scan *s)
{
    while (s->at < s->end && blank(*s->at))
        s->at++;
}

bool json_accept(json_scan *s, char c)
{
    json_skip_blanks(s);
    if (s->at == s->end || *s->at != c) return false;
    s->at++;
    return true;
}

/* From the opening quote to the byte after the closing one; NULL when there is none. */
static const char *string_end(const char *p, const char *end)
{
    for (p++; p < end; p++) {
        if (*p == '"') return p + 1;
        if (*p == '\\') p++;
    }
    return NULL;
}

bool json_next_value(json_scan *s, json_piece *out)
{
    json_skip_blanks(s);
    const char *p = s->at;
    size_t depth = 0;
    while (p < s->end) {
        if (*p == '"') {
            p = string_end(p, s->end);
            if (p == NULL) return false;
        } else if (*p == '{' || *p == '[') {
            depth++;
            p++;
        } else if (*p == '}' || *p == ']') {
            if (depth == 0) break;
            depth--;
            p++;
        } else if (depth > 0) {
            p++; /* the JSON library checks what stands here */
            continue;
        } else {
            while (p < s->end && !blank(*p) && *p != ',' && *p != ':' && *p != ']' && *p != '}')
                p++;
        }
        if (depth == 0) break;
    }
    if (depth > 0 || p == s->at) return false;
    *out = (json_piece){ s->at, (size_t)(p - s->at) };
    s->at = p;
    return true;
}

size_t json_offset(const json_scan *s)
{
    return (size_t)(s->at - s->data);
}

int64_t json_line(const json_scan *s)
{
    int64_t line = 1;
    for (const char *p = s->data; (p = memchr(p, '\n', (size_t)(s->at - p))) != NULL; p++)
        line++;
    return line;
}
