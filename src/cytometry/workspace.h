/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a FlowJo 10 workspace: what its parts share. */
#ifndef STROMA_WORKSPACE_H
#define STROMA_WORKSPACE_H
#include "gate_dialect.h"
#include "gate_ids.h"

#include "stroma/cytometry_workspace.h"

/* How FlowJo scales a channel, as typed. */
typedef enum workspace_scale_kind {
    WORKSPACE_SCALE_LINEAR,
    WORKSPACE_SCALE_CURVED, /* one of the set's transforms, made when first needed */
    WORKSPACE_SCALE_UNKNOWN /* named, but not read: only rectangles may use it */
} workspace_scale_kind;
typedef struct workspace_scale {
    const char *channel; /* with the prefix of a compensated one */
    const char *element; /* "biex" */
    int64_t line;
    workspace_scale_kind kind;
    stroma_transform_kind transform_kind;
    double t, w, m, a;
    double min, max, gain; /* of linear; gain: FlowJo's value = stored value × gain */
    double factor;         /* of linear: FlowJo's values × this are ours; NaN: not asked yet */
    double bound_min;      /* of log: values below are shown there */
    int transform;         /* index into the set's transforms, −1: not made yet */
} workspace_scale;

/* A detector of the sample's matrix, as its compensated channel is called. */
typedef struct workspace_channel {
    const char *compensated; /* "Comp-FITC-A" */
    const char *detector;    /* "FITC-A" */
} workspace_channel;

typedef struct workspace_reader {
    const gate_source *src;
    stroma_gate_set *out;
    const gate_xml_element *sample;
    workspace_scale *scales;
    size_t scales_len;
    gate_ids scale_ids;          /* channel → scale */
    gate_ids paths;              /* path → gate */
    workspace_channel *channels; /* of the matrix */
    size_t channels_len;
    const gate_xml_element *matrix; /* NULL: the sample is not compensated */
    stroma_flowjo_gate *extra;      /* heap; one a gate of the set */
    size_t extra_capacity;
    struct workspace_use { /* boolean gates, resolved when all paths are known */
        int gate;
        const gate_xml_element *node;
    } * booleans;
    size_t booleans_len, booleans_capacity;
} workspace_reader;

/* Attributes of FlowJo's own elements have no namespace; those of Gating-ML have that of their
 * element: the name decides. "" is a value. */
const char *workspace_attribute(const gate_xml_element *e, const char *name);
/* The same, as a number; @p otherwise when absent (NaN: it must be there). @p what: "gate \"…\"" */
stroma_status workspace_number(const gate_xml_element *e, const char *name, double otherwise,
                               double *out, stroma_error *err);

/* workspace_samples.c: element by element through the samples of a workspace; NULL at the end */
bool workspace_is(const gate_xml_element *root);
stroma_status workspace_refuse_old(const gate_xml_element *root, stroma_error *err);
const gate_xml_element *workspace_sample_next(const gate_xml_element *root,
                                              const gate_xml_element *last);
stroma_status workspace_sample_describe(const gate_xml_element *sample, stroma_arena *arena,
                                        stroma_workspace_sample *out, stroma_error *err);
/* Fill @p out, whose arena is initialised; not a workspace: it stays empty. */
stroma_status workspace_list(const gate_xml_element *root, stroma_workspace *out,
                             stroma_error *err);
/* Value of a keyword of the sample, NULL when absent. */
const char *workspace_keyword(const gate_xml_element *sample, const char *name);

/* workspace_scale.c */
stroma_status workspace_read_scales(workspace_reader *r, stroma_error *err);
/* NULL: the workspace does not say */
workspace_scale *workspace_scale_of(workspace_reader *r, const char *channel);
/* Make the transform of a curved scale. */
stroma_status workspace_scale_use(workspace_reader *r, workspace_scale *s, stroma_error *err);
/* What to multiply FlowJo's linear values of a channel with, to have ours; @p s may be NULL. */
double workspace_linear_factor(const workspace_reader *r, workspace_scale *s, const char *channel);

/* workspace_matrix.c */
stroma_status workspace_read_matrix(workspace_reader *r, stroma_error *err);
/* Name and compensation of the channel a gate asks for. */
stroma_status workspace_channel_of(workspace_reader *r, const gate_xml_element *at,
                                   const char *name, stroma_gate_dimension *out, stroma_error *err);

/* workspace_tree.c */
/* A gate more, with its extra; ids are paths. */
stroma_status workspace_add_gate(workspace_reader *r, const char *id, const char *label, int parent,
                                 int64_t line, int *out, stroma_error *err);
/* workspace_shape.c: fill the gate @p g from a RectangleGate, PolygonGate, … */
stroma_status workspace_read_shape(workspace_reader *r, const gate_xml_element *shape, int g,
                                   stroma_error *err);
/* workspace_boolean.c */
stroma_status workspace_resolve_booleans(workspace_reader *r, stroma_error *err);
#endif
