/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profile limits: where the signed root of the likelihood ratio crosses the normal quantile. The
 * root is nearly straight, so regula falsi (Illinois) needs few fits and cannot leave its bracket.
 */
#include "logistic_problem.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

enum { EXPANSIONS_MAX = 60, STEPS_MAX = 100 };

typedef struct profile {
    const logistic_problem *q;
    size_t k;
    double *beta; /* the last profile point, from which the next one starts */
    bool *fixed;
    double top, z;
} profile;

/* Root of the likelihood ratio at b, less the quantile: negative inside. NaN where no fit exists.
 */
static double excess(profile *f, double b)
{
    logistic_optimum o;
    f->beta[f->k] = b;
    if (logistic_maximise(f->q, f->fixed, f->beta, &o, NULL) != STROMA_OK || !o.ok) return NAN;
    return sqrt(fmax(0, 2 * (f->top - o.log_likelihood))) - f->z;
}

static double limit(profile *f, double at, double step)
{
    double a = at, fa = -f->z, b = at + step, fb = excess(f, b);
    for (int i = 0; fb < 0; i++) {
        if (i == EXPANSIONS_MAX) return NAN;
        a = b;
        fa = fb;
        step *= 2;
        b = at + step;
        fb = excess(f, b);
    }
    if (isnan(fb)) return NAN;
    int side = 0;
    for (int i = 0; i < STEPS_MAX && fabs(b - a) > 1e-11 * fmax(1, fabs(b)); i++) {
        const double c = fb - fa != 0 ? b - fb * (b - a) / (fb - fa) : (a + b) / 2;
        const double fc = excess(f, c);
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

stroma_status logistic_profile(const logistic_problem *q, size_t k, const double *beta,
                               double log_likelihood, double se, double level, double limits[2],
                               stroma_error *err)
{
    double *at = stroma_alloc_array(q->p, sizeof *at);
    bool *fixed = stroma_alloc_array(q->p, sizeof *fixed);
    stroma_status s = at == NULL || fixed == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (int side = 0; s == STROMA_OK && side < 2; side++) {
        profile f = { .q = q,
                      .k = k,
                      .beta = at,
                      .fixed = fixed,
                      .top = log_likelihood,
                      .z = stroma_normal_quantile(0.5 + level / 2) };
        memcpy(at, beta, q->p * sizeof *at);
        fixed[k] = true;
        limits[side] = limit(&f, beta[k], (side == 0 ? -1 : 1) * f.z * se);
    }
    stroma_free(at);
    stroma_free(fixed);
    return s;
}
