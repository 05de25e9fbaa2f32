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
        *low = fmin(*low, t[e]);
        *high = fmax(*high, t[e]);
    }
}

/* A step back over most of the range is a clock that started over: what follows is moved up. */
static size_t unwrap(double *t, uint64_t n, double low, double high)
{
    double moved = 0, before = t[0];
    size_t times = 0;
    for (uint64_t e = 1; e < n; e++) {
        const double now = t[e];
        if (now - before < -0.5 * (high - low)) {
            moved += before - now;
            times++;
        }
        before = now;
        t[e] = now + moved;
    }
    return times;
}

static uint64_t mark_backward(quality_work *w)
{
    const uint64_t n = w->d->n_events;
    double latest = w->times[0];
    uint64_t back = 0;
    for (uint64_t e = 1; e < n; e++) {
        if (w->times[e] < latest) {
            quality_mark(w, e, e + 1);
            back++;
        } else {
            latest = w->times[e];
        }
    }
    return back;
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
    const size_t over = unwrap(w->times, n, low, high);
    const uint64_t back = mark_backward(w);
    const double share = (double)back / (double)n;
    w->in_order = share <= MOST_BACKWARD;
    if (over > 0) a->at_least = STROMA_QUALITY_LOOK;
    if (over > 0)
        return quality_judge(w, a, share, err,
                             "the clock starts over %zu times; %llu of %llu "
                             "events are earlier than one before them",
                             over, (unsigned long long)back, (unsigned long long)n);
    return quality_judge(w, a, share, err, "%llu of %llu events are earlier than one before them",
                         (unsigned long long)back, (unsigned long long)n);
}

const quality_check quality_time = {
    .about = { .id = "time",
               .label = "Time runs forward",
               .measure = "share of events",
               .look = 0,
               .bad = 0.01,
               .marks = true,
               .meaning = "Events whose time is before that of an earlier event. A step back over "
                          "more than half of the range is a clock that started over, or files "
                          "that were joined: times behind it are moved on for the other checks, "
                          "and the file is to be looked at.",
               .source = "PeacoQC 1.21 warns of it (CheckInputSignalStability)" },
    .run = run,
};
