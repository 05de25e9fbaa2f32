/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A strategy applied to a sample: population by population, parents first. */
#include "learn_run.h"

#include "panel.h"

#include "stroma/interrupt.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { JSON_MAX_BYTES = 1 << 16 };

const char *stroma_gating_state_name(stroma_gating_state s)
{
    static const char *const names[] = { "found", "doubtful",      "fallback",
                                         "drawn", "not_estimable", "left_out" };
    return names[s];
}

bool stroma_gating_method_get(size_t i, stroma_gating_method *out)
{
    size_t n = 0;
    const learn_method *const *all = learn_methods(&n);
    if (i < n)
        *out = (stroma_gating_method){ all[i]->name, all[i]->what, all[i]->confidence };
    else if (i == n)
        *out = (stroma_gating_method){ "quadrant", "four regions between the edges of two markers",
                                       "the lower one of its two edges" };
    else if (i == n + 1)
        *out = (stroma_gating_method){ "boolean", "and, or, not of populations",
                                       "none: it follows from the others" };
    return i < n + 2;
}

static stroma_status channels_of(const learn_run *r, const strategy_population *p, size_t first,
                                 size_t len, learn_channels *c, stroma_error *err)
{
    const stroma_panel *panel = r->panel;
    const stroma_fcs_dataset *d = r->in->sample.data;
    *c = (learn_channels){ .len = len };
    for (size_t k = 0; k < len; k++) {
        const size_t at = stroma_panel_marker_find(panel, p->marker[first + k]);
        const size_t parameter = at == SIZE_MAX ? SIZE_MAX : r->parameter[at];
        if (parameter == SIZE_MAX) {
            stroma_fail(
                err, STROMA_E_INCONSISTENT,
                "file \"%s\": population \"%s\" needs the marker \"%s\", which is in no channel",
                r->in->sample.file, p->id, p->marker[first + k]);
            stroma_hint(err, "name its channel in a panel file (--panel), under markers");
            return STROMA_E_INCONSISTENT;
        }
        const stroma_panel_marker *m = &panel->markers[at];
        c->marker[k] = at;
        c->name[k] = d->parameters[parameter].name;
        c->compensated[k] = panel->compensate && !m->scatter;
        STROMA_TRY(stroma_in(err,
                             stroma_transform_make(m->scale.kind, m->scale.t, m->scale.w,
                                                   m->scale.m, m->scale.a, NULL, &c->scale[k], err),
                             "marker \"%s\"", m->name));
    }
    return STROMA_OK;
}

/* Values of another tube, freed by the caller. */
typedef struct other_values {
    double *x[2];
    learn_values v;
} other_values;

static void free_values(double *x[2])
{
    stroma_free(x[0]);
    stroma_free(x[1]);
}

static const stroma_gating_control *control_of(const learn_run *r, size_t marker)
{
    for (size_t i = 0; i < r->in->fmo_len; i++)
        if (stroma_panel_same_marker(r->panel, r->in->fmo[i].marker,
                                     r->panel->markers[marker].name))
            return &r->in->fmo[i];
    return NULL;
}

static bool asks(const learn_rule *rule, const learn_method *m)
{
    for (const learn_rule *x = rule; x != NULL; x = x->fallback)
        if (x->method == m || (x->edge != NULL && asks(x->edge, m))) return true;
    return false;
}

static stroma_status read_other(const learn_run *r, const stroma_panel_tube *t,
                                const stroma_gate_set *gates, int parent, const learn_channels *c,
                                other_values *o, stroma_error *err)
{
    uint64_t n_parent = 0;
    STROMA_TRY(learn_read_values(t, gates, parent, r->in->threads, c, false, o->x, &o->v.n,
                                 &n_parent, err));
    o->v.x[0] = o->x[0];
    o->v.x[1] = o->x[1];
    return STROMA_OK;
}

/* The FMO tube and the reference sample, where the rule asks for them. */
static stroma_status read_controls(learn_run *r, const strategy_population *p,
                                   const learn_rule *rule, const learn_channels *c, learn_job *job,
                                   other_values *fmo, other_values *reference, stroma_error *err)
{
    const int parent = learn_parent(r, p);
    const stroma_gating_control *control =
        asks(rule, &learn_fmo) ? control_of(r, c->marker[0]) : NULL;
    if (control != NULL) {
        STROMA_TRY(read_other(r, &control->tube, &r->out->gates, parent, c, fmo, err));
        job->fmo = &fmo->v;
        job->fmo_file = control->tube.file;
    }
    if (r->reference == NULL || !asks(rule, &learn_reference)) return STROMA_OK;
    const int there = learn_parent(r->reference, p);
    if (p->parent != SIZE_MAX && r->reference->gate[p->parent] == LEARN_NO_GATE)
        return STROMA_OK; /* no parent in the reference */
    STROMA_TRY(read_other(r, &r->reference->in->sample, &r->reference->out->gates, there, c,
                          reference, err));
    job->reference = &reference->v;
    return STROMA_OK;
}

/* Ask one rule, and add its row. */
static stroma_status ask(learn_run *r, const strategy_population *p, size_t axis, size_t len,
                         learn_answer *answer, const learn_rule **used, stroma_json *seen,
                         uint64_t *n_parent, stroma_error *err)
{
    const learn_rule *rule = &p->rule[p->kind == STRATEGY_QUADRANT ? axis : 0];
    learn_channels c;
    double *x[2] = { NULL, NULL };
    other_values fmo = { 0 }, reference = { 0 };
    learn_job job = { .channels = len, .is_reference = r->is_reference, .rule = rule };
    STROMA_TRY(channels_of(r, p, axis, len, &c, err));
    for (size_t k = 0; k < len; k++)
        job.top[k] = r->in->sample.data->parameters[r->parameter[c.marker[k]]].range - 1;
    job.zero = stroma_transform_value(&c.scale[0], 0);
    job.has_zero = c.scale[0].kind != STROMA_TRANSFORM_LINEAR && job.zero >= 0;
    const int parent = learn_parent(r, p);
    stroma_status s = learn_read_values(&r->in->sample, &r->out->gates, parent, r->in->threads, &c,
                                        rule->method->linear, x, &job.sample.n, n_parent, err);
    job.sample.x[0] = x[0];
    job.sample.x[1] = x[1];
    if (s == STROMA_OK) s = read_controls(r, p, rule, &c, &job, &fmo, &reference, err);
    stroma_json_begin_object(seen);
    stroma_json_put_string(seen, "marker", r->panel->markers[c.marker[0]].name);
    *answer = (learn_answer){ .seen = seen };
    if (s == STROMA_OK) s = learn_find(&job, answer, used, err);
    stroma_json_end_object(seen);
    for (size_t k = 0; k < len && s == STROMA_OK; k++)
        s = learn_add_row(r, p, &c, axis + k, rule, *used, answer, *n_parent, err);
    free_values(x);
    free_values(fmo.x);
    free_values(reference.x);
    return s;
}

static stroma_status make_gates(learn_run *r, const strategy_population *p, size_t first_name,
                                const learn_answer *answer, const learn_rule *const *used,
                                const char *parameters, stroma_error *err)
{
    learn_channels c;
    STROMA_TRY(channels_of(r, p, 0, p->markers_len, &c, err));
    if (p->kind == STRATEGY_GATE)
        return learn_add_gate(r, p, first_name, &c, answer, used, parameters, err);
    for (size_t i = 0; i < 4; i++)
        if (p->region[i] != SIZE_MAX)
            STROMA_TRY(learn_add_gate(r, p, p->region[i], &c, answer, used, parameters, err));
    return STROMA_OK;
}

/* One gate, or the regions between two edges. */
static stroma_status find_gates(learn_run *r, const strategy_population *p, size_t name,
                                stroma_error *err)
{
    learn_answer answer[2];
    const learn_rule *used[2] = { NULL, NULL };
    uint64_t n_parent = 0;
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, JSON_MAX_BYTES);
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_array(&j);
    const size_t asked = p->kind == STRATEGY_QUADRANT ? 2 : 1;
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < asked && s == STROMA_OK; i++)
        s = ask(r, p, i, p->kind == STRATEGY_QUADRANT ? 1 : p->markers_len, &answer[i], &used[i],
                &j, &n_parent, err);
    stroma_json_end_array(&j);
    if (s == STROMA_OK) s = stroma_buffer_status(&b, err);
    for (size_t i = 0; i < asked && s == STROMA_OK; i++)
        if (answer[i].shape == LEARN_NOTHING) {
            r->out->rows_len -= p->kind == STRATEGY_QUADRANT ? 2 : p->markers_len;
            s = learn_not_estimable(r, p, "STROMA-LEARN-005", answer[i].reason, err);
            goto out;
        }
    if (s == STROMA_OK) s = make_gates(r, p, name, answer, used, b.data, err);
out:
    stroma_buffer_clear(&b);
    return s;
}

static stroma_status run_population(learn_run *r, size_t index, stroma_error *err)
{
    const strategy_population *p = &r->s->populations[index];
    size_t name = 0;
    char text[200];
    while (name < r->s->names_len && r->s->names[name].population != index)
        name++;
    if (p->parent != SIZE_MAX && r->gate[p->parent] == LEARN_NO_GATE) {
        (void)snprintf(text, sizeof text, "its parent \"%.60s\" has no gate",
                       r->s->names[p->parent].id);
        return learn_not_estimable(r, p, "STROMA-LEARN-006", text, err);
    }
    for (size_t k = 0; p->optional && p->kind == STRATEGY_GATE && k < p->markers_len; k++) {
        const size_t at = stroma_panel_marker_find(r->panel, p->marker[k]);
        if (at == SIZE_MAX || r->parameter[at] == SIZE_MAX)
            return learn_leave_out(r, p, name, p->marker[k], err);
    }
    if (p->kind != STRATEGY_BOOLEAN) return find_gates(r, p, name, err);
    for (size_t i = 0; i < p->uses_len; i++)
        if (r->gate[p->use[i]] < 0) {
            (void)snprintf(text, sizeof text, "\"%.60s\" has no gate", r->s->names[p->use[i]].id);
            return learn_not_estimable(r, p, "STROMA-LEARN-006", text, err);
        }
    return learn_add_boolean(r, p, name, err);
}

/* FMO tubes that the panel declares for a marker that is read against one, and that are not there.
 */
static void say_missing_fmo(learn_run *r)
{
    for (size_t i = 0; i < r->s->populations_len && !r->is_reference; i++)
        for (size_t k = 0; k < r->s->populations[i].markers_len; k++) {
            const strategy_population *p = &r->s->populations[i];
            const size_t at = stroma_panel_marker_find(r->panel, p->marker[k]);
            const size_t rule = p->kind == STRATEGY_QUADRANT ? k : 0;
            if (p->kind == STRATEGY_BOOLEAN || at == SIZE_MAX || !r->panel->markers[at].fmo ||
                !asks(&p->rule[rule], &learn_fmo) || control_of(r, at) != NULL)
                continue;
            char text[200];
            (void)snprintf(text, sizeof text,
                           "the panel declares an FMO tube for \"%.60s\", none was given",
                           p->marker[k]);
            stroma_diag_add(r->diag,
                            &(stroma_finding){ .code = "STROMA-LEARN-007",
                                               .severity = STROMA_NOTE,
                                               .file = r->in->sample.file,
                                               .column = p->marker[k],
                                               .param = p->id,
                                               .message = text,
                                               .rule = "controls that a panel declares are there",
                                               .action = "give it with --fmo MARKER=FILE" });
        }
}

static stroma_status start(learn_run *r, stroma_error *err)
{
    const size_t markers = r->panel->markers_len;
    r->parameter = stroma_alloc_array(markers, sizeof *r->parameter);
    r->transform = stroma_alloc_array(markers, sizeof *r->transform);
    r->gate = stroma_alloc_array(r->s->names_len, sizeof *r->gate);
    if (r->parameter == NULL || r->transform == NULL || r->gate == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < markers; i++)
        r->transform[i] = -1;
    for (size_t i = 0; i < r->s->names_len; i++)
        r->gate[i] = LEARN_NO_GATE;
    stroma_diag *diag = r->is_reference ? NULL : r->diag;
    STROMA_TRY(stroma_panel_match(r->panel, r->in->sample.data, r->in->sample.file, diag,
                                  r->parameter, err));
    return panel_check_values(r->panel, &r->in->sample, r->parameter, diag, err);
}

static stroma_status run(learn_run *r, stroma_error *err)
{
    STROMA_TRY(start(r, err));
    say_missing_fmo(r);
    for (size_t i = 0; i < r->s->populations_len; i++) {
        STROMA_TRY(stroma_interrupt_check(err));
        STROMA_TRY(run_population(r, i, err));
    }
    return STROMA_OK;
}

static void end(learn_run *r)
{
    stroma_free(r->parameter);
    stroma_free(r->transform);
    stroma_free(r->gate);
}

static bool needs_reference(const stroma_gating_strategy *s)
{
    for (size_t i = 0; i < s->populations_len; i++)
        for (size_t k = 0; k < (s->populations[i].kind == STRATEGY_QUADRANT ? 2U : 1U); k++)
            if (s->populations[i].kind != STRATEGY_BOOLEAN &&
                asks(&s->populations[i].rule[k], &learn_reference))
                return true;
    return false;
}

stroma_status stroma_gating_learn(const stroma_gating_input *in, stroma_gating_result *out,
                                  stroma_diag *diag, stroma_error *err)
{
    *out = (stroma_gating_result){ .rows = NULL };
    stroma_gate_set_init(&out->gates);
    learn_run r = { .in = in, .s = in->strategy, .panel = in->panel, .out = out, .diag = diag };
    stroma_gating_result there = { .rows = NULL };
    stroma_gating_input other = *in;
    learn_run reference = {
        .in = &other, .s = in->strategy, .panel = in->panel, .out = &there, .is_reference = true
    };
    stroma_status s = STROMA_OK;
    stroma_gate_set_init(&there.gates);
    if (in->reference != NULL && needs_reference(in->strategy)) {
        other.sample = *in->reference;
        other.fmo_len = 0;
        s = stroma_in(err, run(&reference, err), "reference sample");
        r.reference = &reference;
    }
    if (s == STROMA_OK) s = run(&r, err);
    end(&r);
    end(&reference);
    stroma_gating_result_clear(&there);
    return s;
}

void stroma_gating_result_clear(stroma_gating_result *r)
{
    stroma_free(r->rows);
    stroma_gate_set_clear(&r->gates);
    *r = (stroma_gating_result){ .rows = NULL };
}
