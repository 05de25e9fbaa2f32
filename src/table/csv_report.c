/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the CSV reader noticed, as findings. */
#include "csv_private.h"

#include <stdio.h>
#include <string.h>

enum { MESSAGE_MAX = 300 };

void stroma_csv_find(const csv_plan *plan, stroma_diag *diag, csv_code code,
                     stroma_severity severity, const stroma_finding *where)
{
    stroma_finding f = *where;
    f.code = stroma_csv_codes[code].code;
    f.severity = severity;
    f.file = plan->file;
    f.rule = stroma_csv_codes[code].title;
    stroma_diag_add(diag, &f);
}

static const char *wanted(stroma_column_type type, char decimal)
{
    switch (type) {
    case STROMA_COLUMN_NUMBER:
        return decimal == ',' ? "a number (with a decimal comma)" : "a number";
    case STROMA_COLUMN_DATE: return "a date such as 2024-07-31";
    case STROMA_COLUMN_DATETIME: return "a date and time such as 2024-07-31T13:30";
    case STROMA_COLUMN_TIME: return "a time (13:30)";
    case STROMA_COLUMN_TEXT: break;
    }
    return "text";
}

static void word_problem(const csv_plan *plan, const csv_problem *p, char out[MESSAGE_MAX])
{
    const csv_plan_column *k = p->column == SIZE_MAX ? NULL : &plan->columns[p->column];
    if (p->code == CSV_ROW_LENGTH)
        (void)snprintf(out, MESSAGE_MAX, "the row has %zu cell%s, the header has %zu", p->cells_len,
                       p->cells_len == 1 ? "" : "s", plan->columns_len);
    else if (p->code == CSV_CELL_TYPE && k != NULL)
        (void)snprintf(out, MESSAGE_MAX, "column \"%.80s\": \"%s\" is not %s", k->name, p->value,
                       wanted(k->type, plan->words.decimal));
    else
        (void)snprintf(out, MESSAGE_MAX,
                       "a quote stands inside a cell that does not begin with one");
}

static const char *action_for(csv_code code)
{
    switch ((int)code) {
    case CSV_CELL_TYPE:
        return "correct the cell, or declare the text as a missing or not-done code";
    case CSV_ROW_LENGTH:
        return "look for a missing delimiter, or a cell with a delimiter that needs quotes";
    default: return "put the whole cell in quotes and double the quotes inside";
    }
}

static bool report_problem(const csv_plan *plan, const csv_problem *p, int64_t first_line,
                           stroma_diag *diag, stroma_error *err)
{
    char message[MESSAGE_MAX];
    word_problem(plan, p, message);
    const bool fatal = p->code != CSV_STRAY_QUOTE;
    stroma_csv_find(plan, diag, p->code, fatal ? STROMA_ERROR : STROMA_WARNING,
                    &(stroma_finding){
                        .line = first_line + p->line,
                        .column = p->column == SIZE_MAX ? NULL : plan->columns[p->column].name,
                        .value = p->value,
                        .message = message,
                        .action = action_for(p->code),
                    });
    if (fatal && err != NULL) {
        stroma_fail_at(err, STROMA_E_MALFORMED, first_line + p->line, 0, "%s", message);
        stroma_hint(err, "%s", action_for(p->code));
    }
    return fatal;
}

void stroma_csv_report_trailing(const csv_plan *plan, const csv_tally *tally, stroma_diag *diag)
{
    if (tally->trailing_rows == 0) return;
    char message[MESSAGE_MAX];
    (void)snprintf(message, sizeof message,
                   "%zu row%s more cells than the header; the cells beyond it are empty and left "
                   "out",
                   tally->trailing_rows, tally->trailing_rows == 1 ? " has" : "s have");
    stroma_csv_find(plan, diag, CSV_TRAILING_CELLS, STROMA_WARNING,
                    &(stroma_finding){ .line = tally->trailing_line, .message = message });
}

static void report_open_quote(const csv_plan *plan, int64_t line, stroma_diag *diag,
                              stroma_error *err)
{
    static const char message[] = "a quote opened in this row is never closed";
    stroma_csv_find(plan, diag, CSV_OPEN_QUOTE, STROMA_ERROR,
                    &(stroma_finding){ .line = line, .message = message });
    if (err == NULL) return;
    stroma_fail_at(err, STROMA_E_MALFORMED, line, 0, "%s", message);
    stroma_hint(err, "close the quote, or double it where it is part of the text");
}

void stroma_csv_report(const csv_plan *plan, const csv_chunk *c, int64_t line, csv_tally *tally,
                       stroma_diag *diag, stroma_error *err)
{
    for (size_t k = 0; k < c->problems_len; k++)
        if (report_problem(plan, &c->problems[k], line, diag,
                           tally->status == STROMA_OK ? err : NULL))
            tally->status = STROMA_E_MALFORMED;
    if (c->open_quote) {
        report_open_quote(plan, line + c->open_line, diag, tally->status == STROMA_OK ? err : NULL);
        tally->status = STROMA_E_MALFORMED;
    }
    if (c->trailing_rows > 0 && tally->trailing_rows == 0)
        tally->trailing_line = line + c->trailing_line;
    tally->trailing_rows += c->trailing_rows;
    if (diag != NULL) diag->dropped += c->problems_dropped;
}

/* Rows whose text is a number, and the first row whose text is not. */
static size_t count_numbers(const csv_plan *plan, const stroma_table *t, size_t column,
                            size_t *values, size_t *first_other)
{
    const stroma_table_column *c = &t->columns[column];
    size_t numbers = 0;
    *values = 0;
    *first_other = SIZE_MAX;
    for (size_t r = 0; r < t->rows_len; r++) {
        if (c->codes[r] < 0) continue;
        const char *text = c->dictionary[c->codes[r]];
        double x;
        stroma_cell_state state;
        ++*values;
        if (stroma_csv_value(&plan->words, STROMA_COLUMN_NUMBER, (csv_text){ text, strlen(text) },
                             &x, &state) == CSV_FITS)
            numbers++;
        else if (*first_other == SIZE_MAX)
            *first_other = r;
    }
    return numbers;
}

static bool some_are_numbers(const csv_plan *plan, const stroma_table_column *c)
{
    enum { LOOKED_AT = 100 };
    for (size_t i = 0; i < c->dictionary_len && i < LOOKED_AT; i++) {
        const csv_text text = { c->dictionary[i], strlen(c->dictionary[i]) };
        if (stroma_csv_type_of(&plan->words, text) == STROMA_COLUMN_NUMBER) return true;
    }
    return false;
}

void stroma_csv_report_texts(const csv_plan *plan, const stroma_table *t, stroma_diag *diag)
{
    for (size_t i = 0; i < plan->columns_len && diag != NULL; i++) {
        const csv_plan_column *k = &plan->columns[i];
        if (!k->kept || k->declared || k->type != STROMA_COLUMN_TEXT) continue;
        const size_t column = stroma_table_find(t, k->name);
        if (!some_are_numbers(plan, &t->columns[column])) continue;
        size_t values = 0, other = SIZE_MAX;
        const size_t numbers = count_numbers(plan, t, column, &values, &other);
        if (numbers < values - values / 4 || other == SIZE_MAX) continue;
        char message[MESSAGE_MAX];
        (void)snprintf(message, sizeof message,
                       "column \"%.80s\" is read as text: \"%.60s\" is not a number (%zu of %zu "
                       "cells are)",
                       k->name, stroma_table_text(t, column, other), numbers, values);
        stroma_csv_find(plan, diag, CSV_NEARLY_NUMBERS, STROMA_WARNING,
                        &(stroma_finding){
                            .line = t->source_rows[other],
                            .column = k->name,
                            .value = stroma_table_text(t, column, other),
                            .message = message,
                            .action = "declare the text as a missing code, or correct the cell",
                        });
    }
}
