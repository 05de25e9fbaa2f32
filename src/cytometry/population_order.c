/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Order statistics by selection (after Floyd & Rivest 1975 CACM 18:165): a small, evenly spaced
 * part of the values brackets the ranks that are asked for, one pass keeps what lies in the
 * bracket, and so on until little is left to select from. Where the bracket misses, the ranks are
 * selected from everything: slower, never wrong. */
#include "population.h"
#include "population_kernels.h"

#include "stroma/sort.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

enum {
    PIVOTS = 1024,
    PAD = 48, /* of PIVOTS: three standard deviations of the rank of a median among them */
    SELECT_AT_ONCE = 4096,
    SORT_AT_ONCE = 16
};

/* The order of stroma_sort_doubles(), by value and −0 before 0, as whole numbers. */
static int64_t order(double x)
{
    int64_t i;
    memcpy(&i, &x, sizeof i);
    return i < 0 ? i ^ INT64_MAX : i;
}

static int64_t median_of_three(int64_t a, int64_t b, int64_t c)
{
    const int64_t low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* Put the value of rank @p k at x[k], none that is larger before it and none that is smaller behind
 * it (Hoare 1961 CACM 4:321). What was parted too often, by a bad choice of pivots, is sorted. */
static void select_rank(double *x, size_t n, size_t k)
{
    int left = 8;
    for (size_t m = n; m > 1; m /= 2)
        left += 2;
    for (; n > SORT_AT_ONCE && left > 0; left--) {
        const int64_t pivot = median_of_three(order(x[0]), order(x[n / 2]), order(x[n - 1]));
        size_t i = 0, j = n - 1;
        for (;; i++, j--) {
            while (order(x[i]) < pivot)
                i++;
            while (order(x[j]) > pivot)
                j--;
            if (i >= j) break;
            const double t = x[i];
            x[i] = x[j];
            x[j] = t;
        }
        const size_t low = j + 1; /* so many are not above the pivot, the others not below */
        if (k < low) {
            n = low;
        } else {
            x += low;
            k -= low;
            n -= low;
        }
    }
    stroma_sort_doubles(x, n);
}

/* Values that bracket ranks first … last of n, guessed from some of them. */
static void guess_bracket(const double *x, size_t n, size_t first, size_t last, double *lo,
                          double *hi)
{
    double pivot[PIVOTS];
    const double step = (double)n / PIVOTS;
    for (size_t i = 0; i < PIVOTS; i++)
        pivot[i] = x[(size_t)((double)i * step)];
    const double a = floor((double)first / step) - PAD, b = ceil((double)(last + 1) / step) + PAD;
    const size_t end = b >= PIVOTS ? PIVOTS : (size_t)b;
    if (end < PIVOTS) select_rank(pivot, PIVOTS, end);
    if (a >= 0) select_rank(pivot, end, (size_t)a);
    *lo = a < 0 ? -(double)INFINITY : pivot[(size_t)a];
    *hi = end == PIVOTS ? (double)INFINITY : pivot[end];
}

/* Narrow x to what may hold the ranks, in @p part. @return how many values are there, 0: the guess
 * missed. *below_all: values left behind that are less. */
static size_t narrow(const double *x, size_t n, size_t first, size_t last, double *part,
                     size_t *below_all)
{
    const population_keep_fn keep = population_keep_choose();
    const double *from = x;
    *below_all = 0;
    while (n > SELECT_AT_ONCE) {
        double lo = 0, hi = 0;
        size_t below = 0;
        guess_bracket(from, n, first - *below_all, last - *below_all, &lo, &hi);
        const size_t kept = keep(from, n, lo, hi, part, &below);
        if (first - *below_all < below || last - *below_all >= below + kept) return 0;
        const bool little = kept > n - n / 8; /* ties, or many ranks: time to select */
        from = part;
        n = kept;
        *below_all += below;
        if (little) break;
    }
    if (from == x) memcpy(part, x, n * sizeof *part);
    return n;
}

stroma_status population_window_take(const double *x, size_t n, size_t first, size_t last,
                                     population_window *out, stroma_error *err)
{
    *out = (population_window){ .first = first, .len = last - first + 1 };
    STROMA_BUG_IF(last >= n || first > last, err);
    double *part = stroma_alloc_array(n, sizeof *part);
    if (part == NULL) return stroma_no_memory(err);
    size_t below = 0, left = narrow(x, n, first, last, part, &below);
    if (left == 0) {
        memcpy(part, x, n * sizeof *part);
        left = n;
        below = 0;
    }
    double *const window = part + (first - below);
    select_rank(part, left, first - below);
    select_rank(window, left - (first - below), last - first);
    stroma_sort_doubles(window, out->len);
    memmove(part, window, out->len * sizeof *part);
    out->x = stroma_realloc_array(part, out->len, sizeof *part);
    if (out->x != NULL) return STROMA_OK;
    stroma_free(part);
    return stroma_no_memory(err);
}

void population_window_clear(population_window *w)
{
    stroma_free(w->x);
    *w = (population_window){ .first = 0 };
}

stroma_status stroma_population_quantile(const stroma_population_sample *s, double p, double *out,
                                         stroma_error *err)
{
    *out = (double)NAN;
    if (!(p >= 0 && p <= 1))
        return stroma_fail(err, STROMA_E_USAGE, "a quantile of %g is not between 0 and 1", p);
    if (s->n == 0) return STROMA_OK;
    const double place = ((double)s->n - 1) * p, low = floor(place);
    const size_t first = (size_t)low, last = first + (place > low ? 1 : 0);
    population_window w;
    STROMA_TRY(population_window_take(s->x, s->n, first, last, &w, err));
    *out = w.x[0];
    if (last > first) *out += (place - low) * (w.x[1] - w.x[0]);
    population_window_clear(&w);
    return STROMA_OK;
}

void population_quantile_ranks(size_t n, double p, double level, size_t *lower, size_t *upper)
{
    const double tail = (1 - level) / 2;
    const double l = stroma_binomial_quantile(tail, (double)n, p);
    const double u = stroma_binomial_quantile(1 - tail, (double)n, p) + 1;
    *lower = l >= 1 ? (size_t)l : 0;
    *upper = u <= (double)n ? (size_t)u : n + 1;
}

/* The exponent of an infinity or NaN is 2047: one more and it is 2048. */
bool population_all_finite(const double *x, size_t n)
{
    uint64_t most = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, x + i, sizeof bits);
        most |= (bits >> 52 & 2047) + 1;
    }
    return most < 2048;
}

size_t stroma_population_finite(double *x, size_t n)
{
    size_t kept = 0;
    if (population_all_finite(x, n)) return n;
    for (size_t i = 0; i < n; i++) {
        const double v = x[i];
        x[kept] = v;
        kept += isfinite(v) ? 1 : 0;
    }
    return kept;
}
