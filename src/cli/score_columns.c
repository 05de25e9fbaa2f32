/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "score_columns.h"

#include "stroma/file.h"
#include "stroma/number.h"
#include "stroma/parameter.h"
#include "stroma/suggest.h"
#include "stroma/table_read.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_BYTES = 128, LIST_MAX_BYTES = 2048 };

/* The n-th name that an item's column may have: parameter id, input_3, the bare item. */
static bool item_name(const stroma_score *score, const stroma_score_input *in, size_t item,
                      size_t nth, char out[NAME_MAX_BYTES])
{
    if (nth == 0 && in->items_prefix != NULL) {
        (void)snprintf(out, NAME_MAX_BYTES, "%s%s", in->items_prefix, in->items[item]);
        return true;
    }
    if (nth == 1 && in->kind != STROMA_INPUT_SET) {
        (void)snprintf(out, NAME_MAX_BYTES, "%s_%zu", in->name, item + 1);
        return true;
    }
    if (nth == 1 && in->items != NULL) {
        (void)snprintf(out, NAME_MAX_BYTES, "%s_%s", in->name, in->items[item]);
        return true;
    }
    /* A bare item name serves where it names one thing: not an input, not the items of five
     * segments. */
    if (nth != 2 || in->items == NULL) return false;
    if (stroma_score_input_find(score, in->items[item]) != SIZE_MAX) return false;
    for (size_t i = 0; i < score->inputs_len; i++)
        if (&score->inputs[i] != in && score->inputs[i].items == in->items) return false;
    (void)snprintf(out, NAME_MAX_BYTES, "%s", in->items[item]);
    return true;
}

static bool has_items(const stroma_score_input *in)
{
    return in->kind == STROMA_INPUT_LIST || in->kind == STROMA_INPUT_SET ||
           in->kind == STROMA_INPUT_SUM;
}

static bool names_something(const stroma_score *score, const char *name)
{
    char item[NAME_MAX_BYTES];
    if (stroma_score_input_find(score, name) != SIZE_MAX) return true;
    for (size_t i = 0; i < score->inputs_len; i++) {
        if (!has_items(&score->inputs[i])) continue;
        for (size_t k = 0; k < score->inputs[i].items_len; k++)
            for (size_t nth = 0; nth < 3; nth++)
                if (item_name(score, &score->inputs[i], k, nth, item) &&
                    strcasecmp(item, name) == 0)
                    return true;
    }
    return false;
}

/* Names of the score among the first line's fields under one delimiter. */
static size_t known_fields(const stroma_score *score, const char *line, size_t n, char delimiter)
{
    size_t known = 0;
    for (size_t at = 0; at <= n;) {
        const char *end = memchr(line + at, delimiter, n - at);
        size_t len = end == NULL ? n - at : (size_t)(end - (line + at));
        const char *s = line + at;
        at += len + 1;
        while (len > 0 && (*s == '"' || *s == ' ')) {
            s++;
            len--;
        }
        while (len > 0 && (s[len - 1] == '"' || s[len - 1] == ' ' || s[len - 1] == '\r'))
            len--;
        char name[NAME_MAX_BYTES];
        if (len == 0 || len >= sizeof name) continue;
        memcpy(name, s, len);
        name[len] = '\0';
        if (names_something(score, name)) known++;
    }
    return known;
}

static char find_delimiter(const stroma_score *score, const stroma_bytes *bytes)
{
    static const char candidates[] = { ',', ';', '\t', '|' };
    const char *line = (const char *)bytes->data;
    size_t n = bytes->size;
    if (n >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
        line += 3;
        n -= 3;
    }
    const char *end = n == 0 ? NULL : memchr(line, '\n', n);
    if (end != NULL) n = (size_t)(end - line);
    char best = 0;
    size_t most = 0;
    for (size_t i = 0; i < sizeof candidates && n > 0; i++) {
        const size_t known = known_fields(score, line, n, candidates[i]);
        if (known <= most) continue;
        most = known;
        best = candidates[i];
    }
    return best; /* 0: none of the names is there, the reader decides */
}

stroma_status score_columns_read(const stroma_score *score, const char *path, char decimal,
                                 stroma_table **out, stroma_diag *found, stroma_error *err)
{
    stroma_bytes bytes;
    *out = NULL;
    STROMA_TRY(stroma_bytes_read(path, 0, &bytes, err));
    stroma_table_read_options opts = STROMA_TABLE_READ_OPTIONS_INIT;
    opts.delimiter = find_delimiter(score, &bytes);
    opts.decimal = decimal;
    const stroma_status s =
        stroma_table_read_bytes(path, bytes.data, bytes.size, &opts, out, found, err);
    stroma_bytes_clear(&bytes);
    return s;
}

static size_t find_item(const score_columns *c, const stroma_table *table, size_t input,
                        size_t item)
{
    char name[NAME_MAX_BYTES];
    for (size_t nth = 0; nth < 3; nth++) {
        if (!item_name(c->score, &c->score->inputs[input], item, nth, name)) continue;
        const size_t at = stroma_table_find(table, name);
        if (at != SIZE_MAX) return at;
    }
    return SIZE_MAX;
}

/* A column of the same quantity in another unit is not "meant": say how to convert it. */
static bool hint_other_unit(const stroma_score_input *in, const stroma_table *table,
                            stroma_error *err)
{
    for (size_t i = 0; i < table->columns_len; i++) {
        const stroma_parameter *p = stroma_parameter_find(table->columns[i].name);
        stroma_unit_rule rule;
        if (p == NULL || p->unit == NULL || in->unit == NULL ||
            strncasecmp(p->id, in->name, 3) != 0 || strcmp(p->unit, in->unit) == 0 ||
            stroma_unit_find(p->id, p->unit, in->unit, &rule, NULL) != STROMA_OK)
            continue;
        char factor[STROMA_NUMBER_TEXT_MAX];
        const bool up = rule.divide <= 1;
        stroma_hint(err, "column \"%s\" is in %s, %s is needed: %s by %s", table->columns[i].name,
                    p->unit, in->unit, up ? "multiply" : "divide",
                    stroma_format_double(up ? rule.multiply : rule.divide, factor));
        return true;
    }
    return false;
}

static stroma_status no_column(const stroma_score *score, const stroma_score_input *in,
                               const char *name, const stroma_table *table, stroma_error *err)
{
    const stroma_status s =
        stroma_fail(err, STROMA_E_USAGE, "score \"%s\" needs a column \"%s\"%s%s", score->id, name,
                    in->unit == NULL ? "" : " in ", in->unit == NULL ? "" : in->unit);
    if (hint_other_unit(in, table, err)) return s;
    size_t best = SIZE_MAX, best_distance = SIZE_MAX;
    for (size_t i = 0; i < table->columns_len; i++) {
        if (names_something(score, table->columns[i].name)) continue; /* feeds another input */
        if (stroma_nearest(name, &table->columns[i].name, 1) == NULL) continue;
        const size_t d = stroma_edit_distance(name, table->columns[i].name);
        if (d >= best_distance) continue;
        best = i;
        best_distance = d;
    }
    if (best != SIZE_MAX)
        stroma_hint(err, "the nearest column is \"%s\"; rename it if that is what it holds",
                    table->columns[best].name);
    else
        stroma_hint(err, "`stroma score explain %s` lists its inputs with their units", score->id);
    return s;
}

static stroma_status bind_items(score_columns *c, const stroma_table *table, size_t input,
                                stroma_error *err)
{
    const stroma_score_input *in = &c->score->inputs[input];
    size_t there = 0, absent = SIZE_MAX;
    for (size_t k = 0; k < in->items_len; k++) {
        c->item[input][k] = find_item(c, table, input, k);
        if (c->item[input][k] != SIZE_MAX)
            there++;
        else if (absent == SIZE_MAX)
            absent = k;
    }
    if (there == in->items_len) {
        c->by_item[input] = true;
        return STROMA_OK;
    }
    if (there == 0) {
        if (in->need == STROMA_NEED_NONE) return STROMA_OK;
        return no_column(c->score, in, in->name, table, err);
    }
    /* Some items are there: the others were forgotten, or are spelled differently. */
    char name[NAME_MAX_BYTES];
    if (!item_name(c->score, in, absent, 0, name)) (void)item_name(c->score, in, absent, 1, name);
    return no_column(c->score, in, name, table, err);
}

/* Columns that hold something else than numbers reach us as text, with the file's decimal mark. The
 * mark is a comma when some cell is a number with a comma and none is one with a point. */
static char find_decimal(const score_columns *c, const stroma_table *table)
{
    bool comma = false;
    for (size_t i = 0; i < c->score->inputs_len; i++) {
        const size_t at = c->column[i];
        const stroma_score_input_kind kind = c->score->inputs[i].kind;
        if (at == SIZE_MAX || table->columns[at].type != STROMA_COLUMN_TEXT ||
            (kind != STROMA_INPUT_NUMBER && kind != STROMA_INPUT_SUM))
            continue;
        for (size_t k = 0; k < table->columns[at].dictionary_len; k++) {
            const char *text = table->columns[at].dictionary[k];
            const size_t n = strlen(text);
            double x = 0;
            if (strchr(text, '.') != NULL && stroma_parse_double(text, n, '.', &x)) return '.';
            if (strchr(text, ',') != NULL && stroma_parse_double(text, n, ',', &x)) comma = true;
        }
    }
    return comma ? ',' : '.';
}

stroma_status score_columns_bind(const stroma_score *score, const stroma_table *table, char decimal,
                                 score_columns *out, stroma_error *err)
{
    *out = (score_columns){ .score = score, .decimal = decimal };
    for (size_t i = 0; i < score->inputs_len; i++) {
        const stroma_score_input *in = &score->inputs[i];
        out->column[i] = stroma_table_find(table, in->name);
        if (out->column[i] != SIZE_MAX) continue;
        if (has_items(in))
            STROMA_TRY(bind_items(out, table, i, err));
        else if (in->need != STROMA_NEED_NONE)
            return no_column(score, in, in->name, table, err);
    }
    if (decimal == 0) out->decimal = find_decimal(out, table);
    return STROMA_OK;
}

static bool used(const score_columns *c, size_t column)
{
    for (size_t i = 0; i < c->score->inputs_len; i++) {
        if (c->column[i] == column) return true;
        for (size_t k = 0; c->by_item[i] && k < c->score->inputs[i].items_len; k++)
            if (c->item[i][k] == column) return true;
    }
    return false;
}

void score_columns_ignored(const score_columns *columns, const stroma_table *table,
                           stroma_buffer *out)
{
    for (size_t i = 0; i < table->columns_len; i++)
        if (!used(columns, i))
            stroma_buffer_printf(out, "%s%s", out->len > 0 ? ", " : "", table->columns[i].name);
}

/* States that a cell's text does not tell. An empty cell of a set is the empty set. */
static bool take_state(const stroma_score_input *in, stroma_cell_state state,
                       stroma_score_value *out)
{
    if (state == STROMA_PRESENT || state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT)
        return false;
    *out = (stroma_score_value){ .state = state };
    if (state == STROMA_MISSING && in->kind == STROMA_INPUT_SET)
        *out = (stroma_score_value){ .state = STROMA_PRESENT, .text = "" };
    if (state == STROMA_NOT_ESTIMABLE) out->state = STROMA_MISSING;
    return true;
}

/* Members of a set from one yes/no column each; a missing one leaves the set unknown. */
static void set_from_items(const score_columns *c, const stroma_table *table, size_t row,
                           size_t input, stroma_buffer *text, stroma_score_value *out)
{
    const stroma_score_input *in = &c->score->inputs[input];
    const stroma_score_input yes_no = { .name = in->name, .kind = STROMA_INPUT_BOOL, .upper = 1 };
    for (size_t k = 0; k < in->items_len; k++) {
        char buf[64];
        const char *cell = stroma_table_cell_text(table, c->item[input][k], row, buf);
        stroma_score_value v;
        stroma_score_value_parse(&yes_no, cell, c->decimal, &v);
        if (v.state != STROMA_PRESENT) {
            *out = (stroma_score_value){ .state = STROMA_MISSING };
            if (v.state != STROMA_NOT_ESTIMABLE) return;
            stroma_buffer_reset(text);
            stroma_buffer_printf(text, "%s=%.30s", in->items[k], cell);
            *out = (stroma_score_value){ .state = STROMA_PRESENT, .text = text->data };
            return;
        }
        if (v.number > 0)
            stroma_buffer_printf(text, "%s%s", text->len > 0 ? "+" : "", in->items[k]);
    }
    *out = (stroma_score_value){ .state = STROMA_PRESENT, .text = text->len > 0 ? text->data : "" };
}

static void list_from_items(const score_columns *c, const stroma_table *table, size_t row,
                            size_t input, stroma_buffer *text, stroma_score_value *out)
{
    const stroma_score_input *in = &c->score->inputs[input];
    for (size_t k = 0; k < in->items_len; k++) {
        char buf[64];
        if (k > 0) stroma_buffer_putc(text, '|');
        const char *cell = stroma_table_cell_text(table, c->item[input][k], row, buf);
        if (strcmp(cell, "NA") != 0 && strcmp(cell, ".") != 0) stroma_buffer_puts(text, cell);
    }
    *out = (stroma_score_value){ .state = STROMA_PRESENT, .text = text->data };
}

static void take_cell(const score_columns *c, const stroma_table *table, size_t row, size_t input,
                      char buf[64], stroma_score_value *out)
{
    const stroma_score_input *in = &c->score->inputs[input];
    const size_t column = c->column[input];
    if (take_state(in, stroma_table_state(table, column, row), out)) return;
    stroma_score_value_parse(in, stroma_table_cell_text(table, column, row, buf),
                             table->columns[column].type == STROMA_COLUMN_TEXT ? c->decimal : '.',
                             out);
}

stroma_status score_columns_compute(const score_columns *columns, const stroma_table *table,
                                    size_t row, const stroma_score_options *opts,
                                    stroma_score_result *out, stroma_error *err)
{
    const stroma_score *score = columns->score;
    stroma_score_value values[STROMA_SCORE_INPUTS_MAX];
    char cells[STROMA_SCORE_INPUTS_MAX][64];
    stroma_buffer lists[STROMA_SCORE_INPUTS_MAX];
    stroma_status s = STROMA_OK;
    STROMA_BUG_IF(score->inputs_len > STROMA_SCORE_INPUTS_MAX, err);
    for (size_t i = 0; i < score->inputs_len; i++) {
        stroma_buffer_init(&lists[i], LIST_MAX_BYTES);
        values[i] = (stroma_score_value){ .state = STROMA_MISSING };
        if (columns->column[i] != SIZE_MAX)
            take_cell(columns, table, row, i, cells[i], &values[i]);
        else if (columns->by_item[i] && score->inputs[i].kind == STROMA_INPUT_SET)
            set_from_items(columns, table, row, i, &lists[i], &values[i]);
        else if (columns->by_item[i])
            list_from_items(columns, table, row, i, &lists[i], &values[i]);
        if (s == STROMA_OK) s = stroma_buffer_status(&lists[i], err);
    }
    if (s == STROMA_OK) s = stroma_score_compute(score, values, opts, out, err);
    for (size_t i = 0; i < score->inputs_len; i++)
        stroma_buffer_clear(&lists[i]);
    return s;
}
