/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quality of the events of a sample: rows for study.db, a finding for what is bad, and, where the
 * entry says `qc: exclude`, events that no population counts. */
#include "stroma/cytometry_quality.h"

#include "cytometry_tube.h"

#include <string.h>

static bool excludes(const cytometry_entry *e)
{
    return strcmp(stroma_yaml_text(e->node, "qc", "mark"), "exclude") == 0;
}

/* Texts of the results outlive the marks. */
static stroma_status keep(cytometry_tube *t, const stroma_quality *q, stroma_error *err)
{
    t->quality = stroma_arena_alloc(&t->arena, q->results_len, sizeof *t->quality);
    if (t->quality == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < q->results_len; i++) {
        t->quality[i] = q->results[i];
        t->quality[i].detail = stroma_arena_strdup(&t->arena, q->results[i].detail);
        if (t->quality[i].detail == NULL) return stroma_no_memory(err);
    }
    t->quality_len = q->results_len;
    t->quality_verdict = q->verdict;
    return STROMA_OK;
}

static stroma_status make_bits(tube_work *w, const stroma_quality *q, stroma_error *err)
{
    const size_t words = (size_t)((q->n_events + 63) / 64);
    w->good = stroma_alloc_array(words + 1, sizeof *w->good);
    if (w->good == NULL) return stroma_no_memory(err);
    stroma_quality_good_events(q, stroma_quality_faults(), w->good);
    w->t->n_excluded = q->n_faulty;
    return STROMA_OK;
}

stroma_status cytometry_check_quality(tube_work *w, stroma_error *err)
{
    stroma_quality q;
    stroma_quality_options o = STROMA_QUALITY_OPTIONS_INIT;
    o.panel = w->e->has_panel ? &w->e->panel : NULL;
    o.compensation = w->o->compensation;
    STROMA_TRY(stroma_quality_run(w->o->d, &o, &q, err));
    stroma_status st = keep(w->t, &q, err);
    if (st == STROMA_OK && excludes(w->e)) st = make_bits(w, &q, err);
    const size_t dropped = w->t->findings.dropped;
    if (st == STROMA_OK) stroma_quality_report(&q, STROMA_QUALITY_BAD, w->o->file, &w->t->findings);
    if (w->t->findings.dropped > dropped && w->t->findings.len < w->t->findings.limit)
        st = stroma_no_memory(err);
    stroma_quality_clear(&q);
    return st;
}

void cytometry_leave_out_faults(tube_work *w)
{
    stroma_membership *m = &w->members;
    for (size_t g = 0; w->good != NULL && g < m->gates_len; g++) {
        uint64_t n = 0;
        for (size_t i = 0; i < m->words; i++) {
            uint64_t *bits = &m->bits[g * m->words + i];
            *bits &= w->good[i];
            n += (uint64_t)__builtin_popcountll(*bits);
        }
        m->count[g] = n;
    }
}
