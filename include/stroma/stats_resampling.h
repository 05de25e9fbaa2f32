/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_resampling.h
 *  Permutation tests of a mean difference, and the bootstrap and jackknife of any statistic.
 *
 *  Every resample has a Philox generator of its own, from (seed, stream, number of the resample):
 *  results do not depend on the number of threads. Pure, thread-safe. @since 0.1 */
#ifndef STROMA_STATS_RESAMPLING_H
#define STROMA_STATS_RESAMPLING_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
enum { STROMA_RESAMPLES_MIN = 20, STROMA_RESAMPLES_MAX = 100000000 };

typedef enum stroma_permutation_method {
    STROMA_PERMUTATION_AUTO,  /**< exact within the limit, else Monte Carlo; `variant` says which */
    STROMA_PERMUTATION_EXACT, /**< not estimable beyond the limit */
    STROMA_PERMUTATION_MONTE_CARLO
} stroma_permutation_method;
typedef struct stroma_permutation_options {
    stroma_alternative alternative;
    stroma_permutation_method method;
    size_t resamples; /**< of the Monte-Carlo test, STROMA_RESAMPLES_MIN … _MAX */
    uint64_t seed;
    int threads;
    size_t sums_max; /**< partial sums the exact test may list; 0: 4 million (64 MiB), about 44
                          subjects in two equal groups, or 44 pairs */
} stroma_permutation_options;
#define STROMA_PERMUTATION_OPTIONS_INIT                           \
    {                                                             \
        STROMA_TWO_SIDED, STROMA_PERMUTATION_AUTO, 10000, 1, 1, 0 \
    }

/** stat.estimate: the mean difference (group 0 − group 1; with strata the mean of the differences
 *  within strata, weighted by n0·n1/n, which is what is permuted). stat.statistic: z, the
 *  difference over its permutation SD, as in coin's oneway_test. */
typedef struct stroma_permutation {
    stroma_stat stat;
    bool exact;
    double arrangements; /**< how many there are; may be infinite */
    size_t resamples;    /**< 0 when exact */
    size_t as_extreme;   /**< of the resamples */
    double p_se;         /**< Monte-Carlo standard error of p: √(p(1 − p)/m); 0 when exact */
    double p_lower, p_upper; /**< 99 % Clopper-Pearson interval of the exact p */
    size_t strata_used;      /**< strata in which both groups occur */
    size_t excluded;         /**< subjects of the other strata, who cannot be permuted */
} stroma_permutation;

/** Fisher-Pitman test: do two groups have the same distribution, judged by the difference of their
 *  means? All ways to deal the labels out (within strata) are counted, ties and all: the sums of
 *  two halves are listed, sorted and met in the middle, so that C(44, 22) = 2·10^12 ways need 4
 *  million sums. Two-sided p = P(|T − E T| ≥ |t − E T|). Sums are equal when they differ by less
 *  than rounding can make of them. Monte Carlo: p = (b + 1)/(m + 1) (Phipson & Smyth 2010 SAGMB
 *  9:39).
 *  @param group n codes, 0 or 1
 *  @param stratum n codes of any kind, or NULL: one stratum
 *  @param options NULL: the defaults
 *  @return OK; USAGE (a value that is not finite, another group, bad options), NOMEM. Not
 *  estimable, with reason: no stratum with both groups, no variation. */
STROMA_API STROMA_CHECK stroma_status stroma_permutation_test(
    const double *value, const size_t *group, const size_t *stratum, size_t n,
    const stroma_permutation_options *options, stroma_permutation *out, stroma_error *err);
/** Paired sign-flip test of the mean difference: all 2^n signs, or random ones. Zero differences
 *  stay (a flip leaves them as they are). n ≥ 1. */
STROMA_API STROMA_CHECK stroma_status stroma_permutation_paired(
    const double *difference, size_t n, const stroma_permutation_options *options,
    stroma_permutation *out, stroma_error *err);

/** Rows that are drawn. Codes are any numbers; rows of a cluster stay together. */
typedef struct stroma_resample_design {
    size_t n;              /**< rows */
    const size_t *stratum; /**< n codes: as many are drawn in each as there are; or NULL */
    const size_t *cluster; /**< n codes: whole clusters are drawn (subjects with several rows,
                                pairs); or NULL: each row is one */
} stroma_resample_design;

/** A statistic of a resample.
 *  @param row rows of the data, drawn with replacement, in draw order
 *  @param n how many (with clusters it varies)
 *  @param worker 0 ≤ worker < threads: picks scratch memory
 *  @param out width numbers; NaN where one cannot be computed
 *  @return OK; DEGENERATE: the resample failed, and is counted; any other status ends the work. */
typedef stroma_status (*stroma_bootstrap_fn)(const size_t *row, size_t n, int worker, void *context,
                                             double *out, stroma_error *err);

enum { STROMA_BOOTSTRAP_WIDTH_MAX = 4096 };
typedef struct stroma_bootstrap_options {
    size_t resamples;
    size_t width; /**< numbers the statistic gives, 1 … STROMA_BOOTSTRAP_WIDTH_MAX */
    uint64_t seed;
    uint32_t stream; /**< 0: that of "bootstrap" */
    int threads;
    bool jackknife; /**< leave each unit out too: needed by BCa */
} stroma_bootstrap_options;
#define STROMA_BOOTSTRAP_OPTIONS_INIT \
    {                                 \
        2000, 1, 1, 0, 1, true        \
    }

/** Owned; free with stroma_bootstrap_free(). */
typedef struct stroma_bootstrap_result {
    size_t width, resamples, units, strata;
    double *original;     /**< width: of the data themselves; NaN where it cannot be computed */
    double *replicates;   /**< width × resamples, number after number; NaN where it failed */
    double *left_out;     /**< width × units, without each unit; NULL without jackknife */
    size_t *unit_stratum; /**< units: 0 … strata−1 */
    size_t *failed;       /**< width: resamples without this number */
} stroma_bootstrap_result;

/** Draw, compute, count. Rows are drawn one by one, or cluster by cluster, within strata.
 *  @return OK; USAGE (bad options, n = 0), INCONSISTENT (a cluster lies in two strata), NOMEM,
 *  INTERRUPTED, and what the statistic returns beside OK and DEGENERATE. */
STROMA_API STROMA_CHECK stroma_status stroma_bootstrap(stroma_bootstrap_fn statistic, void *context,
                                                       const stroma_resample_design *design,
                                                       const stroma_bootstrap_options *options,
                                                       stroma_bootstrap_result **out,
                                                       stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_bootstrap_free(stroma_bootstrap_result *r);

typedef enum stroma_bootstrap_kind {
    STROMA_BOOTSTRAP_PERCENTILE,
    STROMA_BOOTSTRAP_BASIC,      /**< 2t − quantile */
    STROMA_BOOTSTRAP_NORMAL,     /**< t − bias ± z·SE */
    STROMA_BOOTSTRAP_BCA,        /**< Efron 1987 JASA 82:171 */
    STROMA_BOOTSTRAP_STUDENTIZED /**< t − SE·quantile of (t* − t)/SE* */
} stroma_bootstrap_kind;
enum { STROMA_BOOTSTRAP_KINDS = STROMA_BOOTSTRAP_STUDENTIZED + 1 };
/** "percentile", … Never NULL. */
STROMA_API const char *stroma_bootstrap_kind_name(stroma_bootstrap_kind k);

/** Estimate (of the data), SE (SD of the resamples) and interval of number @p k of the statistic.
 *  effect: the bias, mean of the resamples − estimate.
 *
 *  Quantiles are those of Davison & Hinkley 1997 §5.3.1: order statistic (R + 1)α of the R
 * resamples that did not fail, between two of them on the normal scale, as in R's boot; beyond the
 * first and last there is none, and the interval is left out with the reason. BCa: z0 from the
 * share of resamples below the estimate, equal ones half; acceleration Σc³/(6(Σc²)^1.5) of the
 * jackknife contributions c = (m − 1)/m·(mean − t₋ᵢ) within strata of m units (Davison & Hinkley
 * §5.3.2, §3.2).
 *  @param se_k studentized: which number is the standard error (that of a variance is not taken)
 *  @return OK; USAGE, NOMEM. Not estimable, with reason: no estimate from the data, fewer than two
 *  resamples that did not fail. Failed resamples are named in `reason` (static text; the number is
 *  in failed[k]). */
STROMA_API STROMA_CHECK stroma_status
stroma_bootstrap_interval(const stroma_bootstrap_result *r, size_t k, stroma_bootstrap_kind kind,
                          size_t se_k, double level, stroma_stat *out, stroma_error *err);
/** Jackknife of number @p k: estimate corrected for bias, SE² = Σ over strata of (m − 1)/m times
 * the squared deviations of the values without each unit; t interval with units − strata df. Not
 *  estimable where a value without a unit is missing, or a stratum has one unit. */
STROMA_API stroma_stat stroma_jackknife(const stroma_bootstrap_result *r, size_t k, double level);

/** Jackknife+ prediction interval for one new subject, from any model (Barber, Candès, Ramdas &
 *  Tibshirani 2021 Ann Stat 49:486): with m the model without subject i, the interval goes from the
 *  ⌊α(n + 1)⌋-th smallest of m(new) − |y_i − m(x_i)| to the ⌈(1 − α)(n + 1)⌉-th smallest of m(new)
 * + |y_i − m(x_i)|. It covers at least 1 − 2α of exchangeable subjects, whatever the model, and
 * about 1 − α when leaving one out changes it little.
 *  @param prediction n predictions for the new subject, each without subject i
 *  @param residual n: y_i less its prediction without itself
 *  @return estimate: the median of the predictions; n_used. Not estimable: no subject. Fewer than
 *  1/α − 1 subjects: infinite limits, with the reason. OK, USAGE (a number that is not finite, a
 * bad level), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_jackknife_plus(const double *prediction,
                                                            const double *residual, size_t n,
                                                            double level, stroma_stat *out,
                                                            stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
