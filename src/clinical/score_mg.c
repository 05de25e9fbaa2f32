/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Myasthenia Gravis Activities of Daily Living: eight items. */
#include "score_impl.h"

#define ITEM(name_, text_) SCORE_IN(COUNT, #name_, "mg_" #name_, NULL, 0, 3, text_ ", 0 to 3")
static const stroma_score_input inputs[] = {
    ITEM(talking, "talking"),
    ITEM(chewing, "chewing"),
    ITEM(swallowing, "swallowing"),
    ITEM(breathing, "breathing"),
    ITEM(brushing, "brushing teeth or combing hair"),
    ITEM(rising, "rising from a chair"),
    ITEM(double_vision, "double vision"),
    ITEM(eyelid_droop, "eyelid droop"),
};

static void compute(const stroma_score_call *c, stroma_score_result *out)
{
    double sum = 0;
    for (size_t i = 0; i < SCORE_COUNT_OF(inputs); i++)
        sum += stroma_score_number(c, i);
    stroma_score_set_number(c, out, sum);
}

const stroma_score stroma_score_mg_adl = {
    .id = "mg_adl",
    .paramcd = "MGADL",
    .label = "Myasthenia Gravis Activities of Daily Living",
    .lower = 0,
    .upper = 24,
    SCORE_INPUTS(inputs),
    .formula = "sum of eight items, each 0 to 3",
    .missing = "all items are needed; a missing one makes the score missing",
    .source = "Wolfe 1999 Neurology 52:1487",
    .example = "talking=1;chewing=0;swallowing=1;breathing=0;brushing=2;rising=1;double_vision=2;"
               "eyelid_droop=3",
    .compute = compute,
};
