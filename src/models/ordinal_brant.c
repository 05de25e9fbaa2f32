/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brant's test: one slope for all thresholds? */
#include "ordinal_problem.h"
#include "small_matrix.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

typedef struct brant {
    ordinal_problem o;
    size_t p;           /* the constant and the slopes */
    double *beta;       /* cuts × p */
    double *pi;         /* cuts × n: P(Y > k) */
    double *inverse;    /* cuts × p × p */
    double *covariance; /* (cuts · slopes)² */
    double *above;      /* n */
    double *a, *b, *c;  /* p × p each */
} brant;

static stroma_status alloc(brant *w, stroma_error *err)
{
    const size_t cuts = w->o.cuts, m = cuts * w->o.slopes, n = w->o.n;
    w->p = w->o.slopes + 1;
    const size_t p = w->p;
    w->beta = stroma_alloc_array(cuts * p + cuts * n + cuts * p * p + m * m + n + 3 * p * p,
                                 sizeof(double));
    if (w->beta == NULL) return stroma_no_memory(err);
    w->pi = w->beta + cuts * p;
    w->inverse = w->pi + cuts * n;
    w->covariance = w->inverse + cuts * p * p;
    w->above = w->covariance + m * m;
    w->a = w->above + n;
    w->b = w->a + p * p;
    w->c = w->b + p * p;
    return STROMA_OK;
}

/* Fit Y > k by maximum likelihood. @return why it cannot be, or NULL */
static stroma_status binary(brant *w, size_t k, const char **reason, stroma_error *err)
{
    logistic_problem q = w->o.q; /* the same columns, another outcome */
    stroma_separation separation;
    logistic_optimum top;
    double *beta = w->beta + k * w->p;
    bool *flags = stroma_alloc_array(w->p + w->o.q.column[w->p - 1] + 2, sizeof *flags);
    if (flags == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < w->o.n; i++)
        w->above[i] = w->o.y[i] > k;
    q.y = w->above;
    stroma_status s = logistic_separate(&q, &separation, flags, err);
    memset(flags, 0, w->p * sizeof *flags);
    if (s == STROMA_OK && separation != STROMA_SEPARATION_NONE)
        *reason = "the classes are separated at a threshold";
    else if (s == STROMA_OK)
        s = logistic_maximise(&q, flags, beta, &top, err);
    stroma_free(flags);
    if (s != STROMA_OK || *reason != NULL) return s;
    if (!top.ok || !logistic_inverse_information(&q, beta, w->inverse + k * w->p * w->p))
        *reason = "the fit at a threshold did not converge";
    for (size_t i = 0; i < w->o.n; i++) {
        double eta = 0;
        for (size_t j = 0; j < w->p; j++)
            eta += q.x[j * w->o.n + i] * beta[j];
        w->pi[k * w->o.n + i] = logistic_expit(eta);
    }
    return STROMA_OK;
}

/* Covariance of the slopes at thresholds k ≤ l. */
static void covariance(brant *w, size_t k, size_t l)
{
    const size_t p = w->p, n = w->o.n, slopes = w->o.slopes, m = w->o.cuts * slopes;
    const double *pk = w->pi + k * n, *pl = w->pi + l * n;
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j < p; j++) {
            double sum = 0;
            for (size_t r = 0; r < n; r++)
                sum += (pl[r] - pk[r] * pl[r]) * w->o.q.x[i * n + r] * w->o.q.x[j * n + r];
            w->a[i * p + j] = sum;
        }
    small_multiply(w->inverse + k * p * p, w->a, p, w->b);
    small_multiply(w->b, w->inverse + l * p * p, p, w->c);
    for (size_t i = 0; i < slopes; i++)
        for (size_t j = 0; j < slopes; j++) {
            const double v = w->c[(i + 1) * p + j + 1];
            w->covariance[(k * slopes + i) * m + l * slopes + j] = v;
            w->covariance[(l * slopes + j) * m + k * slopes + i] = v;
        }
}

/* Wald's χ² of the differences between the first and each further threshold, of @p len slopes from
 * @p first on. */
static stroma_status wald(const brant *w, size_t first, size_t len, stroma_stat *out,
                          stroma_error *err)
{
    const size_t slopes = w->o.slopes, m = w->o.cuts * slopes, dim = (w->o.cuts - 1) * len;
    double *v = stroma_alloc_array(dim * dim + dim, sizeof *v);
    if (v == NULL) return stroma_no_memory(err);
    double *d = v + dim * dim;
    for (size_t a = 0; a < dim; a++) {
        const size_t ia = first + a % len, ka = (a / len + 1) * slopes + ia;
        d[a] = w->beta[(a / len + 1) * w->p + ia + 1] - w->beta[ia + 1];
        for (size_t b = 0; b < dim; b++) {
            const size_t ib = first + b % len, kb = (b / len + 1) * slopes + ib;
            v[a * dim + b] = w->covariance[ka * m + kb] - w->covariance[ka * m + ib] -
                             w->covariance[ia * m + kb] + w->covariance[ia * m + ib];
        }
    }
    out->statistic_name = "chi2";
    out->df = (double)dim;
    if (small_cholesky(v, dim)) {
        small_solve_lower(v, dim, d);
        out->statistic = small_dot(d, d, dim);
        out->p = stroma_chi2_sf(out->statistic, out->df);
    } else {
        out->not_estimable = true;
        out->reason = "the covariance of the slopes is singular";
    }
    stroma_free(v);
    return STROMA_OK;
}

static void cannot(stroma_stat *together, stroma_stat *terms, size_t columns, const char *reason)
{
    together->not_estimable = true;
    together->reason = reason;
    for (size_t j = 0; terms != NULL && j < columns; j++) {
        terms[j].not_estimable = true;
        terms[j].reason = reason;
    }
}

static stroma_status by_column(const brant *w, stroma_stat *terms, size_t columns,
                               stroma_error *err)
{
    for (size_t j = 0; j < columns; j++) {
        terms[j].not_estimable = true;
        terms[j].reason = "the column is constant or a linear combination of earlier ones";
    }
    for (size_t k = 0; k < w->o.slopes; k++) {
        stroma_stat *s = &terms[ordinal_column(&w->o, k)];
        s->not_estimable = false;
        s->reason = "";
        STROMA_TRY(wald(w, k, 1, s, err));
    }
    return STROMA_OK;
}

static stroma_status run(brant *w, stroma_stat *together, stroma_stat *terms, size_t columns,
                         stroma_error *err)
{
    const char *reason = NULL;
    if (w->o.slopes == 0) reason = "no coefficient to test";
    if (w->o.cuts < 2) reason = "two categories have one threshold";
    if (reason == NULL) STROMA_TRY(alloc(w, err));
    for (size_t k = 0; reason == NULL && k < w->o.cuts; k++)
        STROMA_TRY(binary(w, k, &reason, err));
    if (reason != NULL) {
        cannot(together, terms, columns, reason);
        return STROMA_OK;
    }
    for (size_t k = 0; k < w->o.cuts; k++)
        for (size_t l = k; l < w->o.cuts; l++)
            covariance(w, k, l);
    STROMA_TRY(wald(w, 0, w->o.slopes, together, err));
    return terms == NULL ? STROMA_OK : by_column(w, terms, columns, err);
}

stroma_status stroma_ordinal_brant(const stroma_design *design, const size_t *y, size_t categories,
                                   stroma_stat *together, stroma_stat *terms, stroma_error *err)
{
    *together = stroma_stat_empty("brant");
    together->variant = "proportional odds";
    together->n_used = design->rows;
    for (size_t j = 0; terms != NULL && j < design->columns; j++)
        terms[j] = *together;
    STROMA_TRY(ordinal_check(design, y, categories, err));
    bool *aliased = stroma_alloc_array(design->columns, sizeof *aliased);
    if (aliased == NULL) return stroma_no_memory(err);
    brant w = { 0 };
    stroma_status s = ordinal_problem_new(design, y, categories, 0, aliased, &w.o, err);
    if (s == STROMA_OK) s = run(&w, together, terms, design->columns, err);
    ordinal_problem_free(&w.o);
    stroma_free(w.beta);
    stroma_free(aliased);
    return s;
}
