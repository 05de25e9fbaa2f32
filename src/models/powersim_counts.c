/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of events. */
#include "powersim.h"

#include "stroma/stats_contingency.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static size_t events(powersim_set *s, size_t n, double p)
{
    return (size_t)stroma_random_binomial(&s->random, (int64_t)n, p);
}

/* Two-sided p: twice the smaller tail. */
stroma_status powersim_proportion(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    const double n = (double)s->n, k = (double)events(s, s->n, s->d->effect);
    const double p0 = s->d->null_value;
    const double low = stroma_binomial_cdf(k, n, p0), high = stroma_binomial_sf(k - 1, n, p0);
    (void)err;
    *out = (powersim_outcome){ fmin(1, 2 * fmin(low, high)), k / n, true };
    if (s->side == STROMA_LESS) out->p = low;
    if (s->side == STROMA_GREATER) out->p = high;
    return STROMA_OK;
}

/* Second group first, so that an estimate is that of the second against the first. */
static void table(powersim_set *s, size_t counts[4])
{
    const size_t b = events(s, s->n2, s->d->effect), a = events(s, s->n1, s->d->p1);
    counts[0] = b;
    counts[1] = s->n2 - b;
    counts[2] = a;
    counts[3] = s->n1 - a;
}

static double difference(const size_t c[4])
{
    return (double)c[0] / (double)(c[0] + c[1]) - (double)c[2] / (double)(c[2] + c[3]);
}

stroma_status powersim_proportions(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    size_t c[4];
    (void)err;
    table(s, c);
    const stroma_stat t = stroma_risk_difference(c, STROMA_DIFFERENCE_MIETTINEN_NURMINEN, 0.95);
    *out = (powersim_outcome){ t.p, difference(c), false };
    return STROMA_OK;
}

stroma_status powersim_fisher(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    size_t c[4];
    (void)err;
    table(s, c);
    const stroma_stat t = stroma_fisher_exact(c, s->side, 0.95);
    *out = (powersim_outcome){ t.p, difference(c), true };
    return STROMA_OK;
}

static stroma_status chi_square(powersim_set *s, bool yates, powersim_outcome *out,
                                stroma_error *err)
{
    size_t c[4];
    stroma_stat t;
    table(s, c);
    const stroma_status status = stroma_chi_square(c, 2, 2, yates, &t, err);
    *out = (powersim_outcome){ t.p, difference(c), false };
    return status;
}

stroma_status powersim_chi_square(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    return chi_square(s, false, out, err);
}

stroma_status powersim_yates(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    return chi_square(s, true, out, err);
}

/* p1 and the effect are the shares of pairs that change one way and the other. */
static stroma_status mcnemar(powersim_set *s, stroma_mcnemar_kind kind, powersim_outcome *out)
{
    const double discordant = s->d->p1 + s->d->effect;
    const size_t changed = events(s, s->n, discordant);
    const size_t up = events(s, changed, s->d->effect / discordant);
    const size_t counts[4] = { s->n - changed, up, changed - up, 0 };
    const stroma_stat t = stroma_mcnemar(counts, kind);
    *out = (powersim_outcome){ t.p, t.estimate, false };
    return STROMA_OK;
}

stroma_status powersim_mcnemar(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    (void)err;
    return mcnemar(s, STROMA_MCNEMAR_ASYMPTOTIC, out);
}

stroma_status powersim_mcnemar_exact(powersim_set *s, powersim_outcome *out, stroma_error *err)
{
    (void)err;
    return mcnemar(s, STROMA_MCNEMAR_EXACT, out);
}
