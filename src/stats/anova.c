/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "groups.h"
#include "ranks.h"

#include "stroma/memory.h"
#include "stroma/stats_anova.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static const char *empty_groups(const groups *g)
{
    if (g->k < 2) return "fewer than two groups";
    for (size_t i = 0; i < g->k; i++)
        if (stroma_groups_size(g, i) == 0) return "a group is empty";
    return NULL;
}

static void one_way(const groups *g, stroma_anova_table *table, stroma_stat *out)
{
    const char *method = "anova";
    const char *reason = empty_groups(g);
    if (reason == NULL && g->n <= g->k) reason = "no degrees of freedom within the groups";
    if (reason != NULL) {
        *out = stroma_stat_cannot(method, reason);
        return;
    }
    double_double between, within;
    stroma_groups_squares(g, &between, &within);
    out->df = (double)(g->k - 1);
    out->df2 = (double)(g->n - g->k);
    int varies = 0;
    for (size_t i = 0; i < g->k; i++)
        varies |= !stroma_groups_constant(g, i);
    if (!varies) {
        out->not_estimable = true;
        out->reason = "no variation within the groups";
        return;
    }
    table->ss_between = dd_value(between);
    table->ss_within = dd_value(within);
    table->ms_between = table->ss_between / out->df;
    table->ms_within = table->ss_within / out->df2;
    table->r_squared = table->ss_between / dd_value(dd_add(between, within));
    table->residual_sd = sqrt(table->ms_within);
    out->statistic_name = "F";
    out->statistic = table->ms_between / table->ms_within;
    out->p = stroma_f_sf(out->statistic, out->df, out->df2);
    out->effect_name = "eta2";
    out->effect = table->r_squared;
}

stroma_status stroma_anova_one_way(const double *x, const size_t *group, size_t n, size_t k,
                                   stroma_anova_table *table, stroma_stat *out, stroma_error *err)
{
    const double none = (double)NAN;
    stroma_anova_table t = { none, none, none, none, none, none };
    groups g;
    *out = stroma_stat_empty("anova");
    const stroma_status s = stroma_groups_make(x, group, n, k, &g, err);
    if (s == STROMA_OK) one_way(&g, &t, out);
    out->n_used = n;
    if (table != NULL) *table = t;
    stroma_groups_clear(&g);
    return s;
}

static void welch(const groups *g, stroma_stat *out)
{
    const char *reason = empty_groups(g);
    for (size_t i = 0; i < g->k && reason == NULL; i++) {
        if (stroma_groups_size(g, i) < 2) reason = "fewer than two values in a group";
        if (reason == NULL && stroma_groups_constant(g, i)) reason = "no variation in a group";
    }
    if (reason != NULL) {
        *out = stroma_stat_cannot("welch_anova", reason);
        return;
    }
    const double k = (double)g->k;
    double weights = 0, mean = 0, spread = 0, lambda = 0;
    for (int pass = 0; pass < 3; pass++)
        for (size_t i = 0; i < g->k; i++) {
            const double n = (double)stroma_groups_size(g, i);
            const moments m = stroma_moments_of(g->values + g->start[i], stroma_groups_size(g, i));
            const double w = n * (n - 1) / dd_value(m.squares);
            if (pass == 0) weights += w;
            if (pass == 1) mean += w / weights * dd_value(m.mean);
            if (pass < 2) continue;
            const double d = dd_value(m.mean) - mean, rest = 1 - w / weights;
            spread += w * d * d;
            lambda += rest * rest / (n - 1);
        }
    lambda /= k * k - 1;
    out->statistic_name = "F";
    out->df = k - 1;
    out->df2 = 1 / (3 * lambda);
    out->statistic = spread / (out->df * (1 + 2 * (k - 2) * lambda));
    out->p = stroma_f_sf(out->statistic, out->df, out->df2);
}

stroma_status stroma_anova_welch(const double *x, const size_t *group, size_t n, size_t k,
                                 stroma_stat *out, stroma_error *err)
{
    groups g;
    *out = stroma_stat_empty("welch_anova");
    const stroma_status s = stroma_groups_make(x, group, n, k, &g, err);
    if (s == STROMA_OK) welch(&g, out);
    out->n_used = n;
    stroma_groups_clear(&g);
    return s;
}

static stroma_status kruskal(const groups *g, stroma_stat *out, stroma_error *err)
{
    const char *method = "kruskal_wallis", *reason = empty_groups(g);
    if (reason != NULL) {
        *out = stroma_stat_cannot(method, reason);
        return STROMA_OK;
    }
    size_t *ranks2 = stroma_alloc_array(g->n, sizeof *ranks2);
    if (ranks2 == NULL) return stroma_no_memory(err);
    double ties = 0;
    const stroma_status s = stroma_ranks_double(g->values, g->n, ranks2, &ties, err);
    const double n = (double)g->n;
    if (s == STROMA_OK && ties == n * n * n - n) {
        *out = stroma_stat_cannot(method, "all values are equal");
    } else if (s == STROMA_OK) {
        double sum = 0;
        for (size_t i = 0; i < g->k; i++) {
            uint64_t total2 = 0;
            for (size_t j = g->start[i]; j < g->start[i + 1]; j++)
                total2 += ranks2[j];
            const double m = (double)stroma_groups_size(g, i);
            const double d =
                (double)total2 / 2 - m * (n + 1) / 2; /* from its mean: nothing cancels */
            sum += d * d / m;
        }
        out->statistic_name = "H";
        out->df = (double)(g->k - 1);
        out->statistic = 12 * sum / (n * (n + 1)) / (1 - ties / (n * n * n - n));
        out->p = stroma_chi2_sf(out->statistic, out->df);
        out->effect_name = "epsilon2";
        out->effect = out->statistic / (n - 1);
    }
    stroma_free(ranks2);
    return s;
}

stroma_status stroma_kruskal_wallis(const double *x, const size_t *group, size_t n, size_t k,
                                    stroma_stat *out, stroma_error *err)
{
    groups g;
    *out = stroma_stat_empty("kruskal_wallis");
    stroma_status s = stroma_groups_make(x, group, n, k, &g, err);
    if (s == STROMA_OK) s = kruskal(&g, out, err);
    out->n_used = n;
    stroma_groups_clear(&g);
    return s;
}
