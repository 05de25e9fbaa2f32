/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry_transform.h
 *  Display scales of flow cytometry. Gating-ML 2.0 scales put T at 1.0; FlowJo's biex counts
 *  channels. @since 0.1 */
#ifndef STROMA_CYTOMETRY_TRANSFORM_H
#define STROMA_CYTOMETRY_TRANSFORM_H
#include "stroma/memory.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef enum stroma_transform_kind {
    STROMA_TRANSFORM_LINEAR,   /**< flin(x; T, A) = (x + A) / (T + A) */
    STROMA_TRANSFORM_LOG,      /**< flog(x; T, M) = log10(x / T) / M + 1; x ≤ 0 gives −∞ */
    STROMA_TRANSFORM_ASINH,    /**< fasinh(x; T, M, A) */
    STROMA_TRANSFORM_LOGICLE,  /**< Moore & Parks 2012 Cytometry A 81:273 */
    STROMA_TRANSFORM_HYPERLOG, /**< Bagwell 2005 Cytometry A 64:34 */
    STROMA_TRANSFORM_BIEX /**< FlowJo: a table of 4096 channels (0 … 4095, values between them by
                             straight lines, those beyond it on its ends); T = range, M = positive
                             decades, A = negative decades, W = width as FlowJo writes it (< 0) */
} stroma_transform_kind;

/** A scale, ready to use. Fill with stroma_transform_make(); copy freely (BIEX shares its table,
 *  which the arena given there owns). */
typedef struct stroma_transform {
    const char *id; /**< may be NULL */
    stroma_transform_kind kind;
    double t, w, m, a;
    double bound_min, bound_max; /**< transformed values are clamped to these; ∓∞ when open */
    /** Coefficients of the curve (src/cytometry/transform_curve.h); stroma_transform_make() knows
     *  them. */
    double k_b, k_per_b, k_x1, k_unit, k_per_unit, k_q, k_per_q, k_r, k_per_slope;
    double k_start[8];   /**< polynomial that starts the solution */
    int k_more_steps;    /**< beyond two, for widths of many decades */
    const double *table; /**< of BIEX: linear values of the channels */
    size_t table_len;
} stroma_transform;

/** Check the parameters and compute the coefficients. Bounds are left open.
 *  Legal: T > 0; LOG: M > 0; ASINH: M > 0, 0 ≤ A ≤ M; LINEAR: 0 ≤ A ≤ T; LOGICLE: M > 0, 0 ≤ W ≤
 * M/2, −W ≤ A ≤ M − 2W; HYPERLOG as LOGICLE with W > 0. A scale of so many decades that its curve
 * leaves the range of doubles is refused too. Parameters a scale does not have are ignored.
 *  @param arena for BIEX; may be NULL else
 *  Statuses: USAGE (a parameter is not legal; the message names it), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_transform_make(stroma_transform_kind kind, double t,
                                                            double w, double m, double a,
                                                            stroma_arena *arena,
                                                            stroma_transform *out,
                                                            stroma_error *err);
/** Linear → scale, clamped to the bounds. NaN stays NaN, infinities stay (BIEX: its ends).
 *  |error| ≤ 2e-15 for LOGICLE and HYPERLOG within ±T (beyond: 2e-15 of y). */
STROMA_API double stroma_transform_value(const stroma_transform *t, double x);
/** The same for an array, by vector kernels whose results are identical on every CPU level;
 *  @p y may be @p x. */
STROMA_API void stroma_transform_values(const stroma_transform *t, const double *x, size_t n,
                                        double *y);
/** Scale → linear; the bounds do not matter. What the rounding of y leaves of x near 0 is kept. */
STROMA_API double stroma_transform_inverse(const stroma_transform *t, double y);
/** Strictly increasing on the whole line (LOG: where it is finite), so that an edge on the scale
 * may be turned into one in linear units. Not BIEX, which is flat beyond its table. */
STROMA_API bool stroma_transform_is_monotone(const stroma_transform *t);
/** "logicle", …; never NULL. */
STROMA_API const char *stroma_transform_kind_name(stroma_transform_kind kind);
/** Width of a logicle scale from the negatives of a panel, never of a sample: W = (M −
 *  log10(T / |r|)) / 2, r the 5th percentile of the negative values (Parks 2006), clamped to [0,
 * M/2].
 *  @param x n pooled linear values; those ≥ 0 and those that are not finite are left out
 *  @return 0.5 when fewer than 20 are left */
STROMA_API double stroma_transform_logicle_width(const double *x, size_t n, double t, double m);
#ifdef __cplusplus
}
#endif
#endif
