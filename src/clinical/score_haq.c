/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HAQ Disability Index from 20 items in 8 categories, with aids and help. */
#include "score_impl.h"

#include <string.h>

enum { CATEGORIES = 8, AIDS = CATEGORIES, NEEDED = 6, RAISED_TO = 2 };
enum { SETTING_AIDS };

static const char *const dressing[] = { "dress", "shampoo" };
static const char *const arising[] = { "stand_up", "get_in_bed" };
static const char *const eating[] = { "cut_meat", "lift_cup", "open_milk" };
static const char *const walking[] = { "walk_flat", "climb_steps" };
static const char *const hygiene[] = { "wash_dry", "take_bath", "toilet" };
static const char *const reach[] = { "reach_overhead", "bend_down" };
static const char *const grip[] = { "car_doors", "open_jars", "turn_taps" };
static const char *const activities[] = { "errands", "get_in_car", "chores" };
static const char *const categories[CATEGORIES] = { "dressing", "arising", "eating", "walking",
                                                    "hygiene",  "reach",   "grip",   "activities" };

#define CATEGORY(name_)                                                                          \
    {                                                                                            \
        .name = #name_, .param = "haq_" #name_, .kind = STROMA_INPUT_LIST,                       \
        .need = STROMA_NEED_COLUMN, .lower = 0, .upper = 3, .items = name_,                      \
        .items_len = SCORE_COUNT_OF(name_), .items_prefix = "haq_",                              \
        .help = "items of " #name_ ", each 0 without difficulty to 3 unable, an empty place is " \
                "unanswered"                                                                     \
    }
static const stroma_score_input inputs[] = {
    CATEGORY(dressing),
    CATEGORY(arising),
    CATEGORY(eating),
    CATEGORY(walking),
    CATEGORY(hygiene),
    CATEGORY(reach),
    CATEGORY(grip),
    CATEGORY(activities),
    { .name = "aids_or_help",
      .param = "haq_aids",
      .kind = STROMA_INPUT_SET,
      .need = STROMA_NEED_NONE,
      .items = categories,
      .items_len = CATEGORIES,
      .items_prefix = "haq_aid_",
      .help = "categories in which a device or another person helps, e.g. walking+arising" },
};
static const stroma_score_setting settings[] = {
    { "aids", 1, 0, 1,
      "1: aids or help raise a category to 2; 0: they are ignored (alternative HAQ)" },
};

/* Worst answered item, raised by an aid; false when nothing was answered. */
static bool category_score(const stroma_score_call *c, size_t category, bool aided, double *out)
{
    score_list list;
    size_t bad = 0;
    if (!stroma_score_has(c, category) ||
        !stroma_score_list_parse(stroma_score_text(c, category), inputs[category].items_len, &list,
                                 &bad) ||
        list.answered_len == 0)
        return false;
    *out = 0;
    for (size_t i = 0; i < inputs[category].items_len; i++)
        if (list.answered[i] && list.number[i] > *out) *out = list.number[i];
    if (aided && *out < RAISED_TO) *out = RAISED_TO;
    return true;
}

static void compute(const stroma_score_call *c, stroma_score_result *out)
{
    uint32_t aids = 0;
    const char *bad = NULL;
    size_t bad_len = 0;
    if (c->settings[SETTING_AIDS] < 1)
        stroma_score_flag(out, "aids and help are ignored (alternative HAQ-DI)");
    else if (!stroma_score_has(c, AIDS))
        stroma_score_flag(out, "aids_or_help is not given: no aid is assumed");
    else
        (void)stroma_score_set_parse(&inputs[AIDS], stroma_score_text(c, AIDS), &aids, &bad,
                                     &bad_len); /* checked before */
    double sum = 0;
    size_t answered = 0;
    for (size_t i = 0; i < CATEGORIES; i++) {
        double worst = 0;
        if (!category_score(c, i, (aids >> i & 1U) != 0, &worst)) continue;
        sum += worst;
        answered++;
    }
    if (answered < NEEDED) {
        stroma_score_refuse(out, STROMA_NOT_ESTIMABLE,
                            "%zu of %d categories answered, %d are needed", answered,
                            (int)CATEGORIES, (int)NEEDED);
        return;
    }
    if (answered < CATEGORIES)
        stroma_score_flag(out, "mean of %zu answered categories of %d", answered, (int)CATEGORIES);
    stroma_score_set_number(c, out, sum / (double)answered);
}

const stroma_score stroma_score_haq_di = {
    .id = "haq_di",
    .paramcd = "HAQDI",
    .label = "HAQ Disability Index",
    .decimals = 3,
    .lower = 0,
    .upper = 3,
    SCORE_INPUTS(inputs),
    SCORE_SETTINGS(settings),
    .formula =
        "mean over answered categories of the worst item, raised to 2 where an aid or help is "
        "used and the worst item is 0 or 1",
    .missing = "a category counts when at least one item is answered; fewer than 6 of 8 categories "
               "cannot be scored",
    .traps = "an aid raises 0 and 1 to 2 and leaves 2 and 3; two decimals in storage break the "
             "multiples of 1/8",
    .source =
        "Fries 1980 Arthritis Rheum 23:137; Bruce and Fries 2003 Health Qual Life Outcomes 1:20",
    .example =
        "dressing=1|0;arising=2|1;eating=0|1|0;walking=1|1;hygiene=0|2|1;reach=1|1;grip=0|0|1;"
        "activities=1|2|1;aids_or_help=walking+arising",
    .compute = compute,
};
