/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of a SAS transport file (version 5 and 8), before any value is read. Layout:
 * docs/formats/xpt.md. All pointers are into the file's bytes. */
#ifndef STROMA_TABLE_XPT_LAYOUT_H
#define STROMA_TABLE_XPT_LAYOUT_H
#include "stroma/table_read.h"

enum { XPT_RECORD = 80, XPT_NAME_MAX = 32, XPT_FORMAT_MAX = 32 };

/* A piece of the file's text, trimmed of blanks. */
typedef struct xpt_text {
    const unsigned char *p;
    size_t n;
} xpt_text;

typedef struct xpt_variable {
    bool is_text;
    size_t width;    /* bytes in an observation */
    size_t position; /* of its first byte */
    xpt_text name, label, format;
    int format_width, format_decimals;
} xpt_variable;

typedef struct xpt_member {
    bool v8;
    size_t namestr_size; /* 140, or 136 from VAX/VMS */
    xpt_text name, label;
    size_t n_variables;
    const unsigned char *namestrs;
    int label_version;           /* 0 none, 8, 9 */
    size_t n_labels;             /* entries of the label record */
    const unsigned char *labels; /* up to labels_end */
    const unsigned char *labels_end;
    size_t first; /* byte offset of the first observation */
    size_t end;   /* of the byte after the last */
    bool rows_known;
    uint64_t rows_declared;
} xpt_member;

bool xpt_detect(const unsigned char *data, size_t size);
/* All members; free *out with stroma_free(). At least one, or an error. */
STROMA_CHECK stroma_status xpt_members(const unsigned char *data, size_t size, xpt_member **out,
                                       size_t *n, stroma_error *err);
/* The variables of @p m, checked; free *out with stroma_free(). @p row_bytes is the length of an
 * observation. @p in_order is false when the records name other positions. */
STROMA_CHECK stroma_status xpt_variables(const xpt_member *m, xpt_variable **out, size_t *row_bytes,
                                         bool *in_order, stroma_error *err);
/* Observations of @p m. @p padded is false when the last record is not filled up to 80 bytes. */
STROMA_CHECK stroma_status xpt_count_rows(const xpt_member *m, const unsigned char *data,
                                          size_t row_bytes, size_t *rows, bool *padded,
                                          stroma_error *err);
#endif
