/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the events of a bin stand among all of their channel. Ranks need no scale: a bimodal
 * marker, whose median jumps between its populations, moves no more than counting makes it. */
#include "quality.h"

#include <math.h>

static const double MOST_OF_RANGE = 0.7;

void quality_follow(const quality_work *w, size_t channel, double *u, double *scratch,
                    quality_course *out)
{
    const size_t k = w->channels_len;
    double all[QUALITY_CLASSES] = { 0 }, ridit[QUALITY_CLASSES], total = 0, below = 0, spread = 0;
    for (size_t b = 0; b < w->bins; b++)
        for (size_t c = 0; c < QUALITY_CLASSES; c++)
            all[c] += w->classes[(b * k + channel) * QUALITY_CLASSES + c];
    for (size_t c = 0; c < QUALITY_CLASSES; c++)
        total += all[c];
    for (size_t c = 0; c < QUALITY_CLASSES; c++) {
        ridit[c] = (below + all[c] / 2) / total;
        below += all[c];
        spread += all[c] / total * (ridit[c] - 0.5) * (ridit[c] - 0.5);
    }
    for (size_t b = 0; b < w->bins; b++) {
        const uint32_t *x = w->classes + (b * k + channel) * QUALITY_CLASSES;
        double sum = 0, n = 0;
        for (size_t c = 0; c < QUALITY_CLASSES; c++) {
            sum += x[c] * ridit[c];
            n += x[c];
        }
        u[b] = scratch[b] = sum / n;
    }
    out->u = u;
    out->middle = quality_median(scratch, w->bins);
    for (size_t b = 0; b + 1 < w->bins; b++)
        scratch[b] = fabs(u[b + 1] - u[b]);
    const double counting = sqrt(spread / (total / (double)w->bins));
    const double seen = 1.4826 * quality_median(scratch, w->bins - 1) / sqrt(2);
    out->noise = spread > 0 ? fmax(counting, seen) : 0;
}

bool quality_is_counter(const quality_work *w, size_t channel, const quality_course *c)
{
    size_t up = 0, down = 0;
    if (w->channels[channel].time || c->noise <= 0) return true;
    for (size_t b = 0; b + 1 < w->bins; b++) {
        up += c->u[b + 1] >= c->u[b];
        down += c->u[b + 1] <= c->u[b];
    }
    const size_t nearly_all = w->bins - 1 - w->bins / 20;
    const double change = c->u[w->bins - 1] - c->u[0];
    return (up >= nearly_all && change > MOST_OF_RANGE) ||
           (down >= nearly_all && change < -MOST_OF_RANGE);
}

const char *quality_no_course(const quality_work *w)
{
    if (w->d->n_events < QUALITY_FEW_EVENTS) return "too few events to judge: fewer than 2000";
    if (w->times != NULL && !w->in_order) return "the events are not in the order of time";
    return NULL;
}
