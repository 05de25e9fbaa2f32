/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A signal that steps or drifts: the change point that parts the file best. */
#include "quality.h"

#include <math.h>

enum { SIDE_MIN = 5 };
static const double LIMIT_NOISE = 8, LIMIT_CHANGE = 0.1;

/* Means of the bins before and from `at` differ by `change`, in SDs of that difference `sure`. */
typedef struct change {
    size_t at;
    double change, sure;
    bool step; /* two levels fit better than a line */
} change;

static double about_line(const double *u, size_t n)
{
    const double mid = ((double)n - 1) / 2;
    double mean = 0, xy = 0, xx = 0, rest = 0;
    for (size_t b = 0; b < n; b++)
        mean += u[b] / (double)n;
    for (size_t b = 0; b < n; b++) {
        xy += ((double)b - mid) * (u[b] - mean);
        xx += ((double)b - mid) * ((double)b - mid);
    }
    for (size_t b = 0; b < n; b++) {
        const double r = u[b] - mean - xy / xx * ((double)b - mid);
        rest += r * r;
    }
    return rest;
}

static double about_levels(const double *u, size_t n, size_t at, double low, double high)
{
    double rest = 0;
    for (size_t b = 0; b < n; b++) {
        const double r = u[b] - (b < at ? low : high);
        rest += r * r;
    }
    return rest;
}

/* @param u n bins of one channel that are not marked as off */
static change find(const double *u, size_t n, double noise)
{
    change best = { 0 };
    double sum = 0, total = 0, low = 0, high = 0;
    if (n < 2 * SIDE_MIN || !(noise > 0)) return best;
    for (size_t b = 0; b < n; b++)
        total += u[b];
    for (size_t b = 1; b < n; b++) {
        sum += u[b - 1];
        if (b < SIDE_MIN || n - b < SIDE_MIN) continue;
        const double left = (double)b, right = (double)(n - b);
        const double a = sum / left, z = (total - sum) / right;
        const double sure = fabs(z - a) / (noise * sqrt(1 / left + 1 / right));
        if (sure <= best.sure) continue;
        best = (change){ .at = b, .change = z - a, .sure = sure };
        low = a;
        high = z;
    }
    best.step = about_levels(u, n, best.at, low, high) < about_line(u, n);
    return best;
}

/* Bins without marks of `signal`: those are no drift but an accident, unless they are many. */
static size_t choose(const quality_work *w, size_t *bin)
{
    size_t n = 0, off = 0;
    for (size_t b = 0; w->off != NULL && b < w->bins; b++)
        off += w->off[b];
    const bool all = off > w->bins / 5;
    for (size_t b = 0; b < w->bins; b++)
        if (all || w->off == NULL || !w->off[b]) bin[n++] = b;
    return n;
}

static void mark_side(quality_work *w, const size_t *bin, size_t n, size_t at)
{
    const bool left = at < n - at;
    for (size_t i = left ? 0 : at; i < (left ? at : n); i++)
        quality_mark(w, quality_bin_begin(w, bin[i]), quality_bin_begin(w, bin[i] + 1));
}

static stroma_status judge(quality_work *w, quality_answer *a, double *room, size_t *bin,
                           stroma_error *err)
{
    const size_t n = choose(w, bin);
    size_t channels = 0, where = 0;
    change worst = { 0 };
    const char *name = "";
    for (size_t j = 0; j < w->channels_len; j++) {
        quality_course c;
        quality_follow(w, j, room, room + w->bins, &c);
        if (quality_is_counter(w, j, &c)) continue;
        for (size_t i = 0; i < n; i++)
            room[i] = c.u[bin[i]];
        const change found = find(room, n, c.noise);
        if (!(found.sure > LIMIT_NOISE) || !(fabs(found.change) > LIMIT_CHANGE)) continue;
        channels++;
        if (found.step) mark_side(w, bin, n, found.at);
        if (fabs(found.change) <= fabs(worst.change)) continue;
        worst = found;
        where = bin[found.at];
        name = w->channels[j].name;
    }
    if (channels == 0) return quality_judge(w, a, 0, err, "none");
    return quality_judge(w, a, fabs(worst.change), err,
                         "channels: %zu, %.100s most: a %s, %s by %.2f from event %llu on",
                         channels, name, worst.step ? "step" : "slow drift",
                         worst.change > 0 ? "higher" : "lower", fabs(worst.change),
                         (unsigned long long)quality_bin_begin(w, where) + 1);
}

static stroma_status run(quality_work *w, quality_answer *a, stroma_error *err)
{
    const char *why = quality_no_course(w);
    if (why != NULL) return quality_cannot(w, a, err, "%s", why);
    double *room = stroma_alloc_array(2 * w->bins, sizeof *room);
    size_t *bin = stroma_alloc_array(w->bins, sizeof *bin);
    const stroma_status s =
        room == NULL || bin == NULL ? stroma_no_memory(err) : judge(w, a, room, bin, err);
    stroma_free(room);
    stroma_free(bin);
    return s;
}

const quality_check quality_drift = {
    .about = { .id = "drift",
               .label = "Drift and steps",
               .measure = "change of the chance that an event is above one of the file",
               .look = 0.1,
               .bad = 0.2,
               .marks = true,
               .fault = true,
               .meaning = "The change point that parts the file best, in each channel; parts that "
                          "are off are left out unless they are more than a fifth. A change of 0.1 "
                          "that is 8 SD is a step where two "
                          "levels fit better than a line, else a slow drift. Of a step the shorter "
                          "side is marked; of a drift nothing is, since no side is the right one.",
               .source =
                   "two-sample statistic over all change points (Page 1954 Biometrika 41:100)" },
    .run = run,
};
