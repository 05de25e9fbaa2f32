/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One fit of everything on some rows: rules of the inputs, penalty, coefficients. */
#include "model_internal.h"

#include "stroma/memory.h"
#include "stroma/models_bayes_logistic.h"
#include "stroma/models_logistic.h"
#include "stroma/models_validation.h"

#include <math.h>
#include <string.h>

enum { LAMBDAS = 25 };

double model_expit(double x)
{
    if (x >= 0) return 1 / (1 + exp(-x));
    const double e = exp(x);
    return e / (1 + e);
}

static double deviance(double eta, double y)
{
    const double signed_eta = y > 0 ? -eta : eta; /* log(1 + exp) without overflow */
    return 2 * (fmax(signed_eta, 0) + log1p(exp(-fabs(signed_eta))));
}

/* Scaled inputs of one row; false when the recipe has no answer. */
static bool row_inputs(const model_recipe *r, const model_data *d, size_t row, double *scratch,
                       double *z)
{
    uint8_t *state = (uint8_t *)(scratch + r->p);
    for (size_t j = 0; j < r->p; j++) {
        scratch[j] = d->value[j][row];
        state[j] = d->state[j][row];
    }
    return model_recipe_apply(r, scratch, state, z, NULL, NULL);
}

double model_log_odds(const model_recipe *r, const model_data *d, size_t row,
                      const double *coefficient, double *scratch)
{
    double *z = scratch + 2 * r->p;
    if (!row_inputs(r, d, row, scratch, z)) return NAN;
    double eta = coefficient[0];
    for (size_t j = 0; j < r->p; j++)
        eta += coefficient[1 + j] * z[j];
    return eta;
}

stroma_status model_design(const model_recipe *r, const model_data *d, const size_t *rows, size_t n,
                           double **x, double **y, stroma_error *err)
{
    const size_t p = r->p;
    *y = NULL;
    *x = stroma_alloc_array(n * (p + 1), sizeof **x);
    double *scratch = stroma_alloc_array(3 * p, sizeof *scratch);
    if (*x != NULL && scratch != NULL) *y = stroma_alloc_array(n, sizeof **y);
    if (*y == NULL) {
        stroma_free(*x);
        stroma_free(scratch);
        *x = NULL;
        return stroma_no_memory(err);
    }
    bool whole = true;
    for (size_t i = 0; i < n; i++) {
        whole = row_inputs(r, d, rows[i], scratch, scratch + 2 * p) && whole;
        (*x)[i] = 1;
        for (size_t j = 0; j < p; j++)
            (*x)[(j + 1) * n + i] = scratch[2 * p + j];
        (*y)[i] = d->y[rows[i]];
    }
    stroma_free(scratch);
    if (whole) return STROMA_OK;
    stroma_free(*x);
    stroma_free(*y);
    *x = *y = NULL;
    return stroma_fail(err, STROMA_E_DEGENERATE, "a row has no answer for a missing input");
}

static stroma_design design_of(double *x, size_t n, size_t p)
{
    return (stroma_design){ .rows = n, .columns = p + 1, .x = x, .intercept = true };
}

static stroma_status fit_firth(const model_learner *l, const stroma_design *x, const double *y,
                               model_fit *fit, stroma_error *err)
{
    const stroma_logistic_options o = { true, STROMA_LOGISTIC_WALD, 0.95 };
    stroma_logistic_model *m = NULL;
    STROMA_TRY(stroma_logistic_fit(x, y, &o, &m, err));
    stroma_status s = STROMA_OK;
    for (size_t j = 0; s == STROMA_OK && j < x->columns; j++) {
        fit->coefficient[j] = m->coefficients[j];
        if (m->aliased[j])
            s = stroma_fail(err, STROMA_E_DEGENERATE,
                            "input \"%s\" is a combination of those before it",
                            j == 0 ? "(intercept)" : l->recipe.inputs[j - 1].name);
        else if (!isfinite(m->coefficients[j]))
            s = stroma_fail(err, STROMA_E_DEGENERATE, "no estimates: %s", m->reason);
    }
    if (s == STROMA_OK) {
        fit->firth_intercept = m->coefficients[0];
        if (isfinite(m->flic_intercept)) fit->coefficient[0] = m->flic_intercept;
    }
    stroma_logistic_free(m);
    return s;
}

static stroma_status fit_bayes(const model_learner *l, const stroma_design *x, const double *y,
                               model_fit *fit, stroma_error *err)
{
    stroma_bayes_options o = STROMA_BAYES_OPTIONS_INIT;
    o.prior.scale = l->prior_scale;
    o.prior.scaling = STROMA_BAYES_SCALE_NONE; /* they are scaled already */
    o.draws = 0;
    stroma_bayes_logistic_model *m = NULL;
    STROMA_TRY(stroma_bayes_logistic_fit(x, y, &o, &m, err));
    for (size_t j = 0; j < x->columns; j++)
        fit->coefficient[j] = m->aliased[j] ? 0 : m->mode[j];
    stroma_bayes_logistic_free(m);
    return STROMA_OK;
}

/* The choice of a penalty, by folds of some rows. */
typedef struct choice {
    const model_learner *l;
    const model_data *d;
    const size_t *rows;
    size_t n;
    uint64_t resample;
    const stroma_logistic_path *path; /* the penalties, and the fit to all rows */
    size_t *fold, *train, *test;      /* n each */
    size_t trains, tests;
    double *y;           /* n */
    double sum[LAMBDAS]; /* held-out deviance of each penalty */
} choice;

static stroma_status add_deviance(choice *c, const model_recipe *r,
                                  const stroma_logistic_path *path, stroma_error *err)
{
    double *scratch = stroma_alloc_array(3 * r->p, sizeof *scratch);
    if (scratch == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < c->tests; i++)
        for (size_t k = 0; k < path->lambdas_len; k++)
            c->sum[k] += deviance(
                model_log_odds(r, c->d, c->test[i], path->coefficients + k * (r->p + 1), scratch),
                c->d->y[c->test[i]]);
    stroma_free(scratch);
    return STROMA_OK;
}

/* Everything anew without one fold, which is then predicted. */
static stroma_status score_fold(choice *c, stroma_error *err)
{
    model_recipe r = { 0 };
    double *x = NULL, *y = NULL;
    stroma_logistic_path *path = NULL;
    stroma_status s = model_recipe_copy(&c->l->recipe, false, &r, err);
    if (s == STROMA_OK && !c->l->keep_recipe)
        s = model_recipe_learn(&r, c->d, c->train, c->trains, err);
    if (s == STROMA_OK) s = model_design(&r, c->d, c->train, c->trains, &x, &y, err);
    if (s == STROMA_OK) {
        const stroma_design design = design_of(x, c->trains, r.p);
        const stroma_logistic_penalty penalty = { c->l->alpha, false };
        s = stroma_logistic_penalised(&design, y, &penalty, c->path->lambdas, c->path->lambdas_len,
                                      &path, err);
    }
    if (s == STROMA_OK) s = add_deviance(c, &r, path, err);
    stroma_logistic_path_free(path);
    stroma_free(x);
    stroma_free(y);
    model_recipe_free(&r);
    return s;
}

static stroma_status score_repeat(choice *c, uint64_t index, stroma_error *err)
{
    for (size_t i = 0; i < c->n; i++)
        c->y[i] = c->d->y[c->rows[i]];
    STROMA_TRY(stroma_validation_folds(c->y, c->n, c->l->folds, c->l->seed, index, c->fold, err));
    for (size_t k = 0; k < c->l->folds; k++) {
        c->trains = c->tests = 0;
        for (size_t i = 0; i < c->n; i++)
            if (c->fold[i] == k)
                c->test[c->tests++] = c->rows[i];
            else
                c->train[c->trains++] = c->rows[i];
        if (c->tests > 0) STROMA_TRY(score_fold(c, err));
    }
    return STROMA_OK;
}

/* The penalty with the least cross-validated deviance; of equals the largest. */
static stroma_status choose_lambda(choice *c, size_t *best, stroma_error *err)
{
    const size_t n = c->n;
    c->fold = stroma_alloc_array(3 * n, sizeof *c->fold);
    c->y = stroma_alloc_array(n, sizeof *c->y);
    stroma_status s = c->fold == NULL || c->y == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) {
        c->train = c->fold + n;
        c->test = c->fold + 2 * n;
    }
    /* far from the indices of the outer loops */
    const uint64_t index = ((uint64_t)1 << 40) + c->resample * c->l->repeats;
    for (size_t r = 0; s == STROMA_OK && r < c->l->repeats; r++)
        s = score_repeat(c, index + r, err);
    stroma_free(c->fold);
    stroma_free(c->y);
    *best = 0;
    for (size_t k = 1; k < c->path->lambdas_len; k++)
        if (c->sum[k] < c->sum[*best]) *best = k;
    return s == STROMA_OK ? s : stroma_in(err, s, "choosing the penalty");
}

static stroma_status fit_penalised(choice *c, const stroma_design *x, const double *y,
                                   model_fit *fit, stroma_error *err)
{
    const model_learner *l = c->l;
    const stroma_logistic_penalty penalty = { l->alpha, false };
    const bool given = l->lambda > 0;
    stroma_logistic_path *path = NULL;
    size_t best = 0;
    STROMA_TRY(stroma_logistic_penalised(x, y, &penalty, given ? &l->lambda : NULL,
                                         given ? 1 : LAMBDAS, &path, err));
    c->path = path;
    const stroma_status s = given ? STROMA_OK : choose_lambda(c, &best, err);
    if (s == STROMA_OK) {
        fit->lambda = path->lambdas[best];
        memcpy(fit->coefficient, path->coefficients + best * x->columns,
               x->columns * sizeof *fit->coefficient);
    }
    stroma_logistic_path_free(path);
    return s;
}

stroma_status model_learn(model_learner *l, const model_data *d, const size_t *rows, size_t n,
                          uint64_t resample, model_fit *fit, stroma_error *err)
{
    size_t events = 0;
    for (size_t i = 0; i < n; i++)
        events += d->y[rows[i]] > 0;
    if (events == 0 || events == n)
        return stroma_fail(err, STROMA_E_DEGENERATE, "all %zu subjects %s the event", n,
                           events == 0 ? "are without" : "have");
    if (!l->keep_recipe) STROMA_TRY(model_recipe_learn(&l->recipe, d, rows, n, err));
    double *x = NULL, *y = NULL;
    STROMA_TRY(model_design(&l->recipe, d, rows, n, &x, &y, err));
    const stroma_design design = design_of(x, n, l->recipe.p);
    choice c = { .l = l, .d = d, .rows = rows, .n = n, .resample = resample };
    fit->lambda = fit->firth_intercept = NAN;
    stroma_status s = STROMA_OK;
    if (l->method == STROMA_MODEL_FIRTH)
        s = fit_firth(l, &design, y, fit, err);
    else if (l->method == STROMA_MODEL_BAYES)
        s = fit_bayes(l, &design, y, fit, err);
    else
        s = fit_penalised(&c, &design, y, fit, err);
    stroma_free(x);
    stroma_free(y);
    return s;
}
