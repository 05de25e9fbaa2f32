/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The column descriptions of CDISC Dataset-JSON 1.1. */
#ifndef STROMA_TABLE_DATASETJSON_COLUMNS_H
#define STROMA_TABLE_DATASETJSON_COLUMNS_H
#include "stroma/table_read.h"

#include <jansson.h>

typedef enum dsj_kind {
    DSJ_TEXT,
    DSJ_INTEGER,
    DSJ_FLOAT,
    DSJ_DECIMAL, /* a number written as a text */
    DSJ_BOOLEAN,
    DSJ_DATE,
    DSJ_DATETIME,
    DSJ_TIME
} dsj_kind;

typedef struct dsj_column {
    dsj_kind kind;
    const char *name, *label, *format, *type_name; /* borrowed from the JSON value */
    bool as_text;       /* some value is not a complete date: the column stays text */
    size_t idx;         /* in the table, SIZE_MAX when not kept */
    size_t n_not_whole; /* numbers with decimals in an integer column */
} dsj_column;

/* Describe every column of the "columns" array; free *out with stroma_free(). */
STROMA_CHECK stroma_status dsj_columns_parse(const json_t *columns, dsj_column **out, size_t *n,
                                             stroma_error *err);
/* Type in the table. */
stroma_column_type dsj_column_type(const dsj_column *c);
#endif
