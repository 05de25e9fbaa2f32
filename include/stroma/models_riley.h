/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_riley.h
 *  How many subjects a prediction model needs, and how many parameters n subjects support: Riley's
 *  criteria. A *parameter* is a coefficient that is estimated or was a candidate, not a variable: a
 *  spline of four knots has three, and a marker that was looked at and dropped counts.
 *
 *  Riley et al. 2019 Stat Med 38:1262 (continuous outcome), 38:1276 (binary, time to event); 2020
 *  BMJ 368:m441; van Smeden et al. 2019 SMMR 28:2455 (prediction error); Cox-Snell R² from an AUC:
 *  Riley et al. 2021 Stat Med 40:859 in the limit of their simulation; validation: Riley et al.
 * 2021 Stat Med 40:4230. Numbers agree with R's pmsampsize. All functions are pure and thread-safe.
 *  @since 0.1 */
#ifndef STROMA_MODELS_RILEY_H
#define STROMA_MODELS_RILEY_H
#include "stroma/error.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
/** What is asked of a model. Zero means the default. */
typedef struct stroma_riley_targets {
    uint32_t version;        /**< 1 */
    double shrinkage;        /**< least expected shrinkage of the coefficients; 0: 0.9 */
    double optimism;         /**< largest optimism of Nagelkerke's R² (of R²); 0: 0.05 */
    double risk_margin;      /**< half the 95 % interval of the overall risk; 0: 0.05 */
    double prediction_error; /**< mean absolute error of the risks, binary outcome; 0: 0.05 */
    double residual_margin; /**< continuous: multiplicative error of residual SD and mean; 0: 1.1 */
} stroma_riley_targets;
#define STROMA_RILEY_TARGETS_INIT \
    {                             \
        .version = 1              \
    }

/** What each criterion asks for. Sizes are subjects, rounded up. */
typedef struct stroma_riley {
    size_t parameters;
    double r2_cs;              /**< anticipated, adjusted for optimism (continuous: R² itself) */
    double r2_cs_max;          /**< the largest that outcomes of this kind allow (continuous: 1) */
    double r2_nagelkerke;      /**< r2_cs/r2_cs_max */
    size_t n_shrinkage;        /**< criterion 1 */
    size_t n_optimism;         /**< criterion 2 */
    double optimism_shrinkage; /**< the shrinkage that criterion 2 amounts to */
    size_t n_risk;             /**< criterion 3: overall risk (continuous: residual SD) */
    size_t n_mean;             /**< continuous: the overall mean; else 0 */
    size_t n_error;            /**< binary: prediction error (2 to 30 parameters); else 0 */
    size_t n;                  /**< largest of the criteria but n_error, as pmsampsize */
    double events;             /**< expected at n; NaN for a continuous outcome */
    double events_per_parameter; /**< (continuous: subjects per parameter) */
} stroma_riley;

/** Yes/no outcome with @p prevalence_frac events.
 *  Criterion 1: n = p/((S − 1)·ln(1 − R²/S)), S = 0.9. Criterion 2: the same with S = R²/(R² +
 *  0.05·max R²). Criterion 3: n = (1.96/0.05)²·φ(1 − φ). Prediction error: exp((−0.508 + 0.259 ln φ
 *  + 0.504 ln p − ln 0.05)/0.544), φ ≤ 1/2 (the rarer outcome).
 *  @param targets NULL: the defaults
 *  @return OK; USAGE (no parameter, a prevalence outside 0…1, R² not between 0 and the largest
 *  possible one or not below the shrinkage asked for, bad targets). */
STROMA_API STROMA_CHECK stroma_status stroma_riley_binary(size_t parameters, double prevalence_frac,
                                                          double r2_cs,
                                                          const stroma_riley_targets *targets,
                                                          stroma_riley *out, stroma_error *err);
/** Continuous outcome: R² is that of the model, adjusted for optimism. @p mean and @p sd of the
 *  outcome decide whether the overall mean is precise enough (a mean of 0: not asked). */
STROMA_API STROMA_CHECK stroma_status stroma_riley_continuous(size_t parameters, double r2,
                                                              double mean, double sd,
                                                              const stroma_riley_targets *targets,
                                                              stroma_riley *out, stroma_error *err);
/** Outcomes over time. Rates are events per subject and unit of time, in the unit of @p horizon and
 *  @p mean_follow_up. */
typedef struct stroma_riley_times {
    double rate, horizon, mean_follow_up;
} stroma_riley_times;
STROMA_API STROMA_CHECK stroma_status stroma_riley_survival(size_t parameters, double r2_cs,
                                                            const stroma_riley_times *times,
                                                            const stroma_riley_targets *targets,
                                                            stroma_riley *out, stroma_error *err);

/** What n subjects allow, for a yes/no outcome: the question before a model is fitted. */
typedef struct stroma_riley_support {
    size_t n, events;
    double r2_cs;
    size_t by_shrinkage, by_optimism; /**< parameters that criterion 1 and 2 allow */
    size_t parameters;                /**< the smaller of the two: 0 = no model */
    double risk_margin; /**< half the 95 % interval of the overall risk: 1.96·√(φ(1 − φ)/n) */
    bool risk_known;    /**< risk_margin is within the target */
} stroma_riley_support;
/** Of n = 52 with 28 events and R² 0.2: one parameter, overall risk ± 0.135.
 *  @return as stroma_riley_binary(); DEGENERATE when all or none of the subjects have the event. */
STROMA_API STROMA_CHECK stroma_status stroma_riley_supports(size_t n, size_t events, double r2_cs,
                                                            const stroma_riley_targets *targets,
                                                            stroma_riley_support *out,
                                                            stroma_error *err);
/** Shrinkage S that @p parameters coefficients fitted to @p n subjects must expect: the root of
 *  S = 1 + p/(n·ln(1 − R²/S)) in R² … 1; NaN where there is none (the signal is all overfitting) or
 *  an argument is outside its domain. */
STROMA_API double stroma_riley_shrinkage(size_t parameters, size_t n, double r2_cs);

/** Largest Cox-Snell R² of a yes/no outcome: 1 − (φ^φ(1 − φ)^(1 − φ))². */
STROMA_API double stroma_riley_r2_max(double prevalence_frac);
/** Cox-Snell R² of a model with this AUC: its linear predictor is normal in both classes, with the
 *  same variance. Riley et al. draw a million subjects; this is the integral. NaN outside 1/2 ≤ auc
 *  < 1. */
STROMA_API double stroma_riley_r2_from_auc(double auc, double prevalence_frac);

/** Widths of the 95 % intervals that a validation shall reach. Zero means the default. */
typedef struct stroma_riley_widths {
    uint32_t version;   /**< 1 */
    double oe;          /**< of the ratio observed/expected; 0: 0.2 */
    double slope;       /**< of the calibration slope; 0: 0.2 */
    double auc;         /**< 0: 0.1 */
    double net_benefit; /**< of the standardised net benefit at the threshold; 0: 0.2 */
} stroma_riley_widths;
#define STROMA_RILEY_WIDTHS_INIT \
    {                            \
        .version = 1             \
    }
typedef struct stroma_riley_validation {
    size_t n_oe, n_slope, n_auc;
    size_t n_net_benefit; /**< 0 without a threshold */
    size_t n;             /**< the largest */
    double events;
} stroma_riley_validation;
/** Subjects to validate a model of a yes/no outcome whose predictor is normal in both classes with
 *  this AUC, and well calibrated. O/E: (1 − φ)/(φ·SE²); slope: the information of a logistic
 *  calibration model; AUC: Newcombe 2006 Stat Med 25:559.
 *  @param threshold_frac risk above which a patient is treated, or NaN: net benefit is not asked
 * for
 *  @param widths NULL: the defaults
 *  @return OK; USAGE. */
STROMA_API STROMA_CHECK stroma_status stroma_riley_validate(double prevalence_frac, double auc,
                                                            double threshold_frac,
                                                            const stroma_riley_widths *widths,
                                                            stroma_riley_validation *out,
                                                            stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
