/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bayesian logistic models: priors in the units of the data, and what the draws say. */
#include "bayes_posterior.h"
#include "mcmc_diagnostic.h"
#include "small_matrix.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_summary.h"

#include <math.h>
#include <string.h>

static const stroma_bayes_options defaults = STROMA_BAYES_OPTIONS_INIT;
static const char dependent[] = "the column is a linear combination of earlier ones";
static const char no_moments[] =
    "the classes are separated: under this prior the posterior has no mean or no SD; median and "
    "interval stand";
static const double rhat_max = 1.01, ess_per_chain = 100;

const char *stroma_bayes_scaling_name(stroma_bayes_scaling s)
{
    static const char *const names[] = { "gelman", "sd", "none" };
    return (unsigned)s < 3 ? names[s] : "unknown";
}

void stroma_bayes_logistic_free(stroma_bayes_logistic_model *m)
{
    if (m == NULL) return;
    stroma_free(m->aliased);
    stroma_free(m->mode);
    stroma_free(m->laplace_covariance);
    stroma_free(m->terms);
    stroma_free(m->stats);
    stroma_free(m->draws);
    stroma_free(m->fitted);
    stroma_free(m->sensitivity[0].terms);
    stroma_free(m->sensitivity[1].terms);
    stroma_free(m);
}

static stroma_bayes_logistic_model *model_new(size_t n, size_t p, const stroma_bayes_options *o)
{
    stroma_bayes_logistic_model *m = stroma_alloc_array(1, sizeof *m);
    if (m == NULL) return NULL;
    m->rows = n;
    m->columns = p;
    m->prior = o->prior;
    m->level = o->level;
    m->aliased = stroma_alloc_array(p, 2 * sizeof *m->aliased);
    m->mode = stroma_alloc_array(p, sizeof *m->mode);
    m->laplace_covariance =
        p > SIZE_MAX / p ? NULL : stroma_alloc_array(p * p, sizeof *m->laplace_covariance);
    m->terms = stroma_alloc_array(p, sizeof *m->terms);
    m->stats = stroma_alloc_array(p, sizeof *m->stats);
    m->fitted = stroma_alloc_array(n, sizeof *m->fitted);
    bool ok = m->aliased != NULL && m->mode != NULL && m->laplace_covariance != NULL &&
              m->terms != NULL && m->stats != NULL && m->fitted != NULL;
    if (ok && o->draws > 0) {
        m->chains = o->chains;
        m->chain_draws = o->draws;
        ok = p <= SIZE_MAX / 16 / (o->chains * o->draws);
        if (ok) m->draws = stroma_alloc_array(o->chains * o->draws * p, sizeof *m->draws);
        ok = ok && m->draws != NULL;
    }
    for (size_t k = 0; ok && k < 2; k++) {
        m->sensitivity[k].factor = k == 0 ? 0.5 : 2;
        if (!o->sensitivity || o->draws == 0) continue;
        m->sensitivity[k].terms = stroma_alloc_array(p, sizeof *m->terms);
        ok = m->sensitivity[k].terms != NULL;
    }
    if (ok) {
        m->infinite = m->aliased + p;
        return m;
    }
    stroma_bayes_logistic_free(m);
    return NULL;
}

static const stroma_bayes_term no_term = { NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN,
                                           NAN, NAN, NAN, NAN, NAN, NAN, NAN };

/* What everything is worked out in. */
typedef struct fit {
    const stroma_design *d;
    const double *y;
    const stroma_bayes_options *o;
    stroma_bayes_logistic_model *m;
    logistic_problem q;
    bayes_posterior post;
    double *form, *one; /* p, chains × draws */
} fit;

static void fit_free(fit *f)
{
    bayes_posterior_free(&f->post);
    logistic_problem_free(&f->q);
    stroma_free(f->form);
    stroma_free(f->one);
}

/* By what a coefficient of column @p j is multiplied to be the one the prior is on. */
static double input_scale(const fit *f, size_t j)
{
    const double *x = f->d->x + j * f->d->rows, n = (double)f->d->rows;
    double low = x[0], high = x[0], mean = 0, squares = 0;
    for (size_t i = 0; i < f->d->rows; i++) {
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
        mean += x[i] / n;
    }
    if (f->o->prior.scaling == STROMA_BAYES_SCALE_NONE || !(high > low)) return 1;
    size_t between = 0;
    for (size_t i = 0; i < f->d->rows; i++) {
        squares += (x[i] - mean) * (x[i] - mean);
        between += x[i] != low && x[i] != high;
    }
    const double sd = sqrt(squares / (n - 1));
    if (f->o->prior.scaling == STROMA_BAYES_SCALE_SD) return sd;
    return between == 0 ? high - low : 2 * sd;
}

static void set_scales(fit *f, double factor)
{
    const stroma_bayes_prior *prior = &f->o->prior;
    for (size_t k = 0; k < f->q.p; k++) {
        const size_t j = f->q.column[k];
        /* of the design's coefficient; the intercept's is that of the mean of the inputs */
        const double scale = k == f->q.intercept ? prior->intercept_scale / fabs(f->q.sd[k])
                                                 : prior->scale / input_scale(f, j);
        f->post.scale[k] = factor * scale * fabs(f->q.sd[k]);
    }
}

static void laplace(fit *f, double factor, stroma_bayes_term *terms)
{
    const size_t p = f->q.p;
    double *form = f->form, *half = f->form + p;
    for (size_t a = 0; a < p; a++) {
        stroma_bayes_term *t = &terms[f->q.column[a]];
        double sum = 0, square = 0;
        logistic_form(&f->q, a, form);
        for (size_t k = 0; k < p; k++) {
            sum += form[k] * f->post.mode[k];
            half[k] = 0;
            for (size_t r = k; r < p; r++)
                half[k] += form[r] * f->post.factor[r * p + k];
            square += half[k] * half[k];
        }
        t->mode = sum;
        t->laplace_se = sqrt(square);
        t->prior_scale = f->post.scale[a] / fabs(f->q.sd[a]);
        if (factor != 1) continue;
        f->m->mode[f->q.column[a]] = sum;
    }
}

static void laplace_covariance(fit *f)
{
    const size_t p = f->q.p, columns = f->m->columns;
    double *a = f->form, *b = f->form + p;
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            logistic_form(&f->q, i, a);
            logistic_form(&f->q, j, b);
            for (size_t k = 0; k < p; k++) {
                double left = 0, right = 0;
                for (size_t r = k; r < p; r++) {
                    left += a[r] * f->post.factor[r * p + k];
                    right += b[r] * f->post.factor[r * p + k];
                }
                sum += left * right;
            }
            const size_t ci = f->q.column[i], cj = f->q.column[j];
            f->m->laplace_covariance[ci * columns + cj] = sum;
            f->m->laplace_covariance[cj * columns + ci] = sum;
        }
}

/* From the problem's coefficients, packed, to the design's, in place or elsewhere: to may be
 * wider. */
static void to_design(const fit *f, const double *from, double *to)
{
    const size_t p = f->q.p;
    double shift = 0;
    for (size_t j = 0; j < f->m->columns; j++)
        to[j] = 0;
    for (size_t k = 0; k < p; k++) {
        if (k == f->q.intercept) continue;
        to[f->q.column[k]] = from[k] / f->q.sd[k];
        shift += f->q.mean[k] * to[f->q.column[k]];
    }
    if (f->q.intercept != SIZE_MAX)
        to[f->q.column[f->q.intercept]] = (from[f->q.intercept] - shift) / f->q.sd[f->q.intercept];
}

static stroma_status term(fit *f, const double *draws, size_t j, stroma_bayes_term *t,
                          stroma_error *err)
{
    const size_t n = f->o->chains * f->o->draws;
    const double df = f->post.df, tail = 0.5 - f->o->level / 2;
    double *x = f->one, sum = 0, squares = 0, positive = 0, ess = 0;
    mcmc_diagnostic d;
    for (size_t i = 0; i < n; i++) {
        x[i] = draws[i * f->m->columns + j];
        sum += x[i];
    }
    STROMA_TRY(mcmc_diagnose(x, f->o->chains, f->o->draws, &d, err));
    t->rhat = d.rhat;
    t->ess_bulk = d.ess_bulk;
    t->ess_tail = d.ess_tail;
    t->median_mcse = d.median_mcse;
    const bool heavy = f->m->infinite[j];
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - sum / (double)n) * (x[i] - sum / (double)n);
    if (!heavy || df > 1) t->mean = sum / (double)n;
    if (!heavy || df > 2) {
        t->sd = sqrt(squares / (double)(n - 1));
        t->mean_mcse = d.mean_mcse;
    }
    for (size_t i = 0; i < n; i++) {
        f->one[n + i] = x[i] > 0;
        positive += x[i] > 0;
    }
    STROMA_TRY(mcmc_effective(f->one + n, f->o->chains, f->o->draws, &ess, err));
    t->positive = positive / (double)n;
    /* when every draw has the same sign the rule of three's third stands for the error */
    t->positive_mcse = positive > 0 && positive < (double)n
                           ? sqrt(t->positive * (1 - t->positive) / ess)
                           : 1 / d.ess_bulk;
    stroma_sort_doubles(x, n);
    STROMA_TRY(stroma_quantile_compute(x, n, 0.5, STROMA_QUANTILE_7, &t->median, err));
    STROMA_TRY(stroma_quantile_compute(x, n, tail, STROMA_QUANTILE_7, &t->lower, err));
    return stroma_quantile_compute(x, n, 1 - tail, STROMA_QUANTILE_7, &t->upper, err);
}

/* Peak, draws and what they say, with prior scales times @p factor. @p draws chains × draws ×
 * columns, written. */
static stroma_status posterior(fit *f, double factor, double *draws, stroma_bayes_term *terms,
                               stroma_error *err)
{
    const size_t p = f->q.p, columns = f->m->columns, n = f->o->chains * f->o->draws;
    for (size_t j = 0; j < columns; j++)
        terms[j] = no_term;
    set_scales(f, factor);
    STROMA_TRY(bayes_posterior_peak(&f->post, err));
    laplace(f, factor, terms);
    if (f->o->draws == 0) return STROMA_OK;
    double *packed = stroma_alloc_array(n, p * sizeof *packed);
    if (packed == NULL) return stroma_no_memory(err);
    stroma_status s = bayes_sample(&f->post, f->o, packed, err);
    for (size_t i = 0; s == STROMA_OK && i < n; i++)
        to_design(f, packed + i * p, draws + i * columns);
    stroma_free(packed);
    for (size_t k = 0; s == STROMA_OK && k < p; k++)
        s = term(f, draws, f->q.column[k], &terms[f->q.column[k]], err);
    return s;
}

/* Posterior mean probability of every row. */
static void fitted(const fit *f)
{
    stroma_bayes_logistic_model *m = f->m;
    const size_t n = m->rows, p = m->columns, draws = m->chains * m->chain_draws;
    double loss = 0;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t d = 0; d < (draws == 0 ? 1 : draws); d++) {
            const double *b = draws == 0 ? m->mode : m->draws + d * p;
            double eta = 0;
            for (size_t j = 0; j < p; j++)
                if (!m->aliased[j]) eta += f->d->x[j * n + i] * b[j];
            sum += logistic_expit(eta);
        }
        m->fitted[i] = draws == 0 ? sum : sum / (double)draws;
        loss += (f->y[i] - m->fitted[i]) * (f->y[i] - m->fitted[i]);
    }
    m->brier = loss / (double)n;
}

static void as_stat(const fit *f, size_t j)
{
    const stroma_bayes_term *t = &f->m->terms[j];
    stroma_stat *s = &f->m->stats[j];
    *s = stroma_stat_empty("logistic_bayes");
    s->level = f->o->level;
    s->n_used = f->m->rows;
    s->estimate_name = "log odds ratio";
    s->effect_name = "odds ratio";
    if (f->m->aliased[j]) {
        s->not_estimable = true;
        s->reason = dependent;
        return;
    }
    if (f->o->draws == 0) {
        const double z = stroma_normal_quantile(0.5 + f->o->level / 2);
        s->variant = "posterior mode";
        s->estimate = t->mode;
        s->se = t->laplace_se;
        s->lower = t->mode - z * s->se;
        s->upper = t->mode + z * s->se;
        s->interval_method = "Laplace";
    } else {
        s->variant = "posterior median";
        s->estimate = t->median;
        s->se = t->sd;
        s->lower = t->lower;
        s->upper = t->upper;
        s->interval_method = "equal-tailed credible";
        if (isnan(t->sd)) s->reason = no_moments;
    }
    s->effect = exp(s->estimate);
    s->effect_lower = exp(s->lower);
    s->effect_upper = exp(s->upper);
}

static void summarise(const fit *f)
{
    stroma_bayes_logistic_model *m = f->m;
    const double z = 2 * stroma_normal_quantile(0.5 + f->o->level / 2);
    m->worst_rhat = m->least_ess = m->laplace_gap = NAN;
    for (size_t j = 0; j < m->columns; j++) {
        const stroma_bayes_term *t = &m->terms[j];
        as_stat(f, j);
        if (m->aliased[j] || f->o->draws == 0) continue;
        const double sd = isnan(t->sd) ? (t->upper - t->lower) / z : t->sd;
        m->worst_rhat = fmax(m->worst_rhat, t->rhat);
        m->least_ess = fmin(m->least_ess, fmin(t->ess_bulk, t->ess_tail));
        m->laplace_gap = fmax(m->laplace_gap, fabs(t->median - t->mode) / sd);
    }
    m->converged = m->worst_rhat < rhat_max && m->least_ess >= ess_per_chain * (double)m->chains;
}

static stroma_status fill(fit *f, stroma_error *err)
{
    stroma_bayes_logistic_model *m = f->m;
    const double df = f->o->prior.df > 0 ? f->o->prior.df : (double)INFINITY;
    STROMA_TRY(stroma_logistic_separation(f->d, f->y, &m->separation, m->infinite, err));
    STROMA_TRY(logistic_problem_new(f->d, f->y, true, m->aliased, &f->q, err));
    STROMA_TRY(bayes_posterior_new(&f->q, df, &f->post, err));
    const size_t n = f->o->chains * f->o->draws;
    m->rank = f->q.p;
    f->form = stroma_alloc_array(2 * f->q.p, sizeof *f->form);
    f->one = stroma_alloc_array(n, 2 * sizeof *f->one);
    if (f->form == NULL || f->one == NULL) return stroma_no_memory(err);
    for (size_t j = 0; j < m->columns; j++) {
        m->mode[j] = NAN;
        for (size_t k = 0; k < m->columns; k++)
            m->laplace_covariance[j * m->columns + k] = NAN;
    }
    for (size_t k = 0; k < 2; k++)
        if (m->sensitivity[k].terms != NULL)
            STROMA_TRY(
                posterior(f, m->sensitivity[k].factor, m->draws, m->sensitivity[k].terms, err));
    STROMA_TRY(posterior(f, 1, m->draws, m->terms, err));
    laplace_covariance(f);
    fitted(f);
    summarise(f);
    return STROMA_OK;
}

static stroma_status check(const stroma_bayes_options *o, stroma_error *err)
{
    const stroma_bayes_prior *p = &o->prior;
    if (!(o->level > 0 && o->level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g is not between 0 and 1", o->level);
    if (!(p->scale > 0 && isfinite(p->scale)) ||
        !(p->intercept_scale > 0 && isfinite(p->intercept_scale)))
        return stroma_fail(err, STROMA_E_USAGE, "prior scales %g and %g are not positive", p->scale,
                           p->intercept_scale);
    if (!(p->df >= 0))
        return stroma_fail(err, STROMA_E_USAGE, "degrees of freedom %g of the prior are negative",
                           p->df);
    if ((unsigned)p->scaling > STROMA_BAYES_SCALE_NONE)
        return stroma_fail(err, STROMA_E_USAGE, "no scaling of inputs %d", (int)p->scaling);
    if (o->draws == 0) return STROMA_OK;
    if (o->chains < 1 || o->chains > STROMA_BAYES_CHAINS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu chains are not within 1 to %d", o->chains,
                           STROMA_BAYES_CHAINS_MAX);
    if (o->draws < STROMA_BAYES_DRAWS_MIN || o->draws > STROMA_BAYES_DRAWS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu draws a chain are not within %d to %d",
                           o->draws, STROMA_BAYES_DRAWS_MIN, STROMA_BAYES_DRAWS_MAX);
    if (o->warmup > STROMA_BAYES_DRAWS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu draws of warm-up are more than %d", o->warmup,
                           STROMA_BAYES_DRAWS_MAX);
    return STROMA_OK;
}

stroma_status stroma_bayes_logistic_fit(const stroma_design *design, const double *y,
                                        const stroma_bayes_options *options,
                                        stroma_bayes_logistic_model **out, stroma_error *err)
{
    const stroma_bayes_options *o = options == NULL ? &defaults : options;
    *out = NULL;
    STROMA_TRY(check(o, err));
    STROMA_TRY(logistic_check(design, y, err));
    stroma_bayes_logistic_model *m = model_new(design->rows, design->columns, o);
    if (m == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < design->rows; i++)
        m->events += y[i] > 0;
    fit f = { .d = design, .y = y, .o = o, .m = m };
    const stroma_status s = fill(&f, err);
    fit_free(&f);
    if (s == STROMA_OK)
        *out = m;
    else
        stroma_bayes_logistic_free(m);
    return s;
}
