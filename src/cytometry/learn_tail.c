/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of the negatives: their lower half, mirrored at the mode, says how far up they reach. */
#include "density.h"
#include "learn.h"

#include <math.h>

static const double QUANTILE = 0.995;
enum { MIN_BEYOND = 5 };

static stroma_status find(const learn_job *job, learn_answer *out, stroma_error *err)
{
    (void)err;
    const learn_rule *r = job->rule;
    const double q = isnan(r->quantile) ? QUANTILE : r->quantile;
    density_grid g;
    if (!density_make(job->sample.x[0], job->sample.n, r->bandwidth, &g)) {
        learn_nothing(out, "all values are alike");
        return STROMA_OK;
    }
    const double mode = density_place(&g, (double)density_mode(&g, r->low, r->high));
    size_t below = 0;
    while (below < job->sample.n && job->sample.x[0][below] < mode)
        below++;
    /* Of symmetric negatives the share 1 − q lies above mode + d when 2 (1 − q) of the lower half
     * lies below mode − d. */
    const double beyond = 2 * (1 - q) * (double)below;
    stroma_json_put_number(out->seen, "quantile", q);
    stroma_json_put_number(out->seen, "mode", mode);
    stroma_json_put_int(out->seen, "n_below_mode", (int64_t)below);
    if (beyond < MIN_BEYOND) {
        learn_nothing(out, "%zu events below the mode, %.0f are needed for the %gth percentile",
                      below, ceil(MIN_BEYOND / (2 * (1 - q))), 100 * q);
        return STROMA_OK;
    }
    out->edge = mode + (mode - density_quantile(job->sample.x[0], below, 2 * (1 - q)));
    size_t above = job->sample.n;
    while (above > 0 && job->sample.x[0][above - 1] >= out->edge)
        above--;
    const double observed = (double)(job->sample.n - above), expected = (1 - q) * 2 * (double)below;
    stroma_json_put_number(out->seen, "excess",
                           observed > 0 ? fmax(0, 1 - expected / observed) : 0);
    out->shape = LEARN_EDGE;
    out->confidence = 1 - 1 / sqrt(beyond);
    return STROMA_OK;
}

const learn_method learn_tail = {
    .name = "tail",
    .channels_min = 1,
    .channels_max = 1,
    .keys = " range keep quantile bandwidth ",
    .what = "a quantile (0.995) of the negatives, whose lower half is mirrored at the mode",
    .confidence = "1 − relative standard error of the share of negatives beyond the edge; says "
                  "nothing of how symmetric they are",
    .find = find,
};
