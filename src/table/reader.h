/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a file format must offer. To add one: write its stroma_reader in a file of its own, declare
 * it at the end of this header, and add it to the list in table_read.c.
 *
 * detect() looks at the bytes (they are never changed) and says how sure it is:
 *      0        not this format
 *      1–49     could be (CSV says 10 for any text)
 *      50–100   the bytes carry this format's own signature
 * It always writes into `why`, in words that complete "csv: …", what it saw: "no header record",
 * "starts with HEADER RECORD*******LIBRARY". The highest score wins; between equal scores the file
 * name's extension decides, then the order of the list.
 *
 * read() makes the table. On failure it frees what it made; *out is then NULL. It need not name
 * the file in its errors (the caller puts `file "x": ` in front) but must fill `.file` of its
 * findings with in->name. It is called without detect() when the user names the format, so it
 * checks everything itself. */
#ifndef STROMA_TABLE_READER_H
#define STROMA_TABLE_READER_H
#include "stroma/table_read.h"

typedef struct stroma_reader_input {
    const char *name; /* for messages; its extension breaks ties */
    const char *path; /* openable path of the file, or NULL when the bytes came from memory */
    const unsigned char *data; /* never NULL; data[size] need not exist */
    size_t size;
} stroma_reader_input;

enum { STROMA_WHY_MAX = 96 };

typedef struct stroma_reader {
    const char *name;       /* "csv": what stroma_table_read_options.format says */
    const char *extensions; /* lower case, each with its dot and a blank after it: ".csv .tsv " */
    int (*detect)(const stroma_reader_input *in, char why[STROMA_WHY_MAX]);
    STROMA_CHECK stroma_status (*read)(const stroma_reader_input *in,
                                       const stroma_table_read_options *opts, stroma_table **out,
                                       stroma_diag *diag, stroma_error *err);
} stroma_reader;

/* Words for a file that is certainly no table of ours, from its first bytes: "an HTML page", "an
 * Excel workbook (or another zip archive)", "a PDF document", … NULL when it is none of these. */
const char *stroma_foreign_file(const stroma_reader_input *in);

extern const stroma_reader stroma_csv_reader; /* csv_read.c */
extern const stroma_reader stroma_xpt_reader;
extern const stroma_reader stroma_datasetjson_reader;
extern const stroma_reader stroma_sas7bdat_reader;
extern const stroma_reader stroma_sas7bcat_reader;
extern const stroma_reader stroma_sav_reader;
extern const stroma_reader stroma_por_reader;
extern const stroma_reader stroma_dta_reader;
#endif
