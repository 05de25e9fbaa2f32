/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weight of a penalty by cross-validation. */
#include "logistic_problem.h"
#include "validation.h"

#include "stroma/memory.h"

#include <math.h>
#include <string.h>

typedef struct tuner {
    const stroma_design *d;
    const double *y;
    const stroma_logistic_penalty *penalty;
    size_t folds, len; /* len: λs that have a fit everywhere so far */
    const double *lambda;
    size_t *fold, *rows;
    double *mean; /* folds × all λs: mean deviance of the rows left out */
    double *size; /* folds */
} tuner;

void stroma_tuning_clear(stroma_tuning *t)
{
    stroma_free(t->lambda);
    *t = (stroma_tuning){ 0 };
}

/* The path down to where it still converges. */
static stroma_status path_of(const tuner *w, const stroma_design *d, const double *y, size_t *len,
                             stroma_logistic_path **out, stroma_error *err)
{
    stroma_status s = STROMA_E_DEGENERATE;
    while (*len > 0) {
        s = stroma_logistic_penalised(d, y, w->penalty, w->lambda, *len, out, err);
        if (s != STROMA_E_DEGENERATE) return s;
        *len -= *len / 4 > 0 ? *len / 4 : 1;
    }
    return s;
}

/* Mean deviance of the rows of one fold, at every λ. */
static void left_out(const tuner *w, size_t fold, const stroma_logistic_path *path, double *out)
{
    const size_t n = w->d->rows;
    for (size_t l = 0; l < w->len; l++) {
        const double *b = path->coefficients + l * path->columns;
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            double eta = 0;
            if (w->fold[i] != fold) continue;
            for (size_t j = 0; j < path->columns; j++)
                if (b[j] != 0) eta += b[j] * w->d->x[j * n + i];
            sum -= 2 * logistic_log_likelihood_plain(eta, w->y[i]);
        }
        out[l] = sum / w->size[fold];
    }
}

static stroma_status one_fold(tuner *w, size_t fold, size_t all, stroma_error *err)
{
    validation_part p = { 0 };
    stroma_logistic_path *path = NULL;
    size_t n = 0;
    for (size_t i = 0; i < w->d->rows; i++)
        if (w->fold[i] != fold) w->rows[n++] = i;
    w->size[fold] = (double)(w->d->rows - n);
    if (n == 0 || n == w->d->rows)
        return stroma_fail(err, STROMA_E_USAGE, "fold %zu has %s rows", fold + 1,
                           n == 0 ? "all" : "no");
    STROMA_TRY(validation_part_new(w->d, w->y, w->rows, n, &p, err));
    const stroma_status s = path_of(w, &p.d, p.y, &w->len, &path, err);
    validation_part_free(&p);
    if (s == STROMA_OK) left_out(w, fold, path, w->mean + fold * all);
    stroma_logistic_path_free(path);
    return s == STROMA_OK ? s : stroma_in(err, s, "without fold %zu", fold + 1);
}

/* Means over folds, their SE, and the two choices. */
static void choose(const tuner *w, size_t all, stroma_tuning *out)
{
    const double n = (double)w->d->rows, folds = (double)w->folds;
    out->lambdas_len = w->len;
    out->best = out->one_se = 0;
    for (size_t l = 0; l < w->len; l++) {
        double sum = 0, squares = 0;
        for (size_t f = 0; f < w->folds; f++)
            sum += w->size[f] * w->mean[f * all + l];
        const double mean = sum / n;
        for (size_t f = 0; f < w->folds; f++)
            squares += w->size[f] * pow(w->mean[f * all + l] - mean, 2);
        out->deviance[l] = mean;
        out->se[l] = sqrt(squares / n / (folds - 1));
        if (mean < out->deviance[out->best]) out->best = l;
    }
    const double bar = out->deviance[out->best] + out->se[out->best];
    while (out->deviance[out->one_se] > bar)
        out->one_se++;
    out->at_edge = w->len > 1 && out->best + 1 == w->len;
}

static stroma_status folds_of(tuner *w, const stroma_tune_options *o, stroma_error *err)
{
    if (o->fold == NULL)
        return stroma_validation_folds(w->y, w->d->rows, o->folds, o->seed, o->index, w->fold, err);
    for (size_t i = 0; i < w->d->rows; i++) {
        if (o->fold[i] >= o->folds)
            return stroma_fail(err, STROMA_E_USAGE, "row %zu is in fold %zu of %zu", i + 1,
                               o->fold[i], o->folds);
        w->fold[i] = o->fold[i];
    }
    return STROMA_OK;
}

/* Those asked for, or evenly spaced in logarithm from the one that leaves nothing, as glmnet. */
static stroma_status lambdas_of(const tuner *w, const stroma_tune_options *o, double *out,
                                stroma_error *err)
{
    stroma_logistic_path *path = NULL;
    if (o->lambdas != NULL) {
        memcpy(out, o->lambdas, o->lambdas_len * sizeof *out);
        return STROMA_OK;
    }
    STROMA_TRY(stroma_logistic_penalised(w->d, w->y, w->penalty, NULL, 1, &path, err));
    const double top = path->lambdas[0], least = w->d->rows < w->d->columns ? 1e-2 : 1e-4;
    stroma_logistic_path_free(path);
    for (size_t l = 0; l < o->lambdas_len; l++)
        out[l] = l == 0 ? top : top * pow(least, (double)l / (double)(o->lambdas_len - 1));
    return STROMA_OK;
}

static stroma_status run(tuner *w, const stroma_tune_options *o, stroma_tuning *out,
                         stroma_error *err)
{
    stroma_logistic_path *path = NULL;
    STROMA_TRY(folds_of(w, o, err));
    STROMA_TRY(lambdas_of(w, o, out->lambda, err));
    w->lambda = out->lambda;
    /* down to where all rows have a fit */
    const stroma_status s = path_of(w, w->d, w->y, &w->len, &path, err);
    stroma_logistic_path_free(path);
    STROMA_TRY(s);
    for (size_t f = 0; f < w->folds; f++)
        STROMA_TRY(one_fold(w, f, o->lambdas_len, err));
    choose(w, o->lambdas_len, out);
    return STROMA_OK;
}

stroma_status stroma_logistic_tune(const stroma_design *design, const double *y,
                                   const stroma_logistic_penalty *penalty,
                                   const stroma_tune_options *options, stroma_tuning *out,
                                   stroma_error *err)
{
    static const stroma_tune_options defaults = STROMA_TUNE_OPTIONS_INIT;
    const stroma_tune_options *o = options == NULL ? &defaults : options;
    const size_t n = design->rows, len = o->lambdas_len;
    *out = (stroma_tuning){ 0 };
    STROMA_TRY(logistic_check(design, y, err));
    if (len == 0 || len > STROMA_TUNE_LAMBDAS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu values of lambda are not within 1 to %d", len,
                           STROMA_TUNE_LAMBDAS_MAX);
    if (o->folds < 2 || o->folds > n)
        return stroma_fail(err, STROMA_E_USAGE, "%zu folds are not within 2 to the %zu rows",
                           o->folds, n);
    tuner w = { .d = design, .y = y, .penalty = penalty, .folds = o->folds, .len = len };
    out->lambda = stroma_alloc_array(len, 3 * sizeof *out->lambda);
    w.fold = stroma_alloc_array(2 * n, sizeof *w.fold);
    w.mean = stroma_alloc_array(o->folds, (len + 1) * sizeof *w.mean);
    stroma_status s = STROMA_OK;
    if (out->lambda == NULL || w.fold == NULL || w.mean == NULL) {
        s = stroma_no_memory(err);
    } else {
        out->deviance = out->lambda + len;
        out->se = out->deviance + len;
        w.rows = w.fold + n;
        w.size = w.mean + o->folds * len;
        s = run(&w, o, out, err);
    }
    stroma_free(w.fold);
    stroma_free(w.mean);
    if (s != STROMA_OK) stroma_tuning_clear(out);
    return s;
}
