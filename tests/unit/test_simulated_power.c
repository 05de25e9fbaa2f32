/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc_fail.h"
#include "test_expected.h"

#include "stroma/models_simulated_power.h"

static const stroma_power_design plain = STROMA_POWER_DESIGN_INIT;

static stroma_simulated_power simulate(const char *name, const stroma_power_design *d, size_t n1,
                                       size_t n2, const stroma_simulated_options *o)
{
    stroma_simulated_power p;
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_simulated_test *t = stroma_simulated_find(name);
    assert_non_null(t);
    if (stroma_simulate_power(t, d, n1, n2, o, &p, &err) != STROMA_OK)
        fail_msg("%s: %s", name, err.message);
    return p;
}

static stroma_power_design typical(const char *name, const char *effect)
{
    stroma_power_design d = plain;
    d.effect = effect == NULL                        ? 0
               : strcmp(effect, "delta") == 0        ? 0.7
               : strcmp(effect, "f") == 0            ? 0.4
               : strcmp(effect, "r") == 0            ? 0.45
               : strcmp(effect, "p2") == 0           ? 0.5
               : strcmp(effect, "odds-ratio") == 0   ? (name[0] == 'o' ? 3 : 8)
               : strcmp(effect, "hazard-ratio") == 0 ? (name[0] == 'c' ? 0.75 : 0.55)
                                                     : 0.72;
    if (strstr(name, "equivalence") != NULL || strstr(name, "inferiority") != NULL) d.effect = 0.05;
    if (strstr(name, "interaction") != NULL && effect[0] == 'd') d.effect = 1;
    d.p1 = strstr(name, "interaction") != NULL ? 0.4 : 0.15;
    d.null_value = 0.5;
    d.margin = 0.5;
    d.correlation = 0.6;
    d.groups = 3;
    d.cell[0] = d.cell[1] = 0.3;
    d.cell[2] = 0.4;
    d.visits = 3;
    if (strstr(name, "tobit") != NULL || strstr(name, "censored") != NULL) d.censored_frac = 0.4;
    d.categories = 3;
    d.category[0] = 0.5;
    d.category[1] = 0.3;
    d.category[2] = 0.2;
    d.retention[0][1] = 0.9;
    d.retention[0][2] = 0.8;
    return d;
}

/* Every formula of stats_power.h whose test can be simulated, at the size it gives for 80 % power.
 * Two-sided bound: 4 Monte-Carlo standard errors, and what the formula itself leaves out: nothing
 * for exact ones, up to 0.04 for normal approximations. */
static void test_formulas(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double slack;
        size_t runs;
    } cases[] = {
        { "t-one-sample", 0, 4000 },
        { "t-paired", 0, 4000 },
        { "t", 0, 4000 },
        { "welch", 0.003, 4000 },
        { "non-inferiority", 0, 4000 },
        { "equivalence", 0, 4000 },
        { "ancova", 0.003, 3000 },
        { "anova", 0, 4000 },
        { "interaction", 0.003, 3000 },
        { "interaction-slope", 0.015, 2000 },
        { "correlation", 0.005, 4000 },
        { "mann-whitney", 0.02, 600 },
        { "signed-rank", 0.03, 3000 },
        { "sign", 0, 10000 },
        { "proportion", 0, 10000 },
        { "proportions", 0.02, 3000 },
        { "fisher", 0, 3000 },
        { "chi-square", 0, 6000 },
        { "mcnemar", 0.03, 6000 },
        { "mcnemar-exact", 0, 6000 },
        { "auc", 0.05, 600 },
        { "interaction-binary", 0.05, 400 },
        { "mmrm", 0.035, 400 },
        { "log-rank", 0.03, 1500 },
        { "ordinal", 0.04, 600 },
        { "cox", 0.03, 800 },
    };
    stroma_simulated_options o = STROMA_SIMULATED_OPTIONS_INIT;
    o.threads = 2;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const stroma_power_method *m = stroma_power_find(cases[i].name);
        const stroma_power_design d = typical(cases[i].name, m->effect_name);
        stroma_power f;
        assert_int_equal(stroma_power_size(m, &d, 0.8, &f, NULL), STROMA_OK);
        assert_false(f.not_estimable);
        o.runs = cases[i].runs;
        const stroma_simulated_power s = simulate(cases[i].name, &d, f.n1, f.n2, &o);
        print_message("# %-20s n1 %3zu n2 %3zu formula %.4f simulated %.4f (%.4f) failed %zu\n",
                      cases[i].name, f.n1, f.n2, f.power, s.power, s.se, s.failed);
        assert_int_equal(s.n_total, f.n_total);
        assert_true(fabs(s.power - f.power) <= 4 * s.se + cases[i].slack);
    }
}

/* Without an effect a test rejects alpha of the time (a discrete one less), for every test offered.
 * 800 data sets: 4 standard errors are 0.031. */
static void test_error_of_every_test(void **state)
{
    (void)state;
    stroma_simulated_options o = STROMA_SIMULATED_OPTIONS_INIT;
    const stroma_simulated_test *t = NULL;
    o.threads = 2;
    for (size_t i = 0; (t = stroma_simulated_list(i)) != NULL; i++) {
        stroma_power_design d = typical(t->name, t->effect_name);
        const char *e = t->effect_name == NULL ? "" : t->effect_name;
        const bool slow = strcmp(t->name, "mmrm") == 0 || strstr(t->name, "binary") != NULL;
        d.effect = strcmp(e, "p2") == 0                                             ? d.p1
                   : strcmp(e, "odds-ratio") == 0 || strcmp(e, "hazard-ratio") == 0 ? 1
                   : strcmp(e, "p") == 0 || strcmp(e, "auc") == 0                   ? 0.5
                                                                                    : 0;
        if (strcmp(t->name, "non-inferiority") == 0) d.effect = -d.margin;
        if (strcmp(t->name, "equivalence") == 0) d.effect = d.margin;
        o.runs = slow ? 200 : 800;
        const stroma_simulated_power s = simulate(t->name, &d, 25, 0, &o);
        const double alpha = strcmp(t->name, "non-inferiority") == 0 ? 0.025 : 0.05;
        const double bound = 4 * sqrt(alpha * (1 - alpha) / (double)o.runs);
        if (s.power > alpha + bound)
            fail_msg("%s rejects %.4f without an effect", t->name, s.power);
        /* counts and ranks of 30 may reject much less; the others must reach alpha */
        const bool discrete = strcmp(e, "p2") == 0 || strcmp(e, "p") == 0;
        const bool tost = strcmp(t->name, "equivalence") == 0; /* 25 are few for it */
        if (!discrete && !slow && !tost && s.power < alpha - bound)
            fail_msg("%s rejects only %.4f", t->name, s.power);
        if (s.failed > o.runs / 50) fail_msg("%s failed %zu times", t->name, s.failed);
    }
}

/* What only a simulation shows: a skewed outcome. Ranks gain, and the t test loses nothing of its
 * level; the shapes have mean 0 and SD 1. */
static void test_shapes(void **state)
{
    (void)state;
    stroma_power_design d = plain;
    stroma_simulated_options o = STROMA_SIMULATED_OPTIONS_INIT;
    d.effect = 0.6;
    o.runs = 400;
    o.threads = 2;
    for (int s = 0; s < STROMA_POWER_SHAPES; s++) {
        o.shape = (stroma_power_shape)s;
        const stroma_simulated_power t = simulate("t", &d, 30, 0, &o);
        const stroma_simulated_power w = simulate("mann-whitney", &d, 30, 0, &o);
        print_message("# %s: t %.3f, Mann-Whitney %.3f, SD of the difference %.4f\n",
                      stroma_power_shape_name(o.shape), t.power, w.power, t.estimate_sd);
        assert_true(fabs(t.estimate - 0.6) < 4 * t.estimate_sd / sqrt(400));
        /* SD of a difference of means of 30: √(2/30); a long tail makes its estimate rough */
        assert_true(fabs(t.estimate_sd / sqrt(2.0 / 30) - 1) < 0.15);
        if (s == STROMA_POWER_LOGNORMAL) assert_true(w.power > t.power + 0.1);
    }
}

static void test_one_sided(void **state)
{
    (void)state;
    stroma_simulated_options o = STROMA_SIMULATED_OPTIONS_INIT;
    o.runs = 600;
    o.threads = 2;
    static const char *const names[] = { "t",          "mann-whitney", "ancova",
                                         "chi-square", "correlation",  "fisher" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const stroma_power_method *m = stroma_power_find(names[i]);
        stroma_power_design d = typical(names[i], m->effect_name);
        const double two = simulate(names[i], &d, 18, 0, &o).power;
        d.one_sided = true;
        const double up = simulate(names[i], &d, 18, 0, &o).power;
        d.effect = strcmp(m->effect_name, "p2") == 0 ? 0.15 : -d.effect;
        if (strcmp(m->effect_name, "p2") == 0) d.p1 = 0.5;
        const double down = simulate(names[i], &d, 18, 0, &o).power;
        assert_true(up > two);
        assert_true(fabs(up - down) < 6 * sqrt(0.25 / 600));
    }
}

static void test_size_search(void **state)
{
    (void)state;
    stroma_power_design d = plain;
    stroma_simulated_options o = STROMA_SIMULATED_OPTIONS_INIT;
    stroma_simulated_power p;
    stroma_error err = STROMA_ERROR_INIT;
    d.effect = 1.2;
    d.sd = 1.4;
    o.runs = 4000;
    o.threads = 2;
    const stroma_simulated_test *t = stroma_simulated_find("t");
    assert_int_equal(stroma_simulate_size(t, &d, 0.9, 1000, &o, &p, &err), STROMA_OK);
    assert_true(p.power >= 0.9 && p.n1 >= 28 && p.n1 <= 32); /* formula: 30 */
    d.effect = 0;
    o.runs = 100;
    assert_int_equal(stroma_simulate_size(t, &d, 0.9, 100, &o, &p, &err), STROMA_E_DEGENERATE);
}

static void test_threads_do_not_show(void **state)
{
    (void)state;
    static const char *const names[] = { "permutation", "mmrm", "logistic" };
    stroma_simulated_options o = STROMA_SIMULATED_OPTIONS_INIT;
    o.runs = 200;
    for (size_t i = 0; i < 3; i++) {
        const stroma_power_design d = typical(names[i], i == 2 ? "p2" : "delta");
        o.threads = 1;
        const stroma_simulated_power a = simulate(names[i], &d, 15, 0, &o);
        o.threads = 4;
        const stroma_simulated_power b = simulate(names[i], &d, 15, 0, &o);
        assert_int_equal(a.rejected, b.rejected);
        assert_true(a.estimate == b.estimate && a.estimate_sd == b.estimate_sd);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_simulated_power p;
    stroma_simulated_options o = STROMA_SIMULATED_OPTIONS_INIT;
    stroma_power_design d = plain;
    const stroma_simulated_test *t = stroma_simulated_find("t");
    d.effect = INFINITY;
    assert_int_equal(stroma_simulate_power(t, &d, 10, 0, &o, &p, &err), STROMA_E_USAGE);
    d.effect = 1;
    assert_int_equal(stroma_simulate_power(t, &d, 1, 0, &o, &p, &err), STROMA_E_USAGE);
    o.runs = 5;
    assert_int_equal(stroma_simulate_power(t, &d, 10, 0, &o, &p, &err), STROMA_E_USAGE);
    o.runs = 100;
    d.sd = -2;
    assert_int_equal(stroma_simulate_power(t, &d, 10, 0, &o, &p, &err), STROMA_E_USAGE);
    d = plain;
    d.effect = 0.5;
    d.censored_frac = 0.3;
    assert_int_equal(stroma_simulate_power(t, &d, 10, 0, &o, &p, &err), STROMA_E_USAGE);
    d.censored_frac = 0;
    t = stroma_simulated_find("mmrm");
    assert_int_equal(stroma_simulate_power(t, &d, 10, 0, &o, &p, &err), STROMA_E_USAGE);
    t = stroma_simulated_find("mcnemar");
    d.p1 = 0.7;
    assert_int_equal(stroma_simulate_power(t, &d, 10, 0, &o, &p, &err), STROMA_E_USAGE);
    assert_null(stroma_simulated_find("nothing"));
    /* a model that cannot be fitted is a run that failed, not an error: 6 subjects, 4 visits */
    d = typical("mmrm", "delta");
    d.visits = 4;
    for (size_t v = 1; v < 4; v++)
        d.retention[0][v] = d.retention[1][v] = 0.5;
    p = simulate("mmrm", &d, 3, 3, &o);
    assert_true(p.failed > 0 && p.failed + p.rejected <= p.runs);
}

static stroma_status small(void *context)
{
    const stroma_simulated_options o = { 100, 1, 1, STROMA_POWER_NORMAL, 0.95 };
    stroma_simulated_power p;
    const stroma_power_design d = typical("ancova", "delta");
    (void)context;
    return stroma_simulate_power(stroma_simulated_find("permutation"), &d, 5, 0, &o, &p, NULL);
}

static void test_no_memory(void **state)
{
    (void)state;
    assert_true(alloc_fail_each(small, NULL) > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formulas),    cmocka_unit_test(test_error_of_every_test),
        cmocka_unit_test(test_shapes),      cmocka_unit_test(test_one_sided),
        cmocka_unit_test(test_size_search), cmocka_unit_test(test_threads_do_not_show),
        cmocka_unit_test(test_refusals),    cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("simulated_power", tests, NULL, NULL);
}
