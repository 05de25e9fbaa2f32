/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_cpm.h
 *  Cumulative probability model: regression of the ranks of a response, whatever its shape, with
 *  values beyond limits (Liu, Shepherd, Li & Harrell 2017 Stat Med 36:4316; several limits: Tian et
 *  al. 2024 JASA, doi 10.1080/01621459.2024.2315667).
 *
 *  P(Y ≤ y | x) = logistic(α(y) − x'b), α a free step function with a step at each measured value:
 *  the proportional-odds model with every value a category of its own. exp(b) is the odds ratio of
 * a higher response, the same at every cut-off. Any change of scale that keeps the order of the
 *  values leaves b as it is. With one binary column its score test is that of Mann-Whitney.
 *
 *  The likelihood is concave. Where it has no maximum (x orders the values perfectly) that is
 *  detected by linear programming before anything is fitted. Pure, thread-safe, sums in a fixed
 *  order. @since 0.1 */
#ifndef STROMA_MODELS_CPM_H
#define STROMA_MODELS_CPM_H
#include "stroma/models_censored.h"
#ifdef __cplusplus
extern "C" {
#endif
/** A fitted model. Owned; free with stroma_cpm_free(). */
typedef struct stroma_cpm {
    stroma_censored_counts counts;
    const char *reason;         /**< why there are no estimates, else "" */
    size_t rows, columns, rank; /**< rank: of the columns besides the constant */
    bool *aliased;              /**< columns: the constant too, it is in the curve */
    bool *infinite;             /**< columns without a finite estimate */
    double *coefficients; /**< columns: log odds ratios of a higher response; NaN where aliased */
    double *covariance;   /**< columns × columns; NaN where there is no coefficient */
    stroma_stat *terms;   /**< columns: Wald's z, p and interval; effect: the odds ratio */
    double *value;        /**< values_len measured values, ascending */
    double *alpha;        /**< P(Y ≤ value) at x = 0 is logistic(alpha); +∞ where it is 1 */
    size_t values_len;
    double log_likelihood, log_likelihood_null; /**< null: the curve alone */
    stroma_stat likelihood_ratio;               /**< all coefficients, χ² */
    int iterations;
} stroma_cpm;
/** Values between limits are refused.
 *  @return OK, also without estimates (see reason); USAGE, DEGENERATE (no rows, values between
 *  limits), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_cpm_fit(const stroma_design *design,
                                                     const stroma_censored_sample *sample,
                                                     double level, stroma_cpm **out,
                                                     stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_cpm_free(stroma_cpm *m);
/** Likelihood-ratio test that @p n coefficients are zero together. */
STROMA_API STROMA_CHECK stroma_status stroma_cpm_joint_test(const stroma_design *design,
                                                            const stroma_censored_sample *sample,
                                                            const size_t *columns, size_t n,
                                                            stroma_stat *out, stroma_error *err);
/** P(Y ≤ @p value | x). @param x one row of the design. NaN without estimates, or below the lowest
 *  measured value when values lie below limits there. */
STROMA_API double stroma_cpm_cdf(const stroma_cpm *m, const double *x, double value);
/** The smallest measured value with P(Y ≤ value | x) ≥ @p p; NaN where it lies beyond the limits.
 */
STROMA_API double stroma_cpm_quantile(const stroma_cpm *m, const double *x, double p);
#ifdef __cplusplus
}
#endif
#endif
