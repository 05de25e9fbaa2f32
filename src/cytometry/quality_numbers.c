/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of what is simply there: values that are none, channels without values, few events. */
#include "quality.h"

#include <math.h>

static void see(quality_work *w, uint64_t first, size_t n, double *const *x, void *context)
{
    const size_t k = *(const size_t *)context;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < n; i++)
            if (!isfinite(x[j][i])) w->flags[first + i] |= w->bit;
}

static stroma_status run_numbers(quality_work *w, quality_answer *a, stroma_error *err)
{
    stroma_event_column *column = stroma_alloc_array(w->channels_len + 1, sizeof *column);
    size_t k = 0;
    uint64_t values = 0, marked = 0;
    if (column == NULL) return stroma_no_memory(err);
    for (size_t j = 0; j < w->channels_len; j++) {
        if (w->channels[j].ends.not_finite == 0) continue;
        values += w->channels[j].ends.not_finite;
        column[k++] = (stroma_event_column){ NULL, j };
    }
    const stroma_status s = quality_scan(w, column, k, see, &k, err);
    stroma_free(column);
    STROMA_TRY(s);
    for (uint64_t e = 0; k > 0 && e < w->d->n_events; e++)
        marked += (w->flags[e] & w->bit) != 0;
    if (k == 0) return quality_judge(w, a, 0, err, "none");
    return quality_judge(w, a, (double)marked / (double)w->d->n_events, err,
                         "%llu values, channels: %zu", (unsigned long long)values, k);
}

const quality_check quality_numbers = {
    .about = { .id = "not_numbers",
               .label = "NaN and infinite values",
               .measure = "share of events",
               .look = 0,
               .bad = 0.01,
               .marks = true,
               .fault = true,
               .meaning = "Events with a value that is no number. They are outside of every gate "
                          "that uses the channel.",
               .source = "FCS 3.1 allows them in float data" },
    .run = run_numbers,
};

static stroma_status run_constant(quality_work *w, quality_answer *a, stroma_error *err)
{
    size_t n = 0;
    const char *name = "";
    double value = 0;
    if (w->d->n_events < 2) return quality_cannot(w, a, err, "there are fewer than two events");
    for (size_t j = 0; j < w->channels_len; j++) {
        const quality_ends *e = &w->channels[j].ends;
        if (e->min < e->max) continue;
        if (n == 0) name = w->channels[j].name;
        if (n == 0) value = e->min;
        n++;
    }
    if (n == 0) return quality_judge(w, a, 0, err, "none");
    return quality_judge(w, a, (double)n, err, "channels: %zu, first %.100s: %g in every event", n,
                         name, value);
}

const quality_check quality_constant = {
    .about = { .id = "constant",
               .label = "Channels of one value",
               .measure = "number of channels",
               .look = 0,
               .bad = (double)NAN,
               .marks = false,
               .meaning =
                   "Channels with the same value in every event: a detector that was off, or "
                   "a column that software filled.",
               .source = "" },
    .run = run_constant,
};

enum { LOOK_BELOW = 10000, BAD_BELOW = 100 };

static stroma_status run_few(quality_work *w, quality_answer *a, stroma_error *err)
{
    const uint64_t n = w->d->n_events;
    return quality_judge(w, a, n > 0 ? 1.0 / (double)n : HUGE_VAL, err, "%llu",
                         (unsigned long long)n);
}

const quality_check quality_few = {
    .about = { .id = "few_events",
               .label = "Number of events",
               .measure = "1 / events",
               .look = 1.0 / LOOK_BELOW,
               .bad = 1.0 / BAD_BELOW,
               .marks = false,
               .meaning = "Fewer than 10,000 events: shares of rare populations are uncertain, as "
                          "their intervals show. Fewer than 100: nothing but the largest "
                          "populations can be counted.",
               .source = "the floors of stroma gate stats" },
    .run = run_few,
};
