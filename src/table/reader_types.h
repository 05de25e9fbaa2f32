/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STROMA_TABLE_READER_TYPES_H
#define STROMA_TABLE_READER_TYPES_H
#include "stroma/table_read.h"

/* Turn the columns of a typed file into the types that the caller declared: texts into numbers,
 * dates, date-times or times (CDISC's --DTC columns are texts), numbers into texts. A cell that
 * does not fit is a finding, and the status MALFORMED with the first of them; a declared type that
 * nothing leads to (a date as number) is INCONSISTENT. Columns that the file lacks are none of its
 * business. */
STROMA_CHECK stroma_status reader_apply_types(stroma_table *t,
                                              const stroma_table_read_options *opts,
                                              const char *file, stroma_diag *diag,
                                              stroma_error *err);
#endif
