/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of one population. Reference values: numpy 1.24.2 (quantile, default type 7) and scipy
 * 1.10.1 (beta.ppf, binom.ppf), mpmath for the t intervals, on the same numbers. */
#include "stroma_test.h"

#include "stroma/cytometry_population.h"
#include "stroma/random.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

enum { MARKERS = 101, CONTROLS = 47 };
static double marker_x[MARKERS], control_x[CONTROLS];
static const stroma_population_sample marker = { marker_x, MARKERS, 0 };
static const stroma_population_sample control = { control_x, CONTROLS, 0 };

/* −20 … 80 and −10 … 36, out of order. */
static int fill(void **state)
{
    (void)state;
    for (int i = 0; i < MARKERS; i++)
        marker_x[i] = (i * 37) % 101 - 20;
    for (int i = 0; i < CONTROLS; i++)
        control_x[i] = (i * 13) % 47 - 10;
    return 0;
}

static stroma_population_value compute(const char *id, size_t resamples)
{
    const stroma_population_question q = {
        .name = "test", .count = MARKERS, .of_count = 1000, .marker = &marker, .control = &control
    };
    stroma_population_options opts = STROMA_POPULATION_OPTIONS_INIT;
    opts.resamples = resamples;
    stroma_population_value v;
    assert_non_null(stroma_definition_find(id));
    assert_int_equal(stroma_population_compute(stroma_definition_find(id), &q, &opts, &v, NULL),
                     STROMA_OK);
    assert_string_equal(v.definition->id, id);
    return v;
}

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * fmax(1, fabs(want))))
        print_message("got %.17g, want %.17g\n", got, want);
    assert_true(fabs(got - want) <= 1e-12 * fmax(1, fabs(want)));
}

static void values_are_those_of_numpy(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        double value;
    } want[] = { { "mfi", 30 },
                 { "p5", -15 },
                 { "p25", 5 },
                 { "p75", 55 },
                 { "p95", 75 },
                 { "p99_5", 79.5 },
                 { "robust_sd", 34.1344746068543 },
                 { "robust_cv", 113.78158202284766 },
                 { "mean", 30 },
                 { "sd", 29.300170647967224 },
                 { "cv", 97.66723549322408 },
                 { "geometric_mean", 30.59736987819099 },
                 { "mfi_ratio", 2.3076923076923075 },
                 { "mfi_per_reference", 2.3076923076923075 },
                 { "mfi_difference", 17 },
                 { "imfi", 10.1 * 30 },
                 { "stain_index", 0.5413371988990489 },
                 { "separation_index", 1.0815217391304346 },
                 { "percent", 10.1 } };
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        near(compute(want[i].id, 0).value, want[i].value);
}

static void intervals_are_those_of_scipy(void **state)
{
    (void)state;
    const stroma_population_value m = compute("mfi", 0), a = compute("mean", 0),
                                  g = compute("geometric_mean", 0);
    assert_true(m.lower == 20 && m.upper == 40); /* ranks 41 and 61 of 101 */
    assert_string_equal(m.interval, "order statistics");
    near(a.lower, 24.21577875737299233);
    near(a.upper, 35.78422124262700767);
    near(g.lower, 24.94892604471605978);
    near(g.upper, 37.52462297514831805);
    assert_int_equal(g.n, 80);
    assert_int_equal(g.left_out, 21);
    assert_true(g.flags & STROMA_FLAG_NOT_POSITIVE_LEFT_OUT);
    stroma_population_options opts = STROMA_POPULATION_OPTIONS_INIT;
    stroma_population_value p;
    assert_int_equal(stroma_population_percent(30, 1000, &opts, &p, NULL), STROMA_OK);
    near(p.value, 3);
    near(p.lower, 2.10937388288347);
    near(p.upper, 4.250341414758712);
    assert_true(p.flags == (STROMA_FLAG_FEW_EVENTS | STROMA_FLAG_FEW_PARENT_EVENTS));
    opts.fraction_interval = STROMA_PROPORTION_CLOPPER_PEARSON;
    opts.event_floor = 30;
    opts.parent_floor = 1000;
    assert_int_equal(stroma_population_percent(30, 1000, &opts, &p, NULL), STROMA_OK);
    near(p.lower, 2.033048568310962);
    near(p.upper, 4.255140247002904);
    assert_int_equal(p.flags, 0);
}

static void few_events_have_no_interval(void **state)
{
    (void)state;
    /* binom.ppf(0.025, 5, 0.5) = 0: five values cannot hold a median with 95 %; six can. */
    for (size_t n = 1; n <= 6; n++) {
        const stroma_population_sample few = { marker_x, n, 2 };
        const stroma_population_question q = { .count = n + 2, .of_count = 20, .marker = &few };
        stroma_population_options opts = STROMA_POPULATION_OPTIONS_INIT;
        stroma_population_value v;
        assert_int_equal(
            stroma_population_compute(stroma_definition_find("mfi/1"), &q, &opts, &v, NULL),
            STROMA_OK);
        assert_true(isfinite(v.value));
        assert_int_equal(isfinite(v.lower), n == 6);
        assert_int_equal(*v.reason != '\0', n < 6);
        assert_int_equal(v.left_out, 2);
        assert_true(v.flags & STROMA_FLAG_VALUES_LEFT_OUT);
    }
}

static void what_cannot_be_has_a_reason(void **state)
{
    (void)state;
    const double below[] = { -3, -2, -1, -0.5, -4, -9, -2 };
    const stroma_population_sample negative = { below, 7, 0 }, nothing = { below, 0, 3 };
    const struct {
        const char *id, *reason;
        const stroma_population_sample *marker, *control;
        uint64_t count, of;
    } cases[] = {
        { "mfi_ratio", "the control's median is not positive: use mfi_difference", &marker,
          &negative, 101, 1000 },
        { "mfi", "the population has no event with a value", &nothing, NULL, 3, 1000 },
        { "mfi_difference", "the control has no event with a value", &marker, &nothing, 101, 1000 },
        { "geometric_mean", "no value is positive", &negative, NULL, 7, 1000 },
        { "cv", "the mean is not positive", &negative, NULL, 7, 1000 },
        { "robust_cv", "the median is not positive", &negative, NULL, 7, 1000 },
        { "imfi", "the population has no event with a value", &nothing, NULL, 0, 1000 },
        { "percent", "the parent has no event", NULL, NULL, 0, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const stroma_population_question q = { .count = cases[i].count,
                                               .of_count = cases[i].of,
                                               .marker = cases[i].marker,
                                               .control = cases[i].control };
        const stroma_population_options opts = STROMA_POPULATION_OPTIONS_INIT;
        stroma_population_value v;
        assert_int_equal(
            stroma_population_compute(stroma_definition_find(cases[i].id), &q, &opts, &v, NULL),
            STROMA_OK);
        assert_true(isnan(v.value) && isnan(v.lower) && isnan(v.upper));
        assert_string_equal(v.reason, cases[i].reason);
        assert_string_equal(v.interval, "");
    }
}

static void requests_that_are_refused(void **state)
{
    (void)state;
    stroma_population_options opts = STROMA_POPULATION_OPTIONS_INIT;
    stroma_population_question q = { .count = 1, .of_count = 2, .marker = &marker };
    stroma_population_value v;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(
        stroma_population_compute(stroma_definition_find("mfi_ratio"), &q, &opts, &v, &err),
        STROMA_E_USAGE);
    assert_string_equal(err.message, "\"mfi_ratio\" needs a control");
    assert_int_equal(
        stroma_population_compute(stroma_definition_find("stain_index"), &q, &opts, &v, &err),
        STROMA_E_USAGE);
    assert_string_equal(err.message, "\"stain_index\" needs a negative population or a control");
    assert_int_equal(stroma_population_compute(stroma_definition_find("mesf"), &q, &opts, &v, &err),
                     STROMA_E_USAGE);
    opts.resamples = 3;
    assert_int_equal(stroma_population_compute(stroma_definition_find("mfi"), &q, &opts, &v, &err),
                     STROMA_E_USAGE);
    opts.resamples = 0;
    opts.level = 1;
    assert_int_equal(stroma_population_compute(stroma_definition_find("mfi"), &q, &opts, &v, &err),
                     STROMA_E_USAGE);
    assert_null(stroma_definition_find("mfi/2"));
    assert_null(stroma_definition_find("mf"));
    double out = 0;
    assert_int_equal(stroma_population_quantile(&marker, 1.5, &out, &err), STROMA_E_USAGE);
}

static void control_near_zero_is_said(void **state)
{
    (void)state;
    double x[100];
    for (int i = 0; i < 100; i++)
        x[i] = (i * 37) % 100 - 48; /* median 1.5, interval −9 … 12 */
    const stroma_population_sample dim = { x, 100, 0 };
    const stroma_population_question q = {
        .name = "a", .count = MARKERS, .of_count = 1000, .marker = &marker, .control = &dim
    };
    stroma_population_options opts = STROMA_POPULATION_OPTIONS_INIT;
    stroma_population_value v;
    assert_int_equal(
        stroma_population_compute(stroma_definition_find("mfi_ratio"), &q, &opts, &v, NULL),
        STROMA_OK);
    assert_true(v.flags & STROMA_FLAG_CONTROL_NEAR_ZERO);
    assert_true(v.flags & STROMA_FLAG_RESAMPLES_FAILED);
    assert_true(v.resamples_failed > 0 && v.resamples_failed < v.resamples);
    assert_true(!(compute("mfi_ratio", 200).flags & STROMA_FLAG_CONTROL_NEAR_ZERO));
}

/* A bootstrap that copies values, to compare with the one that draws order statistics. */
static void bootstrap_is_that_of_copied_events(void **state)
{
    (void)state;
    enum { R = 20000 };
    static double copied[R];
    for (size_t b = 0; b < R; b++) {
        stroma_random r;
        stroma_random_init(&r, 7, 11, b);
        double x[MARKERS], y[CONTROLS];
        for (int i = 0; i < MARKERS; i++)
            x[i] = marker_x[stroma_random_below(&r, MARKERS)];
        for (int i = 0; i < CONTROLS; i++)
            y[i] = control_x[stroma_random_below(&r, CONTROLS)];
        const stroma_population_sample m = { x, MARKERS, 0 }, c = { y, CONTROLS, 0 };
        double q[4];
        const double p[] = { 0.5, 0.15865525393145705, 0.5, 0.8413447460685429 };
        for (int i = 0; i < 4; i++)
            assert_int_equal(stroma_population_quantile(i == 0 ? &m : &c, p[i], &q[i], NULL),
                             STROMA_OK);
        copied[b] = (q[0] - q[2]) / (q[3] - q[1]);
    }
    stroma_sort_doubles(copied, R);
    const stroma_population_value v = compute("stain_index", R);
    /* Monte-Carlo error of a 2.5 % quantile of 20,000: its rank ± 44 (2 SD) on both sides. */
    assert_true(v.lower >= copied[500 - 100] && v.lower <= copied[500 + 100]);
    assert_true(v.upper >= copied[R - 500 - 100] && v.upper <= copied[R - 500 + 100]);
    assert_string_equal(v.interval, "bootstrap percentile");
}

static void same_numbers_again(void **state)
{
    (void)state;
    const stroma_population_value a = compute("mfi_ratio", 500), b = compute("mfi_ratio", 500);
    assert_true(a.lower == b.lower && a.upper == b.upper && a.lower < a.value && a.value < a.upper);
}

/* Selection against sorting: random values, ties, sorted, reversed, saw teeth, all alike. */
static void selection_is_sorting(void **state)
{
    (void)state;
    static const size_t sizes[] = { 1, 2, 3, 4095, 4096, 4097, 5000, 60000, 300000 };
    static const double probabilities[] = { 0, 0.001, 0.05, 0.5, 0.995, 1 };
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        const size_t n = sizes[k];
        double *x = malloc(n * sizeof *x), *sorted = malloc(n * sizeof *x);
        for (int kind = 0; kind < 6; kind++) {
            stroma_random r;
            stroma_random_init(&r, 3, (uint32_t)kind, n);
            for (size_t i = 0; i < n; i++)
                x[i] = kind == 0   ? stroma_random_normal(&r)
                       : kind == 1 ? (double)stroma_random_below(&r, 7)
                       : kind == 2 ? (double)i
                       : kind == 3 ? -(double)i
                       : kind == 4 ? (double)(i % (n / 1024 + 1)) /* fools evenly spaced pivots */
                                   : 5;
            memcpy(sorted, x, n * sizeof *x);
            stroma_sort_doubles(sorted, n);
            const stroma_population_sample s = { x, n, 0 };
            for (size_t j = 0; j < sizeof probabilities / sizeof probabilities[0]; j++) {
                const double place = ((double)n - 1) * probabilities[j];
                const size_t low = (size_t)place, high = low + 1 < n ? low + 1 : low;
                const double want =
                    sorted[low] + (place - (double)low) * (sorted[high] - sorted[low]);
                double got = 0;
                assert_int_equal(stroma_population_quantile(&s, probabilities[j], &got, NULL),
                                 STROMA_OK);
                assert_true(got == want);
            }
        }
        free(x);
        free(sorted);
    }
}

static void definitions_are_whole(void **state)
{
    (void)state;
    size_t n = 0;
    const stroma_definition *d = stroma_definitions(&n);
    assert_true(n >= 20);
    for (size_t i = 0; i < n; i++) {
        char id[64];
        (void)snprintf(id, sizeof id, "%s/%u", d[i].id, d[i].revision);
        assert_ptr_equal(stroma_definition_find(id), &d[i]); /* no id twice, revision below 10 */
        assert_true(*d[i].title != '\0' && *d[i].formula != '\0' && *d[i].source != '\0' &&
                    *d[i].caution != '\0');
    }
    unsigned flags = 0;
    for (unsigned i = 0; stroma_population_flag_name(i) != NULL; i++)
        flags |= 1U << i;
    assert_int_equal(flags, 2 * STROMA_FLAG_LOW_CONFIDENCE - 1); /* every flag has a name */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_numpy),
        cmocka_unit_test(intervals_are_those_of_scipy),
        cmocka_unit_test(few_events_have_no_interval),
        cmocka_unit_test(what_cannot_be_has_a_reason),
        cmocka_unit_test(requests_that_are_refused),
        cmocka_unit_test(control_near_zero_is_said),
        cmocka_unit_test(bootstrap_is_that_of_copied_events),
        cmocka_unit_test(same_numbers_again),
        cmocka_unit_test(selection_is_sorting),
        cmocka_unit_test(definitions_are_whole),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
