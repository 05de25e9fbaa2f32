/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file biomarker_frame.h
 *  What every biomarker method works on: one row a subject, a column for each candidate *as known
 * at the landmark*, and the outcome that comes later. A study makes one from its measurement table,
 * a flat file with stroma_biomarker_frame_read(). Methods do not care which.
 *
 *  A censored value (STROMA_BELOW_LIMIT, STROMA_ABOVE_LIMIT) keeps its limit in `value`; a cell
 *  without a number has NaN there, and the state says why. @since 0.1 */
#ifndef STROMA_BIOMARKER_FRAME_H
#define STROMA_BIOMARKER_FRAME_H
#include "stroma/memory.h"
#include "stroma/table.h"
#ifdef __cplusplus
extern "C" {
#endif
enum { STROMA_BIOMARKER_DAY_UNKNOWN = INT32_MIN };

/** The question a candidate is to answer (BEST glossary, FDA-NIH 2016). */
typedef enum stroma_biomarker_question {
    STROMA_QUESTION_PROGNOSTIC,      /**< known before treatment; goes with the outcome whatever is
                                          given */
    STROMA_QUESTION_PREDICTIVE,      /**< who gains from *this* treatment: needs a control arm and
                                          the interaction */
    STROMA_QUESTION_PHARMACODYNAMIC, /**< changes after treatment; says nothing of the outcome */
    STROMA_QUESTION_EARLY_RESPONSE   /**< known at a landmark after treatment, before the outcome */
} stroma_biomarker_question;
/** "prognostic", "predictive", "pharmacodynamic", "early_response". Never NULL. */
STROMA_API const char *stroma_biomarker_question_name(stroma_biomarker_question q);
/** @return false when no question is called so */
STROMA_API bool stroma_biomarker_question_parse(const char *name, stroma_biomarker_question *out);

/** One candidate. Texts may be NULL where they are not known. */
typedef struct stroma_biomarker_column {
    const char *name;         /**< never NULL: header of a file; "ifn_gamma_pg_ml@W0" of a study */
    const char *label;        /**< as printed; NULL: the name */
    const char *unit, *assay; /**< a model fitted on one assay refuses values of another */
    double lloq, uloq;        /**< limits of quantification in unit; NaN: not declared */
    double range_low, range_high; /**< physically possible values; NaN: not declared */
    bool log_scale;               /**< declared to be analysed as its logarithm */
    bool negative_control;        /**< expected to show nothing; shown apart */
    stroma_biomarker_question question;
    int32_t day;    /**< latest study day that went into it, or STROMA_BIOMARKER_DAY_UNKNOWN */
    double *value;  /**< n */
    uint8_t *state; /**< n of ::stroma_cell_state */
} stroma_biomarker_column;

enum { STROMA_BIOMARKER_EXCLUDED_MAX = 16 };
/** Open to read and to fill. Everything lives in the arena. */
typedef struct stroma_biomarker_frame {
    const char *source; /**< path of the file or study file */
    char sha256[65];    /**< of the source, or "" */
    size_t n;
    const char **subject; /**< n ids */
    stroma_biomarker_column *columns;
    size_t columns_len;
    const char *outcome_name, *outcome_label;
    const char *event;       /**< word of a yes/no outcome that counts as 1; NULL: a number */
    double *outcome;         /**< n: 0 or 1, or a number; always present */
    int32_t outcome_day;     /**< study day, or STROMA_BIOMARKER_DAY_UNKNOWN */
    int32_t landmark_day;    /**< nothing in columns is dated later; or …UNKNOWN */
    const char *landmark;    /**< visit, or NULL */
    uint8_t *treated;        /**< n: 1 treated, 0 control; NULL: no control arm, or not known */
    size_t *batch;           /**< n codes 0 … batches_len-1 (plate, centre), or NULL */
    const char **batch_name; /**< batches_len */
    size_t batches_len;
    size_t *stratum; /**< n codes 0 … strata_len-1; permutations and folds stay inside; or NULL */
    size_t strata_len;
    struct {
        const char *reason;
        size_t n;
    } excluded[STROMA_BIOMARKER_EXCLUDED_MAX]; /**< subjects that did not enter */
    size_t excluded_len;
    bool simulated; /**< every output says so */
    stroma_arena arena;
} stroma_biomarker_frame;

/** An empty frame of @p n subjects and @p columns candidates: names NULL, every value missing.
 *  The arrays treated, batch and stratum are left NULL. Statuses: NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_biomarker_frame_new(size_t n, size_t columns,
                                                                 stroma_biomarker_frame **out,
                                                                 stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_biomarker_frame_free(stroma_biomarker_frame *f);
/** Count a subject that did not enter; @p reason is static or lives in the arena. */
STROMA_API void stroma_biomarker_frame_exclude(stroma_biomarker_frame *f, const char *reason);
/** Index of the column of this name, or SIZE_MAX. */
STROMA_API size_t stroma_biomarker_frame_find(const stroma_biomarker_frame *f, const char *name);

/** Which columns of a flat file are what. All names are borrowed. */
typedef struct stroma_biomarker_frame_spec {
    uint32_t version;    /**< 1 */
    const char *subject; /**< column with unique ids, or NULL: the row number */
    const char *outcome; /**< required */
    const char *event;   /**< word (or number as text) of the outcome that counts as 1; NULL: the
                              outcome is a number */
    const char *arm, *treated; /**< column, and its word for the treated; NULL: no arms */
    const char *batch, *stratum;
    const char *const *candidates; /**< names; len 0: every column of numbers not named above */
    size_t candidates_len;
    const char *const *negative_controls;
    size_t negative_controls_len;
    const char *const *log_scale; /**< names analysed as logarithms; one "*" means all */
    size_t log_scale_len;
    stroma_biomarker_question question; /**< of all candidates */
} stroma_biomarker_frame_spec;
#define STROMA_BIOMARKER_FRAME_SPEC_INIT \
    {                                    \
        .version = 1                     \
    }

/** Fill a frame from a table with one row a subject. Rows without an outcome, or without an arm
 *  where arms are asked for, are left out and counted.
 *  @return OK; USAGE (no such column; a candidate of texts; the event occurs nowhere), INCONSISTENT
 *  (a subject in two rows), DEGENERATE (no row is left, a censored outcome), NOMEM. */
STROMA_API STROMA_CHECK stroma_status
stroma_biomarker_frame_from_table(const stroma_table *t, const stroma_biomarker_frame_spec *spec,
                                  stroma_biomarker_frame **out, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
