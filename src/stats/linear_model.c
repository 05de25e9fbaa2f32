/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "double_double.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_linear_model.h"

#include <math.h>

/* A column of which less than this part is left after the earlier ones is taken out as a linear
 * combination of them. Rounding of the input leaves about 1e-16, the worst NIST polynomial 1e-9. */
static const double alias_tolerance = 1e-12;
/* A residual sum of squares below this part of the total is rounding of the arithmetic. */
static const double exact_fit_tolerance = 1e-56;

void stroma_design_set_power(stroma_design *design, size_t column, const double *x, int power)
{
    const size_t n = design->rows;
    for (size_t i = 0; i < n; i++) {
        dd v = dd_from(1);
        for (int k = 0; k < power; k++)
            v = dd_multiply(v, dd_from(x[i]));
        design->x[column * n + i] = v.hi;
        if (design->x_low != NULL) design->x_low[column * n + i] = v.lo;
    }
}

/* What a fit needs, all with one owner. */
typedef struct work {
    size_t n, p, rank;
    dd *a;         /* n × p: the reflectors below, R in rows 0 … rank−1 of each kept column */
    dd *y;         /* n: Q'y after the reflections */
    dd *root_w;    /* n, or NULL */
    dd *inverse;   /* p × p, column by column: R⁻¹ of the kept columns */
    double *scale; /* p: powers of two */
    size_t *kept;  /* p: original index of each kept column */
} work;

static void work_free(work *w)
{
    stroma_free(w->a);
    stroma_free(w->y);
    stroma_free(w->root_w);
    stroma_free(w->inverse);
    stroma_free(w->scale);
    stroma_free(w->kept);
}

static stroma_status check_input(const stroma_design *d, const double *y, const double *weights,
                                 stroma_error *err)
{
    if (d->rows == 0 || d->columns == 0)
        return stroma_fail(err, STROMA_E_DEGENERATE, "a linear model needs rows and columns");
    for (size_t i = 0; i < d->rows; i++) {
        if (!isfinite(y[i]))
            return stroma_fail(err, STROMA_E_USAGE, "response of row %zu is not finite", i + 1);
        if (weights != NULL && !(weights[i] > 0 && isfinite(weights[i])))
            return stroma_fail(err, STROMA_E_USAGE, "weight of row %zu is not positive", i + 1);
    }
    for (size_t j = 0; j < d->columns; j++)
        for (size_t i = 0; i < d->rows; i++)
            if (!isfinite(d->x[j * d->rows + i]))
                return stroma_fail(err, STROMA_E_USAGE,
                                   "row %zu of design column %zu is not finite", i + 1, j + 1);
    return STROMA_OK;
}

static stroma_status work_load(work *w, const stroma_design *d, const double *y,
                               const double *weights, stroma_error *err)
{
    const size_t n = w->n = d->rows, p = w->p = d->columns;
    if (p > SIZE_MAX / n) return stroma_no_memory(err);
    w->a = stroma_alloc_array(n * p, sizeof *w->a);
    w->y = stroma_alloc_array(n, sizeof *w->y);
    w->scale = stroma_alloc_array(p, sizeof *w->scale);
    w->kept = stroma_alloc_array(p, sizeof *w->kept);
    if (weights != NULL) w->root_w = stroma_alloc_array(n, sizeof *w->root_w);
    if (w->a == NULL || w->y == NULL || w->scale == NULL || w->kept == NULL ||
        (weights != NULL && w->root_w == NULL))
        return stroma_no_memory(err);
    for (size_t i = 0; w->root_w != NULL && i < n; i++)
        w->root_w[i] = dd_sqrt(dd_from(weights[i]));
    for (size_t i = 0; i < n; i++)
        w->y[i] = w->root_w == NULL ? dd_from(y[i]) : dd_multiply(w->root_w[i], dd_from(y[i]));
    for (size_t j = 0; j < p; j++) {
        double largest = 0;
        for (size_t i = 0; i < n; i++)
            largest = fmax(largest, fabs(d->x[j * n + i]));
        int exponent = 0;
        (void)frexp(largest, &exponent);
        w->scale[j] = ldexp(1, -exponent);
        for (size_t i = 0; i < n; i++) {
            const double low = d->x_low == NULL ? 0 : d->x_low[j * n + i];
            const dd x = dd_quick(d->x[j * n + i] * w->scale[j], low * w->scale[j]);
            w->a[j * n + i] = w->root_w == NULL ? x : dd_multiply(w->root_w[i], x);
        }
    }
    return STROMA_OK;
}

static dd sum_squares(const dd *v, size_t from, size_t to)
{
    dd s = dd_from(0);
    for (size_t i = from; i < to; i++)
        s = dd_add(s, dd_multiply(v[i], v[i]));
    return s;
}

/* v := v − 2 u (u'v) / u'u in rows k … n−1; row k of u stands apart. */
static void reflect(const dd *u, dd u_first, dd u_squared, dd *v, size_t k, size_t n)
{
    dd dot = dd_multiply(u_first, v[k]);
    for (size_t i = k + 1; i < n; i++)
        dot = dd_add(dot, dd_multiply(u[i], v[i]));
    const dd f = dd_quotient(dd_add(dot, dot), u_squared);
    v[k] = dd_subtract(v[k], dd_multiply(f, u_first));
    for (size_t i = k + 1; i < n; i++)
        v[i] = dd_subtract(v[i], dd_multiply(f, u[i]));
}

/* Householder QR, column by column, in the given order; dependent columns are passed over. The
 * vector of reflector k is (first[k], a[k+1 …]) in its column, whose row k holds R's diagonal. */
static stroma_status factor(work *w, stroma_error *err)
{
    dd *first = stroma_alloc_array(2 * w->p, sizeof *first);
    if (first == NULL) return stroma_no_memory(err);
    dd *squared = first + w->p;
    const size_t n = w->n;
    for (size_t j = 0; j < w->p; j++) {
        dd *v = w->a + j * n;
        const double before = sqrt(dd_value(sum_squares(v, 0, n)));
        for (size_t k = 0; k < w->rank; k++)
            reflect(w->a + w->kept[k] * n, first[k], squared[k], v, k, n);
        const size_t k = w->rank;
        const dd rest = k < n ? sum_squares(v, k, n) : dd_from(0);
        if (!(sqrt(dd_value(rest)) > alias_tolerance * before)) continue;
        const dd length = dd_sqrt(rest);
        const dd diagonal = v[k].hi > 0 ? dd_negative(length) : length;
        first[k] = dd_subtract(v[k], diagonal);
        squared[k] = dd_add(dd_multiply(first[k], first[k]), sum_squares(v, k + 1, n));
        v[k] = diagonal;
        w->kept[k] = j;
        w->rank++;
    }
    for (size_t k = 0; k < w->rank; k++)
        reflect(w->a + w->kept[k] * n, first[k], squared[k], w->y, k, n);
    stroma_free(first);
    return w->rank > 0 ? STROMA_OK
                       : stroma_fail(err, STROMA_E_DEGENERATE, "every design column is zero");
}

/* R[i][k], i <= k, among the kept columns */
static dd r_at(const work *w, size_t i, size_t k)
{
    return w->a[w->kept[k] * w->n + i];
}

static stroma_status invert(work *w, stroma_error *err)
{
    const size_t r = w->rank;
    w->inverse = stroma_alloc_array(r * r, sizeof *w->inverse);
    if (w->inverse == NULL) return stroma_no_memory(err);
    for (size_t c = 0; c < r; c++)
        for (size_t i = c + 1; i-- > 0;) {
            dd s = dd_from(i == c ? 1 : 0);
            for (size_t k = i + 1; k <= c; k++)
                s = dd_subtract(s, dd_multiply(r_at(w, i, k), w->inverse[c * r + k]));
            w->inverse[c * r + i] = dd_quotient(s, r_at(w, i, i));
        }
    return STROMA_OK;
}

static stroma_linear_model *model_new(size_t n, size_t p)
{
    stroma_linear_model *m = stroma_alloc_array(1, sizeof *m);
    if (m == NULL) return NULL;
    m->rows = n;
    m->columns = p;
    m->coefficients = stroma_alloc_array(p, sizeof *m->coefficients);
    m->se = stroma_alloc_array(p, sizeof *m->se);
    m->aliased = stroma_alloc_array(p, sizeof *m->aliased);
    m->covariance = p > SIZE_MAX / p ? NULL : stroma_alloc_array(p * p, sizeof *m->covariance);
    m->fitted = stroma_alloc_array(n, sizeof *m->fitted);
    m->residuals = stroma_alloc_array(n, sizeof *m->residuals);
    if (m->coefficients != NULL && m->se != NULL && m->aliased != NULL && m->covariance != NULL &&
        m->fitted != NULL && m->residuals != NULL)
        return m;
    stroma_linear_model_free(m);
    return NULL;
}

void stroma_linear_model_free(stroma_linear_model *m)
{
    if (m == NULL) return;
    stroma_free(m->coefficients);
    stroma_free(m->se);
    stroma_free(m->aliased);
    stroma_free(m->covariance);
    stroma_free(m->fitted);
    stroma_free(m->residuals);
    stroma_free(m);
}

/* b = R⁻¹ Q'y, kept in double-double for the residuals. */
static void coefficients(const work *w, dd *b)
{
    for (size_t i = w->rank; i-- > 0;) {
        dd s = w->y[i];
        for (size_t k = i + 1; k < w->rank; k++)
            s = dd_subtract(s, dd_multiply(r_at(w, i, k), b[k]));
        b[i] = dd_quotient(s, r_at(w, i, i));
    }
}

static void covariance(const work *w, double s2, stroma_linear_model *m)
{
    const size_t p = w->p, r = w->rank;
    for (size_t i = 0; i < p * p; i++)
        m->covariance[i] = NAN;
    for (size_t i = 0; i < p; i++)
        m->se[i] = NAN;
    for (size_t i = 0; i < r; i++)
        for (size_t j = 0; j <= i; j++) {
            dd s = dd_from(0);
            for (size_t k = i; k < r; k++)
                s = dd_add(s, dd_multiply(w->inverse[k * r + i], w->inverse[k * r + j]));
            const size_t a = w->kept[i], b = w->kept[j];
            const double v = dd_value(s) * w->scale[a] * w->scale[b] * s2;
            m->covariance[a * p + b] = m->covariance[b * p + a] = v;
            if (i == j) m->se[a] = sqrt(v);
        }
}

/* Weighted sums of squares about the mean (or about 0), residuals and what follows from them. */
static void sums_of_squares(const work *w, const stroma_design *d, const double *y, const dd *b,
                            stroma_linear_model *m)
{
    const size_t n = w->n;
    dd total_w = dd_from(0), mean = dd_from(0), ss_model = dd_from(0), ss_total = dd_from(0);
    dd log_w = dd_from(0);
    for (size_t i = 0; i < n; i++) {
        const dd wi = w->root_w == NULL ? dd_from(1) : dd_multiply(w->root_w[i], w->root_w[i]);
        total_w = dd_add(total_w, wi);
        mean = dd_add(mean, dd_multiply(wi, dd_from(y[i])));
        log_w = dd_add(log_w, dd_from(log(wi.hi)));
    }
    mean = d->intercept ? dd_quotient(mean, total_w) : dd_from(0);
    for (size_t i = 0; i < n; i++) {
        dd fit = dd_from(0);
        for (size_t k = 0; k < w->rank; k++) {
            const size_t j = w->kept[k];
            const double low = d->x_low == NULL ? 0 : d->x_low[j * n + i];
            const dd x = dd_quick(d->x[j * n + i] * w->scale[j], low * w->scale[j]);
            fit = dd_add(fit, dd_multiply(x, b[k]));
        }
        m->fitted[i] = dd_value(fit);
        m->residuals[i] = dd_value(dd_subtract(dd_from(y[i]), fit));
        const dd wi = w->root_w == NULL ? dd_from(1) : dd_multiply(w->root_w[i], w->root_w[i]);
        const dd part = dd_subtract(fit, mean), whole = dd_subtract(dd_from(y[i]), mean);
        ss_model = dd_add(ss_model, dd_multiply(wi, dd_multiply(part, part)));
        ss_total = dd_add(ss_total, dd_multiply(wi, dd_multiply(whole, whole)));
    }
    const double rest = dd_value(sum_squares(w->y, w->rank, n));
    const double raw = dd_value(sum_squares(w->y, 0, n));
    m->ss_residual = rest <= exact_fit_tolerance * raw ? 0 : rest;
    m->ss_model = dd_value(ss_model);
    m->r_squared = dd_value(ss_total) > 0 ? 1 - m->ss_residual / dd_value(ss_total) : (double)NAN;
    if (m->r_squared < 0.5) m->r_squared = m->ss_model / dd_value(ss_total);
    m->minus2_log_likelihood =
        (double)n * (log(2 * M_PI * m->ss_residual / (double)n) + 1) - dd_value(log_w);
}

static void tests(const stroma_design *d, stroma_linear_model *m)
{
    const double constant = d->intercept ? 1 : 0;
    m->df_residual = (double)(m->rows - m->rank);
    m->df_model = (double)m->rank - constant;
    m->residual_sd = m->r_squared_adjusted = m->f = m->f_p = NAN;
    if (!(m->df_residual > 0)) return;
    const double s2 = m->ss_residual / m->df_residual;
    m->residual_sd = sqrt(s2);
    m->r_squared_adjusted = 1 - (1 - m->r_squared) * ((double)m->rows - constant) / m->df_residual;
    if (!(m->df_model > 0)) return;
    m->f = m->ss_model / m->df_model / s2;
    m->f_p = isinf(m->f) ? 0 : stroma_f_sf(m->f, m->df_model, m->df_residual);
}

static stroma_status fill(work *w, const stroma_design *d, const double *y, const double *weights,
                          stroma_linear_model *m, stroma_error *err)
{
    STROMA_TRY(work_load(w, d, y, weights, err));
    STROMA_TRY(factor(w, err));
    STROMA_TRY(invert(w, err));
    dd *b = stroma_alloc_array(w->rank, sizeof *b);
    if (b == NULL) return stroma_no_memory(err);
    coefficients(w, b);
    m->rank = w->rank;
    for (size_t j = 0; j < w->p; j++) {
        m->aliased[j] = true;
        m->coefficients[j] = NAN;
    }
    for (size_t k = 0; k < w->rank; k++) {
        const size_t j = w->kept[k];
        m->aliased[j] = false;
        m->coefficients[j] = dd_value(b[k]) * w->scale[j];
    }
    sums_of_squares(w, d, y, b, m);
    stroma_free(b);
    tests(d, m);
    covariance(w, m->df_residual > 0 ? m->ss_residual / m->df_residual : (double)NAN, m);
    return STROMA_OK;
}

stroma_status stroma_linear_model_fit(const stroma_design *design, const double *y,
                                      const double *weights, stroma_linear_model **out,
                                      stroma_error *err)
{
    *out = NULL;
    STROMA_TRY(check_input(design, y, weights, err));
    stroma_linear_model *m = model_new(design->rows, design->columns);
    if (m == NULL) return stroma_no_memory(err);
    work w = { 0 };
    const stroma_status s = fill(&w, design, y, weights, m, err);
    work_free(&w);
    if (s == STROMA_OK)
        *out = m;
    else
        stroma_linear_model_free(m);
    return s;
}
