/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_logistic.h
 *  Logistic regression of a yes/no outcome: by maximum likelihood where it exists, by Firth's
 *  penalised likelihood, by ridge, lasso and elastic net.
 *
 *  Where a combination of the columns separates the classes, wholly or in part, the maximum of the
 *  likelihood does not exist and an iteration stops wherever its patience ends. That is *detected*
 *  here, by linear programming (Konis 2007, DPhil thesis, Oxford), before anything is fitted.
 *
 *  The design matrix is that of a linear model (stats_formula.h makes one); columns that depend on
 *  earlier ones are aliased, as there. Outcomes are 0 or 1. Sums run in a fixed order. All
 * functions are pure and thread-safe. @since 0.1 */
#ifndef STROMA_MODELS_LOGISTIC_H
#define STROMA_MODELS_LOGISTIC_H
#include "stroma/stats_linear_model.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_separation {
    STROMA_SEPARATION_NONE,
    STROMA_SEPARATION_QUASI, /**< some subjects lie on the boundary, nobody beyond it */
    STROMA_SEPARATION_COMPLETE
} stroma_separation;
/** "none", "quasi-complete", "complete". Never NULL. */
STROMA_API const char *stroma_separation_name(stroma_separation s);
/** @param infinite design->columns, set where the coefficient has no finite maximum-likelihood
 *  estimate (an aliased column: false); may be NULL
 *  @return OK; USAGE (a number that is not finite, an outcome other than 0 and 1), DEGENERATE (no
 *  rows, or every column 0), NOMEM. One class alone counts as complete. */
STROMA_API STROMA_CHECK stroma_status stroma_logistic_separation(const stroma_design *design,
                                                                 const double *y,
                                                                 stroma_separation *out,
                                                                 bool *infinite, stroma_error *err);

typedef enum stroma_logistic_interval {
    STROMA_LOGISTIC_PROFILE, /**< where the (penalised) profile likelihood falls by χ²/2 */
    STROMA_LOGISTIC_WALD
} stroma_logistic_interval;
typedef struct stroma_logistic_options {
    bool firth; /**< Jeffreys' penalty, log|I|/2 (Firth 1993 Biometrika 80:27) */
    stroma_logistic_interval interval;
    double level;
} stroma_logistic_options;
#define STROMA_LOGISTIC_OPTIONS_INIT         \
    {                                        \
        false, STROMA_LOGISTIC_PROFILE, 0.95 \
    }

/** A fitted model. Owned; free with stroma_logistic_free(). */
typedef struct stroma_logistic_model {
    bool firth;
    size_t rows, columns, rank, events;
    stroma_separation separation; /**< of the data, also under Firth */
    const char *reason;           /**< why there are no estimates, else "" */
    bool *aliased;                /**< columns */
    bool *infinite;               /**< columns, see stroma_logistic_separation() */
    double *coefficients; /**< columns: log odds ratios; NaN where aliased or not estimated */
    double *se;           /**< columns */
    double *covariance;   /**< columns × columns; NaN where there is no coefficient */
    /** columns. ML: Wald's z and p. Firth: penalised likelihood-ratio χ² and p (Heinze & Schemper
     *  2002 Stat Med 21:2409). Interval as asked; effect: the odds ratio with its limits. */
    stroma_stat *terms;
    double *fitted;        /**< rows: probability of 1 */
    double log_likelihood; /**< under Firth the penalised one */
    double
        log_likelihood_null; /**< only the intercept free; the penalty stays that of all columns */
    stroma_stat likelihood_ratio; /**< against that; χ² on rank − 1 df (rank without intercept) */
    double brier;                 /**< mean of (y − fitted)² */
    /** Firth with an intercept: the intercept that makes the fitted probabilities add up to the
     *  events (FLIC, Puhr 2017 Stat Med 36:2302), else NaN. `fitted` is without it. */
    double flic_intercept;
    int iterations;
} stroma_logistic_model;

/** Newton's method on the score, halving steps that lower the likelihood; standard errors from the
 *  inverse information (under Firth that of the penalised weights, as logistf has it since 1.24).
 *  Separated data under ML give a model without estimates, `separation` and `reason` say so; use
 *  Firth. Profile limits are found by regula falsi on the signed root of the likelihood ratio.
 *  @param options NULL: ML, profile, 95 %
 *  @return as stroma_logistic_separation(); DEGENERATE also when all outcomes are the same. */
STROMA_API STROMA_CHECK stroma_status stroma_logistic_fit(const stroma_design *design,
                                                          const double *y,
                                                          const stroma_logistic_options *options,
                                                          stroma_logistic_model **out,
                                                          stroma_error *err);
STROMA_API void stroma_logistic_free(stroma_logistic_model *m);
/** (Penalised) likelihood-ratio test that @p n coefficients are 0 together; aliased ones do not
 *  count. Not estimable, with reason, for separated data under ML. */
STROMA_API STROMA_CHECK stroma_status stroma_logistic_joint_test(const stroma_design *design,
                                                                 const double *y, bool firth,
                                                                 const size_t *columns, size_t n,
                                                                 stroma_stat *out,
                                                                 stroma_error *err);

/** Elastic net, the objective of glmnet (Friedman, Hastie & Tibshirani 2010 J Stat Softw 33:1):
 *  −log likelihood/n + λ·[(1 − α)/2·Σβ² + α·Σ|β|]; α = 1 is the lasso, α = 0 ridge. Constant
 * columns are the intercept and free of penalty. */
typedef struct stroma_logistic_penalty {
    double alpha;     /**< 0 … 1 */
    bool standardise; /**< penalise coefficients of columns with SD 1 (divisor n), as glmnet */
} stroma_logistic_penalty;
typedef struct stroma_logistic_path {
    size_t columns, lambdas_len;
    double *lambdas;
    double *coefficients;   /**< lambdas_len × columns, in the units of the columns */
    size_t *nonzero;        /**< lambdas_len: penalised coefficients that are not 0 */
    double *log_likelihood; /**< lambdas_len */
    double worst_kkt;       /**< largest violation of the optimality conditions, all λ */
} stroma_logistic_path;
/** Coordinate descent inside Newton steps with a line search, each λ from the solution before, over
 * the columns that the sequential strong rule keeps (Tibshirani 2012 J R Stat Soc B 74:245), until
 * the optimality conditions of all columns hold to 1e-12, or where rounding forbids that to 1e-9.
 * Values of λ that fall are fastest.
 *  @param lambdas positive; NULL: @p lambdas_len values, evenly spaced in logarithm, from the
 *  smallest that leaves nothing but the intercept (for α < 0.001 that of α = 0.001) down to 1e-4 of
 *  it (1e-2 when there are fewer rows than columns), as glmnet
 *  @return OK; USAGE (a bad α or λ, numbers as above), DEGENERATE (one class, no column to
 *  penalise, no convergence), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_logistic_penalised(
    const stroma_design *design, const double *y, const stroma_logistic_penalty *penalty,
    const double *lambdas, size_t lambdas_len, stroma_logistic_path **out, stroma_error *err);
STROMA_API void stroma_logistic_path_free(stroma_logistic_path *p);
#ifdef __cplusplus
}
#endif
#endif
