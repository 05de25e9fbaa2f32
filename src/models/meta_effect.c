/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the counts of one study to an effect and its variance. */
#include "stroma/models_meta.h"

#include <math.h>

const char *stroma_meta_measure_name(stroma_meta_measure m)
{
    static const char *const names[] = { "log risk ratio", "log odds ratio", "risk difference",
                                         "logit proportion" };
    return (size_t)m < STROMA_META_MEASURES ? names[m] : "";
}

static stroma_status check(double events, double n, stroma_error *err)
{
    if (!(n >= 1) || n > 1e15 || !(events >= 0) || floor(n) != n || floor(events) != events)
        return stroma_fail(err, STROMA_E_USAGE,
                           "%g events of %g subjects: both are whole numbers, with subjects",
                           events, n);
    if (events > n)
        return stroma_fail(err, STROMA_E_USAGE, "%g events of only %g subjects", events, n);
    return STROMA_OK;
}

static void effect(stroma_meta_measure m, double a, double b, double c, double d,
                   stroma_meta_effect *out)
{
    const double n1 = a + b, n2 = c + d, p1 = a / n1, p2 = c / n2;
    if (m == STROMA_META_LOGIT_PROPORTION) {
        out->estimate = log(a / b);
        out->variance = 1 / a + 1 / b;
    } else if (m == STROMA_META_LOG_RISK_RATIO) {
        out->estimate = log(p1 / p2);
        out->variance = 1 / a - 1 / n1 + 1 / c - 1 / n2;
    } else if (m == STROMA_META_LOG_ODDS_RATIO) {
        out->estimate = log(a * d / (b * c));
        out->variance = 1 / a + 1 / b + 1 / c + 1 / d;
    } else {
        out->estimate = p1 - p2;
        out->variance = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2;
    }
}

stroma_status stroma_meta_effect_of(stroma_meta_measure m, const stroma_meta_counts *c,
                                    stroma_meta_effect *out, stroma_error *err)
{
    const bool one_arm = m == STROMA_META_LOGIT_PROPORTION,
               ratio = m == STROMA_META_LOG_RISK_RATIO || m == STROMA_META_LOG_ODDS_RATIO;
    *out = (stroma_meta_effect){ .estimate = NAN, .variance = NAN, .reason = "" };
    STROMA_TRY(check(c->events1, c->n1, err));
    if (!one_arm) STROMA_TRY(check(c->events2, c->n2, err));
    const double rest1 = c->n1 - c->events1, rest2 = one_arm ? 1 : c->n2 - c->events2,
                 events2 = one_arm ? 1 : c->events2;
    if (ratio && c->events1 == 0 && c->events2 == 0) {
        out->reason = "no event in either arm";
    } else if (m == STROMA_META_LOG_ODDS_RATIO && rest1 == 0 && rest2 == 0) {
        out->reason = "nothing but events in both arms";
    } else {
        out->corrected = c->events1 == 0 || rest1 == 0 || events2 == 0 || rest2 == 0;
        const double add = out->corrected ? 0.5 : 0;
        effect(m, c->events1 + add, rest1 + add, events2 + add, rest2 + add, out);
    }
    return STROMA_OK;
}
