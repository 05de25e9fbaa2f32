/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits of agreement, with one pair a subject or several, and Lin's concordance. */
#include "agreement.h"
#include "chi_mixture.h"
#include "moments.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_summary.h"

#include <float.h>
#include <math.h>

static const stroma_bland_altman_options defaults = STROMA_BLAND_ALTMAN_OPTIONS_INIT;

/* Differences and means of the pairs on the scale of the analysis. */
typedef struct pairs {
    double *difference, *mean;
    size_t n;
    bool exist;
} pairs;

static void pairs_free(pairs *p)
{
    stroma_free(p->difference);
    stroma_free(p->mean);
    *p = (pairs){ 0 };
}

static stroma_status pairs_of(const double *x, const double *y, size_t n,
                              stroma_agreement_scale scale, pairs *p, stroma_error *err)
{
    bool x_exists = false, y_exists = false;
    *p = (pairs){ .n = n };
    STROMA_TRY(stroma_sample_check(x, n, "first method", err));
    STROMA_TRY(stroma_sample_check(y, n, "second method", err));
    STROMA_TRY(stroma_agreement_scaled(x, n, scale, &p->difference, &x_exists, err));
    const stroma_status s = stroma_agreement_scaled(y, n, scale, &p->mean, &y_exists, err);
    if (s != STROMA_OK) {
        pairs_free(p);
        return s;
    }
    p->exist = x_exists && y_exists;
    for (size_t i = 0; i < n; i++) {
        const double u = p->difference[i], v = p->mean[i];
        p->difference[i] = u - v;
        p->mean[i] = u / 2 + v / 2;
    }
    return STROMA_OK;
}

typedef struct nct_search {
    double df, ncp, tail;
} nct_search;

static double nct_gap(double t, const void *context)
{
    const nct_search *c = context;
    return stroma_noncentral_t_cdf(t, c->df, c->ncp) - c->tail;
}

/* (limit − mean)·√n/s is noncentral t about z√n: the quantiles that bound mean + z·sd. */
static void exact_limit(stroma_stat *s, double mean, double sd, double z, size_t n)
{
    const double root = sqrt((double)n), df = (double)(n - 1), ncp = fabs(z) * root;
    const double tails[] = { (1 - s->level) / 2, (1 + s->level) / 2 };
    double t[2];
    for (size_t i = 0; i < 2; i++) {
        const nct_search c = { df, ncp, tails[i] };
        t[i] = stroma_root_find(nct_gap, &c, -40, 40 + 2 * ncp);
        for (int wider = 3; isnan(t[i]) && wider < 20; wider += 2)
            t[i] = stroma_root_find(nct_gap, &c, -40, 40 + ldexp(ncp, wider));
    }
    s->interval_method = "noncentral t";
    s->lower = z > 0 ? mean + t[0] * sd / root : mean - t[1] * sd / root;
    s->upper = z > 0 ? mean + t[1] * sd / root : mean - t[0] * sd / root;
}

static void approximate_limit(stroma_stat *s, double sd, double z, size_t n)
{
    const double df = (double)(n - 1);
    s->se = sd * sqrt(1 / (double)n + z * z / (2 * df));
    const double half = stroma_t_quantile(0.5 + s->level / 2, df) * s->se;
    s->interval_method = "t, approximate";
    s->lower = s->estimate - half;
    s->upper = s->estimate + half;
}

static void begin(stroma_bland_altman *b, const stroma_bland_altman_options *o, size_t n)
{
    const bool logs = o->scale == STROMA_SCALE_LOG;
    const double nan = (double)NAN;
    stroma_stat empty = stroma_stat_empty("bland_altman");
    empty.n_used = n;
    empty.level = o->level;
    empty.variant = logs ? "ratios, by logarithms" : "differences";
    *b = (stroma_bland_altman){ empty, empty, empty, nan, empty, n, nan, nan };
    b->bias.estimate_name = logs ? "ratio" : "bias";
    b->lower.estimate_name = "lower limit of agreement";
    b->upper.estimate_name = "upper limit of agreement";
    b->proportional.estimate_name = "slope of difference on mean";
}

static void cannot(stroma_bland_altman *b, const char *reason)
{
    stroma_stat *parts[] = { &b->bias, &b->lower, &b->upper, &b->proportional };
    for (size_t i = 0; i < 4; i++) {
        parts[i]->not_estimable = true;
        parts[i]->reason = reason;
    }
}

/* t test and interval of a mean or slope against 0. */
static void t_test(stroma_stat *s, double se, double df)
{
    s->se = se;
    s->df = df;
    const double half = stroma_t_quantile(0.5 + s->level / 2, df) * se;
    s->interval_method = "t";
    s->lower = s->estimate - half;
    s->upper = s->estimate + half;
    if (!(se > 0)) {
        if (s->reason[0] == '\0') s->reason = "nothing is left over: no error to test against";
        return;
    }
    s->statistic_name = "t";
    s->statistic = s->estimate / se;
    s->p = stroma_t_two_sided(s->statistic, df);
}

/* Least squares of the differences on the means. */
static void proportional(const pairs *p, stroma_stat *s)
{
    products m;
    const bool varies = stroma_agreement_products(p->mean, p->difference, p->n, SIZE_MAX, &m);
    if (p->n < 3 || !(m.xx > 0)) {
        s->not_estimable = true;
        s->reason = p->n < 3 ? "fewer than three pairs" : "all means are equal";
        return;
    }
    s->estimate = varies ? m.xy / m.xx : 0;
    double squares = 0;
    for (size_t i = 0; i < p->n; i++) {
        const double r = p->difference[i] - m.mean_y - s->estimate * (p->mean[i] - m.mean_x);
        squares += r * r;
    }
    /* what rounding of the values leaves is no residual */
    const double rounding = 16 * DBL_EPSILON, n = (double)p->n;
    if (squares <= rounding * rounding * (m.yy + n * (m.mean_y * m.mean_y + m.mean_x * m.mean_x)))
        squares = 0;
    const double df = (double)p->n - 2;
    t_test(s, df > 0 ? sqrt(squares / df / m.xx) : (double)NAN, df);
}

/* To ratios: estimates and limits; errors stay on the scale of logarithms. */
static void back_transform(stroma_bland_altman *b)
{
    stroma_stat *parts[] = { &b->bias, &b->lower, &b->upper };
    for (size_t i = 0; i < 3; i++) {
        parts[i]->estimate = exp(parts[i]->estimate);
        parts[i]->lower = exp(parts[i]->lower);
        parts[i]->upper = exp(parts[i]->upper);
    }
}

static void fit(const pairs *p, const stroma_bland_altman_options *o, stroma_bland_altman *b)
{
    const moments m = stroma_moments_of(p->difference, p->n);
    const double mean = dd_value(m.mean), n = (double)p->n,
                 z = stroma_normal_quantile(0.5 + o->agreement / 2);
    b->sd = sqrt(dd_value(m.squares) / (n - 1));
    b->bias.estimate = mean;
    t_test(&b->bias, b->sd / sqrt(n), n - 1);
    stroma_stat *limits[] = { &b->lower, &b->upper };
    for (size_t i = 0; i < 2; i++) {
        const double side = i == 0 ? -z : z;
        limits[i]->estimate = mean + side * b->sd;
        limits[i]->df = n - 1;
        if (!(b->sd > 0))
            limits[i]->reason = "all differences are equal";
        else if (o->interval == STROMA_LIMITS_EXACT)
            exact_limit(limits[i], mean, b->sd, side, p->n);
        else
            approximate_limit(limits[i], b->sd, side, p->n);
    }
    if (!(b->sd > 0)) b->bias.reason = "all differences are equal";
    proportional(p, &b->proportional);
    if (o->scale == STROMA_SCALE_LOG) back_transform(b);
}

static stroma_status check(const stroma_bland_altman_options *o, stroma_error *err)
{
    STROMA_TRY(stroma_level_check(o->level, err));
    if (o->agreement > 0 && o->agreement < 1) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE,
                       "share of the differences within the limits is %g, not between 0 and 1",
                       o->agreement);
}

stroma_status stroma_bland_altman_fit(const double *x, const double *y, size_t n,
                                      const stroma_bland_altman_options *options,
                                      stroma_bland_altman *out, stroma_error *err)
{
    const stroma_bland_altman_options *o = options == NULL ? &defaults : options;
    pairs p;
    begin(out, o, n);
    STROMA_TRY(check(o, err));
    STROMA_TRY(pairs_of(x, y, n, o->scale, &p, err));
    if (n < 2)
        cannot(out, "fewer than two pairs");
    else if (!p.exist)
        cannot(out, agreement_no_logarithm);
    else
        fit(&p, o, out);
    pairs_free(&p);
    return STROMA_OK;
}

/* Means of the subjects, and what is left within. */
typedef struct layers {
    double *mean; /* of the subjects that have pairs, first `subjects` */
    double *count;
    size_t subjects;
    double within_squares, within_df, harmonic;
} layers;

static stroma_status layers_of(const pairs *p, const size_t *subject, size_t subjects, layers *l,
                               stroma_error *err)
{
    *l = (layers){ .subjects = 0 };
    l->mean = stroma_alloc_array(subjects, sizeof *l->mean);
    l->count = stroma_alloc_array(subjects, sizeof *l->count);
    if (l->mean == NULL || l->count == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < p->n; i++) {
        if (subject[i] >= subjects)
            return stroma_fail(err, STROMA_E_USAGE, "pair %zu has subject %zu of %zu", i + 1,
                               subject[i], subjects);
        l->mean[subject[i]] += p->difference[i];
        l->count[subject[i]] += 1;
    }
    for (size_t k = 0; k < subjects; k++)
        l->mean[k] /= l->count[k];
    for (size_t i = 0; i < p->n; i++) {
        const double r = p->difference[i] - l->mean[subject[i]];
        l->within_squares += r * r;
    }
    double reciprocals = 0;
    for (size_t k = 0; k < subjects; k++) {
        if (!(l->count[k] > 0)) continue;
        reciprocals += 1 / l->count[k];
        l->mean[l->subjects++] = l->mean[k];
    }
    l->within_df = (double)(p->n - l->subjects);
    l->harmonic = (double)l->subjects / reciprocals;
    return STROMA_OK;
}

/* Zou 2013: each variance by its chi-squared limits, put together by recovery. */
static void repeated_limits(const layers *l, double mean, double var_means, double var_within,
                            const stroma_bland_altman_options *o, stroma_bland_altman *b)
{
    const double n = (double)l->subjects, share = 1 - 1 / l->harmonic;
    const double z = stroma_normal_quantile(0.5 + o->agreement / 2);
    const double q = stroma_normal_quantile(0.5 + o->level / 2);
    const double parts[] = { var_means, share * var_within }, df[] = { n - 1, l->within_df };
    double low = 0, high = 0;
    for (size_t i = 0; i < 2; i++) {
        const double down =
            parts[i] * (1 - df[i] / stroma_chi2_quantile(0.5 + o->level / 2, df[i]));
        const double up = parts[i] * (df[i] / stroma_chi2_quantile(0.5 - o->level / 2, df[i]) - 1);
        low += down * down;
        high += up * up;
    }
    const double total = parts[0] + parts[1], sd = sqrt(total);
    const double sd_low = sqrt(fmax(0, total - sqrt(low))), sd_high = sqrt(total + sqrt(high));
    const double centre = q * q * var_means / n;
    const double near = sqrt(centre + z * z * (sd - sd_low) * (sd - sd_low));
    const double far = sqrt(centre + z * z * (sd_high - sd) * (sd_high - sd));
    b->sd = sd;
    b->lower.estimate = mean - z * sd;
    b->upper.estimate = mean + z * sd;
    b->lower.interval_method = b->upper.interval_method = "recovered variances";
    b->lower.lower = b->lower.estimate - far;
    b->lower.upper = b->lower.estimate + near;
    b->upper.lower = b->upper.estimate - near;
    b->upper.upper = b->upper.estimate + far;
}

static void fit_repeated(const layers *l, const stroma_bland_altman_options *o,
                         stroma_bland_altman *b)
{
    b->subjects = l->subjects;
    if (l->subjects < 2 || l->within_df < 1) {
        cannot(b, l->subjects < 2 ? "fewer than two subjects" : "no subject has two pairs");
        return;
    }
    const moments m = stroma_moments_of(l->mean, l->subjects);
    const double n = (double)l->subjects, mean = dd_value(m.mean);
    const double var_means = dd_value(m.squares) / (n - 1);
    const double var_within = l->within_squares / l->within_df;
    b->sd_within = sqrt(var_within);
    b->sd_between = sqrt(fmax(0, var_means - var_within / l->harmonic));
    b->bias.estimate = mean;
    t_test(&b->bias, sqrt(var_means / n), n - 1);
    repeated_limits(l, mean, var_means, var_within, o, b);
    b->proportional.not_estimable = true;
    b->proportional.reason = "not given for several pairs a subject";
    if (o->scale == STROMA_SCALE_LOG) back_transform(b);
}

stroma_status stroma_bland_altman_repeated(const stroma_subject_pairs *all,
                                           const stroma_bland_altman_options *options,
                                           stroma_bland_altman *out, stroma_error *err)
{
    const stroma_bland_altman_options *o = options == NULL ? &defaults : options;
    pairs p;
    layers l = { 0 };
    begin(out, o, all->n);
    STROMA_TRY(check(o, err));
    STROMA_TRY(pairs_of(all->x, all->y, all->n, o->scale, &p, err));
    stroma_status s = STROMA_OK;
    if (!p.exist) {
        cannot(out, agreement_no_logarithm);
    } else {
        s = layers_of(&p, all->subject, all->subjects, &l, err);
        if (s == STROMA_OK) fit_repeated(&l, o, out);
    }
    stroma_free(l.mean);
    stroma_free(l.count);
    pairs_free(&p);
    return s;
}

static void concordance(const products *m, double level, stroma_stat *s)
{
    const double n = (double)m->n, vx = m->xx / n, vy = m->yy / n, xy = m->xy / n;
    const double shift = m->mean_x - m->mean_y;
    const double c = 2 * xy / (vx + vy + shift * shift), r = xy / sqrt(vx) / sqrt(vy);
    const double u2 = shift * shift / sqrt(vx * vy), c2 = c * c, r2 = r * r, d = 1 - c2;
    s->estimate = c;
    s->effect_name = "accuracy";
    s->effect = c / r;
    const double var_z = ((1 - r2) * c2 / (d * r2) + 2 * c2 * c * (1 - c) * u2 / (r * d * d) -
                          c2 * c2 * u2 * u2 / (2 * r2 * d * d)) /
                         (n - 2);
    if (!(var_z > 0) || !isfinite(var_z)) {
        s->reason = "the pairs agree exactly";
        return;
    }
    const double half = stroma_normal_quantile(0.5 + level / 2) * sqrt(var_z);
    s->se = sqrt(var_z) * d;
    s->interval_method = "Fisher z";
    s->lower = tanh(atanh(c) - half);
    s->upper = tanh(atanh(c) + half);
}

stroma_status stroma_concordance(const double *x, const double *y, size_t n, double level,
                                 stroma_stat *out, stroma_error *err)
{
    products m;
    *out = stroma_stat_empty("concordance");
    STROMA_TRY(stroma_level_check(level, err));
    STROMA_TRY(stroma_sample_check(x, n, "first method", err));
    STROMA_TRY(stroma_sample_check(y, n, "second method", err));
    if (n < 4)
        *out = stroma_stat_cannot("concordance", "fewer than four pairs");
    else if (!stroma_agreement_products(x, y, n, SIZE_MAX, &m) || m.xy == 0)
        *out = stroma_stat_cannot("concordance", "a variable is constant, or r is 0");
    else
        concordance(&m, level, out);
    out->n_used = n;
    out->level = level;
    out->estimate_name = "concordance correlation";
    return STROMA_OK;
}
