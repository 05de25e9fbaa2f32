/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "permutation_sums.h"

#include "moments.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"

#include <float.h>
#include <math.h>

/* A place where the subjects are cut in two: within a stratum, before its subject `at`. */
typedef struct cut {
    size_t stratum, at;
    double sums; /* how many are to be listed, both sides together */
} cut;

typedef struct sum_list {
    double *x;
    size_t n, capacity;
} sum_list;

void permutation_layout_clear(permutation_layout *p)
{
    stroma_free(p->value);
    stroma_free(p->start);
    stroma_free(p->labelled);
    *p = (permutation_layout){ 0 };
}

static stroma_status allocate(permutation_layout *p, size_t n, size_t strata, stroma_error *err)
{
    *p = (permutation_layout){ 0 };
    p->value = stroma_alloc_array(n, sizeof *p->value);
    p->start = stroma_alloc_array(strata + 1, sizeof *p->start);
    p->labelled = stroma_alloc_array(strata, sizeof *p->labelled);
    if (p->value != NULL && p->start != NULL && p->labelled != NULL) return STROMA_OK;
    permutation_layout_clear(p);
    return stroma_no_memory(err);
}

/* @p count values from p->start[p->strata], the labelled ones first: the next stratum, unless one
 * of the two labels does not occur in it. */
static void close_stratum(permutation_layout *p, size_t count, size_t labelled)
{
    double *x = p->value + p->start[p->strata];
    if (labelled == 0 || labelled == count) return;
    const double n = (double)count, m = (double)labelled;
    const double mean = dd_value(stroma_moments_of(x, count).mean);
    double squares = 0, magnitude = 0;
    for (size_t i = 0; i < count; i++) {
        magnitude += fabs(x[i]);
        x[i] -= mean;
        squares += x[i] * x[i];
        if (i < labelled) p->observed += x[i];
    }
    p->variance += m * (n - m) / (n * (n - 1)) * squares;
    p->weight += m * (n - m) / n;
    p->rounding += magnitude;
    p->arrangements += stroma_log_choose(n, m);
    p->labelled[p->strata++] = labelled;
    p->n = p->start[p->strata] = p->start[p->strata - 1] + count;
}

static void close_layout(permutation_layout *p)
{
    p->rounding *= DBL_EPSILON * ((double)(p->n < 64 ? p->n : 64) + 8);
    p->arrangements = exp(p->arrangements);
    if (p->arrangements < 1e15) p->arrangements = round(p->arrangements);
}

typedef struct codes {
    const size_t *stratum, *group;
} codes;

static int by_stratum_and_group(const void *a, const void *b, void *context)
{
    const codes *c = context;
    const size_t i = *(const size_t *)a, j = *(const size_t *)b;
    const size_t s = c->stratum == NULL ? 0 : c->stratum[i];
    const size_t t = c->stratum == NULL ? 0 : c->stratum[j];
    if (s != t) return s < t ? -1 : 1;
    return (c->group[i] > c->group[j]) - (c->group[i] < c->group[j]);
}

static void fill(const double *value, const codes *c, const size_t *order, size_t n,
                 permutation_layout *out)
{
    for (size_t i = 0, j; i < n; i = j) {
        size_t labelled = 0;
        for (j = i; j < n; j++) {
            if (c->stratum != NULL && c->stratum[order[j]] != c->stratum[order[i]]) break;
            out->value[out->start[out->strata] + j - i] = value[order[j]];
            labelled += c->group[order[j]] == 0;
        }
        close_stratum(out, j - i, labelled);
    }
    close_layout(out);
}

stroma_status permutation_layout_make(const double *value, const size_t *group,
                                      const size_t *stratum, size_t n, permutation_layout *out,
                                      stroma_error *err)
{
    codes c = { stratum, group };
    size_t *order = stroma_alloc_array(n, sizeof *order);
    *out = (permutation_layout){ 0 };
    if (order == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    stroma_status s = stroma_sort(order, n, sizeof *order, by_stratum_and_group, &c, err);
    if (s == STROMA_OK) s = allocate(out, n, n, err);
    if (s == STROMA_OK) fill(value, &c, order, n, out);
    stroma_free(order);
    return s;
}

stroma_status permutation_layout_pairs(const double *difference, size_t n, permutation_layout *out,
                                       stroma_error *err)
{
    if (n > SIZE_MAX / 2) return stroma_no_memory(err);
    STROMA_TRY(allocate(out, 2 * n, n, err));
    for (size_t i = 0; i < n; i++) {
        out->value[2 * i] = difference[i] / 2;
        out->value[2 * i + 1] = -difference[i] / 2;
        close_stratum(out, 2, 1);
    }
    close_layout(out);
    return STROMA_OK;
}

static double log_ways(const permutation_layout *p, size_t h)
{
    return stroma_log_choose((double)(p->start[h + 1] - p->start[h]), (double)p->labelled[h]);
}

/* Labels among the first @p at of a stratum of n with m labels. */
static void label_range(size_t at, size_t n, size_t m, size_t *least, size_t *most)
{
    *least = m > n - at ? m - (n - at) : 0;
    *most = at < m ? at : m;
}

/* Sums of a cut, or more than @p enough. */
static double sums_of(double log_before, double log_after, size_t at, size_t n, size_t m,
                      double enough)
{
    size_t least = 0, most = 0;
    double total = 0;
    label_range(at, n, m, &least, &most);
    for (size_t j = least; j <= most && total <= enough; j++)
        total += exp(log_before + stroma_log_choose((double)at, (double)j)) +
                 exp(log_after + stroma_log_choose((double)(n - at), (double)(m - j)));
    return total;
}

static cut best_cut(const permutation_layout *p, double enough)
{
    enum { TRIES = 64 };
    cut best = { 0, 0, (double)INFINITY };
    double all = 0, before = 0;
    for (size_t h = 0; h < p->strata; h++)
        all += log_ways(p, h);
    for (size_t h = 0; h < p->strata; h++) {
        const size_t n = p->start[h + 1] - p->start[h], tries = n < TRIES ? n : TRIES;
        const double here = log_ways(p, h), after = fmax(all - before - here, 0);
        for (size_t k = 0; k <= tries; k++) {
            const size_t at = n / tries * k + n % tries * k / tries;
            const double sums = sums_of(before, after, at, n, p->labelled[h], enough);
            if (sums < best.sums) best = (cut){ h, at, sums };
        }
        before += here;
    }
    return best;
}

/* base + every sum of m of the n numbers */
static stroma_status add_sums(sum_list *l, const double *x, size_t n, size_t m, double base,
                              stroma_error *err)
{
    if (m == 0) {
        STROMA_TRY(stroma_grow(&l->x, &l->capacity, l->n + 1, sizeof *l->x, err));
        l->x[l->n++] = base;
        return STROMA_OK;
    }
    for (size_t i = 0; i + m <= n; i++)
        STROMA_TRY(add_sums(l, x + i + 1, n - i - 1, m - 1, base + x[i], err));
    return STROMA_OK;
}

/* Every sum of @p from with every sum of m of the n numbers, into @p to. */
static stroma_status multiply(const sum_list *from, const double *x, size_t n, size_t m,
                              sum_list *to, stroma_error *err)
{
    to->n = 0;
    for (size_t i = 0; i < from->n; i++)
        STROMA_TRY(add_sums(to, x, n, m, from->x[i], err));
    return STROMA_OK;
}

/* Whole strata first … last − 1, and m labels on a part of one more. */
typedef struct side_of_cut {
    size_t first, last;
    const double *part;
    size_t n, m;
} side_of_cut;

static stroma_status list_side(const permutation_layout *p, const side_of_cut *c, sum_list *l,
                               stroma_error *err)
{
    sum_list other = { 0 };
    l->n = 0;
    stroma_status s = add_sums(l, c->part, c->n, c->m, 0, err);
    for (size_t h = c->first; s == STROMA_OK && h < c->last; h++) {
        s = multiply(l, p->value + p->start[h], p->start[h + 1] - p->start[h], p->labelled[h],
                     &other, err);
        const sum_list swap = *l;
        *l = other;
        other = swap;
    }
    stroma_free(other.x);
    if (s == STROMA_OK) stroma_sort_doubles(l->x, l->n);
    return s;
}

/* Pairs of sums ≥ beyond or ≤ below; both lists ascend. */
static double count_pairs(const sum_list *a, const sum_list *b, double beyond, double below)
{
    double count = 0;
    size_t high = b->n, low = b->n;
    for (size_t i = 0; i < a->n; i++) {
        while (high > 0 && a->x[i] + b->x[high - 1] >= beyond)
            high--;
        while (low > 0 && a->x[i] + b->x[low - 1] > below)
            low--;
        count += (double)(b->n - high) + (double)low;
    }
    return count;
}

static stroma_status share_of(const permutation_layout *p, cut c, double beyond, double below,
                              sum_list side[2], double *out, stroma_error *err)
{
    const double *x = p->value + p->start[c.stratum];
    const size_t n = p->start[c.stratum + 1] - p->start[c.stratum], m = p->labelled[c.stratum];
    size_t least = 0, most = 0;
    double count = 0, all = 0;
    label_range(c.at, n, m, &least, &most);
    for (size_t j = least; j <= most; j++) {
        const side_of_cut left = { 0, c.stratum, x, c.at, j };
        const side_of_cut right = { c.stratum + 1, p->strata, x + c.at, n - c.at, m - j };
        STROMA_TRY(list_side(p, &left, &side[0], err));
        STROMA_TRY(list_side(p, &right, &side[1], err));
        count += count_pairs(&side[0], &side[1], beyond, below);
        all += (double)side[0].n * (double)side[1].n;
    }
    /* of a symmetric distribution with the bound at its middle every way is beyond and below */
    *out = fmin(1, count / all);
    return STROMA_OK;
}

stroma_status permutation_exact(const permutation_layout *p, double beyond, double below,
                                size_t sums_max, double *out, stroma_error *err)
{
    /* the sizes come from logarithms */
    const double most = 2 * (double)sums_max * (1 + 1e-9);
    const cut c = best_cut(p, most);
    sum_list side[2] = { { 0 }, { 0 } };
    *out = (double)NAN;
    if (!(c.sums <= most)) return STROMA_OK;
    const stroma_status s = share_of(p, c, beyond, below, side, out, err);
    stroma_free(side[0].x);
    stroma_free(side[1].x);
    return s;
}
