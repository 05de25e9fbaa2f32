/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_multiplicity.h
 *  Adjusted p-values of a family of tests, as R's p.adjust.
 *
 *  A NaN (a test that could not be made) stays NaN and is not counted in the family, so an
 * impossible test costs the others nothing. A design that fixes its family beforehand passes its
 * size.
 *  @since 0.1 */
#ifndef STROMA_STATS_MULTIPLICITY_H
#define STROMA_STATS_MULTIPLICITY_H
#include "stroma/error.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_adjustment {
    STROMA_ADJUST_NONE,
    STROMA_ADJUST_BONFERRONI,
    STROMA_ADJUST_HOLM,     /**< Holm 1979: step down, any dependence */
    STROMA_ADJUST_HOCHBERG, /**< Hochberg 1988 Biometrika 75:800: step up, independent or positively
                               dependent */
    STROMA_ADJUST_HOMMEL,   /**< Hommel 1988 Biometrika 75:383: Simes by closure, assumptions as
                               Hochberg */
    STROMA_ADJUST_BH,       /**< Benjamini & Hochberg 1995: false discovery rate */
    STROMA_ADJUST_BY        /**< Benjamini & Yekutieli 2001: the same under any dependence */
} stroma_adjustment;

/** "none", "bonferroni", "holm", "hochberg", "hommel", "BH", "BY"; never NULL. */
STROMA_API const char *stroma_adjustment_name(stroma_adjustment a);

/** Adjust @p n p-values. @p adjusted may be @p p itself.
 *  @param family how many tests the family has; 0: as many as p holds numbers. More than that is as
 *  if the tests that are not here had p = 1.
 *  @return STROMA_E_USAGE for a p outside 0…1 or a family smaller than the count; STROMA_E_NOMEM.
 */
STROMA_API STROMA_CHECK stroma_status stroma_p_adjust(const double *p, size_t n, size_t family,
                                                      stroma_adjustment method, double *adjusted,
                                                      stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
