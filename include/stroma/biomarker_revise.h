/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file biomarker_revise.h
 *  A model meets further patients: it is checked on them, recalibrated, brought up to date. Each
 *  change makes a new model file that names the hash of the one before; nothing is overwritten.
 *  @since 0.1 */
#ifndef STROMA_BIOMARKER_REVISE_H
#define STROMA_BIOMARKER_REVISE_H
#include "stroma/biomarker_predict.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Further patients: those of them that the model has an answer for. Arrays are borrowed. */
typedef struct stroma_cohort {
    const char *source, *sha256; /**< sha256 may be NULL */
    size_t n;
    const stroma_predict_value *values; /**< n × inputs */
    const double *outcome;              /**< n: 0 or 1 */
} stroma_cohort;

typedef enum stroma_advice {
    STROMA_ADVICE_TOO_FEW,   /**< fewer than 100 with or without the event (Vergouwe 2005 J Clin
                                  Epidemiol 58:475) and nothing is certain */
    STROMA_ADVICE_NO_SIGNAL, /**< the interval of the AUC holds 1/2: do not use it here */
    STROMA_ADVICE_SLOPE,     /**< recalibrate intercept and slope */
    STROMA_ADVICE_INTERCEPT, /**< recalibrate the intercept */
    STROMA_ADVICE_KEEP       /**< no deviation seen */
} stroma_advice;
/** A sentence. Never NULL. */
STROMA_API const char *stroma_advice_text(stroma_advice a);

typedef struct stroma_revision {
    stroma_model_performance performance;
    double training_mean, training_sd; /**< log odds of the training patients, out of fold */
    double cohort_mean, cohort_sd;     /**< log odds of the cohort */
    stroma_model_figure membership;    /**< AUC of the log odds for cohort against training: how
                                            different the patients are, 1/2 is alike (Debray 2015 J
                                            Clin Epidemiol 68:279) */
    stroma_advice advice;
} stroma_revision;
/** Check a model on other patients. @param level of intervals
 *  @return OK; INCONSISTENT (the model has learned from this file), DEGENERATE (no patient, one
 * class), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_model_check(const stroma_model *m,
                                                         const stroma_cohort *c, double level,
                                                         stroma_revision *out, stroma_error *err);
/** Put a check on record in the model; its parent becomes the model as it was read. */
STROMA_API STROMA_CHECK stroma_status stroma_model_add_validation(stroma_model *m,
                                                                  const stroma_cohort *c,
                                                                  const stroma_revision *r,
                                                                  stroma_error *err);
/** Recalibrate on a cohort: a new version whose log odds are a + b·(those before), b = 1 unless
 *  @p slope. Sets and their scores do not change: they rest on ranks.
 *  @return as stroma_model_check(); DEGENERATE also when the classes are separated. */
STROMA_API STROMA_CHECK stroma_status stroma_model_recalibrate(stroma_model *m,
                                                               const stroma_cohort *c, bool slope,
                                                               stroma_error *err);
/** Bring a model up to date: its coefficients with their covariance are the prior, the cohort the
 *  data, and the normal approximation of the posterior at its peak is the new version (Laplace).
 *  Before it learns from the patients it is checked on them, and that is put on record. Centre,
 *  scale and rules of the inputs stay; the patients join the calibration scores, by models that
 * have not seen them.
 *  @return as stroma_model_check(); DEGENERATE also for a method without a covariance. One class
 *  alone is fine here. */
STROMA_API STROMA_CHECK stroma_status stroma_model_update(stroma_model *m, const stroma_cohort *c,
                                                          stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
