/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file progress.h
 *  How far a long job is: the library tells, the program decides whether and how to show it.
 *  @since 0.1 */
#ifndef STROMA_PROGRESS_H
#define STROMA_PROGRESS_H
#include "stroma/error.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef struct stroma_progress {
    /** Called often, from one thread at a time; must be quick and must not fail.
     *  @param what the step, "reading visits.csv"
     *  @param total 0 when it is not known */
    void (*report)(void *context, const char *what, uint64_t done, uint64_t total);
    void *context;
} stroma_progress;

/** @p p and its report may be NULL: nothing happens. */
STROMA_API void stroma_progress_report(const stroma_progress *p, const char *what, uint64_t done,
                                       uint64_t total);
#ifdef __cplusplus
}
#endif
#endif
