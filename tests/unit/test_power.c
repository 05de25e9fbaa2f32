/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc_fail.h"
#include "test_expected.h"

#include "stroma/stats_power.h"
#include "stroma/stats_precision.h"

static const stroma_power_design plain = STROMA_POWER_DESIGN_INIT;

static stroma_power power_of(const char *method, const stroma_power_design *d, size_t n1, size_t n2)
{
    stroma_power p;
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_power_method *m = stroma_power_find(method);
    assert_non_null(m);
    if (stroma_power_compute(m, d, n1, n2, &p, &err) != STROMA_OK)
        fail_msg("%s: %s", method, err.message);
    return p;
}

static stroma_power size_of(const char *method, const stroma_power_design *d, double power)
{
    stroma_power p;
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_power_method *m = stroma_power_find(method);
    assert_non_null(m);
    if (stroma_power_size(m, d, power, &p, &err) != STROMA_OK)
        fail_msg("%s: %s", method, err.message);
    return p;
}

static stroma_power effect_of(const char *method, const stroma_power_design *d, size_t n,
                              double power)
{
    stroma_power p;
    assert_int_equal(stroma_power_effect(stroma_power_find(method), d, n, 0, power, &p, NULL),
                     STROMA_OK);
    return p;
}

/* R's power.t.test leaves the other direction out unless strict = TRUE; here the difference is
 * below 1e-6. n_prop: power.prop.test(p1 = .3, p2 = .6, power = .8). */
static void test_expected(void **state)
{
    (void)state;
    json_t *all = test_expected_load("clinical/expected/power.json");
    if (all == NULL) skip();
    const json_t *one = json_array_get(all, 0), *want = json_object_get(one, "expected");
    const double tol = test_expected_number(one, "tol_rel");
    stroma_power_design d = plain;
    d.effect = test_expected_number(one, "data.delta");
    d.sd = test_expected_number(one, "data.sd");
    d.alpha = test_expected_number(one, "data.sig");
    test_check(want, "t", "n_t",
               size_of("t", &d, test_expected_number(one, "data.power")).n1_fractional, tol);
    test_check(want, "t", "power_n25", power_of("t", &d, 25, 0).power, tol);
    d = plain;
    d.p1 = 0.3;
    d.effect = 0.6;
    test_check(want, "prop", "n_prop", size_of("proportions", &d, 0.8).n1_fractional, tol);
    json_decref(all);
}

/* R 4.2.2: power.t.test, power.anova.test; pwr's formulas; PowerTOST 1.5-6; longpower 1.0.27; pROC
 * 1.18.0; the rest evaluated in R from the formula named in the header. */
static void test_reference(void **state)
{
    (void)state;
    stroma_power_design d = plain;
    d.effect = 1.2;
    d.sd = 1.4;
    assert_near(size_of("t", &d, 0.9).n1_fractional, 29.5977152724111, 1e-9);
    assert_int_equal(size_of("t", &d, 0.9).n1, 30);
    assert_near(power_of("t", &d, 25, 0).power, 0.843594798546577, 1e-10);
    d = plain;
    d.effect = 0.5;
    assert_near(size_of("t-paired", &d, 0.8).n1_fractional, 33.3671289533192, 1e-9);
    d.one_sided = true;
    assert_near(size_of("t-one-sample", &d, 0.8).n1_fractional, 26.1375038059687, 1e-9);
    d = plain;
    d.effect = -0.7;
    assert_near(power_of("t", &d, 20, 40).power, 0.710063349719022, 1e-9);
    d.effect = 1.1;
    d.sd2 = 2;
    assert_near(power_of("welch", &d, 20, 35).power, 0.759232142438088, 1e-9);
    d = plain;
    d.groups = 4;
    d.effect = sqrt(3.0 / 4 / 3); /* between.var 1 (divisor 3), within.var 3 */
    assert_near(size_of("anova", &d, 0.8).n1_fractional, 11.9261309577355, 2e-6); /* uniroot */
    assert_near(power_of("anova", &d, 12, 0).power, 0.802953711947505, 1e-9);     /* pf: 1e-10 */
    assert_int_equal(size_of("anova", &d, 0.8).n_total, 48);
    d = plain;
    d.effect = 0.4;
    assert_near(power_of("correlation", &d, 40, 0).power, 0.740485940390311, 1e-10);
    assert_near(size_of("correlation", &d, 0.8).n1_fractional, 45.9161372682468, 1e-6);
    d.one_sided = true;
    assert_near(power_of("correlation", &d, 40, 0).power, 0.832626935183234, 1e-10);
    d = plain;
    d.effect = 1;
    d.sd = 2;
    d.correlation = 0.6;
    assert_near(power_of("ancova", &d, 30, 45).power, 0.738246987962738, 1e-10);
    d = plain;
    d.effect = 1.2;
    d.p1 = 0.3;
    assert_near(power_of("interaction", &d, 60, 60).power, 0.837461136207555, 1e-10);
    d = plain;
    d.effect = 0.3;
    assert_near(size_of("mann-whitney-noether", &d, 0.9).n1_fractional, 87.5618588453385 / 2, 1e-6);
    d.effect = 0.75;
    assert_near(size_of("auc-binormal", &d, 0.8).n1_fractional, 18.9768770832103, 1e-3);
    d.ratio = 2;
    assert_near(size_of("auc-binormal", &d, 0.8).n1_fractional, 14.4586589927724, 1e-3);
    d.effect = 0.7;
    assert_near(power_of("auc-binormal", &d, 28, 24).power, 0.733726873981952, 1e-3);
}

static void test_equivalence(void **state)
{
    (void)state;
    stroma_power_design d = plain;
    d.margin = 0.3;
    d.sd = 0.5;
    d.effect = 0.05;
    assert_near(power_of("equivalence", &d, 20, 20).power, 0.174593696824331, 1e-6);
    assert_near(power_of("equivalence", &d, 30, 30).power, 0.455549301051306, 1e-6);
    assert_near(power_of("equivalence", &d, 50, 50).power, 0.765373385501723, 1e-6);
    assert_near(power_of("non-inferiority", &d, 30, 30).power, 0.759903065455149, 1e-6);
    d.effect = 0;
    assert_near(power_of("equivalence", &d, 30, 60).power, 0.691182588495667, 1e-6);
    assert_near(power_of("equivalence", &d, 6, 6).power, 0.00243419996350047, 1e-6);
    assert_true(power_of("equivalence", &d, 2, 2).power >= 0);
    /* the largest difference that leaves the power */
    const stroma_power p = effect_of("equivalence", &d, 100, 0.8);
    assert_near(p.power, 0.8, 1e-9);
    assert_true(p.effect > 0 && p.effect < 0.3);
}

/* Published formulas have one direction: a few 1e-6 of n. */
static void test_events(void **state)
{
    (void)state;
    stroma_power_design d = plain;
    d.effect = 0.6;
    assert_near(size_of("log-rank", &d, 0.8).n1_fractional, 120.315704377499 / 2, 1e-5);
    assert_near(size_of("log-rank-freedman", &d, 0.8).n1_fractional, 125.582075749585 / 2, 1e-5);
    d.event_frac[0] = d.event_frac[1] = 0.5;
    const stroma_power p = size_of("log-rank", &d, 0.8);
    assert_near(p.n1_fractional, 120.315704377499, 1e-5);
    assert_near(p.events, 121, 0);
    assert_near(stroma_power_event_frac(0.05, 24, 12, 0.01), 0.618387074697969, 1e-9);
    assert_near(stroma_power_event_frac(0.05, 0, 12, 0), 1 - exp(-0.6), 1e-12);
    assert_near(stroma_power_event_frac(0, 10, 10, 0.1), 0, 0);
    /* Whitehead 1993 Stat Med 12:2257, §3: 0.2, 0.5, 0.2, 0.1, log odds ratio 0.887, 90 %: 187 */
    d = plain;
    d.categories = 4;
    d.category[0] = d.category[2] = 0.2;
    d.category[1] = 0.5;
    d.category[3] = 0.1;
    d.effect = exp(-0.887);
    assert_near(2 * size_of("ordinal", &d, 0.9).n1_fractional, 187, 1e-3);
    d.category[3] = 0.2;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_power bad;
    assert_int_equal(stroma_power_compute(stroma_power_find("ordinal"), &d, 50, 0, &bad, &err),
                     STROMA_E_USAGE);
    d = plain;
    d.p1 = 0.1;
    d.effect = 0.3;
    assert_near(size_of("mcnemar", &d, 0.8).n1_fractional, 76.0874844931801, 1e-4);
    assert_near(power_of("mcnemar-exact", &d, 60, 0).power, 0.634915941492114, 1e-10);
}

/* S3's planning question: response 54 % against 29 %, 52 an arm: power 74 % (R: 0.741643 strict).
 */
static void test_s3(void **state)
{
    (void)state;
    stroma_power_design d = plain;
    d.p1 = 0.29;
    d.effect = 0.54;
    assert_near(power_of("proportions", &d, 52, 0).power, 0.741643819392403, 1e-10);
    /* what Fisher's test really has there: R's fisher.test over all tables */
    assert_near(power_of("fisher", &d, 52, 0).power, 0.698624803159252, 1e-9);
}

/* R's fisher.test and prop.test(correct = FALSE) over all tables. */
static void test_enumerated(void **state)
{
    (void)state;
    stroma_power_design d = plain;
    d.p1 = 0.2;
    d.effect = 0.6;
    assert_near(power_of("fisher", &d, 20, 20).power, 0.650224920935198, 1e-10);
    d.p1 = 0.1;
    d.effect = 0.5;
    const stroma_power f = power_of("fisher", &d, 15, 25);
    assert_near(f.power, 0.732461877689297, 1e-10);
    assert_true(f.alpha_actual < 0.05);
    const stroma_power c = power_of("chi-square", &d, 15, 25);
    assert_near(c.power, 0.814350662781964, 1e-10);
    assert_near(c.alpha_actual, 0.0563023794732953, 1e-10);
    /* no effect: power is the error, and Fisher's never exceeds alpha */
    d.effect = d.p1;
    assert_true(power_of("fisher", &d, 15, 25).power < 0.05);
    /* the other direction is the mirror */
    d.p1 = 0.5;
    d.effect = 0.1;
    assert_near(power_of("fisher", &d, 25, 15).power, 0.732461877689297, 1e-10);
    d.one_sided = true;
    const double low = power_of("fisher", &d, 25, 15).power;
    d.p1 = 0.5; /* counts of the other outcome */
    d.effect = 0.9;
    assert_near(power_of("fisher", &d, 25, 15).power, low, 1e-10);
    assert_true(low > 0.732461877689297);
}

/* clinfun 1.1.5 ph2single: r is the most responses that do not reject. */
static void test_single_arm(void **state)
{
    (void)state;
    stroma_power_design d = plain;
    d.null_value = 0.1;
    d.effect = 0.3;
    d.one_sided = true;
    stroma_power p = size_of("proportion", &d, 0.8);
    assert_int_equal(p.n1, 25);
    assert_near(p.critical, 6, 0);
    assert_near(p.alpha_actual, 0.0333999446114952, 1e-10);
    assert_near(p.power, 1 - 0.193488442088065, 1e-10);
    d.null_value = 0.2;
    d.effect = 0.4;
    p = size_of("proportion", &d, 0.9);
    assert_int_equal(p.n1, 47);
    assert_near(p.critical, 15, 0);
    assert_int_equal(p.n1_stable, 50); /* 49 falls below: the sawtooth */
    d = plain;
    d.null_value = 0.3;
    d.effect = 0.55;
    assert_near(power_of("proportion", &d, 40, 0).power, 0.866858454991102, 1e-10);
    assert_near(power_of("proportion", &d, 40, 0).alpha_actual, 0.0385379940634228, 1e-10);
    /* a response below the null value */
    d.one_sided = true;
    d.effect = 0.1;
    p = power_of("proportion", &d, 40, 0);
    assert_true(p.critical < 12 && p.alpha_actual <= 0.05);
}

/* Simon 1989, tables 1 and 2: (p0, p1, alpha, beta) → optimal r1/n1 r/n EN PET, minimax. */
static void test_simon(void **state)
{
    (void)state;
    static const struct {
        double p0, p1, alpha, power;
        stroma_power_two_stage optimal, minimax;
    } want[] = {
        { 0.1,
          0.3,
          0.05,
          0.8,
          { 1, 10, 5, 29, 0, 0, 0.74, 15.0 },
          { 1, 15, 5, 25, 0, 0, 0.55, 19.5 } },
        { 0.05,
          0.25,
          0.05,
          0.8,
          { 0, 9, 2, 17, 0, 0, 0.63, 12.0 },
          { 0, 12, 2, 16, 0, 0, 0.54, 13.8 } },
        { 0.2,
          0.4,
          0.05,
          0.9,
          { 4, 19, 15, 54, 0, 0, 0.67, 30.4 },
          { 5, 24, 13, 45, 0, 0, 0.66, 31.2 } },
        { 0.3,
          0.5,
          0.1,
          0.9,
          { 7, 22, 17, 46, 0, 0, 0.67, 29.9 },
          { 7, 28, 15, 39, 0, 0, 0.36, 35.0 } },
    };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        stroma_power_two_stage got[2];
        const stroma_power_two_stage_plan plan = { want[i].p0, want[i].p1, want[i].alpha,
                                                   want[i].power, 80 };
        assert_int_equal(stroma_power_simon(&plan, &got[0], &got[1], NULL), STROMA_OK);
        for (size_t k = 0; k < 2; k++) {
            const stroma_power_two_stage *w = k == 0 ? &want[i].optimal : &want[i].minimax;
            print_message("# %zu/%zu %zu/%zu EN %.1f PET %.2f\n", got[k].r1, got[k].n1, got[k].r,
                          got[k].n, got[k].expected_n, got[k].stop_early);
            assert_int_equal(got[k].r1, w->r1);
            assert_int_equal(got[k].n1, w->n1);
            assert_int_equal(got[k].r, w->r);
            assert_int_equal(got[k].n, w->n);
            assert_true(fabs(got[k].expected_n - w->expected_n) < 0.051);
            assert_true(fabs(got[k].stop_early - w->stop_early) < 0.0051);
        }
    }
    stroma_power_two_stage a, b;
    const stroma_power_two_stage_plan weak = { 0.1, 0.12, 0.05, 0.8, 50 },
                                      turned = { 0.3, 0.1, 0.05, 0.8, 50 };
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_power_simon(&weak, &a, &b, &err), STROMA_E_DEGENERATE);
    assert_int_equal(stroma_power_simon(&turned, &a, &b, &err), STROMA_E_USAGE);
}

/* longpower 1.0.27, power.mmrm. */
static void test_mmrm(void **state)
{
    (void)state;
    static const double ra[] = { 1, 0.95, 0.9, 0.85, 0.8 }, rc[] = { 1, 0.9, 0.8, 0.7 };
    stroma_power_design d = plain;
    d.effect = 0.5;
    d.sd = 1.3;
    d.correlation = 0.6;
    d.structure = STROMA_POWER_VISITS_AR1;
    d.visits = 5;
    memcpy(d.retention[0], ra, sizeof ra);
    /* their formula has one direction: 1e-6 of the power */
    assert_near(size_of("mmrm", &d, 0.8).n1_fractional, 128.554880137014, 1e-4);
    d = plain;
    d.effect = 0.5;
    d.correlation = 0.5;
    d.visits = 4;
    memcpy(d.retention[0], rc, sizeof rc);
    assert_near(power_of("mmrm", &d, 50, 50).power, 0.596102253198143, 1e-4);
    d.ratio = 0.5; /* their lambda is n1/n2 */
    assert_near(size_of("mmrm", &d, 0.9).n1_fractional, 162.343855911584, 1e-5);
    d.retention[0][2] = 0.95;
    stroma_power p;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_power_compute(stroma_power_find("mmrm"), &d, 50, 0, &p, &err),
                     STROMA_E_USAGE);
    assert_string_equal(err.message, "the share of subjects still there cannot be 0.95");
}

static stroma_power_design typical(const stroma_power_method *m)
{
    stroma_power_design d = plain;
    const char *e = m->effect_name;
    d.effect = strcmp(e, "delta") == 0          ? 0.6
               : strcmp(e, "f") == 0            ? 0.4
               : strcmp(e, "r") == 0            ? 0.4
               : strcmp(e, "p2") == 0           ? 0.5
               : strcmp(e, "hazard-ratio") == 0 ? 0.6
               : strcmp(e, "odds-ratio") == 0   ? 6
                                                : 0.72;
    if (strcmp(m->name, "equivalence") == 0) d.effect = 0;
    d.p1 = 0.2;
    d.null_value = 0.5;
    d.margin = 0.5;
    d.correlation = 0.5;
    d.groups = 3;
    d.cell[0] = d.cell[1] = 0.3;
    d.cell[2] = 0.4;
    d.visits = 3;
    d.categories = 3;
    d.category[0] = 0.5;
    d.category[1] = 0.3;
    d.category[2] = 0.2;
    return d;
}

/* For every method: the size has the power and one less has not; the detectable effect at that size
 * is no larger than the effect; no effect has the error asked for; more subjects, more power. */
static void test_every_method(void **state)
{
    (void)state;
    const stroma_power_method *m = NULL;
    for (size_t i = 0; (m = stroma_power_list(i)) != NULL; i++) {
        const stroma_power_design d = typical(m);
        const stroma_power p = size_of(m->name, &d, 0.8);
        assert_false(p.not_estimable);
        if (p.power < 0.8) fail_msg("%s: power %g at n %zu", m->name, p.power, p.n1);
        if (p.n1 > 5) assert_true(power_of(m->name, &d, p.n1 - 1, 0).power < 0.8);
        assert_true(power_of(m->name, &d, 2 * p.n1, 0).power > p.power);
        const stroma_power q = effect_of(m->name, &d, p.n1, 0.8);
        if (q.not_estimable) fail_msg("%s: no detectable effect", m->name);
        assert_near(q.power, 0.8, 1e-7);
        if (strcmp(m->name, "equivalence") != 0)
            assert_true(d.effect > 1 || strcmp(m->effect_name, "hazard-ratio") != 0
                            ? q.effect <= d.effect + 1e-9
                            : q.effect >= d.effect - 1e-9);
        stroma_power_design none = d;
        none.effect = strcmp(m->effect_name, "p2") == 0 ? d.p1
                      : strcmp(m->effect_name, "hazard-ratio") == 0 ||
                              strcmp(m->effect_name, "odds-ratio") == 0
                          ? 1
                      : strcmp(m->effect_name, "p") == 0 || strcmp(m->effect_name, "auc") == 0 ? 0.5
                                                                                               : 0;
        if (d.margin > 0 && strstr(m->name, "inferiority") != NULL) continue;
        if (strcmp(m->name, "equivalence") == 0) continue;
        const double error = power_of(m->name, &none, 40, 0).power;
        if (m->enumerated ? error > 0.06 : fabs(error - 0.05) > 2e-3)
            fail_msg("%s: power %g without an effect", m->name, error);
    }
    assert_null(stroma_power_find("anything"));
}

static void test_refusals(void **state)
{
    (void)state;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_power p;
    stroma_power_design d = plain;
    const stroma_power_method *t = stroma_power_find("t"), *f = stroma_power_find("fisher");
    d.effect = NAN;
    assert_int_equal(stroma_power_compute(t, &d, 10, 0, &p, &err), STROMA_E_USAGE);
    d.effect = 0;
    assert_int_equal(stroma_power_size(t, &d, 0.8, &p, &err), STROMA_OK);
    assert_string_equal(p.reason,
                        "no sample size has this power: there is no effect, or it is very small");
    assert_int_equal(stroma_power_compute(t, &d, 1, 0, &p, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_power_size(t, &d, 0.01, &p, &err), STROMA_E_USAGE);
    d.sd = -1;
    assert_int_equal(stroma_power_compute(t, &d, 10, 0, &p, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "a standard deviation cannot be -1");
    d = plain;
    d.alpha = 0.6;
    assert_int_equal(stroma_power_compute(t, &d, 10, 0, &p, &err), STROMA_E_USAGE);
    d = plain;
    d.p1 = 0.5;
    d.effect = 0.501;
    assert_int_equal(stroma_power_size(f, &d, 0.8, &p, &err), STROMA_OK);
    assert_string_equal(p.reason, "more than 2000 subjects in a group are not enumerated");
    assert_int_equal(stroma_power_compute(f, &d, 3000, 0, &p, &err), STROMA_OK);
    assert_true(p.not_estimable && isnan(p.power));
    assert_int_equal(stroma_power_effect(f, &d, 2, 0, 0.999999, &p, &err), STROMA_OK);
    assert_true(p.not_estimable);
    d.p1 = 0.7;
    d.effect = 0.4;
    assert_int_equal(stroma_power_compute(stroma_power_find("mcnemar"), &d, 20, 0, &p, &err),
                     STROMA_E_USAGE);
    d.version = 9;
    assert_int_equal(stroma_power_compute(t, &d, 20, 0, &p, &err), STROMA_E_USAGE);
}

/* ---- precision ---- */

static stroma_precision narrow(const char *method, const stroma_precision_design *d)
{
    stroma_precision p;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_precision_size(stroma_precision_find(method), d, &p, &err) != STROMA_OK)
        fail_msg("%s: %s", method, err.message);
    return p;
}

/* Sizes searched one by one in R from the formulas of the header. */
static void test_precision(void **state)
{
    (void)state;
    stroma_precision_design d = STROMA_PRECISION_DESIGN_INIT;
    d.half_width = 2;
    d.sd = 10;
    assert_int_equal(narrow("mean", &d).n, 99);
    d.assurance = 0.8;
    assert_int_equal(narrow("mean", &d).n, 110);
    d = (stroma_precision_design)STROMA_PRECISION_DESIGN_INIT;
    d.half_width = 0.1;
    d.value = 0.54;
    assert_int_equal(narrow("proportion", &d).n, 92);
    d.prevalence = 0.25;
    stroma_precision p = narrow("sensitivity", &d);
    assert_int_equal(p.n, 92);
    assert_int_equal(p.n_total, 368);
    assert_int_equal(narrow("specificity", &d).n_total, 123);
    d.half_width = 0.15;
    d.value = 0.5;
    assert_int_equal(narrow("correlation", &d).n, 117);
    d.half_width = 0.1;
    d.value = 0.8;
    assert_int_equal(narrow("icc", &d).n, 51);
    p = narrow("auc", &d);
    assert_true(p.half_width <= 0.1 && p.n_total == 2 * p.n);
    assert_int_equal(stroma_precision_width(stroma_precision_find("auc"), &d, p.n - 1, &p, NULL),
                     STROMA_OK);
    assert_true(p.half_width > 0.1);
    d.half_width = 1;
    d.sd = 3;
    p = narrow("limits-of-agreement", &d);
    assert_int_equal(
        stroma_precision_width(stroma_precision_find("limits-of-agreement"), &d, p.n - 1, &p, NULL),
        STROMA_OK);
    assert_true(p.half_width > 1);
    assert_true(narrow("mean-difference", &d).n_total > 2);
    stroma_error err = STROMA_ERROR_INIT;
    d.half_width = 0;
    assert_int_equal(stroma_precision_size(stroma_precision_find("mean"), &d, &p, &err),
                     STROMA_E_USAGE);
    d.half_width = 1e-9;
    assert_int_equal(stroma_precision_size(stroma_precision_find("mean"), &d, &p, &err),
                     STROMA_E_DEGENERATE);
    d.value = 1;
    assert_int_equal(stroma_precision_size(stroma_precision_find("proportion"), &d, &p, &err),
                     STROMA_E_USAGE);
    assert_null(stroma_precision_find("x"));
    assert_null(stroma_precision_list(99));
}

static stroma_status simon(void *context)
{
    stroma_power_two_stage a, b;
    (void)context;
    const stroma_power_two_stage_plan plan = { 0.1, 0.4, 0.05, 0.8, 30 };
    return stroma_power_simon(&plan, &a, &b, NULL);
}

static void test_no_memory(void **state)
{
    (void)state;
    assert_true(alloc_fail_each(simon, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected),    cmocka_unit_test(test_reference),
        cmocka_unit_test(test_equivalence), cmocka_unit_test(test_events),
        cmocka_unit_test(test_s3),          cmocka_unit_test(test_enumerated),
        cmocka_unit_test(test_single_arm),  cmocka_unit_test(test_simon),
        cmocka_unit_test(test_mmrm),        cmocka_unit_test(test_every_method),
        cmocka_unit_test(test_refusals),    cmocka_unit_test(test_precision),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
