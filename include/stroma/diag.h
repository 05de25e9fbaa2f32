/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file diag.h
 *  Findings are data, not prints: what a reader or a check noticed, collected in a list.
 *  Readers add to it and carry on; the caller decides what to print and what is failure. @since 0.1
 */
#ifndef STROMA_DIAG_H
#define STROMA_DIAG_H
#include "stroma/memory.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_severity {
    STROMA_NOTE,    /**< worth knowing */
    STROMA_WARNING, /**< probably wrong, carried on */
    STROMA_ERROR    /**< wrong: the value is not used */
} stroma_severity;

/** One finding. Texts are borrowed by stroma_diag_add(), which copies them; NULL where unknown. */
typedef struct stroma_finding {
    const char *code; /**< "STROMA-CSV-003", stable; `stroma explain CODE` prints the long form */
    stroma_severity severity;
    const char *file;    /**< path as the user gave it */
    int64_t line;        /**< 1-based line or record, 0 unknown */
    int64_t character;   /**< 1-based place in the line, 0 unknown */
    const char *column;  /**< name of the column or channel */
    const char *subject; /**< subject id */
    const char *visit;   /**< visit id */
    const char *param;   /**< parameter id */
    const char *value;   /**< the value as it was typed */
    const char *message; /**< what is wrong, one line, lower case, no full stop */
    const char *rule;    /**< the rule that found it, in words */
    const char *action;  /**< what to do about it */
    const char *audit;   /**< checklist id where one applies, as "A17" */
} stroma_finding;

/** What stands behind a finding's code; `stroma explain CODE` prints it. Each module that has codes
 * gives its table. Static texts. */
typedef struct stroma_code {
    const char *code;        /**< "STROMA-CSV-003" */
    const char *title;       /**< one line, lower case, no full stop */
    const char *explanation; /**< sentences: what it means, why it matters, what to do */
} stroma_code;

typedef struct stroma_diag {
    stroma_finding *items;
    size_t len, capacity;
    size_t dropped; /**< findings beyond the limit, counted but not kept */
    size_t limit;   /**< most findings kept */
    stroma_arena arena;
} stroma_diag;

STROMA_API void stroma_diag_init(stroma_diag *d);
/** Copy @p f into the list. @p d may be NULL (nothing happens). Memory failure drops the finding
 * and counts it. */
STROMA_API void stroma_diag_add(stroma_diag *d, const stroma_finding *f);
/** @return findings of at least this severity. */
STROMA_API size_t stroma_diag_count(const stroma_diag *d, stroma_severity at_least);
STROMA_API const char *stroma_severity_name(stroma_severity s);
STROMA_API void stroma_diag_clear(stroma_diag *d);
#ifdef __cplusplus
}
#endif
#endif
