/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the profile likelihood falls by χ²/2. A fixed coefficient c is a linear constraint on
 * (g, h): s·form'g = (c − centre)·h; a fixed σ is a fixed h. The likelihood stays concave on it. */
#include "tobit.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <string.h>

const char tobit_no_limit[] = "the likelihood does not fall far enough on a side: no limit there";

typedef struct search {
    const tobit_problem *p;
    size_t k;
    const double *theta;   /* of the optimum */
    double *at, *w, *form; /* m each */
    double target;         /* log-likelihood at the limits */
} search;

/* The parameters on the constraint, from the optimum with one of them moved. */
static void constrain(search *s, double value)
{
    const tobit_problem *p = s->p;
    const size_t m = p->m, h = m - 1, k = s->k;
    memcpy(s->at, s->theta, m * sizeof *s->at);
    memset(s->w, 0, m * sizeof *s->w);
    if (k == h) {
        s->w[h] = 1;
        s->at[h] = p->scale * exp(-value);
        for (size_t j = 0; j < h; j++) /* b stays */
            s->at[j] = s->theta[j] / s->theta[h] * s->at[h];
        return;
    }
    const double shift = k == p->q.intercept ? p->centre / p->q.sd[k] : 0;
    double rest = 0;
    logistic_form(&p->q, k, s->form);
    for (size_t j = 0; j < h; j++) {
        s->w[j] = p->scale * s->form[j];
        if (j != k) rest += s->w[j] * s->at[j];
    }
    s->w[h] = -(value - shift);
    s->at[k] = ((value - shift) * s->at[h] - rest) / s->w[k];
}

/* Rises through 0 at the limit. */
static double gap(double value, void *context)
{
    search *s = context;
    constrain(s, value);
    const tobit_optimum o = tobit_maximise(s->p, s->w, s->at, NULL);
    return o.reason[0] == '\0' ? s->target - o.log_likelihood : (double)NAN;
}

double tobit_root(tobit_gap rising, void *context, double inside, double step)
{
    double a = inside, fa = -1, b = inside + step, fb = rising(b, context);
    for (int i = 0; i < 60 && fb <= 0; i++) {
        a = b;
        fa = fb;
        step *= 2;
        b += step;
        fb = rising(b, context);
    }
    if (!(fb > 0)) return (double)NAN;
    /* Illinois: false position that does not hang on to an end */
    for (int i = 0; i < 100 && fabs(b - a) > 1e-10 * (fabs(a) + fabs(b)); i++) {
        const double x = (a * fb - b * fa) / (fb - fa);
        const double c = x > fmin(a, b) && x < fmax(a, b) ? x : a / 2 + b / 2;
        const double fc = rising(c, context);
        if (isnan(fc)) return fc;
        if (fc == 0) return c;
        if ((fc > 0) == (fb > 0)) {
            fa /= 2;
        } else {
            a = b;
            fa = fb;
        }
        b = c;
        fb = fc;
        if (fabs(fc) < 1e-11) return c;
    }
    return b;
}

stroma_status tobit_profile(const tobit_problem *p, size_t k, const double *theta,
                            const tobit_fall *fall, double limits[2], stroma_error *err)
{
    const size_t m = p->m;
    double *room = stroma_alloc_array(3 * m, sizeof *room);
    if (room == NULL) return censored_no_memory(err);
    const double z = stroma_normal_quantile(0.5 + fall->level / 2);
    const bool spread = k == m - 1;
    const double centre = spread ? log(p->scale / theta[m - 1]) : tobit_coefficient(p, k, theta);
    search s = { p, k, theta, room, room + m, room + 2 * m, fall->log_likelihood - z * z / 2 };
    limits[0] = tobit_root(gap, &s, centre, -z * fall->se);
    limits[1] = tobit_root(gap, &s, centre, z * fall->se);
    stroma_free(room);
    return STROMA_OK;
}
