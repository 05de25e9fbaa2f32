/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several groups, repeated measures, pairs of variables. */
#include "powersim.h"

#include "stroma/stats_anova.h"
#include "stroma/stats_correlation.h"
#include "stroma/stats_variance.h"

#include <math.h>

/* Means of k groups on a line, with the SD (divisor k) that Cohen's f names. */
static double mean_of(size_t g, size_t k, double f)
{
    const double middle = ((double)k - 1) / 2;
    return f * ((double)g - middle) / sqrt(((double)k * (double)k - 1) / 12);
}

static void groups(powersim_set *s)
{
    const size_t k = s->d->groups;
    for (size_t i = 0; i < s->rows; i++) {
        const size_t g = i / s->n1;
        const double sd = g == k - 1 ? s->d->sd2 : s->d->sd;
        s->group[i] = g;
        s->x[i] = s->d->sd * mean_of(g, k, s->d->effect) + sd * powersim_error(s);
    }
}

static stroma_status keep(stroma_status status, const stroma_stat *t, powersim_outcome *out)
{
    *out = (powersim_outcome){ t->p, (double)NAN, true };
    return status;
}

stroma_status powersim_anova(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_stat t;
    groups(s);
    return keep(stroma_anova_one_way(s->x, s->group, s->rows, s->d->groups, NULL, &t, err), &t,
                out);
}

stroma_status powersim_anova_welch(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_stat t;
    groups(s);
    return keep(stroma_anova_welch(s->x, s->group, s->rows, s->d->groups, &t, err), &t, out);
}

stroma_status powersim_kruskal(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_stat t;
    groups(s);
    return keep(stroma_kruskal_wallis(s->x, s->group, s->rows, s->d->groups, &t, err), &t, out);
}

/* One group has SD sd2, the others sd. */
stroma_status powersim_levene(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_stat t;
    groups(s);
    return keep(stroma_levene(s->x, s->group, s->rows, s->d->groups, STROMA_LEVENE_MEDIAN, &t, err),
                &t, out);
}

stroma_status powersim_bartlett(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_stat t;
    groups(s);
    return keep(stroma_bartlett(s->x, s->group, s->rows, s->d->groups, &t, err), &t, out);
}

/* Visits share a subject's part of the variance: the correlation. */
static void visits(powersim_set *s)
{
    const size_t k = s->d->visits;
    const double shared = sqrt(s->d->correlation), own = sqrt(1 - s->d->correlation);
    for (size_t i = 0; i < s->n1; i++) {
        const double subject = powersim_error(s);
        for (size_t v = 0; v < k; v++)
            s->x[i * k + v] = s->d->sd * (mean_of(v, k, s->d->effect) + shared * subject +
                                          own * powersim_error(s));
    }
}

stroma_status powersim_rm_anova(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_rm_anova t;
    visits(s);
    const stroma_status status = stroma_anova_repeated(s->x, s->n1, s->d->visits, &t, err);
    return keep(status, &t.greenhouse_geisser, out);
}

stroma_status powersim_friedman(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_stat t;
    visits(s);
    return keep(stroma_friedman(s->x, s->n1, s->d->visits, &t, err), &t, out);
}

static void pairs(powersim_set *s)
{
    const double r = s->d->effect, rest = sqrt(1 - r * r);
    for (size_t i = 0; i < s->n; i++) {
        s->x[i] = powersim_error(s);
        s->y[i] = r * s->x[i] + rest * powersim_error(s);
    }
}

static stroma_status keep_estimate(stroma_status status, const stroma_stat *t,
                                   powersim_outcome *out)
{
    *out = (powersim_outcome){ t->p, t->estimate, false };
    return status;
}

stroma_status powersim_pearson(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_stat t;
    pairs(s);
    return keep_estimate(stroma_correlation_pearson(s->x, s->y, s->n, 0.95, &t, err), &t, out);
}

stroma_status powersim_spearman(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_stat t;
    pairs(s);
    return keep_estimate(stroma_correlation_spearman(s->x, s->y, s->n, STROMA_RANK_P_AUTO,
                                                     STROMA_SPEARMAN_BONETT_WRIGHT, 0.95, &t, err),
                         &t, out);
}

stroma_status powersim_kendall(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    stroma_stat t;
    pairs(s);
    return keep_estimate(
        stroma_correlation_kendall(s->x, s->y, s->n, STROMA_RANK_P_AUTO, 0.95, &t, err), &t, out);
}
