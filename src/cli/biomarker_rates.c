/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "biomarker_rates.h"

#include "stat_members.h"

#include <math.h>

stroma_status biomarker_put_rate(stat_job *j, const stroma_noise_rate *r, const char *variant,
                                 const char *label, stroma_error *err)
{
    stroma_stat s = stroma_stat_empty("responder_rate");
    stat_result result = { .label = label, .p_adjusted = NAN };
    stroma_buffer b;
    if (isnan(r->rate)) return STROMA_OK;
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    s.variant = variant;
    s.estimate_name = "proportion";
    s.estimate = r->rate;
    s.se = r->mcse > 0 ? r->mcse : (double)NAN;
    stat_member_number(&b, "mean_change_responders", r->mean_yes);
    stat_member_number(&b, "mean_change_others", r->mean_no);
    stat_member_number(&b, "draws", (double)r->draws);
    result.stat = s;
    const stroma_status status = stat_members_keep(j, &b, &result.members, err);
    stroma_buffer_clear(&b);
    return status == STROMA_OK ? stat_put_result(j, &result, err) : status;
}

stroma_status biomarker_put_none(stat_job *j, double p, const char *label, stroma_error *err)
{
    if (isnan(p)) return STROMA_OK;
    stroma_stat s = stroma_stat_empty("no_responder");
    s.variant = "nobody changes";
    s.estimate_name = "chance of no responder among the controls";
    s.estimate = p;
    return stat_put(j, &s, label, err);
}
