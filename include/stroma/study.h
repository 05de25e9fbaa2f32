/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file study.h
 *  The main job: a study file and its data to study.db, and what stands behind a number in it.
 *  Formats: docs/formats/study-file.md, docs/formats/study-db.md. @since 0.1 */
#ifndef STROMA_STUDY_H
#define STROMA_STUDY_H
#include "stroma/buffer.h"
#include "stroma/diag.h"
#include "stroma/progress.h"
#include "stroma/study_biomarker.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef struct stroma_study_options {
    uint32_t version;
    int threads;       /**< 0 = as many as there are cores; results do not depend on it */
    bool pseudonymise; /**< display ids become P001, P002, … in an order that does not show the ids'
                        */
    const char *style; /**< NULL: as the study file says; "stroma" or "paper" */
    /** Answers the entries of `biomarkers:`, usually stroma_biomarker_answer(); NULL: a study file
     *  that has such entries is refused. */
    stroma_study_biomarker_fn biomarker;
    const stroma_progress *progress; /**< told of files of events; may be NULL */
} stroma_study_options;
#define STROMA_STUDY_OPTIONS_INIT \
    {                             \
        .version = 1              \
    }

/** What a run did, for the terminal. Texts are owned by the summary. */
typedef struct stroma_study_summary {
    char *title; /**< "RA-MSCT · 105 subjects, 2 arms, 8 visits" */
    bool simulated;
    size_t n_files, n_visits_recorded, n_findings, n_results, n_tests, n_circular, n_families;
    char *scores; /**< "DAS28ESR 812, HAQDI 805, …" */
    char *headline;
    char *trace_example;     /**< options of `stroma trace` that show something, or NULL */
    char **input_paths;      /**< every file that was read, as it was opened */
    char **input_pseudonyms; /**< of each, what is shown instead of its path; NULL: the path */
    size_t input_paths_len;
} stroma_study_summary;

/** Read, check, compute and write @p db_path (a new file).
 *  @param diag every finding (may be NULL)
 *  @param out may be NULL; clear with stroma_study_summary_clear()
 *  Statuses: those of the readers; INCONSISTENT when study file and data disagree; DEGENERATE. */
STROMA_API STROMA_CHECK stroma_status stroma_study_run(const char *study_file, const char *db_path,
                                                       const stroma_study_options *opts,
                                                       stroma_diag *diag, stroma_study_summary *out,
                                                       stroma_error *err);
STROMA_API void stroma_study_summary_clear(stroma_study_summary *s);

/** Read and check without computing results: every finding, not the first.
 *  Statuses: OK also when there are findings; failures only when the study file itself cannot be
 * read (its faults are then findings, too). */
STROMA_API STROMA_CHECK stroma_status stroma_study_check(const char *study_file,
                                                         const stroma_study_options *opts,
                                                         stroma_diag *diag, stroma_error *err);

/** The reference of all keys of the study file, as Markdown. */
STROMA_API STROMA_CHECK stroma_status stroma_study_keys(stroma_buffer *out, stroma_error *err);

/** Names of the templates of `stroma init`, and the text of one; NULL when unknown. Static. */
STROMA_API const char *const *stroma_study_templates(size_t *n);
STROMA_API const char *stroma_study_template(const char *name);

typedef struct stroma_trace_options {
    uint32_t version;
    const char *subject, *visit,
        *param; /**< visit NULL: the subject's own value; param: id or PARAMCD */
    bool json;
} stroma_trace_options;
/** The tree from a number to file, row and hash, as text or JSON.
 *  Statuses: IO, MALFORMED (not a study.db), USAGE (no such subject, visit or parameter). */
STROMA_API STROMA_CHECK stroma_status stroma_trace(const char *db_path,
                                                   const stroma_trace_options *opts,
                                                   stroma_buffer *out, stroma_error *err);

/** Codes of the findings this module makes. */
STROMA_API const stroma_code *stroma_study_codes(size_t *n);
#ifdef __cplusplus
}
#endif
#endif
