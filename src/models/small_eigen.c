/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "small_matrix.h"

#include <math.h>

enum { SWEEPS_MAX = 60 };

static void rotate(double *a, double *vectors, size_t n, size_t p, size_t q)
{
    const double apq = a[p * n + q], tau = (a[q * n + q] - a[p * n + p]) / (2 * apq);
    const double t = (tau >= 0 ? 1 : -1) / (fabs(tau) + sqrt(1 + tau * tau));
    const double c = 1 / sqrt(1 + t * t), s = t * c;
    for (size_t k = 0; k < n; k++) {
        const double x = a[k * n + p], y = a[k * n + q];
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for (size_t k = 0; k < n; k++) {
        const double x = a[p * n + k], y = a[q * n + k];
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
    }
    for (size_t k = 0; k < n; k++) {
        const double x = vectors[k * n + p], y = vectors[k * n + q];
        vectors[k * n + p] = c * x - s * y;
        vectors[k * n + q] = s * x + c * y;
    }
}

void small_eigen(double *a, size_t n, double *vectors)
{
    double whole = 0;
    for (size_t i = 0; i < n * n; i++) {
        whole += a[i] * a[i];
        vectors[i] = i % (n + 1) == 0;
    }
    for (int sweep = 0; sweep < SWEEPS_MAX; sweep++) {
        double off = 0;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                off += a[p * n + q] * a[p * n + q];
                if (a[p * n + q] != 0) rotate(a, vectors, n, p, q);
            }
        if (!(off > 1e-32 * whole)) return;
    }
}
