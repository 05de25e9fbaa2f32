/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the events of a bin stand among all of their channel. Ranks need no scale: a bimodal
 * marker, whose median jumps between its populations, moves no more than counting makes it. */
#include "quality.h"

#include <math.h>

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
