/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of the report as TSV and as one workbook. */
#include "stroma/table_write.h"

#include "report_internal.h"

#include "stroma/number.h"

#include <string.h>

/* Is the printed text nothing but a number? Then the cell holds the number itself, unrounded. */
static bool plain_number(const report_cell *c)
{
    if (!c->is_number) return false;
    if (c->text == NULL) return true;
    const char *p = c->text;
    if (strncmp(p, "\xE2\x88\x92", 3) == 0) p += 3;
    double x = 0;
    return stroma_parse_double(p, strlen(p), '.', &x);
}

/* A tab or a line end inside a text would start a new cell or row. */
static void put_field(stroma_buffer *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        stroma_buffer_putc(out, *p == '\t' || *p == '\n' || *p == '\r' ? ' ' : *p);
}

static const char *column_title(const report_column *c, stroma_buffer *b)
{
    stroma_buffer_reset(b);
    stroma_buffer_puts(b, c->title);
    if (c->unit[0] != '\0') stroma_buffer_printf(b, " (%s)", c->unit);
    if (c->n >= 0) stroma_buffer_printf(b, " n = %lld", (long long)c->n);
    return b->data == NULL ? "" : b->data;
}

stroma_status report_table_tsv(const report_table *t, stroma_buffer *out, stroma_error *err)
{
    char number[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer title;
    stroma_buffer_init(&title, 1 << 16);
    for (size_t i = 0; i < t->n_columns; i++) {
        if (i > 0) stroma_buffer_putc(out, '\t');
        put_field(out, column_title(&t->columns[i], &title));
    }
    stroma_buffer_putc(out, '\n');
    const stroma_status s = stroma_buffer_status(&title, err);
    stroma_buffer_clear(&title);
    if (s != STROMA_OK) return s;
    for (size_t r = 0; r < t->n_rows; r++) {
        for (size_t i = 0; i < t->n_columns; i++) {
            const report_cell *c = &t->rows[r].cells[i];
            if (i > 0) stroma_buffer_putc(out, '\t');
            put_field(out, plain_number(c) ? stroma_format_double(c->number, number)
                                           : report_cell_print(t, i, c, number));
        }
        stroma_buffer_putc(out, '\n');
    }
    return stroma_buffer_status(out, err);
}

/* Names of sheets: what Excel takes, and each once. */
static void sheet_name(const report_sheet *sheets, size_t at, char out[32])
{
    size_t n = 0;
    for (const char *p = sheets[at].item_id; *p != '\0' && n < 27; p++)
        out[n++] =
            (char)(((unsigned char)*p & 0x80) != 0 || strchr("[]:*?/\\'", *p) != NULL ? '_' : *p);
    out[n] = '\0';
    if (n == 0 || strcmp(sheets[at].item_id, out) != 0) /* changed: the number makes it its own */
        (void)snprintf(out + n, 32 - n, "%zu", at + 1);
}

static void put_sheet(stroma_workbook *w, const char *name, const report_sheet *sheet,
                      stroma_buffer *title)
{
    const report_table *t = sheet->table;
    char number[STROMA_NUMBER_TEXT_MAX];
    stroma_workbook_sheet(w, name, NULL, 0);
    stroma_workbook_text(w, sheet->title);
    stroma_workbook_end_row(w);
    if (sheet->caption != NULL && sheet->caption[0] != '\0') {
        stroma_workbook_text(w, sheet->caption);
        stroma_workbook_end_row(w);
    }
    for (size_t i = 0; i < t->n_columns; i++)
        stroma_workbook_text(w, column_title(&t->columns[i], title));
    stroma_workbook_end_row(w);
    for (size_t r = 0; r < t->n_rows; r++) {
        for (size_t i = 0; i < t->n_columns; i++) {
            const report_cell *c = &t->rows[r].cells[i];
            if (plain_number(c))
                stroma_workbook_number(w, c->number);
            else
                stroma_workbook_text(w, report_cell_print(t, i, c, number));
        }
        stroma_workbook_end_row(w);
    }
    if (t->note == NULL) return;
    stroma_workbook_text(w, t->note);
    stroma_workbook_end_row(w);
}

stroma_status report_tables_xlsx(const report_sheet *sheets, size_t n, const char *path,
                                 stroma_error *err)
{
    stroma_workbook *w = NULL;
    stroma_buffer title;
    STROMA_TRY(stroma_workbook_new(path, true, &w, err));
    stroma_buffer_init(&title, 1 << 16);
    for (size_t i = 0; i < n; i++) {
        char name[32];
        sheet_name(sheets, i, name);
        put_sheet(w, name, &sheets[i], &title);
    }
    const stroma_status s = stroma_buffer_status(&title, err);
    stroma_buffer_clear(&title);
    if (s != STROMA_OK) {
        stroma_workbook_free(w);
        return s;
    }
    return stroma_workbook_close(w, err);
}
