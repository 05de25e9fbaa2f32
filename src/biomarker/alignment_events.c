/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When did the marker rise? */
#include "alignment.h"

#include "stroma/memory.h"
#include "stroma/random.h"

#include <math.h>
#include <string.h>

const char *stroma_event_state_name(stroma_event_state s)
{
    static const char *const names[] = { "none", "rise", "at_baseline", "first_seen", "unknown" };
    return (size_t)s < sizeof names / sizeof names[0] ? names[s] : "unknown";
}

stroma_status alignment_check_series(const stroma_series *s, stroma_error *err)
{
    for (size_t r = 0; r < s->rows; r++) {
        if (s->subject[r] >= s->subjects)
            return stroma_fail(err, STROMA_E_USAGE, "subject code %zu of row %zu is not below %zu",
                               s->subject[r], r + 1, s->subjects);
        if (!isfinite(s->day[r]))
            return stroma_fail(err, STROMA_E_USAGE, "the day of row %zu is not finite", r + 1);
        if (isinf(s->marker[r]) || isinf(s->response[r]))
            return stroma_fail(err, STROMA_E_USAGE, "a value of row %zu is infinite", r + 1);
        if (r == 0) continue;
        const bool same = s->subject[r] == s->subject[r - 1];
        if (s->subject[r] < s->subject[r - 1] || (same && s->day[r] < s->day[r - 1]))
            return stroma_fail(err, STROMA_E_USAGE,
                               "row %zu is out of order: rows go by subject, then by day", r + 1);
        if (same && s->day[r] <= s->day[r - 1])
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "rows %zu and %zu are the same subject on the same day, %g", r,
                               r + 1, s->day[r]);
    }
    return STROMA_OK;
}

stroma_cell_state alignment_marker_state(const stroma_series *s, size_t row)
{
    if (isnan(s->marker[row])) return STROMA_MISSING;
    return s->marker_state == NULL ? STROMA_PRESENT : s->marker_state[row];
}

stroma_status alignment_rows(const stroma_series *s, size_t **first, stroma_error *err)
{
    *first = stroma_alloc_array(s->subjects + 1, sizeof **first);
    if (*first == NULL) return stroma_no_memory(err);
    size_t row = 0;
    for (size_t i = 0; i <= s->subjects; i++) {
        while (row < s->rows && s->subject[row] < i)
            row++;
        (*first)[i] = row;
    }
    return STROMA_OK;
}

typedef enum position { DOWN, UP, EITHER, NOT_MEASURED } position;

/* Where a marker value lies with respect to a cut-off. @param inclusive the cut-off itself is up */
static position position_of(const stroma_series *s, size_t row, double cutoff, bool inclusive)
{
    const double x = s->marker[row];
    switch (alignment_marker_state(s, row)) {
    case STROMA_PRESENT: return x > cutoff || (inclusive && x >= cutoff) ? UP : DOWN;
    case STROMA_BELOW_LIMIT: return x <= cutoff ? DOWN : EITHER;
    case STROMA_ABOVE_LIMIT: return x >= cutoff ? UP : EITHER;
    case STROMA_MISSING:
    case STROMA_NOT_DONE:
    case STROMA_NOT_APPLICABLE:
    case STROMA_EXCLUDED:
    case STROMA_NOT_ESTIMABLE: return NOT_MEASURED;
    }
    return NOT_MEASURED;
}

/* The last value on or before day 0, its limit where it lies below: NaN when there is none. */
static double baseline_of(const stroma_series *s, size_t begin, size_t end)
{
    double base = NAN;
    for (size_t r = begin; r < end && s->day[r] <= 0; r++) {
        const stroma_cell_state state = alignment_marker_state(s, r);
        if (state == STROMA_PRESENT || state == STROMA_BELOW_LIMIT) base = s->marker[r];
    }
    return base;
}

static void date_rise(const stroma_series *s, size_t row, const stroma_rise_rule *rule,
                      bool seen_down, stroma_event *e)
{
    if (s->day[row] <= 0) {
        e->state = STROMA_EVENT_AT_BASELINE;
        e->day = 0;
    } else if (!seen_down) {
        e->state = STROMA_EVENT_FIRST_SEEN;
    } else {
        e->state = STROMA_EVENT_RISE;
        e->day = s->day[row];
        if (rule->midpoint) e->day = e->previous_day + (e->day - e->previous_day) / 2;
    }
}

static stroma_event event_of(const stroma_series *s, size_t begin, size_t end,
                             const stroma_rise_rule *rule)
{
    stroma_event e = { STROMA_EVENT_UNKNOWN, NAN, NAN, 0 };
    const bool fold = rule->kind == STROMA_RISE_FOLD;
    double cutoff = rule->value;
    if (fold) {
        const double base = baseline_of(s, begin, end);
        if (!(base > 0)) return e;
        cutoff *= base;
    }
    for (size_t r = begin; r < end; r++) {
        const position p = position_of(s, r, cutoff, fold);
        e.not_judged += p == EITHER;
        /* a fold compares with the baseline: what came before that is no rise */
        if (p == DOWN || (fold && p == UP && s->day[r] <= 0)) {
            e.state = STROMA_EVENT_NONE;
            e.previous_day = s->day[r];
        }
        if (p != UP || (fold && s->day[r] <= 0)) continue;
        date_rise(s, r, rule, !isnan(e.previous_day), &e);
        break;
    }
    return e;
}

stroma_status stroma_events_find(const stroma_series *series, const stroma_rise_rule *rule,
                                 stroma_event *out, stroma_error *err)
{
    size_t *first = NULL;
    if (!isfinite(rule->value) || (rule->kind == STROMA_RISE_FOLD && !(rule->value > 1)))
        return stroma_fail(err, STROMA_E_USAGE,
                           rule->kind == STROMA_RISE_FOLD
                               ? "a rise to %g times the baseline is none: the factor is above 1"
                               : "cut-off %g is not finite",
                           rule->value);
    STROMA_TRY(alignment_check_series(series, err));
    STROMA_TRY(alignment_rows(series, &first, err));
    for (size_t i = 0; i < series->subjects; i++)
        out[i] = event_of(series, first[i], first[i + 1], rule);
    stroma_free(first);
    return STROMA_OK;
}

static bool used(const stroma_event *e, bool baseline_events)
{
    return e->state == STROMA_EVENT_RISE ||
           (baseline_events && e->state == STROMA_EVENT_AT_BASELINE);
}

static void fill_set(const stroma_series *s, const stroma_event *events, bool baseline_events,
                     alignment_set *out)
{
    for (size_t i = 0; i < s->subjects; i++) {
        if (!used(&events[i], baseline_events)) continue;
        out->subject[out->n] = i;
        out->day[out->n++] = events[i].day;
        out->one_day = out->one_day && fabs(events[i].day - out->day[0]) <= 0;
    }
}

stroma_status alignment_set_new(const stroma_series *s, const stroma_event *events,
                                bool baseline_events, alignment_set *out, stroma_error *err)
{
    *out = (alignment_set){ .one_day = true };
    STROMA_TRY(alignment_check_series(s, err));
    out->subject = stroma_alloc_array(s->subjects, sizeof *out->subject);
    out->day = stroma_alloc_array(s->subjects, sizeof *out->day);
    if (out->subject == NULL || out->day == NULL) {
        alignment_set_free(out);
        return stroma_no_memory(err);
    }
    const stroma_status status = alignment_rows(s, &out->first, err);
    if (status == STROMA_OK)
        fill_set(s, events, baseline_events, out);
    else
        alignment_set_free(out);
    return status;
}

void alignment_set_free(alignment_set *a)
{
    stroma_free(a->subject);
    stroma_free(a->day);
    stroma_free(a->first);
    *a = (alignment_set){ 0 };
}

void alignment_shuffle(const stroma_series *s, const alignment_set *a,
                       const stroma_alignment_options *o, uint64_t index, size_t *order,
                       double *day)
{
    stroma_random r;
    stroma_random_init(&r, o->seed, stroma_random_stream("alignment shuffle"), index);
    if (o->shuffle == STROMA_SHUFFLE_SUBJECTS) {
        stroma_random_permutation(&r, order, a->n);
        for (size_t i = 0; i < a->n; i++)
            day[i] = a->day[order[i]];
        return;
    }
    for (size_t i = 0; i < a->n; i++) {
        const size_t begin = a->first[a->subject[i]], end = a->first[a->subject[i] + 1];
        day[i] = s->day[begin + stroma_random_below(&r, end - begin)];
    }
}

stroma_status alignment_check_options(const stroma_alignment_options *o, stroma_error *err)
{
    if (!(o->before_from <= o->before_to && o->before_to < o->after_from &&
          o->after_from <= o->after_to && isfinite(o->before_from) && isfinite(o->after_to)))
        return stroma_fail(err, STROMA_E_USAGE,
                           "windows %g to %g and %g to %g days are not one before the other",
                           o->before_from, o->before_to, o->after_from, o->after_to);
    if (!(o->lag_step > 0 && o->lag_from <= o->lag_to &&
          (o->lag_to - o->lag_from) / o->lag_step <= 10000))
        return stroma_fail(err, STROMA_E_USAGE, "lags %g to %g by %g are no grid", o->lag_from,
                           o->lag_to, o->lag_step);
    if (!(o->level > 0 && o->level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g is not within 0 to 1", o->level);
    if (o->resamples < 99 || o->resamples > 1000000)
        return stroma_fail(err, STROMA_E_USAGE, "%zu resamples are not within 99 to 1000000",
                           o->resamples);
    return STROMA_OK;
}
