/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a frame to a model: permission, rows, fit, performance, what predictions will need. */
#include "model_budget.h"
#include "model_internal.h"
#include "stroma_config.h"

#include "stroma/memory.h"
#include "stroma/models_bayes_logistic.h"
#include "stroma/models_logistic.h"

#include <math.h>
#include <string.h>

enum {
    PENALTY_FOLDS = 5, /* of the choice of a penalty, inside every other loop */
    PENALTY_REPEATS = 3,
    CORRELATED_MAX = 100,
    CHAINS = 4,
    CONFORMAL_FOLDS = 20
};

static const char *const method_names[] = { "firth", "ridge", "lasso", "elastic-net", "bayes" };
static const char *const missing_names[] = { "complete-case", "median", "regression" };
static const char *const censored_names[] = { "expected", "half" };

static const char *name_of(const char *const *names, size_t n, size_t i)
{
    return i < n ? names[i] : "unknown";
}

static bool index_of(const char *const *names, size_t n, const char *name, size_t *out)
{
    for (*out = 0; *out < n; ++*out)
        if (strcmp(names[*out], name) == 0) return true;
    return false;
}

const char *stroma_model_method_name(stroma_model_method m)
{
    return name_of(method_names, 5, m);
}
const char *stroma_model_missing_name(stroma_model_missing m)
{
    return name_of(missing_names, 3, m);
}
const char *stroma_model_censored_name(stroma_model_censored c)
{
    return name_of(censored_names, 2, c);
}

bool stroma_model_method_parse(const char *name, stroma_model_method *out)
{
    size_t i = 0;
    if (!index_of(method_names, 5, name, &i)) return false;
    *out = (stroma_model_method)i;
    return true;
}

bool stroma_model_missing_parse(const char *name, stroma_model_missing *out)
{
    size_t i = 0;
    if (!index_of(missing_names, 3, name, &i)) return false;
    *out = (stroma_model_missing)i;
    return true;
}

bool stroma_model_censored_parse(const char *name, stroma_model_censored *out)
{
    size_t i = 0;
    if (!index_of(censored_names, 2, name, &i)) return false;
    *out = (stroma_model_censored)i;
    return true;
}

void stroma_model_free(stroma_model *m)
{
    if (m == NULL) return;
    stroma_arena_clear(&m->arena);
    stroma_free(m);
}

stroma_status model_new(size_t arena_bytes, stroma_model **out, stroma_error *err)
{
    stroma_model *m = stroma_alloc_array(1, sizeof *m);
    *out = m;
    if (m == NULL) return stroma_no_memory(err);
    stroma_arena_init(&m->arena, arena_bytes);
    m->landmark_day = m->outcome_day = STROMA_BIOMARKER_DAY_UNKNOWN;
    m->alpha = m->lambda = m->prior_scale = m->uncorrected_intercept = NAN;
    m->recalibration[1] = 1;
    m->version = 1;
    const stroma_model_figure none = { NAN, NAN, NAN };
    m->optimism.auc = m->optimism.brier = m->optimism.slope = m->optimism.intercept = none;
    m->optimism.auc_optimism = m->optimism.brier_optimism = m->optimism.auc_mcse = NAN;
    m->optimism.first_failure = "";
    m->cv.auc = m->cv.brier = m->cv.slope = m->cv.intercept = none;
    return STROMA_OK;
}

/* The rows that enter, packed. */
typedef struct rows {
    model_data d;
    double **value;
    uint8_t **state;
    double *y;
    size_t *source;
} rows;

static bool enters(const stroma_biomarker_frame *f, size_t i, stroma_model_missing rule)
{
    size_t known = 0;
    for (size_t j = 0; j < f->columns_len; j++) {
        const uint8_t s = f->columns[j].state[i];
        known += s == STROMA_PRESENT || s == STROMA_BELOW_LIMIT || s == STROMA_ABOVE_LIMIT;
    }
    return rule == STROMA_MODEL_MISSING_COMPLETE ? known == f->columns_len : known > 0;
}

static stroma_status pack(const stroma_biomarker_frame *f, stroma_model *m, rows *r,
                          stroma_error *err)
{
    const size_t p = f->columns_len;
    stroma_arena *a = &m->arena;
    r->value = stroma_arena_alloc(a, p, sizeof *r->value);
    r->state = stroma_arena_alloc(a, p, sizeof *r->state);
    r->y = stroma_arena_alloc(a, f->n, sizeof *r->y);
    r->source = stroma_arena_alloc(a, f->n, sizeof *r->source);
    if (r->value == NULL || r->state == NULL || r->y == NULL || r->source == NULL)
        return stroma_no_memory(err);
    for (size_t j = 0; j < p; j++) {
        r->value[j] = stroma_arena_alloc(a, f->n, sizeof **r->value);
        r->state[j] = stroma_arena_alloc(a, f->n, 1);
        if (r->value[j] == NULL || r->state[j] == NULL) return stroma_no_memory(err);
    }
    for (size_t i = 0; i < f->n; i++) {
        if (!enters(f, i, m->missing)) {
            m->incomplete++;
            continue;
        }
        for (size_t j = 0; j < p; j++) {
            r->value[j][m->n] = f->columns[j].value[i];
            r->state[j][m->n] = f->columns[j].state[i];
        }
        r->source[m->n] = i;
        r->y[m->n++] = f->outcome[i];
        m->events += f->outcome[i] > 0;
    }
    r->d = (model_data){ .n = m->n, .p = p, .y = r->y, .source = r->source };
    r->d.value = (const double *const *)r->value;
    r->d.state = (const uint8_t *const *)r->state;
    if (m->events > 0 && m->events < m->n) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_DEGENERATE,
                      "%zu of %zu subjects with %s have the event: a model needs both classes",
                      m->events, m->n,
                      m->missing == STROMA_MODEL_MISSING_COMPLETE ? "all inputs" : "an input");
    if (m->incomplete > 0)
        stroma_hint(err, "%zu subjects lack an input: see --missing-inputs", m->incomplete);
    return STROMA_E_DEGENERATE;
}

static stroma_status check_input(const stroma_model_spec *spec, const stroma_biomarker_column *c,
                                 stroma_error *err)
{
    if (spec->landmark_day == STROMA_BIOMARKER_DAY_UNKNOWN ||
        c->day == STROMA_BIOMARKER_DAY_UNKNOWN || c->day <= spec->landmark_day)
        return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "input \"%s\" is of day %d, after the landmark (day %d)",
                      c->name, (int)c->day, (int)spec->landmark_day);
    stroma_hint(err, "what is measured after the landmark cannot be known there; make a model of a "
                     "later landmark");
    return STROMA_E_USAGE;
}

static stroma_status check(const stroma_biomarker_frame *f, const stroma_model_spec *spec,
                           stroma_error *err)
{
    if (f->event == NULL)
        return stroma_fail(err, STROMA_E_USAGE, "the outcome \"%s\" is a number, not yes or no",
                           f->outcome_name);
    if (f->columns_len == 0 || f->columns_len > STROMA_MODEL_INPUTS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu inputs; a model has 1 to %d", f->columns_len,
                           STROMA_MODEL_INPUTS_MAX);
    if (!(spec->level > 0.5 && spec->level < 1) || !(spec->prior_scale > 0) ||
        !(spec->r2_cs > 0 && spec->r2_cs < 1) || spec->folds < 2 ||
        spec->folds > STROMA_MODEL_FOLDS_MAX || spec->threads < 1 || spec->seed > (uint64_t)1 << 53)
        return stroma_fail(err, STROMA_E_USAGE,
                           "a level, prior scale, R2 or number of folds is "
                           "out of range");
    if (spec->landmark_day != STROMA_BIOMARKER_DAY_UNKNOWN &&
        spec->outcome_day != STROMA_BIOMARKER_DAY_UNKNOWN &&
        spec->outcome_day <= spec->landmark_day) {
        (void)stroma_fail(err, STROMA_E_USAGE,
                          "the outcome is of day %d, not after the landmark (day %d)",
                          (int)spec->outcome_day, (int)spec->landmark_day);
        stroma_hint(err, "what is known already cannot be predicted");
        return STROMA_E_USAGE;
    }
    for (size_t j = 0; j < f->columns_len; j++) {
        STROMA_TRY(check_input(spec, &f->columns[j], err));
        if (stroma_biomarker_frame_find(f, f->columns[j].name) != j)
            return stroma_fail(err, STROMA_E_USAGE, "input \"%s\" is named twice",
                               f->columns[j].name);
    }
    return STROMA_OK;
}

/* Copies of texts, which may be NULL. */
typedef struct kept_text {
    const char **to, *text;
} kept_text;

static stroma_status keep_texts(stroma_model *m, const kept_text *t, size_t n, stroma_error *err)
{
    for (size_t i = 0; i < n; i++) {
        *t[i].to = stroma_arena_strdup(&m->arena, t[i].text);
        if (*t[i].to == NULL && t[i].text != NULL) return stroma_no_memory(err);
    }
    return STROMA_OK;
}

static stroma_status describe_input(const stroma_biomarker_column *c, stroma_model *m,
                                    stroma_model_input *in, stroma_error *err)
{
    const kept_text texts[] = {
        { &in->name, c->name },
        { &in->label, c->label },
        { &in->unit, c->unit },
        { &in->assay, c->assay },
    };
    in->lloq = c->lloq;
    in->uloq = c->uloq;
    in->day = c->day;
    in->log_scale = c->log_scale;
    in->lower = in->upper = in->p = NAN;
    return keep_texts(m, texts, sizeof texts / sizeof texts[0], err);
}

static stroma_status describe_inputs(const stroma_biomarker_frame *f, stroma_model *m,
                                     stroma_error *err)
{
    m->inputs_len = f->columns_len;
    m->inputs = stroma_arena_alloc(&m->arena, m->inputs_len, sizeof *m->inputs);
    if (m->inputs == NULL) return stroma_no_memory(err);
    for (size_t j = 0; j < m->inputs_len; j++)
        STROMA_TRY(describe_input(&f->columns[j], m, &m->inputs[j], err));
    m->excluded_len = f->excluded_len;
    for (size_t i = 0; i < f->excluded_len; i++) {
        const kept_text reason = { &m->excluded[i].reason, f->excluded[i].reason };
        STROMA_TRY(keep_texts(m, &reason, 1, err));
        m->excluded[i].n = f->excluded[i].n;
    }
    return STROMA_OK;
}

static stroma_status describe(const stroma_biomarker_frame *f, const stroma_model_spec *spec,
                              stroma_model *m, stroma_error *err)
{
    const kept_text texts[] = {
        { &m->id, spec->id == NULL ? "model" : spec->id },
        { &m->name, spec->name },
        { &m->intended_use, spec->intended_use },
        { &m->population, spec->population },
        { &m->expiry, spec->expiry },
        { &m->landmark, spec->landmark },
        { &m->outcome_name, f->outcome_name },
        { &m->outcome_label, f->outcome_label },
        { &m->event, f->event },
        { &m->training_source, f->source },
        { &m->training_sha256, f->sha256 },
    };
    m->stroma_version = STROMA_VERSION;
    m->landmark_day = spec->landmark_day;
    m->outcome_day = spec->outcome_day;
    m->method = spec->method;
    m->missing = spec->missing;
    m->censored = spec->censored;
    m->level = spec->level;
    m->seed = spec->seed;
    m->simulated = spec->simulated || f->simulated;
    STROMA_TRY(keep_texts(m, texts, sizeof texts / sizeof texts[0], err));
    return describe_inputs(f, m, err);
}

static stroma_status keep_covariance(stroma_model *m, const double *from, stroma_error *err)
{
    const size_t k = 1 + m->inputs_len;
    m->covariance = stroma_arena_alloc(&m->arena, k * k, sizeof *m->covariance);
    if (m->covariance == NULL) return stroma_no_memory(err);
    memcpy(m->covariance, from, k * k * sizeof *from);
    return STROMA_OK;
}

static stroma_status firth_details(const stroma_design *x, const double *y, stroma_model *m,
                                   stroma_error *err)
{
    const stroma_logistic_options o = { true, STROMA_LOGISTIC_PROFILE, m->level };
    stroma_logistic_model *fit = NULL;
    STROMA_TRY(stroma_logistic_fit(x, y, &o, &fit, err));
    for (size_t j = 0; j < m->inputs_len; j++) {
        m->inputs[j].lower = fit->terms[1 + j].lower;
        m->inputs[j].upper = fit->terms[1 + j].upper;
        m->inputs[j].p = fit->terms[1 + j].p;
    }
    const stroma_status s = keep_covariance(m, fit->covariance, err);
    stroma_logistic_free(fit);
    return s;
}

static stroma_status keep_posterior(const stroma_bayes_logistic_model *b, stroma_model *m,
                                    stroma_error *err)
{
    const size_t k = b->columns, all = b->chains * b->chain_draws;
    m->draws_len = all < STROMA_MODEL_DRAWS_MAX ? all : STROMA_MODEL_DRAWS_MAX;
    m->draws = stroma_arena_alloc(&m->arena, m->draws_len * k, sizeof *m->draws);
    if (m->draws == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < m->draws_len; i++)
        memcpy(m->draws + i * k, b->draws + i * all / m->draws_len * k, k * sizeof *m->draws);
    m->draws_are = "posterior";
    return keep_covariance(m, b->laplace_covariance, err);
}

static stroma_status bayes_details(const stroma_design *x, const double *y,
                                   const stroma_model_spec *spec, stroma_model *m,
                                   stroma_error *err)
{
    stroma_bayes_options o = STROMA_BAYES_OPTIONS_INIT;
    o.prior.scale = spec->prior_scale;
    o.prior.scaling = STROMA_BAYES_SCALE_NONE;
    o.level = spec->level;
    o.chains = CHAINS;
    o.seed = spec->seed;
    o.threads = spec->threads;
    stroma_bayes_logistic_model *b = NULL;
    STROMA_TRY(stroma_bayes_logistic_fit(x, y, &o, &b, err));
    stroma_status s = STROMA_OK;
    if (!b->converged)
        s = stroma_fail(err, STROMA_E_DEGENERATE,
                        "the sampler did not settle (R-hat %.3f, %.0f effective draws)",
                        b->worst_rhat, b->least_ess);
    for (size_t j = 0; s == STROMA_OK && j < m->inputs_len; j++) {
        m->inputs[j].lower = b->terms[1 + j].lower;
        m->inputs[j].upper = b->terms[1 + j].upper;
    }
    if (s == STROMA_OK) s = keep_posterior(b, m, err);
    stroma_bayes_logistic_free(b);
    return s;
}

/* What the method says of its coefficients beyond their values. */
static stroma_status details(const model_learner *l, const model_data *d,
                             const stroma_model_spec *spec, const size_t *all, stroma_model *m,
                             stroma_error *err)
{
    if (m->method != STROMA_MODEL_FIRTH && m->method != STROMA_MODEL_BAYES) return STROMA_OK;
    double *x = NULL, *y = NULL;
    STROMA_TRY(model_design(&l->recipe, d, all, d->n, &x, &y, err));
    const stroma_design design = {
        .rows = d->n, .columns = 1 + m->inputs_len, .x = x, .intercept = true
    };
    const stroma_status s = m->method == STROMA_MODEL_FIRTH
                                ? firth_details(&design, y, m, err)
                                : bayes_details(&design, y, spec, m, err);
    stroma_free(x);
    stroma_free(y);
    return s;
}

static stroma_status apparent(const model_learner *l, const model_data *d, const double *b,
                              stroma_model *m, stroma_error *err)
{
    double *room = stroma_alloc_array(d->n + 3 * d->p, sizeof *room);
    if (room == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < d->n; i++)
        room[i] = model_log_odds(&l->recipe, d, i, b, room + d->n);
    const stroma_status s = model_performance(room, d->y, d->n, m->level, &m->apparent, err);
    stroma_free(room);
    return s;
}

/* @param room 1 + p numbers and n row numbers */
static stroma_status learn_all(model_learner *l, const model_data *d, const stroma_model_spec *spec,
                               double *coefficient, size_t *all, stroma_model *m, stroma_error *err)
{
    for (size_t i = 0; i < d->n; i++)
        all[i] = i;
    model_fit fit = { .coefficient = coefficient };
    STROMA_TRY(model_learn(l, d, all, d->n, 0, &fit, err));
    const stroma_model_input *learnt = l->recipe.inputs;
    for (size_t j = 0; j < m->inputs_len; j++) {
        m->inputs[j] = learnt[j];
        m->inputs[j].coefficient = coefficient[1 + j];
    }
    m->intercept = coefficient[0];
    m->uncorrected_intercept = fit.firth_intercept;
    m->lambda = fit.lambda;
    STROMA_TRY(details(l, d, spec, all, m, err));
    STROMA_TRY(apparent(l, d, coefficient, m, err));
    STROMA_TRY(model_optimism(l, d, spec, m, err));
    STROMA_TRY(model_cross_validate(l, d, spec, m, err));
    STROMA_TRY(model_calibrate(l, d, CONFORMAL_FOLDS, spec, m, err));
    if (l->recipe.correlation == NULL) return STROMA_OK;
    return model_distances(&l->recipe, d, m, err);
}

static stroma_status learn(const stroma_model_spec *spec, const rows *r, stroma_model *m,
                           stroma_error *err)
{
    const double alphas[] = { NAN, 0, 1, 0.5, NAN };
    m->alpha = alphas[m->method];
    if (m->method == STROMA_MODEL_BAYES) m->prior_scale = spec->prior_scale;
    const model_recipe rules = {
        .p = m->inputs_len, .inputs = m->inputs, .missing = m->missing, .censored = m->censored
    };
    model_learner l = { .method = m->method,
                        .alpha = m->alpha,
                        .lambda = spec->lambda,
                        .prior_scale = spec->prior_scale,
                        .folds = PENALTY_FOLDS < m->n ? PENALTY_FOLDS : m->n,
                        .repeats = PENALTY_REPEATS,
                        .seed = spec->seed };
    STROMA_TRY(model_recipe_copy(&rules, m->inputs_len <= CORRELATED_MAX, &l.recipe, err));
    double *coefficient = stroma_alloc_array(1 + m->inputs_len, sizeof *coefficient);
    size_t *all = stroma_alloc_array(m->n, sizeof *all);
    const stroma_status s = coefficient == NULL || all == NULL
                                ? stroma_no_memory(err)
                                : learn_all(&l, &r->d, spec, coefficient, all, m, err);
    stroma_free(coefficient);
    stroma_free(all);
    model_recipe_free(&l.recipe);
    return s;
}

static stroma_status fill(const stroma_biomarker_frame *f, const stroma_model_spec *spec,
                          stroma_model *m, stroma_error *err)
{
    rows r = { 0 };
    STROMA_TRY(describe(f, spec, m, err));
    STROMA_TRY(pack(f, m, &r, err));
    STROMA_TRY(model_budget(m, spec, err));
    return learn(spec, &r, m, err);
}

stroma_status stroma_model_fit(const stroma_biomarker_frame *f, const stroma_model_spec *spec,
                               stroma_model **out, stroma_error *err)
{
    *out = NULL;
    STROMA_TRY(check(f, spec, err));
    stroma_model *m = NULL;
    STROMA_TRY(model_new((size_t)1 << 33, &m, err));
    const stroma_status s = fill(f, spec, m, err);
    if (s == STROMA_OK)
        *out = m;
    else
        stroma_model_free(m);
    return s;
}
