/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Permission to fit: Riley's criteria for the number of candidate parameters. */
#include "model_budget.h"

#include <math.h>

/* Subjects that @p parameters need for a shrinkage of 0.9 (Riley 2019 Stat Med 38:1276, eq. 10). */
static double needed(size_t parameters, double r2_cs)
{
    const double shrinkage = 0.9;
    return ceil((double)parameters / ((shrinkage - 1) * log(1 - r2_cs / shrinkage)));
}

stroma_status model_budget(stroma_model *m, const stroma_model_spec *spec, stroma_error *err)
{
    stroma_model_budget *b = &m->budget;
    *b = (stroma_model_budget){
        .n = m->n, .events = m->events, .parameters = m->inputs_len, .r2_cs = spec->r2_cs
    };
    while (needed(b->supported + 1, b->r2_cs) <= (double)m->n)
        b->supported++;
    b->n_needed = (size_t)needed(b->parameters, b->r2_cs);
    if (b->parameters <= b->supported) return STROMA_OK;
    if (spec->over_budget != NULL) {
        b->reason = stroma_arena_strdup(&m->arena, spec->over_budget);
        return b->reason == NULL ? stroma_no_memory(err) : STROMA_OK;
    }
    (void)stroma_fail(err, STROMA_E_DEGENERATE,
                      "%zu subjects (%zu events) support %zu candidate parameters, not %zu: those "
                      "need %zu subjects (Riley's criteria at R2 %.3g)",
                      b->n, b->events, b->supported, b->parameters, b->n_needed, b->r2_cs);
    stroma_hint(err,
                "choose fewer predictors beforehand, or give a reason: --over-budget 'REASON'");
    return STROMA_E_DEGENERATE;
}
