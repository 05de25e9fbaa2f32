/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/models_ordinal.h"
#include "stroma/random.h"

enum { COLUMNS_MAX = 12 };

typedef struct data {
    stroma_design d;
    size_t *y, categories;
} data;

static data data_new(size_t n, size_t categories)
{
    data s = { .d = { .rows = n }, .categories = categories };
    s.d.x = calloc(n * COLUMNS_MAX, sizeof *s.d.x);
    s.y = calloc(n, sizeof *s.y);
    assert_true(s.d.x != NULL && s.y != NULL);
    return s;
}

static void data_free(data *s)
{
    free(s->d.x);
    free(s->y);
}

static double *add(data *s)
{
    assert_true(s->d.columns < COLUMNS_MAX);
    return s->d.x + s->d.rows * s->d.columns++;
}

static stroma_ordinal_model *fit(const data *s, const stroma_ordinal_options *o)
{
    stroma_ordinal_model *m = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_ordinal_fit(&s->d, s->y, s->categories, o, &m, &err) != STROMA_OK)
        fail_msg("%s", err.message);
    return m;
}

/* Satisfaction of 1,681 householders (Madsen 1976; MASS::housing): satisfaction fastest, then
 * influence (low, medium, high), type (tower, apartment, atrium, terrace), contact (low, high). */
static data housing(void)
{
    static const size_t freq[72] = { 21, 21, 28, 34, 22, 36, 10, 11, 36, 61, 23, 17, 43, 35, 40,
                                     26, 18, 54, 13, 9,  10, 8,  8,  12, 6,  7,  9,  18, 6,  7,
                                     15, 13, 13, 7,  5,  11, 14, 19, 37, 17, 23, 40, 3,  5,  23,
                                     78, 46, 43, 48, 45, 86, 15, 25, 62, 20, 23, 20, 10, 22, 24,
                                     7,  10, 21, 57, 23, 13, 31, 21, 13, 5,  6,  13 };
    data s = data_new(1681, 3);
    size_t i = 0;
    for (size_t k = 0; k < 6; k++)
        (void)add(&s);
    for (size_t c = 0; c < 72; c++)
        for (size_t r = 0; r < freq[c]; r++, i++) {
            const size_t influence = c / 3 % 3, type = c / 9 % 4;
            s.y[i] = c % 3;
            for (size_t k = 1; k < 3; k++)
                s.d.x[(k - 1) * 1681 + i] = influence == k;
            for (size_t k = 1; k < 4; k++)
                s.d.x[(k + 1) * 1681 + i] = type == k;
            s.d.x[5 * 1681 + i] = c >= 36;
        }
    assert_int_equal(i, 1681);
    return s;
}

/* ordinal::clm 2022.11-16 on R 4.2.2 (gradTol 1e-12), profile limits by its confint() (a spline:
 * 1e-4 relative), Brant's test from three glm by the formulas of the paper. Estimates 1e-9
 * relative. */
static void test_housing(void **state)
{
    (void)state;
    static const double coefficient[6] = { 0.5663937379059,  1.2888191103723,  -0.5723500020420,
                                           -0.3661863706889, -1.0910146589696, 0.3602840045691 };
    static const double se[6] = { 0.10465278136401, 0.12715614456774, 0.11923800859659,
                                  0.15517333201879, 0.15148601856096, 0.09553579500237 };
    static const double lower[6] = { 0.3616414501400,  1.0409699417777,  -0.8069592349818,
                                     -0.6705863484468, -1.3893865591501, 0.1733588181549 };
    static const double upper[6] = { 0.77195394502498,  1.53958145961581,  -0.33940416220547,
                                     -0.06204485472769, -0.79533937807745, 0.54792872070324 };
    static const double brant[6] = { 0.317338264288, 0.196504474482,   0.4681518543279,
                                     2.804752341855, 0.03122597553772, 1.285940335352 };
    data s = housing();
    stroma_ordinal_model *m = fit(&s, NULL);
    assert_int_equal(m->rank, 6);
    assert_true(m->separation == STROMA_SEPARATION_NONE && m->counts[2] == 668);
    for (size_t j = 0; j < 6; j++) {
        assert_near(m->coefficients[j], coefficient[j], 1e-9);
        assert_near(m->terms[j].se, se[j], 1e-7);
        assert_near(m->terms[j].lower, lower[j], 1e-3);
        assert_near(m->terms[j].upper, upper[j], 1e-3);
        assert_near(m->terms[j].effect, exp(coefficient[j]), 1e-8);
    }
    assert_near(m->thresholds[0], -0.4961351381971, 1e-9);
    assert_near(m->thresholds[1], 0.6907082592631, 1e-9);
    assert_near(m->threshold_terms[0].se, 0.12484724287745, 1e-7);
    assert_near(m->log_likelihood, -1739.574649529, 1e-11);
    assert_near(m->log_likelihood_null, -1824.438810523, 1e-11);
    assert_near(m->likelihood_ratio.statistic, 2 * (1824.438810523 - 1739.574649529), 1e-9);
    assert_int_equal(m->likelihood_ratio.df, 6);
    static const size_t terms_of[3][3] = { { 0, 1 }, { 2, 3, 4 }, { 5 } };
    static const size_t terms_len[3] = { 2, 3, 1 };
    static const double ratio[3] = { 108.2392047678, 55.91007707691, 14.30620606501 };
    for (size_t t = 0; t < 3; t++) {
        stroma_stat lr;
        assert_int_equal(
            stroma_ordinal_joint_test(&s.d, s.y, 3, terms_of[t], terms_len[t], &lr, NULL),
            STROMA_OK);
        assert_near(lr.statistic, ratio[t], 1e-8);
        assert_true(lr.df == (double)terms_len[t]);
    }
    const double high_atrium[6] = { 0, 1, 0, 1, 0, 0 };
    double p[3];
    assert_int_equal(stroma_ordinal_predict(m, high_atrium, p, NULL, NULL), STROMA_OK);
    assert_near(p[0], 0.1948548141399, 1e-9);
    assert_near(p[1], 0.2474225707406, 1e-9);
    assert_near(p[2], 0.5577226151195, 1e-9);
    stroma_stat together, terms[6];
    assert_int_equal(stroma_ordinal_brant(&s.d, s.y, 3, &together, terms, NULL), STROMA_OK);
    assert_near(together.statistic, 8.534494001269, 1e-8);
    assert_int_equal(together.df, 6);
    assert_near(together.p, 0.2014993900434, 1e-8);
    for (size_t j = 0; j < 6; j++)
        assert_near(terms[j].statistic, brant[j], 1e-7);
    stroma_ordinal_free(m);
    data_free(&s);
}

/* First visit of the arthritis trial: treatment, baseline (4 indicators), age, sex. */
static data arthritis(void)
{
    test_csv t = test_csv_read(test_data("cohorts/multgee_arthritis.csv"));
    data s = data_new(t.rows, 5);
    size_t n = 0;
    for (size_t j = 0; j < 7; j++)
        (void)add(&s);
    for (size_t i = 0; i < t.rows; i++) {
        const double y = test_csv_number(&t, i, "y");
        if (test_csv_number(&t, i, "time") != 1 || isnan(y)) continue;
        double *x = s.d.x + n * 7; /* row by row for now */
        s.y[n++] = (size_t)y - 1;
        x[0] = test_csv_number(&t, i, "trt") == 2;
        for (size_t k = 2; k < 6; k++)
            x[k - 1] = test_csv_number(&t, i, "baseline") == (double)k;
        x[5] = test_csv_number(&t, i, "age");
        x[6] = test_csv_number(&t, i, "sex") == 2;
    }
    double *by_column = calloc(n * COLUMNS_MAX, sizeof *by_column);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < 7; j++)
            by_column[j * n + i] = s.d.x[i * 7 + j];
    free(s.d.x);
    s.d.x = by_column;
    s.d.rows = n;
    test_csv_free(&t);
    return s;
}

/* The same programs. */
static void test_arthritis(void **state)
{
    (void)state;
    if (test_data("cohorts/multgee_arthritis.csv") == NULL) skip();
    static const double coefficient[7] = { 0.359536176644710, 0.246161418905528, 0.662548675736717,
                                           2.403200028262284, 4.689824929005611, -0.005342914795034,
                                           0.297081492055058 };
    static const double lower[7] = { -0.07242542001176, -0.66749558742874, -0.20116702292738,
                                     1.41629963513625,  3.15876594492732,  -0.02509635791458,
                                     -0.17857380233261 };
    data s = arthritis();
    assert_int_equal(s.d.rows, 299);
    stroma_ordinal_model *m = fit(&s, NULL);
    for (size_t j = 0; j < 7; j++) {
        assert_near(m->coefficients[j], coefficient[j], 1e-8);
        assert_near(m->terms[j].lower, lower[j], 3e-3);
    }
    assert_near(m->log_likelihood, -347.691402716, 1e-11);
    assert_near(m->terms[5].se, 0.01002320681941, 1e-7);
    const double row[7] = { 1, 0, 0, 1, 0, 50, 0 };
    double p[5];
    stroma_stat above[4];
    assert_int_equal(stroma_ordinal_predict(m, row, p, above, NULL), STROMA_OK);
    assert_near(p[4], 0.08585522014709, 1e-8);
    assert_near(above[3].estimate, p[4], 1e-12);
    assert_near(above[3].se, 0.03444331153355, 1e-6);
    assert_true(above[0].lower < above[0].estimate && above[0].estimate < above[0].upper &&
                above[0].upper < 1);
    /* an odds ratio that is not one: the two thresholds of treatment disagree */
    for (size_t i = 0; i < s.d.rows; i++)
        s.y[i] = s.y[i] < 2 ? 0 : s.y[i] == 2 ? 1 : 2;
    s.categories = 3;
    memcpy(s.d.x + s.d.rows, s.d.x + 5 * s.d.rows, 2 * s.d.rows * sizeof *s.d.x);
    s.d.columns = 3;
    stroma_stat together, terms[3];
    assert_int_equal(stroma_ordinal_brant(&s.d, s.y, 3, &together, terms, NULL), STROMA_OK);
    assert_near(together.statistic, 17.96596307404, 1e-8);
    assert_near(terms[0].statistic, 13.28988745016, 1e-8);
    assert_near(terms[1].statistic, 4.563364880879, 1e-8);
    assert_near(terms[2].statistic, 0.4400786682597, 1e-8);
    stroma_ordinal_free(m);
    data_free(&s);
}

/* λ = 0.1: optim of R on the objective as it is written (BFGS from its own result, 1e-4). */
static void test_ridge(void **state)
{
    (void)state;
    if (test_data("cohorts/multgee_arthritis.csv") == NULL) skip();
    data s = arthritis();
    memcpy(s.d.x + s.d.rows, s.d.x + 5 * s.d.rows, 2 * s.d.rows * sizeof *s.d.x);
    s.d.columns = 3;
    stroma_ordinal_options o = STROMA_ORDINAL_OPTIONS_INIT;
    o.ridge = 0.1;
    stroma_ordinal_model *m = fit(&s, &o);
    static const double want[3] = { 0.278023796627777, -0.003827707090869, 0.199958961412325 };
    static const double cut[4] = { -3.1879443354930, -1.2504064748998, 0.6484976888739,
                                   3.1249483364902 };
    for (size_t j = 0; j < 3; j++)
        assert_near(m->coefficients[j], want[j], 1e-4);
    for (size_t k = 0; k < 4; k++)
        assert_near(m->thresholds[k], cut[k], 1e-4);
    assert_true(isnan(m->terms[0].se) && m->terms[0].reason[0] != '\0');
    assert_true(m->likelihood_ratio.not_estimable);
    stroma_ordinal_free(m);
    data_free(&s);
}

/* Two categories: the logistic model, whatever else. */
static void test_two_categories(void **state)
{
    (void)state;
    enum { N = 60 };
    data s = data_new(N, 2);
    double *a = add(&s), *one = add(&s), *b = add(&s), y[N];
    stroma_design d = { .rows = N, .columns = 3, .intercept = true };
    for (size_t i = 0; i < N; i++) {
        stroma_random r;
        stroma_random_init(&r, 5, 5, i);
        a[i] = 100 + 20 * stroma_random_normal(&r);
        one[i] = 1;
        b[i] = stroma_random_uniform(&r) < 0.3;
        s.y[i] = stroma_random_uniform(&r) < 1 / (1 + exp(-0.05 * (a[i] - 100) - b[i]));
        y[i] = (double)s.y[i];
    }
    double x[3 * N];
    for (size_t i = 0; i < N; i++) {
        x[i] = 1;
        x[N + i] = a[i];
        x[2 * N + i] = b[i];
    }
    d.x = x;
    stroma_ordinal_model *m = fit(&s, NULL);
    stroma_logistic_model *l = NULL;
    assert_int_equal(stroma_logistic_fit(&d, y, NULL, &l, NULL), STROMA_OK);
    assert_true(m->aliased[1] && m->terms[1].not_estimable);
    assert_near(m->thresholds[0], -l->coefficients[0], 1e-9);
    for (size_t k = 1; k < 3; k++) {
        const size_t j = k == 1 ? 0 : 2;
        assert_near(m->coefficients[j], l->coefficients[k], 1e-9);
        assert_near(m->terms[j].se, l->se[k], 1e-9);
        assert_near(m->terms[j].lower, l->terms[k].lower, 1e-7);
        assert_near(m->terms[j].upper, l->terms[k].upper, 1e-7);
    }
    for (size_t i = 0; i < N; i++)
        assert_near(m->fitted[2 * i + 1], l->fitted[i], 1e-9);
    stroma_stat together;
    assert_int_equal(stroma_ordinal_brant(&s.d, s.y, 2, &together, NULL, NULL), STROMA_OK);
    assert_string_equal(together.reason, "two categories have one threshold");
    stroma_logistic_free(l);
    stroma_ordinal_free(m);
    data_free(&s);
}

/* The order turned round turns signs, and nothing else; rows in another order change nothing. */
static void test_reversed_and_shuffled(void **state)
{
    (void)state;
    data s = housing();
    stroma_ordinal_options o = STROMA_ORDINAL_OPTIONS_INIT;
    o.interval = STROMA_LOGISTIC_WALD;
    stroma_ordinal_model *m = fit(&s, &o);
    for (size_t i = 0; i < s.d.rows; i++)
        s.y[i] = 2 - s.y[i];
    stroma_ordinal_model *r = fit(&s, &o);
    for (size_t i = 0; i < s.d.rows / 2; i++) {
        const size_t k = s.d.rows - 1 - i, y = s.y[i];
        s.y[i] = s.y[k];
        s.y[k] = y;
        for (size_t j = 0; j < 6; j++) {
            const double x = s.d.x[j * s.d.rows + i];
            s.d.x[j * s.d.rows + i] = s.d.x[j * s.d.rows + k];
            s.d.x[j * s.d.rows + k] = x;
        }
    }
    stroma_ordinal_model *t = fit(&s, &o);
    for (size_t j = 0; j < 6; j++) {
        assert_near(r->coefficients[j], -m->coefficients[j], 1e-9);
        assert_near(r->terms[j].se, m->terms[j].se, 1e-9);
        assert_near(t->coefficients[j], r->coefficients[j], 1e-11);
    }
    assert_near(r->thresholds[0], -m->thresholds[1], 1e-9);
    stroma_ordinal_free(m);
    stroma_ordinal_free(r);
    stroma_ordinal_free(t);
    data_free(&s);
}

static void test_separation(void **state)
{
    (void)state;
    data s = data_new(9, 3);
    double *x = add(&s), *z = add(&s);
    for (size_t i = 0; i < 9; i++) {
        s.y[i] = i / 3;
        x[i] = (double)i;
        z[i] = (double)(i % 3);
    }
    stroma_ordinal_model *m = fit(&s, NULL);
    assert_int_equal(m->separation, STROMA_SEPARATION_COMPLETE);
    assert_true(m->infinite[0] && m->terms[0].not_estimable && isnan(m->coefficients[0]));
    assert_string_equal(
        m->reason, "the categories are separated: the maximum of the likelihood does not exist");
    double p[3];
    assert_int_equal(stroma_ordinal_predict(m, x, p, NULL, NULL), STROMA_E_DEGENERATE);
    stroma_ordinal_free(m);
    stroma_ordinal_options o = STROMA_ORDINAL_OPTIONS_INIT;
    o.ridge = 0.01;
    m = fit(&s, &o);
    assert_true(m->coefficients[0] > 0 && m->reason[0] == '\0');
    assert_true(m->fitted[0] > 0.8 && m->fitted[9 * 3 - 1] > 0.8);
    stroma_ordinal_free(m);
    stroma_stat together;
    const size_t one = 1, beyond = 2;
    assert_int_equal(stroma_ordinal_joint_test(&s.d, s.y, 3, &one, 1, &together, NULL), STROMA_OK);
    assert_true(together.not_estimable);
    assert_int_equal(stroma_ordinal_joint_test(&s.d, s.y, 3, &beyond, 1, &together, NULL),
                     STROMA_E_USAGE);
    assert_int_equal(stroma_ordinal_brant(&s.d, s.y, 3, &together, NULL, NULL), STROMA_OK);
    assert_string_equal(together.reason, "the classes are separated at a threshold");
    /* a group that has only the highest category: quasi-complete, one coefficient infinite */
    for (size_t i = 0; i < 9; i++) {
        s.y[i] = i % 3;
        x[i] = i % 3 == 2 && i > 3;
        z[i] = (double)(i * i % 5);
    }
    m = fit(&s, NULL);
    assert_int_equal(m->separation, STROMA_SEPARATION_QUASI);
    assert_true(m->infinite[0] && !m->infinite[1]);
    stroma_ordinal_free(m);
    data_free(&s);
}

static void test_edges(void **state)
{
    (void)state;
    data s = data_new(6, 3);
    double *x = add(&s);
    stroma_ordinal_model *m = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    for (size_t i = 0; i < 6; i++) {
        s.y[i] = i % 2 * 2;
        x[i] = (double)(i * i % 4);
    }
    assert_int_equal(stroma_ordinal_fit(&s.d, s.y, 3, NULL, &m, &err), STROMA_E_DEGENERATE);
    assert_string_equal(err.message, "no row has category 1 of 0 to 2");
    s.y[0] = 3;
    assert_int_equal(stroma_ordinal_fit(&s.d, s.y, 3, NULL, &m, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_ordinal_fit(&s.d, s.y, 1, NULL, &m, &err), STROMA_E_DEGENERATE);
    for (size_t i = 0; i < 6; i++)
        s.y[i] = i % 3;
    x[2] = NAN;
    assert_int_equal(stroma_ordinal_fit(&s.d, s.y, 3, NULL, &m, &err), STROMA_E_USAGE);
    for (size_t i = 0; i < 6; i++)
        x[i] = 7; /* thresholds alone */
    m = fit(&s, NULL);
    assert_int_equal(m->rank, 0);
    assert_near(m->thresholds[0], log(1.0 / 2), 1e-12);
    assert_near(m->fitted[0], 1.0 / 3, 1e-12);
    assert_string_equal(m->likelihood_ratio.reason, "no coefficient to test");
    stroma_ordinal_free(m);
    data_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_housing),    cmocka_unit_test(test_arthritis),
        cmocka_unit_test(test_ridge),      cmocka_unit_test(test_two_categories),
        cmocka_unit_test(test_separation), cmocka_unit_test(test_reversed_and_shuffled),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests_name("ordinal", tests, NULL, NULL);
}
