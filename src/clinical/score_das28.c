/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disease Activity Score of 28 joints, with ESR or CRP, with and without global health. */
#include "score_impl.h"

#include <math.h>

#define JOINTS                                                                           \
    { .name = "tjc28",                                                                   \
      .param = "tjc28",                                                                  \
      .unit = "joints",                                                                  \
      .kind = STROMA_INPUT_COUNT,                                                        \
      .lower = 0,                                                                        \
      .upper = 28,                                                                       \
      .help = "tender joints of 28" },                                                   \
    {                                                                                    \
        .name = "sjc28", .param = "sjc28", .unit = "joints", .kind = STROMA_INPUT_COUNT, \
        .lower = 0, .upper = 28, .help = "swollen joints of 28"                          \
    }
#define ESR                                                                                   \
    {                                                                                         \
        .name = "esr_mm_h", .param = "esr_mm_h", .unit = "mm/h", .kind = STROMA_INPUT_NUMBER, \
        .lower = 0, .upper = 200, .help = "erythrocyte sedimentation rate, first hour"        \
    }
#define CRP                                                                                   \
    {                                                                                         \
        .name = "crp_mg_L", .param = "crp_mg_L", .unit = "mg/L", .kind = STROMA_INPUT_NUMBER, \
        .lower = 0, .upper = 600, .help = "C-reactive protein in mg/L (not mg/dL)"            \
    }
#define GH                                                                                  \
    {                                                                                       \
        .name = "gh_0_100", .param = "gh_0_100", .unit = "mm", .kind = STROMA_INPUT_NUMBER, \
        .lower = 0, .upper = 100, .help = "patient's global health, 0 to 100 mm (not cm)"   \
    }

static const stroma_score_input esr4_inputs[] = { JOINTS, ESR, GH };
static const stroma_score_input esr3_inputs[] = { JOINTS, ESR };
static const stroma_score_input crp4_inputs[] = { JOINTS, CRP, GH };
static const stroma_score_input crp3_inputs[] = { JOINTS, CRP };

static const stroma_score_band bands[] = { { "remission", 2.6, false },
                                           { "low", 3.2, true },
                                           { "moderate", 5.1, true },
                                           { "high", 0, false } };
enum { CUT_REMISSION, CUT_LOW, CUT_MODERATE };
static const stroma_score_setting settings[] = {
    { "cut_remission", 2.6, 0, 10, "remission is below this" },
    { "cut_low", 3.2, 0, 10, "low activity is up to this, inclusive" },
    { "cut_moderate", 5.1, 0, 10, "moderate activity is up to this, inclusive" },
};

static void finish(const stroma_score_call *c, stroma_score_result *out, double value)
{
    stroma_score_band cut[SCORE_COUNT_OF(bands)];
    for (size_t i = 0; i < SCORE_COUNT_OF(bands); i++)
        cut[i] = bands[i];
    cut[0].upper = c->settings[CUT_REMISSION];
    cut[1].upper = c->settings[CUT_LOW];
    cut[2].upper = c->settings[CUT_MODERATE];
    stroma_score_set_number(c, out, value);
    out->band = stroma_score_band_name(cut, SCORE_COUNT_OF(cut), value);
}

/* The four inputs stand in the same order in every variant: joints, acute phase, global health. */
static double joints(const stroma_score_call *c)
{
    return 0.56 * sqrt(stroma_score_number(c, 0)) + 0.28 * sqrt(stroma_score_number(c, 1));
}

/* The logarithm needs a positive rate; the Westergren scale starts at 1 mm. */
static double log_esr(const stroma_score_call *c, stroma_score_result *out)
{
    const double esr = stroma_score_number(c, 2);
    if (esr >= 1) return log(esr);
    stroma_score_flag(out, "esr_mm_h below 1 mm/h was taken as 1");
    return 0;
}

static double log_crp(const stroma_score_call *c)
{
    return log(stroma_score_number(c, 2) + 1);
}

static void compute_esr4(const stroma_score_call *c, stroma_score_result *out)
{
    finish(c, out, joints(c) + 0.70 * log_esr(c, out) + 0.014 * stroma_score_number(c, 3));
}

static void compute_esr3(const stroma_score_call *c, stroma_score_result *out)
{
    finish(c, out, (joints(c) + 0.70 * log_esr(c, out)) * 1.08 + 0.16);
}

static void compute_crp4(const stroma_score_call *c, stroma_score_result *out)
{
    finish(c, out, joints(c) + 0.36 * log_crp(c) + 0.014 * stroma_score_number(c, 3) + 0.96);
}

static void compute_crp3(const stroma_score_call *c, stroma_score_result *out)
{
    finish(c, out, (joints(c) + 0.36 * log_crp(c)) * 1.10 + 1.15);
}

#define MISSING "all components are needed; a missing one makes the score missing"
#define TRAP_ESR                                                                          \
    "an ESR below 1 mm/h has no useful logarithm: it is taken as 1 and flagged; ESR and " \
    "CRP forms are not interchangeable between visits"
#define TRAP_CRP                                                                           \
    "CRP is in mg/L (1 mg/dL is 10 mg/L); CRP forms read lower than ESR forms, and other " \
    "cut-offs exist (2.3/2.7/4.1 Inoue 2007, 2.4/2.9/4.6 Fleischmann 2015): use the settings"
#define SOURCE_ESR                                                                     \
    "Prevoo 1995 Arthritis Rheum 38:44; bands Fransen 2004 Rheumatology 43:1252, van " \
    "Gestel 1998 Arthritis Rheum 41:1845"
#define SOURCE_CRP "Wells 2009 Ann Rheum Dis 68:954; bands as for the ESR form"

const stroma_score stroma_score_das28_esr4 = {
    .id = "das28_esr4",
    .paramcd = "DAS28ESR",
    .label = "DAS28-ESR, 4 variables",
    .decimals = 2,
    .lower = 0,
    .upper = 9.6,
    SCORE_INPUTS(esr4_inputs),
    SCORE_BANDS(bands),
    SCORE_SETTINGS(settings),
    .formula = "0.56 sqrt(tjc28) + 0.28 sqrt(sjc28) + 0.70 ln(esr_mm_h) + 0.014 gh_0_100",
    .missing = MISSING,
    .traps = TRAP_ESR,
    .source = SOURCE_ESR,
    .example = "tjc28=4;sjc28=9;esr_mm_h=20;gh_0_100=50",
    .compute = compute_esr4,
};

const stroma_score stroma_score_das28_esr3 = {
    .id = "das28_esr3",
    .paramcd = "DAS28ES3",
    .label = "DAS28-ESR, 3 variables",
    .decimals = 2,
    .lower = 0,
    .upper = 9,
    SCORE_INPUTS(esr3_inputs),
    SCORE_BANDS(bands),
    SCORE_SETTINGS(settings),
    .formula = "(0.56 sqrt(tjc28) + 0.28 sqrt(sjc28) + 0.70 ln(esr_mm_h)) x 1.08 + 0.16",
    .missing = MISSING,
    .traps = TRAP_ESR,
    .source = SOURCE_ESR,
    .example = "tjc28=4;sjc28=9;esr_mm_h=20",
    .compute = compute_esr3,
};

const stroma_score stroma_score_das28_crp4 = {
    .id = "das28_crp4",
    .paramcd = "DAS28CRP",
    .label = "DAS28-CRP, 4 variables",
    .decimals = 2,
    .lower = 0.96,
    .upper = 9.2,
    SCORE_INPUTS(crp4_inputs),
    SCORE_BANDS(bands),
    SCORE_SETTINGS(settings),
    .formula =
        "0.56 sqrt(tjc28) + 0.28 sqrt(sjc28) + 0.36 ln(crp_mg_L + 1) + 0.014 gh_0_100 + 0.96",
    .missing = MISSING,
    .traps = TRAP_CRP,
    .source = SOURCE_CRP,
    .example = "tjc28=4;sjc28=9;crp_mg_L=10;gh_0_100=50",
    .compute = compute_crp4,
};

const stroma_score stroma_score_das28_crp3 = {
    .id = "das28_crp3",
    .paramcd = "DAS28CR3",
    .label = "DAS28-CRP, 3 variables",
    .decimals = 2,
    .lower = 1.15,
    .upper = 8.7,
    SCORE_INPUTS(crp3_inputs),
    SCORE_BANDS(bands),
    SCORE_SETTINGS(settings),
    .formula = "(0.56 sqrt(tjc28) + 0.28 sqrt(sjc28) + 0.36 ln(crp_mg_L + 1)) x 1.10 + 1.15",
    .missing = MISSING,
    .traps = TRAP_CRP,
    .source = SOURCE_CRP,
    .example = "tjc28=4;sjc28=9;crp_mg_L=10",
    .compute = compute_crp3,
};
