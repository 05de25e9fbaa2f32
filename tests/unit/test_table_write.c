/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/file.h"
#include "stroma/memory.h"
#include "stroma/table_read.h"
#include "stroma/table_write.h"

#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static stroma_table *small_table(void)
{
    stroma_table *t = NULL;
    assert_int_equal(stroma_table_new(0, &t, NULL), STROMA_OK);
    assert_int_equal(stroma_table_add_column(t, "x", STROMA_COLUMN_NUMBER, NULL, NULL), 0);
    assert_int_equal(stroma_table_add_column(t, "a, \"b\"", STROMA_COLUMN_TEXT, NULL, NULL), 0);
    assert_int_equal(stroma_table_add_column(t, "day", STROMA_COLUMN_DATE, NULL, NULL), 0);
    assert_int_equal(stroma_table_add_rows(t, 5, NULL), STROMA_OK);
    static const char *const texts[] = { "=1+1", " p;q ", "say \"x\"\ny", "", "-5" };
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(stroma_table_set_text(t, 1, i, texts[i], strlen(texts[i]), NULL),
                         STROMA_OK);
    stroma_table_set_number(t, 0, 0, 3.64);
    stroma_table_set_state(t, 0, 1, STROMA_BELOW_LIMIT, 0.5);
    stroma_table_set_state(t, 0, 2, STROMA_ABOVE_LIMIT, 100);
    stroma_table_set_state(t, 0, 3, STROMA_NOT_DONE, 0);
    stroma_table_set_number(t, 2, 0, 19782); /* 2024-02-29 */
    stroma_table_set_number(t, 2, 1, -40000);
    return t;
}

static void csv_text(void **state)
{
    (void)state;
    stroma_table *t = small_table();
    stroma_buffer b;
    stroma_buffer_init(&b, 10000);
    assert_int_equal(stroma_table_format_csv(t, NULL, &b, NULL), STROMA_OK);
    assert_string_equal(b.data, "x,\"a, \"\"b\"\"\",day\n"
                                "3.64,=1+1,2024-02-29\n"
                                "<0.5,\" p;q \",1860-06-26\n"
                                ">100,\"say \"\"x\"\"\ny\",\n"
                                ",\"\",\n"
                                ",-5,\n");
    stroma_buffer_reset(&b);
    stroma_table_write_options o = STROMA_TABLE_WRITE_OPTIONS_INIT;
    o.delimiter = ';';
    o.decimal = ',';
    o.states[STROMA_BELOW_LIMIT] = "BLQ";
    o.states[STROMA_NOT_DONE] = "ND";
    o.states[STROMA_MISSING] = ".";
    assert_int_equal(stroma_table_format_csv(t, &o, &b, NULL), STROMA_OK);
    assert_string_equal(b.data, "x;\"a, \"\"b\"\"\";day\n"
                                "3,64;=1+1;2024-02-29\n"
                                "BLQ;\" p;q \";1860-06-26\n"
                                ">100;\"say \"\"x\"\"\ny\";.\n"
                                "ND;\"\";.\n"
                                ".;-5;.\n");
    o.delimiter = ',';
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_table_format_csv(t, &o, &b, &err), STROMA_E_USAGE);
    stroma_buffer_clear(&b);
    stroma_table_free(t);
}

static void csv_file(void **state)
{
    (void)state;
    char dir[] = "/tmp/stroma-test-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *path = stroma_path_join(dir, "t.tsv");
    stroma_table *t = small_table();
    assert_int_equal(stroma_table_write_csv(path, t, NULL, NULL), STROMA_OK);
    assert_int_equal(stroma_table_write_csv(path, t, NULL, NULL), STROMA_E_USAGE);
    stroma_bytes bytes;
    assert_int_equal(stroma_bytes_read(path, 0, &bytes, NULL), STROMA_OK);
    static const char head[] = "x\t\"a, \"\"b\"\"\"\tday\n";
    assert_memory_equal(bytes.data, head, sizeof head - 1);
    stroma_bytes_clear(&bytes);
    (void)unlink(path);
    assert_int_equal(stroma_table_write_csv("/nonexistent/x.csv", t, NULL, NULL), STROMA_E_IO);
    stroma_free(path);
    (void)rmdir(dir);
    stroma_table_free(t);
}

static uint32_t le(const unsigned char *p, int n)
{
    uint32_t x = 0;
    for (int i = n - 1; i >= 0; i--)
        x = x << 8 | p[i];
    return x;
}

/* A member of a zip archive, by its central directory; heap text. */
static char *zip_member(const stroma_bytes *zip, const char *name)
{
    for (size_t i = 0; i + 46 < zip->size; i++) {
        const unsigned char *p = zip->data + i;
        if (memcmp(p, "PK\x01\x02", 4) != 0) continue;
        if (le(p + 28, 2) != strlen(name) || memcmp(p + 46, name, strlen(name)) != 0) continue;
        const uint32_t packed = le(p + 20, 4), size = le(p + 24, 4), at = le(p + 42, 4);
        const unsigned char *local = zip->data + at;
        char *out = stroma_alloc_array(size + 1, 1);
        z_stream z = { 0 };
        assert_int_equal(inflateInit2(&z, -15), Z_OK);
        z.next_in =
            (unsigned char *)(uintptr_t)(local + 30 + le(local + 26, 2) + le(local + 28, 2));
        z.avail_in = packed;
        z.next_out = (unsigned char *)out;
        z.avail_out = size;
        assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
        (void)inflateEnd(&z);
        return out;
    }
    return NULL;
}

static void write_book(const char *path)
{
    stroma_workbook *w = NULL;
    stroma_table *t = small_table();
    assert_int_equal(stroma_workbook_new(path, true, &w, NULL), STROMA_OK);
    static const char *const headers[] = { "what", "=SUM(A1)" };
    stroma_workbook_sheet(w, "first", headers, 2);
    static const char *const texts[] = { "=1+1", "+1", "-1", "@x", "12", "<script>&" };
    for (size_t i = 0; i < 6; i++) {
        stroma_workbook_text(w, texts[i]);
        stroma_workbook_number(w, 0.1 + (double)i);
        stroma_workbook_end_row(w);
    }
    stroma_workbook_table(w, "data", t);
    assert_int_equal(stroma_workbook_close(w, NULL), STROMA_OK);
    stroma_table_free(t);
}

static void workbook(void **state)
{
    (void)state;
    char dir[] = "/tmp/stroma-test-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *a = stroma_path_join(dir, "a.xlsx"), *b = stroma_path_join(dir, "b.xlsx");
    write_book(a);
    (void)sleep(1); /* a clock in the output would show */
    write_book(b);
    stroma_bytes x, y;
    assert_int_equal(stroma_bytes_read(a, 0, &x, NULL), STROMA_OK);
    assert_int_equal(stroma_bytes_read(b, 0, &y, NULL), STROMA_OK);
    assert_int_equal(x.size, y.size);
    assert_memory_equal(x.data, y.data, x.size);
    char *sheet = zip_member(&x, "xl/worksheets/sheet1.xml");
    assert_non_null(sheet);
    assert_null(strstr(sheet, "<f>"));
    assert_non_null(strstr(sheet, "<c r=\"A2\" t=\"inlineStr\"><is><t>=1+1</t></is></c>"));
    assert_non_null(strstr(sheet, "<c r=\"A5\" t=\"inlineStr\"><is><t>@x</t></is></c>"));
    assert_non_null(strstr(sheet, "<c r=\"A6\" t=\"inlineStr\"><is><t>12</t></is></c>"));
    assert_non_null(strstr(sheet, "&lt;script&gt;&amp;"));
    assert_non_null(strstr(sheet, "<c r=\"B2\"><v>0.1"));
    stroma_free(sheet);
    sheet = zip_member(&x, "xl/worksheets/sheet2.xml");
    assert_non_null(strstr(sheet, "<t>&lt;0.5</t>"));
    assert_non_null(strstr(sheet, "<v>45351</v>")); /* 2024-02-29 for Excel */
    assert_non_null(strstr(sheet, "<t>1860-06-26</t>"));
    stroma_free(sheet);
    stroma_bytes_clear(&x);
    stroma_bytes_clear(&y);
    struct stat st;
    assert_int_equal(stat(a, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    (void)unlink(a);
    (void)unlink(b);
    stroma_free(a);
    stroma_free(b);
    assert_int_equal(rmdir(dir), 0); /* no temporary file is left */
}

static void workbook_errors(void **state)
{
    (void)state;
    char dir[] = "/tmp/stroma-test-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char *path = stroma_path_join(dir, "bad.xlsx");
    stroma_workbook *w = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_workbook_new("/nonexistent/a.xlsx", true, &w, &err), STROMA_E_IO);
    assert_null(w);
    static const char *const bad[] = { "a/b", "this name has more than 31 letters", "" };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(stroma_workbook_new(path, true, &w, NULL), STROMA_OK);
        stroma_workbook_sheet(w, bad[i], NULL, 0);
        stroma_workbook_text(w, "x");
        assert_int_equal(stroma_workbook_close(w, &err), STROMA_E_USAGE);
        assert_false(stroma_path_exists(path));
    }
    assert_int_equal(stroma_workbook_new(path, true, &w, NULL), STROMA_OK);
    assert_int_equal(stroma_workbook_close(w, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "a workbook needs at least one sheet");
    assert_int_equal(stroma_workbook_new(path, true, &w, NULL), STROMA_OK);
    stroma_workbook_sheet(w, "s", NULL, 0);
    stroma_workbook_text(w, "\xFF");
    assert_int_equal(stroma_workbook_close(w, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "sheet \"s\", row 1, column 1: a text is not UTF-8");
    assert_int_equal(stroma_workbook_new(path, true, &w, NULL), STROMA_OK);
    stroma_workbook_free(w);
    stroma_workbook_free(NULL);
    stroma_free(path);
    assert_int_equal(rmdir(dir), 0); /* no temporary file is left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_text),
        cmocka_unit_test(csv_file),
        cmocka_unit_test(workbook),
        cmocka_unit_test(workbook_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
