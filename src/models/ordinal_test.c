/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Likelihood-ratio test of several coefficients of a proportional-odds model. */
#include "ordinal_problem.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static stroma_stat not_estimable(stroma_stat s, const char *reason)
{
    s.not_estimable = true;
    s.reason = reason;
    return s;
}

/* @param beta dim numbers, scratch
 *  @param fixed dim places, none set; @param dropped by design column */
static void test(const ordinal_problem *o, const bool *dropped, double *beta, bool *fixed,
                 stroma_stat *out)
{
    double df = 0;
    ordinal_start(o, beta);
    const logistic_optimum top = ordinal_maximise(o, fixed, beta);
    for (size_t k = 0; k < o->slopes; k++) {
        if (!dropped[ordinal_column(o, k)]) continue;
        fixed[o->cuts + k] = true;
        beta[o->cuts + k] = 0;
        df++;
    }
    if (df == 0) {
        *out = not_estimable(*out, "no coefficient to test");
        return;
    }
    const logistic_optimum null = ordinal_maximise(o, fixed, beta);
    if (!top.ok || !null.ok) {
        *out = not_estimable(*out, "the fit did not converge");
        return;
    }
    out->statistic_name = "chi2";
    out->statistic = fmax(0, 2 * (top.log_likelihood - null.log_likelihood));
    out->df = df;
    out->p = stroma_chi2_sf(out->statistic, df);
}

/* @param flags 3 × columns: aliased, dropped, infinite */
static stroma_status run(const stroma_design *d, const size_t *y, size_t categories, bool *flags,
                         stroma_stat *out, stroma_error *err)
{
    stroma_separation separation;
    STROMA_TRY(ordinal_separate(d, y, categories, &separation, flags + 2 * d->columns, err));
    if (separation != STROMA_SEPARATION_NONE) {
        *out = not_estimable(
            *out, "the categories are separated: the maximum of the likelihood does not exist");
        return STROMA_OK;
    }
    ordinal_problem o;
    STROMA_TRY(ordinal_problem_new(d, y, categories, 0, flags, &o, err));
    double *beta = stroma_alloc_array(o.dim, sizeof *beta);
    bool *fixed = stroma_alloc_array(o.dim, sizeof *fixed);
    stroma_status s = STROMA_OK;
    if (beta == NULL || fixed == NULL)
        s = stroma_no_memory(err);
    else
        test(&o, flags + d->columns, beta, fixed, out);
    stroma_free(beta);
    stroma_free(fixed);
    ordinal_problem_free(&o);
    return s;
}

stroma_status stroma_ordinal_joint_test(const stroma_design *design, const size_t *y,
                                        size_t categories, const size_t *columns, size_t n,
                                        stroma_stat *out, stroma_error *err)
{
    *out = stroma_stat_empty("ordinal_logistic");
    out->variant = "likelihood ratio";
    out->n_used = design->rows;
    STROMA_TRY(ordinal_check(design, y, categories, err));
    bool *flags = stroma_alloc_array(3 * design->columns, sizeof *flags);
    if (flags == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < n; i++) {
        if (columns[i] >= design->columns)
            s = stroma_fail(err, STROMA_E_USAGE, "no design column %zu", columns[i] + 1);
        else
            flags[design->columns + columns[i]] = true;
    }
    if (s == STROMA_OK) s = run(design, y, categories, flags, out, err);
    stroma_free(flags);
    return s;
}
