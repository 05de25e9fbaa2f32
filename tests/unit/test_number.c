/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *text;
    char decimal;
    bool ok;
    double want;
} parse_cases[] = {
    { "0", '.', true, 0 },
    { "-0.5", '.', true, -0.5 },
    { "+12.25", '.', true, 12.25 },
    { "3,64", ',', true, 3.64 },
    { "3,64", '.', false, 0 },
    { "1.234,5", ',', false, 0 },
    { ".5", '.', true, 0.5 },
    { "5.", '.', true, 5 },
    { "1e3", '.', true, 1000 },
    { "1e-320", '.', true, 1e-320 },
    { "123456789012345678901234567890", '.', true, 123456789012345678901234567890.0 },
    { "0.1000000000000000055511151231257827", '.', true, 0.1 },
    { "9007199254740993", '.', true, 9007199254740992.0 },
    { "1e400", '.', false, 0 },
    { "", '.', false, 0 },
    { ".", '.', false, 0 },
    { "-", '.', false, 0 },
    { "1e", '.', false, 0 },
    { " 1", '.', false, 0 },
    { "0x10", '.', false, 0 },
    { "nan", '.', false, 0 },
    { "inf", '.', false, 0 },
    { "12..5", '.', false, 0 },
};

static void parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof parse_cases / sizeof parse_cases[0]; i++) {
        double x = -99;
        const bool ok = stroma_parse_double(parse_cases[i].text, strlen(parse_cases[i].text),
                                            parse_cases[i].decimal, &x);
        if (ok != parse_cases[i].ok) print_message("case \"%s\"\n", parse_cases[i].text);
        assert_int_equal(ok, parse_cases[i].ok);
        if (ok) assert_true(x == parse_cases[i].want);
    }
}

static void parse_int(void **state)
{
    (void)state;
    int64_t x = 0;
    assert_true(stroma_parse_int("-9223372036854775808", 20, &x));
    assert_true(x == INT64_MIN);
    assert_false(stroma_parse_int("9223372036854775808", 19, &x));
    assert_true(stroma_parse_int("9223372036854775807", 19, &x));
    assert_false(stroma_parse_int("12a", 3, &x));
    assert_false(stroma_parse_int("", 0, &x));
}

static void shortest_text_reads_back(void **state)
{
    (void)state;
    static const struct {
        double x;
        const char *want;
    } cases[] = { { 0.1, "0.1" },
                  { 1.0 / 3, "0.3333333333333333" },
                  { 3.2000000477, "3.2000000477" },
                  { -0.0, "0" },
                  { 1e21, "1e+21" },
                  { 5.568743643, "5.568743643" },
                  { 2.6630001068, "2.6630001068" },
                  { NAN, "NaN" } };
    char text[STROMA_NUMBER_TEXT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(stroma_format_double(cases[i].x, text), cases[i].want);
    uint64_t bits = 0x3FF0000000000000U;
    for (int i = 0; i < 20000; i++) {
        bits = bits * 6364136223846793005U + 1442695040888963407U;
        double x, back;
        memcpy(&x, &bits, sizeof x);
        if (!isfinite(x)) continue;
        (void)stroma_format_double(x, text);
        assert_true(stroma_parse_double(text, strlen(text), '.', &back));
        assert_true(back == x);
    }
}

static void printing(void **state)
{
    (void)state;
    char t[STROMA_NUMBER_TEXT_MAX];
    assert_string_equal(stroma_format_fixed(-0.001, 2, t), "0.00");
    assert_string_equal(stroma_format_fixed(2.5, 1, t), "2.5");
    assert_string_equal(stroma_format_significant(0.0012345, 3, t), "0.00123");
    assert_string_equal(stroma_format_significant(120, 3, t), "120");
    assert_string_equal(stroma_format_p(0.00001, t), "< 0.0001");
    assert_string_equal(stroma_format_p(0.04999, t), "0.050");
    assert_string_equal(stroma_format_p(1.5, t), "?");
}

/* Decimal edges of the EULAR criteria (DESIGN.md §3): 3.64 − 2.44 is exactly 1.20. */
static void thousandths(void **state)
{
    (void)state;
    static const struct {
        double x;
        int64_t want;
    } cases[] = { { 3.64, 3640 }, { 2.44, 2440 },         { 3.2000000477, 3200 },
                  { 0.0005, 1 },  { 0.00049, 0 },         { -1.2345, -1235 },
                  { 5.1, 5100 },  { 1e9, 1000000000000 }, { 1e-300, 0 } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t got = -1;
        assert_true(stroma_decimal_thousandths(cases[i].x, &got));
        assert_true(got == cases[i].want);
    }
    int64_t got = 0;
    assert_false(stroma_decimal_thousandths(NAN, &got));
}

/* 0.4 - 0.1 and 0.6 - 0.3 differ in binary; typed as decimals they tie. */
static void decimal_difference(void **state)
{
    (void)state;
    assert_true(0.4 - 0.1 != 0.7 - 0.4);
    assert_true(stroma_decimal_difference(0.4, 0.1) == stroma_decimal_difference(0.7, 0.4));
    assert_true(stroma_decimal_difference(5.02, 4.91) == 0.11);
    assert_true(stroma_decimal_difference(-1.1, 2.2) == -3.3);
    const double third = 1.0 / 3;
    assert_true(stroma_decimal_difference(third, 0.1) == third - 0.1);
    assert_true(isnan(stroma_decimal_difference(NAN, 1)));
}

/* A cut-off with more than three decimals keeps them: -0.22 is below -0.2195. */
static void decimal_compare(void **state)
{
    (void)state;
    static const struct {
        double x, cut;
        int want;
    } cases[] = { { -0.22, -0.2195, -1 }, { -0.219, -0.2195, 1 }, { 3.2000000477, 3.2, 0 },
                  { 0.0004, 0.0005, -1 }, { 0.0005, 0.0005, 0 },  { 2.0004, 2, 0 } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int got = 9;
        assert_true(stroma_decimal_compare(cases[i].x, cases[i].cut, &got));
        assert_int_equal(got, cases[i].want);
    }
    int got = 0;
    assert_false(stroma_decimal_compare(NAN, 1, &got));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(parse),
                                        cmocka_unit_test(parse_int),
                                        cmocka_unit_test(shortest_text_reads_back),
                                        cmocka_unit_test(printing),
                                        cmocka_unit_test(thousandths),
                                        cmocka_unit_test(decimal_difference),
                                        cmocka_unit_test(decimal_compare) };
    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
