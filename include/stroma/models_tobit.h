/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_tobit.h
 *  Regression of a response of which some values are only known to lie below, above or between
 *  limits (Tobin 1958 Econometrica 26:24), and imputation of those values from it.
 *
 *  y = X b + σe, e ~ N(0, 1); lognormal: of ln y. Every row may have limits of its own. The
 *  likelihood is concave in (b/σ, 1/σ) (Olsen 1978 Econometrica 46:1211, Burridge 1981), so
 * Newton's method finds its maximum where there is one. Where there is none (a group all of whose
 * values are below the limit has no finite mean) that is *detected* by linear programming before
 * anything is fitted, as for logistic regression.
 *
 *  The design matrix is that of a linear model; columns that depend on earlier ones are aliased.
 *  Sums run in a fixed order. Functions are pure and thread-safe. @since 0.1 */
#ifndef STROMA_MODELS_TOBIT_H
#define STROMA_MODELS_TOBIT_H
#include "stroma/models_censored.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef struct stroma_tobit_options {
    stroma_censored_shape shape;
    stroma_censored_interval interval; /**< of the coefficients */
    double level;
} stroma_tobit_options;
#define STROMA_TOBIT_OPTIONS_INIT                             \
    {                                                         \
        STROMA_SHAPE_LOGNORMAL, STROMA_CENSORED_PROFILE, 0.95 \
    }

/** A fitted model. Owned; free with stroma_tobit_free(). */
typedef struct stroma_tobit {
    stroma_censored_shape shape;
    stroma_censored_counts counts;
    const char *reason; /**< why there are no estimates, else "" */
    size_t rows, columns, rank;
    bool *aliased;        /**< columns */
    bool *infinite;       /**< columns without a finite estimate */
    double *coefficients; /**< columns: of y, or of ln y; NaN where not estimated */
    /** (columns + 1)²: of the coefficients and ln σ, from the observed information; NaN where there
     *  is no coefficient */
    double *covariance;
    /** columns: estimate, SE, Wald's z and p, interval as asked. Lognormal: effect is
     *  exp(coefficient), the ratio of medians; of the constant, the median where all else is 0 */
    stroma_stat *terms;
    stroma_stat sigma;          /**< residual SD of y, or of ln y; interval on its log scale */
    double log_likelihood;      /**< of y (R's survreg), at most 0 digits are shared with ln y's */
    double log_likelihood_null; /**< intercept (and σ) alone; NaN where that is not nested */
    stroma_stat likelihood_ratio; /**< all columns but the constant, χ² */
    int iterations;
} stroma_tobit;
/** @param sample as many values as the design has rows
 *  @param options NULL: the defaults
 *  @return OK, also without estimates (see reason); USAGE (numbers that are not finite, other
 *  lengths), DEGENERATE (no rows, rank 0), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_tobit_fit(const stroma_design *design,
                                                       const stroma_censored_sample *sample,
                                                       const stroma_tobit_options *options,
                                                       stroma_tobit **out, stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_tobit_free(stroma_tobit *m);
/** Likelihood-ratio test that @p n coefficients are zero together: the model is fitted again
 *  without them. Not estimable where either fit is. */
STROMA_API STROMA_CHECK stroma_status stroma_tobit_joint_test(const stroma_design *design,
                                                              const stroma_censored_sample *sample,
                                                              const stroma_tobit_options *options,
                                                              const size_t *columns, size_t n,
                                                              stroma_stat *out, stroma_error *err);

enum { STROMA_IMPUTATIONS_MAX = 10000 };
/** Complete the sample several times (Rubin 1987; Uh 2008 BMC Immunol 9:59). For each completed
 *  sample, coefficients and ln σ are drawn from the normal distribution about their estimates, and
 *  each censored value from the distribution cut at its limits, given its row of the design. Put
 *  everything that the later analysis uses into the design, the outcome too: what is left out is
 *  imputed as if it had nothing to do with the value.
 *
 *  Sample m comes from generator m of the stream "tobit imputation": the same for any number of
 *  samples asked for.
 *  @param out imputations × rows, sample by sample; measured values as they are
 *  @return OK; DEGENERATE (the model has no estimates, or ln σ a standard error above 1: the normal
 *  distribution about it means nothing then), USAGE, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_tobit_impute(const stroma_tobit *fit,
                                                          const stroma_design *design,
                                                          const stroma_censored_sample *sample,
                                                          size_t imputations, uint64_t seed,
                                                          double *out, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
