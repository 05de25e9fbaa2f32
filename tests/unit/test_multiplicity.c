/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_expected.h"

#include "stroma/stats_multiplicity.h"

static const stroma_adjustment all[] = { STROMA_ADJUST_BONFERRONI, STROMA_ADJUST_HOLM,
                                         STROMA_ADJUST_HOCHBERG,   STROMA_ADJUST_HOMMEL,
                                         STROMA_ADJUST_BH,         STROMA_ADJUST_BY };
enum { N_METHODS = sizeof all / sizeof all[0] };

static void expected_cases(void **state)
{
    (void)state;
    json_t *j = test_expected_load("clinical/expected/multiplicity.json");
    if (j == NULL) skip();
    size_t i;
    json_t *c;
    json_array_foreach(j, i, c)
    {
        const char *id = json_string_value(json_object_get(c, "id"));
        const json_t *e = json_object_get(c, "expected");
        assert_int_equal(json_object_size(e), N_METHODS);
        double *p;
        const size_t n = test_expected_array(json_object_get(c, "data"), &p);
        double *q = calloc(n, sizeof *q);
        for (size_t a = 0; a < N_METHODS; a++) {
            assert_int_equal(stroma_p_adjust(p, n, 0, all[a], q, NULL), STROMA_OK);
            for (size_t k = 0; k < n; k++) {
                char key[64];
                (void)snprintf(key, sizeof key, "%s.%zu", stroma_adjustment_name(all[a]), k);
                /* The file has 15 digits: 1e-12 asks for all it can say. */
                test_check(e, id, key, q[k], test_expected_number(c, "tol_rel"));
            }
        }
        free(p);
        free(q);
    }
    json_decref(j);
}

/* Benjamini & Hochberg 1995, thrombolysis example: 15 p-values, 4 rejected at a false discovery
 * rate of 0.05, 3 by Bonferroni. */
static void benjamini_hochberg_1995(void **state)
{
    (void)state;
    static const double p[] = { 0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                                0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000 };
    double q[15];
    size_t below[2] = { 0, 0 };
    assert_int_equal(stroma_p_adjust(p, 15, 0, STROMA_ADJUST_BH, q, NULL), STROMA_OK);
    assert_near(q[3], 0.0095 * 15 / 4, 1e-14);
    for (size_t i = 0; i < 15; i++)
        below[0] += q[i] <= 0.05;
    assert_int_equal(stroma_p_adjust(p, 15, 0, STROMA_ADJUST_BONFERRONI, q, NULL), STROMA_OK);
    for (size_t i = 0; i < 15; i++)
        below[1] += q[i] <= 0.05;
    assert_int_equal(below[0], 4);
    assert_int_equal(below[1], 3);
}

/* A NaN stays and is not counted; a larger family is as if the rest were 1; order does not matter.
 */
static void properties(void **state)
{
    (void)state;
    const double with[] = { 0.03, NAN, 0.01, 0.2 }, without[] = { 0.03, 0.01, 0.2 },
                 padded[] = { 0.03, 0.01, 0.2, 1, 1 }, turned[] = { 0.2, 0.01, 0.03 };
    for (size_t a = 0; a < N_METHODS; a++) {
        double q[5], r[5];
        assert_int_equal(stroma_p_adjust(with, 4, 0, all[a], q, NULL), STROMA_OK);
        assert_int_equal(stroma_p_adjust(without, 3, 0, all[a], r, NULL), STROMA_OK);
        assert_true(isnan(q[1]) && q[0] == r[0] && q[2] == r[1] && q[3] == r[2]);
        for (size_t i = 0; i < 3; i++)
            assert_true(r[i] >= without[i] && r[i] <= 1);
        assert_int_equal(stroma_p_adjust(turned, 3, 0, all[a], q, NULL), STROMA_OK);
        assert_true(q[0] == r[2] && q[1] == r[1] && q[2] == r[0]);
        assert_int_equal(stroma_p_adjust(padded, 5, 0, all[a], q, NULL), STROMA_OK);
        assert_int_equal(stroma_p_adjust(without, 3, 5, all[a], r, NULL), STROMA_OK);
        for (size_t i = 0; i < 3; i++)
            assert_near(r[i], q[i], 1e-15);
        double one = 0.04;
        assert_int_equal(stroma_p_adjust(&one, 1, 0, all[a], &one, NULL), STROMA_OK);
        assert_true(one == 0.04);
        assert_int_equal(stroma_p_adjust(NULL, 0, 0, all[a], NULL, NULL), STROMA_OK);
    }
}

static void refused(void **state)
{
    (void)state;
    const double bad[] = { 0.5, 1.5 }, good[] = { 0.5, 0.1 };
    double q[2];
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_p_adjust(bad, 2, 0, STROMA_ADJUST_HOLM, q, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "p-value 2 is 1.5, not between 0 and 1");
    assert_int_equal(stroma_p_adjust(good, 2, 1, STROMA_ADJUST_HOLM, q, &err), STROMA_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(expected_cases),
                                        cmocka_unit_test(benjamini_hochberg_1995),
                                        cmocka_unit_test(properties), cmocka_unit_test(refused) };
    return cmocka_run_group_tests_name("multiplicity", tests, NULL, NULL);
}
