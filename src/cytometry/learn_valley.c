/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lowest place between two peaks of the density. */
#include "density.h"
#include "learn.h"

#include <math.h>

static const double MIN_DEPTH = 0.1;

static stroma_status find(const learn_job *job, learn_answer *out, stroma_error *err)
{
    (void)err;
    const learn_rule *r = job->rule;
    const double need = isnan(r->min_depth) ? MIN_DEPTH : r->min_depth;
    density_grid g;
    if (!density_make(job->sample.x[0], job->sample.n, r->bandwidth, &g)) {
        learn_nothing(out, "all values are alike");
        return STROMA_OK;
    }
    density_valley v;
    const bool any = density_find_valley(&g, r->low, r->high, r->pivot, need, &v);
    stroma_json_put_number(out->seen, "bandwidth", g.bandwidth);
    if (any) {
        stroma_json_put_number(out->seen, "depth", v.depth);
        stroma_json_put_number(out->seen, "depth_assured", v.depth_assured);
        stroma_json_put_number(out->seen, "peak_low", density_place(&g, (double)v.left));
        stroma_json_put_number(out->seen, "peak_high", density_place(&g, (double)v.right));
        stroma_json_put_number(out->seen, "share_low", v.share_low);
    }
    if (!any) {
        learn_nothing(out, "no valley of depth %.2g in the density", need);
    } else if (!(v.depth_assured > 0)) {
        learn_nothing(out, "a valley of depth %.2g that is not sure: its lower 95 %% limit is none",
                      v.depth);
    } else {
        out->shape = LEARN_EDGE;
        out->edge = density_place(&g, v.bin);
        out->confidence = v.depth_assured;
    }
    return STROMA_OK;
}

const learn_method learn_valley = {
    .name = "valley",
    .channels_min = 1,
    .channels_max = 1,
    .keys = " range pivot keep min_depth bandwidth ",
    .what = "the lowest place between two peaks of the density",
    .confidence = "lower 95 % limit of the depth of the valley, 1 − density there / density of the "
                  "lower peak",
    .find = find,
};
