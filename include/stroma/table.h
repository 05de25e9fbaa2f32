/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file table.h
 *  A columnar table in which every cell has a state. State is not NaN: a value that was never
 *  measured, one below the detection limit and one that cannot be computed are different facts
 *  (DESIGN.md §3). Columns are open structs because columns are the interface. @since 0.1 */
#ifndef STROMA_TABLE_H
#define STROMA_TABLE_H
#include "stroma/diag.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_cell_state {
    STROMA_PRESENT,
    STROMA_MISSING,        /**< empty, or a declared missing code */
    STROMA_NOT_DONE,       /**< recorded as not done */
    STROMA_NOT_APPLICABLE, /**< has no meaning here */
    STROMA_BELOW_LIMIT,    /**< left-censored: the number is the limit ("<0.5" → 0.5) */
    STROMA_ABOVE_LIMIT,    /**< right-censored: the number is the limit (">100" → 100) */
    STROMA_EXCLUDED,       /**< measured, and taken out for a stated reason */
    STROMA_NOT_ESTIMABLE   /**< derived, and the inputs do not allow it */
} stroma_cell_state;
enum { STROMA_CELL_STATE_COUNT = STROMA_NOT_ESTIMABLE + 1 };
/** "present", "missing", "not_done", "not_applicable", "below_limit", … Never NULL. */
STROMA_API const char *stroma_cell_state_name(stroma_cell_state s);
STROMA_API bool stroma_cell_state_parse(const char *name, stroma_cell_state *out);

typedef enum stroma_column_type {
    STROMA_COLUMN_NUMBER,
    STROMA_COLUMN_TEXT,
    STROMA_COLUMN_DATE,     /**< number = days since 1970-01-01 */
    STROMA_COLUMN_DATETIME, /**< number = seconds since 1970-01-01T00:00:00 */
    STROMA_COLUMN_TIME      /**< number = seconds since midnight */
} stroma_column_type;
STROMA_API const char *stroma_column_type_name(stroma_column_type t);

/** A word for a value ("1" = "male"), as SPSS, SAS and Stata carry them. */
typedef struct stroma_value_label {
    double number;    /**< when text is NULL */
    const char *text; /**< value of a text column, or NULL */
    const char *label;
    char tag; /**< letter of a tagged missing value (.a–.z), else 0 */
} stroma_value_label;

typedef struct stroma_table_column {
    const char *name;   /**< as in the file, never NULL */
    const char *label;  /**< long name, or NULL */
    const char *unit;   /**< or NULL */
    const char *format; /**< display format of the source ("DATE9."), or NULL */
    stroma_column_type type;
    double *numbers;         /**< n_rows; NULL in a text column. 0 where the state has no number */
    int32_t *codes;          /**< text column: index into dictionary, -1 without text; else NULL */
    const char **dictionary; /**< distinct texts, in order of first appearance */
    size_t dictionary_len;
    uint8_t *states; /**< n_rows of ::stroma_cell_state */
    char *tags;      /**< n_rows tagged-missing letters ('a'–'z', '_'), or NULL when none */
    stroma_value_label *value_labels;
    size_t value_labels_len;
    size_t value_labels_capacity;    /* internal */
    size_t dictionary_capacity;      /* internal */
    struct stroma_text_index *index; /* internal: text → code */
} stroma_table_column;

typedef struct stroma_table {
    const char *source; /**< path it was read from, or NULL */
    const char *name;   /**< data set name inside the file, or NULL */
    const char *label;
    stroma_table_column *columns;
    size_t columns_len;
    size_t rows_len;
    int64_t *source_rows; /**< rows_len: 1-based line of a text file (where the record starts) or
                               record number of a binary one */
    size_t columns_capacity, rows_capacity; /* internal */
    struct stroma_text_index *names;        /* internal: column name → index */
    stroma_arena arena; /* names, labels, dictionary texts; its limit is what the cells leave */
} stroma_table;

/** Empty table. @p limit_bytes caps cells and texts together (0 = 8 GiB). */
STROMA_API STROMA_CHECK stroma_status stroma_table_new(size_t limit_bytes, stroma_table **out,
                                                       stroma_error *err);
/** Free the table and all it owns. NULL is fine. */
STROMA_API void stroma_table_free(stroma_table *t);
/** Copy of a text that lives as long as the table, for labels, units, formats and the like.
 *  @p s NULL gives *out NULL. Statuses: NOMEM (also beyond the table's limit). */
STROMA_API STROMA_CHECK stroma_status stroma_table_keep(stroma_table *t, const char *s,
                                                        const char **out, stroma_error *err);
/** Add a column whose existing rows are missing. @p out_idx may be NULL.
 *  Statuses: USAGE (the name is taken), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_table_add_column(stroma_table *t, const char *name,
                                                              stroma_column_type type,
                                                              size_t *out_idx, stroma_error *err);
/** Add @p n rows of missing cells with source row 0. Statuses: NOMEM (also beyond the limit). */
STROMA_API STROMA_CHECK stroma_status stroma_table_add_rows(stroma_table *t, size_t n,
                                                            stroma_error *err);
/** @return the column index, or SIZE_MAX. Exact name; then ignoring ASCII case. */
STROMA_API size_t stroma_table_find(const stroma_table *t, const char *column);
/** Column and row must exist; the column must not be a text column. The state becomes PRESENT;
 *  a NaN or infinite @p x becomes NOT_ESTIMABLE. */
STROMA_API void stroma_table_set_number(stroma_table *t, size_t column, size_t row, double x);
/** @param limit kept for BELOW_LIMIT and ABOVE_LIMIT of a column of numbers, else ignored. For
 *  EXCLUDED the number or text that stands in the cell stays; for all other states it goes. */
STROMA_API void stroma_table_set_state(stroma_table *t, size_t column, size_t row,
                                       stroma_cell_state state, double limit);
/** Letter of a tagged missing value ('a'–'z', '_'); the state becomes MISSING. Statuses: NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_table_set_tag(stroma_table *t, size_t column,
                                                           size_t row, char tag, stroma_error *err);
/** Put a text into a text column; the bytes are copied once per distinct text. @p s NULL makes the
 *  cell missing; "" is a present empty text. Statuses: USAGE (a NUL byte inside), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_table_set_text(stroma_table *t, size_t column,
                                                            size_t row, const char *s, size_t n,
                                                            stroma_error *err);
/** Add a word for a value; texts are copied. Statuses: NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_table_add_value_label(stroma_table *t, size_t column,
                                                                   const stroma_value_label *label,
                                                                   stroma_error *err);
/** Text of a text cell, or NULL when it has none. Borrowed. */
STROMA_API const char *stroma_table_text(const stroma_table *t, size_t column, size_t row);
/** The number when the state is PRESENT, else NaN. */
STROMA_API double stroma_table_number(const stroma_table *t, size_t column, size_t row);
STROMA_API stroma_cell_state stroma_table_state(const stroma_table *t, size_t column, size_t row);
enum { STROMA_CELL_TEXT_MAX = 64 };
/** Any cell as text: numbers shortest, dates ISO, "<0.5", states other than present and the limits
 *  as "". @param buf at least STROMA_CELL_TEXT_MAX bytes. @return buf or the dictionary text. */
STROMA_API const char *stroma_table_cell_text(const stroma_table *t, size_t column, size_t row,
                                              char *buf);
#ifdef __cplusplus
}
#endif
#endif
