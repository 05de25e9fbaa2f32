/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/error.h"

#include <string.h>

static void context_is_outermost_first(void **state)
{
    (void)state;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_status s = stroma_fail(&err, STROMA_E_MALFORMED, "no closing quote");
    s = stroma_in(&err, s, "column \"%s\"", "esr");
    s = stroma_in(&err, s, "file \"%s\"", "a.csv");
    assert_int_equal(s, STROMA_E_MALFORMED);
    assert_string_equal(err.context, "file \"a.csv\": column \"esr\": ");
    assert_string_equal(err.message, "no closing quote");
    assert_string_equal(stroma_status_name(s), "STROMA_E_MALFORMED");
    assert_int_equal(stroma_in(&err, STROMA_OK, "never"), STROMA_OK);
}

static void long_texts_are_cut_at_a_character(void **state)
{
    (void)state;
    char text[2 * STROMA_ERROR_TEXT_MAX];
    for (size_t i = 0; i < sizeof text - 1; i += 2)
        memcpy(text + i, "\xCE\xB3", 2);
    text[sizeof text - 2] = '\0';
    stroma_error err = STROMA_ERROR_INIT;
    (void)stroma_fail(&err, STROMA_E_USAGE, "x%s", text);
    const size_t n = strlen(err.message);
    assert_in_range(n, STROMA_ERROR_TEXT_MAX - 3, STROMA_ERROR_TEXT_MAX - 1);
    assert_int_equal((unsigned char)err.message[n - 1], 0xB3);
}

static void null_error_is_fine(void **state)
{
    (void)state;
    assert_int_equal(stroma_fail(NULL, STROMA_E_IO, "x"), STROMA_E_IO);
    stroma_hint(NULL, "y");
    assert_int_equal(stroma_in(NULL, STROMA_E_IO, "z"), STROMA_E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(context_is_outermost_first),
                                        cmocka_unit_test(long_texts_are_cut_at_a_character),
                                        cmocka_unit_test(null_error_is_fine) };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
