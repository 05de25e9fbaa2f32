/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pseudo-inverse and condition number of small matrices. Sums run in one order, so that the bits do
 * not depend on the processor. */
#include "compensation_private.h"

#include <math.h>
#include <string.h>

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* a and b become orthogonal to working precision. @return whether they had to be turned */
static bool rotate(double *a, double *b, size_t n)
{
    const double aa = dot(a, a, n), bb = dot(b, b, n), ab = dot(a, b, n);
    if (!(fabs(ab) > 0x1p-52 * sqrt(aa) * sqrt(bb))) return false;
    const double tau = (bb - aa) / (2 * ab);
    const double t = copysign(1, tau) / (fabs(tau) + sqrt(1 + tau * tau));
    const double c = 1 / sqrt(1 + t * t), s = c * t;
    for (size_t i = 0; i < n; i++) {
        const double x = a[i], y = b[i];
        a[i] = c * x - s * y;
        b[i] = s * x + c * y;
    }
    return true;
}

stroma_status compensation_condition(const double *s, size_t n, size_t m, double *condition,
                                     stroma_error *err)
{
    enum { SWEEPS = 60 }; /* five or six are usual */
    double *rows = stroma_alloc_array(n * m, sizeof *rows);
    if (rows == NULL) return stroma_no_memory(err);
    memcpy(rows, s, n * m * sizeof *rows);
    bool turned = true;
    for (int sweep = 0; turned && sweep < SWEEPS; sweep++) {
        turned = false;
        for (size_t i = 0; i + 1 < n; i++)
            for (size_t j = i + 1; j < n; j++)
                turned |= rotate(rows + i * m, rows + j * m, m);
    }
    double least = (double)INFINITY, most = 0;
    for (size_t i = 0; i < n; i++) {
        const double size = sqrt(dot(rows + i * m, rows + i * m, m));
        least = size < least ? size : least;
        most = size > most ? size : most;
    }
    *condition = least > 0 ? most / least : (double)INFINITY;
    stroma_free(rows);
    return STROMA_OK;
}

/* Column k of a (m × n, column after column) becomes that of R, with the reflection below it: v in
 * rows k …, scaled so that H = I − v vᵀ. @return the diagonal of R */
static double reflect(double *a, size_t m, size_t n, size_t k)
{
    double *v = a + k * m + k;
    const size_t len = m - k;
    const double size = sqrt(dot(v, v, len));
    const double diagonal = v[0] > 0 ? -size : size;
    const double scale = sqrt(size * (size + fabs(v[0])));
    if (scale > 0) {
        v[0] -= diagonal;
        for (size_t i = 0; i < len; i++)
            v[i] /= scale;
    }
    for (size_t j = k + 1; j < n; j++) {
        double *x = a + j * m + k;
        const double f = dot(v, x, len);
        for (size_t i = 0; i < len; i++)
            x[i] -= f * v[i];
    }
    return diagonal;
}

stroma_status compensation_invert(const double *s, size_t n, size_t m, double *inverse,
                                  stroma_error *err)
{
    /* sᵀ = Q R; s⁺ = Q R⁻ᵀ. Row i of s is column i of sᵀ: s is sᵀ column after column. */
    double *a = stroma_alloc_array(n * m + n + m, sizeof *a);
    if (a == NULL) return stroma_no_memory(err);
    double *diagonal = a + n * m, *q = diagonal + n;
    memcpy(a, s, n * m * sizeof *a);
    for (size_t k = 0; k < n; k++)
        diagonal[k] = reflect(a, m, n, k);
    for (size_t i = 0; i < m; i++) {
        memset(q, 0, m * sizeof *q); /* row i of Q: Qᵀ eᵢ */
        q[i] = 1;
        for (size_t k = 0; k < n; k++) {
            const double *v = a + k * m + k, f = dot(v, q + k, m - k);
            for (size_t j = 0; j < m - k; j++)
                q[k + j] -= f * v[j];
        }
        double *x = inverse + i * n; /* x Rᵀ = q */
        for (size_t k = n; k-- > 0;) {
            double sum = q[k];
            for (size_t j = k + 1; j < n; j++)
                sum -= a[j * m + k] * x[j];
            x[k] = sum / diagonal[k];
        }
    }
    stroma_free(a);
    return STROMA_OK;
}
