/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The objects of a model file, docs/formats/model-json.md; model_schema.c is the one list of their
 * keys. */
#ifndef STROMA_BIOMARKER_MODEL_SCHEMA_H
#define STROMA_BIOMARKER_MODEL_SCHEMA_H
#include "model_fields.h"

extern const model_field model_fields_top[], model_fields_landmark[], model_fields_outcome[],
    model_fields_input[], model_fields_rules[], model_fields_method[], model_fields_training[],
    model_fields_budget[], model_fields_performance[], model_fields_optimism[], model_fields_cv[],
    model_fields_group[], model_fields_validation[];
extern const char model_schema_name[], model_research_use[];

/* The document without its hash, on one line: what the hash is of. @param pretty a line for each
 * member of the top level */
void model_write_content(const stroma_model *m, bool pretty, stroma_buffer *b);
/* Read a model; @p hashed false: whatever its hash, for tests of the reader. */
STROMA_CHECK stroma_status model_read_content(const char *data, size_t size, bool hashed,
                                              stroma_model **out, stroma_error *err);
/* Coefficient of the logarithm or value itself, and the intercept that goes with them. */
double model_natural_coefficient(const stroma_model_input *in);
double model_natural_intercept(const stroma_model *m);
#endif
