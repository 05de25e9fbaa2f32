/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_fields.h"

#include <math.h>
#include <string.h>

enum { TEXT_BYTES_MAX = 100000 };

void model_numbers_write(stroma_json *j, const double *x, size_t n)
{
    stroma_json_begin_array(j);
    for (size_t i = 0; i < n; i++)
        stroma_json_number(j, x[i]);
    stroma_json_end_array(j);
}

void model_matrix_write(stroma_json *j, const double *x, size_t rows, size_t columns)
{
    stroma_json_begin_array(j);
    for (size_t i = 0; i < rows; i++)
        model_numbers_write(j, x + i * columns, columns);
    stroma_json_end_array(j);
}

static void write_field(stroma_json *j, const void *at, model_field_kind kind)
{
    switch (kind) {
    case MODEL_TEXT:
    case MODEL_TEXT_REQUIRED: stroma_json_string(j, *(const char *const *)at); break;
    case MODEL_NUMBER:
    case MODEL_FINITE:
    case MODEL_POSITIVE:
    case MODEL_FRACTION: stroma_json_number(j, *(const double *)at); break;
    case MODEL_COUNT: stroma_json_int(j, (int64_t) * (const size_t *)at); break;
    case MODEL_SEED: stroma_json_int(j, (int64_t) * (const uint64_t *)at); break;
    case MODEL_DAY:
        if (*(const int32_t *)at == STROMA_BIOMARKER_DAY_UNKNOWN)
            stroma_json_null(j);
        else
            stroma_json_int(j, *(const int32_t *)at);
        break;
    case MODEL_BOOL: stroma_json_bool(j, *(const bool *)at); break;
    case MODEL_FIGURE: {
        const stroma_model_figure *f = at;
        const double x[3] = { f->value, f->lower, f->upper };
        model_numbers_write(j, x, 3);
        break;
    }
    case MODEL_METHOD:
        stroma_json_string(j, stroma_model_method_name(*(const stroma_model_method *)at));
        break;
    case MODEL_MISSING:
        stroma_json_string(j, stroma_model_missing_name(*(const stroma_model_missing *)at));
        break;
    case MODEL_CENSORED:
        stroma_json_string(j, stroma_model_censored_name(*(const stroma_model_censored *)at));
        break;
    }
}

void model_fields_write(stroma_json *j, const void *base, const model_field *fields)
{
    for (const model_field *f = fields; f->key != NULL; f++) {
        const void *at = (const char *)base + f->offset;
        /* a seed of 0 and none are the same: models of before the seed was kept have none */
        if (f->kind == MODEL_SEED && *(const uint64_t *)at == 0) continue;
        stroma_json_key(j, f->key);
        write_field(j, at, f->kind);
    }
}

static const char *type_name(json_type t)
{
    switch (t) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "an array";
    case JSON_STRING: return "a text";
    case JSON_INTEGER:
    case JSON_REAL: return "a number";
    case JSON_TRUE:
    case JSON_FALSE: return "true or false";
    case JSON_NULL: return "null";
    }
    return "something else";
}

static const char *kind_of(const json_t *x)
{
    return x == NULL ? "nothing" : type_name(json_typeof(x));
}

static stroma_status wrong_type(const char *key, const json_t *found, const char *wanted,
                                stroma_error *err)
{
    return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\" is %s, not %s", key, kind_of(found),
                       wanted);
}

stroma_status model_member(const json_t *object, const char *key, json_type type, json_t **out,
                           stroma_error *err)
{
    *out = json_object_get(object, key);
    if (*out == NULL) return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\" is missing", key);
    if (json_typeof(*out) != type) return wrong_type(key, *out, type_name(type), err);
    return STROMA_OK;
}

stroma_status model_numbers_read(const json_t *array, const char *key, size_t n, double *out,
                                 stroma_error *err)
{
    if (!json_is_array(array)) return wrong_type(key, array, "an array", err);
    if (json_array_size(array) != n)
        return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\" has %zu numbers, not %zu", key,
                           json_array_size(array), n);
    for (size_t i = 0; i < n; i++) {
        const json_t *x = json_array_get(array, i);
        if (!json_is_number(x))
            return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\": item %zu is %s, not a number",
                               key, i + 1, kind_of(x));
        out[i] = json_number_value(x);
    }
    return STROMA_OK;
}

stroma_status model_matrix_read(const json_t *array, const char *key, size_t rows, size_t columns,
                                double *out, stroma_error *err)
{
    if (!json_is_array(array)) return wrong_type(key, array, "an array", err);
    if (json_array_size(array) != rows)
        return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\" has %zu rows, not %zu", key,
                           json_array_size(array), rows);
    for (size_t i = 0; i < rows; i++) {
        const stroma_status s =
            model_numbers_read(json_array_get(array, i), key, columns, out + i * columns, err);
        if (s != STROMA_OK) return stroma_in(err, s, "row %zu", i + 1);
    }
    return STROMA_OK;
}

static stroma_status read_text(const json_t *x, const model_field *f, stroma_arena *a, void *at,
                               stroma_error *err)
{
    const char **out = at;
    if (json_is_null(x) && f->kind == MODEL_TEXT) {
        *out = NULL;
        return STROMA_OK;
    }
    if (!json_is_string(x))
        return wrong_type(f->key, x, f->kind == MODEL_TEXT ? "a text or null" : "a text", err);
    const size_t n = json_string_length(x);
    if (n > TEXT_BYTES_MAX)
        return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\" has %zu bytes, at most %d are read",
                           f->key, n, TEXT_BYTES_MAX);
    if (n == 0 && f->kind == MODEL_TEXT_REQUIRED)
        return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\" is empty", f->key);
    *out = stroma_arena_strndup(a, json_string_value(x), n);
    return *out == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status read_number(const json_t *x, const model_field *f, double *out,
                                 stroma_error *err)
{
    if (json_is_null(x) && f->kind == MODEL_NUMBER) {
        *out = NAN;
        return STROMA_OK;
    }
    if (!json_is_number(x))
        return wrong_type(f->key, x, f->kind == MODEL_NUMBER ? "a number or null" : "a number",
                          err);
    *out = json_number_value(x);
    if (f->kind == MODEL_POSITIVE && !(*out > 0))
        return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\": %g is not positive", f->key, *out);
    if (f->kind == MODEL_FRACTION && !(*out >= 0 && *out <= 1))
        return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\": %g is not within 0 and 1", f->key,
                           *out);
    return STROMA_OK;
}

/* Whole numbers; limits are exact in a double. */
static stroma_status read_whole(const json_t *x, const char *key, double lower, double upper,
                                double *out, stroma_error *err)
{
    if (!json_is_number(x)) return wrong_type(key, x, "a number", err);
    *out = json_number_value(x);
    if (*out == floor(*out) && *out >= lower && *out <= upper) return STROMA_OK;
    return stroma_fail(err, STROMA_E_MALFORMED,
                       "key \"%s\": %g is not a whole number within %.0f and %.0f", key, *out,
                       lower, upper);
}

static stroma_status read_day(const json_t *x, const char *key, int32_t *out, stroma_error *err)
{
    double d = 0;
    *out = STROMA_BIOMARKER_DAY_UNKNOWN;
    if (json_is_null(x)) return STROMA_OK;
    STROMA_TRY(read_whole(x, key, -1e6, 1e6, &d, err));
    *out = (int32_t)d;
    return STROMA_OK;
}

static stroma_status read_figure(const json_t *x, const char *key, stroma_model_figure *out,
                                 stroma_error *err)
{
    double *const to[3] = { &out->value, &out->lower, &out->upper };
    if (!json_is_array(x)) return wrong_type(key, x, "an array", err);
    if (json_array_size(x) != 3)
        return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\" has %zu numbers, not 3", key,
                           json_array_size(x));
    for (size_t i = 0; i < 3; i++) {
        const model_field number = { key, MODEL_NUMBER, 0 };
        STROMA_TRY(read_number(json_array_get(x, i), &number, to[i], err));
    }
    return STROMA_OK;
}

static stroma_status read_choice(const json_t *x, const model_field *f, void *at, stroma_error *err)
{
    if (!json_is_string(x)) return wrong_type(f->key, x, "a text", err);
    const char *word = json_string_value(x);
    bool known = false;
    if (f->kind == MODEL_METHOD)
        known = stroma_model_method_parse(word, at);
    else if (f->kind == MODEL_MISSING)
        known = stroma_model_missing_parse(word, at);
    else
        known = stroma_model_censored_parse(word, at);
    if (known) return STROMA_OK;
    return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\": \"%.40s\" is not known", f->key, word);
}

static stroma_status read_field(const json_t *x, const model_field *f, stroma_arena *a, void *at,
                                stroma_error *err)
{
    double d = 0;
    switch (f->kind) {
    case MODEL_TEXT:
    case MODEL_TEXT_REQUIRED: return read_text(x, f, a, at, err);
    case MODEL_NUMBER:
    case MODEL_FINITE:
    case MODEL_POSITIVE:
    case MODEL_FRACTION: return read_number(x, f, at, err);
    case MODEL_COUNT:
        STROMA_TRY(read_whole(x, f->key, 0, 1e15, &d, err));
        *(size_t *)at = (size_t)d;
        return STROMA_OK;
    case MODEL_SEED:
        STROMA_TRY(read_whole(x, f->key, 0, 9007199254740992, &d, err));
        *(uint64_t *)at = (uint64_t)d;
        return STROMA_OK;
    case MODEL_DAY: return read_day(x, f->key, at, err);
    case MODEL_BOOL:
        if (!json_is_boolean(x)) return wrong_type(f->key, x, "true or false", err);
        *(bool *)at = json_is_true(x);
        return STROMA_OK;
    case MODEL_FIGURE: return read_figure(x, f->key, at, err);
    case MODEL_METHOD:
    case MODEL_MISSING:
    case MODEL_CENSORED: return read_choice(x, f, at, err);
    }
    return STROMA_OK;
}

static bool is_known(const char *key, const model_field *fields, const char *const *others)
{
    for (const model_field *f = fields; f->key != NULL; f++)
        if (strcmp(f->key, key) == 0) return true;
    for (; others != NULL && *others != NULL; others++)
        if (strcmp(*others, key) == 0) return true;
    return false;
}

stroma_status model_fields_read(json_t *object, stroma_arena *a, void *base,
                                const model_field *fields, const char *const *others,
                                stroma_error *err)
{
    if (!json_is_object(object))
        return stroma_fail(err, STROMA_E_MALFORMED, "%s stands where an object should",
                           kind_of(object));
    for (const model_field *f = fields; f->key != NULL; f++) {
        const json_t *x = json_object_get(object, f->key);
        if (x == NULL && f->kind == MODEL_SEED) continue; /* it is 0 */
        if (x == NULL) return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\" is missing", f->key);
        STROMA_TRY(read_field(x, f, a, (char *)base + f->offset, err));
    }
    const char *key;
    json_t *unused;
    json_object_foreach(object, key, unused)
    {
        if (!is_known(key, fields, others))
            return stroma_fail(err, STROMA_E_MALFORMED, "unknown key \"%.60s\"", key);
    }
    return STROMA_OK;
}
