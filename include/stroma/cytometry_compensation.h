/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry_compensation.h
 *  Spillover and spectrum matrices, and the columns of a data set seen through them. @since 0.1 */
#ifndef STROMA_CYTOMETRY_COMPENSATION_H
#define STROMA_CYTOMETRY_COMPENSATION_H
#include "stroma/fcs.h"
#ifdef __cplusplus
extern "C" {
#endif

/** Row i of the spectrum says where fluorochrome i shows: observed = true · S (row vectors). Square
 *  matrices are inverted; with more detectors than fluorochromes the least-squares solution X = D
 * Sᵀ (S Sᵀ)⁻¹ is found by QR. Texts and arrays live in the arena that it was made with. */
typedef struct stroma_compensation {
    const char *id;     /**< of Gating-ML, or "FCS", or the file's name */
    const char *source; /**< "$SPILLOVER", "SPILL", "$COMP", "Gating-ML", "controls", … */
    size_t fluorochromes_len, detectors_len;
    const char *const *fluorochrome; /**< fluorochromes_len names */
    const char *const *detector;     /**< detectors_len names, $PnN */
    const double *spectrum; /**< fluorochromes_len × detectors_len, row by row; NULL when only the
                               inverted matrix is known */
    const double
        *unmixing;    /**< detectors_len × fluorochromes_len, row by row: true = observed · this
                       */
    double condition; /**< of the spectrum, 2-norm; NaN unknown */
    bool identity;    /**< nothing to do: not compensated, or already unmixed */
} stroma_compensation;

/** From a matrix. @param inverted the matrix is detectors × fluorochromes and to be used as it is
 *  Statuses: DEGENERATE (singular: the message has the condition number), USAGE (fewer detectors
 * than fluorochromes, a name twice, a number that is none), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_compensation_make(
    const char *id, const char *source, const char *const *fluorochrome, size_t fluorochromes,
    const char *const *detector, size_t detectors, const double *matrix, bool inverted,
    stroma_arena *arena, stroma_compensation *out, stroma_error *err);
/** From the keywords of a data set: $SPILLOVER, SPILL, SPILLOVER, $COMP, $DFCiTOj in this order.
 *  A matrix that cannot be used is a finding and *out is NULL, as it is without one: the events
 * stay. Channel names that say "already compensated" give the identity, with a finding.
 *  @param file for the findings  @param diag may be NULL  Statuses: NOMEM. */
STROMA_API STROMA_CHECK stroma_status
stroma_compensation_from_fcs(const stroma_fcs_dataset *d, const char *file, stroma_arena *arena,
                             stroma_diag *diag, const stroma_compensation **out, stroma_error *err);

/** From a file of its own: a line of detectors, then a line a fluorochrome, with or without its
 *  name, as FlowJo, R and others export them (docs/formats/compensation.md). Names lose "Comp-" and
 * what follows " :: ". With row names of the detectors the rows are put into their order; other row
 * names are fluorochromes, and there may be fewer of them than detectors.
 *  Statuses: IO, MALFORMED (with the line), DEGENERATE, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_compensation_read(const char *path,
                                                               stroma_arena *arena,
                                                               stroma_diag *diag,
                                                               stroma_compensation *out,
                                                               stroma_error *err);
/** The same on bytes. @param name for messages, and the id */
STROMA_API STROMA_CHECK stroma_status
stroma_compensation_parse(const char *text, size_t size, const char *name, stroma_arena *arena,
                          stroma_diag *diag, stroma_compensation *out, stroma_error *err);
/** Codes of the findings of compensation. */
STROMA_API const stroma_code *stroma_compensation_codes(size_t *n);

/** A column to read: a parameter as recorded (on its linear scale), or a fluorochrome of a
 *  compensation. */
typedef struct stroma_event_column {
    const stroma_compensation *compensation; /**< NULL: as recorded */
    size_t index; /**< of the parameter, or of the fluorochrome in the compensation */
} stroma_event_column;
/** The column called @p name: with a compensation its fluorochrome or detector of that name where
 * it has one, else the parameter ($PnN, then $PnS). Statuses: INCONSISTENT (the data set has no
 * such channel; the hint names the nearest), or a detector of the compensation is not in the data
 * set. */
STROMA_API STROMA_CHECK stroma_status stroma_column_find(const stroma_fcs_dataset *d,
                                                         const stroma_compensation *c,
                                                         const char *name, stroma_event_column *out,
                                                         stroma_error *err);
/** A reader of columns: what is shared between columns of one matrix is decoded once. */
typedef struct stroma_column_reader stroma_column_reader;
/** @param columns k, copied. For one thread; open one a thread. The data set must outlive it. */
STROMA_API STROMA_CHECK stroma_status stroma_column_reader_open(const stroma_fcs_dataset *d,
                                                                const stroma_event_column *columns,
                                                                size_t k,
                                                                stroma_column_reader **out,
                                                                stroma_error *err);
/** Linear, compensated values of events first … first + n − 1, n ≤ STROMA_COLUMN_BLOCK, into
 *  out[j][0 … n−1], k arrays. Sums run in the order of detectors: the same bits on every CPU. */
STROMA_API STROMA_CHECK stroma_status stroma_column_reader_read(stroma_column_reader *r,
                                                                uint64_t first, size_t n,
                                                                double *const *out,
                                                                stroma_error *err);
STROMA_API void stroma_column_reader_close(stroma_column_reader *r);
enum { STROMA_COLUMN_BLOCK = 1024 };
#ifdef __cplusplus
}
#endif
#endif
