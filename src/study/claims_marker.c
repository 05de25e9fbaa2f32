/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was screened belongs into the first sentence of a cohort: how many candidates passed. */
#include "claims.h"

#include <math.h>
#include <string.h>

enum { NAMES_MAX = 3 };

typedef struct screened {
    size_t family, passed;
    const char *names;
} screened;

static screened count(study *s, const study_marker *m)
{
    screened k = { .names = "" };
    for (size_t i = 0; i < m->candidates_len; i++) {
        const stroma_study_answer_candidate *c = &m->candidates[i];
        if (isnan(c->p_max_t)) continue;
        k.family++;
        if (!(c->p_max_t < 0.05)) continue;
        if (k.passed++ < NAMES_MAX && k.names != NULL)
            k.names = stroma_arena_printf(&s->arena, "%s%s%s", k.names, k.passed == 1 ? "" : ", ",
                                          m->variables[c->variable].label);
    }
    return k;
}

static const char *sentence(study *s, const study_marker *m, const screened *k)
{
    if (k->names == NULL) return NULL;
    if (k->passed == 0)
        return stroma_arena_printf(&s->arena,
                                   "%s: none of %zu candidates passed the test that is adjusted "
                                   "for all of them.",
                                   m->label, k->family);
    return stroma_arena_printf(
        &s->arena,
        "%s: %zu of %zu candidates passed the test that is adjusted for all of them (%s%s). "
        "Nothing here confirms that in other patients.",
        m->label, k->passed, k->family, k->names, k->passed > NAMES_MAX ? ", \xE2\x80\xA6" : "");
}

/* A family of one may have been chosen among many elsewhere: it says too little for a headline. */
const char *claims_markers(study *s)
{
    for (size_t i = 0; i < s->markers.len; i++) {
        const study_marker *m = &s->markers.items[i];
        const screened k = count(s, m);
        if (k.family >= 2) return sentence(s, m, &k);
    }
    return "";
}
