/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file schema.h
 *  What a YAML file of ours may contain, as a table. Every key has a kind and a line of help;
 *  validation lists all faults with line and column, and names the nearest key for an unknown one.
 *  The same table prints the reference in docs/formats/. @since 0.1 */
#ifndef STROMA_SCHEMA_H
#define STROMA_SCHEMA_H
#include "stroma/buffer.h"
#include "stroma/diag.h"
#include "stroma/yaml.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum stroma_schema_kind {
    STROMA_SCHEMA_TEXT, /* any scalar */
    STROMA_SCHEMA_ID,   /* letters, digits, _ . - ; starts with a letter or digit */
    STROMA_SCHEMA_NUMBER,
    STROMA_SCHEMA_BOOL,
    STROMA_SCHEMA_CHOICE, /* one of choices, separated by | */
    STROMA_SCHEMA_TEXTS,  /* list of scalars, or one */
    STROMA_SCHEMA_RANGE,  /* [low, high]; null or ~ for an open end */
    STROMA_SCHEMA_MAP,    /* map with the keys of child */
    STROMA_SCHEMA_LIST,   /* list of maps with the keys of child */
    STROMA_SCHEMA_NAMED,  /* map from free names to a scalar (short form) or a map with the keys of
                             child */
    STROMA_SCHEMA_ANY     /* anything; read by the code that owns it */
} stroma_schema_kind;

typedef struct stroma_schema_key {
    const char *name; /* NULL ends the table */
    stroma_schema_kind kind;
    bool required;
    const char *choices;
    const struct stroma_schema_key *child;
    const char *help;
} stroma_schema_key;

/** A kind of file: what to call it in messages, and the codes of its findings. Static texts. */
typedef struct stroma_schema {
    const char *what;                                    /**< "the study file" */
    const char *rule;                                    /**< "the study file follows its format" */
    const char *reference;                               /**< "docs/formats/study-file.md" */
    const char *unknown_key, *wrong_value, *missing_key; /**< codes, "STROMA-STUDY-001" … */
    const stroma_schema_key *keys;
} stroma_schema;

/** Check @p root against @p schema; every fault becomes a finding in @p diag.
 *  @return STROMA_OK, or STROMA_E_MALFORMED with the first fault in @p err. */
STROMA_API STROMA_CHECK stroma_status stroma_schema_check(const char *file,
                                                          const stroma_yaml_node *root,
                                                          const stroma_schema *schema,
                                                          stroma_diag *diag, stroma_error *err);
/** The reference of all keys as Markdown, under the heading @p title. */
STROMA_API void stroma_schema_print(const char *title, const stroma_schema *schema,
                                    stroma_buffer *out);
#ifdef __cplusplus
}
#endif
#endif
