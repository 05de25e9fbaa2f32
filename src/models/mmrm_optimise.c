/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton with a ridge where the Hessian is not positive definite or a step does not go down. */
#include "mmrm_state.h"
#include "small_matrix.h"

#include "stroma/interrupt.h"

#include <math.h>
#include <string.h>

static const double promised_enough = 1e-10; /* in -2 log-likelihood */
static const double promised_polish = 1e-20;
static const double noise = 1e-7; /* predicted changes below it are taken unseen */
static const double longest_step = 4;
static const double ridge_first = 1e-3, ridge_last = 1e12;

typedef struct newton {
    mmrm_point *pt;
    double *factor, *step, *theta;
    double ridge, promised, predicted;
} newton;

/* The step -(H + ridge |diag H|)^-1 g; raises the ridge until that is positive definite. */
static bool find_step(newton *w)
{
    const mmrm_point *pt = w->pt;
    const size_t q = pt->parameters;
    for (; w->ridge < ridge_last; w->ridge = fmax(4 * w->ridge, ridge_first)) {
        memcpy(w->factor, pt->hessian, q * q * sizeof *w->factor);
        for (size_t i = 0; i < q; i++)
            w->factor[i * q + i] += w->ridge * (fabs(pt->hessian[i * q + i]) + 1e-8);
        if (!small_cholesky(w->factor, q)) continue;
        for (size_t i = 0; i < q; i++)
            w->step[i] = -pt->gradient[i];
        small_solve_lower(w->factor, q, w->step);
        w->promised = w->ridge > 0 ? (double)INFINITY : small_dot(w->step, w->step, q) / 2;
        small_solve_upper(w->factor, q, w->step);
        double longest = 0;
        for (size_t i = 0; i < q; i++)
            longest = fmax(longest, fabs(w->step[i]));
        const double shrink = longest > longest_step ? longest_step / longest : 1;
        w->predicted = 0;
        for (size_t i = 0; i < q; i++)
            w->step[i] *= shrink;
        for (size_t i = 0; i < q; i++)
            w->predicted +=
                w->step[i] * (pt->gradient[i] + small_dot(pt->hessian + i * q, w->step, q) / 2);
        if (w->predicted <= 0) return true;
    }
    return false;
}

/* Move by the step if the likelihood agrees; else come back and raise the ridge. */
static bool take_step(newton *w)
{
    mmrm_point *pt = w->pt;
    const size_t q = pt->parameters;
    const double before = pt->value;
    memcpy(w->theta, pt->theta, q * sizeof *w->theta);
    for (size_t i = 0; i < q; i++)
        pt->theta[i] += w->step[i];
    const bool unseen = -w->predicted < noise;
    if (mmrm_point_value(pt) &&
        (pt->value <= before + 1e-4 * w->predicted || (unseen && pt->value < before + noise))) {
        w->ridge = w->ridge < 1e-5 ? 0 : w->ridge / 10;
        return true;
    }
    memcpy(pt->theta, w->theta, q * sizeof *w->theta);
    if (mmrm_point_value(pt)) pt->value = before;
    w->ridge = fmax(4 * w->ridge, ridge_first);
    return false;
}

static stroma_status iterate(newton *w, size_t iterations_max, size_t *iterations,
                             stroma_error *err)
{
    mmrm_point *pt = w->pt;
    bool converged = false;
    double promised = INFINITY;
    mmrm_point_derivatives(pt);
    for (*iterations = 0; *iterations < iterations_max; ++*iterations) {
        STROMA_TRY(stroma_interrupt_check(err));
        if (!find_step(w)) break;
        if (converged && !(w->promised < promised)) return STROMA_OK;
        promised = w->promised;
        converged = promised < promised_enough;
        if (converged && promised < promised_polish) return STROMA_OK;
        if (take_step(w))
            mmrm_point_derivatives(pt);
        else if (converged)
            return STROMA_OK;
    }
    if (converged) return STROMA_OK;
    double largest = 0;
    for (size_t i = 0; i < pt->parameters; i++)
        largest = fmax(largest, fabs(pt->gradient[i]));
    return stroma_fail(err, STROMA_E_DEGENERATE,
                       "no convergence after %zu Newton steps: the largest gradient is %.3g",
                       *iterations, largest);
}

stroma_status mmrm_optimise(mmrm_point *pt, size_t iterations_max, size_t *iterations,
                            double *promised, stroma_error *err)
{
    const size_t q = pt->parameters;
    if (!mmrm_point_value(pt))
        return stroma_fail(err, STROMA_E_DEGENERATE, "the start values are not a covariance");
    double *work = stroma_alloc_array(q * q + 2 * q, sizeof *work);
    if (work == NULL) return stroma_no_memory(err);
    newton w = { .pt = pt, .factor = work, .step = work + q * q, .theta = work + q * q + q };
    const stroma_status s = iterate(&w, iterations_max, iterations, err);
    *promised = w.promised;
    stroma_free(work);
    return s;
}
