/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Analyses: the numbers of direct calls, corrected by family, and none where the time guard says
 * that a comparison is circular. */
#include "study_fixture.h"

#include "stroma/stats_contingency.h"
#include "stroma/stats_linear_model.h"
#include "stroma/stats_multiplicity.h"
#include "stroma/stats_proportion.h"
#include "stroma/stats_rank_test.h"
#include "stroma/stats_t_test.h"

#define HEAD                                                                                       \
    "stroma: 1\n"                                                                                  \
    "study: {id: T, title: Test, layout: trial, primary: das}\n"                                   \
    "arms: [{id: A, label: Active, role: treated}, {id: C, label: Control, role: control}]\n"      \
    "visits: [{id: D0, time: 0, baseline: true}, {id: W4, time: 4}, {id: W12, time: 12}]\n"        \
    "parameters:\n"                                                                                \
    "- {id: das, label: Score, category: score}\n"                                                 \
    "- {id: esr, label: ESR, unit: mm/h, category: acute_phase}\n"                                 \
    "- {id: crp, label: CRP, unit: mg/L, category: acute_phase}\n"                                 \
    "- {id: ifn, label: IFN, unit: pg/mL, category: cytokine}\n"                                   \
    "- {id: treg, label: Treg, unit: \"%\", category: cell}\n"                                     \
    "- {id: good, label: Response, kind: flag, category: response}\n"                              \
    "data:\n"                                                                                      \
    "- {file: a.csv, layout: visit, subject: id, visit: visit, columns: {das: das, esr: esr, "     \
    "crp: "                                                                                        \
    "crp, ifn: ifn, treg: treg, good: good}, subject_columns: {arm: {role: arm}}}\n"               \
    "derive:\n"                                                                                    \
    "- {id: das_change, method: change, of: das, label: Change}\n"                                 \
    "- {id: ratio, method: ratio, of: das, over: esr, label: Ratio}\n"                             \
    "groups:\n"                                                                                    \
    "- {id: outcome, label: By score, landmark: W12, groups: [{id: low, label: Low, when: "        \
    "[{param: das, visit: W12, below: 4}]}, {id: rest, label: Rest, otherwise: true}]}\n"          \
    "- {id: exposure, label: By IFN, landmark: W4, groups: [{id: high, label: High, when: "        \
    "[{param: ifn, visit: W4, above: 5}]}, {id: rest, label: Rest, otherwise: true}]}\n"           \
    "- {id: by_esr, label: By ESR, landmark: D0, groups: [{id: high, label: High, when: [{param: " \
    "esr, visit: D0, above: 30}]}, {id: rest, label: Rest, otherwise: true}]}\n"

enum { N = 12 };
static double das[3][N]; /* by visit and subject */

static int left_early = -1; /* subject without values at W12 */

static void write_data(void)
{
    char text[8192] = "id,arm,visit,das,esr,crp,ifn,treg,good\n";
    for (int u = 0; u < N; u++)
        for (int v = 0; v < 3; v++) {
            const int arm = u % 2;
            das[v][u] = 5.5 + 0.1 * (u * 7 % 5) - (arm == 0 ? 0.9 : 0.2) * v - 0.05 * (u * v % 3);
            char row[200];
            (void)snprintf(row, sizeof row, "%d,%c,%s,%.4f,%d,%d,%d,%d,%d\n", u + 1,
                           arm == 0 ? 'A' : 'C',
                           v == 0   ? "D0"
                           : v == 1 ? "W4"
                                    : "W12",
                           das[v][u], 25 + u * 5 % 13 - v, 10 + u * 3 % 7 - 2 * v, 1 + u * 5 % 9,
                           3 + u % 4 + v, das[v][u] < 4.2);
            if (u == left_early && v == 2)
                (void)snprintf(row, sizeof row, "%d,C,W12,,,,,,\n", u + 1);
            (void)strcat(text, row);
        }
    fixture_write("a.csv", text);
}

static study *with(const char *analyses)
{
    char text[6000];
    (void)snprintf(text, sizeof text, "%sanalyses:\n%s", HEAD, analyses);
    write_data();
    return fixture_study(text, STEP_CLAIMS);
}

/* Values of one visit, of the subjects of one arm. */
static size_t arm_values(int visit, int arm, double *x)
{
    size_t n = 0;
    for (int u = 0; u < N; u++)
        if (u % 2 == arm) {
            char text[16]; /* as in the file */
            (void)snprintf(text, sizeof text, "%.4f", das[visit][u]);
            x[n++] = strtod(text, NULL);
        }
    return n;
}

static const study_result *result(const study *s, const char *analysis, size_t k)
{
    for (size_t i = 0; i < s->results.len; i++)
        if (strcmp(s->results.items[i].analysis_id, analysis) == 0 && k-- == 0)
            return &s->results.items[i];
    fail_msg("no result of %s", analysis);
    return &s->results.items[0];
}

/* Equal but for the last bits: paired differences enter as the decimals they are. */
static void same(const stroma_stat *a, const stroma_stat *b)
{
    assert_string_equal(a->method, b->method);
    assert_true(a->p == b->p || fabs(a->p - b->p) < 1e-12 * b->p);
    assert_true(fabs(a->estimate - b->estimate) < 1e-12);
    assert_true(fabs(a->lower - b->lower) < 1e-12 && fabs(a->upper - b->upper) < 1e-12);
    assert_int_equal(a->n_used, b->n_used);
}

static void test_numbers_are_those_of_direct_calls(void **state)
{
    (void)state;
    study *s =
        with("- {id: w, method: compare, params: [das], visit: W12}\n"
             "- {id: t, method: compare, params: [das], visit: W12, test: t}\n"
             "- {id: u, method: compare, params: [das], visit: W12, test: mann_whitney}\n"
             "- {id: p, method: before_after, params: [das], visits: [D0, W12], groups: [A]}\n"
             "- {id: v, method: before_after, params: [das], visits: [D0, W12], groups: [A], "
             "test: signed_rank}\n"
             "- {id: a, method: ancova, params: [das], visit: W12}\n");
    double x0[N], y0[N], x[N], y[N], d[N], change[N], baseline[N];
    size_t group[N];
    const size_t nx = arm_values(2, 0, x), ny = arm_values(2, 1, y);
    (void)arm_values(0, 0, x0);
    (void)arm_values(0, 1, y0);
    const stroma_t_options t = STROMA_T_OPTIONS_INIT;
    const stroma_rank_options r = STROMA_RANK_OPTIONS_INIT;
    stroma_stat want;
    assert_int_equal(stroma_t_welch(x, nx, y, ny, &t, &want, NULL), STROMA_OK);
    same(&result(s, "w", 0)->stat, &want);
    assert_int_equal(stroma_t_student(x, nx, y, ny, &t, &want, NULL), STROMA_OK);
    same(&result(s, "t", 0)->stat, &want);
    assert_int_equal(stroma_mann_whitney(x, nx, y, ny, &r, &want, NULL), STROMA_OK);
    same(&result(s, "u", 0)->stat, &want);
    assert_int_equal(stroma_t_paired(x, x0, nx, &t, &want, NULL), STROMA_OK);
    same(&result(s, "p", 0)->stat, &want);
    for (size_t i = 0; i < nx; i++)
        d[i] = x[i] - x0[i];
    assert_int_equal(stroma_signed_rank(d, nx, &r, &want, NULL), STROMA_OK);
    same(&result(s, "v", 0)->stat, &want);
    for (size_t i = 0; i < N; i++) { /* in the order of the subjects */
        const size_t k = i / 2;
        group[i] = i % 2 == 0; /* the control arm is the reference */
        change[i] = i % 2 == 0 ? x[k] - x0[k] : y[k] - y0[k];
        baseline[i] = i % 2 == 0 ? x0[k] : y0[k];
    }
    stroma_ancova_result *fit = NULL;
    assert_int_equal(stroma_ancova(change, baseline, group, N, 2, 0.95, &fit, NULL), STROMA_OK);
    assert_true(result(s, "a", 0)->stat.estimate == fit->contrasts[0].estimate);
    assert_true(result(s, "a", 0)->stat.p == fit->contrasts[0].p);
    assert_true(result(s, "a", 0)->stat.estimate < 0); /* treated minus control */
    stroma_ancova_free(fit);
    study_free(s);
}

/* Without gaps a mixed model with an unstructured covariance is the analysis of covariance at each
 * visit, and so is imputation, which has nothing to do. */
static void test_repeated_measures(void **state)
{
    (void)state;
    study *s = with(
        "- {id: a, method: ancova, params: [das], visit: W12}\n"
        "- {id: m, method: mmrm, params: [das]}\n"
        "- {id: v, method: mmrm, params: [das], outcome: value, visits: [W4, W12]}\n"
        "- {id: c, method: imputation, params: [das], draws: conditional_mean, strategy: j2r}\n"
        "- {id: b, method: imputation, params: [das], imputations: 5, estimand: mine}\n"
        "- {id: f, method: mmrm, params: [ifn], covariance: us, fallback: [toeph, ar1, cs]}\n"
        "- {id: l, method: mmrm, params: [das], transform: log2}\n"
        "- {id: e, method: mmrm, params: [das], covariance: sp_exp}\n"
        "- {id: g, method: mmrm, params: [das], covariance: cs, covariance_by_group: true, df: "
        "satterthwaite}\n"
        "- {id: o, method: mmrm, params: [das], grouping: outcome}\n");
    const stroma_stat want = result(s, "a", 0)->stat;
    /* two means and a difference at each visit; the last is that of W12 */
    static const char *const ids[] = { "m", "v", "b", "c" };
    for (size_t k = 0; k < 4; k++) {
        const study_result *r = result(s, ids[k], 5);
        assert_true(r->visit == 2 && r->group_b != STUDY_NONE);
        assert_true(fabs(r->stat.estimate - want.estimate) < 1e-9);
        if (k == 3) continue; /* the jackknife's variance is its own */
        assert_true(fabs(r->stat.se - want.se) < 1e-8);
        assert_true(fabs(r->stat.df - want.df) < 1e-8);
        assert_true(fabs(r->stat.p - want.p) < 1e-7);
    }
    const study_result *mean = result(s, "m", 0);
    assert_true(isnan(mean->stat.p) && mean->group_b == STUDY_NONE && !isnan(mean->stat.se));
    assert_true(fabs(mean->stat.estimate - result(s, "m", 1)->stat.estimate -
                     result(s, "m", 2)->stat.estimate) < 1e-9);
    assert_string_equal(result(s, "b", 0)->estimand, "mine");
    assert_non_null(strstr(result(s, "c", 0)->estimand, "jump to reference"));
    assert_non_null(strstr(result(s, "c", 0)->stat.variant, "jackknife"));
    /* two visits: the correlation decays over the one distance there is, as compound symmetry has
     * it */
    assert_string_equal(result(s, "e", 5)->stat.variant, "sp_exp");
    assert_true(fabs(result(s, "e", 5)->stat.estimate - want.estimate) < 0.05);
    assert_string_equal(result(s, "g", 5)->stat.variant, "cs");
    double log_change[N], log_baseline[N];
    size_t arm[N];
    for (size_t i = 0; i < N; i++) {
        char text[2][16];
        (void)snprintf(text[0], sizeof text[0], "%.4f", das[0][i]);
        (void)snprintf(text[1], sizeof text[1], "%.4f", das[2][i]);
        log_baseline[i] = log2(strtod(text[0], NULL));
        log_change[i] = log2(strtod(text[1], NULL)) - log_baseline[i];
        arm[i] = i % 2 == 0;
    }
    stroma_ancova_result *logs = NULL;
    assert_int_equal(stroma_ancova(log_change, log_baseline, arm, N, 2, 0.95, &logs, NULL),
                     STROMA_OK);
    assert_true(fabs(result(s, "l", 5)->stat.estimate - logs->contrasts[0].estimate) < 1e-9);
    assert_string_equal(result(s, "l", 5)->stat.estimate_name, "difference in log2");
    stroma_ancova_free(logs);
    /* IFN is the same at every visit: nothing to estimate, and it says which were tried */
    assert_string_equal(result(s, "f", 0)->state, "not_estimable");
    for (size_t k = 0; k < s->results.len; k++)
        if (strcmp(s->results.items[k].analysis_id, "o") == 0 &&
            s->results.items[k].group_b != STUDY_NONE)
            assert_string_equal(s->results.items[k].state, "circular");
    study_free(s);
}

/* One subject leaves before week 12. */
static void test_repeated_measures_with_gaps(void **state)
{
    (void)state;
    left_early = 3;
    study *s = with("- {id: m, method: mmrm, params: [das], df: satterthwaite}\n"
                    "- {id: k, method: imputation, params: [das], draws: conditional_mean}\n"
                    "- {id: l, method: imputation, params: [das], draws: conditional_mean, groups: "
                    "[C, A], delta: 1}\n"
                    "- {id: t, method: imputation, params: [das], draws: conditional_mean, "
                    "groups: [C, A], tipping_limit: -90}\n"
                    "- {id: u, method: imputation, params: [das], draws: conditional_mean, "
                    "groups: [C, A], tipping_limit: 1}\n"
                    "- {id: one, method: mmrm, params: [das], visits: [W12]}\n"
                    "- {id: anc, method: ancova, params: [das], visit: W12}\n");
    left_early = -1;
    const study_result *r = result(s, "m", 5);
    assert_int_equal(r->stat.n1 + r->stat.n2, N - 1);
    assert_non_null(strstr(r->excluded, "\"n\":1"));
    /* one visit: the analysis of covariance */
    assert_true(fabs(result(s, "one", 2)->stat.estimate - result(s, "anc", 0)->stat.estimate) <
                1e-9);
    assert_true(fabs(result(s, "one", 2)->stat.se - result(s, "anc", 0)->stat.se) < 1e-9);
    /* the shift stands behind means and differences, and is no test */
    const study_result *tip = result(s, "t", 6);
    assert_string_equal(tip->stat.estimate_name, "tipping delta");
    assert_true(tip->stat.estimate < 0 && tip->stat.estimate > -90 && isnan(tip->stat.p));
    assert_non_null(strstr(result(s, "u", 6)->reason, "stays significant"));
    /* one of six of the control arm is shifted by 1, at week 12 alone; here it is not the reference
     */
    const double moved = result(s, "l", 5)->stat.estimate + result(s, "k", 5)->stat.estimate;
    assert_true(moved > 0.14 && moved < 0.2);
    assert_true(fabs(result(s, "l", 2)->stat.estimate + result(s, "k", 2)->stat.estimate) < 1e-9);
    study_free(s);
}

/* A rescue at week 4 and one at week 12 of the active arm, told by visit. */
static study *with_rescue(const char *analyses)
{
    static const char rescue[] = "- {file: e.csv, layout: event, subject: id, visit: at, kind: "
                                 "rescue, fields: {term: term}}\n";
    char text[7000];
    const char *derive = strstr(HEAD, "derive:");
    (void)snprintf(text, sizeof text, "%.*s%s%sanalyses:\n%s", (int)(derive - HEAD), HEAD, rescue,
                   derive, analyses);
    write_data();
    fixture_write("e.csv", "id,at,term\n1,D0,Steroid\n3,W4,Steroid\n5,W4,Other\n");
    return fixture_study(text, STEP_CLAIMS);
}

/* ICH E9(R1): each strategy changes the values after the event as it says, and is printed. */
static void test_intercurrent_events(void **state)
{
    (void)state;
    study *s = with_rescue(
        "- {id: p, method: mmrm, params: [das], intercurrent: [{kind: rescue, strategy: "
        "treatment_policy}]}\n"
        "- {id: m, method: mmrm, params: [das]}\n"
        "- {id: h, method: mmrm, params: [das], intercurrent: [{kind: rescue, term: Steroid, "
        "strategy: hypothetical}]}\n"
        "- {id: w, method: mmrm, params: [das], intercurrent: [{kind: rescue, term: Steroid, "
        "strategy: while_on_treatment}]}\n"
        "- {id: c, method: imputation, imputations: 2, params: [das], response: {at_most: -1.2}, "
        "intercurrent: [{kind: rescue, strategy: composite}]}\n"
        "- {id: r, method: imputation, imputations: 2, params: [das], response: {at_most: -20, "
        "percent: true}}\n");
    for (size_t k = 0; k < 6; k++)
        assert_true(result(s, "p", k)->stat.estimate == result(s, "m", k)->stat.estimate);
    assert_non_null(strstr(result(s, "p", 0)->estimand, "treatment policy strategy (ICH E9(R1))"));
    /* the first subject has nothing after baseline left, the second nothing after week 4 */
    assert_int_equal(result(s, "h", 2)->stat.n1, 5);
    assert_int_equal(result(s, "h", 5)->stat.n1, 4);
    assert_non_null(strstr(result(s, "h", 5)->estimand, "Steroid: hypothetical strategy"));
    assert_int_equal(result(s, "w", 5)->stat.n1, 6);
    assert_true(result(s, "w", 5)->stat.estimate > result(s, "m", 5)->stat.estimate);
    size_t responders = 0, by_percent = 0;
    for (int u = 0; u < N; u += 2) {
        responders += u > 4 && das[2][u] - das[0][u] <= -1.2;
        by_percent += das[2][u] - das[0][u] <= -0.2 * das[0][u];
    }
    assert_true(responders > 0);
    const study_result *c = result(s, "c", 3); /* week 12, active: means stand before differences */
    assert_true(fabs(c->stat.estimate - (double)responders / 6) < 1e-12);
    assert_non_null(strstr(c->stat.variant, "rescue: composite strategy (ICH E9(R1))"));
    assert_string_equal(c->stat.estimate_name,
                        "proportion of responders, missing at random; rescue: composite strategy "
                        "(ICH E9(R1))");
    assert_non_null(strstr(result(s, "c", 5)->estimand, "difference in response"));
    assert_true(fabs(result(s, "r", 3)->stat.estimate - (double)by_percent / 6) < 1e-12);
    study_free(s);
    char text[6000];
    (void)snprintf(text, sizeof text, "%sanalyses:\n%s", HEAD,
                   "- {id: c, method: imputation, params: [das], intercurrent: [{kind: rescue, "
                   "strategy: composite}]}\n");
    fixture_fails(text, STEP_ANALYSE, 22, "add response:");
}

static void test_counts_are_those_of_direct_calls(void **state)
{
    (void)state;
    study *s = with("- {id: rate, method: proportion, param: good, visit: W12}\n"
                    "- {id: rd, method: risk_difference, param: good, visit: W12}\n");
    size_t table[4] = { 0 };
    for (int u = 0; u < N; u++)
        table[(u % 2) * 2 + (das[2][u] < 4.2 ? 0 : 1)]++;
    const stroma_stat rate =
        stroma_proportion(table[0], table[0] + table[1], STROMA_PROPORTION_CLOPPER_PEARSON, 0.95);
    const stroma_stat *got = &result(s, "rate", 0)->stat;
    assert_true(got->estimate == rate.estimate && got->lower == rate.lower &&
                got->upper == rate.upper);
    const stroma_stat rd =
        stroma_risk_difference(table, STROMA_DIFFERENCE_MIETTINEN_NURMINEN, 0.95);
    got = &result(s, "rd", 0)->stat;
    assert_true(got->estimate == rd.estimate && got->lower == rd.lower && got->upper == rd.upper);
    assert_true(got->p == stroma_fisher_exact(table, STROMA_TWO_SIDED, 0.95).p);
    study_free(s);
}

static void test_families_are_adjusted(void **state)
{
    (void)state;
    study *s = with("- {id: one, method: compare, params: [das, treg], visit: W12, family: f, "
                    "adjust: bonferroni}\n"
                    "- {id: two, method: compare, params: [ifn], visit: D0, family: f, adjust: "
                    "bonferroni}\n"
                    "- {id: alone, method: compare, params: [das], visit: D0}\n");
    double p[3], want[3];
    for (size_t k = 0; k < 3; k++)
        p[k] = s->results.items[k].stat.p;
    assert_int_equal(stroma_p_adjust(p, 3, 0, STROMA_ADJUST_BONFERRONI, want, NULL), STROMA_OK);
    for (size_t k = 0; k < 3; k++)
        assert_true(s->results.items[k].p_adjusted == want[k]);
    assert_true(result(s, "alone", 0)->p_adjusted == result(s, "alone", 0)->stat.p);
    study_free(s);
    char text[6000];
    (void)snprintf(text, sizeof text,
                   "%sanalyses:\n- {id: one, method: compare, params: [das], visit: W12, family: "
                   "f}\n- {id: two, method: compare, params: [ifn], visit: D0, family: f, adjust: "
                   "bh}\n",
                   HEAD);
    fixture_fails(text, STEP_ANALYSE, 23, "the same in the whole family");
}

static void circular(const study *s, const char *analysis, size_t k, const char *reason)
{
    const study_result *r = result(s, analysis, k);
    if (strcmp(r->state, "circular") != 0)
        print_message("%s %zu is %s, expected: %s\n", analysis, k, r->state, reason);
    assert_string_equal(r->state, "circular");
    if (strstr(r->reason, reason) == NULL) print_message("%s\n", r->reason);
    assert_non_null(strstr(r->reason, reason));
    assert_true(isnan(r->stat.p) && isnan(r->p_adjusted) && !isnan(r->p_paper));
}

static void open_(const study *s, const char *analysis, size_t k)
{
    const study_result *r = result(s, analysis, k);
    if (strcmp(r->state, "present") != 0) print_message("%s %zu: %s\n", analysis, k, r->reason);
    assert_string_equal(r->state, "present");
    assert_false(isnan(r->stat.p));
}

static void test_time_guard(void **state)
{
    (void)state;
    study *s = with(
        "- {id: own, method: compare, params: [das, das_change], visit: W12, grouping: outcome}\n"
        "- {id: derived, method: compare, params: [ratio], visit: D0, grouping: by_esr}\n"
        "- {id: companion, method: compare, params: [crp], visit: W12, grouping: by_esr}\n"
        "- {id: before, method: compare, params: [ifn], visits: [D0, W4, W12], grouping: outcome}\n"
        "- {id: predictor, method: compare, params: [ifn], visits: [D0, W4, W12], grouping: "
        "outcome, predictor: true}\n"
        "- {id: exposed, method: compare, params: [treg], visits: [D0, W4, W12], grouping: "
        "exposure}\n"
        "- {id: offered, method: compare, params: [treg], visits: [D0, W4, W12], grouping: "
        "exposure, "
        "predictor: true}\n"
        "- {id: arms, method: compare, params: [das], visits: [D0, W12]}\n"
        "- {id: within, method: before_after, params: [das], visits: [D0, W12], grouping: "
        "outcome}\n"
        "- {id: coupled, method: correlation, x: {param: das_change, visit: W12}, y: {param: das, "
        "visit: D0}, grouping: all}\n"
        "- {id: lagged, method: correlation, x: {param: crp, visit: D0}, y: {param: crp, visit: "
        "W12}, grouping: all}\n");
    circular(s, "own", 0, "made from Score, which stands behind");
    circular(s, "own", 1, "made from Score, which stands behind");
    circular(s, "derived", 0, "made from ESR, which stands behind");
    circular(s, "companion", 0, "the acute-phase companion");
    open_(s, "before", 0); /* baseline differs before the groups part */
    circular(s, "before", 1, "measured after treatment began and run into it");
    circular(s, "before", 2, "measured after treatment began and run into it");
    open_(s, "predictor", 0);
    open_(s, "predictor", 1); /* before the landmark, and offered as a predictor */
    circular(s, "predictor", 2, "run into it");
    open_(s, "exposed", 0);
    circular(s, "exposed", 1, "formed from data up to W4");
    open_(s, "exposed", 2); /* a landmark analysis */
    open_(s, "offered", 1 - 1);
    circular(s, "offered", 1, "reaches to W4");
    circular(s, "offered", 2, "reaches to W12");
    open_(s, "arms", 0);
    open_(s, "arms", 1);
    circular(s, "within", 0, "stands behind");
    circular(s, "coupled", 0, "mathematical coupling");
    open_(s, "lagged", 0); /* one measured parameter at two visits is not coupled */
    study_free(s);
}

static void test_results_and_summaries_are_labelled_once(void **state)
{
    (void)state;
    study *s = with("- {id: a, method: time_course, params: [das, ifn], tests: [within, between, "
                    "consecutive]}\n"
                    "- {id: b, method: time_course, params: [das], level: 0.9}\n"
                    "- {id: c, method: describe, params: [das, good]}\n");
    assert_true(s->results.len > 0);
    for (size_t i = 0; i < s->results.len; i++)
        assert_true(s->results.items[i].label[0] != '\0');
    for (size_t i = 0; i < s->summaries.len; i++)
        for (size_t k = 0; k < i; k++) {
            const study_summary *a = &s->summaries.items[i], *b = &s->summaries.items[k];
            assert_false(a->param == b->param && a->visit == b->visit &&
                         a->grouping == b->grouping && a->group == b->group && a->set == b->set);
        }
    study_free(s);
}

static void test_faults_of_analyses(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "{id: x, method: compare, params: [nope]}", "no measurements of parameter" },
        { "{id: x, method: compare, params: [das], visit: W9}", "unknown visit" },
        { "{id: x, method: compare, params: [das], grouping: nope}", "unknown grouping" },
        { "{id: x, method: compare, params: [das], groups: [Z]}", "unknown group" },
        { "{id: x, method: compare, params: [das], groups: [A]}", "two groups at least" },
        { "{id: x, method: compare, params: [das], set: nope}", "unknown analysis set" },
        { "{id: x, method: compare, params: [das], level: 1}", "between 0 and 1" },
        { "{id: x, method: before_after, params: [das], visit: W4}", "[before, after]" },
        { "{id: x, method: time_course, params: [das], tests: [sideways]}", "tests are within" },
        { "{id: x, method: correlation, x: {param: das, visit: D0}}", "missing is" },
        { "{id: x, method: ancova}", "ancova needs params" },
        { "{id: x, method: compare}", "give params" },
        { "{id: x, method: risk_difference, param: good, visit: W12, groups: [A]}",
          "needs two groups" },
    };
    write_data();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[6000];
        (void)snprintf(text, sizeof text, "%sanalyses:\n- %s\n", HEAD, cases[i][0]);
        fixture_fails(text, STEP_ANALYSE, 22, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_those_of_direct_calls),
        cmocka_unit_test(test_repeated_measures),
        cmocka_unit_test(test_intercurrent_events),
        cmocka_unit_test(test_repeated_measures_with_gaps),
        cmocka_unit_test(test_counts_are_those_of_direct_calls),
        cmocka_unit_test(test_families_are_adjusted),
        cmocka_unit_test(test_time_guard),
        cmocka_unit_test(test_results_and_summaries_are_labelled_once),
        cmocka_unit_test(test_faults_of_analyses),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
