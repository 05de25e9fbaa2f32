/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lowest place between two peaks of the density. */
#include "density.h"
#include "learn.h"

#include <math.h>

static const double MIN_DEPTH = 0.1;
/* Of the bandwidth by rule. Twice Silverman's rule smooths the valley away where one peak is small
 * or the two are far apart; at Silverman's own the density has valleys by chance. So the widest is
 * taken at which there is a valley, and of the narrower ones more is asked: a share of the events
 * on either side, since chance bumps stand in the tails, and that the valley is surely as deep. */
static const double narrower[] = { 1, 0.8, 0.65, 0.5 };
static const double SIDE = 0.05, SURELY = 0.05;

/* The valley at one bandwidth. @return whether it stands */
static bool look(const learn_job *job, double bandwidth, double need, bool wide, density_grid *g,
                 density_valley *v, bool *any)
{
    const learn_rule *r = job->rule;
    const double *x = job->sample.x[0];
    const size_t n = job->sample.n;
    *any = false;
    if (!density_make(x, n, bandwidth, g)) return false;
    const double low = wide ? r->low : fmax(r->low, density_quantile(x, n, SIDE)),
                 high = wide ? r->high : fmin(r->high, density_quantile(x, n, 1 - SIDE));
    *any = density_find_valley(g, low, high, r->pivot, need, v);
    return *any && v->depth_assured > (wide ? 0 : SURELY);
}

static stroma_status find(const learn_job *job, learn_answer *out, stroma_error *err)
{
    (void)err;
    const learn_rule *r = job->rule;
    const double need = isnan(r->min_depth) ? MIN_DEPTH : r->min_depth;
    const size_t widths = r->bandwidth > 0 ? 1 : sizeof narrower / sizeof narrower[0];
    density_grid g;
    density_valley v, unsure = { .depth = 0 };
    bool any = false;
    if (!density_make(job->sample.x[0], job->sample.n, r->bandwidth, &g)) {
        learn_nothing(out, "all values are alike");
        return STROMA_OK;
    }
    const double widest = r->bandwidth > 0 ? r->bandwidth : g.bandwidth;
    bool stands = false;
    for (size_t i = 0; i < widths && !stands; i++) {
        stands = look(job, widest * narrower[i], need, i == 0, &g, &v, &any);
        if (any && !stands && v.depth > unsure.depth) unsure = v;
    }
    stroma_json_put_number(out->seen, "bandwidth", g.bandwidth);
    if (stands) {
        stroma_json_put_number(out->seen, "depth", v.depth);
        stroma_json_put_number(out->seen, "depth_assured", v.depth_assured);
        stroma_json_put_number(out->seen, "peak_low", density_place(&g, (double)v.left));
        stroma_json_put_number(out->seen, "peak_high", density_place(&g, (double)v.right));
        stroma_json_put_number(out->seen, "share_low", v.share_low);
        out->shape = LEARN_EDGE;
        out->edge = density_place(&g, v.bin);
        out->confidence = v.depth_assured;
    } else if (unsure.depth > 0) {
        stroma_json_put_number(out->seen, "depth", unsure.depth);
        stroma_json_put_number(out->seen, "depth_assured", unsure.depth_assured);
        learn_nothing(out, "a valley of depth %.2g that is not sure: its lower 95 %% limit is %.2g",
                      unsure.depth, unsure.depth_assured);
    } else {
        learn_nothing(out, "no valley of depth %.2g in the density", need);
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
