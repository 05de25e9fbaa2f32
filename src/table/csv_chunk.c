/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One chunk of a CSV file: libcsv makes cells of the text, the callbacks put them into columns. */
#include "csv_private.h"

#include "stroma/memory.h"
#include "stroma/number.h"

#include <csv.h>
#include <string.h>

enum { PROBLEMS_MAX = 10000, VALUE_SHOWN_MAX = 60 };

typedef struct chunk_walk {
    const csv_plan *plan;
    csv_chunk *c;
    size_t cell;         /* cells seen of this record */
    int64_t record_line; /* line the record starts in */
    bool quotes;         /* the chunk has quotes, so cells may have line ends */
    bool extra_cells;    /* this record has empty cells beyond the header */
    bool long_record;    /* … and some that are not empty */
    bool record_end;     /* the last byte ended a record, or stood between records */
    bool after_cr;
} chunk_walk;

static void *csv_realloc(void *p, size_t n)
{
    return stroma_realloc_array(p, n, 1);
}

void stroma_csv_parser_init(struct csv_parser *p, char delimiter, unsigned char options)
{
    (void)csv_init(p, options); /* fails for NULL alone */
    csv_set_delim(p, (unsigned char)delimiter);
    csv_set_realloc_func(p, csv_realloc);
    csv_set_free_func(p, stroma_free);
}

static void add_problem(chunk_walk *w, csv_code code, size_t column, int64_t line, csv_text value)
{
    csv_chunk *c = w->c;
    if (w->plan->again) return; /* said in the first round */
    if (c->problems_len >= PROBLEMS_MAX) {
        c->problems_dropped++;
        return;
    }
    c->status = stroma_grow(&c->problems, &c->problems_capacity, c->problems_len + 1,
                            sizeof *c->problems, &c->err);
    if (c->status != STROMA_OK) return;
    csv_problem *p = &c->problems[c->problems_len];
    *p = (csv_problem){ .line = line, .code = code, .column = column, .cells_len = w->cell };
    if (value.data != NULL) {
        size_t n = value.size;
        if (n > VALUE_SHOWN_MAX)
            for (n = VALUE_SHOWN_MAX; n > 0 && ((unsigned char)value.data[n] & 0xC0) == 0x80; n--)
                continue;
        p->value = stroma_arena_strndup(&c->arena, value.data, n);
        if (p->value == NULL) c->status = stroma_no_memory(&c->err);
    }
    c->problems_len++;
}

static bool grow_values(csv_chunk_column *k, size_t capacity)
{
    uint8_t *states = stroma_realloc_array(k->states, capacity, 1);
    if (states == NULL) return false;
    k->states = states;
    if (!k->known) return true;
    if (k->type == STROMA_COLUMN_TEXT) {
        int32_t *codes = stroma_realloc_array(k->codes, capacity, sizeof *codes);
        if (codes == NULL) return false;
        k->codes = codes;
    } else {
        double *numbers = stroma_realloc_array(k->numbers, capacity, sizeof *numbers);
        if (numbers == NULL) return false;
        k->numbers = numbers;
    }
    return true;
}

static void grow_rows(chunk_walk *w)
{
    csv_chunk *c = w->c;
    size_t capacity = c->rows_capacity + c->rows_capacity / 4 + 16;
    if (c->rows_capacity == 0)
        capacity = (size_t)(c->cut - c->start) / w->plan->row_bytes_guess + 16;
    bool ok = true;
    for (size_t i = 0; i < w->plan->columns_len && ok; i++)
        if (w->plan->columns[i].active && !c->columns[i].failed)
            ok = grow_values(&c->columns[i], capacity);
    int64_t *lines = ok ? stroma_realloc_array(c->lines, capacity, sizeof *lines) : NULL;
    if (lines == NULL) {
        c->status = stroma_no_memory(&c->err);
        return;
    }
    c->lines = lines;
    c->rows_capacity = capacity;
}

/* The first cell with a value in a column of unknown type: rows so far have none. */
static void learn_type(chunk_walk *w, csv_chunk_column *k, stroma_column_type type)
{
    k->type = type;
    k->known = true;
    k->plain = type == STROMA_COLUMN_NUMBER;
    if (type == STROMA_COLUMN_TEXT)
        k->codes = stroma_alloc_array(w->c->rows_capacity, sizeof *k->codes);
    else
        k->numbers = stroma_alloc_array(w->c->rows_capacity, sizeof *k->numbers);
    if (k->codes == NULL && k->numbers == NULL)
        w->c->status = stroma_no_memory(&w->c->err);
    else if (k->codes != NULL)
        memset(k->codes, 0xff, w->c->rows_len * sizeof *k->codes);
}

static void store_text(chunk_walk *w, csv_chunk_column *k, csv_text cell)
{
    csv_chunk *c = w->c;
    k->states[c->rows_len] = STROMA_PRESENT;
    if (k->last_text != NULL && k->last_len == cell.size &&
        memcmp(k->last_text, cell.data, cell.size) == 0) { /* ids repeat from row to row */
        k->codes[c->rows_len] = k->last_code;
        return;
    }
    const uint32_t hash = stroma_text_hash(cell.data, cell.size);
    int32_t code =
        stroma_text_index_find(&k->index, k->texts, sizeof *k->texts, cell.data, cell.size, hash);
    if (code < 0) {
        const char *text = stroma_arena_strndup(&c->arena, cell.data, cell.size);
        if (text == NULL) c->status = stroma_no_memory(&c->err);
        if (c->status == STROMA_OK)
            c->status = stroma_grow(&k->texts, &k->texts_capacity, k->texts_len + 1,
                                    sizeof *k->texts, &c->err);
        if (c->status == STROMA_OK)
            c->status =
                stroma_text_index_add(&k->index, hash, cell.size, (int32_t)k->texts_len, &c->err);
        if (c->status != STROMA_OK) return;
        k->texts[k->texts_len] = text;
        code = (int32_t)k->texts_len++;
    }
    k->codes[c->rows_len] = code;
    k->last_text = k->texts[code];
    k->last_len = cell.size;
    k->last_code = code;
}

static void store(chunk_walk *w, size_t column, csv_text cell)
{
    csv_chunk *c = w->c;
    csv_chunk_column *k = &c->columns[column];
    if (k->failed) return;
    stroma_cell_state state = STROMA_MISSING;
    double x = 0;
    csv_fit fit = CSV_NO_VALUE;
    if (cell.size > 0 && !k->known) {
        if (stroma_csv_word(&w->plan->words, stroma_csv_trim(cell), &state) == CSV_FITS)
            learn_type(w, k, stroma_csv_type_of(&w->plan->words, cell));
        if (c->status != STROMA_OK) return;
    }
    if (cell.size > 0 && k->known) {
        if (k->type != STROMA_COLUMN_TEXT) {
            fit = stroma_csv_value(&w->plan->words, k->type, cell, &x, &state);
            if (k->type == STROMA_COLUMN_NUMBER && !w->plan->columns[column].declared &&
                stroma_csv_is_code(cell))
                fit = CSV_MISFIT;
        } else {
            fit = stroma_csv_word(&w->plan->words, stroma_csv_trim(cell), &state);
            if (fit == CSV_FITS) {
                store_text(w, k, cell);
                return;
            }
        }
    }
    if (fit == CSV_MISFIT && !w->plan->columns[column].declared) {
        k->failed = true;
        k->plain = false;
        return;
    }
    if (fit == CSV_MISFIT) {
        add_problem(w, CSV_CELL_TYPE, column, w->record_line, cell);
        state = STROMA_MISSING;
    }
    if (k->numbers != NULL) k->numbers[c->rows_len] = fit == CSV_FITS ? x : 0;
    if (k->codes != NULL) k->codes[c->rows_len] = -1;
    k->states[c->rows_len] = (uint8_t)state;
}

/* false only when no byte of the eight (four) is below 14, so that none is CR or LF. */
static bool low_bytes(const char *p, size_t n)
{
    uint64_t w = UINT64_C(0x2020202020202020);
    memcpy(&w, p, n);
    return ((w - UINT64_C(0x0E0E0E0E0E0E0E0E)) & ~w & UINT64_C(0x8080808080808080)) != 0;
}

static bool may_have_line_end(csv_text cell)
{
    const char *p = cell.data;
    size_t n = cell.size;
    if (n < 4) {
        bool low = false;
        for (size_t i = 0; i < n; i++)
            low = low || (unsigned char)p[i] <= '\r';
        return low;
    }
    for (; n > 8; n -= 8, p += 8)
        if (low_bytes(p, 8)) return true;
    /* the last four overlap bytes already seen when fewer are left */
    return (n >= 4 && low_bytes(p, 4)) || low_bytes(p + n - 4, 4);
}

/* Line ends inside a quoted cell: LF, CR and CRLF count one each. */
static int64_t line_ends(csv_text cell)
{
    if (!may_have_line_end(cell)) return 0;
    int64_t n = 0;
    for (size_t i = 0; i < cell.size; i++)
        n += cell.data[i] == '\n' ? i == 0 || cell.data[i - 1] != '\r' : cell.data[i] == '\r';
    return n;
}

/* The most frequent case, kept short: a plain number in a column of numbers. */
static bool store_plain_number(chunk_walk *w, csv_text cell)
{
    csv_chunk *c = w->c;
    csv_chunk_column *k = &c->columns[w->cell];
    const csv_words *words = &w->plan->words;
    if (!k->plain || cell.size == 0 || words->first[(unsigned char)cell.data[0]] ||
        (cell.data[0] == '0' && cell.size > 1) || /* 0.5, or a code as 017: see store() */
        !stroma_parse_double(cell.data, cell.size, words->decimal, &k->numbers[c->rows_len]))
        return false;
    k->states[c->rows_len] = STROMA_PRESENT;
    return true;
}

static void on_cell(void *s, size_t n, void *data)
{
    chunk_walk *w = data;
    csv_chunk *c = w->c;
    if (c->status != STROMA_OK) return;
    const csv_text cell = { n == 0 ? "" : s, n };
    if (w->cell == 0) {
        w->record_line = c->lines_len;
        if (c->rows_len == c->rows_capacity) grow_rows(w);
        if (c->status != STROMA_OK) return;
    }
    w->after_cr = false;
    if (w->cell < w->plan->columns_len && store_plain_number(w, cell)) {
        w->cell++;
        return;
    }
    if (w->cell < w->plan->columns_len) {
        if (w->plan->columns[w->cell].active) store(w, w->cell, cell);
    } else if (stroma_csv_trim(cell).size > 0) {
        w->long_record = true;
    } else {
        w->extra_cells = true;
    }
    if (w->quotes) c->lines_len += line_ends(cell);
    w->cell++;
}

static void end_record(chunk_walk *w)
{
    csv_chunk *c = w->c;
    if (w->cell < w->plan->columns_len || w->long_record) {
        add_problem(w, CSV_ROW_LENGTH, SIZE_MAX, w->record_line, (csv_text){ NULL, 0 });
    } else {
        if (w->extra_cells && c->trailing_rows++ == 0) c->trailing_line = w->record_line;
        c->lines[c->rows_len++] = w->record_line;
    }
    w->cell = 0;
    w->extra_cells = w->long_record = false;
}

/* libcsv calls this for every CR and LF outside quotes (CSV_REPALL_NL), and with -1 at the end. */
static void on_line_end(int character, void *data)
{
    chunk_walk *w = data;
    if (w->c->status != STROMA_OK) return;
    if (w->cell > 0) end_record(w);
    if (character == '\r' || (character == '\n' && !w->after_cr)) w->c->lines_len++;
    w->after_cr = character == '\r';
    w->record_end = true;
}

/* Strict parsing stops at a quote inside an unquoted cell; it is noted and taken as it stands. */
static void feed(chunk_walk *w, struct csv_parser *p, const char *from, const char *to)
{
    while (from < to && w->c->status == STROMA_OK) {
        const size_t n = (size_t)(to - from);
        const size_t done = csv_parse(p, from, n, on_cell, on_line_end, w);
        from += done;
        if (done == n || w->c->status != STROMA_OK) return;
        if (csv_error(p) != CSV_EPARSE) {
            w->c->status = stroma_no_memory(&w->c->err);
            return;
        }
        const int64_t line = w->cell == 0 ? w->c->lines_len : w->record_line;
        add_problem(w, CSV_STRAY_QUOTE, w->cell < w->plan->columns_len ? w->cell : SIZE_MAX, line,
                    (csv_text){ NULL, 0 });
        (void)csv_set_opts(p, CSV_REPALL_NL);
        if (csv_parse(p, from, 1, on_cell, on_line_end, w) != 1 && w->c->status == STROMA_OK)
            w->c->status = stroma_no_memory(&w->c->err);
        from++;
        (void)csv_set_opts(p, CSV_REPALL_NL | CSV_STRICT);
    }
}

/* Feed up to `to`, whose last byte is fed alone: did it end a record? */
static bool feed_to(chunk_walk *w, struct csv_parser *p, const char *from, const char *to)
{
    feed(w, p, from, to - 1);
    w->record_end = false;
    feed(w, p, to - 1, to);
    return w->record_end;
}

static void finish(chunk_walk *w, struct csv_parser *p)
{
    csv_chunk *c = w->c;
    if (c->status != STROMA_OK) return;
    const int64_t line = w->cell == 0 ? c->lines_len : w->record_line;
    (void)csv_set_opts(p, CSV_REPALL_NL | CSV_STRICT | CSV_STRICT_FINI);
    if (csv_fini(p, on_cell, on_line_end, w) != 0) {
        c->open_quote = true;
        c->open_line = line;
    }
}

static void walk(chunk_walk *w, struct csv_parser *p, bool bounded)
{
    csv_chunk *c = w->c;
    const char *at = c->start, *next = c->cut;
    bool ended = false;
    while (c->status == STROMA_OK) {
        ended = feed_to(w, p, at, next);
        at = next;
        if (ended || at == w->plan->end || c->status != STROMA_OK) break;
        if (bounded && at - c->cut > c->cut - c->start) return; /* c->end stays NULL */
        next = memchr(at, w->plan->newline, (size_t)(w->plan->end - at));
        next = next == NULL ? w->plan->end : next + 1;
    }
    if (at == w->plan->end) finish(w, p);
    c->end = at;
}

/* Arrays left by an earlier parse are used again where they are of the right kind. */
static bool start_column(const csv_plan_column *plan, const csv_chunk *c, csv_chunk_column *k)
{
    k->type = plan->type;
    k->known = plan->known;
    k->plain = plan->known && plan->type == STROMA_COLUMN_NUMBER;
    if (!plan->known || plan->type == STROMA_COLUMN_TEXT) {
        stroma_free(k->numbers);
        k->numbers = NULL;
    }
    if (!plan->known || plan->type != STROMA_COLUMN_TEXT) {
        stroma_free(k->codes);
        k->codes = NULL;
    }
    return c->rows_capacity == 0 || grow_values(k, c->rows_capacity);
}

void stroma_csv_chunk_parse(const csv_plan *plan, csv_chunk *c, bool bounded)
{
    if (c->columns == NULL) c->columns = stroma_alloc_array(plan->columns_len, sizeof *c->columns);
    bool ok = c->columns != NULL;
    for (size_t i = 0; i < plan->columns_len && ok; i++)
        if (plan->columns[i].active) ok = start_column(&plan->columns[i], c, &c->columns[i]);
    if (!ok) {
        c->status = stroma_no_memory(&c->err);
        return;
    }
    chunk_walk w = { .plan = plan, .c = c };
    w.quotes = memchr(c->start, '"', (size_t)(c->cut - c->start)) != NULL;
    struct csv_parser p;
    stroma_csv_parser_init(&p, plan->delimiter, CSV_REPALL_NL | CSV_STRICT);
    walk(&w, &p, bounded);
    csv_free(&p);
}

void stroma_csv_chunk_reset(csv_chunk *c, size_t columns_len, const char *start, const char *cut)
{
    for (size_t i = 0; i < columns_len && c->columns != NULL; i++) {
        csv_chunk_column *k = &c->columns[i];
        k->failed = k->plain = false;
        k->texts_len = 0;
        k->last_text = NULL;
        stroma_text_index_reset(&k->index);
    }
    stroma_arena_clear(&c->arena);
    stroma_arena_init(&c->arena, SIZE_MAX); /* a copy of part of the text at most */
    c->start = start;
    c->cut = cut;
    c->end = NULL;
    c->rows_len = c->problems_len = c->problems_dropped = c->trailing_rows = 0;
    c->lines_len = 0;
    c->open_quote = false;
    c->status = STROMA_OK;
    c->err = (stroma_error)STROMA_ERROR_INIT;
}

void stroma_csv_chunk_clear(csv_chunk *c, size_t columns_len)
{
    for (size_t i = 0; i < columns_len && c->columns != NULL; i++) {
        csv_chunk_column *k = &c->columns[i];
        stroma_free(k->numbers);
        stroma_free(k->codes);
        stroma_free(k->states);
        stroma_free(k->texts);
        stroma_free(k->index.slots);
    }
    stroma_free(c->columns);
    stroma_free(c->lines);
    stroma_free(c->problems);
    stroma_arena_clear(&c->arena);
    *c = (csv_chunk){ 0 };
}
