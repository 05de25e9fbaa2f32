/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Permission to fit: Riley's criteria for the number of candidate parameters. */
#include "model_budget.h"

#include "stroma/models_riley.h"

stroma_status model_budget(stroma_model *m, const stroma_model_spec *spec, stroma_error *err)
{
    stroma_model_budget *b = &m->budget;
    stroma_riley_support can;
    stroma_riley needs;
    STROMA_TRY(stroma_riley_supports(m->n, m->events, spec->r2_cs, NULL, &can, err));
    STROMA_TRY(stroma_riley_binary(m->inputs_len, (double)m->events / (double)m->n, spec->r2_cs,
                                   NULL, &needs, err));
    /* the size for the overall risk does not depend on the parameters: it is shown, not asked for
     */
    const size_t needed =
        needs.n_shrinkage > needs.n_optimism ? needs.n_shrinkage : needs.n_optimism;
    *b = (stroma_model_budget){ .n = m->n,
                                .events = m->events,
                                .parameters = m->inputs_len,
                                .supported = can.parameters,
                                .r2_cs = spec->r2_cs,
                                .n_needed = needed,
                                .risk_margin = can.risk_margin };
    if (b->parameters <= b->supported) return STROMA_OK;
    if (spec->over_budget != NULL) {
        b->reason = stroma_arena_strdup(&m->arena, spec->over_budget);
        return b->reason == NULL ? stroma_no_memory(err) : STROMA_OK;
    }
    (void)stroma_fail(
        err, STROMA_E_DEGENERATE,
        "%zu subjects, %zu with the event, support %zu candidate parameters, not %zu; "
        "those need %zu subjects (Riley's criteria, R2 %.3g)",
        b->n, b->events, b->supported, b->parameters, b->n_needed, b->r2_cs);
    stroma_hint(err,
                "choose fewer predictors beforehand, or give a reason: --over-budget 'REASON'");
    return STROMA_E_DEGENERATE;
}
