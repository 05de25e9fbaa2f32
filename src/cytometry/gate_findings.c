/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What looks like a mistake in a set of gates, alone or beside a file of events. */
#include "gate_ellipsoid.h"
#include "gate_plan.h"

#include "stroma/diag.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CROSSING_VERTICES_MAX = 4096, MESSAGE_MAX = 320 };

typedef struct look {
    const stroma_gate_set *set;
    const char *file;
    stroma_diag *diag;
} look;

static void found(const look *k, const stroma_gate *g, const char *code, stroma_severity severity,
                  const char *message, const char *action)
{
    const stroma_finding f = { .code = code,
                               .severity = severity,
                               .file = k->file,
                               .line = k->file == k->set->source ? g->line : 0,
                               .column = g->id,
                               .message = message,
                               .action = action };
    stroma_diag_add(k->diag, &f);
}

static const char *channel_of(const stroma_gate_set *s, const stroma_gate_dimension *d)
{
    return d->name != NULL ? d->name : s->ratios[d->ratio].id;
}

/* Where on its scale a gate lies in dimension @p i, ends included. */
static void extent(const stroma_gate *g, size_t i, double *least, double *most)
{
    *least = g->dims[i].lower;
    *most = g->dims[i].upper;
    if (g->kind == STROMA_GATE_POLYGON) {
        *least = *most = g->vertices[i];
        for (size_t k = 1; k < g->vertices_len; k++) {
            *least = fmin(*least, g->vertices[2 * k + i]);
            *most = fmax(*most, g->vertices[2 * k + i]);
        }
    } else if (g->kind == STROMA_GATE_ELLIPSOID) {
        const double half = sqrt(fabs(g->covariance[i * g->dims_len + i]) * g->distance_square);
        *least = g->mean[i] - half;
        *most = g->mean[i] + half;
    }
}

static void look_at_extent(const look *k, const stroma_gate *g, size_t i)
{
    char text[MESSAGE_MAX];
    const stroma_gate_dimension *d = &g->dims[i];
    double least, most;
    extent(g, i, &least, &most);
    const bool box = g->kind == STROMA_GATE_RECTANGLE || g->kind == STROMA_GATE_QUADRANT;
    if (box && least >= most) {
        (void)snprintf(text, sizeof text,
                       "gate \"%.80s\" holds no event: in \"%.60s\" its lower edge %g is not below "
                       "the upper one %g",
                       g->id, channel_of(k->set, d), least, most);
        found(k, g, "STROMA-GATE-006", STROMA_WARNING, text, "swap or move the edges");
        return;
    }
    double bottom = -(double)INFINITY, top = (double)INFINITY;
    if (d->ratio >= 0 && d->transform < 0) {
        bottom = k->set->ratios[d->ratio].bound_min;
        top = k->set->ratios[d->ratio].bound_max;
    } else if (d->transform >= 0) {
        bottom = k->set->transforms[d->transform].bound_min;
        top = k->set->transforms[d->transform].bound_max;
    }
    if (least <= top && (box ? most > bottom : most >= bottom)) return;
    (void)snprintf(text, sizeof text,
                   "gate \"%.80s\" holds no event: in \"%.60s\" it reaches from %g to %g, the "
                   "bounds of the scale are %g and %g",
                   g->id, channel_of(k->set, d), least, most, bottom, top);
    found(k, g, "STROMA-GATE-006", STROMA_WARNING, text,
          "move the gate, or the boundMin and boundMax of the transformation");
}

static void look_at_polygon(const look *k, const stroma_gate *g)
{
    char text[MESSAGE_MAX];
    bool flat = true;
    const double *v = g->vertices;
    for (size_t i = 1; i + 1 < g->vertices_len && flat; i++)
        flat = gate_side(v[0], v[1], v[2 * i], v[2 * i + 1], v[2 * i + 2], v[2 * i + 3]) == 0;
    if (flat) {
        (void)snprintf(text, sizeof text,
                       "polygon \"%.80s\" has no area: its vertices lie on one "
                       "line",
                       g->id);
        found(k, g, "STROMA-GATE-006", STROMA_WARNING, text, "draw it again");
    } else if (g->vertices_len <= CROSSING_VERTICES_MAX &&
               gate_polygon_crosses_itself(v, g->vertices_len)) {
        (void)snprintf(text, sizeof text,
                       "polygon \"%.80s\" crosses or touches itself; what it covers twice is "
                       "outside (even-odd rule)",
                       g->id);
        found(k, g, "STROMA-GATE-005", STROMA_WARNING, text,
              "look at it; draw it again if that was not meant");
    }
}

static stroma_status look_at_ellipsoid(const look *k, const stroma_gate *g, stroma_error *err)
{
    char text[MESSAGE_MAX];
    double *work = stroma_alloc_array(g->dims_len * g->dims_len, sizeof *work);
    if (work == NULL) return stroma_no_memory(err);
    const bool good = gate_is_covariance(g->covariance, g->dims_len, work);
    stroma_free(work);
    if (good) return STROMA_OK;
    (void)snprintf(text, sizeof text,
                   "the matrix of gate \"%.80s\" is no covariance: it is not symmetric, or not "
                   "positive definite; the region is not an ellipsoid",
                   g->id);
    found(k, g, "STROMA-GATE-003", STROMA_WARNING, text,
          "compare it with where it came from; events are judged by the formula with this matrix");
    return STROMA_OK;
}

stroma_status stroma_gates_look(const stroma_gate_set *s, stroma_diag *diag, stroma_error *err)
{
    const look k = { .set = s, .file = s->source, .diag = diag };
    for (size_t i = 0; i < s->gates_len; i++) {
        const stroma_gate *g = &s->gates[i];
        for (size_t d = 0; d < g->dims_len; d++)
            if (g->kind != STROMA_GATE_ELLIPSOID) look_at_extent(&k, g, d);
        if (g->kind == STROMA_GATE_POLYGON) look_at_polygon(&k, g);
        if (g->kind == STROMA_GATE_ELLIPSOID) STROMA_TRY(look_at_ellipsoid(&k, g, err));
    }
    return STROMA_OK;
}

/* Linear value at the top of the channel behind a column; ∞ when that is not known. */
static double top_of(const stroma_fcs_dataset *d, const stroma_event_column *c)
{
    size_t i = c->index;
    if (c->compensation != NULL) {
        if (c->compensation->fluorochromes_len != c->compensation->detectors_len)
            return (double)INFINITY;
        i = stroma_fcs_find(d, c->compensation->detector[i], false);
        if (i == SIZE_MAX) return (double)INFINITY;
    }
    const stroma_fcs_parameter *p = &d->parameters[i];
    if (p->is_time || !(p->range > 0)) return (double)INFINITY;
    if (p->log_decades > 0) return p->log_offset * pow(10, p->log_decades);
    return p->range / (p->gain > 0 ? p->gain : 1);
}

static void look_at_range(const look *k, const stroma_fcs_dataset *d, const stroma_gate *g,
                          size_t i, const stroma_event_column *c)
{
    char text[MESSAGE_MAX];
    const int t = g->dims[i].transform;
    double least, most, top = top_of(d, c);
    extent(g, i, &least, &most);
    if (t >= 0 && isfinite(top)) top = stroma_transform_value(&k->set->transforms[t], top);
    if (!(least > top)) return;
    (void)snprintf(text, sizeof text,
                   "gate \"%.80s\" lies above the range of \"%.60s\": it begins at %g, the channel "
                   "ends at %g%s",
                   g->id, g->dims[i].name, least, top, t >= 0 ? " on its scale" : "");
    found(k, g, "STROMA-GATE-007", STROMA_WARNING, text,
          "is the gate in the units of its scale? Values of T are at 1 on a Gating-ML scale");
}

/* @return whether the channel was there */
static bool look_for(const look *k, const stroma_fcs_dataset *d, const stroma_compensation *fcs,
                     const stroma_gate *g, size_t i, const char *name, stroma_event_column *c)
{
    char text[2 * STROMA_ERROR_TEXT_MAX];
    stroma_error err = STROMA_ERROR_INIT;
    if (gate_column_find(k->set, d, fcs, &g->dims[i], name, c, &err) == STROMA_OK) return true;
    (void)snprintf(text, sizeof text, "gate \"%.80s\": %s", g->id, err.message);
    /* Two dimensions often lack the same thing: once is enough. */
    const stroma_diag *all = k->diag;
    if (all != NULL && all->len > 0 && strcmp(all->items[all->len - 1].message, text) == 0)
        return false;
    found(k, g, "STROMA-GATE-008", STROMA_ERROR, text,
          err.hint[0] != '\0' ? err.hint : "rename the channel in the gates, or gate another file");
    return false;
}

stroma_status stroma_gates_look_at_data(const stroma_gate_set *s, const stroma_fcs_dataset *d,
                                        const char *file, const stroma_compensation *fcs,
                                        stroma_diag *diag, stroma_error *err)
{
    const look k = { .set = s, .file = file, .diag = diag };
    (void)err;
    for (size_t n = 0; n < s->gates_len; n++) {
        const stroma_gate *g = &s->gates[n];
        for (size_t i = 0; i < g->dims_len; i++) {
            const stroma_gate_dimension *dim = &g->dims[i];
            stroma_event_column c;
            if (dim->ratio >= 0) {
                if (look_for(&k, d, fcs, g, i, s->ratios[dim->ratio].numerator, &c))
                    (void)look_for(&k, d, fcs, g, i, s->ratios[dim->ratio].denominator, &c);
            } else if (look_for(&k, d, fcs, g, i, dim->name, &c)) {
                look_at_range(&k, d, g, i, &c);
            }
        }
    }
    (void)stroma_gates_look_at_matrix(s, file, fcs, diag);
    return STROMA_OK;
}

bool stroma_gates_look_at_matrix(const stroma_gate_set *s, const char *file,
                                 const stroma_compensation *fcs, stroma_diag *diag)
{
    const look k = { .set = s, .file = file, .diag = diag };
    const stroma_gate *asks = NULL;
    for (size_t n = 0; n < s->gates_len; n++)
        for (size_t i = 0; i < s->gates[n].dims_len; i++)
            if (s->gates[n].dims[i].compensation == STROMA_COMPENSATION_FCS) asks = &s->gates[n];
    if (asks != NULL && fcs == NULL)
        found(&k, asks, "STROMA-GATE-009", STROMA_WARNING,
              "gates ask for the file's own compensation, and it has none that can be used",
              "events are gated as recorded; is this the file that was meant?");
    return asks != NULL;
}
