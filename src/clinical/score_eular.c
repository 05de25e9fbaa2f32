/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EULAR response from two DAS28 values of the same form. */
#include "score_impl.h"

#define DAS28_PARAMS "das28_esr4|das28_crp4|das28_esr3|das28_crp3"
enum { BASELINE, FOLLOWUP };

static const stroma_score_input inputs[] = {
    { .name = "das28_baseline",
      .param = DAS28_PARAMS,
      .kind = STROMA_INPUT_NUMBER,
      .role = STROMA_ROLE_BASELINE,
      .lower = 0,
      .upper = 10,
      .help = "DAS28 at baseline" },
    { .name = "das28_followup",
      .param = DAS28_PARAMS,
      .kind = STROMA_INPUT_NUMBER,
      .role = STROMA_ROLE_FOLLOWUP,
      .lower = 0,
      .upper = 10,
      .help = "DAS28 now, of the same form as at baseline" },
};

static void compute(const stroma_score_call *c, stroma_score_result *out)
{
    const int64_t before = stroma_score_milli(stroma_score_number(c, BASELINE));
    const int64_t now = stroma_score_milli(stroma_score_number(c, FOLLOWUP));
    const int64_t drop = before - now;
    if (before <= 3200)
        stroma_score_flag(out,
                          "das28_baseline is at most 3.2: the patient entered with low activity");
    if (drop > 1200 && now <= 3200)
        stroma_score_set_word(out, "good");
    else if (drop <= 600 || (drop <= 1200 && now > 5100))
        stroma_score_set_word(out, "none");
    else
        stroma_score_set_word(out, "moderate");
}

const stroma_score stroma_score_eular_response = {
    .id = "eular_response",
    .paramcd = "EULARRSP",
    .label = "EULAR response",
    .kind = STROMA_SCORE_WORD,
    SCORE_INPUTS(inputs),
    .formula =
        "drop = das28_baseline - das28_followup, in decimal thousandths; good: drop > 1.2 and "
        "follow-up <= 3.2; none: drop <= 0.6, or drop <= 1.2 and follow-up > 5.1; moderate: "
        "otherwise",
    .missing = "both values are needed; a missing one makes the response missing (not evaluable), "
               "and counting it as non-response is an estimand's choice, not the score's",
    .traps = "4.4 - 3.2 and 3.64 - 2.44 exceed 1.2 in binary floating point but are exactly 1.2; "
             "compare only DAS28 values of the same form",
    .source = "van Gestel 1996 Arthritis Rheum 39:34; van Gestel 1998 Arthritis Rheum 41:1845",
    .example = "das28_baseline=5.5;das28_followup=3.1",
    .compute = compute,
};
