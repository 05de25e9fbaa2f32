/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STROMA_STATS_RANK_CACHE_H
#define STROMA_STATS_RANK_CACHE_H
#include "rank_distribution.h"

#include "stroma/stats_rank_test.h"

/* As stroma_rank_sum_distribution(); the weights stay the cache's, until the next call. */
STROMA_CHECK stroma_status stroma_rank_cache_get(stroma_rank_cache *c, size_t *scores, size_t n,
                                                 size_t m, size_t limit, rank_distribution *out,
                                                 stroma_error *err);
#endif
