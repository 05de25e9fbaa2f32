/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dunnett's distribution: given S and the control's mean z, the statistics are independent. */
#include "chi_mixture.h"

#include "stroma/stats_distribution.h"
#include "stroma/stats_pairwise.h"

#include <math.h>

typedef struct many_to_one {
    double t, df, alpha;
    const double *lambda;
    size_t m;
} many_to_one;

/* P(some |Xi| > t·s) for normals: 1 − Π(1 − tails), averaged over z; even in z. */
static double any_beyond(double s, const void *context)
{
    const many_to_one *c = context;
    const double inv_root_2pi = 0.398942280401432677939946;
    const double r = c->t * s;
    double sharpest = 0;
    for (size_t i = 0; i < c->m; i++)
        sharpest = fmax(sharpest, c->lambda[i]);
    /* In z a tail changes over √(1 − λ²)/λ: a control much smaller than the groups needs fine
     * steps. */
    const double step = fmin(0.125, 0.35 * sqrt(1 - sharpest * sharpest) / fmax(sharpest, 0.1));
    const double count = ceil(fmax(9, fmin(39, r + 9)) / step);
    double total = 0;
    for (double j = 0; j <= count; j++) {
        const double z = j * step;
        double log_none = 0, last = -1, log_keep = 0;
        for (size_t i = 0; i < c->m; i++) {
            const double l = c->lambda[i];
            if (l != last) { /* groups of one size share their tails */
                const double scale = 1 / sqrt(1 - l * l);
                const double tails =
                    stroma_normal_sf((r - l * z) * scale) + stroma_normal_sf((r + l * z) * scale);
                log_keep = log1p(-fmin(1, tails));
                last = l;
            }
            log_none += log_keep;
        }
        total += exp(-z * z / 2) * -expm1(log_none) * (j == 0 ? 1 : 2);
    }
    return fmin(1, total * step * inv_root_2pi);
}

static int in_domain(const double *lambda, size_t m, double df)
{
    for (size_t i = 0; i < m; i++)
        if (!(lambda[i] >= 0 && lambda[i] < 1)) return 0;
    return m > 0 && (df >= 1 && (df <= 1e9 || isinf(df)));
}

double stroma_dunnett_sf(double t, const double *lambda, size_t m, double df)
{
    if (isnan(t) || !in_domain(lambda, m, df)) return (double)NAN;
    if (t <= 0) return 1;
    if (isinf(t)) return 0;
    const many_to_one c = { t, df, 0, lambda, m };
    return fmin(1, stroma_chi_mean(any_beyond, &c, df, 10));
}

static double gap(double t, const void *context)
{
    const many_to_one *c = context;
    return c->alpha - stroma_dunnett_sf(t, c->lambda, c->m, c->df);
}

double stroma_dunnett_critical(double alpha, const double *lambda, size_t m, double df)
{
    if (!(alpha > 0 && alpha < 1) || !in_domain(lambda, m, df)) return (double)NAN;
    const many_to_one c = { 0, df, alpha, lambda, m };
    /* Between one statistic alone and Bonferroni's bound. */
    const double low = -stroma_t_quantile(alpha / 2, df);
    const double high = -stroma_t_quantile(alpha / 2 / (double)m, df);
    return m == 1 ? low : stroma_root_find(gap, &c, low * (1 - 1e-9), high * (1 + 1e-9));
}
