/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "groups.h"
#include "ranks.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_variance.h"

#include <math.h>

static double variance_of(const double *x, size_t n)
{
    return dd_value(stroma_moments_of(x, n).squares) / (double)(n - 1);
}

static int constant(const double *x, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (x[i] != x[0]) return 0;
    return 1;
}

stroma_status stroma_variance_ratio(const double *x, size_t nx, const double *y, size_t ny,
                                    double level, stroma_stat *out, stroma_error *err)
{
    const char *method = "variance_ratio";
    *out = stroma_stat_empty(method);
    STROMA_TRY(stroma_level_check(level, err));
    STROMA_TRY(stroma_sample_check(x, nx, "first group", err));
    STROMA_TRY(stroma_sample_check(y, ny, "second group", err));
    if (nx < 2 || ny < 2)
        *out = stroma_stat_cannot(method, "fewer than two values in a group");
    else if (constant(x, nx) || constant(y, ny))
        *out = stroma_stat_cannot(method, "no variation in a group");
    out->n_used = nx + ny;
    out->n1 = nx;
    out->n2 = ny;
    if (out->not_estimable) return STROMA_OK;
    const double ratio = variance_of(x, nx) / variance_of(y, ny);
    const double df = (double)(nx - 1), df2 = (double)(ny - 1), tail = (1 - level) / 2;
    out->estimate_name = "variance ratio";
    out->statistic_name = "F";
    out->estimate = out->statistic = ratio;
    out->df = df;
    out->df2 = df2;
    out->p = fmin(1, 2 * fmin(stroma_f_cdf(ratio, df, df2), stroma_f_sf(ratio, df, df2)));
    out->interval_method = "F";
    out->level = level;
    out->lower = ratio / stroma_f_quantile(1 - tail, df, df2);
    out->upper = ratio * stroma_f_quantile(1 - tail, df2, df);
    return STROMA_OK;
}

/* Why the groups cannot be compared, or NULL. */
static const char *too_few(const groups *g)
{
    if (g->k < 2) return "fewer than two groups";
    for (size_t i = 0; i < g->k; i++)
        if (stroma_groups_size(g, i) < 2) return "fewer than two values in a group";
    return NULL;
}

static double center_of(double *x, size_t n, stroma_levene_center center)
{
    if (center == STROMA_LEVENE_MEAN) return dd_value(stroma_moments_of(x, n).mean);
    stroma_values_sort(x, n); /* the order within a group is of no matter */
    return n % 2 == 1 ? x[n / 2] : x[n / 2 - 1] / 2 + x[n / 2] / 2;
}

stroma_status stroma_levene(const double *x, const size_t *group, size_t n, size_t k,
                            stroma_levene_center center, stroma_stat *out, stroma_error *err)
{
    const char *method = "levene";
    groups g;
    *out = stroma_stat_empty(method);
    const stroma_status s = stroma_groups_make(x, group, n, k, &g, err);
    const char *reason = s == STROMA_OK ? too_few(&g) : NULL;
    if (reason != NULL) *out = stroma_stat_cannot(method, reason);
    out->n_used = n;
    out->variant = center == STROMA_LEVENE_MEAN ? "mean" : "median (Brown-Forsythe)";
    if (s == STROMA_OK && reason == NULL) {
        for (size_t i = 0; i < k; i++) {
            double *v = g.values + g.start[i];
            const size_t m = stroma_groups_size(&g, i);
            const double c = center_of(v, m, center);
            for (size_t j = 0; j < m; j++)
                v[j] = fabs(v[j] - c);
        }
        double_double between, within;
        stroma_groups_squares(&g, &between, &within);
        out->statistic_name = "F";
        out->df = (double)(k - 1);
        out->df2 = (double)(n - k);
        int varies = 0;
        for (size_t i = 0; i < k; i++)
            varies |= !stroma_groups_constant(&g, i);
        if (!varies) {
            out->not_estimable = true;
            out->reason = "the deviations do not vary within the groups";
        } else {
            out->statistic = (dd_value(between) / out->df) / (dd_value(within) / out->df2);
            out->p = stroma_f_sf(out->statistic, out->df, out->df2);
        }
    }
    stroma_groups_clear(&g);
    return s;
}

static void bartlett_of(const groups *g, stroma_stat *out)
{
    double_double between, within;
    stroma_groups_squares(g, &between, &within);
    const double df = (double)(g->n - g->k), pooled = dd_value(within) / df;
    double logs = 0, inverse = 0;
    for (size_t i = 0; i < g->k; i++) {
        const size_t n = stroma_groups_size(g, i);
        const double m = (double)(n - 1);
        /* Logarithms of ratios near 1 keep their digits; of the variances they would cancel. */
        logs -= m * log(variance_of(g->values + g->start[i], n) / pooled);
        inverse += 1 / m;
    }
    out->statistic_name = "K2";
    out->df = (double)(g->k - 1);
    out->statistic = fmax(0, logs / (1 + (inverse - 1 / df) / (3 * out->df)));
    out->p = stroma_chi2_sf(out->statistic, out->df);
}

stroma_status stroma_bartlett(const double *x, const size_t *group, size_t n, size_t k,
                              stroma_stat *out, stroma_error *err)
{
    const char *method = "bartlett";
    groups g;
    *out = stroma_stat_empty(method);
    const stroma_status s = stroma_groups_make(x, group, n, k, &g, err);
    if (s == STROMA_OK) {
        const char *reason = too_few(&g);
        for (size_t i = 0; i < k && reason == NULL; i++)
            if (stroma_groups_constant(&g, i)) reason = "no variation in a group";
        if (reason != NULL)
            *out = stroma_stat_cannot(method, reason);
        else
            bartlett_of(&g, out);
        out->n_used = n;
    }
    stroma_groups_clear(&g);
    return s;
}
