/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Permutation tests of a sum within strata. The exact distribution is not listed: the subjects are
 * cut into two halves, the sums of each half are listed and sorted, and pairs of sums beyond the
 * observed one are counted from both ends. A paired test is the same with a stratum a pair. */
#include "moments.h"
#include "permutation_sums.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/random.h"
#include "stroma/sort.h"
#include "stroma/stats_proportion.h"
#include "stroma/stats_resampling.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define METHOD "permutation"
enum { CHUNK = 256, SUMS_MAX = 1 << 22 };
static const stroma_permutation_options defaults = STROMA_PERMUTATION_OPTIONS_INIT;

static stroma_status check_options(const stroma_permutation_options *o, stroma_error *err)
{
    if (o->resamples >= STROMA_RESAMPLES_MIN && o->resamples <= STROMA_RESAMPLES_MAX)
        return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "%zu resamples are not within %d to %d", o->resamples,
                       STROMA_RESAMPLES_MIN, STROMA_RESAMPLES_MAX);
}

/* One random relabelling after the other. */
typedef struct shuffle_work {
    const permutation_layout *p;
    uint64_t seed;
    double beyond, below; /* T ≥ beyond or T ≤ below counts; either may be infinite */
    double *scratch;      /* worker × units */
    size_t *hits;         /* a piece of the resamples each */
} shuffle_work;

/* The labelled ones of a stratum are the first m of a partial shuffle. */
static double random_sum(const permutation_layout *p, stroma_random *r, double *x)
{
    double total = 0;
    memcpy(x, p->value, p->n * sizeof *x);
    for (size_t h = 0; h < p->strata; h++) {
        double *y = x + p->start[h];
        const size_t n = p->start[h + 1] - p->start[h];
        for (size_t i = 0; i < p->labelled[h]; i++) {
            const size_t at = i + (size_t)stroma_random_below(r, n - i);
            const double t = y[at];
            y[at] = y[i];
            y[i] = t;
            total += t;
        }
    }
    return total;
}

static stroma_status shuffle(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    shuffle_work *w = context;
    double *x = w->scratch + (size_t)worker * w->p->n;
    (void)err;
    for (size_t b = begin; b < end; b++) {
        stroma_random r;
        stroma_random_init(&r, w->seed, stroma_random_stream("permutation"), b);
        const double t = random_sum(w->p, &r, x);
        w->hits[begin / CHUNK] += t >= w->beyond || t <= w->below;
    }
    return STROMA_OK;
}

static stroma_status monte_carlo(const permutation_layout *p, const stroma_permutation_options *o,
                                 double beyond, double below, stroma_permutation *out,
                                 stroma_error *err)
{
    const int threads = o->threads < 1 ? 1 : o->threads;
    const size_t pieces = (o->resamples + CHUNK - 1) / CHUNK;
    shuffle_work w = { .p = p, .seed = o->seed, .beyond = beyond, .below = below };
    w.scratch = stroma_alloc_array((size_t)threads * p->n, sizeof *w.scratch);
    w.hits = stroma_alloc_array(pieces, sizeof *w.hits);
    stroma_status s = w.scratch == NULL || w.hits == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) s = stroma_parallel_for(o->resamples, threads, CHUNK, shuffle, &w, err);
    for (size_t i = 0; s == STROMA_OK && i < pieces; i++)
        out->as_extreme += w.hits[i];
    stroma_free(w.scratch);
    stroma_free(w.hits);
    if (s != STROMA_OK) return s;
    const double m = (double)o->resamples, p_hat = ((double)out->as_extreme + 1) / (m + 1);
    const stroma_stat ci =
        stroma_proportion(out->as_extreme, o->resamples, STROMA_PROPORTION_CLOPPER_PEARSON, 0.99);
    out->resamples = o->resamples;
    out->stat.p = p_hat;
    out->stat.variant = "Monte Carlo";
    out->p_se = sqrt(p_hat * (1 - p_hat) / m);
    out->p_lower = ci.lower;
    out->p_upper = ci.upper;
    return STROMA_OK;
}

/* Estimate, z, and where a sum counts as extreme. */
static stroma_status test(const permutation_layout *p, const stroma_permutation_options *o,
                          stroma_permutation *out, stroma_error *err)
{
    stroma_stat *s = &out->stat;
    const double infinite = (double)INFINITY;
    s->statistic_name = "z";
    if (!(p->variance > 0)) {
        s->not_estimable = true;
        s->reason = "all values are equal within strata";
        return STROMA_OK;
    }
    s->statistic = p->observed / sqrt(p->variance);
    const bool two = o->alternative == STROMA_TWO_SIDED;
    const double t = two ? fabs(p->observed) : p->observed;
    const double beyond = o->alternative == STROMA_LESS ? infinite : t - p->rounding;
    const double below = o->alternative == STROMA_GREATER ? -infinite
                         : two                            ? p->rounding - t
                                                          : t + p->rounding;
    const size_t sums_max = o->sums_max == 0 ? SUMS_MAX : o->sums_max;
    if (o->method != STROMA_PERMUTATION_MONTE_CARLO) {
        double share = 0;
        STROMA_TRY(permutation_exact(p, beyond, below, sums_max, &share, err));
        out->exact = !isnan(share);
        if (out->exact) {
            s->variant = "exact";
            s->p = out->p_lower = out->p_upper = share;
            return STROMA_OK;
        }
        if (o->method == STROMA_PERMUTATION_EXACT) {
            s->not_estimable = true;
            s->reason = "the exact distribution needs more memory than allowed";
            return STROMA_OK;
        }
    }
    return monte_carlo(p, o, beyond, below, out, err);
}

static stroma_permutation empty(const char *name)
{
    stroma_permutation out = { .stat = stroma_stat_empty(METHOD) };
    out.stat.estimate_name = name;
    out.p_lower = out.p_upper = (double)NAN;
    return out;
}

stroma_status stroma_permutation_test(const double *value, const size_t *group,
                                      const size_t *stratum, size_t n,
                                      const stroma_permutation_options *options,
                                      stroma_permutation *out, stroma_error *err)
{
    const stroma_permutation_options *o = options == NULL ? &defaults : options;
    permutation_layout p;
    *out = empty("mean difference");
    STROMA_TRY(check_options(o, err));
    STROMA_TRY(stroma_sample_check(value, n, "sample", err));
    for (size_t i = 0; i < n; i++)
        if (group[i] > 1)
            return stroma_fail(err, STROMA_E_USAGE, "row %zu is in group %zu, not 0 or 1", i + 1,
                               group[i]);
    STROMA_TRY(permutation_layout_make(value, group, stratum, n, &p, err));
    out->strata_used = p.strata;
    out->excluded = n - p.n;
    out->arrangements = p.arrangements;
    out->stat.n_used = p.n;
    for (size_t h = 0; h < p.strata; h++)
        out->stat.n1 += p.labelled[h];
    out->stat.n2 = p.n - out->stat.n1;
    stroma_status s = STROMA_OK;
    if (p.strata == 0) {
        const char *reason =
            stratum == NULL ? "a group is empty" : "no stratum has subjects of both groups";
        out->stat.not_estimable = true;
        out->stat.reason = reason;
    } else {
        out->stat.estimate = p.observed / p.weight;
        s = test(&p, o, out, err);
    }
    permutation_layout_clear(&p);
    return s;
}

stroma_status stroma_permutation_paired(const double *difference, size_t n,
                                        const stroma_permutation_options *options,
                                        stroma_permutation *out, stroma_error *err)
{
    const stroma_permutation_options *o = options == NULL ? &defaults : options;
    permutation_layout p;
    *out = empty("mean difference");
    STROMA_TRY(check_options(o, err));
    STROMA_TRY(stroma_sample_check(difference, n, "differences", err));
    if (n == 0) {
        out->stat.not_estimable = true;
        out->stat.reason = "there is no pair";
        return STROMA_OK;
    }
    STROMA_TRY(permutation_layout_pairs(difference, n, &p, err));
    out->strata_used = n;
    out->arrangements = p.arrangements;
    out->stat.n_used = n;
    out->stat.estimate = 2 * p.observed / (double)n;
    const stroma_status s = test(&p, o, out, err);
    permutation_layout_clear(&p);
    return s;
}
