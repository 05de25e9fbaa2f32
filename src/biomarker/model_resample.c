/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Performance of the whole procedure, by resamples that repeat every step of it. */
#include "model_conformal.h"
#include "model_internal.h"

#include "stroma/memory.h"
#include "stroma/models_validation.h"
#include "stroma/parallel.h"

#include <math.h>
#include <string.h>

enum { WHY_BYTES = 160 };

/* One resample or fold after the other; each writes to places of its own. */
typedef struct work {
    const model_learner *learner;
    const model_data *d;
    size_t items;
    uint64_t stream;        /* keeps the penalties' folds of different loops apart */
    double *coefficient;    /* item × (1 + p), on the scale on which inputs enter; or NULL */
    char (*why)[WHY_BYTES]; /* item: why it failed, or "" */
    bool *done;             /* item */
    const size_t *fold;     /* n, of the calibration scores */
    double *log_odds;       /* n, out of fold */
} work;

/* Coefficients of scaled inputs as those of inputs on the scale on which they enter. */
static void unscale(const model_recipe *r, const double *scaled, double *out)
{
    out[0] = scaled[0];
    for (size_t j = 0; j < r->p; j++) {
        out[1 + j] = scaled[1 + j] / r->inputs[j].scale;
        out[0] -= out[1 + j] * r->inputs[j].centre;
    }
}

/* Learn on some rows and give the log odds of all. DEGENERATE: these rows cannot be fitted. */
static stroma_status learn_rows(const work *w, const size_t *rows, size_t n, size_t item,
                                double *log_odds, stroma_error *err)
{
    const size_t p = w->d->p;
    model_learner l = *w->learner;
    double *room = stroma_alloc_array(1 + 4 * p, sizeof *room);
    if (room == NULL) return stroma_no_memory(err);
    model_fit fit = { .coefficient = room };
    stroma_status s = model_recipe_copy(&w->learner->recipe, false, &l.recipe, err);
    if (s != STROMA_OK) {
        stroma_free(room);
        return s;
    }
    s = model_learn(&l, w->d, rows, n, w->stream + item, &fit, err);
    if (s == STROMA_OK && w->coefficient != NULL)
        unscale(&l.recipe, room, w->coefficient + item * (1 + p));
    for (size_t i = 0; s == STROMA_OK && i < w->d->n; i++)
        log_odds[i] = model_log_odds(&l.recipe, w->d, i, room, room + 1 + p);
    model_recipe_free(&l.recipe);
    stroma_free(room);
    return s;
}

/* A stroma_validation_fit. Data that cannot be fitted end only their resample. */
static stroma_status procedure(const stroma_validation_sample *sample, void *context,
                               double *probability, const char **reason, stroma_error *err)
{
    const work *w = context;
    stroma_error why = STROMA_ERROR_INIT;
    /* the data themselves come with an index of their own */
    const size_t item = sample->index < w->items ? (size_t)sample->index : w->items;
    const stroma_status s = learn_rows(w, sample->rows, sample->rows_len, item, probability, &why);
    if (s == STROMA_E_DEGENERATE) {
        *reason = "the steps cannot be repeated in these rows";
        if (w->why != NULL) memcpy(w->why[item], why.message, WHY_BYTES - 1);
        return STROMA_OK;
    }
    if (s != STROMA_OK) {
        if (err != NULL) *err = why;
        return s;
    }
    for (size_t i = 0; i < w->d->n; i++)
        probability[i] = model_expit(probability[i]);
    if (w->done != NULL) w->done[item] = true;
    return STROMA_OK;
}

/* A measure corrected; its interval is the apparent one moved by the optimism. */
static stroma_model_figure moved(stroma_model_figure f, const stroma_validated *v)
{
    return (stroma_model_figure){ v->corrected, f.lower - v->optimism, f.upper - v->optimism };
}

/* Refits as draws of the coefficients, in the scaled inputs of the model. */
static stroma_status keep_draws(const work *w, size_t n, stroma_model *m, stroma_error *err)
{
    const size_t p = w->d->p, ok = n - m->optimism.failed;
    const size_t keep = ok < STROMA_MODEL_DRAWS_MAX ? ok : STROMA_MODEL_DRAWS_MAX;
    if (keep < 2) return STROMA_OK;
    m->draws = stroma_arena_alloc(&m->arena, keep * (1 + p), sizeof *m->draws);
    if (m->draws == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n && m->draws_len < keep; i++) {
        if (!w->done[i]) continue;
        const double *from = w->coefficient + i * (1 + p);
        double *to = m->draws + m->draws_len++ * (1 + p);
        to[0] = from[0];
        for (size_t j = 0; j < p; j++) {
            to[0] += from[1 + j] * m->inputs[j].centre;
            to[1 + j] = from[1 + j] * m->inputs[j].scale;
        }
    }
    m->draws_are = "bootstrap";
    return STROMA_OK;
}

static stroma_status collect(const work *w, const stroma_optimism *from, size_t n, stroma_model *m,
                             stroma_error *err)
{
    stroma_model_optimism *o = &m->optimism;
    const stroma_validated *v = from->measures;
    o->resamples = n;
    o->failed = from->failed.n;
    for (size_t i = 0; i < n && o->first_failure[0] == '\0'; i++)
        if (w->why[i][0] != '\0') o->first_failure = stroma_arena_strdup(&m->arena, w->why[i]);
    if (o->first_failure == NULL) return stroma_no_memory(err);
    o->auc_optimism = v[STROMA_MEASURE_AUC].optimism;
    o->brier_optimism = v[STROMA_MEASURE_BRIER].optimism;
    o->auc_mcse = v[STROMA_MEASURE_AUC].mcse;
    o->auc = moved(m->apparent.auc, &v[STROMA_MEASURE_AUC]);
    o->brier = moved(m->apparent.brier, &v[STROMA_MEASURE_BRIER]);
    o->slope = moved(m->apparent.slope, &v[STROMA_MEASURE_SLOPE]);
    o->intercept = moved(m->apparent.intercept, &v[STROMA_MEASURE_LARGE]);
    const bool penalised = m->method == STROMA_MODEL_RIDGE || m->method == STROMA_MODEL_LASSO ||
                           m->method == STROMA_MODEL_ELASTIC_NET;
    return penalised ? keep_draws(w, n, m, err) : STROMA_OK;
}

stroma_status model_optimism(const model_learner *l, const model_data *d,
                             const stroma_model_spec *spec, stroma_model *m, stroma_error *err)
{
    const size_t n = spec->bootstrap;
    if (n == 0) return STROMA_OK; /* not asked for */
    const stroma_validation_options o = { n, spec->seed, spec->threads, false };
    work w = { .learner = l, .d = d, .items = n, .stream = 1 };
    stroma_optimism result;
    w.coefficient = stroma_alloc_array(n + 1, (1 + d->p) * sizeof *w.coefficient);
    w.why = stroma_alloc_array(n + 1, sizeof *w.why);
    w.done = stroma_alloc_array(n + 1, sizeof *w.done);
    stroma_status s = w.coefficient == NULL || w.why == NULL || w.done == NULL
                          ? stroma_no_memory(err)
                          : STROMA_OK;
    if (s == STROMA_OK) s = stroma_validate_optimism(d->y, d->n, procedure, &w, &o, &result, err);
    if (s == STROMA_OK) s = collect(&w, &result, n, m, err);
    stroma_free(w.coefficient);
    stroma_free(w.why);
    stroma_free(w.done);
    return s == STROMA_OK ? s : stroma_in(err, s, "correcting for optimism");
}

static stroma_model_figure mean_of(const stroma_cross_validated *v)
{
    return (stroma_model_figure){ v->mean, v->mean - v->sd, v->mean + v->sd };
}

stroma_status model_cross_validate(const model_learner *l, const model_data *d,
                                   const stroma_model_spec *spec, stroma_model *m,
                                   stroma_error *err)
{
    stroma_model_cv *cv = &m->cv;
    work w = { .learner = l, .d = d, .items = SIZE_MAX, .stream = (uint64_t)1 << 32 };
    stroma_cross_validation *v = NULL;
    cv->folds = spec->folds < d->n ? spec->folds : d->n;
    cv->repeats = spec->repeats;
    const stroma_cross_options o = { cv->folds, cv->repeats, spec->seed, spec->threads };
    STROMA_TRY(stroma_validate_cross(d->y, d->n, procedure, &w, &o, &v, err));
    cv->failed = v->failed.n;
    cv->auc = mean_of(&v->measures[STROMA_MEASURE_AUC]);
    cv->brier = mean_of(&v->measures[STROMA_MEASURE_BRIER]);
    cv->slope = mean_of(&v->measures[STROMA_MEASURE_SLOPE]);
    cv->intercept = mean_of(&v->measures[STROMA_MEASURE_LARGE]);
    stroma_cross_validation_free(v);
    return STROMA_OK;
}

/* Learn without one fold and predict it. */
static stroma_status leave_out(size_t begin, size_t end, int worker, void *context,
                               stroma_error *err)
{
    const work *w = context;
    const size_t n = w->d->n;
    (void)worker;
    size_t *rows = stroma_alloc_array(n, sizeof *rows);
    double *log_odds = stroma_alloc_array(n, sizeof *log_odds);
    stroma_status s = rows == NULL || log_odds == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t k = begin; s == STROMA_OK && k < end; k++) {
        size_t trains = 0;
        for (size_t i = 0; i < n; i++)
            if (w->fold[i] != k) rows[trains++] = i;
        s = learn_rows(w, rows, trains, k, log_odds, err);
        for (size_t i = 0; i < n; i++)
            if (w->fold[i] == k) w->log_odds[i] = s == STROMA_OK ? log_odds[i] : (double)NAN;
        if (s == STROMA_E_DEGENERATE) s = STROMA_OK; /* its rows have no score */
    }
    stroma_free(rows);
    stroma_free(log_odds);
    return s;
}

/* Inputs of a row as they enter, from scaled ones, as for a new patient. */
static void enter(const work *w, size_t row, double *value, uint8_t *state, double *entered)
{
    const model_recipe *r = &w->learner->recipe;
    for (size_t j = 0; j < r->p; j++) {
        value[j] = w->d->value[j][row];
        state[j] = w->d->state[j][row];
    }
    (void)model_recipe_apply(r, value, state, entered, NULL, NULL);
    for (size_t j = 0; j < r->p; j++)
        entered[j] = r->inputs[j].centre + entered[j] * r->inputs[j].scale;
}

static stroma_status keep_scores(const work *w, const size_t *fold, stroma_model *m,
                                 stroma_error *err)
{
    const size_t n = w->d->n, p = w->d->p;
    double *room = stroma_arena_alloc(&m->arena, 2 * p, sizeof *room);
    uint8_t *state = stroma_arena_alloc(&m->arena, p, 1);
    m->calibration_score = stroma_arena_alloc(&m->arena, n, sizeof(double));
    m->calibration_class = stroma_arena_alloc(&m->arena, n, 1);
    m->calibration_fold = stroma_arena_alloc(&m->arena, n, sizeof *m->calibration_fold);
    if (m->calibration_score == NULL || m->calibration_class == NULL ||
        m->calibration_fold == NULL || room == NULL || state == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(w->log_odds[i])) continue; /* its fold could not be fitted */
        enter(w, i, room, state, room + p);
        m->calibration_score[m->calibration_len] =
            conformal_score(m->fold_coefficients + fold[i] * (1 + p), room + p, p);
        m->calibration_class[m->calibration_len] = w->d->y[i] > 0;
        m->calibration_fold[m->calibration_len++] = (uint16_t)fold[i];
    }
    return STROMA_OK;
}

stroma_status model_calibrate(const model_learner *l, const model_data *d, size_t folds,
                              const stroma_model_spec *spec, stroma_model *m, stroma_error *err)
{
    const size_t n = d->n;
    size_t *fold = stroma_alloc_array(n, sizeof *fold);
    double *log_odds = stroma_alloc_array(n, sizeof *log_odds);
    model_learner fixed = *l;
    fixed.keep_recipe = true;
    work w = {
        .learner = &fixed, .d = d, .stream = (uint64_t)1 << 33, .fold = fold, .log_odds = log_odds
    };
    m->folds = folds < n ? folds : n;
    m->fold_coefficients = stroma_arena_alloc(&m->arena, m->folds * (1 + d->p), sizeof(double));
    w.coefficient = m->fold_coefficients;
    stroma_status s = STROMA_OK;
    if (fold == NULL || log_odds == NULL || w.coefficient == NULL) s = stroma_no_memory(err);
    if (s == STROMA_OK)
        s = stroma_validation_folds(d->y, n, m->folds, spec->seed, UINT32_MAX, fold, err);
    if (s == STROMA_OK) s = stroma_parallel_for(m->folds, spec->threads, 1, leave_out, &w, err);
    if (s == STROMA_OK) s = keep_scores(&w, fold, m, err);
    if (s == STROMA_OK) s = model_groups(log_odds, d, spec, m, err);
    stroma_free(fold);
    stroma_free(log_odds);
    return s;
}
