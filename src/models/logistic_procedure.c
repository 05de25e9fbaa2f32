/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A logistic model of fixed columns as a procedure that can be validated. */
#include "logistic_problem.h"
#include "validation.h"

#include "stroma/memory.h"

#include <math.h>

static const char one_class[] = "one class in the sample";
static const char lost_column[] = "a column cannot be estimated in the sample";

/* The rows of a sample, copied. */
typedef struct part {
    stroma_design d;
    double *y, *b;
} part;

static stroma_status take(const stroma_logistic_recipe *r, const stroma_validation_sample *s,
                          part *out, stroma_error *err)
{
    const stroma_design *d = r->design;
    out->d =
        (stroma_design){ .rows = s->rows_len, .columns = d->columns, .intercept = d->intercept };
    out->d.x = stroma_alloc_array(d->columns, s->rows_len * sizeof *out->d.x);
    out->y = stroma_alloc_array(s->rows_len, sizeof *out->y);
    out->b = stroma_alloc_array(d->columns, sizeof *out->b);
    if (out->d.x == NULL || out->y == NULL || out->b == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < s->rows_len; i++)
        out->y[i] = r->y[s->rows[i]];
    for (size_t j = 0; j < d->columns; j++)
        for (size_t i = 0; i < s->rows_len; i++)
            out->d.x[j * s->rows_len + i] = d->x[j * d->rows + s->rows[i]];
    return STROMA_OK;
}

static void part_free(part *p)
{
    stroma_free(p->d.x);
    stroma_free(p->y);
    stroma_free(p->b);
}

static stroma_status by_likelihood(const stroma_logistic_recipe *r, part *p, const char **reason,
                                   stroma_error *err)
{
    const stroma_logistic_options o = { r->kind == STROMA_PROCEDURE_FIRTH, STROMA_LOGISTIC_WALD,
                                        0.95 };
    stroma_logistic_model *m = NULL;
    STROMA_TRY(stroma_logistic_fit(&p->d, p->y, &o, &m, err));
    if (m->reason[0] != '\0') *reason = m->reason;
    bool moved = isnan(m->flic_intercept);
    for (size_t j = 0; j < m->columns; j++) {
        p->b[j] = m->coefficients[j];
        if (moved || !logistic_is_constant(&p->d, j) || m->aliased[j]) continue;
        p->b[j] = m->flic_intercept;
        moved = true;
    }
    stroma_logistic_free(m);
    return STROMA_OK;
}

static stroma_status by_penalty(const stroma_logistic_recipe *r, part *p, stroma_error *err)
{
    const stroma_logistic_penalty penalty = { r->alpha, true };
    stroma_logistic_path *path = NULL;
    STROMA_TRY(stroma_logistic_penalised(&p->d, p->y, &penalty, &r->lambda, 1, &path, err));
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
    STROMA_TRY(stroma_bayes_logistic_fit(&p->d, p->y, &o, &m, err));
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
    const size_t events = validation_events(p->y, p->d.rows);
    if ((events == 0 || events == p->d.rows) && r->kind != STROMA_PROCEDURE_BAYES) {
        *reason = one_class;
        return STROMA_OK;
    }
    if (r->kind == STROMA_PROCEDURE_PENALISED)
        STROMA_TRY(by_penalty(r, p, err));
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
    part p = { 0 };
    stroma_status s = take(r, sample, &p, err);
    if (s == STROMA_OK) s = fit(r, &p, reason, err);
    for (size_t i = 0; s == STROMA_OK && *reason == NULL && i < d->rows; i++) {
        double eta = 0;
        for (size_t j = 0; j < d->columns; j++)
            if (p.b[j] != 0) eta += p.b[j] * d->x[j * d->rows + i];
        probability[i] = logistic_expit(eta);
    }
    part_free(&p);
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
