/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/stats_anova_summary.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static const char *refuse(const stroma_group *g, size_t k, size_t least_n)
{
    if (k < 2) return "fewer than two groups";
    for (size_t i = 0; i < k; i++) {
        if (g[i].n < least_n) return "a group has too few values";
        if (!isfinite(g[i].mean) || !(g[i].sd >= 0) || isinf(g[i].sd))
            return "a mean or SD is not usable";
    }
    return NULL;
}

stroma_stat stroma_anova_one_way_summary(const stroma_group *g, size_t k)
{
    const char *why = refuse(g, k, 1);
    if (why != NULL) return stroma_stat_cannot("anova", why);
    double n = 0, mean = 0, between = 0, within = 0;
    for (size_t i = 0; i < k; i++)
        n += (double)g[i].n;
    for (size_t i = 0; i < k; i++)
        mean += (double)g[i].n / n * g[i].mean;
    for (size_t i = 0; i < k; i++) {
        const double gap = g[i].mean - mean;
        between += (double)g[i].n * gap * gap;
        if (g[i].n > 1) within += (double)(g[i].n - 1) * g[i].sd * g[i].sd;
    }
    const double df = (double)k - 1, df2 = n - (double)k;
    if (!(df2 > 0)) return stroma_stat_cannot("anova", "no residual degrees of freedom");
    if (!(within > 0)) return stroma_stat_cannot("anova", "no variation within the groups");
    stroma_stat r = stroma_stat_empty("anova");
    r.variant = "one-way, from summaries";
    r.n_used = (size_t)n;
    r.statistic_name = "F";
    r.statistic = between / df / (within / df2);
    r.df = df;
    r.df2 = df2;
    r.p = stroma_f_sf(r.statistic, df, df2);
    r.effect_name = "eta2";
    r.effect = between / (between + within);
    return r;
}

stroma_stat stroma_anova_welch_summary(const stroma_group *g, size_t k)
{
    const char *why = refuse(g, k, 2);
    for (size_t i = 0; why == NULL && i < k; i++)
        if (!(g[i].sd > 0)) why = "a group has no variation";
    if (why != NULL) return stroma_stat_cannot("anova_welch", why);
    double n = 0, weights = 0, mean = 0, between = 0, spread = 0;
    for (size_t i = 0; i < k; i++) {
        n += (double)g[i].n;
        weights += (double)g[i].n / (g[i].sd * g[i].sd);
    }
    for (size_t i = 0; i < k; i++)
        mean += (double)g[i].n / (g[i].sd * g[i].sd) / weights * g[i].mean;
    for (size_t i = 0; i < k; i++) {
        const double w = (double)g[i].n / (g[i].sd * g[i].sd), gap = g[i].mean - mean;
        between += w * gap * gap;
        spread += (1 - w / weights) * (1 - w / weights) / (double)(g[i].n - 1);
    }
    const double groups = (double)k, m = groups * groups - 1;
    stroma_stat r = stroma_stat_empty("anova_welch");
    r.variant = "from summaries";
    r.n_used = (size_t)n;
    r.statistic_name = "F";
    r.statistic = between / (groups - 1) / (1 + 2 * (groups - 2) / m * spread);
    r.df = groups - 1;
    r.df2 = m / (3 * spread);
    r.p = stroma_f_sf(r.statistic, r.df, r.df2);
    return r;
}
