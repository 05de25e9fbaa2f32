/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events piled up at the lowest value of a channel: what was below was cut off. */
#include "quality.h"

#include <math.h>
#include <string.h>

enum { PILE_MIN = 10 };
static const double PILE_SHARE = 0.01;

typedef struct piles {
    stroma_event_column *column;
    double *at;
    size_t len, worst;
    uint64_t most;
} piles;

static bool is_pile(const quality_work *w, size_t j)
{
    const quality_ends *e = &w->channels[j].ends;
    return !w->channels[j].time && e->max > e->min && e->n_min >= PILE_MIN &&
           (double)e->n_min > PILE_SHARE * (double)w->d->n_events;
}

static void see(quality_work *w, uint64_t first, size_t n, double *const *x, void *context)
{
    const piles *p = context;
    for (size_t j = 0; j < p->len; j++)
        for (size_t i = 0; i < n; i++)
            if (x[j][i] <= p->at[j]) w->flags[first + i] |= w->bit;
}

static stroma_status mark(quality_work *w, piles *p, stroma_error *err)
{
    for (size_t j = 0; j < w->channels_len; j++) {
        if (!is_pile(w, j)) continue;
        p->column[p->len] = (stroma_event_column){ NULL, j };
        p->at[p->len++] = w->channels[j].ends.min;
        if (w->channels[j].ends.n_min <= p->most) continue;
        p->most = w->channels[j].ends.n_min;
        p->worst = j;
    }
    return quality_scan(w, p->column, p->len, see, p, err);
}

/* A count of ions has many zeros by its nature. */
static bool counts_ions(const stroma_fcs_dataset *d)
{
    const char *cyt = stroma_fcs_text(d, "$CYT");
    static const char *const names[] = { "CYTOF", "CyTOF", "Helios", "HELIOS" };
    for (size_t i = 0; cyt != NULL && i < sizeof names / sizeof names[0]; i++)
        if (strstr(cyt, names[i]) != NULL) return true;
    return false;
}

static stroma_status run(quality_work *w, quality_answer *a, stroma_error *err)
{
    if (w->d->n_events == 0) return quality_cannot(w, a, err, "there are no events");
    if (counts_ions(w->d))
        return quality_cannot(w, a, err, "mass cytometry: zeros are values like others");
    piles p = { .column = stroma_alloc_array(w->channels_len, sizeof *p.column),
                .at = stroma_alloc_array(w->channels_len, sizeof *p.at) };
    const stroma_status s =
        p.column == NULL || p.at == NULL ? stroma_no_memory(err) : mark(w, &p, err);
    stroma_free(p.column);
    stroma_free(p.at);
    if (s != STROMA_OK) return s;
    if (p.len == 0) return quality_judge(w, a, 0, err, "none");
    const double share = (double)p.most / (double)w->d->n_events;
    return quality_judge(
        w, a, share, err, "channels: %zu, %.100s most: %.3g %% of its events are exactly %.6g",
        p.len, w->channels[p.worst].name, 100 * share, w->channels[p.worst].ends.min);
}

const quality_check quality_pile = {
    .about = { .id = "negative_pile",
               .label = "Pile at the lower end",
               .measure = "share of events in the worst channel",
               .look = 0.05,
               .bad = (double)NAN,
               .marks = true,
               .meaning = "More than 1 % of the events of a channel (and at least 10) have exactly "
                          "its lowest value: negatives were cut off at an end of the scale, as "
                          "cytometers with logarithmic amplifiers do. Medians of what is dim are "
                          "too high, and no scale can spread the pile. Such files are not bad: "
                          "their negatives are not known.",
               .source =
                   "flowAI's lower limit of the dynamic range (Monaco 2016); limits are ours" },
    .run = run,
};
