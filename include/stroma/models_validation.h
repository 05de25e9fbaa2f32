/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_validation.h
 *  How good the predictions of a *procedure* are: what it says of the data it was made from,
 *  corrected for having been made from them; calibration; and what acting on it would bring.
 *
 *  The procedure is a callback that does everything that looked at the outcome: choice of inputs,
 *  cut-offs, penalties, preprocessing. It is given rows and gives probabilities; a procedure that
 *  tunes itself by cross-validation inside its rows makes the outer one nested. Resamples in which
 *  it has no result are counted, never replaced.
 *
 *  Resamples and folds have Philox generators of their own and sums a fixed order: results do not
 *  depend on threads. Texts in results are static. @since 0.1 */
#ifndef STROMA_MODELS_VALIDATION_H
#define STROMA_MODELS_VALIDATION_H
#include "stroma/models_bayes_logistic.h"
#include "stroma/models_logistic.h"
#ifdef __cplusplus
extern "C" {
#endif

/** What a procedure is to be fitted to. */
typedef struct stroma_validation_sample {
    const size_t *rows; /**< a resample names a row more than once */
    size_t rows_len;
    /** Of the resample, or repeat · folds + fold; UINT64_MAX: the data themselves. For a generator
     * of the procedure's own. */
    uint64_t index;
    int worker; /**< 0 ≤ worker < threads: picks scratch memory, nothing that shows */
} stroma_validation_sample;
/** Fit the whole procedure to the rows of @p sample, look at the outcomes of no others, and give
 * the probability of the event of *every* row of the data. Called from several threads at once when
 *  more than one was asked for.
 *  @param probability one number for each row of the data, 0 … 1
 *  @param reason left alone, or set to a static text: no result for these rows
 *  @return OK, also without a result; another status ends the validation. */
typedef stroma_status (*stroma_validation_fit)(const stroma_validation_sample *sample,
                                               void *context, double *probability,
                                               const char **reason, stroma_error *err);

typedef enum stroma_measure {
    STROMA_MEASURE_AUC,
    STROMA_MEASURE_BRIER,
    STROMA_MEASURE_BRIER_SCALED, /**< 1 − Brier / Brier of the share of events */
    STROMA_MEASURE_LARGE,     /**< calibration in the large: intercept at a slope of 1, wants 0 */
    STROMA_MEASURE_INTERCEPT, /**< of the recalibration y ~ logit p, wants 0 */
    STROMA_MEASURE_SLOPE,     /**< its slope, wants 1; below 1 the predictions are too extreme */
    STROMA_MEASURES
} stroma_measure;
/** "auc", "brier", "brier_scaled", "calibration_in_the_large", "calibration_intercept",
 *  "calibration_slope". Never NULL. */
STROMA_API const char *stroma_measure_name(stroma_measure m);
/** All measures of given predictions. A measure that does not exist (one class; predictions that
 *  separate the classes, that are all the same, or that are 0 or 1 have no recalibration) is NaN.
 *  @param y 0 or 1  @param probability 0 … 1
 *  @return OK; USAGE, DEGENERATE (no rows), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_measures(const double *probability, const double *y,
                                                      size_t n, double out[STROMA_MEASURES],
                                                      stroma_error *err);

enum {
    STROMA_VALIDATION_RESAMPLES_MIN = 20,
    STROMA_VALIDATION_RESAMPLES_MAX = 1000000,
    STROMA_VALIDATION_REASONS_MAX = 8
};
/** Why fits had no result, in order of their index. */
typedef struct stroma_validation_failures {
    size_t n;
    const char *reason[STROMA_VALIDATION_REASONS_MAX];
    size_t count[STROMA_VALIDATION_REASONS_MAX];
    size_t reasons_len; /**< further reasons are in n only */
} stroma_validation_failures;

typedef struct stroma_validation_options {
    size_t resamples;
    uint64_t seed;
    int threads;
    bool stratified; /**< as many events in each resample as in the data */
} stroma_validation_options;
#define STROMA_VALIDATION_OPTIONS_INIT \
    {                                  \
        1000, 1, 1, false              \
    }

typedef struct stroma_validated {
    double apparent;
    double optimism, optimism_sd; /**< mean and SD over resamples: there minus in the data */
    double mcse;                  /**< Monte-Carlo standard error of optimism and corrected */
    double corrected;             /**< apparent − optimism */
    size_t resamples;             /**< that have this measure on both sides */
    const char *reason;           /**< why there is no corrected value, else "" */
    /** Of the rows that a resample left out; AUC and Brier score, else NaN. The .632+ weights of
     *  Efron & Tibshirani 1997 JASA 92:548, with no-information rates 1/2 and that of all pairs of
     *  outcome and prediction. */
    double out_of_bag, corrected_632, corrected_632_plus;
} stroma_validated;
typedef struct stroma_optimism {
    stroma_validated measures[STROMA_MEASURES];
    size_t rows, events, resamples;
    stroma_validation_failures failed;
    const char *reason; /**< why the procedure has no result in the data themselves, else "" */
} stroma_optimism;
/** Harrell's bootstrap (Harrell, Lee & Mark 1996 Stat Med 15:361): in each resample the procedure
 * is fitted anew, and how much better it looks there than in the data is the optimism.
 *  @param y 0 or 1
 *  @param options NULL: the defaults
 *  @return OK; USAGE (outcomes, number of resamples, probabilities out of 0 … 1), DEGENERATE (one
 *  class), NOMEM, INTERRUPTED, and what @p fit returns. */
STROMA_API STROMA_CHECK stroma_status stroma_validate_optimism(
    const double *y, size_t n, stroma_validation_fit fit, void *context,
    const stroma_validation_options *options, stroma_optimism *out, stroma_error *err);

typedef struct stroma_cross_options {
    size_t folds, repeats; /**< folds: 2 … n; n leaves one out */
    uint64_t seed;
    int threads;
} stroma_cross_options;
#define STROMA_CROSS_OPTIONS_INIT \
    {                             \
        10, 20, 1, 1              \
    }
/** Deal the rows into folds of like size and like numbers of events.
 *  @param index the repeat, or any number that tells this division from others
 *  @param fold n places, written: 0 … folds − 1
 *  @return OK; USAGE (outcomes, folds beyond 2 … n), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_validation_folds(const double *y, size_t n,
                                                              size_t folds, uint64_t seed,
                                                              uint64_t index, size_t *fold,
                                                              stroma_error *err);
typedef struct stroma_cross_validated {
    double mean;    /**< over repeats, of the measure of all rows' out-of-fold predictions */
    double sd;      /**< between repeats: how much the division into folds matters */
    size_t repeats; /**< that have this measure */
} stroma_cross_validated;
/** Owned; free with stroma_cross_validation_free(). */
typedef struct stroma_cross_validation {
    size_t rows, folds, repeats;
    double *probability; /**< repeats × rows, repeat by repeat: of the fit that had not seen the
                            row; NaN where its fold failed */
    double *mean;        /**< rows: over repeats; NaN where every fold failed */
    stroma_cross_validated measures[STROMA_MEASURES];
    stroma_validation_failures failed; /**< folds; a repeat with one has no measures */
} stroma_cross_validation;
/** Repeated cross-validation in stratified folds. In leave-one-out the AUC is biased towards
 *  reversal (Airola 2011 Comput Stat Data Anal 55:1828): take 10 folds.
 *  @return as stroma_validate_optimism() */
STROMA_API STROMA_CHECK stroma_status stroma_validate_cross(
    const double *y, size_t n, stroma_validation_fit fit, void *context,
    const stroma_cross_options *options, stroma_cross_validation **out, stroma_error *err);
STROMA_API void stroma_cross_validation_free(stroma_cross_validation *v);

enum { STROMA_CALIBRATION_CLASS_MIN = 200 };
/** Calibration of given predictions. Owned arrays; stroma_calibration_clear(). */
typedef struct stroma_calibration {
    size_t rows, events;
    double mean_predicted, observed;
    stroma_stat large;     /**< estimate: intercept at a slope of 1; z and p against 0 */
    stroma_stat intercept; /**< of the recalibration y ~ logit p */
    stroma_stat slope;     /**< z and p against 1 */
    stroma_stat ratio;     /**< observed / expected events, log interval (Debray 2017) */
    stroma_stat brier;     /**< with SE; statistic: Spiegelhalter 1986's z and p */
    double brier_scaled;
    /** Mean, median, 0.9 quantile and maximum of |predicted − curve| (Austin & Steyerberg 2019 Stat
     *  Med 38:4051); NaN without a curve. */
    double ici, e50, e90, e_max;
    const char *curve_reason; /**< why there is no curve, else "" */
    /** Below 200 events or 200 others a flexible curve follows chance (Van Calster 2016 J Clin
     *  Epidemiol 74:167): it is given, and this says so. */
    bool curve_uncertain;
    size_t knots, curve_len;
    double *predicted, *curve, *lower, *upper; /**< curve_len, from the least prediction up */
} stroma_calibration;
/** The curve is a restricted cubic spline of logit p in a logistic model (knots at Harrell's
 *  quantiles), so it is smooth and stays within 0 … 1; its band is Wald's on the logit.
 *  @param knots 3, 4 or 5 (0: 3)
 *  @return OK; USAGE, DEGENERATE (no rows, one class), NOMEM. What does not exist says why. */
STROMA_API STROMA_CHECK stroma_status stroma_calibrate(const double *probability, const double *y,
                                                       size_t n, size_t knots, double level,
                                                       stroma_calibration *out, stroma_error *err);
STROMA_API void stroma_calibration_clear(stroma_calibration *c);

/** What treating everybody with a predicted probability ≥ threshold brings (Vickers & Elkin 2006
 * Med Decis Making 26:565): net benefit = TP/n − FP/n · t/(1 − t), in true positives a patient. */
typedef struct stroma_decision {
    double threshold;
    size_t tp, fp;
    double net_benefit, se, lower, upper; /**< of the benefit over treating nobody, which is 0 */
    double treat_all;
    double over_all, over_all_se; /**< net benefit − treat_all */
} stroma_decision;
/** @param threshold numbers between 0 and 1 @param out @p len places
 *  @return OK; USAGE, DEGENERATE (no rows). SE of the mean of what each patient adds. */
STROMA_API STROMA_CHECK stroma_status stroma_decision_curve(const double *probability,
                                                            const double *y, size_t n,
                                                            const double *threshold, size_t len,
                                                            double level, stroma_decision *out,
                                                            stroma_error *err);

enum { STROMA_TUNE_LAMBDAS_MAX = 1000 };
typedef struct stroma_tune_options {
    size_t folds;          /**< 2 … rows */
    const size_t *fold;    /**< rows: 0 … folds − 1; NULL: dealt by stroma_validation_folds() */
    const double *lambdas; /**< descending, or NULL: the path of stroma_logistic_penalised() */
    size_t lambdas_len;
    uint64_t seed, index; /**< of the dealing */
} stroma_tune_options;
#define STROMA_TUNE_OPTIONS_INIT \
    {                            \
        10, NULL, NULL, 60, 1, 0 \
    }
/** Cross-validated penalties. Owned arrays; stroma_tuning_clear(). */
typedef struct stroma_tuning {
    size_t lambdas_len; /**< of which every fold has a fit: without a penalty worth the name
                           separated classes have none */
    double *lambda, *deviance,
        *se;             /**< mean −2 log likelihood a row of the rows left out, its SE */
    size_t best, one_se; /**< least deviance; largest λ within one SE of it */
    bool at_edge;        /**< the best is the last of the path: look further down */
} stroma_tuning;
/** Choose λ by cross-validation, as cv.glmnet (type.measure = deviance): fold means weighted by
 * their rows. The choice is part of the procedure: validate it inside (stroma_logistic_recipe).
 *  @param options NULL: the defaults
 *  @return as stroma_logistic_penalised(); USAGE also for bad folds, DEGENERATE where rows left in
 * by a fold have one class */
STROMA_API STROMA_CHECK stroma_status stroma_logistic_tune(const stroma_design *design,
                                                           const double *y,
                                                           const stroma_logistic_penalty *penalty,
                                                           const stroma_tune_options *options,
                                                           stroma_tuning *out, stroma_error *err);
STROMA_API void stroma_tuning_clear(stroma_tuning *t);

typedef enum stroma_procedure_kind {
    STROMA_PROCEDURE_ML,
    STROMA_PROCEDURE_FIRTH,     /**< with the FLIC intercept: else its probabilities lean to 1/2 */
    STROMA_PROCEDURE_PENALISED, /**< glmnet's objective at a given λ, or one tuned inside */
    STROMA_PROCEDURE_BAYES      /**< at the mode of the posterior */
} stroma_procedure_kind;
/** A logistic model of fixed columns as a procedure: the context of stroma_logistic_procedure(). */
typedef struct stroma_logistic_recipe {
    const stroma_design *design;
    const double *y;
    stroma_procedure_kind kind;
    double alpha, lambda; /**< PENALISED; columns are standardised */
    /** PENALISED with λ 0: tuned in so many folds of the sample's own rows; copies of a row stay in
     *  one fold, so that none is predicted from itself. */
    size_t tune_folds;
    bool tune_one_se;         /**< the largest λ within one SE of the best */
    uint64_t seed;            /**< of the folds */
    stroma_bayes_prior prior; /**< BAYES */
} stroma_logistic_recipe;
/** A stroma_validation_fit. No result: separated classes under ML, one class in the sample, a
 * column that cannot be estimated in the sample but can in the data. */
STROMA_API STROMA_CHECK stroma_status
stroma_logistic_procedure(const stroma_validation_sample *sample, void *recipe, double *probability,
                          const char **reason, stroma_error *err);
/** stroma_validate_optimism() of that procedure. */
STROMA_API STROMA_CHECK stroma_status stroma_logistic_validate(
    const stroma_logistic_recipe *recipe, const stroma_validation_options *options,
    stroma_optimism *out, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
