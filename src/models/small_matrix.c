/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "small_matrix.h"

#include <math.h>
#include <string.h>

bool small_cholesky(double *a, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        double *row = a + j * n;
        const double before = row[j];
        for (size_t i = 0; i < j; i++) {
            const double *other = a + i * n;
            double sum = row[i];
            for (size_t k = 0; k < i; k++)
                sum -= row[k] * other[k];
            row[i] = sum / other[i];
        }
        double left = row[j];
        for (size_t k = 0; k < j; k++)
            left -= row[k] * row[k];
        if (!(left > 1e-14 * before) || !isfinite(left)) return false;
        row[j] = sqrt(left);
        for (size_t k = j + 1; k < n; k++)
            row[k] = 0;
    }
    return true;
}

double small_log_determinant(const double *l, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += log(l[i * n + i]);
    return 2 * sum;
}

void small_solve_lower(const double *l, size_t n, double *x)
{
    for (size_t i = 0; i < n; i++) {
        double sum = x[i];
        for (size_t k = 0; k < i; k++)
            sum -= l[i * n + k] * x[k];
        x[i] = sum / l[i * n + i];
    }
}

void small_solve_upper(const double *l, size_t n, double *x)
{
    for (size_t i = n; i-- > 0;) {
        double sum = x[i];
        for (size_t k = i + 1; k < n; k++)
            sum -= l[k * n + i] * x[k];
        x[i] = sum / l[i * n + i];
    }
}

void small_inverse(const double *l, size_t n, double *inverse)
{
    memset(inverse, 0, n * n * sizeof *inverse);
    for (size_t i = 0; i < n; i++) {
        double *column = inverse + i * n;
        column[i] = 1;
        small_solve_lower(l, n, column);
        small_solve_upper(l, n, column);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            inverse[i * n + j] = inverse[j * n + i] = (inverse[i * n + j] + inverse[j * n + i]) / 2;
}

void small_multiply(const double *a, const double *b, size_t n, double *out)
{
    memset(out, 0, n * n * sizeof *out);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            const double x = a[i * n + k];
            for (size_t j = 0; j < n; j++)
                out[i * n + j] += x * b[k * n + j];
        }
}

/* Four sums side by side, always the same four. */
double small_dot(const double *a, const double *b, size_t n)
{
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        s0 += a[i] * b[i];
        s1 += a[i + 1] * b[i + 1];
        s2 += a[i + 2] * b[i + 2];
        s3 += a[i + 3] * b[i + 3];
    }
    for (; i < n; i++)
        s0 += a[i] * b[i];
    return (s0 + s1) + (s2 + s3);
}
