/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of files of events that need all files of an entry: visits without one, controls of
 * another day or none at all, and panels that change between visits. */
#include "check.h"
#include "cytometry.h"

#include <stdio.h>
#include <string.h>

static const char *subject_of(const study *s, const cytometry_tube *t)
{
    return t->place.subject < 0 ? NULL : s->subjects.items[t->place.subject].id;
}

static void finding(study *s, const cytometry_tube *t, const char *code, stroma_severity severity,
                    const char *message, const char *rule, const char *action)
{
    study_finding(s, &(stroma_finding){ .code = code,
                                        .severity = severity,
                                        .file = t->place.path,
                                        .subject = subject_of(s, t),
                                        .visit = check_visit_id(s, t->place.visit),
                                        .message = message,
                                        .rule = rule,
                                        .action = action });
}

/* ---- a visit that others have a file of, and this subject has not ---- */

static bool has_sample(const cytometry_entry *e, int32_t subject, int32_t visit)
{
    for (size_t i = 0; i < e->samples_len; i++)
        if (e->tubes[i].place.visit == visit &&
            (subject == STUDY_NONE || e->tubes[i].place.subject == subject))
            return true;
    return false;
}

/* Whether the subject was seen at the visit at all: who was not is a matter of missing visits. */
static bool was_there(const study *s, int32_t subject, int32_t visit)
{
    for (size_t p = 0; p < s->params.len; p++) {
        const int32_t i = study_find(s, subject, visit, (int32_t)p);
        if (i != STUDY_NONE && s->measurements.items[i].derivation == STUDY_NONE &&
            s->measurements.items[i].state == STROMA_PRESENT)
            return true;
    }
    return false;
}

static void missing_of(study *s, const cytometry_entry *e, int32_t subject, int32_t visit)
{
    char message[200];
    (void)snprintf(message, sizeof message, "cytometry \"%.80s\": no file of this visit", e->id);
    study_finding(s, &(stroma_finding){ .code = "STROMA-CYTO-009",
                                        .severity = STROMA_WARNING,
                                        .subject = s->subjects.items[subject].id,
                                        .visit = s->visits.items[visit].id,
                                        .message = message,
                                        .rule = "who was seen at a visit has a file of it",
                                        .action = "find the file, or say why there is none" });
}

size_t check_cytometry_missing(study *s)
{
    size_t looked_at = 0;
    for (size_t k = 0; k < s->cytometry.len; k++) {
        const cytometry_entry *e = s->cytometry.items[k];
        for (size_t v = 0; v < s->visits.len; v++) {
            if (!has_sample(e, STUDY_NONE, (int32_t)v)) continue;
            for (size_t i = 0; i < e->samples_len; i++) {
                const int32_t subject = e->tubes[i].place.subject;
                if (i > 0 && e->tubes[i - 1].place.subject == subject) continue;
                looked_at++;
                if (!has_sample(e, subject, (int32_t)v) && was_there(s, subject, (int32_t)v))
                    missing_of(s, e, subject, (int32_t)v);
            }
        }
    }
    return looked_at;
}

/* ---- controls ---- */

static bool serves(const cytometry_tube *control, const cytometry_tube *t)
{
    const cytometry_place *p = &control->place;
    return (p->visit == STUDY_NONE || p->visit == t->place.visit) &&
           (p->subject == STUDY_NONE || p->subject == t->place.subject);
}

static void look_at_day(study *s, bool any, const cytometry_tube *t, const cytometry_tube *control)
{
    if (t->acquired_on == NULL || control->acquired_on == NULL ||
        strcmp(t->acquired_on, control->acquired_on) == 0)
        return;
    char message[400];
    (void)snprintf(message, sizeof message, "acquired on %.12s, its control \"%.160s\" on %.12s",
                   t->acquired_on, control->place.path, control->acquired_on);
    finding(s, t, "STROMA-CYTO-007", STROMA_WARNING, message,
            "a control is of the day of its samples",
            any ? "it is used, with a flag (control_from: any)"
                : "it is not used; name the control of that day, by {visit} or a manifest, or say "
                  "control_from: any");
}

/* Samples of a visit for which a declared control is not there, once a visit and marker. */
static void look_for_control(study *s, const cytometry_entry *e, const cytometry_tube *like,
                             int32_t visit)
{
    size_t without = 0;
    const cytometry_tube *first = NULL;
    for (size_t i = 0; i < e->samples_len; i++) {
        const cytometry_tube *t = &e->tubes[i];
        bool any = t->place.visit != visit;
        for (size_t c = e->samples_len; c < e->tubes_len && !any; c++) {
            const cytometry_tube *control = &e->tubes[c];
            const char *a = control->place.marker, *b = like->place.marker;
            any = control->place.role == like->place.role && control->present &&
                  (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0)) && serves(control, t);
        }
        if (any) continue;
        if (first == NULL) first = t;
        without++;
    }
    if (without == 0) return;
    char message[240];
    (void)snprintf(
        message, sizeof message, "cytometry \"%.60s\": no %s tube%s%.60s for %zu sample%s", e->id,
        cytometry_role_name(like->place.role), like->place.marker == NULL ? "" : " of ",
        like->place.marker == NULL ? "" : like->place.marker, without, without == 1 ? "" : "s");
    study_finding(s, &(stroma_finding){ .code = "STROMA-CYTO-015",
                                        .severity = STROMA_WARNING,
                                        .visit = s->visits.items[visit].id,
                                        .message = message,
                                        .rule = "every visit has its control tubes",
                                        .action = "the gates of each sample say what was done "
                                                  "instead; add the tube if there is one" });
}

static bool first_of_kind(const cytometry_entry *e, size_t c)
{
    for (size_t k = e->samples_len; k < c; k++) {
        const char *a = e->tubes[k].place.marker, *b = e->tubes[c].place.marker;
        if (e->tubes[k].place.role == e->tubes[c].place.role &&
            (a == b || (a != NULL && b != NULL && strcmp(a, b) == 0)))
            return false;
    }
    return true;
}

static void look_at_use(study *s, const cytometry_entry *e, const cytometry_tube *control)
{
    for (size_t i = 0; i < e->samples_len; i++)
        if (serves(control, &e->tubes[i])) return;
    finding(s, control, "STROMA-CYTO-014", STROMA_NOTE, "this control serves no sample",
            "every control belongs to samples", "look at its visit and subject");
}

size_t check_cytometry_controls(study *s)
{
    size_t looked_at = 0;
    for (size_t k = 0; k < s->cytometry.len; k++) {
        const cytometry_entry *e = s->cytometry.items[k];
        for (size_t c = e->samples_len; c < e->tubes_len; c++) {
            look_at_use(s, e, &e->tubes[c]);
            for (size_t v = 0; first_of_kind(e, c) && v < s->visits.len; v++)
                if (has_sample(e, STUDY_NONE, (int32_t)v))
                    look_for_control(s, e, &e->tubes[c], (int32_t)v);
            for (size_t i = 0; i < e->samples_len; i++) {
                if (!serves(&e->tubes[c], &e->tubes[i])) continue;
                looked_at++;
                look_at_day(s, e->any_control, &e->tubes[i], &e->tubes[c]);
            }
        }
    }
    return looked_at;
}

/* ---- panels ---- */

/* The first sample whose panel is the same as that of sample i. */
static size_t first_like(const cytometry_entry *e, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (e->tubes[k].signature != NULL &&
            strcmp(e->tubes[k].signature, e->tubes[i].signature) == 0)
            return k;
    return i;
}

/* The first word in which two signatures differ, "P3 PE-A CD25". */
static void difference(const char *a, const char *b, char *out, size_t size)
{
    while (*a != '\0' && *b != '\0') {
        const size_t m = strcspn(a, "\n"), n = strcspn(b, "\n");
        if (m != n || memcmp(a, b, n) != 0) {
            (void)snprintf(out, size, "\"%.*s\" instead of \"%.*s\"", (int)(n < 80 ? n : 80), b,
                           (int)(m < 80 ? m : 80), a);
            return;
        }
        a += m + (a[m] != '\0');
        b += n + (b[n] != '\0');
    }
    (void)snprintf(out, size, "%s channels", *a == '\0' ? "more" : "fewer");
}

size_t check_cytometry_panels(study *s)
{
    size_t looked_at = 0;
    for (size_t k = 0; k < s->cytometry.len; k++) {
        const cytometry_entry *e = s->cytometry.items[k];
        size_t base = SIZE_MAX;
        for (size_t i = 0; i < e->samples_len; i++) {
            const cytometry_tube *t = &e->tubes[i];
            if (t->signature == NULL) continue;
            looked_at++;
            if (base == SIZE_MAX) base = i;
            if (first_like(e, i) != i || i == base) continue;
            size_t n = 0;
            for (size_t m = i; m < e->samples_len; m++)
                n += e->tubes[m].signature != NULL &&
                     strcmp(e->tubes[m].signature, t->signature) == 0;
            char what[256], message[400];
            difference(e->tubes[base].signature, t->signature, what, sizeof what);
            (void)snprintf(message, sizeof message,
                           "the panel is not that of \"%.80s\": %s; so in "
                           "%zu file%s",
                           e->tubes[base].place.path, what, n, n == 1 ? "" : "s");
            finding(
                s, t, "STROMA-CYTO-008", STROMA_WARNING, message,
                "one panel for all visits of an entry",
                "values of the two are not comparable without a bridge: give the files an entry "
                "of their own");
        }
    }
    return looked_at;
}
