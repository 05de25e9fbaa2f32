/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one cell of a text file says. */
#include "csv_private.h"

#include "stroma/date.h"
#include "stroma/number.h"

#include <string.h>

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

csv_text stroma_csv_trim(csv_text cell)
{
    if (cell.size > 0 && cell.data[0] > ' ' && cell.data[cell.size - 1] > ' ') return cell;
    while (cell.size > 0 && blank(cell.data[0]))
        cell.data++, cell.size--;
    while (cell.size > 0 && blank(cell.data[cell.size - 1]))
        cell.size--;
    return cell;
}

static void note_first(csv_words *w, const char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        w->first[(unsigned char)texts[i][0]] = true;
}

void stroma_csv_words_init(csv_words *w, const stroma_table_read_options *opts, char decimal)
{
    *w = (csv_words){
        .missing = opts->missing,
        .missing_len = opts->missing_len,
        .not_done = opts->not_done,
        .not_done_len = opts->not_done_len,
        .decimal = decimal,
    };
    note_first(w, opts->missing, opts->missing_len);
    note_first(w, opts->not_done, opts->not_done_len);
}

static bool among(const char *const *texts, size_t n, csv_text cell)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(texts[i]) == cell.size && memcmp(texts[i], cell.data, cell.size) == 0)
            return true;
    return false;
}

csv_fit stroma_csv_word(const csv_words *w, csv_text cell, stroma_cell_state *state)
{
    *state = STROMA_MISSING;
    if (cell.size == 0) return CSV_NO_VALUE;
    if (!w->first[(unsigned char)cell.data[0]]) return CSV_FITS;
    if (among(w->missing, w->missing_len, cell)) return CSV_NO_VALUE;
    if (!among(w->not_done, w->not_done_len, cell)) return CSV_FITS;
    *state = STROMA_NOT_DONE;
    return CSV_NO_VALUE;
}

bool stroma_csv_censored(csv_text *cell, stroma_cell_state *state)
{
    static const struct {
        const char *mark;
        size_t n;
        stroma_cell_state state;
    } marks[] = {
        { "<=", 2, STROMA_BELOW_LIMIT },
        { ">=", 2, STROMA_ABOVE_LIMIT },
        { "<", 1, STROMA_BELOW_LIMIT },
        { ">", 1, STROMA_ABOVE_LIMIT },
        { "\xE2\x89\xA4", 3, STROMA_BELOW_LIMIT },
        { "\xE2\x89\xA5", 3, STROMA_ABOVE_LIMIT },
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (cell->size > marks[i].n && memcmp(cell->data, marks[i].mark, marks[i].n) == 0) {
            *state = marks[i].state;
            *cell = stroma_csv_trim((csv_text){ cell->data + marks[i].n, cell->size - marks[i].n });
            return true;
        }
    return false;
}

static csv_fit number(char decimal, csv_text cell, double *x, stroma_cell_state *state)
{
    if (stroma_parse_double(cell.data, cell.size, decimal, x)) return CSV_FITS;
    if (!stroma_csv_censored(&cell, state)) return CSV_MISFIT;
    return stroma_parse_double(cell.data, cell.size, decimal, x) ? CSV_FITS : CSV_MISFIT;
}

csv_fit stroma_csv_value(const csv_words *w, stroma_column_type type, csv_text cell, double *x,
                         stroma_cell_state *state)
{
    if (type == STROMA_COLUMN_NUMBER && cell.size > 0 && !w->first[(unsigned char)cell.data[0]] &&
        stroma_parse_double(cell.data, cell.size, w->decimal, x)) {
        *state = STROMA_PRESENT;
        return CSV_FITS;
    }
    cell = stroma_csv_trim(cell);
    if (stroma_csv_word(w, cell, state) == CSV_NO_VALUE) return CSV_NO_VALUE;
    *state = STROMA_PRESENT;
    stroma_date date;
    stroma_datetime datetime;
    switch (type) {
    case STROMA_COLUMN_NUMBER: return number(w->decimal, cell, x, state);
    case STROMA_COLUMN_DATE:
        if (!stroma_date_parse(cell.data, cell.size, &date)) return CSV_MISFIT;
        *x = date.days;
        return CSV_FITS;
    case STROMA_COLUMN_DATETIME:
        if (!stroma_datetime_parse(cell.data, cell.size, &datetime)) return CSV_MISFIT;
        *x = datetime.seconds;
        return CSV_FITS;
    case STROMA_COLUMN_TIME:
        return stroma_time_parse(cell.data, cell.size, x) ? CSV_FITS : CSV_MISFIT;
    case STROMA_COLUMN_TEXT: break;
    }
    return CSV_MISFIT;
}

bool stroma_csv_is_code(csv_text cell)
{
    cell = stroma_csv_trim(cell);
    return cell.size > 1 && cell.data[0] == '0' && cell.data[1] >= '0' && cell.data[1] <= '9';
}

stroma_column_type stroma_csv_type_of(const csv_words *w, csv_text cell)
{
    if (stroma_csv_is_code(cell)) return STROMA_COLUMN_TEXT;
    static const stroma_column_type types[] = { STROMA_COLUMN_NUMBER, STROMA_COLUMN_DATE,
                                                STROMA_COLUMN_DATETIME };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        double x = 0;
        stroma_cell_state state;
        if (stroma_csv_value(w, types[i], cell, &x, &state) == CSV_FITS) return types[i];
    }
    return STROMA_COLUMN_TEXT;
}
