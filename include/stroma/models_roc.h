/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_roc.h
 *  How well one number tells two classes of subjects apart: area under the ROC curve, its tests,
 *  cut-offs that were fixed beforehand, and cut-offs that were searched for in the same data.
 *
 *  **The direction is declared**, never picked from the data: an AUC below 1/2 stays below 1/2.
 *  Ties count half. Values are finite; two values are tied when the doubles are equal. Censored
 *  values are tied beyond the limit first, with stroma_roc_tie_censored().
 *
 *  All functions are pure and thread-safe; resamples have Philox generators of their own, so that
 *  results do not depend on the number of threads. Texts in results are static. @since 0.1 */
#ifndef STROMA_MODELS_ROC_H
#define STROMA_MODELS_ROC_H
#include "stroma/stats_proportion.h"
#include "stroma/stats_rank_test.h"
#include "stroma/table.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_roc_direction {
    STROMA_ROC_HIGHER, /**< positives are expected to have the higher values */
    STROMA_ROC_LOWER
} stroma_roc_direction;

/** One marker in two classes; both arrays are borrowed. For paired comparisons the order is that of
 *  the subjects, the same in both markers. */
typedef struct stroma_roc_sample {
    const double *positive; /**< with the event: responders, cases */
    size_t positive_len;
    const double *negative;
    size_t negative_len;
    stroma_roc_direction direction;
} stroma_roc_sample;

/** Give values beyond a limit a place among the others: all below-limit values are tied just under
 *  the largest lower limit, all above-limit values just over the smallest upper limit (the next
 *  double). Ranks, AUC and counts at a cut-off are then those of "<LLOQ" as tied lowest.
 *  @param value the number of each cell, the limit where it is censored; overwritten there
 *  @param state PRESENT, BELOW_LIMIT or ABOVE_LIMIT
 *  @return USAGE (another state), INCONSISTENT when a measured value lies beyond a limit of another
 *  row: their order is not known. Nothing is overwritten then. */
STROMA_API STROMA_CHECK stroma_status stroma_roc_tie_censored(double *value,
                                                              const stroma_cell_state *state,
                                                              size_t n, stroma_error *err);

typedef enum stroma_auc_interval {
    STROMA_AUC_DELONG,       /**< AUC ± z·SE, cut at 0 and 1 (DeLong 1988 Biometrics 44:837) */
    STROMA_AUC_DELONG_LOGIT, /**< the same on the logit scale: SE/(A(1 − A)) (Pepe 2003 §5.2.3) */
    STROMA_AUC_HANLEY_MCNEIL, /**< AUC ± z·SE of Hanley & McNeil 1982 Radiology 143:29 */
    STROMA_AUC_BOOTSTRAP      /**< percentiles of resamples drawn within each class */
} stroma_auc_interval;
enum { STROMA_AUC_INTERVALS = STROMA_AUC_BOOTSTRAP + 1 };
/** "DeLong", "DeLong, logit", … Never NULL. */
STROMA_API const char *stroma_auc_interval_name(stroma_auc_interval i);

enum { STROMA_ROC_RESAMPLES_MIN = 100, STROMA_ROC_RESAMPLES_MAX = 10000000 };
typedef struct stroma_roc_bootstrap {
    size_t resamples; /**< STROMA_ROC_RESAMPLES_MIN … _MAX */
    uint64_t seed;
    int threads;
} stroma_roc_bootstrap;
#define STROMA_ROC_BOOTSTRAP_INIT \
    {                             \
        2000, 1, 1                \
    }

typedef struct stroma_auc_options {
    stroma_auc_interval interval;
    double level;
    stroma_rank_method p_method; /**< of the Mann-Whitney p against AUC = 1/2 */
    stroma_roc_bootstrap bootstrap;
} stroma_auc_options;
#define STROMA_AUC_OPTIONS_INIT                                              \
    {                                                                        \
        STROMA_AUC_DELONG, 0.95, STROMA_RANK_AUTO, STROMA_ROC_BOOTSTRAP_INIT \
    }

/** AUC = P(positive beyond negative) + P(tie)/2, with SE and interval by one method, and the
 *  two-sided Mann-Whitney p of AUC = 1/2. DeLong's variance by midranks in O(n log n) (Sun & Xu
 * 2014 IEEE Signal Process Lett 21:1389), placements counted in whole numbers. n1: positives. Not
 * estimable, with reason: no subject in a class. An AUC of 0 or 1 and values that are all tied have
 * SE 0 by DeLong and by resampling; `reason` then says that the width means nothing.
 *  @param options NULL: the defaults
 *  @return OK; USAGE (a value that is not finite, a bad level or number of resamples), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_auc(const stroma_roc_sample *s,
                                                 const stroma_auc_options *options,
                                                 stroma_stat *out, stroma_error *err);

/** Two markers of the same subjects (DeLong 1988). estimate: AUC(a) − AUC(b); statistic z.
 *  @return as stroma_auc(); USAGE also when the class sizes differ. */
STROMA_API STROMA_CHECK stroma_status stroma_auc_compare_paired(const stroma_roc_sample *a,
                                                                const stroma_roc_sample *b,
                                                                double level, stroma_stat *out,
                                                                stroma_error *err);
/** Two markers of different subjects: t with Welch-Satterthwaite df over the subjects of each
 * study, as in pROC (Robin 2011 BMC Bioinformatics 12:77). */
STROMA_API STROMA_CHECK stroma_status stroma_auc_compare_unpaired(const stroma_roc_sample *a,
                                                                  const stroma_roc_sample *b,
                                                                  double level, stroma_stat *out,
                                                                  stroma_error *err);

/** What classifying at one threshold gives. The rule is "value > threshold" (direction LOWER:
 *  "value < threshold"), so ±infinity are the rules that call everybody or nobody positive. */
typedef struct stroma_roc_point {
    double threshold;
    size_t tp, fp;
    double sensitivity, specificity;
} stroma_roc_point;
/** The whole curve, from everybody positive to nobody positive. Thresholds lie midway between
 *  neighbouring distinct values. @param out owned by the caller, stroma_free()
 *  @return OK; DEGENERATE (a class is empty), USAGE, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_roc_curve(const stroma_roc_sample *s,
                                                       stroma_roc_point **out, size_t *out_len,
                                                       stroma_error *err);
enum { STROMA_ROC_BAND_POINTS = 41 };
/** Sensitivity where the share of false positives is given, with its interval. */
typedef struct stroma_roc_band_point {
    double false_positive_frac, sensitivity, lower, upper;
} stroma_roc_band_point;
/** The curve at STROMA_ROC_BAND_POINTS evenly spaced shares of false positives, corners joined by
 *  lines, with the percentiles of a bootstrap within classes at each (pROC's ci.se). Pointwise: the
 *  whole curve lies in such a band less often than @p level.
 *  @param out STROMA_ROC_BAND_POINTS places
 *  @return OK; DEGENERATE (a class is empty), USAGE, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_roc_band(const stroma_roc_sample *s, double level,
                                                      const stroma_roc_bootstrap *bootstrap,
                                                      stroma_roc_band_point *out,
                                                      stroma_error *err);
typedef enum stroma_roc_axis { STROMA_ROC_SPECIFICITY, STROMA_ROC_SENSITIVITY } stroma_roc_axis;
typedef struct stroma_roc_range {
    stroma_roc_axis axis;
    double from, to;  /**< fractions, 0 ≤ from < to ≤ 1 */
    bool standardise; /**< McClish 1989 Med Decis Making 9:190: chance is 1/2, the best is 1 */
} stroma_roc_range;
/** Area under the curve where specificity (or sensitivity) lies in a range, by trapezoids, with
 *  percentiles of a bootstrap within classes (NULL: no interval). */
STROMA_API STROMA_CHECK stroma_status stroma_auc_partial(const stroma_roc_sample *s,
                                                         const stroma_roc_range *range,
                                                         double level,
                                                         const stroma_roc_bootstrap *bootstrap,
                                                         stroma_stat *out, stroma_error *err);

/** What a cut-off gives in one sample. Ratios that divide by 0 are NaN or infinite. */
typedef struct stroma_roc_cutoff {
    double threshold;
    bool inclusive; /**< the threshold itself is positive */
    size_t tp, fp, fn, tn;
    stroma_stat sensitivity, specificity;
    stroma_stat ppv, npv, accuracy; /**< at the share of positives in these data */
    double lr_positive, lr_negative, odds_ratio;
} stroma_roc_cutoff;
/** Classify at a cut-off that was fixed before these data were seen.
 *  @param inclusive "≥" ("≤" for LOWER) instead of ">" */
STROMA_API STROMA_CHECK stroma_status stroma_roc_at(const stroma_roc_sample *s, double threshold,
                                                    bool inclusive, stroma_proportion_method method,
                                                    double level, stroma_roc_cutoff *out,
                                                    stroma_error *err);
/** PPV and NPV where @p prevalence_frac of the patients are positive (Bayes), with the logit
 *  intervals of Mercaldo, Lau & Zhou 2007 Stat Med 26:2170. Not estimable, with reason, where a
 *  count of 0 leaves the logit without a variance (the estimate stays). */
STROMA_API void stroma_roc_predictive(const stroma_roc_cutoff *c, double prevalence_frac,
                                      double level, stroma_stat *ppv, stroma_stat *npv);

/** A cut-off that was *searched for* in these data (largest Youden index), and what that costs. */
typedef struct stroma_roc_search {
    double threshold; /**< lowest of those that share the best index; infinite when none is > 0 */
    size_t tied;      /**< thresholds that share it, 1 when it is unique */
    size_t tp, fp;
    double sensitivity, specificity, youden; /**< apparent: too good, by the search */
    stroma_stat cutoff; /**< percentiles of the thresholds that a search of each resample finds */
    double sensitivity_corrected, specificity_corrected,
        youden_corrected;    /**< Harrell's optimism */
    double optimism_mcse;    /**< Monte-Carlo standard error of the correction of the index */
    size_t resamples_failed; /**< resamples in which no threshold beat chance */
} stroma_roc_search;
STROMA_API STROMA_CHECK stroma_status stroma_roc_search_cutoff(
    const stroma_roc_sample *s, double level, const stroma_roc_bootstrap *bootstrap,
    stroma_roc_search *out, stroma_error *err);

/** The p-value a searched cut-off deserves: the largest standardised two-by-two statistic over all
 *  cut-offs that leave at least a fraction @p margin_frac of the subjects on either side (0.1 in
 * R's maxstat and coin), two-sided, either direction. Exact: the permutation distribution, ties and
 *  all, by counting paths that cross the bound (Koziol 1991 Biometrics 47:1557); beyond 2e8 steps
 *  the asymptotic tail of Miller & Siegmund 1982 Biometrics 38:1011. statistic: max |z|;
 *  estimate: the cut-off, "value ≤ estimate" against the rest, a value of the data.
 *  Not estimable, with reason: an empty class, no permitted cut-off. */
STROMA_API STROMA_CHECK stroma_status stroma_roc_max_selected(const stroma_roc_sample *s,
                                                              double margin_frac, stroma_stat *out,
                                                              stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
