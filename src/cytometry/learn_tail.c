/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of the negatives: their lower half, mirrored at the mode, says how far up they reach.
 * That takes the mode for theirs. Where it is the positives', the events below it are the negatives
 * themselves, and their mirror image would lie beyond all data: no such edge is given. */
#include "density.h"
#include "learn.h"

#include <math.h>

static const double QUANTILE = 0.995;
/* Negatives lie around 0. A mode in the upper half of what is above 0 is not theirs. */
static const double HIGH = 0.5;
/* Halves of so unequal reach are no mirror images. */
static const double SKEW = 2;
static const double FMO_HIGH = 0.995;
enum { MIN_BEYOND = 5, FMO_FEW = 20 };

/* Why the peak cannot be that of the negatives. @return whether something was said */
static bool not_negatives(const learn_job *job, const density_grid *g, double mode,
                          learn_answer *out)
{
    const learn_rule *r = job->rule;
    const bool declared = isfinite(r->low) || isfinite(r->high);
    const double limit = job->zero + HIGH * (1 - job->zero);
    if (job->fmo != NULL && job->fmo->n >= FMO_FEW &&
        mode > density_quantile(job->fmo->x[0], job->fmo->n, FMO_HIGH)) {
        learn_nothing(out,
                      "the highest peak, at %.3g of the scale, is not that of the negatives: %g %% "
                      "of the FMO tube lie below it",
                      mode, 100 * FMO_HIGH);
        return true;
    }
    if (declared) { /* where the negatives are, the strategy says */
        const size_t at = density_mode(g, r->low, r->high);
        if (at > 0 && at + 1 < DENSITY_BINS && g->f[at - 1] <= g->f[at] && g->f[at + 1] <= g->f[at])
            return false;
        learn_nothing(out, "the density has no peak in the range, it rises to its end at %.3g",
                      mode);
        return true;
    }
    if (!job->has_zero || mode <= limit) return false;
    learn_nothing(out,
                  "the highest peak, at %.3g of the scale, is not that of the negatives: it lies "
                  "in the upper half above 0; a range would say otherwise",
                  mode);
    return true;
}

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
    stroma_json_put_number(out->seen, "mode", mode);
    if (not_negatives(job, &g, mode, out)) return STROMA_OK;
    size_t below = 0;
    while (below < job->sample.n && job->sample.x[0][below] < mode)
        below++;
    /* Of symmetric negatives the share 1 − q lies above mode + d when 2 (1 − q) of the lower half
     * lies below mode − d. */
    const double beyond = 2 * (1 - q) * (double)below;
    stroma_json_put_number(out->seen, "quantile", q);
    stroma_json_put_int(out->seen, "n_below_mode", (int64_t)below);
    if (beyond < MIN_BEYOND) {
        learn_nothing(out, "%zu events below the mode, %.0f are needed for the %gth percentile",
                      below, ceil(MIN_BEYOND / (2 * (1 - q))), 100 * q);
        return STROMA_OK;
    }
    const double *x = job->sample.x[0];
    const size_t n = job->sample.n;
    const double down = mode - density_quantile(x, below, 2 * (1 - q)),
                 up = density_quantile(x + below, n - below, 1 - 2 * (1 - q)) - mode;
    stroma_json_put_number(out->seen, "reach_down", down);
    stroma_json_put_number(out->seen, "reach_up", up);
    /* Negatives alone reach as far up as down, positives add to it. */
    if (down > SKEW * up) {
        learn_nothing(out,
                      "the highest peak, at %.3g of the scale, is not that of the negatives, or "
                      "they are skewed: it reaches %.3g down and %.3g up",
                      mode, down, up);
        return STROMA_OK;
    }
    out->edge = fmin(mode + down, x[n - 1]); /* not beyond the data */
    size_t above = n;
    while (above > 0 && x[above - 1] >= out->edge)
        above--;
    const double observed = (double)(n - above);
    stroma_json_put_number(out->seen, "excess", fmax(0, 1 - beyond / observed));
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
                  "little of how symmetric they are",
    .find = find,
};
