/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of an answer, one file each; answer.c puts them in order. */
#ifndef STROMA_BIOMARKER_ANSWER_PRIVATE_H
#define STROMA_BIOMARKER_ANSWER_PRIVATE_H
#include "stroma/biomarker_frame.h"
#include "stroma/models_roc.h"
#include "stroma/study_biomarker.h"

typedef struct answer {
    const stroma_study_biomarker *q;
    stroma_study_answer *out;
    bool no_memory; /* for a part of a sentence: the answer ends with it */
} answer;

/* NULL, or why the outcome is not what the question asks about: then neither curves nor cut-offs
 * nor a model of the outcome answer it. */
const char *answer_not_of_outcome(const answer *a);

/* Append; texts in the answer's arena or static. out_idx may be NULL. */
STROMA_CHECK stroma_status answer_result(answer *a, const stroma_study_answer_result *r,
                                         size_t *out_idx, stroma_error *err);
STROMA_CHECK stroma_status answer_point(answer *a, const stroma_study_answer_point *p,
                                        stroma_error *err);
/* text NULL is out of memory: for stroma_arena_printf() as an argument */
STROMA_CHECK stroma_status answer_text(answer *a, const char *kind, const char *title,
                                       const char *text, stroma_error *err);
/* A number in a sentence: @p digits significant, with the minus sign of typesetters. Never NULL:
 * where memory ran out, the answer remembers it. */
const char *answer_number(answer *a, double x, int digits);
/* "43 %" */
const char *answer_percent(answer *a, double fraction);

/* The variables of the family, or those of the indices given, as a frame. */
STROMA_CHECK stroma_status answer_frame(const answer *a, const size_t *variables, size_t len,
                                        stroma_biomarker_frame **out, stroma_error *err);

/* One variable split by a yes/no outcome, censored values tied beyond their limit. */
typedef struct answer_split {
    stroma_roc_sample sample; /* borrows value */
    double *value;
    size_t n_missing, n_below, n_above;
    size_t n_tied; /* measured, and tied with those below because a limit of others lies higher */
    double low, high; /* highest lower and lowest upper limit of a censored value; infinite: none */
    const char *reason; /* why the values cannot be ordered; the sample is empty then; or NULL */
} answer_split;
STROMA_CHECK stroma_status answer_split_take(const answer *a, size_t variable,
                                             stroma_roc_direction direction, answer_split *out,
                                             stroma_error *err);
void answer_split_clear(answer_split *s);

STROMA_CHECK stroma_status answer_heterogeneity(answer *a, stroma_error *err);
STROMA_CHECK stroma_status answer_screen(answer *a, stroma_error *err);
STROMA_CHECK stroma_status answer_curves(answer *a, stroma_error *err);
STROMA_CHECK stroma_status answer_cutoffs(answer *a, stroma_error *err);
STROMA_CHECK stroma_status answer_alignments(answer *a, stroma_error *err);
STROMA_CHECK stroma_status answer_model(answer *a, stroma_error *err);
STROMA_CHECK stroma_status answer_limits(answer *a, stroma_error *err);
#endif
