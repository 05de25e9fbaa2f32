/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file study_biomarker.h
 *  How a study hands its questions about biomarkers to the module that answers them. `study` knows
 *  subjects, visits and derivations: it resolves an entry of `biomarkers:` into arrays, with the
 * time guard applied, and stores what comes back in study.db. It does not know how the question is
 *  answered: the caller of stroma_study_run() gives that as a function, usually
 *  stroma_biomarker_answer(). @since 0.1 */
#ifndef STROMA_STUDY_BIOMARKER_H
#define STROMA_STUDY_BIOMARKER_H
#include "stroma/memory.h"
#include "stroma/stats.h"
#include "stroma/table.h"
#ifdef __cplusplus
extern "C" {
#endif
enum { STROMA_STUDY_DAY_UNKNOWN = INT32_MIN };

/** One parameter at one visit, a value a subject. */
typedef struct stroma_study_variable {
    const char *name; /**< "ifn_gamma_pg_ml@W0"; the id alone where it belongs to the subject */
    const char *param, *visit;                /**< ids; visit NULL: of the subject */
    const char *label, *unit, *assay;         /**< assay may be NULL */
    double lloq, uloq, range_low, range_high; /**< NaN where not declared */
    bool log_scale, negative_control;
    bool flag;      /**< 0 or 1 */
    bool in_family; /**< false: named by a cut-off or the model only, not screened */
    int32_t day;    /**< nominal study day of the latest visit behind it, or …UNKNOWN */
    /** Why it may not be tested against the outcome (time guard), or NULL. */
    const char *circular;
    double *value;  /**< n: the number, the limit where censored, NaN where there is none */
    uint8_t *state; /**< n of ::stroma_cell_state */
} stroma_study_variable;

/** A cut-off is an object: value, direction, assay and where it comes from. */
typedef struct stroma_study_cutoff {
    size_t variable;
    double value;
    bool below, inclusive; /**< positive: x > value; below: x < value; inclusive: also = */
    bool search;           /**< the value is to be found in these data; value is NaN */
    const char *origin;    /**< "prespecified", "literature" or "found_here" */
    const char *source, *assay, *label; /**< may be NULL */
} stroma_study_cutoff;

/** Events that may make a marker rise by themselves, as an infection does: how many rises have one
 *  in the days up to them. */
typedef struct stroma_study_other_cause {
    const char *label; /**< "Serious infection" */
    double days;       /**< how long before the rise one counts, ≥ 0 */
    bool leave_out;    /**< rises that have one are not aligned */
    size_t n;
    const size_t *subject;      /**< n: index into the question's subjects */
    const double *first, *last; /**< n: study days; last = first where no end is recorded */
    size_t undated;             /**< such events without a day: they cannot be placed */
} stroma_study_other_cause;

/** A marker and a response over the visits, for analyses aligned at the marker's rise. */
typedef struct stroma_study_alignment {
    const char *marker, *response; /**< labels with units */
    double above;                  /**< the rise: first value above this; NaN: by fold */
    double fold;                   /**< the rise: first value at least fold × baseline; NaN */
    bool marker_log, response_log; /**< declared to be looked at as logarithms */
    bool expect_fall;              /**< of the response after the rise, as declared */
    size_t visits;
    const int32_t *visit_day; /**< visits nominal days */
    /** n × visits, subject by subject; NaN where there is none */
    const double *marker_value, *response_value;
    const uint8_t *marker_state, *response_state;
    const double *day; /**< n × visits: actual study day, NaN where not recorded */
    const stroma_study_other_cause *other_cause; /**< or NULL: not asked */
} stroma_study_alignment;

/** Is there anything to predict? Change of the outcome's scale in everybody treated and untreated.
 */
typedef struct stroma_study_heterogeneity {
    const char *label, *unit; /**< "DAS28-ESR, week 12" */
    size_t n;
    const double *change, *baseline; /**< n, both present */
    const uint8_t *treated;          /**< n; NULL: no control arm */
    double measurement_sd;           /**< SD of one measurement of a stable subject, NaN unknown */
    const char *measurement_source;  /**< where that comes from, or NULL */
    double responder_drop; /**< a change ≤ −this counts as response; NaN: not declared */
    bool eular;            /**< the rule is EULAR good or moderate */
} stroma_study_heterogeneity;

typedef struct stroma_study_model {
    const char *method;       /**< "firth", "ridge", "lasso", "elastic_net", "bayes" */
    const size_t *predictors; /**< indices of variables */
    size_t predictors_len;
    const char *intended_use, *over_budget; /**< or NULL */
    size_t bootstrap, folds, repeats;       /**< 0: default */
} stroma_study_model;

enum { STROMA_STUDY_EXCLUDED_MAX = 12 };
/** One entry of `biomarkers:`, resolved. Everything is borrowed. */
typedef struct stroma_study_biomarker {
    const char *id, *label, *question; /**< question as in stroma_biomarker_question_name() */
    const char *landmark, *landmark_label;
    int32_t landmark_day, outcome_day;
    bool outcome_is_later; /**< its visit comes after the landmark, also where days are not known */
    const char *outcome_label, *event_label; /**< event_label NULL: the outcome is a number */
    const char *source, *sha256;             /**< study file */
    bool simulated;
    size_t n;
    const char **subject;
    double *outcome;         /**< n: 0/1 or a number, always present */
    uint8_t *treated;        /**< n, or NULL: one arm, or no arms */
    size_t *batch;           /**< n codes, or NULL */
    const char **batch_name; /**< batches_len */
    size_t batches_len;
    struct {
        const char *reason;
        size_t n;
    } excluded[STROMA_STUDY_EXCLUDED_MAX];
    size_t excluded_len;
    stroma_study_variable *variables;
    size_t variables_len;
    stroma_study_cutoff *cutoffs;
    size_t cutoffs_len;
    stroma_study_alignment *alignments;
    size_t alignments_len;
    const stroma_study_heterogeneity *heterogeneity; /**< or NULL: not declared */
    const stroma_study_model *model;                 /**< or NULL */
    const char *statistic;                           /**< "wilcoxon" or "t" */
    const char *direction;                           /**< "higher", "lower" or "two_sided" */
    size_t permutations;
    size_t looks; /**< tests among which this question was chosen, 0: those of the family */
    double level;
    uint64_t seed;
    int threads;
} stroma_study_biomarker;

/** One test or estimate to stand in the run's list. */
typedef struct stroma_study_answer_result {
    const char *label;
    size_t variable; /**< or SIZE_MAX */
    stroma_stat stat;
    double p_adjusted;         /**< NaN: not part of a family */
    const char *adjust_method; /**< "max-T", or "none" */
    const char *reason;        /**< or NULL: that of stat */
} stroma_study_answer_result;

typedef struct stroma_study_answer_candidate {
    size_t variable, result; /**< result: index into results, SIZE_MAX none */
    size_t n_used, n_below, n_above, n_missing;
    double p_max_t, q;  /**< NaN where not tested */
    const char *flags;  /**< JSON array of texts, or NULL */
    const char *reason; /**< why not tested, or NULL */
} stroma_study_answer_candidate;

/** A point of a curve for the report. */
typedef struct stroma_study_answer_point {
    const char *kind;   /**< "roc", "calibration", "decision_curve", "alignment", "cutoff", … */
    const char *series; /**< which line: a candidate, "treat all", … */
    double x, y, lower, upper; /**< NaN where there is none */
    int64_t n;                 /**< subjects behind it, −1 none */
    const char *label;         /**< or NULL */
} stroma_study_answer_point;

typedef struct stroma_study_answer_text {
    const char *kind; /**< "heterogeneity" (head of the section), "note", "cannot_conclude" */
    const char *title, *text;
} stroma_study_answer_text;

#define STROMA_STUDY_LIST_(type) \
    struct {                     \
        type *items;             \
        size_t len, capacity;    \
    }
/** What comes back. Texts are static or live in @p arena; the arrays grow with stroma_grow() and
 *  are freed by `study`. */
typedef struct stroma_study_answer {
    stroma_arena *arena;
    const char *refused;      /**< why there is no answer at all, or NULL */
    const char *settings;     /**< JSON: methods, permutations, seed; or NULL */
    const char *model;        /**< model.json, or NULL */
    const char *model_card;   /**< JSON of the card's items, or NULL */
    const char *model_reason; /**< why there is no model though one was asked for, or NULL */
    STROMA_STUDY_LIST_(stroma_study_answer_result) results;
    STROMA_STUDY_LIST_(stroma_study_answer_candidate) candidates;
    STROMA_STUDY_LIST_(stroma_study_answer_point) points;
    STROMA_STUDY_LIST_(stroma_study_answer_text) texts;
} stroma_study_answer;

/** Answer one question. What the data do not allow is said in @p out; a status other than OK ends
 *  the run. */
typedef stroma_status (*stroma_study_biomarker_fn)(const stroma_study_biomarker *q,
                                                   stroma_study_answer *out, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
