/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A share beyond that of the control in the same gates. */
#include "population.h"

#include "stroma/stats_contingency.h"

stroma_status stroma_population_percent_net(uint64_t count, uint64_t of_count, uint64_t control,
                                            uint64_t of_control,
                                            const stroma_population_options *opts,
                                            stroma_population_value *out, stroma_error *err)
{
    STROMA_TRY(population_options_check(opts, err));
    *out = population_value_begin(stroma_definition_find("percent_net"), opts);
    if (count > of_count || control > of_control)
        return stroma_fail(err, STROMA_E_USAGE, "a population has no more events than its parent");
    out->flags = population_floor_flags(count, of_count, opts);
    if (of_control < opts->parent_floor) out->flags |= STROMA_FLAG_FEW_PARENT_EVENTS;
    if (of_count == 0 || of_control == 0) {
        out->reason =
            of_count == 0 ? "the parent has no event" : "the control has no event in the parent";
        return STROMA_OK;
    }
    const size_t counts[4] = { (size_t)count, (size_t)(of_count - count), (size_t)control,
                               (size_t)(of_control - control) };
    const stroma_stat d = stroma_risk_difference(counts, STROMA_DIFFERENCE_NEWCOMBE, opts->level);
    out->value = 100 * d.estimate;
    out->lower = 100 * d.lower;
    out->upper = 100 * d.upper;
    out->interval = "Newcombe";
    out->n = (size_t)count;
    return STROMA_OK;
}
