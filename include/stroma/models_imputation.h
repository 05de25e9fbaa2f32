/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_imputation.h
 *  Multiple imputation of a continuous outcome that was to be measured at the same visits in every
 *  subject, and what is done with the completed sets.
 *
 *  The values of a subject are normal: at each visit a mean for the arm and a slope for each
 *  covariate, and a covariance over the visits. Three ways to the parameters: draws of their
 *  posterior, fits to bootstrap samples, or the one REML fit, whose conditional means are imputed
 *  once and whose variance comes from the jackknife. A value that is missing before the event is
 *  imputed as missing at random (MAR). After it, the mean follows one of the rules of Carpenter,
 *  Roger & Kenward 2013 J Biopharm Stat 23:1352.
 *
 *  Results depend on the seed and not on the number of threads. All functions are thread-safe.
 *  @since 0.1 */
#ifndef STROMA_MODELS_IMPUTATION_H
#define STROMA_MODELS_IMPUTATION_H
#include "stroma/models_mmrm.h"
#ifdef __cplusplus
extern "C" {
#endif
/** The mean of a subject from the event on; mu is that of its own arm, ref that of the reference
 *  arm, t the last visit before the event. Subjects of the reference arm: MAR, whatever the rule.
 */
typedef enum stroma_imputation_rule {
    STROMA_IMPUTE_MAR, /**< mu(s) */
    STROMA_IMPUTE_J2R, /**< jump to reference: ref(s) */
    STROMA_IMPUTE_CR,  /**< copy reference: ref(s), at the visits before the event too */
    STROMA_IMPUTE_CIR  /**< copy increments in reference: mu(t) + ref(s) - ref(t) */
} stroma_imputation_rule;
/** "mar", "j2r", "cr", "cir" */
STROMA_API const char *stroma_imputation_rule_name(stroma_imputation_rule r);
/** @return false when no rule is called so */
STROMA_API bool stroma_imputation_rule_find(const char *name, stroma_imputation_rule *out);

typedef enum stroma_imputation_draws {
    /** Posterior under the prior |Sigma|^-(visits + 1)/2: every imputation ends a chain of data
     *  augmentation of its own (Schafer 1997 §5.4), which begins at the REML fit. Unstructured. */
    STROMA_DRAWS_BAYES,
    /** REML fits to samples of subjects, drawn with replacement within the arms: approximately
     *  Bayesian, and proper (Little & Rubin 2002 §10.2.3). */
    STROMA_DRAWS_BOOTSTRAP,
    /** Conditional means of the REML fit, one set; variance by the jackknife over subjects (Wolbers
     *  et al. 2022 Pharm Stat 21:1246). For reference-based rules it is the variance in repeated
     *  trials, where Rubin's is larger. */
    STROMA_DRAWS_CONDITIONAL_MEAN
} stroma_imputation_draws;
/** "bayes", "bootstrap", "conditional-mean" */
STROMA_API const char *stroma_imputation_draws_name(stroma_imputation_draws d);

/** One value for each subject and visit. Open struct; every array is borrowed. */
typedef struct stroma_imputation_data {
    size_t subjects, visits, groups, covariates;
    const double *y;         /**< subjects × visits, in the order of time; read where observed */
    const bool *observed;    /**< subjects × visits */
    const size_t *group;     /**< subjects: codes 0 … groups-1 */
    const double *covariate; /**< subjects × covariates, known for everybody */
    /** subjects: first visit after the intercurrent event, or visits: none. NULL: the first visit
     *  after the last value. Under a reference-based rule, values observed after the event are kept
     *  but do not enter the model. */
    const size_t *event;
    const stroma_imputation_rule *rule; /**< subjects; NULL: the one of the options */
} stroma_imputation_data;

typedef struct stroma_imputation_options {
    uint32_t version; /**< 1 */
    stroma_imputation_draws draws;
    stroma_imputation_rule rule;
    size_t reference; /**< group */
    bool separate;    /**< covariance and slopes of each arm by themselves, as if fitted apart */
    stroma_mmrm_structure structure; /**< bootstrap and conditional mean; bayes: us */
    stroma_mmrm_structure fallback[STROMA_MMRM_FALLBACK_MAX];
    size_t fallback_len;
    size_t imputations; /**< 2 … 10000; 0: 100 */
    size_t burn_in;     /**< bayes: steps of each chain; 0: 200 */
    uint64_t seed;
    int threads;
} stroma_imputation_options;
#define STROMA_IMPUTATION_OPTIONS_INIT \
    {                                  \
        .version = 1                   \
    }

/** The completed sets. Open to read. Free with stroma_imputation_free(). */
typedef struct stroma_imputation {
    stroma_imputation_draws draws;
    size_t subjects, visits, groups, reference, covariates;
    size_t sets;                     /**< imputations; conditional mean: 1 */
    size_t imputed;                  /**< values in each set */
    size_t failed;                   /**< bootstrap samples without a fit, drawn again */
    stroma_mmrm_structure structure; /**< fitted (separate: in the first arm) */
    stroma_mmrm_attempt attempts[STROMA_MMRM_FALLBACK_MAX];
    size_t attempts_len;
    double *completed; /**< sets × subjects × visits */
    struct stroma_imputation_state *state;
} stroma_imputation;

/** Impute. @p options NULL: MAR, Bayesian, 100 sets, group 0 is the reference.
 *  @return OK; USAGE (a non-finite number, a code or an option out of range), DEGENERATE (an arm
 *  without a value at a visit, covariates that depend on each other, fewer subjects than the
 *  covariance needs, no fit), INTERRUPTED, NOMEM. */
STROMA_API STROMA_CHECK stroma_status
stroma_imputation_run(const stroma_imputation_data *data, const stroma_imputation_options *options,
                      stroma_imputation **out, stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_imputation_free(stroma_imputation *m);

/** What is added to imputed values at and after the event. */
typedef struct stroma_imputation_delta {
    const double *shift; /**< groups × visits */
    bool cumulative;     /**< the shifts of all visits from the event on add up */
    bool intermittent;   /**< values missing before the event are shifted too */
} stroma_imputation_delta;

/** An estimate over completed sets. */
typedef struct stroma_imputation_estimate {
    stroma_stat stat;
    double within, between;     /**< variances; NaN for the jackknife */
    double missing_information; /**< fraction of information that is missing; NaN as above */
} stroma_imputation_estimate;

/** Rubin's rules: total variance within + (1 + 1/n) between, df by Barnard & Rubin 1999 Biometrika
 *  86:948. Without variance between the sets the answer is that of a complete set.
 *  @param df_complete of one set; INFINITY for a normal interval
 *  Not estimable: fewer than two sets, a number that is not finite, no variance at all. */
STROMA_API stroma_imputation_estimate stroma_rubin_pool(const double *estimates,
                                                        const double *variances, size_t n,
                                                        double df_complete, double level);

/** Analysis of covariance at one visit in every completed set: arm and covariates, adjusted means
 *  at the covariates' means and differences from the reference arm. A mixed model with an
 *  unstructured covariance and covariates by visit gives the same numbers, since the sets have no
 *  gaps.
 *  @param delta NULL: none
 *  @param means groups entries, written; NULL: not wanted
 *  @param differences groups entries; that of the reference is not estimable
 *  @return OK; USAGE (visit out of range, a shift that is not finite), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_imputation_analyse(
    const stroma_imputation *m, size_t visit, const stroma_imputation_delta *delta, double level,
    stroma_imputation_estimate *means, stroma_imputation_estimate *differences, stroma_error *err);

/** A response made of the value: at most, or at least, a threshold of the subject. */
typedef struct stroma_imputation_response {
    const double *threshold; /**< subjects */
    bool at_least;           /**< else: at most */
    const bool *nonresponse; /**< subjects who are non-responders whatever their value (composite
                                  strategy, ICH E9(R1)), or NULL */
} stroma_imputation_response;
/** Proportion of responders in each arm (Wilson's interval for imputed sets: Lott & Reiter 2020 Am
 *  Stat 74:109) and risk differences from the reference arm (Wald's), pooled by Rubin's rules. Not
 *  estimable from conditional means: the response of a mean is not the mean of the response. */
STROMA_API STROMA_CHECK stroma_status stroma_imputation_respond(
    const stroma_imputation *m, size_t visit, const stroma_imputation_delta *delta,
    const stroma_imputation_response *response, double level,
    stroma_imputation_estimate *proportions, stroma_imputation_estimate *differences,
    stroma_error *err);

/** Where a shift of the imputed values overturns a conclusion. */
typedef struct stroma_tipping_options {
    uint32_t version; /**< 1 */
    size_t visit, group;
    double alpha;            /**< two-sided */
    const double *direction; /**< groups: shift of each arm for one unit of delta */
    bool cumulative;
    double limit; /**< searched from 0 to here, either sign */
} stroma_tipping_options;
typedef struct stroma_tipping_point {
    bool found;
    double delta;       /**< NaN when not found */
    const char *reason; /**< why there is none, else "" */
    stroma_imputation_estimate at_zero, at_delta, at_limit;
} stroma_tipping_point;
/** The smallest shift at which p of the difference crosses alpha: 64 steps to the limit, then
 *  bisection. The draws are kept, so p is a smooth function of the shift.
 *  @return OK, also without a tipping point; USAGE, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_imputation_tip(const stroma_imputation *m,
                                                            const stroma_tipping_options *options,
                                                            stroma_tipping_point *out,
                                                            stroma_error *err);

/** How an intercurrent event is dealt with (ICH E9(R1) 2019). */
typedef enum stroma_strategy {
    STROMA_STRATEGY_TREATMENT_POLICY,  /**< values count, event or not */
    STROMA_STRATEGY_HYPOTHETICAL,      /**< values after the event are set missing and imputed */
    STROMA_STRATEGY_COMPOSITE,         /**< the event is part of the outcome: non-response */
    STROMA_STRATEGY_WHILE_ON_TREATMENT /**< the last value before the event is the outcome */
} stroma_strategy;
/** "treatment policy", "hypothetical", "composite", "while on treatment" */
STROMA_API const char *stroma_strategy_name(stroma_strategy s);
/** As it is printed: "composite strategy (ICH E9(R1))". */
STROMA_API const char *stroma_strategy_label(stroma_strategy s);
STROMA_API bool stroma_strategy_find(const char *name, stroma_strategy *out);

/** An event of one subject. */
typedef struct stroma_intercurrent {
    size_t subject, visit; /**< first visit after it */
    stroma_strategy strategy;
    stroma_imputation_rule rule; /**< of what is missing after it */
} stroma_intercurrent;
/** What the events make of the data; every array is the caller's, and changed in place.
 *  @param y, observed subjects × visits; hypothetical: no longer observed after the event; while on
 *  treatment: the last value before the event is carried to the visits after it
 *  @param event, rule subjects, as in stroma_imputation_data; set to "none" and MAR first
 *  @param nonresponse subjects × visits: true at and after a composite event; NULL when no event is
 *  composite. The values stay and do not count in a response.
 *  A subject with several events: the earliest of a strategy counts.
 *  @return OK; USAGE (code out of range, composite without @p nonresponse), DEGENERATE (while on
 *  treatment: no value before the event). */
STROMA_API STROMA_CHECK stroma_status
stroma_intercurrent_apply(const stroma_intercurrent *events, size_t events_len, size_t subjects,
                          size_t visits, double *y, bool *observed, size_t *event,
                          stroma_imputation_rule *rule, bool *nonresponse, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
