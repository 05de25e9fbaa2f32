/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FlowJo's biexponential scale: 4096 channels, each with its linear value; between channels
 * straight lines. The curve of a channel is Parks' biexponential with the zero moved onto a whole
 * channel. The rules that FlowJo adds (widths outside of 10^0.5 … 10^3 count as 10^0.5, the channel
 * of zero is cut to a whole number and is at most the middle, the last channel stands at
 * 4095 / 4097 of the range) are read off tables that FlowJo 10 wrote: tests/unit/test_transform.c.
 */
#include "transform_private.h"

#include "stroma/number.h"

#include <math.h>

enum { CHANNELS = 4096 };

stroma_status transform_biex_make(stroma_transform *t, stroma_arena *arena, stroma_error *err)
{
    STROMA_BUG_IF(arena == NULL, err);
    if (!(t->w < 0) || !isfinite(t->w) || !isfinite(t->a))
        return stroma_fail(err, STROMA_E_USAGE,
                           "biex scale: its width must be below 0 as FlowJo writes it, and its "
                           "negative decades a number");
    double *table = stroma_arena_alloc(arena, CHANNELS, sizeof *table);
    if (table == NULL) return stroma_no_memory(err);
    const double ln10 = 2.302585092994045684;
    double width = log10(-t->w);
    if (width < 0.5 || width > 3) width = 0.5;
    const double extra = fmax(t->a, 0) + width / 2;
    double decades = t->m - width / 2;
    const double place = extra * CHANNELS / (extra + decades);
    if (!(decades > 0) || !isfinite(place))
        return stroma_fail(err, STROMA_E_USAGE,
                           "biex scale: %g positive decades leave no room beside a width of %g",
                           t->m, t->w);
    const size_t zero = place < CHANNELS / 2 ? (size_t)place : CHANNELS / 2;
    if (zero > 0) decades = extra * CHANNELS / (double)zero;
    const double w = width / (2 * decades), b = ln10 * decades;
    const double d = b * (double)expl(transform_log_ratio((long double)(w * b)));
    const double unit = t->t / exp(b), ratio = exp((b + d) * (w + extra / decades));
    const double at_zero = (double)zero / (CHANNELS + 1);
    const double c = exp(at_zero * b) - ratio * exp(-at_zero * d);
    for (size_t i = zero; i < CHANNELS; i++) {
        const double f = (double)i / (CHANNELS + 1);
        table[i] = unit * ((exp(f * b) - ratio * exp(-f * d)) - c);
    }
    for (size_t i = 0; i < zero; i++) {
        const double f = (double)(2 * zero - i) / (CHANNELS + 1);
        table[i] = -unit * ((exp(f * b) - ratio * exp(-f * d)) - c);
    }
    t->table = table;
    t->table_len = CHANNELS;
    return STROMA_OK;
}

double transform_biex_value(const stroma_transform *t, double x)
{
    const double *table = t->table;
    if (isnan(x)) return x;
    if (x <= table[0]) return 0;
    if (x >= table[t->table_len - 1]) return (double)(t->table_len - 1);
    size_t below = 0, above = t->table_len - 1; /* table[below] ≤ x < table[above] */
    while (above - below > 1) {
        const size_t middle = (below + above) / 2;
        *(table[middle] <= x ? &below : &above) = middle;
    }
    return (double)below + (x - table[below]) / (table[above] - table[below]);
}

double transform_biex_inverse(const stroma_transform *t, double y)
{
    const double last = (double)(t->table_len - 1);
    if (isnan(y)) return y;
    if (y <= 0) return t->table[0];
    if (y >= last) return t->table[t->table_len - 1];
    const size_t i = (size_t)y;
    return t->table[i] + (y - (double)i) * (t->table[i + 1] - t->table[i]);
}
