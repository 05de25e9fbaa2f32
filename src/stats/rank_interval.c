/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rank_interval.h"

#include "moments.h"

#include "stroma/stats_distribution.h"

#include <math.h>

double stroma_rank_estimate(elementary at, const void *context, uint64_t n)
{
    const double high = at(context, n / 2 + 1);
    if (n % 2 == 1) return high;
    const double low = at(context, n / 2);
    return low == high ? low : low / 2 + high / 2;
}

double stroma_rank_tail(const stroma_rank_options *o)
{
    return o->alternative == STROMA_TWO_SIDED ? (1 - o->level) / 2 : 1 - o->level;
}

void stroma_rank_normal_cut(rank_interval *r, const stroma_rank_options *o, double sigma,
                            double correction)
{
    const double z = -stroma_normal_quantile(stroma_rank_tail(o));
    const double k = floor((double)r->n / 2 - correction - z * sigma);
    r->name = "Hodges-Lehmann asymptotic";
    r->reachable = k >= 0;
    r->cut = k >= 0 ? (uint64_t)k + 1 : 0;
}

void stroma_rank_fill_interval(stroma_stat *out, const rank_interval *r,
                               const stroma_rank_options *o)
{
    out->level = o->level;
    if (!r->reachable) {
        out->reason = "too few values for an interval of this level";
        return;
    }
    out->interval_method = r->name;
    out->lower = o->alternative == STROMA_LESS ? -(double)INFINITY : r->at(r->context, r->cut);
    out->upper =
        o->alternative == STROMA_GREATER ? (double)INFINITY : r->at(r->context, r->n + 1 - r->cut);
}

double stroma_rank_normal_p(double gap, double sigma, stroma_alternative alternative,
                            double correction)
{
    switch (alternative) {
    case STROMA_LESS: return stroma_normal_cdf((gap + correction) / sigma);
    case STROMA_GREATER: return stroma_normal_sf((gap - correction) / sigma);
    case STROMA_TWO_SIDED:
    default: return stroma_normal_two_sided(fmax(0, fabs(gap) - correction) / sigma);
    }
}

stroma_status stroma_rank_options_check(const stroma_rank_options *o, stroma_error *err)
{
    if (!(fabs(o->null_value) <= 1e140))
        return stroma_fail(err, STROMA_E_USAGE, "the null value of a rank test must be finite");
    return stroma_level_check(o->level, err);
}
