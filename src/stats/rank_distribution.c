/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rank_distribution.h"

#include "stroma/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void stroma_rank_scores_sort(size_t *x, size_t n)
{
    /* Scores are few thousand at most and come nearly sorted by group: insertion is enough. */
    for (size_t i = 1; i < n; i++) {
        const size_t v = x[i];
        size_t j = i;
        for (; j > 0 && x[j - 1] > v; j--)
            x[j] = x[j - 1];
        x[j] = v;
    }
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b != 0) {
        const uint64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

/* Beyond about this many scores even the scaled counts leave the range of a double. */
enum { SCORES_MAX = 1900 };

static double start_weight(size_t n)
{
    return n > 1000 ? ldexp(1, -1000) : 1;
}

/* One row of subsets: place s of the smaller ones goes to s + shift. */
static void shift_row(double *restrict row, const double *restrict previous, size_t len,
                      size_t shift)
{
    for (size_t s = 0; s < len; s++)
        row[s + shift] += previous[s];
}

/* Counts of subsets by size j ≤ m and sum; only sums that j of the first i scores can have are
 * touched. @p sum holds prefix sums of the sorted scores; row j begins at its smallest sum, sum[j].
 */
static void count_subsets(double *counts, size_t width, const uint64_t *sum, size_t n, size_t m)
{
    counts[0] = start_weight(n);
    for (size_t i = 0; i < n; i++) {
        const uint64_t score = sum[i + 1] - sum[i];
        /* Subsets smaller than this cannot be completed to m by the scores left. */
        const size_t least = m > n - i ? m - (n - i) + 1 : 1;
        for (size_t j = i + 1 < m ? i + 1 : m; j >= least && j > 0; j--) {
            const uint64_t top = sum[i] - sum[i - (j - 1)];
            const size_t len = (size_t)(top - sum[j - 1]) + 1;
            const size_t shift = (size_t)(score - (sum[j] - sum[j - 1]));
            shift_row(counts + j * width, counts + (j - 1) * width, len, shift);
        }
    }
}

stroma_status stroma_rank_sum_distribution(size_t *scores, size_t n, size_t m, size_t limit,
                                           rank_distribution *out, stroma_error *err)
{
    *out = (rank_distribution){ NULL, 0, 0, 0, 1 };
    if (n == 0 || n > SCORES_MAX) return STROMA_OK;
    stroma_rank_scores_sort(scores, n);
    const size_t least = scores[0];
    uint64_t step = 0;
    for (size_t i = 0; i < n; i++)
        step = gcd(step, scores[i] - least);
    if (step == 0) step = 1;
    uint64_t *sum = stroma_alloc_array(n + 1, sizeof *sum);
    if (sum == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        sum[i + 1] = sum[i] + (scores[i] - least) / step;
    const size_t width = (size_t)(sum[n] - sum[n - m] - sum[m]) + 1;
    stroma_status s = STROMA_OK;
    if (width <= limit / sizeof(double) / (m + 1)) {
        double *counts = stroma_alloc_array((m + 1) * width, sizeof *counts);
        if (counts == NULL) {
            s = stroma_no_memory(err);
        } else {
            count_subsets(counts, width, sum, n, m);
            memmove(counts, counts + m * width, width * sizeof *counts);
            out->weight = counts;
            out->len = width;
            out->base = (uint64_t)m * least + step * sum[m];
            out->step = step;
            for (size_t i = 0; i < width; i++)
                out->total += counts[i];
        }
    }
    stroma_free(sum);
    return s;
}

stroma_status stroma_signed_rank_distribution(const size_t *scores, size_t n, size_t limit,
                                              rank_distribution *out, stroma_error *err)
{
    *out = (rank_distribution){ NULL, 0, 0, 0, 1 };
    if (n == 0 || n > SCORES_MAX) return STROMA_OK;
    uint64_t step = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        step = gcd(step, scores[i]);
        sum += scores[i];
    }
    if (step == 0) step = 1;
    const size_t len = (size_t)(sum / step) + 1;
    if (len > limit / sizeof(double)) return STROMA_OK;
    double *w = stroma_alloc_array(len, sizeof *w);
    if (w == NULL) return stroma_no_memory(err);
    w[0] = start_weight(n);
    size_t top = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t a = (size_t)(scores[i] / step);
        for (size_t t = top + 1; t > 0; t--) /* downwards, so that each score enters once */
            w[t - 1 + a] += w[t - 1];
        top += a;
    }
    out->weight = w;
    out->len = len;
    out->step = step;
    for (size_t i = 0; i < len; i++)
        out->total += w[i];
    return STROMA_OK;
}

double stroma_rank_p(const rank_distribution *d, uint64_t t, stroma_alternative alternative,
                     uint64_t mean_num, uint64_t mean_den)
{
    const int64_t mean = (int64_t)mean_num;
    const uint64_t far = (uint64_t)llabs((int64_t)(t * mean_den) - mean);
    double tail = 0;
    for (size_t i = 0; i < d->len; i++) {
        const uint64_t at = d->base + d->step * i;
        const uint64_t gap = (uint64_t)llabs((int64_t)(at * mean_den) - mean);
        const int in = alternative == STROMA_LESS      ? at <= t
                       : alternative == STROMA_GREATER ? at >= t
                                                       : gap >= far;
        if (in) tail += d->weight[i];
    }
    return fmin(1, tail / d->total);
}

double stroma_rank_cdf(const rank_distribution *d, uint64_t t)
{
    double tail = 0;
    for (size_t i = 0; i < d->len && d->base + d->step * i <= t; i++)
        tail += d->weight[i];
    return fmin(1, tail / d->total);
}

uint64_t stroma_rank_quantile(const rank_distribution *d, double p)
{
    /* 1e-12: the counts of a tail that is exactly p must not miss it by their rounding. */
    const double wanted = p * d->total * (1 - 1e-12);
    double tail = 0;
    for (size_t i = 0; i < d->len; i++) {
        tail += d->weight[i];
        if (tail >= wanted) return d->base + d->step * i;
    }
    return d->base + d->step * (d->len - 1);
}

/* Doubles in their order as unsigned numbers, so that bisection ends at neighbours. */
static uint64_t order_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double at_order(uint64_t o)
{
    const uint64_t bits = o >> 63 ? o & ~(UINT64_C(1) << 63) : ~o;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x + 0.0; /* never -0 */
}

static uint64_t differences_upto(const double *a, size_t na, const double *b, size_t nb, double v)
{
    uint64_t count = 0;
    size_t j = 0; /* b[j] is the first with a[i] − b[j] ≤ v; it rises with i */
    for (size_t i = 0; i < na; i++) {
        while (j < nb && a[i] - b[j] > v)
            j++;
        count += nb - j;
    }
    return count;
}

double stroma_difference_at(const double *a, size_t na, const double *b, size_t nb, uint64_t k)
{
    uint64_t low = order_of(a[0] - b[nb - 1]), high = order_of(a[na - 1] - b[0]);
    while (low < high) {
        const uint64_t mid = low + (high - low) / 2;
        if (differences_upto(a, na, b, nb, at_order(mid)) >= k)
            high = mid;
        else
            low = mid + 1;
    }
    return at_order(low);
}

static uint64_t averages_upto(const double *a, size_t n, double v)
{
    uint64_t count = 0;
    size_t end = n; /* a[…end) have averages with a[i] that are ≤ v; falls as i rises */
    for (size_t i = 0; i < n; i++) {
        while (end > i && (a[i] + a[end - 1]) / 2 > v)
            end--;
        if (end <= i) break;
        count += end - i;
    }
    return count;
}

double stroma_walsh_at(const double *a, size_t n, uint64_t k)
{
    uint64_t low = order_of(a[0]), high = order_of(a[n - 1]);
    while (low < high) {
        const uint64_t mid = low + (high - low) / 2;
        if (averages_upto(a, n, at_order(mid)) >= k)
            high = mid;
        else
            low = mid + 1;
    }
    return at_order(low);
}
