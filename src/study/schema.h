/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file schema.h
 *  What a study file may contain, as a table. Every key has a kind and a line of help; validation
 * lists all faults with line and column, and names the nearest key for an unknown one. The same
 * table prints docs/formats/study-file.md. */
#ifndef STROMA_STUDY_SCHEMA_H
#define STROMA_STUDY_SCHEMA_H
#include "yaml.h"

#include "stroma/buffer.h"
#include "stroma/diag.h"

typedef enum schema_kind {
    SCHEMA_TEXT, /* any scalar */
    SCHEMA_ID,   /* letters, digits, _ . - ; starts with a letter or digit */
    SCHEMA_NUMBER,
    SCHEMA_BOOL,
    SCHEMA_CHOICE, /* one of choices, separated by | */
    SCHEMA_TEXTS,  /* list of scalars, or one */
    SCHEMA_RANGE,  /* [low, high]; null or ~ for an open end */
    SCHEMA_MAP,    /* map with the keys of child */
    SCHEMA_LIST,   /* list of maps with the keys of child */
    SCHEMA_NAMED, /* map from free names to a scalar (short form) or a map with the keys of child */
    SCHEMA_ANY    /* anything; read by the code that owns it */
} schema_kind;

typedef struct schema_key {
    const char *name; /* NULL ends the table */
    schema_kind kind;
    bool required;
    const char *choices;
    const struct schema_key *child;
    const char *help;
} schema_key;

extern const schema_key study_schema[];

/** Check @p root against @p keys; every fault becomes a finding STROMA-STUDY-00n in @p diag.
 *  @return STROMA_OK, or STROMA_E_MALFORMED with the first fault in @p err. */
STROMA_CHECK stroma_status schema_check(const char *file, const yaml_node *root,
                                        const schema_key *keys, stroma_diag *diag,
                                        stroma_error *err);
/** The reference of all keys as Markdown. */
void schema_print(const schema_key *keys, stroma_buffer *out);
#endif
