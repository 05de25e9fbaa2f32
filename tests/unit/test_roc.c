/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/memory.h"
#include "stroma/models_roc.h"
#include "stroma/sort.h"
#include "stroma/stats_contingency.h"

#include <time.h>

/* A marker of a data file in two classes. */
typedef struct marker {
    double *positive, *negative;
    stroma_roc_sample sample;
} marker;

static marker marker_read(const char *file, const char *value, const char *outcome, const char *yes,
                          const char *no)
{
    test_csv t = test_csv_read(test_data(file));
    marker m = { 0 };
    m.sample.positive_len = test_csv_select(&t, value, outcome, yes, &m.positive);
    m.sample.negative_len = test_csv_select(&t, value, outcome, no, &m.negative);
    m.sample.positive = m.positive;
    m.sample.negative = m.negative;
    test_csv_free(&t);
    return m;
}

static void marker_free(marker *m)
{
    free(m->positive);
    free(m->negative);
}

static marker asah(const char *name)
{
    return marker_read("clinical/rdata/pROC_aSAH.csv", name, "outcome", "Poor", "Good");
}

static const char asah_file[] = "clinical/rdata/pROC_aSAH.csv";

static marker marker_of_case(const json_t *one)
{
    const json_t *data = json_object_get(one, "data");
    const char *id = json_string_value(json_object_get(one, "id"));
    if (strncmp(id, "aSAH_", 5) == 0) return asah(id + 5);
    if (strcmp(id, "suicide_dsi") == 0)
        return marker_read("clinical/rdata/cutpointr_suicide.csv", "dsi", "suicide", "yes", "no");
    marker m = { 0 };
    double *x = NULL, *y = NULL;
    const size_t n = test_expected_array(json_object_get(data, "x"), &x);
    assert_int_equal(test_expected_array(json_object_get(data, "y"), &y), n);
    m.positive = calloc(n + 1, sizeof *m.positive);
    m.negative = calloc(n + 1, sizeof *m.negative);
    for (size_t i = 0; i < n; i++) {
        if (y[i] > 0)
            m.positive[m.sample.positive_len++] = x[i];
        else
            m.negative[m.sample.negative_len++] = x[i];
    }
    m.sample.positive = m.positive;
    m.sample.negative = m.negative;
    free(x);
    free(y);
    return m;
}

static stroma_stat auc(const stroma_roc_sample *s, stroma_auc_interval interval)
{
    stroma_auc_options o = STROMA_AUC_OPTIONS_INIT;
    stroma_stat out;
    o.interval = interval;
    o.p_method = STROMA_RANK_NORMAL_CORRECTED;
    assert_int_equal(stroma_auc(s, &o, &out, NULL), STROMA_OK);
    return out;
}

static double number_or_nan(const json_t *j)
{
    return json_is_number(j) ? json_number_value(j) : (double)NAN;
}

static void check_pair(const json_t *want, const char *id, const char *key, double lower,
                       double upper, double tol)
{
    const json_t *pair = json_object_get(want, key);
    const double wants[] = { number_or_nan(json_array_get(pair, 0)),
                             number_or_nan(json_array_get(pair, 1)) };
    const double got[] = { lower, upper };
    for (size_t i = 0; i < 2; i++)
        if (isnan(wants[i]) ? !isnan(got[i]) : !test_near(got[i], wants[i], tol))
            fail_msg("%s: %s[%zu] is %.17g, wanted %.17g", id, key, i, got[i], wants[i]);
}

static void check_auc(const json_t *want, const char *id, const stroma_roc_sample *s, double tol)
{
    const stroma_stat d = auc(s, STROMA_AUC_DELONG), l = auc(s, STROMA_AUC_DELONG_LOGIT),
                      h = auc(s, STROMA_AUC_HANLEY_MCNEIL);
    assert_int_equal(d.n1, (size_t)test_expected_number(want, "n_pos"));
    assert_int_equal(d.n2, (size_t)test_expected_number(want, "n_neg"));
    test_check(want, id, "auc", d.estimate, tol);
    test_check(want, id, "se_delong", d.se, tol);
    check_pair(want, id, "ci_delong", d.lower, d.upper, tol);
    test_check(want, id, "se_hanley_mcneil", h.se, tol);
    /* all tied: the logit interval is a point in both */
    check_pair(want, id, "ci_delong_logit", l.lower, l.upper, tol);
    const double p = number_or_nan(json_object_get(want, "p_vs_0.5_mannwhitney"));
    if (isnan(p))
        assert_true(isnan(d.p) && d.reason[0] != '\0');
    else
        assert_near(d.p, p, tol);
    /* The file's "pauc_spec_1_0.9" is the whole area (a partial area over a width of 0.1 is at most
     * 0.1): what it holds is checked as what it is, and partial areas against pROC below. */
    assert_near(number_or_nan(json_object_get(want, "pauc_spec_1_0.9")), d.estimate, tol);
}

/* The point of the curve that is best by a rule: the first one. */
static stroma_roc_point best_point(const stroma_roc_sample *s, bool youden)
{
    stroma_roc_point *p = NULL;
    size_t n = 0, best = 0;
    assert_int_equal(stroma_roc_curve(s, &p, &n, NULL), STROMA_OK);
    double least = INFINITY;
    for (size_t i = 0; i < n; i++) {
        const double miss = 1 - p[i].sensitivity, alarm = 1 - p[i].specificity;
        const double loss = youden ? miss + alarm : miss * miss + alarm * alarm;
        if (loss < least - 1e-12) {
            least = loss;
            best = i;
        }
    }
    const stroma_roc_point out = p[best];
    stroma_free(p);
    return out;
}

/* A number, or one for each of several best points. */
static void check_youden(const json_t *want, const char *id, const stroma_roc_point *p, double tol)
{
    const json_t *j = json_is_array(want) ? json_array_get(want, 0) : want;
    if (!json_is_number(j)) fail_msg("%s: no Youden index", id);
    assert_near(p->sensitivity + p->specificity - 1, json_number_value(j), tol);
}

static void check_cutoffs(const json_t *want, const char *id, const stroma_roc_sample *s,
                          double tol)
{
    static const char *const keys[] = { "youden", "closest_topleft" };
    for (size_t k = 0; k < 2; k++) {
        const json_t *first = json_array_get(json_object_get(want, keys[k]), 0);
        const stroma_roc_point p = best_point(s, k == 0);
        test_check(first, id, "sensitivity", p.sensitivity, tol);
        test_check(first, id, "specificity", p.specificity, tol);
        const double t = number_or_nan(json_object_get(first, "threshold"));
        if (k == 0) check_youden(json_object_get(want, "youden_J"), id, &p, tol);
        if (isnan(t)) {
            assert_true(isinf(p.threshold)); /* JSON has no infinity */
            continue;
        }
        assert_near(p.threshold, t, tol);
        if (k == 1) continue;
        stroma_roc_cutoff c;
        assert_int_equal(
            stroma_roc_at(s, p.threshold, false, STROMA_PROPORTION_WILSON, 0.95, &c, NULL),
            STROMA_OK);
        test_check(first, id, "ppv", c.ppv.estimate, tol);
        test_check(first, id, "npv", c.npv.estimate, tol);
        test_check(first, id, "accuracy", c.accuracy.estimate, tol);
    }
}

static void check_threshold(const json_t *at, const char *id, const stroma_roc_sample *s,
                            double tol)
{
    if (at == NULL) return;
    const char *rule = json_string_value(json_object_get(at, "rule"));
    assert_int_equal(rule[0], '>');
    const double t = strtod(rule + 1, NULL);
    stroma_roc_cutoff w, c;
    assert_int_equal(stroma_roc_at(s, t, false, STROMA_PROPORTION_WILSON, 0.95, &w, NULL),
                     STROMA_OK);
    assert_int_equal(stroma_roc_at(s, t, false, STROMA_PROPORTION_CLOPPER_PEARSON, 0.95, &c, NULL),
                     STROMA_OK);
    test_check(at, id, "tp", (double)w.tp, 0);
    test_check(at, id, "fp", (double)w.fp, 0);
    test_check(at, id, "fn", (double)w.fn, 0);
    test_check(at, id, "tn", (double)w.tn, 0);
    test_check(at, id, "sens", w.sensitivity.estimate, tol);
    test_check(at, id, "spec", w.specificity.estimate, tol);
    check_pair(at, id, "sens_wilson", w.sensitivity.lower, w.sensitivity.upper, tol);
    check_pair(at, id, "spec_wilson", w.specificity.lower, w.specificity.upper, tol);
    check_pair(at, id, "sens_clopper", c.sensitivity.lower, c.sensitivity.upper, tol);
    check_pair(at, id, "spec_clopper", c.specificity.lower, c.specificity.upper, tol);
    test_check(at, id, "ppv", w.ppv.estimate, tol);
    test_check(at, id, "npv", w.npv.estimate, tol);
    test_check(at, id, "lr_pos", w.lr_positive, tol);
    test_check(at, id, "lr_neg", w.lr_negative, tol);
    test_check(at, id, "dor", w.odds_ratio, tol);
    const size_t table[] = { w.tp, w.fp, w.fn, w.tn };
    const stroma_stat f = stroma_fisher_exact(table, STROMA_TWO_SIDED, 0.95);
    test_check(at, id, "fisher_p", f.p, tol);
}

static void check_comparison(const json_t *one, const char *id, double tol)
{
    const json_t *want = json_object_get(one, "expected");
    marker a = asah("s100b"), b = asah(strstr(id, "_vs_") + 4);
    stroma_stat s;
    assert_int_equal(stroma_auc_compare_paired(&a.sample, &b.sample, 0.95, &s, NULL), STROMA_OK);
    test_check(want, id, "z", s.statistic, tol);
    test_check(want, id, "p", s.p, tol);
    if (json_object_get(want, "diff") != NULL) {
        test_check(want, id, "diff", s.estimate, tol);
        check_pair(want, id, "ci_diff", s.lower, s.upper, tol);
    }
    marker_free(&a);
    marker_free(&b);
}

static void test_expected(void **state)
{
    (void)state;
    json_t *cases = test_expected_load("clinical/expected/roc.json");
    if (cases == NULL) skip();
    assert_int_equal(json_array_size(cases), 8);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i), *want = json_object_get(one, "expected");
        const char *id = json_string_value(json_object_get(one, "id"));
        const double tol = test_expected_number(one, "tol_rel");
        if (strstr(id, "_delong_") != NULL) {
            check_comparison(one, id, tol);
            continue;
        }
        marker m = marker_of_case(one);
        check_auc(want, id, &m.sample, tol);
        check_cutoffs(want, id, &m.sample, tol);
        check_threshold(json_object_get(want, "at_threshold"), id, &m.sample, tol);
        marker_free(&m);
    }
    json_decref(cases);
}

static double partial(const stroma_roc_sample *s, const char *quantity)
{
    stroma_roc_range r = { 0 };
    r.standardise = quantity[0] == 's';
    r.axis =
        strstr(quantity, "sensitivity") != NULL ? STROMA_ROC_SENSITIVITY : STROMA_ROC_SPECIFICITY;
    char *end = NULL;
    r.from = strtod(strrchr(quantity, ' '), &end);
    r.to = strtod(end + 1, NULL);
    stroma_stat out;
    assert_int_equal(stroma_auc_partial(s, &r, 0.95, NULL, &out, NULL), STROMA_OK);
    return out.estimate;
}

static marker men(const char *gender)
{
    test_csv t = test_csv_read(test_data(asah_file));
    marker m = { calloc(t.rows, sizeof(double)), calloc(t.rows, sizeof(double)), { 0 } };
    for (size_t r = 0; r < t.rows; r++) {
        if (strcmp(test_csv_text(&t, r, "gender"), gender) != 0) continue;
        const double x = test_csv_number(&t, r, "s100b");
        if (strcmp(test_csv_text(&t, r, "outcome"), "Poor") == 0)
            m.positive[m.sample.positive_len++] = x;
        else
            m.negative[m.sample.negative_len++] = x;
    }
    m.sample.positive = m.positive;
    m.sample.negative = m.negative;
    test_csv_free(&t);
    return m;
}

static double of_stat(const stroma_stat *s, const char *quantity)
{
    switch (quantity[0]) {
    case 'a': return s->estimate;
    case 'l': return s->lower;
    case 'u': return s->upper;
    case 'd': return s->df;
    case 'p': return s->p;
    default: return s->statistic;
    }
}

static void test_reference(void **state)
{
    (void)state;
    if (test_data(asah_file) == NULL) skip();
    test_csv t = test_csv_read(test_source("tests/reference/roc.csv"));
    assert_int_equal(t.rows, 22);
    for (size_t r = 0; r < t.rows; r++) {
        const char *name = test_csv_text(&t, r, "marker"), *what = test_csv_text(&t, r, "quantity");
        const bool two = strstr(name, " v ") != NULL, sexes = strstr(name, "women") != NULL;
        marker a = sexes ? men("Male") : asah(two ? "s100b" : name);
        marker b = sexes ? men("Female") : asah(two ? "wfns" : name);
        stroma_stat s = auc(&a.sample, STROMA_AUC_DELONG);
        if (two)
            assert_int_equal((sexes ? stroma_auc_compare_unpaired : stroma_auc_compare_paired)(
                                 &a.sample, &b.sample, 0.95, &s, NULL),
                             STROMA_OK);
        const double got =
            strstr(what, "ity ") != NULL ? partial(&a.sample, what) : of_stat(&s, what);
        const double want = test_csv_number(&t, r, "value"),
                     tol = test_csv_number(&t, r, "tolerance");
        if (fabs(got - want) > tol * fmax(1, fabs(want)))
            fail_msg("%s, %s: %.17g, wanted %.17g", name, what, got, want);
        marker_free(&a);
        marker_free(&b);
    }
    test_csv_free(&t);
}

/* Monte-Carlo bounds: four standard errors of the difference of two runs of 20,000. */
static void test_resampling(void **state)
{
    (void)state;
    json_t *all = test_expected_load("clinical/expected/resampling.json");
    if (all == NULL) skip();
    const json_t *want = json_object_get(all, "youden_cut_bootstrap");
    marker m = asah("s100b");
    stroma_auc_options o = STROMA_AUC_OPTIONS_INIT;
    o.interval = STROMA_AUC_BOOTSTRAP;
    o.bootstrap.resamples = 20000;
    o.bootstrap.threads = 2;
    stroma_stat s;
    assert_int_equal(stroma_auc(&m.sample, &o, &s, NULL), STROMA_OK);
    const double tail = 4 * sqrt(2 * 0.025 * 0.975 / 20000) / (0.0584 / s.se);
    print_message("# bootstrap AUC %.4f-%.4f, SE %.5f\n", s.lower, s.upper, s.se);
    assert_true(fabs(s.lower - test_expected_number(want, "auc_percentile.0")) < tail);
    assert_true(fabs(s.upper - test_expected_number(want, "auc_percentile.1")) < tail);
    assert_true(fabs(s.se - test_expected_number(want, "auc_se")) < 4 * s.se / sqrt(20000));
    stroma_roc_search c;
    assert_int_equal(stroma_roc_search_cutoff(&m.sample, 0.95, &o.bootstrap, &c, NULL), STROMA_OK);
    print_message("# searched cut-off %g (%g-%g), Youden %.3f, corrected %.3f\n", c.threshold,
                  c.cutoff.lower, c.cutoff.upper, c.youden, c.youden_corrected);
    assert_near(c.threshold, 0.205, 1e-12);
    /* the thresholds are few, so a percentile jumps: tails four standard errors thinner and fatter
     * must bracket it */
    const double slack = 4 * sqrt(2 * 0.025 * 0.975 / 20000);
    stroma_roc_search wide, narrow;
    assert_int_equal(
        stroma_roc_search_cutoff(&m.sample, 0.95 + 2 * slack, &o.bootstrap, &wide, NULL),
        STROMA_OK);
    assert_int_equal(
        stroma_roc_search_cutoff(&m.sample, 0.95 - 2 * slack, &o.bootstrap, &narrow, NULL),
        STROMA_OK);
    /* and the middle one lies between the percentiles that far from the 50th */
    stroma_roc_search middle;
    const double about = 4 * sqrt(2 * 0.5 * 0.5 / 20000);
    assert_int_equal(stroma_roc_search_cutoff(&m.sample, 2 * about, &o.bootstrap, &middle, NULL),
                     STROMA_OK);
    /* two rules for tied thresholds are stored, and gave the same */
    static const char *const rules[] = { "cut_percentile_first", "cut_percentile_median" };
    for (size_t i = 0; i < 2; i++) {
        const json_t *cut = json_object_get(want, rules[i]);
        const double low = test_expected_number(cut, "0"), high = test_expected_number(cut, "2");
        const double centre = test_expected_number(cut, "1");
        assert_true(wide.cutoff.lower < low + 1e-9 && low < narrow.cutoff.lower + 1e-9);
        assert_true(narrow.cutoff.upper < high + 1e-9 && high < wide.cutoff.upper + 1e-9);
        assert_true(middle.cutoff.lower < centre + 1e-9 && centre < middle.cutoff.upper + 1e-9);
    }
    print_message("# middle of the searched cut-offs %g-%g\n", middle.cutoff.lower,
                  middle.cutoff.upper);
    assert_true(middle.cutoff.upper - middle.cutoff.lower < 0.02);
    assert_true(narrow.cutoff.lower < 0.16 && wide.cutoff.upper < 0.55);
    assert_int_equal(c.resamples_failed, 0);
    assert_true(c.youden_corrected < c.youden - 0.01 && c.youden_corrected > c.youden - 0.1);
    assert_true(c.optimism_mcse < 0.001);
    marker_free(&m);
    static const char *const markers[] = { "s100b", "ndka" };
    for (size_t i = 0; i < 2; i++) {
        const json_t *x = json_object_get(json_object_get(all, "maxstat"), markers[i]);
        marker k = asah(markers[i]);
        stroma_stat p;
        assert_int_equal(stroma_roc_max_selected(&k.sample, 0.1, &p, NULL), STROMA_OK);
        print_message("# maximally selected %s: cut-off %g, max |z| %.6f, exact p %.6g\n",
                      markers[i], p.estimate, p.statistic, p.p);
        assert_near(p.estimate, strtod(json_string_value(json_object_get(x, "cut")) + 2, NULL),
                    1e-12);
        if (json_object_get(x, "statistic") != NULL)
            assert_true(fabs(p.statistic - test_expected_number(x, "statistic")) < 5e-7);
        assert_true(p.p > test_expected_number(x, "p_ci99.0"));
        assert_true(p.p < test_expected_number(x, "p_ci99.1"));
        marker_free(&k);
    }
    json_decref(all);
}

/* The outcome named so of the patient of a row; NaN: not recorded. */
static double of_patient(const test_csv *t, size_t row, const char *what)
{
    for (size_t r = 0; r < t->rows; r++)
        if (strcmp(test_csv_text(t, r, "X_NAME_"), what) == 0 &&
            strcmp(test_csv_text(t, r, "id"), test_csv_text(t, row, "id")) == 0)
            return test_csv_number(t, r, "outcome");
    return NAN;
}

/* RAPPORT: does a low DAS28 at the start go with remission at month 12? The stored answer is of
 * those with a HAQ at the start, 114 of the 118 who have both scores. */
static void test_remission_in_rapport(void **state)
{
    (void)state;
    json_t *all = test_expected_load("clinical/expected/rapport_ra.json");
    if (all == NULL) skip();
    const json_t *want = json_object_get(all, "roc_das0_predicts_remission12");
    test_csv t = test_csv_read(test_data("clinical/ra/mdhglm_ra_data_RAPPORT.csv"));
    double positive[200], negative[200];
    stroma_roc_sample s = { .positive = positive,
                            .negative = negative,
                            .direction = STROMA_ROC_LOWER };
    for (size_t r = 0; r < t.rows; r++) {
        if (strcmp(test_csv_text(&t, r, "X_NAME_"), "das0") != 0) continue;
        const double before = test_csv_number(&t, r, "outcome");
        const double after = of_patient(&t, r, "das12");
        if (isnan(before) || isnan(after) || isnan(of_patient(&t, r, "haq0"))) continue;
        if (after < 2.6)
            positive[s.positive_len++] = before;
        else
            negative[s.negative_len++] = before;
    }
    const stroma_stat a = auc(&s, STROMA_AUC_DELONG);
    test_check(want, "rapport", "n", (double)(s.positive_len + s.negative_len), 1e-15);
    test_check(want, "rapport", "n_pos", (double)s.positive_len, 1e-15);
    test_check(want, "rapport", "auc", a.estimate, 1e-12);
    test_check(want, "rapport", "ci_delong.0", a.lower, 1e-9);
    test_check(want, "rapport", "ci_delong.1", a.upper, 1e-9);
    test_csv_free(&t);
    json_decref(all);
}

/* Every arrangement of 4 positives among 9 subjects with ties: the p-value is the share of them
 * whose largest |z| reaches the observed one. */
static double largest_z(const double *x, unsigned set, size_t n, double margin)
{
    double best = 0;
    for (size_t c = 0; c + 1 < n; c++) {
        if (x[c] == x[c + 1]) continue;
        const double m = (double)c + 1, total = (double)n, n1 = __builtin_popcount(set);
        if (m < ceil(margin * total) || total - m < ceil(margin * total)) continue;
        const double k = __builtin_popcount(set & ((2U << c) - 1));
        const double v = m * (total - m) * n1 * (total - n1) / (total * total * (total - 1));
        best = fmax(best, fabs(k - m * n1 / total) / sqrt(v));
    }
    return best;
}

static void test_max_selected_by_listing(void **state)
{
    (void)state;
    static const double x[] = { 1, 1, 2, 3, 3, 3, 4, 5, 6 };
    enum { N = 9 };
    for (unsigned set = 0; set < 1U << N; set++) {
        if (__builtin_popcount(set) != 4) continue;
        double pos[N], neg[N];
        stroma_roc_sample s = { pos, 0, neg, 0, STROMA_ROC_HIGHER };
        for (size_t i = 0; i < N; i++) {
            if (set >> i & 1)
                pos[s.positive_len++] = x[i];
            else
                neg[s.negative_len++] = x[i];
        }
        const double seen = largest_z(x, set, N, 0.2);
        double beyond = 0, all = 0;
        for (unsigned other = 0; other < 1U << N; other++) {
            if (__builtin_popcount(other) != 4) continue;
            all++;
            beyond += largest_z(x, other, N, 0.2) >= seen - 1e-9;
        }
        stroma_stat p;
        assert_int_equal(stroma_roc_max_selected(&s, 0.2, &p, NULL), STROMA_OK);
        assert_near(p.statistic, seen, 1e-13);
        assert_near(p.p, beyond / all, 1e-12);
    }
}

/* 12 of 28 responders above the limit before treatment, 0 of 24 others; the rest "<2". */
static void test_censored_are_tied_lowest(void **state)
{
    (void)state;
    double value[52];
    stroma_cell_state cell[52];
    for (size_t i = 0; i < 52; i++) {
        value[i] = i < 12 ? 2.5 + (double)i : 2;
        cell[i] = i < 12 ? STROMA_PRESENT : STROMA_BELOW_LIMIT;
    }
    assert_int_equal(stroma_roc_tie_censored(value, cell, 52, NULL), STROMA_OK);
    assert_true(value[12] < 2 && value[12] == value[51]);
    const stroma_roc_sample s = { value, 28, value + 28, 24, STROMA_ROC_HIGHER };
    const stroma_stat a = auc(&s, STROMA_AUC_DELONG);
    assert_near(a.estimate, 0.5 + 0.5 * 12 / 28, 1e-15); /* 0.714 */
    stroma_roc_cutoff c;
    assert_int_equal(stroma_roc_at(&s, 2, true, STROMA_PROPORTION_CLOPPER_PEARSON, 0.95, &c, NULL),
                     STROMA_OK);
    assert_int_equal(c.tp, 12);
    assert_int_equal(c.fp, 0);
    assert_near(c.npv.estimate, 24.0 / 40, 1e-15);
    assert_true(isinf(c.lr_positive));
    value[0] = 1.5;
    cell[0] = STROMA_PRESENT;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_roc_tie_censored(value, cell, 52, &err), STROMA_E_INCONSISTENT);
    assert_string_equal(err.message,
                        "value 1.5 lies beyond the limit 2 of another row: their order "
                        "is not known");
    cell[1] = STROMA_MISSING;
    assert_int_equal(stroma_roc_tie_censored(value, cell, 52, &err), STROMA_E_USAGE);
}

static void test_direction_is_declared(void **state)
{
    (void)state;
    const double pos[] = { 1, 2, 2.5, 4 }, neg[] = { 2, 3, 5 };
    stroma_roc_sample s = { pos, 4, neg, 3, STROMA_ROC_HIGHER };
    const stroma_stat up = auc(&s, STROMA_AUC_DELONG);
    s.direction = STROMA_ROC_LOWER;
    const stroma_stat down = auc(&s, STROMA_AUC_DELONG);
    assert_near(up.estimate, 3.5 / 12, 1e-15); /* pairs: 2 v 2 tied, 2.5 > 2, 4 > 2, 4 > 3 */
    assert_near(down.estimate, 1 - up.estimate, 1e-15);
    assert_near(down.se, up.se, 1e-15);
    assert_near(down.p, up.p, 1e-15);
    stroma_roc_cutoff c;
    assert_int_equal(stroma_roc_at(&s, 2.5, true, STROMA_PROPORTION_WILSON, 0.95, &c, NULL),
                     STROMA_OK);
    assert_int_equal(c.tp, 3);
    assert_int_equal(c.fp, 1);
    assert_int_equal(stroma_roc_at(&s, 2.5, false, STROMA_PROPORTION_WILSON, 0.95, &c, NULL),
                     STROMA_OK);
    assert_int_equal(c.tp, 2);
    stroma_roc_search f;
    const stroma_roc_bootstrap b = STROMA_ROC_BOOTSTRAP_INIT;
    assert_int_equal(stroma_roc_search_cutoff(&s, 0.95, &b, &f, NULL), STROMA_OK);
    assert_int_equal(
        stroma_roc_at(&s, f.threshold, false, STROMA_PROPORTION_WILSON, 0.95, &c, NULL), STROMA_OK);
    assert_int_equal(c.tp, f.tp);
    assert_int_equal(c.fp, f.fp);
}

static void test_predictive_values(void **state)
{
    (void)state;
    /* sensitivity 0.9 of 100, specificity 0.8 of 100 */
    const stroma_roc_cutoff c = { .tp = 90, .fn = 10, .tn = 80, .fp = 20 };
    stroma_stat ppv, npv;
    stroma_roc_predictive(&c, 0.1, 0.95, &ppv, &npv);
    assert_near(ppv.estimate, 0.09 / (0.09 + 0.18), 1e-15);
    assert_near(npv.estimate, 0.72 / (0.72 + 0.01), 1e-15);
    const double half = 1.959963984540054 * sqrt(0.1 / 0.9 / 100 + 0.8 / 0.2 / 100);
    assert_near(log(ppv.upper / (1 - ppv.upper)), log(0.5) + half, 1e-12);
    assert_near(log(ppv.lower / (1 - ppv.lower)), log(0.5) - half, 1e-12);
    /* at the share of the sample it is the plain share */
    stroma_roc_predictive(&c, 0.5, 0.95, &ppv, &npv);
    assert_near(ppv.estimate, 90.0 / 110, 1e-15);
    const stroma_roc_cutoff sure = { .tp = 12, .fn = 16, .tn = 24, .fp = 0 };
    stroma_roc_predictive(&sure, 0.3, 0.95, &ppv, &npv);
    assert_near(ppv.estimate, 1, 0);
    assert_true(isnan(ppv.lower) && ppv.reason[0] != '\0');
    stroma_roc_predictive(&sure, 0, 0.95, &ppv, &npv);
    assert_true(ppv.not_estimable && npv.not_estimable);
}

static void test_what_cannot_be_done(void **state)
{
    (void)state;
    const double x[] = { 1, 2, NAN }, tied[] = { 3, 3 };
    stroma_error err = STROMA_ERROR_INIT;
    stroma_stat s;
    stroma_roc_sample none = { x, 2, x, 0, STROMA_ROC_HIGHER };
    assert_int_equal(stroma_auc(&none, NULL, &s, &err), STROMA_OK);
    assert_true(s.not_estimable && isnan(s.estimate));
    assert_string_equal(s.reason, "a class has no subject");
    assert_int_equal(stroma_roc_max_selected(&none, 0.1, &s, &err), STROMA_OK);
    assert_true(s.not_estimable);
    stroma_roc_point *points = NULL;
    size_t n = 0;
    assert_int_equal(stroma_roc_curve(&none, &points, &n, &err), STROMA_E_DEGENERATE);
    assert_null(points);
    stroma_roc_search f;
    const stroma_roc_bootstrap b = STROMA_ROC_BOOTSTRAP_INIT, few = { 10, 1, 1 };
    assert_int_equal(stroma_roc_search_cutoff(&none, 0.95, &b, &f, &err), STROMA_E_DEGENERATE);
    const stroma_roc_sample bad = { x, 3, x, 2, STROMA_ROC_HIGHER };
    assert_int_equal(stroma_auc(&bad, NULL, &s, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "positive value 3 is not finite");
    const stroma_roc_sample flat = { tied, 2, tied, 2, STROMA_ROC_HIGHER };
    assert_int_equal(stroma_auc(&flat, NULL, &s, &err), STROMA_OK);
    assert_string_equal(s.reason, "all values are tied: the marker carries no information");
    assert_int_equal(stroma_roc_search_cutoff(&flat, 0.95, &b, &f, &err), STROMA_OK);
    assert_true(isinf(f.threshold) && f.tied == 0 && isnan(f.cutoff.estimate));
    assert_int_equal(f.resamples_failed, b.resamples);
    assert_int_equal(stroma_roc_search_cutoff(&flat, 0.95, &few, &f, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_roc_max_selected(&flat, 0.1, &s, &err), STROMA_OK);
    assert_string_equal(s.reason, "no cut-off leaves enough subjects on both sides");
    assert_int_equal(stroma_auc_compare_paired(&flat, &none, 0.95, &s, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_auc_compare_paired(&flat, &flat, 0.95, &s, &err), STROMA_OK);
    assert_true(isnan(s.p) && s.reason[0] != '\0');
    const stroma_roc_sample apart = { x + 1, 1, x, 1, STROMA_ROC_HIGHER };
    assert_int_equal(stroma_auc(&apart, NULL, &s, &err), STROMA_OK);
    assert_near(s.estimate, 1, 0);
    assert_non_null(strstr(s.reason, "do not overlap"));
}

/* Speed and independence of threads on the size the issue names. */
static void test_bootstrap_of_1000(void **state)
{
    (void)state;
    static double x[1000];
    for (size_t i = 0; i < 1000; i++)
        x[i] = (double)((i * 7919) % 1009) / 1009 + (i < 400 ? 0.2 : 0);
    const stroma_roc_sample s = { x, 400, x + 400, 600, STROMA_ROC_HIGHER };
    stroma_auc_options o = STROMA_AUC_OPTIONS_INIT;
    o.interval = STROMA_AUC_BOOTSTRAP;
    o.p_method = STROMA_RANK_NORMAL_CORRECTED;
    stroma_stat got[3];
    double seconds[3];
    for (size_t i = 0; i < 3; i++) {
        struct timespec a, b;
        o.bootstrap.threads = (int[]){ 1, 2, 7 }[i];
        (void)clock_gettime(CLOCK_MONOTONIC, &a);
        assert_int_equal(stroma_auc(&s, &o, &got[i], NULL), STROMA_OK);
        (void)clock_gettime(CLOCK_MONOTONIC, &b);
        seconds[i] = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) * 1e-9;
        assert_true(got[i].lower == got[0].lower && got[i].upper == got[0].upper);
        assert_true(got[i].se == got[0].se);
    }
    print_message("# 2,000 resamples of 1,000: %.4f s on 1 thread, %.4f s on 2\n", seconds[0],
                  seconds[1]);
    /* the bootstrap agrees with DeLong */
    const stroma_stat d = auc(&s, STROMA_AUC_DELONG);
    assert_true(fabs(got[0].se / d.se - 1) < 4 / sqrt(2 * 2000.0) + 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected),
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_resampling),
        cmocka_unit_test(test_max_selected_by_listing),
        cmocka_unit_test(test_censored_are_tied_lowest),
        cmocka_unit_test(test_direction_is_declared),
        cmocka_unit_test(test_remission_in_rapport),
        cmocka_unit_test(test_predictive_values),
        cmocka_unit_test(test_what_cannot_be_done),
        cmocka_unit_test(test_bootstrap_of_1000),
    };
    return cmocka_run_group_tests_name("roc", tests, NULL, NULL);
}
