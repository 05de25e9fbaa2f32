/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Change and baseline without the arithmetic that couples them. */
#include "agreement.h"
#include "moments.h"

#include "stroma/memory.h"
#include "stroma/stats_change.h"
#include "stroma/stats_correlation.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

static const char coupled_reason[] =
    "mathematically coupled: the change holds the baseline, so its correlation has no p";

static void correlation_without_test(stroma_stat *s, const char *reason)
{
    s->statistic_name = s->interval_method = "";
    s->se = s->statistic = s->df = s->p = s->lower = s->upper = (double)NAN;
    s->reason = reason;
}

static void blomqvist(const products *m, size_t n, const stroma_declared_error *e, double level,
                      stroma_stat *s)
{
    *s = stroma_stat_empty("change_baseline");
    s->variant = "Blomqvist";
    s->n_used = n;
    s->level = level;
    s->estimate_name = "slope of change on true baseline";
    const double df = (double)n - 2, vx = m->xx / ((double)n - 1);
    const double b = m->xy / m->xx;
    const double squares = fmax(0, m->yy - m->xy * b);
    if (e == NULL || isnan(e->sd)) {
        s->not_estimable = true;
        s->reason = "the error of a reading is not declared";
        return;
    }
    const double k = e->sd * e->sd / vx, room = 1 - k;
    if (!(room > 0)) {
        s->not_estimable = true;
        s->reason = "the declared error explains all of the baseline's variance";
        return;
    }
    /* the error's own uncertainty: relative variance of s² is 2/df */
    const double by_error = isfinite(e->df) ? 2 / e->df * k * k : 0;
    const double slope = (1 + b) / (room * room);
    s->estimate = (b + k) / room;
    s->se = sqrt(squares / df / m->xx / (room * room) + slope * slope * by_error);
    s->df = df;
    const double half = stroma_t_quantile(0.5 + level / 2, df) * s->se;
    s->interval_method = "t, delta method";
    s->lower = s->estimate - half;
    s->upper = s->estimate + half;
    if (!(s->se > 0)) return;
    s->statistic_name = "t";
    s->statistic = s->estimate / s->se;
    s->p = stroma_t_two_sided(s->statistic, df);
}

/* @param change n changes, then n means of both readings */
static stroma_status fill(const double *baseline, const double *change, size_t n,
                          const stroma_declared_error *error, double level,
                          stroma_change_baseline *out, stroma_error *err)
{
    const double *mean = change + n;
    products m;
    STROMA_TRY(stroma_correlation_pearson(change, baseline, n, level, &out->coupled, err));
    STROMA_TRY(stroma_correlation_pearson(change, mean, n, level, &out->oldham, err));
    out->coupled.method = out->oldham.method = "change_baseline";
    out->coupled.variant = "change with baseline, coupled";
    out->oldham.variant = "Oldham, change with mean";
    if (!out->coupled.not_estimable) {
        correlation_without_test(&out->coupled, coupled_reason);
        out->coupled.effect_name = "r without any relation";
        out->coupled.effect = -sqrt(fmax(0, 1 - out->correlation) / 2);
    }
    if (!stroma_agreement_products(baseline, change, n, SIZE_MAX, &m) || n < 4) {
        out->blomqvist = stroma_stat_cannot("change_baseline", n < 4 ? "fewer than four pairs"
                                                                     : "a variable is constant");
        out->blomqvist.variant = "Blomqvist";
        out->blomqvist.n_used = n;
        return STROMA_OK;
    }
    blomqvist(&m, n, error, level, &out->blomqvist);
    return STROMA_OK;
}

static stroma_status check(const double *baseline, const double *followup, size_t n,
                           const stroma_declared_error *error, double level, stroma_error *err)
{
    STROMA_TRY(stroma_level_check(level, err));
    STROMA_TRY(stroma_sample_check(baseline, n, "baseline", err));
    STROMA_TRY(stroma_sample_check(followup, n, "follow-up", err));
    if (error == NULL || isnan(error->sd) || (error->sd >= 0 && error->df > 0)) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "declared error: SD %g with %g df", error->sd,
                       error->df);
}

stroma_status stroma_change_baseline_fit(const double *baseline, const double *followup, size_t n,
                                         const stroma_declared_error *error, double level,
                                         stroma_change_baseline *out, stroma_error *err)
{
    const double nan = (double)NAN;
    const stroma_stat empty = stroma_stat_empty("change_baseline");
    products m;
    *out = (stroma_change_baseline){ empty, empty, empty, nan, nan, nan };
    STROMA_TRY(check(baseline, followup, n, error, level, err));
    double *change = stroma_alloc_array(2 * n, sizeof *change), *mean = change + n;
    if (change == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        change[i] = followup[i] - baseline[i];
        mean[i] = followup[i] / 2 + baseline[i] / 2;
    }
    if (n >= 2 && stroma_agreement_products(baseline, followup, n, SIZE_MAX, &m))
        out->correlation = m.xy / sqrt(m.xx) / sqrt(m.yy);
    if (n >= 2) {
        out->baseline_sd = sqrt(m.xx / (double)(n - 1));
        out->followup_sd = sqrt(m.yy / (double)(n - 1));
    }
    const stroma_status s = fill(baseline, change, n, error, level, out, err);
    stroma_free(change);
    return s;
}

unsigned stroma_change_coupling(const stroma_change_window *a, const stroma_change_window *b)
{
    const bool known = isfinite(a->from_day) && isfinite(a->to_day) && isfinite(b->from_day) &&
                       isfinite(b->to_day);
    const bool same_quantity = strcmp(a->quantity, b->quantity) == 0;
    const bool from = a->from_day == b->from_day, to = a->to_day == b->to_day;
    unsigned flags = 0;
    if (!known) return STROMA_CHANGE_UNDECLARED;
    if (!(from && to)) flags |= STROMA_CHANGE_WINDOWS_DIFFER;
    if (!same_quantity) return flags;
    if (from && to) return STROMA_CHANGE_SAME;
    if (from) flags |= STROMA_CHANGE_SHARED_BASELINE;
    if (to || a->to_day == b->from_day || a->from_day == b->to_day)
        flags |= STROMA_CHANGE_SHARED_READING;
    if (fmax(a->from_day, b->from_day) < fmin(a->to_day, b->to_day)) flags |= STROMA_CHANGE_OVERLAP;
    return flags;
}

bool stroma_change_is_coupled(unsigned flags)
{
    return (flags & (STROMA_CHANGE_SAME | STROMA_CHANGE_SHARED_BASELINE |
                     STROMA_CHANGE_SHARED_READING | STROMA_CHANGE_OVERLAP)) != 0;
}

const char *stroma_change_flag_text(stroma_change_flag f)
{
    switch (f) {
    case STROMA_CHANGE_SAME: return "the same change twice";
    case STROMA_CHANGE_SHARED_BASELINE: return "both changes subtract the same reading";
    case STROMA_CHANGE_SHARED_READING: return "the changes share a reading";
    case STROMA_CHANGE_OVERLAP: return "windows of the same quantity overlap";
    case STROMA_CHANGE_WINDOWS_DIFFER: return "the changes are over different windows";
    case STROMA_CHANGE_UNDECLARED: return "the windows are not declared";
    default: return "unknown";
    }
}

/* Deviations from the means of the groups, and how many groups there are. */
static size_t deviations(const double *x, const stroma_two_changes *c, double *sum, size_t *count,
                         double *out)
{
    size_t used = 0;
    memset(sum, 0, c->groups * sizeof *sum);
    memset(count, 0, c->groups * sizeof *count);
    for (size_t i = 0; i < c->n; i++) {
        sum[c->group[i]] += x[i];
        count[c->group[i]]++;
    }
    for (size_t k = 0; k < c->groups; k++)
        used += count[k] > 0;
    for (size_t i = 0; i < c->n; i++)
        out[i] = x[i] - sum[c->group[i]] / (double)count[c->group[i]];
    return used;
}

/* r of deviations: Pearson's on n − (groups − 1) subjects. */
static void within(const double *u, const double *v, size_t n, size_t groups, double level,
                   stroma_stat *s)
{
    products m;
    const double df = (double)n - (double)groups - 1;
    *s = stroma_stat_empty("change_correlation");
    s->variant = "within groups";
    s->estimate_name = "r";
    s->n_used = n;
    s->level = level;
    if (df < 1 || !stroma_agreement_products(u, v, n, SIZE_MAX, &m)) {
        s->not_estimable = true;
        s->reason = df < 1 ? "too few subjects for the groups" : "a change is constant in groups";
        return;
    }
    const double r = fmax(-1, fmin(1, m.xy / sqrt(m.xx) / sqrt(m.yy)));
    s->estimate = r;
    s->df = df;
    s->statistic_name = "t";
    s->se = sqrt((1 - r * r) / df);
    s->statistic = r / s->se;
    s->p = stroma_t_two_sided(s->statistic, df);
    if (df <= 1 || fabs(r) >= 1) return;
    const double half = stroma_normal_quantile(0.5 + level / 2) / sqrt(df - 1);
    s->interval_method = "Fisher z";
    s->lower = tanh(atanh(r) - half);
    s->upper = tanh(atanh(r) + half);
}

static stroma_status by_group(const stroma_two_changes *c, double level, stroma_stat *out,
                              stroma_error *err)
{
    const size_t n = c->n, groups = c->groups;
    for (size_t i = 0; i < n; i++)
        if (c->group[i] >= groups)
            return stroma_fail(err, STROMA_E_USAGE, "subject %zu has group %zu of %zu", i + 1,
                               c->group[i], groups);
    double *u = stroma_alloc_array(2 * n + groups, sizeof *u);
    size_t *count = stroma_alloc_array(groups, sizeof *count);
    if (u == NULL || count == NULL) {
        stroma_free(u);
        stroma_free(count);
        return stroma_no_memory(err);
    }
    (void)deviations(c->a, c, u + 2 * n, count, u);
    const size_t used = deviations(c->b, c, u + 2 * n, count, u + n);
    within(u, u + n, n, used, level, out);
    if (used < 2) {
        out->not_estimable = true;
        correlation_without_test(out, "one group: there is nothing to pool");
        out->estimate = (double)NAN;
    }
    stroma_free(u);
    stroma_free(count);
    return STROMA_OK;
}

static bool excludes_zero(const stroma_stat *s)
{
    return s->lower > 0 || s->upper < 0;
}

stroma_status stroma_change_correlate(const stroma_two_changes *c, double level,
                                      stroma_change_correlation *out, stroma_error *err)
{
    static const char coupled[] = "mathematically coupled: the changes share readings, so their "
                                  "correlation has no p";
    *out = (stroma_change_correlation){ .flags = c->flags };
    out->pooled = stroma_stat_empty("change_correlation");
    out->within = stroma_stat_cannot("change_correlation", "no groups declared");
    STROMA_TRY(stroma_level_check(level, err));
    STROMA_TRY(stroma_sample_check(c->a, c->n, "first change", err));
    STROMA_TRY(stroma_sample_check(c->b, c->n, "second change", err));
    STROMA_TRY(stroma_correlation_pearson(c->a, c->b, c->n, level, &out->pooled, err));
    out->pooled.method = "change_correlation";
    out->pooled.variant = "all subjects";
    if (c->group != NULL) STROMA_TRY(by_group(c, level, &out->within, err));
    if (!out->pooled.not_estimable && !out->within.not_estimable)
        out->rests_on_groups = out->pooled.estimate * out->within.estimate < 0 ||
                               (excludes_zero(&out->pooled) && !excludes_zero(&out->within));
    if (!stroma_change_is_coupled(c->flags)) return STROMA_OK;
    if (!out->pooled.not_estimable) correlation_without_test(&out->pooled, coupled);
    if (!out->within.not_estimable) correlation_without_test(&out->within, coupled);
    return STROMA_OK;
}
