/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of typed files (SAS, SPSS, Stata, Dataset-JSON) share. */
#ifndef STROMA_TABLE_READER_COMMON_H
#define STROMA_TABLE_READER_COMMON_H
#include "stroma/table_read.h"

/* Is the column wanted? Without a list, every column is. */
bool reader_keeps(const stroma_table_read_options *opts, const char *name);
/* Every wanted column has been found, else STROMA_E_USAGE naming the first that has not. */
STROMA_CHECK stroma_status reader_check_keep(const stroma_table_read_options *opts,
                                             const stroma_table *t, stroma_error *err);
/* Add a finding about the file, or about one column of it. */
void reader_find(stroma_diag *diag, const char *file, const char *code, stroma_severity severity,
                 const char *column, const char *message);
/* A number; a date that no calendar reaches, or what is not a number, is not estimable, with a
 * finding. */
void reader_set_number(stroma_table *t, size_t column, size_t row, double x, stroma_diag *diag,
                       const char *file);
/* A text; "" and the texts that the caller declared become missing or not done. */
STROMA_CHECK stroma_status reader_set_text(stroma_table *t, size_t column, size_t row,
                                           const char *s, size_t n,
                                           const stroma_table_read_options *opts,
                                           stroma_error *err);
/* "<title>" of an HTML page; false when the bytes are not one. */
bool reader_html_title(const unsigned char *data, size_t size, char *title, size_t title_size);
#endif
