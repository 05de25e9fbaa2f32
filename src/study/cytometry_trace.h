/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a number to the gates, files and events it was counted from. */
#ifndef STROMA_STUDY_CYTOMETRY_TRACE_H
#define STROMA_STUDY_CYTOMETRY_TRACE_H
#include "stroma/json.h"

#include <sqlite3.h>
#include <stdbool.h>

/* What stands behind measurement @p id, a line each with @p prefix before it; nothing when it does
 * not come from events. @return false when study.db is not of this version */
bool cytometry_trace_text(sqlite3 *db, int64_t id, const char *prefix, stroma_buffer *out);
/* The same as the value of the key "cytometry". */
bool cytometry_trace_json(sqlite3 *db, int64_t id, stroma_json *j);
#endif
