/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file report_prediction.h
 *  The page for one more patient: what a model says, how sure it may be, from which values, and
 * what would change the answer. One self-contained HTML file without scripts; nothing is fetched.
 * It prints what it is given and computes nothing but positions. For research use only. @since 0.1
 */
#ifndef STROMA_REPORT_PREDICTION_H
#define STROMA_REPORT_PREDICTION_H
#include "stroma/buffer.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
/** One input of one patient. Texts are plain; NULL where there is none. */
typedef struct stroma_page_input {
    const char *label, *unit;
    const char *typed;  /**< "< 0.4", "2.3", or NULL: missing */
    const char *used;   /**< how it entered: "as measured", "expected below the limit", … */
    double value;       /**< that was used, in the unit; NaN: none */
    double quantile[5]; /**< 5, 25, 50, 75 and 95 % of the training patients; NaN: none */
    double minimum, maximum;
    bool log_scale;      /**< the strip is drawn on a log axis */
    bool out_of_range;   /**< beyond the training patients */
    const char *changes; /**< "above 3.1 the set becomes: cannot tell", or NULL */
} stroma_page_input;

typedef struct stroma_page_patient {
    const char *id;
    const char *reason;               /**< why there is no answer, or NULL */
    double probability, lower, upper; /**< fractions */
    double level, set_level;          /**< fractions */
    const char *interval_method;
    const char *set;      /**< the set in words: "responder", "cannot tell", … */
    const char *distance; /**< "nearer than 63 % of the training patients", or NULL */
    const stroma_page_input *inputs;
    size_t inputs_len;
    const char *const *notes; /**< further sentences: what was missing, which limits apply */
    size_t notes_len;
} stroma_page_patient;

typedef struct stroma_prediction_page {
    const char *title;        /**< of the model */
    const char *outcome;      /**< what the probability is of */
    const char *landmark;     /**< "baseline", or NULL */
    double event_rate;        /**< share with the event in training; NaN: none */
    const char *const *model; /**< sentences on the model: made from, worth, version */
    size_t model_len;
    const char *const *limits; /**< what the page cannot say */
    size_t limits_len;
    bool simulated;
    const stroma_page_patient *patients;
    size_t patients_len;
} stroma_prediction_page;

/** Append the page. Texts are escaped. Statuses: NOMEM (also beyond the buffer's limit). */
STROMA_API STROMA_CHECK stroma_status stroma_report_prediction(const stroma_prediction_page *p,
                                                               stroma_buffer *html,
                                                               stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
