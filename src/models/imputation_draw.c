/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conditional normal distribution of missing values, posterior draws by data augmentation, and
 * the completed set under the rules for what follows the event. */
#include "imputation.h"
#include "small_matrix.h"

#include <math.h>
#include <string.h>

stroma_status imputation_conditional_make(imputation_conditional *c, size_t visits,
                                          stroma_arena *arena, stroma_error *err)
{
    *c = (imputation_conditional){ .visits = visits };
    c->missing = stroma_arena_alloc(arena, visits, sizeof *c->missing);
    c->known = stroma_arena_alloc(arena, visits, sizeof *c->known);
    c->slope = stroma_arena_alloc(arena, visits * visits, sizeof *c->slope);
    c->factor = stroma_arena_alloc(arena, visits * visits, sizeof *c->factor);
    c->work = stroma_arena_alloc(arena, visits * visits, sizeof *c->work);
    return c->missing == NULL || c->known == NULL || c->slope == NULL || c->factor == NULL ||
                   c->work == NULL
               ? stroma_no_memory(err)
               : STROMA_OK;
}

bool imputation_conditional_set(imputation_conditional *c, const double *covariance,
                                const bool *known)
{
    const size_t n = c->visits;
    c->missing_len = c->known_len = 0;
    for (size_t v = 0; v < n; v++)
        if (known[v])
            c->known[c->known_len++] = v;
        else
            c->missing[c->missing_len++] = v;
    const size_t k = c->known_len, q = c->missing_len;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            c->work[i * k + j] = covariance[c->known[i] * n + c->known[j]];
    if (!small_cholesky(c->work, k)) return false;
    for (size_t i = 0; i < q; i++) {
        double *slope = c->slope + i * k;
        for (size_t j = 0; j < k; j++)
            slope[j] = covariance[c->missing[i] * n + c->known[j]];
        small_solve_lower(c->work, k, slope);
    }
    for (size_t i = 0; i < q; i++)
        for (size_t j = 0; j < q; j++)
            c->factor[i * q + j] = covariance[c->missing[i] * n + c->missing[j]] -
                                   small_dot(c->slope + i * k, c->slope + j * k, k);
    for (size_t i = 0; i < q; i++)
        small_solve_upper(c->work, k, c->slope + i * k);
    return small_cholesky(c->factor, q);
}

void imputation_conditional_fill(const imputation_conditional *c, const double *mean,
                                 stroma_random *r, double *y)
{
    const size_t k = c->known_len, q = c->missing_len;
    double *z = c->work;
    for (size_t i = 0; r != NULL && i < q; i++)
        z[i] = stroma_random_normal(r);
    for (size_t i = 0; i < q; i++) {
        double value = mean[c->missing[i]];
        for (size_t j = 0; j < k; j++)
            value += c->slope[i * k + j] * (y[c->known[j]] - mean[c->known[j]]);
        for (size_t j = 0; r != NULL && j <= i; j++)
            value += c->factor[i * q + j] * z[j];
        y[c->missing[i]] = value;
    }
}

/* ---- posterior ---- */

/* One chain: the completed values of a block, and room for a step. */
typedef struct chain {
    const stroma_imputation_state *s;
    const imputation_block *b;
    double *y;                        /* block subjects × visits */
    double *cross, *beta;             /* columns × visits */
    double *scatter, *wishart, *half; /* visits² */
    double *mean, *column;            /* visits, columns */
    imputation_conditional conditional;
} chain;

static stroma_status chain_make(chain *c, stroma_arena *arena, stroma_error *err)
{
    const size_t m = c->s->visits, p = c->b->groups + c->s->covariates;
    c->y = stroma_arena_alloc(arena, c->b->n * m, sizeof *c->y);
    c->cross = stroma_arena_alloc(arena, p * m, sizeof *c->cross);
    c->beta = stroma_arena_alloc(arena, p * m, sizeof *c->beta);
    c->scatter = stroma_arena_alloc(arena, m * m, sizeof *c->scatter);
    c->wishart = stroma_arena_alloc(arena, m * m, sizeof *c->wishart);
    c->half = stroma_arena_alloc(arena, m * m, sizeof *c->half);
    c->mean = stroma_arena_alloc(arena, m, sizeof *c->mean);
    c->column = stroma_arena_alloc(arena, p, sizeof *c->column);
    if (c->y == NULL || c->cross == NULL || c->beta == NULL || c->scatter == NULL ||
        c->wishart == NULL || c->half == NULL || c->mean == NULL || c->column == NULL)
        return stroma_no_memory(err);
    for (size_t k = 0; k < c->b->n; k++)
        memcpy(c->y + k * m, c->s->y + c->b->who[k] * m, m * sizeof *c->y);
    return imputation_conditional_make(&c->conditional, m, arena, err);
}

/* Missing values given the parameters. Subjects of one pattern share the regression when they
 * follow each other. */
static bool augment(chain *c, stroma_random *r, double *parameters)
{
    const stroma_imputation_state *s = c->s;
    const size_t m = s->visits;
    const bool *last = NULL;
    const double *sigma = imputation_covariance(s, parameters, c->b->first);
    for (size_t k = 0; k < c->b->n; k++) {
        const size_t i = c->b->who[k];
        const bool *known = s->used + i * m;
        if (memchr(known, 0, m) == NULL) continue;
        if ((last == NULL || memcmp(last, known, m * sizeof *known) != 0) &&
            !imputation_conditional_set(&c->conditional, sigma, known))
            return false;
        /* the work area of the regression is overwritten by the draw; slope and factor stay */
        last = known;
        imputation_mean_of(s, parameters, i, s->group[i], c->mean);
        imputation_conditional_fill(&c->conditional, c->mean, r, c->y + k * m);
    }
    return true;
}

/* Least squares of the completed values: beta, and the scatter of the residuals. */
static void regress(chain *c)
{
    const stroma_imputation_state *s = c->s;
    const size_t m = s->visits, g = c->b->groups, p = g + s->covariates;
    memset(c->cross, 0, p * m * sizeof *c->cross);
    for (size_t k = 0; k < c->b->n; k++) {
        const size_t i = c->b->who[k];
        const double *x = s->x + i * s->covariates, *y = c->y + k * m;
        double *own = c->cross + (s->group[i] - c->b->first) * m;
        for (size_t v = 0; v < m; v++) {
            own[v] += y[v];
            for (size_t j = 0; j < s->covariates; j++)
                c->cross[(g + j) * m + v] += x[j] * y[v];
        }
    }
    for (size_t v = 0; v < m; v++) {
        for (size_t j = 0; j < p; j++)
            c->column[j] = c->cross[j * m + v];
        small_solve_lower(c->b->factor, p, c->column);
        small_solve_upper(c->b->factor, p, c->column);
        for (size_t j = 0; j < p; j++)
            c->beta[j * m + v] = c->column[j];
    }
    memset(c->scatter, 0, m * m * sizeof *c->scatter);
    for (size_t k = 0; k < c->b->n; k++) {
        const size_t i = c->b->who[k];
        const double *x = s->x + i * s->covariates;
        for (size_t v = 0; v < m; v++) {
            c->mean[v] = c->y[k * m + v] - c->beta[(s->group[i] - c->b->first) * m + v];
            for (size_t j = 0; j < s->covariates; j++)
                c->mean[v] -= x[j] * c->beta[(g + j) * m + v];
        }
        for (size_t v = 0; v < m; v++)
            for (size_t w = 0; w <= v; w++)
                c->scatter[v * m + w] += c->mean[v] * c->mean[w];
    }
}

/* half := F with Sigma = F F' a draw of the inverse Wishart distribution: with the scatter L L' and
 * Bartlett's factor A of a Wishart of its df, F = L A'^-1. */
static bool draw_covariance(chain *c, stroma_random *r)
{
    const size_t m = c->s->visits;
    const double df = (double)(c->b->n - c->b->groups - c->s->covariates);
    if (!small_cholesky(c->scatter, m)) return false;
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < i; j++)
            c->wishart[i * m + j] = stroma_random_normal(r);
        c->wishart[i * m + i] = sqrt(stroma_random_gamma(r, (df - (double)i) / 2, 2));
    }
    for (size_t i = 0; i < m; i++) { /* row i of F solves A f = row i of L */
        memcpy(c->half + i * m, c->scatter + i * m, m * sizeof *c->half);
        small_solve_lower(c->wishart, m, c->half + i * m);
    }
    return true;
}

/* Parameters given the completed values. */
static bool draw_parameters(chain *c, stroma_random *r, double *parameters)
{
    const stroma_imputation_state *s = c->s;
    const size_t m = s->visits, g = c->b->groups, p = g + s->covariates;
    regress(c);
    if (!draw_covariance(c, r)) return false;
    double *z = c->cross; /* p × visits normals; beta += C z F' */
    for (size_t i = 0; i < p * m; i++)
        z[i] = stroma_random_normal(r);
    for (size_t j = 0; j < p; j++)
        for (size_t v = 0; v < m; v++) {
            double sum = 0;
            for (size_t k = 0; k <= j; k++)
                sum += c->b->inverse_root[j * p + k] * small_dot(z + k * m, c->half + v * m, m);
            c->beta[j * m + v] += sum;
        }
    for (size_t k = 0; k < g; k++) {
        double *sigma = imputation_covariance(s, parameters, c->b->first + k);
        memcpy(imputation_mean(s, parameters, c->b->first + k, 0), c->beta + k * m,
               m * sizeof *c->beta);
        for (size_t j = 0; j < s->covariates; j++)
            memcpy(imputation_mean(s, parameters, c->b->first + k, 1 + j), c->beta + (g + j) * m,
                   m * sizeof *c->beta);
        for (size_t v = 0; v < m; v++)
            for (size_t w = 0; w < m; w++)
                sigma[v * m + w] = small_dot(c->half + v * m, c->half + w * m, m);
    }
    return true;
}

stroma_status imputation_posterior(const stroma_imputation_state *s, stroma_random *r,
                                   double *parameters, stroma_error *err)
{
    stroma_arena arena;
    stroma_status st = STROMA_OK;
    stroma_arena_init(&arena, (size_t)1 << 34);
    for (size_t k = 0; st == STROMA_OK && k < s->blocks_len; k++) {
        chain c = { .s = s, .b = &s->blocks[k] };
        st = chain_make(&c, &arena, err);
        for (size_t step = 0; st == STROMA_OK && step < s->options.burn_in; step++)
            if (!augment(&c, r, parameters) || !draw_parameters(&c, r, parameters))
                st = stroma_fail(err, STROMA_E_DEGENERATE,
                                 "a drawn covariance is not positive definite: the values at two "
                                 "visits determine each other");
    }
    stroma_arena_clear(&arena);
    return st;
}

/* ---- the rules ---- */

/* Room for the joint distribution of one subject. */
typedef struct joint {
    double *mean, *reference, *covariance, *a, *b;
    imputation_conditional conditional;
} joint;

static void joint_mean(const stroma_imputation_state *s, const double *parameters, size_t i,
                       joint *d)
{
    const size_t m = s->visits, t = s->from[i];
    const stroma_imputation_rule rule = t == m ? STROMA_IMPUTE_MAR : s->rule[i];
    imputation_mean_of(s, parameters, i, s->group[i], d->mean);
    if (rule == STROMA_IMPUTE_MAR) return;
    imputation_mean_of(s, parameters, i, s->options.reference, d->reference);
    const double gap =
        t == 0 || rule != STROMA_IMPUTE_CIR ? 0 : d->mean[t - 1] - d->reference[t - 1];
    for (size_t v = rule == STROMA_IMPUTE_CR ? 0 : t; v < m; v++)
        d->mean[v] = d->reference[v] + gap;
}

/* Own covariance before the event, and after it the regression of the reference arm on what was
 * before (Carpenter, Roger & Kenward 2013 §4). @p own and @p ref visits². */
static bool joint_covariance(const double *own, const double *ref, size_t m, size_t t, joint *d)
{
    double *slope = d->a, *root = d->b; /* (m - t) × t: B = R21 R11^-1 */
    memcpy(d->covariance, ref, m * m * sizeof *ref);
    if (t == 0) return true;
    for (size_t i = 0; i < t; i++)
        memcpy(root + i * t, ref + i * m, t * sizeof *ref);
    if (!small_cholesky(root, t)) return false;
    for (size_t v = t; v < m; v++) {
        memcpy(slope + (v - t) * t, ref + v * m, t * sizeof *ref);
        small_solve_lower(root, t, slope + (v - t) * t);
        small_solve_upper(root, t, slope + (v - t) * t);
    }
    for (size_t i = 0; i < t; i++)
        memcpy(d->covariance + i * m, own + i * m, t * sizeof *own);
    for (size_t v = t; v < m; v++)
        for (size_t j = 0; j < t; j++) {
            double sum = 0;
            for (size_t k = 0; k < t; k++)
                sum += slope[(v - t) * t + k] * own[k * m + j];
            d->covariance[v * m + j] = d->covariance[j * m + v] = sum;
        }
    for (size_t v = t; v < m; v++)
        for (size_t w = t; w < m; w++) {
            double sum = ref[v * m + w];
            for (size_t k = 0; k < t; k++)
                sum += slope[(w - t) * t + k] * (d->covariance[v * m + k] - ref[v * m + k]);
            d->covariance[v * m + w] = sum;
        }
    return true;
}

static stroma_status complete_subject(const stroma_imputation_state *s, double *parameters,
                                      size_t i, joint *d, stroma_random *r, double *y,
                                      stroma_error *err)
{
    const size_t m = s->visits;
    const double *own = imputation_covariance(s, parameters, s->group[i]);
    const double *ref = imputation_covariance(s, parameters, s->options.reference);
    const double *sigma = own;
    bool definite = true;
    memcpy(y, s->y + i * m, m * sizeof *y);
    if (memchr(s->observed + i * m, 0, m) == NULL) return STROMA_OK;
    joint_mean(s, parameters, i, d);
    if (s->options.separate && s->from[i] < m && s->rule[i] == STROMA_IMPUTE_CR) {
        sigma = ref;
    } else if (s->options.separate && s->from[i] < m && s->rule[i] != STROMA_IMPUTE_MAR) {
        definite = joint_covariance(own, ref, m, s->from[i], d);
        sigma = d->covariance;
    }
    if (!definite || !imputation_conditional_set(&d->conditional, sigma, s->observed + i * m))
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "the covariance of the visits is not positive definite");
    imputation_conditional_fill(&d->conditional, d->mean, r, y);
    return STROMA_OK;
}

stroma_status imputation_complete(const stroma_imputation_state *s, double *parameters,
                                  stroma_random *r, double *completed, stroma_error *err)
{
    const size_t m = s->visits;
    stroma_arena arena;
    joint d;
    stroma_arena_init(&arena, (size_t)1 << 34);
    double *work = stroma_arena_alloc(&arena, 2 * m + 3 * m * m, sizeof *work);
    stroma_status st = work == NULL ? stroma_no_memory(err)
                                    : imputation_conditional_make(&d.conditional, m, &arena, err);
    if (st == STROMA_OK) {
        d.mean = work;
        d.reference = work + m;
        d.covariance = work + 2 * m;
        d.a = d.covariance + m * m;
        d.b = d.a + m * m;
    }
    for (size_t i = 0; st == STROMA_OK && i < s->n; i++)
        st = complete_subject(s, parameters, i, &d, r, completed + i * m, err);
    stroma_arena_clear(&arena);
    return st;
}
