/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Net benefit of acting on predictions. */
#include "validation.h"

#include "stroma/stats_distribution.h"

#include <math.h>

static double standard_error(double sum, double squares, double n)
{
    return n > 1 ? sqrt(fmax(0, squares - sum * sum / n) / (n - 1) / n) : (double)NAN;
}

stroma_status stroma_decision_curve(const double *probability, const double *y, size_t n,
                                    const double *threshold, size_t len, double level,
                                    stroma_decision *out, stroma_error *err)
{
    if (!(level > 0 && level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g is not between 0 and 1", level);
    STROMA_TRY(validation_check(probability, y, n, false, err));
    const double z = stroma_normal_quantile(0.5 + level / 2), all = (double)n;
    const size_t events = validation_events(y, n);
    for (size_t k = 0; k < len; k++) {
        const double t = threshold[k];
        if (!(t > 0 && t < 1))
            return stroma_fail(err, STROMA_E_USAGE, "threshold %g is not between 0 and 1", t);
        stroma_decision *d = &out[k];
        const double harm = t / (1 - t);
        double sum = 0, squares = 0, gap = 0, gap_squares = 0;
        *d = (stroma_decision){ .threshold = t };
        for (size_t i = 0; i < n; i++) {
            const double each = y[i] > 0 ? 1 : -harm;
            const bool treated = probability[i] >= t;
            d->tp += treated && y[i] > 0;
            d->fp += treated && !(y[i] > 0);
            sum += treated ? each : 0;
            squares += treated ? each * each : 0;
            gap -= treated ? 0 : each;
            gap_squares += treated ? 0 : each * each;
        }
        d->net_benefit = ((double)d->tp - (double)d->fp * harm) / all;
        d->se = standard_error(sum, squares, all);
        d->lower = d->net_benefit - z * d->se;
        d->upper = d->net_benefit + z * d->se;
        d->treat_all = ((double)events - (double)(n - events) * harm) / all;
        d->over_all = d->net_benefit - d->treat_all;
        d->over_all_se = standard_error(gap, gap_squares, all);
    }
    return STROMA_OK;
}
