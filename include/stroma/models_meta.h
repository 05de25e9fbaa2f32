/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_meta.h
 *  Results of several studies together: inverse-variance pooling with or without heterogeneity, and
 *  single-arm proportions by a binomial model that needs no correction for zero events.
 *
 *  A pooled mean says little where studies differ; what the next study may show is the prediction
 *  interval, which is always given. All functions are pure and thread-safe; sums run in the order
 * of the studies. @since 0.1 */
#ifndef STROMA_MODELS_META_H
#define STROMA_MODELS_META_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_meta_measure {
    STROMA_META_LOG_RISK_RATIO,
    STROMA_META_LOG_ODDS_RATIO,
    STROMA_META_RISK_DIFFERENCE,
    STROMA_META_LOGIT_PROPORTION /**< of the first arm alone */
} stroma_meta_measure;
enum { STROMA_META_MEASURES = STROMA_META_LOGIT_PROPORTION + 1 };
/** "log risk ratio", … Never NULL. */
STROMA_API const char *stroma_meta_measure_name(stroma_meta_measure m);
/** Events and subjects of a study; the second arm is the control. */
typedef struct stroma_meta_counts {
    double events1, n1, events2, n2;
} stroma_meta_counts;
/** One study's effect and its sampling variance. */
typedef struct stroma_meta_effect {
    double estimate, variance;
    bool corrected;     /**< 1/2 was added to every cell, since one was 0 */
    const char *reason; /**< why the study says nothing on this measure, else "" */
} stroma_meta_effect;
/** As escalc() of R's metafor. Ratios of a study with no event (or only events) in both arms have a
 *  reason instead.
 *  @return OK; USAGE (a count that is not whole, negative or above its n; n of 0). */
STROMA_API STROMA_CHECK stroma_status stroma_meta_effect_of(stroma_meta_measure m,
                                                            const stroma_meta_counts *c,
                                                            stroma_meta_effect *out,
                                                            stroma_error *err);

typedef enum stroma_meta_model {
    STROMA_META_FIXED, /**< one common effect */
    STROMA_META_REML,  /**< restricted maximum likelihood, at its global maximum */
    STROMA_META_DL,    /**< DerSimonian & Laird 1986 Control Clin Trials 7:177 */
    STROMA_META_PM     /**< Paule & Mandel 1982 J Res NBS 87:377 */
} stroma_meta_model;
enum { STROMA_META_MODELS = STROMA_META_PM + 1 };
/** "fixed", "REML", … Never NULL. */
STROMA_API const char *stroma_meta_model_name(stroma_meta_model m);
typedef struct stroma_meta_options {
    stroma_meta_model model;
    bool knapp_hartung; /**< variance from the spread, t on k − 1 df (Knapp & Hartung 2003 Stat Med
                           22:2693); for the binomial model only the t */
    double level;
} stroma_meta_options;
#define STROMA_META_OPTIONS_INIT      \
    {                                 \
        STROMA_META_REML, false, 0.95 \
    }

typedef struct stroma_meta {
    stroma_stat pooled; /**< n_used: studies. The binomial model: logit, with effect "proportion" */
    double tau2;        /**< variance between studies; NaN for the fixed model */
    double tau2_se;     /**< REML only */
    double tau2_lower, tau2_upper; /**< Q profile (Viechtbauer 2007 Stat Med 26:37); the binomial
                                      model: profile likelihood */
    double i2_frac, h2;            /**< Higgins & Thompson 2002 Stat Med 21:1539; NaN: binomial */
    stroma_stat heterogeneity; /**< Q, χ² on k − 1 df; the binomial model: likelihood ratio against
                                  a proportion for each study */
    /** Where the true effect of a further study lies: ± t·√(τ² + SE²), on k − 2 df (Higgins 2009 J
     * R Stat Soc A 172:137), with Knapp & Hartung on k − 1. */
    double prediction_lower, prediction_upper;
    const char *prediction_reason; /**< why there is none, else "" */
    double log_likelihood;         /**< restricted for REML; NaN for DL and PM */
} stroma_meta;

/** Pool @p k effects.
 *  @param weight k fractions, written; may be NULL
 *  @return OK; USAGE (an effect that is not finite, a variance ≤ 0, a bad level), DEGENERATE (no
 *  study), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_meta_pool(const double *effect, const double *variance,
                                                       size_t k, const stroma_meta_options *options,
                                                       double *weight, stroma_meta *out,
                                                       stroma_error *err);
/** Pool proportions by a logistic model with a normal random intercept, maximum likelihood by
 *  quadrature about each mode (Stijnen, Hamza & Özdemir 2010 Stat Med 29:3046). Arms without
 *  an event count as they are. options->model is not read. Not estimable, with reason: no event, or
 *  nothing but events, in all studies together.
 *  @param events, n counts of k studies */
STROMA_API STROMA_CHECK stroma_status stroma_meta_proportions(const double *events, const double *n,
                                                              size_t k,
                                                              const stroma_meta_options *options,
                                                              stroma_meta *out, stroma_error *err);
/** Do small studies show other effects? Regression of the effects on their standard errors (Egger
 *  1997 BMJ 315:629), t on k − 2 df. Not estimable, with reason: fewer than STROMA_META_SMALL_MIN
 *  studies, where the test tells nothing. */
enum { STROMA_META_SMALL_MIN = 10 };
STROMA_API STROMA_CHECK stroma_status stroma_meta_small_studies(const double *effect,
                                                                const double *variance, size_t k,
                                                                double level, stroma_stat *out,
                                                                stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
