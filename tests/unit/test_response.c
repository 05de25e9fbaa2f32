/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/response.h"
#include "stroma/score.h"

#include <math.h>
#include <string.h>

static void courses(void **state)
{
    (void)state;
    static const struct {
        double das28[5];
        stroma_course course[5];
        int flare[5];
    } cases[] = {
        /* Responds, holds, comes back to baseline. */
        { { 5.8, 4.0, 3.0, 3.5, 5.4 },
          { STROMA_COURSE_NO_RESPONSE, STROMA_COURSE_RESPONSE, STROMA_COURSE_RESPONSE,
            STROMA_COURSE_RESPONSE, STROMA_COURSE_RELAPSE },
          { 0, 0, 0, 0, 1 } },
        /* Response lost (above 5.1, drop 1.0), yet more than 0.6 below baseline. */
        { { 6.4, 4.9, 5.4, 5.8, 5.81 },
          { STROMA_COURSE_NO_RESPONSE, STROMA_COURSE_RESPONSE, STROMA_COURSE_PARTIAL_RELAPSE,
            STROMA_COURSE_RELAPSE, STROMA_COURSE_RELAPSE },
          { 0, 0, 0, 1, 1 } },
        /* Never responds: a drop of exactly 0.6 is none. A gap is not evaluable. */
        { { 5.0, 4.4, NAN, 4.6, 4.399 },
          { STROMA_COURSE_NO_RESPONSE, STROMA_COURSE_NO_RESPONSE, STROMA_COURSE_NOT_EVALUABLE,
            STROMA_COURSE_NO_RESPONSE, STROMA_COURSE_RESPONSE },
          { 0, 0, 0, 0, 0 } },
        /* No baseline. */
        { { NAN, 4.4, 3.0, 4.6, 4.0 }, { 0 }, { 0 } },
        /* A rise of exactly 1.2 below 3.2 is no flare; 0.61 up to 3.2 is. */
        { { 5.0, 1.9, 3.1, 3.2, 2.5 },
          { STROMA_COURSE_NO_RESPONSE, STROMA_COURSE_RESPONSE, STROMA_COURSE_RESPONSE,
            STROMA_COURSE_RESPONSE, STROMA_COURSE_RESPONSE },
          { 0, 0, 0, 1, 0 } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stroma_course_visit out[5];
        assert_int_equal(stroma_course_follow(NULL, cases[i].das28, 5, out, NULL), STROMA_OK);
        for (size_t k = 0; k < 5; k++)
            if (out[k].course != cases[i].course[k] || out[k].flare != (cases[i].flare[k] != 0))
                fail_msg("case %zu visit %zu: %s, flare %d", i, k,
                         stroma_course_name(out[k].course), (int)out[k].flare);
    }
}

static void thresholds_are_parameters(void **state)
{
    (void)state;
    static const double das28[] = { 6.4, 4.9, 5.4 };
    stroma_course_visit out[3];
    stroma_relapse_rule rule = STROMA_RELAPSE_RULE_INIT;
    rule.partial_drop = 1.0;
    assert_int_equal(stroma_course_follow(&rule, das28, 3, out, NULL), STROMA_OK);
    assert_int_equal(out[2].course, STROMA_COURSE_RELAPSE);
    assert_true(fabs(out[2].drop - 1.0) < 1e-12 && fabs(out[2].nadir - 4.9) < 1e-12);
    rule.partial_drop = -1;
    assert_int_equal(stroma_course_follow(&rule, das28, 3, out, NULL), STROMA_E_USAGE);
    assert_int_equal(stroma_course_follow(NULL, das28, 0, out, NULL), STROMA_E_USAGE);
}

static void haq(void **state)
{
    (void)state;
    assert_true(stroma_haq_improved(1.22, 1.0, STROMA_HAQ_MCID)); /* below 0.22 in binary */
    assert_false(stroma_haq_improved(1.219, 1.0, STROMA_HAQ_MCID));
    assert_false(stroma_haq_improved(NAN, 1.0, STROMA_HAQ_MCID));
}

static void grades(void **state)
{
    (void)state;
    static const struct {
        double temperature, hours;
        int grade;
    } fever[] = { { 37.9, 0, 0 },  { 38.0, 0, 1 },  { 39.0, 0, 1 },    { 39.1, 0, 2 },
                  { 40.0, 30, 2 }, { 40.1, 24, 3 }, { 40.1, 24.5, 4 }, { 40.1, NAN, 3 },
                  { 102, 0, -1 },  { NAN, 0, -1 } };
    for (size_t i = 0; i < sizeof fever / sizeof fever[0]; i++)
        assert_int_equal(stroma_ctcae_fever(fever[i].temperature, fever[i].hours), fever[i].grade);
    assert_int_equal(stroma_ctcae_infusion_reaction(&(stroma_infusion_reaction){ false }), 0);
    assert_int_equal(
        stroma_ctcae_infusion_reaction(&(stroma_infusion_reaction){ .reaction = true }), 1);
    assert_int_equal(stroma_ctcae_infusion_reaction(&(stroma_infusion_reaction){ .treated = true }),
                     2);
    assert_int_equal(
        stroma_ctcae_infusion_reaction(&(stroma_infusion_reaction){ .hospitalised = true }), 3);
    assert_int_equal(stroma_ctcae_infusion_reaction(&(stroma_infusion_reaction){ .death = true }),
                     5);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(courses),
                                        cmocka_unit_test(thresholds_are_parameters),
                                        cmocka_unit_test(haq), cmocka_unit_test(grades) };
    return cmocka_run_group_tests_name("response", tests, NULL, NULL);
}
