/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_matrix.h"

#include <math.h>

bool model_sweep(double *a, size_t n, size_t k, double before)
{
    const double pivot = a[k * n + k];
    if (!(pivot > 1e-10 * before) || !isfinite(pivot)) return false;
    for (size_t i = 0; i < n; i++) {
        if (i == k) continue;
        const double by = a[i * n + k] / pivot;
        for (size_t j = 0; j < n; j++)
            if (j != k) a[i * n + j] -= by * a[k * n + j];
    }
    for (size_t i = 0; i < n; i++) {
        if (i == k) continue;
        a[i * n + k] /= pivot;
        a[k * n + i] /= pivot;
    }
    a[k * n + k] = -1 / pivot;
    return true;
}

bool model_invert(double *a, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (!model_sweep(a, n, k, 1)) return false;
    for (size_t i = 0; i < n * n; i++)
        a[i] = -a[i];
    return true;
}

double model_quadratic(const double *a, const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            sum += x[i] * a[i * n + j] * x[j];
    return sum;
}
