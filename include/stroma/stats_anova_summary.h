/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_anova_summary.h
 *  One-way analysis of variance from printed means, SDs and group sizes. @since 0.1 */
#ifndef STROMA_STATS_ANOVA_SUMMARY_H
#define STROMA_STATS_ANOVA_SUMMARY_H
#include "stroma/stats_t_test.h"
#ifdef __cplusplus
extern "C" {
#endif
/** F from the groups' summaries: between Σ n(m − M)², within Σ (n − 1)·sd². Not estimable, with the
 *  reason: fewer than two groups, an empty group, no residual df, no variation. */
STROMA_API stroma_stat stroma_anova_one_way_summary(const stroma_group *g, size_t k);
/** Welch 1951 Biometrika 38:330. Every group needs n ≥ 2 and sd > 0. */
STROMA_API stroma_stat stroma_anova_welch_summary(const stroma_group *g, size_t k);
#ifdef __cplusplus
}
#endif
#endif
