/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_expected.h"

#include "stroma/stats_anova_summary.h"

/* 1 2 3 | 2 3 4 | 5 6 7 by hand: between 26, within 6. */
static void test_by_hand(void **state)
{
    (void)state;
    const stroma_group g[] = { { 2, 1, 3 }, { 3, 1, 3 }, { 6, 1, 3 } };
    stroma_stat s = stroma_anova_one_way_summary(g, 3);
    assert_near(s.statistic, 13, 1e-14);
    assert_true(s.df == 2 && s.df2 == 6 && s.n_used == 9);
    assert_near(s.effect, 26.0 / 32, 1e-14);
    assert_near(s.p, pow(1 + 2 * 13.0 / 6, -3), 1e-13); /* F(2, n): (1 + 2F/n)^(−n/2) */
    s = stroma_anova_welch_summary(g, 3);
    assert_near(s.statistic, 13.0 * 6 / 7, 1e-14);
    assert_near(s.df2, 4, 1e-14);
}

/* Two groups: F is t². */
static void test_two_groups_are_t_squared(void **state)
{
    (void)state;
    const stroma_group g[] = { { 32.54, 4.63, 28 }, { 40.63, 3.25, 25 } };
    stroma_stat t, f = stroma_anova_one_way_summary(g, 2);
    assert_int_equal(stroma_t_student_summary(g[0], g[1], NULL, &t, NULL), STROMA_OK);
    assert_near(f.statistic, t.statistic * t.statistic, 1e-13);
    assert_near(f.p, t.p, 1e-11);
    assert_int_equal(stroma_t_welch_summary(g[0], g[1], NULL, &t, NULL), STROMA_OK);
    f = stroma_anova_welch_summary(g, 2);
    assert_near(f.statistic, t.statistic * t.statistic, 1e-13);
    assert_near(f.df2, t.df, 1e-13);
}

static void test_not_estimable(void **state)
{
    (void)state;
    const stroma_group flat[] = { { 1, 0, 3 }, { 2, 0, 3 } },
                       single[] = { { 1, 0, 1 }, { 2, 0, 1 } };
    assert_string_equal(stroma_anova_one_way_summary(flat, 2).reason,
                        "no variation within the groups");
    assert_string_equal(stroma_anova_welch_summary(flat, 2).reason, "a group has no variation");
    assert_string_equal(stroma_anova_one_way_summary(single, 2).reason,
                        "no residual degrees of freedom");
    assert_string_equal(stroma_anova_one_way_summary(flat, 1).reason, "fewer than two groups");
    assert_true(stroma_anova_one_way_summary(flat, 1).not_estimable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_two_groups_are_t_squared),
        cmocka_unit_test(test_not_estimable),
    };
    return cmocka_run_group_tests_name("anova_summary", tests, NULL, NULL);
}
