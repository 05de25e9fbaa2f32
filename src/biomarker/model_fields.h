/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of fields writes an object of a model file and reads it back, so that the two cannot
 * differ. */
#ifndef STROMA_BIOMARKER_MODEL_FIELDS_H
#define STROMA_BIOMARKER_MODEL_FIELDS_H
#include "stroma/biomarker_model.h"
#include "stroma/json.h"

#include <jansson.h>

typedef enum model_field_kind {
    MODEL_TEXT,          /* const char *, may be null */
    MODEL_TEXT_REQUIRED, /* const char *, not empty */
    MODEL_NUMBER,        /* double, null is NaN */
    MODEL_FINITE,        /* double */
    MODEL_POSITIVE,      /* double > 0 */
    MODEL_FRACTION,      /* double, 0 … 1 */
    MODEL_COUNT,         /* size_t */
    MODEL_SEED,          /* uint64_t, at most 2^53 */
    MODEL_DAY,           /* int32_t, null is unknown */
    MODEL_BOOL,
    MODEL_FIGURE, /* stroma_model_figure as [value, lower, upper] */
    MODEL_METHOD,
    MODEL_MISSING,
    MODEL_CENSORED
} model_field_kind;
/* A NULL key ends the list. */
typedef struct model_field {
    const char *key;
    model_field_kind kind;
    size_t offset;
} model_field;

/* The members of an object, without its braces. */
void model_fields_write(stroma_json *j, const void *base, const model_field *fields);
/* @param others keys of the object that are read elsewhere, NULL at the end; any other key is
 * refused */
STROMA_CHECK stroma_status model_fields_read(json_t *object, stroma_arena *a, void *base,
                                             const model_field *fields, const char *const *others,
                                             stroma_error *err);
/* A member that must be there and be of this type. */
STROMA_CHECK stroma_status model_member(const json_t *object, const char *key, json_type type,
                                        json_t **out, stroma_error *err);
/* An array of exactly @p n numbers. */
STROMA_CHECK stroma_status model_numbers_read(const json_t *array, const char *key, size_t n,
                                              double *out, stroma_error *err);
/* @p rows arrays of @p columns numbers. */
STROMA_CHECK stroma_status model_matrix_read(const json_t *array, const char *key, size_t rows,
                                             size_t columns, double *out, stroma_error *err);
void model_numbers_write(stroma_json *j, const double *x, size_t n);
void model_matrix_write(stroma_json *j, const double *x, size_t rows, size_t columns);
#endif
