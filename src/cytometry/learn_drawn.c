/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gates that were drawn beforehand, in linear units, and the border of the channels' range. */
#include "learn.h"

#include <math.h>

static stroma_status find_rectangle(const learn_job *job, learn_answer *out, stroma_error *err)
{
    (void)err;
    out->shape = LEARN_RECTANGLE;
    out->confidence = (double)NAN;
    for (size_t i = 0; i < job->channels; i++) {
        out->low[i] = job->rule->min[i];
        out->high[i] = job->rule->max[i];
    }
    return STROMA_OK;
}

static stroma_status find_boundary(const learn_job *job, learn_answer *out, stroma_error *err)
{
    STROMA_TRY(find_rectangle(job, out, err));
    for (size_t i = 0; i < job->channels; i++)
        if (isinf(out->high[i])) out->high[i] = job->top[i];
    return STROMA_OK;
}

static stroma_status find_polygon(const learn_job *job, learn_answer *out, stroma_error *err)
{
    (void)job;
    (void)err;
    out->shape = LEARN_POLYGON;
    out->confidence = (double)NAN;
    return STROMA_OK;
}

#define NONE "none: it was drawn"
const learn_method learn_rectangle = { .name = "rectangle",
                                       .channels_min = 1,
                                       .channels_max = 2,
                                       .linear = true,
                                       .keys = " min max ",
                                       .what = "fixed: from min to max, linear units",
                                       .confidence = NONE,
                                       .find = find_rectangle };
const learn_method learn_boundary = {
    .name = "boundary",
    .channels_min = 1,
    .channels_max = 2,
    .linear = true,
    .keys = " min max ",
    .what = "fixed: below the highest value a channel can have ($PnR − 1), or from min to max, "
            "linear units",
    .confidence = NONE,
    .find = find_boundary
};
const learn_method learn_polygon = { .name = "polygon",
                                     .channels_min = 2,
                                     .channels_max = 2,
                                     .linear = true,
                                     .keys = " vertices ",
                                     .what = "fixed: vertices in linear units",
                                     .confidence = NONE,
                                     .find = find_polygon };
