/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_ordinal.h
 *  Ordered categories by proportional odds (McCullagh 1980 J R Stat Soc B 42:109).
 *
 *  logit P(Y ≤ k) = threshold(k) − x'b: one odds ratio e^b of being above *any* of the thresholds,
 *  the sign of MASS::polr. That one ratio does for all thresholds is an assumption, and
 *  stroma_ordinal_brant() tests it. The likelihood is concave, so Newton's method finds its only
 *  maximum, where it has one: separation is detected first, as for two classes (the model is that
 *  of the stacked indicators of being above each threshold). With two categories the model is the
 *  logistic one.
 *
 *  Categories are numbers 0 … categories − 1. Constant columns are aliased: the thresholds take
 * them up. Sums run in a fixed order. All functions are pure and thread-safe. @since 0.1 */
#ifndef STROMA_MODELS_ORDINAL_H
#define STROMA_MODELS_ORDINAL_H
#include "stroma/models_logistic.h"
#ifdef __cplusplus
extern "C" {
#endif
enum { STROMA_ORDINAL_CATEGORIES_MAX = 64 };

typedef struct stroma_ordinal_options {
    stroma_logistic_interval interval;
    double level;
    /** λ of −log likelihood/n + λ/2·Σb² on columns with SD 1 (divisor n); 0: maximum likelihood.
     *  Thresholds are free of it. Estimates then exist for separated data too. */
    double ridge;
} stroma_ordinal_options;
#define STROMA_ORDINAL_OPTIONS_INIT      \
    {                                    \
        STROMA_LOGISTIC_PROFILE, 0.95, 0 \
    }

/** A fitted model. Owned; free with stroma_ordinal_free(). */
typedef struct stroma_ordinal_model {
    size_t rows, columns, rank; /**< rank: columns with a coefficient */
    size_t categories;
    size_t counts[STROMA_ORDINAL_CATEGORIES_MAX]; /**< rows of each category */
    double level, ridge;
    stroma_separation separation;
    const char *reason;       /**< why there are no estimates, else "" */
    bool *aliased, *infinite; /**< columns */
    double *coefficients; /**< columns: log odds ratios of a higher category; NaN where aliased */
    double *thresholds;   /**< categories − 1 */
    double *covariance;   /**< (categories − 1 + columns)², thresholds first; NaN where aliased,
                             and throughout under ridge */
    stroma_stat *terms;   /**< columns: Wald's z and p, interval as asked, odds ratio */
    stroma_stat *threshold_terms;               /**< categories − 1, Wald */
    double log_likelihood, log_likelihood_null; /**< without the penalty; null: thresholds only */
    stroma_stat likelihood_ratio;               /**< χ² on rank df; none under ridge */
    double *fitted;                             /**< rows × categories, a row after the other */
    int iterations;
} stroma_ordinal_model;

/** @param y rows numbers below @p categories
 *  @param options NULL: ML, profile, 95 %
 *  @return OK; USAGE (numbers that are not finite, a bad category, level or penalty), DEGENERATE
 * (no rows, fewer than two categories, a category without a row), NOMEM. Separated data without a
 *  penalty give a model without estimates; `reason` says so. */
STROMA_API STROMA_CHECK stroma_status stroma_ordinal_fit(const stroma_design *design,
                                                         const size_t *y, size_t categories,
                                                         const stroma_ordinal_options *options,
                                                         stroma_ordinal_model **out,
                                                         stroma_error *err);
STROMA_API void stroma_ordinal_free(stroma_ordinal_model *m);
/** Probabilities of a new row.
 *  @param x columns numbers; aliased ones are not read
 *  @param probability categories places
 *  @param above NULL, or categories − 1 results: P(Y > k), interval on the logit (none under ridge)
 *  @return OK; USAGE (a number that is not finite), DEGENERATE (a model without estimates). */
STROMA_API STROMA_CHECK stroma_status stroma_ordinal_predict(const stroma_ordinal_model *m,
                                                             const double *x, double *probability,
                                                             stroma_stat *above, stroma_error *err);

/** Likelihood-ratio test that @p n coefficients are 0 together; aliased ones do not count. Not
 *  estimable, with reason, for separated data. */
STROMA_API STROMA_CHECK stroma_status stroma_ordinal_joint_test(const stroma_design *design,
                                                                const size_t *y, size_t categories,
                                                                const size_t *columns, size_t n,
                                                                stroma_stat *out,
                                                                stroma_error *err);

/** Brant 1990 Biometrics 46:1171: do logistic models of Y > k, one for each threshold, have the
 * same slopes? χ² with (categories − 2)·rank df together, categories − 2 for a column. Not
 * estimable, with reason: two categories, a threshold at which the classes are separated.
 *  @param terms design->columns results, or NULL
 *  @return as stroma_ordinal_fit() */
STROMA_API STROMA_CHECK stroma_status stroma_ordinal_brant(const stroma_design *design,
                                                           const size_t *y, size_t categories,
                                                           stroma_stat *together,
                                                           stroma_stat *terms, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
