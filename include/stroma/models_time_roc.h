/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_time_roc.h
 *  How well a number measured at the start tells who will have had the event by a time from who
 * will not (cumulative cases, dynamic controls), when some are censored before.
 *
 *  Cases had the event by t, controls are free of it at t. Who was censored before t is neither,
 * but the others stand in for them: each counts 1/G, where G is the chance of not being censored
 * until then, estimated by Kaplan-Meier (Uno 2007 JASA 102:527; Hung & Chiang 2010 Can J Stat 38:8;
 *  Blanche 2013 Stat Med 32:5381). Censoring must not depend on the marker. At one time, an event
 *  comes before a censoring.
 *
 *  **The direction is declared**, never picked from the data. Ties count half. Standard errors are
 *  the infinitesimal jackknife: influence functions with the estimation of G in them. All functions
 *  are pure and thread-safe. @since 0.1 */
#ifndef STROMA_MODELS_TIME_ROC_H
#define STROMA_MODELS_TIME_ROC_H
#include "stroma/models_roc.h"
#include "stroma/models_survival.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_time_roc_controls {
    STROMA_TIME_ROC_EVENT_FREE, /**< free of every event at t */
    STROMA_TIME_ROC_NOT_CASES   /**< also those who had a competing event before */
} stroma_time_roc_controls;
/** One marker; arrays of n, borrowed, one row a subject. */
typedef struct stroma_time_roc_sample {
    size_t n;
    const double *marker, *stop;
    const uint32_t *event; /**< 0 censored, else the cause */
    uint32_t cause;        /**< which event makes a case */
    stroma_roc_direction direction;
    stroma_time_roc_controls controls;
} stroma_time_roc_sample;
typedef enum stroma_time_roc_interval {
    STROMA_TIME_ROC_PLAIN, /**< estimate ± z·SE, cut at 0 and 1 */
    STROMA_TIME_ROC_LOGIT
} stroma_time_roc_interval;

/** Who is what at one time. */
typedef struct stroma_time_roc_counts {
    size_t cases, controls;
    size_t competing;    /**< had another event by t: control or left out, as asked for */
    size_t unknown;      /**< censored by t */
    double not_censored; /**< G(t) */
} stroma_time_roc_counts;

/** AUC at @p time. n1: cases, n2: controls. Not estimable, with reason: no case, no control, nobody
 *  followed that long.
 *  @param influence n numbers, written, or NULL: derivative in the weight of each subject
 *  @param counts may be NULL
 *  @return OK; USAGE (a number that is not finite, a negative time, cause 0, a bad level),
 *  DEGENERATE (no rows), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_time_roc_auc(
    const stroma_time_roc_sample *s, double time, stroma_time_roc_interval interval, double level,
    double *influence, stroma_time_roc_counts *counts, stroma_stat *out, stroma_error *err);
/** AUC of @p s less the AUC of @p other (n numbers of the same subjects, same direction): z, p. */
STROMA_API STROMA_CHECK stroma_status stroma_time_roc_compare(const stroma_time_roc_sample *s,
                                                              const double *other, double time,
                                                              double level, stroma_stat *out,
                                                              stroma_error *err);
/** Sensitivity and specificity at @p time of the rule "marker > threshold" (LOWER: "<"; @p
 * inclusive: "≥", "≤"), fixed before these data were seen. */
STROMA_API STROMA_CHECK stroma_status stroma_time_roc_at(
    const stroma_time_roc_sample *s, double time, double threshold, bool inclusive, double level,
    stroma_stat *sensitivity, stroma_stat *specificity, stroma_error *err);
/** The whole curve, from everybody positive to nobody; tp and fp count subjects without weights.
 *  @param out owned by the caller, stroma_free()
 *  @return as stroma_time_roc_auc(); DEGENERATE also where the AUC is not estimable. */
STROMA_API STROMA_CHECK stroma_status stroma_time_roc_curve(const stroma_time_roc_sample *s,
                                                            double time, stroma_roc_point **out,
                                                            size_t *out_len, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
