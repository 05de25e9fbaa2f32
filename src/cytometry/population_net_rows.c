/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of percent_net: what of a share is left beyond that of a control in the same gates. */
#include "population_table.h"

enum { PLACE_NET = 256 };

/* An FMO says something of populations that are gated on its marker. */
static stroma_status concerns(const population_job *j, size_t gate,
                              const stroma_population_control *c, bool *out, stroma_error *err)
{
    stroma_event_column column;
    const char *channel = NULL, *names[4] = { NULL };
    *out = true;
    if (c->marker == NULL) return STROMA_OK;
    STROMA_TRY(
        population_marker_find(j->sample, j->request->panel, c->marker, &column, &channel, err));
    size_t n = population_column_names(j->sample, &column, names);
    names[n++] = channel;
    return stroma_population_uses_channel(j->sample->gates, gate, names, n, out, err);
}

stroma_status population_net_rows(population_job *j, size_t p, stroma_error *err)
{
    const size_t gate = j->gate[p], parent = population_parent(j->sample, gate);
    for (size_t i = 0; i < j->request->controls_len; i++) {
        const stroma_population_control *c = &j->request->controls[i];
        const stroma_gate_set *set = j->sample->gates;
        size_t own = SIZE_MAX, of = SIZE_MAX;
        bool wanted = false;
        STROMA_TRY(concerns(j, gate, c, &wanted, err));
        if (!wanted) continue;
        STROMA_TRY(population_gate(&c->tube, set->gates[gate].id, &own, err));
        if (parent != SIZE_MAX)
            STROMA_TRY(population_gate(&c->tube, set->gates[parent].id, &of, err));
        stroma_population_value v;
        STROMA_TRY(stroma_population_percent_net(
            population_count(j->sample, gate), population_count(j->sample, parent),
            population_count(&c->tube, own), population_count(&c->tube, of), &j->request->options,
            &v, err));
        v.flags |= c->flags;
        STROMA_TRY(population_row_add(j, p, PLACE_NET + i,
                                      parent == SIZE_MAX ? "ungated" : set->gates[parent].id,
                                      c->marker, c->tube.file, &v, err));
    }
    return STROMA_OK;
}
