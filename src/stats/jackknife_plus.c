/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "moments.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_resampling.h"

#include <math.h>

static double kth(double *x, size_t n, double k, double otherwise)
{
    stroma_sort_doubles(x, n);
    return k >= 1 && k <= (double)n ? x[(size_t)k - 1] : otherwise;
}

/* (1 − α)(n + 1) is whole when it is so but for rounding: 0.95·20 */
static double up(double x)
{
    const double near = round(x);
    return fabs(x - near) < 1e-9 * fmax(1, near) ? near : ceil(x);
}

stroma_status stroma_jackknife_plus(const double *prediction, const double *residual, size_t n,
                                    double level, stroma_stat *out, stroma_error *err)
{
    const double infinite = (double)INFINITY;
    *out = stroma_stat_empty("jackknife+");
    STROMA_TRY(stroma_level_check(level, err));
    STROMA_TRY(stroma_sample_check(prediction, n, "predictions", err));
    STROMA_TRY(stroma_sample_check(residual, n, "residuals", err));
    if (n == 0) {
        *out = stroma_stat_cannot("jackknife+", "there is no subject");
        return STROMA_OK;
    }
    double *x = stroma_alloc_array(n, sizeof *x);
    if (x == NULL) return stroma_no_memory(err);
    const double above = up(level * ((double)n + 1)), below = (double)n + 1 - above;
    out->n_used = n;
    out->level = level;
    out->interval_method = "jackknife+";
    for (size_t i = 0; i < n; i++)
        x[i] = prediction[i];
    stroma_sort_doubles(x, n);
    out->estimate_name = "prediction";
    out->estimate = n % 2 == 1 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
    for (size_t i = 0; i < n; i++)
        x[i] = prediction[i] - fabs(residual[i]);
    out->lower = kth(x, n, below, -infinite);
    for (size_t i = 0; i < n; i++)
        x[i] = prediction[i] + fabs(residual[i]);
    out->upper = kth(x, n, above, infinite);
    if (isinf(out->upper)) out->reason = "too few subjects for this level";
    stroma_free(x);
    return STROMA_OK;
}
