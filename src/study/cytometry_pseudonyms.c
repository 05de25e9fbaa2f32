/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of files of events often hold the id of their subject. Where subjects are written under
 * pseudonyms, so are the files: "fcs/017_W12.fcs" becomes "fcs/P031_W12.fcs". */
#include "cytometry.h"

#include <string.h>

typedef struct renaming {
    study *s;
    const cytometry_entry *e;
    const char **now; /* of each tube with a subject, NULL of the others */
    stroma_status status;
} renaming;

static const char *new_path(renaming *r, const cytometry_tube *t, size_t i)
{
    const char *path = t->place.path, *slash = strrchr(path, '/');
    const int folder = slash == NULL ? 0 : (int)(slash - path) + 1;
    const char *visit = t->place.visit < 0 ? "all" : r->s->visits.items[t->place.visit].id;
    const char *out = stroma_arena_printf(
        &r->s->arena, "%.*s%s_%s_%s_%zu.fcs", folder, path, study_shown_id(r->s, t->place.subject),
        visit, t->place.role == CYTOMETRY_SAMPLE ? r->e->id : cytometry_role_name(t->place.role),
        i);
    if (out == NULL) r->status = STROMA_E_NOMEM;
    return out;
}

/* The text with the old path of tube i replaced, wherever it stands. */
static const char *without(renaming *r, const char *text, size_t i)
{
    const char *old = r->e->tubes[i].place.path;
    for (const char *at = text == NULL ? NULL : strstr(text, old); at != NULL;) {
        const size_t before = (size_t)(at - text);
        text = stroma_arena_printf(&r->s->arena, "%.*s%s%s", (int)before, text, r->now[i],
                                   at + strlen(old));
        if (text == NULL) {
            r->status = STROMA_E_NOMEM;
            return NULL;
        }
        at = strstr(text + before + strlen(r->now[i]), old);
    }
    return text;
}

/* Gates name the controls they were found with: only these can be of a subject. */
static void rename_in_gates(renaming *r, size_t control)
{
    for (size_t i = 0; i < r->e->tubes_len; i++)
        for (size_t k = 0; k < r->e->tubes[i].gates_len; k++) {
            cytometry_gate *g = &r->e->tubes[i].gates[k];
            g->rule = without(r, g->rule, control);
            g->parameters = without(r, g->parameters, control);
        }
}

/* Reasons repeat what the readers said, with the path. */
static void rename_in_reasons(renaming *r, const cytometry_tube *of, size_t i)
{
    for (size_t k = 0; of->numbers != NULL && k < r->e->questions.len; k++) {
        cytometry_number *x = &of->numbers[k];
        x->reason = without(r, x->reason, i);
        if (x->measurement >= 0 && !x->present)
            r->s->measurements.items[x->measurement].reason = x->reason;
    }
}

static void rename_tube(renaming *r, size_t i)
{
    study *s = r->s;
    cytometry_tube *t = &r->e->tubes[i];
    if (t->place.subject == STUDY_NONE) return;
    r->now[i] = new_path(r, t, i);
    if (r->now[i] == NULL) return;
    for (size_t k = 0; k < s->findings.len; k++) {
        stroma_finding *f = &s->findings.items[k];
        f->file = without(r, f->file, i);
        f->message = without(r, f->message, i);
    }
    t->reason = without(r, t->reason, i);
    for (size_t k = 0; k < r->e->tubes_len; k++)
        if (k == i || i >= r->e->samples_len) rename_in_reasons(r, &r->e->tubes[k], i);
    if (i >= r->e->samples_len) rename_in_gates(r, i);
    if (t->file == STUDY_NONE) return;
    s->files.items[t->file].path = r->now[i];
    s->files.items[t->file].renamed = true;
}

stroma_status study_pseudonymise_files(study *s, stroma_error *err)
{
    for (size_t k = 0; k < s->cytometry.len; k++) {
        renaming r = { .s = s, .e = s->cytometry.items[k] };
        r.now = stroma_alloc_array(r.e->tubes_len, sizeof *r.now);
        if (r.now == NULL) return stroma_no_memory(err);
        for (size_t i = 0; i < r.e->tubes_len && r.status == STROMA_OK; i++)
            rename_tube(&r, i);
        stroma_free(r.now);
        if (r.status != STROMA_OK) return stroma_no_memory(err);
    }
    return STROMA_OK;
}
