/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file number.h
 *  Numbers as text, independent of the locale. `strtod`, `atof`, `printf("%f")` to data files are
 *  banned elsewhere. @since 0.1 */
#ifndef STROMA_NUMBER_H
#define STROMA_NUMBER_H
#include "stroma/error.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
enum { STROMA_NUMBER_TEXT_MAX = 40 };

/** The whole of @p s (n bytes, no surrounding blanks) as a double, correctly rounded.
 *  Accepts an optional sign, digits, the decimal mark @p decimal ('.' or ','), an exponent.
 *  Not accepted: blanks, hexadecimal, "inf", "nan", digit group marks, an empty text.
 *  @return false when the text is not a number or overflows; @p out is then untouched. */
STROMA_API bool stroma_parse_double(const char *s, size_t n, char decimal, double *out);
/** The whole of @p s as a decimal integer with optional sign; false also on overflow. */
STROMA_API bool stroma_parse_int(const char *s, size_t n, int64_t *out);
/** Shortest decimal text that reads back to the same double. "NaN", "Inf", "-Inf" otherwise.
 *  @param out at least STROMA_NUMBER_TEXT_MAX bytes. @return @p out. */
STROMA_API const char *stroma_format_double(double x, char *out);
/** Fixed number of decimals (0–17), correctly rounded; "-0.00" becomes "0.00". @return @p out. */
STROMA_API const char *stroma_format_fixed(double x, int decimals, char *out);
/** @p digits significant digits (1–17), trailing zeros kept, exponent only beyond 1e-5…1e15. */
STROMA_API const char *stroma_format_significant(double x, int digits, char *out);
/** A p-value as journals print it: "< 0.0001", "0.0123", "0.12"; out of range gives "?" . */
STROMA_API const char *stroma_format_p(double p, char *out);
/** The decimal number nearest to @p x, in thousandths, rounded half away from zero on its shortest
 *  decimal text: 3.2000000477 → 3200, 2.4400000000000004 → 2440. Response criteria compare these
 *  (DESIGN.md §3, decimal edges). @return false when x is not finite or |x| > 9e12. */
STROMA_API bool stroma_decimal_thousandths(double x, int64_t *out);
/** Compare with a cut-off as decimals: both in thousandths, or in the digits of the cut-off (12 at
 *  most) when it has more, rounded as above. @p out: −1, 0 or 1. @return false when either is not
 *  finite or too large (9e15 of the units). */
STROMA_API bool stroma_decimal_compare(double x, double cut, int *out);
/** a − b of numbers that were typed as decimals: 0.4 − 0.1 and 0.6 − 0.3 are the same 0.3, so that
 *  ranks see the tie. Numbers with more than nine decimals are subtracted as they are. */
STROMA_API double stroma_decimal_difference(double a, double b);
#ifdef __cplusplus
}
#endif
#endif
