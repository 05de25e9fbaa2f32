/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a screen finds where there is nothing, by simulation with fixed seeds. */
#include "test_screen.h"

#include "stroma/sort.h"

/* Family-wise error of maxT under the global null, 30 correlated candidates, gaps in some: at most
 * 5 % + 3 Monte-Carlo SE. And A9: the best of 30 null AUCs is near 0.69, its 95 % quantile 0.75
 * (clinical/paper/circularity_sim.json: 0.6869, 0.7532), which is not said to be anything. */
static void test_null_family(void **state)
{
    (void)state;
    enum { RUNS = 300 };
    stroma_random r;
    stroma_random_init(&r, 9, 1, 0);
    size_t wrong = 0, naive = 0;
    double best[RUNS];
    for (size_t run = 0; run < RUNS; run++) {
        stroma_biomarker_frame *f = simulate(50, 28, 30, run % 2 == 0 ? 0.5 : 0, &r);
        for (size_t i = 0; run % 2 == 0 && i < 10; i++)
            f->columns[3 * i].state[7 * i % 50] = STROMA_MISSING;
        stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
        o.permutations = 199;
        o.seed = run;
        stroma_screen *s = screen(f, &o);
        bool any = false, any_raw = false;
        best[run] = 0.5;
        for (size_t k = 0; k < 30; k++) {
            const double auc = s->candidates[k].effect.estimate;
            any |= s->candidates[k].p_max_t <= 0.05;
            any_raw |= s->candidates[k].p <= 0.05;
            best[run] = fmax(best[run], fmax(auc, 1 - auc));
        }
        wrong += any;
        naive += any_raw;
        stroma_screen_free(s);
        stroma_biomarker_frame_free(f);
    }
    const double rate = (double)wrong / RUNS;
    print_message("# family-wise error %.4f, without adjustment %.2f\n", rate,
                  (double)naive / RUNS);
    assert_true(rate <= 0.05 + 3 * sqrt(0.05 * 0.95 / RUNS) && rate >= 0.02);
    assert_true((double)naive / RUNS > 0.5);
    double independent[RUNS / 2];
    for (size_t i = 0; i < RUNS / 2; i++)
        independent[i] = best[2 * i + 1];
    stroma_sort_doubles(independent, RUNS / 2);
    assert_true(fabs(independent[RUNS / 4] - 0.6869) < 0.012);
    assert_true(fabs(independent[RUNS / 2 * 95 / 100] - 0.7532) < 0.025);
}

/* A marker of the outcome in both arms is no predictive one, one that works in the treated is.
 * Level with strong main effects, and power. */
static void test_interaction(void **state)
{
    (void)state;
    enum { RUNS = 100 };
    stroma_random r;
    stroma_random_init(&r, 10, 1, 0);
    size_t wrong[3] = { 0, 0, 0 }, found = 0;
    for (size_t run = 0; run < RUNS; run++) {
        stroma_biomarker_frame *f = simulate(80, 40, 4, 0, &r);
        uint8_t treated[80];
        for (size_t i = 0; i < 80; i++) {
            treated[i] = i % 2;
            const double arm = treated[i], m = f->columns[0].value[i];
            const double logit = -0.5 + arm + 1.2 * m + 2.5 * (arm - 0.5) * f->columns[1].value[i];
            f->outcome[i] = stroma_random_uniform(&r) < 1 / (1 + exp(-logit));
        }
        f->treated = treated;
        ask(f, STROMA_QUESTION_PREDICTIVE);
        stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
        o.permutations = 199;
        o.seed = run;
        o.statistic = run % 2 == 0 ? STROMA_SCREEN_RANKS : STROMA_SCREEN_VALUES;
        stroma_screen *s = screen(f, &o);
        for (size_t k = 0; k < 3; k++)
            wrong[k] += s->candidates[k == 0 ? 0 : k + 1].p <= 0.05;
        found += s->candidates[1].p <= 0.05;
        stroma_screen_free(s);
        stroma_biomarker_frame_free(f);
    }
    print_message("# level with a main effect %.3f, without %.3f %.3f; power %.2f\n",
                  (double)wrong[0] / RUNS, (double)wrong[1] / RUNS, (double)wrong[2] / RUNS,
                  (double)found / RUNS);
    for (size_t k = 0; k < 3; k++)
        assert_true((double)wrong[k] / RUNS <= 0.05 + 3 * sqrt(0.05 * 0.95 / RUNS));
    assert_true((double)found / RUNS > 0.6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_null_family),
        cmocka_unit_test(test_interaction),
    };
    return cmocka_run_group_tests_name("screen_null", tests, NULL, NULL);
}
