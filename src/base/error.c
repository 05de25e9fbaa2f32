/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *stroma_status_name(stroma_status s)
{
    switch (s) {
#define STROMA_CASE_(name, num, text) \
    case name: return #name;
        STROMA_STATUS_LIST(STROMA_CASE_)
#undef STROMA_CASE_
    }
    return "STROMA_?";
}

const char *stroma_status_text(stroma_status s)
{
    switch (s) {
#define STROMA_CASE_(name, num, text) \
    case name: return text;
        STROMA_STATUS_LIST(STROMA_CASE_)
#undef STROMA_CASE_
    }
    return "unknown status";
}

/* Drop a UTF-8 sequence that the end of the buffer cut in two. */
static void trim_partial_character(char *s)
{
    size_t n = strlen(s), back = 0;
    while (back < 3 && back < n && ((unsigned char)s[n - 1 - back] & 0xC0U) == 0x80U)
        back++;
    if (back == n) return;
    const unsigned char lead = (unsigned char)s[n - 1 - back];
    const size_t need = lead >= 0xF0U ? 3 : lead >= 0xE0U ? 2 : lead >= 0xC0U ? 1 : 0;
    if (need > back) s[n - 1 - back] = '\0';
}

/* Cutting a message is better than failing to give one. */
STROMA_PRINTF(2, 0)
static void format(char dst[STROMA_ERROR_TEXT_MAX], const char *fmt, va_list ap)
{
    const int n = vsnprintf(dst, STROMA_ERROR_TEXT_MAX, fmt, ap);
    if (n >= STROMA_ERROR_TEXT_MAX) trim_partial_character(dst);
}

/* Append src to dst, cutting at the end of the room. */
static void append(char dst[STROMA_ERROR_TEXT_MAX], const char *src)
{
    const size_t have = strlen(dst);
    const size_t room = STROMA_ERROR_TEXT_MAX - 1 - have, want = strlen(src);
    const size_t n = want < room ? want : room;
    memcpy(dst + have, src, n);
    dst[have + n] = '\0';
}

void stroma_error_clear(stroma_error *err)
{
    if (err != NULL) *err = (stroma_error)STROMA_ERROR_INIT;
}

stroma_status stroma_fail(stroma_error *err, stroma_status s, const char *fmt, ...)
{
    if (err == NULL) return s;
    stroma_error_clear(err);
    err->status = s;
    va_list ap;
    va_start(ap, fmt);
    format(err->message, fmt, ap);
    va_end(ap);
    return s;
}

stroma_status stroma_fail_at(stroma_error *err, stroma_status s, int64_t line, int64_t column,
                             const char *fmt, ...)
{
    if (err == NULL) return s;
    stroma_error_clear(err);
    err->status = s;
    err->line = line;
    err->column = column;
    va_list ap;
    va_start(ap, fmt);
    format(err->message, fmt, ap);
    va_end(ap);
    return s;
}

stroma_status stroma_fail_byte(stroma_error *err, stroma_status s, uint64_t offset, const char *fmt,
                               ...)
{
    if (err == NULL) return s;
    stroma_error_clear(err);
    err->status = s;
    err->offset = offset;
    va_list ap;
    va_start(ap, fmt);
    format(err->message, fmt, ap);
    va_end(ap);
    return s;
}

void stroma_hint(stroma_error *err, const char *fmt, ...)
{
    if (err == NULL) return;
    va_list ap;
    va_start(ap, fmt);
    format(err->hint, fmt, ap);
    va_end(ap);
}

stroma_status stroma_in(stroma_error *err, stroma_status s, const char *fmt, ...)
{
    if (err == NULL || s == STROMA_OK) return s;
    char outer[STROMA_ERROR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    format(outer, fmt, ap);
    va_end(ap);
    append(outer, ": ");
    append(outer, err->context);
    trim_partial_character(outer);
    memcpy(err->context, outer, sizeof outer);
    return s;
}

stroma_status stroma_no_memory(stroma_error *err)
{
    return stroma_fail(err, STROMA_E_NOMEM, "out of memory");
}

stroma_status stroma_bug(stroma_error *err, const char *condition, const char *file, int line)
{
    const stroma_status s =
        stroma_fail(err, STROMA_E_INTERNAL, "bug at %s:%d: %s", file, line, condition);
    stroma_hint(err, "please report this, with the command and the smallest input that shows it");
    return s;
}
