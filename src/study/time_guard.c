/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time guard (DESIGN.md §3): a comparison is circular when its groups were made from what they
 * compare, or from an outcome that the compared values run into. Audits A5, A11; research §3.2:
 * Kriegeskorte 2009 Nat Neurosci 12:535; Anderson, Cain & Gelber 1983 JCO 1:710; Dafni 2011. */
#include "analysis.h"

#include <string.h>

/* A parameter behind the groups that also stands behind @p param, or STUDY_NONE. */
static int32_t shared_ancestor(const study *s, const study_grouping *g, int32_t param, bool *marked)
{
    memset(marked, 0, s->params.len * sizeof *marked);
    if (study_ancestors(s, param, marked, NULL) != STROMA_OK) return STUDY_NONE;
    for (size_t p = 0; p < s->params.len; p++)
        if (marked[p] && g->ancestors[p]) return (int32_t)p;
    return STUDY_NONE;
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

static const char *window_reason(const analysis *a, const study_grouping *g, int32_t visit)
{
    study *s = a->s;
    const int32_t baseline = study_baseline_visit(s);
    if (visit == STUDY_NONE || g->landmark == STUDY_NONE || visit <= baseline) return NULL;
    const char *landmark = s->visits.items[g->landmark].label, *here = s->visits.items[visit].label;
    if (!from_an_outcome(s, g)) {
        if (visit > g->landmark) return NULL; /* a landmark analysis: groups first, outcome later */
        return stroma_arena_printf(&s->arena,
                                   "the groups were formed from data up to %s, and %s lies "
                                   "within them",
                                   landmark, here);
    }
    if (a->predictor && visit < g->landmark) return NULL;
    return stroma_arena_printf(&s->arena,
                               "the groups are the outcome at %s; values at %s were "
                               "measured after treatment began and run into it",
                               landmark, here);
}

const char *time_guard(const analysis *a, int32_t grouping, int32_t param, int32_t visit)
{
    study *s = a->s;
    const study_grouping *g = &s->groupings.items[grouping];
    if (g->origin == STUDY_NONE || param == STUDY_NONE) return NULL;
    bool *marked = stroma_alloc_array(s->params.len, sizeof *marked);
    if (marked == NULL) return "could not be checked, memory ran out";
    const int32_t shared = shared_ancestor(s, g, param, marked);
    const int32_t companion = acute_phase_companion(s, g, param);
    stroma_free(marked);
    if (shared != STUDY_NONE)
        return stroma_arena_printf(&s->arena,
                                   "the groups were made from %s, which stands "
                                   "behind what is compared",
                                   s->params.items[shared].label);
    if (companion != STUDY_NONE)
        return stroma_arena_printf(&s->arena,
                                   "the groups were made from %s, the acute-phase "
                                   "companion of what is compared",
                                   s->params.items[companion].label);
    return window_reason(a, g, visit);
}
