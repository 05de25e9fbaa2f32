/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coverage by simulation: intervals of probabilities hold the true one, conformal sets hold the
 * outcome of each class, as often as they say. STROMA_COVERAGE_SETS=2000 (make test-long) is the
 * run whose figures stand in docs/handbook/prediction.md. */
#include "stroma_test.h"

#include "stroma/biomarker_predict.h"
#include "stroma/random.h"

#include <math.h>

typedef struct scenario {
    const char *name;
    stroma_model_method method;
    size_t n, p;
    double intercept, slope;
    double below; /* values below it are censored there */
    double level;
    bool smooth;
} scenario;

typedef struct tally {
    size_t sets, patients;
    double inside, inside_squares; /* of intervals, a data set each */
    double covered[2], covered_squares[2], width[4];
    size_t classes[2];
} tally;

static size_t sets_wanted(size_t usual)
{
    const char *asked = getenv("STROMA_COVERAGE_SETS");
    return asked == NULL ? usual : (size_t)strtoul(asked, NULL, 10);
}

static double eta_of(const scenario *s, const double *x)
{
    double eta = s->intercept;
    for (size_t j = 0; j < s->p; j++)
        eta += s->slope / sqrt((double)s->p) * x[j];
    return eta;
}

/* What the assay reports of a lognormal value. */
static void report(const scenario *s, double x, double *value, uint8_t *state)
{
    const double v = exp(x);
    *state = v < s->below ? STROMA_BELOW_LIMIT : STROMA_PRESENT;
    *value = v < s->below ? s->below : v;
}

static stroma_biomarker_frame *draw(const scenario *s, stroma_random *g)
{
    static const char *const names[] = { "a", "b", "c", "d" };
    stroma_biomarker_frame *f = NULL;
    assert_int_equal(stroma_biomarker_frame_new(s->n, s->p, &f, NULL), STROMA_OK);
    f->outcome_name = "responder";
    f->event = "yes";
    for (size_t j = 0; j < s->p; j++) {
        f->columns[j].name = names[j];
        f->columns[j].log_scale = true;
    }
    for (size_t i = 0; i < s->n; i++) {
        double x[4];
        f->subject[i] = "s";
        for (size_t j = 0; j < s->p; j++) {
            x[j] = stroma_random_normal(g);
            report(s, x[j], &f->columns[j].value[i], &f->columns[j].state[i]);
        }
        f->outcome[i] = stroma_random_uniform(g) < 1 / (1 + exp(-eta_of(s, x)));
    }
    return f;
}

static void try_patients(const scenario *s, const stroma_model *m, stroma_random *g, tally *t)
{
    enum { PATIENTS = 200 };
    stroma_predictor *q = NULL;
    size_t inside = 0, covered[2] = { 0 }, classes[2] = { 0 };
    assert_int_equal(stroma_predictor_new(m, s->level, &q, NULL), STROMA_OK);
    for (size_t k = 0; k < PATIENTS; k++) {
        stroma_predict_value v[4] = { { 0 } };
        stroma_prediction r;
        double x[4];
        for (size_t j = 0; j < s->p; j++) {
            x[j] = stroma_random_normal(g);
            report(s, x[j], &v[j].value, &v[j].state);
        }
        const double truth = 1 / (1 + exp(-eta_of(s, x)));
        const bool yes = stroma_random_uniform(g) < truth;
        if (s->smooth) stroma_predictor_smooth(q, k);
        assert_int_equal(stroma_predict(q, v, &r, NULL), STROMA_OK);
        assert_true(r.answered);
        inside += truth >= r.lower && truth <= r.upper;
        classes[yes]++;
        covered[yes] += yes ? r.set == STROMA_SET_EVENT || r.set == STROMA_SET_BOTH
                            : r.set == STROMA_SET_NO_EVENT || r.set == STROMA_SET_BOTH;
        t->width[r.set]++;
        t->patients++;
    }
    stroma_predictor_free(q);
    const double share = (double)inside / PATIENTS;
    t->inside += share;
    t->inside_squares += share * share;
    for (size_t c = 0; c < 2; c++) {
        const double part = (double)covered[c] / (double)classes[c];
        t->classes[c] += classes[c];
        t->covered[c] += part;
        t->covered_squares[c] += part * part;
    }
    t->sets++;
}

static double mean_of(double sum, double squares, size_t n, double *se)
{
    const double mean = sum / (double)n;
    *se = sqrt(fmax(0, squares / (double)n - mean * mean) / (double)(n - 1));
    return mean;
}

static tally simulate(const scenario *s, size_t sets)
{
    tally t = { 0 };
    for (size_t k = 0; t.sets < sets; k++) {
        stroma_random g;
        stroma_model *m = NULL;
        stroma_random_init(&g, 20261129, stroma_random_stream(s->name), k);
        stroma_biomarker_frame *f = draw(s, &g);
        stroma_model_spec spec = STROMA_MODEL_SPEC_INIT;
        spec.method = s->method;
        spec.bootstrap = 20;
        spec.folds = 2;
        spec.repeats = 1;
        spec.over_budget = "simulation";
        spec.seed = k;
        const stroma_status st = stroma_model_fit(f, &spec, &m, NULL);
        if (st == STROMA_OK)
            try_patients(s, m, &g, &t);
        else /* one class, or an input with fewer than three measured values */
            assert_int_equal(st, STROMA_E_DEGENERATE);
        stroma_model_free(m);
        stroma_biomarker_frame_free(f);
    }
    return t;
}

/* Within @p allowed of the level, beyond the Monte-Carlo error. */
static void assert_intervals(const scenario *s, const tally *t, double allowed)
{
    double se = 0;
    const double mean = mean_of(t->inside, t->inside_squares, t->sets, &se);
    print_message("# %s: intervals hold %.4f (MC SE %.4f)\n", s->name, mean, se);
    if (fabs(mean - 0.95) > allowed + 4 * se)
        fail_msg("%s: 95 %% intervals hold %.4f", s->name, mean);
}

static void assert_sets(const scenario *s, const tally *t, bool ties)
{
    for (size_t c = 0; c < 2; c++) {
        double se = 0;
        const double mean = mean_of(t->covered[c], t->covered_squares[c], t->sets, &se);
        /* of the class in a training set, on average */
        const double n = (double)s->n * (double)t->classes[c] / (double)t->patients;
        print_message("# %s: sets hold %.4f of class %zu (MC SE %.4f), nominal %.2f to %.4f; "
                      "none %.3f, one %.3f, both %.3f\n",
                      s->name, mean, c, se, s->level, s->level + 1 / (n + 1),
                      t->width[0] / (double)t->patients,
                      (t->width[1] + t->width[2]) / (double)t->patients,
                      t->width[3] / (double)t->patients);
        if (mean < s->level - 4 * se || (!ties && mean > s->level + 1 / (n + 1) + 4 * se))
            fail_msg("%s: sets hold %.4f of class %zu", s->name, mean, c);
    }
}

static void test_firth_covers(void **state)
{
    static const scenario all[] = {
        { "firth 52", STROMA_MODEL_FIRTH, 52, 1, 0.2, 1, 0, 0.9, false },
        { "firth 150", STROMA_MODEL_FIRTH, 150, 2, -0.5, 1.2, 0, 0.9, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const tally t = simulate(&all[i], sets_wanted(30));
        assert_intervals(&all[i], &t, 0.02);
        assert_sets(&all[i], &t, false);
    }
}

static void test_bayes_covers(void **state)
{
    static const scenario all[] = {
        { "bayes 52", STROMA_MODEL_BAYES, 52, 1, 0.2, 1, 0, 0.9, false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const tally t = simulate(&all[i], sets_wanted(12));
        assert_intervals(&all[i], &t, 0.02);
        assert_sets(&all[i], &t, false);
    }
}

/* Three of ten values are below the limit, and so tied: plain sets then hold too much and never too
 * little, smoothed ones what they say. */
static void test_censored_sets_cover(void **state)
{
    static const scenario plain = { "censored", STROMA_MODEL_FIRTH, 80, 1, 0, 1, 0.6, 0.9, false };
    scenario smooth = plain;
    (void)state;
    smooth.smooth = true;
    const tally t = simulate(&plain, sets_wanted(30)), u = simulate(&smooth, sets_wanted(30));
    assert_sets(&plain, &t, true);
    assert_sets(&smooth, &u, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_firth_covers),
        cmocka_unit_test(test_bayes_covers),
        cmocka_unit_test(test_censored_sets_cover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
