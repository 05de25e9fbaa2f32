/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_censored.h
 *  Values of which some are only known to lie below (or above, or between) limits: summaries and
 *  comparisons that use what is known, with several limits in one sample.
 *
 *  A value lies in [low, high]: equal where it was measured; low = −∞ below the limit `high`; high
 * = +∞ above the limit `low`. "<2" is lower than a measured 2, and ">100" higher than a measured
 * 100. No number is put in place of a censored value but where a function says so.
 *
 *  What cannot be computed is `not_estimable` with its reason. Functions are pure and thread-safe;
 *  sums run in a fixed order. @since 0.1 */
#ifndef STROMA_MODELS_CENSORED_H
#define STROMA_MODELS_CENSORED_H
#include "stroma/stats_linear_model.h"
#include "stroma/table.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Borrowed arrays. */
typedef struct stroma_censored_sample {
    const double *low, *high;
    size_t n;
} stroma_censored_sample;

/** From cells: PRESENT gives [v, v], BELOW_LIMIT [−∞, v], ABOVE_LIMIT [v, +∞].
 *  @return OK; USAGE (another state, a number that is not finite). */
STROMA_API STROMA_CHECK stroma_status stroma_censored_from_cells(const double *value,
                                                                 const stroma_cell_state *state,
                                                                 size_t n, double *low,
                                                                 double *high, stroma_error *err);

typedef struct stroma_censored_counts {
    size_t n, measured, below, above, between;
    size_t lower_limits, upper_limits;       /**< how many different ones */
    double lower_limit_min, lower_limit_max; /**< NaN without a value below a limit */
    double upper_limit_min, upper_limit_max;
    double censored_frac; /**< (below + above + between)/n; NaN for n = 0 */
} stroma_censored_counts;
/** @return OK; USAGE (low > high, NaN, a value that is nowhere: −∞ … +∞), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_censored_count(const stroma_censored_sample *s,
                                                            stroma_censored_counts *out,
                                                            stroma_error *err);
/** What to say of the share that is censored: "" below 30 %, where parametric estimates hold up
 *  well; from 30 % that they rest on the assumed shape; from 80 % that only the share above the
 *  limits can be told (Helsel 2012 §6; Uh 2008 BMC Immunol 9:59). */
STROMA_API const char *stroma_censored_advice(double censored_frac);

/** Where the flipped Kaplan-Meier curve puts the mass that lies below the lowest measured value. */
typedef enum stroma_censored_rest {
    STROMA_REST_AT_LIMIT,    /**< at the lowest limit (Efron): the mean is an upper bound */
    STROMA_REST_AT_MEASURED, /**< at the lowest measured value, as NADA::cenfit */
    STROMA_REST_AT_ZERO      /**< at 0: a lower bound for values that cannot be negative */
} stroma_censored_rest;

/** One step of the curve: a measured value, in ascending order. */
typedef struct stroma_censored_step {
    double value;
    size_t measured; /**< equal to it */
    size_t at_risk;  /**< values not known to be above it */
    double below;    /**< P(X < value) */
    double se;       /**< of `below`, Greenwood */
} stroma_censored_step;

/** Numbers of one sample by one method. */
typedef struct stroma_censored_summary {
    stroma_censored_counts counts;
    stroma_stat mean, median;
    stroma_stat sd;
    double q1, q3;         /**< NaN where a quartile lies below the limits */
    double rest;           /**< Kaplan-Meier: mass below the lowest measured value */
    double rest_at;        /**< and where it was put; NaN without such mass */
    double mu, sigma;      /**< maximum likelihood and ROS: of ln x, or of x */
    double log_likelihood; /**< density of x (not of ln x), as R's survreg */
} stroma_censored_summary;

/** Kaplan-Meier on the flipped scale, where a value below a limit is right-censored (Helsel 2012,
 *  Statistics for Censored Environmental Data, ch. 6; survival::survfit of M − x).
 *  - mean: of the curve, with the rest as asked; se by Greenwood's areas times √(m/(m − 1)), m the
 *    measured values (Kaplan & Meier 1958 §4), which is s/√n without censoring; normal interval.
 *  - median, q1, q3: where the curve crosses, midway when it is level there; limits of the median
 *    where the log-log band of the flipped curve crosses. Not estimable below the rest.
 *  - sd: of the curve's masses, n/(n − 1) (no interval).
 *  Values above limits only are treated the plain way, unflipped. Values on both sides, or between
 *  limits, are not estimable here: use maximum likelihood.
 *  @param steps may be NULL; else owned by the caller, stroma_free() */
STROMA_API STROMA_CHECK stroma_status stroma_censored_km(const stroma_censored_sample *s,
                                                         stroma_censored_rest rest, double level,
                                                         stroma_censored_summary *out,
                                                         stroma_censored_step **steps,
                                                         size_t *steps_len, stroma_error *err);

typedef enum stroma_censored_shape {
    STROMA_SHAPE_LOGNORMAL,
    STROMA_SHAPE_NORMAL
} stroma_censored_shape;
typedef enum stroma_censored_interval {
    STROMA_CENSORED_PROFILE, /**< where the profile likelihood falls by χ²/2 */
    STROMA_CENSORED_WALD     /**< delta method; on the log scale for positive quantities */
} stroma_censored_interval;
/** Maximum likelihood without covariates. Lognormal: mean exp(μ + σ²/2), median exp(μ), sd mean ·
 *  √(exp(σ²) − 1). Not estimable: fewer than two different measured values and nothing that bounds
 *  the spread, everything beyond one limit, a value ≤ 0 under lognormal. */
STROMA_API STROMA_CHECK stroma_status stroma_censored_ml(const stroma_censored_sample *s,
                                                         stroma_censored_shape shape,
                                                         stroma_censored_interval interval,
                                                         double level, stroma_censored_summary *out,
                                                         stroma_error *err);

typedef struct stroma_censored_ros_options {
    stroma_censored_shape shape;
    size_t resamples; /**< for a percentile interval of the mean; 0: none */
    uint64_t seed;
    int threads;
    double level;
} stroma_censored_ros_options;
/** Robust regression on order statistics (Helsel & Cohn 1988 Water Resour Res 24:1997): a line
 *  through the measured values against normal scores of their plotting positions (as NADA::ros)
 *  fills in the values below limits, and all together give mean, median, sd. Lower limits only.
 *  @param options NULL: lognormal, no resamples, level 0.95
 *  @param filled s->n numbers, written in the order of the sample, or NULL
 *  @param failed resamples in which the line does not exist, left out; may be NULL
 *  Not estimable: fewer than three measured values or all equal, a value ≤ 0 under lognormal,
 *  values above limits or between. */
STROMA_API STROMA_CHECK stroma_status stroma_censored_ros(
    const stroma_censored_sample *s, const stroma_censored_ros_options *options, double *filled,
    stroma_censored_summary *out, size_t *failed, stroma_error *err);

typedef enum stroma_censored_weight {
    STROMA_CENSORED_LOGRANK,
    STROMA_CENSORED_PETO, /**< weights of the pooled curve before each step: Peto-Prentice as
                             survdiff(rho = 1), NADA::cendiff's default */
    STROMA_CENSORED_GEHAN /**< weights of the numbers at risk */
} stroma_censored_weight;
/** Observed and expected of one group. */
typedef struct stroma_censored_group {
    size_t n, measured;
    double observed, expected; /**< weighted */
} stroma_censored_group;
/** Weighted log-rank test of k groups on the flipped scale (upper limits only: unflipped). χ², df
 *  k − 1, or fewer where groups say nothing. effect, two groups: none.
 *  @param group codes 0 … groups − 1. @param by groups results, or NULL
 *  Not estimable: fewer than two groups with values, nothing measured, censored on both sides. */
STROMA_API STROMA_CHECK stroma_status stroma_censored_logrank(
    const stroma_censored_sample *s, const size_t *group, size_t groups,
    stroma_censored_weight weight, stroma_stat *out, stroma_censored_group *by, stroma_error *err);

/** Replace values by what all limits together can tell apart: everything below the highest lower
 *  limit becomes one tied value, everything above the lowest upper limit another. Ranks and rank
 *  tests of the result are exact statements, at the price of the values that become tied.
 *  @param value s->n numbers, written. @param tied measured values that became tied, or NULL
 *  @return OK; DEGENERATE (values between limits; the limits leave nothing between them), USAGE. */
STROMA_API STROMA_CHECK stroma_status stroma_censored_tie(const stroma_censored_sample *s,
                                                          double *value, size_t *tied,
                                                          stroma_error *err);

/** Kendall's τ-b of two censored variables (Brown, Hollander & Korwar 1974; Helsel 2012 ch. 12):
 *  pairs whose order is not known are ties. Two-sided p by the permutation variance of the scores.
 *  @param x,y of the same subjects */
STROMA_API STROMA_CHECK stroma_status stroma_censored_kendall(const stroma_censored_sample *x,
                                                              const stroma_censored_sample *y,
                                                              stroma_stat *out, stroma_error *err);
/** Akritas-Theil-Sen slope (Akritas, Murphy & LaValley 1995 JASA 90:170): the slope at which
 *  Kendall's S of residuals and x crosses 0. x is measured. Intercept: the flipped Kaplan-Meier
 *  median of the residuals. @param intercept may be NULL */
STROMA_API STROMA_CHECK stroma_status stroma_censored_theil_sen(const double *x,
                                                                const stroma_censored_sample *y,
                                                                stroma_stat *slope,
                                                                double *intercept,
                                                                stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
