/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/stats_contingency.h"
#include "stroma/stats_proportion.h"

/* What is left of the equation that defines an exact limit or the conditional estimate, in long
 * double and with every term of the hypergeometric sum: 0 at the exact value. Its slope along
 * ln(odds ratio) turns it into a distance, so that two candidates can be compared. */
typedef enum exact_goal { EXACT_ESTIMATE, EXACT_LOWER, EXACT_UPPER } exact_goal;

static long double exact_residual(const size_t t[4], long double odds, exact_goal goal,
                                  long double tail)
{
    const long double m = (long double)(t[0] + t[1]), k = (long double)(t[0] + t[2]);
    const long double a = (long double)t[0];
    const long double n2 = (long double)(t[2] + t[3]);
    const long double lo = k > n2 ? k - n2 : 0, hi = m < k ? m : k;
    long double w = 1, sum = 0, moment = 0, at_most = 0, at_least = 0;
    for (long double x = lo; x <= hi; x += 1) {
        sum += w;
        moment += w * x;
        if (x <= a) at_most += w;
        if (x >= a) at_least += w;
        w *= (m - x) * (k - x) / ((x + 1) * (n2 - k + x + 1)) * odds;
    }
    if (goal == EXACT_LOWER) return at_least / sum - tail;
    if (goal == EXACT_UPPER) return tail - at_most / sum;
    return moment / sum - a;
}

/* Relative distance of a candidate from the exact odds ratio, by one Newton step on ln(odds). */
static double exact_distance(const size_t t[4], double odds, exact_goal goal)
{
    const long double h = 1e-6L, tail = 0.025L;
    const long double r = exact_residual(t, odds, goal, tail);
    const long double slope = (exact_residual(t, odds * expl(h), goal, tail) -
                               exact_residual(t, odds * expl(-h), goal, tail)) /
                              (2 * h);
    return (double)fabsl(r / slope);
}

/* Ours equals the reference within the tolerance, or is nearer the exact value, which is proved by
 * the defining equation. Ours must be exact to 1e-12 in either case. */
static void check_exact(const json_t *e, const char *id, const char *key, const size_t t[4],
                        double got, exact_goal goal, double tol, int *nearer)
{
    const double want = test_expected_number(e, key);
    if (want == 0) {
        assert_true(got == 0);
        return;
    }
    const double ours = exact_distance(t, got, goal), theirs = exact_distance(t, want, goal);
    if (ours > 1e-12) fail_msg("%s: %s = %.17g is %.2g from exact", id, key, got, ours);
    if (test_near(got, want, tol)) return;
    if (!(ours < theirs))
        fail_msg("%s: %s is %.17g, wanted %.17g, and not nearer", id, key, got, want);
    print_message("# %s %s: %.15g; the reference %.15g is %.1g off the exact value, ours %.1g\n",
                  id, key, got, want, theirs, ours);
    (*nearer)++;
}

static void check_fisher(const json_t *e, const char *id, const size_t t[4], double tol,
                         int *nearer)
{
    stroma_stat s = stroma_fisher_exact(t, STROMA_TWO_SIDED, 0.95);
    test_check(e, id, "fisher_p", s.p, tol);
    check_exact(e, id, "fisher_or_cmle", t, s.estimate, EXACT_ESTIMATE, tol, nearer);
    check_exact(e, id, "fisher_ci.0", t, s.lower, EXACT_LOWER, tol, nearer);
    check_exact(e, id, "fisher_ci.1", t, s.upper, EXACT_UPPER, tol, nearer);
    s = stroma_fisher_exact(t, STROMA_LESS, 0.95);
    test_check(e, id, "fisher_p_less", s.p, tol);
    s = stroma_fisher_exact(t, STROMA_GREATER, 0.95);
    test_check(e, id, "fisher_p_greater", s.p, tol);
}

static void check_pair(const json_t *e, const char *id, const char *key, double lower, double upper,
                       double tol)
{
    char path[80];
    (void)snprintf(path, sizeof path, "%s.0", key);
    const double want = test_expected_number(e, path);
    /* the reference's 2.0e-17 is the rounding of a limit that is 0 */
    if (fabs(want) < 1e-16)
        assert_true(lower == 0);
    else
        test_check(e, id, path, lower, tol);
    (void)snprintf(path, sizeof path, "%s.1", key);
    test_check(e, id, path, upper, tol);
}

static void check_risks(const json_t *e, const char *id, const size_t t[4], double tol)
{
    const char *in = "riskdiff_row1_minus_row2.";
    char key[80];
#define KEY(name) ((void)snprintf(key, sizeof key, "%s%s", in, name), key)
    stroma_stat s = stroma_risk_difference(t, STROMA_DIFFERENCE_WALD, 0.95);
    test_check(e, id, KEY("diff"), s.estimate, tol);
    check_pair(e, id, KEY("wald"), s.lower, s.upper, tol);
    s = stroma_risk_difference(t, STROMA_DIFFERENCE_NEWCOMBE, 0.95);
    check_pair(e, id, KEY("newcombe"), s.lower, s.upper, tol);
    s = stroma_risk_difference(t, STROMA_DIFFERENCE_MIETTINEN_NURMINEN, 0.95);
    check_pair(e, id, KEY("miettinen_nurminen"), s.lower, s.upper, tol);
    s = stroma_proportion(t[0], t[0] + t[1], STROMA_PROPORTION_WILSON, 0.95);
    check_pair(e, id, KEY("wilson1"), s.lower, s.upper, tol);
    s = stroma_proportion(t[2], t[2] + t[3], STROMA_PROPORTION_WILSON, 0.95);
    check_pair(e, id, KEY("wilson2"), s.lower, s.upper, tol);
    s = stroma_risk_ratio(t, STROMA_RATIO_LOG, 0.95);
    test_check(e, id, KEY("rr"), s.estimate, tol);
    if (t[0] == 0) { /* the reference has null above */
        assert_true(s.lower == 0 && isnan(s.upper) && s.reason[0] != '\0');
        return;
    }
    check_pair(e, id, KEY("rr_ci_katz"), s.lower, s.upper, tol);
#undef KEY
}

static void check_mcnemar(const json_t *c, double tol)
{
    const json_t *d = json_object_get(c, "data"), *e = json_object_get(c, "expected");
    const size_t t[4] = { (size_t)test_expected_number(d, "a"),
                          (size_t)test_expected_number(d, "b"),
                          (size_t)test_expected_number(d, "c"),
                          (size_t)test_expected_number(d, "d") };
    stroma_stat s = stroma_mcnemar(t, STROMA_MCNEMAR_CORRECTED);
    test_check(e, "mcnemar", "chisq_cc", s.statistic, tol);
    test_check(e, "mcnemar", "p_cc", s.p, tol);
    s = stroma_mcnemar(t, STROMA_MCNEMAR_ASYMPTOTIC);
    test_check(e, "mcnemar", "chisq", s.statistic, tol);
    s = stroma_mcnemar(t, STROMA_MCNEMAR_EXACT);
    test_check(e, "mcnemar", "p_exact", s.p, tol);
}

static void test_expected_cases(void **state)
{
    (void)state;
    json_t *cases = test_expected_load("clinical/expected/contingency.json");
    if (cases == NULL) skip();
    int nearer = 0;
    assert_int_equal(json_array_size(cases), 7);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i), *e = json_object_get(c, "expected");
        const char *id = json_string_value(json_object_get(c, "id"));
        const double tol = test_expected_number(c, "tol_rel");
        const json_t *table = json_object_get(e, "table");
        if (table == NULL) {
            check_mcnemar(c, tol);
            continue;
        }
        const size_t rows = json_array_size(table),
                     cols = json_array_size(json_array_get(table, 0));
        size_t t[16] = { 0 };
        for (size_t k = 0; k < rows * cols; k++)
            t[k] = (size_t)json_integer_value(
                json_array_get(json_array_get(table, k / cols), k % cols));
        stroma_stat s;
        assert_int_equal(stroma_fisher_freeman_halton(t, rows, cols, &s, NULL), STROMA_OK);
        test_check(e, id, "fisher_p", s.p, tol);
        assert_int_equal(stroma_chi_square(t, rows, cols, false, &s, NULL), STROMA_OK);
        test_check(e, id, "chisq", s.statistic, tol);
        test_check(e, id, "chisq_p", s.p, tol);
        if (rows != 2 || cols != 2) continue;
        assert_int_equal(stroma_chi_square(t, 2, 2, true, &s, NULL), STROMA_OK);
        test_check(e, id, "chisq_yates_p", s.p, tol);
        s = stroma_odds_ratio(t, STROMA_RATIO_LOG, 0.95);
        test_check(e, id, "or_sample", s.estimate, tol);
        check_fisher(e, id, t, tol, &nearer);
        check_risks(e, id, t, tol);
    }
    print_message("# %d odds ratios of the reference are less exact than the tolerance\n", nearer);
    json_decref(cases);
}

static void test_expected_proportions(void **state)
{
    (void)state;
    json_t *cases = test_expected_load("clinical/expected/proportion.json");
    if (cases == NULL) skip();
    assert_int_equal(json_array_size(cases), 5);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *c = json_array_get(cases, i), *e = json_object_get(c, "expected");
        const char *id = json_string_value(json_object_get(c, "id"));
        const double tol = test_expected_number(c, "tol_rel");
        const size_t x = (size_t)test_expected_number(c, "data.x");
        const size_t n = (size_t)test_expected_number(c, "data.n");
        stroma_stat s = stroma_proportion(x, n, STROMA_PROPORTION_CLOPPER_PEARSON, 0.95);
        check_pair(e, id, "clopper", s.lower, s.upper, tol);
        s = stroma_proportion(x, n, STROMA_PROPORTION_WILSON, 0.95);
        check_pair(e, id, "wilson", s.lower, s.upper, tol);
    }
    json_decref(cases);
}

static double reference_value(const stroma_stat *s, const char *what)
{
    if (strcmp(what, "estimate") == 0) return s->estimate;
    if (strcmp(what, "lower") == 0) return s->lower;
    if (strcmp(what, "upper") == 0) return s->upper;
    if (strcmp(what, "statistic") == 0) return s->statistic;
    if (strcmp(what, "p") == 0) return s->p;
    fail_msg("unknown quantity %s", what);
    return NAN;
}

static stroma_stat reference_stat(const char *method, const size_t t[4])
{
    const size_t n1 = t[0] + t[1];
    if (strcmp(method, "fisher") == 0) return stroma_fisher_exact(t, STROMA_TWO_SIDED, 0.95);
    if (strcmp(method, "newcombe") == 0)
        return stroma_risk_difference(t, STROMA_DIFFERENCE_NEWCOMBE, 0.95);
    if (strcmp(method, "mn_difference") == 0)
        return stroma_risk_difference(t, STROMA_DIFFERENCE_MIETTINEN_NURMINEN, 0.95);
    if (strcmp(method, "wald") == 0) return stroma_risk_difference(t, STROMA_DIFFERENCE_WALD, 0.95);
    if (strcmp(method, "katz") == 0) return stroma_risk_ratio(t, STROMA_RATIO_LOG, 0.95);
    if (strcmp(method, "woolf") == 0) return stroma_odds_ratio(t, STROMA_RATIO_LOG, 0.95);
    if (strcmp(method, "clopper_pearson") == 0)
        return stroma_proportion(t[0], n1, STROMA_PROPORTION_CLOPPER_PEARSON, 0.95);
    if (strcmp(method, "wilson") == 0)
        return stroma_proportion(t[0], n1, STROMA_PROPORTION_WILSON, 0.95);
    if (strcmp(method, "agresti_coull") == 0)
        return stroma_proportion(t[0], n1, STROMA_PROPORTION_AGRESTI_COULL, 0.95);
    if (strcmp(method, "jeffreys") == 0)
        return stroma_proportion(t[0], n1, STROMA_PROPORTION_JEFFREYS, 0.95);
    if (strcmp(method, "upper_bound") == 0) return stroma_proportion_upper(t[0], n1, 0.95);
    if (strcmp(method, "mcnemar_exact") == 0) return stroma_mcnemar(t, STROMA_MCNEMAR_EXACT);
    fail_msg("unknown method %s", method);
    return stroma_stat_empty("");
}

/* Published and closed-form values; they run without the data root. */
static void test_reference(void **state)
{
    (void)state;
    test_csv r = test_csv_read(test_source("tests/reference/contingency.csv"));
    assert_true(r.rows >= 20);
    for (size_t i = 0; i < r.rows; i++) {
        const size_t t[4] = { (size_t)test_csv_number(&r, i, "a"),
                              (size_t)test_csv_number(&r, i, "b"),
                              (size_t)test_csv_number(&r, i, "c"),
                              (size_t)test_csv_number(&r, i, "d") };
        const char *method = test_csv_text(&r, i, "method"),
                   *what = test_csv_text(&r, i, "quantity");
        const stroma_stat s = reference_stat(method, t);
        const double got = reference_value(&s, what), want = test_csv_number(&r, i, "want");
        if (!(fabs(got - want) <= test_csv_number(&r, i, "tol_abs")))
            fail_msg("%s %s of %zu,%zu,%zu,%zu is %.10g, wanted %.10g", method, what, t[0], t[1],
                     t[2], t[3], got, want);
    }
    test_csv_free(&r);
}

/* Sum over every table with these margins, no network, no bound. */
static double brute_force(const size_t *t, size_t rows, size_t cols)
{
    double r[4] = { 0 }, c[4] = { 0 }, n = 0, base = 0, seen = 0, p = 0;
    for (size_t i = 0; i < rows * cols; i++) {
        r[i / cols] += (double)t[i];
        c[i % cols] += (double)t[i];
        n += (double)t[i];
        seen -= lgamma((double)t[i] + 1);
    }
    for (size_t i = 0; i < rows; i++)
        base += lgamma(r[i] + 1);
    for (size_t j = 0; j < cols; j++)
        base += lgamma(c[j] + 1);
    base -= lgamma(n + 1);
    const size_t free_cells = (rows - 1) * (cols - 1);
    double x[9] = { 0 };
    for (;;) {
        double row_left[4], column_left[4], lp = 0;
        bool ok = true;
        memcpy(row_left, r, sizeof r);
        memcpy(column_left, c, sizeof c);
        for (size_t k = 0; k < free_cells; k++) {
            row_left[k / (cols - 1)] -= x[k];
            column_left[k % (cols - 1)] -= x[k];
            lp -= lgamma(x[k] + 1);
        }
        double corner = column_left[cols - 1];
        for (size_t i = 0; i + 1 < rows; i++) {
            ok = ok && row_left[i] >= 0;
            lp -= ok ? lgamma(row_left[i] + 1) : 0;
            corner -= row_left[i];
        }
        for (size_t j = 0; j + 1 < cols; j++) {
            ok = ok && column_left[j] >= 0;
            lp -= ok ? lgamma(column_left[j] + 1) : 0;
        }
        ok = ok && corner >= 0;
        if (ok && lp - lgamma(corner + 1) <= seen + 1e-7) p += exp(base + lp - lgamma(corner + 1));
        size_t k = 0;
        while (k < free_cells && ++x[k] > fmin(r[k / (cols - 1)], c[k % (cols - 1)]))
            x[k++] = 0;
        if (k == free_cells) return p;
    }
}

static void test_network_against_enumeration(void **state)
{
    (void)state;
    static const struct {
        size_t rows, cols, t[12];
    } tables[] = { { 2, 2, { 3, 1, 1, 3 } },
                   { 2, 3, { 5, 0, 2, 1, 6, 3 } },
                   { 3, 2, { 5, 1, 0, 6, 2, 3 } },
                   { 3, 3, { 4, 0, 1, 1, 5, 0, 2, 2, 3 } },
                   { 3, 4, { 2, 0, 1, 3, 0, 4, 1, 0, 1, 1, 2, 0 } },
                   { 2, 4, { 0, 0, 7, 0, 3, 2, 0, 1 } },
                   { 3, 3, { 0, 0, 0, 1, 5, 0, 2, 2, 3 } } };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        stroma_stat s;
        assert_int_equal(
            stroma_fisher_freeman_halton(tables[i].t, tables[i].rows, tables[i].cols, &s, NULL),
            STROMA_OK);
        assert_near(s.p, brute_force(tables[i].t, tables[i].rows, tables[i].cols), 1e-12);
    }
}

/* Limits of the score intervals answer the tests they invert; swapping groups mirrors them. */
static void test_score_intervals_mirror(void **state)
{
    (void)state;
    static const size_t tables[][4] = {
        { 20, 8, 6, 16 }, { 0, 10, 5, 5 }, { 3, 7, 0, 12 }, { 10, 0, 4, 6 }, { 2, 30, 3, 11 }
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        const size_t *t = tables[i], swapped[4] = { t[2], t[3], t[0], t[1] };
        stroma_stat a = stroma_risk_difference(t, STROMA_DIFFERENCE_MIETTINEN_NURMINEN, 0.9);
        stroma_stat b = stroma_risk_difference(swapped, STROMA_DIFFERENCE_MIETTINEN_NURMINEN, 0.9);
        assert_near(a.lower, -b.upper, 1e-12);
        assert_true(a.lower < a.estimate && a.estimate < a.upper);
        a = stroma_risk_ratio(t, STROMA_RATIO_MIETTINEN_NURMINEN, 0.9);
        b = stroma_risk_ratio(swapped, STROMA_RATIO_MIETTINEN_NURMINEN, 0.9);
        if (t[0] == 0)
            assert_true(a.lower == 0 && isinf(b.upper));
        else
            assert_near(a.lower * b.upper, 1, 1e-10);
        a = stroma_odds_ratio(t, STROMA_RATIO_MIETTINEN_NURMINEN, 0.9);
        b = stroma_odds_ratio(swapped, STROMA_RATIO_MIETTINEN_NURMINEN, 0.9);
        if (t[0] == 0 || t[3] == 0)
            assert_true(a.lower == 0 && isinf(b.upper));
        else
            assert_near(a.lower * b.upper, 1, 1e-10);
        assert_true(a.lower <= a.estimate && a.estimate <= a.upper);
    }
}

static void test_not_estimable(void **state)
{
    (void)state;
    const size_t empty[4] = { 0 }, one_row[4] = { 3, 4, 0, 0 }, no_event[4] = { 0, 5, 0, 6 };
    stroma_stat s;
    assert_true(stroma_fisher_exact(empty, STROMA_TWO_SIDED, 0.95).not_estimable);
    s = stroma_fisher_exact(one_row, STROMA_TWO_SIDED, 0.95);
    assert_near(s.p, 1, 0);
    assert_true(isnan(s.estimate) && s.reason[0] != '\0');
    assert_int_equal(stroma_chi_square(one_row, 2, 2, true, &s, NULL), STROMA_OK);
    assert_true(s.not_estimable);
    assert_string_equal(stroma_risk_difference(one_row, STROMA_DIFFERENCE_WALD, 0.95).reason,
                        "a group has no subject");
    assert_string_equal(stroma_risk_ratio(no_event, STROMA_RATIO_LOG, 0.95).reason,
                        "no event in either group");
    assert_string_equal(stroma_mcnemar(no_event, STROMA_MCNEMAR_EXACT).reason, "");
    assert_string_equal(stroma_mcnemar(empty, STROMA_MCNEMAR_EXACT).reason, "no discordant pair");
    assert_string_equal(stroma_proportion(3, 2, STROMA_PROPORTION_WILSON, 0.95).reason,
                        "more events than subjects");
    assert_string_equal(stroma_proportion(0, 0, STROMA_PROPORTION_WILSON, 0.95).reason,
                        "no subject");
}

static void test_trend(void **state)
{
    (void)state;
    /* two groups: z² is Pearson's chi-squared */
    const size_t events[] = { 20, 6 }, n[] = { 28, 22 }, t[] = { 20, 8, 6, 16 };
    stroma_stat s;
    assert_int_equal(stroma_chi_square(t, 2, 2, false, &s, NULL), STROMA_OK);
    const stroma_stat z = stroma_proportion_trend(events, n, NULL, 2);
    assert_near(z.statistic * z.statistic, s.statistic, 1e-13);
    assert_near(z.p, s.p, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected_cases),
        cmocka_unit_test(test_expected_proportions),
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_network_against_enumeration),
        cmocka_unit_test(test_score_intervals_mirror),
        cmocka_unit_test(test_not_estimable),
        cmocka_unit_test(test_trend),
    };
    return cmocka_run_group_tests_name("contingency", tests, NULL, NULL);
}
