/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "profile_limit.h"

#include <math.h>

enum { EXPANSIONS_MAX = 60, STEPS_MAX = 100 };

/* Root of the likelihood ratio at b, less the quantile: negative inside. */
static double excess(profile_likelihood f, void *context, double b, double top, double z)
{
    const double loss = 2 * (top - f(b, context));
    return loss < 0 ? -z : sqrt(loss) - z; /* NaN stays NaN */
}

double profile_limit(profile_likelihood f, void *context, double at, double top, double step,
                     double z)
{
    double a = at, fa = -z, b = at + step, fb = excess(f, context, b, top, z);
    for (int i = 0; fb < 0; i++) {
        if (i == EXPANSIONS_MAX) return NAN;
        a = b;
        fa = fb;
        step *= 2;
        b = at + step;
        fb = excess(f, context, b, top, z);
    }
    if (!isfinite(fb)) return NAN;
    int side = 0;
    for (int i = 0; i < STEPS_MAX && fabs(b - a) > 1e-11 * fmax(1, fabs(b)); i++) {
        const double c = fb - fa != 0 ? b - fb * (b - a) / (fb - fa) : (a + b) / 2;
        const double fc = excess(f, context, c, top, z);
        if (isnan(fc)) return NAN;
        if (fabs(fc) < 1e-12) return c;
        if (fc > 0) {
            b = c;
            fb = fc;
            if (side == 1) fa /= 2;
            side = 1;
        } else {
            a = c;
            fa = fc;
            if (side == -1) fb /= 2;
            side = -1;
        }
    }
    return b;
}
