/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The width of a logicle scale from the negatives of a panel (Parks 2006 Cytometry A 69:541). */
#include "stroma/cytometry_transform.h"

#include <math.h>
#include <string.h>

enum { FEWEST = 20, BITS = 63 };
#define PERCENTILE 0.05 /* as flowCore's estimateLogicle() */

/* How many values are below 0 and at least @p size in size; sizes of doubles are ordered as their
 * bits. Infinities and NaN do not count. */
static size_t count_from(const double *x, size_t n, uint64_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const double s = -x[i];
        uint64_t bits;
        memcpy(&bits, &s, sizeof bits);
        count += s > 0 && s <= 0x1.fffffffffffffp+1023 && bits >= size;
    }
    return count;
}

/* Size of the k-th most negative value, k = 0 …; found bit by bit, so that no copy is sorted. */
static double size_of(const double *x, size_t n, size_t k)
{
    uint64_t size = 0;
    for (int b = BITS - 1; b >= 0; b--)
        if (count_from(x, n, size | UINT64_C(1) << b) > k) size |= UINT64_C(1) << b;
    double s;
    memcpy(&s, &size, sizeof s);
    return s;
}

double stroma_transform_logicle_width(const double *x, size_t n, double t, double m)
{
    const size_t negative = count_from(x, n, 0);
    if (negative < FEWEST) return 0.5;
    const double place = PERCENTILE * (double)(negative - 1);
    const size_t k = (size_t)place;
    const double r = size_of(x, n, k);
    const double size = r - (place - (double)k) * (r - size_of(x, n, k + 1));
    const double w = (m - log10(t / size)) / 2;
    return w < 0 ? 0 : w > m / 2 ? m / 2 : w;
}
