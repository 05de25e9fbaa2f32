/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file fcs_scrub.h
 *  Names and identities out of the headers of an FCS file; the events stay bit for bit. What is
 *  taken out is a table of keywords with reasons (stroma_fcs_scrub_rules()), made from what vendors
 *  write; what analysis needs ($PnX, spillover, $CYT, $TIMESTEP, …) stays, and a keyword that no
 * rule names goes. Segments other than TEXT and DATA, and bytes between segments, are left behind.
 * This lowers a risk and removes none for certain: a marker's name may still name somebody. @since
 * 0.1 */
#ifndef STROMA_FCS_SCRUB_H
#define STROMA_FCS_SCRUB_H
#include "stroma/fcs_write.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum stroma_fcs_scrub_kind {
    STROMA_FCS_SCRUB_REMOVE,
    STROMA_FCS_SCRUB_DATE, /**< a date: shifted where that is asked for, else removed */
    STROMA_FCS_SCRUB_TIME, /**< a time of the day: kept where dates are shifted, else removed */
    STROMA_FCS_SCRUB_KEEP  /**< needed, or technical; what no rule names is removed */
} stroma_fcs_scrub_kind;

/** Names are compared in capitals, without blanks, '_', '.', '-' and what stands before the first
 *  letter ('$', '#', '@', "&12"): "EXPERIMENT NAME", "EXPERIMENT_NAME" and "$EXPERIMENTNAME" are
 *  one. */
typedef struct stroma_fcs_scrub_rule {
    const char *pattern; /**< such a name; '*' at either end stands for any text */
    stroma_fcs_scrub_kind kind;
    const char *why; /**< "who measured", … */
} stroma_fcs_scrub_rule;
STROMA_API const stroma_fcs_scrub_rule *stroma_fcs_scrub_rules(size_t *n);

typedef struct stroma_fcs_scrub_options {
    uint32_t version;
    const char *const *keep; /**< keywords that stay though they would go */
    size_t keep_len;
    const char *const *also; /**< further keywords to remove, '*' as in the rules */
    size_t also_len;
    bool shift_dates;   /**< shift dates by shift_days instead of removing them; times stay */
    int32_t shift_days; /**< may be negative */
} stroma_fcs_scrub_options;
#define STROMA_FCS_SCRUB_OPTIONS_INIT \
    {                                 \
        .version = 1                  \
    }

/** What was done with one keyword. The value itself is not kept. */
typedef struct stroma_fcs_scrubbed {
    size_t dataset; /**< 0 is the first */
    const char *keyword;
    const char *action; /**< "removed", "shifted", "kept" (by the option) */
    const char *why;
    size_t value_bytes;
} stroma_fcs_scrubbed;

typedef struct stroma_fcs_scrub stroma_fcs_scrub;
/** @param f must outlive *out  @param file for messages  @param diag findings STROMA-FCS-105 (a
 * text that still holds what was removed) and -106 (segments left behind); may be NULL Statuses:
 * USAGE (a keyword of --also that is needed to read the events), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_fcs_scrub_new(const stroma_fcs *f, const char *file,
                                                           const stroma_fcs_scrub_options *opts,
                                                           stroma_diag *diag,
                                                           stroma_fcs_scrub **out,
                                                           stroma_error *err);
/** All data sets of the file, for stroma_fcs_write(); owned by @p s. */
STROMA_API const stroma_fcs_content *stroma_fcs_scrub_content(const stroma_fcs_scrub *s, size_t *n);
STROMA_API const stroma_fcs_scrubbed *stroma_fcs_scrub_log(const stroma_fcs_scrub *s, size_t *n);
/** Whether @p text holds a value that was removed (a new file's name should not). */
STROMA_API bool stroma_fcs_scrub_betrays(const stroma_fcs_scrub *s, const char *text);
/** NULL is fine. */
STROMA_API void stroma_fcs_scrub_free(stroma_fcs_scrub *s);
#ifdef __cplusplus
}
#endif
#endif
