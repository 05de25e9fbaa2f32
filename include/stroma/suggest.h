/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file suggest.h
 *  "Did you mean …?" for a name that is not known: option, command, key, column. @since 0.1 */
#ifndef STROMA_SUGGEST_H
#define STROMA_SUGGEST_H
#include "stroma/error.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Edits that turn @p a into @p b: insert, delete, replace a byte, swap two neighbours (optimal
 *  string alignment; Damerau 1964). ASCII case is ignored. Texts are compared over their first 64
 *  bytes; what is longer counts as one edit a byte. */
STROMA_API size_t stroma_edit_distance(const char *a, const char *b);
/** The name nearest to @p word, the first of equals, or NULL when none is near enough to be meant:
 *  more than a third of the word's length away, and neither begins with the other.
 *  @param names @p n texts; NULL entries are passed over */
STROMA_API const char *stroma_nearest(const char *word, const char *const *names, size_t n);
#ifdef __cplusplus
}
#endif
#endif
