/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file yaml.h
 *  A YAML document as a tree in which every node knows its line and column. Read with libyaml;
 *  anchors and aliases are refused, depth and size are capped. */
#ifndef STROMA_STUDY_YAML_H
#define STROMA_STUDY_YAML_H
#include "stroma/memory.h"

#include <stdbool.h>

typedef enum yaml_type { YAML_SCALAR, YAML_LIST, YAML_MAP } yaml_type;

typedef struct yaml_node {
    yaml_type type;
    int64_t line, column;     /* 1-based */
    const char *text;         /* scalar */
    bool quoted;              /* scalar written in quotes: never a number or null */
    struct yaml_node **items; /* list items, or map values */
    struct yaml_node **keys;  /* map keys (scalars), parallel to items */
    size_t len;
} yaml_node;

/** Parse the whole document into @p arena. Errors carry line and column. */
STROMA_CHECK stroma_status yaml_read(const char *text, size_t size, stroma_arena *arena,
                                     yaml_node **out, stroma_error *err);
/** Value of a key, or NULL. A NULL node is allowed. */
const yaml_node *yaml_get(const yaml_node *map, const char *key);
/** Text of a scalar key, or @p otherwise. */
const char *yaml_text(const yaml_node *map, const char *key, const char *otherwise);
double yaml_number(const yaml_node *map, const char *key, double otherwise);
bool yaml_bool(const yaml_node *map, const char *key, bool otherwise);
/** A list, or one value taken as a list of one: how many, and the i-th. NULL has none. */
size_t yaml_count(const yaml_node *n);
const yaml_node *yaml_at(const yaml_node *n, size_t i);
/** A plain (unquoted) scalar that means null: empty, ~ or null. */
bool yaml_is_null(const yaml_node *n);
/** A list of scalars, or one scalar taken as a list of one. @return count; texts in the arena. */
size_t yaml_texts(const yaml_node *n, stroma_arena *arena, const char ***out);
#endif
