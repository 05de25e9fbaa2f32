/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Harrell's bootstrap, and the .632 estimates from the rows that the resamples leave out. */
#include "validation.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/random.h"

#include <math.h>

enum { CHUNK = 4 };

/* Of one resample: measures inside it and in the data, and those of the rows left out. */
typedef struct outcome {
    double inside[STROMA_MEASURES], data[STROMA_MEASURES];
    double out_auc, out_brier;
    const char *reason;
} outcome;

typedef struct optimism {
    const double *y;
    size_t n, events;
    stroma_validation_fit fit;
    void *context;
    const stroma_validation_options *o;
    uint32_t stream;
    size_t *event_rows; /* n: events first, then the others */
    size_t *rows;       /* worker × n */
    double *room;       /* worker × 3n */
    outcome *outcomes;
} optimism;

static void draw(const optimism *w, size_t b, size_t *rows)
{
    stroma_random r;
    stroma_random_init(&r, w->o->seed, w->stream, b);
    for (size_t i = 0; i < w->n; i++) {
        if (!w->o->stratified)
            rows[i] = (size_t)stroma_random_below(&r, w->n);
        else if (i < w->events)
            rows[i] = w->event_rows[stroma_random_below(&r, w->events)];
        else
            rows[i] = w->event_rows[w->events + stroma_random_below(&r, w->n - w->events)];
    }
}

/* Predictions and outcomes of the rows that were drawn, or of those that were not. @return how many
 */
static size_t gather(const optimism *w, const size_t *rows, const double *p, double *to, double *y)
{
    for (size_t i = 0; i < w->n; i++) {
        to[i] = p[rows[i]];
        y[i] = w->y[rows[i]];
    }
    return w->n;
}

static size_t gather_left_out(const optimism *w, const size_t *rows, const double *p, double *to,
                              double *y)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        y[i] = 0;
    for (size_t i = 0; i < w->n; i++)
        y[rows[i]] = 1;
    for (size_t i = 0; i < w->n; i++) {
        if (y[i] > 0) continue;
        to[n] = p[i];
        y[n++] = w->y[i]; /* n ≤ i: what is overwritten was read */
    }
    return n;
}

static stroma_status one(const optimism *w, size_t b, int worker, outcome *out, stroma_error *err)
{
    size_t *rows = w->rows + (size_t)worker * w->n;
    double *p = w->room + (size_t)worker * 3 * w->n, *to = p + w->n, *y = to + w->n;
    double left[STROMA_MEASURES];
    const stroma_validation_sample sample = { rows, w->n, b, worker };
    draw(w, b, rows);
    out->out_auc = out->out_brier = NAN;
    STROMA_TRY(w->fit(&sample, w->context, p, &out->reason, err));
    if (out->reason != NULL) return STROMA_OK;
    STROMA_TRY(stroma_measures(p, w->y, w->n, out->data, err));
    STROMA_TRY(stroma_measures(to, y, gather(w, rows, p, to, y), out->inside, err));
    const size_t n = gather_left_out(w, rows, p, to, y);
    if (n == 0) return STROMA_OK;
    STROMA_TRY(validation_separates(to, y, n, p, left, err));
    out->out_auc = left[STROMA_MEASURE_AUC];
    out->out_brier = left[STROMA_MEASURE_BRIER];
    return STROMA_OK;
}

static stroma_status some(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const optimism *w = context;
    for (size_t b = begin; b < end; b++) {
        const stroma_status s = one(w, b, worker, &w->outcomes[b], err);
        if (s != STROMA_OK) return stroma_in(err, s, "resample %zu", b + 1);
    }
    return STROMA_OK;
}

static void correct(const optimism *w, int k, stroma_validated *v)
{
    double sum = 0, squares = 0;
    for (int pass = 0; pass < 2; pass++) {
        v->resamples = 0;
        for (size_t b = 0; b < w->o->resamples; b++) {
            const outcome *r = &w->outcomes[b];
            const double gap = r->reason == NULL ? r->inside[k] - r->data[k] : (double)NAN;
            if (isnan(gap)) continue;
            v->resamples++;
            if (pass == 0)
                sum += gap;
            else
                squares += (gap - v->optimism) * (gap - v->optimism);
        }
        if (pass == 0) v->optimism = sum / (double)v->resamples;
    }
    if (isnan(v->apparent) || v->resamples < 2) {
        v->optimism = NAN;
        v->reason = isnan(v->apparent) ? "the measure does not exist in the data"
                                       : "too few resamples have the measure";
        return;
    }
    v->optimism_sd = sqrt(squares / (double)(v->resamples - 1));
    v->mcse = v->optimism_sd / sqrt((double)v->resamples);
    v->corrected = v->apparent - v->optimism;
}

/* @param chance what a procedure without information would have */
static void weigh(const optimism *w, int k, double chance, stroma_validated *v)
{
    double sum = 0;
    size_t n = 0;
    for (size_t b = 0; b < w->o->resamples; b++) {
        const outcome *r = &w->outcomes[b];
        const double x = k == STROMA_MEASURE_AUC ? r->out_auc : r->out_brier;
        if (r->reason != NULL || isnan(x)) continue;
        sum += x;
        n++;
    }
    if (n == 0) return;
    v->out_of_bag = sum / (double)n;
    v->corrected_632 = 0.368 * v->apparent + 0.632 * v->out_of_bag;
    /* never beyond chance, on whichever side that is */
    const double far =
        chance > v->apparent ? fmin(v->out_of_bag, chance) : fmax(v->out_of_bag, chance);
    double overfit = (far - v->apparent) / (chance - v->apparent);
    if (!(overfit > 0)) overfit = 0;
    const double weight = 0.632 / (1 - 0.368 * fmin(1, overfit));
    v->corrected_632_plus = (1 - weight) * v->apparent + weight * far;
}

static void summarise(const optimism *w, const double *apparent_p, stroma_optimism *out)
{
    double from_one = 0, from_zero = 0;
    const double share = (double)w->events / (double)w->n;
    for (size_t b = 0; b < w->o->resamples; b++)
        if (w->outcomes[b].reason != NULL) validation_failed(&out->failed, w->outcomes[b].reason);
    for (int k = 0; k < STROMA_MEASURES; k++)
        correct(w, k, &out->measures[k]);
    for (size_t i = 0; i < w->n; i++) {
        from_one += (1 - apparent_p[i]) * (1 - apparent_p[i]) / (double)w->n;
        from_zero += apparent_p[i] * apparent_p[i] / (double)w->n;
    }
    weigh(w, STROMA_MEASURE_AUC, 0.5, &out->measures[STROMA_MEASURE_AUC]);
    weigh(w, STROMA_MEASURE_BRIER, share * from_one + (1 - share) * from_zero,
          &out->measures[STROMA_MEASURE_BRIER]);
}

static stroma_status alloc(optimism *w, int threads, stroma_error *err)
{
    size_t first = 0, last = w->events;
    w->event_rows = stroma_alloc_array(w->n, sizeof *w->event_rows);
    w->rows = stroma_alloc_array((size_t)threads, w->n * sizeof *w->rows);
    w->room = stroma_alloc_array((size_t)threads, 3 * w->n * sizeof *w->room);
    w->outcomes = stroma_alloc_array(w->o->resamples, sizeof *w->outcomes);
    if (w->event_rows == NULL || w->rows == NULL || w->room == NULL || w->outcomes == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < w->n; i++)
        w->event_rows[w->y[i] > 0 ? first++ : last++] = i;
    return STROMA_OK;
}

static stroma_status run(optimism *w, stroma_optimism *out, stroma_error *err)
{
    const int threads = w->o->threads < 1 ? 1 : w->o->threads;
    double apparent[STROMA_MEASURES];
    const char *reason = NULL;
    STROMA_TRY(alloc(w, threads, err));
    for (size_t i = 0; i < w->n; i++)
        w->rows[i] = i;
    const stroma_validation_sample all = { w->rows, w->n, UINT64_MAX, 0 };
    double *p = stroma_alloc_array(w->n, sizeof *p);
    if (p == NULL) return stroma_no_memory(err);
    stroma_status s = w->fit(&all, w->context, p, &reason, err);
    if (s == STROMA_OK && reason != NULL) out->reason = reason;
    if (s == STROMA_OK && reason == NULL) {
        s = stroma_measures(p, w->y, w->n, apparent, err);
        for (int k = 0; s == STROMA_OK && k < STROMA_MEASURES; k++)
            out->measures[k].apparent = apparent[k];
        if (s == STROMA_OK) s = stroma_parallel_for(w->o->resamples, threads, CHUNK, some, w, err);
        if (s == STROMA_OK) summarise(w, p, out);
    }
    stroma_free(p);
    return s;
}

stroma_status stroma_validate_optimism(const double *y, size_t n, stroma_validation_fit fit,
                                       void *context, const stroma_validation_options *options,
                                       stroma_optimism *out, stroma_error *err)
{
    static const stroma_validation_options defaults = STROMA_VALIDATION_OPTIONS_INIT;
    static const stroma_validated none = { NAN, NAN, NAN, NAN, NAN, 0, "", NAN, NAN, NAN };
    const stroma_validation_options *o = options == NULL ? &defaults : options;
    *out = (stroma_optimism){ .rows = n, .resamples = o->resamples, .reason = "" };
    for (int k = 0; k < STROMA_MEASURES; k++)
        out->measures[k] = none;
    if (o->resamples < STROMA_VALIDATION_RESAMPLES_MIN ||
        o->resamples > STROMA_VALIDATION_RESAMPLES_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu resamples are not within %d to %d",
                           o->resamples, STROMA_VALIDATION_RESAMPLES_MIN,
                           STROMA_VALIDATION_RESAMPLES_MAX);
    STROMA_TRY(validation_check(NULL, y, n, true, err));
    optimism w = { .y = y,
                   .n = n,
                   .events = validation_events(y, n),
                   .fit = fit,
                   .context = context,
                   .o = o,
                   .stream = stroma_random_stream("optimism bootstrap") };
    out->events = w.events;
    const stroma_status s = run(&w, out, err);
    stroma_free(w.event_rows);
    stroma_free(w.rows);
    stroma_free(w.room);
    stroma_free(w.outcomes);
    return s;
}
