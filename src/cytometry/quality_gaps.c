/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stretches of time without events. */
#include "quality.h"

#include <math.h>

/* Chance that steady flow makes such a gap anywhere in the file: e to the minus this. */
static const double SURE = 14;

static stroma_status run(quality_work *w, quality_answer *a, stroma_error *err)
{
    const quality_slices *s = &w->slices;
    const uint64_t n = w->d->n_events;
    if (s->n == 0) return quality_cannot(w, a, err, "%s", s->why);
    double lost = 0, longest = 0, longest_at = 0, latest = w->times[0];
    const double sure = log((double)n) + SURE;
    size_t gaps = 0;
    for (uint64_t e = 1; e < n; e++) {
        const double gap = w->times[e] - latest;
        const double at = (latest - s->begin) / s->width;
        const size_t i = at < (double)s->n ? (size_t)at : s->n - 1;
        const double usual = fmax(s->usual[i], 1) / s->width; /* events a second */
        if (gap - s->step > sure / usual) {                   /* both ends are rounded */
            gaps++;
            lost += gap;
            if (gap > longest) longest_at = latest;
            longest = fmax(longest, gap);
        }
        if (w->times[e] > latest) latest = w->times[e];
    }
    const double share = lost / (latest - s->begin);
    if (gaps == 0) return quality_judge(w, a, 0, err, "none");
    return quality_judge(w, a, share, err,
                         "gaps: %zu, %.3g s together, the longest %.3g s at %.4g s", gaps, lost,
                         longest, longest_at);
}

const quality_check quality_gaps = {
    .about = { .id = "gaps",
               .label = "Gaps in time",
               .measure = "share of the time",
               .look = 0.005,
               .bad = 0.2,
               .marks = false,
               .meaning = "Times without events so long that steady flow at the usual rate has one "
                          "in less than a millionth of files: a clog, air, or a pause.",
               .source = "waiting times of a Poisson process" },
    .run = run,
};
