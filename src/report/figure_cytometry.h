/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file figure_cytometry.h
 *  What the flow figures share: the rows of cytometry_* and a panel of events with its gates. All
 *  texts live in db->arena. */
#ifndef FIGURE_CYTOMETRY_H
#define FIGURE_CYTOMETRY_H
#include "figure_parts.h"

#define FIG_PATH_STEP " \xE2\x80\xBA " /* between an ancestor and its child */

/* ---- rows (figure_cytometry_load.c) ---- */
typedef struct fig_cytometry {
    const char *id, *label, *gates, *gates_kind;
    double level; /* of the intervals, 0.95 */
} fig_cytometry;
/* The entry that spec.entry names. INCONSISTENT when the study has none of this id. */
STROMA_CHECK stroma_status fig_load_cytometry(report_db *db, const report_item *item,
                                              fig_cytometry *out, stroma_error *err);

typedef struct fig_axis {
    const char *id, *label, *name; /* name: the marker, or the channel where it has none */
    const char *scale, *ticks;     /* JSON as in cytometry_axis */
    double low, high, t, w, m, a;
} fig_axis;
STROMA_CHECK stroma_status fig_load_axis(report_db *db, const char *entry, const char *axis,
                                         fig_axis *out, stroma_error *err);

typedef struct fig_sample {
    int64_t id, n_events;
    const char *subject, *subject_id, *visit, *visit_label, *role, *marker, *file;
} fig_sample;
/* A sample of sample_id; out->id 0 when there is none. */
STROMA_CHECK stroma_status fig_load_sample(report_db *db, int64_t sample, fig_sample *out,
                                           stroma_error *err);

/* A gate in a sample: how it was applied and what was in it. */
typedef struct fig_gate {
    const char *id, *label, *kind, *dims, *geometry, *rule, *reason, *flags; /* dims, … JSON */
    const char *of;                /* label of the parent, "all events" */
    int64_t n, n_parent, measured; /* measured: measurement_id of a number of it, 0 none */
    double percent, lower, upper;  /* of the parent; NaN when not estimable */
    bool found;
} fig_gate;
/* out->id NULL when the sample has no such population. @param gate its id */
STROMA_CHECK stroma_status fig_load_gate(report_db *db, int64_t sample, const char *gate,
                                         fig_gate *out, stroma_error *err);
/* "In range › Lymphocytes" down to gate itself, "All events" for NULL. */
STROMA_CHECK stroma_status fig_gate_path(report_db *db, int64_t sample, const char *gate,
                                         const char **out, stroma_error *err);
/* Id of the gate of an entry whose id or label is @p name; INCONSISTENT when there is none. */
STROMA_CHECK stroma_status fig_find_gate(report_db *db, const char *entry, const char *name,
                                         const char **out, stroma_error *err);

typedef struct fig_density {
    const char *gate, *parent, *x, *y, *counts; /* parent "" all events, y "" a histogram */
    int64_t sample, n_x, n_y, n_events, n_left_out, n_beyond, highest;
} fig_density;
/* A density of a gate; out->gate NULL when none was kept. @param x, y axis ids; x NULL: any, y
 * NULL: any in two dimensions, y "": a histogram */
STROMA_CHECK stroma_status fig_load_density(report_db *db, int64_t sample, const char *gate,
                                            const char *x, const char *y, fig_density *out,
                                            stroma_error *err);
/* One in two dimensions, else one of a histogram. */
STROMA_CHECK stroma_status fig_load_picture(report_db *db, int64_t sample, const char *gate,
                                            fig_density *out, stroma_error *err);

/* ---- panels (figure_cytometry_panel.c) ---- */
enum { FIG_GATES_MAX = 16 };
typedef struct fig_panel {
    const fig_density *density;
    const fig_axis *x, *y; /* y NULL: a histogram */
    const fig_sample *sample;
    const char *const *title;     /* lines, the last NULL */
    const char *const *under;     /* lines of the subtitle, the last NULL; NULL: none */
    const char *colour, *outline; /* of the fullest bins, of gates */
    fig_gate gates[FIG_GATES_MAX];
    size_t n_gates;
    double highest; /* of a histogram's axis, % of the events in a bin; NaN: its own */
    bool names;     /* gates are named, else only their percentages */
    bool threshold; /* edges on the horizontal axis in place of outlines */
    bool minor;     /* ticks between the decades */
    bool x_title, y_title, y_labels;
    int size;                   /* width and height, px */
    int wrap;                   /* characters of a title line */
    const char *why;            /* density NULL: what stands in the panel */
    const fig_density *control; /* a histogram that is laid over, or NULL */
} fig_panel;
/* A datum of the figure's data: the packed bins and what the panel shows. @param panel its place */
STROMA_CHECK stroma_status fig_put_panel_row(stroma_json *j, const fig_panel *p, size_t panel,
                                             stroma_error *err);
/* One single-view specification, an element of the open array, drawn from that datum. */
STROMA_CHECK stroma_status fig_put_panel(stroma_json *j, const fig_panel *p, size_t panel,
                                         stroma_error *err);
/* A figure that only says why nothing is drawn. */
STROMA_CHECK stroma_status fig_put_nothing(stroma_buffer *json, const report_item *item,
                                           const char *title, const char *why, stroma_error *err);
/* Largest share of a histogram in a bin as drawn, %. MALFORMED counts are INCONSISTENT. */
STROMA_CHECK stroma_status fig_histogram_highest(const fig_density *d, double *out,
                                                 stroma_error *err);
/* "1.86" with decimals from the interval; "not estimable". buf: FIG_PERCENT_MAX */
enum { FIG_PERCENT_MAX = 48 };
const char *fig_percent(const fig_gate *g, char *buf);
/* "2,317". buf: FIG_PERCENT_MAX */
const char *fig_count(int64_t n, char *buf);
/* "logicle scale (T 262144, W 0.52, M 4.5, A 0)" appended. */
void fig_put_scale(stroma_buffer *b, const fig_axis *a);
#endif
