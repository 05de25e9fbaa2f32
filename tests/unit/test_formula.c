/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/stats_formula.h"

#include <math.h>
#include <string.h>

static stroma_formula *parse(const char *text)
{
    stroma_formula *f = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_formula_parse(text, &f, &err) != STROMA_OK) fail_msg("%s", err.message);
    return f;
}

/* Terms as "a b a:b" */
static const char *terms(const stroma_formula *f)
{
    static char out[512];
    size_t n = 0;
    out[0] = '\0';
    for (size_t t = 0; t < f->terms_len; t++) {
        const char *gap = t == 0 ? "" : " ";
        for (size_t v = 0; v < f->variables_len; v++) {
            if (!(f->terms[t] >> v & 1)) continue;
            n += (size_t)snprintf(out + n, sizeof out - n, "%s%s", gap, f->variables[v].label);
            gap = ":";
        }
    }
    return out;
}

static void test_grammar(void **state)
{
    (void)state;
    static const struct {
        const char *text, *terms;
        bool intercept;
    } good[] = {
        { "y ~ a + b", "a b", true },
        { "y~a*b", "a b a:b", true },
        { "y ~ a:b + a", "a a:b", true },
        { "y ~ a*b*c", "a b c a:b a:c b:c a:b:c", true },
        { "y ~ x + I(x ^ 2) - 1", "x I(x^2)", false },
        { "y ~ 0 + factor(visit)", "factor(visit)", false },
        { "`mean score` ~ `a b` + a + a", "a b a", true },
        { "y ~ 1", "", true },
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        stroma_formula *f = parse(good[i].text);
        assert_string_equal(terms(f), good[i].terms);
        assert_int_equal(f->intercept, good[i].intercept);
        stroma_formula_free(f);
    }
    stroma_formula *f = parse("FEV1 ~ ARMCD * AVISIT + us(AVISIT | ARMCD / USUBJID)");
    assert_string_equal(f->covariance, "us");
    assert_string_equal(f->visit, "AVISIT");
    assert_string_equal(f->group, "ARMCD");
    assert_string_equal(f->subject, "USUBJID");
    assert_int_equal(f->terms_len, 3);
    stroma_formula_free(f);
    static const char *const slopes[] = { "y ~ day + (day | id)", "y ~ day + (1 + day | id)" };
    for (size_t i = 0; i < 2; i++) {
        f = parse(slopes[i]);
        assert_string_equal(terms(f), "day");
        assert_string_equal(f->covariance, "random_slope");
        assert_string_equal(f->visit, "day");
        assert_string_equal(f->subject, "id");
        stroma_formula_free(f);
    }
}

static void test_what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int column;
        const char *message;
    } bad[] = {
        { "y a", 3, "formula \"y a\": \"~\" is missing behind the response" },
        { "y ~ ", 5, "formula \"y ~ \": a column name is missing here" },
        { "y ~ a b", 7, "formula \"y ~ a b\": \"+\" is missing here" },
        { "y ~ a - b", 9, "formula \"y ~ a - b\": only \"- 1\" can be taken out" },
        { "y ~ log(a)", 9,
          "formula \"y ~ log(a)\": only I(), factor() and a covariance term are known as "
          "functions" },
        { "y ~ I(x^1)", 10,
          "formula \"y ~ I(x^1)\": the power must be a whole number from 2 to 64" },
        { "y ~ us(v s)", 10, "formula \"y ~ us(v s)\": \"|\" is missing in the covariance term" },
        { "y ~ a + (1 | s)", 12,
          "formula \"y ~ a + (1 | s)\": a random slope is missing: (time | subject)" },
        { "y ~ a:us(v|s)", 14, "formula \"y ~ a:us(v|s)\": a covariance term stands alone" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        stroma_formula *f = NULL;
        stroma_error err = STROMA_ERROR_INIT;
        assert_int_equal(stroma_formula_parse(bad[i].text, &f, &err), STROMA_E_USAGE);
        assert_string_equal(err.message, bad[i].message);
        assert_int_equal(err.column, bad[i].column);
        assert_null(f);
    }
}

/* arm a, b, c; sex f, m; x; y. The last row lacks x. */
static stroma_table *small_table(void)
{
    static const char *const arm[] = { "b", "a", "c", "a", "b", "c", "a", "b" };
    static const char *const sex[] = { "m", "f", "m", "m", "f", "f", "f", "m" };
    static const double x[] = { 1, 2, 3, 4, 5, 6, 7, NAN }, y[] = { 2, 1, 4, 3, 7, 5, 9, 8 };
    stroma_table *t = NULL;
    size_t c = 0;
    assert_int_equal(stroma_table_new(0, &t, NULL), STROMA_OK);
    assert_int_equal(stroma_table_add_column(t, "arm", STROMA_COLUMN_TEXT, &c, NULL), STROMA_OK);
    assert_int_equal(stroma_table_add_column(t, "sex", STROMA_COLUMN_TEXT, &c, NULL), STROMA_OK);
    assert_int_equal(stroma_table_add_column(t, "x", STROMA_COLUMN_NUMBER, &c, NULL), STROMA_OK);
    assert_int_equal(stroma_table_add_column(t, "y", STROMA_COLUMN_NUMBER, &c, NULL), STROMA_OK);
    assert_int_equal(stroma_table_add_rows(t, 8, NULL), STROMA_OK);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(stroma_table_set_text(t, 0, i, arm[i], 1, NULL), STROMA_OK);
        assert_int_equal(stroma_table_set_text(t, 1, i, sex[i], 1, NULL), STROMA_OK);
        if (!isnan(x[i])) stroma_table_set_number(t, 2, i, x[i]);
        stroma_table_set_number(t, 3, i, y[i]);
    }
    return t;
}

/* The columns of R's model.matrix for the same data. */
static void test_columns_as_in_r(void **state)
{
    (void)state;
    static const struct {
        const char *formula;
        const char *names[10];
        size_t n;
    } cases[] = {
        { "y ~ arm + x", { "(Intercept)", "armb", "armc", "x" }, 4 },
        { "y ~ arm - 1", { "arma", "armb", "armc" }, 3 },
        { "y ~ arm*sex", { "(Intercept)", "armb", "armc", "sexm", "armb:sexm", "armc:sexm" }, 6 },
        { "y ~ x + arm:x", { "(Intercept)", "x", "x:armb", "x:armc" }, 4 },
        { "y ~ arm:x", { "(Intercept)", "arma:x", "armb:x", "armc:x" }, 4 },
        { "y ~ sex + I(x^2)", { "(Intercept)", "sexm", "I(x^2)" }, 3 },
    };
    stroma_table *t = small_table();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stroma_formula *f = parse(cases[i].formula);
        stroma_formula_data *d = NULL;
        assert_int_equal(stroma_formula_apply(f, t, NULL, 0, NULL, 0, &d, NULL), STROMA_OK);
        assert_int_equal(d->design.columns, cases[i].n);
        for (size_t c = 0; c < cases[i].n; c++)
            assert_string_equal(d->design.names[c], cases[i].names[c]);
        stroma_formula_data_free(d);
        stroma_formula_free(f);
    }
    stroma_table_free(t);
}

static void test_rows_levels_and_means(void **state)
{
    (void)state;
    stroma_table *t = small_table();
    stroma_formula *f = parse("y ~ arm + x");
    stroma_formula_data *d = NULL;
    static const char *const names[] = { "c", "a" };
    const stroma_formula_levels levels = { "arm", names, 2 };
    assert_int_equal(stroma_formula_apply(f, t, NULL, 0, &levels, 1, &d, NULL), STROMA_OK);
    assert_int_equal(d->design.rows, 5);
    assert_string_equal(d->design.names[1], "arma");
    assert_int_equal(d->excluded_len, 1); /* arm is looked at before x */
    assert_string_equal(d->excluded[0].reason, "arm is not among the levels");
    assert_int_equal(d->excluded[0].n, 3);
    double l[3];
    stroma_formula_ls_mean(d, 0, 1, l);
    assert_true(l[0] == 1 && l[1] == 1 && fabs(l[2] - 22.0 / 5) < 1e-15);
    stroma_formula_data_free(d);
    assert_int_equal(stroma_formula_apply(f, t, NULL, 0, NULL, 0, &d, NULL), STROMA_OK);
    assert_string_equal(d->excluded[0].reason, "x is missing");
    assert_int_equal(d->design.rows, 7);
    stroma_formula_data_free(d);
    stroma_formula_free(f);
    stroma_error err = STROMA_ERROR_INIT;
    f = parse("y ~ dose");
    assert_int_equal(stroma_formula_apply(f, t, NULL, 0, NULL, 0, &d, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "no column \"dose\" in the table");
    stroma_formula_free(f);
    f = parse("arm ~ x");
    assert_int_equal(stroma_formula_apply(f, t, NULL, 0, NULL, 0, &d, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "response \"arm\" is text, not a number");
    f->event = "b";
    assert_int_equal(stroma_formula_apply(f, t, NULL, 0, NULL, 0, &d, &err), STROMA_OK);
    for (size_t i = 0; i < d->design.rows; i++)
        assert_true(d->y[i] == (strcmp(stroma_table_text(t, 0, d->table_rows[i]), "b") == 0));
    assert_int_equal(d->design.rows, 7);
    stroma_formula_data_free(d);
    stroma_formula_free(f);
    stroma_table_free(t);
}

/* A response beyond a limit stays only for a caller that knows limits; a predictor never does. */
static void test_response_beyond_a_limit(void **state)
{
    (void)state;
    stroma_table *t = small_table();
    stroma_formula *f = parse("y ~ x");
    stroma_formula_data *d = NULL;
    stroma_table_set_state(t, 3, 0, STROMA_BELOW_LIMIT, 0.5);
    stroma_table_set_state(t, 3, 1, STROMA_ABOVE_LIMIT, 90);
    stroma_table_set_state(t, 2, 2, STROMA_BELOW_LIMIT, 3);
    assert_int_equal(stroma_formula_apply(f, t, NULL, 0, NULL, 0, &d, NULL), STROMA_OK);
    assert_int_equal(d->design.rows, 4);
    stroma_formula_data_free(d);
    f->censored = true;
    assert_int_equal(stroma_formula_apply(f, t, NULL, 0, NULL, 0, &d, NULL), STROMA_OK);
    assert_int_equal(d->design.rows, 6);
    assert_true(d->y[0] == 0.5 && d->y[1] == 90 && d->y[2] == 3);
    stroma_formula_data_free(d);
    stroma_formula_free(f);
    stroma_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_columns_as_in_r),
        cmocka_unit_test(test_rows_levels_and_means),
        cmocka_unit_test(test_response_beyond_a_limit),
    };
    return cmocka_run_group_tests_name("formula", tests, NULL, NULL);
}
