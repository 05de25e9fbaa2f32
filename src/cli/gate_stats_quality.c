/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many events of each population carry a fault of the acquisition. */
#include "gate_stats.h"

#include "stroma/cytometry_quality.h"
#include "stroma/memory.h"

#include <math.h>

stroma_status gate_stats_faults(const stroma_population_tube *t, const stroma_panel *panel,
                                gate_faults *out, stroma_error *err)
{
    stroma_quality q;
    stroma_quality_options o = STROMA_QUALITY_OPTIONS_INIT;
    o.panel = panel;
    o.compensation = t->compensation;
    const size_t gates = t->gates->gates_len, words = t->membership->words;
    STROMA_TRY(stroma_quality_run(t->data, &o, &q, err));
    uint64_t *good = stroma_alloc_array(words + 1, sizeof *good);
    out->faulty = stroma_alloc_array(gates + 1, sizeof *out->faulty);
    const bool memory = good != NULL && out->faulty != NULL;
    if (memory) {
        stroma_quality_good_events(&q, stroma_quality_faults(), good);
        for (size_t g = 0; g < gates; g++)
            for (size_t i = 0; i < words; i++)
                out->faulty[g] +=
                    (uint64_t)__builtin_popcountll(t->membership->bits[g * words + i] & ~good[i]);
        out->faulty[gates] = q.n_faulty;
    }
    stroma_free(good);
    stroma_quality_clear(&q);
    return memory ? STROMA_OK : stroma_no_memory(err);
}

double gate_stats_fault_share(const gate_faults *f, const stroma_gate_set *gates,
                              const stroma_population_row *row)
{
    const int g = stroma_gate_find(gates, row->population);
    const uint64_t faulty = f->faulty[g < 0 ? gates->gates_len : (size_t)g];
    return row->count > 0 ? (double)faulty / (double)row->count : (double)NAN;
}
