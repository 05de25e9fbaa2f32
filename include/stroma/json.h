/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file json.h
 *  JSON out: a small streaming emitter into a buffer. Key order is call order, numbers are the
 * shortest text that reads back, NaN and infinities become null. (JSON in is jansson.) @since 0.1
 */
#ifndef STROMA_JSON_H
#define STROMA_JSON_H
#include "stroma/buffer.h"
#ifdef __cplusplus
extern "C" {
#endif
enum { STROMA_JSON_DEPTH_MAX = 64 };

typedef struct stroma_json {
    stroma_buffer *out;
    int indent; /**< spaces per level; 0 writes one line */
    int depth;
    bool after_key;
    bool has_items[STROMA_JSON_DEPTH_MAX];
} stroma_json;

STROMA_API void stroma_json_init(stroma_json *j, stroma_buffer *out, int indent);
STROMA_API void stroma_json_begin_object(stroma_json *j);
STROMA_API void stroma_json_end_object(stroma_json *j);
STROMA_API void stroma_json_begin_array(stroma_json *j);
STROMA_API void stroma_json_end_array(stroma_json *j);
STROMA_API void stroma_json_key(stroma_json *j, const char *key);
/** NULL gives null. Bytes that are not UTF-8 become U+FFFD. "</" is written "<\/": safe inside a
 * script element. */
STROMA_API void stroma_json_string(stroma_json *j, const char *s);
STROMA_API void stroma_json_number(stroma_json *j, double x);
STROMA_API void stroma_json_int(stroma_json *j, int64_t x);
STROMA_API void stroma_json_bool(stroma_json *j, bool x);
STROMA_API void stroma_json_null(stroma_json *j);
/** A value that is JSON already (one complete value, trusted). */
STROMA_API void stroma_json_raw(stroma_json *j, const char *json);
/* key and value in one call */
STROMA_API void stroma_json_put_string(stroma_json *j, const char *key, const char *s);
STROMA_API void stroma_json_put_number(stroma_json *j, const char *key, double x);
STROMA_API void stroma_json_put_int(stroma_json *j, const char *key, int64_t x);
STROMA_API void stroma_json_put_bool(stroma_json *j, const char *key, bool x);
STROMA_API void stroma_json_put_null(stroma_json *j, const char *key);
#ifdef __cplusplus
}
#endif
#endif
