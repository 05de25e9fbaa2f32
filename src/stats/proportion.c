/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/stats_distribution.h"
#include "stroma/stats_proportion.h"

#include <math.h>

static const char *const names[STROMA_PROPORTION_METHODS] = { "Clopper-Pearson", "Wilson",
                                                              "Agresti-Coull", "Jeffreys" };

const char *stroma_proportion_method_name(stroma_proportion_method m)
{
    return (size_t)m < STROMA_PROPORTION_METHODS ? names[m] : "unknown";
}

static const char *refuse(size_t events, size_t n, double level)
{
    if (n == 0) return "no subject";
    if (events > n) return "more events than subjects";
    if (!(level > 0 && level < 1)) return "the confidence level is not between 0 and 1";
    return NULL;
}

/* Score interval. With x = 0 the lower limit is 0 by algebra, and is returned as such. */
static void wilson(double x, double n, double z, double *lower, double *upper)
{
    const double z2 = z * z, p = x / n, centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    const double half = z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    *lower = x == 0 ? 0 : centre - half;
    *upper = x == n ? 1 : centre + half;
}

static void clopper_pearson(double x, double n, double tail, double *lower, double *upper)
{
    *lower = x == 0 ? 0 : stroma_beta_quantile(tail, x, n - x + 1);
    *upper = x == n ? 1 : stroma_beta_quantile(1 - tail, x + 1, n - x);
    if (x == 0) *upper = -expm1(log(tail) / n);
    if (x == n) *lower = exp(log(tail) / n);
}

stroma_stat stroma_proportion(size_t events, size_t n, stroma_proportion_method m, double level)
{
    const char *why = refuse(events, n, level);
    if (why != NULL) return stroma_stat_cannot("proportion", why);
    stroma_stat r = stroma_stat_empty("proportion");
    const double x = (double)events, size = (double)n, tail = (1 - level) / 2;
    const double z = stroma_normal_quantile(1 - tail);
    r.n_used = n;
    r.estimate_name = "proportion";
    r.estimate = x / size;
    r.se = sqrt(r.estimate * (1 - r.estimate) / size);
    r.interval_method = stroma_proportion_method_name(m);
    r.level = level;
    switch (m) {
    case STROMA_PROPORTION_CLOPPER_PEARSON:
        clopper_pearson(x, size, tail, &r.lower, &r.upper);
        break;
    case STROMA_PROPORTION_WILSON: wilson(x, size, z, &r.lower, &r.upper); break;
    case STROMA_PROPORTION_AGRESTI_COULL: {
        const double n2 = size + z * z, p2 = (x + z * z / 2) / n2;
        const double half = z * sqrt(p2 * (1 - p2) / n2);
        r.lower = fmax(0, p2 - half);
        r.upper = fmin(1, p2 + half);
        break;
    }
    case STROMA_PROPORTION_JEFFREYS:
        r.lower = events == 0 ? 0 : stroma_beta_quantile(tail, x + 0.5, size - x + 0.5);
        r.upper = events == n ? 1 : stroma_beta_quantile(1 - tail, x + 0.5, size - x + 0.5);
        break;
    default: return stroma_stat_cannot("proportion", "unknown interval method");
    }
    return r;
}

stroma_stat stroma_proportion_upper(size_t events, size_t n, double level)
{
    const char *why = refuse(events, n, level);
    if (why != NULL) return stroma_stat_cannot("proportion", why);
    stroma_stat r = stroma_stat_empty("proportion");
    double unused = 0;
    r.variant = "one-sided upper bound";
    r.n_used = n;
    r.estimate_name = "proportion";
    r.estimate = (double)events / (double)n;
    r.se = sqrt(r.estimate * (1 - r.estimate) / (double)n);
    r.interval_method = "Clopper-Pearson one-sided";
    r.level = level;
    clopper_pearson((double)events, (double)n, 1 - level, &unused, &r.upper);
    r.lower = 0;
    return r;
}

stroma_stat stroma_proportion_trend(const size_t *events, const size_t *n, const double *scores,
                                    size_t groups)
{
    double total = 0, hits = 0, mean = 0, spread = 0, t = 0;
    for (size_t g = 0; g < groups; g++) {
        if (events[g] > n[g])
            return stroma_stat_cannot("cochran_armitage", "more events than "
                                                          "subjects");
        const double s = scores == NULL ? (double)g : scores[g];
        total += (double)n[g];
        hits += (double)events[g];
        mean += (double)n[g] * s;
    }
    if (!(hits > 0 && hits < total))
        return stroma_stat_cannot("cochran_armitage", "every subject has the same outcome");
    mean /= total;
    const double p = hits / total;
    for (size_t g = 0; g < groups; g++) {
        const double s = (scores == NULL ? (double)g : scores[g]) - mean;
        spread += (double)n[g] * s * s;
        t += s * ((double)events[g] - (double)n[g] * p);
    }
    if (!(spread > 0)) return stroma_stat_cannot("cochran_armitage", "all groups have one score");
    stroma_stat r = stroma_stat_empty("cochran_armitage");
    r.n_used = (size_t)total;
    r.statistic_name = "z";
    r.statistic = t / sqrt(p * (1 - p) * spread);
    r.p = stroma_normal_two_sided(r.statistic);
    return r;
}
