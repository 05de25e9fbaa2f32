/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of the acquisition in which a signal is somewhere else. */
#include "quality.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GOOD_RUN_MIN = 5, NAMES_MAX = 160 };
static const double LIMIT_NOISE = 6, LIMIT_SHIFT = 0.1;

/* Bins of one channel that are off. @return how many */
static size_t find(const quality_work *w, const quality_course *c, bool *off)
{
    size_t n = 0;
    const double limit = fmax(LIMIT_NOISE * c->noise, LIMIT_SHIFT);
    for (size_t b = 0; b < w->bins; b++) {
        if (!(fabs(c->u[b] - c->middle) > limit)) continue;
        off[b] = true;
        n++;
    }
    return n;
}

/* A few bins between two bad ones are not trusted. */
static void close_short_runs(bool *off, size_t bins)
{
    size_t last = SIZE_MAX;
    for (size_t b = 0; b < bins; b++) {
        if (!off[b]) continue;
        if (last != SIZE_MAX && b - last - 1 < GOOD_RUN_MIN) memset(off + last, true, b - last);
        last = b;
    }
}

static void name_worst(char *text, const char *name, size_t bins, size_t *worst)
{
    if (bins <= *worst) return;
    *worst = bins;
    (void)snprintf(text, NAMES_MAX, "%.100s", name);
}

static stroma_status judge(quality_work *w, quality_answer *a, double *room, bool *off,
                           stroma_error *err)
{
    char worst[NAMES_MAX] = "";
    size_t channels = 0, most = 0, n = 0, first = SIZE_MAX, last = 0;
    for (size_t j = 0; j < w->channels_len; j++) {
        quality_course c;
        quality_follow(w, j, room, room + w->bins, &c);
        if (quality_is_counter(w, j, &c)) continue;
        const size_t mine = find(w, &c, off);
        channels += mine > 0;
        name_worst(worst, w->channels[j].name, mine, &most);
    }
    close_short_runs(off, w->bins);
    for (size_t b = 0; b < w->bins; b++) {
        if (!off[b]) continue;
        quality_mark(w, quality_bin_begin(w, b), quality_bin_begin(w, b + 1));
        n++;
        if (first == SIZE_MAX) first = b;
        last = b;
    }
    const double share = (double)n / (double)w->bins;
    if (n == 0) return quality_judge(w, a, 0, err, "steady in %zu parts of the file", w->bins);
    return quality_judge(w, a, share, err,
                         "%zu of %zu parts are off, between events %llu and %llu, channels: %zu, "
                         "%s most",
                         n, w->bins, (unsigned long long)quality_bin_begin(w, first) + 1,
                         (unsigned long long)quality_bin_begin(w, last + 1), channels, worst);
}

static stroma_status run(quality_work *w, quality_answer *a, stroma_error *err)
{
    const char *why = quality_no_course(w);
    if (why != NULL) return quality_cannot(w, a, err, "%s", why);
    double *room = stroma_alloc_array(2 * w->bins, sizeof *room);
    w->off = stroma_arena_alloc(w->arena, w->bins, sizeof *w->off);
    const stroma_status s =
        room == NULL || w->off == NULL ? stroma_no_memory(err) : judge(w, a, room, w->off, err);
    stroma_free(room);
    return s;
}

const quality_check quality_signal = {
    .about = { .id = "signal",
               .label = "Signal in time",
               .measure = "share of the file's parts",
               .look = 0,
               .bad = 0.05,
               .marks = true,
               .fault = true,
               .meaning = "The file is cut into 20 to 400 parts of consecutive events. A part is "
                          "marked when in any channel the chance that one of its events is above "
                          "one of the file is 0.1 and 6 SD away from the median of all parts (the "
                          "SD is that from one part to the next). Fewer than five good parts "
                          "between two marked ones are marked too.",
               .source = "as PeacoQC (Emmaneel 2022 Cytometry A 101:325), with ranks in place of "
                         "density peaks" },
    .run = run,
};
