/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/buffer.h"

#include "stroma/memory.h"
#include "stroma/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void stroma_buffer_init(stroma_buffer *b, size_t limit_bytes)
{
    *b = (stroma_buffer){ .limit_bytes = limit_bytes };
}

/* Room for n more bytes and the NUL. */
static bool reserve(stroma_buffer *b, size_t n)
{
    if (b->status != STROMA_OK) return false;
    if (b->len >= b->limit_bytes || n > b->limit_bytes - b->len - 1) {
        b->status = STROMA_E_USAGE;
        return false;
    }
    b->status = stroma_grow(&b->data, &b->capacity, b->len + n + 1, 1, NULL);
    return b->status == STROMA_OK;
}

void stroma_buffer_append(stroma_buffer *b, const void *data, size_t n)
{
    if (!reserve(b, n)) return;
    if (n > 0) memcpy(b->data + b->len, data, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void stroma_buffer_puts(stroma_buffer *b, const char *s)
{
    stroma_buffer_append(b, s, strlen(s));
}

void stroma_buffer_putc(stroma_buffer *b, char c)
{
    stroma_buffer_append(b, &c, 1);
}

void stroma_buffer_printf(stroma_buffer *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    const int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n >= 0 && reserve(b, (size_t)n)) {
        (void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

void stroma_buffer_html(stroma_buffer *b, const char *text)
{
    for (const char *p = text, *end = text + strlen(text); p < end;) {
        switch (*p) {
        case '&':
            stroma_buffer_puts(b, "&amp;");
            p++;
            continue;
        case '<':
            stroma_buffer_puts(b, "&lt;");
            p++;
            continue;
        case '>':
            stroma_buffer_puts(b, "&gt;");
            p++;
            continue;
        case '"':
            stroma_buffer_puts(b, "&quot;");
            p++;
            continue;
        case '\'':
            stroma_buffer_puts(b, "&#39;");
            p++;
            continue;
        default: break;
        }
        const size_t n = stroma_utf8_sequence(p, (size_t)(end - p));
        if (n == 0) {
            stroma_buffer_puts(b, "\xEF\xBF\xBD");
            p++;
        } else {
            stroma_buffer_append(b, p, n);
            p += n;
        }
    }
}

stroma_status stroma_buffer_status(const stroma_buffer *b, stroma_error *err)
{
    if (b->status == STROMA_OK) return STROMA_OK;
    if (b->status == STROMA_E_NOMEM) return stroma_no_memory(err);
    return stroma_fail(err, STROMA_E_USAGE, "the text would exceed its limit of %zu bytes",
                       b->limit_bytes);
}

void stroma_buffer_clear(stroma_buffer *b)
{
    stroma_free(b->data);
    *b = (stroma_buffer){ .limit_bytes = b->limit_bytes };
}

void stroma_buffer_reset(stroma_buffer *b)
{
    b->len = 0;
    b->status = STROMA_OK;
    if (b->data != NULL) b->data[0] = '\0';
}
