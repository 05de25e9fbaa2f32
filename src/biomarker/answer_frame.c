/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the question of a study to what the methods work on. */
#include "answer.h"

#include <math.h>
#include <string.h>

/* A text that may be NULL. */
static stroma_status keep(stroma_biomarker_frame *f, const char *text, const char **out,
                          stroma_error *err)
{
    *out = stroma_arena_strdup(&f->arena, text);
    return *out == NULL && text != NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status take_column(const answer *a, const stroma_study_variable *v,
                                 stroma_biomarker_frame *f, stroma_biomarker_column *c,
                                 stroma_error *err)
{
    STROMA_TRY(keep(f, v->name, &c->name, err));
    STROMA_TRY(keep(f, v->label, &c->label, err));
    STROMA_TRY(keep(f, v->unit, &c->unit, err));
    STROMA_TRY(keep(f, v->assay, &c->assay, err));
    c->lloq = v->lloq;
    c->uloq = v->uloq;
    c->range_low = v->range_low;
    c->range_high = v->range_high;
    c->log_scale = v->log_scale;
    for (size_t i = 0; i < f->n && c->log_scale; i++) /* ranks need no logarithm; the shift does */
        c->log_scale = !(v->value[i] <= 0);
    c->negative_control = v->negative_control;
    c->day = v->day == STROMA_STUDY_DAY_UNKNOWN ? STROMA_BIOMARKER_DAY_UNKNOWN : v->day;
    (void)stroma_biomarker_question_parse(a->q->question, &c->question);
    memcpy(c->value, v->value, f->n * sizeof *c->value);
    memcpy(c->state, v->state, f->n * sizeof *c->state);
    return STROMA_OK;
}

static stroma_status take_subjects(const answer *a, stroma_biomarker_frame *f, stroma_error *err)
{
    const stroma_study_biomarker *q = a->q;
    for (size_t i = 0; i < f->n; i++) {
        f->subject[i] = stroma_arena_strdup(&f->arena, q->subject[i]);
        if (f->subject[i] == NULL) return stroma_no_memory(err);
        f->outcome[i] = q->outcome[i];
    }
    if (q->treated != NULL) {
        f->treated = stroma_arena_alloc(&f->arena, f->n, sizeof *f->treated);
        if (f->treated == NULL) return stroma_no_memory(err);
        memcpy(f->treated, q->treated, f->n * sizeof *f->treated);
    }
    if (q->batch == NULL) return STROMA_OK;
    f->batch = stroma_arena_alloc(&f->arena, f->n, sizeof *f->batch);
    f->batch_name = stroma_arena_alloc(&f->arena, q->batches_len, sizeof *f->batch_name);
    if (f->batch == NULL || f->batch_name == NULL) return stroma_no_memory(err);
    memcpy(f->batch, q->batch, f->n * sizeof *f->batch);
    f->batches_len = q->batches_len;
    for (size_t k = 0; k < q->batches_len; k++) {
        f->batch_name[k] = stroma_arena_strdup(&f->arena, q->batch_name[k]);
        if (f->batch_name[k] == NULL) return stroma_no_memory(err);
    }
    return STROMA_OK;
}

static stroma_status fill(const answer *a, const size_t *variables, stroma_biomarker_frame *f,
                          stroma_error *err)
{
    const stroma_study_biomarker *q = a->q;
    STROMA_TRY(keep(f, q->source, &f->source, err));
    STROMA_TRY(keep(f, q->outcome_label, &f->outcome_name, err));
    STROMA_TRY(keep(f, q->event_label, &f->event, err));
    STROMA_TRY(keep(f, q->landmark, &f->landmark, err));
    f->outcome_label = f->outcome_name;
    memcpy(f->sha256, q->sha256, strlen(q->sha256) + 1);
    f->landmark_day = q->landmark_day;
    f->outcome_day = q->outcome_day;
    f->simulated = q->simulated;
    for (size_t i = 0; i < q->excluded_len; i++)
        for (size_t k = 0; k < q->excluded[i].n; k++)
            stroma_biomarker_frame_exclude(f, q->excluded[i].reason);
    STROMA_TRY(take_subjects(a, f, err));
    for (size_t k = 0; k < f->columns_len; k++)
        STROMA_TRY(take_column(a, &q->variables[variables[k]], f, &f->columns[k], err));
    return STROMA_OK;
}

stroma_status answer_frame(const answer *a, const size_t *variables, size_t len,
                           stroma_biomarker_frame **out, stroma_error *err)
{
    STROMA_TRY(stroma_biomarker_frame_new(a->q->n, len, out, err));
    const stroma_status s = fill(a, variables, *out, err);
    if (s != STROMA_OK) {
        stroma_biomarker_frame_free(*out);
        *out = NULL;
    }
    return s;
}
