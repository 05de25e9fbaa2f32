/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry_quality.h
 *  What is wrong with the events of a data set: unsteady flow, signals that move, events at the end
 *  of a scale, doublets, dead cells, values that are none. Events are marked, never removed.
 *  docs/handbook/sample-quality.md has each check with its limits. @since 0.1 */
#ifndef STROMA_CYTOMETRY_QUALITY_H
#define STROMA_CYTOMETRY_QUALITY_H
#include "stroma/cytometry_panel.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum stroma_quality_verdict {
    STROMA_QUALITY_CANNOT_JUDGE, /**< too few events, no such channel, …: the detail says why */
    STROMA_QUALITY_GOOD,
    STROMA_QUALITY_LOOK, /**< beyond the first limit: a person should look */
    STROMA_QUALITY_BAD   /**< beyond the second one */
} stroma_quality_verdict;
/** "cannot judge", "good", "look", "bad" */
STROMA_API const char *stroma_quality_verdict_name(stroma_quality_verdict v);

/** A check that there is. Its place in the table is its bit in the flags of an event. */
typedef struct stroma_quality_check {
    const char *id;      /**< "flow_rate" */
    const char *label;   /**< "Flow rate" */
    const char *measure; /**< what is held against the limits: "share of time slices" */
    double look, bad;    /**< a measure above is looked at, is bad; NaN: never so */
    bool marks;          /**< it marks events; else it is of the whole file */
    bool fault; /**< marked events are faults of the acquisition: what exclusion leaves out. Others
                   are cells of a kind (doublets, dead) or values at an end (negative pile) */
    const char *meaning; /**< what it finds, and how */
    const char *source;  /**< paper or program it follows */
} stroma_quality_check;
/** Check @p i, in their order; NULL beyond the last. */
STROMA_API const stroma_quality_check *stroma_quality_check_at(size_t i);

/** Bits of the checks whose marks are faults. */
STROMA_API uint32_t stroma_quality_faults(void);

/** What a check found. */
typedef struct stroma_quality_result {
    const stroma_quality_check *check;
    uint64_t n_checked, n_flagged; /**< events; both 0 when it could not be judged */
    double measure;                /**< NaN when it could not be judged */
    stroma_quality_verdict verdict;
    const char *detail; /**< in words: what was seen, or why it could not be judged */
} stroma_quality_result;

typedef struct stroma_quality {
    stroma_arena arena;
    stroma_quality_result *results; /**< one a check */
    size_t results_len;
    uint32_t *flags;                /**< one an event: bit i is check i */
    uint64_t n_events, n_faulty;    /**< with a mark that is a fault */
    stroma_quality_verdict verdict; /**< the worst of the results */
} stroma_quality;

typedef struct stroma_quality_options {
    uint32_t version;
    int threads;                             /**< 0 is 1; the result does not depend on it */
    const stroma_panel *panel;               /**< names the dead-cell marker; NULL: none */
    const stroma_compensation *compensation; /**< for the dead-cell marker; NULL: as recorded */
} stroma_quality_options;
#define STROMA_QUALITY_OPTIONS_INIT \
    {                               \
        .version = 1                \
    }
/** Make every check. All but the dead-cell marker are looked at as recorded (linear, not
 *  compensated). About 40 bytes an event are held. @param opts may be NULL
 *  Statuses: those of reading events, INTERRUPTED, NOMEM. *out is to be cleared on success only. */
STROMA_API STROMA_CHECK stroma_status stroma_quality_run(const stroma_fcs_dataset *d,
                                                         const stroma_quality_options *opts,
                                                         stroma_quality *out, stroma_error *err);
STROMA_API void stroma_quality_clear(stroma_quality *q);
/** A finding a check of this verdict or worse: bad is a warning, look a note. */
STROMA_API void stroma_quality_report(const stroma_quality *q, stroma_quality_verdict at_least,
                                      const char *file, stroma_diag *diag);
/** Which events are free of marks: bit e % 64 of word e / 64, as in stroma_membership.
 *  @param checks bits of the checks that count: stroma_quality_faults(); UINT32_MAX: all  @param
 * bits (n_events + 63) / 64
 */
STROMA_API void stroma_quality_good_events(const stroma_quality *q, uint32_t checks,
                                           uint64_t *bits);
/** Codes of the findings, STROMA-QC-nnn. */
STROMA_API const stroma_code *stroma_quality_codes(size_t *n);
#ifdef __cplusplus
}
#endif
#endif
