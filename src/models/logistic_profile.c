/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "logistic_problem.h"
#include "profile_limit.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

typedef struct profile {
    const logistic_problem *q;
    size_t k;
    double *beta; /* the last profile point, from which the next one starts */
    bool *fixed;
} profile;

static double with_held(double b, void *context)
{
    const profile *f = context;
    logistic_optimum o;
    f->beta[f->k] = b;
    if (logistic_maximise(f->q, f->fixed, f->beta, &o, NULL) != STROMA_OK || !o.ok) return NAN;
    return o.log_likelihood;
}

stroma_status logistic_profile(const logistic_problem *q, size_t k, const double *beta,
                               double log_likelihood, double se, double level, double limits[2],
                               stroma_error *err)
{
    double *at = stroma_alloc_array(q->p, sizeof *at);
    bool *fixed = stroma_alloc_array(q->p, sizeof *fixed);
    stroma_status s = at == NULL || fixed == NULL ? stroma_no_memory(err) : STROMA_OK;
    const double z = stroma_normal_quantile(0.5 + level / 2);
    for (int side = 0; s == STROMA_OK && side < 2; side++) {
        profile f = { .q = q, .k = k, .beta = at, .fixed = fixed };
        memcpy(at, beta, q->p * sizeof *at);
        fixed[k] = true;
        limits[side] =
            profile_limit(with_held, &f, beta[k], log_likelihood, (side == 0 ? -1 : 1) * z * se, z);
    }
    stroma_free(at);
    stroma_free(fixed);
    return s;
}
