/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a patient's row to the inputs of a model: columns, units, assays, bridges. */
#ifndef STROMA_CLI_PREDICT_INPUTS_H
#define STROMA_CLI_PREDICT_INPUTS_H
#include "model_files.h"

#include "stroma/biomarker_bridge.h"
#include "stroma/biomarker_predict.h"
#include "stroma/parameter.h"

/* Where one input stands in the patients' file. */
typedef struct predict_column {
    size_t column;       /* SIZE_MAX: the file does not have it */
    size_t assay_column; /* NAME_assay, or SIZE_MAX */
    const char *assay;   /* declared for the whole file, or NULL */
    const char *unit;    /* of the file, or NULL: that of the model */
    stroma_unit_rule rule;
    bool converts;
    const stroma_bridge *bridge; /* from --bridge, or NULL */
} predict_column;

typedef struct predict_inputs {
    const cli_context *c;
    const stroma_model *m;
    const stroma_table *table;
    predict_column *columns; /* one an input */
    stroma_bridge **bridges;
    size_t bridges_len;
} predict_inputs;

/* How one value came to the model. */
typedef struct predict_origin {
    double reported; /* as in the file; NaN when there is none */
    bool converted, bridged, extrapolated, assay_unknown;
} predict_origin;

stroma_status predict_inputs_open(cli_context *c, const stroma_model *m, const stroma_table *t,
                                  predict_inputs *out, stroma_error *err);
void predict_inputs_close(predict_inputs *p);
/* Values of a row. @return false when one is refused, with the reason in @p why */
bool predict_inputs_row(const predict_inputs *p, size_t row, stroma_predict_value *values,
                        predict_origin *origins, stroma_buffer *why);
#endif
