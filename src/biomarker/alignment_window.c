/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Change of the response from before to after the event. */
#include "alignment.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/stats_distribution.h"

#include <math.h>

enum { SUBJECTS_MIN = 3, CHUNK = 50 };

typedef struct summary {
    size_t n;
    double mean, se;
} summary;

/* Mean of the response in a window of days since the event; NaN: none. */
static double window_mean(const stroma_series *s, size_t begin, size_t end, double event,
                          double from, double to)
{
    double sum = 0;
    size_t n = 0;
    for (size_t r = begin; r < end; r++) {
        const double d = s->day[r] - event;
        if (d < from || d > to || isnan(s->response[r])) continue;
        sum += s->response[r];
        n++;
    }
    return n > 0 ? sum / (double)n : (double)NAN;
}

/* @param change n places of scratch */
static summary changes(const stroma_series *s, const alignment_set *a, const double *day,
                       const stroma_alignment_options *o, double *change)
{
    summary m = { 0, NAN, NAN };
    double sum = 0, squares = 0;
    for (size_t i = 0; i < a->n; i++) {
        const size_t begin = a->first[a->subject[i]], end = a->first[a->subject[i] + 1];
        const double d = window_mean(s, begin, end, day[i], o->after_from, o->after_to) -
                         window_mean(s, begin, end, day[i], o->before_from, o->before_to);
        if (!isnan(d)) change[m.n++] = d;
    }
    for (size_t i = 0; i < m.n; i++)
        sum += change[i];
    if (m.n > 0) m.mean = sum / (double)m.n;
    for (size_t i = 0; i < m.n; i++)
        squares += (change[i] - m.mean) * (change[i] - m.mean);
    if (m.n > 1) m.se = sqrt(squares / (double)(m.n - 1) / (double)m.n);
    return m;
}

/* 0 where there is none: a shuffle without a statistic is not beyond anything. */
static double t_of(const summary *m)
{
    return m->n >= SUBJECTS_MIN && m->se > 0 ? m->mean / m->se : 0;
}

typedef struct shuffles {
    const stroma_series *s;
    const alignment_set *a;
    const stroma_alignment_options *o;
    double *room;  /* worker × 2n: days, changes */
    size_t *order; /* worker × n */
    double *t;     /* a shuffle each */
} shuffles;

static stroma_status some(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const shuffles *w = context;
    double *day = w->room + (size_t)worker * 2 * w->a->n, *change = day + w->a->n;
    size_t *order = w->order + (size_t)worker * w->a->n;
    (void)err;
    for (size_t b = begin; b < end; b++) {
        alignment_shuffle(w->s, w->a, w->o, b, order, day);
        const summary m = changes(w->s, w->a, day, w->o, change);
        w->t[b] = t_of(&m);
    }
    return STROMA_OK;
}

static stroma_status shuffle_all(const stroma_series *s, const alignment_set *a,
                                 const stroma_alignment_options *o, stroma_stat *out,
                                 stroma_error *err)
{
    const size_t threads = o->threads < 1 ? 1 : (size_t)o->threads;
    shuffles w = { .s = s, .a = a, .o = o };
    w.room = stroma_alloc_array(threads * 2 * a->n, sizeof *w.room);
    w.order = stroma_alloc_array(threads * a->n, sizeof *w.order);
    w.t = stroma_alloc_array(o->resamples, sizeof *w.t);
    stroma_status status =
        w.room == NULL || w.order == NULL || w.t == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (status == STROMA_OK)
        status = stroma_parallel_for(o->resamples, (int)threads, CHUNK, some, &w, err);
    if (status == STROMA_OK) {
        size_t beyond = 0;
        /* a shuffle that gives the same alignment gives the same t, but for its rounding */
        for (size_t b = 0; b < o->resamples; b++)
            beyond += fabs(w.t[b]) >= fabs(out->statistic) * (1 - 1e-12);
        out->p = (double)(1 + beyond) / (double)(1 + o->resamples);
    }
    stroma_free(w.room);
    stroma_free(w.order);
    stroma_free(w.t);
    return status;
}

static stroma_status test(const stroma_series *s, const alignment_set *a,
                          const stroma_alignment_options *o, stroma_stat *out, stroma_error *err)
{
    static const char method[] = "alignment_change";
    double *change = stroma_alloc_array(a->n, sizeof *change);
    if (change == NULL) return stroma_no_memory(err);
    const summary m = changes(s, a, a->day, o, change);
    stroma_free(change);
    if (m.n < SUBJECTS_MIN)
        *out = stroma_stat_cannot(method, "fewer than 3 subjects have an event and the response in "
                                          "both windows");
    else if (!(m.se > 0))
        *out = stroma_stat_cannot(method, "the change is the same in all subjects");
    out->n_used = m.n;
    out->n1 = a->n;
    if (out->not_estimable) return STROMA_OK;
    out->variant = o->shuffle == STROMA_SHUFFLE_SUBJECTS ? "event days shuffled among subjects"
                                                         : "event days shuffled among visits";
    out->estimate_name = "mean change, after - before the event";
    out->estimate = m.mean;
    out->se = m.se;
    out->df = (double)m.n - 1;
    out->statistic_name = "t";
    out->statistic = t_of(&m);
    out->interval_method = "t";
    out->level = o->level;
    const double half = stroma_t_quantile(0.5 + o->level / 2, out->df) * m.se;
    out->lower = m.mean - half;
    out->upper = m.mean + half;
    if (a->one_day && o->shuffle == STROMA_SHUFFLE_SUBJECTS) {
        out->reason = "all events are on one day: no other alignment to compare with";
        return STROMA_OK;
    }
    return shuffle_all(s, a, o, out, err);
}

stroma_status stroma_alignment_test(const stroma_series *series, const stroma_event *events,
                                    const stroma_alignment_options *options, stroma_stat *out,
                                    stroma_error *err)
{
    const stroma_alignment_options defaults = STROMA_ALIGNMENT_OPTIONS_INIT;
    const stroma_alignment_options *o = options == NULL ? &defaults : options;
    alignment_set a;
    *out = stroma_stat_empty("alignment_change");
    STROMA_TRY(alignment_check_options(o, err));
    STROMA_TRY(alignment_set_new(series, events, o->baseline_events, &a, err));
    const stroma_status s = test(series, &a, o, out, err);
    alignment_set_free(&a);
    return s;
}
