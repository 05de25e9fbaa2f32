/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multiple imputation: Rubin's rules by hand, conditional means against nlme::gls, the rules after
 * the event, tipping points, and type I error and coverage by simulation. */
#include "../../src/models/imputation.h"
#include "test_expected.h"

#include "stroma/models_imputation.h"
#include "stroma/parallel.h"
#include "stroma/random.h"
#include "stroma/stats_t_test.h"
#include "stroma/table_read.h"

enum { SUBJECTS = 172, VISITS = 4, LAST = 3 };

/* HAMD-17 change of 172 patients at visits 4 … 7; group 0 is placebo. */
typedef struct trial {
    double y[SUBJECTS * VISITS], baseline[SUBJECTS];
    bool observed[SUBJECTS * VISITS];
    size_t group[SUBJECTS];
    stroma_imputation_data data;
} trial;

static size_t column(const stroma_table *t, const char *name)
{
    const size_t c = stroma_table_find(t, name);
    assert_true(c != SIZE_MAX);
    return c;
}

static void load(trial *d)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_table *t = NULL;
    const char *path = test_data("clinical/rdata/rbmi_antidepressant_data.csv");
    char last[64] = "", a[64], b[64];
    size_t n = 0;
    if (path == NULL) skip();
    *d = (trial){ 0 };
    assert_int_equal(stroma_table_read(path, NULL, &t, NULL, &err), STROMA_OK);
    for (size_t i = 0; i < t->rows_len; i++) {
        const char *who = stroma_table_cell_text(t, column(t, "PATIENT"), i, a);
        if (strcmp(who, last) != 0) { /* rows of a patient stand together */
            assert_true(n < SUBJECTS);
            (void)snprintf(last, sizeof last, "%s", who);
            d->baseline[n] = stroma_table_number(t, column(t, "BASVAL"), i);
            d->group[n++] =
                strcmp(stroma_table_cell_text(t, column(t, "THERAPY"), i, b), "DRUG") == 0;
        }
        const size_t v = (size_t)stroma_table_number(t, column(t, "VISIT"), i) - 4;
        d->y[(n - 1) * VISITS + v] = stroma_table_number(t, column(t, "CHANGE"), i);
        d->observed[(n - 1) * VISITS + v] = true;
    }
    assert_int_equal(n, SUBJECTS);
    stroma_table_free(t);
    d->data = (stroma_imputation_data){ .subjects = SUBJECTS,
                                        .visits = VISITS,
                                        .groups = 2,
                                        .covariates = 1,
                                        .y = d->y,
                                        .observed = d->observed,
                                        .group = d->group,
                                        .covariate = d->baseline };
}

static stroma_imputation *impute(const stroma_imputation_data *d, stroma_imputation_options o)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_imputation *m = NULL;
    if (stroma_imputation_run(d, &o, &m, &err) != STROMA_OK) fail_msg("%s", err.message);
    return m;
}

static stroma_imputation_estimate difference(const stroma_imputation *m, size_t visit,
                                             const stroma_imputation_delta *delta)
{
    stroma_imputation_estimate e[4];
    assert_true(m->groups <= 4);
    assert_int_equal(stroma_imputation_analyse(m, visit, delta, 0.95, NULL, e, NULL), STROMA_OK);
    return e[1];
}

/* R: B <- var(q); U <- mean(u); … as in Barnard & Rubin 1999, computed from the formulas. */
static void test_rubin_by_hand(void **state)
{
    (void)state;
    const double q[] = { 1, 2, 3 }, u[] = { 0.5, 0.6, 0.7 };
    stroma_imputation_estimate e = stroma_rubin_pool(q, u, 3, 20, 0.95);
    assert_near(e.stat.estimate, 2, 1e-14);
    assert_near(e.within, 0.6, 1e-14);
    assert_near(e.between, 1, 1e-14);
    assert_near(e.stat.se, 1.39044357430761, 1e-13);
    assert_near(e.stat.df, 2.41390124279868, 1e-13);
    assert_near(e.stat.p, 0.266372014102292, 1e-11);
    assert_near(e.stat.lower, -3.0995184939569, 1e-11);
    assert_near(e.missing_information, 0.804302563885521, 1e-12);
    e = stroma_rubin_pool(q, u, 3, INFINITY, 0.95);
    assert_near(e.stat.df, 4.205, 1e-13);
    assert_near(e.stat.p, 0.220370707596917, 1e-11);
    /* nothing was imputed: the answer of a complete set */
    const double same[] = { 2, 2 };
    e = stroma_rubin_pool(same, u, 2, 20, 0.95);
    assert_near(e.stat.df, 20, 1e-14);
    assert_true(e.missing_information == 0);
    assert_true(stroma_rubin_pool(q, u, 1, 20, 0.95).stat.not_estimable);
    const double bad[] = { 1, NAN, 3 }, zero[] = { 0, 0, 0 };
    assert_true(stroma_rubin_pool(bad, u, 3, 20, 0.95).stat.not_estimable);
    assert_true(stroma_rubin_pool(zero, zero, 3, 20, 0.95).stat.not_estimable);
}

/* Difference and placebo mean at visits 5, 6, 7: REML of nlme::gls (corSymm, varIdent), conditional
 * normal means by matrix formulas, lm() at each visit. gls stops at about 1e-7 of its optimum. The
 * Jackknife: 172 fits of gls, each without a patient. The second half: gls of each arm alone,
 * covariance after the event by Carpenter, Roger & Kenward. */
static const struct {
    stroma_imputation_rule rule;
    bool separate;
    double difference[3], placebo[3], jackknife[3];
} conditional_means[] = {
    { STROMA_IMPUTE_MAR,
      false,
      { -1.40321147, -2.2246572, -2.80183348 },
      { -2.82888264, -4.15681592, -4.83459891 },
      { 0.941178971, 0.987165694, 1.10671884 } },
    { STROMA_IMPUTE_J2R,
      false,
      { -1.30543304, -1.92899321, -2.12558001 },
      { -2.82768567, -4.15893537, -4.83906764 },
      { 0.87826645, 0.862329682, 0.85813508 } },
    { STROMA_IMPUTE_CR,
      false,
      { -1.30006559, -1.97699413, -2.3707477 },
      { -2.82761996, -4.1573603, -4.83633169 },
      { 0.90480083, 0.915643993, 0.981077387 } },
    { STROMA_IMPUTE_CIR,
      false,
      { -1.29903579, -2.01130877, -2.44917718 },
      { -2.82760735, -4.15632322, -4.83502677 },
      { 0.910239339, 0.93272984, 1.00080171 } },
    { STROMA_IMPUTE_MAR,
      true,
      { -1.45248503, -2.23240762, -2.79300117 },
      { -2.79171518, -4.16828513, -4.83379493 },
      { 0 } },
    { STROMA_IMPUTE_J2R,
      true,
      { -1.2927503, -1.91959085, -2.18020844 },
      { -2.78726421, -4.166035, -4.80166801 },
      { 0 } },
    { STROMA_IMPUTE_CR,
      true,
      { -1.30001008, -1.94859491, -2.38059209 },
      { -2.78817937, -4.17075707, -4.81473405 },
      { 0 } },
    { STROMA_IMPUTE_CIR,
      true,
      { -1.30087435, -1.96224796, -2.45306628 },
      { -2.78828832, -4.17282539, -4.81570347 },
      { 0 } },
};

static void test_conditional_means(void **state)
{
    (void)state;
    trial d;
    load(&d);
    for (size_t k = 0; k < sizeof conditional_means / sizeof *conditional_means; k++) {
        stroma_imputation_options o = STROMA_IMPUTATION_OPTIONS_INIT;
        stroma_imputation_estimate means[2], differences[2];
        o.draws = STROMA_DRAWS_CONDITIONAL_MEAN;
        o.rule = conditional_means[k].rule;
        o.separate = conditional_means[k].separate;
        o.threads = 2;
        stroma_imputation *m = impute(&d.data, o);
        assert_int_equal(m->imputed, 80);
        for (size_t v = 1; v < VISITS; v++) {
            assert_int_equal(stroma_imputation_analyse(m, v, NULL, 0.95, means, differences, NULL),
                             STROMA_OK);
            assert_true(
                fabs(differences[1].stat.estimate - conditional_means[k].difference[v - 1]) < 2e-5);
            const double se = conditional_means[k].jackknife[v - 1];
            assert_true(!(se > 0) || fabs(differences[1].stat.se - se) < 2e-5);
            /* R's intercept is at the mean baseline of all */
            assert_true(fabs(means[0].stat.estimate - conditional_means[k].placebo[v - 1]) < 2e-5);
        }
        stroma_imputation_free(m);
    }
}

/* Without gaps one step of the chain is a draw of the posterior in closed form: Sigma is inverse
 * Wishart of n - p df, mean S / (n - p - m - 1); beta has the variance (X'X)^-1 Sigma. */
static void test_posterior(void **state)
{
    (void)state;
    enum { N = 24, M = 3, DRAWS = 8000 };
    double y[N * M], sum[2 + 2 * M * M] = { 0 }, squares[2] = { 0 };
    bool observed[N * M];
    size_t group[N];
    stroma_random r;
    stroma_imputation_state s = { .n = 0 };
    stroma_random_init(&r, 3, 1, 4);
    for (size_t i = 0; i < N; i++) {
        const double person = stroma_random_normal(&r);
        group[i] = i % 3 == 0; /* 8 and 16 */
        for (size_t v = 0; v < M; v++)
            y[i * M + v] = person + (double)(v + 1) * stroma_random_normal(&r);
    }
    memset(observed, true, sizeof observed);
    const stroma_imputation_data d = {
        .subjects = N, .visits = M, .groups = 2, .y = y, .observed = observed, .group = group
    };
    s.options.burn_in = 1;
    s.options.imputations = 2;
    assert_int_equal(imputation_state_make(&s, &d, NULL), STROMA_OK);
    double scatter[M * M] = { 0 }, mean[2][M] = { { 0 } };
    for (size_t i = 0; i < N * M; i++)
        mean[group[i / M]][i % M] += y[i] / (group[i / M] == 1 ? 8 : 16);
    for (size_t i = 0; i < N; i++)
        for (size_t v = 0; v < M; v++)
            for (size_t w = 0; w < M; w++)
                scatter[v * M + w] +=
                    (y[i * M + v] - mean[group[i]][v]) * (y[i * M + w] - mean[group[i]][w]);
    double parameters[64];
    assert_true(imputation_parameters_len(&s) <= 64);
    memset(parameters, 0, sizeof parameters);
    for (size_t g = 0; g < 2; g++)
        for (size_t v = 0; v < M; v++)
            imputation_covariance(&s, parameters, g)[v * M + v] = 1;
    for (size_t k = 0; k < DRAWS; k++) {
        assert_int_equal(imputation_posterior(&s, &r, parameters, NULL), STROMA_OK);
        const double *sigma = imputation_covariance(&s, parameters, 0);
        assert_memory_equal(sigma, imputation_covariance(&s, parameters, 1), M * M * sizeof *sigma);
        for (size_t i = 0; i < M * M; i++)
            sum[2 + i] += sigma[i] / DRAWS;
        for (size_t g = 0; g < 2; g++) {
            const double gap = imputation_mean(&s, parameters, g, 0)[M - 1] - mean[g][M - 1];
            sum[g] += gap / DRAWS;
            squares[g] += gap * gap / DRAWS;
        }
    }
    const double last = scatter[M * M - 1] / (N - 2 - M - 1);
    for (size_t i = 0; i < M * M; i++) /* four standard errors of 8,000 draws */
        assert_true(fabs(sum[2 + i] - scatter[i] / (N - 2 - M - 1)) < 0.019 * last);
    for (size_t g = 0; g < 2; g++) {
        const double variance = last / (g == 1 ? 8 : 16);
        assert_true(fabs(sum[g]) < 4 * sqrt(variance / DRAWS));
        assert_true(fabs(squares[g] / variance - 1) < 0.07);
    }
    stroma_arena_clear(&s.arena);
}

/* Draws agree with the conditional mean up to the error of 300 sets, and with each other; the same
 * bits from any number of threads; another seed gives other bits. */
static void test_draws(void **state)
{
    (void)state;
    trial d;
    load(&d);
    double estimates[2], errors[2];
    for (int k = 0; k < 2; k++) {
        stroma_imputation_options o = STROMA_IMPUTATION_OPTIONS_INIT;
        o.draws = k == 0 ? STROMA_DRAWS_BAYES : STROMA_DRAWS_BOOTSTRAP;
        o.imputations = k == 0 ? 300 : 100;
        o.burn_in = 50;
        o.seed = 1;
        o.threads = 1;
        stroma_imputation *m = impute(&d.data, o);
        const stroma_imputation_estimate e = difference(m, LAST, NULL);
        estimates[k] = e.stat.estimate;
        errors[k] = e.stat.se;
        const double noise = sqrt(e.between / (double)o.imputations);
        assert_true(fabs(e.stat.estimate + 2.80183348) < 4 * noise);
        assert_true(e.missing_information > 0.1 && e.missing_information < 0.5);
        o.imputations = 8;
        o.threads = 4;
        stroma_imputation *few = impute(&d.data, o);
        assert_memory_equal(few->completed, m->completed,
                            (size_t)8 * SUBJECTS * VISITS * sizeof(double));
        o.seed = 2;
        stroma_imputation *others = impute(&d.data, o);
        assert_memory_not_equal(few->completed, others->completed,
                                (size_t)8 * SUBJECTS * VISITS * sizeof(double));
        for (size_t i = 0; i < (size_t)SUBJECTS * VISITS; i++)
            assert_true(isfinite(m->completed[i]) && (!d.observed[i] || m->completed[i] == d.y[i]));
        stroma_imputation_free(others);
        stroma_imputation_free(few);
        stroma_imputation_free(m);
    }
    assert_true(fabs(errors[0] / errors[1] - 1) < 0.1);
    assert_true(fabs(estimates[0] - estimates[1]) < errors[0] / 2);
}

/* Without a gap nothing is imputed: the analysis of covariance itself. */
static void test_nothing_missing(void **state)
{
    (void)state;
    trial d;
    stroma_ancova_result *a = NULL;
    load(&d);
    for (size_t i = 0; i < SUBJECTS; i++)
        for (size_t v = 1; v < VISITS; v++)
            if (!d.observed[i * VISITS + v]) d.y[i * VISITS + v] = (double)(i % 7) - (double)v;
    memset(d.observed, true, sizeof d.observed);
    double last[SUBJECTS];
    for (size_t i = 0; i < SUBJECTS; i++)
        last[i] = d.y[i * VISITS + LAST];
    assert_int_equal(stroma_ancova(last, d.baseline, d.group, SUBJECTS, 2, 0.95, &a, NULL),
                     STROMA_OK);
    stroma_imputation_options o = STROMA_IMPUTATION_OPTIONS_INIT;
    o.imputations = 5;
    o.burn_in = 5;
    stroma_imputation *m = impute(&d.data, o);
    const stroma_imputation_estimate e = difference(m, LAST, NULL);
    assert_near(e.stat.estimate, a->contrasts[0].estimate, 1e-9);
    assert_near(e.stat.se, a->contrasts[0].se, 1e-9);
    assert_near(e.stat.df, a->contrasts[0].df, 1e-12);
    assert_near(e.stat.p, a->contrasts[0].p, 1e-8);
    assert_true(e.missing_information == 0);
    stroma_imputation_free(m);
    stroma_ancova_free(a);
}

/* Without covariates a shift of the drug arm moves its mean by the shift times the part imputed. */
static void test_shift_by_hand(void **state)
{
    (void)state;
    trial d;
    load(&d);
    double last = 0, sum = 0, n = 0, between = 0;
    for (size_t i = 0; i < SUBJECTS; i++) {
        size_t from = VISITS;
        while (from > 0 && !d.observed[i * VISITS + from - 1])
            from--;
        n += (double)d.group[i];
        last += d.group[i] && from < VISITS;
        sum += d.group[i] ? (double)(VISITS - from) : 0;
        between += d.group[i] && from == VISITS && !d.observed[i * VISITS + 1];
    }
    assert_true(between == 1); /* patient 3618: a gap at visit 5 that is no dropout */
    d.data.covariates = 0;
    for (int k = 0; k < 2; k++) {
        double shift[2 * VISITS] = { 0 };
        stroma_imputation_options o = STROMA_IMPUTATION_OPTIONS_INIT;
        o.draws = k == 0 ? STROMA_DRAWS_CONDITIONAL_MEAN : STROMA_DRAWS_BAYES;
        o.imputations = 10;
        o.burn_in = 5;
        stroma_imputation *m = impute(&d.data, o);
        for (size_t v = 0; v < VISITS; v++)
            shift[VISITS + v] = 1.5;
        stroma_imputation_delta delta = { .shift = shift };
        const double zero = difference(m, LAST, NULL).stat.estimate;
        assert_near(difference(m, LAST, &delta).stat.estimate - zero, 1.5 * last / n, 1e-9);
        delta.cumulative = true;
        assert_near(difference(m, LAST, &delta).stat.estimate - zero, 1.5 * sum / n, 1e-9);
        delta.cumulative = false;
        const double dropouts = difference(m, 1, &delta).stat.estimate;
        delta.intermittent = true;
        assert_near(difference(m, 1, &delta).stat.estimate - dropouts, 1.5 / n, 1e-7);
        shift[0] = NAN;
        assert_int_equal(stroma_imputation_analyse(m, LAST, &delta, 0.95, NULL, NULL, NULL),
                         STROMA_E_USAGE);
        stroma_imputation_free(m);
    }
}

/* The order of the subjects and the units of the outcome do not matter. */
static void test_invariance(void **state)
{
    (void)state;
    trial d, turned;
    load(&d);
    stroma_imputation_options o = STROMA_IMPUTATION_OPTIONS_INIT;
    o.draws = STROMA_DRAWS_CONDITIONAL_MEAN;
    o.rule = STROMA_IMPUTE_CIR;
    o.threads = 2;
    turned = d;
    turned.data.y = turned.y;
    turned.data.observed = turned.observed;
    turned.data.group = turned.group;
    turned.data.covariate = turned.baseline;
    for (size_t i = 0; i < SUBJECTS; i++) {
        const size_t from = (i * 55 + 3) % SUBJECTS; /* 55 and 172 share no factor */
        for (size_t v = 0; v < VISITS; v++) {
            turned.y[i * VISITS + v] = 1000 + 2 * d.y[from * VISITS + v];
            turned.observed[i * VISITS + v] = d.observed[from * VISITS + v];
        }
        turned.group[i] = d.group[from];
        turned.baseline[i] = 10 - 3 * d.baseline[from];
    }
    stroma_imputation *a = impute(&d.data, o), *b = impute(&turned.data, o);
    const stroma_stat p = difference(a, LAST, NULL).stat, q = difference(b, LAST, NULL).stat;
    assert_near(q.estimate, 2 * p.estimate, 1e-8);
    assert_near(q.se, 2 * p.se, 1e-7);
    stroma_imputation_free(a);
    stroma_imputation_free(b);
}

static void test_tipping_point(void **state)
{
    (void)state;
    static const double drug[] = { 0, 1 };
    trial d;
    load(&d);
    for (int k = 0; k < 2; k++) {
        stroma_imputation_options o = STROMA_IMPUTATION_OPTIONS_INIT;
        stroma_tipping_point t;
        stroma_tipping_options p = {
            .version = 1, .visit = LAST, .group = 1, .alpha = 0.05, .direction = drug, .limit = 20
        };
        o.draws = k == 0 ? STROMA_DRAWS_CONDITIONAL_MEAN : STROMA_DRAWS_BAYES;
        o.imputations = 50;
        o.burn_in = 30;
        o.threads = 2;
        stroma_imputation *m = impute(&d.data, o);
        assert_int_equal(stroma_imputation_tip(m, &p, &t, NULL), STROMA_OK);
        assert_true(t.found && t.delta > 0 && t.delta < 20);
        assert_true(t.at_zero.stat.p < 0.05);
        assert_true(fabs(t.at_delta.stat.p - 0.05) < 1e-10);
        /* the other way the drug only looks better */
        p.limit = -5;
        assert_int_equal(stroma_imputation_tip(m, &p, &t, NULL), STROMA_OK);
        assert_true(!t.found && isnan(t.delta) && strstr(t.reason, "stays") != NULL);
        p.group = 0;
        assert_int_equal(stroma_imputation_tip(m, &p, &t, NULL), STROMA_E_USAGE);
        p.group = 1;
        p.limit = 0;
        assert_int_equal(stroma_imputation_tip(m, &p, &t, NULL), STROMA_E_USAGE);
        stroma_imputation_free(m);
    }
}

/* Responders counted by hand where nothing is missing; events spoil a response; imputed ones lie
 * between the extremes. */
static void test_responders(void **state)
{
    (void)state;
    trial d;
    load(&d);
    double threshold[SUBJECTS], n[2] = { 0 }, r[2] = { 0 };
    bool spoiled[SUBJECTS] = { false };
    for (size_t i = 0; i < SUBJECTS; i++) {
        threshold[i] = -0.25 * d.baseline[i];
        n[d.group[i]]++;
        r[d.group[i]] += d.y[i * VISITS] <= threshold[i];
    }
    stroma_imputation_options o = STROMA_IMPUTATION_OPTIONS_INIT;
    stroma_imputation_response response = { .threshold = threshold };
    stroma_imputation_estimate p[2], diff[2], last[2];
    o.imputations = 30;
    o.burn_in = 20;
    stroma_imputation *m = impute(&d.data, o);
    assert_int_equal(stroma_imputation_respond(m, 0, NULL, &response, 0.95, p, diff, NULL),
                     STROMA_OK);
    const double p0 = r[0] / n[0], p1 = r[1] / n[1];
    assert_near(diff[1].stat.estimate, p1 - p0, 1e-12);
    assert_near(diff[1].stat.se, sqrt(p0 * (1 - p0) / n[0] + p1 * (1 - p1) / n[1]), 1e-12);
    /* Wilson's interval of a proportion */
    const double z2 = 1.959963984540054 * 1.959963984540054;
    const double half = sqrt(z2 * (p1 * (1 - p1) / n[1] + z2 / (4 * n[1] * n[1])));
    assert_near(p[1].stat.lower, (p1 + z2 / (2 * n[1]) - half) / (1 + z2 / n[1]), 1e-12);
    assert_int_equal(stroma_imputation_respond(m, LAST, NULL, &response, 0.95, p, last, NULL),
                     STROMA_OK);
    assert_true(last[1].missing_information > 0);
    for (size_t i = 0; i < SUBJECTS; i++)
        spoiled[i] = !d.observed[i * VISITS + LAST];
    response.nonresponse = spoiled;
    assert_int_equal(stroma_imputation_respond(m, LAST, NULL, &response, 0.95, p, last, NULL),
                     STROMA_OK);
    assert_true(last[1].missing_information == 0); /* nothing depends on an imputed value */
    response.at_least = true;
    for (size_t i = 0; i < SUBJECTS; i++)
        threshold[i] = INFINITY; /* nobody */
    assert_int_equal(stroma_imputation_respond(m, LAST, NULL, &response, 0.95, p, last, NULL),
                     STROMA_OK);
    assert_true(last[1].stat.estimate == 0 && isnan(last[1].stat.p));
    assert_non_null(strstr(last[1].stat.reason, "nobody"));
    assert_true(p[1].stat.estimate == 0 && p[1].stat.lower == 0);
    assert_near(p[1].stat.upper, z2 / (n[1] + z2), 1e-12); /* Wilson's, of none */
    stroma_imputation_free(m);
    o.draws = STROMA_DRAWS_CONDITIONAL_MEAN;
    m = impute(&d.data, o);
    assert_int_equal(stroma_imputation_respond(m, LAST, NULL, &response, 0.95, p, last, NULL),
                     STROMA_OK);
    assert_true(p[0].stat.not_estimable && last[1].stat.not_estimable);
    stroma_imputation_free(m);
}

/* ICH E9(R1): four strategies for three subjects with an event at the second of three visits. */
static void test_intercurrent_events(void **state)
{
    (void)state;
    enum { N = 4, M = 3 };
    double y[N * M] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
    bool observed[N * M], spoiled[N * M] = { false };
    size_t event[N];
    stroma_imputation_rule rule[N];
    stroma_intercurrent events[] = {
        { 0, 1, STROMA_STRATEGY_HYPOTHETICAL, STROMA_IMPUTE_J2R },
        { 1, 1, STROMA_STRATEGY_COMPOSITE, STROMA_IMPUTE_MAR },
        { 2, 1, STROMA_STRATEGY_WHILE_ON_TREATMENT, STROMA_IMPUTE_MAR },
        { 3, 1, STROMA_STRATEGY_TREATMENT_POLICY, STROMA_IMPUTE_CIR },
    };
    memset(observed, true, sizeof observed);
    assert_int_equal(
        stroma_intercurrent_apply(events, 4, N, M, y, observed, event, rule, spoiled, NULL),
        STROMA_OK);
    assert_true(observed[0] && !observed[1] && !observed[2]);
    assert_true(rule[0] == STROMA_IMPUTE_J2R && event[0] == 1);
    assert_true(!spoiled[3] && spoiled[4] && spoiled[5] && observed[4]);
    assert_true(y[7] == 7 && y[8] == 7 && observed[8]);
    assert_true(y[10] == 11 && observed[11] && rule[3] == STROMA_IMPUTE_CIR);
    assert_string_equal(stroma_strategy_label(STROMA_STRATEGY_COMPOSITE),
                        "composite strategy (ICH E9(R1))");
    for (int k = STROMA_STRATEGY_TREATMENT_POLICY; k <= STROMA_STRATEGY_WHILE_ON_TREATMENT; k++) {
        stroma_strategy found;
        assert_true(stroma_strategy_find(stroma_strategy_name((stroma_strategy)k), &found));
        assert_int_equal(found, k);
    }
    assert_int_equal(
        stroma_intercurrent_apply(events, 4, N, M, y, observed, event, rule, NULL, NULL),
        STROMA_E_USAGE);
    events[2].visit = 0; /* nothing before it to keep */
    assert_int_equal(
        stroma_intercurrent_apply(events, 4, N, M, y, observed, event, rule, spoiled, NULL),
        STROMA_E_DEGENERATE);
    events[2].subject = N;
    assert_int_equal(
        stroma_intercurrent_apply(events, 4, N, M, y, observed, event, rule, spoiled, NULL),
        STROMA_E_USAGE);
}

/* A value seen after the event is kept in the sets; under jump to reference it does not enter the
 * model, so that changing it changes nobody else. */
static void test_values_after_the_event(void **state)
{
    (void)state;
    trial d;
    size_t event[SUBJECTS];
    size_t who = 0;
    load(&d);
    for (size_t i = 0; i < SUBJECTS; i++) {
        event[i] = VISITS;
        while (event[i] > 0 && !d.observed[i * VISITS + event[i] - 1])
            event[i]--;
        if (d.group[i] == 1 && event[i] == VISITS) who = i;
    }
    event[who] = 2;
    d.data.event = event;
    stroma_imputation_options o = STROMA_IMPUTATION_OPTIONS_INIT;
    o.draws = STROMA_DRAWS_CONDITIONAL_MEAN;
    for (int rule = 0; rule < 2; rule++) {
        o.rule = rule == 0 ? STROMA_IMPUTE_MAR : STROMA_IMPUTE_J2R;
        stroma_imputation *a = impute(&d.data, o);
        d.y[who * VISITS + LAST] += 100;
        stroma_imputation *b = impute(&d.data, o);
        assert_true(b->completed[who * VISITS + LAST] == d.y[who * VISITS + LAST]);
        d.y[who * VISITS + LAST] -= 100;
        size_t changed = 0;
        for (size_t i = 0; i < SUBJECTS * VISITS; i++)
            changed += i / VISITS != who && a->completed[i] != b->completed[i];
        assert_true(rule == 0 ? changed > 40 : changed == 0);
        stroma_imputation_free(a);
        stroma_imputation_free(b);
    }
}

static void refused(const stroma_imputation_data *d, stroma_imputation_options o,
                    stroma_status want, const char *text)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_imputation *m = NULL;
    assert_int_equal(stroma_imputation_run(d, &o, &m, &err), want);
    assert_null(m);
    if (strstr(err.message, text) == NULL) fail_msg("\"%s\" has no \"%s\"", err.message, text);
}

static void test_refusals(void **state)
{
    (void)state;
    enum { N = 12, M = 2 };
    const stroma_imputation_options plain = STROMA_IMPUTATION_OPTIONS_INIT;
    stroma_imputation_options o = plain;
    double y[N * M], x[N];
    bool observed[N * M];
    size_t group[N];
    stroma_random r;
    stroma_random_init(&r, 1, 1, 1);
    for (size_t i = 0; i < N; i++) {
        group[i] = i % 2;
        x[i] = 3;
        for (size_t v = 0; v < M; v++) {
            y[i * M + v] = stroma_random_normal(&r);
            observed[i * M + v] = v == 0 || i > 2;
        }
    }
    stroma_imputation_data d = { .subjects = N,
                                 .visits = M,
                                 .groups = 2,
                                 .y = y,
                                 .observed = observed,
                                 .group = group,
                                 .covariate = x };
    o.imputations = 1;
    refused(&d, o, STROMA_E_USAGE, "1 imputations");
    o = plain;
    o.reference = 2;
    refused(&d, o, STROMA_E_USAGE, "reference arm 2");
    o = plain;
    o.structure = STROMA_MMRM_AR1;
    refused(&d, o, STROMA_E_USAGE, "unstructured");
    d.covariates = 1; /* a constant is the sum of the arms */
    refused(&d, plain, STROMA_E_DEGENERATE, "linearly");
    x[0] = NAN;
    refused(&d, plain, STROMA_E_USAGE, "covariate 0");
    d.covariates = 0;
    y[0] = INFINITY;
    refused(&d, plain, STROMA_E_USAGE, "finite");
    y[0] = 0;
    group[0] = 2;
    refused(&d, plain, STROMA_E_USAGE, "out of range");
    group[0] = 0;
    d.subjects = 3;
    refused(&d, plain, STROMA_E_DEGENERATE, "no value at visit 2");
    d.subjects = 0;
    refused(&d, plain, STROMA_E_DEGENERATE, "no subject");
    d.subjects = N;
    d.visits = M;
    for (size_t i = 0; i < N; i++)
        y[i * M + 1] = y[i * M] + 1; /* the second visit repeats the first */
    refused(&d, plain, STROMA_E_DEGENERATE, "");
}

/* ---- simulation: no effect, dropout at random given the value before ---- */

typedef struct simulation {
    stroma_imputation_draws draws;
    stroma_imputation_rule rule;
    size_t n, imputations;
    double effect; /* of the second arm at the last visit; what is true */
    bool respond;  /* risk difference of a value of at most -0.5 in place of means; effect 0 */
    unsigned char *rejected, *covered;
    double *estimates, *errors;
} simulation;

static stroma_status simulate(size_t begin, size_t end, int worker, void *context,
                              stroma_error *err)
{
    enum { M = 3, MOST = 200 };
    const simulation *w = context;
    (void)worker;
    for (size_t k = begin; k < end; k++) {
        double y[MOST * M];
        bool observed[MOST * M];
        size_t group[MOST];
        stroma_random r;
        stroma_random_init(&r, 20260101, stroma_random_stream("imputation simulation"), k);
        for (size_t i = 0; i < w->n; i++) {
            const double person = stroma_random_normal(&r);
            bool here = true;
            group[i] = i % 2;
            for (size_t v = 0; v < M; v++) {
                if (v > 0) /* a bad value makes leaving likelier, more so in the second arm */
                    here = here &&
                           stroma_random_uniform(&r) >
                               1 / (1 + exp(1.6 - (group[i] == 1 ? 0.8 : 0.4) * y[i * M + v - 1]));
                y[i * M + v] = person + stroma_random_normal(&r) +
                               (group[i] == 1 ? w->effect * (double)v / (M - 1) : 0);
                observed[i * M + v] = here;
            }
        }
        const stroma_imputation_data d = {
            .subjects = w->n, .visits = M, .groups = 2, .y = y, .observed = observed, .group = group
        };
        stroma_imputation_options o = STROMA_IMPUTATION_OPTIONS_INIT;
        stroma_imputation *m = NULL;
        o.draws = w->draws;
        o.rule = w->rule;
        o.imputations = w->imputations;
        o.burn_in = 25;
        o.seed = k;
        STROMA_TRY(stroma_imputation_run(&d, &o, &m, err));
        stroma_stat s = difference(m, M - 1, NULL).stat;
        if (w->respond) {
            double threshold[MOST];
            stroma_imputation_estimate e[2];
            const stroma_imputation_response q = { .threshold = threshold };
            for (size_t i = 0; i < w->n; i++)
                threshold[i] = -0.5;
            STROMA_TRY(stroma_imputation_respond(m, M - 1, NULL, &q, 0.95, NULL, e, err));
            s = e[1].stat;
        }
        w->rejected[k] = s.p < 0.05;
        w->covered[k] = s.lower <= w->effect && w->effect <= s.upper;
        w->estimates[k] = s.estimate;
        w->errors[k] = s.se;
        stroma_imputation_free(m);
    }
    return STROMA_OK;
}

typedef struct outcome {
    double rejected, covered, bias, sd, se;
} outcome;

static outcome simulation_run(simulation w, size_t sets)
{
    stroma_error err = STROMA_ERROR_INIT;
    outcome out = { 0 };
    w.rejected = calloc(2 * sets, 1);
    w.covered = w.rejected + sets;
    w.estimates = calloc(2 * sets, sizeof *w.estimates);
    w.errors = w.estimates + sets;
    if (stroma_parallel_for(sets, 2, 1, simulate, &w, &err) != STROMA_OK)
        fail_msg("%s", err.message);
    for (size_t k = 0; k < sets; k++) {
        out.rejected += w.rejected[k] / (double)sets;
        out.covered += w.covered[k] / (double)sets;
        out.bias += (w.estimates[k] - w.effect) / (double)sets;
        out.se += w.errors[k] / (double)sets;
    }
    for (size_t k = 0; k < sets; k++)
        out.sd += pow(w.estimates[k] - w.effect - out.bias, 2) / (double)(sets - 1);
    out.sd = sqrt(out.sd);
    free(w.rejected);
    free(w.estimates);
    return out;
}

/* Monte-Carlo bounds: 3.3 standard errors of the nominal 5 %. STROMA_SIMULATIONS: more data sets.
 */
static void test_type_one_error_and_coverage(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        simulation w;
        size_t sets;
        bool exact; /* jump to reference by Rubin's rules is known to be conservative */
    } cases[] = {
        { "MAR, posterior",
          { .draws = STROMA_DRAWS_BAYES, .n = 60, .imputations = 20, .effect = 0 },
          200,
          true },
        { "MAR, posterior, effect",
          { .draws = STROMA_DRAWS_BAYES, .n = 60, .imputations = 20, .effect = 0.7 },
          200,
          true },
        { "MAR, posterior, responders",
          { .draws = STROMA_DRAWS_BAYES, .n = 120, .imputations = 20, .respond = true },
          100,
          true },
        { "MAR, bootstrap",
          { .draws = STROMA_DRAWS_BOOTSTRAP, .n = 60, .imputations = 20, .effect = 0 },
          60,
          true },
        { "MAR, jackknife",
          { .draws = STROMA_DRAWS_CONDITIONAL_MEAN, .n = 60, .effect = 0 },
          60,
          true },
        { "J2R, jackknife",
          { .draws = STROMA_DRAWS_CONDITIONAL_MEAN, .rule = STROMA_IMPUTE_J2R, .n = 60 },
          60,
          true },
        { "J2R, posterior",
          { .draws = STROMA_DRAWS_BAYES, .rule = STROMA_IMPUTE_J2R, .n = 60, .imputations = 20 },
          100,
          false },
    };
    const char *more = getenv("STROMA_SIMULATIONS");
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const size_t sets = more == NULL ? cases[k].sets : strtoul(more, NULL, 10);
        const outcome o = simulation_run(cases[k].w, sets);
        const double bound = 3.3 * sqrt(0.05 * 0.95 / (double)sets);
        if (more != NULL)
            print_message(
                "%s, %zu sets: rejected %.4f, covered %.4f, bias %.4f, SD %.4f, SE %.4f\n",
                cases[k].what, sets, o.rejected, o.covered, o.bias, o.sd, o.se);
        if (fabs(o.bias) > 3.3 * o.sd / sqrt((double)sets))
            fail_msg("%s: bias %.4f, SD of estimates %.4f", cases[k].what, o.bias, o.sd);
        /* a normal interval for 60 subjects is short by 0.4 % */
        if (cases[k].exact && fabs(o.covered - 0.95) > bound + 0.005)
            fail_msg("%s: coverage %.4f of %zu", cases[k].what, o.covered, sets);
        if (cases[k].w.effect == 0 && o.rejected > 0.05 + bound + 0.005)
            fail_msg("%s: type I error %.4f of %zu", cases[k].what, o.rejected, sets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rubin_by_hand),
        cmocka_unit_test(test_conditional_means),
        cmocka_unit_test(test_posterior),
        cmocka_unit_test(test_draws),
        cmocka_unit_test(test_nothing_missing),
        cmocka_unit_test(test_shift_by_hand),
        cmocka_unit_test(test_invariance),
        cmocka_unit_test(test_tipping_point),
        cmocka_unit_test(test_responders),
        cmocka_unit_test(test_intercurrent_events),
        cmocka_unit_test(test_values_after_the_event),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_type_one_error_and_coverage),
    };
    return cmocka_run_group_tests_name("imputation", tests, NULL, NULL);
}
