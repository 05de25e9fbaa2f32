/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "moments.h"
#include "rank_cache.h"
#include "rank_distribution.h"
#include "rank_interval.h"
#include "ranks.h"

#include "stroma/memory.h"

#include <math.h>

static const stroma_rank_options defaults = STROMA_RANK_OPTIONS_INIT;
enum { DEFAULT_LIMIT_BYTES = 32 << 20 };
#define METHOD "mann_whitney"

typedef struct two_samples {
    size_t nx, ny;
    double *x, *y;      /* shifted by the null value, sorted */
    size_t *scores;     /* doubled midranks of x, then y */
    double ties;        /* Σ t³ − t */
    uint64_t rank_sum2; /* of x, doubled */
    double u, sigma;
} two_samples;

static void clear(two_samples *s)
{
    stroma_free(s->x);
    stroma_free(s->y);
    stroma_free(s->scores);
}

static double tie_term(const double *sorted, size_t n)
{
    double sum = 0;
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && sorted[j] == sorted[i]; j++) {
        }
        const double t = (double)(j - i);
        sum += t * t * t - t;
    }
    return sum;
}

static double sigma_of(double nx, double ny, double ties)
{
    const double n = nx + ny;
    return sqrt(nx * ny / 12 * (n + 1 - ties / (n * (n - 1))));
}

/* Both groups hold values. */
static stroma_status prepare(two_samples *s, const double *x, const double *y, double null_value,
                             stroma_error *err)
{
    const size_t n = s->nx + s->ny;
    double *all = stroma_alloc_array(n, sizeof *all);
    s->x = stroma_alloc_array(s->nx, sizeof *s->x);
    s->y = stroma_alloc_array(s->ny, sizeof *s->y);
    s->scores = stroma_alloc_array(n, sizeof *s->scores);
    if (all == NULL || s->x == NULL || s->y == NULL || s->scores == NULL) {
        stroma_free(all);
        return stroma_no_memory(err);
    }
    for (size_t i = 0; i < s->nx; i++) {
        s->x[i] = x[i];
        all[i] = x[i] - null_value;
    }
    for (size_t i = 0; i < s->ny; i++)
        s->y[i] = all[s->nx + i] = y[i];
    stroma_values_sort(s->x, s->nx);
    stroma_values_sort(s->y, s->ny);
    const stroma_status status = stroma_ranks_double(all, n, s->scores, &s->ties, err);
    stroma_free(all);
    if (status != STROMA_OK) return status;
    for (size_t i = 0; i < s->nx; i++)
        s->rank_sum2 += s->scores[i];
    s->u = (double)(s->rank_sum2 - (uint64_t)s->nx * (s->nx + 1)) / 2;
    s->sigma = sigma_of((double)s->nx, (double)s->ny, s->ties);
    return STROMA_OK;
}

static double difference(const void *context, uint64_t k)
{
    const two_samples *s = context;
    return stroma_difference_at(s->x, s->nx, s->y, s->ny, k);
}

/* The distribution is that of the smaller group's rank sum; U of x follows from it. */
static stroma_status exact(two_samples *s, const stroma_rank_options *o, stroma_stat *out,
                           rank_interval *interval, stroma_error *err)
{
    const size_t n = s->nx + s->ny;
    const int swapped = s->ny < s->nx;
    const size_t m = swapped ? s->ny : s->nx;
    const size_t limit = o->memory_limit_bytes == 0 ? DEFAULT_LIMIT_BYTES : o->memory_limit_bytes;
    const uint64_t all2 = (uint64_t)n * (n + 1); /* the sum of all doubled ranks */
    const uint64_t t = swapped ? all2 - s->rank_sum2 : s->rank_sum2;
    rank_distribution d;
    STROMA_TRY(o->cache == NULL ? stroma_rank_sum_distribution(s->scores, n, m, limit, &d, err)
                                : stroma_rank_cache_get(o->cache, s->scores, n, m, limit, &d, err));
    if (d.weight == NULL) return STROMA_OK;
    stroma_alternative side = o->alternative;
    if (swapped && side != STROMA_TWO_SIDED)
        side = side == STROMA_LESS ? STROMA_GREATER : STROMA_LESS;
    out->variant = s->ties > 0 ? "exact conditional, ties" : "exact";
    out->p = stroma_rank_p(&d, t, side, all2 * m, n);
    const double tail = stroma_rank_tail(o);
    const uint64_t least = (uint64_t)m * (m + 1); /* U = 0, in doubled ranks */
    interval->name = "Hodges-Lehmann exact";
    interval->reachable = stroma_rank_cdf(&d, least) <= tail * (1 + 1e-12);
    /* U of a half rounds up: the values of U below it, and so the tail, stay below the k-th place.
     */
    const uint64_t cut = (stroma_rank_quantile(&d, tail) - least + 1) / 2;
    interval->cut = cut == 0 ? 1 : cut;
    if (o->cache == NULL) stroma_free(d.weight);
    return STROMA_OK;
}

static stroma_status test(two_samples *s, const stroma_rank_options *o, stroma_stat *out,
                          stroma_error *err)
{
    const double nx = (double)s->nx, ny = (double)s->ny;
    rank_interval interval = { difference, s, (uint64_t)s->nx * s->ny, false, 0, "" };
    if (!o->p_only) {
        out->estimate_name = "Hodges-Lehmann shift";
        out->estimate = stroma_rank_estimate(difference, s, interval.n);
    }
    out->statistic_name = "W";
    out->statistic = s->u;
    out->effect_name = "AUC";
    out->effect = s->u / (nx * ny);
    if (!(s->sigma > 0) || s->ties == (nx + ny) * ((nx + ny) * (nx + ny) - 1)) {
        out->not_estimable = true;
        out->reason = "all values are equal";
        return STROMA_OK;
    }
    if (o->method == STROMA_RANK_AUTO || o->method == STROMA_RANK_EXACT)
        STROMA_TRY(exact(s, o, out, &interval, err));
    if (isnan(out->p)) {
        if (o->method == STROMA_RANK_EXACT) {
            out->not_estimable = true;
            out->reason = "the exact distribution needs more memory than allowed";
            return STROMA_OK;
        }
        const double correction = o->method == STROMA_RANK_NORMAL ? 0 : 0.5;
        out->variant = correction > 0 ? "normal, continuity corrected" : "normal";
        out->p = stroma_rank_normal_p(s->u - nx * ny / 2, s->sigma, o->alternative, correction);
        const double left = tie_term(s->x, s->nx) + tie_term(s->y, s->ny);
        stroma_rank_normal_cut(&interval, o, sigma_of(nx, ny, left), correction);
    }
    if (!o->p_only) stroma_rank_fill_interval(out, &interval, o);
    return STROMA_OK;
}

static stroma_status check_samples(const double *x, size_t nx, const double *y, size_t ny,
                                   stroma_error *err)
{
    STROMA_TRY(stroma_sample_check(x, nx, "first group", err));
    return stroma_sample_check(y, ny, "second group", err);
}

stroma_status stroma_mann_whitney(const double *x, size_t nx, const double *y, size_t ny,
                                  const stroma_rank_options *options, stroma_stat *out,
                                  stroma_error *err)
{
    const stroma_rank_options *o = options == NULL ? &defaults : options;
    *out = stroma_stat_empty(METHOD);
    STROMA_TRY(stroma_rank_options_check(o, err));
    STROMA_TRY(check_samples(x, nx, y, ny, err));
    if (nx == 0 || ny == 0) *out = stroma_stat_cannot(METHOD, "a group is empty");
    out->n_used = nx + ny;
    out->n1 = nx;
    out->n2 = ny;
    if (out->not_estimable) return STROMA_OK;
    two_samples s = { .nx = nx, .ny = ny };
    stroma_status status = prepare(&s, x, y, o->null_value, err);
    if (status == STROMA_OK) status = test(&s, o, out, err);
    clear(&s);
    return status;
}

stroma_status stroma_mann_whitney_detail(const double *x, size_t nx, const double *y, size_t ny,
                                         stroma_rank_detail *out, stroma_error *err)
{
    STROMA_TRY(check_samples(x, nx, y, ny, err));
    if (nx == 0 || ny == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "a group is empty");
    two_samples s = { .nx = nx, .ny = ny };
    const stroma_status status = prepare(&s, x, y, 0, err);
    const double n = (double)nx * (double)ny;
    if (status == STROMA_OK)
        *out =
            (stroma_rank_detail){ (double)s.rank_sum2 / 2, s.u, n - s.u,
                                  s.sigma > 0 ? (s.u - n / 2) / s.sigma : (double)NAN, s.ties > 0 };
    clear(&s);
    return status;
}
