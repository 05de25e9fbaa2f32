/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs of doubles as one number of about 106 bits (Dekker 1971; Knuth's two-sum). Sums and sums of
 * squares made with them do not depend on the order that a compiler or a vector unit chooses, which
 * long double would (it is 64, 80 or 128 bits by machine). Magnitudes up to about 1e150. */
#ifndef STROMA_STATS_DOUBLE_DOUBLE_H
#define STROMA_STATS_DOUBLE_DOUBLE_H
typedef struct double_double {
    double hi, lo;
} double_double;

static inline double_double dd_from(double x)
{
    return (double_double){ x, 0 };
}

static inline double_double dd_two_sum(double a, double b)
{
    const double s = a + b;
    const double t = s - a;
    return (double_double){ s, (a - (s - t)) + (b - t) };
}

static inline double_double dd_two_product(double a, double b)
{
    const double split = 134217729; /* 2^27 + 1 */
    const double ta = split * a, tb = split * b;
    const double ah = ta - (ta - a), bh = tb - (tb - b);
    const double al = a - ah, bl = b - bh;
    const double p = a * b;
    return (double_double){ p, ((ah * bh - p) + ah * bl + al * bh) + al * bl };
}

static inline double_double dd_add(double_double a, double_double b)
{
    double_double s = dd_two_sum(a.hi, b.hi);
    s.lo += a.lo + b.lo;
    return dd_two_sum(s.hi, s.lo);
}

static inline double_double dd_subtract(double_double a, double_double b)
{
    return dd_add(a, (double_double){ -b.hi, -b.lo });
}

static inline double_double dd_multiply(double_double a, double_double b)
{
    double_double p = dd_two_product(a.hi, b.hi);
    p.lo += a.hi * b.lo + a.lo * b.hi;
    return dd_two_sum(p.hi, p.lo);
}

static inline double_double dd_divide(double_double a, double b)
{
    const double q = a.hi / b;
    const double_double rest = dd_subtract(a, dd_two_product(q, b));
    return dd_two_sum(q, rest.hi / b);
}

static inline double dd_value(double_double a)
{
    return a.hi + a.lo;
}
#endif
