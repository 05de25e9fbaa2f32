/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once a level: SCREEN_LEVEL is base, avx2 or avx512, and the compiler's flags fit it. */
#include "screen_kernels.h"

#include <math.h>
#ifdef __SSE2__
#include <immintrin.h>
#endif

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define TEXT_(a)     #a
#define TEXT(a)      TEXT_(a)

/* A register of 32-bit sums, and one of doubles. */
#if defined(__AVX512BW__)
enum { INTS = 16, TWO_INTS = 32, DOUBLES = 8, TWO_DOUBLES = 16 };
typedef __m512i ints;
typedef double doubles __attribute__((vector_size(64), aligned(8)));
#define ZERO()                  _mm512_setzero_si512()
#define LOAD(p)                 _mm512_loadu_si512((const void *)(p))
#define STORE(p, v)             _mm512_storeu_si512((void *)(p), v)
#define REPEAT(pair)            _mm512_set1_epi32(pair)
#define ADD_PRODUCTS(sum, a, b) _mm512_add_epi32(sum, _mm512_madd_epi16(a, b))
#elif defined(__AVX2__)
enum { INTS = 8, TWO_INTS = 16, DOUBLES = 4, TWO_DOUBLES = 8 };
typedef __m256i ints;
typedef double doubles __attribute__((vector_size(32), aligned(8)));
#define ZERO()                  _mm256_setzero_si256()
#define LOAD(p)                 _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define STORE(p, v)             _mm256_storeu_si256((__m256i *)(void *)(p), v)
#define REPEAT(pair)            _mm256_set1_epi32(pair)
#define ADD_PRODUCTS(sum, a, b) _mm256_add_epi32(sum, _mm256_madd_epi16(a, b))
#elif defined(__SSE2__)
enum { INTS = 4, TWO_INTS = 8, DOUBLES = 2, TWO_DOUBLES = 4 };
typedef __m128i ints;
typedef double doubles __attribute__((vector_size(16), aligned(8)));
#define ZERO()                  _mm_setzero_si128()
#define LOAD(p)                 _mm_loadu_si128((const __m128i *)(const void *)(p))
#define STORE(p, v)             _mm_storeu_si128((__m128i *)(void *)(p), v)
#define REPEAT(pair)            _mm_set1_epi32(pair)
#define ADD_PRODUCTS(sum, a, b) _mm_add_epi32(sum, _mm_madd_epi16(a, b))
#endif

#ifdef __SSE2__
enum { TILE = 4 }; /* candidates that share a load of the labels */

static inline int32_t pair_of(const int16_t *scores)
{
    return (int32_t)((uint32_t)(uint16_t)scores[0] | (uint32_t)(uint16_t)scores[1] << 16);
}

/* The loops over w are unrolled: w is a constant where this is called. */
static inline __attribute__((always_inline)) void tile_int16(const int16_t *scores, size_t w,
                                                             size_t pairs, const int16_t *labels,
                                                             size_t lanes, int32_t *sums)
{
    for (size_t l = 0; l < lanes; l += TWO_INTS) {
        ints sum[TILE][2];
        for (size_t c = 0; c < w; c++)
            sum[c][0] = sum[c][1] = ZERO();
        for (size_t k = 0; k < pairs; k++) {
            const int16_t *row = labels + 2 * (k * lanes + l);
            const ints a = LOAD(row), b = LOAD(row + TWO_INTS);
            for (size_t c = 0; c < w; c++) {
                const ints s = REPEAT(pair_of(scores + 2 * (c * pairs + k)));
                sum[c][0] = ADD_PRODUCTS(sum[c][0], a, s);
                sum[c][1] = ADD_PRODUCTS(sum[c][1], b, s);
            }
        }
        for (size_t c = 0; c < w; c++) {
            STORE(sums + c * lanes + l, sum[c][0]);
            STORE(sums + c * lanes + l + INTS, sum[c][1]);
        }
    }
}

static void sum_int16(const int16_t *scores, size_t candidates, size_t pairs, const int16_t *labels,
                      size_t lanes, int32_t *sums)
{
    size_t c = 0;
    for (; c + TILE <= candidates; c += TILE)
        tile_int16(scores + 2 * c * pairs, TILE, pairs, labels, lanes, sums + c * lanes);
    for (; c < candidates; c++)
        tile_int16(scores + 2 * c * pairs, 1, pairs, labels, lanes, sums + c * lanes);
}

static inline __attribute__((always_inline)) void tile_double(const double *scores, size_t w,
                                                              size_t n, const double *labels,
                                                              size_t lanes, double *sums)
{
    for (size_t l = 0; l < lanes; l += TWO_DOUBLES) {
        doubles sum[TILE][2];
        for (size_t r = 0; r < w; r++)
            sum[r][0] = sum[r][1] = (doubles){ 0 };
        for (size_t i = 0; i < n; i++) {
            const doubles a = *(const doubles *)(const void *)(labels + i * lanes + l);
            const doubles b = *(const doubles *)(const void *)(labels + i * lanes + l + DOUBLES);
            for (size_t r = 0; r < w; r++) {
                sum[r][0] += a * scores[r * n + i];
                sum[r][1] += b * scores[r * n + i];
            }
        }
        for (size_t r = 0; r < w; r++) {
            *(doubles *)(void *)(sums + r * lanes + l) = sum[r][0];
            *(doubles *)(void *)(sums + r * lanes + l + DOUBLES) = sum[r][1];
        }
    }
}

static void sum_double(const double *scores, size_t rows, size_t n, const double *labels,
                       size_t lanes, double *sums)
{
    size_t r = 0;
    for (; r + TILE <= rows; r += TILE)
        tile_double(scores + r * n, TILE, n, labels, lanes, sums + r * lanes);
    for (; r < rows; r++)
        tile_double(scores + r * n, 1, n, labels, lanes, sums + r * lanes);
}
#else
#define sum_int16  screen_kernels_plain.sum_int16
#define sum_double screen_kernels_plain.sum_double
#endif

/* z of every lane, then its maximum and the counts: plain loops that the compiler turns into
 * registers of this level. */
#define STEP(name, type)                                                            \
    static void name(const type *sums, double scale, bool two_sided, size_t lanes,  \
                     screen_step *step)                                             \
    {                                                                               \
        const double bound = step->bound, factor = two_sided ? fabs(scale) : scale; \
        double z[SCREEN_LANES];                                                     \
        int64_t own = 0, most = 0;                                                  \
        if (two_sided)                                                              \
            for (size_t l = 0; l < lanes; l++)                                      \
                z[l] = fabs((double)sums[l]) * factor;                              \
        else                                                                        \
            for (size_t l = 0; l < lanes; l++)                                      \
                z[l] = (double)sums[l] * factor;                                    \
        for (size_t l = 0; l < lanes; l++)                                          \
            own += z[l] >= bound;                                                   \
        double *running = step->running;                                            \
        for (size_t l = 0; running != NULL && l < lanes; l++) {                     \
            const double largest = z[l] > running[l] ? z[l] : running[l];           \
            running[l] = largest;                                                   \
            most += largest >= bound;                                               \
        }                                                                           \
        step->own += (uint64_t)own;                                                 \
        step->most += (uint64_t)most;                                               \
    }
STEP(step_int32, int32_t)
STEP(step_double, double)

#ifdef __SSE2__
const screen_kernels PASTE(screen_kernels_, SCREEN_LEVEL) = {
    .level = TEXT(SCREEN_LEVEL),
    .sum_int16 = sum_int16,
    .sum_double = sum_double,
    .step_int32 = step_int32,
    .step_double = step_double,
};
#endif
