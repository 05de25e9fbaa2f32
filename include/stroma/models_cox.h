/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_cox.h
 *  Proportional hazards: Cox's partial likelihood (Cox 1972 J R Stat Soc B 34:187), with strata,
 *  delayed entry and time-varying rows (start, stop], and Firth's penalty where the likelihood has
 * no maximum.
 *
 *  When the subject who fails has, at every event, the largest (or smallest) value of some
 *  combination of the columns among those at risk, the likelihood rises for ever along it and an
 *  iteration stops wherever its patience ends. Newton's steps point along such a direction; it is
 *  *checked* against every risk set, and then named instead of a hazard ratio of some millions.
 *
 *  The design matrix is that of a linear model (stats_formula.h makes one). Columns that are
 *  constant, or depend on earlier ones, in every risk set are aliased: the intercept is. Sums run
 * in a fixed order. All functions are pure and thread-safe. @since 0.1 */
#ifndef STROMA_MODELS_COX_H
#define STROMA_MODELS_COX_H
#include "stroma/models_survival.h"
#include "stroma/stats_linear_model.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Everything is borrowed. */
typedef struct stroma_cox_data {
    stroma_survival_data times;  /**< any event but 0 counts; stratum is used, group is not */
    const stroma_design *design; /**< rows as in times */
    const size_t *cluster; /**< codes 0 … clusters−1: rows of one subject or centre; NULL: none */
    size_t clusters;
} stroma_cox_data;

typedef enum stroma_cox_ties {
    STROMA_COX_EFRON, /**< Efron 1977 JASA 72:557 */
    STROMA_COX_BRESLOW
} stroma_cox_ties;
typedef enum stroma_cox_interval {
    STROMA_COX_WALD,
    STROMA_COX_PROFILE /**< where the (penalised) profile likelihood falls by χ²/2 */
} stroma_cox_interval;
typedef struct stroma_cox_options {
    stroma_cox_ties ties;
    bool firth; /**< penalty log|I|/2 (Heinze & Schemper 2001 Biometrics 57:114) */
    stroma_cox_interval interval;
    double level;
} stroma_cox_options;
#define STROMA_COX_OPTIONS_INIT                        \
    {                                                  \
        STROMA_COX_EFRON, false, STROMA_COX_WALD, 0.95 \
    }

enum { STROMA_COX_FIRTH_COLUMNS_MAX = 60 };
/** A fitted model. Owned; free with stroma_cox_free(). */
typedef struct stroma_cox_model {
    stroma_cox_options options;
    size_t rows, columns, rank, events, merged;
    bool monotone;        /**< the likelihood rises for ever; also under Firth */
    const char *reason;   /**< why there are no estimates, else "" */
    bool *aliased;        /**< columns */
    bool *infinite;       /**< columns: has no finite maximum-likelihood estimate */
    double *coefficients; /**< columns: log hazard ratios; NaN where aliased or not estimated */
    double *se;           /**< columns: robust with clusters, else from the information */
    double *covariance;   /**< columns × columns: inverse information */
    double *covariance_robust; /**< columns × columns, or NULL without clusters: Lin & Wei 1989 JASA
                                  84:1074, summed over clusters */
    /** columns. Wald's z and p (Firth: penalised likelihood-ratio χ²). Interval as asked; effect:
     * the hazard ratio with its limits. With clusters the Wald kind uses the robust variance. */
    stroma_stat *terms;
    double log_likelihood, log_likelihood_null; /**< under Firth the penalised ones */
    stroma_stat likelihood_ratio, wald, score;  /**< all coefficients 0; χ² on rank df */
    /** Harrell's C: pairs in which the one who failed first had the higher predicted hazard, ties
     * in it half; SE by the infinitesimal jackknife. */
    stroma_stat concordance;
    int iterations;
} stroma_cox_model;

/** Newton's method, halving steps that lower the likelihood. A likelihood without maximum (unless
 *  firth) gives a model without estimates: `monotone`, `infinite` and `reason` say so; its score
 * and likelihood-ratio tests stand.
 *  @param options NULL: the defaults
 *  @return OK; USAGE (a time or number that is not finite, a code out of range, a bad level,
 *  clusters with Firth or profile limits, Firth with more than STROMA_COX_FIRTH_COLUMNS_MAX
 * columns), DEGENERATE (no rows, no event, no column that varies), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_cox_fit(const stroma_cox_data *d,
                                                     const stroma_cox_options *options,
                                                     stroma_cox_model **out, stroma_error *err);
STROMA_API void stroma_cox_free(stroma_cox_model *m);
/** Wald's χ² that @p n coefficients are 0 together (the levels of a factor), with the robust
 * variance where there is one; aliased ones are left out. Not estimable, with reason: a model
 * without estimates, nothing but aliased columns, a singular variance.
 *  @return OK; USAGE (a column out of range), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_cox_joint_test(const stroma_cox_model *m,
                                                            const size_t *columns, size_t n,
                                                            stroma_stat *out, stroma_error *err);

typedef enum stroma_cox_clock {
    STROMA_COX_CLOCK_KM, /**< 1 − S(t−) of everybody together */
    STROMA_COX_CLOCK_IDENTITY,
    STROMA_COX_CLOCK_LOG,
    STROMA_COX_CLOCK_RANK
} stroma_cox_clock;
enum { STROMA_COX_CLOCKS = STROMA_COX_CLOCK_RANK + 1 };
/** "km", "identity", "log", "rank". Never NULL. */
STROMA_API const char *stroma_cox_clock_name(stroma_cox_clock c);
/** Do hazard ratios stay the same over time? Score test that coefficient · g(t) is 0 (Grambsch &
 *  Therneau 1994 Biometrika 81:515, with the full information as in survival ≥ 3.0).
 *  @param term of each column; columns of one term (the levels of a factor) are tested together;
 * NULL: each alone. @param terms how many, or the number of columns
 *  @param out terms + 1 results, the last for all together. Not estimable, with reason: a term that
 *  is aliased, a model without estimates, an event at time 0 on the log clock.
 *  @return as stroma_cox_fit(). */
STROMA_API STROMA_CHECK stroma_status stroma_cox_proportional(const stroma_cox_data *d,
                                                              const stroma_cox_model *m,
                                                              stroma_cox_clock clock,
                                                              const size_t *term, size_t terms,
                                                              stroma_stat *out, stroma_error *err);

typedef struct stroma_cox_step {
    size_t stratum;
    double time;
    double hazard;    /**< cumulative, at the covariate values asked for */
    double survival;  /**< exp(−hazard) */
    double hazard_se; /**< with the uncertainty of the coefficients (Tsiatis 1981 Ann Stat 9:93) */
    double lower, upper; /**< of survival, on the scale asked for */
} stroma_cox_step;
/** Predicted survival at @p x (columns numbers; NULL: the means of the columns), by stratum and
 * event time. With Efron ties the hazard is Efron's. @param out owned by the caller, stroma_free()
 *  @return as stroma_cox_fit(); DEGENERATE for a model without estimates. */
STROMA_API STROMA_CHECK stroma_status stroma_cox_survival(
    const stroma_cox_data *d, const stroma_cox_model *m, const double *x,
    stroma_survival_scale scale, stroma_cox_step **out, size_t *out_len, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
