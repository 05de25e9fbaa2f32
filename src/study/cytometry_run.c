/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The entries of `cytometry:`, one after the other; the files of an entry on several threads, each
 * opened, gated, counted and closed by one of them. */
#include "cytometry_run.h"

#include "stroma/parallel.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { TUBE_ARENA_BYTES = 64 << 20, DRAWN_SAMPLES = 240 };

typedef struct run {
    study *s;
    cytometry_entry *e;
    open_tube *controls;       /* one a tube; those of samples stay closed */
    const open_tube **control; /* of the same, NULL where not open */
    size_t *first_user;        /* of each tube that is a control: the sample it is drawn with */
    bool *drawn;               /* samples whose densities are kept */
    atomic_size_t done;
} run;

/* ---- one sample ---- */

static bool refers(const cytometry_entry *e, const cytometry_tube *t, size_t control)
{
    const cytometry_place *p = &e->tubes[control].place;
    return cytometry_control_for(e, t, p->role, p->marker) == control;
}

static stroma_status learn(const run *r, tube_work *w, stroma_error *err)
{
    const cytometry_entry *e = r->e;
    const size_t n = e->tubes_len - e->samples_len;
    stroma_gating_control *fmo = stroma_alloc_array(n, sizeof *fmo);
    if (fmo == NULL) return stroma_no_memory(err);
    stroma_gating_input in = { .strategy = e->strategy,
                               .panel = &e->panel,
                               .sample = cytometry_panel_tube(w->o),
                               .fmo = fmo,
                               .threads = 1 };
    for (size_t c = e->samples_len; c < e->tubes_len; c++)
        if (e->tubes[c].place.role == CYTOMETRY_FMO && r->control[c] != NULL && refers(e, w->t, c))
            fmo[in.fmo_len++] =
                (stroma_gating_control){ .marker = e->tubes[c].place.marker,
                                         .tube = cytometry_panel_tube(r->control[c]) };
    const size_t c = cytometry_control_for(e, w->t, CYTOMETRY_REFERENCE, NULL);
    stroma_panel_tube reference;
    if (c != SIZE_MAX) {
        reference = cytometry_panel_tube(r->control[c]);
        in.reference = &reference;
    }
    const stroma_status st = stroma_gating_learn(&in, &w->learned, &w->t->findings, err);
    stroma_free(fmo);
    w->set = &w->learned.gates;
    return st;
}

static stroma_status evaluate(tube_work *w, stroma_error *err)
{
    stroma_gate_options o = STROMA_GATE_OPTIONS_INIT;
    o.fcs = w->o->compensation;
    return stroma_gates_evaluate(w->set, w->o->d, &o, &w->members, err);
}

/* A control seen through the gates of the first sample it serves. */
static stroma_status draw_control(const run *r, const tube_work *w, size_t c, stroma_error *err)
{
    tube_work mine = { .e = r->e,
                       .t = &r->e->tubes[c],
                       .o = r->control[c],
                       .learned = w->learned,
                       .set = w->set,
                       .control = r->control };
    stroma_status st = evaluate(&mine, err);
    if (st == STROMA_OK) st = cytometry_describe_gates(&mine, err);
    if (st == STROMA_OK) st = cytometry_draw(&mine, err);
    stroma_membership_clear(&mine.members);
    return st;
}

static stroma_status gate_sample(const run *r, size_t i, tube_work *w, stroma_error *err)
{
    const cytometry_entry *e = r->e;
    w->set = &e->fixed;
    if (e->strategy != NULL) STROMA_TRY(learn(r, w, err));
    STROMA_TRY(cytometry_check_quality(w, err));
    STROMA_TRY(evaluate(w, err));
    cytometry_leave_out_faults(w);
    STROMA_TRY(cytometry_describe_gates(w, err));
    STROMA_TRY(cytometry_compute_numbers(w, err));
    if (r->drawn[i]) STROMA_TRY(cytometry_draw(w, err));
    for (size_t c = e->samples_len; c < e->tubes_len; c++)
        if (r->control[c] != NULL && r->first_user[c] == i) STROMA_TRY(draw_control(r, w, c, err));
    return STROMA_OK;
}

/* A file that cannot be used is a sample without numbers, and says why. */
static stroma_status give_up(cytometry_tube *t, stroma_status st, const stroma_error *mine,
                             stroma_error *err)
{
    if (!cytometry_is_fault(st)) {
        if (err != NULL) *err = *mine;
        return st;
    }
    t->present = false;
    t->gates_len = 0;
    t->numbers = NULL;
    t->pictures.len = 0;
    t->reason = stroma_arena_strdup(&t->arena, mine->message);
    if (t->reason == NULL) return stroma_no_memory(err);
    const char *hint = mine->hint[0] == '\0' ? "see: stroma fcs info" : mine->hint;
    stroma_diag_add(&t->findings, &(stroma_finding){ .code = "STROMA-CYTO-010",
                                                     .severity = STROMA_ERROR,
                                                     .file = t->place.path,
                                                     .message = mine->message,
                                                     .rule = "every file of events can be used",
                                                     .action = hint });
    return STROMA_OK;
}

static stroma_status do_sample(const run *r, size_t i, stroma_error *err)
{
    cytometry_tube *t = &r->e->tubes[i];
    open_tube o = { 0 };
    tube_work w = { .e = r->e, .t = t, .o = &o, .control = r->control };
    stroma_error mine = STROMA_ERROR_INIT;
    stroma_status st = cytometry_open(r->e, t, &o, &mine);
    t->present = st == STROMA_OK;
    if (st == STROMA_OK) st = gate_sample(r, i, &w, &mine);
    if (st != STROMA_OK) st = give_up(t, st, &mine, err);
    stroma_membership_clear(&w.members);
    stroma_free(w.good);
    stroma_gating_result_clear(&w.learned);
    cytometry_close(&o);
    return st;
}

static stroma_status do_samples(size_t begin, size_t end, int worker, void *context,
                                stroma_error *err)
{
    run *r = context;
    for (size_t i = begin; i < end; i++) {
        STROMA_TRY(do_sample(r, i, err));
        const size_t done = atomic_fetch_add(&r->done, 1) + 1;
        if (worker == 0) /* the caller's own thread */
            stroma_progress_report(r->s->progress, "reading files of events", done,
                                   r->e->samples_len);
    }
    return STROMA_OK;
}

/* ---- before the samples ---- */

static stroma_status open_controls(run *r, stroma_error *err)
{
    cytometry_entry *e = r->e;
    for (size_t c = e->samples_len; c < e->tubes_len; c++) {
        cytometry_tube *t = &e->tubes[c];
        stroma_error mine = STROMA_ERROR_INIT;
        const stroma_status st = cytometry_open(e, t, &r->controls[c], &mine);
        t->present = st == STROMA_OK;
        if (st != STROMA_OK) STROMA_TRY(give_up(t, st, &mine, err));
        if (t->present) r->control[c] = &r->controls[c];
    }
    for (size_t c = e->samples_len; c < e->tubes_len; c++) {
        r->first_user[c] = SIZE_MAX;
        for (size_t i = 0; i < e->samples_len && r->first_user[c] == SIZE_MAX; i++)
            if (r->control[c] != NULL && refers(e, &e->tubes[i], c)) r->first_user[c] = i;
    }
    return STROMA_OK;
}

static bool wants_fit(const cytometry_entry *e)
{
    const stroma_panel *p = &e->panel;
    bool any = p->fluorescence.auto_t || p->fluorescence.auto_w;
    for (size_t k = 0; k < p->markers_len; k++)
        any = any || p->markers[k].scale.auto_t || p->markers[k].scale.auto_w;
    return e->strategy != NULL && any;
}

/* The scales of the panel, from all its samples: they are open for this moment alone. A file that
 * cannot be opened is left out here, and found when its turn comes. */
static stroma_status fit_scales(run *r, stroma_error *err)
{
    cytometry_entry *e = r->e;
    open_tube *open = stroma_alloc_array(e->samples_len, sizeof *open);
    stroma_panel_tube *tubes = stroma_alloc_array(e->samples_len, sizeof *tubes);
    stroma_status st = open == NULL || tubes == NULL ? stroma_no_memory(err) : STROMA_OK;
    size_t n = 0, opened = 0;
    for (; st == STROMA_OK && opened < e->samples_len; opened++) {
        cytometry_tube scratch = { .place = e->tubes[opened].place };
        stroma_arena_init(&scratch.arena, TUBE_ARENA_BYTES);
        stroma_diag_init(&scratch.findings);
        stroma_error mine = STROMA_ERROR_INIT;
        const stroma_status now = cytometry_open(e, &scratch, &open[opened], &mine);
        if (now == STROMA_OK) tubes[n++] = cytometry_panel_tube(&open[opened]);
        if (now != STROMA_OK && !cytometry_is_fault(now)) {
            st = now;
            if (err != NULL) *err = mine;
        }
        stroma_diag_clear(&scratch.findings);
        stroma_arena_clear(&scratch.arena);
    }
    if (st == STROMA_OK && n > 0)
        st = stroma_panel_fit_scales(&e->panel, tubes, n, &e->tubes[0].findings, err);
    for (size_t i = 0; open != NULL && i < opened; i++)
        cytometry_close(&open[i]);
    stroma_free(open);
    stroma_free(tubes);
    return st;
}

/* Densities are kept of whole subjects, at most DRAWN_SAMPLES samples, evenly spread. */
static void choose_drawn(run *r)
{
    const cytometry_entry *e = r->e;
    const size_t step = (e->samples_len + DRAWN_SAMPLES - 1) / DRAWN_SAMPLES;
    size_t subject = 0;
    for (size_t i = 0; i < e->samples_len; i++) {
        if (i > 0 && e->tubes[i].place.subject != e->tubes[i - 1].place.subject) subject++;
        r->drawn[i] = step <= 1 || subject % step == 0;
    }
}

static stroma_status work_through(run *r, stroma_error *err)
{
    cytometry_entry *e = r->e;
    STROMA_TRY(open_controls(r, err));
    if (wants_fit(e)) STROMA_TRY(fit_scales(r, err));
    choose_drawn(r);
    return stroma_parallel_for(e->samples_len, r->s->threads, 1, do_samples, r, err);
}

static stroma_status run_entry(study *s, cytometry_entry *e, stroma_error *err)
{
    const size_t n = e->tubes_len;
    run r = { .s = s,
              .e = e,
              .controls = stroma_alloc_array(n, sizeof *r.controls),
              .control = stroma_alloc_array(n, sizeof *r.control),
              .first_user = stroma_alloc_array(n, sizeof *r.first_user),
              .drawn = stroma_alloc_array(n, sizeof *r.drawn) };
    const bool room =
        r.controls != NULL && r.control != NULL && r.first_user != NULL && r.drawn != NULL;
    const stroma_status st = room ? work_through(&r, err) : stroma_no_memory(err);
    for (size_t i = 0; r.controls != NULL && i < n; i++)
        cytometry_close(&r.controls[i]);
    stroma_free(r.controls);
    stroma_free(r.control);
    stroma_free(r.first_user);
    stroma_free(r.drawn);
    return st;
}

/* ---- entries ---- */

static stroma_status make_tubes(study *s, cytometry_entry *e, stroma_error *err)
{
    cytometry_places places = { 0 };
    stroma_status st = cytometry_find_files(s, e->node, &places, err);
    if (st == STROMA_OK) {
        e->tubes = stroma_alloc_array(places.len, sizeof *e->tubes);
        if (e->tubes == NULL) st = stroma_no_memory(err);
    }
    for (size_t i = 0; st == STROMA_OK && i < places.len; i++) {
        cytometry_tube *t = &e->tubes[e->tubes_len++];
        t->place = places.items[i];
        t->file = STUDY_NONE;
        stroma_arena_init(&t->arena, TUBE_ARENA_BYTES);
        stroma_diag_init(&t->findings);
        e->samples_len += t->place.role == CYTOMETRY_SAMPLE;
    }
    stroma_free(places.items);
    return st;
}

static stroma_status do_entry(study *s, const stroma_yaml_node *node, stroma_error *err)
{
    cytometry_entry *e = stroma_alloc_array(1, sizeof *e);
    cytometry_entry **kept = e == NULL ? NULL : STUDY_ADD(&s->cytometry, err);
    if (kept == NULL) {
        stroma_free(e);
        return stroma_no_memory(err);
    }
    *kept = e;
    e->node = node;
    for (size_t i = 0; i + 1 < s->cytometry.len; i++)
        if (strcmp(s->cytometry.items[i]->id, stroma_yaml_text(node, "id", "")) == 0)
            return study_fail_at(s, node, err, "two cytometry entries have the id",
                                 s->cytometry.items[i]->id);
    STROMA_TRY(cytometry_read_entry(s, e, err));
    STROMA_TRY(make_tubes(s, e, err));
    if (s->n_fatal > 0 && !s->collect) return STROMA_OK; /* files are absent: `run` stops at it */
    STROMA_TRY(run_entry(s, e, err));
    return cytometry_store(s, e, err);
}

stroma_status study_read_cytometry(study *s, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "cytometry");
    for (size_t i = 0; list != NULL && i < list->len && (s->n_fatal == 0 || s->collect); i++)
        STROMA_TRY(study_entry_done(s, do_entry(s, list->items[i], err), err));
    return STROMA_OK;
}

void study_free_cytometry(study *s)
{
    for (size_t i = 0; i < s->cytometry.len; i++) {
        cytometry_entry_clear(s->cytometry.items[i]);
        stroma_free(s->cytometry.items[i]);
    }
    stroma_free(s->cytometry.items);
}
