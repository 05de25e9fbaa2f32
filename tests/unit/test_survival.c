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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_as_in_r),    cmocka_unit_test(delayed_entry),
        cmocka_unit_test(tests_as_in_r),     cmocka_unit_test(competing_as_in_r),
    };
    return cmocka_run_group_tests_name("survival", tests, setup, teardown);
}
