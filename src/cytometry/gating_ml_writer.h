/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the Gating-ML writer share. */
#ifndef STROMA_GATING_ML_WRITER_H
#define STROMA_GATING_ML_WRITER_H
#include "gate_ids.h"

#include "stroma/buffer.h"
#include "stroma/cytometry_gates.h"

typedef struct gating_ml_writer {
    const stroma_gate_set *set;
    stroma_buffer *out;
    gate_ids used;                                               /* ids of the document */
    stroma_arena arena;                                          /* of new ids */
    const char **gates, **transforms, **ratios, **compensations; /* ids in the document */
    bool *written; /* gates_len: quadrants are written together */
} gating_ml_writer;

/* An id for the document: @p wanted where it is an XML name that nobody has yet, else one made from
 * it. NOMEM. */
stroma_status gating_ml_id(gating_ml_writer *w, const char *wanted, const char **out,
                           stroma_error *err);
/* Text of an attribute or element; what XML cannot hold becomes U+FFFD. */
void gating_ml_text(gating_ml_writer *w, const char *text);
/* ` name="text"`; nothing when @p text is NULL. */
void gating_ml_put(gating_ml_writer *w, const char *name, const char *text);
void gating_ml_put_number(gating_ml_writer *w, const char *name, double x);
/* gating_ml_write_gates.c */
stroma_status gating_ml_write_gate(gating_ml_writer *w, size_t gate, stroma_error *err);
/* <gating:NAME compensation… scale…> and the channel inside; @p edges: min and max too. */
void gating_ml_write_dimension(gating_ml_writer *w, const char *name, const char *id,
                               const stroma_gate_dimension *d, bool edges);
void gating_ml_write_info(gating_ml_writer *w, size_t gate, bool alone);
bool gating_ml_has_info(const gating_ml_writer *w, size_t gate, const char *quadrant_gate);
/* gating_ml_write_quadrants.c: all quadrants that belong together with this one */
stroma_status gating_ml_write_quadrants(gating_ml_writer *w, size_t gate, stroma_error *err);
#endif
