/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the axes of a density begin and end, and their ticks. */
#include "stroma/cytometry_density.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double LABEL_ROOM = 0.045; /* share of the axis that a label takes */

static bool is_linear(const stroma_transform *t)
{
    return t == NULL || t->kind == STROMA_TRANSFORM_LINEAR;
}

static double place(const stroma_transform *t, double x)
{
    return t == NULL ? x : stroma_transform_value(t, x);
}

void stroma_density_range(const stroma_transform *t, double range, double *low, double *high)
{
    *low = 0;
    *high = t == NULL ? range : 1;
    if (t == NULL) return;
    if (t->kind == STROMA_TRANSFORM_BIEX) {
        *high = (double)(t->table_len > 1 ? t->table_len - 1 : 1);
        return;
    }
    const bool through_zero = t->kind == STROMA_TRANSFORM_ASINH ||
                              t->kind == STROMA_TRANSFORM_LOGICLE ||
                              t->kind == STROMA_TRANSFORM_HYPERLOG;
    const double zero = stroma_transform_value(t, 0);
    if (through_zero && zero < 0.01) /* no room for negative values: a decade of them */
        *low = 2 * zero - stroma_transform_value(t, t->t * pow(10, 1 - t->m));
}

/* ---- linear axes ---- */

/* "50K", "0", "2.5", "1.5M" */
static void linear_label(double x, char *out, size_t size)
{
    const double a = fabs(x), unit = a >= 1e6 ? 1e6 : a >= 1e3 ? 1e3 : 1;
    (void)snprintf(out, size, "%s%g%s", x < 0 ? "\xE2\x88\x92" : "", a / unit,
                   a >= 1e6   ? "M"
                   : a >= 1e3 ? "K"
                              : "");
}

static size_t linear_ticks(const stroma_transform *t, double low, double high,
                           stroma_density_tick *out)
{
    const double from = t == NULL ? low : stroma_transform_inverse(t, low);
    const double to = t == NULL ? high : stroma_transform_inverse(t, high);
    const double decade = pow(10, floor(log10((to - from) / 5)));
    double step = decade;
    for (size_t k = 0; k < 3 && (to - from) / step > 6; k++)
        step = decade * (const double[]){ 2, 5, 10 }[k];
    size_t n = 0;
    for (double k = ceil(from / step - 1e-9); k * step <= to + step * 1e-9 && n < 64; k++) {
        stroma_density_tick *tick = &out[n++];
        *tick = (stroma_density_tick){ .at = place(t, k * step), .linear = k * step };
        linear_label(tick->linear, tick->label, sizeof tick->label);
    }
    return n;
}

/* ---- decades ---- */

static void decade_label(int sign, int exponent, char *out, size_t size)
{
    static const char *const raised[10] = { "\xE2\x81\xB0", "\xC2\xB9",     "\xC2\xB2",
                                            "\xC2\xB3",     "\xE2\x81\xB4", "\xE2\x81\xB5",
                                            "\xE2\x81\xB6", "\xE2\x81\xB7", "\xE2\x81\xB8",
                                            "\xE2\x81\xB9" };
    const int e = exponent < 0 ? -exponent : exponent;
    (void)snprintf(out, size, "%s10%s%s%s", sign < 0 ? "\xE2\x88\x92" : "",
                   exponent < 0 ? "\xE2\x81\xBB" : "", e >= 10 ? raised[e / 10 % 10] : "",
                   raised[e % 10]);
}

static bool is_decade(double x)
{
    const double e = log10(fabs(x));
    return fabs(e - round(e)) < 1e-9;
}

static void name_decade(stroma_density_tick *tick)
{
    if (tick->linear == 0)
        (void)snprintf(tick->label, sizeof tick->label, "0");
    else if (is_decade(tick->linear))
        decade_label(tick->linear < 0 ? -1 : 1, (int)lround(log10(fabs(tick->linear))), tick->label,
                     sizeof tick->label);
}

/* Labels that have room, the most telling first: 0, then the largest decades of each sign. */
static void name_ticks(stroma_density_tick *ticks, size_t n, double low, double high)
{
    const double room = LABEL_ROOM * (high - low);
    size_t order[STROMA_DENSITY_TICKS_MAX], named = 0;
    for (size_t pass = 0; pass < 3; pass++)
        for (size_t k = 0; k < n; k++) {
            const size_t i = pass == 1 ? n - 1 - k : k;
            const double x = ticks[i].linear;
            const bool mine = pass == 0 ? x == 0 : pass == 1 ? x > 0 : x < 0;
            bool free_place = mine && (x == 0 || is_decade(x));
            for (size_t j = 0; j < named && free_place; j++)
                free_place = fabs(ticks[order[j]].at - ticks[i].at) >= room;
            if (!free_place) continue;
            name_decade(&ticks[i]);
            order[named++] = i;
        }
}

static void add_tick(const stroma_transform *t, double x, double low, double high,
                     stroma_density_tick *out, size_t *n)
{
    const double at = stroma_transform_value(t, x);
    if (!(at >= low && at <= high) || *n == STROMA_DENSITY_TICKS_MAX) return;
    out[(*n)++] = (stroma_density_tick){ .at = at, .linear = x };
}

static size_t decade_ticks(const stroma_transform *t, double low, double high,
                           stroma_density_tick *out)
{
    const double top =
        fmax(fabs(stroma_transform_inverse(t, low)), fabs(stroma_transform_inverse(t, high)));
    const int last = (int)floor(log10(top) + 1e-9);
    /* below this decade the scale is linear and ticks would crowd around 0 */
    const int first = last - 8;
    size_t n = 0;
    const bool negative = t->kind != STROMA_TRANSFORM_LOG;
    for (int e = last; negative && e >= first; e--)
        for (int digit = 9; digit >= 1; digit--)
            add_tick(t, -digit * pow(10, e), low, high, out, &n);
    if (negative) add_tick(t, 0, low, high, out, &n);
    for (int e = first; e <= last; e++)
        for (int digit = 1; digit <= 9; digit++)
            add_tick(t, digit * pow(10, e), low, high, out, &n);
    return n;
}

/* Minor ticks nearer than this to 0, or to each other, say nothing. */
static size_t thin(stroma_density_tick *ticks, size_t n, double low, double high)
{
    const double least = 0.002 * (high - low);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool crowded = false;
        for (size_t k = 0; k < n && !crowded; k++)
            crowded =
                k != i && ticks[k].label[0] != '\0' && fabs(ticks[k].at - ticks[i].at) < 2 * least;
        crowded = crowded || (kept > 0 && ticks[i].at - ticks[kept - 1].at < least);
        if (ticks[i].label[0] != '\0' || !crowded) ticks[kept++] = ticks[i];
    }
    return kept;
}

size_t stroma_density_ticks(const stroma_transform *t, double low, double high,
                            stroma_density_tick *out)
{
    if (!(low < high)) return 0;
    if (is_linear(t)) return linear_ticks(t, low, high, out);
    const size_t n = decade_ticks(t, low, high, out);
    name_ticks(out, n, low, high);
    return thin(out, n, low, high);
}
