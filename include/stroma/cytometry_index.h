/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry_index.h
 *  Numbers made of the numbers of populations: cells per µL, Treg/Th17, calibration by beads,
 *  alignment of visits, and how long a change lasts. @since 0.1 */
#ifndef STROMA_CYTOMETRY_INDEX_H
#define STROMA_CYTOMETRY_INDEX_H
#include "stroma/cytometry_population.h"
#ifdef __cplusplus
extern "C" {
#endif

/** Cells/µL = cells / beads · beads per µL · dilution. Interval: both counts are Poisson, so that
 *  cells given their sum are binomial, and the Clopper-Pearson limits of that share turn into those
 *  of the ratio (Przyborowski & Wilenski 1940 Biometrika 31:313). The lot value counts as exact.
 *  @param beads_per_ul beads in a µL of the tube, from the lot's certificate; > 0
 *  @param dilution µL of the tube that a µL of blood became; ≥ 1 for a dilution, > 0
 *  Statuses: USAGE. Without a bead: no value, with the reason. */
STROMA_API STROMA_CHECK stroma_status stroma_absolute_beads(uint64_t cells, uint64_t beads,
                                                            double beads_per_ul, double dilution,
                                                            const stroma_population_options *opts,
                                                            stroma_population_value *out,
                                                            stroma_error *err);
/** Cells/µL = cells / acquired volume · dilution, with the exact Poisson interval (Garwood 1936
 *  Biometrika 28:437). The volume counts as exact. Statuses: USAGE (volume or dilution not > 0). */
STROMA_API STROMA_CHECK stroma_status stroma_absolute_volume(uint64_t cells, double volume_ul,
                                                             double dilution,
                                                             const stroma_population_options *opts,
                                                             stroma_population_value *out,
                                                             stroma_error *err);

typedef struct stroma_acquired_volume {
    double volume_ul;      /**< NaN: the file does not say */
    const char *keyword;   /**< where it was found, or "" */
    const char *unit;      /**< of that keyword: "nL", "µL", "mL" */
    double rate_ul_min;    /**< with the time from $BTIM to $ETIM; NaN unknown */
    bool against_standard; /**< $VOL is in nL by FCS 3.1; this one cannot be, and µL fits */
} stroma_acquired_volume;
/** The acquired volume of a data set. $VOL is nanolitres (FCS 3.1), so with Attune,
 *  Accuri and MACSQuant; Cytek Aurora writes microlitres there. What the file means is decided by
 *  the flow rate: volume over acquisition time must lie in 0.5 … 2000 µL/min. Findings:
 *  STROMA-POP-006 (taken as µL), -007 (no unit gives a possible rate: no volume). Partec's
 *  P$COUNTVOLUME is millilitres. */
STROMA_API void stroma_acquired_volume_find(const stroma_fcs_dataset *d, const char *file,
                                            stroma_diag *diag, stroma_acquired_volume *out);

/** Two counts to be compared, as Treg and Th17: each out of its parent. */
typedef struct stroma_count_ratio {
    uint64_t numerator, numerator_of;
    uint64_t denominator, denominator_of;
    bool same_parent; /**< one tube: the counts are cells of one multinomial */
    uint64_t few;     /**< with a count below, half an event is added to both; default 20 */
    const char *name; /**< picks the random numbers */
} stroma_count_ratio;
/** ln of the ratio of two shares. With fewer events than `few` in either count, half an event is
 *  added to each count (Anscombe 1956 Biometrika 43:461), so that none is infinite. @p delta: the
 *  interval on the log scale with variance 1/x + 1/y in one parent (of two tubes less 1/N₁ + 1/N₂);
 *  @p bootstrap: percentiles over resampled events, which add the half event in the same way; its
 *  `interval` is "" when opts->resamples is 0. Definition "log_ratio"; exp() of the three numbers
 *  gives the ratio.
 *  Statuses: USAGE (a count above its parent), NOMEM. Both counts 0: no value. */
STROMA_API STROMA_CHECK stroma_status stroma_log_ratio(const stroma_count_ratio *r,
                                                       const stroma_population_options *opts,
                                                       stroma_population_value *delta,
                                                       stroma_population_value *bootstrap,
                                                       stroma_error *err);

/** A peak of a density, and the events from valley to valley around it. */
typedef struct stroma_peak {
    double position;    /**< linear units */
    double median;      /**< of its events */
    double rcv_percent; /**< robust CV of its events */
    uint64_t events;
    double share; /**< of the finite values */
} stroma_peak;
/** The @p k peaks of a density on the scale asinh(x / cofactor), found at the largest bandwidth of
 *  a Gaussian kernel (Silverman 1981 JRSS B 43:97) at which k modes hold at least @p min_share of
 *  the events each. Deterministic, nothing to tune.
 *  @param x n values; those that are not finite are left out
 *  @param cofactor > 0; 0: the 75th percentile of |x| over 100
 *  @param out k peaks, ascending
 *  Statuses: DEGENERATE (no bandwidth gives exactly k; the message says how many it gives), USAGE,
 *  NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_peaks_find(const double *x, size_t n, size_t k,
                                                        double min_share, double cofactor,
                                                        stroma_peak *out, stroma_error *err);

enum { STROMA_BEADS_MAX = 32 };
/** log₁₀(assigned) = intercept + slope · log₁₀(median), least squares over the beads with an
 *  assigned value (Schwartz 1996 Cytometry 26:22). */
typedef struct stroma_bead_calibration {
    size_t beads;                              /**< that entered */
    double median[STROMA_BEADS_MAX];           /**< of these, ascending */
    double assigned[STROMA_BEADS_MAX];         /**< MESF, ABC or MEF of the certificate */
    double residual_percent[STROMA_BEADS_MAX]; /**< 100 · (assigned by the line / assigned − 1) */
    double intercept, slope, r_squared;
    double residual_sd;                    /**< of log₁₀, n − 2 degrees of freedom */
    double log_median_mean, log_median_ss; /**< Σ(x − x̄)², for intervals */
} stroma_bead_calibration;
/** @param median, assigned k; a bead with assigned NaN (the blank) is left out
 *  Statuses: DEGENERATE (fewer than three beads, or all alike), USAGE (a median or an assigned
 *  value ≤ 0; not ascending together). */
STROMA_API STROMA_CHECK stroma_status stroma_bead_calibrate(const double *median,
                                                            const double *assigned, size_t k,
                                                            stroma_bead_calibration *out,
                                                            stroma_error *err);
/** The assigned units that belong to intensity @p x, with the interval of the line there (Student's
 *  t). Definition "mesf". x ≤ 0: no value. Flag EXTRAPOLATED outside of the beads. */
STROMA_API STROMA_CHECK stroma_status stroma_bead_calibrated(const stroma_bead_calibration *c,
                                                             double x,
                                                             const stroma_population_options *opts,
                                                             stroma_population_value *out,
                                                             stroma_error *err);

/** A value on a display scale, moved as the landmarks of its sample moved: between two landmarks by
 *  the straight line that takes both to the reference's, outside by the shift of the outermost
 *  (Hahne 2010 Cytometry A 77:121, with lines for splines).
 *  @param landmark, reference k ascending positions on the scale  @return NaN when k is 0 */
STROMA_API double stroma_landmark_align(double y, const double *landmark, const double *reference,
                                        size_t k);

typedef struct stroma_series_options {
    double tolerance;    /**< a fold change within 1 ± this counts as back; default 0.2 */
    bool needs_interval; /**< a change counts only if the interval of the fold excludes 1 */
} stroma_series_options;
typedef enum stroma_series_kind {
    STROMA_SERIES_UNCHANGED,
    STROMA_SERIES_TRANSIENT, /**< changed, then back at the last visit */
    STROMA_SERIES_LASTING,   /**< changed, and still so at the last visit */
    STROMA_SERIES_UNKNOWN    /**< no baseline, or nothing after it */
} stroma_series_kind;
typedef struct stroma_series {
    stroma_series_kind course;
    int direction; /**< −1 fell, 1 rose, 0 unchanged: of the largest change on the log scale */
    double extreme_fold, extreme_day;
    double changed_day;      /**< first visit that is changed; NaN none */
    double last_changed_day; /**< NaN none */
    double recovered_day;    /**< first visit from which all are back; NaN none. Recovery lies after
                                  last_changed_day and at recovered_day at the latest */
} stroma_series;
/** Fold changes over the baseline and what they say of the course.
 *  @param day n ascending days; the baseline is the last one ≤ 0
 *  @param value n values > 0; NaN is a visit without one
 *  @param lower, upper of the values, or NULL: only the tolerance decides. The interval of a fold
 *  is made on the log scale from both, as if independent.
 *  @param fold, fold_lower, fold_upper n, filled here; the last two may be NULL
 *  Statuses: USAGE (days not ascending, a value ≤ 0, a tolerance outside 0 … 1). */
STROMA_API STROMA_CHECK stroma_status
stroma_series_course(const double *day, const double *value, const double *lower,
                     const double *upper, size_t n, const stroma_series_options *opts, double *fold,
                     double *fold_lower, double *fold_upper, stroma_series *out, stroma_error *err);
/** "transient", … Never NULL. */
STROMA_API const char *stroma_series_kind_name(stroma_series_kind c);
#ifdef __cplusplus
}
#endif
#endif
