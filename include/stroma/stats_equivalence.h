/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_equivalence.h
 *  Are two means close enough? Two one-sided t tests against bounds that were declared beforehand
 *  (Schuirmann 1987 J Pharmacokinet Biopharm 15:657). A difference test that is not significant
 *  says nothing of the kind. @since 0.1 */
#ifndef STROMA_STATS_EQUIVALENCE_H
#define STROMA_STATS_EQUIVALENCE_H
#include "stroma/stats_t_test.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_equivalence_design {
    STROMA_EQUIVALENCE_PAIRED,
    STROMA_EQUIVALENCE_WELCH,
    STROMA_EQUIVALENCE_STUDENT
} stroma_equivalence_design;
typedef struct stroma_equivalence_options {
    stroma_equivalence_design design;
    double lower_bound, upper_bound; /**< of x − y; declared */
    double alpha;                    /**< of each test, 0.05 */
} stroma_equivalence_options;
typedef struct stroma_equivalence {
    stroma_equivalence_options options;
    stroma_stat difference; /**< p: the larger of the two; limits at level 1 − 2·alpha: equivalent
                               when they lie within the bounds */
    double p_lower, p_upper; /**< against "at or below the lower", "at or above the upper bound" */
    bool equivalent;         /**< p ≤ alpha */
} stroma_equivalence;
/** Differences x − y.
 *  @return OK; USAGE (bounds not in order or not finite, alpha outside 0 … 0.5, lengths of pairs),
 *  NOMEM. Not estimable as the t test of the design. */
STROMA_API STROMA_CHECK stroma_status stroma_equivalence_test(
    const double *x, size_t nx, const double *y, size_t ny,
    const stroma_equivalence_options *options, stroma_equivalence *out, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
