/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_times.h"

#include "small_matrix.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

static const double same = 1.4901161193847656e-08; /* 2^-26, R's tolerance */

void survival_times_free(survival_times *t)
{
    stroma_free(t->stop);
    stroma_free(t->by_stop);
    stroma_free(t->first);
    *t = (survival_times){ 0 };
}

stroma_status survival_check_codes(const size_t *code, size_t n, size_t codes, const char *what,
                                   stroma_error *err)
{
    for (size_t i = 0; code != NULL && i < n; i++)
        if (code[i] >= codes)
            return stroma_fail(err, STROMA_E_USAGE, "%s %zu of row %zu is not below %zu", what,
                               code[i], i + 1, codes);
    return STROMA_OK;
}

stroma_status survival_check_level(double level, stroma_error *err)
{
    if (level > 0 && level < 1) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "level %g is not between 0 and 1", level);
}

static stroma_status check(const stroma_survival_data *d, stroma_error *err)
{
    if (d->n == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "no rows: nobody was at risk");
    for (size_t i = 0; i < d->n; i++) {
        if (!isfinite(d->stop[i]) || d->stop[i] < 0)
            return stroma_fail(err, STROMA_E_USAGE, "time %g of row %zu is %s", d->stop[i], i + 1,
                               isfinite(d->stop[i]) ? "negative" : "not finite");
        if (d->start == NULL) continue;
        if (!isfinite(d->start[i]))
            return stroma_fail(err, STROMA_E_USAGE, "entry time %g of row %zu is not finite",
                               d->start[i], i + 1);
        if (!(d->start[i] < d->stop[i]))
            return stroma_fail(err, STROMA_E_USAGE,
                               "row %zu is at risk from %g to %g: the end is not after the entry",
                               i + 1, d->start[i], d->stop[i]);
    }
    STROMA_TRY(survival_check_codes(d->group, d->n, d->groups, "group", err));
    return survival_check_codes(d->stratum, d->n, d->strata, "stratum", err);
}

/* A time within the tolerance of the next smaller one takes that one's value, and so on along a
 * stretch, as in R's aeqSurv(). */
static size_t merge(double *x, const size_t *order, size_t n)
{
    double mean = 0;
    size_t distinct = 0, merged = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || x[order[i]] != x[order[i - 1]]) {
            mean += fabs(x[order[i]]);
            distinct++;
        }
    mean /= (double)distinct;
    double before = x[order[0]], kept = before;
    for (size_t i = 1; i < n; i++) {
        const double now = x[order[i]];
        if (now - before > same * mean) kept = now;
        merged += now != kept;
        before = now;
        x[order[i]] = kept;
    }
    return merged;
}

/* Rows in order of @p x, block by block: a stable count over the order of all. */
static void by_block(const size_t *order, size_t n, const size_t *block, size_t blocks,
                     size_t *first, size_t *out)
{
    memset(first, 0, (blocks + 1) * sizeof *first);
    for (size_t i = 0; i < n; i++)
        first[(block == NULL ? 0 : block[i]) + 1]++;
    for (size_t b = 0; b < blocks; b++)
        first[b + 1] += first[b];
    for (size_t i = 0; i < n; i++)
        out[first[block == NULL ? 0 : block[order[i]]]++] = order[i];
    for (size_t b = blocks; b > 0; b--)
        first[b] = first[b - 1];
    first[0] = 0;
}

static stroma_status fill(const stroma_survival_data *d, const size_t *block, survival_times *t,
                          size_t *order, stroma_error *err)
{
    const size_t n = d->n, all = d->start == NULL ? n : 2 * n;
    memcpy(t->stop, d->stop, n * sizeof *t->stop);
    if (d->start != NULL) memcpy(t->stop + n, d->start, n * sizeof *t->stop);
    STROMA_TRY(stroma_order_doubles(t->stop, all, order, err));
    t->merged = merge(t->stop, order, all);
    for (size_t i = 0; d->start != NULL && i < n; i++)
        if (!(t->stop[n + i] < t->stop[i]))
            return stroma_fail(err, STROMA_E_USAGE,
                               "row %zu is at risk from %.17g to %.17g: too short to tell apart",
                               i + 1, d->start[i], d->stop[i]);
    if (d->start == NULL) {
        by_block(order, n, block, t->blocks, t->first, t->by_stop);
        return STROMA_OK;
    }
    t->start = t->stop + n;
    t->by_start = t->by_stop + n;
    STROMA_TRY(stroma_order_doubles(t->stop, n, order, err));
    by_block(order, n, block, t->blocks, t->first, t->by_stop);
    STROMA_TRY(stroma_order_doubles(t->start, n, order, err));
    by_block(order, n, block, t->blocks, t->first, t->by_start);
    return STROMA_OK;
}

stroma_status survival_times_new(const stroma_survival_data *d, const size_t *block, size_t blocks,
                                 survival_times *out, stroma_error *err)
{
    *out = (survival_times){ .n = d->n, .blocks = block == NULL ? 1 : blocks };
    STROMA_TRY(check(d, err));
    const size_t all = d->start == NULL ? d->n : 2 * d->n;
    out->stop = stroma_alloc_array(all, sizeof *out->stop);
    out->by_stop = stroma_alloc_array(all, sizeof *out->by_stop);
    out->first = stroma_alloc_array(out->blocks + 1, sizeof *out->first);
    size_t *order = stroma_alloc_array(all, sizeof *order);
    stroma_status s = STROMA_OK;
    if (out->stop == NULL || out->by_stop == NULL || out->first == NULL || order == NULL)
        s = stroma_no_memory(err);
    if (s == STROMA_OK) s = fill(d, block, out, order, err);
    stroma_free(order);
    if (s != STROMA_OK) survival_times_free(out);
    return s;
}

const char *stroma_survival_scale_name(stroma_survival_scale s)
{
    static const char *const names[] = { "log-log", "log", "plain" };
    return (size_t)s < STROMA_SURVIVAL_SCALES ? names[s] : "";
}

void survival_limits(double p, double se, const stroma_survival_options *o, double *lower,
                     double *upper)
{
    const double z = stroma_normal_quantile(0.5 + o->level / 2);
    *lower = *upper = NAN;
    if (o->scale == STROMA_SURVIVAL_PLAIN) {
        *lower = isnan(se) ? se : fmax(0, p - z * se);
        *upper = isnan(se) ? se : fmin(1, p + z * se);
    } else if (o->scale == STROMA_SURVIVAL_LOG) {
        if (!(p > 0)) return;
        *lower = p * exp(-z * se / p);
        *upper = fmin(1, p * exp(z * se / p));
    } else if (p > 0 && p < 1) {
        const double centre = log(-log(p)), width = z * se / fabs(p * log(p));
        *lower = exp(-exp(centre + width));
        *upper = exp(-exp(centre - width));
    }
}

bool survival_quadratic(double *u, double *v, size_t n, double *chi2)
{
    if (!small_cholesky(v, n)) return false;
    small_solve_lower(v, n, u);
    *chi2 = small_dot(u, u, n);
    return true;
}
