/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers that a strategy declares are asked for as if they stood among the options. */
#include "gate_stats.h"

#include <string.h>

/* One text more at the end of a list, unless it is there. */
static stroma_status add_text(gate_stats *g, const char *const **list, size_t *len,
                              const char *text, stroma_error *err)
{
    for (size_t i = 0; i < *len; i++)
        if (strcmp((*list)[i], text) == 0) return STROMA_OK;
    const char **more = stroma_arena_alloc(&g->arena, *len + 1, sizeof *more);
    if (more == NULL) return stroma_no_memory(err);
    if (*len > 0) memcpy(more, *list, *len * sizeof *more);
    more[(*len)++] = text;
    *list = more;
    return STROMA_OK;
}

static stroma_status add_statistic(gate_stats *g, const stroma_definition *d, stroma_error *err)
{
    stroma_population_request *r = &g->request;
    for (size_t i = 0; i < r->statistics_len; i++)
        if (r->statistic[i] == d) return STROMA_OK;
    const stroma_definition **more =
        stroma_arena_alloc(&g->arena, r->statistics_len + 1, sizeof *more);
    if (more == NULL) return stroma_no_memory(err);
    if (r->statistics_len > 0) memcpy(more, r->statistic, r->statistics_len * sizeof *more);
    more[r->statistics_len++] = d;
    r->statistic = more;
    return STROMA_OK;
}

static stroma_status add_pair(gate_stats *g, const char *numerator, const char *denominator,
                              stroma_error *err)
{
    stroma_population_request *r = &g->request;
    for (size_t i = 0; i < r->pairs_len; i++)
        if (strcmp(r->pairs[i].numerator, numerator) == 0 &&
            strcmp(r->pairs[i].denominator, denominator) == 0)
            return STROMA_OK;
    stroma_population_pair *more = stroma_arena_alloc(&g->arena, r->pairs_len + 1, sizeof *more);
    if (more == NULL) return stroma_no_memory(err);
    if (r->pairs_len > 0) memcpy(more, r->pairs, r->pairs_len * sizeof *more);
    more[r->pairs_len++] = (stroma_population_pair){ numerator, denominator };
    r->pairs = more;
    return STROMA_OK;
}

stroma_status gate_stats_add_indices(gate_stats *g, stroma_error *err)
{
    stroma_population_request *r = &g->request;
    size_t n = 0;
    if (g->source.strategy == NULL) return STROMA_OK;
    const stroma_gating_index *index = stroma_gating_strategy_indices(g->source.strategy, &n);
    for (size_t i = 0; i < n; i++) {
        const stroma_definition *d = stroma_definition_find(index[i].statistic);
        if (strcmp(index[i].statistic, "log_ratio") == 0) {
            STROMA_TRY(add_pair(g, index[i].population, index[i].over, err));
        } else if (strcmp(index[i].statistic, "percent") == 0) {
            if (index[i].of != NULL) STROMA_TRY(add_text(g, &r->of, &r->of_len, index[i].of, err));
        } else if (d != NULL && stroma_definition_needs_marker(d)) {
            STROMA_TRY(add_text(g, &r->marker, &r->markers_len, index[i].marker, err));
            STROMA_TRY(add_statistic(g, d, err));
        } else {
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "strategy \"%s\": index \"%s\" has a statistic \"%s\" that is not "
                               "known",
                               stroma_gating_strategy_id(g->source.strategy), index[i].id,
                               index[i].statistic);
        }
    }
    return STROMA_OK;
}
