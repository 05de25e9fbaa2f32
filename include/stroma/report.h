/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file report.h
 *  The report: one HTML page, its figures and tables, as a pure function of a study.db. It prints
 *  what the run has written and computes nothing; the same study.db gives the same bytes. @since
 * 0.1 */
#ifndef STROMA_REPORT_H
#define STROMA_REPORT_H
#include "stroma/error.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef struct stroma_report_options {
    uint32_t version;
    const char *out; /**< folder (made when absent): report.html, figures/<item>.vl.json,
                        tables/<item>.tsv,        tables.xlsx; or one file ending in ".html": the
                        page alone */
    bool overwrite;  /**< false refuses an existing file with STROMA_E_USAGE */
    bool static_svg; /**< draw the figures with Node now: figures/<item>.svg, and the same pictures
                        in the page for readers without JavaScript */
    bool pseudonymised; /**< refuse (STROMA_E_USAGE) a study.db that was not written with
                           pseudonyms. The report always prints subject.display_id, never
                           subject_id; replacing the ids is the run's work, so that the printed and
                           the stored name are one */
    const char *node;   /**< program that draws static figures; NULL = "node" on PATH */
} stroma_report_options;
#define STROMA_REPORT_OPTIONS_INIT \
    {                              \
        .version = 1               \
    }

/** What was written. */
typedef struct stroma_report_info {
    size_t html_bytes;
    size_t n_figures, n_tables, n_sections;
} stroma_report_info;

/** Write the report of @p study_db.
 *  @param info may be NULL
 *  Statuses: IO (file missing, disk full, Node missing), MALFORMED (no study.db, or of another
 * schema version), INCONSISTENT (an item of a kind this version does not know), USAGE, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_report_build(const char *study_db,
                                                          const stroma_report_options *opts,
                                                          stroma_report_info *info,
                                                          stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
