/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/models_logistic.h"
#include "stroma/models_roc.h"
#include "stroma/random.h"

enum { COLUMNS_MAX = 12 };

/* A design with an intercept. */
typedef struct data {
    stroma_design d;
    double *y;
    const char *names[COLUMNS_MAX];
} data;

static data data_new(size_t n)
{
    data s = { .d = { .rows = n, .columns = 1, .intercept = true } };
    s.d.x = calloc(n * COLUMNS_MAX, sizeof *s.d.x);
    s.y = calloc(n, sizeof *s.y);
    assert_true(s.d.x != NULL && s.y != NULL);
    s.names[0] = "(Intercept)";
    for (size_t i = 0; i < n; i++)
        s.d.x[i] = 1;
    return s;
}

static void data_free(data *s)
{
    free(s->d.x);
    free(s->y);
}

static double *add(data *s, const char *name)
{
    assert_true(s->d.columns < COLUMNS_MAX);
    s->names[s->d.columns] = name;
    return s->d.x + s->d.rows * s->d.columns++;
}

/* A number, or 1 where the text equals what stands after '=': "race=2". */
static double cell(const test_csv *t, size_t row, const char *what)
{
    char name[64];
    const char *equals = strchr(what, '=');
    if (equals == NULL) return test_csv_number(t, row, what);
    (void)snprintf(name, sizeof name, "%.*s", (int)(equals - what), what);
    return strcmp(test_csv_text(t, row, name), equals + 1) == 0;
}

static data data_read(const char *file, const char *y, const char *const *columns,
                      const char *const *names)
{
    test_csv t = test_csv_read(test_data(file));
    data s = data_new(t.rows);
    for (size_t i = 0; i < t.rows; i++)
        s.y[i] = cell(&t, i, y);
    for (size_t j = 0; columns[j] != NULL; j++) {
        double *x = add(&s, names[j]);
        for (size_t i = 0; i < t.rows; i++)
            x[i] = cell(&t, i, columns[j]);
    }
    test_csv_free(&t);
    return s;
}

static data data_of_case(const json_t *one)
{
    static const char *const birthwt[] = { "age", "lwt", "race=2", "race=3", "smoke",
                                           "ptl", "ht",  "ui",     "ftv",    NULL };
    static const char *const birthwt_names[] = { "age", "lwt", "race2", "race3", "smoke",
                                                 "ptl", "ht",  "ui",    "ftv",   NULL };
    static const char *const asah[] = { "s100b", "wfns", NULL };
    static const char *const sex2[] = { "age", "oc", "vic", "vicl", "vis", "dia", NULL };
    static const char *const arthritis[] = { "Treatment=Treated", "Sex=Female", "Age", NULL };
    static const char *const arthritis_names[] = { "t", "f", "Age", NULL };
    const char *id = json_string_value(json_object_get(one, "id"));
    if (strcmp(id, "birthwt") == 0)
        return data_read("clinical/rdata/MASS_birthwt.csv", "low", birthwt, birthwt_names);
    if (strcmp(id, "aSAH_s100b_wfns") == 0)
        return data_read("clinical/rdata/pROC_aSAH.csv", "outcome=Poor", asah, asah);
    if (strcmp(id, "sex2_firth_published") == 0)
        return data_read("clinical/rdata/logistf_sex2.csv", "case", sex2, sex2);
    if (strcmp(id, "arthritis_any_improvement") == 0) {
        data s = data_read("clinical/rdata/vcd_Arthritis.csv", "Improved=None", arthritis,
                           arthritis_names);
        for (size_t i = 0; i < s.d.rows; i++)
            s.y[i] = 1 - s.y[i];
        return s;
    }
    double *x = NULL, *y = NULL;
    const json_t *in = json_object_get(one, "data");
    const size_t n = test_expected_array(json_object_get(in, "x"), &x);
    assert_int_equal(test_expected_array(json_object_get(in, "y"), &y), n);
    data s = data_new(n);
    memcpy(add(&s, "x"), x, n * sizeof *x);
    memcpy(s.y, y, n * sizeof *y);
    free(x);
    free(y);
    return s;
}

static stroma_logistic_model *fit(const data *s, bool firth, stroma_logistic_interval interval)
{
    const stroma_logistic_options o = { firth, interval, 0.95 };
    stroma_logistic_model *m = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_logistic_fit(&s->d, s->y, &o, &m, &err) != STROMA_OK) fail_msg("%s", err.message);
    return m;
}

static double worst, worst_limit;

static void near(const char *id, const char *key, double got, const json_t *want, double tol)
{
    if (!json_is_number(want)) fail_msg("%s: no number for %s", id, key);
    const double w = json_number_value(want), gap = fabs(got - w) / fmax(1e-300, fabs(w));
    if (tol <= 1e-4)
        worst = fmax(worst, gap);
    else
        worst_limit = fmax(worst_limit, gap);
    if (!(gap <= tol))
        fail_msg("%s: %s is %.12g, wanted %.12g (relative gap %.2g)", id, key, got, w, gap);
}

static double area_of(const double *score, const double *y, size_t n)
{
    double *p = calloc(2 * n, sizeof *p), *q = p + n;
    stroma_roc_sample roc = { p, 0, q, 0, STROMA_ROC_HIGHER };
    for (size_t i = 0; i < n; i++) {
        if (y[i] > 0)
            p[roc.positive_len++] = score[i];
        else
            q[roc.negative_len++] = score[i];
    }
    stroma_auc_options o = STROMA_AUC_OPTIONS_INIT;
    o.p_method = STROMA_RANK_NORMAL;
    stroma_stat area;
    assert_int_equal(stroma_auc(&roc, &o, &area, NULL), STROMA_OK);
    free(p);
    return area.estimate;
}

/* R's glm stops early: where it differs from the stored answer, stroma must agree with glm driven
 * to the end (tests/reference/logistic.csv). */
static void check_converged(const char *id, const data *s, const stroma_logistic_model *m)
{
    test_csv t = test_csv_read(test_source("tests/reference/logistic.csv"));
    size_t checked = 0;
    for (size_t r = 0; r < t.rows; r++) {
        if (strcmp(test_csv_text(&t, r, "case"), id) != 0) continue;
        const size_t j = checked++;
        assert_string_equal(test_csv_text(&t, r, "term"), s->names[j]);
        assert_near(m->coefficients[j], test_csv_number(&t, r, "estimate"), 1e-11);
        assert_near(m->se[j], test_csv_number(&t, r, "se"), 1e-11);
        assert_near(m->terms[j].statistic, test_csv_number(&t, r, "z"), 1e-11);
        assert_near(m->terms[j].p, test_csv_number(&t, r, "p"),
                    1e-11 * (1 + pow(m->terms[j].statistic, 2)));
    }
    assert_int_equal(checked, s->d.columns);
    test_csv_free(&t);
}

static void check_ml(const json_t *want, const char *id, const data *s, double tol)
{
    stroma_logistic_model *m = fit(s, false, STROMA_LOGISTIC_PROFILE);
    stroma_logistic_model *w = fit(s, false, STROMA_LOGISTIC_WALD);
    assert_int_equal(m->separation, STROMA_SEPARATION_NONE);
    for (size_t j = 0; j < s->d.columns; j++) {
        const char *name = s->names[j];
        const json_t *c = json_object_get(json_object_get(want, "coef"), name);
        near(id, name, m->coefficients[j], json_object_get(c, "Estimate"), tol);
        near(id, name, m->se[j], json_object_get(c, "Std. Error"), 1e-4);
        near(id, name, m->terms[j].statistic, json_object_get(c, "z value"), 1e-4);
        near(id, name, m->terms[j].p, json_object_get(c, "Pr(>|z|)"),
             1e-4 * (1 + pow(m->terms[j].statistic, 2)));
        const json_t *p = json_object_get(json_object_get(want, "ci_profile"), name);
        near(id, name, m->terms[j].lower, json_object_get(p, "2.5 %"), 1e-3);
        near(id, name, m->terms[j].upper, json_object_get(p, "97.5 %"), 1e-3);
        p = json_object_get(json_object_get(want, "ci_wald"), name);
        const double slack = 1e-4 * m->se[j]; /* limits near 0 have no relative error */
        assert_true(fabs(w->terms[j].lower - json_number_value(json_object_get(p, "2.5 %"))) <
                    slack);
        assert_true(fabs(w->terms[j].upper - json_number_value(json_object_get(p, "97.5 %"))) <
                    slack);
        assert_near(w->terms[j].upper - w->terms[j].lower, 2 * 1.959963984540054 * w->se[j], 1e-13);
    }
    check_converged(id, s, m);
    near(id, "logLik", m->log_likelihood, json_object_get(want, "logLik"), tol);
    near(id, "deviance", -2 * m->log_likelihood, json_object_get(want, "deviance"), tol);
    near(id, "AIC", 2 * (double)m->rank - 2 * m->log_likelihood, json_object_get(want, "AIC"), tol);
    near(id, "brier", m->brier, json_object_get(want, "brier"), tol);
    near(id, "auc", area_of(m->fitted, s->y, s->d.rows), json_object_get(want, "auc"), tol);
    stroma_logistic_free(m);
    stroma_logistic_free(w);
}

static void check_firth(const json_t *want, const char *id, const data *s, bool whole, double tol)
{
    stroma_logistic_model *m = fit(s, true, STROMA_LOGISTIC_PROFILE);
    const char *lower = whole ? "ci_profile_lower" : "ci_lower";
    const char *upper = whole ? "ci_profile_upper" : "ci_upper", *p = whole ? "p_plr" : "p";
    for (size_t j = 0; j < s->d.columns; j++) {
        const char *name = s->names[j];
        near(id, name, m->coefficients[j], json_object_get(json_object_get(want, "coef"), name),
             tol);
        near(id, name, m->se[j], json_object_get(json_object_get(want, "se"), name), tol);
        near(id, name, m->terms[j].lower, json_object_get(json_object_get(want, lower), name),
             1e-3);
        near(id, name, m->terms[j].upper, json_object_get(json_object_get(want, upper), name),
             1e-3);
        near(id, name, m->terms[j].p, json_object_get(json_object_get(want, p), name), tol);
    }
    if (whole) {
        const json_t *l = json_object_get(want, "loglik_penalised");
        near(id, "loglik", m->log_likelihood, json_array_get(l, 0), tol);
        near(id, "null", m->log_likelihood_null, json_array_get(l, 1), tol);
    }
    stroma_logistic_free(m);
}

static void test_expected(void **state)
{
    (void)state;
    json_t *cases = test_expected_load("clinical/expected/logistic.json");
    if (cases == NULL) skip();
    assert_int_equal(json_array_size(cases), 5);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i), *want = json_object_get(one, "expected");
        const char *id = json_string_value(json_object_get(one, "id"));
        const double tol = test_expected_number(one, "tol_rel");
        data s = data_of_case(one);
        worst = worst_limit = 0;
        const json_t *firth = json_object_get(want, "firth");
        if (firth != NULL) check_ml(want, id, &s, tol);
        check_firth(firth == NULL ? want : firth, id, &s, firth != NULL, tol);
        print_message("# %s: largest relative gap %.2g, of profile limits %.2g\n", id, worst,
                      worst_limit);
        data_free(&s);
    }
    json_decref(cases);
}

/* IFN-gamma above 2 pg/mL before treatment: 12 of 28 responders, 0 of 24 others. */
static data paper_table(void)
{
    data s = data_new(52);
    double *x = add(&s, "above");
    for (size_t i = 0; i < 52; i++) {
        x[i] = i < 12;
        s.y[i] = i < 28;
    }
    return s;
}

/* logistf on response by marker: OR 37.1 (4.34-4878), p 0.000104. */
static void test_published_marker(void **state)
{
    (void)state;
    data s = paper_table();
    stroma_logistic_model *m = fit(&s, false, STROMA_LOGISTIC_PROFILE);
    assert_int_equal(m->separation, STROMA_SEPARATION_QUASI);
    assert_true(m->infinite[1] && !m->infinite[0]);
    assert_true(isnan(m->coefficients[0]) && isnan(m->coefficients[1]) && isnan(m->log_likelihood));
    assert_true(m->terms[1].not_estimable);
    assert_string_equal(m->terms[1].reason,
                        "the classes are separated: the maximum of the likelihood does not exist");
    stroma_logistic_free(m);
    m = fit(&s, true, STROMA_LOGISTIC_PROFILE);
    assert_int_equal(m->separation, STROMA_SEPARATION_QUASI);
    /* by hand: Firth's estimate of a two-by-two table adds 1/2 to each cell */
    assert_near(m->terms[1].effect, 12.5 * 24.5 / (0.5 * 16.5), 1e-10);
    assert_near(m->terms[1].effect, 37.1, 2e-3);
    assert_near(m->terms[1].effect_lower, 4.34, 1e-3);
    assert_near(m->terms[1].effect_upper, 4878, 1e-3);
    assert_near(m->terms[1].p, 0.000104, 5e-3);
    /* FLIC: the probabilities add up to the events */
    double sum = 0;
    for (size_t i = 0; i < 52; i++)
        sum += 1 / (1 + exp(-m->flic_intercept - m->coefficients[1] * s.d.x[52 + i]));
    assert_near(sum, 28, 1e-12);
    assert_true(fabs(m->flic_intercept - m->coefficients[0]) > 1e-3);
    stroma_logistic_free(m);
    m = fit(&s, true, STROMA_LOGISTIC_WALD);
    assert_near(m->terms[1].upper, m->coefficients[1] + 1.959963984540054 * m->se[1], 1e-13);
    stroma_logistic_free(m);
    data_free(&s);
}

/* Weak and strict separation of points in the plane, by trying every line through two of them and
 * its neighbours. */
static stroma_separation by_lines(const double *x, const double *y, const double *event, size_t n)
{
    bool weak = false;
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            for (int turn = -1; turn <= 1; turn++) {
                double dx = x[b] - x[a], dy = y[b] - y[a];
                if (dx == 0 && dy == 0) dx = 1;
                const double u = -dy + turn * 1e-6 * dx, v = dx + turn * 1e-6 * dy;
                double pos = INFINITY, neg = -INFINITY, low = INFINITY, high = -INFINITY;
                for (size_t i = 0; i < n; i++) {
                    const double at = u * x[i] + v * y[i];
                    low = fmin(low, at);
                    high = fmax(high, at);
                    if (event[i] > 0)
                        pos = fmin(pos, at);
                    else
                        neg = fmax(neg, at);
                }
                if (pos > neg + 1e-12) return STROMA_SEPARATION_COMPLETE;
                weak |= pos >= neg - 1e-12 && high > low + 1e-12;
            }
    return weak ? STROMA_SEPARATION_QUASI : STROMA_SEPARATION_NONE;
}

static void test_separation_by_lines(void **state)
{
    (void)state;
    size_t seen[3] = { 0 };
    for (uint64_t k = 0; k < 3000; k++) {
        stroma_random r;
        stroma_random_init(&r, 11, 1, k);
        const size_t n = 6 + stroma_random_below(&r, 5);
        data s = data_new(n);
        double *x = add(&s, "x"), *y = add(&s, "y");
        double events = 0;
        /* never all on one line: the columns are independent */
        for (size_t i = 0; i < n; i++) {
            x[i] = i < 3 ? (double)(i == 1) : (double)stroma_random_below(&r, 4);
            y[i] = i < 3 ? (double)(i == 2) : (double)stroma_random_below(&r, 4);
            s.y[i] = stroma_random_uniform(&r) < (k % 2 ? 0.5 : x[i] / 3.3);
            events += s.y[i];
        }
        const stroma_separation want = by_lines(x, y, s.y, n);
        stroma_separation got;
        bool infinite[3];
        assert_int_equal(stroma_logistic_separation(&s.d, s.y, &got, infinite, NULL), STROMA_OK);
        if (got != want)
            fail_msg("set %u: %s, wanted %s", (unsigned)k, stroma_separation_name(got),
                     stroma_separation_name(want));
        seen[got]++;
        assert_int_equal(got != STROMA_SEPARATION_NONE, infinite[0] || infinite[1] || infinite[2]);
        if (got == STROMA_SEPARATION_NONE && events > 0 && events < (double)n) {
            /* overlap: the likelihood has a maximum, and its score is 0 there */
            stroma_logistic_model *m = fit(&s, false, STROMA_LOGISTIC_WALD);
            for (size_t j = 0; j < 3; j++) {
                double score = 0;
                for (size_t i = 0; i < n; i++)
                    score += (s.y[i] - m->fitted[i]) * s.d.x[j * n + i];
                assert_true(fabs(score) < 1e-9);
            }
            stroma_logistic_free(m);
        }
        data_free(&s);
    }
    print_message("# separation: %zu none, %zu quasi-complete, %zu complete\n", seen[0], seen[1],
                  seen[2]);
    assert_true(seen[0] > 300 && seen[1] > 300 && seen[2] > 100);
}

static void test_likelihood_ratio_of_terms(void **state)
{
    (void)state;
    data s = data_new(60);
    double *a = add(&s, "a"), *b = add(&s, "b");
    for (size_t i = 0; i < 60; i++) {
        stroma_random r;
        stroma_random_init(&r, 3, 2, i);
        a[i] = 2020 + stroma_random_normal(&r); /* far from 0: the columns are centred inside */
        b[i] = 1e-6 * stroma_random_normal(&r);
        s.y[i] = stroma_random_uniform(&r) < 1 / (1 + exp(2020 - a[i]));
    }
    for (int firth = 0; firth < 2; firth++) {
        stroma_logistic_model *m = fit(&s, firth, STROMA_LOGISTIC_PROFILE);
        const size_t both[] = { 1, 2 };
        stroma_stat j, one;
        assert_int_equal(stroma_logistic_joint_test(&s.d, s.y, firth, both, 2, &j, NULL),
                         STROMA_OK);
        assert_near(j.statistic, m->likelihood_ratio.statistic, 1e-9);
        assert_near(j.df, 2, 0);
        assert_near(j.statistic, 2 * (m->log_likelihood - m->log_likelihood_null), 1e-9);
        assert_int_equal(stroma_logistic_joint_test(&s.d, s.y, firth, both + 1, 1, &one, NULL),
                         STROMA_OK);
        if (firth) assert_near(m->terms[2].statistic, one.statistic, 1e-8);
        stroma_logistic_free(m);
        /* units do not matter */
        for (size_t i = 0; i < 60; i++)
            b[i] *= -1e9;
        m = fit(&s, firth, STROMA_LOGISTIC_PROFILE);
        stroma_stat again;
        assert_int_equal(stroma_logistic_joint_test(&s.d, s.y, firth, both + 1, 1, &again, NULL),
                         STROMA_OK);
        assert_near(again.statistic, one.statistic, 1e-8);
        assert_true(m->terms[2].lower < m->coefficients[2] &&
                    m->coefficients[2] < m->terms[2].upper);
        stroma_logistic_free(m);
        for (size_t i = 0; i < 60; i++)
            b[i] /= -1e9;
    }
    data_free(&s);
}

static data standardised_asah(void)
{
    static const char *const names[] = { "s100b", "ndka", "wfns", "age", NULL };
    data s = data_read("clinical/rdata/pROC_aSAH.csv", "outcome=Poor", names, names);
    for (size_t j = 1; j < s.d.columns; j++) {
        double *x = s.d.x + j * s.d.rows, mean = 0, squares = 0;
        for (size_t i = 0; i < s.d.rows; i++)
            mean += x[i] / (double)s.d.rows;
        for (size_t i = 0; i < s.d.rows; i++)
            squares += (x[i] - mean) * (x[i] - mean);
        for (size_t i = 0; i < s.d.rows; i++)
            x[i] = (x[i] - mean) / sqrt(squares / (double)(s.d.rows - 1));
    }
    return s;
}

static void check_net(const json_t *fits, double alpha, const char *id)
{
    data s = standardised_asah();
    const stroma_logistic_penalty penalty = { alpha, false };
    double gap = 0;
    for (size_t f = 0; f < json_array_size(fits); f++) {
        const json_t *want = json_array_get(fits, f);
        const double lambda = test_expected_number(want, "lambda");
        stroma_logistic_path *p = NULL;
        assert_int_equal(stroma_logistic_penalised(&s.d, s.y, &penalty, &lambda, 1, &p, NULL),
                         STROMA_OK);
        assert_true(p->worst_kkt < 1e-9);
        size_t nonzero = 0;
        for (size_t j = 0; j < s.d.columns; j++) {
            const double w = test_expected_number(want, s.names[j]);
            gap = fmax(gap, fabs(p->coefficients[j] - w));
            nonzero += j > 0 && w != 0;
        }
        assert_int_equal(p->nonzero[0], nonzero);
        stroma_logistic_path_free(p);
    }
    print_message("# %s: largest gap %.2g\n", id, gap);
    assert_true(gap < 1e-5);
    data_free(&s);
}

static void test_elastic_net_expected(void **state)
{
    (void)state;
    json_t *all = test_expected_load("clinical/expected/resampling.json");
    if (all == NULL) skip();
    check_net(json_object_get(json_object_get(all, "lasso"), "fits"), 1, "lasso");
    check_net(json_object_get(all, "elastic_net_alpha_0.5"), 0.5, "elastic net");
    json_decref(all);
}

enum { OPTIMISM_RESAMPLES = 2000 };

/* Optimism of AUC and Brier score of one resample, and the slope of its predictor in the data. */
static void optimism_of(const data *s, const data *r, uint64_t index, double out[3])
{
    const size_t n = s->d.rows;
    stroma_random g;
    stroma_random_init(&g, 1, stroma_random_stream("optimism"), index);
    for (size_t i = 0; i < n; i++) {
        const size_t from = stroma_random_below(&g, n);
        r->y[i] = s->y[from];
        for (size_t j = 0; j < s->d.columns; j++)
            r->d.x[j * n + i] = s->d.x[j * n + from];
    }
    stroma_logistic_model *m = fit(r, false, STROMA_LOGISTIC_WALD);
    assert_string_equal(m->reason, "");
    double brier = 0;
    data line = data_new(n);
    double *eta = add(&line, "eta");
    memcpy(line.y, s->y, n * sizeof *s->y);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < s->d.columns; j++)
            eta[i] += m->coefficients[j] * s->d.x[j * n + i];
        brier += pow(s->y[i] - 1 / (1 + exp(-eta[i])), 2) / (double)n;
    }
    out[0] = area_of(m->fitted, r->y, n) - area_of(eta, s->y, n);
    out[1] = m->brier - brier;
    stroma_logistic_model *slope = fit(&line, false, STROMA_LOGISTIC_WALD);
    out[2] = slope->coefficients[1];
    stroma_logistic_free(slope);
    stroma_logistic_free(m);
    data_free(&line);
}

/* Harrell's bootstrap of a whole model, against 5,000 resamples of the reference. */
static void test_optimism_expected(void **state)
{
    (void)state;
    json_t *all = test_expected_load("clinical/expected/resampling.json");
    if (all == NULL) skip();
    static const char *const names[] = { "s100b", "wfns", "age", NULL };
    static const char *const keys[] = { "optimism_auc", "optimism_brier", "calibration_slope" };
    const json_t *want = json_object_get(all, "optimism");
    data s = data_read("clinical/rdata/pROC_aSAH.csv", "outcome=Poor", names, names);
    data r = data_read("clinical/rdata/pROC_aSAH.csv", "outcome=Poor", names, names);
    stroma_logistic_model *m = fit(&s, false, STROMA_LOGISTIC_WALD);
    assert_near(area_of(m->fitted, s.y, s.d.rows), test_expected_number(want, "apparent.auc"),
                1e-10);
    assert_near(m->brier, test_expected_number(want, "apparent.brier"), 1e-8);
    stroma_logistic_free(m);
    double sum[3] = { 0 }, squares[3] = { 0 };
    for (uint64_t b = 0; b < OPTIMISM_RESAMPLES; b++) {
        double one[3];
        optimism_of(&s, &r, b, one);
        for (size_t k = 0; k < 3; k++) {
            sum[k] += one[k];
            squares[k] += one[k] * one[k];
        }
    }
    for (size_t k = 0; k < 3; k++) {
        const double n = OPTIMISM_RESAMPLES, mean = sum[k] / n;
        const double variance = (squares[k] - n * mean * mean) / (n - 1);
        const double se = sqrt(variance * (1 / n + 1.0 / 5000));
        print_message("# %s %.5f, wanted %.5f, standard error of the gap %.2g\n", keys[k], mean,
                      test_expected_number(want, keys[k]), se);
        assert_true(fabs(mean - test_expected_number(want, keys[k])) < 4 * se);
    }
    data_free(&s);
    data_free(&r);
    json_decref(all);
}

static data simulated(size_t n, size_t p)
{
    static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
    data s = data_new(n);
    for (size_t j = 0; j < p; j++)
        (void)add(&s, names[j]);
    for (size_t i = 0; i < n; i++) {
        stroma_random r;
        stroma_random_init(&r, 5, 3, i);
        for (size_t j = 1; j <= p; j++)
            s.d.x[j * n + i] = (double)j * stroma_random_normal(&r) + 3;
        const double eta = s.d.x[n + i] - 3 - 0.5 * (s.d.x[2 * n + i] - 3);
        s.y[i] = stroma_random_uniform(&r) < 1 / (1 + exp(-eta));
    }
    return s;
}

/* Optimality by the definition, in the data's own units: gradient of the mean log likelihood. */
static void check_optimal(const data *s, const double *b, double alpha, double lambda)
{
    const size_t n = s->d.rows;
    for (size_t j = 0; j < s->d.columns; j++) {
        double g = 0, mean = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            mean += s->d.x[j * n + i] / (double)n;
        for (size_t i = 0; i < n; i++) {
            double eta = 0;
            for (size_t k = 0; k < s->d.columns; k++)
                eta += b[k] * s->d.x[k * n + i];
            g += (s->y[i] - 1 / (1 + exp(-eta))) * s->d.x[j * n + i] / (double)n;
            squares += pow(s->d.x[j * n + i] - mean, 2) / (double)n;
        }
        const double sd = j == 0 ? 1 : sqrt(squares);
        g /= sd;
        if (j == 0)
            assert_true(fabs(g) < 1e-8);
        else if (b[j] == 0)
            assert_true(fabs(g) <= lambda * alpha + 1e-8);
        else
            assert_true(fabs(g - lambda * (alpha * (b[j] > 0 ? 1 : -1) + (1 - alpha) * b[j] * sd)) <
                        1e-8);
    }
}

static void test_penalised_paths(void **state)
{
    (void)state;
    data s = simulated(80, 8);
    static const double alphas[] = { 0, 0.3, 1 };
    for (size_t a = 0; a < 3; a++) {
        const stroma_logistic_penalty penalty = { alphas[a], true };
        stroma_logistic_path *p = NULL;
        assert_int_equal(stroma_logistic_penalised(&s.d, s.y, &penalty, NULL, 20, &p, NULL),
                         STROMA_OK);
        for (size_t l = 0; l < 20; l++) {
            check_optimal(&s, p->coefficients + l * p->columns, alphas[a], p->lambdas[l]);
            if (l > 0) assert_true(p->log_likelihood[l] >= p->log_likelihood[l - 1] - 1e-9);
        }
        assert_near(p->lambdas[19] / p->lambdas[0], 1e-4, 1e-12);
        if (alphas[a] > 0) assert_int_equal(p->nonzero[0], 0);
        if (alphas[a] > 0) assert_true(p->nonzero[1] > 0 && p->nonzero[19] == 8);
        if (alphas[a] == 0) assert_int_equal(p->nonzero[0], 8);
        stroma_logistic_path_free(p);
    }
    /* hardly any penalty: the maximum of the likelihood */
    const stroma_logistic_penalty lasso = { 1, true };
    const double tiny = 1e-12;
    stroma_logistic_path *p = NULL;
    assert_int_equal(stroma_logistic_penalised(&s.d, s.y, &lasso, &tiny, 1, &p, NULL), STROMA_OK);
    stroma_logistic_model *m = fit(&s, false, STROMA_LOGISTIC_WALD);
    for (size_t j = 0; j < s.d.columns; j++)
        assert_true(fabs(p->coefficients[j] - m->coefficients[j]) < 1e-6);
    stroma_logistic_free(m);
    stroma_logistic_path_free(p);
    data_free(&s);
}

static void test_what_cannot_be_fitted(void **state)
{
    (void)state;
    data s = paper_table();
    stroma_logistic_model *m = NULL;
    stroma_logistic_path *p = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    s.y[3] = 2;
    assert_int_equal(stroma_logistic_fit(&s.d, s.y, NULL, &m, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "outcome of row 4 is 2, not 0 or 1");
    for (size_t i = 0; i < 52; i++)
        s.y[i] = 1;
    assert_int_equal(stroma_logistic_fit(&s.d, s.y, NULL, &m, &err), STROMA_E_DEGENERATE);
    assert_string_equal(err.message, "all 52 outcomes are 1");
    stroma_separation sep;
    assert_int_equal(stroma_logistic_separation(&s.d, s.y, &sep, NULL, &err), STROMA_OK);
    assert_int_equal(sep, STROMA_SEPARATION_COMPLETE);
    const double lambda = 0.1, bad = 0;
    const stroma_logistic_penalty lasso = { 1, true }, wrong = { 2, true };
    assert_int_equal(stroma_logistic_penalised(&s.d, s.y, &lasso, &lambda, 1, &p, &err),
                     STROMA_E_DEGENERATE);
    for (size_t i = 0; i < 52; i++)
        s.y[i] = i % 2 == 0;
    assert_int_equal(stroma_logistic_penalised(&s.d, s.y, &lasso, &bad, 1, &p, &err),
                     STROMA_E_USAGE);
    assert_int_equal(stroma_logistic_penalised(&s.d, s.y, &wrong, &lambda, 1, &p, &err),
                     STROMA_E_USAGE);
    stroma_design only = s.d;
    only.columns = 1;
    assert_int_equal(stroma_logistic_penalised(&only, s.y, &lasso, &lambda, 1, &p, &err),
                     STROMA_E_DEGENERATE);
    /* a dependent column is aliased, the rest is fitted */
    double *twice = add(&s, "twice");
    for (size_t i = 0; i < 52; i++)
        twice[i] = 1 - 2 * s.d.x[52 + i];
    assert_int_equal(stroma_logistic_fit(&s.d, s.y, NULL, &m, &err), STROMA_OK);
    assert_int_equal(m->rank, 2);
    assert_true(m->aliased[2] && isnan(m->coefficients[2]) && !isnan(m->coefficients[1]));
    assert_true(m->terms[2].not_estimable);
    stroma_stat j;
    const size_t last = 2, beyond = 3;
    assert_int_equal(stroma_logistic_joint_test(&s.d, s.y, false, &last, 1, &j, &err), STROMA_OK);
    assert_string_equal(j.reason, "no coefficient to test");
    assert_int_equal(stroma_logistic_joint_test(&s.d, s.y, false, &beyond, 1, &j, &err),
                     STROMA_E_USAGE);
    stroma_logistic_free(m);
    data_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected),
        cmocka_unit_test(test_published_marker),
        cmocka_unit_test(test_separation_by_lines),
        cmocka_unit_test(test_likelihood_ratio_of_terms),
        cmocka_unit_test(test_elastic_net_expected),
        cmocka_unit_test(test_optimism_expected),
        cmocka_unit_test(test_penalised_paths),
        cmocka_unit_test(test_what_cannot_be_fitted),
    };
    return cmocka_run_group_tests_name("logistic", tests, NULL, NULL);
}
