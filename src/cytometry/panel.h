/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files about panels share. */
#ifndef STROMA_CYTOMETRY_PANEL_PRIVATE_H
#define STROMA_CYTOMETRY_PANEL_PRIVATE_H
#include "stroma/cytometry_panel.h"
#include "stroma/schema.h"

/** Names that mean one marker: the first is how it is printed. */
typedef struct panel_synonym {
    const char *name;
    const char *const *others; /* NULL-terminated */
    const char *source;
} panel_synonym;

enum { PANEL_KEY_MAX = 64 };
extern const stroma_schema panel_schema;
extern const panel_synonym panel_synonyms[];
extern const size_t panel_synonyms_len;

/* Letters and digits only, upper case, Greek letters as Latin ones; cut at PANEL_KEY_MAX − 1. */
void panel_key(const char *text, size_t n, char out[PANEL_KEY_MAX]);
/* The key that all names of a marker share. */
void panel_canonical(const stroma_panel *p, const char *text, size_t n, char out[PANEL_KEY_MAX]);
/* How well a parameter of a data set fits a marker: 0 not at all, 1 by $PnN, 2 by a word of $PnS,
 * 3 by the whole $PnS. */
int panel_fit(const stroma_panel *p, const stroma_fcs_parameter *parameter, const char *marker);
/* Where a marker of the panel is in a data set, SIZE_MAX: nowhere, or not clear where. */
size_t panel_match_one(const stroma_panel *p, const stroma_panel_marker *m,
                       const stroma_fcs_dataset *d, const char *file, stroma_diag *diag);
/* $PnN without "Comp-" or "FJComp-" in front. */
const char *panel_bare_channel(const char *name);
bool panel_is_scatter(const char *name);
/* A finding where all fluorescence that the panel puts on a scale looks as if it were on one. */
stroma_status panel_check_values(const stroma_panel *p, const stroma_panel_tube *t,
                                 const size_t *parameter, stroma_diag *diag, stroma_error *err);
#endif
