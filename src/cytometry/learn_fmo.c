/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A quantile of the tube without the stain, among the events of the same parent. */
#include "density.h"
#include "learn.h"

#include <math.h>

static const double QUANTILE = 0.995;
enum { MIN_BEYOND = 5 };

static stroma_status find(const learn_job *job, learn_answer *out, stroma_error *err)
{
    (void)err;
    const double q = isnan(job->rule->quantile) ? QUANTILE : job->rule->quantile;
    if (job->fmo == NULL) {
        learn_nothing(out, "no FMO tube was given");
        return STROMA_OK;
    }
    const double beyond = (1 - q) * (double)job->fmo->n;
    stroma_json_put_number(out->seen, "quantile", q);
    stroma_json_put_string(out->seen, "file", job->fmo_file);
    stroma_json_put_int(out->seen, "n_fmo", (int64_t)job->fmo->n);
    if (beyond < MIN_BEYOND) {
        learn_nothing(out,
                      "the FMO tube has %zu events in the parent, %.0f are needed for the %gth "
                      "percentile",
                      job->fmo->n, ceil(MIN_BEYOND / (1 - q)), 100 * q);
        return STROMA_OK;
    }
    out->shape = LEARN_EDGE;
    out->edge = density_quantile(job->fmo->x[0], job->fmo->n, q);
    /* Binomial limits of the quantile's rank. */
    const double rank = q * (double)job->fmo->n,
                 half = 1.959963984540054 * sqrt((double)job->fmo->n * q * (1 - q));
    const double last = (double)(job->fmo->n - 1);
    stroma_json_put_number(out->seen, "edge_lower",
                           job->fmo->x[0][(size_t)fmax(0, floor(rank - half))]);
    stroma_json_put_number(out->seen, "edge_upper",
                           job->fmo->x[0][(size_t)fmin(last, ceil(rank + half))]);
    out->confidence = 1 - 1 / sqrt(beyond);
    return STROMA_OK;
}

const learn_method learn_fmo = {
    .name = "fmo",
    .channels_min = 1,
    .channels_max = 1,
    .keys = " keep quantile ",
    .what = "a quantile (0.995) of the FMO tube in the same parent",
    .confidence = "1 − relative standard error of the share of FMO events beyond the edge",
    .find = find,
};
