/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which columns of a table feed which inputs of a score. */
#ifndef STROMA_CLI_SCORE_COLUMNS_H
#define STROMA_CLI_SCORE_COLUMNS_H
#include "stroma/buffer.h"
#include "stroma/score.h"
#include "stroma/table.h"

typedef struct score_columns {
    const stroma_score *score;
    char decimal;
    /* per input: its own column, or one a place or member; SIZE_MAX where there is none */
    size_t column[STROMA_SCORE_INPUTS_MAX];
    bool by_item[STROMA_SCORE_INPUTS_MAX];
    size_t item[STROMA_SCORE_INPUTS_MAX][STROMA_SCORE_ITEMS_MAX];
} score_columns;

/* Read a file; among , ; tab | the delimiter is the one that gives the header most of the score's
 * names, because in-cell lists have bars of their own. decimal 0 detects. */
stroma_status score_columns_read(const stroma_score *score, const char *path, char decimal,
                                 stroma_table **out, stroma_diag *found, stroma_error *err);
/* decimal 0: found from the cells. USAGE when a needed column is not there, naming it and the
 * nearest one. */
stroma_status score_columns_bind(const stroma_score *score, const stroma_table *table, char decimal,
                                 score_columns *out, stroma_error *err);
/* "subject, visit": names of columns that feed nothing. */
void score_columns_ignored(const score_columns *columns, const stroma_table *table,
                           stroma_buffer *out);
stroma_status score_columns_compute(const score_columns *columns, const stroma_table *table,
                                    size_t row, const stroma_score_options *opts,
                                    stroma_score_result *out, stroma_error *err);
#endif
