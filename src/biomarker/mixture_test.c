/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two components against one: reference distributions by simulation. */
#include "heterogeneity.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 10, BLOCK = 20, RESAMPLES_MAX = 1000000 };

/* Simulated statistics of one distribution. */
typedef struct simulation {
    const stroma_mixture_options *options;
    const sinh_arcsinh *skewed; /* NULL: one normal */
    size_t n, first;
    uint32_t stream;
    double *scratch; /* worker × n */
    double *out;     /* from `first` on */
} simulation;

/* 2·Δ log-likelihood of two normals over one normal (or over one sinh-arcsinh). */
static double statistic_of(double *z, size_t n, const stroma_mixture_options *o, bool skewed,
                           mixture_fit *two, sinh_arcsinh *one)
{
    const mixture_limits l = { o->unequal_variances, o->variance_floor_frac, o->least_weight_frac };
    *two = mixture_em(z, n, &l);
    if (!skewed) return fmax(0, 2 * (two->log_likelihood - mixture_one_normal(n)));
    *one = sinh_arcsinh_fit(z, n);
    return 2 * (two->log_likelihood - one->log_likelihood);
}

static stroma_status some(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const simulation *w = context;
    double *z = w->scratch + (size_t)worker * w->n;
    (void)err;
    for (size_t b = begin; b < end; b++) {
        stroma_random r;
        double mean = 0, sd = 0;
        mixture_fit two;
        sinh_arcsinh one;
        stroma_random_init(&r, w->options->seed, w->stream, w->first + b);
        for (size_t i = 0; i < w->n; i++)
            z[i] = w->skewed == NULL ? stroma_random_normal(&r) : sinh_arcsinh_draw(w->skewed, &r);
        stroma_sort_doubles(z, w->n);
        w->out[b] = mixture_standardise(z, w->n, &mean, &sd)
                        ? statistic_of(z, w->n, w->options, w->skewed != NULL, &two, &one)
                        : 0;
    }
    return STROMA_OK;
}

static int threads_of(const stroma_mixture_options *o)
{
    return o->threads < 1 ? 1 : o->threads;
}

static stroma_status check_options(const stroma_mixture_options *o, stroma_error *err)
{
    if (o->resamples < STROMA_MIXTURE_RESAMPLES_MIN || o->resamples > RESAMPLES_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu resamples are not within %d to %d",
                           o->resamples, STROMA_MIXTURE_RESAMPLES_MIN, RESAMPLES_MAX);
    if (!(o->variance_floor_frac > 0 && o->variance_floor_frac < 1))
        return stroma_fail(err, STROMA_E_USAGE, "variance floor %g is not within 0 to 1",
                           o->variance_floor_frac);
    if (!(o->least_weight_frac > 0 && o->least_weight_frac < 0.5))
        return stroma_fail(err, STROMA_E_USAGE, "least weight %g is not within 0 to 0.5",
                           o->least_weight_frac);
    if (!(o->alpha > 0 && o->alpha <= 1))
        return stroma_fail(err, STROMA_E_USAGE, "alpha %g is not within 0 to 1", o->alpha);
    return STROMA_OK;
}

static stroma_status fill_null(stroma_mixture_null *m, const stroma_mixture_options *o,
                               stroma_error *err)
{
    const int threads = threads_of(o);
    m->statistic = stroma_alloc_array(m->resamples, sizeof *m->statistic);
    double *scratch = stroma_alloc_array((size_t)threads, m->n * sizeof *scratch);
    stroma_status s = m->statistic == NULL || scratch == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) {
        simulation w = { .options = o,
                         .n = m->n,
                         .stream = stroma_random_stream("mixture, one normal"),
                         .scratch = scratch,
                         .out = m->statistic };
        s = stroma_parallel_for(m->resamples, threads, CHUNK, some, &w, err);
    }
    stroma_free(scratch);
    if (s == STROMA_OK) stroma_sort_doubles(m->statistic, m->resamples);
    return s;
}

stroma_status stroma_mixture_null_new(size_t n, const stroma_mixture_options *options,
                                      stroma_mixture_null **out, stroma_error *err)
{
    const stroma_mixture_options defaults = STROMA_MIXTURE_OPTIONS_INIT;
    const stroma_mixture_options *o = options == NULL ? &defaults : options;
    *out = NULL;
    STROMA_TRY(check_options(o, err));
    if (n < STROMA_MIXTURE_N_MIN)
        return stroma_fail(err, STROMA_E_USAGE, "%zu values are fewer than %d", n,
                           STROMA_MIXTURE_N_MIN);
    stroma_mixture_null *m = stroma_alloc_array(1, sizeof *m);
    if (m == NULL) return stroma_no_memory(err);
    m->n = n;
    m->resamples = o->resamples;
    m->unequal_variances = o->unequal_variances;
    m->variance_floor_frac = o->variance_floor_frac;
    m->least_weight_frac = o->least_weight_frac;
    const stroma_status s = fill_null(m, o, err);
    if (s == STROMA_OK)
        *out = m;
    else
        stroma_mixture_null_free(m);
    return s;
}

void stroma_mixture_null_free(stroma_mixture_null *m)
{
    if (m == NULL) return;
    stroma_free(m->statistic);
    stroma_free(m);
}

/* (1 + those at or above) / (1 + all). */
static double p_of(const stroma_mixture_null *m, double statistic)
{
    size_t low = 0, high = m->resamples;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (m->statistic[mid] >= statistic)
            high = mid;
        else
            low = mid + 1;
    }
    return (double)(1 + m->resamples - low) / (double)(1 + m->resamples);
}

/* Draw from the fitted distribution until enough draws lie at or above, in the order of their
 * numbers, so that the stop does not depend on threads. */
static stroma_status resample_skewed(const sinh_arcsinh *d, size_t n,
                                     const stroma_mixture_options *o, stroma_mixture *out,
                                     stroma_error *err)
{
    const int threads = threads_of(o);
    double block[BLOCK];
    double *scratch = stroma_alloc_array((size_t)threads, n * sizeof *scratch);
    if (scratch == NULL) return stroma_no_memory(err);
    simulation w = { .options = o,
                     .skewed = d,
                     .n = n,
                     .stream = stroma_random_stream("mixture, one skewed"),
                     .scratch = scratch,
                     .out = block };
    size_t drawn = 0, above = 0;
    stroma_status s = STROMA_OK;
    while (s == STROMA_OK && drawn < o->resamples && (above < o->exceedances || above == 0)) {
        const size_t len = o->resamples - drawn < BLOCK ? o->resamples - drawn : BLOCK;
        w.first = drawn;
        s = stroma_parallel_for(len, threads, CHUNK, some, &w, err);
        for (size_t i = 0; s == STROMA_OK && i < len; i++) {
            drawn++;
            above += block[i] >= out->skewed.statistic;
            if (o->exceedances > 0 && above >= o->exceedances) break;
        }
    }
    stroma_free(scratch);
    const bool stopped = o->exceedances > 0 && above >= o->exceedances;
    out->skewed_resamples = drawn;
    out->skewed.p =
        stopped ? (double)above / (double)drawn : (double)(1 + above) / (double)(1 + drawn);
    return s;
}

static double mcse(double p, size_t draws)
{
    return sqrt(p * (1 - p) / (double)draws);
}

/* In the unit of the values. */
static void give_components(const mixture_fit *f, double mean, double sd, stroma_mixture *out)
{
    for (int k = 0; k < 2; k++) {
        out->weight[k] = f->weight[k];
        out->mean[k] = mean + sd * f->mean[k];
        out->sd[k] = sd * sqrt(f->variance[k]);
    }
    out->at_floor = f->at_floor;
}

static stroma_status test_fits(double *z, size_t n, const stroma_mixture_options *o,
                               const stroma_mixture_null *null, stroma_mixture *out,
                               stroma_error *err)
{
    double mean = 0, sd = 0;
    mixture_fit two;
    sinh_arcsinh one;
    STROMA_BUG_IF(!mixture_standardise(z, n, &mean, &sd), err);
    const double jacobian = (double)n * log(sd);
    out->skewed.statistic = statistic_of(z, n, o, true, &two, &one);
    give_components(&two, mean, sd, out);
    out->log_likelihood_one = mixture_one_normal(n) - jacobian;
    out->log_likelihood_two = two.log_likelihood - jacobian;
    out->log_likelihood_skewed = one.log_likelihood - jacobian;
    out->skew = one.skew;
    out->tail = one.tail;
    out->test.statistic = fmax(0, 2 * (two.log_likelihood - mixture_one_normal(n)));
    out->test.p = p_of(null, out->test.statistic);
    out->resamples = null->resamples;
    out->p = out->test.p;
    out->p_mcse = mcse(out->p, out->resamples);
    if (out->test.p > o->alpha) {
        out->skewed.not_estimable = true;
        out->skewed.reason = "not needed: one normal distribution is not rejected";
        return STROMA_OK;
    }
    STROMA_TRY(resample_skewed(&one, n, o, out, err));
    if (out->skewed.p > out->p) {
        out->p = out->skewed.p;
        out->p_mcse = mcse(out->p, out->skewed_resamples);
    }
    return STROMA_OK;
}

static stroma_stat stat_for(const char *variant, size_t n, const char *reason)
{
    stroma_stat s = reason == NULL ? stroma_stat_empty("normal_mixture")
                                   : stroma_stat_cannot("normal_mixture", reason);
    s.variant = variant;
    s.statistic_name = reason == NULL ? "2 x log-likelihood ratio" : "";
    s.n_used = n;
    return s;
}

/* Why there is no test, or NULL; @p z ascending. */
static const char *too_little(const double *z, size_t n)
{
    size_t distinct = n > 0;
    for (size_t i = 1; i < n; i++)
        distinct += z[i] != z[i - 1];
    if (n < STROMA_MIXTURE_N_MIN) return "fewer than 10 values do not tell one group from two";
    return distinct < 3 ? "fewer than 3 distinct values" : NULL;
}

static stroma_status test_sorted(double *z, size_t n, const stroma_mixture_options *o,
                                 const stroma_mixture_null *null, stroma_mixture *out,
                                 stroma_error *err)
{
    const char *reason = too_little(z, n);
    out->test = stat_for("against one normal", n, reason);
    out->skewed = stat_for("against one sinh-arcsinh", n, reason);
    if (reason != NULL) return STROMA_OK;
    if (null != NULL) return test_fits(z, n, o, null, out, err);
    stroma_mixture_null *own = NULL;
    STROMA_TRY(stroma_mixture_null_new(n, o, &own, err));
    const stroma_status s = test_fits(z, n, o, own, out, err);
    stroma_mixture_null_free(own);
    return s;
}

static bool equal(double a, double b)
{
    return a <= b && a >= b;
}

static bool same_kind(const stroma_mixture_null *m, size_t n, const stroma_mixture_options *o)
{
    return m->n == n && m->unequal_variances == o->unequal_variances &&
           equal(m->variance_floor_frac, o->variance_floor_frac) &&
           equal(m->least_weight_frac, o->least_weight_frac);
}

stroma_status stroma_mixture_test(const double *x, size_t n, const stroma_mixture_options *options,
                                  const stroma_mixture_null *null, stroma_mixture *out,
                                  stroma_error *err)
{
    const stroma_mixture_options defaults = STROMA_MIXTURE_OPTIONS_INIT;
    const stroma_mixture_options *o = options == NULL ? &defaults : options;
    *out = (stroma_mixture){ .p = NAN,
                             .p_mcse = NAN,
                             .weight = { NAN, NAN },
                             .mean = { NAN, NAN },
                             .sd = { NAN, NAN },
                             .log_likelihood_one = NAN,
                             .log_likelihood_two = NAN,
                             .log_likelihood_skewed = NAN,
                             .skew = NAN,
                             .tail = NAN };
    STROMA_TRY(check_options(o, err));
    if (null != NULL && !same_kind(null, n, o))
        return stroma_fail(err, STROMA_E_INCONSISTENT,
                           "the reference distribution is for %zu values of another kind of "
                           "mixture, not for these %zu",
                           null->n, n);
    for (size_t i = 0; i < n; i++)
        if (!(fabs(x[i]) <= 1e140))
            return stroma_fail(err, STROMA_E_USAGE, "value %zu is not finite or beyond 1e140",
                               i + 1);
    double *z = stroma_alloc_array(n, sizeof *z);
    if (z == NULL) return stroma_no_memory(err);
    if (n > 0) memcpy(z, x, n * sizeof *z);
    stroma_sort_doubles(z, n);
    const stroma_status s = test_sorted(z, n, o, null, out, err);
    stroma_free(z);
    return s;
}
