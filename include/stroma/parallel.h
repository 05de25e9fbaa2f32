/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file parallel.h
 *  A loop on several threads whose result does not depend on their number. @since 0.1 */
#ifndef STROMA_PARALLEL_H
#define STROMA_PARALLEL_H
#include "stroma/error.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Do the items begin ≤ i < end. Write results to places that belong to i alone.
 *  @param worker 0 ≤ worker < threads: picks scratch memory, nothing that shows in a result. */
typedef stroma_status (*stroma_parallel_fn)(size_t begin, size_t end, int worker, void *context,
                                            stroma_error *err);
/** Split 0…n-1 into pieces of @p chunk items (the last one shorter) and do each once, on up to
 *  @p threads threads, this one among them. The pieces are the same for every number of threads: a
 *  sum over a piece, added up in the order of pieces, is the same to the last bit.
 *
 *  After a failure no further piece is begun; every piece below the failed one is still done, so
 * the error given back, that of the lowest piece that failed, is always the same one. A requested
 *  interrupt ends the loop with STROMA_E_INTERRUPTED.
 *  @param chunk items a piece, 0 is taken as 1
 *  Statuses: those of @p fn, STROMA_E_INTERRUPTED. Fewer threads than asked is no error. */
STROMA_API STROMA_CHECK stroma_status stroma_parallel_for(size_t n, int threads, size_t chunk,
                                                          stroma_parallel_fn fn, void *context,
                                                          stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
