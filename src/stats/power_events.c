/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power of tests of proportions and of times to an event, by normal approximation. */
#include "power_methods.h"

#include "stroma/stats_distribution.h"

#include <math.h>

/* The null variance is pooled, with weights n1 and n2 (Fleiss 1981, §3). */
double power_proportions(const stroma_power_design *d, double n1, double n2)
{
    const double p = d->p1, q = d->effect, pooled = (n1 * p + n2 * q) / (n1 + n2);
    const double null = sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2));
    const double real = sqrt(p * (1 - p) / n1 + q * (1 - q) / n2);
    if (!(null > 0)) return 0; /* nobody or everybody has the event */
    return power_normal(d, (q - p) / null, real / null);
}

/* Harm is p2 < p1. */
double power_proportions_ni(const stroma_power_design *d, double n1, double n2)
{
    const double p = d->p1, q = d->effect;
    const double se = sqrt(p * (1 - p) / n1 + q * (1 - q) / n2);
    return stroma_normal_cdf((q - p + d->margin) / se + stroma_normal_quantile(d->alpha));
}

double power_mcnemar(const stroma_power_design *d, double n1, double n2)
{
    const double difference = d->effect - d->p1, discordant = d->effect + d->p1;
    (void)n2;
    const double null = sqrt(discordant / n1);
    const double real = sqrt((discordant - difference * difference) / n1);
    return power_normal(d, difference / null, real / null);
}

/* Log of the ratio of odds ratios; cells control−, control+, treated−, and the effect decides
 * treated+. */
double power_interaction_binary(const stroma_power_design *d, double n1, double n2)
{
    const double share[] = { n1 * (1 - d->p1), n1 * d->p1, n2 * (1 - d->p1), n2 * d->p1 };
    double p[4], variance = 0;
    for (size_t i = 0; i < 3; i++)
        p[i] = d->cell[i];
    const double log_odds =
        log(p[1] / (1 - p[1])) + log(p[2] / (1 - p[2])) - log(p[0] / (1 - p[0])) + log(d->effect);
    p[3] = 1 / (1 + exp(-log_odds));
    for (size_t i = 0; i < 4; i++)
        variance += 1 / (share[i] * p[i] * (1 - p[i]));
    return power_normal(d, log(d->effect) / sqrt(variance), 1);
}

/* Whitehead 1993: 1 − Σ p̄³ of the categories, p̄ the mean of the two groups. */
double power_ordinal(const stroma_power_design *d, double n1, double n2)
{
    double up_to = 0, before = 0, cubes = 0;
    for (size_t k = 0; k < d->categories; k++) {
        up_to += d->category[k];
        const double above = fmax(0, 1 - up_to), odds = d->effect * above / up_to;
        const double second = k + 1 < d->categories ? 1 - odds / (1 + odds) : 1;
        const double mean = (d->category[k] + second - before) / 2;
        before = second;
        cubes += mean * mean * mean;
    }
    const double information = n1 * n2 / (n1 + n2) * (1 - cubes) / 3;
    return power_normal(d, log(d->effect) * sqrt(information), 1);
}

double power_events(const stroma_power_design *d, double n1, double n2)
{
    return n1 * d->event_frac[0] + n2 * d->event_frac[1];
}

double power_log_rank(const stroma_power_design *d, double n1, double n2)
{
    const double share = n1 / (n1 + n2), events = power_events(d, n1, n2);
    return power_normal(d, sqrt(events * share * (1 - share)) * log(d->effect), 1);
}

double power_freedman(const stroma_power_design *d, double n1, double n2)
{
    const double h = d->effect, ratio = n2 / n1, events = power_events(d, n1, n2);
    return power_normal(d, sqrt(events * ratio) * (1 - h) / (1 + ratio * h), 1);
}

double power_cox(const stroma_power_design *d, double n1, double n2)
{
    (void)n2;
    return power_normal(d, sqrt(n1 * d->event_frac[0]) * log(d->effect), 1);
}

double stroma_power_event_frac(double rate, double accrual, double follow_up, double dropout)
{
    const double all = rate + dropout;
    if (!(rate >= 0) || !(accrual >= 0) || !(follow_up >= 0) || !(dropout >= 0)) return (double)NAN;
    if (all == 0 || accrual + follow_up == 0) return 0;
    /* mean over the entry times of e^(−all·time) */
    const double left = accrual * all < 1e-12
                            ? exp(-all * follow_up)
                            : exp(-all * follow_up) * -expm1(-all * accrual) / (all * accrual);
    return rate / all * (1 - left);
}
