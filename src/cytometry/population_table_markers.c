/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of markers: values of the sample meet those of control, reference and negatives. */
#include "population_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LIMIT_BYTES = 64 << 20, PLACE_MARKERS = 4096, PLACE_STATISTICS = 64 };
static const double landmark_cofactor = 150;

/* Values of one marker in populations of a tube that are needed beside the sample's own. */
typedef struct side {
    size_t *at;                       /* of each population of the job, into sample */
    stroma_population_sample *sample; /* owned copies */
    size_t len;
} side;

static void side_clear(side *s)
{
    for (size_t i = 0; i < s->len; i++)
        stroma_free((void *)(uintptr_t)s->sample[i].x);
    stroma_free(s->sample);
    stroma_free(s->at);
    *s = (side){ .at = NULL };
}

static stroma_status copy(void *context, size_t population, size_t column,
                          const stroma_population_sample *from, stroma_error *err)
{
    (void)column;
    side *s = context;
    double *x = stroma_alloc_array(from->n, sizeof *x);
    if (x == NULL) return stroma_no_memory(err);
    if (from->n > 0) memcpy(x, from->x, from->n * sizeof *x);
    s->sample[population] = (stroma_population_sample){ x, from->n, from->left_out };
    return STROMA_OK;
}

/* @param gate of each population, in the tube; used up */
static stroma_status side_fill(side *s, const stroma_population_tube *t,
                               const stroma_event_column *c, size_t *gate, size_t len, size_t limit,
                               stroma_error *err)
{
    s->at = stroma_alloc_array(len, sizeof *s->at);
    s->sample = stroma_alloc_array(len, sizeof *s->sample);
    if (s->at == NULL || s->sample == NULL) return stroma_no_memory(err);
    for (size_t p = 0; p < len; p++) {
        size_t i = 0;
        while (i < s->len && gate[i] != gate[p])
            i++;
        s->at[p] = i;
        if (i == s->len) gate[s->len++] = gate[p]; /* each is read once */
    }
    return stroma_population_visit(t->data, t->membership, gate, s->len, c, 1, limit, copy, s, err);
}

typedef struct marker {
    const char *name, *channel;
    stroma_event_column column;
    const stroma_population_control *control;
    side control_side, reference_side, negative_side;
    side peaks, reference_peaks; /* where landmarks are looked for */
    bool *control_in_parent;     /* of each population */
} marker;

typedef struct work {
    population_job *job;
    marker *markers;
    stroma_event_column *columns;
} work;

static const stroma_population_control *control_for(const stroma_population_request *r,
                                                    const char *name)
{
    const stroma_population_control *any = NULL;
    for (size_t i = 0; i < r->controls_len; i++) {
        const stroma_population_control *c = &r->controls[i];
        if (c->marker == NULL)
            any = any == NULL ? c : any;
        else if (stroma_panel_same_marker(r->panel, c->marker, name))
            return c;
    }
    return any;
}

/* The population of the same id in another tube. */
static stroma_status same_gate(const work *w, const stroma_population_tube *t, size_t gate,
                               size_t *out, stroma_error *err)
{
    if (gate == SIZE_MAX) {
        *out = SIZE_MAX;
        return STROMA_OK;
    }
    return population_gate(t, w->job->sample->gates->gates[gate].id, out, err);
}

/* Fill a side with each population, or, @p outside, with the nearest one of its ancestors that is
 * not gated on the marker: an FMO has next to nothing in a gate of the marker it lacks. */
static stroma_status fill_side(const work *w, marker *m, const stroma_population_tube *t,
                               bool outside, side *s, bool *moved, stroma_error *err)
{
    const population_job *j = w->job;
    const char *names[3] = { NULL, NULL, NULL };
    size_t n = population_column_names(j->sample, &m->column, names);
    names[n++] = m->channel;
    size_t *gate = stroma_alloc_array(j->len, sizeof *gate);
    if (gate == NULL) return stroma_no_memory(err);
    stroma_status st = STROMA_OK;
    for (size_t p = 0; p < j->len && st == STROMA_OK; p++) {
        size_t g = j->gate[p];
        if (outside && g != SIZE_MAX)
            st = stroma_population_without_channel(j->sample->gates, g, names, n, &g, err);
        if (moved != NULL) moved[p] = g != j->gate[p];
        if (st == STROMA_OK) st = same_gate(w, t, g, &gate[p], err);
    }
    stroma_event_column c = m->column;
    const char *channel = NULL;
    if (st == STROMA_OK && t != j->sample)
        st = population_marker_find(t, j->request->panel, m->channel, &c, &channel, err);
    const size_t limit = j->request->limit_bytes == 0 ? LIMIT_BYTES : j->request->limit_bytes;
    if (st == STROMA_OK) st = side_fill(s, t, &c, gate, j->len, limit, err);
    stroma_free(gate);
    return st;
}

static stroma_status fill_negative(const work *w, marker *m, stroma_error *err)
{
    const population_job *j = w->job;
    size_t gate = 0;
    if (population_absent(j, j->request->negative) != NULL)
        return STROMA_OK; /* then the control is asked, or there is no value */
    STROMA_TRY(population_gate(j->sample, j->request->negative, &gate, err));
    return side_fill(&m->negative_side, j->sample, &m->column, &gate, 1, LIMIT_BYTES, err);
}

static stroma_status prepare(const work *w, marker *m, const char *name, stroma_error *err)
{
    const population_job *j = w->job;
    const stroma_population_request *r = j->request;
    m->name = name;
    STROMA_TRY(population_marker_find(j->sample, r->panel, name, &m->column, &m->channel, err));
    m->control = control_for(r, name);
    m->control_in_parent = stroma_alloc_array(j->len, sizeof *m->control_in_parent);
    if (m->control_in_parent == NULL) return stroma_no_memory(err);
    if (m->control != NULL)
        STROMA_TRY(
            fill_side(w, m, &m->control->tube, true, &m->control_side, m->control_in_parent, err));
    if (r->reference != NULL)
        STROMA_TRY(fill_side(w, m, &r->reference->tube, false, &m->reference_side, NULL, err));
    if (r->reference != NULL && r->landmarks > 0) {
        STROMA_TRY(fill_side(w, m, j->sample, true, &m->peaks, NULL, err));
        STROMA_TRY(fill_side(w, m, &r->reference->tube, true, &m->reference_peaks, NULL, err));
    }
    return r->negative == NULL ? STROMA_OK : fill_negative(w, m, err);
}

static const stroma_population_sample *of_side(const side *s, size_t p)
{
    return s->sample == NULL ? NULL : &s->sample[s->at[p]];
}

/* A row of a number that has no value for want of something. */
static stroma_status no_value(const work *w, const marker *m, size_t p, size_t place,
                              const stroma_definition *d, const char *reason, stroma_error *err)
{
    stroma_population_value v = population_value_begin(d, &w->job->request->options);
    v.reason = reason;
    return population_row_add(w->job, p, place, m->channel, m->name, NULL, &v, err);
}

static stroma_status statistic_row(const work *w, const marker *m, size_t p, size_t place,
                                   const stroma_definition *d, const stroma_population_sample *x,
                                   stroma_error *err)
{
    const population_job *j = w->job;
    const stroma_population_request *r = j->request;
    const bool bridge = strcmp(d->id, "mfi_per_reference") == 0;
    const stroma_population_control *c = bridge ? r->reference : m->control;
    const size_t parent = population_parent(j->sample, j->gate[p]);
    char name[512];
    (void)snprintf(name, sizeof name, "%s/%s/%s", j->sample->file,
                   j->gate[p] == SIZE_MAX ? "" : j->sample->gates->gates[j->gate[p]].id,
                   m->channel);
    const stroma_population_question q = {
        .name = name,
        .count = population_count(j->sample, j->gate[p]),
        .of_count = population_count(j->sample, parent),
        .marker = x,
        .control = bridge ? of_side(&m->reference_side, p) : of_side(&m->control_side, p),
        .negative = m->negative_side.sample == NULL ? NULL : &m->negative_side.sample[0]
    };
    const bool control = stroma_definition_needs_control(d);
    const bool negative = stroma_definition_needs_negative(d);
    if (control && q.control == NULL)
        return no_value(
            w, m, p, place, d,
            bridge ? "no reference tube was given" : "no control of this marker was given", err);
    if (negative && q.negative == NULL && q.control == NULL)
        return no_value(w, m, p, place, d, "neither negatives nor a control were given", err);
    stroma_population_value v;
    STROMA_TRY(stroma_population_compute(d, &q, &r->options, &v, err));
    const bool against = control || (negative && q.negative == NULL);
    if (against) v.flags |= c->flags;
    if (against && !bridge && m->control_in_parent[p]) v.flags |= STROMA_FLAG_CONTROL_PARENT;
    return population_row_add(w->job, p, place, m->channel, m->name,
                              against    ? c->tube.file
                              : negative ? r->negative
                                         : NULL,
                              &v, err);
}

static stroma_status calibrated_row(const work *w, const marker *m, size_t p, size_t place,
                                    const stroma_population_value *mfi, stroma_error *err)
{
    const stroma_population_request *r = w->job->request;
    for (size_t i = 0; i < r->calibrations_len; i++) {
        const stroma_population_calibration *c = &r->calibrations[i];
        stroma_population_value v;
        if (!stroma_panel_same_marker(r->panel, c->marker, m->name) &&
            strcmp(c->marker, m->channel) != 0)
            continue;
        STROMA_TRY(stroma_bead_calibrated(&c->line, mfi->value, &r->options, &v, err));
        v.flags |= mfi->flags;
        return population_row_add(w->job, p, place, m->channel, m->name, NULL, &v, err);
    }
    return STROMA_OK;
}

static double align(double x, const double *from, const double *to, size_t k)
{
    if (isnan(x)) return x;
    const double y = stroma_landmark_align(asinh(x / landmark_cofactor), from, to, k);
    return landmark_cofactor * sinh(y);
}

/* Positions of the peaks on the scale. @return false when there are not k, which is no error */
static bool landmarks(const stroma_population_sample *s, size_t k, double *out,
                      stroma_status *status, stroma_error *err)
{
    stroma_peak peak[STROMA_BEADS_MAX];
    *status = stroma_peaks_find(s->x, s->n, k, 0.05, landmark_cofactor, peak, err);
    if (*status == STROMA_E_DEGENERATE) {
        *status = STROMA_OK;
        stroma_error_clear(err);
        return false;
    }
    for (size_t i = 0; *status == STROMA_OK && i < k; i++)
        out[i] = asinh(peak[i].position / landmark_cofactor);
    return *status == STROMA_OK;
}

static stroma_status aligned_row(const work *w, const marker *m, size_t p, size_t place,
                                 const stroma_population_value *mfi, stroma_error *err)
{
    const stroma_population_request *r = w->job->request;
    const stroma_definition *d = stroma_definition_find("mfi_aligned");
    const stroma_population_sample *own = of_side(&m->peaks, p);
    const stroma_population_sample *other = of_side(&m->reference_peaks, p);
    STROMA_BUG_IF(own == NULL || other == NULL, err);
    double from[STROMA_BEADS_MAX], to[STROMA_BEADS_MAX];
    stroma_status s = STROMA_OK;
    const bool have =
        landmarks(own, r->landmarks, from, &s, err) && landmarks(other, r->landmarks, to, &s, err);
    STROMA_TRY(s);
    if (!have)
        return no_value(w, m, p, place, d, "the landmarks were not found in sample and reference",
                        err);
    stroma_population_value v = *mfi;
    v.definition = d;
    v.value = align(mfi->value, from, to, r->landmarks);
    v.lower = align(mfi->lower, from, to, r->landmarks);
    v.upper = align(mfi->upper, from, to, r->landmarks);
    v.flags |= r->reference->flags;
    return population_row_add(w->job, p, place, m->channel, m->name, r->reference->tube.file, &v,
                              err);
}

static stroma_status answer(void *context, size_t p, size_t column,
                            const stroma_population_sample *x, stroma_error *err)
{
    const work *w = context;
    const stroma_population_request *r = w->job->request;
    const marker *m = &w->markers[column];
    size_t place = PLACE_MARKERS + column * PLACE_STATISTICS;
    for (size_t i = 0; i < r->statistics_len; i++)
        STROMA_TRY(statistic_row(w, m, p, place++, r->statistic[i], x, err));
    const bool align_it = r->reference != NULL && r->landmarks > 0;
    if (r->calibrations_len == 0 && !align_it) return STROMA_OK;
    const stroma_population_question q = {
        .count = population_count(w->job->sample, w->job->gate[p]),
        .of_count =
            population_count(w->job->sample, population_parent(w->job->sample, w->job->gate[p])),
        .marker = x
    };
    stroma_population_value mfi;
    STROMA_TRY(
        stroma_population_compute(stroma_definition_find("mfi"), &q, &r->options, &mfi, err));
    STROMA_TRY(calibrated_row(w, m, p, place++, &mfi, err));
    return align_it ? aligned_row(w, m, p, place, &mfi, err) : STROMA_OK;
}

static stroma_status check_request(const stroma_population_request *r, stroma_error *err)
{
    for (size_t i = 0; i < r->statistics_len; i++)
        if (!stroma_definition_needs_marker(r->statistic[i]))
            return stroma_fail(err, STROMA_E_USAGE, "\"%s\" is not a number of a marker",
                               r->statistic[i]->id);
    if (r->statistics_len + 2 > PLACE_STATISTICS)
        return stroma_fail(err, STROMA_E_USAGE, "%zu statistics are more than %d",
                           r->statistics_len, PLACE_STATISTICS - 2);
    return STROMA_OK;
}

stroma_status population_markers(population_job *j, stroma_error *err)
{
    const stroma_population_request *r = j->request;
    if (r->markers_len == 0) return STROMA_OK;
    STROMA_TRY(check_request(r, err));
    work w = { .job = j,
               .markers = stroma_alloc_array(r->markers_len, sizeof *w.markers),
               .columns = stroma_alloc_array(r->markers_len, sizeof *w.columns) };
    stroma_status s = w.markers == NULL || w.columns == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t i = 0; i < r->markers_len && s == STROMA_OK; i++) {
        s = prepare(&w, &w.markers[i], r->marker[i], err);
        w.columns[i] = w.markers[i].column;
    }
    if (s == STROMA_OK)
        s = stroma_population_visit(
            j->sample->data, j->sample->membership, j->gate, j->len, w.columns, r->markers_len,
            r->limit_bytes == 0 ? LIMIT_BYTES : r->limit_bytes, answer, &w, err);
    for (size_t i = 0; w.markers != NULL && i < r->markers_len; i++) {
        marker *m = &w.markers[i];
        side_clear(&m->control_side);
        side_clear(&m->reference_side);
        side_clear(&m->negative_side);
        side_clear(&m->peaks);
        side_clear(&m->reference_peaks);
        stroma_free(m->control_in_parent);
    }
    stroma_free(w.markers);
    stroma_free(w.columns);
    return s;
}
