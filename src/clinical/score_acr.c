/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ACR20, ACR50, ACR70: improvement in both joint counts and in three of five further measures. */
#include "score_impl.h"

/* Baselines first, then the same seven at follow-up. */
enum { TENDER, SWOLLEN, PAIN, PATIENT, PHYSICIAN, HAQ, ACUTE, COMPONENTS };

#define AT(role, n)                                                                              \
    SCORE_IN_AT(role, COLUMN, COUNT, "tjc_" n, "tjc68|tjc28", "joints", 0, 68,                   \
                "tender joints, of 68 (of 28 accepted)"),                                        \
        SCORE_IN_AT(role, COLUMN, COUNT, "sjc_" n, "sjc66|sjc28", "joints", 0, 66,               \
                    "swollen joints, of 66 (of 28 accepted)"),                                   \
        SCORE_IN_AT(role, COLUMN, NUMBER, "pain_" n, "pain_0_100", NULL, 0, 100,                 \
                    "pain, any one scale within 0-100"),                                         \
        SCORE_IN_AT(role, COLUMN, NUMBER, "ptga_" n, "gh_0_100|ptga_0_10", NULL, 0, 100,         \
                    "patient's global, any one scale within 0-100"),                             \
        SCORE_IN_AT(role, COLUMN, NUMBER, "phga_" n, "phga_0_100|phga_0_10", NULL, 0, 100,       \
                    "physician's global, any one scale within 0-100"),                           \
        SCORE_IN_AT(role, COLUMN, NUMBER, "haq_" n, "haq_di", NULL, 0, 3, "HAQ-DI"),             \
        SCORE_IN_AT(role, COLUMN, NUMBER, "apr_" n, "esr_mm_h|crp_mg_L|crp_mg_dL", NULL, 0, 600, \
                    "acute-phase reactant, ESR or CRP, the same at both visits")

static const stroma_score_input inputs[] = { AT(BASELINE, "0"), AT(FOLLOWUP, "1") };

/* (before - now) / before >= percent / 100, decided on decimal thousandths without a division. */
static bool improved(const stroma_score_call *c, size_t component, int64_t percent)
{
    const size_t later = COMPONENTS + component;
    if (!stroma_score_has(c, component) || !stroma_score_has(c, later)) return false;
    const int64_t before = stroma_score_milli(stroma_score_number(c, component));
    const int64_t now = stroma_score_milli(stroma_score_number(c, later));
    return before > 0 && (before - now) * 100 >= percent * before;
}

static void compute(const stroma_score_call *c, stroma_score_result *out, int64_t percent)
{
    size_t complete = 0, further = 0;
    for (size_t i = 0; i < COMPONENTS; i++) {
        const bool both = stroma_score_has(c, i) && stroma_score_has(c, COMPONENTS + i);
        if (both) complete++;
        if (both && stroma_score_milli(stroma_score_number(c, i)) == 0)
            stroma_score_flag(out, "%s is 0: this component counts as not improved",
                              inputs[i].name);
        if (!both)
            stroma_score_flag(out, "%s is missing: this component counts as not improved",
                              inputs[stroma_score_has(c, i) ? COMPONENTS + i : i].name);
        if (i > SWOLLEN && improved(c, i, percent)) further++;
    }
    if (complete == 0) {
        stroma_score_refuse(out, STROMA_MISSING, "no component was measured at both visits");
        return;
    }
    stroma_score_set_bool(out, improved(c, TENDER, percent) && improved(c, SWOLLEN, percent) &&
                                   further >= 3);
}

static void compute_20(const stroma_score_call *c, stroma_score_result *out)
{
    compute(c, out, 20);
}

static void compute_50(const stroma_score_call *c, stroma_score_result *out)
{
    compute(c, out, 50);
}

static void compute_70(const stroma_score_call *c, stroma_score_result *out)
{
    compute(c, out, 70);
}

#define EXAMPLE                                                                            \
    "tjc_0=20;sjc_0=15;pain_0=60;ptga_0=70;phga_0=60;haq_0=1.5;apr_0=30;tjc_1=10;sjc_1=7;" \
    "pain_1=30;ptga_1=35;phga_1=30;haq_1=1.25;apr_1=30"
#define ACR(percent)                                                                           \
    const stroma_score stroma_score_acr##percent = {                                           \
        .id = "acr" #percent,                                                                  \
        .paramcd = "ACR" #percent,                                                             \
        .label = "ACR" #percent " response",                                                   \
        .kind = STROMA_SCORE_BOOL,                                                             \
        SCORE_INPUTS(inputs),                                                                  \
        .formula = "drop of at least " #percent "% in tjc and in sjc, and in at least 3 of "   \
                   "pain, ptga, phga, haq, apr",                                               \
        .missing = "a component that is missing at either visit, or 0 at baseline, counts as " \
                   "not improved, which is stated; when no component has both visits the "     \
                   "result is missing",                                                        \
        .traps = "a zero baseline has no percentage; 20% of decimal values is decided on "     \
                 "decimals (16 of 20 is exactly 20%); ACR was defined on 68/66 joints",        \
        .source = "Felson 1993 Arthritis Rheum 36:729; Felson 1995 Arthritis Rheum 38:727",    \
        .example = EXAMPLE,                                                                    \
        .compute = compute_##percent,                                                          \
    }
ACR(20);
ACR(50);
ACR(70);
