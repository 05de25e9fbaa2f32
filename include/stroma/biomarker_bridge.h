/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file biomarker_bridge.h
 *  From the values of one assay to those of the assay a model was made with: a declared bridge,
 * from specimens that both have measured. The line allows for the errors of both (Deming,
 *  stats_agreement.h); its own error and that of a reading go into the interval of a prediction.
 *  @since 0.1 */
#ifndef STROMA_BIOMARKER_BRIDGE_H
#define STROMA_BIOMARKER_BRIDGE_H
#include "stroma/buffer.h"
#include "stroma/memory.h"
#include "stroma/stats_agreement.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Open to read. Texts live in the arena. */
typedef struct stroma_bridge {
    stroma_arena arena;
    const char *input;                  /**< of the model */
    const char *from_assay, *to_assay;  /**< to: the model's */
    const char *unit;                   /**< of both, or NULL */
    const char *source, *source_sha256; /**< of the pairs */
    const char *sha256;                 /**< of the content */
    stroma_deming fit;                  /**< y of the model's assay on x of the other */
    double level;
} stroma_bridge;
STROMA_API void stroma_bridge_free(stroma_bridge *b);

typedef struct stroma_bridge_spec {
    const char *input, *from_assay, *to_assay, *unit; /**< unit may be NULL */
    const char *source, *source_sha256;
    stroma_deming_options deming;
} stroma_bridge_spec;
/** @return OK; DEGENERATE (no line, or one whose slope may be 0 or less), USAGE, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_bridge_fit(const stroma_bridge_spec *spec,
                                                        const double *x, const double *y, size_t n,
                                                        stroma_bridge **out, stroma_error *err);
/** Append the bridge's JSON; sets its sha256. */
STROMA_API STROMA_CHECK stroma_status stroma_bridge_write(stroma_bridge *b, stroma_buffer *out,
                                                          stroma_error *err);
/** As strict as stroma_model_read(). */
STROMA_API STROMA_CHECK stroma_status stroma_bridge_read(const char *data, size_t size,
                                                         stroma_bridge **out, stroma_error *err);
STROMA_API STROMA_CHECK stroma_status stroma_bridge_read_file(const char *path, stroma_bridge **out,
                                                              stroma_error *err);
/** A value of the model's assay, and the variance of a reading by it. @return false when the value
 *  has none. @param extrapolated beyond the pairs */
STROMA_API bool stroma_bridge_convert(const stroma_bridge *b, double x, double *value,
                                      double *variance, bool *extrapolated);
#ifdef __cplusplus
}
#endif
#endif
