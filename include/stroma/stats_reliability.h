/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_reliability.h
 *  How well one measurement repeats itself: within-subject error from replicates, intraclass
 *  correlations, and how large a change must be before it is more than that error.
 *
 *  What cannot be computed is `not_estimable` with its reason. Functions are pure and thread-safe.
 *  @since 0.1 */
#ifndef STROMA_STATS_RELIABILITY_H
#define STROMA_STATS_RELIABILITY_H
#include "stroma/stats_agreement.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Readings of several subjects; borrowed. */
typedef struct stroma_replicates {
    const double *value;
    const size_t *subject; /**< codes 0 … subjects − 1; gaps are fine */
    size_t n, subjects;
} stroma_replicates;
typedef struct stroma_repeatability_options {
    stroma_agreement_scale scale;
    double probability; /**< of the coefficient, 0.95 */
    double level;
} stroma_repeatability_options;
#define STROMA_REPEATABILITY_OPTIONS_INIT \
    {                                     \
        STROMA_SCALE_NATURAL, 0.95, 0.95  \
    }
typedef struct stroma_repeatability {
    stroma_stat within_sd; /**< root of the within mean square; limits by chi-squared, df N − k */
    stroma_stat coefficient; /**< z√2·within_sd: 95 % of the differences of two readings are less
                                (ISO 5725; Bland & Altman 1999). It is the minimal detectable
                                change. On the log scale the factor exp(z√2·sd) */
    stroma_stat cv;          /**< log scale only: √(exp(sd²) − 1), a fraction */
    /** Kendall's τ of subjects' SD and mean: an error that grows with the value wants the log scale
     *  (Bland & Altman 1996 BMJ 313:106). */
    stroma_stat sd_with_mean;
    double between_sd;
    size_t subjects, single; /**< single: subjects with one reading, which say nothing here */
} stroma_repeatability;
/** One-way layout of replicates (readings that differ by error alone).
 *  @param options NULL: the defaults
 *  Not estimable: no subject with two readings; on the log scale a value ≤ 0. */
STROMA_API STROMA_CHECK stroma_status
stroma_repeatability_fit(const stroma_replicates *x, const stroma_repeatability_options *options,
                         stroma_repeatability *out, stroma_error *err);

typedef enum stroma_icc_form {
    STROMA_ICC_1_1, /**< each subject by other raters: one-way */
    STROMA_ICC_2_1, /**< raters are a sample, absolute agreement */
    STROMA_ICC_3_1, /**< these raters, consistency */
    STROMA_ICC_1_K, /**< the same of the mean of k raters */
    STROMA_ICC_2_K,
    STROMA_ICC_3_K
} stroma_icc_form;
enum { STROMA_ICC_FORMS = STROMA_ICC_3_K + 1 };
/** "ICC(1,1)", …, "ICC(3,k)". Never NULL. */
STROMA_API const char *stroma_icc_form_name(stroma_icc_form f);
/** Intraclass correlations of Shrout & Fleiss 1979 (Psychol Bull 86:420), with their F test of 0
 *  and F intervals (McGraw & Wong 1996 Psychol Methods 1:30). A negative estimate stays negative.
 *  @param cells subjects × raters, complete
 *  @param out STROMA_ICC_FORMS results
 *  Not estimable: fewer than two subjects or raters, no variation. */
STROMA_API STROMA_CHECK stroma_status stroma_icc(const double *cells, size_t subjects,
                                                 size_t raters, double level, stroma_stat *out,
                                                 stroma_error *err);
/** Change that a subject's own error exceeds with probability 1 − @p probability: z√2·SEM, where
 *  SEM = within-subject SD, or SD·√(1 − ICC). */
STROMA_API double stroma_minimal_detectable_change(double sem, double probability);

/** Reference change value: how far two results of one person may lie apart by analytical and
 *  biological variation alone. */
typedef struct stroma_rcv {
    double cv_total;   /**< √(CVA² + CVI²), a fraction */
    double symmetric;  /**< ± z√2·CV, a fraction (Fraser 2001) */
    double rise, fall; /**< log-normal, as fractions: exp(±z√2·σ) − 1, σ² = ln(1 + CV²)
                          (Fokkema 2006 Clin Chem 52:1602, Lund 2015); fall < 0 */
    double rise_lower, rise_upper, fall_lower, fall_upper; /**< NaN when the CV has no df */
} stroma_rcv;
typedef enum stroma_rcv_sides {
    STROMA_RCV_TWO_SIDED, /**< a change either way */
    STROMA_RCV_ONE_SIDED  /**< only a rise, or only a fall, was looked for */
} stroma_rcv_sides;
/** @param cv_analytical,cv_within fractions ≥ 0, not both 0
 *  @return USAGE for a CV or probability out of range */
STROMA_API STROMA_CHECK stroma_status stroma_rcv_of_cv(double cv_analytical, double cv_within,
                                                       stroma_rcv_sides sides, double probability,
                                                       stroma_rcv *out, stroma_error *err);
/** From the SD of the logarithms within subjects (which holds both kinds of variation when the
 *  replicates are days apart) and its df: limits of rise and fall from those of the SD. */
STROMA_API STROMA_CHECK stroma_status stroma_rcv_of_log_sd(double log_sd, double df,
                                                           stroma_rcv_sides sides,
                                                           double probability, double level,
                                                           stroma_rcv *out, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
