/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lu, Luo & Chen 2008: the variance of the last visit's mean when subjects leave along the way. */
#include "power_methods.h"

#include <math.h>

/* Element (a, b) of the inverse correlation of the first j visits. */
static double inverse_correlation(const stroma_power_design *d, size_t j, size_t a, size_t b)
{
    const double r = d->correlation;
    if (d->structure == STROMA_POWER_VISITS_AR1) {
        const bool end = a == 0 || a == j - 1;
        if (a == b) return j == 1 ? 1 : (end ? 1 : 1 + r * r) / (1 - r * r);
        return a + 1 == b || b + 1 == a ? -r / (1 - r * r) : 0;
    }
    const double shared = r / (1 + ((double)j - 1) * r);
    return ((a == b) - shared) / (1 - r);
}

/* φ: the last diagonal element of the inverse of Σ_j (r_j − r_{j+1}) [R_j⁻¹, 0; 0, 0], which is 1
 * over the last pivot of elimination. r: the share of subjects still there. */
static double inflation(const stroma_power_design *d, const double *retention)
{
    double m[STROMA_POWER_VISITS_MAX][STROMA_POWER_VISITS_MAX] = { { 0 } };
    const size_t k = d->visits;
    for (size_t j = 1; j <= k; j++) {
        const double leave = retention[j - 1] - (j < k ? retention[j] : 0);
        for (size_t a = 0; a < j; a++)
            for (size_t b = 0; b < j; b++)
                m[a][b] += leave * inverse_correlation(d, j, a, b);
    }
    for (size_t p = 0; p + 1 < k; p++)
        for (size_t a = p + 1; a < k; a++) {
            const double factor = m[a][p] / m[p][p];
            for (size_t b = p; b < k; b++)
                m[a][b] -= factor * m[p][b];
        }
    return 1 / m[k - 1][k - 1];
}

double power_mmrm(const stroma_power_design *d, double n1, double n2)
{
    const double a = inflation(d, d->retention[0]), b = inflation(d, d->retention[1]);
    return power_normal(d, d->effect / (d->sd * sqrt(a / n1 + b / n2)), 1);
}
