/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/parameter.h"

#include "parameter_impl.h"
#include "score_impl.h"

#include <string.h>
#include <strings.h>

/* Names that say too little. What they could mean stands in the hint. */
static const struct {
    const char *name, *message, *hint;
} ambiguous[] = {
    { "cdai",
      "\"cdai\" names two indices: Crohn's Disease Activity Index and, in rheumatoid arthritis, "
      "Clinical Disease Activity Index",
      "write cdai_crohn or cdai_ra" },
    { "das28", "\"das28\" names four scores that are not interchangeable",
      "write das28_esr4, das28_esr3, das28_crp4 or das28_crp3" },
    { "das28_esr", "\"das28_esr\" does not say how many variables",
      "write das28_esr4 or das28_esr3" },
    { "das28_crp", "\"das28_crp\" does not say how many variables",
      "write das28_crp4 or das28_crp3" },
    { "crp", "\"crp\" does not say its unit", "write crp_mg_L or crp_mg_dL" },
    { "gh_vas", "\"gh_vas\" does not say its scale", "write gh_0_100 (mm) or gh_0_10 (cm)" },
    { "gh", "\"gh\" does not say its scale", "write gh_0_100 (mm) or gh_0_10 (cm)" },
    { "ptga", "\"ptga\" does not say its scale", "write ptga_0_10 (cm) or gh_0_100 (mm)" },
    { "phga", "\"phga\" does not say its scale", "write phga_0_10 (cm) or phga_0_100 (mm)" },
    { "pga", "\"pga\" is the patient's global to some and the physician's to others",
      "write ptga_0_10, phga_0_10, mayo_pga or pga_0_3" },
    { "pain", "\"pain\" names three things", "write pain_0_100 (mm), hbi_pain (0-3) or pain_7d" },
    { "wellbeing", "\"wellbeing\" names two things", "write hbi_wellbeing (0-4) or wellbeing_7d" },
    { "mass", "\"mass\" does not say its coding", "write mass_0_2_5 (CDAI) or mass_0_3 (HBI)" },
    { "tjc", "\"tjc\" does not say of how many joints", "write tjc28 or tjc68" },
    { "sjc", "\"sjc\" does not say of how many joints", "write sjc28 or sjc66" },
    { "hemoglobin", "\"hemoglobin\" does not say its unit",
      "write hemoglobin_g_l or hemoglobin_g_dl" },
    { "hb", "\"hb\" does not say its unit", "write hemoglobin_g_l or hemoglobin_g_dl" },
    { "bilirubin", "\"bilirubin\" does not say its unit",
      "write bilirubin_mg_dL or bilirubin_umol_l" },
    { "height", "\"height\" does not say its unit", "write height_m or height_cm" },
    { "mayo_score", "\"mayo_score\" does not say whether endoscopy is in it",
      "write mayo_full or mayo_partial" },
};

static size_t find_ambiguous(const char *name)
{
    for (size_t i = 0; i < SCORE_COUNT_OF(ambiguous); i++)
        if (strcasecmp(ambiguous[i].name, name) == 0) return i;
    return SIZE_MAX;
}

const stroma_parameter *stroma_parameter_table(size_t *n)
{
    *n = stroma_parameter_rows_len;
    return stroma_parameter_rows;
}

const stroma_parameter *stroma_parameter_find_id(const char *id)
{
    for (size_t i = 0; i < stroma_parameter_rows_len; i++)
        if (strcasecmp(stroma_parameter_rows[i].id, id) == 0) return &stroma_parameter_rows[i];
    return NULL;
}

const stroma_parameter *stroma_parameter_find_paramcd(const char *paramcd)
{
    for (size_t i = 0; i < stroma_parameter_rows_len; i++)
        if (strcasecmp(stroma_parameter_rows[i].paramcd, paramcd) == 0)
            return &stroma_parameter_rows[i];
    return NULL;
}

const stroma_parameter *stroma_parameter_find_label(const char *label)
{
    for (size_t i = 0; i < stroma_parameter_rows_len; i++)
        if (strcasecmp(stroma_parameter_rows[i].label, label) == 0)
            return &stroma_parameter_rows[i];
    return NULL;
}

static bool has_alias(const char *aliases, const char *name)
{
    const size_t n = strlen(name);
    for (const char *p = aliases; p != NULL && *p != '\0';) {
        const size_t word = strcspn(p, " ");
        if (word == n && strncasecmp(p, name, n) == 0) return true;
        p += word + (p[word] == ' ');
    }
    return false;
}

const stroma_parameter *stroma_parameter_find(const char *name)
{
    if (*name == '\0' || find_ambiguous(name) != SIZE_MAX) return NULL;
    const stroma_parameter *p = stroma_parameter_find_id(name);
    if (p == NULL) p = stroma_parameter_find_paramcd(name);
    if (p != NULL) return p;
    for (size_t i = 0; i < stroma_parameter_rows_len; i++)
        if (has_alias(stroma_parameter_rows[i].aliases, name)) return &stroma_parameter_rows[i];
    return stroma_parameter_find_label(name);
}

stroma_status stroma_parameter_get(const char *name, const stroma_parameter **out,
                                   stroma_error *err)
{
    *out = stroma_parameter_find(name);
    if (*out != NULL) return STROMA_OK;
    const size_t a = find_ambiguous(name);
    if (a != SIZE_MAX) {
        const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "%s", ambiguous[a].message);
        stroma_hint(err, "%s", ambiguous[a].hint);
        return s;
    }
    const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "no parameter \"%.60s\"", name);
    score_nearest best = { .len = 0 };
    for (size_t i = 0; i < stroma_parameter_rows_len; i++)
        stroma_score_nearest_offer(&best, name, stroma_parameter_rows[i].id);
    stroma_score_nearest_hint(&best, "`stroma score parameters` shows all parameters", err);
    return s;
}

const char *stroma_parameter_category_name(stroma_parameter_category c)
{
    static const char *const names[] = {
        [STROMA_CATEGORY_SCORE] = "score",
        [STROMA_CATEGORY_RESPONSE] = "response",
        [STROMA_CATEGORY_ITEM] = "item",
        [STROMA_CATEGORY_JOINT] = "joint",
        [STROMA_CATEGORY_ACUTE_PHASE] = "acute_phase",
        [STROMA_CATEGORY_GLOBAL] = "global",
        [STROMA_CATEGORY_CYTOKINE] = "cytokine",
        [STROMA_CATEGORY_CELL] = "cell",
        [STROMA_CATEGORY_SEROLOGY] = "serology",
        [STROMA_CATEGORY_LAB] = "lab",
        [STROMA_CATEGORY_DOSE] = "dose",
        [STROMA_CATEGORY_DEMOGRAPHIC] = "demographic",
        [STROMA_CATEGORY_VITAL] = "vital",
        [STROMA_CATEGORY_OTHER] = "other",
    };
    return (size_t)c < SCORE_COUNT_OF(names) ? names[c] : "other";
}
