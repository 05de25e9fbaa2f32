/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/stats_correlation.h"

enum { PAIRS_MAX = 512 };

static size_t load_columns(const char *file, const char *x_name, const char *y_name, double *x,
                           double *y)
{
    test_csv t = test_csv_read(test_data(file));
    size_t n = 0;
    for (size_t r = 0; r < t.rows; r++) {
        const double a = test_csv_number(&t, r, x_name), b = test_csv_number(&t, r, y_name);
        if (isnan(a) || isnan(b)) continue;
        assert_true(n < PAIRS_MAX);
        x[n] = a;
        y[n++] = b;
    }
    test_csv_free(&t);
    return n;
}

/* das0 and haq0 of the same patient, from the long file */
static size_t load_rapport(double *x, double *y)
{
    test_csv t = test_csv_read(test_data("clinical/ra/mdhglm_ra_data_RAPPORT.csv"));
    size_t n = 0;
    for (size_t r = 0; r < t.rows; r++) {
        if (strcmp(test_csv_text(&t, r, "X_NAME_"), "das0") != 0) continue;
        for (size_t k = 0; k < t.rows; k++) {
            if (strcmp(test_csv_text(&t, k, "X_NAME_"), "haq0") != 0 ||
                strcmp(test_csv_text(&t, k, "id"), test_csv_text(&t, r, "id")) != 0)
                continue;
            const double a = test_csv_number(&t, r, "outcome"),
                         b = test_csv_number(&t, k, "outcome");
            if (isnan(a) || isnan(b)) continue;
            assert_true(n < PAIRS_MAX);
            x[n] = a;
            y[n++] = b;
        }
    }
    test_csv_free(&t);
    return n;
}

static size_t load_case(const json_t *c, double *x, double *y)
{
    const char *id = json_string_value(json_object_get(c, "id"));
    if (strcmp(id, "mtcars_mpg_wt") == 0)
        return load_columns("clinical/rdata/datasets_mtcars.csv", "mpg", "wt", x, y);
    if (strcmp(id, "airquality_ozone_temp") == 0)
        return load_columns("clinical/rdata/datasets_airquality.csv", "Ozone", "Temp", x, y);
    if (strcmp(id, "rapport_das0_haq0") == 0) return load_rapport(x, y);
    const json_t *data = json_object_get(c, "data");
    const size_t n = json_array_size(json_object_get(data, "x"));
    for (size_t i = 0; i < n; i++) {
        x[i] = json_number_value(json_array_get(json_object_get(data, "x"), i));
        y[i] = json_number_value(json_array_get(json_object_get(data, "y"), i));
    }
    return n;
}

static void check_spearman_interval(const json_t *e, const char *id, const char *key,
                                    const double *x, const double *y, size_t n,
                                    stroma_spearman_interval kind, double tol)
{
    stroma_stat s;
    char path[64];
    assert_int_equal(
        stroma_correlation_spearman(x, y, n, STROMA_RANK_P_ASYMPTOTIC, kind, 0.95, &s, NULL),
        STROMA_OK);
    (void)snprintf(path, sizeof path, "%s.0", key);
    test_check(e, id, path, s.lower, tol);
    (void)snprintf(path, sizeof path, "%s.1", key);
    test_check(e, id, path, s.upper, tol);
    test_check(e, id, "spearman_rho", s.estimate, tol);
    test_check(e, id, "spearman_p_t", s.p, tol);
    test_check(e, id, "spearman_S", s.statistic, tol);
}

static void check_case(const json_t *c, const double *x, const double *y, size_t n)
{
    const char *id = json_string_value(json_object_get(c, "id"));
    const json_t *e = json_object_get(c, "expected");
    const double tol = test_expected_number(c, "tol_rel");
    stroma_stat s;
    test_check(e, id, "n", (double)n, 0);
    assert_int_equal(stroma_correlation_pearson(x, y, n, 0.95, &s, NULL), STROMA_OK);
    test_check(e, id, "pearson.estimate.cor", s.estimate, tol);
    test_check(e, id, "pearson.statistic", s.statistic, tol);
    test_check(e, id, "pearson.df", s.df, tol);
    test_check(e, id, "pearson.p", s.p, tol);
    test_check(e, id, "pearson.ci95.0", s.lower, tol);
    test_check(e, id, "pearson.ci95.1", s.upper, tol);
    check_spearman_interval(e, id, "ci_spearman_fieller", x, y, n, STROMA_SPEARMAN_FIELLER, tol);
    check_spearman_interval(e, id, "ci_spearman_bonett_wright", x, y, n,
                            STROMA_SPEARMAN_BONETT_WRIGHT, tol);
    check_spearman_interval(e, id, "ci_spearman_fisher", x, y, n, STROMA_SPEARMAN_FISHER, tol);
    assert_int_equal(stroma_correlation_kendall(x, y, n, STROMA_RANK_P_ASYMPTOTIC, 0.95, &s, NULL),
                     STROMA_OK);
    test_check(e, id, "kendall_tau_b", s.estimate, tol);
    test_check(e, id, "kendall_p_normal", s.p, tol);
    if (json_object_get(e, "kendall_p_exact") == NULL) return;
    assert_int_equal(stroma_correlation_kendall(x, y, n, STROMA_RANK_P_EXACT, 0.95, &s, NULL),
                     STROMA_OK);
    test_check(e, id, "kendall_p_exact", s.p, tol);
    assert_int_equal(stroma_correlation_spearman(x, y, n, STROMA_RANK_P_EXACT,
                                                 STROMA_SPEARMAN_FISHER, 0.95, &s, NULL),
                     STROMA_OK);
    test_check(e, id, "spearman_p_exact", s.p, tol);
}

static void test_expected_cases(void **state)
{
    (void)state;
    json_t *cases = test_expected_load("clinical/expected/correlation.json");
    if (cases == NULL) skip();
    static double x[PAIRS_MAX], y[PAIRS_MAX];
    assert_int_equal(json_array_size(cases), 4);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i);
        check_case(c, x, y, load_case(c, x, y));
    }
    json_decref(cases);
}

static double kendall_s(const double *x, const double *y, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            s += ((x[i] > x[j]) - (x[i] < x[j])) * ((y[i] > y[j]) - (y[i] < y[j]));
    return s;
}

/* Knight's count against all pairs, with many ties. */
static void test_kendall_against_all_pairs(void **state)
{
    (void)state;
    double x[61], y[61];
    uint32_t seed = 12345;
    for (size_t n = 5; n <= 61; n++) {
        double tx = 0, ty = 0;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525u + 1013904223u;
            x[i] = (double)((seed >> 16) % 11);
            seed = seed * 1664525u + 1013904223u;
            y[i] = (double)((seed >> 16) % 7);
        }
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < i; j++) {
                tx += x[i] != x[j];
                ty += y[i] != y[j];
            }
        stroma_stat s;
        assert_int_equal(stroma_correlation_kendall(x, y, n, STROMA_RANK_P_AUTO, 0.95, &s, NULL),
                         STROMA_OK);
        assert_near(s.estimate, kendall_s(x, y, n) / sqrt(tx * ty), 1e-14);
    }
}

/* Exact p of four and five pairs, counted over all permutations by hand. */
static void test_exact_small(void **state)
{
    (void)state;
    const double x[] = { 1, 2, 3, 4, 5 }, up[] = { 10, 20, 30, 40, 50 }, down[] = { 2, 1, 3, 4, 5 };
    stroma_stat s;
    assert_int_equal(stroma_correlation_spearman(x, up, 4, STROMA_RANK_P_AUTO,
                                                 STROMA_SPEARMAN_FIELLER, 0.95, &s, NULL),
                     STROMA_OK);
    assert_near(s.p, 2.0 / 24, 1e-15); /* one of 24 has S = 0 */
    assert_int_equal(stroma_correlation_spearman(x, down, 5, STROMA_RANK_P_AUTO,
                                                 STROMA_SPEARMAN_FIELLER, 0.95, &s, NULL),
                     STROMA_OK);
    assert_near(s.p, 2.0 * 5 / 120, 1e-15); /* S = 2: identity and four neighbour swaps */
    assert_int_equal(stroma_correlation_kendall(x, down, 5, STROMA_RANK_P_AUTO, 0.95, &s, NULL),
                     STROMA_OK);
    assert_near(s.p, 2.0 * 5 / 120, 1e-15);
    assert_near(s.estimate, 0.8, 1e-15);
}

static void test_not_estimable(void **state)
{
    (void)state;
    const double x[] = { 1, 2, 3 }, flat[] = { 2, 2, 2 }, line[] = { 2, 4, 6 };
    const double broken[] = { 1, INFINITY, 2 };
    stroma_stat s;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_correlation_pearson(x, flat, 3, 0.95, &s, NULL), STROMA_OK);
    assert_true(s.not_estimable);
    assert_string_equal(s.reason, "a variable is constant");
    assert_int_equal(stroma_correlation_kendall(x, flat, 3, STROMA_RANK_P_AUTO, 0.95, &s, NULL),
                     STROMA_OK);
    assert_true(s.not_estimable);
    assert_int_equal(stroma_correlation_pearson(x, line, 2, 0.95, &s, NULL), STROMA_OK);
    assert_string_equal(s.reason, "fewer than three pairs");
    assert_int_equal(stroma_correlation_pearson(x, line, 3, 0.95, &s, NULL), STROMA_OK);
    assert_near(s.estimate, 1, 1e-15);
    assert_true(isnan(s.lower)); /* Fisher's z needs four pairs */
    assert_int_equal(stroma_correlation_pearson(x, broken, 3, 0.95, &s, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "pair 2 is not finite");
    const double tied[] = { 1, 1, 2 };
    assert_int_equal(stroma_correlation_spearman(x, tied, 3, STROMA_RANK_P_EXACT,
                                                 STROMA_SPEARMAN_FISHER, 0.95, &s, NULL),
                     STROMA_OK);
    assert_string_equal(s.reason, "no exact p with ties");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected_cases),
        cmocka_unit_test(test_kendall_against_all_pairs),
        cmocka_unit_test(test_exact_small),
        cmocka_unit_test(test_not_estimable),
    };
    return cmocka_run_group_tests_name("correlation", tests, NULL, NULL);
}
