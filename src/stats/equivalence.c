/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/stats_equivalence.h"

#include <math.h>

static stroma_status test(const double *x, size_t nx, const double *y, size_t ny,
                          stroma_equivalence_design design, const stroma_t_options *o,
                          stroma_stat *out, stroma_error *err)
{
    if (design == STROMA_EQUIVALENCE_PAIRED) return stroma_t_paired(x, y, nx, o, out, err);
    if (design == STROMA_EQUIVALENCE_STUDENT) return stroma_t_student(x, nx, y, ny, o, out, err);
    return stroma_t_welch(x, nx, y, ny, o, out, err);
}

static stroma_status check(size_t nx, size_t ny, stroma_equivalence_design design,
                           const double bounds[2], double alpha, stroma_error *err)
{
    if (!(isfinite(bounds[0]) && isfinite(bounds[1]) && bounds[0] < bounds[1])) {
        (void)stroma_fail(err, STROMA_E_USAGE, "equivalence bounds %g and %g are not in order",
                          bounds[0], bounds[1]);
        stroma_hint(err, "declare the lower bound first, as -0.6,0.6");
        return STROMA_E_USAGE;
    }
    if (!(alpha > 0 && alpha < 0.5))
        return stroma_fail(err, STROMA_E_USAGE, "alpha %g is not between 0 and 0.5", alpha);
    if (design == STROMA_EQUIVALENCE_PAIRED && nx != ny)
        return stroma_fail(err, STROMA_E_USAGE, "%zu and %zu values do not make pairs", nx, ny);
    return STROMA_OK;
}

stroma_status stroma_equivalence_test(const double *x, size_t nx, const double *y, size_t ny,
                                      stroma_equivalence_design design, const double bounds[2],
                                      double alpha, stroma_equivalence *out, stroma_error *err)
{
    const double nan = (double)NAN;
    *out = (stroma_equivalence){ bounds[0], bounds[1], stroma_stat_empty("tost"), nan, nan, false };
    STROMA_TRY(check(nx, ny, design, bounds, alpha, err));
    stroma_t_options o = STROMA_T_OPTIONS_INIT;
    stroma_stat low, high;
    o.level = 1 - 2 * alpha;
    STROMA_TRY(test(x, nx, y, ny, design, &o, &out->difference, err));
    o.alternative = STROMA_GREATER;
    o.null_value = bounds[0];
    STROMA_TRY(test(x, nx, y, ny, design, &o, &low, err));
    o.alternative = STROMA_LESS;
    o.null_value = bounds[1];
    STROMA_TRY(test(x, nx, y, ny, design, &o, &high, err));
    out->difference.variant = design == STROMA_EQUIVALENCE_PAIRED    ? "paired"
                              : design == STROMA_EQUIVALENCE_STUDENT ? "Student"
                                                                     : "Welch";
    out->difference.method = "tost";
    if (out->difference.not_estimable) return STROMA_OK;
    const bool low_is_larger = low.p >= high.p;
    out->p_lower = low.p;
    out->p_upper = high.p;
    out->difference.p = fmax(low.p, high.p);
    out->difference.statistic = low_is_larger ? low.statistic : high.statistic;
    out->equivalent = out->difference.p <= alpha;
    return STROMA_OK;
}
