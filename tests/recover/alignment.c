/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Aligned analyses on simulated trials: how often a link is found that is not there, and how often
 * the interval of the lag holds the lag that was planted.
 *
 *     recover_alignment size N     N trials of each kind (TAP; fails outside its bounds)
 *
 * 30 subjects, 14 visits a week apart give or take some days, a tenth of the responses missing; the
 * marker rises at one of the visits 2 to 6. Every trial has its own Philox generator. */
#include "stroma/biomarker_alignment.h"
#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUBJECTS = 30, VISITS = 14, ROWS = SUBJECTS * VISITS, THREADS = 2 };

typedef struct trial {
    size_t subject[ROWS];
    double day[ROWS], marker[ROWS], response[ROWS];
} trial;

typedef struct kind {
    const char *name;
    double lag, step; /* planted; step 0: no link */
    double course;    /* fall that all subjects share over the trial */
    double carry;     /* autocorrelation of the noise */
    double cross;     /* response now on marker before: order is asked instead of lag */
} kind;

static const kind kinds[] = {
    { "no link", 0, 0, 0, 0, 0 },
    { "no link, a course that all share", 0, 0, 2, 0, 0 },
    { "no link, responses that drift", 0, 0, 0, 0.7, 0 },
    { "lag of 14 days", 14, 1, 0, 0, 0 },
    { "lag of 17 days, responses that drift", 17, 1, 0, 0.5, 0 },
    { "lag of 21 days", 21, 1, 0, 0, 0 },
    { "response follows the marker", 0, 0, 0, 0, 0.5 },
};

typedef struct job {
    const kind *kind;
    /* a trial each */
    unsigned char *change, *lag, *cover, *first, *second;
    double *estimate, *width;
} job;

static void make(const kind *k, stroma_random *r, trial *t)
{
    for (size_t i = 0, row = 0; i < SUBJECTS; i++) {
        const double level = 5 + stroma_random_normal(r), high = stroma_random_normal(r);
        const size_t up = 2 + (size_t)stroma_random_below(r, 5);
        double event = 1e9, noise = stroma_random_normal(r), last = 0;
        for (size_t v = 0; v < VISITS; v++, row++) {
            const double day = 7 * (double)v + (double)(v > 0 ? stroma_random_below(r, 5) : 0);
            if (v == up) event = day;
            noise = k->carry * noise + sqrt(1 - k->carry * k->carry) * stroma_random_normal(r);
            t->subject[row] = i;
            t->day[row] = day;
            t->marker[row] = (v < up ? 1 : 4) + 0.3 * stroma_random_normal(r);
            t->response[row] = level + 0.7 * noise - (day >= event + k->lag ? k->step : 0) -
                               k->course * (1 - exp(-day / 30));
            if (k->cross > 0) {
                t->response[row] = level - k->cross * last + 0.5 * stroma_random_normal(r);
                last = stroma_random_normal(r);
                t->marker[row] = high + last;
            }
            if (stroma_random_uniform(r) < 0.1) t->response[row] = NAN;
        }
    }
}

static stroma_status one(const job *j, size_t i, trial *t, stroma_error *err)
{
    const kind *k = j->kind;
    const stroma_series s = { ROWS, SUBJECTS, t->subject, t->day, t->marker, NULL, t->response };
    const stroma_rise_rule rule = { STROMA_RISE_ABOVE, 2.5, false };
    stroma_alignment_options o = STROMA_ALIGNMENT_OPTIONS_INIT;
    stroma_cross_lag_options co = STROMA_CROSS_LAG_OPTIONS_INIT;
    stroma_event e[SUBJECTS];
    stroma_stat change, lag;
    stroma_cross_lag c;
    o.resamples = co.resamples = 199;
    o.seed = co.seed = i + 1;
    o.lag_to = 42;
    STROMA_TRY(stroma_events_find(&s, &rule, e, err));
    STROMA_TRY(stroma_alignment_test(&s, e, &o, &change, err));
    STROMA_TRY(stroma_alignment_lag(&s, e, &o, &lag, err));
    STROMA_TRY(stroma_cross_lag_test(&s, &co, &c, err));
    j->change[i] = change.p <= 0.05;
    j->lag[i] = lag.p <= 0.05; /* false where there is none */
    j->cover[i] = lag.lower <= k->lag && lag.upper >= k->lag;
    j->estimate[i] = lag.estimate;
    j->width[i] = lag.upper - lag.lower;
    j->first[i] = c.order == STROMA_ORDER_MARKER_FIRST;
    j->second[i] = c.order == STROMA_ORDER_RESPONSE_FIRST;
    return STROMA_OK;
}

static stroma_status some(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const job *j = context;
    trial t;
    (void)worker;
    for (size_t i = begin; i < end; i++) {
        stroma_random r;
        stroma_random_init(&r, 20250602, stroma_random_stream(j->kind->name), i);
        make(j->kind, &r, &t);
        STROMA_TRY(one(j, i, &t, err));
    }
    return STROMA_OK;
}

static double mean_of(const unsigned char *x, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return (double)sum / (double)n;
}

static double mean_estimate(const double *x, size_t n)
{
    double sum = 0, m = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) {
            sum += x[i];
            m++;
        }
    return sum / m;
}

/* At most 6 % (or three Monte-Carlo standard errors above 5 %); coverage at least 95 % but for
 * three standard errors. */
static bool judge(const kind *k, const job *j, size_t n)
{
    const double se = sqrt(0.05 * 0.95 / (double)n), most = fmax(0.06, 0.05 + 3 * se);
    const double change = mean_of(j->change, n), lag = mean_of(j->lag, n);
    const double first = mean_of(j->first, n), second = mean_of(j->second, n);
    (void)printf(
        "# change p <= 0.05 in %.4f, lag p <= 0.05 in %.4f, \"precedes\" %.4f, \"follows\" "
        "%.4f of %zu (SE of 5 %%: %.4f)\n",
        change, lag, first, second, n, se);
    if (k->cross > 0) return first > 0.8 && second <= most;
    if (!(k->step > 0)) return change <= most && lag <= most && first + second <= most;
    const double cover = mean_of(j->cover, n);
    (void)printf("# lag %.2f on average, interval %.1f days wide, holds %g in %.4f\n",
                 mean_estimate(j->estimate, n), mean_estimate(j->width, n), k->lag, cover);
    return lag > 0.9 && cover >= 0.95 - 3 * se;
}

int main(int argc, char **argv)
{
    const long given = argc == 3 ? strtol(argv[2], NULL, 10) : 0; // ci-allow: a test's argument
    const size_t n = given > 0 ? (size_t)given : 0, len = sizeof kinds / sizeof kinds[0];
    int bad = 0;
    if (n < 50 || strcmp(argv[1], "size") != 0) {
        (void)fprintf(stderr, "usage: recover_alignment size N\n");
        return 2;
    }
    unsigned char *flags = stroma_alloc_array(5 * n, 1);
    double *estimate = stroma_alloc_array(2 * n, sizeof *estimate);
    if (flags == NULL || estimate == NULL) return 1;
    (void)printf("1..%zu\n", len);
    for (size_t i = 0; i < len; i++) {
        stroma_error err = STROMA_ERROR_INIT;
        job j = { &kinds[i],     flags,         flags + n, flags + 2 * n,
                  flags + 3 * n, flags + 4 * n, estimate,  estimate + n };
        /* the slow part is the same for all kinds: those with a lag need fewer */
        const size_t sets = n >= 10000 || kinds[i].step <= 0 ? n : n / 4;
        const bool ran = stroma_parallel_for(sets, THREADS, 1, some, &j, &err) == STROMA_OK;
        const bool ok = ran && judge(&kinds[i], &j, sets);
        if (!ran) (void)fprintf(stderr, "%s: %s%s\n", kinds[i].name, err.context, err.message);
        (void)printf("%sok %zu - %s\n", ok ? "" : "not ", i + 1, kinds[i].name);
        (void)fflush(stdout);
        bad |= !ok;
    }
    stroma_free(flags);
    stroma_free(estimate);
    return bad;
}
