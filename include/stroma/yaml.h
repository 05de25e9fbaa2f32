/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file yaml.h
 *  A YAML document as a tree in which every node knows its line and column. Read with libyaml;
 *  anchors and aliases are refused, depth and size are capped. @since 0.1 */
#ifndef STROMA_YAML_H
#define STROMA_YAML_H
#include "stroma/memory.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef enum stroma_yaml_type {
    STROMA_YAML_SCALAR,
    STROMA_YAML_LIST,
    STROMA_YAML_MAP
} stroma_yaml_type;

typedef struct stroma_yaml_node {
    stroma_yaml_type type;
    int64_t line, column;            /* 1-based */
    const char *text;                /* scalar */
    bool quoted;                     /* scalar written in quotes: never a number or null */
    struct stroma_yaml_node **items; /* list items, or map values */
    struct stroma_yaml_node **keys;  /* map keys (scalars), parallel to items */
    size_t len;
} stroma_yaml_node;

/** Parse the whole document into @p arena. Errors carry line and column. */
STROMA_API STROMA_CHECK stroma_status stroma_yaml_read(const char *text, size_t size,
                                                       stroma_arena *arena, stroma_yaml_node **out,
                                                       stroma_error *err);
/** Value of a key, or NULL. A NULL node is allowed. */
STROMA_API const stroma_yaml_node *stroma_yaml_get(const stroma_yaml_node *map, const char *key);
/** Text of a scalar key, or @p otherwise. */
STROMA_API const char *stroma_yaml_text(const stroma_yaml_node *map, const char *key,
                                        const char *otherwise);
STROMA_API double stroma_yaml_number(const stroma_yaml_node *map, const char *key,
                                     double otherwise);
STROMA_API bool stroma_yaml_bool(const stroma_yaml_node *map, const char *key, bool otherwise);
/** A list, or one value taken as a list of one: how many, and the i-th. NULL has none. */
STROMA_API size_t stroma_yaml_count(const stroma_yaml_node *n);
STROMA_API const stroma_yaml_node *stroma_yaml_at(const stroma_yaml_node *n, size_t i);
/** A plain (unquoted) scalar that means null: empty, ~ or null. */
STROMA_API bool stroma_yaml_is_null(const stroma_yaml_node *n);
/** A list of scalars, or one scalar taken as a list of one. @return count; texts in the arena. */
STROMA_API size_t stroma_yaml_texts(const stroma_yaml_node *n, stroma_arena *arena,
                                    const char ***out);
#ifdef __cplusplus
}
#endif
#endif
