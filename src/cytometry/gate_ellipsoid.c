/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ellipsoids: distances from a mean by the inverse of a covariance matrix. The matrix is inverted
 * as it stands, also when it is not symmetric or not positive definite: the standard's test set has
 * such a gate (Ellipsoid3D), and its events are those of the formula. */
#include "gate_ellipsoid.h"

#include <math.h>

static const double pivot_least = 1e-13;

static double unit(const double *matrix, size_t n, size_t i)
{
    const double v = sqrt(fabs(matrix[i * n + i]));
    return v > 0 && isfinite(v) ? v : 1;
}

static void swap_rows(double *m, size_t n, size_t a, size_t b)
{
    for (size_t j = 0; j < n && a != b; j++) {
        const double t = m[a * n + j];
        m[a * n + j] = m[b * n + j];
        m[b * n + j] = t;
    }
}

/* Gauss and Jordan with partial pivoting. */
bool gate_invert(const double *matrix, size_t n, double *inverse, double *work)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            work[i * n + j] = matrix[i * n + j] / (unit(matrix, n, i) * unit(matrix, n, j));
            inverse[i * n + j] = i == j;
        }
    for (size_t k = 0; k < n; k++) {
        size_t best = k;
        for (size_t i = k + 1; i < n; i++)
            if (fabs(work[i * n + k]) > fabs(work[best * n + k])) best = i;
        const double pivot = work[best * n + k];
        if (!(fabs(pivot) > pivot_least) || !isfinite(pivot)) return false;
        swap_rows(work, n, k, best);
        swap_rows(inverse, n, k, best);
        for (size_t j = 0; j < n; j++) {
            work[k * n + j] /= pivot;
            inverse[k * n + j] /= pivot;
        }
        for (size_t i = 0; i < n; i++) {
            const double f = work[i * n + k];
            for (size_t j = 0; j < n && i != k && f != 0; j++) {
                work[i * n + j] -= f * work[k * n + j];
                inverse[i * n + j] -= f * inverse[k * n + j];
            }
        }
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            inverse[i * n + j] /= unit(matrix, n, i) * unit(matrix, n, j);
    return true;
}

bool gate_is_covariance(const double *matrix, size_t n, double *work)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            const double scale = unit(matrix, n, i) * unit(matrix, n, j);
            if (fabs(matrix[i * n + j] - matrix[j * n + i]) > 1e-9 * scale) return false;
            work[i * n + j] = matrix[i * n + j] / scale;
        }
    for (size_t k = 0; k < n; k++) { /* Cholesky, in place */
        double d = work[k * n + k];
        for (size_t j = 0; j < k; j++)
            d -= work[k * n + j] * work[k * n + j];
        if (!(d > 0)) return false;
        work[k * n + k] = sqrt(d);
        for (size_t i = k + 1; i < n; i++) {
            double v = work[i * n + k];
            for (size_t j = 0; j < k; j++)
                v -= work[i * n + j] * work[k * n + j];
            work[i * n + k] = v / work[k * n + k];
        }
    }
    return true;
}

double gate_distance_square(const double *x, const double *mean, const double *inverse, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double row = 0;
        for (size_t j = 0; j < n; j++)
            row += inverse[i * n + j] * (x[j] - mean[j]);
        sum += (x[i] - mean[i]) * row;
    }
    return sum;
}
