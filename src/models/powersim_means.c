/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One and two samples. */
#include "powersim.h"

#include "stroma/stats_distribution.h"
#include "stroma/stats_normality.h"
#include "stroma/stats_rank_test.h"
#include "stroma/stats_resampling.h"
#include "stroma/stats_variance.h"

#include <math.h>

double powersim_error(powersim_set *s)
{
    stroma_random *r = &s->random;
    switch (s->shape) {
    case STROMA_POWER_LOGNORMAL: /* mean √e, variance (e − 1)e */
        return (exp(stroma_random_normal(r)) - 1.6487212707001282) / 2.1611974158950877;
    case STROMA_POWER_EXPONENTIAL: return stroma_random_exponential(r) - 1;
    case STROMA_POWER_T5: { /* variance 5/3 */
        const double z = stroma_random_normal(r);
        return z / sqrt(stroma_random_gamma(r, 2.5, 2) / 5) * sqrt(0.6);
    }
    case STROMA_POWER_UNIFORM: return (stroma_random_uniform(r) - 0.5) * sqrt(12);
    case STROMA_POWER_NORMAL: break;
    }
    return stroma_random_normal(r);
}

void powersim_two_groups(powersim_set *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const bool second = i >= s->n1;
        s->x[i] = (second ? s->d->effect : 0) + (second ? s->d->sd2 : s->d->sd) * powersim_error(s);
        s->group[i] = second;
    }
}

static void one_sample(powersim_set *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->x[i] = s->d->effect + s->d->sd * powersim_error(s);
}

static stroma_status keep(stroma_status status, const stroma_stat *t, powersim_outcome *out)
{
    *out = (powersim_outcome){ t->p, t->estimate, true };
    return status;
}

/* Mean and sum of squared deviations. */
typedef struct sample_moments {
    double n, mean, squares;
} sample_moments;

static sample_moments moments_of(const double *x, size_t n)
{
    sample_moments m = { (double)n, 0, 0 };
    for (size_t i = 0; i < n; i++)
        m.mean += x[i];
    m.mean /= m.n;
    for (size_t i = 0; i < n; i++)
        m.squares += (x[i] - m.mean) * (x[i] - m.mean);
    return m;
}

/* The t tests of stats_t_test.h without their effect size, whose interval is a search that takes
 * most of the time. */
typedef struct t_result {
    double estimate, se, df;
} t_result;

static t_result two_sample(powersim_set *s, bool welch)
{
    powersim_two_groups(s);
    const sample_moments a = moments_of(s->x, s->n1), b = moments_of(s->x + s->n1, s->n2);
    t_result t = { b.mean - a.mean, 0, a.n + b.n - 2 };
    if (!welch) {
        t.se = sqrt((a.squares + b.squares) / t.df * (1 / a.n + 1 / b.n));
        return t;
    }
    const double v = a.squares / (a.n - 1) / a.n, w = b.squares / (b.n - 1) / b.n;
    t.se = sqrt(v + w);
    t.df = (v + w) * (v + w) / (v * v / (a.n - 1) + w * w / (b.n - 1));
    return t;
}

static double t_p(const t_result *t, double null_value, stroma_alternative side)
{
    const double x = (t->estimate - null_value) / t->se;
    if (side == STROMA_TWO_SIDED) return stroma_t_two_sided(x, t->df);
    return side == STROMA_LESS ? stroma_t_cdf(x, t->df) : stroma_t_sf(x, t->df);
}

stroma_status powersim_t_one(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    (void)err;
    one_sample(s);
    const sample_moments m = moments_of(s->x, s->n);
    const t_result t = { m.mean, sqrt(m.squares / (m.n - 1) / m.n), m.n - 1 };
    *out = (powersim_outcome){ t_p(&t, 0, s->side), t.estimate, true };
    return STROMA_OK;
}

stroma_status powersim_t(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const t_result t = two_sample(s, false);
    (void)err;
    *out = (powersim_outcome){ t_p(&t, 0, s->side), t.estimate, true };
    return STROMA_OK;
}

stroma_status powersim_welch(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const t_result t = two_sample(s, true);
    (void)err;
    *out = (powersim_outcome){ t_p(&t, 0, s->side), t.estimate, true };
    return STROMA_OK;
}

stroma_status powersim_non_inferiority(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const t_result t = two_sample(s, false);
    (void)err;
    *out = (powersim_outcome){ t_p(&t, -s->d->margin, STROMA_GREATER), t.estimate, true };
    return STROMA_OK;
}

/* The larger of the two one-sided p. */
stroma_status powersim_equivalence(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const t_result t = two_sample(s, false);
    (void)err;
    *out = (powersim_outcome){ fmax(t_p(&t, -s->d->margin, STROMA_GREATER),
                                    t_p(&t, s->d->margin, STROMA_LESS)),
                               t.estimate, true };
    return STROMA_OK;
}

/* 999 relabellings: beside 1,000 listed ones the error of p does not matter. */
stroma_status powersim_permutation(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_permutation_options o = STROMA_PERMUTATION_OPTIONS_INIT;
    stroma_permutation p;
    powersim_two_groups(s);
    for (size_t i = 0; i < s->n; i++)
        s->group[i] = 1 - s->group[i]; /* the second group's mean less the first's */
    o.alternative = s->side;
    o.resamples = 999;
    o.sums_max = 1000;
    o.seed = stroma_random_u64(&s->random);
    return keep(stroma_permutation_test(s->x, s->group, NULL, s->n, &o, &p, err), &p.stat, out);
}

static stroma_rank_options rank_options(const powersim_set *s)
{
    stroma_rank_options o = STROMA_RANK_OPTIONS_INIT;
    o.alternative = s->side;
    return o;
}

stroma_status powersim_signed_rank(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const stroma_rank_options o = rank_options(s);
    stroma_stat t;
    one_sample(s);
    return keep(stroma_signed_rank(s->x, s->n, &o, &t, err), &t, out);
}

/* The effect is the share of positive differences. */
stroma_status powersim_sign(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_stat t;
    for (size_t i = 0; i < s->n; i++)
        s->x[i] = stroma_random_uniform(&s->random) < s->d->effect ? 1 : -1;
    const stroma_status status = keep(stroma_sign_test(s->x, s->n, 0.95, &t, err), &t, out);
    out->estimate -= 0.5;
    out->own_side = false;
    return status;
}

/* Equal means; sd against sd2. */
stroma_status powersim_variance_ratio(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_stat t;
    powersim_two_groups(s);
    const stroma_status status =
        keep(stroma_variance_ratio(s->x + s->n1, s->n2, s->x, s->n1, 0.95, &t, err), &t, out);
    out->own_side = false;
    out->estimate -= 1;
    return status;
}

stroma_status powersim_shapiro(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_stat t;
    one_sample(s);
    const stroma_status status = keep(stroma_shapiro_wilk(s->x, s->n, &t, err), &t, out);
    out->estimate = (double)NAN;
    return status;
}
