/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models of response: fit, file, prediction, revision. */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/biomarker_bridge.h"
#include "stroma/biomarker_model_file.h"
#include "stroma/biomarker_revise.h"
#include "stroma/hash.h"
#include "stroma/memory.h"
#include "stroma/random.h"
#include "stroma/table_read.h"

#include <math.h>
#include <string.h>

static const char *const inputs[] = { "a", "b", "c" };

/* Lognormal inputs; of "a" what is below 0.5 is only known to be below. */
static stroma_biomarker_frame *cohort_of(uint64_t seed, size_t n, size_t p)
{
    stroma_biomarker_frame *f = NULL;
    stroma_random g;
    stroma_random_init(&g, seed, stroma_random_stream("test model"), 0);
    assert_int_equal(stroma_biomarker_frame_new(n, p, &f, NULL), STROMA_OK);
    f->outcome_name = "responder";
    f->event = "yes";
    f->source = "test.csv";
    for (size_t j = 0; j < p; j++) {
        f->columns[j].name = inputs[j];
        f->columns[j].log_scale = j < 2;
        f->columns[j].day = 0;
    }
    for (size_t i = 0; i < n; i++) {
        double eta = -0.3;
        f->subject[i] = "s";
        for (size_t j = 0; j < p; j++) {
            const double x = stroma_random_normal(&g);
            f->columns[j].value[i] = j < 2 ? exp(x) : 5 + x;
            f->columns[j].state[i] = STROMA_PRESENT;
            eta += (j == 0 ? 1.2 : 0.4) * x;
        }
        if (f->columns[0].value[i] < 0.5) {
            f->columns[0].value[i] = 0.5;
            f->columns[0].state[i] = STROMA_BELOW_LIMIT;
        }
        f->outcome[i] = stroma_random_uniform(&g) < 1 / (1 + exp(-eta));
    }
    return f;
}

static stroma_model_spec quick(void)
{
    stroma_model_spec s = STROMA_MODEL_SPEC_INIT;
    s.bootstrap = 20;
    s.folds = 3;
    s.repeats = 2;
    s.landmark = "baseline";
    s.landmark_day = 0;
    s.over_budget = "a test";
    return s;
}

static stroma_model *fit(const stroma_biomarker_frame *f, const stroma_model_spec *s)
{
    stroma_model *m = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_model_fit(f, s, &m, &err) != STROMA_OK) fail_msg("%s", err.message);
    return m;
}

static void text_of(stroma_model *m, stroma_buffer *b)
{
    stroma_buffer_init(b, 1 << 26);
    assert_int_equal(stroma_model_write(m, b, NULL), STROMA_OK);
}

static void values_of(const stroma_biomarker_frame *f, size_t i, stroma_predict_value *v)
{
    for (size_t j = 0; j < f->columns_len; j++)
        v[j] = (stroma_predict_value){ f->columns[j].value[i], f->columns[j].state[i], 0 };
}

/* A5: 12 of 28 responders and none of 24 others had IFN-gamma above 2 pg/mL before treatment.
 * Reference: logistf 1.24 through shared/mission/domain-facts.md: 37.1 (4.34 to 4878), p 0.000104.
 * The groups are S3-58, their separation S3-56. n = 52 supports one parameter at R2 0.2, which
 * needs 40; two need 80. */
static stroma_biomarker_frame *paper(size_t p)
{
    stroma_biomarker_frame *f = NULL;
    assert_int_equal(stroma_biomarker_frame_new(52, p, &f, NULL), STROMA_OK);
    f->outcome_name = "responder";
    f->event = "yes";
    for (size_t j = 0; j < p; j++)
        f->columns[j].name = inputs[j];
    for (size_t i = 0; i < 52; i++) {
        f->subject[i] = "s";
        f->outcome[i] = i < 28;
        for (size_t j = 0; j < p; j++) {
            f->columns[j].value[i] = j == 0 ? i < 12 : (double)(i % 7);
            f->columns[j].state[i] = STROMA_PRESENT;
        }
    }
    return f;
}

static void test_a5_firth(void **state)
{
    (void)state;
    stroma_biomarker_frame *f = paper(1);
    stroma_model_spec s = quick();
    s.over_budget = NULL;
    stroma_model *m = fit(f, &s);
    const stroma_model_input *in = &m->inputs[0];
    assert_near(exp(in->coefficient / in->scale), 37.1, 0.001);
    assert_near(exp(in->lower / in->scale), 4.34, 0.001);
    assert_near(exp(in->upper / in->scale), 4878, 0.001);
    assert_near(in->p, 0.000104, 0.005);
    assert_near(m->apparent.auc.value, 0.5 + 12.0 / 56, 1e-12);
    assert_int_equal(m->budget.supported, 1);
    assert_int_equal(m->budget.n_needed, 40);
    assert_near(m->budget.risk_margin, 0.1355, 0.001);
    /* FLIC: the probabilities add up to the events */
    assert_near(m->apparent.observed_expected.value, 1, 1e-8);
    stroma_model_free(m);
    stroma_biomarker_frame_free(f);
}

static void test_s3_riley_refuses(void **state)
{
    (void)state;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_biomarker_frame *f = paper(3);
    stroma_model_spec s = quick();
    stroma_model *m = NULL;
    s.over_budget = NULL;
    assert_int_equal(stroma_model_fit(f, &s, &m, &err), STROMA_E_DEGENERATE);
    assert_string_equal(err.message,
                        "52 subjects, 28 with the event, support 1 candidate parameters, not 3; "
                        "those need 120 subjects (Riley's criteria, R2 0.2)");
    assert_null(m);
    s.over_budget = "all three are in the protocol";
    m = NULL;
    f->columns[1].value[0] = 9; /* whatever: it is fitted now */
    assert_int_equal(stroma_model_fit(f, &s, &m, &err), STROMA_OK);
    assert_string_equal(m->budget.reason, s.over_budget);
    stroma_model_free(m);
    stroma_biomarker_frame_free(f);
}

static void refused(const stroma_biomarker_frame *f, const stroma_model_spec *s,
                    stroma_status status, const char *message)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_model *m = NULL;
    assert_int_equal(stroma_model_fit(f, s, &m, &err), status);
    assert_null(m);
    assert_string_equal(err.message, message);
}

static void test_refuses(void **state)
{
    (void)state;
    stroma_biomarker_frame *f = cohort_of(1, 60, 2);
    stroma_model_spec s = quick();
    f->columns[1].day = 28;
    refused(f, &s, STROMA_E_USAGE, "input \"b\" is of day 28, after the landmark (day 0)");
    s.landmark_day = s.outcome_day = 28;
    refused(f, &s, STROMA_E_USAGE, "the outcome is of day 28, not after the landmark (day 28)");
    s.outcome_day = 84;
    f->columns[1].name = "a";
    refused(f, &s, STROMA_E_USAGE, "input \"a\" is named twice");
    f->columns[1].name = "b";
    f->event = NULL;
    refused(f, &s, STROMA_E_USAGE, "the outcome \"responder\" is a number, not yes or no");
    f->event = "yes";
    for (size_t i = 0; i < f->n; i++)
        f->columns[1].value[i] = 3;
    refused(f, &s, STROMA_E_DEGENERATE, "input \"b\" does not vary");
    for (size_t i = 0; i < f->n; i++)
        f->columns[1].state[i] = STROMA_MISSING;
    refused(f, &s, STROMA_E_DEGENERATE,
            "0 of 0 subjects with all inputs have the event: a model needs both classes");
    for (size_t i = 0; i < f->n; i++) {
        f->outcome[i] = 1;
        f->columns[1].state[i] = STROMA_PRESENT;
    }
    refused(f, &s, STROMA_E_DEGENERATE,
            "60 of 60 subjects with all inputs have the event: a model needs both classes");
    stroma_biomarker_frame_free(f);
}

/* Censored values: R 4.2 survival::survreg(Surv(l, u, "interval2") ~ 1, dist = "gaussian"), of the
 * logarithms of 1.2, 3.4, <1, 2.2, <1, 5.6, <2, >8, 4.1, 2.7: 0.75663820745721, 1.03997862443236.
 */
static void test_censored_distribution(void **state)
{
    static const double x[] = { 1.2, 3.4, 1, 2.2, 1, 5.6, 2, 8, 4.1, 2.7 };
    (void)state;
    static const uint8_t s[] = { STROMA_PRESENT,     STROMA_PRESENT,     STROMA_BELOW_LIMIT,
                                 STROMA_PRESENT,     STROMA_BELOW_LIMIT, STROMA_PRESENT,
                                 STROMA_BELOW_LIMIT, STROMA_ABOVE_LIMIT, STROMA_PRESENT,
                                 STROMA_PRESENT };
    stroma_biomarker_frame *f = NULL;
    assert_int_equal(stroma_biomarker_frame_new(30, 1, &f, NULL), STROMA_OK);
    f->outcome_name = "responder";
    f->event = "yes";
    f->columns[0].name = "a";
    f->columns[0].log_scale = true;
    for (size_t i = 0; i < 30; i++) {
        f->subject[i] = "s";
        f->columns[0].value[i] = x[i % 10];
        f->columns[0].state[i] = s[i % 10];
        f->outcome[i] = (double)(i % 3 == 0);
    }
    const stroma_model_spec spec = quick();
    stroma_model *m = fit(f, &spec);
    const stroma_model_input *in = &m->inputs[0];
    assert_near(in->censored_mean, 0.75663820745721, 1e-8);
    assert_near(in->censored_sd, 1.03997862443236, 1e-8);
    assert_int_equal(in->below, 9);
    assert_int_equal(in->above, 3);
    /* mean of N(mean, sd) below ln 2, and its place in the prediction */
    stroma_predictor *q = NULL;
    stroma_prediction r;
    const stroma_predict_value v = { 2, STROMA_BELOW_LIMIT, 0 };
    assert_int_equal(stroma_predictor_new(m, 0.9, &q, NULL), STROMA_OK);
    assert_int_equal(stroma_predict(q, &v, &r, NULL), STROMA_OK);
    const double z = (log(2) - in->censored_mean) / in->censored_sd;
    const double want = in->censored_mean - in->censored_sd * exp(-z * z / 2) / sqrt(2 * acos(-1)) /
                                                (0.5 * erfc(-z / sqrt(2)));
    assert_near(log(r.inputs[0].used), want, 1e-9);
    assert_int_equal(r.inputs[0].treatment, STROMA_TREATED_BELOW);
    stroma_predictor_free(q);
    stroma_model_free(m);
    stroma_biomarker_frame_free(f);
}

static void test_file_round_trip(void **state)
{
    (void)state;
    for (int method = 0; method < 5; method++) {
        stroma_biomarker_frame *f = cohort_of(2, 60, 2);
        stroma_model_spec s = quick();
        s.method = (stroma_model_method)method;
        s.lambda = 0.05;
        s.expiry = "2027-01-31";
        f->columns[0].unit = "pg/mL";
        stroma_model *m = fit(f, &s), *again = NULL;
        stroma_buffer a, b;
        stroma_error err = STROMA_ERROR_INIT;
        text_of(m, &a);
        if (stroma_model_read(a.data, a.len, &again, &err) != STROMA_OK)
            fail_msg("%s: %s", err.context, err.message);
        text_of(again, &b);
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.data, b.data, a.len);
        stroma_buffer_clear(&a);
        stroma_buffer_clear(&b);
        stroma_model_free(m);
        stroma_model_free(again);
        stroma_biomarker_frame_free(f);
    }
}

/* Results do not depend on threads, and hardly on the order of rows. */
static void test_threads_and_rows(void **state)
{
    (void)state;
    stroma_biomarker_frame *f = cohort_of(3, 50, 2);
    stroma_model_spec s = quick();
    s.method = STROMA_MODEL_LASSO;
    stroma_model *one = fit(f, &s);
    s.threads = 4;
    stroma_model *four = fit(f, &s);
    stroma_buffer a, b;
    text_of(one, &a);
    text_of(four, &b);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    stroma_buffer_clear(&a);
    stroma_buffer_clear(&b);
    stroma_model_free(one);
    stroma_model_free(four);
    s.method = STROMA_MODEL_FIRTH;
    one = fit(f, &s);
    for (size_t i = 0; i < f->n / 2; i++) { /* the rows backwards */
        const size_t k = f->n - 1 - i;
        for (size_t j = 0; j < 2; j++) {
            const double v = f->columns[j].value[i];
            const uint8_t t = f->columns[j].state[i];
            f->columns[j].value[i] = f->columns[j].value[k];
            f->columns[j].state[i] = f->columns[j].state[k];
            f->columns[j].value[k] = v;
            f->columns[j].state[k] = t;
        }
        const double y = f->outcome[i];
        f->outcome[i] = f->outcome[k];
        f->outcome[k] = y;
    }
    four = fit(f, &s);
    for (size_t j = 0; j < 2; j++)
        assert_near(one->inputs[j].coefficient, four->inputs[j].coefficient, 1e-9);
    assert_near(one->intercept, four->intercept, 1e-8);
    stroma_model_free(one);
    stroma_model_free(four);
    stroma_biomarker_frame_free(f);
}

/* ng/mL instead of pg/mL: the same probabilities. */
static void test_units_do_not_matter(void **state)
{
    (void)state;
    stroma_biomarker_frame *f = cohort_of(4, 60, 3);
    const stroma_model_spec s = quick();
    stroma_model *m = fit(f, &s), *n = NULL;
    for (size_t i = 0; i < f->n; i++)
        for (size_t j = 0; j < 3; j++)
            f->columns[j].value[i] /= 1000;
    n = fit(f, &s);
    stroma_predictor *p = NULL, *q = NULL;
    assert_int_equal(stroma_predictor_new(m, 0.9, &p, NULL), STROMA_OK);
    assert_int_equal(stroma_predictor_new(n, 0.9, &q, NULL), STROMA_OK);
    for (size_t i = 0; i < f->n; i++) {
        stroma_predict_value v[3], w[3];
        stroma_prediction a, b;
        values_of(f, i, w);
        values_of(f, i, v);
        for (size_t j = 0; j < 3; j++)
            v[j].value *= 1000;
        assert_int_equal(stroma_predict(p, v, &a, NULL), STROMA_OK);
        assert_int_equal(stroma_predict(q, w, &b, NULL), STROMA_OK);
        assert_near(a.probability, b.probability, 1e-8);
        assert_near(a.lower, b.lower, 1e-7);
        assert_near(a.distance, b.distance, 1e-7);
    }
    stroma_predictor_free(p);
    stroma_predictor_free(q);
    stroma_model_free(m);
    stroma_model_free(n);
    stroma_biomarker_frame_free(f);
}

static stroma_prediction ask(stroma_predictor *q, const stroma_predict_value *v)
{
    stroma_prediction r;
    assert_int_equal(stroma_predict(q, v, &r, NULL), STROMA_OK);
    return r;
}

/* What is said to change the answer does, and nothing nearer. */
static void test_alternatives(void **state)
{
    (void)state;
    stroma_biomarker_frame *f = cohort_of(5, 120, 3);
    const stroma_model_spec s = quick();
    stroma_model *m = fit(f, &s);
    stroma_predictor *q = NULL, *other = NULL;
    assert_int_equal(stroma_predictor_new(m, 0.8, &q, NULL), STROMA_OK);
    assert_int_equal(stroma_predictor_new(m, 0.8, &other, NULL), STROMA_OK);
    size_t halves = 0, changes = 0;
    for (size_t i = 0; i < f->n; i++) {
        stroma_predict_value v[3];
        values_of(f, i, v);
        const stroma_prediction r = ask(q, v);
        for (size_t j = 0; j < 3; j++) {
            const stroma_predicted_input in = r.inputs[j];
            const stroma_predict_value kept = v[j];
            v[j] = (stroma_predict_value){ in.half_at, STROMA_PRESENT, 0 };
            if (isfinite(in.half_at)) {
                assert_near(ask(other, v).probability, 0.5, 1e-9);
                halves++;
            }
            /* a censored value may itself stand beyond the training range, and a change with it */
            if (isfinite(in.set_at) && in.treatment == STROMA_TREATED_MEASURED) {
                const double step = (in.set_above ? 1e-9 : -1e-9) * in.set_at;
                v[j].value = in.set_at + step;
                assert_int_equal(ask(other, v).set, in.set_becomes);
                /* unless that is the patient's own value, as of one who was in training */
                if (fabs(in.set_at / in.used - 1) < 1e-8) {
                    v[j] = kept;
                    continue;
                }
                v[j].value = in.set_at - step;
                assert_int_equal(ask(other, v).set, r.set);
                v[j].value = (in.set_at + in.used) / 2;
                assert_int_equal(ask(other, v).set, r.set);
                changes++;
            }
            v[j] = kept;
        }
    }
    assert_true(halves > 100);
    assert_true(changes > 100);
    stroma_predictor_free(q);
    stroma_predictor_free(other);
    stroma_model_free(m);
    stroma_biomarker_frame_free(f);
}

/* The distance of a training row from the others is that of a model without it. */
static void test_distance_leaves_out(void **state)
{
    enum { N = 12 };
    (void)state;
    stroma_biomarker_frame *f = cohort_of(6, N, 1);
    for (size_t i = 0; i < N; i++) { /* no censoring: the log is what enters */
        f->columns[0].state[i] = STROMA_PRESENT;
        f->columns[0].value[i] = exp((double)(i * i % 11) / 3);
        f->outcome[i] = (double)(i % 2);
    }
    const stroma_model_spec s = quick();
    stroma_model *m = fit(f, &s);
    double want[N];
    for (size_t i = 0; i < N; i++) {
        double sum = 0, squares = 0;
        for (size_t k = 0; k < N; k++)
            if (k != i) sum += log(f->columns[0].value[k]);
        const double mean = sum / (N - 1);
        for (size_t k = 0; k < N; k++)
            if (k != i) squares += pow(log(f->columns[0].value[k]) - mean, 2);
        want[i] = pow(log(f->columns[0].value[i]) - mean, 2) / (squares / (N - 2));
    }
    for (size_t i = 0; i < N; i++) /* ascending in the model */
        for (size_t k = i + 1; k < N; k++)
            if (want[k] < want[i]) {
                const double t = want[i];
                want[i] = want[k];
                want[k] = t;
            }
    assert_int_equal(m->distance_len, N);
    for (size_t i = 0; i < N; i++)
        assert_near(m->distance[i], want[i], 1e-9);
    stroma_model_free(m);
    stroma_biomarker_frame_free(f);
}

/* A missing input is expected from the others: of two standard normal ones r times the other. */
static void test_missing_inputs(void **state)
{
    (void)state;
    stroma_biomarker_frame *f = cohort_of(7, 80, 2);
    stroma_model_spec s = quick();
    stroma_prediction r;
    for (size_t i = 0; i < 80; i++) {
        f->columns[0].state[i] = STROMA_PRESENT;
        f->columns[0].value[i] = f->columns[1].value[i] * (1 + 0.5 * (double)(i % 3));
    }
    f->columns[1].state[3] = STROMA_NOT_DONE;
    f->columns[1].value[3] = NAN;
    static const stroma_model_missing rules[] = { STROMA_MODEL_MISSING_COMPLETE,
                                                  STROMA_MODEL_MISSING_MEDIAN,
                                                  STROMA_MODEL_MISSING_REGRESSION };
    for (size_t k = 0; k < 3; k++) {
        s.missing = rules[k];
        stroma_model *m = fit(f, &s);
        stroma_predictor *q = NULL;
        assert_int_equal(m->n, k == 0 ? 79 : 80);
        assert_int_equal(m->incomplete, k == 0 ? 1 : 0);
        assert_int_equal(stroma_predictor_new(m, 0.9, &q, NULL), STROMA_OK);
        stroma_predict_value v[2] = { { 4, STROMA_PRESENT, 0 }, { NAN, STROMA_MISSING, 0 } };
        r = ask(q, v);
        assert_int_equal(r.answered, k > 0);
        const stroma_model_input *a = &m->inputs[0], *b = &m->inputs[1];
        if (k == 0)
            assert_string_equal(r.reason, "b is missing, and the model has no rule for that");
        if (k == 1) assert_near(log(r.inputs[1].used), b->median, 1e-12);
        if (k == 2) {
            const double z = (log(4) - a->centre) / a->scale;
            const double rho = m->correlation[1] / m->correlation[0];
            assert_near(log(r.inputs[1].used), b->centre + b->scale * rho * z, 1e-9);
            /* what is not known of it makes the interval wider than if it had been measured */
            const double width = r.upper - r.lower;
            v[1] = (stroma_predict_value){ r.inputs[1].used, STROMA_PRESENT, 0 };
            r = ask(q, v);
            assert_true(r.upper - r.lower < width);
            v[0].state = v[1].state = STROMA_MISSING;
            r = ask(q, v);
            assert_string_equal(r.reason, "all inputs are missing");
        }
        stroma_predictor_free(q);
        stroma_model_free(m);
    }
    stroma_biomarker_frame_free(f);
}

/* Penalised, with the penalty chosen: better than nothing on this signal, every loop done. */
static void test_tuned(void **state)
{
    (void)state;
    stroma_biomarker_frame *f = cohort_of(8, 60, 3);
    stroma_model_spec s = quick();
    s.method = STROMA_MODEL_ELASTIC_NET;
    stroma_model *m = fit(f, &s);
    assert_true(m->lambda > 0 && m->inputs[0].coefficient > 0);
    assert_true(m->optimism.auc.value > 0.6 && m->optimism.auc.value < m->apparent.auc.value);
    assert_true(m->cv.auc.value > 0.55);
    assert_int_equal(m->optimism.failed, 0);
    assert_int_equal(m->draws_len, 20);
    assert_string_equal(m->draws_are, "bootstrap");
    assert_null(m->covariance);
    stroma_model_free(m);
    stroma_biomarker_frame_free(f);
}

/* Harrell's optimism of a Firth model, against that of maximum likelihood on the same data
 * (shared/data resampling.json: corrected AUC 0.82813, optimism 0.01063, Brier 0.16932, 5,000
 * resamples): the two models hardly differ at n = 113. Apparent AUC of Firth's model by Newton's
 * method in R: 0.8408. */
static void test_optimism_expected(void **state)
{
    static const char *const names[] = { "s100b", "wfns", "age" };
    (void)state;
    if (test_data("clinical/rdata/pROC_aSAH.csv") == NULL) skip();
    test_csv t = test_csv_read(test_data("clinical/rdata/pROC_aSAH.csv"));
    stroma_biomarker_frame *f = NULL;
    assert_int_equal(stroma_biomarker_frame_new(t.rows, 3, &f, NULL), STROMA_OK);
    f->outcome_name = "outcome";
    f->event = "Poor";
    for (size_t i = 0; i < t.rows; i++) {
        f->subject[i] = "s";
        f->outcome[i] = strcmp(test_csv_text(&t, i, "outcome"), "Poor") == 0;
        for (size_t j = 0; j < 3; j++) {
            f->columns[j].name = names[j];
            f->columns[j].value[i] = test_csv_number(&t, i, names[j]);
            f->columns[j].state[i] = STROMA_PRESENT;
        }
    }
    test_csv_free(&t);
    stroma_model_spec s = quick();
    s.bootstrap = 500;
    s.threads = 2;
    stroma_model *m = fit(f, &s);
    assert_true(fabs(m->apparent.auc.value - 0.8408) < 1e-4);
    assert_true(fabs(m->optimism.auc_optimism - 0.01063) < 0.006);
    assert_true(fabs(m->optimism.brier.value - 0.16932) < 0.004);
    stroma_model_free(m);
    stroma_biomarker_frame_free(f);
}

/* A cohort from a frame; free the values. */
static stroma_cohort as_cohort(const stroma_biomarker_frame *f, size_t from, size_t n,
                               stroma_predict_value **values)
{
    *values = calloc(n * f->columns_len, sizeof **values);
    assert_non_null(*values);
    for (size_t i = 0; i < n; i++)
        values_of(f, from + i, *values + i * f->columns_len);
    return (stroma_cohort){
        .source = "second.csv", .n = n, .values = *values, .outcome = f->outcome + from
    };
}

static void test_check_and_recalibrate(void **state)
{
    (void)state;
    stroma_biomarker_frame *f = cohort_of(9, 100, 2), *g = cohort_of(10, 400, 2);
    for (size_t i = 0; i < g->n; i++) /* a third of the responders do not respond here */
        if (i % 3 == 0) g->outcome[i] = 0;
    const stroma_model_spec s = quick();
    stroma_model *m = fit(f, &s);
    stroma_predict_value *v = NULL;
    const stroma_cohort c = as_cohort(g, 0, g->n, &v);
    stroma_revision r;
    stroma_buffer b;
    text_of(m, &b);
    const char *parent = m->sha256;
    assert_int_equal(stroma_model_check(m, &c, 0.95, &r, NULL), STROMA_OK);
    assert_true(r.performance.observed_expected.upper < 1);
    assert_true(r.advice == STROMA_ADVICE_SLOPE || r.advice == STROMA_ADVICE_INTERCEPT);
    assert_int_equal(stroma_model_add_validation(m, &c, &r, NULL), STROMA_OK);
    assert_int_equal(m->validations_len, 1);
    assert_int_equal(m->version, 1);
    assert_string_equal(m->parent, parent);
    stroma_buffer_clear(&b);
    text_of(m, &b);
    assert_int_equal(stroma_model_recalibrate(m, &c, false, NULL), STROMA_OK);
    assert_int_equal(m->version, 2);
    assert_int_equal(stroma_model_check(m, &c, 0.95, &r, NULL), STROMA_OK);
    assert_true(fabs(r.performance.intercept.value) < 1e-6);
    stroma_buffer_clear(&b);
    text_of(m, &b);
    assert_int_equal(stroma_model_recalibrate(m, &c, true, NULL), STROMA_OK);
    assert_int_equal(stroma_model_check(m, &c, 0.95, &r, NULL), STROMA_OK);
    assert_near(r.performance.slope.value, 1, 1e-6);
    assert_int_equal(m->version, 3);
    /* the training file is no second cohort */
    stroma_error err = STROMA_ERROR_INIT;
    stroma_cohort same = c;
    same.sha256 = m->training_sha256 =
        "0000000000000000000000000000000000000000000000000000000000000000";
    assert_int_equal(stroma_model_check(m, &same, 0.95, &r, &err), STROMA_E_INCONSISTENT);
    assert_string_equal(err.message, "the model has learned from these patients already");
    stroma_buffer_clear(&b);
    stroma_model_free(m);
    stroma_biomarker_frame_free(f);
    stroma_biomarker_frame_free(g);
    free(v);
}

/* S3-76: patients that come in later. Learning in two steps is learning in one, up to the normal
 * approximation; and with many patients the prior does not matter: the truth of cohort_of() is
 * found. */
static void test_update(void **state)
{
    (void)state;
    stroma_biomarker_frame *f = cohort_of(11, 60, 2), *g = cohort_of(12, 1500, 2);
    stroma_model_spec s = quick();
    s.method = STROMA_MODEL_BAYES;
    stroma_model *once = fit(f, &s), *twice = fit(f, &s);
    stroma_predict_value *all = NULL, *first = NULL, *rest = NULL;
    const stroma_cohort c = as_cohort(g, 0, 1500, &all), a = as_cohort(g, 0, 700, &first),
                        b = as_cohort(g, 700, 800, &rest);
    stroma_buffer t;
    text_of(twice, &t);
    stroma_buffer_clear(&t);
    assert_int_equal(stroma_model_update(once, &c, NULL), STROMA_OK);
    assert_int_equal(stroma_model_update(twice, &a, NULL), STROMA_OK);
    assert_int_equal(stroma_model_update(twice, &b, NULL), STROMA_OK);
    for (size_t j = 0; j < 2; j++) {
        const stroma_model_input *in = &once->inputs[j];
        assert_true(fabs(in->coefficient - twice->inputs[j].coefficient) < 0.02);
        const double want = (j == 0 ? 1.2 : 0.4) * in->scale;
        assert_true(in->lower < want && want < in->upper);
        assert_true(in->upper - in->lower < 0.5);
    }
    assert_int_equal(once->n, 1560);
    assert_int_equal(once->added, 1500);
    assert_int_equal(twice->version, 3);
    assert_int_equal(twice->validations_len, 2);
    assert_int_equal(once->calibration_len, 1560);
    text_of(twice, &t); /* and it can be read again */
    stroma_model *again = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    twice->parent = "0000000000000000000000000000000000000000000000000000000000000000";
    stroma_buffer_clear(&t);
    text_of(twice, &t);
    if (stroma_model_read(t.data, t.len, &again, &err) != STROMA_OK) fail_msg("%s", err.message);
    stroma_buffer_clear(&t);
    stroma_model_free(again);
    stroma_model_free(once);
    stroma_model_free(twice);
    stroma_biomarker_frame_free(f);
    stroma_biomarker_frame_free(g);
    free(all);
    free(first);
    free(rest);
}

static void test_bridge(void **state)
{
    enum { N = 40 };
    (void)state;
    double x[N], y[N];
    stroma_random g;
    stroma_random_init(&g, 13, 1, 1);
    for (size_t i = 0; i < N; i++) {
        const double t = exp(stroma_random_normal(&g));
        x[i] = 1.5 * t * exp(0.05 * stroma_random_normal(&g));
        y[i] = t * exp(0.05 * stroma_random_normal(&g));
    }
    stroma_bridge_spec s = { .input = "a",
                             .from_assay = "ELISA",
                             .to_assay = "Luminex",
                             .deming = STROMA_DEMING_OPTIONS_INIT };
    s.deming.scale = STROMA_SCALE_LOG;
    stroma_bridge *b = NULL, *again = NULL;
    assert_int_equal(stroma_bridge_fit(&s, x, y, N, &b, NULL), STROMA_OK);
    stroma_buffer t;
    stroma_buffer_init(&t, 1 << 16);
    assert_int_equal(stroma_bridge_write(b, &t, NULL), STROMA_OK);
    assert_int_equal(stroma_bridge_read(t.data, t.len, &again, NULL), STROMA_OK);
    double value = 0, variance = 0, other = 0, other_variance = 0;
    bool out = false;
    assert_true(stroma_bridge_convert(b, 3, &value, &variance, &out));
    assert_true(stroma_bridge_convert(again, 3, &other, &other_variance, &out));
    assert_true(value == other && variance == other_variance);
    assert_true(fabs(value - 2) < 0.1 && !out);
    /* a reading by one carries the errors of two: 0.05·√2 of the value */
    assert_true(fabs(sqrt(variance) / value - 0.0707) < 0.02);
    assert_true(stroma_bridge_convert(b, 1e4, &value, &variance, &out));
    assert_true(out);
    assert_false(stroma_bridge_convert(b, -1, &value, &variance, &out));
    t.data[60] ^= 1;
    stroma_bridge *none = NULL;
    assert_int_not_equal(stroma_bridge_read(t.data, t.len, &none, NULL), STROMA_OK);
    assert_null(none);
    stroma_buffer_clear(&t);
    stroma_bridge_free(b);
    stroma_bridge_free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a5_firth),
        cmocka_unit_test(test_s3_riley_refuses),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_censored_distribution),
        cmocka_unit_test(test_file_round_trip),
        cmocka_unit_test(test_threads_and_rows),
        cmocka_unit_test(test_units_do_not_matter),
        cmocka_unit_test(test_alternatives),
        cmocka_unit_test(test_distance_leaves_out),
        cmocka_unit_test(test_missing_inputs),
        cmocka_unit_test(test_tuned),
        cmocka_unit_test(test_optimism_expected),
        cmocka_unit_test(test_check_and_recalibrate),
        cmocka_unit_test(test_update),
        cmocka_unit_test(test_bridge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
