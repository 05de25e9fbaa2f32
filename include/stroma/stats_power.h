/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_power.h
 *  Power, sample size and detectable difference by formula, one design for all tests.
 *
 *  The *effect* is what a design is planned to find: a mean difference, a second proportion, a
 *  correlation; each method says which (effect_name). Sizes: n1 is the first group (all subjects,
 * or pairs, where there is one group), n2 = ratio·n1 rounded up. A two-sided power counts
 * rejections in both directions (R's power.t.test(strict = TRUE)), so that at no effect it is
 * alpha. A one-sided test looks into the direction of the effect.
 *
 *  Method and power:
 *  - t-one-sample, t-paired, t: noncentral t, exact for normal data
 *  - welch: noncentral t with Satterthwaite's df at the true SDs
 *  - non-inferiority: one-sided t of difference + margin
 *  - equivalence: two one-sided t tests, exact (Owen 1965 Biometrika 52:437)
 *  - ancova: t with SD·√(1 − r²) and N − 3 df; (N − 3)/(N − 4) for baselines that differ by chance
 *  - anova: noncentral F, λ = k·n·f² (Cohen's f: SD of the means over the SD within)
 *  - interaction: difference of differences, by a yes/no marker that is random; noncentral t
 *  - interaction-slope: the same for a marker with SD 1
 *  - interaction-binary: ratio of odds ratios, treatment by yes/no marker; normal
 *  - ordinal: proportional odds (Whitehead 1993 Stat Med 12:2257)
 *  - correlation: Fisher's z less its bias against the critical r of the t test (Cohen 1988)
 *  - mann-whitney, signed-rank: normal shift, two moments of the rank sum (Lehmann 1975 §2.3, §4.2)
 *  - mann-whitney-noether: from P(X < Y) (Noether 1987 JASA 82:645)
 *  - sign, proportion: exact binomial, with its sawtooth (A'Hern 2001 Stat Med 20:859)
 *  - proportions: normal, as R's power.prop.test
 *  - fisher, chi-square: all tables enumerated, what the test really does
 *  - proportions-non-inferiority: normal, unpooled variance
 *  - mcnemar: normal (Connor 1987 Biometrics 43:207)
 *  - mcnemar-exact: binomial test, over all numbers of discordant pairs
 *  - auc: against 1/2, Hanley & McNeil 1982 Radiology 143:29
 *  - auc-binormal: the same with the variance of Obuchowski 1997 SMMR 7:371, as pROC
 *  - log-rank: Schoenfeld 1981 Biometrika 68:316
 *  - log-rank-freedman: Freedman 1982 Stat Med 1:121
 *  - cox: a covariate with SD 1 (Hsieh & Lavori 2000 Control Clin Trials 21:552)
 *  - mmrm: difference at the last visit, monotone dropout (Lu, Luo & Chen 2008 Int J Biostat 4:9)
 *
 *  All functions are pure and thread-safe. @since 0.1 */
#ifndef STROMA_STATS_POWER_H
#define STROMA_STATS_POWER_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
enum { STROMA_POWER_VISITS_MAX = 32, STROMA_POWER_CATEGORIES_MAX = 16 };
typedef enum stroma_power_visits {
    STROMA_POWER_VISITS_CS, /**< the same correlation between all visits */
    STROMA_POWER_VISITS_AR1 /**< correlation^distance */
} stroma_power_visits;

/** What is planned. Zero means the default; a method looks only at what it names in `needs`. */
typedef struct stroma_power_design {
    uint32_t version;  /**< 1 */
    double alpha;      /**< 0: 0.05 two-sided; non-inferiority 0.025, equivalence 0.05 one-sided */
    bool one_sided;    /**< alpha in one direction */
    double ratio;      /**< n2/n1; 0: 1 */
    double effect;     /**< see effect_name */
    double sd;         /**< within groups (paired: of the differences); 0: 1 */
    double sd2;        /**< of the second group (welch); 0: sd */
    double null_value; /**< proportion: p under the null hypothesis */
    double margin;     /**< non-inferiority, equivalence: > 0 */
    double p1; /**< proportions, fisher, chi-square: of group 1; mcnemar: pairs that change the
                    other way; interaction: share of marker-positive subjects */
    double correlation;   /**< ancova: baseline with outcome; mmrm: between visits */
    size_t groups;        /**< anova */
    double event_frac[2]; /**< log-rank, cox: share of each group with an event in time; 0: all */
    double cell[3]; /**< interaction-binary: event probability of control−, control+, treated− */
    double category[STROMA_POWER_CATEGORIES_MAX]; /**< ordinal: shares of group 1, lowest first */
    size_t categories;                            /**< ordinal */
    double censored_frac; /**< simulated: share of group 1 below a detection limit; 0: none */
    stroma_power_visits structure; /**< mmrm */
    size_t visits;                 /**< mmrm */
    /** mmrm: share of each group still there at each visit; 0: all */
    double retention[2][STROMA_POWER_VISITS_MAX];
} stroma_power_design;
#define STROMA_POWER_DESIGN_INIT \
    {                            \
        .version = 1             \
    }

typedef struct stroma_power_method {
    const char *name;        /**< "t", "fisher", … as `stroma stat` where it has the test */
    const char *summary;     /**< one line */
    const char *effect_name; /**< "delta", "p2", "hazard-ratio", … */
    const char *needs;       /**< "effect sd", … for people */
    const char *unit;        /**< what n1 counts: "group 1", "subjects", "pairs", "positives" */
    bool two_groups;
    bool enumerated; /**< n is whole; power is a sawtooth */
} stroma_power_method;
/** Method @p i of all of them, in order; NULL beyond the last. */
STROMA_API const stroma_power_method *stroma_power_list(size_t i);
/** @return NULL when no method is called so */
STROMA_API const stroma_power_method *stroma_power_find(const char *name);

typedef struct stroma_power {
    const stroma_power_method *method;
    bool not_estimable; /**< see reason */
    const char *reason; /**< static, or "" */
    double alpha, effect;
    double power;         /**< at n1 and n2 */
    size_t n1, n2;        /**< n2 is 0 for one group */
    size_t n_total;       /**< subjects (or pairs) in all groups */
    double n1_fractional; /**< where the formula gives exactly the power asked for; NaN else */
    size_t n1_stable;    /**< enumerated tests: from here on no size has less power (looked at up to
                              a quarter, at least 20 and at most 200, beyond n1); 0 else */
    double alpha_actual; /**< enumerated tests: the largest probability to reject without an effect;
                              NaN else */
    double events;       /**< log-rank, cox: expected; NaN else */
    double critical;     /**< one-sided proportion, sign: fewest events (or, for a lower
                              alternative, most) that reject; NaN else */
} stroma_power;

/** Power of n1 and n2 subjects. @p n2 0: ratio·n1.
 *  @return OK; USAGE (a number outside its range), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_power_compute(const stroma_power_method *m,
                                                           const stroma_power_design *d, size_t n1,
                                                           size_t n2, stroma_power *out,
                                                           stroma_error *err);
/** Smallest whole n1 with at least @p power. Enumerated tests: the smallest size at all, and
 *  n1_stable. Not estimable, with reason: no size up to 10^8 (enumerated: 2000) has that power. */
STROMA_API STROMA_CHECK stroma_status stroma_power_size(const stroma_power_method *m,
                                                        const stroma_power_design *d, double power,
                                                        stroma_power *out, stroma_error *err);
/** The effect that n1 and n2 subjects detect with @p power. A design whose effect lies below its
 *  null value (p2 < p1, delta < 0, …) is searched there, else above; an effect of 0 says nothing
 *  (hazard ratios are then searched below 1). Not estimable where no effect has that power. */
STROMA_API STROMA_CHECK stroma_status stroma_power_effect(const stroma_power_method *m,
                                                          const stroma_power_design *d, size_t n1,
                                                          size_t n2, double power,
                                                          stroma_power *out, stroma_error *err);

/** Cohen's f of k means, groups alike in size: √(mean squared deviation of the means)/sd. */
STROMA_API double stroma_power_cohen_f(const double *means, size_t k, double sd);
/** Probability that a subject has an event in time: exponential times with this rate, accrual at a
 *  constant rate over @p accrual, follow-up of @p follow_up after the last, loss at the rate
 *  @p dropout. Times and rates in one unit. */
STROMA_API double stroma_power_event_frac(double rate, double accrual, double follow_up,
                                          double dropout);

/** A two-stage single-arm design: n1 subjects first; stop with r1 or fewer responses; with more,
 *  go on to n; the treatment is of interest with more than r. */
typedef struct stroma_power_two_stage {
    size_t r1, n1, r, n;
    double alpha, power; /**< exact */
    double stop_early;   /**< probability, under p0 */
    double expected_n;   /**< under p0 */
} stroma_power_two_stage;
/** What a two-stage design is to do. */
typedef struct stroma_power_two_stage_plan {
    double p0, p1;       /**< response probability of no interest, and the one hoped for */
    double alpha, power; /**< one-sided */
    size_t n_max;        /**< largest size to look at, at most 200 */
} stroma_power_two_stage_plan;
/** Simon 1989 Control Clin Trials 10:1: the design with the smallest expected size under p0, and
 * the one with the smallest size.
 *  @return OK; USAGE; DEGENERATE: no design up to n_max has this error and power; NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_power_simon(const stroma_power_two_stage_plan *plan,
                                                         stroma_power_two_stage *optimal,
                                                         stroma_power_two_stage *minimax,
                                                         stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
