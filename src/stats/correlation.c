/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "double_double.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_correlation.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

enum { SPEARMAN_EXACT_MAX = 12, KENDALL_EXACT_MAX = 60 };

typedef struct pair {
    double x, y;
} pair;

static stroma_status check(const double *x, const double *y, size_t n, stroma_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]) || !isfinite(y[i]))
            return stroma_fail(err, STROMA_E_USAGE, "pair %zu is not finite", i + 1);
    return STROMA_OK;
}

/* Fixed-order moments about the mean in double-double: no digit is lost to a large mean. */
static bool pearson_r(const double *x, const double *y, size_t n, double *r)
{
    dd mx = dd_from(0), my = dd_from(0), sxx = dd_from(0), syy = dd_from(0), sxy = dd_from(0);
    for (size_t i = 0; i < n; i++) {
        mx = dd_add(mx, dd_from(x[i]));
        my = dd_add(my, dd_from(y[i]));
    }
    mx = dd_quotient(mx, dd_from((double)n));
    my = dd_quotient(my, dd_from((double)n));
    bool x_varies = false, y_varies = false;
    for (size_t i = 0; i < n; i++) {
        const dd a = dd_subtract(dd_from(x[i]), mx), b = dd_subtract(dd_from(y[i]), my);
        x_varies |= x[i] != x[0];
        y_varies |= y[i] != y[0];
        sxx = dd_add(sxx, dd_multiply(a, a));
        syy = dd_add(syy, dd_multiply(b, b));
        sxy = dd_add(sxy, dd_multiply(a, b));
    }
    if (!x_varies || !y_varies || !(sxx.hi > 0) || !(syy.hi > 0)) return false;
    const double v = dd_value(dd_quotient(sxy, dd_multiply(dd_sqrt(sxx), dd_sqrt(syy))));
    *r = fmax(-1, fmin(1, v));
    return true;
}

static void z_interval(stroma_stat *r, double level, double se, const char *name)
{
    r->level = level;
    if (!(se > 0) || !isfinite(se) || !(level > 0 && level < 1)) return;
    r->interval_method = name;
    const double half = stroma_normal_quantile(0.5 + level / 2) * se;
    r->lower = tanh(atanh(r->estimate) - half);
    r->upper = tanh(atanh(r->estimate) + half);
}

/* t of a correlation; a perfect one has p = 0 */
static void t_test(stroma_stat *s, size_t n)
{
    const double r = s->estimate;
    s->df = (double)n - 2;
    s->se = sqrt((1 - r * r) / s->df);
    if (fabs(r) < 1)
        s->p = stroma_t_two_sided(r / s->se, s->df);
    else
        s->p = 0;
}

static stroma_stat start(const char *method, const char *name, size_t n)
{
    stroma_stat r = stroma_stat_empty(method);
    r.n_used = n;
    r.estimate_name = name;
    return r;
}

stroma_status stroma_correlation_pearson(const double *x, const double *y, size_t n, double level,
                                         stroma_stat *out, stroma_error *err)
{
    STROMA_TRY(check(x, y, n, err));
    *out = start("pearson", "r", n);
    if (n < 3) {
        *out = stroma_stat_cannot("pearson", "fewer than three pairs");
    } else if (!pearson_r(x, y, n, &out->estimate)) {
        *out = stroma_stat_cannot("pearson", "a variable is constant");
    } else {
        t_test(out, n);
        out->statistic_name = "t";
        out->statistic = out->se > 0 ? out->estimate / out->se : (double)NAN;
        if (!(out->se > 0)) out->reason = "the points lie on a line";
        if (n > 3) z_interval(out, level, 1 / sqrt((double)n - 3), "Fisher z");
    }
    return STROMA_OK;
}

static int by_x(const void *a, const void *b, void *context)
{
    (void)context;
    const pair *p = a, *q = b;
    if (p->x != q->x) return p->x < q->x ? -1 : 1;
    return p->y < q->y ? -1 : p->y > q->y;
}

/* Midranks of x into rank; @p order is room for n indices. */
static stroma_status midranks(const double *x, size_t n, size_t *order, double *rank, bool *tied,
                              stroma_error *err)
{
    STROMA_TRY(stroma_order_doubles(x, n, order, err));
    for (size_t i = 0; i < n;) {
        size_t j = i + 1;
        while (j < n && x[order[j]] == x[order[i]])
            j++;
        *tied |= j > i + 1;
        for (size_t k = i; k < j; k++)
            rank[order[k]] = ((double)i + (double)j + 1) / 2;
        i = j;
    }
    return STROMA_OK;
}

/* Number of permutations of 1 … n by Σ(i − π(i))²: over subsets of used images, one position at a
 * time. ways[subset][sum]. */
static stroma_status spearman_counts(size_t n, double **out, size_t *len, stroma_error *err)
{
    const size_t most = n * (n * n - 1) / 3 + 1, sets = (size_t)1 << n;
    *len = most;
    *out = NULL;
    double *ways = stroma_alloc_array(sets, most * sizeof *ways);
    double *counts = stroma_alloc_array(most, sizeof *counts);
    if (ways == NULL || counts == NULL) {
        stroma_free(ways);
        stroma_free(counts);
        return stroma_no_memory(err);
    }
    ways[0] = 1;
    for (size_t set = 0; set + 1 < sets; set++) {
        size_t position = 0;
        for (size_t b = set; b != 0; b &= b - 1)
            position++;
        for (size_t image = 0; image < n; image++) {
            const size_t bit = (size_t)1 << image;
            if (set & bit) continue;
            const size_t gap = position > image ? position - image : image - position;
            const double *from = ways + set * most;
            double *to = ways + (set | bit) * most;
            for (size_t s = 0; s + gap * gap < most; s++)
                to[s + gap * gap] += from[s];
        }
    }
    memcpy(counts, ways + (sets - 1) * most, most * sizeof *counts);
    stroma_free(ways);
    *out = counts;
    return STROMA_OK;
}

/* Twice the smaller tail at index @p at of counts[0 … len − 1]. */
static double twice_tail(const double *counts, size_t len, size_t at)
{
    double below = 0, above = 0, sum = 0;
    for (size_t i = 0; i < len; i++) {
        sum += counts[i];
        if (i <= at) below += counts[i];
        if (i >= at) above += counts[i];
    }
    return fmin(1, 2 * fmin(below, above) / sum);
}

static stroma_status spearman_p(stroma_stat *r, size_t n, bool tied, stroma_rank_p p,
                                stroma_error *err)
{
    const bool possible = !tied && n <= SPEARMAN_EXACT_MAX;
    if (p == STROMA_RANK_P_EXACT && !possible) {
        *r = stroma_stat_cannot(r->method, tied ? "no exact p with ties"
                                                : "no exact p for more than 12 pairs");
        return STROMA_OK;
    }
    t_test(r, n);
    r->variant = "t approximation";
    if (p == STROMA_RANK_P_ASYMPTOTIC || !possible) return STROMA_OK;
    double *counts = NULL;
    size_t len = 0;
    STROMA_TRY(spearman_counts(n, &counts, &len, err));
    r->variant = "exact";
    r->df = NAN;
    r->p = twice_tail(counts, len, (size_t)llround(r->statistic));
    stroma_free(counts);
    return STROMA_OK;
}

/* With ranks, order and ties at hand: the estimate, its p and its interval. */
static stroma_status spearman_fill(const double *ranks, size_t n, bool tied, stroma_rank_p p,
                                   stroma_spearman_interval interval, double level,
                                   stroma_stat *out, stroma_error *err)
{
    if (!pearson_r(ranks, ranks + n, n, &out->estimate)) {
        *out = stroma_stat_cannot("spearman", "a variable is constant");
        return STROMA_OK;
    }
    const double size = (double)n, rho = out->estimate;
    out->statistic_name = "S";
    out->statistic = (size * size * size - size) * (1 - rho) / 6;
    STROMA_TRY(spearman_p(out, n, tied, p, err));
    if (n < 4 || out->not_estimable) return STROMA_OK;
    switch (interval) {
    case STROMA_SPEARMAN_FIELLER: z_interval(out, level, sqrt(1.06 / (size - 3)), "Fieller"); break;
    case STROMA_SPEARMAN_FISHER: z_interval(out, level, 1 / sqrt(size - 3), "Fisher z"); break;
    case STROMA_SPEARMAN_BONETT_WRIGHT:
    default: z_interval(out, level, sqrt((1 + rho * rho / 2) / (size - 3)), "Bonett-Wright"); break;
    }
    return STROMA_OK;
}

stroma_status stroma_correlation_spearman(const double *x, const double *y, size_t n,
                                          stroma_rank_p p, stroma_spearman_interval interval,
                                          double level, stroma_stat *out, stroma_error *err)
{
    STROMA_TRY(check(x, y, n, err));
    *out = start("spearman", "rho", n);
    if (n < 3) {
        *out = stroma_stat_cannot("spearman", "fewer than three pairs");
        return STROMA_OK;
    }
    if (n > SIZE_MAX / (2 * sizeof(double))) return stroma_no_memory(err);
    double *ranks = stroma_alloc_array(2 * n, sizeof *ranks);
    size_t *order = stroma_alloc_array(n, sizeof *order);
    bool tied = false;
    stroma_status s = ranks == NULL || order == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) s = midranks(x, n, order, ranks, &tied, err);
    if (s == STROMA_OK) s = midranks(y, n, order, ranks + n, &tied, err);
    if (s == STROMA_OK) s = spearman_fill(ranks, n, tied, p, interval, level, out, err);
    stroma_free(ranks);
    stroma_free(order);
    return s;
}

/* Inversions of v, merge-sorted in place with the help of tmp. */
static double inversions(double *v, double *tmp, size_t n)
{
    double count = 0;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t i = 0; i < n; i += 2 * width) {
            const size_t middle = i + width < n ? i + width : n;
            const size_t end = i + 2 * width < n ? i + 2 * width : n;
            size_t a = i, b = middle;
            for (size_t k = i; k < end; k++) {
                if (a < middle && (b >= end || v[a] <= v[b])) {
                    tmp[k] = v[a++];
                } else {
                    count += (double)(middle - a);
                    tmp[k] = v[b++];
                }
            }
        }
        memcpy(v, tmp, n * sizeof *v);
    }
    return count;
}

/* What the ties of a sorted run of values contribute to tau and to its variance. */
typedef struct tie_sums {
    double pairs; /* Σ t(t − 1)/2 */
    double t2;    /* Σ t(t − 1)(t − 2) */
    double t5;    /* Σ t(t − 1)(2t + 5) */
} tie_sums;

static void add_run(tie_sums *s, double t)
{
    s->pairs += t * (t - 1) / 2;
    s->t2 += t * (t - 1) * (t - 2);
    s->t5 += t * (t - 1) * (2 * t + 5);
}

typedef struct kendall_sums {
    double n, s; /* s = concordant − discordant */
    tie_sums x, y;
} kendall_sums;

/* Knight (JASA 1966, 61:436). */
static stroma_status count_pairs(pair *w, double *y, double *tmp, size_t n, kendall_sums *out,
                                 stroma_error *err)
{
    kendall_sums k = { .n = (double)n };
    tie_sums both = { 0 };
    STROMA_TRY(stroma_sort(w, n, sizeof *w, by_x, NULL, err));
    double run_x = 1, run_both = 1, run_y = 1;
    for (size_t i = 1; i <= n; i++) {
        const bool same_x = i < n && w[i].x == w[i - 1].x;
        const bool same = same_x && w[i].y == w[i - 1].y;
        if (!same_x) add_run(&k.x, run_x);
        if (!same) add_run(&both, run_both);
        run_x = same_x ? run_x + 1 : 1;
        run_both = same ? run_both + 1 : 1;
    }
    for (size_t i = 0; i < n; i++)
        y[i] = w[i].y;
    const double swaps = inversions(y, tmp, n);
    for (size_t i = 1; i <= n; i++) {
        const bool same = i < n && y[i] == y[i - 1];
        if (!same) add_run(&k.y, run_y);
        run_y = same ? run_y + 1 : 1;
    }
    const double pairs = k.n * (k.n - 1) / 2;
    k.s = pairs - k.x.pairs - k.y.pairs + both.pairs - 2 * swaps;
    *out = k;
    return STROMA_OK;
}

/* Number of permutations of n by inversions (Mahonian numbers), and the tail at @p concordant. */
static stroma_status kendall_exact(size_t n, double concordant, double *p, stroma_error *err)
{
    const size_t most = n * (n - 1) / 2 + 1;
    double *now = stroma_alloc_array(2 * most, sizeof *now);
    if (now == NULL) return stroma_no_memory(err);
    double *next = now + most;
    now[0] = 1;
    for (size_t i = 2; i <= n; i++) { /* shares of 1/i keep the sum at 1 */
        for (size_t s = 0; s < most; s++) {
            double sum = 0;
            for (size_t j = 0; j < i && j <= s; j++)
                sum += now[s - j];
            next[s] = sum / (double)i;
        }
        memcpy(now, next, most * sizeof *now);
    }
    *p = twice_tail(now, most, (size_t)llround(concordant));
    stroma_free(now);
    return STROMA_OK;
}

static double kendall_variance(const kendall_sums *k)
{
    const double n = k->n;
    const double v0 = n * (n - 1) * (2 * n + 5);
    double v = (v0 - k->x.t5 - k->y.t5) / 18 + 2 * k->x.pairs * k->y.pairs / (n * (n - 1));
    if (n > 2) v += k->x.t2 * k->y.t2 / (9 * n * (n - 1) * (n - 2));
    return v;
}

static stroma_status kendall_fill(const kendall_sums *k, size_t n, stroma_rank_p p, double level,
                                  stroma_stat *out, stroma_error *err)
{
    const double pairs = k->n * (k->n - 1) / 2;
    if (!(pairs > k->x.pairs && pairs > k->y.pairs)) {
        *out = stroma_stat_cannot("kendall", "a variable is constant");
        return STROMA_OK;
    }
    const bool tied = k->x.pairs > 0 || k->y.pairs > 0;
    const bool possible = !tied && n <= KENDALL_EXACT_MAX;
    if (p == STROMA_RANK_P_EXACT && !possible) {
        *out = stroma_stat_cannot("kendall", tied ? "no exact p with ties"
                                                  : "no exact p for more than 60 pairs");
        return STROMA_OK;
    }
    out->estimate = k->s / (sqrt(pairs - k->x.pairs) * sqrt(pairs - k->y.pairs));
    if (n > 4) z_interval(out, level, sqrt(0.437 / (k->n - 4)), "Fieller");
    if (possible && p != STROMA_RANK_P_ASYMPTOTIC) {
        out->variant = "tau-b, exact";
        out->statistic_name = "T";
        out->statistic = (pairs + k->s) / 2;
        return kendall_exact(n, out->statistic, &out->p, err);
    }
    out->variant = "tau-b, normal approximation";
    out->statistic_name = "z";
    out->statistic = k->s / sqrt(kendall_variance(k));
    out->p = stroma_normal_two_sided(out->statistic);
    return STROMA_OK;
}

stroma_status stroma_correlation_kendall(const double *x, const double *y, size_t n,
                                         stroma_rank_p p, double level, stroma_stat *out,
                                         stroma_error *err)
{
    STROMA_TRY(check(x, y, n, err));
    *out = start("kendall", "tau", n);
    if (n < 3) {
        *out = stroma_stat_cannot("kendall", "fewer than three pairs");
        return STROMA_OK;
    }
    if (n > SIZE_MAX / (2 * sizeof(double))) return stroma_no_memory(err);
    pair *w = stroma_alloc_array(n, sizeof *w);
    double *y_sorted = stroma_alloc_array(2 * n, sizeof *y_sorted);
    stroma_status s = STROMA_OK;
    if (w == NULL || y_sorted == NULL) {
        s = stroma_no_memory(err);
    } else {
        for (size_t i = 0; i < n; i++)
            w[i] = (pair){ x[i], y[i] };
        kendall_sums k;
        s = count_pairs(w, y_sorted, y_sorted + n, n, &k, err);
        if (s == STROMA_OK) s = kendall_fill(&k, n, p, level, out, err);
    }
    stroma_free(w);
    stroma_free(y_sorted);
    return s;
}
