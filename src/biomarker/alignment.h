/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the aligned analyses share. */
#ifndef STROMA_BIOMARKER_ALIGNMENT_PRIVATE_H
#define STROMA_BIOMARKER_ALIGNMENT_PRIVATE_H
#include "stroma/biomarker_alignment.h"

/* Order of the rows, finite days, no day twice. */
STROMA_CHECK stroma_status alignment_check_series(const stroma_series *s, stroma_error *err);
STROMA_CHECK stroma_status alignment_check_options(const stroma_alignment_options *o,
                                                   stroma_error *err);
/* State of a marker cell. */
stroma_cell_state alignment_marker_state(const stroma_series *s, size_t row);
/* first[i] … first[i + 1] are the rows of subject i (subjects + 1 places); owned by the caller. */
STROMA_CHECK stroma_status alignment_rows(const stroma_series *s, size_t **first,
                                          stroma_error *err);

/* Subjects with an event, as they are used. */
typedef struct alignment_set {
    size_t n;
    size_t *subject;
    double *day; /* of the event */
    size_t *first;
    bool one_day; /* all events on the same day */
} alignment_set;
STROMA_CHECK stroma_status alignment_set_new(const stroma_series *s, const stroma_event *events,
                                             bool baseline_events, alignment_set *out,
                                             stroma_error *err);
void alignment_set_free(alignment_set *a);
/* Event days of one shuffle. @param order n places of scratch */
void alignment_shuffle(const stroma_series *s, const alignment_set *a,
                       const stroma_alignment_options *o, uint64_t index, size_t *order,
                       double *day);
#endif
