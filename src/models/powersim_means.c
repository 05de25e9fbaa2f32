/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One and two samples. */
#include "powersim.h"

#include "stroma/stats_normality.h"
#include "stroma/stats_rank_test.h"
#include "stroma/stats_resampling.h"
#include "stroma/stats_t_test.h"
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

static stroma_t_options t_options(const powersim_set *s, double null_value)
{
    return (stroma_t_options){ s->side, 0.95, null_value };
}

stroma_status powersim_t_one(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const stroma_t_options o = t_options(s, 0);
    stroma_stat t;
    one_sample(s);
    return keep(stroma_t_one_sample(s->x, s->n, &o, &t, err), &t, out);
}

stroma_status powersim_t(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const stroma_t_options o = t_options(s, 0);
    stroma_stat t;
    powersim_two_groups(s);
    return keep(stroma_t_student(s->x + s->n1, s->n2, s->x, s->n1, &o, &t, err), &t, out);
}

stroma_status powersim_welch(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const stroma_t_options o = t_options(s, 0);
    stroma_stat t;
    powersim_two_groups(s);
    return keep(stroma_t_welch(s->x + s->n1, s->n2, s->x, s->n1, &o, &t, err), &t, out);
}

stroma_status powersim_non_inferiority(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const stroma_t_options o = { STROMA_GREATER, 0.95, -s->d->margin };
    stroma_stat t;
    powersim_two_groups(s);
    return keep(stroma_t_student(s->x + s->n1, s->n2, s->x, s->n1, &o, &t, err), &t, out);
}

/* The larger of the two one-sided p. */
stroma_status powersim_equivalence(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const stroma_t_options above = { STROMA_GREATER, 0.95, -s->d->margin };
    const stroma_t_options below = { STROMA_LESS, 0.95, s->d->margin };
    stroma_stat a, b;
    powersim_two_groups(s);
    STROMA_TRY(stroma_t_student(s->x + s->n1, s->n2, s->x, s->n1, &above, &a, err));
    STROMA_TRY(stroma_t_student(s->x + s->n1, s->n2, s->x, s->n1, &below, &b, err));
    if (b.p > a.p) a.p = b.p;
    return keep(STROMA_OK, &a, out);
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

stroma_status powersim_mann_whitney(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const stroma_rank_options o = rank_options(s);
    stroma_stat t;
    powersim_two_groups(s);
    return keep(stroma_mann_whitney(s->x + s->n1, s->n2, s->x, s->n1, &o, &t, err), &t, out);
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
