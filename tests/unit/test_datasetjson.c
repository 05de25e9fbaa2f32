/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dataset-JSON 1.1: the CDISC examples equal cdisc/datasetjson_expected.json, and the encodings of
 * one data set agree. Broken files are in tests/data. */
#include "stroma_test.h"

#include "stroma/table_read.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static const char *root;
static json_t *expected;

static stroma_table *read_ok(const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", root, name);
    stroma_table *t = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_table_read(path, NULL, &t, NULL, &err) != STROMA_OK)
        fail_msg("%s%s", err.context, err.message);
    return t;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static size_t count_unique(const stroma_table *t, size_t c)
{
    if (t->columns[c].type == STROMA_COLUMN_TEXT) return t->columns[c].dictionary_len;
    double *x = calloc(t->rows_len + 1, sizeof *x);
    size_t n = 0, unique = 0;
    for (size_t r = 0; r < t->rows_len; r++)
        if (stroma_table_state(t, c, r) == STROMA_PRESENT) x[n++] = stroma_table_number(t, c, r);
    qsort(x, n, sizeof *x, by_value);
    for (size_t i = 0; i < n; i++)
        unique += i == 0 || x[i] != x[i - 1];
    free(x);
    return unique;
}

static void compare_column(const stroma_table *t, size_t c, const json_t *want)
{
    size_t n = 0;
    double sum = 0, lo = HUGE_VAL, hi = -HUGE_VAL;
    for (size_t r = 0; r < t->rows_len; r++) {
        if (stroma_table_state(t, c, r) != STROMA_PRESENT) continue;
        const double x = stroma_table_number(t, c, r);
        n++;
        sum += x;
        lo = fmin(lo, x);
        hi = fmax(hi, x);
    }
    assert_int_equal(n, json_integer_value(json_object_get(want, "n_nonmissing")));
    assert_int_equal(count_unique(t, c), json_integer_value(json_object_get(want, "n_unique")));
    const json_t *s = json_object_get(want, "sum");
    if (s == NULL) return;
    assert_int_equal(t->columns[c].type, STROMA_COLUMN_NUMBER);
    assert_true(fabs(sum - json_number_value(s)) <= 1e-12 * fmax(1, fabs(sum)));
    assert_true(lo == json_number_value(json_object_get(want, "min")));
    assert_true(hi == json_number_value(json_object_get(want, "max")));
}

static void examples_equal_the_reference(void **state)
{
    (void)state;
    if (root == NULL) skip();
    const char *name;
    json_t *want;
    size_t files = 0;
    json_object_foreach(expected, name, want)
    {
        stroma_table *t = read_ok(name);
        assert_string_equal(t->name, json_string_value(json_object_get(want, "name")));
        assert_int_equal(t->rows_len, json_integer_value(json_object_get(want, "n_rows")));
        assert_int_equal(t->columns_len, json_integer_value(json_object_get(want, "n_cols")));
        for (size_t c = 0; c < t->columns_len; c++) {
            const char *column = t->columns[c].name;
            assert_string_equal(
                column, json_string_value(json_array_get(json_object_get(want, "columns"), c)));
            compare_column(t, c, json_object_get(json_object_get(want, "stats"), column));
        }
        stroma_table_free(t);
        files++;
    }
    print_message("# %zu files\n", files);
    assert_true(files > 0);
}

static void assert_same_tables(const stroma_table *a, const stroma_table *b)
{
    assert_int_equal(a->rows_len, b->rows_len);
    assert_int_equal(a->columns_len, b->columns_len);
    for (size_t c = 0; c < a->columns_len; c++) {
        assert_string_equal(a->columns[c].name, b->columns[c].name);
        assert_string_equal(a->columns[c].label, b->columns[c].label);
        assert_int_equal(a->columns[c].type, b->columns[c].type);
        for (size_t r = 0; r < a->rows_len; r++) {
            char x[64], y[64];
            assert_int_equal(stroma_table_state(a, c, r), stroma_table_state(b, c, r));
            assert_string_equal(stroma_table_cell_text(a, c, r, x),
                                stroma_table_cell_text(b, c, r, y));
        }
    }
}

static void encodings_agree(void **state)
{
    (void)state;
    if (root == NULL) skip();
    static const char *const sets[] = { "cdisc/datasetjson_adam/adsl",
                                        "cdisc/datasetjson_sdtm/dm" };
    static const char *const others[] = { ".ndjson", ".dsjc" };
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        char name[128];
        (void)snprintf(name, sizeof name, "%s.json", sets[i]);
        stroma_table *json = read_ok(name);
        for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
            (void)snprintf(name, sizeof name, "%s%s", sets[i], others[k]);
            stroma_table *other = read_ok(name);
            assert_same_tables(json, other);
            stroma_table_free(other);
        }
        stroma_table_free(json);
    }
}

/* Dates carry a type, so that the same data set read from XPT and Dataset-JSON has equal numbers.
 */
static void dates_equal_the_transport_file(void **state)
{
    (void)state;
    if (root == NULL) skip();
    stroma_table *json = read_ok("cdisc/datasetjson_adam/adsl.json");
    stroma_table *xpt = read_ok("cdisc/datasetjson_adam/adsl.xpt");
    size_t dates = 0;
    assert_int_equal(json->rows_len, xpt->rows_len);
    for (size_t c = 0; c < json->columns_len; c++) {
        const size_t x = stroma_table_find(xpt, json->columns[c].name);
        if (x == SIZE_MAX || json->columns[c].type != STROMA_COLUMN_DATE) continue;
        dates++;
        assert_int_equal(xpt->columns[x].type, STROMA_COLUMN_DATE);
        for (size_t r = 0; r < json->rows_len; r++)
            assert_true(json->columns[c].numbers[r] == xpt->columns[x].numbers[r]);
    }
    assert_int_equal(dates, 5);
    stroma_table_free(json);
    stroma_table_free(xpt);
}

int main(void)
{
    const char *path = test_data("clinical/cdisc/datasetjson_expected.json");
    static char folder[4096];
    if (path != NULL) {
        expected = json_load_file(path, 0, NULL);
        (void)snprintf(folder, sizeof folder, "%.*s",
                       (int)(strlen(path) - strlen("/cdisc/datasetjson_expected.json")), path);
        root = expected == NULL ? NULL : folder;
    }
    const struct CMUnitTest tests[] = { cmocka_unit_test(examples_equal_the_reference),
                                        cmocka_unit_test(encodings_agree),
                                        cmocka_unit_test(dates_equal_the_transport_file) };
    const int r = cmocka_run_group_tests_name("datasetjson", tests, NULL, NULL);
    json_decref(expected);
    return r;
}
