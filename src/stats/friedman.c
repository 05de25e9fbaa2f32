/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "moments.h"
#include "ranks.h"

#include "stroma/memory.h"
#include "stroma/stats_anova.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static stroma_status friedman(const double *x, size_t n, size_t k, stroma_stat *out,
                              stroma_error *err)
{
    size_t *ranks2 = stroma_alloc_array(k, sizeof *ranks2);
    uint64_t *sum2 = stroma_alloc_array(k, sizeof *sum2);
    stroma_status s = ranks2 == NULL || sum2 == NULL ? stroma_no_memory(err) : STROMA_OK;
    double all_ties = 0;
    for (size_t i = 0; i < n && s == STROMA_OK; i++) {
        double ties = 0;
        s = stroma_ranks_double(x + i * k, k, ranks2, &ties, err);
        for (size_t j = 0; j < k; j++)
            sum2[j] += ranks2[j];
        all_ties += ties;
    }
    const double rows = (double)n, m = (double)k;
    const double spread = rows * m * (m + 1) - all_ties / (m - 1);
    if (s == STROMA_OK && !(spread > 0)) {
        *out = stroma_stat_cannot("friedman", "every subject has equal values at all visits");
    } else if (s == STROMA_OK) {
        double squares = 0;
        for (size_t j = 0; j < k; j++) {
            const double d = (double)sum2[j] / 2 - rows * (m + 1) / 2;
            squares += d * d;
        }
        out->statistic_name = "chi2";
        out->df = m - 1;
        out->statistic = 12 * squares / spread;
        out->p = stroma_chi2_sf(out->statistic, out->df);
        out->effect_name = "Kendall W";
        out->effect = out->statistic / (rows * (m - 1));
    }
    stroma_free(ranks2);
    stroma_free(sum2);
    return s;
}

stroma_status stroma_friedman(const double *x, size_t n, size_t k, stroma_stat *out,
                              stroma_error *err)
{
    *out = stroma_stat_empty("friedman");
    if (k > 0 && n > SIZE_MAX / k) return stroma_fail(err, STROMA_E_USAGE, "table is too large");
    STROMA_TRY(stroma_sample_check(x, n * k, "friedman", err));
    stroma_status s = STROMA_OK;
    if (k < 2)
        *out = stroma_stat_cannot("friedman", "fewer than two visits");
    else if (n < 2)
        *out = stroma_stat_cannot("friedman", "fewer than two subjects");
    else
        s = friedman(x, n, k, out, err);
    out->n_used = n;
    return s;
}
