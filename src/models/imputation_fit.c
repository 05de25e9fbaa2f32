/* SPDX-License-Identifier: GPL-3.0-or-later */
/* REML fits of the imputation model: arm by visit and covariate by visit. */
#include "imputation.h"

#include <math.h>
#include <string.h>

size_t imputation_parameters_len(const stroma_imputation_state *s)
{
    return s->groups * s->visits * (1 + s->covariates + s->visits);
}

double *imputation_mean(const stroma_imputation_state *s, double *parameters, size_t group,
                        size_t term)
{
    return parameters + (group * (1 + s->covariates) + term) * s->visits;
}

double *imputation_covariance(const stroma_imputation_state *s, double *parameters, size_t group)
{
    return parameters + s->groups * (1 + s->covariates) * s->visits + group * s->visits * s->visits;
}

void imputation_mean_of(const stroma_imputation_state *s, const double *parameters, size_t subject,
                        size_t group, double *mean)
{
    const size_t m = s->visits, own = (1 + s->covariates) * m;
    const double *b = parameters + group * own, *x = s->x + subject * s->covariates;
    for (size_t v = 0; v < m; v++) {
        mean[v] = b[v];
        for (size_t c = 0; c < s->covariates; c++)
            mean[v] += x[c] * b[(1 + c) * m + v];
    }
}

/* Rows of a block for the mixed model; columns by visit: arms, then covariates. */
typedef struct rows {
    stroma_design design;
    stroma_mmrm_data data;
    double *y;
    size_t *subject, *visit;
    size_t of_visit; /* columns of one visit */
} rows;

static stroma_status make_rows(const stroma_imputation_state *s, const imputation_block *b,
                               const size_t *who, size_t n, rows *r, stroma_arena *arena,
                               stroma_error *err)
{
    const size_t m = s->visits;
    size_t most = 0, at = 0;
    for (size_t k = 0; k < n; k++)
        for (size_t v = 0; v < m; v++)
            most += s->used[who[k] * m + v];
    r->of_visit = b->groups + s->covariates;
    const size_t columns = m * r->of_visit;
    r->y = stroma_arena_alloc(arena, most + 1, sizeof *r->y);
    r->subject = stroma_arena_alloc(arena, most + 1, sizeof *r->subject);
    r->visit = stroma_arena_alloc(arena, most + 1, sizeof *r->visit);
    double *x = stroma_arena_alloc(arena, most * columns + 1, sizeof *x);
    if (r->y == NULL || r->subject == NULL || r->visit == NULL || x == NULL)
        return stroma_no_memory(err);
    for (size_t k = 0; k < n; k++) {
        const size_t i = who[k];
        if (s->group[i] < b->first || s->group[i] >= b->first + b->groups) continue;
        for (size_t v = 0; v < m; v++) {
            if (!s->used[i * m + v]) continue;
            double *column = x + v * r->of_visit * most + at;
            column[(s->group[i] - b->first) * most] = 1;
            for (size_t c = 0; c < s->covariates; c++)
                column[(b->groups + c) * most] = s->x[i * s->covariates + c];
            r->y[at] = s->y[i * m + v];
            r->subject[at] = k; /* a subject drawn twice is two */
            r->visit[at++] = v;
        }
    }
    /* columns were laid out for all rows: close the gap when the block has fewer */
    for (size_t c = 1; at < most && c < columns; c++)
        memmove(x + c * at, x + c * most, at * sizeof *x);
    r->design = (stroma_design){ .rows = at, .columns = columns, .x = x, .intercept = true };
    r->data = (stroma_mmrm_data){ .design = &r->design,
                                  .y = r->y,
                                  .subject = r->subject,
                                  .visit = r->visit,
                                  .subjects = n,
                                  .visits = m,
                                  .groups = 1 };
    return STROMA_OK;
}

static stroma_status take_parameters(const stroma_imputation_state *s, const imputation_block *b,
                                     const stroma_mmrm *fit, double *parameters, stroma_error *err)
{
    const size_t m = s->visits, of_visit = b->groups + s->covariates;
    for (size_t k = 0; k < b->groups; k++) {
        const size_t g = b->first + k;
        for (size_t v = 0; v < m; v++) {
            const double *own = fit->coefficients + v * of_visit;
            if (isnan(own[k]))
                return stroma_fail(err, STROMA_E_DEGENERATE,
                                   "the mean of arm %zu at visit %zu is not determined", g + 1,
                                   v + 1);
            imputation_mean(s, parameters, g, 0)[v] = own[k];
            for (size_t c = 0; c < s->covariates; c++) {
                const double slope = own[b->groups + c];
                imputation_mean(s, parameters, g, 1 + c)[v] = isnan(slope) ? 0 : slope;
            }
        }
        memcpy(imputation_covariance(s, parameters, g), fit->visit_covariance,
               m * m * sizeof *parameters);
    }
    return STROMA_OK;
}

static stroma_status fit_block(const stroma_imputation_state *s, const imputation_block *b,
                               const size_t *who, size_t n, bool declared_order, double *parameters,
                               stroma_mmrm **out, stroma_error *err)
{
    stroma_mmrm_options o = STROMA_MMRM_OPTIONS_INIT;
    stroma_arena arena;
    rows r;
    o.structure = b->structure;
    o.df = STROMA_MMRM_DF_SATTERTHWAITE;
    o.start = declared_order ? NULL : b->theta;
    if (declared_order) {
        memcpy(o.fallback, s->options.fallback, sizeof o.fallback);
        o.fallback_len = s->options.fallback_len;
    }
    stroma_arena_init(&arena, (size_t)1 << 34);
    stroma_status st = make_rows(s, b, who, n, &r, &arena, err);
    if (st == STROMA_OK) st = stroma_mmrm_fit(&r.data, &o, out, err);
    if (st == STROMA_OK) st = take_parameters(s, b, *out, parameters, err);
    stroma_arena_clear(&arena);
    return st;
}

/* The structure that was fitted, and where. */
static stroma_status keep_fit(stroma_arena *arena, imputation_block *b, const stroma_mmrm *fit,
                              stroma_error *err)
{
    b->structure = fit->structure;
    b->theta = stroma_arena_alloc(arena, fit->parameters, sizeof *b->theta);
    if (b->theta == NULL) return stroma_no_memory(err);
    memcpy(b->theta, fit->theta, fit->parameters * sizeof *b->theta);
    return STROMA_OK;
}

stroma_status imputation_fit(const stroma_imputation_state *s, const size_t *who, size_t n,
                             stroma_arena *arena, double *parameters, stroma_mmrm **model,
                             stroma_error *err)
{
    const bool declared_order = arena != NULL;
    stroma_status st = STROMA_OK;
    for (size_t k = 0; st == STROMA_OK && k < s->blocks_len; k++) {
        imputation_block *b = &s->blocks[k];
        stroma_mmrm *fit = NULL;
        st = fit_block(s, b, who, n, declared_order, parameters, &fit, err);
        if (st == STROMA_OK && declared_order) st = keep_fit(arena, b, fit, err);
        if (st == STROMA_OK && model != NULL && k == 0)
            *model = fit;
        else
            stroma_mmrm_free(fit);
    }
    return st;
}
