/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "noncentral_f.h"

#include "stroma/stats_distribution.h"

#include <math.h>

double stroma_noncentral_f_sf(double f, double df1, double df2, double ncp)
{
    const double negligible = 1e-18, mean = ncp / 2, mode = floor(mean);
    const double x = df1 * f / (df1 * f + df2);
    if (!(f > 0)) return f == 0 ? 1 : (double)NAN;
    if (!(ncp >= 0) || !isfinite(ncp)) return (double)NAN;
    double total = 0;
    for (int side = 0; side < 2; side++) {
        for (double j = side == 0 ? mode : mode - 1; j >= 0; j += side == 0 ? 1 : -1) {
            const double weight = stroma_poisson_pmf(j, mean);
            if (weight < negligible) break;
            total += weight * stroma_beta_sf(x, df1 / 2 + j, df2 / 2);
        }
    }
    return fmin(1, total);
}
