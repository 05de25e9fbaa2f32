/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/biomarker_frame.h"

#include <math.h>
#include <string.h>

enum { ARENA_BYTES_LOG2 = 35 };

static const char *const question_names[] = { "prognostic", "predictive", "pharmacodynamic",
                                              "early_response" };
enum { QUESTIONS = sizeof question_names / sizeof question_names[0] };

const char *stroma_biomarker_question_name(stroma_biomarker_question q)
{
    return (size_t)q < QUESTIONS ? question_names[q] : "unknown";
}

bool stroma_biomarker_question_parse(const char *name, stroma_biomarker_question *out)
{
    for (size_t i = 0; i < QUESTIONS; i++)
        if (strcmp(name, question_names[i]) == 0) {
            *out = (stroma_biomarker_question)i;
            return true;
        }
    return false;
}

static stroma_status fill_column(stroma_biomarker_frame *f, stroma_biomarker_column *c,
                                 stroma_error *err)
{
    c->value = stroma_arena_alloc(&f->arena, f->n, sizeof *c->value);
    c->state = stroma_arena_alloc(&f->arena, f->n, sizeof *c->state);
    if (c->value == NULL || c->state == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < f->n; i++) {
        c->value[i] = NAN;
        c->state[i] = STROMA_MISSING;
    }
    c->lloq = c->uloq = c->range_low = c->range_high = NAN;
    c->day = STROMA_BIOMARKER_DAY_UNKNOWN;
    return STROMA_OK;
}

static stroma_status fill(stroma_biomarker_frame *f, stroma_error *err)
{
    f->subject = stroma_arena_alloc(&f->arena, f->n, sizeof *f->subject);
    f->outcome = stroma_arena_alloc(&f->arena, f->n, sizeof *f->outcome);
    f->columns = stroma_arena_alloc(&f->arena, f->columns_len, sizeof *f->columns);
    if (f->subject == NULL || f->outcome == NULL || f->columns == NULL)
        return stroma_no_memory(err);
    f->outcome_day = f->landmark_day = STROMA_BIOMARKER_DAY_UNKNOWN;
    for (size_t c = 0; c < f->columns_len; c++)
        STROMA_TRY(fill_column(f, &f->columns[c], err));
    return STROMA_OK;
}

stroma_status stroma_biomarker_frame_new(size_t n, size_t columns, stroma_biomarker_frame **out,
                                         stroma_error *err)
{
    *out = NULL;
    stroma_biomarker_frame *f = stroma_alloc_array(1, sizeof *f);
    if (f == NULL) return stroma_no_memory(err);
    stroma_arena_init(&f->arena, (size_t)1 << ARENA_BYTES_LOG2);
    f->n = n;
    f->columns_len = columns;
    const stroma_status s = fill(f, err);
    if (s == STROMA_OK)
        *out = f;
    else
        stroma_biomarker_frame_free(f);
    return s;
}

void stroma_biomarker_frame_free(stroma_biomarker_frame *f)
{
    if (f == NULL) return;
    stroma_arena_clear(&f->arena);
    stroma_free(f);
}

void stroma_biomarker_frame_exclude(stroma_biomarker_frame *f, const char *reason)
{
    for (size_t i = 0; i < f->excluded_len; i++)
        if (strcmp(f->excluded[i].reason, reason) == 0) {
            f->excluded[i].n++;
            return;
        }
    if (f->excluded_len == STROMA_BIOMARKER_EXCLUDED_MAX) { /* the last one gathers the rest */
        f->excluded[f->excluded_len - 1].n++;
        return;
    }
    const bool last = f->excluded_len == STROMA_BIOMARKER_EXCLUDED_MAX - 1;
    f->excluded[f->excluded_len].reason = last ? "further reasons" : reason;
    f->excluded[f->excluded_len++].n = 1;
}

size_t stroma_biomarker_frame_find(const stroma_biomarker_frame *f, const char *name)
{
    for (size_t c = 0; c < f->columns_len; c++)
        if (strcmp(f->columns[c].name, name) == 0) return c;
    return SIZE_MAX;
}
