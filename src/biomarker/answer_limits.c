/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the design does not allow to conclude about a marker, by rule. */
#include "answer.h"

#include <math.h>
#include <string.h>

/* Treated patients alone cannot tell who gains from the treatment (audit A7). */
static stroma_status without_control(answer *a, stroma_error *err)
{
    const stroma_study_biomarker *q = a->q;
    if (strcmp(q->question, "predictive") == 0 || strcmp(q->question, "pharmacodynamic") == 0)
        return STROMA_OK;
    const char *why = q->treated == NULL
                          ? "the marker is looked at in one arm only. Those with it may do better "
                            "with any treatment or none; telling that apart needs the same marker "
                            "in a control arm and its interaction with treatment (audit A7)."
                          : "the arms are taken together. Those with the marker may do better with "
                            "either treatment; its interaction with treatment is not tested here "
                            "(audit A7).";
    return answer_text(a, "cannot_conclude",
                       "Whether the marker tells who gains from the treatment",
                       stroma_arena_printf(a->out->arena, "%s: %s", q->label, why), err);
}

/* A marker at a landmark after treatment selects nobody for treatment (audit A5). */
static stroma_status after_treatment(answer *a, stroma_error *err)
{
    const stroma_study_biomarker *q = a->q;
    const bool late = q->landmark_day != STROMA_STUDY_DAY_UNKNOWN && q->landmark_day > 0;
    if (!late || strcmp(q->question, "early_response") != 0) return STROMA_OK;
    return answer_text(
        a, "cannot_conclude", "Whom to treat",
        stroma_arena_printf(a->out->arena,
                            "%s: what is known at %s is known after treatment. It may tell early "
                            "how a treated patient will do; it cannot select patients beforehand "
                            "(audit A5).",
                            q->label, q->landmark_label),
        err);
}

/* What so many looks give when nothing is there (audit A9): 1 - 0.95^k for independent ones. */
static stroma_status by_chance(answer *a, stroma_error *err)
{
    size_t family = 0;
    for (size_t i = 0; i < a->out->candidates.len; i++)
        family += !isnan(a->out->candidates.items[i].p_max_t);
    const size_t looks = a->q->looks > 0 ? a->q->looks : family;
    if (looks < 2) return STROMA_OK;
    return answer_text(
        a, "note", "How much chance alone gives",
        stroma_arena_printf(a->out->arena,
                            "%zu looks, each at p < 0.05, show at least one by chance in %s of "
                            "studies in which nothing is there, less where the looks go "
                            "together (audit A9)%s.",
                            looks, answer_percent(a, 1 - pow(0.95, (double)looks)),
                            a->q->looks > 0 ? "" : "; the adjusted p-values allow for it"),
        err);
}

stroma_status answer_limits(answer *a, stroma_error *err)
{
    STROMA_TRY(by_chance(a, err));
    STROMA_TRY(without_control(a, err));
    return after_treatment(a, err);
}
