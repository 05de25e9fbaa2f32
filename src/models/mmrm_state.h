/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside a mixed model for repeated measures: the data as cross-products by pattern, and what is
 * known at one value of the covariance parameters. */
#ifndef STROMA_MODELS_MMRM_STATE_H
#define STROMA_MODELS_MMRM_STATE_H
#include "mmrm_structure.h"

#include "stroma/memory.h"

/* Subjects of one covariance group who were seen at the same visits. For each pair of visits s ≥ t
 * the sum over subjects of z_s z_t' + z_t z_s' (once for s = t), packed lower triangles, where z is
 * a row of [Q | e]: the orthonormal design and the least-squares residual. */
typedef struct mmrm_pattern {
    size_t group, n, k;
    const size_t *visits; /* k, ascending */
    double *cross;        /* k (k + 1) / 2 times packed */
} mmrm_pattern;

typedef struct mmrm_problem {
    const stroma_mmrm_data *data;
    size_t rows, columns, rank;
    bool *aliased;       /* columns */
    size_t *kept;        /* rank: columns that are in Q */
    double *q;           /* rows × rank, column by column */
    double *r;           /* rank × columns: x = Q r (upper trapezoid) */
    double *ols, *error; /* rank: coefficients in Q; rows: residuals */
    size_t subjects;     /* with a row */
    mmrm_pattern *patterns;
    size_t patterns_len, packed; /* of rank + 1 */
    stroma_arena arena;
} mmrm_problem;

stroma_status mmrm_problem_make(mmrm_problem *p, const stroma_mmrm_data *data, stroma_error *err);

/* Everything at one theta; arrays live in the arena it was made with. */
typedef struct mmrm_point {
    const mmrm_problem *problem;
    mmrm_structure structure;
    bool ml;
    size_t parameters; /* all groups */
    double *theta;
    double value;         /* -2 log-likelihood */
    double *weighted;     /* packed: [Q e]' Omega^-1 [Q e] */
    double *factor, *phi; /* rank × rank: Cholesky factor of Q'Omega^-1 Q, and its inverse */
    double *beta;         /* rank: added to the least-squares coefficients */
    double *gradient;     /* parameters */
    double *hessian;      /* parameters² */
    double *slopes;       /* parameters × packed: [Q e]'Omega^-1 dOmega Omega^-1 [Q e] */
    mmrm_entry entry;
    double *omega, *inverse, *scratch; /* work */
    double *derivatives;               /* work: parameters of one group × visits² */
    double *products;                  /* the same */
    double *turned;                    /* the same */
} mmrm_point;

stroma_status mmrm_point_make(mmrm_point *pt, const mmrm_problem *p, const mmrm_structure *st,
                              bool ml, stroma_arena *arena, stroma_error *err);
/* value, beta, phi at theta; false where the covariance is not positive definite */
bool mmrm_point_value(mmrm_point *pt);
/* gradient, hessian and slopes; after mmrm_point_value() */
void mmrm_point_derivatives(mmrm_point *pt);
/* Omega of a pattern, k × k, its factor and inverse in pt->omega and pt->inverse. */
bool mmrm_point_omega(mmrm_point *pt, const mmrm_pattern *g);
/* First derivatives of Omega in pt->derivatives, k × k for each parameter of the group. */
void mmrm_point_omega_slopes(mmrm_point *pt, const mmrm_pattern *g);
/* out (packed) += sum over pairs of weight (k × k, symmetric) times cross */
void mmrm_pattern_accumulate(const mmrm_pattern *g, size_t packed, const double *weight,
                             double *out);

/* Newton from start values to the optimum of pt, or DEGENERATE with the reason. */
stroma_status mmrm_optimise(mmrm_point *pt, size_t iterations_max, size_t *iterations,
                            double *promised, stroma_error *err);

/* What a fitted model keeps for its contrasts. */
typedef struct stroma_mmrm_state {
    mmrm_problem problem;
    mmrm_point point;
    double *information_inverse; /* parameters²: covariance of theta */
    double *adjusted;            /* rank × rank: covariance of beta by the declared method */
    stroma_arena arena;
} stroma_mmrm_state;
/* information_inverse and adjusted; DEGENERATE when the Hessian is not positive definite */
stroma_status mmrm_inference(stroma_mmrm_state *s, stroma_mmrm_df df, stroma_error *err);
#endif
