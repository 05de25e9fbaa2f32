/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of events while it is open. */
#ifndef STROMA_STUDY_CYTOMETRY_TUBE_H
#define STROMA_STUDY_CYTOMETRY_TUBE_H
#include "cytometry.h"

typedef struct open_tube {
    stroma_fcs *f;
    const stroma_fcs_dataset *d;
    stroma_arena arena;
    const stroma_compensation *compensation; /* NULL: none, or the panel wants none */
    size_t *parameter;                       /* of each marker of the panel, SIZE_MAX none */
    const char *file;                        /* for messages: as study.db shows it */
} open_tube;

/* Open the file of @p t and note what it says of itself. Findings go to @p t. */
stroma_status cytometry_open(const cytometry_entry *e, cytometry_tube *t, open_tube *out,
                             stroma_error *err);
void cytometry_close(open_tube *o);
stroma_panel_tube cytometry_panel_tube(const open_tube *o);

/* A sample at work: its gates, and which events are in them. */
typedef struct tube_work {
    const cytometry_entry *e;
    cytometry_tube *t;
    const open_tube *o;
    stroma_gating_result learned;
    const stroma_gate_set *set; /* the learned one, or that of the entry */
    stroma_membership members;
    uint64_t *good; /* events without a fault, where others are left out; NULL: all count */
    /* controls of its visit */
    const open_tube *const *control; /* one a tube of the entry, NULL where none or not open */
} tube_work;

/* Scale of a dimension; one without is flin with T = $PnR. */
stroma_status cytometry_scale(const tube_work *w, const stroma_gate_dimension *d,
                              stroma_transform *out, stroma_error *err);
/* Column of a marker (or channel) in a file, and the scale it is drawn on. */
stroma_status cytometry_column(const cytometry_entry *e, const open_tube *o, const char *marker,
                               stroma_event_column *out, stroma_error *err);
/* Marker that the panel (or $PnS) knows in a channel, or NULL. */
const char *cytometry_marker_of(const cytometry_entry *e, const open_tube *o, const char *channel);
/* The control of this role and marker that serves the tube: of its subject and visit before that of
 * its visit before one that serves all; SIZE_MAX: none. */
size_t cytometry_control_for(const cytometry_entry *e, const cytometry_tube *t, cytometry_role role,
                             const char *marker);
/* Look at the events, and note what is left out. cytometry_quality.c */
stroma_status cytometry_check_quality(tube_work *w, stroma_error *err);
/* Take what is left out from the populations that were evaluated. */
void cytometry_leave_out_faults(tube_work *w);
/* Gates with their populations, as study.db holds them. cytometry_gates.c */
stroma_status cytometry_describe_gates(tube_work *w, stroma_error *err);
/* The numbers that the entry asks for. cytometry_numbers.c */
stroma_status cytometry_compute_numbers(tube_work *w, stroma_error *err);
/* Densities of the gate steps; of @p only when it is not NULL. cytometry_pictures.c */
stroma_status cytometry_draw(tube_work *w, stroma_error *err);
/* Flags of a number as a JSON array in the arena, NULL for none. @p extra and @p more may be NULL.
 */
stroma_status cytometry_flags(stroma_arena *arena, unsigned flags, const char *extra,
                              const char *more, const char **out, stroma_error *err);
/* A fault of the file, not of the machine: the sample is not estimable, and the run goes on. */
bool cytometry_is_fault(stroma_status st);
#endif
