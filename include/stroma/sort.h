/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file sort.h
 *  Stable sorting with a context: equal items keep their order, so results do not depend on the C
 *  library. @since 0.1 */
#ifndef STROMA_SORT_H
#define STROMA_SORT_H
#include "stroma/error.h"
#ifdef __cplusplus
extern "C" {
#endif
/** @return negative, zero or positive as @p a comes before, with or after @p b. */
typedef int (*stroma_compare)(const void *a, const void *b, void *context);

/** Stable merge sort of @p n items of @p size bytes; needs room for a copy of them.
 *  Statuses: STROMA_E_NOMEM (the items are then as they were). */
STROMA_API STROMA_CHECK stroma_status stroma_sort(void *items, size_t n, size_t size,
                                                  stroma_compare compare, void *context,
                                                  stroma_error *err);
/** Ascending, in place, without memory. -0 stands before 0, every NaN at the end: a total order of
 *  the values, so that the result is one and the same. */
STROMA_API void stroma_sort_doubles(double *x, size_t n);
/** The permutation that sorts @p x ascending: x[order[0]] ≤ x[order[1]] ≤ …, equal values (0 and -0
 *  are equal here) in order of their index, NaN at the end. @p x is left as it is.
 *  Statuses: STROMA_E_NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_order_doubles(const double *x, size_t n, size_t *order,
                                                           stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
