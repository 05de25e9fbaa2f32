/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One simulated data set and the test of it: what the tables of tests share. */
#ifndef STROMA_MODELS_POWERSIM_H
#define STROMA_MODELS_POWERSIM_H
#include "stroma/models_simulated_power.h"
#include "stroma/random.h"

/* Room of one worker, and what a test needs to know. */
typedef struct powersim_set {
    const stroma_power_design *d; /* defaults filled in */
    size_t n1, n2, n;             /* n2 = 0: one group */
    stroma_power_shape shape;
    double alpha;
    stroma_alternative side; /* of "second group − first", or of the one sample */
    stroma_random random;
    double *x, *y;                   /* rows */
    size_t *group, *subject, *visit; /* rows */
    uint32_t *event;                 /* rows */
    double *design;                  /* rows × columns */
    size_t rows;
} powersim_set;

typedef struct powersim_outcome {
    double p;        /* NaN: the test has none */
    double estimate; /* NaN: it has none */
    bool own_side;   /* p is one-sided already, when the test is */
} powersim_outcome;

typedef stroma_status (*powersim_run)(powersim_set *s, powersim_outcome *out, stroma_error *err);

typedef struct powersim_entry {
    stroma_simulated_test public;
    powersim_run run;
    size_t least;   /* subjects in a group */
    bool by_groups; /* rows: groups × n1 */
    bool by_visits; /* rows: subjects × visits */
    size_t columns; /* of the design; 0: none; by_visits: 2 × visits */
} powersim_entry;

/* powersim_table.c; ends with a NULL name */
extern const powersim_entry powersim_table[];

/* powersim_means.c. Errors of the shape asked for. */
double powersim_error(powersim_set *s);
/* x: first group, then second, their means 0 and effect. */
void powersim_two_groups(powersim_set *s);
stroma_status powersim_t_one(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_t(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_welch(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_non_inferiority(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_equivalence(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_permutation(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_signed_rank(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_sign(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_variance_ratio(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_shapiro(powersim_set *s, powersim_outcome *out, stroma_error *err);
/* powersim_groups.c */
stroma_status powersim_anova(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_anova_welch(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_kruskal(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_levene(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_bartlett(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_rm_anova(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_friedman(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_pearson(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_spearman(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_kendall(powersim_set *s, powersim_outcome *out, stroma_error *err);
/* powersim_counts.c */
stroma_status powersim_proportion(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_proportions(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_fisher(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_chi_square(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_yates(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_mcnemar(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_mcnemar_exact(powersim_set *s, powersim_outcome *out, stroma_error *err);
/* powersim_models.c */
stroma_status powersim_auc(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_ancova(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_interaction(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_interaction_slope(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_logistic(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_interaction_binary(powersim_set *s, powersim_outcome *out,
                                          stroma_error *err);
stroma_status powersim_mmrm(powersim_set *s, powersim_outcome *out, stroma_error *err);
/* powersim_survival.c */
stroma_status powersim_log_rank(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_cox(powersim_set *s, powersim_outcome *out, stroma_error *err);
/* powersim_censored.c */
stroma_status powersim_mann_whitney(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_censored_test(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_tobit(powersim_set *s, powersim_outcome *out, stroma_error *err);
stroma_status powersim_ordinal(powersim_set *s, powersim_outcome *out, stroma_error *err);
#endif
