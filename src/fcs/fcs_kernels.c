/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once a level: FCS_LEVEL is base or avx2, and the compiler's flags fit it. */
#include "fcs_kernels.h"

#include <string.h>

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define TEXT_(a)     #a
#define TEXT(a)      TEXT_(a)

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#define SWAPS(big) (!(big))
#else
#define SWAPS(big) (big)
#endif

static inline uint16_t swap16(uint16_t v)
{
    return __builtin_bswap16(v);
}

static inline uint32_t swap32(uint32_t v)
{
    return __builtin_bswap32(v);
}

static inline uint64_t swap64(uint64_t v)
{
    return __builtin_bswap64(v);
}

/* One loop a kind and order: the compiler sees width and order as constants. */
#define INTEGER_COLUMN(name, type, swap, big)                                                  \
    static void name(const unsigned char *p, size_t row, size_t n, uint64_t mask, double *out) \
    {                                                                                          \
        const type m = (type)mask;                                                             \
        for (size_t i = 0; i < n; i++, p += row) {                                             \
            type v;                                                                            \
            memcpy(&v, p, sizeof v);                                                           \
            if (SWAPS(big)) v = swap(v);                                                       \
            out[i] = (double)(type)(v & m);                                                    \
        }                                                                                      \
    }
#define REAL_COLUMN(name, type, bits, swap, big)                                               \
    static void name(const unsigned char *p, size_t row, size_t n, uint64_t mask, double *out) \
    {                                                                                          \
        (void)mask;                                                                            \
        for (size_t i = 0; i < n; i++, p += row) {                                             \
            bits v;                                                                            \
            type x;                                                                            \
            memcpy(&v, p, sizeof v);                                                           \
            if (SWAPS(big)) v = swap(v);                                                       \
            memcpy(&x, &v, sizeof x);                                                          \
            out[i] = (double)x;                                                                \
        }                                                                                      \
    }

static void column_u8(const unsigned char *p, size_t row, size_t n, uint64_t mask, double *out)
{
    const unsigned m = (unsigned)(mask & 0xFF);
    for (size_t i = 0; i < n; i++, p += row)
        out[i] = (double)(*p & m);
}
INTEGER_COLUMN(little_u16, uint16_t, swap16, false)
INTEGER_COLUMN(big_u16, uint16_t, swap16, true)
INTEGER_COLUMN(little_u32, uint32_t, swap32, false)
INTEGER_COLUMN(big_u32, uint32_t, swap32, true)
INTEGER_COLUMN(little_u64, uint64_t, swap64, false)
INTEGER_COLUMN(big_u64, uint64_t, swap64, true)
REAL_COLUMN(little_f32, float, uint32_t, swap32, false)
REAL_COLUMN(big_f32, float, uint32_t, swap32, true)
REAL_COLUMN(little_f64, double, uint64_t, swap64, false)
REAL_COLUMN(big_f64, double, uint64_t, swap64, true)

typedef uint32_t four_words __attribute__((vector_size(16)));
typedef float four_floats __attribute__((vector_size(16)));
typedef double four_doubles __attribute__((vector_size(32)));

#if defined(__clang__)
#define SHUFFLE(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define SHUFFLE(a, b, i, j, k, l) __builtin_shuffle(a, b, (four_words){ i, j, k, l })
#endif

static inline four_words swap_four(four_words v)
{
    return v << 24 | (v & 0xFF00U) << 8 | (v >> 8 & 0xFF00U) | v >> 24;
}

static inline void store_four(four_words bits, double *out)
{
    four_floats f;
    memcpy(&f, &bits, sizeof f);
    const four_doubles d = __builtin_convertvector(f, four_doubles);
    memcpy(out, &d, sizeof d);
}

/* Four events at a time: a square of 4 × 4 words is turned in registers. */
static inline __attribute__((always_inline)) void
four_floats_into(const unsigned char *p, size_t row, size_t n, double *const *out, bool big)
{
    double *const a = out[0], *const b = out[1], *const c = out[2], *const d = out[3];
    size_t i = 0;
    for (; i + 4 <= n; i += 4, p += 4 * row) {
        four_words r[4];
        for (size_t k = 0; k < 4; k++) {
            memcpy(&r[k], p + k * row, sizeof r[k]);
            if (SWAPS(big)) r[k] = swap_four(r[k]);
        }
        const four_words low0 = SHUFFLE(r[0], r[1], 0, 4, 1, 5);
        const four_words low1 = SHUFFLE(r[2], r[3], 0, 4, 1, 5);
        const four_words high0 = SHUFFLE(r[0], r[1], 2, 6, 3, 7);
        const four_words high1 = SHUFFLE(r[2], r[3], 2, 6, 3, 7);
        store_four(SHUFFLE(low0, low1, 0, 1, 4, 5), a + i);
        store_four(SHUFFLE(low0, low1, 2, 3, 6, 7), b + i);
        store_four(SHUFFLE(high0, high1, 0, 1, 4, 5), c + i);
        store_four(SHUFFLE(high0, high1, 2, 3, 6, 7), d + i);
    }
    for (size_t k = 0; k < 4; k++)
        (big ? big_f32 : little_f32)(p + 4 * k, row, n - i, 0, out[k] + i);
}

static void little_four(const unsigned char *p, size_t row, size_t n, double *const *out)
{
    four_floats_into(p, row, n, out, false);
}

static void big_four(const unsigned char *p, size_t row, size_t n, double *const *out)
{
    four_floats_into(p, row, n, out, true);
}

typedef int64_t four_masks __attribute__((vector_size(32)));

/* A macro: a function that returns a wide vector has no fixed way to do so. */
#define CHOOSE(mask, yes, no) \
    ((four_doubles)(((mask) & (four_masks)(yes)) | (~(mask) & (four_masks)(no))))

static void sum_up(const double *x, size_t n, fcs_lanes *lanes)
{
    four_doubles min[2], max[2], sum[2], finite[2];
    memcpy(min, lanes->min, sizeof min);
    memcpy(max, lanes->max, sizeof max);
    memcpy(sum, lanes->sum, sizeof sum);
    memcpy(finite, lanes->finite, sizeof finite);
    for (size_t i = 0; i < n; i += FCS_LANES)
        for (size_t h = 0; h < 2; h++) {
            four_doubles v;
            memcpy(&v, x + i + 4 * h, sizeof v);
            min[h] = CHOOSE(v < min[h], v, min[h]);
            max[h] = CHOOSE(v > max[h], v, max[h]);
            sum[h] += v;
            finite[h] += v - v;
        }
    memcpy(lanes->min, min, sizeof min);
    memcpy(lanes->max, max, sizeof max);
    memcpy(lanes->sum, sum, sizeof sum);
    memcpy(lanes->finite, finite, sizeof finite);
}

const fcs_kernels PASTE(fcs_kernels_, FCS_LEVEL) = {
    .level = TEXT(FCS_LEVEL),
    .column = { { column_u8, column_u8 },
                { little_u16, big_u16 },
                { little_u32, big_u32 },
                { little_u64, big_u64 },
                { little_f32, big_f32 },
                { little_f64, big_f64 } },
    .four = { little_four, big_four },
    .sum_up = sum_up,
};
