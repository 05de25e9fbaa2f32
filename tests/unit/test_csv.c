/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../../src/table/csv_private.h"
#include "csv_cases.h"
#include "stroma_test.h"

#include <math.h>
#include <string.h>

/* Read a text; chunk_bytes 0 reads through the public door. */
static stroma_status read_text(const char *text, size_t n, const stroma_table_read_options *opts,
                               size_t chunk_bytes, stroma_table **out, stroma_diag *diag,
                               stroma_error *err)
{
    static const stroma_table_read_options defaults = STROMA_TABLE_READ_OPTIONS_INIT;
    *out = NULL;
    if (chunk_bytes == 0) return stroma_table_read_bytes("t.csv", text, n, opts, out, diag, err);
    const stroma_reader_input in = { .name = "t.csv",
                                     .data = (const unsigned char *)text,
                                     .size = n };
    return stroma_csv_read_chunked(&in, opts == NULL ? &defaults : opts, chunk_bytes, out, diag,
                                   err);
}

/* One line a row: "name:type" of the columns, then the cells, as the cases write them. */
static void print_table(const stroma_table *t, char *out, size_t size)
{
    size_t at = 0;
    for (size_t c = 0; c < t->columns_len; c++)
        at += (size_t)snprintf(out + at, size - at, "%s%s:%s", c == 0 ? "" : "|",
                               t->columns[c].name, stroma_column_type_name(t->columns[c].type));
    for (size_t r = 0; r < t->rows_len; r++) {
        at += (size_t)snprintf(out + at, size - at, "\n%lld", (long long)t->source_rows[r]);
        for (size_t c = 0; c < t->columns_len; c++) {
            char buf[STROMA_CELL_TEXT_MAX];
            const stroma_cell_state s = stroma_table_state(t, c, r);
            at += (size_t)snprintf(out + at, size - at, "|%s",
                                   s == STROMA_MISSING    ? "~"
                                   : s == STROMA_NOT_DONE ? "~nd"
                                                          : stroma_table_cell_text(t, c, r, buf));
        }
    }
    assert_true(at < size);
}

static void tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table_cases / sizeof table_cases[0]; i++) {
        for (size_t chunk = 0; chunk < 40; chunk = chunk < 8 ? chunk + 1 : chunk + 7) {
            const csv_case *k = &table_cases[i];
            stroma_table *t = NULL;
            stroma_error err = STROMA_ERROR_INIT;
            const size_t n = k->size == 0 ? strlen(k->text) : k->size;
            if (read_text(k->text, n, &k->opts, chunk, &t, NULL, &err) != STROMA_OK)
                fail_msg("%s: %s", k->name, err.message);
            char got[8192];
            print_table(t, got, sizeof got);
            if (strcmp(got, k->want) != 0)
                fail_msg("%s (chunks of %zu):\n%s\nwanted:\n%s", k->name, chunk, got, k->want);
            stroma_table_free(t);
        }
    }
}

static void refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof error_cases / sizeof error_cases[0]; i++) {
        const csv_error_case *k = &error_cases[i];
        stroma_table *t = NULL;
        stroma_error err = STROMA_ERROR_INIT;
        stroma_diag diag;
        stroma_diag_init(&diag);
        const size_t n = k->size == 0 ? strlen(k->text) : k->size;
        const stroma_status s = read_text(k->text, n, &k->opts, 0, &t, &diag, &err);
        if (s != k->status || strcmp(err.message, k->message) != 0 || err.line != k->line)
            fail_msg("%s: %d line %d: %s\nwanted: %d line %d: %s", k->name, (int)s, (int)err.line,
                     err.message, (int)k->status, (int)k->line, k->message);
        assert_null(t);
        if (stroma_diag_count(&diag, STROMA_ERROR) != k->errors)
            fail_msg("%s: %zu findings, wanted %zu", k->name,
                     stroma_diag_count(&diag, STROMA_ERROR), k->errors);
        stroma_diag_clear(&diag);
    }
}

static void findings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof finding_cases / sizeof finding_cases[0]; i++) {
        const csv_finding_case *k = &finding_cases[i];
        stroma_table *t = NULL;
        stroma_diag diag;
        stroma_diag_init(&diag);
        assert_int_equal(read_text(k->text, strlen(k->text), &k->opts, 0, &t, &diag, NULL),
                         STROMA_OK);
        if (diag.len != 1 || strcmp(diag.items[0].code, k->code) != 0 ||
            diag.items[0].line != k->line || strcmp(diag.items[0].message, k->message) != 0)
            fail_msg("%s: %zu findings; %s line %d: %s", k->name, diag.len,
                     diag.len == 0 ? "" : diag.items[0].code,
                     diag.len == 0 ? 0 : (int)diag.items[0].line,
                     diag.len == 0 ? "" : diag.items[0].message);
        stroma_diag_clear(&diag);
        stroma_table_free(t);
    }
}

/* Every code is used, named once, in order and explained. */
static void codes(void **state)
{
    (void)state;
    size_t n = 0;
    const stroma_code *c = stroma_table_codes(&n);
    assert_int_equal(n, CSV_CODES_LEN);
    for (size_t i = 0; i < n; i++) {
        char want[32];
        (void)snprintf(want, sizeof want, "STROMA-CSV-%03zu", i + 1);
        assert_string_equal(c[i].code, want);
        assert_true(strlen(c[i].title) > 10);
        assert_true(strlen(c[i].explanation) > 40);
    }
}

static void formats(void **state)
{
    (void)state;
    stroma_table *t = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    o.format = "sas8";
    assert_int_equal(stroma_table_read_bytes("a", "x\n1\n", 4, &o, &t, NULL, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "there is no file format \"sas8\"");
    assert_string_equal(err.context, "file \"a\": ");
    assert_int_equal(stroma_table_read("/nonexistent/a.csv", NULL, &t, NULL, &err), STROMA_E_IO);
    assert_null(t);
    assert_int_equal(stroma_table_read_bytes("a.csv", NULL, 0, NULL, &t, NULL, &err),
                     STROMA_E_MALFORMED);
    assert_string_equal(err.message, "the file is empty");
}

static void redcap(void **state)
{
    (void)state;
    static const char text[] = "record_id,redcap_event_name,das28\n1,baseline_arm_1,5.4\n";
    static const char other[] = "record_id,das28\n1,5.4\n";
    stroma_table *t = NULL;
    assert_int_equal(read_text(text, sizeof text - 1, NULL, 0, &t, NULL, NULL), STROMA_OK);
    assert_true(stroma_table_is_redcap(t));
    stroma_table_free(t);
    assert_int_equal(read_text(other, sizeof other - 1, NULL, 0, &t, NULL, NULL), STROMA_OK);
    assert_false(stroma_table_is_redcap(t));
    stroma_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables), cmocka_unit_test(refusals), cmocka_unit_test(findings),
        cmocka_unit_test(codes),  cmocka_unit_test(formats),  cmocka_unit_test(redcap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
