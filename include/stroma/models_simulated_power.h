/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_simulated_power.h
 *  Power by simulation: draw data as planned, run the test that will be run, count rejections. It
 *  shows what a formula leaves out: small groups, ties, skewed outcomes, dropout, an approximate
 *  test's true error.
 *
 *  Every data set has a Philox generator of its own: results do not depend on the number of
 * threads. Pure, thread-safe. @since 0.1 */
#ifndef STROMA_MODELS_SIMULATED_POWER_H
#define STROMA_MODELS_SIMULATED_POWER_H
#include "stroma/stats_power.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Shape of the errors, always with mean 0 and SD 1. */
typedef enum stroma_power_shape {
    STROMA_POWER_NORMAL,
    STROMA_POWER_LOGNORMAL,   /**< exp(Z), skewness 6.2: cytokines as they are measured */
    STROMA_POWER_EXPONENTIAL, /**< skewness 2 */
    STROMA_POWER_T5,          /**< Student's t with 5 df: outliers */
    STROMA_POWER_UNIFORM
} stroma_power_shape;
enum { STROMA_POWER_SHAPES = STROMA_POWER_UNIFORM + 1 };
/** "normal", "lognormal", "exponential", "t5", "uniform". Never NULL. */
STROMA_API const char *stroma_power_shape_name(stroma_power_shape s);

typedef struct stroma_simulated_test {
    const char *name;    /**< as `stroma stat` and the methods of stats_power.h */
    const char *summary; /**< which test, which data */
    const char *effect_name;
    const char *needs;
    bool two_groups;
} stroma_simulated_test;
/** Test @p i; NULL beyond the last. */
STROMA_API const stroma_simulated_test *stroma_simulated_list(size_t i);
/** @return NULL when no test is called so */
STROMA_API const stroma_simulated_test *stroma_simulated_find(const char *name);

enum { STROMA_SIMULATED_RUNS_MAX = 10000000 };
typedef struct stroma_simulated_options {
    size_t runs; /**< data sets, 100 … STROMA_SIMULATED_RUNS_MAX */
    uint64_t seed;
    int threads;
    stroma_power_shape shape;
    double level; /**< of the Monte-Carlo interval */
} stroma_simulated_options;
#define STROMA_SIMULATED_OPTIONS_INIT          \
    {                                          \
        10000, 1, 1, STROMA_POWER_NORMAL, 0.95 \
    }

typedef struct stroma_simulated_power {
    const stroma_simulated_test *test;
    size_t runs, rejected;
    size_t failed;       /**< runs without a p-value; they count as not rejected */
    double power;        /**< rejected/runs */
    double se;           /**< Monte-Carlo: √(power·(1 − power)/runs) */
    double lower, upper; /**< Clopper-Pearson */
    double estimate,
        estimate_sd; /**< mean and SD of what the test estimates; NaN where it has none */
    size_t n1, n2, n_total;
} stroma_simulated_power;

/** A test rejects at p ≤ alpha. One-sided tests look into the direction of the effect; where a test
 *  has only a two-sided p, one-sided means p ≤ 2·alpha and an estimate on the side of the effect.
 *  @param options NULL: the defaults
 *  @return OK; USAGE (a number outside its range, too few subjects), NOMEM, INTERRUPTED. */
STROMA_API STROMA_CHECK stroma_status stroma_simulate_power(
    const stroma_simulated_test *test, const stroma_power_design *design, size_t n1, size_t n2,
    const stroma_simulated_options *options, stroma_simulated_power *out, stroma_error *err);
/** Smallest n1 whose simulated power reaches @p power, by bisection from @p start (0: 20). All
 * sizes use the same random numbers. The answer has the Monte-Carlo error of out->se.
 *  @return as stroma_simulate_power(); DEGENERATE: none up to @p n_max. */
STROMA_API STROMA_CHECK stroma_status stroma_simulate_size(const stroma_simulated_test *test,
                                                           const stroma_power_design *design,
                                                           double power, size_t n_max,
                                                           const stroma_simulated_options *options,
                                                           stroma_simulated_power *out,
                                                           stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
