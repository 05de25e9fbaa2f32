/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What files of events gave, as inputs, findings and measurements of the study. In the order of the
 * files, whatever the order in which they were read. */
#include "cytometry_run.h"

#include "stroma/cytometry_density.h"
#include "stroma/date.h"
#include "stroma/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static stroma_status note_file(study *s, cytometry_tube *t, stroma_error *err)
{
    for (size_t i = 0; i < s->files.len; i++) /* a file may serve two entries */
        if (strcmp(s->files.items[i].resolved, t->place.resolved) == 0) {
            t->file = (int32_t)i;
            return STROMA_OK;
        }
    study_file_info *f = STUDY_ADD(&s->files, err);
    if (f == NULL) return stroma_no_memory(err);
    *f = (study_file_info){ .path = t->place.path,
                            .resolved = t->place.resolved,
                            .role = "data",
                            .format = "fcs",
                            .n_bytes = (int64_t)t->n_bytes,
                            .n_rows = (int64_t)t->n_events,
                            .n_columns = (int64_t)t->n_columns };
    memcpy(f->sha256, t->sha256, sizeof f->sha256);
    t->file = (int32_t)s->files.len - 1;
    return STROMA_OK;
}

static bool same_finding(const stroma_finding *a, const stroma_finding *b)
{
    return strcmp(a->code, b->code) == 0 && strcmp(a->message, b->message) == 0;
}

static bool has_finding(const cytometry_tube *t, const stroma_finding *f)
{
    for (size_t i = 0; i < t->findings.len; i++)
        if (same_finding(&t->findings.items[i], f)) return true;
    return false;
}

/* What is the same in many files is said once, with their number. */
static void pass_finding(study *s, const cytometry_entry *e, size_t tube, size_t i)
{
    const cytometry_tube *t = &e->tubes[tube];
    stroma_finding f = t->findings.items[i];
    for (size_t k = 0; k < i; k++)
        if (same_finding(&t->findings.items[k], &f)) return;
    size_t n = 0;
    for (size_t k = 0; k < e->tubes_len; k++) {
        if (!has_finding(&e->tubes[k], &f)) continue;
        if (k < tube) return; /* was said with the first */
        n++;
    }
    char message[600];
    (void)snprintf(message, sizeof message, "%.500s; the same in %zu files", f.message, n);
    if (n > 1)
        f.message = message;
    else {
        if (f.subject == NULL && t->place.subject != STUDY_NONE)
            f.subject = s->subjects.items[t->place.subject].id;
        if (f.visit == NULL && t->place.visit != STUDY_NONE)
            f.visit = s->visits.items[t->place.visit].id;
    }
    study_finding(s, &f);
}

/* Days that the data give for each subject and visit; unknown where they give none, or several. */
static stroma_status days_in_data(const study *s, int32_t **out, stroma_error *err)
{
    enum { SEVERAL = STUDY_DAY_UNKNOWN + 1 };
    const size_t n = s->subjects.len * s->visits.len;
    int32_t *days = stroma_alloc_array(n, sizeof *days);
    if (days == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        days[i] = STUDY_DAY_UNKNOWN;
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        if (m->visit == STUDY_NONE || m->derivation != STUDY_NONE ||
            m->study_day == STUDY_DAY_UNKNOWN)
            continue;
        int32_t *day = &days[(size_t)m->subject * s->visits.len + (size_t)m->visit];
        *day = *day == STUDY_DAY_UNKNOWN || *day == m->study_day ? m->study_day : SEVERAL;
    }
    for (size_t i = 0; i < n; i++)
        if (days[i] == SEVERAL) days[i] = STUDY_DAY_UNKNOWN;
    *out = days;
    return STROMA_OK;
}

/* The day of a sample: that of its acquisition where day 0 has a date, else that of the visit. */
static int32_t day_of(const study *s, const cytometry_tube *t, const int32_t *days)
{
    const cytometry_place *p = &t->place;
    const int32_t day0 = s->subjects.items[p->subject].day0_days;
    stroma_date date;
    if (day0 != INT32_MIN && t->acquired_on != NULL &&
        stroma_date_parse(t->acquired_on, strlen(t->acquired_on), &date))
        return study_whole_day((double)date.days - day0);
    return days[(size_t)p->subject * s->visits.len + (size_t)p->visit];
}

static stroma_status add_number(study *s, const cytometry_entry *e, cytometry_tube *t, size_t k,
                                int32_t day, stroma_error *err)
{
    const cytometry_question *q = &e->questions.items[k];
    cytometry_number *x = &t->numbers[k];
    study_measurement m = study_measurement_empty();
    m.subject = t->place.subject;
    m.visit = t->place.visit;
    m.study_day = day;
    m.param = q->param;
    m.value = x->present ? x->value : STUDY_NAN;
    m.state = x->present ? STROMA_PRESENT : STROMA_NOT_ESTIMABLE;
    m.reason = x->reason;
    m.flags = x->flags;
    m.derivation = q->derivation;
    m.file = t->file;
    m.row = -1;
    m.column = q->population;
    if (x->population != SIZE_MAX)
        m.raw = stroma_arena_printf(&t->arena, "%llu events", (unsigned long long)x->n);
    STROMA_TRY(study_add_measurement(s, &m, &x->measurement, err));
    if (x->present) return STROMA_OK;
    char message[400];
    (void)snprintf(message, sizeof message, "cytometry \"%.60s\": not estimable: %.300s", e->id,
                   x->reason == NULL ? "" : x->reason);
    study_finding(s, &(stroma_finding){ .code = "STROMA-CYTO-011",
                                        .severity = STROMA_WARNING,
                                        .file = t->place.path,
                                        .subject = s->subjects.items[m.subject].id,
                                        .visit = s->visits.items[m.visit].id,
                                        .param = s->params.items[m.param].id,
                                        .message = message,
                                        .rule = "a population without a gate has no number",
                                        .action = "look at the gate: stroma gate learn" });
    return STROMA_OK;
}

/* ---- of the whole entry ---- */

/* A population that no sample has is a fault of the study file. */
static void check_populations(study *s, const cytometry_entry *e)
{
    for (size_t k = 0; k < e->questions.len; k++) {
        size_t without = 0, present = 0; /* where all gates were found, it must be among them */
        for (size_t i = 0; i < e->samples_len; i++) {
            present += e->tubes[i].present;
            without += e->tubes[i].present && e->tubes[i].numbers[k].population == SIZE_MAX;
        }
        /* in a workspace a gate may be drawn in some samples alone: then the others have no number
         */
        if (without == 0 || (e->gates_by_file && without < present)) continue;
        const cytometry_question *q = &e->questions.items[k];
        char message[300], action[200];
        (void)snprintf(message, sizeof message, "cytometry \"%.80s\": no population \"%.80s\"",
                       e->id, q->population);
        (void)snprintf(action, sizeof action, "\"%.120s\" says which there are", e->gates_name);
        study_fatal(s, STROMA_E_MALFORMED,
                    &(stroma_finding){ .code = "STROMA-CYTO-013",
                                       .severity = STROMA_ERROR,
                                       .line = q->at->line,
                                       .character = q->at->column,
                                       .param = s->params.items[q->param].id,
                                       .value = q->population,
                                       .message = message,
                                       .rule = "every name in the study file is declared",
                                       .action = action });
    }
}

static void count_few(study *s, const cytometry_entry *e)
{
    for (size_t k = 0; k < e->questions.len; k++) {
        const cytometry_question *q = &e->questions.items[k];
        size_t few = 0, n = 0;
        for (size_t i = 0; i < e->samples_len; i++) {
            if (e->tubes[i].numbers == NULL) continue;
            n += e->tubes[i].numbers[k].present;
            few += e->tubes[i].numbers[k].present && e->tubes[i].numbers[k].few;
        }
        if (few == 0) continue;
        char message[200];
        (void)snprintf(message, sizeof message, "%zu of %zu values rest on fewer than %llu events",
                       few, n, (unsigned long long)q->floor);
        study_finding(s, &(stroma_finding){ .code = "STROMA-CYTO-012",
                                            .severity = STROMA_NOTE,
                                            .param = s->params.items[q->param].id,
                                            .message = message,
                                            .rule = "few events give wide intervals",
                                            .action = "each such value carries a flag" });
    }
}

/* The sample whose gate steps are drawn: with most events among those with most populations, the
 * first of equals. */
static void choose_representative(cytometry_entry *e)
{
    size_t most = 0;
    for (size_t i = 0; i < e->samples_len; i++) {
        const cytometry_tube *t = &e->tubes[i];
        size_t n = 0;
        for (size_t k = 0; k < t->gates_len; k++)
            n += t->populations[k].present;
        if (!t->present || t->pictures.len == 0) continue;
        const bool first = e->representative == SIZE_MAX;
        if (first || n > most ||
            (n == most && t->n_events > e->tubes[e->representative].n_events)) {
            e->representative = i;
            most = n;
        }
    }
}

/* ---- axes ---- */

static bool same_axis(const cytometry_axis *a, const cytometry_axis *b)
{
    return a->low == b->low && a->high == b->high && a->compensated == b->compensated &&
           a->scale.kind == b->scale.kind && a->scale.t == b->scale.t && a->scale.w == b->scale.w &&
           a->scale.m == b->scale.m && a->scale.a == b->scale.a;
}

static const char *ticks_of(cytometry_entry *e, const cytometry_axis *x, stroma_error *err)
{
    stroma_density_tick ticks[STROMA_DENSITY_TICKS_MAX];
    const size_t n = stroma_density_ticks(&x->scale, x->low, x->high, ticks);
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 20);
    stroma_json j;
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_array(&j);
    for (size_t i = 0; i < n; i++) {
        stroma_json_begin_object(&j);
        stroma_json_put_number(&j, "at", ticks[i].at);
        stroma_json_put_number(&j, "linear", ticks[i].linear);
        stroma_json_put_string(&j, "label", ticks[i].label);
        stroma_json_end_object(&j);
    }
    stroma_json_end_array(&j);
    const char *text = stroma_buffer_status(&b, err) == STROMA_OK
                           ? stroma_arena_strndup(&e->arena, b.data, b.len)
                           : NULL;
    stroma_buffer_clear(&b);
    return text;
}

/* Axes are the same in every sample; a picture on another scale is left out and counted. */
static stroma_status merge_axes(cytometry_entry *e, cytometry_tube *t, size_t *left_out,
                                stroma_error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->axes.len; i++) {
        cytometry_axis *x = &t->axes.items[i];
        x->entry_axis = SIZE_MAX;
        for (size_t k = 0; k < e->axes.len && x->entry_axis == SIZE_MAX; k++)
            if (strcmp(e->axes.items[k].id, x->id) == 0) x->entry_axis = k;
        if (x->entry_axis != SIZE_MAX) {
            if (!same_axis(x, &e->axes.items[x->entry_axis])) x->entry_axis = SIZE_MAX;
            continue;
        }
        x->ticks = ticks_of(e, x, err);
        cytometry_axis *mine = x->ticks == NULL ? NULL : STUDY_ADD(&e->axes, err);
        if (mine == NULL) return stroma_no_memory(err);
        x->entry_axis = e->axes.len - 1;
        *mine = *x;
    }
    for (size_t i = 0; i < t->pictures.len; i++) {
        cytometry_picture *p = &t->pictures.items[i];
        const size_t x = t->axes.items[p->x].entry_axis,
                     y = p->y == SIZE_MAX ? 0 : t->axes.items[p->y].entry_axis;
        if (x == SIZE_MAX || y == SIZE_MAX) {
            ++*left_out;
            continue;
        }
        p->x = x;
        if (p->y != SIZE_MAX) p->y = y;
        t->pictures.items[kept++] = *p;
    }
    t->pictures.len = kept;
    return STROMA_OK;
}

static stroma_status store_tubes(study *s, cytometry_entry *e, const int32_t *days,
                                 size_t *left_out, stroma_error *err)
{
    for (size_t i = 0; i < e->tubes_len; i++) {
        cytometry_tube *t = &e->tubes[i];
        const stroma_diag *d = &t->findings;
        if (d->dropped > 0 && d->len < d->limit) return stroma_no_memory(err);
        STROMA_TRY(note_file(s, t, err));
        for (size_t k = 0; k < t->findings.len; k++)
            pass_finding(s, e, i, k);
        STROMA_TRY(merge_axes(e, t, left_out, err));
        if (t->numbers == NULL) continue;
        for (size_t k = 0; k < e->questions.len; k++)
            STROMA_TRY(add_number(s, e, t, k, day_of(s, t, days), err));
    }
    return STROMA_OK;
}

stroma_status cytometry_store(study *s, cytometry_entry *e, stroma_error *err)
{
    check_populations(s, e);
    size_t left_out = 0;
    int32_t *days = NULL;
    stroma_status st = days_in_data(s, &days, err);
    if (st == STROMA_OK) st = store_tubes(s, e, days, &left_out, err);
    stroma_free(days);
    STROMA_TRY(st);
    count_few(s, e);
    choose_representative(e);
    if (left_out == 0) return STROMA_OK;
    char message[160];
    (void)snprintf(message, sizeof message,
                   "cytometry \"%.60s\": %zu densities lie on another scale and are not drawn",
                   e->id, left_out);
    study_finding(s, &(stroma_finding){ .code = "STROMA-CYTO-016",
                                        .severity = STROMA_WARNING,
                                        .message = message,
                                        .rule = "one scale for a marker in all samples",
                                        .action = "fix T, W, M and A of the marker in the panel" });
    return STROMA_OK;
}
