/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model meets further patients. */
#include "model_conformal.h"
#include "model_internal.h"
#include "model_matrix.h"

#include "stroma/biomarker_revise.h"
#include "stroma/memory.h"
#include "stroma/models_validation.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

enum { JUDGE_CLASS_MIN = 100, NEWTON_MAX = 100, HALVINGS_MAX = 40 };

const char *stroma_advice_text(stroma_advice a)
{
    static const char *const texts[] = {
        "too few patients to judge: 100 with and 100 without the event are wanted",
        "no sign that it tells the outcomes apart in these patients: do not use it here",
        "recalibrate intercept and slope: the probabilities are too extreme or too moderate",
        "recalibrate the intercept: the probabilities are too high or too low throughout",
        "no deviation seen: no recalibration needed",
    };
    return (size_t)a < sizeof texts / sizeof *texts ? texts[a] : "unknown";
}

/* The patients in the terms of the model; patients_free(). */
typedef struct patients {
    size_t n, p;
    double *z;        /* n × p scaled inputs */
    double *log_odds; /* n, recalibrated */
} patients;

static void patients_free(patients *q)
{
    stroma_free(q->z);
    stroma_free(q->log_odds);
}

static stroma_status scale(const stroma_model *m, const stroma_cohort *c, const model_recipe *r,
                           double *value, patients *out, stroma_error *err)
{
    const size_t p = m->inputs_len;
    uint8_t *state = (uint8_t *)(value + p);
    for (size_t i = 0; i < c->n; i++) {
        for (size_t j = 0; j < p; j++) {
            value[j] = c->values[i * p + j].value;
            state[j] = c->values[i * p + j].state;
        }
        double *z = out->z + i * p;
        if (!model_recipe_apply(r, value, state, z, NULL, NULL))
            return stroma_fail(err, STROMA_E_DEGENERATE, "patient %zu has no answer", i + 1);
        double eta = m->intercept;
        for (size_t j = 0; j < p; j++)
            eta += m->inputs[j].coefficient * z[j];
        out->log_odds[i] = m->recalibration[0] + m->recalibration[1] * eta;
    }
    return STROMA_OK;
}

static bool knows(const stroma_model *m, const char *sha256)
{
    if (sha256 == NULL || sha256[0] == '\0') return false;
    for (size_t i = 0; i < m->learned_from_len; i++)
        if (strcmp(m->learned_from[i], sha256) == 0) return true;
    return m->training_sha256 != NULL && strcmp(m->training_sha256, sha256) == 0;
}

static stroma_status patients_new(const stroma_model *m, const stroma_cohort *c, patients *out,
                                  stroma_error *err)
{
    const size_t p = m->inputs_len;
    *out = (patients){ .n = c->n, .p = p };
    if (c->n == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "no patient has an answer");
    if (knows(m, c->sha256)) {
        (void)stroma_fail(err, STROMA_E_INCONSISTENT,
                          "the model has learned from these patients already");
        stroma_hint(err,
                    "take others; how the model does on its own patients, corrected, is in it");
        return STROMA_E_INCONSISTENT;
    }
    const model_recipe rules = { .p = p,
                                 .inputs = m->inputs,
                                 .missing = m->missing,
                                 .censored = m->censored,
                                 .correlation = m->correlation };
    model_recipe r = { 0 };
    STROMA_TRY(model_recipe_copy(&rules, m->correlation != NULL, &r, err));
    double *value = stroma_alloc_array(2 * p, sizeof *value);
    out->z = stroma_alloc_array(c->n * p, sizeof *out->z);
    out->log_odds = stroma_alloc_array(c->n, sizeof *out->log_odds);
    stroma_status s = STROMA_OK;
    if (value == NULL || out->z == NULL || out->log_odds == NULL)
        s = stroma_no_memory(err);
    else
        s = scale(m, c, &r, value, out, err);
    stroma_free(value);
    model_recipe_free(&r);
    if (s != STROMA_OK) {
        patients_free(out);
        *out = (patients){ 0 };
    }
    return s;
}

static void moments(const double *x, size_t n, double *mean, double *sd)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - *mean) * (x[i] - *mean);
    *sd = n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN;
}

/* Cohort against training, by the log odds of the fit. */
static stroma_status compare_cases(const stroma_model *m, const patients *q, double level,
                                   stroma_revision *out, stroma_error *err)
{
    const size_t n = q->n, t = m->calibration_len;
    double *x = stroma_alloc_array(n + t, sizeof *x);
    if (x == NULL) return stroma_no_memory(err);
    memcpy(x, q->log_odds, n * sizeof *x);
    for (size_t i = 0; i < t; i++)
        x[n + i] = m->recalibration[0] + m->recalibration[1] * m->calibration_score[i];
    moments(x, n, &out->cohort_mean, &out->cohort_sd);
    moments(x + n, t, &out->training_mean, &out->training_sd);
    const stroma_roc_sample sample = { x, n, x + n, t, STROMA_ROC_HIGHER };
    stroma_auc_options o = STROMA_AUC_OPTIONS_INIT;
    stroma_stat auc;
    o.level = level;
    o.p_method = STROMA_RANK_NORMAL;
    const stroma_status s = stroma_auc(&sample, &o, &auc, err);
    if (s == STROMA_OK)
        out->membership = (stroma_model_figure){ auc.estimate, auc.lower, auc.upper };
    stroma_free(x);
    return s;
}

static bool excludes(const stroma_model_figure *f, double x)
{
    return isfinite(f->lower) && isfinite(f->upper) && (f->lower > x || f->upper < x);
}

static stroma_advice advise(const stroma_model_performance *o)
{
    if (!(o->auc.lower > 0.5)) {
        const bool few = o->events < JUDGE_CLASS_MIN || o->n - o->events < JUDGE_CLASS_MIN;
        return few && o->auc.upper > 0.6 ? STROMA_ADVICE_TOO_FEW : STROMA_ADVICE_NO_SIGNAL;
    }
    if (excludes(&o->slope, 1)) return STROMA_ADVICE_SLOPE;
    if (excludes(&o->intercept, 0)) return STROMA_ADVICE_INTERCEPT;
    if (o->events < JUDGE_CLASS_MIN || o->n - o->events < JUDGE_CLASS_MIN)
        return STROMA_ADVICE_TOO_FEW;
    return STROMA_ADVICE_KEEP;
}

static stroma_status check(const stroma_model *m, const stroma_cohort *c, const patients *q,
                           double level, stroma_revision *out, stroma_error *err)
{
    STROMA_TRY(model_performance(q->log_odds, c->outcome, c->n, level, &out->performance, err));
    STROMA_TRY(compare_cases(m, q, level, out, err));
    out->advice = advise(&out->performance);
    return STROMA_OK;
}

stroma_status stroma_model_check(const stroma_model *m, const stroma_cohort *c, double level,
                                 stroma_revision *out, stroma_error *err)
{
    patients q;
    memset(out, 0, sizeof *out);
    STROMA_TRY(patients_new(m, c, &q, err));
    stroma_status s = check(m, c, &q, level, out, err);
    if (s == STROMA_OK && (out->performance.events == 0 || out->performance.events == c->n))
        s = stroma_fail(err, STROMA_E_DEGENERATE,
                        "%zu of %zu patients have the event: a check needs both outcomes",
                        out->performance.events, c->n);
    patients_free(&q);
    return s;
}

/* The model as it was is the parent of what it becomes. */
static stroma_status change(stroma_model *m, const char *what, bool version, stroma_error *err)
{
    m->parent = m->sha256;
    m->version += version;
    m->change = what;
    m->sha256 = NULL;
    return what == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status remember(stroma_model *m, const char *sha256, stroma_error *err)
{
    if (sha256 == NULL || sha256[0] == '\0') return STROMA_OK;
    const size_t n = m->learned_from_len;
    const char **all = stroma_arena_alloc(&m->arena, n + 1, sizeof *all);
    if (all == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        all[i] = m->learned_from[i];
    all[n] = stroma_arena_strdup(&m->arena, sha256);
    if (all[n] == NULL) return stroma_no_memory(err);
    m->learned_from = all;
    m->learned_from_len = n + 1;
    return STROMA_OK;
}

static stroma_status record(stroma_model *m, const stroma_cohort *c,
                            const stroma_model_performance *o, stroma_error *err)
{
    const size_t n = m->validations_len;
    stroma_model_validation *all = stroma_arena_alloc(&m->arena, n + 1, sizeof *all);
    if (all == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        all[i] = m->validations[i];
    all[n] = (stroma_model_validation){ .version = m->version,
                                        .source = stroma_arena_strdup(&m->arena, c->source),
                                        .sha256 = stroma_arena_strdup(&m->arena, c->sha256),
                                        .n = o->n,
                                        .events = o->events,
                                        .auc = o->auc,
                                        .brier = o->brier,
                                        .intercept = o->intercept,
                                        .slope = o->slope,
                                        .observed_expected = o->observed_expected };
    if ((c->source != NULL && all[n].source == NULL) ||
        (c->sha256 != NULL && all[n].sha256 == NULL))
        return stroma_no_memory(err);
    m->validations = all;
    m->validations_len = n + 1;
    return STROMA_OK;
}

stroma_status stroma_model_add_validation(stroma_model *m, const stroma_cohort *c,
                                          const stroma_revision *r, stroma_error *err)
{
    STROMA_TRY(record(m, c, &r->performance, err));
    return change(m,
                  stroma_arena_printf(&m->arena, "checked on %zu patients of %s", c->n,
                                      c->source == NULL ? "another source" : c->source),
                  false, err);
}

stroma_status stroma_model_recalibrate(stroma_model *m, const stroma_cohort *c, bool slope,
                                       stroma_error *err)
{
    stroma_revision r;
    stroma_calibration k = { 0 };
    patients q;
    STROMA_TRY(stroma_model_check(m, c, m->level, &r, err));
    STROMA_TRY(patients_new(m, c, &q, err));
    for (size_t i = 0; i < q.n; i++)
        q.log_odds[i] = model_expit(q.log_odds[i]);
    stroma_status s = stroma_calibrate(q.log_odds, c->outcome, c->n, 3, m->level, &k, err);
    const double a = slope ? k.intercept.estimate : k.large.estimate;
    const double b = slope ? k.slope.estimate : 1;
    const char *why = slope ? k.slope.reason : k.large.reason;
    patients_free(&q);
    if (s == STROMA_OK && (!isfinite(a) || !isfinite(b)))
        s = stroma_fail(err, STROMA_E_DEGENERATE, "no recalibration: %s", why);
    if (s == STROMA_OK && !(b > 0))
        s = stroma_fail(err, STROMA_E_DEGENERATE,
                        "the slope is %.3g: in these patients the model points the wrong way", b);
    stroma_calibration_clear(&k);
    STROMA_TRY(s);
    STROMA_TRY(remember(m, c->sha256, err));
    m->recalibration[0] = a + b * m->recalibration[0];
    m->recalibration[1] *= b;
    return change(
        m,
        stroma_arena_printf(&m->arena, "%s recalibrated on %zu patients (%zu events) of %s",
                            slope ? "intercept and slope" : "intercept", c->n, r.performance.events,
                            c->source == NULL ? "another source" : c->source),
        true, err);
}

/* The posterior of the coefficients given the cohort, about a normal prior. */
typedef struct posterior {
    const patients *q;
    const double *y;
    size_t k;              /* 1 + inputs */
    const double *mean;    /* k, of the prior */
    const double *inverse; /* k × k, of its covariance */
    double a, b;           /* recalibration */
} posterior;

static double eta_of(const posterior *f, const double *x, size_t i)
{
    double eta = x[0];
    for (size_t j = 0; j + 1 < f->k; j++)
        eta += x[1 + j] * f->q->z[i * f->q->p + j];
    return f->a + f->b * eta;
}

/* −log posterior. @param room k */
static double height(const posterior *f, const double *x, double *room)
{
    double sum = 0;
    for (size_t j = 0; j < f->k; j++)
        room[j] = x[j] - f->mean[j];
    for (size_t i = 0; i < f->q->n; i++) {
        const double eta = eta_of(f, x, i), t = f->y[i] > 0 ? -eta : eta;
        sum += fmax(t, 0) + log1p(exp(-fabs(t)));
    }
    return sum + model_quadratic(f->inverse, room, f->k) / 2;
}

/* Gradient and curvature of it. @param room k, the deviations from the prior mean */
static void slope_of(const posterior *f, const double *x, double *gradient, double *curvature,
                     double *room)
{
    const size_t k = f->k;
    for (size_t j = 0; j < k; j++)
        room[j] = x[j] - f->mean[j];
    memcpy(curvature, f->inverse, k * k * sizeof *curvature);
    for (size_t a = 0; a < k; a++) {
        gradient[a] = 0;
        for (size_t c = 0; c < k; c++)
            gradient[a] += f->inverse[a * k + c] * room[c];
    }
    for (size_t i = 0; i < f->q->n; i++) {
        const double p = model_expit(eta_of(f, x, i)), w = p * (1 - p) * f->b * f->b;
        const double *z = f->q->z + i * f->q->p;
        for (size_t a = 0; a < k; a++) {
            const double za = a == 0 ? 1 : z[a - 1];
            gradient[a] += (p - f->y[i]) * f->b * za;
            for (size_t c = 0; c < k; c++)
                curvature[a * k + c] += w * za * (c == 0 ? 1 : z[c - 1]);
        }
    }
}

/* a := its inverse; false when it is singular */
static bool invert(double *a, size_t k)
{
    double largest = 0;
    for (size_t j = 0; j < k; j++)
        largest = fmax(largest, a[j * k + j]);
    for (size_t j = 0; j < k; j++)
        if (!model_sweep(a, k, j, fmin(a[j * k + j], largest))) return false;
    for (size_t j = 0; j < k * k; j++)
        a[j] = -a[j];
    return true;
}

/* A Newton step, halved while the posterior falls. @param room 3 k: gradient, new place, scratch */
static void step(const posterior *f, double *x, const double *covariance, double *room)
{
    const size_t k = f->k;
    const double *gradient = room;
    double *to = room + k, *scratch = room + 2 * k, share = 1;
    const double here = height(f, x, scratch);
    for (int h = 0; h < HALVINGS_MAX; h++) {
        for (size_t a = 0; a < k; a++) {
            to[a] = x[a];
            for (size_t c = 0; c < k; c++)
                to[a] -= share * covariance[a * k + c] * gradient[c];
        }
        if (height(f, to, scratch) <= here + 1e-13 * fabs(here)) break;
        share /= 2;
    }
    memcpy(x, to, k * sizeof *x);
}

/* @param x k, from the prior mean to the peak; @param covariance k × k; @param room 3 k */
static bool climb(const posterior *f, double *x, double *covariance, double *room)
{
    for (int i = 0; i < NEWTON_MAX; i++) {
        slope_of(f, x, room, covariance, room + 2 * f->k);
        if (!invert(covariance, f->k)) return false;
        const double decrease = model_quadratic(covariance, room, f->k);
        if (decrease < 1e-20) return true;
        step(f, x, covariance, room);
        if (decrease < 1e-16) return true;
    }
    return false;
}

static stroma_status learn_cohort(stroma_model *m, const stroma_cohort *c, const patients *q,
                                  double *room, stroma_error *err)
{
    const size_t k = 1 + m->inputs_len;
    double *mean = room, *x = room + k, *scratch = room + 2 * k, *inverse = room + 5 * k;
    mean[0] = m->intercept;
    for (size_t j = 0; j + 1 < k; j++)
        mean[1 + j] = m->inputs[j].coefficient;
    memcpy(x, mean, k * sizeof *x);
    memcpy(inverse, m->covariance, k * k * sizeof *inverse);
    for (size_t j = 0; j < k; j++)
        if (!model_sweep(inverse, k, j, m->covariance[j * k + j]))
            return stroma_fail(err, STROMA_E_DEGENERATE, "the model's covariance is singular");
    for (size_t j = 0; j < k * k; j++)
        inverse[j] = -inverse[j];
    const posterior f = {
        q, c->outcome, k, mean, inverse, m->recalibration[0], m->recalibration[1]
    };
    if (!climb(&f, x, inverse + k * k, scratch))
        return stroma_fail(err, STROMA_E_DEGENERATE, "the posterior has no peak that was found");
    memcpy(m->covariance, inverse + k * k, k * k * sizeof *inverse);
    m->intercept = x[0];
    for (size_t j = 0; j + 1 < k; j++) {
        stroma_model_input *in = &m->inputs[j];
        const double half =
            stroma_normal_quantile((1 + m->level) / 2) * sqrt(m->covariance[(1 + j) * k + 1 + j]);
        in->coefficient = x[1 + j];
        in->lower = x[1 + j] - half;
        in->upper = x[1 + j] + half;
        in->p = NAN;
    }
    m->uncorrected_intercept = NAN;
    m->draws = NULL; /* of the posterior before; the normal approximation stands for the new one */
    m->draws_len = 0;
    m->draws_are = NULL;
    return STROMA_OK;
}

/* New patients were seen by no fold: each joins one, with the score that it gives. */
static stroma_status join_scores(stroma_model *m, const stroma_cohort *c, const patients *q,
                                 stroma_error *err)
{
    const size_t n = m->calibration_len, all = n + c->n, k = 1 + m->inputs_len;
    if (all > STROMA_MODEL_SUBJECTS_MAX) return STROMA_OK;
    double *score = stroma_arena_alloc(&m->arena, all, sizeof *score);
    uint8_t *class = stroma_arena_alloc(&m->arena, all, 1);
    uint16_t *fold = stroma_arena_alloc(&m->arena, all, sizeof *fold);
    double *entered = stroma_arena_alloc(&m->arena, m->inputs_len, sizeof *entered);
    if (score == NULL || class == NULL || fold == NULL || entered == NULL)
        return stroma_no_memory(err);
    memcpy(score, m->calibration_score, n * sizeof *score);
    memcpy(class, m->calibration_class, n);
    memcpy(fold, m->calibration_fold, n * sizeof *fold);
    for (size_t i = 0; i < c->n; i++) {
        fold[n + i] = (uint16_t)(i % m->folds);
        class[n + i] = c->outcome[i] > 0;
        for (size_t j = 0; j < m->inputs_len; j++)
            entered[j] = m->inputs[j].centre + q->z[i * q->p + j] * m->inputs[j].scale;
        score[n + i] =
            conformal_score(m->fold_coefficients + fold[n + i] * k, entered, m->inputs_len);
    }
    m->calibration_score = score;
    m->calibration_class = class;
    m->calibration_fold = fold;
    m->calibration_len = all;
    return STROMA_OK;
}

static stroma_status update(stroma_model *m, const stroma_cohort *c, const patients *q,
                            stroma_error *err)
{
    const size_t k = 1 + m->inputs_len;
    stroma_model_performance before;
    STROMA_TRY(model_performance(q->log_odds, c->outcome, c->n, m->level, &before, err));
    STROMA_TRY(record(m, c, &before, err));
    double *room = stroma_alloc_array(5 * k + 2 * k * k, sizeof *room);
    if (room == NULL) return stroma_no_memory(err);
    stroma_status s = learn_cohort(m, c, q, room, err);
    stroma_free(room);
    if (s == STROMA_OK) s = join_scores(m, c, q, err);
    STROMA_TRY(s);
    STROMA_TRY(remember(m, c->sha256, err));
    m->n += c->n;
    m->events += before.events;
    m->added += c->n;
    m->added_events += before.events;
    return change(m,
                  stroma_arena_printf(&m->arena, "updated with %zu patients (%zu events) of %s",
                                      c->n, before.events, c->source == NULL ? "-" : c->source),
                  true, err);
}

stroma_status stroma_model_update(stroma_model *m, const stroma_cohort *c, stroma_error *err)
{
    patients q;
    if (m->covariance == NULL) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE, "a %s model has no covariance to learn on from",
                          stroma_model_method_name(m->method));
        stroma_hint(err, "fit it again on all patients together, or use method firth or bayes");
        return STROMA_E_DEGENERATE;
    }
    STROMA_TRY(patients_new(m, c, &q, err));
    const stroma_status s = update(m, c, &q, err);
    patients_free(&q);
    return s;
}
