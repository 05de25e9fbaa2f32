/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The edge of a reference sample, moved as its landmark (the highest peak) has moved. */
#include "density.h"
#include "learn.h"

#include <math.h>
#include <string.h>

static const double MAX_SHIFT = 0.1, MIN_AGREEMENT = 0.5;

/* Half the area between two densities, the second moved by @p shift. */
static double difference(const density_grid *a, const density_grid *b, double shift)
{
    double sum = 0, inside = 0;
    for (size_t i = 0; i < DENSITY_BINS; i++) {
        const double at = (density_place(a, (double)i) - shift - b->lo) / b->step - 0.5;
        const double fa = a->f[i] / (double)a->n;
        double fb = 0;
        if (at >= 0 && at < DENSITY_BINS - 1) {
            const size_t j = (size_t)at;
            fb = b->f[j] + (at - (double)j) * (b->f[j + 1] - b->f[j]);
            fb *= a->step / (b->step * (double)b->n);
            inside += fb;
        }
        sum += fabs(fa - fb);
    }
    return fmin(1, 0.5 * (sum + fmax(0, 1 - inside)));
}

static stroma_status find(const learn_job *job, learn_answer *out, stroma_error *err)
{
    const learn_rule *r = job->rule;
    const double most = isnan(r->max_shift) ? MAX_SHIFT : r->max_shift;
    if (job->is_reference) {
        learn_job own = *job;
        own.rule = r->edge;
        return r->edge->method->find(&own, out, err);
    }
    if (job->reference == NULL) {
        learn_nothing(out, "no reference sample was given");
        return STROMA_OK;
    }
    density_grid s, ref;
    if (!density_make(job->sample.x[0], job->sample.n, r->bandwidth, &s) ||
        !density_make(job->reference->x[0], job->reference->n, r->bandwidth, &ref)) {
        learn_nothing(out, "all values of a sample are alike");
        return STROMA_OK;
    }
    learn_job own = *job;
    own.rule = r->edge;
    own.sample = *job->reference;
    own.reference = NULL;
    learn_answer at = { .seen = out->seen };
    const learn_rule *used = NULL;
    stroma_json_key(out->seen, "reference");
    stroma_json_begin_object(out->seen);
    const stroma_status status = learn_find(&own, &at, &used, err);
    stroma_json_end_object(out->seen);
    STROMA_TRY(status);
    if (at.shape != LEARN_EDGE) {
        learn_nothing(out, "the reference sample has no edge: %.150s", at.reason);
        return STROMA_OK;
    }
    const double shift = density_place(&s, (double)density_mode(&s, r->low, r->high)) -
                         density_place(&ref, (double)density_mode(&ref, r->low, r->high));
    const double agreement = 1 - difference(&s, &ref, shift);
    stroma_json_put_string(out->seen, "reference_method", used->method->name);
    stroma_json_put_number(out->seen, "reference_edge", at.edge);
    stroma_json_put_number(out->seen, "shift", shift);
    if (fabs(shift) > most) {
        learn_nothing(out, "the landmark moved by %.3g of the scale, more than %.3g", shift, most);
    } else if (agreement < MIN_AGREEMENT) {
        learn_nothing(out, "the densities agree by %.2g after the move, %.2g is needed", agreement,
                      MIN_AGREEMENT);
    } else {
        out->shape = LEARN_EDGE;
        out->edge = at.edge + shift;
        out->confidence = agreement;
    }
    return STROMA_OK;
}

const learn_method learn_reference = {
    .name = "reference",
    .channels_min = 1,
    .channels_max = 1,
    .keys = " range keep edge max_shift bandwidth ",
    .what = "the edge of the reference sample, moved as the highest peak has moved",
    .confidence = "1 − half the area between the two densities after the move",
    .find = find,
};
