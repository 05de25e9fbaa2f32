/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold for every CSV: writing and reading gives the same table, threads and cuts do not
 * show, shuffled rows are the same rows, and every failing allocation is an error. */
#include "../../src/table/csv_private.h"
#include "alloc_fail.h"
#include "stroma_test.h"

#include "stroma/table_write.h"

#include <string.h>

/* splitmix64: the same tables on every run */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

enum { COLUMNS = 5, ROWS_MAX = 400 };
static const stroma_column_spec specs[COLUMNS] = {
    { "n", true, STROMA_COLUMN_NUMBER },  { "t", true, STROMA_COLUMN_TEXT },
    { "d", true, STROMA_COLUMN_DATE },    { "dt", true, STROMA_COLUMN_DATETIME },
    { "time", true, STROMA_COLUMN_TIME },
};

static void random_text(uint64_t *state, char *out, size_t max)
{
    static const char letters[] = "ab1.,;\"\n\r \t|<>=-'\\x";
    size_t n = next_random(state) % max + 1;
    for (size_t i = 0; i < n; i++)
        out[i] = letters[next_random(state) % (sizeof letters - 1)];
    out[n] = '\0';
    /* blanks alone are read as missing */
    if (strspn(out, " \t\r\n") == n) out[0] = 'a';
}

static stroma_table *random_table(uint64_t seed)
{
    uint64_t state = seed;
    stroma_table *t = NULL;
    assert_int_equal(stroma_table_new(0, &t, NULL), STROMA_OK);
    for (size_t c = 0; c < COLUMNS; c++)
        assert_int_equal(stroma_table_add_column(t, specs[c].name, specs[c].type, NULL, NULL), 0);
    assert_int_equal(stroma_table_add_rows(t, 1 + next_random(&state) % ROWS_MAX, NULL), 0);
    for (size_t r = 0; r < t->rows_len; r++) {
        char text[24];
        double x = 0;
        const uint64_t bits = next_random(&state);
        memcpy(&x, &bits, sizeof x);
        if (bits % 4 < 2) x = (double)(int64_t)(bits >> 40) / 1000;
        if (!(x > -1e300 && x < 1e300)) x = -0.125;
        stroma_table_set_number(t, 0, r, x);
        if (bits % 11 == 0) stroma_table_set_state(t, 0, r, STROMA_BELOW_LIMIT, x);
        if (bits % 11 == 1) stroma_table_set_state(t, 0, r, STROMA_ABOVE_LIMIT, x);
        if (bits % 11 == 2) stroma_table_set_state(t, 0, r, STROMA_NOT_DONE, 0);
        random_text(&state, text, 20);
        if (bits % 7 != 0)
            assert_int_equal(stroma_table_set_text(t, 1, r, text, strlen(text), NULL), STROMA_OK);
        stroma_table_set_number(t, 2, r, (double)(int)(bits % 40000) - 20000);
        stroma_table_set_number(t, 3, r, (double)(bits % 2000000000) + 0.25);
        stroma_table_set_number(t, 4, r, (double)(bits % 86400));
        if (bits % 13 == 0) stroma_table_set_state(t, 2 + bits / 13 % 3, r, STROMA_MISSING, 0);
    }
    return t;
}

static void assert_same_tables(const stroma_table *a, const stroma_table *b, bool lines)
{
    assert_int_equal(a->columns_len, b->columns_len);
    assert_int_equal(a->rows_len, b->rows_len);
    for (size_t c = 0; c < a->columns_len; c++) {
        const stroma_table_column *x = &a->columns[c], *y = &b->columns[c];
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->type, y->type);
        assert_int_equal(x->dictionary_len, y->dictionary_len);
        for (size_t r = 0; r < a->rows_len; r++) {
            if (lines) assert_int_equal(a->source_rows[r], b->source_rows[r]);
            assert_int_equal(x->states[r], y->states[r]);
            if (x->numbers != NULL)
                assert_memory_equal(&x->numbers[r], &y->numbers[r], sizeof(double));
            if (x->codes != NULL) assert_int_equal(x->codes[r], y->codes[r]);
            if (x->codes != NULL && x->codes[r] >= 0)
                assert_string_equal(x->dictionary[x->codes[r]], y->dictionary[y->codes[r]]);
        }
    }
}

static stroma_table *read_back(const stroma_buffer *b, const stroma_table_read_options *o,
                               size_t chunk_bytes)
{
    stroma_table *t = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_reader_input in = { .name = "t.csv",
                                     .data = (const unsigned char *)b->data,
                                     .size = b->len };
    if (stroma_csv_read_chunked(&in, o, chunk_bytes, &t, NULL, &err) != STROMA_OK)
        fail_msg("line %d: %s", (int)err.line, err.message);
    return t;
}

static const char *const not_done[] = { "ND" };

static stroma_table_read_options declared(void)
{
    return (stroma_table_read_options){ .version = 1,
                                        .columns = specs,
                                        .columns_len = COLUMNS,
                                        .not_done = not_done,
                                        .not_done_len = 1,
                                        .threads = 1 };
}

static void written_and_read(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        stroma_table *t = random_table(seed);
        stroma_buffer b;
        stroma_buffer_init(&b, 1 << 22);
        stroma_table_write_options w = STROMA_TABLE_WRITE_OPTIONS_INIT;
        w.delimiter = ",;\t|"[seed % 4];
        w.decimal = w.delimiter == ',' || seed % 3 == 0 ? '.' : ',';
        w.states[STROMA_NOT_DONE] = "ND";
        assert_int_equal(stroma_table_format_csv(t, &w, &b, NULL), STROMA_OK);
        assert_int_equal(stroma_buffer_status(&b, NULL), STROMA_OK);
        stroma_table_read_options o = declared();
        o.delimiter = w.delimiter;
        o.decimal = w.decimal;
        stroma_table *back = read_back(&b, &o, 1 << 20);
        assert_same_tables(t, back, false);
        stroma_table_free(back);
        stroma_table_free(t);
        stroma_buffer_clear(&b);
    }
}

static void threads_and_cuts(void **state)
{
    (void)state;
    for (uint64_t seed = 100; seed < 120; seed++) {
        stroma_table *t = random_table(seed);
        stroma_buffer b;
        stroma_buffer_init(&b, 1 << 22);
        assert_int_equal(stroma_table_format_csv(t, NULL, &b, NULL), STROMA_OK);
        stroma_table_free(t);
        stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT; /* types are inferred */
        o.threads = 1;
        o.delimiter = ',';
        stroma_table *whole = read_back(&b, &o, 1 << 20);
        for (int threads = 1; threads <= 4; threads += 3) {
            static const size_t cuts[] = { 1, 7, 64, 300, 5000 };
            for (size_t i = 0; i < 5; i++) {
                o.threads = threads;
                stroma_table *part = read_back(&b, &o, cuts[i]);
                assert_same_tables(whole, part, true);
                stroma_table_free(part);
            }
        }
        stroma_table_free(whole);
        stroma_buffer_clear(&b);
    }
}

/* Broken files too: the same status, message and line for every cut and number of threads. */
static void broken_files(void **state)
{
    (void)state;
    for (uint64_t seed = 200; seed < 260; seed++) {
        stroma_table *t = random_table(seed);
        stroma_buffer b;
        stroma_buffer_init(&b, 1 << 22);
        assert_int_equal(stroma_table_format_csv(t, NULL, &b, NULL), STROMA_OK);
        stroma_table_free(t);
        uint64_t random = seed;
        for (int i = 0; i < 3; i++)
            b.data[next_random(&random) % b.len] = "\"\n,a\xFF"[next_random(&random) % 5];
        stroma_table_read_options o = declared();
        o.delimiter = ',';
        const stroma_reader_input in = { .name = "t.csv",
                                         .data = (const unsigned char *)b.data,
                                         .size = b.len };
        stroma_error first = STROMA_ERROR_INIT;
        stroma_table *whole = NULL;
        const stroma_status want = stroma_csv_read_chunked(&in, &o, 1 << 20, &whole, NULL, &first);
        static const size_t cuts[] = { 1, 50, 700 };
        for (size_t i = 0; i < 3; i++) {
            stroma_error err = STROMA_ERROR_INIT;
            o.threads = i % 2 == 0 ? 3 : 1;
            assert_int_equal(stroma_csv_read_chunked(&in, &o, cuts[i], &t, NULL, &err), want);
            assert_string_equal(err.message, first.message);
            assert_int_equal(err.line, first.line);
            if (want == STROMA_OK) {
                assert_same_tables(whole, t, true);
                stroma_table_free(t);
            }
        }
        stroma_table_free(whole);
        stroma_buffer_clear(&b);
    }
}

static void shuffled_rows(void **state)
{
    (void)state;
    enum { N = 200 };
    char lines[N][40];
    size_t order[N];
    uint64_t random = 5;
    for (size_t i = 0; i < N; i++) {
        order[i] = i;
        (void)snprintf(lines[i], sizeof lines[i], "%zu,%s%d.5,text %d\n", i, i % 9 == 0 ? "<" : "",
                       (int)(next_random(&random) % 100), (int)(next_random(&random) % 7));
    }
    for (size_t i = N - 1; i > 0; i--) {
        const size_t j = next_random(&random) % (i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
    stroma_buffer a, b;
    stroma_buffer_init(&a, 1 << 20);
    stroma_buffer_init(&b, 1 << 20);
    stroma_buffer_puts(&a, "id,x,t\n");
    stroma_buffer_puts(&b, "id,x,t\n");
    for (size_t i = 0; i < N; i++) {
        stroma_buffer_puts(&a, lines[i]);
        stroma_buffer_puts(&b, lines[order[i]]);
    }
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    stroma_table *x = read_back(&a, &o, 500), *y = read_back(&b, &o, 500);
    for (size_t i = 0; i < N; i++) {
        char p[STROMA_CELL_TEXT_MAX], q[STROMA_CELL_TEXT_MAX];
        for (size_t c = 0; c < 3; c++) {
            assert_int_equal(x->columns[c].type, y->columns[c].type);
            assert_string_equal(stroma_table_cell_text(y, c, i, p),
                                stroma_table_cell_text(x, c, order[i], q));
        }
        assert_int_equal(y->source_rows[i], i + 2);
    }
    stroma_table_free(x);
    stroma_table_free(y);
    stroma_buffer_clear(&a);
    stroma_buffer_clear(&b);
}

static void every_allocation_can_fail(void **state)
{
    (void)state;
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 20);
    /* quotes over cuts, a column that turns to text late (second pass), an empty column */
    stroma_buffer_puts(&b, "id,,x,late,note,never\n");
    for (int i = 0; i < 60; i++)
        stroma_buffer_printf(&b, "%d,%d,<0.%d,%s,\"a\n%d, \"\"b\"\"\",\n", i, i, i,
                             i < 40 ? "1" : "word", i);
    assert_int_equal(stroma_buffer_status(&b, NULL), STROMA_OK);
    const stroma_table_read_options o = { .version = 1, .threads = 1 };
    const stroma_reader_input in = { .name = "t.csv",
                                     .data = (const unsigned char *)b.data,
                                     .size = b.len };
    stroma_table *whole = read_back(&b, &o, 1 << 20);
    long failed = 0;
    for (long n = 1; n < 100000; n++) {
        stroma_table *t = NULL;
        atomic_store(&alloc_fail_happened, false);
        atomic_store(&alloc_fail_countdown, n);
        const stroma_status s = stroma_csv_read_chunked(&in, &o, 200, &t, NULL, NULL);
        atomic_store(&alloc_fail_countdown, 0);
        /* libcsv asks again for less when its buffer cannot grow, so some failures are survived */
        if (s == STROMA_OK)
            assert_same_tables(whole, t, true);
        else
            assert_null(t);
        assert_true(s == STROMA_OK || s == STROMA_E_NOMEM);
        stroma_table_free(t);
        failed += s == STROMA_E_NOMEM;
        if (!atomic_load(&alloc_fail_happened)) break;
    }
    assert_false(atomic_load(&alloc_fail_happened));
    assert_true(failed > 50);
    stroma_table_free(whole);
    stroma_buffer_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_read),
        cmocka_unit_test(threads_and_cuts),
        cmocka_unit_test(broken_files),
        cmocka_unit_test(shuffled_rows),
        cmocka_unit_test(every_allocation_can_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
