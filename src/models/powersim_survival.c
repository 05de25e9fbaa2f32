/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times to an event: exponential, all subjects censored at one time, so that the share --events of
 * the first group (of subjects with a mean covariate) has its event before. */
#include "powersim.h"

#include "stroma/models_cox.h"
#include "stroma/models_survival.h"

#include <math.h>

/* Rate of the first group, the time of censoring being 1; without censoring any rate does. */
static double rate_of(const powersim_set *s, double *horizon)
{
    const double share = s->d->event_frac[0];
    *horizon = share < 1 ? 1 : (double)INFINITY;
    return share < 1 ? -log1p(-share) : 1;
}

static void draw(powersim_set *s, size_t i, double rate, double horizon)
{
    const double time = stroma_random_exponential(&s->random) / rate;
    s->y[i] = fmin(time, horizon);
    s->event[i] = time <= horizon;
}

/* The estimate is the second group's surplus of events, observed over expected less 1. */
stroma_status powersim_log_rank(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    double horizon = 1, observed[2] = { 0, 0 }, expected[2] = { 0, 0 };
    const double rate = rate_of(s, &horizon);
    stroma_stat t;
    for (size_t i = 0; i < s->n; i++) {
        s->group[i] = i >= s->n1;
        draw(s, i, s->group[i] ? rate * s->d->effect : rate, horizon);
    }
    const stroma_survival_data d = {
        .n = s->n, .stop = s->y, .event = s->event, .group = s->group, .groups = 2
    };
    STROMA_TRY(stroma_survival_test(&d, 0, observed, expected, &t, err));
    *out = (powersim_outcome){ t.p, observed[1] / expected[1] - 1, false };
    return STROMA_OK;
}

/* A standard normal covariate. The share of events is that at its mean. */
stroma_status powersim_cox(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    double horizon = 1;
    const double rate = rate_of(s, &horizon), slope = log(s->d->effect);
    stroma_cox_model *m = NULL;
    for (size_t i = 0; i < s->n; i++) {
        s->design[i] = stroma_random_normal(&s->random);
        draw(s, i, rate * exp(slope * s->design[i]), horizon);
    }
    const stroma_design design = { .rows = s->n, .columns = 1, .x = s->design };
    const stroma_cox_data d = { .times = { .n = s->n, .stop = s->y, .event = s->event },
                                .design = &design };
    STROMA_TRY(stroma_cox_fit(&d, NULL, &m, err));
    *out = (powersim_outcome){ m->terms[0].p, m->terms[0].estimate, false };
    stroma_cox_free(m);
    return STROMA_OK;
}
