/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file biomarker_model_file.h
 *  A model as a file: JSON (docs/formats/model-json.md) in and out, PMML out, and its card.
 *
 *  A model file is data of unknown origin: sizes, depths and lengths are limited, every key must be
 *  known, every number finite, and the content must have the hash that stands at its end. @since
 * 0.1
 */
#ifndef STROMA_BIOMARKER_MODEL_FILE_H
#define STROMA_BIOMARKER_MODEL_FILE_H
#include "stroma/biomarker_model.h"
#ifdef __cplusplus
extern "C" {
#endif
enum { STROMA_MODEL_FILE_BYTES_MAX = 1 << 26, STROMA_MODEL_DEPTH_MAX = 8 };

/** Append the model's JSON; sets its sha256. Statuses: NOMEM (also beyond 64 MiB). */
STROMA_API STROMA_CHECK stroma_status stroma_model_write(stroma_model *m, stroma_buffer *out,
                                                         stroma_error *err);
/** SHA-256 of the content: the document without its last member, on one line.
 *  @param text STROMA_HASH_TEXT_MAX bytes */
STROMA_API STROMA_CHECK stroma_status stroma_model_hash(const stroma_model *m, char *text,
                                                        stroma_error *err);
/** Read a model. @param name stands in messages
 *  @return OK; MALFORMED (not JSON, a key that is missing, unknown or of the wrong type, a number
 *  that contradicts another, a schema version that is not known), INCONSISTENT (the hash does not
 *  match), USAGE (too large), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_model_read(const char *data, size_t size,
                                                        stroma_model **out, stroma_error *err);
/** The same from a file ("-" is standard input). Statuses: also IO. */
STROMA_API STROMA_CHECK stroma_status stroma_model_read_file(const char *path, stroma_model **out,
                                                             stroma_error *err);
/** Append the model as PMML 4.4: a RegressionModel with logit normalisation, preceded by derived
 *  fields for logarithm, scaling and the replacement of missing values. Limits, intervals and sets
 *  have no place there. @return OK; DEGENERATE (a rule that PMML cannot say: filling by
 * regression), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_model_write_pmml(const stroma_model *m,
                                                              stroma_buffer *out,
                                                              stroma_error *err);
/** Append the model card: what it is for, what it was made from, how good it is, and the 27 items
 * of TRIPOD+AI (Collins 2024 BMJ 385:e078378), each filled from the run, not applicable, or left to
 *  the author. @param html false: Markdown */
STROMA_API STROMA_CHECK stroma_status stroma_model_write_card(const stroma_model *m, bool html,
                                                              stroma_buffer *out,
                                                              stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
