/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of counts, from --counts or by counting two columns. */
#include "stat_job.h"

#include "stroma/number.h"

#include <string.h>

/* "3,1/1,3" or, for two by two, "3,1,1,3" */
static stroma_status counts_typed(stat_job *j, const char *text, stat_counts *t, stroma_error *err)
{
    size_t n = 1, lines = 1, in_line = 0, width = 0;
    for (const char *p = text; *p != '\0'; p++) {
        n += *p == ',' || *p == '/';
        lines += *p == '/';
    }
    t->counts = stat_alloc(j, n, sizeof *t->counts, err);
    if (t->counts == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const size_t len = strcspn(text, ",/");
        int64_t x = 0;
        if (!stroma_parse_int(text, len, &x) || x < 0 || x > 1000000000)
            return stroma_fail(err, STROMA_E_USAGE, "\"%.*s\" in --counts is not a count",
                               (int)(len > 40 ? 40 : len), text);
        t->counts[i] = (size_t)x;
        in_line++;
        if (text[len] != ',') {
            if (width != 0 && in_line != width)
                return stroma_fail(err, STROMA_E_USAGE, "the rows of --counts differ in length");
            width = in_line;
            in_line = 0;
        }
        text += len + (text[len] != '\0');
    }
    if (lines == 1 && n == 4) {
        lines = 2;
        width = 2;
    }
    if (lines < 2 || width < 2) {
        (void)stroma_fail(err, STROMA_E_USAGE, "--counts needs two rows and two columns");
        stroma_hint(err, "write rows as --counts 3,1/1,3");
        return STROMA_E_USAGE;
    }
    t->rows = lines;
    t->columns = width;
    return STROMA_OK;
}

stroma_status stat_read_counts(stat_job *j, stat_counts *t, stroma_error *err)
{
    *t = (stat_counts){ 0 };
    const char *typed = cli_text(j->cli, "counts");
    if (typed != NULL) return counts_typed(j, typed, t, err);
    size_t x = 0, y = 0;
    STROMA_TRY(stat_column(j, "x", &x, err));
    STROMA_TRY(stat_column(j, "y", &y, err));
    STROMA_TRY(stat_levels(j, x, true, &t->row_names, &t->rows, err));
    STROMA_TRY(stat_levels(j, y, false, &t->column_names, &t->columns, err));
    const char *event = cli_text(j->cli, "event");
    for (size_t c = 1; event != NULL && c < t->columns; c++)
        if (strcmp(t->column_names[c], event) == 0) { /* the event stands first */
            memmove(t->column_names + 1, t->column_names, c * sizeof *t->column_names);
            t->column_names[0] = event;
        }
    if (event != NULL && (t->columns == 0 || strcmp(t->column_names[0], event) != 0))
        return stroma_fail(err, STROMA_E_USAGE, "no row has the event \"%s\"", event);
    if (t->columns > 0 && t->rows > SIZE_MAX / t->columns)
        return stroma_fail(err, STROMA_E_DEGENERATE, "the table of counts is too large");
    t->counts = stat_alloc(j, t->rows * t->columns, sizeof *t->counts, err);
    if (t->counts == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++) {
        size_t r = 0, c = 0;
        if (stat_code(j, x, j->rows[i], t->row_names, t->rows, &r) &&
            stat_code(j, y, j->rows[i], t->column_names, t->columns, &c))
            t->counts[r * t->columns + c]++;
    }
    return STROMA_OK;
}
