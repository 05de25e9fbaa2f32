/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power of tests of counts, by looking at every outcome. */
#include "power_methods.h"

#include "stroma/stats_distribution.h"

#include <math.h>
#include <stdbool.h>

enum { SIDE_MAX = 2000, GRID = 200 };

/* ---- one proportion ---- */

/* Outcomes ≤ lower or ≥ upper reject. −1 and n + 1: none. */
typedef struct region {
    double lower, upper;
} region;

static region binomial_region(double n, double p, double tail)
{
    region r = { stroma_binomial_quantile(tail, n, p), stroma_binomial_quantile(1 - tail, n, p) };
    const double room = tail * (1 + 1e-12);
    r.lower++;
    r.upper--;
    while (r.lower >= 0 && stroma_binomial_cdf(r.lower, n, p) > room)
        r.lower--;
    while (r.upper <= n && stroma_binomial_sf(r.upper - 1, n, p) > room)
        r.upper++;
    return r;
}

static region one_sample_region(const stroma_power_design *d, double n)
{
    region r = binomial_region(n, d->null_value, power_tail(d));
    if (d->one_sided && d->effect >= d->null_value) r.lower = -1;
    if (d->one_sided && d->effect < d->null_value) r.upper = n + 1;
    return r;
}

static double mass_outside(region r, double n, double p)
{
    return (r.lower >= 0 ? stroma_binomial_cdf(r.lower, n, p) : 0) +
           (r.upper <= n ? stroma_binomial_sf(r.upper - 1, n, p) : 0);
}

double power_binomial(const stroma_power_design *d, double n1, double n2)
{
    (void)n2;
    return mass_outside(one_sample_region(d, n1), n1, d->effect);
}

double power_binomial_size(const stroma_power_design *d, double n1, double n2)
{
    (void)n2;
    return mass_outside(one_sample_region(d, n1), n1, d->null_value);
}

double power_binomial_critical(const stroma_power_design *d, double n)
{
    const region r = one_sample_region(d, n);
    if (!d->one_sided) return (double)NAN;
    return d->effect >= d->null_value ? r.upper : r.lower;
}

double power_binomial_near(const stroma_power_design *d, double n1, double n2)
{
    const double p = d->null_value, q = d->effect;
    (void)n2;
    const double null = sqrt(p * (1 - p) / n1);
    return power_normal(d, (q - p) / null, sqrt(q * (1 - q) / n1) / null);
}

/* ---- two proportions ---- */

/* For each number t of events in both groups: first-group counts ≤ low[t] or ≥ high[t] reject. */
typedef struct tables {
    int n1, n2;
    int low[2 * SIDE_MAX + 1], high[2 * SIDE_MAX + 1];
} tables;

static void support(const tables *w, int t, int *from, int *to)
{
    *from = t > w->n2 ? t - w->n2 : 0;
    *to = t < w->n1 ? t : w->n1;
}

/* Probabilities of first-group counts from … to given t, outwards from a value near the mode. */
static void hypergeometric(const tables *w, int t, int from, int to, double *h)
{
    const double n1 = w->n1, n2 = w->n2;
    const int mode = (int)fmin(to, fmax(from, floor((t + 1.0) * (n1 + 1) / (n1 + n2 + 2))));
    h[mode - from] = stroma_hypergeometric_pmf(mode, n1, n2, t);
    for (int x = mode; x < to; x++)
        h[x + 1 - from] = h[x - from] * (n1 - x) / (x + 1.0) * (t - x) / (n2 - t + x + 1.0);
    for (int x = mode; x > from; x--)
        h[x - 1 - from] = h[x - from] * x / (n1 - x + 1.0) * (n2 - t + x) / (t - x + 1.0);
}

/* The two-sided test adds outcomes in order of probability, equal ones together, while α lasts. */
static void fisher_two_sided(tables *w, int t, int from, int to, const double *h, double alpha)
{
    const double equal = 1 + 1e-7;
    int a = from, b = to;
    double used = 0;
    while (a <= b) {
        const double least = fmin(h[a - from], h[b - from]) * equal;
        double group = 0;
        int next_a = a, next_b = b;
        while (next_a <= b && h[next_a - from] <= least)
            group += h[next_a++ - from];
        while (next_b >= next_a && h[next_b - from] <= least)
            group += h[next_b-- - from];
        if (used + group > alpha * (1 + 1e-12)) break;
        used += group;
        a = next_a;
        b = next_b;
    }
    w->low[t] = a - 1;
    w->high[t] = b + 1;
}

/* Group 2 is expected to have more events (higher), or fewer. */
static void fisher_one_sided(tables *w, int t, int from, int to, const double *h,
                             const stroma_power_design *d)
{
    const double room = d->alpha * (1 + 1e-12);
    const bool higher = d->effect >= d->p1;
    double used = 0;
    w->low[t] = from - 1;
    w->high[t] = to + 1;
    for (int i = 0; i <= to - from; i++) {
        const int x = higher ? from + i : to - i;
        used += h[x - from];
        if (used > room) break;
        *(higher ? &w->low[t] : &w->high[t]) = x;
    }
}

static void fisher_tables(const stroma_power_design *d, tables *w)
{
    double h[SIDE_MAX + 1];
    for (int t = 0; t <= w->n1 + w->n2; t++) {
        int from = 0, to = 0;
        support(w, t, &from, &to);
        hypergeometric(w, t, from, to, h);
        if (d->one_sided)
            fisher_one_sided(w, t, from, to, h, d);
        else
            fisher_two_sided(w, t, from, to, h, d->alpha);
    }
}

/* z of the pooled test, which falls with x for a given t. */
static double pooled_z(const tables *w, int t, int x)
{
    const double n1 = w->n1, n2 = w->n2, p = t / (n1 + n2);
    return ((t - x) / n2 - x / n1) / sqrt(p * (1 - p) * (1 / n1 + 1 / n2));
}

static void chi_square_tables(const stroma_power_design *d, tables *w)
{
    const double cut = power_z(d) * (1 - 1e-12);
    const bool higher = !d->one_sided || d->effect >= d->p1;
    const bool lower = !d->one_sided || d->effect < d->p1;
    for (int t = 0; t <= w->n1 + w->n2; t++) {
        int from = 0, to = 0;
        support(w, t, &from, &to);
        w->low[t] = from - 1;
        w->high[t] = to + 1;
        if (t == 0 || t == w->n1 + w->n2) continue;
        while (higher && w->low[t] < to && pooled_z(w, t, w->low[t] + 1) >= cut)
            w->low[t]++;
        while (lower && w->high[t] > from && pooled_z(w, t, w->high[t] - 1) <= -cut)
            w->high[t]--;
    }
}

static double mass_rejected(const tables *w, double p, double q)
{
    double first[SIDE_MAX + 1], second[SIDE_MAX + 1], total = 0;
    for (int x = 0; x <= w->n1; x++)
        first[x] = stroma_binomial_pmf(x, w->n1, p);
    for (int y = 0; y <= w->n2; y++)
        second[y] = stroma_binomial_pmf(y, w->n2, q);
    for (int t = 0; t <= w->n1 + w->n2; t++) {
        int from = 0, to = 0;
        support(w, t, &from, &to);
        for (int x = from; x <= w->low[t]; x++)
            total += first[x] * second[t - x];
        const int rest = w->high[t] > w->low[t] ? w->high[t] : w->low[t] + 1;
        for (int x = rest; x <= to; x++)
            total += first[x] * second[t - x];
    }
    return fmin(1, total);
}

typedef void (*fill_tables)(const stroma_power_design *d, tables *w);

/* Power; or the largest error over 199 common probabilities. */
static double two_samples(const stroma_power_design *d, double n1, double n2, fill_tables fill,
                          bool size)
{
    if (!(n1 <= SIDE_MAX) || !(n2 <= SIDE_MAX)) return (double)NAN;
    tables w = { .n1 = (int)ceil(n1), .n2 = (int)ceil(n2) };
    double most = 0;
    fill(d, &w);
    if (!size) return mass_rejected(&w, d->p1, d->effect);
    for (int i = 1; i < GRID; i++)
        most = fmax(most, mass_rejected(&w, (double)i / GRID, (double)i / GRID));
    return most;
}

double power_fisher(const stroma_power_design *d, double n1, double n2)
{
    return two_samples(d, n1, n2, fisher_tables, false);
}

double power_fisher_size(const stroma_power_design *d, double n1, double n2)
{
    return two_samples(d, n1, n2, fisher_tables, true);
}

double power_chi_square(const stroma_power_design *d, double n1, double n2)
{
    return two_samples(d, n1, n2, chi_square_tables, false);
}

double power_chi_square_size(const stroma_power_design *d, double n1, double n2)
{
    return two_samples(d, n1, n2, chi_square_tables, true);
}

/* ---- pairs ---- */

/* Over the number of discordant pairs; @p share of them change in the direction of the effect. */
static double discordant(const stroma_power_design *d, double n, double share)
{
    const double all = d->effect + d->p1;
    double total = 0;
    for (double k = 0; k <= n; k++) {
        region r = binomial_region(k, 0.5, power_tail(d));
        if (d->one_sided)
            *(d->effect >= d->p1 ? &r.lower : &r.upper) = d->effect >= d->p1 ? -1 : k + 1;
        total += stroma_binomial_pmf(k, n, all) * mass_outside(r, k, share);
    }
    return fmin(1, total);
}

double power_mcnemar_exact(const stroma_power_design *d, double n1, double n2)
{
    (void)n2;
    return n1 > SIDE_MAX ? (double)NAN : discordant(d, n1, d->effect / (d->effect + d->p1));
}

double power_mcnemar_exact_size(const stroma_power_design *d, double n1, double n2)
{
    (void)n2;
    return n1 > SIDE_MAX ? (double)NAN : discordant(d, n1, 0.5);
}
