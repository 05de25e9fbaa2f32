/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/stats_distribution.h"

typedef double (*with1)(double);
typedef double (*with2)(double, double);
typedef double (*with3)(double, double, double);
typedef double (*with4)(double, double, double, double);

#define ROW(n, name)                              \
    {                                             \
#name, .f##n = stroma_##name, .n_args = n \
    }
static const struct {
    const char *name;
    with1 f1;
    with2 f2;
    with3 f3;
    with4 f4;
    int n_args;
} functions[] = {
    ROW(1, normal_cdf),
    ROW(1, normal_sf),
    ROW(1, normal_quantile),
    ROW(2, t_cdf),
    ROW(2, t_sf),
    ROW(2, t_quantile),
    ROW(3, f_cdf),
    ROW(3, f_sf),
    ROW(3, f_quantile),
    ROW(2, chi2_cdf),
    ROW(2, chi2_sf),
    ROW(2, chi2_quantile),
    ROW(3, beta_cdf),
    ROW(3, beta_sf),
    ROW(3, beta_quantile),
    ROW(3, gamma_cdf),
    ROW(3, gamma_sf),
    ROW(3, gamma_quantile),
    ROW(3, binomial_pmf),
    ROW(3, binomial_cdf),
    ROW(3, binomial_sf),
    ROW(3, binomial_quantile),
    ROW(4, hypergeometric_pmf),
    ROW(4, hypergeometric_cdf),
    ROW(4, hypergeometric_sf),
    ROW(4, hypergeometric_quantile),
    ROW(2, poisson_pmf),
    ROW(2, poisson_cdf),
    ROW(2, poisson_sf),
    ROW(2, poisson_quantile),
    ROW(3, studentized_range_cdf),
    ROW(3, studentized_range_sf),
    ROW(3, studentized_range_quantile),
    ROW(1, log_gamma),
    ROW(2, log_choose),
};
enum { N_FUNCTIONS = sizeof functions / sizeof functions[0] };

static double call(size_t i, const double *v)
{
    switch (functions[i].n_args) {
    case 1: return functions[i].f1(v[0]);
    case 2: return functions[i].f2(v[0], v[1]);
    case 3: return functions[i].f3(v[0], v[1], v[2]);
    default: return functions[i].f4(v[0], v[1], v[2], v[3]);
    }
}

static void reference_values(void **state)
{
    (void)state;
    test_csv t = test_csv_read(test_source("tests/reference/distribution.csv"));
    assert_true(t.rows > 20);
    for (size_t r = 0; r < t.rows; r++) {
        const char *name = test_csv_text(&t, r, "name");
        const double v[] = { test_csv_number(&t, r, "x"), test_csv_number(&t, r, "a"),
                             test_csv_number(&t, r, "b"), test_csv_number(&t, r, "c") };
        size_t i = 0;
        while (i < N_FUNCTIONS && strcmp(functions[i].name, name) != 0)
            i++;
        if (i == N_FUNCTIONS) fail_msg("no function %s", name);
        const double want = test_csv_number(&t, r, "want");
        if (!test_near(call(i, v), want, test_csv_number(&t, r, "tol")))
            fail_msg("%s(%g, %g, %g, %g) is %.17g, wanted %.17g", name, v[0], v[1], v[2], v[3],
                     call(i, v), want);
    }
    test_csv_free(&t);
}

/* libRmath prints when it is misused; the checks must keep every misuse away from it. */
static void misuse_is_silent_nan(void **state)
{
    (void)state;
    static const double good[] = { 0.5, 4, 4, 4 };
    static const double odd[] = {
        NAN, -1, INFINITY, -INFINITY, 0, 1.5, 1e300, -1e300, 1e-300, 1e9
    };
    char path[] = "/tmp/stroma_stdout_XXXXXX";
    const int to = mkstemp(path);
    assert_true(to >= 0);
    (void)fflush(stdout);
    const int saved = dup(STDOUT_FILENO);
    (void)dup2(to, STDOUT_FILENO);
    size_t not_nan = 0;
    for (size_t i = 0; i < N_FUNCTIONS; i++)
        for (int a = 0; a < functions[i].n_args; a++)
            for (size_t o = 0; o < sizeof odd / sizeof odd[0]; o++) {
                double v[4];
                memcpy(v, good, sizeof v);
                v[a] = odd[o];
                const double got = call(i, v);
                if (isnan(odd[o]) && !isnan(got)) not_nan++;
            }
    (void)fflush(stdout);
    const off_t printed = lseek(to, 0, SEEK_END);
    (void)dup2(saved, STDOUT_FILENO);
    (void)close(saved);
    (void)close(to);
    (void)unlink(path);
    assert_int_equal(not_nan, 0);
    assert_int_equal(printed, 0);
}

static void domain(void **state)
{
    (void)state;
    assert_true(isnan(stroma_t_cdf(1, 0)));
    assert_true(isnan(stroma_t_quantile(1.0000001, 3)));
    assert_true(isnan(stroma_binomial_cdf(1, 2.5, 0.5)));
    assert_true(isnan(stroma_binomial_cdf(1, 3, 1.5)));
    assert_true(isnan(stroma_hypergeometric_cdf(1, 2, 2, 5)));
    assert_true(isnan(stroma_studentized_range_cdf(1, 1, 5)));
    assert_true(isnan(stroma_studentized_range_cdf(1, 3, 0.9)));
    assert_true(stroma_binomial_pmf(1.5, 3, 0.5) == 0);
    assert_true(stroma_hypergeometric_cdf(INFINITY, 2, 2, 2) == 1);
    assert_true(stroma_t_cdf(-INFINITY, 3) == 0);
    assert_true(stroma_normal_sf(INFINITY) == 0);
    assert_near(stroma_t_sf(2, INFINITY), stroma_normal_sf(2), 1e-15);
}

static void quantile_undoes_cdf(void **state)
{
    (void)state;
    for (double p = 0.001; p < 1; p += 0.0311) {
        assert_near(stroma_t_cdf(stroma_t_quantile(p, 4.5), 4.5), p, 1e-12);
        assert_near(stroma_f_cdf(stroma_f_quantile(p, 3, 7), 3, 7), p, 1e-12);
        assert_near(stroma_beta_cdf(stroma_beta_quantile(p, 0.7, 3), 0.7, 3), p, 1e-12);
        assert_near(stroma_gamma_cdf(stroma_gamma_quantile(p, 2.5, 3), 2.5, 3), p, 1e-12);
        assert_near(stroma_chi2_cdf(stroma_chi2_quantile(p, 3), 3), p, 1e-12);
        const double q = stroma_studentized_range_quantile(p, 4, 12);
        assert_near(stroma_studentized_range_cdf(q, 4, 12), p, 1e-12);
        assert_near(stroma_t_cdf(1, 3) + stroma_t_sf(1, 3), 1, 1e-15);
    }
}

/* 72 values to 16 digits by mpmath. */
static void studentized_range_mpmath(void **state)
{
    (void)state;
    json_t *j = test_expected_load("clinical/dist/studentized_range_mpmath_ref.json");
    if (j == NULL) {
        print_message("# no data root\n");
        skip();
    }
    const json_t *cases = json_object_get(j, "cdf_data");
    double worst_absolute = 0, worst_relative = 0;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i);
        const double q = test_expected_number(c, "src_case.q"),
                     k = test_expected_number(c, "src_case.k"),
                     v = test_expected_number(c, "src_case.v"),
                     want = test_expected_number(c, "mp_result");
        const double gap = fabs(stroma_studentized_range_cdf(q, k, v) - want);
        if (getenv("STROMA_VERBOSE") != NULL)
            print_message("# q=%g k=%g v=%g want %.17g gap %.2g\n", q, k, v, want, gap);
        worst_absolute = fmax(worst_absolute, gap);
        if (want > 1e-13) worst_relative = fmax(worst_relative, gap / want);
        const double both =
            stroma_studentized_range_cdf(q, k, v) + stroma_studentized_range_sf(q, k, v);
        assert_near(both, 1, 1e-12);
    }
    assert_int_equal(json_array_size(cases), 72);
    json_decref(j);
    print_message("# studentized range: worst gap %.2g absolute, %.2g relative where P > 1e-13\n",
                  worst_absolute, worst_relative);
    assert_true(worst_absolute < 1e-14 && worst_relative < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reference_values),
                                        cmocka_unit_test(misuse_is_silent_nan),
                                        cmocka_unit_test(domain),
                                        cmocka_unit_test(quantile_undoes_cdf),
                                        cmocka_unit_test(studentized_range_mpmath) };
    return cmocka_run_group_tests_name("distribution", tests, NULL, NULL);
}
