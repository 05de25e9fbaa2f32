/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single cells: area over height of a pulse is much the same for all of them, doublets have more
 * area for their height. */
#include "density.h"
#include "learn.h"

#include "stroma/sort.h"

#include <math.h>

static const double WIDTH = 5, MIN_SHARE = 0.5;

static void band(double *ratio, size_t n, double width, learn_answer *out)
{
    stroma_sort_doubles(ratio, n);
    const double middle = density_quantile(ratio, n, 0.5);
    size_t inside = 0;
    /* Doublets lie above: the spread is that of the lower half. */
    const double spread = (middle - density_quantile(ratio, n, 0.25)) * 1.4826;
    out->low[0] = middle - width * spread;
    out->high[0] = middle + width * spread;
    for (size_t i = 0; i < n; i++)
        inside += ratio[i] >= out->low[0] && ratio[i] < out->high[0];
    out->confidence = (double)inside / (double)n;
    stroma_json_put_number(out->seen, "ratio_median", middle);
    stroma_json_put_number(out->seen, "ratio_spread", spread);
    if (!(spread > 0))
        learn_nothing(out, "area over height is the same for all events");
    else if (out->confidence < MIN_SHARE)
        learn_nothing(out, "only %.0f %% of the events are in the band, %.0f %% are needed",
                      100 * out->confidence, 100 * MIN_SHARE);
    else
        out->shape = LEARN_BAND;
}

static stroma_status find(const learn_job *job, learn_answer *out, stroma_error *err)
{
    const double width = isnan(job->rule->width) ? WIDTH : job->rule->width;
    double *ratio = stroma_alloc_array(job->sample.n, sizeof *ratio);
    if (ratio == NULL) return stroma_no_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < job->sample.n; i++)
        if (job->sample.x[1][i] > 0) ratio[n++] = job->sample.x[0][i] / job->sample.x[1][i];
    stroma_json_put_number(out->seen, "width", width);
    if (n < 20)
        learn_nothing(out, "%zu events have a height, 20 are needed", n);
    else
        band(ratio, n, width, out);
    stroma_free(ratio);
    return STROMA_OK;
}

const learn_method learn_singlets = {
    .name = "singlets",
    .channels_min = 2,
    .channels_max = 2,
    .linear = true,
    .keys = " width ",
    .what = "a band of area over height: median ± 5 robust standard deviations of its lower half",
    .confidence = "share of the parent's events in the band",
    .find = find,
};
