/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/stats_equivalence.h"

#include <math.h>

/* Two samples and the test of their means. */
typedef struct samples {
    const double *x, *y;
    size_t nx, ny;
    stroma_equivalence_design design;
} samples;

static stroma_status test(const samples *s, const stroma_t_options *o, stroma_stat *out,
                          stroma_error *err)
{
    if (s->design == STROMA_EQUIVALENCE_PAIRED)
        return stroma_t_paired(s->x, s->y, s->nx, o, out, err);
    return (s->design == STROMA_EQUIVALENCE_STUDENT ? stroma_t_student : stroma_t_welch)(
        s->x, s->nx, s->y, s->ny, o, out, err);
}

static stroma_status check(const samples *s, const stroma_equivalence_options *o, stroma_error *err)
{
    const double low = o->lower_bound, high = o->upper_bound;
    if (!(isfinite(low) && isfinite(high) && low < high)) {
        (void)stroma_fail(err, STROMA_E_USAGE, "equivalence bounds %g and %g are not in order", low,
                          high);
        stroma_hint(err, "declare the lower bound first, as -0.6,0.6");
        return STROMA_E_USAGE;
    }
    if (!(o->alpha > 0 && o->alpha < 0.5))
        return stroma_fail(err, STROMA_E_USAGE, "alpha %g is not between 0 and 0.5", o->alpha);
    if (o->design == STROMA_EQUIVALENCE_PAIRED && s->nx != s->ny)
        return stroma_fail(err, STROMA_E_USAGE, "%zu and %zu values do not make pairs", s->nx,
                           s->ny);
    return STROMA_OK;
}

stroma_status stroma_equivalence_test(const double *x, size_t nx, const double *y, size_t ny,
                                      const stroma_equivalence_options *options,
                                      stroma_equivalence *out, stroma_error *err)
{
    const samples s = { x, y, nx, ny, options->design };
    *out = (stroma_equivalence){ *options, stroma_stat_empty("tost"), (double)NAN, (double)NAN,
                                 false };
    STROMA_TRY(check(&s, options, err));
    stroma_t_options o = STROMA_T_OPTIONS_INIT;
    stroma_stat low, high;
    o.level = 1 - 2 * options->alpha;
    STROMA_TRY(test(&s, &o, &out->difference, err));
    o.alternative = STROMA_GREATER;
    o.null_value = options->lower_bound;
    STROMA_TRY(test(&s, &o, &low, err));
    o.alternative = STROMA_LESS;
    o.null_value = options->upper_bound;
    STROMA_TRY(test(&s, &o, &high, err));
    out->difference.variant = s.design == STROMA_EQUIVALENCE_PAIRED    ? "paired"
                              : s.design == STROMA_EQUIVALENCE_STUDENT ? "Student"
                                                                       : "Welch";
    out->difference.method = "tost";
    if (out->difference.not_estimable) return STROMA_OK;
    out->p_lower = low.p;
    out->p_upper = high.p;
    out->difference.p = fmax(low.p, high.p);
    out->difference.statistic = low.p >= high.p ? low.statistic : high.statistic;
    out->equivalent = out->difference.p <= options->alpha;
    return STROMA_OK;
}
