/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers and display formats of SAS transport files. Whole files: test_statfiles and
 * tests/data. */
#include "src/table/sas_format.h"
#include "src/table/text_decode.h"
#include "src/table/xpt_number.h"
#include "stroma_test.h"

#include "stroma/table_read.h"

#include <string.h>

/* Hexadecimal forms from SAS TS-140, IBM System/360 Principles of Operation, and files in use. */
static void numbers(void **state)
{
    (void)state;
    static const struct {
        unsigned char bytes[8];
        size_t width;
        char tag;
        double want;
    } cases[] = {
        { { 0x41, 0x10 }, 8, 0, 1 },
        { { 0xC1, 0x10 }, 8, 0, -1 },
        { { 0x41, 0x20 }, 8, 0, 2 },
        { { 0x42, 0x76, 0xA0 }, 8, 0, 118.625 },
        { { 0xC2, 0x76, 0xA0 }, 8, 0, -118.625 },
        { { 0x42, 0x64 }, 8, 0, 100 },
        { { 0x40, 0x19, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9A }, 8, 0, 0.1 },
        { { 0x43, 0x3E, 0x84, 0xCC, 0xCC, 0xCC, 0xCC, 0xCD }, 8, 0, 1000.3 },
        { { 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xF8 }, 8, 0, 0x1.fffffffffffffp+251 },
        { { 0x00, 0x10 }, 8, 0, 0x1p-260 },
        { { 0x00 }, 8, 0, 0 },
        { { 0x80 }, 8, 0, 0 },
        /* truncated: the low bytes are zero */
        { { 0x41, 0x10 }, 2, 0, 1 },
        { { 0x43, 0x12, 0x30 }, 3, 0, 291 },
        { { 0x44, 0x3C, 0xBA }, 3, 0, 15546 },
        { { 0x40, 0x19, 0x99, 0x99, 0x99 }, 5, 0, 0x19999999p-32 },
        /* what would follow the truncated number is not its own */
        { { 0x41, 0x10, 0xFF, 0xFF }, 2, 0, 1 },
        { { 0x2E }, 8, '.', 0 },
        { { 0x5F }, 8, '_', 0 },
        { { 0x41 }, 8, 'a', 0 },
        { { 0x5A }, 4, 'z', 0 },
        { { 0x2E, 0, 0, 0, 0, 0, 0, 1 }, 8, 0, 0x1p-128 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double x = -99;
        const char tag = xpt_number(cases[i].bytes, cases[i].width, &x);
        if (tag != cases[i].tag || x != cases[i].want) print_message("# case %zu: %.17g\n", i, x);
        assert_int_equal(tag, cases[i].tag);
        assert_true(x == cases[i].want);
    }
}

static void formats(void **state)
{
    (void)state;
    static const struct {
        const char *format;
        stroma_column_type sas;
    } cases[] = {
        { "DATE9.", STROMA_COLUMN_DATE },
        { "DATE", STROMA_COLUMN_DATE },
        { "yymmdd10.", STROMA_COLUMN_DATE },
        { "YYMMDDN8.", STROMA_COLUMN_DATE },
        { "MMDDYYS8.", STROMA_COLUMN_DATE },
        { "E8601DA10.", STROMA_COLUMN_DATE },
        { "E8601DA", STROMA_COLUMN_DATE },
        { "DATETIME20.3", STROMA_COLUMN_DATETIME },
        { "E8601DT19.", STROMA_COLUMN_DATETIME },
        { "TIME8.", STROMA_COLUMN_TIME },
        { "HHMM5.", STROMA_COLUMN_TIME },
        { "BEST12.", STROMA_COLUMN_NUMBER },
        { "12.2", STROMA_COLUMN_NUMBER },
        { "DATEX9.", STROMA_COLUMN_NUMBER },
        { "YYMMDDX8.", STROMA_COLUMN_NUMBER },
        { "YEAR4.", STROMA_COLUMN_NUMBER },
        { "", STROMA_COLUMN_NUMBER },
        { NULL, STROMA_COLUMN_NUMBER },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(sas_format_type(cases[i].format), cases[i].sas);
    assert_int_equal(spss_format_type("ADATE10"), STROMA_COLUMN_DATE);
    assert_int_equal(spss_format_type("DTIME12.2"), STROMA_COLUMN_TIME);
    assert_int_equal(spss_format_type("F8.2"), STROMA_COLUMN_NUMBER);
    assert_int_equal(stata_format_type("%td"), STROMA_COLUMN_DATE);
    assert_int_equal(stata_format_type("%-tdDD_Mon"), STROMA_COLUMN_DATE);
    assert_int_equal(stata_format_type("%tcHH:MM"), STROMA_COLUMN_DATETIME);
    assert_int_equal(stata_format_type("%tm"), STROMA_COLUMN_NUMBER);
    assert_int_equal(stata_format_type("%9.0g"), STROMA_COLUMN_NUMBER);
    assert_true(sas_number_to_table(0, STROMA_COLUMN_DATE) == -3653);
    assert_true(sas_number_to_table(3653, STROMA_COLUMN_DATE) == 0);
    assert_true(spss_number_to_table(12219379200.0, STROMA_COLUMN_DATE) == 0);
    assert_true(stata_number_to_table(315619200000.0, STROMA_COLUMN_DATETIME) == 0);
}

static void encodings(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *want;
        bool not_utf8, cut;
    } cases[] = {
        { "plain", "plain", false, false },
        { "Gr\xC3\xB6\xC3\x9F"
          "e",
          "Gr\xC3\xB6\xC3\x9F"
          "e",
          false, false },
        { "Gr\xF6\xDF"
          "e",
          "Gr\xC3\xB6\xC3\x9F"
          "e",
          true, false },
        { "\x80 5", "\xE2\x82\xAC 5", true, false },
        { "caf\xE9", "caf\xC3\xA9", true, false },
        { "\xC3\xA9t\xC3", "\xC3\xA9t", false, true },
        { "\x81", "\xEF\xBF\xBD", true, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const unsigned char *p = (const unsigned char *)cases[i].bytes;
        text_survey s = { 0 };
        stroma_buffer b;
        stroma_buffer_init(&b, 1000);
        text_survey_add(&s, p, strlen(cases[i].bytes));
        text_decode(&s, p, strlen(cases[i].bytes), &b);
        assert_int_equal(s.not_utf8, cases[i].not_utf8);
        assert_int_equal(s.cut, cases[i].cut);
        assert_string_equal(b.data, cases[i].want);
        stroma_buffer_clear(&b);
    }
    assert_int_equal(text_trimmed((const unsigned char *)" a  \0 ", 6), 2);
}

static const char ndjson[] =
    "{\"datasetJSONVersion\": \"1.1.0\", \"records\": 3, \"columns\": ["
    "{\"itemOID\": \"1\", \"name\": \"ADTC\", \"dataType\": \"string\"},"
    "{\"itemOID\": \"2\", \"name\": \"N\", \"dataType\": \"integer\"},"
    "{\"itemOID\": \"3\", \"name\": \"DT\", \"dataType\": \"date\"}]}\n"
    "[\"2016-07-04\", 1, \"2016-07-04\"]\n[\"UNK\", 2, null]\n[\"\", 1, null]\n";

static stroma_status read_typed(const stroma_column_spec *spec, const char *missing,
                                stroma_table **out, stroma_diag *diag, stroma_error *err)
{
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    o.columns = spec;
    o.columns_len = 1;
    o.missing = &missing;
    o.missing_len = missing == NULL ? 0 : 1;
    return stroma_table_read_bytes("a.ndjson", ndjson, sizeof ndjson - 1, &o, out, diag, err);
}

/* The study file may declare CDISC's text dates as dates. */
static void declared_types(void **state)
{
    (void)state;
    stroma_table *t = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_diag diag;
    stroma_diag_init(&diag);
    const stroma_column_spec date = { "ADTC", true, STROMA_COLUMN_DATE };
    assert_int_equal(read_typed(&date, NULL, &t, &diag, &err), STROMA_E_MALFORMED);
    assert_null(t);
    assert_string_equal(err.message, "column \"ADTC\": \"UNK\" is no date");
    assert_int_equal(err.line, 3);
    assert_int_equal(diag.len, 1);
    assert_int_equal(read_typed(&date, "UNK", &t, &diag, &err), STROMA_OK);
    assert_int_equal(t->columns[0].type, STROMA_COLUMN_DATE);
    assert_true(stroma_table_number(t, 0, 0) == 16986);
    assert_int_equal(stroma_table_state(t, 0, 1), STROMA_MISSING);
    assert_int_equal(stroma_table_state(t, 0, 2), STROMA_MISSING);
    stroma_table_free(t);
    const stroma_column_spec text = { "N", true, STROMA_COLUMN_TEXT };
    assert_int_equal(read_typed(&text, NULL, &t, &diag, &err), STROMA_OK);
    assert_string_equal(stroma_table_text(t, 1, 1), "2");
    assert_int_equal(t->columns[1].dictionary_len, 2);
    stroma_table_free(t);
    const stroma_column_spec number = { "DT", true, STROMA_COLUMN_NUMBER };
    assert_int_equal(read_typed(&number, NULL, &t, &diag, &err), STROMA_E_INCONSISTENT);
    stroma_diag_clear(&diag);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(numbers), cmocka_unit_test(formats),
                                        cmocka_unit_test(encodings),
                                        cmocka_unit_test(declared_types) };
    return cmocka_run_group_tests_name("xpt", tests, NULL, NULL);
}
