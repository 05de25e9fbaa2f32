/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const size_t STUDY_ARENA_BYTES = (size_t)4 << 30;

/* Names to indexes: open addressing over FNV-1a hashes. */
struct study_names {
    int32_t *slots;
    size_t capacity;
};

static uint64_t hash_text(const char *s)
{
    uint64_t h = UINT64_C(1469598103934665603);
    for (; *s != '\0'; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
    return h;
}

stroma_status study_new(study **out, stroma_error *err)
{
    study *s = stroma_alloc_array(1, sizeof *s);
    *out = NULL;
    if (s == NULL) return stroma_no_memory(err);
    stroma_arena_init(&s->arena, STUDY_ARENA_BYTES);
    stroma_diag_init(&s->findings);
    s->primary = STUDY_NONE;
    s->seed = 1;
    s->subject_names = stroma_alloc_array(1, sizeof *s->subject_names);
    if (s->subject_names == NULL) {
        study_free(s);
        return stroma_no_memory(err);
    }
    *out = s;
    return STROMA_OK;
}

void study_free(study *s)
{
    if (s == NULL) return;
    stroma_free(s->arms.items);
    stroma_free(s->visits.items);
    stroma_free(s->params.items);
    stroma_free(s->files.items);
    stroma_free(s->subjects.items);
    stroma_free(s->measurements.items);
    stroma_free(s->inputs.items);
    stroma_free(s->derivations.items);
    for (size_t i = 0; i < s->tables.len; i++)
        stroma_table_free(s->tables.items[i]);
    stroma_free(s->tables.items);
    stroma_free(s->events.items);
    stroma_free(s->therapies.items);
    study_free_cytometry(s);
    stroma_free(s->sets.items);
    stroma_free(s->groupings.items);
    stroma_free(s->summaries.items);
    stroma_free(s->results.items);
    stroma_free(s->markers.items);
    stroma_free(s->flow.items);
    stroma_free(s->claims.items);
    stroma_free(s->checks.items);
    stroma_free(s->slots);
    stroma_free(s->parents);
    if (s->subject_names != NULL) stroma_free(s->subject_names->slots);
    stroma_free(s->subject_names);
    stroma_diag_clear(&s->findings);
    stroma_arena_clear(&s->arena);
    stroma_free(s);
}

#define FIND_BY_ID(array, wanted)                                            \
    do {                                                                     \
        for (size_t i = 0; i < (array).len; i++)                             \
            if (strcmp((array).items[i].id, wanted) == 0) return (int32_t)i; \
        return STUDY_NONE;                                                   \
    } while (0)

int32_t study_find_arm(const study *s, const char *id)
{
    FIND_BY_ID(s->arms, id);
}
int32_t study_find_visit(const study *s, const char *id)
{
    FIND_BY_ID(s->visits, id);
}
int32_t study_find_param(const study *s, const char *id)
{
    FIND_BY_ID(s->params, id);
}
int32_t study_find_grouping(const study *s, const char *id)
{
    FIND_BY_ID(s->groupings, id);
}
int32_t study_find_set(const study *s, const char *id)
{
    FIND_BY_ID(s->sets, id);
}

int32_t study_baseline_visit(const study *s)
{
    for (size_t i = 0; i < s->visits.len; i++)
        if (s->visits.items[i].baseline) return (int32_t)i;
    return STUDY_NONE;
}

/* Slot that holds the id, or the empty one where it belongs. */
static size_t name_slot(const study *s, const char *id)
{
    const struct study_names *n = s->subject_names;
    size_t i = hash_text(id) & (n->capacity - 1);
    while (n->slots[i] != STUDY_NONE && strcmp(s->subjects.items[n->slots[i]].id, id) != 0)
        i = (i + 1) & (n->capacity - 1);
    return i;
}

int32_t study_find_subject(const study *s, const char *id)
{
    return s->subject_names->capacity == 0 ? STUDY_NONE : s->subject_names->slots[name_slot(s, id)];
}

static stroma_status grow_names(study *s, stroma_error *err)
{
    struct study_names *n = s->subject_names;
    if ((s->subjects.len + 1) * 2 <= n->capacity) return STROMA_OK;
    const size_t capacity = n->capacity == 0 ? 256 : n->capacity * 2;
    int32_t *slots = stroma_alloc_array(capacity, sizeof *slots);
    if (slots == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < capacity; i++)
        slots[i] = STUDY_NONE;
    stroma_free(n->slots);
    n->slots = slots;
    n->capacity = capacity;
    for (size_t i = 0; i < s->subjects.len; i++)
        slots[name_slot(s, s->subjects.items[i].id)] = (int32_t)i;
    return STROMA_OK;
}

stroma_status study_subject_for(study *s, const char *id, int32_t *out, stroma_error *err)
{
    STROMA_TRY(grow_names(s, err));
    const size_t slot = name_slot(s, id);
    if (s->subject_names->slots[slot] != STUDY_NONE) {
        *out = s->subject_names->slots[slot];
        return STROMA_OK;
    }
    study_subject *subject = STUDY_ADD(&s->subjects, err);
    if (subject == NULL) return stroma_no_memory(err);
    *subject = (study_subject){ .id = stroma_arena_strdup(&s->arena, id),
                                .arm = STUDY_NONE,
                                .day0_days = INT32_MIN,
                                .disposition_day = STUDY_DAY_UNKNOWN,
                                .disposition_date_days = INT32_MIN,
                                .treated = true,
                                .randomised = true,
                                .last_visit = STUDY_NONE,
                                .first_file = STUDY_NONE };
    if (subject->id == NULL) return stroma_no_memory(err);
    *out = (int32_t)s->subjects.len - 1;
    s->subject_names->slots[slot] = *out;
    return STROMA_OK;
}

static size_t measurement_slot(const study *s, int32_t subject, int32_t visit, int32_t param)
{
    uint64_t h = (uint64_t)(uint32_t)subject * UINT64_C(0x9E3779B97F4A7C15);
    h ^= (uint64_t)(uint32_t)visit * UINT64_C(0xC2B2AE3D27D4EB4F);
    h ^= (uint64_t)(uint32_t)param * UINT64_C(0x165667B19E3779F9);
    h ^= h >> 29;
    size_t i = h & (s->slots_capacity - 1);
    for (; s->slots[i] != STUDY_NONE; i = (i + 1) & (s->slots_capacity - 1)) {
        const study_measurement *m = &s->measurements.items[s->slots[i]];
        if (m->subject == subject && m->visit == visit && m->param == param) break;
    }
    return i;
}

int32_t study_find(const study *s, int32_t subject, int32_t visit, int32_t param)
{
    return s->slots_capacity == 0 ? STUDY_NONE
                                  : s->slots[measurement_slot(s, subject, visit, param)];
}

/* Values between visits stand in the table, but belong to no cell of subject, visit, parameter. */
static bool is_unscheduled(const study_measurement *m)
{
    return m->visit == STUDY_NONE && m->study_day != STUDY_DAY_UNKNOWN;
}

static stroma_status grow_slots(study *s, stroma_error *err)
{
    if ((s->measurements.len + 1) * 2 <= s->slots_capacity) return STROMA_OK;
    const size_t capacity = s->slots_capacity == 0 ? 1024 : s->slots_capacity * 2;
    int32_t *slots = stroma_alloc_array(capacity, sizeof *slots);
    if (slots == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < capacity; i++)
        slots[i] = STUDY_NONE;
    stroma_free(s->slots);
    s->slots = slots;
    s->slots_capacity = capacity;
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        if (is_unscheduled(m)) continue;
        const size_t slot = measurement_slot(s, m->subject, m->visit, m->param);
        if (slots[slot] == STUDY_NONE) slots[slot] = (int32_t)i;
    }
    return STROMA_OK;
}

void study_note_censored(study *s, const study_measurement *m)
{
    if (m->state == STROMA_BELOW_LIMIT || m->state == STROMA_ABOVE_LIMIT)
        s->params.items[m->param].has_censored = true;
}

stroma_status study_add_measurement(study *s, const study_measurement *m, int32_t *out_idx,
                                    stroma_error *err)
{
    if (s->measurements.len >= INT32_MAX - 1)
        return stroma_fail(err, STROMA_E_USAGE, "more than %d measurements", INT32_MAX - 1);
    STROMA_TRY(grow_slots(s, err));
    const size_t slot = measurement_slot(s, m->subject, m->visit, m->param);
    study_measurement *added = STUDY_ADD(&s->measurements, err);
    if (added == NULL) return stroma_no_memory(err);
    *added = *m;
    added->next = STUDY_NONE;
    study_note_censored(s, m);
    const int32_t idx = (int32_t)s->measurements.len - 1;
    if (is_unscheduled(m)) {
        /* not found by study_find() */
    } else if (s->slots[slot] == STUDY_NONE) {
        s->slots[slot] = idx;
    } else {
        int32_t last = s->slots[slot];
        while (s->measurements.items[last].next != STUDY_NONE)
            last = s->measurements.items[last].next;
        s->measurements.items[last].next = idx;
    }
    if (out_idx != NULL) *out_idx = idx;
    return STROMA_OK;
}

int32_t study_whole_day(double x)
{
    return isnan(x) || fabs(x) > 1e6 ? STUDY_DAY_UNKNOWN : (int32_t)floor(x);
}

study_measurement study_measurement_empty(void)
{
    return (study_measurement){ .subject = STUDY_NONE,
                                .visit = STUDY_NONE,
                                .param = STUDY_NONE,
                                .study_day = STUDY_DAY_UNKNOWN,
                                .value = NAN,
                                .state = STROMA_MISSING,
                                .ref_low = NAN,
                                .ref_high = NAN,
                                .derivation = STUDY_NONE,
                                .file = STUDY_NONE,
                                .next = STUDY_NONE };
}

double study_value(const study *s, int32_t subject, int32_t visit, int32_t param)
{
    const int32_t i = study_find(s, subject, visit, param);
    if (i == STUDY_NONE || s->measurements.items[i].state != STROMA_PRESENT) return NAN;
    return s->measurements.items[i].value;
}

stroma_status study_add_derivation(study *s, const study_derivation *d, int32_t *out,
                                   stroma_error *err)
{
    study_derivation *added = STUDY_ADD(&s->derivations, err);
    if (added == NULL) return stroma_no_memory(err);
    *added = *d;
    *out = (int32_t)s->derivations.len - 1;
    return STROMA_OK;
}

/* parents[p * n + q]: a value of parameter p was computed from one of q. Made once: the graph is
 * complete before anything asks. */
static stroma_status find_parents(study *s, stroma_error *err)
{
    const size_t n = s->params.len;
    if (s->parents != NULL && s->parents_params == n &&
        s->parents_measurements == s->measurements.len)
        return STROMA_OK;
    bool *parents = stroma_alloc_array(n * n, sizeof *parents);
    if (parents == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        for (size_t k = 0; k < m->inputs_len; k++) {
            const int32_t in = s->inputs.items[m->inputs_start + k];
            parents[(size_t)m->param * n + (size_t)s->measurements.items[in].param] = true;
        }
    }
    stroma_free(s->parents);
    s->parents = parents;
    s->parents_params = n;
    s->parents_measurements = s->measurements.len;
    return STROMA_OK;
}

stroma_status study_ancestors(study *s, int32_t param, bool *marked, stroma_error *err)
{
    STROMA_BUG_IF(param < 0 || (size_t)param >= s->params.len, err);
    STROMA_TRY(find_parents(s, err));
    const size_t n = s->params.len;
    marked[param] = true;
    for (bool again = true; again;) { /* as many rounds as the longest chain of derivations */
        again = false;
        for (size_t p = 0; p < n; p++)
            for (size_t q = 0; marked[p] && q < n; q++) {
                if (!s->parents[p * n + q] || marked[q]) continue;
                marked[q] = true;
                again = true;
            }
    }
    return STROMA_OK;
}

stroma_status study_fail_at(const study *s, const stroma_yaml_node *at, stroma_error *err,
                            const char *message, const char *subject)
{
    const stroma_status st =
        stroma_fail_at(err, STROMA_E_MALFORMED, at == NULL ? 0 : at->line,
                       at == NULL ? 0 : at->column, "%s \"%s\"", message, subject);
    return stroma_in(err, st, "study file \"%s\"", s->path);
}

/* A step that trips over an entry which name_check.c or item_check.c has found fault with already:
 * the same line, or the same name. */
static bool told_already(const study *s, const stroma_finding *f)
{
    if (strcmp(f->code, "STROMA-STUDY-005") != 0 || f->message == NULL) return false;
    for (size_t i = 0; i < s->findings.len; i++) {
        const stroma_finding *have = &s->findings.items[i];
        const bool name = strcmp(have->code, "STROMA-STUDY-006") == 0 && have->value != NULL;
        const bool entry = strcmp(have->code, "STROMA-STUDY-007") == 0 ||
                           strcmp(have->code, "STROMA-STUDY-008") == 0;
        if ((name || entry) && have->line == f->line) return true;
        if (name && f->value != NULL && strcmp(f->value, have->value) == 0) return true;
        char quoted[128];
        if (name && snprintf(quoted, sizeof quoted, "\"%s\"", have->value) < (int)sizeof quoted &&
            strstr(f->message, quoted) != NULL)
            return true;
    }
    return false;
}

void study_finding(study *s, const stroma_finding *f)
{
    if (told_already(s, f)) return;
    stroma_finding with_file = *f;
    if (with_file.file == NULL) with_file.file = s->path;
    if (with_file.message == NULL) { /* made in the arena of the study, which is full */
        s->out_of_memory = true;
        return;
    }
    const size_t dropped = s->findings.dropped;
    stroma_diag_add(&s->findings, &with_file);
    if (s->findings.dropped > dropped && s->findings.len < s->findings.limit)
        s->out_of_memory = true;
}

void study_fatal(study *s, stroma_status status, const stroma_finding *f)
{
    study_finding(s, f);
    if (s->n_fatal++ > 0) return;
    if (f->column == NULL && f->value != NULL && strstr(f->message, f->value) == NULL)
        (void)stroma_fail_at(&s->fatal, status, f->line, f->character, "\"%.80s\": %s", f->value,
                             f->message);
    else if (f->column != NULL && f->value != NULL)
        (void)stroma_fail_at(&s->fatal, status, f->line, f->character,
                             "column \"%.80s\": \"%.80s\": %s", f->column, f->value, f->message);
    else
        (void)stroma_fail_at(&s->fatal, status, f->line, f->character, "%s", f->message);
    if (f->action != NULL) stroma_hint(&s->fatal, "%s", f->action);
    (void)stroma_in(&s->fatal, status, "file \"%s\"", f->file == NULL ? s->path : f->file);
}

stroma_status study_malformed(stroma_status st, stroma_error *err)
{
    if (st != STROMA_E_USAGE) return st;
    if (err != NULL) err->status = STROMA_E_MALFORMED;
    return STROMA_E_MALFORMED;
}

stroma_status study_entry_done(study *s, stroma_status st, stroma_error *err)
{
    const bool of_entry =
        st == STROMA_E_MALFORMED || st == STROMA_E_INCONSISTENT || st == STROMA_E_DEGENERATE;
    if (!s->collect || !of_entry || err == NULL) return st;
    study_finding(s, &(stroma_finding){ .code = "STROMA-STUDY-005",
                                        .severity = STROMA_ERROR,
                                        .line = err->line,
                                        .character = err->column,
                                        .message = err->message,
                                        .rule = "the study file agrees with itself and the data",
                                        .action = err->hint });
    *err = (stroma_error)STROMA_ERROR_INIT;
    s->n_fatal++;
    return STROMA_OK;
}

const char *study_shown_id(const study *s, int32_t subject)
{
    return s->pseudonyms != NULL ? s->pseudonyms[subject] : s->subjects.items[subject].id;
}
