/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The censored normal likelihood in Olsen's parameters: z = h·y − x'g, g = b/σ, h = 1/σ, on a
 * response of mean 0 and SD 1 and columns of mean 0 and SD 1. */
#ifndef STROMA_MODELS_PRIVATE_TOBIT_H
#define STROMA_MODELS_PRIVATE_TOBIT_H
#include "censored.h"
#include "logistic_problem.h"

#include "stroma/models_tobit.h"

typedef struct tobit_problem {
    logistic_problem q;       /* the columns */
    const double *low, *high; /* n: on the scale of the model, standardised */
    double centre, scale;     /* y = centre + scale·standardised */
    double *work;             /* of a maximisation */
    size_t m;                 /* q.p + 1 parameters; the last is h */
} tobit_problem;

/* ln Φ(z), ln φ(z)/Φ(z) and the like stay finite far out in the tail. */
double tobit_log_cdf(double z);
/* ln(Φ(b) − Φ(a)) for the middle m and the width d = b − a > 0, which the caller knows without
 * cancellation. */
double tobit_log_between(double m, double d);
/* So narrow that its ends cancel: an interval is then its middle, times its width. */
bool tobit_is_narrow(double m, double d);
extern const char tobit_no_limit[];

/* Log-likelihood of the standardised response; gradient (m) and negative Hessian (m × m) unless
 * NULL. */
double tobit_likelihood(const tobit_problem *p, const double *theta, double *gradient,
                        double *information);

typedef struct tobit_optimum {
    double log_likelihood;
    int iterations;
    const char *reason; /* "" when it was found */
} tobit_optimum;
/* Maximise from @p theta, in place; with @p w over the parameters that keep w'theta as it is.
 * @param information m × m: the negative Hessian's Cholesky factor at the optimum, or NULL */
tobit_optimum tobit_maximise(const tobit_problem *p, const double *w, double *theta,
                             double *information);
/* Doubles that tobit_problem.work must hold. */
size_t tobit_work_len(size_t m);

/* Limits of coefficient k of the problem's columns, in the units of the response (UINT: m − 1 for
 * ln σ), by the profile likelihood. */
typedef struct tobit_fall {
    double log_likelihood; /* of the optimum */
    double se, level;
} tobit_fall;
STROMA_CHECK stroma_status tobit_profile(const tobit_problem *p, size_t k, const double *theta,
                                         const tobit_fall *fall, double limits[2],
                                         stroma_error *err);
/* Coefficient of the problem's column k in the units of response and design. */
double tobit_coefficient(const tobit_problem *p, size_t k, const double *theta);

/* A design without some of its columns and without names; its x is the caller's, also after a
 * failure. */
STROMA_CHECK stroma_status tobit_design_without(const stroma_design *d, const size_t *columns,
                                                size_t n, stroma_design *out, stroma_error *err);

/* Where the (rising) gap changes its sign, from @p inside (gap < 0) outward by @p step; NaN when it
 * does not within 60 doublings. */
typedef double (*tobit_gap)(double x, void *context);
double tobit_root(tobit_gap rising, void *context, double inside, double step);
#endif
