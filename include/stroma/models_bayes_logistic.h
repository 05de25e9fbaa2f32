/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_bayes_logistic.h
 *  Bayesian logistic regression with weakly informative priors.
 *
 *  A prior that says "a coefficient of 20 is not to be expected" gives finite estimates where the
 *  classes are separated, and intervals that mean what people read into them. The priors are
 *  independent, centred at 0, on the coefficients of *scaled* inputs; how inputs are scaled is
 *  declared (Gelman, Jakulin, Pittau & Su 2008 Ann Appl Stat 2:1360).
 *
 *  The posterior is sampled by slices (Neal 2003 Ann Stat 31:705) along the axes of the Laplace
 *  approximation, from which every chain also takes its dispersed start: no step size to tune, no
 *  proposal that gets stuck in a skew or heavy tail. The Laplace approximation itself is returned
 *  beside the draws, so that the two check each other. Chains have Philox generators of their own:
 *  the draws do not depend on threads. All functions are pure and thread-safe. @since 0.1 */
#ifndef STROMA_MODELS_BAYES_LOGISTIC_H
#define STROMA_MODELS_BAYES_LOGISTIC_H
#include "stroma/models_logistic.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_bayes_scaling {
    STROMA_BAYES_SCALE_GELMAN, /**< two values: centred, difference 1; others: SD 1/2, mean 0 */
    STROMA_BAYES_SCALE_SD,     /**< every column that varies: SD 1 (divisor n − 1), mean 0 */
    STROMA_BAYES_SCALE_NONE    /**< centred only: the prior is on the coefficient itself */
} stroma_bayes_scaling;
/** "gelman", "sd", "none". Never NULL. */
STROMA_API const char *stroma_bayes_scaling_name(stroma_bayes_scaling s);

/** Normal(0, scale²), or Student's t with @p df degrees of freedom times the scale (1: Cauchy).
 *  Columns are centred where there is an intercept; the intercept's prior is on the log odds at the
 *  mean of the inputs. */
typedef struct stroma_bayes_prior {
    double df; /**< infinite (as 0): normal */
    double scale, intercept_scale;
    stroma_bayes_scaling scaling;
} stroma_bayes_prior;
#define STROMA_BAYES_PRIOR_INIT                \
    {                                          \
        0, 2.5, 10, STROMA_BAYES_SCALE_GELMAN, \
    }

enum {
    STROMA_BAYES_CHAINS_MAX = 64,
    STROMA_BAYES_DRAWS_MIN = 100, /**< of a chain */
    STROMA_BAYES_DRAWS_MAX = 1000000
};
typedef struct stroma_bayes_options {
    stroma_bayes_prior prior;
    double level;
    size_t chains, warmup, draws; /**< draws 0: mode and Laplace approximation only */
    uint64_t seed;
    int threads;
    bool sensitivity; /**< sample twice more, with half and with twice the prior scales */
} stroma_bayes_options;
#define STROMA_BAYES_OPTIONS_INIT                                \
    {                                                            \
        STROMA_BAYES_PRIOR_INIT, 0.95, 4, 500, 1000, 1, 1, false \
    }

/** What the posterior of one coefficient is, and how well the draws know it. NaN throughout for an
 *  aliased column. */
typedef struct stroma_bayes_term {
    double prior_scale;      /**< in the units of the coefficient */
    double mode, laplace_se; /**< the peak of the posterior and its curvature there */
    double mean, sd, median; /**< of the draws; mean and SD are NaN where they do not exist */
    double lower, upper;     /**< equal tails */
    double positive;         /**< P(coefficient > 0 | data) */
    double positive_mcse, mean_mcse, median_mcse; /**< Monte-Carlo standard errors */
    double rhat; /**< rank-normalised split R̂, the larger of bulk and folded; wants < 1.01 */
    double ess_bulk, ess_tail; /**< effective draws (Vehtari 2021 Bayesian Anal 16:667) */
} stroma_bayes_term;

/** One other prior: scales times @p factor. */
typedef struct stroma_bayes_sensitivity {
    double factor;
    stroma_bayes_term *terms; /**< columns */
} stroma_bayes_sensitivity;

/** Owned; free with stroma_bayes_logistic_free(). */
typedef struct stroma_bayes_logistic_model {
    size_t rows, columns, rank, events;
    stroma_bayes_prior prior;
    double level;
    stroma_separation separation; /**< of the data: what maximum likelihood would stumble over */
    bool *aliased, *infinite;     /**< columns; see stroma_logistic_separation() */
    double *mode;                 /**< columns: NaN where aliased */
    double *laplace_covariance;   /**< columns × columns, inverse curvature at the mode */
    stroma_bayes_term *terms;     /**< columns */
    /** columns: estimate is the posterior median, se the posterior SD, effect the odds ratio (of
     * the median, with its limits). Without draws: mode and Laplace interval. */
    stroma_stat *stats;
    size_t chains, chain_draws;
    double *draws;  /**< (chains · chain_draws) × columns, a draw in a row, chain by chain; an
                       aliased column is 0. NULL without draws. */
    double *fitted; /**< rows: posterior mean probability (without draws: at the mode) */
    double brier;
    double worst_rhat, least_ess; /**< over all terms; ESS the smaller of bulk and tail */
    bool converged;               /**< R̂ < 1.01 and at least 100 effective draws a chain */
    /** Largest |median − mode| in posterior SDs (of the interval's width over that of a normal
     * where the SD does not exist): how far the Laplace approximation is off. */
    double laplace_gap;
    stroma_bayes_sensitivity sensitivity[2]; /**< factors 0.5 and 2; terms NULL when not asked */
} stroma_bayes_logistic_model;

/** The posterior mean of a coefficient that the classes leave without a finite maximum of the
 *  likelihood exists only under a normal prior or df > 1, its SD only for df > 2 (Ghosh, Li & Mitra
 *  2018 Bayesian Anal 13:359): else they are NaN here and the stat says so. One class alone is
 *  sampled too: its intercept is then held by the prior only.
 *  @param options NULL: the defaults
 *  @return OK; USAGE (numbers that are not finite, a bad prior, level or count), DEGENERATE (no
 *  rows, every column 0, no mode found), NOMEM, INTERRUPTED. */
STROMA_API STROMA_CHECK stroma_status stroma_bayes_logistic_fit(const stroma_design *design,
                                                                const double *y,
                                                                const stroma_bayes_options *options,
                                                                stroma_bayes_logistic_model **out,
                                                                stroma_error *err);
STROMA_API void stroma_bayes_logistic_free(stroma_bayes_logistic_model *m);

/** The probability of 1 for one new row. */
typedef struct stroma_bayes_prediction {
    double mean, median, sd;
    double level, lower, upper; /**< equal tails of the draws of the probability */
    double mean_mcse;
    double linear_mean, linear_lower, linear_upper; /**< log odds; mean NaN where none exists */
} stroma_bayes_prediction;
/** @param x model->columns numbers in the units of the design, the intercept's constant among them;
 *  aliased columns are not read
 *  @return OK; USAGE (a number that is not finite, a model without draws, a bad level), NOMEM. */
STROMA_API STROMA_CHECK stroma_status
stroma_bayes_logistic_predict(const stroma_bayes_logistic_model *m, const double *x, double level,
                              stroma_bayes_prediction *out, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
