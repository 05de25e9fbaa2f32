/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside multiple imputation: the checked data, the parameters of the normal model, and the
 * analysis of covariance of one completed set. */
#ifndef STROMA_MODELS_IMPUTATION_STATE_H
#define STROMA_MODELS_IMPUTATION_STATE_H
#include "stroma/memory.h"
#include "stroma/models_imputation.h"
#include "stroma/random.h"

/* Arms that share a covariance and slopes. */
typedef struct imputation_block {
    size_t first, groups; /* arms first … first + groups - 1 */
    stroma_mmrm_structure structure;
    double *theta;        /* of the fit to everybody, where the other fits begin */
    size_t *who, n;       /* subjects of these arms, by pattern */
    double *factor;       /* groups + covariates, squared: Cholesky of X'X */
    double *inverse_root; /* the same: C with C C' = (X'X)^-1 */
} imputation_block;

typedef struct stroma_imputation_state {
    stroma_imputation_options options;
    size_t n, visits, groups, covariates;
    size_t *group;
    double *x;                    /* subjects × covariates, about their means */
    double *y;                    /* subjects × visits; 0 where not observed */
    bool *observed;               /* subjects × visits */
    bool *used;                   /* subjects × visits: enters the model */
    size_t *from;                 /* subjects: first visit after the event, or visits */
    stroma_imputation_rule *rule; /* subjects */
    imputation_block *blocks;
    size_t blocks_len;
    double *jackknife; /* subjects × visits × groups: adjusted means without the subject */
    stroma_arena arena;
} stroma_imputation_state;

/* Copies of what is needed of the data, checked. */
stroma_status imputation_state_make(stroma_imputation_state *s, const stroma_imputation_data *data,
                                    stroma_error *err);

/* Parameters are one array: means (groups × (1 + covariates) × visits), then covariances
 * (groups × visits × visits). */
size_t imputation_parameters_len(const stroma_imputation_state *s);
double *imputation_mean(const stroma_imputation_state *s, double *parameters, size_t group,
                        size_t term);
double *imputation_covariance(const stroma_imputation_state *s, double *parameters, size_t group);
/* Mean of a subject at every visit, were it in this arm. */
void imputation_mean_of(const stroma_imputation_state *s, const double *parameters, size_t subject,
                        size_t group, double *mean);

/* REML fit to these subjects, some of them several times. @param arena of the state, for the first
 * fit, which may fall back and which the others begin at; NULL: one of those. @param model the fit
 * of the first block, for its structure and attempts, or NULL */
stroma_status imputation_fit(const stroma_imputation_state *s, const size_t *who, size_t n,
                             stroma_arena *arena, double *parameters, stroma_mmrm **model,
                             stroma_error *err);
/* A draw of the posterior, from a chain that begins at @p parameters. */
stroma_status imputation_posterior(const stroma_imputation_state *s, stroma_random *r,
                                   double *parameters, stroma_error *err);

/* The distribution of what is missing, given what is not, of a normal vector. */
typedef struct imputation_conditional {
    size_t visits, missing_len, known_len;
    size_t *missing, *known;
    double *slope;  /* missing × known */
    double *factor; /* missing × missing: Cholesky factor of the conditional covariance */
    double *work;   /* visits² */
} imputation_conditional;
stroma_status imputation_conditional_make(imputation_conditional *c, size_t visits,
                                          stroma_arena *arena, stroma_error *err);
/* @return false when the covariance is not positive definite */
bool imputation_conditional_set(imputation_conditional *c, const double *covariance,
                                const bool *known);
/* y at the missing visits; r NULL: conditional means */
void imputation_conditional_fill(const imputation_conditional *c, const double *mean,
                                 stroma_random *r, double *y);
/* One completed set (subjects × visits) under the rules. */
stroma_status imputation_complete(const stroma_imputation_state *s, double *parameters,
                                  stroma_random *r, double *completed, stroma_error *err);

/* Analysis of covariance with arms and covariates; one subject may be left out. */
typedef struct imputation_ancova {
    const stroma_imputation_state *state;
    size_t without, columns;
    double *factor, *centre, *root;          /* Cholesky of X'X; covariates' means; work */
    double *mean_factor, *difference_factor; /* groups: variance over the residual one */
} imputation_ancova;
/* @param without SIZE_MAX: nobody. @return false when the design is singular without the subject */
stroma_status imputation_ancova_make(imputation_ancova *a, const stroma_imputation_state *s,
                                     stroma_arena *arena, stroma_error *err);
bool imputation_ancova_set(imputation_ancova *a, size_t without);
/* Adjusted means of y[i * stride]; @p variance of the residuals may be NULL. */
void imputation_ancova_means(const imputation_ancova *a, const double *y, size_t stride,
                             double *means, double *variance);
/* What is added to the value of each subject at a visit. */
void imputation_shift(const stroma_imputation_state *s, size_t visit,
                      const stroma_imputation_delta *delta, double *shift);
stroma_status imputation_shift_check(const stroma_imputation *m, size_t visit,
                                     const stroma_imputation_delta *delta, stroma_error *err);
#endif
