/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that hold gates, and who reads them. A dialect is one file with a gate_dialect and one line
 * in gate_dialects (gates_read.c); the first whose detect() agrees reads the file. */
#ifndef STROMA_GATE_DIALECT_H
#define STROMA_GATE_DIALECT_H
#include "gate_xml.h"

#include "stroma/cytometry_gates.h"
#include "stroma/diag.h"

#define GATING_ML_NS     "http://www.isac-net.org/std/Gating-ML/v2.0/gating"
#define GATING_ML_TRANS  "http://www.isac-net.org/std/Gating-ML/v2.0/transformations"
#define GATING_ML_DATA   "http://www.isac-net.org/std/Gating-ML/v2.0/datatypes"
#define GATING_ML_STROMA "urn:stroma:gates:1" /* what the standard has no place for */

enum { GATE_DIMENSIONS_MAX = 256 }; /* of one gate */

typedef struct gate_source {
    const char *name;   /* of the file, for messages and findings */
    const char *sample; /* asked for, or NULL */
    const gate_xml_element *root;
    stroma_diag *diag; /* may be NULL */
} gate_source;

typedef struct gate_dialect {
    const char *name; /* becomes the set's dialect */
    bool (*detect)(const gate_xml_element *root);
    /* Fill @p out, which is initialised; its arena takes the texts that stay. The caller checks the
     * set afterwards, and clears it after a failure. */
    stroma_status (*parse)(const gate_source *src, stroma_gate_set *out, stroma_error *err);
} gate_dialect;

extern const gate_dialect gate_dialect_flowjo, gate_dialect_cytobank, gate_dialect_gating_ml;

/* The standard reader, for dialects that are Gating-ML with additions: then look into the
 * custom_info of src->root and of the gates, which are found by their ids. */
stroma_status gating_ml_parse(const gate_source *src, stroma_gate_set *out, stroma_error *err);
/* A number as XML Schema writes one: blanks around it, "INF" and "-INF" allowed. */
bool gating_ml_number(const char *text, double *out);
/* One finding about a gate file. */
void gate_found(const gate_source *src, const char *code, stroma_severity severity, int64_t line,
                const char *gate, const char *message, const char *action);
#endif
