/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kaplan-Meier curves, and what is read off them. */
#include "survival_times.h"

#include "stroma/sort.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

static const stroma_survival_options defaults = STROMA_SURVIVAL_OPTIONS_INIT;
static const double flat = 1.4901161193847656e-08; /* two survival probabilities are one */
static const char beyond[] = "after the last time seen";

void stroma_survival_curves_free(stroma_survival_curves *c)
{
    if (c == NULL) return;
    if (c->arena != NULL) stroma_arena_clear(c->arena);
    stroma_free(c->arena);
    stroma_free(c);
}

/* Where @p x (ascending) comes to at least @p t: how many lie below. */
static size_t below(const double *x, size_t n, double t)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (x[mid] < t)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

size_t stroma_survival_at_risk(const stroma_survival_curve *c, double time)
{
    const size_t gone = below(c->stops, c->n, time);
    const size_t entered = c->starts == NULL ? c->n : below(c->starts, c->n, time);
    return entered > gone ? entered - gone : 0;
}

static void walk(const survival_times *t, const stroma_survival_data *d, size_t block,
                 stroma_survival_curve *c)
{
    double survival = 1, sum = 0; /* Greenwood's */
    for (size_t i = t->first[block]; i < t->first[block + 1];) {
        const double now = t->stop[t->by_stop[i]];
        stroma_survival_step *s = &c->steps[c->steps_len++];
        s->time = now;
        for (; i < t->first[block + 1] && t->stop[t->by_stop[i]] == now; i++) {
            const bool event = d->event[t->by_stop[i]] != 0;
            s->events += event;
            s->censored += !event;
        }
        s->at_risk = stroma_survival_at_risk(c, now);
        c->events += s->events;
        if (s->events == s->at_risk) {
            survival = 0;
            c->emptied = c->emptied || i < t->first[block + 1];
        } else if (s->events > 0) {
            const double n = (double)s->at_risk, k = (double)s->events;
            survival *= (n - k) / n;
            sum += k / (n * (n - k));
        }
        s->survival = survival;
        s->se = survival > 0 ? survival * sqrt(sum) : (double)NAN;
        survival_limits(s->survival, s->se, &c->options, &s->lower, &s->upper);
    }
}

static stroma_status fill(const stroma_survival_data *d, const survival_times *t,
                          const stroma_survival_options *o, stroma_survival_curves *out,
                          stroma_error *err)
{
    out->merged = t->merged;
    out->curves_len = t->blocks;
    out->curves = stroma_arena_alloc(out->arena, t->blocks, sizeof *out->curves);
    if (out->curves == NULL) return stroma_no_memory(err);
    for (size_t g = 0; g < t->blocks; g++) {
        stroma_survival_curve *c = &out->curves[g];
        const size_t from = t->first[g], n = t->first[g + 1] - from;
        *c = (stroma_survival_curve){ .n = n, .last = NAN, .options = *o };
        double *times = stroma_arena_alloc(out->arena, 2 * n + 1, sizeof *times);
        c->steps = stroma_arena_alloc(out->arena, n + 1, sizeof *c->steps);
        if (times == NULL || c->steps == NULL) return stroma_no_memory(err);
        c->stops = times;
        for (size_t i = 0; i < n; i++)
            times[i] = t->stop[t->by_stop[from + i]];
        for (size_t i = 0; t->start != NULL && i < n; i++)
            times[n + i] = t->start[t->by_start[from + i]];
        if (t->start != NULL) c->starts = times + n;
        if (n > 0) c->last = times[n - 1];
        walk(t, d, g, c);
    }
    return STROMA_OK;
}

stroma_status stroma_survival_curves_fit(const stroma_survival_data *d,
                                         const stroma_survival_options *options,
                                         stroma_survival_curves **out, stroma_error *err)
{
    const stroma_survival_options *o = options == NULL ? &defaults : options;
    survival_times t;
    *out = NULL;
    STROMA_TRY(survival_check_level(o->level, err));
    STROMA_TRY(survival_times_new(d, d->group, d->groups, &t, err));
    stroma_survival_curves *c = stroma_alloc_array(1, sizeof *c);
    stroma_status s = c == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) {
        c->arena = stroma_alloc_array(1, sizeof *c->arena);
        if (c->arena == NULL)
            s = stroma_no_memory(err);
        else
            stroma_arena_init(c->arena, (size_t)8 << 30);
    }
    if (s == STROMA_OK) s = fill(d, &t, o, c, err);
    survival_times_free(&t);
    if (s == STROMA_OK)
        *out = c;
    else
        stroma_survival_curves_free(c);
    return s;
}

static stroma_stat about(const stroma_survival_curve *c, const char *estimate)
{
    stroma_stat s = stroma_stat_empty("kaplan_meier");
    s.n_used = c->n;
    s.estimate_name = estimate;
    s.level = c->options.level;
    s.interval_method = stroma_survival_scale_name(c->options.scale);
    return s;
}

static stroma_stat cannot(stroma_stat s, const char *reason)
{
    s.not_estimable = true;
    s.reason = reason;
    return s;
}

stroma_stat stroma_survival_at(const stroma_survival_curve *c, double time)
{
    stroma_stat s = about(c, "survival");
    if (c->n == 0) return cannot(s, "no rows");
    if (!(time >= 0)) return cannot(s, "the time is negative or not a number");
    s.n_used = stroma_survival_at_risk(c, time);
    size_t k = 0; /* steps at or before the time */
    while (k < c->steps_len && c->steps[k].time <= time)
        k++;
    s.estimate = k == 0 ? 1 : c->steps[k - 1].survival;
    s.se = k == 0 ? 0 : c->steps[k - 1].se;
    if (time > c->last && s.estimate > 0) {
        s.estimate = s.se = NAN;
        return cannot(s, beyond);
    }
    survival_limits(s.estimate, s.se, &c->options, &s.lower, &s.upper);
    if (s.estimate == 0)
        s.reason = c->emptied
                       ? "everybody at risk failed early: the curve is 0 from there, whoever "
                         "entered later"
                       : "the curve is 0: Greenwood's formula has no standard error there";
    else if (!(s.se > 0))
        s.reason = "nobody had the event yet: use the exact limits of a proportion";
    return s;
}

enum quantile_of { CURVE, LOWER, UPPER };
static double value_of(const stroma_survival_step *s, enum quantile_of which)
{
    return which == CURVE ? s->survival : which == LOWER ? s->lower : s->upper;
}

/* Where a step function comes down to @p level: the middle of a stretch that lies on it. */
static double comes_to(const stroma_survival_curve *c, double level, enum quantile_of which)
{
    size_t i = 0;
    while (i < c->steps_len && !(value_of(&c->steps[i], which) <= level + flat))
        i++;
    if (i == c->steps_len) return NAN;
    size_t k = i;
    while (k < c->steps_len && value_of(&c->steps[k], which) >= level - flat)
        k++;
    if (k == i) return c->steps[i].time;
    return (c->steps[i].time + (k < c->steps_len ? c->steps[k].time : c->last)) / 2;
}

stroma_stat stroma_survival_quantile(const stroma_survival_curve *c, double failed_frac)
{
    stroma_stat s = about(c, failed_frac == 0.5 ? "median" : "quantile");
    if (c->n == 0) return cannot(s, "no rows");
    if (!(failed_frac > 0 && failed_frac < 1))
        return cannot(s, "the fraction is not between 0 and 1");
    s.lower = comes_to(c, 1 - failed_frac, LOWER);
    s.upper = comes_to(c, 1 - failed_frac, UPPER);
    s.estimate = comes_to(c, 1 - failed_frac, CURVE);
    if (isnan(s.estimate)) return cannot(s, "the curve does not fall that far");
    if (c->emptied)
        s.reason = "everybody at risk failed early, while others had not entered";
    else if (isnan(s.lower) || isnan(s.upper))
        s.reason = "a limit of the curve does not fall that far";
    return s;
}

/* Area from 0 to the horizon, and Greenwood's sum of (area still to come)². */
static void area(const stroma_survival_curve *c, double horizon, double *mean, double *variance)
{
    double to_come = 0, before = horizon;
    *variance = 0;
    for (size_t i = c->steps_len; i-- > 0;) {
        const stroma_survival_step *s = &c->steps[i];
        if (s->time >= horizon) continue;
        to_come += s->survival * (before - s->time);
        before = s->time;
        if (s->events > 0 && s->events < s->at_risk) {
            const double n = (double)s->at_risk, k = (double)s->events;
            *variance += to_come * to_come * (k / (n * (n - k)));
        }
    }
    *mean = to_come + before;
}

static void normal_interval(stroma_stat *s)
{
    const double z = stroma_normal_quantile(0.5 + s->level / 2);
    s->lower = s->estimate - z * s->se;
    s->upper = s->estimate + z * s->se;
    s->interval_method = "normal";
}

stroma_stat stroma_survival_mean(const stroma_survival_curve *c, double horizon)
{
    stroma_stat s = about(c, "restricted mean");
    double variance = 0;
    s.method = "restricted_mean";
    if (c->n == 0) return cannot(s, "no rows");
    if (!(horizon > 0) || !isfinite(horizon)) return cannot(s, "the horizon is not positive");
    if (c->emptied)
        return cannot(s, "everybody at risk failed early, while others had not entered");
    if (horizon > c->last && c->steps[c->steps_len - 1].survival > 0)
        return cannot(s, "the horizon lies after the last time seen");
    area(c, horizon, &s.estimate, &variance);
    s.se = sqrt(variance);
    normal_interval(&s);
    if (!(s.se > 0)) s.reason = "nobody had the event before the horizon";
    return s;
}

stroma_stat stroma_survival_mean_difference(const stroma_survival_curve *a,
                                            const stroma_survival_curve *b, double horizon)
{
    const stroma_stat first = stroma_survival_mean(a, horizon),
                      second = stroma_survival_mean(b, horizon);
    stroma_stat s = about(a, "difference of restricted means");
    s.method = "restricted_mean";
    s.n1 = a->n;
    s.n2 = b->n;
    s.n_used = a->n + b->n;
    if (first.not_estimable) return cannot(s, first.reason);
    if (second.not_estimable) return cannot(s, second.reason);
    s.estimate = first.estimate - second.estimate;
    s.se = hypot(first.se, second.se);
    if (!(s.se > 0)) return cannot(s, "nobody had the event before the horizon");
    normal_interval(&s);
    s.statistic_name = "z";
    s.statistic = s.estimate / s.se;
    s.p = stroma_normal_two_sided(s.statistic);
    return s;
}
