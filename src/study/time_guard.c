/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time guard (DESIGN.md §3): a comparison is circular when its groups were made from what they
 * compare, or from an outcome that the compared values run into. Audits A5, A11; research §3.2:
 * Kriegeskorte 2009 Nat Neurosci 12:535; Anderson, Cain & Gelber 1983 JCO 1:710; Dafni 2011. */
#include "analysis.h"

#include <string.h>

/* A parameter behind the groups that also stands behind @p param, or STUDY_NONE. */
static stroma_status shared_ancestor(study *s, const study_grouping *g, int32_t param,
                                     int32_t *shared, stroma_error *err)
{
    *shared = STUDY_NONE;
    bool *marked = stroma_alloc_array(s->params.len, sizeof *marked);
    if (marked == NULL) return stroma_no_memory(err);
    const stroma_status st = study_ancestors(s, param, marked, err);
    for (size_t p = 0; st == STROMA_OK && p < s->params.len && *shared == STUDY_NONE; p++)
        if (marked[p] && g->ancestors[p]) *shared = (int32_t)p;
    stroma_free(marked);
    return st;
}

/* ESR and CRP rise together: groups made from one separate the other. */
static int32_t acute_phase_companion(const study *s, const study_grouping *g, int32_t param)
{
    if (strcmp(s->params.items[param].category, "acute_phase") != 0) return STUDY_NONE;
    for (size_t p = 0; p < s->params.len; p++)
        if (g->ancestors[p] && strcmp(s->params.items[p].category, "acute_phase") == 0)
            return (int32_t)p;
    return STUDY_NONE;
}

static bool from_an_outcome(const study *s, const study_grouping *g)
{
    const char *category = s->params.items[g->origin].category;
    return strcmp(category, "response") == 0 || strcmp(category, "score") == 0;
}

/* What is wrong with the window, as a format of landmark and visit; NULL when nothing is. */
static stroma_status window_reason(const analysis *a, const study_grouping *g, int32_t visit,
                                   const char **reason, stroma_error *err)
{
    study *s = a->s;
    const int32_t baseline = study_baseline_visit(s);
    if (visit == STUDY_NONE || g->landmark == STUDY_NONE || visit <= baseline) return STROMA_OK;
    if (g->landmark <= baseline) return STROMA_OK; /* known before treatment: subgroups */
    const char *landmark = s->visits.items[g->landmark].label, *here = s->visits.items[visit].label;
    if (from_an_outcome(s, g)) {
        if (a->predictor && visit < g->landmark) return STROMA_OK;
        *reason =
            visit > g->landmark
                ? stroma_arena_printf(&s->arena,
                                      "the groups are the outcome at %s; what they show later, at "
                                      "%s, follows from how they were chosen and is no effect of "
                                      "treatment",
                                      landmark, here)
                : stroma_arena_printf(&s->arena,
                                      "the groups are the outcome at %s; values at %s were "
                                      "measured after treatment began and run into it",
                                      landmark, here);
    } else if (a->predictor && visit >= g->landmark) {
        *reason = stroma_arena_printf(&s->arena,
                                      "offered as a predictor, but its window reaches to %s and "
                                      "the groups are formed at %s",
                                      here, landmark);
    } else if (a->predictor || visit > g->landmark) {
        return STROMA_OK; /* a landmark analysis: groups first, outcome later */
    } else {
        *reason = stroma_arena_printf(&s->arena,
                                      "the groups were formed from data up to %s, and %s lies "
                                      "within them",
                                      landmark, here);
    }
    return *reason == NULL ? stroma_no_memory(err) : STROMA_OK;
}

stroma_status time_guard(const analysis *a, int32_t grouping, int32_t param, int32_t visit,
                         const char **reason, stroma_error *err)
{
    study *s = a->s;
    const study_grouping *g = &s->groupings.items[grouping];
    *reason = NULL;
    if (g->origin == STUDY_NONE || param == STUDY_NONE) return STROMA_OK;
    int32_t shared = STUDY_NONE;
    STROMA_TRY(shared_ancestor(s, g, param, &shared, err));
    const int32_t companion = acute_phase_companion(s, g, param);
    if (shared == STUDY_NONE && companion == STUDY_NONE)
        return window_reason(a, g, visit, reason, err);
    *reason = shared != STUDY_NONE
                  ? stroma_arena_printf(&s->arena,
                                        "the groups were made from %s, which stands "
                                        "behind what is compared",
                                        s->params.items[shared].label)
                  : stroma_arena_printf(&s->arena,
                                        "the groups were made from %s, the acute-phase "
                                        "companion of what is compared",
                                        s->params.items[companion].label);
    return *reason == NULL ? stroma_no_memory(err) : STROMA_OK;
}
