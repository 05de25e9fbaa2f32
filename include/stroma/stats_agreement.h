/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_agreement.h
 *  Two methods that measure the same quantity: a line that allows for errors of both (Deming,
 *  Passing-Bablok), the value one method would have given for a value of the other, the limits
 *  within which they agree (Bland-Altman), and Lin's concordance.
 *
 *  Pairs are x[i], y[i] of the same specimen; differences are **x − y**. All numbers are finite.
 *  What cannot be computed is `not_estimable` with its reason. Functions are pure and thread-safe;
 *  sums run in a fixed order. @since 0.1 */
#ifndef STROMA_STATS_AGREEMENT_H
#define STROMA_STATS_AGREEMENT_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_agreement_scale {
    STROMA_SCALE_NATURAL,
    STROMA_SCALE_LOG /**< natural logarithms of both: errors in proportion to the value */
} stroma_agreement_scale;

typedef enum stroma_deming_se {
    STROMA_DEMING_ANALYTIC, /**< Fuller 1987, Measurement Error Models, theorem 1.3.1, with n − 2 */
    STROMA_DEMING_JACKKNIFE /**< leave one pair out (Linnet 1990 Stat Med 9:1463) */
} stroma_deming_se;

typedef struct stroma_deming_options {
    double error_ratio; /**< λ = variance of the errors of y over that of x; declared, > 0 */
    stroma_deming_se se;
    stroma_agreement_scale scale;
    double level;
} stroma_deming_options;
#define STROMA_DEMING_OPTIONS_INIT                            \
    {                                                         \
        1, STROMA_DEMING_ANALYTIC, STROMA_SCALE_NATURAL, 0.95 \
    }

/** A fitted line y = intercept + slope·x. Plain data, so that a bridge can be stored. */
typedef struct stroma_deming {
    size_t n;
    double error_ratio;
    stroma_agreement_scale scale;
    stroma_stat slope;     /**< statistic, p: against 1 */
    stroma_stat intercept; /**< statistic, p: against 0 */
    double variance_intercept, covariance, variance_slope;
    double error_variance_x, error_variance_y; /**< of one reading: σx², σy² = λσx² */
    double x_min, x_max; /**< range of the pairs, in units of x as given (not logarithms) */
    double correlation;
} stroma_deming;

/** Fit by least squares of the distances weighted by λ (Deming 1943; Linnet 1993 Clin Chem 39:424):
 *  slope = (Syy − λSxx + √((Syy − λSxx)² + 4λSxy²)) / (2Sxy). The error variance is what the line
 *  leaves: σx² = Σ(y − a − bx)²/((n − 2)(λ + b²)). Intervals by t with n − 2 df.
 *  Not estimable: fewer than three pairs, no covariance of x and y, a value that has no logarithm.
 *  @param options NULL: the defaults
 *  @return OK; USAGE (not finite, λ or level out of range), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_deming_fit(const double *x, const double *y, size_t n,
                                                        const stroma_deming_options *options,
                                                        stroma_deming *out, stroma_error *err);

/** A value of x on the scale of y. */
typedef struct stroma_bridged {
    double y;       /**< in units of y; on the log scale the back-transformed median */
    double se_line; /**< of the line alone */
    double se;      /**< of the true value: the line, and the error of the reading x times slope */
    double se_reading;   /**< of a reading by y's method: the error of that reading too */
    double lower, upper; /**< y ∓ t·se at the level of the fit */
    bool extrapolated;   /**< x lies outside the pairs that the line was fitted on */
} stroma_bridged;
/** Standard errors are on the scale of the fit (of ln y on the log scale, where the limits are
 *  back-transformed).
 *  @return false when the line, or x on its scale, does not exist; @p out is all NaN then. */
STROMA_API bool stroma_deming_convert(const stroma_deming *fit, double x, stroma_bridged *out);

enum { STROMA_PASSING_BABLOK_PAIRS_MAX = 10000 };
typedef struct stroma_passing_bablok {
    stroma_stat slope, intercept; /**< intervals only: the method has no standard error */
    stroma_stat linearity; /**< cusum test; statistic max |cusum|/√(L + 1), p of Kolmogorov */
    double tau;            /**< Kendall's, of x and y: the method needs it to be positive */
    size_t slopes, below_minus_one;
} stroma_passing_bablok;
/** Passing & Bablok 1983 J Clin Chem Clin Biochem 21:709. The slope is the median of the slopes of
 *  all pairs of specimens, shifted by the number of those below −1; a pair with equal x counts as
 *  +∞, as in mcr, so that the order of the rows does not matter; equal pairs and a slope of
 *  exactly −1 are left out. Not estimable: fewer than three pairs, τ ≤ 0 (it presupposes that the
 *  methods rise together), constant x.
 *  @return OK; USAGE (not finite, level, more than STROMA_PASSING_BABLOK_PAIRS_MAX pairs), NOMEM.
 */
STROMA_API STROMA_CHECK stroma_status stroma_passing_bablok_fit(const double *x, const double *y,
                                                                size_t n, double level,
                                                                stroma_passing_bablok *out,
                                                                stroma_error *err);

typedef enum stroma_limits_interval {
    STROMA_LIMITS_EXACT, /**< of mean ± z·sd, by the noncentral t (Carkeet 2015 Optom Vis Sci
                            92:e71) */
    STROMA_LIMITS_APPROXIMATE /**< ± t·√(s²/n + z²s²/(2(n − 1))) (Bland & Altman 1999 Stat Methods
                                 Med Res 8:135) */
} stroma_limits_interval;
typedef struct stroma_bland_altman_options {
    stroma_agreement_scale scale; /**< LOG: bias and limits are ratios x/y */
    stroma_limits_interval interval;
    double agreement; /**< share of the differences between the limits, 0.95 */
    double level;     /**< of the intervals */
} stroma_bland_altman_options;
#define STROMA_BLAND_ALTMAN_OPTIONS_INIT                      \
    {                                                         \
        STROMA_SCALE_NATURAL, STROMA_LIMITS_EXACT, 0.95, 0.95 \
    }
typedef struct stroma_bland_altman {
    stroma_stat bias;         /**< mean difference (ratio of geometric means on the log scale) */
    stroma_stat lower, upper; /**< limits of agreement, each with its interval */
    double sd; /**< of one difference; on the log scale of the difference of logarithms */
    /** Slope of the difference on the mean of the two (of logarithms on the log scale): the spread
     *  or the bias changes with the size. Under equal variances of the two methods it is 0. */
    stroma_stat proportional;
    size_t subjects;              /**< those with several pairs count once; else n */
    double sd_between, sd_within; /**< of the differences, with several pairs a subject; else NaN */
} stroma_bland_altman;
/** One pair a subject. Not estimable: fewer than two pairs; on the log scale a value ≤ 0.
 *  @param options NULL: the defaults */
STROMA_API STROMA_CHECK stroma_status stroma_bland_altman_fit(
    const double *x, const double *y, size_t n, const stroma_bland_altman_options *options,
    stroma_bland_altman *out, stroma_error *err);
/** Several pairs a subject; borrowed. */
typedef struct stroma_subject_pairs {
    const double *x, *y;
    const size_t *subject; /**< codes 0 … subjects − 1 */
    size_t n, subjects;
} stroma_subject_pairs;
/** Several pairs a subject, whose true value may change between them (Bland & Altman 2007 J
 *  Biopharm Stat 17:571). The variance of a difference is that between subjects' means plus
 *  (1 − 1/m) of that within, m the harmonic mean of the numbers of pairs, with intervals by
 *  recovery of the variance estimates (Zou 2013 Stat Methods Med Res 22:630).
 *  Not estimable: fewer than two subjects, no subject with two pairs. */
STROMA_API STROMA_CHECK stroma_status stroma_bland_altman_repeated(
    const stroma_subject_pairs *pairs, const stroma_bland_altman_options *options,
    stroma_bland_altman *out, stroma_error *err);

/** Lin's concordance correlation 2sxy/(sx² + sy² + (x̄ − ȳ)²), divisor n, interval by z with the
 *  variance of Lin 1989 (Biometrics 45:255) as corrected in 2000 (56:324). effect: accuracy,
 *  concordance over Pearson's r. Not estimable: fewer than four pairs, a constant variable, r = 0.
 */
STROMA_API STROMA_CHECK stroma_status stroma_concordance(const double *x, const double *y, size_t n,
                                                         double level, stroma_stat *out,
                                                         stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
