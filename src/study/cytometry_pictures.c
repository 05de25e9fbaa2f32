/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is drawn of a sample: the events of every gate step on the axes of its gate, binned. */
#include "cytometry_tube.h"

#include "stroma/cytometry_density.h"

#include <string.h>

enum { BINS = 64, HISTOGRAM_BINS = 256, COUNTS_BYTES = 1 << 20 };

typedef struct drawing {
    tube_work *w;
    cytometry_axes *axes; /* of the tube */
    STUDY_ARRAY(stroma_density_job) jobs;
    stroma_density_axis *x, *y; /* of the jobs, one each */
    size_t capacity;
    stroma_buffer text;
} drawing;

/* The axis of a dimension, SIZE_MAX when it has none (a ratio, or a channel that is not there). */
static stroma_status axis_of(drawing *d, const stroma_gate_dimension *g, size_t *axis,
                             stroma_event_column *column, stroma_error *err)
{
    const tube_work *w = d->w;
    const stroma_gate_set *s = w->set;
    *axis = SIZE_MAX;
    if (g->ratio >= 0) return STROMA_OK;
    const stroma_compensation *c = g->compensation == STROMA_COMPENSATION_NONE ? NULL
                                   : g->compensation == STROMA_COMPENSATION_FCS
                                       ? w->o->compensation
                                       : &s->compensations[g->compensation];
    STROMA_TRY(stroma_column_find(w->o->d, c, g->name, column, err));
    stroma_arena *a = &w->t->arena;
    const char *marker = cytometry_marker_of(w->e, w->o, g->name),
               *id = marker != NULL ? marker : g->name;
    for (size_t i = 0; i < d->axes->len; i++)
        if (strcmp(d->axes->items[i].id, id) == 0) {
            *axis = i;
            return STROMA_OK;
        }
    cytometry_axis x = { .id = stroma_arena_strdup(a, id),
                         .channel = stroma_arena_strdup(a, g->name),
                         .marker = stroma_arena_strdup(a, marker),
                         .compensated = column->compensation != NULL };
    const bool plain = marker == NULL || strcmp(marker, g->name) == 0;
    x.label = plain ? x.id : stroma_arena_printf(a, "%s (%s)", marker, g->name);
    if (x.id == NULL || x.channel == NULL || x.label == NULL) return stroma_no_memory(err);
    STROMA_TRY(cytometry_scale(w, g, &x.scale, err));
    stroma_density_range(&x.scale, 1, &x.low, &x.high);
    cytometry_axis *kept = STUDY_ADD(d->axes, err);
    if (kept == NULL) return stroma_no_memory(err);
    *kept = x;
    *axis = d->axes->len - 1;
    return STROMA_OK;
}

static bool is_asked(const cytometry_entry *e, const cytometry_gate *g)
{
    for (size_t k = 0; k < e->questions.len; k++) {
        const cytometry_question *q = &e->questions.items[k];
        if (strcmp(q->population, g->id) == 0 || strcmp(q->population, g->label) == 0) return true;
        if (q->over != NULL && (strcmp(q->over, g->id) == 0 || strcmp(q->over, g->label) == 0))
            return true;
    }
    return false;
}

static stroma_density_axis bins(const drawing *d, size_t axis, const stroma_event_column *column,
                                size_t n)
{
    const cytometry_axis *x = &d->axes->items[axis];
    return (stroma_density_axis){ .column = *column, .low = x->low, .high = x->high, .bins = n };
}

/* A place on which a gate is drawn. */
typedef struct side {
    size_t axis; /* of the tube, SIZE_MAX none */
    stroma_event_column column;
} side;

/* A picture and the job that fills it. @p y NULL: a histogram of x. */
static stroma_status add_picture(drawing *d, size_t gate, const side *x, const side *y,
                                 stroma_error *err)
{
    const tube_work *w = d->w;
    const stroma_gate *g = &w->set->gates[gate];
    const size_t k = d->jobs.len;
    if (k == d->capacity) return stroma_bug(err, "room for every picture", __FILE__, __LINE__);
    d->x[k] = bins(d, x->axis, &x->column, y != NULL ? BINS : HISTOGRAM_BINS);
    if (y != NULL) d->y[k] = bins(d, y->axis, &y->column, BINS);
    stroma_density_job *job = STUDY_ADD(&d->jobs, err);
    cytometry_picture *p = STUDY_ADD(&w->t->pictures, err);
    if (job == NULL || p == NULL) return stroma_no_memory(err);
    const uint64_t *bits = w->members.bits;
    *job = (stroma_density_job){
        .x = &d->x[k],
        .y = y != NULL ? &d->y[k] : NULL,
        .bits = g->parent < 0 ? w->good : bits + (size_t)g->parent * w->members.words,
    };
    *p = (cytometry_picture){ .gate = gate,
                              .parent = w->t->gates[gate].parent,
                              .x = x->axis,
                              .y = y != NULL ? y->axis : SIZE_MAX,
                              .asked = is_asked(w->e, &w->t->gates[gate]) };
    return STROMA_OK;
}

/* A gate on one marker is drawn against what the nearest ancestor on something else was set on, as
 * IL-17A against CD4; @p context keeps SIZE_MAX where there is none. */
static stroma_status find_context(drawing *d, const stroma_gate *g, size_t shown, side *context,
                                  stroma_error *err)
{
    const stroma_gate_set *s = d->w->set;
    for (int32_t p = g->parent; p >= 0; p = s->gates[p].parent) {
        const stroma_gate *up = &s->gates[p];
        for (size_t k = up->kind == STROMA_GATE_BOOLEAN ? 0 : up->dims_len; k > 0; k--) {
            side at = { .axis = SIZE_MAX };
            STROMA_TRY(axis_of(d, &up->dims[k - 1], &at.axis, &at.column, err));
            if (at.axis == SIZE_MAX || at.axis == shown) continue;
            *context = at;
            return STROMA_OK;
        }
    }
    return STROMA_OK;
}

/* The step of a gate on its first two dimensions, and a histogram of each dimension of a gate that
 * was asked for: those of a control are laid under those of a sample. */
static stroma_status plan_gate(drawing *d, size_t gate, stroma_error *err)
{
    const stroma_gate *g = &d->w->set->gates[gate];
    if (g->kind == STROMA_GATE_BOOLEAN || g->dims_len == 0) return STROMA_OK;
    side sides[2] = { { .axis = SIZE_MAX }, { .axis = SIZE_MAX } };
    const size_t n = g->dims_len < 2 ? g->dims_len : 2;
    for (size_t k = 0; k < n; k++)
        STROMA_TRY(axis_of(d, &g->dims[k], &sides[k].axis, &sides[k].column, err));
    if (g->dims_len == 1 && sides[0].axis != SIZE_MAX)
        STROMA_TRY(find_context(d, g, sides[0].axis, &sides[1], err));
    const bool two = sides[0].axis != SIZE_MAX && sides[1].axis != SIZE_MAX;
    if (two) STROMA_TRY(add_picture(d, gate, &sides[0], &sides[1], err));
    const bool asked = is_asked(d->w->e, &d->w->t->gates[gate]);
    for (size_t k = 0; k < n; k++)
        if (sides[k].axis != SIZE_MAX && (!two || asked))
            STROMA_TRY(add_picture(d, gate, &sides[k], NULL, err));
    return STROMA_OK;
}

static stroma_status keep_counts(drawing *d, const stroma_density *made, stroma_error *err)
{
    cytometry_tube *t = d->w->t;
    for (size_t k = 0; k < d->jobs.len; k++) {
        cytometry_picture *p = &t->pictures.items[k];
        stroma_buffer_reset(&d->text);
        stroma_density_pack(&made[k], &d->text);
        STROMA_TRY(stroma_buffer_status(&d->text, err));
        p->counts = stroma_arena_strndup(&t->arena, d->text.data, d->text.len);
        if (p->counts == NULL) return stroma_no_memory(err);
        p->n_x = made[k].n_x;
        p->n_y = made[k].n_y;
        p->n_events = made[k].n_events;
        p->n_not_numbers = made[k].n_not_numbers;
        p->x_below = made[k].x_below;
        p->x_above = made[k].x_above;
        p->y_below = made[k].y_below;
        p->y_above = made[k].y_above;
        p->highest = made[k].highest;
    }
    return STROMA_OK;
}

static stroma_status draw(drawing *d, stroma_error *err)
{
    const stroma_gate_set *s = d->w->set;
    d->capacity = 3 * s->gates_len;
    d->x = stroma_alloc_array(d->capacity, sizeof *d->x);
    d->y = stroma_alloc_array(d->capacity, sizeof *d->y);
    if (d->x == NULL || d->y == NULL) return stroma_no_memory(err);
    for (size_t g = 0; g < s->gates_len; g++)
        STROMA_TRY(plan_gate(d, g, err));
    /* Events are binned on the scale of the axis, which every gate on it is drawn on. The axes do
     * not move any more. */
    for (size_t k = 0; k < d->jobs.len; k++) {
        const cytometry_picture *p = &d->w->t->pictures.items[k];
        d->x[k].transform = &d->axes->items[p->x].scale;
        if (p->y != SIZE_MAX) d->y[k].transform = &d->axes->items[p->y].scale;
    }
    stroma_density *made = stroma_alloc_array(d->jobs.len, sizeof *made);
    if (made == NULL) return stroma_no_memory(err);
    stroma_status st = stroma_density_count(d->w->o->d, 0, d->w->o->d->n_events, d->jobs.items,
                                            d->jobs.len, made, err);
    if (st == STROMA_OK) st = keep_counts(d, made, err);
    for (size_t k = 0; k < d->jobs.len; k++)
        stroma_density_clear(&made[k]);
    stroma_free(made);
    return st;
}

stroma_status cytometry_draw(tube_work *w, stroma_error *err)
{
    drawing d = { .w = w, .axes = &w->t->axes };
    stroma_buffer_init(&d.text, COUNTS_BYTES);
    const stroma_status st = draw(&d, err);
    stroma_buffer_clear(&d.text);
    stroma_free(d.x);
    stroma_free(d.y);
    stroma_free(d.jobs.items);
    return st;
}
