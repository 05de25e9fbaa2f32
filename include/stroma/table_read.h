/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file table_read.h
 *  Any tabular file to a ::stroma_table. The format is recognised from the bytes, the extension
 * only breaks ties; a refusal says what each reader saw. @since 0.1 */
#ifndef STROMA_TABLE_READ_H
#define STROMA_TABLE_READ_H
#include "stroma/table.h"
#ifdef __cplusplus
extern "C" {
#endif
/** What a caller knows about a column before reading. */
typedef struct stroma_column_spec {
    const char *name;
    bool typed; /**< true: a cell that does not fit @p type is an error */
    stroma_column_type type;
} stroma_column_spec;

typedef struct stroma_table_read_options {
    uint32_t version;
    const char
        *format; /**< NULL detects; "csv", "xpt", "sas7bdat", "sav", "por", "dta", "dataset-json" */
    char delimiter; /**< 0 detects among , ; tab | */
    char decimal;   /**< 0 detects; '.' or ',' */
    const char *const
        *missing; /**< further texts that mean missing ("NA", "-99"); "" always does */
    size_t missing_len;
    const char *const *not_done; /**< texts that mean not done ("ND") */
    size_t not_done_len;
    const stroma_column_spec *columns; /**< types of columns that are known */
    size_t columns_len;
    const char *const *keep; /**< only these columns, or all when keep_len is 0 */
    size_t keep_len;
    size_t max_bytes;   /**< memory ceiling for the table, 0 = 8 GiB */
    int threads;        /**< 0 = as many as there are cores */
    const char *helper; /**< path of the stroma-readstat program, NULL finds the installed one */
    const char *member; /**< data set of a SAS transport file that holds several, NULL the first */
    const char
        *catalog; /**< SAS catalog (.sas7bcat) with the value labels of a .sas7bdat, or NULL */
} stroma_table_read_options;
#define STROMA_TABLE_READ_OPTIONS_INIT \
    {                                  \
        .version = 1                   \
    }

/** Read @p path ("-" is standard input).
 *  @param opts may be NULL
 *  @param diag recoverable oddities (may be NULL)
 *  Statuses: IO, MALFORMED (line and column, or byte, set in @p err), USAGE, NOMEM. On failure
 *  *out is NULL. Cells that do not fit a declared type are all added to @p diag and the status is
 *  MALFORMED with the first of them in @p err. */
STROMA_API STROMA_CHECK stroma_status stroma_table_read(const char *path,
                                                        const stroma_table_read_options *opts,
                                                        stroma_table **out, stroma_diag *diag,
                                                        stroma_error *err);
/** The same from memory; @p name stands in messages and decides ties as a file name would. */
STROMA_API STROMA_CHECK stroma_status stroma_table_read_bytes(const char *name, const void *data,
                                                              size_t size,
                                                              const stroma_table_read_options *opts,
                                                              stroma_table **out, stroma_diag *diag,
                                                              stroma_error *err);
/** The codes of findings that readers of tables add. @param n how many. Static. */
STROMA_API const stroma_code *stroma_table_codes(size_t *n);
/** The same for files other than CSV. */
STROMA_API const stroma_code *stroma_table_file_codes(size_t *n);
/** @return true when the table has a column that REDCap adds to its exports: redcap_event_name,
 *  redcap_repeat_instrument or redcap_repeat_instance. Then one subject has several rows, told
 *  apart by these columns. */
STROMA_API bool stroma_table_is_redcap(const stroma_table *t);
#ifdef __cplusplus
}
#endif
#endif
