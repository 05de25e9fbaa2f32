/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums without logarithms for rheumatoid arthritis: SDAI, CDAI (RA), Boolean remission. */
#include "score_impl.h"

#define COUNTS                                                                 \
    SCORE_IN(COUNT, "tjc28", "tjc28", "joints", 0, 28, "tender joints of 28"), \
        SCORE_IN(COUNT, "sjc28", "sjc28", "joints", 0, 28, "swollen joints of 28")
#define GLOBALS                                                            \
    SCORE_IN(NUMBER, "ptga_0_10", "ptga_0_10|gh_0_100", "cm", 0, 10,       \
             "patient's global assessment, 0 to 10 cm (not mm)"),          \
        SCORE_IN(NUMBER, "phga_0_10", "phga_0_10|phga_0_100", "cm", 0, 10, \
                 "physician's global assessment, 0 to 10 cm (not mm)")
#define CRP_MG_DL                                                       \
    SCORE_IN(NUMBER, "crp_mg_dL", "crp_mg_dL|crp_mg_L", "mg/dL", 0, 60, \
             "C-reactive protein in mg/dL (not mg/L)")

static const stroma_score_input sdai_inputs[] = { COUNTS, GLOBALS, CRP_MG_DL };
static const stroma_score_input cdai_inputs[] = { COUNTS, GLOBALS };
static const stroma_score_band sdai_bands[] = {
    { "remission", 3.3, true }, { "low", 11, true }, { "moderate", 26, true }, { "high", 0, false }
};
static const stroma_score_band cdai_bands[] = {
    { "remission", 2.8, true }, { "low", 10, true }, { "moderate", 22, true }, { "high", 0, false }
};

static void compute_sum(const stroma_score_call *c, stroma_score_result *out)
{
    double terms[STROMA_SCORE_INPUTS_MAX];
    for (size_t i = 0; i < c->score->inputs_len; i++)
        terms[i] = stroma_score_number(c, i);
    stroma_score_set_number(c, out, stroma_score_decimal_sum(terms, c->score->inputs_len));
}

const stroma_score stroma_score_sdai = {
    .id = "sdai",
    .paramcd = "SDAI",
    .label = "Simplified Disease Activity Index",
    .decimals = 1,
    .lower = 0,
    .upper = 136,
    SCORE_INPUTS(sdai_inputs),
    SCORE_BANDS(sdai_bands),
    .formula = "tjc28 + sjc28 + ptga_0_10 + phga_0_10 + crp_mg_dL",
    .missing = "all components are needed; a missing one makes the score missing",
    .traps = "CRP is in mg/dL here but in mg/L in DAS28-CRP; globals are 0-10 cm, not 0-100 mm",
    .source = "Smolen 2003 Rheumatology 42:244; bands Aletaha 2012 Ann Rheum Dis 71:1190",
    .example = "tjc28=4;sjc28=2;ptga_0_10=5.5;phga_0_10=3;crp_mg_dL=1.2",
    .compute = compute_sum,
};

const stroma_score stroma_score_cdai_ra = {
    .id = "cdai_ra",
    .paramcd = "CDAIRA",
    .label = "Clinical Disease Activity Index (RA)",
    .decimals = 1,
    .lower = 0,
    .upper = 76,
    SCORE_INPUTS(cdai_inputs),
    SCORE_BANDS(cdai_bands),
    .formula = "tjc28 + sjc28 + ptga_0_10 + phga_0_10",
    .missing = "all components are needed; a missing one makes the score missing",
    .traps = "not Crohn's CDAI: the two share a name and nothing else; globals are 0-10 cm",
    .source = "Aletaha 2005 Arthritis Res Ther 7:R796",
    .example = "tjc28=4;sjc28=2;ptga_0_10=5.5;phga_0_10=3",
    .compute = compute_sum,
};

enum { B_TENDER, B_SWOLLEN, B_CRP, B_PATIENT };
static const stroma_score_input boolean_inputs[] = {
    COUNTS,
    CRP_MG_DL,
    SCORE_IN(NUMBER, "ptga_0_10", "ptga_0_10|gh_0_100", "cm", 0, 10,
             "patient's global assessment, 0 to 10 cm (not mm)"),
};

static void compute_boolean(const stroma_score_call *c, stroma_score_result *out, int64_t global)
{
    stroma_score_set_bool(out, stroma_score_number(c, B_TENDER) <= 1 &&
                                   stroma_score_number(c, B_SWOLLEN) <= 1 &&
                                   stroma_score_milli(stroma_score_number(c, B_CRP)) <= 1000 &&
                                   stroma_score_milli(stroma_score_number(c, B_PATIENT)) <= global);
}

static void compute_boolean_1(const stroma_score_call *c, stroma_score_result *out)
{
    compute_boolean(c, out, 1000);
}

static void compute_boolean_2(const stroma_score_call *c, stroma_score_result *out)
{
    compute_boolean(c, out, 2000);
}

const stroma_score stroma_score_acr_eular_boolean_1_0 = {
    .id = "acr_eular_boolean_1.0",
    .paramcd = "BOOLREM1",
    .label = "ACR/EULAR Boolean remission 1.0",
    .kind = STROMA_SCORE_BOOL,
    SCORE_INPUTS(boolean_inputs),
    .formula = "tjc28 <= 1 and sjc28 <= 1 and crp_mg_dL <= 1 and ptga_0_10 <= 1",
    .missing = "all components are needed; a missing one makes the result missing",
    .traps = "CRP is in mg/dL; the patient's global of 1 is of 10 cm",
    .source = "Felson 2011 Ann Rheum Dis 70:404",
    .example = "tjc28=1;sjc28=1;crp_mg_dL=1;ptga_0_10=1",
    .compute = compute_boolean_1,
};

const stroma_score stroma_score_acr_eular_boolean_2_0 = {
    .id = "acr_eular_boolean_2.0",
    .paramcd = "BOOLREM2",
    .label = "ACR/EULAR Boolean remission 2.0",
    .kind = STROMA_SCORE_BOOL,
    SCORE_INPUTS(boolean_inputs),
    .formula = "tjc28 <= 1 and sjc28 <= 1 and crp_mg_dL <= 1 and ptga_0_10 <= 2",
    .missing = "all components are needed; a missing one makes the result missing",
    .traps = "CRP is in mg/dL; the patient's global of 2 is of 10 cm",
    .source = "Studenic 2023 Ann Rheum Dis 82:74",
    .example = "tjc28=1;sjc28=1;crp_mg_dL=1;ptga_0_10=1.5",
    .compute = compute_boolean_2,
};
