/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Cox model: estimates, tests, and what there is to say where there is no estimate. */
#include "cox_profile.h"
#include "small_matrix.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

static const stroma_cox_options defaults = STROMA_COX_OPTIONS_INIT;
static const char monotone[] =
    "the partial likelihood has no maximum: at every event those who fail are at an extreme";
static const char no_convergence[] = "the fit did not converge";
static const char dependent[] = "the column is constant, or a combination of earlier ones, among "
                                "those at risk";

void stroma_cox_free(stroma_cox_model *m)
{
    if (m == NULL) return;
    stroma_free(m->aliased);
    stroma_free(m->infinite);
    stroma_free(m->coefficients);
    stroma_free(m->covariance);
    stroma_free(m->covariance_robust);
    stroma_free(m->terms);
    stroma_free(m);
}

static const char *method_name(const stroma_cox_options *o)
{
    return o->firth ? "cox_firth" : "cox";
}

static stroma_cox_model *model_new(const stroma_cox_data *d, const stroma_cox_options *o)
{
    const size_t p = d->design->columns;
    stroma_cox_model *m = stroma_alloc_array(1, sizeof *m);
    if (m == NULL) return NULL;
    m->options = *o;
    m->rows = d->times.n;
    m->columns = p;
    m->reason = "";
    m->aliased = stroma_alloc_array(p, sizeof *m->aliased);
    m->infinite = stroma_alloc_array(p, sizeof *m->infinite);
    m->coefficients = stroma_alloc_array(2 * p, sizeof *m->coefficients);
    m->covariance = p > 30000 ? NULL : stroma_alloc_array(p * p, sizeof *m->covariance);
    m->terms = stroma_alloc_array(p, sizeof *m->terms);
    const bool robust = d->cluster != NULL;
    if (robust && p <= 30000)
        m->covariance_robust = stroma_alloc_array(p * p, sizeof *m->covariance_robust);
    if (m->aliased == NULL || m->infinite == NULL || m->coefficients == NULL ||
        m->covariance == NULL || m->terms == NULL || (robust && m->covariance_robust == NULL)) {
        stroma_cox_free(m);
        return NULL;
    }
    m->se = m->coefficients + p;
    for (size_t j = 0; j < p; j++) {
        m->coefficients[j] = m->se[j] = NAN;
        m->terms[j] = stroma_stat_empty(method_name(o));
        m->terms[j].level = o->level;
        m->terms[j].n_used = m->rows;
        m->terms[j].estimate_name = "log hazard ratio";
        m->terms[j].effect_name = "hazard ratio";
    }
    for (size_t j = 0; j < p * p; j++) {
        m->covariance[j] = NAN;
        if (robust) m->covariance_robust[j] = NAN;
    }
    m->likelihood_ratio = m->wald = m->score = stroma_stat_empty(method_name(o));
    m->concordance = stroma_stat_empty("concordance");
    m->log_likelihood = m->log_likelihood_null = NAN;
    return m;
}

static void chi_square(stroma_stat *s, const char *variant, double statistic, double df)
{
    s->variant = variant;
    s->statistic_name = "chi2";
    s->statistic = fmax(0, statistic);
    s->df = df;
    s->p = stroma_chi2_sf(s->statistic, df);
}

static void refuse(stroma_stat *s, const char *reason)
{
    s->not_estimable = true;
    s->reason = reason;
}

static void no_estimates(stroma_cox_model *m, const char *reason)
{
    m->reason = reason;
    refuse(&m->wald, reason);
    refuse(&m->concordance, reason);
    m->wald.variant = "Wald";
    for (size_t j = 0; j < m->columns; j++)
        refuse(&m->terms[j], m->aliased[j] ? dependent : reason);
}

/* Likelihood and score test at 0. */
static void at_null(cox_fit *f, stroma_cox_model *m)
{
    const size_t p = f->q.p;
    double statistic = NAN;
    memset(f->beta, 0, p * sizeof *f->beta);
    m->score.variant = "score";
    m->log_likelihood_null = NAN;
    if (!cox_at(&f->q, f->beta, &f->pt)) return;
    m->log_likelihood_null = f->pt.log_likelihood;
    memcpy(f->inverse, f->pt.information, p * p * sizeof *f->inverse);
    memcpy(f->step, f->pt.score, p * sizeof *f->step);
    if (!f->q.firth && survival_quadratic(f->step, f->inverse, p, &statistic))
        chi_square(&m->score, "score", statistic, (double)p);
    else
        refuse(&m->score, f->q.firth ? "not part of a penalised fit" : "singular information");
}

/* Under Firth: does the plain likelihood run away? */
static void plain_likelihood(cox_fit *f, stroma_cox_model *m)
{
    const size_t all = f->q.moments, p = f->q.p;
    cox_optimum o;
    f->q.firth = false;
    f->q.moments = 1 + p + p * (p + 1) / 2;
    memset(f->beta, 0, p * sizeof *f->beta);
    memset(f->fixed, 0, p * sizeof *f->fixed);
    cox_maximise(&f->q, f->fixed, f->beta, f->step, &f->pt, &o);
    m->monotone = o.monotone;
    for (size_t k = 0; o.monotone && k < p; k++)
        m->infinite[f->q.column[k]] = f->step[k] != 0;
    f->q.firth = true;
    f->q.moments = all;
}

static stroma_status robust(cox_fit *f, const stroma_cox_data *d, stroma_cox_model *m,
                            stroma_error *err)
{
    cox_problem *q = &f->q;
    const size_t p = q->p;
    if (d->clusters > SIZE_MAX / p / sizeof(double)) return stroma_no_memory(err);
    double *residual = stroma_alloc_array(q->n * p, sizeof *residual);
    double *sums = stroma_alloc_array(d->clusters * p, sizeof *sums);
    double *meat = stroma_alloc_array(2 * p * p, sizeof *meat), *half = NULL;
    stroma_status s =
        residual == NULL || sums == NULL || meat == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) s = cox_score_residuals(q, f->beta, residual, err);
    if (s == STROMA_OK) {
        half = meat + p * p;
        for (size_t i = 0; i < q->n; i++)
            for (size_t k = 0; k < p; k++)
                sums[d->cluster[q->t.by_stop[i]] * p + k] += residual[i * p + k];
        for (size_t c = 0; c < d->clusters; c++)
            for (size_t a = 0; a < p; a++)
                for (size_t b = 0; b < p; b++)
                    meat[a * p + b] += sums[c * p + a] * sums[c * p + b];
        small_multiply(f->inverse, meat, p, half);
        small_multiply(half, f->inverse, p, meat);
        for (size_t a = 0; a < p; a++)
            for (size_t b = 0; b < p; b++)
                m->covariance_robust[q->column[a] * m->columns + q->column[b]] =
                    meat[a * p + b] / (q->sd[a] * q->sd[b]);
    }
    stroma_free(meat);
    stroma_free(sums);
    stroma_free(residual);
    return s;
}

static void wald_term(const stroma_cox_model *m, stroma_stat *s, size_t j)
{
    const double z = stroma_normal_quantile(0.5 + m->options.level / 2);
    s->estimate = m->coefficients[j];
    s->se = m->se[j];
    s->lower = s->estimate - z * s->se;
    s->upper = s->estimate + z * s->se;
    s->interval_method = m->covariance_robust != NULL ? "Wald, robust" : "Wald";
    if (m->options.firth) return;
    s->statistic_name = "z";
    s->statistic = s->estimate / s->se;
    s->p = stroma_normal_two_sided(s->statistic);
}

/* Profile limits and (Firth) the penalised likelihood-ratio test of problem coefficient k. */
static void profile_term(cox_fit *f, const stroma_cox_model *m, size_t k, stroma_stat *s)
{
    const stroma_cox_options *o = &m->options;
    if (o->interval == STROMA_COX_PROFILE) {
        double limits[2];
        cox_profile(f, k, sqrt(f->inverse[k * f->q.p + k]), o->level, limits);
        s->lower = limits[0] / f->q.sd[k];
        s->upper = limits[1] / f->q.sd[k];
        s->interval_method = o->firth ? "profile penalised likelihood" : "profile likelihood";
        if (isnan(s->lower) || isnan(s->upper)) s->reason = "a profile limit was not found";
    }
    if (!o->firth) return;
    const double ratio = cox_profile_drop(f, k);
    if (isnan(ratio))
        s->reason = no_convergence;
    else
        chi_square(s, "", ratio, 1);
}

static void terms(cox_fit *f, stroma_cox_model *m)
{
    for (size_t j = 0; j < m->columns; j++)
        if (m->aliased[j]) refuse(&m->terms[j], dependent);
    for (size_t k = 0; k < f->q.p; k++) {
        const size_t j = f->q.column[k];
        stroma_stat *s = &m->terms[j];
        wald_term(m, s, j);
        profile_term(f, m, k, s);
        s->effect = exp(s->estimate);
        s->effect_lower = exp(s->lower);
        s->effect_upper = exp(s->upper);
    }
}

/* b' V^-1 b over the columns that have a coefficient; room for columns + columns² numbers. */
static void wald(const stroma_cox_model *m, const size_t *columns, size_t n, double *room,
                 stroma_stat *out)
{
    const double *v = m->covariance_robust != NULL ? m->covariance_robust : m->covariance;
    double *b = room, *a = room + n, statistic = NAN;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (m->aliased[columns[i]]) continue;
        size_t column = 0;
        b[kept] = m->coefficients[columns[i]];
        for (size_t k = 0; k <= i; k++)
            if (!m->aliased[columns[k]])
                a[kept * n + column++] = v[columns[i] * m->columns + columns[k]];
        kept++;
    }
    for (size_t i = 0; i < kept; i++)
        memmove(a + i * kept, a + i * n, kept * sizeof *a);
    out->variant = m->covariance_robust != NULL ? "Wald, robust" : "Wald";
    if (kept == 0)
        refuse(out, "no coefficient to test");
    else if (survival_quadratic(b, a, kept, &statistic))
        chi_square(out, out->variant, statistic, (double)kept);
    else
        refuse(out, m->covariance_robust != NULL
                        ? "fewer clusters than coefficients: the robust variance is singular"
                        : "the variance is singular");
}

stroma_status stroma_cox_joint_test(const stroma_cox_model *m, const size_t *columns, size_t n,
                                    stroma_stat *out, stroma_error *err)
{
    *out = stroma_stat_empty(method_name(&m->options));
    out->n_used = m->rows;
    for (size_t i = 0; i < n; i++)
        if (columns[i] >= m->columns)
            return stroma_fail(err, STROMA_E_USAGE, "column %zu is not below %zu", columns[i],
                               m->columns);
    if (m->reason[0] != '\0') {
        refuse(out, m->reason);
        return STROMA_OK;
    }
    double *room = n > 30000 ? NULL : stroma_alloc_array(n + n * n, sizeof *room);
    if (room == NULL) return stroma_no_memory(err);
    wald(m, columns, n, room, out);
    stroma_free(room);
    return STROMA_OK;
}

static stroma_status estimates(cox_fit *f, const stroma_cox_data *d, stroma_cox_model *m,
                               stroma_error *err)
{
    cox_problem *q = &f->q;
    const size_t p = q->p;
    for (size_t a = 0; a < p; a++) {
        m->coefficients[q->column[a]] = f->beta[a] / q->sd[a];
        for (size_t b = 0; b < p; b++)
            m->covariance[q->column[a] * m->columns + q->column[b]] =
                f->inverse[a * p + b] / (q->sd[a] * q->sd[b]);
    }
    if (d->cluster != NULL) STROMA_TRY(robust(f, d, m, err));
    const double *v = d->cluster != NULL ? m->covariance_robust : m->covariance;
    for (size_t a = 0; a < p; a++)
        m->se[q->column[a]] = sqrt(v[q->column[a] * (m->columns + 1)]);
    STROMA_TRY(stroma_cox_joint_test(m, q->column, p, &m->wald, err));
    STROMA_TRY(cox_concordance(q, d, m->options.level, &m->concordance, err));
    terms(f, m);
    return STROMA_OK;
}

static stroma_status fit_all(cox_fit *f, const stroma_cox_data *d, stroma_cox_model *m,
                             stroma_error *err)
{
    const size_t p = f->q.p;
    m->rank = p;
    m->events = f->q.events;
    m->merged = f->q.t.merged;
    m->likelihood_ratio.n_used = m->wald.n_used = m->score.n_used = m->rows;
    at_null(f, m);
    if (f->q.firth) plain_likelihood(f, m);
    memset(f->beta, 0, p * sizeof *f->beta);
    memset(f->fixed, 0, p * sizeof *f->fixed);
    cox_maximise(&f->q, f->fixed, f->beta, f->step, &f->pt, &f->top);
    m->iterations = f->top.iterations;
    m->log_likelihood = f->top.log_likelihood;
    if (f->top.ok || f->top.monotone)
        chi_square(&m->likelihood_ratio,
                   f->q.firth ? "penalised likelihood ratio" : "likelihood ratio",
                   2 * (m->log_likelihood - m->log_likelihood_null), (double)p);
    for (size_t k = 0; f->top.monotone && k < p; k++)
        m->infinite[f->q.column[k]] = f->step[k] != 0;
    m->monotone = m->monotone || f->top.monotone;
    /* under the penalty the information may still be nearly singular: say so, do not guess */
    if (f->top.ok && cox_at(&f->q, f->beta, &f->pt)) {
        memcpy(f->pt.work, f->pt.information, p * p * sizeof *f->inverse);
        if (small_cholesky(f->pt.work, p)) {
            small_inverse(f->pt.work, p, f->inverse);
            return estimates(f, d, m, err);
        }
    }
    no_estimates(m, f->top.monotone ? monotone : no_convergence);
    if (!f->top.monotone) refuse(&m->likelihood_ratio, no_convergence);
    return STROMA_OK;
}

stroma_status stroma_cox_fit(const stroma_cox_data *d, const stroma_cox_options *options,
                             stroma_cox_model **out, stroma_error *err)
{
    const stroma_cox_options *o = options == NULL ? &defaults : options;
    *out = NULL;
    if (d->times.n == 0 || d->design->columns == 0)
        return stroma_fail(err, STROMA_E_DEGENERATE, "a Cox model needs rows and columns");
    stroma_cox_model *m = model_new(d, o);
    if (m == NULL) return stroma_no_memory(err);
    cox_fit f = { 0 };
    stroma_status s = cox_problem_new(d, o, m->aliased, &f.q, err);
    if (s == STROMA_OK) s = cox_fit_new(&f, err);
    if (s == STROMA_OK) s = fit_all(&f, d, m, err);
    cox_fit_free(&f);
    if (s == STROMA_OK)
        *out = m;
    else
        stroma_cox_free(m);
    return s;
}
