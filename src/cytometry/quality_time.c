/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time that runs backwards or starts over. What starts over is put right for the checks to come. */
#include "quality.h"

#include <math.h>

/* Most events whose time steps back before order in time has no meaning. */
static const double MOST_BACKWARD = 0.01;

static void ends_of(const double *t, uint64_t n, double *low, double *high, uint64_t *bad)
{
    *low = HUGE_VAL;
    *high = -HUGE_VAL;
    *bad = 0;
    for (uint64_t e = 0; e < n; e++) {
        if (!isfinite(t[e])) {
            ++*bad;
            continue;
        }
        if (t[e] < *low) *low = t[e];
        if (t[e] > *high) *high = t[e];
    }
}

enum { STARTS_MAX = 20 };

/* A step back over most of the range is a clock that started over. */
static bool starts_over(double before, double now, double range)
{
    return now - before < -0.5 * range;
}

/* Events earlier than one before them, and how often the clock starts over. */
static uint64_t count_backward(const double *t, uint64_t n, double range, size_t *over)
{
    double latest = t[0];
    uint64_t back = 0;
    *over = 0;
    for (uint64_t e = 1; e < n; e++) {
        if (starts_over(t[e - 1], t[e], range)) {
            ++*over;
            latest = t[e];
        }
        back += t[e] < latest;
        if (t[e] > latest) latest = t[e];
    }
    return back;
}

/* Move up what follows a start, and mark what is out of order. */
static void put_right(quality_work *w, double range)
{
    double moved = 0, before = w->times[0], latest = before;
    for (uint64_t e = 1; e < w->d->n_events; e++) {
        const double now = w->times[e];
        if (starts_over(before, now, range)) moved += before - now;
        before = now;
        w->times[e] = now + moved;
        if (w->times[e] < latest) quality_mark(w, e, e + 1);
        if (w->times[e] > latest) latest = w->times[e];
    }
}

static stroma_status run(quality_work *w, quality_answer *a, stroma_error *err)
{
    const uint64_t n = w->d->n_events;
    double low, high;
    uint64_t bad;
    if (w->times == NULL)
        return quality_cannot(w, a, err,
                              n == 0 ? "there are no events" : "there is no channel of time");
    ends_of(w->times, n, &low, &high, &bad);
    if (bad > 0)
        return quality_cannot(w, a, err, "time is no number in %llu events",
                              (unsigned long long)bad);
    if (!(high > low)) return quality_cannot(w, a, err, "time is %g in every event", low);
    size_t over = 0;
    const uint64_t back = count_backward(w->times, n, high - low, &over);
    const double share = (double)back / (double)n;
    w->in_order = share <= MOST_BACKWARD && over <= STARTS_MAX;
    if (!w->in_order)
        return quality_judge(w, a, share, err,
                             "the events are not in the order of time: they were mixed or sampled; "
                             "what needs time cannot be judged");
    put_right(w, high - low);
    if (over == 0)
        return quality_judge(w, a, share, err,
                             "%llu of %llu events are earlier than one before them",
                             (unsigned long long)back, (unsigned long long)n);
    a->at_least = STROMA_QUALITY_LOOK;
    return quality_judge(w, a, share, err,
                         "the clock starts over %zu times; %llu of %llu events are earlier than "
                         "one before them",
                         over, (unsigned long long)back, (unsigned long long)n);
}

const quality_check quality_time = {
    .about = { .id = "time",
               .label = "Time runs forward",
               .measure = "share of events",
               .look = 0,
               .bad = (double)NAN,
               .marks = true,
               .fault = true,
               .meaning = "Events whose time is before that of an earlier event. A step back over "
                          "more than half of the range is a clock that started over, or files "
                          "that were joined: times behind it are moved on for the other checks. "
                          "Where more than 1 % of the events step back, or the clock starts over "
                          "more than 20 times, the file is not in the order of time (it was mixed, "
                          "sampled or sorted): nothing is marked, and flow, signal and drift are "
                          "not judged.",
               .source = "PeacoQC 1.21 warns of it (CheckInputSignalStability)" },
    .run = run,
};
