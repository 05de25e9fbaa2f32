/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STROMA_BIOMARKER_MODEL_PARSE_H
#define STROMA_BIOMARKER_MODEL_PARSE_H
#include "model_fields.h"

/* An object in JSON of unknown origin, of limited size and depth; json_decref() it. */
STROMA_CHECK stroma_status model_parse_json(const char *data, size_t size, size_t limit,
                                            int depth_max, json_t **out, stroma_error *err);
#endif
