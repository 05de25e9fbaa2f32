/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/suggest.h"

#include <string.h>

static void distances(void **state)
{
    (void)state;
    assert_int_equal(stroma_edit_distance("", ""), 0);
    assert_int_equal(stroma_edit_distance("abc", ""), 3);
    assert_int_equal(stroma_edit_distance("kitten", "sitting"), 3);
    assert_int_equal(stroma_edit_distance("vresion", "version"), 1);
    assert_int_equal(stroma_edit_distance("ESR", "esr"), 0);
    char longer[101];
    memset(longer, 'a', 100);
    longer[100] = '\0';
    assert_int_equal(stroma_edit_distance(longer, "a"), 99);
}

static void nearest(void **state)
{
    (void)state;
    static const char *const names[] = { "format", "force", NULL, "output", "seed", "esr", "crp" };
    const size_t n = sizeof names / sizeof names[0];
    assert_string_equal(stroma_nearest("frmat", names, n), "format");
    assert_string_equal(stroma_nearest("form", names, n), "format");
    assert_string_equal(stroma_nearest("sede", names, n), "seed");
    assert_string_equal(stroma_nearest("outptu", names, n), "output");
    assert_string_equal(stroma_nearest("ERS", names, n), "esr");
    assert_null(stroma_nearest("xylophone", names, n));
    assert_null(stroma_nearest("", names, n));
    assert_null(stroma_nearest("q", names, n));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(distances), cmocka_unit_test(nearest) };
    return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}
