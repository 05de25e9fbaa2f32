/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Display scales: parameters to coefficients, single values, and back to linear.
 *
 * Coefficients are computed in long double, so that a rounded one is the nearest double and the
 * error of a scale is that of the kernels. Of the constants of Moore & Parks (a, b, c, d, f, x1)
 * the kernels need b, x1, q = d / b and unit = a e^(b x1): see transform_curve.h. T / unit is
 * G(b (1 − x1)), and b (1 − x1) = (M − W) ln 10. */
#include "transform_curve.h"
#include "transform_kernels.h"
#include "transform_private.h"

#include "stroma/number.h"

static const long double ln10 = 2.302585092994045684017991454684364208L;

const char *stroma_transform_kind_name(stroma_transform_kind kind)
{
    switch (kind) {
    case STROMA_TRANSFORM_LINEAR: return "linear";
    case STROMA_TRANSFORM_LOG: return "log";
    case STROMA_TRANSFORM_ASINH: return "asinh";
    case STROMA_TRANSFORM_LOGICLE: return "logicle";
    case STROMA_TRANSFORM_HYPERLOG: return "hyperlog";
    case STROMA_TRANSFORM_BIEX: return "biex";
    }
    return "unknown";
}

static stroma_status refuse(const stroma_transform *t, const char *parameter, double value,
                            const char *rule, stroma_error *err)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    return stroma_fail(err, STROMA_E_USAGE, "%s scale: %s is %s, but %s",
                       stroma_transform_kind_name(t->kind), parameter,
                       stroma_format_double(value, text), rule);
}

static stroma_status check(const stroma_transform *t, stroma_error *err)
{
    const stroma_transform_kind k = t->kind;
    const bool bent = k == STROMA_TRANSFORM_LOGICLE || k == STROMA_TRANSFORM_HYPERLOG;
    if (!(t->t > 0) || !isfinite(t->t)) return refuse(t, "T", t->t, "must be above 0", err);
    if (k != STROMA_TRANSFORM_LINEAR && (!(t->m > 0) || !isfinite(t->m)))
        return refuse(t, "M", t->m, "must be above 0", err);
    if (k == STROMA_TRANSFORM_LINEAR && !(t->a >= 0 && t->a <= t->t))
        return refuse(t, "A", t->a, "must lie between 0 and T", err);
    if (k == STROMA_TRANSFORM_ASINH && !(t->a >= 0 && t->a <= t->m))
        return refuse(t, "A", t->a, "must lie between 0 and M", err);
    if (bent && !(t->w >= 0 && t->w <= t->m / 2))
        return refuse(t, "W", t->w, "must lie between 0 and M / 2", err);
    if (bent && !(t->a >= -t->w && t->a <= t->m - 2 * t->w))
        return refuse(t, "A", t->a, "must lie between -W and M - 2 W", err);
    if (k == STROMA_TRANSFORM_HYPERLOG && !(t->w > 0))
        return refuse(t, "W", t->w, "must be above 0", err);
    return STROMA_OK;
}

long double transform_log_ratio(long double w)
{
    /* Convex and rising, positive at the start: Newton comes down to the root and stops there. */
    long double r = -w / 2;
    for (;;) {
        const long double e = expl(r), next = r - (2 * r + w * (1 + e)) / (2 + w * e);
        if (!(next < r)) return r;
        r = next;
    }
}

/* Logicle and hyperlog. */
static void make_bent(stroma_transform *t)
{
    const long double w = (long double)t->w * ln10, span = (long double)t->m + (long double)t->a;
    const long double b = span * ln10, top = ((long double)t->m - (long double)t->w) * ln10;
    long double at_top = expm1l(top), slope = 1;
    if (t->kind == STROMA_TRANSFORM_LOGICLE) {
        const long double q = expl(transform_log_ratio(w));
        t->k_q = (double)q;
        t->k_per_q = (double)(1 / q);
        t->k_r = (double)(1 / (q * q));
        at_top -= expm1l(-q * top) / (q * q);
        slope += 1 / q;
    } else {
        const long double rho = expl(w) / w;
        t->k_r = (double)rho;
        at_top += rho * top;
        slope += rho;
    }
    t->k_b = (double)b;
    t->k_per_b = (double)(1 / b);
    t->k_x1 = (double)(((long double)t->a + (long double)t->w) / span);
    t->k_unit = (double)((long double)t->t / at_top);
    t->k_per_unit = (double)(at_top / (long double)t->t);
    t->k_per_slope = (double)(1 / slope);
}

static void make_plain(stroma_transform *t)
{
    const long double top = (long double)t->t, m = (long double)t->m, a = (long double)t->a;
    switch (t->kind) {
    case STROMA_TRANSFORM_LINEAR: t->k_unit = (double)(top + a); break;
    case STROMA_TRANSFORM_LOG:
        t->k_b = (double)(m * ln10);
        t->k_per_b = (double)(1 / (m * ln10));
        t->k_unit = (double)logl(top);
        break;
    case STROMA_TRANSFORM_ASINH:
        t->k_b = (double)((m + a) * ln10);
        t->k_per_b = (double)(1 / ((m + a) * ln10));
        t->k_x1 = (double)(a / (m + a));
        t->k_unit = (double)(top / sinhl(m * ln10));
        t->k_per_unit = (double)(sinhl(m * ln10) / top);
        break;
    case STROMA_TRANSFORM_LOGICLE:
    case STROMA_TRANSFORM_HYPERLOG:
    case STROMA_TRANSFORM_BIEX: break;
    }
}

stroma_status stroma_transform_make(stroma_transform_kind kind, double t, double w, double m,
                                    double a, stroma_arena *arena, stroma_transform *out,
                                    stroma_error *err)
{
    stroma_transform made = { .kind = kind, .t = t, .w = w, .m = m, .a = a };
    made.bound_min = -TRANSFORM_INFINITY;
    made.bound_max = TRANSFORM_INFINITY;
    *out = made;
    STROMA_TRY(check(&made, err));
    if (kind == STROMA_TRANSFORM_BIEX) STROMA_TRY(transform_biex_make(&made, arena, err));
    if (kind == STROMA_TRANSFORM_LOGICLE || kind == STROMA_TRANSFORM_HYPERLOG)
        make_bent(&made);
    else
        make_plain(&made);
    const double least = 1e-140, most = 1e140; /* the kernels square what these make */
    if (kind != STROMA_TRANSFORM_BIEX && kind != STROMA_TRANSFORM_LOG &&
        !(made.k_unit > least && made.k_unit < most && made.k_r < most))
        return refuse(&made, made.k_r < most ? "M" : "W", made.k_r < most ? m : w,
                      "with it the curve leaves the range of numbers", err);
    if (kind == STROMA_TRANSFORM_LOGICLE || kind == STROMA_TRANSFORM_HYPERLOG)
        transform_start_make(&made);
    *out = made;
    return STROMA_OK;
}

static const transform_kernels *chosen(void)
{
    static const transform_kernels *_Atomic kernels; /* every thread would choose the same */
    if (kernels == NULL) kernels = transform_kernels_choose();
    return kernels;
}

double stroma_transform_value(const stroma_transform *t, double x)
{
    double y;
    stroma_transform_values(t, &x, 1, &y);
    return y;
}

void stroma_transform_values(const stroma_transform *t, const double *x, size_t n, double *y)
{
    if (t->kind != STROMA_TRANSFORM_BIEX) {
        chosen()->apply[t->kind](t, x, n, y);
        return;
    }
    for (size_t i = 0; i < n; i++)
        y[i] = transform_clamp(transform_biex_value(t, x[i]), t->bound_min, t->bound_max);
}

/* unit · G(v). Both terms of G have the sign of v, and e^v − 1 is had without loss near x1: no
 * series is needed there. */
static double bent_inverse(const stroma_transform *t, double y)
{
    const double v = fabs((y - t->k_x1) * t->k_b);
    if (!(v < 700)) return isnan(y) ? y : copysign(TRANSFORM_INFINITY, y - t->k_x1);
    const double rise = t->kind == STROMA_TRANSFORM_LOGICLE
                            ? -transform_exp_of(-(t->k_q * v), TRANSFORM_FULL).less_one
                            : v;
    const double g = transform_exp_of(v, TRANSFORM_FULL).less_one + rise * t->k_r;
    return copysign(g * t->k_unit, y - t->k_x1);
}

double stroma_transform_inverse(const stroma_transform *t, double y)
{
    switch (t->kind) {
    case STROMA_TRANSFORM_LINEAR: return y * t->k_unit - t->a;
    case STROMA_TRANSFORM_LOG: return exp((y - 1) * t->k_b) * t->t;
    case STROMA_TRANSFORM_ASINH: return sinh((y - t->k_x1) * t->k_b) * t->k_unit;
    case STROMA_TRANSFORM_LOGICLE:
    case STROMA_TRANSFORM_HYPERLOG: return bent_inverse(t, y);
    case STROMA_TRANSFORM_BIEX: return transform_biex_inverse(t, y);
    }
    return (double)NAN;
}

bool stroma_transform_is_monotone(const stroma_transform *t)
{
    return t->kind != STROMA_TRANSFORM_BIEX;
}
