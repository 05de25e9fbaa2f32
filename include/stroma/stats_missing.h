/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_missing.h
 *  What is missing of one parameter: counts by group, visit and state, the patterns over the
 * visits, and an order of the subjects in which dropout shows as a staircase. @since 0.1 */
#ifndef STROMA_STATS_MISSING_H
#define STROMA_STATS_MISSING_H
#include "stroma/table.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Of one subject. A value beyond a limit was measured and is not missing. */
typedef enum stroma_missing_kind {
    STROMA_MISSING_NOTHING,      /**< measured at every visit */
    STROMA_MISSING_MONOTONE,     /**< measured at every visit up to one, and at none after it */
    STROMA_MISSING_INTERMITTENT, /**< measured after a gap */
    STROMA_MISSING_EVERYTHING
} stroma_missing_kind;
enum { STROMA_MISSING_KIND_COUNT = STROMA_MISSING_EVERYTHING + 1 };
/** "complete", "monotone", "intermittent", "never measured" */
STROMA_API const char *stroma_missing_kind_name(stroma_missing_kind k);

typedef struct stroma_missing_pattern {
    const bool *measured; /**< visits */
    stroma_missing_kind kind;
    size_t n;         /**< subjects */
    const size_t *by; /**< groups: subjects of each */
} stroma_missing_pattern;

/** Open to read. Free with stroma_missing_map_free(). */
typedef struct stroma_missing_map {
    size_t subjects, visits, groups;
    size_t *states;               /**< groups × visits × STROMA_CELL_STATE_COUNT */
    size_t *kinds;                /**< groups × STROMA_MISSING_KIND_COUNT */
    size_t *last;                 /**< subjects: last visit measured, or SIZE_MAX */
    stroma_missing_kind *kind_of; /**< subjects */
    size_t
        *order; /**< subjects, by group; within it the longest measured first, fewer gaps first */
    stroma_missing_pattern *patterns; /**< most frequent first; ties: more measured first */
    size_t patterns_len;
    stroma_arena arena;
} stroma_missing_map;

/** @param states subjects × visits of ::stroma_cell_state, visits in the order of time; no record
 *  counts as STROMA_MISSING
 *  @param group subjects: codes 0 … groups-1, or NULL: one
 *  @return OK, with no subject too; USAGE (a code or state out of range), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_missing_map_make(const uint8_t *states,
                                                              const size_t *group, size_t subjects,
                                                              size_t visits, size_t groups,
                                                              stroma_missing_map **out,
                                                              stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_missing_map_free(stroma_missing_map *m);
#ifdef __cplusplus
}
#endif
#endif
