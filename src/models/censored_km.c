/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flipped Kaplan-Meier curve, worked out on the values themselves: at a measured value the
 * values at risk are those not known to lie above it. */
#include "censored.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <string.h>

/* Steps in the order of the flipped axis: from the highest value down (sign −1), or up (+1). */
typedef struct curve {
    stroma_censored_step
        *step;         /* below: what is left beyond the step; P(X < value) or P(X > value) */
    double *greenwood; /* Σ d/(n(n − d)) up to each step */
    size_t len, measured;
    int sign;
    bool has_rest;
    double rest_limit; /* the last limit, where there is a rest */
} curve;

static void curve_free(curve *c)
{
    stroma_free(c->step);
    stroma_free(c->greenwood);
}

static void walk(const censored_point *p, size_t n, curve *c)
{
    double left = 1, sum = 0;
    for (size_t i = 0; i < n;) {
        size_t j = i;
        while (j < n && p[j].measured && p[j].value == p[i].value)
            j++;
        if (j == i) {
            c->rest_limit = p[i++].value;
            continue;
        }
        const double d = (double)(j - i), at_risk = (double)(n - i);
        left = j == n ? 0 : left * (1 - d / at_risk);
        sum += d / (at_risk * (at_risk - d));
        c->step[c->len] =
            (stroma_censored_step){ p[i].value, j - i, n - i, left, j == n ? 0 : left * sqrt(sum) };
        c->greenwood[c->len++] = sum;
        c->measured += j - i;
        i = j;
    }
    c->has_rest = c->len == 0 || left > 0;
}

static stroma_status curve_of(const stroma_censored_sample *s, int sign, curve *c,
                              stroma_error *err)
{
    *c = (curve){ .sign = sign, .rest_limit = (double)NAN };
    censored_point *p = stroma_alloc_array(s->n, sizeof *p);
    c->step = stroma_alloc_array(s->n, sizeof *c->step);
    c->greenwood = stroma_alloc_array(s->n, sizeof *c->greenwood);
    stroma_status status = STROMA_OK;
    if (p == NULL || c->step == NULL || c->greenwood == NULL) status = censored_no_memory(err);
    if (status == STROMA_OK) status = censored_sort(s, sign, p, err);
    if (status == STROMA_OK) walk(p, s->n, c);
    stroma_free(p);
    return status;
}

static double rest_value(const curve *c, stroma_censored_rest rest)
{
    const double last = c->step[c->len - 1].value;
    if (rest == STROMA_REST_AT_MEASURED) return last;
    return rest == STROMA_REST_AT_ZERO ? 0 : c->rest_limit;
}

/* Mean and Greenwood's areas. Between one step and the next the curve is level at step.below. */
static void mean_of(const curve *c, double end, stroma_censored_summary *out)
{
    const double first = c->step[0].value, m = (double)c->measured;
    double area = 0, variance = 0;
    for (size_t k = c->len; k-- > 0;) {
        const double next = k + 1 < c->len ? c->step[k + 1].value : end;
        area += c->step[k].below * fabs(c->step[k].value - next);
        const double n = (double)c->step[k].at_risk, d = (double)c->step[k].measured;
        if (n > d) variance += area * area * d / (n * (n - d));
    }
    out->mean.estimate = first + c->sign * area;
    if (c->measured < 2) {
        out->mean.reason = "one measured value has no spread";
        return;
    }
    out->mean.se = sqrt(variance * m / (m - 1));
    const double half = stroma_normal_quantile(0.5 + out->mean.level / 2) * out->mean.se;
    out->mean.interval_method = "Greenwood, normal";
    out->mean.lower = out->mean.estimate - half;
    out->mean.upper = out->mean.estimate + half;
}

/* SD of the masses, as of n values. */
static void sd_of(const curve *c, double end, stroma_censored_summary *out)
{
    double squares = 0, above = 1;
    const double mean = out->mean.estimate, n = (double)out->counts.n;
    for (size_t k = 0; k < c->len; k++) {
        const double v = c->step[k].value - mean;
        squares += (above - c->step[k].below) * v * v;
        above = c->step[k].below;
    }
    if (above > 0) squares += above * (end - mean) * (end - mean);
    if (n > 1) out->sd.estimate = sqrt(squares * n / (n - 1));
}

/* First value along the axis at which the curve (or a band of it) is at most q; midway to the next
 * step when it is level at q, as survival::survfit. NaN when it never falls so far. */
static double crossing(const curve *c, const double *level, double q)
{
    const double slack = 1.4901161193847656e-08; /* √ε: decimals like 0.5 are reached by rounding */
    for (size_t k = 0; k < c->len; k++) {
        if (!(level[k] <= q + slack)) continue;
        if (level[k] < q - slack || k + 1 == c->len) return c->step[k].value;
        return c->step[k].value / 2 + c->step[k + 1].value / 2;
    }
    return (double)NAN;
}

/* log(−log) band of the curve. */
static void band(const curve *c, double z, double *out)
{
    for (size_t k = 0; k < c->len; k++) {
        const double s = c->step[k].below;
        if (!(s > 0 && s < 1)) {
            out[k] = s > 0 ? s : z > 0 ? (double)NAN : 0;
            continue;
        }
        const double l = log(s);
        out[k] = exp(l * exp(-z * sqrt(c->greenwood[k]) / fabs(l)));
    }
}

static stroma_status quantiles(const curve *c, stroma_censored_summary *out, stroma_error *err)
{
    double *level = stroma_alloc_array(2 * c->len, sizeof *level), *edge = level + c->len;
    if (level == NULL) return censored_no_memory(err);
    for (size_t k = 0; k < c->len; k++)
        level[k] = c->step[k].below;
    const bool flipped = c->sign < 0;
    out->median.estimate = crossing(c, level, 0.5);
    /* P(X < value) ≤ 1/4 is the first quartile, P(X > value) ≤ 1/4 the third */
    const double near = crossing(c, level, 0.75), far = crossing(c, level, 0.25);
    out->q1 = flipped ? far : near;
    out->q3 = flipped ? near : far;
    const double z = stroma_normal_quantile(0.5 + out->median.level / 2);
    double ends[2];
    for (size_t i = 0; i < 2; i++) {
        band(c, i == 0 ? -z : z, edge);
        ends[i] = crossing(c, edge, 0.5);
    }
    out->median.interval_method = "log-log band";
    out->median.lower = ends[flipped ? 1 : 0];
    out->median.upper = ends[flipped ? 0 : 1];
    if (isnan(out->median.estimate)) {
        out->median.not_estimable = true;
        out->median.reason = flipped ? "the median lies below the lowest measured value"
                                     : "the median lies above the highest measured value";
    } else if (isnan(ends[0]) || isnan(ends[1])) {
        out->median.reason = "a limit lies beyond the measured values";
    }
    stroma_free(level);
    return STROMA_OK;
}

/* In ascending order of the value. */
static void hand_over(curve *c, stroma_censored_step **steps, size_t *len)
{
    for (size_t i = 0, j = c->len; c->sign < 0 && i + 1 < j; i++) {
        j--;
        const stroma_censored_step t = c->step[i];
        c->step[i] = c->step[j];
        c->step[j] = t;
    }
    *steps = c->step;
    *len = c->len;
    c->step = NULL;
}

static stroma_status fill(const curve *c, stroma_censored_rest rest, stroma_censored_summary *out,
                          stroma_error *err)
{
    const double end = c->has_rest ? rest_value(c, rest) : c->step[c->len - 1].value;
    out->rest = c->step[c->len - 1].below;
    if (c->has_rest) out->rest_at = end;
    mean_of(c, end, out);
    sd_of(c, end, out);
    if (out->counts.n < 2) out->sd.reason = "one value has no spread";
    return quantiles(c, out, err);
}

static const char *variant_of(int sign, stroma_censored_rest rest)
{
    if (sign > 0) return "Kaplan-Meier, the rest at the highest limit";
    return rest == STROMA_REST_AT_MEASURED ? "flipped Kaplan-Meier, the rest at the lowest measured"
           : rest == STROMA_REST_AT_ZERO   ? "flipped Kaplan-Meier, the rest at 0"
                                           : "flipped Kaplan-Meier, the rest at the lowest limit";
}

stroma_status stroma_censored_km(const stroma_censored_sample *s, stroma_censored_rest rest,
                                 double level, stroma_censored_summary *out,
                                 stroma_censored_step **steps, size_t *steps_len, stroma_error *err)
{
    stroma_censored_counts counts;
    curve c = { 0 };
    if (steps != NULL) {
        *steps = NULL;
        *steps_len = 0;
    }
    STROMA_TRY(censored_level(level, err));
    STROMA_TRY(stroma_censored_count(s, &counts, err));
    const int side = censored_side(&counts), sign = side == 1 ? 1 : -1;
    censored_summary_begin(out, "censored_km", variant_of(sign, rest), &counts, level);
    if (side == 2 || counts.measured == 0) {
        censored_summary_cannot(out, s->n == 0   ? "no value"
                                     : side == 2 ? censored_both_sides
                                                 : "nothing was measured: all values are censored");
        return STROMA_OK;
    }
    stroma_status status = curve_of(s, sign, &c, err);
    if (status == STROMA_OK) status = fill(&c, sign > 0 ? STROMA_REST_AT_LIMIT : rest, out, err);
    if (status == STROMA_OK && steps != NULL) hand_over(&c, steps, steps_len);
    curve_free(&c);
    return status;
}
