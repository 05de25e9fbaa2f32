/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file biomarker_screen.h
 *  Many candidates against one outcome, as one declared family.
 *
 *  **The question decides what is tested** (stroma_biomarker_question), and is refused where the
 * data cannot answer it:
 *  - *prognostic*, *early_response*: candidate against the outcome. A candidate dated after day 0
 *    (prognostic) or after the landmark (early_response) is refused by name; early_response needs a
 *    landmark before the outcome. Days that are not known are said, never assumed.
 *  - *pharmacodynamic*: candidate between the treated and the control arm. The outcome is not used.
 *  - *predictive*: the interaction of candidate and treatment on the outcome. Refused without both
 *    arms, for a marker in one arm cannot tell "responds" from "would have recovered anyway".
 *
 *  **Statistic.** Candidate c has scores s over its own measured subjects, the outcome has scores
 * q. Ranks: s are midranks within blocks less their mean, q is 0/1 or midranks; z is Σ s·q over its
 *  permutation standard deviation given the q of the measured subjects: Wilcoxon's z with ties, van
 *  Elteren's with blocks (weights 1/(n+1); van Elteren 1960 Bull Inst Int Stat 37:351), Spearman's.
 *  Values: Welch's t; for a numeric outcome, or with blocks, the difference or slope of
 *  block-centred values over its permutation standard deviation. Blocks are batches (unless
 *  `batch_ignored`) within strata. Interaction: the effective score of a logistic (Firth) or linear
 *  model with both main effects and the blocks, standardised for each sign pattern.
 *
 *  **Null distribution.** Outcomes are permuted within blocks, one permutation for all candidates,
 * so that their correlation stays; a missing candidate keeps its gaps, and is standardised anew in
 * each permutation for the outcomes that fall on its measured subjects (0 when they are all the
 * same). The interaction flips the signs of the score contributions instead (Hemerik, Goeman &
 * Finos 2020 J R Stat Soc B 82:841; standardised: De Santis et al. 2022 arXiv:2209.13918): the main
 *  effects are estimated, not assumed absent. Permutation p = (1 + #{z* ≥ z})/(1 + permutations);
 *  where there are no more arrangements of the outcome than that, each is taken once and p is
 * exact.
 *
 *  **Adjusted p**: free step-down maxT (Westfall & Young 1993, algorithm 4.1; Ge, Dudoit & Speed
 * 2003 Test 12:1), or minP; Holm, BH and BY on the raw p. The family is every candidate that could
 * be tested, without the negative controls (unless `controls_in_family`), which form one of their
 * own.
 *
 *  **Censored values** are tied beyond their limit. With several limits everything below the
 * highest lower limit (above the lowest upper one) is tied, as nothing else is known of the order;
 * measured values lost in this way are counted. Statistics of values are not estimable then.
 *
 *  Results are the same bytes for any number of threads, parts and CPU level. @since 0.1 */
#ifndef STROMA_BIOMARKER_SCREEN_H
#define STROMA_BIOMARKER_SCREEN_H
#include "stroma/biomarker_frame.h"
#include "stroma/diag.h"
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_screen_direction {
    STROMA_SCREEN_TWO_SIDED,
    STROMA_SCREEN_HIGHER, /**< the event (a larger outcome, the treated, the larger benefit) is
                               expected with higher values */
    STROMA_SCREEN_LOWER
} stroma_screen_direction;
/** "two-sided", "higher", "lower". Never NULL. */
STROMA_API const char *stroma_screen_direction_name(stroma_screen_direction d);

typedef enum stroma_screen_statistic {
    STROMA_SCREEN_RANKS, /**< Wilcoxon, van Elteren, Spearman */
    STROMA_SCREEN_VALUES /**< Welch t, Pearson; logarithms where the column says so */
} stroma_screen_statistic;

/** One of several processes that share the permutations. Every part must be given the same frame
 *  and options; each then has the whole result. */
typedef struct stroma_screen_split {
    size_t part, parts; /**< part < parts */
    /** Add up @p n counts over all parts, in place. */
    stroma_status (*sum)(uint64_t *counts, size_t n, void *context, stroma_error *err);
    void *context;
} stroma_screen_split;

enum { STROMA_SCREEN_PERMUTATIONS_MAX = 100000000 };
typedef struct stroma_screen_options {
    uint32_t version; /**< 1 */
    stroma_screen_direction direction;
    const stroma_screen_direction *directions; /**< one a column of the frame, or NULL */
    stroma_screen_statistic statistic;
    size_t permutations; /**< 0: 10000 */
    uint64_t seed;
    double level;       /**< of the intervals; 0: 0.95 */
    double alpha;       /**< when a negative control or a batch "shows"; 0: 0.05 */
    bool min_p;         /**< adjusted p by minP too; not in parts */
    bool batch_ignored; /**< the batches of the frame make no blocks (they are still checked) */
    bool controls_in_family;
    double censored_max_frac;         /**< more is flagged; 0: 0.5 */
    double constant_max_frac;         /**< a value held by more is flagged; 0: 0.8 */
    size_t arm_min;                   /**< subjects an arm needs for an interaction; 0: 10 */
    size_t arm_events_min;            /**< events, and others, an arm needs for it; 0: 3 */
    int threads;                      /**< 0: 1 */
    const stroma_screen_split *split; /**< NULL: alone */
} stroma_screen_options;
#define STROMA_SCREEN_OPTIONS_INIT \
    {                              \
        .version = 1, .seed = 1    \
    }

/** What is odd about a candidate; bits. */
enum {
    STROMA_SCREEN_NEAR_CONSTANT = 1,  /**< one value is held by most */
    STROMA_SCREEN_CENSORED = 2,       /**< too many values beyond a limit */
    STROMA_SCREEN_SEVERAL_LIMITS = 4, /**< measured values were tied with censored ones */
    STROMA_SCREEN_FEW = 8,            /**< fewer than five subjects in a group */
    STROMA_SCREEN_BATCH = 16,     /**< differs between batches (BH over the candidates ≤ alpha) */
    STROMA_SCREEN_SEPARATED = 32, /**< AUC 0 or 1: its interval means nothing */
    STROMA_SCREEN_FLAGS = 6
};
/** "near constant", … of one bit. Never NULL. */
STROMA_API const char *stroma_screen_flag_name(unsigned flag);

/** Median of a group; a limit where the middle is censored. */
typedef struct stroma_screen_group {
    size_t n;
    double median; /**< NaN when n is 0 */
    stroma_cell_state
        state; /**< PRESENT, BELOW_LIMIT, ABOVE_LIMIT (the median is the limit), MISSING */
} stroma_screen_group;

typedef struct stroma_screen_candidate {
    size_t column; /**< of the frame */
    bool control, in_family;
    unsigned flags;
    const char *reason; /**< why it was not tested, else "" */
    stroma_screen_direction direction;
    size_t n, missing, below, above;
    size_t tied_within; /**< measured values beyond a limit of another subject, tied with it */
    /** yes/no outcome: without and with the event (pharmacodynamic: control and treated);
     *  numeric: all, nobody */
    stroma_screen_group group[2];
    /** AUC (DeLong, logit) in the declared direction, two-sided: of higher values; with blocks the
     *  mean of the blocks' by van Elteren's weights. Spearman's or Pearson's correlation.
     *  Interaction: AUC of the treated less AUC of the controls; numeric outcome: the interaction's
     *  coefficient. */
    stroma_stat effect;
    /** Hodges-Lehmann shift or mean difference, event less others, of the values or their natural
     *  logarithms, of all subjects together also with blocks. Interaction with a yes/no outcome:
     * Firth's log odds ratio a unit of the score. */
    stroma_stat shift;
    double z; /**< the statistic, in the direction declared (two-sided: signed) */
    double p; /**< raw; of ranks in one block exact with ties to about 80 subjects, else normal */
    const char *p_method;      /**< "exact conditional, ties", "van Elteren, normal", … or "" */
    double p_permutation;      /**< raw, by the same permutations as p_max_t */
    double p_max_t, p_min_p;   /**< step-down; NaN when not in a family, or not asked */
    double p_holm, q_bh, q_by; /**< of p within its family */
    double batch_p;            /**< Kruskal-Wallis among batches; NaN without batches */
} stroma_screen_candidate;

typedef struct stroma_screen {
    stroma_biomarker_question question;
    stroma_screen_statistic statistic;
    bool binary;         /**< yes/no outcome, or arms */
    size_t n, groups[2]; /**< subjects; without and with the event, or in the arms */
    size_t arms[2];      /**< controls and treated; 0 when not used */
    size_t blocks;       /**< 1: one */
    bool batch_adjusted, stratified;
    size_t family, controls; /**< candidates tested in each family */
    size_t permutations;
    bool exact; /**< these are all arrangements of the outcome there are, each once */
    uint64_t seed;
    double level, alpha;
    double batch_outcome_p; /**< association of batch and outcome; NaN without batches */
    const char *batch_outcome_method;
    size_t controls_showing; /**< negative controls with p_max_t ≤ alpha in their own family */
    bool days_unknown;       /**< nothing, or not everything, could be checked by the time guard */
    stroma_screen_candidate *candidates; /**< one a column of the frame, in its order */
    size_t candidates_len;
    stroma_diag notes; /**< findings on the screen as a whole and on candidates */
} stroma_screen;

/** @param options NULL: the defaults
 *  @return OK; DEGENERATE (a question that these data cannot answer, an outcome that does not
 * vary), INCONSISTENT (a candidate dated after the landmark; a landmark after the outcome), USAGE
 * (bad options; candidates that answer different questions), NOMEM, INTERRUPTED. */
STROMA_API STROMA_CHECK stroma_status stroma_biomarker_screen(const stroma_biomarker_frame *f,
                                                              const stroma_screen_options *options,
                                                              stroma_screen **out,
                                                              stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_screen_free(stroma_screen *s);
/** Indices of the candidates, most significant first: by p_max_t, then p, then |z|; those not
 * tested last, negative controls after all others. @param order candidates_len */
STROMA_API STROMA_CHECK stroma_status stroma_screen_order(const stroma_screen *s, size_t *order,
                                                          stroma_error *err);
/** What the codes STROMA-SCREEN-… of `notes` and of refusals mean. */
STROMA_API const stroma_code *stroma_screen_codes(size_t *n);
#ifdef __cplusplus
}
#endif
#endif
