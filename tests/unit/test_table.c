/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/table.h"

#include <math.h>
#include <string.h>

static stroma_table *new_table(size_t limit_bytes)
{
    stroma_table *t = NULL;
    assert_int_equal(stroma_table_new(limit_bytes, &t, NULL), STROMA_OK);
    return t;
}

static void cells_start_missing(void **state)
{
    (void)state;
    stroma_table *t = new_table(0);
    size_t number = 9, text = 9;
    assert_int_equal(stroma_table_add_column(t, "esr", STROMA_COLUMN_NUMBER, &number, NULL), 0);
    assert_int_equal(stroma_table_add_rows(t, 3, NULL), STROMA_OK);
    assert_int_equal(stroma_table_add_column(t, "arm", STROMA_COLUMN_TEXT, &text, NULL), 0);
    assert_int_equal(stroma_table_add_rows(t, 2, NULL), STROMA_OK);
    assert_int_equal(t->rows_len, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(stroma_table_state(t, number, i), STROMA_MISSING);
        assert_true(isnan(stroma_table_number(t, number, i)));
        assert_true(t->columns[number].numbers[i] == 0);
        assert_null(stroma_table_text(t, text, i));
        assert_true(isnan(stroma_table_number(t, text, i)));
    }
    stroma_table_free(t);
}

static void states_keep_what_they_should(void **state)
{
    (void)state;
    stroma_table *t = new_table(0);
    assert_int_equal(stroma_table_add_column(t, "il6", STROMA_COLUMN_NUMBER, NULL, NULL), 0);
    assert_int_equal(stroma_table_add_rows(t, 4, NULL), STROMA_OK);
    stroma_table_set_number(t, 0, 0, 12.5);
    stroma_table_set_state(t, 0, 1, STROMA_BELOW_LIMIT, 0.5);
    stroma_table_set_number(t, 0, 2, 7);
    stroma_table_set_number(t, 0, 3, INFINITY);
    assert_true(stroma_table_number(t, 0, 0) == 12.5);
    assert_true(isnan(stroma_table_number(t, 0, 1)));
    assert_true(t->columns[0].numbers[1] == 0.5);
    stroma_table_set_state(t, 0, 2, STROMA_EXCLUDED, 0);
    assert_true(t->columns[0].numbers[2] == 7);
    stroma_table_set_state(t, 0, 2, STROMA_NOT_DONE, 99);
    assert_true(t->columns[0].numbers[2] == 0);
    assert_int_equal(stroma_table_state(t, 0, 3), STROMA_NOT_ESTIMABLE);
    assert_int_equal(stroma_table_set_tag(t, 0, 1, 'c', NULL), STROMA_OK);
    assert_int_equal(t->columns[0].tags[1], 'c');
    assert_int_equal(stroma_table_state(t, 0, 1), STROMA_MISSING);
    assert_int_equal(stroma_table_add_rows(t, 100, NULL), STROMA_OK);
    assert_int_equal(t->columns[0].tags[1], 'c');
    assert_int_equal(t->columns[0].tags[103], 0);
    stroma_table_free(t);
}

static void texts_are_kept_once(void **state)
{
    (void)state;
    stroma_table *t = new_table(0);
    assert_int_equal(stroma_table_add_column(t, "id", STROMA_COLUMN_TEXT, NULL, NULL), 0);
    enum { N = 5000 };
    assert_int_equal(stroma_table_add_rows(t, N, NULL), STROMA_OK);
    char buf[32];
    for (size_t i = 0; i < N; i++) {
        const int n = snprintf(buf, sizeof buf, "subject-%zu", i % 1700);
        assert_int_equal(stroma_table_set_text(t, 0, i, buf, (size_t)n, NULL), STROMA_OK);
    }
    assert_int_equal(t->columns[0].dictionary_len, 1700);
    for (size_t i = 0; i < N; i++) {
        (void)snprintf(buf, sizeof buf, "subject-%zu", i % 1700);
        assert_string_equal(stroma_table_text(t, 0, i), buf);
        assert_int_equal(t->columns[0].codes[i], i % 1700);
    }
    assert_int_equal(stroma_table_set_text(t, 0, 0, "", 0, NULL), STROMA_OK);
    assert_string_equal(stroma_table_text(t, 0, 0), "");
    assert_int_equal(stroma_table_state(t, 0, 0), STROMA_PRESENT);
    assert_int_equal(stroma_table_set_text(t, 0, 0, NULL, 0, NULL), STROMA_OK);
    assert_int_equal(stroma_table_state(t, 0, 0), STROMA_MISSING);
    assert_int_equal(stroma_table_set_text(t, 0, 0, "a\0b", 3, NULL), STROMA_E_USAGE);
    stroma_table_free(t);
}

static void names(void **state)
{
    (void)state;
    stroma_table *t = new_table(0);
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_table_add_column(t, "DAS28", STROMA_COLUMN_NUMBER, NULL, NULL), 0);
    assert_int_equal(stroma_table_add_column(t, "das28", STROMA_COLUMN_NUMBER, NULL, NULL), 0);
    assert_int_equal(stroma_table_add_column(t, "das28", STROMA_COLUMN_TEXT, NULL, &err),
                     STROMA_E_USAGE);
    assert_string_equal(err.message, "there are two columns named \"das28\"");
    assert_int_equal(t->columns_len, 2);
    assert_int_equal(stroma_table_find(t, "das28"), 1);
    assert_int_equal(stroma_table_find(t, "DAS28"), 0);
    assert_int_equal(stroma_table_find(t, "Das28"), 0);
    assert_true(stroma_table_find(t, "das") == SIZE_MAX);
    const stroma_value_label label = { .number = 1, .label = "male" };
    assert_int_equal(stroma_table_add_value_label(t, 0, &label, NULL), STROMA_OK);
    assert_string_equal(t->columns[0].value_labels[0].label, "male");
    assert_null(t->columns[0].value_labels[0].text);
    stroma_cell_state s = STROMA_PRESENT;
    for (int i = 0; i < STROMA_CELL_STATE_COUNT; i++) {
        assert_true(stroma_cell_state_parse(stroma_cell_state_name((stroma_cell_state)i), &s));
        assert_int_equal(s, i);
    }
    assert_false(stroma_cell_state_parse("nan", &s));
    stroma_table_free(t);
}

static void the_limit_holds(void **state)
{
    (void)state;
    stroma_table *t = new_table(100000);
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_table_add_column(t, "x", STROMA_COLUMN_NUMBER, NULL, NULL), 0);
    assert_int_equal(stroma_table_add_rows(t, 100000, &err), STROMA_E_NOMEM);
    assert_string_equal(err.message, "the table needs more memory than its limit leaves");
    assert_int_equal(t->rows_len, 0);
    assert_int_equal(stroma_table_add_rows(t, SIZE_MAX - 1, &err), STROMA_E_NOMEM);
    assert_int_equal(stroma_table_add_rows(t, 1000, NULL), STROMA_OK);
    assert_int_equal(stroma_table_add_column(t, "s", STROMA_COLUMN_TEXT, NULL, NULL), 0);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < 1000 && s == STROMA_OK; i++) {
        char buf[200];
        memset(buf, 'a', sizeof buf);
        (void)snprintf(buf, 20, "%zu", i);
        s = stroma_table_set_text(t, 1, i, buf, 150 - 1, NULL);
        if (s == STROMA_E_USAGE) { /* the NUL that snprintf left */
            buf[strlen(buf)] = '-';
            s = stroma_table_set_text(t, 1, i, buf, 150, NULL);
        }
    }
    assert_int_equal(s, STROMA_E_NOMEM);
    stroma_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_start_missing), cmocka_unit_test(states_keep_what_they_should),
        cmocka_unit_test(texts_are_kept_once), cmocka_unit_test(names),
        cmocka_unit_test(the_limit_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
