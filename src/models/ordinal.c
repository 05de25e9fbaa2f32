/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proportional-odds models: estimates, their errors, and predictions. */
#include "ordinal_problem.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

static const stroma_ordinal_options defaults = STROMA_ORDINAL_OPTIONS_INIT;
static const char separated[] =
    "the categories are separated: the maximum of the likelihood does not exist";
static const char no_convergence[] = "the fit did not converge";
static const char dependent[] = "the column is constant or a linear combination of earlier ones";
static const char shrunk[] = "a penalised coefficient has no standard error of use";

void stroma_ordinal_free(stroma_ordinal_model *m)
{
    if (m == NULL) return;
    stroma_free(m->aliased);
    stroma_free(m->coefficients);
    stroma_free(m->covariance);
    stroma_free(m->terms);
    stroma_free(m->fitted);
    stroma_free(m);
}

static stroma_ordinal_model *model_new(const stroma_design *d, size_t categories,
                                       const stroma_ordinal_options *o)
{
    const size_t p = d->columns, cuts = categories - 1, all = cuts + p;
    stroma_ordinal_model *m = stroma_alloc_array(1, sizeof *m);
    if (m == NULL) return NULL;
    m->rows = d->rows;
    m->columns = p;
    m->categories = categories;
    m->level = o->level;
    m->ridge = o->ridge;
    m->reason = "";
    m->aliased = stroma_alloc_array(p, 2 * sizeof *m->aliased);
    m->coefficients = stroma_alloc_array(all, sizeof *m->coefficients);
    m->covariance = all > SIZE_MAX / all ? NULL : stroma_alloc_array(all * all, sizeof(double));
    m->terms = stroma_alloc_array(all, sizeof *m->terms);
    m->fitted = stroma_alloc_array(d->rows, categories * sizeof *m->fitted);
    if (m->aliased == NULL || m->coefficients == NULL || m->covariance == NULL ||
        m->terms == NULL || m->fitted == NULL) {
        stroma_ordinal_free(m);
        return NULL;
    }
    m->infinite = m->aliased + p;
    m->thresholds = m->coefficients + p;
    m->threshold_terms = m->terms + p;
    for (size_t j = 0; j < all; j++) {
        m->coefficients[j] = NAN;
        m->terms[j] = stroma_stat_empty("ordinal_logistic");
        m->terms[j].level = o->level;
        m->terms[j].n_used = d->rows;
        m->terms[j].estimate_name = j < p ? "log odds ratio" : "threshold";
        if (j < p) m->terms[j].effect_name = "odds ratio";
    }
    for (size_t j = 0; j < all * all; j++)
        m->covariance[j] = NAN;
    for (size_t i = 0; i < d->rows * categories; i++)
        m->fitted[i] = NAN;
    m->log_likelihood = m->log_likelihood_null = NAN;
    m->likelihood_ratio = stroma_stat_empty("ordinal_logistic");
    m->likelihood_ratio.variant = "likelihood ratio";
    m->likelihood_ratio.n_used = d->rows;
    return m;
}

static void refuse(stroma_ordinal_model *m, const char *reason)
{
    m->reason = reason;
    m->likelihood_ratio.not_estimable = true;
    m->likelihood_ratio.reason = reason;
    for (size_t j = 0; j < m->columns + m->categories - 1; j++) {
        m->terms[j].not_estimable = true;
        m->terms[j].reason = reason;
    }
}

typedef struct fit {
    ordinal_problem o;
    stroma_ordinal_model *m;
    double *beta, *other, *form, *inverse; /* dim, dim, 2 × dim, dim × dim */
    bool *fixed;
    double top;
} fit;

static void fit_free(fit *f)
{
    ordinal_problem_free(&f->o);
    stroma_free(f->beta);
    stroma_free(f->fixed);
}

/* Place of parameter a among thresholds, then columns; and among the terms (columns first). */
static size_t place(const ordinal_problem *o, size_t a)
{
    return a < o->cuts ? a : o->cuts + ordinal_column(o, a - o->cuts);
}

static void estimates(fit *f, bool errors)
{
    const ordinal_problem *o = &f->o;
    stroma_ordinal_model *m = f->m;
    const size_t all = o->cuts + m->columns;
    double *half = f->form + o->dim;
    for (size_t a = 0; a < o->dim; a++) {
        double sum = 0;
        ordinal_form(o, a, f->form);
        for (size_t k = 0; k < o->dim; k++)
            sum += f->form[k] * f->beta[k];
        if (a < o->cuts)
            m->thresholds[a] = sum;
        else
            m->coefficients[ordinal_column(o, a - o->cuts)] = sum;
        if (!errors) continue;
        for (size_t k = 0; k < o->dim; k++) {
            half[k] = 0;
            for (size_t r = 0; r < o->dim; r++)
                half[k] += f->form[r] * f->inverse[r * o->dim + k];
        }
        for (size_t b = 0; b <= a; b++) {
            double v = 0;
            ordinal_form(o, b, f->form);
            for (size_t k = 0; k < o->dim; k++)
                v += half[k] * f->form[k];
            m->covariance[place(o, a) * all + place(o, b)] = v;
            m->covariance[place(o, b) * all + place(o, a)] = v;
        }
    }
}

static void wald(stroma_stat *s, double estimate, double variance)
{
    const double z = stroma_normal_quantile(0.5 + s->level / 2);
    s->estimate = estimate;
    s->se = sqrt(variance);
    s->statistic_name = "z";
    s->statistic = estimate / s->se;
    s->p = stroma_normal_two_sided(s->statistic);
    s->interval_method = "Wald";
    s->lower = estimate - z * s->se;
    s->upper = estimate + z * s->se;
}

static stroma_status term(fit *f, size_t k, const stroma_ordinal_options *options,
                          stroma_error *err)
{
    const ordinal_problem *o = &f->o;
    const size_t j = ordinal_column(o, k), all = o->cuts + f->m->columns, c = o->cuts + j;
    stroma_stat *s = &f->m->terms[j];
    wald(s, f->m->coefficients[j], f->m->covariance[c * all + c]);
    if (options->interval == STROMA_LOGISTIC_PROFILE) {
        const double sd = o->q.sd[k + 1];
        double limits[2] = { NAN, NAN };
        STROMA_TRY(
            ordinal_profile(o, o->cuts + k, f->beta, f->top, s->se * sd, s->level, limits, err));
        s->interval_method = "profile likelihood";
        s->lower = limits[0] / sd;
        s->upper = limits[1] / sd;
        if (isnan(s->lower) || isnan(s->upper)) s->reason = "a profile limit was not found";
    }
    return STROMA_OK;
}

static void penalised_terms(stroma_ordinal_model *m)
{
    for (size_t j = 0; j < m->columns; j++) {
        m->terms[j].estimate = m->coefficients[j];
        m->terms[j].reason = shrunk;
    }
    for (size_t k = 0; k + 1 < m->categories; k++) {
        m->threshold_terms[k].estimate = m->thresholds[k];
        m->threshold_terms[k].reason = shrunk;
    }
    m->likelihood_ratio.not_estimable = true;
    m->likelihood_ratio.reason = "a penalised likelihood has no likelihood-ratio test";
}

static stroma_status terms(fit *f, const stroma_ordinal_options *options, stroma_error *err)
{
    stroma_ordinal_model *m = f->m;
    const size_t all = f->o.cuts + m->columns;
    if (options->ridge > 0) {
        penalised_terms(m);
    } else {
        for (size_t k = 0; k < f->o.cuts; k++)
            wald(&m->threshold_terms[k], m->thresholds[k], m->covariance[k * all + k]);
        for (size_t k = 0; k < f->o.slopes; k++)
            STROMA_TRY(term(f, k, options, err));
    }
    for (size_t j = 0; j < m->columns; j++) {
        stroma_stat *s = &m->terms[j];
        if (m->aliased[j]) {
            s->not_estimable = true;
            s->reason = dependent;
        }
        s->effect = exp(s->estimate);
        s->effect_lower = exp(s->lower);
        s->effect_upper = exp(s->upper);
    }
    return STROMA_OK;
}

static void whole_model(fit *f)
{
    stroma_ordinal_model *m = f->m;
    const ordinal_problem *o = &f->o;
    m->log_likelihood = ordinal_log_likelihood(o, f->beta);
    for (size_t i = 0; i < o->n; i++)
        for (size_t k = 0; k < o->categories; k++)
            m->fitted[i * o->categories + k] = ordinal_probability(f->beta, o->cuts, k, o->eta[i]);
    /* thresholds alone have their maximum where they start */
    ordinal_start(o, f->other);
    m->log_likelihood_null = ordinal_log_likelihood(o, f->other);
    stroma_stat *s = &m->likelihood_ratio;
    if (s->not_estimable) return;
    if (o->slopes == 0) {
        s->not_estimable = true;
        s->reason = "no coefficient to test";
        return;
    }
    s->statistic_name = "chi2";
    s->statistic = fmax(0, 2 * (m->log_likelihood - m->log_likelihood_null));
    s->df = (double)o->slopes;
    s->p = stroma_chi2_sf(s->statistic, s->df);
}

static stroma_status run(fit *f, const stroma_design *d, const size_t *y,
                         const stroma_ordinal_options *options, stroma_error *err)
{
    stroma_ordinal_model *m = f->m;
    STROMA_TRY(ordinal_problem_new(d, y, m->categories, options->ridge, m->aliased, &f->o, err));
    const size_t dim = f->o.dim;
    m->rank = f->o.slopes;
    STROMA_TRY(ordinal_separate(d, y, m->categories, &m->separation, m->infinite, err));
    if (m->separation != STROMA_SEPARATION_NONE && options->ridge <= 0) {
        refuse(m, separated);
        return STROMA_OK;
    }
    f->beta = stroma_alloc_array(4 * dim + dim * dim, sizeof *f->beta);
    f->fixed = stroma_alloc_array(dim, sizeof *f->fixed);
    if (f->beta == NULL || f->fixed == NULL) return stroma_no_memory(err);
    f->other = f->beta + dim;
    f->form = f->beta + 2 * dim;
    f->inverse = f->beta + 4 * dim;
    ordinal_start(&f->o, f->beta);
    const logistic_optimum o = ordinal_maximise(&f->o, f->fixed, f->beta);
    m->iterations = o.iterations;
    f->top = o.log_likelihood;
    if (!o.ok || !ordinal_inverse(&f->o, f->beta, f->inverse)) {
        refuse(m, no_convergence);
        return STROMA_OK;
    }
    estimates(f, options->ridge <= 0);
    STROMA_TRY(terms(f, options, err));
    whole_model(f);
    return STROMA_OK;
}

stroma_status stroma_ordinal_fit(const stroma_design *design, const size_t *y, size_t categories,
                                 const stroma_ordinal_options *options, stroma_ordinal_model **out,
                                 stroma_error *err)
{
    const stroma_ordinal_options *o = options == NULL ? &defaults : options;
    *out = NULL;
    if (!(o->level > 0 && o->level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g is not between 0 and 1", o->level);
    if (!(o->ridge >= 0 && isfinite(o->ridge)))
        return stroma_fail(err, STROMA_E_USAGE, "ridge penalty %g is negative", o->ridge);
    STROMA_TRY(ordinal_check(design, y, categories, err));
    fit f = { .m = model_new(design, categories, o) };
    if (f.m == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < design->rows; i++)
        f.m->counts[y[i]]++;
    const stroma_status s = run(&f, design, y, o, err);
    fit_free(&f);
    if (s == STROMA_OK)
        *out = f.m;
    else
        stroma_ordinal_free(f.m);
    return s;
}

/* P(Y > k) with its interval on the logit. */
static stroma_stat above_cut(const stroma_ordinal_model *m, const double *x, size_t k, double eta)
{
    const size_t cuts = m->categories - 1, all = cuts + m->columns;
    const double z = stroma_normal_quantile(0.5 + m->level / 2), logit = eta - m->thresholds[k];
    stroma_stat s = stroma_stat_empty("ordinal_logistic");
    s.variant = "prediction";
    s.estimate_name = "probability of a higher category";
    s.level = m->level;
    s.n_used = m->rows;
    s.estimate = logistic_expit(logit);
    if (m->ridge > 0) {
        s.reason = shrunk;
        return s;
    }
    double v = m->covariance[k * all + k];
    for (size_t j = 0; j < m->columns; j++) {
        if (m->aliased[j]) continue;
        v -= 2 * x[j] * m->covariance[k * all + cuts + j];
        for (size_t l = 0; l < m->columns; l++)
            if (!m->aliased[l]) v += x[j] * x[l] * m->covariance[(cuts + j) * all + cuts + l];
    }
    s.se = s.estimate * logistic_expit(-logit) * sqrt(v);
    s.interval_method = "Wald, logit";
    s.lower = logistic_expit(logit - z * sqrt(v));
    s.upper = logistic_expit(logit + z * sqrt(v));
    return s;
}

stroma_status stroma_ordinal_predict(const stroma_ordinal_model *m, const double *x,
                                     double *probability, stroma_stat *above, stroma_error *err)
{
    double eta = 0;
    if (m->reason[0] != '\0')
        return stroma_fail(err, STROMA_E_DEGENERATE, "the model has no estimates: %s", m->reason);
    for (size_t j = 0; j < m->columns; j++) {
        if (m->aliased[j]) continue;
        if (!isfinite(x[j]))
            return stroma_fail(err, STROMA_E_USAGE, "column %zu of the new row is not finite",
                               j + 1);
        eta += x[j] * m->coefficients[j];
    }
    for (size_t k = 0; k < m->categories; k++)
        probability[k] = ordinal_probability(m->thresholds, m->categories - 1, k, eta);
    for (size_t k = 0; above != NULL && k + 1 < m->categories; k++)
        above[k] = above_cut(m, x, k, eta);
    return STROMA_OK;
}
