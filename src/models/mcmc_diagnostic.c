/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mcmc_diagnostic.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"

#include <math.h>

/* Halves of chains; where the number of draws is odd the middle one is left out. */
typedef struct halves {
    const double *x;
    size_t chains, draws, half, len; /* len = 2 · chains halves */
} halves;

static halves halves_of(const double *x, size_t chains, size_t draws)
{
    return (halves){ x, chains, draws, draws / 2, 2 * chains };
}

static const double *half_at(const halves *h, size_t k)
{
    return h->x + k / 2 * h->draws + (k % 2 == 0 ? 0 : h->draws - h->half);
}

/* Mean and sum of squares about it. */
static double moments(const double *x, size_t n, double *mean)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - *mean) * (x[i] - *mean);
    return squares;
}

/* Mean within-chain variance and variance of the chains' means. */
static void variances(const halves *h, double *within, double *between)
{
    double sum = 0, total = 0, mean = 0;
    *within = *between = 0;
    for (size_t k = 0; k < h->len; k++) {
        *within += moments(half_at(h, k), h->half, &mean) / (double)(h->half - 1);
        sum += mean;
    }
    *within /= (double)h->len;
    total = sum / (double)h->len;
    for (size_t k = 0; k < h->len; k++) {
        (void)moments(half_at(h, k), h->half, &mean);
        *between += (mean - total) * (mean - total);
    }
    *between /= (double)(h->len - 1);
}

static double rhat(const double *x, size_t chains, size_t draws)
{
    const halves h = halves_of(x, chains, draws);
    const double n = (double)h.half;
    double within = 0, between = 0;
    variances(&h, &within, &between);
    return within > 0 ? sqrt((n - 1) / n + between / within) : (double)NAN;
}

/* Mean over halves of the autocovariance at a lag, divisor n. */
static double autocovariance(const halves *h, const double *mean, size_t lag)
{
    double sum = 0;
    for (size_t k = 0; k < h->len; k++) {
        const double *x = half_at(h, k);
        double one = 0;
        for (size_t i = 0; i + lag < h->half; i++)
            one += (x[i] - mean[k]) * (x[i + lag] - mean[k]);
        sum += one / (double)h->half;
    }
    return sum / (double)h->len;
}

/* Geyer's initial monotone sequence of the pairs of autocorrelations. */
static double autocorrelation_time(const halves *h, const double *mean, double within,
                                   double between)
{
    const double n = (double)h->half, all = within * (n - 1) / n + between;
    double before = INFINITY, sum = 0, even = 1, odd = 0;
    for (size_t lag = 0; lag + 1 < h->half; lag += 2) {
        if (lag > 0) even = 1 - (within - autocovariance(h, mean, lag)) / all;
        odd = 1 - (within - autocovariance(h, mean, lag + 1)) / all;
        /* of the first pair without a positive sum the even part is kept, as Stan does */
        if (lag > 0 && !(even + odd > 0)) return -1 + 2 * sum + fmax(0, even);
        before = fmin(before, even + odd);
        sum += before;
    }
    return -1 + 2 * sum;
}

stroma_status mcmc_effective(const double *x, size_t chains, size_t draws, double *out,
                             stroma_error *err)
{
    const halves h = halves_of(x, chains, draws);
    const double all = (double)h.len * (double)h.half;
    double within = 0, between = 0;
    double *mean = stroma_alloc_array(h.len, sizeof *mean);
    if (mean == NULL) return stroma_no_memory(err);
    for (size_t k = 0; k < h.len; k++)
        (void)moments(half_at(&h, k), h.half, &mean[k]);
    variances(&h, &within, &between);
    *out = (double)NAN;
    if (within > 0)
        *out = all / fmax(autocorrelation_time(&h, mean, within, between), 1 / log10(all));
    stroma_free(mean);
    return STROMA_OK;
}

/* Normal scores of the ranks over all chains; ties share a midrank. */
static void normal_scores(const double *x, const size_t *order, size_t n, double *out)
{
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && x[order[end]] == x[order[i]])
            end++;
        const double rank = (double)(i + end + 1) / 2;
        const double z = stroma_normal_quantile((rank - 0.375) / ((double)n + 0.25));
        for (; i < end; i++)
            out[order[i]] = z;
    }
}

/* Type 7, of numbers in order. */
static double quantile(const double *x, const size_t *order, size_t n, double p)
{
    const double at = (double)(n - 1) * p;
    const size_t k = (size_t)at;
    const double low = x[order[k]], high = x[order[k + 1 < n ? k + 1 : k]];
    return low + (at - (double)k) * (high - low);
}

typedef struct work {
    const double *x;
    size_t chains, draws, n;
    size_t *order;
    double *other;
} work;

/* Effective draws of P(x ≤ its quantile at p). */
static stroma_status tail(const work *w, double p, double *out, stroma_error *err)
{
    const double limit = quantile(w->x, w->order, w->n, p);
    for (size_t i = 0; i < w->n; i++)
        w->other[i] = w->x[i] <= limit;
    return mcmc_effective(w->other, w->chains, w->draws, out, err);
}

/* Half the distance of the order statistics that a beta's ± 1 SD picks. */
static double median_error(const work *w, double effective)
{
    const double a = effective / 2 + 1, all = (double)w->n;
    if (isnan(effective)) return effective;
    const double from = floor(stroma_beta_quantile(0.1586553, a, a) * all);
    const double to = ceil(stroma_beta_quantile(0.8413447, a, a) * all);
    return (w->x[w->order[(size_t)fmin(to, all) - 1]] -
            w->x[w->order[from < 1 ? 0 : (size_t)from - 1]]) /
           2;
}

static stroma_status diagnose(const work *w, mcmc_diagnostic *out, stroma_error *err)
{
    double low = 0, high = 0, middle = 0, mean = 0;
    STROMA_TRY(stroma_order_doubles(w->x, w->n, w->order, err));
    STROMA_TRY(mcmc_effective(w->x, w->chains, w->draws, &out->ess_mean, err));
    STROMA_TRY(tail(w, 0.05, &low, err));
    STROMA_TRY(tail(w, 0.95, &high, err));
    STROMA_TRY(tail(w, 0.5, &middle, err));
    out->ess_tail = fmin(low, high);
    const double squares = moments(w->x, w->n, &mean);
    out->mean_mcse = sqrt(squares / (double)(w->n - 1) / out->ess_mean);
    out->median_mcse = median_error(w, middle);
    const double median = quantile(w->x, w->order, w->n, 0.5);
    normal_scores(w->x, w->order, w->n, w->other);
    out->rhat = rhat(w->other, w->chains, w->draws);
    STROMA_TRY(mcmc_effective(w->other, w->chains, w->draws, &out->ess_bulk, err));
    double *folded = w->other + w->n;
    for (size_t i = 0; i < w->n; i++)
        folded[i] = fabs(w->x[i] - median);
    STROMA_TRY(stroma_order_doubles(folded, w->n, w->order, err));
    normal_scores(folded, w->order, w->n, w->other);
    out->rhat = fmax(out->rhat, rhat(w->other, w->chains, w->draws));
    return STROMA_OK;
}

stroma_status mcmc_diagnose(const double *x, size_t chains, size_t draws, mcmc_diagnostic *out,
                            stroma_error *err)
{
    work w = { .x = x, .chains = chains, .draws = draws, .n = chains * draws };
    *out = (mcmc_diagnostic){ NAN, NAN, NAN, NAN, NAN, NAN };
    w.order = stroma_alloc_array(w.n, sizeof *w.order);
    w.other = stroma_alloc_array(w.n, 2 * sizeof *w.other);
    stroma_status s = w.order == NULL || w.other == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) s = diagnose(&w, out, err);
    stroma_free(w.order);
    stroma_free(w.other);
    return s;
}
