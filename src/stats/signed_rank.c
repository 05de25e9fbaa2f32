/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "moments.h"
#include "rank_distribution.h"
#include "rank_interval.h"
#include "ranks.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static const stroma_rank_options defaults = STROMA_RANK_OPTIONS_INIT;
enum { DEFAULT_LIMIT_BYTES = 32 << 20 };
#define METHOD "signed_rank"

typedef struct one_sample {
    size_t n;          /* differences that carry a rank */
    size_t *scores;    /* their doubled midranks */
    uint64_t v2, all2; /* doubled: positive rank sum, sum of all */
    double sigma;
    bool ties;
    double *values; /* sorted, for the Walsh averages */
    size_t n_values;
} one_sample;

static stroma_status prepare(one_sample *s, const double *d, size_t n, const stroma_rank_options *o,
                             stroma_error *err)
{
    double *size = stroma_alloc_array(n, sizeof *size);
    s->scores = stroma_alloc_array(n, sizeof *s->scores);
    s->values = stroma_alloc_array(n, sizeof *s->values);
    bool *positive = stroma_alloc_array(n, sizeof *positive);
    stroma_status status = STROMA_OK;
    size_t kept = 0;
    if (size == NULL || s->scores == NULL || s->values == NULL || positive == NULL)
        status = stroma_no_memory(err);
    for (size_t i = 0; status == STROMA_OK && i < n; i++) {
        const double gap = d[i] - o->null_value;
        if (gap == 0 && o->zeros == STROMA_ZERO_DROP) continue;
        positive[kept] = gap > 0;
        s->values[kept] = d[i];
        size[kept++] = fabs(gap);
    }
    if (status == STROMA_OK) status = stroma_ranks_double(size, kept, s->scores, NULL, err);
    double squares = 0;
    for (size_t i = 0; status == STROMA_OK && i < kept; i++) {
        if (!(size[i] > 0)) continue; /* Pratt: a zero takes its rank with it */
        const size_t score = s->scores[i];
        s->scores[s->n++] = score;
        s->all2 += score;
        if (positive[i]) s->v2 += score;
        squares += (double)score * (double)score;
    }
    s->sigma = sqrt(squares) / 4; /* Var V = Σ rank²/4 */
    s->n_values = kept;
    if (status == STROMA_OK) {
        stroma_values_sort(s->values, kept);
        stroma_values_sort(size, kept);
        for (size_t i = 1; i < kept; i++)
            s->ties |= size[i] > 0 && size[i] == size[i - 1];
    }
    stroma_free(size);
    stroma_free(positive);
    return status;
}

static double walsh(const void *context, uint64_t k)
{
    const one_sample *s = context;
    return stroma_walsh_at(s->values, s->n_values, k);
}

static stroma_status exact(const one_sample *s, const stroma_rank_options *o, stroma_stat *out,
                           rank_interval *interval, stroma_error *err)
{
    const size_t limit = o->memory_limit_bytes == 0 ? DEFAULT_LIMIT_BYTES : o->memory_limit_bytes;
    rank_distribution d;
    STROMA_TRY(stroma_signed_rank_distribution(s->scores, s->n, limit, &d, err));
    if (d.weight == NULL) return STROMA_OK;
    const bool zeros = s->n < s->n_values;
    out->variant =
        s->ties ? (zeros ? "exact conditional, ties, zeros by Pratt" : "exact conditional, ties")
                : (zeros ? "exact conditional, zeros by Pratt" : "exact");
    out->p = stroma_rank_p(&d, s->v2, o->alternative, s->all2, 2);
    stroma_free(d.weight);
    /* The Walsh averages are n(n + 1)/2 whatever the ties, so their limits come from untied ranks.
     */
    size_t *plain = stroma_alloc_array(s->n_values, sizeof *plain);
    if (plain == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < s->n_values; i++)
        plain[i] = i + 1;
    const stroma_status status =
        stroma_signed_rank_distribution(plain, s->n_values, limit, &d, err);
    stroma_free(plain);
    if (status != STROMA_OK) return status;
    if (d.weight != NULL) {
        const double tail = stroma_rank_tail(o);
        interval->name = "Hodges-Lehmann exact";
        interval->reachable = stroma_rank_cdf(&d, 0) <= tail * (1 + 1e-12);
        const uint64_t cut = stroma_rank_quantile(&d, tail);
        interval->cut = cut == 0 ? 1 : cut;
    }
    stroma_free(d.weight);
    return STROMA_OK;
}

/* Standard deviation of V at shifts other than the averages: equal values stay tied. */
static double shifted_sigma(const one_sample *s)
{
    const double n = (double)s->n_values;
    double ties = 0;
    for (size_t i = 0, j; i < s->n_values; i = j) {
        for (j = i; j < s->n_values && s->values[j] == s->values[i]; j++) {
        }
        const double t = (double)(j - i);
        ties += t * t * t - t;
    }
    return sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48);
}

static stroma_status test(const one_sample *s, const stroma_rank_options *o, stroma_stat *out,
                          stroma_error *err)
{
    const uint64_t n_averages = (uint64_t)s->n_values * (s->n_values + 1) / 2;
    rank_interval interval = { walsh, s, n_averages, false, 0, "" };
    out->n_used = s->n;
    out->statistic_name = "V";
    out->statistic = (double)s->v2 / 2;
    if (s->n == 0) {
        out->not_estimable = true;
        out->reason = "all differences are zero";
        return STROMA_OK;
    }
    out->estimate_name = "Hodges-Lehmann pseudo-median";
    out->estimate = stroma_rank_estimate(walsh, s, n_averages);
    out->effect_name = "rank-biserial correlation";
    out->effect = (2 * (double)s->v2 - (double)s->all2) / (double)s->all2;
    if (o->method == STROMA_RANK_AUTO || o->method == STROMA_RANK_EXACT)
        STROMA_TRY(exact(s, o, out, &interval, err));
    if (isnan(out->p)) {
        if (o->method == STROMA_RANK_EXACT) {
            out->not_estimable = true;
            out->reason = "the exact distribution needs more memory than allowed";
            return STROMA_OK;
        }
        const double correction = o->method == STROMA_RANK_NORMAL ? 0 : 0.5;
        out->variant = correction > 0 ? "normal, continuity corrected" : "normal";
        const double gap = ((double)s->v2 - (double)s->all2 / 2) / 2;
        out->p = stroma_rank_normal_p(gap, s->sigma, o->alternative, correction);
        stroma_rank_normal_cut(&interval, o, shifted_sigma(s), correction);
    }
    stroma_rank_fill_interval(out, &interval, o);
    return STROMA_OK;
}

stroma_status stroma_signed_rank(const double *difference, size_t n,
                                 const stroma_rank_options *options, stroma_stat *out,
                                 stroma_error *err)
{
    const stroma_rank_options *o = options == NULL ? &defaults : options;
    *out = stroma_stat_empty(METHOD);
    STROMA_TRY(stroma_rank_options_check(o, err));
    STROMA_TRY(stroma_sample_check(difference, n, "signed rank", err));
    if (n == 0) {
        *out = stroma_stat_cannot(METHOD, "no differences");
        return STROMA_OK;
    }
    one_sample s = { .n = 0 };
    stroma_status status = prepare(&s, difference, n, o, err);
    if (status == STROMA_OK) status = test(&s, o, out, err);
    out->n1 = n;
    stroma_free(s.scores);
    stroma_free(s.values);
    return status;
}

stroma_status stroma_sign_test(const double *difference, size_t n, double level, stroma_stat *out,
                               stroma_error *err)
{
    *out = stroma_stat_empty("sign_test");
    STROMA_TRY(stroma_level_check(level, err));
    STROMA_TRY(stroma_sample_check(difference, n, "sign test", err));
    size_t up = 0, used = 0;
    for (size_t i = 0; i < n; i++) {
        up += difference[i] > 0;
        used += difference[i] != 0;
    }
    if (used == 0) *out = stroma_stat_cannot("sign_test", "no non-zero difference");
    out->n1 = n;
    out->n_used = used;
    if (used == 0) return STROMA_OK;
    const double k = (double)up, m = (double)used, tail = (1 - level) / 2;
    out->variant = "exact";
    out->statistic_name = "positive differences";
    out->statistic = k;
    out->p = fmin(1, 2 * fmin(stroma_binomial_cdf(k, m, 0.5), stroma_binomial_sf(k - 1, m, 0.5)));
    out->estimate_name = "share positive";
    out->estimate = k / m;
    out->interval_method = "Clopper-Pearson";
    out->level = level;
    out->lower = up == 0 ? 0 : stroma_beta_quantile(tail, k, m - k + 1);
    out->upper = up == used ? 1 : stroma_beta_quantile(1 - tail, k + 1, m - k);
    return STROMA_OK;
}
