/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrices in files of their own. Programs write them as text: a line of detectors, then a line a
 * fluorochrome, which may begin with its name. Between the fields stand commas, semicolons (then
 * with decimal commas or not), tabs or, as R writes them, blanks; FlowJo of old puts a title and a
 * line "<\t>" above. */
#include "compensation_private.h"

#include "stroma/file.h"
#include "stroma/number.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LIMIT_BYTES = 8 << 20, FIELDS_MOST = COMPENSATION_MOST + 2 };

typedef struct line {
    const char *text;
    size_t len;
} line;

typedef struct matrix_file {
    const char *path;
    const char *at, *end;
    int64_t number; /* of the line read last */
    char separator; /* ' ' stands for blanks, quotes kept together */
    stroma_arena *arena;
    const char **field; /* of the line split last; FIELDS_MOST */
    size_t fields;
    const char **detector, **fluorochrome;
    size_t detectors, rows;
    bool named;    /* rows begin with a name */
    double *value; /* rows × detectors */
    size_t value_capacity;
} matrix_file;

/* The next line that is not empty; CR, LF and CR LF end one. */
static bool next_line(matrix_file *f, line *out)
{
    while (f->at < f->end) {
        const char *begin = f->at;
        while (f->at < f->end && *f->at != '\r' && *f->at != '\n')
            f->at++;
        *out = (line){ begin, (size_t)(f->at - begin) };
        if (f->at + 1 < f->end && f->at[0] == '\r' && f->at[1] == '\n') f->at++;
        if (f->at < f->end) f->at++;
        f->number++;
        for (size_t i = 0; i < out->len; i++)
            if (strchr(" \t,;", out->text[i]) == NULL) return true;
    }
    return false;
}

static char separator_of(line l)
{
    static const char candidates[] = "\t;,";
    for (const char *c = candidates; *c != '\0'; c++)
        if (memchr(l.text, *c, l.len) != NULL) return *c;
    return ' ';
}

/* The field at *at, without blanks and quotes around it; *at moves behind what ends it.
 * @return whether another one follows */
static bool take_field(const char **at, const char *end, char separator, const char **field,
                       size_t *n)
{
    const char *p = *at;
    while (p < end && *p == ' ')
        p++;
    const bool quoted = p < end && *p == '"';
    const char *begin = p += quoted;
    while (p < end && *p != (quoted ? '"' : separator))
        p++;
    const char *stop = p;
    while (!quoted && stop > begin && stop[-1] == ' ')
        stop--;
    while (p < end && *p != separator)
        p++;
    bool more = p < end;
    p += more;
    while (separator == ' ' && p < end && *p == ' ')
        p++;
    if (separator == ' ') more = p < end;
    *at = p;
    *field = begin;
    *n = (size_t)(stop - begin);
    return more;
}

/* Empty fields at the end of the line are left out. */
static stroma_status split(matrix_file *f, line l, stroma_error *err)
{
    const char *at = l.text;
    f->fields = 0;
    for (bool more = true; more;) {
        const char *begin;
        size_t n;
        more = take_field(&at, l.text + l.len, f->separator, &begin, &n);
        if (f->fields == FIELDS_MOST)
            return stroma_fail_at(err, STROMA_E_MALFORMED, f->number, 0,
                                  "more than %d columns stand in this line", FIELDS_MOST - 1);
        const char *copy = stroma_arena_strndup(f->arena, begin, n);
        if (copy == NULL) return stroma_no_memory(err);
        f->field[f->fields++] = copy;
    }
    while (f->fields > 1 && f->field[f->fields - 1][0] == '\0')
        f->fields--;
    return STROMA_OK;
}

static bool is_number(const char *s, char separator, double *out)
{
    const size_t n = strlen(s);
    return stroma_parse_double(s, n, '.', out) ||
           (separator != ',' && stroma_parse_double(s, n, ',', out));
}

/* "Comp-APC-A :: Tbet" is about detector "APC-A". */
static const char *bare_name(stroma_arena *arena, const char *name)
{
    static const char *const prefixes[] = { "Comp-", "FJComp-" };
    for (size_t i = 0; i < 2; i++)
        if (strncasecmp(name, prefixes[i], strlen(prefixes[i])) == 0) name += strlen(prefixes[i]);
    const char *marker = strstr(name, " :: ");
    return stroma_arena_strndup(arena, name,
                                marker == NULL ? strlen(name) : (size_t)(marker - name));
}

/* Lines up to and with the one of the detectors. */
static stroma_status read_head(matrix_file *f, stroma_error *err)
{
    line l;
    double number;
    while (next_line(f, &l)) {
        if (l.len == 3 && memcmp(l.text, "<\t>", 3) == 0) continue;
        if (l.text[0] == '#') l = (line){ l.text + 1, l.len - 1 };
        f->separator = separator_of(l);
        if (f->separator == ' ' && memchr(l.text, '"', l.len) == NULL && f->number == 1)
            continue; /* a title */
        STROMA_TRY(split(f, l, err));
        if (is_number(f->field[f->fields - 1], f->separator, &number))
            return stroma_fail_at(err, STROMA_E_MALFORMED, f->number, 0,
                                  "a line of detector names should stand here, not \"%.40s\"",
                                  f->field[f->fields - 1]);
        const size_t skip = f->field[0][0] == '\0' ? 1 : 0;
        f->detectors = f->fields - skip;
        f->detector = stroma_arena_alloc(f->arena, f->detectors, sizeof *f->detector);
        f->fluorochrome = stroma_arena_alloc(f->arena, f->detectors, sizeof *f->fluorochrome);
        if (f->detector == NULL || f->fluorochrome == NULL) return stroma_no_memory(err);
        for (size_t i = 0; i < f->detectors; i++) {
            f->detector[i] = bare_name(f->arena, f->field[i + skip]);
            if (f->detector[i] == NULL) return stroma_no_memory(err);
        }
        return STROMA_OK;
    }
    return stroma_fail(err, STROMA_E_MALFORMED, "there is no line of detector names");
}

static stroma_status read_row(matrix_file *f, line l, stroma_error *err)
{
    STROMA_TRY(split(f, l, err));
    const bool named = f->fields == f->detectors + 1;
    if (f->fields != f->detectors + named)
        return stroma_fail_at(err, STROMA_E_MALFORMED, f->number, 0,
                              "%zu numbers stand in this line, but there are %zu detectors",
                              f->fields, f->detectors);
    if (f->rows > 0 && named != f->named)
        return stroma_fail_at(err, STROMA_E_MALFORMED, f->number, 0,
                              "this line %s a name and those above %s", named ? "has" : "has not",
                              named ? "do not" : "do");
    if (f->rows == f->detectors)
        return stroma_fail_at(err, STROMA_E_MALFORMED, f->number, 0,
                              "there are more rows than the %zu detectors", f->detectors);
    f->named = named;
    STROMA_TRY(stroma_grow(&f->value, &f->value_capacity, (f->rows + 1) * f->detectors,
                           sizeof *f->value, err));
    for (size_t i = 0; i < f->detectors; i++)
        if (!is_number(f->field[i + named], f->separator, &f->value[f->rows * f->detectors + i]))
            return stroma_fail_at(err, STROMA_E_MALFORMED, f->number, 0,
                                  "detector \"%s\": \"%.40s\" is no number", f->detector[i],
                                  f->field[i + named]);
    f->fluorochrome[f->rows] = named ? bare_name(f->arena, f->field[0]) : f->detector[f->rows];
    if (f->fluorochrome[f->rows] == NULL) return stroma_no_memory(err);
    f->rows++;
    return STROMA_OK;
}

/* Rows in the order of their detectors, where they have the same names. */
static stroma_status arrange(matrix_file *f, stroma_error *err)
{
    const size_t n = f->detectors;
    size_t *row = stroma_arena_alloc(f->arena, n, sizeof *row), found = 0;
    double *value = stroma_arena_alloc(f->arena, n * n, sizeof *value);
    if (row == NULL || value == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < f->rows; k++)
            if (strcmp(f->detector[i], f->fluorochrome[k]) == 0) {
                row[i] = k;
                found++;
                break;
            }
    if (found < n || f->rows != n) return STROMA_OK;
    for (size_t i = 0; i < n; i++)
        memcpy(value + i * n, f->value + row[i] * n, n * sizeof *value);
    memcpy(f->value, value, n * n * sizeof *value);
    f->fluorochrome = f->detector;
    return STROMA_OK;
}

/* A row called as detector i should be largest there. */
static void report_rows(const matrix_file *f, stroma_diag *diag)
{
    for (size_t i = 0; f->fluorochrome == f->detector && i < f->rows; i++) {
        const double *row = f->value + i * f->detectors;
        size_t most = i;
        for (size_t j = 0; j < f->detectors; j++)
            if (row[j] > row[most]) most = j;
        if (most == i) continue;
        char text[256];
        (void)snprintf(text, sizeof text, "the row of \"%s\" is brightest in \"%s\"",
                       f->detector[i], f->detector[most]);
        stroma_diag_add(diag, &(stroma_finding){ .code = "STROMA-COMP-016",
                                                 .severity = STROMA_WARNING,
                                                 .file = f->path,
                                                 .column = f->detector[i],
                                                 .message = text });
    }
}

static bool in_percent(const matrix_file *f)
{
    for (size_t i = 0; i < f->rows; i++)
        if (f->value[i * f->detectors + i] != 100) return false;
    return f->rows == f->detectors;
}

static stroma_status read_all(matrix_file *f, stroma_diag *diag, stroma_compensation *out,
                              stroma_error *err)
{
    line l;
    STROMA_TRY(read_head(f, err));
    while (next_line(f, &l))
        STROMA_TRY(read_row(f, l, err));
    if (f->rows == 0 || (!f->named && f->rows != f->detectors))
        return stroma_fail_at(err, STROMA_E_MALFORMED, f->number, 0,
                              "%zu detectors have %zu rows of numbers", f->detectors, f->rows);
    STROMA_TRY(arrange(f, err));
    if (!f->named) f->fluorochrome = f->detector;
    report_rows(f, diag);
    if (in_percent(f)) {
        for (size_t i = 0; i < f->rows * f->detectors; i++)
            f->value[i] /= 100;
        stroma_diag_add(diag, &(stroma_finding){ .code = "STROMA-COMP-015",
                                                 .severity = STROMA_NOTE,
                                                 .file = f->path,
                                                 .message = "the matrix is in percent: its "
                                                            "diagonal is 100" });
    }
    stroma_error why = STROMA_ERROR_INIT;
    const stroma_status s =
        stroma_compensation_make(f->path, "file", f->fluorochrome, f->rows, f->detector,
                                 f->detectors, f->value, false, f->arena, out, &why);
    if (s == STROMA_E_NOMEM) return stroma_no_memory(err);
    if (s == STROMA_E_USAGE) return stroma_fail(err, STROMA_E_MALFORMED, "%s", why.message);
    if (s != STROMA_OK && err != NULL) *err = why;
    return s;
}

stroma_status stroma_compensation_parse(const char *text, size_t size, const char *name,
                                        stroma_arena *arena, stroma_diag *diag,
                                        stroma_compensation *out, stroma_error *err)
{
    *out = (stroma_compensation){ 0 };
    matrix_file f = { .path = name, .at = text, .end = text + size, .arena = arena };
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) f.at += 3;
    f.field = stroma_alloc_array(FIELDS_MOST, sizeof *f.field);
    stroma_status s = f.field == NULL ? stroma_no_memory(err) : read_all(&f, diag, out, err);
    stroma_free(f.field);
    stroma_free(f.value);
    return s == STROMA_OK ? s : stroma_in(err, s, "matrix \"%s\"", name);
}

stroma_status stroma_compensation_read(const char *path, stroma_arena *arena, stroma_diag *diag,
                                       stroma_compensation *out, stroma_error *err)
{
    stroma_bytes bytes;
    *out = (stroma_compensation){ 0 };
    STROMA_TRY(stroma_bytes_read(path, LIMIT_BYTES, &bytes, err));
    const stroma_status s = stroma_compensation_parse((const char *)bytes.data, bytes.size, path,
                                                      arena, diag, out, err);
    stroma_bytes_clear(&bytes);
    return s;
}
