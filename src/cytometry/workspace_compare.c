/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our counts beside those that FlowJo saved, and why they differ. */
#include "workspace.h"

static const char *const reason_names[] = {
    [STROMA_FLOWJO_EQUAL] = "equal",
    [STROMA_FLOWJO_NOT_COUNTED] = "not counted",
    [STROMA_FLOWJO_BINS] = "bins",
    [STROMA_FLOWJO_UPSTREAM] = "bins upstream",
    [STROMA_FLOWJO_UNEXPLAINED] = "unexplained",
};

const char *stroma_flowjo_reason_name(stroma_flowjo_reason r)
{
    return (size_t)r < sizeof reason_names / sizeof reason_names[0] ? reason_names[r] : "?";
}

/* The gate itself is asked in bins: a shape, or "events outside" of one. */
static bool is_binned(const stroma_gate_set *s, size_t g)
{
    if (s->flowjo->gates[g].bins > 0) return true;
    const stroma_gate *gate = &s->gates[g];
    return gate->kind == STROMA_GATE_BOOLEAN && gate->uses_len == 1 &&
           s->flowjo->gates[gate->uses[0].gate].hidden &&
           s->flowjo->gates[gate->uses[0].gate].bins > 0;
}

static stroma_flowjo_reason reason_of(const stroma_gate_set *s, size_t g,
                                      const stroma_flowjo_difference *d)
{
    if (d->saved < 0) return STROMA_FLOWJO_NOT_COUNTED;
    if ((uint64_t)d->saved == d->count) return STROMA_FLOWJO_EQUAL;
    if ((uint64_t)d->saved != d->count_as_flowjo) return STROMA_FLOWJO_UNEXPLAINED;
    return is_binned(s, g) ? STROMA_FLOWJO_BINS : STROMA_FLOWJO_UPSTREAM;
}

stroma_status stroma_flowjo_compare(const stroma_gate_set *s, const stroma_fcs_dataset *d,
                                    const stroma_gate_options *opts, stroma_flowjo_difference *out,
                                    stroma_error *err)
{
    stroma_membership ours, theirs;
    STROMA_TRY(stroma_flowjo_evaluate(s, d, opts, &theirs, err));
    const stroma_status status = stroma_gates_evaluate(s, d, opts, &ours, err);
    for (size_t g = 0; g < s->gates_len && status == STROMA_OK; g++) {
        const uint64_t *x = ours.bits + g * ours.words, *y = theirs.bits + g * theirs.words;
        out[g] = (stroma_flowjo_difference){ .count = ours.count[g],
                                             .count_as_flowjo = theirs.count[g],
                                             .saved = s->flowjo->gates[g].saved_count };
        for (size_t w = 0; w < ours.words; w++) {
            out[g].outside_only += (uint64_t)__builtin_popcountll(x[w] & ~y[w]);
            out[g].inside_only += (uint64_t)__builtin_popcountll(y[w] & ~x[w]);
        }
        out[g].reason = reason_of(s, g, &out[g]);
    }
    if (status == STROMA_OK) stroma_membership_clear(&ours);
    stroma_membership_clear(&theirs);
    return status;
}
