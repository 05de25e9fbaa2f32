/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/stats_anova.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_normality.h"
#include "stroma/stats_pairwise.h"
#include "stroma/stats_variance.h"

typedef struct layout {
    double *x;
    size_t *group;
    size_t n, k;
} layout;

static layout layout_read(const char *file, const char *value, const char *key, const json_t *names)
{
    test_csv t = test_csv_read(test_data(file));
    layout l = { calloc(t.rows, sizeof *l.x), calloc(t.rows, sizeof *l.group), 0,
                 json_array_size(names) };
    for (size_t r = 0; r < t.rows; r++) {
        const double v = test_csv_number(&t, r, value);
        for (size_t g = 0; g < l.k && !isnan(v); g++)
            if (strcmp(json_string_value(json_array_get(names, g)), test_csv_text(&t, r, key)) ==
                0) {
                l.x[l.n] = v;
                l.group[l.n++] = g;
            }
    }
    test_csv_free(&t);
    return l;
}

static void layout_free(layout *l)
{
    free(l->x);
    free(l->group);
}

static void check_tests(const json_t *e, const char *id, const layout *l, double tol)
{
    stroma_stat r;
    stroma_anova_table t;
    assert_int_equal(stroma_anova_one_way(l->x, l->group, l->n, l->k, &t, &r, NULL), STROMA_OK);
    test_check(e, id, "df.0", r.df, 0);
    test_check(e, id, "df.1", r.df2, 0);
    test_check(e, id, "ss.0", t.ss_between, tol);
    test_check(e, id, "ss.1", t.ss_within, tol);
    test_check(e, id, "ms.0", t.ms_between, tol);
    test_check(e, id, "ms.1", t.ms_within, tol);
    test_check(e, id, "F", r.statistic, tol);
    test_check(e, id, "p", r.p, tol);
    test_check(e, id, "eta2", r.effect, tol);
    assert_int_equal(stroma_anova_welch(l->x, l->group, l->n, l->k, &r, NULL), STROMA_OK);
    test_check(e, id, "welch.F", r.statistic, tol);
    test_check(e, id, "welch.df.0", r.df, tol);
    test_check(e, id, "welch.df.1", r.df2, tol);
    test_check(e, id, "welch.p", r.p, tol);
    assert_int_equal(stroma_kruskal_wallis(l->x, l->group, l->n, l->k, &r, NULL), STROMA_OK);
    test_check(e, id, "kruskal.H", r.statistic, tol);
    test_check(e, id, "kruskal.df", r.df, 0);
    test_check(e, id, "kruskal.p", r.p, tol);
    assert_int_equal(stroma_levene(l->x, l->group, l->n, l->k, STROMA_LEVENE_MEDIAN, &r, NULL),
                     STROMA_OK);
    test_check(e, id, "levene_median.F", r.statistic, tol);
    test_check(e, id, "levene_median.p", r.p, tol);
    assert_int_equal(stroma_bartlett(l->x, l->group, l->n, l->k, &r, NULL), STROMA_OK);
    test_check(e, id, "bartlett.K2", r.statistic, tol);
    test_check(e, id, "bartlett.p", r.p, tol);
    for (size_t g = 0; g < l->k; g++) {
        double n = 0, sum = 0;
        for (size_t i = 0; i < l->n; i++)
            if (l->group[i] == g) {
                n++;
                sum += l->x[i];
            }
        char key[32];
        (void)snprintf(key, sizeof key, "n.%zu", g);
        test_check(e, id, key, n, 0);
        (void)snprintf(key, sizeof key, "means.%zu", g);
        test_check(e, id, key, sum / n, tol);
    }
}

/* tukey_ci comes from R's qtukey, whose secant search stops at 1e-4 of q; the reference's p_tukey
 * from ptukey (the case's note: 1e-6 absolute). @return the widest gap of a limit, in units of q.
 */
static double check_tukey(const json_t *pairs, const char *id, const layout *l)
{
    stroma_pairwise t;
    assert_int_equal(stroma_tukey_kramer(l->x, l->group, l->n, l->k, NULL, &t, NULL), STROMA_OK);
    assert_int_equal(t.n_pairs, json_array_size(pairs));
    double worst = 0;
    for (size_t i = 0; i < t.n_pairs; i++) {
        const json_t *e = json_array_get(pairs, i);
        const stroma_pair *p = &t.pairs[i];
        const double gap = fabs(p->p_adjusted - test_expected_number(e, "p_tukey"));
        if (!(gap <= 1e-6)) fail_msg("%s: pair %zu: Tukey p off by %g", id, i, gap);
        for (int side = 0; side < 2; side++) {
            const double theirs = test_expected_number(e, side == 0 ? "tukey_ci.0" : "tukey_ci.1");
            const double ours = side == 0 ? p->lower : p->upper;
            test_check(e, id, side == 0 ? "tukey_ci.0" : "tukey_ci.1", ours, 1e-7);
            worst = fmax(worst, fabs(theirs - ours) / p->se * sqrt(2.0));
        }
    }
    stroma_pairwise_clear(&t);
    return worst;
}

static void check_pairs(const json_t *e, const char *id, const layout *l, double tol)
{
    static const struct {
        const char *key;
        stroma_adjustment how;
    } all[] = { { "p_raw", STROMA_ADJUST_NONE },  { "p_bonferroni", STROMA_ADJUST_BONFERRONI },
                { "p_holm", STROMA_ADJUST_HOLM }, { "p_hochberg", STROMA_ADJUST_HOCHBERG },
                { "p_BH", STROMA_ADJUST_BH },     { "p_BY", STROMA_ADJUST_BY } };
    for (size_t a = 0; a < sizeof all / sizeof all[0]; a++) {
        stroma_pairwise_options o = STROMA_PAIRWISE_OPTIONS_INIT;
        o.adjustment = all[a].how;
        stroma_pairwise t;
        assert_int_equal(stroma_pairwise_t(l->x, l->group, l->n, l->k, &o, &t, NULL), STROMA_OK);
        for (size_t i = 0; i < t.n_pairs; i++) {
            const json_t *p = json_array_get(json_object_get(e, "pairs"), i);
            test_check(p, id, "diff", t.pairs[i].difference, tol);
            test_check(p, id, "t", t.pairs[i].t, tol);
            test_check(p, id, all[a].key, t.pairs[i].p_adjusted, tol);
        }
        stroma_pairwise_clear(&t);
    }
}

static void anova_cases(void **state)
{
    (void)state;
    static const struct {
        const char *id, *file, *value, *key;
    } cases[] = {
        { "plantgrowth", "clinical/rdata/datasets_PlantGrowth.csv", "weight", "group" },
        { "toothgrowth_dose", "clinical/rdata/datasets_ToothGrowth.csv", "len", "dose" },
        { "airquality_ozone_month_unbalanced", "clinical/rdata/datasets_airquality.csv", "Ozone",
          "Month" },
    };
    json_t *j = test_expected_load("clinical/expected/anova.json");
    if (j == NULL) skip();
    assert_int_equal(json_array_size(j), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *c = json_array_get(j, i), *e = json_object_get(c, "expected");
        assert_string_equal(json_string_value(json_object_get(c, "id")), cases[i].id);
        layout l =
            layout_read(cases[i].file, cases[i].value, cases[i].key, json_object_get(e, "groups"));
        const double tol = test_expected_number(c, "tol_rel");
        check_tests(e, cases[i].id, &l, tol);
        check_pairs(e, cases[i].id, &l, tol);
        const double gap = check_tukey(json_object_get(e, "pairs"), cases[i].id, &l);
        print_message("# %s: Tukey limits: gap %.2g of q\n", cases[i].id, gap);
        assert_true(gap < 1e-7);
        layout_free(&l);
    }
    json_decref(j);
}

/* Subjects by visits from a long file; only complete subjects. */
static double *wide_read(const char *file, const char *const *column, const char *const *visits,
                         size_t k, size_t *n)
{
    test_csv t = test_csv_read(test_data(file));
    const char **ids = calloc(t.rows, sizeof *ids);
    double *x = calloc(t.rows * k, sizeof *x);
    size_t subjects = 0;
    for (size_t r = 0; r < t.rows; r++) {
        const char *id = test_csv_text(&t, r, column[0]);
        size_t v = 0, s = 0;
        while (v < k && strcmp(test_csv_text(&t, r, column[1]), visits[v]) != 0)
            v++;
        if (v == k) continue;
        while (s < subjects && strcmp(ids[s], id) != 0)
            s++;
        if (s == subjects) {
            ids[subjects++] = id;
            for (size_t i = 0; i < k; i++)
                x[s * k + i] = NAN;
        }
        x[s * k + v] = test_csv_number(&t, r, column[2]);
    }
    *n = 0;
    for (size_t s = 0; s < subjects; s++) {
        bool whole = true;
        for (size_t i = 0; i < k; i++)
            whole = whole && !isnan(x[s * k + i]);
        if (!whole) continue;
        memmove(x + *n * k, x + s * k, k * sizeof *x);
        ++*n;
    }
    free(ids);
    test_csv_free(&t);
    return x;
}

static void check_repeated(const json_t *c, const double *x, size_t n, size_t k)
{
    const char *id = json_string_value(json_object_get(c, "id"));
    const json_t *e = json_object_get(c, "expected");
    const double tol = test_expected_number(c, "tol_rel");
    stroma_rm_anova r;
    stroma_stat f;
    test_check(e, id, "n", (double)n, 0);
    test_check(e, id, "k", (double)k, 0);
    assert_int_equal(stroma_anova_repeated(x, n, k, &r, NULL), STROMA_OK);
    assert_int_equal(stroma_friedman(x, n, k, &f, NULL), STROMA_OK);
    const struct {
        const char *key;
        double got;
    } all[] = { { "F", r.uncorrected.statistic },
                { "df1", r.uncorrected.df },
                { "df2", r.uncorrected.df2 },
                { "p", r.uncorrected.p },
                { "mauchly_W", r.mauchly_w },
                { "mauchly_p", r.mauchly_p },
                { "gg_eps", r.gg_epsilon },
                { "p_gg", r.greenhouse_geisser.p },
                { "hf_eps", r.hf_epsilon },
                { "p_hf", r.huynh_feldt.p },
                { "friedman_chi2", f.statistic },
                { "friedman_df", f.df },
                { "friedman_p", f.p } };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        test_check(e, id, all[i].key, all[i].got, tol);
}

static void rm_anova_cases(void **state)
{
    (void)state;
    static const struct {
        const char *id, *file, *column[3], *visits[10];
        size_t k;
    } cases[] = {
        { "sleepstudy_10days",
          "clinical/rdata/lme4_sleepstudy.csv",
          { "Subject", "Days", "Reaction" },
          { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" },
          10 },
        { "orthodont_4ages",
          "clinical/rdata/nlme_Orthodont.csv",
          { "Subject", "age", "distance" },
          { "8", "10", "12", "14" },
          4 },
        { "rapport_das28_complete_cases",
          "clinical/ra/mdhglm_ra_data_RAPPORT.csv",
          { "id", "X_NAME_", "outcome" },
          { "das0", "das3", "das6", "das9", "das12" },
          5 },
    };
    json_t *j = test_expected_load("clinical/expected/rm_anova.json");
    if (j == NULL) skip();
    assert_int_equal(json_array_size(j), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *c = json_array_get(j, i);
        assert_string_equal(json_string_value(json_object_get(c, "id")), cases[i].id);
        size_t n = 0;
        double *x = wide_read(cases[i].file, cases[i].column, cases[i].visits, cases[i].k, &n);
        check_repeated(c, x, n, cases[i].k);
        free(x);
    }
    json_decref(j);
}

/* Plant growth (Dobson 1983, table 7.1) and birth-year data: no data root needed. */
static const double plant[] = { 4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14,
                                4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69,
                                6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26 };
static const size_t plant_group[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1,
                                      1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2 };

/* As R prints them: F 4.846, p 0.0159; Welch 5.181, p 0.01739; Kruskal 7.9882, p 0.01842;
 * Bartlett 2.8786, p 0.2371; Levene (median) 1.1192, p 0.3412; TukeyHSD trt2-trt1 0.865
 * (0.1737839, 1.5562161) p 0.0120064. */
static void plant_growth_as_printed(void **state)
{
    (void)state;
    stroma_stat r;
    assert_int_equal(stroma_anova_one_way(plant, plant_group, 30, 3, NULL, &r, NULL), STROMA_OK);
    assert_true(fabs(r.statistic - 4.846) < 5e-4 && fabs(r.p - 0.0159) < 5e-5);
    assert_int_equal(stroma_anova_welch(plant, plant_group, 30, 3, &r, NULL), STROMA_OK);
    assert_true(fabs(r.statistic - 5.181) < 5e-4 && fabs(r.p - 0.01739) < 5e-6);
    assert_int_equal(stroma_kruskal_wallis(plant, plant_group, 30, 3, &r, NULL), STROMA_OK);
    assert_true(fabs(r.statistic - 7.9882) < 5e-5 && fabs(r.p - 0.01842) < 5e-6);
    assert_int_equal(stroma_bartlett(plant, plant_group, 30, 3, &r, NULL), STROMA_OK);
    assert_true(fabs(r.statistic - 2.8786) < 5e-5 && fabs(r.p - 0.2371) < 5e-5);
    assert_int_equal(stroma_levene(plant, plant_group, 30, 3, STROMA_LEVENE_MEDIAN, &r, NULL),
                     STROMA_OK);
    assert_true(fabs(r.statistic - 1.1192) < 5e-5 && fabs(r.p - 0.3412) < 5e-5);
    stroma_pairwise t;
    assert_int_equal(stroma_tukey_kramer(plant, plant_group, 30, 3, NULL, &t, NULL), STROMA_OK);
    assert_int_equal(t.n_pairs, 3);
    assert_true(t.pairs[2].a == 1 && t.pairs[2].b == 2);
    assert_near(t.pairs[2].difference, 0.865, 1e-12);
    assert_true(fabs(t.pairs[2].p_adjusted - 0.0120064) < 5e-8);
    assert_true(fabs(t.pairs[2].lower - 0.1737839) < 1e-6);
    stroma_pairwise_clear(&t);
    stroma_pairwise_clear(&t);
}

/* Dunnett 1955's own example (blood counts, unequal n): SciPy 1.11 prints p 0.62004941, 0.0058875
 * with a quasi-random integral; the digits below are checked in (tests/reference/dunnett.csv). */
static void dunnett(void **state)
{
    (void)state;
    static const double x[] = { 7.40, 8.50, 7.20, 8.24, 9.84,  8.32, 9.76, 8.80,
                                7.68, 9.36, 12.8, 9.68, 12.16, 9.20, 10.55 };
    static const size_t g[] = { 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2 };
    stroma_pairwise t;
    assert_int_equal(stroma_dunnett(x, g, 15, 3, NULL, &t, NULL), STROMA_OK);
    assert_int_equal(t.n_pairs, 2);
    assert_true(fabs(t.pairs[0].p_adjusted - 0.62004941) < 1e-4);
    assert_true(fabs(t.pairs[1].p_adjusted - 0.0058875) < 1e-4);
    stroma_pairwise_clear(&t);
    test_csv c = test_csv_read(test_source("tests/reference/dunnett.csv"));
    assert_true(c.rows >= 10);
    for (size_t i = 0; i < c.rows; i++) {
        double lambda[9];
        const size_t m = (size_t)test_csv_number(&c, i, "m");
        const double q = test_csv_number(&c, i, "lambda_first"),
                     q2 = test_csv_number(&c, i, "lambda_rest"), at = test_csv_number(&c, i, "t"),
                     want = test_csv_number(&c, i, "sf"), tol = test_csv_number(&c, i, "tol");
        double df = test_csv_number(&c, i, "df");
        if (isnan(df)) df = (double)INFINITY;
        for (size_t k = 0; k < m; k++)
            lambda[k] = k == 0 ? q : q2;
        const double got = stroma_dunnett_sf(at, lambda, m, df);
        if (!(fabs(got - want) <= tol)) fail_msg("row %zu: %.15g, wanted %.15g", i + 1, got, want);
        assert_near(stroma_dunnett_critical(got, lambda, m, df), at, 1e-10);
    }
    test_csv_free(&c);
    const double one[] = { 0.5 };
    assert_near(stroma_dunnett_sf(2.1, one, 1, 7), stroma_t_two_sided(2.1, 7), 1e-12);
}

/* R: shapiro.test() prints mtcars$mpg W 0.94756, p 0.1229; residuals of the plant growth model W
 * 0.96607, p 0.4379; c(1,2,4): exact n = 3 by hand, W = 0.9642857, p = 6/π(asin √W − asin √0.75) =
 * 0.6368868. */
static void shapiro(void **state)
{
    (void)state;
    static const double mpg[] = { 21,   21,   22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8,
                                  16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5,
                                  15.2, 13.3, 19.2, 27.3, 26,   30.4, 15.8, 19.7, 15,   21.4 };
    stroma_stat r;
    assert_int_equal(stroma_shapiro_wilk(mpg, 32, &r, NULL), STROMA_OK);
    assert_true(fabs(r.statistic - 0.94756) < 5e-6 && fabs(r.p - 0.1229) < 5e-5);
    double residual[30];
    for (size_t g = 0; g < 3; g++) {
        double sum = 0;
        for (size_t i = 0; i < 10; i++)
            sum += plant[10 * g + i];
        for (size_t i = 0; i < 10; i++)
            residual[10 * g + i] = plant[10 * g + i] - sum / 10;
    }
    assert_int_equal(stroma_shapiro_wilk(residual, 30, &r, NULL), STROMA_OK);
    assert_true(fabs(r.statistic - 0.96607) < 5e-6 && fabs(r.p - 0.4379) < 5e-5);
    const double three[] = { 1, 2, 4 }, same[] = { 3, 3, 3 };
    assert_int_equal(stroma_shapiro_wilk(three, 3, &r, NULL), STROMA_OK);
    assert_near(r.statistic, 27.0 / 28, 1e-14);
    assert_near(r.p, 0.6368868, 1e-6);
    double scaled[32];
    for (size_t i = 0; i < 32; i++)
        scaled[i] = 1e6 - 1000 * mpg[31 - i];
    stroma_stat s;
    assert_int_equal(stroma_shapiro_wilk(mpg, 32, &r, NULL), STROMA_OK);
    assert_int_equal(stroma_shapiro_wilk(scaled, 32, &s, NULL), STROMA_OK);
    assert_near(s.p, r.p, 1e-9);
    assert_int_equal(stroma_shapiro_wilk(same, 3, &r, NULL), STROMA_OK);
    assert_true(r.not_estimable);
    assert_int_equal(stroma_shapiro_wilk(three, 2, &r, NULL), STROMA_OK);
    assert_true(r.not_estimable);
}

static void properties(void **state)
{
    (void)state;
    double x[30];
    size_t g[30];
    for (size_t i = 0; i < 30; i++) {
        x[i] = 1024 * plant[(i * 7 + 5) % 30];
        g[i] = 2 - plant_group[(i * 7 + 5) % 30];
    }
    stroma_stat r, s;
    assert_int_equal(stroma_anova_one_way(plant, plant_group, 30, 3, NULL, &r, NULL), STROMA_OK);
    assert_int_equal(stroma_anova_one_way(x, g, 30, 3, NULL, &s, NULL), STROMA_OK);
    assert_near(s.statistic, r.statistic, 1e-14);
    assert_int_equal(stroma_kruskal_wallis(plant, plant_group, 30, 3, &r, NULL), STROMA_OK);
    assert_int_equal(stroma_kruskal_wallis(x, g, 30, 3, &s, NULL), STROMA_OK);
    assert_near(s.statistic, r.statistic, 1e-14);
    assert_int_equal(stroma_levene(plant, plant_group, 30, 3, STROMA_LEVENE_MEAN, &r, NULL),
                     STROMA_OK);
    assert_int_equal(stroma_levene(x, g, 30, 3, STROMA_LEVENE_MEAN, &s, NULL), STROMA_OK);
    assert_near(s.statistic, r.statistic, 1e-12);
    stroma_pairwise t, u;
    assert_int_equal(stroma_games_howell(plant, plant_group, 30, 3, NULL, &t, NULL), STROMA_OK);
    assert_int_equal(stroma_games_howell(x, g, 30, 3, NULL, &u, NULL), STROMA_OK);
    assert_near(u.pairs[0].p_adjusted, t.pairs[2].p_adjusted, 1e-10);
    assert_near(u.pairs[0].difference, -1024 * t.pairs[2].difference, 1e-12);
    stroma_pairwise_clear(&t);
    stroma_pairwise_clear(&u);
    /* Two groups: the analysis of variance is Student's t squared, Tukey's p is Student's p. */
    assert_int_equal(stroma_tukey_kramer(plant, plant_group, 20, 2, NULL, &t, NULL), STROMA_OK);
    assert_int_equal(stroma_anova_one_way(plant, plant_group, 20, 2, NULL, &r, NULL), STROMA_OK);
    assert_near(r.statistic, t.pairs[0].t * t.pairs[0].t, 1e-13);
    assert_near(t.pairs[0].p_adjusted, t.pairs[0].p, 1e-12);
    assert_near(r.p, t.pairs[0].p, 1e-12);
    stroma_pairwise_clear(&t);
    /* Two visits: repeated measures is the paired t; sphericity has nothing to test. */
    stroma_rm_anova rm;
    double pairs[20], shifted[20];
    for (size_t i = 0; i < 20; i++) {
        pairs[i] = plant[(i % 2) * 10 + i / 2];
        shifted[i] = pairs[i] + (double)(i / 2); /* subjects' levels do not matter */
    }
    assert_int_equal(stroma_anova_repeated(pairs, 10, 2, &rm, NULL), STROMA_OK);
    assert_true(rm.gg_epsilon == 1 && isnan(rm.mauchly_w));
    const double f = rm.uncorrected.statistic;
    assert_int_equal(stroma_anova_repeated(shifted, 10, 2, &rm, NULL), STROMA_OK);
    assert_near(rm.uncorrected.statistic, f, 1e-12);
}

static void degenerate(void **state)
{
    (void)state;
    const double same[] = { 1, 1, 2, 2 }, bad[] = { 1, NAN, 2, 3 };
    const size_t g[] = { 0, 0, 1, 1 }, far[] = { 0, 0, 1, 5 };
    stroma_stat r;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_anova_one_way(same, g, 4, 2, NULL, &r, &err), STROMA_OK);
    assert_string_equal(r.reason, "no variation within the groups");
    assert_int_equal(stroma_anova_one_way(same, g, 4, 3, NULL, &r, &err), STROMA_OK);
    assert_string_equal(r.reason, "a group is empty");
    assert_int_equal(stroma_anova_one_way(NULL, NULL, 0, 0, NULL, &r, &err), STROMA_OK);
    assert_string_equal(r.reason, "fewer than two groups");
    assert_int_equal(stroma_anova_one_way(bad, g, 4, 2, NULL, &r, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_anova_one_way(same, far, 4, 2, NULL, &r, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "value 4 is in group 6 of 2");
    assert_int_equal(stroma_anova_welch(same, g, 4, 2, &r, &err), STROMA_OK);
    assert_true(r.not_estimable);
    assert_int_equal(stroma_bartlett(same, g, 4, 2, &r, &err), STROMA_OK);
    assert_true(r.not_estimable);
    assert_int_equal(stroma_levene(same, g, 4, 2, STROMA_LEVENE_MEDIAN, &r, &err), STROMA_OK);
    assert_true(r.not_estimable);
    const double equal[] = { 3, 3, 3, 3 };
    assert_int_equal(stroma_kruskal_wallis(equal, g, 4, 2, &r, &err), STROMA_OK);
    assert_true(r.not_estimable);
    assert_int_equal(stroma_friedman(equal, 2, 2, &r, &err), STROMA_OK);
    assert_true(r.not_estimable);
    stroma_rm_anova rm;
    assert_int_equal(stroma_anova_repeated(equal, 2, 2, &rm, &err), STROMA_OK);
    assert_true(rm.uncorrected.not_estimable && rm.huynh_feldt.not_estimable);
    stroma_pairwise t;
    assert_int_equal(stroma_dunnett(same, g, 4, 2, NULL, &t, &err), STROMA_OK);
    assert_true(t.not_estimable && isnan(t.pairs[0].p_adjusted));
    stroma_pairwise_clear(&t);
    const stroma_pairwise_options o = { 0.95, STROMA_ADJUST_NONE, 7 };
    assert_int_equal(stroma_dunnett(same, g, 4, 2, &o, &t, &err), STROMA_E_USAGE);
    stroma_pairwise_clear(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anova_cases),
        cmocka_unit_test(rm_anova_cases),
        cmocka_unit_test(plant_growth_as_printed),
        cmocka_unit_test(dunnett),
        cmocka_unit_test(shapiro),
        cmocka_unit_test(properties),
        cmocka_unit_test(degenerate),
    };
    return cmocka_run_group_tests_name("anova", tests, NULL, NULL);
}
