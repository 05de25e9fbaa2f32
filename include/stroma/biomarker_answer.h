/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file biomarker_answer.h
 *  A biomarker question of a study, answered: heterogeneity first, then the screen of the declared
 *  family, ROC curves, cut-offs with what they cost, courses aligned at the marker's rise, and the
 *  model for the next patient. Given to stroma_study_run() in its options. @since 0.1 */
#ifndef STROMA_BIOMARKER_ANSWER_H
#define STROMA_BIOMARKER_ANSWER_H
#include "stroma/study_biomarker.h"
#ifdef __cplusplus
extern "C" {
#endif
/** A ::stroma_study_biomarker_fn. What the data do not allow is said in @p out.
 *  Statuses: NOMEM, INTERRUPTED, USAGE (a setting out of range). Thread-safe. */
STROMA_API STROMA_CHECK stroma_status stroma_biomarker_answer(const stroma_study_biomarker *q,
                                                              stroma_study_answer *out,
                                                              stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
