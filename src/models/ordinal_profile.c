/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profile limits of an ordinal model, found as those of a logistic one. */
#include "ordinal_problem.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

enum { EXPANSIONS_MAX = 60, STEPS_MAX = 100 };

typedef struct profile {
    const ordinal_problem *o;
    size_t k;
    double *beta; /* the last profile point, from which the next one starts */
    bool *fixed;
    double top, z;
} profile;

/* Root of the likelihood ratio at b, less the quantile: negative inside. NaN where no fit exists.
 */
static double excess(const profile *f, double b)
{
    f->beta[f->k] = b;
    const logistic_optimum o = ordinal_maximise(f->o, f->fixed, f->beta);
    return o.ok ? sqrt(fmax(0, 2 * (f->top - o.log_likelihood))) - f->z : (double)NAN;
}

/* Regula falsi (Illinois) from a bracket that is doubled until it holds the limit. */
static double limit(const profile *f, double at, double step)
{
    double a = at, fa = -f->z, b = at + step, fb = excess(f, b);
    int side = 0;
    for (int i = 0; fb < 0 && i < EXPANSIONS_MAX; i++) {
        a = b;
        fa = fb;
        step *= 2;
        b = at + step;
        fb = excess(f, b);
    }
    if (!(fb >= 0)) return NAN;
    for (int i = 0; i < STEPS_MAX && fabs(b - a) > 1e-11 * fmax(1, fabs(b)); i++) {
        const double c = fb - fa != 0 ? b - fb * (b - a) / (fb - fa) : (a + b) / 2;
        const double fc = excess(f, c);
        if (isnan(fc) || fabs(fc) < 1e-12) return isnan(fc) ? fc : c;
        if (fc > 0) {
            b = c;
            fb = fc;
            fa = side == 1 ? fa / 2 : fa;
            side = 1;
        } else {
            a = c;
            fa = fc;
            fb = side == -1 ? fb / 2 : fb;
            side = -1;
        }
    }
    return b;
}

stroma_status ordinal_profile(const ordinal_problem *o, size_t k, const double *beta, double top,
                              double se, double level, double limits[2], stroma_error *err)
{
    double *at = stroma_alloc_array(o->dim, sizeof *at);
    bool *fixed = stroma_alloc_array(o->dim, sizeof *fixed);
    const stroma_status s = at == NULL || fixed == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (int side = 0; s == STROMA_OK && side < 2; side++) {
        const profile f = { o, k, at, fixed, top, stroma_normal_quantile(0.5 + level / 2) };
        memcpy(at, beta, o->dim * sizeof *at);
        fixed[k] = true;
        limits[side] = limit(&f, beta[k], (side == 0 ? -1 : 1) * f.z * se);
    }
    stroma_free(at);
    stroma_free(fixed);
    return s;
}
