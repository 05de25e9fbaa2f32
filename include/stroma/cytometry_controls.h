/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry_controls.h
 *  A spillover or spectrum matrix out of single-stain controls. @since 0.1 */
#ifndef STROMA_CYTOMETRY_CONTROLS_H
#define STROMA_CYTOMETRY_CONTROLS_H
#include "stroma/cytometry_compensation.h"
#ifdef __cplusplus
extern "C" {
#endif

/** A tube stained with one fluorochrome. */
typedef struct stroma_control {
    const stroma_fcs_dataset *d;
    const char *file;         /**< for messages */
    const char *detector;     /**< $PnN of its own detector */
    const char *fluorochrome; /**< NULL: called as its detector */
} stroma_control;

typedef enum stroma_control_method {
    STROMA_CONTROL_MEDIAN, /**< S_ij = (m⁺_j − m⁻_j) / (m⁺_i − m⁻_i), medians of the positive and of
                              the negative events (Bagwell & Adams 1993 Ann N Y Acad Sci 677:167) */
    STROMA_CONTROL_REGRESSION /**< S_ij = slope of detector j on i over all events, by Huber's
                                 M-estimator (as AutoSpill: Roca 2021 Nat Commun 12:2890) */
} stroma_control_method;

typedef struct stroma_control_options {
    uint32_t version;
    stroma_control_method method;
    bool all_detectors; /**< a column for every detector of the kind (-A, -H) of the controls' own,
                           instead of those alone: a spectrum for unmixing */
    bool all_events;    /**< every event of a control in the gate counts as positive, as flowCore's
                           spillover() has it; needs an unstained tube */
    bool no_scatter_gate; /**< take all events; else those within 1.5 robust standard deviations of
                             the median of forward and side scatter, an ellipse */
} stroma_control_options;
#define STROMA_CONTROL_OPTIONS_INIT \
    {                               \
        .version = 1                \
    }

/** What a control is worth. */
typedef struct stroma_control_quality {
    uint64_t events, in_gate, positive; /**< of those in the gate */
    double threshold;                   /**< positive is above it, in its own detector */
    double positive_median, negative_median;
    double stain_index;    /**< (m⁺ − m⁻) / (2 · robust SD of the negatives) */
    size_t brightest;      /**< detector of the matrix that sees most of it */
    double saturated_frac; /**< of the positives, at the highest value of the channel */
    size_t spread_into;    /**< fluorochrome into which compensated positives spread most */
    double spread; /**< there, √(σ⁺² − σ⁻²) / √(m⁺ − m⁻), σ = 84th percentile − median (Nguyen 2013
                      Cytometry A 83:306); NaN: not estimable */
} stroma_control_quality;

/** The matrix of @p n controls. The negatives are the unstained tube; without one, the dim events
 *  of the same tube, split by Otsu's threshold on an asinh scale, with a finding.
 *  @param unstained may be NULL  @param opts may be NULL
 *  @param quality n of them, or NULL
 *  Statuses: INCONSISTENT (a channel is not in a tube), DEGENERATE (fewer than 50 positive or
 *  negative events, a signal not above the negatives; or the matrix is singular), USAGE (two
 *  controls of one detector; a detector of another kind among all_detectors; all_events without an
 * unstained tube), MALFORMED (ASCII data), NOMEM.
 */
STROMA_API STROMA_CHECK stroma_status stroma_compensation_from_controls(
    const stroma_control *controls, size_t n, const stroma_fcs_dataset *unstained,
    const stroma_control_options *opts, stroma_arena *arena, stroma_diag *diag,
    stroma_compensation *out, stroma_control_quality *quality, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
