/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry_density.h
 *  Histograms of events on display scales, of one or two dimensions, and the ticks of their axes.
 *  Events are binned once; what is drawn from them is then light for any number of samples.
 *  @since 0.1 */
#ifndef STROMA_CYTOMETRY_DENSITY_H
#define STROMA_CYTOMETRY_DENSITY_H
#include "stroma/buffer.h"
#include "stroma/cytometry_compensation.h"
#include "stroma/cytometry_transform.h"
#ifdef __cplusplus
extern "C" {
#endif

/** Bins of equal width from low to high, on the scale of the axis. */
typedef struct stroma_density_axis {
    stroma_event_column column;
    const stroma_transform *transform; /**< NULL: linear values as they are */
    double low, high;                  /**< on the scale, low < high */
    size_t bins;                       /**< 1 … STROMA_DENSITY_BINS_MAX */
} stroma_density_axis;
enum { STROMA_DENSITY_BINS_MAX = 1024 };

/** What to count: events of a gate on one or two axes. */
typedef struct stroma_density_job {
    const stroma_density_axis *x, *y; /**< y NULL: a histogram of x alone */
    const uint64_t *bits; /**< event e is counted when bit e % 64 of word e / 64 is set, as in
                             stroma_membership; NULL: all events */
} stroma_density_job;

/** Counts, row by row from the lowest y: bin (i, j) is counts[j × n_x + i]. An event beyond an end
 *  is counted in the outermost bin, and noted. */
typedef struct stroma_density {
    size_t n_x, n_y; /**< n_y 1 of a histogram */
    uint64_t *counts;
    uint64_t n_events;      /**< in the bins */
    uint64_t n_not_numbers; /**< left out: NaN, or no place on the scale (log of a number ≤ 0) */
    uint64_t x_below, x_above, y_below, y_above; /**< of n_events; a value at high is above */
    uint64_t highest;                            /**< the fullest bin */
} stroma_density;

/** Count for all jobs in one pass over the events; a column that several jobs use is read and
 *  transformed once.
 *  @param first,n events first … first + n − 1; bits of the jobs go by the event of the data set
 *  @param out jobs_len densities, to be cleared one by one; all empty after a failure
 *  Statuses: USAGE (an axis without bins or with low ≥ high), INTERRUPTED, NOMEM, and those of
 *  reading. */
STROMA_API STROMA_CHECK stroma_status stroma_density_count(const stroma_fcs_dataset *d,
                                                           uint64_t first, uint64_t n,
                                                           const stroma_density_job *jobs,
                                                           size_t jobs_len, stroma_density *out,
                                                           stroma_error *err);
STROMA_API void stroma_density_clear(stroma_density *d);
/** The counts as text: whole numbers with a blank between; −k stands for k empty bins. */
STROMA_API void stroma_density_pack(const stroma_density *d, stroma_buffer *out);
/** The reverse. @param n how many bins there must be. Statuses: MALFORMED (no such text). */
STROMA_API STROMA_CHECK stroma_status stroma_density_unpack(const char *text, size_t n,
                                                            uint64_t *counts, stroma_error *err);

/** Ends of an axis on the scale: 0 to 1, or to the last channel of BIEX; where 0 lies at the lower
 *  end (ASINH with A = 0, …) a decade of negative values is added. Without a scale: 0 to @p range
 *  ($PnR, above 0). */
STROMA_API void stroma_density_range(const stroma_transform *t, double range, double *low,
                                     double *high);

typedef struct stroma_density_tick {
    double at;      /**< on the scale */
    double linear;  /**< the value it stands for */
    char label[24]; /**< "−10³", "0", "50K"; "" of a minor tick */
} stroma_density_tick;
enum { STROMA_DENSITY_TICKS_MAX = 192 };
/** Ticks from @p low to @p high, rising. Scales with a linear part around 0 get 0, whole decades
 *  with a label, and their multiples without; labels that would touch their neighbour are left
 *  out, the one of 0 last. Linear axes get round steps.
 *  @param t NULL: linear  @param out STROMA_DENSITY_TICKS_MAX  @return how many */
STROMA_API size_t stroma_density_ticks(const stroma_transform *t, double low, double high,
                                       stroma_density_tick *out);
#ifdef __cplusplus
}
#endif
#endif
