/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Estimates over completed sets: Rubin's rules, the jackknife, responders. */
#include "imputation.h"

#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

static stroma_imputation_estimate estimate_of(stroma_stat s)
{
    return (stroma_imputation_estimate){
        .stat = s, .within = NAN, .between = NAN, .missing_information = NAN
    };
}

static stroma_imputation_estimate cannot(const char *reason)
{
    return estimate_of(stroma_stat_cannot("multiple_imputation", reason));
}

/* Interval and p from estimate, SE and df; df infinite: normal. */
static void finish(stroma_stat *s, double level)
{
    const bool normal = isinf(s->df);
    const double q = normal ? stroma_normal_quantile(0.5 + level / 2)
                            : stroma_t_quantile(0.5 + level / 2, s->df);
    s->level = level;
    s->lower = s->estimate - q * s->se;
    s->upper = s->estimate + q * s->se;
    s->statistic = s->estimate / s->se;
    s->p = normal ? stroma_normal_two_sided(s->statistic) : stroma_t_two_sided(s->statistic, s->df);
    s->interval_method = normal ? "normal" : "t";
    s->statistic_name = normal ? "z" : "t";
    if (normal) s->df = NAN;
}

/* Barnard & Rubin's df; the share of the variance that is due to missing values. */
static double pooled_df(double between, double total, double n, double df_complete)
{
    if (!(between > 0)) return df_complete;
    const double share = (1 + 1 / n) * between / total;
    const double old = (n - 1) / (share * share);
    if (isinf(df_complete)) return old;
    const double seen = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share);
    return old * seen / (old + seen);
}

stroma_imputation_estimate stroma_rubin_pool(const double *estimates, const double *variances,
                                             size_t n, double df_complete, double level)
{
    double mean = 0, within = 0, between = 0;
    if (n < 2) return cannot("fewer than two completed sets");
    for (size_t k = 0; k < n; k++) {
        if (!isfinite(estimates[k]) || !isfinite(variances[k]))
            return cannot("not estimable in every completed set");
        mean += estimates[k] / (double)n;
        within += variances[k] / (double)n;
    }
    for (size_t k = 0; k < n; k++)
        between += (estimates[k] - mean) * (estimates[k] - mean) / (double)(n - 1);
    /* equal estimates can differ by rounding: nothing was imputed */
    if (between < 1e-26 * mean * mean) between = 0;
    const double total = within + (1 + 1 / (double)n) * between;
    if (!(total > 0)) return cannot("no variance within or between the completed sets");
    stroma_imputation_estimate out = estimate_of(stroma_stat_empty("multiple_imputation"));
    out.stat.variant = "Rubin";
    out.stat.estimate = mean;
    out.stat.se = sqrt(total);
    out.stat.df = pooled_df(between, total, (double)n, df_complete);
    out.within = within;
    out.between = between;
    const double r = (total - within) / within;
    const double extra = isinf(out.stat.df) ? 0 : 2 / (out.stat.df + 3);
    out.missing_information = between > 0 && within > 0 ? (r + extra) / (r + 1) : 0;
    finish(&out.stat, level);
    return out;
}

/* ---- analysis of covariance ---- */

/* Estimates and variances of every arm in every set: sets for each of 4 × groups. */
typedef struct table {
    const stroma_imputation *m;
    imputation_ancova ancova;
    double *y, *shift;             /* subjects */
    double *means;                 /* groups */
    double *estimates, *variances; /* 2 × groups × sets: means, then differences */
    double level;
    size_t visit;
} table;

static stroma_status table_make(table *t, stroma_arena *arena, stroma_error *err)
{
    const stroma_imputation *m = t->m;
    const size_t sets = m->state->jackknife != NULL ? m->subjects : m->sets;
    t->y = stroma_arena_alloc(arena, m->subjects, sizeof *t->y);
    t->shift = stroma_arena_alloc(arena, m->subjects, sizeof *t->shift);
    t->means = stroma_arena_alloc(arena, 2 * m->groups, sizeof *t->means);
    t->estimates = stroma_arena_alloc(arena, 2 * m->groups * sets, sizeof *t->estimates);
    t->variances = stroma_arena_alloc(arena, 2 * m->groups * sets, sizeof *t->variances);
    if (t->y == NULL || t->shift == NULL || t->means == NULL || t->estimates == NULL ||
        t->variances == NULL)
        return stroma_no_memory(err);
    return imputation_ancova_make(&t->ancova, m->state, arena, err);
}

static void shifted(const table *t, size_t set)
{
    const stroma_imputation *m = t->m;
    const double *own = m->completed + set * m->subjects * m->visits + t->visit;
    for (size_t i = 0; i < m->subjects; i++)
        t->y[i] = own[i * m->visits] + t->shift[i];
}

static void fill_rubin(table *t)
{
    const stroma_imputation *m = t->m;
    double variance = 0;
    for (size_t k = 0; k < m->sets; k++) {
        shifted(t, k);
        imputation_ancova_means(&t->ancova, t->y, 1, t->means, &variance);
        for (size_t g = 0; g < m->groups; g++) {
            const size_t mean = g * m->sets + k, difference = (m->groups + g) * m->sets + k;
            t->estimates[mean] = t->means[g];
            t->variances[mean] = variance * t->ancova.mean_factor[g];
            t->estimates[difference] = t->means[g] - t->means[m->reference];
            t->variances[difference] = variance * t->ancova.difference_factor[g];
        }
    }
}

/* The stored means without each subject, and what the shift adds to them. */
static bool fill_jackknife(table *t)
{
    const stroma_imputation *m = t->m;
    const stroma_imputation_state *s = m->state;
    double *added = t->means + m->groups;
    for (size_t k = 0; k < s->n; k++) {
        const double *own = s->jackknife + (k * s->visits + t->visit) * s->groups;
        if (!imputation_ancova_set(&t->ancova, k)) return false;
        imputation_ancova_means(&t->ancova, t->shift, 1, added, NULL);
        const double reference = own[m->reference] + added[m->reference];
        for (size_t g = 0; g < m->groups; g++) {
            t->estimates[g * s->n + k] = own[g] + added[g];
            t->estimates[(m->groups + g) * s->n + k] = own[g] + added[g] - reference;
        }
    }
    if (!imputation_ancova_set(&t->ancova, SIZE_MAX)) return false;
    shifted(t, 0);
    imputation_ancova_means(&t->ancova, t->y, 1, t->means, NULL);
    return true;
}

static stroma_imputation_estimate jackknife(double estimate, const double *x, size_t n,
                                            double level)
{
    double mean = 0, sum = 0;
    for (size_t k = 0; k < n; k++)
        mean += x[k] / (double)n;
    for (size_t k = 0; k < n; k++)
        sum += (x[k] - mean) * (x[k] - mean);
    stroma_imputation_estimate out = estimate_of(stroma_stat_empty("multiple_imputation"));
    out.stat.variant = "conditional mean, jackknife";
    out.stat.estimate = estimate;
    out.stat.se = sqrt(sum * (double)(n - 1) / (double)n);
    out.stat.df = INFINITY;
    if (!(out.stat.se > 0)) return cannot("the jackknife finds no variance");
    finish(&out.stat, level);
    return out;
}

static stroma_imputation_estimate answer(const table *t, size_t group, bool difference)
{
    const stroma_imputation *m = t->m;
    const size_t sets = m->state->jackknife != NULL ? m->subjects : m->sets;
    const size_t at = ((difference ? m->groups : 0) + group) * sets;
    stroma_imputation_estimate out;
    size_t n1 = 0, n2 = 0;
    if (difference && group == m->reference) return cannot("it is the reference");
    if (m->state->jackknife != NULL)
        out = jackknife(t->means[group] - (difference ? t->means[m->reference] : 0),
                        t->estimates + at, sets, t->level);
    else
        out = stroma_rubin_pool(t->estimates + at, t->variances + at, sets,
                                (double)(m->subjects - m->groups - m->covariates), t->level);
    for (size_t i = 0; i < m->subjects; i++) {
        n1 += m->state->group[i] == group;
        n2 += m->state->group[i] == m->reference;
    }
    out.stat.n_used = difference ? n1 + n2 : n1;
    out.stat.n1 = difference ? n1 : 0;
    out.stat.n2 = difference ? n2 : 0;
    out.stat.estimate_name = difference ? "difference of adjusted means" : "adjusted mean";
    return out;
}

stroma_status stroma_imputation_analyse(const stroma_imputation *m, size_t visit,
                                        const stroma_imputation_delta *delta, double level,
                                        stroma_imputation_estimate *means,
                                        stroma_imputation_estimate *differences, stroma_error *err)
{
    stroma_arena arena;
    table t = { .m = m, .level = level, .visit = visit };
    STROMA_TRY(imputation_shift_check(m, visit, delta, err));
    stroma_arena_init(&arena, (size_t)1 << 34);
    stroma_status st = table_make(&t, &arena, err);
    if (st == STROMA_OK) {
        imputation_shift(m->state, visit, delta, t.shift);
        bool done = m->state->jackknife == NULL ? imputation_ancova_set(&t.ancova, SIZE_MAX)
                                                : fill_jackknife(&t);
        if (done && m->state->jackknife == NULL) fill_rubin(&t);
        for (size_t g = 0; g < m->groups; g++) {
            if (means != NULL) means[g] = done ? answer(&t, g, false) : cannot("singular design");
            if (differences != NULL)
                differences[g] = done ? answer(&t, g, true) : cannot("singular design");
        }
    }
    stroma_arena_clear(&arena);
    return st;
}

/* ---- responders ---- */

/* Wilson's interval with t and the sample size that the missing information leaves (Lott & Reiter
 * 2020). */
static void wilson(stroma_imputation_estimate *e, double n, double level)
{
    stroma_stat *s = &e->stat;
    if (s->not_estimable) return;
    const double r = e->within > 0 ? (s->se * s->se - e->within) / e->within : 0;
    const double df = isnan(s->df) ? (double)INFINITY : s->df;
    const double q = isinf(df) ? stroma_normal_quantile(0.5 + level / 2)
                               : stroma_t_quantile(0.5 + level / 2, df);
    const double k = q * q * (1 + r) / n, p = s->estimate;
    const double half = sqrt(k * k / 4 + k * p * (1 - p));
    s->lower = fmax(0, (p + k / 2 - half) / (1 + k));
    s->upper = fmin(1, (p + k / 2 + half) / (1 + k));
    s->interval_method = "Wilson, imputed";
    s->statistic = s->p = NAN;
    s->statistic_name = "";
}

/* Rubin's rules; without any variance the estimate stands alone: all sets agree, and in each arm
 * everybody responds or nobody. */
static stroma_imputation_estimate pool_counts(const double *x, const double *v, size_t n,
                                              double level)
{
    stroma_imputation_estimate e = stroma_rubin_pool(x, v, n, INFINITY, level);
    for (size_t k = 0; k < n; k++)
        if (v[k] > 0 || x[k] != x[0] || !isfinite(x[k])) return e;
    e = estimate_of(stroma_stat_empty("multiple_imputation"));
    e.stat.variant = "Rubin";
    e.stat.estimate = x[0];
    e.stat.level = level;
    e.within = e.between = e.missing_information = 0;
    return e;
}

static bool responds(const stroma_imputation_response *r, size_t i, double y)
{
    if (r->nonresponse != NULL && r->nonresponse[i]) return false;
    return r->at_least ? y >= r->threshold[i] : y <= r->threshold[i];
}

/* Proportion of responders in each arm of each set. */
static void fill_responses(table *t, const stroma_imputation_response *r, const size_t *size)
{
    const stroma_imputation *m = t->m;
    for (size_t k = 0; k < m->sets; k++) {
        memset(t->means, 0, m->groups * sizeof *t->means);
        shifted(t, k);
        for (size_t i = 0; i < m->subjects; i++)
            t->means[m->state->group[i]] += responds(r, i, t->y[i]);
        const double reference = t->means[m->reference] / (double)size[m->reference];
        const double of_reference = reference * (1 - reference) / (double)size[m->reference];
        for (size_t g = 0; g < m->groups; g++) {
            const size_t own = g * m->sets + k, difference = (m->groups + g) * m->sets + k;
            const double p = t->means[g] / (double)size[g];
            t->estimates[own] = p;
            t->variances[own] = p * (1 - p) / (double)size[g];
            t->estimates[difference] = p - reference;
            t->variances[difference] = t->variances[own] + of_reference;
        }
    }
}

static void response_answers(const table *t, const size_t *size,
                             stroma_imputation_estimate *proportions,
                             stroma_imputation_estimate *differences)
{
    const stroma_imputation *m = t->m;
    for (size_t g = 0; g < m->groups; g++) {
        const double *x = t->estimates + g * m->sets, *v = t->variances + g * m->sets;
        if (proportions != NULL) {
            proportions[g] = pool_counts(x, v, m->sets, t->level);
            wilson(&proportions[g], (double)size[g], t->level);
            proportions[g].stat.estimate_name = "proportion";
            proportions[g].stat.n_used = size[g];
        }
        if (differences == NULL) continue;
        differences[g] =
            pool_counts(x + m->groups * m->sets, v + m->groups * m->sets, m->sets, t->level);
        if (isnan(differences[g].stat.se) && !differences[g].stat.not_estimable)
            differences[g].stat.reason =
                "in both groups everybody responds or nobody: no interval by Rubin's rules";
        if (g == m->reference) differences[g] = cannot("it is the reference");
        differences[g].stat.estimate_name = "risk difference";
        differences[g].stat.n1 = size[g];
        differences[g].stat.n2 = size[m->reference];
        differences[g].stat.n_used = size[g] + size[m->reference];
    }
}

stroma_status stroma_imputation_respond(const stroma_imputation *m, size_t visit,
                                        const stroma_imputation_delta *delta,
                                        const stroma_imputation_response *response, double level,
                                        stroma_imputation_estimate *proportions,
                                        stroma_imputation_estimate *differences, stroma_error *err)
{
    stroma_arena arena;
    table t = { .m = m, .level = level, .visit = visit };
    STROMA_TRY(imputation_shift_check(m, visit, delta, err));
    stroma_arena_init(&arena, (size_t)1 << 34);
    stroma_status st = table_make(&t, &arena, err);
    size_t *size = stroma_arena_alloc(&arena, m->groups, sizeof *size);
    if (st == STROMA_OK && size == NULL) st = stroma_no_memory(err);
    for (size_t i = 0; st == STROMA_OK && i < m->subjects; i++)
        if (isnan(response->threshold[i]))
            st = stroma_fail(err, STROMA_E_USAGE, "subject %zu has no threshold", i + 1);
        else
            size[m->state->group[i]]++;
    if (st == STROMA_OK && m->draws == STROMA_DRAWS_CONDITIONAL_MEAN) {
        for (size_t g = 0; g < m->groups; g++) {
            if (proportions != NULL)
                proportions[g] = cannot("responders are not counted in conditional means");
            if (differences != NULL)
                differences[g] = cannot("responders are not counted in conditional means");
        }
    } else if (st == STROMA_OK) {
        imputation_shift(m->state, visit, delta, t.shift);
        fill_responses(&t, response, size);
        response_answers(&t, size, proportions, differences);
    }
    stroma_arena_clear(&arena);
    return st;
}
