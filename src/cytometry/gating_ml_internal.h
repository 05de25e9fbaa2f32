/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the Gating-ML reader share. */
#ifndef STROMA_GATING_ML_INTERNAL_H
#define STROMA_GATING_ML_INTERNAL_H
#include "gate_dialect.h"
#include "gate_ids.h"

/* A reference by id, looked up once the whole file was read: it may point forward. */
typedef struct gating_ml_reference {
    int gate;
    int use; /* of a boolean gate, or −1: the parent */
    const char *id;
    int64_t line;
} gating_ml_reference;

typedef struct gating_ml_reader {
    const gate_source *src;
    stroma_gate_set *set;
    gate_ids transforms; /* index of a transform, or −2 − index of a ratio */
    gate_ids compensations;
    gate_ids gates;          /* by the id in the file */
    gate_ids quadrant_gates; /* containers, which hold no events themselves */
    gating_ml_reference *references;
    size_t references_len, references_capacity;
    bool unqualified; /* said once */
    bool *transform_used, *compensation_used, *ratio_used;
} gating_ml_reader;

/* Errors at an element. */
stroma_status gating_ml_fail(const gate_xml_element *e, stroma_error *err, const char *fmt, ...)
    STROMA_PRINTF(3, 4);
/* An attribute of any Gating-ML namespace; without prefix it is taken too, with a finding. */
const char *gating_ml_optional(gating_ml_reader *r, const gate_xml_element *e, const char *name);
stroma_status gating_ml_required(gating_ml_reader *r, const gate_xml_element *e, const char *name,
                                 const char **out, stroma_error *err);
stroma_status gating_ml_required_number(gating_ml_reader *r, const gate_xml_element *e,
                                        const char *name, double *out, stroma_error *err);
/* @p out keeps its value when the attribute is absent; ±INF allowed. */
stroma_status gating_ml_optional_number(gating_ml_reader *r, const gate_xml_element *e,
                                        const char *name, double *out, stroma_error *err);
stroma_status gating_ml_optional_bool(gating_ml_reader *r, const gate_xml_element *e,
                                      const char *name, bool *out, stroma_error *err);
size_t gating_ml_count(const gate_xml_element *e, const char *ns, const char *name);
stroma_status gating_ml_keep(gating_ml_reader *r, const char *text, const char **out,
                             stroma_error *err);

/* gating_ml_scales.c */
stroma_status gating_ml_transformation(gating_ml_reader *r, const gate_xml_element *e,
                                       stroma_error *err);
stroma_status gating_ml_matrix(gating_ml_reader *r, const gate_xml_element *e, stroma_error *err);
/* gating_ml_gates.c */
stroma_status gating_ml_rectangle(gating_ml_reader *r, const gate_xml_element *e,
                                  stroma_error *err);
stroma_status gating_ml_polygon(gating_ml_reader *r, const gate_xml_element *e, stroma_error *err);
stroma_status gating_ml_ellipsoid(gating_ml_reader *r, const gate_xml_element *e,
                                  stroma_error *err);
stroma_status gating_ml_boolean(gating_ml_reader *r, const gate_xml_element *e, stroma_error *err);
/* Take id and parent of element @p e for a new gate. */
stroma_status gating_ml_new_gate(gating_ml_reader *r, const gate_xml_element *e,
                                 stroma_gate_kind kind, int *out, stroma_error *err);
/* The channel, compensation and scale that element @p e names. */
stroma_status gating_ml_dimension(gating_ml_reader *r, const gate_xml_element *e,
                                  stroma_gate_dimension *out, stroma_error *err);
stroma_status gating_ml_refer(gating_ml_reader *r, int gate, int use, const char *id, int64_t line,
                              stroma_error *err);
/* gating_ml_quadrants.c */
stroma_status gating_ml_quadrants(gating_ml_reader *r, const gate_xml_element *e,
                                  stroma_error *err);
#endif
