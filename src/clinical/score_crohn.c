/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Crohn's Disease Activity Index from the diary or its totals, and response by it. */
#include "score_impl.h"

enum {
    STOOLS,
    PAIN,
    WELLBEING,
    COMPLICATIONS,
    ANTIDIARRHOEAL,
    MASS,
    HCT,
    SEX,
    WEIGHT,
    STANDARD_WEIGHT,
    HEIGHT
};
enum { DAYS = 7 };
enum { SETTING_HCT_FLOOR, SETTING_WEIGHT_FLOOR, SETTING_DIARY_DAYS };

static const char *const sexes[] = { "F", "M", "female", "male" };
#define DIARY(name_, unit_, upper_, help_)                                                        \
    {                                                                                             \
        .name = (name_), .param = (name_), .unit = (unit_), .kind = STROMA_INPUT_SUM, .lower = 0, \
        .upper = (upper_), .items_len = DAYS, .help = (help_)                                     \
    }
static const stroma_score_input inputs[] = {
    DIARY("stools_7d", "stools", 420,
          "liquid or very soft stools: 7-day sum, or 7 days 3|2|3|4|3|3|3"),
    DIARY("pain_7d", NULL, 21, "abdominal pain 0-3: 7-day sum, or 7 days"),
    DIARY("wellbeing_7d", NULL, 28, "general well-being 0-4: 7-day sum, or 7 days"),
    SCORE_IN(
        COUNT, "n_complications", "n_complications", NULL, 0, 6,
        "of six: arthritis or arthralgia; iritis or uveitis; erythema nodosum, pyoderma or "
        "aphthous ulcers; anal fissure, fistula or abscess; other fistula; fever above 37.8 C"),
    SCORE_IN(BOOL, "antidiarrhoeal", "antidiarrhoeal", NULL, 0, 1,
             "1 when loperamide, diphenoxylate or opiates were taken for diarrhoea"),
    SCORE_IN(COUNT, "mass_0_2_5", "mass_0_2_5", NULL, 0, 5,
             "abdominal mass: 0 none, 2 questionable, 5 definite"),
    SCORE_IN(NUMBER, "hct_pct", "hct_pct", "%", 10, 70, "haematocrit in percent (not a fraction)"),
    { .name = "sex",
      .param = "sex",
      .kind = STROMA_INPUT_WORD,
      .items = sexes,
      .items_len = SCORE_COUNT_OF(sexes),
      .help = "F or M: typical haematocrit 42 or 47%" },
    SCORE_IN(NUMBER, "weight_kg", "weight_kg", "kg", 1, 400, "body weight"),
    SCORE_IN_AT(VISIT, NONE, NUMBER, "standard_weight_kg", "standard_weight_kg", "kg", 10, 200,
                "standard weight; without it height_m is needed"),
    SCORE_IN_AT(VISIT, NONE, NUMBER, "height_m", "height_m|height_cm", "m", 0.4, 2.5,
                "height, for the standard weight 22.1 h^2 (men) or 20.8 h^2 (women)"),
};
static const stroma_score_band bands[] = { { "remission", 150, false },
                                           { "mild", 220, false },
                                           { "moderate", 450, true },
                                           { "severe", 0, false } };
static const stroma_score_setting settings[] = {
    { "hct_floor", 0, 0, 1, "1: a haematocrit above typical gives 0; 0: it subtracts" },
    { "weight_floor", -10, -100, 0, "lowest value of the weight term" },
    { "diary_days", 7, 4, 7, "days of a diary that must be filled; fewer than 7 are scaled to 7" },
};

/* A 7-day sum: given as one, or from the days. */
static bool week(const stroma_score_call *c, size_t input, double *out, stroma_score_result *result)
{
    const char *text = stroma_score_text(c, input);
    const char *name = inputs[input].name;
    *out = stroma_score_number(c, input);
    if (text == NULL) return true;
    score_list list;
    size_t bad = 0;
    if (!stroma_score_list_parse(text, DAYS, &list, &bad)) return false; /* checked before */
    if ((double)list.answered_len < c->settings[SETTING_DIARY_DAYS]) {
        stroma_score_refuse(result, STROMA_NOT_ESTIMABLE, "%s has %zu of %d days, %d are needed",
                            name, list.answered_len, (int)DAYS,
                            (int)c->settings[SETTING_DIARY_DAYS]);
        return false;
    }
    double sum = 0;
    for (size_t i = 0; i < DAYS; i++)
        sum += list.number[i]; /* an unanswered day holds 0 */
    *out = sum * DAYS / (double)list.answered_len;
    if (list.answered_len < DAYS)
        stroma_score_flag(result, "%s: mean of %zu days, times 7", name, list.answered_len);
    return true;
}

static bool standard_weight(const stroma_score_call *c, bool male, double *out,
                            stroma_score_result *result)
{
    if (stroma_score_has(c, STANDARD_WEIGHT)) {
        *out = stroma_score_number(c, STANDARD_WEIGHT);
        return true;
    }
    if (!stroma_score_has(c, HEIGHT)) {
        stroma_score_refuse(result, STROMA_MISSING,
                            "standard_weight_kg is missing, and so is height_m");
        return false;
    }
    const double h = stroma_score_number(c, HEIGHT);
    *out = (male ? 22.1 : 20.8) * h * h;
    stroma_score_flag(result, "standard weight from height (Keys): %s h^2", male ? "22.1" : "20.8");
    return true;
}

static void compute(const stroma_score_call *c, stroma_score_result *out)
{
    const bool male = stroma_score_text(c, SEX)[0] == 'M' || stroma_score_text(c, SEX)[0] == 'm';
    const double mass = stroma_score_number(c, MASS);
    double stools = 0, pain = 0, wellbeing = 0, standard = 0;
    if (!week(c, STOOLS, &stools, out) || !week(c, PAIN, &pain, out) ||
        !week(c, WELLBEING, &wellbeing, out) || !standard_weight(c, male, &standard, out))
        return;
    if (mass != 0 && mass != 2 && mass != 5) {
        stroma_score_refuse(out, STROMA_NOT_ESTIMABLE, "mass_0_2_5 is %d, allowed 0, 2 or 5",
                            (int)mass);
        return;
    }
    double hct = 6 * ((male ? 47 : 42) - stroma_score_number(c, HCT));
    if (hct < 0 && c->settings[SETTING_HCT_FLOOR] >= 1) {
        hct = 0;
        stroma_score_flag(out, "haematocrit above typical: its term is held at 0");
    }
    double weight = 100 * (standard - stroma_score_number(c, WEIGHT)) / standard;
    if (weight < c->settings[SETTING_WEIGHT_FLOOR]) {
        weight = c->settings[SETTING_WEIGHT_FLOOR];
        stroma_score_flag(out, "the weight term is held at its floor");
    }
    const double terms[] = { 2 * stools,
                             5 * pain,
                             7 * wellbeing,
                             20 * stroma_score_number(c, COMPLICATIONS),
                             30 * stroma_score_number(c, ANTIDIARRHOEAL),
                             10 * mass,
                             hct,
                             weight };
    stroma_score_set_number(c, out, stroma_score_decimal_sum(terms, SCORE_COUNT_OF(terms)));
}

const stroma_score stroma_score_cdai_crohn = {
    .id = "cdai_crohn",
    .paramcd = "CDAICD",
    .label = "Crohn's Disease Activity Index",
    .decimals = 0,
    .lower = -150,
    .upper = 1100,
    SCORE_INPUTS(inputs),
    SCORE_BANDS(bands),
    SCORE_SETTINGS(settings),
    .formula =
        "2 stools + 5 pain + 7 wellbeing (7-day sums) + 20 complications + 30 antidiarrhoeal + "
        "10 mass + 6 (47 or 42 - hct_pct) + 100 (1 - weight/standard weight, not below -0.10)",
    .missing = "all components are needed; a diary needs its 7 days (setting diary_days)",
    .traps = "not the RA index of the same name; haematocrit is in percent; its term is algebraic "
             "(setting hct_floor); a patient who needs steroids to stay well is steroid dependent, "
             "not in remission",
    .source = "Best 1976 Gastroenterology 70:439; Best 1979 Gastroenterology 77:843",
    .example =
        "stools_7d=3|3|3|3|3|3|3;pain_7d=7;wellbeing_7d=7;n_complications=1;antidiarrhoeal=0;"
        "mass_0_2_5=0;hct_pct=40;sex=F;weight_kg=60;standard_weight_kg=60",
    .compute = compute,
};

enum { BASELINE, FOLLOWUP };
enum { SETTING_STRICT };
enum { OUT_70, OUT_100, OUT_REMISSION };
static const stroma_score_input response_inputs[] = {
    SCORE_IN_AT(BASELINE, VALUE, NUMBER, "baseline", "cdai_crohn", NULL, -200, 1200,
                "CDAI (Crohn) at baseline"),
    SCORE_IN_AT(FOLLOWUP, VALUE, NUMBER, "followup", "cdai_crohn", NULL, -200, 1200,
                "CDAI (Crohn) now"),
};
static const stroma_score_output response_outputs[] = {
    { "resp70", "cdai_crohn_resp70", STROMA_SCORE_BOOL, STROMA_ROLE_FOLLOWUP,
      "drop of at least 70" },
    { "resp100", "cdai_crohn_resp100", STROMA_SCORE_BOOL, STROMA_ROLE_FOLLOWUP,
      "drop of at least 100" },
    { "remission", "cdai_crohn_remission", STROMA_SCORE_BOOL, STROMA_ROLE_FOLLOWUP,
      "follow-up below 150" },
};
static const stroma_score_setting response_settings[] = {
    { "strict", 0, 0, 1, "1: the drop must exceed 70 or 100; 0: equal is enough" },
};

static void compute_response(const stroma_score_call *c, stroma_score_result *out)
{
    const int64_t now = stroma_score_milli(stroma_score_number(c, FOLLOWUP));
    const int64_t drop = stroma_score_milli(stroma_score_number(c, BASELINE)) - now;
    const int64_t beyond = c->settings[SETTING_STRICT] >= 1 ? 1 : 0;
    out->state = STROMA_PRESENT;
    stroma_score_put_number(out, OUT_70, drop >= 70000 + beyond);
    stroma_score_put_number(out, OUT_100, drop >= 100000 + beyond);
    stroma_score_put_number(out, OUT_REMISSION, now < 150000);
    if (beyond > 0) stroma_score_flag(out, "strict: a drop of exactly 70 or 100 is no response");
}

const stroma_score stroma_score_cdai_crohn_response = {
    .id = "cdai_crohn_response",
    .paramcd = "CDAICDR",
    .label = "Crohn's response by CDAI",
    .kind = STROMA_SCORE_OUTPUTS,
    SCORE_INPUTS(response_inputs),
    SCORE_OUTPUTS(response_outputs),
    SCORE_SETTINGS(response_settings),
    .formula = "resp70: drop >= 70; resp100: drop >= 100; remission: followup < 150",
    .missing = "both values are needed; a missing one makes all results missing",
    .traps = "CR-70, CR-100 and remission are three endpoints: one can hold without another; some "
             "papers write > 70 (setting strict)",
    .source = "Best 1979 Gastroenterology 77:843",
    .example = "baseline=270;followup=215",
    .compute = compute_response,
};
