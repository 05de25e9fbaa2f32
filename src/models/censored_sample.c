/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "censored.h"

#include "stroma/memory.h"
#include "stroma/sort.h"

const char censored_both_sides[] =
    "values are censored on both sides or between limits: use maximum likelihood";

stroma_status censored_level(double level, stroma_error *err)
{
    if (level > 0 && level < 1) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "confidence level %g is not between 0 and 1", level);
    stroma_hint(err, "give a fraction, for example 0.95");
    return STROMA_E_USAGE;
}

stroma_status stroma_censored_from_cells(const double *value, const stroma_cell_state *state,
                                         size_t n, double *low, double *high, stroma_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const bool below = state[i] == STROMA_BELOW_LIMIT, above = state[i] == STROMA_ABOVE_LIMIT;
        if (!below && !above && state[i] != STROMA_PRESENT)
            return stroma_fail(err, STROMA_E_USAGE, "value %zu is %s: leave it out first", i + 1,
                               stroma_cell_state_name(state[i]));
        if (!isfinite(value[i]))
            return stroma_fail(err, STROMA_E_USAGE, "value %zu is not finite", i + 1);
        low[i] = below ? -(double)INFINITY : value[i];
        high[i] = above ? (double)INFINITY : value[i];
    }
    return STROMA_OK;
}

/* Different numbers in x; sorts it. */
static size_t distinct(double *x, size_t n)
{
    size_t k = 0;
    stroma_sort_doubles(x, n);
    for (size_t i = 0; i < n; i++)
        k += i == 0 || x[i] != x[i - 1];
    return k;
}

static stroma_status count_one(const stroma_censored_sample *s, size_t i, double *lower,
                               double *upper, stroma_censored_counts *c, stroma_error *err)
{
    const double low = s->low[i], high = s->high[i];
    if (!(low <= high) || low == (double)INFINITY || high == -(double)INFINITY)
        return stroma_fail(err, STROMA_E_USAGE, "value %zu lies between %g and %g, not in order",
                           i + 1, low, high);
    if (isinf(low) && isinf(high))
        return stroma_fail(err, STROMA_E_USAGE, "value %zu has no limit: leave it out first",
                           i + 1);
    if (low == high)
        c->measured++;
    else if (isinf(low))
        lower[c->below++] = high;
    else if (isinf(high))
        upper[c->above++] = low;
    else
        c->between++;
    return STROMA_OK;
}

stroma_status stroma_censored_count(const stroma_censored_sample *s, stroma_censored_counts *out,
                                    stroma_error *err)
{
    const double nan = (double)NAN;
    *out = (stroma_censored_counts){ .n = s->n };
    out->lower_limit_min = out->lower_limit_max = out->upper_limit_min = out->upper_limit_max = nan;
    out->censored_frac = nan;
    double *lower = stroma_alloc_array(2 * s->n, sizeof *lower), *upper = lower + s->n;
    if (lower == NULL) return censored_no_memory(err);
    stroma_status status = STROMA_OK;
    for (size_t i = 0; status == STROMA_OK && i < s->n; i++)
        status = count_one(s, i, lower, upper, out, err);
    if (status == STROMA_OK && s->n > 0) {
        out->lower_limits = distinct(lower, out->below);
        out->upper_limits = distinct(upper, out->above);
        if (out->below > 0) {
            out->lower_limit_min = lower[0];
            out->lower_limit_max = lower[out->below - 1];
        }
        if (out->above > 0) {
            out->upper_limit_min = upper[0];
            out->upper_limit_max = upper[out->above - 1];
        }
        out->censored_frac = (double)(s->n - out->measured) / (double)s->n;
    }
    stroma_free(lower);
    return status;
}

const char *stroma_censored_advice(double censored_frac)
{
    if (censored_frac > 0.8)
        return "more than 80 % are censored: report the share beyond the limit and percentiles "
               "above it";
    if (censored_frac >= 0.3)
        return "30 % or more are censored: means and errors rest on the shape that is assumed";
    return "";
}

int censored_side(const stroma_censored_counts *c)
{
    if (c->between > 0 || (c->below > 0 && c->above > 0)) return 2;
    return c->below > 0 ? -1 : c->above > 0 ? 1 : 0;
}

static int by_flipped(const void *a, const void *b, void *context)
{
    const censored_point *p = a, *q = b;
    const int sign = *(const int *)context;
    if (p->value != q->value) return (p->value < q->value) == (sign > 0) ? -1 : 1;
    return (int)q->measured - (int)p->measured;
}

stroma_status censored_sort(const stroma_censored_sample *s, int sign, censored_point *out,
                            stroma_error *err)
{
    for (size_t i = 0; i < s->n; i++) {
        const bool measured = censored_is_measured(s, i);
        out[i] = (censored_point){ isinf(s->low[i]) ? s->high[i] : s->low[i], measured, i };
    }
    return stroma_sort(out, s->n, sizeof *out, by_flipped, &sign, err);
}

void censored_summary_begin(stroma_censored_summary *out, const char *method, const char *variant,
                            const stroma_censored_counts *c, double level)
{
    const double nan = (double)NAN;
    stroma_stat empty = stroma_stat_empty(method);
    empty.variant = variant;
    empty.n_used = c->n;
    empty.level = level;
    *out = (stroma_censored_summary){ *c, empty, empty, empty, nan, nan, nan, nan, nan, nan, nan };
    out->mean.estimate_name = "mean";
    out->median.estimate_name = "median";
    out->sd.estimate_name = "SD";
}

void censored_summary_cannot(stroma_censored_summary *out, const char *reason)
{
    stroma_stat *parts[] = { &out->mean, &out->median, &out->sd };
    for (size_t i = 0; i < 3; i++) {
        parts[i]->not_estimable = true;
        parts[i]->reason = reason;
        parts[i]->interval_method = "";
        parts[i]->estimate = parts[i]->se = parts[i]->lower = parts[i]->upper = (double)NAN;
    }
}

bool censored_log(const stroma_censored_sample *s, double *low, double *high)
{
    bool exists = true;
    for (size_t i = 0; i < s->n; i++) {
        /* a lower bound of 0 or less is none for a positive quantity */
        low[i] = s->low[i] > 0 ? log(s->low[i]) : -(double)INFINITY;
        high[i] = s->high[i] > 0 ? log(s->high[i]) : -(double)INFINITY;
        exists = exists && s->high[i] > 0 && !(isinf(low[i]) && isinf(high[i]));
    }
    return exists;
}

stroma_status stroma_censored_tie(const stroma_censored_sample *s, double *value, size_t *tied,
                                  stroma_error *err)
{
    stroma_censored_counts c;
    size_t became = 0;
    STROMA_TRY(stroma_censored_count(s, &c, err));
    if (c.between > 0)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "%zu values lie between limits: ranks cannot order them", c.between);
    if (c.below > 0 && c.above > 0 && !(c.lower_limit_max < c.upper_limit_min)) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE,
                          "the highest lower limit %g is not below the lowest upper limit %g",
                          c.lower_limit_max, c.upper_limit_min);
        stroma_hint(err, "compare by maximum likelihood: stroma stat tobit");
        return STROMA_E_DEGENERATE;
    }
    for (size_t i = 0; i < s->n; i++) {
        const bool measured = censored_is_measured(s, i);
        const double v = s->low[i];
        const bool under = measured ? v < c.lower_limit_max : isinf(s->low[i]);
        const bool over = measured ? v > c.upper_limit_min : isinf(s->high[i]);
        value[i] = under  ? nextafter(c.lower_limit_max, -(double)INFINITY)
                   : over ? nextafter(c.upper_limit_min, (double)INFINITY)
                          : v;
        became += measured && (under || over);
    }
    if (tied != NULL) *tied = became;
    return STROMA_OK;
}
