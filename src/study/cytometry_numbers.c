/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers that an entry asks of the populations of a sample. */
#include "cytometry_tube.h"

#include "stroma/cytometry_index.h"

#include <math.h>
#include <string.h>

enum { VALUES_BYTES = 256 << 20, FEW_FOR_LOG_RATIO = 20 };

/* Values of a marker in one population, copied. */
typedef struct values {
    double *x;
    stroma_population_sample sample;
} values;

static stroma_status copy_values(void *context, size_t population, size_t column,
                                 const stroma_population_sample *s, stroma_error *err)
{
    (void)column;
    values *v = (values *)context + population;
    v->x = stroma_alloc_array(s->n, sizeof *v->x);
    if (v->x == NULL) return stroma_no_memory(err);
    memcpy(v->x, s->x, s->n * sizeof *v->x);
    v->sample = (stroma_population_sample){ .x = v->x, .n = s->n, .left_out = s->left_out };
    return STROMA_OK;
}

/* Index of a population by id, then by label; SIZE_MAX none. */
static size_t find(const cytometry_tube *t, const char *id)
{
    for (size_t i = 0; id != NULL && i < t->gates_len; i++)
        if (strcmp(t->gates[i].id, id) == 0) return i;
    for (size_t i = 0; id != NULL && i < t->gates_len; i++)
        if (strcmp(t->gates[i].label, id) == 0) return i;
    return SIZE_MAX;
}

static bool is_ancestor(const cytometry_tube *t, size_t of, size_t population)
{
    for (size_t i = population, steps = 0; i != SIZE_MAX && steps <= t->gates_len; steps++) {
        if (i == of) return true;
        i = find(t, t->gates[i].parent);
    }
    return false;
}

/* What a fallback on the way to a population did, in words; NULL: none was needed. */
static const char *fallback(const tube_work *w, size_t population)
{
    const cytometry_tube *t = w->t;
    for (size_t i = population, steps = 0; i != SIZE_MAX && steps <= t->gates_len; steps++) {
        for (size_t k = 0; k < w->learned.rows_len; k++) {
            const stroma_gating_row *r = &w->learned.rows[k];
            if (r->state != STROMA_GATING_FALLBACK || strcmp(r->population, t->gates[i].id) != 0)
                continue;
            return stroma_arena_printf(&w->t->arena, "%s%s%s instead of %s",
                                       r->marker == NULL ? "" : r->marker,
                                       r->marker == NULL ? "" : ": ", r->method, r->declared);
        }
        i = find(t, t->gates[i].parent);
    }
    return NULL;
}

static stroma_status cannot(tube_work *w, cytometry_number *out, stroma_error *err,
                            const char *what, const char *name)
{
    out->reason = stroma_arena_printf(&w->t->arena, "%s%s%s%s", what, name == NULL ? "" : " \"",
                                      name == NULL ? "" : name, name == NULL ? "" : "\"");
    return out->reason == NULL ? stroma_no_memory(err) : STROMA_OK;
}

/* ---- fluorescence ---- */

/* The same population in the control; where its gates use the marker itself, the nearest ancestor
 * whose gates do not. */
static stroma_status control_values(tube_work *w, const cytometry_question *q, size_t gate,
                                    const open_tube *o, values *out, bool *in_ancestor,
                                    stroma_error *err)
{
    stroma_event_column column;
    STROMA_TRY(cytometry_column(w->e, o, q->marker, &column, err));
    const char *names[2] = { q->marker, q->marker };
    if (column.compensation != NULL)
        names[0] = column.compensation->fluorochrome[column.index];
    else
        names[0] = o->d->parameters[column.index].name;
    size_t use = gate;
    STROMA_TRY(stroma_population_without_channel(w->set, gate, names, 2, &use, err));
    *in_ancestor = use != gate;
    bool *wanted = stroma_alloc_array(w->set->gates_len, sizeof *wanted);
    if (wanted == NULL) return stroma_no_memory(err);
    if (use != SIZE_MAX) wanted[use] = true;
    stroma_gate_options opts = STROMA_GATE_OPTIONS_INIT;
    opts.wanted = wanted;
    opts.fcs = o->compensation;
    stroma_membership m = { 0 };
    stroma_status st = stroma_gates_evaluate(w->set, o->d, &opts, &m, err);
    if (st == STROMA_OK)
        st = stroma_population_visit(o->d, &m, &use, 1, &column, 1, VALUES_BYTES, copy_values, out,
                                     err);
    stroma_membership_clear(&m);
    stroma_free(wanted);
    return st;
}

static stroma_status index_of(tube_work *w, const cytometry_question *q, const char *name,
                              size_t gate, values v[3], cytometry_number *out,
                              stroma_population_value *value, stroma_error *err)
{
    const cytometry_tube *t = w->t;
    stroma_event_column column;
    STROMA_TRY(cytometry_column(w->e, w->o, q->marker, &column, err));
    const size_t negative = q->over == NULL ? SIZE_MAX : find(t, q->over);
    size_t gates[2] = { gate, negative };
    STROMA_TRY(stroma_population_visit(w->o->d, &w->members, gates, negative == SIZE_MAX ? 1 : 2,
                                       &column, 1, VALUES_BYTES, copy_values, v, err));
    bool in_ancestor = false;
    const bool needs = stroma_definition_needs_control(q->definition) ||
                       (stroma_definition_needs_negative(q->definition) && negative == SIZE_MAX);
    if (needs) {
        const bool marked = q->control == CYTOMETRY_FMO || q->control == CYTOMETRY_ISOTYPE;
        out->control = cytometry_control_for(w->e, t, q->control, marked ? q->marker : NULL);
        if (out->control == SIZE_MAX)
            return cannot(w, out, err,
                          "the visit has no such control tube:", cytometry_role_name(q->control));
        STROMA_TRY(control_values(w, q, gate, w->control[out->control], &v[2], &in_ancestor, err));
    }
    const stroma_population_question asked = {
        .name = name,
        .count = t->populations[gate].n,
        .of_count = t->populations[gate].n_parent,
        .marker = &v[0].sample,
        .control = needs ? &v[2].sample : NULL,
        .negative = negative != SIZE_MAX ? &v[1].sample : NULL,
    };
    STROMA_TRY(stroma_population_compute(q->definition, &asked, &w->e->options, value, err));
    if (in_ancestor) value->flags |= STROMA_FLAG_CONTROL_PARENT;
    return STROMA_OK;
}

static stroma_status fluorescence(tube_work *w, const cytometry_question *q, const char *name,
                                  size_t gate, cytometry_number *out,
                                  stroma_population_value *value, stroma_error *err)
{
    values v[3] = { { 0 }, { 0 }, { 0 } };
    const stroma_status st = index_of(w, q, name, gate, v, out, value, err);
    for (size_t k = 0; k < 3; k++)
        stroma_free(v[k].x);
    return st;
}

/* ---- counts ---- */

/* Whether the denominator is known, and which it is: SIZE_MAX all events. */
static stroma_status find_of(tube_work *w, const cytometry_question *q, cytometry_number *out,
                             stroma_error *err)
{
    const cytometry_tube *t = w->t;
    const cytometry_population *p = &t->populations[out->population];
    out->n_of = p->n_parent;
    out->of = find(t, t->gates[out->population].parent);
    if (q->of != NULL && strcmp(q->of, "all") == 0) {
        out->of = SIZE_MAX;
        out->n_of = t->n_events - t->n_excluded;
    } else if (q->of != NULL) {
        out->of = find(t, q->of);
        if (out->of == SIZE_MAX) return cannot(w, out, err, "there is no population", q->of);
        if (!is_ancestor(t, out->of, out->population))
            return cannot(w, out, err, "the population does not lie in", q->of);
        out->n_of = t->populations[out->of].n;
    }
    return STROMA_OK;
}

static stroma_status percent(tube_work *w, const cytometry_question *q, cytometry_number *out,
                             stroma_population_value *value, stroma_error *err)
{
    STROMA_TRY(find_of(w, q, out, err));
    if (out->reason != NULL) return STROMA_OK;
    return stroma_population_percent(out->n, out->n_of, &w->e->options, value, err);
}

/* Events of the control in two gates of the sample; SIZE_MAX: all of them. */
static stroma_status count_control(const tube_work *w, const open_tube *o, const size_t gate[2],
                                   uint64_t n[2], stroma_error *err)
{
    bool *wanted = stroma_alloc_array(w->set->gates_len, sizeof *wanted);
    if (wanted == NULL) return stroma_no_memory(err);
    for (int k = 0; k < 2; k++)
        if (gate[k] != SIZE_MAX) wanted[gate[k]] = true;
    stroma_gate_options opts = STROMA_GATE_OPTIONS_INIT;
    opts.wanted = wanted;
    opts.fcs = o->compensation;
    stroma_membership m = { 0 };
    const stroma_status st = stroma_gates_evaluate(w->set, o->d, &opts, &m, err);
    for (int k = 0; k < 2 && st == STROMA_OK; k++)
        n[k] = gate[k] == SIZE_MAX ? o->d->n_events : m.count[gate[k]];
    stroma_membership_clear(&m);
    stroma_free(wanted);
    return st;
}

static stroma_status percent_net(tube_work *w, const cytometry_question *q, cytometry_number *out,
                                 stroma_population_value *value, stroma_error *err)
{
    STROMA_TRY(find_of(w, q, out, err));
    if (out->reason != NULL) return STROMA_OK;
    const bool marked = q->control == CYTOMETRY_FMO || q->control == CYTOMETRY_ISOTYPE;
    out->control = cytometry_control_for(w->e, w->t, q->control, marked ? q->marker : NULL);
    if (out->control == SIZE_MAX)
        return cannot(w, out, err,
                      "the visit has no such control tube:", cytometry_role_name(q->control));
    const size_t gates[2] = { out->population, out->of };
    uint64_t n[2] = { 0, 0 };
    STROMA_TRY(count_control(w, w->control[out->control], gates, n, err));
    return stroma_population_percent_net(out->n, out->n_of, n[0], n[1], &w->e->options, value, err);
}

static stroma_status log_ratio(tube_work *w, const cytometry_question *q, const char *name,
                               cytometry_number *out, stroma_population_value *value,
                               stroma_error *err)
{
    const cytometry_tube *t = w->t;
    out->of = find(t, q->over);
    if (out->of == SIZE_MAX || !t->populations[out->of].present)
        return cannot(w, out, err, "there is no population", q->over);
    const cytometry_population *x = &t->populations[out->population], *y = &t->populations[out->of];
    out->n_of = y->n;
    /* both out of all events of one tube */
    const stroma_count_ratio r = { .numerator = x->n,
                                   .numerator_of = t->n_events - t->n_excluded,
                                   .denominator = y->n,
                                   .denominator_of = t->n_events - t->n_excluded,
                                   .same_parent = true,
                                   .few = FEW_FOR_LOG_RATIO,
                                   .name = name };
    stroma_population_options o = w->e->options;
    o.resamples = 0;
    stroma_population_value bootstrap;
    STROMA_TRY(stroma_log_ratio(&r, &o, value, &bootstrap, err));
    if (x->n < q->floor || y->n < q->floor) value->flags |= STROMA_FLAG_FEW_EVENTS;
    return STROMA_OK;
}

static stroma_status per_ul(tube_work *w, const cytometry_question *q, cytometry_number *out,
                            stroma_population_value *value, stroma_error *err)
{
    const cytometry_tube *t = w->t;
    const uint64_t n = t->populations[out->population].n;
    if (strcmp(q->definition->id, "cells_per_ul_beads") == 0) {
        out->of = find(t, q->over);
        if (out->of == SIZE_MAX || !t->populations[out->of].present)
            return cannot(w, out, err, "there is no population", q->over);
        out->n_of = t->populations[out->of].n;
        return stroma_absolute_beads(n, out->n_of, q->beads_per_ul, q->dilution, &w->e->options,
                                     value, err);
    }
    stroma_acquired_volume volume;
    stroma_acquired_volume_find(w->o->d, w->o->file, &w->t->findings, &volume);
    if (!(volume.volume_ul > 0))
        return cannot(w, out, err, "the file does not say the acquired volume", NULL);
    return stroma_absolute_volume(n, volume.volume_ul, q->dilution, &w->e->options, value, err);
}

/* ---- all ---- */

static stroma_status ask(tube_work *w, const cytometry_question *q, cytometry_number *out,
                         stroma_population_value *value, stroma_error *err)
{
    const char *id = q->definition->id;
    const cytometry_tube *t = w->t;
    if (strcmp(id, "count") == 0) {
        *value = (stroma_population_value){ .definition = q->definition,
                                            .value = (double)t->populations[out->population].n,
                                            .lower = STUDY_NAN,
                                            .upper = STUDY_NAN,
                                            .interval = "",
                                            .reason = "" };
        return STROMA_OK;
    }
    const char *name = stroma_arena_printf(&w->t->arena, "%s|%s|%s", t->place.path, q->population,
                                           q->marker == NULL ? id : q->marker);
    if (name == NULL) return stroma_no_memory(err);
    if (strcmp(id, "percent") == 0) return percent(w, q, out, value, err);
    if (strcmp(id, "percent_net") == 0) return percent_net(w, q, out, value, err);
    if (strcmp(id, "log_ratio") == 0) return log_ratio(w, q, name, out, value, err);
    if (strncmp(id, "cells_per_ul_", 13) == 0) return per_ul(w, q, out, value, err);
    return fluorescence(w, q, name, out->population, out, value, err);
}

static stroma_status answer(tube_work *w, const cytometry_question *q, cytometry_number *out,
                            stroma_error *err)
{
    cytometry_tube *t = w->t;
    *out = (cytometry_number){ .population = find(t, q->population),
                               .of = SIZE_MAX,
                               .control = SIZE_MAX,
                               .value = STUDY_NAN,
                               .lower = STUDY_NAN,
                               .upper = STUDY_NAN,
                               .interval = "" };
    if (out->population == SIZE_MAX)
        return cannot(w, out, err, "there is no population", q->population);
    const cytometry_population *p = &t->populations[out->population];
    out->n = p->n;
    if (!p->present) {
        out->reason = p->reason;
        return STROMA_OK;
    }
    stroma_population_value v = { .reason = "" };
    STROMA_TRY(ask(w, q, out, &v, err));
    if (out->reason != NULL) return STROMA_OK;
    out->value = v.value;
    out->lower = v.lower;
    out->upper = v.upper;
    out->interval = v.interval == NULL ? "" : v.interval;
    out->present = !isnan(v.value);
    if (!out->present) out->reason = stroma_arena_strdup(&t->arena, v.reason);
    if (p->n < q->floor)
        v.flags |= STROMA_FLAG_FEW_EVENTS;
    else if (q->over == NULL)
        v.flags &= ~(unsigned)STROMA_FLAG_FEW_EVENTS;
    out->few = (v.flags & STROMA_FLAG_FEW_EVENTS) != 0;
    const char *bad = t->quality_verdict == STROMA_QUALITY_BAD ? "quality-bad" : NULL;
    return cytometry_flags(&t->arena, v.flags, fallback(w, out->population), bad, &out->flags, err);
}

stroma_status cytometry_compute_numbers(tube_work *w, stroma_error *err)
{
    const cytometry_entry *e = w->e;
    cytometry_tube *t = w->t;
    t->numbers = stroma_arena_alloc(&t->arena, e->questions.len, sizeof *t->numbers);
    if (t->numbers == NULL) return stroma_no_memory(err);
    for (size_t k = 0; k < e->questions.len; k++) {
        stroma_error mine = STROMA_ERROR_INIT;
        const stroma_status st = answer(w, &e->questions.items[k], &t->numbers[k], &mine);
        if (st != STROMA_OK && !cytometry_is_fault(st)) {
            if (err != NULL) *err = mine;
            return st;
        }
        if (st != STROMA_OK) STROMA_TRY(cannot(w, &t->numbers[k], err, mine.message, NULL));
    }
    return STROMA_OK;
}
