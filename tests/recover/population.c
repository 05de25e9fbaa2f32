/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often do the intervals of populations hold the truth? Events are drawn from planted mixtures
 * and counts from their distributions; every interval is made at 95 %.
 *
 *     recover_population size N     N data sets a question (TAP)
 *
 * A question fails when the 99.9 % Clopper-Pearson interval of its coverage lies wholly outside of
 * the range that is promised: at least 0.95 for the exact ones, which may be wider because counts
 * are whole; near 0.95 for the others. */
#include "stroma/cytometry_index.h"
#include "stroma/parallel.h"
#include "stroma/random.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_MAX = 2000, THREADS = 2 };

/* Negatives are normal about 0, positives log-normal: a share `positive` of them. */
static const double negative_sd = 120, log_mean = 7, log_sd = 0.6;

static void draw(stroma_random *r, double positive, double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = stroma_random_uniform(r) < positive
                   ? exp(log_mean + log_sd * stroma_random_normal(r))
                   : negative_sd * stroma_random_normal(r);
}

/* Quantile p of the mixture, by bisection. */
static double truth(double positive, double p)
{
    double low = -1e4, high = 1e6;
    for (int i = 0; i < 200; i++) {
        const double x = (low + high) / 2;
        const double below =
            (1 - positive) * stroma_normal_cdf(x / negative_sd) +
            (x > 0 ? positive * stroma_normal_cdf((log(x) - log_mean) / log_sd) : 0);
        *(below < p ? &low : &high) = x;
    }
    return (low + high) / 2;
}

typedef struct question {
    const char *name;
    bool (*covers)(const struct question *q, stroma_random *r);
    double a, b; /* what it is asked at */
    double least, most;
} question;

static bool holds(const stroma_population_value *v, double x)
{
    return v->lower <= x && x <= v->upper;
}

static stroma_population_options options(stroma_random *r, size_t resamples)
{
    stroma_population_options o = STROMA_POPULATION_OPTIONS_INIT;
    o.resamples = resamples;
    o.seed = stroma_random_u64(r);
    return o;
}

static stroma_population_value compute(const char *id, const stroma_population_question *q,
                                       const stroma_population_options *o)
{
    stroma_population_value v;
    if (stroma_population_compute(stroma_definition_find(id), q, o, &v, NULL) != STROMA_OK)
        v.lower = v.upper = (double)NAN;
    return v;
}

static bool percent(const question *q, stroma_random *r)
{
    const stroma_population_options o = options(r, 0);
    stroma_population_value v;
    const int64_t k = stroma_random_binomial(r, (int64_t)q->a, q->b);
    return stroma_population_percent((uint64_t)k, (uint64_t)q->a, &o, &v, NULL) == STROMA_OK &&
           holds(&v, 100 * q->b);
}

static bool median(const question *q, stroma_random *r, bool bootstrap)
{
    double x[EVENTS_MAX];
    const size_t n = (size_t)q->a;
    draw(r, 0.7, x, n);
    stroma_population_options o = options(r, bootstrap ? 999 : 0);
    o.bootstrap_quantiles = bootstrap;
    const stroma_population_sample s = { x, n, 0 };
    const stroma_population_question asked = { .count = n, .of_count = n, .marker = &s };
    const stroma_population_value v = compute("mfi", &asked, &o);
    return holds(&v, truth(0.7, 0.5));
}

static bool exact_median(const question *q, stroma_random *r)
{
    return median(q, r, false);
}

static bool bootstrap_median(const question *q, stroma_random *r)
{
    return median(q, r, true);
}

/* The index of positives against a control of dim ones. */
static bool mfi_ratio(const question *q, stroma_random *r)
{
    double x[EVENTS_MAX], y[EVENTS_MAX];
    const size_t n = (size_t)q->a, m = (size_t)q->b;
    draw(r, 0.7, x, n);
    for (size_t i = 0; i < m; i++)
        y[i] = 150 + 60 * stroma_random_normal(r);
    const stroma_population_options o = options(r, 999);
    const stroma_population_sample s = { x, n, 0 }, c = { y, m, 0 };
    const stroma_population_question asked = {
        .count = n, .of_count = n, .marker = &s, .control = &c
    };
    const stroma_population_value v = compute("mfi_ratio", &asked, &o);
    return holds(&v, truth(0.7, 0.5) / 150);
}

static bool stain_index(const question *q, stroma_random *r)
{
    double x[EVENTS_MAX], y[EVENTS_MAX];
    const size_t n = (size_t)q->a, m = (size_t)q->b;
    draw(r, 1, x, n);
    draw(r, 0, y, m);
    const stroma_population_options o = options(r, 999);
    const stroma_population_sample s = { x, n, 0 }, c = { y, m, 0 };
    const stroma_population_question asked = {
        .count = n, .of_count = n, .marker = &s, .negative = &c
    };
    const stroma_population_value v = compute("stain_index", &asked, &o);
    return holds(&v, exp(log_mean) / (2 * negative_sd));
}

/* Positive events are a binomial share of their parent: both factors vary. */
static bool imfi(const question *q, stroma_random *r)
{
    double x[EVENTS_MAX];
    const size_t parent = (size_t)q->a;
    const size_t n = (size_t)stroma_random_binomial(r, (int64_t)parent, q->b);
    draw(r, 1, x, n);
    const stroma_population_options o = options(r, 999);
    const stroma_population_sample s = { x, n, 0 };
    const stroma_population_question asked = { .count = n, .of_count = parent, .marker = &s };
    const stroma_population_value v = compute("imfi", &asked, &o);
    return holds(&v, 100 * q->b * exp(log_mean));
}

static bool beads(const question *q, stroma_random *r)
{
    const stroma_population_options o = options(r, 0);
    stroma_population_value v;
    const int64_t cells = stroma_random_poisson(r, q->a), counted = stroma_random_poisson(r, q->b);
    return stroma_absolute_beads((uint64_t)cells, (uint64_t)counted, 50, 1, &o, &v, NULL) ==
               STROMA_OK &&
           holds(&v, q->a / q->b * 50);
}

static bool volume(const question *q, stroma_random *r)
{
    const stroma_population_options o = options(r, 0);
    stroma_population_value v;
    const int64_t cells = stroma_random_poisson(r, q->a * q->b);
    return stroma_absolute_volume((uint64_t)cells, q->b, 1, &o, &v, NULL) == STROMA_OK &&
           holds(&v, q->a);
}

/* Treg and Th17 out of 10,000 CD4 cells. */
static bool log_ratio(const question *q, stroma_random *r, bool bootstrap)
{
    const int64_t n = 10000;
    const int64_t x = stroma_random_binomial(r, n, q->a);
    const int64_t y = stroma_random_binomial(r, n - x, q->b / (1 - q->a));
    const stroma_population_options o = options(r, bootstrap ? 999 : 0);
    const stroma_count_ratio asked = { (uint64_t)x, (uint64_t)n, (uint64_t)y, (uint64_t)n,
                                       true,        20,          "" };
    stroma_population_value d, b;
    if (stroma_log_ratio(&asked, &o, &d, &b, NULL) != STROMA_OK) return false;
    return holds(bootstrap ? &b : &d, log(q->a / q->b));
}

static bool log_ratio_delta(const question *q, stroma_random *r)
{
    return log_ratio(q, r, false);
}

static bool log_ratio_bootstrap(const question *q, stroma_random *r)
{
    return log_ratio(q, r, true);
}

static const question questions[] = {
    { "2 % of 3,000, Wilson", percent, 3000, 0.02, 0.935, 0.97 },
    { "0.2 % of 10,000, Wilson", percent, 10000, 0.002, 0.93, 0.975 },
    { "median of 12 events, order statistics", exact_median, 12, 0, 0.95, 1 },
    { "median of 50 events, order statistics", exact_median, 50, 0, 0.95, 0.985 },
    { "median of 1,001 events, order statistics", exact_median, 1001, 0, 0.95, 0.965 },
    { "median of 50 events, bootstrap", bootstrap_median, 50, 0, 0.92, 0.98 },
    { "median of 1,001 events, bootstrap", bootstrap_median, 1001, 0, 0.935, 0.965 },
    { "MFI ratio, 300 events and 200 of the control", mfi_ratio, 300, 200, 0.93, 0.97 },
    { "stain index, 200 events and 400 negatives", stain_index, 200, 400, 0.925, 0.97 },
    { "iMFI, 10 % of 2,000", imfi, 2000, 0.1, 0.93, 0.97 },
    { "cells per µL, 80 cells and 1,000 beads", beads, 80, 1000, 0.95, 0.98 },
    { "cells per µL, 5 cells and 200 beads", beads, 5, 200, 0.95, 1 },
    { "cells per µL, 0.2/µL in 46 µL", volume, 0.2, 46, 0.95, 1 },
    { "cells per µL, 30/µL in 46 µL", volume, 30, 46, 0.95, 0.965 },
    { "log ratio of 4 % and 0.6 %, delta", log_ratio_delta, 0.04, 0.006, 0.935, 0.965 },
    { "log ratio of 4 % and 0.6 %, bootstrap", log_ratio_bootstrap, 0.04, 0.006, 0.925, 0.965 },
    { "log ratio of 4 % and 0.1 % (10 events), delta", log_ratio_delta, 0.04, 0.001, 0.92, 0.985 },
};

typedef struct job {
    const question *q;
    unsigned char *covered;
} job;

static stroma_status some(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const job *j = context;
    (void)worker;
    (void)err;
    for (size_t i = begin; i < end; i++) {
        stroma_random r;
        stroma_random_init(&r, 20261129, stroma_random_stream(j->q->name), i);
        j->covered[i] = j->q->covers(j->q, &r);
    }
    return STROMA_OK;
}

static bool judge(const question *q, const unsigned char *covered, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        k += covered[i];
    const stroma_stat s = stroma_proportion(k, n, STROMA_PROPORTION_CLOPPER_PEARSON, 0.999);
    (void)printf("# %-48s %6.4f (99.9 %% CI %.4f to %.4f), promised %.3f to %.3f\n", q->name,
                 s.estimate, s.lower, s.upper, q->least, q->most);
    return s.upper >= q->least && s.lower <= q->most;
}

int main(int argc, char **argv)
{
    const long given = argc == 3 ? strtol(argv[2], NULL, 10) : 0; // ci-allow: a test's argument
    const size_t n = given > 0 ? (size_t)given : 0, len = sizeof questions / sizeof questions[0];
    int bad = 0;
    if (n < 50 || strcmp(argv[1], "size") != 0) {
        (void)fprintf(stderr, "usage: recover_population size N\n");
        return 2;
    }
    unsigned char *covered = stroma_alloc_array(n, 1);
    if (covered == NULL) return 1;
    (void)printf("1..%zu\n", len);
    for (size_t k = 0; k < len; k++) {
        job j = { &questions[k], covered };
        const bool ok = stroma_parallel_for(n, THREADS, 16, some, &j, NULL) == STROMA_OK &&
                        judge(&questions[k], covered, n);
        (void)printf("%sok %zu - %s\n", ok ? "" : "not ", k + 1, questions[k].name);
        (void)fflush(stdout);
        bad |= !ok;
    }
    stroma_free(covered);
    return bad;
}
