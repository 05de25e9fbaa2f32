/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/response.h"

#include "score_impl.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

const char *stroma_course_name(stroma_course c)
{
    static const char *const names[] = { "not_evaluable", "no_response", "response",
                                         "partial_relapse", "relapse" };
    return (size_t)c < SCORE_COUNT_OF(names) ? names[c] : "not_evaluable";
}

static bool responds(double baseline, double now)
{
    const stroma_score_value pair[] = { { .number = baseline }, { .number = now } };
    stroma_score_result r;
    return stroma_score_compute(&stroma_score_eular_response, pair, NULL, &r, NULL) == STROMA_OK &&
           r.state == STROMA_PRESENT && strcmp(r.word, "none") != 0;
}

static bool usable(double das28)
{
    return isfinite(das28) && das28 >= 0 && das28 <= 10;
}

static bool flares(const stroma_relapse_rule *rule, double nadir, double now)
{
    if (isnan(nadir)) return false;
    const int64_t rise = stroma_score_milli(now) - stroma_score_milli(nadir);
    return rise > stroma_score_milli(rule->flare_rise) ||
           (rise > stroma_score_milli(rule->flare_rise_active) &&
            stroma_score_milli(now) >= stroma_score_milli(rule->active_from));
}

static stroma_status check_rule(const stroma_relapse_rule *rule, stroma_error *err)
{
    const double all[] = { rule->flare_rise, rule->flare_rise_active, rule->active_from,
                           rule->partial_drop };
    for (size_t i = 0; i < SCORE_COUNT_OF(all); i++)
        if (!usable(all[i]))
            return stroma_fail(err, STROMA_E_USAGE,
                               "relapse rule: a threshold is %g, allowed 0 to 10", all[i]);
    return STROMA_OK;
}

stroma_status stroma_course_follow(const stroma_relapse_rule *rule, const double *das28, size_t n,
                                   stroma_course_visit *out, stroma_error *err)
{
    static const stroma_relapse_rule defaults = STROMA_RELAPSE_RULE_INIT;
    if (rule == NULL) rule = &defaults;
    STROMA_TRY(check_rule(rule, err));
    if (n == 0) return stroma_fail(err, STROMA_E_USAGE, "a course needs its baseline");
    const bool based = usable(das28[0]);
    double nadir = NAN;
    bool responded = false;
    for (size_t i = 0; i < n; i++) {
        const double now = das28[i];
        out[i] = (stroma_course_visit){ .course = STROMA_COURSE_NOT_EVALUABLE, .nadir = nadir };
        if (!based || !usable(now)) continue;
        out[i].course = STROMA_COURSE_NO_RESPONSE;
        if (i == 0) continue;
        const int64_t drop = stroma_score_milli(das28[0]) - stroma_score_milli(now);
        out[i].drop = (double)drop / 1000;
        out[i].flare = flares(rule, nadir, now);
        if (responds(das28[0], now)) {
            out[i].course = STROMA_COURSE_RESPONSE;
            responded = true;
        } else if (responded) {
            out[i].course = drop > stroma_score_milli(rule->partial_drop)
                                ? STROMA_COURSE_PARTIAL_RELAPSE
                                : STROMA_COURSE_RELAPSE;
        }
        if (isnan(nadir) || now < nadir) nadir = now;
    }
    return STROMA_OK;
}

bool stroma_haq_improved(double baseline, double followup, double mcid)
{
    int64_t before = 0, now = 0, least = 0;
    return stroma_decimal_thousandths(baseline, &before) &&
           stroma_decimal_thousandths(followup, &now) && stroma_decimal_thousandths(mcid, &least) &&
           before - now >= least;
}

int stroma_ctcae_fever(double temperature_c, double hours_above_40)
{
    if (!(temperature_c >= 25 && temperature_c <= 45)) return -1;
    const int64_t t = stroma_score_milli(temperature_c);
    if (t < 38000) return 0;
    if (t <= 39000) return 1;
    if (t <= 40000) return 2;
    return hours_above_40 > 24 ? 4 : 3;
}

int stroma_ctcae_infusion_reaction(const stroma_infusion_reaction *r)
{
    if (r->death) return 5;
    if (r->life_threatening) return 4;
    if (r->prolonged_or_recurrent || r->hospitalised) return 3;
    if (r->interrupted || r->treated) return 2;
    return r->reaction ? 1 : 0;
}
