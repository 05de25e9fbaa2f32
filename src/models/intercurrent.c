/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What intercurrent events make of the outcome (ICH E9(R1)). */
#include "stroma/models_imputation.h"

#include <string.h>

const char *stroma_strategy_name(stroma_strategy s)
{
    static const char *const names[] = { "treatment policy", "hypothetical", "composite",
                                         "while on treatment" };
    return names[s];
}

const char *stroma_strategy_label(stroma_strategy s)
{
    static const char *const labels[] = { "treatment policy strategy (ICH E9(R1))",
                                          "hypothetical strategy (ICH E9(R1))",
                                          "composite strategy (ICH E9(R1))",
                                          "while on treatment strategy (ICH E9(R1))" };
    return labels[s];
}

bool stroma_strategy_find(const char *name, stroma_strategy *out)
{
    for (int k = STROMA_STRATEGY_TREATMENT_POLICY; k <= STROMA_STRATEGY_WHILE_ON_TREATMENT; k++)
        if (strcmp(stroma_strategy_name((stroma_strategy)k), name) == 0) {
            *out = (stroma_strategy)k;
            return true;
        }
    return false;
}

/* The last value before the event is the outcome from then on. */
static stroma_status carry(const stroma_intercurrent *e, size_t visits, double *y, bool *observed,
                           stroma_error *err)
{
    size_t last = e->visit;
    while (last > 0 && !observed[last - 1])
        last--;
    if (last == 0) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE,
                          "subject %zu has no value before the event at visit %zu", e->subject + 1,
                          e->visit + 1);
        stroma_hint(err, "while on treatment needs one: choose another strategy for this event");
        return STROMA_E_DEGENERATE;
    }
    for (size_t v = e->visit; v < visits; v++) {
        y[v] = y[last - 1];
        observed[v] = true;
    }
    return STROMA_OK;
}

static stroma_status apply(const stroma_intercurrent *e, size_t visits, double *y, bool *observed,
                           bool *nonresponse, stroma_error *err)
{
    switch (e->strategy) {
    case STROMA_STRATEGY_TREATMENT_POLICY: return STROMA_OK;
    case STROMA_STRATEGY_HYPOTHETICAL:
        for (size_t v = e->visit; v < visits; v++)
            observed[v] = false;
        return STROMA_OK;
    case STROMA_STRATEGY_COMPOSITE:
        if (nonresponse == NULL)
            return stroma_fail(err, STROMA_E_USAGE,
                               "the composite strategy needs a response that an event can spoil");
        for (size_t v = e->visit; v < visits; v++)
            nonresponse[v] = true;
        return STROMA_OK;
    case STROMA_STRATEGY_WHILE_ON_TREATMENT: return carry(e, visits, y, observed, err);
    }
    return stroma_fail(err, STROMA_E_USAGE, "no such strategy");
}

stroma_status stroma_intercurrent_apply(const stroma_intercurrent *events, size_t events_len,
                                        size_t subjects, size_t visits, double *y, bool *observed,
                                        size_t *event, stroma_imputation_rule *rule,
                                        bool *nonresponse, stroma_error *err)
{
    for (size_t i = 0; i < subjects; i++) {
        event[i] = visits;
        rule[i] = STROMA_IMPUTE_MAR;
    }
    for (size_t k = 0; k < events_len; k++)
        if (events[k].subject >= subjects || events[k].visit > visits)
            return stroma_fail(err, STROMA_E_USAGE, "event %zu: subject or visit out of range", k);
    /* values are taken away before they are carried on, whatever the order of the events */
    static const stroma_strategy order[] = { STROMA_STRATEGY_TREATMENT_POLICY,
                                             STROMA_STRATEGY_HYPOTHETICAL,
                                             STROMA_STRATEGY_COMPOSITE,
                                             STROMA_STRATEGY_WHILE_ON_TREATMENT };
    for (size_t o = 0; o < 4; o++)
        for (size_t k = 0; k < events_len; k++) {
            const stroma_intercurrent *e = &events[k];
            if (e->strategy != order[o]) continue;
            if (e->visit < event[e->subject]) {
                event[e->subject] = e->visit;
                rule[e->subject] = e->rule;
            }
            STROMA_TRY(apply(e, visits, y + e->subject * visits, observed + e->subject * visits,
                             nonresponse == NULL ? NULL : nonresponse + e->subject * visits, err));
        }
    return STROMA_OK;
}
