/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs of doubles as one number of about 106 bits (Dekker 1971; Knuth's two-sum). Sums and sums of
 * squares made with them do not depend on the order that a compiler or a vector unit chooses, which
 * long double would (it is 64, 80 or 128 bits by machine). Magnitudes up to about 1e150. */
#ifndef STROMA_STATS_DOUBLE_DOUBLE_H
#define STROMA_STATS_DOUBLE_DOUBLE_H
#include <math.h>

typedef struct double_double {
    double hi, lo;
} double_double;
typedef double_double dd; /* in the arithmetic of linear models */

static inline double_double dd_from(double x)
{
    return (double_double){ x, 0 };
}

/* a + b exactly, when |a| >= |b| */
static inline double_double dd_quick(double a, double b)
{
    const double s = a + b;
    return (double_double){ s, b - (s - a) };
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

/* The low halves are added exactly too: the sum keeps its digits when the high ones cancel. */
static inline double_double dd_add(double_double a, double_double b)
{
    const double_double s = dd_two_sum(a.hi, b.hi), t = dd_two_sum(a.lo, b.lo);
    const double_double u = dd_quick(s.hi, s.lo + t.hi);
    return dd_quick(u.hi, u.lo + t.lo);
}

static inline double_double dd_negative(double_double a)
{
    return (double_double){ -a.hi, -a.lo };
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

static inline double_double dd_quotient(double_double a, double_double b)
{
    const double q1 = a.hi / b.hi;
    double_double r = dd_subtract(a, dd_multiply(b, dd_from(q1)));
    const double q2 = r.hi / b.hi;
    r = dd_subtract(r, dd_multiply(b, dd_from(q2)));
    return dd_add(dd_quick(q1, q2), dd_from(r.hi / b.hi));
}

static inline double_double dd_sqrt(double_double a)
{
    if (!(a.hi > 0)) return dd_from(0);
    const double x = 1 / sqrt(a.hi), y = a.hi * x;
    const double_double rest = dd_subtract(a, dd_two_product(y, y));
    return dd_two_sum(y, rest.hi * (x * 0.5));
}

static inline double dd_value(double_double a)
{
    return a.hi + a.lo;
}
#endif
