/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mayo score of ulcerative colitis: full and partial at one visit, and response between two. */
#include "score_impl.h"

enum { STOOL, BLEEDING, ENDOSCOPY, PHYSICIAN, ITEMS };
enum { OUT_TOTAL0, OUT_TOTAL1, OUT_PARTIAL0, OUT_PARTIAL1, OUT_RESPONSE, OUT_REMISSION };

#define MAYO_AT(role, n, endoscopy_need)                                                      \
    SCORE_IN_AT(role, VALUE, COUNT, "sf" n, "mayo_stool", NULL, 0, 3, "stool frequency 0-3"), \
        SCORE_IN_AT(role, VALUE, COUNT, "rb" n, "mayo_bleeding", NULL, 0, 3,                  \
                    "rectal bleeding 0-3"),                                                   \
        SCORE_IN_AT(role, endoscopy_need, COUNT, "en" n, "mayo_endoscopy", NULL, 0, 3,        \
                    "endoscopy 0-3"),                                                         \
        SCORE_IN_AT(role, VALUE, COUNT, "pga" n, "mayo_pga", NULL, 0, 3,                      \
                    "physician's global assessment 0-3")
static const stroma_score_input full_inputs[] = { MAYO_AT(VISIT, "", VALUE) };
static const stroma_score_input partial_inputs[] = {
    SCORE_IN(COUNT, "sf", "mayo_stool", NULL, 0, 3, "stool frequency 0-3"),
    SCORE_IN(COUNT, "rb", "mayo_bleeding", NULL, 0, 3, "rectal bleeding 0-3"),
    SCORE_IN(COUNT, "pga", "mayo_pga", NULL, 0, 3, "physician's global assessment 0-3"),
};
static const stroma_score_input both_inputs[] = { MAYO_AT(BASELINE, "0", COLUMN),
                                                  MAYO_AT(FOLLOWUP, "1", COLUMN) };
static const stroma_score_output outputs[] = {
    { "total0", "mayo_full", STROMA_SCORE_NUMBER, STROMA_ROLE_BASELINE, "full score at baseline" },
    { "total1", "mayo_full", STROMA_SCORE_NUMBER, STROMA_ROLE_FOLLOWUP, "full score now" },
    { "partial0", "mayo_partial", STROMA_SCORE_NUMBER, STROMA_ROLE_BASELINE,
      "partial score at baseline" },
    { "partial1", "mayo_partial", STROMA_SCORE_NUMBER, STROMA_ROLE_FOLLOWUP, "partial score now" },
    { "response", "mayo_response", STROMA_SCORE_BOOL, STROMA_ROLE_FOLLOWUP,
      "drop >= 3 and >= 30%, with bleeding down by 1 or at most 1" },
    { "remission", "mayo_remission", STROMA_SCORE_BOOL, STROMA_ROLE_FOLLOWUP,
      "total at most 2 and no item above 1" },
};

static void compute_sum(const stroma_score_call *c, stroma_score_result *out)
{
    double sum = 0;
    for (size_t i = 0; i < c->score->inputs_len; i++)
        sum += stroma_score_number(c, i);
    stroma_score_set_number(c, out, sum);
}

static void compute_both(const stroma_score_call *c, stroma_score_result *out)
{
    double partial[2], total[2], worst = 0;
    for (size_t v = 0; v < 2; v++) {
        const size_t at = v * ITEMS;
        partial[v] = stroma_score_number(c, at + STOOL) + stroma_score_number(c, at + BLEEDING) +
                     stroma_score_number(c, at + PHYSICIAN);
        stroma_score_put_number(out, OUT_PARTIAL0 + v, partial[v]);
        if (!stroma_score_has(c, at + ENDOSCOPY)) continue;
        total[v] = partial[v] + stroma_score_number(c, at + ENDOSCOPY);
        stroma_score_put_number(out, OUT_TOTAL0 + v, total[v]);
    }
    for (size_t v = 0; v < 2; v++) {
        const size_t i = v * ITEMS + ENDOSCOPY;
        if (stroma_score_has(c, i)) continue;
        stroma_score_refuse(out, STROMA_MISSING, "%s is missing: only the partial scores are given",
                            both_inputs[i].name);
        return;
    }
    for (size_t i = ITEMS; i < (size_t)ITEMS * 2; i++)
        if (stroma_score_number(c, i) > worst) worst = stroma_score_number(c, i);
    const double drop = total[0] - total[1];
    const double bleeding = stroma_score_number(c, ITEMS + BLEEDING);
    const bool less_blood = stroma_score_number(c, BLEEDING) - bleeding >= 1 || bleeding <= 1;
    out->state = STROMA_PRESENT;
    stroma_score_put_number(out, OUT_RESPONSE,
                            drop >= 3 && 10 * drop >= 3 * total[0] && less_blood);
    stroma_score_put_number(out, OUT_REMISSION, total[1] <= 2 && worst <= 1);
}

#define SOURCE "Schroeder 1987 N Engl J Med 317:1625"

const stroma_score stroma_score_mayo_full = {
    .id = "mayo_full",
    .paramcd = "MAYOFULL",
    .label = "Mayo score, full",
    .lower = 0,
    .upper = 12,
    SCORE_INPUTS(full_inputs),
    .formula = "stool frequency + rectal bleeding + endoscopy + physician's global assessment",
    .missing = "all four are needed; without endoscopy use mayo_partial",
    .source = SOURCE,
    .example = "sf=3;rb=2;en=3;pga=2",
    .compute = compute_sum,
};

const stroma_score stroma_score_mayo_partial = {
    .id = "mayo_partial",
    .paramcd = "MAYOPART",
    .label = "Mayo score, partial",
    .lower = 0,
    .upper = 9,
    SCORE_INPUTS(partial_inputs),
    .formula = "stool frequency + rectal bleeding + physician's global assessment",
    .missing = "all three are needed",
    .source = SOURCE "; Lewis 2008 Inflamm Bowel Dis 14:1660",
    .example = "sf=3;rb=2;pga=2",
    .compute = compute_sum,
};

const stroma_score stroma_score_mayo = {
    .id = "mayo",
    .paramcd = "MAYORSP",
    .label = "Mayo score at two visits and response",
    .kind = STROMA_SCORE_OUTPUTS,
    SCORE_INPUTS(both_inputs),
    SCORE_OUTPUTS(outputs),
    .formula =
        "total: sum of four items; partial: without endoscopy; response: total drops by >= 3 and "
        ">= 30%, and bleeding drops by >= 1 or is <= 1; remission: total <= 2, no item > 1",
    .missing =
        "without an endoscopy the partial scores are still given, response and remission are "
        "missing",
    .traps = "the full and the partial score are two scores; remission also looks at every item",
    .source = SOURCE "; response Rutgeerts 2005 N Engl J Med 353:2462; partial Lewis 2008 Inflamm "
                     "Bowel Dis 14:1660",
    .example = "sf0=3;rb0=2;en0=3;pga0=2;sf1=1;rb1=1;en1=1;pga1=1",
    .compute = compute_both,
};
