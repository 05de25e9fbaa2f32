/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/models/mcmc_diagnostic.h"
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/models_bayes_logistic.h"
#include "stroma/random.h"

#include <time.h>

/* A design with an intercept. */
typedef struct data {
    stroma_design d;
    double *y;
} data;

static data data_new(size_t n, size_t columns)
{
    data s = { .d = { .rows = n, .columns = columns, .intercept = true } };
    s.d.x = calloc(n * columns, sizeof *s.d.x);
    s.y = calloc(n, sizeof *s.y);
    assert_true(s.d.x != NULL && s.y != NULL);
    for (size_t i = 0; i < n; i++)
        s.d.x[i] = 1;
    return s;
}

static void data_free(data *s)
{
    free(s->d.x);
    free(s->y);
}

/* 28 responders, 12 of them with the marker; 24 others without it. */
static data paper_table(void)
{
    data s = data_new(52, 2);
    for (size_t i = 0; i < 52; i++) {
        s.y[i] = i < 28;
        s.d.x[52 + i] = i < 12;
    }
    return s;
}

static stroma_bayes_options options(double df)
{
    stroma_bayes_options o = STROMA_BAYES_OPTIONS_INIT;
    o.prior.df = df;
    o.draws = 4000;
    o.seed = 5;
    o.threads = 2;
    return o;
}

static stroma_bayes_logistic_model *fit(const data *s, const stroma_bayes_options *o)
{
    stroma_bayes_logistic_model *m = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_bayes_logistic_fit(&s->d, s->y, o, &m, &err) != STROMA_OK)
        fail_msg("%s", err.message);
    return m;
}

static void within(const char *what, double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%s: %.6g, wanted %.6g within %.2g", what, got, want, tolerance);
}

/* Quasi-complete separation, by quadrature on a grid of 2,501 × 4,001 points (R 4.2.2, sinh-spaced;
 * two-parameter posteriors, the intercept at the mean of the marker). Columns: df of the prior,
 * mode and its SE (nlm), mean, SD, quantiles 0.025, 0.5 and 0.975 of the slope, the quantiles of
 * the intercept, probability at marker 1 with its quantiles, probability at marker 0. Tolerance: 5
 * Monte-Carlo standard errors, of the outer quantiles 8 of the median. */
static const struct {
    double df, mode, se, mean, sd, slope[3], intercept[3], p1, p1_lower, p0;
} grid[] = {
    { 0,
      3.3961026196,
      1.2369438870,
      3.8767506,
      1.3529341,
      { 1.6357576, 3.7324274, 6.9175693 },
      { -0.99281721, -0.34733323, 0.2755278 },
      0.94820941,
      0.79569086,
      0.41540112 },
    { 1,
      3.8189646168,
      1.8041701458,
      NAN,
      NAN,
      { 2.0192691, 6.355908, 40.6126645 },
      { -1.04248542, -0.38780628, 0.24091366 },
      0.97803931,
      0.84796061,
      0.40583918 },
    { 7,
      NAN,
      NAN,
      4.4904757,
      2.0374894,
      { 1.7135951, 4.1068586, 9.5238473 },
      { -1.00785461, -0.35883646, 0.26627323 },
      0.95705494,
      0.8072714,
      0.41269129 },
};

static void test_quadrature(void **state)
{
    (void)state;
    data s = paper_table();
    for (size_t g = 0; g < sizeof grid / sizeof grid[0]; g++) {
        const stroma_bayes_options o = options(grid[g].df);
        stroma_bayes_logistic_model *m = fit(&s, &o);
        const stroma_bayes_term *t = &m->terms[1], *a = &m->terms[0];
        assert_int_equal(m->separation, STROMA_SEPARATION_QUASI);
        assert_true(m->infinite[1] && !m->infinite[0]);
        print_message("# df %g: R-hat %.4f, effective draws %.0f, gap to Laplace %.2f SD\n",
                      grid[g].df, m->worst_rhat, m->least_ess, m->laplace_gap);
        assert_true(m->converged && m->worst_rhat < 1.01);
        if (!isnan(grid[g].mode)) {
            within("mode", t->mode, grid[g].mode, 5e-5);
            within("Laplace SE", t->laplace_se, grid[g].se, 2e-4);
        }
        within("median", t->median, grid[g].slope[1], 5 * t->median_mcse);
        within("lower", t->lower, grid[g].slope[0], 8 * t->median_mcse);
        within("upper", log(t->upper), log(grid[g].slope[2]), 0.15);
        within("intercept", a->median, grid[g].intercept[1], 5 * a->median_mcse);
        within("intercept, lower", a->lower, grid[g].intercept[0], 8 * a->median_mcse);
        within("intercept, upper", a->upper, grid[g].intercept[2], 8 * a->median_mcse);
        if (grid[g].df == 1) {
            assert_true(isnan(t->mean) && isnan(t->sd) && m->stats[1].reason[0] != '\0');
            assert_true(!isnan(a->mean));
        } else {
            within("mean", t->mean, grid[g].mean, 5 * t->mean_mcse);
            within("SD", t->sd, grid[g].sd, 0.04 * grid[g].sd);
        }
        assert_true(t->positive > 0.999 && t->positive_mcse > 0 && t->positive_mcse < 1e-3);
        stroma_bayes_prediction p;
        const double with[] = { 1, 1 }, without[] = { 1, 0 };
        assert_int_equal(stroma_bayes_logistic_predict(m, with, 0.95, &p, NULL), STROMA_OK);
        within("probability with", p.mean, grid[g].p1, 5 * p.mean_mcse);
        within("its lower limit", p.lower, grid[g].p1_lower, 0.02);
        assert_true(p.lower < p.median && p.median < p.upper && p.upper < 1 + 1e-15);
        assert_near(m->fitted[0], p.mean, 1e-12);
        assert_true(isnan(p.linear_mean) == (grid[g].df == 1));
        assert_int_equal(stroma_bayes_logistic_predict(m, without, 0.95, &p, NULL), STROMA_OK);
        within("probability without", p.mean, grid[g].p0, 5 * p.mean_mcse);
        assert_true(!isnan(p.linear_mean) && p.sd > 0);
        stroma_bayes_logistic_free(m);
    }
    data_free(&s);
}

static data asah(void)
{
    static const char *const names[] = { "s100b", "wfns", "age" };
    test_csv t = test_csv_read(test_data("clinical/rdata/pROC_aSAH.csv"));
    data s = data_new(t.rows, 5);
    for (size_t i = 0; i < t.rows; i++) {
        s.y[i] = strcmp(test_csv_text(&t, i, "outcome"), "Poor") == 0;
        for (size_t j = 0; j < 3; j++)
            s.d.x[(j + 1) * t.rows + i] = test_csv_number(&t, i, names[j]);
        s.d.x[4 * t.rows + i] = strcmp(test_csv_text(&t, i, "gender"), "Female") == 0;
    }
    test_csv_free(&t);
    return s;
}

/* pROC's aSAH, Poor ~ s100b + wfns + age + female, by importance sampling from a shifted t with 6
 * df (R 4.2.2 with mvtnorm, a million draws, 780,000 effective). Tolerance as above. */
static const struct {
    double df, mode[5], mean[5], sd[5], lower[5], upper[5], positive[5], p, p_lower, p_upper;
} importance[] = {
    { 0,
      { -3.801884741, 1.535076023, 0.629669953, 0.032998834, -0.933439316 },
      { -4.015583175, 1.778230, 0.656399, 0.03480595, -0.9805530 },
      { 1.076723299, 1.353876, 0.197227, 0.01876105, 0.5329631 },
      { -6.225959128, -0.701761, 0.278202, -0.00139813, -2.0417956 },
      { -1.997522970, 4.586879, 1.052748, 0.07223988, 0.0508054 },
      { 0.000020683, 0.911106, 0.999719, 0.97013635, 0.0313288 },
      0.324534,
      0.191963,
      0.476734 },
    { 1,
      { -3.742946180, 1.472069587, 0.628525237, 0.031770908, -0.893346145 },
      { -3.96659, 1.723627, 0.656099, 0.03376182, -0.9465583 },
      { 1.07287, 1.344694, 0.200350, 0.01857271, 0.5275741 },
      { -6.17201, -0.711768, 0.274500, -0.00195213, -2.0009400 },
      { -1.96778, 4.538890, 1.059678, 0.07102670, 0.0700886 },
      { 2.11858e-05, 0.907227, 0.999703, 0.96797433, 0.0340836 },
      0.327347,
      0.194847,
      0.478074 },
};

static void test_importance(void **state)
{
    (void)state;
    if (test_data("clinical/rdata/pROC_aSAH.csv") == NULL) skip();
    data s = asah();
    double worst = 0;
    for (size_t g = 0; g < 2; g++) {
        const stroma_bayes_options o = options(importance[g].df);
        stroma_bayes_logistic_model *m = fit(&s, &o);
        assert_true(m->converged && m->separation == STROMA_SEPARATION_NONE);
        for (size_t j = 0; j < 5; j++) {
            const stroma_bayes_term *t = &m->terms[j];
            assert_near(t->mode, importance[g].mode[j], 2e-5);
            assert_near(t->mode, m->mode[j], 0);
            assert_near(t->laplace_se, sqrt(m->laplace_covariance[6 * j]), 1e-9);
            within("mean", t->mean, importance[g].mean[j], 5 * t->mean_mcse);
            worst = fmax(worst, fabs(t->mean - importance[g].mean[j]) / t->mean_mcse);
            within("SD", t->sd, importance[g].sd[j], 0.03 * t->sd);
            within("lower", t->lower, importance[g].lower[j], 0.08 * t->sd);
            within("upper", t->upper, importance[g].upper[j], 0.08 * t->sd);
            within("positive", t->positive, importance[g].positive[j], 5 * t->positive_mcse);
        }
        const double x[] = { 1, 0.3, 3, 50, 1 };
        stroma_bayes_prediction p;
        assert_int_equal(stroma_bayes_logistic_predict(m, x, 0.95, &p, NULL), STROMA_OK);
        within("probability", p.mean, importance[g].p, 5 * p.mean_mcse);
        within("its lower limit", p.lower, importance[g].p_lower, 0.008);
        within("its upper limit", p.upper, importance[g].p_upper, 0.008);
        stroma_bayes_logistic_free(m);
    }
    print_message("# largest gap of a mean: %.1f Monte-Carlo standard errors\n", worst);
    data_free(&s);
}

/* Three chains x(t) = 0.6 x(t − 1) + e, e uniform by a linear congruential generator, and the same
 * rounded to one digit (ties). Package posterior 1.4.0 on R 4.2.2: rhat, ess_bulk, ess_tail,
 * ess_mean, mcse_mean, mcse_median. Tolerance 1e-8 relative (printed with 12 digits). */
static void test_diagnostics(void **state)
{
    enum { CHAINS = 3, DRAWS = 200 };
    static const double want[2][6] = { { 1.0448166755579, 110.7876551935367, 252.8219766252703,
                                         115.8775221667647, 0.0345071740493, 0.0383174269880 },
                                       { 1.0449326603258, 116.1641690383869, 282.7759878374086,
                                         118.8968256375917, 0.0343424605201, 0.0500000000000 } };
    double x[CHAINS * DRAWS];
    (void)state;
    for (size_t k = 0; k < CHAINS; k++) {
        uint64_t seed = 1001 + k;
        double last = 0, *to = x + k * DRAWS;
        for (size_t i = 0; i < DRAWS; i++) {
            seed = seed * 16807 % 2147483647;
            last = 0.6 * last + (double)seed / 2147483647 - 0.5;
            to[i] = last;
        }
        for (size_t i = 0; i < DRAWS; i++)
            to[i] += 0.05 * (double)(k + 1);
    }
    for (size_t round_off = 0; round_off < 2; round_off++) {
        mcmc_diagnostic d;
        for (size_t i = 0; round_off == 1 && i < CHAINS * DRAWS; i++)
            x[i] = rint(10 * x[i]) / 10;
        assert_int_equal(mcmc_diagnose(x, CHAINS, DRAWS, &d, NULL), STROMA_OK);
        const double got[6] = { d.rhat,     d.ess_bulk,  d.ess_tail,
                                d.ess_mean, d.mean_mcse, d.median_mcse };
        for (size_t k = 0; k < 6; k++)
            assert_near(got[k], want[round_off][k], 1e-8);
    }
    for (size_t i = 0; i < CHAINS * DRAWS; i++)
        x[i] = 1;
    mcmc_diagnostic d;
    assert_int_equal(mcmc_diagnose(x, CHAINS, DRAWS, &d, NULL), STROMA_OK);
    assert_true(isnan(d.rhat) && isnan(d.ess_bulk));
}

static double seconds(void)
{
    struct timespec t;
    (void)timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Draws do not depend on threads; nor, beyond the last digits, on the units of a column. */
static void test_threads_and_units(void **state)
{
    (void)state;
    const size_t n = 52;
    data s = data_new(n, 4);
    for (size_t i = 0; i < n; i++) {
        stroma_random r;
        stroma_random_init(&r, 9, 1, i);
        for (size_t j = 1; j < 4; j++)
            s.d.x[j * n + i] = stroma_random_normal(&r);
        s.y[i] = stroma_random_uniform(&r) < 1 / (1 + exp(-s.d.x[n + i]));
    }
    stroma_bayes_options o = STROMA_BAYES_OPTIONS_INIT;
    const double before = seconds();
    stroma_bayes_logistic_model *one = fit(&s, &o);
    print_message("# 4 x 1000 draws, n = 52, 3 slopes, one thread: %.3f s\n", seconds() - before);
    o.threads = 4;
    stroma_bayes_logistic_model *four = fit(&s, &o);
    assert_memory_equal(one->draws, four->draws, 4000 * 4 * sizeof(double));
    for (size_t i = 0; i < n; i++)
        s.d.x[2 * n + i] = 1e6 + 1000 * s.d.x[2 * n + i];
    stroma_bayes_logistic_model *scaled = fit(&s, &o);
    assert_near(scaled->terms[2].mode * 1000, one->terms[2].mode, 1e-6);
    assert_near(scaled->terms[2].prior_scale * 1000, one->terms[2].prior_scale, 1e-6);
    within("median", scaled->terms[2].median * 1000, one->terms[2].median,
           5 * one->terms[2].median_mcse);
    stroma_bayes_logistic_free(one);
    stroma_bayes_logistic_free(four);
    stroma_bayes_logistic_free(scaled);
    data_free(&s);
}

/* Half and twice the prior, against fits that say so; a vague prior ends at maximum likelihood. */
static void test_priors(void **state)
{
    (void)state;
    data s = paper_table();
    s.y[30] = 1; /* the classes overlap less exactly, but still do not separate */
    s.y[3] = 0;
    stroma_bayes_options o = options(0);
    o.sensitivity = true;
    stroma_bayes_logistic_model *m = fit(&s, &o);
    o.sensitivity = false;
    for (size_t k = 0; k < 2; k++) {
        const double factor = m->sensitivity[k].factor;
        o.prior.scale = 2.5 * factor;
        o.prior.intercept_scale = 10 * factor;
        stroma_bayes_logistic_model *other = fit(&s, &o);
        assert_near(m->sensitivity[k].terms[1].median, other->terms[1].median, 1e-12);
        assert_near(m->sensitivity[k].terms[1].prior_scale, 2.5 * factor, 1e-12);
        stroma_bayes_logistic_free(other);
    }
    assert_true(m->sensitivity[0].terms[1].median < m->terms[1].median &&
                m->terms[1].median < m->sensitivity[1].terms[1].median);
    stroma_bayes_logistic_free(m);
    o.draws = 0;
    o.prior.scale = o.prior.intercept_scale = 1e6;
    m = fit(&s, &o);
    stroma_logistic_model *ml = NULL;
    const stroma_logistic_options wald = { false, STROMA_LOGISTIC_WALD, 0.95 };
    assert_int_equal(stroma_logistic_fit(&s.d, s.y, &wald, &ml, NULL), STROMA_OK);
    for (size_t j = 0; j < 2; j++) {
        assert_near(m->stats[j].estimate, ml->coefficients[j], 1e-8);
        assert_near(m->stats[j].se, ml->se[j], 1e-8);
        assert_near(m->stats[j].lower, ml->terms[j].lower, 1e-7);
    }
    assert_true(m->draws == NULL);
    stroma_bayes_prediction p;
    const double x[] = { 1, 1 };
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_bayes_logistic_predict(m, x, 0.95, &p, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "the model holds no draws to predict from");
    stroma_logistic_free(ml);
    stroma_bayes_logistic_free(m);
    data_free(&s);
}

/* Intervals hold as often as they say when the coefficients come from the prior itself (simulation
 * based: Cook, Gelman & Rubin 2006 J Comput Graph Stat 15:675): 400 data sets, 80 % intervals,
 * three coefficients; the count is within 4 binomial SEs. */
static void test_calibrated(void **state)
{
    (void)state;
    enum { SETS = 400, N = 30 };
    size_t held = 0, predicted = 0;
    stroma_bayes_options o = STROMA_BAYES_OPTIONS_INIT;
    o.prior = (stroma_bayes_prior){ 0, 1.5, 1.5, STROMA_BAYES_SCALE_NONE };
    o.level = 0.8;
    o.chains = 1;
    o.warmup = 50;
    o.draws = 300;
    data s = data_new(N, 3);
    for (uint64_t i = 0; i < SETS; i++) {
        stroma_random r;
        stroma_random_init(&r, 77, 2, i);
        double b[3], mean[2] = { 0 };
        for (size_t j = 0; j < 3; j++)
            b[j] = 1.5 * stroma_random_normal(&r);
        for (size_t j = 1; j < 3; j++)
            for (size_t k = 0; k < N; k++) {
                s.d.x[j * N + k] = stroma_random_normal(&r);
                mean[j - 1] += s.d.x[j * N + k] / N;
            }
        /* the prior is on the intercept at the mean of the inputs */
        for (size_t k = 0; k < N; k++) {
            const double eta =
                b[0] + b[1] * (s.d.x[N + k] - mean[0]) + b[2] * (s.d.x[2 * N + k] - mean[1]);
            s.y[k] = stroma_random_uniform(&r) < 1 / (1 + exp(-eta));
        }
        b[0] -= b[1] * mean[0] + b[2] * mean[1];
        o.seed = i;
        stroma_bayes_logistic_model *m = fit(&s, &o);
        for (size_t j = 0; j < 3; j++)
            held += m->terms[j].lower <= b[j] && b[j] <= m->terms[j].upper;
        /* and of the probability of a new patient */
        const double x[3] = { 1, stroma_random_normal(&r), stroma_random_normal(&r) };
        const double pi = 1 / (1 + exp(-b[0] - b[1] * x[1] - b[2] * x[2]));
        stroma_bayes_prediction p;
        assert_int_equal(stroma_bayes_logistic_predict(m, x, 0.8, &p, NULL), STROMA_OK);
        predicted += p.lower <= pi && pi <= p.upper;
        stroma_bayes_logistic_free(m);
    }
    const double share = (double)held / (3 * SETS);
    print_message("# 80 %% intervals hold %.3f of %d coefficients\n", share, 3 * SETS);
    print_message("# and %.3f of %d new probabilities\n", (double)predicted / SETS, SETS);
    within("coverage", share, 0.8, 4 * sqrt(0.16 / SETS / 2));
    within("coverage of a probability", (double)predicted / SETS, 0.8, 4 * sqrt(0.16 / SETS));
    data_free(&s);
}

/* Other seeds give other draws, apart by what the Monte-Carlo errors say: the mean of squared z
 * over 40 seeds and six numbers is 1 within 4 of its standard errors. */
static void test_monte_carlo_errors(void **state)
{
    (void)state;
    enum { SEEDS = 25 };
    data s = paper_table();
    s.y[30] = 1;
    s.y[3] = 0;
    stroma_bayes_options o = STROMA_BAYES_OPTIONS_INIT;
    o.threads = 2;
    o.seed = 1000;
    o.draws = 20000;
    stroma_bayes_logistic_model *truth = fit(&s, &o);
    o.draws = 500;
    double squares = 0;
    for (uint64_t k = 0; k < SEEDS; k++) {
        o.seed = k;
        stroma_bayes_logistic_model *m = fit(&s, &o);
        for (size_t j = 0; j < 2; j++) {
            const stroma_bayes_term *a = &m->terms[j], *b = &truth->terms[j];
            squares += pow((a->mean - b->mean) / a->mean_mcse, 2);
            squares += pow((a->median - b->median) / a->median_mcse, 2);
            squares += pow((a->positive - b->positive) / a->positive_mcse, 2);
        }
        stroma_bayes_logistic_free(m);
    }
    print_message("# mean squared z of %d seeds: %.2f\n", SEEDS, squares / (6 * SEEDS));
    within("mean squared z", squares / (6 * SEEDS), 1, 4 * sqrt(2.0 / SEEDS));
    stroma_bayes_logistic_free(truth);
    data_free(&s);
}

static void test_edges(void **state)
{
    (void)state;
    data s = data_new(52, 4);
    for (size_t i = 0; i < 52; i++) {
        s.y[i] = 1;
        s.d.x[52 + i] = (double)(i % 2);
        s.d.x[104 + i] = 3 - 2 * (double)(i % 2); /* aliased */
        s.d.x[156 + i] = (double)(i % 5);
    }
    stroma_bayes_options o = options(0);
    stroma_error err = STROMA_ERROR_INIT;
    stroma_bayes_logistic_model *m = fit(&s, &o); /* one class: the prior holds the intercept */
    assert_int_equal(m->rank, 3);
    assert_true(m->aliased[2] && m->stats[2].not_estimable && isnan(m->terms[2].median));
    assert_true(m->draws[2] == 0 && m->terms[0].median > 2 &&
                m->separation == STROMA_SEPARATION_COMPLETE);
    double x[] = { 1, 1, NAN, 2 };
    stroma_bayes_prediction p;
    assert_int_equal(stroma_bayes_logistic_predict(m, x, 0.95, &p, &err), STROMA_OK);
    x[3] = INFINITY;
    assert_int_equal(stroma_bayes_logistic_predict(m, x, 0.95, &p, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "column 4 of the new row is not finite");
    stroma_bayes_logistic_free(m);
    o.prior.scale = 0;
    assert_int_equal(stroma_bayes_logistic_fit(&s.d, s.y, &o, &m, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "prior scales 0 and 10 are not positive");
    o = options(-1);
    assert_int_equal(stroma_bayes_logistic_fit(&s.d, s.y, &o, &m, &err), STROMA_E_USAGE);
    o = options(0);
    o.draws = 99;
    assert_int_equal(stroma_bayes_logistic_fit(&s.d, s.y, &o, &m, &err), STROMA_E_USAGE);
    o.draws = 100;
    o.chains = 0;
    assert_int_equal(stroma_bayes_logistic_fit(&s.d, s.y, &o, &m, &err), STROMA_E_USAGE);
    s.d.rows = 0;
    assert_int_equal(stroma_bayes_logistic_fit(&s.d, s.y, NULL, &m, &err), STROMA_E_DEGENERATE);
    assert_true(m == NULL);
    /* two rows, perfectly apart */
    s.d.rows = 2;
    s.d.columns = 2;
    s.d.x[2] = 0;
    s.d.x[3] = 1;
    s.d.x[0] = s.d.x[1] = 1;
    s.y[0] = 0;
    m = fit(&s, NULL);
    assert_int_equal(m->separation, STROMA_SEPARATION_COMPLETE);
    assert_true(m->terms[1].lower < 0 && m->terms[1].median > 0 && m->converged);
    stroma_bayes_logistic_free(m);
    data_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quadrature),
        cmocka_unit_test(test_importance),
        cmocka_unit_test(test_diagnostics),
        cmocka_unit_test(test_threads_and_units),
        cmocka_unit_test(test_priors),
        cmocka_unit_test(test_calibrated),
        cmocka_unit_test(test_monte_carlo_errors),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests_name("bayes_logistic", tests, NULL, NULL);
}
