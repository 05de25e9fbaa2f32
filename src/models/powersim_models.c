/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fitted models. */
#include "powersim.h"

#include "stroma/models_logistic.h"
#include "stroma/models_mmrm.h"
#include "stroma/models_roc.h"

#include <math.h>

/* Positives (first group) are higher by √2·Φ⁻¹(AUC) SD, which is the effect's meaning for normal
 * errors. The p-value is Mann-Whitney's. */
stroma_status powersim_auc(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const double shift = sqrt(2) * stroma_normal_quantile_as241(s->d->effect);
    stroma_stat t;
    for (size_t i = 0; i < s->n; i++)
        s->x[i] = (i < s->n1 ? shift : 0) + powersim_error(s);
    const stroma_roc_sample sample = { s->x, s->n1, s->x + s->n1, s->n2, STROMA_ROC_HIGHER };
    const stroma_status status = stroma_auc(&sample, NULL, &t, err);
    *out = (powersim_outcome){ t.p, t.estimate - 0.5, false };
    return status;
}

/* Change from a baseline that correlates with the outcome; equal variances. */
stroma_status powersim_ancova(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const double r = s->d->correlation, rest = sqrt(1 - r * r);
    stroma_ancova_result *a = NULL;
    for (size_t i = 0; i < s->n; i++) {
        const double base = powersim_error(s), second = i >= s->n1;
        const double follow = r * base + rest * powersim_error(s);
        s->y[i] = s->d->sd * base;
        s->x[i] = s->d->sd * (follow - base) + second * s->d->effect;
        s->group[i] = i >= s->n1;
    }
    STROMA_TRY(stroma_ancova(s->x, s->y, s->group, s->n, 2, 0.95, &a, err));
    *out = (powersim_outcome){ a->contrasts[0].p, a->contrasts[0].estimate, false };
    stroma_ancova_free(a);
    return STROMA_OK;
}

/* Columns 1, treatment, marker, treatment·marker. */
static stroma_design interaction_design(powersim_set *s, bool yes_no)
{
    double *x = s->design;
    const size_t n = s->n;
    for (size_t i = 0; i < n; i++) {
        const double marker = yes_no ? stroma_random_uniform(&s->random) < s->d->p1
                                     : stroma_random_normal(&s->random);
        x[i] = 1;
        x[n + i] = i >= s->n1;
        x[2 * n + i] = marker;
        x[3 * n + i] = x[n + i] * marker;
    }
    return (stroma_design){ .rows = n, .columns = 4, .x = x, .intercept = true };
}

static stroma_status linear_interaction(powersim_set *s, bool yes_no, powersim_outcome *out,
                                        stroma_error *err)
{
    const stroma_design design = interaction_design(s, yes_no);
    stroma_linear_model *m = NULL;
    for (size_t i = 0; i < s->n; i++)
        s->y[i] = s->d->effect * design.x[3 * s->n + i] + s->d->sd * powersim_error(s);
    STROMA_TRY(stroma_linear_model_fit(&design, s->y, NULL, &m, err));
    const stroma_stat t = stroma_linear_coefficient(m, 3, 0.95);
    *out = (powersim_outcome){ t.p, t.estimate, false };
    stroma_linear_model_free(m);
    return STROMA_OK;
}

stroma_status powersim_interaction(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    return linear_interaction(s, true, out, err);
}

stroma_status powersim_interaction_slope(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    return linear_interaction(s, false, out, err);
}

/* Firth's model of an event by group. */
stroma_status powersim_logistic(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const size_t treatment = 1;
    stroma_stat t;
    double count[2] = { 0, 0 };
    for (size_t i = 0; i < s->n; i++) {
        const bool second = i >= s->n1;
        s->design[i] = 1;
        s->design[s->n + i] = second;
        s->y[i] = stroma_random_uniform(&s->random) < (second ? s->d->effect : s->d->p1);
        count[second] += s->y[i];
    }
    const stroma_design design = { .rows = s->n, .columns = 2, .x = s->design, .intercept = true };
    const stroma_status status =
        stroma_logistic_joint_test(&design, s->y, true, &treatment, 1, &t, err);
    *out = (powersim_outcome){ t.p, count[1] / (double)s->n2 - count[0] / (double)s->n1, false };
    return status;
}

/* The same with a marker: cells control−, control+, treated−; the effect is the ratio of odds
 * ratios that makes treated+. */
stroma_status powersim_interaction_binary(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const stroma_design design = interaction_design(s, true);
    const double *c = s->d->cell;
    const size_t product = 3;
    stroma_stat t;
    const double odds = c[1] / (1 - c[1]) * c[2] / (1 - c[2]) / (c[0] / (1 - c[0])) * s->d->effect;
    const double p[] = { c[0], c[1], c[2], odds / (1 + odds) };
    for (size_t i = 0; i < s->n; i++) {
        const size_t cell = (design.x[s->n + i] > 0 ? 2 : 0) + (design.x[2 * s->n + i] > 0 ? 1 : 0);
        s->y[i] = stroma_random_uniform(&s->random) < p[cell];
    }
    const stroma_status status =
        stroma_logistic_joint_test(&design, s->y, true, &product, 1, &t, err);
    *out = (powersim_outcome){ t.p, (double)NAN, true };
    return status;
}

/* A subject's errors: CS by a shared part, AR(1) by a chain; both have SD 1. */
static void subject_errors(powersim_set *s, double *e)
{
    const double r = s->d->correlation;
    const bool chain = s->d->structure == STROMA_POWER_VISITS_AR1;
    const double subject = chain ? 0 : powersim_error(s);
    for (size_t v = 0; v < s->d->visits; v++) {
        const double own = powersim_error(s);
        if (chain)
            e[v] = v == 0 ? own : r * e[v - 1] + sqrt(1 - r * r) * own;
        else
            e[v] = sqrt(r) * subject + sqrt(1 - r) * own;
    }
}

/* Visits by columns 0 … k−1, treatment at each visit by k … 2k−1. A subject leaves for good, at
 * random, as the retention says; the effect builds up in a line to the last visit. */
static size_t fill_visits(powersim_set *s)
{
    const size_t k = s->d->visits, all = s->rows;
    double e[STROMA_POWER_VISITS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < 2 * k * all; i++)
        s->design[i] = 0;
    for (size_t i = 0; i < s->n; i++) {
        const size_t second = i >= s->n1;
        const double stays = stroma_random_uniform(&s->random);
        subject_errors(s, e);
        for (size_t v = 0; v < k && stays < s->d->retention[second][v]; v++) {
            const double built_up = (double)(v + 1) / (double)k;
            s->y[n] = s->d->sd * e[v] + (double)second * s->d->effect * built_up;
            s->subject[n] = i;
            s->visit[n] = v;
            s->group[n++] = second;
        }
    }
    for (size_t i = 0; i < n; i++) {
        s->design[s->visit[i] * n + i] = 1;
        s->design[(k + s->visit[i]) * n + i] = (double)s->group[i];
    }
    return n;
}

/* Unstructured covariance and linear Kenward-Roger, as `stroma stat mmrm`. */
stroma_status powersim_mmrm(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const size_t k = s->d->visits, n = fill_visits(s);
    double last[2 * STROMA_POWER_VISITS_MAX] = { 0 };
    const stroma_design design = { .rows = n, .columns = 2 * k, .x = s->design };
    const stroma_mmrm_data data = { .design = &design,
                                    .y = s->y,
                                    .subject = s->subject,
                                    .visit = s->visit,
                                    .subjects = s->n,
                                    .visits = k,
                                    .groups = 1 };
    stroma_mmrm *m = NULL;
    STROMA_TRY(stroma_mmrm_fit(&data, NULL, &m, err));
    last[2 * k - 1] = 1;
    const stroma_stat t = stroma_mmrm_contrast(m, last, 0, 0.95);
    *out = (powersim_outcome){ t.p, t.estimate, false };
    stroma_mmrm_free(m);
    return STROMA_OK;
}
