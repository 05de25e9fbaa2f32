/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/stats_rank_test.h"

#include <time.h>

static const double smoke[] = { 3.18, 2.74, 2.9,  3.27, 3.65, 3.42, 3.23,
                                2.86, 3.6,  3.65, 3.69, 3.53, 2.38, 2.34 };
static const double none[] = { 3.99, 3.89, 3.6,  3.73, 3.31, 3.7,  4.08, 3.61,
                               3.83, 3.41, 4.13, 3.36, 3.54, 3.51, 2.71 };

static stroma_stat mann(const double *x, size_t nx, const double *y, size_t ny,
                        stroma_rank_method m)
{
    stroma_rank_options o = STROMA_RANK_OPTIONS_INIT;
    o.method = m;
    stroma_stat r;
    assert_int_equal(stroma_mann_whitney(x, nx, y, ny, &o, &r, NULL), STROMA_OK);
    return r;
}

/* Kirkwood & Sterne, Essential Medical Statistics, table 30.4, birth weights; SAS NPAR1WAY as the
 * CAMIS project prints it: exact p 0.0082, normal 0.0094, corrected 0.0100, HL −0.425, asymptotic
 * limits −0.770 and −0.090, exact limits −0.760 and −0.100. */
static void kirkwood_as_sas_prints(void **state)
{
    (void)state;
    stroma_stat r = mann(smoke, 14, none, 15, STROMA_RANK_AUTO);
    assert_string_equal(r.variant, "exact conditional, ties");
    assert_true(fabs(r.p - 0.0082) < 5e-5);
    assert_near(r.estimate, -0.425, 1e-12);
    assert_near(r.lower, -0.76, 1e-12);
    assert_near(r.upper, -0.10, 1e-12);
    r = mann(smoke, 14, none, 15, STROMA_RANK_NORMAL);
    assert_true(fabs(r.p - 0.0094) < 5e-5);
    r = mann(smoke, 14, none, 15, STROMA_RANK_NORMAL_CORRECTED);
    assert_true(fabs(r.p - 0.0100) < 5e-5);
    assert_near(r.lower, -0.77, 1e-12);
    assert_near(r.upper, -0.09, 1e-12);
}

static size_t array_or_file(const json_t *c, size_t which, double **out)
{
    static const struct {
        const char *id, *file, *value, *key, *group[2];
    } files[] = {
        { "sleep_ties", "clinical/rdata/datasets_sleep.csv", "extra", "group", { "1", "2" } },
        { "airquality_ozone_may_aug",
          "clinical/rdata/datasets_airquality.csv",
          "Ozone",
          "Month",
          { "5", "8" } },
        { "toothgrowth_supp",
          "clinical/rdata/datasets_ToothGrowth.csv",
          "len",
          "supp",
          { "OJ", "VC" } },
    };
    const json_t *d = json_object_get(c, "data");
    if (json_is_object(d)) {
        const char *names[][2] = { { "x", "x_smoke" }, { "y", "y_non" } };
        const json_t *a = json_object_get(d, names[which][0]);
        return test_expected_array(a != NULL ? a : json_object_get(d, names[which][1]), out);
    }
    const char *id = json_string_value(json_object_get(c, "id"));
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (strcmp(files[i].id, id) != 0) continue;
        test_csv t = test_csv_read(test_data(files[i].file));
        const size_t n =
            test_csv_select(&t, files[i].value, files[i].key, files[i].group[which], out);
        test_csv_free(&t);
        return n;
    }
    fail_msg("no data for %s", id);
    return 0;
}

/* R's asymptotic estimate and limits stop within 1e-4 of the jump they look for. The jump is at one
 * of the differences x − y (between the middle two for the estimate); ours is it. */
static void check_root_found(const json_t *e, const char *id, const double *x, size_t nx,
                             const double *y, size_t ny)
{
    const stroma_stat r = mann(x, nx, y, ny, STROMA_RANK_NORMAL_CORRECTED);
    const double limit[] = { r.lower, r.upper };
    for (size_t side = 0; side < 2; side++) {
        const double theirs = test_expected_number(e, side == 0 ? "HL_ci_asym.0" : "HL_ci_asym.1");
        if (!(fabs(limit[side] - theirs) <= 1e-4))
            fail_msg("%s: limit %zu is %.10g, R's root is %.10g", id, side, limit[side], theirs);
        size_t at = 0;
        for (size_t i = 0; i < nx; i++)
            for (size_t j = 0; j < ny; j++)
                at += x[i] - y[j] == limit[side];
        assert_true(at > 0);
    }
    /* Every point between the two middle differences solves R's equation. */
    const double theirs = test_expected_number(e, "HL_shift_asym");
    uint64_t below = 0, above = 0;
    for (size_t i = 0; i < nx; i++)
        for (size_t j = 0; j < ny; j++) {
            below += x[i] - y[j] < theirs - 1e-4;
            above += x[i] - y[j] > theirs + 1e-4;
        }
    assert_true(below <= (uint64_t)nx * ny / 2 && above <= (uint64_t)nx * ny / 2);
}

static void mann_whitney_cases(void **state)
{
    (void)state;
    json_t *j = test_expected_load("clinical/expected/mannwhitney.json");
    if (j == NULL) skip();
    assert_int_equal(json_array_size(j), 6);
    size_t i;
    json_t *c;
    json_array_foreach(j, i, c)
    {
        const char *id = json_string_value(json_object_get(c, "id"));
        const json_t *e = json_object_get(c, "expected");
        const double tol = test_expected_number(c, "tol_rel");
        double *x, *y;
        const size_t nx = array_or_file(c, 0, &x), ny = array_or_file(c, 1, &y);
        stroma_rank_detail d;
        assert_int_equal(stroma_mann_whitney_detail(x, nx, y, ny, &d, NULL), STROMA_OK);
        test_check(e, id, "n1", (double)nx, 0);
        test_check(e, id, "n2", (double)ny, 0);
        assert_int_equal(d.ties, json_is_true(json_object_get(e, "ties")));
        test_check(e, id, "W", d.u_x, tol);
        test_check(e, id, "U_min", fmin(d.u_x, d.u_y), tol);
        test_check(e, id, "rank_sum_1", d.rank_sum_x, tol);
        test_check(e, id, "z_coin", d.z, tol);
        stroma_stat r = mann(x, nx, y, ny, STROMA_RANK_NORMAL);
        test_check(e, id, "p_normal_nocc", r.p, tol);
        test_check(e, id, "auc_x_gt_y", r.effect, tol);
        test_check(e, id, "W", r.statistic, tol);
        r = mann(x, nx, y, ny, STROMA_RANK_NORMAL_CORRECTED);
        test_check(e, id, "p_normal_cc", r.p, tol);
        r = mann(x, nx, y, ny, STROMA_RANK_EXACT);
        test_check(e, id, "p_exact_conditional_ties", r.p, tol);
        test_check(e, id, "p_exact_coin", r.p, tol);
        test_check(e, id, "HL_shift_median_of_differences", r.estimate, tol);
        if (json_object_get(e, "p_exact") != NULL) {
            test_check(e, id, "p_exact", r.p, tol);
            test_check(e, id, "HL_shift_exact", r.estimate, tol);
            test_check(e, id, "HL_ci_exact.0", r.lower, tol);
            test_check(e, id, "HL_ci_exact.1", r.upper, tol);
        }
        check_root_found(e, id, x, nx, y, ny);
        free(x);
        free(y);
    }
    json_decref(j);
}

static stroma_stat signed_rank(const double *d, size_t n, stroma_rank_method m, stroma_zero_rule z)
{
    stroma_rank_options o = STROMA_RANK_OPTIONS_INIT;
    o.method = m;
    o.zeros = z;
    stroma_stat r;
    assert_int_equal(stroma_signed_rank(d, n, &o, &r, NULL), STROMA_OK);
    return r;
}

static size_t differences(const json_t *c, const char *id, double **out)
{
    double *x, *y;
    size_t n;
    if (strncmp(id, "camis", 5) == 0 || strcmp(id, "sleep") == 0) {
        const bool sleep = *id == 's';
        test_csv t = test_csv_read(test_data(sleep ? "clinical/rdata/datasets_sleep.csv"
                                             : strcmp(id, "camis_bp") == 0
                                                 ? "clinical/camis/blood_pressure.csv"
                                                 : "clinical/camis/blood_pressure_ties.csv"));
        n = sleep ? test_csv_select(&t, "extra", "group", "1", &x)
                  : test_csv_select(&t, "bp_after", NULL, NULL, &x);
        assert_int_equal(n, sleep ? test_csv_select(&t, "extra", "group", "2", &y)
                                  : test_csv_select(&t, "bp_before", NULL, NULL, &y));
        test_csv_free(&t);
    } else {
        const json_t *d = json_object_get(c, "data");
        n = test_expected_array(json_object_get(d, "x"), &x);
        assert_int_equal(test_expected_array(json_object_get(d, "y"), &y), n);
    }
    for (size_t i = 0; i < n; i++)
        x[i] -= y[i];
    free(y);
    *out = x;
    return n;
}

static void signed_rank_cases(void **state)
{
    (void)state;
    json_t *j = test_expected_load("clinical/expected/signedrank.json");
    if (j == NULL) skip();
    assert_int_equal(json_array_size(j), 4);
    size_t i;
    json_t *c;
    json_array_foreach(j, i, c)
    {
        const char *id = json_string_value(json_object_get(c, "id"));
        const json_t *e = json_object_get(c, "expected");
        const double tol = test_expected_number(c, "tol_rel");
        double *d;
        const size_t n = differences(c, id, &d);
        stroma_stat r = signed_rank(d, n, STROMA_RANK_EXACT, STROMA_ZERO_DROP);
        test_check(e, id, "n", (double)r.n1, 0);
        test_check(e, id, "n_nonzero", (double)r.n_used, 0);
        test_check(e, id, "V", r.statistic, 0);
        test_check(e, id, "p_exact_wilcox_zeros_dropped", r.p, tol);
        r = signed_rank(d, n, STROMA_RANK_EXACT, STROMA_ZERO_PRATT);
        test_check(e, id, "p_exact_pratt_coin", r.p, tol);
        r = signed_rank(d, n, STROMA_RANK_NORMAL, STROMA_ZERO_DROP);
        test_check(e, id, "p_normal_nocc", r.p, tol);
        r = signed_rank(d, n, STROMA_RANK_NORMAL_CORRECTED, STROMA_ZERO_DROP);
        test_check(e, id, "p_normal_cc", r.p, tol);
        assert_int_equal(stroma_sign_test(d, n, 0.95, &r, NULL), STROMA_OK);
        test_check(e, id, "sign_test_p", r.p, tol);
        free(d);
    }
    json_decref(j);
}

/* All 2^n signs, all subsets: the definition itself, for small tied samples. */
static void exact_by_enumeration(void **state)
{
    (void)state;
    const double d[] = { 1, -1, 2, 2, -3, 4, 4, 4, -5, 0, 6, -7 };
    const stroma_stat r = signed_rank(d, 12, STROMA_RANK_EXACT, STROMA_ZERO_PRATT);
    const double ranks[] = { 2.5, 2.5, 4.5, 4.5, 6, 8, 8, 8, 10, 11, 12 }; /* zero took rank 1 */
    double v = 2.5 + 4.5 + 4.5 + 8 + 8 + 8 + 11, mean = 38.5, hits = 0;
    for (unsigned m = 0; m < 1U << 11; m++) {
        double t = 0;
        for (unsigned i = 0; i < 11; i++)
            if (m >> i & 1) t += ranks[i];
        hits += fabs(t - mean) >= fabs(v - mean);
    }
    assert_true(r.statistic == v);
    assert_near(r.p, hits / 2048, 1e-14);
    const double x[] = { 1, 1, 2, 5, 5 }, y[] = { 1, 2, 2, 3, 3, 3, 5 };
    const double all[] = { 2, 2, 2, 5, 5, 5, 8, 8, 8, 11, 11, 11 };
    const double w = 2 + 2 + 5 + 11 + 11, expect = 5 * 78 / 12.0;
    double total = 0, two = 0, less = 0;
    for (unsigned m = 0; m < 1U << 12; m++) {
        double t = 0;
        int size = 0;
        for (unsigned i = 0; i < 12; i++)
            if (m >> i & 1) {
                t += all[i];
                size++;
            }
        if (size != 5) continue;
        total++;
        two += fabs(t - expect) >= fabs(w - expect) - 1e-9;
        less += t <= w;
    }
    assert_near(mann(x, 5, y, 7, STROMA_RANK_EXACT).p, two / total, 1e-14);
    stroma_rank_options o = STROMA_RANK_OPTIONS_INIT;
    o.alternative = STROMA_LESS;
    stroma_stat s;
    assert_int_equal(stroma_mann_whitney(x, 5, y, 7, &o, &s, NULL), STROMA_OK);
    assert_near(s.p, less / total, 1e-14);
    o.alternative = STROMA_GREATER; /* the same question with the groups swapped */
    assert_int_equal(stroma_mann_whitney(y, 7, x, 5, &o, &s, NULL), STROMA_OK);
    assert_near(s.p, less / total, 1e-14);
}

static void properties(void **state)
{
    (void)state;
    const stroma_stat r = mann(smoke, 14, none, 15, STROMA_RANK_AUTO);
    const stroma_stat back = mann(none, 15, smoke, 14, STROMA_RANK_AUTO);
    assert_near(back.p, r.p, 1e-14);
    assert_true(back.estimate == -r.estimate && back.lower == -r.upper);
    assert_near(back.effect, 1 - r.effect, 1e-14);
    double x[14], y[15], z[14];
    for (size_t i = 0; i < 14; i++) {
        x[i] = exp(smoke[i]); /* ranks do not see a monotone change */
        z[i] = 4 * smoke[(i * 5 + 3) % 14];
    }
    for (size_t i = 0; i < 15; i++)
        y[i] = exp(none[i]);
    assert_true(mann(x, 14, y, 15, STROMA_RANK_AUTO).p == r.p);
    for (size_t i = 0; i < 15; i++)
        y[i] = 4 * none[i];
    const stroma_stat scaled = mann(z, 14, y, 15, STROMA_RANK_AUTO);
    assert_true(scaled.p == r.p && scaled.lower == 4 * r.lower &&
                scaled.estimate == 4 * r.estimate);
    double d[14], e[14];
    for (size_t i = 0; i < 14; i++) {
        d[i] = smoke[i] - none[i];
        e[i] = -d[i];
    }
    const stroma_stat up = signed_rank(d, 14, STROMA_RANK_AUTO, STROMA_ZERO_DROP);
    const stroma_stat down = signed_rank(e, 14, STROMA_RANK_AUTO, STROMA_ZERO_DROP);
    assert_true(up.p == down.p && up.lower == -down.upper && up.effect == -down.effect);
}

/* depression data of ?wilcox.test: with conf.int, R prints 0.46 and the limits 0.01, 0.786. */
static void pseudo_median(void **state)
{
    (void)state;
    const double x[] = { 1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3 },
                 y[] = { 0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29 };
    double d[9], average[45];
    for (size_t i = 0; i < 9; i++)
        d[i] = x[i] - y[i];
    size_t n = 0;
    for (size_t i = 0; i < 9; i++)
        for (size_t j = i; j < 9; j++)
            average[n++] = (d[i] + d[j]) / 2;
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && average[j] < average[j - 1]; j--) {
            const double t = average[j];
            average[j] = average[j - 1];
            average[j - 1] = t;
        }
    const stroma_stat r = signed_rank(d, 9, STROMA_RANK_AUTO, STROMA_ZERO_DROP);
    assert_true(r.estimate == average[22]);
    assert_true(r.lower == average[5] && r.upper == average[39]); /* qsignrank(0.025, 9) is 6 */
}

static void large_and_limited(void **state)
{
    (void)state;
    enum { N = 3000 };
    double *x = calloc(N, sizeof *x), *y = calloc(N, sizeof *y);
    for (size_t i = 0; i < N; i++) {
        x[i] = (double)((i * 7919) % 3001);
        y[i] = (double)((i * 104729) % 3001) + 20;
    }
    assert_string_equal(mann(x, N, y, N, STROMA_RANK_AUTO).variant, "normal, continuity corrected");
    const stroma_stat r = mann(x, N, y, N, STROMA_RANK_EXACT);
    assert_true(r.not_estimable && isnan(r.p));
    struct timespec t0, t1;
    (void)clock_gettime(CLOCK_MONOTONIC, &t0);
    for (int i = 0; i < 20; i++)
        assert_string_equal(mann(x, 28, y, 22, STROMA_RANK_EXACT).variant, "exact");
    (void)clock_gettime(CLOCK_MONOTONIC, &t1);
    print_message(
        "# exact, n = 28 and 22: %.3f ms\n",
        ((double)(t1.tv_sec - t0.tv_sec) * 1e3 + (double)(t1.tv_nsec - t0.tv_nsec) / 1e6) / 20);
    /* Exact and normal come together: 120 + 120. */
    const double exact = mann(x, 120, y, 120, STROMA_RANK_EXACT).p,
                 normal = mann(x, 120, y, 120, STROMA_RANK_NORMAL_CORRECTED).p;
    assert_near(exact, normal, 0.01);
    free(x);
    free(y);
}

static void degenerate(void **state)
{
    (void)state;
    const double same[] = { 2, 2, 2 }, zero[] = { 0, 0 }, bad[] = { 1, NAN };
    stroma_stat r;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_mann_whitney(same, 3, same, 3, NULL, &r, &err), STROMA_OK);
    assert_true(r.not_estimable && isnan(r.p));
    assert_string_equal(r.reason, "all values are equal");
    assert_int_equal(stroma_mann_whitney(same, 0, same, 3, NULL, &r, &err), STROMA_OK);
    assert_string_equal(r.reason, "a group is empty");
    const double one[] = { 1 };
    assert_int_equal(stroma_mann_whitney(one, 1, same, 3, NULL, &r, &err), STROMA_OK);
    assert_near(r.p, 0.25, 1e-15);
    assert_true(isnan(r.lower));
    assert_string_equal(r.reason, "too few values for an interval of this level");
    assert_int_equal(stroma_mann_whitney(bad, 2, same, 3, NULL, &r, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_signed_rank(zero, 2, NULL, &r, &err), STROMA_OK);
    assert_string_equal(r.reason, "all differences are zero");
    assert_int_equal(stroma_signed_rank(NULL, 0, NULL, &r, &err), STROMA_OK);
    assert_true(r.not_estimable);
    assert_int_equal(stroma_signed_rank(one, 1, NULL, &r, &err), STROMA_OK);
    assert_near(r.p, 1, 1e-15);
    assert_int_equal(stroma_sign_test(zero, 2, 0.95, &r, &err), STROMA_OK);
    assert_true(r.not_estimable);
    stroma_rank_options o = STROMA_RANK_OPTIONS_INIT;
    o.level = 1;
    assert_int_equal(stroma_mann_whitney(same, 3, one, 1, &o, &r, &err), STROMA_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kirkwood_as_sas_prints),
        cmocka_unit_test(mann_whitney_cases),
        cmocka_unit_test(signed_rank_cases),
        cmocka_unit_test(exact_by_enumeration),
        cmocka_unit_test(properties),
        cmocka_unit_test(pseudo_median),
        cmocka_unit_test(large_and_limited),
        cmocka_unit_test(degenerate),
    };
    return cmocka_run_group_tests_name("rank_test", tests, NULL, NULL);
}
