/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the files of an entry to the study. */
#ifndef STROMA_STUDY_CYTOMETRY_RUN_H
#define STROMA_STUDY_CYTOMETRY_RUN_H
#include "cytometry_tube.h"

/* What the tubes gave becomes inputs, findings and measurements of the study. */
stroma_status cytometry_store(study *s, cytometry_entry *e, stroma_error *err);
#endif
