/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a table with one row a subject to a frame. */
#include "stroma/biomarker_frame.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

typedef struct source {
    const stroma_table *t;
    const stroma_biomarker_frame_spec *spec;
    size_t subject, outcome, arm, batch, stratum; /* columns, SIZE_MAX: not asked for */
    size_t *candidate;
    size_t candidates;
    size_t *row; /* rows that enter */
    size_t rows;
} source;

static stroma_status column_of(const stroma_table *t, const char *name, const char *what,
                               size_t *out, stroma_error *err)
{
    *out = SIZE_MAX;
    if (name == NULL) return STROMA_OK;
    *out = stroma_table_find(t, name);
    if (*out != SIZE_MAX) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "%s: no column \"%s\"", what, name);
    stroma_hint(err, "the header of \"%s\" has the names", t->source == NULL ? "-" : t->source);
    return STROMA_E_USAGE;
}

static bool listed(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0 || strcmp(names[i], "*") == 0) return true;
    return false;
}

static bool is_named(const source *s, size_t column)
{
    return column == s->subject || column == s->outcome || column == s->arm || column == s->batch ||
           column == s->stratum;
}

/* The columns asked for, or every column of numbers with a number in it. */
static stroma_status find_candidates(source *s, stroma_error *err)
{
    const stroma_biomarker_frame_spec *spec = s->spec;
    const size_t most = spec->candidates_len > 0 ? spec->candidates_len : s->t->columns_len;
    s->candidate = stroma_alloc_array(most, sizeof *s->candidate);
    if (s->candidate == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < spec->candidates_len; i++) {
        size_t c = 0;
        STROMA_TRY(column_of(s->t, spec->candidates[i], "candidates", &c, err));
        if (s->t->columns[c].type != STROMA_COLUMN_NUMBER)
            return stroma_fail(err, STROMA_E_USAGE,
                               "candidate \"%s\" is a column of %s, not of "
                               "numbers",
                               spec->candidates[i], stroma_column_type_name(s->t->columns[c].type));
        if (is_named(s, c))
            return stroma_fail(err, STROMA_E_USAGE, "candidate \"%s\" has another role already",
                               spec->candidates[i]);
        s->candidate[s->candidates++] = c;
    }
    for (size_t c = 0; spec->candidates_len == 0 && c < s->t->columns_len; c++)
        if (s->t->columns[c].type == STROMA_COLUMN_NUMBER && !is_named(s, c))
            s->candidate[s->candidates++] = c;
    if (s->candidates > 0) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "there is no column of numbers to screen");
}

/* A misspelt name would leave a candidate on the scale that nobody wanted. */
static stroma_status check_log_names(const source *s, stroma_error *err)
{
    for (size_t i = 0; i < s->spec->log_scale_len; i++) {
        const char *name = s->spec->log_scale[i];
        bool found = strcmp(name, "*") == 0;
        for (size_t k = 0; !found && k < s->candidates; k++)
            found = strcmp(s->t->columns[s->candidate[k]].name, name) == 0;
        if (!found)
            return stroma_fail(err, STROMA_E_USAGE,
                               "\"%s\" is to be a logarithm and is no candidate", name);
    }
    return STROMA_OK;
}

static stroma_status find_columns(source *s, stroma_error *err)
{
    const stroma_biomarker_frame_spec *spec = s->spec;
    if (spec->outcome == NULL) return stroma_fail(err, STROMA_E_USAGE, "no outcome is named");
    STROMA_TRY(column_of(s->t, spec->subject, "subject", &s->subject, err));
    STROMA_TRY(column_of(s->t, spec->outcome, "outcome", &s->outcome, err));
    STROMA_TRY(column_of(s->t, spec->arm, "arm", &s->arm, err));
    STROMA_TRY(column_of(s->t, spec->batch, "batch", &s->batch, err));
    STROMA_TRY(column_of(s->t, spec->stratum, "stratum", &s->stratum, err));
    if (spec->event == NULL && s->t->columns[s->outcome].type != STROMA_COLUMN_NUMBER) {
        (void)stroma_fail(err, STROMA_E_USAGE,
                          "the outcome \"%s\" has words, and no event is named", spec->outcome);
        stroma_hint(err, "say which word counts as response: --event yes");
        return STROMA_E_USAGE;
    }
    if (spec->arm != NULL && spec->treated == NULL)
        return stroma_fail(err, STROMA_E_USAGE, "arm \"%s\": which word is the treated arm?",
                           spec->arm);
    STROMA_TRY(find_candidates(s, err));
    return check_log_names(s, err);
}

/* NULL when the row can enter, else why not. */
static const char *why_not(const source *s, size_t row)
{
    if (stroma_table_state(s->t, s->outcome, row) != STROMA_PRESENT) return "outcome missing";
    if (s->arm != SIZE_MAX && stroma_table_state(s->t, s->arm, row) != STROMA_PRESENT)
        return "arm missing";
    if (s->batch != SIZE_MAX && stroma_table_state(s->t, s->batch, row) != STROMA_PRESENT)
        return "batch missing";
    if (s->stratum != SIZE_MAX && stroma_table_state(s->t, s->stratum, row) != STROMA_PRESENT)
        return "stratum missing";
    return NULL;
}

static stroma_status pick_rows(source *s, stroma_error *err)
{
    s->row = stroma_alloc_array(s->t->rows_len, sizeof *s->row);
    if (s->row == NULL) return stroma_no_memory(err);
    for (size_t r = 0; r < s->t->rows_len; r++) {
        const stroma_cell_state state = stroma_table_state(s->t, s->outcome, r);
        if (state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT)
            return stroma_fail(err, STROMA_E_DEGENERATE,
                               "row %lld: the outcome \"%s\" is only known to lie beyond a limit",
                               (long long)s->t->source_rows[r], s->spec->outcome);
        if (why_not(s, r) == NULL) s->row[s->rows++] = r;
    }
    if (s->rows > 0) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE, "no row has an outcome in column \"%s\"",
                       s->spec->outcome);
}

static stroma_status read_outcome(const source *s, stroma_biomarker_frame *f, stroma_error *err)
{
    size_t events = 0;
    for (size_t i = 0; i < f->n; i++) {
        char buf[STROMA_CELL_TEXT_MAX];
        if (s->spec->event == NULL) {
            f->outcome[i] = stroma_table_number(s->t, s->outcome, s->row[i]);
            continue;
        }
        const char *text = stroma_table_cell_text(s->t, s->outcome, s->row[i], buf);
        f->outcome[i] = strcmp(text, s->spec->event) == 0;
        events += f->outcome[i] > 0;
    }
    if (s->spec->event == NULL || events > 0) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "no row has \"%s\" in the outcome column \"%s\"",
                       s->spec->event, s->spec->outcome);
}

/* Codes of a column's texts, in the order in which they occur. */
static stroma_status read_codes(const source *s, size_t column, stroma_biomarker_frame *f,
                                size_t **codes, const char ***names, size_t *len, stroma_error *err)
{
    if (column == SIZE_MAX) return STROMA_OK;
    *codes = stroma_arena_alloc(&f->arena, f->n, sizeof **codes);
    const char **all = stroma_arena_alloc(&f->arena, f->n, sizeof *all);
    if (*codes == NULL || all == NULL) return stroma_no_memory(err);
    *len = 0;
    for (size_t i = 0; i < f->n; i++) {
        char buf[STROMA_CELL_TEXT_MAX];
        const char *text = stroma_table_cell_text(s->t, column, s->row[i], buf);
        size_t k = 0;
        while (k < *len && strcmp(all[k], text) != 0)
            k++;
        if (k == *len) {
            all[k] = stroma_arena_strdup(&f->arena, text);
            if (all[k] == NULL) return stroma_no_memory(err);
            ++*len;
        }
        (*codes)[i] = k;
    }
    if (names != NULL) *names = all;
    return STROMA_OK;
}

static stroma_status read_arm(const source *s, stroma_biomarker_frame *f, stroma_error *err)
{
    if (s->arm == SIZE_MAX) return STROMA_OK;
    size_t treated = 0;
    f->treated = stroma_arena_alloc(&f->arena, f->n, sizeof *f->treated);
    if (f->treated == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < f->n; i++) {
        char buf[STROMA_CELL_TEXT_MAX];
        const char *text = stroma_table_cell_text(s->t, s->arm, s->row[i], buf);
        f->treated[i] = strcmp(text, s->spec->treated) == 0;
        treated += f->treated[i];
    }
    if (treated > 0) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "no row has \"%s\" in the arm column \"%s\"",
                       s->spec->treated, s->spec->arm);
}

static int by_text(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static stroma_status read_subjects(const source *s, stroma_biomarker_frame *f, stroma_error *err)
{
    for (size_t i = 0; i < f->n; i++) {
        char buf[STROMA_CELL_TEXT_MAX];
        if (s->subject != SIZE_MAX)
            f->subject[i] = stroma_arena_strdup(
                &f->arena, stroma_table_cell_text(s->t, s->subject, s->row[i], buf));
        else
            f->subject[i] = stroma_arena_printf(&f->arena, "%zu", s->row[i] + 1);
        if (f->subject[i] == NULL) return stroma_no_memory(err);
    }
    const char **sorted = stroma_alloc_array(f->n, sizeof *sorted);
    if (sorted == NULL) return stroma_no_memory(err);
    memcpy(sorted, f->subject, f->n * sizeof *sorted);
    stroma_status st = stroma_sort(sorted, f->n, sizeof *sorted, by_text, NULL, err);
    for (size_t i = 1; st == STROMA_OK && i < f->n; i++)
        if (strcmp(sorted[i], sorted[i - 1]) == 0) {
            st = stroma_fail(err, STROMA_E_INCONSISTENT, "subject \"%s\" stands in two rows",
                             sorted[i]);
            stroma_hint(err, "a frame has one row a subject: choose the visit beforehand");
        }
    stroma_free(sorted);
    return st;
}

static stroma_status read_candidate(const source *s, stroma_biomarker_frame *f, size_t k,
                                    stroma_error *err)
{
    const stroma_table_column *from = &s->t->columns[s->candidate[k]];
    stroma_biomarker_column *c = &f->columns[k];
    const stroma_biomarker_frame_spec *spec = s->spec;
    c->name = stroma_arena_strdup(&f->arena, from->name);
    if (c->name == NULL) return stroma_no_memory(err);
    c->unit = stroma_arena_strdup(&f->arena, from->unit);
    c->label = stroma_arena_strdup(&f->arena, from->label);
    c->question = spec->question;
    c->negative_control = listed(spec->negative_controls, spec->negative_controls_len, from->name);
    c->log_scale = listed(spec->log_scale, spec->log_scale_len, from->name);
    for (size_t i = 0; i < f->n; i++) {
        const stroma_cell_state state = stroma_table_state(s->t, s->candidate[k], s->row[i]);
        c->state[i] = (uint8_t)state;
        if (state == STROMA_PRESENT || state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT)
            c->value[i] = from->numbers[s->row[i]];
        if (c->log_scale && c->value[i] <= 0)
            return stroma_fail(err, STROMA_E_DEGENERATE,
                               "candidate \"%s\": %g of subject \"%s\" has no logarithm", c->name,
                               c->value[i], f->subject[i]);
    }
    return STROMA_OK;
}

static stroma_status fill(const source *s, stroma_biomarker_frame *f, stroma_error *err)
{
    const stroma_biomarker_frame_spec *spec = s->spec;
    for (size_t r = 0; r < s->t->rows_len; r++)
        if (why_not(s, r) != NULL) stroma_biomarker_frame_exclude(f, why_not(s, r));
    f->source = stroma_arena_strdup(&f->arena, s->t->source);
    f->outcome_name = stroma_arena_strdup(&f->arena, spec->outcome);
    f->event = stroma_arena_strdup(&f->arena, spec->event);
    STROMA_TRY(read_subjects(s, f, err));
    STROMA_TRY(read_outcome(s, f, err));
    STROMA_TRY(read_arm(s, f, err));
    STROMA_TRY(read_codes(s, s->batch, f, &f->batch, &f->batch_name, &f->batches_len, err));
    STROMA_TRY(read_codes(s, s->stratum, f, &f->stratum, NULL, &f->strata_len, err));
    for (size_t k = 0; k < s->candidates; k++)
        STROMA_TRY(read_candidate(s, f, k, err));
    return STROMA_OK;
}

static stroma_status build(source *s, stroma_biomarker_frame **out, stroma_error *err)
{
    STROMA_TRY(find_columns(s, err));
    STROMA_TRY(pick_rows(s, err));
    STROMA_TRY(stroma_biomarker_frame_new(s->rows, s->candidates, out, err));
    const stroma_status st = fill(s, *out, err);
    if (st != STROMA_OK) {
        stroma_biomarker_frame_free(*out);
        *out = NULL;
    }
    return st;
}

stroma_status stroma_biomarker_frame_from_table(const stroma_table *t,
                                                const stroma_biomarker_frame_spec *spec,
                                                stroma_biomarker_frame **out, stroma_error *err)
{
    source s = { .t = t, .spec = spec };
    *out = NULL;
    const stroma_status st = build(&s, out, err);
    stroma_free(s.candidate);
    stroma_free(s.row);
    return st;
}
