/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods of `stroma stat`, one file a family; the table is in stat_methods.c. */
#ifndef STROMA_CLI_STAT_METHODS_H
#define STROMA_CLI_STAT_METHODS_H
#include "stat_job.h"

#include "stroma/stats_formula.h"
#include "stroma/stats_t_test.h"

/* Summary input (--error): a group without a usable row has n = 0. */
stroma_status stat_read_summary(stat_job *j, stroma_group **out, const char ***names, size_t *k,
                                stroma_error *err);

/* --formula with --levels and --event on the rows of the job; both are the caller's to free, also
 * after a failure. Rows that were left out are counted in the job. */
stroma_status stat_formula_data(stat_job *j, stroma_formula **f, stroma_formula_data **d,
                                stroma_error *err);

/* --levels 'arm=a,b;sex=f,m' as orders of factors, in the job's arena. */
stroma_status stat_formula_levels(stat_job *j, stroma_formula_levels **out, size_t *n,
                                  stroma_error *err);
/* Rows that a formula left out, counted in the job. */
stroma_status stat_formula_exclusions(stat_job *j, const stroma_formula_data *d, stroma_error *err);

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
/* "arm:visit", and the columns of a term. */
const char *stat_term_label(stat_job *j, const stat_ordered *o, size_t term);
size_t stat_term_columns(const stat_ordered *o, size_t term, size_t *columns);
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
stroma_status stat_run_logistic(stat_job *j, stroma_error *err);
stroma_status stat_run_ordinal(stat_job *j, stroma_error *err);
stroma_status stat_run_gee(stat_job *j, stroma_error *err);
stroma_status stat_run_validate(stat_job *j, stroma_error *err);
stroma_status stat_run_calibration(stat_job *j, stroma_error *err);
#endif
