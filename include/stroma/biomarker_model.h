/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file biomarker_model.h
 *  A model of the chance of response: fitted from a frame, with everything that a later prediction
 *  needs to know about where it comes from.
 *
 *  **Permission first.** Riley's criteria (2020 BMJ 368:m441) say how many candidate parameters the
 *  data support. More are refused, unless the reason for them is given; it then stands in the model
 *  and on its card. Candidates count, also those that a lasso drops.
 *
 *  **The landmark.** A model is of one moment: an input dated after it is refused. Pre-treatment
 *  models and models of a later landmark are different models.
 *
 *  **Everything inside the loop.** Rules for censored and missing inputs, centring, scaling and the
 *  choice of the penalty are learned anew in every resample, so that performance is that of the
 *  whole procedure. @since 0.1 */
#ifndef STROMA_BIOMARKER_MODEL_H
#define STROMA_BIOMARKER_MODEL_H
#include "stroma/biomarker_frame.h"
#include "stroma/buffer.h"
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
enum {
    STROMA_MODEL_SCHEMA = 1,
    STROMA_MODEL_INPUTS_MAX = 1000,
    STROMA_MODEL_FOLDS_MAX = 100,
    STROMA_MODEL_DRAWS_MAX = 1000,
    STROMA_MODEL_SUBJECTS_MAX = 100000 /**< calibration scores kept */
};
typedef enum stroma_model_method {
    STROMA_MODEL_FIRTH,       /**< Jeffreys' penalty, intercept by FLIC */
    STROMA_MODEL_RIDGE,       /**< penalty by repeated cross-validation, or given */
    STROMA_MODEL_LASSO,       /**< as ridge */
    STROMA_MODEL_ELASTIC_NET, /**< as ridge, half of each */
    STROMA_MODEL_BAYES        /**< normal prior on standardised inputs */
} stroma_model_method;
/** "firth", "ridge", "lasso", "elastic-net", "bayes". Never NULL. */
STROMA_API const char *stroma_model_method_name(stroma_model_method m);
STROMA_API bool stroma_model_method_parse(const char *name, stroma_model_method *out);

typedef enum stroma_model_missing {
    STROMA_MODEL_MISSING_COMPLETE,  /**< rows without an input do not enter, and get no answer */
    STROMA_MODEL_MISSING_MEDIAN,    /**< the median of the training rows */
    STROMA_MODEL_MISSING_REGRESSION /**< its mean given the other inputs (multivariate normal) */
} stroma_model_missing;
/** "complete-case", "median", "regression". Never NULL. */
STROMA_API const char *stroma_model_missing_name(stroma_model_missing m);
STROMA_API bool stroma_model_missing_parse(const char *name, stroma_model_missing *out);

typedef enum stroma_model_censored {
    STROMA_MODEL_CENSORED_EXPECTED, /**< its mean given that it is beyond the limit; the (log)normal
                                         distribution is fitted by maximum likelihood */
    STROMA_MODEL_CENSORED_HALF      /**< half the limit below, the limit above (decision 0005) */
} stroma_model_censored;
/** "expected", "half". Never NULL. */
STROMA_API const char *stroma_model_censored_name(stroma_model_censored c);
STROMA_API bool stroma_model_censored_parse(const char *name, stroma_model_censored *out);

enum { STROMA_MODEL_QUANTILES = 5 }; /**< 5, 25, 50, 75 and 95 % */
/** One input. Numbers are those of the training rows. */
typedef struct stroma_model_input {
    const char *name, *label, *unit, *assay; /**< all but name may be NULL */
    double lloq, uloq;                       /**< NaN: not declared */
    int32_t day;
    bool log_scale; /**< enters as its natural logarithm */
    size_t measured, missing, below, above;
    double minimum, maximum; /**< of the measured values */
    double quantile[STROMA_MODEL_QUANTILES];
    /* On the scale on which it enters: */
    double median, centre, scale;
    bool lognormal; /**< the distribution beyond a limit is that of the logarithm */
    double censored_mean, censored_sd;
    double coefficient;     /**< log odds ratio for one scale */
    double lower, upper, p; /**< interval and p of the coefficient; NaN: the method has none */
} stroma_model_input;

/** A number with its interval; NaN where there is none. */
typedef struct stroma_model_figure {
    double value, lower, upper;
} stroma_model_figure;

enum { STROMA_MODEL_CURVE = 20 };
/** How good predictions are. */
typedef struct stroma_model_performance {
    size_t n, events;
    stroma_model_figure auc, brier, intercept, slope, observed_expected;
    double scaled_brier; /**< 1 − Brier / Brier of the event rate */
    const char *reason;  /**< why something is missing, else "" */
    size_t curve_len;    /**< flexible calibration curve, 0: too few for one */
    double curve_predicted[STROMA_MODEL_CURVE], curve_observed[STROMA_MODEL_CURVE];
    double curve_lower[STROMA_MODEL_CURVE], curve_upper[STROMA_MODEL_CURVE];
    size_t net_benefit_len; /**< decision curve */
    double threshold[STROMA_MODEL_CURVE], net_benefit[STROMA_MODEL_CURVE];
    double net_benefit_all[STROMA_MODEL_CURVE];
} stroma_model_performance;

/** Harrell's bootstrap: each resample repeats every step. */
typedef struct stroma_model_optimism {
    size_t resamples, failed;
    const char *first_failure;                        /**< why the first failed, or "" */
    stroma_model_figure auc, brier, slope, intercept; /**< corrected; interval: the apparent one
                                                           moved by the optimism (Noma 2021) */
    double auc_optimism, brier_optimism, auc_mcse;
} stroma_model_optimism;

typedef struct stroma_model_cv {
    size_t folds, repeats, failed;
    stroma_model_figure auc, brier, slope, intercept; /**< mean ∓ SD of the repeats */
} stroma_model_cv;

/** What Riley's criteria say of this fit. */
typedef struct stroma_model_budget {
    size_t n, events, parameters, supported;
    double r2_cs;       /**< anticipated Cox-Snell R² */
    size_t n_needed;    /**< for these parameters */
    double risk_margin; /**< half the 95 % interval of the overall risk at this n */
    const char *reason; /**< why more than supported were fitted, or NULL */
} stroma_model_budget;

/** Out-of-fold performance in a group of patients: is the model as good for women as for men? */
typedef struct stroma_model_group {
    const char *column, *level;
    size_t n, events;
    stroma_model_figure auc, observed_expected;
} stroma_model_group;

/** A check on other patients, added by stroma_model_add_validation(). */
typedef struct stroma_model_validation {
    size_t version; /**< of the model that was checked */
    const char *source, *sha256;
    size_t n, events;
    stroma_model_figure auc, brier, intercept, slope, observed_expected;
} stroma_model_validation;

/** Open to read. Everything lives in the arena. */
typedef struct stroma_model {
    stroma_arena arena;
    const char *id, *name, *intended_use, *population; /**< texts may be NULL, id is not */
    const char *stroma_version;
    uint32_t version;   /**< 1, 2, … */
    const char *parent; /**< content hash of the version before, or NULL */
    const char *change; /**< what made this version: "recalibrated intercept", or NULL */
    const char *expiry; /**< "2027-01-31", or NULL */
    const char *sha256; /**< of the content, as read or as written last; NULL before */
    bool simulated;
    const char *landmark;
    int32_t landmark_day, outcome_day;
    const char *outcome_name, *outcome_label, *event;
    stroma_model_input *inputs;
    size_t inputs_len;
    stroma_model_method method;
    stroma_model_missing missing;
    stroma_model_censored censored;
    double alpha, lambda, prior_scale;       /**< NaN where the method has none */
    double level;                            /**< of intervals */
    double intercept, uncorrected_intercept; /**< the second: of Firth, before FLIC; else NaN */
    double *covariance; /**< (1 + inputs)², of intercept and scaled coefficients; or NULL */
    double *draws; /**< draws_len × (1 + inputs): posterior, or refits of resamples; or NULL */
    size_t draws_len;
    const char *draws_are;   /**< "posterior", "bootstrap", or NULL */
    double recalibration[2]; /**< log odds = first + second · (log odds of the fit); 0 and 1 */
    const char *training_source, *training_sha256;
    size_t n, events, incomplete; /**< rows used; rows left out for a missing input */
    size_t added, added_events;   /**< of these, patients that an update brought */
    const char **learned_from;    /**< SHA-256 of the files of recalibrations and updates */
    size_t learned_from_len;
    struct {
        const char *reason;
        size_t n;
    } excluded[STROMA_BIOMARKER_EXCLUDED_MAX];
    size_t excluded_len;
    uint64_t seed;
    stroma_model_budget budget;
    stroma_model_performance apparent;
    stroma_model_optimism optimism;
    stroma_model_cv cv;
    stroma_model_group *groups;
    size_t groups_len;
    stroma_model_validation *validations;
    size_t validations_len;
    double *correlation; /**< inputs² of the scaled inputs of complete rows */
    double *distance;    /**< distance_len, ascending: each training row from the others */
    size_t distance_len;
    size_t folds;
    double *fold_coefficients;  /**< folds × (1 + inputs), for inputs on the scale they enter */
    double *calibration_score;  /**< calibration_len: log odds of a row, from the fold without it */
    uint8_t *calibration_class; /**< 1: with the event */
    uint16_t *calibration_fold;
    size_t calibration_len;
} stroma_model;
/** NULL is fine. */
STROMA_API void stroma_model_free(stroma_model *m);

/** A column that splits patients in groups, for stroma_model_group. All borrowed. */
typedef struct stroma_model_grouping {
    const char *column;
    const size_t *code; /**< of each frame row; SIZE_MAX: not known */
    const char *const *levels;
    size_t levels_len;
} stroma_model_grouping;

typedef struct stroma_model_spec {
    uint32_t version; /**< 1 */
    const char *id, *name, *intended_use, *population, *expiry, *landmark;
    int32_t landmark_day, outcome_day;
    stroma_model_method method;
    stroma_model_missing missing;
    stroma_model_censored censored;
    double lambda;      /**< not positive: chosen by cross-validation */
    double prior_scale; /**< of method bayes, 2.5 */
    double level;
    double r2_cs;            /**< anticipated Cox-Snell R², 0.2; Riley's criteria rest on it */
    const char *over_budget; /**< reason to fit more parameters than supported, or NULL */
    size_t bootstrap;        /**< resamples for the optimism; 0: not asked for */
    size_t folds, repeats;
    uint64_t seed; /**< at most 2^53 */
    int threads;
    bool simulated;
    const stroma_model_grouping *groupings;
    size_t groupings_len;
} stroma_model_spec;
#define STROMA_MODEL_SPEC_INIT                                                                \
    {                                                                                         \
        .version = 1, .landmark_day = STROMA_BIOMARKER_DAY_UNKNOWN,                           \
        .outcome_day = STROMA_BIOMARKER_DAY_UNKNOWN, .lambda = -1, .prior_scale = 2.5,        \
        .level = 0.95, .r2_cs = 0.2, .bootstrap = 500, .folds = 10, .repeats = 10, .seed = 1, \
        .threads = 1                                                                          \
    }

/** Fit a model of the frame's yes/no outcome on all its columns.
 *  @return OK; USAGE (an outcome that is a number, an input dated after the landmark, a bad
 * option), DEGENERATE (the data do not support so many parameters; one class; an input that does
 * not vary), NOMEM, INTERRUPTED. */
STROMA_API STROMA_CHECK stroma_status stroma_model_fit(const stroma_biomarker_frame *f,
                                                       const stroma_model_spec *spec,
                                                       stroma_model **out, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
