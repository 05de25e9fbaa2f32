/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lupus: SLEDAI-2K from its 24 weighted descriptors, and SRI-4. */
#include "score_impl.h"

static const char *const descriptors[] = {
    "seizure",      "psychosis",        "obs",
    "visual",       "cranial_nerve",    "lupus_headache",
    "cva",          "vasculitis",       "arthritis",
    "myositis",     "urinary_casts",    "haematuria",
    "proteinuria",  "pyuria",           "rash",
    "alopecia",     "mucosal_ulcers",   "pleurisy",
    "pericarditis", "low_complement",   "dna_binding",
    "fever",        "thrombocytopenia", "leukopenia",
};
/* Eight of 8, six of 4, seven of 2, three of 1, in the order above. */
static const uint8_t weights[SCORE_COUNT_OF(descriptors)] = { 8, 8, 8, 8, 8, 8, 8, 8, 4, 4, 4, 4,
                                                              4, 4, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1 };
static const stroma_score_input sledai_inputs[] = {
    { .name = "present",
      .param = "sledai_present",
      .kind = STROMA_INPUT_SET,
      .items = descriptors,
      .items_len = SCORE_COUNT_OF(descriptors),
      .items_prefix = "sledai_",
      .help = "descriptors present, e.g. arthritis+rash; empty when none" },
};

static void compute_sledai(const stroma_score_call *c, stroma_score_result *out)
{
    uint32_t present = 0;
    const char *bad = NULL;
    size_t bad_len = 0;
    unsigned sum = 0;
    (void)stroma_score_set_parse(&sledai_inputs[0], stroma_score_text(c, 0), &present, &bad,
                                 &bad_len); /* checked before */
    for (size_t i = 0; i < SCORE_COUNT_OF(descriptors); i++)
        if (present >> i & 1U) sum += weights[i];
    stroma_score_set_number(c, out, sum);
}

const stroma_score stroma_score_sledai_2k = {
    .id = "sledai_2k",
    .paramcd = "SLEDAI2K",
    .label = "SLEDAI-2K",
    .lower = 0,
    .upper = 105,
    SCORE_INPUTS(sledai_inputs),
    .formula =
        "8 each for seizure, psychosis, obs, visual, cranial_nerve, lupus_headache, cva, "
        "vasculitis; 4 each for arthritis, myositis, urinary_casts, haematuria, proteinuria, "
        "pyuria; 2 each for rash, alopecia, mucosal_ulcers, pleurisy, pericarditis, "
        "low_complement, dna_binding; 1 each for fever, thrombocytopenia, leukopenia",
    .missing = "an empty list is no descriptor present (0); a missing assessment is missing",
    .traps =
        "obs is organic brain syndrome; in the 2K version persistent rash, alopecia, ulcers and "
        "proteinuria count",
    .source = "Gladman 2002 J Rheumatol 29:288",
    .example = "present=arthritis+rash+low_complement+dna_binding",
    .compute = compute_sledai,
};

enum { SLEDAI_0, SLEDAI_1, NEW_A, NEW_B, PGA_0, PGA_1 };
static const stroma_score_input sri_inputs[] = {
    SCORE_IN_AT(BASELINE, VALUE, COUNT, "sledai_0", "sledai_2k", NULL, 0, 105,
                "SLEDAI at baseline"),
    SCORE_IN_AT(FOLLOWUP, VALUE, COUNT, "sledai_1", "sledai_2k", NULL, 0, 105, "SLEDAI now"),
    SCORE_IN_AT(FOLLOWUP, VALUE, COUNT, "new_bilag_A", "bilag_new_a", NULL, 0, 9,
                "new BILAG A domain scores since baseline"),
    SCORE_IN_AT(FOLLOWUP, VALUE, COUNT, "new_bilag_B", "bilag_new_b", NULL, 0, 9,
                "new BILAG B domain scores since baseline"),
    SCORE_IN_AT(BASELINE, VALUE, NUMBER, "pga_0", "pga_0_3", NULL, 0, 3,
                "physician's global at baseline, 0 to 3"),
    SCORE_IN_AT(FOLLOWUP, VALUE, NUMBER, "pga_1", "pga_0_3", NULL, 0, 3,
                "physician's global now, 0 to 3"),
};

static void compute_sri(const stroma_score_call *c, stroma_score_result *out)
{
    const int64_t rise = stroma_score_milli(stroma_score_number(c, PGA_1)) -
                         stroma_score_milli(stroma_score_number(c, PGA_0));
    stroma_score_set_bool(
        out, stroma_score_number(c, SLEDAI_0) - stroma_score_number(c, SLEDAI_1) >= 4 &&
                 stroma_score_number(c, NEW_A) < 1 && stroma_score_number(c, NEW_B) <= 1 &&
                 rise < 300);
}

const stroma_score stroma_score_sri4 = {
    .id = "sri4",
    .paramcd = "SRI4",
    .label = "SLE Responder Index 4",
    .kind = STROMA_SCORE_BOOL,
    SCORE_INPUTS(sri_inputs),
    .formula = "SLEDAI drops by >= 4, no new BILAG A, at most one new BILAG B, and the physician's "
               "global rises by less than 0.3 of 3",
    .missing = "all components are needed; a missing one makes the result missing",
    .traps =
        "a rise of exactly 0.3 is worsening: 1.8 - 1.5 is decided on decimals; the global is 0-3",
    .source = "Furie 2009 Arthritis Rheum 61:1143",
    .example = "sledai_0=10;sledai_1=6;new_bilag_A=0;new_bilag_B=1;pga_0=1.5;pga_1=1.7",
    .compute = compute_sri,
};
