/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Courses aligned at the rise of a marker instead of at treatment (checklist S3-60, S3-67): how
 * much the response changes after it, after how many days, and which of the two moves first. */
#include "answer.h"

#include "stroma/biomarker_alignment.h"
#include "stroma/stats_summary.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { POINT_SUBJECTS_MIN = 3, WEEK = 7, WEEKS_FROM = -4, WEEKS_TO = 52 };
static const double no_number = NAN;

typedef struct course {
    answer *a;
    const stroma_study_alignment *in;
    const char *name; /* "IL-10 after the rise of IFN-gamma" */
    stroma_series series;
    size_t *subject;
    double *day, *marker, *response;
    stroma_cell_state *state;
    stroma_event *event; /* a subject */
    size_t count[STROMA_EVENT_UNKNOWN + 1];
} course;

/* ---- rows ---- */

static double in_scale(double x, bool log_scale)
{
    if (!log_scale) return x;
    return x > 0 ? log2(x) : no_number;
}

/* Below the limit as half of it (decision 0005). */
static double response_of(const stroma_study_alignment *in, size_t at)
{
    const uint8_t state = in->response_state[at];
    if (state == STROMA_BELOW_LIMIT) return in_scale(in->response_value[at] / 2, in->response_log);
    if (state != STROMA_PRESENT && state != STROMA_ABOVE_LIMIT) return NAN;
    return in_scale(in->response_value[at], in->response_log);
}

/* Recorded days where they rise from visit to visit, else the nominal ones of the visits. */
static bool days_rise(const stroma_study_alignment *in, size_t subject)
{
    double last = -INFINITY;
    for (size_t v = 0; v < in->visits; v++) {
        const double d = in->day[subject * in->visits + v];
        const double day = isnan(d) ? in->visit_day[v] : d;
        if (day <= last) return false;
        last = day;
    }
    return true;
}

static void take_rows(course *c)
{
    const stroma_study_alignment *in = c->in;
    size_t n = 0;
    for (size_t i = 0; i < c->a->q->n; i++) {
        const bool recorded = days_rise(in, i);
        for (size_t v = 0; v < in->visits; v++) {
            const size_t at = i * in->visits + v;
            const double response = response_of(in, at);
            if (isnan(in->marker_value[at]) && isnan(response)) continue;
            c->subject[n] = i;
            c->day[n] = recorded && !isnan(in->day[at]) ? in->day[at] : in->visit_day[v];
            c->marker[n] = in->marker_value[at];
            c->state[n] = (stroma_cell_state)in->marker_state[at];
            c->response[n++] = response;
        }
    }
    c->series = (stroma_series){ .rows = n,
                                 .subjects = c->a->q->n,
                                 .subject = c->subject,
                                 .day = c->day,
                                 .marker = c->marker,
                                 .marker_state = c->state,
                                 .response = c->response };
}

static stroma_status allocate(course *c, stroma_error *err)
{
    const size_t n = c->a->q->n * c->in->visits + 1;
    c->subject = stroma_alloc_array(n, sizeof *c->subject);
    c->day = stroma_alloc_array(n, sizeof *c->day);
    c->marker = stroma_alloc_array(n, sizeof *c->marker);
    c->response = stroma_alloc_array(n, sizeof *c->response);
    c->state = stroma_alloc_array(n, sizeof *c->state);
    c->event = stroma_alloc_array(c->a->q->n, sizeof *c->event);
    return c->subject == NULL || c->day == NULL || c->marker == NULL || c->response == NULL ||
                   c->state == NULL || c->event == NULL
               ? stroma_no_memory(err)
               : STROMA_OK;
}

static void clear(course *c)
{
    stroma_free(c->subject);
    stroma_free(c->day);
    stroma_free(c->marker);
    stroma_free(c->response);
    stroma_free(c->state);
    stroma_free(c->event);
}

/* ---- results ---- */

static stroma_status put(course *c, const char *what, const stroma_stat *s, stroma_error *err)
{
    answer *a = c->a;
    return answer_result(a,
                         &(stroma_study_answer_result){
                             .label = stroma_arena_printf(a->out->arena, "%s: %s", c->name, what),
                             .variable = SIZE_MAX,
                             .stat = *s,
                             .p_adjusted = NAN,
                             .adjust_method = "none" },
                         NULL, err);
}

static stroma_alignment_options alignment_options(const course *c)
{
    stroma_alignment_options o = STROMA_ALIGNMENT_OPTIONS_INIT;
    o.level = c->a->q->level;
    o.seed = c->a->q->seed;
    o.threads = c->a->q->threads;
    o.direction = c->in->expect_fall ? STROMA_CHANGE_FALL : STROMA_CHANGE_RISE;
    return o;
}

static const char *order_words(stroma_temporal_order o)
{
    static const char *const words[] = {
        [STROMA_ORDER_CANNOT_JUDGE] = "Which moves first cannot be judged",
        [STROMA_ORDER_NOT_SHOWN] = "No link in time is shown, in either direction",
        [STROMA_ORDER_NOT_TOLD_APART] = "There is a link in time; which comes first cannot be told",
        [STROMA_ORDER_MARKER_FIRST] = "The marker precedes the response",
        [STROMA_ORDER_RESPONSE_FIRST] = "The response precedes the marker",
    };
    return words[o];
}

static const char *lag_words(course *c, const stroma_stat *lag)
{
    answer *a = c->a;
    if (lag->not_estimable)
        return stroma_arena_printf(a->out->arena, "The lag is not estimable: %s.", lag->reason);
    const char *estimate = answer_number(a, lag->estimate, 2);
    const char *lower = answer_number(a, lag->lower, 2), *upper = answer_number(a, lag->upper, 2);
    if (lag->p <= 1 - a->q->level)
        return stroma_arena_printf(a->out->arena, "The response follows after %s days (%s to %s).",
                                   estimate, lower, upper);
    return stroma_arena_printf(
        a->out->arena,
        "No step after the rise stands out from shuffled rises; the one that "
        "explains most comes after %s days (%s to %s).",
        estimate, lower, upper);
}

static stroma_status say(course *c, const stroma_stat *lag, const stroma_cross_lag *cross,
                         stroma_error *err)
{
    answer *a = c->a;
    const size_t *count = c->count;
    const char *days = lag_words(c, lag), *unknown = "";
    const size_t not_known = count[STROMA_EVENT_FIRST_SEEN] + count[STROMA_EVENT_UNKNOWN];
    if (not_known > 0)
        unknown = stroma_arena_printf(a->out->arena, "; in %zu it is not known", not_known);
    if (days == NULL || unknown == NULL) return stroma_no_memory(err);
    return answer_text(a, "note", c->name,
                       stroma_arena_printf(
                           a->out->arena,
                           "The marker rose in %zu of %zu, was up already before treatment in %zu, "
                           "and never rose in %zu%s. %s %s. Order in time is "
                           "no cause.",
                           count[STROMA_EVENT_RISE], a->q->n, count[STROMA_EVENT_AT_BASELINE],
                           count[STROMA_EVENT_NONE], unknown, days, order_words(cross->order)),
                       err);
}

static stroma_status put_tests(course *c, stroma_error *err)
{
    const stroma_alignment_options o = alignment_options(c);
    stroma_cross_lag_options x = STROMA_CROSS_LAG_OPTIONS_INIT;
    stroma_stat change, lag;
    stroma_cross_lag cross;
    x.level = o.level;
    x.seed = o.seed;
    x.threads = o.threads;
    x.log_marker = c->in->marker_log;
    STROMA_TRY(stroma_alignment_test(&c->series, c->event, &o, &change, err));
    STROMA_TRY(stroma_alignment_lag(&c->series, c->event, &o, &lag, err));
    STROMA_TRY(stroma_cross_lag_test(&c->series, &x, &cross, err));
    STROMA_TRY(put(c, "change from before the rise to after it", &change, err));
    STROMA_TRY(put(c, "lag in days", &lag, err));
    STROMA_TRY(put(c, "marker now, response next", &cross.marker_to_response, err));
    STROMA_TRY(put(c, "response now, marker next", &cross.response_to_marker, err));
    return say(c, &lag, &cross, err);
}

/* ---- what else may have made the marker rise (checklist S3-57) ---- */

/* Is an event recorded, or still going on, in the days up to the rise? */
static bool has_other_cause(const stroma_study_other_cause *o, size_t subject, double rise)
{
    for (size_t k = 0; k < o->n; k++)
        if (o->subject[k] == subject && o->first[k] <= rise && o->last[k] >= rise - o->days)
            return true;
    return false;
}

static stroma_status say_other_cause(const course *c, size_t found, size_t rises, stroma_error *err)
{
    answer *a = c->a;
    const stroma_study_other_cause *o = c->in->other_cause;
    stroma_arena *arena = a->out->arena;
    const char *undated =
        o->undated == 0 ? ""
                        : stroma_arena_printf(
                              arena, " %zu more have no day and could not be placed.", o->undated);
    const char *then = found == 0     ? "."
                       : o->leave_out ? "; these are not aligned."
                                      : "; these are aligned like the others.";
    const char *text =
        undated == NULL
            ? NULL
            : stroma_arena_printf(arena,
                                  "%s: recorded in the %g days up to the rise in %zu of %zu%s%s An "
                                  "event that nobody recorded is not seen here.",
                                  o->label, o->days, found, rises, then, undated);
    const char *title =
        stroma_arena_printf(arena, "Another cause for the rise of %s", c->in->marker);
    if (text == NULL || title == NULL) return stroma_no_memory(err);
    return answer_text(a, "note", title, text, err);
}

static stroma_status look_for_other_cause(course *c, stroma_error *err)
{
    const stroma_study_other_cause *o = c->in->other_cause;
    size_t found = 0, rises = 0;
    if (o == NULL) return STROMA_OK;
    for (size_t i = 0; i < c->a->q->n; i++) {
        stroma_event *e = &c->event[i];
        if (isnan(e->day)) continue;
        rises++;
        if (!has_other_cause(o, i, e->day)) continue;
        found++;
        if (o->leave_out)
            *e = (stroma_event){ .state = STROMA_EVENT_UNKNOWN,
                                 .day = no_number,
                                 .previous_day = no_number,
                                 .not_judged = e->not_judged };
    }
    return say_other_cause(c, found, rises, err);
}

/* ---- the curve ---- */

/* Mean response of a subject in the window before its event; NaN: none. */
static double before(const course *c, const stroma_alignment_options *o, size_t subject)
{
    double sum = 0;
    size_t n = 0;
    for (size_t r = 0; r < c->series.rows; r++) {
        const double since = c->day[r] - c->event[subject].day;
        if (c->subject[r] != subject || isnan(c->response[r])) continue;
        if (since < o->before_from || since > o->before_to) continue;
        sum += c->response[r];
        n++;
    }
    return n == 0 ? no_number : sum / (double)n;
}

/* Days since the event, to the week. */
static int32_t to_week(double since)
{
    return (int32_t)(round(since / WEEK) * WEEK);
}

static stroma_status put_day(course *c, int32_t day, const double *base, double *room,
                             stroma_error *err)
{
    size_t n = 0;
    for (size_t r = 0; r < c->series.rows; r++) {
        const size_t i = c->subject[r];
        if (isnan(base[i]) || isnan(c->response[r])) continue;
        if (to_week(c->day[r] - c->event[i].day) == day) room[n++] = c->response[r] - base[i];
    }
    if (n < POINT_SUBJECTS_MIN) return STROMA_OK;
    stroma_summary m;
    STROMA_TRY(stroma_summary_compute(room, n, c->a->q->level, &m, err));
    return answer_point(c->a,
                        &(stroma_study_answer_point){ .kind = "alignment",
                                                      .series = c->name,
                                                      .label = c->name,
                                                      .x = day,
                                                      .y = m.mean,
                                                      .lower = m.lower,
                                                      .upper = m.upper,
                                                      .n = (int64_t)n },
                        err);
}

/* Week by week, where at least three patients have a value. */
static stroma_status put_curve(course *c, stroma_error *err)
{
    const stroma_alignment_options o = alignment_options(c);
    double *base = stroma_alloc_array(c->a->q->n + c->series.rows + 1, sizeof *base);
    if (base == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < c->a->q->n; i++)
        base[i] = isnan(c->event[i].day) ? no_number : before(c, &o, i);
    stroma_status st = STROMA_OK;
    for (int32_t week = WEEKS_FROM; week <= WEEKS_TO && st == STROMA_OK; week++)
        st = put_day(c, week * WEEK, base, base + c->a->q->n, err);
    stroma_free(base);
    return st;
}

/* ---- all of it ---- */

static stroma_status run(course *c, stroma_error *err)
{
    const stroma_rise_rule rule = {
        .kind = isnan(c->in->above) ? STROMA_RISE_FOLD : STROMA_RISE_ABOVE,
        .value = isnan(c->in->above) ? c->in->fold : c->in->above,
    };
    STROMA_TRY(allocate(c, err));
    take_rows(c);
    STROMA_TRY(stroma_events_find(&c->series, &rule, c->event, err));
    for (size_t i = 0; i < c->a->q->n; i++)
        c->count[c->event[i].state]++;
    STROMA_TRY(look_for_other_cause(c, err));
    STROMA_TRY(put_tests(c, err));
    return put_curve(c, err);
}

stroma_status answer_alignments(answer *a, stroma_error *err)
{
    for (size_t i = 0; i < a->q->alignments_len; i++) {
        course c = { .a = a, .in = &a->q->alignments[i] };
        c.name =
            stroma_arena_printf(a->out->arena, "%s%s after the rise of %s",
                                c.in->response_log ? "log2 " : "", c.in->response, c.in->marker);
        if (c.name == NULL) return stroma_no_memory(err);
        const stroma_status st = run(&c, err);
        clear(&c);
        STROMA_TRY(stroma_in(err, st, "alignment \"%s\"", c.name));
    }
    return STROMA_OK;
}
