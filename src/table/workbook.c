/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/file.h"
#include "stroma/memory.h"
#include "stroma/table_write.h"
#include "stroma/utf8.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { ROWS_MAX = 1048576, COLUMNS_MAX = 16384 };

/* 1980-01-01T00:00:00Z: a file made twice has the same bytes. */
#define CREATED_S ((time_t)315532800)

/* Excel counts days from 1899-12-30, and believes that 1900 was a leap year: before March 1900 its
 * calendar is another one. */
#define EXCEL_EPOCH_DAYS 25569.0
#define EXCEL_FIRST      61.0
#define EXCEL_LAST       2958466.0

typedef struct book_formats {
    lxw_format *bold, *date, *datetime, *time;
} book_formats;

struct stroma_workbook {
    char *path;      /* target */
    char *temporary; /* libxlsxwriter writes here, beside the target */
    bool overwrite;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    book_formats formats;
    char *sheet_name;
    size_t row, column;
    stroma_status status;
    stroma_error err;
};

static void fail(stroma_workbook *w, stroma_status s, const char *what)
{
    if (w->status == STROMA_OK)
        w->status = stroma_fail(&w->err, s, "sheet \"%s\", row %zu, column %zu: %s",
                                w->sheet_name == NULL ? "" : w->sheet_name, w->row + 1,
                                w->column + 1, what);
}

static void check(stroma_workbook *w, lxw_error e)
{
    if (e == LXW_NO_ERROR) return;
    const bool io = e == LXW_ERROR_CREATING_XLSX_FILE || e == LXW_ERROR_CREATING_TMPFILE ||
                    e == LXW_ERROR_READING_TMPFILE ||
                    (e >= LXW_ERROR_ZIP_FILE_OPERATION && e <= LXW_ERROR_ZIP_CLOSE);
    const stroma_status s = e == LXW_ERROR_MEMORY_MALLOC_FAILED ? STROMA_E_NOMEM
                            : io                                ? STROMA_E_IO
                                                                : STROMA_E_USAGE;
    fail(w, s, lxw_strerror(e));
}

static stroma_status open_book(stroma_workbook *w, const char *path, stroma_error *err)
{
    w->path = stroma_strdup(path);
    w->temporary = stroma_asprintf("%s.tmp-XXXXXX", path);
    if (w->path == NULL || w->temporary == NULL) return stroma_no_memory(err);
    const int fd = mkstemp(w->temporary); /* also proves that the folder can be written */
    if (fd < 0) {
        char text[128];
        const char *why = strerror_r(errno, text, sizeof text);
        w->temporary[0] = '\0';
        return stroma_fail(err, STROMA_E_IO, "could not create a file beside it: %s", why);
    }
    (void)close(fd);
    lxw_workbook_options o = { .constant_memory = LXW_TRUE };
    w->book = workbook_new_opt(w->temporary, &o);
    if (w->book == NULL) return stroma_no_memory(err);
    lxw_doc_properties p = { .created = CREATED_S };
    check(w, workbook_set_properties(w->book, &p));
    w->formats = (book_formats){ workbook_add_format(w->book), workbook_add_format(w->book),
                                 workbook_add_format(w->book), workbook_add_format(w->book) };
    const book_formats *f = &w->formats;
    if (f->bold == NULL || f->date == NULL || f->datetime == NULL || f->time == NULL)
        return stroma_no_memory(err);
    format_set_bold(f->bold);
    format_set_num_format(f->date, "yyyy-mm-dd");
    format_set_num_format(f->datetime, "yyyy-mm-dd\\Thh:mm:ss");
    format_set_num_format(f->time, "[hh]:mm:ss");
    return STROMA_OK;
}

stroma_status stroma_workbook_new(const char *path, bool overwrite, stroma_workbook **out,
                                  stroma_error *err)
{
    *out = NULL;
    if (!overwrite && stroma_path_exists(path)) {
        stroma_fail(err, STROMA_E_USAGE, "file \"%s\" exists", path);
        stroma_hint(err, "give another name, or --force to replace it");
        return STROMA_E_USAGE;
    }
    stroma_workbook *w = stroma_alloc_array(1, sizeof *w);
    if (w == NULL) return stroma_no_memory(err);
    w->overwrite = overwrite;
    w->err = (stroma_error)STROMA_ERROR_INIT;
    const stroma_status s = open_book(w, path, err);
    if (s != STROMA_OK) {
        stroma_workbook_free(w);
        return stroma_in(err, s, "file \"%s\"", path);
    }
    *out = w;
    return STROMA_OK;
}

/* Where the next cell goes; false when there is no such place. */
static bool place(stroma_workbook *w)
{
    if (w->status == STROMA_OK && w->sheet == NULL)
        fail(w, STROMA_E_INTERNAL, "a cell was written before the first sheet");
    if (w->column >= COLUMNS_MAX) fail(w, STROMA_E_USAGE, "more than 16384 columns");
    if (w->row >= ROWS_MAX) fail(w, STROMA_E_USAGE, "more than 1048576 rows");
    return w->status == STROMA_OK;
}

/* Excel takes 32767 UTF-16 units in a cell: a longer text is cut, and says so. @return false when
 * there is no memory. */
static bool cut_text(stroma_workbook *w, const char *text, char **cut)
{
    enum { KEPT_UNITS = 32700 };
    size_t units = 0, kept = 0, n = 0;
    for (; text[n] != '\0'; n++) {
        const unsigned char c = (unsigned char)text[n];
        if ((c & 0xC0U) == 0x80U) continue;
        if (units <= KEPT_UNITS) kept = n;
        units += c >= 0xF0U ? 2 : 1;
    }
    if (units <= 32767) return true;
    *cut = stroma_asprintf("%.*s\xE2\x80\xA6 [cut: %zu bytes]", (int)kept, text, n);
    if (*cut == NULL) fail(w, STROMA_E_NOMEM, "out of memory");
    return *cut != NULL;
}

static void put_text(stroma_workbook *w, const char *text, lxw_format *format)
{
    if (!place(w)) return;
    if (text != NULL && text[0] != '\0') {
        char *cut = NULL;
        if (!stroma_utf8_valid(text, strlen(text)))
            fail(w, STROMA_E_USAGE, "a text is not UTF-8");
        else if (cut_text(w, text, &cut))
            check(w, worksheet_write_string(w->sheet, (lxw_row_t)w->row, (lxw_col_t)w->column,
                                            cut == NULL ? text : cut, format));
        stroma_free(cut);
    }
    w->column++;
}

void stroma_workbook_text(stroma_workbook *w, const char *text)
{
    put_text(w, text, NULL);
}

static void put_number(stroma_workbook *w, double x, lxw_format *format)
{
    if (!place(w)) return;
    if (isfinite(x))
        check(w,
              worksheet_write_number(w->sheet, (lxw_row_t)w->row, (lxw_col_t)w->column, x, format));
    w->column++;
}

void stroma_workbook_number(stroma_workbook *w, double x)
{
    put_number(w, x, NULL);
}

void stroma_workbook_end_row(stroma_workbook *w)
{
    w->row++;
    w->column = 0;
}

void stroma_workbook_sheet(stroma_workbook *w, const char *name, const char *const *headers,
                           size_t headers_len)
{
    if (w->status != STROMA_OK) return;
    stroma_free(w->sheet_name);
    w->sheet_name = stroma_strdup(name);
    w->sheet = NULL;
    w->row = w->column = 0;
    if (!stroma_utf8_valid(name, strlen(name)))
        fail(w, STROMA_E_USAGE, "a sheet name is not UTF-8");
    else if (name[0] == '\0')
        fail(w, STROMA_E_USAGE, "a sheet name is empty");
    else
        check(w, workbook_validate_sheet_name(w->book, name));
    if (w->status != STROMA_OK) return;
    w->sheet = workbook_add_worksheet(w->book, name);
    if (w->sheet == NULL) fail(w, STROMA_E_NOMEM, "memory ran out");
    for (size_t i = 0; i < headers_len; i++)
        put_text(w, headers[i], w->formats.bold);
    if (headers_len > 0) {
        stroma_workbook_end_row(w);
        if (w->sheet != NULL) worksheet_freeze_panes(w->sheet, 1, 0);
    }
}

/* A date, date-time or time of day in Excel's days; false when Excel has no such day. */
static bool excel_days(const stroma_table_column *c, double x, double *out)
{
    *out = c->type == STROMA_COLUMN_DATE       ? x + EXCEL_EPOCH_DAYS
           : c->type == STROMA_COLUMN_DATETIME ? x / 86400.0 + EXCEL_EPOCH_DAYS
                                               : x / 86400.0;
    return c->type == STROMA_COLUMN_TIME ? *out >= 0 : *out >= EXCEL_FIRST && *out < EXCEL_LAST;
}

static void put_table_cell(stroma_workbook *w, const stroma_table *t, size_t column, size_t row)
{
    const stroma_table_column *c = &t->columns[column];
    char buf[STROMA_CELL_TEXT_MAX];
    double days = 0;
    if (stroma_table_state(t, column, row) != STROMA_PRESENT || c->type == STROMA_COLUMN_TEXT)
        put_text(w, stroma_table_cell_text(t, column, row, buf), NULL);
    else if (c->type == STROMA_COLUMN_NUMBER)
        put_number(w, c->numbers[row], NULL);
    else if (!excel_days(c, c->numbers[row], &days))
        put_text(w, stroma_table_cell_text(t, column, row, buf), NULL);
    else
        put_number(w, days,
                   c->type == STROMA_COLUMN_DATE       ? w->formats.date
                   : c->type == STROMA_COLUMN_DATETIME ? w->formats.datetime
                                                       : w->formats.time);
}

static void widen_dates(const stroma_workbook *w, const stroma_table *t)
{
    for (size_t c = 0; c < t->columns_len && w->sheet != NULL; c++) {
        const lxw_col_t k = (lxw_col_t)c;
        if (t->columns[c].type == STROMA_COLUMN_DATETIME)
            (void)worksheet_set_column(w->sheet, k, k, 19, NULL);
        else if (t->columns[c].type == STROMA_COLUMN_DATE)
            (void)worksheet_set_column(w->sheet, k, k, 11, NULL);
    }
}

void stroma_workbook_table(stroma_workbook *w, const char *name, const stroma_table *t)
{
    stroma_workbook_sheet(w, name, NULL, 0);
    if (w->status != STROMA_OK) return;
    if (t->rows_len >= ROWS_MAX)
        fail(w, STROMA_E_USAGE, "the table has more rows than Excel takes");
    if (t->columns_len > COLUMNS_MAX)
        fail(w, STROMA_E_USAGE, "the table has more columns than Excel takes");
    if (w->status != STROMA_OK) return;
    widen_dates(w, t);
    for (size_t c = 0; c < t->columns_len; c++)
        put_text(w, t->columns[c].name, w->formats.bold);
    stroma_workbook_end_row(w);
    worksheet_freeze_panes(w->sheet, 1, 0);
    for (size_t r = 0; r < t->rows_len && w->status == STROMA_OK; r++) {
        for (size_t c = 0; c < t->columns_len; c++)
            put_table_cell(w, t, c, r);
        stroma_workbook_end_row(w);
    }
}

static stroma_status move_into_place(const stroma_workbook *w, stroma_error *err)
{
    stroma_bytes bytes;
    STROMA_TRY(stroma_bytes_read(w->temporary, 0, &bytes, err));
    const stroma_status s = stroma_file_write(w->path, bytes.data, bytes.size, w->overwrite, err);
    stroma_bytes_clear(&bytes);
    return s;
}

stroma_status stroma_workbook_close(stroma_workbook *w, stroma_error *err)
{
    if (w->status == STROMA_OK && w->sheet == NULL)
        w->status = stroma_fail(&w->err, STROMA_E_USAGE, "a workbook needs at least one sheet");
    if (w->status == STROMA_OK) {
        lxw_workbook *book = w->book;
        w->book = NULL;
        check(w, workbook_close(book)); /* frees it in any case */
    }
    stroma_status s = w->status;
    if (s == STROMA_OK)
        s = move_into_place(w, err);
    else if (err != NULL)
        *err = w->err;
    if (s != STROMA_OK && w->status != STROMA_OK) (void)stroma_in(err, s, "file \"%s\"", w->path);
    stroma_workbook_free(w);
    return s;
}

stroma_status stroma_table_write_xlsx(const stroma_table *t, const char *path, bool overwrite,
                                      stroma_error *err)
{
    stroma_workbook *w = NULL;
    STROMA_TRY(stroma_workbook_new(path, overwrite, &w, err));
    stroma_workbook_table(w, "data", t);
    return stroma_workbook_close(w, err);
}

void stroma_workbook_free(stroma_workbook *w)
{
    if (w == NULL) return;
    if (w->book != NULL) lxw_workbook_free(w->book);
    if (w->temporary != NULL && w->temporary[0] != '\0') (void)unlink(w->temporary);
    stroma_free(w->path);
    stroma_free(w->temporary);
    stroma_free(w->sheet_name);
    stroma_free(w);
}
