/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpm.h"

#include "tobit.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"

#include <string.h>

/* Pairs whose order is checked for separation; beyond it growth of the coefficients tells. */
enum { PAIRS_MAX = 1000000 };
static const char beyond[] = "the columns order the values perfectly: there is no finite estimate";

void stroma_cpm_free(stroma_cpm *m)
{
    if (m == NULL) return;
    stroma_free(m->aliased);
    stroma_free(m->infinite);
    stroma_free(m->coefficients);
    stroma_free(m->covariance);
    stroma_free(m->terms);
    stroma_free(m->value);
    stroma_free(m->alpha);
    stroma_free(m);
}

static stroma_status model_new(const stroma_design *d, double level, stroma_cpm **out,
                               stroma_error *err)
{
    const size_t p = d->columns;
    stroma_cpm *m = *out = stroma_alloc_array(1, sizeof *m);
    if (m == NULL) return censored_no_memory(err);
    m->reason = "";
    m->rows = d->rows;
    m->columns = p;
    m->aliased = stroma_alloc_array(p, sizeof *m->aliased);
    m->infinite = stroma_alloc_array(p, sizeof *m->infinite);
    m->coefficients = stroma_alloc_array(p, sizeof *m->coefficients);
    m->covariance = p > 0 && p > SIZE_MAX / p ? NULL : stroma_alloc_array(p * p, sizeof(double));
    m->terms = stroma_alloc_array(p, sizeof *m->terms);
    if (m->aliased == NULL || m->infinite == NULL || m->coefficients == NULL ||
        m->covariance == NULL || m->terms == NULL)
        return censored_no_memory(err);
    m->log_likelihood = m->log_likelihood_null = (double)NAN;
    m->likelihood_ratio = stroma_stat_empty("cpm");
    for (size_t j = 0; j < p * p; j++)
        m->covariance[j] = (double)NAN;
    for (size_t j = 0; j < p; j++) {
        m->coefficients[j] = (double)NAN;
        m->terms[j] = stroma_stat_empty("cpm");
        m->terms[j].estimate_name = "log odds ratio";
        m->terms[j].level = level;
        m->terms[j].n_used = d->rows;
    }
    return STROMA_OK;
}

static void problem_free(cpm_problem *c)
{
    logistic_problem_free(&c->q);
    stroma_free(c->used);
    stroma_free(c->lower);
    stroma_free(c->upper);
    stroma_free(c->value);
}

/* Measured values below (or, with @p equal, at or below) a limit. */
static size_t values_below(const cpm_problem *c, double limit, bool equal)
{
    size_t low = 0, high = c->values_len;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (c->value[mid] < limit || (equal && c->value[mid] == limit))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

stroma_status cpm_thresholds(const stroma_censored_sample *s, cpm_problem *c, stroma_error *err)
{
    size_t k = 0;
    bool above = false;
    c->n = s->n;
    c->value = stroma_alloc_array(s->n, sizeof *c->value);
    c->lower = stroma_alloc_array(s->n, sizeof *c->lower);
    c->upper = stroma_alloc_array(s->n, sizeof *c->upper);
    if (c->value == NULL || c->lower == NULL || c->upper == NULL) return censored_no_memory(err);
    for (size_t i = 0; i < s->n; i++)
        if (censored_is_measured(s, i)) c->value[k++] = s->low[i];
    stroma_sort_doubles(c->value, k);
    for (size_t i = 0; i < k; i++)
        if (i == 0 || c->value[i] != c->value[i - 1]) c->value[c->values_len++] = c->value[i];
    for (size_t i = 0; i < s->n; i++) {
        c->below |= isinf(s->low[i]) && values_below(c, s->high[i], false) == 0;
        above |= isinf(s->high[i]) && values_below(c, s->low[i], true) == c->values_len;
    }
    const size_t categories = c->values_len + c->below + above;
    c->m = categories > 0 ? categories - 1 : 0;
    for (size_t i = 0; i < s->n; i++) {
        /* categories that may hold the value: first … last */
        size_t first = 0, last = c->m;
        if (!isinf(s->low[i])) first = c->below + values_below(c, s->low[i], isinf(s->high[i]));
        if (!isinf(s->high[i]))
            last = c->below + values_below(c, s->high[i], !isinf(s->low[i])) - 1;
        c->lower[i] = first == 0 ? CPM_OPEN : first - 1;
        c->upper[i] = last >= c->m ? CPM_OPEN : last;
    }
    return STROMA_OK;
}

/* The design with a constant before it, so that what the curve takes up is aliased. */
static stroma_status columns_of(const stroma_design *d, cpm_problem *c, stroma_cpm *m,
                                stroma_error *err)
{
    const size_t n = d->rows, p = d->columns + 1;
    stroma_design with = { .rows = n, .columns = p, .intercept = true };
    if (p > SIZE_MAX / n / sizeof(double)) return censored_no_memory(err);
    with.x = stroma_alloc_array(n * p, sizeof *with.x);
    bool *aliased = stroma_alloc_array(p, sizeof *aliased);
    double *y = stroma_alloc_array(n, sizeof *y);
    stroma_status s =
        with.x == NULL || aliased == NULL || y == NULL ? censored_no_memory(err) : STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < n; i++)
        with.x[i] = 1;
    if (s == STROMA_OK) {
        memcpy(with.x + n, d->x, n * d->columns * sizeof *d->x);
        s = logistic_problem_new(&with, y, true, aliased, &c->q, err);
    }
    c->q.y = NULL;
    if (s == STROMA_OK) {
        memcpy(m->aliased, aliased + 1, d->columns * sizeof *aliased);
        c->used = stroma_alloc_array(p, sizeof *c->used);
        if (c->used == NULL) s = censored_no_memory(err);
    }
    for (size_t k = 0; s == STROMA_OK && k < c->q.p; k++)
        if (k != c->q.intercept) c->used[c->p++] = k;
    m->rank = c->p;
    stroma_free(with.x);
    stroma_free(aliased);
    stroma_free(y);
    return s;
}

/* Rows by their lower threshold: start[t] … start[t + 1] of `row` have threshold t. */
typedef struct followers {
    size_t *start, *row;
} followers;

static stroma_status followers_of(const cpm_problem *c, followers *f, stroma_error *err)
{
    f->start = stroma_alloc_array(c->m + 2, sizeof *f->start);
    f->row = stroma_alloc_array(c->n, sizeof *f->row);
    if (f->start == NULL || f->row == NULL) return censored_no_memory(err);
    for (size_t i = 0; i < c->n; i++)
        if (c->lower[i] != CPM_OPEN) f->start[c->lower[i] + 2]++;
    for (size_t t = 2; t < c->m + 2; t++)
        f->start[t] += f->start[t - 1];
    for (size_t i = 0; i < c->n; i++) /* start[t + 1] moves to where it ends */
        if (c->lower[i] != CPM_OPEN) f->row[f->start[c->lower[i] + 1]++] = i;
    return STROMA_OK;
}

/* Rows i, j with j known to follow i at once: every order follows from these. */
static size_t pairs_of(const cpm_problem *c, const followers *f, size_t limit, double *x, double *y)
{
    size_t k = 0;
    for (size_t i = 0; i < c->n; i++) {
        const size_t t = c->upper[i];
        for (size_t at = t == CPM_OPEN ? 0 : f->start[t]; t != CPM_OPEN && at < f->start[t + 1];
             at++) {
            const size_t j = f->row[at];
            for (size_t l = 0; x != NULL && l < c->p; l++) {
                const double *column = c->q.x + c->used[l] * c->n;
                /* in turn a row of either class: the constraint is the same */
                x[l * limit + k] = (column[j] - column[i]) * (k % 2 == 0 ? 1 : -1);
            }
            if (y != NULL) y[k] = k % 2 == 0;
            if (++k > PAIRS_MAX) return k;
        }
    }
    return k;
}

/* Is there a direction along which the columns never fall while the values rise? */
static stroma_status separation(const cpm_problem *c, const followers *f, stroma_cpm *m,
                                stroma_error *err)
{
    const size_t pairs = pairs_of(c, f, 0, NULL, NULL);
    if (c->p == 0 || pairs == 0 || pairs > PAIRS_MAX || c->p > SIZE_MAX / pairs / 2)
        return STROMA_OK;
    double *x = stroma_alloc_array(pairs * c->p, sizeof *x);
    double *y = stroma_alloc_array(pairs, sizeof *y);
    bool *infinite = stroma_alloc_array(c->p, sizeof *infinite);
    stroma_status s =
        x == NULL || y == NULL || infinite == NULL ? censored_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) {
        stroma_separation found = STROMA_SEPARATION_NONE;
        const stroma_design d = { .rows = pairs, .columns = c->p, .x = x };
        (void)pairs_of(c, f, pairs, x, y);
        s = stroma_logistic_separation(&d, y, &found, infinite, err);
        if (s == STROMA_OK && found != STROMA_SEPARATION_NONE) {
            m->reason = beyond;
            for (size_t k = 0; k < c->p; k++)
                m->infinite[c->q.column[c->used[k]] - 1] = infinite[k];
        }
    }
    stroma_free(x);
    stroma_free(y);
    stroma_free(infinite);
    return s;
}

static stroma_status check_existence(const cpm_problem *c, stroma_cpm *m, stroma_error *err)
{
    followers f = { NULL, NULL };
    stroma_status s = followers_of(c, &f, err);
    if (s == STROMA_OK) s = separation(c, &f, m, err);
    stroma_free(f.start);
    stroma_free(f.row);
    return s;
}

static void take_terms(const cpm_problem *c, const double *beta, const double *covariance,
                       stroma_cpm *m)
{
    for (size_t k = 0; k < c->p; k++) {
        const size_t column = c->q.column[c->used[k]] - 1;
        const double sd = c->q.sd[c->used[k]];
        stroma_stat *s = &m->terms[column];
        s->estimate = m->coefficients[column] = beta[k] / sd;
        for (size_t l = 0; l < c->p; l++)
            m->covariance[column * m->columns + c->q.column[c->used[l]] - 1] =
                covariance[k * c->p + l] / sd / c->q.sd[c->used[l]];
        s->se = sqrt(covariance[k * c->p + k]) / sd;
        const double half = stroma_normal_quantile(0.5 + s->level / 2) * s->se;
        s->interval_method = "Wald";
        s->lower = s->estimate - half;
        s->upper = s->estimate + half;
        s->statistic_name = "z";
        s->statistic = s->estimate / s->se;
        s->p = stroma_normal_two_sided(s->statistic);
        s->effect_name = "odds ratio";
        s->effect = exp(s->estimate);
        s->effect_lower = exp(s->lower);
        s->effect_upper = exp(s->upper);
    }
}

/* The curve at x = 0, where the columns are not centred. */
static stroma_status take_curve(cpm_problem *c, const double *theta, stroma_cpm *m,
                                stroma_error *err)
{
    double shift = 0;
    for (size_t k = 0; k < c->p; k++)
        shift += c->q.mean[c->used[k]] / c->q.sd[c->used[k]] * theta[c->m + k];
    m->alpha = stroma_alloc_array(c->values_len, sizeof *m->alpha);
    if (m->alpha == NULL) return censored_no_memory(err);
    for (size_t v = 0; v < c->values_len; v++) {
        const size_t t = v + c->below;
        m->alpha[v] = t < c->m ? theta[t] + shift : (double)INFINITY;
    }
    m->value = c->value;
    m->values_len = c->values_len;
    c->value = NULL;
    return STROMA_OK;
}

static stroma_status estimate(cpm_problem *c, stroma_cpm *m, stroma_error *err)
{
    double *theta = stroma_alloc_array(c->m + c->p + c->p * c->p, sizeof *theta);
    if (theta == NULL) return censored_no_memory(err);
    double *covariance = theta + c->m + c->p;
    const size_t p = c->p;
    cpm_optimum null, best;
    c->p = 0;
    stroma_status s = cpm_maximise(c, theta, NULL, &null, err);
    c->p = p;
    if (s == STROMA_OK) s = cpm_maximise(c, theta, covariance, &best, err);
    if (s == STROMA_OK) {
        m->iterations = best.iterations;
        m->reason = best.reason;
        for (size_t k = 0; k < p; k++)
            if (fabs(theta[c->m + k]) > 30) m->reason = beyond; /* 30 SDs of the column */
    }
    if (s == STROMA_OK && m->reason[0] == '\0') {
        m->log_likelihood = best.log_likelihood;
        if (null.reason[0] == '\0') m->log_likelihood_null = null.log_likelihood;
        take_terms(c, theta + c->m, covariance, m);
        s = take_curve(c, theta, m, err);
    }
    stroma_free(theta);
    return s;
}

static stroma_status fit(const stroma_design *d, const stroma_censored_sample *sample,
                         stroma_cpm *m, stroma_error *err)
{
    cpm_problem c = { .n = sample->n };
    STROMA_TRY(stroma_censored_count(sample, &m->counts, err));
    if (m->counts.between > 0) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE,
                          "%zu values lie between limits: ranks cannot order them",
                          m->counts.between);
        stroma_hint(err, "use stroma stat tobit, which takes them");
        return STROMA_E_DEGENERATE;
    }
    stroma_status s = columns_of(d, &c, m, err);
    if (s == STROMA_OK) s = cpm_thresholds(sample, &c, err);
    if (s == STROMA_OK && c.m == 0) m->reason = "all values are equal or beyond one limit";
    if (s == STROMA_OK && m->reason[0] == '\0') s = check_existence(&c, m, err);
    if (s == STROMA_OK && m->reason[0] == '\0') s = estimate(&c, m, err);
    problem_free(&c);
    return s;
}

static void likelihood_ratio(double full, double reduced, size_t df, stroma_stat *s)
{
    s->variant = "likelihood ratio";
    if (df == 0 || isnan(full) || isnan(reduced)) {
        s->not_estimable = true;
        s->reason = df == 0 ? "nothing is left out" : "one of the models has no estimates";
        return;
    }
    s->statistic_name = "chi2";
    s->statistic = fmax(0, 2 * (full - reduced));
    s->df = (double)df;
    s->p = stroma_chi2_sf(s->statistic, s->df);
}

stroma_status stroma_cpm_fit(const stroma_design *design, const stroma_censored_sample *sample,
                             double level, stroma_cpm **out, stroma_error *err)
{
    stroma_cpm *m = NULL;
    *out = NULL;
    STROMA_TRY(censored_level(level, err));
    if (design->rows == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "a model needs rows");
    if (design->rows != sample->n)
        return stroma_fail(err, STROMA_E_USAGE, "%zu values for %zu rows of the design", sample->n,
                           design->rows);
    stroma_status s = model_new(design, level, &m, err);
    if (s == STROMA_OK) s = fit(design, sample, m, err);
    if (s != STROMA_OK) {
        stroma_cpm_free(m);
        return s;
    }
    for (size_t j = 0; j < m->columns; j++) {
        stroma_stat *t = &m->terms[j];
        t->not_estimable = m->aliased[j] || m->reason[0] != '\0';
        if (t->not_estimable)
            t->reason = m->aliased[j] ? "a constant, or depends on earlier columns" : m->reason;
    }
    m->likelihood_ratio.n_used = m->rows;
    likelihood_ratio(m->log_likelihood, m->log_likelihood_null, m->rank, &m->likelihood_ratio);
    *out = m;
    return STROMA_OK;
}

stroma_status stroma_cpm_joint_test(const stroma_design *design,
                                    const stroma_censored_sample *sample, const size_t *columns,
                                    size_t n, stroma_stat *out, stroma_error *err)
{
    stroma_cpm *full = NULL, *reduced = NULL;
    stroma_design less = { 0 };
    *out = stroma_stat_empty("cpm");
    stroma_status s = stroma_cpm_fit(design, sample, 0.95, &full, err);
    if (s == STROMA_OK) s = tobit_design_without(design, columns, n, &less, err);
    if (s == STROMA_OK) s = stroma_cpm_fit(&less, sample, 0.95, &reduced, err);
    if (s == STROMA_OK && full != NULL && reduced != NULL) {
        out->n_used = full->rows;
        likelihood_ratio(full->log_likelihood,
                         reduced->rank > 0 ? reduced->log_likelihood : full->log_likelihood_null,
                         full->rank - reduced->rank, out);
    }
    stroma_free(less.x);
    stroma_cpm_free(full);
    stroma_cpm_free(reduced);
    return s;
}

double stroma_cpm_cdf(const stroma_cpm *m, const double *x, double value)
{
    double eta = 0;
    size_t k = m->values_len;
    if (m->reason[0] != '\0') return (double)NAN;
    while (k > 0 && m->value[k - 1] > value)
        k--;
    if (k == 0) return m->counts.below > 0 ? (double)NAN : 0;
    for (size_t j = 0; j < m->columns; j++)
        if (!m->aliased[j]) eta += x[j] * m->coefficients[j];
    return isinf(m->alpha[k - 1]) ? 1 : logistic_expit(m->alpha[k - 1] - eta);
}

double stroma_cpm_quantile(const stroma_cpm *m, const double *x, double p)
{
    double eta = 0;
    if (m->reason[0] != '\0' || !(p > 0 && p < 1)) return (double)NAN;
    for (size_t j = 0; j < m->columns; j++)
        if (!m->aliased[j]) eta += x[j] * m->coefficients[j];
    for (size_t k = 0; k < m->values_len; k++) {
        const bool whole = isinf(m->alpha[k]);
        if (!whole && logistic_expit(m->alpha[k] - eta) < p) continue;
        /* the lowest step also holds what lies below it */
        return k == 0 && m->counts.below > 0 && !whole ? (double)NAN : m->value[k];
    }
    return (double)NAN;
}
