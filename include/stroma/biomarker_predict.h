/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file biomarker_predict.h
 *  What a model says of one more patient, and what it cannot say. For research use only.
 *
 *  Beside the probability with its interval stands a **conformal set**: the classes that cannot be
 *  ruled out at a level. One class is an answer; both mean *cannot tell*; none means that the
 *  patient is unlike anybody in the training data. Sets are class-conditional (Vovk 2013 Mach Learn
 *  92:349) and cross-conformal (Vovk 2015 Ann Math Artif Intell 74:9): the patient is compared with
 *  each training patient of a class by the model of the fold that had not seen that one. There is
 *  no chance in them: of the patients of either class at least @p set_level are covered, and at
 * most 1/(n + 1) more, n the training patients of that class, up to what folds differ.
 *
 *  The coverage is over patients as those in training. It is no statement on one of them.
 *  @since 0.1 */
#ifndef STROMA_BIOMARKER_PREDICT_H
#define STROMA_BIOMARKER_PREDICT_H
#include "stroma/biomarker_model.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_prediction_set {
    STROMA_SET_NONE,     /**< neither: unlike anything in training */
    STROMA_SET_EVENT,    /**< the event, "responder" */
    STROMA_SET_NO_EVENT, /**< not the event */
    STROMA_SET_BOTH      /**< cannot tell */
} stroma_prediction_set;
/** "neither", "event", "no event", "both". Never NULL. */
STROMA_API const char *stroma_prediction_set_name(stroma_prediction_set s);

/** One reported value, in the unit and of the assay of the model. */
typedef struct stroma_predict_value {
    double value;    /**< the limit where the state is BELOW_LIMIT or ABOVE_LIMIT */
    uint8_t state;   /**< of ::stroma_cell_state */
    double variance; /**< of the value, as from a bridge between assays; else 0 */
} stroma_predict_value;

typedef enum stroma_treatment {
    STROMA_TREATED_MEASURED,
    STROMA_TREATED_BELOW,     /**< stands for a value below its limit */
    STROMA_TREATED_ABOVE,     /**< stands for a value above its limit */
    STROMA_TREATED_MEDIAN,    /**< missing; the median of the training rows */
    STROMA_TREATED_REGRESSION /**< missing; expected from the other inputs */
} stroma_treatment;
/** "as measured", "expected below the limit", … Never NULL. */
STROMA_API const char *stroma_treatment_name(stroma_treatment t);

/** How one input entered, and which value of it would change the answer, all others equal. */
typedef struct stroma_predicted_input {
    double used; /**< the value that was used, in the unit of the model */
    stroma_treatment treatment;
    bool out_of_range; /**< beyond the measured training values */
    double half_at;    /**< value at which the probability is 1/2; NaN: not within range */
    double set_at;     /**< nearest value at which the set changes; NaN: not within range */
    bool set_above;    /**< the change is for values above it */
    stroma_prediction_set set_becomes;
} stroma_predicted_input;

typedef struct stroma_prediction {
    bool answered;
    const char *reason; /**< why there is no answer, else ""; static or of the predictor */
    double log_odds, probability, lower, upper, level;
    const char *interval_method;
    stroma_prediction_set set;
    double set_level;
    double p_event, p_no_event;     /**< conformal p-values */
    double distance;                /**< Mahalanobis, in SDs; NaN: the model has none */
    double distance_percentile;     /**< share of training patients that are as near or nearer, % */
    size_t out_of_range;            /**< inputs beyond the training range */
    stroma_predicted_input *inputs; /**< of the predictor: valid until the next call */
} stroma_prediction;

typedef struct stroma_predictor stroma_predictor;
/** @param m borrowed
 *  @param set_level of the conformal set, 0.5 … 0.999
 *  @return OK; USAGE (a bad level), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_predictor_new(const stroma_model *m, double set_level,
                                                           stroma_predictor **out,
                                                           stroma_error *err);
STROMA_API void stroma_predictor_free(stroma_predictor *p);
/** Smooth the sets of the predictions that follow: training patients who are tied with the patient
 *  count as a random part, drawn by Philox from the model's seed and @p index, a number of the
 *  patient's own. The coverage is then exact also where many values are tied, and the set of one
 *  patient depends on chance; what would change it is not given. */
STROMA_API void stroma_predictor_smooth(stroma_predictor *p, uint64_t index);
/** Predict one patient. What has no answer is a result with a reason.
 *  @param values one for each input of the model, in its order */
STROMA_API STROMA_CHECK stroma_status stroma_predict(stroma_predictor *p,
                                                     const stroma_predict_value *values,
                                                     stroma_prediction *out, stroma_error *err);
/** Append the @p i-th thing to know about a prediction. @return false when there is none. */
STROMA_API bool stroma_prediction_note(const stroma_predictor *p, const stroma_prediction *r,
                                       size_t i, stroma_buffer *out);
#ifdef __cplusplus
}
#endif
#endif
