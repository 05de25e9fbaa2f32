/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_small.h"

#include "stroma/memory.h"
#include "stroma/random.h"

static small_data small;
static test_csv reference;

static int setup(void **state)
{
    (void)state;
    small_read(&small);
    reference = test_csv_read(test_source("tests/reference/survival.csv"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_csv_free(&reference);
    return 0;
}

static stroma_cox_data cox_data(void)
{
    return (stroma_cox_data){ .times = small_times(&small), .design = &small.design };
}

static stroma_cox_model *fit(const stroma_cox_data *d, const stroma_cox_options *o)
{
    stroma_cox_model *m = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_cox_fit(d, o, &m, &err) != STROMA_OK) fail_msg("%s", err.message);
    return m;
}

static void check_model(const char *name, const stroma_cox_model *m)
{
    char what[64];
    assert_string_equal(m->reason, "");
    for (size_t k = 0; k < m->columns; k++) {
        (void)snprintf(what, sizeof what, "b%zu", k);
        small_check(&reference, name, what, m->coefficients[k], 1e-9);
        (void)snprintf(what, sizeof what, "v%zu", k);
        small_check(&reference, name, what, m->covariance[k * (m->columns + 1)], 1e-9);
        (void)snprintf(what, sizeof what, "se%zu", k);
        small_check(&reference, name, what, m->se[k], 1e-9);
    }
    small_check(&reference, name, "ll0", m->log_likelihood_null, 1e-12);
    small_check(&reference, name, "ll1", m->log_likelihood, 1e-12);
    small_check(&reference, name, "score", m->score.statistic, 1e-10);
    small_check(&reference, name, "wald", m->wald.statistic, 1e-9);
    small_check(&reference, name, "c", m->concordance.estimate, 1e-12);
    small_check(&reference, name, "c se", m->concordance.se, 1e-10);
}

static void check_proportional(const char *name, const stroma_cox_data *d,
                               const stroma_cox_model *m)
{
    static const size_t term[] = { 0, 0, 1, 2 };
    for (int c = 0; c < STROMA_COX_CLOCKS; c++) {
        stroma_stat out[4];
        char what[64];
        assert_int_equal(stroma_cox_proportional(d, m, (stroma_cox_clock)c, term, 3, out, NULL),
                         STROMA_OK);
        for (size_t t = 0; t < 4; t++) {
            (void)snprintf(what, sizeof what, "zph %s%zu",
                           stroma_cox_clock_name((stroma_cox_clock)c), t);
            if (isnan(small_want(&reference, name, what))) continue;
            small_check(&reference, name, what, out[t].statistic, 1e-8);
        }
    }
}

static void check_survival(const char *name, const stroma_cox_data *d, const stroma_cox_model *m)
{
    static const double x[] = { 1, 0, 0.7, 1 }, times[] = { 3, 8, 14 };
    stroma_cox_step *steps = NULL;
    size_t n = 0;
    if (isnan(small_want(&reference, name, "S0"))) return;
    assert_int_equal(stroma_cox_survival(d, m, x, STROMA_SURVIVAL_LOG_LOG, &steps, &n, NULL),
                     STROMA_OK);
    for (size_t i = 0; i < 3; i++) {
        char what[64];
        size_t k = 0;
        while (k + 1 < n && steps[k + 1].time <= times[i])
            k++;
        const double got[] = { steps[k].survival, steps[k].survival * steps[k].hazard_se,
                               steps[k].lower, steps[k].upper };
        static const char *const parts[] = { "", " se", " lo", " hi" };
        for (size_t p = 0; p < 4; p++) {
            (void)snprintf(what, sizeof what, "S%zu%s", i, parts[p]);
            small_check(&reference, name, what, got[p], 1e-8);
        }
    }
    stroma_free(steps);
}

/* coxph, cox.zph, survfit of R's survival 3.5-3: estimates 1e-9, likelihoods 1e-12. */
static void models_as_in_r(void **state)
{
    static const char *const kinds[] = { "", " late", " strata", " all", " cluster" };
    (void)state;
    for (int breslow = 0; breslow < 2; breslow++)
        for (size_t k = 0; k < 5; k++) {
            stroma_cox_data d = cox_data();
            stroma_cox_options o = STROMA_COX_OPTIONS_INIT;
            char name[64];
            o.ties = breslow ? STROMA_COX_BRESLOW : STROMA_COX_EFRON;
            if (k == 1 || k == 3) d.times.start = small.start;
            if (k == 2 || k == 3) {
                d.times.stratum = small.site;
                d.times.strata = 4;
            }
            if (k >= 3) {
                d.cluster = small.id;
                d.clusters = 30;
            }
            (void)snprintf(name, sizeof name, "%s%s", breslow ? "breslow" : "efron", kinds[k]);
            stroma_cox_model *m = fit(&d, &o);
            check_model(name, m);
            check_proportional(name, &d, m);
            check_survival(name, &d, m);
            stroma_cox_free(m);
        }
}

/* A factor as a whole: for one coefficient z², for all of them the model's test. */
static void joint_tests(void **state)
{
    (void)state;
    static const size_t arm[] = { 0, 1 }, all[] = { 0, 1, 2, 3 }, beyond[] = { 4 };
    const stroma_cox_data d = cox_data();
    stroma_cox_model *m = fit(&d, NULL);
    stroma_stat s;
    assert_int_equal(stroma_cox_joint_test(m, all + 2, 1, &s, NULL), STROMA_OK);
    assert_near(s.statistic, m->terms[2].statistic * m->terms[2].statistic, 1e-12);
    assert_near(s.p, m->terms[2].p, 1e-12);
    assert_int_equal(stroma_cox_joint_test(m, all, 4, &s, NULL), STROMA_OK);
    small_check(&reference, "efron", "wald", s.statistic, 1e-9);
    assert_int_equal(stroma_cox_joint_test(m, arm, 2, &s, NULL), STROMA_OK);
    small_check(&reference, "efron", "wald arm", s.statistic, 1e-9);
    assert_true(s.df == 2);
    assert_int_equal(stroma_cox_joint_test(m, beyond, 1, &s, NULL), STROMA_E_USAGE);
    stroma_cox_free(m);
}

static void profile_limits(void **state)
{
    (void)state;
    const stroma_cox_data d = cox_data();
    stroma_cox_options o = STROMA_COX_OPTIONS_INIT;
    o.interval = STROMA_COX_PROFILE;
    stroma_cox_model *m = fit(&d, &o);
    small_check(&reference, "profile", "lo", m->terms[2].lower, 1e-7);
    small_check(&reference, "profile", "hi", m->terms[2].upper, 1e-7);
    assert_string_equal(m->terms[2].interval_method, "profile likelihood");
    stroma_cox_free(m);
}

/* R has no package for it here: R's own likelihood and information, maximised by optim (1e-5). */
static void firth(void **state)
{
    (void)state;
    stroma_design two = small.design;
    two.columns = 2;
    two.x = small.design.x + 2 * SMALL_N;
    stroma_cox_data d = cox_data();
    d.design = &two;
    for (int breslow = 0; breslow < 2; breslow++) {
        stroma_cox_options o = STROMA_COX_OPTIONS_INIT;
        const char *name = breslow ? "firth breslow" : "firth efron";
        o.ties = breslow ? STROMA_COX_BRESLOW : STROMA_COX_EFRON;
        o.firth = true;
        o.interval = STROMA_COX_PROFILE;
        stroma_cox_model *m = fit(&d, &o);
        small_check(&reference, name, "b0", m->coefficients[0], 1e-5);
        small_check(&reference, name, "b1", m->coefficients[1], 1e-5);
        small_check(&reference, name, "lr", m->likelihood_ratio.statistic, 1e-8);
        assert_false(m->monotone);
        assert_true(m->terms[0].lower < m->coefficients[0] && m->terms[0].p < 1);
        stroma_cox_free(m);
    }
}

/* Nobody with z = 1 fails: no hazard ratio of e^-20, but the word, and Firth's estimate. */
static void monotone(void **state)
{
    (void)state;
    static uint32_t event[SMALL_N];
    stroma_cox_data d = cox_data();
    for (size_t i = 0; i < SMALL_N; i++)
        event[i] = small.z[i] > 0 ? 0 : small.status[i];
    d.times.event = event;
    stroma_cox_model *m = fit(&d, NULL);
    assert_true(m->monotone && m->reason[0] != '\0');
    assert_true(m->infinite[3] && !m->infinite[0] && !m->infinite[1] && !m->infinite[2]);
    assert_true(isnan(m->coefficients[3]) && m->terms[3].not_estimable);
    assert_true(isfinite(m->score.p) && isfinite(m->likelihood_ratio.p));
    stroma_stat trend[5];
    assert_int_equal(stroma_cox_proportional(&d, m, STROMA_COX_CLOCK_KM, NULL, 0, trend, NULL),
                     STROMA_OK);
    assert_true(trend[4].not_estimable);
    stroma_cox_free(m);
    stroma_design two = small.design;
    two.columns = 2;
    two.x = small.design.x + 2 * SMALL_N;
    d.design = &two;
    stroma_cox_options o = STROMA_COX_OPTIONS_INIT;
    o.firth = true;
    o.interval = STROMA_COX_PROFILE;
    m = fit(&d, &o);
    assert_true(m->monotone && m->infinite[1] && !m->infinite[0]);
    small_check(&reference, "firth monotone", "b0", m->coefficients[0], 1e-5);
    small_check(&reference, "firth monotone", "b1", m->coefficients[1], 1e-5);
    small_check(&reference, "firth monotone", "lr", m->likelihood_ratio.statistic, 1e-8);
    assert_true(m->terms[1].p < 0.001 && m->terms[1].upper < 0);
    stroma_cox_free(m);
}

/* Two columns that separate only together; and with delayed entry, where the risk sets decide. */
static void monotone_in_a_combination(void **state)
{
    (void)state;
    double x[] = { 5, 4, 3, 2, 1, 0, /* */ 1, -3, 2, 7, 0, 1 };
    for (size_t i = 0; i < 6; i++)
        x[i] -= x[6 + i] / 2; /* x + y/2 orders the failures perfectly */
    const double stop[] = { 1, 2, 3, 4, 5, 6 }, start[] = { 0, 0.5, 0, 2, 0, 1 };
    const uint32_t event[] = { 1, 1, 1, 1, 1, 1 };
    const stroma_design design = { .rows = 6, .columns = 2, .x = x };
    for (int late = 0; late < 2; late++) {
        const stroma_cox_data d = {
            .times = { .n = 6, .start = late ? start : NULL, .stop = stop, .event = event },
            .design = &design
        };
        stroma_cox_model *m = fit(&d, NULL);
        assert_true(m->monotone && m->infinite[0] && m->infinite[1]);
        stroma_cox_free(m);
    }
}

/* A column that varies only between strata, a constant and a copy have no coefficient. */
static void aliased_columns(void **state)
{
    (void)state;
    static double x[4 * SMALL_N];
    for (size_t i = 0; i < SMALL_N; i++) {
        x[i] = 1;
        x[SMALL_N + i] = small.x[i];
        x[2 * SMALL_N + i] = 3 - 2 * small.x[i];
        x[3 * SMALL_N + i] = (double)small.site[i];
    }
    const stroma_design design = { .rows = SMALL_N, .columns = 4, .x = x };
    stroma_cox_data d = cox_data();
    d.design = &design;
    d.times.stratum = small.site;
    d.times.strata = 4;
    stroma_cox_model *m = fit(&d, NULL);
    assert_int_equal(m->rank, 1);
    assert_true(m->aliased[0] && !m->aliased[1] && m->aliased[2] && m->aliased[3]);
    assert_true(isnan(m->coefficients[3]) && m->terms[3].not_estimable);
    assert_true(isfinite(m->coefficients[1]));
    stroma_cox_free(m);
}

enum { TINY = 9 };
typedef struct tiny {
    double x[2 * TINY], start[TINY], stop[TINY];
    uint32_t event[TINY];
    size_t site[TINY];
    stroma_design design;
    stroma_cox_data cox;
} tiny;

static void tiny_draw(tiny *t, uint64_t index)
{
    stroma_random r;
    stroma_random_init(&r, 11, stroma_random_stream("tiny_cox"), index);
    for (size_t i = 0; i < TINY; i++) {
        t->x[i] = floor(3 * stroma_random_uniform(&r));
        t->x[TINY + i] = floor(3 * stroma_random_uniform(&r));
        t->stop[i] = 1 + floor(6 * stroma_random_uniform(&r));
        t->start[i] = t->stop[i] - 1 - floor(4 * stroma_random_uniform(&r));
        t->event[i] = i == 0 || stroma_random_uniform(&r) < 0.5;
        t->site[i] = i % 2;
    }
    t->design = (stroma_design){ .rows = TINY, .columns = 2, .x = t->x };
    t->cox = (stroma_cox_data){ .times = { .n = TINY, .stop = t->stop, .event = t->event },
                                .design = &t->design };
    if (index % 2 == 1) t->cox.times.start = t->start;
    if (index % 3 == 1) {
        t->cox.times.stratum = t->site;
        t->cox.times.strata = 2;
    }
}

/* Does (a, b) favour who fails over everybody at risk, and somebody strictly? */
static bool favours(const tiny *t, double a, double b)
{
    bool strict = false;
    const stroma_survival_data *d = &t->cox.times;
    for (size_t i = 0; i < TINY; i++)
        for (size_t k = 0; k < TINY; k++) {
            if (t->event[i] == 0 || t->stop[k] < t->stop[i]) continue;
            if (d->start != NULL && t->start[k] >= t->stop[i]) continue;
            if (d->stratum != NULL && t->site[i] != t->site[k]) continue;
            const double gap = a * (t->x[i] - t->x[k]) + b * (t->x[TINY + i] - t->x[TINY + k]);
            if (gap < 0) return false;
            strict = strict || gap > 0;
        }
    return strict;
}

/* Values are 0, 1, 2: whatever cone of directions there is holds one of these whole numbers. */
static bool runs_away(const tiny *t)
{
    for (int a = -8; a <= 8; a++)
        for (int b = -8; b <= 8; b++)
            if (favours(t, a, b)) return true;
    return false;
}

/* 3,000 tiny data sets, ties, strata and delayed entry: a likelihood without maximum is called so
 * exactly when there is a direction, by trying them all; else there are finite estimates. Firth's
 * estimates exist in both. */
static void monotone_when_it_is(void **state)
{
    (void)state;
    size_t away = 0, fitted = 0;
    for (uint64_t k = 0; k < 3000; k++) {
        static tiny t;
        stroma_cox_model *m = NULL;
        tiny_draw(&t, k);
        const stroma_status s = stroma_cox_fit(&t.cox, NULL, &m, NULL);
        if (s == STROMA_E_DEGENERATE) continue; /* nothing varies where somebody fails */
        assert_int_equal(s, STROMA_OK);
        const bool want = runs_away(&t);
        if (m->monotone != want || (m->reason[0] != '\0') != want)
            fail_msg("set %u: %s, wanted %d", (unsigned)k, m->reason, want);
        for (size_t c = 0; c < 2; c++)
            assert_true(want || m->aliased[c] ? isnan(m->coefficients[c])
                                              : isfinite(m->coefficients[c]) && m->se[c] > 0);
        *(want ? &away : &fitted) += 1;
        stroma_cox_free(m);
        const stroma_cox_options firth = { STROMA_COX_EFRON, true, STROMA_COX_WALD, 0.95 };
        m = fit(&t.cox, &firth);
        if (m->reason[0] != '\0') fail_msg("set %u: Firth: %s", (unsigned)k, m->reason);
        stroma_cox_free(m);
    }
    print_message("# %zu without a maximum, %zu with one\n", away, fitted);
    assert_true(away > 500 && fitted > 500);
}

/* Primary biliary cirrhosis, repeated bilirubin as a time-varying covariate, robust by patient: R's
 * coxph and cox.zph, survival 3.5-3 (1e-8). */
static void repeated_measurements(void **state)
{
    (void)state;
    enum { VISITS = 1945 };
    static double start[VISITS], stop[VISITS], x[3 * VISITS];
    static uint32_t event[VISITS];
    static size_t id[VISITS];
    if (test_data("cohorts/pbcseq.csv") == NULL) skip();
    test_csv t = test_csv_read(test_data("cohorts/pbcseq.csv"));
    assert_int_equal(t.rows, VISITS);
    for (size_t i = 0; i < t.rows; i++) {
        const bool last =
            i + 1 == t.rows || test_csv_number(&t, i, "id") != test_csv_number(&t, i + 1, "id");
        id[i] = (size_t)test_csv_number(&t, i, "id");
        start[i] = test_csv_number(&t, i, "day");
        stop[i] = last ? test_csv_number(&t, i, "futime") : test_csv_number(&t, i + 1, "day");
        event[i] = last && test_csv_number(&t, i, "status") == 2;
        x[i] = log(test_csv_number(&t, i, "bili"));
        x[VISITS + i] = test_csv_number(&t, i, "age");
        x[2 * VISITS + i] = test_csv_number(&t, i, "edema");
    }
    test_csv_free(&t);
    const stroma_design design = { .rows = VISITS, .columns = 3, .x = x };
    const stroma_cox_data d = {
        .times = { .n = VISITS, .start = start, .stop = stop, .event = event },
        .design = &design,
        .cluster = id,
        .clusters = 400
    };
    static const double b[] = { 1.29507831076, 0.05689307887, 1.31190156454 },
                        se[] = { 0.12526820991, 0.01183152131, 0.22858169895 },
                        zph[] = { 0.6154, 0.0202, 6.0954, 6.8389 };
    stroma_cox_model *m = fit(&d, NULL);
    stroma_stat trend[4];
    assert_int_equal(stroma_cox_proportional(&d, m, STROMA_COX_CLOCK_KM, NULL, 0, trend, NULL),
                     STROMA_OK);
    for (size_t k = 0; k < 4; k++) {
        assert_true(fabs(trend[k].statistic - zph[k]) < 5.1e-5); /* as printed */
        if (k == 3) continue;
        assert_near(m->coefficients[k], b[k], 1e-8);
        assert_near(m->se[k], se[k], 1e-8);
    }
    assert_true(fabs(m->concordance.estimate - 0.8991626) < 5e-8);
    assert_true(fabs(m->concordance.se - 0.01310205) < 5e-9);
    stroma_cox_free(m);
}

static void refused(void **state)
{
    (void)state;
    static uint32_t nobody[SMALL_N];
    stroma_cox_model *m = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_cox_data d = cox_data();
    d.times.event = nobody;
    assert_int_equal(stroma_cox_fit(&d, NULL, &m, &err), STROMA_E_DEGENERATE);
    assert_string_equal(err.message, "no row has the event");
    stroma_cox_options o = STROMA_COX_OPTIONS_INIT;
    d = cox_data();
    d.cluster = small.id;
    d.clusters = 30;
    o.firth = true;
    assert_int_equal(stroma_cox_fit(&d, &o, &m, &err), STROMA_E_USAGE);
    assert_string_equal(err.message,
                        "rows of one cluster have no joint likelihood: Firth's penalty "
                        "has no robust variance");
    static double ones[SMALL_N];
    const stroma_design constant = { .rows = SMALL_N, .columns = 1, .x = ones };
    d = cox_data();
    d.design = &constant;
    assert_int_equal(stroma_cox_fit(&d, NULL, &m, &err), STROMA_E_DEGENERATE);
    ones[3] = NAN;
    assert_int_equal(stroma_cox_fit(&d, NULL, &m, &err), STROMA_E_USAGE);
    assert_null(m);
}

/* Columns on other scales and rows in other order give the same model. */
static void shuffled_and_rescaled(void **state)
{
    (void)state;
    static double x[4 * SMALL_N], stop[SMALL_N], start[SMALL_N];
    static uint32_t event[SMALL_N];
    for (size_t i = 0; i < SMALL_N; i++) {
        const size_t from = (i * 17 + 5) % SMALL_N;
        stop[i] = small.stop[from] * 24;
        start[i] = small.start[from] * 24;
        event[i] = small.status[from];
        for (size_t k = 0; k < 4; k++)
            x[k * SMALL_N + i] = 1e6 + 1e3 * small.columns[k * SMALL_N + from];
    }
    const stroma_design design = { .rows = SMALL_N, .columns = 4, .x = x };
    stroma_cox_data d = cox_data(),
                    e = { .times = { .n = SMALL_N, .start = start, .stop = stop, .event = event },
                          .design = &design };
    d.times.start = small.start;
    stroma_cox_model *a = fit(&d, NULL), *b = fit(&e, NULL);
    for (size_t k = 0; k < 4; k++) {
        assert_near(1e3 * b->coefficients[k], a->coefficients[k], 1e-8);
        assert_near(1e3 * b->se[k], a->se[k], 1e-8);
    }
    assert_near(b->log_likelihood, a->log_likelihood, 1e-12);
    assert_near(b->concordance.estimate, a->concordance.estimate, 1e-13);
    stroma_cox_free(a);
    stroma_cox_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_as_in_r),
        cmocka_unit_test(joint_tests),
        cmocka_unit_test(profile_limits),
        cmocka_unit_test(firth),
        cmocka_unit_test(monotone),
        cmocka_unit_test(monotone_in_a_combination),
        cmocka_unit_test(aliased_columns),
        cmocka_unit_test(monotone_when_it_is),
        cmocka_unit_test(repeated_measurements),
        cmocka_unit_test(refused),
        cmocka_unit_test(shuffled_and_rescaled),
    };
    return cmocka_run_group_tests_name("cox", tests, setup, teardown);
}
