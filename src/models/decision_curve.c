/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Net benefit of acting on predictions. */
#include "validation.h"

#include "stroma/stats_distribution.h"

#include <math.h>

static double standard_error(double sum, double squares, double n)
{
    return n > 1 ? sqrt(fmax(0, squares - sum * sum / n) / (n - 1) / n) : (double)NAN;
}

static stroma_decision decide(const double *probability, const double *y, size_t n, double t)
{
    const double harm = t / (1 - t), all = (double)n;
    double sum = 0, squares = 0, gap = 0, gap_squares = 0;
    stroma_decision d = { .threshold = t };
    for (size_t i = 0; i < n; i++) {
        const double each = y[i] > 0 ? 1 : -harm;
        if (probability[i] >= t) {
            *(y[i] > 0 ? &d.tp : &d.fp) += 1;
            sum += each;
            squares += each * each;
        } else {
            gap -= each;
            gap_squares += each * each;
        }
    }
    const double events = (double)validation_events(y, n);
    d.net_benefit = ((double)d.tp - (double)d.fp * harm) / all;
    d.se = standard_error(sum, squares, all);
    d.treat_all = (events - (all - events) * harm) / all;
    d.over_all = d.net_benefit - d.treat_all;
    d.over_all_se = standard_error(gap, gap_squares, all);
    return d;
}

/* NOLINTNEXTLINE(readability-function-size): predictions, thresholds and their lengths */
stroma_status stroma_decision_curve(const double *probability, const double *y, size_t n,
                                    const double *threshold, size_t len, double level,
                                    stroma_decision *out, stroma_error *err)
{
    if (!(level > 0 && level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g is not between 0 and 1", level);
    STROMA_TRY(validation_check(probability, y, n, false, err));
    const double z = stroma_normal_quantile(0.5 + level / 2);
    for (size_t k = 0; k < len; k++) {
        if (!(threshold[k] > 0 && threshold[k] < 1))
            return stroma_fail(err, STROMA_E_USAGE, "threshold %g is not between 0 and 1",
                               threshold[k]);
        out[k] = decide(probability, y, n, threshold[k]);
        out[k].lower = out[k].net_benefit - z * out[k].se;
        out[k].upper = out[k].net_benefit + z * out[k].se;
    }
    return STROMA_OK;
}
