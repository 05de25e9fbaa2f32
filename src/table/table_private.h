/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the readers of this module may do with a table beyond the public header. */
#ifndef STROMA_TABLE_PRIVATE_H
#define STROMA_TABLE_PRIVATE_H
#include "dictionary.h"

#include "stroma/table.h"

/* Take `bytes` for cells off the table's limit. */
STROMA_CHECK stroma_status stroma_table_claim(stroma_table *t, size_t bytes, stroma_error *err);
/* Word the failure of an arena allocation of `need` bytes: limit or memory. */
stroma_status stroma_table_no_room(const stroma_table *t, size_t need, stroma_error *err);
/* Bytes one row of such a column takes. */
size_t stroma_column_row_bytes(stroma_column_type type);
/* Does the table's limit allow room for so many rows? */
bool stroma_table_fits(const stroma_table *t, size_t capacity);
/* Room for exactly `capacity` rows, at least rows_len. */
STROMA_CHECK stroma_status stroma_table_reserve(stroma_table *t, size_t capacity,
                                                stroma_error *err);
/* Make a column one of another type: the states stay, the values go. After a failure the table can
 * only be freed. */
STROMA_CHECK stroma_status stroma_column_retype(stroma_table *t, size_t column,
                                                stroma_column_type type, stroma_error *err);
/* Code of a text in a text column, added when new. */
STROMA_CHECK stroma_status stroma_column_intern(stroma_table *t, stroma_table_column *c,
                                                const char *s, size_t n, int32_t *out,
                                                stroma_error *err);
#endif
