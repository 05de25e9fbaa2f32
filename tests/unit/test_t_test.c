/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/stats_summary.h"
#include "stroma/stats_t_test.h"
#include "stroma/stats_variance.h"

static const double extra1[] = { 0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2 };
static const double extra2[] = { 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4 };

/* Student's sleep data as R prints them: t.test(extra ~ group, var.equal = TRUE / FALSE / paired),
 * ?sleep and the R documentation: p 0.07919, 0.07939, 0.002833. */
static void sleep_as_printed(void **state)
{
    (void)state;
    stroma_stat r;
    assert_int_equal(stroma_t_student(extra1, 10, extra2, 10, NULL, &r, NULL), STROMA_OK);
    assert_near(r.p, 0.07918671, 1e-6);
    assert_near(r.statistic, -1.8608135, 1e-7);
    assert_int_equal((int)r.df, 18);
    assert_int_equal(stroma_t_welch(extra1, 10, extra2, 10, NULL, &r, NULL), STROMA_OK);
    assert_near(r.p, 0.07939414, 1e-6);
    assert_near(r.df, 17.776474, 1e-7);
    assert_near(r.lower, -3.3654832, 1e-7);
    assert_near(r.upper, 0.2054832, 1e-6);
    assert_int_equal(stroma_t_paired(extra1, extra2, 10, NULL, &r, NULL), STROMA_OK);
    assert_near(r.p, 0.00283289, 1e-6);
    assert_near(r.estimate, -1.58, 1e-14);
}

/* Noncentral limits against a 30-digit quadrature and root search of the same definition (mpmath);
 * see tests/reference/effect_interval.csv. */
static void effect_interval(void **state)
{
    (void)state;
    test_csv t = test_csv_read(test_source("tests/reference/effect_interval.csv"));
    assert_true(t.rows >= 4);
    for (size_t i = 0; i < t.rows; i++) {
        const size_t n1 = (size_t)test_csv_number(&t, i, "n1");
        const size_t n2 = (size_t)test_csv_number(&t, i, "n2");
        const stroma_group a = { test_csv_number(&t, i, "mean1"), test_csv_number(&t, i, "sd1"),
                                 n1 };
        const stroma_group b = { test_csv_number(&t, i, "mean2"), test_csv_number(&t, i, "sd2"),
                                 n2 };
        stroma_stat r;
        assert_int_equal(stroma_t_student_summary(a, b, NULL, &r, NULL), STROMA_OK);
        assert_near(r.effect, test_csv_number(&t, i, "g"), 1e-12);
        assert_near(r.effect_lower, test_csv_number(&t, i, "lower"), 1e-10);
        assert_near(r.effect_upper, test_csv_number(&t, i, "upper"), 1e-10);
    }
    test_csv_free(&t);
}

static void check_two(const json_t *e, const char *id, const char *test, const stroma_stat *r,
                      double tol)
{
    char key[64];
    const struct {
        const char *name;
        double got;
    } all[] = { { "statistic", r->statistic },
                { "p", r->p },
                { "df", r->df },
                { "ci95.0", r->lower },
                { "ci95.1", r->upper } };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        (void)snprintf(key, sizeof key, "%s%s%s", test, *test == '\0' ? "" : ".", all[i].name);
        test_check(e, id, key, all[i].got, tol);
    }
}

static void two_from_data(const json_t *e, const char *id, const test_csv *t,
                          const char *const *spec, double tol)
{
    double *x, *y;
    const size_t nx = test_csv_select(t, spec[0], spec[1], spec[2], &x);
    const size_t ny = test_csv_select(t, spec[0], spec[1], spec[3], &y);
    stroma_stat r;
    assert_int_equal(stroma_t_student(x, nx, y, ny, NULL, &r, NULL), STROMA_OK);
    check_two(e, id, "student", &r, tol);
    test_check(e, id, "hedges_g", r.effect, tol);
    test_check(e, id, "cohen_d", r.effect / stroma_hedges_factor(r.df), tol);
    assert_int_equal(stroma_t_welch(x, nx, y, ny, NULL, &r, NULL), STROMA_OK);
    check_two(e, id, "welch", &r, tol);
    test_check(e, id, "hedges_g", r.effect, tol);
    assert_int_equal(stroma_variance_ratio(x, nx, y, ny, 0.95, &r, NULL), STROMA_OK);
    test_check(e, id, "ftest.statistic", r.statistic, tol);
    test_check(e, id, "ftest.estimate.ratio of variances", r.estimate, tol);
    test_check(e, id, "ftest.p", r.p, tol);
    test_check(e, id, "ftest.df.0", r.df, tol);
    test_check(e, id, "ftest.df.1", r.df2, tol);
    test_check(e, id, "ftest.ci95.0", r.lower, tol);
    test_check(e, id, "ftest.ci95.1", r.upper, tol);
    for (int g = 1; g <= 2; g++) {
        stroma_summary s;
        assert_int_equal(stroma_summary_compute(g == 1 ? x : y, g == 1 ? nx : ny, 0.95, &s, NULL),
                         STROMA_OK);
        const struct {
            const char *name;
            double got;
        } all[] = { { "n", (double)s.n }, { "mean", s.mean }, { "sd", s.sd }, { "sem", s.sem } };
        for (size_t i = 0; i < 4; i++) {
            char key[64];
            (void)snprintf(key, sizeof key, "summary.%s%d", all[i].name, g);
            test_check(e, id, key, all[i].got, tol);
        }
        test_check(e, id, g == 1 ? "student.estimate.mean of x" : "student.estimate.mean of y",
                   s.mean, tol);
        test_check(e, id, g == 1 ? "welch.estimate.mean of x" : "welch.estimate.mean of y", s.mean,
                   tol);
    }
    free(x);
    free(y);
}

static const json_t *find_case(const json_t *cases, const char *id)
{
    size_t i;
    json_t *c;
    json_array_foreach(cases, i, c)
    {
        if (strcmp(json_string_value(json_object_get(c, "id")), id) == 0) return c;
    }
    fail_msg("no case %s", id);
    return NULL;
}

static void data_cases(void **state)
{
    (void)state;
    static const struct {
        const char *id, *file, *spec[4];
    } cases[] = {
        { "sleep_unpaired", "clinical/rdata/datasets_sleep.csv", { "extra", "group", "1", "2" } },
        { "toothgrowth_supp",
          "clinical/rdata/datasets_ToothGrowth.csv",
          { "len", "supp", "OJ", "VC" } },
        { "mtcars_mpg_am", "clinical/rdata/datasets_mtcars.csv", { "mpg", "am", "0", "1" } },
    };
    json_t *j = test_expected_load("clinical/expected/ttest.json");
    if (j == NULL) skip();
    assert_int_equal(json_array_size(j), 5);
    for (size_t i = 0; i < 3; i++) {
        const json_t *c = find_case(j, cases[i].id);
        test_csv t = test_csv_read(test_data(cases[i].file));
        two_from_data(json_object_get(c, "expected"), cases[i].id, &t, cases[i].spec,
                      test_expected_number(c, "tol_rel"));
        test_csv_free(&t);
    }
    stroma_stat r;
    const json_t *c = find_case(j, "sleep_paired"), *e = json_object_get(c, "expected");
    assert_int_equal(stroma_t_paired(extra1, extra2, 10, NULL, &r, NULL), STROMA_OK);
    check_two(e, "sleep_paired", "", &r, test_expected_number(c, "tol_rel"));
    test_check(e, "sleep_paired", "estimate.mean difference", r.estimate, 1e-9);
    c = find_case(j, "cushny_onesample");
    e = json_object_get(c, "expected");
    test_csv t = test_csv_read(test_data("clinical/rdata/robustbase_cushny.csv"));
    double *x;
    const size_t n = test_csv_select(&t, "dat", NULL, NULL, &x);
    assert_int_equal(stroma_t_one_sample(x, n, NULL, &r, NULL), STROMA_OK);
    check_two(e, "cushny_onesample", "", &r, test_expected_number(c, "tol_rel"));
    test_check(e, "cushny_onesample", "estimate.mean of x", r.estimate, 1e-9);
    free(x);
    test_csv_free(&t);
    json_decref(j);
}

static void summary_cases(void **state)
{
    (void)state;
    json_t *j = test_expected_load("clinical/expected/ttest_summary.json");
    if (j == NULL) skip();
    assert_int_equal(json_array_size(j), 4);
    size_t i;
    json_t *c;
    json_array_foreach(j, i, c)
    {
        const char *id = json_string_value(json_object_get(c, "id"));
        const json_t *e = json_object_get(c, "expected"), *d = json_object_get(c, "data");
        const double tol = test_expected_number(c, "tol_rel");
        const stroma_group a = { test_expected_number(d, "mean1"), test_expected_number(d, "sd1"),
                                 (size_t)test_expected_number(d, "n1") };
        const stroma_group b = { test_expected_number(d, "mean2"), test_expected_number(d, "sd2"),
                                 (size_t)test_expected_number(d, "n2") };
        stroma_stat r, again;
        assert_int_equal(stroma_t_student_summary(a, b, NULL, &r, NULL), STROMA_OK);
        test_check(e, id, "student.t", r.statistic, tol);
        test_check(e, id, "student.df", r.df, tol);
        test_check(e, id, "student.p", r.p, tol);
        test_check(e, id, "diff", r.estimate, tol);
        assert_int_equal(stroma_t_welch_summary(a, b, NULL, &r, NULL), STROMA_OK);
        test_check(e, id, "welch.t", r.statistic, tol);
        test_check(e, id, "welch.df", r.df, tol);
        test_check(e, id, "welch.p", r.p, tol);
        const stroma_group sem = stroma_group_from_sem(a.mean, a.sd / sqrt((double)a.n), a.n);
        assert_int_equal(stroma_t_welch_summary(sem, b, NULL, &again, NULL), STROMA_OK);
        assert_near(again.p, r.p, 1e-12);
    }
    json_decref(j);
}

static void properties(void **state)
{
    (void)state;
    stroma_stat r, s;
    double shuffled[10], scaled1[10], scaled2[10];
    for (size_t i = 0; i < 10; i++) {
        shuffled[i] = extra1[(i * 3 + 4) % 10];
        scaled1[i] = 8 * extra1[i];
        scaled2[i] = 8 * extra2[i];
    }
    assert_int_equal(stroma_t_welch(extra1, 10, extra2, 10, NULL, &r, NULL), STROMA_OK);
    assert_int_equal(stroma_t_welch(shuffled, 10, extra2, 10, NULL, &s, NULL), STROMA_OK);
    assert_true(s.p == r.p && s.lower == r.lower);
    assert_int_equal(stroma_t_welch(scaled1, 10, scaled2, 10, NULL, &s, NULL), STROMA_OK);
    assert_near(s.p, r.p, 1e-14);
    assert_near(s.estimate, 8 * r.estimate, 1e-15);
    assert_near(s.effect_lower, r.effect_lower, 1e-12);
    assert_int_equal(stroma_t_welch(extra2, 10, extra1, 10, NULL, &s, NULL), STROMA_OK);
    assert_true(s.p == r.p && s.estimate == -r.estimate);
    assert_near(s.effect_lower, -r.effect_upper, 1e-12);
    stroma_t_options o = STROMA_T_OPTIONS_INIT;
    o.alternative = STROMA_LESS;
    assert_int_equal(stroma_t_welch(extra1, 10, extra2, 10, &o, &s, NULL), STROMA_OK);
    assert_near(s.p, r.p / 2, 1e-14);
    assert_true(isinf(s.lower) && s.upper < r.upper);
    o.alternative = STROMA_GREATER;
    assert_int_equal(stroma_t_welch(extra1, 10, extra2, 10, &o, &s, NULL), STROMA_OK);
    assert_near(s.p, 1 - r.p / 2, 1e-14);
    /* The interval's limits, tried as null values, have p = 1 − level. */
    o.alternative = STROMA_TWO_SIDED;
    o.null_value = r.upper;
    assert_int_equal(stroma_t_welch(extra1, 10, extra2, 10, &o, &s, NULL), STROMA_OK);
    assert_near(s.p, 0.05, 1e-12);
}

static void degenerate(void **state)
{
    (void)state;
    const double same[] = { 2, 2, 2 }, other[] = { 1, 2, 4 }, bad[] = { 1, NAN, 3 },
                 huge[] = { 1, INFINITY };
    stroma_stat r;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_t_welch(same, 3, same, 3, NULL, &r, &err), STROMA_OK);
    assert_true(r.not_estimable && isnan(r.p));
    assert_string_equal(r.reason, "no variation within the groups");
    assert_int_equal(stroma_t_welch(same, 3, other, 3, NULL, &r, &err), STROMA_OK);
    assert_false(r.not_estimable);
    assert_near(r.df, 2, 1e-14);
    assert_int_equal(stroma_t_welch(same, 1, other, 3, NULL, &r, &err), STROMA_OK);
    assert_string_equal(r.reason, "fewer than two values in a group");
    assert_int_equal(stroma_t_student(same, 1, other, 3, NULL, &r, &err), STROMA_OK);
    assert_false(r.not_estimable);
    assert_int_equal(stroma_t_student(same, 0, other, 3, NULL, &r, &err), STROMA_OK);
    assert_string_equal(r.reason, "a group is empty");
    assert_int_equal(stroma_t_one_sample(NULL, 0, NULL, &r, &err), STROMA_OK);
    assert_true(r.not_estimable);
    assert_int_equal(stroma_t_one_sample(same, 3, NULL, &r, &err), STROMA_OK);
    assert_string_equal(r.reason, "all values are equal");
    const double up[] = { 1.1, 2.1, 3.1 }, down[] = { 0.1, 1.1, 2.1 };
    assert_int_equal(stroma_t_paired(up, down, 3, NULL, &r, &err), STROMA_OK);
    assert_string_equal(r.reason, "all differences are equal");
    assert_int_equal(stroma_t_welch(bad, 3, other, 3, NULL, &r, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "first group: value 2 is NaN, not a number within 1e140");
    assert_int_equal(stroma_t_welch(other, 3, huge, 2, NULL, &r, &err), STROMA_E_USAGE);
    const stroma_t_options o = { STROMA_TWO_SIDED, 95, 0 };
    assert_int_equal(stroma_t_welch(other, 3, other, 3, &o, &r, &err), STROMA_E_USAGE);
    const stroma_group g = { 1, -2, 5 };
    assert_int_equal(stroma_t_welch_summary(g, g, NULL, &r, &err), STROMA_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sleep_as_printed), cmocka_unit_test(effect_interval),
        cmocka_unit_test(data_cases),       cmocka_unit_test(summary_cases),
        cmocka_unit_test(properties),       cmocka_unit_test(degenerate),
    };
    return cmocka_run_group_tests_name("t_test", tests, NULL, NULL);
}
