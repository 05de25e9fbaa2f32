/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a design and censored values to coefficients. */
#include "small_matrix.h"
#include "tobit.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <string.h>

static const stroma_tobit_options defaults = STROMA_TOBIT_OPTIONS_INIT;

void stroma_tobit_free(stroma_tobit *m)
{
    if (m == NULL) return;
    stroma_free(m->aliased);
    stroma_free(m->infinite);
    stroma_free(m->coefficients);
    stroma_free(m->covariance);
    stroma_free(m->terms);
    stroma_free(m);
}

static stroma_status model_new(const stroma_design *d, const stroma_tobit_options *o,
                               stroma_tobit **out, stroma_error *err)
{
    const size_t p = d->columns;
    stroma_tobit *m = *out = stroma_alloc_array(1, sizeof *m);
    if (m == NULL) return censored_no_memory(err);
    m->shape = o->shape;
    m->reason = "";
    m->rows = d->rows;
    m->columns = p;
    m->aliased = stroma_alloc_array(p, sizeof *m->aliased);
    m->infinite = stroma_alloc_array(p, sizeof *m->infinite);
    m->coefficients = stroma_alloc_array(p, sizeof *m->coefficients);
    m->covariance =
        p + 1 > SIZE_MAX / (p + 1) ? NULL : stroma_alloc_array((p + 1) * (p + 1), sizeof(double));
    m->terms = stroma_alloc_array(p, sizeof *m->terms);
    if (m->aliased == NULL || m->infinite == NULL || m->coefficients == NULL ||
        m->covariance == NULL || m->terms == NULL)
        return censored_no_memory(err);
    m->sigma = m->likelihood_ratio = stroma_stat_empty("tobit");
    m->sigma.estimate_name = "sigma";
    m->sigma.level = o->level;
    m->log_likelihood = m->log_likelihood_null = (double)NAN;
    for (size_t j = 0; j < p; j++) {
        m->coefficients[j] = (double)NAN;
        m->terms[j] = stroma_stat_empty("tobit");
        m->terms[j].estimate_name = "coefficient";
        m->terms[j].level = o->level;
        m->terms[j].n_used = d->rows;
    }
    for (size_t j = 0; j < (p + 1) * (p + 1); j++)
        m->covariance[j] = (double)NAN;
    return STROMA_OK;
}

/* Bounds on the scale of the model, and the middle of each for a start. The scale of the response
 * is that of the middles. @param low room for 3n numbers: low, high, middle */
static stroma_status load(tobit_problem *p, const stroma_censored_sample *s, bool logs, double *low,
                          const char **reason)
{
    double *high = low + s->n, *middle = high + s->n;
    const double n = (double)s->n;
    double mean = 0, squares = 0;
    memcpy(low, s->low, s->n * sizeof *low);
    memcpy(high, s->high, s->n * sizeof *high);
    if (logs && !censored_log(s, low, high)) {
        *reason = "a value or limit of 0 or less has no logarithm";
        return STROMA_OK;
    }
    for (size_t i = 0; i < s->n; i++) {
        middle[i] = isinf(low[i]) ? high[i] : isinf(high[i]) ? low[i] : low[i] / 2 + high[i] / 2;
        mean += middle[i] / n;
    }
    for (size_t i = 0; i < s->n; i++)
        squares += (middle[i] - mean) * (middle[i] - mean);
    p->centre = p->q.intercept == SIZE_MAX ? 0 : mean;
    p->scale = squares > 0 ? sqrt(squares / n) : 1;
    for (size_t i = 0; i < s->n; i++) {
        low[i] = (low[i] - p->centre) / p->scale;
        high[i] = (high[i] - p->centre) / p->scale;
        middle[i] = (middle[i] - p->centre) / p->scale;
    }
    p->low = low;
    p->high = high;
    return STROMA_OK;
}

/* Directions in which the likelihood never falls: rows below a limit want x'd ≤ 0, rows above one
 * x'd ≥ 0, measured rows x'd = 0, which is a row of either class. */
static stroma_status separation(const stroma_design *d, const stroma_censored_sample *s,
                                stroma_tobit *m, stroma_error *err)
{
    const size_t n = s->n;
    size_t rows = 0;
    stroma_design both = *d;
    stroma_separation found = STROMA_SEPARATION_NONE;
    if (m->counts.below + m->counts.above == 0) return STROMA_OK;
    if (d->columns > SIZE_MAX / (2 * n)) return censored_no_memory(err);
    const size_t doubled = 2 * n - m->counts.below - m->counts.above;
    both.x = stroma_alloc_array(doubled * d->columns, sizeof *both.x);
    double *y = stroma_alloc_array(doubled, sizeof *y);
    both.x_low = NULL;
    both.rows = doubled;
    if (both.x == NULL || y == NULL) {
        stroma_free(both.x);
        stroma_free(y);
        return censored_no_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        const bool below = isinf(s->low[i]), above = isinf(s->high[i]);
        for (int class = 0; class < 2; class ++) {
            if ((below && class == 1) || (above && class == 0)) continue;
            for (size_t j = 0; j < d->columns; j++)
                both.x[j * doubled + rows] = d->x[j * n + i];
            y[rows++] = class;
        }
    }
    const stroma_status status = stroma_logistic_separation(&both, y, &found, m->infinite, err);
    if (status == STROMA_OK && found != STROMA_SEPARATION_NONE)
        m->reason = "all values of a group, or of a combination of columns, lie beyond their "
                    "limits: there is no finite estimate";
    stroma_free(both.x);
    stroma_free(y);
    return status;
}

/* Enough measured rows leave no such direction: none is orthogonal to all of them. */
static stroma_status check_existence(const stroma_design *d, const stroma_censored_sample *s,
                                     const tobit_problem *p, stroma_tobit *m, stroma_error *err)
{
    const size_t k = p->q.p, n = s->n;
    double *a = stroma_alloc_array(k * k, sizeof *a);
    if (a == NULL) return censored_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        if (isinf(s->low[i]) || isinf(s->high[i])) continue;
        for (size_t j = 0; j < k; j++)
            for (size_t l = 0; l <= j; l++)
                a[j * k + l] += p->q.x[j * n + i] * p->q.x[l * n + i] / (double)n;
    }
    for (size_t j = 0; j < k; j++)
        a[j * k + j] -= 1e-7; /* singular beyond doubt or not: the program decides */
    const bool full = small_cholesky(a, k);
    stroma_free(a);
    return full ? STROMA_OK : separation(d, s, m, err);
}

double tobit_coefficient(const tobit_problem *p, size_t k, const double *theta)
{
    const size_t h = p->m - 1;
    double sum = theta[k] / p->q.sd[k];
    if (k == p->q.intercept)
        for (size_t i = 0; i < p->q.p; i++)
            if (i != k) sum -= p->q.mean[i] / p->q.sd[i] / p->q.sd[k] * theta[i];
    return p->scale * sum / theta[h] + (k == p->q.intercept ? p->centre / p->q.sd[k] : 0);
}

/* Covariance of the coefficients and ln σ from the factor of the information of (g, h). */
static stroma_status covariance(const tobit_problem *p, const double *theta, const double *factor,
                                stroma_tobit *m, stroma_error *err)
{
    const size_t k = p->m, h = k - 1, width = m->columns + 1;
    double *j = stroma_alloc_array(2 * k * k + k, sizeof *j);
    if (j == NULL) return censored_no_memory(err);
    double *inverse = j + k * k, *form = inverse + k * k;
    small_inverse(factor, k, inverse);
    for (size_t r = 0; r < h; r++) {
        double sum = 0;
        logistic_form(&p->q, r, form);
        for (size_t i = 0; i < h; i++) {
            j[r * k + i] = p->scale * form[i] / theta[h];
            sum += p->scale * form[i] * theta[i];
        }
        j[r * k + h] = -sum / (theta[h] * theta[h]);
    }
    j[h * k + h] = -1 / theta[h];
    for (size_t r = 0; r < k; r++)
        for (size_t c = 0; c < k; c++) {
            double sum = 0;
            for (size_t i = 0; i < k; i++)
                for (size_t l = 0; l < k; l++)
                    sum += j[r * k + i] * inverse[i * k + l] * j[c * k + l];
            const size_t row = r == h ? m->columns : p->q.column[r];
            const size_t column = c == h ? m->columns : p->q.column[c];
            m->covariance[row * width + column] = sum;
        }
    stroma_free(j);
    return STROMA_OK;
}

static void wald(stroma_stat *s, double se, bool test)
{
    s->se = se;
    const double half = stroma_normal_quantile(0.5 + s->level / 2) * se;
    s->interval_method = "Wald";
    s->lower = s->estimate - half;
    s->upper = s->estimate + half;
    if (!test) return;
    s->statistic_name = "z";
    s->statistic = s->estimate / se;
    s->p = stroma_normal_two_sided(s->statistic);
}

/* Replace Wald's limits where the profile likelihood was asked for. */
static stroma_status limits_of(const tobit_problem *p, size_t k, const double *theta,
                               const stroma_tobit_options *o, const tobit_fall *fall,
                               stroma_stat *s, stroma_error *err)
{
    double limits[2];
    if (o->interval != STROMA_CENSORED_PROFILE) return STROMA_OK;
    STROMA_TRY(tobit_profile(p, k, theta, fall, limits, err));
    s->interval_method = "profile likelihood";
    s->lower = limits[0];
    s->upper = limits[1];
    if (isnan(limits[0]) || isnan(limits[1])) s->reason = tobit_no_limit;
    return STROMA_OK;
}

static stroma_status term(const tobit_problem *p, size_t k, const double *theta,
                          const stroma_tobit_options *o, stroma_tobit *m, stroma_error *err)
{
    const size_t column = p->q.column[k], width = m->columns + 1;
    stroma_stat *s = &m->terms[column];
    s->estimate = m->coefficients[column] = tobit_coefficient(p, k, theta);
    wald(s, sqrt(m->covariance[column * width + column]), true);
    const tobit_fall fall = { m->log_likelihood, s->se, o->level };
    STROMA_TRY(limits_of(p, k, theta, o, &fall, s, err));
    if (o->shape != STROMA_SHAPE_LOGNORMAL) return STROMA_OK;
    s->effect_name = k == p->q.intercept ? "median" : "ratio of medians";
    s->effect = exp(s->estimate);
    s->effect_lower = exp(s->lower);
    s->effect_upper = exp(s->upper);
    return STROMA_OK;
}

static stroma_status terms(const tobit_problem *p, const stroma_tobit_options *o,
                           const double *theta, stroma_tobit *m, stroma_error *err)
{
    const size_t width = m->columns + 1, h = p->m - 1;
    for (size_t k = 0; k < h; k++)
        STROMA_TRY(term(p, k, theta, o, m, err));
    stroma_stat *s = &m->sigma;
    const double sigma = p->scale / theta[h];
    const double se = sqrt(m->covariance[m->columns * width + m->columns]);
    const tobit_fall fall = { m->log_likelihood, se, o->level };
    s->estimate = log(sigma);
    wald(s, se, false);
    s->interval_method = "Wald, log scale";
    STROMA_TRY(limits_of(p, h, theta, o, &fall, s, err));
    s->estimate = sigma;
    s->se = sigma * se;
    s->lower = exp(s->lower);
    s->upper = exp(s->upper);
    return STROMA_OK;
}

/* What the likelihood of the standardised logarithms lacks: measured values have densities. */
static double jacobian(const tobit_problem *p, const stroma_censored_sample *s, bool logs)
{
    double sum = 0;
    for (size_t i = 0; i < s->n; i++)
        if (censored_is_measured(s, i)) sum -= log(p->scale) + (logs ? log(s->low[i]) : 0);
    return sum;
}

/* Start: the constant and SD of the middles. */
static void start(const tobit_problem *p, const double *middle, double *theta)
{
    double mean = 0, squares = 0;
    const double n = (double)p->q.n;
    for (size_t i = 0; i < p->q.n; i++)
        mean += middle[i] / n;
    for (size_t i = 0; i < p->q.n; i++)
        squares += (middle[i] - mean) * (middle[i] - mean) / n;
    for (size_t j = 0; j < p->m; j++)
        theta[j] = 0;
    theta[p->m - 1] = squares > 0 ? 1 / sqrt(squares) : 1;
    if (p->q.intercept != SIZE_MAX) theta[p->q.intercept] = mean * theta[p->m - 1];
}

static stroma_status estimate(tobit_problem *p, const stroma_censored_sample *s,
                              const stroma_tobit_options *o, const double *middle, stroma_tobit *m,
                              stroma_error *err)
{
    const size_t k = p->m;
    double *theta = stroma_alloc_array(k + k * k, sizeof *theta);
    if (theta == NULL) return censored_no_memory(err);
    start(p, middle, theta);
    const tobit_optimum best = tobit_maximise(p, NULL, theta, theta + k);
    stroma_status status = STROMA_OK;
    m->iterations = best.iterations;
    m->reason = best.reason;
    if (best.reason[0] == '\0') {
        m->log_likelihood = best.log_likelihood;
        status = covariance(p, theta, theta + k, m, err);
        if (status == STROMA_OK) status = terms(p, o, theta, m, err);
        m->log_likelihood += jacobian(p, s, o->shape == STROMA_SHAPE_LOGNORMAL);
    }
    stroma_free(theta);
    return status;
}

static stroma_status fit(const stroma_design *d, const stroma_censored_sample *s,
                         const stroma_tobit_options *o, stroma_tobit *m, stroma_error *err)
{
    tobit_problem p = { .m = 0 };
    double *y = stroma_alloc_array(s->n, sizeof *y),
           *bounds = stroma_alloc_array(3 * s->n, sizeof *y);
    stroma_status status = y == NULL || bounds == NULL ? censored_no_memory(err) : STROMA_OK;
    if (status == STROMA_OK) status = logistic_problem_new(d, y, true, m->aliased, &p.q, err);
    if (status == STROMA_OK) {
        m->rank = p.q.p;
        p.m = p.q.p + 1;
        p.work = stroma_alloc_array(tobit_work_len(p.m), sizeof *p.work);
        if (p.work == NULL) status = censored_no_memory(err);
    }
    if (status == STROMA_OK)
        status = load(&p, s, o->shape == STROMA_SHAPE_LOGNORMAL, bounds, &m->reason);
    if (status == STROMA_OK && m->reason[0] == '\0') status = check_existence(d, s, &p, m, err);
    if (status == STROMA_OK && m->reason[0] == '\0')
        status = estimate(&p, s, o, bounds + 2 * s->n, m, err);
    stroma_free(p.work);
    logistic_problem_free(&p.q);
    stroma_free(y);
    stroma_free(bounds);
    return status;
}

/* The constant alone, where the design has one. */
static stroma_status null_model(const stroma_design *d, const stroma_censored_sample *s,
                                const stroma_tobit_options *o, stroma_tobit *m, stroma_error *err)
{
    stroma_design one = { .rows = d->rows, .columns = 1, .intercept = true };
    stroma_tobit_options wald_only = *o;
    wald_only.interval = STROMA_CENSORED_WALD;
    if (!d->intercept) return STROMA_OK;
    one.x = stroma_alloc_array(d->rows, sizeof *one.x);
    if (one.x == NULL) return censored_no_memory(err);
    for (size_t i = 0; i < d->rows; i++)
        one.x[i] = 1;
    stroma_tobit *null = NULL;
    stroma_status status = model_new(&one, &wald_only, &null, err);
    if (status == STROMA_OK) {
        null->counts = m->counts;
        status = fit(&one, s, &wald_only, null, err);
    }
    if (status == STROMA_OK && null->reason[0] == '\0')
        m->log_likelihood_null = null->log_likelihood;
    stroma_tobit_free(null);
    stroma_free(one.x);
    return status;
}

static void likelihood_ratio(double full, double reduced, size_t df, stroma_stat *s)
{
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

static stroma_status check(const stroma_design *d, const stroma_censored_sample *s,
                           const stroma_tobit_options *o, stroma_error *err)
{
    STROMA_TRY(censored_level(o->level, err));
    if (d->rows == 0 || d->columns == 0)
        return stroma_fail(err, STROMA_E_DEGENERATE, "a model needs rows and columns");
    if (d->rows != s->n)
        return stroma_fail(err, STROMA_E_USAGE, "%zu values for %zu rows of the design", s->n,
                           d->rows);
    return STROMA_OK;
}

stroma_status stroma_tobit_fit(const stroma_design *design, const stroma_censored_sample *sample,
                               const stroma_tobit_options *options, stroma_tobit **out,
                               stroma_error *err)
{
    const stroma_tobit_options *o = options == NULL ? &defaults : options;
    stroma_tobit *m = NULL;
    *out = NULL;
    STROMA_TRY(check(design, sample, o, err));
    stroma_status s = model_new(design, o, &m, err);
    if (s == STROMA_OK) s = stroma_censored_count(sample, &m->counts, err);
    if (s == STROMA_OK) s = fit(design, sample, o, m, err);
    if (s == STROMA_OK && m->reason[0] == '\0') s = null_model(design, sample, o, m, err);
    if (s != STROMA_OK) {
        stroma_tobit_free(m);
        return s;
    }
    for (size_t j = 0; j <= m->columns; j++) {
        stroma_stat *t = j < m->columns ? &m->terms[j] : &m->sigma;
        const bool aliased = j < m->columns && m->aliased[j];
        t->n_used = m->rows;
        t->not_estimable = aliased || m->reason[0] != '\0';
        if (t->not_estimable) t->reason = aliased ? "depends on earlier columns" : m->reason;
    }
    m->likelihood_ratio.n_used = m->rows;
    m->likelihood_ratio.variant = "likelihood ratio";
    likelihood_ratio(m->log_likelihood, m->log_likelihood_null,
                     design->intercept && m->rank > 0 ? m->rank - 1 : 0, &m->likelihood_ratio);
    *out = m;
    return STROMA_OK;
}

stroma_status tobit_design_without(const stroma_design *d, const size_t *columns, size_t n,
                                   stroma_design *out, stroma_error *err)
{
    *out = (stroma_design){ .rows = d->rows, .intercept = d->intercept };
    if (d->rows > 0 && d->columns > SIZE_MAX / d->rows) return censored_no_memory(err);
    out->x = stroma_alloc_array(d->rows * d->columns, sizeof *out->x);
    if (out->x == NULL) return censored_no_memory(err);
    for (size_t j = 0; j < d->columns; j++) {
        bool leave = false;
        for (size_t i = 0; i < n; i++)
            leave = leave || columns[i] == j;
        if (leave) continue;
        memcpy(out->x + out->columns++ * d->rows, d->x + j * d->rows, d->rows * sizeof *d->x);
    }
    return STROMA_OK;
}

stroma_status stroma_tobit_joint_test(const stroma_design *design,
                                      const stroma_censored_sample *sample,
                                      const stroma_tobit_options *options, const size_t *columns,
                                      size_t n, stroma_stat *out, stroma_error *err)
{
    stroma_tobit_options o = options == NULL ? defaults : *options;
    stroma_tobit *full = NULL, *reduced = NULL;
    stroma_design less = { 0 };
    o.interval = STROMA_CENSORED_WALD;
    *out = stroma_stat_empty("tobit");
    out->variant = "likelihood ratio";
    stroma_status s = stroma_tobit_fit(design, sample, &o, &full, err);
    if (s == STROMA_OK) s = tobit_design_without(design, columns, n, &less, err);
    if (s == STROMA_OK && less.columns > 0) s = stroma_tobit_fit(&less, sample, &o, &reduced, err);
    if (s == STROMA_OK) {
        out->n_used = full->rows;
        if (reduced == NULL) {
            out->not_estimable = true;
            out->reason = "no column would be left";
        } else {
            likelihood_ratio(full->log_likelihood, reduced->log_likelihood,
                             full->rank - reduced->rank, out);
        }
    }
    stroma_free(less.x);
    stroma_tobit_free(full);
    stroma_tobit_free(reduced);
    return s;
}
