/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many days after the event does the response step? Sums of each subject at each lag are kept
 * apart, so that a bootstrap sample of subjects is an addition. */
#include "alignment.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/random.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

enum { SUBJECTS_MIN = 5, CHUNK = 20 };

/* Centred within the subject: z the step (0 or 1), y the response, d the day. */
typedef struct sums {
    double zz, zy, zd, yd, dd;
} sums;

typedef struct lag_fit {
    double low, high;  /* lags that explain alike, first and last */
    double step, gain; /* gain: signed root of the sum of squares explained, 0: no step */
} lag_fit;

typedef struct lag_job {
    const stroma_series *s;
    const alignment_set *a;
    const stroma_alignment_options *o;
    size_t lags;
    sums *own;     /* subject × lag, at the true alignment */
    sums *total;   /* worker × lag */
    double *day;   /* worker × n */
    size_t *order; /* worker × n */
    lag_fit *fits; /* a resample each */
    bool shuffled;
} lag_job;

static double lag_at(const stroma_alignment_options *o, size_t k)
{
    return o->lag_from + (double)k * o->lag_step;
}

/* Add the sums of one subject at all lags. */
static void add_subject(const lag_job *j, size_t i, double event, sums *to)
{
    const stroma_series *s = j->s;
    const size_t begin = j->a->first[j->a->subject[i]], end = j->a->first[j->a->subject[i] + 1];
    double n = 0, y_mean = 0, d_mean = 0, yd = 0, dd = 0;
    for (size_t r = begin; r < end; r++) {
        if (isnan(s->response[r])) continue;
        n++;
        y_mean += s->response[r];
        d_mean += s->day[r];
    }
    if (n < 2) return;
    y_mean /= n;
    d_mean /= n;
    for (size_t r = begin; r < end; r++) {
        if (isnan(s->response[r])) continue;
        yd += (s->response[r] - y_mean) * (s->day[r] - d_mean);
        dd += (s->day[r] - d_mean) * (s->day[r] - d_mean);
    }
    for (size_t k = 0; k < j->lags; k++) {
        const double from = event + lag_at(j->o, k);
        double ones = 0, y = 0, d = 0;
        for (size_t r = end; r > begin && s->day[r - 1] >= from; r--) {
            if (isnan(s->response[r - 1])) continue;
            ones++;
            y += s->response[r - 1] - y_mean;
            d += s->day[r - 1] - d_mean;
        }
        to[k].zz += ones * (n - ones) / n;
        to[k].zy += y;
        to[k].zd += d;
        to[k].yd += yd;
        to[k].dd += dd;
    }
}

/* The step of one lag, and what it explains in the declared direction. */
static double gain_of(const sums *t, const stroma_alignment_options *o, double *step)
{
    double zz = t->zz, zy = t->zy;
    if (o->trend && t->dd > 0) {
        zz -= t->zd * t->zd / t->dd;
        zy -= t->zd * t->yd / t->dd;
    }
    *step = 0;
    if (!(zz > 1e-9)) return 0;
    *step = zy / zz;
    return (o->direction == STROMA_CHANGE_FALL ? -1 : 1) * zy / sqrt(zz);
}

static lag_fit best_of(const lag_job *j, const sums *total)
{
    lag_fit best = { NAN, NAN, NAN, 0 };
    for (size_t k = 0; k < j->lags; k++) {
        double step = 0;
        const double gain = gain_of(&total[k], j->o, &step);
        if (!(gain > 0)) continue;
        /* no visit lies between lags that explain alike, but for rounding */
        if (gain > best.gain * (1 + 1e-9))
            best = (lag_fit){ lag_at(j->o, k), lag_at(j->o, k), step, gain };
        else if (gain >= best.gain * (1 - 1e-9))
            best.high = lag_at(j->o, k);
    }
    return best;
}

static void add_sums(sums *to, const sums *x)
{
    to->zz += x->zz;
    to->zy += x->zy;
    to->zd += x->zd;
    to->yd += x->yd;
    to->dd += x->dd;
}

static stroma_status some(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const lag_job *j = context;
    sums *total = j->total + (size_t)worker * j->lags;
    double *day = j->day + (size_t)worker * j->a->n;
    size_t *order = j->order + (size_t)worker * j->a->n;
    (void)err;
    for (size_t b = begin; b < end; b++) {
        memset(total, 0, j->lags * sizeof *total);
        if (j->shuffled) {
            alignment_shuffle(j->s, j->a, j->o, b, order, day);
            for (size_t i = 0; i < j->a->n; i++)
                add_subject(j, i, day[i], total);
        } else {
            stroma_random r;
            stroma_random_init(&r, j->o->seed, stroma_random_stream("alignment bootstrap"), b);
            for (size_t i = 0; i < j->a->n; i++) {
                const sums *x = j->own + stroma_random_below(&r, j->a->n) * j->lags;
                for (size_t k = 0; k < j->lags; k++)
                    add_sums(&total[k], &x[k]);
            }
        }
        j->fits[b] = best_of(j, total);
    }
    return STROMA_OK;
}

/* Subjects with the response before and after some step of the grid. */
static size_t contributing(const lag_job *j)
{
    size_t n = 0;
    for (size_t i = 0; i < j->a->n; i++) {
        bool any = false;
        for (size_t k = 0; k < j->lags && !any; k++)
            any = j->own[i * j->lags + k].zz > 0;
        n += any;
    }
    return n;
}

/* Percentiles: the lower ends below, the upper ends above; resamples without a step count as
 * anywhere on the grid. @param ends room for the resamples */
static void percentiles(const lag_job *j, double *ends, stroma_stat *out)
{
    const size_t n = j->o->resamples;
    const double tail = (1 - j->o->level) / 2;
    const size_t cut = (size_t)floor(tail * (double)(n + 1));
    for (size_t b = 0; b < n; b++)
        ends[b] = j->fits[b].gain > 0 ? j->fits[b].low : j->o->lag_from;
    stroma_sort_doubles(ends, n);
    out->lower = ends[cut > 0 ? cut - 1 : 0];
    for (size_t b = 0; b < n; b++)
        ends[b] = j->fits[b].gain > 0 ? j->fits[b].high : lag_at(j->o, j->lags - 1);
    stroma_sort_doubles(ends, n);
    out->upper = ends[n - (cut > 0 ? cut : 1)];
}

static stroma_status resample(lag_job *j, stroma_stat *out, const lag_fit *seen, stroma_error *err)
{
    const int threads = j->o->threads < 1 ? 1 : j->o->threads;
    j->shuffled = false;
    STROMA_TRY(stroma_parallel_for(j->o->resamples, threads, CHUNK, some, j, err));
    double *ends = stroma_alloc_array(j->o->resamples, sizeof *ends);
    if (ends == NULL) return stroma_no_memory(err);
    percentiles(j, ends, out);
    stroma_free(ends);
    if (j->a->one_day && j->o->shuffle == STROMA_SHUFFLE_SUBJECTS) {
        out->reason = "all events are on one day: no other alignment to compare with";
        return STROMA_OK;
    }
    j->shuffled = true;
    STROMA_TRY(stroma_parallel_for(j->o->resamples, threads, CHUNK, some, j, err));
    size_t beyond = 0;
    for (size_t b = 0; b < j->o->resamples; b++)
        beyond += j->fits[b].gain >= seen->gain * (1 - 1e-9);
    out->p = (double)(1 + beyond) / (double)(1 + j->o->resamples);
    return STROMA_OK;
}

static stroma_status search(lag_job *j, stroma_stat *out, stroma_error *err)
{
    static const char method[] = "alignment_lag";
    for (size_t i = 0; i < j->a->n; i++)
        add_subject(j, i, j->a->day[i], j->own + i * j->lags);
    for (size_t i = 0; i < j->a->n; i++)
        for (size_t k = 0; k < j->lags; k++)
            add_sums(&j->total[k], &j->own[i * j->lags + k]);
    const size_t n = contributing(j);
    const lag_fit seen = best_of(j, j->total);
    if (n < SUBJECTS_MIN)
        *out = stroma_stat_cannot(method, "fewer than 5 subjects have an event and the response on "
                                          "both sides of a lag");
    else if (!(seen.gain > 0))
        *out = stroma_stat_cannot(method, "no step in the declared direction");
    out->n_used = n;
    out->n1 = j->a->n;
    if (out->not_estimable) return STROMA_OK;
    out->variant = j->o->trend ? "step beside a common trend" : "step";
    out->estimate_name = "days from the event to the change";
    out->estimate = seen.low + (seen.high - seen.low) / 2;
    out->statistic_name = "root of the sum of squares explained";
    out->statistic = seen.gain;
    out->effect_name = "step";
    out->effect = seen.step;
    out->interval_method = "bootstrap of subjects, percentiles";
    out->level = j->o->level;
    if (seen.low <= lag_at(j->o, 0) || seen.high >= lag_at(j->o, j->lags - 1))
        out->reason = "the lag lies at the end of the grid: it may be beyond it";
    return resample(j, out, &seen, err);
}

static stroma_status run(const stroma_series *s, const alignment_set *a,
                         const stroma_alignment_options *o, stroma_stat *out, stroma_error *err)
{
    const size_t threads = o->threads < 1 ? 1 : (size_t)o->threads;
    lag_job j = { .s = s, .a = a, .o = o };
    j.lags = 1 + (size_t)floor((o->lag_to - o->lag_from) / o->lag_step + 1e-9);
    j.own = stroma_alloc_array(a->n * j.lags, sizeof *j.own);
    j.total = stroma_alloc_array(threads * j.lags, sizeof *j.total);
    j.day = stroma_alloc_array(threads * a->n, sizeof *j.day);
    j.order = stroma_alloc_array(threads * a->n, sizeof *j.order);
    j.fits = stroma_alloc_array(o->resamples, sizeof *j.fits);
    const bool memory =
        j.own != NULL && j.total != NULL && j.day != NULL && j.order != NULL && j.fits != NULL;
    const stroma_status status = memory ? search(&j, out, err) : stroma_no_memory(err);
    stroma_free(j.own);
    stroma_free(j.total);
    stroma_free(j.day);
    stroma_free(j.order);
    stroma_free(j.fits);
    return status;
}

stroma_status stroma_alignment_lag(const stroma_series *series, const stroma_event *events,
                                   const stroma_alignment_options *options, stroma_stat *out,
                                   stroma_error *err)
{
    const stroma_alignment_options defaults = STROMA_ALIGNMENT_OPTIONS_INIT;
    const stroma_alignment_options *o = options == NULL ? &defaults : options;
    alignment_set a;
    *out = stroma_stat_empty("alignment_lag");
    STROMA_TRY(alignment_check_options(o, err));
    STROMA_TRY(alignment_set_new(series, events, o->baseline_events, &a, err));
    const stroma_status s = run(series, &a, o, out, err);
    alignment_set_free(&a);
    return s;
}
