/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once a level: KERNEL_LEVEL is base, avx2 or avx512, and the compiler's flags fit it. */
#include "column_kernels.h"

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define TEXT_(a)     #a
#define TEXT(a)      TEXT_(a)

#if defined(__AVX512F__)
enum { LANES = 8 };
typedef double doubles __attribute__((vector_size(64), aligned(8)));
#elif defined(__AVX2__)
enum { LANES = 4 };
typedef double doubles __attribute__((vector_size(32), aligned(8)));
#else
enum { LANES = 2 };
typedef double doubles __attribute__((vector_size(16), aligned(8)));
#endif
enum { STRIP = 2 * LANES, TILE = 4 /* outputs that share a load */ };

/* Events e … e + STRIP − 1 of w outputs; the loops over w unroll: w is a constant where this is
 * called. */
static inline __attribute__((always_inline)) void strip(const double *const *in, size_t m,
                                                        const double *matrix, size_t w, size_t e,
                                                        double *const *out)
{
    doubles sum[TILE][2];
    for (size_t j = 0; j < w; j++)
        sum[j][0] = sum[j][1] = (doubles){ 0 };
    for (size_t i = 0; i < m; i++) {
        const doubles a = *(const doubles *)(const void *)(in[i] + e);
        const doubles b = *(const doubles *)(const void *)(in[i] + e + LANES);
        for (size_t j = 0; j < w; j++) {
            sum[j][0] += a * matrix[j * m + i];
            sum[j][1] += b * matrix[j * m + i];
        }
    }
    for (size_t j = 0; j < w; j++) {
        *(doubles *)(void *)(out[j] + e) = sum[j][0];
        *(doubles *)(void *)(out[j] + e + LANES) = sum[j][1];
    }
}

static inline __attribute__((always_inline)) void strips(const double *const *in, size_t m,
                                                         const double *matrix, size_t w, size_t n,
                                                         double *const *out)
{
    for (size_t e = 0; e < n; e += STRIP)
        strip(in, m, matrix, w, e, out);
}

static void multiply(const double *const *in, size_t m, const double *matrix, size_t k, size_t n,
                     double *const *out)
{
    const size_t whole = n - n % STRIP;
    size_t j = 0;
    for (; j + TILE <= k; j += TILE)
        strips(in, m, matrix + j * m, TILE, whole, out + j);
    /* Two or three sums take no longer than one: they wait for their own additions. */
    if (k - j == 3) strips(in, m, matrix + j * m, 3, whole, out + j);
    if (k - j == 2) strips(in, m, matrix + j * m, 2, whole, out + j);
    if (k - j == 1) strips(in, m, matrix + j * m, 1, whole, out + j);
    for (j = 0; j < k; j++)
        for (size_t e = whole; e < n; e++) {
            double sum = 0;
            for (size_t i = 0; i < m; i++)
                sum += in[i][e] * matrix[j * m + i];
            out[j][e] = sum;
        }
}

const column_kernels PASTE(column_kernels_, KERNEL_LEVEL) = {
    .level = TEXT(KERNEL_LEVEL),
    .multiply = multiply,
};
