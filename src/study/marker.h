/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file marker.h
 *  An entry of `biomarkers:` on its way from the study file to arrays: marker.c reads the entry,
 *  marker_outcome.c says who enters with which outcome, marker_variable.c takes values and asks the
 *  time guard, marker_course.c takes courses over the visits, marker_store.c keeps the answer. */
#ifndef STROMA_STUDY_MARKER_H
#define STROMA_STUDY_MARKER_H
#include "model.h"

#include "stroma/study_biomarker.h"

typedef struct marker_entry {
    study *s;
    const stroma_yaml_node *node;
    int32_t landmark, set;     /* landmark: visit */
    int32_t grouping, group;   /* of a yes/no outcome, or STUDY_NONE */
    int32_t param, visit;      /* of the outcome, or STUDY_NONE */
    bool after_treatment_only; /* pharmacodynamic: the landmark is no limit */
    bool *arm_in;              /* arms.len: these enter */
    bool *behind;              /* measurements.len: the outcome of its subject was made from it */
    int32_t *order;   /* subjects.len: all of the study by id, whatever the order of rows */
    int32_t *subject; /* q.n: index in the study, in that order */
    size_t variables_capacity;
    stroma_study_biomarker q;
} marker_entry;

/** Nominal study day of a visit: its day, else its time in days; STUDY_DAY_UNKNOWN. */
int32_t marker_visit_day(const study *s, int32_t visit);
/** A fault at a node of the entry. */
stroma_status marker_fault(const marker_entry *m, const stroma_yaml_node *at, stroma_status status,
                           stroma_error *err, const char *message);
/** @p st, with what to do beside it. */
STROMA_CHECK stroma_status marker_hint(stroma_status st, stroma_error *err, const char *what);
/** Who enters, with outcome, arm and batch. */
STROMA_CHECK stroma_status marker_take_outcome(marker_entry *m, stroma_error *err);
/** The variable (param, visit), added when new. @p visit STUDY_NONE: of the subject.
 *  A value that is dated after the landmark is refused at @p at. */
STROMA_CHECK stroma_status marker_take_variable(marker_entry *m, int32_t param, int32_t visit,
                                                const stroma_yaml_node *at, size_t *out,
                                                stroma_error *err);
/** candidates:, cutoffs:, model: */
STROMA_CHECK stroma_status marker_take_candidates(marker_entry *m, stroma_error *err);
STROMA_CHECK stroma_status marker_take_cutoffs(marker_entry *m, stroma_error *err);
STROMA_CHECK stroma_status marker_take_model(marker_entry *m, stroma_error *err);
/** heterogeneity:, align: */
STROMA_CHECK stroma_status marker_take_heterogeneity(marker_entry *m, stroma_error *err);
STROMA_CHECK stroma_status marker_take_alignments(marker_entry *m, stroma_error *err);
/** Results into the run's list, the rest into s->markers. */
STROMA_CHECK stroma_status marker_store(const marker_entry *m, const stroma_study_answer *a,
                                        stroma_error *err);
#endif
