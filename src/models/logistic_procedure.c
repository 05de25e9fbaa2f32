/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A logistic model of fixed columns as a procedure that can be validated. */
#include "logistic_problem.h"
#include "validation.h"

#include "stroma/memory.h"

#include <math.h>

static const char one_class[] = "one class in the sample";
static const char lost_column[] = "a column cannot be estimated in the sample";

/* The rows of a sample, copied, and the coefficients they give. */
typedef struct part {
    validation_part rows;
    const stroma_validation_sample *sample;
    double *b;
} part;

static stroma_status by_likelihood(const stroma_logistic_recipe *r, part *p, const char **reason,
                                   stroma_error *err)
{
    const stroma_logistic_options o = { r->kind == STROMA_PROCEDURE_FIRTH, STROMA_LOGISTIC_WALD,
                                        0.95 };
    stroma_logistic_model *m = NULL;
    STROMA_TRY(stroma_logistic_fit(&p->rows.d, p->rows.y, &o, &m, err));
    if (m->reason[0] != '\0') *reason = m->reason;
    bool moved = isnan(m->flic_intercept);
    for (size_t j = 0; j < m->columns; j++) {
        p->b[j] = m->coefficients[j];
        if (moved || !logistic_is_constant(&p->rows.d, j) || m->aliased[j]) continue;
        p->b[j] = m->flic_intercept;
        moved = true;
    }
    stroma_logistic_free(m);
    return STROMA_OK;
}

/* Folds of the sample's rows in which copies of a row stay together. */
static stroma_status deal(const stroma_logistic_recipe *r, const part *p, size_t *fold,
                          stroma_error *err)
{
    const size_t all = r->design->rows, n = p->rows.d.rows;
    size_t distinct = 0;
    size_t *place = stroma_alloc_array(2 * all, sizeof *place); /* 1 + place among the distinct */
    double *y = stroma_alloc_array(all, sizeof *y);
    stroma_status s = place == NULL || y == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < n; i++) {
        const size_t row = p->sample->rows[i];
        if (place[row] != 0) continue;
        y[distinct] = r->y[row];
        place[row] = ++distinct;
    }
    if (s == STROMA_OK)
        s = stroma_validation_folds(y, distinct, r->tune_folds, r->seed, p->sample->index,
                                    place + all, err);
    for (size_t i = 0; s == STROMA_OK && i < n; i++)
        fold[i] = place[all + place[p->sample->rows[i]] - 1];
    stroma_free(place);
    stroma_free(y);
    return s;
}

static stroma_status tune(const stroma_logistic_recipe *r, const part *p, double *lambda,
                          stroma_error *err)
{
    const stroma_logistic_penalty penalty = { r->alpha, true };
    stroma_tune_options o = STROMA_TUNE_OPTIONS_INIT;
    stroma_tuning t = { 0 };
    size_t *fold = stroma_alloc_array(p->rows.d.rows, sizeof *fold);
    if (fold == NULL) return stroma_no_memory(err);
    o.folds = r->tune_folds;
    o.fold = fold;
    stroma_status s = deal(r, p, fold, err);
    if (s == STROMA_OK) s = stroma_logistic_tune(&p->rows.d, p->rows.y, &penalty, &o, &t, err);
    if (s == STROMA_OK) *lambda = t.lambda[r->tune_one_se ? t.one_se : t.best];
    stroma_tuning_clear(&t);
    stroma_free(fold);
    return s;
}

static stroma_status by_penalty(const stroma_logistic_recipe *r, part *p, const char **reason,
                                stroma_error *err)
{
    const stroma_logistic_penalty penalty = { r->alpha, true };
    stroma_logistic_path *path = NULL;
    double lambda = r->lambda;
    if (r->tune_folds > 0 && !(lambda > 0)) {
        const stroma_status s = tune(r, p, &lambda, err);
        if (s == STROMA_E_DEGENERATE) {
            stroma_error_clear(err);
            *reason = "the penalty could not be tuned in the sample";
            return STROMA_OK;
        }
        STROMA_TRY(s);
    }
    STROMA_TRY(stroma_logistic_penalised(&p->rows.d, p->rows.y, &penalty, &lambda, 1, &path, err));
    for (size_t j = 0; j < path->columns; j++)
        p->b[j] = path->coefficients[j];
    stroma_logistic_path_free(path);
    return STROMA_OK;
}

static stroma_status by_prior(const stroma_logistic_recipe *r, part *p, stroma_error *err)
{
    stroma_bayes_options o = STROMA_BAYES_OPTIONS_INIT;
    stroma_bayes_logistic_model *m = NULL;
    o.prior = r->prior;
    o.draws = 0;
    STROMA_TRY(stroma_bayes_logistic_fit(&p->rows.d, p->rows.y, &o, &m, err));
    for (size_t j = 0; j < m->columns; j++)
        p->b[j] = m->mode[j];
    stroma_bayes_logistic_free(m);
    return STROMA_OK;
}

/* A column without a coefficient: fine where it depends on others in the data too. */
static stroma_status check_columns(const stroma_logistic_recipe *r, const part *p,
                                   const char **reason, stroma_error *err)
{
    bool lost = false;
    for (size_t j = 0; j < r->design->columns; j++)
        lost |= isnan(p->b[j]);
    if (!lost) return STROMA_OK;
    stroma_linear_model *m = NULL;
    STROMA_TRY(stroma_linear_model_fit(r->design, r->y, NULL, &m, err));
    for (size_t j = 0; j < r->design->columns; j++) {
        if (isnan(p->b[j]) && !m->aliased[j]) *reason = lost_column;
        if (isnan(p->b[j])) p->b[j] = 0;
    }
    stroma_linear_model_free(m);
    return STROMA_OK;
}

static stroma_status fit(const stroma_logistic_recipe *r, part *p, const char **reason,
                         stroma_error *err)
{
    const size_t events = validation_events(p->rows.y, p->rows.d.rows);
    if ((events == 0 || events == p->rows.d.rows) && r->kind != STROMA_PROCEDURE_BAYES) {
        *reason = one_class;
        return STROMA_OK;
    }
    if (r->kind == STROMA_PROCEDURE_PENALISED)
        STROMA_TRY(by_penalty(r, p, reason, err));
    else if (r->kind == STROMA_PROCEDURE_BAYES)
        STROMA_TRY(by_prior(r, p, err));
    else
        STROMA_TRY(by_likelihood(r, p, reason, err));
    return *reason == NULL ? check_columns(r, p, reason, err) : STROMA_OK;
}

stroma_status stroma_logistic_procedure(const stroma_validation_sample *sample, void *recipe,
                                        double *probability, const char **reason, stroma_error *err)
{
    const stroma_logistic_recipe *r = recipe;
    const stroma_design *d = r->design;
    part p = { .sample = sample };
    STROMA_TRY(validation_part_new(d, r->y, sample->rows, sample->rows_len, &p.rows, err));
    p.b = stroma_alloc_array(d->columns, sizeof *p.b);
    stroma_status s = p.b == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) s = fit(r, &p, reason, err);
    if (s == STROMA_E_DEGENERATE) { /* of these rows, not of the request: counted */
        stroma_error_clear(err);
        *reason = "the model could not be fitted to the sample";
        s = STROMA_OK;
    }
    for (size_t i = 0; s == STROMA_OK && *reason == NULL && i < d->rows; i++) {
        double eta = 0;
        for (size_t j = 0; j < d->columns; j++)
            if (p.b[j] != 0) eta += p.b[j] * d->x[j * d->rows + i];
        probability[i] = logistic_expit(eta);
    }
    validation_part_free(&p.rows);
    stroma_free(p.b);
    return s;
}

stroma_status stroma_logistic_validate(const stroma_logistic_recipe *recipe,
                                       const stroma_validation_options *options,
                                       stroma_optimism *out, stroma_error *err)
{
    stroma_logistic_recipe copy = *recipe;
    *out = (stroma_optimism){ .reason = "" };
    STROMA_TRY(logistic_check(recipe->design, recipe->y, err));
    return stroma_validate_optimism(recipe->y, recipe->design->rows, stroma_logistic_procedure,
                                    &copy, options, out, err);
}
