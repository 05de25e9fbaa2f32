/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_normality.h
 *  Shapiro-Wilk test of normality. @since 0.1 */
#ifndef STROMA_STATS_NORMALITY_H
#define STROMA_STATS_NORMALITY_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Shapiro & Wilk 1965 with Royston's approximations (Royston 1995 Appl Stat 44:547, algorithm AS
 *  R94), complete samples. statistic W. The p-value is an approximation good to two or three
 *  digits. `not_estimable` for n < 3, n > 5000 (beyond Royston's range) and for all values equal.
 *  STROMA_E_USAGE for NaN, infinite or > 1e140 values. */
STROMA_API STROMA_CHECK stroma_status stroma_shapiro_wilk(const double *x, size_t n,
                                                          stroma_stat *out, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
