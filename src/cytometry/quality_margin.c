/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events at the end of a channel's range. */
#include "quality.h"

#include <math.h>

/* Columns that see() looks at, and the value that marks an event in each. */
typedef struct tops {
    stroma_event_column *column;
    double *at;
    size_t len;
} tops;

/* Float values beyond $PnR are real unless they pile up at the highest one: $PnR is only how far a
 * display goes. */
static bool piles_up(const quality_work *w, size_t j)
{
    const quality_ends *e = &w->channels[j].ends;
    if (w->channels[j].time || e->n_top == 0) return false;
    if (w->d->parameters[j].type == STROMA_FCS_INTEGER) return true;
    return 2 * e->n_max >= e->n_top;
}

static void see(quality_work *w, uint64_t first, size_t n, double *const *x, void *context)
{
    const tops *t = context;
    for (size_t j = 0; j < t->len; j++)
        for (size_t i = 0; i < n; i++)
            if (x[j][i] >= t->at[j]) w->flags[first + i] |= w->bit;
}

static stroma_status mark(quality_work *w, tops *t, uint64_t *marked, stroma_error *err)
{
    for (size_t j = 0; j < w->channels_len; j++) {
        if (!piles_up(w, j)) continue;
        t->column[t->len] = (stroma_event_column){ NULL, j };
        t->at[t->len++] = w->channels[j].top;
    }
    STROMA_TRY(quality_scan(w, t->column, t->len, see, t, err));
    for (uint64_t e = 0; e < w->d->n_events; e++)
        *marked += (w->flags[e] & w->bit) != 0;
    return STROMA_OK;
}

static stroma_status run_margin(quality_work *w, quality_answer *a, stroma_error *err)
{
    if (w->d->n_events == 0) return quality_cannot(w, a, err, "there are no events");
    tops t = { .column = stroma_alloc_array(w->channels_len, sizeof *t.column),
               .at = stroma_alloc_array(w->channels_len, sizeof *t.at) };
    uint64_t n = 0;
    stroma_status s = t.column == NULL || t.at == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) s = mark(w, &t, &n, err);
    const size_t channels = t.len;
    stroma_free(t.column);
    stroma_free(t.at);
    if (s != STROMA_OK) return s;
    return quality_judge(w, a, (double)n / (double)w->d->n_events, err,
                         "%llu events at the end of a range, channels: %zu", (unsigned long long)n,
                         channels);
}

const quality_check quality_margin = {
    .about = { .id = "margin",
               .label = "Events at the margin",
               .measure = "share of events",
               .look = 0.1,
               .bad = 0.3,
               .marks = true,
               .fault = true,
               .meaning = "Events at or above $PnR − 1 in any channel but time: brighter than the "
                          "detector can say. In float data, where $PnR is only how far a display "
                          "goes, they count when at least half of them have one and the same "
                          "value.",
               .source = "PeacoQC's RemoveMargins, which warns above 10 %" },
    .run = run_margin,
};

static stroma_status run_saturation(quality_work *w, quality_answer *a, stroma_error *err)
{
    const double n = (double)w->d->n_events;
    double worst = 0;
    const char *name = "";
    if (w->d->n_events == 0) return quality_cannot(w, a, err, "there are no events");
    for (size_t j = 0; j < w->channels_len; j++) {
        const double share = (double)w->channels[j].ends.n_top / n;
        if (!piles_up(w, j) || share <= worst) continue;
        worst = share;
        name = w->channels[j].name;
    }
    if (worst > 0)
        return quality_judge(w, a, worst, err, "%.3g %% of the events of %.100s", 100 * worst,
                             name);
    return quality_judge(w, a, 0, err, "no event is at the end of a range");
}

const quality_check quality_saturation = {
    .about = { .id = "saturation",
               .label = "Saturation of a channel",
               .measure = "share of events in the worst channel",
               .look = 0.02,
               .bad = 0.25,
               .marks = false,
               .meaning = "The channel with most events at the end of its range (as for margin). "
                          "Its medians and means are too low.",
               .source = "limits are ours" },
    .run = run_saturation,
};
