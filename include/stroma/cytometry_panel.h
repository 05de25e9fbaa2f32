/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry_panel.h
 *  A panel: which marker is read in which channel, on which scale, with which controls. A panel is
 *  a YAML file (docs/formats/strategy-file.md); markers are found in a data set by $PnS and $PnN,
 *  with synonyms. @since 0.1 */
#ifndef STROMA_CYTOMETRY_PANEL_H
#define STROMA_CYTOMETRY_PANEL_H
#include "stroma/buffer.h"
#include "stroma/cytometry_compensation.h"
#include "stroma/cytometry_transform.h"
#ifdef __cplusplus
extern "C" {
#endif

/** Scale of a channel. What is to be found from the panel's files is `auto` until
 *  stroma_panel_fit_scales(). */
typedef struct stroma_panel_scale {
    stroma_transform_kind kind;
    double t, w, m, a;
    bool auto_t; /**< T is $PnR, the highest of the panel's files */
    bool auto_w; /**< W from the negatives of all the panel's files (Parks 2006) */
} stroma_panel_scale;

typedef struct stroma_panel_marker {
    const char *name;    /**< as the panel calls it: "FoxP3" */
    const char *channel; /**< $PnN, or NULL: wherever the marker is */
    const char *role;    /**< "lineage", "state", "viability", "dump", "scatter", "time" */
    bool scatter;        /**< light scatter: linear and never compensated */
    bool fmo, isotype;   /**< the panel declares such a control */
    bool may_lack;       /**< only optional populations need it: its absence is a note */
    stroma_panel_scale scale;
    int64_t line; /**< of the file, 0: not declared there */
} stroma_panel_marker;

typedef struct stroma_panel {
    stroma_arena arena;
    const char *source; /**< file, or name of a shipped panel */
    const char *id, *title, *instrument;
    bool compensate;                 /**< by the matrix of each file; false: as recorded */
    stroma_panel_scale fluorescence; /**< of markers that say nothing */
    stroma_panel_marker *markers;
    size_t markers_len, markers_capacity;
    const char *dead_marker;           /**< of the dead-cell rule, or NULL: none */
    const char *dead_rule;             /**< in words, or NULL */
    const struct panel_synonym *extra; /**< synonyms of the file; private */
    size_t extra_len;
} stroma_panel;

/** An empty panel: every marker wherever it is, logicle with T = $PnR, M 4.5, W 0.5. */
STROMA_API void stroma_panel_init(stroma_panel *p);
STROMA_API void stroma_panel_clear(stroma_panel *p);
/** From a file, or by the name of a shipped panel. @p out is initialised here.
 *  Statuses: IO, MALFORMED (every fault is a finding too), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_panel_read(const char *path_or_name, stroma_diag *diag,
                                                        stroma_panel *out, stroma_error *err);
STROMA_API STROMA_CHECK stroma_status stroma_panel_parse(const char *text, size_t size,
                                                         const char *name, stroma_diag *diag,
                                                         stroma_panel *out, stroma_error *err);
/** Index of the marker, by name or synonym; it is added when it is not there. FSC… and SSC… are
 *  scatter. SIZE_MAX: memory ran out. */
STROMA_API size_t stroma_panel_marker_add(stroma_panel *p, const char *name);
/** SIZE_MAX: none. */
STROMA_API size_t stroma_panel_marker_find(const stroma_panel *p, const char *name);
/** Whether two names mean the same marker: case, blanks and hyphens do not matter, and synonyms are
 *  known (src/cytometry/panel_synonyms.c names the sources). @p p may be NULL. */
STROMA_API bool stroma_panel_same_marker(const stroma_panel *p, const char *a, const char *b);

/** Where the markers are. @param parameter markers_len places, filled with the index of the
 *  parameter or SIZE_MAX. Missing, doubled and moved markers are findings STROMA-PANEL-nnn.
 *  The stain ($PnS) rules where it names the marker; of several pulse features the area is taken.
 *  Statuses: NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_panel_match(const stroma_panel *p,
                                                         const stroma_fcs_dataset *d,
                                                         const char *file, stroma_diag *diag,
                                                         size_t *parameter, stroma_error *err);
/** What differs between two files of one panel: a marker in another channel, another stain text,
 *  another voltage or range, other compensation names. Every difference is a finding.
 *  @return how many there were */
STROMA_API size_t stroma_panel_compare(const stroma_panel *p, const stroma_fcs_dataset *first,
                                       const char *first_file, const size_t *first_parameter,
                                       const stroma_fcs_dataset *other, const char *other_file,
                                       const size_t *other_parameter, stroma_diag *diag);

/** A data set of the panel. */
typedef struct stroma_panel_tube {
    const stroma_fcs_dataset *data;
    const stroma_compensation *compensation; /**< of the file; NULL: none */
    const char *file;
} stroma_panel_tube;
/** Set T and W where they are `auto`, from all files of the panel together and never from one of
 *  several. At most 20,000 events a file, evenly spaced, are looked at. Where another set of files
 *  would have given other scales, finding STROMA-PANEL-011. @param diag may be NULL
 *  Statuses: those of the column reader, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_panel_fit_scales(stroma_panel *p,
                                                              const stroma_panel_tube *tubes,
                                                              size_t n, stroma_diag *diag,
                                                              stroma_error *err);
/** The panel as a file, with the scales that it has now: nothing in it is `auto`. Statuses: NOMEM,
 *  those of the buffer. */
STROMA_API STROMA_CHECK stroma_status stroma_panel_write(const stroma_panel *p, stroma_buffer *out,
                                                         stroma_error *err);

/** Names of the shipped panels, and the text of one (NULL: none of that name). */
STROMA_API const char *const *stroma_panels(size_t *n);
STROMA_API const char *stroma_panel_text(const char *name);
/** Reference of the file's keys, Markdown. */
STROMA_API void stroma_panel_keys(stroma_buffer *out);
/** Codes of the findings about panels, STROMA-PANEL-nnn. */
STROMA_API const stroma_code *stroma_panel_codes(size_t *n);
#ifdef __cplusplus
}
#endif
#endif
