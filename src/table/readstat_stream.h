/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The library's end of the stream that stroma-readstat writes (readstat_helper/stream.h). The
 * helper reads crafted files and may be taken over by one: no byte of the stream is believed before
 * it has been checked. */
#ifndef STROMA_TABLE_READSTAT_PARSER_H
#define STROMA_TABLE_READSTAT_PARSER_H
#include "stroma/buffer.h"
#include "stroma/table_read.h"

typedef enum rs_family { RS_SAS, RS_SPSS, RS_STATA } rs_family;

/* Labels by the name of their set, as they come. */
typedef struct rs_label {
    const char *set;
    stroma_value_label label;
} rs_label;

typedef struct rs_labels {
    rs_label *items;
    size_t len, capacity;
    stroma_arena arena;
} rs_labels;

typedef struct rs_variable {
    bool is_text;
    size_t column;   /* in the table, SIZE_MAX when not kept */
    const char *set; /* name of its label set, or NULL */
} rs_variable;

typedef struct rs_stream {
    const char *file;
    rs_family family;
    const stroma_table_read_options *opts;
    stroma_diag *diag;
    stroma_table *t;
    stroma_buffer waiting; /* bytes of a record that is not complete */
    size_t at;             /* of them, already used */
    bool greeted, has_metadata, ended;
    size_t variables_declared;
    rs_variable *variables;
    size_t variables_len, variables_capacity;
    rs_labels labels;
    stroma_buffer text;
    bool recoded; /* some text was not UTF-8 */
} rs_stream;

void rs_stream_init(rs_stream *s, const char *file, rs_family family,
                    const stroma_table_read_options *opts, stroma_diag *diag);
/* Take the next bytes, in pieces of any size. */
STROMA_CHECK stroma_status rs_stream_feed(rs_stream *s, const void *data, size_t n,
                                          stroma_error *err);
/* All bytes were fed: check that the stream is complete. */
STROMA_CHECK stroma_status rs_stream_check_end(const rs_stream *s, stroma_error *err);
/* Put the labels of @p labels (of this stream, or of a catalog) on the columns that name their set.
 */
STROMA_CHECK stroma_status rs_stream_apply_labels(rs_stream *s, const rs_labels *labels,
                                                  stroma_error *err);
/* The table, which is the caller's from now on. */
stroma_table *rs_stream_take(rs_stream *s);
void rs_stream_clear(rs_stream *s);
#endif
