/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Acute graft-versus-host disease: organ stages, and the overall grade by two named systems. */
#include "score_impl.h"

enum { SKIN, BULLAE, DESQUAMATION, BILIRUBIN, UPPER_GI, STOOL, SEVERE };
enum { OUT_SKIN, OUT_LIVER, OUT_UPPER, OUT_LOWER, OUT_MAGIC, OUT_PRZEPIORKA };

static const stroma_score_input inputs[] = {
    SCORE_IN(NUMBER, "skin_bsa_pct", "skin_bsa_pct", "%", 0, 100, "rash, % of body surface"),
    SCORE_IN(BOOL, "bullae", "bullae", NULL, 0, 1, "bullae"),
    SCORE_IN(NUMBER, "desquamation_pct", "desquamation_pct", "%", 0, 100,
             "desquamation, % of body surface"),
    SCORE_IN(NUMBER, "bilirubin_mg_dL", "bilirubin_mg_dL|bilirubin_umol_l", "mg/dL", 0, 80,
             "total bilirubin in mg/dL (1 mg/dL is 17.1 umol/L)"),
    SCORE_IN(BOOL, "upper_gi", "upper_gi", NULL, 0, 1, "persistent nausea, vomiting or anorexia"),
    SCORE_IN(NUMBER, "stool_ml_day", "stool_ml_day", "mL/day", 0, 10000,
             "stool volume of an adult"),
    SCORE_IN(BOOL, "severe_pain_ileus_blood", "severe_pain_ileus_blood", NULL, 0, 1,
             "severe abdominal pain, ileus or grossly bloody stool"),
};
static const stroma_score_output outputs[] = {
    { "skin", "agvhd_skin_stage", STROMA_SCORE_NUMBER, STROMA_ROLE_VISIT, "stage 0-4 (MAGIC)" },
    { "liver", "agvhd_liver_stage", STROMA_SCORE_NUMBER, STROMA_ROLE_VISIT, "stage 0-4" },
    { "upper_gi", "agvhd_upper_gi_stage", STROMA_SCORE_NUMBER, STROMA_ROLE_VISIT, "stage 0-1" },
    { "lower_gi", "agvhd_lower_gi_stage", STROMA_SCORE_NUMBER, STROMA_ROLE_VISIT, "stage 0-4" },
    { "magic", "agvhd_magic", STROMA_SCORE_WORD, STROMA_ROLE_VISIT, "grade 0-IV, MAGIC 2016" },
    { "glucksberg_przepiorka", "agvhd_przepiorka", STROMA_SCORE_WORD, STROMA_ROLE_VISIT,
      "grade 0-IV, Przepiorka 1995 (modified Glucksberg)" },
};

static const char *const grades[] = { "0", "I", "II", "III", "IV" };

static int skin_stage(double bsa)
{
    return bsa <= 0 ? 0 : bsa < 25 ? 1 : bsa <= 50 ? 2 : 3;
}

static int liver_stage(int64_t bilirubin_milli)
{
    if (bilirubin_milli < 2000) return 0;
    if (bilirubin_milli <= 3000) return 1;
    if (bilirubin_milli <= 6000) return 2;
    return bilirubin_milli <= 15000 ? 3 : 4;
}

static int lower_gi_stage(double ml, bool severe)
{
    if (severe) return 4;
    return ml < 500 ? 0 : ml < 1000 ? 1 : ml <= 1500 ? 2 : 3;
}

static int magic_grade(int skin, int liver, int upper, int lower)
{
    if (skin == 4 || liver == 4 || lower == 4) return 4;
    if (liver >= 2 || lower >= 2) return 3;
    if (skin == 3 || liver == 1 || upper == 1 || lower == 1) return 2;
    return skin > 0 ? 1 : 0;
}

/* Severe gut disease is grade III here, and persistent nausea counts as gut stage 1. */
static int przepiorka_grade(int skin, int liver, int upper, int lower)
{
    if (skin == 4 || liver == 4) return 4;
    if (liver >= 2 || lower >= 2) return 3;
    if (skin == 3 || liver == 1 || upper == 1 || lower == 1) return 2;
    return skin > 0 ? 1 : 0;
}

static void compute(const stroma_score_call *c, stroma_score_result *out)
{
    const double bsa = stroma_score_number(c, SKIN);
    const bool blistered = bsa > 50 && stroma_score_number(c, BULLAE) > 0;
    const int skin = skin_stage(bsa);
    const int skin_magic = blistered && stroma_score_number(c, DESQUAMATION) > 5 ? 4 : skin;
    const int skin_1995 = blistered ? 4 : skin;
    const int liver = liver_stage(stroma_score_milli(stroma_score_number(c, BILIRUBIN)));
    const int upper = stroma_score_number(c, UPPER_GI) > 0 ? 1 : 0;
    const int lower =
        lower_gi_stage(stroma_score_number(c, STOOL), stroma_score_number(c, SEVERE) > 0);
    const int magic = magic_grade(skin_magic, liver, upper, lower);
    const int przepiorka = przepiorka_grade(skin_1995, liver, upper, lower);
    out->state = STROMA_PRESENT;
    stroma_score_put_number(out, OUT_SKIN, skin_magic);
    stroma_score_put_number(out, OUT_LIVER, liver);
    stroma_score_put_number(out, OUT_UPPER, upper);
    stroma_score_put_number(out, OUT_LOWER, lower);
    stroma_score_put_word(out, OUT_MAGIC, grades[magic]);
    stroma_score_put_word(out, OUT_PRZEPIORKA, grades[przepiorka]);
    if (skin_magic != skin_1995)
        stroma_score_flag(out, "bullae without desquamation above 5%%: skin stage 3 in MAGIC, 4 in "
                               "Przepiorka 1995");
    if (magic != przepiorka)
        stroma_score_flag(out, "grade %s by MAGIC and %s by Przepiorka 1995: name the system",
                          grades[magic], grades[przepiorka]);
}

const stroma_score stroma_score_agvhd = {
    .id = "agvhd",
    .paramcd = "AGVHD",
    .label = "Acute GvHD stages and grades",
    .kind = STROMA_SCORE_OUTPUTS,
    SCORE_INPUTS(inputs),
    SCORE_OUTPUTS(outputs),
    .formula =
        "skin: <25, 25-50, >50% of surface, >50% with bullae and desquamation >5%; liver: "
        "bilirubin 2-3, >3-6, >6-15, >15 mg/dL; lower gut: 500-999, 1000-1500, >1500 mL/day, "
        "severe pain or blood; grade I: skin 1-2 only; II: skin 3, or any other organ 1; III: "
        "liver or gut 2-3; IV: any 4",
    .missing = "all components are needed; a missing one makes stages and grades missing",
    .traps =
        "lower gut stage 4 is grade IV in MAGIC and III in Przepiorka 1995; a grade without its "
        "system says little",
    .source =
        "Przepiorka 1995 Bone Marrow Transplant 15:825; Harris 2016 Biol Blood Marrow Transplant "
        "22:4",
    .example = "skin_bsa_pct=40;bullae=0;desquamation_pct=0;bilirubin_mg_dL=2;upper_gi=0;"
               "stool_ml_day=0;severe_pain_ileus_blood=0",
    .compute = compute,
};
