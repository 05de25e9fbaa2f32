/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of events is opened, and says what it is. */
#include "cytometry_tube.h"

#include "stroma/cytometry_population_table.h"
#include "stroma/date.h"
#include "stroma/hash.h"

#include <math.h>
#include <string.h>

enum { OPEN_ARENA_BYTES = 64 << 20 };

bool cytometry_is_fault(stroma_status st)
{
    return st == STROMA_E_MALFORMED || st == STROMA_E_INCONSISTENT || st == STROMA_E_DEGENERATE ||
           st == STROMA_E_IO || st == STROMA_E_USAGE;
}

/* The day as ISO 8601 writes it; NULL when it is none. */
static const char *date_of(stroma_arena *arena, const char *text)
{
    stroma_date d;
    char out[STROMA_DATE_TEXT_MAX];
    if (text == NULL || !stroma_fcs_date(text, &d)) return NULL;
    return stroma_arena_strdup(arena, stroma_date_format(d, out));
}

/* Hash of a matrix with its names: what compensated the numbers. */
static const char *hash_of(stroma_arena *arena, const stroma_compensation *c)
{
    stroma_hasher h;
    stroma_hasher_init(&h);
    for (size_t i = 0; i < c->fluorochromes_len; i++)
        stroma_hasher_add(&h, c->fluorochrome[i], strlen(c->fluorochrome[i]) + 1);
    for (size_t i = 0; i < c->detectors_len; i++)
        stroma_hasher_add(&h, c->detector[i], strlen(c->detector[i]) + 1);
    const double *m = c->spectrum != NULL ? c->spectrum : c->unmixing;
    if (m != NULL) stroma_hasher_add(&h, m, c->fluorochromes_len * c->detectors_len * sizeof *m);
    stroma_hash hash;
    stroma_hasher_end(&h, &hash);
    char text[STROMA_HASH_TEXT_MAX];
    return stroma_arena_strdup(arena, stroma_hash_format(&hash, text));
}

static stroma_status note_compensation(const cytometry_entry *e, cytometry_tube *t, open_tube *o,
                                       stroma_error *err)
{
    t->compensation = "none";
    if (e->has_panel && !e->panel.compensate) return STROMA_OK;
    STROMA_TRY(stroma_compensation_from_fcs(o->d, o->file, &o->arena, &t->findings,
                                            &o->compensation, err));
    const stroma_compensation *c = o->compensation;
    if (c == NULL) return STROMA_OK;
    t->compensation = stroma_arena_strdup(&t->arena, c->source);
    t->condition = c->condition;
    t->compensation_sha256 = hash_of(&t->arena, c);
    return t->compensation == NULL || t->compensation_sha256 == NULL ? stroma_no_memory(err)
                                                                     : STROMA_OK;
}

/* What a panel is, in text: two files of one panel have the same. */
static const char *signature_of(cytometry_tube *t, const stroma_fcs_dataset *d)
{
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 20);
    for (size_t i = 0; i < d->parameters_len; i++) {
        const stroma_fcs_parameter *p = &d->parameters[i];
        stroma_buffer_printf(&b, "%s %s", p->name, p->stain);
        if (!isnan(p->voltage)) stroma_buffer_printf(&b, " at %g V", p->voltage);
        if (i + 1 < d->parameters_len) stroma_buffer_puts(&b, "\n");
    }
    const char *text = stroma_buffer_status(&b, NULL) == STROMA_OK && b.data != NULL
                           ? stroma_arena_strndup(&t->arena, b.data, b.len)
                           : NULL;
    stroma_buffer_clear(&b);
    return text;
}

static stroma_status note_facts(cytometry_tube *t, open_tube *o, stroma_error *err)
{
    size_t size = 0;
    const unsigned char *bytes = stroma_fcs_bytes(o->f, &size);
    stroma_hash hash;
    stroma_hash_bytes(bytes, size, &hash);
    (void)stroma_hash_format(&hash, t->sha256);
    t->n_bytes = size;
    t->dataset = o->d->index;
    t->n_events = o->d->n_events;
    t->n_columns = o->d->parameters_len;
    t->signature = signature_of(t, o->d);
    if (t->signature == NULL) return stroma_no_memory(err);
    const char *date = stroma_fcs_text(o->d, "$BEGINDATETIME");
    t->acquired_on = date_of(&t->arena, date != NULL ? date : stroma_fcs_text(o->d, "$DATE"));
    const char *cytometer = stroma_fcs_text(o->d, "$CYT");
    if (cytometer == NULL || cytometer[0] == '\0') return STROMA_OK;
    t->cytometer = stroma_arena_strdup(&t->arena, cytometer);
    return t->cytometer == NULL ? stroma_no_memory(err) : STROMA_OK;
}

stroma_status cytometry_open(const cytometry_entry *e, cytometry_tube *t, open_tube *out,
                             stroma_error *err)
{
    *out = (open_tube){ .file = t->place.path };
    stroma_arena_init(&out->arena, OPEN_ARENA_BYTES);
    t->condition = STUDY_NAN;
    STROMA_TRY(stroma_fcs_open(t->place.resolved, NULL, &t->findings, &out->f, err));
    out->d = stroma_fcs_preferred(out->f);
    STROMA_TRY(note_facts(t, out, err));
    STROMA_TRY(note_compensation(e, t, out, err));
    if (!e->has_panel) return STROMA_OK;
    out->parameter = stroma_alloc_array(e->panel.markers_len, sizeof *out->parameter);
    if (out->parameter == NULL) return stroma_no_memory(err);
    /* with a strategy its findings are those of learning */
    return stroma_panel_match(&e->panel, out->d, out->file,
                              e->strategy == NULL ? &t->findings : NULL, out->parameter, err);
}

void cytometry_close(open_tube *o)
{
    stroma_free(o->parameter);
    stroma_free(o->good);
    stroma_fcs_close(o->f);
    stroma_arena_clear(&o->arena);
    *o = (open_tube){ 0 };
}

stroma_panel_tube cytometry_panel_tube(const open_tube *o)
{
    return (stroma_panel_tube){ .data = o->d, .compensation = o->compensation, .file = o->file };
}

const char *cytometry_marker_of(const cytometry_entry *e, const open_tube *o, const char *channel)
{
    for (size_t k = 0; o->parameter != NULL && k < e->panel.markers_len; k++)
        if (o->parameter[k] != SIZE_MAX &&
            strcmp(o->d->parameters[o->parameter[k]].name, channel) == 0)
            return e->panel.markers[k].name;
    const size_t p = stroma_fcs_find(o->d, channel, false);
    const char *stain = p == SIZE_MAX ? "" : o->d->parameters[p].stain;
    return stain[0] == '\0' ? NULL : stain;
}

stroma_status cytometry_column(const cytometry_entry *e, const open_tube *o, const char *marker,
                               stroma_event_column *out, stroma_error *err)
{
    const char *name = marker;
    const stroma_compensation *c = o->compensation;
    const size_t k = o->parameter == NULL ? SIZE_MAX : stroma_panel_marker_find(&e->panel, marker);
    if (k != SIZE_MAX && o->parameter[k] != SIZE_MAX) {
        name = o->d->parameters[o->parameter[k]].name;
        if (e->panel.markers[k].scatter) c = NULL;
    }
    return stroma_column_find(o->d, c, name, out, err);
}

size_t cytometry_control_for(const cytometry_entry *e, const cytometry_tube *t, cytometry_role role,
                             const char *marker)
{
    size_t best = SIZE_MAX;
    int quality = -1;
    for (size_t i = e->samples_len; i < e->tubes_len; i++) {
        const cytometry_place *p = &e->tubes[i].place;
        if (p->role != role || !e->tubes[i].present) continue;
        if (marker != NULL && p->marker != NULL &&
            !stroma_panel_same_marker(&e->panel, marker, p->marker))
            continue;
        if (p->visit != STUDY_NONE && p->visit != t->place.visit) continue;
        if (p->subject != STUDY_NONE && p->subject != t->place.subject) continue;
        const int q = 2 * (p->visit != STUDY_NONE) + (p->subject != STUDY_NONE);
        if (q > quality) {
            quality = q;
            best = i;
        }
    }
    return best;
}

stroma_status cytometry_check_control(const tube_work *w, size_t control, const char *marker,
                                      bool say, unsigned *flags, stroma_error *err)
{
    const open_tube *c = w->control[control];
    const stroma_population_tube sample = { .file = w->o->file, .data = w->o->d },
                                 other = { .file = c->file, .data = c->d };
    unsigned more = 0;
    /* a refused one is CYTO-007 and the reason of the number; an undated one is a flag of it */
    stroma_diag *diag = say && w->e->any_control ? &w->t->findings : NULL;
    const stroma_status st = stroma_population_control_check(&sample, &other, &w->e->panel, marker,
                                                             w->e->any_control, &more, diag, err);
    *flags |= more;
    return st;
}
