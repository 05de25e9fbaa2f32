/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file biomarker_heterogeneity.h
 *  Are there responders at all? Before anybody looks for markers of response, change scores are
 *  asked whether patients differ in their response by more than one common effect and noise would
 *  make them differ. Three questions, each with its own answer or the reason why there is none:
 *  does change vary more in the treated than in the control arm; are change scores two groups
 * rather than one, possibly skewed, distribution; what would measurement error alone give.
 *
 *  A change is after − before. All functions are pure and thread-safe; random numbers come from
 *  Philox generators of their own, so that results do not depend on the number of threads. Texts in
 *  results are static. @since 0.1 */
#ifndef STROMA_BIOMARKER_HETEROGENEITY_H
#define STROMA_BIOMARKER_HETEROGENEITY_H
#include "stroma/biomarker_noise_floor.h"
#include "stroma/buffer.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Ratio of two standard deviations, SD(x)/SD(y), robust to the shape of the distributions: Bonett
 *  2006 Appl Psychol Meas 30:432. With kurtosis γ pooled about trimmed means,
 *  ln(c·s1²/(ρ²s2²)) ± z·√((γ − k1)/(n1 − 1) + (γ − k2)/(n2 − 1)), k = (n − 3)/n,
 *  c = n1(n2 − z)/(n2(n1 − z)); interval and two-sided p are those ρ (and that z) at which it meets
 *  0. Not estimable, with reason: fewer than 5 values in a group, no variation in a group.
 *  @return OK; USAGE (a value that is not finite, a bad level), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_sd_ratio(const double *x, size_t nx, const double *y,
                                                      size_t ny, double level, stroma_stat *out,
                                                      stroma_error *err);

/** SD of the individual effect, √(s1² − s2²): what has to be added to the variance of the control
 *  arm to give that of the treated arm, when effect and course are independent. estimate 0 (with
 *  reason) where the treated vary less. Interval: square roots of the MOVER limits (Zou 2008 Stat
 * Med 27:1685) of the difference, from one-sample limits by Bonett 2006 Comput Stat Data Anal
 * 50:775. effect: the signed difference of variances with its limits. As for stroma_sd_ratio(). */
STROMA_API STROMA_CHECK stroma_status stroma_effect_sd(const double *x, size_t nx, const double *y,
                                                       size_t ny, double level, stroma_stat *out,
                                                       stroma_error *err);

enum { STROMA_MIXTURE_N_MIN = 10, STROMA_MIXTURE_RESAMPLES_MIN = 99 };
typedef struct stroma_mixture_options {
    uint32_t version;
    bool unequal_variances;     /**< with a floor, else the likelihood has no maximum */
    double variance_floor_frac; /**< of the total variance, for a component's */
    double least_weight_frac;   /**< of either component: one or two outliers are no group */
    size_t resamples;           /**< of each reference distribution, 99 … 1e6 */
    size_t exceedances;         /**< stop resampling the skewed alternative after so many (Besag &
                                     Clifford 1991 Biometrika 78:301) */
    double alpha;               /**< the skewed alternative is resampled only where the normal one
                                     is rejected at this level: else it cannot matter */
    uint64_t seed;
    int threads;
} stroma_mixture_options;
#define STROMA_MIXTURE_OPTIONS_INIT                                                             \
    {                                                                                           \
        .version = 1, .variance_floor_frac = 0.05, .least_weight_frac = 0.1, .resamples = 1999, \
        .exceedances = 20, .alpha = 0.1, .seed = 1, .threads = 1                                \
    }

/** Two normal components against one distribution. Component 0 has the lower mean. */
typedef struct stroma_mixture {
    stroma_stat test;   /**< against one normal: statistic 2·Δ log-likelihood, Monte-Carlo p */
    stroma_stat skewed; /**< against one sinh-arcsinh distribution (skewed or heavy-tailed, one
                             peak): 2·Δ log-likelihood, which may be negative; p by parametric
                             bootstrap; not estimable when it was not needed */
    double p;           /**< the larger of the two: two groups are shown only against both */
    double p_mcse;      /**< Monte-Carlo standard error of p */
    size_t resamples, skewed_resamples;
    double weight[2], mean[2], sd[2]; /**< of the two components, in the unit of the values */
    bool at_floor;                    /**< a variance lies on its floor */
    double log_likelihood_one, log_likelihood_two, log_likelihood_skewed;
    double skew, tail; /**< ε and δ of the sinh-arcsinh distribution; 0 and 1: normal */
} stroma_mixture;

/** Reference distribution of the statistic for @p n values of one normal. It depends on n alone
 *  (location and scale cancel), so that one serves all samples of a size. Owned by the caller. */
typedef struct stroma_mixture_null {
    size_t n, resamples;
    bool unequal_variances;
    double variance_floor_frac, least_weight_frac;
    double *statistic; /**< resamples, ascending */
} stroma_mixture_null;
/** Statuses: USAGE (n < 10, bad options), NOMEM, INTERRUPTED. */
STROMA_API STROMA_CHECK stroma_status stroma_mixture_null_new(size_t n,
                                                              const stroma_mixture_options *options,
                                                              stroma_mixture_null **out,
                                                              stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_mixture_null_free(stroma_mixture_null *m);

/** Fit and test two normal components: EM from fixed starts (splits of the ordered values),
 *  accelerated (Varadhan & Roland 2008 Scand J Stat 35:335), keeping the best; likelihood ratio
 *  against its distribution under one normal (McLachlan 1987 Appl Stat 36:318; exact up to
 *  Monte-Carlo error, as the statistic is invariant), and against one sinh-arcsinh distribution
 *  (Jones & Pewsey 2009 Biometrika 96:761), fitted by maximum likelihood and resampled, so that one
 *  skewed or heavy-tailed group is not called two groups. |ε| < 2, 0.4 < δ < 2.5.
 *  Not estimable, with reason: fewer than 10 values, fewer than 3 distinct values.
 *  @param options NULL: the defaults
 *  @param null a reference made with the same options and n, or NULL: it is made here
 *  @return OK; USAGE, INCONSISTENT (a reference of another size or kind), NOMEM, INTERRUPTED. */
STROMA_API STROMA_CHECK stroma_status stroma_mixture_test(const double *x, size_t n,
                                                          const stroma_mixture_options *options,
                                                          const stroma_mixture_null *null,
                                                          stroma_mixture *out, stroma_error *err);

/** Change scores of one arm. */
typedef struct stroma_change_arm {
    const double *change;   /**< n, after − before, finite */
    const double *baseline; /**< n, same order, or NULL */
    size_t n;
} stroma_change_arm;

typedef enum stroma_heterogeneity_verdict {
    STROMA_HETEROGENEITY_CANNOT_JUDGE,
    STROMA_HETEROGENEITY_COMPATIBLE, /**< with one common effect and noise; not proof of it */
    STROMA_HETEROGENEITY_SHOWN
} stroma_heterogeneity_verdict;
/** "cannot_judge", "compatible_with_one_effect", "heterogeneity_shown". Never NULL. */
STROMA_API const char *stroma_heterogeneity_verdict_name(stroma_heterogeneity_verdict v);

typedef struct stroma_heterogeneity_options {
    uint32_t version;
    double level, alpha;
    bool adjust_baseline; /**< work on residuals of change on baseline, in each arm: an effect that
                               is proportional to baseline is then no heterogeneity */
    stroma_measurement_error error;
    double drop;                 /**< a fall by more than this is a response; 0: no such rule */
    stroma_response_fn responds; /**< a rule on baseline and follow-up, or NULL; needs baseline */
    void *rule_context;
    const char *rule_name; /**< static, for texts: "EULAR good or moderate" */
    size_t rule_draws;     /**< of the simulated rates */
    stroma_mixture_options mixture;
    const stroma_mixture_null *treated_null, *control_null; /**< or NULL */
} stroma_heterogeneity_options;
#define STROMA_HETEROGENEITY_OPTIONS_INIT                                \
    {                                                                    \
        .version = 1, .level = 0.95, .alpha = 0.05, .rule_draws = 50000, \
        .mixture = STROMA_MIXTURE_OPTIONS_INIT                           \
    }

/** A rate of responders by one common change, beside the one seen. */
typedef struct stroma_rate_pair {
    stroma_stat observed;         /**< Wilson; not estimable without rule or measurement error */
    stroma_noise_rate noise;      /**< nobody changes: error alone. NaN where σ is not known */
    stroma_noise_rate regression; /**< the same, with regression to the mean of the baseline */
    stroma_noise_rate common;     /**< everybody changes by the mean, with the SD seen */
    double p_none; /**< no responder among the controls by noise alone; NaN: no arm */
} stroma_rate_pair;

typedef struct stroma_heterogeneity {
    stroma_stat treated_sd, control_sd; /**< of change, Bonett's interval */
    stroma_stat sd_ratio;               /**< robust; this one counts */
    stroma_stat f_test;                 /**< beside it, for those who look for it: normal theory */
    stroma_stat effect_sd;
    stroma_stat baseline_share; /**< part of the variance of change that goes with baseline, r² */
    stroma_mixture mixture;     /**< treated */
    stroma_mixture control_mixture;
    stroma_stat reliability; /**< of change in the treated */
    stroma_rate_pair drop, rule;
    double p_ratio_adjusted, p_mixture_adjusted; /**< one-sided ratio and mixture, Holm in a
 family of two; NaN */
    stroma_heterogeneity_verdict verdict;
    const char *verdict_reason;
    double alpha;
    bool has_control, adjusted;
    const char *rule_name;
    double drop_used;
} stroma_heterogeneity;

/** All of it. The verdict: *shown* when Holm's p of the ratio (one-sided: treated vary more) or of
 *  the mixture is at most alpha; a mixture that the control arm shows as well does not count.
 * *Cannot judge* when neither test could be made. Else *compatible*: with one common effect and
 * noise.
 *  @param control NULL: a single-arm trial; the ratio then has a reason instead of a number, and
 *  counts as a test of the family all the same
 *  @return OK; USAGE, NOMEM, INTERRUPTED. What cannot be computed is no error. */
STROMA_API STROMA_CHECK stroma_status stroma_heterogeneity_compute(
    const stroma_change_arm *treated, const stroma_change_arm *control,
    const stroma_heterogeneity_options *options, stroma_heterogeneity *out, stroma_error *err);
/** The answer in plain sentences, one a line, the verdict first. */
STROMA_API void stroma_heterogeneity_sentences(const stroma_heterogeneity *h, stroma_buffer *b);
#ifdef __cplusplus
}
#endif
#endif
