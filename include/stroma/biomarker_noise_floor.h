/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file biomarker_noise_floor.h
 *  How many "responders" measurement noise alone makes, and what a score measured twice says of its
 *  own error. A patient whose disease does not change is still measured with error before and
 * after, so that a fixed drop is reached by some; the same holds for one common effect in
 * everybody.
 *
 *  A change is after − before; a response is a *fall* unless a rule says otherwise. All functions
 * are pure and thread-safe. @since 0.1 */
#ifndef STROMA_BIOMARKER_NOISE_FLOOR_H
#define STROMA_BIOMARKER_NOISE_FLOOR_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Error of one measurement of one subject, in the unit of the score. */
typedef struct stroma_measurement_error {
    double sd; /**< within-subject SD; 0: not known */
    double df; /**< degrees of freedom it was estimated with; 0: taken as known, as from a paper */
} stroma_measurement_error;

/** What repeated measurements say of one of them. */
typedef struct stroma_replicates {
    stroma_stat sd; /**< within-subject SD √MS within, chi-squared interval; df = values −
                         subjects */
    stroma_stat reliability; /**< ICC(1,1) = (MSB − MSW)/(MSB + (n0 − 1)·MSW), F and its interval
                                  (McGraw & Wong 1996 Psychol Methods 1:30; n0 of unequal numbers as
                                  in Searle). A negative one is shown as such */
} stroma_replicates;
/** Within-subject SD and reliability of one measurement from repeated measurements of subjects that
 *  did not change between them: one-way random effects (Searle, Casella & McCulloch 1992 §3).
 *  @param value n numbers, finite
 *  @param subject n codes 0 … subjects−1; subjects may have different numbers of values
 *  @return OK, also when not estimable (no subject with two values; no variation); USAGE (a value
 *  that is not finite, a code out of range, a bad level), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_replicate_error(const double *value,
                                                             const size_t *subject, size_t n,
                                                             size_t subjects, double level,
                                                             stroma_replicates *out,
                                                             stroma_error *err);

/** The part of the variance of change scores that measurement error does not explain:
 *  R = 1 − 2·σ²/s², two independent errors of SD σ in each change. s²/(2σ²) is F with n − 1 and
 *  error->df degrees of freedom when nothing truly changed differently (chi-squared when σ is
 *  known), which gives the interval and the one-sided p of "there is more than error". Normal
 *  change scores are assumed. R is an *upper* bound for what differs between patients in the effect
 *  of the treatment: the course of the disease differs too.
 *  @return OK, also when not estimable (σ not known, fewer than two changes, no variation); USAGE.
 */
STROMA_API STROMA_CHECK stroma_status
stroma_change_reliability(const double *change, size_t n, const stroma_measurement_error *error,
                          double level, stroma_stat *out, stroma_error *err);

/** P(a normal change falls by more than @p drop): Φ((−drop − mean)/sd). The chance that a patient
 *  whose mean change is @p mean_change counts as a responder. @return NaN unless sd > 0. */
STROMA_API double stroma_responder_rate(double mean_change, double sd_change, double drop);
/** P(no responder among @p n): (1 − rate)^n. */
STROMA_API double stroma_no_responder(double rate, size_t n);

/** A response rule. @return 1 responder, 0 not, −1 not evaluable (then the draw does not count). */
typedef int (*stroma_response_fn)(double baseline, double followup, void *context);
/** EULAR good or moderate (stroma_score "eular_response"); DAS28 beyond 0–10 are put on the edge.
 */
STROMA_API int stroma_response_eular(double baseline, double followup, void *context);

/** Patients who all change alike: normal change with one mean and one SD. */
typedef struct stroma_noise_model {
    uint32_t version;
    const double *baseline; /**< observed values, or NULL: normal with the two numbers below */
    size_t baseline_len;
    double baseline_mean, baseline_sd;
    double mean_change, sd_change;
    double error_sd; /**< error that is part of the observed baseline: patients seen at their worst
                          fall back by −error_sd²/var(baseline) a unit (regression to the mean); 0:
                          change is independent of baseline */
    size_t draws;    /**< at least 1,000 */
    uint64_t seed;
} stroma_noise_model;
#define STROMA_NOISE_MODEL_INIT                  \
    {                                            \
        .version = 1, .draws = 200000, .seed = 1 \
    }
typedef struct stroma_noise_rate {
    double rate, mcse;        /**< share of responders, Monte-Carlo standard error */
    double mean_yes, mean_no; /**< mean change of "responders" and of the others; NaN: none */
    size_t draws, not_evaluable;
} stroma_noise_rate;
/** Share of responders by a rule when all patients change alike.
 *  @return OK; USAGE (too few draws, an SD that is negative or not finite, error_sd beyond what
 *  sd_change and the baseline allow), DEGENERATE (no draw can be evaluated), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_noise_responders(const stroma_noise_model *model,
                                                              stroma_response_fn responds,
                                                              void *context, stroma_noise_rate *out,
                                                              stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
