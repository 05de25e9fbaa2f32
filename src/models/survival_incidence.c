/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cumulative incidence of one cause while others compete. */
#include "survival_times.h"

#include <math.h>

static const stroma_survival_options defaults = STROMA_SURVIVAL_OPTIONS_INIT;

void stroma_incidence_free(stroma_incidence_curves *c)
{
    if (c == NULL) return;
    if (c->arena != NULL) stroma_arena_clear(c->arena);
    stroma_free(c->arena);
    stroma_free(c);
}

/* State of the recursion: S (free of every event) and F (the cause), with their covariances. Events
 * of one time are multinomial, and S and F are linear in them, so the variance is carried on
 * exactly as the estimates are. */
typedef struct path {
    double s, f, ss, sf, ff;
} path;

static void advance(path *w, double n, double cause, double all)
{
    const double a = all / n, k = cause / n, s = w->s, n3 = n * n * n;
    const double caa = all * (n - all) / n3, ckk = cause * (n - cause) / n3,
                 cak = cause * (n - all) / n3;
    w->ff += 2 * k * w->sf + k * k * w->ss + s * s * ckk;
    w->sf = (1 - a) * (w->sf + k * w->ss) - s * s * cak;
    w->ss = (1 - a) * (1 - a) * w->ss + s * s * caa;
    w->f += s * k;
    w->s = s * (1 - a);
}

static void walk(const survival_times *t, const stroma_survival_data *d, size_t block,
                 uint32_t cause, stroma_incidence_curve *c)
{
    path w = { .s = 1 };
    const size_t end = t->first[block + 1];
    size_t entered = t->first[block], gone = 0, in = t->start == NULL ? c->n : 0;
    for (size_t i = t->first[block]; i < end;) {
        const double now = t->stop[t->by_stop[i]];
        stroma_incidence_step *s = &c->steps[c->steps_len++];
        for (; t->start != NULL && entered < end && t->start[t->by_start[entered]] < now; entered++)
            in++;
        s->time = now;
        s->at_risk = in - gone;
        for (; i < end && t->stop[t->by_stop[i]] == now; i++, gone++) {
            const uint32_t what = d->event[t->by_stop[i]];
            s->events += what == cause;
            s->competing += what != cause && what != 0;
            s->censored += what == 0;
        }
        c->events += s->events;
        c->competing += s->competing;
        advance(&w, (double)s->at_risk, (double)s->events, (double)(s->events + s->competing));
        s->incidence = w.f;
        s->event_free = w.s;
        s->se = sqrt(fmax(0, w.ff));
        survival_limits(s->incidence, s->se, &c->options, &s->lower, &s->upper);
    }
}

static stroma_status fill(const stroma_survival_data *d, const survival_times *t, uint32_t cause,
                          const stroma_survival_options *o, stroma_incidence_curves *out,
                          stroma_error *err)
{
    out->merged = t->merged;
    out->curves_len = t->blocks;
    out->curves = stroma_arena_alloc(out->arena, t->blocks, sizeof *out->curves);
    if (out->curves == NULL) return stroma_no_memory(err);
    for (size_t g = 0; g < t->blocks; g++) {
        stroma_incidence_curve *c = &out->curves[g];
        const size_t n = t->first[g + 1] - t->first[g];
        *c = (stroma_incidence_curve){ .n = n, .last = NAN, .options = *o };
        c->steps = stroma_arena_alloc(out->arena, n + 1, sizeof *c->steps);
        if (c->steps == NULL) return stroma_no_memory(err);
        if (n > 0) c->last = t->stop[t->by_stop[t->first[g + 1] - 1]];
        walk(t, d, g, cause, c);
    }
    return STROMA_OK;
}

stroma_status stroma_incidence_fit(const stroma_survival_data *d, uint32_t cause,
                                   const stroma_survival_options *options,
                                   stroma_incidence_curves **out, stroma_error *err)
{
    const stroma_survival_options *o = options == NULL ? &defaults : options;
    survival_times t;
    *out = NULL;
    STROMA_TRY(survival_check_level(o->level, err));
    if (cause == 0) return stroma_fail(err, STROMA_E_USAGE, "cause 0 is censoring");
    STROMA_TRY(survival_times_new(d, d->group, d->groups, &t, err));
    stroma_incidence_curves *c = stroma_alloc_array(1, sizeof *c);
    stroma_status s = c == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) {
        c->arena = stroma_alloc_array(1, sizeof *c->arena);
        if (c->arena == NULL)
            s = stroma_no_memory(err);
        else
            stroma_arena_init(c->arena, (size_t)8 << 30);
    }
    if (s == STROMA_OK) s = fill(d, &t, cause, o, c, err);
    survival_times_free(&t);
    if (s == STROMA_OK)
        *out = c;
    else
        stroma_incidence_free(c);
    return s;
}

stroma_stat stroma_incidence_at(const stroma_incidence_curve *c, double time)
{
    stroma_stat s = stroma_stat_empty("cumulative_incidence");
    s.n_used = c->n;
    s.estimate_name = "cumulative incidence";
    s.level = c->options.level;
    s.interval_method = stroma_survival_scale_name(c->options.scale);
    size_t k = 0;
    while (k < c->steps_len && c->steps[k].time <= time)
        k++;
    const char *reason = NULL;
    if (c->n == 0)
        reason = "no rows";
    else if (!(time >= 0))
        reason = "the time is negative or not a number";
    else if (time > c->last && c->steps[c->steps_len - 1].event_free > 0)
        reason = "after the last time seen";
    if (reason != NULL) {
        s.not_estimable = true;
        s.reason = reason;
        return s;
    }
    s.estimate = k == 0 ? 0 : c->steps[k - 1].incidence;
    s.se = k == 0 ? 0 : c->steps[k - 1].se;
    survival_limits(s.estimate, s.se, &c->options, &s.lower, &s.upper);
    if (!(s.estimate > 0)) s.reason = "nobody had the event yet: this scale has no interval there";
    if (isnan(s.lower) && s.estimate >= 1)
        s.reason = "all had the event: this scale has no interval there";
    return s;
}
