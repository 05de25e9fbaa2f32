/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums for Crohn's disease: Harvey-Bradshaw and the simple endoscopic score. */
#include "score_impl.h"

static const stroma_score_input hbi_inputs[] = {
    SCORE_IN(COUNT, "wellbeing", "hbi_wellbeing", NULL, 0, 4, "0 very well to 4 terrible"),
    SCORE_IN(COUNT, "pain", "hbi_pain", NULL, 0, 3, "abdominal pain, 0 none to 3 severe"),
    SCORE_IN(COUNT, "liquid_stools_day", "liquid_stools_day", "stools/day", 0, 60,
             "liquid stools per day"),
    SCORE_IN(COUNT, "mass_0_3", "mass_0_3", NULL, 0, 3,
             "abdominal mass: 0 none, 1 dubious, 2 definite, 3 definite and tender"),
    SCORE_IN(COUNT, "n_complications", "n_complications", NULL, 0, 8, "complications, of eight"),
};
static const stroma_score_band hbi_bands[] = { { "remission", 5, false },
                                               { "mild", 8, false },
                                               { "moderate", 16, true },
                                               { "severe", 0, false } };

static void compute_hbi(const stroma_score_call *c, stroma_score_result *out)
{
    double sum = 0;
    for (size_t i = 0; i < SCORE_COUNT_OF(hbi_inputs); i++)
        sum += stroma_score_number(c, i);
    stroma_score_set_number(c, out, sum);
}

const stroma_score stroma_score_hbi = {
    .id = "hbi",
    .paramcd = "HBI",
    .label = "Harvey-Bradshaw Index",
    .decimals = 0,
    .lower = 0,
    .upper = 78,
    SCORE_INPUTS(hbi_inputs),
    SCORE_BANDS(hbi_bands),
    .formula = "wellbeing + pain + liquid stools per day + mass + complications",
    .missing = "all components are needed; a missing one makes the score missing",
    .traps = "a drop of 3 is about 100 points of CDAI; the mass is coded 0-3, in CDAI 0, 2, 5",
    .source =
        "Harvey and Bradshaw 1980 Lancet 1:514; bands Vermeire 2010 Clin Gastroenterol Hepatol "
        "8:357",
    .example = "wellbeing=2;pain=2;liquid_stools_day=6;mass_0_3=1;n_complications=2",
    .compute = compute_hbi,
};

static const char *const ses_items[] = { "ulcer_size", "ulcerated", "affected", "narrowing" };
enum { SES_ITEMS = 4, SEGMENTS = 5 };
#define SEGMENT(name_)                                                                         \
    {                                                                                          \
        .name = #name_, .param = "ses_" #name_, .kind = STROMA_INPUT_LIST,                     \
        .need = STROMA_NEED_COLUMN, .lower = 0, .upper = 3, .items = ses_items,                \
        .items_len = SES_ITEMS, .items_prefix = "ses_" #name_ "_",                             \
        .help = "ulcer size|ulcerated surface|affected surface|narrowing, each 0-3; ||| is a " \
                "segment not explored"                                                         \
    }
static const stroma_score_input ses_inputs[SEGMENTS] = { SEGMENT(ileum), SEGMENT(right),
                                                         SEGMENT(transverse), SEGMENT(left),
                                                         SEGMENT(rectum) };
static const stroma_score_band ses_bands[] = {
    { "remission", 2, true }, { "mild", 6, true }, { "moderate", 15, true }, { "severe", 0, false }
};

/* Items of one segment; 0 answered means not explored. */
static size_t segment(const stroma_score_call *c, size_t i, double *sum)
{
    score_list list;
    size_t bad = 0;
    *sum = 0;
    if (!stroma_score_has(c, i) ||
        !stroma_score_list_parse(stroma_score_text(c, i), SES_ITEMS, &list, &bad))
        return 0;
    for (size_t k = 0; k < SES_ITEMS; k++)
        *sum += list.number[k];
    return list.answered_len;
}

static void compute_ses(const stroma_score_call *c, stroma_score_result *out)
{
    double total = 0;
    size_t explored = 0;
    for (size_t i = 0; i < SEGMENTS; i++) {
        double sum = 0;
        const size_t answered = segment(c, i, &sum);
        if (answered == 0) {
            stroma_score_flag(out, "%s was not explored and adds nothing", ses_inputs[i].name);
            continue;
        }
        if (answered < SES_ITEMS) {
            stroma_score_refuse(out, STROMA_NOT_ESTIMABLE, "%s has %zu of %d items",
                                ses_inputs[i].name, answered, (int)SES_ITEMS);
            return;
        }
        total += sum;
        explored++;
    }
    if (explored == 0)
        stroma_score_refuse(out, STROMA_MISSING, "no segment was explored");
    else
        stroma_score_set_number(c, out, total);
}

const stroma_score stroma_score_ses_cd = {
    .id = "ses_cd",
    .paramcd = "SESCD",
    .label = "Simple Endoscopic Score for Crohn's Disease",
    .decimals = 0,
    .lower = 0,
    .upper = 60,
    SCORE_INPUTS(ses_inputs),
    SCORE_BANDS(ses_bands),
    .formula =
        "sum over the explored segments of ulcer size + ulcerated surface + affected surface + "
        "narrowing",
    .missing =
        "a segment not explored adds nothing and is flagged; a segment with some of its items "
        "cannot be scored",
    .traps = "scores of visits with different explored segments do not compare",
    .source = "Daperno 2004 Gastrointest Endosc 60:505",
    .example = "ileum=2|1|2|0;right=1|1|1|0;transverse=0|0|0|0;left=0|0|1|0;rectum=0|0|0|0",
    .compute = compute_ses,
};
