/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/json.h"

#include "stroma/number.h"
#include "stroma/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void stroma_json_init(stroma_json *j, stroma_buffer *out, int indent)
{
    *j = (stroma_json){ .out = out, .indent = indent };
}

static void new_line(stroma_json *j)
{
    if (j->indent == 0) return;
    stroma_buffer_putc(j->out, '\n');
    for (int i = 0; i < j->depth * j->indent; i++)
        stroma_buffer_putc(j->out, ' ');
}

/* What must stand before the next value: a comma, a line break, or nothing after a key. */
static void before_value(stroma_json *j)
{
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (j->depth == 0) return;
    if (j->has_items[j->depth - 1]) stroma_buffer_putc(j->out, ',');
    j->has_items[j->depth - 1] = true;
    new_line(j);
}

static void begin(stroma_json *j, char open)
{
    before_value(j);
    stroma_buffer_putc(j->out, open);
    if (j->depth >= STROMA_JSON_DEPTH_MAX) {
        j->out->status = STROMA_E_INTERNAL;
        return;
    }
    j->has_items[j->depth++] = false;
}

static void end(stroma_json *j, char close)
{
    if (j->depth == 0) {
        j->out->status = STROMA_E_INTERNAL;
        return;
    }
    const bool had = j->has_items[--j->depth];
    if (had) new_line(j);
    stroma_buffer_putc(j->out, close);
}

void stroma_json_begin_object(stroma_json *j)
{
    begin(j, '{');
}
void stroma_json_end_object(stroma_json *j)
{
    end(j, '}');
}
void stroma_json_begin_array(stroma_json *j)
{
    begin(j, '[');
}
void stroma_json_end_array(stroma_json *j)
{
    end(j, ']');
}

static void escaped(stroma_buffer *out, const char *s)
{
    stroma_buffer_putc(out, '"');
    for (const char *p = s, *stop = s + strlen(s); p < stop;) {
        const unsigned char c = (unsigned char)*p;
        const size_t n = stroma_utf8_sequence(p, (size_t)(stop - p));
        if (c == '"' || c == '\\') {
            stroma_buffer_printf(out, "\\%c", c);
        } else if (c == '\n') {
            stroma_buffer_puts(out, "\\n");
        } else if (c == '\t') {
            stroma_buffer_puts(out, "\\t");
        } else if (c < 0x20U || c == 0x7FU) {
            stroma_buffer_printf(out, "\\u%04x", c);
        } else if (c == '<' && p + 1 < stop && (p[1] == '/' || p[1] == '!')) {
            stroma_buffer_puts(out, "\\u003c"); /* no "</script" or "<!--" can appear */
        } else if (n == 0) {
            stroma_buffer_puts(out, "\xEF\xBF\xBD");
        } else {
            stroma_buffer_append(out, p, n);
        }
        p += n == 0 ? 1 : n;
    }
    stroma_buffer_putc(out, '"');
}

void stroma_json_key(stroma_json *j, const char *key)
{
    before_value(j);
    escaped(j->out, key);
    stroma_buffer_puts(j->out, j->indent == 0 ? ":" : ": ");
    j->after_key = true;
}

void stroma_json_string(stroma_json *j, const char *s)
{
    before_value(j);
    if (s == NULL)
        stroma_buffer_puts(j->out, "null");
    else
        escaped(j->out, s);
}

void stroma_json_number(stroma_json *j, double x)
{
    before_value(j);
    char text[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_puts(j->out, isfinite(x) ? stroma_format_double(x, text) : "null");
}

void stroma_json_int(stroma_json *j, int64_t x)
{
    before_value(j);
    stroma_buffer_printf(j->out, "%lld", (long long)x);
}

void stroma_json_bool(stroma_json *j, bool x)
{
    before_value(j);
    stroma_buffer_puts(j->out, x ? "true" : "false");
}

void stroma_json_null(stroma_json *j)
{
    before_value(j);
    stroma_buffer_puts(j->out, "null");
}

void stroma_json_raw(stroma_json *j, const char *json)
{
    before_value(j);
    stroma_buffer_puts(j->out, json);
}

void stroma_json_put_string(stroma_json *j, const char *key, const char *s)
{
    stroma_json_key(j, key);
    stroma_json_string(j, s);
}

void stroma_json_put_number(stroma_json *j, const char *key, double x)
{
    stroma_json_key(j, key);
    stroma_json_number(j, x);
}

void stroma_json_put_int(stroma_json *j, const char *key, int64_t x)
{
    stroma_json_key(j, key);
    stroma_json_int(j, x);
}

void stroma_json_put_bool(stroma_json *j, const char *key, bool x)
{
    stroma_json_key(j, key);
    stroma_json_bool(j, x);
}

void stroma_json_put_null(stroma_json *j, const char *key)
{
    stroma_json_key(j, key);
    stroma_json_null(j);
}
