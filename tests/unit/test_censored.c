/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values below detection limits. Numbers marked R: R 4.2.2 with survival 3.5, rel.tolerance 1e-14.
 */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/memory.h"
#include "stroma/models_censored.h"
#include "stroma/models_imputation.h"
#include "stroma/models_tobit.h"
#include "stroma/random.h"
#include "stroma/stats_correlation.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_summary.h"

#include <time.h>

#define INF ((double)INFINITY)
enum { N = 36 };
/* Simulated (seed 5): three groups, a covariate, four lower limits, one upper, some intervals. */
static const size_t group[N] = { 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2,
                                 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2 };
static const double x[N] = { -0.8, 1.4,  -1.3, 0.1,  1.7,  -0.6, -0.5, -0.6, -0.3, 0.1, 1.2, -0.8,
                             -1.1, -0.2, -1.1, -0.1, -0.6, -2.2, 0.2,  -0.3, 0.9,  0.9, 1.5, 0.7,
                             0.8,  -0.3, 1.4,  1.5,  -0.7, -0.9, 0.3,  1.1,  2.2,  1.2, 1.5, 1 };
static const double low[N] = { -INF, -INF, -INF, 2.55, 15,   2.36,  -INF, 13.69, 3.61,
                               4.48, 3.63, 2,    -INF, 3.47, 11.25, 3,    6.8,   -INF,
                               2,    1.67, 15,   3.9,  8.16, 10.35, 1.63, 6,     7.67,
                               8.56, 1.56, 2.94, -INF, 5.52, 6,     3.96, 7.29,  8.33 };
static const double high[N] = { 1.5,  2,    2.5,  2.55, INF,  2.36,  2.5,  13.69, 3.61,
                                4.48, 3.63, 3,    1.5,  3.47, 11.25, 3,    6.8,   2,
                                3,    1.67, INF,  3.9,  8.16, 10.35, 1.63, 7,     7.67,
                                8.56, 1.56, 2.94, 2.5,  5.52, 7,     3.96, 7.29,  8.33 };
static const stroma_censored_sample mixed = { low, high, N };
/* The same values with their lower limits only. */
static const double value[N] = { 1.5,  2,    2.5,   2.55, 32.79, 2.36,  2.5,  13.69, 3.61,
                                 4.48, 3.63, 2.81,  1.5,  3.47,  11.25, 3,    6.8,   2,
                                 2.75, 1.67, 17.33, 3.9,  8.16,  10.35, 1.63, 6.92,  7.67,
                                 8.56, 1.56, 2.94,  2.5,  5.52,  6.57,  3.96, 7.29,  8.33 };

/* A NADA data set as bounds. */
typedef struct set {
    double *low, *high;
    stroma_censored_sample s;
} set;

static set set_read(const char *name)
{
    char file[128];
    (void)snprintf(file, sizeof file, "bioassay/censored/NADA_%s.csv", name);
    test_csv t = test_csv_read(test_data(file));
    set r = { calloc(t.rows, sizeof(double)), calloc(t.rows, sizeof(double)), { 0 } };
    for (size_t i = 0; i < t.rows; i++) {
        r.high[i] = test_csv_number(&t, i, "value");
        r.low[i] = test_csv_number(&t, i, "censored") > 0 ? -INF : r.high[i];
    }
    r.s = (stroma_censored_sample){ r.low, r.high, t.rows };
    test_csv_free(&t);
    return r;
}

static void set_free(set *s)
{
    free(s->low);
    free(s->high);
}

static double km_number(const set *d, const char *quantity)
{
    stroma_censored_summary k;
    assert_int_equal(stroma_censored_km(&d->s, STROMA_REST_AT_MEASURED, 0.95, &k, NULL, NULL, NULL),
                     STROMA_OK);
    if (strcmp(quantity, "mean") == 0) return k.mean.estimate;
    /* NADA's "sd" is the standard error times √n */
    if (strcmp(quantity, "sd") == 0) return k.mean.se * sqrt((double)d->s.n);
    return isnan(k.median.estimate) ? k.rest_at : k.median.estimate;
}

static double ml_number(const set *d, const char *quantity)
{
    stroma_censored_summary k;
    assert_int_equal(
        stroma_censored_ml(&d->s, STROMA_SHAPE_LOGNORMAL, STROMA_CENSORED_WALD, 0.95, &k, NULL),
        STROMA_OK);
    if (strcmp(quantity, "mu_log") == 0) return k.mu;
    if (strcmp(quantity, "sigma_log") == 0) return k.sigma;
    if (strcmp(quantity, "loglik") == 0) return k.log_likelihood;
    if (strcmp(quantity, "mean") == 0) return k.mean.estimate;
    return strcmp(quantity, "sd") == 0 ? k.sd.estimate : k.median.estimate;
}

static double ros_number(const set *d, const char *quantity)
{
    stroma_censored_summary k;
    assert_int_equal(stroma_censored_ros(&d->s, NULL, NULL, &k, NULL, NULL), STROMA_OK);
    if (strcmp(quantity, "mean") == 0) return k.mean.estimate;
    return strcmp(quantity, "sd") == 0 ? k.sd.estimate : k.median.estimate;
}

static void test_expected(void **state)
{
    (void)state;
    if (test_data("bioassay/censored/expected_censored.csv") == NULL) skip();
    test_csv t = test_csv_read(test_data("bioassay/censored/expected_censored.csv"));
    double worst[3] = { 0 };
    assert_int_equal(t.rows, 60);
    for (size_t r = 0; r < t.rows; r++) {
        const char *method = test_csv_text(&t, r, "method"),
                   *what = test_csv_text(&t, r, "quantity");
        const double want = test_csv_number(&t, r, "value");
        const char *name = test_csv_text(&t, r, "dataset");
        set d = set_read(name);
        const int kind = method[0] == 'K' ? 0 : method[0] == 'l' ? 1 : 2;
        const double got = kind == 0   ? km_number(&d, what)
                           : kind == 1 ? ml_number(&d, what)
                                       : ros_number(&d, what);
        double gap = fabs(got - want) / fabs(want);
        /* the curve is level at 1/2 from 0.06 to 0.09: NADA took the lower end, survival 3.5 (as
         * here) takes the middle */
        if (strcmp(name, "Atra_Sept") == 0 && kind == 0 && strcmp(what, "median") == 0)
            gap = fabs(got - (want + 0.09) / 2);
        /* survreg stops at 1e-9 of the likelihood; the medians of Kaplan-Meier are M − t, rounded
         */
        if (!(gap < (kind == 1 ? 2e-6 : 1e-7)))
            fail_msg("%s, %s, %s: %.15g, wanted %.15g", test_csv_text(&t, r, "dataset"), method,
                     what, got, want);
        worst[kind] = fmax(worst[kind], gap);
        set_free(&d);
    }
    print_message("# 60 numbers of NADA: worst relative gap KM %.1e, ML %.1e, ROS %.1e\n", worst[0],
                  worst[1], worst[2]);
    test_csv_free(&t);
}

static void test_flipped_curve(void **state)
{
    (void)state;
    if (test_data("bioassay/censored/NADA_Atra_June.csv") == NULL) skip();
    set d = set_read("Atra_June");
    stroma_censored_summary k;
    stroma_censored_step *steps = NULL;
    size_t n = 0;
    assert_int_equal(stroma_censored_km(&d.s, STROMA_REST_AT_LIMIT, 0.95, &k, &steps, &n, NULL),
                     STROMA_OK);
    /* R: survfit(Surv(M - x, !cens), conf.type = "log-log"), rmean; the SE there lacks
     * sqrt(15/14) of Kaplan and Meier */
    assert_near(k.mean.estimate, 0.0441666663783333, 1e-11);
    assert_near(k.mean.se / sqrt(15.0 / 14), 0.0151945331617713, 1e-11);
    assert_near(k.median.estimate, 0.01999999955, 1e-9);
    assert_near(k.median.upper, 0.03999999911, 1e-9);
    assert_true(isnan(k.median.lower) && k.median.reason[0] != '\0');
    assert_near(k.rest, 0.375, 1e-12);
    assert_near(k.rest_at, 0.00999999978, 1e-12);
    assert_true(n > 3 && steps[0].value < steps[n - 1].value);
    assert_near(steps[0].below, 0.375, 1e-12);
    stroma_free(steps);
    /* the three places of the rest bound the mean */
    stroma_censored_summary zero, measured;
    assert_int_equal(stroma_censored_km(&d.s, STROMA_REST_AT_ZERO, 0.95, &zero, NULL, NULL, NULL),
                     STROMA_OK);
    assert_int_equal(
        stroma_censored_km(&d.s, STROMA_REST_AT_MEASURED, 0.95, &measured, NULL, NULL, NULL),
        STROMA_OK);
    assert_true(zero.mean.estimate < k.mean.estimate);
    assert_near(k.mean.estimate - zero.mean.estimate, 0.375 * 0.00999999978, 1e-9);
    assert_true(k.mean.estimate < measured.mean.estimate);
    set_free(&d);
}

/* Without censoring every method is the plain one. */
static void test_nothing_censored(void **state)
{
    (void)state;
    const stroma_censored_sample s = { value, value, N };
    stroma_censored_summary k, m, r;
    stroma_summary d;
    assert_int_equal(stroma_summary_compute(value, N, 0.95, &d, NULL), STROMA_OK);
    assert_int_equal(stroma_censored_km(&s, STROMA_REST_AT_LIMIT, 0.95, &k, NULL, NULL, NULL),
                     STROMA_OK);
    assert_near(k.mean.estimate, d.mean, 1e-13);
    assert_near(k.mean.se, d.sem, 1e-12);
    assert_near(k.sd.estimate, d.sd, 1e-12);
    assert_near(k.median.estimate, d.median, 1e-13);
    assert_true(k.rest == 0 && isnan(k.rest_at));
    assert_int_equal(
        stroma_censored_ml(&s, STROMA_SHAPE_NORMAL, STROMA_CENSORED_PROFILE, 0.95, &m, NULL),
        STROMA_OK);
    assert_near(m.mean.estimate, d.mean, 1e-10);
    assert_near(m.sd.estimate, d.sd * sqrt(35.0 / 36), 1e-9);
    assert_int_equal(stroma_censored_ros(&s, NULL, NULL, &r, NULL, NULL), STROMA_OK);
    assert_near(r.mean.estimate, d.mean, 1e-13);
    assert_near(r.sd.estimate, d.sd, 1e-13);
}

static void test_profile_limits(void **state)
{
    (void)state;
    if (test_data("bioassay/censored/NADA_Oahu_arsenic.csv") == NULL) skip();
    set d = set_read("Oahu_arsenic");
    stroma_censored_summary k;
    assert_int_equal(
        stroma_censored_ml(&d.s, STROMA_SHAPE_LOGNORMAL, STROMA_CENSORED_PROFILE, 0.95, &k, NULL),
        STROMA_OK);
    /* R: uniroot over optimize of the two-parameter likelihood */
    assert_near(k.mean.lower, 0.681275989290595, 1e-6);
    assert_near(k.mean.upper, 1.343092795622, 1e-6);
    assert_near(k.sd.lower, 0.404481603709232, 1e-6);
    assert_near(k.sd.upper, 1.47195282394236, 1e-6);
    /* R: vcov(survreg) = .0291091175872913, -.0122687997486061, .0394274531854238 */
    const double v = k.sigma * k.sigma;
    assert_near(k.mean.se / k.mean.estimate,
                sqrt(0.0291091175872913 - 2 * v * 0.0122687997486061 + v * v * 0.0394274531854238),
                1e-5);
    assert_near(k.median.se / k.median.estimate, sqrt(0.0291091175872913), 1e-6);
    set_free(&d);
}

static void test_ros_fills_in(void **state)
{
    (void)state;
    if (test_data("bioassay/censored/NADA_Oahu_arsenic.csv") == NULL) skip();
    set d = set_read("Oahu_arsenic");
    double filled[24], mean = 0;
    stroma_censored_summary k, again;
    stroma_censored_ros_options b = { STROMA_SHAPE_LOGNORMAL, 500, 7, 1, 0.95 };
    size_t failed = 99;
    assert_int_equal(stroma_censored_ros(&d.s, &b, filled, &k, &failed, NULL), STROMA_OK);
    for (size_t i = 0; i < 24; i++) {
        mean += filled[i] / 24;
        assert_true(filled[i] > 0);
        if (d.low[i] == d.high[i]) assert_true(filled[i] == d.high[i]);
    }
    assert_near(mean, k.mean.estimate, 1e-12);
    assert_true(k.mean.lower < mean && mean < k.mean.upper && failed < 25);
    b.threads = 4;
    assert_int_equal(stroma_censored_ros(&d.s, &b, NULL, &again, &failed, NULL), STROMA_OK);
    assert_true(again.mean.lower == k.mean.lower && again.mean.se == k.mean.se);
    set_free(&d);
}

static void design_of(stroma_design *d, double *room, size_t columns)
{
    *d = (stroma_design){ .rows = N, .columns = columns, .x = room, .intercept = true };
    for (size_t i = 0; i < N; i++) {
        const double row[] = { 1, group[i] == 1, group[i] == 2, x[i] };
        for (size_t j = 0; j < columns; j++)
            room[j * N + i] = row[j];
    }
}

static void test_tobit(void **state)
{
    (void)state;
    /* R: survreg(Surv(low, high, type = "interval2") ~ factor(g) + x) */
    static const struct {
        stroma_censored_shape shape;
        double b[4], se[4], log_sigma, se_log_sigma, ll[2], lr, px[2], ps[2];
    } want[] = {
        { STROMA_SHAPE_LOGNORMAL,
          { 0.738084613060408, 0.649707040418212, 0.839714997392586, 0.448525399547397 },
          { 0.217668555520869, 0.290852121640646, 0.296868970428938, 0.121827344007119 },
          -0.391385014493287,
          0.141781316592491,
          { -84.5996679520318, -75.4502151903161 },
          8.22392980084749,
          { 0.212990119751537, 0.710589914574558 },
          { 0.523878773271662, 0.917183212405928 } },
        { STROMA_SHAPE_NORMAL,
          { 1.44679174127786, 3.78577992063200, 4.59111728983350, 2.19809677417185 },
          { 1.283972035401012, 1.702175072131273, 1.738484200233642, 0.712710653397046 },
          1.37239743568755,
          0.141591095880505,
          { -90.2014212796012, -82.7229375593771 },
          7.5189175401662,
          { 0.81862494751617, 3.72848430405523 },
          { 3.05798802411696, 5.34994222065091 } },
    };
    double room[4 * N];
    stroma_design d;
    design_of(&d, room, 4);
    for (size_t k = 0; k < 2; k++) {
        stroma_tobit *m = NULL;
        stroma_stat lr;
        const stroma_tobit_options o = { want[k].shape, STROMA_CENSORED_PROFILE, 0.95 };
        static const size_t columns[] = { 1, 2 };
        assert_int_equal(stroma_tobit_fit(&d, &mixed, &o, &m, NULL), STROMA_OK);
        assert_string_equal(m->reason, "");
        for (size_t j = 0; j < 4; j++) {
            assert_near(m->coefficients[j], want[k].b[j], 1e-9);
            assert_near(m->terms[j].se, want[k].se[j], 1e-8);
        }
        assert_near(log(m->sigma.estimate), want[k].log_sigma, 1e-9);
        assert_near(m->sigma.se / m->sigma.estimate, want[k].se_log_sigma, 1e-8);
        assert_near(m->log_likelihood, want[k].ll[1], 1e-11);
        assert_near(m->log_likelihood_null, want[k].ll[0], 1e-11);
        assert_near(m->terms[3].lower, want[k].px[0], 1e-7);
        assert_near(m->terms[3].upper, want[k].px[1], 1e-7);
        assert_near(m->sigma.lower, want[k].ps[0], 1e-7);
        assert_near(m->sigma.upper, want[k].ps[1], 1e-7);
        assert_int_equal(stroma_tobit_joint_test(&d, &mixed, &o, columns, 2, &lr, NULL), STROMA_OK);
        assert_near(lr.statistic, want[k].lr, 1e-9);
        assert_near(lr.df, 2, 0);
        stroma_tobit_free(m);
    }
}

/* Tobin's own data (Econometrica 1958, 26:24), as in R's survival: the optimum of survreg. */
static void test_tobin(void **state)
{
    (void)state;
    static const double durable[] = { 0,    0.7, 0, 0, 0,   0, 0, 3.7, 0,   3,
                                      10.4, 0,   0, 0, 1.5, 0, 0, 3.5, 6.1, 0 };
    static const double age[] = { 57.7, 50.9, 48.5, 41.7, 47.7, 59.8, 44.3, 45.1, 51.7, 50,
                                  46.8, 58,   58.9, 40,   34.1, 39.9, 33.4, 48.1, 46.6, 53.1 };
    static const double quant[] = { 236, 283, 207, 220, 238, 216, 284, 221, 275, 269,
                                    207, 249, 246, 277, 231, 219, 240, 266, 214, 251 };
    double bound[20], room[60];
    for (size_t i = 0; i < 20; i++) {
        bound[i] = durable[i] > 0 ? durable[i] : -INF;
        room[i] = 1;
        room[20 + i] = age[i];
        room[40 + i] = quant[i];
    }
    const stroma_design d = { .rows = 20, .columns = 3, .x = room, .intercept = true };
    const stroma_censored_sample s = { bound, durable, 20 };
    const stroma_tobit_options o = { STROMA_SHAPE_NORMAL, STROMA_CENSORED_WALD, 0.95 };
    stroma_tobit *m = NULL;
    assert_int_equal(stroma_tobit_fit(&d, &s, &o, &m, NULL), STROMA_OK);
    /* R's default stop leaves 1e-6 */
    assert_near(m->coefficients[0], 15.144866360682, 1e-5);
    assert_near(m->coefficients[1], -0.129059284097, 1e-5);
    assert_near(m->coefficients[2], -0.045541662954, 1e-5);
    assert_near(m->terms[0].se, 16.079453194770, 1e-5);
    assert_near(m->sigma.estimate, 5.5725397631, 1e-5);
    assert_near(m->log_likelihood, -28.9401331997206, 1e-10);
    assert_near(m->log_likelihood_null, -29.4921995481776, 1e-9);
    assert_near(m->likelihood_ratio.p, 0.58, 0.01);
    assert_true(m->counts.censored_frac > 0.3);
    assert_non_null(strstr(stroma_censored_advice(m->counts.censored_frac), "30 %"));
    assert_string_equal(stroma_censored_advice(0.2), "");
    stroma_tobit_free(m);
}

/* A group whose values are all below the limit has no estimate, and that is said at once. */
static void test_no_finite_estimate(void **state)
{
    (void)state;
    double room[4 * N], l[N], h[N];
    stroma_design d;
    stroma_tobit *m = NULL;
    design_of(&d, room, 4);
    for (size_t i = 0; i < N; i++) {
        l[i] = group[i] == 1 ? -INF : value[i];
        h[i] = group[i] == 1 ? 5 : value[i];
    }
    const stroma_censored_sample s = { l, h, N };
    assert_int_equal(stroma_tobit_fit(&d, &s, NULL, &m, NULL), STROMA_OK);
    assert_non_null(strstr(m->reason, "lie beyond their limits"));
    assert_true(m->infinite[1] && !m->infinite[2] && !m->infinite[3]);
    assert_true(isnan(m->coefficients[1]) && m->terms[1].not_estimable);
    double out[N];
    assert_int_equal(stroma_tobit_impute(m, &d, &s, 1, 1, out, NULL), STROMA_E_DEGENERATE);
    stroma_tobit_free(m);
    /* measured values on a line: the SD goes to 0 */
    for (size_t i = 0; i < N; i++)
        l[i] = h[i] = 3 + 2 * x[i];
    const stroma_tobit_options o = { STROMA_SHAPE_NORMAL, STROMA_CENSORED_WALD, 0.95 };
    assert_int_equal(stroma_tobit_fit(&d, &s, &o, &m, NULL), STROMA_OK);
    assert_non_null(strstr(m->reason, "exactly"));
    stroma_tobit_free(m);
    stroma_censored_summary k;
    static const double none[] = { -INF, -INF, -INF }, limits[] = { 1, 2, 3 };
    const stroma_censored_sample all = { none, limits, 3 };
    assert_int_equal(
        stroma_censored_ml(&all, STROMA_SHAPE_LOGNORMAL, STROMA_CENSORED_WALD, 0.95, &k, NULL),
        STROMA_OK);
    assert_string_equal(k.mean.reason, "everything lies beyond its limit");
    assert_int_equal(stroma_censored_km(&all, STROMA_REST_AT_LIMIT, 0.95, &k, NULL, NULL, NULL),
                     STROMA_OK);
    assert_true(k.mean.not_estimable && strstr(k.mean.reason, "nothing was measured") != NULL);
    assert_int_equal(stroma_censored_ros(&all, NULL, NULL, &k, NULL, NULL), STROMA_OK);
    assert_string_equal(k.mean.reason, "fewer than three measured values");
    assert_int_equal(stroma_censored_km(&mixed, STROMA_REST_AT_LIMIT, 0.95, &k, NULL, NULL, NULL),
                     STROMA_OK);
    assert_non_null(strstr(k.mean.reason, "both sides"));
    static const double zero_low[] = { -INF, 2, 3 }, zero_high[] = { 0, 2, 3 };
    const stroma_censored_sample zero = { zero_low, zero_high, 3 };
    assert_int_equal(
        stroma_censored_ml(&zero, STROMA_SHAPE_LOGNORMAL, STROMA_CENSORED_WALD, 0.95, &k, NULL),
        STROMA_OK);
    assert_string_equal(k.mean.reason, "a value or limit of 0 or less has no logarithm");
    const stroma_censored_sample empty = { NULL, NULL, 0 };
    assert_int_equal(stroma_censored_km(&empty, STROMA_REST_AT_LIMIT, 0.95, &k, NULL, NULL, NULL),
                     STROMA_OK);
    assert_int_equal(
        stroma_censored_ml(&empty, STROMA_SHAPE_NORMAL, STROMA_CENSORED_WALD, 0.95, &k, NULL),
        STROMA_OK);
    assert_string_equal(k.mean.reason, "no value");
}

/* Intervals of any width: so narrow that their ends cancel, they are measured values. */
static void test_narrow_intervals(void **state)
{
    (void)state;
    double room[4 * N], h[N];
    stroma_design d;
    stroma_tobit *m = NULL, *w = NULL;
    design_of(&d, room, 4);
    const stroma_censored_sample exact = { value, value, N }, narrow = { value, h, N };
    assert_int_equal(stroma_tobit_fit(&d, &exact, NULL, &m, NULL), STROMA_OK);
    for (int e = 3; e <= 12; e++) {
        for (size_t i = 0; i < N; i++)
            h[i] = value[i] * (1 + pow(10, -e));
        assert_int_equal(stroma_tobit_fit(&d, &narrow, NULL, &w, NULL), STROMA_OK);
        assert_string_equal(w->reason, "");
        const double tol = 3 * pow(10, -e) + 1e-9;
        assert_near(w->coefficients[3], m->coefficients[3], tol);
        assert_near(w->terms[3].lower, m->terms[3].lower, tol * 10);
        assert_near(w->terms[3].upper, m->terms[3].upper, tol * 10);
        assert_near(w->sigma.upper, m->sigma.upper, tol * 10);
        stroma_tobit_free(w);
    }
    stroma_tobit_free(m);
}

/* One measured value and limits on both sides: there is a maximum, but the spread is known within
 * a factor of hundreds. Nothing is drawn from that. */
static void test_spread_unknown(void **state)
{
    (void)state;
    static const double l[] = { -INF, 1.6, -INF }, h[] = { 1, INF, 3 };
    double ones[] = { 1, 1, 1 }, out[6];
    const stroma_design d = { .rows = 3, .columns = 1, .x = ones, .intercept = true };
    const stroma_censored_sample s = { l, h, 3 };
    stroma_tobit *m = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_tobit_fit(&d, &s, NULL, &m, NULL), STROMA_OK);
    assert_string_equal(m->reason, "");
    assert_string_equal(m->terms[0].reason,
                        "the likelihood does not fall far enough on a side: no limit there");
    assert_int_equal(stroma_tobit_impute(m, &d, &s, 2, 1, out, &err), STROMA_E_DEGENERATE);
    assert_non_null(strstr(err.message, "logarithm of the SD"));
    stroma_tobit_free(m);
}

static void test_bad_input(void **state)
{
    (void)state;
    stroma_censored_counts c;
    stroma_error err = STROMA_ERROR_INIT;
    static const double two[] = { 2 }, one[] = { 1 }, nan[] = { NAN }, minus[] = { -INF },
                        plus[] = { INF };
    const stroma_censored_sample order = { two, one, 1 }, none = { nan, one, 1 },
                                 nowhere = { minus, plus, 1 };
    assert_int_equal(stroma_censored_count(&order, &c, &err), STROMA_E_USAGE);
    assert_non_null(strstr(err.message, "value 1 lies between 2 and 1"));
    assert_int_equal(stroma_censored_count(&none, &c, NULL), STROMA_E_USAGE);
    assert_int_equal(stroma_censored_count(&nowhere, &c, &err), STROMA_E_USAGE);
    assert_non_null(strstr(err.message, "no limit"));
    double l, h;
    const stroma_cell_state missing = STROMA_MISSING, below = STROMA_BELOW_LIMIT;
    assert_int_equal(stroma_censored_from_cells(two, &missing, 1, &l, &h, NULL), STROMA_E_USAGE);
    assert_int_equal(stroma_censored_from_cells(two, &below, 1, &l, &h, NULL), STROMA_OK);
    assert_true(l == -INF && h == 2);
}

/* Values with their lower limits only: `<` where the value is the limit. */
static void lower_only(double *l, double *h)
{
    for (size_t i = 0; i < N; i++) {
        h[i] = value[i];
        l[i] = low[i] == -INF ? -INF : value[i];
    }
}

static void test_logrank(void **state)
{
    (void)state;
    double l[N], h[N];
    size_t two[N];
    lower_only(l, h);
    for (size_t i = 0; i < N; i++)
        two[i] = group[i] > 0;
    const stroma_censored_sample s = { l, h, N };
    stroma_censored_group by[3];
    stroma_stat t;
    /* R: survdiff(Surv(M - y, !cens) ~ g, rho = 0 and 1) */
    assert_int_equal(stroma_censored_logrank(&s, group, 3, STROMA_CENSORED_LOGRANK, &t, by, NULL),
                     STROMA_OK);
    assert_near(t.statistic, 3.84053705275742, 1e-11);
    assert_near(t.df, 2, 0);
    assert_near(by[0].observed, 8, 1e-12);
    assert_near(by[2].expected, 7.62247727932234, 1e-11);
    assert_int_equal(stroma_censored_logrank(&s, group, 3, STROMA_CENSORED_PETO, &t, by, NULL),
                     STROMA_OK);
    assert_near(t.statistic, 4.17743821547717, 1e-11);
    assert_near(by[1].observed, 6.98333333333333, 1e-11);
    assert_near(by[0].expected, 7.45902777777777, 1e-11);
    assert_int_equal(stroma_censored_logrank(&s, two, 2, STROMA_CENSORED_LOGRANK, &t, NULL, NULL),
                     STROMA_OK);
    assert_near(t.statistic, 3.84015167683868, 1e-11);
    assert_int_equal(stroma_censored_logrank(&s, two, 2, STROMA_CENSORED_PETO, &t, NULL, NULL),
                     STROMA_OK);
    assert_near(t.statistic, 4.16835840219688, 1e-11);
    assert_int_equal(stroma_censored_logrank(&s, two, 2, STROMA_CENSORED_GEHAN, &t, NULL, NULL),
                     STROMA_OK);
    assert_near(t.statistic, 3.89906790945406, 1e-11); /* R, by hand */
    assert_int_equal(stroma_censored_logrank(&mixed, two, 2, STROMA_CENSORED_PETO, &t, NULL, NULL),
                     STROMA_OK);
    assert_true(t.not_estimable);
    assert_int_equal(stroma_censored_logrank(&s, group, 2, STROMA_CENSORED_PETO, &t, NULL, NULL),
                     STROMA_E_USAGE);
    const size_t same[N] = { 0 };
    assert_int_equal(stroma_censored_logrank(&s, same, 2, STROMA_CENSORED_PETO, &t, NULL, NULL),
                     STROMA_OK);
    assert_string_equal(t.reason, "fewer than two groups");
}

static void test_ranks_within_limits(void **state)
{
    (void)state;
    double l[N], h[N], ranked[N];
    size_t tied = 0, at_bottom = 0;
    lower_only(l, h);
    const stroma_censored_sample s = { l, h, N };
    assert_int_equal(stroma_censored_tie(&s, ranked, &tied, NULL), STROMA_OK);
    for (size_t i = 0; i < N; i++) {
        at_bottom += ranked[i] < 2.5;
        if (ranked[i] >= 2.5) assert_true(ranked[i] == value[i]);
    }
    assert_int_equal(tied, 4); /* 2.36, 1.67, 1.63, 1.56 */
    assert_int_equal(at_bottom, tied + 7);
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_censored_tie(&mixed, ranked, &tied, &err), STROMA_E_DEGENERATE);
    static const double a[] = { -INF, 2 }, b[] = { 3, INF };
    const stroma_censored_sample crossed = { a, b, 2 };
    assert_int_equal(stroma_censored_tie(&crossed, ranked, &tied, &err), STROMA_E_DEGENERATE);
    assert_non_null(strstr(err.message, "highest lower limit 3"));
}

static void test_kendall(void **state)
{
    (void)state;
    double l[N], h[N];
    const stroma_censored_sample sx = { x, x, N }, plain = { value, value, N };
    stroma_stat t, known;
    /* without censoring: tau-b and the tie-corrected z of the plain method */
    assert_int_equal(stroma_censored_kendall(&sx, &plain, &t, NULL), STROMA_OK);
    assert_int_equal(
        stroma_correlation_kendall(x, value, N, STROMA_RANK_P_ASYMPTOTIC, 0.95, &known, NULL),
        STROMA_OK);
    assert_near(t.estimate, known.estimate, 1e-13);
    assert_near(t.p, known.p, 1e-11);
    lower_only(l, h);
    const stroma_censored_sample s = { l, h, N };
    assert_int_equal(stroma_censored_kendall(&sx, &s, &t, NULL), STROMA_OK);
    assert_true(t.estimate > 0.2 && t.p < 0.05);
    /* the slope: at it S of the residuals crosses 0; without censoring, the median of slopes */
    static const double px[] = { 1, 2, 3, 4, 5 }, py[] = { 1, 3, 4, 8, 9 };
    const stroma_censored_sample p = { py, py, 5 };
    double intercept = 0;
    assert_int_equal(stroma_censored_theil_sen(px, &p, &t, &intercept, NULL), STROMA_OK);
    assert_near(t.estimate, 2, 1e-12); /* of 1 1 1.5 2 2 2 7/3 2.5 2.5 4 */
    assert_int_equal(stroma_censored_theil_sen(x, &s, &t, &intercept, NULL), STROMA_OK);
    assert_true(t.estimate > 0 && isfinite(intercept));
}

static void swap(double *a, size_t i, size_t j)
{
    const double t = a[i];
    a[i] = a[j];
    a[j] = t;
}

/* The variance of Kendall's S is that over all 5,040 orders of seven pairs (Heap's algorithm). */
static void test_kendall_by_listing(void **state)
{
    enum { M = 7 };
    (void)state;
    static const double ax[M] = { -INF, 2, 2, -INF, 5, 1, 4 }, bx[M] = { 3, 2, 2, 1, 5, 1, INF };
    double ay[M] = { 1, -INF, 2, 6, -INF, 3, 3 }, by[M] = { 1, 2, 2, 6, 5, 3, 3 };
    const stroma_censored_sample sx = { ax, bx, M }, sy = { ay, by, M };
    stroma_stat t, first;
    double sum = 0, squares = 0, runs = 0;
    size_t c[M] = { 0 };
    assert_int_equal(stroma_censored_kendall(&sx, &sy, &first, NULL), STROMA_OK);
    t = first;
    for (size_t i = 1;;) {
        if (i == 1) {
            sum += t.estimate;
            squares += t.estimate * t.estimate;
            runs++;
        }
        while (i < M && c[i] == i)
            c[i++] = 0;
        if (i == M) break;
        swap(ay, i % 2 == 0 ? 0 : c[i], i);
        swap(by, i % 2 == 0 ? 0 : c[i], i);
        c[i]++;
        i = 1;
        assert_int_equal(stroma_censored_kendall(&sx, &sy, &t, NULL), STROMA_OK);
    }
    assert_near(runs, 5040, 0);
    assert_true(fabs(sum / runs) < 1e-12);
    assert_near(sqrt(squares / runs), fabs(first.estimate / first.statistic), 1e-12);
}

/* Values above limits are the mirror of values below them. */
static void test_mirror(void **state)
{
    (void)state;
    double l[N], h[N], a[N], b[N];
    stroma_censored_summary down, up;
    stroma_stat t, u;
    lower_only(l, h);
    for (size_t i = 0; i < N; i++) {
        a[i] = -h[i];
        b[i] = -l[i];
    }
    const stroma_censored_sample s = { l, h, N }, mirror = { a, b, N };
    assert_int_equal(stroma_censored_km(&s, STROMA_REST_AT_LIMIT, 0.95, &down, NULL, NULL, NULL),
                     STROMA_OK);
    assert_int_equal(stroma_censored_km(&mirror, STROMA_REST_AT_LIMIT, 0.95, &up, NULL, NULL, NULL),
                     STROMA_OK);
    assert_near(up.mean.estimate, -down.mean.estimate, 1e-14);
    assert_near(up.mean.se, down.mean.se, 1e-13);
    assert_near(up.median.lower, -down.median.upper, 1e-14);
    assert_near(up.q3, -down.q1, 1e-14);
    assert_int_equal(stroma_censored_logrank(&s, group, 3, STROMA_CENSORED_GEHAN, &t, NULL, NULL),
                     STROMA_OK);
    assert_int_equal(
        stroma_censored_logrank(&mirror, group, 3, STROMA_CENSORED_GEHAN, &u, NULL, NULL),
        STROMA_OK);
    assert_near(u.statistic, t.statistic, 1e-13);
    const stroma_tobit_options o = { STROMA_SHAPE_NORMAL, STROMA_CENSORED_WALD, 0.95 };
    double room[4 * N];
    stroma_design d;
    stroma_tobit *m = NULL, *w = NULL;
    design_of(&d, room, 4);
    assert_int_equal(stroma_tobit_fit(&d, &s, &o, &m, NULL), STROMA_OK);
    assert_int_equal(stroma_tobit_fit(&d, &mirror, &o, &w, NULL), STROMA_OK);
    for (size_t j = 0; j < 4; j++)
        assert_near(w->coefficients[j], -m->coefficients[j], 1e-9);
    assert_near(w->sigma.estimate, m->sigma.estimate, 1e-10);
    stroma_tobit_free(m);
    stroma_tobit_free(w);
}

/* Rows in another order, values in another unit: the same answer. */
static void test_order_and_unit(void **state)
{
    (void)state;
    double room[4 * N], other[4 * N], l[N], h[N];
    stroma_design d, e;
    stroma_tobit *a = NULL, *b = NULL;
    design_of(&d, room, 4);
    design_of(&e, other, 4);
    for (size_t i = 0; i < N; i++) {
        const size_t from = (i * 7) % N; /* 7 and 36 share no factor */
        l[i] = low[from] * 1000;
        h[i] = high[from] * 1000;
        for (size_t j = 0; j < 4; j++)
            other[j * N + i] = room[j * N + from] * (j == 3 ? 1e6 : 1);
    }
    const stroma_censored_sample s = { l, h, N };
    assert_int_equal(stroma_tobit_fit(&d, &mixed, NULL, &a, NULL), STROMA_OK);
    assert_int_equal(stroma_tobit_fit(&e, &s, NULL, &b, NULL), STROMA_OK);
    assert_near(b->coefficients[0], a->coefficients[0] + log(1000), 1e-10);
    assert_near(b->coefficients[3] * 1e6, a->coefficients[3], 1e-9);
    assert_near(b->terms[3].lower * 1e6, a->terms[3].lower, 1e-7);
    assert_near(b->sigma.upper, a->sigma.upper, 1e-7);
    stroma_tobit_free(a);
    stroma_tobit_free(b);
}

static void test_imputation(void **state)
{
    enum { M = 20 };
    (void)state;
    double room[4 * N], out[M * N], fewer[3 * N];
    stroma_design d;
    stroma_tobit *m = NULL;
    design_of(&d, room, 4);
    assert_int_equal(stroma_tobit_fit(&d, &mixed, NULL, &m, NULL), STROMA_OK);
    assert_int_equal(stroma_tobit_impute(m, &d, &mixed, M, 42, out, NULL), STROMA_OK);
    assert_int_equal(stroma_tobit_impute(m, &d, &mixed, 3, 42, fewer, NULL), STROMA_OK);
    assert_memory_equal(out, fewer, sizeof fewer);
    for (size_t i = 0; i < M * N; i++) {
        assert_true(out[i] >= low[i % N] && out[i] <= high[i % N] && out[i] > 0);
        if (low[i % N] < high[i % N] && i >= N) assert_true(out[i] != out[i % N]);
    }
    stroma_tobit_free(m);
}

/* Uh 2008: with 30 % below the limit, the difference of two groups by imputation given the group
 * covers at its level; half the limit does not. Monte-Carlo bound: 4 SE. */
static void test_imputation_covers(void **state)
{
    enum { RUNS = 400, SIZE = 60, M = 10 };
    (void)state;
    size_t covered = 0;
    double bias = 0, by_half = 0;
    for (uint64_t r = 0; r < RUNS; r++) {
        stroma_random g;
        double l[SIZE], h[SIZE], room[2 * SIZE], out[M * SIZE], q[M], u[M];
        stroma_random_init(&g, 8, stroma_random_stream("imputation coverage"), r);
        double half[2] = { 0 };
        for (size_t i = 0; i < SIZE; i++) {
            const size_t k = i % 2;
            const double y = exp(1 * (double)k + stroma_random_normal(&g));
            const double limit = i % 3 == 0 ? 1.2 : 0.8;
            h[i] = y < limit ? limit : y;
            l[i] = y < limit ? -INF : y;
            room[i] = 1;
            room[SIZE + i] = (double)k;
            half[k] += log(y < limit ? limit / 2 : y) / (SIZE / 2);
        }
        const stroma_design d = { .rows = SIZE, .columns = 2, .x = room, .intercept = true };
        const stroma_censored_sample s = { l, h, SIZE };
        const stroma_tobit_options o = { STROMA_SHAPE_LOGNORMAL, STROMA_CENSORED_WALD, 0.95 };
        stroma_tobit *m = NULL;
        assert_int_equal(stroma_tobit_fit(&d, &s, &o, &m, NULL), STROMA_OK);
        assert_int_equal(stroma_tobit_impute(m, &d, &s, M, r + 1, out, NULL), STROMA_OK);
        stroma_tobit_free(m);
        for (size_t k = 0; k < M; k++) {
            double sum[2] = { 0 }, square[2] = { 0 };
            for (size_t i = 0; i < SIZE; i++) {
                const double y = log(out[k * SIZE + i]);
                sum[i % 2] += y;
                square[i % 2] += y * y;
            }
            const double n = SIZE / 2;
            q[k] = (sum[1] - sum[0]) / n;
            u[k] =
                (square[0] - sum[0] * sum[0] / n + square[1] - sum[1] * sum[1] / n) / (n - 1) / n;
        }
        const stroma_stat p = stroma_rubin_pool(q, u, M, SIZE - 2, 0.95).stat;
        covered += p.lower <= 1 && 1 <= p.upper;
        bias += (p.estimate - 1) / RUNS;
        by_half += (half[1] - half[0] - 1) / RUNS;
    }
    print_message("# difference 1: coverage %.3f, bias %.3f (half the limit %.3f)\n",
                  (double)covered / RUNS, bias, by_half);
    assert_true(fabs((double)covered / RUNS - 0.95) < 4 * sqrt(0.95 * 0.05 / RUNS));
    assert_true(fabs(bias) < 4 * 0.29 / sqrt(RUNS));
}

/* The profile interval of a lognormal mean covers; a Monte-Carlo bound of 4 SE. */
static void test_ml_covers(void **state)
{
    enum { RUNS = 400, SIZE = 40 };
    (void)state;
    size_t mean_in = 0, median_in = 0;
    for (uint64_t r = 0; r < RUNS; r++) {
        stroma_random g;
        double l[SIZE], h[SIZE];
        stroma_random_init(&g, 9, stroma_random_stream("ml coverage"), r);
        for (size_t i = 0; i < SIZE; i++) {
            const double y = exp(stroma_random_normal(&g)), limit = i % 2 == 0 ? 0.5 : 0.9;
            h[i] = y < limit ? limit : y;
            l[i] = y < limit ? -INF : y;
        }
        const stroma_censored_sample s = { l, h, SIZE };
        stroma_censored_summary k;
        assert_int_equal(
            stroma_censored_ml(&s, STROMA_SHAPE_LOGNORMAL, STROMA_CENSORED_PROFILE, 0.95, &k, NULL),
            STROMA_OK);
        mean_in += k.mean.lower <= exp(0.5) && exp(0.5) <= k.mean.upper;
        median_in += k.median.lower <= 1 && 1 <= k.median.upper;
    }
    print_message("# coverage of the mean %.3f, of the median %.3f\n", (double)mean_in / RUNS,
                  (double)median_in / RUNS);
    assert_true(fabs((double)mean_in / RUNS - 0.945) < 4 * sqrt(0.95 * 0.05 / RUNS));
    assert_true(fabs((double)median_in / RUNS - 0.945) < 4 * sqrt(0.95 * 0.05 / RUNS));
}

static double seconds_since(const struct timespec *a)
{
    struct timespec b;
    (void)clock_gettime(CLOCK_MONOTONIC, &b);
    return (double)(b.tv_sec - a->tv_sec) + (double)(b.tv_nsec - a->tv_nsec) * 1e-9;
}

/* A trial of 2,000 with eight columns: printed, and far from the bound. */
static void test_speed(void **state)
{
    enum { ROWS = 2000, COLUMNS = 8, M = 20 };
    (void)state;
    double *room = calloc(ROWS * COLUMNS, sizeof *room), *l = calloc(2 * ROWS, sizeof *l),
           *h = l + ROWS, *out = calloc((size_t)M * ROWS, sizeof *out);
    assert_true(room != NULL && l != NULL && out != NULL);
    stroma_random g;
    stroma_random_init(&g, 3, stroma_random_stream("speed"), 0);
    for (size_t i = 0; i < ROWS; i++) {
        double eta = 0;
        for (size_t j = 0; j < COLUMNS; j++) {
            room[j * ROWS + i] = j == 0 ? 1 : stroma_random_normal(&g);
            eta += 0.2 * room[j * ROWS + i];
        }
        const double y = exp(eta + stroma_random_normal(&g)), limit = i % 2 == 0 ? 0.5 : 0.9;
        h[i] = y < limit ? limit : y;
        l[i] = y < limit ? -INF : y;
    }
    const stroma_design d = { .rows = ROWS, .columns = COLUMNS, .x = room, .intercept = true };
    const stroma_censored_sample s = { l, h, ROWS };
    stroma_tobit_options o = STROMA_TOBIT_OPTIONS_INIT;
    stroma_tobit *m = NULL;
    stroma_censored_summary k;
    struct timespec a;
    (void)clock_gettime(CLOCK_MONOTONIC, &a);
    o.interval = STROMA_CENSORED_WALD;
    assert_int_equal(stroma_tobit_fit(&d, &s, &o, &m, NULL), STROMA_OK);
    const double wald = seconds_since(&a);
    (void)clock_gettime(CLOCK_MONOTONIC, &a);
    assert_int_equal(stroma_tobit_impute(m, &d, &s, M, 1, out, NULL), STROMA_OK);
    const double imputed = seconds_since(&a);
    stroma_tobit_free(m);
    (void)clock_gettime(CLOCK_MONOTONIC, &a);
    o.interval = STROMA_CENSORED_PROFILE;
    assert_int_equal(stroma_tobit_fit(&d, &s, &o, &m, NULL), STROMA_OK);
    const double profile = seconds_since(&a);
    stroma_tobit_free(m);
    (void)clock_gettime(CLOCK_MONOTONIC, &a);
    assert_int_equal(
        stroma_censored_ml(&s, STROMA_SHAPE_LOGNORMAL, STROMA_CENSORED_PROFILE, 0.95, &k, NULL),
        STROMA_OK);
    print_message("# 2,000 x 8: Tobit %.4f s, with profiles %.3f s, 20 imputations %.4f s; ML with "
                  "profiles %.3f s\n",
                  wald, profile, imputed, seconds_since(&a));
    assert_true(wald + imputed + profile < 60);
    free(room);
    free(l);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected),
        cmocka_unit_test(test_flipped_curve),
        cmocka_unit_test(test_nothing_censored),
        cmocka_unit_test(test_profile_limits),
        cmocka_unit_test(test_ros_fills_in),
        cmocka_unit_test(test_tobit),
        cmocka_unit_test(test_tobin),
        cmocka_unit_test(test_no_finite_estimate),
        cmocka_unit_test(test_narrow_intervals),
        cmocka_unit_test(test_spread_unknown),
        cmocka_unit_test(test_bad_input),
        cmocka_unit_test(test_logrank),
        cmocka_unit_test(test_ranks_within_limits),
        cmocka_unit_test(test_kendall),
        cmocka_unit_test(test_kendall_by_listing),
        cmocka_unit_test(test_mirror),
        cmocka_unit_test(test_order_and_unit),
        cmocka_unit_test(test_imputation),
        cmocka_unit_test(test_imputation_covers),
        cmocka_unit_test(test_ml_covers),
        cmocka_unit_test(test_speed),
    };
    return cmocka_run_group_tests_name("censored", tests, NULL, NULL);
}
