/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats.h
 *  What every statistical method gives back: bare numbers, without knowledge of trials. `study`
 * adds parameter, visit, population and family, and appends the result to the run's list of tests.
 *
 *  State is not NaN: a quantity that the method does not have, or that cannot be computed from
 * these data, is NaN here *and* `state`/`reason` say so; every writer turns it into null with the
 * reason. All functions are pure and thread-safe. @since 0.1 */
#ifndef STROMA_STATS_H
#define STROMA_STATS_H
#include "stroma/error.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_alternative {
    STROMA_TWO_SIDED,
    STROMA_LESS,
    STROMA_GREATER
} stroma_alternative;

/** One test or estimate. Texts are static. */
typedef struct stroma_stat {
    const char *method;        /**< stable id: "welch_t", "mann_whitney", "fisher_exact", … */
    const char *variant;       /**< "exact conditional, ties", "Greenhouse-Geisser", … or "" */
    const char *reason;        /**< why something could not be computed, else "" */
    bool not_estimable;        /**< nothing useful could be computed; see reason */
    size_t n_used;             /**< observations (or pairs, blocks, tables' total) that entered */
    size_t n1, n2;             /**< per group for two-group methods, else 0 */
    const char *estimate_name; /**< "mean difference", "odds ratio", "rho", … or "" */
    double estimate, se;
    const char *interval_method; /**< "t", "Clopper-Pearson", "Hodges-Lehmann exact", … or "" */
    double level;                /**< confidence level as a fraction, 0.95 */
    double lower, upper;
    const char *statistic_name; /**< "t", "W", "F", "chi2", … or "" */
    double statistic;
    double df, df2; /**< df2: denominator of F */
    double p;
    const char *effect_name; /**< "Hedges g", "AUC", "eta2", … or "" */
    double effect, effect_lower, effect_upper;
} stroma_stat;

/** All texts "", all numbers NaN, level 0.95. */
STROMA_API stroma_stat stroma_stat_empty(const char *method);
/** Mark as not estimable, with a static reason. @return the result, for `return
 * stroma_stat_cannot(…)`. */
STROMA_API stroma_stat stroma_stat_cannot(const char *method, const char *reason);
#ifdef __cplusplus
}
#endif
#endif
