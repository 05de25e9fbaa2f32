/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Absolute counts, the log ratio, bead calibration, landmarks and series. Reference values: scipy
 * 1.10.1 (beta.ppf, gamma.ppf, norm.ppf, t.ppf, linregress); the beads' assigned values are those
 * of Dako FluoroSpheres as the Bioconductor package flowBeads lists them (dakomef). */
#include "stroma_test.h"

#include "stroma/cytometry_index.h"
#include "stroma/interrupt.h"
#include "stroma/random.h"

#include <math.h>
#include <string.h>

static const stroma_population_options usual = STROMA_POPULATION_OPTIONS_INIT;

static void near(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want)))
        print_message("got %.17g, want %.17g\n", got, want);
    assert_true(fabs(got - want) <= relative * fabs(want));
}

static void beads_and_volume_count_cells(void **state)
{
    (void)state;
    stroma_population_value v;
    assert_int_equal(stroma_absolute_beads(1200, 800, 50, 1.25, &usual, &v, NULL), STROMA_OK);
    near(v.value, 93.75, 1e-15);
    near(v.lower, 85.65548743230687, 1e-12);
    near(v.upper, 102.65186655372267, 1e-12);
    assert_int_equal(stroma_absolute_beads(1200, 0, 50, 1, &usual, &v, NULL), STROMA_OK);
    assert_true(isnan(v.value));
    assert_string_equal(v.reason, "no counting bead was seen");
    assert_int_equal(stroma_absolute_beads(0, 800, 50, 1, &usual, &v, NULL), STROMA_OK);
    assert_true(v.value == 0 && v.lower == 0 && v.upper > 0 && v.flags == STROMA_FLAG_FEW_EVENTS);
    assert_int_equal(stroma_absolute_beads(1, 1, 0, 1, &usual, &v, NULL), STROMA_E_USAGE);
    assert_int_equal(stroma_absolute_volume(150, 46, 2, &usual, &v, NULL), STROMA_OK);
    near(v.value, 6.521739130434782, 1e-15);
    near(v.lower, 5.519833100054125, 1e-12);
    near(v.upper, 7.652920265090195, 1e-12);
    assert_int_equal(stroma_absolute_volume(0, 46, 2, &usual, &v, NULL), STROMA_OK);
    assert_true(v.value == 0 && v.lower == 0);
    near(v.upper, 0.16038606322234503, 1e-12);
    assert_int_equal(stroma_absolute_volume(1, (double)NAN, 1, &usual, &v, NULL), STROMA_E_USAGE);
}

static void log_ratio_and_its_floor(void **state)
{
    (void)state;
    stroma_population_value d, b;
    stroma_count_ratio r = { 400, 9000, 60, 9000, true, 20, "a" };
    assert_int_equal(stroma_log_ratio(&r, &usual, &d, &b, NULL), STROMA_OK);
    near(d.value, 1.8971199848858813, 1e-14);
    near(d.lower, 1.6257752581452078, 1e-12);
    near(d.upper, 2.1684647116265547, 1e-12);
    near(b.lower, d.lower, 0.02); /* 400 and 60 events: the two methods agree nearly */
    near(b.upper, d.upper, 0.02);
    assert_int_equal(d.flags & STROMA_FLAG_HALF_EVENT, 0);
    r.denominator = 7;
    assert_int_equal(stroma_log_ratio(&r, &usual, &d, &b, NULL), STROMA_OK);
    near(d.value, 3.977810745966149, 1e-14);
    near(d.lower, 3.255463068662644, 1e-12);
    near(d.upper, 4.700158423269654, 1e-12);
    assert_true((d.flags & STROMA_FLAG_HALF_EVENT) && (b.flags & STROMA_FLAG_HALF_EVENT));
    r.denominator = 0;
    assert_int_equal(stroma_log_ratio(&r, &usual, &d, &b, NULL), STROMA_OK);
    assert_true(isfinite(d.value) && isfinite(d.upper) && isfinite(b.value));
    r.few = 0;
    assert_int_equal(stroma_log_ratio(&r, &usual, &d, &b, NULL), STROMA_OK);
    assert_true(isnan(d.value) && *d.reason != '\0');
    r.numerator = 0;
    assert_int_equal(stroma_log_ratio(&r, &usual, &d, &b, NULL), STROMA_OK);
    assert_string_equal(d.reason, "both populations are empty");
    r = (stroma_count_ratio){ 400, 9000, 60, 12000, false, 20, "a" };
    assert_int_equal(stroma_log_ratio(&r, &usual, &d, &b, NULL), STROMA_OK);
    near(d.value, 2.184802057337662, 1e-14);
    near(d.lower, 1.9148372255470663, 1e-12);
    near(d.upper, 2.454766889128258, 1e-12);
    r = (stroma_count_ratio){ 6000, 9000, 4000, 9000, true, 20, "a" };
    assert_int_equal(stroma_log_ratio(&r, &usual, &d, &b, NULL), STROMA_E_USAGE);
    r = (stroma_count_ratio){ 9001, 9000, 4, 9000, false, 20, "a" };
    assert_int_equal(stroma_log_ratio(&r, &usual, &d, &b, NULL), STROMA_E_USAGE);
}

/* A bootstrap that takes long ends when it is asked to. */
static void resampling_can_be_stopped(void **state)
{
    (void)state;
    stroma_population_value d, b;
    stroma_population_options many = STROMA_POPULATION_OPTIONS_INIT;
    const stroma_count_ratio r = { 400, 9000, 60, 9000, true, 20, "a" };
    const double x[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    const stroma_population_sample s = { .x = x, .n = 8 };
    const stroma_population_question q = { .count = 8, .of_count = 10, .marker = &s };
    many.resamples = 10000000;
    stroma_interrupt_request();
    assert_int_equal(stroma_log_ratio(&r, &many, &d, &b, NULL), STROMA_E_INTERRUPTED);
    assert_int_equal(
        stroma_population_compute(stroma_definition_find("robust_sd"), &q, &many, &d, NULL),
        STROMA_E_INTERRUPTED);
    stroma_interrupt_clear();
}

static void calibration_is_linregress(void **state)
{
    (void)state;
    const double none = (double)NAN;
    const double median[] = { 31, 210, 560, 1600, 4900, 13000 };
    const double assigned[] = { none, 2500, 6500, 19000, 55000, 150000 };
    const double residual[] = { -0.43326353, 1.18729672, -2.06141489, 2.53568729, -1.16042675 };
    stroma_bead_calibration c;
    assert_int_equal(stroma_bead_calibrate(median, assigned, 6, &c, NULL), STROMA_OK);
    assert_int_equal(c.beads, 5);
    near(c.intercept, 1.0955523999323158, 1e-12);
    near(c.slope, 0.9906479918989917, 1e-13);
    near(c.r_squared, 0.9998728919855718, 1e-13);
    near(c.residual_sd, 0.009230887605495553, 1e-11);
    for (int i = 0; i < 5; i++)
        near(c.residual_percent[i], residual[i], 1e-7);
    stroma_population_value v;
    assert_int_equal(stroma_bead_calibrated(&c, 1000, &usual, &v, NULL), STROMA_OK);
    near(v.value, 11681.439811662074, 1e-12);
    near(v.lower, 11314.430607444536, 1e-12);
    near(v.upper, 12060.353791352076, 1e-12);
    assert_int_equal(v.flags, 0);
    assert_int_equal(stroma_bead_calibrated(&c, 100, &usual, &v, NULL), STROMA_OK);
    assert_int_equal(v.flags, STROMA_FLAG_EXTRAPOLATED);
    assert_int_equal(stroma_bead_calibrated(&c, -5, &usual, &v, NULL), STROMA_OK);
    assert_true(isnan(v.value) && *v.reason != '\0');
}

static void calibrations_that_are_refused(void **state)
{
    (void)state;
    const double none = (double)NAN;
    stroma_bead_calibration c;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_bead_calibrate((const double[]){ 1, 2, 3 },
                                           (const double[]){ none, 10, 20 }, 3, &c, &err),
                     STROMA_E_DEGENERATE);
    assert_string_equal(err.message,
                        "a calibration line needs three beads with an assigned value, not 2");
    assert_int_equal(stroma_bead_calibrate((const double[]){ 1, 2, 2 },
                                           (const double[]){ 5, 10, 20 }, 3, &c, &err),
                     STROMA_E_USAGE);
    assert_int_equal(stroma_bead_calibrate((const double[]){ -1, 2, 3 },
                                           (const double[]){ 5, 10, 20 }, 3, &c, &err),
                     STROMA_E_USAGE);
    assert_string_equal(err.message, "bead 1 has a median of -1, which has no logarithm");
    assert_int_equal(stroma_bead_calibrate((const double[]){ 1, 2, 3 },
                                           (const double[]){ 0, 10, 20 }, 3, &c, &err),
                     STROMA_E_USAGE);
}

/* Six beads of planted medians and CVs with doublets in between: found, in order, within 2 %. */
static void planted_peaks_are_found(void **state)
{
    (void)state;
    enum { N = 6000 };
    static double x[N];
    static const double centre[] = { 20, 210, 560, 1600, 4900, 13000 };
    stroma_random r;
    stroma_random_init(&r, 5, 1, 0);
    for (size_t i = 0; i < N; i++) {
        const size_t bead = i % 6;
        const double sd = bead == 0 ? 15 : 0.06 * centre[bead];
        x[i] = centre[bead] + sd * stroma_random_normal(&r);
        if (i % 50 == 49) x[i] = exp(log(10) * (1 + 3.2 * stroma_random_uniform(&r)));
    }
    x[17] = (double)NAN;
    stroma_peak p[6];
    assert_int_equal(stroma_peaks_find(x, N, 6, 0.02, 0, p, NULL), STROMA_OK);
    for (int i = 0; i < 6; i++) {
        near(p[i].median, centre[i], i == 0 ? 0.1 : 0.02);
        near(p[i].share, 1 / 6.0, 0.1);
    }
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_peaks_find(x, N, 12, 0.02, 0, p, &err), STROMA_E_DEGENERATE);
    assert_non_null(strstr(err.message, "12 peaks were looked for"));
    assert_int_equal(stroma_peaks_find(x, 0, 1, 0.02, 0, p, &err), STROMA_E_DEGENERATE);
    static const double same[] = { 4, 4, 4, 4 };
    assert_int_equal(stroma_peaks_find(same, 4, 1, 0.02, 0, p, &err), STROMA_E_DEGENERATE);
    assert_int_equal(stroma_peaks_find(x, N, 0, 0.02, 0, p, &err), STROMA_E_USAGE);
    assert_int_equal(stroma_peaks_find(x, N, 2, 0, 0, p, &err), STROMA_E_USAGE);
}

static void landmarks_move_values(void **state)
{
    (void)state;
    const double from[] = { 1, 3 }, to[] = { 2, 6 };
    near(stroma_landmark_align(0.5, from, to, 2), 1.5, 1e-15);
    near(stroma_landmark_align(1, from, to, 2), 2, 1e-15);
    near(stroma_landmark_align(2, from, to, 2), 4, 1e-15);
    near(stroma_landmark_align(3, from, to, 2), 6, 1e-15);
    near(stroma_landmark_align(4, from, to, 2), 7, 1e-15);
    near(stroma_landmark_align(4, from, to, 1), 5, 1e-15);
    assert_true(isnan(stroma_landmark_align(4, from, to, 0)));
}

/* CCR4, CCR7 and CXCR4 after infusion, as the case report words it: down at day 2, back at day 7;
 * CXCR4 still down at day 7. */
static void courses_are_named(void **state)
{
    (void)state;
    const double day[] = { -7, 0, 2, 7 }, none = (double)NAN;
    const struct {
        double value[4];
        stroma_series_kind course;
        int direction;
        double changed, last, recovered, extreme;
    } cases[] = {
        { { 11, 10, 5, 9.5 }, STROMA_SERIES_TRANSIENT, -1, 2, 2, 7, 0.5 },
        { { 11, 10, 5, 6 }, STROMA_SERIES_LASTING, -1, 2, 7, none, 0.5 },
        { { 11, 10, 9, 11 }, STROMA_SERIES_UNCHANGED, 0, none, none, none, none },
        { { 11, 10, none, none }, STROMA_SERIES_UNKNOWN, 0, none, none, none, none },
        { { none, none, 4, 5 }, STROMA_SERIES_UNKNOWN, 0, none, none, none, none },
        { { 10, none, 20, 10 }, STROMA_SERIES_TRANSIENT, 1, 2, 2, 7, 2 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double fold[4];
        stroma_series s;
        assert_int_equal(stroma_series_course(day, cases[i].value, NULL, NULL, 4, NULL, fold, NULL,
                                              NULL, &s, NULL),
                         STROMA_OK);
        assert_int_equal(s.course, cases[i].course);
        assert_int_equal(s.direction, cases[i].direction);
        assert_true(s.changed_day == cases[i].changed ||
                    (isnan(s.changed_day) && isnan(cases[i].changed)));
        assert_true(s.last_changed_day == cases[i].last ||
                    (isnan(s.last_changed_day) && isnan(cases[i].last)));
        assert_true(s.recovered_day == cases[i].recovered ||
                    (isnan(s.recovered_day) && isnan(cases[i].recovered)));
        assert_true(s.extreme_fold == cases[i].extreme ||
                    (isnan(s.extreme_fold) && isnan(cases[i].extreme)));
    }
    assert_string_equal(stroma_series_kind_name(STROMA_SERIES_TRANSIENT), "transient");
}

static void a_change_may_need_its_interval(void **state)
{
    (void)state;
    const double day[] = { 0, 2, 7 }, value[] = { 10, 7, 10 };
    const double lower[] = { 8, 5.5, 8 }, upper[] = { 12.5, 9.5, 12.5 };
    const stroma_series_options strict = { .tolerance = 0.2, .needs_interval = true };
    double fold[3], lo[3], hi[3];
    stroma_series s;
    assert_int_equal(
        stroma_series_course(day, value, lower, upper, 3, &strict, fold, lo, hi, &s, NULL),
        STROMA_OK);
    assert_int_equal(s.course, STROMA_SERIES_UNCHANGED); /* 0.7 with limits about 0.5 and 1.0 */
    near(lo[1], 0.7 * exp(-hypot(log(7 / 5.5), log(1.25))), 1e-14);
    near(hi[1], 0.7 * exp(hypot(log(9.5 / 7), log(1.25))), 1e-14);
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_series_course((const double[]){ 0, 0 }, value, NULL, NULL, 2, NULL,
                                          fold, NULL, NULL, &s, &err),
                     STROMA_E_USAGE);
    assert_int_equal(stroma_series_course(day, (const double[]){ 1, 0, 1 }, NULL, NULL, 3, NULL,
                                          fold, NULL, NULL, &s, &err),
                     STROMA_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beads_and_volume_count_cells),
        cmocka_unit_test(log_ratio_and_its_floor),
        cmocka_unit_test(resampling_can_be_stopped),
        cmocka_unit_test(calibration_is_linregress),
        cmocka_unit_test(calibrations_that_are_refused),
        cmocka_unit_test(planted_peaks_are_found),
        cmocka_unit_test(landmarks_move_values),
        cmocka_unit_test(courses_are_named),
        cmocka_unit_test(a_change_may_need_its_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
