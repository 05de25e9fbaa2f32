/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the CSV reader. The text is cut into chunks at line ends; each chunk is parsed by
 * libcsv into columns of its own; chunks are appended to the table in file order, a few at a time,
 * so that their memory is used again. A chunk that turns out not to start at a record (its line end
 * was inside quotes) is thrown away and parsed again from the true place, so the table does not
 * depend on where the cuts fell or how many threads worked. A column that turns out to mix types is
 * read again as text in a second pass. */
#ifndef STROMA_CSV_PRIVATE_H
#define STROMA_CSV_PRIVATE_H
#include "dictionary.h"
#include "reader.h"

typedef enum csv_code {
    CSV_CELL_TYPE,
    CSV_ROW_LENGTH,
    CSV_TRAILING_CELLS,
    CSV_HEADER_EMPTY,
    CSV_HEADER_TWICE,
    CSV_DELIMITER_UNSURE,
    CSV_DECIMAL_COMMA,
    CSV_DECIMAL_MIXED,
    CSV_STRAY_QUOTE,
    CSV_UTF16,
    CSV_NOT_UTF8,
    CSV_HEADER_NUMBERS,
    CSV_NEARLY_NUMBERS,
    CSV_OPEN_QUOTE,
    CSV_BINARY,
    CSV_COLUMN_ABSENT,
    CSV_NO_ROWS,
    CSV_CODES_LEN
} csv_code;
extern const stroma_code stroma_csv_codes[CSV_CODES_LEN];

typedef struct csv_text {
    const char *data;
    size_t size;
} csv_text;

/* How the cells of a file are to be understood. */
typedef struct csv_words {
    const char *const *missing;
    size_t missing_len;
    const char *const *not_done;
    size_t not_done_len;
    bool first[256]; /* bytes that one of them starts with */
    char decimal;
} csv_words;

typedef enum csv_fit { CSV_FITS, CSV_NO_VALUE, CSV_MISFIT } csv_fit;
void stroma_csv_words_init(csv_words *w, const stroma_table_read_options *opts, char decimal);
/* CSV_NO_VALUE and its state when the trimmed cell is empty or a declared word. */
csv_fit stroma_csv_word(const csv_words *w, csv_text cell, stroma_cell_state *state);
/* A cell of numbers, dates, datetimes or times; not text. */
csv_fit stroma_csv_value(const csv_words *w, stroma_column_type type, csv_text cell, double *x,
                         stroma_cell_state *state);
/* The type a single cell with a value asks for. */
stroma_column_type stroma_csv_type_of(const csv_words *w, csv_text cell);
/* Digits that begin with a needless zero are a code, not a quantity: subject 017 is not 17. Columns
 * that nobody declared as numbers keep such cells, and so all of theirs, as text. */
bool stroma_csv_is_code(csv_text cell);
/* Drop "<", "≤", "<=", ">", … and the blanks behind it. @return false when there is none. */
bool stroma_csv_censored(csv_text *cell, stroma_cell_state *state);
csv_text stroma_csv_trim(csv_text cell);

/* What the file looks like, from its beginning. */
typedef struct csv_dialect {
    char delimiter, decimal;
    bool delimiter_unsure; /* another delimiter fits as well */
    bool comma_found;      /* numbers with a decimal comma were seen and taken as such */
    bool both_marks;       /* numbers with points and numbers with commas */
} csv_dialect;
STROMA_CHECK stroma_status stroma_csv_detect_dialect(csv_text text, const char *name,
                                                     const stroma_table_read_options *opts,
                                                     csv_dialect *out, stroma_error *err);
/* UTF-8 bytes after the byte order mark; *owned is to be freed (converted UTF-16) or NULL. */
STROMA_CHECK stroma_status stroma_csv_decode(const stroma_reader_input *in, csv_text *out,
                                             char **owned, stroma_error *err);
/* Offset of the first byte that is NUL or no UTF-8, or SIZE_MAX. */
size_t stroma_csv_bad_byte(csv_text text);

typedef struct csv_problem {
    int64_t line; /* in the chunk, from 0 */
    csv_code code;
    size_t column;     /* index in the file, or SIZE_MAX */
    size_t cells_len;  /* CSV_ROW_LENGTH: cells found */
    const char *value; /* in the chunk's arena, or NULL */
} csv_problem;

typedef struct csv_plan_column {
    const char *name;
    bool kept;     /* wanted in the table */
    bool active;   /* wanted in this pass */
    bool declared; /* type given by the caller */
    bool known;    /* type declared, or learnt from the first cell with a value */
    bool mixed;    /* cells of several types: text, to be read in the second pass */
    stroma_column_type type;
    size_t place; /* column of the table, when kept */
} csv_plan_column;

typedef struct csv_plan {
    stroma_arena *arena; /* column names */
    const char *file;
    const stroma_table_read_options *opts;
    csv_words words;
    char delimiter;
    char newline; /* '\n', or '\r' in a file without any '\n' */
    const char *end;
    csv_plan_column *columns;
    size_t columns_len;
    size_t row_bytes_guess;
    bool again; /* second pass: only mixed columns */
    size_t limit_bytes;
} csv_plan;

typedef struct csv_chunk_column {
    stroma_column_type type;
    bool known;
    bool plain;  /* numbers, active, not failed */
    bool failed; /* a cell did not fit a learnt type: nothing stored from there on */
    double *numbers;
    int32_t *codes;
    uint8_t *states;
    const char **texts;
    size_t texts_len, texts_capacity;
    stroma_text_index index;
    const char *last_text; /* text of the row before, or NULL */
    size_t last_len;
    int32_t last_code;
} csv_chunk_column;

typedef struct csv_chunk {
    const char *start, *cut; /* where it was cut */
    const char *end;         /* where its last record ended; NULL: gave up looking */
    csv_chunk_column *columns;
    size_t rows_len, rows_capacity;
    int64_t *lines; /* line of each row, from 0 at `start` */
    int64_t lines_len;
    csv_problem *problems;
    size_t problems_len, problems_capacity, problems_dropped;
    size_t trailing_rows; /* rows with more, but empty, cells than the header */
    int64_t trailing_line;
    bool open_quote;
    int64_t open_line;
    stroma_arena arena;
    stroma_status status;
    stroma_error err;
} csv_chunk;
/* Parse records from c->start to the first record end at or after c->cut. A `bounded` chunk gives
 * up (end NULL) when that end is further off than the chunk is long. Outcome in c->status. */
void stroma_csv_chunk_parse(const csv_plan *plan, csv_chunk *c, bool bounded);
/* Ready for another parse between other places; arrays are kept for it. */
void stroma_csv_chunk_reset(csv_chunk *c, size_t columns_len, const char *start, const char *cut);
void stroma_csv_chunk_clear(csv_chunk *c, size_t columns_len);

/* A libcsv parser that takes its memory from stroma/memory.h. */
struct csv_parser;
void stroma_csv_parser_init(struct csv_parser *p, char delimiter, unsigned char options);

/* Header names; the strings live in `arena`. *rest is where the second record starts and *lines how
 * many line ends lie before it. */
typedef struct csv_header {
    const char **names;
    size_t len, capacity;
    const char *rest;
    int64_t line; /* where the header starts, 1-based */
    int64_t lines;
    bool open_quote;
} csv_header;
STROMA_CHECK stroma_status stroma_csv_header_read(csv_text text, char delimiter,
                                                  stroma_arena *arena, csv_header *out,
                                                  stroma_error *err);

/* Fill plan->columns from the header and the options; names stay in the header's arena. */
STROMA_CHECK stroma_status stroma_csv_plan_columns(csv_plan *plan, const csv_header *header,
                                                   stroma_diag *diag, stroma_error *err);
/* Append the rows of a chunk to the table and free nothing. A column whose types do not agree is
 * marked mixed and left out from then on. `line` is the line of the chunk's first byte; `left` the
 * part of the text still to come, as a multiple of what the table has been made of. */
STROMA_CHECK stroma_status stroma_csv_append(csv_plan *plan, const csv_chunk *c, int64_t line,
                                             double left, stroma_table *t, stroma_error *err);
/* What the chunks found, collected over the whole file. */
typedef struct csv_tally {
    stroma_status status; /* MALFORMED once there was an error */
    size_t trailing_rows;
    int64_t trailing_line;
} csv_tally;
/* Say what a chunk found. The first error of the file goes to `err`. */
void stroma_csv_report(const csv_plan *plan, const csv_chunk *c, int64_t line, csv_tally *tally,
                       stroma_diag *diag, stroma_error *err);
void stroma_csv_report_trailing(const csv_plan *plan, const csv_tally *tally, stroma_diag *diag);
/* Columns that were taken as text although most of their cells are numbers. */
void stroma_csv_report_texts(const csv_plan *plan, const stroma_table *t, stroma_diag *diag);
/* Add a finding; line 0, column and value NULL where unknown. */
void stroma_csv_find(const csv_plan *plan, stroma_diag *diag, csv_code code,
                     stroma_severity severity, const stroma_finding *where);

/* The reader with a chunk size to choose (tests cut small files into many chunks). */
STROMA_CHECK stroma_status stroma_csv_read_chunked(const stroma_reader_input *in,
                                                   const stroma_table_read_options *opts,
                                                   size_t chunk_bytes, stroma_table **out,
                                                   stroma_diag *diag, stroma_error *err);
#endif
