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
    uint64_t *good;  /* events without a fault, where others are left out; NULL: all count */
    uint64_t n_good; /* how many count */
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
    stroma_gate_set own;        /* of its sample in a workspace; else empty */
    const stroma_gate_set *set; /* the learned one, its own, or that of the entry */
    stroma_membership members;
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
/* Whether that control may serve the sample: of its day and panel, or the entry takes any. @p flags
 * get what is to be held against it; @p say: findings, too. Statuses: INCONSISTENT (it may not). */
stroma_status cytometry_check_control(const tube_work *w, size_t control, const char *marker,
                                      bool say, unsigned *flags, stroma_error *err);
/* Look at the events of @p t, and note in @p o what is left out. cytometry_quality.c */
stroma_status cytometry_check_quality(const cytometry_entry *e, cytometry_tube *t, open_tube *o,
                                      stroma_error *err);
/* Take what is left out of the file from the populations that were evaluated. */
void cytometry_leave_out_faults(const open_tube *o, stroma_membership *m);
/* Gates with their populations, as study.db holds them. cytometry_gates.c */
stroma_status cytometry_describe_gates(tube_work *w, stroma_error *err);
/* The numbers that the entry asks for. cytometry_numbers.c */
stroma_status cytometry_compute_numbers(tube_work *w, stroma_error *err);
/* Densities of the gate steps; of @p only when it is not NULL. cytometry_pictures.c */
stroma_status cytometry_draw(tube_work *w, stroma_error *err);
/* Flags of a number as a JSON array in the arena, NULL for none. Of @p words some may be NULL. */
stroma_status cytometry_flags(stroma_arena *arena, unsigned flags, const char *const *words,
                              size_t words_len, const char **out, stroma_error *err);
/* A fault of the file, not of the machine: the sample is not estimable, and the run goes on. */
bool cytometry_is_fault(stroma_status st);
#endif
