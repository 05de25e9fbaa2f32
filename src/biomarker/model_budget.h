/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STROMA_BIOMARKER_MODEL_BUDGET_H
#define STROMA_BIOMARKER_MODEL_BUDGET_H
#include "model_internal.h"

/* How many parameters the data support; DEGENERATE when the model has more and nobody said why. */
STROMA_CHECK stroma_status model_budget(stroma_model *m, const stroma_model_spec *spec,
                                        stroma_error *err);
#endif
