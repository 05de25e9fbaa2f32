/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_precision.h
 *  How many subjects make an interval as narrow as it is wanted. Sizes are whole, the smallest with
 *  half the width of the expected interval at most the one asked for. @since 0.1 */
#ifndef STROMA_STATS_PRECISION_H
#define STROMA_STATS_PRECISION_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
/** One target, read by what it is for. Zero means the default. */
typedef struct stroma_precision_design {
    uint32_t version;  /**< 1 */
    double level;      /**< 0: 0.95 */
    double half_width; /**< in the unit of the estimate */
    double assurance;  /**< mean, mean-difference: probability that the interval is as narrow
                            (chi-squared of s²); 0: its expected s is the sd */
    double sd;         /**< 0: 1 */
    double value;      /**< anticipated proportion, AUC, correlation, ICC, sensitivity */
    double ratio;      /**< mean-difference: n2/n1; auc: negatives a positive; 0: 1 */
    double prevalence; /**< sensitivity, specificity: share with the condition */
    size_t raters;     /**< icc: measurements a subject; 0: 2 */
} stroma_precision_design;
#define STROMA_PRECISION_DESIGN_INIT \
    {                                \
        .version = 1                 \
    }

typedef struct stroma_precision_method {
    const char *name; /**< "mean", "proportion", … */
    const char *summary;
    const char *needs;
    const char *unit; /**< what n counts */
} stroma_precision_method;
/** Method @p i, NULL beyond the last. mean (t interval), mean-difference (t), proportion (Wilson),
 *  sensitivity and specificity (Wilson among those with, or without, the condition), auc (Hanley &
 *  McNeil 1982), correlation (Fisher's z, the wider side), icc (Bonett 2002 Stat Med 21:1331),
 *  limits-of-agreement (Bland & Altman 1999 SMMR 8:135: SE of a limit s·√(1/n + z²/(2(n − 1)))). */
STROMA_API const stroma_precision_method *stroma_precision_list(size_t i);
/** @return NULL when no method is called so */
STROMA_API const stroma_precision_method *stroma_precision_find(const char *name);

typedef struct stroma_precision {
    size_t n;            /**< of the unit named: subjects, each group, positives */
    size_t n_total;      /**< all subjects: both groups, or with and without the condition */
    double half_width;   /**< that this n gives */
    double lower, upper; /**< the interval expected around value; NaN for means */
} stroma_precision;
/** @return OK; USAGE (a number outside its range), DEGENERATE: no n up to 10^8 is enough. */
STROMA_API STROMA_CHECK stroma_status stroma_precision_size(const stroma_precision_method *m,
                                                            const stroma_precision_design *d,
                                                            stroma_precision *out,
                                                            stroma_error *err);
/** Half the width that n gives. */
STROMA_API STROMA_CHECK stroma_status stroma_precision_width(const stroma_precision_method *m,
                                                             const stroma_precision_design *d,
                                                             size_t n, stroma_precision *out,
                                                             stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
