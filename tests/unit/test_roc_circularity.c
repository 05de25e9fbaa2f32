/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a search costs, by simulation: clinical/paper/circularity_sim.json, 28 responders and 22
 * others. (The best of 30 null markers is in test_screen_null.c.)
 *
 * The file holds answers, not settings. 28 and 22 are those of the notes made with it, and every
 * mean of the index in it is a whole number of 1/(308·2000), 308 = lcm(28, 22): 2,000 runs. The
 * marker is 1.5·exp(0.8·z), z ~ N(0,1), shifted in responders to the AUC in the name, and a cut-off
 * is the lowest value called positive: 1.5 and 0.8 are the round numbers that its nine quantiles of
 * the cut-off agree with; all else here is free of the scale. The peaks are compared by
 * Mann-Whitney.
 *
 * Bounds: four standard errors of the difference between their 2,000 runs and ours. */
#include "test_expected.h"

#include "stroma/models_roc.h"
#include "stroma/random.h"
#include "stroma/sort.h"
#include "stroma/stats_contingency.h"
#include "stroma/stats_distribution.h"

enum { POSITIVES = 28, NEGATIVES = 22, THEIRS = 2000, OURS = 4000 };

/* Runs of one setting, each with a search of its own. */
typedef struct runs {
    double youden[OURS], corrected[OURS], real[OURS], cut[OURS];
    size_t fisher, max_selected; /* p ≤ 0.05: at the cut-off found; of the maximally selected */
} runs;

static double bound(double variance)
{
    return 4 * sqrt(variance * (1.0 / THEIRS + 1.0 / OURS));
}

static double mean(const double *x, double *variance)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < OURS; i++)
        sum += x[i];
    for (size_t i = 0; i < OURS; i++)
        squares += (x[i] - sum / OURS) * (x[i] - sum / OURS);
    *variance = squares / (OURS - 1);
    return sum / OURS;
}

static void check_mean(const json_t *want, const char *path, const double *x)
{
    double variance = 0;
    const double got = mean(x, &variance), stored = test_expected_number(want, path);
    print_message("# %s: %.4f, stored %.4f, bound %.4f\n", path, got, stored, bound(variance));
    if (fabs(got - stored) > bound(variance)) fail_msg("%s: beyond the bound", path);
}

static void check_rate(const json_t *want, const char *path, size_t count)
{
    const double got = (double)count / OURS, stored = test_expected_number(want, path);
    const double allowed = bound(stored * (1 - stored));
    print_message("# %s: %.4f, stored %.4f, bound %.4f\n", path, got, stored, allowed);
    if (fabs(got - stored) > allowed) fail_msg("%s: beyond the bound", path);
}

/* The stored quantile lies between ours at p less and p plus the bound of a share. Sorts x. */
static void check_quantile(const json_t *want, const char *path, double *x, double p)
{
    const double slack = bound(p * (1 - p)), stored = test_expected_number(want, path);
    stroma_sort_doubles(x, OURS);
    const double low = x[(size_t)(fmax(0, p - slack) * OURS)];
    const double high = x[(size_t)(fmin(1 - 1e-9, p + slack) * OURS)];
    print_message("# %s: %.4f to %.4f about %.4f, stored %.4f\n", path, low, high,
                  x[(size_t)(p * OURS)], stored);
    if (stored < low - 1e-8 || stored > high + 1e-8) fail_msg("%s: beyond the bound", path);
}

/* The lowest value above a threshold. */
static double lowest_above(const stroma_roc_sample *s, double threshold)
{
    double best = INFINITY;
    for (size_t i = 0; i < s->positive_len; i++)
        if (s->positive[i] > threshold) best = fmin(best, s->positive[i]);
    for (size_t i = 0; i < s->negative_len; i++)
        if (s->negative[i] > threshold) best = fmin(best, s->negative[i]);
    return best;
}

/* Draw, search, judge, once. */
static void run_once(runs *out, size_t run, double shift, uint32_t stream)
{
    stroma_random r;
    stroma_random_init(&r, 1, stream, run);
    double pos[POSITIVES], neg[NEGATIVES];
    for (size_t i = 0; i < POSITIVES; i++)
        pos[i] = 1.5 * exp(0.8 * (stroma_random_normal(&r) + shift));
    for (size_t i = 0; i < NEGATIVES; i++)
        neg[i] = 1.5 * exp(0.8 * stroma_random_normal(&r));
    const stroma_roc_sample s = { pos, POSITIVES, neg, NEGATIVES, STROMA_ROC_HIGHER };
    stroma_roc_bootstrap b = STROMA_ROC_BOOTSTRAP_INIT;
    b.resamples = STROMA_ROC_RESAMPLES_MIN;
    b.seed = run;
    stroma_roc_search c;
    assert_int_equal(stroma_roc_search_cutoff(&s, 0.95, &b, &c, NULL), STROMA_OK);
    out->youden[run] = c.youden;
    out->corrected[run] = c.youden_corrected;
    out->cut[run] = lowest_above(&s, c.threshold);
    const double z = log(out->cut[run] / 1.5) / 0.8;
    out->real[run] = stroma_normal_cdf(z) - stroma_normal_cdf(z - shift);
    const size_t counts[4] = { c.tp, POSITIVES - c.tp, c.fp, NEGATIVES - c.fp };
    out->fisher += stroma_fisher_exact(counts, STROMA_TWO_SIDED, 0.95).p <= 0.05;
    if (shift != 0) return;
    stroma_stat p;
    assert_int_equal(stroma_roc_max_selected(&s, 0.1, &p, NULL), STROMA_OK);
    out->max_selected += p.p <= 0.05;
}

/* No difference: "Fisher's p < 0.05" at the cut-off that was searched for comes in 14 % of trials;
 * the maximally selected p keeps its level. */
static void test_searched_cutoff_null(void **state)
{
    (void)state;
    json_t *want = test_expected_load("clinical/paper/circularity_sim.json");
    if (want == NULL) skip();
    static runs all;
    for (size_t run = 0; run < OURS; run++)
        run_once(&all, run, 0, 1);
    check_rate(want, "null.p_false_positive", all.fisher);
    check_mean(want, "null.mean_apparent_J", all.youden);
    check_quantile(want, "null.q95", all.youden, 0.95);
    const double honest = (double)all.max_selected / OURS;
    print_message("# maximally selected: %.4f at 0.05\n", honest);
    assert_true(honest < 0.05 + 4 * sqrt(0.05 * 0.95 / OURS) && honest > 0.03);
    json_decref(want);
}

/* A marker that works: the apparent index is too high, the cut-off is found anywhere, and the
 * corrected index goes most of the way to the real one. */
static void test_searched_cutoff_optimism(void **state)
{
    (void)state;
    json_t *all = test_expected_load("clinical/paper/circularity_sim.json");
    if (all == NULL) skip();
    static const char *const names[] = { "auc0.7", "auc0.8", "auc0.9" };
    static const double areas[] = { 0.7, 0.8, 0.9 };
    for (size_t k = 0; k < 3; k++) {
        static runs a;
        for (size_t run = 0; run < OURS; run++)
            run_once(&a, run, sqrt(2) * stroma_normal_quantile(areas[k]), (uint32_t)k + 2);
        const json_t *want = json_object_get(all, names[k]);
        print_message("# %s\n", names[k]);
        check_mean(want, "apparent_J", a.youden);
        check_mean(want, "true_J", a.real);
        check_quantile(want, "cut_q.0", a.cut, 0.025);
        check_quantile(want, "cut_q.1", a.cut, 0.5);
        check_quantile(want, "cut_q.2", a.cut, 0.975);
        double unused = 0;
        const double apparent = mean(a.youden, &unused), real = mean(a.real, &unused);
        const double corrected = mean(a.corrected, &unused);
        print_message("# corrected %.4f\n", corrected);
        assert_true(fabs(corrected - real) < (apparent - real) / 2);
    }
    json_decref(all);
}

static double peak(stroma_random *r, size_t visits)
{
    double best = -INFINITY;
    for (size_t i = 0; i < visits; i++)
        best = fmax(best, stroma_random_normal(r));
    return best;
}

/* How often the peaks of a null marker differ at p ≤ 0.05, and their mean AUC, in OURS trials. */
static size_t peaks_differ(size_t visits_pos, size_t visits_neg, double *area, double *variance)
{
    static double areas[OURS];
    size_t found = 0;
    for (size_t run = 0; run < OURS; run++) {
        stroma_random r;
        stroma_random_init(&r, 1, 10 + (uint32_t)visits_neg, run);
        double pos[POSITIVES], neg[NEGATIVES];
        for (size_t i = 0; i < POSITIVES; i++)
            pos[i] = peak(&r, visits_pos);
        for (size_t i = 0; i < NEGATIVES; i++)
            neg[i] = peak(&r, visits_neg);
        const stroma_roc_sample s = { pos, POSITIVES, neg, NEGATIVES, STROMA_ROC_HIGHER };
        stroma_stat a;
        assert_int_equal(stroma_auc(&s, NULL, &a, NULL), STROMA_OK);
        areas[run] = a.estimate;
        found += a.p <= 0.05;
    }
    *area = mean(areas, variance);
    return found;
}

/* The largest of five samples against the largest of three, no difference: the AUC is 5/8 (each of
 * the eight is the largest of all with the same probability), and p ≤ 0.05 comes in a third. */
static void test_peak_over_visits(void **state)
{
    (void)state;
    json_t *want = test_expected_load("clinical/paper/circularity_sim.json");
    if (want == NULL) skip();
    double area = 0, variance = 0;
    check_rate(want, "peak_visits_5_vs_3_false_positive", peaks_differ(5, 3, &area, &variance));
    print_message("# mean AUC %.4f\n", area);
    assert_true(fabs(area - 5.0 / 8) < 4 * sqrt(variance / OURS));
    check_rate(want, "peak_equal_visits_false_positive", peaks_differ(5, 5, &area, &variance));
    assert_true(fabs(area - 0.5) < 4 * sqrt(variance / OURS));
    json_decref(want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_searched_cutoff_null),
        cmocka_unit_test(test_searched_cutoff_optimism),
        cmocka_unit_test(test_peak_over_visits),
    };
    return cmocka_run_group_tests_name("roc_circularity", tests, NULL, NULL);
}
