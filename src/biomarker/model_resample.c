/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Performance of the whole procedure, by resamples that repeat every step of it. */
#include "model_internal.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"

#include <math.h>
#include <string.h>

/* One resample or fold after the other; each writes to places of its own. */
typedef struct work {
    const model_learner *learner;
    const model_data *d;
    const stroma_model_spec *spec;
    const size_t *fold; /* repeats × n, of cross-validation */
    size_t folds;
    double *coefficient;  /* item × (1 + p), on the scale on which inputs enter */
    double *log_odds;     /* repeats × n, out of fold */
    model_scores *inside; /* item */
    model_scores *outside;
    bool *failed; /* item */
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

/* Memory and interrupts end everything; data that cannot be fitted only this resample. */
static bool is_fatal(stroma_status s)
{
    return s != STROMA_OK && s != STROMA_E_DEGENERATE;
}

/* Learn on some rows; @p coefficient those of scaled inputs. The recipe is the caller's to free. */
static stroma_status learn_on(const work *w, const size_t *rows, size_t n, uint64_t item,
                              model_learner *l, double *coefficient, stroma_error *err)
{
    *l = *w->learner;
    l->recipe = (model_recipe){ 0 };
    STROMA_TRY(model_recipe_copy(&w->learner->recipe, false, &l->recipe, err));
    model_fit fit = { .coefficient = coefficient };
    return model_learn(l, w->d, rows, n, item, &fit, err);
}

static stroma_status predict_rows(const model_recipe *r, const model_data *d, const size_t *rows,
                                  size_t n, const double *coefficient, double *log_odds, double *y,
                                  stroma_error *err)
{
    double *scratch = stroma_alloc_array(3 * r->p, sizeof *scratch);
    if (scratch == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        const size_t row = rows == NULL ? i : rows[i];
        log_odds[i] = model_log_odds(r, d, row, coefficient, scratch);
        y[i] = d->y[row];
    }
    stroma_free(scratch);
    return STROMA_OK;
}

static stroma_status boot(const work *w, size_t item, size_t *rows, double *room, stroma_error *err)
{
    const size_t n = w->d->n, p = w->d->p;
    double *coefficient = room, *log_odds = room + 1 + p, *y = log_odds + n;
    model_learner l = { 0 };
    stroma_random g;
    stroma_random_init(&g, w->spec->seed, stroma_random_stream("model optimism"), item);
    for (size_t i = 0; i < n; i++)
        rows[i] = stroma_random_below(&g, n);
    stroma_status s = learn_on(w, rows, n, item + 1, &l, coefficient, err);
    if (s == STROMA_OK) {
        unscale(&l.recipe, coefficient, w->coefficient + item * (1 + p));
        s = predict_rows(&l.recipe, w->d, rows, n, coefficient, log_odds, y, err);
    }
    if (s == STROMA_OK) s = model_score(log_odds, y, n, &w->inside[item], err);
    if (s == STROMA_OK) s = predict_rows(&l.recipe, w->d, NULL, n, coefficient, log_odds, y, err);
    if (s == STROMA_OK) s = model_score(log_odds, y, n, &w->outside[item], err);
    model_recipe_free(&l.recipe);
    return s;
}

static stroma_status boots(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const work *w = context;
    const size_t n = w->d->n;
    (void)worker;
    size_t *rows = stroma_alloc_array(n, sizeof *rows);
    double *room = stroma_alloc_array(1 + w->d->p + 2 * n, sizeof *room);
    stroma_status s = rows == NULL || room == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t i = begin; s == STROMA_OK && i < end; i++) {
        s = boot(w, i, rows, room, err);
        w->failed[i] = s != STROMA_OK;
        if (!is_fatal(s)) s = STROMA_OK;
    }
    stroma_free(rows);
    stroma_free(room);
    return s;
}

/* Mean of inside − outside over the resamples that have both. */
static double optimism_of(const work *w, size_t n, size_t offset, double *mcse)
{
    double sum = 0, squares = 0;
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        const double gap = *(const double *)((const char *)&w->inside[i] + offset) -
                           *(const double *)((const char *)&w->outside[i] + offset);
        if (w->failed[i] || !isfinite(gap)) continue;
        used++;
        sum += gap;
        squares += gap * gap;
    }
    const double mean = sum / (double)used;
    if (mcse != NULL)
        *mcse = used > 1 ? sqrt(fmax(0, squares - mean * sum) / (double)(used - 1) / (double)used)
                         : (double)NAN;
    return used > 0 ? mean : (double)NAN;
}

static stroma_model_figure moved(stroma_model_figure f, double by)
{
    return (stroma_model_figure){ f.value - by, f.lower - by, f.upper - by };
}

/* Why the first failed resample failed, by doing it again. */
static stroma_status first_failure(const work *w, size_t item, stroma_model *m, stroma_error *err)
{
    stroma_error why = STROMA_ERROR_INIT;
    const size_t n = w->d->n;
    size_t *rows = stroma_alloc_array(n, sizeof *rows);
    double *room = stroma_alloc_array(1 + w->d->p + 2 * n, sizeof *room);
    if (rows != NULL && room != NULL) (void)boot(w, item, rows, room, &why);
    stroma_free(rows);
    stroma_free(room);
    m->optimism.first_failure = stroma_arena_strdup(&m->arena, why.message);
    return m->optimism.first_failure == NULL ? stroma_no_memory(err) : STROMA_OK;
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
        if (w->failed[i]) continue;
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

static stroma_status collect(const work *w, size_t n, stroma_model *m, stroma_error *err)
{
    stroma_model_optimism *o = &m->optimism;
    o->resamples = n;
    o->first_failure = "";
    size_t first = n;
    for (size_t i = n; i-- > 0;)
        if (w->failed[i]) {
            o->failed++;
            first = i;
        }
    if (first < n) STROMA_TRY(first_failure(w, first, m, err));
    o->auc_optimism = optimism_of(w, n, offsetof(model_scores, auc), &o->auc_mcse);
    o->brier_optimism = optimism_of(w, n, offsetof(model_scores, brier), NULL);
    o->auc = moved(m->apparent.auc, o->auc_optimism);
    o->brier = moved(m->apparent.brier, o->brier_optimism);
    o->slope = moved(m->apparent.slope, optimism_of(w, n, offsetof(model_scores, slope), NULL));
    o->intercept =
        moved(m->apparent.intercept, optimism_of(w, n, offsetof(model_scores, intercept), NULL));
    const bool penalised = m->method == STROMA_MODEL_RIDGE || m->method == STROMA_MODEL_LASSO ||
                           m->method == STROMA_MODEL_ELASTIC_NET;
    return penalised ? keep_draws(w, n, m, err) : STROMA_OK;
}

static void work_free(work *w)
{
    stroma_free(w->coefficient);
    stroma_free(w->inside);
    stroma_free(w->outside);
    stroma_free(w->failed);
    stroma_free(w->log_odds);
}

static stroma_status work_alloc(work *w, size_t items, stroma_error *err)
{
    w->coefficient = stroma_alloc_array(items * (1 + w->d->p), sizeof *w->coefficient);
    w->inside = stroma_alloc_array(items, sizeof *w->inside);
    w->outside = stroma_alloc_array(items, sizeof *w->outside);
    w->failed = stroma_alloc_array(items, sizeof *w->failed);
    if (w->coefficient != NULL && w->inside != NULL && w->outside != NULL && w->failed != NULL)
        return STROMA_OK;
    return stroma_no_memory(err);
}

stroma_status model_optimism(const model_learner *l, const model_data *d,
                             const stroma_model_spec *spec, stroma_model *m, stroma_error *err)
{
    work w = { .learner = l, .d = d, .spec = spec };
    stroma_status s = work_alloc(&w, spec->bootstrap, err);
    if (s == STROMA_OK) s = stroma_parallel_for(spec->bootstrap, spec->threads, 8, boots, &w, err);
    if (s == STROMA_OK) s = collect(&w, spec->bootstrap, m, err);
    work_free(&w);
    return s;
}

/* Learn without one fold and predict it. @param rows 2 n */
static stroma_status leave_out(const work *w, size_t item, size_t *rows, double *room,
                               stroma_error *err)
{
    const size_t n = w->d->n, p = w->d->p, repeat = item / w->folds, k = item % w->folds;
    const size_t *fold = w->fold + repeat * n;
    size_t *test = rows + n, trains = 0, tests = 0;
    for (size_t i = 0; i < n; i++)
        if (fold[i] == k)
            test[tests++] = i;
        else
            rows[trains++] = i;
    double *coefficient = room, *log_odds = room + 1 + p, *y = log_odds + n;
    model_learner l = { 0 };
    stroma_status s = learn_on(w, rows, trains, (1u << 31) + item, &l, coefficient, err);
    if (s == STROMA_OK) {
        unscale(&l.recipe, coefficient, w->coefficient + item * (1 + p));
        s = predict_rows(&l.recipe, w->d, test, tests, coefficient, log_odds, y, err);
    }
    for (size_t i = 0; i < tests; i++)
        w->log_odds[repeat * n + test[i]] = s == STROMA_OK ? log_odds[i] : (double)NAN;
    model_recipe_free(&l.recipe);
    return s;
}

static stroma_status leave_outs(size_t begin, size_t end, int worker, void *context,
                                stroma_error *err)
{
    const work *w = context;
    const size_t n = w->d->n;
    (void)worker;
    size_t *rows = stroma_alloc_array(2 * n, sizeof *rows);
    double *room = stroma_alloc_array(1 + w->d->p + 2 * n, sizeof *room);
    stroma_status s = rows == NULL || room == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t i = begin; s == STROMA_OK && i < end; i++) {
        s = leave_out(w, i, rows, room, err);
        w->failed[i] = s != STROMA_OK;
        if (!is_fatal(s)) s = STROMA_OK;
    }
    stroma_free(rows);
    stroma_free(room);
    return s;
}

/* All folds of all repeats; @p w keeps what came out, the caller frees it and *fold. */
static stroma_status cross(work *w, size_t repeats, const char *stream, size_t **fold,
                           stroma_error *err)
{
    const size_t n = w->d->n;
    size_t *all = stroma_alloc_array(n, sizeof *all);
    *fold = stroma_alloc_array(repeats * n, sizeof **fold);
    w->log_odds = stroma_alloc_array(repeats * n, sizeof *w->log_odds);
    stroma_status s =
        all == NULL || *fold == NULL || w->log_odds == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < n; i++)
        all[i] = i;
    for (size_t r = 0; s == STROMA_OK && r < repeats; r++) {
        stroma_random g;
        stroma_random_init(&g, w->spec->seed, stroma_random_stream(stream), r);
        s = model_folds(w->d, all, n, w->folds, &g, *fold + r * n, err);
    }
    stroma_free(all);
    w->fold = *fold;
    if (s == STROMA_OK) s = work_alloc(w, repeats * w->folds, err);
    if (s == STROMA_OK)
        s = stroma_parallel_for(repeats * w->folds, w->spec->threads, 1, leave_outs, w, err);
    return s;
}

/* Mean, least and greatest over repeats. */
static void gather(stroma_model_figure *f, double x, size_t *n)
{
    if (!isfinite(x)) return;
    if (*n == 0) *f = (stroma_model_figure){ 0, x, x };
    f->value += x;
    f->lower = fmin(f->lower, x);
    f->upper = fmax(f->upper, x);
    ++*n;
}

static void settle(stroma_model_figure *f, size_t n)
{
    if (n == 0)
        *f = (stroma_model_figure){ NAN, NAN, NAN };
    else
        f->value /= (double)n;
}

static stroma_status summarise(const work *w, size_t repeats, stroma_model_cv *cv,
                               stroma_error *err)
{
    const size_t n = w->d->n;
    size_t used[4] = { 0 };
    double *y = stroma_alloc_array(2 * n, sizeof *y);
    if (y == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    for (size_t r = 0; s == STROMA_OK && r < repeats; r++) {
        size_t k = 0;
        for (size_t i = 0; i < n; i++) {
            if (!isfinite(w->log_odds[r * n + i])) continue;
            y[n + k] = w->log_odds[r * n + i];
            y[k++] = w->d->y[i];
        }
        model_scores score;
        s = model_score(y + n, y, k, &score, err);
        if (s != STROMA_OK) break;
        gather(&cv->auc, score.auc, &used[0]);
        gather(&cv->brier, score.brier, &used[1]);
        gather(&cv->slope, score.slope, &used[2]);
        gather(&cv->intercept, score.intercept, &used[3]);
    }
    stroma_free(y);
    settle(&cv->auc, used[0]);
    settle(&cv->brier, used[1]);
    settle(&cv->slope, used[2]);
    settle(&cv->intercept, used[3]);
    return s;
}

stroma_status model_cross_validate(const model_learner *l, const model_data *d,
                                   const stroma_model_spec *spec, stroma_model *m,
                                   stroma_error *err)
{
    size_t *fold = NULL;
    work w = { .learner = l, .d = d, .spec = spec, .folds = spec->folds };
    if (w.folds > d->n) w.folds = d->n;
    m->cv.folds = w.folds;
    m->cv.repeats = spec->repeats;
    stroma_status s = cross(&w, spec->repeats, "model folds", &fold, err);
    for (size_t i = 0; s == STROMA_OK && i < w.folds * spec->repeats; i++)
        m->cv.failed += w.failed[i];
    if (s == STROMA_OK) s = summarise(&w, spec->repeats, &m->cv, err);
    work_free(&w);
    stroma_free(fold);
    return s;
}

stroma_status model_calibrate(const model_learner *l, const model_data *d,
                              const stroma_model_spec *spec, stroma_model *m, stroma_error *err)
{
    enum { FOLDS = 20 };
    const size_t n = d->n, p = d->p;
    size_t *fold = NULL;
    work w = { .learner = l, .d = d, .spec = spec, .folds = n < FOLDS ? n : FOLDS };
    stroma_status s = cross(&w, 1, "model conformal", &fold, err);
    if (s == STROMA_OK) {
        m->folds = w.folds;
        m->fold_coefficients = stroma_arena_alloc(&m->arena, w.folds * (1 + p), sizeof(double));
        m->calibration_score = stroma_arena_alloc(&m->arena, n, sizeof(double));
        m->calibration_class = stroma_arena_alloc(&m->arena, n, 1);
        m->calibration_fold = stroma_arena_alloc(&m->arena, n, sizeof *m->calibration_fold);
        if (m->fold_coefficients == NULL || m->calibration_score == NULL ||
            m->calibration_class == NULL || m->calibration_fold == NULL)
            s = stroma_no_memory(err);
    }
    if (s == STROMA_OK)
        memcpy(m->fold_coefficients, w.coefficient, w.folds * (1 + p) * sizeof(double));
    for (size_t i = 0; s == STROMA_OK && i < n; i++) {
        if (!isfinite(w.log_odds[i])) continue; /* its fold could not be fitted */
        m->calibration_score[m->calibration_len] = w.log_odds[i];
        m->calibration_class[m->calibration_len] = d->y[i] > 0;
        m->calibration_fold[m->calibration_len++] = (uint16_t)fold[i];
    }
    work_free(&w);
    stroma_free(fold);
    return s;
}
