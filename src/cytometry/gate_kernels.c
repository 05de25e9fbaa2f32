/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once a level: KERNEL_LEVEL is base, avx2 or avx512, and the compiler's flags fit it. */
#include "gate_kernels.h"

#include <immintrin.h>

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define TEXT_(a)     #a
#define TEXT(a)      TEXT_(a)

/* LANES doubles; a comparison gives a number with a bit a lane. */
#if defined(__AVX512F__)
enum { LANES = 8 };
typedef __m512d lanes;
#define LOAD(p)   _mm512_loadu_pd(p)
#define ALL(x)    _mm512_set1_pd(x)
#define SUB(a, b) _mm512_sub_pd(a, b)
#define MUL(a, b) _mm512_mul_pd(a, b)
#define ADD(a, b) _mm512_add_pd(a, b)
#define ABS(a)    _mm512_abs_pd(a)
#define GE(a, b)  ((unsigned)_mm512_cmp_pd_mask(a, b, _CMP_GE_OQ))
#define LT(a, b)  ((unsigned)_mm512_cmp_pd_mask(a, b, _CMP_LT_OQ))
#define IS_NAN(a) ((unsigned)_mm512_cmp_pd_mask(a, a, _CMP_UNORD_Q))
#elif defined(__AVX2__)
enum { LANES = 4 };
typedef __m256d lanes;
#define LOAD(p)   _mm256_loadu_pd(p)
#define ALL(x)    _mm256_set1_pd(x)
#define SUB(a, b) _mm256_sub_pd(a, b)
#define MUL(a, b) _mm256_mul_pd(a, b)
#define ADD(a, b) _mm256_add_pd(a, b)
#define ABS(a)    _mm256_andnot_pd(_mm256_set1_pd(-0.0), a)
#define GE(a, b)  ((unsigned)_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_GE_OQ)))
#define LT(a, b)  ((unsigned)_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_LT_OQ)))
#define IS_NAN(a) ((unsigned)_mm256_movemask_pd(_mm256_cmp_pd(a, a, _CMP_UNORD_Q)))
#else
enum { LANES = 2 };
typedef __m128d lanes;
#define LOAD(p)   _mm_loadu_pd(p)
#define ALL(x)    _mm_set1_pd(x)
#define SUB(a, b) _mm_sub_pd(a, b)
#define MUL(a, b) _mm_mul_pd(a, b)
#define ADD(a, b) _mm_add_pd(a, b)
#define ABS(a)    _mm_andnot_pd(_mm_set1_pd(-0.0), a)
#define GE(a, b)  ((unsigned)_mm_movemask_pd(_mm_cmpge_pd(a, b)))
#define LT(a, b)  ((unsigned)_mm_movemask_pd(_mm_cmplt_pd(a, b)))
#define IS_NAN(a) ((unsigned)_mm_movemask_pd(_mm_cmpunord_pd(a, a)))
#endif

static void interval(const double *x, size_t words, const double edges[4], uint64_t *in,
                     uint64_t *out)
{
    const lanes e0 = ALL(edges[0]), e1 = ALL(edges[1]), e2 = ALL(edges[2]), e3 = ALL(edges[3]);
    for (size_t w = 0; w < words; w++) {
        uint64_t inside = 0, outside = 0;
        for (unsigned k = 0; k < 64; k += LANES, x += LANES) {
            const lanes v = LOAD(x);
            inside |= (uint64_t)(GE(v, e1) & LT(v, e2)) << k;
            outside |= (uint64_t)(LT(v, e0) | GE(v, e3)) << k;
        }
        in[w] = inside;
        out[w] = outside;
    }
}

static void find_nan(const double *x, size_t words, uint64_t *mask)
{
    for (size_t w = 0; w < words; w++) {
        uint64_t m = 0;
        for (unsigned k = 0; k < 64; k += LANES, x += LANES)
            m |= (uint64_t)IS_NAN(LOAD(x)) << k;
        mask[w] = m;
    }
}

/* The side of each edge as in gate_side(), for all points at once; those too near for rounding to
 * be trusted, and within the edge's height, are left to the exact twin. */
static void polygon(const gate_polygon *p, const double *x, const double *y, size_t words,
                    uint64_t *in, uint64_t *unsure)
{
    const lanes eps = ALL(4e-16);
    for (size_t w = 0; w < words; w++) {
        uint64_t inside = 0, near = 0;
        for (unsigned k = 0; k < 64; k += LANES, x += LANES, y += LANES) {
            const lanes cx = LOAD(x), cy = LOAD(y);
            unsigned odd = 0, open = 0;
            for (size_t i = 0; i < p->n; i++) {
                const gate_edge *e = &p->edges[i];
                const lanes ay = ALL(e->ay), by = ALL(e->by);
                const unsigned above = GE(cy, ay), below = LT(cy, by), level = GE(by, cy);
                if ((above & level) == 0) continue;
                const lanes left = MUL(SUB(ALL(e->ax), cx), SUB(by, cy)),
                            right = MUL(SUB(ay, cy), SUB(ALL(e->bx), cx)), d = SUB(left, right),
                            bound = MUL(eps, ADD(ABS(left), ABS(right)));
                odd ^= above & below & LT(bound, d);
                open |= above & level & GE(bound, ABS(d));
            }
            inside |= (uint64_t)odd << k;
            near |= (uint64_t)open << k;
        }
        in[w] = inside;
        unsure[w] = near;
    }
}

const gate_kernels PASTE(gate_kernels_, KERNEL_LEVEL) = {
    .level = TEXT(KERNEL_LEVEL),
    .interval = interval,
    .nan = find_nan,
    .polygon = polygon,
};
