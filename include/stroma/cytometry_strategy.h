/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry_strategy.h
 *  Gating strategies: a tree of populations in terms of markers, each with the method that finds
 *  its gate (docs/formats/strategy-file.md). Applied to a sample, a strategy gives a gate set that
 *  is evaluated and written as any other. All methods are deterministic. @since 0.1 */
#ifndef STROMA_CYTOMETRY_STRATEGY_H
#define STROMA_CYTOMETRY_STRATEGY_H
#include "stroma/cytometry_gates.h"
#include "stroma/cytometry_panel.h"
#ifdef __cplusplus
extern "C" {
#endif

/** A number that the papers report from these populations: what `stroma gate` and the study
 *  compute. Texts are those of the file; NULL where it says nothing. */
typedef struct stroma_gating_index {
    const char *id, *label;
    const char *population;
    const char
        *statistic;     /**< "percent", "log_ratio", or a definition of `stroma gate definitions` */
    const char *of;     /**< percent: 100 % are the events of this population */
    const char *over;   /**< log_ratio: population in the denominator */
    const char *marker; /**< whose fluorescence is measured */
    const char *source;
    double at_least, at_most; /**< a criterion to be met, in the unit of the statistic; NaN none */
} stroma_gating_index;

typedef struct stroma_gating_strategy stroma_gating_strategy;
/** From a file, or by the name of a shipped strategy. Statuses: IO, MALFORMED, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_gating_strategy_read(const char *path_or_name,
                                                                  stroma_diag *diag,
                                                                  stroma_gating_strategy **out,
                                                                  stroma_error *err);
STROMA_API STROMA_CHECK stroma_status stroma_gating_strategy_parse(const char *text, size_t size,
                                                                   const char *name,
                                                                   stroma_diag *diag,
                                                                   stroma_gating_strategy **out,
                                                                   stroma_error *err);
STROMA_API void stroma_gating_strategy_free(stroma_gating_strategy *s);
STROMA_API const char *stroma_gating_strategy_id(const stroma_gating_strategy *s);
STROMA_API const char *stroma_gating_strategy_title(const stroma_gating_strategy *s);
/** Panel that the strategy names (shipped, or a file beside it), or NULL. */
STROMA_API const char *stroma_gating_strategy_panel(const stroma_gating_strategy *s);
STROMA_API const stroma_gating_index *
stroma_gating_strategy_indices(const stroma_gating_strategy *s, size_t *n);
/** Add the strategy's markers to a panel that does not have them. Statuses: NOMEM. */
STROMA_API STROMA_CHECK stroma_status
stroma_gating_strategy_markers(const stroma_gating_strategy *s, stroma_panel *p, stroma_error *err);

/** A tube stained with everything but one marker. */
typedef struct stroma_gating_control {
    const char *marker;
    stroma_panel_tube tube;
} stroma_gating_control;

typedef struct stroma_gating_input {
    const stroma_gating_strategy *strategy;
    const stroma_panel *panel; /**< with the strategy's markers, scales fitted */
    stroma_panel_tube sample;
    const stroma_gating_control *fmo;
    size_t fmo_len;
    const stroma_panel_tube *reference; /**< or NULL */
    int threads;                        /**< 0 is 1; the gates do not depend on it */
} stroma_gating_input;

typedef enum stroma_gating_state {
    STROMA_GATING_FOUND,         /**< by the method that the strategy names first */
    STROMA_GATING_DOUBTFUL,      /**< by that method, with a confidence below STROMA_GATING_DOUBT */
    STROMA_GATING_FALLBACK,      /**< by a declared fallback; reason says why */
    STROMA_GATING_DRAWN,         /**< fixed in the strategy */
    STROMA_GATING_NOT_ESTIMABLE, /**< no gate; reason says why */
    STROMA_GATING_LEFT_OUT       /**< optional, and a marker of it is not in the file */
} stroma_gating_state;

/** Below this confidence an edge is doubtful, whichever method found it (STROMA-LEARN-009): a
 * valley less than a fifth deep is a dent. */
#define STROMA_GATING_DOUBT 0.2

/** One edge of one population; a population with two channels has two. Texts live in the result's
 *  gate set, the strategy and the panel. */
typedef struct stroma_gating_row {
    const char *population, *parent; /**< ids; parent "all" */
    const char
        *quadrant; /**< of a region that has no gate, the quadrant it belongs to; else NULL */
    const char *marker, *channel; /**< NULL of a boolean population */
    stroma_gating_state state;
    const char *declared, *method; /**< the method named, and the one that answered or NULL */
    double lower, upper;           /**< on the scale; ∓∞ open, NaN: another shape, or none */
    double lower_linear, upper_linear;
    double confidence;            /**< 0 … 1; NaN: drawn */
    const char *confidence_means; /**< in words, or NULL */
    uint64_t n_parent;
    const char *reason; /**< or "" */
} stroma_gating_row;

typedef struct stroma_gating_result {
    stroma_gate_set
        gates; /**< dialect "stroma"; populations that are not estimable are not in it */
    stroma_gating_row *rows;
    size_t rows_len, rows_capacity;
    size_t not_estimable; /**< populations */
} stroma_gating_result;
/** Find the gates of a strategy in one sample. A method that finds nothing hands over to the
 *  fallback that the strategy declares (finding STROMA-LEARN-004); a confidence below
 *  STROMA_GATING_DOUBT is finding STROMA-LEARN-009. Else the population is not
 *  estimable (STROMA-LEARN-005), and so are those below it.
 *  Statuses: INCONSISTENT (a marker of the strategy is not in the data set), those of
 *  stroma_gates_evaluate(), INTERRUPTED, NOMEM. @p out is initialised here, also on failure. */
STROMA_API STROMA_CHECK stroma_status stroma_gating_learn(const stroma_gating_input *in,
                                                          stroma_gating_result *out,
                                                          stroma_diag *diag, stroma_error *err);
STROMA_API void stroma_gating_result_clear(stroma_gating_result *r);
/** State of a gate made of the edges of a population: the worst of theirs. Its rows
 *  stand one after the other from @p first. */
STROMA_API stroma_gating_state stroma_gating_worst(const stroma_gating_result *r, size_t first);
/** "found", "doubtful", "fallback", "drawn", "not_estimable", "left_out". */
STROMA_API const char *stroma_gating_state_name(stroma_gating_state s);

/** Edges of one panel's samples, kept to be compared. */
typedef struct stroma_gating_edges stroma_gating_edges;
/** Keep the edges of a result; texts are copied. @param edges NULL at first, freed by the caller
 *  @param file as findings name it. Statuses: NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_gating_edges_add(stroma_gating_edges **edges,
                                                              const char *file,
                                                              const stroma_gating_result *r,
                                                              stroma_error *err);
/** A finding STROMA-LEARN-010 for each edge far from the median of the same edge in all files: more
 *  than 3.5 robust standard deviations (1.4826 MAD, but at least 0.02 of the scale), of three files
 *  or more (Iglewicz and Hoaglin 1993, How to detect and handle outliers, 3.5 for 0.6745 d / MAD).
 *  @param edges or NULL: none. Statuses: NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_gating_edges_compare(const stroma_gating_edges *edges,
                                                                  stroma_diag *diag,
                                                                  stroma_error *err);
STROMA_API void stroma_gating_edges_free(stroma_gating_edges *edges);

/** Names of the shipped strategies, and the text of one (NULL: none of that name). */
STROMA_API const char *const *stroma_gating_strategies(size_t *n);
STROMA_API const char *stroma_gating_strategy_text(const char *name);
/** A method as `stroma gate strategies --methods` lists it. */
typedef struct stroma_gating_method {
    const char *name, *what, *confidence;
} stroma_gating_method;
STROMA_API bool stroma_gating_method_get(size_t i, stroma_gating_method *out);
/** Reference of the file's keys, Markdown. */
STROMA_API void stroma_gating_strategy_keys(stroma_buffer *out);
/** Codes of the findings of learning, STROMA-LEARN-nnn. */
STROMA_API const stroma_code *stroma_gating_codes(size_t *n);
#ifdef __cplusplus
}
#endif
#endif
