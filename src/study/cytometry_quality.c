/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quality of the events of a sample: rows for study.db, a finding for what is bad, and, where the
 * entry says `qc: exclude`, events that no population counts. */
#include "stroma/cytometry_quality.h"

#include "cytometry_tube.h"

#include <stdio.h>
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

static stroma_status make_bits(cytometry_tube *t, open_tube *o, const stroma_quality *q,
                               stroma_error *err)
{
    const size_t words = (size_t)((q->n_events + 63) / 64);
    o->good = stroma_alloc_array(words + 1, sizeof *o->good);
    if (o->good == NULL) return stroma_no_memory(err);
    stroma_quality_good_events(q, stroma_quality_faults(), o->good);
    o->n_good = q->n_events - q->n_faulty;
    t->n_excluded = q->n_faulty;
    return STROMA_OK;
}

/* What is left out is said of every file. */
static void say_excluded(cytometry_tube *t, const open_tube *o)
{
    if (t->n_excluded == 0) return;
    char message[200];
    (void)snprintf(message, sizeof message,
                   "%llu of %llu events are left out as faults of the acquisition (qc: exclude)",
                   (unsigned long long)t->n_excluded, (unsigned long long)t->n_events);
    stroma_diag_add(&t->findings,
                    &(stroma_finding){ .code = "STROMA-CYTO-017",
                                       .severity = STROMA_NOTE,
                                       .file = o->file,
                                       .message = message,
                                       .rule = "what is left out is said",
                                       .action = "stroma fcs qc shows which checks marked "
                                                 "them" });
}

stroma_status cytometry_check_quality(const cytometry_entry *e, cytometry_tube *t, open_tube *o,
                                      stroma_error *err)
{
    stroma_quality q;
    stroma_quality_options opts = STROMA_QUALITY_OPTIONS_INIT;
    opts.panel = e->has_panel ? &e->panel : NULL;
    opts.compensation = o->compensation;
    o->n_good = o->d->n_events;
    STROMA_TRY(stroma_quality_run(o->d, &opts, &q, err));
    stroma_status st = keep(t, &q, err);
    if (st == STROMA_OK && excludes(e)) st = make_bits(t, o, &q, err);
    const size_t dropped = t->findings.dropped;
    if (st == STROMA_OK) stroma_quality_report(&q, STROMA_QUALITY_BAD, o->file, &t->findings);
    if (st == STROMA_OK) say_excluded(t, o);
    if (t->findings.dropped > dropped && t->findings.len < t->findings.limit)
        st = stroma_no_memory(err);
    stroma_quality_clear(&q);
    return st;
}

void cytometry_leave_out_faults(const open_tube *o, stroma_membership *m)
{
    for (size_t g = 0; o->good != NULL && g < m->gates_len; g++) {
        uint64_t n = 0;
        for (size_t i = 0; i < m->words; i++) {
            uint64_t *bits = &m->bits[g * m->words + i];
            *bits &= o->good[i];
            n += (uint64_t)__builtin_popcountll(*bits);
        }
        m->count[g] = n;
    }
}
