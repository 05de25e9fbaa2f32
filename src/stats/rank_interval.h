/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two rank tests share: the Hodges-Lehmann estimate and its limits as order statistics of
 * N elementary estimates (differences or Walsh averages). */
#ifndef STROMA_STATS_RANK_INTERVAL_H
#define STROMA_STATS_RANK_INTERVAL_H
#include "stroma/stats_rank_test.h"

/* k-th smallest elementary estimate, 1-based. */
typedef double (*elementary)(const void *context, uint64_t k);

typedef struct rank_interval {
    elementary at;
    const void *context;
    uint64_t n;     /* how many elementary estimates */
    bool reachable; /* can the level be reached */
    uint64_t cut;   /* limits are the cut-th smallest and largest, 1-based */
    const char *name;
} rank_interval;

double stroma_rank_estimate(elementary at, const void *context, uint64_t n);
/* The tail that each limit leaves: half of 1 − level, or all of it for a one-sided alternative. */
double stroma_rank_tail(const stroma_rank_options *o);
/* Cut of the asymptotic interval: mean n/2, standard deviation sigma. */
void stroma_rank_normal_cut(rank_interval *r, const stroma_rank_options *o, double sigma,
                            double correction);
void stroma_rank_fill_interval(stroma_stat *out, const rank_interval *r,
                               const stroma_rank_options *o);
/* p of a statistic with its mean and standard deviation. */
double stroma_rank_normal_p(double gap, double sigma, stroma_alternative alternative,
                            double correction);
STROMA_CHECK stroma_status stroma_rank_options_check(const stroma_rank_options *o,
                                                     stroma_error *err);
#endif
