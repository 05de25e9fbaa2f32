/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file table_write.h
 *  A ::stroma_table as CSV or TSV, and workbooks for Excel. The same input gives the same bytes.
 *  @since 0.1 */
#ifndef STROMA_TABLE_WRITE_H
#define STROMA_TABLE_WRITE_H
#include "stroma/buffer.h"
#include "stroma/table.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef struct stroma_table_write_options {
    uint32_t version;
    char delimiter; /**< 0: tab for a name in .tsv or .tab, else comma */
    char decimal;   /**< 0 or '.', or ',' */
    /** What stands in a cell of each ::stroma_cell_state. NULL: "<0.5" and ">100" for the limits,
     *  the value when PRESENT (this one cannot be changed), else nothing. */
    const char *states[STROMA_CELL_STATE_COUNT];
    bool overwrite; /**< replace an existing file */
} stroma_table_write_options;
#define STROMA_TABLE_WRITE_OPTIONS_INIT \
    {                                   \
        .version = 1                    \
    }

/** Append @p t as CSV (RFC 4180, UTF-8, lines end in LF): header, then a line a row. Cells are in
 *  quotes where they hold the delimiter, a quote, a line end, or blanks at an end. Numbers are the
 *  shortest text that reads back. A present empty text becomes "" and reads back as missing.
 *  @param opts may be NULL. Memory failures are in the status of @p out.
 *  Statuses: USAGE (delimiter and decimal mark are the same). */
STROMA_API STROMA_CHECK stroma_status
stroma_table_format_csv(const stroma_table *t, const stroma_table_write_options *opts,
                        stroma_buffer *out, stroma_error *err);
/** The same to a file, by a temporary file and a rename. Statuses: USAGE, IO, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_table_write_csv(const char *path,
                                                             const stroma_table *t,
                                                             const stroma_table_write_options *opts,
                                                             stroma_error *err);

/** An .xlsx file being written, sheet after sheet and row after row; rows do not stay in memory.
 *  Numbers are number cells. Texts are always string cells: one that begins with = + - or @ is
 *  never a formula. The creation date in the file is always 1980-01-01, so that the same input
 * gives the same bytes. The first failure is kept and comes back from stroma_workbook_close(). */
typedef struct stroma_workbook stroma_workbook;
/** @param path target, made only by stroma_workbook_close(). Statuses: USAGE (it exists and
 *  @p overwrite is false), IO, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_workbook_new(const char *path, bool overwrite,
                                                          stroma_workbook **out, stroma_error *err);
/** Begin a sheet. The name must be one that Excel takes: 1–31 characters, none of []:*?/\\, not
 * used before. @param headers bold first row, or NULL */
STROMA_API void stroma_workbook_sheet(stroma_workbook *w, const char *name,
                                      const char *const *headers, size_t headers_len);
/** Next cell of the row. NULL and "" leave it empty. */
STROMA_API void stroma_workbook_text(stroma_workbook *w, const char *text);
/** Next cell of the row. NaN and infinite values leave it empty. */
STROMA_API void stroma_workbook_number(stroma_workbook *w, double x);
STROMA_API void stroma_workbook_end_row(stroma_workbook *w);
/** A sheet with all of @p t: names in the first row, which stays in view; numbers as numbers, dates
 *  and times as Excel dates where Excel has them (1900-03-01 to 9999-12-31) and as ISO text
 *  elsewhere, limits as "<0.5", other states empty. */
STROMA_API void stroma_workbook_table(stroma_workbook *w, const char *name, const stroma_table *t);
/** Write the file and free @p w. Statuses: USAGE (a bad sheet name, more than 1048576 rows or 16384
 *  columns, a text of more than 32767 characters or not UTF-8), IO, NOMEM: then there is no file.
 */
STROMA_API STROMA_CHECK stroma_status stroma_workbook_close(stroma_workbook *w, stroma_error *err);
/** @p t as the only sheet, "data", of a workbook. Statuses as stroma_workbook_close(). */
STROMA_API STROMA_CHECK stroma_status stroma_table_write_xlsx(const stroma_table *t,
                                                              const char *path, bool overwrite,
                                                              stroma_error *err);
/** Give up without a file. NULL is fine. */
STROMA_API void stroma_workbook_free(stroma_workbook *w);
#ifdef __cplusplus
}
#endif
#endif
