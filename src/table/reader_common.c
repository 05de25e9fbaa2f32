/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reader_common.h"

#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Days from 1970 that fit the calendar functions with room to spare: years −2 000 000 to 2 000 000.
 */
#define DATE_DAYS_MAX 7.3e8

bool reader_keeps(const stroma_table_read_options *opts, const char *name)
{
    if (opts->keep_len == 0) return true;
    for (size_t i = 0; i < opts->keep_len; i++)
        if (strcasecmp(opts->keep[i], name) == 0) return true;
    return false;
}

stroma_status reader_check_keep(const stroma_table_read_options *opts, const stroma_table *t,
                                stroma_error *err)
{
    for (size_t i = 0; i < opts->keep_len; i++)
        if (stroma_table_find(t, opts->keep[i]) == SIZE_MAX)
            return stroma_fail(err, STROMA_E_USAGE, "there is no column \"%s\"", opts->keep[i]);
    return STROMA_OK;
}

void reader_find(stroma_diag *diag, const char *file, const char *code, stroma_severity severity,
                 const char *column, const char *message)
{
    const stroma_finding f = {
        .code = code, .severity = severity, .file = file, .column = column, .message = message
    };
    stroma_diag_add(diag, &f);
}

void reader_set_number(stroma_table *t, size_t column, size_t row, double x, stroma_diag *diag,
                       const char *file)
{
    const stroma_table_column *c = &t->columns[column];
    const double limit = c->type == STROMA_COLUMN_DATE       ? DATE_DAYS_MAX
                         : c->type == STROMA_COLUMN_DATETIME ? DATE_DAYS_MAX * 86400
                                                             : HUGE_VAL;
    if (isfinite(x) && fabs(x) <= limit) {
        stroma_table_set_number(t, column, row, x);
        return;
    }
    char value[STROMA_NUMBER_TEXT_MAX];
    const stroma_finding f = { .code = "STROMA-TABLE-101",
                               .severity = STROMA_ERROR,
                               .file = file,
                               .line = t->source_rows[row],
                               .column = c->name,
                               .value = stroma_format_double(x, value),
                               .message = isfinite(x) ? "no calendar reaches this date"
                                                      : "the number is not finite" };
    stroma_diag_add(diag, &f);
    stroma_table_set_state(t, column, row, STROMA_NOT_ESTIMABLE, 0);
}

static bool one_of(const char *const *list, size_t len, const char *s, size_t n)
{
    for (size_t i = 0; i < len; i++)
        if (strlen(list[i]) == n && memcmp(list[i], s, n) == 0) return true;
    return false;
}

stroma_status reader_set_text(stroma_table *t, size_t column, size_t row, const char *s, size_t n,
                              const stroma_table_read_options *opts, stroma_error *err)
{
    if (n == 0 || one_of(opts->missing, opts->missing_len, s, n)) {
        stroma_table_set_state(t, column, row, STROMA_MISSING, 0);
        return STROMA_OK;
    }
    if (one_of(opts->not_done, opts->not_done_len, s, n)) {
        stroma_table_set_state(t, column, row, STROMA_NOT_DONE, 0);
        return STROMA_OK;
    }
    return stroma_table_set_text(t, column, row, s, n, err);
}

/* Position of an ASCII word, ignoring case. */
static const unsigned char *find_word(const unsigned char *p, const unsigned char *end,
                                      const char *word)
{
    const size_t n = strlen(word);
    for (; (size_t)(end - p) >= n; p++)
        if (strncasecmp((const char *)p, word, n) == 0) return p;
    return NULL;
}

bool reader_html_title(const unsigned char *data, size_t size, char *title, size_t title_size)
{
    const unsigned char *p = data, *end = data + (size < 65536 ? size : 65536);
    title[0] = '\0';
    if (size >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) p += 3;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    const unsigned char *head = end - p > 512 ? p + 512 : end;
    if (p == end || *p != '<' ||
        (find_word(p, head, "<html") == NULL && find_word(p, head, "<!doctype html") == NULL))
        return false;
    const unsigned char *from = find_word(p, end, "<title>");
    if (from == NULL) return true;
    from += strlen("<title>");
    const unsigned char *to = find_word(from, end, "</title>");
    if (to == NULL) return true;
    size_t n = 0;
    for (; from < to && n + 1 < title_size; from++)
        title[n++] = *from >= ' ' && *from < 0x7F ? (char)*from : ' ';
    title[n] = '\0';
    return true;
}
