/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/table.h"

#include "table_private.h"

#include <math.h>
#include <string.h>

#define TABLE_LIMIT_DEFAULT ((size_t)8 << 30)

static const char *const state_names[STROMA_CELL_STATE_COUNT] = {
    "present",     "missing",     "not_done", "not_applicable",
    "below_limit", "above_limit", "excluded", "not_estimable",
};

const char *stroma_cell_state_name(stroma_cell_state s)
{
    return (unsigned)s < STROMA_CELL_STATE_COUNT ? state_names[s] : "unknown";
}

bool stroma_cell_state_parse(const char *name, stroma_cell_state *out)
{
    for (int i = 0; i < STROMA_CELL_STATE_COUNT; i++)
        if (strcmp(name, state_names[i]) == 0) {
            *out = (stroma_cell_state)i;
            return true;
        }
    return false;
}

const char *stroma_column_type_name(stroma_column_type t)
{
    static const char *const names[] = { "number", "text", "date", "datetime", "time" };
    return (unsigned)t < sizeof names / sizeof names[0] ? names[t] : "unknown";
}

stroma_status stroma_table_no_room(const stroma_table *t, size_t need, stroma_error *err)
{
    if (need <= t->arena.limit_bytes - t->arena.used_bytes) return stroma_no_memory(err);
    stroma_fail(err, STROMA_E_NOMEM, "the table needs more memory than its limit leaves");
    stroma_hint(err, "keep fewer columns, or raise the memory limit");
    return STROMA_E_NOMEM;
}

stroma_status stroma_table_claim(stroma_table *t, size_t bytes, stroma_error *err)
{
    if (bytes > t->arena.limit_bytes - t->arena.used_bytes)
        return stroma_table_no_room(t, bytes, err);
    t->arena.limit_bytes -= bytes;
    return STROMA_OK;
}

stroma_status stroma_table_new(size_t limit_bytes, stroma_table **out, stroma_error *err)
{
    *out = NULL;
    stroma_table *t = stroma_alloc_array(1, sizeof *t);
    if (t == NULL) return stroma_no_memory(err);
    stroma_arena_init(&t->arena, limit_bytes == 0 ? TABLE_LIMIT_DEFAULT : limit_bytes);
    t->names = stroma_text_index_new();
    if (t->names == NULL) {
        stroma_free(t);
        return stroma_no_memory(err);
    }
    *out = t;
    return STROMA_OK;
}

void stroma_table_free(stroma_table *t)
{
    if (t == NULL) return;
    for (size_t i = 0; i < t->columns_len; i++) {
        stroma_table_column *c = &t->columns[i];
        stroma_free(c->numbers);
        stroma_free(c->codes);
        stroma_free(c->dictionary);
        stroma_free(c->states);
        stroma_free(c->tags);
        stroma_free(c->value_labels);
        stroma_text_index_free(c->index);
    }
    stroma_free(t->columns);
    stroma_free(t->source_rows);
    stroma_text_index_free(t->names);
    stroma_arena_clear(&t->arena);
    stroma_free(t);
}

static stroma_status keep_n(stroma_table *t, const char *s, size_t n, const char **out,
                            stroma_error *err)
{
    *out = stroma_arena_strndup(&t->arena, s, n);
    return *out == NULL ? stroma_table_no_room(t, n + 1, err) : STROMA_OK;
}

stroma_status stroma_table_keep(stroma_table *t, const char *s, const char **out, stroma_error *err)
{
    *out = NULL;
    return s == NULL ? STROMA_OK : keep_n(t, s, strlen(s), out, err);
}

size_t stroma_column_row_bytes(stroma_column_type type)
{
    return sizeof(uint8_t) + (type == STROMA_COLUMN_TEXT ? sizeof(int32_t) : sizeof(double));
}

static void clear_rows(stroma_table_column *c, size_t from, size_t to)
{
    const size_t n = to - from;
    if (n == 0) return;
    memset(c->states + from, STROMA_MISSING, n);
    if (c->numbers != NULL) memset(c->numbers + from, 0, n * sizeof *c->numbers);
    if (c->codes != NULL) memset(c->codes + from, 0xff, n * sizeof *c->codes); /* all -1 */
    if (c->tags != NULL) memset(c->tags + from, 0, n);
}

/* Each array is replaced as soon as it has grown, so a failure half-way leaves a valid column. */
static stroma_status grow_column(stroma_table_column *c, size_t capacity, stroma_error *err)
{
    uint8_t *states = stroma_realloc_array(c->states, capacity, sizeof *states);
    if (states == NULL) return stroma_no_memory(err);
    c->states = states;
    if (c->type == STROMA_COLUMN_TEXT) {
        int32_t *codes = stroma_realloc_array(c->codes, capacity, sizeof *codes);
        if (codes == NULL) return stroma_no_memory(err);
        c->codes = codes;
    } else {
        double *numbers = stroma_realloc_array(c->numbers, capacity, sizeof *numbers);
        if (numbers == NULL) return stroma_no_memory(err);
        c->numbers = numbers;
    }
    if (c->tags != NULL) {
        char *tags = stroma_realloc_array(c->tags, capacity, 1);
        if (tags == NULL) return stroma_no_memory(err);
        c->tags = tags;
    }
    return STROMA_OK;
}

static stroma_status fill_column(stroma_table *t, stroma_table_column *c, const char *name,
                                 stroma_error *err)
{
    STROMA_TRY(stroma_table_keep(t, name, &c->name, err));
    if (c->type == STROMA_COLUMN_TEXT) {
        c->index = stroma_text_index_new();
        if (c->index == NULL) return stroma_no_memory(err);
    }
    STROMA_TRY(stroma_table_claim(t, t->rows_capacity * stroma_column_row_bytes(c->type), err));
    STROMA_TRY(grow_column(c, t->rows_capacity, err));
    clear_rows(c, 0, t->rows_len);
    return STROMA_OK;
}

stroma_status stroma_table_add_column(stroma_table *t, const char *name, stroma_column_type type,
                                      size_t *out_idx, stroma_error *err)
{
    const size_t n = strlen(name);
    const uint32_t hash = stroma_text_hash(name, n);
    if (stroma_text_index_find(t->names, t->columns, sizeof *t->columns, name, n, hash) >= 0)
        return stroma_fail(err, STROMA_E_USAGE, "there are two columns named \"%s\"", name);
    STROMA_TRY(stroma_grow(&t->columns, &t->columns_capacity, t->columns_len + 1,
                           sizeof *t->columns, err));
    stroma_table_column *c = &t->columns[t->columns_len];
    *c = (stroma_table_column){ .type = type };
    stroma_status s = fill_column(t, c, name, err);
    if (s == STROMA_OK) s = stroma_text_index_add(t->names, hash, n, (int32_t)t->columns_len, err);
    if (s != STROMA_OK) {
        stroma_free(c->states);
        stroma_free(c->numbers);
        stroma_free(c->codes);
        stroma_text_index_free(c->index);
        *c = (stroma_table_column){ 0 };
        return s;
    }
    if (out_idx != NULL) *out_idx = t->columns_len;
    t->columns_len++;
    return STROMA_OK;
}

static size_t row_bytes_of(const stroma_table *t)
{
    size_t n = sizeof *t->source_rows;
    for (size_t i = 0; i < t->columns_len; i++)
        n += stroma_column_row_bytes(t->columns[i].type);
    return n;
}

bool stroma_table_fits(const stroma_table *t, size_t capacity)
{
    return capacity <= t->rows_capacity ||
           capacity - t->rows_capacity <=
               (t->arena.limit_bytes - t->arena.used_bytes) / row_bytes_of(t);
}

stroma_status stroma_table_reserve(stroma_table *t, size_t capacity, stroma_error *err)
{
    const size_t row_bytes = row_bytes_of(t);
    const size_t more = capacity > t->rows_capacity ? capacity - t->rows_capacity : 0;
    if (more > SIZE_MAX / 4 / row_bytes) return stroma_table_no_room(t, SIZE_MAX, err);
    STROMA_TRY(stroma_table_claim(t, more * row_bytes, err));
    stroma_status s = STROMA_OK;
    int64_t *rows = stroma_realloc_array(t->source_rows, capacity, sizeof *rows);
    if (rows == NULL)
        s = stroma_no_memory(err);
    else
        t->source_rows = rows;
    for (size_t i = 0; i < t->columns_len && s == STROMA_OK; i++)
        s = grow_column(&t->columns[i], capacity, err);
    if (s != STROMA_OK) {
        t->arena.limit_bytes += more * row_bytes;
        return s;
    }
    if (capacity < t->rows_capacity)
        t->arena.limit_bytes += (t->rows_capacity - capacity) * row_bytes;
    t->rows_capacity = capacity;
    return STROMA_OK;
}

stroma_status stroma_column_retype(stroma_table *t, size_t column, stroma_column_type type,
                                   stroma_error *err)
{
    stroma_table_column *c = &t->columns[column];
    stroma_free(c->numbers);
    stroma_free(c->codes);
    c->numbers = NULL;
    c->codes = NULL;
    t->arena.limit_bytes += t->rows_capacity * stroma_column_row_bytes(c->type);
    c->type = type;
    STROMA_TRY(stroma_table_claim(t, t->rows_capacity * stroma_column_row_bytes(type), err));
    if (type == STROMA_COLUMN_TEXT && c->index == NULL) {
        c->index = stroma_text_index_new();
        if (c->index == NULL) return stroma_no_memory(err);
    }
    STROMA_TRY(grow_column(c, t->rows_capacity, err));
    if (c->codes != NULL) memset(c->codes, 0xff, t->rows_len * sizeof *c->codes);
    if (c->numbers != NULL) memset(c->numbers, 0, t->rows_len * sizeof *c->numbers);
    return STROMA_OK;
}

stroma_status stroma_table_add_rows(stroma_table *t, size_t n, stroma_error *err)
{
    if (n > SIZE_MAX / 16 - t->rows_len) return stroma_table_no_room(t, SIZE_MAX, err);
    const size_t len = t->rows_len + n;
    if (len > t->rows_capacity) {
        const size_t capacity = t->rows_capacity + t->rows_capacity / 2;
        STROMA_TRY(stroma_table_reserve(t, capacity < len ? len : capacity, err));
    }
    for (size_t i = 0; i < t->columns_len; i++)
        clear_rows(&t->columns[i], t->rows_len, len);
    if (n > 0) memset(t->source_rows + t->rows_len, 0, n * sizeof *t->source_rows);
    t->rows_len = len;
    return STROMA_OK;
}

static bool equal_ignoring_case(const char *a, const char *b)
{
    for (;; a++, b++) {
        const char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a;
        const char y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
        if (x != y) return false;
        if (x == '\0') return true;
    }
}

size_t stroma_table_find(const stroma_table *t, const char *column)
{
    const size_t n = strlen(column);
    const int32_t i = stroma_text_index_find(t->names, t->columns, sizeof *t->columns, column, n,
                                             stroma_text_hash(column, n));
    if (i >= 0) return (size_t)i;
    for (size_t k = 0; k < t->columns_len; k++)
        if (equal_ignoring_case(t->columns[k].name, column)) return k;
    return SIZE_MAX;
}

void stroma_table_set_number(stroma_table *t, size_t column, size_t row, double x)
{
    stroma_table_column *c = &t->columns[column];
    const bool ok = isfinite(x);
    c->numbers[row] = ok ? x : 0;
    c->states[row] = ok ? STROMA_PRESENT : STROMA_NOT_ESTIMABLE;
    if (c->tags != NULL) c->tags[row] = 0;
}

void stroma_table_set_state(stroma_table *t, size_t column, size_t row, stroma_cell_state state,
                            double limit)
{
    stroma_table_column *c = &t->columns[column];
    c->states[row] = (uint8_t)state;
    if (c->tags != NULL) c->tags[row] = 0;
    if (state == STROMA_EXCLUDED || state == STROMA_PRESENT) return;
    const bool limited = state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT;
    if (c->numbers != NULL) c->numbers[row] = limited ? limit : 0;
    if (c->codes != NULL) c->codes[row] = -1;
}

stroma_status stroma_table_set_tag(stroma_table *t, size_t column, size_t row, char tag,
                                   stroma_error *err)
{
    stroma_table_column *c = &t->columns[column];
    if (c->tags == NULL) {
        STROMA_TRY(stroma_table_claim(t, t->rows_capacity, err));
        c->tags = stroma_alloc_array(t->rows_capacity, 1);
        if (c->tags == NULL) return stroma_no_memory(err);
    }
    stroma_table_set_state(t, column, row, STROMA_MISSING, 0);
    c->tags[row] = tag;
    return STROMA_OK;
}

stroma_status stroma_column_intern(stroma_table *t, stroma_table_column *c, const char *s, size_t n,
                                   int32_t *out, stroma_error *err)
{
    const uint32_t hash = stroma_text_hash(s, n);
    *out = stroma_text_index_find(c->index, c->dictionary, sizeof *c->dictionary, s, n, hash);
    if (*out >= 0) return STROMA_OK;
    const char *text = NULL;
    STROMA_TRY(stroma_grow(&c->dictionary, &c->dictionary_capacity, c->dictionary_len + 1,
                           sizeof *c->dictionary, err));
    STROMA_TRY(keep_n(t, s, n, &text, err));
    STROMA_TRY(stroma_text_index_add(c->index, hash, n, (int32_t)c->dictionary_len, err));
    c->dictionary[c->dictionary_len] = text;
    *out = (int32_t)c->dictionary_len++;
    return STROMA_OK;
}

stroma_status stroma_table_set_text(stroma_table *t, size_t column, size_t row, const char *s,
                                    size_t n, stroma_error *err)
{
    stroma_table_column *c = &t->columns[column];
    STROMA_BUG_IF(c->type != STROMA_COLUMN_TEXT, err);
    int32_t code = -1;
    if (s != NULL) {
        if (memchr(s, '\0', n) != NULL)
            return stroma_fail(err, STROMA_E_USAGE, "a text of column \"%s\" has a NUL byte inside",
                               c->name);
        STROMA_TRY(stroma_column_intern(t, c, s, n, &code, err));
    }
    c->codes[row] = code;
    c->states[row] = (uint8_t)(code < 0 ? STROMA_MISSING : STROMA_PRESENT);
    if (c->tags != NULL) c->tags[row] = 0;
    return STROMA_OK;
}

stroma_status stroma_table_add_value_label(stroma_table *t, size_t column,
                                           const stroma_value_label *label, stroma_error *err)
{
    stroma_table_column *c = &t->columns[column];
    stroma_value_label copy = *label;
    STROMA_TRY(stroma_table_keep(t, label->text, &copy.text, err));
    STROMA_TRY(stroma_table_keep(t, label->label, &copy.label, err));
    STROMA_TRY(stroma_grow(&c->value_labels, &c->value_labels_capacity, c->value_labels_len + 1,
                           sizeof *c->value_labels, err));
    c->value_labels[c->value_labels_len++] = copy;
    return STROMA_OK;
}

const char *stroma_table_text(const stroma_table *t, size_t column, size_t row)
{
    const stroma_table_column *c = &t->columns[column];
    return c->codes == NULL || c->codes[row] < 0 ? NULL : c->dictionary[c->codes[row]];
}

double stroma_table_number(const stroma_table *t, size_t column, size_t row)
{
    const stroma_table_column *c = &t->columns[column];
    return c->numbers != NULL && c->states[row] == STROMA_PRESENT ? c->numbers[row] : (double)NAN;
}

stroma_cell_state stroma_table_state(const stroma_table *t, size_t column, size_t row)
{
    return (stroma_cell_state)t->columns[column].states[row];
}
