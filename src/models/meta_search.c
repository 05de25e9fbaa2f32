/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "meta_search.h"

#include <math.h>

enum { HALVINGS = 200 };

static double grid(double least, double most, int points, int i)
{
    return i == 0 ? 0 : least * pow(most / least, (double)(i - 1) / (points - 1));
}

double meta_maximum(meta_function f, void *context, double least, double most, int points)
{
    int best = 0;
    double top = -INFINITY, slope = 0;
    for (int i = 0; i <= points; i++) {
        const double value = f(grid(least, most, points, i), &slope, context);
        if (!(value > top)) continue;
        top = value;
        best = i;
    }
    double lo = grid(least, most, points, best > 0 ? best - 1 : 0),
           hi = grid(least, most, points, best < points ? best + 1 : best);
    (void)f(0, &slope, context);
    if (best == 0 && slope <= 0) return 0;
    for (int i = 0; i < HALVINGS && hi - lo > 1e-15 * hi; i++) {
        const double mid = lo + (hi - lo) / 2;
        (void)f(mid, &slope, context);
        if (slope > 0)
            lo = mid;
        else
            hi = mid;
    }
    return lo + (hi - lo) / 2;
}
