/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_small.h"

#include "stroma/memory.h"

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
        assert_int_equal(
            stroma_cox_proportional(d, m, (stroma_cox_clock)c, term, 3, out, NULL), STROMA_OK);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_as_in_r),
    };
    return cmocka_run_group_tests_name("cox", tests, setup, teardown);
}
