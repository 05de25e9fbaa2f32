/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chi_mixture.h"
#include "moments.h"

#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_t_test.h"

#include <float.h>
#include <math.h>

static const stroma_t_options defaults = STROMA_T_OPTIONS_INIT;
static const double infinite = (double)INFINITY;

stroma_group stroma_group_from_sem(double mean, double sem, size_t n)
{
    return (stroma_group){ mean, sem * sqrt((double)n), n };
}

double stroma_hedges_factor(double m)
{
    if (!(m > 1)) return (double)NAN;
    return exp(stroma_log_gamma(m / 2) - stroma_log_gamma((m - 1) / 2)) / sqrt(m / 2);
}

static stroma_status check_options(const stroma_t_options *o, stroma_error *err)
{
    if (!isfinite(o->null_value))
        return stroma_fail(err, STROMA_E_USAGE, "the null value of a t test must be finite");
    return stroma_level_check(o->level, err);
}

static stroma_status check_group(stroma_group g, const char *which, stroma_error *err)
{
    if (fabs(g.mean) <= 1e140 && g.sd >= 0 && g.sd <= 1e140) return STROMA_OK;
    char mean[STROMA_NUMBER_TEXT_MAX], sd[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_fail(err, STROMA_E_USAGE, "%s: mean %s and sd %s do not describe a group", which,
                      stroma_format_double(g.mean, mean), stroma_format_double(g.sd, sd));
    stroma_hint(err, "give a finite mean and an sd of 0 or more");
    return STROMA_E_USAGE;
}

/* n ≥ 1 values. All equal gives an sd of exactly 0. */
static stroma_group group_of(const double *x, size_t n)
{
    stroma_group g = { (double)NAN, 0, n };
    if (n == 0) return g;
    const moments m = stroma_moments_of(x, n);
    g.mean = dd_value(m.mean);
    size_t same = 1;
    while (same < n && x[same] == x[0])
        same++;
    if (same < n) g.sd = sqrt(dd_value(m.squares) / (double)(n - 1));
    return g;
}

/* Statistic, p and interval from estimate, se, df. */
static void fill_t(stroma_stat *r, const stroma_t_options *o)
{
    r->statistic_name = "t";
    r->statistic = (r->estimate - o->null_value) / r->se;
    r->interval_method = "t";
    r->level = o->level;
    const double t = r->statistic;
    if (o->alternative == STROMA_TWO_SIDED) {
        const double half = stroma_t_quantile(0.5 + o->level / 2, r->df) * r->se;
        r->p = stroma_t_two_sided(t, r->df);
        r->lower = r->estimate - half;
        r->upper = r->estimate + half;
        return;
    }
    const double reach = stroma_t_quantile(o->level, r->df) * r->se;
    const int less = o->alternative == STROMA_LESS;
    r->p = less ? stroma_t_cdf(t, r->df) : stroma_t_sf(t, r->df);
    r->lower = less ? -infinite : r->estimate - reach;
    r->upper = less ? r->estimate + reach : infinite;
}

typedef struct ncp_search {
    double t, df, tail;
} ncp_search;

/* Rises with the noncentrality. */
static double lower_tail_gap(double ncp, const void *context)
{
    const ncp_search *c = context;
    return stroma_noncentral_t_sf(c->t, c->df, ncp) - c->tail;
}

static double upper_tail_gap(double ncp, const void *context)
{
    const ncp_search *c = context;
    return c->tail - stroma_noncentral_t_cdf(c->t, c->df, ncp);
}

/* g from the t of a pooled test: d = t·scale. */
static void fill_effect(stroma_stat *r, double t, double m, double scale)
{
    r->effect_name = "Hedges g";
    const double j = stroma_hedges_factor(m);
    r->effect = j * t * scale;
    if (!(fabs(t) <= 200) || isnan(j)) return;
    const ncp_search c = { t, m, (1 - r->level) / 2 };
    /* t/ncp is about S, whose 1e-12 quantiles bound the search. */
    const double room = 10 + 40 * fabs(t) / sqrt(m);
    r->effect_lower = j * scale * stroma_root_find(lower_tail_gap, &c, t - room, t + room);
    r->effect_upper = j * scale * stroma_root_find(upper_tail_gap, &c, t - room, t + room);
}

static stroma_stat one_sample(stroma_group g, const stroma_t_options *o, const char *method)
{
    if (g.n < 2) {
        stroma_stat r = stroma_stat_cannot(method, "fewer than two values");
        r.n_used = g.n;
        if (g.n == 1) r.estimate = g.mean;
        return r;
    }
    stroma_stat r =
        g.sd > 0 ? stroma_stat_empty(method) : stroma_stat_cannot(method, "all values are equal");
    r.n_used = g.n;
    r.estimate_name = "mean";
    r.estimate = g.mean;
    if (r.not_estimable) return r;
    const double n = (double)g.n;
    r.se = g.sd / sqrt(n);
    r.df = n - 1;
    fill_t(&r, o);
    fill_effect(&r, r.statistic, r.df, 1 / sqrt(n));
    return r;
}

/* Two groups; welch chooses se and df of the test, not the effect. */
static stroma_stat two_samples(stroma_group a, stroma_group b, const stroma_t_options *o, int welch)
{
    const char *method = welch ? "welch_t" : "student_t";
    const double na = (double)a.n, nb = (double)b.n;
    const char *reason = "";
    if (a.n == 0 || b.n == 0)
        reason = "a group is empty";
    else if (welch && (a.n < 2 || b.n < 2))
        reason = "fewer than two values in a group";
    else if (a.n + b.n < 3)
        reason = "one value in each group";
    else if (!(a.sd > 0) && !(b.sd > 0))
        reason = "no variation within the groups";
    stroma_stat r = stroma_stat_empty(method);
    if (*reason != '\0') r = stroma_stat_cannot(method, reason);
    r.n_used = a.n + b.n;
    r.n1 = a.n;
    r.n2 = b.n;
    r.estimate_name = "mean difference";
    if (a.n > 0 && b.n > 0) r.estimate = a.mean - b.mean;
    if (r.not_estimable) return r;
    const double va = a.n > 1 ? a.sd * a.sd : 0, vb = b.n > 1 ? b.sd * b.sd : 0;
    const double m = na + nb - 2;
    const double pooled_sd = sqrt(((na - 1) * va + (nb - 1) * vb) / m);
    const double per = sqrt(1 / na + 1 / nb);
    if (welch) {
        const double ea = va / na, eb = vb / nb, share = ea / (ea + eb);
        r.se = sqrt(ea + eb);
        r.df = 1 / (share * share / (na - 1) + (1 - share) * (1 - share) / (nb - 1));
    } else {
        r.se = pooled_sd * per;
        r.df = m;
    }
    fill_t(&r, o);
    fill_effect(&r, (r.estimate - o->null_value) / (pooled_sd * per), m, per);
    return r;
}

stroma_status stroma_t_one_sample_summary(stroma_group g, const stroma_t_options *options,
                                          stroma_stat *out, stroma_error *err)
{
    const stroma_t_options *o = options == NULL ? &defaults : options;
    *out = stroma_stat_empty("one_sample_t");
    STROMA_TRY(check_options(o, err));
    STROMA_TRY(check_group(g, "group", err));
    *out = one_sample(g, o, "one_sample_t");
    return STROMA_OK;
}

stroma_status stroma_t_one_sample(const double *x, size_t n, const stroma_t_options *options,
                                  stroma_stat *out, stroma_error *err)
{
    const stroma_t_options *o = options == NULL ? &defaults : options;
    *out = stroma_stat_empty("one_sample_t");
    STROMA_TRY(check_options(o, err));
    STROMA_TRY(stroma_sample_check(x, n, "one-sample t", err));
    *out = one_sample(group_of(x, n), o, "one_sample_t");
    return STROMA_OK;
}

stroma_status stroma_t_paired(const double *x, const double *y, size_t n,
                              const stroma_t_options *options, stroma_stat *out, stroma_error *err)
{
    const stroma_t_options *o = options == NULL ? &defaults : options;
    *out = stroma_stat_empty("paired_t");
    STROMA_TRY(check_options(o, err));
    STROMA_TRY(stroma_sample_check(x, n, "paired t, first values", err));
    STROMA_TRY(stroma_sample_check(y, n, "paired t, second values", err));
    double *d = stroma_alloc_array(n, sizeof *d);
    if (d == NULL) return stroma_no_memory(err);
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        d[i] = x[i] - y[i];
        largest = fmax(largest, fmax(fabs(x[i]), fabs(y[i])));
    }
    stroma_group g = group_of(d, n);
    stroma_free(d);
    /* Equal differences of decimals differ by rounding: 1.1 − 0.1 is not 2.1 − 1.1. */
    if (g.sd <= 4 * DBL_EPSILON * largest) g.sd = 0;
    *out = one_sample(g, o, "paired_t");
    out->estimate_name = "mean difference";
    if (g.n >= 2 && g.sd == 0) out->reason = "all differences are equal";
    if (g.n < 2) out->reason = "fewer than two pairs";
    return STROMA_OK;
}

static stroma_status two_from_data(const double *x, size_t nx, const double *y, size_t ny,
                                   stroma_group *a, stroma_group *b, stroma_error *err)
{
    STROMA_TRY(stroma_sample_check(x, nx, "first group", err));
    STROMA_TRY(stroma_sample_check(y, ny, "second group", err));
    *a = group_of(x, nx);
    *b = group_of(y, ny);
    return STROMA_OK;
}

stroma_status stroma_t_student(const double *x, size_t nx, const double *y, size_t ny,
                               const stroma_t_options *options, stroma_stat *out, stroma_error *err)
{
    const stroma_t_options *o = options == NULL ? &defaults : options;
    *out = stroma_stat_empty("student_t");
    STROMA_TRY(check_options(o, err));
    stroma_group a, b;
    STROMA_TRY(two_from_data(x, nx, y, ny, &a, &b, err));
    *out = two_samples(a, b, o, 0);
    return STROMA_OK;
}

stroma_status stroma_t_welch(const double *x, size_t nx, const double *y, size_t ny,
                             const stroma_t_options *options, stroma_stat *out, stroma_error *err)
{
    const stroma_t_options *o = options == NULL ? &defaults : options;
    *out = stroma_stat_empty("welch_t");
    STROMA_TRY(check_options(o, err));
    stroma_group a, b;
    STROMA_TRY(two_from_data(x, nx, y, ny, &a, &b, err));
    *out = two_samples(a, b, o, 1);
    return STROMA_OK;
}

static stroma_status two_from_summary(stroma_group x, stroma_group y, const stroma_t_options *o,
                                      stroma_error *err)
{
    STROMA_TRY(check_options(o, err));
    STROMA_TRY(check_group(x, "first group", err));
    return check_group(y, "second group", err);
}

stroma_status stroma_t_student_summary(stroma_group x, stroma_group y,
                                       const stroma_t_options *options, stroma_stat *out,
                                       stroma_error *err)
{
    const stroma_t_options *o = options == NULL ? &defaults : options;
    *out = stroma_stat_empty("student_t");
    STROMA_TRY(two_from_summary(x, y, o, err));
    *out = two_samples(x, y, o, 0);
    return STROMA_OK;
}

stroma_status stroma_t_welch_summary(stroma_group x, stroma_group y,
                                     const stroma_t_options *options, stroma_stat *out,
                                     stroma_error *err)
{
    const stroma_t_options *o = options == NULL ? &defaults : options;
    *out = stroma_stat_empty("welch_t");
    STROMA_TRY(two_from_summary(x, y, o, err));
    *out = two_samples(x, y, o, 1);
    return STROMA_OK;
}
