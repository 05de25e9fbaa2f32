/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outcomes that are not all measured, or only ordered. */
#include "powersim.h"

#include "stroma/models_ordinal.h"
#include "stroma/models_tobit.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_rank_test.h"

#include <math.h>

/* The error below which a share of the first group lies. */
static double limit_of(const powersim_set *s)
{
    const double p = s->d->censored_frac, z = stroma_normal_quantile(p);
    switch (s->shape) {
    case STROMA_POWER_LOGNORMAL: return (exp(z) - 1.6487212707001282) / 2.1611974158950877;
    case STROMA_POWER_EXPONENTIAL: return -log1p(-p) - 1;
    case STROMA_POWER_T5: return stroma_t_quantile(p, 5) * sqrt(0.6);
    case STROMA_POWER_UNIFORM: return (p - 0.5) * sqrt(12);
    case STROMA_POWER_NORMAL: break;
    }
    return z;
}

/* Two groups with one limit: x is high, y low, of what is known. */
static void censor(powersim_set *s)
{
    const double limit = s->d->sd * limit_of(s);
    for (size_t i = 0; i < s->n; i++) {
        const bool below = s->x[i] < limit;
        s->y[i] = below ? -(double)INFINITY : s->x[i];
        if (below) s->x[i] = limit;
    }
}

/* Values below the limit are tied lowest: none of the measured ones lies below it. */
stroma_status powersim_mann_whitney(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_rank_options o = STROMA_RANK_OPTIONS_INIT;
    stroma_stat t;
    powersim_two_groups(s);
    if (s->d->censored_frac > 0) censor(s);
    o.alternative = s->side;
    const stroma_status status = stroma_mann_whitney(s->x + s->n1, s->n2, s->x, s->n1, &o, &t, err);
    *out = (powersim_outcome){ t.p, t.estimate, true };
    return status;
}

/* The second group's surplus of low values, observed over expected, has the other sign. */
stroma_status powersim_censored_test(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_censored_group by[2];
    stroma_stat t;
    powersim_two_groups(s);
    censor(s);
    const stroma_censored_sample sample = { s->y, s->x, s->n };
    STROMA_TRY(stroma_censored_logrank(&sample, s->group, 2, STROMA_CENSORED_PETO, &t, by, err));
    *out = (powersim_outcome){ t.p, by[1].expected - by[1].observed, false };
    return STROMA_OK;
}

stroma_status powersim_tobit(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const stroma_tobit_options o = { STROMA_SHAPE_NORMAL, STROMA_CENSORED_WALD, 0.95 };
    stroma_tobit *m = NULL;
    powersim_two_groups(s);
    censor(s);
    for (size_t i = 0; i < s->n; i++) {
        s->design[i] = 1;
        s->design[s->n + i] = (double)s->group[i];
    }
    const stroma_design design = { .rows = s->n, .columns = 2, .x = s->design, .intercept = true };
    const stroma_censored_sample sample = { s->y, s->x, s->n };
    STROMA_TRY(stroma_tobit_fit(&design, &sample, &o, &m, err));
    *out = (powersim_outcome){ m->likelihood_ratio.p, m->terms[1].estimate, false };
    stroma_tobit_free(m);
    return STROMA_OK;
}

/* Categories of the second group have the odds of being higher times the effect. */
static size_t category(powersim_set *s, double ratio)
{
    const double u = stroma_random_uniform(&s->random);
    double up_to = 0;
    for (size_t k = 0; k + 1 < s->d->categories; k++) {
        up_to += s->d->category[k];
        const double above = 1 - up_to, odds = ratio * above / up_to;
        if (u > odds / (1 + odds)) return k;
    }
    return s->d->categories - 1;
}

stroma_status powersim_ordinal(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const stroma_ordinal_options o = { STROMA_LOGISTIC_WALD, 0.95, 0 };
    size_t count[STROMA_POWER_CATEGORIES_MAX] = { 0 }, code[STROMA_POWER_CATEGORIES_MAX], k = 0;
    stroma_ordinal_model *m = NULL;
    for (size_t i = 0; i < s->n; i++) {
        const bool second = i >= s->n1;
        s->design[i] = second;
        s->subject[i] = category(s, second ? s->d->effect : 1);
        count[s->subject[i]]++;
    }
    for (size_t c = 0; c < s->d->categories;
         c++) /* categories without a subject are no categories */
        code[c] = count[c] > 0 ? k++ : 0;
    for (size_t i = 0; i < s->n; i++)
        s->subject[i] = code[s->subject[i]];
    const stroma_design design = { .rows = s->n, .columns = 1, .x = s->design };
    STROMA_TRY(stroma_ordinal_fit(&design, s->subject, k, &o, &m, err));
    *out = (powersim_outcome){ m->likelihood_ratio.p, m->coefficients[0], false };
    stroma_ordinal_free(m);
    return STROMA_OK;
}
