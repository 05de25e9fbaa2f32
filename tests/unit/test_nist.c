/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NIST Statistical Reference Datasets, univariate and one-way layouts. The log relative error is
 * the number of certified digits reached; 15 is all that the certificates hold. Where an offset
 * eats the digits of the data (0.1 beside 1e6 or 1e12), the doubles read cannot give more than the
 * floors say. */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/stats_anova.h"
#include "stroma/stats_summary.h"

#include <ctype.h>

static double certified(const test_csv *t, const char *set, const char *name)
{
    for (size_t r = 0; r < t->rows; r++)
        if (strcmp(test_csv_text(t, r, "dataset"), set) == 0 &&
            strcmp(test_csv_text(t, r, "statistic"), name) == 0)
            return test_csv_number(t, r, "certified");
    fail_msg("no certified %s of %s", name, set);
    return 0;
}

static double digits(double got, double want)
{
    const double gap = want == 0 ? fabs(got) : fabs(got - want) / fabs(want);
    return gap == 0 ? 15 : fmin(15, -log10(gap));
}

/* Rows of numbers after the last line that begins with "Data:". @return how many a row; *n rows. */
static size_t read_rows(const char *set, double **out, size_t *n)
{
    char name[128], line[512];
    (void)snprintf(name, sizeof name, "clinical/nist/%s.dat", set);
    FILE *f = fopen(test_data(name), "rb");
    assert_non_null(f);
    size_t width = 0, capacity = 0;
    bool data = false;
    *out = NULL;
    *n = 0;
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "Data:", 5) == 0) {
            data = true;
            *n = 0;
            continue;
        }
        double row[16];
        size_t cells = 0;
        char *p = line, *end = line;
        for (; data && cells < 16; p = end) {
            row[cells] = strtod(p, &end);
            if (end == p) break;
            cells++;
        }
        while (isspace((unsigned char)*p))
            p++;
        if (cells == 0 || *p != '\0') continue;
        if (*n == 0) width = cells;
        assert_int_equal(cells, width);
        if ((*n + 1) * width > capacity) {
            capacity = 2 * capacity + 64 * width;
            *out = realloc(*out, capacity * sizeof **out);
            assert_non_null(*out);
        }
        memcpy(*out + *n * width, row, width * sizeof *row);
        ++*n;
    }
    (void)fclose(f);
    return width;
}

static void univariate(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t n;
        double mean_floor, sd_floor;
    } sets[] = {
        { "Lew", 200, 15, 14.9 }, { "Lottery", 218, 15, 14.9 }, { "Mavro", 50, 15, 13 },
        { "NumAcc1", 3, 15, 15 }, { "NumAcc3", 1001, 15, 9.4 },
    };
    const char *path = test_data("clinical/nist/nist_certified.csv");
    if (path == NULL) skip();
    test_csv t = test_csv_read(path);
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        double *x;
        size_t n;
        assert_int_equal(read_rows(sets[i].name, &x, &n), 1);
        assert_int_equal(n, sets[i].n);
        stroma_summary s;
        assert_int_equal(stroma_summary_compute(x, n, 0.95, &s, NULL), STROMA_OK);
        const double mean = digits(s.mean, certified(&t, sets[i].name, "mean"));
        const double sd = digits(s.sd, certified(&t, sets[i].name, "sd"));
        print_message("# %s: mean %.1f digits, sd %.1f\n", sets[i].name, mean, sd);
        assert_true(mean >= sets[i].mean_floor && sd >= sets[i].sd_floor);
        free(x);
    }
    test_csv_free(&t);
}

static void one_way(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double floor;
    } sets[] = { { "SiRstvt", 13 }, { "SmLs01t", 14.9 }, { "SmLs03t", 14.9 }, { "AtmWtAgt", 10 },
                 { "SmLs04t", 10 }, { "SmLs06t", 9.8 },  { "SmLs07t", 3.9 },  { "SmLs09t", 3.8 } };
    const char *path = test_data("clinical/nist/nist_certified.csv");
    if (path == NULL) skip();
    test_csv t = test_csv_read(path);
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        double *x;
        size_t n;
        const size_t k = read_rows(sets[i].name, &x, &n);
        /* The first row of numbers is the heading: the groups' numbers. */
        const size_t values = (n - 1) * k;
        size_t *group = calloc(values, sizeof *group);
        for (size_t v = 0; v < values; v++)
            group[v] = v % k;
        stroma_stat r;
        stroma_anova_table a;
        assert_int_equal(stroma_anova_one_way(x + k, group, values, k, &a, &r, NULL), STROMA_OK);
        const struct {
            const char *name;
            double got;
        } all[] = { { "ss_between", a.ss_between },
                    { "ss_within", a.ss_within },
                    { "ms_between", a.ms_between },
                    { "ms_within", a.ms_within },
                    { "F", r.statistic },
                    { "r_squared", a.r_squared },
                    { "residual_sd", a.residual_sd } };
        assert_true(r.df == certified(&t, sets[i].name, "df_between"));
        assert_true(r.df2 == certified(&t, sets[i].name, "df_within"));
        double least = 15;
        for (size_t c = 0; c < sizeof all / sizeof all[0]; c++)
            least = fmin(least, digits(all[c].got, certified(&t, sets[i].name, all[c].name)));
        print_message("# %s: %zu groups, n = %zu: F %.1f digits, worst %.1f\n", sets[i].name, k,
                      values, digits(r.statistic, certified(&t, sets[i].name, "F")), least);
        assert_true(least >= sets[i].floor);
        free(x);
        free(group);
    }
    test_csv_free(&t);
}

/* NumAcc1, typed: 10000001, 10000003, 10000002 have mean 10000002 and sd 1. Quantiles by hand. */
static void summaries(void **state)
{
    (void)state;
    const double x[] = { 10000001, 10000003, 10000002 };
    stroma_summary s;
    assert_int_equal(stroma_summary_compute(x, 3, 0.95, &s, NULL), STROMA_OK);
    assert_true(s.mean == 10000002 && s.sd == 1 && s.median == 10000002);
    assert_near(s.upper - s.mean, 4.302652729911275 / sqrt(3), 1e-8);
    const double y[] = { 4, 1, 3, 2 }, pos[] = { 1, 10, 100 }, zero[] = { 0, 1 };
    double q;
    const struct {
        double p, type7, type2;
    } want[] = {
        { 0, 1, 1 }, { 0.25, 1.75, 1.5 }, { 0.3, 1.9, 2 }, { 0.5, 2.5, 2.5 }, { 1, 4, 4 }
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_int_equal(stroma_quantile_compute(y, 4, want[i].p, STROMA_QUANTILE_7, &q, NULL),
                         STROMA_OK);
        assert_near(q, want[i].type7, 1e-15);
        assert_int_equal(stroma_quantile_compute(y, 4, want[i].p, STROMA_QUANTILE_2, &q, NULL),
                         STROMA_OK);
        assert_near(q, want[i].type2, 1e-15);
    }
    assert_int_equal(stroma_summary_compute(pos, 3, 0.95, &s, NULL), STROMA_OK);
    assert_near(s.geometric_mean, 10, 1e-15);
    assert_int_equal(stroma_summary_compute(zero, 2, 0.95, &s, NULL), STROMA_OK);
    assert_true(isnan(s.geometric_mean) && s.min == 0 && s.max == 1);
    assert_int_equal(stroma_summary_compute(zero, 1, 0.95, &s, NULL), STROMA_OK);
    assert_true(s.mean == 0 && isnan(s.sd) && isnan(s.lower));
    assert_int_equal(stroma_summary_compute(NULL, 0, 0.95, &s, NULL), STROMA_OK);
    assert_true(s.n == 0 && isnan(s.mean));
    assert_int_equal(stroma_quantile_compute(NULL, 0, 0.5, STROMA_QUANTILE_7, &q, NULL),
                     STROMA_E_DEGENERATE);
    assert_int_equal(stroma_quantile_compute(y, 4, 1.1, STROMA_QUANTILE_7, &q, NULL),
                     STROMA_E_USAGE);
    const double bad[] = { 1, -INFINITY };
    assert_int_equal(stroma_summary_compute(bad, 2, 0.95, &s, NULL), STROMA_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(univariate), cmocka_unit_test(one_way),
                                        cmocka_unit_test(summaries) };
    return cmocka_run_group_tests_name("nist", tests, NULL, NULL);
}
