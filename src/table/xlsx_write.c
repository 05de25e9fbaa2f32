/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/date.h"
#include "stroma/file.h"
#include "stroma/table_write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { ROWS_MAX = 1048576, COLUMNS_MAX = 16384, TEXT_MAX = 32767 };

/* Excel counts days from 1899-12-30, and believes that 1900 was a leap year: before March 1900 its
 * calendar is another one. */
#define EXCEL_EPOCH_DAYS 25569.0
#define EXCEL_FIRST      61.0
#define EXCEL_LAST       2958466.0

typedef struct sheet_formats {
    lxw_format *head, *date, *datetime, *time;
} sheet_formats;

static size_t text_characters(const char *s)
{
    size_t n = 0;
    for (; *s != '\0'; s++)
        n += ((unsigned char)*s & 0xC0U) != 0x80U;
    return n;
}

static stroma_status too_long(const stroma_table *t, size_t column, size_t row, size_t n,
                              stroma_error *err)
{
    return stroma_fail(err, STROMA_E_USAGE,
                       "column \"%s\", row %zu: a text of %zu characters; Excel takes %d",
                       t->columns[column].name, row + 1, n, TEXT_MAX);
}

/* Days since Excel's epoch of a date, date-time or time of day. */
static double excel_days(const stroma_column *c, double x)
{
    if (c->type == STROMA_COLUMN_DATE) return x + EXCEL_EPOCH_DAYS;
    if (c->type == STROMA_COLUMN_DATETIME) return x / 86400.0 + EXCEL_EPOCH_DAYS;
    return x / 86400.0;
}

static lxw_format *format_of(const sheet_formats *f, stroma_column_type type)
{
    switch (type) {
    case STROMA_COLUMN_DATE: return f->date;
    case STROMA_COLUMN_DATETIME: return f->datetime;
    case STROMA_COLUMN_TIME: return f->time;
    case STROMA_COLUMN_NUMBER:
    case STROMA_COLUMN_TEXT: break;
    }
    return NULL;
}

static bool excel_has(const stroma_column *c, double days)
{
    return c->type == STROMA_COLUMN_TIME ? days >= 0 : days >= EXCEL_FIRST && days < EXCEL_LAST;
}

static stroma_status put_cell(lxw_worksheet *w, const sheet_formats *f, const stroma_table *t,
                              size_t column, size_t row, stroma_error *err)
{
    const stroma_column *c = &t->columns[column];
    const bool present = stroma_table_state(t, column, row) == STROMA_PRESENT;
    const lxw_row_t r = (lxw_row_t)row + 1;
    const lxw_col_t k = (lxw_col_t)column;
    lxw_error e = LXW_NO_ERROR;
    if (present && c->type == STROMA_COLUMN_NUMBER) {
        e = worksheet_write_number(w, r, k, c->numbers[row], NULL);
    } else if (present && c->type != STROMA_COLUMN_TEXT &&
               excel_has(c, excel_days(c, c->numbers[row]))) {
        e = worksheet_write_number(w, r, k, excel_days(c, c->numbers[row]), format_of(f, c->type));
    } else {
        char buf[64];
        const char *text = stroma_table_cell_text(t, column, row, buf);
        const size_t n = text_characters(text);
        if (n > TEXT_MAX) return too_long(t, column, row, n, err);
        if (n > 0) e = worksheet_write_string(w, r, k, text, NULL);
    }
    if (e == LXW_NO_ERROR) return STROMA_OK;
    return stroma_fail(err, STROMA_E_IO, "could not write the workbook: %s", lxw_strerror(e));
}

static stroma_status fill(lxw_workbook *book, const stroma_table *t, stroma_error *err)
{
    lxw_worksheet *w = workbook_add_worksheet(book, "data");
    const sheet_formats f = { workbook_add_format(book), workbook_add_format(book),
                              workbook_add_format(book), workbook_add_format(book) };
    if (w == NULL || f.head == NULL || f.date == NULL || f.datetime == NULL || f.time == NULL)
        return stroma_no_memory(err);
    format_set_bold(f.head);
    format_set_num_format(f.date, "yyyy-mm-dd");
    format_set_num_format(f.datetime, "yyyy-mm-dd\\Thh:mm:ss");
    format_set_num_format(f.time, "[hh]:mm:ss");
    worksheet_freeze_panes(w, 1, 0);
    for (size_t c = 0; c < t->columns_len; c++) {
        (void)worksheet_write_string(w, 0, (lxw_col_t)c, t->columns[c].name, f.head);
        if (t->columns[c].type == STROMA_COLUMN_DATETIME)
            (void)worksheet_set_column(w, (lxw_col_t)c, (lxw_col_t)c, 19, NULL);
        else if (t->columns[c].type == STROMA_COLUMN_DATE)
            (void)worksheet_set_column(w, (lxw_col_t)c, (lxw_col_t)c, 11, NULL);
    }
    for (size_t row = 0; row < t->rows_len; row++)
        for (size_t c = 0; c < t->columns_len; c++)
            STROMA_TRY(put_cell(w, &f, t, c, row, err));
    return STROMA_OK;
}

/* The library writes to a path only: to a scratch file, which then goes the way of all outputs. */
static stroma_status write_scratch(const stroma_table *t, const char *scratch, stroma_error *err)
{
    lxw_workbook *book = workbook_new(scratch);
    if (book == NULL) return stroma_no_memory(err);
    lxw_doc_properties properties = { .created = 315532800 }; /* 1980-01-01: no clock in outputs */
    (void)workbook_set_properties(book, &properties);
    const stroma_status s = fill(book, t, err);
    const lxw_error e = workbook_close(book); /* frees it, also after a failure */
    if (s != STROMA_OK || e == LXW_NO_ERROR) return s;
    return stroma_fail(err, STROMA_E_IO, "could not write the workbook: %s", lxw_strerror(e));
}

stroma_status stroma_table_write_xlsx(const stroma_table *t, const char *path, bool overwrite,
                                      stroma_error *err)
{
    if (t->rows_len >= ROWS_MAX || t->columns_len > COLUMNS_MAX)
        return stroma_fail(err, STROMA_E_USAGE,
                           "the table has %zu rows and %zu columns; Excel takes %d and %d",
                           t->rows_len, t->columns_len, ROWS_MAX - 1, COLUMNS_MAX);
    if (!overwrite && stroma_path_exists(path))
        return stroma_fail(err, STROMA_E_USAGE, "the file \"%s\" exists", path);
    char *scratch = stroma_path_beside(path, ".stroma-XXXXXX");
    if (scratch == NULL) return stroma_no_memory(err);
    char text[128];
    stroma_status s = STROMA_OK;
    const int fd = mkstemp(scratch);
    if (fd < 0) {
        const int e = errno;
        s = stroma_fail(err, STROMA_E_IO, "could not write \"%s\": %s", path,
                        strerror_r(e, text, sizeof text));
    } else {
        (void)close(fd);
        s = write_scratch(t, scratch, err);
        stroma_bytes bytes = { 0 };
        if (s == STROMA_OK) s = stroma_bytes_read(scratch, 0, &bytes, err);
        if (s == STROMA_OK) s = stroma_file_write(path, bytes.data, bytes.size, overwrite, err);
        stroma_bytes_clear(&bytes);
        (void)unlink(scratch);
    }
    stroma_free(scratch);
    return s;
}
