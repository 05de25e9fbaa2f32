/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cox_profile.h"

#include "profile_limit.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

stroma_status cox_fit_new(cox_fit *f, stroma_error *err)
{
    const size_t p = f->q.p;
    STROMA_TRY(cox_point_new(&f->q, &f->pt, err));
    f->beta = stroma_alloc_array(3 * p + p * p, sizeof *f->beta);
    f->fixed = stroma_alloc_array(p, sizeof *f->fixed);
    if (f->beta == NULL || f->fixed == NULL) return stroma_no_memory(err);
    f->other = f->beta + p;
    f->step = f->beta + 2 * p;
    f->inverse = f->beta + 3 * p;
    return STROMA_OK;
}

void cox_fit_free(cox_fit *f)
{
    cox_problem_free(&f->q);
    cox_point_free(&f->pt);
    stroma_free(f->beta);
    stroma_free(f->fixed);
    *f = (cox_fit){ 0 };
}

typedef struct held {
    cox_fit *f;
    size_t k;
} held;

/* The others start where the last profile point left them. */
static double with_held(double b, void *context)
{
    const held *h = context;
    cox_fit *f = h->f;
    cox_optimum o;
    f->other[h->k] = b;
    cox_maximise(&f->q, f->fixed, f->other, f->step, &f->pt, &o);
    return o.ok ? o.log_likelihood : (double)NAN;
}

static void hold(cox_fit *f, size_t k)
{
    memcpy(f->other, f->beta, f->q.p * sizeof *f->other);
    for (size_t i = 0; i < f->q.p; i++)
        f->fixed[i] = i == k;
}

void cox_profile(cox_fit *f, size_t k, double se, double level, double limits[2])
{
    const double z = stroma_normal_quantile(0.5 + level / 2);
    held h = { f, k };
    for (int side = 0; side < 2; side++) {
        hold(f, k);
        limits[side] = profile_limit(with_held, &h, f->beta[k], f->top.log_likelihood,
                                     (side == 0 ? -1 : 1) * z * se, z);
    }
}

double cox_profile_drop(cox_fit *f, size_t k)
{
    held h = { f, k };
    hold(f, k);
    return 2 * (f->top.log_likelihood - with_held(0, &h));
}
