/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry_population.h
 *  Numbers about a population of events: shares, medians, spreads, and indices against a control.
 *  Every number says which definition it follows (an id with a revision, which is raised when the
 *  formula changes), how its interval was made, and what to hold against it. Values of markers are
 *  linear and compensated, negatives kept: a median of clipped values is none. @since 0.1 */
#ifndef STROMA_CYTOMETRY_POPULATION_H
#define STROMA_CYTOMETRY_POPULATION_H
#include "stroma/cytometry_gates.h"
#include "stroma/stats_proportion.h"
#ifdef __cplusplus
extern "C" {
#endif

/** What to hold against a number. */
enum {
    STROMA_FLAG_FEW_EVENTS = 1 << 0,        /**< fewer events in the population than the floor */
    STROMA_FLAG_FEW_PARENT_EVENTS = 1 << 1, /**< fewer events in the parent than the floor */
    STROMA_FLAG_VALUES_LEFT_OUT = 1 << 2,   /**< NaN or infinite values were left out */
    STROMA_FLAG_NOT_POSITIVE_LEFT_OUT = 1 << 3, /**< values ≤ 0 have no logarithm */
    STROMA_FLAG_RESAMPLES_FAILED = 1 << 4,      /**< some resamples had no value */
    STROMA_FLAG_CONTROL_NEAR_ZERO = 1 << 5,     /**< the interval of the control's median holds 0 */
    STROMA_FLAG_CONTROL_PARENT = 1 << 6,        /**< the control was read in an ancestor, since the
                                                     population is gated on the marker itself */
    STROMA_FLAG_CONTROL_UNDATED = 1 << 7,       /**< the visit of the control is not known */
    STROMA_FLAG_CONTROL_OTHER_DAY = 1 << 8,     /**< a control of another day was allowed */
    STROMA_FLAG_CONTROL_OTHER_PANEL = 1 << 9,   /**< a control of another panel was allowed */
    STROMA_FLAG_HALF_EVENT = 1 << 10,           /**< half an event was added to each count */
    STROMA_FLAG_EXTRAPOLATED = 1 << 11,         /**< beyond the beads of the calibration */
    STROMA_FLAG_DEAD_CELLS_INCLUDED = 1 << 12,  /**< no gate on the way uses the dead-cell marker */
    STROMA_FLAG_NO_DEAD_CELL_MARKER = 1 << 13,  /**< the panel declares none */
    STROMA_FLAG_VOLUME_UNIT = 1 << 14,   /**< $VOL is not in nL, as FCS says, by the evidence */
    STROMA_FLAG_FALLBACK_GATE = 1 << 15, /**< its gate, or one it lies in, is of a fallback */
    STROMA_FLAG_LOW_CONFIDENCE = 1 << 16 /**< the confidence of such a gate is below 0.2 */
};
/** How many flags there are, and the name of flag number @p i: "few-events", …; NULL beyond. */
STROMA_API const char *stroma_population_flag_name(unsigned i);

/** Finite values of one marker in one population, borrowed; no function changes them. */
typedef struct stroma_population_sample {
    const double *x;
    size_t n;
    size_t left_out; /**< NaN and infinite values that are not among them */
} stroma_population_sample;
/** Move the finite values to the front, in order. @return how many there are */
STROMA_API size_t stroma_population_finite(double *x, size_t n);
/** Quantile of R's type 7, p in 0…1, by selection: O(n), no full sort. NaN for n = 0.
 *  Statuses: USAGE (p), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_population_quantile(const stroma_population_sample *s,
                                                                 double p, double *out,
                                                                 stroma_error *err);

/** What a number is. Static; the list is printed by `stroma gate definitions`. */
typedef struct stroma_definition {
    const char *id;                         /**< "mfi" */
    unsigned revision;                      /**< of the formula, from 1 */
    const char *title;                      /**< "median fluorescence intensity" */
    const char *unit;                       /**< "%", "channel units", "cells/µL", "" */
    const char *formula;                    /**< in words and signs */
    const char *interval;                   /**< how its interval is made */
    const char *source;                     /**< paper or document */
    const char *caution;                    /**< when it misleads */
    const struct population_recipe *recipe; /**< private; NULL: has a function of its own */
} stroma_definition;
STROMA_API const stroma_definition *stroma_definitions(size_t *n);
/** By id ("mfi", or "mfi/1" of this revision); NULL: none. */
STROMA_API const stroma_definition *stroma_definition_find(const char *id);

/** One number. */
typedef struct stroma_population_value {
    const stroma_definition *definition;
    double value, lower, upper; /**< NaN: none */
    double level;
    const char *interval; /**< how it was made: "Wilson", "order statistics", … or "" */
    const char *reason;   /**< why there is no value, or no interval, or "" */
    unsigned flags;
    size_t n, left_out; /**< values of the marker that entered, and that could not */
    size_t resamples, resamples_failed;
} stroma_population_value;

typedef struct stroma_population_options {
    uint32_t version;
    double level; /**< of the intervals */
    stroma_proportion_method fraction_interval;
    bool bootstrap_quantiles; /**< intervals of quantiles by the bootstrap too */
    size_t resamples;         /**< 0: no bootstrap */
    uint64_t seed;
    uint64_t event_floor;  /**< fewer events are flagged */
    uint64_t parent_floor; /**< fewer events in the parent are flagged */
} stroma_population_options;
#define STROMA_POPULATION_OPTIONS_INIT                                              \
    {                                                                               \
        .version = 1, .level = 0.95, .fraction_interval = STROMA_PROPORTION_WILSON, \
        .resamples = 2000, .seed = 1, .event_floor = 50, .parent_floor = 10000      \
    }

/** What a number is asked of. */
typedef struct stroma_population_question {
    const char *name;                         /**< picks the random numbers: file, population and
                                                   marker; NULL is "" */
    uint64_t count, of_count;                 /**< events, and events of what it is a share of */
    const stroma_population_sample *marker;   /**< in the population */
    const stroma_population_sample *control;  /**< the same marker in the FMO or isotype tube */
    const stroma_population_sample *negative; /**< in the negative population; NULL: the control */
} stroma_population_question;

/** Compute a number by its definition. What cannot be computed is a value with a reason. Medians
 *  and other quantiles have the exact interval by order statistics (Hahn & Meeker 1991 §5.2),
 *  shares the one asked for, means Student's t; indices have the percentile bootstrap over events,
 *  in which the order statistics of a resample are drawn from their joint distribution instead of
 *  by copying events (Devroye 1986 §V.3), so that a million events cost no more than a thousand.
 *  Statuses: USAGE (bad options; a definition that has a function of its own), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_population_compute(
    const stroma_definition *d, const stroma_population_question *q,
    const stroma_population_options *opts, stroma_population_value *out, stroma_error *err);
/** Which of marker, control and negative a definition looks at. */
STROMA_API bool stroma_definition_needs_marker(const stroma_definition *d);
STROMA_API bool stroma_definition_needs_control(const stroma_definition *d);
STROMA_API bool stroma_definition_needs_negative(const stroma_definition *d);
/** count / of_count in percent with flags for the floors: definition "percent". */
STROMA_API STROMA_CHECK stroma_status
stroma_population_percent(uint64_t count, uint64_t of_count, const stroma_population_options *opts,
                          stroma_population_value *out, stroma_error *err);

/** Percent less the percent of the control in the same gates, with Newcombe's interval: definition
 *  "percent_net". May lie below 0. Statuses: USAGE (a count above its parent). An empty parent, of
 *  either: no value. */
STROMA_API STROMA_CHECK stroma_status stroma_population_percent_net(
    uint64_t count, uint64_t of_count, uint64_t control, uint64_t of_control,
    const stroma_population_options *opts, stroma_population_value *out, stroma_error *err);

/** Sees the values of one column in one population. @p population and @p column are indices into
 *  what was asked. The sample ends with the call. */
typedef stroma_status (*stroma_population_fn)(void *context, size_t population, size_t column,
                                              const stroma_population_sample *s, stroma_error *err);
/** Read columns block by block and hand over the values of each in each population, column by
 *  column. Memory: as many columns at a time as fit into @p limit_bytes (at least one), and of
 *  those only events that are in one of the populations.
 *  @param gate indices into the membership, SIZE_MAX: all events
 *  Statuses: those of the column reader and of @p fn, USAGE, INTERRUPTED, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_population_visit(
    const stroma_fcs_dataset *d, const stroma_membership *m, const size_t *gate, size_t populations,
    const stroma_event_column *columns, size_t k, size_t limit_bytes, stroma_population_fn fn,
    void *context, stroma_error *err);
/** Whether a gate, one that its events must pass, or one of a boolean gate among them has one of
 *  these channels as a dimension. @param names n names of the channel: detector, fluorochrome */
STROMA_API STROMA_CHECK stroma_status stroma_population_uses_channel(const stroma_gate_set *s,
                                                                     size_t gate,
                                                                     const char *const *names,
                                                                     size_t n, bool *out,
                                                                     stroma_error *err);
/** The nearest of @p gate and its ancestors for which that is not so; SIZE_MAX: all events. */
STROMA_API STROMA_CHECK stroma_status stroma_population_without_channel(const stroma_gate_set *s,
                                                                        size_t gate,
                                                                        const char *const *names,
                                                                        size_t n, size_t *out,
                                                                        stroma_error *err);
/** Codes of the findings about populations, STROMA-POP-nnn. */
STROMA_API const stroma_code *stroma_population_codes(size_t *n);
#ifdef __cplusplus
}
#endif
#endif
