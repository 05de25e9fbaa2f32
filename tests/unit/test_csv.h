/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A CSV as numbers and words for tests: commas, optional double quotes, a header line, no quoted
 * newlines. It knows nothing of the library's own reader, so that a test of a statistic does not
 * depend on it. Lines that start with '#' are comments (sources and tolerances of reference
 * values). */
#ifndef STROMA_TEST_CSV_H
#define STROMA_TEST_CSV_H
#include "stroma_test.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { TEST_CSV_COLUMNS = 64 };

typedef struct test_csv {
    char *text;
    char **cells; /* row by row; the header is not among them */
    char *names[TEST_CSV_COLUMNS];
    size_t columns, rows;
} test_csv;

static inline size_t test_csv_split(char *line, char **out)
{
    size_t n = 0;
    for (char *p = line; n < TEST_CSV_COLUMNS; p++) {
        char *end;
        if (*p == '"') {
            out[n++] = ++p;
            end = strchr(p, '"');
            if (end != NULL) *end++ = '\0';
        } else {
            out[n++] = p;
            end = strchr(p, ',');
        }
        if (end == NULL || *end == '\0') break;
        *end = '\0';
        p = end;
    }
    return n;
}

/* Read @p path whole; fails the running test when it cannot. Free with test_csv_free(). */
static inline test_csv test_csv_read(const char *path)
{
    test_csv t = { NULL, NULL, { NULL }, 0, 0 };
    FILE *f = path == NULL ? NULL : fopen(path, "rb");
    if (f == NULL) fail_msg("cannot open %s", path == NULL ? "(null)" : path);
    (void)fseek(f, 0, SEEK_END);
    const long size = ftell(f);
    rewind(f);
    t.text = calloc(1, (size_t)size + 1);
    assert_non_null(t.text);
    assert_int_equal(fread(t.text, 1, (size_t)size, f), (size_t)size);
    (void)fclose(f);
    size_t capacity = 0;
    char *save = NULL;
    for (char *line = strtok_r(t.text, "\r\n", &save); line != NULL;
         line = strtok_r(NULL, "\r\n", &save)) {
        if (*line == '#') continue;
        if (t.columns == 0) {
            t.columns = test_csv_split(line, t.names);
            continue;
        }
        char *cells[TEST_CSV_COLUMNS] = { NULL };
        const size_t n = test_csv_split(line, cells);
        if (n != t.columns) fail_msg("%s: row %zu has %zu cells", path, t.rows + 1, n);
        if (t.rows == capacity) {
            capacity = capacity == 0 ? 64 : 2 * capacity;
            t.cells = realloc(t.cells, capacity * t.columns * sizeof *t.cells);
            assert_non_null(t.cells);
        }
        memcpy(t.cells + t.rows++ * t.columns, cells, t.columns * sizeof *cells);
    }
    return t;
}

static inline void test_csv_free(test_csv *t)
{
    free(t->text);
    free(t->cells);
    memset(t, 0, sizeof *t);
}

static inline size_t test_csv_column(const test_csv *t, const char *name)
{
    for (size_t c = 0; c < t->columns; c++)
        if (strcmp(t->names[c], name) == 0) return c;
    fail_msg("no column %s", name);
    return 0;
}

static inline const char *test_csv_text(const test_csv *t, size_t row, const char *name)
{
    return t->cells[row * t->columns + test_csv_column(t, name)];
}

/* The number in a cell; NaN for an empty cell and for "NA". */
static inline double test_csv_number(const test_csv *t, size_t row, const char *name)
{
    const char *s = test_csv_text(t, row, name);
    if (*s == '\0' || strcmp(s, "NA") == 0) return NAN;
    char *end = NULL;
    const double x = strtod(s, &end);
    if (*end != '\0') fail_msg("row %zu, %s: \"%s\" is not a number", row + 1, name, s);
    return x;
}

/* Numbers of column @p value in the rows where @p key equals @p is (all rows when key is NULL);
 * missing ones are left out. @return how many; free(*out). */
static inline size_t test_csv_select(const test_csv *t, const char *value, const char *key,
                                     const char *is, double **out)
{
    *out = calloc(t->rows + 1, sizeof **out);
    assert_non_null(*out);
    size_t n = 0;
    for (size_t r = 0; r < t->rows; r++) {
        if (key != NULL && strcmp(test_csv_text(t, r, key), is) != 0) continue;
        const double x = test_csv_number(t, r, value);
        if (!isnan(x)) (*out)[n++] = x;
    }
    return n;
}
#endif
