/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The arithmetic of the scales, one value at a time: every operation in a fixed order, none fused,
 * no branch, nothing from the C library but the square root. The kernels of each CPU level are
 * loops over these functions, so that their results are the same bits.
 *
 * Logicle and hyperlog are both G(v) = u, with v = b (y − x1) and u = |x| / unit:
 *   logicle   G(v) = (e^v − 1) + (1 − e^(−q v)) / q²,  q = d / b  (from B(x1) = 0, B''(x1) = 0)
 *   hyperlog  G(v) = (e^v − 1) + ρ v,                  ρ = e^(b w) / (b w)
 * In this form nothing cancels: both terms are positive, and both exponentials are had less one. */
#ifndef STROMA_CYTOMETRY_TRANSFORM_CURVE_H
#define STROMA_CYTOMETRY_TRANSFORM_CURVE_H
#include "stroma/cytometry_transform.h"

#include <math.h>
#include <string.h>

#define TRANSFORM_INLINE static inline __attribute__((always_inline))

#define TRANSFORM_INFINITY ((double)INFINITY)
/* ln 2 = HIGH + LOW; the last 21 bits of HIGH are zero, so that n · HIGH is exact. */
#define TRANSFORM_LN2_HIGH 0x1.62e42fee00000p-1
#define TRANSFORM_LN2_LOW  0x1.a39ef35793c76p-33
/* Beyond 1e144 units the curves stop rising: squares of exponentials must stay finite. */
#define TRANSFORM_MOST 0x1p480

/* How well an exponential must be known: at the first step of a solution less than at the last. */
typedef enum transform_precision { TRANSFORM_FAIR, TRANSFORM_FULL } transform_precision;

typedef struct transform_exp {
    double whole, less_one; /* e^x and e^x − 1, each to about an ulp */
} transform_exp;

TRANSFORM_INLINE uint64_t transform_bits(double x)
{
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

TRANSFORM_INLINE double transform_double(uint64_t b)
{
    double x;
    memcpy(&x, &b, sizeof x);
    return x;
}

/* |x| ≤ 708. e^x = 2^n e^r, |r| ≤ ln 2 / 2; e^r − 1 by the first terms of its series: relative
 * errors of r⁶/6! and r¹⁴/14!, that is 2e-6 and 4e-18; FAIR leaves LOW off, at most 2e-7. */
TRANSFORM_INLINE transform_exp transform_exp_of(double x, transform_precision precision)
{
    const double shifted = x * 0x1.71547652b82fep+0 + 0x1.8p52;
    const double n = shifted - 0x1.8p52;
    double r = x - n * TRANSFORM_LN2_HIGH;
    if (precision == TRANSFORM_FULL) r = r - n * TRANSFORM_LN2_LOW;
    const double rr = r * r;
    double p = (1.0 / 2 + r * (1.0 / 6)) + rr * (1.0 / 24 + r * (1.0 / 120));
    if (precision == TRANSFORM_FULL) { /* by halves: the chain of operations is what takes time */
        const double r4 = rr * rr;
        const double b = (1.0 / 720 + r * (1.0 / 5040)) + rr * (1.0 / 40320 + r * (1.0 / 362880));
        const double c = (1.0 / 3628800 + r * (1.0 / 39916800)) +
                         rr * (1.0 / 479001600 + r * (1.0 / 6227020800));
        p = (p + r4 * b) + (r4 * r4) * c;
    }
    const double scale = transform_double((transform_bits(shifted) << 52) + transform_bits(1.0));
    const double part = scale * (r + rr * p);
    return (transform_exp){ .whole = part + scale, .less_one = part + (scale - 1) };
}

/* x > 0, normal and finite: x = 2^n m with √½ ≤ m < √2. */
TRANSFORM_INLINE double transform_split(double x, double *n)
{
    const uint64_t one = transform_bits(1.0);
    const uint64_t e = (transform_bits(x) - transform_bits(0x1.6a09e667f3bcdp-1) + one) >> 52;
    *n = transform_double(e | transform_bits(0x1p52)) - (0x1p52 + 1023);
    return transform_double(transform_bits(x) - (e << 52) + one);
}

/* ln x = n ln 2 + 2 atanh((m − 1) / (m + 1)), by the terms of atanh up to s²¹. */
TRANSFORM_INLINE double transform_log_of(double x)
{
    double n;
    const double m = transform_split(x, &n);
    const double s = (m - 1) / (m + 1), z = s * s, zz = z * z, twice = 2 * s;
    double c = 1.0 / 19 + z * (1.0 / 21);
    c = (1.0 / 15 + z * (1.0 / 17)) + zz * c;
    c = (1.0 / 11 + z * (1.0 / 13)) + zz * c;
    c = (1.0 / 7 + z * (1.0 / 9)) + zz * c;
    c = (1.0 / 3 + z * (1.0 / 5)) + zz * c;
    return n * TRANSFORM_LN2_HIGH + (twice + (twice * z * c + n * TRANSFORM_LN2_LOW));
}

/* ln x within 2e-5: ln m = f p(f), f = m − 1, p through five of Chebyshev's points. */
TRANSFORM_INLINE double transform_log_near(double x)
{
    double n;
    const double f = transform_split(x, &n) - 1, ff = f * f;
    const double high = (0.3366878 - f * 0.2701023) + ff * 0.1734863;
    return n * 0x1.62e42fefa39efp-1 + f * ((0.9999622 - f * 0.4995021) + ff * high);
}

TRANSFORM_INLINE double transform_clamp(double y, double least, double most)
{
    const double above = least > y ? least : y; /* NaN passes both */
    return most < above ? most : above;
}

TRANSFORM_INLINE double transform_with_sign(double magnitude, double of)
{
    return transform_double(transform_bits(magnitude) | (transform_bits(of) & UINT64_C(1) << 63));
}

TRANSFORM_INLINE double transform_linear(const stroma_transform *t, double x)
{
    return transform_clamp((x + t->a) / t->k_unit, t->bound_min, t->bound_max);
}

TRANSFORM_INLINE double transform_log(const stroma_transform *t, double x)
{
    const bool tiny = x < 0x1p-1022;
    const double ln =
        transform_log_of(tiny ? x * 0x1p54 : x) - (tiny ? 54 * 0x1.62e42fefa39efp-1 : 0);
    double y = (ln - t->k_unit) * t->k_per_b + 1;
    y = x < TRANSFORM_INFINITY ? y : x; /* NaN stays */
    y = x <= 0 ? -TRANSFORM_INFINITY : y;
    return transform_clamp(y, t->bound_min, t->bound_max);
}

TRANSFORM_INLINE double transform_asinh(const stroma_transform *t, double x)
{
    const double v = fabs(x) * t->k_per_unit;
    const double root = v > 0x1p30 ? v : sqrt(v * v + 1);
    const double w = transform_log_of(v + root) * t->k_per_b;
    const double y = t->k_x1 + transform_with_sign(w, x);
    return transform_clamp(v < 0x1p1022 ? y : x, t->bound_min, t->bound_max);
}

/* u of a value; its sign comes back in transform_place(). */
TRANSFORM_INLINE double transform_units(const stroma_transform *t, double x)
{
    const double u = fabs(x) * t->k_per_unit;
    return TRANSFORM_MOST < u ? TRANSFORM_MOST : u;
}

/* Where the solution starts: transform_start.c. */
TRANSFORM_INLINE double transform_start(const stroma_transform *t, double u)
{
    const double g = transform_log_near(1 + u);
    const double tau = g / ((u * t->k_per_slope + g) + 0x1p-1000), tt = tau * tau;
    const double *c = t->k_start;
    const double high = (c[4] + tau * c[5]) + tt * (c[6] + tau * c[7]);
    return g * ((c[0] + tau * c[1]) + tt * ((c[2] + tau * c[3]) + tt * high));
}

/* One step of Halley on G(v) − u. */
TRANSFORM_INLINE double transform_step(double v, double miss, double first, double second)
{
    const double twice = 2 * first;
    return v - (miss * twice) / (twice * first - miss * second);
}

TRANSFORM_INLINE double transform_logicle_step(const stroma_transform *t, double u, double v,
                                               transform_precision precision)
{
    const transform_exp e = transform_exp_of(v, precision);
    const transform_exp f = transform_exp_of(-(t->k_q * v), precision);
    const double miss = (e.less_one - u) - f.less_one * t->k_r;
    return transform_step(v, miss, e.whole + f.whole * t->k_per_q, e.whole - f.whole);
}

TRANSFORM_INLINE double transform_hyperlog_step(const stroma_transform *t, double u, double v,
                                                transform_precision precision)
{
    const transform_exp e = transform_exp_of(v, precision);
    const double miss = (e.less_one - u) + v * t->k_r;
    return transform_step(v, miss, e.whole + t->k_r, e.whole);
}

TRANSFORM_INLINE double transform_place(const stroma_transform *t, double x, double v)
{
    const double y = t->k_x1 + transform_with_sign(v * t->k_per_b, x);
    return transform_clamp(fabs(x) < TRANSFORM_INFINITY ? y : x, t->bound_min, t->bound_max);
}
#endif
