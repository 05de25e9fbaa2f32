/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_small.h"

#include "stroma/random.h"
#include "stroma/table_read.h"

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

static stroma_survival_curves *curves_of(const stroma_survival_data *d, stroma_survival_scale scale)
{
    const stroma_survival_options o = { scale, 0.95 };
    stroma_survival_curves *c = NULL;
    assert_int_equal(stroma_survival_curves_fit(d, &o, &c, NULL), STROMA_OK);
    return c;
}

static void check_curve(const char *name, char group, const stroma_survival_curve *c)
{
    static const double times[] = { 3, 7.5, 12 }, parts[] = { 0.25, 0.5, 0.75 };
    char what[64];
    for (size_t i = 0; i < 3; i++) {
        const stroma_stat s = stroma_survival_at(c, times[i]);
        (void)snprintf(what, sizeof what, "%c@%g n", group, times[i]);
        if (isnan(small_want(&reference, name, what))) {
            assert_true(s.not_estimable || isnan(s.se));
            continue;
        }
        small_check(&reference, name, what, (double)s.n_used, 0);
        (void)snprintf(what, sizeof what, "%c@%g s", group, times[i]);
        small_check(&reference, name, what, s.estimate, 1e-13);
        (void)snprintf(what, sizeof what, "%c@%g se", group, times[i]);
        small_check(&reference, name, what, s.se, 1e-12);
        (void)snprintf(what, sizeof what, "%c@%g lo", group, times[i]);
        small_check(&reference, name, what, s.lower, 1e-12);
        (void)snprintf(what, sizeof what, "%c@%g hi", group, times[i]);
        small_check(&reference, name, what, s.upper, 1e-12);
    }
    for (size_t i = 0; i < 3; i++) {
        const stroma_stat s = stroma_survival_quantile(c, parts[i]);
        (void)snprintf(what, sizeof what, "%c q%g", group, 100 * parts[i]);
        small_check(&reference, name, what, s.estimate, 0);
        (void)snprintf(what, sizeof what, "%c q%g lo", group, 100 * parts[i]);
        small_check(&reference, name, what, s.lower, 0);
        (void)snprintf(what, sizeof what, "%c q%g hi", group, 100 * parts[i]);
        small_check(&reference, name, what, s.upper, 0);
    }
    const stroma_stat m = stroma_survival_mean(c, 15);
    if (m.not_estimable) return; /* R draws the curve on, flat, beyond the last subject */
    (void)snprintf(what, sizeof what, "%c rmst", group);
    small_check(&reference, name, what, m.estimate, 1e-13);
    (void)snprintf(what, sizeof what, "%c rmst se", group);
    small_check(&reference, name, what, m.se, 1e-12);
}

/* R's survfit, quantile and restricted mean: 1e-12. */
static void curves_as_in_r(void **state)
{
    static const char *const names[] = { "km loglog", "km log", "km plain" };
    (void)state;
    const stroma_survival_data d = small_times(&small);
    size_t means = 0;
    for (int scale = 0; scale < STROMA_SURVIVAL_SCALES; scale++) {
        stroma_survival_curves *c = curves_of(&d, (stroma_survival_scale)scale);
        assert_int_equal(c->curves_len, 3);
        for (size_t g = 0; g < 3; g++) {
            check_curve(names[scale], (char)('a' + g), &c->curves[g]);
            means += !stroma_survival_mean(&c->curves[g], 15).not_estimable;
        }
        stroma_survival_curves_free(c);
    }
    assert_true(means > 0);
}

static void delayed_entry(void **state)
{
    static const double times[] = { 2, 5, 11 };
    char what[64];
    (void)state;
    stroma_survival_data d = small_times(&small);
    d.start = small.start;
    d.group = NULL;
    d.groups = 0;
    stroma_survival_curves *c = curves_of(&d, STROMA_SURVIVAL_LOG_LOG);
    for (size_t i = 0; i < 3; i++) {
        const stroma_stat s = stroma_survival_at(&c->curves[0], times[i]);
        (void)snprintf(what, sizeof what, "@%g n", times[i]);
        if (!isnan(small_want(&reference, "late", what)))
            small_check(&reference, "late", what, (double)s.n_used, 0);
        (void)snprintf(what, sizeof what, "@%g s", times[i]);
        small_check(&reference, "late", what, s.estimate, 1e-13);
        (void)snprintf(what, sizeof what, "@%g se", times[i]);
        small_check(&reference, "late", what, s.se, 1e-12);
    }
    stroma_survival_curves_free(c);
}

static void tests_as_in_r(void **state)
{
    static const double rhos[] = { 0, 1, 0.5 };
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char name[64], what[64];
        stroma_survival_data d = small_times(&small);
        double o[3], e[3];
        stroma_stat s;
        (void)snprintf(name, sizeof name, "test %g", rhos[i]);
        assert_int_equal(stroma_survival_test(&d, rhos[i], o, e, &s, NULL), STROMA_OK);
        small_check(&reference, name, "chi2", s.statistic, 1e-12);
        assert_true(s.df == 2);
        for (size_t g = 0; g < 3; g++) {
            (void)snprintf(what, sizeof what, "o%zu", g);
            small_check(&reference, name, what, o[g], 1e-13);
            (void)snprintf(what, sizeof what, "e%zu", g);
            small_check(&reference, name, what, e[g], 1e-12);
        }
        d.stratum = small.site;
        d.strata = 4;
        (void)snprintf(name, sizeof name, "strata test %g", rhos[i]);
        assert_int_equal(stroma_survival_test(&d, rhos[i], NULL, NULL, &s, NULL), STROMA_OK);
        small_check(&reference, name, "chi2", s.statistic, 1e-12);
    }
}

/* Aalen-Johansen by survfit (infinitesimal jackknife), Gray's test by cmprsk. */
static void competing_as_in_r(void **state)
{
    static const double times[] = { 3, 7.5, 12 };
    char what[64];
    size_t checked = 0;
    (void)state;
    stroma_survival_data d = small_times(&small);
    d.event = small.cause;
    stroma_incidence_curves *c = NULL;
    assert_int_equal(stroma_incidence_fit(&d, 1, NULL, &c, NULL), STROMA_OK);
    for (size_t g = 0; g < 3; g++)
        for (size_t i = 0; i < 3; i++) {
            const stroma_stat s = stroma_incidence_at(&c->curves[g], times[i]);
            const double got[] = { s.estimate, s.se, s.lower, s.upper };
            static const char *const parts[] = { "p", "se", "lo", "hi" };
            for (size_t k = 0; k < 4 && !s.not_estimable; k++, checked++) {
                (void)snprintf(what, sizeof what, "%c@%g %s", (char)('a' + g), times[i], parts[k]);
                small_check(&reference, "cuminc", what, got[k], 1e-12);
            }
        }
    assert_true(checked >= 24);
    stroma_incidence_free(c);
    for (uint32_t cause = 1; cause <= 2; cause++) {
        stroma_stat s;
        d.stratum = NULL;
        (void)snprintf(what, sizeof what, "%u", (unsigned)cause);
        assert_int_equal(stroma_incidence_test(&d, cause, &s, NULL), STROMA_OK);
        small_check(&reference, "gray", what, s.statistic, 1e-10);
        d.stratum = small.site;
        d.strata = 4;
        assert_int_equal(stroma_incidence_test(&d, cause, &s, NULL), STROMA_OK);
        small_check(&reference, "gray strata", what, s.statistic, 1e-10);
    }
}

/* Times, status and group of a public data set. */
typedef struct cohort {
    size_t n;
    double stop[400];
    uint32_t event[400];
    size_t group[400];
} cohort;

static size_t group_of(const json_t *strata, const char *text)
{
    size_t g = 0;
    while (g < json_array_size(strata) &&
           strcmp(json_string_value(json_array_get(strata, g)), text) != 0)
        g++;
    assert_true(g < json_array_size(strata));
    return g;
}

static void cohort_csv(cohort *c, const json_t *strata, const char *file, const char *group,
                       double event)
{
    test_csv t = test_csv_read(test_data(file));
    *c = (cohort){ .n = t.rows };
    assert_true(t.rows <= 400);
    for (size_t i = 0; i < t.rows; i++) {
        c->stop[i] = test_csv_number(&t, i, "time");
        c->event[i] = test_csv_number(&t, i, "status") == event;
        c->group[i] = group_of(strata, test_csv_text(&t, i, group));
    }
    test_csv_free(&t);
}

static void cohort_adtte(cohort *c, const json_t *strata)
{
    stroma_table *t = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_table_read(test_data("clinical/cdisc/datasetjson_adam/adtte.xpt"), NULL, &t, NULL,
                          &err) != STROMA_OK)
        fail_msg("%s", err.message);
    const size_t aval = stroma_table_find(t, "AVAL"), cnsr = stroma_table_find(t, "CNSR"),
                 arm = stroma_table_find(t, "TRTA");
    *c = (cohort){ .n = t->rows_len };
    assert_true(c->n <= 400);
    for (size_t i = 0; i < c->n; i++) {
        char buf[64];
        c->stop[i] = stroma_table_number(t, aval, i);
        c->event[i] = stroma_table_number(t, cnsr, i) == 0;
        c->group[i] = group_of(strata, stroma_table_cell_text(t, arm, i, buf));
    }
    stroma_table_free(t);
}

static void check_surv(const json_t *want, const char *id, const stroma_survival_curve *log_log,
                       const stroma_survival_curve *log_scale, double tol)
{
    const double time = test_expected_number(want, "time");
    const stroma_stat a = stroma_survival_at(log_log, time),
                      b = stroma_survival_at(log_scale, time);
    test_check(want, id, "n_risk", (double)a.n_used, 0);
    test_check(want, id, "surv", a.estimate, tol);
    test_check(want, id, "se", a.se, tol);
    test_check(want, id, "lo_loglog", a.lower, tol);
    test_check(want, id, "hi_loglog", a.upper, tol);
    test_check(want, id, "lo_log", b.lower, tol);
    test_check(want, id, "hi_log", b.upper, tol);
}

static void check_or_null(const json_t *want, double got)
{
    if (json_is_null(want))
        assert_true(isnan(got));
    else
        assert_near(got, json_number_value(want), 0);
}

static void check_tests(const json_t *want, const char *id, const stroma_survival_data *d,
                        double tol)
{
    double o[8], e[8];
    stroma_stat s;
    assert_int_equal(stroma_survival_test(d, 0, o, e, &s, NULL), STROMA_OK);
    test_check(want, id, "logrank.chisq", s.statistic, tol);
    test_check(want, id, "logrank.df", s.df, 0);
    test_check(want, id, "logrank.p", s.p, tol);
    for (size_t g = 0; g < d->groups; g++) {
        assert_near(o[g],
                    json_number_value(json_array_get(
                        json_object_get(json_object_get(want, "logrank"), "obs"), g)),
                    tol);
        assert_near(e[g],
                    json_number_value(json_array_get(
                        json_object_get(json_object_get(want, "logrank"), "exp"), g)),
                    tol);
    }
    assert_int_equal(stroma_survival_test(d, 1, NULL, NULL, &s, NULL), STROMA_OK);
    test_check(want, id, "peto.chisq", s.statistic, tol);
}

static double element(const json_t *j, size_t i)
{
    return json_number_value(json_is_array(j) ? json_array_get(j, i) : j);
}

static void check_cox(const json_t *want, const char *id, const cohort *c,
                      const stroma_survival_data *times, double tol)
{
    static double x[7 * 400];
    const size_t p = times->groups - 1;
    for (size_t k = 0; k < p; k++)
        for (size_t i = 0; i < c->n; i++)
            x[k * c->n + i] = c->group[i] == k + 1;
    const stroma_design design = { .rows = c->n, .columns = p, .x = x };
    const stroma_cox_data d = { .times = *times, .design = &design };
    for (int breslow = 0; breslow < 2; breslow++) {
        stroma_cox_options o = STROMA_COX_OPTIONS_INIT;
        stroma_cox_model *m = NULL;
        o.ties = breslow ? STROMA_COX_BRESLOW : STROMA_COX_EFRON;
        assert_int_equal(stroma_cox_fit(&d, &o, &m, NULL), STROMA_OK);
        const json_t *cox = json_object_get(want, breslow ? "cox_breslow" : "cox_efron");
        for (size_t k = 0; k < p; k++) {
            assert_near(m->coefficients[k], element(json_object_get(cox, "coef"), k), tol);
            assert_near(m->se[k], element(json_object_get(cox, "se"), k), tol);
            if (breslow) continue;
            const json_t *ci = json_array_get(json_object_get(cox, "ci"), k);
            assert_near(m->terms[k].effect, element(json_object_get(cox, "hr"), k), tol);
            assert_near(m->terms[k].effect_lower, element(ci, 0), tol);
            assert_near(m->terms[k].effect_upper, element(ci, 1), tol);
        }
        if (!breslow) {
            test_check(cox, id, "loglik.0", m->log_likelihood_null, tol);
            test_check(cox, id, "loglik.1", m->log_likelihood, tol);
            test_check(cox, id, "score", m->score.statistic, tol);
        }
        stroma_cox_free(m);
    }
}

static void check_case(const json_t *one)
{
    static cohort c;
    const char *id = json_string_value(json_object_get(one, "id"));
    const json_t *want = json_object_get(one, "expected"),
                 *strata = json_object_get(want, "strata");
    const double tol = test_expected_number(one, "tol_rel");
    if (strcmp(id, "lung_sex") == 0)
        cohort_csv(&c, strata, "clinical/rdata/survival_lung.csv", "sex", 2);
    else if (strcmp(id, "aml") == 0)
        cohort_csv(&c, strata, "clinical/rdata/survival_aml.csv", "x", 1);
    else if (strcmp(id, "veteran_celltype") == 0)
        cohort_csv(&c, strata, "clinical/rdata/survival_veteran.csv", "celltype", 1);
    else
        cohort_adtte(&c, strata);
    const stroma_survival_data d = { .n = c.n,
                                     .stop = c.stop,
                                     .event = c.event,
                                     .group = c.group,
                                     .groups = json_array_size(strata) };
    stroma_survival_curves *a = curves_of(&d, STROMA_SURVIVAL_LOG_LOG),
                           *b = curves_of(&d, STROMA_SURVIVAL_LOG);
    const json_t *surv = json_object_get(want, "surv");
    const size_t per_group = json_array_size(surv) / d.groups;
    for (size_t i = 0; i < json_array_size(surv); i++)
        check_surv(json_array_get(surv, i), id, &a->curves[i / per_group],
                   &b->curves[i / per_group], tol);
    for (size_t g = 0; g < d.groups; g++) {
        const stroma_stat m = stroma_survival_quantile(&a->curves[g], 0.5);
        const json_t *ci = json_array_get(json_object_get(want, "median_ci_loglog"), g);
        check_or_null(json_array_get(json_object_get(want, "median"), g), m.estimate);
        check_or_null(json_array_get(ci, 0), m.lower);
        check_or_null(json_array_get(ci, 1), m.upper);
    }
    check_tests(want, id, &d, tol);
    check_cox(want, id, &c, &d, tol);
    stroma_survival_curves_free(a);
    stroma_survival_curves_free(b);
}

/* Acute GvHD with death as competing event (bmt of KMsurv). */
static void check_gvhd(const json_t *one)
{
    static double stop[200];
    static uint32_t event[200];
    test_csv t = test_csv_read(test_data("clinical/rdata/KMsurv_bmt.csv"));
    const json_t *want = json_object_get(one, "expected");
    const double tol = test_expected_number(one, "tol_rel");
    assert_true(t.rows <= 200);
    for (size_t i = 0; i < t.rows; i++) {
        stop[i] = test_csv_number(&t, i, "ta");
        event[i] = test_csv_number(&t, i, "da") == 1   ? 1
                   : test_csv_number(&t, i, "d1") == 1 ? 2
                                                       : 0;
    }
    const stroma_survival_data d = { .n = t.rows, .stop = stop, .event = event };
    for (uint32_t cause = 1; cause <= 2; cause++) {
        stroma_incidence_curves *c = NULL;
        assert_int_equal(stroma_incidence_fit(&d, cause, NULL, &c, NULL), STROMA_OK);
        for (size_t i = 0; i < 3; i++) {
            const double time = element(json_object_get(want, "time"), i);
            const stroma_stat s = stroma_incidence_at(&c->curves[0], time);
            assert_near(s.estimate,
                        element(json_array_get(json_object_get(want, "pstate"), i), cause), tol);
            assert_near(s.se, element(json_array_get(json_object_get(want, "se"), i), cause), tol);
        }
        stroma_incidence_free(c);
    }
    test_csv_free(&t);
}

/* Every case of the public answers. */
static void expected_answers(void **state)
{
    (void)state;
    json_t *all = test_expected_load("clinical/expected/survival.json");
    if (all == NULL) skip();
    assert_int_equal(json_array_size(all), 5);
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        if (strcmp(json_string_value(json_object_get(one, "id")), "bmt_cuminc_agvhd") == 0)
            check_gvhd(one);
        else
            check_case(one);
    }
    json_decref(all);
}

/* 3·0.1 is 0.3, also in other units; what is merely near is not. */
static void almost_equal_times(void **state)
{
    (void)state;
    for (double unit = 1e-9; unit < 1e10; unit *= 1e6) {
        const double stop[] = { 3 * 0.1 * unit, 0.3 * unit, 0.3001 * unit, 1 * unit };
        const uint32_t event[] = { 1, 1, 1, 0 };
        const stroma_survival_data d = { .n = 4, .stop = stop, .event = event };
        stroma_survival_curves *c = curves_of(&d, STROMA_SURVIVAL_LOG_LOG);
        assert_int_equal(c->merged, 1);
        assert_int_equal(c->curves[0].steps_len, 3);
        assert_int_equal(c->curves[0].steps[0].events, 2);
        stroma_survival_curves_free(c);
    }
}

/* Curves at their ends: nobody failed, everybody failed, one subject, flat at one half. */
static void ends_of_curves(void **state)
{
    (void)state;
    const double stop[] = { 2, 4, 6, 8 };
    const uint32_t none[] = { 0, 0, 0, 0 }, all[] = { 1, 1, 1, 1 }, half[] = { 1, 1, 0, 0 };
    stroma_survival_data d = { .n = 4, .stop = stop, .event = none };
    stroma_survival_curves *c = curves_of(&d, STROMA_SURVIVAL_LOG_LOG);
    stroma_stat s = stroma_survival_quantile(&c->curves[0], 0.5);
    assert_true(s.not_estimable && isnan(s.estimate));
    assert_string_equal(s.reason, "the curve does not fall that far");
    s = stroma_survival_at(&c->curves[0], 5);
    assert_true(s.estimate == 1 && s.se == 0 && isnan(s.lower) && s.reason[0] != '\0');
    s = stroma_survival_at(&c->curves[0], 9);
    assert_true(s.not_estimable && isnan(s.estimate) && isnan(s.se));
    s = stroma_survival_mean(&c->curves[0], 8);
    assert_true(s.estimate == 8 && s.se == 0);
    assert_true(stroma_survival_mean(&c->curves[0], 8.5).not_estimable);
    assert_true(stroma_survival_mean(&c->curves[0], 0).not_estimable);
    stroma_survival_curves_free(c);
    d.event = all;
    c = curves_of(&d, STROMA_SURVIVAL_LOG_LOG);
    s = stroma_survival_at(&c->curves[0], 100);
    assert_true(s.estimate == 0 && isnan(s.se) && s.reason[0] != '\0');
    assert_true(stroma_survival_mean(&c->curves[0], 100).estimate == 5);
    stroma_survival_curves_free(c);
    d.event = half;
    c = curves_of(&d, STROMA_SURVIVAL_LOG_LOG);
    s = stroma_survival_quantile(&c->curves[0], 0.5);
    assert_true(s.estimate == 6); /* between 4, where it comes to one half, and 8, its end */
    stroma_survival_curves_free(c);
    d.n = 1;
    d.event = all;
    c = curves_of(&d, STROMA_SURVIVAL_LOG_LOG);
    assert_true(stroma_survival_quantile(&c->curves[0], 0.5).estimate == 2);
    stroma_survival_curves_free(c);
    /* the only one at risk fails before the others enter */
    const double start[] = { 0, 3, 3, 3 };
    d.n = 4;
    d.start = start;
    c = curves_of(&d, STROMA_SURVIVAL_LOG_LOG);
    assert_true(c->curves[0].emptied && c->curves[0].steps[0].survival == 0);
    assert_true(stroma_survival_mean(&c->curves[0], 8).not_estimable);
    assert_true(stroma_survival_quantile(&c->curves[0], 0.5).reason[0] != '\0');
    stroma_survival_curves_free(c);
}

static void refused(void **state)
{
    (void)state;
    const double good[] = { 1, 2 }, negative[] = { 1, -2 }, nan[] = { 1, NAN }, late[] = { 0, 2 };
    const uint32_t event[] = { 1, 0 };
    const size_t codes[] = { 0, 2 };
    const struct {
        stroma_survival_data d;
        stroma_status want;
        const char *text;
    } cases[] = {
        { { .n = 0, .stop = good, .event = event },
          STROMA_E_DEGENERATE,
          "no rows: nobody was at risk" },
        { { .n = 2, .stop = negative, .event = event },
          STROMA_E_USAGE,
          "time -2 of row 2 is negative" },
        { { .n = 2, .stop = nan, .event = event },
          STROMA_E_USAGE,
          "time nan of row 2 is not finite" },
        { { .n = 2, .stop = good, .start = late, .event = event },
          STROMA_E_USAGE,
          "row 2 is at risk from 2 to 2: the end is not after the entry" },
        { { .n = 2, .stop = good, .event = event, .group = codes, .groups = 2 },
          STROMA_E_USAGE,
          "group 2 of row 2 is not below 2" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stroma_error err = STROMA_ERROR_INIT;
        stroma_survival_curves *c = NULL;
        assert_int_equal(stroma_survival_curves_fit(&cases[i].d, NULL, &c, &err), cases[i].want);
        assert_null(c);
        assert_string_equal(err.message, cases[i].text);
    }
    /* tests that have nothing to test */
    stroma_stat s;
    const size_t one[] = { 0, 0 }, two[] = { 0, 1 };
    const uint32_t nobody[] = { 0, 0 };
    stroma_survival_data d = { .n = 2, .stop = good, .event = event, .group = one, .groups = 2 };
    assert_int_equal(stroma_survival_test(&d, 0, NULL, NULL, &s, NULL), STROMA_OK);
    assert_true(s.not_estimable && s.reason[0] != '\0' && isnan(s.p));
    d.group = two;
    d.event = nobody;
    assert_int_equal(stroma_survival_test(&d, 0, NULL, NULL, &s, NULL), STROMA_OK);
    assert_string_equal(s.reason, "nobody had the event");
    assert_int_equal(stroma_incidence_test(&d, 1, &s, NULL), STROMA_OK);
    assert_string_equal(s.reason, "nobody had the event");
}

/* Subjects left at the landmark, and why the others are not. */
static void landmark(void **state)
{
    (void)state;
    const double start[] = { 0, 0, 0, 0, 5, 0 }, stop[] = { 2, 4, 4, 9, 9, 9 };
    const uint32_t event[] = { 1, 1, 0, 1, 1, 0 };
    const bool evaluable[] = { true, true, true, true, true, false };
    const stroma_survival_data d = { .n = 6, .start = start, .stop = stop, .event = event };
    stroma_landmark_state why[6];
    size_t row[6], n = 0;
    double time[6];
    assert_int_equal(stroma_landmark(&d, 4, evaluable, why, row, time, &n, NULL), STROMA_OK);
    assert_int_equal(n, 1);
    assert_int_equal(row[0], 3);
    assert_true(time[0] == 5);
    const stroma_landmark_state want[] = {
        STROMA_LANDMARK_EVENT, STROMA_LANDMARK_EVENT,       STROMA_LANDMARK_CENSORED,
        STROMA_LANDMARK_IN,    STROMA_LANDMARK_NOT_ENTERED, STROMA_LANDMARK_NOT_EVALUABLE
    };
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(why[i], want[i]);
}

/* Other order of the rows, other unit of time: the same answers. */
static void shuffled_and_rescaled(void **state)
{
    static double stop[SMALL_N];
    static uint32_t event[SMALL_N];
    static size_t group[SMALL_N], at[SMALL_N];
    (void)state;
    stroma_random r;
    stroma_random_init(&r, 7, stroma_random_stream("shuffle"), 0);
    for (size_t i = 0; i < SMALL_N; i++) {
        at[i] = i;
        const size_t k = (size_t)(stroma_random_uniform(&r) * (double)(i + 1));
        at[i] = at[k];
        at[k] = i;
    }
    for (size_t i = 0; i < SMALL_N; i++) {
        stop[i] = 7 * small.stop[at[i]];
        event[i] = small.status[at[i]];
        group[i] = small.arm[at[i]];
    }
    const stroma_survival_data d = small_times(&small), e = {
        .n = SMALL_N, .stop = stop, .event = event, .group = group, .groups = 3
    };
    stroma_survival_curves *a = curves_of(&d, STROMA_SURVIVAL_LOG_LOG),
                           *b = curves_of(&e, STROMA_SURVIVAL_LOG_LOG);
    for (size_t g = 0; g < 3; g++) {
        assert_int_equal(a->curves[g].steps_len, b->curves[g].steps_len);
        for (size_t i = 0; i < a->curves[g].steps_len; i++) {
            assert_true(a->curves[g].steps[i].survival == b->curves[g].steps[i].survival);
            assert_true(7 * a->curves[g].steps[i].time == b->curves[g].steps[i].time);
        }
    }
    stroma_survival_curves_free(a);
    stroma_survival_curves_free(b);
    stroma_stat s, t;
    assert_int_equal(stroma_survival_test(&d, 0, NULL, NULL, &s, NULL), STROMA_OK);
    assert_int_equal(stroma_survival_test(&e, 0, NULL, NULL, &t, NULL), STROMA_OK);
    assert_true(s.statistic == t.statistic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expected_answers),  cmocka_unit_test(curves_as_in_r),
        cmocka_unit_test(delayed_entry),     cmocka_unit_test(tests_as_in_r),
        cmocka_unit_test(competing_as_in_r), cmocka_unit_test(almost_equal_times),
        cmocka_unit_test(ends_of_curves),    cmocka_unit_test(refused),
        cmocka_unit_test(landmark),          cmocka_unit_test(shuffled_and_rescaled),
    };
    return cmocka_run_group_tests_name("survival", tests, setup, teardown);
}
