/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logistic models by maximum likelihood and by Firth's penalised likelihood. */
#include "logistic_problem.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

static const stroma_logistic_options defaults = STROMA_LOGISTIC_OPTIONS_INIT;
static const char separated[] =
    "the classes are separated: the maximum of the likelihood does not exist";
static const char no_convergence[] = "the fit did not converge";
static const char dependent[] = "the column is a linear combination of earlier ones";

void stroma_logistic_free(stroma_logistic_model *m)
{
    if (m == NULL) return;
    stroma_free(m->aliased);
    stroma_free(m->infinite);
    stroma_free(m->coefficients);
    stroma_free(m->se);
    stroma_free(m->covariance);
    stroma_free(m->terms);
    stroma_free(m->fitted);
    stroma_free(m);
}

static const char *method_name(bool firth)
{
    return firth ? "logistic_firth" : "logistic";
}

static stroma_logistic_model *model_new(size_t n, size_t p, const stroma_logistic_options *o)
{
    stroma_logistic_model *m = stroma_alloc_array(1, sizeof *m);
    if (m == NULL) return NULL;
    m->firth = o->firth;
    m->rows = n;
    m->columns = p;
    m->reason = "";
    m->aliased = stroma_alloc_array(p, sizeof *m->aliased);
    m->infinite = stroma_alloc_array(p, sizeof *m->infinite);
    m->coefficients = stroma_alloc_array(p, sizeof *m->coefficients);
    m->se = stroma_alloc_array(p, sizeof *m->se);
    m->covariance = p > SIZE_MAX / p ? NULL : stroma_alloc_array(p * p, sizeof *m->covariance);
    m->terms = stroma_alloc_array(p, sizeof *m->terms);
    m->fitted = stroma_alloc_array(n, sizeof *m->fitted);
    if (m->aliased == NULL || m->infinite == NULL || m->coefficients == NULL || m->se == NULL ||
        m->covariance == NULL || m->terms == NULL || m->fitted == NULL) {
        stroma_logistic_free(m);
        return NULL;
    }
    for (size_t j = 0; j < p; j++) {
        m->coefficients[j] = m->se[j] = NAN;
        m->terms[j] = stroma_stat_empty(method_name(o->firth));
        m->terms[j].level = o->level;
        m->terms[j].n_used = n;
        m->terms[j].estimate_name = "log odds ratio";
        m->terms[j].effect_name = "odds ratio";
    }
    for (size_t j = 0; j < p * p; j++)
        m->covariance[j] = NAN;
    for (size_t i = 0; i < n; i++)
        m->fitted[i] = NAN;
    m->log_likelihood = m->log_likelihood_null = m->brier = m->flic_intercept = NAN;
    m->likelihood_ratio = stroma_stat_empty(method_name(o->firth));
    m->likelihood_ratio.variant = o->firth ? "penalised likelihood ratio" : "likelihood ratio";
    return m;
}

static void refuse(stroma_logistic_model *m, const char *reason)
{
    m->reason = reason;
    m->likelihood_ratio.not_estimable = true;
    m->likelihood_ratio.reason = reason;
    for (size_t j = 0; j < m->columns; j++) {
        m->terms[j].not_estimable = true;
        m->terms[j].reason = m->aliased[j] ? dependent : reason;
    }
}

/* What one fit needs: slopes are worked out on centred columns, the intercept's profile is not. */
typedef struct fit {
    logistic_problem q;
    double *beta, *other, *form, *inverse; /* p, p, p, p × p */
    bool *fixed;
    logistic_optimum top;
} fit;

static void fit_free(fit *f)
{
    logistic_problem_free(&f->q);
    stroma_free(f->beta);
    stroma_free(f->fixed);
    *f = (fit){ 0 };
}

static stroma_status fit_new(const stroma_design *d, const double *y, bool firth, bool centred,
                             bool *aliased, fit *f, stroma_error *err)
{
    *f = (fit){ 0 };
    STROMA_TRY(logistic_problem_new(d, y, centred, aliased, &f->q, err));
    const size_t p = f->q.p;
    f->q.firth = firth;
    f->beta = stroma_alloc_array(3 * p + p * p, sizeof *f->beta);
    f->fixed = stroma_alloc_array(p, sizeof *f->fixed);
    if (f->beta == NULL || f->fixed == NULL) {
        fit_free(f);
        return stroma_no_memory(err);
    }
    f->other = f->beta + p;
    f->form = f->beta + 2 * p;
    f->inverse = f->beta + 3 * p;
    return STROMA_OK;
}

/* In the units of the design: a penalty grows with the scale of the columns. */
static double unscaled(const logistic_problem *q, double log_likelihood)
{
    for (size_t k = 0; q->firth && k < q->p; k++)
        log_likelihood += log(fabs(q->sd[k]));
    return log_likelihood;
}

static void chi_square(stroma_stat *s, double ratio, double df)
{
    s->statistic_name = "chi2";
    s->statistic = fmax(0, 2 * ratio);
    s->df = df;
    s->p = df > 0 ? stroma_chi2_sf(s->statistic, df) : (double)NAN;
}

static void coefficients(fit *f, stroma_logistic_model *m)
{
    const logistic_problem *q = &f->q;
    const size_t p = q->p;
    /* covariance = T V T', row by row of T */
    double *half = f->other;
    for (size_t a = 0; a < p; a++) {
        const size_t ja = q->column[a];
        logistic_form(q, a, f->form);
        double sum = 0;
        for (size_t k = 0; k < p; k++) {
            sum += f->form[k] * f->beta[k];
            half[k] = 0;
            for (size_t r = 0; r < p; r++)
                half[k] += f->form[r] * f->inverse[r * p + k];
        }
        m->coefficients[ja] = sum;
        for (size_t b = 0; b <= a; b++) {
            const size_t jb = q->column[b];
            double v = 0;
            logistic_form(q, b, f->form);
            for (size_t k = 0; k < p; k++)
                v += half[k] * f->form[k];
            m->covariance[ja * m->columns + jb] = m->covariance[jb * m->columns + ja] = v;
        }
        m->se[ja] = sqrt(m->covariance[ja * m->columns + ja]);
    }
}

static void fitted(const fit *f, stroma_logistic_model *m)
{
    const logistic_problem *q = &f->q;
    double loss = 0, offset = 0;
    for (size_t i = 0; i < q->n; i++) {
        double eta = 0;
        for (size_t k = 0; k < q->p; k++)
            eta += q->x[k * q->n + i] * f->beta[k];
        m->fitted[i] = logistic_expit(eta);
        loss += (q->y[i] - m->fitted[i]) * (q->y[i] - m->fitted[i]);
    }
    m->brier = loss / (double)q->n;
    if (!q->firth || q->intercept == SIZE_MAX) return;
    /* the likelihood equation of the intercept alone; concave, so Newton from the fit goes home */
    for (int k = 0; k < 100; k++) {
        double score = 0, curve = 0;
        for (size_t i = 0; i < q->n; i++) {
            const double odds = log(m->fitted[i] / (1 - m->fitted[i])) + offset;
            const double pi = logistic_expit(odds);
            score += q->y[i] - pi;
            curve += pi * (1 - pi);
        }
        const double step = fmax(-2, fmin(2, score / curve));
        if (!isfinite(step)) return;
        offset += step;
        if (fabs(step) < 1e-13) break;
    }
    const size_t j = q->column[q->intercept];
    m->flic_intercept = m->coefficients[j] + offset / q->sd[q->intercept];
}

/* Fit with the coefficients in f->fixed held at 0, from the full fit. */
static stroma_status restricted(fit *f, const double *from, logistic_optimum *o, stroma_error *err)
{
    for (size_t k = 0; k < f->q.p; k++)
        f->other[k] = f->fixed[k] ? 0 : from[k];
    STROMA_TRY(logistic_maximise(&f->q, f->fixed, f->other, o, err));
    return STROMA_OK;
}

/* Profile limits and (Firth) likelihood-ratio test of one problem coefficient. */
static stroma_status profile_term(fit *f, size_t k, const stroma_logistic_options *o,
                                  stroma_stat *s, stroma_error *err)
{
    const double scale = f->q.sd[k], se = s->se * fabs(scale);
    double limits[2];
    if (!f->top.ok) {
        s->lower = s->upper = NAN;
        s->reason = no_convergence;
        return STROMA_OK;
    }
    if (o->interval == STROMA_LOGISTIC_PROFILE) {
        STROMA_TRY(
            logistic_profile(&f->q, k, f->beta, f->top.log_likelihood, se, o->level, limits, err));
        s->lower = limits[scale < 0] / scale;
        s->upper = limits[scale > 0] / scale;
        if (isnan(s->lower) || isnan(s->upper)) s->reason = "a profile limit was not found";
    }
    if (!o->firth) return STROMA_OK;
    logistic_optimum null;
    for (size_t i = 0; i < f->q.p; i++)
        f->fixed[i] = i == k;
    STROMA_TRY(restricted(f, f->beta, &null, err));
    if (null.ok)
        chi_square(s, f->top.log_likelihood - null.log_likelihood, 1);
    else
        s->reason = no_convergence;
    return STROMA_OK;
}

static void wald(stroma_stat *s, const stroma_logistic_options *o)
{
    if (!o->firth) {
        s->statistic_name = "z";
        s->statistic = s->estimate / s->se;
        s->p = stroma_normal_two_sided(s->statistic);
    }
    const double z = stroma_normal_quantile(0.5 + o->level / 2);
    s->lower = s->estimate - z * s->se;
    s->upper = s->estimate + z * s->se;
    s->interval_method = "Wald";
    if (o->interval == STROMA_LOGISTIC_PROFILE)
        s->interval_method = o->firth ? "profile penalised likelihood" : "profile likelihood";
}

/* @param plain the same model on columns that are not centred, for the intercept */
static stroma_status terms(fit *f, fit *plain, stroma_logistic_model *m,
                           const stroma_logistic_options *o, stroma_error *err)
{
    for (size_t j = 0; j < m->columns; j++)
        if (m->aliased[j]) {
            m->terms[j].not_estimable = true;
            m->terms[j].reason = dependent;
        }
    for (size_t k = 0; k < f->q.p; k++) {
        const size_t j = f->q.column[k];
        stroma_stat *s = &m->terms[j];
        s->estimate = m->coefficients[j];
        s->se = m->se[j];
        wald(s, o);
        STROMA_TRY(profile_term(k == f->q.intercept ? plain : f, k, o, s, err));
        s->effect = exp(s->estimate);
        s->effect_lower = exp(s->lower);
        s->effect_upper = exp(s->upper);
    }
    return STROMA_OK;
}

static stroma_status whole_model(fit *f, stroma_logistic_model *m, stroma_error *err)
{
    logistic_optimum null;
    for (size_t k = 0; k < f->q.p; k++)
        f->fixed[k] = k != f->q.intercept;
    STROMA_TRY(restricted(f, f->beta, &null, err));
    m->log_likelihood = unscaled(&f->q, f->top.log_likelihood);
    m->log_likelihood_null = unscaled(&f->q, null.log_likelihood);
    const bool constant = f->q.intercept != SIZE_MAX;
    m->likelihood_ratio.n_used = m->rows;
    m->likelihood_ratio.n1 = m->events;
    m->likelihood_ratio.n2 = m->rows - m->events;
    if (!null.ok)
        m->likelihood_ratio.reason = no_convergence;
    else
        chi_square(&m->likelihood_ratio, f->top.log_likelihood - null.log_likelihood,
                   (double)(m->rank - (constant ? 1 : 0)));
    return STROMA_OK;
}

/* The full fit of a problem; what is fixed stays at 0. */
static stroma_status maximum(fit *f, stroma_error *err)
{
    for (size_t k = 0; k < f->q.p; k++) {
        f->fixed[k] = false;
        f->beta[k] = 0;
    }
    return logistic_maximise(&f->q, f->fixed, f->beta, &f->top, err);
}

static stroma_status fit_both(fit *f, fit *plain, const stroma_design *d, const double *y,
                              const stroma_logistic_options *o, stroma_logistic_model *m,
                              stroma_error *err)
{
    STROMA_TRY(fit_new(d, y, o->firth, true, m->aliased, f, err));
    m->rank = f->q.p;
    STROMA_TRY(logistic_separate(&f->q, &m->separation, m->infinite, err));
    if (m->separation != STROMA_SEPARATION_NONE && !o->firth) {
        refuse(m, separated);
        return STROMA_OK;
    }
    STROMA_TRY(maximum(f, err));
    if (f->top.ok) f->top.ok = logistic_inverse_information(&f->q, f->beta, f->inverse);
    m->iterations = f->top.iterations;
    if (!f->top.ok) {
        refuse(m, no_convergence);
        return STROMA_OK;
    }
    coefficients(f, m);
    fitted(f, m);
    if (f->q.intercept != SIZE_MAX) {
        STROMA_TRY(fit_new(d, y, o->firth, false, m->aliased, plain, err));
        for (size_t k = 0; k < plain->q.p; k++)
            plain->beta[k] = m->coefficients[plain->q.column[k]] * plain->q.sd[k];
        STROMA_TRY(logistic_maximise(&plain->q, plain->fixed, plain->beta, &plain->top, err));
        plain->q.intercept = f->q.intercept;
    }
    STROMA_TRY(terms(f, plain, m, o, err));
    return whole_model(f, m, err);
}

static stroma_status check_classes(const stroma_design *d, const double *y, size_t *events,
                                   stroma_error *err)
{
    STROMA_TRY(logistic_check(d, y, err));
    *events = 0;
    for (size_t i = 0; i < d->rows; i++)
        *events += y[i] > 0;
    if (*events > 0 && *events < d->rows) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE, "all %zu outcomes are %d", d->rows, *events > 0);
}

stroma_status stroma_logistic_fit(const stroma_design *design, const double *y,
                                  const stroma_logistic_options *options,
                                  stroma_logistic_model **out, stroma_error *err)
{
    const stroma_logistic_options *o = options == NULL ? &defaults : options;
    size_t events = 0;
    *out = NULL;
    if (!(o->level > 0 && o->level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g is not between 0 and 1", o->level);
    STROMA_TRY(check_classes(design, y, &events, err));
    stroma_logistic_model *m = model_new(design->rows, design->columns, o);
    if (m == NULL) return stroma_no_memory(err);
    m->events = events;
    fit f = { 0 }, plain = { 0 };
    const stroma_status s = fit_both(&f, &plain, design, y, o, m, err);
    fit_free(&f);
    fit_free(&plain);
    if (s == STROMA_OK)
        *out = m;
    else
        stroma_logistic_free(m);
    return s;
}

static stroma_status joint(fit *f, const bool *dropped, bool *infinite, stroma_stat *out,
                           stroma_error *err)
{
    stroma_separation separation;
    logistic_optimum null;
    double df = 0;
    STROMA_TRY(logistic_separate(&f->q, &separation, infinite, err));
    if (separation != STROMA_SEPARATION_NONE && !f->q.firth) {
        out->not_estimable = true;
        out->reason = separated;
        return STROMA_OK;
    }
    STROMA_TRY(maximum(f, err));
    for (size_t k = 0; k < f->q.p; k++) {
        f->fixed[k] = dropped[f->q.column[k]];
        df += f->fixed[k];
    }
    STROMA_TRY(restricted(f, f->beta, &null, err));
    if (df > 0 && f->top.ok && null.ok) {
        chi_square(out, f->top.log_likelihood - null.log_likelihood, df);
        return STROMA_OK;
    }
    out->not_estimable = true;
    out->reason = df > 0 ? no_convergence : "no coefficient to test";
    return STROMA_OK;
}

stroma_status stroma_logistic_joint_test(const stroma_design *design, const double *y, bool firth,
                                         const size_t *columns, size_t n, stroma_stat *out,
                                         stroma_error *err)
{
    size_t events = 0;
    *out = stroma_stat_empty(method_name(firth));
    out->variant = firth ? "penalised likelihood ratio" : "likelihood ratio";
    STROMA_TRY(check_classes(design, y, &events, err));
    out->n_used = design->rows;
    bool *flags = stroma_alloc_array(3 * design->columns, sizeof *flags);
    if (flags == NULL) return stroma_no_memory(err);
    bool *dropped = flags + design->columns, *infinite = dropped + design->columns;
    bool centred = true;
    for (size_t i = 0; i < n; i++) {
        if (columns[i] >= design->columns) {
            stroma_free(flags);
            return stroma_fail(err, STROMA_E_USAGE, "no design column %zu", columns[i] + 1);
        }
        dropped[columns[i]] = true;
        /* without its intercept a model is another one when its columns are centred */
        if (logistic_is_constant(design, columns[i])) centred = false;
    }
    fit f = { 0 };
    stroma_status s = fit_new(design, y, firth, centred, flags, &f, err);
    if (s == STROMA_OK) s = joint(&f, dropped, infinite, out, err);
    fit_free(&f);
    stroma_free(flags);
    return s;
}
