/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file table_write.h
 *  A ::stroma_table to an Excel workbook. (CSV and TSV are written by the program.) @since 0.1 */
#ifndef STROMA_TABLE_WRITE_H
#define STROMA_TABLE_WRITE_H
#include "stroma/table.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Write @p t as the only sheet of a workbook: names in the first row, which stays in view; numbers
 * as numbers, dates and times as Excel dates where Excel has them (1900-03-01 to 9999-12-31) and as
 * ISO text elsewhere, texts as texts whatever they begin with (never a formula), cells without a
 * value empty, censored values as "<0.5". The same table gives the same bytes.
 *  @param overwrite false refuses an existing file
 *  Statuses: USAGE (the file exists, or Excel's limits are exceeded: 1 048 576 rows, 16 384
 * columns, 32 767 characters in a cell), IO, NOMEM. @since 0.1 */
STROMA_API STROMA_CHECK stroma_status stroma_table_write_xlsx(const stroma_table *t,
                                                              const char *path, bool overwrite,
                                                              stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
