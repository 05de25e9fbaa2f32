/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods of `stroma stat`, one file a family; the table is in stat_methods.c. */
#ifndef STROMA_CLI_STAT_METHODS_H
#define STROMA_CLI_STAT_METHODS_H
#include "stat_job.h"

#include "stroma/models_roc.h"
#include "stroma/stats_agreement.h"
#include "stroma/stats_formula.h"
#include "stroma/stats_t_test.h"

/* Summary input (--error): a group without a usable row has n = 0. */
stroma_status stat_read_summary(stat_job *j, stroma_group **out, const char ***names, size_t *k,
                                stroma_error *err);

/* --formula with --levels and --event on the rows of the job; both are the caller's to free, also
 * after a failure. Rows that were left out are counted in the job. */
stroma_status stat_formula_data(stat_job *j, stroma_formula **f, stroma_formula_data **d,
                                stroma_error *err);

/* The same, keeping rows whose response lies beyond a limit. */
stroma_status stat_formula_censored(stat_job *j, stroma_formula **f, stroma_formula_data **d,
                                    stroma_error *err);

/* --levels 'arm=a,b;sex=f,m' as orders of factors, in the job's arena. */
stroma_status stat_formula_levels(stat_job *j, stroma_formula_levels **out, size_t *n,
                                  stroma_error *err);
/* "arm", "arm:visit"; NULL without memory (stat_lm.c) */
const char *stat_term_name(stat_job *j, const stroma_formula *f, size_t term);
/* Rows that a formula left out, counted in the job. */
stroma_status stat_formula_exclusions(stat_job *j, const stroma_formula_data *d, stroma_error *err);

/* A marker for classes: --direction, which must be given; a cell that is measured or beyond a
 * limit; a rule as ">2", whose sign must be that of the direction. */
stroma_status stat_direction(const stat_job *j, stroma_roc_direction *out, stroma_error *err);
bool stat_marker(stat_job *j, size_t column, size_t row, double *x, stroma_cell_state *state);
stroma_status stat_cutoff(const stat_job *j, const char *text, stroma_roc_direction d,
                          double *threshold, bool *inclusive, stroma_error *err);
/* --scale: natural unless it says log */
stroma_agreement_scale stat_agreement_scale(const stat_job *j);
/* A formula whose response is an ordered category (stat_ordered.c). Free it, also after a failure.
 */
typedef struct stat_ordered {
    stroma_formula *formula;
    stroma_formula_data *data;
    const char *const *names; /* categories, from the lowest up */
    size_t categories;
    size_t *y; /* rows of the design: which one */
} stat_ordered;
stroma_status stat_ordered_data(stat_job *j, stat_ordered *out, stroma_error *err);
void stat_ordered_free(stat_ordered *o);
/* The columns of a term. */
size_t stat_ordered_columns(const stat_ordered *o, size_t term, size_t *columns);
/* Names of the rows of a covariance of all parameters: the category below each threshold, columns.
 */
void stat_put_parameters(const stat_ordered *o, stroma_buffer *b);
/* One row of the flat forms, one object of the list of members that is being written. */
stroma_status stat_put_coefficient(stat_job *j, stroma_buffer *b, const stroma_stat *s,
                                   const char *variant, const char *label, bool first,
                                   stroma_error *err);

stroma_status stat_run_t(stat_job *j, stroma_error *err);
stroma_status stat_run_t_paired(stat_job *j, stroma_error *err);
stroma_status stat_run_t_one_sample(stat_job *j, stroma_error *err);
stroma_status stat_run_variance_ratio(stat_job *j, stroma_error *err);
stroma_status stat_run_levene(stat_job *j, stroma_error *err);
stroma_status stat_run_bartlett(stat_job *j, stroma_error *err);
stroma_status stat_run_describe(stat_job *j, stroma_error *err);
stroma_status stat_run_correlation(stat_job *j, stroma_error *err);
stroma_status stat_run_fisher(stat_job *j, stroma_error *err);
stroma_status stat_run_chi_square(stat_job *j, stroma_error *err);
stroma_status stat_run_mcnemar(stat_job *j, stroma_error *err);
stroma_status stat_run_risk(stat_job *j, stroma_error *err);
stroma_status stat_run_proportion(stat_job *j, stroma_error *err);
stroma_status stat_run_mann_whitney(stat_job *j, stroma_error *err);
stroma_status stat_run_signed_rank(stat_job *j, stroma_error *err);
stroma_status stat_run_sign_test(stat_job *j, stroma_error *err);
stroma_status stat_run_anova(stat_job *j, stroma_error *err);
stroma_status stat_run_kruskal_wallis(stat_job *j, stroma_error *err);
stroma_status stat_run_rm_anova(stat_job *j, stroma_error *err);
stroma_status stat_run_friedman(stat_job *j, stroma_error *err);
stroma_status stat_run_shapiro_wilk(stat_job *j, stroma_error *err);
stroma_status stat_run_pairwise(stat_job *j, stroma_error *err);
stroma_status stat_run_adjust(stat_job *j, stroma_error *err);
stroma_status stat_run_lm(stat_job *j, stroma_error *err);
stroma_status stat_run_ancova(stat_job *j, stroma_error *err);
stroma_status stat_run_roc(stat_job *j, stroma_error *err);
stroma_status stat_run_mmrm(stat_job *j, stroma_error *err);
stroma_status stat_run_permutation(stat_job *j, stroma_error *err);
stroma_status stat_run_permutation_paired(stat_job *j, stroma_error *err);
stroma_status stat_run_bootstrap(stat_job *j, stroma_error *err);
stroma_status stat_run_logistic(stat_job *j, stroma_error *err);
stroma_status stat_run_survival(stat_job *j, stroma_error *err);
stroma_status stat_run_cumulative_incidence(stat_job *j, stroma_error *err);
stroma_status stat_run_cox(stat_job *j, stroma_error *err);
stroma_status stat_run_time_roc(stat_job *j, stroma_error *err);
stroma_status stat_run_meta(stat_job *j, stroma_error *err);
stroma_status stat_run_lmm(stat_job *j, stroma_error *err);
stroma_status stat_run_missing(stat_job *j, stroma_error *err);
stroma_status stat_run_mi(stat_job *j, stroma_error *err);
stroma_status stat_run_tipping_point(stat_job *j, stroma_error *err);
stroma_status stat_run_censored(stat_job *j, stroma_error *err);
stroma_status stat_run_censored_test(stat_job *j, stroma_error *err);
stroma_status stat_run_censored_correlation(stat_job *j, stroma_error *err);
stroma_status stat_run_cpm(stat_job *j, stroma_error *err);
stroma_status stat_run_tobit(stat_job *j, stroma_error *err);
stroma_status stat_run_impute_censored(stat_job *j, stroma_error *err);
stroma_status stat_run_bland_altman(stat_job *j, stroma_error *err);
stroma_status stat_run_concordance(stat_job *j, stroma_error *err);
stroma_status stat_run_deming(stat_job *j, stroma_error *err);
stroma_status stat_run_passing_bablok(stat_job *j, stroma_error *err);
stroma_status stat_run_repeatability(stat_job *j, stroma_error *err);
stroma_status stat_run_icc(stat_job *j, stroma_error *err);
stroma_status stat_run_rcv(stat_job *j, stroma_error *err);
stroma_status stat_run_equivalence(stat_job *j, stroma_error *err);
stroma_status stat_run_change_baseline(stat_job *j, stroma_error *err);
stroma_status stat_run_change_correlation(stat_job *j, stroma_error *err);
stroma_status stat_run_ordinal(stat_job *j, stroma_error *err);
stroma_status stat_run_gee(stat_job *j, stroma_error *err);
stroma_status stat_run_validate(stat_job *j, stroma_error *err);
stroma_status stat_run_calibration(stat_job *j, stroma_error *err);
#endif
