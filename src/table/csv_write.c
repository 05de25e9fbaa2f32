/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/file.h"
#include "stroma/table_write.h"

#include <string.h>

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool needs_quotes(const char *s, size_t n, char delimiter)
{
    if (n == 0) return false;
    if (blank(s[0]) || blank(s[n - 1])) return true;
    if (strncmp(s, "\xEF\xBB\xBF", 3) == 0) return true; /* else a byte order mark in front */
    for (size_t i = 0; i < n; i++)
        if (s[i] == delimiter || s[i] == '"' || s[i] == '\n' || s[i] == '\r') return true;
    return false;
}

static void put_quoted(stroma_buffer *out, const char *s, size_t n)
{
    stroma_buffer_putc(out, '"');
    for (const char *end = s + n; s < end;) {
        const char *quote = memchr(s, '"', (size_t)(end - s));
        const char *to = quote == NULL ? end : quote + 1;
        stroma_buffer_append(out, s, (size_t)(to - s));
        if (quote != NULL) stroma_buffer_putc(out, '"');
        s = to;
    }
    stroma_buffer_putc(out, '"');
}

static void put(stroma_buffer *out, const char *s, char delimiter)
{
    const size_t n = strlen(s);
    if (needs_quotes(s, n, delimiter))
        put_quoted(out, s, n);
    else
        stroma_buffer_append(out, s, n);
}

static void put_cell(const stroma_table *t, size_t column, size_t row,
                     const stroma_table_write_options *o, stroma_buffer *out)
{
    char buf[STROMA_CELL_TEXT_MAX];
    const stroma_table_column *c = &t->columns[column];
    const stroma_cell_state state = stroma_table_state(t, column, row);
    const char *word = state == STROMA_PRESENT ? NULL : o->states[state];
    const char *text = word != NULL ? word : stroma_table_cell_text(t, column, row, buf);
    if (word == NULL && c->type == STROMA_COLUMN_NUMBER && o->decimal == ',') {
        char *point = strchr(buf, '.');
        if (point != NULL) *point = ',';
    }
    if (state == STROMA_PRESENT && text[0] == '\0')
        stroma_buffer_puts(out, "\"\"");
    else
        put(out, text, o->delimiter);
}

stroma_status stroma_table_format_csv(const stroma_table *t, const stroma_table_write_options *opts,
                                      stroma_buffer *out, stroma_error *err)
{
    stroma_table_write_options o = STROMA_TABLE_WRITE_OPTIONS_INIT;
    if (opts != NULL) o = *opts;
    if (o.delimiter == 0) o.delimiter = ',';
    if (o.decimal == o.delimiter)
        return stroma_fail(err, STROMA_E_USAGE, "'%c' cannot be delimiter and decimal mark at once",
                           o.decimal);
    for (size_t c = 0; c < t->columns_len; c++) {
        if (c > 0) stroma_buffer_putc(out, o.delimiter);
        put(out, t->columns[c].name, o.delimiter);
    }
    stroma_buffer_putc(out, '\n');
    for (size_t r = 0; r < t->rows_len; r++) {
        const size_t start = out->len;
        for (size_t c = 0; c < t->columns_len; c++) {
            if (c > 0) stroma_buffer_putc(out, o.delimiter);
            put_cell(t, c, r, &o, out);
        }
        /* an empty line would not be read as a row */
        if (out->len == start) stroma_buffer_puts(out, "\"\"");
        stroma_buffer_putc(out, '\n');
    }
    return STROMA_OK;
}

static bool ends_with(const char *name, const char *ending)
{
    const size_t n = strlen(name), k = strlen(ending);
    return n >= k && strcmp(name + n - k, ending) == 0;
}

stroma_status stroma_table_write_csv(const char *path, const stroma_table *t,
                                     const stroma_table_write_options *opts, stroma_error *err)
{
    stroma_table_write_options o = STROMA_TABLE_WRITE_OPTIONS_INIT;
    if (opts != NULL) o = *opts;
    if (o.delimiter == 0 && (ends_with(path, ".tsv") || ends_with(path, ".tab")))
        o.delimiter = '\t';
    stroma_buffer b;
    stroma_buffer_init(&b, SIZE_MAX / 4);
    stroma_status s = stroma_table_format_csv(t, &o, &b, err);
    if (s == STROMA_OK) s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK) s = stroma_file_write(path, b.data, b.len, o.overwrite, err);
    stroma_buffer_clear(&b);
    return s;
}
