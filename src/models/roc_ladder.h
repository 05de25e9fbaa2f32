/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sample as counts on a ladder of its distinct values: what all ROC methods work on. */
#ifndef STROMA_MODELS_ROC_LADDER_H
#define STROMA_MODELS_ROC_LADDER_H
#include "stroma/models_roc.h"
#include "stroma/random.h"

/* Rungs ascend towards "positive": with direction LOWER the values are negated. */
typedef struct roc_ladder {
    size_t n_pos, n_neg, rungs;
    double sign;
    double *value;                   /* rungs: sign · value */
    uint32_t *pos, *neg;             /* rung of each subject, in the order given */
    uint32_t *pos_count, *neg_count; /* rungs */
} roc_ladder;

/* USAGE for a value that is not finite or more than 2^31 subjects; an empty class is fine here. */
STROMA_CHECK stroma_status roc_ladder_new(const stroma_roc_sample *s, roc_ladder *out,
                                          stroma_error *err);
void roc_ladder_free(roc_ladder *l);
/* DEGENERATE when a class is empty. */
STROMA_CHECK stroma_status roc_need_both(const roc_ladder *l, stroma_error *err);
extern const char roc_one_class[]; /* the reason */
/* Threshold (of sign · value) between two neighbouring values: "> t" is true of hi, not of lo. */
double roc_between(double lo, double hi);

/* Twice the number of (positive, negative) pairs in order, ties once; counts of any resample. */
uint64_t roc_pairs2(const roc_ladder *l, const uint32_t *pos_count, const uint32_t *neg_count);
/* Threshold with the largest Youden index, lowest first. */
typedef struct roc_best {
    double threshold; /* of sign · value */
    size_t tp, fp, tied;
} roc_best;
roc_best roc_best_youden(const roc_ladder *l, const uint32_t *pos_count, const uint32_t *neg_count);
double roc_partial(const roc_ladder *l, const uint32_t *pos_count, const uint32_t *neg_count,
                   const stroma_roc_range *range);

enum { ROC_WIDTH_MAX = 64 };
/* A statistic (or several, ROC_WIDTH_MAX at most) of each resample. */
typedef struct roc_resampling roc_resampling;
typedef void (*roc_statistic)(const roc_ladder *l, const uint32_t *pos_count,
                              const uint32_t *neg_count, const void *context, double *out);
/* Draw both classes with replacement; out holds resamples × width numbers, statistic by statistic.
 * USAGE for a bad number of resamples. */
STROMA_CHECK stroma_status roc_resample(const roc_ladder *l, const stroma_roc_bootstrap *b,
                                        roc_statistic f, const void *context, size_t width,
                                        double **out, stroma_error *err);
/* Interval by type 7 percentiles and SD of n numbers, into s. */
STROMA_CHECK stroma_status roc_percentiles(const double *x, size_t n, double level, stroma_stat *s,
                                           stroma_error *err);
STROMA_CHECK stroma_status roc_check_level(double level, stroma_error *err);
#endif
